/* erase_steps.c - an erasure step by step, each of them durable before the next
 *
 *     1  CASE/vault/erasing      a mark that something is open
 *     2  the log                 begun: what goes
 *     3  the key of the object   written over, removed; then its bytes
 *     4  the disclosures         its name and digest written away
 *     5  the log                 done
 *     6  the store               made anew of what the vault still has, by the caller
 *     7  the mark                removed, by the caller
 *
 * A crash between 2 and 5 is found by the mark and by the log. It is ended the next time, unless an order
 * that covers the file came in between: then what is still there stays, and the log says kept. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "case/forget.h"
#include "case/turn.h"
#include "evidence/erase.h"
#include "vault/disk.h"

static const char *const what_names[] = {"file", "account", "age"};

/* ---- bytes ---- */

int lks_erase_nameless(const char *case_path, int *file_out, struct lks_error *err)
{
    char folder[LKS_CASE_PATH_BYTES], path[LKS_CASE_PATH_BYTES + 32];
    int code = lks_vault_path(case_path, NULL, folder, err);
    if (code)
        return code;
    *file_out = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (*file_out < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) {
        snprintf(path, sizeof path, "%s/.bytes-%ld", folder, (long)getpid());
        unlink(path);
        *file_out = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (*file_out >= 0)
            unlink(path);
    }
    return *file_out >= 0 ? 0 : lks_error_system(err, folder, "takes no file");
}

int lks_erase_unseal(const char *case_path, const char *blob, const struct lks_control *control,
                     int *file_out, struct lks_error *err)
{
    char folder[LKS_CASE_PATH_BYTES];
    struct lks_blob read;
    int code = lks_vault_path(case_path, NULL, folder, err);
    *file_out = -1;
    if (code == 0)
        code = lks_erase_nameless(case_path, file_out, err);
    if (code == 0)
        code = lks_blob_copy(folder, blob, *file_out, control, &read, err);
    if (code == 0 && lseek(*file_out, 0, SEEK_SET) != 0)
        code = lks_error_system(err, folder, "cannot be read");
    if (code && *file_out >= 0) {
        close(*file_out);
        *file_out = -1;
    }
    return code;
}

/* ---- the mark ---- */

static int mark_path(const char *case_path, char path[LKS_CASE_PATH_BYTES], struct lks_error *err)
{
    return lks_vault_path(case_path, "erasing", path, err);
}

int lks_erase_cut_off(const char *case_path)
{
    char path[LKS_CASE_PATH_BYTES];
    return mark_path(case_path, path, NULL) == 0 && access(path, F_OK) == 0;
}

int lks_erase_mark(const char *case_path, int is_open, struct lks_error *err)
{
    char path[LKS_CASE_PATH_BYTES], folder[LKS_CASE_PATH_BYTES];
    int code = mark_path(case_path, path, err);
    if (code || is_open == lks_erase_cut_off(case_path))
        return code;
    if (is_open)
        return lks_disk_put(path, "", 0, 0600, err);
    if (unlink(path) != 0 && errno != ENOENT)
        return lks_error_system(err, path, "cannot be removed");
    code = lks_vault_path(case_path, NULL, folder, err);
    return code ? code : lks_disk_folder_sync(folder, err);
}

/* ---- statements ---- */

static void ids_put(struct lks_canon *canon, const struct lks_case_holds *holds,
                    const unsigned char *held_by)
{
    lks_canon_array(canon, "holds");
    for (size_t i = 0; i < holds->all.count; i++)
        if (held_by[i])
            lks_canon_string(canon, NULL, holds->all.holds[i].id);
    lks_canon_end(canon);
}

static void step_start(struct lks_vault *vault, struct lks_statement_writer *writer,
                       enum lks_statement_kind kind, const char *result, uint64_t leaf)
{
    lks_vault_start(vault, writer, kind);
    lks_canon_text(&writer->canon, "result", result);
    lks_canon_int(&writer->canon, "leaf", (int64_t)leaf);
}

int lks_erase_refuse(struct lks_vault *vault, const struct lks_erase_wish *wish, uint64_t leaf,
                     uint64_t records, const unsigned char *held_by,
                     const struct lks_case_holds *holds, struct lks_str reason,
                     struct lks_error *err)
{
    struct lks_statement_writer writer = {0};
    step_start(vault, &writer, LKS_STATEMENT_ERASE, "refused", leaf);
    lks_canon_text(&writer.canon, "what", what_names[wish->what]);
    lks_canon_int(&writer.canon, "records", (int64_t)records);
    ids_put(&writer.canon, holds, held_by);
    lks_statement_hide(&writer, "reason", reason);
    int code = lks_vault_record(vault, &writer, NULL, err);
    return code ? code : lks_vault_commit(vault, err);
}

static int done_record(struct lks_vault *vault, enum lks_statement_kind kind, uint64_t leaf,
                       uint64_t begun, struct lks_error *err)
{
    struct lks_statement_writer writer = {0};
    step_start(vault, &writer, kind, "done", leaf);
    lks_canon_int(&writer.canon, "begun", (int64_t)begun);
    int code = lks_vault_record(vault, &writer, NULL, err);
    return code ? code : lks_vault_commit(vault, err);
}

/* Key, bytes, then what was hidden about the file. Gone already is fine. */
static int bytes_destroy(struct lks_vault *vault, const char *blob, uint64_t leaf,
                         struct lks_error *err)
{
    static const char *const names[] = {"name", "sha256", NULL};
    struct lks_error inner = {0};
    int code = lks_blob_erase(lks_vault_folder(vault), blob, &inner);
    if (code && code != LKS_EMISSING)
        return lks_error_set(err, code, "%s", inner.message);
    return lks_vault_forget(vault, leaf, names, err);
}

int lks_erase_destroy(struct lks_vault *vault, const char *case_path,
                      const struct lks_erase_wish *wish, const struct lks_case_import *import,
                      uint64_t records, struct lks_str reason, struct lks_error *err)
{
    struct lks_statement_writer writer = {0};
    uint64_t begun = 0;
    int code = lks_erase_mark(case_path, 1, err);
    if (code)
        return code;
    step_start(vault, &writer, LKS_STATEMENT_ERASE, "begun", import->leaf);
    lks_canon_text(&writer.canon, "what", what_names[wish->what]);
    lks_canon_text(&writer.canon, "blob", import->blob);
    lks_canon_int(&writer.canon, "records", (int64_t)records);
    lks_statement_hide(&writer, "reason", reason);
    code = lks_vault_record(vault, &writer, &begun, err);
    if (code == 0)
        code = lks_vault_commit(vault, err);
    if (code == 0)
        code = bytes_destroy(vault, import->blob, import->leaf, err);
    return code ? code : done_record(vault, LKS_STATEMENT_ERASE, import->leaf, begun, err);
}

int lks_erase_replace(struct lks_vault *vault, const char *case_path,
                      const struct lks_erase_wish *wish, const struct lks_case_import *import,
                      struct lks_import *copy, const struct lks_source_options *reading,
                      uint64_t records, struct lks_str reason, struct lks_error *err)
{
    struct lks_statement_writer writer = {0};
    uint64_t begun = 0;
    int code = lks_erase_mark(case_path, 1, err);
    copy->replaces = import->leaf;
    copy->place = copy->of = 1;
    if (code == 0)
        code = lks_import_record(vault, copy, reading, err);
    if (code)
        return code;
    step_start(vault, &writer, LKS_STATEMENT_REDACT, "begun", import->leaf);
    lks_canon_text(&writer.canon, "what", what_names[wish->what]);
    lks_canon_text(&writer.canon, "blob", import->blob);
    lks_canon_int(&writer.canon, "import", (int64_t)copy->leaf);
    lks_canon_int(&writer.canon, "records", (int64_t)records);
    lks_statement_hide(&writer, "reason", reason);
    code = lks_vault_record(vault, &writer, &begun, err);
    if (code == 0)
        code = lks_vault_commit(vault, err);
    if (code == 0)
        code = bytes_destroy(vault, import->blob, import->leaf, err);
    return code ? code : done_record(vault, LKS_STATEMENT_REDACT, import->leaf, begun, err);
}

/* ---- after a crash ---- */

/* 1 where the key's bytes were written over: then nothing can be kept any more. */
static int key_wiped(const char *case_path, const char *blob)
{
    enum { KEY_BYTES_MAX = 4096 };
    char name[LKS_BLOB_NAME_BYTES + 16], path[LKS_CASE_PATH_BYTES];
    struct lks_buffer key = {0};
    snprintf(name, sizeof name, "keys/%.2s/%s", blob, blob + 2);
    int code = lks_vault_path(case_path, name, path, NULL);
    if (code == 0)
        code = lks_disk_get(path, KEY_BYTES_MAX, &key, NULL);
    int wiped = code == LKS_EMISSING || (code == 0 && (!key.size_bytes || key.data[0] == '\0'));
    if (key.data)
        explicit_bzero(key.data, key.size_bytes);
    lks_buffer_free(&key);
    return wiped;
}

/* Whether an order issued or changed after the entry covers anything of the file: 1, 0; below 0 an
 * error. The bytes may be gone already: then there is nothing to keep. */
static int order_between(const char *case_path, const struct lks_case_import *import,
                         const struct lks_case_holds *holds, const struct lks_control *control,
                         struct lks_error *err)
{
    struct lks_erase_wish wish = {.what = LKS_ERASE_FILE};
    struct lks_erase_scan scan = {0};
    struct lks_error inner = {0};
    int covered = 0, later = 0;
    for (size_t i = 0; i < holds->all.count; i++)
        later |= holds->about[i].changed_leaf > import->begun &&
                 holds->all.holds[i].released_us == LKS_TIME_NULL;
    if (!later || key_wiped(case_path, import->blob))
        return 0;
    int code = lks_erase_scan_import(case_path, import, &wish, &holds->all, control, &scan, NULL,
                                     NULL, &inner);
    for (size_t i = 0; code == 0 && i < holds->all.count; i++)
        covered |= scan.file_holds[i] && holds->about[i].changed_leaf > import->begun;
    lks_erase_scan_free(&scan);
    if (code == LKS_EMISSING)
        return 0;
    return code ? lks_error_set(err, code, "%s", inner.message) : covered;
}

static int one_keep(struct lks_vault *vault, const struct lks_case_import *import,
                    const struct lks_imports *imports, struct lks_error *err)
{
    const struct lks_case_import *copy = lks_imports_find(imports, import->replaced_by);
    struct lks_statement_writer writer = {0};
    step_start(vault, &writer, copy ? LKS_STATEMENT_REDACT : LKS_STATEMENT_ERASE, "kept",
               import->leaf);
    lks_canon_int(&writer.canon, "begun", (int64_t)import->begun);
    if (copy)
        lks_canon_int(&writer.canon, "import", (int64_t)copy->leaf);
    int code = lks_vault_record(vault, &writer, NULL, err);
    if (code == 0)
        code = lks_vault_commit(vault, err);
    return code || !copy ? code : bytes_destroy(vault, copy->blob, copy->leaf, err);
}

int lks_erase_finish(const char *case_path, const struct lks_control *control,
                     struct lks_erase_outcome *outcome, struct lks_error *err)
{
    struct lks_vault *vault = NULL;
    struct lks_imports imports = {0};
    struct lks_case_holds holds = {0};
    if (!lks_erase_cut_off(case_path))
        return 0;
    int code = lks_turn_pass(case_path, err);
    if (code == 0)
        code = lks_turn_vault_open(case_path, control, &vault, err);
    if (code == 0)
        code = lks_imports_read(case_path, UINT64_MAX, &imports, err);
    if (code == 0)
        code = lks_case_holds_read(case_path, UINT64_MAX, &holds, err);
    for (size_t i = 0; code == 0 && i < imports.count; i++) {
        const struct lks_case_import *import = &imports.items[i];
        if (import->begun == LKS_LEAF_NONE || import->done)
            continue;
        int kept = order_between(case_path, import, &holds, control, err);
        if (kept < 0) {
            code = kept;
        } else if (kept) {
            code = one_keep(vault, import, &imports, err);
            outcome->kept++;
        } else {
            code = bytes_destroy(vault, import->blob, import->leaf, err);
            if (code == 0)
                code = done_record(vault,
                                   import->replaced_by == LKS_LEAF_NONE ? LKS_STATEMENT_ERASE
                                                                        : LKS_STATEMENT_REDACT,
                                   import->leaf, import->begun, err);
            outcome->finished++;
        }
    }
    outcome->destroyed = 1; /* the store may be older than the log */
    lks_vault_close(vault);
    lks_imports_free(&imports);
    lks_case_holds_free(&holds);
    return code;
}
