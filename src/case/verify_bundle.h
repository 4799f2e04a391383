/* verify_bundle.h - an answer that was handed over as a bag (case/answer_layout.h), checked by itself
 *
 * Whoever checks it has the bag and nothing else, at best a verifier key that reached them by another
 * way. */
#ifndef LKS_CASE_VERIFY_BUNDLE_H
#define LKS_CASE_VERIFY_BUNDLE_H

#include "case/answer_layout.h"
#include "case/verify_entries.h"
#include "case/verify_vault.h"

/* Checks the bag in a folder: BagIt, the signed manifest, the checkpoint, a proof for each statement, what
 * the statements hide against what is disclosed, each record against its statement, and whether all
 * records are there that the frozen statement counts. 0 with what was found in the checks, or
 * LKS_EIO, LKS_EMEMORY, LKS_ECANCELLED. A bag that is no answer of a log has its bag checked. */
int lks_verify_bundle(struct lks_verification *verification, const char *folder,
                      const struct lks_verify_request *request, const struct lks_control *control,
                      struct lks_error *err);

/* Parts of it. */

/* The DSSE envelope over an in-toto statement that names every file of data/. Adds "manifest". signer is
 * the key of the log; the bag's keys when several are trusted. */
int lks_verify_manifest(struct lks_verification *verification, const char *folder,
                        const struct lks_verifiers *keys, const struct lks_control *control,
                        struct lks_error *err);

struct lks_records_verify;
/* Records against the statements that commit to them; see is to be called with every entry, in order.
 * Adds "records" and "complete". */
int lks_records_verify_start(struct lks_verification *verification, const char *folder,
                             uint64_t size, struct lks_records_verify **out, struct lks_error *err);
int lks_records_verify_see(struct lks_records_verify *verify, const struct lks_entry *entry,
                           struct lks_error *err);
/* Ends the checks. */
int lks_records_verify_end(struct lks_records_verify *verify, struct lks_error *err);
void lks_records_verify_free(struct lks_records_verify *verify); /* NULL is fine */

#endif
