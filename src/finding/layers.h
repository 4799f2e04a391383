/* layers.h - what every signal says about accounts and pairs, in one shape, for the fusion
 *
 * A layer is one signal of the run. Each fills one struct lks_layer from what it found; the
 * fusion knows nothing else of it. A signal that the data cannot show is not observable: it
 * drops out, and counts neither for nor against. A signal that was looked for and did not
 * name an account says p = 1 of it, which is what "not named" can be worth at most. */
#ifndef LKS_FINDING_LAYERS_H
#define LKS_FINDING_LAYERS_H

#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

enum lks_layer_kind {
    LKS_LAYER_COACTION,  /* acts in common, all kinds of objects, against exchange of authors */
    LKS_LAYER_SYNCHRONY, /* sooner than others who share the interest */
    LKS_LAYER_SLEEPERS,  /* both woke, in one cohort's window */
    LKS_LAYER_ANSWERS,   /* both answer the same channel's calls again and again */
    LKS_LAYER_SWARM,     /* commenters in common over unrelated floods */
    LKS_LAYER_PROMOTION, /* told the same script, or paid by the same payer */
    /* What follows describes findings and makes none. */
    LKS_LAYER_LINEAGE,       /* took over a tag */
    LKS_LAYER_REGISTRATIONS, /* made on a day when many handles of one form were */
    LKS_LAYER_EDITS,         /* use a tag and an edit of it */
    LKS_LAYER_POPULARITY,    /* use a tag more than others do */
    LKS_LAYERS_COUNT
};
extern const char *const lks_layer_names[LKS_LAYERS_COUNT]; /* "coaction" ... as written out */

/* What an account does in a group. */
enum lks_role {
    LKS_ROLE_NONE,
    LKS_ROLE_CALLER,    /* calls in a channel, and is answered */
    LKS_ROLE_SEEDER,    /* is first with what the others take up */
    LKS_ROLE_AMPLIFIER, /* takes up what others were first with */
    LKS_ROLE_COMMENTER, /* acts by comments under others' posts */
    LKS_ROLE_PAID,      /* a payment or a script says so */
    LKS_ROLES_COUNT
};
extern const char *const lks_role_names[LKS_ROLES_COUNT];

#define LKS_LAYER_ALONE UINT32_MAX

/* An account that the layer names. */
struct lks_layer_account {
    uint32_t account; /* in the events */
    uint32_t cluster; /* the one it belongs to most, or LKS_LAYER_ALONE: named, tied to nobody */
    double log10_p;   /* of the account by itself, under the layer's null; at most 0 */
    double q_value;   /* over all accounts that the layer tested */
    int is_record;    /* a record names it and no test: log10_p, q_value rank it and say nothing */
    enum lks_role role;
};

/* Accounts of one layer that the layer says are together: a cohort, the responders of a channel, a
 * flood's commenters, tellers of a script, a tag's population. */
struct lks_layer_cluster {
    double log10_p;      /* that such a cluster is there by chance, over all that were looked for;
                          * of a record it is a rank and says nothing */
    double chance_share; /* of accounts that chance would put here: 0 where the account's own
                          * p already says that it belongs, the window's share for a cohort */
    uint32_t accounts_count; /* that name it; set by lks_layers_check */
    int64_t first_us, last_us;
    struct lks_str name; /* what the reader sees: "woke between 10 and 12 November"; may be null */
    int is_record;       /* a ledger says so: a record, and no test */
    uint32_t caller;     /* the account whose channel or post it gathers around, or UINT32_MAX */
};

/* A pair of accounts that the layer tested as a pair; a < b. */
struct lks_layer_pair {
    uint32_t a, b;
    double log10_p;
};

struct lks_layer {
    int observable;                     /* 0: the data cannot show it; why says why */
    struct lks_str why;                 /* one clause; null where observable */
    uint64_t accounts_tested;           /* by themselves */
    uint64_t pairs_tested;              /* that could have met, whether they did or not */
    struct lks_layer_account *accounts; /* [accounts_count] rising by account, each once */
    uint32_t accounts_count;
    struct lks_layer_cluster *clusters; /* [clusters_count] */
    uint32_t clusters_count;
    struct lks_layer_pair *pairs; /* [pairs_count] rising by (a, b); those not given have p = 1 */
    uint64_t pairs_count;
    int pairs_partial; /* 1: pairs not given could not be tested; they drop out */
};

struct lks_layers {
    struct lks_arena arena; /* in which the lists above live */
    struct lks_layer layer[LKS_LAYERS_COUNT];
    uint32_t accounts_count; /* of the events */
};

/* The named account of a layer, or NULL. O(log accounts). */
const struct lks_layer_account *lks_layer_find(const struct lks_layer *layer, uint32_t account);

/* log10 of the p of a pair in a layer: the least of the pair's own test (where the layer
 * tested pairs) and, if both are named in one cluster, the largest of both accounts' p, the
 * cluster's p and its chance share; 0 (p = 1) where neither is given, NaN where the pair could
 * not be tested or is together by a record. The second is the intersection-union test of "both
 * belong, and the cluster is real", valid under whatever dependence (Berger, Technometrics 24,
 * 1982). Never call it for a layer that is not observable. */
double lks_layer_pair_log10_p(const struct lks_layer *layer, uint32_t a, uint32_t b);

/* Puts accounts and pairs into order, counts the clusters' accounts and aborts on ids
 * or probabilities that cannot be. Call it once the layers are filled. */
void lks_layers_check(struct lks_layers *layers);
void lks_layers_free(struct lks_layers *layers);

#endif
