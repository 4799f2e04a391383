/* relayers.c - which channels repeat others more often than their own hours and words bring about
 *
 * Statistic: of the calls of others, how many did the channel repeat?
 * Null model: a channel that knows nothing of the others keeps its hours, its days of the week, its
 * words and its seasons, and which day of which week falls beside which of theirs is chance: one weekday
 * of seven for all blocks together (phase), and in each block one week of it, by itself. So with
 * T_b(s) from relay_turns.c
 *
 *      p = 1/7 * sum over the phases f of P(sum over blocks b of T_b(7 k_b + f) >= observed)
 *
 * with each k_b uniform over the block's weeks. Blocks being independent, the distribution of the sum is
 * the product of theirs, reckoned whole: no bound, no draws. Calls, terms and posts within a block may
 * depend on each other as they like.
 *
 * Cost: for each channel and phase the repeats times the blocks with any. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/threads.h"
#include "signal/relay_inside.h"
#include "stat/multiple.h"

enum { WEEK_DAYS = 7 };

/* ---- p of one channel ---- */

struct sum {
    double *chance, *next; /* [wanted + 1] of so many repeats; the last one: or more */
    uint32_t wanted, top;  /* top: the most so far */
};

/* The distribution after one more block, whose turns of the phase are equally likely. */
static void sum_add(struct sum *sum, const uint32_t *counts, uint32_t turns, uint32_t phase)
{
    uint32_t step = turns == 1 ? 1 : WEEK_DAYS, most = 0, from = turns == 1 ? 0 : phase;
    double each = (double)step / turns;
    for (uint32_t turn = from; turn < turns; turn += step)
        most = counts[turn] > most ? counts[turn] : most;
    if (!most)
        return;
    uint32_t top = most < sum->wanted - sum->top ? sum->top + most : sum->wanted;
    memset(sum->next, 0, ((size_t)top + 1) * sizeof *sum->next);
    for (uint32_t turn = from; turn < turns; turn += step)
        for (uint32_t k = 0; k <= sum->top; k++) {
            uint32_t to = counts[turn] < sum->wanted - k ? k + counts[turn] : sum->wanted;
            sum->next[to] += each * sum->chance[k];
        }
    double *held = sum->chance;
    sum->chance = sum->next;
    sum->next = held;
    sum->top = top;
}

/* log10 of p, and what is repeated and expected, of the blocks [first, end) of one channel. */
static int channel_test(const struct lks_relay_turned *turned, const size_t *own, size_t count,
                        struct lks_relayer *to, struct lks_error *err)
{
    struct sum sum = {0};
    double p = 0;
    for (size_t i = 0; i < count; i++) {
        const struct lks_relay_turns *block = &turned->blocks[own[i]];
        double all = 0;
        for (uint32_t turn = 0; turn < block->turns; turn++)
            all += turned->counts[block->first + turn];
        to->relayed += turned->counts[block->first];
        to->expected += all / block->turns;
    }
    if (!to->relayed)
        return 0;
    sum.wanted = to->relayed;
    sum.chance = malloc(((size_t)sum.wanted + 1) * sizeof *sum.chance);
    sum.next = malloc(((size_t)sum.wanted + 1) * sizeof *sum.next);
    int code = sum.chance && sum.next
                   ? 0
                   : lks_error_set(err, LKS_EMEMORY, "out of memory for what channels repeat");
    for (uint32_t phase = 0; code == 0 && phase < WEEK_DAYS; phase++) {
        sum.top = 0;
        sum.chance[0] = 1;
        for (size_t i = 0; i < count; i++) {
            const struct lks_relay_turns *block = &turned->blocks[own[i]];
            sum_add(&sum, turned->counts + block->first, block->turns, phase);
        }
        p += sum.top == sum.wanted ? sum.chance[sum.wanted] / WEEK_DAYS : 0;
    }
    free(sum.chance);
    free(sum.next);
    if (code == 0) /* rounding, and where doubles end */
        to->log10_p = fmin(0, log10(fmax(p, DBL_MIN)));
    return code;
}

/* Every channel's blocks in order of time, one channel after the other. */
static int channels_test(const struct lks_relay_run *run, const struct lks_relay_turned *turned,
                         const struct lks_control *control, struct lks_relayer *all,
                         struct lks_error *err)
{
    size_t places = run->input->places_count;
    size_t *first = calloc(places + 2, sizeof *first);
    size_t *own = malloc((turned->blocks_count + 1) * sizeof *own);
    int code = first && own ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory for channels");
    for (size_t i = 0; code == 0 && i < turned->blocks_count; i++)
        first[turned->blocks[i].place + 2]++;
    for (size_t i = 0; code == 0 && i < places; i++)
        first[i + 2] += first[i + 1];
    for (size_t i = 0; code == 0 && i < turned->blocks_count; i++)
        own[first[turned->blocks[i].place + 1]++] = i;
    for (size_t i = 0; code == 0 && i < places; i++) {
        all[i].could = turned->could[i];
        code = lks_cancelled(control)
                   ? lks_error_set(err, LKS_ECANCELLED, "stopped")
                   : channel_test(turned, own + first[i], first[i + 1] - first[i], &all[i], err);
    }
    free(first);
    free(own);
    return code;
}

/* ---- whom it repeats ---- */

/* One relay: this place repeated that one. */
struct follow {
    uint32_t place, first;
    int64_t lag_us;
};

static int follow_order(const void *a, const void *b)
{
    const struct follow *x = a, *y = b;
    if (x->place != y->place)
        return x->place < y->place ? -1 : 1;
    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    return (x->lag_us > y->lag_us) - (x->lag_us < y->lag_us);
}

/* Who was followed, how often and how soon, of the relays that were found. */
static int follows_fill(struct lks_relay_run *run, const struct lks_relays *result,
                        struct lks_relayer *all, struct lks_error *err)
{
    struct follow *follows = malloc((result->members_count + 1) * sizeof *follows);
    int64_t *lags = malloc((result->members_count + 1) * sizeof *lags);
    size_t count = 0;
    int code = follows && lags ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory for relays");
    for (size_t r = 0; code == 0 && r < result->relays_count; r++) {
        const struct lks_relay *relay = &result->relays[r];
        uint32_t mark = lks_relay_mark(run);
        all[relay->place].called++;
        run->stamp[relay->place] = mark;
        for (size_t m = relay->first_member; m < relay->first_member + relay->members_count; m++) {
            const struct lks_relay_member *member = &result->members[m];
            if (run->stamp[member->place] == mark)
                continue;
            run->stamp[member->place] = mark;
            follows[count++] = (struct follow){member->place, relay->place, member->lag_us};
        }
    }
    if (code == 0)
        qsort(follows, count, sizeof *follows, follow_order);
    for (size_t i = 0; code == 0 && i < count;) {
        struct lks_relayer *place = &all[follows[i].place];
        size_t start = i, own = i;
        for (; i < count && follows[i].place == follows[start].place; i++) {
            lags[i - start] = follows[i].lag_us;
            if (follows[i].first != follows[own].first)
                own = i;
            if (i - own + 1 > place->followed_count) {
                place->followed_count = (uint32_t)(i - own + 1);
                place->followed = follows[i].first;
            }
        }
        place->lag_median_us = lks_median(lags, i - start);
    }
    free(follows);
    free(lags);
    return code;
}

static int relayer_order(const void *a, const void *b)
{
    const struct lks_relayer *x = a, *y = b;
    if (x->log10_p != y->log10_p)
        return x->log10_p < y->log10_p ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

int lks_relayers_make(struct lks_relay_run *run, const struct lks_control *control,
                      struct lks_relays *result, struct lks_error *err)
{
    size_t places = run->input->places_count, kept = 0;
    struct lks_relayer *all = calloc(places + 1, sizeof *all);
    double *log10_p = malloc((places + 1) * sizeof *log10_p);
    double *q = malloc((places + 1) * sizeof *q);
    struct lks_relay_turned turned = {0};
    int code = all && log10_p && q ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory");
    for (size_t i = 0; code == 0 && i < places; i++)
        all[i] =
            (struct lks_relayer){.place = (uint32_t)i, .followed = UINT32_MAX, .lag_median_us = -1};
    if (code == 0)
        code = lks_relay_turn(run, control, &turned, err);
    if (code == 0)
        code = channels_test(run, &turned, control, all, err);
    if (code == 0)
        code = follows_fill(run, result, all, err);
    for (size_t i = 0; code == 0 && i < places; i++)
        log10_p[i] = all[i].log10_p;
    if (code == 0 && places)
        code = lks_bh_adjust(log10_p, places, places, q, err);
    for (size_t i = 0; code == 0 && i < places; i++) {
        all[i].q_value = q[i];
        if (all[i].called || all[i].relayed)
            all[kept++] = all[i];
    }
    if (code == 0) {
        qsort(all, kept, sizeof *all, relayer_order);
        result->relayers = all;
        result->relayers_count = kept;
        result->relayers_least_p = turned.least_p;
        all = NULL;
    }
    lks_relay_turned_free(&turned);
    free(all);
    free(log10_p);
    free(q);
    return code;
}
