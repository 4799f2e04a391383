/* attachment.c - does an account keep to a group? The group taken as one account, against each other
 *
 * The idea. Edges say that two accounts met too often; a group of them may still hold accounts
 * that one lucky pair tied to it, and whole crowds that a surge tied together. So each
 * account v is asked by itself: hold the posts of the group without v where they are; of the N_h
 * posts of hour h by v and by everybody outside, M_h meet the group. If v were one of those
 * outside, its n_vh posts would be dealt from the N_h, and the number that meets the group
 * would be a sum of hypergeometric counts with mean sum n_vh M_h / N_h, whose tail is bounded as
 * that of a pair is (chance.h). So the question is not "did v meet members?" but "did it do so
 * more often than the others who were there?": who merely joins what everybody takes up
 * has the others beside it.
 *
 * To meet is asked in the windows and on the rare or all objects as for a pair, and for
 * at least 1, 2, 4, 8 or 16 members at once; the smallest p times their number counts. M_h is
 * taken of the whole group, v's own part in it too: never less than without.
 *
 *     p = P(chance) + pi P(days),     the second in attachment_days.c
 *
 * Layout: for every post, by place, how many members it meets by segment; then, for each
 * stratum, test and least number, how many posts from outside meet that many. Cost of a
 * group: the partners of its posts; of a test: the posts near the group. */
#include "signal/attachment_inside.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/threads.h"
#include "stat/tail.h"

const uint16_t lks_attachment_least[LKS_ATTACHMENT_LEASTS] = {1, 2, 4, 8, 16};

/* Kinds of objects that name one thing. A tag, a site, a sound name a subject. */
static const uint8_t is_content[LKS_OBJECT_KINDS_COUNT] = {
    [LKS_OBJECT_URL] = 1,  [LKS_OBJECT_REPOST] = 1,    [LKS_OBJECT_REPLY] = 1,
    [LKS_OBJECT_TEXT] = 1, [LKS_OBJECT_NEAR_TEXT] = 1, [LKS_OBJECT_MEDIA] = 1,
};

int lks_attachment_takes(const struct lks_attachment *attachment, unsigned t, uint32_t object)
{
    const struct lks_chance *chance = attachment->chance;
    if (chance->object_reach_us[object] < 0)
        return 0;
    if (t >= 2 * chance->counts.windows_used)
        return is_content[chance->events->object_kind[object]];
    return t % 2 || chance->object_rare[object];
}

int lks_attachment_new(const struct lks_chance *chance, struct lks_attachment **attachment_out,
                       struct lks_error *err)
{
    struct lks_attachment *attachment = *attachment_out = calloc(1, sizeof *attachment);
    if (!attachment)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    attachment->chance = chance;
    struct lks_budget *budget = chance->budget;
    size_t posts = chance->events->posts_count, tests = 2 * chance->counts.windows_used;
    size_t strata = chance->strata_count;
    size_t all = attachment->tests = (unsigned)tests + chance->counts.windows_used;
    int rc = lks_budget_array(budget, &attachment->met, posts * tests, sizeof(uint16_t), err);
    lks_chance_array(budget, &attachment->reached, posts * all, 1, &rc, err);
    lks_chance_array(budget, &attachment->stamp, posts, 4, &rc, err);
    lks_chance_array(budget, &attachment->window, posts, 1, &rc, err);
    lks_chance_array(budget, &attachment->rare, posts, 1, &rc, err);
    lks_chance_array(budget, &attachment->met_place, posts, 4, &rc, err);
    lks_chance_array(budget, &attachment->outside, strata, 4, &rc, err);
    lks_chance_array(budget, &attachment->outside_met, strata * all, 4 * LKS_ATTACHMENT_LEASTS, &rc,
                     err);
    lks_chance_array(budget, &attachment->use_first, (size_t)chance->events->objects_count + 1, 4,
                     &rc, err);
    if (rc) {
        lks_attachment_free(attachment);
        *attachment_out = NULL;
        return rc;
    }
    /* A shift by days must leave the longest window behind. */
    int64_t longest_us = chance->counts.windows_us[chance->counts.windows_used - 1];
    attachment->day_us = (2 * longest_us / LKS_DAY_US + 1) * LKS_DAY_US;
    if (posts) {
        attachment->first_us = chance->sorted_us[0];
        attachment->last_us = chance->sorted_us[posts - 1];
    }
    for (size_t p = 0; p < posts; p++) {
        uint32_t objects = chance->post_event_first[p + 1] - chance->post_event_first[p];
        if (objects > attachment->objects_most)
            attachment->objects_most = objects;
    }
    attachment->days =
        (uint32_t)((attachment->last_us - attachment->first_us) / attachment->day_us);
    return 0;
}

void lks_attachment_free(struct lks_attachment *attachment)
{
    if (!attachment)
        return;
    const struct lks_chance *chance = attachment->chance;
    struct lks_budget *budget = chance->budget;
    size_t posts = chance->events->posts_count, tests = 2 * chance->counts.windows_used;
    size_t strata = chance->strata_count, all = attachment->tests;
    lks_budget_free(budget, attachment->met, posts * tests, sizeof(uint16_t));
    lks_budget_free(budget, attachment->reached, posts * all, 1);
    lks_budget_free(budget, attachment->stamp, posts, 4);
    lks_budget_free(budget, attachment->window, posts, 1);
    lks_budget_free(budget, attachment->rare, posts, 1);
    lks_budget_free(budget, attachment->met_place, posts, 4);
    lks_budget_free(budget, attachment->outside, strata, 4);
    lks_budget_free(budget, attachment->outside_met, strata * all, 4 * LKS_ATTACHMENT_LEASTS);
    lks_budget_free(budget, attachment->use_first, (size_t)chance->events->objects_count + 1, 4);
    lks_budget_free(budget, attachment->use_account, attachment->uses_account_capacity, 4);
    lks_budget_free(budget, attachment->use_time_us, attachment->uses_time_capacity, 8);
    free(attachment);
}

uint32_t lks_attachment_days_count(const struct lks_attachment *attachment)
{
    return attachment->days;
}

/* Counts member u once at every post that it meets, in the shortest windows in which it does. */
static void count_member(struct lks_attachment *attachment,
                         const struct lks_chance_authors *authors, uint32_t u, uint32_t row)
{
    const struct lks_chance *chance = attachment->chance;
    unsigned tests = 2 * chance->counts.windows_used;
    uint32_t first = chance->account_first[u], end = chance->account_first[u + 1], count = 0;
    for (uint32_t i = first; i < end; i++) { /* its own posts meet nothing of it */
        attachment->stamp[authors->account_place[i]] = row;
        attachment->window[authors->account_place[i]] = 0;
        attachment->rare[authors->account_place[i]] = 0;
    }
    for (uint32_t i = first; i < end; i++) {
        struct lks_chance_partners partners =
            lks_chance_partners(chance, chance->stratum_post[authors->account_place[i]]);
        for (unsigned s = 0, j = 0; s < tests; s++) {
            uint8_t w = (uint8_t)(s / 2), rare = s % 2 ? UINT8_MAX : w;
            for (; j < partners.end[s]; j++) {
                uint32_t place = partners.place[j];
                if (attachment->stamp[place] != row) {
                    attachment->stamp[place] = row;
                    attachment->window[place] = w;
                    attachment->rare[place] = rare;
                    attachment->met_place[count++] = place;
                    continue;
                }
                if (w < attachment->window[place])
                    attachment->window[place] = w;
                if (rare < attachment->rare[place])
                    attachment->rare[place] = rare;
            }
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t place = attachment->met_place[i];
        uint16_t *met = attachment->met + (size_t)place * tests;
        met[2 * attachment->window[place] + 1] +=
            met[2 * attachment->window[place] + 1] < UINT16_MAX;
        if (attachment->rare[place] != UINT8_MAX)
            met[2 * attachment->rare[place]] += met[2 * attachment->rare[place]] < UINT16_MAX;
    }
}

static void scratch_free(const struct lks_attachment *attachment, unsigned threads,
                         struct lks_attachment_scratch *scratch)
{
    struct lks_budget *budget = attachment->chance->budget;
    for (unsigned t = 0; t < threads && scratch; t++)
        lks_budget_free(budget, scratch[t].thing, attachment->objects_most,
                        sizeof *scratch[t].thing);
    lks_budget_free(budget, scratch, threads, sizeof *scratch);
}

static int scratch_make(const struct lks_attachment *attachment, unsigned threads,
                        struct lks_attachment_scratch **scratch_out, struct lks_error *err)
{
    struct lks_budget *budget = attachment->chance->budget;
    int rc = lks_budget_array(budget, scratch_out, threads, sizeof **scratch_out, err);
    for (unsigned t = 0; t < threads && rc == 0; t++)
        rc = lks_budget_array(budget, &(*scratch_out)[t].thing, attachment->objects_most,
                              sizeof *(*scratch_out)[t].thing, err);
    return rc;
}

enum { BLOCK_POSTS = 4096 };

struct laying {
    struct lks_attachment *attachment;
    const struct lks_chance_authors *authors;
    const struct lks_control *control;
    struct lks_attachment_scratch *scratch; /* [threads] */
};

/* How many of the leasts a post reaches, test by test: from the members met by first segment,
 * and of contents from what members used. */
static int lay_task(void *context, size_t block, unsigned worker, struct lks_error *err)
{
    const struct laying *laying = context;
    struct lks_attachment *attachment = laying->attachment;
    const struct lks_chance *chance = attachment->chance;
    size_t all = attachment->tests, tests = 2 * (size_t)chance->counts.windows_used;
    size_t end = (block + 1) * BLOCK_POSTS, posts = chance->events->posts_count;
    if (lks_cancelled(laying->control))
        return lks_error_set(err, LKS_ECANCELLED, "stopped");
    for (size_t i = block * BLOCK_POSTS; i < posts && i < end; i++) {
        uint32_t sum[2] = {0, 0}, post = chance->stratum_post[i];
        uint8_t *reached = attachment->reached + i * all;
        for (size_t t = 0; t < tests; t++) {
            sum[t % 2] += attachment->met[i * tests + t];
            reached[t] = (uint8_t)lks_attachment_level(sum[t % 2]);
        }
        memset(reached + tests, 0, all - tests);
        /* What meets in no window on anything meets on no content; the longest first. */
        for (size_t t = all; t-- > tests && reached[tests - 1];) {
            uint32_t account = chance->order_account[laying->authors->place_author[i]];
            struct lks_attachment_scratch *scratch = &laying->scratch[worker];
            lks_attachment_things(attachment, post, (unsigned)t, scratch);
            reached[t] = (uint8_t)lks_attachment_level(
                lks_attachment_would_meet(attachment, account, chance->sorted_us[i], scratch));
            if (!reached[t])
                break;
        }
    }
    return 0;
}

/* Posts from outside by stratum, and how many of them meet the group. */
static void lay_outside(struct lks_attachment *attachment, const struct lks_chance_authors *authors)
{
    const struct lks_chance *chance = attachment->chance;
    size_t tests = 2 * (size_t)chance->counts.windows_used, all = attachment->tests;
    memset(attachment->outside, 0, (size_t)chance->strata_count * 4);
    memset(attachment->outside_met, 0,
           (size_t)chance->strata_count * all * LKS_ATTACHMENT_LEASTS * 4);
    for (uint32_t i = 0; i < chance->events->posts_count; i++) {
        if (attachment->in_group[chance->order_account[authors->place_author[i]]])
            continue;
        uint32_t h = chance->place_stratum[i];
        const uint8_t *reached = attachment->reached + i * all;
        uint32_t *met = attachment->outside_met + h * all * LKS_ATTACHMENT_LEASTS;
        attachment->outside[h]++;
        if (!reached[tests - 1])
            continue; /* not even in the longest window on anything */
        for (size_t t = 0; t < all; t++) {
            for (unsigned k = 0; k < reached[t]; k++)
                met[t * LKS_ATTACHMENT_LEASTS + k]++;
        }
    }
}

/* What members used, by object and time. */
static int lay_uses(struct lks_attachment *attachment, const struct lks_chance_authors *authors,
                    struct lks_error *err)
{
    const struct lks_chance *chance = attachment->chance;
    const struct lks_events *events = chance->events;
    struct lks_budget *budget = chance->budget;
    uint32_t count = 0, next = 0;
    for (size_t i = 0; i < events->count; i++) {
        uint32_t o = events->object[i];
        for (; next <= o; next++)
            attachment->use_first[next] = count;
        uint32_t place = chance->post_place[events->post[i]];
        uint32_t account = chance->order_account[authors->place_author[place]];
        if (!attachment->in_group[account] || chance->object_reach_us[o] < 0)
            continue;
        int rc = lks_budget_grow(budget, &attachment->use_account,
                                 &attachment->uses_account_capacity, count + 1u, 4, err);
        if (rc == 0)
            rc = lks_budget_grow(budget, &attachment->use_time_us, &attachment->uses_time_capacity,
                                 count + 1u, 8, err);
        if (rc)
            return rc;
        attachment->use_account[count] = account;
        attachment->use_time_us[count++] = events->time_us[i];
    }
    for (; next <= events->objects_count; next++)
        attachment->use_first[next] = count;
    return 0;
}

int lks_attachment_group(struct lks_attachment *attachment,
                         const struct lks_chance_authors *authors, const uint8_t *in_group,
                         const struct lks_control *control, struct lks_error *err)
{
    const struct lks_chance *chance = attachment->chance;
    size_t tests = 2 * (size_t)chance->counts.windows_used, posts = chance->events->posts_count;
    unsigned threads = lks_threads_count(control);
    struct laying laying = {attachment, authors, control, NULL};
    attachment->in_group = in_group;
    memset(attachment->met, 0, posts * tests * sizeof *attachment->met);
    memset(attachment->stamp, 0, posts * sizeof *attachment->stamp);
    uint32_t row = 0;
    for (uint32_t a = 0; a < chance->events->accounts_count; a++) {
        if (in_group[a])
            count_member(attachment, authors, a, ++row);
    }
    int rc = lay_uses(attachment, authors, err);
    if (rc == 0)
        rc = scratch_make(attachment, threads, &laying.scratch, err);
    if (rc == 0)
        rc = lks_threads_run(threads, (posts + BLOCK_POSTS - 1) / BLOCK_POSTS, lay_task, &laying,
                             err);
    scratch_free(attachment, threads, laying.scratch);
    if (rc == 0)
        lay_outside(attachment, authors);
    return rc;
}

/* The things that a test looks at. */
static enum lks_attached_things things_of(const struct lks_attachment *attachment, unsigned t)
{
    return t >= 2 * attachment->chance->counts.windows_used ? LKS_ATTACHED_CONTENT
           : t % 2                                          ? LKS_ATTACHED_ANY
                                                            : LKS_ATTACHED_RARE;
}

/* What the posts of one account have met, test by test. */
struct tally {
    uint32_t met[LKS_ATTACHMENT_TESTS_MAX][LKS_ATTACHMENT_LEASTS];
    uint32_t trials[LKS_ATTACHMENT_TESTS_MAX][LKS_ATTACHMENT_LEASTS];
    double expected[LKS_ATTACHMENT_TESTS_MAX][LKS_ATTACHMENT_LEASTS];
};

/* One stratum of the account: posts first .. end - 1 of its row. */
static void tally_stratum(const struct lks_attachment *attachment,
                          const struct lks_chance_authors *authors, uint32_t first, uint32_t end,
                          int is_member, struct tally *tally)
{
    const struct lks_chance *chance = attachment->chance;
    size_t tests = attachment->tests;
    uint32_t h = chance->place_stratum[authors->account_place[first]], posts = end - first;
    const uint32_t *outside = attachment->outside_met + h * tests * LKS_ATTACHMENT_LEASTS;
    double dealt = (double)attachment->outside[h] + (is_member ? posts : 0);
    for (size_t t = 0; t < tests; t++) {
        uint32_t own[LKS_ATTACHMENT_LEASTS] = {0};
        for (uint32_t i = first; i < end; i++) {
            size_t place = authors->account_place[i];
            for (unsigned k = 0; k < attachment->reached[place * tests + t]; k++)
                own[k]++;
        }
        for (unsigned k = 0; k < LKS_ATTACHMENT_LEASTS; k++) {
            uint32_t near = outside[t * LKS_ATTACHMENT_LEASTS + k] + (is_member ? own[k] : 0);
            if (near == 0)
                break;
            tally->met[t][k] += own[k];
            tally->trials[t][k] += posts;
            tally->expected[t][k] += posts * (near / dealt);
        }
    }
}

/* Whether the account has enough posts near the group for any test. */
static int is_near(const struct lks_attachment *attachment,
                   const struct lks_chance_authors *authors, uint32_t account)
{
    const struct lks_chance *chance = attachment->chance;
    size_t tests = 2 * (size_t)chance->counts.windows_used, all = attachment->tests;
    uint32_t near = 0;
    for (uint32_t i = chance->account_first[account]; i < chance->account_first[account + 1]; i++)
        near += attachment->reached[authors->account_place[i] * all + tests - 1] > 0;
    return near >= chance->options.min_occasions && near > 0;
}

struct test_job {
    struct lks_attachment *attachment;
    const struct lks_chance_authors *authors;
    const struct lks_control *control;
    struct lks_attachment_scratch *scratch; /* [threads] */
    struct lks_attached *attached;
    enum lks_attachment_asked asked;
    double log_p_max;
};

/* ln of the sum of both explanations, Bonferroni in either. */
static double add_days(double log_p, double days_log_p, double common, double bonferroni)
{
    if (!(common > 0))
        return log_p;
    double days = days_log_p + log(common) + bonferroni;
    double high = log_p > days ? log_p : days, low = log_p > days ? days : log_p;
    return high + log1p(exp(low - high));
}

/* ln p of the tests by chance alone, Bonferroni included; 0 where too few posts met. Gives the least. */
static double chance_of(const struct lks_attachment *attachment, const struct tally *tally,
                        double bonferroni,
                        double log_p[LKS_ATTACHMENT_TESTS_MAX][LKS_ATTACHMENT_LEASTS])
{
    double least = 0;
    for (unsigned t = 0; t < attachment->tests; t++) {
        int ended = 0;
        for (unsigned k = 0; k < LKS_ATTACHMENT_LEASTS; k++) {
            ended |= tally->met[t][k] < attachment->chance->options.min_occasions;
            log_p[t][k] =
                ended ? 0
                      : bonferroni + lks_hoeffding_tail_log(tally->met[t][k], tally->trials[t][k],
                                                            tally->expected[t][k]);
            least = log_p[t][k] < least ? log_p[t][k] : least;
        }
    }
    return least;
}

/* Test t of those not yet done with the least p by chance, and that p; `tests` if there is none. */
static unsigned next_test(const double log_p[][LKS_ATTACHMENT_LEASTS], unsigned tests,
                          uint32_t done, double *least_out)
{
    unsigned next = tests;
    *least_out = 0;
    for (unsigned t = 0; t < tests; t++) {
        for (unsigned k = 0; k < LKS_ATTACHMENT_LEASTS && !(done >> t & 1); k++) {
            if (log_p[t][k] < *least_out) {
                *least_out = log_p[t][k];
                next = t;
            }
        }
    }
    return next;
}

/* The best of the tests. The days only add to a p, and cost most; so the tests go by their p by chance,
 * the least first, and end where that alone is above the best that was found. */
static void test_account(const struct test_job *job, uint32_t account,
                         struct lks_attachment_scratch *scratch)
{
    const struct lks_attachment *attachment = job->attachment;
    const struct lks_chance *chance = attachment->chance;
    struct lks_attached *out = &job->attached[account];
    struct tally tally = {0};
    uint32_t end = chance->account_first[account + 1];
    for (uint32_t i = chance->account_first[account], next; i < end; i = next) {
        uint32_t h = chance->place_stratum[job->authors->account_place[i]];
        for (next = i + 1;
             next < end && chance->place_stratum[job->authors->account_place[next]] == h;)
            next++;
        tally_stratum(attachment, job->authors, i, next, attachment->in_group[account], &tally);
    }
    double log_p[LKS_ATTACHMENT_TESTS_MAX][LKS_ATTACHMENT_LEASTS], best = 0, least;
    double bonferroni = log((double)attachment->tests * LKS_ATTACHMENT_LEASTS);
    unsigned best_rank = UINT_MAX, t;
    out->log10_chance = chance_of(attachment, &tally, bonferroni, log_p) / log(10);
    for (uint32_t done = 0;
         (t = next_test(log_p, attachment->tests, done, &least)) < attachment->tests;) {
        struct lks_attachment_of_days of_days = {{0}, {0}};
        if (least > best)
            break;
        done |= UINT32_C(1) << t;
        if (least <= job->log_p_max)
            lks_attachment_days(attachment, job->authors, account, t, scratch, &of_days);
        for (unsigned k = 0; k < LKS_ATTACHMENT_LEASTS; k++) {
            int asked = log_p[t][k] <= job->log_p_max;
            double both =
                asked ? add_days(log_p[t][k], of_days.log_p[k], of_days.common[k], bonferroni)
                      : log_p[t][k];
            unsigned rank = t * LKS_ATTACHMENT_LEASTS + k; /* ties: the first of the tests */
            if (both >= 0 || both > best || (both == best && rank > best_rank))
                continue;
            best = both;
            best_rank = rank;
            out->log10_p = both / log(10);
            out->log10_days = asked ? of_days.log_p[k] / log(10) : 0;
            out->expected = tally.expected[t][k];
            out->posts_met = tally.met[t][k];
            out->least = lks_attachment_least[k];
            out->window_index = lks_attachment_window(attachment, t);
            out->things = things_of(attachment, t);
        }
    }
}

enum { BLOCK_ACCOUNTS = 256 };

static int test_task(void *context, size_t block, unsigned worker, struct lks_error *err)
{
    const struct test_job *job = context;
    uint32_t accounts = job->attachment->chance->events->accounts_count;
    uint32_t first = (uint32_t)block * BLOCK_ACCOUNTS;
    uint32_t end = accounts - first < BLOCK_ACCOUNTS ? accounts : first + BLOCK_ACCOUNTS;
    if (lks_cancelled(job->control))
        return lks_error_set(err, LKS_ECANCELLED, "stopped");
    for (uint32_t a = first; a < end; a++) {
        memset(&job->attached[a], 0, sizeof job->attached[a]);
        if (job->asked == LKS_ATTACHMENT_OUTSIDERS && job->attachment->in_group[a])
            continue;
        if (is_near(job->attachment, job->authors, a))
            test_account(job, a, &job->scratch[worker]);
    }
    return 0;
}

int lks_attachment_test(struct lks_attachment *attachment, const struct lks_chance_authors *authors,
                        enum lks_attachment_asked asked, double p_max,
                        const struct lks_control *control, struct lks_attached *attached_out,
                        struct lks_error *err)
{
    const struct lks_chance *chance = attachment->chance;
    uint32_t accounts = chance->events->accounts_count;
    unsigned threads = lks_threads_count(control);
    size_t blocks = ((size_t)accounts + BLOCK_ACCOUNTS - 1) / BLOCK_ACCOUNTS;
    struct test_job job = {
        attachment, authors, control, NULL, attached_out, asked, p_max < 1 ? log(p_max) : 0};
    int rc = scratch_make(attachment, threads, &job.scratch, err);
    if (rc == 0)
        rc = lks_threads_run(threads, blocks, test_task, &job, err);
    scratch_free(attachment, threads, job.scratch);
    return rc;
}

uint32_t lks_attachment_content_strata(const struct lks_attachment *attachment,
                                       const struct lks_chance_authors *authors, uint32_t account)
{
    const struct lks_chance *chance = attachment->chance;
    uint32_t count = 0, last = UINT32_MAX;
    for (uint32_t i = chance->account_first[account]; i < chance->account_first[account + 1]; i++) {
        uint32_t place = authors->account_place[i], h = chance->place_stratum[place];
        if (h == last || !attachment->reached[(size_t)(place + 1) * attachment->tests - 1])
            continue;
        last = h;
        count++;
    }
    return count;
}
