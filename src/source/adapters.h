/* adapters.h - the adapters by name; the table that lists them is lks_adapters */
#ifndef LKS_SOURCE_ADAPTERS_H
#define LKS_SOURCE_ADAPTERS_H

#include "source/source.h"

/* JSON */
extern const struct lks_adapter lks_adapter_tiktok_api;
extern const struct lks_adapter lks_adapter_zeeschuimer;
extern const struct lks_adapter lks_adapter_tiktok_web;
extern const struct lks_adapter lks_adapter_telegram_desktop;
extern const struct lks_adapter lks_adapter_telethon;
extern const struct lks_adapter lks_adapter_telethon_array;
extern const struct lks_adapter lks_adapter_telegram_flat;
extern const struct lks_adapter lks_adapter_tiktok_adlib;
extern const struct lks_adapter lks_adapter_bluesky;
extern const struct lks_adapter lks_adapter_youtube;
extern const struct lks_adapter lks_adapter_mastodon;
extern const struct lks_adapter lks_adapter_4cat_ndjson;

/* CSV */
extern const struct lks_adapter lks_adapter_tiktok_csv;
extern const struct lks_adapter lks_adapter_coortweet;
extern const struct lks_adapter lks_adapter_coortweet_wide;
extern const struct lks_adapter lks_adapter_ira, lks_adapter_twitter_io, lks_adapter_twitter_r;
extern const struct lks_adapter lks_adapter_cnt;
extern const struct lks_adapter lks_adapter_payments;
extern const struct lks_adapter lks_adapter_tiktok_ads;
extern const struct lks_adapter lks_adapter_youtube_csv;
extern const struct lks_adapter lks_adapter_4cat;

#endif
