/* test_vectors.h - published test vectors, read where they are there; tests are skipped elsewhere
 *
 * They lie under vectors/ in the folder that LOCKSTEP_DATA names, else in ../shared beside the
 * checkout. */
#ifndef LKS_VAULT_TEST_VECTORS_H
#define LKS_VAULT_TEST_VECTORS_H

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/str.h"

static inline void vectors_path(const char *name, char *path, size_t path_bytes)
{
    const char *folder = getenv("LOCKSTEP_DATA"), *file = __FILE__;
    int root = (int)(strlen(file) - strlen("src/vault/test_vectors.h"));
    if (folder)
        snprintf(path, path_bytes, "%s/vectors/%s", folder, name);
    else
        snprintf(path, path_bytes, "%.*s../shared/vectors/%s", root > 0 ? root : 0, file, name);
    if (access(path, R_OK) != 0) {
        print_message("no %s: LOCKSTEP_DATA is not there\n", name);
        skip();
    }
}

static inline void file_read(const char *path, struct lks_buffer *out)
{
    char piece[65536];
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    lks_buffer_clear(out);
    for (size_t got; (got = fread(piece, 1, sizeof piece, file)) > 0;)
        lks_buffer_append(out, piece, got);
    fclose(file);
    assert_false(out->failed);
}

#endif
