/* attribution.h - which signals name a finding's accounts more often than they name others
 *
 * A signal whose clusters made the finding was tested when they were. Any other signal had no say
 * in who is a member, so it can be asked afterwards: are its accounts among the members more often
 * than if it named as many accounts anywhere? */
#ifndef LKS_FINDING_ATTRIBUTION_H
#define LKS_FINDING_ATTRIBUTION_H

#include "finding/fuse.h"

#define LKS_ATTRIBUTION_LEVEL 0.05  /* of q */
enum { LKS_ATTRIBUTION_LEAST = 3 }; /* members that a mechanism needs, as a cluster does */

/* One finding and one signal. */
struct lks_attribution {
    uint32_t members_named, members_count; /* of the finding; count: that the signal could judge */
    uint64_t all_named, all_count;         /* of the data, members included */
    double log10_p, log10_q; /* that the named are spread over all alike; NaN: not asked */
};

/* Accounts that a signal names which makes no findings itself. */
struct lks_named_set {
    const unsigned char *is_named;  /* [accounts_count] */
    const unsigned char *is_tested; /* [accounts_count]; NULL: nobody */
};

/* Sets log10_p: the hypergeometric tail of members_named. Where it is not known which members the
 * signal could judge, give all: that makes p larger. */
void lks_attribution_test(struct lks_attribution *one);

/* Sets log10_q of those that have a p, by Benjamini and Hochberg over them. LKS_EMEMORY. */
int lks_attribution_adjust(struct lks_attribution *rows, size_t count, struct lks_error *err);

/* Whether it says something of the finding: q at most the level, and members enough. */
int lks_attribution_holds(const struct lks_attribution *one);

/* Asks of every finding every observable layer of accounts that takes no part in it, and
 * registrations, which no layer holds. rows_out[items_count * LKS_LAYERS_COUNT] by finding, then layer;
 * q over all that were asked. A record names nobody here, nor does a channel answer itself. LKS_EMEMORY. */
int lks_attribution_run(const struct lks_layers *layers, const struct lks_fusion *fusion,
                        const struct lks_named_set *registrations, struct lks_attribution *rows_out,
                        struct lks_error *err);

#endif
