/* runs.c - the folders of a case's detection runs: made, found, cleared up
 *
 * Whoever writes into a run's folder holds a shared lock on it, so that a folder that nobody is in and
 * that has files under temporary names, or nothing, is known to be left by a program that was cut off. */
#include "case/runs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RUNS_AT_ONCE_MAX = 1000 };

int lks_case_run_folder(const char *case_path, const char *run, char out[LKS_CASE_PATH_BYTES],
                        struct lks_error *err)
{
    int size = snprintf(out, LKS_CASE_PATH_BYTES, "%s/runs/%s", case_path, run);
    if (size < 0 || size >= LKS_CASE_PATH_BYTES)
        return lks_error_set(err, LKS_EARGUMENT, "the path of the case is too long");
    return 0;
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
                                           lks_file_is_there(path))))
            latest = number;
    }
    closedir(folder);
    return latest;
}

/* Takes part in the run's folder: whoever clears up leaves it alone. The folder may have been cleared
 * away in between. -1 where it is not there, or is being cleared away. */
static int occupy(const char *path, int how)
{
    struct stat here, there;
    int lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int taken = lock >= 0 && flock(lock, how | LOCK_NB) == 0;
    if (lock >= 0 && !taken && how == LOCK_SH && errno != EWOULDBLOCK)
        taken = 1; /* a file system without locks: nobody can clear up there */
    if (lock >= 0 && (!taken || fstat(lock, &here) != 0 || stat(path, &there) != 0 ||
                      here.st_ino != there.st_ino)) {
        close(lock);
        lock = -1;
    }
    return lock;
}

int lks_case_run_make(const char *case_path, char run_out[16], int *lock_out, struct lks_error *err)
{
    char path[LKS_CASE_PATH_BYTES], name[16];
    int lock = -1, code = lks_case_path(case_path, NULL, "runs", path, err);
    if (code)
        return code;
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        return lks_error_system(err, path, "cannot be made");
    unsigned first = run_latest(case_path, path, 0) + 1;
    for (unsigned number = first;; number++) {
        snprintf(name, sizeof name, "%04u", number);
        if ((code = lks_case_run_folder(case_path, name, path, err)))
            return code;
        if (mkdir(path, 0777) == 0) {
            if ((lock = occupy(path, LOCK_SH)) >= 0)
                break;
            rmdir(path);
            if (number - first > RUNS_AT_ONCE_MAX)
                return lks_error_set(err, LKS_EIO, "%s cannot be opened", path);
        } else if (errno != EEXIST || number - first > RUNS_AT_ONCE_MAX) {
            return lks_error_system(err, path, "cannot be made");
        }
    }
    memcpy(run_out, name, sizeof name);
    *lock_out = lock;
    return 0;
}

int lks_case_run_occupy(const char *case_path, const char *run, int *lock_out,
                        struct lks_error *err)
{
    char path[LKS_CASE_PATH_BYTES];
    int code = lks_case_run_folder(case_path, run, path, err);
    *lock_out = code ? -1 : occupy(path, LOCK_SH);
    return code == 0 && *lock_out < 0
               ? lks_error_set(err, LKS_EIO, "%s is being cleared up: try again", path)
               : code;
}

void lks_case_run_leave(int lock)
{
    if (lock >= 0)
        close(lock);
}

int lks_case_run_possible(const char *case_path, struct lks_error *err)
{
    char path[LKS_CASE_PATH_BYTES];
    int code = lks_case_path(case_path, NULL, "runs", path, err);
    if (code)
        return code;
    const char *parent = lks_folder_is_there(path) ? path : case_path;
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
    if (!lks_file_is_there(path))
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

/* ---- what a program that was cut off left ---- */

/* How many temporary files were removed from a folder that nobody is in. */
static unsigned run_tidy(const char *case_path, const char *run)
{
    char folder[LKS_CASE_PATH_BYTES], path[LKS_CASE_PATH_BYTES];
    unsigned count = 0;
    int lock =
        lks_case_run_folder(case_path, run, folder, NULL) == 0 ? occupy(folder, LOCK_EX) : -1;
    DIR *files = lock < 0 ? NULL : opendir(folder);
    for (struct dirent *entry; files && (entry = readdir(files));)
        if (strstr(entry->d_name, ".tmp-") &&
            lks_case_path(case_path, run, entry->d_name, path, NULL) == 0)
            count += unlink(path) == 0;
    if (files)
        closedir(files);
    if (lock >= 0)
        count += rmdir(folder) == 0; /* stays where anything lies in it */
    lks_case_run_leave(lock);
    return count;
}

void lks_case_runs_tidy(const char *case_path, const struct lks_control *control)
{
    char path[LKS_CASE_PATH_BYTES], said[160];
    unsigned count = 0;
    DIR *folder = lks_case_path(case_path, NULL, "runs", path, NULL) == 0 ? opendir(path) : NULL;
    if (!folder)
        return;
    for (struct dirent *entry; (entry = readdir(folder));)
        if (run_number(entry->d_name))
            count += run_tidy(case_path, entry->d_name);
    closedir(folder);
    if (!count || !control || !control->notice)
        return;
    snprintf(said, sizeof said,
             "what programs that were cut off left unfinished in runs/ was removed (%u file%s or "
             "folders)",
             count, count == 1 ? "" : "s");
    control->notice(control->context, said);
}
