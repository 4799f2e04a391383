/* coaction_rows.h - events that have company, each with its window, grouped by account */
#ifndef LKS_SIGNAL_COACTION_ROWS_H
#define LKS_SIGNAL_COACTION_ROWS_H

#include "base/budget.h"
#include "signal/coaction.h"

/* One surviving event of an account, with all that measuring a pair asks for, so that it
 * touches two rows and nothing else. */
struct lks_coaction_row {
    uint32_t first, end; /* its window: partner[first .. end - 1], itself among them */
    uint32_t object, post;
    int64_t time_us;
};

struct lks_coaction_rows {
    uint32_t *partner;            /* [count] accounts in the order of the events */
    struct lks_coaction_row *row; /* [count] by account, in the order of the events inside */
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
