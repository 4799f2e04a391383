/* evaluate_accounts.c - findings and every detector against labelled accounts and pairs */
#include <math.h>
#include <stdlib.h>

#include "engine/evaluate.h"
#include "stat/multiple.h"

/* Where an account outside of findings ends in rank, one in a finding begins, and in one of higher
 * confidence begins anew. */
#define RANK_FINDING 1e6
#define PER_ACCOUNTS 10000.0

static int memory_out(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "out of memory for the labels");
}

struct lks_measure lks_measure_make(uint64_t hits, uint64_t trials, double scale)
{
    struct lks_interval interval = lks_wilson(hits, trials);
    return (struct lks_measure){hits, trials, trials ? scale * (double)hits / (double)trials : NAN,
                                scale * interval.low, scale * interval.high};
}

/* ---- findings ---- */

/* The rank of every node: of findings by confidence and score, else by its least p. */
static double *scores_make(const struct lks_results *results)
{
    double *scores = calloc((size_t)results->nodes_count + 1, sizeof *scores);
    if (!scores)
        return NULL;
    for (uint64_t i = 0; i < results->edges_count; i++) {
        const struct lks_result_edge *edge = &results->edges[i];
        double score = edge->p_value > 0 ? -log10(edge->p_value) : 400;
        const uint32_t ends[2] = {edge->edge.a, edge->edge.b};
        for (int end = 0; end < 2; end++)
            if (score > scores[ends[end]])
                scores[ends[end]] = score;
    }
    for (uint32_t f = 0; f < results->findings_count; f++)
        for (uint32_t i = 0; i < results->findings[f].members_count; i++)
            scores[results->findings[f].members[i]] =
                RANK_FINDING * (1 + (double)results->findings[f].confidence) +
                results->findings[f].score;
    return scores;
}

static uint32_t *findings_of_nodes(const struct lks_results *results)
{
    uint32_t *finding = malloc(((size_t)results->nodes_count + 1) * sizeof *finding);
    if (!finding)
        return NULL;
    for (uint32_t i = 0; i < results->nodes_count; i++)
        finding[i] = LKS_EVALUATE_NONE;
    for (uint32_t f = 0; f < results->findings_count; f++)
        for (uint32_t i = 0; i < results->findings[f].members_count; i++)
            finding[results->findings[f].members[i]] = f;
    return finding;
}

static size_t ranked_fill(const struct lks_results *results, struct lks_labels *labels,
                          const double *scores, const uint32_t *finding,
                          struct lks_evaluated_run *run, struct lks_ranked *ranked)
{
    size_t count = 0;
    for (uint32_t i = 0; i < results->nodes_count; i++) {
        uint32_t id = lks_intern_find(&labels->keys, results->nodes[i].account.account_key);
        if (id == LKS_INTERN_NONE) {
            run->unlabelled_found += finding[i] != LKS_EVALUATE_NONE;
            continue;
        }
        struct lks_label *label = &labels->items[id];
        label->ranked = 1;
        ranked[count++] =
            (struct lks_ranked){finding[i], label->group, label->coordinated, scores[i]};
    }
    return count;
}

/* Labelled accounts of the case that nothing ranks. */
static void others_count(const struct lks_labels *labels, struct lks_evaluate_input *input)
{
    input->others_coordinated = input->others_innocent = 0;
    for (uint32_t i = 0; i < labels->keys.count; i++) {
        const struct lks_label *label = &labels->items[i];
        uint64_t outside = label->in_case && !label->ranked;
        *(label->coordinated ? &input->others_coordinated : &input->others_innocent) += outside;
    }
}

static int findings_measure(struct lks_labels *labels, struct lks_evaluated_run *run,
                            struct lks_error *err)
{
    const struct lks_results *results = run->results;
    double *scores = scores_make(results);
    uint32_t *finding = findings_of_nodes(results);
    struct lks_ranked *ranked = calloc((size_t)results->nodes_count + 1, sizeof *ranked);
    enum lks_confidence *confidence =
        calloc((size_t)results->findings_count + 1, sizeof *confidence);
    int code = scores && finding && ranked && confidence ? 0 : memory_out(err);
    struct lks_evaluate_input input = {.ranked = ranked,
                                       .confidence = confidence,
                                       .findings_count = results->findings_count,
                                       .group_sizes = labels->group_sizes,
                                       .groups_count = labels->groups.count,
                                       .seed = run->seed,
                                       .draws = run->draws};
    if (code == 0) {
        input.ranked_count = ranked_fill(results, labels, scores, finding, run, ranked);
        for (uint32_t i = 0; i < results->findings_count; i++)
            confidence[i] = results->findings[i].confidence;
        others_count(labels, &input);
        code = lks_evaluate(&input, &run->evaluation, err);
    }
    free(scores);
    free(finding);
    free(ranked);
    free(confidence);
    return code;
}

/* ---- detectors ---- */

/* An account that a detector names. */
struct flag {
    struct lks_str key;
    double score;     /* the higher, the surer */
    uint32_t finding; /* accounts of one stand or fall together, or UINT32_MAX */
};

/* A detector: writes its accounts to flags where that is not NULL, and returns how many. */
struct detector {
    const char *name, *title;
    size_t (*flags)(const struct lks_results *results, struct flag *flags);
};

static size_t members_flags(const struct lks_results *results, uint32_t layers, struct flag *flags)
{
    size_t count = 0;
    for (uint32_t f = 0; f < results->findings_count; f++) {
        const struct lks_finding *finding = &results->findings[f];
        if (finding->confidence == LKS_CONFIDENCE_EXPLAINED)
            continue;
        for (uint32_t i = 0; i < finding->members_count; i++) {
            if (i < finding->fusion.members_count && !(finding->fusion.members[i].layers & layers))
                continue;
            if (flags)
                flags[count] = (struct flag){
                    results->nodes[finding->members[i]].account.account_key,
                    RANK_FINDING * (1 + (double)finding->confidence) + finding->score, f};
            count++;
        }
    }
    return count;
}

static size_t fused_flags(const struct lks_results *results, struct flag *flags)
{
    return members_flags(results, UINT32_MAX, flags);
}

static size_t coaction_flags(const struct lks_results *results, struct flag *flags)
{
    return members_flags(results, 1u << LKS_LAYER_COACTION, flags);
}

static size_t lifecycle_flags(const struct lks_results *results, struct flag *flags)
{
    for (uint32_t i = 0; flags && i < results->awakenings_count; i++)
        flags[i] = (struct flag){results->awakenings[i].account.account_key,
                                 -results->awakenings[i].item.log10_p, UINT32_MAX};
    return results->awakenings_count;
}

static size_t recruitment_flags(const struct lks_results *results, struct flag *flags)
{
    for (uint32_t i = 0; flags && i < results->responders_count; i++)
        flags[i] = (struct flag){results->responders[i].account.account_key,
                                 -results->responders[i].item.log10_p, UINT32_MAX};
    return results->responders_count;
}

static size_t swarm_flags(const struct lks_results *results, struct flag *flags)
{
    for (uint32_t i = 0; flags && i < results->swarmers_count; i++)
        flags[i] = (struct flag){results->swarmers[i].account.account_key,
                                 -results->swarmers[i].item.log10_p, UINT32_MAX};
    return results->swarmers_count;
}

/* Who told an undeclared script, by its p; and whom the ledger names, first of all. Scripts of
 * other kinds (news, trends, groups) name nobody. */
static size_t promotion_flags(const struct lks_results *results, struct flag *flags)
{
    size_t count = 0;
    for (uint32_t i = 0; i < results->payees_count; i++)
        if (results->payees[i].account.account_key.size_bytes) {
            if (flags)
                flags[count] =
                    (struct flag){results->payees[i].account.account_key, RANK_FINDING, UINT32_MAX};
            count++;
        }
    for (uint32_t i = 0; i < results->tellers_count; i++) {
        if (!results->tellers[i].item.flagged)
            continue;
        if (flags)
            flags[count] = (struct flag){results->tellers[i].account.account_key,
                                         -results->tellers[i].item.log10_p, UINT32_MAX};
        count++;
    }
    return count;
}

/* The later population of a thing that two populations used. */
static size_t lineage_flags(const struct lks_results *results, struct flag *flags)
{
    size_t count = 0;
    for (uint32_t i = 0; i < results->lineage_accounts_count; i++) {
        const struct lks_result_lineage_account *one = &results->lineage_accounts[i];
        if (one->first_place)
            continue;
        if (flags)
            flags[count] = (struct flag){one->account.account_key, -one->log10_p, UINT32_MAX};
        count++;
    }
    return count;
}

/* One line for each detector that names accounts. */
static const struct detector detectors[] = {
    {"fused", "members of findings, by all layers", fused_flags},
    {"coaction", "members of findings whom co-action names", coaction_flags},
    {"lifecycle", "accounts that slept and woke", lifecycle_flags},
    {"recruitment", "accounts that answer calls", recruitment_flags},
    {"swarm", "accounts that copy under strangers' posts", swarm_flags},
    {"promotion", "accounts that tell an undeclared script or are paid", promotion_flags},
    {"lineage", "the later population of a thing that was taken over", lineage_flags},
};
enum { DETECTORS_COUNT = sizeof detectors / sizeof *detectors };
_Static_assert((int)DETECTORS_COUNT < (int)LKS_EVALUATED_DETECTORS_MAX,
               "room for each and for any of them");

/* Accounts of a finding keep it, and each other account is a finding of its own, so that the
 * bootstrap draws it by itself. Without findings of more than one, groups say nothing here. */
static int flags_measure(struct lks_labels *labels, const struct flag *flags, size_t count,
                         const struct lks_evaluated_run *run, struct lks_evaluation *evaluation,
                         struct lks_error *err)
{
    uint32_t findings = run->results->findings_count;
    struct lks_ranked *ranked = calloc(count + 1, sizeof *ranked);
    enum lks_confidence *confidence = calloc(findings + count + 1, sizeof *confidence);
    int code = ranked && confidence ? 0 : memory_out(err);
    struct lks_evaluate_input input = {.ranked = ranked,
                                       .confidence = confidence,
                                       .findings_count = findings,
                                       .seed = run->seed,
                                       .draws = run->draws};
    for (size_t i = 0; code == 0 && i < findings + count; i++)
        confidence[i] = LKS_CONFIDENCE_LOW; /* what a detector names counts */
    for (uint32_t i = 0; i < labels->keys.count; i++)
        labels->items[i].ranked = 0;
    for (size_t i = 0; code == 0 && i < count; i++) {
        uint32_t id = lks_intern_find(&labels->keys, flags[i].key);
        if (id == LKS_INTERN_NONE || labels->items[id].ranked || !labels->items[id].in_case)
            continue;
        labels->items[id].ranked = 1;
        uint32_t finding = flags[i].finding < findings ? flags[i].finding : input.findings_count++;
        ranked[input.ranked_count++] = (struct lks_ranked){
            finding, LKS_EVALUATE_NONE, labels->items[id].coordinated, flags[i].score};
    }
    if (code == 0) {
        others_count(labels, &input);
        code = lks_evaluate(&input, evaluation, err);
    }
    free(ranked);
    free(confidence);
    return code;
}

static int keys_compare(const struct flag *x, const struct flag *y)
{
    size_t size = x->key.size_bytes < y->key.size_bytes ? x->key.size_bytes : y->key.size_bytes;
    int order = size ? memcmp(x->key.data, y->key.data, size) : 0;
    return order
               ? order
               : (x->key.size_bytes > y->key.size_bytes) - (x->key.size_bytes < y->key.size_bytes);
}

static int score_order(const void *a, const void *b)
{
    const struct flag *x = a, *y = b;
    return x->score != y->score ? (x->score < y->score ? 1 : -1) : keys_compare(x, y);
}

static int key_order(const void *a, const void *b)
{
    int order = keys_compare(a, b);
    return order ? order : score_order(a, b);
}

/* Scores of several detectors mean different things: what counts in the union is the rank, as a
 * share of those that the detector names, so that the first of each stand before the last. */
static void flags_rank(struct flag *flags, size_t count)
{
    qsort(flags, count, sizeof *flags, score_order);
    for (size_t i = 0; i < count; i++)
        flags[i].score = 1 - (double)i / (double)(count + 1);
}

static int detectors_measure(struct lks_labels *labels, struct lks_evaluated_run *run,
                             struct lks_error *err)
{
    size_t most = 0, all_count = 0;
    for (int i = 0; i < DETECTORS_COUNT; i++)
        most += detectors[i].flags(run->results, NULL);
    struct flag *flags = calloc(most + 1, sizeof *flags);
    int code = flags ? 0 : memory_out(err);
    for (int i = 0; code == 0 && i < DETECTORS_COUNT; i++) {
        struct lks_evaluated_detector *to = &run->detectors[run->detectors_count];
        struct flag *own = flags + all_count;
        size_t count = detectors[i].flags(run->results, own);
        *to =
            (struct lks_evaluated_detector){.name = detectors[i].name, .title = detectors[i].title};
        qsort(own, count, sizeof *own, key_order);
        code = flags_measure(labels, own, count, run, &to->evaluation, err);
        run->detectors_count += code == 0;
        flags_rank(own, count);
        all_count += count;
    }
    if (code == 0) {
        struct lks_evaluated_detector *to = &run->detectors[run->detectors_count];
        *to = (struct lks_evaluated_detector){.name = "any", .title = "any of the detectors"};
        qsort(flags, all_count, sizeof *flags, key_order);
        code = flags_measure(labels, flags, all_count, run, &to->evaluation, err);
        run->detectors_count += code == 0;
    }
    free(flags);
    return code;
}

int lks_evaluate_accounts(struct lks_labels *labels, struct lks_evaluated_run *run,
                          struct lks_error *err)
{
    int code = findings_measure(labels, run, err);
    return code ? code : detectors_measure(labels, run, err);
}

/* ---- pairs ---- */

int lks_evaluate_pairs(const struct lks_labels *labels, const uint8_t *is_there,
                       struct lks_evaluated_run *run, struct lks_error *err)
{
    const struct lks_results *results = run->results;
    uint32_t *finding = malloc(((size_t)labels->pair_keys.count + 1) * sizeof *finding);
    uint64_t found[2] = {0}, all[2] = {0};
    if (!finding)
        return memory_out(err);
    for (uint32_t i = 0; i < labels->pair_keys.count; i++)
        finding[i] = LKS_EVALUATE_NONE;
    for (uint32_t f = 0; f < results->findings_count; f++)
        for (uint32_t i = 0; i < results->findings[f].members_count; i++) {
            const struct lks_result_node *node = &results->nodes[results->findings[f].members[i]];
            uint32_t id = lks_intern_find(&labels->pair_keys, node->account.account_key);
            if (id != LKS_INTERN_NONE)
                finding[id] = f;
        }
    for (size_t i = 0; i < labels->pairs_count; i++) {
        const struct lks_label_pair *pair = &labels->pairs[i];
        if (!is_there[pair->a] || !is_there[pair->b]) {
            run->pairs_missing++;
            continue;
        }
        all[pair->coordinated]++;
        found[pair->coordinated] +=
            finding[pair->a] != LKS_EVALUATE_NONE && finding[pair->a] == finding[pair->b];
    }
    run->pairs_precision = lks_measure_make(found[1], found[0] + found[1], 1);
    run->pairs_recall = lks_measure_make(found[1], all[1], 1);
    run->pairs_false_alarms = lks_measure_make(found[0], all[0], PER_ACCOUNTS);
    free(finding);
    return 0;
}
