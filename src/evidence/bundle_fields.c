/* bundle_fields.c - records as fields of text, by the tables of case/answer_layout.c */
#include <stdio.h>

#include "evidence/bundle.h"

static struct lks_str number(struct lks_arena *arena, int64_t value, int *failed)
{
    char text[32];
    snprintf(text, sizeof text, "%lld", (long long)value);
    struct lks_str copy = lks_arena_str(arena, lks_str_from(text));
    *failed |= !copy.data;
    return copy;
}

static struct lks_str count(struct lks_arena *arena, int64_t value, int *failed)
{
    return value == LKS_COUNT_NULL ? LKS_STR_NULL : number(arena, value, failed);
}

static struct lks_str time_text(struct lks_arena *arena, int64_t time_us, int *failed)
{
    char text[LKS_TIME_TEXT_BYTES];
    if (time_us == LKS_TIME_NULL)
        return LKS_STR_NULL;
    lks_time_format(time_us, text);
    struct lks_str copy = lks_arena_str(arena, lks_str_from(text));
    *failed |= !copy.data;
    return copy;
}

static struct lks_str flag(int value)
{
    return value < 0 ? LKS_STR_NULL : value ? LKS_STR("true") : LKS_STR("false");
}

/* The four fields that lead into the sealed file. */
static void source_put(const struct lks_bundle_source *source, struct lks_arena *arena,
                       struct lks_str value[4], int *failed)
{
    if (!source)
        return;
    value[0] = source->sha256 && *source->sha256 ? lks_str_from(source->sha256) : LKS_STR_NULL;
    value[1] = source->leaf ? number(arena, (int64_t)source->leaf, failed) : LKS_STR_NULL;
    value[2] = number(arena, (int64_t)source->offset_bytes, failed);
    value[3] = number(arena, (int64_t)source->length_bytes, failed);
}

int lks_bundle_post(const struct lks_post *post, const struct lks_bundle_source *source,
                    struct lks_arena *arena, struct lks_bundle_values *values)
{
    int failed = 0;
    *values = (struct lks_bundle_values){{
        post->post_key,
        post->account_key,
        post->platform,
        lks_str_from(lks_post_kind_names[post->kind]),
        time_text(arena, post->time_us, &failed),
        lks_str_from(lks_precision_names[post->time_precision]),
        post->text,
        post->transcript,
        post->language,
        post->parent_key,
        post->origin_key,
        post->channel_key,
        count(arena, post->views, &failed),
        count(arena, post->likes, &failed),
        count(arena, post->shares, &failed),
        count(arena, post->comments, &failed),
        flag(post->declared_paid),
    }};
    source_put(source, arena, values->value + 17, &failed);
    return failed ? LKS_EMEMORY : 0;
}

int lks_bundle_account(const struct lks_account *account, struct lks_arena *arena,
                       struct lks_bundle_values *values)
{
    int failed = 0;
    *values = (struct lks_bundle_values){{
        account->account_key,
        account->platform,
        account->handle,
        account->display_name,
        account->country,
        account->language,
        account->bio,
        time_text(arena, account->created_us, &failed),
        lks_str_from(lks_created_method_names[account->created_method]),
        count(arena, account->followers, &failed),
        count(arena, account->following, &failed),
        count(arena, account->posts_total, &failed),
        flag(account->verified),
    }};
    return failed ? LKS_EMEMORY : 0;
}

int lks_bundle_payment(const struct lks_payment *payment, const struct lks_bundle_source *source,
                       struct lks_arena *arena, struct lks_bundle_values *values)
{
    int failed = 0;
    *values = (struct lks_bundle_values){{
        payment->payment_key,
        payment->payer,
        payment->payee,
        payment->account_key,
        payment->post_key,
        payment->beneficiary,
        count(arena, payment->amount_minor, &failed),
        lks_str_from(payment->currency),
        number(arena, payment->exponent, &failed),
        time_text(arena, payment->time_us, &failed),
        lks_str_from(lks_precision_names[payment->time_precision]),
        payment->method,
        payment->purpose,
    }};
    source_put(source, arena, values->value + 13, &failed);
    return failed ? LKS_EMEMORY : 0;
}
