/* deal.h - events dealt to their accounts, in two steps */
#ifndef LKS_COACTION_DEAL_H
#define LKS_COACTION_DEAL_H

#include "coaction/rows.h"

enum { LKS_COACTION_DEAL_SHIFT = 6 }; /* ranks of one part at least, as a power of two */

/* Zeroed to start. */
struct lks_coaction_deal {
    uint16_t *part_of;    /* [ranks / 64 + 1] */
    uint32_t *part_ranks; /* [parts_count + 1] where the ranks of each part begin */
    uint32_t *to;         /* [chunks][parts] how many events; then where the next one goes */
    uint32_t *rank_of;    /* [count] by position in own, until a part is in order */
    uint32_t *at;         /* [ranks] where the next event of a rank goes */
    struct lks_coaction_own *own;
    size_t parts_count, chunks_count, ranks_count, count;
};

/* Cuts ranks into parts of about as many events; events come in chunks. */
int lks_coaction_deal_parts(struct lks_coaction_deal *deal, const struct lks_coaction_rows *rows,
                            size_t chunks_count, struct lks_budget *budget, struct lks_error *err);

static inline uint32_t *lks_coaction_deal_to(const struct lks_coaction_deal *deal, size_t chunk)
{
    return deal->to + chunk * deal->parts_count;
}

/* First every event of every chunk is counted; any thread, a chunk by one. */
static inline void lks_coaction_deal_count(const struct lks_coaction_deal *deal, size_t chunk,
                                           uint32_t rank)
{
    lks_coaction_deal_to(deal, chunk)[deal->part_of[rank >> LKS_COACTION_DEAL_SHIFT]]++;
}

/* When all are counted; then each is put, in the order of places, to its chunk's. */
int lks_coaction_deal_start(struct lks_coaction_deal *deal, const struct lks_coaction_rows *rows,
                            struct lks_budget *budget, struct lks_error *err);

static inline void lks_coaction_deal_put(const struct lks_coaction_deal *deal, uint32_t *to,
                                         uint32_t rank, struct lks_coaction_own own)
{
    uint32_t at = to[deal->part_of[rank >> LKS_COACTION_DEAL_SHIFT]]++;
    deal->own[at] = own;
    deal->rank_of[at] = rank;
}

/* Puts rows->own in order, and fills rows->work. */
int lks_coaction_deal_finish(struct lks_coaction_deal *deal, struct lks_coaction_rows *rows,
                             unsigned threads_count, const struct lks_control *control,
                             struct lks_budget *budget, struct lks_error *err);
void lks_coaction_deal_free(struct lks_coaction_deal *deal, struct lks_budget *budget);

#endif
