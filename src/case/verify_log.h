/* verify_log.h - a log read as a stranger reads it: every byte of it against its signed checkpoint */
#ifndef LKS_CASE_VERIFY_LOG_H
#define LKS_CASE_VERIFY_LOG_H

#include "case/verification.h"
#include "vault/checkpoint.h"
#include "vault/file_list.h"

/* The root that the log had at some earlier size; asked for before the pass, known after it. */
struct lks_past_root {
    uint64_t size;
    struct lks_hash root;
    int known;
};

struct lks_log_verify {
    const char *folder; /* that holds checkpoint and tile/ */
    const struct lks_checkpoint *checkpoint;
    struct lks_past_root *pasts; /* [pasts_count] by rising size */
    size_t pasts_count;
    /* Called with each entry that could be read, in order; good says whether it is the one
     * that the checkpoint covers, as far as the tiles tell. Returns 0 or a failure of the system. */
    int (*entry)(void *context, uint64_t index, struct lks_str bytes, struct lks_error *err);
    void *context;
    const struct lks_control *control;
};

/* Rehashes every entry, compares every tile and bundle that lies in the folder, names those that are
 * missing and those that nobody asked for, and compares the root. Adds the checks "entries" and
 * "tiles". Memory does not grow with the log but for the names of its files. 0 with what was found in
 * the checks, or LKS_EIO, LKS_EMEMORY, LKS_ECANCELLED. */
int lks_verify_log(struct lks_verification *verification, const struct lks_log_verify *verify,
                   struct lks_error *err);

/* The writer's own files, against the tiles that were checked before: the record of what was
 * signed, and the journal. Adds the checks "signed" and "journal". Errors as above. */
int lks_verify_journal(struct lks_verification *verification, const char *folder,
                       const struct lks_checkpoint *checkpoint, struct lks_error *err);

#endif
