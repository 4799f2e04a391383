/* recruitment.c - calls in a channel and who answers them elsewhere, again and again
 *
 * A call is a message that names things; an answer is a post elsewhere on one of them within the
 * window after it (recruitment_answers.c). Who answers more often than chance lets it is
 * tested account by account (recruitment_accounts.c). Here: the runs with calls moved to other
 * days, in which nobody should be found, and what each call and all of them together brought. */
#include "signal/recruitment.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/threads.h"
#include "signal/recruitment_inside.h"
#include "stat/multiple.h"
#include "stat/tail.h"

struct lks_recruitment_options lks_recruitment_options_default(void)
{
    return (struct lks_recruitment_options){.window_us = 2 * LKS_HOUR_US,
                                            .session_us = 30 * LKS_MINUTE_US,
                                            .level = 0.05,
                                            .answers_min = 2,
                                            .controls = 5};
}

/* ---- control: the same calls on other days ---- */

struct moved {
    struct lks_call call;
    size_t from;
};

static int moved_order(const void *a, const void *b)
{
    const struct moved *x = a, *y = b;
    if (x->call.time_us != y->call.time_us)
        return x->call.time_us < y->call.time_us ? -1 : 1;
    return (x->from > y->from) - (x->from < y->from);
}

/* Moves every call by whole days of its own, around the end of the posts' time, so that its time of
 * day stays. Returns 0 where the posts span less than two days. */
static int calls_move(const struct lks_recruitment_input *input,
                      const struct lks_answer_posts *posts, struct lks_rng *rng,
                      struct moved *moved)
{
    int64_t start_us = posts->time_us[0], span_us = posts->time_us[posts->count - 1] - start_us;
    int64_t days = span_us / LKS_DAY_US;
    if (days < 2)
        return 0;
    for (size_t c = 0; c < input->calls_count; c++) {
        int64_t shift_us = (1 + (int64_t)lks_rng_below(rng, (uint64_t)(days - 1))) * LKS_DAY_US;
        moved[c] = (struct moved){input->calls[c], c};
        int64_t at_us = moved[c].call.time_us - start_us + shift_us;
        moved[c].call.time_us =
            start_us + (at_us >= days * LKS_DAY_US ? at_us - days * LKS_DAY_US : at_us);
    }
    qsort(moved, input->calls_count, sizeof *moved, moved_order);
    return 1;
}

static int controls_run(const struct lks_recruitment_input *input,
                        const struct lks_recruitment_options *options,
                        const struct lks_answer_posts *posts, const struct lks_control *control,
                        struct lks_recruitment *result, struct lks_error *err)
{
    struct moved *moved = malloc((input->calls_count + 1) * sizeof *moved);
    struct lks_call *calls = malloc((input->calls_count + 1) * sizeof *calls);
    int code = moved && calls ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory");
    for (unsigned i = 0; code == 0 && i < options->controls; i++) {
        struct lks_rng rng;
        struct lks_answers answers;
        struct lks_responder *responders = NULL;
        size_t count = 0;
        uint64_t tested;
        lks_rng_init(&rng, options->seed, i + 1);
        if (!calls_move(input, posts, &rng, moved))
            break;
        for (size_t c = 0; c < input->calls_count; c++)
            calls[c] = moved[c].call;
        code = lks_answers_find(input, calls, options->window_us, posts, &answers, err);
        if (code == 0)
            code = lks_responders_test(input, calls, options, posts, &answers, control, &responders,
                                       &count, &tested, err);
        if (code == 0) {
            result->controls_count++;
            result->control_responders += count;
        }
        free(code == 0 ? responders : NULL);
        lks_answers_free(&answers);
    }
    free(moved);
    free(calls);
    return code;
}

/* ---- what calls brought ---- */

static int lag_order(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void call_describe(const struct lks_recruitment_options *options,
                          const struct lks_answer_posts *posts, const struct lks_call *call,
                          struct lks_answer *own, size_t own_count, const uint8_t *is_responder,
                          int64_t *lags, struct lks_call_result *out)
{
    int64_t w = options->window_us;
    qsort(own, own_count, sizeof *own, lks_answer_by_account);
    out->posts_after = (uint32_t)own_count;
    out->lag_median_us = -1;
    for (size_t i = 0; i < own_count; i++) {
        lags[i] = own[i].lag_us;
        /* A lag is at most the window, which is of the last part. */
        int64_t part = own[i].lag_us / (w / LKS_ANSWER_BINS + 1);
        (is_responder[own[i].account] ? out->answers_responders : out->answers_others)[part]++;
        if (i && own[i].account == own[i - 1].account)
            continue;
        out->accounts_after++;
        out->responders += is_responder[own[i].account];
    }
    if (own_count)
        out->lag_median_us = lks_median(lags, own_count);
    size_t at = lks_times_up_to(posts->time_us, posts->count, call->time_us);
    size_t low = lks_times_up_to(posts->time_us, posts->count, call->time_us - 1);
    out->all_after = lks_times_up_to(posts->time_us, posts->count, call->time_us + w) - at;
    out->all_before = low - lks_times_up_to(posts->time_us, posts->count, call->time_us - w - 1);
    uint64_t both = (uint64_t)out->posts_before + out->posts_after;
    uint64_t all = out->all_before + out->all_after;
    if (both && all)
        out->log10_p = fmin(
            0, lks_binomial_tail_log(out->posts_after, both, (double)out->all_after / (double)all) /
                   log(10));
}

static int calls_describe(const struct lks_recruitment_input *input,
                          const struct lks_recruitment_options *options,
                          const struct lks_answer_posts *posts, const struct lks_answers *answers,
                          const uint8_t *is_responder, struct lks_recruitment *result,
                          struct lks_error *err)
{
    uint32_t *stamp = calloc((size_t)input->events->posts_count + 1, sizeof *stamp);
    int64_t *lags = malloc((answers->count + 1) * sizeof *lags);
    struct lks_answer *own = malloc((answers->count + 1) * sizeof *own);
    result->calls = calloc(input->calls_count + 1, sizeof *result->calls);
    int code = stamp && lags && own && result->calls
                   ? 0
                   : lks_error_set(err, LKS_EMEMORY, "out of memory for calls");
    result->calls_count = code == 0 ? input->calls_count : 0;
    for (size_t c = 0, at = 0; c < result->calls_count; c++) {
        size_t end = lks_answers_end(answers, c, at);
        memcpy(own, answers->answers + at, (end - at) * sizeof *own);
        result->calls[c].posts_before = lks_posts_before(
            input, posts, &input->calls[c], options->window_us, 0, stamp, (uint32_t)c + 1);
        call_describe(options, posts, &input->calls[c], own, end - at, is_responder, lags,
                      &result->calls[c]);
        at = end;
    }
    free(stamp);
    free(lags);
    free(own);
    return code;
}

/* Posts on what calls named by their time from the call, each naming by itself. */
static void profile_fill(const struct lks_recruitment_input *input, int64_t window_us,
                         const struct lks_answer_posts *posts, const struct lks_answers *answers,
                         const uint8_t *is_responder, struct lks_recruitment *result)
{
    const struct lks_events *events = input->events;
    for (size_t i = 0; i < answers->namings_count; i++) {
        const struct lks_naming *naming = &answers->namings[i];
        size_t first = posts->object_first[naming->object];
        size_t own = posts->object_first[naming->object + 1] - first;
        size_t from =
            lks_times_up_to(events->time_us + first, own, naming->from_us - window_us - 1);
        size_t to = lks_times_up_to(events->time_us + first, own, naming->from_us + window_us - 1);
        for (size_t e = first + from; e < first + to; e++) {
            int64_t after_us = events->time_us[e] - naming->from_us + window_us;
            int bin = (int)((double)after_us / (2.0 * (double)window_us) * LKS_CALL_BINS);
            if (!input->account_left[events->account[e]])
                (is_responder[events->account[e]] ? result->profile_responders
                                                  : result->profile_others)[bin]++;
        }
    }
}

/* Lags of responders' answers, each responder's median, and their quartiles. */
static int lags_fill(const struct lks_answers *answers, const uint8_t *is_responder,
                     struct lks_recruitment *result, struct lks_error *err)
{
    struct lks_answer *own = malloc((answers->count + 1) * sizeof *own);
    int64_t *lags = malloc((answers->count + 1) * sizeof *lags);
    size_t count = 0;
    int code = own && lags ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory");
    for (size_t i = 0; code == 0 && i < answers->count; i++)
        if (is_responder[answers->answers[i].account])
            own[count++] = answers->answers[i];
    if (code == 0)
        qsort(own, count, sizeof *own, lks_answer_by_account);
    for (size_t r = 0; code == 0 && r < result->responders_count; r++) {
        uint32_t account = result->responders[r].account;
        size_t low = 0, high = count, lags_count = 0;
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if (own[middle].account < account)
                low = middle + 1;
            else
                high = middle;
        }
        for (; low < count && own[low].account == account; low++)
            lags[lags_count++] = own[low].lag_us;
        result->responders[r].lag_median_us = lks_median(lags, lags_count);
    }
    for (size_t i = 0; code == 0 && i < count; i++)
        lags[i] = own[i].lag_us;
    if (code == 0 && count) {
        qsort(lags, count, sizeof *lags, lag_order);
        for (size_t i = 0; i < 3; i++)
            result->lag_quartiles_us[i] = lags[(count - 1) * (i + 1) / 4];
    }
    free(own);
    free(lags);
    return code;
}

static int real_run(const struct lks_recruitment_input *input,
                    const struct lks_recruitment_options *options,
                    const struct lks_answer_posts *posts, const struct lks_control *control,
                    struct lks_recruitment *result, struct lks_error *err)
{
    struct lks_answers answers = {0};
    uint8_t *is_responder = calloc((size_t)input->events->accounts_count + 1, 1);
    int code = is_responder ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory");
    if (code == 0)
        code = lks_answers_find(input, input->calls, options->window_us, posts, &answers, err);
    if (code == 0)
        code = lks_responders_test(input, input->calls, options, posts, &answers, control,
                                   &result->responders, &result->responders_count,
                                   &result->tested_count, err);
    for (size_t r = 0; r < result->responders_count; r++)
        is_responder[result->responders[r].account] = 1;
    if (code == 0)
        code = lks_responders_channel(input, &answers, result->responders, result->responders_count,
                                      err);
    if (code == 0)
        code = calls_describe(input, options, posts, &answers, is_responder, result, err);
    if (code == 0)
        code = lks_recruitment_dose(input, options->seed, result, err);
    if (code == 0)
        code = lks_recruitment_uptake(input, options->window_us, posts, &answers, is_responder,
                                      result, err);
    if (code == 0)
        code = lags_fill(&answers, is_responder, result, err);
    if (code == 0)
        profile_fill(input, options->window_us, posts, &answers, is_responder, result);
    lks_answers_free(&answers);
    free(is_responder);
    return code;
}

int lks_recruitment_run(const struct lks_recruitment_input *input,
                        const struct lks_recruitment_options *options,
                        const struct lks_control *control, struct lks_recruitment *result_out,
                        struct lks_error *err)
{
    struct lks_answer_posts posts = {0};
    *result_out = (struct lks_recruitment){0};
    if (options->window_us < 1 || options->session_us < 0 ||
        !(options->level > 0 && options->level < 1))
        return lks_error_set(err, LKS_EARGUMENT, "the options of recruitment make no sense");
    int code = lks_answer_posts_make(input, &posts, err);
    if (code == 0)
        code = real_run(input, options, &posts, control, result_out, err);
    if (code == 0 && input->calls_count && posts.count)
        code = controls_run(input, options, &posts, control, result_out, err);
    lks_answer_posts_free(&posts);
    if (code)
        lks_recruitment_free(result_out);
    return code;
}

void lks_recruitment_free(struct lks_recruitment *result)
{
    free(result->responders);
    free(result->calls);
    *result = (struct lks_recruitment){0};
}
