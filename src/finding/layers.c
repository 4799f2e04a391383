/* layers.c - what every signal says about accounts and pairs: order, look-up, the p of a pair */
#include "finding/layers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const lks_layer_names[LKS_LAYERS_COUNT] = {
    "coaction",  "synchrony", "sleepers",      "answers", "swarm",
    "promotion", "lineage",   "registrations", "edits",   "popularity"};

static int account_order(const void *left, const void *right)
{
    const struct lks_layer_account *x = left, *y = right;
    return (x->account > y->account) - (x->account < y->account);
}

static int pair_order(const void *left, const void *right)
{
    const struct lks_layer_pair *x = left, *y = right;
    if (x->a != y->a)
        return x->a < y->a ? -1 : 1;
    return (x->b > y->b) - (x->b < y->b);
}

const struct lks_layer_account *lks_layer_find(const struct lks_layer *layer, uint32_t account)
{
    struct lks_layer_account key = {.account = account};
    return layer->accounts_count ? bsearch(&key, layer->accounts, layer->accounts_count,
                                           sizeof *layer->accounts, account_order)
                                 : NULL;
}

double lks_layer_pair_log10_p(const struct lks_layer *layer, uint32_t a, uint32_t b)
{
    struct lks_layer_pair key = {a < b ? a : b, a < b ? b : a, 0};
    double least = 0;
    LKS_ASSERT(layer->observable);
    if (layer->pairs_count) {
        const struct lks_layer_pair *pair =
            bsearch(&key, layer->pairs, layer->pairs_count, sizeof *layer->pairs, pair_order);
        if (pair)
            least = pair->log10_p;
        else if (layer->pairs_partial)
            return NAN;
    }
    const struct lks_layer_account *x = lks_layer_find(layer, a), *y = lks_layer_find(layer, b);
    if (!x || !y || x->cluster == LKS_LAYER_ALONE || x->cluster != y->cluster)
        return least;
    const struct lks_layer_cluster *cluster = &layer->clusters[x->cluster];
    if (cluster->is_record)
        return layer->pairs_count ? least : NAN;
    double together = fmax(fmax(x->log10_p, y->log10_p), cluster->log10_p);
    if (cluster->chance_share > 0)
        together = fmax(together, log10(cluster->chance_share));
    /* Two ways of looking at one pair, where both are open: twice the lesser. */
    if (layer->pairs_count)
        return fmin(0, fmin(least, together) + log10(2));
    return together;
}

static void layer_check(struct lks_layer *layer, uint32_t accounts_count)
{
    if (layer->accounts_count)
        qsort(layer->accounts, layer->accounts_count, sizeof *layer->accounts, account_order);
    if (layer->pairs_count)
        qsort(layer->pairs, layer->pairs_count, sizeof *layer->pairs, pair_order);
    for (uint32_t i = 0; i < layer->clusters_count; i++) {
        struct lks_layer_cluster *cluster = &layer->clusters[i];
        cluster->accounts_count = 0;
        LKS_ASSERT(cluster->log10_p <= 0 && cluster->chance_share >= 0 &&
                   cluster->chance_share <= 1);
        LKS_ASSERT(cluster->caller == UINT32_MAX || cluster->caller < accounts_count);
    }
    for (uint32_t i = 0; i < layer->accounts_count; i++) {
        const struct lks_layer_account *one = &layer->accounts[i];
        LKS_ASSERT(one->account < accounts_count && one->log10_p <= 0);
        LKS_ASSERT(one->q_value >= 0 && one->q_value <= 1);
        LKS_ASSERT(i == 0 || one[-1].account < one->account);
        LKS_ASSERT(one->cluster == LKS_LAYER_ALONE || one->cluster < layer->clusters_count);
        if (one->cluster != LKS_LAYER_ALONE)
            layer->clusters[one->cluster].accounts_count++;
    }
    for (uint64_t i = 0; i < layer->pairs_count; i++) {
        const struct lks_layer_pair *pair = &layer->pairs[i];
        LKS_ASSERT(pair->a < pair->b && pair->b < accounts_count && pair->log10_p <= 0);
    }
    LKS_ASSERT(layer->observable || (!layer->accounts_count && !layer->pairs_count));
}

void lks_layers_check(struct lks_layers *layers)
{
    for (int i = 0; i < LKS_LAYERS_COUNT; i++)
        layer_check(&layers->layer[i], layers->accounts_count);
}

void lks_layers_free(struct lks_layers *layers)
{
    lks_arena_free(&layers->arena);
    memset(layers, 0, sizeof *layers);
}
