/* case.c - a case is a folder: where its parts lie, and how it comes to be */
#include "case/case.h"

#include <dirent.h>
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

int lks_case_run_folder(const char *case_path, const char *run, char out[LKS_CASE_PATH_BYTES],
                        struct lks_error *err)
{
    int size = snprintf(out, LKS_CASE_PATH_BYTES, "%s/runs/%s", case_path, run);
    if (size < 0 || size >= LKS_CASE_PATH_BYTES)
        return lks_error_set(err, LKS_EARGUMENT, "the path of the case is too long");
    return 0;
}

static int folder_is_there(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static int file_is_there(const char *path)
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
                      file_is_there(vault) && code == LKS_ESTORE;
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
    if (!file_is_there(path) && lks_case_path(case_path, NULL, "vault", vault, NULL) == 0 &&
        file_is_there(vault))
        return lks_error_set(err, LKS_EMISSING,
                             "%s has a vault and no store: 'lockstep rebuild' makes it again",
                             case_path);
    if (!file_is_there(path))
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
    if (file_is_there(path))
        return store_open(case_path, path, LKS_STORE_OPEN, control, store_out, err);
    int fresh_folder = mkdir(case_path, 0777) == 0;
    if (!fresh_folder && (errno != EEXIST || !folder_is_there(case_path)))
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

/* The number of a run's folder, or 0 for any other name. */
static unsigned run_number(const char *name)
{
    unsigned number = 0;
    size_t size = strlen(name);
    if (size < 4 || size > 9)
        return 0;
    for (size_t i = 0; i < size; i++) {
        if (name[i] < '0' || name[i] > '9')
            return 0;
        number = number * 10 + (unsigned)(name[i] - '0');
    }
    return number;
}

/* The highest number among the runs; whole: among those that have their results, since a
 * run that is being made, or was cut off by a power failure, has only its folder. */
static unsigned run_latest(const char *case_path, const char *runs_path, int whole)
{
    char path[LKS_CASE_PATH_BYTES];
    unsigned latest = 0;
    DIR *folder = opendir(runs_path);
    if (!folder)
        return 0;
    for (struct dirent *entry; (entry = readdir(folder));) {
        unsigned number = run_number(entry->d_name);
        if (number > latest && (!whole || (lks_case_path(case_path, entry->d_name, "results.duckdb",
                                                         path, NULL) == 0 &&
                                           file_is_there(path))))
            latest = number;
    }
    closedir(folder);
    return latest;
}

int lks_case_run_make(const char *case_path, char run_out[16], struct lks_error *err)
{
    char path[LKS_CASE_PATH_BYTES];
    int code = lks_case_path(case_path, NULL, "runs", path, err);
    if (code)
        return code;
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        return lks_error_system(err, path, "cannot be made");
    unsigned number = run_latest(case_path, path, 0);
    do {
        number++;
        char name[16];
        snprintf(name, sizeof name, "%04u", number);
        memcpy(run_out, name, sizeof name);
        if ((code = lks_case_path(case_path, run_out, "", path, err)))
            return code;
    } while (mkdir(path, 0777) != 0 && errno == EEXIST && number < 999999999);
    return folder_is_there(path) ? 0 : lks_error_system(err, path, "cannot be made");
}

int lks_case_run_possible(const char *case_path, struct lks_error *err)
{
    char path[LKS_CASE_PATH_BYTES];
    int code = lks_case_path(case_path, NULL, "runs", path, err);
    if (code)
        return code;
    const char *parent = folder_is_there(path) ? path : case_path;
    return access(parent, W_OK | X_OK) == 0 ? 0
                                            : lks_error_system(err, parent, "cannot be written");
}

int lks_case_run_find(const char *case_path, const char *run, char run_out[16],
                      struct lks_error *err)
{
    char path[LKS_CASE_PATH_BYTES];
    int code = lks_case_path(case_path, NULL, "runs", path, err);
    if (code)
        return code;
    unsigned number = run ? run_number(run) : run_latest(case_path, path, 1);
    if (run && number == 0)
        return lks_error_set(err, LKS_EMISSING, "'%s' is no run: runs are called 0001, 0002 ...",
                             run);
    if (number == 0)
        return lks_error_set(err, LKS_EMISSING, "%s has no run yet: 'lockstep detect %s' makes one",
                             case_path, case_path);
    snprintf(run_out, 16, "%04u", number);
    if ((code = lks_case_path(case_path, run_out, "results.duckdb", path, err)))
        return code;
    if (!file_is_there(path))
        return lks_error_set(err, LKS_EMISSING, "%s has no run %s", case_path, run_out);
    return 0;
}

void lks_case_run_unmake(const char *case_path, const char *run)
{
    static const char *const names[] = {"results.duckdb",      "results.duckdb.wal",
                                        "report.html",         "findings.json",
                                        "network.gexf",        "network.graphml",
                                        "edges.csv",           "nodes.csv",
                                        "posts.csv",           "edges.parquet",
                                        "nodes.parquet",       "posts.parquet",
                                        "stix.json",           "takedown.csv",
                                        "payment_sums.csv",    "scripts.csv",
                                        "script_accounts.csv", "payment_sums.parquet",
                                        "scripts.parquet",     "script_accounts.parquet"};
    char path[LKS_CASE_PATH_BYTES];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (lks_case_path(case_path, run, names[i], path, NULL) == 0)
            unlink(path);
    if (lks_case_path(case_path, run, "", path, NULL) == 0)
        rmdir(path);
    if (lks_case_path(case_path, NULL, "runs", path, NULL) == 0)
        rmdir(path); /* stays where other runs lie in it */
}
