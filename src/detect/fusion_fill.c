/* fusion_fill.c - the layers of a run fused: who belongs to what, by which signals
 *
 * Everything that is needed is in memory: the scores of the signals and the events. No signal
 * runs again, not even for leaving one out. */
#include "detect/fusion_fill.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "finding/fuse_results.h"
#include "finding/layers_of.h"

struct filling {
    struct lks_store *store;
    const struct lks_events *events;
    const struct lks_analysis *analysis;
    struct lks_results *results;
    struct lks_layers layers;
    struct lks_fusion fusion;
    struct lks_fuse_group *groups;
    uint32_t *group_accounts; /* members of all groups */
    double *group_shares;     /* and their q */
    struct lks_fuse_tie *group_ties;
    struct lks_left_out (*left_out)[LKS_LAYERS_COUNT];
    uint32_t *node_of, *account_of;
    uint32_t *comments, *posts;
    struct lks_str *names, *beneficiaries;
    size_t names_count;
    unsigned char *is_registered, *is_dated;
};

static int memory_out(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "out of memory for the fusion");
}

enum { DECOYS = 9 }; /* that the members' q was held against */

/* The edges that a group's score counts, group after group. */
static int ties_make(struct filling *filling, struct lks_error *err)
{
    const struct lks_results *results = filling->results;
    const uint32_t *account = filling->analysis->node_account;
    size_t at = 0;
    size_t *next = calloc((size_t)results->findings_count + 1, sizeof *next);
    filling->group_ties = calloc(results->edges_count + 1, sizeof *filling->group_ties);
    if (!filling->group_ties || !next) {
        free(next);
        return memory_out(err);
    }
    for (uint64_t i = 0; i < results->edges_count; i++)
        if (results->edges[i].group != UINT32_MAX)
            filling->groups[results->edges[i].group].ties_count++;
    for (uint32_t f = 0; f < results->findings_count; f++) {
        struct lks_fuse_group *group = &filling->groups[f];
        group->ties = filling->group_ties + at;
        group->score_least = results->findings[f].copies_max_score;
        next[f] = at;
        at += group->ties_count;
    }
    for (uint64_t i = 0; i < results->edges_count; i++) {
        const struct lks_result_edge *edge = &results->edges[i];
        if (edge->group == UINT32_MAX)
            continue;
        double level = filling->analysis->finding_level[edge->group];
        filling->group_ties[next[edge->group]++] =
            (struct lks_fuse_tie){account[edge->edge.a], account[edge->edge.b],
                                  fmax(0, level - log10(fmax(edge->p_value, 1e-300)))};
    }
    free(next);
    return 0;
}

/* Groups of the co-action test, in ids of the events. */
static int groups_make(struct filling *filling, struct lks_error *err)
{
    const struct lks_results *results = filling->results;
    size_t all = 0;
    for (uint32_t f = 0; f < results->findings_count; f++)
        all += results->findings[f].members_count;
    filling->groups = calloc((size_t)results->findings_count + 1, sizeof *filling->groups);
    filling->group_accounts = calloc(all + 1, sizeof *filling->group_accounts);
    filling->group_shares = calloc(all + 1, sizeof *filling->group_shares);
    double *sorted = calloc(all + 1, sizeof *sorted);
    if (!filling->groups || !filling->group_accounts || !filling->group_shares || !sorted) {
        free(sorted);
        return memory_out(err);
    }
    uint32_t *at = filling->group_accounts;
    double *share = filling->group_shares;
    for (uint32_t f = 0; f < results->findings_count; f++) {
        const struct lks_finding *finding = &results->findings[f];
        filling->groups[f] =
            (struct lks_fuse_group){.accounts = at,
                                    .accounts_count = finding->members_count,
                                    .log10_p = fmin(0, log10(fmax(finding->p_value, 1e-300))),
                                    .share = share};
        for (uint32_t i = 0; i < finding->members_count; i++) {
            double q = results->nodes[finding->members[i]].member_q;
            share[i] = q <= 1 ? q : 1; /* not known: 1 */
            *at++ = filling->analysis->node_account[finding->members[i]];
        }
        lks_fuse_shares_floor(share, finding->members_count, DECOYS, sorted);
        share += finding->members_count;
    }
    free(sorted);
    return ties_make(filling, err);
}

static int number_order(const void *left, const void *right)
{
    uint32_t x = *(const uint32_t *)left, y = *(const uint32_t *)right;
    return (x > y) - (x < y);
}

/* Members that no kept edge ties become nodes too, in a ring around the picture's middle. */
static int nodes_add(struct filling *filling, struct lks_error *err)
{
    struct lks_results *results = filling->results;
    uint32_t accounts = filling->layers.accounts_count, more = 0, old = results->nodes_count;
    for (uint32_t v = 0; v < old; v++)
        filling->node_of[filling->analysis->node_account[v]] = v;
    for (uint32_t f = 0; f < filling->fusion.items_count; f++)
        more += filling->fusion.items[f].members_count;
    struct lks_result_node *nodes =
        lks_arena_calloc(&results->arena, (size_t)old + more + 1, sizeof *nodes);
    uint32_t *indexes = malloc(((size_t)more + 1) * sizeof *indexes);
    struct lks_account *found = calloc((size_t)more + 1, sizeof *found);
    uint64_t *posts = calloc((size_t)more + 1, sizeof *posts);
    filling->account_of = malloc(((size_t)old + more + 1) * sizeof *filling->account_of);
    int code = nodes && indexes && found && posts && filling->account_of ? 0 : memory_out(err);
    more = 0;
    for (uint32_t f = 0; f < filling->fusion.items_count && code == 0; f++)
        for (uint32_t i = 0; i < filling->fusion.items[f].members_count; i++) {
            uint32_t account = filling->fusion.items[f].members[i].account;
            if (filling->node_of[account] == UINT32_MAX)
                indexes[more++] = account;
        }
    if (code == 0 && more) {
        qsort(indexes, more, sizeof *indexes, number_order);
        code =
            lks_store_accounts(filling->store, indexes, more, &results->arena, found, posts, err);
    }
    if (code == 0) {
        if (old) {
            memcpy(nodes, results->nodes, old * sizeof *nodes);
            memcpy(filling->account_of, filling->analysis->node_account, old * sizeof *indexes);
        }
        for (uint32_t i = 0; i < more; i++) {
            double turn = 2.39996322972865332 * i; /* the golden angle: no two stand together */
            nodes[old + i] = (struct lks_result_node){.account = found[i],
                                                      .posts_count = posts[i],
                                                      .group = UINT32_MAX,
                                                      .member_p = NAN,
                                                      .member_q = NAN,
                                                      .x = 0.98 * cos(turn),
                                                      .y = 0.98 * sin(turn)};
            filling->node_of[indexes[i]] = old + i;
            filling->account_of[old + i] = indexes[i];
        }
        results->nodes = nodes;
        results->nodes_count = old + more;
    }
    LKS_ASSERT(code || old + more <= old + accounts);
    free(indexes);
    free(found);
    free(posts);
    return code;
}

/* How many posts an account has, and how many are comments: for roles. */
static int posts_count(struct filling *filling, struct lks_error *err)
{
    uint32_t accounts = filling->layers.accounts_count;
    filling->comments = calloc((size_t)accounts + 1, sizeof *filling->comments);
    filling->posts = calloc((size_t)accounts + 1, sizeof *filling->posts);
    if (!filling->comments || !filling->posts)
        return memory_out(err);
    for (uint32_t p = 0; p < filling->events->posts_count; p++)
        filling->posts[filling->events->post_account[p]]++;
    return lks_store_comment_counts(filling->store, accounts, filling->comments, err);
}

/* The names by which case.toml knows whom it may be about. */
static int names_make(struct filling *filling, const struct lks_settings *settings,
                      struct lks_error *err)
{
    size_t count = 0;
    for (size_t i = 0; settings && i < settings->beneficiaries_count; i++)
        count += settings->beneficiaries[i].names.count + settings->beneficiaries[i].accounts.count;
    filling->names = calloc(count + 1, sizeof *filling->names);
    filling->beneficiaries = calloc(count + 1, sizeof *filling->beneficiaries);
    if (!filling->names || !filling->beneficiaries)
        return memory_out(err);
    for (size_t i = 0; settings && i < settings->beneficiaries_count; i++) {
        const struct lks_setting_beneficiary *who = &settings->beneficiaries[i];
        for (size_t j = 0; j < who->names.count + who->accounts.count; j++) {
            filling->names[filling->names_count] = j < who->names.count
                                                       ? who->names.items[j]
                                                       : who->accounts.items[j - who->names.count];
            filling->beneficiaries[filling->names_count++] = who->name;
        }
    }
    return 0;
}

/* Whose day is known by a field, and whose day and shape of handle are a registration cohort. */
static int registered_mark(struct filling *filling, const struct lks_account_columns *columns,
                           struct lks_error *err)
{
    const struct lks_results *results = filling->results;
    uint32_t accounts = filling->layers.accounts_count;
    filling->is_registered = calloc((size_t)accounts + 1, 1);
    filling->is_dated = calloc((size_t)accounts + 1, 1);
    if (!filling->is_registered || !filling->is_dated)
        return memory_out(err);
    for (uint32_t a = 0; a < accounts; a++) {
        int64_t made_us = columns->created_us[a];
        if (!filling->posts[a] || columns->created_method[a] != LKS_CREATED_FIELD ||
            made_us == LKS_TIME_NULL)
            continue;
        filling->is_dated[a] = 1;
        for (uint32_t i = 0; i < results->registrations_count; i++) {
            const struct lks_registration *cohort = &results->registrations[i].item;
            if (columns->shape[a] == cohort->shape && made_us >= cohort->day_us &&
                made_us < cohort->day_us + LKS_DAY_US)
                filling->is_registered[a] = 1;
        }
    }
    return 0;
}

/* The kept edges, as all layers see them. */
static int edges_fuse(struct filling *filling, struct lks_error *err)
{
    struct lks_results *results = filling->results;
    struct lks_fused_pair *pairs = calloc(results->edges_count + 1, sizeof *pairs);
    if (!pairs)
        return memory_out(err);
    for (uint64_t i = 0; i < results->edges_count; i++)
        pairs[i] =
            (struct lks_fused_pair){.a = filling->analysis->node_account[results->edges[i].edge.a],
                                    .b = filling->analysis->node_account[results->edges[i].edge.b]};
    int code = lks_fuse_pairs(&filling->layers, pairs, results->edges_count, err);
    for (uint64_t i = 0; i < results->edges_count && code == 0; i++) {
        results->edges[i].fused_p = pow(10, fmax(pairs[i].log10_p, -300));
        results->edges[i].fused_q = pairs[i].q_value;
        results->edges[i].fused_layers = pairs[i].layers;
    }
    free(pairs);
    return code;
}

static int fuse(struct filling *filling, const struct lks_detect_groups_options *options,
                struct lks_error *err)
{
    struct lks_fuse_options fuse_options = lks_fuse_options_default();
    struct lks_fuse_input input = {.layers = &filling->layers,
                                   .events = filling->events,
                                   .groups = filling->groups,
                                   .groups_count = filling->results->findings_count,
                                   .stratum_us = options->chance.stratum_us,
                                   .layers_mask = UINT32_MAX};
    memcpy(input.kind_window_us, options->chance.kind_window_us, sizeof input.kind_window_us);
    int code = lks_fuse(&input, &fuse_options, &filling->fusion, err);
    filling->left_out = calloc((size_t)filling->fusion.items_count + 1, sizeof *filling->left_out);
    if (code == 0 && !filling->left_out)
        code = memory_out(err);
    if (code == 0)
        code = lks_fuse_without(&input, &fuse_options, &filling->fusion, filling->left_out, err);
    return code;
}

static void filling_free(struct filling *filling)
{
    lks_layers_free(&filling->layers);
    lks_fusion_free(&filling->fusion);
    free(filling->groups);
    free(filling->group_accounts);
    free(filling->group_shares);
    free(filling->group_ties);
    free(filling->left_out);
    free(filling->node_of);
    free(filling->is_registered);
    free(filling->is_dated);
    free(filling->comments);
    free(filling->posts);
    free(filling->names);
    free(filling->beneficiaries);
}

int lks_fusion_fill(struct lks_store *store, const struct lks_events *events,
                    const struct lks_detect_groups_options *options,
                    const struct lks_settings *settings, const struct lks_account_columns *columns,
                    const struct lks_analysis *analysis, struct lks_results *results,
                    uint32_t *account_finding, uint32_t **node_account_out, struct lks_error *err)
{
    struct filling filling = {
        .store = store, .events = events, .analysis = analysis, .results = results};
    uint32_t accounts = events->accounts_count;
    filling.node_of = malloc(((size_t)accounts + 1) * sizeof *filling.node_of);
    int code = filling.node_of ? 0 : memory_out(err);
    if (code == 0) {
        memset(filling.node_of, 0xff, ((size_t)accounts + 1) * sizeof *filling.node_of);
        code = lks_layers_gather(results, analysis, accounts, &filling.layers, err);
    }
    if (code == 0)
        code = groups_make(&filling, err);
    if (code == 0)
        code = fuse(&filling, options, err);
    if (code == 0)
        code = edges_fuse(&filling, err);
    if (code == 0)
        code = nodes_add(&filling, err);
    if (code == 0)
        code = posts_count(&filling, err);
    if (code == 0)
        code = names_make(&filling, settings, err);
    if (code == 0)
        code = registered_mark(&filling, columns, err);
    if (code == 0) {
        struct lks_fuse_facts facts = {
            .layers = &filling.layers,
            .fusion = &filling.fusion,
            .left_out = (const struct lks_left_out(*)[LKS_LAYERS_COUNT])filling.left_out,
            .node_of = filling.node_of,
            .account_of = filling.account_of,
            .comments = filling.comments,
            .posts = filling.posts,
            .beneficiary_names = filling.names,
            .beneficiaries = filling.beneficiaries,
            .beneficiaries_count = filling.names_count,
            .cluster_level = lks_fuse_options_default().cluster_level,
            .group_level = options->group_level,
            .registrations = {filling.is_registered, filling.is_dated}};
        code = lks_fuse_apply(results, &facts, err);
    }
    if (code == 0) {
        memset(account_finding, 0xff, (size_t)accounts * sizeof *account_finding);
        for (uint32_t v = 0; v < results->nodes_count; v++)
            account_finding[filling.account_of[v]] = results->nodes[v].group;
    }
    *node_account_out = filling.account_of;
    filling_free(&filling);
    return code;
}
