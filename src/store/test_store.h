/* test_store.h - for tests of the store: a folder of their own, and a status that must be 0 */
#ifndef LKS_STORE_TEST_STORE_H
#define LKS_STORE_TEST_STORE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"

static char folder[] = "/tmp/lockstep-store-XXXXXX";
static char path[80], wal[88];

static int folder_make(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/store.duckdb", folder);
    snprintf(wal, sizeof wal, "%s.wal", path);
    return 0;
}

static int folder_remove(void **state)
{
    (void)state;
    unlink(path);
    unlink(wal);
    return rmdir(folder);
}

static void done(int code, const struct lks_error *err)
{
    if (code != 0)
        fail_msg("%d: %s", code, err->message);
}

#endif
