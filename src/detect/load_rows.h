/* load_rows.h - posts and what they act on, in dense columns, while files are read */
#ifndef LKS_DETECT_LOAD_ROWS_H
#define LKS_DETECT_LOAD_ROWS_H

#include "base/budget.h"
#include "record/events.h"
#include "store/siphash.h"

/* A post a row, in the order of the files, repeated posts too: 22 bytes, 4 more where times are
 * finer than seconds, and 4 bytes an action. */
struct lks_load_rows {
    struct lks_budget *budget; /* borrowed */
    uint32_t *account, *second;
    uint32_t *micro;           /* NULL while all times are whole seconds */
    uint32_t (*key)[3];        /* 96 bits of the keyed hash of the post's key */
    uint16_t *actions;         /* how many of `object` are the row's */
    size_t count, capacity[5]; /* of account, second, micro, key, actions */
    uint32_t *object;          /* by row, one after another */
    size_t objects_count, object_capacity;
};

/* Room for count more rows with actions_count more actions. LKS_EMEMORY. */
int lks_load_rows_reserve(struct lks_load_rows *rows, size_t count, size_t actions_count,
                          int with_micros, struct lks_error *err);
/* Adds a row for which there is room; its actions are added by the caller to `object`. */
static inline void lks_load_rows_add(struct lks_load_rows *rows, uint32_t account, int64_t time_us,
                                     struct lks_hash128 key, uint16_t actions)
{
    size_t at = rows->count++;
    rows->account[at] = account;
    rows->second[at] = (uint32_t)(time_us / LKS_SECOND_US);
    if (rows->micro)
        rows->micro[at] = (uint32_t)(time_us % LKS_SECOND_US);
    rows->key[at][0] = (uint32_t)key.low;
    rows->key[at][1] = (uint32_t)(key.low >> 32);
    rows->key[at][2] = (uint32_t)key.high;
    rows->actions[at] = actions;
}
static inline int64_t lks_load_rows_time(const struct lks_load_rows *rows, size_t row)
{
    return (int64_t)rows->second[row] * LKS_SECOND_US + (rows->micro ? rows->micro[row] : 0);
}
/* Empties, keeps the memory: what was read went elsewhere. */
void lks_load_rows_clear(struct lks_load_rows *rows);
void lks_load_rows_free(struct lks_load_rows *rows);

/* A row whose post was seen before, and the row of its first sight. */
struct lks_load_repeat {
    uint32_t row, first;
};
/* Finds them, rising by row, on threads_count threads. The caller frees *repeats_out by
 * lks_budget_free with *capacity_out. */
int lks_load_repeats(const struct lks_load_rows *rows, unsigned threads_count,
                     struct lks_load_repeat **repeats_out, size_t *count_out, size_t *capacity_out,
                     struct lks_error *err);

/* What repeated posts came to. */
struct lks_load_counts {
    uint64_t merged;     /* rows that were more of a post already seen */
    uint64_t duplicates; /* rows with a known post id but another account or time: left out */
    uint32_t posts;
    uint64_t charged_bytes; /* of the budget, for the columns of events: the caller's to release */
};

/* Turns rows into events, sorted, each (object, post) once; the rows are freed on the way and
 * the columns are the caller's, by lks_events_free. object_kind and the posts' columns are not
 * filled. */
int lks_load_rows_events(struct lks_load_rows *rows, uint32_t objects_count, unsigned threads_count,
                         struct lks_events *events, struct lks_load_counts *counts,
                         struct lks_error *err);

#endif
