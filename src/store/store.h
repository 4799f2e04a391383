/* store.h - a case's records in DuckDB: a cache that can be built again */
#ifndef LKS_STORE_STORE_H
#define LKS_STORE_STORE_H

#include "record/events.h"
#include "record/record.h"

struct lks_store;

enum lks_store_mode {
    LKS_STORE_CREATE,
    LKS_STORE_OPEN,
    LKS_STORE_READ,
    LKS_STORE_MADE /* to add to what the caller made a moment ago: its tables are not checked */
};

/* Opens CASE/store.duckdb. CREATE makes the schema and fails if it is there. Owned by the
 * caller until close; one thread at a time. */
int lks_store_open(const char *path, enum lks_store_mode mode, const struct lks_control *control,
                   struct lks_store **store_out, struct lks_error *err);
void lks_store_close(
    struct lks_store *store); /* NULL is fine; an open transaction is rolled back */

/* Everything between begin and commit appears whole or not at all. */
int lks_store_begin(struct lks_store *store, struct lks_error *err);
int lks_store_commit(struct lks_store *store, struct lks_error *err);
void lks_store_rollback(struct lks_store *store);

struct lks_store_file {
    uint32_t file_index;
    const char *name; /* as given, last part of the path */
    char sha256[65];
    uint64_t size_bytes;
    const char *format; /* adapter name; set when read */
    uint64_t rows_count, posts_count, rejects_count, duplicates_count, ignored_count;
    uint64_t zone_assumed_count; /* times without a zone, taken at the offset that was given */
    uint64_t cp1252_count;       /* rows that were no UTF-8, read as Windows-1252 */
    uint64_t payments_count;
    uint64_t leaf; /* the entry of the case's log that tells of it; 0, which is a key's: none */
    char blob[65]; /* name of the sealed copy in the vault; empty where there is none */
};

/* Adds the sealed file before it is parsed and gives its index; a file whose SHA-256 is
 * there already returns 1 and its index: its posts would all be duplicates. */
int lks_store_file_add(struct lks_store *store, struct lks_store_file *file, struct lks_error *err);
/* Writes the counts when it was read, and its leaf and blob; again where they are known later. */
int lks_store_file_done(struct lks_store *store, const struct lks_store_file *file,
                        struct lks_error *err);

/* 1 where a file of that digest is there, 0 where not; LKS_ESTORE. */
int lks_store_file_known(struct lks_store *store, const char *sha256, struct lks_error *err);
/* 1 in *known_out where a file of that size is there, so that its digest is worth knowing first. */
int lks_store_size_known(struct lks_store *store, uint64_t size_bytes, int *known_out,
                         struct lks_error *err);
/* How many entries of the case's log the store heeds: those before are done with. Setting is part
 * of the open transaction. */
int lks_store_leaves(struct lks_store *store, uint64_t *leaves_out, struct lks_error *err);
int lks_store_leaves_set(struct lks_store *store, uint64_t leaves, struct lks_error *err);

/* Appends a batch of the file: posts whose post_key is new, with their actions, and payments whose
 * payment_key is new or null; the others are counted in *duplicates. Accounts are merged by account_key (the last value that is not
 * null wins), an account is made for every post. LKS_EINPUT for a record without key or time;
 * after any failure only a rollback is left. The batch is the caller's again on return. */
int lks_store_append(struct lks_store *store, uint32_t file_index, const struct lks_batch *batch,
                     uint64_t *duplicates, struct lks_error *err);
/* Merges what was appended; call once before commit. */
int lks_store_finish(struct lks_store *store, struct lks_error *err);

struct lks_store_counts {
    uint64_t posts, accounts, actions, payments, rejects, duplicates, ignored, files;
    int64_t first_us, last_us;
    enum lks_time_precision time_precision;
    int synthetic;
};
int lks_store_counts(struct lks_store *store, struct lks_store_counts *counts,
                     struct lks_error *err);
int lks_store_synthetic_set(struct lks_store *store, struct lks_error *err);

/* SHA-256, as 64 hex digits and NUL, over the files' digests and every account, post and
 * action in the order of their indexes (the actions of a post by kind, then object): equal
 * for equal content, whatever the physical layout, the number of threads, or the number of
 * calls that brought the files in. File names stand outside. */
int lks_store_digest(struct lks_store *store, const struct lks_control *control, char hex_out[65],
                     struct lks_error *err);

/* The kernels' columns: every action of the kinds in the mask (bit per enum
 * lks_object_kind), sorted; near_text from its own table. Account ids are the store's account_index, post ids its
 * post_index. Objects on one post only are kept out (they cannot match); the
 * object strings are found by lks_store_object. */
int lks_store_events(struct lks_store *store, uint32_t kinds_mask,
                     const struct lks_control *control, struct lks_events *events_out,
                     struct lks_error *err);
/* The object's text for an id of the last lks_store_events; owned by the store. */
struct lks_str lks_store_object(const struct lks_store *store, uint32_t object);

/* ---- near-duplicate texts, derived from the posts ---- */

struct lks_store_text {
    uint32_t post_index;
    enum lks_post_kind kind;
    struct lks_str text; /* borrowed until each returns */
};
/* Calls each with the posts that have a text, some at a time, by rising post_index. */
int lks_store_texts(struct lks_store *store, const struct lks_control *control,
                    int (*each)(void *context, const struct lks_store_text *texts, size_t count,
                                struct lks_error *err),
                    void *context, struct lks_error *err);

/* Fills views[posts_count], LKS_COUNT_NULL where unknown, and parent[posts_count]: the index of the
 * post that each answers, UINT32_MAX where that is none of the case's. LKS_ESTORE. */
int lks_store_reach(struct lks_store *store, uint32_t posts_count, int64_t *views, uint32_t *parent,
                    struct lks_error *err);

/* A post of an object of kind near_text, which is named by the text object of its
 * representative, a post that has one; similarity is the exact Jaccard with that. */
struct lks_store_near {
    uint32_t post_index, representative;
    double similarity;
};
/* Whether the store has the near-text objects of its posts as they are now. */
int lks_store_near_made(struct lks_store *store, int *made, struct lks_error *err);
/* Puts these in the place of all that were there; posts differ. Outside of a transaction: it is one
 * of its own. They stand in the table near_text and count among the events, not
 * among the actions that were read, nor in the digest, since they follow from the posts. In a store
 * opened for reading they are there until it is closed. */
int lks_store_near_set(struct lks_store *store, const struct lks_store_near *posts, size_t count,
                       struct lks_error *err);

/* A writing of a near-text object and the posts that have it. */
struct lks_store_variant {
    uint32_t object; /* index into those asked for */
    struct lks_str text;
    uint64_t posts_count;
    double similarity;
};
/* Gives at most `most` writings of each of the objects, those of most posts
 * first, then the earliest; strings and array go to the arena. */
int lks_store_near_variants(struct lks_store *store, const struct lks_str *objects, size_t count,
                            unsigned most, struct lks_arena *arena,
                            struct lks_store_variant **variants_out, size_t *variants_count_out,
                            struct lks_error *err);

/* Looks up; strings go to the arena. LKS_EMISSING where there is none. */
int lks_store_account(struct lks_store *store, uint32_t account_index, struct lks_arena *arena,
                      struct lks_account *account_out, uint64_t *posts_count,
                      struct lks_error *err);
/* For many accounts at once, in the order of the indexes given (sorted, distinct).
 * posts_counts_out may be NULL. */
int lks_store_accounts(struct lks_store *store, const uint32_t *account_indexes, size_t count,
                       struct lks_arena *arena, struct lks_account *accounts_out,
                       uint64_t *posts_counts_out, struct lks_error *err);
/* Calls each for every account, in the order of their indexes; the key lives during the call. */
int lks_store_each_account(struct lks_store *store,
                           void (*each)(void *context, struct lks_str account_key,
                                        uint64_t posts_count),
                           void *context, struct lks_error *err);
/* Writes into counts[accounts_count] how many posts of each account are comments. */
int lks_store_comment_counts(struct lks_store *store, uint32_t accounts_count, uint32_t *counts,
                             struct lks_error *err);
/* By what an analyst types: the account_key, the key without its platform, then the handle with
 * or without "@", exact before any case; of several the earliest. LKS_EMISSING. */
int lks_store_account_find(struct lks_store *store, struct lks_str key_or_handle,
                           uint32_t *account_index, struct lks_error *err);
/* By its post_key, or the key without its platform; of several the earliest. LKS_EMISSING. */
int lks_store_post_find(struct lks_store *store, struct lks_str key, uint32_t *post_index,
                        struct lks_error *err);
/* For many posts at once, in the order of the indexes given (sorted, distinct). */
int lks_store_posts(struct lks_store *store, const uint32_t *post_indexes, size_t count,
                    struct lks_arena *arena, struct lks_post *posts_out, uint32_t *file_index_out,
                    struct lks_error *err);
int lks_store_files(struct lks_store *store, struct lks_arena *arena,
                    struct lks_store_file **files_out, size_t *count_out, struct lks_error *err);
/* How many payments the case holds, those of an open transaction among them. */
uint32_t lks_store_payments_count(const struct lks_store *store);
/* Every payment in the order of payment_index; strings go to the arena. */
int lks_store_payments(struct lks_store *store, struct lks_arena *arena,
                       struct lks_payment **payments_out, size_t *count_out, struct lks_error *err);
/* A tag, link, sound or mention in a message of a channel. */
struct lks_named_thing {
    uint32_t post, account;
    int64_t time_us;
    uint8_t kind; /* enum lks_object_kind */
    struct lks_str object;
};
/* All of them in order of (time, post, kind, object); strings go to the arena. 1, with the number
 * in *count_out and nothing read, where there are more than `most`. */
int lks_store_named_things(struct lks_store *store, uint64_t most, struct lks_arena *arena,
                           struct lks_named_thing **things_out, size_t *count_out,
                           struct lks_error *err);

/* Which post answers which; what is answered need not be in the data. */
struct lks_replies {
    uint32_t *post;   /* [count] post_index of the answer, rising */
    uint32_t *target; /* [count] dense, in the order of the first answers */
    size_t count;
    uint32_t *target_post;      /* [targets_count] post_index, or UINT32_MAX: not in the data */
    struct lks_str *target_key; /* [targets_count] its post_key */
    uint32_t targets_count;
};
/* All of them; arrays and strings go to the arena. LKS_EMEMORY, LKS_ESTORE, LKS_ECANCELLED. */
int lks_store_replies(struct lks_store *store, struct lks_arena *arena,
                      struct lks_replies *replies_out, struct lks_error *err);
/* The keys of all channels with a message, in order; array and strings go to the arena. */
int lks_store_channels(struct lks_store *store, struct lks_arena *arena,
                       struct lks_str **channels_out, size_t *count_out, struct lks_error *err);
/* A message of a channel. */
struct lks_store_message {
    uint32_t post, account;
    int64_t time_us;
    struct lks_str channel, post_key, text; /* borrowed until each returns */
};
/* Calls each for every message of a channel, in order of (time, post). each returns 0 to go on. */
int lks_store_each_message(struct lks_store *store,
                           int (*each)(void *context, const struct lks_store_message *message,
                                       struct lks_error *err),
                           void *context, struct lks_error *err);
/* ---- what is not so: for trying a run on data in which there is nothing to find ---- */

struct lks_store_dealt {
    const uint32_t *post_account; /* [posts_count] the author of each post from now on */
    const int64_t *post_time_us;  /* [posts_count] and its time */
    uint32_t posts_count;
    const uint32_t *account_made_as; /* [accounts_count] whose date of registration it has */
    uint32_t accounts_count;
};
/* Until the store is closed, or dealt again, it reads as if that were so, and as if there were no
 * payments. Only in a store open for reading, of which the file stays as it is. An account's
 * posts_count is not counted again: deal out authors so that it holds. LKS_ESTORE, LKS_EMEMORY. */
int lks_store_deal(struct lks_store *store, const struct lks_store_dealt *dealt,
                   struct lks_error *err);

/* ---- promotion: own posts, comments beneath them, payees ---- */

/* A video, post or advertisement that answers and reposts nothing. */
struct lks_store_own_post {
    uint32_t post_index, account_index;
    int64_t time_us;
    enum lks_post_kind kind;
    struct lks_str text, transcript; /* borrowed until each returns; either may be null */
    int declared_paid;               /* 1, 0, -1 unknown */
    int64_t views;                   /* LKS_COUNT_NULL where unknown */
};
/* Calls each with them, some at a time, by rising post_index. */
int lks_store_own_posts(struct lks_store *store, const struct lks_control *control,
                        int (*each)(void *context, const struct lks_store_own_post *posts,
                                    size_t count, struct lks_error *err),
                        void *context, struct lks_error *err);
/* Calls each for every post with one of the hashtags (canonical), by (post_index, tag). */
int lks_store_tagged(struct lks_store *store, const struct lks_str *tags, size_t count,
                     int (*each)(void *context, uint32_t post_index, uint32_t tag,
                                 struct lks_error *err),
                     void *context, struct lks_error *err);
/* Calls each for every direct answer with a text to one of the posts, by (place of the post
 * in posts, post_index of the answer); the text is borrowed until each returns. */
int lks_store_comments(struct lks_store *store, const uint32_t *posts, size_t count,
                       int (*each)(void *context, uint32_t place, uint32_t comment_index,
                                   uint32_t account_index, struct lks_str text,
                                   struct lks_error *err),
                       void *context, struct lks_error *err);
/* Calls each for every payment, in order: the payee's account (by key, else by handle on
 * the platform, else the author of the post paid for) and the post, UINT32_MAX where the case has
 * none. */
int lks_store_payees(struct lks_store *store,
                     int (*each)(void *context, uint32_t payment_index, uint32_t account_index,
                                 uint32_t post_index, struct lks_error *err),
                     void *context, struct lks_error *err);
/* How many posts of ad libraries the case has. */
int lks_store_ads_count(struct lks_store *store, uint64_t *ads_out, struct lks_error *err);

struct lks_store_reject_group {
    uint32_t file_index;
    struct lks_str reason, first_bytes;
    uint64_t line, count;
};
int lks_store_rejects(struct lks_store *store, struct lks_arena *arena,
                      struct lks_store_reject_group **groups_out, size_t *count_out,
                      struct lks_error *err);

/* ---- records as retention orders see them ---- */

struct lks_store_held {
    uint32_t index, account_index, file_index;                   /* UINT32_MAX: none */
    struct lks_str key, platform, account_key, text, transcript; /* borrowed; may be null */
    int64_t time_us;                                             /* LKS_TIME_NULL where unknown */
    uint64_t offset_bytes, length_bytes;
};
/* Calls each for every post by rising post_index; for every payment (text is its purpose); for every
 * account that has no post. each returns 0 to go on. */
int lks_store_each_post(struct lks_store *store, const struct lks_control *control,
                        int (*each)(void *context, const struct lks_store_held *post,
                                    struct lks_error *err),
                        void *context, struct lks_error *err);
int lks_store_each_payment(struct lks_store *store,
                           int (*each)(void *context, const struct lks_store_held *payment,
                                       struct lks_error *err),
                           void *context, struct lks_error *err);
int lks_store_each_silent(struct lks_store *store,
                          int (*each)(void *context, const struct lks_store_held *account,
                                      struct lks_error *err),
                          void *context, struct lks_error *err);

/* How many accounts and posts the results of a run (a file) name that the store does not have. */
int lks_store_lost(struct lks_store *store, const char *results_path,
                   const struct lks_control *control, uint64_t *count_out, struct lks_error *err);

#endif
