/* vault.h - the evidence of one case, opened for writing: its log, and what lies beside it
 *
 *     CASE/vault/checkpoint tile/    what anyone may read
 *     CASE/vault/journal/ signed lock
 *     CASE/vault/blobs/ keys/        the files as they came, each under a key of its own
 *     CASE/vault/disclosures/<n>     the hidden values of the entries from n on: "INDEX DISCLOSURE"
 *     CASE/vault/signer.pem          the log's private key, for its owner alone
 *     CASE/vault/signer.vkey         the verifier key; its name is the log's origin
 *     CASE/vault/sealing             there while files are sealed that no entry names yet
 *     CASE/vault/work/               what is needed for a while; emptied at each opening
 *     CASE/vault/turn purge          locks: who orders comes before who erases (case/turn.h); one erases
 *     CASE/vault/erasing             there while an erasure is open (evidence/erase_steps.c)
 *     CASE/vault/attestations/       notes of how much holds covered, and the hashes of their leaves
 *     CASE/vault.seen                what the vault had signed when it was last used here
 *
 * One program at a time writes. Entries are staged by lks_vault_record and stand, signed, when
 * lks_vault_commit returned 0. */
#ifndef LKS_CASE_VAULT_H
#define LKS_CASE_VAULT_H

#include "case/case.h"
#include "custody/statement.h"
#include "vault/blob.h"
#include "vault/log.h"
#include "vault/note.h"

struct lks_vault;

/* Writes "CASE/vault" or "CASE/vault/name". LKS_EARGUMENT where that is too long. */
int lks_vault_path(const char *case_path, const char *name, char out[LKS_CASE_PATH_BYTES],
                   struct lks_error *err);
/* 1 where the case has a vault. */
int lks_vault_there(const char *case_path);

/* Opens the case's vault for writing; a case that has none gets one, with a new key and a first
 * entry that names it (*made_out says so; it may be NULL). What recovery found is told by
 * control->notice; the passphrase of a protected key is asked of control->passphrase. LKS_EINPUT where
 * the log refuses (shorter than what was signed, another root, an older copy); LKS_EARGUMENT for a
 * wrong passphrase; LKS_EIO also where another program writes for more than two seconds;
 * LKS_EMEMORY. */
int lks_vault_open(const char *case_path, const struct lks_control *control, int *made_out,
                   struct lks_vault **vault_out, struct lks_error *err);
/* Lets other programs write for a while, and takes the vault up again as lks_vault_open does, but
 * waits for ten minutes where another one writes; nothing may be staged or sealed. */
void lks_vault_rest(struct lks_vault *vault);
int lks_vault_resume(struct lks_vault *vault, const struct lks_control *control,
                     struct lks_error *err);
/* Gives up what was not committed. NULL is fine. */
void lks_vault_close(struct lks_vault *vault);
/* Takes away a vault that lks_vault_open made, after a failure. */
void lks_vault_unmake(const char *case_path);

/* The time that a statement made now bears: the clock's, but never before the last entry's. A
 * statement that the clock would date a second or more before that says by how much
 * ("clock_behind_s"). */
int64_t lks_vault_now(const struct lks_vault *vault);
/* Starts a statement of that kind at lks_vault_now, with the actor hidden in it. */
void lks_vault_start(struct lks_vault *vault, struct lks_statement_writer *writer,
                     enum lks_statement_kind kind);
/* Ends the statement and stages it; *index_out, which may be NULL, is its leaf. The writer is
 * spent. Errors as lks_statement_finish and lks_log_append. */
int lks_vault_record(struct lks_vault *vault, struct lks_statement_writer *writer,
                     uint64_t *index_out, struct lks_error *err);
/* Makes all that was staged durable: disclosures, entries, tiles, signature, checkpoint, in that
 * order. LKS_EIO: from then on nothing is taken. */
int lks_vault_commit(struct lks_vault *vault, struct lks_error *err);

/* Seals a file into the vault (see lks_blob_seal). Until an entry that has blob->name in it is
 * committed the object is provisional: closing the vault erases it, and after a crash the next
 * opening does. */
int lks_vault_seal(struct lks_vault *vault, const char *path, const struct lks_control *control,
                   struct lks_blob *blob, struct lks_error *err);
/* Erases one that was sealed since the last commit. */
int lks_vault_unseal(struct lks_vault *vault, const char *name, struct lks_error *err);
/* Makes CASE/vault/work, a folder for its owner alone, for what is needed for a while; and removes it
 * with all that is in it. */
int lks_vault_work(const struct lks_vault *vault, char out[LKS_CASE_PATH_BYTES],
                   struct lks_error *err);
void lks_vault_work_drop(const struct lks_vault *vault);

/* Entries, staged ones among them. */
uint64_t lks_vault_size(const struct lks_vault *vault);
/* "CASE/vault", for the calls of vault/blob.h. */
const char *lks_vault_folder(const struct lks_vault *vault);
const struct lks_verifier *lks_vault_verifier(const struct lks_vault *vault);
const struct lks_signing_key *lks_vault_key(const struct lks_vault *vault);

#endif
