/* score.h - how far a pair's meetings are beyond chance: one number with a bound */
#ifndef LKS_COACTION_SCORE_H
#define LKS_COACTION_SCORE_H

#include "coaction/pair.h"
#include "coaction/rows.h"

/* What the null model knows of the data; shared and unchanging once built. */
struct lks_coaction_null {
    const struct lks_events *events;
    struct lks_coaction_crowd crowd; /* as it was given, or pointing to what was made below */
    uint32_t *posts;
    uint16_t *stratum;
    uint32_t *first;
    uint8_t *objects;     /* [posts] events of the post, at most 255; NULL: crowd has them */
    uint32_t pairs_least; /* any pair that reaches the score has as many pairs of posts */
};

/* O(events), less where a crowd is given. min_score is what pairs_least is for. */
int lks_coaction_null_build(struct lks_coaction_null *null, const struct lks_events *events,
                            const struct lks_coaction_crowd *crowd, uint32_t min_score,
                            struct lks_budget *budget, struct lks_error *err);
void lks_coaction_null_free(struct lks_coaction_null *null, struct lks_budget *budget);

/* Room for one pair at a time; zeroed to start, one per thread. */
struct lks_coaction_score_scratch {
    uint64_t *load_a, *load_b; /* [rows of a, of b], filled by the caller for those shared */
    uint64_t *best_a, *best_b; /* the load of the heaviest meeting of each event */
    uint64_t *keys, *spare;    /* post << 32 | row */
    uint32_t *queue;
    size_t capacity[7];
};

int lks_coaction_score_room(struct lks_coaction_score_scratch *scratch, size_t a_count,
                            size_t b_count, struct lks_budget *budget, struct lks_error *err);
void lks_coaction_score_scratch_free(struct lks_coaction_score_scratch *scratch,
                                     struct lks_budget *budget);
/* The score of accounts a and b from what they share, as lks_coaction_pair; 0 if it is below
 * the options' min_score. O(events shared), and the posts of both where it may be above. */
uint32_t lks_coaction_score(const struct lks_coaction_null *null,
                            const struct lks_coaction_options *options, uint32_t account_a,
                            uint32_t account_b, const struct lks_coaction_row *a,
                            const struct lks_coaction_row *b,
                            const struct lks_coaction_shared *shared, size_t shared_count,
                            struct lks_coaction_score_scratch *scratch);

/* The least load there can be: one other post, in the fullest stratum. */
uint64_t lks_coaction_load_least(const struct lks_coaction_null *null);
/* How many events of other accounts are among places first .. end - 1, which hold `place` and are
 * of its object. */
uint64_t lks_coaction_others(const struct lks_coaction_rows *rows, uint32_t place, uint32_t first,
                             uint32_t end);
/* Strata that a window reaches to either side. */
uint32_t lks_coaction_reach(int64_t stratum_us, int64_t window_us);
/* How long strata are where events span so much: an hour, or as many as keep their number small. */
int64_t lks_coaction_stratum_us(int64_t first_us, int64_t last_us);
/* Puts an account's strata in rising order. */
void lks_coaction_strata_sort(uint16_t *strata, size_t count);
/* How likely a post of the time is to meet this event, with others_count events of others in
 * its window of window_us, as a fraction of 2^32, rounded up and at least 1. */
uint64_t lks_coaction_load(const struct lks_coaction_null *null, uint32_t event,
                           uint64_t others_count, int64_t window_us);
/* What a meeting of that load is worth to a pair with pairs_count pairs of posts and a stake:
 * sixteenths of a bit, floor of 16 log2(1 + 2^32 stake / (pairs_count load)). */
uint32_t lks_coaction_weight(uint32_t stake, uint64_t pairs_count, uint64_t load);
/* Floor of 16 log2(value / 2^32), for value >= 2^32. */
uint32_t lks_coaction_log2(uint64_t value);
/* Stakes are 1, 2, 4, ... 2^(LKS_COACTION_STAKES - 1). What a sum of weights must be beyond the
 * score: stake log2 e for the stake, and log2 of their number for the choice; sixteenths of a
 * bit, rounded up. */
enum { LKS_COACTION_STAKES = 7 };
uint32_t lks_coaction_stake_price(unsigned stake_index);
/* Pairs of posts of the two accounts that lie near enough to meet, each counted as one or, where
 * one account wrote much of the time, as more; rounded up. */
uint64_t lks_coaction_pairs_near(const struct lks_coaction_null *null, uint32_t a, uint32_t b,
                                 int64_t window_us);

#endif
