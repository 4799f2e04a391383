/* fuse_results.c - the fusion's findings take the place of the co-action groups in a run's results
 *
 * A finding joined from several co-action groups has the evidence of all of them, interleaved; one
 * without any has members and measurements, but no matching posts. Sums over edges are made
 * anew, since members came and went. */
#include "finding/fuse_results.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stat/multiple.h"
#include "stat/repeat.h"

enum { OBJECTS_MOST = 20, MATCHES_MOST = 200 };
#define NAMED_LEVEL 0.05 /* of q: a pair is named by a layer that tests pairs */

struct lks_str lks_fuse_text(struct lks_results *results, const char *format, ...)
{
    char text[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return lks_arena_str(&results->arena, lks_str_from(text));
}

static int memory_out(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "out of memory for fused findings");
}

/* ---- what several groups shared ---- */

struct shared {
    const struct lks_finding *from;
    uint32_t index; /* of from's objects */
    uint32_t accounts, uses;
};

static int shared_same(const struct shared *x, const struct shared *y)
{
    return x->from->objects[x->index].kind == y->from->objects[y->index].kind &&
           lks_str_equal(x->from->objects[x->index].object, y->from->objects[y->index].object);
}

/* By falling accounts, then as they came: qsort is told the place. */
static int shared_order(const void *left, const void *right)
{
    const struct shared *x = left, *y = right;
    if (x->accounts != y->accounts)
        return x->accounts > y->accounts ? -1 : 1;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

static int objects_merge(struct lks_results *results, const struct lks_finding *const *from,
                         uint32_t count, struct lks_finding *to)
{
    uint32_t all = 0, kept = 0, variants = 0;
    for (uint32_t i = 0; i < count; i++) {
        all += from[i]->objects_count;
        variants += from[i]->variants_count;
    }
    struct shared *shared = malloc((all + 1) * sizeof *shared);
    to->objects = lks_arena_calloc(&results->arena, OBJECTS_MOST + 1, sizeof *to->objects);
    to->variants = lks_arena_calloc(&results->arena, variants + 1u, sizeof *to->variants);
    if (!shared || !to->objects || !to->variants) {
        free(shared);
        return -1;
    }
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t j = 0; j < from[i]->objects_count; j++) {
            struct shared one = {from[i], j, from[i]->objects[j].accounts_count,
                                 from[i]->objects[j].uses_count};
            uint32_t k = 0;
            while (k < kept && !shared_same(&shared[k], &one))
                k++;
            if (k == kept) {
                shared[kept++] = one;
            } else { /* the groups have no account in common */
                shared[k].accounts += one.accounts;
                shared[k].uses += one.uses;
            }
        }
    if (kept)
        qsort(shared, kept, sizeof *shared, shared_order);
    to->objects_count = kept < OBJECTS_MOST ? kept : OBJECTS_MOST;
    to->variants_count = 0;
    for (uint32_t k = 0; k < to->objects_count; k++) {
        const struct lks_finding *origin = shared[k].from;
        to->objects[k] = origin->objects[shared[k].index];
        to->objects[k].accounts_count = shared[k].accounts;
        to->objects[k].uses_count = shared[k].uses;
        for (uint32_t v = 0; v < origin->variants_count; v++)
            if (origin->variants[v].object == shared[k].index) {
                to->variants[to->variants_count] = origin->variants[v];
                to->variants[to->variants_count++].object = k;
            }
    }
    free(shared);
    return 0;
}

/* Evidence of every group in turn, of members only. */
static int matches_merge(struct lks_results *results, const struct lks_finding *const *from,
                         uint32_t count, uint32_t f, struct lks_finding *to)
{
    uint32_t most = 0;
    to->matches = lks_arena_calloc(&results->arena, MATCHES_MOST + 1, sizeof *to->matches);
    if (!to->matches)
        return -1;
    to->matches_count = 0;
    to->matches_total = 0;
    for (uint32_t i = 0; i < count; i++) {
        most = from[i]->matches_count > most ? from[i]->matches_count : most;
        to->matches_total += from[i]->matches_total;
    }
    for (uint32_t m = 0; m < most; m++)
        for (uint32_t i = 0; i < count && to->matches_count < MATCHES_MOST; i++) {
            if (m >= from[i]->matches_count)
                continue;
            const struct lks_result_match *match = &from[i]->matches[m];
            if (results->nodes[results->posts[match->post_a].node].group == f &&
                results->nodes[results->posts[match->post_b].node].group == f)
                to->matches[to->matches_count++] = *match;
        }
    return 0;
}

/* The groups a finding is made of, as one: counts added, the clearest score kept. */
static int groups_merge(struct lks_results *results, const struct lks_finding *const *from,
                        uint32_t count, uint32_t f, struct lks_finding *to)
{
    double lag = 0, weight = 0;
    *to = count ? *from[0] : (struct lks_finding){.lag_median_us = NAN};
    to->posts_count = 0;
    memset(to->kind_objects, 0, sizeof to->kind_objects);
    for (uint32_t i = 0; i < count; i++) {
        const struct lks_finding *one = from[i];
        to->posts_count += one->posts_count;
        for (int kind = 0; kind < LKS_OBJECT_KINDS_COUNT; kind++)
            if (one->kind_objects[kind] > to->kind_objects[kind])
                to->kind_objects[kind] = one->kind_objects[kind];
        to->first_us = one->first_us < to->first_us ? one->first_us : to->first_us;
        to->last_us = one->last_us > to->last_us ? one->last_us : to->last_us;
        to->confidence = one->confidence > to->confidence ? one->confidence : to->confidence;
        lag += one->lag_median_us * (double)one->posts_count;
        weight += (double)one->posts_count;
        if (one->score > to->score) {
            to->score = one->score;
            to->copies_max_score = one->copies_max_score;
        }
    }
    if (weight > 0)
        to->lag_median_us = lag / weight;
    return objects_merge(results, from, count, to) || matches_merge(results, from, count, f, to);
}

/* ---- members and edges ---- */

struct ranked {
    double strength, log10_p;
    uint32_t node, member;
};

static int ranked_order(const void *left, const void *right)
{
    const struct ranked *x = left, *y = right;
    if (x->strength != y->strength)
        return x->strength > y->strength ? -1 : 1;
    if (x->log10_p != y->log10_p)
        return x->log10_p < y->log10_p ? -1 : 1;
    return (x->node > y->node) - (x->node < y->node);
}

/* Members by falling strength of their ties inside, then by what all layers say. */
static int members_fill(struct lks_fuse_target *target, const double *strength)
{
    struct lks_finding *finding = target->finding;
    const struct lks_fused *fused = target->fused;
    struct lks_arena *arena = &target->results->arena;
    uint32_t count = fused->members_count;
    struct ranked *ranked = malloc((count + 1) * sizeof *ranked);
    finding->members = lks_arena_calloc(arena, count + 1u, sizeof *finding->members);
    finding->fusion.members = lks_arena_calloc(arena, count + 1u, sizeof *finding->fusion.members);
    if (!ranked || !finding->members || !finding->fusion.members) {
        free(ranked);
        return -1;
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t node = target->facts->node_of[fused->members[i].account];
        LKS_ASSERT(node != UINT32_MAX);
        ranked[i] = (struct ranked){strength[node], fused->members[i].log10_p, node, i};
    }
    if (count)
        qsort(ranked, count, sizeof *ranked, ranked_order);
    finding->members_count = finding->fusion.members_count = count;
    for (uint32_t i = 0; i < count; i++) {
        const struct lks_fused_member *member = &fused->members[ranked[i].member];
        finding->members[i] = ranked[i].node;
        finding->fusion.members[i] =
            (struct lks_member_fusion){.tie = member->tie,
                                       .layers = member->layers,
                                       .log10_p = member->is_record ? NAN : member->log10_p,
                                       .q_value = member->is_record ? NAN : member->q_value};
    }
    free(ranked);
    return 0;
}

/* Which finding each node and edge is of, and the sums over edges. */
static void edges_fill(struct lks_results *results, const struct lks_fuse_facts *facts,
                       struct lks_finding *findings, double *strength)
{
    const struct lks_fusion *fusion = facts->fusion;
    for (uint32_t v = 0; v < results->nodes_count; v++)
        results->nodes[v].group = UINT32_MAX;
    for (uint32_t f = 0; f < fusion->items_count; f++) {
        findings[f].edges_count = 0;
        findings[f].occasions_count = 0;
        findings[f].expected = findings[f].q_edge_max = 0;
        for (uint32_t i = 0; i < fusion->items[f].members_count; i++)
            results->nodes[facts->node_of[fusion->items[f].members[i].account]].group = f;
    }
    for (uint64_t i = 0; i < results->edges_count; i++) {
        struct lks_result_edge *edge = &results->edges[i];
        uint32_t f = results->nodes[edge->edge.a].group;
        edge->group = f == results->nodes[edge->edge.b].group ? f : UINT32_MAX;
        if (edge->group == UINT32_MAX)
            continue;
        double weight = -log10(fmax(edge->p_value, 1e-300));
        findings[f].edges_count++;
        findings[f].occasions_count += edge->edge.occasions_count;
        findings[f].expected += edge->expected;
        findings[f].q_edge_max = fmax(findings[f].q_edge_max, edge->q_value);
        strength[edge->edge.a] += weight;
        strength[edge->edge.b] += weight;
    }
}

static uint32_t finding_of(const struct lks_results *results, const struct lks_fuse_facts *facts,
                           uint32_t account)
{
    uint32_t node = account < facts->layers->accounts_count ? facts->node_of[account] : UINT32_MAX;
    return node == UINT32_MAX ? UINT32_MAX : results->nodes[node].group;
}

/* The findings that signals by account say. */
static void accounts_point(struct lks_results *results, const struct lks_fuse_facts *facts)
{
    for (uint32_t i = 0; i < results->awakenings_count; i++)
        results->awakenings[i].finding =
            finding_of(results, facts, results->awakenings[i].item.account);
    for (uint32_t i = 0; i < results->responders_count; i++)
        results->responders[i].finding =
            finding_of(results, facts, results->responders[i].item.account);
    for (uint32_t i = 0; i < results->swarmers_count; i++)
        results->swarmers[i].finding =
            finding_of(results, facts, results->swarmers[i].item.account);
    for (uint32_t i = 0; i < results->payees_count; i++)
        results->payees[i].finding = finding_of(results, facts, results->payees[i].account_index);
    for (uint32_t i = 0; i < results->scripts_count; i++)
        results->scripts[i].finding_count = 0;
    for (uint32_t i = 0; i < results->tellers_count; i++) {
        struct lks_result_teller *teller = &results->tellers[i];
        teller->finding = finding_of(results, facts, teller->item.account);
        results->scripts[teller->item.script].finding_count += teller->finding != UINT32_MAX;
    }
}

static int finding_fill(struct lks_fuse_target *target, const struct lks_finding *old,
                        const double *strength, struct lks_error *err)
{
    const struct lks_fused *fused = target->fused;
    struct lks_results *results = target->results;
    struct lks_finding *to = target->finding, sums = *to;
    const struct lks_finding **from = malloc((fused->parts_count + 1) * sizeof *from);
    uint32_t count = 0;
    if (!from)
        return memory_out(err);
    target->largest = NULL;
    for (uint32_t i = 0; i < fused->parts_count; i++)
        if (fused->parts[i].layer == LKS_LAYER_COACTION) {
            const struct lks_finding *part = &old[fused->parts[i].index];
            if (!target->largest || part->members_count > target->largest->members_count)
                target->largest = part;
            if (part->confidence > LKS_CONFIDENCE_EXPLAINED &&
                (!target->judged || part->members_count > target->judged->members_count))
                target->judged = part;
            from[count++] = part;
        }
    target->judged = target->judged ? target->judged : target->largest;
    int code = groups_merge(results, from, count, target->item, to) ? memory_out(err) : 0;
    to->edges_count = sums.edges_count;
    to->occasions_count = sums.occasions_count;
    to->expected = sums.expected;
    to->q_edge_max = sums.q_edge_max;
    /* Of the clearest co-action group, where there is one; every mechanism has its own beside it. */
    to->p_value = count                              ? 1
                  : fused->log10_p == fused->log10_p ? pow(10, fmax(fused->log10_p, -300))
                                                     : NAN;
    for (uint32_t i = 0; i < count; i++)
        to->p_value = fmin(to->p_value, from[i]->p_value);
    to->id = lks_fuse_text(results, "F%u", target->item + 1);
    to->fusion.seed_share =
        count ? lks_repeat_share(to->p_value, results->copies_count, target->facts->group_level)
              : NAN;
    free(from);
    if (code == 0 && (!to->id.data || members_fill(target, strength) != 0))
        code = memory_out(err);
    if (code == 0)
        code = lks_fuse_innocent(target, err);
    if (code == 0)
        code = lks_fuse_words(target, err);
    if (code == 0)
        code = lks_fuse_roles(target, err);
    return code ? code : lks_fuse_techniques(target, err);
}

/* Accounts on a pair that is sooner than others with the same interest, of all pairs where that
 * could be tested; -1 when memory is out. */
static int64_t synchronous_count(const struct lks_results *results)
{
    size_t count = 0;
    int64_t named = 0;
    double *log10_p = malloc((results->edges_count + 1) * sizeof *log10_p);
    double *q = malloc((results->edges_count + 1) * sizeof *q);
    unsigned char *is_named = calloc((size_t)results->nodes_count + 1, 1);
    int failed = !log10_p || !q || !is_named;
    for (uint64_t i = 0; !failed && i < results->edges_count; i++)
        if (results->edges[i].synchrony_p == results->edges[i].synchrony_p)
            log10_p[count++] = fmin(0, log10(fmax(results->edges[i].synchrony_p, 1e-300)));
    failed = failed || lks_bh_adjust(log10_p, count, count, q, NULL) != 0;
    for (uint64_t i = 0, at = 0; !failed && i < results->edges_count; i++) {
        const struct lks_result_edge *edge = &results->edges[i];
        if (edge->synchrony_p == edge->synchrony_p && q[at++] <= NAMED_LEVEL)
            is_named[edge->edge.a] = is_named[edge->edge.b] = 1;
    }
    for (uint32_t v = 0; !failed && v < results->nodes_count; v++)
        named += is_named[v];
    free(log10_p);
    free(q);
    free(is_named);
    return failed ? -1 : named;
}

/* Every layer of the run: what it could see. Co-action names its groups, which the results still
 * hold, synchrony pairs; the others name accounts. */
static int layers_fill(struct lks_results *results, const struct lks_layers *layers)
{
    int64_t synchronous = synchronous_count(results);
    uint32_t grouped = 0;
    for (uint32_t f = 0; f < results->findings_count; f++)
        grouped += results->findings[f].members_count;
    results->layers = lks_arena_calloc(&results->arena, LKS_LAYERS_COUNT, sizeof *results->layers);
    if (!results->layers || synchronous < 0)
        return -1;
    results->layers_count = LKS_LAYERS_COUNT;
    for (int kind = 0; kind < LKS_LAYERS_COUNT; kind++) {
        const struct lks_layer *layer = &layers->layer[kind];
        results->layers[kind] = (struct lks_result_layer){
            .layer = (enum lks_layer_kind)kind,
            .observable = layer->observable,
            .why = lks_arena_str(&results->arena, layer->observable ? LKS_STR("") : layer->why),
            .accounts_tested = layer->accounts_tested,
            .pairs_tested = layer->pairs_tested,
            .accounts_named = layer->accounts_count,
            .clusters_count = layer->clusters_count};
    }
    for (uint32_t i = 0; i < layers->layer[LKS_LAYER_ANSWERS].accounts_count; i++)
        results->layers[LKS_LAYER_ANSWERS].accounts_named -=
            layers->layer[LKS_LAYER_ANSWERS].accounts[i].role == LKS_ROLE_CALLER;
    if (layers->layer[LKS_LAYER_COACTION].observable) {
        results->layers[LKS_LAYER_COACTION].accounts_named = grouped;
        results->layers[LKS_LAYER_COACTION].clusters_count = results->findings_count;
    }
    if (layers->layer[LKS_LAYER_SYNCHRONY].observable)
        results->layers[LKS_LAYER_SYNCHRONY].accounts_named = (uint32_t)synchronous;
    return 0;
}

int lks_fuse_apply(struct lks_results *results, const struct lks_fuse_facts *facts,
                   struct lks_error *err)
{
    const struct lks_fusion *fusion = facts->fusion;
    struct lks_finding *findings =
        lks_arena_calloc(&results->arena, fusion->items_count + 1u, sizeof *findings);
    double *strength = calloc((size_t)results->nodes_count + 1, sizeof *strength);
    struct lks_attribution *attributions =
        calloc((size_t)fusion->items_count * LKS_LAYERS_COUNT + 1, sizeof *attributions);
    int code = findings && strength && attributions ? 0 : memory_out(err);
    if (code == 0 && layers_fill(results, facts->layers) != 0)
        code = memory_out(err);
    if (code == 0)
        code = lks_attribution_run(facts->layers, fusion, &facts->registrations, attributions, err);
    if (code == 0)
        edges_fill(results, facts, findings, strength);
    for (uint32_t f = 0; f < fusion->items_count && code == 0; f++) {
        struct lks_fuse_target target = {results,
                                         facts,
                                         &fusion->items[f],
                                         f,
                                         &findings[f],
                                         NULL,
                                         &attributions[(size_t)f * LKS_LAYERS_COUNT]};
        code = finding_fill(&target, results->findings, strength, err);
    }
    free(strength);
    free(attributions);
    if (code)
        return code;
    results->findings = findings;
    results->findings_count = fusion->items_count;
    accounts_point(results, facts);
    return 0;
}
