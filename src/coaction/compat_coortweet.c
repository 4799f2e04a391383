/* compat_coortweet.c - the co-action network as CooRTweet defines it
 *
 * That program joins all rows of an object with one another; here the shares are sorted by
 * (object, time, row), so that partners lie in a window, and pairs are looked at twice
 * and never stored: once to see which contents are paired at all, and once, account by
 * account, to add up what is left. Memory is that of the shares and of one account's pairs.
 *
 *   sorted shares   | o1: t t t t t | o2: t t | ...      window of one: first .. end - 1
 *   rows by account | a: 0 5 9 | b: 1 2 | ...            indexes of sorted shares
 */
#include "coaction/compat_coortweet.h"

#include <stdlib.h>
#include <string.h>

#include "base/threads.h"

struct share {
    uint32_t object, account, content, participant;
    uint32_t item, row;
    int64_t time_us;
    uint8_t loop;
};

/* A surviving pair of the account at hand. */
struct pair {
    uint32_t partner, x, y; /* contents: x of the earlier share, y of the later one */
    int64_t lag_us;
};

struct scan {
    const struct lks_coortweet_shares *shares;
    const struct lks_coortweet_options *options;
    const struct lks_control *control;
    struct lks_budget budget;
    struct share *sorted;
    size_t sorted_count, sorted_capacity;
    uint32_t *rows; /* [sorted_count] by account */
    size_t rows_capacity;
    uint32_t *start;      /* [accounts_count + 1] */
    uint32_t *rows_count; /* [participants_count] */
    uint32_t *at;         /* [accounts_count] */
    uint8_t *marks;       /* [items_count] PAIRED, KEPT */
    struct pair *pairs;
    size_t pairs_count, pairs_capacity;
    uint32_t *contents;
    size_t contents_capacity;
};

enum { PAIRED = 1, KEPT = 2 };

static int compare_shares(const void *left, const void *right)
{
    const struct share *x = left, *y = right;
    if (x->object != y->object)
        return x->object < y->object ? -1 : 1;
    if (x->time_us != y->time_us)
        return x->time_us < y->time_us ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

static int compare_pairs(const void *left, const void *right)
{
    const struct pair *x = left, *y = right;
    return (x->partner > y->partner) - (x->partner < y->partner);
}

static int compare_words(const void *left, const void *right)
{
    const uint32_t *x = left, *y = right;
    return (*x > *y) - (*x < *y);
}

/* Step (1), and the order. */
static int shares_sort(struct scan *scan, struct lks_error *err)
{
    const struct lks_coortweet_shares *in = scan->shares;
    if (lks_budget_grow(&scan->budget, &scan->sorted, &scan->sorted_capacity, in->count,
                        sizeof *scan->sorted, err) < 0)
        return LKS_EMEMORY;
    for (size_t i = 0; i < in->count; i++)
        scan->rows_count[in->participant[i]]++;
    for (size_t i = 0; i < in->count; i++) {
        if (scan->rows_count[in->participant[i]] < scan->options->min_participation)
            continue;
        scan->sorted[scan->sorted_count++] =
            (struct share){in->object[i], in->account[i], in->content[i], in->participant[i],
                           in->item[i],   (uint32_t)i,    in->time_us[i], in->loop[i]};
    }
    if (scan->sorted_count > 1)
        qsort(scan->sorted, scan->sorted_count, sizeof *scan->sorted, compare_shares);
    return 0;
}

/* Step (3): whether two shares on one object make a pair. */
static int shares_pair(const struct share *x, const struct share *y)
{
    return x->account != y->account && x->content != y->content && !x->loop && !y->loop;
}

static int within(const struct scan *scan, size_t i, size_t j)
{
    return scan->sorted[i].object == scan->sorted[j].object &&
           scan->sorted[j].time_us - scan->sorted[i].time_us <= scan->options->window_us;
}

/* Step (3) for contents: marks those that are in some pair. As much work as there are pairs. */
static int mark_paired(struct scan *scan, struct lks_error *err)
{
    for (size_t i = 0; i < scan->sorted_count; i++) {
        const struct share *x = &scan->sorted[i];
        int all_marked = scan->marks[x->item] & PAIRED;
        for (size_t j = i + 1; j < scan->sorted_count && within(scan, i, j); j++) {
            const struct share *y = &scan->sorted[j];
            if (all_marked && scan->marks[y->item] & PAIRED)
                continue;
            if (!shares_pair(x, y))
                continue;
            scan->marks[x->item] |= PAIRED;
            scan->marks[y->item] |= PAIRED;
            all_marked = 1;
        }
        if ((i & 255) == 0 && lks_cancelled(scan->control))
            return lks_error_set(err, LKS_ECANCELLED, "cancelled");
    }
    return 0;
}

/* Step (4), first half. */
static void mark_kept(struct scan *scan)
{
    memset(scan->rows_count, 0, scan->shares->participants_count * sizeof *scan->rows_count);
    for (size_t i = 0; i < scan->sorted_count; i++)
        if (scan->marks[scan->sorted[i].item] & PAIRED)
            scan->rows_count[scan->sorted[i].participant]++;
    for (size_t i = 0; i < scan->sorted_count; i++) {
        const struct share *x = &scan->sorted[i];
        if (scan->marks[x->item] & PAIRED &&
            scan->rows_count[x->participant] >= scan->options->min_participation)
            scan->marks[x->item] |= KEPT;
    }
}

static int group_by_account(struct scan *scan, struct lks_error *err)
{
    size_t accounts = scan->shares->accounts_count;
    if (lks_budget_grow(&scan->budget, &scan->rows, &scan->rows_capacity, scan->sorted_count, 4,
                        err) < 0)
        return LKS_EMEMORY;
    for (size_t i = 0; i < scan->sorted_count; i++)
        scan->start[scan->sorted[i].account + 1]++;
    for (size_t a = 0; a < accounts; a++)
        scan->start[a + 1] += scan->start[a];
    memcpy(scan->at, scan->start, accounts * sizeof *scan->at);
    for (size_t i = 0; i < scan->sorted_count; i++)
        scan->rows[scan->at[scan->sorted[i].account]++] = (uint32_t)i;
    return 0;
}

/* Adds the pair of sorted shares earlier < later, one of them of account a, if it stays. */
static int pair_add(struct scan *scan, uint32_t a, size_t earlier, size_t later,
                    struct lks_error *err)
{
    const struct share *x = &scan->sorted[earlier], *y = &scan->sorted[later];
    uint32_t partner = x->account == a ? y->account : x->account;
    if (partner <= a || !shares_pair(x, y) ||
        !((scan->marks[x->item] | scan->marks[y->item]) & KEPT))
        return 0;
    if (scan->pairs_count == scan->pairs_capacity &&
        lks_budget_grow(&scan->budget, &scan->pairs, &scan->pairs_capacity, scan->pairs_count + 1,
                        sizeof *scan->pairs, err) < 0)
        return LKS_EMEMORY;
    scan->pairs[scan->pairs_count++] =
        (struct pair){partner, x->content, y->content, y->time_us - x->time_us};
    return 0;
}

static int pairs_of_account(struct scan *scan, uint32_t a, struct lks_error *err)
{
    scan->pairs_count = 0;
    for (uint32_t r = scan->start[a]; r < scan->start[a + 1]; r++) {
        size_t i = scan->rows[r];
        if ((r & 255) == 0 && lks_cancelled(scan->control))
            return lks_error_set(err, LKS_ECANCELLED, "cancelled");
        for (size_t j = i; j > 0 && within(scan, j - 1, i); j--)
            if (pair_add(scan, a, j - 1, i, err) < 0)
                return LKS_EMEMORY;
        for (size_t j = i + 1; j < scan->sorted_count && within(scan, i, j); j++)
            if (pair_add(scan, a, i, j, err) < 0)
                return LKS_EMEMORY;
    }
    if (scan->pairs_count > 1)
        qsort(scan->pairs, scan->pairs_count, sizeof *scan->pairs, compare_pairs);
    return 0;
}

/* Distinct contents on one side of count pairs. */
static uint32_t contents_distinct(struct scan *scan, const struct pair *pairs, size_t count,
                                  int later)
{
    uint32_t distinct = 0;
    for (size_t i = 0; i < count; i++)
        scan->contents[i] = later ? pairs[i].y : pairs[i].x;
    qsort(scan->contents, count, sizeof *scan->contents, compare_words);
    for (size_t i = 0; i < count; i++)
        distinct += i == 0 || scan->contents[i] != scan->contents[i - 1];
    return distinct;
}

static int edges_of_account(struct scan *scan, uint32_t a, struct lks_coortweet_network *network,
                            struct lks_error *err)
{
    for (size_t begin = 0, end; begin < scan->pairs_count; begin = end) {
        __extension__ __int128 lag_us = 0;
        uint32_t partner = scan->pairs[begin].partner;
        for (end = begin; end < scan->pairs_count && scan->pairs[end].partner == partner; end++)
            lag_us += scan->pairs[end].lag_us;
        size_t count = end - begin;
        if (lks_budget_grow(&scan->budget, &network->edges, &network->edges_capacity,
                            network->edges_count + 1, sizeof *network->edges, err) < 0 ||
            lks_budget_grow(&scan->budget, &scan->contents, &scan->contents_capacity, count,
                            sizeof *scan->contents, err) < 0)
            return LKS_EMEMORY;
        struct lks_coortweet_edge *edge = &network->edges[network->edges_count++];
        *edge = (struct lks_coortweet_edge){.a = a,
                                            .b = partner,
                                            .weight = count,
                                            .lag_mean_s = (double)lag_us / (double)count / 1e6};
        edge->contents_x = contents_distinct(scan, scan->pairs + begin, count, 0);
        edge->contents_y = contents_distinct(scan, scan->pairs + begin, count, 1);
        network->pairs_count += count;
        if (network->weight_max < count)
            network->weight_max = count;
    }
    return 0;
}

static int compare_weights(const void *left, const void *right)
{
    const uint64_t *x = left, *y = right;
    return (*x > *y) - (*x < *y);
}

/* Type 7 of Hyndman and Fan (1996), the default of R's quantile(). */
static double quantile(const uint64_t *sorted, size_t count, double share)
{
    double at = (double)(count - 1) * share;
    size_t low = (size_t)at, high = low + 1 < count ? low + 1 : low;
    return (double)sorted[low] + (at - (double)low) * ((double)sorted[high] - (double)sorted[low]);
}

static int threshold_apply(struct scan *scan, struct lks_coortweet_network *network,
                           struct lks_error *err)
{
    uint64_t *weights = NULL;
    size_t count = network->edges_count;
    uint32_t *node = scan->at;
    memset(node, 0, scan->shares->accounts_count * sizeof *node);
    if (count == 0)
        return 0;
    if (lks_budget_array(&scan->budget, &weights, count, sizeof *weights, err) < 0)
        return LKS_EMEMORY;
    for (size_t i = 0; i < count; i++)
        weights[i] = network->edges[i].weight;
    qsort(weights, count, sizeof *weights, compare_weights);
    network->threshold = quantile(weights, count, scan->options->edge_weight);
    lks_budget_free(&scan->budget, weights, count, sizeof *weights);
    for (size_t i = 0; i < count; i++) {
        struct lks_coortweet_edge *edge = &network->edges[i];
        uint32_t bits = 1;
        edge->over = (double)edge->weight > network->threshold;
        if (edge->over) {
            bits = 3;
            network->over_edges_count++;
            network->over_weight_sum += edge->weight;
        }
        node[edge->a] |= bits;
        node[edge->b] |= bits;
    }
    for (uint32_t a = 0; a < scan->shares->accounts_count; a++) {
        network->nodes_count += node[a] & 1;
        network->over_nodes_count += node[a] >> 1;
    }
    return 0;
}

static int scan_run(struct scan *scan, struct lks_coortweet_network *network, struct lks_error *err)
{
    size_t accounts = scan->shares->accounts_count;
    int code;
    if ((code = lks_budget_array(&scan->budget, &scan->rows_count, scan->shares->participants_count,
                                 4, err)) < 0 ||
        (code = lks_budget_array(&scan->budget, &scan->at, accounts, 4, err)) < 0 ||
        (code = lks_budget_array(&scan->budget, &scan->start, accounts + 1, 4, err)) < 0 ||
        (code = lks_budget_array(&scan->budget, &scan->marks, (size_t)scan->shares->items_count + 1,
                                 1, err)) < 0 ||
        (code = shares_sort(scan, err)) < 0 || (code = mark_paired(scan, err)) < 0)
        return code;
    mark_kept(scan);
    if ((code = group_by_account(scan, err)) < 0)
        return code;
    for (uint32_t a = 0; a < accounts; a++) {
        if ((code = pairs_of_account(scan, a, err)) < 0 ||
            (code = edges_of_account(scan, a, network, err)) < 0)
            return code;
        if (lks_cancelled(scan->control))
            return lks_error_set(err, LKS_ECANCELLED, "cancelled");
    }
    return threshold_apply(scan, network, err);
}

int lks_coortweet_scan(const struct lks_coortweet_shares *shares,
                       const struct lks_coortweet_options *options,
                       const struct lks_control *control, struct lks_coortweet_network *network,
                       struct lks_error *err)
{
    struct scan scan = {.shares = shares, .options = options, .control = control};
    memset(network, 0, sizeof *network);
    if (shares->count >= UINT32_MAX)
        return lks_error_set(err, LKS_EINPUT, "more than %u shares at a time", UINT32_MAX - 1);
    lks_budget_init(&scan.budget, control ? control->memory_bytes : 0, "the CooRTweet network");
    int code = scan_run(&scan, network, err);
    free(scan.sorted);
    free(scan.rows);
    free(scan.start);
    free(scan.rows_count);
    free(scan.at);
    free(scan.marks);
    free(scan.pairs);
    free(scan.contents);
    if (code < 0)
        lks_coortweet_network_free(network);
    return code;
}

void lks_coortweet_network_free(struct lks_coortweet_network *network)
{
    free(network->edges);
    memset(network, 0, sizeof *network);
}
