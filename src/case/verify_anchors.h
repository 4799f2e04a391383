/* verify_anchors.h - what others said of a log: cosignatures and time stamps, held against the log */
#ifndef LKS_CASE_VERIFY_ANCHORS_H
#define LKS_CASE_VERIFY_ANCHORS_H

#include "case/anchors.h"
#include "case/verify_log.h"
#include "case/verify_vault.h"

/* What an `anchor` statement says. */
struct lks_anchor_fact {
    uint64_t leaf, size;
    char file[96];                     /* in the folder of anchors */
    char sha256[LKS_SHA256_HEX_BYTES]; /* of that file */
    char root[LKS_SHA256_HEX_BYTES];
    struct lks_verifier witness; /* of a cosignature; name empty: of a time stamp */
};

/* Zero it to start. */
struct lks_anchor_facts {
    struct lks_anchor_fact *items; /* in the order of the log */
    size_t count, room;
    uint64_t unsound_count;
};
/* Takes an entry; others than of kind anchor are passed over. LKS_EMEMORY. */
int lks_anchor_facts_take(struct lks_anchor_facts *facts, const struct lks_entry *entry,
                          struct lks_error *err);
void lks_anchor_facts_free(struct lks_anchor_facts *facts);

struct lks_anchors_verify {
    const char *folder; /* of anchors */
    const struct lks_anchors *anchors;
    const struct lks_anchor_facts *facts; /* NULL: no statements are to be had */
    struct lks_str checkpoint;            /* the log's, as it stands */
    const struct lks_verifiers *keys;     /* that signed the log at some time */
    const struct lks_past_root *pasts;    /* [pasts_count] the roots that the log had */
    size_t pasts_count;
    const struct lks_verify_request *request;
};
/* Adds the check "anchors". 0 with what was found in it, or LKS_EIO, LKS_EMEMORY. */
int lks_verify_anchors(struct lks_verification *verification,
                       const struct lks_anchors_verify *verify, struct lks_error *err);

#endif
