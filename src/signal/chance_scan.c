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
 * Most accounts are light, and their rows meet nobody lighter twice. Such a row is found out
 * before its neighbourhood is collected: two occasions need two posts of a and two of b, and
 * the first partners of lighter authors seldom hold both.
 *
 * Cost of a run: one visit of every partner, a few reads for each pair with min_occasions
 * met posts, and a matching for those that pass (chance_pair.c). Posts are named by place, in
 * order of time, and accounts by the order of their number of posts: what a row touches then
 * lies together, and which account is dealt is one comparison.
 *
 * Memory of a worker: 20 bytes a post, 24 an account, 8 + 12 tests a stratum, 12 an object,
 * and 8 + 4 tests for each account met twice in the widest row; 4 bytes a post and 12 a partner
 * of the row where lists are turned around (chance_links.c). */
#include "signal/chance_scan.h"

#include <stdlib.h>
#include <string.h>

/* Rows of so few posts are first asked whether they meet anybody twice. */
enum { LIGHT_POSTS = 8 };

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
    int rc = lks_budget_array(budget, &scan->sighting, posts, sizeof *scan->sighting, err);
    lks_chance_array(budget, &scan->met_place, posts, 4, &rc, err);
    lks_chance_array(budget, &scan->acquaint, accounts, sizeof *scan->acquaint, &rc, err);
    lks_chance_array(budget, &scan->glimpse, accounts, sizeof *scan->glimpse, &rc, err);
    lks_chance_array(budget, &scan->stratum_row, strata, 4, &rc, err);
    lks_chance_array(budget, &scan->stratum, strata, 4, &rc, err);
    lks_chance_array(budget, &scan->near, strata * tests, 4, &rc, err);
    lks_chance_array(budget, &scan->share, strata * tests, sizeof *scan->share, &rc, err);
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
    lks_budget_free(budget, scan->met_place, posts, 4);
    lks_budget_free(budget, scan->acquaint, accounts, sizeof *scan->acquaint);
    lks_budget_free(budget, scan->glimpse, accounts, sizeof *scan->glimpse);
    lks_budget_free(budget, scan->slot_author, scan->slots_capacity, 4);
    lks_budget_free(budget, scan->slot_met, scan->slots_capacity, 4);
    lks_budget_free(budget, scan->met, scan->slots_capacity, tests * sizeof *scan->met);
    lks_budget_free(budget, scan->stratum_row, strata, 4);
    lks_budget_free(budget, scan->stratum, strata, 4);
    lks_budget_free(budget, scan->near, strata * tests, 4);
    lks_budget_free(budget, scan->share, strata * tests, sizeof *scan->share);
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

/* Asks for what the row reads soon: where the lists of later posts of a lie. */
static inline struct lks_chance_partners partners_ahead(const struct lks_chance *chance,
                                                        const uint32_t *account_place, uint32_t i,
                                                        uint32_t end)
{
    unsigned tests = 2 * chance->counts.windows_used;
    uint32_t later[2] = {i + 4 < end ? i + 4 : i, i + 2 < end ? i + 2 : i};
    for (int k = 0; k < 2; k++)
        later[k] = chance->stratum_post[account_place[later[k]]];
    lks_chance_fetch(chance->partner_end + (size_t)later[0] * tests);
    lks_chance_fetch(chance->block[later[1] / LKS_CHANCE_BLOCK_POSTS] +
                     lks_chance_partners_first(chance, later[1]));
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
    for (uint32_t i = first; i < end; i++) {
        struct lks_chance_partners partners = partners_ahead(chance, account_place, i, end);
        for (uint32_t j = 0; j < partners.end[tests - 1]; j++) {
            uint32_t place = partners.place[j], author = place_author[place];
            if (author < row)
                continue; /* a itself or heavier */
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

/* Fills the neighbourhood of a without its own posts; returns how many posts it has. */
static uint32_t neighbourhood(struct lks_chance_scan *scan, uint32_t a)
{
    const struct lks_chance *chance = scan->chance;
    const uint32_t *account_place = scan->authors->account_place;
    unsigned windows = chance->counts.windows_used;
    uint32_t count = 0, row = scan->row;
    uint32_t end = chance->account_first[a + 1];
    for (uint32_t i = chance->account_first[a]; i < end; i++) {
        struct lks_chance_sighting *own = &scan->sighting[account_place[i]];
        own->row = row;
        own->window = own->rare_window = 0;
    }
    for (uint32_t i = chance->account_first[a]; i < end; i++) {
        struct lks_chance_partners partners = partners_ahead(chance, account_place, i, end);
        uint32_t j = 0;
        for (uint8_t w = 0; w < windows; w++) {
            for (; j < partners.end[2 * w]; j++) {
                struct lks_chance_sighting *sighting = &scan->sighting[partners.place[j]];
                if (sighting->row != row) {
                    sighting->row = row;
                    sighting->window = sighting->rare_window = w;
                    scan->met_place[count++] = partners.place[j];
                    continue;
                }
                sighting->window = w < sighting->window ? w : sighting->window;
                sighting->rare_window = w < sighting->rare_window ? w : sighting->rare_window;
            }
            for (; j < partners.end[2 * w + 1]; j++) {
                struct lks_chance_sighting *sighting = &scan->sighting[partners.place[j]];
                if (sighting->row != row) {
                    sighting->row = row;
                    sighting->window = w;
                    sighting->rare_window = LKS_CHANCE_NEVER;
                    scan->met_place[count++] = partners.place[j];
                    continue;
                }
                sighting->window = w < sighting->window ? w : sighting->window;
            }
        }
    }
    return count;
}

/* Adds a met post to counts by segment. */
static inline void add_met(uint32_t *counts, uint8_t window, uint8_t rare_window)
{
    counts[2 * window + 1]++;
    if (rare_window != LKS_CHANCE_NEVER)
        counts[2 * rare_window]++;
}

/* Room for the counts of one more account. */
static int make_slots(struct lks_chance_scan *scan, unsigned tests, struct lks_error *err)
{
    struct lks_budget *budget = scan->chance->budget;
    size_t needed = (size_t)scan->slots_count + 1;
    size_t author = scan->slots_capacity, met = scan->slots_capacity, all = scan->slots_capacity;
    int rc = lks_budget_grow(budget, &scan->slot_author, &author, needed, 4, err);
    if (rc == 0)
        rc = lks_budget_grow(budget, &scan->slot_met, &met, author, 4, err);
    if (rc == 0)
        rc = lks_budget_grow(budget, &scan->met, &all, author, tests * sizeof *scan->met, err);
    if (rc == 0)
        scan->slots_capacity = author;
    return rc;
}

/* Makes an account met before one with counts of its own. */
static int open_slot(struct lks_chance_scan *scan, uint32_t author, unsigned tests,
                     struct lks_error *err)
{
    if (scan->slots_count == scan->slots_capacity && make_slots(scan, tests, err))
        return LKS_EMEMORY;
    struct lks_chance_acquaintance *acquaint = &scan->acquaint[author];
    uint32_t slot = scan->slots_count++;
    uint32_t *met = scan->met + (size_t)slot * tests;
    memset(met, 0, tests * sizeof *met);
    add_met(met, acquaint->window, acquaint->rare_window);
    scan->slot_author[slot] = author;
    scan->slot_met[slot] = 1;
    acquaint->slot = slot;
    return 0;
}

/* Counts the neighbourhood of lighter accounts by account. */
static int count_met(struct lks_chance_scan *scan, uint32_t posts, struct lks_error *err)
{
    unsigned tests = 2 * scan->chance->counts.windows_used;
    uint32_t row = scan->row;
    scan->slots_count = 0;
    for (uint32_t i = 0; i < posts; i++) {
        const struct lks_chance_sighting *sighting = &scan->sighting[scan->met_place[i]];
        uint32_t author = sighting->author, later = scan->met_place[i + 12 < posts ? i + 12 : i];
        lks_chance_fetch(&scan->acquaint[scan->sighting[later].author]);
        if (author < row)
            continue;
        struct lks_chance_acquaintance *acquaint = &scan->acquaint[author];
        if (acquaint->row != row) {
            *acquaint = (struct lks_chance_acquaintance){row, UINT32_MAX, sighting->window,
                                                         sighting->rare_window};
            if (scan->chance->options.min_occasions < 2 && open_slot(scan, author, tests, err))
                return LKS_EMEMORY;
            continue;
        }
        if (acquaint->slot == UINT32_MAX && open_slot(scan, author, tests, err))
            return LKS_EMEMORY;
        add_met(scan->met + (size_t)acquaint->slot * tests, sighting->window,
                sighting->rare_window);
        scan->slot_met[acquaint->slot]++;
    }
    return 0;
}

/* The chance of a post in each stratum and test to be near a, were its author drawn among
 * the posts that are not a's. */
static void lay_shares(struct lks_chance_scan *scan, uint32_t a, uint32_t posts)
{
    const struct lks_chance *chance = scan->chance;
    unsigned tests = 2 * chance->counts.windows_used;
    size_t strata = chance->strata_count;
    for (uint32_t i = 0; i < posts; i++) {
        const struct lks_chance_sighting *sighting = &scan->sighting[scan->met_place[i]];
        uint32_t h = sighting->stratum;
        if (scan->stratum_row[h] != scan->row) {
            scan->stratum_row[h] = scan->row;
            scan->stratum[scan->strata_count++] = h;
        }
        add_met(scan->near + (size_t)h * tests, sighting->window, sighting->rare_window);
    }
    for (uint32_t i = chance->presence_first[a]; i < chance->presence_first[a + 1]; i++)
        scan->posts_own[chance->presence_stratum[i]] = chance->presence_posts[i];
    for (uint32_t i = 0; i < scan->strata_count; i++) {
        uint32_t h = scan->stratum[i], near[2] = {0, 0};
        uint32_t others =
            chance->stratum_first[h + 1] - chance->stratum_first[h] - scan->posts_own[h];
        for (unsigned t = 0; t < tests; t++) {
            near[t % 2] += scan->near[(size_t)h * tests + t];
            scan->share[t * strata + h] = (double)near[t % 2] / others;
        }
    }
    for (uint32_t i = chance->presence_first[a]; i < chance->presence_first[a + 1]; i++)
        scan->posts_own[chance->presence_stratum[i]] = 0;
}

int lks_chance_scan_row(struct lks_chance_scan *scan, uint32_t order, struct lks_error *err)
{
    const struct lks_chance *chance = scan->chance;
    unsigned tests = 2 * chance->counts.windows_used;
    uint32_t a = chance->order_account[order];
    uint32_t posts_a = chance->account_first[a + 1] - chance->account_first[a];
    scan->row = order + 1;
    scan->habit_ready = 0;
    lks_chance_links_row(&scan->links);
    scan->strata_count = 0;
    if (posts_a <= LIGHT_POSTS && chance->options.min_occasions > 1 && !scan->counts_tested &&
        !meets_twice(scan, a))
        return 0;
    uint32_t posts = neighbourhood(scan, a);
    int rc = count_met(scan, posts, err);
    if (rc == 0 && scan->slots_count)
        lay_shares(scan, a, posts);
    for (uint32_t slot = 0; slot < scan->slots_count && rc == 0; slot++) {
        if (scan->slot_met[slot] < chance->options.min_occasions)
            continue;
        uint32_t b = chance->order_account[scan->slot_author[slot]];
        if (scan->pairs && !scan->pairs->wanted(scan->pairs->context, a, b))
            continue;
        scan->edges_tested++;
        uint32_t later = slot + 8 < scan->slots_count ? slot + 8 : slot;
        lks_chance_fetch(&chance->presence_first[chance->order_account[scan->slot_author[later]]]);
        later = slot + 4 < scan->slots_count ? slot + 4 : slot;
        later = chance->presence_first[chance->order_account[scan->slot_author[later]]];
        lks_chance_fetch(&chance->presence_stratum[later]);
        lks_chance_fetch(&chance->presence_posts[later]);
        rc = lks_chance_pair(scan, a, b, slot, err);
    }
    for (uint32_t i = 0; i < scan->strata_count; i++) {
        size_t h = scan->stratum[i];
        memset(scan->near + h * tests, 0, tests * sizeof *scan->near);
        for (unsigned t = 0; t < tests; t++)
            scan->share[t * chance->strata_count + h] = 0;
    }
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
