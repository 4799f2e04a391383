/* tiktok.h - one form of a TikTok video or comment, whichever way it was collected */
#ifndef LKS_SOURCE_TIKTOK_H
#define LKS_SOURCE_TIKTOK_H

#include "source/adapter_kit.h"

/* The Research API names an account by its handle only, the site by handle and id: the handle
 * is the key that both share ("tiktok:name", lower case). An account of which only the
 * id is known is "tiktok:id/123". Videos and comments are "tiktok:" and their id. */
struct lks_str lks_tiktok_account_key(struct lks_arena *arena, struct lks_str handle,
                                      struct lks_str id, int *failed);

/* When the account was made: the field createTime where it is given, else what its id
 * tells. From 2^60 on the upper 32 bits of an id are the second in which it was given out: a
 * lower bound of that time, since many accounts were made days or months later. Below, ids
 * carry no time (accounts of about 2017 and before). A time outside 2016-01-01 to a day after seen_us, when the account was seen
 * posting, is no time. */
enum lks_created_method lks_tiktok_created(int64_t create_time_us, struct lks_str id,
                                           int64_t seen_us, int64_t *created_us);

struct lks_tiktok_item {
    enum lks_post_kind kind;
    struct lks_str id, author_handle, author_id;
    struct lks_str parent_id, origin_id; /* videos or comments */
    struct lks_str video_id;             /* of a comment: the video it stands under */
    struct lks_str text, transcript, language;
    int64_t time_us;
    enum lks_time_precision time_precision;
    int64_t views, likes, shares, comments;
    int declared_paid;
    struct lks_list hashtags, mentions, sounds, effects; /* mentions: handles */
    struct lks_list media; /* the film's file, by the name that the ad library knows it by */
    /* The account, as far as the row tells. */
    struct lks_str display_name, bio, country;
    int64_t created_us; /* from a field; LKS_TIME_NULL */
    int64_t followers, following, posts_total;
    int verified;
};

void lks_tiktok_item_init(struct lks_tiktok_item *item);
/* Adds the observation of the item's account, without a post. 0 or LKS_EMEMORY. */
int lks_tiktok_account(struct lks_batch *batch, const struct lks_tiktok_item *item);
/* Turns the item into a post and an observation of its account, or a reject. 0 or LKS_EMEMORY. */
int lks_tiktok_post(struct lks_batch *batch, const struct lks_row *row,
                    const struct lks_tiktok_item *item);

/* An item as the site sends it, in bytes; the row around it is what is rejected or kept. 0 or
 * LKS_EMEMORY. In zeeschuimer.c. */
int lks_tiktok_web_item(struct lks_str bytes, const struct lks_row *row, struct lks_batch *batch);

#endif
