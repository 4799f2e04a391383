/* fuse.c - groups and clusters of all layers become findings, and accounts their members
 *
 * The order of work. Every co-action group and every cluster of another layer with a p small
 * enough is a part. Parts that share their accounts far beyond chance are one finding that
 * several layers see. Then each account is asked once for each finding near it, with all
 * layers of that finding together, whether it belongs:
 *
 *     layer            p of "it does not belong"
 *     coaction         its posts among the group's own things (chance/belonging.h)
 *     others           the account's own p; that its cluster is real was tested before
 *     not named        1
 *
 * combined by their harmonic mean (stat/combine.h) and adjusted over all accounts and findings
 * (Benjamini and Hochberg). What a group's own things are depends on its members, so that is
 * done a few times.
 *
 * Paid accounts are a population of their own: an account that the promotion layer names goes
 * to the paid finding, unless another layer's evidence for it is stronger, and paid parts are
 * joined with paid parts only. What is left of a group without them has to stand the group's test
 * by itself: the ties of paid accounts to their public are no tie among the public. */
#include "finding/fuse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "finding/fuse_inside.h"
#include "stat/combine.h"
#include "stat/multiple.h"
#include "stat/tail.h"

struct lks_fuse_options lks_fuse_options_default(void)
{
    return (struct lks_fuse_options){.cluster_level = 0.01,
                                     .chance_most = 0.1,
                                     .member_level = 0.05,
                                     .things_level = 0.01,
                                     .group_level = 0.001,
                                     .overlap_share = 0.5,
                                     .overlap_level = 0.001,
                                     .accounts_min = 3,
                                     .sure_most = 10,
                                     .rounds = 4};
}

int lks_fuse_memory_out(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "out of memory for the fusion");
}

int lks_fuse_layer_used(const struct fusing *fusing, int layer)
{
    return (fusing->input->layers_mask >> layer & 1) &&
           fusing->input->layers->layer[layer].observable;
}

/* Whether the account's strongest evidence is the promotion layer's. What a group that acts in
 * step says alike, without a record of pay, is the group's. */
static int account_is_paid(const struct fusing *fusing, uint32_t account)
{
    const struct lks_layers *layers = fusing->input->layers;
    if (!lks_fuse_layer_used(fusing, LKS_LAYER_PROMOTION))
        return 0;
    const struct lks_layer_account *paid =
        lks_layer_find(&layers->layer[LKS_LAYER_PROMOTION], account);
    if (!paid || paid->cluster == LKS_LAYER_ALONE ||
        fusing->cluster_part[LKS_LAYER_PROMOTION][paid->cluster] == FUSE_NONE)
        return 0;
    if (!layers->layer[LKS_LAYER_PROMOTION].clusters[paid->cluster].is_record &&
        fusing->grouped[account])
        return 0;
    for (int layer = LKS_LAYER_SLEEPERS; layer < LKS_LAYERS_COUNT; layer++) {
        if (layer == LKS_LAYER_PROMOTION || !lks_fuse_layer_used(fusing, layer))
            continue;
        const struct lks_layer_account *other = lks_layer_find(&layers->layer[layer], account);
        if (other && other->cluster != LKS_LAYER_ALONE && other->log10_p < paid->log10_p)
            return 0;
    }
    return 1;
}

static int part_add(struct fusing *fusing, enum lks_layer_kind layer, uint32_t index,
                    double log10_p)
{
    if (fusing->parts_count == fusing->parts_capacity) {
        uint32_t capacity = fusing->parts_capacity ? 2 * fusing->parts_capacity : 64;
        struct fuse_part *more = realloc(fusing->parts, capacity * sizeof *more);
        if (!more)
            return -1;
        fusing->parts = more;
        fusing->parts_capacity = capacity;
    }
    fusing->parts[fusing->parts_count] =
        (struct fuse_part){layer, index, log10_p, 0, fusing->parts_count};
    fusing->parts_count++;
    return 0;
}

/* Groups, then the clusters of every other layer that stand at the level. */
static int parts_make(struct fusing *fusing, struct lks_error *err)
{
    const struct lks_fuse_input *input = fusing->input;
    fusing->grouped = calloc((size_t)input->layers->accounts_count + 1, 1);
    if (!fusing->grouped)
        return lks_fuse_memory_out(err);
    for (uint32_t g = 0; g < input->groups_count && lks_fuse_layer_used(fusing, LKS_LAYER_COACTION);
         g++) {
        for (uint32_t i = 0; i < input->groups[g].accounts_count; i++)
            fusing->grouped[input->groups[g].accounts[i]] = 1;
        if (part_add(fusing, LKS_LAYER_COACTION, g, input->groups[g].log10_p) != 0)
            return lks_fuse_memory_out(err);
    }
    for (int kind = LKS_LAYER_SLEEPERS; kind < LKS_LAYERS_COUNT; kind++) {
        const struct lks_layer *layer = &input->layers->layer[kind];
        fusing->cluster_part[kind] = malloc((layer->clusters_count + 1) * sizeof(uint32_t));
        if (!fusing->cluster_part[kind])
            return lks_fuse_memory_out(err);
        for (uint32_t c = 0; c < layer->clusters_count; c++) {
            const struct lks_layer_cluster *cluster = &layer->clusters[c];
            fusing->cluster_part[kind][c] = FUSE_NONE;
            if (!lks_fuse_layer_used(fusing, kind) ||
                cluster->accounts_count < fusing->options->accounts_min ||
                cluster->log10_p > log10(fusing->options->cluster_level) ||
                cluster->chance_share * layer->accounts_count >
                    fusing->options->chance_most * cluster->accounts_count)
                continue;
            fusing->cluster_part[kind][c] = fusing->parts_count;
            if (part_add(fusing, (enum lks_layer_kind)kind, c, cluster->log10_p) != 0)
                return lks_fuse_memory_out(err);
        }
    }
    return 0;
}

static int link_add(struct fusing *fusing, uint32_t account, uint32_t part)
{
    if (fusing->links_count == fusing->links_capacity) {
        size_t capacity = fusing->links_capacity ? 2 * fusing->links_capacity : 1024;
        struct fuse_link *more = realloc(fusing->links, capacity * sizeof *more);
        if (!more)
            return -1;
        fusing->links = more;
        fusing->links_capacity = capacity;
    }
    fusing->links[fusing->links_count++] = (struct fuse_link){account, part};
    return 0;
}

static int link_order(const void *left, const void *right)
{
    const struct fuse_link *x = left, *y = right;
    if (x->account != y->account)
        return x->account < y->account ? -1 : 1;
    return (x->part > y->part) - (x->part < y->part);
}

/* Whether a group without its paid accounts still scores more than it has to. */
static int group_stands(const struct fusing *fusing, const struct lks_fuse_group *group)
{
    double score = 0;
    for (size_t i = 0; i < group->ties_count; i++)
        if (!account_is_paid(fusing, group->ties[i].a) &&
            !account_is_paid(fusing, group->ties[i].b))
            score += group->ties[i].score;
    return !group->ties || score > group->score_least;
}

/* Takes the accounts out of groups that were groups by their paid accounts alone. */
static void links_settle(struct fusing *fusing)
{
    size_t kept = 0;
    for (uint32_t p = 0; p < fusing->parts_count; p++) {
        struct fuse_part *part = &fusing->parts[p];
        if (part->layer == LKS_LAYER_COACTION && part->apart_count &&
            !group_stands(fusing, &fusing->input->groups[part->index]))
            part->accounts_count = 0;
    }
    for (size_t i = 0; i < fusing->links_count; i++)
        if (fusing->parts[fusing->links[i].part].accounts_count)
            fusing->links[kept++] = fusing->links[i];
    fusing->links_count = kept;
}

/* Which account is of which parts; paid ones of paid parts only, and counted in the others. */
static int links_make(struct fusing *fusing, struct lks_error *err)
{
    const struct lks_fuse_input *input = fusing->input;
    int failed = 0;
    for (uint32_t p = 0; p < fusing->parts_count; p++) {
        const struct fuse_part *part = &fusing->parts[p];
        if (part->layer != LKS_LAYER_COACTION)
            continue;
        const struct lks_fuse_group *group = &input->groups[part->index];
        for (uint32_t i = 0; i < group->accounts_count; i++)
            failed |= link_add(fusing, group->accounts[i], p);
    }
    for (int kind = LKS_LAYER_SLEEPERS; kind < LKS_LAYERS_COUNT; kind++) {
        const struct lks_layer *layer = &input->layers->layer[kind];
        for (uint32_t i = 0; i < layer->accounts_count; i++) {
            uint32_t cluster = layer->accounts[i].cluster;
            if (cluster != LKS_LAYER_ALONE && fusing->cluster_part[kind][cluster] != FUSE_NONE)
                failed |= link_add(fusing, layer->accounts[i].account,
                                   fusing->cluster_part[kind][cluster]);
        }
    }
    if (failed)
        return lks_fuse_memory_out(err);
    if (fusing->links_count)
        qsort(fusing->links, fusing->links_count, sizeof *fusing->links, link_order);
    size_t kept = 0;
    for (size_t i = 0; i < fusing->links_count; i++) {
        struct fuse_link link = fusing->links[i];
        struct fuse_part *part = &fusing->parts[link.part];
        if (kept && fusing->links[kept - 1].account == link.account &&
            fusing->links[kept - 1].part == link.part)
            continue;
        if ((part->layer == LKS_LAYER_PROMOTION) != account_is_paid(fusing, link.account)) {
            part->apart_count++;
            continue;
        }
        part->accounts_count++;
        fusing->links[kept++] = link;
    }
    fusing->links_count = kept;
    links_settle(fusing);
    return 0;
}

static uint32_t part_root(struct fusing *fusing, uint32_t part)
{
    while (fusing->parts[part].root != part)
        part = fusing->parts[part].root = fusing->parts[fusing->parts[part].root].root;
    return part;
}

struct overlap {
    uint32_t a, b;
};

static int overlap_order(const void *left, const void *right)
{
    const struct overlap *x = left, *y = right;
    if (x->a != y->a)
        return x->a < y->a ? -1 : 1;
    return (x->b > y->b) - (x->b < y->b);
}

/* Whether two parts with so many accounts in common are one finding. */
static int parts_are_one(const struct fusing *fusing, const struct fuse_part *a,
                         const struct fuse_part *b, uint32_t common)
{
    uint32_t small = a->accounts_count < b->accounts_count ? a->accounts_count : b->accounts_count;
    uint32_t large = a->accounts_count + b->accounts_count - small;
    double pairs = fusing->parts_count * (fusing->parts_count - 1.0) / 2;
    double accounts = fmax(1, fusing->input->layers->accounts_count);
    if ((a->layer == LKS_LAYER_PROMOTION) != (b->layer == LKS_LAYER_PROMOTION))
        return 0;
    if (common < fusing->options->overlap_share * small)
        return 0;
    return lks_binomial_tail_log(common, small, fmin(1, large / accounts)) + log(pairs) <=
           log(fusing->options->overlap_level);
}

static int parts_join(struct fusing *fusing, struct lks_error *err)
{
    size_t count = 0, first, end;
    for (first = 0; first < fusing->links_count; first = end) {
        for (end = first; end < fusing->links_count &&
                          fusing->links[end].account == fusing->links[first].account;)
            end++;
        count += (end - first) * (end - first - 1) / 2;
    }
    struct overlap *overlaps = malloc((count + 1) * sizeof *overlaps);
    if (!overlaps)
        return lks_fuse_memory_out(err);
    count = 0;
    for (first = 0; first < fusing->links_count; first = end) {
        for (end = first; end < fusing->links_count &&
                          fusing->links[end].account == fusing->links[first].account;)
            end++;
        for (size_t i = first; i < end; i++)
            for (size_t j = i + 1; j < end; j++)
                overlaps[count++] = (struct overlap){fusing->links[i].part, fusing->links[j].part};
    }
    if (count)
        qsort(overlaps, count, sizeof *overlaps, overlap_order);
    for (size_t i = 0, next; i < count; i = next) {
        for (next = i; next < count && overlap_order(&overlaps[i], &overlaps[next]) == 0;)
            next++;
        uint32_t a = overlaps[i].a, b = overlaps[i].b;
        if (!parts_are_one(fusing, &fusing->parts[a], &fusing->parts[b], (uint32_t)(next - i)))
            continue;
        uint32_t x = part_root(fusing, a), y = part_root(fusing, b);
        fusing->parts[x > y ? x : y].root = x < y ? x : y;
    }
    free(overlaps);
    return 0;
}

/* Whether a record made it, and no test. */
static int part_is_record(const struct fusing *fusing, const struct fuse_part *part)
{
    return part->layer != LKS_LAYER_COACTION &&
           fusing->input->layers->layer[part->layer].clusters[part->index].is_record;
}

void lks_fuse_items_sum(struct fusing *fusing)
{
    for (uint32_t i = 0; i < fusing->items_count; i++) {
        struct fuse_item *item = &fusing->items[i];
        item->layers = item->parts_count = item->apart_count = item->start_count = 0;
        item->log10_p = 0;
        item->is_tested = 0;
    }
    for (uint32_t p = 0; p < fusing->parts_count; p++) {
        const struct fuse_part *part = &fusing->parts[p];
        struct fuse_item *to = &fusing->items[part->item];
        to->layers |= 1u << part->layer;
        if (!part_is_record(fusing, part)) {
            to->is_tested = 1;
            to->log10_p = fmin(to->log10_p, part->log10_p);
        }
        to->apart_count += part->apart_count;
        to->parts_count++;
    }
    for (uint32_t i = 0; i < fusing->items_count; i++) {
        struct fuse_item *item = &fusing->items[i];
        if (item->layers) /* as many tries as layers */
            item->log10_p = fmin(0, item->log10_p + log10(__builtin_popcount(item->layers)));
    }
    for (size_t i = 0; i < fusing->links_count; i++)
        fusing->items[fusing->parts[fusing->links[i].part].item].start_count +=
            i == 0 || fusing->links[i - 1].account != fusing->links[i].account;
}

/* Findings from the joined parts, in the order of their first parts. */
static int items_make(struct fusing *fusing, struct lks_error *err)
{
    fusing->items = calloc((size_t)fusing->parts_count + 1, sizeof *fusing->items);
    if (!fusing->items)
        return lks_fuse_memory_out(err);
    for (uint32_t p = 0; p < fusing->parts_count; p++) {
        uint32_t root = part_root(fusing, p); /* p, or a part before it */
        fusing->parts[p].item = root == p ? fusing->items_count++ : fusing->parts[root].item;
    }
    lks_fuse_items_sum(fusing);
    return 0;
}

static void fusing_free(struct fusing *fusing)
{
    for (int kind = 0; kind < LKS_LAYERS_COUNT; kind++)
        free(fusing->cluster_part[kind]);
    free(fusing->grouped);
    free(fusing->parts);
    free(fusing->links);
    free(fusing->items);
    free(fusing->item_of);
    free(fusing->things_of);
    free(fusing->group_share);
    free(fusing->candidates);
}

int lks_fuse(const struct lks_fuse_input *input, const struct lks_fuse_options *options,
             struct lks_fusion *fusion_out, struct lks_error *err)
{
    struct fusing fusing = {.input = input, .options = options};
    *fusion_out = (struct lks_fusion){0};
    int code = parts_make(&fusing, err);
    if (code == 0)
        code = links_make(&fusing, err);
    if (code == 0)
        code = parts_join(&fusing, err);
    if (code == 0)
        code = items_make(&fusing, err);
    if (code == 0)
        code = lks_fuse_members(&fusing, err);
    if (code == 0)
        code = lks_fuse_write(&fusing, fusion_out, err);
    fusing_free(&fusing);
    return code;
}

void lks_fusion_free(struct lks_fusion *fusion)
{
    lks_arena_free(&fusion->arena);
    *fusion = (struct lks_fusion){0};
}
