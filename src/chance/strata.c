/* strata.c - the null model's sense of time: windows, strata, and who was there when
 *
 * What is permuted are the authors inside a stratum: of the posts of one hour and class. So a stratum's posts lie
 * together, in order of time, and a post is known by its place in that order:
 *
 *     place        0 1 2 3 | 4 5 | 6 7 8 ...      rises with time within a stratum
 *     post         7 0 9 2 | 1 8 | 3 ...          stratum_post[place]
 *     stratum            0 |   1 | 2              place_stratum[place]
 *
 * How many posts an account has in a stratum is the same in every copy: its presence. */
#include "chance/data.h"

#include <stdlib.h>
#include <string.h>

/* A window below what the times can tell is not claimed: minute times allow windows from a
 * minute up, days one window of a day within strata of a week. */
static void choose_windows(struct lks_chance *chance)
{
    const struct lks_chance_options *options = &chance->options;
    struct lks_chance_counts *counts = &chance->counts;
    enum lks_time_precision precision = chance->events->time_precision;
    int64_t least = precision == LKS_PRECISION_DAY      ? LKS_DAY_US
                    : precision == LKS_PRECISION_MINUTE ? LKS_MINUTE_US
                                                        : 0;
    counts->windows_used = 0;
    for (unsigned w = 0; w < options->windows_count; w++) {
        if (options->windows_us[w] >= least)
            counts->windows_us[counts->windows_used++] = options->windows_us[w];
    }
    if (counts->windows_used == 0)
        counts->windows_us[counts->windows_used++] = least;
    counts->stratum_us = options->stratum_us;
    if (precision == LKS_PRECISION_DAY && counts->stratum_us < 7 * LKS_DAY_US)
        counts->stratum_us = 7 * LKS_DAY_US;
}

struct post_key {
    int64_t span, time_us;
    uint32_t post, class;
};

static int compare_keys(const void *left, const void *right)
{
    const struct post_key *x = left, *y = right;
    if (x->span != y->span)
        return x->span < y->span ? -1 : 1;
    if (x->class != y->class)
        return x->class < y->class ? -1 : 1;
    if (x->time_us != y->time_us)
        return x->time_us < y->time_us ? -1 : 1;
    return x->post < y->post ? -1 : x->post > y->post;
}

/* Sorts the posts by time and numbers the strata that hold some. */
static int lay_strata(struct lks_chance *chance, struct lks_error *err)
{
    const struct lks_events *events = chance->events;
    uint32_t posts_count = events->posts_count;
    int64_t stratum_us = chance->counts.stratum_us;
    struct lks_budget *budget = chance->budget;
    struct post_key *key = NULL;
    uint32_t spans = 0;
    int rc = lks_budget_array(budget, &key, posts_count, sizeof *key, err);
    lks_chance_array(budget, &chance->stratum_span, posts_count, 4, &rc, err);
    lks_chance_array(budget, &chance->post_stratum, posts_count, 4, &rc, err);
    lks_chance_array(budget, &chance->stratum_post, posts_count, 4, &rc, err);
    lks_chance_array(budget, &chance->stratum_first, (size_t)posts_count + 1, 4, &rc, err);
    lks_chance_array(budget, &chance->sorted_us, posts_count, sizeof(int64_t), &rc, err);
    lks_chance_array(budget, &chance->post_place, posts_count, 4, &rc, err);
    lks_chance_array(budget, &chance->place_stratum, posts_count, 4, &rc, err);
    if (rc)
        goto out;
    for (uint32_t p = 0; p < posts_count; p++)
        key[p] = (struct post_key){events->post_time_us[p] / stratum_us, events->post_time_us[p], p,
                                   lks_events_class(events, p)};
    if (posts_count)
        qsort(key, posts_count, sizeof *key, compare_keys);
    for (uint32_t i = 0; i < posts_count; i++) {
        spans += i == 0 || key[i].span != key[i - 1].span;
        if (i == 0 || key[i].span != key[i - 1].span || key[i].class != key[i - 1].class) {
            chance->stratum_span[chance->strata_count] = spans - 1;
            chance->stratum_first[chance->strata_count++] = i;
        }
        chance->post_stratum[key[i].post] = chance->strata_count - 1;
        chance->stratum_post[i] = key[i].post;
        chance->sorted_us[i] = key[i].time_us;
        chance->post_place[key[i].post] = i;
        chance->place_stratum[i] = chance->strata_count - 1;
    }
    chance->stratum_first[chance->strata_count] = posts_count;
out:
    lks_budget_free(budget, key, posts_count, sizeof *key);
    return rc;
}

/* Posts by author and by (author, stratum). */
static int lay_presence(struct lks_chance *chance, struct lks_error *err)
{
    const struct lks_events *events = chance->events;
    uint32_t accounts_count = events->accounts_count, posts_count = events->posts_count;
    struct lks_budget *budget = chance->budget;
    uint32_t *last = NULL;
    int rc = lks_budget_array(budget, &last, accounts_count, 4, err);
    lks_chance_array(budget, &chance->account_first, (size_t)accounts_count + 1, 4, &rc, err);
    lks_chance_array(budget, &chance->presence_first, (size_t)accounts_count + 2, 4, &rc, err);
    if (rc)
        goto out;
    for (uint32_t p = 0; p < posts_count; p++)
        chance->account_first[events->post_account[p] + 1]++;
    for (uint32_t a = 0; a < accounts_count; a++)
        chance->account_first[a + 1] += chance->account_first[a];
    /* stratum_post goes through the strata in order, so a change of stratum is a new entry. */
    uint32_t *start = chance->presence_first + 1;
    for (uint32_t i = 0; i < posts_count; i++) {
        uint32_t p = chance->stratum_post[i], a = events->post_account[p];
        if (last[a] != chance->post_stratum[p] + 1) {
            last[a] = chance->post_stratum[p] + 1;
            start[a + 1]++;
        }
    }
    for (uint32_t a = 0; a < accounts_count; a++)
        start[a + 1] += start[a];
    lks_chance_array(budget, &chance->presence_stratum, start[accounts_count], 4, &rc, err);
    lks_chance_array(budget, &chance->presence_posts, start[accounts_count], 4, &rc, err);
    if (rc)
        goto out;
    memset(last, 0, (size_t)accounts_count * 4);
    for (uint32_t i = 0; i < posts_count; i++) {
        uint32_t p = chance->stratum_post[i], a = events->post_account[p];
        if (last[a] != chance->post_stratum[p] + 1) {
            last[a] = chance->post_stratum[p] + 1;
            chance->presence_stratum[start[a]++] = chance->post_stratum[p];
        }
        chance->presence_posts[start[a] - 1]++;
    }
out:
    lks_budget_free(budget, last, accounts_count, 4);
    return rc;
}

struct account_key {
    uint32_t posts, account;
};

static int compare_accounts(const void *left, const void *right)
{
    const struct account_key *x = left, *y = right;
    if (x->posts != y->posts)
        return x->posts > y->posts ? -1 : 1;
    return x->account < y->account ? -1 : x->account > y->account;
}

/* Which account of a pair is dealt is decided by one comparison of places in this order. */
static int lay_order(struct lks_chance *chance, struct lks_error *err)
{
    uint32_t accounts_count = chance->events->accounts_count;
    struct lks_budget *budget = chance->budget;
    struct account_key *key = NULL;
    int rc = lks_budget_array(budget, &key, accounts_count, sizeof *key, err);
    lks_chance_array(budget, &chance->account_order, accounts_count, 4, &rc, err);
    lks_chance_array(budget, &chance->order_account, accounts_count, 4, &rc, err);
    if (rc)
        goto out;
    for (uint32_t a = 0; a < accounts_count; a++)
        key[a] = (struct account_key){chance->account_first[a + 1] - chance->account_first[a], a};
    if (accounts_count)
        qsort(key, accounts_count, sizeof *key, compare_accounts);
    for (uint32_t i = 0; i < accounts_count; i++) {
        chance->order_account[i] = key[i].account;
        chance->account_order[key[i].account] = i;
    }
out:
    lks_budget_free(budget, key, accounts_count, sizeof *key);
    return rc;
}

int lks_chance_lay_strata(struct lks_chance *chance, struct lks_error *err)
{
    choose_windows(chance);
    int rc = lay_strata(chance, err);
    if (rc == 0)
        rc = lay_presence(chance, err);
    return rc ? rc : lay_order(chance, err);
}
