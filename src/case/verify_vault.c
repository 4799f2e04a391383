/* verify_vault.c - the vault of a case, or the public part of one, checked from end to end */
#include "case/verify_vault.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "case/verify_anchors.h"
#include "case/verify_entries.h"
#include "case/verify_log.h"
#include "vault/disk.h"
#include "vault/log.h"

enum { PASTS_MAX = 65536 };

struct vault_check {
    struct lks_verification *verification;
    const char *folder;
    const struct lks_verify_request *request;
    const struct lks_control *control;
    struct lks_verify_facts *facts;
    int writer;                 /* the writer's own files are expected */
    struct lks_verifiers keys;  /* under which the checkpoint may stand */
    int untrusted;              /* it stands under one that is not among those that were named */
    struct lks_verifier signer; /* the one that signed it */
    struct lks_buffer note;     /* the checkpoint's bytes */
    struct lks_checkpoint checkpoint;
    struct lks_anchors anchors;
    struct lks_anchor_facts anchor_facts;
    struct lks_past_root *pasts;
    size_t pasts_count;
    struct lks_entries_verify *entries;
};

static int path_in(const struct vault_check *check, const char *name,
                   char path[LKS_DISK_PATH_BYTES], struct lks_error *err)
{
    if (snprintf(path, LKS_DISK_PATH_BYTES, "%s/%s", check->folder, name) >= LKS_DISK_PATH_BYTES)
        return lks_error_set(err, LKS_EARGUMENT, "a path is too long");
    return 0;
}

static int there(const struct vault_check *check, const char *name)
{
    char path[LKS_DISK_PATH_BYTES];
    struct stat status;
    return path_in(check, name, path, NULL) == 0 && lstat(path, &status) == 0;
}

/* ---- who may have signed ---- */

/* One key, one line, as the program writes it: a change anywhere in it is one. */
static int own_key_read(struct vault_check *check, struct lks_check *told, struct lks_error *err)
{
    char path[LKS_DISK_PATH_BYTES];
    struct lks_buffer bytes = {0}, again = {0};
    struct lks_verifier verifier;
    struct lks_str rest, line = LKS_STR_NULL;
    struct lks_error inner = {0};
    int code = path_in(check, "signer.vkey", path, err);
    if (code)
        return code;
    code = lks_disk_get(path, LKS_VERIFIERS_FILE_BYTES_MAX, &bytes, &inner);
    rest = (struct lks_str){bytes.data, bytes.size_bytes};
    if (code == LKS_EMISSING)
        lks_check_missing(told, "signer.vkey is not there");
    else if (code == 0 && (!lks_line_next(&rest, &line) || rest.size_bytes ||
                           lks_verifier_parse(line, &verifier, &inner) != 0))
        lks_check_damaged(told, "signer.vkey is no verifier key");
    else if (code == LKS_EINPUT)
        lks_check_damaged(told, "%s", inner.message);
    else if (code)
        lks_error_set(err, code, "%s", inner.message);
    else {
        lks_verifier_format(&verifier, &again);
        if (again.failed || !lks_str_equal(line, (struct lks_str){again.data, again.size_bytes}))
            lks_check_damaged(told, "signer.vkey is not written as a verifier key is");
        code = lks_verifiers_add(&check->keys, &verifier, err);
    }
    lks_buffer_free(&again);
    lks_buffer_free(&bytes);
    return code == LKS_EMISSING || code == LKS_EINPUT ? 0 : code;
}

/* Keys that signed before; one of them can stand under the checkpoint where a change was cut off. */
static int retired_read(struct vault_check *check, struct lks_check *told, struct lks_error *err)
{
    char path[LKS_DISK_PATH_BYTES];
    struct lks_verifiers retired = {0};
    struct lks_error inner = {0};
    int code = path_in(check, "retired.vkeys", path, err);
    if (code)
        return code;
    code = lks_verifiers_read(path, &retired, &inner);
    if (code == LKS_EINPUT)
        lks_check_damaged(told, "%s", inner.message);
    else if (code && code != LKS_EMISSING)
        lks_error_set(err, code, "%s", inner.message);
    for (size_t i = retired.count; code == 0 && i-- > 0;)
        code = lks_verifiers_add(&check->keys, &retired.items[i], err);
    lks_verifiers_free(&retired);
    return code == LKS_EMISSING || code == LKS_EINPUT ? 0 : code;
}

/* ---- the checkpoint ---- */

static void signer_say(const struct vault_check *check, struct lks_check *told)
{
    struct lks_buffer text = {0};
    lks_verifier_format(&check->signer, &text);
    lks_buffer_byte(&text, '\0');
    if (!text.failed) {
        lks_check_say(told, "%llu entries, signed by %s",
                      (unsigned long long)check->checkpoint.size, text.data);
        if (!check->request->keys)
            lks_check_note(told, "that key lies beside what it signed: ask the signer, by another "
                                 "way, whether it is theirs, and name it with --key");
    }
    lks_buffer_free(&text);
}

/* 1 where it holds under some key; else it is told, and there is no log to go on with. */
static int checkpoint_open(struct vault_check *check, struct lks_check *told, struct lks_error *err)
{
    struct lks_error inner = {0}, first = {0};
    struct lks_note note;
    lks_buffer_clear(&check->note);
    int code = lks_log_checkpoint(check->folder, &check->note, &inner);
    if (code == LKS_EMISSING)
        lks_check_missing(told, "the checkpoint is not there: nothing says what was signed");
    else if (code == LKS_EINPUT)
        lks_check_damaged(told, "%s", inner.message);
    else if (code)
        return lks_error_set(err, code, "%s", inner.message);
    if (code)
        return 0;
    struct lks_str bytes = {check->note.data, check->note.size_bytes};
    for (size_t i = 0; i < check->keys.count; i++) {
        inner = (struct lks_error){0};
        code = lks_checkpoint_open(bytes, &check->keys.items[i], &check->checkpoint, &inner);
        if (code == LKS_EMEMORY)
            return lks_error_set(err, code, "%s", inner.message);
        if (code == 0) {
            check->signer = check->keys.items[i];
            check->untrusted =
                check->request->keys && !lks_verifiers_find(check->request->keys, &check->signer);
            if (lks_note_parse(bytes, &note, NULL) == 0 && note.signatures_count > 1)
                lks_check_note(told,
                               "it carries %zu more signature lines, looked at by who knows "
                               "their keys",
                               note.signatures_count - 1);
            signer_say(check, told);
            return 1;
        }
        if (i == 0)
            first = inner;
    }
    if (check->keys.count)
        lks_check_damaged(told, "no key that is trusted here signed it: %s", first.message);
    return 0;
}

/* ---- what the log must continue ---- */

static int past_add(struct vault_check *check, uint64_t size, struct lks_error *err)
{
    size_t at = check->pasts_count; /* they mostly come in order */
    while (at && check->pasts[at - 1].size >= size)
        at--;
    if ((at < check->pasts_count && check->pasts[at].size == size) ||
        check->pasts_count == PASTS_MAX) /* no honest folder has so many; theirs are not known */
        return 0;
    struct lks_past_root *more =
        realloc(check->pasts, (check->pasts_count + 1) * sizeof *check->pasts);
    if (!more)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    check->pasts = more;
    memmove(more + at + 1, more + at, (check->pasts_count - at) * sizeof *more);
    more[at] = (struct lks_past_root){.size = size};
    check->pasts_count++;
    return 0;
}

static const struct lks_past_root *past_at(const struct vault_check *check, uint64_t size)
{
    for (size_t i = 0; i < check->pasts_count; i++)
        if (check->pasts[i].size == size && check->pasts[i].known)
            return &check->pasts[i];
    return NULL;
}

static int past_take(void *context, uint64_t size, struct lks_error *err)
{
    return past_add(context, size, err);
}

static int pasts_want(struct vault_check *check, struct lks_error *err)
{
    struct lks_checkpoint older;
    struct lks_note note;
    int code = lks_succession_sizes(check->folder, past_take, check, err);
    if (code == 0 && check->request->continues.data &&
        lks_note_parse(check->request->continues, &note, NULL) == 0 &&
        lks_checkpoint_parse(note.text, &older, NULL) == 0)
        code = past_add(check, older.size, err);
    for (size_t i = 0; code == 0 && i < check->anchors.count; i++)
        code = past_add(check, check->anchors.items[i].size, err);
    return code;
}

/* What was kept, and what others saw, may bear keys that were replaced since. */
static int log_keys_add(struct vault_check *check, struct lks_error *err)
{
    int code = 0;
    for (size_t i = 0; code == 0 && i < check->facts->keys_count; i++)
        if (!lks_verifiers_find(&check->keys, &check->facts->keys[i].verifier))
            code = lks_verifiers_add(&check->keys, &check->facts->keys[i].verifier, err);
    return code;
}

/* The checkpoint that somebody kept elsewhere: signed by a key of this log, and a beginning of it. */
static int older_check(struct vault_check *check, struct lks_error *err)
{
    struct lks_check *told;
    struct lks_checkpoint older;
    struct lks_error inner = {0};
    int code = LKS_EINPUT;
    if (!check->request->continues.data)
        return 0;
    told = lks_check_start(check->verification, "continues", "kept checkpoint");
    for (size_t i = 0; code && i < check->keys.count; i++) {
        code = lks_checkpoint_open(check->request->continues, &check->keys.items[i], &older,
                                   i ? NULL : &inner);
        if (code == LKS_EMEMORY)
            return lks_error_set(err, code, "out of memory");
    }
    const struct lks_past_root *past = code ? NULL : past_at(check, older.size);
    if (code)
        lks_check_damaged(told, "the checkpoint that was kept is not one of this log: %s",
                          inner.message);
    else if (older.size > check->checkpoint.size)
        lks_check_damaged(told,
                          "it covers %llu entries, the log here only %llu: an older copy was "
                          "put back",
                          (unsigned long long)older.size,
                          (unsigned long long)check->checkpoint.size);
    else if (older.size && !past)
        lks_check_damaged(told, "the root of its size cannot be counted from what is here");
    else if (older.size && !lks_hash_equal(&past->root, &older.root))
        lks_check_damaged(told,
                          "the log here is another: it does not continue that checkpoint of "
                          "%llu entries, which the same key signed",
                          (unsigned long long)older.size);
    else
        lks_check_say(told, "the log continues the one of %llu entries that was kept",
                      (unsigned long long)older.size);
    return 0;
}

/* ---- the pass over the log ---- */

static int entry_see(void *context, const struct lks_entry *entry, struct lks_error *err)
{
    struct vault_check *check = context;
    int code = lks_anchor_facts_take(&check->anchor_facts, entry, err);
    return code ? code : lks_verify_facts_take(check->facts, entry, err);
}

static int entry_take(void *context, uint64_t index, struct lks_str bytes, struct lks_error *err)
{
    struct vault_check *check = context;
    return lks_entries_verify_take(check->entries, index, bytes, err);
}

static int log_pass(struct vault_check *check, struct lks_error *err)
{
    char disclosures[LKS_DISK_PATH_BYTES];
    struct lks_log_verify log = {.folder = check->folder,
                                 .checkpoint = &check->checkpoint,
                                 .pasts = check->pasts,
                                 .pasts_count = check->pasts_count,
                                 .entry = entry_take,
                                 .context = check,
                                 .control = check->control};
    struct lks_entries_request entries = {.folder = disclosures,
                                          .size = check->checkpoint.size,
                                          .expected = check->writer,
                                          .see = entry_see,
                                          .context = check};
    int code = path_in(check, "disclosures", disclosures, err);
    if (code == 0)
        code = lks_entries_verify_start(check->verification, &entries, &check->entries, err);
    if (code == 0)
        code = lks_verify_log(check->verification, &log, err);
    if (code == 0)
        code = lks_entries_verify_end(check->entries, err);
    else
        lks_entries_verify_free(check->entries);
    if (code == 0 && check->facts->unsound_count) {
        struct lks_check *told =
            (struct lks_check *)(uintptr_t)lks_verification_find(check->verification, "statements");
        lks_check_damaged(told,
                          "%llu statements lack what their kind must say, entry %llu the first",
                          (unsigned long long)check->facts->unsound_count,
                          (unsigned long long)check->facts->unsound_first);
    }
    return code;
}

static int anchors_check(struct vault_check *check, struct lks_error *err)
{
    char folder[LKS_DISK_PATH_BYTES];
    struct lks_anchors_verify verify = {.folder = folder,
                                        .anchors = &check->anchors,
                                        .facts = &check->anchor_facts,
                                        .checkpoint = {check->note.data, check->note.size_bytes},
                                        .keys = &check->keys,
                                        .pasts = check->pasts,
                                        .pasts_count = check->pasts_count,
                                        .request = check->request};
    int code = path_in(check, "anchors", folder, err);
    return code ? code : lks_verify_anchors(check->verification, &verify, err);
}

/* What nobody but the owner may read. */
static void modes_check(struct vault_check *check)
{
    static const char *const names[] = {"", "signer.pem", "disclosures", "keys"};
    struct lks_check *told = lks_check_start(check->verification, "access", "who can read");
    char path[LKS_DISK_PATH_BYTES];
    struct stat folder, status;
    if (path_in(check, "", path, NULL) != 0 || stat(path, &folder) != 0)
        return;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (path_in(check, names[i], path, NULL) == 0 && stat(path, &status) == 0 &&
            (status.st_mode & 077) != 0 && (i == 0 || i == 1 || (folder.st_mode & 077) != 0)) {
            told->checked_count++;
            lks_check_note(told, "others than the owner can reach %s", i ? names[i] : "the vault");
        }
    lks_check_say(told, told->notes_count ? "more people than the owner"
                                          : "only the owner of these files");
}

/* Names in the vault's folder that mean nothing there, and links in the place of what does. */
static int names_check(struct vault_check *check, struct lks_error *err)
{
    static const char *const names[] = {"checkpoint",
                                        "tile",
                                        "journal",
                                        "signed",
                                        "lock",
                                        "blobs",
                                        "keys",
                                        "disclosures",
                                        "signer.pem",
                                        "anchors",
                                        "sealing",
                                        "signer.vkey",
                                        "work",
                                        "retired.vkeys",
                                        "signer.next.pem",
                                        "retired",
                                        "approvers.vkeys",
                                        "turn",
                                        "purge",
                                        "erasing",
                                        "attestations"};
    struct lks_check *told = lks_check_start(check->verification, "names", "other files");
    DIR *folder = opendir(check->folder);
    if (!folder)
        return lks_error_system(err, check->folder, "cannot be read");
    for (struct dirent *entry; (entry = readdir(folder));) {
        struct stat status;
        size_t i = 0, count = sizeof names / sizeof *names;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        told->checked_count++;
        while (i < count && strcmp(names[i], entry->d_name) != 0)
            i++;
        if (i == count)
            lks_check_note(told, "%.200s is no part of a vault", entry->d_name);
        else if (fstatat(dirfd(folder), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
                 !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))
            lks_check_damaged(told, "%s is a link or a device", entry->d_name);
    }
    closedir(folder);
    if (!told->notes_count)
        lks_check_say(told, "none");
    return 0;
}

static int vault_run(struct vault_check *check, struct lks_error *err)
{
    struct lks_check *told = lks_check_start(check->verification, "checkpoint", "checkpoint");
    int code = 0;
    if (check->request->keys)
        for (size_t i = 0; code == 0 && i < check->request->keys->count; i++)
            code = lks_verifiers_add(&check->keys, &check->request->keys->items[i], err);
    else
        code = own_key_read(check, told, err);
    if (code == 0 && !check->request->keys)
        code = retired_read(check, told, err);
    /* The key that was named may be one that was replaced: then the log itself must lead from it to
     * the one that lies there. */
    struct lks_check unheard = {0};
    if (code == 0 && check->request->keys && check->writer)
        code = own_key_read(check, &unheard, err);
    lks_buffer_free(&unheard.told);
    int opened = code ? code : checkpoint_open(check, told, err);
    if (opened <= 0)
        return opened;
    char anchors[LKS_DISK_PATH_BYTES];
    code = path_in(check, "anchors", anchors, err);
    if (code == 0)
        code = lks_anchors_list_in(anchors, &check->anchors, err);
    if (code == 0)
        code = pasts_want(check, err);
    if (code == 0)
        code = log_pass(check, err);
    if (code == 0 && check->writer)
        code = lks_verify_journal(check->verification, check->folder, &check->checkpoint, err);
    if (code == 0)
        code = log_keys_add(check, err);
    if (code == 0 && check->untrusted) {
        struct lks_succession succession = {.folder = check->folder,
                                            .facts = check->facts,
                                            .keys = check->request->keys,
                                            .signer = &check->signer,
                                            .pasts = check->pasts,
                                            .pasts_count = check->pasts_count};
        code = lks_verify_succession(check->verification, &succession, err);
    }
    if (code == 0)
        code = older_check(check, err);
    if (code == 0)
        code = anchors_check(check, err);
    if (code)
        return code;
    lks_verify_keys(check->verification, check->facts, &check->signer);
    if (check->writer)
        code = lks_verify_blobs(check->verification, check->folder, check->facts,
                                check->request->quick, check->control, err);
    if (code == 0)
        code = names_check(check, err);
    if (check->writer)
        modes_check(check);
    return code;
}

int lks_verify_vault(struct lks_verification *verification, const char *folder,
                     const struct lks_verify_request *request, const struct lks_control *control,
                     struct lks_verify_facts *facts, struct lks_error *err)
{
    struct vault_check check = {.verification = verification,
                                .folder = folder,
                                .request = request,
                                .control = control,
                                .facts = facts};
    static const char *const own[] = {"signer.vkey", "signer.pem", "signed", "journal"};
    int any = there(&check, "checkpoint") || there(&check, "tile");
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        check.writer |= there(&check, own[i]);
    if (!any && !check.writer)
        return lks_error_set(err, LKS_EMISSING, "%s holds no log", folder);
    if (!check.writer && !request->keys)
        return lks_error_set(err, LKS_EARGUMENT,
                             "%s is the public part of a log: name the key that signs it", folder);
    int code = vault_run(&check, err);
    lks_verifiers_free(&check.keys);
    lks_anchors_free(&check.anchors);
    lks_anchor_facts_free(&check.anchor_facts);
    lks_buffer_free(&check.note);
    free(check.pasts);
    return code;
}
