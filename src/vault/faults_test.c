/* faults_test.c - the log on a disk that fails at every call in turn
 *
 * A child appends, syncs and publishes, and tells through a pipe what was acknowledged. At the n-th
 * call of the system the fault strikes, for all n until the child gets through. Whatever is left
 * must open again, hold all that was acknowledged, contradict no signature, and go on. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/rng.h"
#include "vault/log.h"
#include "vault/test_folder.h"

#define ORIGIN "example.org/faults"

enum fault {
    FAULT_NONE,
    FAULT_KILL,       /* the process dies; what it gave to the system stays */
    FAULT_TORN_WRITE, /* half of a write is done, and the process dies */
    FAULT_POWER,      /* the machine dies: what was never synced is lost, by a throw of dice */
    FAULT_IO,         /* the call fails with EIO, once */
    FAULT_FULL,       /* writes fail with ENOSPC from then on, half done */
};

/* ---- the failing disk: these stand in front of the C library's own ---- */

enum { FILES_MAX = 256, NAMES_MAX = 512, PATH_BYTES = 256 };

static struct {
    enum fault fault;
    uint64_t at, calls;
    struct lks_rng dice;
    int full;
    struct { /* by descriptor: bytes that a sync has made safe */
        int open;
        off_t synced;
    } files[FILES_MAX];
    struct { /* changes of names, until their folder is synced */
        char from[PATH_BYTES], to[PATH_BYTES], kept[PATH_BYTES];
    } names[NAMES_MAX];
    struct { /* closed before they were synced */
        char path[PATH_BYTES];
        off_t synced;
    } closed[FILES_MAX];
    int names_count, kept_count, closed_count;
} disk;

static void parent_of(const char *path, char *out)
{
    snprintf(out, PATH_BYTES, "%s", path);
    char *slash = strrchr(out, '/');
    if (slash)
        *slash = '\0';
}

static void path_of(int file, char *out)
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t got = readlink(link, out, PATH_BYTES - 1);
    out[got > 0 ? got : 0] = '\0';
}

static int really_rename(const char *from, const char *to)
{
    return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

/* The end of a file that no sync made safe: some of it is gone. */
static void lose_end(int file, off_t synced)
{
    struct stat status;
    if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size <= synced)
        return;
    syscall(SYS_ftruncate, file,
            synced + (off_t)lks_rng_below(&disk.dice, (uint64_t)(status.st_size - synced) + 1));
}

/* Names that were not synced go back, the last first, from some point on; ends of files go. */
static void power_off(void)
{
    for (int file = 3; file < FILES_MAX; file++)
        if (disk.files[file].open)
            lose_end(file, disk.files[file].synced);
    for (int i = 0; i < disk.closed_count; i++) {
        int file = open(disk.closed[i].path, O_WRONLY | O_CLOEXEC);
        if (file >= 0)
            lose_end(file, disk.closed[i].synced);
    }
    int keep =
        disk.names_count ? (int)lks_rng_below(&disk.dice, (uint64_t)disk.names_count + 1) : 0;
    for (int i = disk.names_count; i-- > keep;) {
        if (disk.names[i].to[0])
            really_rename(disk.names[i].to, disk.names[i].from);
        if (disk.names[i].kept[0])
            really_rename(disk.names[i].kept,
                          disk.names[i].to[0] ? disk.names[i].to : disk.names[i].from);
    }
    kill(getpid(), SIGKILL);
}

/* 1 where this call must fail. */
static int strike(void)
{
    if (disk.fault == FAULT_NONE || ++disk.calls != disk.at)
        return 0;
    switch (disk.fault) {
    case FAULT_KILL:
    case FAULT_TORN_WRITE:
        kill(getpid(), SIGKILL);
        break;
    case FAULT_POWER:
        power_off();
        break;
    case FAULT_FULL:
        disk.full = 1;
        return 0;
    default:
        break;
    }
    return 1;
}

static void file_seen(int file)
{
    if (file >= 0 && file < FILES_MAX && !disk.files[file].open && disk.fault) {
        struct stat status;
        disk.files[file].open = 1;
        /* what stood there before is safe: it was opened to go on, or is new and empty */
        disk.files[file].synced = fstat(file, &status) == 0 ? status.st_size : 0;
    }
}

ssize_t write(int file, const void *data, size_t size)
{
    file_seen(file);
    if (disk.fault == FAULT_TORN_WRITE && disk.calls + 1 == disk.at) {
        syscall(SYS_write, file, data, size / 2);
        kill(getpid(), SIGKILL);
    }
    if (strike()) {
        errno = EIO;
        return -1;
    }
    if (disk.full) {
        syscall(SYS_write, file, data, size / 2);
        errno = ENOSPC;
        return -1;
    }
    return syscall(SYS_write, file, data, size);
}

static int sync_file(int file)
{
    struct stat status;
    if (strike()) {
        errno = EIO;
        return -1;
    }
    if (disk.fault && fstat(file, &status) == 0 && S_ISDIR(status.st_mode)) {
        /* every change of a name in that folder is settled */
        char named[PATH_BYTES], parent[PATH_BYTES];
        path_of(file, named);
        int left = 0;
        for (int i = 0; i < disk.names_count; i++) {
            parent_of(disk.names[i].from, parent);
            if (strcmp(parent, named) == 0) {
                if (disk.names[i].kept[0])
                    syscall(SYS_unlinkat, AT_FDCWD, disk.names[i].kept, 0);
            } else
                disk.names[left++] = disk.names[i];
        }
        disk.names_count = left;
    } else if (disk.fault && file < FILES_MAX && fstat(file, &status) == 0) {
        disk.files[file].open = 1;
        disk.files[file].synced = status.st_size;
    }
    return 0;
}

int fsync(int file)
{
    return sync_file(file);
}

int fdatasync(int file)
{
    return sync_file(file);
}

int close(int file)
{
    struct stat status;
    if (file >= 0 && file < FILES_MAX && disk.files[file].open && fstat(file, &status) == 0 &&
        S_ISREG(status.st_mode) && status.st_size > disk.files[file].synced) {
        assert_in_range(disk.closed_count, 0, FILES_MAX - 1);
        path_of(file, disk.closed[disk.closed_count].path);
        disk.closed[disk.closed_count++].synced = disk.files[file].synced;
    }
    if (file >= 0 && file < FILES_MAX)
        disk.files[file].open = 0;
    return (int)syscall(SYS_close, file);
}

static void keep(const char *path, char *kept)
{
    char parent[PATH_BYTES];
    parent_of(path, parent);
    snprintf(kept, PATH_BYTES, "%.200s/.kept-%d", parent, disk.kept_count++);
    if (really_rename(path, kept) != 0)
        kept[0] = '\0';
}

static void name_note(const char *from, const char *to, const char *kept)
{
    assert_in_range(disk.names_count, 0, NAMES_MAX - 1);
    snprintf(disk.names[disk.names_count].from, PATH_BYTES, "%s", from);
    snprintf(disk.names[disk.names_count].to, PATH_BYTES, "%s", to);
    snprintf(disk.names[disk.names_count++].kept, PATH_BYTES, "%s", kept);
}

int rename(const char *from, const char *to)
{
    char kept[PATH_BYTES] = "";
    if (strike()) {
        errno = EIO;
        return -1;
    }
    if (disk.fault == FAULT_POWER) {
        keep(to, kept);
        name_note(from, to, kept);
    }
    for (int i = 0; i < disk.closed_count; i++)
        if (strcmp(disk.closed[i].path, from) == 0)
            snprintf(disk.closed[i].path, PATH_BYTES, "%s", to);
    return really_rename(from, to);
}

int unlink(const char *path)
{
    char kept[PATH_BYTES] = "";
    if (strike()) {
        errno = EIO;
        return -1;
    }
    if (disk.fault != FAULT_POWER)
        return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
    keep(path, kept);
    if (!kept[0]) {
        errno = ENOENT;
        return -1;
    }
    name_note(path, "", kept);
    return 0;
}

int ftruncate(int file, off_t size)
{
    file_seen(file);
    if (strike()) {
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_ftruncate, file, size);
}

/* ---- the child ---- */

static char folder[80], log_folder[96];
static struct lks_signing_key *key;
static struct lks_verifier verifier;
static struct lks_log_limits limits = {
    .staged_bytes = 4000, .rows_bytes = 20000, .segment_bytes = 6000, .journal_entries = 300};

struct told {
    uint64_t safe, published;
};

static size_t entry_of(uint64_t i, unsigned char *out)
{
    struct lks_rng rng;
    lks_rng_init(&rng, 5, i);
    size_t size = lks_rng_below(&rng, 60);
    for (size_t at = 0; at < size; at++)
        out[at] = (unsigned char)lks_rng_next(&rng);
    return size;
}

static void tell(int pipe_end, const struct told *told)
{
    syscall(SYS_write, pipe_end, told, sizeof *told); /* past the failing disk */
}

/* Until all is done or something fails; after a failure nothing more may be taken. */
static int child_work(int pipe_end)
{
    struct told told = {0, 0};
    struct lks_log_state state;
    struct lks_log *log;
    unsigned char entry[64];
    if (lks_log_open(log_folder, ORIGIN, &limits, &log, &state, NULL) != 0)
        return 1;
    int code = state.refusal[0] != 0;
    for (int turn = 0; code == 0 && turn < 9; turn++) {
        for (int i = 0; code == 0 && i < (turn == 4 ? 700 : 23); i++)
            code = lks_log_append(log, entry, entry_of(lks_log_size(log), entry), NULL, NULL);
        if (code == 0 && (code = lks_log_sync(log, NULL)) == 0) {
            told.safe = lks_log_size(log);
            tell(pipe_end, &told);
        }
        if (code == 0 && turn % 2 == 0 &&
            (code = lks_log_publish(log, &verifier, key, NULL, NULL)) == 0) {
            told.published = lks_log_size(log);
            tell(pipe_end, &told);
        }
    }
    if (code && lks_log_append(log, "x", 1, NULL, NULL) != LKS_EIO)
        abort(); /* it went on after a failure */
    lks_log_close(log);
    return code ? 1 : 0;
}

static int entry_same(void *context, uint64_t index, struct lks_str entry, struct lks_error *err)
{
    unsigned char want[64];
    uint64_t *count = context;
    (void)err;
    assert_int_equal(index, (*count)++);
    assert_int_equal(entry.size_bytes, entry_of(index, want));
    assert_memory_equal(entry.data, want, entry.size_bytes);
    return 0;
}

/* Anyone who finds a checkpoint finds the whole log that it speaks of. */
static uint64_t published_check(void)
{
    struct lks_buffer bytes = {0};
    struct lks_checkpoint checkpoint;
    struct lks_tile_source tiles = lks_log_tiles(log_folder);
    struct lks_tree *tree;
    struct lks_hash root;
    uint64_t count = 0;
    if (lks_log_checkpoint(log_folder, &bytes, NULL) == LKS_EMISSING)
        return 0;
    assert_int_equal(lks_checkpoint_open((struct lks_str){bytes.data, bytes.size_bytes}, &verifier,
                                         &checkpoint, NULL),
                     0);
    assert_int_equal(lks_tree_open(&tiles, checkpoint.size, &tree, NULL), 0);
    lks_tree_root(tree, &root);
    assert_true(lks_hash_equal(&root, &checkpoint.root));
    assert_int_equal(
        lks_log_entries(log_folder, checkpoint.size, 0, checkpoint.size, entry_same, &count, NULL),
        0);
    lks_tree_free(tree);
    lks_buffer_free(&bytes);
    return checkpoint.size;
}

static void after_fault(const struct told *told)
{
    struct lks_log_state state;
    struct lks_log *log;
    unsigned char entry[64];
    struct lks_error err = {0};
    uint64_t size = published_check();
    assert_true(size >= told->published);
    if (lks_log_open(log_folder, ORIGIN, &limits, &log, &state, &err) != 0)
        fail_msg("%s", err.message);
    if (state.refusal[0])
        fail_msg("%s", state.refusal);
    assert_true(state.size >= told->safe);
    assert_true(state.signed_size >= size);
    assert_int_equal(lks_log_append(log, entry, entry_of(state.size, entry), NULL, NULL), 0);
    assert_int_equal(lks_log_publish(log, &verifier, key, NULL, NULL), 0);
    lks_log_close(log);
    assert_int_equal(published_check(), state.size + 1);
}

/* 1 while the fault still struck. */
static int strikes(enum fault fault, uint64_t at, uint64_t seed)
{
    struct told told = {0, 0}, next;
    int ends[2], status;
    shell("rm -rf %s", log_folder);
    assert_int_equal(lks_log_make(log_folder, ORIGIN, NULL), 0);
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        syscall(SYS_close, ends[0]);
        disk.fault = fault;
        disk.at = at;
        lks_rng_init(&disk.dice, seed, at);
        int code = child_work(ends[1]);
        _exit(disk.calls >= at ? 10 + code : code);
    }
    close(ends[1]);
    while (read(ends[0], &next, sizeof next) == (ssize_t)sizeof next)
        told = next;
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) || WTERMSIG(status) == SIGKILL);
    after_fault(&told);
    return WIFSIGNALED(status) || WEXITSTATUS(status) >= 10;
}

static void every_call(enum fault fault, uint64_t step, const char *name)
{
    uint64_t at = 1;
    while (strikes(fault, at, 1))
        at += step;
    assert_in_range(at, 50, 100000); /* the fault did strike, many times */
    print_message("%s: %llu calls\n", name, (unsigned long long)at);
}

static void killed(void **unused)
{
    (void)unused;
    every_call(FAULT_KILL, 1, "killed");
}

static void torn(void **unused)
{
    (void)unused;
    every_call(FAULT_TORN_WRITE, 1, "torn writes");
}

static void power_lost(void **unused)
{
    (void)unused;
    every_call(FAULT_POWER, 1, "power lost");
}

static void call_fails(void **unused)
{
    (void)unused;
    every_call(FAULT_IO, 1, "I/O error");
}

static void disk_full(void **unused)
{
    (void)unused;
    every_call(FAULT_FULL, 1, "disk full");
}

static int setup(void **unused)
{
    unsigned char public_key[LKS_ED25519_KEY_BYTES];
    (void)unused;
    folder_make(folder, sizeof folder);
    snprintf(log_folder, sizeof log_folder, "%s/log", folder);
    assert_int_equal(lks_signing_key_new(&key, NULL), 0);
    lks_signing_key_public(key, public_key);
    return lks_verifier_init(&verifier, LKS_STR(ORIGIN), LKS_NOTE_ED25519, public_key, NULL);
}

static int teardown(void **unused)
{
    (void)unused;
    lks_signing_key_free(key);
    shell("rm -rf %s", folder);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(killed),     cmocka_unit_test(torn),      cmocka_unit_test(power_lost),
        cmocka_unit_test(call_fails), cmocka_unit_test(disk_full),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
