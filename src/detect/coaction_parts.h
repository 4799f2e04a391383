/* coaction_parts.h - the pieces of lks_coaction_files */
#ifndef LKS_DETECT_COACTION_PARTS_H
#define LKS_DETECT_COACTION_PARTS_H

#include "base/budget.h"
#include "base/intern.h"
#include "base/json_write.h"
#include "base/spool.h"
#include "base/writer.h"
#include "record/events.h"

enum { LKS_WINDOWS_ASKED_MAX = 8, LKS_WINDOW_NAME_BYTES = 24 };

/* Windows asked for, each to be scanned with. */
struct lks_coaction_windows {
    size_t count;
    int64_t us[LKS_WINDOWS_ASKED_MAX][LKS_OBJECT_KINDS_COUNT];
    char name[LKS_WINDOWS_ASKED_MAX][LKS_WINDOW_NAME_BYTES]; /* as it was written */
};

/* Reads "10s,60s,1h" as windows of their own, 60s where there is none; "hashtag=10s" among them is
 * that kind's window in all, the last one winning. kinds (NULL: all) names those that stay,
 * the others become -1. LKS_EARGUMENT. */
int lks_coaction_windows_read(const char *windows, const char *kinds,
                              struct lks_coaction_windows *asked, struct lks_error *err);
/* Reads windows where there is but one: of the compatibility modes. */
int lks_coaction_window_read(const char *windows, int64_t *window_us, struct lks_error *err);

/* What the pieces of one command share. */
struct lks_coaction_means {
    const struct lks_control *control; /* watched: what it tells passes by here */
    struct lks_control watched;
    const struct lks_control *asked; /* the caller's; may be NULL */
    double done_share;               /* of the stage at hand, as last told */
    struct lks_budget budget;        /* of the whole command */
    struct lks_spill spill;
    unsigned threads_count;
};

/* Files as events, with the names behind the accounts' ids. */
struct lks_coaction_data {
    struct lks_events events; /* without the posts' columns; empty when sorted holds them */
    struct lks_intern accounts;
    uint64_t posts_count; /* distinct; ids of posts in events may have gaps */
    uint64_t rows_count, rejects_count, ignored_count;
    uint64_t merged_count;     /* rows that were more of a post already seen */
    uint64_t duplicates_count; /* rows with a known post id but another account or time: left out */
    int synthetic;
    /* Events that would not fit into memory, as records of LKS_SORTED_WORDS words in order. */
    struct lks_spool sorted;
    uint64_t sorted_count;
    size_t others_count;                  /* words more of such a record: coaction_crowd.h */
    uint64_t events_count;                /* in all, before any pruning */
    uint64_t events_bytes, charged_bytes; /* inside: of the budget, for events; for names */
};

/* An event on disk: object, time_us (high, low), account, post. The high word of a time has room for
 * the events of the post, from bit LKS_SORTED_OBJECTS_BIT on. */
enum { LKS_SORTED_WORDS = 5, LKS_SORTED_OBJECTS_BIT = 24 };

/* Reads the inputs of own mode; what does not fit into the budget is sorted on disk. Freed
 * by lks_coaction_data_free, after failures too. Errors as lks_coaction_files. */
int lks_coaction_data_load(const struct lks_coaction_request *request,
                           struct lks_coaction_means *means, struct lks_coaction_data *data,
                           struct lks_error *err);
void lks_coaction_data_free(struct lks_coaction_data *data, struct lks_coaction_means *means);

/* A table that appears whole or not at all, as CSV or, where the path ends so, Parquet. */
struct lks_coaction_table {
    struct lks_writer writer;
    const char *path;
    char *csv_path; /* not NULL: Parquet, made from this file at the end */
    const char *const *types;
    size_t types_count, field;
    struct lks_buffer rows; /* not written yet */
    uint64_t memory_bytes;  /* for DuckDB to turn it into Parquet; 0: its most */
    int open, part;
};

/* path NULL: the table takes rows and keeps none. types are DuckDB's, one a column. */
int lks_coaction_table_open(struct lks_coaction_table *table, const char *path,
                            const char *const *names, const char *const *types, size_t count,
                            struct lks_error *err);
/* The fields of a row, one after another; a row ends with its last column. */
void lks_coaction_table_text(struct lks_coaction_table *table, struct lks_str text);
void lks_coaction_table_uint(struct lks_coaction_table *table, uint64_t value);
void lks_coaction_table_double(struct lks_coaction_table *table, double value);
/* A part takes rows like the table, on a thread of its own; joining writes them and empties it.
 * lks_coaction_table_abandon frees it. */
struct lks_coaction_table lks_coaction_table_part(const struct lks_coaction_table *table);
void lks_coaction_table_join(struct lks_coaction_table *table, struct lks_coaction_table *part);
/* LKS_EIO as soon as a write has failed: a disk that is full is no reason to go on. */
int lks_coaction_table_check(const struct lks_coaction_table *table, struct lks_error *err);
/* Either ends the table: commit with 0 or a failure that leaves path as it was. */
int lks_coaction_table_commit(struct lks_coaction_table *table, struct lks_error *err);
void lks_coaction_table_abandon(struct lks_coaction_table *table);

/* The three modes: each appends its JSON object to json, or its sentences to text. */
struct lks_coaction_answer {
    struct lks_json json;
    struct lks_buffer *text;
    int as_json;
};

/* Errors as lks_coaction_files. */
int lks_coaction_own(const struct lks_coaction_request *request, const struct lks_control *control,
                     struct lks_coaction_answer *answer, struct lks_error *err);
int lks_coaction_coortweet(const struct lks_coaction_request *request,
                           const struct lks_control *control, struct lks_coaction_answer *answer,
                           struct lks_error *err);
int lks_coaction_cnt(const struct lks_coaction_request *request, const struct lks_control *control,
                     struct lks_coaction_answer *answer, struct lks_error *err);

#endif
