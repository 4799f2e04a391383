/* relay.h - what one channel calls out and others repeat within seconds or minutes */
#ifndef LKS_SIGNAL_RELAY_H
#define LKS_SIGNAL_RELAY_H

#include "record/events.h"

/* A message carries a term: a tag, a link, a word that is not one of everybody's. */
struct lks_relay_use {
    uint32_t term, post; /* post: in the order of the input's posts */
};

/* Shared and unchanging. Posts in order of time; uses by (term, post), each once. */
struct lks_relay_input {
    const int64_t *post_time_us; /* [posts_count], rising */
    const uint32_t *post_place;  /* [posts_count] the channel it stands in */
    const uint8_t *post_is_call; /* [posts_count] 1: what it names is looked for elsewhere */
    size_t posts_count;
    const struct lks_relay_use *uses; /* [uses_count] */
    size_t uses_count;
    uint32_t places_count, terms_count;
};

enum { LKS_RELAY_WINDOWS = 3 };

struct lks_relay_options {
    int64_t window_us[LKS_RELAY_WINDOWS]; /* rising: relays come within these after the call */
    int64_t past_us;  /* how often a term is used at all is taken from this long before */
    int64_t quiet_us; /* nobody used the term for this long before the call */
    int64_t habit_us; /* whether it is used at this time of day is taken from this long before */
    unsigned block_weeks; /* by days within so many weeks others are moved beside a channel */
    double level;         /* of q */
    unsigned controls;    /* runs with every channel moved by days of its own */
    uint64_t seed;
};

/* A call and who repeated it. */
struct lks_relay {
    int64_t first_us, last_us; /* first and last message within the widest window */
    int64_t sure_us;           /* when so many had repeated it that it was no chance any more */
    uint32_t place, post;      /* of the first */
    uint32_t places_count;     /* the first among them */
    uint32_t first_member, members_count; /* into members: all messages, in order of time */
    double expected; /* places that would have used the term by chance, where p is least */
    double log10_p, q_value;
};
struct lks_relay_member {
    uint32_t post, place;
    int64_t lag_us;
};

/* A channel over all calls. */
struct lks_relayer {
    uint32_t place;
    uint32_t called, relayed; /* was first in a relay; said a new term of another's call */
    uint32_t could;           /* calls of others during whose window it said anything */
    double expected;          /* relays by its own hours and words, beside the others' other days */
    double log10_p, q_value;  /* of relayed against expected */
    uint32_t followed, followed_count; /* whom it repeated most, UINT32_MAX; how often */
    int64_t lag_median_us;             /* -1 without any */
};

struct lks_relays {
    struct lks_relay *relays; /* [relays_count] in order of time */
    size_t relays_count;
    struct lks_relay_member *members; /* [members_count] */
    size_t members_count;
    uint32_t *terms;              /* [relays_count] the term with the least p of each */
    struct lks_relayer *relayers; /* [relayers_count] by rising p; who called or relayed */
    size_t relayers_count;
    double relayers_least_p; /* the days of the data let no channel's p be less */
    uint64_t tested_count;   /* calls whose terms nobody had used just before */
    double p_max;            /* the largest p that was called; 0 without any */
    unsigned controls_count;
    uint64_t control_relays; /* found in all controls together */
};

struct lks_relay_options lks_relay_options_default(void);

/* Finds calls that others repeat sooner and more often than chance lets them. *result_out is the
 * caller's, freed by lks_relays_free. Cost: uses, once for each control and once more, and a
 * hypergeometric tail for each call that anybody repeated. 0, LKS_EARGUMENT, LKS_EMEMORY,
 * LKS_ECANCELLED. One thread. Method: docs/method/relay.md. */
int lks_relays_run(const struct lks_relay_input *input, const struct lks_relay_options *options,
                   const struct lks_control *control, struct lks_relays *result_out,
                   struct lks_error *err);
void lks_relays_free(struct lks_relays *result);

#endif
