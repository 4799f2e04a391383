/* import.h - what the log says of a file that came in, enough to read it again in the same way */
#ifndef LKS_CASE_IMPORT_H
#define LKS_CASE_IMPORT_H

#include "case/entries.h"
#include "case/vault.h"
#include "source/source.h"

struct lks_import_counts {
    uint64_t rows, posts, payments, duplicates, rejects, ignored, zone_assumed, cp1252;
};

/* The statement of one file. Strings are borrowed; of one that was read, from the entry's arena. */
struct lks_import {
    uint64_t leaf;
    char blob[LKS_BLOB_NAME_BYTES];
    char sha256[LKS_SHA256_HEX_BYTES]; /* hidden; empty where its disclosure is not here */
    struct lks_str name;               /* hidden, the last part of the path; null likewise */
    uint64_t size_bytes;
    const char *format;
    struct lks_import_counts counts;
    uint64_t place, of; /* the place-th, from 1, of the files that came in together */
    uint64_t replaces;  /* leaf of the file whose place it takes (case/imports.h); 0: of none */
};

/* How files are read, as statements keep it. */
struct lks_import_reading {
    struct lks_source_options options; /* of import_read: points into the members below */
    struct lks_mapping mapping;
    struct lks_source_zone *zones; /* in the arena */
};

/* Records the import of a file in the vault; its leaf goes to import->leaf. Errors as
 * lks_vault_record. */
int lks_import_record(struct lks_vault *vault, struct lks_import *import,
                      const struct lks_source_options *reading, struct lks_error *err);
/* Reads it back from an entry of kind import. reading may be NULL; it is freed by
 * lks_import_reading_free, and must not move. LKS_EINPUT where the statement is not one of an import;
 * LKS_EMEMORY. */
int lks_import_read(const struct lks_entry *entry, struct lks_import *import,
                    struct lks_import_reading *reading, struct lks_error *err);
void lks_import_reading_free(struct lks_import_reading *reading);

#endif
