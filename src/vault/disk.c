/* disk.c - bytes that must outlive a crash */
#include "vault/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int lks_disk_write(int file, const char *path, const void *data, size_t size_bytes,
                   struct lks_error *err)
{
    const char *bytes = data;
    while (size_bytes) {
        ssize_t put = write(file, bytes, size_bytes);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0) {
            errno = put == 0 ? EIO : errno;
            return lks_error_system(err, path, "cannot be written");
        }
        bytes += put;
        size_bytes -= (size_t)put;
    }
    return 0;
}

int lks_disk_folder_sync(const char *path, struct lks_error *err)
{
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int bad = folder < 0 || fsync(folder) != 0;
    int code = bad ? lks_error_system(err, path, "cannot be synced") : 0;
    if (folder >= 0)
        close(folder);
    return code;
}

int lks_disk_parent(const char *path, char parent[LKS_DISK_PATH_BYTES], struct lks_error *err)
{
    size_t size = strlen(path);
    while (size && path[size - 1] == '/')
        size--;
    while (size && path[size - 1] != '/')
        size--;
    while (size > 1 && path[size - 1] == '/')
        size--;
    if (size >= LKS_DISK_PATH_BYTES)
        return lks_error_set(err, LKS_EARGUMENT, "a path is too long");
    if (size == 0)
        memcpy(parent, ".", 2);
    else {
        memcpy(parent, path, size);
        parent[size] = '\0';
    }
    return 0;
}

/* From the top down, so that a name is synced only where its folder stands. */
int lks_disk_folder(const char *path, struct lks_error *err)
{
    char part[LKS_DISK_PATH_BYTES], parent[LKS_DISK_PATH_BYTES];
    size_t size = strlen(path);
    if (size >= sizeof part)
        return lks_error_set(err, LKS_EARGUMENT, "a path is too long");
    for (size_t at = 1; at <= size; at++) {
        if (path[at] != '/' && path[at] != '\0')
            continue;
        memcpy(part, path, at);
        part[at] = '\0';
        if (mkdir(part, 0777) != 0) {
            if (errno == EEXIST)
                continue;
            return lks_error_system(err, part, "cannot be made");
        }
        int code = lks_disk_parent(part, parent, err);
        if (code == 0)
            code = lks_disk_folder_sync(parent, err);
        if (code)
            return code;
    }
    return 0;
}

int lks_disk_put(const char *path, const void *data, size_t size_bytes, unsigned mode,
                 struct lks_error *err)
{
    char temporary[LKS_DISK_PATH_BYTES], parent[LKS_DISK_PATH_BYTES];
    int code = lks_disk_parent(path, parent, err);
    if (code == 0 && snprintf(temporary, sizeof temporary, "%s.tmp-%ld", path, (long)getpid()) >=
                         (int)sizeof temporary)
        code = lks_error_set(err, LKS_EARGUMENT, "a path is too long");
    if (code)
        return code;
    int file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    if (file < 0)
        return lks_error_system(err, temporary, "cannot be made");
    code = lks_disk_write(file, temporary, data, size_bytes, err);
    if (code == 0 && fsync(file) != 0)
        code = lks_error_system(err, temporary, "cannot be synced");
    if (close(file) != 0 && code == 0)
        code = lks_error_system(err, temporary, "cannot be closed");
    if (code == 0 && rename(temporary, path) != 0)
        code = lks_error_system(err, path, "cannot be put in place");
    if (code) {
        unlink(temporary);
        return code;
    }
    return lks_disk_folder_sync(parent, err);
}

static void batch_drop(struct lks_disk_batch *batch, int unlinking)
{
    for (unsigned i = 0; i < batch->count; i++) {
        if (batch->files[i] >= 0)
            close(batch->files[i]);
        if (unlinking && batch->temporaries[i])
            unlink(batch->temporaries[i]);
        free(batch->paths[i]);
        free(batch->temporaries[i]);
    }
    *batch = (struct lks_disk_batch){0};
}

void lks_disk_batch_abandon(struct lks_disk_batch *batch)
{
    batch_drop(batch, 1);
}

int lks_disk_batch_put(struct lks_disk_batch *batch, const char *path, const void *data,
                       size_t size_bytes, struct lks_error *err)
{
    char parent[LKS_DISK_PATH_BYTES];
    int code = batch->count == LKS_DISK_BATCH_FILES ? lks_disk_batch_commit(batch, err) : 0;
    if (code == 0)
        code = lks_disk_parent(path, parent, err);
    if (code)
        return code;
    unsigned i = batch->count++;
    batch->files[i] = -1;
    batch->paths[i] = strdup(path);
    if (asprintf(&batch->temporaries[i], "%s.tmp-%ld", path, (long)getpid()) < 0)
        batch->temporaries[i] = NULL;
    if (!batch->paths[i] || !batch->temporaries[i])
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;
    batch->files[i] = open(batch->temporaries[i], flags, 0666);
    if (batch->files[i] < 0 && errno == ENOENT) {
        if ((code = lks_disk_folder(parent, err)))
            return code;
        batch->files[i] = open(batch->temporaries[i], flags, 0666);
    }
    if (batch->files[i] < 0)
        return lks_error_system(err, batch->temporaries[i], "cannot be made");
    code = lks_disk_write(batch->files[i], path, data, size_bytes, err);
    /* The disk may begin; the wait comes with the commit. */
    if (code == 0)
        sync_file_range(batch->files[i], 0, 0, SYNC_FILE_RANGE_WRITE);
    return code;
}

static int batch_settle(struct lks_disk_batch *batch, struct lks_error *err)
{
    char parent[LKS_DISK_PATH_BYTES], before[LKS_DISK_PATH_BYTES] = "";
    for (unsigned i = 0; i < batch->count; i++) {
        if (fsync(batch->files[i]) != 0)
            return lks_error_system(err, batch->paths[i], "cannot be synced");
        int bad = close(batch->files[i]);
        batch->files[i] = -1;
        if (bad)
            return lks_error_system(err, batch->paths[i], "cannot be closed");
    }
    for (unsigned i = 0; i < batch->count; i++)
        if (rename(batch->temporaries[i], batch->paths[i]) != 0)
            return lks_error_system(err, batch->paths[i], "cannot be put in place");
    for (unsigned i = 0; i < batch->count; i++) { /* files of one folder come in a row */
        int code = lks_disk_parent(batch->paths[i], parent, err);
        if (code == 0 && strcmp(parent, before) != 0)
            code = lks_disk_folder_sync(parent, err);
        if (code)
            return code;
        memcpy(before, parent, strlen(parent) + 1);
    }
    return 0;
}

int lks_disk_batch_commit(struct lks_disk_batch *batch, struct lks_error *err)
{
    int code = batch_settle(batch, err);
    batch_drop(batch, code != 0);
    return code;
}

int lks_disk_get(const char *path, size_t limit_bytes, struct lks_buffer *out,
                 struct lks_error *err)
{
    struct stat status;
    size_t before = out->size_bytes;
    /* Not to wait for the other end of a pipe that somebody put in a file's place. */
    int code = 0, file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0 && (errno == ENOENT || errno == ENOTDIR))
        return lks_error_set(err, LKS_EMISSING, "%s is not there", path);
    if (file < 0)
        return lks_error_system(err, path, "cannot be read");
    if (fstat(file, &status) != 0)
        code = lks_error_system(err, path, "cannot be read");
    else if (!S_ISREG(status.st_mode) || (uint64_t)status.st_size > limit_bytes)
        code =
            lks_error_set(err, LKS_EINPUT, "%s is no file of at most %zu bytes", path, limit_bytes);
    while (code == 0) {
        char piece[65536];
        ssize_t got = read(file, piece, sizeof piece);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            code = lks_error_system(err, path, "cannot be read");
        if (got <= 0)
            break;
        if (out->size_bytes - before + (size_t)got > limit_bytes) /* it grew meanwhile */
            code = lks_error_set(err, LKS_EINPUT, "%s is longer than %zu bytes", path, limit_bytes);
        lks_buffer_append(out, piece, (size_t)got);
    }
    close(file);
    if (code == 0 && out->failed)
        code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    return code;
}
