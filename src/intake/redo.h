/* redo.h - files that the vault has and the store does not: read again from their sealed copies */
#ifndef LKS_INTAKE_REDO_H
#define LKS_INTAKE_REDO_H

#include "case/vault.h"
#include "intake/file_take.h"

/* What a reading of sealed files came to. */
struct lks_redo_tally {
    uint64_t files, gone, damaged; /* read; whose bytes are not here any more; were changed */
    uint64_t differing;            /* read, with other counts than their import states */
    uint64_t erased;               /* not read, since they were erased */
    int lacking; /* something was erased: what is a duplicate depends on what else there is */
};

/* Reads one sealed file into the store's open transaction. 0, also where its bytes are gone or
 * damaged, which control->notice and the tally tell; LKS_ECANCELLED, LKS_ESTORE, ... */
int lks_redo_file(struct lks_store *store, const struct lks_vault *vault,
                  const struct lks_entry *entry, const struct lks_control *control,
                  struct lks_redo_tally *tally, struct lks_error *err);

/* Takes all imports from the entry on that the store heeds last, in one transaction. It is what an
 * import does that was cut off after its files were logged and before they were stored. Where
 * LKS_REDO_ALL is needed it is not enough.
 * LKS_EINPUT where the vault has fewer entries than the store knows of. */
int lks_redo(struct lks_store *store, const char *case_path, const struct lks_vault *vault,
             const struct lks_control *control, struct lks_redo_tally *tally,
             struct lks_error *err);
/* What a store lacks that was last written before the vault was. */
enum lks_redo_need {
    LKS_REDO_NOTHING,
    LKS_REDO_FILES, /* files came in: lks_redo takes them */
    LKS_REDO_ALL    /* something was erased, or a copy took a file's place: only a new store
                     * (lks_rebuild_replace) is without what was erased */
};
int lks_redo_needed(struct lks_store *store, const char *case_path, enum lks_redo_need *need_out,
                    struct lks_error *err);

#endif
