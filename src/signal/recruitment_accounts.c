/* recruitment_accounts.c - who answers more often than chance lets it
 *
 * Two tests, for two kinds of things that a call can name.
 *
 * Choice: links, posts and texts live around the call, and to be on them says something by itself.
 * How likely is a post in the window of call c to meet something that c named, if its author never
 * heard of the call? Two estimates, and the larger is taken: the share of posts that did so as
 * long before the call, and the share among posts after it by accounts that answered no other
 * call, passers-by who stand for the unexposed (the account itself left out). Everybody's share
 * after the call would not do: where those who answer are many they would hide each other. With
 * n posts in the window an account meets by chance at most n times that share; summed over
 * calls that is the mean of a sum of independent draws, and the number of calls answered is
 * tested against it by Hoeffding's bound (tail.h).
 *
 * Timing: tags and sounds are used all the time by those who like them. Of the account's acts
 * on such things (posts half an hour apart or closer are one), how many fell into the window of a
 * call that named the thing? By chance each does with the share of the account's own posts that
 * lie in such windows, so that a fan who is always there is expected to be there.
 *
 * p is twice the smaller of the two; q by Benjamini and Hochberg over all accounts that could
 * have answered. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/threads.h"
#include "signal/recruitment_inside.h"
#include "stat/multiple.h"
#include "stat/tail.h"

struct tests {
    const struct lks_recruitment_input *input;
    const struct lks_recruitment_options *options;
    const struct lks_answer_posts *posts;
    const struct lks_answers *answers;
    struct lks_responder *all; /* [accounts_count] */
    uint32_t *choices;         /* [accounts_count]: calls answered by choice */
    uint32_t *count, *hits;    /* [accounts_count]: posts in the window at hand, and those of them
                                * that met the call by choice */
    uint32_t *stamp, mark;     /* [posts_count] */
    uint32_t *touched;         /* accounts with a count, as many as there are posts in a window */
};

/* ---- choice ---- */

/* How likely posts after a call meet it by chance, for an account left out of the passers-by if
 * it is one: with own_posts in the window, own_choices of them on something named. */
struct chance {
    double before;               /* the share before the call */
    uint64_t passing, passed_by; /* passers-by's posts in the window, and those that met the call */
};

static double chance_rate(const struct chance *chance, int is_passer, uint32_t own_posts,
                          uint32_t own_choices)
{
    uint64_t posts = chance->passing - (is_passer ? own_posts : 0);
    uint64_t met = chance->passed_by - (is_passer ? own_choices : 0);
    return fmax(chance->before, ((double)met + 1) / ((double)posts + 1));
}

static int is_passer(const struct tests *tests, uint32_t account)
{
    return tests->all[account].answered <= 1;
}

static struct chance chance_make(struct tests *tests, const struct lks_call *call, size_t from,
                                 size_t to, const struct lks_answer *own, size_t own_count)
{
    const struct lks_answer_posts *posts = tests->posts;
    const uint32_t *author = tests->input->events->post_account;
    struct chance chance = {0};
    size_t first = lks_times_up_to(posts->time_us, posts->count,
                                   call->time_us - tests->options->window_us - 1);
    size_t end = lks_times_up_to(posts->time_us, posts->count, call->time_us - 1);
    uint32_t met = lks_posts_before(tests->input, posts, call, tests->options->window_us, 1,
                                    tests->stamp, ++tests->mark);
    chance.before = ((double)met + 1) / ((double)(end - first) + 1);
    for (size_t i = from; i < to; i++)
        chance.passing += (uint64_t)is_passer(tests, author[posts->post[i]]);
    for (size_t i = 0; i < own_count; i++)
        chance.passed_by += own[i].is_choice && is_passer(tests, own[i].account);
    return chance;
}

/* Adds what one call says about every account with a post in its window. own[own_count] are the
 * call's answers by account. */
static void choice_add(struct tests *tests, const struct lks_call *call,
                       const struct lks_answer *own, size_t own_count)
{
    const struct lks_answer_posts *posts = tests->posts;
    size_t from = lks_times_up_to(posts->time_us, posts->count, call->time_us);
    size_t to =
        lks_times_up_to(posts->time_us, posts->count, call->time_us + tests->options->window_us);
    size_t touched = 0;
    uint32_t named = 0; /* things of choice */
    for (uint32_t i = 0; i < call->things_count; i++)
        named += (uint32_t)lks_kind_is_choice(
            tests->input->events->object_kind[tests->input->things[call->first + i]]);
    struct chance chance = chance_make(tests, call, from, to, own, own_count);
    for (size_t i = from; i < to; i++) {
        uint32_t account = tests->input->events->post_account[posts->post[i]];
        if (!tests->count[account]++)
            tests->touched[touched++] = account;
    }
    for (size_t i = 0; i < own_count; i++)
        tests->hits[own[i].account] += own[i].is_choice;
    for (size_t i = 0; i < touched; i++) {
        uint32_t account = tests->touched[i], n = tests->count[account],
                 hits = tests->hits[account];
        tests->count[account] = tests->hits[account] = 0;
        tests->all[account].answerable++;
        tests->choices[account] += hits > 0;
        if (named)
            tests->all[account].expected +=
                fmin(1, n * chance_rate(&chance, is_passer(tests, account), n, hits));
    }
}

static int choices_test(struct tests *tests, const struct lks_call *calls,
                        const struct lks_control *control, struct lks_error *err)
{
    const struct lks_answers *answers = tests->answers;
    struct lks_answer *own = malloc((answers->count + 1) * sizeof *own);
    int code = own ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory");
    for (size_t c = 0, at = 0; code == 0 && c < tests->input->calls_count; c++) {
        size_t end = lks_answers_end(answers, c, at), count = end - at;
        memcpy(own, answers->answers + at, count * sizeof *own);
        qsort(own, count, sizeof *own, lks_answer_by_account);
        for (size_t i = 0; i < count; i++)
            tests->all[own[i].account].answered += !i || own[i].account != own[i - 1].account;
        at = end;
    }
    for (size_t c = 0, at = 0; code == 0 && c < tests->input->calls_count; c++) {
        size_t end = lks_answers_end(answers, c, at), count = end - at;
        choice_add(tests, &calls[c], answers->answers + at, count);
        at = end;
        if (lks_cancelled(control))
            code = lks_error_set(err, LKS_ECANCELLED, "stopped");
    }
    free(own);
    return code;
}

/* ---- timing ---- */

/* An account's post on a thing that calls named, at any time. */
struct use {
    uint32_t account, object, first_naming;
    int64_t time_us;
};

static int use_order(const void *a, const void *b)
{
    const struct use *x = a, *y = b;
    if (x->account != y->account)
        return x->account < y->account ? -1 : 1;
    if (x->time_us != y->time_us)
        return x->time_us < y->time_us ? -1 : 1;
    return (x->object > y->object) - (x->object < y->object);
}

static int uses_find(const struct tests *tests, struct use **uses_out, size_t *count_out,
                     struct lks_error *err)
{
    const struct lks_events *events = tests->input->events;
    const struct lks_answers *answers = tests->answers;
    size_t count = 0, room = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < answers->namings_count; i++) {
            uint32_t object = answers->namings[i].object;
            if ((i && answers->namings[i - 1].object == object) ||
                lks_kind_is_choice(events->object_kind[object]))
                continue;
            for (size_t e = tests->posts->object_first[object];
                 e < tests->posts->object_first[object + 1]; e++) {
                if (tests->input->account_left[events->account[e]])
                    continue;
                if (pass)
                    (*uses_out)[count++] =
                        (struct use){events->account[e], object, (uint32_t)i, events->time_us[e]};
                else
                    room++;
            }
        }
        if (!pass && !(*uses_out = malloc((room + 1) * sizeof **uses_out)))
            return lks_error_set(err, LKS_EMEMORY, "out of memory for %zu uses", room);
    }
    qsort(*uses_out, count, sizeof **uses_out, use_order);
    *count_out = count;
    return 0;
}

static int in_window(const struct lks_answers *answers, const struct use *use)
{
    for (size_t i = use->first_naming;
         i < answers->namings_count && answers->namings[i].object == use->object; i++)
        if (use->time_us > answers->namings[i].from_us && use->time_us <= answers->namings[i].to_us)
            return 1;
    return 0;
}

/* The share of the account's own posts that lie in windows of calls that named the object. */
static double share_in_windows(const struct tests *tests, const struct use *use)
{
    const struct lks_answers *answers = tests->answers;
    const int64_t *times = tests->posts->own_time_us + tests->posts->own_first[use->account];
    size_t count =
        tests->posts->own_first[use->account + 1] - tests->posts->own_first[use->account];
    size_t inside = 0;
    for (size_t i = use->first_naming;
         i < answers->namings_count && answers->namings[i].object == use->object; i++)
        inside += lks_times_up_to(times, count, answers->namings[i].to_us) -
                  lks_times_up_to(times, count, answers->namings[i].from_us);
    return count ? (double)inside / (double)count : 1;
}

/* The uses of one account, uses[count] in order of time. Shares of an object are kept while uses
 * of it follow each other; else asked for again. */
static void timing_add(struct tests *tests, const struct use *uses, size_t count)
{
    struct lks_responder *account = &tests->all[uses[0].account];
    uint32_t object = UINT32_MAX;
    double share = 0;
    for (size_t i = 0; i < count;) {
        int64_t last_us = uses[i].time_us;
        double expected = 0;
        int hit = 0;
        for (; i < count && uses[i].time_us - last_us <= tests->options->session_us; i++) {
            if (uses[i].object != object) {
                object = uses[i].object;
                share = share_in_windows(tests, &uses[i]);
            }
            expected += share;
            hit |= in_window(tests->answers, &uses[i]);
            last_us = uses[i].time_us;
        }
        account->acts++;
        account->on_time += (uint32_t)hit;
        account->expected_time += fmin(1, expected);
    }
}

static int timing_test(struct tests *tests, struct lks_error *err)
{
    struct use *uses = NULL;
    size_t count = 0;
    int code = uses_find(tests, &uses, &count, err);
    for (size_t i = 0; code == 0 && i < count;) {
        size_t end = i;
        while (end < count && uses[end].account == uses[i].account)
            end++;
        timing_add(tests, uses + i, end - i);
        i = end;
    }
    free(uses);
    return code;
}

/* ---- both ---- */

static void p_values(struct tests *tests, size_t calls_count)
{
    for (uint32_t a = 0; a < tests->input->events->accounts_count; a++) {
        struct lks_responder *responder = &tests->all[a];
        responder->account = a;
        if (tests->choices[a])
            responder->log10_p_choice =
                lks_hoeffding_tail_log(tests->choices[a], calls_count, responder->expected) /
                log(10);
        if (responder->on_time)
            responder->log10_p_time = lks_hoeffding_tail_log(responder->on_time, responder->acts,
                                                             responder->expected_time) /
                                      log(10);
        responder->log10_p =
            fmin(0, log10(2) + fmin(responder->log10_p_choice, responder->log10_p_time));
    }
}

static int responder_order(const void *a, const void *b)
{
    const struct lks_responder *x = a, *y = b;
    if (x->log10_p != y->log10_p)
        return x->log10_p < y->log10_p ? -1 : 1;
    return (x->account > y->account) - (x->account < y->account);
}

static int significant_keep(struct tests *tests, size_t *count_out, uint64_t *tested_out,
                            struct lks_error *err)
{
    uint32_t accounts = tests->input->events->accounts_count;
    size_t tested = 0, kept = 0;
    uint64_t could = 0;
    double *log10_p = malloc(((size_t)accounts + 1) * sizeof *log10_p);
    double *q = malloc(((size_t)accounts + 1) * sizeof *q);
    int code = log10_p && q ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory");
    for (uint32_t a = 0; code == 0 && a < accounts; a++) {
        could += tests->posts->own_first[a + 1] > tests->posts->own_first[a];
        if (tests->all[a].answered || tests->all[a].acts)
            tests->all[tested++] = tests->all[a];
    }
    for (size_t i = 0; code == 0 && i < tested; i++)
        log10_p[i] = tests->all[i].log10_p;
    if (code == 0 && tested)
        code = lks_bh_adjust(log10_p, tested, could, q, err);
    for (size_t i = 0; code == 0 && i < tested; i++) {
        struct lks_responder *responder = &tests->all[i];
        responder->q_value = q[i];
        if (q[i] <= tests->options->level && responder->answered >= tests->options->answers_min)
            tests->all[kept++] = *responder;
    }
    qsort(tests->all, kept, sizeof *tests->all, responder_order);
    free(log10_p);
    free(q);
    *count_out = kept;
    *tested_out = tested;
    return code;
}

int lks_responders_test(const struct lks_recruitment_input *input, const struct lks_call *calls,
                        const struct lks_recruitment_options *options,
                        const struct lks_answer_posts *posts, const struct lks_answers *answers,
                        const struct lks_control *control, struct lks_responder **responders_out,
                        size_t *count_out, uint64_t *tested_out, struct lks_error *err)
{
    size_t accounts = (size_t)input->events->accounts_count + 1;
    struct tests tests = {.input = input,
                          .options = options,
                          .posts = posts,
                          .answers = answers,
                          .all = calloc(accounts, sizeof *tests.all),
                          .choices = calloc(accounts, sizeof *tests.choices),
                          .count = calloc(accounts, sizeof *tests.count),
                          .hits = calloc(accounts, sizeof *tests.hits),
                          .stamp =
                              calloc((size_t)input->events->posts_count + 1, sizeof *tests.stamp),
                          .touched = calloc(accounts, sizeof *tests.touched)};
    int code =
        tests.all && tests.choices && tests.count && tests.hits && tests.stamp && tests.touched
            ? 0
            : lks_error_set(err, LKS_EMEMORY, "out of memory for %zu accounts", accounts);
    if (code == 0)
        code = choices_test(&tests, calls, control, err);
    if (code == 0)
        code = timing_test(&tests, err);
    if (code == 0) {
        p_values(&tests, input->calls_count);
        code = significant_keep(&tests, count_out, tested_out, err);
    }
    free(tests.choices);
    free(tests.count);
    free(tests.hits);
    free(tests.stamp);
    free(tests.touched);
    if (code)
        free(tests.all);
    else
        *responders_out = tests.all;
    return code;
}
