/* case.c - a case is a folder: where its parts lie, and how it comes to be */
#include "case/case.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int lks_case_path(const char *case_path, const char *run, const char *name,
                  char out[LKS_CASE_PATH_BYTES], struct lks_error *err)
{
    if (!*case_path)
        return lks_error_set(err, LKS_EARGUMENT, "the case has no name");
    int size = run ? snprintf(out, LKS_CASE_PATH_BYTES, "%s/runs/%s/%s", case_path, run, name)
                   : snprintf(out, LKS_CASE_PATH_BYTES, "%s/%s", case_path, name);
    if (size < 0 || size >= LKS_CASE_PATH_BYTES)
        return lks_error_set(err, LKS_EARGUMENT, "the path of the case is too long");
    return 0;
}

int lks_folder_is_there(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

int lks_file_is_there(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0;
}

/* The store is a cache: whoever cannot open it is told how to get another. */
static int store_open(const char *case_path, const char *path, enum lks_store_mode mode,
                      const struct lks_control *control, struct lks_store **store_out,
                      struct lks_error *err)
{
    char vault[LKS_CASE_PATH_BYTES];
    struct lks_error inner = {0};
    int code = lks_store_open(path, mode, control, store_out, &inner);
    if (code == 0)
        return 0;
    int vault_there = lks_case_path(case_path, NULL, "vault", vault, NULL) == 0 &&
                      lks_file_is_there(vault) && code == LKS_ESTORE;
    return lks_error_set(err, code, "%.900s%s", inner.message,
                         vault_there ? " (if it is damaged, 'lockstep rebuild' makes it again)"
                                     : "");
}

int lks_case_open(const char *case_path, const struct lks_control *control,
                  struct lks_store **store_out, struct lks_error *err)
{
    char path[LKS_CASE_PATH_BYTES];
    int code = lks_case_path(case_path, NULL, "store.duckdb", path, err);
    if (code)
        return code;
    char vault[LKS_CASE_PATH_BYTES];
    if (!lks_file_is_there(path) && lks_case_path(case_path, NULL, "vault", vault, NULL) == 0 &&
        lks_file_is_there(vault))
        return lks_error_set(err, LKS_EMISSING,
                             "%s has a vault and no store: 'lockstep rebuild' makes it again",
                             case_path);
    if (!lks_file_is_there(path))
        return lks_error_set(err, LKS_EMISSING,
                             "%s is no case: it holds no store.duckdb (make one with 'lockstep "
                             "ingest %s FILE...')",
                             case_path, case_path);
    return store_open(case_path, path, LKS_STORE_READ, control, store_out, err);
}

/* Never over a store that another program made meanwhile. */
static int store_name(const char *fresh, const char *path, struct lks_error *err)
{
    int bad = renameat2(AT_FDCWD, fresh, AT_FDCWD, path, RENAME_NOREPLACE);
    if (bad && (errno == EINVAL || errno == ENOSYS)) /* a file system that knows no such thing */
        bad = rename(fresh, path);
    if (bad && errno == EEXIST)
        return lks_error_set(err, LKS_ESTORE, "%s was made by another program just now", path);
    return bad ? lks_error_system(err, path, "cannot be made") : 0;
}

/* A store appears whole or not at all: whoever is cut off leaves none, not half of one. */
static int store_make(const char *case_path, const char *path, const struct lks_control *control,
                      struct lks_error *err)
{
    char fresh[LKS_CASE_PATH_BYTES], wal[LKS_CASE_PATH_BYTES];
    struct lks_store *store;
    int code = lks_case_path(case_path, NULL, "store.duckdb.new", fresh, err);
    if (code == 0)
        code = lks_case_path(case_path, NULL, "store.duckdb.new.wal", wal, err);
    if (code)
        return code;
    unlink(fresh);
    unlink(wal);
    code = lks_store_open(fresh, LKS_STORE_CREATE, control, &store, err);
    if (code)
        return code;
    lks_store_close(store);
    if (access(wal, F_OK) == 0) /* without it the store would not be whole */
        code = lks_error_set(err, LKS_EIO, "%s cannot be written", fresh);
    else
        code = store_name(fresh, path, err);
    if (code) {
        unlink(fresh);
        unlink(wal);
    }
    return code;
}

int lks_case_open_or_make(const char *case_path, const struct lks_control *control, int *made,
                          struct lks_store **store_out, struct lks_error *err)
{
    char path[LKS_CASE_PATH_BYTES];
    int code = lks_case_path(case_path, NULL, "store.duckdb", path, err);
    *made = 0;
    if (code)
        return code;
    if (lks_file_is_there(path))
        return store_open(case_path, path, LKS_STORE_OPEN, control, store_out, err);
    int fresh_folder = mkdir(case_path, 0777) == 0;
    if (!fresh_folder && (errno != EEXIST || !lks_folder_is_there(case_path)))
        return lks_error_system(err, case_path, "cannot be made");
    code = store_make(case_path, path, control, err);
    *made = code == 0;
    if (code == 0)
        code = lks_store_open(path, LKS_STORE_MADE, control, store_out, err);
    else if (fresh_folder)
        rmdir(case_path); /* stays where another program made it a case meanwhile */
    return code;
}

void lks_case_unmake(const char *case_path)
{
    static const char *const names[] = {"store.duckdb", "store.duckdb.wal", "store.duckdb.new",
                                        "store.duckdb.new.wal"};
    char path[LKS_CASE_PATH_BYTES];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (lks_case_path(case_path, NULL, names[i], path, NULL) == 0)
            unlink(path);
    if (lks_case_path(case_path, NULL, "store.duckdb.tmp", path, NULL) == 0)
        rmdir(path);
    if (lks_case_path(case_path, NULL, "runs", path, NULL) == 0)
        rmdir(path);
    rmdir(case_path); /* stays where other files lie in it */
}
