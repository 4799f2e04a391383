/* row.h - what every adapter does with the fields of a row */
#ifndef LKS_SOURCE_ROW_H
#define LKS_SOURCE_ROW_H

#include "source/dates.h"
#include "source/json_read.h"
#include "source/source.h"

/* Reasons of rejects that several adapters give: the same words for the same thing. */
#define LKS_REASON_NO_ACCOUNT "no account"
#define LKS_REASON_NO_TIME "no time"
#define LKS_REASON_BAD_TIME "bad time"
#define LKS_REASON_NO_ID "no post id"
#define LKS_REASON_FIELDS "wrong number of fields"
#define LKS_REASON_LONG "row too long"
#define LKS_REASON_QUOTE "quote never closed"
#define LKS_REASON_NUL "holds a NUL byte"

/* The value of the adapter's column-th column; null where the file lacks it or the field
 * is empty. */
static inline struct lks_str lks_row_field(const struct lks_adapter_context *context,
                                           const struct lks_row *row, int column)
{
    int index = context->columns[column];
    if (index < 0 || (size_t)index >= row->fields_count || !row->fields[index].size_bytes)
        return LKS_STR_NULL;
    return row->fields[index];
}

static inline int lks_row_reject(struct lks_batch *batch, const struct lks_row *row,
                                 const char *reason)
{
    return lks_batch_reject(batch, row->line, row->offset_bytes, reason, row->bytes);
}

/* "12", "12.0" or "1,234" as a count; LKS_COUNT_NULL for all else ("absent", "NA", -1). */
int64_t lks_count_parse(struct lks_str text);
/* 1 for true, 0 for false ("true", "TRUE", "1", "t", "yes"; "false", ...), else -1. */
int lks_flag_parse(struct lks_str text);
/* Whether an id was written as a number that lost its digits: "8.01319E+17". */
bool lks_id_is_lost(struct lks_str id);

/* Null for what files write where there is nothing: "absent", "NA", "nan", "null", "None". */
struct lks_str lks_value_or_null(struct lks_str text);

/* "platform:id" in the arena; null for a null id; data NULL too when memory is out. */
struct lks_str lks_key_make(struct lks_arena *arena, const char *platform, struct lks_str id);
/* "platform:row-" and the first 32 hex digits of the SHA-256 of the row: the key of a post
 * whose source has no ids, so that exact duplicates share it. platform "" leaves it out. With the batch's row_secret
 * the digits are of a hash of 128 bits that takes a tenth of the time; who does not know the secret cannot
 * make two rows that share it. In the batch's arena. */
struct lks_str lks_key_of_row(struct lks_batch *batch, const char *platform,
                              struct lks_str row_bytes);

/* Splits a list into items without blanks and quotes around them. Takes "[a, b]" (not
 * JSON), "['a', 'b']" (Python), "{a}", "a b", "a,b", "a;b" and "a|b"; an empty list gives no
 * items. Returns how many, at most items_max; the items are slices of text. */
size_t lks_list_split(struct lks_str text, struct lks_str *items, size_t items_max);

#endif
