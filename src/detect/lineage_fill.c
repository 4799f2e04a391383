/* lineage_fill.c - whose things are and which tags are edits: from columns to results */
#include "detect/lineage_fill.h"

#include <math.h>
#include <stdlib.h>

#include "detect/fill_parts.h"
#include "text/fold.h"
#include "text/skeleton.h"

enum { EDITS_MOST = 500 };

static int memory_out(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "out of memory");
}

/* ---- populations ---- */

/* "hashtag a (12), url b (4)" */
static struct lks_str liked_text(const struct lks_store *store, const struct lks_events *events,
                                 const struct lks_lineage_population *population,
                                 struct lks_arena *arena)
{
    struct lks_buffer text = {0};
    struct lks_str copy = LKS_STR_NULL;
    for (int i = 0; i < LKS_LINEAGE_LIKED && population->liked[i] != UINT32_MAX; i++) {
        uint32_t object = population->liked[i];
        struct lks_str name = lks_store_object(store, object);
        lks_buffer_format(&text, "%s%s ", i ? ", " : "",
                          lks_object_kind_names[events->object_kind[object]]);
        lks_buffer_append(&text, name.data, name.size_bytes < 80 ? name.size_bytes : 80);
        lks_buffer_format(&text, " (%u)", population->liked_accounts[i]);
    }
    if (!text.failed)
        copy = lks_arena_str(arena,
                             (struct lks_str){text.size_bytes ? text.data : "", text.size_bytes});
    lks_buffer_free(&text);
    return copy;
}

static int lineages_fill(const struct lks_store *store, const struct lks_events *events,
                         const struct lks_lineage_result *found, struct lks_results *results,
                         struct lks_error *err)
{
    struct lks_arena *arena = &results->arena;
    results->lineages =
        lks_arena_calloc(arena, found->lineages_count + 1, sizeof *results->lineages);
    if (!results->lineages)
        return memory_out(err);
    for (size_t i = 0; i < found->lineages_count; i++) {
        struct lks_result_lineage *to = &results->lineages[i];
        to->item = found->lineages[i];
        to->object = lks_arena_str(arena, lks_store_object(store, to->item.object));
        int failed = !to->object.data;
        for (int k = 0; k < LKS_LINEAGE_POPULATIONS; k++) {
            const struct lks_lineage_population *population = &to->item.population[k];
            to->series[k] = lks_counts_text(arena, population->bin_posts, LKS_LINEAGE_BINS);
            to->liked[k] = liked_text(store, events, population, arena);
            if (population->unit < results->findings_count)
                to->unit[k] = results->findings[population->unit].id;
            else if (population->unit != UINT32_MAX)
                to->unit[k] = LKS_STR("paid");
            failed |= !to->series[k].data || !to->liked[k].data;
        }
        if (failed)
            return memory_out(err);
    }
    results->lineages_count = (uint32_t)found->lineages_count;
    results->lineage_accounts_tested = found->accounts_tested;
    return 0;
}

static int later_order(const void *a, const void *b)
{
    const struct lks_result_lineage_account *x = a, *y = b;
    if (x->lineage != y->lineage)
        return x->lineage < y->lineage ? -1 : 1;
    if (x->log10_p != y->log10_p)
        return x->log10_p < y->log10_p ? -1 : 1;
    return (x->account_id > y->account_id) - (x->account_id < y->account_id);
}

static int index_order(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Looks the rows' accounts up, each once: one may stand in several rows. */
static int accounts_load(struct lks_store *store, struct lks_result_lineage_account *rows,
                         size_t count, struct lks_arena *arena, struct lks_error *err)
{
    uint32_t *indexes = malloc((count + 1) * sizeof *indexes);
    struct lks_account *accounts = calloc(count + 1, sizeof *accounts);
    size_t distinct = 0;
    int code = indexes && accounts ? 0 : memory_out(err);
    for (size_t i = 0; code == 0 && i < count; i++)
        indexes[i] = rows[i].account_id;
    if (code == 0 && count)
        qsort(indexes, count, sizeof *indexes, index_order);
    for (size_t i = 0; code == 0 && i < count; i++)
        if (!distinct || indexes[i] != indexes[distinct - 1])
            indexes[distinct++] = indexes[i];
    if (code == 0)
        code = lks_store_accounts(store, indexes, distinct, arena, accounts, NULL, err);
    for (size_t i = 0; code == 0 && i < count; i++) {
        const uint32_t *found =
            bsearch(&rows[i].account_id, indexes, distinct, sizeof *indexes, index_order);
        rows[i].account = accounts[found - indexes];
    }
    free(indexes);
    free(accounts);
    return code;
}

/* The first users of everything, and then the accounts of the later populations. */
static int accounts_fill(struct lks_store *store, const struct lks_lineage_result *found,
                         const uint32_t *finding, struct lks_results *results,
                         struct lks_error *err)
{
    size_t most = found->lineages_count * LKS_LINEAGE_FIRST + found->accounts_count, count = 0;
    struct lks_result_lineage_account *rows =
        lks_arena_calloc(&results->arena, most + 1, sizeof *rows);
    int code = rows ? 0 : memory_out(err);
    for (uint32_t i = 0; code == 0 && i < found->lineages_count; i++)
        for (uint32_t f = 0; f < LKS_LINEAGE_FIRST; f++) {
            const struct lks_lineage *lineage = &found->lineages[i];
            if (lineage->first_account[f] == UINT32_MAX)
                continue;
            rows[count++] =
                (struct lks_result_lineage_account){.account_id = lineage->first_account[f],
                                                    .lineage = i,
                                                    .first_place = f + 1,
                                                    .first_us = lineage->first_account_us[f],
                                                    .q_value = 1};
        }
    size_t firsts = count;
    for (size_t i = 0; code == 0 && i < found->accounts_count; i++)
        rows[count++] =
            (struct lks_result_lineage_account){.account_id = found->accounts[i].account,
                                                .lineage = found->accounts[i].lineage,
                                                .first_us = LKS_TIME_NULL,
                                                .log10_p = found->accounts[i].log10_p,
                                                .q_value = found->accounts[i].q_value};
    if (code == 0 && count > firsts)
        qsort(rows + firsts, count - firsts, sizeof *rows, later_order);
    if (code == 0)
        code = accounts_load(store, rows, count, &results->arena, err);
    for (size_t i = 0; code == 0 && i < count; i++)
        rows[i].finding = finding[rows[i].account_id];
    results->lineage_accounts = rows;
    results->lineage_accounts_count = code ? 0 : (uint32_t)count;
    return code;
}

struct paid {
    struct lks_str *keys; /* [count] sorted, of accounts that were paid */
    size_t count;
    uint32_t *unit; /* [accounts] */
    uint32_t at, paid_unit;
};

static int str_order(const void *a, const void *b)
{
    const struct lks_str *x = a, *y = b;
    size_t size = x->size_bytes < y->size_bytes ? x->size_bytes : y->size_bytes;
    int order = size ? memcmp(x->data, y->data, size) : 0;
    return order ? order : (x->size_bytes > y->size_bytes) - (x->size_bytes < y->size_bytes);
}

static void account_check(void *context, struct lks_str account_key, uint64_t posts_count)
{
    struct paid *paid = context;
    (void)posts_count;
    if (bsearch(&account_key, paid->keys, paid->count, sizeof *paid->keys, str_order))
        paid->unit[paid->at] = paid->paid_unit;
    paid->at++;
}

/* Accounts that a ledger of the case says were paid are a unit of their own. */
static int paid_mark(struct lks_store *store, uint32_t *unit, uint32_t paid_unit,
                     struct lks_error *err)
{
    struct lks_arena arena = {0};
    struct lks_payment *payments = NULL;
    size_t count = 0;
    struct paid paid = {.unit = unit, .paid_unit = paid_unit};
    int code = lks_store_payments(store, &arena, &payments, &count, err);
    paid.keys = malloc((count + 1) * sizeof *paid.keys);
    if (code == 0 && !paid.keys)
        code = memory_out(err);
    for (size_t i = 0; code == 0 && i < count; i++)
        if (payments[i].account_key.data)
            paid.keys[paid.count++] = payments[i].account_key;
    if (code == 0 && paid.count) {
        qsort(paid.keys, paid.count, sizeof *paid.keys, str_order);
        code = lks_store_each_account(store, account_check, &paid, err);
    }
    free(paid.keys);
    lks_arena_free(&arena);
    return code;
}

static int populations_fill(struct lks_store *store, const struct lks_events *events,
                            const struct lks_analysis *analysis, const uint8_t *wanted,
                            const struct lks_control *control, struct lks_results *results,
                            struct lks_error *err)
{
    struct lks_lineage_options options = lks_lineage_options_default();
    struct lks_lineage_result found = {0};
    uint32_t findings = results->findings_count;
    uint32_t *finding = lks_account_findings(analysis, events->accounts_count);
    uint32_t *unit = malloc(((size_t)events->accounts_count + 1) * sizeof *unit);
    double *unit_p = calloc((size_t)findings + 1, sizeof *unit_p);
    struct lks_lineage_units units = {unit, unit_p, findings + 1, findings};
    int code = finding && unit && unit_p ? 0 : memory_out(err);
    options.seed = results->seed;
    for (uint32_t a = 0; code == 0 && a < events->accounts_count; a++)
        /* Whom an innocent explanation accounts for took nothing over as one. */
        unit[a] = finding[a] < findings &&
                          results->findings[finding[a]].confidence > LKS_CONFIDENCE_EXPLAINED
                      ? finding[a]
                      : UINT32_MAX;
    for (uint32_t f = 0; code == 0 && f < findings; f++)
        /* A record leaves nothing to chance. */
        unit_p[f] = isnan(results->findings[f].p_value) ? 0 : results->findings[f].p_value;
    if (code == 0)
        code = paid_mark(store, unit, findings, err);
    if (code == 0)
        code = lks_lineage_run(events, &units, wanted, &options, control, &found, err);
    if (code == 0)
        code = lineages_fill(store, events, &found, results, err);
    if (code == 0)
        code = accounts_fill(store, &found, finding, results, err);
    lks_lineage_free(&found);
    free(finding);
    free(unit);
    free(unit_p);
    return code;
}

/* ---- edits ---- */

/* Every tag of the events with its letters as they are compared; they live in the arena. */
static int tags_fold(const struct lks_store *store, const struct lks_events *events,
                     struct lks_arena *arena, struct lks_tag *tags, size_t *count_out)
{
    struct lks_buffer folded = {0};
    size_t count = 0;
    int failed = 0;
    for (uint32_t o = 0; !failed && o < events->objects_count; o++) {
        if (events->object_kind[o] != LKS_OBJECT_HASHTAG)
            continue;
        lks_buffer_clear(&folded);
        failed = lks_text_fold_look(lks_store_object(store, o), &folded) < 0 ||
                 lks_text_skeleton(&folded) < 0;
        tags[count].object = o;
        tags[count].folded = lks_arena_str(
            arena, (struct lks_str){folded.size_bytes ? folded.data : "", folded.size_bytes});
        failed |= !tags[count++].folded.data;
    }
    lks_buffer_free(&folded);
    *count_out = count;
    return failed ? -1 : 0;
}

static int edits_fill(const struct lks_store *store, const struct lks_events *events,
                      const struct lks_control *control, struct lks_results *results,
                      struct lks_error *err)
{
    struct lks_tag_edits_options options = lks_tag_edits_options_default();
    struct lks_tag_edits found = {0};
    struct lks_arena arena = {0};
    size_t count = 0;
    struct lks_tag *tags = calloc((size_t)events->objects_count + 1, sizeof *tags);
    int code = tags && tags_fold(store, events, &arena, tags, &count) == 0 ? 0 : memory_out(err);
    if (code == 0)
        code = lks_tag_edits_run(events, tags, count, &options, control, &found, err);
    size_t kept = found.edits_count < EDITS_MOST ? found.edits_count : EDITS_MOST;
    results->tag_edits = lks_arena_calloc(&results->arena, kept + 1, sizeof *results->tag_edits);
    if (code == 0 && !results->tag_edits)
        code = memory_out(err);
    for (size_t i = 0; code == 0 && i < kept; i++) {
        struct lks_result_tag_edit *to = &results->tag_edits[i];
        to->item = found.edits[i];
        to->from = lks_arena_str(&results->arena, lks_store_object(store, to->item.from));
        to->to = lks_arena_str(&results->arena, lks_store_object(store, to->item.to));
        if (!to->from.data || !to->to.data)
            code = memory_out(err);
    }
    results->tag_edits_count = code ? 0 : (uint32_t)kept;
    results->tags_alike_count = found.alike_count;
    results->tags_compared_count = found.tags_compared;
    results->tags_left_count = found.tags_left;
    lks_tag_edits_free(&found);
    lks_arena_free(&arena);
    free(tags);
    return code;
}

int lks_lineage_fill(struct lks_store *store, const struct lks_events *events,
                     const struct lks_analysis *analysis, const uint8_t *wanted,
                     const struct lks_control *control, struct lks_results *results,
                     struct lks_error *err)
{
    int code = populations_fill(store, events, analysis, wanted, control, results, err);
    return code ? code : edits_fill(store, events, control, results, err);
}
