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
 * min_occasions met posts, and a matching for the few that pass (chance_pair.c). Posts are
 * named by place, in order of time, and accounts by the order of their number of posts: what
 * a row touches then lies together, and which account is dealt is one comparison. */
#include "signal/chance_scan.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

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
    scan->place_author = calloc(posts, 4);
    scan->place_rank = calloc(posts, 4);
    scan->account_place = calloc(posts, 4);
    scan->fill = calloc(accounts, 4);
    scan->sighting = calloc(posts, sizeof *scan->sighting);
    scan->met_place = calloc(posts, 4);
    scan->acquaint = calloc(accounts, sizeof *scan->acquaint);
    scan->slot_author = calloc(accounts, 4);
    scan->slot_met = calloc(accounts, 4);
    scan->met = calloc(accounts * tests, 4);
    scan->stratum_row = calloc(strata, 4);
    scan->stratum = calloc(strata, 4);
    scan->near = calloc(strata * tests, 4);
    scan->share = calloc(strata * 2 * tests, sizeof *scan->share);
    scan->own = calloc(strata, 4);
    scan->habit = lks_chance_habit_new(chance);
    if (scan->place_author && scan->place_rank && scan->account_place && scan->fill &&
        scan->sighting && scan->met_place && scan->acquaint && scan->slot_author &&
        scan->slot_met && scan->met && scan->stratum_row && scan->stratum && scan->near &&
        scan->share && scan->own && scan->habit)
        return 0;
    lks_chance_scan_free(scan);
    *scan_out = NULL;
    return lks_error_set(err, LKS_EMEMORY, "out of memory for the scratch of a scan");
}

void lks_chance_scan_free(struct lks_chance_scan *scan)
{
    if (!scan)
        return;
    free(scan->place_author);
    free(scan->place_rank);
    free(scan->account_place);
    free(scan->fill);
    free(scan->sighting);
    free(scan->met_place);
    free(scan->acquaint);
    free(scan->slot_author);
    free(scan->slot_met);
    free(scan->met);
    free(scan->stratum_row);
    free(scan->stratum);
    free(scan->near);
    free(scan->share);
    free(scan->own);
    lks_chance_habit_free(scan->habit);
    lks_matching_free(&scan->matching);
    free(scan->row_first);
    free(scan->row_end);
    free(scan->target[0]);
    free(scan->target[1]);
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

/* Lists the posts by author, in the order of time. */
static void group_posts(struct lks_chance_scan *scan, const uint32_t *post_account)
{
    const struct lks_chance *chance = scan->chance;
    const uint32_t *first = chance->account_first;
    memset(scan->fill, 0, (size_t)chance->events->accounts_count * 4);
    for (uint32_t i = 0; i < chance->events->posts_count; i++) {
        uint32_t a = post_account[chance->stratum_post[i]];
        scan->place_author[i] = chance->account_order[a];
        scan->place_rank[i] = scan->fill[a]++;
        LKS_ASSERT(scan->place_rank[i] < first[a + 1] - first[a]);
        scan->account_place[first[a] + scan->place_rank[i]] = i;
    }
}

/* Fills the neighbourhood of a, its own posts among it; returns how many posts it has. */
static uint32_t neighbourhood(struct lks_chance_scan *scan, uint32_t a)
{
    const struct lks_chance *chance = scan->chance;
    unsigned windows = chance->counts.windows_used;
    uint32_t count = 0, row = scan->row;
    uint32_t end = chance->account_first[a + 1];
    for (uint32_t i = chance->account_first[a]; i < end; i++) {
        uint32_t later[2] = {i + 4 < end ? i + 4 : i, i + 2 < end ? i + 2 : i};
        for (int k = 0; k < 2; k++)
            later[k] = chance->stratum_post[scan->account_place[later[k]]];
        lks_chance_fetch(chance->partner_end + (size_t)later[0] * 2 * windows);
        lks_chance_fetch(chance->block[later[1] / LKS_CHANCE_BLOCK_POSTS] +
                         lks_chance_partners_first(chance, later[1]));
        struct lks_chance_partners partners =
            lks_chance_partners(chance, chance->stratum_post[scan->account_place[i]]);
        uint32_t j = 0;
        for (uint8_t w = 0; w < windows; w++) {
            for (; j < partners.end[2 * w]; j++) {
                struct lks_chance_sighting *sighting = &scan->sighting[partners.place[j]];
                if (sighting->row != row) {
                    *sighting = (struct lks_chance_sighting){row, w, w};
                    scan->met_place[count++] = partners.place[j];
                    continue;
                }
                sighting->window = w < sighting->window ? w : sighting->window;
                sighting->rare_window = w < sighting->rare_window ? w : sighting->rare_window;
            }
            for (; j < partners.end[2 * w + 1]; j++) {
                struct lks_chance_sighting *sighting = &scan->sighting[partners.place[j]];
                if (sighting->row != row) {
                    *sighting = (struct lks_chance_sighting){row, w, LKS_CHANCE_NEVER};
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

/* Makes an account met before one with counts of its own. */
static uint32_t open_slot(struct lks_chance_scan *scan, uint32_t author, unsigned tests)
{
    struct lks_chance_acquaintance *acquaint = &scan->acquaint[author];
    uint32_t slot = scan->slots_count++;
    uint32_t *met = scan->met + (size_t)slot * tests;
    memset(met, 0, tests * sizeof *met);
    add_met(met, acquaint->window, acquaint->rare_window);
    scan->slot_author[slot] = author;
    scan->slot_met[slot] = 1;
    acquaint->slot = slot;
    return slot;
}

/* Counts the neighbourhood by stratum, and that of lighter accounts by account. */
static void count_met(struct lks_chance_scan *scan, uint32_t posts)
{
    const struct lks_chance *chance = scan->chance;
    unsigned tests = 2 * chance->counts.windows_used;
    uint32_t row = scan->row;
    scan->slots_count = scan->strata_count = 0;
    for (uint32_t i = 0; i < posts; i++) {
        uint32_t place = scan->met_place[i], author = scan->place_author[place];
        uint32_t h = chance->place_stratum[place];
        struct lks_chance_sighting sighting = scan->sighting[place];
        uint32_t later = scan->met_place[i + 8 < posts ? i + 8 : i];
        lks_chance_fetch(&scan->acquaint[scan->place_author[later]]);
        if (author + 1 == row)
            continue;
        if (scan->stratum_row[h] != row) {
            scan->stratum_row[h] = row;
            scan->stratum[scan->strata_count++] = h;
        }
        add_met(scan->near + (size_t)h * tests, sighting.window, sighting.rare_window);
        if (author + 1 < row)
            continue;
        struct lks_chance_acquaintance *acquaint = &scan->acquaint[author];
        if (acquaint->row != row) {
            *acquaint = (struct lks_chance_acquaintance){row, UINT32_MAX, sighting.window,
                                                         sighting.rare_window};
            if (chance->options.min_occasions < 2)
                open_slot(scan, author, tests);
            continue;
        }
        uint32_t slot = acquaint->slot;
        if (slot == UINT32_MAX)
            slot = open_slot(scan, author, tests);
        add_met(scan->met + (size_t)slot * tests, sighting.window, sighting.rare_window);
        scan->slot_met[slot]++;
    }
}

/* The chance of a post in each stratum and test to be near a, were its author drawn among
 * the posts that are not a's. */
static void lay_shares(struct lks_chance_scan *scan, uint32_t a)
{
    const struct lks_chance *chance = scan->chance;
    unsigned tests = 2 * chance->counts.windows_used;
    for (uint32_t i = chance->presence_first[a]; i < chance->presence_first[a + 1]; i++)
        scan->own[chance->presence_stratum[i]] = chance->presence_posts[i];
    for (uint32_t i = 0; i < scan->strata_count; i++) {
        uint32_t h = scan->stratum[i], near[2] = {0, 0};
        uint32_t others = chance->stratum_first[h + 1] - chance->stratum_first[h] - scan->own[h];
        for (unsigned t = 0; t < tests; t++) {
            near[t % 2] += scan->near[(size_t)h * tests + t];
            double *share = scan->share + (size_t)h * 2 * tests;
            share[t] = (double)near[t % 2] / others;
            share[tests + t] = near[t % 2] > 0;
        }
    }
    for (uint32_t i = chance->presence_first[a]; i < chance->presence_first[a + 1]; i++)
        scan->own[chance->presence_stratum[i]] = 0;
}

static int scan_row(struct lks_chance_scan *scan, uint32_t a, struct lks_error *err)
{
    const struct lks_chance *chance = scan->chance;
    unsigned tests = 2 * chance->counts.windows_used;
    int rc = 0;
    scan->row = chance->account_order[a] + 1;
    scan->habit_ready = 0;
    count_met(scan, neighbourhood(scan, a));
    if (scan->slots_count)
        lay_shares(scan, a);
    for (uint32_t slot = 0; slot < scan->slots_count && rc == 0; slot++) {
        if (scan->slot_met[slot] < chance->options.min_occasions)
            continue;
        scan->edges_tested++;
        uint32_t later = slot + 8 < scan->slots_count ? slot + 8 : slot;
        lks_chance_fetch(&chance->presence_first[chance->order_account[scan->slot_author[later]]]);
        later = slot + 4 < scan->slots_count ? slot + 4 : slot;
        later = chance->presence_first[chance->order_account[scan->slot_author[later]]];
        lks_chance_fetch(&chance->presence_stratum[later]);
        lks_chance_fetch(&chance->presence_posts[later]);
        rc = lks_chance_pair(scan, a, chance->order_account[scan->slot_author[slot]], slot, err);
    }
    for (uint32_t i = 0; i < scan->strata_count; i++) {
        size_t first = (size_t)scan->stratum[i] * tests;
        memset(scan->near + first, 0, tests * sizeof *scan->near);
        memset(scan->share + 2 * first, 0, 2 * tests * sizeof *scan->share);
    }
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
    lks_chance_pair_level(scan, p_max);
    scan->edges_count = 0;
    scan->edges_tested = 0;
    memset(scan->sighting, 0, (size_t)chance->events->posts_count * sizeof *scan->sighting);
    memset(scan->acquaint, 0, (size_t)chance->events->accounts_count * sizeof *scan->acquaint);
    memset(scan->stratum_row, 0, (size_t)chance->strata_count * 4);
    group_posts(scan, post_account);
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
