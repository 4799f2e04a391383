/* attachment_ask.c - one account against the group that is laid out: chance first, days where they matter
 *
 * The days only add to a p, and they cost most. So the tests of an account go by their p by
 * chance, the least first, and end where that alone is above the best that was found: the same
 * p as if all were asked.
 *
 * Cost of an account: its posts near the group and its strata, 12 tests each; then the days of
 * mostly one or two tests. */
#include <limits.h>
#include <math.h>
#include <string.h>

#include "base/threads.h"
#include "chance/attachment_inside.h"
#include "stat/tail.h"

/* How many of the posts first .. end - 1 of a row meet how many members in test t. */
static void count_reached(const struct lks_attachment *attachment,
                          const struct lks_attachment_row *row, uint32_t first, uint32_t end,
                          unsigned t, uint32_t *met)
{
    for (uint32_t i = first; i < end; i++) {
        unsigned level = attachment->reached[(size_t)row->place[i] * attachment->tests + t];
        for (unsigned k = 0; k < level; k++)
            met[k]++;
    }
}

/* Adds what one stratum lets expect: `posts` posts of the account, of which the row holds
 * first .. end - 1. A member is tested as if it were outside. */
static void expect(const struct lks_attachment *attachment, const struct lks_attachment_row *row,
                   uint32_t h, uint32_t posts, uint32_t first, uint32_t end,
                   struct lks_attachment_tally *tally)
{
    int is_member = attachment->in_group[row->account];
    const uint32_t *outside =
        attachment->outside_met + (size_t)h * attachment->tests * LKS_ATTACHMENT_LEASTS;
    double dealt = (double)attachment->outside[h] + (is_member ? posts : 0);
    for (unsigned t = 0; t < attachment->tests; t++) {
        uint32_t own[LKS_ATTACHMENT_LEASTS] = {0};
        if (!(tally->asked >> t & 1))
            continue;
        if (is_member)
            count_reached(attachment, row, first, end, t, own);
        for (unsigned k = 0; k < LKS_ATTACHMENT_LEASTS; k++) {
            uint32_t near = outside[t * LKS_ATTACHMENT_LEASTS + k] + own[k];
            if (near == 0)
                break;
            tally->trials[t][k] += posts;
            tally->expected[t][k] += posts * (near / dealt);
        }
    }
}

void lks_attachment_tally(const struct lks_attachment *attachment,
                          const struct lks_attachment_row *row, struct lks_attachment_tally *tally)
{
    const struct lks_chance *chance = attachment->chance;
    uint32_t least = chance->options.min_occasions, next = 0;
    double bonferroni = log((double)attachment->tests * LKS_ATTACHMENT_LEASTS);
    memset(tally, 0, sizeof *tally);
    for (unsigned t = 0; t < attachment->tests; t++) {
        count_reached(attachment, row, 0, row->count, t, tally->met[t]);
        if (tally->met[t][0] >= least && tally->met[t][0] > 0)
            tally->asked |= UINT32_C(1) << t;
    }
    if (!tally->asked)
        return;
    for (uint32_t i = chance->presence_first[row->account];
         i < chance->presence_first[row->account + 1]; i++) {
        uint32_t h = chance->presence_stratum[i], first = next;
        while (next < row->count && chance->place_stratum[row->place[next]] == h)
            next++;
        expect(attachment, row, h, chance->presence_posts[i], first, next, tally);
    }
    for (unsigned t = 0; t < attachment->tests; t++) {
        for (unsigned k = 0; k < LKS_ATTACHMENT_LEASTS && tally->asked >> t & 1; k++) {
            if (tally->met[t][k] < least)
                break;
            tally->log_p[t][k] =
                bonferroni + lks_hoeffding_tail_log(tally->met[t][k], tally->trials[t][k],
                                                    tally->expected[t][k]);
            if (tally->log_p[t][k] < tally->least_log_p)
                tally->least_log_p = tally->log_p[t][k];
        }
    }
}

/* ln of the sum of both explanations, Bonferroni in either. */
static double add_days(double log_p, double days_log_p, double common, double bonferroni)
{
    if (!(common > 0))
        return log_p;
    double days = days_log_p + log(common) + bonferroni;
    double high = log_p > days ? log_p : days, low = log_p > days ? days : log_p;
    return high + log1p(exp(low - high));
}

/* The things that a test looks at. */
static enum lks_attached_things things_of(const struct lks_attachment *attachment, unsigned t)
{
    return t >= 2 * attachment->chance->counts.windows_used ? LKS_ATTACHED_CONTENT
           : t % 2                                          ? LKS_ATTACHED_ANY
                                                            : LKS_ATTACHED_RARE;
}

/* The test with the least p by chance of those not yet done, and that p; `tests` if none is below 1. */
static unsigned next_test(const struct lks_attachment *attachment,
                          const struct lks_attachment_tally *tally, uint32_t done,
                          double *least_out)
{
    unsigned next = attachment->tests;
    *least_out = 0;
    for (unsigned t = 0; t < attachment->tests; t++) {
        for (unsigned k = 0; k < LKS_ATTACHMENT_LEASTS && !(done >> t & 1); k++) {
            if (tally->log_p[t][k] < *least_out) {
                *least_out = tally->log_p[t][k];
                next = t;
            }
        }
    }
    return next;
}

void lks_attachment_best(const struct lks_attachment *attachment,
                         const struct lks_attachment_row *row,
                         const struct lks_attachment_tally *tally, double log_p_max,
                         struct lks_attachment_scratch *scratch, struct lks_attached *out)
{
    double bonferroni = log((double)attachment->tests * LKS_ATTACHMENT_LEASTS), best = 0, least;
    double habit = INFINITY; /* the best p of those with days asked */
    unsigned best_rank = UINT_MAX, habit_rank = UINT_MAX, t;
    memset(out, 0, sizeof *out);
    out->log10_chance = tally->least_log_p / log(10);
    for (uint32_t done = 0;
         (t = next_test(attachment, tally, done, &least)) < attachment->tests && least <= best;) {
        struct lks_attachment_of_days of_days = {.met = {0}};
        done |= UINT32_C(1) << t;
        if (least <= log_p_max)
            lks_attachment_days(attachment, row, t, scratch, &of_days);
        for (unsigned k = 0; k < LKS_ATTACHMENT_LEASTS; k++) {
            double log_p = tally->log_p[t][k];
            int asked = log_p <= log_p_max;
            if (asked)
                log_p = add_days(log_p, of_days.log_p[k], of_days.common[k], bonferroni);
            unsigned rank = t * LKS_ATTACHMENT_LEASTS + k; /* ties: the first of the tests */
            if (asked && (log_p < habit || (log_p == habit && rank < habit_rank))) {
                habit = log_p;
                habit_rank = rank;
                out->log10_habit = of_days.log_p[k] / log(10);
                out->days_met = of_days.met[k];
                out->days_others = of_days.others[k];
            }
            if (log_p >= 0 || log_p > best || (log_p == best && rank > best_rank))
                continue;
            best = log_p;
            best_rank = rank;
            out->log10_p = log_p / log(10);
            out->log10_days = asked ? of_days.log_p[k] / log(10) : 0;
            out->expected = tally->expected[t][k];
            out->posts_met = tally->met[t][k];
            out->least = lks_attachment_least[k];
            out->window_index = lks_attachment_window(attachment, t);
            out->things = things_of(attachment, t);
        }
    }
}

struct test_job {
    struct lks_attachment *attachment;
    const struct lks_control *control;
    struct lks_attachment_scratch *scratch; /* [threads] */
    struct lks_attached *attached;
    double log_p_max;
};

enum { BLOCK_ACCOUNTS = 256 };

static int test_task(void *context, size_t block, unsigned worker, struct lks_error *err)
{
    const struct test_job *job = context;
    const struct lks_attachment *attachment = job->attachment;
    const struct lks_chance *chance = attachment->chance;
    uint32_t accounts = chance->events->accounts_count, first = (uint32_t)block * BLOCK_ACCOUNTS;
    uint32_t end = accounts - first < BLOCK_ACCOUNTS ? accounts : first + BLOCK_ACCOUNTS;
    if (lks_cancelled(job->control))
        return lks_error_set(err, LKS_ECANCELLED, "stopped");
    memset(&job->attached[first], 0, (end - first) * sizeof *job->attached);
    for (uint32_t a = first; a < end; a++) {
        struct lks_attachment_tally tally;
        struct lks_attachment_row row = {a, chance->account_first[a + 1] - chance->account_first[a],
                                         attachment->authors->account_place +
                                             chance->account_first[a]};
        if (attachment->near_posts[a] == 0 ||
            attachment->near_posts[a] < chance->options.min_occasions)
            continue;
        lks_attachment_tally(attachment, &row, &tally);
        lks_attachment_best(attachment, &row, &tally, job->log_p_max, &job->scratch[worker],
                            &job->attached[a]);
    }
    return 0;
}

int lks_attachment_test(struct lks_attachment *attachment, double p_max,
                        const struct lks_control *control, struct lks_attached *attached_out,
                        struct lks_error *err)
{
    uint32_t accounts = attachment->chance->events->accounts_count;
    unsigned threads = lks_threads_count(control);
    size_t blocks = ((size_t)accounts + BLOCK_ACCOUNTS - 1) / BLOCK_ACCOUNTS;
    struct test_job job = {attachment, control, NULL, attached_out, p_max < 1 ? log(p_max) : 0};
    int rc = lks_attachment_scratch_new(attachment, threads, &job.scratch, err);
    if (rc == 0)
        rc = lks_threads_run(threads, blocks, test_task, &job, err);
    lks_attachment_scratch_free(attachment, threads, job.scratch);
    return rc;
}

/* Whether another member uses, near enough in time, a thing of this post that is made. */
static int meets_made(const struct lks_attachment *attachment, uint32_t account, uint32_t post)
{
    static const uint8_t is_made[LKS_OBJECT_KINDS_COUNT] = {
        [LKS_OBJECT_URL] = 1,   [LKS_OBJECT_TEXT] = 1,        [LKS_OBJECT_NEAR_TEXT] = 1,
        [LKS_OBJECT_MEDIA] = 1, [LKS_OBJECT_HASHTAG_SET] = 1,
    };
    const struct lks_chance *chance = attachment->chance;
    int64_t time_us = chance->events->post_time_us[post];
    int64_t longest_us = chance->counts.windows_us[chance->counts.windows_used - 1];
    for (uint32_t j = chance->post_event_first[post]; j < chance->post_event_first[post + 1]; j++) {
        uint32_t o = chance->post_object[j];
        int64_t reach_us = chance->object_reach_us[o];
        if (reach_us < 0 || !is_made[chance->events->object_kind[o]])
            continue;
        int64_t window_us = reach_us < longest_us ? reach_us : longest_us;
        uint32_t low = attachment->use_first[o], end = attachment->use_first[o + 1], high = end;
        while (low < high) {
            uint32_t middle = low + (high - low) / 2;
            if (attachment->use_time_us[middle] < time_us - window_us)
                low = middle + 1;
            else
                high = middle;
        }
        for (; low < end && attachment->use_time_us[low] <= time_us + window_us; low++)
            if (attachment->use_account[low] != account)
                return 1;
    }
    return 0;
}

uint32_t lks_attachment_content_strata(const struct lks_attachment *attachment, uint32_t account)
{
    const struct lks_chance *chance = attachment->chance;
    uint32_t count = 0, last = UINT32_MAX;
    for (uint32_t i = chance->account_first[account]; i < chance->account_first[account + 1]; i++) {
        uint32_t place = attachment->authors->account_place[i];
        uint32_t h = chance->stratum_span[chance->place_stratum[place]];
        if (h == last || !lks_attachment_is_near(attachment, place) ||
            !meets_made(attachment, account, chance->stratum_post[place]))
            continue;
        last = h;
        count++;
    }
    return count;
}
