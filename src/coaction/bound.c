/* bound.c - what a meeting is worth at most, before the pair is known
 *
 * A meeting weighs w = log2(1 + B / (K l)): l is the larger load of its two events, K the pairs of
 * posts of the two accounts that are near enough to meet. l is at least the load of the event at
 * hand. K is known of a pair alone; but an account bounds it from below for all pairs that
 * could reach the score T with it. Let its strata s have loads of at least l_s, and let at
 * least n_s of its posts be near to any post that is near to s. A partner's post that meets one
 * of s brings n_s pairs to K. So with m_s such posts, sum of m_s n_s <= K, the partner's posts sum to
 *
 *     S <= sum over s of m_s log2(1 + B / (K l_s)) <= max over s of (K / n_s) log2(1 + B / (K l_s))
 *
 * which rises with K, to B log2 e / (n_s l_s) at most. It has to reach C = T + price of B. So
 *
 *   - an account of which n_s l_s >= 1 everywhere is in no edge: who posts thirty times an hour
 *     where one in thirty is met by chance meets everybody, and nothing follows from it;
 *   - else K has a least value for each stake, min over s of n_s k(n_s l_s), with k(m) the root of
 *     k log2(1 + B / (k m)) = C, from a table;
 *   - stakes with which not even all of the account's events together reach C are left out, and
 *     the account where none is left;
 *   - what is left of it bounds the weight of each event. As shares of C and the best over
 *     stakes, they are summed where objects are counted else (count.c);
 *   - when a candidate's meetings are known, so are its pairs, nearly: few have to be measured;
 *   - a partner of few events cannot make up C from the account's heaviest: so each account
 *     needs partners of so many events, and by the order of ranks lighter ones stop early.
 *
 * Each account's bound holds for every pair that it is in, so both of a pair hold. Loads are
 * taken by sixteenths of powers of two, and rounded so that bounds are rather too high. */
#include "coaction/bound.h"

#include <math.h>
#include <string.h>

#include "base/threads.h"
#include "coaction/keys.h"

enum {
    LOADS = LKS_COACTION_LOADS,
    TASK_PLACES = 1 << 16,
    REACH_EXACT = 2, /* strata: beyond it, posts of one stratum stand for those near it */
    MANY_EVENTS = 8, /* of an account: below it, its strata say enough */
    COST_BITS = 6,   /* of a cost, after the point */
    AHEAD_EVENT = 24,
    AHEAD_COLUMNS = 12
};

static const uint32_t NEVER = UINT32_MAX;

/* A stratum of an account. */
struct stratum {
    uint32_t number, near; /* near: posts of the account near to any post that is near to it */
    uint64_t load;         /* the least of its events; UINT64_MAX: none is met */
};

struct worker {
    struct stratum *strata;
    size_t strata_capacity, strata_count;
    /* By event, for accounts of many. */
    uint64_t *times, *costs, *loads, *spare;
    size_t times_capacity, costs_capacity, loads_capacity, spare_capacity;
    uint32_t *ranks_end; /* [LKS_COACTION_NEED_MAX + 1] by what is needed, not yet summed */
    uint64_t accounts_out;
};

struct making {
    struct lks_coaction_bounds *bounds;
    const struct lks_coaction_null *null;
    struct lks_coaction_rows *rows;
    const struct lks_coaction_options *options;
    const struct lks_control *control;
    struct lks_budget *budget;
    struct worker *workers;
    uint32_t reach;
    uint32_t asked[LKS_COACTION_STAKES];         /* C, sixteenths of a bit */
    uint16_t weight[LKS_COACTION_STAKES][LOADS]; /* by K l, sixteenths of a bit */
    uint16_t share[LKS_COACTION_STAKES][LOADS];  /* the same as a share of C, times min_score */
    int64_t widest_us;
    uint32_t pairs_16[LKS_COACTION_STAKES]
                     [LOADS]; /* k by n l, sixteenths, rounded down; or NEVER */
};

/* ---- tables ---- */

/* Floor of 16 log2(load). */
static uint32_t log2_of(uint64_t load)
{
    return load >> 32 ? lks_coaction_log2(load) + 32 * 16 : lks_coaction_log2(load << 32);
}

/* The sixteenth before the first at which k log2(1 + stake / (k load)) reaches what is asked. The
 * margin is far above what log2 may be off. */
static uint32_t pairs_root(double stake, double load, double asked)
{
    double limit = stake / load * M_LOG2E;
    uint64_t low = 1, high = UINT32_MAX - 1;
    if (limit * (1 + 1e-9) < asked)
        return NEVER;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        double k = (double)middle / 16;
        if (k * log2(1 + stake / (k * load)) * (1 + 1e-9) >= asked)
            high = middle;
        else
            low = middle + 1;
    }
    return (uint32_t)low - 1;
}

static void tables_fill(struct making *making)
{
    struct lks_coaction_tables *tables = making->bounds->tables;
    uint32_t score = making->options->min_score;
    for (unsigned i = 0; i < LKS_COACTION_STAKES; i++)
        tables->asked[i] = score + lks_coaction_stake_price(i);
    for (uint32_t at = 0; at < LOADS; at++) { /* beyond, a meeting is worth nothing */
        /* The least load that falls to it: found by halving, as rounding is down everywhere. */
        uint64_t low = 1, high = UINT64_C(1) << 63;
        while (low < high) {
            uint64_t middle = low + (high - low) / 2;
            if (log2_of(middle) < at)
                low = middle + 1;
            else
                high = middle;
        }
        for (unsigned i = 0; i < LKS_COACTION_STAKES; i++) {
            uint64_t weight = lks_coaction_weight(1u << i, 1, low), asked = tables->asked[i];
            uint64_t share = (weight * score + asked - 1) / asked;
            tables->weight[i][at] = (uint16_t)weight;
            tables->share[i][at] = share < UINT16_MAX ? (uint16_t)share : UINT16_MAX;
            making->pairs_16[i][at] =
                pairs_root((double)(1u << i), (double)low / 4294967296.0, (double)asked / 16);
        }
    }
}

/* ---- one account ---- */

/* Asks memory for what some later event needs. */
__attribute__((always_inline)) static inline void ask_ahead(const struct making *making, size_t at)
{
    const struct lks_coaction_rows *rows = making->rows;
    const struct lks_events *events = making->null->events;
    if (at + AHEAD_EVENT >= rows->count)
        return;
    __builtin_prefetch(&rows->kept[rows->own[at + AHEAD_EVENT].place]);
    uint32_t event = rows->kept[rows->own[at + AHEAD_COLUMNS].place];
    __builtin_prefetch(&events->object[event]);
    __builtin_prefetch(&events->time_us[event]);
    if (making->null->crowd.others[0])
        __builtin_prefetch(&making->null->crowd.others[0][event]);
    else
        __builtin_prefetch(&events->post[event]);
}

/* The account's strata with how many of its posts are near. */
static int strata_fill(const struct making *making, struct worker *worker, uint32_t account,
                       struct lks_error *err)
{
    const struct lks_coaction_crowd *crowd = &making->null->crowd;
    const uint16_t *posts = crowd->stratum + crowd->first[account];
    size_t count = crowd->first[account + 1] - crowd->first[account];
    uint32_t reach = making->bounds->reach;
    size_t low[2 * REACH_EXACT + 1] = {0}, high[2 * REACH_EXACT + 1] = {0};
    if (lks_budget_grow(making->budget, &worker->strata, &worker->strata_capacity, count,
                        sizeof *worker->strata, err) < 0)
        return LKS_EMEMORY;
    worker->strata_count = 0;
    for (size_t i = 0, end; i < count; i = end) {
        uint32_t number = posts[i], near = NEVER;
        for (end = i + 1; end < count && posts[end] == number;)
            end++;
        /* A post near to this stratum is in one of those within reach, h: what is within reach of
         * h rises with h. */
        for (uint32_t d = 0; reach <= REACH_EXACT && d <= 2 * reach; d++) {
            uint32_t h = number + d; /* + reach, as all below */
            while (low[d] < count && posts[low[d]] + 2 * reach < h)
                low[d]++;
            while (high[d] < count && posts[high[d]] <= h)
                high[d]++;
            uint32_t inside = (uint32_t)(high[d] - low[d]);
            near = inside < near ? inside : near;
        }
        worker->strata[worker->strata_count++] =
            (struct stratum){number, near == NEVER ? (uint32_t)(end - i) : near, UINT64_MAX};
    }
    return 0;
}

static struct stratum *stratum_find(struct worker *worker, uint32_t number)
{
    size_t low = 0, high = worker->strata_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (worker->strata[middle].number <= number)
            low = middle;
        else
            high = middle;
    }
    LKS_ASSERT(worker->strata[low].number == number);
    return &worker->strata[low];
}

/* Loads of the account's events, and the least of each stratum. */
static void loads_fill(const struct making *making, struct worker *worker, uint32_t rank)
{
    const struct lks_coaction_rows *rows = making->rows;
    const struct lks_coaction_crowd *crowd = &making->null->crowd;
    const struct lks_events *events = making->null->events;
    const struct lks_coaction_own *own = rows->own + rows->start[rank];
    size_t count = rows->start[rank + 1] - rows->start[rank], own_first = 0, own_end = 0;
    for (size_t i = 0; i < count; i++) {
        ask_ahead(making, rows->start[rank] + i);
        struct lks_coaction_window window = lks_coaction_window_of(rows, &own[i]);
        uint32_t event = rows->kept[own[i].place];
        int64_t window_us = making->options->window_us[events->object_kind[events->object[event]]];
        while (own[own_first].place < window.first)
            own_first++;
        while (own_end < count && own[own_end].place < window.end)
            own_end++;
        uint64_t others = crowd->others[0] ? crowd->others[0][event]
                                           : window.end - window.first - (own_end - own_first);
        uint64_t load = lks_coaction_load(making->null, event, others, window_us);
        struct stratum *stratum = stratum_find(
            worker, (uint32_t)((events->time_us[event] - crowd->first_us) / crowd->stratum_us));
        stratum->load = load < stratum->load ? load : stratum->load;
        making->bounds->load_log2[own[i].place] = (uint16_t)log2_of(load);
    }
}

/* The least pairs of posts of any pair with the account that reaches what the stake asks; or NEVER. */
static uint64_t pairs_least(const struct making *making, const struct worker *worker,
                            unsigned stake)
{
    uint64_t least = NEVER;
    for (size_t s = 0; s < worker->strata_count; s++) {
        const struct stratum *stratum = &worker->strata[s];
        if (stratum->load == UINT64_MAX)
            continue;
        uint64_t product = stratum->near * stratum->load;
        if (stratum->load >> 32 && stratum->near > (UINT64_C(1) << 63) / stratum->load)
            continue; /* far beyond what any stake reaches */
        uint32_t root = making->pairs_16[stake][log2_of(product)];
        if (root == NEVER)
            continue;
        uint64_t pairs = (uint64_t)stratum->near * root / 16 + 1;
        least = pairs < least ? pairs : least;
    }
    return least > making->null->pairs_least || least == NEVER ? least : making->null->pairs_least;
}

/* What its own side says of an account of many events: costs[], what each event that is met adds
 * to K at least, rising, and loads[], the logarithms, rising. 0 or LKS_EMEMORY. */
static int costs_fill(const struct making *making, struct worker *worker, uint32_t rank,
                      struct lks_error *err)
{
    const struct lks_coaction_rows *rows = making->rows;
    const struct lks_coaction_crowd *crowd = &making->null->crowd;
    const struct lks_coaction_own *own = rows->own + rows->start[rank];
    size_t count = rows->start[rank + 1] - rows->start[rank], low = 0, high = 0;
    int64_t span_us = 2 * making->widest_us;
    if (lks_budget_grow(making->budget, &worker->times, &worker->times_capacity, count, 8, err) <
            0 ||
        lks_budget_grow(making->budget, &worker->costs, &worker->costs_capacity, count, 8, err) <
            0 ||
        lks_budget_grow(making->budget, &worker->loads, &worker->loads_capacity, count, 8, err) <
            0 ||
        lks_budget_grow(making->budget, &worker->spare, &worker->spare_capacity, count, 8, err) < 0)
        return LKS_EMEMORY;
    for (size_t i = 0; i < count; i++) {
        worker->times[i] =
            (uint64_t)(making->null->events->time_us[rows->kept[own[i].place]] - crowd->first_us);
        worker->loads[i] = making->bounds->load_log2[own[i].place];
    }
    lks_coaction_keys_sort(worker->times, worker->spare, count);
    lks_coaction_keys_sort(worker->loads, worker->spare, count);
    for (size_t i = 0; i < count; i++) {
        int64_t time_us = (int64_t)worker->times[i];
        while (time_us - (int64_t)worker->times[low] > span_us)
            low++;
        while (high < count && (int64_t)worker->times[high] - time_us <= span_us)
            high++;
        const struct stratum *stratum =
            stratum_find(worker, (uint32_t)(time_us / crowd->stratum_us));
        worker->costs[i] = ((uint64_t)stratum->near << COST_BITS) / (high - low);
    }
    lks_coaction_keys_sort(worker->costs, worker->spare, count);
    return 0;
}

/* The least K by the account's own side: with m of its events met, K is at least what the m
 * cheapest cost, and the m heaviest add up to no more than they weigh with that. In steps of an
 * eighth of m: the cost of its begin, the weights of its end. */
static uint64_t pairs_least_own(const struct making *making, const struct worker *worker,
                                unsigned stake, size_t count)
{
    const uint16_t *weight = making->bounds->tables->weight[stake];
    uint64_t asked = making->bounds->tables->asked[stake], cost = 0;
    for (size_t begin = 0, end; begin < count; begin = end) {
        end = begin + 1 + begin / 8;
        end = end < count ? end : count;
        uint64_t pairs = (cost + worker->costs[begin]) >> COST_BITS, sum = 0;
        pairs = pairs > begin + 1 ? pairs : begin + 1; /* each post met is a pair */
        const uint16_t *row = weight + log2_of(pairs);
        if (end * row[worker->loads[0]] >= asked)
            for (size_t i = 0; i < end; i++)
                sum += row[worker->loads[i]];
        if (sum >= asked)
            return pairs;
        for (size_t i = begin; i < end; i++)
            cost += worker->costs[i];
    }
    return NEVER;
}

/* The least K of the account by stake, and the events that it needs of partners; 0 where it is
 * out. */
static uint32_t account_bound(const struct making *making, const struct worker *worker,
                              uint32_t rank)
{
    const struct lks_coaction_rows *rows = making->rows;
    const struct lks_coaction_bounds *bounds = making->bounds;
    const struct lks_coaction_own *own = rows->own + rows->start[rank];
    size_t count = rows->start[rank + 1] - rows->start[rank];
    uint32_t needed = NEVER;
    for (unsigned stake = 0; stake < LKS_COACTION_STAKES; stake++) {
        uint64_t pairs = pairs_least(making, worker, stake), sum = 0;
        uint64_t pairs_own =
            count >= MANY_EVENTS ? pairs_least_own(making, worker, stake, count) : 0;
        pairs = pairs_own > pairs ? pairs_own : pairs;
        uint16_t *pairs_log2 = &bounds->pairs_log2[rank][stake];
        *pairs_log2 = LKS_COACTION_PAIRS_NONE;
        if (pairs == NEVER)
            continue;
        /* Logarithms rounded down add up to no more than that of the product. */
        uint32_t least = log2_of(pairs), heaviest = 0;
        const uint16_t *weight = bounds->tables->weight[stake] + least;
        for (size_t i = 0; i < count; i++) {
            uint32_t w = weight[bounds->load_log2[own[i].place]];
            heaviest = w > heaviest ? w : heaviest;
            sum += w;
        }
        uint32_t asked = bounds->tables->asked[stake];
        if (sum < asked)
            continue;
        *pairs_log2 = (uint16_t)least;
        uint32_t events = (asked + heaviest - 1) / heaviest;
        needed = events < needed ? events : needed;
    }
    return needed == NEVER ? 0 : needed;
}

static int rank_bound(struct making *making, struct worker *worker, uint32_t rank,
                      struct lks_error *err)
{
    struct lks_coaction_rows *rows = making->rows;
    if (strata_fill(making, worker, rows->account[rank], err) < 0)
        return LKS_EMEMORY;
    loads_fill(making, worker, rank);
    if (rows->start[rank + 1] - rows->start[rank] >= MANY_EVENTS &&
        costs_fill(making, worker, rank, err) < 0)
        return LKS_EMEMORY;
    uint32_t needed = account_bound(making, worker, rank);
    if (needed == 0) {
        worker->accounts_out++;
        for (uint32_t i = rows->start[rank]; i < rows->start[rank + 1]; i++)
            rows->partner[rows->own[i].place] = 0;
        return 0;
    }
    uint32_t *end =
        &worker->ranks_end[needed < LKS_COACTION_NEED_MAX ? needed : LKS_COACTION_NEED_MAX];
    *end = rank + 1 > *end ? rank + 1 : *end;
    return 0;
}

struct lks_coaction_account_bound lks_coaction_bounds_of(const struct lks_coaction_bounds *bounds,
                                                         uint32_t rank)
{
    struct lks_coaction_account_bound bound = {.load_log2 = bounds->load_log2};
    for (unsigned i = 0; i < LKS_COACTION_STAKES; i++)
        if (bounds->pairs_log2[rank][i] != LKS_COACTION_PAIRS_NONE)
            bound.share[bound.stakes_count++] =
                bounds->tables->share[i] + bounds->pairs_log2[rank][i];
    return bound;
}

/* ---- one pair ---- */

/* Pairs of posts that are near: as lks_coaction_pairs_near, but each is one. */
static uint64_t pairs_count(const struct lks_coaction_bounds *bounds, uint32_t a, uint32_t b)
{
    const struct lks_coaction_crowd *crowd = &bounds->null->crowd;
    const uint16_t *x = crowd->stratum + crowd->first[a], *y = crowd->stratum + crowd->first[b];
    size_t x_count = crowd->first[a + 1] - crowd->first[a];
    size_t y_count = crowd->first[b + 1] - crowd->first[b], low = 0, high = 0;
    uint64_t pairs = 0;
    for (size_t i = 0; i < x_count; i++) {
        while (low < y_count && y[low] + bounds->reach < x[i])
            low++;
        while (high < y_count && y[high] <= x[i] + bounds->reach)
            high++;
        pairs += high - low;
    }
    return pairs;
}

/* Whether the weights of the hits may add up, with so many pairs or the least of either account. */
static int hits_may(const struct lks_coaction_bounds *bounds, uint32_t rank_a, uint32_t rank_b,
                    uint32_t pairs_log2, const uint64_t *hits, size_t count)
{
    for (unsigned stake = 0; stake < LKS_COACTION_STAKES; stake++) {
        uint32_t a = bounds->pairs_log2[rank_a][stake], b = bounds->pairs_log2[rank_b][stake];
        uint32_t most = a > b ? a : b;
        if (most == LKS_COACTION_PAIRS_NONE)
            continue;
        most = pairs_log2 > most ? pairs_log2 : most;
        const uint16_t *weight = bounds->tables->weight[stake] + most;
        uint64_t sum = 0;
        for (size_t i = 0; i < count; i++)
            sum += weight[bounds->load_log2[(uint32_t)hits[i]]];
        if (sum >= bounds->tables->asked[stake])
            return 1;
    }
    return 0;
}

int lks_coaction_bounds_pair(const struct lks_coaction_bounds *bounds, uint32_t rank_a,
                             uint32_t rank_b, const uint64_t *hits, size_t count)
{
    if (!bounds->by_account)
        return 1;
    uint64_t pairs =
        pairs_count(bounds, bounds->rows->account[rank_a], bounds->rows->account[rank_b]);
    return pairs && hits_may(bounds, rank_a, rank_b, log2_of(pairs), hits, count);
}

/* ---- all of them ---- */

static uint32_t rank_at(const struct lks_coaction_rows *rows, size_t at)
{
    size_t low = 0, high = rows->ranks_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (rows->start[middle] < at)
            low = middle + 1;
        else
            high = middle;
    }
    return (uint32_t)low;
}

static int ranks_bound(void *context, size_t task_index, unsigned worker_index,
                       struct lks_error *err)
{
    struct making *making = context;
    uint32_t end = rank_at(making->rows, (task_index + 1) * TASK_PLACES);
    for (uint32_t rank = rank_at(making->rows, task_index * TASK_PLACES); rank < end; rank++) {
        int code = rank_bound(making, &making->workers[worker_index], rank, err);
        if (code < 0)
            return code;
    }
    if (lks_cancelled(making->control))
        return lks_error_set(err, LKS_ECANCELLED, "cancelled");
    return 0;
}

/* What any meeting is worth, in whatever window: the rarest there can be, with as few pairs. */
static void bound_any(struct making *making)
{
    const struct lks_coaction_null *null = making->null;
    struct lks_coaction_bounds *bounds = making->bounds;
    uint16_t load = (uint16_t)log2_of(lks_coaction_load_least(null));
    uint16_t pairs = (uint16_t)log2_of(null->pairs_least);
    for (size_t i = 0; i < bounds->count; i++)
        bounds->load_log2[i] = load;
    for (size_t r = 0; r < bounds->ranks_count; r++)
        for (unsigned i = 0; i < LKS_COACTION_STAKES; i++)
            bounds->pairs_log2[r][i] = pairs;
    for (uint32_t i = 0; i <= LKS_COACTION_NEED_MAX; i++)
        bounds->ranks_end[i] = (uint32_t)bounds->ranks_count;
}

static int bound_each(struct making *making, unsigned threads_count, struct lks_error *err)
{
    struct lks_coaction_bounds *bounds = making->bounds;
    struct lks_budget *budget = making->budget;
    enum { ENDS = LKS_COACTION_NEED_MAX + 1 };
    size_t tasks = making->rows->count / TASK_PLACES + 1;
    int code =
        lks_budget_array(budget, &making->workers, threads_count, sizeof *making->workers, err);
    for (unsigned i = 0; code == 0 && i < threads_count; i++)
        code = lks_budget_array(budget, &making->workers[i].ranks_end, ENDS, 4, err);
    if (code == 0)
        code = lks_threads_run(threads_count, tasks, ranks_bound, making, err);
    for (unsigned i = 0; making->workers && i < threads_count; i++) {
        struct worker *worker = &making->workers[i];
        for (uint32_t n = 0; worker->ranks_end && n < ENDS; n++)
            if (bounds->ranks_end[n] < worker->ranks_end[n])
                bounds->ranks_end[n] = worker->ranks_end[n];
        bounds->accounts_out += worker->accounts_out;
        lks_budget_free(budget, worker->ranks_end, ENDS, 4);
        lks_budget_free(budget, worker->times, worker->times_capacity, 8);
        lks_budget_free(budget, worker->costs, worker->costs_capacity, 8);
        lks_budget_free(budget, worker->loads, worker->loads_capacity, 8);
        lks_budget_free(budget, worker->spare, worker->spare_capacity, 8);
        lks_budget_free(budget, worker->strata, worker->strata_capacity, sizeof *worker->strata);
    }
    lks_budget_free(budget, making->workers, threads_count, sizeof *making->workers);
    /* Who has more events reaches all that fewer reach. */
    for (uint32_t n = 1; n < ENDS; n++)
        if (bounds->ranks_end[n] < bounds->ranks_end[n - 1])
            bounds->ranks_end[n] = bounds->ranks_end[n - 1];
    return code;
}

int lks_coaction_bounds_make(struct lks_coaction_bounds *bounds,
                             const struct lks_coaction_null *null, struct lks_coaction_rows *rows,
                             const struct lks_coaction_options *options, unsigned threads_count,
                             const struct lks_control *control, struct lks_budget *budget,
                             struct lks_error *err)
{
    struct making *making = NULL;
    int64_t widest_us = 0;
    int code = lks_budget_array(budget, &making, 1, sizeof *making, err);
    bounds->null = null;
    bounds->rows = rows;
    bounds->by_account = !(options->without & LKS_COACTION_NO_BOUNDS);
    bounds->count = rows->count;
    bounds->ranks_count = rows->ranks_count;
    if (code == 0)
        code = lks_budget_array(budget, &bounds->load_log2, bounds->count, 2, err);
    if (code == 0)
        code = lks_budget_array(budget, &bounds->pairs_log2, bounds->ranks_count,
                                sizeof *bounds->pairs_log2, err);
    if (code == 0)
        code = lks_budget_array(budget, &bounds->tables, 1, sizeof *bounds->tables, err);
    if (code < 0) {
        lks_budget_free(budget, making, 1, sizeof *making);
        return code;
    }
    making->bounds = bounds;
    making->null = null;
    making->rows = rows;
    making->options = options;
    making->control = control;
    making->budget = budget;
    for (int kind = 0; kind < LKS_OBJECT_KINDS_COUNT; kind++)
        widest_us = options->window_us[kind] > widest_us ? options->window_us[kind] : widest_us;
    making->widest_us = widest_us;
    bounds->reach = lks_coaction_reach(null->crowd.stratum_us, widest_us);
    tables_fill(making);
    if (bounds->by_account)
        code = bound_each(making, threads_count, err);
    else
        bound_any(making);
    lks_budget_free(budget, making, 1, sizeof *making);
    return code;
}

void lks_coaction_bounds_free(struct lks_coaction_bounds *bounds, struct lks_budget *budget)
{
    lks_budget_free(budget, bounds->load_log2, bounds->count, 2);
    lks_budget_free(budget, bounds->pairs_log2, bounds->ranks_count, sizeof *bounds->pairs_log2);
    lks_budget_free(budget, bounds->tables, 1, sizeof *bounds->tables);
    *bounds = (struct lks_coaction_bounds){0};
}
