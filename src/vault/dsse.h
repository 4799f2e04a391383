/* dsse.h - DSSE envelopes and in-toto statements: files named by digest, under a signature */
#ifndef LKS_VAULT_DSSE_H
#define LKS_VAULT_DSSE_H

#include "vault/note.h"

#define LKS_INTOTO_TYPE "application/vnd.in-toto+json"

/* A file that a statement speaks of. */
struct lks_subject {
    const char *name;
    unsigned char sha256[32];
};

/* Adds an in-toto statement, version 1, as canonical JSON: what the predicate (canonical JSON of
 * one object, type by a URI) says of the subjects. LKS_EMEMORY. */
int lks_intoto_format(const struct lks_subject *subjects, size_t subjects_count,
                      const char *predicate_type, struct lks_str predicate, struct lks_buffer *out,
                      struct lks_error *err);

/* Adds the envelope: body in base64, and a signature by each key over DSSEv1's
 * pre-authentication encoding. The verifiers name the keys; keyid is the text form of the verifier
 * key, so that the envelope says whom to ask. LKS_EMEMORY. */
int lks_dsse_sign(struct lks_str type, struct lks_str body, const struct lks_verifier *verifiers,
                  const struct lks_signing_key *const *keys, size_t keys_count,
                  struct lks_buffer *out, struct lks_error *err);
/* DSSEv1 SP len(type) SP type SP len(body) SP body: the bytes that are signed. */
void lks_dsse_encoding(struct lks_str type, struct lks_str body, struct lks_buffer *out);

#endif
