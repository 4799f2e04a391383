/* select.c - which groups are findings, and what each carries
 *
 * Groups are looked at from the loosest level to the strictest; one is taken at the loosest
 * level at which it has its best rank, if none of its members is taken already. Who belongs to
 * it is then asked in members.c. All lists by
 * finding are counting sorts, so the cost does not grow with the number of findings. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chance/synchrony.h"
#include "finding/members.h"

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

static int compare_accepted(const void *left, const void *right)
{
    const struct lks_accepted *x = left, *y = right;
    if (x->p_value != y->p_value)
        return x->p_value < y->p_value ? -1 : 1;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return x->first_account < y->first_account ? -1 : x->first_account > y->first_account;
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
                  struct lks_accepted *accepted)
{
    const struct lks_groups *groups = &detection->levels.groups[level];
    unsigned best;
    struct lks_group_maxima related = related_scores(detection, level, g);
    double p = lks_group_p(detection->copies, detection->test.copies_count,
                           detection->test.levels_count, &related, &best);
    if (p > detection->options->group_level || best != level)
        return 0;
    uint32_t first = groups->first[g], end = groups->first[g + 1];
    for (uint32_t i = first; i < end; i++) {
        if (taken[groups->account[groups->node[i]]])
            return 0;
    }
    for (uint32_t i = first; i < end; i++)
        taken[groups->account[groups->node[i]]] = 1;
    *accepted = (struct lks_accepted){
        level, g, p, groups->score[g], groups->account[groups->node[first]], UINT32_MAX, 0};
    return 1;
}

int lks_detection_select(struct lks_detection *detection, struct lks_error *err)
{
    uint32_t groups_count = 0, count = 0;
    for (unsigned l = 0; l < detection->test.levels_count; l++)
        groups_count += detection->levels.groups[l].groups_count;
    detection->accepted = malloc(((size_t)groups_count + 1) * sizeof *detection->accepted);
    uint8_t *taken = calloc((size_t)detection->events->accounts_count + 1, 1);
    if (!detection->accepted || !taken) {
        free(taken);
        return lks_error_set(err, LKS_EMEMORY, "out of memory for findings");
    }
    for (unsigned l = 0; l < detection->test.levels_count; l++) {
        for (uint32_t g = 0; g < detection->levels.groups[l].groups_count; g++) {
            if (detection->levels.groups[l].members[g] >= 2)
                count += (uint32_t)accept(detection, l, g, taken, &detection->accepted[count]);
        }
    }
    free(taken);
    if (count)
        qsort(detection->accepted, count, sizeof *detection->accepted, compare_accepted);
    detection->accepted_count = count;
    int rc = lks_detection_members(detection, err);
    return rc ? rc : lks_detection_lonely(detection, err);
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
static int fill_finding(struct lks_detection *detection, const struct lks_accepted *accepted,
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
    analysis->finding_level[f] = log10(detection->test.levels[accepted->level]);
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
    for (uint32_t i = 0; i < detection->test.copies_count; i++)
        largest = fmax(largest, detection->copies[i].score[accepted->level]);
    finding->copies_max_score = largest;
    measures->score_ratio =
        accepted->score /
        lks_group_copies_max(detection->copies, detection->test.copies_count, accepted->level);
    free(members);
    return 0;
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

/* What members' own tests say of a finding: who met it steadily, and whom their days explain. */
static void measure_members(const struct lks_detection *detection, uint32_t f,
                            struct lks_measures *measures)
{
    for (uint32_t i = 0; i < detection->members_count; i++) {
        const struct lks_member *member = &detection->members[i];
        if (member->finding != f)
            continue;
        measures->steady_members += member->content_strata >= 3;
        measures->daily_known += member->log10_days < 0;
        measures->daily_members += member->log10_days < 0 && member->log10_days > log10(0.05);
    }
}

int lks_detection_findings(struct lks_detection *detection, struct lks_error *err)
{
    struct lks_analysis *analysis = detection->analysis;
    uint32_t count = detection->findings_count;
    analysis->findings = lks_arena_calloc(&analysis->arena, count + 1u, sizeof *analysis->findings);
    analysis->finding_level = lks_arena_calloc(&analysis->arena, count + 1u, sizeof(double));
    double *strength = calloc((size_t)analysis->nodes_count + 1, sizeof *strength);
    int rc = analysis->findings && analysis->finding_level && strength
                 ? 0
                 : lks_error_set(err, LKS_EMEMORY, "out of memory for findings");
    analysis->findings_count = rc ? 0 : count;
    for (uint32_t i = 0; i < detection->members_count && rc == 0; i++) {
        const struct lks_member *member = &detection->members[i];
        struct lks_result_node *node =
            &analysis->nodes[lks_detection_node(detection, member->account)];
        node->group = member->finding;
        node->member_p = pow(10, member->log10_p);
        node->member_q = member->q_value;
    }
    if (rc == 0)
        rc = list_by_finding(detection, err);
    if (rc == 0)
        rc = fill_synchrony(detection, err);
    for (uint32_t f = 0; f < count && rc == 0; f++) {
        const struct lks_accepted *accepted = detection->accepted;
        struct lks_measures measures = {0};
        while (accepted->finding != f || accepted->is_cell)
            accepted++; /* every finding has one that it grew from */
        measure_members(detection, f, &measures);
        rc = fill_finding(detection, accepted, f, strength, &measures, err);
        if (rc == 0)
            rc = lks_detection_evidence(detection, f, &measures, err);
        if (rc == 0)
            rc = lks_detection_judge(detection, &analysis->findings[f], &measures, err);
    }
    free(strength);
    return rc;
}
