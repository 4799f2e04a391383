/* pair.c - one pair of accounts against the null model
 *
 * From cheap to dear, and most pairs fail at the first: the tail bound of the posts met, by
 * chance alone; the same of the largest matchings, which are at most the posts met; habit,
 * which only adds to p.
 *
 * The tail of k posts in n trials rises with their mean lambda. So the mean from which on it
 * cannot pass is kept for each (k, n), with a margin far above the rounding of the tail, and
 * one comparison takes the place of a tail for most tests. */
#include <math.h>
#include <string.h>

#include "chance/scan.h"
#include "stat/tail.h"

/* What rounding may do to the logarithm of a tail, generously. */
#define MARGIN 1e-9

void lks_chance_pair_level(struct lks_chance_scan *scan, double p_max)
{
    scan->log_p_max = p_max < 1 ? log(p_max) : 0;
    scan->log_tests = log(2.0 * scan->chance->counts.windows_used);
    scan->weight_needed = lks_chance_weight_needed(p_max, 2 * scan->chance->counts.windows_used);
    for (int k = 0; k < LKS_CHANCE_LIMIT_COUNTS; k++) {
        for (int n = 0; n < LKS_CHANCE_LIMIT_TRIALS; n++)
            scan->lambda_limit[k][n] = -1;
    }
}

/* The posts of a that one of b meets: most meet one, which was noted when it was seen. */
static int links_of(struct lks_chance_scan *scan, uint32_t place, unsigned segments,
                    struct lks_error *err)
{
    const struct lks_chance_sighting *sighting = &scan->sighting[place];
    if (sighting->rank == LKS_CHANCE_SEVERAL)
        return lks_chance_links_of(&scan->links, scan->authors, scan->row - 1, place, segments,
                                   err);
    unsigned segment = sighting->rare_window == LKS_CHANCE_NEVER ? 2u * sighting->window + 1
                                                                 : 2u * sighting->rare_window;
    return lks_chance_links_one(&scan->links, scan->chance->budget, sighting->rank, segment,
                                segments, err);
}

/* The graph of posts that meet: left those of b that meet a, right a's; the row of a left
 * post has the segments of its partners, and row_end[s] says where each ends. */
static int lay_pair(struct lks_chance_scan *scan, uint32_t b, unsigned segments, uint32_t *rows_out,
                    struct lks_error *err)
{
    const struct lks_chance *chance = scan->chance;
    unsigned windows = chance->counts.windows_used, tests = 2 * windows;
    const struct lks_chance_authors *authors = scan->authors;
    uint32_t posts_b = chance->account_first[b + 1] - chance->account_first[b], rows = 0;
    if (lks_budget_grow(chance->budget, &scan->row_first, &scan->first_capacity,
                        (size_t)posts_b * 2, 4, err) ||
        lks_budget_grow(chance->budget, &scan->row_end, &scan->end_capacity,
                        (size_t)posts_b * tests, 4, err))
        return LKS_EMEMORY;
    size_t count[2] = {0, 0};
    for (uint32_t i = chance->account_first[b]; i < chance->account_first[b + 1]; i++) {
        uint32_t met = authors->account_place[i];
        if (scan->sighting[met].row != scan->row)
            continue;
        if (links_of(scan, met, segments, err))
            return LKS_EMEMORY;
        const struct lks_chance_links *links = &scan->links;
        for (unsigned kind = 0; kind < 2; kind++) {
            if (lks_budget_grow(chance->budget, &scan->target[kind], &scan->target_capacity[kind],
                                count[kind] + links->end[segments - 1], 4, err))
                return LKS_EMEMORY;
            scan->row_first[(size_t)kind * posts_b + rows] = (uint32_t)count[kind];
        }
        /* Kind 0: rare segments only; kind 1: all. */
        for (unsigned s = 0, j = 0; s < segments; s++) {
            for (; j < links->end[s]; j++) {
                scan->target[1][count[1]++] = links->rank[j];
                if (s % 2 == 0)
                    scan->target[0][count[0]++] = links->rank[j];
            }
            if (s % 2) {
                scan->row_end[(size_t)(s - 1) * posts_b + rows] = (uint32_t)count[0];
                scan->row_end[(size_t)s * posts_b + rows] = (uint32_t)count[1];
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
    if (lks_budget_grow(scan->chance->budget, &scan->edges, &scan->edges_capacity,
                        scan->edges_count + 1, sizeof *scan->edges, err))
        return LKS_EMEMORY;
    scan->edges[scan->edges_count++] = *edge;
    return 0;
}

/* Expected meetings of b with a in each test by chance. A stratum without a near post adds nothing. */
static void chance_of(const struct lks_chance_scan *scan, uint32_t b, double *restrict lambda)
{
    const struct lks_chance *chance = scan->chance;
    unsigned tests = 2 * chance->counts.windows_used;
    memset(lambda, 0, tests * sizeof *lambda);
    for (uint32_t i = chance->presence_first[b]; i < chance->presence_first[b + 1]; i++) {
        uint32_t h = chance->presence_stratum[i];
        double posts = chance->presence_posts[i];
        if (scan->stratum_row[h] != scan->row)
            continue;
        const double *share = scan->share + (size_t)h * tests;
        for (unsigned t = 0; t < tests; t += 2) { /* tests are pairs */
            lambda[t] += share[t] * posts;
            lambda[t + 1] += share[t + 1] * posts;
        }
    }
}

/* How many of b's posts may meet a's in a test. */
static uint32_t trials_of(const struct lks_chance_scan *scan, uint32_t b, unsigned test)
{
    const struct lks_chance *chance = scan->chance;
    unsigned tests = 2 * chance->counts.windows_used;
    uint32_t trials = 0;
    for (uint32_t i = chance->presence_first[b]; i < chance->presence_first[b + 1]; i++) {
        uint32_t h = chance->presence_stratum[i];
        if (scan->stratum_row[h] == scan->row && scan->share[(size_t)h * tests + test] > 0)
            trials += chance->presence_posts[i];
    }
    return trials;
}

/* The same by habit: expected hours in which b meets a, and hours in which it may. */
static void habit_of(const struct lks_chance_scan *scan, uint32_t b, const double *habit,
                     double *lambda, uint32_t *trials)
{
    const struct lks_chance *chance = scan->chance;
    unsigned tests = 2 * chance->counts.windows_used;
    double span[LKS_CHANCE_TESTS_MAX] = {0}; /* of the classes of one hour, which is one draw */
    memset(lambda, 0, tests * sizeof *lambda);
    memset(trials, 0, tests * sizeof *trials);
    uint32_t end = chance->presence_first[b + 1];
    for (uint32_t i = chance->presence_first[b]; i < end; i++) {
        uint32_t h = chance->presence_stratum[i];
        const double *near = scan->share + (size_t)h * tests;
        int is_near = scan->stratum_row[h] == scan->row; /* else the share is of another row */
        int ends = i + 1 == end ||
                   chance->stratum_span[chance->presence_stratum[i + 1]] != chance->stratum_span[h];
        for (unsigned t = 0; t < tests; t++) {
            double share = is_near && near[t] > habit[t] ? near[t] : habit[t];
            span[t] += share * chance->presence_posts[i];
            if (!ends)
                continue;
            lambda[t] += span[t] < 1 ? span[t] : 1;
            trials[t] += span[t] > 0;
            span[t] = 0;
        }
        habit += tests;
    }
}

/* What is known of a pair before its matchings. */
struct pair_test {
    uint32_t met[LKS_CHANCE_TESTS_MAX], trials[LKS_CHANCE_TESTS_MAX];
    uint32_t occasions[LKS_CHANCE_TESTS_MAX];
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

/* The mean from which on so many occasions in so many trials surely fail. */
static double limit_of(const struct lks_chance_scan *scan, uint32_t count, uint32_t trials)
{
    double least = scan->log_p_max - scan->log_tests + MARGIN, low = 0, high = count;
    if (count > trials)
        return INFINITY;
    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2;
        if (lks_hoeffding_tail_log(count, trials, middle) >= least)
            high = middle;
        else
            low = middle;
    }
    return high;
}

/* trials may be fewer than there are, count at least: of a given mean the tail rises with them. */
static int surely_fails(struct lks_chance_scan *scan, uint32_t count, uint32_t trials,
                        double lambda)
{
    if (count < lambda + 1)
        return 1; /* the bound of such a tail is 1 */
    if (count >= LKS_CHANCE_LIMIT_COUNTS || trials >= LKS_CHANCE_LIMIT_TRIALS)
        return 0;
    double *limit = &scan->lambda_limit[count][trials];
    if (*limit < 0)
        *limit = limit_of(scan, count, trials);
    return lambda >= *limit;
}

/* Which tests may pass with so many occasions: those of `among` whose p is small enough or,
 * within rounding, almost. 0 if none is small enough. */
static uint32_t may_pass(const struct lks_chance_scan *scan, const struct pair_test *test,
                         const uint32_t *occasions, uint32_t among)
{
    uint32_t near = 0;
    int any = 0;
    for (unsigned t = 0; among >> t; t++) {
        if (!(among >> t & 1))
            continue;
        double log_p = log_p_of(test, t, occasions[t]) + scan->log_tests;
        any |= log_p <= scan->log_p_max;
        near |= (uint32_t)(log_p <= scan->log_p_max + MARGIN) << t;
    }
    return any ? near : 0;
}

/* How many posts of a candidate meet a's in each test. */
static void count_met(const struct lks_chance_scan *scan,
                      const struct lks_chance_candidate *candidate, uint32_t *met)
{
    unsigned tests = 2 * scan->chance->counts.windows_used;
    memset(met, 0, tests * sizeof *met);
    for (uint32_t i = candidate->last; i != UINT32_MAX; i = scan->lighter_next[i]) {
        const struct lks_chance_sighting *sighting = &scan->sighting[scan->lighter_place[i]];
        met[2 * sighting->window + 1]++;
        if (sighting->rare_window != LKS_CHANCE_NEVER)
            met[2 * sighting->rare_window]++;
    }
    for (unsigned t = 2; t < tests; t++)
        met[t] += met[t - 2];
}

/* The tests that chance alone does not explain, if the matchings are as large as can be. */
static uint32_t beyond_chance(struct lks_chance_scan *scan, uint32_t b,
                              const struct lks_chance_candidate *candidate, struct pair_test *test)
{
    unsigned tests = 2 * scan->chance->counts.windows_used;
    uint32_t among = 0;
    test->common = NULL;
    count_met(scan, candidate, test->met);
    chance_of(scan, b, test->lambda);
    for (unsigned t = 0; t < tests; t++) {
        if (test->met[t] < scan->chance->options.min_occasions)
            continue;
        if (scan->log_p_max < 0 && surely_fails(scan, test->met[t], test->met[t], test->lambda[t]))
            continue;
        test->trials[t] = trials_of(scan, b, t);
        if (scan->log_p_max >= 0 ||
            !surely_fails(scan, test->met[t], test->trials[t], test->lambda[t]))
            among |= UINT32_C(1) << t;
    }
    return scan->log_p_max >= 0 ? among : may_pass(scan, test, test->met, among);
}

/* In how many hours b's posts meet a's, by test. */
static void count_strata(const struct lks_chance_scan *scan, uint32_t b, uint32_t *strata)
{
    const struct lks_chance *chance = scan->chance;
    unsigned tests = 2 * chance->counts.windows_used;
    uint32_t last[LKS_CHANCE_TESTS_MAX];
    memset(last, 0xff, sizeof last);
    memset(strata, 0, tests * sizeof *strata);
    for (uint32_t i = chance->account_first[b]; i < chance->account_first[b + 1]; i++) {
        struct lks_chance_sighting sighting = scan->sighting[scan->authors->account_place[i]];
        uint32_t h = chance->stratum_span[sighting.stratum];
        for (unsigned t = 0; t < tests && sighting.row == scan->row; t++) {
            uint8_t window = t % 2 ? sighting.window : sighting.rare_window;
            if (window <= t / 2 && last[t] != h) {
                last[t] = h;
                strata[t]++;
            }
        }
    }
}

/* The largest matchings of the tests in *among, into occasions[]; leaves in it those that
 * chance alone does not explain then. */
static int match(struct lks_chance_scan *scan, uint32_t a, uint32_t b, struct pair_test *test,
                 uint32_t *among, struct lks_error *err)
{
    const struct lks_chance *chance = scan->chance;
    unsigned tests = 2 * chance->counts.windows_used;
    uint32_t rows = 0, posts_a = chance->account_first[a + 1] - chance->account_first[a];
    uint32_t posts_b = chance->account_first[b + 1] - chance->account_first[b], left = 0;
    /* Segments beyond the longest window that may pass are not asked for. */
    unsigned segments = tests;
    while (segments > 2 && !(*among >> (segments - 2)))
        segments -= 2;
    int rc = lay_pair(scan, b, segments, &rows, err);
    for (unsigned kind = 0; kind < 2 && rc == 0; kind++) {
        rc = lks_matching_start(&scan->matching, rows, posts_a, err);
        for (unsigned t = kind; t < tests && rc == 0; t += 2) {
            if (!(*among >> t & 1))
                continue;
            test->occasions[t] =
                lks_matching_grow(&scan->matching, rows, scan->row_first + (size_t)kind * posts_b,
                                  scan->row_end + (size_t)t * posts_b, scan->target[kind]);
            left |= (uint32_t)(test->occasions[t] >= chance->options.min_occasions) << t;
        }
    }
    *among = scan->log_p_max < 0 ? may_pass(scan, test, test->occasions, left) : left;
    return rc;
}

/* Asks what habit explains. */
static int take_habit(struct lks_chance_scan *scan, uint32_t a, uint32_t b, struct pair_test *test,
                      struct lks_error *err)
{
    const double *habit;
    int rc = 0;
    if (!scan->habit_ready)
        rc = lks_chance_habit_row(scan->habit, scan->authors, a, err);
    scan->habit_ready = 1;
    if (rc == 0)
        rc = lks_chance_habit_pair(scan->habit, b, &habit, &test->common, err);
    if (rc)
        return rc;
    habit_of(scan, b, habit, test->habit_lambda, test->habit_trials);
    count_strata(scan, b, test->strata_met);
    return 0;
}

int lks_chance_pair(struct lks_chance_scan *scan, uint32_t a,
                    const struct lks_chance_candidate *candidate, struct lks_error *err)
{
    uint32_t b = scan->chance->order_account[candidate->author];
    struct pair_test test;
    struct lks_chance_edge edge = {a < b ? a : b, a < b ? b : a, 0, 0, 0, 1};
    uint32_t among = beyond_chance(scan, b, candidate, &test);
    if (!among)
        return 0;
    int rc = match(scan, a, b, &test, &among, err);
    if (rc || !among)
        return rc;
    rc = take_habit(scan, a, b, &test, err);
    if (rc)
        return rc;
    /* Of equal values the one on rare objects in the shortest window is told. */
    for (unsigned kind = 0; kind < 2; kind++) {
        for (unsigned t = kind; among >> t; t += 2) {
            if (!(among >> t & 1))
                continue;
            double log_p = log_p_of(&test, t, test.occasions[t]) + scan->log_tests;
            log_p = log_p < 0 ? log_p : 0;
            if (log_p / log(10) < edge.log10_p) {
                edge.log10_p = log_p / log(10);
                edge.occasions = test.occasions[t];
                edge.window_index = t / 2;
                edge.expected = test.lambda[t];
            }
        }
    }
    return edge.occasions && edge.log10_p * log(10) <= scan->log_p_max ? put_edge(scan, &edge, err)
                                                                       : 0;
}
