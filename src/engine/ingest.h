/* ingest.h - files into a case: seal, read, store */
#ifndef LKS_ENGINE_INGEST_H
#define LKS_ENGINE_INGEST_H

#include "base/error.h"
#include "engine/settings.h"
#include "store/store.h"

struct lks_ingest_tally {
    double seal, parse;   /* seconds */
    uint64_t files_known; /* files that the case had already: not read again */
};

/* The work of lks_case_ingest on an open store: all files or none. */
int lks_ingest_files(struct lks_store *store, const struct lks_settings *settings,
                     const struct lks_ingest_options *options, const struct lks_control *control,
                     struct lks_ingest_tally *tally, struct lks_error *err);
/* The store's counts as the public struct. */
int lks_ingest_counts(struct lks_store *store, struct lks_case_counts *counts,
                      struct lks_error *err);

#endif
