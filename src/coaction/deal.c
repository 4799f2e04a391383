/* deal.c - events dealt to their accounts, in two steps
 *
 * Events come in the order of places, and belong to accounts anywhere: written straight to their
 * accounts, each would be a line of memory of its own. So ranks are cut into parts:
 *
 *   put      each event goes to the end of its part, a stream of writes a part
 *   finish   a part is copied aside and put in the order of its ranks; it fits into a core's cache
 *
 *   own       | part 0: 3 0 3 2 0 | part 1: 7 5 5 6 |      by place in each part
 *             | 0 0 2 3 3         | 5 5 6 7         |      by rank, and in it by place
 *
 * That is a radix sort whose first digit is the part (as in Satish et al., SIGMOD 2010). How many events
 * each chunk has for each part is counted before, so that chunks are put in any order by any
 * thread to the same places. */
#include "coaction/deal.h"

#include <string.h>

#include "base/threads.h"

enum {
    PART_EVENTS = 1 << 16, /* 0.5 MB: half of a core's cache */
    PARTS_MAX = 256 /* streams of writes that the first cache and the table of pages follow */
};

struct finish {
    struct lks_coaction_deal *deal;
    struct lks_coaction_rows *rows;
    const struct lks_control *control;
    struct lks_coaction_own *aside; /* [threads][aside_count] */
    size_t aside_count;
};

int lks_coaction_deal_parts(struct lks_coaction_deal *deal, const struct lks_coaction_rows *rows,
                            size_t chunks_count, struct lks_budget *budget, struct lks_error *err)
{
    const uint32_t step = 1 << LKS_COACTION_DEAL_SHIFT;
    size_t share = rows->count / (PARTS_MAX - 1) + 1, parts = 0;
    deal->ranks_count = rows->ranks_count;
    deal->chunks_count = chunks_count;
    if (lks_budget_array(budget, &deal->part_ranks, PARTS_MAX + 1, 4, err) < 0 ||
        lks_budget_array(budget, &deal->part_of, deal->ranks_count / step + 1, 2, err) < 0)
        return LKS_EMEMORY;
    share = share > PART_EVENTS ? share : PART_EVENTS;
    uint32_t ranks = (uint32_t)rows->ranks_count;
    for (uint32_t rank = 0; rank < ranks;) {
        uint32_t first = rank;
        while (rank < ranks && (rank == first || rows->start[rank] - rows->start[first] < share)) {
            deal->part_of[rank / step] = (uint16_t)parts;
            rank = ranks - rank < step ? ranks : rank + step;
        }
        deal->part_ranks[++parts] = rank;
    }
    LKS_ASSERT(parts <= PARTS_MAX);
    deal->parts_count = parts;
    return lks_budget_array(budget, &deal->to, chunks_count * parts, 4, err);
}

int lks_coaction_deal_start(struct lks_coaction_deal *deal, const struct lks_coaction_rows *rows,
                            struct lks_budget *budget, struct lks_error *err)
{
    deal->count = rows->count;
    deal->own = rows->own;
    for (size_t part = 0; part < deal->parts_count; part++) {
        uint32_t at = rows->start[deal->part_ranks[part]];
        for (size_t chunk = 0; chunk < deal->chunks_count; chunk++) {
            uint32_t *to = &lks_coaction_deal_to(deal, chunk)[part], events = *to;
            *to = at;
            at += events;
        }
        LKS_ASSERT(at == rows->start[deal->part_ranks[part + 1]]);
    }
    return lks_budget_array(budget, &deal->rank_of, deal->count + 1, 4, err);
}

static int finish_part(void *context, size_t task_index, unsigned worker_index,
                       struct lks_error *err)
{
    struct finish *finish = context;
    struct lks_coaction_deal *deal = finish->deal;
    struct lks_coaction_rows *rows = finish->rows;
    struct lks_coaction_own *aside = finish->aside + worker_index * finish->aside_count;
    size_t first = rows->start[deal->part_ranks[task_index]];
    size_t count = rows->start[deal->part_ranks[task_index + 1]] - first;
    memcpy(aside, rows->own + first, count * sizeof *aside);
    for (size_t i = 0; i < count; i++) {
        uint32_t rank = deal->rank_of[first + i];
        struct lks_coaction_window window = lks_coaction_window_of(rows, &aside[i]);
        rows->own[deal->at[rank]++] = aside[i];
        rows->work[rank] += window.end - window.first;
    }
    if (lks_cancelled(finish->control))
        return lks_error_set(err, LKS_ECANCELLED, "cancelled");
    return 0;
}

int lks_coaction_deal_finish(struct lks_coaction_deal *deal, struct lks_coaction_rows *rows,
                             unsigned threads_count, const struct lks_control *control,
                             struct lks_budget *budget, struct lks_error *err)
{
    struct finish finish = {.deal = deal, .rows = rows, .control = control};
    for (size_t part = 0; part < deal->parts_count; part++) {
        size_t count =
            rows->start[deal->part_ranks[part + 1]] - rows->start[deal->part_ranks[part]];
        finish.aside_count = finish.aside_count < count ? count : finish.aside_count;
    }
    size_t aside = finish.aside_count * threads_count;
    int code = lks_budget_array(budget, &deal->at, deal->ranks_count, 4, err);
    if (code == 0)
        code = lks_budget_array(budget, &finish.aside, aside, sizeof *finish.aside, err);
    if (code == 0 && deal->ranks_count)
        memcpy(deal->at, rows->start, deal->ranks_count * 4);
    if (code == 0)
        code = lks_threads_run(threads_count, deal->parts_count, finish_part, &finish, err);
    lks_budget_free(budget, finish.aside, aside, sizeof *finish.aside);
    return code;
}

void lks_coaction_deal_free(struct lks_coaction_deal *deal, struct lks_budget *budget)
{
    lks_budget_free(budget, deal->part_of, deal->ranks_count / (1 << LKS_COACTION_DEAL_SHIFT) + 1,
                    2);
    lks_budget_free(budget, deal->part_ranks, PARTS_MAX + 1, 4);
    lks_budget_free(budget, deal->to, deal->chunks_count * deal->parts_count, 4);
    lks_budget_free(budget, deal->rank_of, deal->count + 1, 4);
    lks_budget_free(budget, deal->at, deal->ranks_count, 4);
    memset(deal, 0, sizeof *deal);
}
