/* relay_inside.h - what the files of relay share */
#ifndef LKS_SIGNAL_RELAY_INSIDE_H
#define LKS_SIGNAL_RELAY_INSIDE_H

#include "signal/relay.h"

/* A message of the input, at the time at which this run sees it. */
struct lks_relay_run {
    const struct lks_relay_input *input;
    const struct lks_relay_options *options;
    size_t count;
    int64_t *time_us;           /* [count] rising */
    uint32_t *place;            /* [count] */
    uint8_t *is_call;           /* [count] */
    uint32_t *origin;           /* [count] the input's post */
    size_t *own_first;          /* [count + 1] into own */
    size_t *own;                /* [uses_count] uses of a post: indexes of uses */
    struct lks_relay_use *uses; /* [uses_count] by (term, post), posts as in this run */
    size_t uses_count;
    uint32_t *stamp, mark; /* [places_count] */
    uint32_t *places;      /* [places_count] places seen in a window */
    uint32_t *seen;        /* [places_count] their posts there */
};

/* What the best term of one call comes to. */
struct lks_relay_best {
    uint32_t post; /* of this run */
    size_t use;
    unsigned tries; /* terms times windows: what the choice of the best is paid with */
    double expected, log10_p;
};

int lks_relay_run_make(struct lks_relay_run *run, const struct lks_relay_input *input,
                       const struct lks_relay_options *options, const int64_t *shift_us,
                       struct lks_error *err);
void lks_relay_run_free(struct lks_relay_run *run);

/* Whether nobody used the term of this use for the quiet time before it. */
int lks_relay_is_quiet(const struct lks_relay_run *run, size_t use);
/* Past posts, and among them those on the term of the use: before its quiet time. */
void lks_relay_past(const struct lks_relay_run *run, size_t use, uint64_t *posts, uint64_t *uses);
/* Posts of other places after post `from` until time_us. */
uint64_t lks_relay_posts_until(const struct lks_relay_run *run, size_t from, int64_t time_us);
/* ln P that as many as `places` other places use the term within window_us, of `posts` there with
 * `uses` on it. */
double lks_relay_tail(const struct lks_relay_run *run, size_t use, uint64_t places, uint64_t uses,
                      uint64_t posts);
uint32_t lks_relay_mark(struct lks_relay_run *run);

/* Places over all tested calls. 0, LKS_EMEMORY. */
int lks_relayers_make(struct lks_relay_run *run, const struct lks_relay_best *tested,
                      size_t tested_count, struct lks_relays *result, struct lks_error *err);

#endif
