/* vault_make.c - a new vault: its folder, its key, its log
 *
 * The verifier key comes last: without it there is no vault, and what lies there is begun again,
 * unless something was ever signed or sealed: then it is a vault that lost its verifier key. */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "case/leftovers.h"
#include "case/vault_inner.h"
#include "vault/disk.h"
#include "vault/ed25519.h"

int lks_vault_path(const char *case_path, const char *name, char out[LKS_CASE_PATH_BYTES],
                   struct lks_error *err)
{
    char vault_name[LKS_CASE_PATH_BYTES];
    if (snprintf(vault_name, sizeof vault_name, name ? "vault/%s" : "vault", name ? name : "") >=
        (int)sizeof vault_name)
        return lks_error_set(err, LKS_EARGUMENT, "the path of the case is too long");
    return lks_case_path(case_path, NULL, vault_name, out, err);
}

int lks_vault_there(const char *case_path)
{
    char path[LKS_CASE_PATH_BYTES];
    return lks_vault_path(case_path, "signer.vkey", path, NULL) == 0 && access(path, F_OK) == 0;
}

static int origin_make(char origin[64], struct lks_error *err)
{
    unsigned char random[LKS_SALT_BYTES];
    int code = lks_salt_new(random, err), at = snprintf(origin, 64, "lockstep/");
    for (int i = 0; code == 0 && i < LKS_SALT_BYTES; i++)
        at += snprintf(origin + at, 64 - (size_t)at, "%02x", random[i]);
    return code;
}

static int verifier_put(const char *case_path, const struct lks_verifier *verifier,
                        struct lks_error *err)
{
    char path[LKS_CASE_PATH_BYTES];
    struct lks_buffer text = {0};
    int code = lks_vault_path(case_path, "signer.vkey", path, err);
    lks_verifier_format(verifier, &text);
    lks_buffer_byte(&text, '\n');
    if (code == 0 && text.failed)
        code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    if (code == 0)
        code = lks_disk_put(path, text.data, text.size_bytes, 0666, err);
    lks_buffer_free(&text);
    return code;
}

int lks_vault_fresh(const char *case_path, struct lks_error *err)
{
    static const char *const names[] = {"checkpoint", "signed", "blobs", "tile"};
    char path[LKS_CASE_PATH_BYTES];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        int code = lks_vault_path(case_path, names[i], path, err);
        if (code)
            return code;
        if (access(path, F_OK) == 0)
            return lks_error_set(err, LKS_EINPUT,
                                 "%s/vault has lost its signer.vkey: put it back from a copy "
                                 "before anything is written",
                                 case_path);
    }
    lks_vault_unmake(case_path);
    return 0;
}

int lks_vault_make(const char *case_path, const char *folder, struct lks_error *err)
{
    struct lks_signing_key *key = NULL;
    struct lks_verifier verifier;
    unsigned char public_key[LKS_ED25519_KEY_BYTES];
    char path[LKS_CASE_PATH_BYTES], origin[64];
    int code = lks_vault_fresh(case_path, err);
    if (code == 0)
        code = lks_disk_folder(folder, err);
    if (code == 0 && chmod(folder, 0700) != 0)
        code = lks_error_system(err, folder, "cannot be made the owner's alone");
    if (code == 0)
        code = origin_make(origin, err);
    if (code == 0)
        code = lks_signing_key_new(&key, err);
    if (code == 0)
        code = lks_vault_path(case_path, "signer.pem", path, err);
    if (code == 0)
        code = lks_signing_key_write(key, path, LKS_STR(""), err);
    if (code == 0) {
        lks_signing_key_public(key, public_key);
        code =
            lks_verifier_init(&verifier, lks_str_from(origin), LKS_NOTE_ED25519, public_key, err);
    }
    if (code == 0)
        code = lks_log_make(folder, origin, err);
    if (code == 0)
        code = verifier_put(case_path, &verifier, err);
    lks_signing_key_free(key);
    return code;
}

void lks_vault_unmake(const char *case_path)
{
    char path[LKS_CASE_PATH_BYTES];
    if (lks_vault_path(case_path, NULL, path, NULL) == 0)
        lks_leftovers_remove(path);
    if (lks_case_path(case_path, NULL, LKS_VAULT_SEEN, path, NULL) == 0)
        unlink(path);
}
