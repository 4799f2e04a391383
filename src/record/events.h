/* events.h - actions as the kernels see them: dense ids in columns */
#ifndef LKS_RECORD_EVENTS_H
#define LKS_RECORD_EVENTS_H

#include <stdint.h>

#include "record/record.h"

/* One row an event: account `account` acted on object `object` with post `post` at
 * `time_us`. Rows are sorted by (object, time_us, account, post); all ids are dense.
 * One post has one account and one time; it may have events on many objects, at most
 * one on each. Shared and unchanging while kernels run. */
struct lks_events {
    uint32_t *object;  /* [count] */
    uint32_t *account; /* [count] */
    uint32_t *post;    /* [count] */
    int64_t *time_us;  /* [count] */
    size_t count;
    uint32_t objects_count, accounts_count, posts_count;

    uint8_t *object_kind; /* [objects_count], enum lks_object_kind */
    /* Every post of the data, also those with no event: the null model needs them. */
    uint32_t *post_account;                 /* [posts_count] */
    int64_t *post_time_us;                  /* [posts_count] */
    uint8_t *post_kind;                     /* [posts_count] enum lks_post_kind, or NULL */
    enum lks_time_precision time_precision; /* the coarsest among the posts */
};

/* Own posts, comments, messages: those who comment are others than those who post, and channels
 * are neither. Authors are exchangeable within a class at most. */
enum { LKS_POST_CLASSES_COUNT = 3 };
static inline uint32_t lks_events_class(const struct lks_events *events, uint32_t post)
{
    int kind = events->post_kind ? events->post_kind[post] : LKS_POST_POST;
    return kind == LKS_POST_COMMENT ? 1 : kind == LKS_POST_MESSAGE ? 2 : 0;
}

/* An event of one object. */
struct lks_event_row {
    int64_t time_us;
    uint32_t account, post;
};
/* Sorts one object's rows by (time_us, account, post); scratch has room for as many. */
void lks_event_rows_sort(struct lks_event_row *rows, struct lks_event_row *scratch, size_t count);
/* Puts the rows of the four event columns into order. Radix sort, O(count). */
int lks_events_sort(struct lks_events *events, struct lks_error *err);
/* Checks order and ranges; our own mistake aborts. For tests and debug builds. */
void lks_events_check(const struct lks_events *events);
void lks_events_free(struct lks_events *events);

#endif
