/* fuse_write.c - what the fusion settled, written down; and what is left without each layer */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "finding/fuse_inside.h"

/* Counts the members of every finding and drops those too few to be one. */
static uint32_t items_number(const struct fusing *fusing, uint32_t *number)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < fusing->items_count; i++)
        fusing->items[i].members_count = 0;
    for (size_t c = 0; c < fusing->candidates_count; c++)
        if (fusing->item_of[fusing->candidates[c].account] == fusing->candidates[c].item)
            fusing->items[fusing->candidates[c].item].members_count++;
    for (uint32_t i = 0; i < fusing->items_count; i++) {
        const struct fuse_item *item = &fusing->items[i];
        uint32_t least = item->layers >> LKS_LAYER_COACTION & 1 ? 2 : fusing->options->accounts_min;
        number[i] = item->members_count >= least ? kept++ : FUSE_NONE;
    }
    return kept;
}

static void member_write(const struct fuse_candidate *candidate, struct lks_fused *fused)
{
    struct lks_fused_member *member = &fused->members[fused->members_count++];
    double least = INFINITY;
    *member = (struct lks_fused_member){.account = candidate->account,
                                        .layers = candidate->named,
                                        .log10_p = candidate->log10_p,
                                        .q_value = candidate->q_value,
                                        .is_record = candidate->is_record,
                                        .posts = candidate->posts,
                                        .matched = candidate->matched,
                                        .expected = candidate->expected};
    if (candidate->starts)
        member->layers |= 1u << LKS_LAYER_COACTION;
    for (int layer = 0; layer < LKS_LAYERS_COUNT; layer++)
        if ((member->layers >> layer & 1) && candidate->layer_log10_p[layer] < least) {
            least = candidate->layer_log10_p[layer];
            member->tie = (enum lks_layer_kind)layer;
        }
    for (int layer = 0; layer < LKS_LAYERS_COUNT; layer++) {
        fused->layer_members[layer] += member->layers >> layer & 1;
        fused->layer_alone[layer] += member->layers == 1u << layer;
    }
}

int lks_fuse_write(const struct fusing *fusing, struct lks_fusion *fusion, struct lks_error *err)
{
    uint32_t *number = malloc(((size_t)fusing->items_count + 1) * sizeof *number);
    if (!number)
        return lks_fuse_memory_out(err);
    fusion->items_count = items_number(fusing, number);
    fusion->items =
        lks_arena_calloc(&fusion->arena, fusion->items_count + 1u, sizeof *fusion->items);
    int code = fusion->items ? 0 : lks_fuse_memory_out(err);
    for (uint32_t i = 0; code == 0 && i < fusing->items_count; i++) {
        const struct fuse_item *item = &fusing->items[i];
        if (number[i] == FUSE_NONE)
            continue;
        struct lks_fused *fused = &fusion->items[number[i]];
        fused->layers = item->layers;
        fused->is_paid = item->layers >> LKS_LAYER_PROMOTION & 1;
        fused->log10_p = item->is_tested ? item->log10_p : NAN;
        fused->apart_count = item->apart_count;
        fused->members =
            lks_arena_calloc(&fusion->arena, item->members_count + 1u, sizeof *fused->members);
        fused->parts =
            lks_arena_calloc(&fusion->arena, item->parts_count + 1u, sizeof *fused->parts);
        if (!fused->members || !fused->parts)
            code = lks_fuse_memory_out(err);
    }
    for (uint32_t p = 0; code == 0 && p < fusing->parts_count; p++) {
        const struct fuse_part *part = &fusing->parts[p];
        if (number[part->item] == FUSE_NONE)
            continue;
        struct lks_fused *fused = &fusion->items[number[part->item]];
        fused->parts[fused->parts_count++] = (struct lks_fused_part){part->layer, part->index};
        fused->is_recorded |=
            part->layer != LKS_LAYER_COACTION &&
            fusing->input->layers->layer[part->layer].clusters[part->index].is_record;
    }
    for (size_t c = 0; code == 0 && c < fusing->candidates_count; c++) {
        const struct fuse_candidate *candidate = &fusing->candidates[c];
        if (fusing->item_of[candidate->account] == candidate->item &&
            number[candidate->item] != FUSE_NONE)
            member_write(candidate, &fusion->items[number[candidate->item]]);
    }
    free(number);
    return code;
}

/* The largest share of a finding's members that one finding of another fusion holds. */
static double kept_share(const struct lks_fused *fused, const struct lks_fusion *other,
                         const uint32_t *item_of, uint32_t *counts)
{
    uint32_t most = 0;
    for (uint32_t i = 0; i < fused->members_count; i++) {
        uint32_t item = item_of[fused->members[i].account];
        if (item != FUSE_NONE && ++counts[item] > most)
            most = counts[item];
    }
    memset(counts, 0, ((size_t)other->items_count + 1) * sizeof *counts);
    return fused->members_count ? (double)most / fused->members_count : 0;
}

int lks_fuse_without(const struct lks_fuse_input *input, const struct lks_fuse_options *options,
                     const struct lks_fusion *fusion,
                     struct lks_left_out (*left_out)[LKS_LAYERS_COUNT], struct lks_error *err)
{
    uint32_t layers = 0, accounts = input->layers->accounts_count;
    uint32_t *item_of = malloc(((size_t)accounts + 1) * sizeof *item_of);
    int code = item_of ? 0 : lks_fuse_memory_out(err);
    for (uint32_t f = 0; f < fusion->items_count; f++) {
        layers |= fusion->items[f].layers;
        for (int layer = 0; layer < LKS_LAYERS_COUNT; layer++)
            left_out[f][layer] = (struct lks_left_out){1, 1};
    }
    for (int layer = 0; layer < LKS_LAYERS_COUNT && code == 0; layer++) {
        struct lks_fuse_input without = *input;
        struct lks_fusion other;
        if (!(layers >> layer & 1))
            continue;
        without.layers_mask &= ~(1u << layer);
        code = lks_fuse(&without, options, &other, err);
        uint32_t *counts = calloc((size_t)other.items_count + 1, sizeof *counts);
        if (code == 0 && !counts)
            code = lks_fuse_memory_out(err);
        memset(item_of, 0xff, (size_t)accounts * sizeof *item_of);
        for (uint32_t i = 0; code == 0 && i < other.items_count; i++)
            for (uint32_t m = 0; m < other.items[i].members_count; m++)
                item_of[other.items[i].members[m].account] = i;
        for (uint32_t f = 0; code == 0 && f < fusion->items_count; f++) {
            double share = kept_share(&fusion->items[f], &other, item_of, counts);
            left_out[f][layer] = (struct lks_left_out){share >= 0.5, share};
        }
        free(counts);
        lks_fusion_free(&other);
    }
    free(item_of);
    return code;
}
