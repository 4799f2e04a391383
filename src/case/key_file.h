/* key_file.h - private keys in files, opened with the passphrase of the person who acts */
#ifndef LKS_CASE_KEY_FILE_H
#define LKS_CASE_KEY_FILE_H

#include "vault/ed25519.h"
#include "vault/note.h"

#define LKS_PASSPHRASE_BYTES_MAX 1024
#define LKS_PASSPHRASE_BYTES_MIN 8 /* of a new one; an old one is as it is */

/* A passphrase in memory; wiped by whoever has it. size 0: there is none. */
struct lks_passphrase {
    char text[LKS_PASSPHRASE_BYTES_MAX];
    size_t size_bytes;
};
void lks_passphrase_wipe(struct lks_passphrase *passphrase);
/* Asks for a new one. ask has the shape of lks_control's passphrase, with control->context. NULL:
 * there shall be none. LKS_EARGUMENT where none is given, or it is too short. */
int lks_passphrase_new(const struct lks_control *control, lks_passphrase_ask *ask, const char *path,
                       struct lks_passphrase *out, struct lks_error *err);

/* Somebody's control, for work that opens a key several times: the passphrase is asked for once and
 * kept until lks_asked_once_end. Use `control` in its place; it must not outlive the struct. */
struct lks_asked_once {
    const struct lks_control *real;
    struct lks_passphrase passphrase;
    struct lks_control control;
};
void lks_asked_once_start(struct lks_asked_once *once, const struct lks_control *real);
void lks_asked_once_end(struct lks_asked_once *once);

/* Whether the file is protected, by its PEM header. LKS_EMISSING, LKS_EINPUT, LKS_EIO. */
int lks_key_file_protected(const char *path, int *protected_out, struct lks_error *err);
/* Reads a key; where it is protected, control->passphrase is asked. passphrase_out, which may be
 * NULL, is what opened it, wiped by the caller (after a failure it is empty). LKS_EARGUMENT for a
 * wrong passphrase or none; LKS_EINPUT where others can read the file, or it is no key. */
int lks_key_file_open(const char *path, const struct lks_control *control,
                      struct lks_signing_key **key_out, struct lks_passphrase *passphrase_out,
                      struct lks_error *err);
/* Writes a key in place of what is there, durably; the file is the old or the new one at any time.
 * LKS_EIO, LKS_EMEMORY. */
int lks_key_file_put(const char *path, const struct lks_signing_key *key,
                     const struct lks_passphrase *passphrase, struct lks_error *err);

/* "ana.vkey" for "ana.pem": the file that names a key. LKS_EARGUMENT where that is too long. */
int lks_key_file_vkey_path(const char *path, char *out, size_t out_bytes, struct lks_error *err);
/* Reads the one verifier key of a file, or takes the text itself where it is one. LKS_EMISSING,
 * LKS_EINPUT. */
int lks_verifier_named(const char *text_or_path, struct lks_verifier *verifier,
                       struct lks_error *err);

#endif
