/* vault.c - the evidence of one case, opened for writing
 *
 * The hidden values of an entry must be durable before the entry is: a digest in the log whose
 * disclosure a crash took would be a promise that nobody can keep. So a commit writes the file of
 * disclosures first, then the log. A file of disclosures whose entries never came is harmless: the
 * next commit begins at the same index and puts its own in that place. */
#include "case/vault.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/time.h"
#include "case/entries.h"
#include "case/key_file.h"
#include "case/signer.h"
#include "vault/disk.h"
#include "vault/ed25519.h"

struct lks_vault {
    char folder[LKS_CASE_PATH_BYTES];
    char *actor;
    struct lks_log *log;
    struct lks_verifier verifier;
    struct lks_signing_key *key;
    int64_t last_us;               /* of the last entry */
    uint64_t staged_first;         /* the first entry that is not committed */
    struct lks_buffer disclosures; /* of the staged ones, as the file will hold them */
    int failed;
};

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

/* ---- making one ---- */

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

/* A log that was signed is evidence: nothing that is missing beside it makes it a thing to begin anew. */
static int never_signed(const char *case_path, struct lks_error *err)
{
    char path[LKS_CASE_PATH_BYTES];
    int code = lks_vault_path(case_path, "signed", path, err);
    if (code == 0 && access(path, F_OK) == 0)
        code = lks_error_set(err, LKS_EINPUT,
                             "the vault of %s has lost its signer.vkey: put it back from a copy",
                             case_path);
    return code;
}

/* The verifier key comes last: without it there is no vault, and what lies there is begun again. */
static int vault_make(const char *case_path, const char *folder, struct lks_error *err)
{
    struct lks_signing_key *key = NULL;
    struct lks_verifier verifier;
    unsigned char public_key[LKS_ED25519_KEY_BYTES];
    char path[LKS_CASE_PATH_BYTES], origin[64];
    int code = never_signed(case_path, err);
    if (code)
        return code;
    lks_vault_unmake(case_path);
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

static int entry_remove(const char *path, const struct stat *status, int flag, struct FTW *place)
{
    (void)status, (void)flag, (void)place;
    return remove(path);
}

void lks_vault_unmake(const char *case_path)
{
    char path[LKS_CASE_PATH_BYTES];
    if (lks_vault_path(case_path, NULL, path, NULL) == 0)
        nftw(path, entry_remove, 16, FTW_DEPTH | FTW_PHYS);
}

/* ---- opening ---- */

static int key_open(struct lks_vault *vault, const char *case_path,
                    const struct lks_control *control, struct lks_error *err)
{
    char path[LKS_CASE_PATH_BYTES];
    unsigned char public_key[LKS_ED25519_KEY_BYTES];
    int code = lks_vault_path(case_path, "signer.pem", path, err);
    if (code == 0)
        code = lks_key_file_open(path, control, &vault->key, NULL, err);
    if (code)
        return code;
    lks_signing_key_public(vault->key, public_key);
    if (memcmp(public_key, vault->verifier.public_key, sizeof public_key) != 0)
        return lks_error_set(err, LKS_EINPUT, "%s is not the key of signer.vkey", path);
    return 0;
}

static void state_tell(const struct lks_log_state *state, const struct lks_control *control)
{
    char sentence[256];
    if (!control || !control->notice)
        return;
    if (state->torn_bytes) {
        snprintf(sentence, sizeof sentence,
                 "the vault's journal ended in %llu bytes of an entry that was never "
                 "acknowledged: cut off",
                 (unsigned long long)state->torn_bytes);
        control->notice(control->context, sentence);
    }
    if (state->size > state->signed_size) {
        snprintf(sentence, sizeof sentence,
                 "%llu entries of the vault were safe but not yet signed when it was last closed: "
                 "they are kept",
                 (unsigned long long)(state->size - state->signed_size));
        control->notice(control->context, sentence);
    }
}

static int time_take(void *context, const struct lks_entry *entry, struct lks_error *err)
{
    (void)err;
    ((struct lks_vault *)context)->last_us = entry->statement.time_us;
    return 0;
}

static int log_open(struct lks_vault *vault, const char *case_path,
                    const struct lks_control *control, struct lks_error *err)
{
    struct lks_log_state state;
    int code = lks_log_open(vault->folder, vault->verifier.name, NULL, &vault->log, &state, err);
    if (code)
        return code;
    if (state.refusal[0])
        return lks_error_set(err, LKS_EINPUT, "the vault takes nothing more: %s", state.refusal);
    state_tell(&state, control);
    if (state.size > state.signed_size || !state.signed_size) {
        if (state.size &&
            (code = lks_log_publish(vault->log, &vault->verifier, vault->key, NULL, err)))
            return code;
    }
    vault->staged_first = state.size;
    if (state.size)
        code = lks_entries_each(case_path, state.size - 1, state.size, time_take, vault, err);
    return code;
}

/* The first entry of a log says by which key it is signed. */
static int log_begin(struct lks_vault *vault, struct lks_error *err)
{
    struct lks_statement_writer writer = {0};
    struct lks_buffer text = {0};
    lks_verifier_format(&vault->verifier, &text);
    lks_vault_start(vault, &writer, LKS_STATEMENT_KEY);
    lks_canon_text(&writer.canon, "action", "new");
    lks_canon_string(&writer.canon, "verifier", (struct lks_str){text.data, text.size_bytes});
    lks_canon_text(&writer.canon, "program", lks_version());
    int code = lks_vault_record(vault, &writer, NULL, err);
    lks_buffer_free(&text);
    return code ? code : lks_vault_commit(vault, err);
}

int lks_vault_open(const char *case_path, const struct lks_control *control, int *made_out,
                   struct lks_vault **vault_out, struct lks_error *err)
{
    struct lks_vault *vault = calloc(1, sizeof *vault);
    int made = 0, code = vault ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory");
    *vault_out = NULL;
    if (code == 0)
        code = lks_vault_path(case_path, NULL, vault->folder, err);
    if (code == 0 && control && control->actor && !(vault->actor = strdup(control->actor)))
        code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    if (code == 0 && !lks_vault_there(case_path)) {
        made = 1;
        code = vault_make(case_path, vault->folder, err);
    }
    if (code == 0)
        code = lks_signer_settle(case_path, control, err);
    if (code == 0)
        code = lks_case_verifier(case_path, &vault->verifier, err);
    if (code == 0)
        code = key_open(vault, case_path, control, err);
    if (code == 0)
        code = log_open(vault, case_path, control, err);
    if (code == 0 && lks_log_size(vault->log) == 0)
        code = log_begin(vault, err);
    if (code) {
        lks_vault_close(vault);
        if (made && never_signed(case_path, NULL) == 0)
            lks_vault_unmake(case_path);
        return code;
    }
    if (made_out)
        *made_out = made;
    *vault_out = vault;
    return 0;
}

void lks_vault_close(struct lks_vault *vault)
{
    if (!vault)
        return;
    lks_log_close(vault->log);
    lks_signing_key_free(vault->key);
    lks_buffer_free(&vault->disclosures);
    free(vault->actor);
    free(vault);
}

/* ---- recording ---- */

int64_t lks_vault_now(const struct lks_vault *vault)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t now_us = (int64_t)now.tv_sec * LKS_SECOND_US + now.tv_nsec / 1000;
    return now_us < vault->last_us ? vault->last_us : now_us;
}

void lks_vault_start(struct lks_vault *vault, struct lks_statement_writer *writer,
                     enum lks_statement_kind kind)
{
    vault->last_us = lks_vault_now(vault);
    lks_statement_start(writer, kind, vault->last_us);
    lks_statement_hide(writer, "actor", lks_str_from(vault->actor));
}

/* "INDEX DISCLOSURE" a line, in the order of the entries. */
static void disclosures_take(struct lks_vault *vault, uint64_t index, struct lks_str lines)
{
    struct lks_str line;
    while (lks_line_next(&lines, &line)) {
        lks_buffer_format(&vault->disclosures, "%llu ", (unsigned long long)index);
        lks_buffer_append(&vault->disclosures, line.data, line.size_bytes);
        lks_buffer_byte(&vault->disclosures, '\n');
    }
}

int lks_vault_record(struct lks_vault *vault, struct lks_statement_writer *writer,
                     uint64_t *index_out, struct lks_error *err)
{
    struct lks_buffer bytes = {0}, disclosures = {0};
    uint64_t index = 0;
    int code = vault->failed ? lks_error_set(err, LKS_EIO,
                                             "the vault takes nothing more since a write failed")
                             : lks_statement_finish(writer, &bytes, &disclosures, err);
    lks_statement_abandon(writer);
    if (code == 0)
        code = lks_log_append(vault->log, bytes.data, bytes.size_bytes, &index, err);
    if (code == 0) {
        disclosures_take(vault, index, (struct lks_str){disclosures.data, disclosures.size_bytes});
        if (vault->disclosures.failed)
            code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    }
    /* An entry without its disclosures must never become durable. */
    vault->failed |= code == LKS_EMEMORY || code == LKS_EIO;
    if (code == 0 && index_out)
        *index_out = index;
    lks_buffer_free(&bytes);
    lks_buffer_free(&disclosures);
    return code;
}

static int disclosures_put(struct lks_vault *vault, struct lks_error *err)
{
    char path[LKS_CASE_PATH_BYTES];
    if (snprintf(path, sizeof path, "%s/disclosures", vault->folder) >= (int)sizeof path)
        return lks_error_set(err, LKS_EARGUMENT, "the path of the case is too long");
    int code = lks_disk_folder(path, err);
    if (code)
        return code;
    if (snprintf(path, sizeof path, "%s/disclosures/%012llu", vault->folder,
                 (unsigned long long)vault->staged_first) >= (int)sizeof path)
        return lks_error_set(err, LKS_EARGUMENT, "the path of the case is too long");
    return lks_disk_put(path, vault->disclosures.data, vault->disclosures.size_bytes, 0600, err);
}

int lks_vault_commit(struct lks_vault *vault, struct lks_error *err)
{
    int code = 0;
    if (vault->failed)
        return lks_error_set(err, LKS_EIO, "the vault takes nothing more since a write failed");
    if (lks_log_size(vault->log) == vault->staged_first)
        return 0;
    if (vault->disclosures.size_bytes)
        code = disclosures_put(vault, err);
    if (code == 0)
        code = lks_log_publish(vault->log, &vault->verifier, vault->key, NULL, err);
    vault->failed |= code != 0;
    if (code)
        return code;
    vault->staged_first = lks_log_size(vault->log);
    lks_buffer_clear(&vault->disclosures);
    return 0;
}

uint64_t lks_vault_size(const struct lks_vault *vault)
{
    return lks_log_size(vault->log);
}

const char *lks_vault_folder(const struct lks_vault *vault)
{
    return vault->folder;
}

const struct lks_verifier *lks_vault_verifier(const struct lks_vault *vault)
{
    return &vault->verifier;
}

const struct lks_signing_key *lks_vault_key(const struct lks_vault *vault)
{
    return vault->key;
}
