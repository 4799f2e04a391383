/* manifest.h - every file of a folder named by digest in one signed statement
 *
 * A DSSE envelope around an in-toto statement, version 1: subjects are the files, in the order of their
 * names; the predicate says what the folder is an answer to. The same folder, predicate and keys give the
 * same bytes. */
#ifndef LKS_CUSTODY_MANIFEST_H
#define LKS_CUSTODY_MANIFEST_H

#include "base/arena.h"
#include "vault/dsse.h"
#include "vault/verifiers.h"

#define LKS_MANIFEST_BYTES_MAX ((size_t)1 << 30)

/* Adds the envelope for every file below root/below (a folder, "data"), named from root ("data/x").
 * The predicate (canonical JSON of one object) says what the folder is, its type is a URI.
 * LKS_EINPUT where something there is no plain file, or is empty of files; LKS_EIO, LKS_EMEMORY. */
int lks_manifest_make(const char *root, const char *below, const char *predicate_type,
                      struct lks_str predicate, const struct lks_verifier *verifiers,
                      const struct lks_signing_key *const *keys, size_t keys_count,
                      struct lks_buffer *out, struct lks_error *err);

/* A manifest that was read; strings in the arena. */
struct lks_manifest_subject {
    struct lks_str name;
    unsigned char sha256[32];
};
struct lks_manifest {
    struct lks_str predicate_type, predicate; /* canonical JSON */
    struct lks_manifest_subject *subjects;    /* [subjects_count] by rising name */
    size_t subjects_count;
    const struct lks_verifier *signer; /* the first known key whose signature holds */
};

/* Reads an envelope and checks its signatures: a known key's that does not hold fails the whole, and so
 * does one that no known key signed. Names must be rising, relative and without "..". LKS_EINPUT with
 * what is wrong; LKS_EMEMORY. */
int lks_manifest_read(struct lks_str envelope, const struct lks_verifiers *known,
                      struct lks_arena *arena, struct lks_manifest *manifest,
                      struct lks_error *err);
/* Whether root/below holds the files of the manifest, each with its digest, and no other. LKS_EINPUT with
 * the first that is missing, more, or changed; LKS_EIO, LKS_EMEMORY. */
int lks_manifest_check(const struct lks_manifest *manifest, const char *root, const char *below,
                       struct lks_error *err);

#endif
