/* imports.c - the sealed files of a case as its log tells them */
#include "case/imports.h"

#include <stdlib.h>
#include <string.h>

int lks_import_stands(const struct lks_case_import *import)
{
    return import->begun == LKS_LEAF_NONE && import->replaced_by == LKS_LEAF_NONE;
}

static struct lks_case_import *find(struct lks_imports *imports, uint64_t leaf)
{
    for (size_t i = 0; i < imports->count; i++)
        if (imports->items[i].leaf == leaf)
            return &imports->items[i];
    return NULL;
}

const struct lks_case_import *lks_imports_find(const struct lks_imports *imports, uint64_t leaf)
{
    for (size_t i = 0; i < imports->count; i++)
        if (imports->items[i].leaf == leaf)
            return &imports->items[i];
    return NULL;
}

static int bad(const struct lks_entry *entry, const char *what, struct lks_error *err)
{
    return lks_error_set(err, LKS_EINPUT, "entry %llu: %s", (unsigned long long)entry->index, what);
}

static int room_make(struct lks_imports *imports, struct lks_error *err)
{
    if (imports->count < imports->room)
        return 0;
    size_t room = imports->room ? 2 * imports->room : 32;
    struct lks_case_import *more = realloc(imports->items, room * sizeof *more);
    if (!more)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    imports->items = more;
    imports->room = room;
    return 0;
}

static int import_take(struct lks_imports *imports, const struct lks_entry *entry,
                       struct lks_error *err)
{
    struct lks_import import;
    int code = lks_import_read(entry, &import, NULL, err);
    if (code == 0)
        code = room_make(imports, err);
    if (code)
        return code;
    struct lks_case_import item = {.leaf = import.leaf,
                                   .original = import.leaf,
                                   .replaced_by = LKS_LEAF_NONE,
                                   .begun = LKS_LEAF_NONE,
                                   .name = lks_arena_str(&imports->arena, import.name),
                                   .size_bytes = import.size_bytes};
    memcpy(item.blob, import.blob, sizeof item.blob);
    memcpy(item.sha256, import.sha256, sizeof item.sha256);
    if (import.name.data && !item.name.data)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    if (import.replaces) {
        struct lks_case_import *before = find(imports, import.replaces);
        if (!before || before->replaced_by != LKS_LEAF_NONE)
            return bad(entry, "it takes the place of no file", err);
        before->replaced_by = item.leaf;
        item.original = before->original;
    }
    imports->items[imports->count++] = item;
    return 0;
}

/* erase and redact. A copy whose redaction must not go on is itself what goes. */
static int ending_take(struct lks_imports *imports, const struct lks_entry *entry,
                       struct lks_error *err)
{
    struct lks_str result;
    int64_t leaf, copy;
    lks_statement_text(&entry->statement, "result", entry->arena, &result);
    if (!lks_statement_int(&entry->statement, "leaf", entry->arena, &leaf))
        return 0; /* about a run, or refused as a whole */
    struct lks_case_import *import = find(imports, (uint64_t)leaf);
    if (!import)
        return bad(entry, "it is about no file", err);
    if (lks_str_equal_text(result, "begun")) {
        if (import->begun != LKS_LEAF_NONE)
            return bad(entry, "it erases what was erased", err);
        import->begun = entry->index;
    } else if (lks_str_equal_text(result, "done")) {
        import->done = 1;
    } else if (lks_str_equal_text(result, "kept")) {
        import->begun = LKS_LEAF_NONE;
        import->replaced_by = LKS_LEAF_NONE;
        struct lks_case_import *other = NULL;
        if (lks_statement_int(&entry->statement, "import", entry->arena, &copy))
            other = find(imports, (uint64_t)copy);
        if (other) {
            other->begun = entry->index;
            other->done = 1;
        }
    }
    return 0;
}

static int entry_take(void *context, const struct lks_entry *entry, struct lks_error *err)
{
    if (entry->statement.kind == LKS_STATEMENT_IMPORT)
        return import_take(context, entry, err);
    if (entry->statement.kind == LKS_STATEMENT_ERASE ||
        entry->statement.kind == LKS_STATEMENT_REDACT)
        return ending_take(context, entry, err);
    return 0;
}

static int by_original(const void *a, const void *b)
{
    const struct lks_case_import *x = a, *y = b;
    if (x->original != y->original)
        return x->original < y->original ? -1 : 1;
    return (x->leaf > y->leaf) - (x->leaf < y->leaf);
}

int lks_imports_read(const char *case_path, uint64_t end, struct lks_imports *imports,
                     struct lks_error *err)
{
    *imports = (struct lks_imports){0};
    if (!lks_vault_there(case_path))
        return 0;
    int code = lks_entries_each(case_path, 0, end, entry_take, imports, err);
    if (code == 0 && imports->count)
        qsort(imports->items, imports->count, sizeof *imports->items, by_original);
    return code;
}

void lks_imports_free(struct lks_imports *imports)
{
    free(imports->items);
    lks_arena_free(&imports->arena);
    *imports = (struct lks_imports){0};
}
