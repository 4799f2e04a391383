/* unseal.c - the bytes of a sealed file, in a file without a name */
#include "case/unseal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int nameless_open(const char *folder, struct lks_error *err)
{
    char path[LKS_CASE_PATH_BYTES + 32];
    int file = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) {
        /* A file system that knows no such files: a name for a moment. */
        snprintf(path, sizeof path, "%s/lockstep-XXXXXX", folder);
        file = mkostemp(path, O_CLOEXEC);
        if (file >= 0)
            unlink(path);
    }
    if (file < 0)
        lks_error_system(err, folder, "takes no file");
    return file;
}

int lks_unseal(const char *folder, const struct lks_vault *vault, const char *name,
               const struct lks_control *control, int *file_out, struct lks_blob *blob,
               struct lks_error *err)
{
    char work[LKS_CASE_PATH_BYTES] = "/var/tmp";
    *file_out = -1;
    int code = vault ? lks_vault_work(vault, work, err) : 0;
    if (code)
        return code;
    int file = nameless_open(work, err);
    if (file < 0)
        return LKS_EIO;
    code = lks_blob_copy(folder, name, file, control, blob, err);
    if (code == 0 && lseek(file, 0, SEEK_SET) != 0)
        code = lks_error_system(err, work, "cannot be read");
    if (code)
        close(file);
    else
        *file_out = file;
    return code;
}
