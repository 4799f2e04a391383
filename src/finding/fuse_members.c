/* fuse_members.c - who belongs to which finding, all of its layers asked together
 *
 * A round: what the accounts act in common with each finding as it stands and with the co-action groups that it started from, what the layers name,
 * combined and adjusted a finding at a time over all accounts of the data (those that nothing
 * speaks for have p = 1). Then every account goes to the finding that its evidence ties it to most. The next round
 * has the new members' things. It ends when nobody moves, or with the last round. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "chance/belonging.h"
#include "finding/fuse_inside.h"
#include "stat/combine.h"
#include "stat/multiple.h"

static struct fuse_candidate *candidate_add(struct fusing *fusing, uint32_t account, uint32_t item)
{
    if (fusing->candidates_count == fusing->candidates_capacity) {
        size_t capacity = fusing->candidates_capacity ? 2 * fusing->candidates_capacity : 1024;
        struct fuse_candidate *more = realloc(fusing->candidates, capacity * sizeof *more);
        if (!more)
            return NULL;
        fusing->candidates = more;
        fusing->candidates_capacity = capacity;
    }
    struct fuse_candidate *candidate = &fusing->candidates[fusing->candidates_count++];
    *candidate = (struct fuse_candidate){.account = account, .item = item, .share = 1};
    return candidate;
}

/* Whose things are whose: those of the members, and of the accounts that the findings' co-action groups
 * started with. That an account cannot be shown to belong does not make what it wrote somebody
 * else's; were it taken out, its partners would have fewer things in common with the group, fail in
 * the next round, and so on until nobody is left. */
static void things_own(struct fusing *fusing)
{
    memcpy(fusing->things_of, fusing->item_of,
           (size_t)fusing->input->layers->accounts_count * sizeof *fusing->things_of);
    for (size_t i = 0; i < fusing->links_count; i++) {
        const struct fuse_part *part = &fusing->parts[fusing->links[i].part];
        uint32_t *of = &fusing->things_of[fusing->links[i].account];
        if (part->layer == LKS_LAYER_COACTION && *of == FUSE_NONE)
            *of = part->item;
    }
}

/* What accounts share with the findings as they stand; paid ones have none to share with. */
static int things_ask(struct fusing *fusing, struct lks_error *err)
{
    const struct lks_fuse_input *input = fusing->input;
    struct lks_belonging_input belonging = {.events = input->events,
                                            .group = fusing->things_of,
                                            .groups_count = fusing->items_count,
                                            .stratum_us = input->stratum_us};
    struct lks_belonging *rows;
    size_t count;
    things_own(fusing);
    memcpy(belonging.kind_window_us, input->kind_window_us, sizeof belonging.kind_window_us);
    /* A tag or a link may be dear to a whole movement; what was written may not. */
    static const enum lks_object_kind said[] = {LKS_OBJECT_TEXT, LKS_OBJECT_NEAR_TEXT,
                                                LKS_OBJECT_MEDIA, LKS_OBJECT_REPOST};
    for (int kind = 0; kind < LKS_OBJECT_KINDS_COUNT; kind++) {
        int is_said = 0;
        for (size_t i = 0; i < sizeof said / sizeof *said; i++)
            is_said |= (int)said[i] == kind;
        if (!is_said)
            belonging.kind_window_us[kind] = -1;
    }
    int code = lks_belonging_run(&belonging, &rows, &count, err);
    for (size_t i = 0; code == 0 && i < count; i++) {
        const struct fuse_item *item = &fusing->items[rows[i].group];
        if ((item->layers >> LKS_LAYER_PROMOTION & 1) || (item->settled && !item->by_things))
            continue;
        struct fuse_candidate *candidate = candidate_add(fusing, rows[i].account, rows[i].group);
        if (!candidate)
            code = lks_fuse_memory_out(err);
        else {
            candidate->named = 1u << LKS_LAYER_COACTION;
            candidate->layer_log10_p[LKS_LAYER_COACTION] = rows[i].log10_p;
            candidate->posts = rows[i].posts;
            candidate->matched = rows[i].matched;
            candidate->expected = rows[i].expected;
            candidate->share = rows[i].share;
        }
    }
    if (code == 0)
        free(rows);
    return code;
}

/* What the layers name. */
static int layers_ask(struct fusing *fusing, struct lks_error *err)
{
    const struct lks_layers *layers = fusing->input->layers;
    for (size_t i = 0; i < fusing->links_count; i++) {
        const struct fuse_link *link = &fusing->links[i];
        const struct fuse_part *part = &fusing->parts[link->part];
        struct fuse_candidate *candidate = candidate_add(fusing, link->account, part->item);
        if (!candidate)
            return lks_fuse_memory_out(err);
        if (part->layer == LKS_LAYER_COACTION) {
            candidate->starts = 1;
            continue;
        }
        const struct lks_layer *layer = &layers->layer[part->layer];
        const struct lks_layer_account *named = lks_layer_find(layer, link->account);
        /* That the cluster is there at all was asked once, for the finding. */
        candidate->named = 1u << part->layer;
        candidate->is_record = named->is_record;
        candidate->layer_log10_p[part->layer] = named->log10_p;
    }
    return 0;
}

static int candidate_order(const void *left, const void *right)
{
    const struct fuse_candidate *x = left, *y = right;
    if (x->item != y->item)
        return x->item < y->item ? -1 : 1;
    if (x->account != y->account)
        return x->account < y->account ? -1 : 1;
    return 0;
}

/* Several rows of one account and finding become one. */
static void candidates_merge(struct fusing *fusing)
{
    size_t kept = 0;
    struct fuse_candidate *all = fusing->candidates;
    if (fusing->candidates_count)
        qsort(all, fusing->candidates_count, sizeof *all, candidate_order);
    for (size_t i = 0; i < fusing->candidates_count; i++) {
        if (!kept || candidate_order(&all[kept - 1], &all[i]) != 0) {
            all[kept++] = all[i];
            continue;
        }
        struct fuse_candidate *to = &all[kept - 1];
        to->named |= all[i].named;
        to->starts |= all[i].starts;
        to->is_record |= all[i].is_record;
        if (all[i].posts) {
            to->posts = all[i].posts;
            to->matched = all[i].matched;
            to->expected = all[i].expected;
            to->share = all[i].share;
        }
        for (int layer = 0; layer < LKS_LAYERS_COUNT; layer++)
            to->layer_log10_p[layer] = fmin(to->layer_log10_p[layer], all[i].layer_log10_p[layer]);
    }
    fusing->candidates_count = kept;
}

/* Layers that can speak on who belongs to a finding: its own, and co-action. */
static uint32_t item_layers(const struct fusing *fusing, const struct fuse_item *item)
{
    uint32_t layers = item->layers & ~(1u << LKS_LAYER_COACTION);
    int things = lks_fuse_layer_used(fusing, LKS_LAYER_COACTION) &&
                 !(item->layers >> LKS_LAYER_PROMOTION & 1) && (!item->settled || item->by_things);
    return layers | (things ? 1u << LKS_LAYER_COACTION : 0);
}

/* The least share by which its things or its group let it in; 1 if they do not. */
static double share_of(const struct fusing *fusing, const struct fuse_candidate *candidate)
{
    double share = 1, group = fusing->group_share[candidate->account];
    if (!(item_layers(fusing, &fusing->items[candidate->item]) >> LKS_LAYER_COACTION & 1))
        return 1;
    if (candidate->share <= fusing->options->things_level)
        share = candidate->share;
    if (candidate->starts && group <= fusing->options->group_level && group < share)
        share = group;
    return share;
}

static int candidates_combine(struct fusing *fusing, struct lks_error *err)
{
    size_t count = fusing->candidates_count;
    double *log10_p = malloc((count + 1) * sizeof *log10_p);
    double *q = malloc((count + 1) * sizeof *q);
    int code = log10_p && q ? 0 : lks_fuse_memory_out(err);
    for (size_t first = 0, end; first < count && code == 0; first = end) {
        const struct fuse_item *item = &fusing->items[fusing->candidates[first].item];
        uint32_t layers = item_layers(fusing, item);
        for (end = first;
             end < count && fusing->candidates[end].item == fusing->candidates[first].item; end++) {
            double given[2 * LKS_LAYERS_COUNT];
            size_t used = 0;
            for (int layer = LKS_LAYER_COACTION + 1; layer < LKS_LAYERS_COUNT; layer++)
                if (layers >> layer & 1)
                    given[used++] = fusing->candidates[end].layer_log10_p[layer];
            /* Co-action is asked of every account, the others can name some: it weighs as much as
             * they together. */
            size_t others = used ? used : 1;
            for (size_t i = 0; i < others && (layers >> LKS_LAYER_COACTION & 1); i++)
                given[used++] = fusing->candidates[end].layer_log10_p[LKS_LAYER_COACTION];
            log10_p[end] = fusing->candidates[end].log10_p = lks_combine_log10(given, used, used);
        }
        code = lks_bh_adjust(log10_p + first, end - first, fusing->input->layers->accounts_count,
                             q + first, err);
    }
    for (size_t i = 0; i < count && code == 0; i++)
        fusing->candidates[i].q_value = fmin(q[i], share_of(fusing, &fusing->candidates[i]));
    free(log10_p);
    free(q);
    return code;
}

/* In the first round: does a finding's co-action rest on things of its own, so that they tell who
 * belongs? It does if they hold at least half of those that it started with; a crowd around
 * things that everybody has is left as the groups' test found it. */
static void items_settle(struct fusing *fusing)
{
    for (size_t i = 0; i < fusing->candidates_count; i++) {
        struct fuse_item *item = &fusing->items[fusing->candidates[i].item];
        if (fusing->candidates[i].starts) {
            item->members_count++;
            item->by_things += fusing->candidates[i].q_value <= fusing->options->member_level;
        }
    }
    for (uint32_t i = 0; i < fusing->items_count; i++) {
        struct fuse_item *item = &fusing->items[i];
        item->by_things = 2 * (uint32_t)item->by_things >= item->members_count;
        item->settled = 1;
    }
}

/* Whether it stays whatever its q: of a small co-action group, or of one without own things; or
 * what it shares lets it in alone, or its group keeps it. */
static int candidate_stays(const struct fusing *fusing, const struct fuse_candidate *candidate)
{
    const struct fuse_item *item = &fusing->items[candidate->item];
    if (candidate->starts &&
        (!item->by_things || (item->layers == 1u << LKS_LAYER_COACTION &&
                              item->start_count <= fusing->options->sure_most)))
        return 1;
    return share_of(fusing, candidate) < 1;
}

/* Every account to the finding with the least p. Returns whether any moved. */
static int accounts_assign(struct fusing *fusing, double *least)
{
    uint32_t accounts = fusing->input->layers->accounts_count;
    uint32_t *before = fusing->item_of;
    int moved = 0;
    for (uint32_t a = 0; a < accounts; a++)
        least[a] = INFINITY;
    uint32_t *now = before + accounts + 1; /* the second half */
    memset(now, 0xff, (size_t)accounts * sizeof *now);
    for (size_t i = 0; i < fusing->candidates_count; i++) {
        const struct fuse_candidate *candidate = &fusing->candidates[i];
        int stays = candidate_stays(fusing, candidate);
        if (!stays && candidate->q_value > fusing->options->member_level)
            continue;
        double rank = stays ? fmin(candidate->log10_p, 0) : candidate->log10_p;
        if (rank < least[candidate->account]) {
            least[candidate->account] = rank;
            now[candidate->account] = candidate->item;
        }
    }
    for (uint32_t a = 0; a < accounts; a++) {
        moved |= before[a] != now[a];
        before[a] = now[a];
    }
    return moved;
}

/* A co-action group of which more accounts went to one other finding than stayed is a piece of
 * that one, which Leiden cut off: it joins it. counts[items_count] is zero between calls. Returns
 * whether any did. */
static int groups_absorb(struct fusing *fusing, uint32_t *counts)
{
    int joined = 0;
    for (uint32_t p = 0; p < fusing->parts_count; p++) {
        struct fuse_part *part = &fusing->parts[p];
        uint32_t best = part->item, own = part->item;
        if (part->layer != LKS_LAYER_COACTION)
            break; /* groups come first */
        const struct lks_fuse_group *group = &fusing->input->groups[part->index];
        for (uint32_t i = 0; i < group->accounts_count; i++) {
            uint32_t item = fusing->item_of[group->accounts[i]];
            if (item != FUSE_NONE)
                counts[item]++;
        }
        for (uint32_t i = 0; i < group->accounts_count; i++) {
            uint32_t item = fusing->item_of[group->accounts[i]];
            if (item != FUSE_NONE && !(fusing->items[item].layers >> LKS_LAYER_PROMOTION & 1) &&
                (counts[item] > counts[best] || (counts[item] == counts[best] && item < best)) &&
                counts[item] > counts[own])
                best = item;
        }
        joined |= best != own;
        part->item = best;
        for (uint32_t i = 0; i < group->accounts_count; i++)
            if (fusing->item_of[group->accounts[i]] != FUSE_NONE)
                counts[fusing->item_of[group->accounts[i]]] = 0;
    }
    if (joined)
        lks_fuse_items_sum(fusing);
    return joined;
}

static void group_shares(struct fusing *fusing)
{
    const struct lks_fuse_input *input = fusing->input;
    for (uint32_t a = 0; a < input->layers->accounts_count; a++)
        fusing->group_share[a] = 1;
    for (uint32_t g = 0; g < input->groups_count; g++) {
        for (uint32_t i = 0; i < input->groups[g].accounts_count && input->groups[g].share; i++)
            fusing->group_share[input->groups[g].accounts[i]] = input->groups[g].share[i];
    }
}

int lks_fuse_members(struct fusing *fusing, struct lks_error *err)
{
    uint32_t accounts = fusing->input->layers->accounts_count;
    double *least = malloc(((size_t)accounts + 1) * sizeof *least);
    uint32_t *counts = calloc((size_t)fusing->items_count + 1, sizeof *counts);
    int code = 0, moved = 1;
    fusing->item_of = malloc(2 * ((size_t)accounts + 1) * sizeof *fusing->item_of);
    fusing->things_of = malloc(((size_t)accounts + 1) * sizeof *fusing->things_of);
    fusing->group_share = malloc(((size_t)accounts + 1) * sizeof *fusing->group_share);
    if (!least || !counts || !fusing->item_of || !fusing->things_of || !fusing->group_share)
        code = lks_fuse_memory_out(err);
    else {
        memset(fusing->item_of, 0xff, 2 * ((size_t)accounts + 1) * sizeof *fusing->item_of);
        group_shares(fusing);
    }
    for (size_t i = 0; code == 0 && i < fusing->links_count; i++)
        if (fusing->item_of[fusing->links[i].account] == FUSE_NONE)
            fusing->item_of[fusing->links[i].account] = fusing->parts[fusing->links[i].part].item;
    for (unsigned round = 0; code == 0 && moved && round < fusing->options->rounds; round++) {
        fusing->candidates_count = 0;
        if (lks_fuse_layer_used(fusing, LKS_LAYER_COACTION) && fusing->items_count &&
            fusing->input->events)
            code = things_ask(fusing, err);
        if (code == 0)
            code = layers_ask(fusing, err);
        if (code == 0) {
            candidates_merge(fusing);
            code = candidates_combine(fusing, err);
        }
        if (code == 0 && round == 0) {
            items_settle(fusing);
            code = candidates_combine(fusing, err); /* without those that do not speak */
        }
        if (code == 0)
            moved = accounts_assign(fusing, least);
        if (code == 0 && round + 1 < fusing->options->rounds)
            moved |= groups_absorb(fusing, counts);
    }
    free(least);
    free(counts);
    return code;
}

static int share_order(const void *left, const void *right)
{
    double x = *(const double *)left, y = *(const double *)right;
    return (x > y) - (x < y);
}

void lks_fuse_shares_floor(double *share, uint32_t count, uint32_t decoys, double *scratch)
{
    if (!count)
        return;
    memcpy(scratch, share, count * sizeof *scratch);
    qsort(scratch, count, sizeof *scratch, share_order);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t low = 0, high = count; /* low: how many keep to it as closely */
        while (low < high) {
            uint32_t middle = low + (high - low) / 2;
            if (scratch[middle] <= share[i])
                low = middle + 1;
            else
                high = middle;
        }
        share[i] = fmin(1, fmax(share[i], 1.0 / decoys / low));
    }
}
