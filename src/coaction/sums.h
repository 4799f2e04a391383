/* sums.h - what an account's partners have summed up so far */
#ifndef LKS_COACTION_SUMS_H
#define LKS_COACTION_SUMS_H

#include "base/budget.h"
#include "coaction/slide.h"

enum { LKS_COACTION_SUM_MAX = (1 << 12) - 1 };

/* A slot a partner, cleared by age: stamps rise over units and accounts, and a slot older than
 * `base` is empty. Thresholds up to 2 need no sums:
 *
 *   first   16 bits: the stamp of the unit met first, or base once the threshold is reached
 *   wide    32 bits: the stamp of the unit met last (20), the sum (12)
 *
 * Zeroed to start; one per thread. */
struct lks_coaction_sums {
    uint16_t *first;                  /* [ranks] */
    uint32_t *wide;                   /* [ranks] */
    uint32_t first_stamp, wide_stamp; /* stamps up to it are used */
    int is_wide;                      /* for the account at hand */
    int stands;                       /* there are too few stamps: one stands for all */
    int each;                         /* the caller's: every pick adds, also in one unit */
    uint32_t threshold, base, unit;
    uint32_t numbers_base, numbers_count; /* slots from the base on are numbers of partners */
    int numbers_wide;
};

/* Starts an account: sums are empty. segments_count bounds the units to come. */
int lks_coaction_sums_start(struct lks_coaction_sums *sums, size_t ranks_count, uint32_t threshold,
                            size_t segments_count, struct lks_budget *budget,
                            struct lks_error *err);
/* Starts a unit: what is added counts once a partner until the next. */
void lks_coaction_sums_unit(struct lks_coaction_sums *sums);
/* Adds to each of picks[count]; with add_new 0 only to those met before. Writes those that reach
 * the threshold to reached[count + 1], each once in all; returns how many. */
size_t lks_coaction_sums_add(struct lks_coaction_sums *sums, const uint32_t *picks, size_t count,
                             uint32_t add, uint32_t add_new, uint32_t *reached);
/* The same for a threshold of two units, where the partners in the slide's window have one more. */
size_t lks_coaction_sums_add_near(struct lks_coaction_sums *sums, const uint32_t *picks,
                                  size_t count, const struct lks_coaction_slide *slide,
                                  uint32_t *reached);
/* Of pairs (pick, position): writes those that have reached the threshold to
 * hits[count + 1], partner << 32 | position. */
size_t lks_coaction_sums_hits(const struct lks_coaction_sums *sums, const uint32_t *picks,
                              size_t count, uint64_t *hits);
/* 1 the first time in this unit that a partner below the threshold is asked for, and marks it;
 * *missing_out is what it lacks. */
int lks_coaction_sums_open(struct lks_coaction_sums *sums, uint32_t partner, uint32_t *missing_out);
/* What a partner that was met lacks; 0 when it has reached the threshold or was not met. For sums
 * that are wide. */
static inline uint32_t lks_coaction_sums_missing(const struct lks_coaction_sums *sums,
                                                 uint32_t partner)
{
    uint32_t slot = sums->wide[partner], sum = slot & LKS_COACTION_SUM_MAX;
    return slot >= sums->base && sum && sum < sums->threshold ? sums->threshold - sum : 0;
}
/* Says that the partner has what it lacked. */
void lks_coaction_sums_reach(struct lks_coaction_sums *sums, uint32_t partner);
/* Ends an account: the sums are lost, and partners[i] has the number i. 0 or LKS_EMEMORY. */
int lks_coaction_sums_number(struct lks_coaction_sums *sums, size_t ranks_count,
                             const uint32_t *partners, size_t count, struct lks_budget *budget,
                             struct lks_error *err);
/* Of pairs (pick, position): writes those that have a number to found[count + 1], number << 32 |
 * position, and returns how many. */
size_t lks_coaction_sums_numbers(const struct lks_coaction_sums *sums, const uint32_t *picks,
                                 size_t count, uint64_t *found);
void lks_coaction_sums_free(struct lks_coaction_sums *sums, size_t ranks_count,
                            struct lks_budget *budget);

#endif
