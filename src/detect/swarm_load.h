/* swarm_load.h - comments of a case as the columns that the swarm detector takes */
#ifndef LKS_DETECT_SWARM_LOAD_H
#define LKS_DETECT_SWARM_LOAD_H

#include "signal/swarm.h"
#include "store/store.h"

struct lks_swarm_columns {
    struct lks_arena arena;
    struct lks_replies replies;
    uint32_t *account, *text; /* [replies.count] */
    int64_t *time_us;         /* [replies.count] */
    uint32_t *author;         /* [replies.targets_count] or LKS_SWARM_NONE */
    int64_t *target_time_us;  /* [replies.targets_count] or LKS_TIME_NULL */
};

/* Reads what answers what, with the texts of the events; freed by lks_swarm_columns_unload, also
 * after a failure. LKS_EMEMORY, LKS_ESTORE, LKS_ECANCELLED. */
int lks_swarm_columns_load(struct lks_store *store, const struct lks_events *events,
                           struct lks_swarm_columns *columns, struct lks_error *err);
void lks_swarm_columns_unload(struct lks_swarm_columns *columns);

/* Why comments cannot be judged, or NULL; has_texts says whether the events hold texts. */
const char *lks_swarm_hindrance(const struct lks_swarm_columns *columns, int has_texts);

/* The columns as the kernel's input, which borrows them. */
void lks_swarm_input_fill(const struct lks_swarm_columns *columns, const struct lks_events *events,
                          struct lks_swarm_input *input);

#endif
