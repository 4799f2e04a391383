/* habit.h - the part of meeting that accounts' own habits explain */
#ifndef LKS_CHANCE_HABIT_H
#define LKS_CHANCE_HABIT_H

#include "chance/authors.h"

/* Scratch of one worker; not ready before a row is laid. */
struct lks_chance_habit;
int lks_chance_habit_new(const struct lks_chance *chance, struct lks_chance_habit **habit_out,
                         struct lks_error *err);
void lks_chance_habit_free(struct lks_chance_habit *habit);

/* Lays out when account a used what. 0 or LKS_EMEMORY. */
int lks_chance_habit_row(struct lks_chance_habit *habit, const struct lks_chance_authors *authors,
                         uint32_t a, struct lks_error *err);
/* For account b against the row laid last, for each test (see data.h):
 * *share_out[i * tests + t] is the share of b's posts in its i-th stratum (the order of
 * chance->presence_stratum) expected to meet a's from habit alone, *common_out[t] the largest
 * share of accounts that use an object on which they meet. Live until the next call. 0 or
 * LKS_EMEMORY. */
int lks_chance_habit_pair(struct lks_chance_habit *habit, uint32_t b, const double **share_out,
                          const double **common_out, struct lks_error *err);

#endif
