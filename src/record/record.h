/* record.h - the shared nouns: account, post, action, payment, reject, and the batch that carries them */
#ifndef LKS_RECORD_RECORD_H
#define LKS_RECORD_RECORD_H

#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/time.h"
#include "record/payment.h"

/* What two accounts can do alike. The names are in lks_object_kind_names. */
enum lks_object_kind {
    LKS_OBJECT_URL,
    LKS_OBJECT_DOMAIN,
    LKS_OBJECT_HASHTAG,
    LKS_OBJECT_MENTION,
    LKS_OBJECT_REPOST,
    LKS_OBJECT_REPLY,
    LKS_OBJECT_SOUND,
    LKS_OBJECT_EFFECT,
    LKS_OBJECT_TEXT,
    LKS_OBJECT_NEAR_TEXT,
    LKS_OBJECT_MEDIA,
    LKS_OBJECT_HASHTAG_SET,
    LKS_OBJECT_KINDS_COUNT
};

enum lks_post_kind {
    LKS_POST_VIDEO,
    LKS_POST_COMMENT,
    LKS_POST_MESSAGE,
    LKS_POST_REPOST,
    LKS_POST_AD,
    LKS_POST_POST, /* any other */
    LKS_POST_KINDS_COUNT
};

enum lks_created_method {
    LKS_CREATED_UNKNOWN,
    LKS_CREATED_FIELD,
    LKS_CREATED_ID,     /* derived from the id: a lower bound */
    LKS_CREATED_LEGACY, /* an id from before ids carried time */
    LKS_CREATED_METHODS_COUNT
};

extern const char *const lks_object_kind_names[LKS_OBJECT_KINDS_COUNT];
extern const char *const lks_post_kind_names[LKS_POST_KINDS_COUNT];
extern const char *const lks_created_method_names[LKS_CREATED_METHODS_COUNT];
extern const char *const lks_precision_names[3];
/* Returns the index of name, or -1. */
int lks_object_kind_parse(struct lks_str name);
int lks_post_kind_parse(struct lks_str name);

/* Counts that the source does not have. */
#define LKS_COUNT_NULL INT64_MIN

/* Limits of one record; what is longer is a reject, never cut silently. */
enum {
    LKS_KEY_BYTES_MAX = 512,
    LKS_TEXT_BYTES_MAX = 4 * 1024 * 1024,
    LKS_ROW_BYTES_MAX = 64 * 1024 * 1024,
    LKS_ACTIONS_PER_POST_MAX = 4096
};

struct lks_account {
    struct lks_str platform;
    struct lks_str account_key; /* "tiktok:7437..." */
    struct lks_str handle, display_name, country, language, bio;
    int64_t created_us; /* LKS_TIME_NULL where unknown */
    enum lks_created_method created_method;
    int64_t followers, following, posts_total; /* LKS_COUNT_NULL where unknown */
    int verified;                              /* 1, 0, or -1 unknown */
    uint64_t offset_bytes, length_bytes;       /* of the raw row that says it; see lks_post */
};

struct lks_post {
    struct lks_str platform;
    struct lks_str post_key, account_key;
    struct lks_str text, transcript, language;
    struct lks_str parent_key;  /* what it answers */
    struct lks_str origin_key;  /* what it reposts */
    struct lks_str channel_key; /* where it stands: a channel or group */
    int64_t time_us;
    enum lks_time_precision time_precision;
    enum lks_post_kind kind;
    int64_t views, likes, shares, comments; /* LKS_COUNT_NULL where unknown */
    int declared_paid;                      /* 1, 0, or -1 unknown */
    uint64_t offset_bytes; /* provenance: of the raw row, in the decompressed file */
    uint64_t length_bytes;
    uint32_t actions_first; /* into the batch's actions */
    uint32_t actions_count;
};

struct lks_action {
    enum lks_object_kind kind;
    struct lks_str object; /* "example.org/a", "tag", "tiktok:123" */
};

/* A row that could not be taken. first_bytes is what it starts with, at most 120 bytes. */
struct lks_reject {
    uint64_t line;         /* 1-based line of the decompressed file where the row starts */
    uint64_t offset_bytes; /* of the row */
    struct lks_str
        reason; /* short, the same words for the same reason: rejects are counted by it */
    struct lks_str first_bytes;
};

/* What one chunk of a file turned into, in file order. Strings live in the arena or in
 * the chunk's bytes, whichever lives as long as the batch. */
struct lks_batch {
    struct lks_arena arena;
    struct lks_post *posts;
    size_t posts_count, posts_capacity;
    struct lks_account *accounts; /* account observations; the store merges them by account_key */
    size_t accounts_count, accounts_capacity;
    struct lks_action *actions;
    size_t actions_count, actions_capacity;
    struct lks_payment *payments;
    size_t payments_count, payments_capacity;
    struct lks_reject *rejects;
    size_t rejects_count, rejects_capacity;
    struct lks_buffer scratch; /* for whoever fills the batch; nothing in it lasts */
    uint32_t *slots;           /* inside: the last post's actions by hash, once they are many */
    int slots_filled;
    int accounts_all; /* what a row says of an account is kept though the row before said it too */
    int texts_only; /* objects are not looked for, accounts not described: who compares texts needs none */
    /* NULL, or what keys of rows without an id are made with; see lks_key_of_row. */
    const unsigned char *row_secret;
    uint64_t rows_count; /* raw rows seen */
    uint64_t
        ignored_count; /* rows that are sound but hold no post: service messages, live rooms, users */
};

/* Each returns a cleared new item with null counts set, or NULL when memory is out. */
struct lks_post *lks_batch_post(struct lks_batch *batch);
struct lks_account *lks_batch_account(struct lks_batch *batch);
struct lks_payment *lks_batch_payment(struct lks_batch *batch);
/* Adds an action to the last post; empty or null objects are passed over, and a second
 * action of the same kind and object on one post too. 0 or LKS_EMEMORY (-4). */
int lks_batch_action(struct lks_batch *batch, enum lks_object_kind kind, struct lks_str object);
int lks_batch_reject(struct lks_batch *batch, uint64_t line, uint64_t offset_bytes,
                     const char *reason, struct lks_str row);
/* Forgets the last post and its actions: a row that turned out bad half-way. */
void lks_batch_post_undo(struct lks_batch *batch);
void lks_batch_reset(struct lks_batch *batch); /* empties, keeps memory */
void lks_batch_free(struct lks_batch *batch);

#endif
