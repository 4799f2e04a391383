/* vault_open.c - a vault opened for writing, and what a program that was cut off left in it */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/threads.h"
#include "case/entries.h"
#include "case/key_file.h"
#include "case/leftovers.h"
#include "case/signer.h"
#include "case/vault_inner.h"
#include "vault/disk.h"
#include "vault/ed25519.h"
#include "vault/signed_record.h"

enum {
    LOCK_TRIES = 40,            /* two seconds: another command may be noting what it did */
    LOCK_TRIES_RESUMED = 12000, /* ten minutes: a long run is not lost to a rebuild beside it */
    LOCK_TRY_US = 50000
};

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

/* "1 file ... was removed", "2 files ... were removed". */
static void tell(const struct lks_control *control, uint64_t number, const char *one,
                 const char *many)
{
    char sentence[256];
    snprintf(sentence, sizeof sentence, "%llu %s", (unsigned long long)number,
             number == 1 ? one : many);
    if (control && control->notice)
        control->notice(control->context, sentence);
}

static void state_tell(const struct lks_log_state *state, const struct lks_control *control)
{
    if (state->torn_bytes)
        tell(control, state->torn_bytes,
             "byte at the end of the vault's journal, of an entry that was never acknowledged, "
             "was cut off",
             "bytes at the end of the vault's journal, of an entry that was never acknowledged, "
             "were cut off");
    if (state->size > state->signed_size && state->size > 1)
        tell(control, state->size - state->signed_size,
             "entry of the vault was safe but not yet signed when a program was cut off: it is "
             "kept",
             "entries of the vault were safe but not yet signed when a program was cut off: they "
             "are kept");
}

static int time_take(void *context, const struct lks_entry *entry, struct lks_error *err)
{
    (void)err;
    ((struct lks_vault *)context)->last_us = entry->statement.time_us;
    return 0;
}

/* Whoever holds the lock may be done in a moment. */
static int log_wait(struct lks_vault *vault, int most, const struct lks_control *control,
                    struct lks_log_state *state, struct lks_error *err)
{
    struct lks_log_limits limits = lks_log_limits_default();
    struct lks_error inner = {0};
    int code, tries = 0;
    /* Nothing reaches the disk before the commit: hidden values come first. */
    limits.staged_bytes = SIZE_MAX;
    do {
        if (tries)
            usleep(LOCK_TRY_US);
        inner = (struct lks_error){0};
        code =
            lks_log_open(vault->folder, vault->verifier.name, &limits, &vault->log, state, &inner);
    } while (code == LKS_EINPUT && ++tries < most && !lks_cancelled(control));
    if (code == LKS_EINPUT)
        code = LKS_EIO; /* the vault is well, and not to be had */
    return code ? lks_error_set(err, code, "%s", inner.message) : 0;
}

/* A vault that was put back from an older copy, record of what was signed and all, agrees with
 * itself; not with what the case remembers. */
static int seen_check(const struct lks_vault *vault, const char *case_path, uint64_t size,
                      struct lks_error *err)
{
    char path[LKS_CASE_PATH_BYTES];
    struct lks_signed_record seen, now;
    int code = lks_case_path(case_path, NULL, LKS_VAULT_SEEN, path, err);
    if (code)
        return code;
    /* Written without waiting for the disk: after a power failure it may be older, or nothing. */
    if (lks_signed_record_get(path, vault->verifier.name, &seen, NULL) != 0)
        return 0;
    if (lks_vault_path(case_path, "signed", path, NULL) != 0 ||
        lks_signed_record_get(path, vault->verifier.name, &now, NULL) != 0)
        now = (struct lks_signed_record){.size = 0};
    if (seen.size > size || (seen.size == now.size && !lks_hash_equal(&seen.root, &now.root)))
        return lks_error_set(err, LKS_EINPUT,
                             "the vault takes nothing more: it had %llu signed entries here, and "
                             "holds %llu: an older copy was put back",
                             (unsigned long long)seen.size, (unsigned long long)size);
    return 0;
}

/* What a program that was cut off left behind. */
static int leftovers_clear(struct lks_vault *vault, uint64_t size, int cut_off,
                           const struct lks_control *control, struct lks_error *err)
{
    char path[LKS_CASE_PATH_BYTES + 16];
    uint64_t removed = 0;
    snprintf(path, sizeof path, "%s/" LKS_VAULT_WORK, vault->folder);
    lks_leftovers_remove(path);
    snprintf(path, sizeof path, "%s.seen.new", vault->folder);
    unlink(path);
    int code = lks_leftovers_disclosures(vault->folder, size, err);
    snprintf(path, sizeof path, "%s/" LKS_VAULT_SEALING, vault->folder);
    int sealing = access(path, F_OK) == 0;
    lks_leftovers_temporaries(vault->folder, cut_off || sealing);
    if (code || !sealing)
        return code;
    code = lks_leftovers_blobs(vault->folder, size, &removed, err);
    if (code == 0 && removed)
        tell(control, removed,
             "file of the vault that no entry speaks of, left by a program that was cut off, was "
             "removed",
             "files of the vault that no entry speaks of, left by a program that was cut off, were "
             "removed");
    if (code == 0 && unlink(path) != 0)
        code = lks_error_system(err, path, "cannot be removed");
    return code;
}

/* Entries under the checkpoint that stands there; 0 where none does. */
static uint64_t published_size(const struct lks_vault *vault)
{
    struct lks_checkpoint checkpoint = {0};
    struct lks_buffer note = {0};
    int code = lks_log_checkpoint(vault->folder, &note, NULL);
    if (code == 0)
        code = lks_checkpoint_open((struct lks_str){note.data, note.size_bytes}, &vault->verifier,
                                   &checkpoint, NULL);
    lks_buffer_free(&note);
    return code ? 0 : checkpoint.size;
}

/* The key was read before the lock was had: while this program waited, another may have changed it. */
static int key_unchanged(const struct lks_vault *vault, const char *case_path,
                         struct lks_error *err)
{
    struct lks_verifier now;
    char path[LKS_CASE_PATH_BYTES];
    int code = lks_vault_path(case_path, "signer.next.pem", path, err);
    if (code == 0)
        code = lks_case_verifier(case_path, &now, err);
    if (code == 0 && (!lks_verifier_equal(&now, &vault->verifier) || access(path, F_OK) == 0))
        code = lks_error_set(err, LKS_EINPUT,
                             "the vault's key was changed while this waited for another program: "
                             "give the command again");
    return code;
}

/* The mark of an erasure is there, and no program that erases. */
static void erasing_tell(const struct lks_vault *vault, const struct lks_control *control)
{
    char path[LKS_CASE_PATH_BYTES + 16];
    snprintf(path, sizeof path, "%s/erasing", vault->folder);
    if (!control || !control->notice || access(path, F_OK) != 0)
        return;
    snprintf(path, sizeof path, "%s/purge", vault->folder);
    int lock = open(path, O_RDWR | O_CLOEXEC);
    if (lock < 0 || flock(lock, LOCK_EX | LOCK_NB) == 0)
        control->notice(control->context, "an erasure was cut off here: 'lockstep erase CASE "
                                          "--finish' ends it");
    if (lock >= 0)
        close(lock);
}

static int log_open(struct lks_vault *vault, const char *case_path, int tries,
                    const struct lks_control *control, struct lks_error *err)
{
    struct lks_log_state state;
    int code = log_wait(vault, tries, control, &state, err);
    if (code == 0)
        code = key_unchanged(vault, case_path, err);
    if (code)
        return code;
    if (state.refusal[0])
        return lks_error_set(err, LKS_EINPUT, "the vault takes nothing more: %s", state.refusal);
    if ((code = seen_check(vault, case_path, state.size, err)))
        return code;
    state_tell(&state, control);
    erasing_tell(vault, control);
    /* Cut off before the signature, or between it and the checkpoint that carries it. */
    int cut_off = state.torn_bytes || state.size > published_size(vault);
    if (cut_off && state.size &&
        (code = lks_log_publish(vault->log, &vault->verifier, vault->key, NULL, err)))
        return code;
    vault->staged_first = state.size;
    if (state.size)
        code = lks_entries_each(case_path, state.size - 1, state.size, time_take, vault, err);
    return code ? code : leftovers_clear(vault, state.size, cut_off, control, err);
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
    if (code == 0 && !(vault->case_path = strdup(case_path)))
        code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    if (code == 0 && control && control->actor && !(vault->actor = strdup(control->actor)))
        code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    if (code == 0 && !lks_vault_there(case_path)) {
        made = 1;
        code = lks_vault_make(case_path, vault->folder, err);
    }
    if (code == 0)
        code = lks_signer_settle(case_path, control, err);
    if (code == 0)
        code = lks_case_verifier(case_path, &vault->verifier, err);
    if (code == 0)
        code = key_open(vault, case_path, control, err);
    if (code == 0)
        code = log_open(vault, case_path, LOCK_TRIES, control, err);
    if (code == 0 && lks_log_size(vault->log) == 0)
        code = log_begin(vault, err);
    if (code) {
        lks_vault_close(vault);
        if (made)
            lks_vault_fresh(case_path, NULL); /* what was signed stays */
        return code;
    }
    if (made_out)
        *made_out = made;
    *vault_out = vault;
    return 0;
}

void lks_vault_rest(struct lks_vault *vault)
{
    LKS_ASSERT(!vault->sealed_count && lks_log_size(vault->log) == vault->staged_first);
    lks_log_close(vault->log);
    vault->log = NULL;
}

int lks_vault_resume(struct lks_vault *vault, const struct lks_control *control,
                     struct lks_error *err)
{
    struct lks_verifier verifier;
    int code = lks_case_verifier(vault->case_path, &verifier, err);
    if (code == 0 &&
        memcmp(verifier.public_key, vault->verifier.public_key, sizeof verifier.public_key) != 0)
        code = lks_error_set(err, LKS_EINPUT,
                             "the key of the vault was replaced meanwhile: try again");
    if (code == 0)
        code = log_open(vault, vault->case_path, LOCK_TRIES_RESUMED, control, err);
    vault->failed |= code != 0;
    return code;
}
