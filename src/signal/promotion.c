/* promotion.c - posts that follow one script, by accounts that have nothing else in common
 *
 * Families of like posts come from promotion_families.c, by words alone. Here each is asked when
 * its accounts joined it. Null model: a post of each account, chosen from those in the family without
 * regard to time, is at a time of its own, drawn from the clock of all posts of the same sorts. The script's p is that of its densest window on
 * that clock (scan statistic by draws, and Bonferroni's bound over all windows, the lesser
 * twice). An account's p is that of so many others of the family within six hours, one, three or
 * seven days of its own first post: each of k others falls there with the window's share of the
 * clock, on its own, so their number is binomial; four times the least of four.
 *
 * What the null model cannot tell from a paid script is told by measures: how much was copied
 * rather than retold (trends, templates), how much declares itself, and what the accounts do
 * together elsewhere (promotion_ties.c: newsrooms, fans, swarms). */
#include "signal/promotion.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/threads.h"
#include "base/time.h"
#include "signal/promotion_inside.h"
#include "stat/multiple.h"
#include "stat/scan.h"
#include "stat/tail.h"

enum { NEAR_COUNT = 4, SHORT_DAYS = 2, DRAWN_ACCOUNTS_MOST = 500 };
static const int64_t near_hours[NEAR_COUNT] = {6, 24, 3 * 24, 7 * 24};

const char *const lks_script_kind_names[LKS_SCRIPT_KINDS_COUNT] = {"undeclared", "disclosed",
                                                                   "copied", "tied", "loose"};

struct join {
    int64_t time_us, first_us; /* of the post that stands for the account, and of its first one */
    uint64_t lot;              /* the least of its posts stands for it */
    uint32_t account, posts_count, disclosed_count;
};

struct running {
    const struct lks_promotion_input *input;
    const struct lks_promotion_options *options;
    const struct lks_control *control;
    struct lks_families families;
    const int64_t *times; /* [posts_count] of the input's posts, or exchanged */
    struct lks_crowd_clock clock;
    struct join *joins;     /* of one family */
    double *places;         /* of one family */
    uint32_t *stamp, *slot; /* [accounts_count] */
    uint32_t epoch;
    /* All [families_count]. */
    struct lks_scan *scan;
    struct lks_told_again *again;
    uint8_t *timed;            /* times_q is within the level */
    double *times_p, *times_q; /* log10_p of the window, and its q */
    double *log10_p, *q;       /* of the larger of both p */
};

struct lks_promotion_options lks_promotion_options_default(void)
{
    return (struct lks_promotion_options){.bits_min = 40,
                                          .phrases_min = 8,
                                          .share_min = 0.25,
                                          .common_share = 0.02,
                                          .own_share_min = 0.18,
                                          .wordings_min = 0.5,
                                          .accounts_min = 4,
                                          .tie_window_us = LKS_HOUR_US,
                                          .tie_p = 1e-4,
                                          .level = 0.05,
                                          .draws = 999,
                                          .controls = 5,
                                          .work_most = UINT64_C(400000000),
                                          .seed = 1};
}

/* ---- a family's timing ---- */

static int join_order(const void *a, const void *b)
{
    const struct join *x = a, *y = b;
    if (x->time_us != y->time_us)
        return x->time_us < y->time_us ? -1 : 1;
    return (x->account > y->account) - (x->account < y->account);
}

/* The accounts of a family, each with one of its posts, in order of time. Returns how many. Which
 * post is drawn without regard to its time: the first of several would be early by itself. */
static uint32_t joins_make(struct running *running, const struct lks_family *family)
{
    uint32_t count = 0;
    running->epoch++;
    for (size_t i = family->first; i < family->first + family->count; i++) {
        uint32_t at = running->families.posts[i].at;
        const struct lks_script_post *post = &running->input->posts[at];
        if (running->stamp[post->account] != running->epoch) {
            running->stamp[post->account] = running->epoch;
            running->slot[post->account] = count;
            running->joins[count++] =
                (struct join){.first_us = INT64_MAX, .lot = UINT64_MAX, .account = post->account};
        }
        struct join *join = &running->joins[running->slot[post->account]];
        uint64_t state = running->options->seed * UINT64_C(0x9e3779b97f4a7c15) + post->post;
        uint64_t lot = lks_splitmix64(&state) >> 1;
        if (lot < join->lot) {
            join->lot = lot;
            join->time_us = running->times[at];
        }
        join->first_us = running->times[at] < join->first_us ? running->times[at] : join->first_us;
        join->posts_count++;
        join->disclosed_count += post->disclosed;
    }
    qsort(running->joins, count, sizeof *running->joins, join_order);
    return count;
}

static int family_test(struct running *running, uint32_t number, struct lks_error *err)
{
    const struct lks_family *family = &running->families.families[number];
    struct lks_scan *scan = &running->scan[number];
    uint32_t count = joins_make(running, family);
    for (uint32_t i = 0; i < count; i++) {
        double place = lks_crowd_clock_at(&running->clock, running->joins[i].time_us);
        running->places[i] = place < 1 ? place : nextafter(1, 0);
    }
    /* The window first; the bound on its p costs nothing, and draws cannot go below their number. */
    int code = lks_scan_line(running->places, count, 0, 0, NULL, scan, err);
    if (code)
        return code;
    uint64_t inside = scan->last - scan->first + 1;
    double bound = log10((double)LKS_SCAN_WIDTHS * count) +
                   lks_binomial_tail_log(inside - 1, count - 1, scan->width) / log(10);
    double drawn = 0;
    if (bound > -log10(1.0 + running->options->draws) && count <= DRAWN_ACCOUNTS_MOST) {
        code =
            lks_scan_line(running->places, count, running->options->draws,
                          running->options->seed ^ (uint64_t)(number + 1) << 20, NULL, scan, err);
        drawn = log10(scan->p_value);
    }
    running->times_p[number] = fmin(0, log10(2) + fmin(drawn, bound));
    return code;
}

static int families_test(struct running *running, struct lks_error *err)
{
    int code = 0;
    uint32_t count = (uint32_t)running->families.families_count;
    for (uint32_t i = 0; code == 0 && i < count; i++) {
        code = family_test(running, i, err);
        if (code == 0 && lks_cancelled(running->control))
            code = lks_error_set(err, LKS_ECANCELLED, "cancelled");
    }
    if (code == 0)
        code = lks_bh_adjust(running->times_p, count, count, running->times_q, err);
    for (uint32_t i = 0; code == 0 && i < count; i++)
        running->timed[i] = running->times_q[i] <= running->options->level;
    if (code == 0 && (code = lks_scripts_again(running->input, &running->families, running->times,
                                               running->timed, running->again)) != 0)
        lks_error_set(err, code, "out of memory for scripts");
    /* A family that does not stand out by its timing has a p above the level whatever else. */
    for (uint32_t i = 0; code == 0 && i < count; i++)
        running->log10_p[i] = fmax(running->times_p[i], running->again[i].log10_p);
    return code ? code : lks_bh_adjust(running->log10_p, count, count, running->q, err);
}

/* ---- into scripts ---- */

static int place_order(const void *a, const void *b, void *context)
{
    const double *log10_p = context;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    if (log10_p[x] != log10_p[y])
        return log10_p[x] < log10_p[y] ? -1 : 1;
    return (x > y) - (x < y);
}

static uint32_t joins_from(const struct join *joins, uint32_t count, int64_t time_us)
{
    uint32_t low = 0, high = count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (joins[middle].time_us < time_us)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* An account's p: so many others of its script near its first post. */
static void member_fill(const struct running *running, uint32_t count, uint32_t at,
                        struct lks_script_member *member)
{
    const struct join *join = &running->joins[at];
    *member = (struct lks_script_member){.account = join->account,
                                         .posts_count = join->posts_count,
                                         .disclosed_count = join->disclosed_count,
                                         .first_us = join->first_us,
                                         .q_value = 1};
    for (int i = 0; i < NEAR_COUNT; i++) {
        int64_t near_us = near_hours[i] * LKS_HOUR_US;
        double share = lks_crowd_clock_at(&running->clock, join->time_us + near_us) -
                       lks_crowd_clock_at(&running->clock, join->time_us - near_us);
        share = share < 0 ? 0 : share;
        uint32_t others = joins_from(running->joins, count, join->time_us + near_us + 1) -
                          joins_from(running->joins, count, join->time_us - near_us) - 1;
        double log10_p =
            fmin(0, log10(NEAR_COUNT) + lks_binomial_tail_log(others, count - 1, share) / log(10));
        if (i == 0 || log10_p < member->log10_p) {
            member->log10_p = log10_p;
            member->near_us = near_us;
            member->others_near = others;
            member->expected = share * (count - 1);
        }
    }
}

static int float_order(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static double own_share_median(const struct running *running, const struct lks_family *family)
{
    float *shares = malloc((family->count + 1) * sizeof *shares);
    if (!shares)
        return NAN;
    for (size_t i = 0; i < family->count; i++)
        shares[i] = running->families.posts[family->first + i].own_share;
    qsort(shares, family->count, sizeof *shares, float_order);
    double median = (double)shares[(family->count - 1) / 2];
    free(shares);
    return median;
}

static int script_fill(struct running *running, uint32_t number, struct lks_promotion *result)
{
    const struct lks_family *family = &running->families.families[number];
    const struct lks_scan *scan = &running->scan[number];
    uint32_t index = (uint32_t)result->scripts_count, count = joins_make(running, family);
    struct lks_script *script = &result->scripts[result->scripts_count++];
    *script = (struct lks_script){
        .centre_post = running->input->posts[family->centre].post,
        .members_first = result->members_count,
        .posts_first = result->posts_count,
        .accounts_count = count,
        .posts_count = (uint32_t)family->count,
        .wordings_count = family->wordings_count,
        .inside_count = (uint32_t)(scan->last - scan->first + 1),
        .own_share_median = own_share_median(running, family),
        .first_us = running->times[running->families.posts[family->first].at],
        .last_us = running->times[running->families.posts[family->first + family->count - 1].at],
        .window_first_us = running->joins[scan->first].time_us,
        .window_last_us = running->joins[scan->last].time_us,
        .expected = scan->expected,
        .again_count = running->again[number].accounts_count,
        .again_expected = running->again[number].expected,
        .times_log10_p = running->times_p[number],
        .times_q_value = running->times_q[number],
        .again_log10_p = running->again[number].log10_p,
        .log10_p = running->log10_p[number],
        .q_value = running->q[number]};
    result->proven_count += script->q_value <= running->options->level;
    if (isnan(script->own_share_median))
        return LKS_EMEMORY;
    for (int kind = 0; kind < LKS_SCRIPT_OBJECTS_COUNT; kind++)
        script->objects[kind].object = UINT32_MAX;
    for (size_t i = family->first; i < family->first + family->count; i++) {
        const struct lks_script_post *post = &running->input->posts[running->families.posts[i].at];
        script->disclosed_count += post->disclosed;
        result->posts[result->posts_count++] = (struct lks_script_place){post->post, index};
    }
    for (uint32_t i = 0; i < count; i++) {
        struct lks_script_member *member = &result->members[result->members_count++];
        member_fill(running, count, i, member);
        member->script = index;
        member->inside = i >= scan->first && i <= scan->last;
    }
    return 0;
}

static int scripts_make(struct running *running, struct lks_promotion *result)
{
    uint32_t count = (uint32_t)running->families.families_count, kept = 0;
    size_t posts = 0, members = 0;
    uint32_t *order = malloc(((size_t)count + 1) * sizeof *order);
    for (uint32_t i = 0; order && i < count; i++)
        if (running->timed[i]) {
            order[kept++] = i;
            posts += running->families.families[i].count;
            members += running->families.families[i].accounts_count;
        }
    result->scripts = calloc((size_t)kept + 1, sizeof *result->scripts);
    result->members = calloc(members + 1, sizeof *result->members);
    result->posts = calloc(posts + 1, sizeof *result->posts);
    int code = order && result->scripts && result->members && result->posts ? 0 : LKS_EMEMORY;
    if (code == 0)
        qsort_r(order, kept, sizeof *order, place_order, running->log10_p);
    for (uint32_t i = 0; code == 0 && i < kept; i++)
        code = script_fill(running, order[i], result);
    free(order);
    return code;
}

/* ---- accounts ---- */

/* Within each script that was found, over its accounts; times the families that were looked at for
 * each one found, since scripts were chosen first (Benjamini and Bogomolov). */
static int accounts_judge(struct lks_promotion *result, struct lks_error *err)
{
    double *p = malloc((result->members_count + 1) * sizeof *p);
    double *q = malloc((result->members_count + 1) * sizeof *q);
    int code = p && q ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory for scripts");
    double chosen = (double)result->families_tested / fmax(1, (double)result->proven_count);
    for (size_t i = 0; code == 0 && i < result->proven_count; i++) {
        const struct lks_script *script = &result->scripts[i];
        struct lks_script_member *members = result->members + script->members_first;
        for (uint32_t m = 0; m < script->accounts_count; m++)
            p[m] = members[m].log10_p;
        code = lks_bh_adjust(p, script->accounts_count, script->accounts_count, q, err);
        for (uint32_t m = 0; code == 0 && m < script->accounts_count; m++)
            members[m].q_value = fmin(1, q[m] * chosen);
    }
    /* That one belongs says something only if there is a script to belong to. */
    for (size_t i = 0; i < result->members_count; i++)
        result->members[i].log10_p =
            fmax(result->members[i].log10_p, result->scripts[result->members[i].script].log10_p);
    free(p);
    free(q);
    return code;
}

static enum lks_script_kind kind_of(const struct lks_script *script,
                                    const struct lks_promotion_options *options)
{
    if (5 * script->tied_count >= script->accounts_count &&
        2 * script->tied_count >= script->tie_observable_count)
        return LKS_SCRIPT_TIED;
    if (2 * script->disclosed_count >= script->posts_count)
        return LKS_SCRIPT_DISCLOSED;
    return script->own_share_median < options->own_share_min ||
                   script->wordings_count < options->wordings_min * script->posts_count
               ? LKS_SCRIPT_COPIED
               : LKS_SCRIPT_UNDECLARED;
}

/* Whether an account of an undeclared script may be named. */
static int may_be_named(const struct lks_script_member *member, double level)
{
    return !member->tied && member->disclosed_count < member->posts_count &&
           member->q_value <= level;
}

static void kinds_set(struct running *running, struct lks_promotion *result)
{
    for (size_t i = 0; i < result->scripts_count; i++) {
        struct lks_script *script = &result->scripts[i];
        uint32_t named = 0;
        for (uint32_t m = 0; m < script->accounts_count; m++)
            named +=
                may_be_named(&result->members[script->members_first + m], running->options->level);
        script->kind = kind_of(script, running->options);
        /* Where time alone speaks nobody may be named: an event. What most joined at other times
         * is said again and again: a greeting, a slogan. */
        if (script->kind == LKS_SCRIPT_UNDECLARED &&
            (named < running->options->accounts_min ||
             2 * script->inside_count < script->accounts_count))
            script->kind = LKS_SCRIPT_LOOSE;
    }
}

static void flags_set(struct running *running, struct lks_promotion *result)
{
    kinds_set(running, result);
    running->epoch++;
    for (size_t i = 0; i < result->members_count; i++) {
        struct lks_script_member *member = &result->members[i];
        member->flagged = result->scripts[member->script].kind == LKS_SCRIPT_UNDECLARED &&
                          may_be_named(member, running->options->level);
        if (member->flagged && running->stamp[member->account] != running->epoch) {
            running->stamp[member->account] = running->epoch;
            result->flagged_count++;
        }
    }
}

/* ---- controls ---- */

/* The families as they are, the times of all posts exchanged. */
static int control_run(struct running *running, unsigned number, int64_t *times,
                       struct lks_promotion *result, struct lks_error *err)
{
    struct lks_rng rng;
    lks_rng_init(&rng, running->options->seed, UINT64_C(0x70726f6d) + number);
    for (size_t i = running->input->posts_count; i > 1; i--) {
        size_t other = lks_rng_below(&rng, i);
        int64_t time_us = times[i - 1];
        times[i - 1] = times[other];
        times[other] = time_us;
    }
    running->times = times;
    int code = families_test(running, err);
    for (size_t i = 0; code == 0 && i < running->families.families_count; i++)
        if (running->q[i] <= running->options->level)
            result->control_flagged += running->families.families[i].accounts_count;
    return code;
}

static int controls_run(struct running *running, int64_t *times, struct lks_promotion *result,
                        struct lks_error *err)
{
    int code = 0;
    for (unsigned i = 0; code == 0 && i < running->options->controls; i++)
        code = control_run(running, i, times, result, err);
    result->controls_count = running->options->controls;
    return code;
}

/* ---- the whole ---- */

static int options_check(const struct lks_promotion_options *options, struct lks_error *err)
{
    int sound = options->bits_min >= 0 && options->share_min > 0 && options->share_min <= 1 &&
                options->accounts_min >= 2 && options->level > 0 && options->level < 1 &&
                options->tie_p > 0 && options->tie_p <= 1 && options->tie_window_us >= 0 &&
                options->draws > 0;
    return sound ? 0 : lks_error_set(err, LKS_EARGUMENT, "promotion: options out of range");
}

static int clock_make(struct running *running, int *short_data, struct lks_error *err)
{
    const struct lks_promotion_input *input = running->input;
    int64_t first_us = INT64_MAX, last_us = INT64_MIN;
    for (size_t i = 0; i < input->posts_count; i++) {
        first_us = input->posts[i].time_us < first_us ? input->posts[i].time_us : first_us;
        last_us = input->posts[i].time_us > last_us ? input->posts[i].time_us : last_us;
    }
    *short_data = !input->posts_count || last_us - first_us < SHORT_DAYS * LKS_DAY_US;
    if (!input->posts_count)
        return 0;
    int code = lks_crowd_clock_make(&running->clock, first_us, last_us, err);
    for (size_t i = 0; code == 0 && i < input->posts_count; i++)
        lks_crowd_clock_add(&running->clock, input->posts[i].time_us, 1);
    if (code == 0)
        lks_crowd_clock_set(&running->clock);
    return code;
}

static int memory_make(struct running *running, int64_t **times_out)
{
    size_t families = running->families.families_count + 1;
    size_t accounts = (size_t)running->input->events->accounts_count + 1, most = 1;
    for (size_t i = 0; i + 1 < families; i++)
        if (running->families.families[i].accounts_count > most)
            most = running->families.families[i].accounts_count;
    running->joins = malloc(most * sizeof *running->joins);
    running->places = malloc(most * sizeof *running->places);
    running->slot = malloc(accounts * sizeof *running->slot);
    running->log10_p = calloc(families, sizeof *running->log10_p);
    running->q = calloc(families, sizeof *running->q);
    running->scan = calloc(families, sizeof *running->scan);
    running->times_p = calloc(families, sizeof *running->times_p);
    running->times_q = calloc(families, sizeof *running->times_q);
    running->again = calloc(families, sizeof *running->again);
    running->timed = calloc(families, 1);
    int64_t *times = malloc((running->input->posts_count + 1) * sizeof *times);
    for (size_t i = 0; times && i < running->input->posts_count; i++)
        times[i] = running->input->posts[i].time_us;
    *times_out = times;
    running->times = times;
    return running->joins && running->places && running->slot && running->log10_p && running->q &&
                   running->scan && running->times_p && running->times_q && running->again &&
                   running->timed && times
               ? 0
               : LKS_EMEMORY;
}

static void running_free(struct running *running)
{
    lks_families_free(&running->families);
    lks_crowd_clock_free(&running->clock);
    free(running->joins);
    free(running->places);
    free(running->stamp);
    free(running->slot);
    free(running->log10_p);
    free(running->q);
    free(running->scan);
    free(running->times_p);
    free(running->times_q);
    free(running->again);
    free(running->timed);
}

static int families_judge(struct running *running, struct lks_promotion *result,
                          struct lks_error *err)
{
    int64_t *times = NULL;
    result->families_tested = running->families.families_count;
    result->common_accounts = running->families.common_accounts;
    int code = memory_make(running, &times);
    if (code)
        lks_error_set(err, code, "out of memory for scripts");
    if (code == 0)
        code = families_test(running, err);
    if (code == 0 && (code = scripts_make(running, result)) != 0)
        lks_error_set(err, code, "out of memory for scripts");
    if (code == 0)
        code = accounts_judge(result, err);
    if (code == 0)
        code = lks_script_ties(running->input, running->options, running->control, result, err);
    if (code == 0) {
        flags_set(running, result);
        code = controls_run(running, times, result, err);
    }
    free(times);
    return code;
}

int lks_promotion_run(const struct lks_promotion_input *input,
                      const struct lks_promotion_options *options,
                      const struct lks_control *control, struct lks_promotion *result_out,
                      struct lks_error *err)
{
    struct running running = {.input = input, .options = options, .control = control};
    *result_out = (struct lks_promotion){0};
    int code = options_check(options, err);
    if (code)
        return code;
    running.stamp = calloc((size_t)input->events->accounts_count + 1, sizeof *running.stamp);
    code = running.stamp ? clock_make(&running, &result_out->short_data, err)
                         : lks_error_set(err, LKS_EMEMORY, "out of memory for scripts");
    running.epoch = 1;
    for (size_t i = 0; code == 0 && i < input->posts_count; i++) {
        result_out->accounts_tested += running.stamp[input->posts[i].account] != running.epoch;
        running.stamp[input->posts[i].account] = running.epoch;
    }
    if (code == 0 && !result_out->short_data) {
        code = lks_families_make(input, options, control, &running.families, err);
        if (code == 0)
            code = families_judge(&running, result_out, err);
    }
    running_free(&running);
    if (code)
        lks_promotion_free(result_out);
    return code;
}

void lks_promotion_free(struct lks_promotion *result)
{
    free(result->scripts);
    free(result->members);
    free(result->posts);
    *result = (struct lks_promotion){0};
}
