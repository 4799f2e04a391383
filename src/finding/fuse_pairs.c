/* fuse_pairs.c - the p of a pair of accounts, all layers together
 *
 * A cluster of n accounts has n (n - 1) / 2 pairs, too many to write down. The p of such a pair
 * is the larger of the accounts' p and the cluster's, so the pairs at or below a level are
 * those among the accounts at or below it: their number follows from the sorted accounts. BH
 * needs just that: how many of all pairs are at or below the p of one of the given. Of
 * the given pairs and of each layer's clusters the largest number is taken, since pairs may be
 * in several; fewer pairs make a larger q. */
#include "finding/fuse_pairs.h"

#include <math.h>
#include <stdlib.h>

#include "stat/combine.h"

uint64_t lks_fuse_pairs_tested(const struct lks_layers *layers)
{
    double accounts = layers->accounts_count, sum = 0;
    for (int kind = 0; kind < LKS_LAYERS_COUNT; kind++) {
        const struct lks_layer *layer = &layers->layer[kind];
        if (!layer->observable)
            continue;
        double tested = (double)layer->accounts_tested;
        sum += (double)layer->pairs_tested + tested * fmax(0, tested - 1) / 2;
    }
    return (uint64_t)fmin(sum, accounts * fmax(0, accounts - 1) / 2);
}

/* The layers' p of one pair, and the combined one. */
static void pair_fuse(const struct lks_layers *layers, struct lks_fused_pair *pair)
{
    double given[LKS_LAYERS_COUNT];
    size_t count = 0;
    pair->layers = 0;
    for (int kind = 0; kind < LKS_LAYERS_COUNT; kind++) {
        if (!layers->layer[kind].observable)
            continue;
        double log10_p = lks_layer_pair_log10_p(&layers->layer[kind], pair->a, pair->b);
        if (log10_p != log10_p)
            continue;
        given[count++] = log10_p;
        if (log10_p <= log10(0.05))
            pair->layers |= 1u << kind;
    }
    pair->log10_p = lks_combine_log10(given, count, count);
}

/* Accounts of one cluster, by the p that their pairs have at least. */
struct one {
    uint32_t cluster;
    double log10_p;
};

static int one_order(const void *left, const void *right)
{
    const struct one *x = left, *y = right;
    if (x->cluster != y->cluster)
        return x->cluster < y->cluster ? -1 : 1;
    return (x->log10_p > y->log10_p) - (x->log10_p < y->log10_p);
}

static int double_order(const void *left, const void *right)
{
    double x = *(const double *)left, y = *(const double *)right;
    return (x > y) - (x < y);
}

static int order_pointers(const void *left, const void *right)
{
    const struct lks_fused_pair *const *x = left, *const *y = right;
    if ((*x)->log10_p != (*y)->log10_p)
        return (*x)->log10_p < (*y)->log10_p ? -1 : 1;
    if ((*x)->a != (*y)->a)
        return (*x)->a < (*y)->a ? -1 : 1;
    return ((*x)->b > (*y)->b) - ((*x)->b < (*y)->b);
}

/* For each of the levels, rising, how many pairs of one layer's clusters are at or below it if no
 * other layer speaks for them. An account's k lesser ones make k pairs with its p: the sum of k
 * over the accounts at or below the level. */
static int cluster_pairs(const struct lks_layers *layers, int kind, size_t observable,
                         const double *levels, size_t count, double *most, struct lks_error *err)
{
    const struct lks_layer *layer = &layers->layer[kind];
    struct one *ones = malloc(((size_t)layer->accounts_count + 1) * sizeof *ones);
    double *pairs = malloc(2 * ((size_t)layer->accounts_count + 1) * sizeof *pairs);
    if (!ones || !pairs) {
        free(ones);
        free(pairs);
        return lks_error_set(err, LKS_EMEMORY, "out of memory for pairs");
    }
    size_t kept = 0;
    for (uint32_t i = 0; i < layer->accounts_count; i++) {
        const struct lks_layer_account *account = &layer->accounts[i];
        if (account->cluster == LKS_LAYER_ALONE)
            continue;
        const struct lks_layer_cluster *cluster = &layer->clusters[account->cluster];
        if (cluster->is_record)
            continue;
        double log10_p = fmax(account->log10_p, cluster->log10_p);
        if (cluster->chance_share > 0)
            log10_p = fmax(log10_p, log10(cluster->chance_share));
        ones[kept++] = (struct one){account->cluster, log10_p};
    }
    if (kept)
        qsort(ones, kept, sizeof *ones, one_order);
    /* Rows of (p, how many pairs have just that p), as pairs of doubles to be sorted by p. */
    for (size_t i = 0, place = 0; i < kept; i++) {
        place = i && ones[i - 1].cluster == ones[i].cluster ? place + 1 : 0;
        pairs[2 * i] = lks_combine_log10(&ones[i].log10_p, 1, observable);
        pairs[2 * i + 1] = (double)place;
    }
    if (kept)
        qsort(pairs, kept, 2 * sizeof *pairs, double_order);
    double sum = 0;
    for (size_t l = 0, i = 0; l < count; l++) {
        for (; i < kept && pairs[2 * i] <= levels[l]; i++)
            sum += pairs[2 * i + 1];
        most[l] = fmax(most[l], sum);
    }
    free(ones);
    free(pairs);
    return 0;
}

int lks_fuse_pairs(const struct lks_layers *layers, struct lks_fused_pair *pairs, size_t count,
                   struct lks_error *err)
{
    struct lks_fused_pair **order = malloc((count + 1) * sizeof *order);
    double *levels = malloc((count + 1) * sizeof *levels);
    double *rank = malloc((count + 1) * sizeof *rank);
    double tests = (double)lks_fuse_pairs_tested(layers);
    size_t observable = 0;
    int code =
        order && levels && rank ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory for pairs");
    for (int kind = 0; kind < LKS_LAYERS_COUNT; kind++)
        observable += layers->layer[kind].observable;
    for (size_t i = 0; i < count && code == 0; i++) {
        pair_fuse(layers, &pairs[i]);
        order[i] = &pairs[i];
    }
    if (code == 0 && count)
        qsort(order, count, sizeof(struct lks_fused_pair *), order_pointers);
    for (size_t i = 0; i < count && code == 0; i++) {
        levels[i] = order[i]->log10_p;
        rank[i] = (double)(i + 1);
    }
    for (int kind = LKS_LAYER_SLEEPERS; kind < LKS_LAYERS_COUNT && code == 0; kind++)
        if (layers->layer[kind].observable)
            code = cluster_pairs(layers, kind, observable, levels, count, rank, err);
    double least = 1;
    for (size_t i = count; i-- > 0 && code == 0;) {
        double q = pow(10, levels[i]) * fmax(tests, (double)count) / rank[i];
        least = fmin(least, q);
        order[i]->q_value = least;
    }
    free(order);
    free(levels);
    free(rank);
    return code;
}
