/* coaction_sorted.h - events on disk, in order, read and written in pieces */
#ifndef LKS_ENGINE_COACTION_SORTED_H
#define LKS_ENGINE_COACTION_SORTED_H

#include "engine/coaction_parts.h"
#include "signal/coaction.h"

struct lks_sorted_event {
    uint32_t object, account, post;
    int64_t time_us;
};

/* Reads events in their order. Zero it, set spool and count. */
struct lks_sorted_reader {
    const struct lks_spool *spool;
    uint64_t count; /* in all */
    /* inside */
    uint64_t read;
    size_t at, held;
    uint32_t (*piece)[LKS_SORTED_WORDS];
    struct lks_budget *budget;
    size_t piece_capacity;
};

int lks_sorted_reader_open(struct lks_sorted_reader *reader, const struct lks_spool *spool,
                           uint64_t count, struct lks_budget *budget, struct lks_error *err);
/* 1, 0 at the end, below 0. */
int lks_sorted_reader_next(struct lks_sorted_reader *reader, struct lks_sorted_event *event,
                           struct lks_error *err);
void lks_sorted_reader_close(struct lks_sorted_reader *reader); /* zeroed is fine */

/* Puts the events of data, wherever they are, to data->sorted, without those that cannot be in an
 * edge: alone in their window, or of an account with too few that are not. Frees the columns
 * of events. */
int lks_coaction_sorted_prune(struct lks_coaction_data *data,
                              const struct lks_coaction_options *options,
                              struct lks_coaction_means *means, struct lks_error *err);

/* How many events of data->sorted are of accounts for which take says so. */
int lks_coaction_sorted_count(const struct lks_coaction_data *data,
                              int (*take)(const void *context, uint32_t account),
                              const void *context, struct lks_budget *budget, uint64_t *count_out,
                              struct lks_error *err);
/* Takes the events of data->sorted of accounts for which take says so into *events, whose
 * columns are charged to the budget; count is how many they are. object_kind is borrowed. */
int lks_coaction_sorted_take(const struct lks_coaction_data *data, uint64_t count,
                             int (*take)(const void *context, uint32_t account),
                             const void *context, struct lks_budget *budget,
                             struct lks_events *events, struct lks_error *err);
void lks_coaction_taken_free(struct lks_events *events, uint64_t count, struct lks_budget *budget);

#endif
