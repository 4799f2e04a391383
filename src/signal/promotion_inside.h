/* promotion_inside.h - what the parts of the promotion detector share; internal to signal */
#ifndef LKS_SIGNAL_PROMOTION_INSIDE_H
#define LKS_SIGNAL_PROMOTION_INSIDE_H

#include "signal/crowd_clock.h"
#include "signal/promotion.h"

/* A post in a family. */
struct lks_family_post {
    uint32_t family, at; /* at: into the input's posts */
    float own_share;     /* of its rarity, what it does not share with the centre */
};

/* Posts that are like one, their centre; of accounts_min accounts at least. */
struct lks_family {
    size_t first, count; /* into posts */
    uint32_t centre;     /* into the input's posts */
    uint32_t wordings_count, accounts_count;
};

struct lks_families {
    struct lks_family *families; /* [families_count] in the order in which they were made */
    size_t families_count;
    struct lks_family_post *posts; /* by family, then time, then post */
    size_t posts_count;
    uint32_t common_accounts; /* phrases of more accounts weighed nothing */
};

/* Families of like posts, by words alone. */
int lks_families_make(const struct lks_promotion_input *input,
                      const struct lks_promotion_options *options,
                      const struct lks_control *control, struct lks_families *out,
                      struct lks_error *err);
void lks_families_free(struct lks_families *families);

/* Of the families that accounts of one tell too, the one that chance explains least. */
struct lks_told_again {
    uint32_t family;         /* UINT32_MAX: none */
    uint32_t accounts_count; /* of both, a day or more apart */
    double expected;         /* at most, by chance */
    double log10_p;          /* over all other families */
};

/* For each family with timed[] set, whether its accounts tell another such family together more than
 * those who post in the same hours do. times: of the input's posts. out: [families_count].
 * LKS_EMEMORY. */
int lks_scripts_again(const struct lks_promotion_input *input, const struct lks_families *families,
                      const int64_t *times, const uint8_t *timed, struct lks_told_again *out);

/* Fills what the members of the scripts do together elsewhere, and what their posts share but
 * words. members and posts of a script lie together. */
int lks_script_ties(const struct lks_promotion_input *input,
                    const struct lks_promotion_options *options, const struct lks_control *control,
                    struct lks_promotion *result, struct lks_error *err);

#endif
