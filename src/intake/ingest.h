/* ingest.h - files into a case: seal, read, store */
#ifndef LKS_INTAKE_INGEST_H
#define LKS_INTAKE_INGEST_H

#include "base/error.h"
#include "case/vault.h"
#include "intake/settings.h"
#include "store/store.h"

struct lks_ingest_tally {
    double seal, parse;   /* seconds */
    uint64_t files_known; /* files that the case had already: not read again */
    int logged;           /* the vault holds the new files: nothing may be undone any more */
};

/* A case opened to take files in, made where it was not there, with what an earlier call logged and
 * did not store. */
struct lks_ingest_case {
    struct lks_store *store;
    struct lks_vault *vault;
    int store_made, vault_made;
};
/* On failure too the caller closes it. */
int lks_ingest_open(const char *case_path, const struct lks_control *control,
                    struct lks_ingest_case *opened, struct lks_error *err);
/* unmake: takes away what the opening made. */
void lks_ingest_close(const char *case_path, struct lks_ingest_case *opened, int unmake);

/* The work of lks_case_ingest on an open case: all files or none. */
int lks_ingest_files(struct lks_store *store, struct lks_vault *vault,
                     const struct lks_settings *settings, const struct lks_ingest_options *options,
                     const struct lks_control *control, struct lks_ingest_tally *tally,
                     struct lks_error *err);
/* The store's counts as the public struct. */
int lks_ingest_counts(struct lks_store *store, struct lks_case_counts *counts,
                      struct lks_error *err);

#endif
