/* file_digest.c - the SHA-256 of a plain file, whatever else may lie in its place */
#include "vault/file_digest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/threads.h"

enum { PIECE_BYTES = 1 << 18 };

static int bytes_digest(int file, const char *path, const struct lks_control *control,
                        struct lks_sha256 *sha, uint64_t *done, struct lks_error *err)
{
    char *piece = malloc(PIECE_BYTES);
    int code = piece ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory");
    while (code == 0) {
        ssize_t got = read(file, piece, PIECE_BYTES);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            code = lks_error_system(err, path, "cannot be read");
        if (got <= 0)
            break;
        *done += (uint64_t)got;
        code = lks_sha256_update(sha, piece, (size_t)got, err);
        if (code == 0 && lks_cancelled(control))
            code = lks_error_set(err, LKS_ECANCELLED, "interrupted");
    }
    free(piece);
    return code;
}

int lks_file_digest(const char *path, const struct lks_control *control,
                    unsigned char sha256[LKS_SHA256_BYTES], uint64_t *size_bytes,
                    struct lks_error *err)
{
    struct lks_sha256 sha = {0};
    struct stat status;
    uint64_t done = 0;
    int file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (file < 0 && (errno == ENOENT || errno == ENOTDIR))
        return lks_error_set(err, LKS_EMISSING, "%s is not there", path);
    if (file < 0 && errno == ELOOP)
        return lks_error_set(err, LKS_EINPUT, "%s is a link", path);
    if (file < 0)
        return lks_error_system(err, path, "cannot be read");
    int code = fstat(file, &status) != 0  ? lks_error_system(err, path, "cannot be read")
               : !S_ISREG(status.st_mode) ? lks_error_set(err, LKS_EINPUT, "%s is no file", path)
                                          : lks_sha256_start(&sha, err);
    if (code == 0)
        code = bytes_digest(file, path, control, &sha, &done, err);
    if (code == 0)
        code = lks_sha256_finish(&sha, sha256, err);
    else
        lks_sha256_finish(&sha, NULL, NULL);
    close(file);
    if (size_bytes)
        *size_bytes = done;
    return code;
}
