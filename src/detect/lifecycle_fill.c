/* lifecycle_fill.c - sleepers of a run: from columns to results that stand for themselves */
#include "detect/lifecycle_fill.h"

#include <stdlib.h>
#include <string.h>

#include "detect/fill_parts.h"
#include "signal/lifecycle.h"
#include "signal/registrations.h"

enum { REGISTRATIONS_MOST = 100 };

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

/* Accounts of the case with a post, in the order of their ids; those whose day is known by a field
 * are compared. Returns how many. */
static size_t registrations_gather(const struct lks_events *events,
                                   const struct lks_account_columns *columns,
                                   struct lks_results *results, uint8_t *has_post,
                                   int64_t *created_us, uint32_t *shape)
{
    size_t count = 0;
    for (uint32_t p = 0; p < events->posts_count; p++)
        has_post[events->post_account[p]] = 1;
    for (uint32_t a = 0; a < events->accounts_count; a++) {
        if (!has_post[a])
            continue;
        results->age_counts[columns->created_method[a]]++;
        if (columns->created_method[a] != LKS_CREATED_FIELD ||
            columns->created_us[a] == LKS_TIME_NULL)
            continue;
        created_us[count] = columns->created_us[a];
        shape[count++] = columns->shape[a];
    }
    return count;
}

static int registrations_fill(const struct lks_events *events,
                              const struct lks_account_columns *columns,
                              const struct lks_lifecycle *life, const struct lks_control *control,
                              struct lks_results *results, struct lks_error *err)
{
    struct lks_registrations_options options = lks_registrations_options_default();
    struct lks_registration *found = NULL;
    size_t count = 0, accounts = (size_t)events->accounts_count + 1;
    uint8_t *has_post = calloc(accounts, 1);
    int64_t *created_us = malloc(accounts * sizeof *created_us);
    uint32_t *shape = malloc(accounts * sizeof *shape);
    struct lks_registrations_input input = {
        .created_us = created_us, .shape = shape, .shapes_count = columns->shapes.count};
    options.seed = results->seed;
    int code = has_post && created_us && shape
                   ? 0
                   : lks_error_set(err, LKS_EMEMORY, "out of memory for registrations");
    if (code == 0) {
        input.count = registrations_gather(events, columns, results, has_post, created_us, shape);
        code = lks_registrations_run(&input, &options, control, &found, &count, err);
    }
    if (count > REGISTRATIONS_MOST)
        count = REGISTRATIONS_MOST;
    if (code == 0)
        results->registrations =
            lks_arena_calloc(&results->arena, count + 1, sizeof *results->registrations);
    if (code == 0 && !results->registrations)
        code = lks_error_set(err, LKS_EMEMORY, "out of memory for registrations");
    for (size_t i = 0; code == 0 && i < count; i++) {
        struct lks_result_registration *to = &results->registrations[i];
        to->item = found[i];
        to->shape = lks_arena_str(&results->arena, columns->shapes.names[found[i].shape]);
        if (!to->shape.data)
            code = lks_error_set(err, LKS_EMEMORY, "out of memory for registrations");
        for (size_t w = 0; w < life->awakenings_count; w++) {
            uint32_t a = life->awakenings[w].account;
            to->awakened_count += columns->created_method[a] == LKS_CREATED_FIELD &&
                                  columns->shape[a] == found[i].shape &&
                                  columns->created_us[a] >= found[i].day_us &&
                                  columns->created_us[a] < found[i].day_us + LKS_DAY_US;
        }
    }
    results->registrations_count = code ? 0 : (uint32_t)count;
    free(found);
    free(has_post);
    free(created_us);
    free(shape);
    return code;
}

int lks_lifecycle_fill(struct lks_store *store, const struct lks_events *events,
                       const struct lks_account_columns *columns, const struct lks_topic *topic,
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
                                        .created_method = columns->created_method,
                                        .post_on_topic = topic->post_on_topic,
                                        .date_us = topic->date_us,
                                        .dates_count = topic->dates_count};
    options.seed = results->seed;
    int code = lks_lifecycle_run(&input, &options, control, &life, err);
    if (code)
        return code;
    uint32_t *finding = lks_account_findings(analysis, events->accounts_count);
    results->life_tested_count = life.tested_count;
    results->life_few_count = life.few_count;
    results->life_unobservable_count = life.unobservable_count;
    results->life_reference_count = life.reference_count;
    results->life_date_posts_count = life.date_posts_count;
    results->life_date_only_count = life.date_only_count;
    results->topic_known = topic->post_on_topic != NULL;
    results->topic_posts_count = topic->on_topic_count;
    results->cohorts =
        lks_arena_calloc(&results->arena, life.cohorts_count + 1, sizeof *results->cohorts);
    if (!finding || !results->cohorts) {
        code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    } else {
        memcpy(results->cohorts, life.cohorts, life.cohorts_count * sizeof *results->cohorts);
        results->cohorts_count = (uint32_t)life.cohorts_count;
        code = awakenings_fill(store, &life, finding, results, err);
    }
    if (code == 0)
        code = registrations_fill(events, columns, &life, control, results, err);
    free(finding);
    lks_lifecycle_free(&life);
    return code;
}
