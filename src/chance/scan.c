/* scan.c - every pair of accounts against the null model, for one assignment of authors
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
 * Most accounts are light, and their rows meet nobody lighter twice. Such a row is found out
 * before its neighbourhood is collected: two occasions need two posts of a and two of b, and
 * the first partners of lighter authors seldom hold both.
 *
 * Cost of a run: one visit of every partner, a few reads for each pair with min_occasions
 * met posts, and a matching for those that pass (pair.c). Posts are named by place, in
 * order of time, and accounts by the order of their number of posts: what a row touches then
 * lies together, and which account is dealt is one comparison.
 *
 * Memory of a worker: 28 bytes a post, 20 an account, 8 + 14 tests a stratum, 12 an object,
 * and 8 for each account of the widest row that may pass; 4 bytes a post and 12 a partner
 * of the row where lists are turned around (links.c). */
#include "chance/scan.h"

#include <stdlib.h>
#include <string.h>

/* Rows of so few posts are first asked whether they meet anybody twice. */
enum { LIGHT_POSTS = 8 };
/* How many partners ahead what is known of one is asked for. */
enum { AHEAD = 32 };

int lks_chance_scan_new(const struct lks_chance *chance, struct lks_chance_scan **scan_out,
                        struct lks_error *err)
{
    const struct lks_events *events = chance->events;
    struct lks_budget *budget = chance->budget;
    unsigned tests = 2 * chance->counts.windows_used;
    size_t posts = events->posts_count, accounts = events->accounts_count;
    size_t strata = chance->strata_count;
    struct lks_chance_scan *scan = *scan_out = calloc(1, sizeof *scan);
    if (!scan)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    scan->chance = chance;
    lks_chance_weights_init(&scan->weights);
    int rc = lks_budget_array(budget, &scan->sighting, posts, sizeof *scan->sighting, err);
    lks_chance_array(budget, &scan->lighter_place, posts, 4, &rc, err);
    lks_chance_array(budget, &scan->lighter_author, posts, 4, &rc, err);
    lks_chance_array(budget, &scan->lighter_next, posts, 4, &rc, err);
    lks_chance_array(budget, &scan->acquaint, accounts, sizeof *scan->acquaint, &rc, err);
    lks_chance_array(budget, &scan->glimpse, accounts, sizeof *scan->glimpse, &rc, err);
    lks_chance_array(budget, &scan->stratum_row, strata, 4, &rc, err);
    lks_chance_array(budget, &scan->stratum, strata, 4, &rc, err);
    lks_chance_array(budget, &scan->near, strata * tests, 4, &rc, err);
    lks_chance_array(budget, &scan->share, strata * tests, sizeof *scan->share, &rc, err);
    lks_chance_array(budget, &scan->weight, strata * tests, sizeof *scan->weight, &rc, err);
    lks_chance_array(budget, &scan->posts_own, strata, 4, &rc, err);
    if (rc == 0)
        rc = lks_chance_habit_new(chance, &scan->habit, err);
    for (size_t i = 0; i < posts && rc == 0; i++)
        scan->sighting[i].stratum = chance->place_stratum[i];
    if (rc) {
        lks_chance_scan_free(scan);
        *scan_out = NULL;
    }
    return rc;
}

void lks_chance_scan_free(struct lks_chance_scan *scan)
{
    if (!scan)
        return;
    const struct lks_chance *chance = scan->chance;
    struct lks_budget *budget = chance->budget;
    unsigned tests = 2 * chance->counts.windows_used;
    size_t posts = chance->events->posts_count, accounts = chance->events->accounts_count;
    size_t strata = chance->strata_count;
    lks_chance_authors_free(scan->own);
    lks_budget_free(budget, scan->sighting, posts, sizeof *scan->sighting);
    lks_budget_free(budget, scan->lighter_place, posts, 4);
    lks_budget_free(budget, scan->lighter_author, posts, 4);
    lks_budget_free(budget, scan->lighter_next, posts, 4);
    lks_budget_free(budget, scan->acquaint, accounts, sizeof *scan->acquaint);
    lks_budget_free(budget, scan->glimpse, accounts, sizeof *scan->glimpse);
    lks_budget_free(budget, scan->candidate, scan->candidates_capacity, sizeof *scan->candidate);
    lks_budget_free(budget, scan->stratum_row, strata, 4);
    lks_budget_free(budget, scan->stratum, strata, 4);
    lks_budget_free(budget, scan->near, strata * tests, 4);
    lks_budget_free(budget, scan->share, strata * tests, sizeof *scan->share);
    lks_budget_free(budget, scan->weight, strata * tests, sizeof *scan->weight);
    lks_budget_free(budget, scan->posts_own, strata, 4);
    lks_chance_habit_free(scan->habit);
    lks_chance_links_free(&scan->links, budget);
    lks_matching_free(&scan->matching);
    lks_budget_free(budget, scan->row_first, scan->first_capacity, 4);
    lks_budget_free(budget, scan->row_end, scan->end_capacity, 4);
    for (int kind = 0; kind < 2; kind++)
        lks_budget_free(budget, scan->target[kind], scan->target_capacity[kind], 4);
    lks_budget_free(budget, scan->edges, scan->edges_capacity, sizeof *scan->edges);
    free(scan);
}

/* The partners of the row's post i; asks for what the row reads soon: where the lists of later
 * posts lie, and of each of the first partners of the next one an item of a column by place. */
static inline struct lks_chance_partners partners_ahead(const struct lks_chance *chance,
                                                        const uint32_t *account_place, uint32_t i,
                                                        uint32_t end, const void *column,
                                                        size_t item_bytes)
{
    unsigned tests = 2 * chance->counts.windows_used;
    uint32_t later[2] = {i + 5 < end ? i + 5 : i, i + 3 < end ? i + 3 : i};
    for (int k = 0; k < 2; k++)
        later[k] = chance->stratum_post[account_place[later[k]]];
    lks_chance_fetch(chance->partner_end + (size_t)later[0] * tests);
    lks_chance_fetch(chance->block[later[1] / LKS_CHANCE_BLOCK_POSTS] +
                     lks_chance_partners_first(chance, later[1]));
    if (i + 1 < end) {
        struct lks_chance_partners next =
            lks_chance_partners(chance, chance->stratum_post[account_place[i + 1]]);
        uint32_t count = next.end[tests - 1] < AHEAD ? next.end[tests - 1] : AHEAD;
        for (uint32_t j = 0; j < count; j++)
            lks_chance_fetch((const char *)column + next.place[j] * item_bytes);
    }
    return lks_chance_partners(chance, chance->stratum_post[account_place[i]]);
}

/* Whether a lighter account may have two occasions with a: two posts of a met it, and two of
 * its posts. Every pair that has them answers yes; a few others do. */
static int meets_twice(struct lks_chance_scan *scan, uint32_t a)
{
    const struct lks_chance *chance = scan->chance;
    const uint32_t *account_place = scan->authors->account_place;
    const uint32_t *place_author = scan->authors->place_author;
    unsigned tests = 2 * chance->counts.windows_used;
    uint32_t first = chance->account_first[a], end = chance->account_first[a + 1], row = scan->row;
    uint32_t rows_count = scan->rows_count;
    for (uint32_t i = first; i < end; i++) {
        struct lks_chance_partners partners =
            partners_ahead(chance, account_place, i, end, place_author, sizeof *place_author);
        uint32_t count = partners.end[tests - 1];
        for (uint32_t j = 0; j < count; j++) {
            uint32_t place = partners.place[j], author = place_author[place];
            lks_chance_fetch(&place_author[partners.place[j + AHEAD < count ? j + AHEAD : j]]);
            if (author - row >= rows_count - row)
                continue; /* a itself, heavier, or with fewer posts than two */
            struct lks_chance_glimpse *glimpse = &scan->glimpse[author];
            if (glimpse->row != row) {
                *glimpse = (struct lks_chance_glimpse){row, place, (uint8_t)(i - first), 0};
                continue;
            }
            glimpse->others |= glimpse->post != i - first;
            glimpse->others |= (uint8_t)((glimpse->place != place) << 1);
            if (glimpse->others == 3)
                return 1;
        }
    }
    return 0;
}

/* What a walk writes at every step: kept apart from the scan, so that it can stay in registers. */
struct walk {
    struct lks_chance_sighting *sighting;
    uint32_t *near, *stratum_row, *stratum, *lighter_place, *lighter_author;
    uint32_t row, rows_count, strata_count, lighter_count;
    unsigned tests;
};

/* A post of the neighbourhood seen for the first time in the row. */
static inline void see_first(struct walk *walk, struct lks_chance_sighting *sighting,
                             uint32_t place, uint8_t window, uint8_t rare_window, uint16_t rank)
{
    uint32_t h = sighting->stratum, lighter = walk->lighter_count, row = walk->row;
    sighting->row = row;
    sighting->window = window;
    sighting->rare_window = rare_window;
    sighting->rank = rank;
    walk->lighter_place[lighter] = place;
    walk->lighter_author[lighter] = sighting->author;
    walk->lighter_count = lighter + (sighting->author - row < walk->rows_count - row);
    if (walk->stratum_row[h] != row) {
        walk->stratum_row[h] = row;
        walk->stratum[walk->strata_count++] = h;
    }
    uint32_t *near = walk->near + (size_t)h * walk->tests;
    near[2 * window + 1]++;
    if (rare_window != LKS_CHANCE_NEVER)
        near[2 * rare_window]++;
}

/* The same post seen by another post of a, maybe in a shorter window. */
static inline void see_again(struct walk *walk, struct lks_chance_sighting *sighting,
                             uint8_t window, int is_rare)
{
    uint32_t *near = walk->near + (size_t)sighting->stratum * walk->tests;
    sighting->rank = LKS_CHANCE_SEVERAL;
    if (window < sighting->window) {
        near[2 * sighting->window + 1]--;
        near[2 * window + 1]++;
        sighting->window = window;
    }
    if (is_rare && window < sighting->rare_window) {
        if (sighting->rare_window != LKS_CHANCE_NEVER)
            near[2 * sighting->rare_window]--;
        near[2 * window]++;
        sighting->rare_window = window;
    }
}

/* One segment of a post's partners, from j on; ends where the next begins. */
static inline uint32_t see_segment(struct walk *walk, const struct lks_chance_partners *partners,
                                   uint32_t j, unsigned segment, uint32_t count, uint16_t rank)
{
    uint8_t window = (uint8_t)(segment / 2);
    int is_rare = segment % 2 == 0;
    for (; j < partners->end[segment]; j++) {
        struct lks_chance_sighting *sighting = &walk->sighting[partners->place[j]];
        lks_chance_fetch(&walk->sighting[partners->place[j + AHEAD < count ? j + AHEAD : j]]);
        if (sighting->row != walk->row)
            see_first(walk, sighting, partners->place[j], window,
                      is_rare ? window : LKS_CHANCE_NEVER, rank);
        else
            see_again(walk, sighting, window, is_rare);
    }
    return j;
}

/* Walks the neighbourhood of a without its own posts: sighting[] of each, near[] by stratum and
 * segment, and the list of those by lighter authors who have posts enough. */
static void neighbourhood(struct lks_chance_scan *scan, uint32_t a)
{
    const struct lks_chance *chance = scan->chance;
    const uint32_t *account_place = scan->authors->account_place;
    unsigned tests = 2 * chance->counts.windows_used;
    uint32_t first = chance->account_first[a], end = chance->account_first[a + 1];
    struct walk walk = {scan->sighting,
                        scan->near,
                        scan->stratum_row,
                        scan->stratum,
                        scan->lighter_place,
                        scan->lighter_author,
                        scan->row,
                        scan->rows_count,
                        0,
                        0,
                        tests};
    for (uint32_t i = first; i < end; i++) {
        /* Their own posts count nowhere, and never come closer than this. */
        struct lks_chance_sighting *own = &scan->sighting[account_place[i]];
        own->row = walk.row;
        own->window = own->rare_window = 0;
    }
    for (uint32_t i = first; i < end; i++) {
        struct lks_chance_partners partners =
            partners_ahead(chance, account_place, i, end, walk.sighting, sizeof *walk.sighting);
        uint32_t j = 0, count = partners.end[tests - 1];
        uint16_t rank = (uint16_t)(i - first < LKS_CHANCE_SEVERAL ? i - first : LKS_CHANCE_SEVERAL);
        for (unsigned segment = 0; segment < tests; segment += 2) {
            j = see_segment(&walk, &partners, j, segment, count, rank);
            j = see_segment(&walk, &partners, j, segment + 1, count, rank);
        }
    }
    scan->strata_count = walk.strata_count;
    scan->lighter_count = walk.lighter_count;
}

/* What a met post of each stratum weighs in each test. */
static void lay_weights(struct lks_chance_scan *scan, uint32_t a)
{
    const struct lks_chance *chance = scan->chance;
    unsigned tests = 2 * chance->counts.windows_used;
    for (uint32_t i = chance->presence_first[a]; i < chance->presence_first[a + 1]; i++)
        scan->posts_own[chance->presence_stratum[i]] = chance->presence_posts[i];
    for (uint32_t i = 0; i < scan->strata_count; i++) {
        uint32_t h = scan->stratum[i], near[2] = {0, 0};
        uint32_t others =
            chance->stratum_first[h + 1] - chance->stratum_first[h] - scan->posts_own[h];
        uint32_t high = lks_chance_log_high(&scan->weights, others);
        for (unsigned t = 0; t < tests; t++) {
            near[t % 2] += scan->near[(size_t)h * tests + t];
            uint32_t low = near[t % 2] ? lks_chance_log_low(&scan->weights, near[t % 2]) : 0;
            scan->weight[(size_t)h * tests + t] = (uint16_t)(high > low ? high - low : 0);
        }
    }
}

/* The chance of a post in each stratum and test to be near a, were its author drawn among
 * the posts that are not a's. */
static void lay_shares(struct lks_chance_scan *scan)
{
    const struct lks_chance *chance = scan->chance;
    unsigned tests = 2 * chance->counts.windows_used;
    for (uint32_t i = 0; i < scan->strata_count; i++) {
        uint32_t h = scan->stratum[i], near[2] = {0, 0};
        uint32_t others =
            chance->stratum_first[h + 1] - chance->stratum_first[h] - scan->posts_own[h];
        for (unsigned t = 0; t < tests; t++) {
            near[t % 2] += scan->near[(size_t)h * tests + t];
            scan->share[(size_t)h * tests + t] = (double)near[t % 2] / others;
        }
    }
}

/* Weighs the lighter accounts by what they met a with. */
static void weigh_met(struct lks_chance_scan *scan)
{
    unsigned tests = 2 * scan->chance->counts.windows_used;
    uint32_t count = scan->lighter_count;
    for (uint32_t i = 0; i < count; i++) {
        const struct lks_chance_sighting *sighting = &scan->sighting[scan->lighter_place[i]];
        lks_chance_fetch(&scan->acquaint[scan->lighter_author[i + AHEAD < count ? i + AHEAD : i]]);
        const uint16_t *weights = scan->weight + (size_t)sighting->stratum * tests;
        uint32_t weight = weights[2 * sighting->window + 1];
        if (sighting->rare_window != LKS_CHANCE_NEVER) {
            uint32_t rare = weights[2 * sighting->rare_window];
            weight = rare > weight ? rare : weight;
        }
        struct lks_chance_acquaintance *acquaint = &scan->acquaint[scan->lighter_author[i]];
        acquaint->posts++;
        weight += acquaint->weight;
        acquaint->weight = weight < UINT16_MAX ? weight : UINT16_MAX;
    }
}

/* Chains the posts of those that met often enough, at posts that are heavy enough. */
static int choose_candidates(struct lks_chance_scan *scan, struct lks_error *err)
{
    enum { CHOSEN = 1 << 30 }; /* and above: its place among the candidates */
    uint32_t least = scan->chance->options.min_occasions, needed = scan->weight_needed;
    scan->candidates_count = 0;
    for (uint32_t i = 0, count = scan->lighter_count; i < count; i++) {
        struct lks_chance_acquaintance *acquaint = &scan->acquaint[scan->lighter_author[i]];
        lks_chance_fetch(&scan->acquaint[scan->lighter_author[i + AHEAD < count ? i + AHEAD : i]]);
        if (acquaint->weight < needed || acquaint->posts < least)
            continue;
        if (acquaint->weight < CHOSEN) {
            if (lks_budget_grow(scan->chance->budget, &scan->candidate, &scan->candidates_capacity,
                                scan->candidates_count + 1u, sizeof *scan->candidate, err))
                return LKS_EMEMORY;
            scan->candidate[scan->candidates_count] =
                (struct lks_chance_candidate){scan->lighter_author[i], UINT32_MAX};
            acquaint->weight = CHOSEN + scan->candidates_count++;
        }
        struct lks_chance_candidate *candidate = &scan->candidate[acquaint->weight - CHOSEN];
        scan->lighter_next[i] = candidate->last;
        candidate->last = i;
    }
    return 0;
}

/* How many lighter accounts were met often enough, for the count of tests. */
static void count_tested(struct lks_chance_scan *scan, uint32_t a)
{
    const struct lks_chance *chance = scan->chance;
    for (uint32_t i = 0; i < scan->lighter_count; i++) {
        uint32_t author = scan->lighter_author[i], b = chance->order_account[author];
        if (scan->acquaint[author].posts >= chance->options.min_occasions)
            scan->edges_tested += !scan->pairs || scan->pairs->wanted(scan->pairs->context, a, b);
        scan->acquaint[author].posts = 0; /* once */
    }
}

/* Leaves the tables as a row finds them. */
static void clear_row(struct lks_chance_scan *scan, uint32_t a)
{
    const struct lks_chance *chance = scan->chance;
    unsigned tests = 2 * chance->counts.windows_used;
    for (uint32_t i = 0; i < scan->lighter_count; i++)
        scan->acquaint[scan->lighter_author[i]] = (struct lks_chance_acquaintance){0, 0};
    for (uint32_t i = chance->presence_first[a]; i < chance->presence_first[a + 1]; i++)
        scan->posts_own[chance->presence_stratum[i]] = 0;
    for (uint32_t i = 0; i < scan->strata_count; i++)
        memset(scan->near + (size_t)scan->stratum[i] * tests, 0, tests * sizeof *scan->near);
}

/* Asks for what a pair a few steps on reads first. */
static inline void candidate_ahead(const struct lks_chance_scan *scan, uint32_t i)
{
    const struct lks_chance *chance = scan->chance;
    if (i + 8 < scan->candidates_count)
        lks_chance_fetch(
            &chance->presence_first[chance->order_account[scan->candidate[i + 8].author]]);
    if (i + 4 >= scan->candidates_count)
        return;
    uint32_t first = chance->presence_first[chance->order_account[scan->candidate[i + 4].author]];
    lks_chance_fetch(&chance->presence_stratum[first]);
    lks_chance_fetch(&chance->presence_posts[first]);
}

int lks_chance_scan_row(struct lks_chance_scan *scan, uint32_t order, struct lks_error *err)
{
    const struct lks_chance *chance = scan->chance;
    uint32_t a = chance->order_account[order];
    uint32_t posts_a = chance->account_first[a + 1] - chance->account_first[a];
    scan->row = order + 1;
    scan->habit_ready = 0;
    lks_chance_links_row(&scan->links);
    scan->strata_count = 0;
    if (posts_a <= LIGHT_POSTS && chance->options.min_occasions > 1 && !scan->counts_tested &&
        !meets_twice(scan, a))
        return 0;
    neighbourhood(scan, a);
    lay_weights(scan, a);
    weigh_met(scan);
    int rc = choose_candidates(scan, err);
    if (rc == 0 && scan->counts_tested)
        count_tested(scan, a);
    if (rc == 0 && scan->candidates_count)
        lay_shares(scan);
    for (uint32_t i = 0; i < scan->candidates_count && rc == 0; i++) {
        uint32_t b = chance->order_account[scan->candidate[i].author];
        candidate_ahead(scan, i);
        if (!scan->pairs || scan->pairs->wanted(scan->pairs->context, a, b))
            rc = lks_chance_pair(scan, a, &scan->candidate[i], err);
    }
    clear_row(scan, a);
    return rc;
}

uint32_t lks_chance_rows_count(const struct lks_chance *chance)
{
    uint32_t low = 0, high = chance->events->accounts_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2, a = chance->order_account[middle];
        if (chance->account_first[a + 1] - chance->account_first[a] >=
            chance->options.min_occasions)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void lks_chance_scan_start(struct lks_chance_scan *scan, const struct lks_chance_authors *authors,
                           double p_max, int counts_tested)
{
    const struct lks_chance *chance = scan->chance;
    lks_chance_pair_level(scan, p_max);
    scan->authors = authors;
    scan->counts_tested = counts_tested;
    scan->rows_count = lks_chance_rows_count(chance);
    scan->pairs = NULL;
    scan->edges_count = 0;
    scan->edges_tested = 0;
    for (uint32_t i = 0; i < chance->events->posts_count; i++) {
        scan->sighting[i].row = 0;
        scan->sighting[i].author = authors->place_author[i];
    }
    memset(scan->acquaint, 0, (size_t)chance->events->accounts_count * sizeof *scan->acquaint);
    memset(scan->glimpse, 0, (size_t)chance->events->accounts_count * sizeof *scan->glimpse);
    memset(scan->stratum_row, 0, (size_t)chance->strata_count * 4);
}

static int compare_edges(const void *left, const void *right)
{
    const struct lks_chance_edge *x = left, *y = right;
    if (x->a != y->a)
        return x->a < y->a ? -1 : 1;
    return x->b < y->b ? -1 : x->b > y->b;
}

void lks_chance_edges_sort(struct lks_chance_edge *edges, size_t count)
{
    if (count)
        qsort(edges, count, sizeof *edges, compare_edges);
}

int lks_chance_scan_run(struct lks_chance_scan *scan, const uint32_t *post_account, double p_max,
                        const struct lks_chance_edge **edges_out, size_t *count_out,
                        uint64_t *edges_tested, struct lks_error *err)
{
    int rc = scan->own ? 0 : lks_chance_authors_new(scan->chance, &scan->own, err);
    if (rc)
        return rc;
    lks_chance_authors_set(scan->own, post_account);
    lks_chance_scan_start(scan, scan->own, p_max, edges_tested != NULL);
    uint32_t rows = lks_chance_rows_count(scan->chance);
    for (uint32_t order = 0; order < rows && rc == 0; order++)
        rc = lks_chance_scan_row(scan, order, err);
    if (rc)
        return rc;
    lks_chance_edges_sort(scan->edges, scan->edges_count);
    *edges_out = scan->edges;
    *count_out = scan->edges_count;
    if (edges_tested)
        *edges_tested = scan->edges_tested;
    return 0;
}
