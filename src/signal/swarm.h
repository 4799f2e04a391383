/* swarm.h - comment floods: who copies under the posts of strangers again and again, and where */
#ifndef LKS_SIGNAL_SWARM_H
#define LKS_SIGNAL_SWARM_H

#include "record/record.h"

#define LKS_SWARM_NONE UINT32_MAX

/* Shared and unchanging. A comment is any post that answers one; a target is what is answered,
 * whether or not it is in the data. Comments of a target's own author are passed over. */
struct lks_swarm_input {
    uint32_t accounts_count, targets_count;
    size_t comments_count;
    const uint32_t *comment_account; /* [comments_count] */
    const uint32_t *comment_target;  /* [comments_count] */
    const uint32_t *comment_text;    /* [comments_count] the same number for near-duplicate
                                      * texts that say something; LKS_SWARM_NONE for others */
    const int64_t *comment_time_us;  /* [comments_count] */
    const uint32_t *target_author;   /* [targets_count] account, or LKS_SWARM_NONE */
    const int64_t *target_time_us;   /* [targets_count] LKS_TIME_NULL where unknown */
    int times_are_days;              /* 1: nothing shorter than a day can be seen */
};

struct lks_swarm_options {
    double level;         /* of q, for accounts and for bursts */
    uint32_t authors_min; /* under so many authors a named account copied, at least */
    uint32_t copiers_min; /* a flood has so many, at least */
    uint32_t named_min;   /* a post with so many named copiers is listed without a burst */
    int64_t burst_us;     /* a burst holds half of a post's copiers in this, at most */
    double cluster_level; /* family-wise, of floods whose copiers come back */
};

/* An account that copies under unrelated posts where those who copy nowhere else do not. */
struct lks_swarmer {
    uint32_t account;
    uint32_t comments; /* under posts of others */
    uint32_t authors;  /* whose posts it answered; all unknown authors are one */
    uint32_t copied;   /* authors under whose posts it wrote what another wrote there, too */
    uint32_t bursts;   /* posts in whose burst it took part */
    double expected;   /* of copied, by chance */
    double log10_p, q_value;
    int64_t latency_median_us; /* from a post to its copies under it; -1 where not known */
    uint32_t cluster;          /* or LKS_SWARM_NONE */
};

/* A post under which many wrote near-identical comments. */
struct lks_flood {
    uint32_t target, author;      /* author may be LKS_SWARM_NONE */
    uint32_t commenters, copiers; /* accounts */
    uint32_t named;               /* of the copiers, accounts named for what they did everywhere */
    uint32_t repeaters;           /* of the copiers, those who copied under another author too */
    int burst;                    /* its copies came together as its other comments did not */
    int64_t burst_first_us, burst_last_us; /* the densest window; with burst_copiers of */
    uint32_t burst_copiers, burst_others;  /* the copiers in it, and others in it */
    uint32_t
        regulars; /* copiers that commented under other posts of the author and are not named */
    double p_value, q_value;   /* of the scan; NaN where there was nothing to compare */
    double repeaters_expected; /* if copiers were whoever commented in those hours */
    double company_log10_p;    /* of repeaters against that; Bonferroni over floods */
    int64_t first_us, last_us; /* of its copies */
    int64_t latency_us[3], others_latency_us[3]; /* quartiles since the post, by copiers and by
                                                  * others; -1 where not known */
    uint32_t cluster;                            /* or LKS_SWARM_NONE */
};

/* Floods under unrelated authors that have their commenters in common. */
struct lks_swarm_cluster {
    uint32_t floods, authors, accounts; /* accounts: copiers in two of its floods or more */
    uint32_t overlap;                   /* accounts that the clearest two of its floods share */
    double expected;                    /* of those, by chance */
    double log10_p;                     /* the least company_log10_p of its floods */
    int64_t first_us, last_us;
};

struct lks_swarm {
    struct lks_swarmer *swarmers; /* [swarmers_count], by account */
    size_t swarmers_count;
    struct lks_flood *floods; /* [floods_count], by copiers, the most first */
    size_t floods_count;
    struct lks_swarm_cluster *clusters; /* [clusters_count], by accounts, the most first */
    size_t clusters_count;
    uint64_t comments_count;   /* by others than the author */
    uint64_t copies_count;     /* of those */
    uint64_t tested_count;     /* accounts that answered two authors or more */
    uint64_t posts_tested;     /* posts whose copies' times were tested */
    uint64_t unknown_comments; /* under posts whose author the data do not have */
};

struct lks_swarm_options lks_swarm_options_default(void);

/* Finds them. *result_out is the caller's, freed by lks_swarm_free, and is zeroed on failure.
 * O(comments log comments).
 * 60 bytes a comment; the same for any number of threads. 0, LKS_EMEMORY, LKS_ECANCELLED (control may be NULL). Nulls, derivation
 * and where they break: docs/method/swarm.md. */
int lks_swarm_run(const struct lks_swarm_input *input, const struct lks_swarm_options *options,
                  const struct lks_control *control, struct lks_swarm *result_out,
                  struct lks_error *err);
void lks_swarm_free(struct lks_swarm *result);

#endif
