/* popularity.h - how popular the things were that flagged accounts used, and without them */
#ifndef LKS_SIGNAL_POPULARITY_H
#define LKS_SIGNAL_POPULARITY_H

#include "record/events.h"

enum {
    LKS_FLAG_LEVELS = 3, /* thresholds of flagging: every finding, moderate and up, high only */
    LKS_POPULAR_BINS = 96,
    LKS_POPULAR_PLATFORMS = 4 /* told apart, of each thing those with most posts */
};

/* A thing on one platform: [0] of everybody, [1] without flagged accounts. */
struct lks_popular_platform {
    uint8_t platform; /* as account_platform numbers them */
    uint32_t accounts[2];
    uint64_t posts[2], views[2];
};

/* Its course there, in equal parts of the data's time. */
struct lks_popular_course {
    uint32_t posts[LKS_POPULAR_BINS], flagged[LKS_POPULAR_BINS];
    uint32_t accounts[LKS_POPULAR_BINS]; /* first uses */
    uint64_t views[LKS_POPULAR_BINS];
};

/* Posts and accounts on one object by whom they are not: [0] all, [1 + level] all but
 * accounts flagged at that level or above it. */
struct lks_popular {
    uint32_t object;
    enum lks_object_kind kind;
    uint64_t posts[1 + LKS_FLAG_LEVELS];
    uint32_t accounts[1 + LKS_FLAG_LEVELS];
    uint64_t views[1 + LKS_FLAG_LEVELS]; /* of those posts whose views are known */
    uint64_t views_known;                /* posts whose views are known */
    uint32_t rank[1 + LKS_FLAG_LEVELS];  /* by accounts among the objects of its kind; 1 is the top;
                                         * objects with as many share the better rank */
    uint32_t ranked_count;               /* objects of its kind on two posts or more */
    int64_t first_us, last_us;
    /* Answers within an hour of the post that they answer, where that or they are on it; by others
     * than the post's author. answers_known: whether there is any such answer, however late, in
     * the data with what it answers. */
    uint64_t hour_answers, hour_flagged;
    int answers_known;
    /* Of the accounts that came first, a tenth of all but ten at least, how many are flagged. */
    uint32_t early_accounts, early_flagged;
    int64_t
        doubling_us; /* the shortest time in which its accounts doubled, from twenty on; -1 where
                          * they never did */
    int64_t doubling_without_us; /* the same without flagged accounts */
    /* The best change to a higher rate on everybody's clock, as in lifecycle.h; rate_ratio 0
     * where there is none. log10_p holds if accounts come on their own. */
    int64_t change_us;
    double rate_ratio, log10_p;
    uint32_t bin_posts[LKS_POPULAR_BINS]; /* in equal parts of the data's time */
    uint32_t bin_flagged[LKS_POPULAR_BINS];
    uint32_t bin_accounts[LKS_POPULAR_BINS]; /* first uses */
    uint32_t bin_accounts_flagged[LKS_POPULAR_BINS];
    uint64_t bin_views[LKS_POPULAR_BINS];
    uint64_t bin_views_flagged[LKS_POPULAR_BINS];
    struct lks_popular_platform platforms[LKS_POPULAR_PLATFORMS];
    struct lks_popular_course course[LKS_POPULAR_PLATFORMS]; /* of each of the platforms */
    uint32_t platforms_count; /* among them; 0 where no platform is known */
};

/* What else is known of accounts and posts; each may be NULL. */
struct lks_popularity_columns {
    const uint8_t *account_platform; /* [accounts_count] */
    const int64_t *post_views;       /* [posts_count] LKS_COUNT_NULL where unknown */
    const uint32_t *post_parent;     /* [posts_count] the post that it answers, or UINT32_MAX */
};

struct lks_popularity_options {
    uint32_t kinds_mask;   /* bit by enum lks_object_kind */
    uint32_t flagged_min;  /* flagged accounts that an object needs to be described; 0: none */
    uint32_t objects_most; /* described of each kind: those with the most flagged accounts */
};

struct lks_popularity_options lks_popularity_options_default(void);

/* Describes the objects that flagged accounts used most. account_level[accounts_count]: 0 for not
 * flagged, 1 to LKS_FLAG_LEVELS for how surely. Results by kind, then by falling flagged
 * accounts; *popular_out is the caller's to free. What the counts without flagged accounts say
 * is a lower bound of their effect: whoever came because of them stays counted. columns may be NULL.
 * O(events log events); 24 bytes an object, and 8 a post where answers are known. 0, LKS_EMEMORY, LKS_ECANCELLED. Method:
 * docs/method/popularity.md. */
int lks_popularity_run(const struct lks_events *events, const uint8_t *account_level,
                       const struct lks_popularity_columns *columns,
                       const struct lks_popularity_options *options,
                       const struct lks_control *control, struct lks_popular **popular_out,
                       size_t *count_out, struct lks_error *err);

#endif
