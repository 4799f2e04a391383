/* vault_seal.c - objects that are kept in the vault before an entry names them
 *
 * A marker in the folder says that this happens: whoever opens the vault after a crash then looks
 * for objects that no entry speaks of. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "case/leftovers.h"
#include "case/vault_inner.h"
#include "vault/disk.h"

static int marker_path(const struct lks_vault *vault, char path[LKS_CASE_PATH_BYTES + 16])
{
    return snprintf(path, LKS_CASE_PATH_BYTES + 16, "%s/" LKS_VAULT_SEALING, vault->folder);
}

void lks_vault_marker_drop(struct lks_vault *vault)
{
    char path[LKS_CASE_PATH_BYTES + 16];
    marker_path(vault, path);
    if (vault->marked)
        unlink(path); /* where it stays, the next opening looks in vain: no harm */
    vault->marked = 0;
}

/* Objects that no entry will name. */
void lks_vault_sealed_drop(struct lks_vault *vault)
{
    int code = 0;
    for (size_t i = 0; i < vault->sealed_count; i++)
        if (lks_blob_erase(vault->folder, vault->sealed[i], NULL) != 0)
            code = 1;
    vault->sealed_count = 0;
    /* A disk that fails may have kept half of an object: the marker lets the next opening look. */
    if (code == 0 && !vault->half_sealed)
        lks_vault_marker_drop(vault);
}

int lks_vault_seal(struct lks_vault *vault, const char *path, const struct lks_control *control,
                   struct lks_blob *blob, struct lks_error *err)
{
    char marker[LKS_CASE_PATH_BYTES + 16];
    int code = 0;
    if (vault->failed)
        return lks_error_set(err, LKS_EIO, "the vault takes nothing more since a write failed");
    if (vault->sealed_count == vault->sealed_room) {
        size_t room = vault->sealed_room ? 2 * vault->sealed_room : 16;
        void *more = realloc(vault->sealed, room * sizeof *vault->sealed);
        if (!more)
            return lks_error_set(err, LKS_EMEMORY, "out of memory");
        vault->sealed = more;
        vault->sealed_room = room;
    }
    marker_path(vault, marker);
    if (!vault->marked)
        code = lks_disk_put(marker, "", 0, 0600, err);
    if (code)
        return code;
    vault->marked = 1;
    code = lks_blob_seal(vault->folder, path, control, blob, err);
    if (code == 0)
        memcpy(vault->sealed[vault->sealed_count++], blob->name, sizeof blob->name);
    vault->half_sealed |= code != 0;
    return code;
}

int lks_vault_unseal(struct lks_vault *vault, const char *name, struct lks_error *err)
{
    for (size_t i = 0; i < vault->sealed_count; i++) {
        if (strcmp(vault->sealed[i], name) != 0)
            continue;
        int code = lks_blob_erase(vault->folder, name, err);
        if (code == 0)
            memcpy(vault->sealed[i], vault->sealed[--vault->sealed_count], sizeof *vault->sealed);
        return code;
    }
    return lks_error_set(err, LKS_EARGUMENT, "nothing of that name was sealed just now");
}

int lks_vault_work(const struct lks_vault *vault, char out[LKS_CASE_PATH_BYTES],
                   struct lks_error *err)
{
    if (snprintf(out, LKS_CASE_PATH_BYTES, "%s/" LKS_VAULT_WORK, vault->folder) >=
        LKS_CASE_PATH_BYTES)
        return lks_error_set(err, LKS_EARGUMENT, "the path of the case is too long");
    return mkdir(out, 0700) == 0 || errno == EEXIST ? 0
                                                    : lks_error_system(err, out, "cannot be made");
}

void lks_vault_work_drop(const struct lks_vault *vault)
{
    char path[LKS_CASE_PATH_BYTES];
    if (snprintf(path, sizeof path, "%s/" LKS_VAULT_WORK, vault->folder) < (int)sizeof path)
        lks_leftovers_remove(path);
}
