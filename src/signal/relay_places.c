/* relay_places.c - a run's posts and uses in order, and what each channel does over all calls
 *
 * A channel repeats others: of the tested calls of other channels in whose window it said anything, how
 * many of their new terms did it use? By chance each of its posts there meets a call with at most the sum
 * over the call's new terms of the share of past posts that carried the term. That sum over calls
 * is the mean of a sum of independent draws, tested by Hoeffding's bound (stat/tail.h). All tested
 * calls count, not those alone that were found, which would have been found because of it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "signal/relay_inside.h"
#include "stat/multiple.h"
#include "stat/tail.h"

/* ---- a run's order ---- */

struct placed {
    int64_t time_us;
    uint32_t post;
};

static int placed_order(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;
    if (x->time_us != y->time_us)
        return x->time_us < y->time_us ? -1 : 1;
    return (x->post > y->post) - (x->post < y->post);
}

static int use_order(const void *a, const void *b)
{
    const struct lks_relay_use *x = a, *y = b;
    if (x->term != y->term)
        return x->term < y->term ? -1 : 1;
    return (x->post > y->post) - (x->post < y->post);
}

static void uses_index(struct lks_relay_run *run)
{
    size_t *first = run->own_first;
    for (size_t u = 0; u < run->uses_count; u++)
        first[run->uses[u].post + 2]++;
    for (size_t p = 0; p < run->count; p++)
        first[p + 2] += first[p + 1];
    for (size_t u = 0; u < run->uses_count; u++)
        run->own[first[run->uses[u].post + 1]++] = u;
}

static int posts_place(struct lks_relay_run *run, const int64_t *shift_us, struct lks_error *err)
{
    const struct lks_relay_input *input = run->input;
    struct placed *placed = malloc((run->count + 1) * sizeof *placed);
    uint32_t *now = malloc((run->count + 1) * sizeof *now); /* of the input's post */
    int code = placed && now ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory for messages");
    for (size_t p = 0; code == 0 && p < run->count; p++)
        placed[p] = (struct placed){
            input->post_time_us[p] + (shift_us ? shift_us[input->post_place[p]] : 0), (uint32_t)p};
    if (code == 0 && shift_us)
        qsort(placed, run->count, sizeof *placed, placed_order);
    for (size_t p = 0; code == 0 && p < run->count; p++) {
        run->time_us[p] = placed[p].time_us;
        run->origin[p] = placed[p].post;
        run->place[p] = input->post_place[placed[p].post];
        run->is_call[p] = input->post_is_call[placed[p].post];
        now[placed[p].post] = (uint32_t)p;
    }
    for (size_t u = 0; code == 0 && u < run->uses_count; u++)
        run->uses[u] = (struct lks_relay_use){input->uses[u].term, now[input->uses[u].post]};
    if (code == 0 && shift_us)
        qsort(run->uses, run->uses_count, sizeof *run->uses, use_order);
    free(placed);
    free(now);
    return code;
}

int lks_relay_run_make(struct lks_relay_run *run, const struct lks_relay_input *input,
                       const struct lks_relay_options *options, const int64_t *shift_us,
                       struct lks_error *err)
{
    size_t posts = input->posts_count + 1, places = (size_t)input->places_count + 1;
    *run = (struct lks_relay_run){.input = input,
                                  .options = options,
                                  .count = input->posts_count,
                                  .time_us = malloc(posts * sizeof *run->time_us),
                                  .place = malloc(posts * sizeof *run->place),
                                  .is_call = malloc(posts),
                                  .origin = malloc(posts * sizeof *run->origin),
                                  .own_first = calloc(posts + 2, sizeof *run->own_first),
                                  .own = malloc((input->uses_count + 1) * sizeof *run->own),
                                  .uses = malloc((input->uses_count + 1) * sizeof *run->uses),
                                  .uses_count = input->uses_count,
                                  .stamp = calloc(places, sizeof *run->stamp),
                                  .places = malloc(places * sizeof *run->places),
                                  .seen = calloc(places, sizeof *run->seen)};
    if (!run->time_us || !run->place || !run->is_call || !run->origin || !run->own_first ||
        !run->own || !run->uses || !run->stamp || !run->places || !run->seen)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for %zu messages", posts - 1);
    int code = posts_place(run, shift_us, err);
    if (code == 0)
        uses_index(run);
    return code;
}

void lks_relay_run_free(struct lks_relay_run *run)
{
    free(run->time_us);
    free(run->place);
    free(run->is_call);
    free(run->origin);
    free(run->own_first);
    free(run->own);
    free(run->uses);
    free(run->stamp);
    free(run->places);
    free(run->seen);
    *run = (struct lks_relay_run){0};
}

/* ---- channels ---- */

/* Marks who used a new term of the call in its window, and sums the terms' shares of the past. */
static double call_look(struct lks_relay_run *run, uint32_t post, uint32_t mark)
{
    double rate = 0;
    int64_t end_us = run->time_us[post] + run->options->window_us[LKS_RELAY_WINDOWS - 1];
    for (size_t i = run->own_first[post]; i < run->own_first[post + 1]; i++) {
        size_t use = run->own[i];
        uint64_t posts, uses;
        if (!lks_relay_is_quiet(run, use))
            continue;
        lks_relay_past(run, use, &posts, &uses);
        rate += ((double)uses + 1) / ((double)posts + 1);
        for (size_t u = use + 1; u < run->uses_count && run->uses[u].term == run->uses[use].term &&
                                 run->time_us[run->uses[u].post] <= end_us;
             u++)
            run->stamp[run->place[run->uses[u].post]] = mark;
    }
    return rate;
}

/* Adds one tested call to every place that said something in its window. */
static void call_add(struct lks_relay_run *run, uint32_t post, struct lks_relayer *all)
{
    uint32_t mark = lks_relay_mark(run);
    double rate = call_look(run, post, mark);
    int64_t end_us = run->time_us[post] + run->options->window_us[LKS_RELAY_WINDOWS - 1];
    size_t count = 0;
    for (size_t p = post + 1; p < run->count && run->time_us[p] <= end_us; p++)
        if (run->place[p] != run->place[post] && !run->seen[run->place[p]]++)
            run->places[count++] = run->place[p];
    for (size_t i = 0; i < count; i++) {
        struct lks_relayer *place = &all[run->places[i]];
        place->could++;
        place->relayed += run->stamp[run->places[i]] == mark;
        place->expected += fmin(1, rate * run->seen[run->places[i]]);
        run->seen[run->places[i]] = 0;
    }
}

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

int lks_relayers_make(struct lks_relay_run *run, const struct lks_relay_best *tested,
                      size_t tested_count, struct lks_relays *result, struct lks_error *err)
{
    size_t places = run->input->places_count, kept = 0;
    struct lks_relayer *all = calloc(places + 1, sizeof *all);
    double *log10_p = malloc((places + 1) * sizeof *log10_p);
    double *q = malloc((places + 1) * sizeof *q);
    int code = all && log10_p && q ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory");
    for (size_t i = 0; code == 0 && i < places; i++)
        all[i] =
            (struct lks_relayer){.place = (uint32_t)i, .followed = UINT32_MAX, .lag_median_us = -1};
    for (size_t i = 0; code == 0 && i < tested_count; i++)
        call_add(run, tested[i].post, all);
    if (code == 0)
        code = follows_fill(run, result, all, err);
    for (size_t i = 0; code == 0 && i < places; i++)
        log10_p[i] = all[i].log10_p =
            lks_hoeffding_tail_log(all[i].relayed, all[i].could, all[i].expected) / log(10);
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
        all = NULL;
    }
    free(all);
    free(log10_p);
    free(q);
    return code;
}
