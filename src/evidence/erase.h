/* erase.h - what an erasure does to each file, and what it came to */
#ifndef LKS_EVIDENCE_ERASE_H
#define LKS_EVIDENCE_ERASE_H

#include "case/holds.h"
#include "evidence/erase_scan.h"

enum lks_erase_verdict {
    LKS_ERASE_NOTHING, /* nothing of what shall go is in it */
    LKS_ERASE_WHOLE,   /* the file goes, with all that it holds */
    LKS_ERASE_PART,    /* a copy with some rows blanked out takes its place */
    LKS_ERASE_REFUSED, /* a hold stands in the way */
    LKS_ERASE_UNABLE   /* the file's form does not let rows be blanked out */
};
extern const char *const lks_erase_verdict_names[5];

/* What became of one file. */
struct lks_erase_result {
    uint64_t leaf;
    struct lks_str name; /* may be null */
    enum lks_erase_verdict verdict;
    uint64_t records;           /* that went, or would */
    uint64_t held, tied, named; /* as in lks_erase_scan */
    unsigned char *holds;       /* [holds at that time] in the way of what stays; may be NULL */
    size_t holds_count;
    const char *why; /* LKS_ERASE_UNABLE */
};

/* A run that still tells of what was erased. */
struct lks_erase_run {
    char id[16];
    uint64_t names; /* erased accounts and posts that its results name */
    int removed;
    int held; /* a hold covers findings */
};

struct lks_erase_outcome {
    struct lks_arena arena;
    struct lks_case_holds holds; /* as they stood at the end */
    struct lks_erase_result *results;
    size_t results_count, results_room;
    struct lks_erase_run *runs;
    size_t runs_count;
    uint64_t finished,
        kept; /* erasures that had been cut off: ended now; not, since an order came */
    int dry_run, destroyed;
    struct lks_store_counts counts; /* of the store that was made anew */
};
void lks_erase_outcome_text(const struct lks_erase_outcome *outcome, struct lks_buffer *out);
void lks_erase_outcome_json(const struct lks_erase_outcome *outcome, struct lks_buffer *out);
/* 1 where a hold stood in the way of something. */
int lks_erase_outcome_refused(const struct lks_erase_outcome *outcome);

/* Opens the plain bytes of a sealed file as a file without a name, at its beginning. LKS_EMISSING where
 * they were erased. */
int lks_erase_unseal(const char *case_path, const char *blob, const struct lks_control *control,
                     int *file_out, struct lks_error *err);
/* A file without a name, in the vault's folder. */
int lks_erase_nameless(const char *case_path, int *file_out, struct lks_error *err);
/* What a scan comes to under the holds. */
enum lks_erase_verdict lks_erase_judge(const struct lks_erase_wish *wish,
                                       const struct lks_erase_scan *scan, size_t holds_count);

/* ---- the steps in the log; the vault is open, nothing is staged ---- */

/* Says in the log what is refused, and for which orders. */
int lks_erase_refuse(struct lks_vault *vault, const struct lks_erase_wish *wish, uint64_t leaf,
                     uint64_t records, const unsigned char *held_by,
                     const struct lks_case_holds *holds, struct lks_str reason,
                     struct lks_error *err);
/* Destroys a file: says so, does it, says that it is done. */
int lks_erase_destroy(struct lks_vault *vault, const char *case_path,
                      const struct lks_erase_wish *wish, const struct lks_case_import *import,
                      uint64_t records, struct lks_str reason, struct lks_error *err);
/* Puts the copy in the place of a file, and destroys that. */
int lks_erase_replace(struct lks_vault *vault, const char *case_path,
                      const struct lks_erase_wish *wish, const struct lks_case_import *import,
                      struct lks_import *copy, const struct lks_source_options *reading,
                      uint64_t records, struct lks_str reason, struct lks_error *err);

/* 1 where an erasure of the case was cut off. */
int lks_erase_cut_off(const char *case_path);
/* Ends what was cut off, or keeps it where an order came since it was begun; counts both. *destroyed_out:
 * the store must be made anew. */
int lks_erase_finish(const char *case_path, const struct lks_control *control,
                     struct lks_erase_outcome *outcome, struct lks_error *err);
/* Says that nothing is open any more. */
int lks_erase_mark(const char *case_path, int open, struct lks_error *err);

#endif
