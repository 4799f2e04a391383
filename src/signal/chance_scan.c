/* chance_scan.c - every pair of accounts against the null model, for one assignment of authors
 *
 * Row by row over the accounts. Row a walks the partners of a's posts once and collects the
 * neighbourhood of a: the distinct posts of others that meet a post of a, each with the
 * shortest window in which it does. From it come
 *
 *     met[b][w]     how many posts of b are in it: no matching of a and b is larger
 *     near[h][w]    how many posts of stratum h are in it
 *
 * Given a's posts, the null model deals b's n_bh posts of stratum h from the N_h - n_ah posts
 * that are not a's; near[h][w] of those meet a. So met[b][w] is a sum of independent
 * hypergeometric counts with mean
 *
 *     lambda = sum over h of n_bh near[h][w] / (N_h - n_ah)
 *
 * and its upper tail is bounded by that of a binomial with the same mean (stat/tail.h). The
 * row is that of the account with more posts, so that what is counted are the posts of the
 * account with fewer; which one that is does not depend on who posted what. The largest
 * matching, never above met, is only computed for pairs whose bound passes.
 *
 * Cost of a run: one visit of every partner, one product of sparse rows for each pair with
 * min_occasions met posts, and a matching for the few that pass. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "graph/matching.h"
#include "signal/chance_data.h"
#include "signal/chance_habit.h"
#include "stat/tail.h"

/* What the walk over partners looks up of a post, in one place for one cache miss. */
struct met_post {
    uint32_t author;
    uint32_t stamp;      /* row + 1 in which the post was last met */
    uint8_t window;      /* shortest window in which */
    uint8_t rare_window; /* the same on rare objects; UINT8_MAX none */
};

struct lks_chance_scan {
    const struct lks_chance *chance;
    const uint32_t *post_account; /* of this run */
    double log_p_max;
    uint32_t *account_post; /* [posts] by author: rows of chance->account_first */
    uint32_t *post_rank;    /* [posts] position of the post in its author's row */
    uint32_t *fill;         /* [accounts] */

    /* Of one row. */
    struct met_post *post; /* [posts] */
    uint32_t *met_post;    /* [posts] the neighbourhood */
    uint32_t *met;         /* [accounts * tests] zero between rows */
    uint32_t *met_total;   /* [accounts] the same in any test */
    uint32_t *met_account; /* [accounts] those with met not zero */
    uint32_t *near;        /* [strata * tests] zero between rows */
    uint32_t *own;         /* [strata] n_ah, zero between rows */

    struct lks_chance_habit *habit;
    int habit_ready; /* for this row */

    /* Of one pair: the posts of b that meet a, and which posts of a they meet. */
    struct lks_matching matching;
    uint32_t *row_first, *row_end; /* [posts of b], [windows * posts of b] */
    uint32_t row_capacity;
    uint32_t *target;
    size_t target_capacity;

    struct lks_chance_edge *edges;
    size_t edges_count, edges_capacity;
    uint64_t edges_tested;
};

int lks_chance_scan_new(const struct lks_chance *chance, struct lks_chance_scan **scan_out,
                        struct lks_error *err)
{
    const struct lks_events *events = chance->events;
    unsigned tests = 2 * chance->counts.windows_used;
    size_t posts = (size_t)events->posts_count + 1, accounts = (size_t)events->accounts_count + 1;
    size_t strata = (size_t)chance->strata_count + 1;
    struct lks_chance_scan *scan = *scan_out = calloc(1, sizeof *scan);
    if (!scan)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    scan->chance = chance;
    scan->account_post = calloc(posts, 4);
    scan->post_rank = calloc(posts, 4);
    scan->fill = calloc(accounts, 4);
    scan->post = calloc(posts, sizeof *scan->post);
    scan->met_total = calloc(accounts, 4);
    scan->met_post = calloc(posts, 4);
    scan->met = calloc(accounts * tests, 4);
    scan->met_account = calloc(accounts, 4);
    scan->near = calloc(strata * tests, 4);
    scan->own = calloc(strata, 4);
    scan->habit = lks_chance_habit_new(chance);
    if (scan->account_post && scan->post_rank && scan->fill && scan->post && scan->met_total &&
        scan->habit && scan->met_post && scan->met && scan->met_account && scan->near && scan->own)
        return 0;
    lks_chance_scan_free(scan);
    *scan_out = NULL;
    return lks_error_set(err, LKS_EMEMORY, "out of memory for the scratch of a scan");
}

void lks_chance_scan_free(struct lks_chance_scan *scan)
{
    if (!scan)
        return;
    free(scan->account_post);
    free(scan->post_rank);
    free(scan->fill);
    free(scan->post);
    free(scan->met_total);
    free(scan->met_post);
    free(scan->met);
    free(scan->met_account);
    free(scan->near);
    free(scan->own);
    lks_chance_habit_free(scan->habit);
    lks_matching_free(&scan->matching);
    free(scan->row_first);
    free(scan->row_end);
    free(scan->target);
    free(scan->edges);
    free(scan);
}

void lks_chance_shuffle(const struct lks_chance *chance, uint64_t seed, uint64_t copy_index,
                        uint32_t *post_account_out)
{
    const uint32_t *real = chance->events->post_account;
    struct lks_rng rng;
    lks_rng_init(&rng, seed, copy_index);
    for (uint32_t p = 0; p < chance->events->posts_count; p++)
        post_account_out[p] = real[p];
    for (uint32_t h = 0; h < chance->strata_count; h++) {
        const uint32_t *post = chance->stratum_post + chance->stratum_first[h];
        uint32_t count = chance->stratum_first[h + 1] - chance->stratum_first[h];
        for (uint32_t i = count; i > 1; i--) {
            uint32_t j = (uint32_t)lks_rng_below(&rng, i);
            uint32_t account = post_account_out[post[i - 1]];
            post_account_out[post[i - 1]] = post_account_out[post[j]];
            post_account_out[post[j]] = account;
        }
    }
}

/* Lists the posts by author, in the order of the strata. */
static void group_posts(struct lks_chance_scan *scan)
{
    const struct lks_chance *chance = scan->chance;
    const uint32_t *first = chance->account_first;
    memset(scan->fill, 0, (size_t)chance->events->accounts_count * 4);
    for (uint32_t i = 0; i < chance->events->posts_count; i++) {
        uint32_t p = chance->stratum_post[i], a = scan->post_account[p];
        scan->post_rank[p] = scan->fill[a]++;
        LKS_ASSERT(scan->post_rank[p] < first[a + 1] - first[a]);
        scan->account_post[first[a] + scan->post_rank[p]] = p;
    }
}

/* Whether the pair {a, b} is b's business in the row of a: b has fewer posts. */
static int is_lighter(const struct lks_chance *chance, uint32_t b, uint32_t a)
{
    uint32_t posts_a = chance->account_first[a + 1] - chance->account_first[a];
    uint32_t posts_b = chance->account_first[b + 1] - chance->account_first[b];
    return posts_b < posts_a || (posts_b == posts_a && b > a);
}

/* Fills the neighbourhood of a; returns how many posts it has. */
static uint32_t neighbourhood(struct lks_chance_scan *scan, uint32_t a)
{
    const struct lks_chance *chance = scan->chance;
    unsigned tests = 2 * chance->counts.windows_used;
    uint32_t count = 0, stamp = a + 1;
    for (uint32_t i = chance->account_first[a]; i < chance->account_first[a + 1]; i++) {
        struct lks_chance_partners partners = lks_chance_partners(chance, scan->account_post[i]);
        uint32_t j = 0;
        for (unsigned s = 0; s < tests; s++) {
            uint8_t w = (uint8_t)(s / 2);
            for (; j < partners.end[s]; j++) {
                struct met_post *met = &scan->post[partners.post[j]];
                if (met->stamp != stamp) {
                    if (met->author == a)
                        continue;
                    met->stamp = stamp;
                    met->window = w;
                    met->rare_window = UINT8_MAX;
                    scan->met_post[count++] = partners.post[j];
                } else if (w < met->window) {
                    met->window = w;
                }
                if (s % 2 == 0 && w < met->rare_window)
                    met->rare_window = w;
            }
        }
    }
    return count;
}

/* The graph of posts that meet: left those of b that meet a, right a's; the row of a left
 * post has the segments of its partners, and row_end[s] says where each ends. */
static int lay_pair(struct lks_chance_scan *scan, uint32_t a, uint32_t b, uint32_t *rows_out,
                    struct lks_error *err)
{
    const struct lks_chance *chance = scan->chance;
    unsigned windows = chance->counts.windows_used, tests = 2 * windows;
    uint32_t posts_b = chance->account_first[b + 1] - chance->account_first[b], rows = 0;
    if (posts_b > scan->row_capacity) {
        uint32_t *first = realloc(scan->row_first, (size_t)posts_b * 2 * 4);
        scan->row_first = first ? first : scan->row_first;
        uint32_t *end = realloc(scan->row_end, (size_t)posts_b * tests * 4);
        scan->row_end = end ? end : scan->row_end;
        if (!first || !end)
            return lks_error_set(err, LKS_EMEMORY, "out of memory for a pair of accounts");
        scan->row_capacity = posts_b;
    }
    size_t count = 0;
    for (uint32_t i = chance->account_first[b]; i < chance->account_first[b + 1]; i++) {
        uint32_t post = scan->account_post[i];
        if (scan->post[post].stamp != a + 1)
            continue;
        struct lks_chance_partners partners = lks_chance_partners(chance, post);
        uint32_t all = partners.end[tests - 1];
        if (count + 2 * (size_t)all > scan->target_capacity) {
            size_t capacity = 2 * (count + 2 * (size_t)all);
            uint32_t *larger = realloc(scan->target, capacity * 4);
            if (!larger)
                return lks_error_set(err, LKS_EMEMORY, "out of memory for a pair of accounts");
            scan->target = larger;
            scan->target_capacity = capacity;
        }
        /* Kind 0: rare segments only; kind 1: all. */
        for (unsigned kind = 0; kind < 2; kind++) {
            scan->row_first[(size_t)kind * posts_b + rows] = (uint32_t)count;
            for (unsigned s = 0; s < tests; s++) {
                uint32_t first = s ? partners.end[s - 1] : 0;
                for (uint32_t j = first; j < partners.end[s] && (kind || s % 2 == 0); j++) {
                    if (scan->post[partners.post[j]].author == a)
                        scan->target[count++] = scan->post_rank[partners.post[j]];
                }
                if (s % 2)
                    scan->row_end[(size_t)(s - 1 + kind) * posts_b + rows] = (uint32_t)count;
            }
        }
        rows++;
    }
    *rows_out = rows;
    return 0;
}

static int put_edge(struct lks_chance_scan *scan, const struct lks_chance_edge *edge,
                    struct lks_error *err)
{
    if (scan->edges_count == scan->edges_capacity) {
        size_t capacity = scan->edges_capacity ? 2 * scan->edges_capacity : 256;
        struct lks_chance_edge *edges = realloc(scan->edges, capacity * sizeof *edges);
        if (!edges)
            return lks_error_set(err, LKS_EMEMORY, "out of memory for edges");
        scan->edges = edges;
        scan->edges_capacity = capacity;
    }
    scan->edges[scan->edges_count++] = *edge;
    return 0;
}

/* Expected meetings of b with a in each test, and how many of b's posts may meet at all;
 * habit NULL is chance alone. */
static void expected_of(const struct lks_chance_scan *scan, uint32_t b, const double *habit,
                        double *lambda, uint32_t *trials)
{
    const struct lks_chance *chance = scan->chance;
    unsigned tests = 2 * chance->counts.windows_used;
    uint32_t row = chance->presence_first[b];
    memset(lambda, 0, tests * sizeof *lambda);
    memset(trials, 0, tests * sizeof *trials);
    for (uint32_t i = row; i < chance->presence_first[b + 1]; i++) {
        uint32_t h = chance->presence_stratum[i], near[2] = {0, 0};
        uint32_t others = chance->stratum_first[h + 1] - chance->stratum_first[h] - scan->own[h];
        for (unsigned t = 0; t < tests; t++) {
            near[t % 2] += scan->near[(size_t)h * tests + t];
            double share = (double)near[t % 2] / others;
            if (habit && habit[(size_t)(i - row) * tests + t] > share)
                share = habit[(size_t)(i - row) * tests + t];
            if (habit) {
                share *= chance->presence_posts[i];
                lambda[t] += share < 1 ? share : 1;
                trials[t] += share > 0;
            } else {
                lambda[t] += share * chance->presence_posts[i];
                trials[t] += share > 0 ? chance->presence_posts[i] : 0;
            }
        }
    }
}

/* What is known of a pair before its matchings. */
struct pair_test {
    uint32_t met[LKS_CHANCE_TESTS_MAX], trials[LKS_CHANCE_TESTS_MAX];
    uint32_t strata_met[LKS_CHANCE_TESTS_MAX], habit_trials[LKS_CHANCE_TESTS_MAX];
    double lambda[LKS_CHANCE_TESTS_MAX], habit_lambda[LKS_CHANCE_TESTS_MAX];
    const double *common;
};

/* ln p of so many occasions in test t: either the two share no interest and chance made
 * them meet, or, with the share of accounts that use the object, they do and habit did. */
static double log_p_of(const struct pair_test *test, unsigned t, uint32_t occasions)
{
    double plain = lks_hoeffding_tail_log(occasions, test->trials[t], test->lambda[t]);
    if (!test->common || !(test->common[t] > 0))
        return plain;
    double habit =
        lks_hoeffding_tail_log(test->strata_met[t], test->habit_trials[t], test->habit_lambda[t]) +
        log(test->common[t]);
    double high = plain > habit ? plain : habit, low = plain > habit ? habit : plain;
    return high + log1p(exp(low - high));
}

/* Whether any test passes if the matching is as large as it can be. */
static int may_pass(const struct lks_chance_scan *scan, const struct pair_test *test)
{
    unsigned tests = 2 * scan->chance->counts.windows_used;
    uint32_t least = scan->chance->options.min_occasions;
    if (scan->log_p_max >= 0)
        return 1;
    for (unsigned t = 0; t < tests; t++) {
        if (test->met[t] >= least &&
            log_p_of(test, t, test->met[t]) + log((double)tests) <= scan->log_p_max)
            return 1;
    }
    return 0;
}

/* In how many strata b's posts meet a's, by test. */
static void count_strata(const struct lks_chance_scan *scan, uint32_t a, uint32_t b,
                         uint32_t *strata)
{
    const struct lks_chance *chance = scan->chance;
    unsigned tests = 2 * chance->counts.windows_used;
    uint32_t last[LKS_CHANCE_TESTS_MAX];
    memset(last, 0xff, sizeof last);
    memset(strata, 0, tests * sizeof *strata);
    for (uint32_t i = chance->account_first[b]; i < chance->account_first[b + 1]; i++) {
        uint32_t post = scan->account_post[i], h = chance->post_stratum[post];
        for (unsigned t = 0; t < tests && scan->post[post].stamp == a + 1; t++) {
            uint8_t window = t % 2 ? scan->post[post].window : scan->post[post].rare_window;
            if (window <= t / 2 && last[t] != h) {
                last[t] = h;
                strata[t]++;
            }
        }
    }
}

/* Tests the pair of row a and lighter account b. */
static int test_pair(struct lks_chance_scan *scan, uint32_t a, uint32_t b, struct lks_error *err)
{
    const struct lks_chance *chance = scan->chance;
    unsigned tests = 2 * chance->counts.windows_used;
    struct pair_test test;
    const double *habit;
    test.common = NULL;
    for (unsigned t = 0; t < tests; t++)
        test.met[t] = scan->met[(size_t)b * tests + t] + (t > 1 ? test.met[t - 2] : 0);
    expected_of(scan, b, NULL, test.lambda, test.trials);
    if (!may_pass(scan, &test))
        return 0;
    int rc = 0;
    if (!scan->habit_ready)
        rc = lks_chance_habit_row(scan->habit, scan->account_post, a, err);
    scan->habit_ready = 1;
    if (rc == 0)
        rc = lks_chance_habit_pair(scan->habit, scan->account_post, b, &habit, &test.common, err);
    if (rc)
        return rc;
    expected_of(scan, b, habit, test.habit_lambda, test.habit_trials);
    count_strata(scan, a, b, test.strata_met);
    if (!may_pass(scan, &test))
        return 0;
    uint32_t rows = 0, posts_a = chance->account_first[a + 1] - chance->account_first[a];
    uint32_t posts_b = chance->account_first[b + 1] - chance->account_first[b];
    rc = lay_pair(scan, a, b, &rows, err);
    struct lks_chance_edge edge = {a < b ? a : b, a < b ? b : a, 0, 0, 0, 1};
    for (unsigned kind = 0; kind < 2 && rc == 0; kind++) {
        rc = lks_matching_start(&scan->matching, rows, posts_a, err);
        for (unsigned t = kind; t < tests && rc == 0; t += 2) {
            if (test.met[t] < chance->options.min_occasions)
                continue;
            uint32_t occasions =
                lks_matching_grow(&scan->matching, rows, scan->row_first + (size_t)kind * posts_b,
                                  scan->row_end + (size_t)t * posts_b, scan->target);
            if (occasions < chance->options.min_occasions)
                continue;
            double log_p = log_p_of(&test, t, occasions) + log((double)tests);
            log_p = log_p < 0 ? log_p : 0;
            if (log_p / log(10) < edge.log10_p) {
                edge.log10_p = log_p / log(10);
                edge.occasions = occasions;
                edge.window_index = t / 2;
                edge.expected = test.lambda[t];
            }
        }
    }
    if (rc || edge.occasions == 0)
        return rc;
    return edge.log10_p * log(10) <= scan->log_p_max ? put_edge(scan, &edge, err) : 0;
}

/* Counts the neighbourhood by lighter account; returns whether any has enough. */
static int count_met(struct lks_chance_scan *scan, uint32_t a, uint32_t posts, uint32_t *accounts)
{
    const struct lks_chance *chance = scan->chance;
    unsigned tests = 2 * chance->counts.windows_used;
    int enough = 0;
    *accounts = 0;
    for (uint32_t i = 0; i < posts; i++) {
        uint32_t post = scan->met_post[i], b = scan->post[post].author;
        if (!is_lighter(chance, b, a))
            continue;
        if (scan->met_total[b]++ == 0)
            scan->met_account[(*accounts)++] = b;
        scan->met[(size_t)b * tests + 2 * scan->post[post].window + 1]++;
        if (scan->post[post].rare_window != UINT8_MAX)
            scan->met[(size_t)b * tests + 2 * scan->post[post].rare_window]++;
        enough |= scan->met_total[b] >= chance->options.min_occasions;
    }
    return enough;
}

static int scan_row(struct lks_chance_scan *scan, uint32_t a, struct lks_error *err)
{
    const struct lks_chance *chance = scan->chance;
    unsigned tests = 2 * chance->counts.windows_used;
    uint32_t accounts, posts = neighbourhood(scan, a);
    int rc = 0, enough = count_met(scan, a, posts, &accounts);
    scan->habit_ready = 0;
    for (uint32_t i = 0; i < posts && enough; i++) {
        uint32_t post = scan->met_post[i];
        uint32_t *near = scan->near + (size_t)chance->post_stratum[post] * tests;
        near[2 * scan->post[post].window + 1]++;
        if (scan->post[post].rare_window != UINT8_MAX)
            near[2 * scan->post[post].rare_window]++;
    }
    for (uint32_t i = chance->presence_first[a]; i < chance->presence_first[a + 1]; i++)
        scan->own[chance->presence_stratum[i]] = chance->presence_posts[i];
    for (uint32_t i = 0; i < accounts; i++) {
        uint32_t b = scan->met_account[i];
        if (rc == 0 && scan->met_total[b] >= chance->options.min_occasions) {
            scan->edges_tested++;
            rc = test_pair(scan, a, b, err);
        }
        scan->met_total[b] = 0;
        memset(scan->met + (size_t)b * tests, 0, tests * 4);
    }
    for (uint32_t i = chance->presence_first[a]; i < chance->presence_first[a + 1]; i++)
        scan->own[chance->presence_stratum[i]] = 0;
    for (uint32_t i = 0; i < posts && enough; i++)
        memset(scan->near + (size_t)chance->post_stratum[scan->met_post[i]] * tests, 0, tests * 4);
    return rc;
}

static int compare_edges(const void *left, const void *right)
{
    const struct lks_chance_edge *x = left, *y = right;
    if (x->a != y->a)
        return x->a < y->a ? -1 : 1;
    return x->b < y->b ? -1 : x->b > y->b;
}

int lks_chance_scan_run(struct lks_chance_scan *scan, const uint32_t *post_account, double p_max,
                        const struct lks_chance_edge **edges_out, size_t *count_out,
                        uint64_t *edges_tested, struct lks_error *err)
{
    const struct lks_chance *chance = scan->chance;
    scan->post_account = post_account;
    scan->log_p_max = p_max < 1 ? log(p_max) : 0;
    scan->edges_count = 0;
    scan->edges_tested = 0;
    for (uint32_t p = 0; p < chance->events->posts_count; p++)
        scan->post[p] = (struct met_post){.author = post_account[p]};
    group_posts(scan);
    lks_chance_habit_run(scan->habit, post_account);
    for (uint32_t a = 0; a < chance->events->accounts_count; a++) {
        if (chance->account_first[a + 1] - chance->account_first[a] < chance->options.min_occasions)
            continue;
        int rc = scan_row(scan, a, err);
        if (rc)
            return rc;
    }
    if (scan->edges_count)
        qsort(scan->edges, scan->edges_count, sizeof *scan->edges, compare_edges);
    *edges_out = scan->edges;
    *count_out = scan->edges_count;
    if (edges_tested)
        *edges_tested = scan->edges_tested;
    return 0;
}
