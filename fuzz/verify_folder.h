/* verify_folder.h - for fuzz targets of verify: a folder in memory, and parts of the input as its files */
#ifndef LKS_FUZZ_VERIFY_FOLDER_H
#define LKS_FUZZ_VERIFY_FOLDER_H

#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/str.h"
#include "vault/note.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void fuzz_folder(char folder[64])
{
    snprintf(folder, 64, "%s/lockstep-fuzz-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    LKS_ASSERT(mkdtemp(folder));
}

static inline int fuzz_remove_one(const char *path, const struct stat *status, int flag,
                                  struct FTW *place)
{
    (void)status, (void)flag, (void)place;
    return remove(path);
}

static inline void fuzz_folder_remove(const char *folder)
{
    nftw(folder, fuzz_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Writes folder/name, whose folders are made. */
static inline void fuzz_put(const char *folder, const char *name, struct lks_str bytes)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    for (char *at = path + strlen(folder) + 1; (at = strchr(at, '/')); at++) {
        *at = '\0';
        mkdir(path, 0700);
        *at = '/';
    }
    FILE *file = fopen(path, "wb");
    LKS_ASSERT(file);
    if (bytes.size_bytes)
        fwrite(bytes.data, 1, bytes.size_bytes, file);
    fclose(file);
}

/* The next part of the input, up to a form feed. */
static inline struct lks_str fuzz_part(struct lks_str *rest)
{
    const char *end = rest->size_bytes ? memchr(rest->data, '\f', rest->size_bytes) : NULL;
    struct lks_str part = {rest->data, end ? (size_t)(end - rest->data) : rest->size_bytes};
    size_t taken = part.size_bytes + (end != NULL);
    *rest = (struct lks_str){rest->data + taken, rest->size_bytes - taken};
    return part;
}

/* A key that is the same each time. */
static inline void fuzz_key(const char *name, enum lks_note_type type, struct lks_signing_key **key,
                            struct lks_verifier *verifier)
{
    static const unsigned char seed[LKS_ED25519_KEY_BYTES] = {1, 2, 3};
    unsigned char public_key[LKS_ED25519_KEY_BYTES];
    LKS_ASSERT(lks_signing_key_from_seed(seed, key, NULL) == 0);
    lks_signing_key_public(*key, public_key);
    LKS_ASSERT(lks_verifier_init(verifier, lks_str_from(name), type, public_key, NULL) == 0);
}

#endif
