/* test_folder.h - a folder for a test of the vault, and shell lines over it
 *
 * In memory where that is to be had: these tests are about order and content, and sync much. */
#ifndef LKS_VAULT_TEST_FOLDER_H
#define LKS_VAULT_TEST_FOLDER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

/* Makes a fresh folder and writes its path. */
static inline void folder_make(char *folder, size_t folder_bytes)
{
    snprintf(folder, folder_bytes, "%s/lockstep-vault-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    assert_non_null(mkdtemp(folder));
}

/* A shell line that must succeed; its names are of our own making. */
__attribute__((format(printf, 1, 2))) static inline void shell(const char *format, ...)
{
    char line[4096];
    va_list list;
    va_start(list, format);
    assert_in_range(vsnprintf(line, sizeof line, format, list), 1, sizeof line - 1);
    va_end(list);
    assert_int_equal(system(line), 0);
}

#endif
