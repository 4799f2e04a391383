/* near_rarity.c - how many forms have a shingle, roughly: the rarest come first in the join
 *
 * Any total order of shingles gives the same answer, so counting may be rough: a table of bytes
 * by the high bits of the hash counts each form's shingles, and a crowded counter makes a rare shingle look
 * common, which costs time only. Every shingle reads a counter at a random place, so the table is kept
 * small.
 *
 * A byte counts to 64 as it is, and goes on by eighths of what it stands for: each further step is taken with the
 * chance that makes it right on average (Morris 1978), drawn from the place of the shingle, so that the same
 * texts give the same counts. A counter that could be full would need a branch, and whether the next shingle is a common
 * word or a pair that nobody else wrote is not to be foreseen: counting took half as long again with one.
 *
 * Workers count by ranges of the table, so that no two write to one counter and the counts do not
 * depend on their number. Cost: a pass over the shingles, 1 byte a shingle or less. */
#include "text/near_rarity.h"

#include "base/threads.h"

enum {
    CELLS_LOG_MIN = 12,
    CELLS_LOG_MAX = 27,
    EXACT_LOG = 6, /* counts below 64 are what they are */
    STEPS_LOG = 3, /* from there on eight steps a doubling */
    RARITY_MAX = 31,
    CELLS_AHEAD = 64, /* shingles */
    GATHERED = 256,
    SHINGLES_ALONE = 4 << 20 /* up to so many one worker counts: each reads them all */
};
#define DRAWS (UINT32_C(1) << 31)

struct counting {
    const struct lks_near *near;
    uint8_t *cells;
    uint32_t below[LKS_NEAR_COUNTS]; /* a counter of this value goes on where the draw is below */
    unsigned shift;                  /* a hash's cell is hash >> shift */
    size_t parts;                    /* ranges of cells */
};

/* The doubling that a counter's value stands in: 2^log of shingles to twice as many. */
static unsigned log_of(unsigned value)
{
    unsigned exact = 1u << EXACT_LOG;
    return value < exact ? 31 - (unsigned)__builtin_clz(value | 1)
                         : EXACT_LOG + ((value - exact) >> STEPS_LOG);
}

/* 0 for one form, then two steps a doubling. */
static uint64_t key_of(unsigned value)
{
    if (value <= 1)
        return 0;
    unsigned exact = 1u << EXACT_LOG, log = log_of(value);
    unsigned half = value < exact ? value >> (log - 1) & 1 : value >> (STEPS_LOG - 1) & 1;
    unsigned step = 2 * log + half - 1;
    return (uint64_t)(step < RARITY_MAX ? step : RARITY_MAX) << LKS_NEAR_RARITY_SHIFT;
}

static void below_fill(uint32_t below[LKS_NEAR_COUNTS])
{
    for (unsigned value = 0; value < LKS_NEAR_COUNTS; value++)
        below[value] = value < 1u << EXACT_LOG ? DRAWS : DRAWS >> (log_of(value) - STEPS_LOG);
    below[LKS_NEAR_COUNTS - 1] = 0;
}

/* Evenly spread over 0 to DRAWS. */
static inline uint32_t draw(size_t shingle)
{
    return (uint32_t)shingle * UINT32_C(0x9e3779b1) >> 1;
}

static inline void cell_add(uint8_t *cell, const uint32_t *below, size_t shingle)
{
    *cell = (uint8_t)(*cell + (draw(shingle) < below[*cell]));
}

/* All of them, by one worker. */
static void count_all(const struct counting *counting)
{
    const uint64_t *shingles = counting->near->shingles;
    const uint32_t *below = counting->below;
    uint8_t *const cells = counting->cells; /* bytes may alias what a pointer leads to */
    const unsigned shift = counting->shift;
    size_t count = counting->near->shingles_count;
    size_t ahead = count > CELLS_AHEAD ? count - CELLS_AHEAD : 0;
    for (size_t i = 0; i < ahead; i++) {
        __builtin_prefetch(&cells[shingles[i + CELLS_AHEAD] >> shift], 1);
        cell_add(&cells[shingles[i] >> shift], below, i);
    }
    for (size_t i = ahead; i < count; i++)
        cell_add(&cells[shingles[i] >> shift], below, i);
}

/* Those of one range. Which they are is as good as random: they are gathered without a branch. */
static void count_range(const struct counting *counting, uint64_t first, uint64_t range)
{
    const struct lks_near *near = counting->near;
    uint8_t *const cells = counting->cells;
    const unsigned shift = counting->shift;
    uint64_t own[GATHERED];
    uint32_t place[GATHERED];
    for (size_t from = 0; from < near->shingles_count; from += GATHERED) {
        size_t left = near->shingles_count - from, count = 0;
        for (size_t i = 0; i < (left < GATHERED ? left : GATHERED); i++) {
            own[count] = near->shingles[from + i] >> shift;
            place[count] = (uint32_t)i;
            count += own[count] - first < range;
        }
        for (size_t i = 0; i < count; i++)
            __builtin_prefetch(&cells[own[i]], 1);
        for (size_t i = 0; i < count; i++)
            cell_add(&cells[own[i]], counting->below, from + place[i]);
    }
}

static int count_task(void *context, size_t index, unsigned worker, struct lks_error *err)
{
    const struct counting *counting = context;
    const uint64_t cells = UINT64_C(1) << (64 - counting->shift);
    uint64_t first = cells / counting->parts * index;
    uint64_t end = index + 1 == counting->parts ? cells : cells / counting->parts * (index + 1);
    (void)worker;
    if (lks_cancelled(counting->near->control))
        return lks_error_set(err, LKS_ECANCELLED, "stopped");
    if (counting->parts == 1)
        count_all(counting);
    else
        count_range(counting, first, end - first);
    return 0;
}

int lks_near_rarity_count(const struct lks_near *near, struct lks_near_rarity *rarity,
                          struct lks_budget *budget, struct lks_error *err)
{
    struct counting counting = {.near = near, .parts = 1};
    unsigned log = CELLS_LOG_MIN;
    while (log < CELLS_LOG_MAX && (UINT64_C(1) << log) < near->shingles_count / 2)
        log++;
    *rarity = (struct lks_near_rarity){.log = log};
    for (unsigned value = 0; value < LKS_NEAR_COUNTS; value++)
        rarity->key[value] = key_of(value);
    int code =
        lks_budget_array(budget, &rarity->cells, (size_t)1 << log, sizeof *rarity->cells, err);
    if (code < 0)
        return code;
    below_fill(counting.below);
    counting.cells = rarity->cells;
    counting.shift = 64 - log;
    if (near->shingles_count > SHINGLES_ALONE)
        counting.parts = near->threads;
    return lks_threads_run(near->threads, counting.parts, count_task, &counting, err);
}

void lks_near_rarity_free(struct lks_near_rarity *rarity, struct lks_budget *budget)
{
    lks_budget_free(budget, rarity->cells, (size_t)1 << rarity->log, sizeof *rarity->cells);
    *rarity = (struct lks_near_rarity){0};
}
