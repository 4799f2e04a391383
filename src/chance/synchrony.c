/* synchrony.c - the second null: do two who share an interest meet sooner than others do?
 *
 * For every object: far, the pairs of uses by different accounts at most far_us apart, and
 * near, those at most near_us apart; near / far is how soon people meet who meet on it at
 * all. For two accounts a and b every use by b of an object with a use by a within far is one
 * draw; with m such uses by a it comes near with chance 1 - (1 - near / far)^m. Pairs of a
 * and b themselves, and pairs inside their group, are taken out of the reference, and one is added to both counts, so that
 * an object on which nobody else came near is not proof. Draws are bounded by a binomial
 * with the same mean (stat/tail.h).
 *
 * A fan community meets within hours, as often near as anyone; a swarm meets near. One post
 * on several shared objects is several draws; they lean the same way, so the p-value is
 * computed on one object, the one with most draws, which is the careful choice.
 *
 * Cost: two windows over each object once; a pair costs its uses. */
#include "chance/synchrony.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stat/tail.h"

struct lks_synchrony_options lks_synchrony_options_default(void)
{
    return (struct lks_synchrony_options){LKS_MINUTE_US, 6 * LKS_HOUR_US, 20};
}

/* Pairs of rows first .. end - 1 by accounts of different keys at most window_us apart.
 * seen[] counts the uses of each key inside the window and is zero again at the end. */
static uint64_t pairs_within(const struct lks_events *events, size_t first, size_t end,
                             int64_t window_us, const uint32_t *key, uint32_t *seen)
{
    uint64_t pairs = 0;
    size_t tail = first;
    for (size_t i = first; i < end; i++) {
        for (; events->time_us[i] - events->time_us[tail] > window_us; tail++)
            seen[key[events->account[tail]]]--;
        pairs += i - tail - seen[key[events->account[i]]];
        seen[key[events->account[i]]]++;
    }
    for (; tail < end; tail++)
        seen[key[events->account[tail]]]--;
    return pairs;
}

int lks_synchrony_prepare(const struct lks_events *events,
                          const struct lks_synchrony_options *options,
                          const uint32_t *account_group, struct lks_synchrony *synchrony,
                          struct lks_error *err)
{
    memset(synchrony, 0, sizeof *synchrony);
    if (options->near_us < 0 || options->far_us <= options->near_us)
        return lks_error_set(err, LKS_EARGUMENT, "near must be shorter than far");
    synchrony->events = events;
    synchrony->options = *options;
    uint32_t *seen = calloc(2 * (size_t)events->accounts_count + 1, sizeof *seen);
    synchrony->key = calloc((size_t)events->accounts_count + 1, sizeof *seen);
    synchrony->near_pairs = calloc((size_t)events->objects_count + 1, sizeof(uint64_t));
    synchrony->far_pairs = calloc((size_t)events->objects_count + 1, sizeof(uint64_t));
    synchrony->account_first = calloc((size_t)events->accounts_count + 2, sizeof(uint64_t));
    synchrony->account_row = calloc(events->count + 1, sizeof(uint32_t));
    if (!seen || !synchrony->key || !synchrony->near_pairs || !synchrony->far_pairs ||
        !synchrony->account_first || !synchrony->account_row) {
        free(seen);
        return lks_error_set(err, LKS_EMEMORY, "out of memory for the synchrony test");
    }
    for (uint32_t a = 0; a < events->accounts_count; a++) {
        uint32_t group = account_group ? account_group[a] : UINT32_MAX;
        LKS_ASSERT(group == UINT32_MAX || group < events->accounts_count);
        synchrony->key[a] = group == UINT32_MAX ? a : events->accounts_count + group;
    }
    for (size_t first = 0, end; first < events->count; first = end) {
        uint32_t o = events->object[first];
        for (end = first + 1; end < events->count && events->object[end] == o;)
            end++;
        synchrony->near_pairs[o] =
            pairs_within(events, first, end, options->near_us, synchrony->key, seen);
        synchrony->far_pairs[o] =
            pairs_within(events, first, end, options->far_us, synchrony->key, seen);
    }
    uint64_t *start = synchrony->account_first + 1;
    for (size_t i = 0; i < events->count; i++)
        start[events->account[i] + 1]++;
    for (uint32_t a = 0; a < events->accounts_count; a++)
        start[a + 1] += start[a];
    for (size_t i = 0; i < events->count; i++)
        synchrony->account_row[start[events->account[i]]++] = (uint32_t)i;
    free(seen);
    return 0;
}

void lks_synchrony_free(struct lks_synchrony *synchrony)
{
    free(synchrony->key);
    free(synchrony->near_pairs);
    free(synchrony->far_pairs);
    free(synchrony->account_first);
    free(synchrony->account_row);
    memset(synchrony, 0, sizeof *synchrony);
}

/* How many of rows[0 .. count) are earlier than time_us; rows of one object rise in time. */
static size_t before(const struct lks_events *events, const uint32_t *rows, size_t count,
                     int64_t time_us)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (events->time_us[rows[middle]] < time_us)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* How many of rows[0 .. count) lie within window_us of time_us. */
static uint64_t within(const struct lks_events *events, const uint32_t *rows, size_t count,
                       int64_t time_us, int64_t window_us)
{
    return before(events, rows, count, time_us + window_us + 1) -
           before(events, rows, count, time_us - window_us);
}

struct draws {
    uint64_t draws, near;
    double expected;
};

/* The draws of a and b on one object, given their rows on it. */
static struct draws draws_on(const struct lks_synchrony *synchrony, const uint32_t *rows_a,
                             size_t count_a, const uint32_t *rows_b, size_t count_b)
{
    const struct lks_events *events = synchrony->events;
    uint32_t o = events->object[rows_a[0]];
    struct draws draws = {0, 0, 0};
    uint64_t near_own = 0, far_own = 0;
    uint32_t key_a = synchrony->key[events->account[rows_a[0]]];
    uint32_t key_b = synchrony->key[events->account[rows_b[0]]];
    for (size_t i = 0; i < count_b && key_a != key_b; i++) {
        int64_t time_us = events->time_us[rows_b[i]];
        near_own += within(events, rows_a, count_a, time_us, synchrony->options.near_us);
        far_own += within(events, rows_a, count_a, time_us, synchrony->options.far_us);
    }
    uint64_t far = synchrony->far_pairs[o] - far_own, near = synchrony->near_pairs[o] - near_own;
    if (far < synchrony->options.reference_pairs_min)
        return draws;
    double apart = 1 - (double)(near + 1) / (double)(far + 1);
    for (size_t i = 0; i < count_b; i++) {
        int64_t time_us = events->time_us[rows_b[i]];
        uint64_t uses = within(events, rows_a, count_a, time_us, synchrony->options.far_us);
        if (uses == 0)
            continue;
        draws.draws++;
        draws.near += within(events, rows_a, count_a, time_us, synchrony->options.near_us) > 0;
        draws.expected += 1 - pow(apart, (double)uses);
    }
    return draws;
}

double lks_synchrony_p(const struct lks_synchrony *synchrony, uint32_t a, uint32_t b)
{
    const uint32_t *object = synchrony->events->object, *rows = synchrony->account_row;
    const uint64_t *first = synchrony->account_first;
    if (first[a + 1] - first[a] < first[b + 1] - first[b]) {
        uint32_t swap = a;
        a = b;
        b = swap;
    }
    uint64_t i = first[a], j = first[b];
    struct draws most = {0, 0, 0};
    while (i < first[a + 1] && j < first[b + 1]) {
        uint32_t o = object[rows[i]], other = object[rows[j]];
        if (o != other) {
            i += o < other;
            j += other < o;
            continue;
        }
        uint64_t end_a = i, end_b = j;
        while (end_a < first[a + 1] && object[rows[end_a]] == o)
            end_a++;
        while (end_b < first[b + 1] && object[rows[end_b]] == o)
            end_b++;
        struct draws draws = draws_on(synchrony, rows + i, end_a - i, rows + j, end_b - j);
        if (draws.draws > most.draws)
            most = draws;
        i = end_a;
        j = end_b;
    }
    if (most.draws == 0)
        return NAN;
    return exp(lks_hoeffding_tail_log(most.near, most.draws, most.expected));
}
