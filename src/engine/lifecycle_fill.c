/* lifecycle_fill.c - sleepers of a run: from columns to results that stand for themselves */
#include "engine/lifecycle_fill.h"

#include <stdlib.h>
#include <string.h>

#include "engine/fill_parts.h"
#include "signal/lifecycle.h"

static int awakening_order(const void *a, const void *b)
{
    const struct lks_result_awakening *x = a, *y = b;
    if (x->item.log10_p != y->item.log10_p)
        return x->item.log10_p < y->item.log10_p ? -1 : 1;
    return (x->item.account > y->item.account) - (x->item.account < y->item.account);
}

static int awakening_fill(const struct lks_awakening *from, const struct lks_account *account,
                          uint32_t finding, struct lks_results *results,
                          struct lks_result_awakening *to)
{
    char strip[LKS_STRIP_PARTS];
    for (int i = 0; i < LKS_STRIP_PARTS; i++)
        strip[i] = (char)('0' + (from->strip[i] < 9 ? from->strip[i] : 9));
    *to = (struct lks_result_awakening){.account = *account, .item = *from, .finding = finding};
    to->strip = lks_arena_str(&results->arena, (struct lks_str){strip, LKS_STRIP_PARTS});
    return to->strip.data ? 0 : -1;
}

static int awakenings_fill(struct lks_store *store, const struct lks_lifecycle *life,
                           const uint32_t *finding, struct lks_results *results,
                           struct lks_error *err)
{
    uint32_t count = (uint32_t)life->awakenings_count;
    uint32_t *indexes = calloc((size_t)count + 1, sizeof *indexes);
    struct lks_account *accounts = calloc((size_t)count + 1, sizeof *accounts);
    results->awakenings =
        lks_arena_calloc(&results->arena, (size_t)count + 1, sizeof *results->awakenings);
    int code = indexes && accounts && results->awakenings
                   ? 0
                   : lks_error_set(err, LKS_EMEMORY, "out of memory");
    if (code == 0) {
        for (uint32_t i = 0; i < count; i++)
            indexes[i] = life->awakenings[i].account;
        code = lks_store_accounts(store, indexes, count, &results->arena, accounts, NULL, err);
    }
    for (uint32_t i = 0; code == 0 && i < count; i++)
        if (awakening_fill(&life->awakenings[i], &accounts[i], finding[indexes[i]], results,
                           &results->awakenings[i]) != 0)
            code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    if (code == 0) {
        qsort(results->awakenings, count, sizeof *results->awakenings, awakening_order);
        results->awakenings_count = count;
    }
    free(indexes);
    free(accounts);
    return code;
}

int lks_lifecycle_fill(struct lks_store *store, const struct lks_events *events,
                       const struct lks_account_columns *columns,
                       const struct lks_analysis *analysis, const struct lks_control *control,
                       struct lks_results *results, struct lks_error *err)
{
    struct lks_lifecycle life;
    struct lks_lifecycle_options options = lks_lifecycle_options_default();
    struct lks_lifecycle_input input = {.accounts_count = events->accounts_count,
                                        .posts_count = events->posts_count,
                                        .post_account = events->post_account,
                                        .post_time_us = events->post_time_us,
                                        .created_us = columns->created_us,
                                        .created_method = columns->created_method};
    options.seed = results->seed;
    int code = lks_lifecycle_run(&input, &options, control, &life, err);
    if (code)
        return code;
    uint32_t *finding = lks_account_findings(analysis, events->accounts_count);
    results->life_tested_count = life.tested_count;
    results->life_few_count = life.few_count;
    results->life_unobservable_count = life.unobservable_count;
    results->life_reference_count = life.reference_count;
    results->cohorts =
        lks_arena_calloc(&results->arena, life.cohorts_count + 1, sizeof *results->cohorts);
    if (!finding || !results->cohorts) {
        code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    } else {
        memcpy(results->cohorts, life.cohorts, life.cohorts_count * sizeof *results->cohorts);
        results->cohorts_count = (uint32_t)life.cohorts_count;
        code = awakenings_fill(store, &life, finding, results, err);
    }
    free(finding);
    lks_lifecycle_free(&life);
    return code;
}
