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
    int64_t *first_us;     /* [places_count] its first post */
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
uint32_t lks_relay_mark(struct lks_relay_run *run);

/* Who else says the term of a use, from it on until some time: places once, uses each. */
struct lks_relay_heard {
    uint64_t places, uses;
    double by_day; /* places, each by one day of all on which it could be heard (relay_chance.c) */
};
void lks_relay_heard_add(const struct lks_relay_run *run, size_t use, uint32_t place,
                         struct lks_relay_heard *heard);

/* Whether nobody used the term of this use for the quiet time before it. */
int lks_relay_is_quiet(const struct lks_relay_run *run, size_t use);
/* log10 P that as many other places use the term within the window as were heard; *expected (may be
 * NULL): by chance. Marks places anew where the term was in use at this hour on other days. */
double lks_relay_tail_log10(struct lks_relay_run *run, size_t use, int window,
                            const struct lks_relay_heard *heard, double *expected);

/* ---- places over all calls ---- */

/* How many calls of others a place repeats, with everybody else moved by 0, 1, ... days around a
 * block of whole weeks; turns are 1 where the days are too few for a week and stay. */
struct lks_relay_turns {
    uint32_t place, turns;
    size_t first; /* into counts */
};
struct lks_relay_turned {
    struct lks_relay_turns *blocks; /* [blocks_count] by (block, place): where any turn repeats */
    size_t blocks_count, blocks_capacity;
    uint32_t *counts;
    size_t counts_count, counts_capacity;
    uint32_t *could; /* [places_count] calls of others in whose window it said anything */
    double least_p;  /* no arrangement of the blocks can show less */
};

/* 0, LKS_EMEMORY, LKS_ECANCELLED; freed by lks_relay_turned_free also then. */
int lks_relay_turn(struct lks_relay_run *run, const struct lks_control *control,
                   struct lks_relay_turned *turned, struct lks_error *err);
void lks_relay_turned_free(struct lks_relay_turned *turned);

/* Fills result->relayers. 0, LKS_EMEMORY, LKS_ECANCELLED. */
int lks_relayers_make(struct lks_relay_run *run, const struct lks_control *control,
                      struct lks_relays *result, struct lks_error *err);

#endif
