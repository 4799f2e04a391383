/* authors.h - who posted what: all in which the real data and the shuffled copies differ */
#ifndef LKS_CHANCE_AUTHORS_H
#define LKS_CHANCE_AUTHORS_H

#include "chance/data.h"

/* One assignment of accounts to posts, a permutation within strata of the real one. Set by
 * one thread, then read by any number of scans. */
struct lks_chance_authors {
    const struct lks_chance *chance;
    uint32_t *place_author;  /* [posts] in chance->account_order */
    uint32_t *place_rank;    /* [posts] position of the post in its author's row */
    uint32_t *account_place; /* [posts] by author: rows of chance->account_first, rising */
    uint32_t *users;         /* [objects] how many accounts use each */
    uint32_t *fill;          /* [accounts] scratch */
};

/* 0 or LKS_EMEMORY; freed by lks_chance_authors_free, also after a failure. */
int lks_chance_authors_new(const struct lks_chance *chance, struct lks_chance_authors **authors_out,
                           struct lks_error *err);
void lks_chance_authors_set(struct lks_chance_authors *authors, const uint32_t *post_account);
void lks_chance_authors_free(struct lks_chance_authors *authors);

#endif
