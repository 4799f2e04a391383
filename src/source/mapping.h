/* mapping.h - naming the columns of a file that no adapter knows */
#ifndef LKS_SOURCE_MAPPING_H
#define LKS_SOURCE_MAPPING_H

#include "base/error.h"
#include "record/record.h"

enum lks_map_field {
    LKS_MAP_ACCOUNT, /* needed */
    LKS_MAP_TIME,    /* needed */
    LKS_MAP_POST,
    LKS_MAP_TEXT,
    LKS_MAP_PLATFORM,
    LKS_MAP_KIND,
    LKS_MAP_PARENT,
    LKS_MAP_ORIGIN,
    LKS_MAP_URL,
    LKS_MAP_HASHTAG,
    LKS_MAP_SOUND,
    LKS_MAP_TRANSCRIPT,
    LKS_MAP_LANGUAGE,
    LKS_MAP_FIELDS_COUNT
};

extern const char *const lks_map_field_names[LKS_MAP_FIELDS_COUNT]; /* "account", "time", ... */

struct lks_mapping {
    /* By field: a column name, for JSON a dotted path ("user.id"), NULL where not mapped; of the platform
     * also "=tiktok", its name in every row. */
    char *column[LKS_MAP_FIELDS_COUNT];
    size_t column_bytes[LKS_MAP_FIELDS_COUNT]; /* their lengths */
    char *time_format; /* of the times, see date_format.h; NULL: what cannot be misread */
};

/* Reads "account=author_id,time=t,..." or, when text ends in ".toml", that file: the same
 * names as keys with string values, # comments. "time_format" says how times are written
 * (in a list it holds no comma). Unknown or doubled names and a mapping
 * without account or time are LKS_EARGUMENT with a sentence that says what is known. */
int lks_mapping_parse(const char *text, struct lks_mapping *mapping, struct lks_error *err);
void lks_mapping_free(struct lks_mapping *mapping);

/* Whether a field is read from a column: neither left out nor the same in every row. */
int lks_mapping_is_read(const struct lks_mapping *mapping, int field);

/* Puts what is the same in every row among the values of one. */
void lks_mapping_constants(const struct lks_mapping *mapping,
                           struct lks_str values[LKS_MAP_FIELDS_COUNT]);

/* Rewrites a time of the mapping's form as ISO 8601, in the arena; one that is not of that form
 * becomes one that nobody can read. Without a form it stays. 0 or LKS_EMEMORY. */
int lks_mapping_time(const struct lks_mapping *mapping, struct lks_str *time,
                     struct lks_arena *arena);

/* Turns mapped values into a post with its actions, or a reject. values[i] belongs to
 * field i; a list (hashtag, url) may be "[a, b]", "a b", "a,b" or "a;b". Used by the CSV and
 * JSONL adapters and by the Parquet reader. 0 or LKS_EMEMORY. */
int lks_mapping_row(const struct lks_str values[LKS_MAP_FIELDS_COUNT], uint64_t line,
                    uint64_t offset_bytes, uint64_t length_bytes, struct lks_str row_bytes,
                    struct lks_batch *batch);

#endif
