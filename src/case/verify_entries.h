/* verify_entries.h - what the entries of a log say, and whether their hidden values are theirs */
#ifndef LKS_CASE_VERIFY_ENTRIES_H
#define LKS_CASE_VERIFY_ENTRIES_H

#include "case/entries.h"
#include "case/verification.h"

#define LKS_VERIFY_LINE_BYTES_MAX ((size_t)64 << 20) /* of a line of disclosures */

/* Lines of a file, one after the other, in memory bounded by the longest line. */
struct lks_line_reader {
    int file; /* -1: none is open */
    struct lks_buffer bytes;
    size_t at;
    int ended, unended; /* the last line had no newline; a line was too long: ended at once */
    int too_long;
};
/* LKS_EMISSING, LKS_EINPUT where it is no plain file, LKS_EIO. */
int lks_line_reader_open(struct lks_line_reader *reader, const char *path, struct lks_error *err);
/* 1 with *line borrowed until the next call; 0 at the end, see `unended` and `too_long`. LKS_EIO,
 * LKS_EMEMORY. */
int lks_line_reader_next(struct lks_line_reader *reader, struct lks_str *line,
                         struct lks_error *err);
void lks_line_reader_close(struct lks_line_reader *reader);

/* "INDEX REST", as lines of disclosures and statements are: 1 where it is one. */
int lks_indexed_line(struct lks_str line, uint64_t *index, struct lks_str *rest);

/* Where hidden values lie, and who hears of statements. */
struct lks_entries_request {
    const char *folder; /* files "INDEX DISCLOSURE", each named by its first entry; or NULL and */
    const char *single; /* one file of that form */
    uint64_t size;      /* entries that are signed */
    int expected;       /* a statement that hides values and has no disclosure here is incomplete */
    /* Called with every statement that could be read, with those of its hidden values that are here;
     * 0 or a failure of the system. */
    int (*see)(void *context, const struct lks_entry *entry, struct lks_error *err);
    void *context;
};

struct lks_entries_verify;

/* Starts; adds the checks "statements" and "disclosures". The request must outlive it. */
int lks_entries_verify_start(struct lks_verification *verification,
                             const struct lks_entries_request *request,
                             struct lks_entries_verify **out, struct lks_error *err);
/* Takes the next entry; in order, gaps allowed. 0, or LKS_EIO, LKS_EMEMORY, or what see returned. */
int lks_entries_verify_take(struct lks_entries_verify *verify, uint64_t index, struct lks_str bytes,
                            struct lks_error *err);
/* Ends the checks: what was left over is told. Frees. */
int lks_entries_verify_end(struct lks_entries_verify *verify, struct lks_error *err);
void lks_entries_verify_free(struct lks_entries_verify *verify);

#endif
