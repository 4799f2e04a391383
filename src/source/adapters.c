/* adapters.c - the one table of formats; ties in recognition go to the earlier line */
#include "source/adapters.h"

#include "source/generic.h"

const struct lks_adapter *const lks_adapters[] = {
    /* JSON */
    &lks_adapter_tiktok_api,
    &lks_adapter_zeeschuimer,
    &lks_adapter_tiktok_web,
    &lks_adapter_telegram_desktop,
    &lks_adapter_telethon,
    &lks_adapter_telethon_array,
    &lks_adapter_telegram_flat,
    &lks_adapter_tiktok_adlib,
    &lks_adapter_bluesky,
    &lks_adapter_youtube,
    &lks_adapter_mastodon,
    &lks_adapter_4cat_ndjson,
    /* CSV */
    &lks_adapter_tiktok_csv,
    &lks_adapter_coortweet,
    &lks_adapter_ira,
    &lks_adapter_twitter_io,
    &lks_adapter_twitter_r,
    &lks_adapter_cnt,
    &lks_adapter_coortweet_wide,
    &lks_adapter_payments,
    &lks_adapter_tiktok_ads,
    &lks_adapter_youtube_csv,
    &lks_adapter_4cat,
    /* By a mapping */
    &lks_adapter_csv,
    &lks_adapter_jsonl,
    &lks_adapter_json,
    NULL,
};

const struct lks_adapter *lks_adapter_find(const char *name)
{
    for (size_t i = 0; lks_adapters[i]; i++)
        if (strcmp(lks_adapters[i]->name, name) == 0)
            return lks_adapters[i];
    return NULL;
}
