/* rebuild.c - a store made from the sealed files of the vault
 *
 * The store is a cache of what the vault holds. The new one is made beside the old one and takes
 * its place in one rename, when it is whole. */
#include "intake/rebuild.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json_write.h"
#include "case/imports.h"
#include "intake/ingest.h"
#include "intake/statements.h"
#include "vault/disk.h"

struct rebuilding {
    struct lks_store *store;
    const struct lks_vault *vault;
    const struct lks_control *control;
    struct lks_redo_tally *tally;
};

static int entry_take(void *context, const struct lks_entry *entry, struct lks_error *err)
{
    struct rebuilding *r = context;
    return entry->statement.kind == LKS_STATEMENT_IMPORT
               ? lks_redo_file(r->store, r->vault, entry, r->control, r->tally, err)
               : 0;
}

/* Files in the order in which they came, those whose place a copy took where they were. */
static int files_take(const char *case_path, uint64_t end, struct rebuilding *rebuilding,
                      struct lks_error *err)
{
    struct lks_imports imports;
    int code = lks_imports_read(case_path, UINT64_MAX, &imports, err);
    for (size_t i = 0; i < imports.count; i++)
        rebuilding->tally->lacking |= !lks_import_stands(&imports.items[i]);
    for (size_t i = 0; code == 0 && i < imports.count; i++) {
        const struct lks_case_import *import = &imports.items[i];
        if (import->original >= end)
            continue;
        if (lks_import_stands(import))
            code = lks_entries_each(case_path, import->leaf, import->leaf + 1, entry_take,
                                    rebuilding, err);
        else if (import->replaced_by == LKS_LEAF_NONE)
            rebuilding->tally->erased++;
    }
    lks_imports_free(&imports);
    return code;
}

int lks_rebuild_store(const char *case_path, const struct lks_vault *vault, uint64_t end,
                      const struct lks_control *control, struct lks_store **store_out,
                      char path_out[LKS_CASE_PATH_BYTES], struct lks_redo_tally *tally,
                      struct lks_error *err)
{
    char folder[LKS_CASE_PATH_BYTES];
    struct lks_store *store = NULL;
    *store_out = NULL;
    int code = lks_vault_work(vault, folder, err);
    if (code == 0 &&
        snprintf(path_out, LKS_CASE_PATH_BYTES, "%s/store.duckdb", folder) >= LKS_CASE_PATH_BYTES)
        code = lks_error_set(err, LKS_EARGUMENT, "the path of the case is too long");
    if (code == 0)
        code = lks_store_open(path_out, LKS_STORE_CREATE, control, &store, err);
    if (code == 0)
        code = lks_store_begin(store, err);
    struct rebuilding rebuilding = {store, vault, control, tally};
    if (code == 0)
        code = files_take(case_path, end, &rebuilding, err);
    if (code == 0)
        code = lks_store_leaves_set(store, end, err);
    if (code == 0)
        code = lks_store_finish(store, err);
    if (code == 0)
        code = lks_store_commit(store, err);
    if (code)
        lks_store_close(store);
    else
        *store_out = store;
    return code;
}

/* ---- lockstep rebuild ---- */

struct outcome {
    struct lks_redo_tally tally;
    struct lks_store_counts counts;
    uint64_t entries;
    char digest[65], before[65]; /* of the old store, empty where none could be read */
};

/* A store that another program has open is locked by it. */
static int store_unused(const char *path, struct lks_error *err)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int file = open(path, O_RDONLY | O_CLOEXEC);
    int used = file >= 0 && fcntl(file, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
    if (file >= 0)
        close(file);
    return used ? lks_error_set(err, LKS_ESTORE, "another program has %s open", path) : 0;
}

/* The old store's digest, where it can still be told. */
static int before_look(const char *path, const struct lks_control *control, struct outcome *outcome,
                       struct lks_error *err)
{
    struct lks_store *store;
    outcome->before[0] = 0;
    if (access(path, F_OK) != 0 || lks_store_open(path, LKS_STORE_READ, control, &store, NULL) != 0)
        return 0;
    int code = lks_store_digest(store, control, outcome->before, NULL);
    lks_store_close(store);
    if (code)
        outcome->before[0] = 0;
    return code == LKS_ECANCELLED ? lks_error_set(err, code, "stopped") : 0;
}

/* The old one's log goes first: beside the new store it would be taken for its own. */
static int store_replace(const char *case_path, const char *fresh, const char *path,
                         struct lks_error *err)
{
    char wal[LKS_CASE_PATH_BYTES];
    int code = lks_case_path(case_path, NULL, "store.duckdb.wal", wal, err);
    if (code)
        return code;
    unlink(wal);
    if (rename(fresh, path) != 0)
        return lks_error_system(err, path, "cannot be put in place");
    return lks_disk_folder_sync(case_path, err);
}

int lks_rebuild_replace(const char *case_path, struct lks_vault *vault,
                        const struct lks_control *control, struct lks_store_counts *counts_out,
                        char digest_out[65], struct lks_redo_tally *tally, struct lks_error *err)
{
    char path[LKS_CASE_PATH_BYTES], fresh[LKS_CASE_PATH_BYTES];
    struct lks_store *store = NULL;
    int code = lks_case_path(case_path, NULL, "store.duckdb", path, err);
    if (code == 0)
        code = store_unused(path, err);
    if (code == 0)
        code = lks_rebuild_store(case_path, vault, lks_vault_size(vault), control, &store, fresh,
                                 tally, err);
    if (code == 0 && tally->damaged)
        code = lks_error_set(err, LKS_EINPUT,
                             "%llu sealed file%s of %s not as sealed: the old store stays",
                             (unsigned long long)tally->damaged, tally->damaged == 1 ? "" : "s",
                             tally->damaged == 1 ? "the vault is" : "the vault are");
    if (code == 0)
        code = lks_store_digest(store, control, digest_out, err);
    if (code == 0)
        code = lks_store_counts(store, counts_out, err);
    lks_store_close(store);
    if (code == 0)
        code = store_replace(case_path, fresh, path, err);
    lks_vault_work_drop(vault);
    return code;
}

static int rebuild(const char *case_path, struct lks_vault *vault,
                   const struct lks_control *control, struct outcome *outcome,
                   struct lks_error *err)
{
    char path[LKS_CASE_PATH_BYTES];
    outcome->entries = lks_vault_size(vault);
    int code = lks_case_path(case_path, NULL, "store.duckdb", path, err);
    if (code == 0)
        code = before_look(path, control, outcome, err);
    return code ? code
                : lks_rebuild_replace(case_path, vault, control, &outcome->counts, outcome->digest,
                                      &outcome->tally, err);
}

int lks_store_catch_up(const char *case_path, struct lks_vault *vault,
                       const struct lks_control *control, struct lks_store **store,
                       struct lks_error *err)
{
    struct lks_redo_tally tally = {0};
    struct lks_store_counts counts;
    enum lks_redo_need need;
    char path[LKS_CASE_PATH_BYTES], digest[65];
    int code = lks_redo_needed(*store, case_path, &need, err);
    if (code || need != LKS_REDO_ALL)
        return code ? code : lks_redo(*store, case_path, vault, control, &tally, err);
    lks_store_close(*store);
    *store = NULL;
    code = lks_rebuild_replace(case_path, vault, control, &counts, digest, &tally, err);
    if (code == 0 && control && control->notice)
        control->notice(control->context, "something was erased after the store was last written: "
                                          "it was made again from the vault");
    if (code == 0)
        code = lks_case_path(case_path, NULL, "store.duckdb", path, err);
    return code ? code : lks_store_open(path, LKS_STORE_OPEN, control, store, err);
}

static void outcome_text(const struct outcome *o, struct lks_buffer *out)
{
    lks_buffer_format(out, "The store was made again from %llu file%s of the vault: %llu post%s.\n",
                      (unsigned long long)o->tally.files, o->tally.files == 1 ? "" : "s",
                      (unsigned long long)o->counts.posts, o->counts.posts == 1 ? "" : "s");
    if (o->tally.erased)
        lks_buffer_format(out, "%llu file%s erased before.\n", (unsigned long long)o->tally.erased,
                          o->tally.erased == 1 ? " was" : "s were");
    if (o->tally.gone)
        lks_buffer_format(out, "%llu file%s not here any more: erased, or lost.\n",
                          (unsigned long long)o->tally.gone, o->tally.gone == 1 ? " is" : "s are");
    if (o->tally.differing)
        lks_buffer_format(out, "%llu file%s read to other counts than the log states.\n",
                          (unsigned long long)o->tally.differing,
                          o->tally.differing == 1 ? " was" : "s were");
    lks_buffer_format(out, "digest %s%s\n", o->digest,
                      !o->before[0]                       ? "; there was no sound store before"
                      : strcmp(o->before, o->digest) == 0 ? ", as before"
                                                          : "");
    if (o->before[0] && strcmp(o->before, o->digest) != 0)
        lks_buffer_format(out, "before %s: ANOTHER CONTENT\n", o->before);
}

static void outcome_json(const struct outcome *o, struct lks_buffer *out)
{
    struct lks_json json = {.buffer = out};
    lks_json_object(&json, NULL);
    lks_json_uint(&json, "entries", o->entries);
    lks_json_uint(&json, "files", o->tally.files);
    lks_json_uint(&json, "gone", o->tally.gone);
    lks_json_uint(&json, "erased", o->tally.erased);
    lks_json_uint(&json, "differing", o->tally.differing);
    lks_json_uint(&json, "posts", o->counts.posts);
    lks_json_text(&json, "digest", o->digest);
    lks_json_key(&json, "digest_before");
    if (o->before[0])
        lks_json_text(&json, NULL, o->before);
    else
        lks_json_null(&json, NULL);
    lks_json_object_end(&json);
    lks_buffer_byte(out, '\n');
}

int lks_case_rebuild(const char *case_path, int as_json, const struct lks_control *control,
                     char **text_out, struct lks_error *err)
{
    struct outcome outcome = {.digest = ""};
    struct lks_vault *vault = NULL;
    struct lks_buffer out = {0};
    *text_out = NULL;
    int code = lks_vault_there(case_path)
                   ? 0
                   : lks_error_set(err, LKS_EMISSING, "%s has no vault to be made from", case_path);
    if (code == 0)
        code = lks_vault_open(case_path, control, NULL, &vault, err);
    if (code == 0)
        code = rebuild(case_path, vault, control, &outcome, err);
    lks_vault_close(vault);
    if (code)
        return code;
    as_json ? outcome_json(&outcome, &out) : outcome_text(&outcome, &out);
    lks_buffer_byte(&out, 0);
    if (out.failed) {
        lks_buffer_free(&out);
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    }
    *text_out = out.data;
    return 0;
}
