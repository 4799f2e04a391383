/* state.h - what an open store holds in memory; for the files of this folder only */
#ifndef LKS_STORE_STATE_H
#define LKS_STORE_STATE_H

#include "base/intern.h"
#include "store/database.h"
#include "store/keyset.h"
#include "store/store.h"

/* The precision of the times of all posts: the coarsest that was written; and where seconds were
 * written, but every one of twenty posts or more is at a full minute, minutes. */
#define LKS_STORE_PRECISION                                                                        \
    "CASE WHEN max(time_precision) = 'second' AND count(*) >= 20"                                  \
    " AND count(*) FILTER (time_us % 60000000 <> 0) = 0"                                           \
    " THEN 'minute'::time_precision ELSE max(time_precision) END"

struct lks_store {
    struct lks_db db;
    struct lks_control control;
    enum lks_store_mode mode;

    int in_transaction;
    int failed;   /* an append failed half-way: only a rollback is left */
    int finished; /* lks_store_finish ran in this transaction */
    int loaded;   /* keys, accounts and counts below are those of the file */
    int near_set; /* the near texts stand in a temporary table of this store */

    struct lks_keyset keys;           /* of every post */
    struct lks_intern accounts;       /* account_key to account_index */
    struct lks_hash128 *account_seen; /* [account_seen_count] hash of the last observation */
    size_t account_seen_count;
    uint32_t posts_count, files_count, payments_count;
    uint32_t posts_before; /* when the transaction began */
    uint64_t observations_count, late_count, declared_count;
    struct lks_sheet post, action, observation, late, payment, reject;
    struct lks_hash128 *hashes; /* of one batch's posts */
    uint32_t *posts_accounts;   /* the same */
    size_t hashes_capacity;
    struct lks_buffer scratch;
    struct lks_arena repaired; /* keys of one batch that were no UTF-8 */

    /* Of the last lks_store_events. */
    struct lks_arena objects_arena;
    struct lks_str *objects;
    uint32_t objects_count;
};

/* The tables and views, and what says that a file has them; see schema.c. */
int lks_schema_make(struct lks_db *db, struct lks_error *err);
int lks_schema_check(struct lks_db *db, struct lks_error *err);

/* Fills keys, accounts and counts from the file; drops what was there. */
int lks_state_load(struct lks_store *store, struct lks_error *err);
void lks_state_drop(struct lks_store *store);
/* Opens and closes what appending fills. */
int lks_append_open(struct lks_store *store, struct lks_error *err);
int lks_append_close(struct lks_store *store, struct lks_error *err);
void lks_append_drop(struct lks_store *store);
/* What later rows of a post bring, and taking it at the end; see late.c. */
int lks_late_open(struct lks_store *store, struct lks_error *err);
int lks_late_add(struct lks_store *store, uint32_t file_index, const struct lks_batch *batch,
                 const struct lks_post *post, struct lks_error *err);
int lks_late_merge(struct lks_store *store, struct lks_error *err);
/* A batch's payments; see payments.c. */
int lks_append_payments(struct lks_store *store, uint32_t file_index, const struct lks_batch *batch,
                        uint64_t *duplicates, struct lks_error *err);
int lks_payments_load(struct lks_store *store, struct lks_error *err);
/* Runs the select, whose two parameters are the first and the last post_index, over all posts, a range of
 * them at a time; give takes the rows of each. Progress under the stage's name. See ranges.c. */
int lks_post_ranges(struct lks_store *store, const char *select, const char *stage,
                    const struct lks_control *control,
                    int (*give)(struct lks_rows *rows, void *giving, struct lks_error *err),
                    void *giving, struct lks_error *err);
/* The near-text objects are those of the posts no more. */
int lks_near_forget(struct lks_store *store, struct lks_error *err);

#endif
