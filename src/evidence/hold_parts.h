/* hold_parts.h - what the commands over holds share: scopes from options, and what holds cover */
#ifndef LKS_EVIDENCE_HOLD_PARTS_H
#define LKS_EVIDENCE_HOLD_PARTS_H

#include "case/holds.h"
#include "store/store.h"

/* ---- options ---- */

/* Writes the scope that the options say over *scope, which is what stood before (of an issue: every
 * one). Strings go to the arena or are the caller's. store finds accounts by their handles; NULL: there is
 * none. LKS_EARGUMENT, LKS_EMISSING for an account that nobody has, LKS_EMEMORY. */
int lks_hold_scope_read(const struct lks_hold_options *options, struct lks_store *store,
                        struct lks_arena *arena, struct lks_hold_scope *scope,
                        struct lks_error *err);
/* A time as options write it; end: the last moment that it means ("2024-11-24": of that day). */
int lks_hold_time_read(const char *text, int end, int64_t *time_us, struct lks_error *err);

/* ---- what holds cover in the case ---- */

struct lks_hold_cover {
    uint64_t posts, accounts, payments, files, runs;
    uint64_t
        files_in_doubt; /* files in which nothing is covered as far as it could be read, but some
                              * rows could not, or were in the case already */
    uint64_t bytes;     /* of the files, those in doubt among them */
};

/* What a visitor is told: the record, and which kinds of each hold reach it (0: none). */
struct lks_hold_visit {
    int (*post)(void *context, const struct lks_store_held *post, const unsigned *kinds,
                struct lks_error *err);
    int (*payment)(void *context, const struct lks_store_held *payment, const unsigned *kinds,
                   struct lks_error *err);
    int (*silent)(void *context, const struct lks_store_held *account, const unsigned *kinds,
                  struct lks_error *err);
    void *context;
};
/* Shows every record of the case to the holds; a NULL function is passed over. */
int lks_hold_walk(struct lks_store *store, const struct lks_holds *holds,
                  const struct lks_control *control, const struct lks_hold_visit *visit,
                  struct lks_error *err);
/* Counts for each hold; covers_out[holds->count]. store may be NULL: then nothing is there. */
int lks_hold_count(struct lks_store *store, const char *case_path, const struct lks_holds *holds,
                   const struct lks_control *control, struct lks_hold_cover *covers_out,
                   struct lks_error *err);

/* ---- showing ---- */

/* Adds the holds with what they cover: all, or the one at `only` (SIZE_MAX: all). covers NULL: that was
 * not counted. */
void lks_holds_text(const struct lks_case_holds *holds, const struct lks_hold_cover *covers,
                    size_t only, struct lks_buffer *out);
void lks_holds_json(const struct lks_case_holds *holds, const struct lks_hold_cover *covers,
                    size_t only, struct lks_buffer *out);

/* Opens the case's store for reading, or gives NULL where the case has none. */
int lks_hold_store(const char *case_path, const struct lks_control *control,
                   struct lks_store **store_out, struct lks_error *err);
/* LKS_EMISSING where the folder is no case: neither a store, nor a vault, nor a case.toml. */
int lks_hold_case_there(const char *case_path, struct lks_error *err);

#endif
