/* weigh.c - the score of one pair of accounts
 *
 * What a meeting weighs depends on the larger load of its two events, so what the heaviest meeting
 * of an event weighs depends on its own load and the least load among those it meets. Those
 * are a range of the other's events, and both ends of ranges rise: so the least of each range comes
 * from a queue of candidates, each of which enters and leaves once (the sliding minimum), and a pair
 * costs what its events are many, not its meetings. */
#include "coaction/score.h"

#include <string.h>

#include "coaction/keys.h"

static const uint64_t NO_MEETING = UINT64_MAX;

int lks_coaction_score_room(struct lks_coaction_score_scratch *s, size_t a_count, size_t b_count,
                            struct lks_budget *budget, struct lks_error *err)
{
    size_t most = a_count > b_count ? a_count : b_count;
    uint64_t **arrays[6] = {&s->load_a, &s->load_b, &s->best_a, &s->best_b, &s->keys, &s->spare};
    const size_t needed[6] = {a_count, b_count, a_count, b_count, most, most};
    for (int i = 0; i < 6; i++)
        if (lks_budget_grow(budget, arrays[i], &s->capacity[i], needed[i], 8, err) < 0)
            return LKS_EMEMORY;
    return lks_budget_grow(budget, &s->queue, &s->capacity[6], most, 4, err);
}

void lks_coaction_score_scratch_free(struct lks_coaction_score_scratch *s,
                                     struct lks_budget *budget)
{
    uint64_t *arrays[6] = {s->load_a, s->load_b, s->best_a, s->best_b, s->keys, s->spare};
    for (int i = 0; i < 6; i++)
        lks_budget_free(budget, arrays[i], s->capacity[i], 8);
    lks_budget_free(budget, s->queue, s->capacity[6], 4);
    memset(s, 0, sizeof *s);
}

/* For events x[x_begin .. x_end - 1] the load of the heaviest meeting with y's. */
static void meetings_best(const struct lks_coaction_row *x, size_t x_begin, size_t x_end,
                          const uint64_t *x_load, const struct lks_coaction_row *y, size_t y_begin,
                          size_t y_end, const uint64_t *y_load, int64_t window_us, uint32_t *queue,
                          uint64_t *best)
{
    size_t head = 0, tail = 0, next = y_begin;
    for (size_t i = x_begin; i < x_end; i++) {
        for (; window_us >= 0 && next < y_end && y[next].time_us - x[i].time_us <= window_us;
             next++) {
            while (tail > head && y_load[queue[tail - 1]] >= y_load[next])
                tail--;
            queue[tail++] = (uint32_t)next;
        }
        while (head < tail && x[i].time_us - y[queue[head]].time_us > window_us)
            head++;
        best[i] = NO_MEETING;
        if (window_us >= 0 && head < tail) {
            uint64_t least = y_load[queue[head]];
            best[i] = least > x_load[i] ? least : x_load[i];
        }
    }
}

/* Gathers the heaviest meeting of each of one side's posts into spare[]; returns how many. */
static size_t posts_best(struct lks_coaction_score_scratch *s, const struct lks_coaction_row *row,
                         uint64_t *best, const struct lks_coaction_shared *shared,
                         size_t shared_count, int is_b)
{
    size_t count = 0, posts = 0;
    for (size_t i = 0; i < shared_count; i++) {
        size_t begin = is_b ? shared[i].b_begin : shared[i].a_begin;
        size_t end = is_b ? shared[i].b_end : shared[i].a_end;
        for (size_t j = begin; j < end; j++)
            if (best[j] != NO_MEETING)
                s->keys[count++] = (uint64_t)row[j].post << 32 | j;
    }
    lks_coaction_keys_sort(s->keys, s->spare, count);
    for (size_t i = 0; i < count; posts++) {
        uint64_t least = NO_MEETING, post = s->keys[i] >> 32;
        for (; i < count && s->keys[i] >> 32 == post; i++) {
            uint64_t load = best[(uint32_t)s->keys[i]];
            least = load < least ? load : least;
        }
        s->spare[posts] = least;
    }
    memcpy(best, s->spare, posts * sizeof *best);
    return posts;
}

static uint64_t weights_sum(const uint64_t *loads, size_t count, uint32_t stake,
                            uint64_t pairs_count)
{
    uint64_t sum = 0, weight = 0, load = 0;
    for (size_t i = 0; i < count; i++) {
        if (loads[i] != load) /* neighbours are often alike, and loads at least 1 */
            weight = lks_coaction_weight(stake, pairs_count, loads[i]);
        load = loads[i];
        sum += weight;
    }
    return sum;
}

/* The best over stakes of the smaller side's sum, beyond the price. */
static uint64_t stakes_best(const struct lks_coaction_score_scratch *s, size_t a_posts,
                            size_t b_posts, uint64_t pairs_count)
{
    uint64_t best = 0;
    for (unsigned i = 0; i < LKS_COACTION_STAKES; i++) {
        uint32_t price = lks_coaction_stake_price(i);
        uint64_t sum = weights_sum(s->best_a, a_posts, 1u << i, pairs_count);
        if (sum <= best + price)
            continue;
        uint64_t other = weights_sum(s->best_b, b_posts, 1u << i, pairs_count);
        sum = other < sum ? other : sum;
        best = sum > best + price ? sum - price : best;
    }
    return best;
}

uint32_t lks_coaction_score(const struct lks_coaction_null *null,
                            const struct lks_coaction_options *options, uint32_t account_a,
                            uint32_t account_b, const struct lks_coaction_row *a,
                            const struct lks_coaction_row *b,
                            const struct lks_coaction_shared *shared, size_t shared_count,
                            struct lks_coaction_score_scratch *s)
{
    int64_t widest_us = 0;
    for (size_t i = 0; i < shared_count; i++) {
        const struct lks_coaction_shared *o = &shared[i];
        int64_t window_us = options->window_us[o->kind];
        meetings_best(a, o->a_begin, o->a_end, s->load_a, b, o->b_begin, o->b_end, s->load_b,
                      window_us, s->queue, s->best_a);
        meetings_best(b, o->b_begin, o->b_end, s->load_b, a, o->a_begin, o->a_end, s->load_a,
                      window_us, s->queue, s->best_b);
    }
    for (int kind = 0; kind < LKS_OBJECT_KINDS_COUNT; kind++)
        if (widest_us < options->window_us[kind])
            widest_us = options->window_us[kind];
    size_t a_posts = posts_best(s, a, s->best_a, shared, shared_count, 0);
    size_t b_posts = posts_best(s, b, s->best_b, shared, shared_count, 1);
    uint64_t pairs = lks_coaction_pairs_near(null, account_a, account_b, widest_us);
    uint64_t score = stakes_best(s, a_posts, b_posts, pairs);
    if (score < options->min_score)
        return 0;
    return score < UINT32_MAX ? (uint32_t)score : UINT32_MAX;
}
