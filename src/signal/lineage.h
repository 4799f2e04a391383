/* lineage.h - whose a tag, a sound or a link is: one population of users or two, and who took over */
#ifndef LKS_SIGNAL_LINEAGE_H
#define LKS_SIGNAL_LINEAGE_H

#include "record/events.h"

enum {
    LKS_LINEAGE_BINS = 56,
    LKS_LINEAGE_FIRST = 5, /* first users that are named */
    LKS_LINEAGE_LIKED = 5, /* things that tell a population from the others */
    LKS_LINEAGE_POPULATIONS = 4,
    LKS_LINEAGE_THIRD = 2,   /* beside the earlier, 0, and the later, 1 */
    LKS_LINEAGE_UNKNOWN = 3, /* users who share nothing else */
};

/* How the users of a thing were told apart. */
enum lks_lineage_by {
    LKS_LINEAGE_ALONE,   /* they were not: one population does */
    LKS_LINEAGE_COMPANY, /* by the units they belong to: findings, paid accounts */
    LKS_LINEAGE_TASTE    /* by what else they share */
};

/* Users of one thing who like the same other things. */
struct lks_lineage_population {
    uint32_t unit; /* the leading unit of a company, or UINT32_MAX */
    uint32_t accounts_count;
    uint32_t united_count;     /* of them, those of any unit */
    uint32_t posts_count;      /* on the thing */
    int64_t first_us, last_us; /* of those posts */
    double focus; /* of what it shares besides, day by day, that is among the things that
                   * most users of the thing share */
    uint32_t liked[LKS_LINEAGE_LIKED]; /* objects that it shares and the other does not, the
                                             * most telling first; UINT32_MAX for none */
    uint32_t liked_accounts[LKS_LINEAGE_LIKED]; /* of its accounts that share it */
    uint32_t bin_posts[LKS_LINEAGE_BINS];       /* in equal parts of the data's time */
};

/* Populations: [1] the later, which gains where shares change most, [0] the earlier, [2] a further
 * company, [3] users of whom nothing can be said. With one population all are [0] or [3]. */
struct lks_lineage {
    uint32_t object;
    enum lks_object_kind kind;
    uint32_t accounts_count;
    uint64_t posts_count;
    int64_t first_us, last_us;
    uint32_t first_account[LKS_LINEAGE_FIRST]; /* UINT32_MAX beyond the last */
    int64_t first_account_us[LKS_LINEAGE_FIRST];
    enum lks_lineage_by by;
    double p_two;            /* by taste: that one population fits as well as two; by company:
                              * of the company's leading unit */
    double likelihood_ratio; /* by taste: ln, of two over one */
    struct lks_lineage_population population[LKS_LINEAGE_POPULATIONS];
    /* Where, in order of first use, the later population's share changes most. */
    int64_t change_us;
    double share_before, share_after; /* of the later population among those who can be judged */
    double p_order, q_order; /* permutation of the users' order; q over all things tested */
    int is_takeover;
};

/* An account of the later population of a thing that was taken over, told apart by taste. */
struct lks_lineage_account {
    uint32_t account, lineage; /* index into lineages: that in which it is the surest */
    double log10_p, q_value;   /* that it is of the earlier population; over all accounts tested */
};

struct lks_lineage_options {
    uint32_t kinds_mask;    /* of the things described, bit by enum lks_object_kind */
    uint32_t features_mask; /* of what users share besides */
    uint32_t accounts_min;  /* that a thing needs to be looked at */
    uint32_t objects_most;  /* looked at of each kind: the most used */
    uint32_t fitted_most;   /* users that a mixture is fitted to; the others are judged by it */
    uint32_t features_most; /* things that users are told apart by: the most shared */
    uint32_t copies_count;  /* drawn from one population for p_two */
    uint32_t orders_count;  /* permutations for p_order */
    double level_two;       /* of p_two */
    double level;           /* of q, for a take-over and for accounts */
    double jump_min;        /* share_after - share_before of a take-over */
    uint64_t seed;
};

struct lks_lineage_result {
    struct lks_lineage *lineages; /* by kind, then by falling number of accounts */
    size_t lineages_count;
    struct lks_lineage_account *accounts; /* by account, each once */
    size_t accounts_count;
    uint64_t accounts_tested; /* judged in a thing that was taken over, each once a thing */
};

struct lks_lineage_options lks_lineage_options_default(void);

/* Units that accounts belong to, known from elsewhere: findings, accounts that were paid. */
struct lks_lineage_units {
    const uint32_t *account_unit; /* [accounts_count], UINT32_MAX for none; NULL: there are none */
    const double *unit_p;         /* [units_count] that such a unit is there by chance */
    uint32_t units_count;
    uint32_t units_apart; /* units from here on are never joined with others */
};

/* Tells, for the most used things, whether their users are one population or two, by the units
 * they belong to or else by what else they share, and whether a later one took over.
 * wanted[objects_count] marks things to look at whatever their number of users, or NULL. O(events +
 * the posts of the users of what is looked at); 16 bytes a post and 8 an object. *result_out is
 * freed by lks_lineage_free. 0, LKS_EARGUMENT, LKS_EMEMORY, LKS_ECANCELLED. The same for any
 * number of threads. Method: docs/method/lineage.md. */
int lks_lineage_run(const struct lks_events *events, const struct lks_lineage_units *units,
                    const uint8_t *wanted, const struct lks_lineage_options *options,
                    const struct lks_control *control, struct lks_lineage_result *result_out,
                    struct lks_error *err);
void lks_lineage_free(struct lks_lineage_result *result);

#endif
