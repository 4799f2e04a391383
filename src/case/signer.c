/* signer.c - the key that signs a case's log: replaced by a new one, all across a crash */
#include "case/signer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "case/entries.h"
#include "case/vault.h"
#include "vault/disk.h"
#include "vault/log.h"

/* The files of a rotation. */
struct paths {
    char folder[LKS_CASE_PATH_BYTES], key[LKS_CASE_PATH_BYTES], next[LKS_CASE_PATH_BYTES];
    char vkey[LKS_CASE_PATH_BYTES], retired[LKS_CASE_PATH_BYTES];
};

static int paths_make(const char *case_path, struct paths *paths, struct lks_error *err)
{
    int code = lks_vault_path(case_path, NULL, paths->folder, err);
    if (code == 0)
        code = lks_vault_path(case_path, "signer.pem", paths->key, err);
    if (code == 0)
        code = lks_vault_path(case_path, "signer.next.pem", paths->next, err);
    if (code == 0)
        code = lks_vault_path(case_path, "signer.vkey", paths->vkey, err);
    if (code == 0)
        code = lks_vault_path(case_path, "retired.vkeys", paths->retired, err);
    return code;
}

/* A list that may not be there. */
static int list_read(const char *path, struct lks_verifiers *list, struct lks_error *err)
{
    struct lks_error inner = {0};
    int code = lks_verifiers_read(path, list, &inner);
    return code == LKS_EMISSING || code == 0 ? 0 : lks_error_set(err, code, "%s", inner.message);
}

int lks_signer_verifiers(const char *case_path, struct lks_verifiers *list, struct lks_error *err)
{
    struct lks_verifiers retired = {0};
    struct lks_verifier signer;
    char path[LKS_CASE_PATH_BYTES];
    int code = lks_case_verifier(case_path, &signer, err);
    if (code == 0)
        code = lks_vault_path(case_path, "retired.vkeys", path, err);
    if (code == 0)
        code = list_read(path, &retired, err);
    if (code == 0)
        code = lks_verifiers_add(list, &signer, err);
    for (size_t i = retired.count; code == 0 && i-- > 0;)
        if (!lks_verifiers_find(list, &retired.items[i]))
            code = lks_verifiers_add(list, &retired.items[i], err);
    lks_verifiers_free(&retired);
    return code;
}

static int verifier_of(const struct lks_signing_key *key, const char *origin,
                       struct lks_verifier *verifier, struct lks_error *err)
{
    unsigned char public_key[LKS_ED25519_KEY_BYTES];
    lks_signing_key_public(key, public_key);
    return lks_verifier_init(verifier, lks_str_from(origin), LKS_NOTE_ED25519, public_key, err);
}

/* ---- the second half: what the log names becomes so ---- */

/* The search for the statement that names a key as the next signer. */
struct naming {
    struct lks_buffer text; /* of the verifier key that is looked for */
    struct lks_arena arena;
    struct lks_verifier before; /* the key that it takes over from */
    int found;
};

static int entry_see(void *context, uint64_t index, struct lks_str entry, struct lks_error *err)
{
    struct naming *naming = context;
    struct lks_statement statement;
    struct lks_str action, verifier, before;
    (void)index, (void)err;
    if (!memmem(entry.data, entry.size_bytes, naming->text.data, naming->text.size_bytes))
        return 0;
    lks_arena_reset(&naming->arena);
    if (lks_statement_read(entry, &naming->arena, &statement, NULL) == 0 &&
        statement.kind == LKS_STATEMENT_KEY &&
        lks_statement_text(&statement, "action", &naming->arena, &action) &&
        lks_str_equal_text(action, "rotate") &&
        lks_statement_text(&statement, "verifier", &naming->arena, &verifier) &&
        lks_str_equal(verifier, (struct lks_str){naming->text.data, naming->text.size_bytes}) &&
        lks_statement_text(&statement, "before", &naming->arena, &before) &&
        lks_verifier_parse(before, &naming->before, NULL) == 0)
        naming->found = 1;
    return 0;
}

static int naming_find(const char *folder, uint64_t size, const struct lks_verifier *next,
                       struct naming *naming, struct lks_error *err)
{
    lks_verifier_format(next, &naming->text);
    if (naming->text.failed)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    return lks_log_entries(folder, size, 0, size, entry_see, naming, err);
}

/* The checkpoint under which the old key said which one follows it: who trusts the old key finds there
 * why to trust the new one. Kept once; a crash later finds the new key's checkpoint, or this one. */
static int farewell_keep(const struct paths *paths, const struct lks_verifier *before,
                         struct lks_error *err)
{
    char path[LKS_CASE_PATH_BYTES + 64];
    struct lks_buffer note = {0};
    struct lks_checkpoint checkpoint;
    int code = lks_log_checkpoint(paths->folder, &note, err);
    int held = code == 0 && lks_checkpoint_open((struct lks_str){note.data, note.size_bytes},
                                                before, &checkpoint, NULL) == 0;
    snprintf(path, sizeof path, "%s/retired", paths->folder);
    if (held)
        code = lks_disk_folder(path, err);
    if (held && code == 0) {
        snprintf(path, sizeof path, "%s/retired/%llu.checkpoint", paths->folder,
                 (unsigned long long)checkpoint.size);
        code = lks_disk_put(path, note.data, note.size_bytes, 0666, err);
    }
    lks_buffer_free(&note);
    return code;
}

/* Steps 3 to 6; each may have been done before. */
static int rotation_end(const struct paths *paths, struct lks_log *log,
                        const struct lks_verifier *before, const struct lks_verifier *next,
                        const struct lks_signing_key *key, struct lks_error *err)
{
    struct lks_verifiers retired = {0}, one = {0};
    int code = farewell_keep(paths, before, err);
    if (code == 0)
        code = list_read(paths->retired, &retired, err);
    if (code == 0 && !lks_verifiers_find(&retired, before)) {
        code = lks_verifiers_add(&retired, before, err);
        if (code == 0)
            code = lks_verifiers_put(paths->retired, &retired, err);
    }
    if (code == 0)
        code = lks_verifiers_add(&one, next, err);
    if (code == 0)
        code = lks_verifiers_put(paths->vkey, &one, err);
    if (code == 0)
        code = lks_log_publish(log, next, key, NULL, err);
    if (code == 0 && rename(paths->next, paths->key) != 0)
        code = lks_error_system(err, paths->key, "cannot be put in place");
    if (code == 0)
        code = lks_disk_folder_sync(paths->folder, err);
    lks_verifiers_free(&retired);
    lks_verifiers_free(&one);
    return code;
}

/* Entries that were safe but not signed get the signature of the key that signer.vkey names. */
static int pending_sign(const struct paths *paths, const struct lks_control *control,
                        struct lks_log *log, const struct lks_verifier *signer,
                        const struct lks_verifier *next, const struct lks_signing_key *next_key,
                        struct lks_error *err)
{
    struct lks_signing_key *key = NULL;
    struct lks_verifier verifier;
    if (lks_verifier_equal(signer, next))
        return lks_log_publish(log, next, next_key, NULL, err);
    int code = lks_key_file_open(paths->key, control, &key, NULL, err);
    if (code == 0)
        code = verifier_of(key, signer->name, &verifier, err);
    if (code == 0 && !lks_verifier_equal(&verifier, signer))
        code = lks_error_set(err, LKS_EINPUT, "%s is not the key of signer.vkey", paths->key);
    if (code == 0)
        code = lks_log_publish(log, signer, key, NULL, err);
    lks_signing_key_free(key);
    return code;
}

static int settle_under_lock(const struct paths *paths, const struct lks_control *control,
                             struct lks_log *log, const struct lks_log_state *state,
                             const struct lks_verifier *signer, struct lks_error *err)
{
    struct lks_signing_key *key = NULL;
    struct lks_verifier next;
    struct naming naming = {0};
    const char *told = "a change of the vault's key that was cut off has been completed";
    int code = lks_key_file_open(paths->next, control, &key, NULL, err);
    if (code == 0)
        code = verifier_of(key, signer->name, &next, err);
    if (code == 0 && state->size > state->signed_size)
        code = pending_sign(paths, control, log, signer, &next, key, err);
    if (code == 0)
        code = naming_find(paths->folder, state->size, &next, &naming, err);
    if (code == 0 && naming.found)
        code = rotation_end(paths, log, &naming.before, &next, key, err);
    else if (code == 0) {
        told = "a change of the vault's key was cut off before the log knew of it: nothing of it "
               "is left";
        if (unlink(paths->next) != 0)
            code = lks_error_system(err, paths->next, "cannot be removed");
        if (code == 0)
            code = lks_disk_folder_sync(paths->folder, err);
    }
    if (code == 0 && control && control->notice)
        control->notice(control->context, told);
    lks_buffer_free(&naming.text);
    lks_arena_free(&naming.arena);
    lks_signing_key_free(key);
    return code;
}

int lks_signer_settle(const char *case_path, const struct lks_control *control,
                      struct lks_error *err)
{
    struct paths paths;
    struct lks_verifier signer;
    struct lks_log *log = NULL;
    struct lks_log_state state;
    int code = paths_make(case_path, &paths, err);
    if (code || access(paths.next, F_OK) != 0)
        return code;
    code = lks_case_verifier(case_path, &signer, err);
    if (code == 0)
        code = lks_log_open(paths.folder, signer.name, NULL, &log, &state, err);
    if (code == 0 && state.refusal[0])
        code = lks_error_set(err, LKS_EINPUT, "the vault takes nothing more: %s", state.refusal);
    /* Another program may have done it while this one waited for nothing. */
    if (code == 0 && access(paths.next, F_OK) == 0)
        code = settle_under_lock(&paths, control, log, &state, &signer, err);
    lks_log_close(log);
    return code;
}

/* ---- the first half ---- */

static int rotation_record(struct lks_vault *vault, const struct lks_verifier *next,
                           struct lks_error *err)
{
    struct lks_statement_writer writer = {0};
    struct lks_buffer before = {0}, after = {0};
    lks_verifier_format(lks_vault_verifier(vault), &before);
    lks_verifier_format(next, &after);
    lks_vault_start(vault, &writer, LKS_STATEMENT_KEY);
    lks_canon_text(&writer.canon, "action", "rotate");
    lks_canon_string(&writer.canon, "before", (struct lks_str){before.data, before.size_bytes});
    lks_canon_string(&writer.canon, "verifier", (struct lks_str){after.data, after.size_bytes});
    int code = before.failed || after.failed ? lks_error_set(err, LKS_EMEMORY, "out of memory") : 0;
    if (code)
        lks_statement_abandon(&writer);
    else
        code = lks_vault_record(vault, &writer, NULL, err);
    lks_buffer_free(&before);
    lks_buffer_free(&after);
    return code ? code : lks_vault_commit(vault, err);
}

int lks_signer_rotate(const char *case_path, const struct lks_control *control,
                      struct lks_verifier *old_out, struct lks_verifier *new_out,
                      struct lks_error *err)
{
    struct lks_asked_once once;
    struct lks_signing_key *key = NULL;
    struct lks_vault *vault = NULL;
    struct paths paths;
    int code = paths_make(case_path, &paths, err);
    lks_asked_once_start(&once, control);
    if (code == 0 && !lks_vault_there(case_path))
        code = lks_error_set(err, LKS_EMISSING, "%s has no vault", case_path);
    if (code == 0)
        code = lks_vault_open(case_path, &once.control, NULL, &vault, err);
    if (code == 0)
        code = lks_signing_key_new(&key, err);
    if (code == 0) {
        *old_out = *lks_vault_verifier(vault);
        code = verifier_of(key, old_out->name, new_out, err);
    }
    if (code == 0)
        code = lks_key_file_put(paths.next, key, &once.passphrase, err);
    if (code == 0)
        code = rotation_record(vault, new_out, err);
    lks_vault_close(vault);
    lks_signing_key_free(key);
    once.control.notice = NULL; /* this is no recovery */
    if (code == 0)
        code = lks_signer_settle(case_path, &once.control, err);
    lks_asked_once_end(&once);
    return code;
}
