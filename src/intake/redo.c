/* redo.c - files that the vault has and the store does not: read again from their sealed copies
 *
 * The vault is the redo log of the store. An import is logged before the store commits; a program
 * that was cut off between the two has acknowledged nothing, but its files are evidence already.
 * The bytes go from the sealed copy to a file without a name, which is gone when it is closed,
 * however the program ends. */
#include "intake/redo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "case/unseal.h"

struct redoing {
    struct lks_store *store;
    const struct lks_vault *vault;
    const struct lks_control *control;
    struct lks_redo_tally *tally;
    int begun;
};

static void notice(const struct lks_control *control, const struct lks_import *import,
                   const char *what)
{
    char sentence[512];
    int size = import->name.size_bytes < 200 ? (int)import->name.size_bytes : 200;
    snprintf(sentence, sizeof sentence, "%.*s (entry %llu) %s", size ? size : 6,
             size ? import->name.data : "a file", (unsigned long long)import->leaf, what);
    if (control && control->notice)
        control->notice(control->context, sentence);
}

static int counts_equal(struct lks_import_counts a, struct lks_import_counts b, int lacking)
{
    if (lacking) {
        a.posts += a.payments + a.duplicates;
        b.posts += b.payments + b.duplicates;
        a.payments = b.payments = a.duplicates = b.duplicates = 0;
    }
    return memcmp(&a, &b, sizeof a) == 0; /* whole numbers without holes between them */
}

static int bytes_take(struct lks_store *store, const struct lks_import *import,
                      const struct lks_source_options *options, const struct lks_blob *blob,
                      int bytes, const struct lks_control *control, struct lks_redo_tally *tally,
                      struct lks_error *err)
{
    struct lks_store_file file = {.size_bytes = blob->size_bytes, .leaf = import->leaf};
    char path[64], *name = strndup(import->name.data ? import->name.data
                                                     : "a file whose name is "
                                                       "not disclosed here",
                                   import->name.data ? import->name.size_bytes : 64);
    if (!name)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    file.name = name;
    lks_sha256_hex(blob->sha256, file.sha256);
    memcpy(file.blob, import->blob, sizeof file.blob);
    snprintf(path, sizeof path, "/proc/self/fd/%d", bytes);
    int code = lks_file_take(store, path, options, control, &file, err);
    if (code == 0) {
        struct lks_import_counts counts = lks_file_counts(&file);
        tally->files++;
        if (!counts_equal(counts, import->counts, tally->lacking)) {
            tally->differing++;
            notice(control, import, "was read to other counts than its import states");
        }
    }
    free(name);
    return code < 0 ? code : 0;
}

int lks_redo_file(struct lks_store *store, const struct lks_vault *vault,
                  const struct lks_entry *entry, const struct lks_control *control,
                  struct lks_redo_tally *tally, struct lks_error *err)
{
    struct lks_import import;
    struct lks_import_reading reading = {0};
    struct lks_blob blob;
    struct lks_error inner = {0};
    int bytes = -1, code = lks_import_read(entry, &import, &reading, err);
    if (code == 0) {
        code =
            lks_unseal(lks_vault_folder(vault), vault, import.blob, control, &bytes, &blob, &inner);
        if (code == LKS_EMISSING) {
            tally->gone++;
            notice(control, &import, "cannot be read again: its bytes were erased, or are lost");
        } else if (code == LKS_EINPUT) {
            tally->damaged++;
            notice(control, &import, "cannot be read again: its bytes were changed");
        } else if (code == 0)
            code = bytes_take(store, &import, &reading.options, &blob, bytes, control, tally, err);
        else
            lks_error_set(err, code, "%s", inner.message);
        if (code == LKS_EMISSING || (code == LKS_EINPUT && inner.code == LKS_EINPUT))
            code = 0;
    }
    if (bytes >= 0)
        close(bytes);
    lks_import_reading_free(&reading);
    return code;
}

static int entry_redo(void *context, const struct lks_entry *entry, struct lks_error *err)
{
    struct redoing *redoing = context;
    if (entry->statement.kind != LKS_STATEMENT_IMPORT)
        return 0;
    if (!redoing->begun) {
        int code = lks_store_begin(redoing->store, err);
        if (code)
            return code;
        redoing->begun = 1;
    }
    return lks_redo_file(redoing->store, redoing->vault, entry, redoing->control, redoing->tally,
                         err);
}

static int entry_weigh(void *context, const struct lks_entry *entry, struct lks_error *err)
{
    enum lks_redo_need *need = context, found = LKS_REDO_NOTHING;
    struct lks_str result;
    int64_t replaces;
    (void)err;
    if (entry->statement.kind == LKS_STATEMENT_IMPORT)
        found = lks_statement_int(&entry->statement, "replaces", entry->arena, &replaces)
                    ? LKS_REDO_ALL
                    : LKS_REDO_FILES;
    else if ((entry->statement.kind == LKS_STATEMENT_ERASE ||
              entry->statement.kind == LKS_STATEMENT_REDACT) &&
             lks_statement_text(&entry->statement, "result", entry->arena, &result) &&
             (lks_str_equal_text(result, "begun") || lks_str_equal_text(result, "done")))
        found = LKS_REDO_ALL;
    *need = found > *need ? found : *need;
    return 0;
}

int lks_redo_needed(struct lks_store *store, const char *case_path, enum lks_redo_need *need_out,
                    struct lks_error *err)
{
    uint64_t leaves;
    *need_out = LKS_REDO_NOTHING;
    int code = lks_store_leaves(store, &leaves, err);
    if (code == 0 && lks_vault_there(case_path))
        code = lks_entries_each(case_path, leaves, UINT64_MAX, entry_weigh, need_out, err);
    return code;
}

int lks_redo(struct lks_store *store, const char *case_path, const struct lks_vault *vault,
             const struct lks_control *control, struct lks_redo_tally *tally, struct lks_error *err)
{
    struct redoing redoing = {store, vault, control, tally, 0};
    uint64_t leaves, size = lks_vault_size(vault);
    int code = lks_store_leaves(store, &leaves, err);
    if (code == 0 && leaves > size)
        code = lks_error_set(err, LKS_EINPUT,
                             "the store knows of %llu entries of the vault, which has %llu: an "
                             "older copy of the vault was put back",
                             (unsigned long long)leaves, (unsigned long long)size);
    if (code == 0)
        code = lks_entries_each(case_path, leaves, size, entry_redo, &redoing, err);
    if (!redoing.begun)
        return code;
    if (code == 0)
        code = lks_store_leaves_set(store, size, err);
    if (code == 0)
        code = lks_store_finish(store, err);
    if (code == 0)
        code = lks_store_commit(store, err);
    else
        lks_store_rollback(store);
    if (code == 0 && tally->files && control && control->notice) {
        char sentence[256];
        snprintf(sentence, sizeof sentence,
                 "%llu file%s logged in the vault before a program was cut off: read again from "
                 "the sealed cop%s",
                 (unsigned long long)tally->files, tally->files == 1 ? " was" : "s were",
                 tally->files == 1 ? "y" : "ies");
        control->notice(control->context, sentence);
    }
    return code;
}
