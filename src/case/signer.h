/* signer.h - the key that signs a case's log: replaced by a new one, protected, all across a crash
 *
 * A rotation writes, each step durable before the next:
 *
 *     1  signer.next.pem      the new key, under the old one's passphrase
 *     2  the log              a `key` statement that names it, under a checkpoint of the old key
 *     3  retired/<size>.checkpoint   that checkpoint: who trusts the old key finds the new one there
 *        retired.vkeys        the old verifier key, so that what it signed can still be checked
 *     4  signer.vkey          the new verifier key, of the same name: the log's origin
 *     5  checkpoint           the same size and root, signed by the new key
 *     6  signer.next.pem becomes signer.pem: the old private key is gone
 *
 * What a crash left is known by signer.next.pem. Where the log names that key, the steps from 3 on
 * are done again; where it does not, the file is removed, and nothing has happened. */
#ifndef LKS_CASE_SIGNER_H
#define LKS_CASE_SIGNER_H

#include "case/key_file.h"
#include "vault/verifiers.h"

/* The keys under which the case's checkpoints can stand: the signer's first, then the retired ones,
 * the latest first. LKS_EMISSING where the case has no vault, LKS_EINPUT, LKS_EIO, LKS_EMEMORY. */
int lks_signer_verifiers(const char *case_path, struct lks_verifiers *list, struct lks_error *err);

/* Makes a new key the signer; *old_out and *new_out are the verifier keys. The passphrase of a
 * protected key is asked of control->passphrase once, and stays. Errors as lks_vault_open. */
int lks_signer_rotate(const char *case_path, const struct lks_control *control,
                      struct lks_verifier *old_out, struct lks_verifier *new_out,
                      struct lks_error *err);
/* Ends a rotation that was cut off, by the rule above; control->notice is told. Nothing to do is 0
 * at once. Called by lks_vault_open. */
int lks_signer_settle(const char *case_path, const struct lks_control *control,
                      struct lks_error *err);

#endif
