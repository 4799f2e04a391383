/* imports.h - the sealed files of a case as its log tells them: what stands, what was erased, what
 * took whose place
 *
 * Members of the statements that change them, in the clear:
 *
 *     import   replaces: leaf                        a copy in which records are blanked out
 *     erase    result: "begun", "done", "kept", "refused", "failed"
 *              leaf                                  the import that it is about
 *     redact   the same, and import: leaf            of the copy that takes its place
 *
 * begun stands in the log before anything is destroyed, done after it. kept says that one which was
 * begun and cut off must not go on, since an order came between. */
#ifndef LKS_CASE_IMPORTS_H
#define LKS_CASE_IMPORTS_H

#include "case/import.h"
#include "case/keys.h"

struct lks_case_import {
    uint64_t leaf;
    uint64_t original;    /* the leaf that brought the file first; its own, mostly */
    uint64_t replaced_by; /* leaf, or LKS_LEAF_NONE */
    uint64_t begun;       /* entry that began to destroy it, or LKS_LEAF_NONE */
    int done;             /* and it was ended */
    char blob[LKS_BLOB_NAME_BYTES];
    char sha256[LKS_SHA256_HEX_BYTES]; /* empty where it is not disclosed here */
    struct lks_str name;               /* null likewise */
    uint64_t size_bytes;
};

struct lks_imports {
    struct lks_case_import *items; /* by rising original: the order in which files are read */
    size_t count, room;
    struct lks_arena arena;
};

/* Reads them from the first end entries of the log (UINT64_MAX: all). A case without a vault has
 * none. Errors as lks_entries_each, LKS_EINPUT where a statement contradicts what came before. Freed by
 * lks_imports_free, also after a failure. */
int lks_imports_read(const char *case_path, uint64_t end, struct lks_imports *imports,
                     struct lks_error *err);
void lks_imports_free(struct lks_imports *imports);
/* The one of that leaf, or NULL. */
const struct lks_case_import *lks_imports_find(const struct lks_imports *imports, uint64_t leaf);
/* 1 where the file is part of the case: not erased, and no copy has taken its place. */
int lks_import_stands(const struct lks_case_import *import);

#endif
