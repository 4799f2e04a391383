/* detect_groups.c - from events to findings: edges against chance, groups against shuffled copies
 *
 * The order of work: prepare the null model, scan the real data, form groups at every level,
 * scan the copies, keep the groups that stand out, then fill what is reported. Everything
 * heavy lies in chance/, network/groups and group_copies; this file composes. */
#include "finding/detect_groups.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/threads.h"
#include "finding/members.h"
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
        uint32_t *row = detection->account_post + chance->account_first[account];
        uint32_t at = fill[account]++;
        /* By time: within an hour the strata list one class after the other. */
        for (; at > 0 && events->post_time_us[row[at - 1]] > events->post_time_us[post]; at--)
            row[at] = row[at - 1];
        row[at] = post;
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
    int rc = lks_chance_scan_all(detection->chance, detection->events->post_account,
                                 detection->test.levels[0], detection->control, &detection->edges,
                                 &detection->edges_count, &detection->analysis->edges_tested, err);
    if (rc == 0)
        rc = lks_group_levels_find(&detection->test, detection->edges, detection->edges_count,
                                   &detection->levels, err);
    return rc;
}

uint32_t lks_detection_node(const struct lks_detection *detection, uint32_t account)
{
    const struct lks_analysis *analysis = detection->analysis;
    uint32_t low = 0, high = analysis->nodes_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (analysis->node_account[middle] < account)
            low = middle + 1;
        else
            high = middle;
    }
    return low < analysis->nodes_count && analysis->node_account[low] == account ? low : UINT32_MAX;
}

/* The accounts that have an edge or belong to a finding, without groups. */
static int fill_nodes(struct lks_detection *detection, struct lks_error *err)
{
    struct lks_analysis *analysis = detection->analysis;
    uint32_t accounts = detection->events->accounts_count, count = 0;
    uint8_t *stands = calloc((size_t)accounts + 1, 1);
    if (!stands)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for the network");
    for (size_t i = 0; i < detection->edges_count; i++)
        stands[detection->edges[i].a] = stands[detection->edges[i].b] = 1;
    for (uint32_t i = 0; i < detection->members_count; i++)
        stands[detection->members[i].account] = 1;
    for (uint32_t a = 0; a < accounts; a++)
        count += stands[a];
    analysis->nodes = lks_arena_calloc(&analysis->arena, count + 1u, sizeof *analysis->nodes);
    analysis->node_account = lks_arena_calloc(&analysis->arena, count + 1u, sizeof(uint32_t));
    if (!analysis->nodes || !analysis->node_account) {
        free(stands);
        return lks_error_set(err, LKS_EMEMORY, "out of memory for the network");
    }
    const uint32_t *first = detection->chance->account_first;
    for (uint32_t a = 0; a < accounts; a++) {
        if (!stands[a])
            continue;
        struct lks_result_node *node = &analysis->nodes[analysis->nodes_count];
        analysis->node_account[analysis->nodes_count++] = a;
        node->group = UINT32_MAX;
        node->member_p = node->member_q = NAN;
        node->posts_count = first[a + 1] - first[a];
    }
    free(stands);
    return 0;
}

/* Nodes and edges of the analysis, without groups. */
static int fill_network(struct lks_detection *detection, struct lks_error *err)
{
    struct lks_analysis *analysis = detection->analysis;
    int rc = fill_nodes(detection, err);
    if (rc)
        return rc;
    size_t edges = analysis->edges_count = detection->edges_count;
    analysis->edges = lks_arena_calloc(&analysis->arena, edges + 1, sizeof *analysis->edges);
    analysis->post_finding = malloc(((size_t)detection->events->posts_count + 1) * 4);
    double *log10_p = malloc((edges + 1) * sizeof *log10_p), *q = malloc((edges + 1) * sizeof *q);
    if (!analysis->edges || !analysis->post_finding || !log10_p || !q)
        rc = lks_error_set(err, LKS_EMEMORY, "out of memory for the network");
    for (size_t i = 0; i < edges && rc == 0; i++)
        log10_p[i] = detection->edges[i].log10_p;
    if (rc == 0) {
        memset(analysis->post_finding, 0xff, (size_t)detection->events->posts_count * 4);
        rc = lks_bh_adjust(log10_p, edges, analysis->tests_count, q, err);
    }
    for (size_t i = 0; i < edges && rc == 0; i++) {
        const struct lks_chance_edge *from = &detection->edges[i];
        struct lks_result_edge *to = &analysis->edges[i];
        to->edge.a = lks_detection_node(detection, from->a);
        to->edge.b = lks_detection_node(detection, from->b);
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
        analysis->evidence_node[analysis->evidence_count] = lks_detection_node(detection, account);
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

/* How many of so many copies may have a rank as good as a group's, itself counted, at the level asked for. */
static uint32_t allowed_of(const struct lks_detection *detection, uint32_t copies)
{
    return (uint32_t)(detection->options->group_level * (copies + 1.0) * (1 + 1e-12));
}

/* Scans the copies, as many as it takes. */
static int scan_copies(struct lks_detection *detection, struct lks_error *err)
{
    struct lks_group_stop stop = {lks_group_levels_largest(&detection->levels),
                                  allowed_of(detection, detection->options->copies_count)};
    return lks_group_copies_until(detection->chance, &detection->test, 0, &stop, detection->control,
                                  detection->copies, &detection->test.copies_count, err);
}

/* Counts of the copies: the largest score, and the one to pass, at the loosest level. */
static void fill_copies(struct lks_detection *detection)
{
    struct lks_analysis *analysis = detection->analysis;
    uint32_t copies = analysis->copies_count = detection->test.copies_count;
    double threshold = 0;
    for (uint32_t i = 0; i < copies; i++)
        analysis->copies_max_score =
            fmax(analysis->copies_max_score, detection->copies[i].score[0]);
    /* p <= level asks that fewer than level (copies + 1) copies reach the score. */
    uint32_t allowed = allowed_of(detection, copies);
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
    free(detection->members);
    free(detection->accepted);
    free(detection->node_first);
    free(detection->node);
    free(detection->edge_first);
    free(detection->edge);
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
    struct lks_detection detection = {.events = events,
                                      .options = options,
                                      .control = control,
                                      .analysis = analysis,
                                      .test = {.copies_count = options->copies_count,
                                               .split_accounts = options->split_accounts,
                                               .seed = options->seed}};
    detection.copies = calloc(options->copies_count, sizeof *detection.copies);
    rc = detection.copies
             ? lks_chance_prepare(events, &options->chance, control, &detection.chance, err)
             : lks_error_set(err, LKS_EMEMORY, "out of memory for copies");
    if (rc == 0)
        rc = lay_out(&detection, err);
    if (rc == 0)
        rc = lks_group_levels_choose(detection.chance, options->edge_level, control,
                                     &detection.test, err);
    if (rc == 0)
        rc = scan_real(&detection, err);
    if (rc == 0)
        rc = scan_copies(&detection, err);
    if (rc == 0) {
        analysis->tests_count = lks_chance_counts(detection.chance)->pairs_possible;
        fill_copies(&detection);
        rc = lks_detection_select(&detection, err);
    }
    if (rc == 0)
        rc = fill_network(&detection, err);
    if (rc == 0)
        rc = lks_detection_edges(&detection, err);
    if (rc == 0)
        rc = lks_detection_findings(&detection, err);
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
