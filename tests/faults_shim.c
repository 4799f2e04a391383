/* faults_shim.c - a disk that fails: stands in front of the C library's calls by LD_PRELOAD
 *
 * Of the calls that change files below FAULTS_UNDER the FAULTS_AT-th is struck, by FAULTS_KIND:
 *
 *     kill   the process dies before the call; what it gave to the system stays
 *     torn   half of a write is done, and the process dies
 *     io     the call fails with EIO, once
 *     full   from then on writes fail with ENOSPC, half done
 *     int    the process gets SIGINT, as by Ctrl-C, and the call is done
 *
 * FAULTS_CLOCK is added to the clock, in seconds. FAULTS_COUNT names a file that learns, at the end, how many calls there were. test_faults.py
 * builds it. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static atomic_long calls;
static atomic_int disk_full;
static const char *under, *kind;
static long at, clock_s;

__attribute__((constructor)) static void start(void)
{
    const char *number = getenv("FAULTS_AT");
    under = getenv("FAULTS_UNDER");
    kind = getenv("FAULTS_KIND");
    at = number ? atol(number) : 0;
    number = getenv("FAULTS_CLOCK");
    clock_s = number ? atol(number) : 0;
    if (!kind)
        kind = "";
}

__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("FAULTS_COUNT");
    int file = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600) : -1;
    char text[32];
    if (file >= 0) {
        int size = snprintf(text, sizeof text, "%ld", atomic_load(&calls));
        syscall(SYS_write, file, text, size);
    }
}

static int path_watched(const char *path)
{
    return under && path && strncmp(path, under, strlen(under)) == 0;
}

static int file_watched(int file)
{
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t size = readlink(link, path, sizeof path - 1);
    path[size > 0 ? size : 0] = 0;
    return path_watched(path);
}

/* Whether this watched call fails: 0, or the number for errno. data is NULL where nothing is
 * written. */
static int strike(int file, const void *data, size_t size)
{
    int writing = data != NULL;
    if (atomic_load(&disk_full) && writing) {
        syscall(SYS_write, file, data, size / 2);
        return ENOSPC;
    }
    if (atomic_fetch_add(&calls, 1) + 1 != at)
        return 0;
    if (strcmp(kind, "torn") == 0 && writing)
        syscall(SYS_write, file, data, size / 2);
    if (strcmp(kind, "kill") == 0 || strcmp(kind, "torn") == 0)
        kill(getpid(), SIGKILL);
    if (strcmp(kind, "int") == 0)
        kill(getpid(), SIGINT);
    if (strcmp(kind, "full") == 0) {
        atomic_store(&disk_full, 1);
        if (writing) {
            syscall(SYS_write, file, data, size / 2);
            return ENOSPC;
        }
    }
    return strcmp(kind, "io") == 0 ? EIO : 0;
}

#define FAIL_IF(code)                                                                              \
    do {                                                                                           \
        int failed = (code);                                                                       \
        if (failed) {                                                                              \
            errno = failed;                                                                        \
            return -1;                                                                             \
        }                                                                                          \
    } while (0)

ssize_t write(int file, const void *data, size_t size)
{
    if (file > 2 && file_watched(file))
        FAIL_IF(strike(file, data, size));
    return syscall(SYS_write, file, data, size);
}

static int strike_at(int file, const void *data, size_t size, off_t offset)
{
    /* Halves of writes at a place go to that place. */
    off_t before = lseek(file, 0, SEEK_CUR);
    lseek(file, offset, SEEK_SET);
    int failed = strike(file, data, size);
    lseek(file, before, SEEK_SET);
    return failed;
}

ssize_t pwrite(int file, const void *data, size_t size, off_t offset)
{
    if (file_watched(file))
        FAIL_IF(strike_at(file, data, size, offset));
    return syscall(SYS_pwrite64, file, data, size, offset);
}

ssize_t pwrite64(int file, const void *data, size_t size, off64_t offset)
{
    return pwrite(file, data, size, offset);
}

int fsync(int file)
{
    if (file_watched(file))
        FAIL_IF(strike(file, NULL, 0));
    return 0; /* the machine does not die here: nothing to wait for */
}

int fdatasync(int file)
{
    return fsync(file);
}

int ftruncate(int file, off_t size)
{
    if (file_watched(file))
        FAIL_IF(strike(file, NULL, 0));
    return (int)syscall(SYS_ftruncate, file, size);
}

int ftruncate64(int file, off64_t size)
{
    return ftruncate(file, size);
}

int clock_gettime(clockid_t which, struct timespec *out)
{
    int code = (int)syscall(SYS_clock_gettime, which, out);
    if (which == CLOCK_REALTIME)
        out->tv_sec += clock_s;
    return code;
}

int rename(const char *from, const char *to)
{
    if (path_watched(to))
        FAIL_IF(strike(-1, NULL, 0));
    return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags)
{
    if (path_watched(to))
        FAIL_IF(strike(-1, NULL, 0));
    return (int)syscall(SYS_renameat2, from_folder, from, to_folder, to, flags);
}

int unlink(const char *path)
{
    if (path_watched(path))
        FAIL_IF(strike(-1, NULL, 0));
    return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

int mkdir(const char *path, mode_t mode)
{
    if (path_watched(path))
        FAIL_IF(strike(-1, NULL, 0));
    return (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
}
