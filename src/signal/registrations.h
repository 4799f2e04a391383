/* registrations.h - accounts made on one day with one shape of handle: more than chance gives */
#ifndef LKS_SIGNAL_REGISTRATIONS_H
#define LKS_SIGNAL_REGISTRATIONS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Shared and unchanging. Accounts whose day is known; the order does not matter. */
struct lks_registrations_input {
    size_t count;
    const int64_t *created_us; /* [count] by a field: an id gives a lower bound only */
    const uint32_t *shape;     /* [count] */
    uint32_t shapes_count;
};

struct lks_registrations_options {
    uint32_t accounts_min; /* of a day and shape */
    int64_t era_us;        /* within which days shapes are exchangeable */
    unsigned draws;
    double level; /* of p */
    uint64_t seed;
};

/* Accounts of one day and shape. */
struct lks_registration {
    int64_t day_us;
    uint32_t shape, accounts_count;
    uint32_t day_count; /* accounts made that day */
    double expected; /* of them, if shapes and days of the era had nothing to do with each other */
    double log10_p;  /* of this day and shape alone */
    double p_value;  /* family-wise: that any day and shape comes out as clear by chance */
};

struct lks_registrations_options lks_registrations_options_default(void);

/* Finds days and shapes that go together. Null model: within an era (92 days) any account
 * could have any of the era's shapes; shapes are permuted among its accounts, and every day
 * and shape is compared with the clearest one of each of the draws. O(draws accounts). The
 * array is the caller's to free. 0, LKS_EMEMORY, LKS_ECANCELLED. Method:
 * docs/method/lifecycle.md. */
int lks_registrations_run(const struct lks_registrations_input *input,
                          const struct lks_registrations_options *options,
                          const struct lks_control *control, struct lks_registration **out,
                          size_t *count_out, struct lks_error *err);

#endif
