/* near_rarity.h - how many forms have a shingle, roughly */
#ifndef LKS_TEXT_NEAR_RARITY_H
#define LKS_TEXT_NEAR_RARITY_H

#include "text/near_parts.h"

enum { LKS_NEAR_COUNTS = 256 };

/* Counters by the high bits of the hash. */
struct lks_near_rarity {
    uint8_t *cells; /* [2^log] */
    unsigned log;
    uint64_t key[LKS_NEAR_COUNTS]; /* by counter: where so rare a shingle stands in a key */
};

/* Counts the shingles of all forms. Freed by lks_near_rarity_free, after failures too. */
int lks_near_rarity_count(const struct lks_near *near, struct lks_near_rarity *rarity,
                          struct lks_budget *budget, struct lks_error *err);
void lks_near_rarity_free(struct lks_near_rarity *rarity, struct lks_budget *budget);

#endif
