/* adapter_kit.h - what the adapters of JSON formats do alike */
#ifndef LKS_SOURCE_ADAPTER_KIT_H
#define LKS_SOURCE_ADAPTER_KIT_H

#include "source/json_read.h"
#include "source/objects.h"
#include "source/row.h"

#define LKS_REASON_NO_OBJECT "not a JSON object"

/* Strings that grow in an arena. Zero it to start. */
struct lks_list {
    struct lks_str *items;
    size_t count, capacity;
};

/* Adds a string; null and empty ones are passed over. 0 or LKS_EMEMORY. */
int lks_list_add(struct lks_list *list, struct lks_arena *arena, struct lks_str item);

/* The parts one after the other, in the arena; null when one of them is null or empty, or memory
 * is out (*failed is set then). */
struct lks_str lks_key_join(struct lks_arena *arena, const struct lks_str *parts,
                            size_t parts_count, int *failed);
#define LKS_KEY(arena, failed, ...)                                                                \
    lks_key_join(arena, (const struct lks_str[]){__VA_ARGS__},                                     \
                 sizeof((const struct lks_str[]){__VA_ARGS__}) / sizeof(struct lks_str), failed)

/* A time as Unix seconds (number or string) or as ISO text. *zoned as lks_time_parse_iso; Unix
 * times are zoned. 0 or -1. */
int lks_value_time(struct lks_json_value value, int64_t *time_us,
                   enum lks_time_precision *precision, int *zoned);

/* A count, LKS_COUNT_NULL where there is none or a negative one. */
int64_t lks_value_count(struct lks_json_value value);
/* The content of a string, null for all else. */
struct lks_str lks_value_text(struct lks_json_value value);
/* 1, 0, or -1 where it is neither true nor false. */
int lks_value_bool(struct lks_json_value value);

/* Sums the "count" of each object in an array of objects at the cursor: reactions. */
int64_t lks_json_sum_counts(struct lks_json_reader *reader);

/* Opens the object of a row, which may be a part of it (bytes): 1. 0 where there is none: the
 * row is a reject then, and *code what that came to. */
int lks_row_open(struct lks_json_reader *reader, struct lks_str bytes, const struct lks_row *row,
                 struct lks_batch *batch, unsigned flags, int *code);
/* Ends the reading of a row: 1 where all of it was JSON; else as lks_row_open. */
int lks_row_close(struct lks_json_reader *reader, const struct lks_row *row,
                  struct lks_batch *batch, int *code);

/* Ends a post whose fields are filled: its provenance and its actions. The limits of a
 * record are looked at by the caller of every adapter. 0 or LKS_EMEMORY. */
int lks_row_post(struct lks_batch *batch, const struct lks_row *row,
                 const struct lks_post_lists *lists);

/* A new observation of an account, or NULL with *failed 0 when one of the same key was among
 * the last few of the batch: a channel's name stands in each of its messages. */
struct lks_account *lks_batch_account_once(struct lks_batch *batch, struct lks_str account_key,
                                           int *failed);

/* For recognition: whether the head holds this text; whether it starts like JSON; whether
 * its first line is a JSON object of its own. */
int lks_head_has(const struct lks_head *head, const char *text);
int lks_head_is_json(const struct lks_head *head);
int lks_head_is_lines(const struct lks_head *head);

#endif
