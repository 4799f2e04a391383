/* seal.c - the digest of a file as it lies on disk, before anything looks into it */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/progress.h"
#include "base/sha256.h"
#include "source/source.h"

enum { SEAL_BYTES = 256 * 1024 };

static int seal_bytes(int file, const char *path, struct lks_meter *meter, struct lks_sha256 *sha,
                      uint64_t *size_bytes, struct lks_error *err)
{
    char *piece = malloc(SEAL_BYTES);
    int code = 0;
    if (!piece)
        return lks_error_set(err, LKS_EMEMORY, "%s: out of memory", path);
    while (code == 0) {
        ssize_t got = read(file, piece, SEAL_BYTES);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            code = lks_error_system(err, path, "cannot be read");
        if (got <= 0)
            break;
        *size_bytes += (uint64_t)got;
        code = lks_sha256_update(sha, piece, (size_t)got, err);
        if (code == 0)
            code = lks_meter_at(meter, *size_bytes, err);
    }
    free(piece);
    return code;
}

int lks_source_seal(const char *path, const struct lks_control *control, uint64_t *size_out,
                    unsigned char sha256_out[32], struct lks_error *err)
{
    struct lks_sha256 sha = {0};
    struct lks_meter meter;
    struct stat status;
    unsigned char digest[LKS_SHA256_BYTES];
    uint64_t size_bytes = 0;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fstat(file, &status) != 0) {
        int code = lks_error_system(err, path, "cannot be opened");
        if (file >= 0)
            close(file);
        return code;
    }
    int code = 0;
    if (S_ISDIR(status.st_mode))
        code = lks_error_set(err, LKS_EINPUT, "%s is a directory; name the files in it", path);
    else if (S_ISREG(status.st_mode) && status.st_size == 0)
        code = lks_error_set(err, LKS_EINPUT, "%s is empty", path);
    lks_meter_start(&meter, control, "seal", "bytes",
                    S_ISREG(status.st_mode) ? (uint64_t)status.st_size : 0);
    if (code == 0)
        code = lks_sha256_start(&sha, err);
    if (code == 0)
        code = seal_bytes(file, path, &meter, &sha, &size_bytes, err);
    if (code == 0) {
        code = lks_sha256_finish(&sha, digest, err);
        lks_meter_finish(&meter);
    } else
        lks_sha256_finish(&sha, NULL, NULL);
    close(file);
    if (code == 0 && size_bytes == 0)
        code = lks_error_set(err, LKS_EINPUT, "%s is empty", path);
    if (code)
        return code;
    if (size_out)
        *size_out = size_bytes;
    if (sha256_out)
        memcpy(sha256_out, digest, sizeof digest);
    return 0;
}
