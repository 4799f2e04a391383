/* coaction_rows.h - events that have company, each with its window, grouped by account */
#ifndef LKS_SIGNAL_COACTION_ROWS_H
#define LKS_SIGNAL_COACTION_ROWS_H

#include "base/budget.h"
#include "signal/coaction.h"

/* One surviving event of an account: all that measuring a pair asks for, four to a cache
 * line, so that a pair touches two rows and nothing else. */
struct lks_coaction_row {
    uint32_t object, post;
    int64_t time_us;
};

/* What is counted for that event: partner[first .. end - 1], itself among them. */
struct lks_coaction_window {
    uint32_t first, end;
};

struct lks_coaction_rows {
    uint32_t *partner;                  /* [count] accounts in the order of the events */
    struct lks_coaction_row *row;       /* [count] by account, in the order of the events inside */
    struct lks_coaction_window *window; /* [count] by account, too */
    uint32_t *start; /* [accounts_count + 1] account a has row[start[a] .. start[a + 1] - 1] */
    size_t count, accounts_count;
};

/* Prunes, exactly, and lays out: an event stays if another account is in its window and
 * its account has at least min_objects objects among such events. O(events). On failure
 * rows is zeroed. */
int lks_coaction_rows_build(struct lks_coaction_rows *rows, const struct lks_events *events,
                            const struct lks_coaction_options *options, struct lks_budget *budget,
                            struct lks_error *err);
void lks_coaction_rows_free(struct lks_coaction_rows *rows, struct lks_budget *budget);

#endif
