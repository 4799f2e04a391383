/* detect_groups.c - from events to findings: edges against chance, groups against shuffled copies
 *
 * The order of work: prepare the null model, scan the real data, form groups at every level,
 * scan the copies, keep the groups that stand out, then fill what is reported. Everything
 * heavy lies in signal/chance*, network/groups and group_copies; this file composes. */
#include "finding/detect_groups.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/threads.h"
#include "finding/detection.h"
#include "signal/synchrony.h"
#include "stat/multiple.h"

struct lks_detect_groups_options lks_detect_groups_options_default(void)
{
    return (struct lks_detect_groups_options){
        .chance = lks_chance_options_default(),
        .edge_level = 0.05,
        .group_level = 0.05,
        .copies_count = 99,
        .split_accounts = 40,
        .seed = 1,
    };
}

int lks_detect_groups_options_check(const struct lks_detect_groups_options *options,
                                    struct lks_error *err)
{
    int rc = lks_chance_options_check(&options->chance, err);
    if (rc)
        return rc;
    if (!(options->edge_level > 0 && options->edge_level <= 0.5))
        return lks_error_set(err, LKS_EARGUMENT, "the level of edges must be in (0, 0.5]");
    if (!(options->group_level > 0 && options->group_level <= 0.5))
        return lks_error_set(err, LKS_EARGUMENT, "the level of groups must be in (0, 0.5]");
    if (options->copies_count < 1 || options->copies_count > 1000000)
        return lks_error_set(err, LKS_EARGUMENT, "between 1 and a million copies are needed");
    if (options->split_accounts < 2)
        return lks_error_set(err, LKS_EARGUMENT, "groups of two are not split further");
    return 0;
}

/* Posts by author, marks, and how many accounts use each object. */
static int lay_out(struct lks_detection *detection, struct lks_error *err)
{
    const struct lks_events *events = detection->events;
    const struct lks_chance *chance = detection->chance;
    struct lks_marks *marks = &detection->marks;
    uint32_t *fill = calloc((size_t)events->accounts_count + 1, 4);
    detection->account_post = calloc((size_t)events->posts_count + 1, 4);
    detection->object_users = calloc((size_t)events->objects_count + 1, 4);
    marks->post = calloc((size_t)events->posts_count + 1, 4);
    marks->object = calloc((size_t)events->objects_count + 1, 4);
    marks->account = calloc((size_t)events->accounts_count + 1, 4);
    marks->stratum = calloc((size_t)chance->strata_count + 1, 4);
    marks->row = calloc(events->count + 1, 4);
    marks->matched = calloc((size_t)events->posts_count + 1, 1);
    if (!fill || !detection->account_post || !detection->object_users || !marks->post ||
        !marks->object || !marks->account || !marks->stratum || !marks->row || !marks->matched) {
        free(fill);
        return lks_error_set(err, LKS_EMEMORY, "out of memory for the findings");
    }
    for (uint32_t i = 0; i < events->posts_count; i++) {
        uint32_t post = chance->stratum_post[i], account = events->post_account[post];
        detection->account_post[chance->account_first[account] + fill[account]++] = post;
    }
    for (size_t i = 0; i < events->count; i++) {
        if (i == 0 || events->object[i] != events->object[i - 1])
            marks->epoch++;
        uint32_t account = events->account[i];
        detection->object_users[events->object[i]] += marks->account[account] != marks->epoch;
        marks->account[account] = marks->epoch;
    }
    free(fill);
    return 0;
}

/* Scans the real data and forms its groups at every level. */
static int scan_real(struct lks_detection *detection, struct lks_error *err)
{
    struct lks_chance_scan *scan;
    const struct lks_chance_edge *edges;
    int rc = lks_chance_scan_new(detection->chance, &scan, err);
    if (rc)
        return rc;
    rc = lks_chance_scan_run(scan, detection->events->post_account, detection->test.levels[0],
                             &edges, &detection->edges_count, &detection->analysis->edges_tested,
                             err);
    if (rc == 0) {
        detection->edges = malloc((detection->edges_count + 1) * sizeof *edges);
        if (!detection->edges)
            rc = lks_error_set(err, LKS_EMEMORY, "out of memory for edges");
    }
    if (rc == 0 && detection->edges_count)
        memcpy(detection->edges, edges, detection->edges_count * sizeof *edges);
    lks_chance_scan_free(scan);
    if (rc == 0)
        rc = lks_group_levels_find(&detection->test, detection->edges, detection->edges_count,
                                   &detection->levels, err);
    return rc;
}

/* Nodes and edges of the analysis, without groups. */
static int fill_network(struct lks_detection *detection, struct lks_error *err)
{
    struct lks_analysis *analysis = detection->analysis;
    const struct lks_groups *loose = &detection->levels.groups[0];
    uint32_t nodes = analysis->nodes_count = loose->nodes_count;
    size_t edges = analysis->edges_count = detection->edges_count;
    analysis->nodes = lks_arena_calloc(&analysis->arena, nodes + 1u, sizeof *analysis->nodes);
    analysis->node_account = lks_arena_calloc(&analysis->arena, nodes + 1u, sizeof(uint32_t));
    analysis->edges = lks_arena_calloc(&analysis->arena, edges + 1, sizeof *analysis->edges);
    analysis->post_finding = malloc(((size_t)detection->events->posts_count + 1) * 4);
    double *log10_p = malloc((edges + 1) * sizeof *log10_p), *q = malloc((edges + 1) * sizeof *q);
    int rc = 0;
    if (!analysis->nodes || !analysis->node_account || !analysis->edges ||
        !analysis->post_finding || !log10_p || !q)
        rc = lks_error_set(err, LKS_EMEMORY, "out of memory for the network");
    for (size_t i = 0; i < edges && rc == 0; i++)
        log10_p[i] = detection->edges[i].log10_p;
    if (rc == 0) {
        memset(analysis->post_finding, 0xff, (size_t)detection->events->posts_count * 4);
        rc = lks_bh_adjust(log10_p, edges, analysis->tests_count, q, err);
    }
    for (uint32_t v = 0; v < nodes && rc == 0; v++) {
        uint32_t account = analysis->node_account[v] = loose->account[v];
        const uint32_t *first = detection->chance->account_first;
        analysis->nodes[v].group = UINT32_MAX;
        analysis->nodes[v].posts_count = first[account + 1] - first[account];
    }
    for (size_t i = 0; i < edges && rc == 0; i++) {
        const struct lks_chance_edge *from = &detection->edges[i];
        struct lks_result_edge *to = &analysis->edges[i];
        to->edge.a = lks_groups_node(loose, from->a);
        to->edge.b = lks_groups_node(loose, from->b);
        to->edge.occasions_count = from->occasions;
        to->expected = from->expected;
        to->p_value = from->log10_p > -300 ? pow(10, from->log10_p) : 1e-300;
        to->q_value = q[i];
        to->window_us = lks_chance_counts(detection->chance)->windows_us[from->window_index];
        to->synchrony_p = NAN;
        to->group = UINT32_MAX;
        analysis->nodes[to->edge.a].degree++;
        analysis->nodes[to->edge.b].degree++;
        analysis->nodes[to->edge.a].strength += from->occasions;
        analysis->nodes[to->edge.b].strength += from->occasions;
    }
    free(log10_p);
    free(q);
    return rc;
}

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

/* Members by falling sum of -log10 p, edges and sums of finding f. */
static int fill_finding(struct lks_detection *detection, const struct accepted *accepted,
                        uint32_t f, struct lks_measures *measures, struct lks_error *err)
{
    struct lks_analysis *analysis = detection->analysis;
    struct lks_finding *finding = &analysis->findings[f];
    uint32_t count = 0, filled = 0;
    for (uint32_t v = 0; v < analysis->nodes_count; v++)
        count += analysis->nodes[v].group == f;
    struct member *members = calloc((size_t)count + 1, sizeof *members);
    double *strength = calloc((size_t)analysis->nodes_count + 1, sizeof *strength);
    finding->members = lks_arena_calloc(&analysis->arena, count + 1u, sizeof(uint32_t));
    if (!members || !strength || !finding->members) {
        free(members);
        free(strength);
        return lks_error_set(err, LKS_EMEMORY, "out of memory for a finding");
    }
    char id[24];
    snprintf(id, sizeof id, "F%u", f + 1);
    finding->id = lks_arena_str(&analysis->arena, lks_str_from(id));
    finding->p_value = accepted->p_value;
    finding->score = accepted->score;
    for (uint32_t v = 0; v < analysis->nodes_count; v++) {
        if (analysis->nodes[v].group == f)
            members[filled++].node = v;
    }
    /* All kept edges between members belong to the finding, also those above a strict level:
     * they are evidence, though the score does not count them. */
    for (uint64_t i = 0; i < analysis->edges_count; i++) {
        struct lks_result_edge *edge = &analysis->edges[i];
        if (analysis->nodes[edge->edge.a].group != f || analysis->nodes[edge->edge.b].group != f)
            continue;
        edge->group = f;
        finding->edges_count++;
        finding->occasions_count += edge->edge.occasions_count;
        finding->expected += edge->expected;
        measures->synchrony_edges += edge->synchrony_p == edge->synchrony_p;
        measures->synchrony_clear += edge->synchrony_p <= 0.05;
        if (edge->q_value > finding->q_edge_max)
            finding->q_edge_max = edge->q_value;
        strength[edge->edge.a] -= detection->edges[i].log10_p;
        strength[edge->edge.b] -= detection->edges[i].log10_p;
    }
    for (uint32_t i = 0; i < count; i++) {
        members[i].strength = strength[members[i].node];
        uint32_t account = analysis->node_account[members[i].node];
        int8_t verified = detection->options->account_verified
                              ? detection->options->account_verified[account]
                              : -1;
        measures->verified_known += verified >= 0;
        measures->verified += verified == 1;
    }
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
    free(strength);
    return 0;
}

/* In a group of more than ten, an account with a single tie into it is more likely tied by
 * chance than one of it: such accounts are taken away until none is left (the 2-core). What
 * was tested is the group with them; its members as reported are without. A group that would
 * vanish stays as it is. A leaf has one tie, and the exclusive or over its ties is its
 * neighbour. */
static int prune(struct lks_detection *detection, uint32_t f, struct lks_error *err)
{
    struct lks_analysis *analysis = detection->analysis;
    uint32_t nodes_count = analysis->nodes_count, members = 0, leaves = 0;
    uint32_t *degree = calloc((size_t)nodes_count + 1, sizeof *degree);
    uint32_t *across = calloc((size_t)nodes_count + 1, sizeof *across);
    uint32_t *leaf = calloc((size_t)nodes_count + 1, sizeof *leaf);
    int rc = degree && across && leaf ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory");
    for (uint64_t i = 0; i < analysis->edges_count && rc == 0; i++) {
        uint32_t a = analysis->edges[i].edge.a, b = analysis->edges[i].edge.b;
        if (analysis->nodes[a].group != f || analysis->nodes[b].group != f)
            continue;
        degree[a]++;
        degree[b]++;
        across[a] ^= b;
        across[b] ^= a;
    }
    for (uint32_t v = 0; v < nodes_count && rc == 0; v++) {
        members += analysis->nodes[v].group == f;
        if (analysis->nodes[v].group == f && degree[v] < 2)
            leaf[leaves++] = v;
    }
    for (uint32_t i = 0; i < leaves; i++) {
        uint32_t other = across[leaf[i]];
        if (degree[leaf[i]] == 0)
            continue; /* its only neighbour went before it */
        across[other] ^= leaf[i];
        if (--degree[other] == 1)
            leaf[leaves++] = other;
    }
    if (members > 10 && members - leaves > 2) {
        for (uint32_t i = 0; i < leaves; i++)
            analysis->nodes[leaf[i]].group = UINT32_MAX;
    }
    free(degree);
    free(across);
    free(leaf);
    return rc;
}

/* Turns the groups that stand out into findings. */
static int fill_findings(struct lks_detection *detection, struct lks_error *err)
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
        rc = prune(detection, f, err);
    }
    if (rc == 0)
        rc = fill_synchrony(detection, err);
    for (uint32_t f = 0; f < count && rc == 0; f++) {
        struct lks_measures measures = {0};
        rc = fill_finding(detection, &accepted[f], f, &measures, err);
        if (rc == 0)
            rc = lks_detection_evidence(detection, f, &measures, err);
        if (rc == 0)
            rc = lks_detection_judge(detection, &analysis->findings[f], &measures, err);
    }
    free(accepted);
    free(taken);
    return rc;
}

/* Numbers the posts that serve as evidence, and counts the matched posts of the nodes. */
static int fill_posts(struct lks_detection *detection, struct lks_error *err)
{
    struct lks_analysis *analysis = detection->analysis;
    uint32_t posts_count = detection->events->posts_count, count = 0;
    uint32_t *number = detection->marks.post; /* no longer marks */
    memset(number, 0, (size_t)posts_count * 4);
    for (uint32_t f = 0; f < analysis->findings_count; f++) {
        for (uint32_t i = 0; i < analysis->findings[f].matches_count; i++) {
            number[analysis->findings[f].matches[i].post_a] = 1;
            number[analysis->findings[f].matches[i].post_b] = 1;
        }
    }
    for (uint32_t p = 0; p < posts_count; p++)
        count += number[p];
    analysis->evidence_post = lks_arena_calloc(&analysis->arena, count + 1u, sizeof(uint32_t));
    analysis->evidence_node = lks_arena_calloc(&analysis->arena, count + 1u, sizeof(uint32_t));
    if (!analysis->evidence_post || !analysis->evidence_node)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for the evidence");
    for (uint32_t p = 0; p < posts_count; p++) {
        if (number[p] == 0)
            continue;
        uint32_t account = detection->events->post_account[p];
        analysis->evidence_node[analysis->evidence_count] =
            lks_groups_node(&detection->levels.groups[0], account);
        analysis->evidence_post[analysis->evidence_count] = p;
        number[p] = analysis->evidence_count++;
    }
    for (uint32_t f = 0; f < analysis->findings_count; f++) {
        for (uint32_t i = 0; i < analysis->findings[f].matches_count; i++) {
            struct lks_result_match *match = &analysis->findings[f].matches[i];
            match->post_a = number[match->post_a];
            match->post_b = number[match->post_b];
        }
    }
    return 0;
}

/* Counts of the copies: the largest score, and the one to pass, at the loosest level. */
static void fill_copies(struct lks_detection *detection)
{
    struct lks_analysis *analysis = detection->analysis;
    uint32_t copies = analysis->copies_count = detection->options->copies_count;
    double threshold = 0;
    for (uint32_t i = 0; i < copies; i++)
        analysis->copies_max_score =
            fmax(analysis->copies_max_score, detection->copies[i].score[0]);
    /* p <= level asks that fewer than level (copies + 1) copies reach the score. */
    uint32_t allowed = (uint32_t)(detection->options->group_level * (copies + 1.0) * (1 + 1e-12));
    for (uint32_t i = 0; i < copies; i++) {
        double score = detection->copies[i].score[0];
        uint32_t above = 0;
        for (uint32_t j = 0; j < copies; j++)
            above += detection->copies[j].score[0] >= score;
        if (above >= allowed && score > threshold)
            threshold = score;
    }
    analysis->group_threshold = threshold;
}

static void detection_free(struct lks_detection *detection)
{
    lks_chance_free(detection->chance);
    free(detection->edges);
    free(detection->account_post);
    free(detection->object_users);
    lks_group_levels_free(&detection->levels);
    free(detection->copies);
    free(detection->marks.post);
    free(detection->marks.object);
    free(detection->marks.account);
    free(detection->marks.stratum);
    free(detection->marks.row);
    free(detection->marks.matched);
}

int lks_detect_groups(const struct lks_events *events,
                      const struct lks_detect_groups_options *options,
                      const struct lks_control *control, struct lks_analysis *analysis,
                      struct lks_error *err)
{
    memset(analysis, 0, sizeof *analysis);
    int rc = lks_detect_groups_options_check(options, err);
    if (rc)
        return rc;
    struct lks_detection detection = {
        .events = events,
        .options = options,
        .control = control,
        .analysis = analysis,
        .test = {.levels = {options->edge_level, options->edge_level / 5, options->edge_level / 50},
                 .levels_count = 3,
                 .copies_count = options->copies_count,
                 .split_accounts = options->split_accounts,
                 .seed = options->seed}};
    detection.copies = calloc(options->copies_count, sizeof *detection.copies);
    rc = detection.copies
             ? lks_chance_prepare(events, &options->chance, control, &detection.chance, err)
             : lks_error_set(err, LKS_EMEMORY, "out of memory for copies");
    if (rc == 0)
        rc = lay_out(&detection, err);
    if (rc == 0)
        rc = scan_real(&detection, err);
    if (rc == 0)
        rc = lks_group_copies(detection.chance, &detection.test, 0, control, detection.copies, err);
    if (rc == 0) {
        analysis->tests_count = lks_chance_counts(detection.chance)->pairs_possible;
        fill_copies(&detection);
        rc = fill_network(&detection, err);
    }
    if (rc == 0)
        rc = lks_detection_edges(&detection, err);
    if (rc == 0)
        rc = fill_findings(&detection, err);
    if (rc == 0)
        rc = fill_posts(&detection, err);
    if (rc == 0)
        rc = lks_detection_notes(&detection, err);
    detection_free(&detection);
    return rc;
}

void lks_analysis_free(struct lks_analysis *analysis)
{
    free(analysis->post_finding);
    lks_arena_free(&analysis->arena);
    memset(analysis, 0, sizeof *analysis);
}
