/* recruitment_dose.c - do more calls bring more answers, and to whom
 *
 * Dose and response. What a call brought beyond what was there: the posts on its things in the window after
 * it, less those in the window before it times the growth of everybody's posts from one to the other. Summed by
 * day (UTC), against the number of calls of the day: the slope through the origin is the posts
 * that one more call brings. Null model: without an effect what a day's calls brought is as
 * likely above nothing as below it, so that signs of days are exchangeable (a sign-flip test, one-sided, 999
 * draws). As with the p of one call, things that are named because they are about to rise show as an
 * effect; this is a description, and names nobody.
 *
 * Uptake. Of posts on anything in the windows, how many were on what the call named: everybody's as long
 * before it; after it those of accounts that answered no other call, who stand for the unexposed;
 * and those of responders. */
#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "signal/recruitment_inside.h"

enum { FLIPS = 999, DAYS_LEAST = 5 };

struct day {
    int64_t day;
    uint32_t calls;
    double excess;
};

static int day_order(const void *a, const void *b)
{
    const struct day *x = a, *y = b;
    return (x->day > y->day) - (x->day < y->day);
}

static double slope_of(const struct day *days, size_t count, const int8_t *signs)
{
    double xy = 0, xx = 0;
    for (size_t i = 0; i < count; i++) {
        xy += days[i].calls * days[i].excess * (signs ? signs[i] : 1);
        xx += (double)days[i].calls * days[i].calls;
    }
    return xx > 0 ? xy / xx : 0;
}

int lks_recruitment_dose(const struct lks_recruitment_input *input, uint64_t seed,
                         struct lks_recruitment *result, struct lks_error *err)
{
    struct day *days = malloc((result->calls_count + 1) * sizeof *days);
    int8_t *signs = malloc(result->calls_count + 1);
    size_t count = 0, as_large = 0;
    if (!days || !signs) {
        free(days);
        free(signs);
        return lks_error_set(err, LKS_EMEMORY, "out of memory for calls");
    }
    for (size_t c = 0; c < result->calls_count; c++) {
        const struct lks_call_result *call = &result->calls[c];
        double growth = call->all_before ? (double)call->all_after / (double)call->all_before : 1;
        days[c] = (struct day){input->calls[c].time_us / LKS_DAY_US, 1,
                               call->posts_after - call->posts_before * growth};
    }
    qsort(days, result->calls_count, sizeof *days, day_order);
    for (size_t c = 0; c < result->calls_count; c++) {
        if (count && days[count - 1].day == days[c].day) {
            days[count - 1].calls++;
            days[count - 1].excess += days[c].excess;
        } else {
            days[count++] = days[c];
        }
    }
    result->dose_days = (uint32_t)count;
    for (size_t i = 0; i < count; i++) {
        unsigned bin = days[i].calls < LKS_DOSE_BINS ? days[i].calls - 1 : LKS_DOSE_BINS - 1;
        result->dose_days_by[bin]++;
        result->dose_excess_by[bin] += days[i].excess;
    }
    for (int i = 0; i < LKS_DOSE_BINS; i++)
        if (result->dose_days_by[i])
            result->dose_excess_by[i] /= result->dose_days_by[i];
    result->dose_slope = slope_of(days, count, NULL);
    struct lks_rng rng;
    lks_rng_init(&rng, seed, 0x646f7365);
    for (int flip = 0; flip < FLIPS; flip++) {
        for (size_t i = 0; i < count; i++)
            signs[i] = lks_rng_next(&rng) >> 63 ? 1 : -1;
        as_large += slope_of(days, count, signs) >= result->dose_slope - 1e-9;
    }
    result->dose_p = count >= DAYS_LEAST ? (1.0 + (double)as_large) / (1.0 + FLIPS) : 1;
    free(days);
    free(signs);
    return 0;
}

int lks_recruitment_uptake(const struct lks_recruitment_input *input, int64_t window_us,
                           const struct lks_answer_posts *posts, const struct lks_answers *answers,
                           const uint8_t *is_responder, struct lks_recruitment *result,
                           struct lks_error *err)
{
    const uint32_t *author = input->events->post_account;
    uint32_t accounts = input->events->accounts_count;
    uint32_t *answered = calloc((size_t)accounts + 1, sizeof *answered);
    uint32_t *last = calloc((size_t)accounts + 1, sizeof *last); /* call + 1 */
    if (!answered || !last) {
        free(answered);
        free(last);
        return lks_error_set(err, LKS_EMEMORY, "out of memory for %u accounts", accounts);
    }
    for (size_t i = 0; i < answers->count; i++) {
        const struct lks_answer *answer = &answers->answers[i];
        answered[answer->account] += last[answer->account] != answer->call + 1;
        last[answer->account] = answer->call + 1;
    }
    for (size_t c = 0, at = 0; c < input->calls_count; c++) {
        int64_t call_us = input->calls[c].time_us;
        size_t from = lks_times_up_to(posts->time_us, posts->count, call_us);
        size_t to = lks_times_up_to(posts->time_us, posts->count, call_us + window_us);
        size_t end = lks_answers_end(answers, (uint32_t)c, at);
        result->uptake_posts[0] += result->calls[c].all_before;
        result->uptake_met[0] += result->calls[c].posts_before;
        for (size_t i = from; i < to; i++) {
            uint32_t account = author[posts->post[i]];
            if (is_responder[account])
                result->uptake_posts[2]++;
            else if (answered[account] <= 1)
                result->uptake_posts[1]++;
        }
        for (; at < end; at++) {
            uint32_t account = answers->answers[at].account;
            if (is_responder[account])
                result->uptake_met[2]++;
            else if (answered[account] <= 1)
                result->uptake_met[1]++;
        }
    }
    free(answered);
    free(last);
    return 0;
}
