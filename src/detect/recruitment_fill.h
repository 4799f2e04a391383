/* recruitment_fill.h - calls of channels and their answers, into a run's results */
#ifndef LKS_DETECT_RECRUITMENT_FILL_H
#define LKS_DETECT_RECRUITMENT_FILL_H

#include "detect/accounts_load.h"
#include "detect/messages_load.h"
#include "finding/detect_groups.h"

/* Reads what messages of channels name, finds who answers on other platforms, and fills the
 * results' calls and responders; the results' findings must be there. Where there is nothing to look
 * for, recruitment.unobservable says why. LKS_EMEMORY, LKS_ESTORE, LKS_ECANCELLED. */
int lks_recruitment_fill(struct lks_store *store, const struct lks_events *events,
                         const struct lks_account_columns *columns,
                         const struct lks_messages *messages, const struct lks_analysis *analysis,
                         const struct lks_control *control, struct lks_results *results,
                         struct lks_error *err);

#endif
