/* commitment.h - personal data beside the log: what the log says of it tells nothing by itself
 *
 * The digest form of SD-JWT (RFC 9901, section 4.2): base64url of SHA-256 over the ASCII of a
 * disclosure, which is base64url of the JSON array [salt, name, value]. Who holds a disclosure can
 * show that the log spoke of exactly this value; who holds only the log cannot guess it, however
 * short it is, for the salt has 128 bits. Destroying the disclosure erases the value. */
#ifndef LKS_VAULT_COMMITMENT_H
#define LKS_VAULT_COMMITMENT_H

#include "base/error.h"
#include "base/str.h"

#define LKS_SALT_BYTES 16
#define LKS_COMMITMENT_BYTES 44 /* 43 characters of base64url and a NUL */

/* 128 random bits of the system's; LKS_EIO. */
int lks_salt_new(unsigned char salt[LKS_SALT_BYTES], struct lks_error *err);
/* Adds the disclosure of a text value under a name. LKS_EMEMORY. */
int lks_disclosure_make(const unsigned char salt[LKS_SALT_BYTES], const char *name,
                        struct lks_str value, struct lks_buffer *out, struct lks_error *err);
/* The digest that stands in the log for a disclosure. */
void lks_disclosure_digest(struct lks_str disclosure, char digest[LKS_COMMITMENT_BYTES]);
/* A digest of nothing: it hides how many disclosures there are. LKS_EIO. */
int lks_disclosure_decoy(char digest[LKS_COMMITMENT_BYTES], struct lks_error *err);
/* What stands for a blob: SHA-256(salt || SHA-256(blob)). */
void lks_blob_commit(const unsigned char salt[LKS_SALT_BYTES], const unsigned char sha256[32],
                     unsigned char out[32]);

#endif
