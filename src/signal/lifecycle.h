/* lifecycle.h - accounts that slept and woke, and whether they woke, or were made, together */
#ifndef LKS_SIGNAL_LIFECYCLE_H
#define LKS_SIGNAL_LIFECYCLE_H

#include "base/error.h"
#include "record/record.h"

/* Shared and unchanging. Every post of the data, in any order. */
struct lks_lifecycle_input {
    uint32_t accounts_count;
    size_t posts_count;
    const uint32_t *post_account;  /* [posts_count] */
    const int64_t *post_time_us;   /* [posts_count] */
    const uint8_t *post_on_topic;  /* [posts_count] 1 or 0; NULL: no topic is known */
    const int64_t *created_us;     /* [accounts_count], LKS_TIME_NULL where unknown; or NULL */
    const uint8_t *created_method; /* [accounts_count] enum lks_created_method; or NULL */
    /* [dates_count] days on which everybody may come back, an election's: half a day before to half
     * a day after tells nothing of anybody, and is left out of the test. */
    const int64_t *date_us;
    size_t dates_count;
};

struct lks_lifecycle_options {
    int64_t session_us;  /* posts closer than this to the one before are one act */
    int64_t silence_us;  /* the least silence that counts as sleep */
    uint32_t acts_min;   /* accounts with fewer acts are not tested, nor part of the clock */
    uint32_t days_min;   /* on which an awakened account must have acted: no one-day guests */
    double rate_ratio;   /* rate asleep over rate awake, at most */
    double level;        /* of q for accounts */
    double cohort_level; /* of p for cohorts: several are looked for, one after the other */
    unsigned draws;      /* of the cohorts' scans */
    uint64_t seed;
};

enum { LKS_STRIP_PARTS = 56 };

/* What tells us that the account was there before it woke. */
enum lks_history { LKS_HISTORY_POSTS, LKS_HISTORY_CREATION };

struct lks_awakening {
    uint32_t account;
    enum lks_history history;
    int64_t asleep_us;          /* from when on the data could have shown it */
    int64_t woke_us;            /* the first act after the change of rate */
    int64_t longest_silence_us; /* between acts, or from asleep_us to the first */
    uint32_t acts_before, acts_after, days_after;
    uint32_t topic_before, topic_after; /* of those acts, on the topic */
    double topic_log10_p; /* that so many of the acts on the topic came after by chance; 0 where no
                           * topic is known */
    double share_before;  /* of all activity while it could be seen that fell before */
    double likelihood_ratio; /* ln of the likelihoods of two rates over one, at the change */
    double log10_p, q_value; /* q over every account that was tested */
    int32_t woke_cohort, made_cohort; /* index into cohorts, or -1 */
    /* Acts in each of LKS_STRIP_PARTS equal parts of the data's time, at most 255. */
    uint8_t strip[LKS_STRIP_PARTS];
};

/* Awakenings, or registrations of awakened accounts, closer together than others' are. */
struct lks_cohort {
    int registration;          /* 1: of creation times, 0: of awakenings */
    int64_t first_us, last_us; /* of its members */
    uint32_t accounts_count;
    double expected; /* that would fall there if they were like the reference */
    double p_value;
};

enum { LKS_COHORTS_MAX = 16 };

struct lks_lifecycle {
    struct lks_awakening *awakenings; /* [awakenings_count], by account */
    size_t awakenings_count;
    struct lks_cohort cohorts[LKS_COHORTS_MAX];
    size_t cohorts_count;
    uint64_t tested_count;       /* accounts with acts enough and a history */
    uint64_t few_count;          /* too few acts to tell */
    uint64_t unobservable_count; /* of the tested: nothing tells of the time before their first
                                  * post, so that only later silences count */
    uint64_t reference_count;    /* returns of other accounts after a silence as long */
    uint64_t date_posts_count;   /* left out: around days of interest */
    uint64_t date_only_count;    /* accounts that posted then, and too little else to tell */
};

struct lks_lifecycle_options lks_lifecycle_options_default(void);

/* Finds accounts whose rate of acts, against everybody's activity, jumps from nearly nothing,
 * and the cohorts among them. Memory: 24 bytes a post and 16 an account. O(posts log posts +
 * 63 accounts). *result_out is the caller's, freed by lks_lifecycle_free. 0, LKS_EARGUMENT,
 * LKS_EMEMORY, LKS_ECANCELLED. Method, assumptions and where they break:
 * docs/method/lifecycle.md. */
int lks_lifecycle_run(const struct lks_lifecycle_input *input,
                      const struct lks_lifecycle_options *options,
                      const struct lks_control *control, struct lks_lifecycle *result_out,
                      struct lks_error *err);
void lks_lifecycle_free(struct lks_lifecycle *result);

#endif
