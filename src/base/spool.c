/* spool.c - what does not fit into memory, on disk, in files without a name
 *
 * O_TMPFILE makes a file that never has a name; where the file system knows no such thing, a
 * file is made and unlinked at once. Either way the kernel frees it when the process ends, by
 * whatever signal. */
#include "base/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

void lks_spill_init(struct lks_spill *spill, const char *folder, uint64_t limit_bytes)
{
    spill->folder = folder;
    spill->limit_bytes = limit_bytes;
    atomic_init(&spill->used_bytes, 0);
    atomic_init(&spill->most_bytes, 0);
}

uint64_t lks_spill_left(const struct lks_spill *spill)
{
    struct statvfs volume;
    uint64_t used = atomic_load(&spill->used_bytes), left = UINT64_MAX;
    if (statvfs(spill->folder, &volume) == 0) {
        uint64_t whole = (uint64_t)volume.f_blocks * volume.f_frsize;
        uint64_t kept = whole / 100 < UINT64_C(1) << 30 ? whole / 100 : UINT64_C(1) << 30;
        left = (uint64_t)volume.f_bavail * volume.f_frsize;
        left -= kept < left ? kept : left;
    }
    if (spill->limit_bytes) {
        uint64_t allowed = used < spill->limit_bytes ? spill->limit_bytes - used : 0;
        left = allowed < left ? allowed : left;
    }
    return left;
}

static int spool_open(struct lks_spool *spool, struct lks_spill *spill, struct lks_error *err)
{
    char *name = NULL;
    int file = open(spill->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file < 0 && asprintf(&name, "%s/.lockstep-XXXXXX", spill->folder) >= 0) {
        file = mkostemp(name, O_CLOEXEC);
        if (file >= 0)
            unlink(name);
        free(name);
    }
    if (file < 0)
        return lks_error_system(err, spill->folder, "no temporary file can be made there");
    spool->spill = spill;
    spool->file = file + 1;
    return 0;
}

static int disk_refused(const struct lks_spool *spool, struct lks_error *err)
{
    if (errno != ENOSPC && errno != EDQUOT && errno != EFBIG)
        return lks_error_system(err, spool->spill->folder, "a temporary file cannot be written");
    return lks_error_set(err, LKS_EIO,
                         "%s: the disk is full after %llu MB of temporary files; give more memory, "
                         "name another folder by --temp, or raise the thresholds",
                         spool->spill->folder,
                         (unsigned long long)(atomic_load(&spool->spill->used_bytes) / 1000000));
}

static int limit_check(struct lks_spill *spill, size_t size_bytes, struct lks_error *err)
{
    uint64_t used = atomic_fetch_add(&spill->used_bytes, size_bytes) + size_bytes;
    unsigned long long most = atomic_load(&spill->most_bytes);
    while (most < used && !atomic_compare_exchange_weak(&spill->most_bytes, &most, used))
        ;
    if (!spill->limit_bytes || used <= spill->limit_bytes)
        return 0;
    atomic_fetch_sub(&spill->used_bytes, size_bytes);
    return lks_error_set(err, LKS_EIO,
                         "temporary files in %s would pass their limit of %llu MB; raise "
                         "--spill-limit, give more memory, or raise the thresholds",
                         spill->folder, (unsigned long long)(spill->limit_bytes / 1000000));
}

int lks_spool_append(struct lks_spool *spool, struct lks_spill *spill, const void *data,
                     size_t size_bytes, struct lks_error *err)
{
    int code = spool->file ? 0 : spool_open(spool, spill, err);
    if (code == 0)
        code = limit_check(spool->spill, size_bytes, err);
    if (code)
        return code;
    for (size_t done = 0; done < size_bytes;) {
        ssize_t put = pwrite(spool->file - 1, (const char *)data + done, size_bytes - done,
                             (off_t)(spool->size_bytes + done));
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0) {
            errno = put == 0 ? ENOSPC : errno;
            atomic_fetch_sub(&spool->spill->used_bytes, size_bytes);
            return disk_refused(spool, err);
        }
        done += (size_t)put;
    }
    spool->size_bytes += size_bytes;
    return 0;
}

int lks_spool_read(const struct lks_spool *spool, uint64_t offset_bytes, void *data,
                   size_t size_bytes, struct lks_error *err)
{
    for (size_t done = 0; done < size_bytes;) {
        ssize_t got = pread(spool->file - 1, (char *)data + done, size_bytes - done,
                            (off_t)(offset_bytes + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            errno = got == 0 ? EIO : errno;
            return lks_error_system(err, spool->spill->folder, "a temporary file cannot be read");
        }
        done += (size_t)got;
    }
    return 0;
}

void lks_spool_close(struct lks_spool *spool)
{
    if (spool->file) {
        close(spool->file - 1);
        atomic_fetch_sub(&spool->spill->used_bytes, spool->size_bytes);
    }
    *spool = (struct lks_spool){0};
}
