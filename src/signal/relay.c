/* relay.c - what one channel calls out and others repeat within seconds or minutes
 *
 * A call is a message marked as one. Its terms are the tags, links and words it carries that
 * nobody used just before: what is new with it. Do others use one of them within the window more
 * often than chance lets them?
 *
 *      past: N posts, K on the term        quiet   call      window: n posts of other places,
 *     |-----------------------------------|-------|x--------|  u on the term, of X places
 *
 * By chance it is one of the past's posts that carries the term, or one of the days on which a channel says
 * it at this hour: relay_chance.c. The least p over windows and terms is multiplied by the number of
 * both (Bonferroni); q by Benjamini and Hochberg over all calls with a new term. Nothing later than
 * the window is looked at, so that a relay is known when it happens; when it was sure is told for
 * each. What a channel does over all calls: relay_turns.c.
 *
 * Relays of several terms, or of calls that are themselves repeats, share messages: those are one.
 *
 * Controls: each channel moved by days of its own, so that each keeps its habits, hours and bursts and
 * only who speaks with whom at one time is gone.
 *
 * Cost: the uses, sorted once for each run, and the posts in the windows of calls. */
#include "signal/relay.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/threads.h"
#include "signal/relay_inside.h"
#include "stat/multiple.h"

struct lks_relay_options lks_relay_options_default(void)
{
    return (struct lks_relay_options){
        .window_us = {10 * LKS_SECOND_US, LKS_MINUTE_US, 5 * LKS_MINUTE_US},
        .past_us = 30 * LKS_DAY_US,
        .quiet_us = LKS_HOUR_US,
        .habit_us = 60 * LKS_DAY_US,
        .block_weeks = 4,
        .level = 0.05,
        .controls = 5};
}

/* ---- one call ---- */

/* The p of one term over the windows, before it is paid for. */
static double use_test(struct lks_relay_run *run, size_t use, double *expected)
{
    size_t post = run->uses[use].post, u = use + 1;
    struct lks_relay_heard heard[LKS_RELAY_WINDOWS] = {0};
    double least = 0;
    if (u == run->uses_count || run->uses[u].term != run->uses[use].term ||
        run->time_us[run->uses[u].post] - run->time_us[post] >
            run->options->window_us[LKS_RELAY_WINDOWS - 1])
        return 0;
    uint32_t mark = lks_relay_mark(run);
    run->stamp[run->place[post]] = mark;
    for (int w = 0; w < LKS_RELAY_WINDOWS; w++) {
        int64_t end_us = run->time_us[post] + run->options->window_us[w];
        heard[w] = heard[w ? w - 1 : 0];
        for (; u < run->uses_count && run->uses[u].term == run->uses[use].term &&
               run->time_us[run->uses[u].post] <= end_us;
             u++) {
            uint32_t place = run->place[run->uses[u].post];
            heard[w].uses += place != run->place[post];
            if (run->stamp[place] != mark)
                lks_relay_heard_add(run, use, place, &heard[w]);
            run->stamp[place] = mark;
        }
    }
    for (int w = 0; w < LKS_RELAY_WINDOWS; w++) {
        double by_chance, log10_p;
        if (!heard[w].places)
            continue;
        log10_p = lks_relay_tail_log10(run, use, w, &heard[w], &by_chance);
        if (log10_p < least) {
            least = log10_p;
            *expected = by_chance;
        }
    }
    return least;
}

/* 1 where the call has a term that nobody used just before. */
static int call_test(struct lks_relay_run *run, uint32_t post, struct lks_relay_best *best)
{
    unsigned fresh = 0;
    *best = (struct lks_relay_best){.post = post};
    for (size_t i = run->own_first[post]; i < run->own_first[post + 1]; i++) {
        double expected = 0;
        if (!lks_relay_is_quiet(run, run->own[i]))
            continue;
        double log10_p = use_test(run, run->own[i], &expected);
        if (!fresh++ || log10_p < best->log10_p) {
            best->log10_p = log10_p;
            best->use = run->own[i];
            best->expected = expected;
        }
    }
    best->tries = fresh * LKS_RELAY_WINDOWS;
    if (best->log10_p < 0)
        best->log10_p = fmin(0, best->log10_p + log10(best->tries));
    return fresh > 0;
}

static int calls_test(struct lks_relay_run *run, const struct lks_control *control,
                      struct lks_relay_best **tested_out, size_t *count_out, struct lks_error *err)
{
    size_t calls = 0, count = 0;
    for (size_t p = 0; p < run->count; p++)
        calls += run->is_call[p];
    struct lks_relay_best *tested = malloc((calls + 1) * sizeof *tested);
    if (!tested)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for %zu calls", calls);
    for (size_t p = 0; p < run->count; p++) {
        if (!run->is_call[p])
            continue;
        count += (size_t)call_test(run, (uint32_t)p, &tested[count]);
        if (count % 1024 == 0 && lks_cancelled(control)) {
            free(tested);
            return lks_error_set(err, LKS_ECANCELLED, "stopped");
        }
    }
    *tested_out = tested;
    *count_out = count;
    return 0;
}

static int q_make(const struct lks_relay_best *tested, size_t count, double **q_out,
                  struct lks_error *err)
{
    double *log10_p = malloc((count + 1) * sizeof *log10_p);
    *q_out = malloc((count + 1) * sizeof **q_out);
    int code = log10_p && *q_out ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory");
    for (size_t i = 0; code == 0 && i < count; i++)
        log10_p[i] = tested[i].log10_p;
    if (code == 0 && count)
        code = lks_bh_adjust(log10_p, count, count, *q_out, err);
    free(log10_p);
    if (code) {
        free(*q_out);
        *q_out = NULL;
    }
    return code;
}

/* ---- calls that share messages are one relay ---- */

struct joining {
    struct lks_relay_run *run;
    const struct lks_relay_best *tested;
    const double *q;
    uint32_t *significant; /* [count] indexes into tested, in order of time */
    uint32_t *parent;      /* [count] */
    uint32_t *next, *last; /* [count] the chain of those of one root, in order of time */
    size_t count;
    uint32_t *owner; /* [posts] significant + 1 of a post, or 0 */
};

static uint32_t root_of(uint32_t *parent, uint32_t i)
{
    while (parent[i] != i)
        i = parent[i] = parent[parent[i]];
    return i;
}

/* Calls each for the uses of a relay's term in its widest window, the call itself first. */
static size_t members_end(const struct lks_relay_run *run, size_t use)
{
    int64_t end_us =
        run->time_us[run->uses[use].post] + run->options->window_us[LKS_RELAY_WINDOWS - 1];
    size_t u = use;
    while (u < run->uses_count && run->uses[u].term == run->uses[use].term &&
           run->time_us[run->uses[u].post] <= end_us)
        u++;
    return u;
}

static void relays_join(struct joining *joining)
{
    for (uint32_t i = 0; i < joining->count; i++) {
        size_t use = joining->tested[joining->significant[i]].use;
        joining->parent[i] = i;
        for (size_t u = use; u < members_end(joining->run, use); u++) {
            uint32_t *owner = &joining->owner[joining->run->uses[u].post];
            if (*owner) { /* the earlier one is the root */
                uint32_t a = root_of(joining->parent, *owner - 1);
                uint32_t b = root_of(joining->parent, i);
                joining->parent[a < b ? b : a] = a < b ? a : b;
            }
            *owner = i + 1;
        }
    }
    for (uint32_t i = 0; i < joining->count; i++) {
        uint32_t root = root_of(joining->parent, i);
        joining->next[i] = UINT32_MAX;
        if (root != i)
            joining->next[joining->last[root]] = i;
        joining->last[root] = i;
    }
}

static int member_order(const void *a, const void *b)
{
    const struct lks_relay_member *x = a, *y = b;
    return (x->post > y->post) - (x->post < y->post);
}

/* When so many other places had used the term that the p reached what was called. */
static int64_t sure_time(struct lks_relay_run *run, const struct lks_relay_best *best, double p_max)
{
    size_t post = run->uses[best->use].post, end = members_end(run, best->use), u = best->use + 1;
    struct lks_relay_heard heard = {0};
    int64_t last_us = run->time_us[post];
    for (; u < end; u++) {
        uint32_t at = run->uses[u].post, place = run->place[at];
        heard.uses += place != run->place[post];
        if (place == run->place[post] || run->seen[place]++)
            continue;
        lks_relay_heard_add(run, best->use, place, &heard);
        last_us = run->time_us[at];
        int w = 0;
        while (last_us - run->time_us[post] > run->options->window_us[w])
            w++;
        double log10_p = lks_relay_tail_log10(run, best->use, w, &heard, NULL);
        if (log10_p + log10(best->tries) <= p_max + 1e-9)
            break;
    }
    for (u = u < end ? u + 1 : end; u > best->use; u--)
        run->seen[run->place[run->uses[u - 1].post]] = 0;
    return last_us;
}

/* Fills relay from the members[count] of all its calls, which are put into order. */
static void relay_fill(struct joining *joining, uint32_t first, double p_max,
                       struct lks_relay_member *members, size_t *count, struct lks_relay *relay)
{
    struct lks_relay_run *run = joining->run;
    const struct lks_relay_best *best = &joining->tested[joining->significant[first]];
    size_t kept = 0;
    uint32_t mark = lks_relay_mark(run);
    qsort(members, *count, sizeof *members, member_order);
    for (size_t i = 0; i < *count; i++)
        if (!kept || members[kept - 1].post != members[i].post)
            members[kept++] = members[i];
    *count = kept;
    *relay = (struct lks_relay){.first_us = run->time_us[members[0].post],
                                .last_us = run->time_us[members[kept - 1].post],
                                .place = run->place[members[0].post],
                                .post = run->origin[members[0].post],
                                .members_count = (uint32_t)kept,
                                .expected = best->expected,
                                .log10_p = best->log10_p,
                                .q_value = joining->q[joining->significant[first]]};
    for (size_t i = 0; i < kept; i++) {
        uint32_t place = run->place[members[i].post];
        relay->places_count += run->stamp[place] != mark;
        run->stamp[place] = mark;
        members[i].place = place;
        members[i].lag_us = run->time_us[members[i].post] - relay->first_us;
        members[i].post = run->origin[members[i].post];
    }
    relay->sure_us = sure_time(run, best, p_max);
}

/* Writes the relays whose roots are given, with the members of all that were joined to them. */
static int relays_write(struct joining *joining, struct lks_relays *result, struct lks_error *err)
{
    struct lks_relay_run *run = joining->run;
    size_t room = 0;
    for (size_t i = 0; i < joining->count; i++) {
        size_t use = joining->tested[joining->significant[i]].use;
        room += members_end(run, use) - use;
    }
    result->relays = calloc(joining->count + 1, sizeof *result->relays);
    result->terms = calloc(joining->count + 1, sizeof *result->terms);
    result->members = malloc((room + 1) * sizeof *result->members);
    if (!result->relays || !result->terms || !result->members)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for relays");
    for (uint32_t i = 0; i < joining->count; i++) {
        uint32_t best = i;
        size_t count = 0;
        if (root_of(joining->parent, i) != i)
            continue;
        for (uint32_t k = i; k != UINT32_MAX; k = joining->next[k]) {
            size_t use = joining->tested[joining->significant[k]].use;
            if (joining->tested[joining->significant[k]].log10_p <
                joining->tested[joining->significant[best]].log10_p)
                best = k;
            for (size_t u = use; u < members_end(run, use); u++)
                result->members[result->members_count + count++] =
                    (struct lks_relay_member){.post = run->uses[u].post};
        }
        struct lks_relay *relay = &result->relays[result->relays_count];
        relay_fill(joining, best, result->p_max ? log10(result->p_max) : 0,
                   result->members + result->members_count, &count, relay);
        relay->first_member = (uint32_t)result->members_count;
        result->terms[result->relays_count++] =
            run->uses[joining->tested[joining->significant[best]].use].term;
        result->members_count += count;
    }
    return 0;
}

/* Tests calls and joins them to relays. */
static int relays_find(struct lks_relay_run *run, const struct lks_control *control,
                       struct lks_relays *result, struct lks_error *err)
{
    struct lks_relay_best *tested = NULL;
    double *q = NULL, log10_max = -INFINITY;
    size_t count = 0;
    int code = calls_test(run, control, &tested, &count, err);
    if (code == 0)
        code = q_make(tested, count, &q, err);
    struct joining joining = {.run = run, .tested = tested, .q = q};
    joining.significant = malloc((count + 1) * sizeof *joining.significant);
    joining.parent = malloc((count + 1) * sizeof *joining.parent);
    joining.next = malloc((count + 1) * sizeof *joining.next);
    joining.last = malloc((count + 1) * sizeof *joining.last);
    joining.owner = calloc(run->count + 1, sizeof *joining.owner);
    if (code == 0 && (!joining.significant || !joining.parent || !joining.next || !joining.last ||
                      !joining.owner))
        code = lks_error_set(err, LKS_EMEMORY, "out of memory for relays");
    for (size_t i = 0; code == 0 && i < count; i++)
        if (q[i] <= run->options->level && tested[i].log10_p < 0) {
            joining.significant[joining.count++] = (uint32_t)i;
            log10_max = fmax(log10_max, tested[i].log10_p);
        }
    result->tested_count = count;
    result->p_max = joining.count ? pow(10, log10_max) : 0;
    if (code == 0) {
        relays_join(&joining);
        code = relays_write(&joining, result, err);
    }
    free(tested);
    free(q);
    free(joining.significant);
    free(joining.parent);
    free(joining.next);
    free(joining.last);
    free(joining.owner);
    return code;
}

/* ---- controls ---- */

/* Every place gets days of its own: a seeded order of the places, a day apart from one another, half of
 * them back and half forth; with more than two years' worth of places days are shared. */
static void shifts_draw(const struct lks_relay_input *input, uint64_t seed, unsigned control,
                        int64_t *shift_us, uint32_t *order)
{
    struct lks_rng rng;
    uint32_t places = input->places_count, days = places < 730 ? places : 730;
    lks_rng_init(&rng, seed, control);
    for (uint32_t i = 0; i < places; i++)
        order[i] = i;
    for (uint32_t i = places; i > 1; i--) {
        uint32_t k = (uint32_t)lks_rng_below(&rng, i), held = order[i - 1];
        order[i - 1] = order[k];
        order[k] = held;
    }
    for (uint32_t i = 0; i < places; i++)
        shift_us[order[i]] = ((int64_t)(i % days) - days / 2) * LKS_DAY_US;
}

static int controls_run(const struct lks_relay_input *input,
                        const struct lks_relay_options *options, const struct lks_control *control,
                        struct lks_relays *result, struct lks_error *err)
{
    int64_t *shift_us = malloc(((size_t)input->places_count + 1) * sizeof *shift_us);
    uint32_t *order = malloc(((size_t)input->places_count + 1) * sizeof *order);
    int code = shift_us && order ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory");
    for (unsigned i = 0; code == 0 && i < options->controls; i++) {
        struct lks_relay_run run;
        struct lks_relays moved = {0};
        shifts_draw(input, options->seed, i + 1, shift_us, order);
        code = lks_relay_run_make(&run, input, options, shift_us, err);
        if (code == 0)
            code = relays_find(&run, control, &moved, err);
        if (code == 0) {
            result->controls_count++;
            result->control_relays += moved.relays_count;
        }
        lks_relays_free(&moved);
        lks_relay_run_free(&run);
    }
    free(shift_us);
    free(order);
    return code;
}

int lks_relays_run(const struct lks_relay_input *input, const struct lks_relay_options *options,
                   const struct lks_control *control, struct lks_relays *result_out,
                   struct lks_error *err)
{
    struct lks_relay_run run;
    int sound = options->level > 0 && options->level < 1 && options->quiet_us >= 0 &&
                options->past_us > options->quiet_us && options->window_us[0] > 0;
    *result_out = (struct lks_relays){0};
    sound &= options->habit_us >= 0 && options->block_weeks >= 1 && options->block_weeks <= 520;
    sound &= options->window_us[LKS_RELAY_WINDOWS - 1] < LKS_DAY_US / 2;
    for (int w = 1; w < LKS_RELAY_WINDOWS; w++)
        sound &= options->window_us[w] > options->window_us[w - 1];
    if (!sound)
        return lks_error_set(err, LKS_EARGUMENT, "the options of relays make no sense");
    int code = lks_relay_run_make(&run, input, options, NULL, err);
    if (code == 0)
        code = relays_find(&run, control, result_out, err);
    if (code == 0)
        code = lks_relayers_make(&run, control, result_out, err);
    lks_relay_run_free(&run);
    if (code == 0)
        code = controls_run(input, options, control, result_out, err);
    if (code)
        lks_relays_free(result_out);
    return code;
}

void lks_relays_free(struct lks_relays *result)
{
    free(result->relays);
    free(result->members);
    free(result->terms);
    free(result->relayers);
    *result = (struct lks_relays){0};
}
