/* select.c - which groups are findings, who belongs to them, and what each carries
 *
 * Groups are looked at from the loosest level to the strictest; one is taken at the loosest
 * level at which it has its best rank, if none of its members is taken already. All lists by
 * finding are counting sorts, so the cost does not grow with the number of findings. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "finding/detection.h"
#include "signal/synchrony.h"

/* The second null of every kept edge: together within the shortest window, given within the
 * longest. Left NaN where there is but one window to compare with. */
static int fill_synchrony(struct lks_detection *detection, struct lks_error *err)
{
    const struct lks_chance_counts *counts = lks_chance_counts(detection->chance);
    struct lks_synchrony_options options = lks_synchrony_options_default();
    struct lks_synchrony synchrony;
    options.near_us = counts->windows_us[0];
    options.far_us = counts->windows_us[counts->windows_used - 1];
    if (counts->windows_used < 2 || detection->edges_count == 0)
        return 0;
    uint32_t accounts_count = detection->events->accounts_count;
    uint32_t *group = malloc(((size_t)accounts_count + 1) * sizeof *group);
    if (!group)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for the synchrony test");
    memset(group, 0xff, (size_t)accounts_count * sizeof *group);
    for (uint32_t v = 0; v < detection->analysis->nodes_count; v++)
        group[detection->analysis->node_account[v]] = detection->analysis->nodes[v].group;
    int rc = lks_synchrony_prepare(detection->events, &options, group, &synchrony, err);
    free(group);
    for (size_t i = 0; i < detection->edges_count && rc == 0; i++)
        detection->analysis->edges[i].synchrony_p =
            lks_synchrony_p(&synchrony, detection->edges[i].a, detection->edges[i].b);
    lks_synchrony_free(&synchrony);
    return rc;
}

/* A group that was accepted, while findings are put in order. */
struct accepted {
    unsigned level;
    uint32_t group;
    double p_value, score;
    uint32_t first_node;
};

static int compare_accepted(const void *left, const void *right)
{
    const struct accepted *x = left, *y = right;
    if (x->p_value != y->p_value)
        return x->p_value < y->p_value ? -1 : 1;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return x->first_node < y->first_node ? -1 : x->first_node > y->first_node;
}

/* The largest score at each level among the groups that share a member with group g of
 * level l; node indexes of stricter levels are looked up by account. */
static struct lks_group_maxima related_scores(const struct lks_detection *detection, unsigned level,
                                              uint32_t g)
{
    const struct lks_groups *own = &detection->levels.groups[level];
    struct lks_group_maxima related = {{0}};
    for (uint32_t i = own->first[g]; i < own->first[g + 1]; i++) {
        uint32_t v = own->node[i];
        for (unsigned l = 0; l < detection->test.levels_count; l++) {
            const struct lks_groups *other = &detection->levels.groups[l];
            uint32_t node = lks_groups_node(other, own->account[v]);
            if (node != UINT32_MAX && other->score[other->group[node]] > related.score[l])
                related.score[l] = other->score[other->group[node]];
        }
    }
    related.score[level] = own->score[g];
    return related;
}

/* Accepts group g of a level if it stands out there most, and nobody in it is taken. */
static int accept(struct lks_detection *detection, unsigned level, uint32_t g, uint8_t *taken,
                  struct accepted *accepted)
{
    const struct lks_groups *groups = &detection->levels.groups[level];
    const struct lks_groups *loose = &detection->levels.groups[0];
    unsigned best;
    struct lks_group_maxima related = related_scores(detection, level, g);
    double p = lks_group_p(detection->copies, detection->options->copies_count,
                           detection->test.levels_count, &related, &best);
    if (p > detection->options->group_level || best != level)
        return 0;
    uint32_t first = UINT32_MAX;
    for (uint32_t i = groups->first[g]; i < groups->first[g + 1]; i++) {
        uint32_t node = lks_groups_node(loose, groups->account[groups->node[i]]);
        if (taken[node])
            return 0;
        first = node < first ? node : first;
    }
    for (uint32_t i = groups->first[g]; i < groups->first[g + 1]; i++)
        taken[lks_groups_node(loose, groups->account[groups->node[i]])] = 1;
    *accepted = (struct accepted){level, g, p, groups->score[g], first};
    return 1;
}

struct member {
    double strength;
    uint32_t node;
};

static int compare_members(const void *left, const void *right)
{
    const struct member *x = left, *y = right;
    if (x->strength != y->strength)
        return x->strength > y->strength ? -1 : 1;
    return x->node < y->node ? -1 : x->node > y->node;
}

/* Members by falling sum of -log10 p over their ties, edges and sums of finding f. */
static int fill_finding(struct lks_detection *detection, const struct accepted *accepted,
                        uint32_t f, double *strength, struct lks_measures *measures,
                        struct lks_error *err)
{
    struct lks_analysis *analysis = detection->analysis;
    struct lks_finding *finding = &analysis->findings[f];
    const uint32_t *nodes = detection->node + detection->node_first[f];
    uint32_t count = (uint32_t)(detection->node_first[f + 1] - detection->node_first[f]);
    struct member *members = calloc((size_t)count + 1, sizeof *members);
    finding->members = lks_arena_calloc(&analysis->arena, count + 1u, sizeof(uint32_t));
    if (!members || !finding->members) {
        free(members);
        return lks_error_set(err, LKS_EMEMORY, "out of memory for a finding");
    }
    char id[24];
    snprintf(id, sizeof id, "F%u", f + 1);
    finding->id = lks_arena_str(&analysis->arena, lks_str_from(id));
    finding->p_value = accepted->p_value;
    finding->score = accepted->score;
    /* All kept edges between members belong to the finding, also those above a strict level:
     * they are evidence, though the score does not count them. */
    for (uint64_t i = detection->edge_first[f]; i < detection->edge_first[f + 1]; i++) {
        const struct lks_result_edge *edge = &analysis->edges[detection->edge[i]];
        finding->edges_count++;
        finding->occasions_count += edge->edge.occasions_count;
        finding->expected += edge->expected;
        measures->synchrony_edges += edge->synchrony_p == edge->synchrony_p;
        measures->synchrony_clear += edge->synchrony_p <= 0.05;
        if (edge->q_value > finding->q_edge_max)
            finding->q_edge_max = edge->q_value;
        strength[edge->edge.a] -= detection->edges[detection->edge[i]].log10_p;
        strength[edge->edge.b] -= detection->edges[detection->edge[i]].log10_p;
    }
    for (uint32_t i = 0; i < count; i++) {
        members[i] = (struct member){strength[nodes[i]], nodes[i]};
        uint32_t account = analysis->node_account[nodes[i]];
        int8_t verified = detection->options->account_verified
                              ? detection->options->account_verified[account]
                              : -1;
        measures->verified_known += verified >= 0;
        measures->verified += verified == 1;
    }
    if (count)
        qsort(members, count, sizeof *members, compare_members);
    for (uint32_t i = 0; i < count; i++)
        finding->members[i] = members[i].node;
    finding->members_count = count;
    double largest = 0;
    for (uint32_t i = 0; i < detection->options->copies_count; i++)
        largest = fmax(largest, detection->copies[i].score[accepted->level]);
    finding->copies_max_score = largest;
    measures->score_ratio =
        accepted->score /
        lks_group_copies_max(detection->copies, detection->options->copies_count, accepted->level);
    free(members);
    return 0;
}

/* In a group of more than ten, an account with a single tie into it is more likely tied by
 * chance than one of it: such accounts are taken away until none is left (the 2-core). What
 * was tested is the group with them; its members as reported are without. A group that would
 * vanish stays as it is. A leaf has one tie, and the exclusive or over its ties is its
 * neighbour. */
static int prune(struct lks_detection *detection, struct lks_error *err)
{
    struct lks_analysis *analysis = detection->analysis;
    uint32_t nodes_count = analysis->nodes_count, leaves = 0;
    uint32_t findings_count = analysis->findings_count;
    uint32_t *degree = calloc((size_t)nodes_count + 1, sizeof *degree);
    uint32_t *across = calloc((size_t)nodes_count + 1, sizeof *across);
    uint32_t *leaf = calloc((size_t)nodes_count + 1, sizeof *leaf);
    uint32_t *members = calloc((size_t)findings_count + 1, sizeof *members);
    uint32_t *leaving = calloc((size_t)findings_count + 1, sizeof *leaving);
    int rc = degree && across && leaf && members && leaving
                 ? 0
                 : lks_error_set(err, LKS_EMEMORY, "out of memory for findings");
    for (uint64_t i = 0; i < analysis->edges_count && rc == 0; i++) {
        uint32_t a = analysis->edges[i].edge.a, b = analysis->edges[i].edge.b;
        if (analysis->nodes[a].group != analysis->nodes[b].group)
            continue;
        degree[a]++;
        degree[b]++;
        across[a] ^= b;
        across[b] ^= a;
    }
    for (uint32_t v = 0; v < nodes_count && rc == 0; v++) {
        if (analysis->nodes[v].group == UINT32_MAX)
            continue;
        members[analysis->nodes[v].group]++;
        if (degree[v] < 2)
            leaf[leaves++] = v;
    }
    for (uint32_t i = 0; i < leaves; i++) {
        leaving[analysis->nodes[leaf[i]].group]++;
        if (degree[leaf[i]] == 0)
            continue; /* its only neighbour went before it */
        uint32_t other = across[leaf[i]];
        across[other] ^= leaf[i];
        if (--degree[other] == 1)
            leaf[leaves++] = other;
    }
    for (uint32_t i = 0; i < leaves; i++) {
        uint32_t *group = &analysis->nodes[leaf[i]].group;
        if (members[*group] > 10 && members[*group] - leaving[*group] > 2)
            *group = UINT32_MAX;
    }
    free(degree);
    free(across);
    free(leaf);
    free(members);
    free(leaving);
    return rc;
}

/* Lists nodes and edges by finding, and marks the edges with it. */
static int list_by_finding(struct lks_detection *detection, struct lks_error *err)
{
    struct lks_analysis *analysis = detection->analysis;
    size_t findings = analysis->findings_count;
    detection->node_first = calloc(findings + 2, sizeof *detection->node_first);
    detection->edge_first = calloc(findings + 2, sizeof *detection->edge_first);
    detection->node = calloc((size_t)analysis->nodes_count + 1, sizeof *detection->node);
    detection->edge = calloc(analysis->edges_count + 1, sizeof *detection->edge);
    if (!detection->node_first || !detection->edge_first || !detection->node || !detection->edge)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for findings");
    uint64_t *nodes = detection->node_first + 1, *edges = detection->edge_first + 1;
    for (uint64_t i = 0; i < analysis->edges_count; i++) {
        struct lks_result_edge *edge = &analysis->edges[i];
        uint32_t f = analysis->nodes[edge->edge.a].group;
        edge->group = f == analysis->nodes[edge->edge.b].group ? f : UINT32_MAX;
        if (edge->group != UINT32_MAX)
            edges[f + 1]++;
    }
    for (uint32_t v = 0; v < analysis->nodes_count; v++) {
        if (analysis->nodes[v].group != UINT32_MAX)
            nodes[analysis->nodes[v].group + 1]++;
    }
    for (size_t f = 0; f < findings; f++) {
        nodes[f + 1] += nodes[f];
        edges[f + 1] += edges[f];
    }
    for (uint64_t i = 0; i < analysis->edges_count; i++) {
        if (analysis->edges[i].group != UINT32_MAX)
            detection->edge[edges[analysis->edges[i].group]++] = i;
    }
    for (uint32_t v = 0; v < analysis->nodes_count; v++) {
        if (analysis->nodes[v].group != UINT32_MAX)
            detection->node[nodes[analysis->nodes[v].group]++] = v;
    }
    return 0;
}

/* Turns the groups that stand out into findings. */
int lks_detection_findings(struct lks_detection *detection, struct lks_error *err)
{
    struct lks_analysis *analysis = detection->analysis;
    uint32_t groups_count = 0, count = 0;
    for (unsigned l = 0; l < detection->test.levels_count; l++)
        groups_count += detection->levels.groups[l].groups_count;
    struct accepted *accepted = malloc(((size_t)groups_count + 1) * sizeof *accepted);
    uint8_t *taken = calloc((size_t)analysis->nodes_count + 1, 1);
    int rc = accepted && taken ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory for findings");
    for (unsigned l = 0; l < detection->test.levels_count && rc == 0; l++) {
        for (uint32_t g = 0; g < detection->levels.groups[l].groups_count; g++) {
            if (detection->levels.groups[l].members[g] >= 2)
                count += (uint32_t)accept(detection, l, g, taken, &accepted[count]);
        }
    }
    if (count)
        qsort(accepted, count, sizeof *accepted, compare_accepted);
    if (rc == 0) {
        analysis->findings =
            lks_arena_calloc(&analysis->arena, count + 1u, sizeof *analysis->findings);
        if (!analysis->findings)
            rc = lks_error_set(err, LKS_EMEMORY, "out of memory for findings");
        analysis->findings_count = rc ? 0 : count;
    }
    for (uint32_t f = 0; f < count && rc == 0; f++) {
        const struct lks_groups *groups = &detection->levels.groups[accepted[f].level];
        uint32_t g = accepted[f].group;
        for (uint32_t i = groups->first[g]; i < groups->first[g + 1]; i++) {
            uint32_t account = groups->account[groups->node[i]];
            analysis->nodes[lks_groups_node(&detection->levels.groups[0], account)].group = f;
        }
    }
    if (rc == 0)
        rc = prune(detection, err);
    if (rc == 0)
        rc = list_by_finding(detection, err);
    if (rc == 0)
        rc = fill_synchrony(detection, err);
    double *strength = calloc((size_t)analysis->nodes_count + 1, sizeof *strength);
    if (rc == 0 && !strength)
        rc = lks_error_set(err, LKS_EMEMORY, "out of memory for findings");
    for (uint32_t f = 0; f < count && rc == 0; f++) {
        struct lks_measures measures = {0};
        rc = fill_finding(detection, &accepted[f], f, strength, &measures, err);
        if (rc == 0)
            rc = lks_detection_evidence(detection, f, &measures, err);
        if (rc == 0)
            rc = lks_detection_judge(detection, &analysis->findings[f], &measures, err);
    }
    free(strength);
    free(accepted);
    free(taken);
    return rc;
}
