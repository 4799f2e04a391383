/* statements.h - what runs, reports and look-ups leave in the case's log */
#ifndef LKS_INTAKE_STATEMENTS_H
#define LKS_INTAKE_STATEMENTS_H

#include "case/vault.h"
#include "finding/results.h"
#include "store/store.h"

/* The texts that a detection goes by, as they were when it began: hidden values of its statement. */
struct lks_derive_texts {
    struct lks_arena arena;
    struct lks_str case_toml, cues, cues_name; /* null: none; the name as it was given */
};
/* Reads CASE/case.toml and the file of cues (NULL: none). LKS_EARGUMENT, LKS_EIO, LKS_EMEMORY. */
int lks_derive_texts_read(const char *case_path, const char *cues_path,
                          struct lks_derive_texts *texts, struct lks_error *err);
void lks_derive_texts_free(struct lks_derive_texts *texts);

/* Records a detection: run, options, what it went by, and the digest of what it found
 * (lks_findings_json_digest). Not committed. */
int lks_derive_record(struct lks_vault *vault, struct lks_store *store,
                      const struct lks_detect_options *options,
                      const struct lks_derive_texts *texts, const struct lks_results *results,
                      struct lks_error *err);
/* Records that somebody looked. run may be NULL. Not committed. */
int lks_access_record(struct lks_vault *vault, const char *what, const char *run,
                      struct lks_str asked, struct lks_error *err);

/* Opens the vault for a statement about reading. Where it cannot be written, on a medium that is
 * read-only or because it refuses, *vault_out is NULL and a notice says that this is not logged.
 * LKS_EIO where another program writes all the time, LKS_EARGUMENT for a passphrase. */
int lks_looker_open(const char *case_path, const struct lks_control *control,
                    struct lks_vault **vault_out, struct lks_error *err);
/* All three at once: opens, records that somebody looked, commits. */
int lks_look_record(const char *case_path, const struct lks_control *control, const char *what,
                    const char *run, const char *asked, struct lks_error *err);

#endif
