/* layers_of.c - every signal of a run, put into the one shape that the fusion reads
 *
 * One function a layer. A new signal adds its own here, and its name in layers.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "finding/detect_groups.h"
#include "finding/layers.h"
#include "finding/layers_of.h"

struct gathering {
    const struct lks_results *results;
    const struct lks_analysis *analysis;
    struct lks_layers *layers;
};

static struct lks_layer *layer_open(struct gathering *gathering, enum lks_layer_kind kind,
                                    uint32_t accounts, uint32_t clusters, uint64_t pairs)
{
    struct lks_arena *arena = &gathering->layers->arena;
    struct lks_layer *layer = &gathering->layers->layer[kind];
    layer->observable = 1;
    layer->accounts = lks_arena_calloc(arena, (size_t)accounts + 1, sizeof *layer->accounts);
    layer->clusters = lks_arena_calloc(arena, (size_t)clusters + 1, sizeof *layer->clusters);
    layer->pairs = lks_arena_calloc(arena, pairs + 1, sizeof *layer->pairs);
    return layer->accounts && layer->clusters && layer->pairs ? layer : NULL;
}

static int layer_closed(struct gathering *gathering, enum lks_layer_kind kind, const char *why)
{
    gathering->layers->layer[kind].why = lks_str_from(why);
    return 0;
}

static double log10_of(double p)
{
    return fmin(0, log10(fmax(p, 1e-300)));
}

/* Kept edges are tested pairs; whoever met too seldom has p = 1. */
static int coaction_gather(struct gathering *gathering)
{
    const struct lks_results *results = gathering->results;
    if (!results->tests_count)
        return layer_closed(gathering, LKS_LAYER_COACTION, "no two accounts could have met");
    struct lks_layer *layer = layer_open(gathering, LKS_LAYER_COACTION, 0, 0, results->edges_count);
    if (!layer)
        return -1;
    layer->pairs_tested = results->tests_count;
    for (uint64_t i = 0; i < results->edges_count; i++) {
        const struct lks_result_edge *edge = &results->edges[i];
        uint32_t a = gathering->analysis->node_account[edge->edge.a];
        uint32_t b = gathering->analysis->node_account[edge->edge.b];
        layer->pairs[layer->pairs_count++] =
            (struct lks_layer_pair){a < b ? a : b, a < b ? b : a, log10_of(edge->p_value)};
    }
    return 0;
}

/* Only where others share the interest can a pair be sooner than they. */
static int synchrony_gather(struct gathering *gathering)
{
    const struct lks_results *results = gathering->results;
    uint64_t count = 0;
    for (uint64_t i = 0; i < results->edges_count; i++)
        count += results->edges[i].synchrony_p == results->edges[i].synchrony_p;
    if (!count)
        return layer_closed(gathering, LKS_LAYER_SYNCHRONY,
                            "nobody else uses what those who met use, or times are too coarse");
    struct lks_layer *layer = layer_open(gathering, LKS_LAYER_SYNCHRONY, 0, 0, count);
    if (!layer)
        return -1;
    layer->pairs_partial = 1;
    layer->pairs_tested = count;
    for (uint64_t i = 0; i < results->edges_count; i++) {
        const struct lks_result_edge *edge = &results->edges[i];
        if (edge->synchrony_p != edge->synchrony_p)
            continue;
        uint32_t a = gathering->analysis->node_account[edge->edge.a];
        uint32_t b = gathering->analysis->node_account[edge->edge.b];
        layer->pairs[layer->pairs_count++] =
            (struct lks_layer_pair){a < b ? a : b, a < b ? b : a, log10_of(edge->synchrony_p)};
    }
    return 0;
}

/* Cohorts are the clusters: of awakenings first, of registrations for who woke in none. */
static int sleepers_gather(struct gathering *gathering)
{
    const struct lks_results *results = gathering->results;
    if (!results->life_tested_count)
        return layer_closed(gathering, LKS_LAYER_SLEEPERS,
                            "no account has acts enough and a history before them");
    struct lks_layer *layer = layer_open(gathering, LKS_LAYER_SLEEPERS, results->awakenings_count,
                                         results->cohorts_count, 0);
    if (!layer)
        return -1;
    layer->accounts_tested = results->life_tested_count;
    layer->clusters_count = results->cohorts_count;
    for (uint32_t i = 0; i < results->cohorts_count; i++) {
        const struct lks_cohort *cohort = &results->cohorts[i];
        double all = fmax(1, results->awakenings_count);
        layer->clusters[i] = (struct lks_layer_cluster){
            .log10_p = log10_of(cohort->p_value),
            .chance_share = fmin(1, cohort->expected / all),
            .first_us = cohort->first_us,
            .last_us = cohort->last_us,
            .name = lks_str_from(cohort->registration ? "were registered" : "woke up"),
            .caller = UINT32_MAX};
    }
    for (uint32_t i = 0; i < results->awakenings_count; i++) {
        const struct lks_awakening *item = &results->awakenings[i].item;
        int32_t cohort = item->woke_cohort >= 0 ? item->woke_cohort : item->made_cohort;
        layer->accounts[layer->accounts_count++] =
            (struct lks_layer_account){.account = item->account,
                                       .cluster = cohort >= 0 ? (uint32_t)cohort : LKS_LAYER_ALONE,
                                       .log10_p = fmin(0, item->log10_p),
                                       .q_value = fmin(1, item->q_value),
                                       .role = LKS_ROLE_NONE};
    }
    return 0;
}

static int channel_order(const void *left, const void *right)
{
    uint32_t x = *(const uint32_t *)left, y = *(const uint32_t *)right;
    return (x > y) - (x < y);
}

/* Those who answer: a cluster for each channel, of the accounts that answer it most. That somebody
 * answers it at all has the p of the surest of them over all that were tested (Simes), times the
 * channels. The channel itself belongs as surely as its calls are answered. */
static int answers_gather(struct gathering *gathering)
{
    const struct lks_results *results = gathering->results;
    uint32_t count = results->responders_count, channels = 0;
    if (results->recruitment.unobservable.size_bytes || !results->recruitment.tested_count)
        return layer_closed(gathering, LKS_LAYER_ANSWERS,
                            "no channel in the data calls for anything that others then do");
    struct lks_layer *layer = layer_open(gathering, LKS_LAYER_ANSWERS, 2 * count, count, 0);
    uint32_t *channel =
        lks_arena_calloc(&gathering->layers->arena, (size_t)count + 1, sizeof *channel);
    if (!layer || !channel)
        return -1;
    layer->accounts_tested = results->recruitment.tested_count;
    for (uint32_t i = 0; i < count; i++)
        channel[i] = results->responders[i].item.channel;
    if (count)
        qsort(channel, count, sizeof *channel, channel_order);
    for (uint32_t i = 0; i < count; i++)
        if (i == 0 || channel[i] != channel[i - 1])
            channel[channels++] = channel[i];
    layer->clusters_count = channels;
    for (uint32_t c = 0; c < channels; c++)
        layer->clusters[c] = (struct lks_layer_cluster){.caller = channel[c]};
    for (uint32_t i = 0; i < count; i++) {
        const struct lks_responder *item = &results->responders[i].item;
        const uint32_t *place =
            bsearch(&item->channel, channel, channels, sizeof *channel, channel_order);
        struct lks_layer_cluster *cluster = &layer->clusters[place - channel];
        cluster->log10_p =
            fmin(cluster->log10_p, fmin(0, log10_of(item->q_value) + log10(channels)));
        layer->accounts[layer->accounts_count++] =
            (struct lks_layer_account){.account = item->account,
                                       .cluster = (uint32_t)(place - channel),
                                       .log10_p = fmin(0, item->log10_p),
                                       .q_value = fmin(1, item->q_value),
                                       .role = LKS_ROLE_NONE};
    }
    for (uint32_t c = 0, named = layer->accounts_count; c < channels; c++) {
        int answers_itself = 0; /* another channel's calls: named already */
        for (uint32_t i = 0; i < named && !answers_itself; i++)
            answers_itself = layer->accounts[i].account == channel[c];
        if (channel[c] < gathering->layers->accounts_count && !answers_itself)
            layer->accounts[layer->accounts_count++] =
                (struct lks_layer_account){.account = channel[c],
                                           .cluster = c,
                                           .log10_p = layer->clusters[c].log10_p,
                                           .q_value = pow(10, layer->clusters[c].log10_p),
                                           .role = LKS_ROLE_CALLER};
    }
    return 0;
}

/* Those who copy under strangers' posts; clusters are floods with their commenters in common. A
 * copier's own p says that it copies again and again, so no share is left to chance. */
static int swarm_gather(struct gathering *gathering)
{
    const struct lks_results *results = gathering->results;
    if (results->swarm.unobservable.size_bytes || !results->swarm.tested_count)
        return layer_closed(gathering, LKS_LAYER_SWARM,
                            "nobody in the data answers posts of several authors");
    struct lks_layer *layer = layer_open(gathering, LKS_LAYER_SWARM, results->swarmers_count,
                                         results->swarm_clusters_count, 0);
    if (!layer)
        return -1;
    layer->accounts_tested = results->swarm.tested_count;
    layer->clusters_count = results->swarm_clusters_count;
    for (uint32_t i = 0; i < results->swarm_clusters_count; i++) {
        const struct lks_swarm_cluster *cluster = &results->swarm_clusters[i];
        layer->clusters[i] = (struct lks_layer_cluster){
            .log10_p = fmin(0, cluster->log10_p),
            .first_us = cluster->first_us,
            .last_us = cluster->last_us,
            .name = lks_str_from("wrote the same comments under the same posts"),
            .caller = UINT32_MAX};
    }
    for (uint32_t i = 0; i < results->swarmers_count; i++) {
        const struct lks_swarmer *item = &results->swarmers[i].item;
        layer->accounts[layer->accounts_count++] = (struct lks_layer_account){
            .account = item->account,
            .cluster = item->cluster == LKS_SWARM_NONE ? LKS_LAYER_ALONE : item->cluster,
            .log10_p = fmin(0, item->log10_p),
            .q_value = fmin(1, item->q_value),
            .role = LKS_ROLE_COMMENTER};
    }
    return 0;
}

/* ---- promotion ---- */

/* A record is no test: what a ledger says is taken as said, before nearly all that a test says. */
#define LEDGER_LOG10_P (-300.0)

struct promoted {
    uint32_t account, cluster;
    int is_record;
    double log10_p, q_value;
};

static int promoted_order(const void *left, const void *right)
{
    const struct promoted *x = left, *y = right;
    if (x->account != y->account)
        return x->account < y->account ? -1 : 1;
    if (x->log10_p != y->log10_p)
        return x->log10_p < y->log10_p ? -1 : 1;
    return (x->cluster > y->cluster) - (x->cluster < y->cluster);
}

/* Cluster 0 are the accounts of the ledger; 1 + s those that tell script s and are named for
 * it. A script that two accounts of the ledger tell is the ledger's. */
static size_t promoted_list(const struct lks_results *results, struct promoted *list)
{
    size_t count = 0;
    for (uint32_t i = 0; i < results->payees_count; i++)
        if (results->payees[i].account_index != UINT32_MAX)
            list[count++] =
                (struct promoted){results->payees[i].account_index, 0, 1, LEDGER_LOG10_P, 0};
    for (uint32_t i = 0; i < results->tellers_count; i++) {
        const struct lks_script_member *item = &results->tellers[i].item;
        if (item->flagged)
            list[count++] = (struct promoted){
                item->account,
                results->scripts[item->script].paid_count >= 2 ? 0 : 1 + item->script, 0,
                fmin(0, item->log10_p), fmin(1, item->q_value)};
    }
    if (count)
        qsort(list, count, sizeof *list, promoted_order);
    return count;
}

static int promotion_gather(struct gathering *gathering)
{
    const struct lks_results *results = gathering->results;
    uint32_t most = results->payees_count + results->tellers_count;
    if (results->promotion.unobservable.size_bytes && !results->payees_count)
        return layer_closed(gathering, LKS_LAYER_PROMOTION,
                            "no ledger, and no posts whose scripts could be told");
    struct lks_layer *layer =
        layer_open(gathering, LKS_LAYER_PROMOTION, most, 1 + results->scripts_count, 0);
    struct promoted *list = malloc(((size_t)most + 1) * sizeof *list);
    if (!layer || !list) {
        free(list);
        return -1;
    }
    layer->accounts_tested = results->promotion.accounts_tested;
    layer->clusters_count = 1 + results->scripts_count;
    layer->clusters[0] = (struct lks_layer_cluster){.log10_p = LEDGER_LOG10_P,
                                                    .name = LKS_STR("are paid by the ledger, or "
                                                                    "tell what those tell"),
                                                    .is_record = 1,
                                                    .caller = UINT32_MAX};
    for (uint32_t i = 0; i < results->scripts_count; i++) {
        const struct lks_script *script = &results->scripts[i].item;
        layer->clusters[1 + i] = (struct lks_layer_cluster){
            .log10_p = fmin(0, script->log10_p),
            .first_us = script->first_us,
            .last_us = script->last_us,
            .name = LKS_STR("tell one script in words of their own and do not say that it is paid"),
            .caller = UINT32_MAX};
    }
    size_t count = promoted_list(results, list);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || list[i - 1].account != list[i].account)
            layer->accounts[layer->accounts_count++] =
                (struct lks_layer_account){.account = list[i].account,
                                           .cluster = list[i].cluster,
                                           .log10_p = list[i].log10_p,
                                           .q_value = list[i].q_value,
                                           .is_record = list[i].is_record,
                                           .role = LKS_ROLE_PAID};
    free(list);
    return 0;
}

int lks_layers_gather(const struct lks_results *results, const struct lks_analysis *analysis,
                      uint32_t accounts_count, struct lks_layers *layers, struct lks_error *err)
{
    struct gathering gathering = {results, analysis, layers};
    *layers = (struct lks_layers){.accounts_count = accounts_count};
    int failed = coaction_gather(&gathering) != 0 || synchrony_gather(&gathering) != 0 ||
                 sleepers_gather(&gathering) != 0 || answers_gather(&gathering) != 0 ||
                 swarm_gather(&gathering) != 0 || promotion_gather(&gathering) != 0;
    /* These are told by the findings, or of them, and so come after them. */
    layer_closed(&gathering, LKS_LAYER_LINEAGE,
                 "whose a tag is, is told by the findings: it describes them and makes none");
    layer_closed(&gathering, LKS_LAYER_REGISTRATIONS,
                 "who was registered on one day describes findings and makes none");
    layer_closed(&gathering, LKS_LAYER_EDITS,
                 "who uses a tag and an edit of it describes findings and makes none");
    layer_closed(&gathering, LKS_LAYER_POPULARITY,
                 "who uses a tag more than others describes findings and makes none");
    if (failed)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for the layers");
    lks_layers_check(layers);
    return 0;
}
