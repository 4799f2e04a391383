/* lifecycle.c - accounts that slept and woke
 *
 * An account's posts become acts: posts closer than half an hour to the one before are one.
 * Times are read on the crowd's clock (crowd_clock.h): an account that does as everybody does
 * has acts spread evenly over its own stretch of it. Against that a change to a higher rate is
 * tested (stat/change.h). Everybody are those who are tested, and each counts alike: were it by
 * acts, a few busy accounts would set the pace, and a campaign's volume would hide those who wake
 * for it; were it all accounts, those who came once would.
 *
 * q-values come from Benjamini and Hochberg over all accounts tested. Awakened are those with
 * q at most the level whose rate before is at most a tenth of that after, whose silence is long
 * and who stay for several days: who comes for one day only, as many do on the day of a vote, is a
 * guest and no sleeper. Days of interest, on which everybody comes back, are left out. Cohorts: lifecycle_cohorts.c. */
#include "signal/lifecycle.h"

#include <math.h>
#include <stdlib.h>

#include "base/threads.h"
#include "signal/lifecycle_inside.h"
#include "stat/change.h"
#include "stat/multiple.h"
#include "stat/tail.h"

struct lks_lifecycle_options lks_lifecycle_options_default(void)
{
    return (struct lks_lifecycle_options){.session_us = 30 * LKS_MINUTE_US,
                                          .silence_us = 7 * LKS_DAY_US,
                                          .acts_min = 4,
                                          .days_min = 3,
                                          .rate_ratio = 0.1,
                                          .level = 0.05,
                                          .cohort_level = 0.01,
                                          .draws = 999};
}

/* ---- posts by account, acts, and everybody's clock ---- */

static int post_order(const void *a, const void *b)
{
    const struct lks_life_act *x = a, *y = b;
    if (x->time_us != y->time_us)
        return x->time_us < y->time_us ? -1 : 1;
    return (int)y->on_topic - (int)x->on_topic;
}

/* Sorts the posts of each account and merges sessions; returns how many acts are left. An act
 * is on the topic if a post of it is. */
static size_t acts_merge(struct lks_life_act *acts, size_t count, int64_t session_us)
{
    size_t kept = 0;
    int64_t last_us = 0;
    qsort(acts, count, sizeof *acts, post_order);
    for (size_t i = 0; i < count; i++) {
        if (kept && acts[i].time_us - last_us < session_us)
            acts[kept - 1].on_topic |= acts[i].on_topic;
        else
            acts[kept++] = acts[i];
        last_us = acts[i].time_us;
    }
    return kept;
}

static int is_near_date(const struct lks_lifecycle_input *input, int64_t time_us)
{
    for (size_t i = 0; i < input->dates_count; i++)
        if (time_us >= input->date_us[i] - LKS_DAY_US / 2 &&
            time_us < input->date_us[i] + 3 * LKS_DAY_US / 2)
            return 1;
    return 0;
}

static int acts_make(const struct lks_lifecycle_input *input, int64_t session_us,
                     struct lks_lives *lives, struct lks_error *err)
{
    uint32_t accounts = input->accounts_count;
    lives->first = calloc((size_t)accounts + 2, sizeof *lives->first);
    lives->count = calloc((size_t)accounts + 1, sizeof *lives->count);
    lives->acts = malloc((input->posts_count + 1) * sizeof *lives->acts);
    if (!lives->first || !lives->count || !lives->acts)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for the lives of %u accounts",
                             accounts);
    for (size_t i = 0; i < input->posts_count; i++)
        lives->first[input->post_account[i] + 2] += !is_near_date(input, input->post_time_us[i]);
    for (uint32_t a = 0; a < accounts; a++)
        lives->first[a + 2] += lives->first[a + 1];
    for (size_t i = 0; i < input->posts_count; i++)
        if (!is_near_date(input, input->post_time_us[i]))
            lives->acts[lives->first[input->post_account[i] + 1]++] = (struct lks_life_act){
                input->post_time_us[i], input->post_on_topic && input->post_on_topic[i]};
    uint32_t most = 0;
    for (uint32_t a = 0; a < accounts; a++) {
        lives->count[a] = (uint32_t)acts_merge(lives->acts + lives->first[a],
                                               lives->first[a + 1] - lives->first[a], session_us);
        most = lives->count[a] > most ? lives->count[a] : most;
    }
    lives->places = malloc(((size_t)most + 1) * sizeof *lives->places);
    return lives->places ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory");
}

/* Those who are asked count alike, however much they act; others do not. */
static int clock_make(struct lks_lives *lives, uint32_t accounts, uint32_t acts_min,
                      struct lks_error *err)
{
    int64_t start_us = INT64_MAX, last_us = INT64_MIN;
    for (uint32_t a = 0; a < accounts; a++) {
        const struct lks_life_act *acts = lives->acts + lives->first[a];
        uint32_t count = lives->count[a];
        if (count && acts[0].time_us < start_us)
            start_us = acts[0].time_us;
        if (count && acts[count - 1].time_us > last_us)
            last_us = acts[count - 1].time_us;
    }
    if (start_us > last_us)
        start_us = last_us = 0; /* nobody acted */
    int code = lks_crowd_clock_make(&lives->clock, start_us, last_us, err);
    for (uint32_t a = 0; code == 0 && a < accounts; a++) {
        uint32_t count = lives->count[a] >= acts_min ? lives->count[a] : 0;
        for (uint32_t i = 0; i < count; i++)
            lks_crowd_clock_add(&lives->clock, lives->acts[lives->first[a] + i].time_us,
                                1.0 / count);
    }
    if (code == 0)
        lks_crowd_clock_set(&lives->clock);
    return code;
}

void lks_lives_free(struct lks_lives *lives)
{
    free(lives->first);
    free(lives->count);
    free(lives->acts);
    lks_crowd_clock_free(&lives->clock);
    free(lives->places);
}

/* ---- one account ---- */

/* The change of rate on the account's stretch of the crowd's clock. */
static void change_find(const struct lks_lives *lives, const struct lks_life_act *acts,
                        uint32_t count, struct lks_awakening *awakening)
{
    double from = lks_crowd_clock_at(&lives->clock, awakening->asleep_us);
    for (uint32_t i = 0; i < count; i++)
        lives->places[i] =
            from < 1 ? (lks_crowd_clock_at(&lives->clock, acts[i].time_us) - from) / (1 - from) : 0;
    struct lks_change change = lks_change_up(lives->places, count);
    awakening->likelihood_ratio = change.likelihood_ratio;
    awakening->log10_p = change.log10_p;
    awakening->share_before = change.place;
    awakening->acts_before = (uint32_t)change.before;
    awakening->acts_after = count - awakening->acts_before;
}

static void acts_describe(const struct lks_life_act *acts, uint32_t count,
                          struct lks_awakening *awakening)
{
    int64_t last_us = awakening->asleep_us, last_day = INT64_MIN;
    awakening->woke_us =
        acts[awakening->acts_before < count ? awakening->acts_before : count - 1].time_us;
    for (uint32_t i = 0; i < count; i++) {
        if (acts[i].time_us - last_us > awakening->longest_silence_us)
            awakening->longest_silence_us = acts[i].time_us - last_us;
        last_us = acts[i].time_us;
        if (i < awakening->acts_before) {
            awakening->topic_before += acts[i].on_topic;
            continue;
        }
        awakening->topic_after += acts[i].on_topic;
        awakening->days_after += last_us / LKS_DAY_US != last_day;
        last_day = last_us / LKS_DAY_US;
    }
}

/* From when on the data could have shown the account: its creation where a field gives it, else
 * its first post. Ids give a lower bound of the creation time only, which proves no silence. */
static void history_find(const struct lks_lifecycle_input *input, const struct lks_lives *lives,
                         struct lks_awakening *awakening)
{
    uint32_t account = awakening->account;
    int method = input->created_method ? input->created_method[account] : LKS_CREATED_UNKNOWN;
    int64_t first_us = lives->acts[lives->first[account]].time_us;
    awakening->history = LKS_HISTORY_CREATION;
    awakening->asleep_us = lives->clock.start_us;
    if (method == LKS_CREATED_LEGACY)
        return;
    if (method == LKS_CREATED_FIELD && input->created_us &&
        input->created_us[account] != LKS_TIME_NULL) {
        if (input->created_us[account] > lives->clock.start_us)
            awakening->asleep_us = input->created_us[account];
        if (awakening->asleep_us <= first_us)
            return; /* else the field is wrong: the posts are older */
    }
    awakening->history = LKS_HISTORY_POSTS;
    awakening->asleep_us = first_us;
}

/* Of n acts k are on the topic, and more of those after the change than chance puts there:
 * Fisher's exact test. */
static void topic_test(struct lks_awakening *awakening)
{
    uint32_t topic = awakening->topic_before + awakening->topic_after;
    uint32_t acts = awakening->acts_before + awakening->acts_after;
    awakening->topic_log10_p = topic ? lks_hypergeometric_tail_log(awakening->topic_after, topic,
                                                                   awakening->acts_after, acts) /
                                           log(10)
                                     : 0;
}

static int is_awakening(const struct lks_awakening *awakening,
                        const struct lks_lifecycle_options *options)
{
    double before = (double)awakening->acts_before / awakening->share_before;
    double after = (double)awakening->acts_after / (1 - awakening->share_before);
    return awakening->q_value <= options->level && before <= options->rate_ratio * after &&
           awakening->days_after >= options->days_min &&
           awakening->longest_silence_us >= options->silence_us;
}

static void strip_fill(const struct lks_lives *lives, struct lks_awakening *awakening)
{
    const struct lks_life_act *acts = lives->acts + lives->first[awakening->account];
    double span_us = (double)(lives->clock.last_us - lives->clock.start_us) + 1;
    for (uint32_t i = 0; i < lives->count[awakening->account]; i++) {
        double place = (double)(acts[i].time_us - lives->clock.start_us) / span_us;
        uint8_t *part = &awakening->strip[(int)(place * LKS_STRIP_PARTS)];
        *part = (uint8_t)(*part + (*part < UINT8_MAX));
    }
}

/* ---- all of them ---- */

static int accounts_test(const struct lks_lifecycle_input *input,
                         const struct lks_lifecycle_options *options,
                         const struct lks_control *control, const struct lks_lives *lives,
                         struct lks_lifecycle *result, struct lks_error *err)
{
    size_t capacity = 0;
    for (uint32_t a = 0; a < input->accounts_count; a++)
        capacity += lives->count[a] >= options->acts_min;
    result->awakenings = calloc(capacity + 1, sizeof *result->awakenings);
    if (!result->awakenings)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for %zu accounts", capacity);
    for (uint32_t a = 0; a < input->accounts_count; a++) {
        struct lks_awakening awakening = {.account = a, .woke_cohort = -1, .made_cohort = -1};
        if (a % 4096 == 0 && lks_cancelled(control))
            return lks_error_set(err, LKS_ECANCELLED, "stopped");
        if (!lives->count[a])
            continue;
        if (lives->count[a] < options->acts_min) {
            result->few_count++;
            continue;
        }
        history_find(input, lives, &awakening);
        result->unobservable_count += awakening.history == LKS_HISTORY_POSTS;
        change_find(lives, lives->acts + lives->first[a], lives->count[a], &awakening);
        acts_describe(lives->acts + lives->first[a], lives->count[a], &awakening);
        topic_test(&awakening);
        result->awakenings[result->awakenings_count++] = awakening;
    }
    result->tested_count = result->awakenings_count;
    return 0;
}

/* What the days of interest hide: posts, and accounts of which little else is known. */
static int dates_count(const struct lks_lifecycle_input *input,
                       const struct lks_lifecycle_options *options, const struct lks_lives *lives,
                       struct lks_lifecycle *result, struct lks_error *err)
{
    uint8_t *near = input->dates_count ? calloc((size_t)input->accounts_count + 1, 1) : NULL;
    if (input->dates_count && !near)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for days of interest");
    for (size_t i = 0; near && i < input->posts_count; i++)
        if (is_near_date(input, input->post_time_us[i])) {
            result->date_posts_count++;
            near[input->post_account[i]] = 1;
        }
    for (uint32_t a = 0; near && a < input->accounts_count; a++)
        result->date_only_count += near[a] && lives->count[a] < options->acts_min;
    free(near);
    return 0;
}

static int accounts_select(const struct lks_lifecycle_options *options,
                           const struct lks_lives *lives, struct lks_lifecycle *result,
                           struct lks_error *err)
{
    size_t count = result->awakenings_count, kept = 0;
    double *log10_p = malloc((count + 1) * sizeof *log10_p);
    double *q = malloc((count + 1) * sizeof *q);
    int code = log10_p && q ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory");
    for (size_t i = 0; code == 0 && i < count; i++)
        log10_p[i] = result->awakenings[i].log10_p;
    if (code == 0 && count)
        code = lks_bh_adjust(log10_p, count, count, q, err);
    for (size_t i = 0; code == 0 && i < count; i++) {
        result->awakenings[i].q_value = q[i];
        if (!is_awakening(&result->awakenings[i], options))
            continue;
        result->awakenings[kept] = result->awakenings[i];
        strip_fill(lives, &result->awakenings[kept++]);
    }
    if (code == 0)
        result->awakenings_count = kept;
    free(log10_p);
    free(q);
    return code;
}

int lks_lifecycle_run(const struct lks_lifecycle_input *input,
                      const struct lks_lifecycle_options *options,
                      const struct lks_control *control, struct lks_lifecycle *result_out,
                      struct lks_error *err)
{
    struct lks_lives lives = {0};
    *result_out = (struct lks_lifecycle){0};
    if (options->acts_min < 1 || options->session_us < 0 || options->silence_us < 1 ||
        !(options->level > 0 && options->level < 1) || !(options->rate_ratio >= 0))
        return lks_error_set(err, LKS_EARGUMENT, "the options of lifecycle make no sense");
    int code = acts_make(input, options->session_us, &lives, err);
    if (code == 0)
        code = clock_make(&lives, input->accounts_count, options->acts_min, err);
    if (code == 0)
        code = accounts_test(input, options, control, &lives, result_out, err);
    if (code == 0)
        code = dates_count(input, options, &lives, result_out, err);
    if (code == 0)
        code = accounts_select(options, &lives, result_out, err);
    if (code == 0)
        code = lks_lifecycle_cohorts(input, options, control, &lives, result_out, err);
    lks_lives_free(&lives);
    if (code)
        lks_lifecycle_free(result_out);
    return code;
}

void lks_lifecycle_free(struct lks_lifecycle *result)
{
    free(result->awakenings);
    *result = (struct lks_lifecycle){0};
}
