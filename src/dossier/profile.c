/* profile.c - what a recipient is shown of one record */
#include "dossier/profile.h"

#include "base/hmac.h"
#include "text/mask.h"

const char *const lks_recipient_names[LKS_RECIPIENTS_COUNT] = {"authority", "researcher", "public"};

int lks_recipient_parse(struct lks_str name)
{
    for (int i = 0; i < LKS_RECIPIENTS_COUNT; i++)
        if (lks_str_equal_text(name, lks_recipient_names[i]))
            return i;
    return -1;
}

int lks_profile_start(struct lks_profile *profile, enum lks_recipient recipient,
                      struct lks_error *err)
{
    *profile = (struct lks_profile){.recipient = recipient};
    if (recipient == LKS_RECIPIENT_AUTHORITY)
        return 0;
    int is_public = recipient == LKS_RECIPIENT_PUBLIC;
    profile->pseudonyms = 1;
    profile->texts = is_public ? LKS_TEXTS_WITHHELD : LKS_TEXTS_MASKED;
    profile->time_step_us = is_public ? LKS_HOUR_US : LKS_MINUTE_US;
    profile->count_min = is_public ? 10 : 5;
    return lks_pseudonyms_start(&profile->names, err);
}

void lks_profile_free(struct lks_profile *profile)
{
    lks_pseudonyms_free(&profile->names);
    *profile = (struct lks_profile){0};
}

int lks_profile_is_plain(const struct lks_profile *profile)
{
    return !profile->pseudonyms && profile->texts == LKS_TEXTS_WHOLE && !profile->time_step_us &&
           profile->count_min <= 1;
}

/* ---- single values ---- */

int lks_profile_key(struct lks_profile *profile, enum lks_pseudonym_kind kind, struct lks_str *key,
                    struct lks_arena *arena, struct lks_error *err)
{
    if (!profile->pseudonyms || !key->data || !key->size_bytes)
        return 0;
    return lks_pseudonyms_give(&profile->names, kind, *key, arena, key, err);
}

int lks_profile_text(const struct lks_profile *profile, struct lks_str *text,
                     struct lks_arena *arena, struct lks_error *err)
{
    struct lks_buffer masked = {0};
    if (!text->data || profile->texts == LKS_TEXTS_WHOLE)
        return 0;
    if (profile->texts == LKS_TEXTS_WITHHELD) {
        *text = LKS_STR_NULL;
        return 0;
    }
    lks_text_mask(*text, LKS_MASK_ALL, &masked);
    struct lks_str copy = LKS_STR_NULL;
    if (!masked.failed)
        copy = lks_arena_str(
            arena, (struct lks_str){masked.size_bytes ? masked.data : "", masked.size_bytes});
    lks_buffer_free(&masked);
    *text = copy;
    return copy.data ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory for a masked text");
}

/* A link keeps its host, which says what sort of place it leads to, and loses the rest. */
static int link_show(struct lks_profile *profile, struct lks_str *link, struct lks_arena *arena,
                     struct lks_error *err)
{
    const char *slash = memchr(link->data, '/', link->size_bytes);
    size_t host = slash ? (size_t)(slash - link->data) : link->size_bytes;
    struct lks_str shown;
    for (size_t i = 0; i < host; i++) /* what is no host is not kept */
        if (strchr("@/\\ \"'<>", link->data[i]))
            host = 0;
    if (!host)
        return lks_profile_key(profile, LKS_PSEUDONYM_LINK, link, arena, err);
    if (!slash || host + 1 == link->size_bytes) /* a site's front page is nobody's */
        return 0;
    int code = lks_pseudonyms_give(&profile->names, LKS_PSEUDONYM_LINK, *link, arena, &shown, err);
    if (code)
        return code;
    char *text = lks_arena_alloc(arena, host + 1 + shown.size_bytes);
    if (!text)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for pseudonyms");
    memcpy(text, link->data, host + 1);
    memcpy(text + host + 1, shown.data, shown.size_bytes);
    *link = (struct lks_str){text, host + 1 + shown.size_bytes};
    return 0;
}

int lks_profile_object(struct lks_profile *profile, enum lks_object_kind kind,
                       struct lks_str *object, struct lks_arena *arena, struct lks_error *err)
{
    if (!object->data || !object->size_bytes)
        return 0;
    switch (kind) {
    case LKS_OBJECT_TEXT:
    case LKS_OBJECT_NEAR_TEXT:
        return lks_profile_text(profile, object, arena, err);
    case LKS_OBJECT_DOMAIN:
    case LKS_OBJECT_HASHTAG:
    case LKS_OBJECT_HASHTAG_SET:
        return 0; /* public words, and nobody's alone */
    case LKS_OBJECT_URL:
        return profile->pseudonyms ? link_show(profile, object, arena, err) : 0;
    case LKS_OBJECT_MENTION:
        return lks_profile_key(profile, LKS_PSEUDONYM_ACCOUNT, object, arena, err);
    case LKS_OBJECT_REPOST:
    case LKS_OBJECT_REPLY:
        return lks_profile_key(profile, LKS_PSEUDONYM_POST, object, arena, err);
    default:
        return lks_profile_key(profile, LKS_PSEUDONYM_THING, object, arena, err);
    }
}

int64_t lks_profile_time(const struct lks_profile *profile, int64_t time_us)
{
    if (time_us == LKS_TIME_NULL || profile->time_step_us <= 0)
        return time_us;
    int64_t over = time_us % profile->time_step_us;
    return time_us - over - (over < 0 ? profile->time_step_us : 0);
}

int64_t lks_profile_count(const struct lks_profile *profile, int64_t count)
{
    return count > 0 && count < profile->count_min ? LKS_COUNT_NULL : count;
}

int lks_profile_sha256(const struct lks_profile *profile, struct lks_str *hex,
                       struct lks_arena *arena, struct lks_error *err)
{
    unsigned char digest[LKS_SHA256_BYTES];
    char made[LKS_SHA256_HEX_BYTES];
    if (!profile->pseudonyms || !hex->data || !hex->size_bytes)
        return 0;
    lks_hmac_sha256(profile->names.key, sizeof profile->names.key, hex->data, hex->size_bytes,
                    digest);
    lks_sha256_hex(digest, made);
    *hex = lks_arena_str(arena, lks_str_from(made));
    return hex->data ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory for a digest");
}

/* ---- records ---- */

int lks_profile_account(struct lks_profile *profile, struct lks_account *account,
                        struct lks_arena *arena, struct lks_error *err)
{
    account->followers = lks_profile_count(profile, account->followers);
    account->following = lks_profile_count(profile, account->following);
    account->posts_total = lks_profile_count(profile, account->posts_total);
    if (profile->texts == LKS_TEXTS_WITHHELD)
        account->bio = LKS_STR_NULL;
    if (profile->pseudonyms) {
        account->handle = account->display_name = account->bio = LKS_STR_NULL;
        /* The second at which an account was made is as good as its name. */
        if (account->created_us != LKS_TIME_NULL)
            account->created_us -= account->created_us % LKS_DAY_US;
    }
    account->created_us = lks_profile_time(profile, account->created_us);
    return lks_profile_key(profile, LKS_PSEUDONYM_ACCOUNT, &account->account_key, arena, err);
}

int lks_profile_post(struct lks_profile *profile, struct lks_post *post, struct lks_arena *arena,
                     struct lks_error *err)
{
    int64_t *counts[] = {&post->views, &post->likes, &post->shares, &post->comments};
    struct lks_str *posts[] = {&post->post_key, &post->parent_key, &post->origin_key};
    struct lks_str *accounts[] = {&post->account_key, &post->channel_key};
    struct lks_str *texts[] = {&post->text, &post->transcript};
    int code = 0;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        *counts[i] = lks_profile_count(profile, *counts[i]);
    for (size_t i = 0; code == 0 && i < sizeof posts / sizeof *posts; i++)
        code = lks_profile_key(profile, LKS_PSEUDONYM_POST, posts[i], arena, err);
    for (size_t i = 0; code == 0 && i < sizeof accounts / sizeof *accounts; i++)
        code = lks_profile_key(profile, LKS_PSEUDONYM_ACCOUNT, accounts[i], arena, err);
    for (size_t i = 0; code == 0 && i < sizeof texts / sizeof *texts; i++)
        code = lks_profile_text(profile, texts[i], arena, err);
    post->time_us = lks_profile_time(profile, post->time_us);
    if (profile->pseudonyms)
        post->offset_bytes = post->length_bytes = 0;
    return code;
}

int lks_profile_action(struct lks_profile *profile, struct lks_action *action,
                       struct lks_arena *arena, struct lks_error *err)
{
    return lks_profile_object(profile, action->kind, &action->object, arena, err);
}

int lks_profile_payment(struct lks_profile *profile, struct lks_payment *payment,
                        struct lks_arena *arena, struct lks_error *err)
{
    struct lks_str *people[] = {&payment->payer, &payment->payee};
    int code = 0;
    if (profile->pseudonyms) {
        payment->payment_key = LKS_STR_NULL;
        payment->offset_bytes = payment->length_bytes = 0;
    }
    for (size_t i = 0; code == 0 && i < sizeof people / sizeof *people; i++)
        code = lks_profile_key(profile, LKS_PSEUDONYM_PERSON, people[i], arena, err);
    if (code == 0)
        code = lks_profile_key(profile, LKS_PSEUDONYM_ACCOUNT, &payment->account_key, arena, err);
    if (code == 0)
        code = lks_profile_key(profile, LKS_PSEUDONYM_POST, &payment->post_key, arena, err);
    if (code == 0)
        code = lks_profile_text(profile, &payment->purpose, arena, err);
    payment->time_us = lks_profile_time(profile, payment->time_us);
    return code;
}

/* ---- in words ---- */

void lks_profile_describe(const struct lks_profile *profile, struct lks_buffer *out)
{
    char step[LKS_TIME_TEXT_BYTES];
    lks_buffer_format(out, "Written for: %s.\n", lks_recipient_names[profile->recipient]);
    if (lks_profile_is_plain(profile)) {
        lks_buffer_text(out, "Nothing was masked, rounded or left out.\n");
        return;
    }
    if (profile->pseudonyms)
        lks_buffer_text(
            out,
            "Accounts, channels, posts, links, sounds and people of ledgers stand by pseudonyms "
            "(base32 of HMAC-SHA256 under a key that is new for this dossier and not in it; the "
            "same pseudonym is the same account within this dossier and in no other).\n"
            "Names, biographies, places in sealed files and the files' names are left out; the "
            "digests of files are made again under the key.\n"
            "Days stand for the times at which accounts were made.\n");
    if (profile->texts == LKS_TEXTS_MASKED)
        lks_buffer_text(out, "In texts [handle], [link] and [number] stand for what was there; "
                             "names in plain words cannot be found by rule and may be left.\n");
    if (profile->texts == LKS_TEXTS_WITHHELD)
        lks_buffer_text(out, "Texts are left out.\n");
    if (profile->time_step_us > 0) {
        lks_span_format(profile->time_step_us, step);
        lks_buffer_format(out, "Times are cut down to multiples of %s.\n", step);
    }
    if (profile->count_min > 1)
        lks_buffer_format(out,
                          "Followers, views and the like from 1 to %lld are left out; in series "
                          "counts below %lld stand as 0.\n",
                          (long long)profile->count_min - 1, (long long)profile->count_min);
    if (profile->recipient == LKS_RECIPIENT_PUBLIC)
        lks_buffer_text(out, "Tables with a row for each account or payment (sleepers, responders, "
                             "swarmers, tellers of scripts, payees, sums, flows of money, first "
                             "users of tags, rows that could not be read) are left out.\n");
    lks_buffer_text(out, "Pseudonyms are personal data: what is shown here may still be matched "
                         "with what is public elsewhere.\n");
}
