/* vault.c - the evidence of one case, opened for writing
 *
 * The hidden values of an entry must be durable before the entry is: a digest in the log whose
 * disclosure a crash took would be a promise that nobody can keep. So a commit writes the file of
 * disclosures first, then the log. A file of disclosures whose entries never came is harmless: the
 * next commit begins at the same index and puts its own in that place. */
#include "case/vault.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/threads.h"
#include "base/time.h"
#include "case/entries.h"
#include "case/key_file.h"
#include "case/leftovers.h"
#include "case/signer.h"
#include "vault/disk.h"
#include "vault/ed25519.h"
#include "vault/signed_record.h"

/* Beside the vault: what it had signed when it was last used here. */
#define SEEN_NAME "vault.seen"
/* In the vault while a program seals files that no entry names yet. */
#define SEALING_NAME "sealing"
#define WORK_NAME "work"

enum {
    LOCK_TRIES = 40,            /* two seconds: another command may be noting what it did */
    LOCK_TRIES_RESUMED = 12000, /* ten minutes: a long run is not lost to a rebuild beside it */
    LOCK_TRY_US = 50000,
    CLOCK_BEHIND_US = 1000000
};

struct lks_vault {
    char folder[LKS_CASE_PATH_BYTES];
    char *case_path, *actor;
    struct lks_log *log;
    struct lks_verifier verifier;
    struct lks_signing_key *key;
    int64_t last_us;                     /* of the last entry */
    uint64_t staged_first;               /* the first entry that is not committed */
    struct lks_buffer disclosures;       /* of the staged ones, as the file will hold them */
    char (*sealed)[LKS_BLOB_NAME_BYTES]; /* [sealed_count] objects that no entry names yet */
    size_t sealed_count, sealed_room;
    int marked;      /* the folder says that something is being sealed */
    int half_sealed; /* a sealing failed: nobody knows what it left */
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

/* The verifier key comes last: without it there is no vault, and what lies there is begun again,
 * unless something was ever signed or sealed: then it is a vault that lost its verifier key. */
static int vault_fresh(const char *case_path, struct lks_error *err)
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

static int vault_make(const char *case_path, const char *folder, struct lks_error *err)
{
    struct lks_signing_key *key = NULL;
    struct lks_verifier verifier;
    unsigned char public_key[LKS_ED25519_KEY_BYTES];
    char path[LKS_CASE_PATH_BYTES], origin[64];
    int code = vault_fresh(case_path, err);
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
    if (lks_case_path(case_path, NULL, SEEN_NAME, path, NULL) == 0)
        unlink(path);
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
    int code = lks_case_path(case_path, NULL, SEEN_NAME, path, err);
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

/* Not waited for: it costs nothing, and a crash leaves an older one, which asks for less. */
static void seen_put(const struct lks_vault *vault)
{
    char from[LKS_CASE_PATH_BYTES + 16], to[LKS_CASE_PATH_BYTES + 16];
    struct lks_buffer bytes = {0};
    snprintf(from, sizeof from, "%s/signed", vault->folder);
    snprintf(to, sizeof to, "%s.seen", vault->folder);
    if (lks_disk_get(from, LKS_NOTE_BYTES_MAX, &bytes, NULL) == 0) {
        snprintf(from, sizeof from, "%s.seen.new", vault->folder);
        FILE *file = fopen(from, "we");
        size_t put = file ? fwrite(bytes.data, 1, bytes.size_bytes, file) : 0;
        if (file && fclose(file) == 0 && put == bytes.size_bytes)
            rename(from, to);
        else
            unlink(from);
    }
    lks_buffer_free(&bytes);
}

/* What a program that was cut off left behind. */
static int leftovers_clear(struct lks_vault *vault, uint64_t size, int cut_off,
                           const struct lks_control *control, struct lks_error *err)
{
    char path[LKS_CASE_PATH_BYTES + 16];
    uint64_t removed = 0;
    snprintf(path, sizeof path, "%s/" WORK_NAME, vault->folder);
    lks_leftovers_remove(path);
    snprintf(path, sizeof path, "%s.seen.new", vault->folder);
    unlink(path);
    int code = lks_leftovers_disclosures(vault->folder, size, err);
    snprintf(path, sizeof path, "%s/" SEALING_NAME, vault->folder);
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
        code = vault_make(case_path, vault->folder, err);
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
            vault_fresh(case_path, NULL); /* what was signed stays */
        return code;
    }
    if (made_out)
        *made_out = made;
    *vault_out = vault;
    return 0;
}

/* ---- sealing ---- */

static int marker_path(const struct lks_vault *vault, char path[LKS_CASE_PATH_BYTES + 16])
{
    return snprintf(path, LKS_CASE_PATH_BYTES + 16, "%s/" SEALING_NAME, vault->folder);
}

static void marker_drop(struct lks_vault *vault)
{
    char path[LKS_CASE_PATH_BYTES + 16];
    marker_path(vault, path);
    if (vault->marked)
        unlink(path); /* where it stays, the next opening looks in vain: no harm */
    vault->marked = 0;
}

/* Objects that no entry will name. */
static void sealed_drop(struct lks_vault *vault)
{
    int code = 0;
    for (size_t i = 0; i < vault->sealed_count; i++)
        if (lks_blob_erase(vault->folder, vault->sealed[i], NULL) != 0)
            code = 1;
    vault->sealed_count = 0;
    /* A disk that fails may have kept half of an object: the marker lets the next opening look. */
    if (code == 0 && !vault->half_sealed)
        marker_drop(vault);
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
    if (snprintf(out, LKS_CASE_PATH_BYTES, "%s/" WORK_NAME, vault->folder) >= LKS_CASE_PATH_BYTES)
        return lks_error_set(err, LKS_EARGUMENT, "the path of the case is too long");
    return mkdir(out, 0700) == 0 || errno == EEXIST ? 0
                                                    : lks_error_system(err, out, "cannot be made");
}

void lks_vault_work_drop(const struct lks_vault *vault)
{
    char path[LKS_CASE_PATH_BYTES];
    if (snprintf(path, sizeof path, "%s/" WORK_NAME, vault->folder) < (int)sizeof path)
        lks_leftovers_remove(path);
}

void lks_vault_close(struct lks_vault *vault)
{
    if (!vault)
        return;
    /* After a failed write nobody knows what the log holds: the next opening finds out. */
    if (!vault->failed)
        sealed_drop(vault);
    lks_log_close(vault->log);
    lks_signing_key_free(vault->key);
    lks_buffer_free(&vault->disclosures);
    free(vault->sealed);
    free(vault->case_path);
    free(vault->actor);
    free(vault);
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

/* ---- recording ---- */

static int64_t clock_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * LKS_SECOND_US + now.tv_nsec / 1000;
}

int64_t lks_vault_now(const struct lks_vault *vault)
{
    int64_t now_us = clock_us();
    return now_us < vault->last_us ? vault->last_us : now_us;
}

void lks_vault_start(struct lks_vault *vault, struct lks_statement_writer *writer,
                     enum lks_statement_kind kind)
{
    int64_t now_us = clock_us(), behind_us = vault->last_us - now_us;
    if (behind_us < 0)
        vault->last_us = now_us;
    lks_statement_start(writer, kind, vault->last_us);
    if (behind_us >= CLOCK_BEHIND_US) /* its time is the last entry's, not the clock's */
        lks_canon_int(&writer->canon, "clock_behind_s", behind_us / LKS_SECOND_US);
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
    vault->sealed_count = 0;
    marker_drop(vault);
    seen_put(vault);
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
