/* score.c - how far a pair's meetings are beyond chance: one number with a bound
 *
 * Null model: within a stratum of time (an hour), who wrote which post is exchangeable. Take a and
 * its posts x as they are and deal b's posts y. With K pairs (x, y) near enough to meet, and
 * q(x, o) the chance that a post of y's stratum meets x on object o, let a meeting weigh
 *
 *     w = log2(1 + B / (K c q))        c: the objects of the post; B: the stake
 *
 * and let S be the sum over b's posts of the heaviest meeting of each. Then E 2^S <= e^B, since each
 * post of b brings at most the sum over x and o of q (2^w - 1), B / K for each of K pairs;
 * sampling without replacement only lowers it (Hoeffding 1963, theorem 4). By Markov
 *
 *     P(S - B log2 e >= s) <= 2^-s
 *
 * for any popularity of objects and activity of accounts. A small stake is best for few meetings,
 * a large one for many: the best of seven is taken, at the price of log2 7. Both sides are
 * summed, each meeting with the larger c q of its two events, and the smaller sum counts: symmetric,
 * and ten posts around one are one meeting. A viral tag has a large q and weighs next to
 * nothing; so does any object for two accounts that post all day (K). docs/method/coaction.md
 * derives it.
 *
 * All of it is whole numbers: the same on every machine. */
#include "coaction/score.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"

__extension__ typedef unsigned __int128 wide;

/* A post with as many objects as can be counted is taken for one with any number. */
enum { STRATA_MAX = 65535, OBJECTS_MAX = 255, OBJECTS_ANY = 65536 };

static uint32_t stratum_of(const struct lks_coaction_null *null, int64_t time_us)
{
    return (uint32_t)((time_us - null->crowd.first_us) / null->crowd.stratum_us);
}

uint32_t lks_coaction_reach(int64_t stratum_us, int64_t window_us)
{
    return (uint32_t)((window_us + stratum_us - 1) / stratum_us);
}

int64_t lks_coaction_stratum_us(int64_t first_us, int64_t last_us)
{
    int64_t stratum_us = LKS_HOUR_US;
    while ((last_us - first_us) / stratum_us >= STRATA_MAX)
        stratum_us *= 2;
    return stratum_us;
}

/* ---- weights ---- */

uint32_t lks_coaction_log2(uint64_t value)
{
    unsigned top = 63 - (unsigned)__builtin_clzll(value);
    uint32_t result = (top - 32) * 16;
    uint64_t mantissa = top < 63 ? value << (63 - top) : value; /* 1 to 2, times 2^63 */
    for (uint32_t bit = 8; bit; bit /= 2) {
        wide square = (wide)mantissa * mantissa; /* 1 to 4, times 2^126 */
        if (square >> 127) {
            result += bit;
            mantissa = (uint64_t)(square >> 64);
        } else {
            mantissa = (uint64_t)(square >> 63);
        }
    }
    return result;
}

uint32_t lks_coaction_weight(uint32_t stake, uint64_t pairs_count, uint64_t load)
{
    wide both = (wide)pairs_count * load;
    if (both >> 64)
        return 0;
    wide value = ((wide)1 << 32) + ((wide)stake << 64) / (uint64_t)both;
    return lks_coaction_log2(value >> 64 ? UINT64_MAX : (uint64_t)value);
}

uint32_t lks_coaction_stake_price(unsigned stake_index)
{
    /* 16 log2 e is 23.0832, 16 log2 7 is 44.9. */
    return ((230832u << stake_index) + 9999) / 10000 + 45;
}

static size_t row_before(const struct lks_coaction_own *row, size_t count, uint32_t wanted)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (row[middle].place < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint64_t lks_coaction_others(const struct lks_coaction_rows *rows, uint32_t place, uint32_t first,
                             uint32_t end)
{
    uint32_t rank = rows->partner[place];
    const struct lks_coaction_own *row = rows->own + rows->start[rank];
    size_t count = rows->start[rank + 1] - rows->start[rank];
    return end - first - (row_before(row, count, end) - row_before(row, count, first));
}

/* The least posts of a stratum that a window around this one reaches. */
static uint32_t posts_least(const struct lks_coaction_null *null, uint32_t stratum,
                            int64_t window_us)
{
    const struct lks_coaction_crowd *crowd = &null->crowd;
    uint32_t reach = lks_coaction_reach(crowd->stratum_us, window_us);
    uint32_t least = crowd->posts[stratum];
    for (uint32_t s = stratum > reach ? stratum - reach : 0;
         s <= stratum + reach && s < crowd->strata_count; s++)
        if (crowd->posts[s] && crowd->posts[s] < least)
            least = crowd->posts[s];
    return least;
}

uint64_t lks_coaction_load(const struct lks_coaction_null *null, uint32_t event,
                           uint64_t others_count, int64_t window_us)
{
    const struct lks_events *events = null->events;
    uint64_t posts = posts_least(null, stratum_of(null, events->time_us[event]), window_us);
    uint64_t objects =
        null->objects ? null->objects[events->post[event]] : null->crowd.objects[event];
    objects = objects == OBJECTS_MAX ? OBJECTS_ANY : objects;
    if (objects * others_count <= UINT32_MAX) { /* nearly always: no wide division */
        uint64_t least = objects * (others_count ? others_count : 1) << 32;
        return least / posts + (least % posts != 0);
    }
    wide meeting = (wide)objects * (others_count ? others_count : 1) << 32;
    wide load = (meeting + posts - 1) / posts;
    return load >> 62 ? UINT64_C(1) << 62 : (uint64_t)load;
}

/* ---- pairs of posts ---- */

/* How often a stratum is in a rising list, searched from `from`, which lies near. */
static size_t posts_in(const uint16_t *strata, size_t count, size_t from, uint32_t stratum)
{
    size_t first = from, end;
    while (first > 0 && strata[first - 1] >= stratum)
        first--;
    while (first < count && strata[first] < stratum)
        first++;
    for (end = first; end < count && strata[end] == stratum;)
        end++;
    return end - first;
}

/* Pairs of x posts in one stratum and y in another: what share of a stratum is dealt from is less
 * where the account that is held wrote some of it itself. In sixteenths, rounded up. */
static uint64_t pairs_dealt(uint64_t pairs, uint64_t all, uint64_t own)
{
    uint64_t pool = all > own ? all - own : 1;
    return (16 * pairs * all + pool - 1) / pool;
}

uint64_t lks_coaction_pairs_near(const struct lks_coaction_null *null, uint32_t a, uint32_t b,
                                 int64_t window_us)
{
    const struct lks_coaction_crowd *crowd = &null->crowd;
    const uint16_t *x = crowd->stratum + crowd->first[a], *y = crowd->stratum + crowd->first[b];
    size_t x_count = crowd->first[a + 1] - crowd->first[a];
    size_t y_count = crowd->first[b + 1] - crowd->first[b], low = 0;
    uint32_t reach = lks_coaction_reach(crowd->stratum_us, window_us);
    uint64_t sixteenths[2] = {0}; /* b dealt, a dealt */
    for (size_t i = 0, i_end; i < x_count; i = i_end) {
        uint32_t s = x[i];
        for (i_end = i + 1; i_end < x_count && x[i_end] == s;)
            i_end++;
        while (low < y_count && y[low] + reach < s)
            low++;
        for (size_t j = low, j_end; j < y_count && y[j] <= s + reach; j = j_end) {
            uint32_t t = y[j];
            for (j_end = j + 1; j_end < y_count && y[j_end] == t;)
                j_end++;
            uint64_t pairs = (uint64_t)(i_end - i) * (j_end - j);
            uint64_t a_there = s == t ? i_end - i : posts_in(x, x_count, i, t);
            uint64_t b_there = s == t ? j_end - j : posts_in(y, y_count, j, s);
            sixteenths[0] += pairs_dealt(pairs, crowd->posts[t], a_there);
            sixteenths[1] += pairs_dealt(pairs, crowd->posts[s], b_there);
        }
    }
    uint64_t most = sixteenths[0] > sixteenths[1] ? sixteenths[0] : sixteenths[1];
    return most ? (most + 15) / 16 : 1;
}

/* ---- building ---- */

static int compare_strata(const void *left, const void *right)
{
    const uint16_t *x = left, *y = right;
    return (*x > *y) - (*x < *y);
}

void lks_coaction_strata_sort(uint16_t *strata, size_t count)
{
    if (count > 32) {
        qsort(strata, count, sizeof *strata, compare_strata);
        return;
    }
    for (size_t i = 1; i < count; i++) {
        uint16_t key = strata[i];
        size_t at = i;
        for (; at > 0 && strata[at - 1] > key; at--)
            strata[at] = strata[at - 1];
        strata[at] = key;
    }
}

/* Posts are taken from their events: those without an object can meet nobody, and are not dealt.
 * `dealt` has a bit a post. */
static void posts_deal(struct lks_coaction_null *null, uint64_t *dealt)
{
    const struct lks_events *events = null->events;
    for (size_t i = 0; i < events->count; i++) {
        uint8_t *objects = &null->objects[events->post[i]];
        null->first[events->account[i] + 1] += *objects == 0;
        *objects += *objects < OBJECTS_MAX;
    }
    for (size_t a = 0; a < events->accounts_count; a++)
        null->first[a + 1] += null->first[a];
    for (size_t i = 0; i < events->count; i++) {
        uint32_t post = events->post[i];
        if (dealt[post >> 6] >> (post & 63) & 1)
            continue;
        dealt[post >> 6] |= UINT64_C(1) << (post & 63);
        uint32_t stratum = stratum_of(null, events->time_us[i]);
        null->posts[stratum]++;
        null->stratum[null->first[events->account[i]]++] = (uint16_t)stratum;
    }
    /* Each first has moved on to the next account's: shift them back. */
    memmove(null->first + 1, null->first, events->accounts_count * sizeof *null->first);
    null->first[0] = 0;
    for (size_t a = 0; a < events->accounts_count; a++)
        lks_coaction_strata_sort(null->stratum + null->first[a],
                                 null->first[a + 1] - null->first[a]);
}

uint64_t lks_coaction_load_least(const struct lks_coaction_null *null)
{
    uint32_t most = 1;
    for (uint32_t s = 0; s < null->crowd.strata_count; s++)
        most = most < null->crowd.posts[s] ? null->crowd.posts[s] : most;
    return ((UINT64_C(1) << 32) + most - 1) / most;
}

/* With m meetings a pair has at least m pairs of posts: so the score asks for so many meetings,
 * and as many pairs. */
static uint32_t pairs_needed(const struct lks_coaction_null *null, uint32_t min_score)
{
    uint64_t load = lks_coaction_load_least(null);
    for (uint32_t pairs = 1; pairs < 4096; pairs++)
        for (unsigned i = 0; i < LKS_COACTION_STAKES; i++)
            if ((uint64_t)pairs * lks_coaction_weight(1u << i, pairs, load) >=
                min_score + lks_coaction_stake_price(i))
                return pairs;
    return 4096;
}

/* The crowd is the events themselves. */
static int crowd_make(struct lks_coaction_null *null, struct lks_budget *budget,
                      struct lks_error *err)
{
    const struct lks_events *events = null->events;
    struct lks_coaction_crowd *crowd = &null->crowd;
    int64_t first_us = INT64_MAX, last_us = INT64_MIN;
    uint64_t *dealt = NULL;
    int code;
    for (size_t i = 0; i < events->count; i++) {
        first_us = events->time_us[i] < first_us ? events->time_us[i] : first_us;
        last_us = events->time_us[i] > last_us ? events->time_us[i] : last_us;
    }
    if (events->count == 0)
        first_us = last_us = 0;
    crowd->first_us = first_us;
    crowd->stratum_us = lks_coaction_stratum_us(first_us, last_us);
    crowd->strata_count = (uint32_t)((last_us - first_us) / crowd->stratum_us) + 1;
    if ((code = lks_budget_array(budget, &null->posts, crowd->strata_count, 4, err)) < 0 ||
        (code = lks_budget_array(budget, &null->stratum, events->posts_count, 2, err)) < 0 ||
        (code = lks_budget_array(budget, &null->first, (size_t)events->accounts_count + 1, 4,
                                 err)) < 0 ||
        (code = lks_budget_array(budget, &null->objects, events->posts_count, 1, err)) < 0 ||
        (code = lks_budget_array(budget, &dealt, events->posts_count / 64 + 1, 8, err)) < 0)
        return code;
    posts_deal(null, dealt);
    lks_budget_free(budget, dealt, events->posts_count / 64 + 1, 8);
    crowd->posts = null->posts;
    crowd->stratum = null->stratum;
    crowd->first = null->first;
    return 0;
}

int lks_coaction_null_build(struct lks_coaction_null *null, const struct lks_events *events,
                            const struct lks_coaction_crowd *crowd, uint32_t min_score,
                            struct lks_budget *budget, struct lks_error *err)
{
    *null = (struct lks_coaction_null){.events = events};
    if (crowd)
        null->crowd = *crowd;
    int code = crowd ? 0 : crowd_make(null, budget, err);
    if (code < 0) {
        lks_coaction_null_free(null, budget);
        return code;
    }
    null->pairs_least = pairs_needed(null, min_score);
    return 0;
}

void lks_coaction_null_free(struct lks_coaction_null *null, struct lks_budget *budget)
{
    if (!null->events)
        return;
    lks_budget_free(budget, null->posts, null->crowd.strata_count, 4);
    lks_budget_free(budget, null->stratum, null->events->posts_count, 2);
    lks_budget_free(budget, null->first, (size_t)null->events->accounts_count + 1, 4);
    lks_budget_free(budget, null->objects, null->events->posts_count, 1);
    *null = (struct lks_coaction_null){0};
}
