/* lineage.c - whose a tag, a sound or a link is: which things are looked at, and what is a take-over
 *
 * Things are looked at on their own, one a task (lineage_one.c). q-values of the order are taken over
 * all things looked at; those of one population have p = 1 there. Taken over is a thing of two
 * populations whose later one passes half: less of the users before the change, more after it, by a
 * jump that is worth a word. Each account of the later population is then judged by itself: if it
 * were of the earlier one, a ratio of likelihoods of s or more had chance 1/s at most. */
#include "signal/lineage.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/threads.h"
#include "signal/lineage_inside.h"
#include "stat/multiple.h"

struct lks_lineage_options lks_lineage_options_default(void)
{
    return (struct lks_lineage_options){
        .kinds_mask = 1u << LKS_OBJECT_HASHTAG | 1u << LKS_OBJECT_SOUND | 1u << LKS_OBJECT_URL |
                      1u << LKS_OBJECT_MENTION,
        .features_mask = 1u << LKS_OBJECT_HASHTAG | 1u << LKS_OBJECT_SOUND | 1u << LKS_OBJECT_URL |
                         1u << LKS_OBJECT_MENTION | 1u << LKS_OBJECT_REPOST |
                         1u << LKS_OBJECT_REPLY | 1u << LKS_OBJECT_EFFECT |
                         1u << LKS_OBJECT_NEAR_TEXT | 1u << LKS_OBJECT_MEDIA,
        .accounts_min = 40,
        .objects_most = 24,
        .fitted_most = 1024,
        .features_most = 64,
        .copies_count = 39,
        .orders_count = 1999,
        .level_two = 0.05,
        .level = 0.05,
        .jump_min = 0.25};
}

struct looking {
    struct lks_lineage_world world;
    struct lks_lineage_scratch *scratch; /* [workers] */
    unsigned workers;
    struct lks_lineage *lineages;
    struct lks_lineage_users *users; /* [lineages] of those that may be taken over */
    size_t count;
};

/* ---- which things ---- */

/* The most used things of a kind by insertion: the list is short. Ties go to the smaller id. */
static size_t kind_choose(const struct lks_lineage_world *world, enum lks_object_kind kind,
                          const uint8_t *wanted, struct lks_lineage *chosen)
{
    const struct lks_events *events = world->events;
    size_t count = 0;
    for (uint32_t o = 0; o < events->objects_count; o++) {
        uint32_t users = world->object_users[o];
        if (events->object_kind[o] != kind || (wanted && wanted[o]) ||
            users < world->options->accounts_min)
            continue;
        size_t at = count;
        while (at > 0 && world->object_users[chosen[at - 1].object] < users)
            at--;
        if (at >= world->options->objects_most)
            continue;
        if (count < world->options->objects_most)
            count++;
        memmove(&chosen[at + 1], &chosen[at], (count - 1 - at) * sizeof *chosen);
        chosen[at] = (struct lks_lineage){.object = o, .kind = kind};
    }
    return count;
}

static int lineage_order(const void *a, const void *b)
{
    const struct lks_lineage *x = a, *y = b;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    if (x->accounts_count != y->accounts_count)
        return x->accounts_count > y->accounts_count ? -1 : 1;
    return (x->object > y->object) - (x->object < y->object);
}

static int things_choose(struct looking *looking, const uint8_t *wanted, struct lks_error *err)
{
    const struct lks_events *events = looking->world.events;
    const struct lks_lineage_options *options = looking->world.options;
    size_t most = (size_t)LKS_OBJECT_KINDS_COUNT * options->objects_most, asked = 0;
    for (uint32_t o = 0; wanted && o < events->objects_count; o++)
        asked += wanted[o] && looking->world.object_users[o] >= LKS_LINEAGE_FIRST;
    looking->lineages = calloc(most + asked + 1, sizeof *looking->lineages);
    if (!looking->lineages)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for lineage");
    for (int kind = 0; kind < LKS_OBJECT_KINDS_COUNT; kind++)
        if (options->kinds_mask >> kind & 1)
            looking->count += kind_choose(&looking->world, (enum lks_object_kind)kind, wanted,
                                          looking->lineages + looking->count);
    for (uint32_t o = 0; wanted && o < events->objects_count; o++)
        if (wanted[o] && looking->world.object_users[o] >= LKS_LINEAGE_FIRST)
            looking->lineages[looking->count++] = (struct lks_lineage){
                .object = o, .kind = (enum lks_object_kind)events->object_kind[o]};
    for (size_t i = 0; i < looking->count; i++)
        looking->lineages[i].accounts_count =
            looking->world.object_users[looking->lineages[i].object];
    qsort(looking->lineages, looking->count, sizeof *looking->lineages, lineage_order);
    return 0;
}

/* ---- looking ---- */

static int scratch_make(struct looking *looking, struct lks_error *err)
{
    size_t objects = looking->world.events->objects_count;
    size_t accounts = looking->world.events->accounts_count;
    looking->scratch = calloc((size_t)looking->workers + 1, sizeof *looking->scratch);
    for (unsigned w = 0; looking->scratch && w < looking->workers; w++) {
        struct lks_lineage_scratch *scratch = &looking->scratch[w];
        scratch->object_count = calloc(objects + 1, sizeof(uint32_t));
        scratch->object_place = malloc((objects + 1) * sizeof(uint32_t));
        scratch->object_mark = calloc(objects + 1, sizeof(uint32_t));
        scratch->account_mark = malloc((accounts + 1) * sizeof(uint32_t));
        scratch->touched = malloc((objects + 1) * sizeof(uint32_t));
        if (!scratch->object_count || !scratch->object_place || !scratch->object_mark ||
            !scratch->account_mark || !scratch->touched)
            return lks_error_set(err, LKS_EMEMORY, "out of memory for lineage");
        memset(scratch->object_place, 255, objects * sizeof(uint32_t));
        memset(scratch->account_mark, 255, accounts * sizeof(uint32_t));
    }
    return looking->scratch ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory for lineage");
}

static int passes_half(const struct lks_lineage *lineage, const struct lks_lineage_options *options)
{
    if (lineage->by == LKS_LINEAGE_COMPANY && lineage->population[1].unit == UINT32_MAX)
        return 0; /* those of no company are no population that could take over */
    return lineage->by != LKS_LINEAGE_ALONE && lineage->share_before < 0.5 &&
           lineage->share_after > 0.5 &&
           lineage->share_after - lineage->share_before >= options->jump_min;
}

static int thing_look(void *context, size_t index, unsigned worker, struct lks_error *err)
{
    struct looking *looking = context;
    struct lks_lineage *lineage = &looking->lineages[index];
    if (lks_cancelled(looking->world.control))
        return lks_error_set(err, LKS_ECANCELLED, "stopped");
    int code = lks_lineage_one(&looking->world, &looking->scratch[worker], lineage,
                               &looking->users[index], err);
    if (code || !passes_half(lineage, looking->world.options))
        lks_lineage_users_free(&looking->users[index]);
    return code;
}

static int takeovers_find(struct looking *looking, struct lks_error *err)
{
    double *log10_p = malloc((looking->count + 1) * 2 * sizeof *log10_p);
    double *q = log10_p + looking->count;
    if (!log10_p)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for lineage");
    for (size_t i = 0; i < looking->count; i++)
        log10_p[i] = log10(looking->lineages[i].p_order);
    int code = looking->count ? lks_bh_adjust(log10_p, looking->count, looking->count, q, err) : 0;
    for (size_t i = 0; code == 0 && i < looking->count; i++) {
        looking->lineages[i].q_order = q[i];
        looking->lineages[i].is_takeover =
            q[i] <= looking->world.options->level &&
            passes_half(&looking->lineages[i], looking->world.options);
    }
    free(log10_p);
    return code;
}

/* ---- accounts ---- */

static int account_order(const void *a, const void *b)
{
    const struct lks_lineage_account *x = a, *y = b;
    if (x->account != y->account)
        return x->account < y->account ? -1 : 1;
    if (x->log10_p != y->log10_p)
        return x->log10_p < y->log10_p ? -1 : 1;
    return (x->lineage > y->lineage) - (x->lineage < y->lineage);
}

/* Told apart by company, accounts were named before, and by what: nothing new can be said. */
static int names_accounts(const struct lks_lineage *lineage)
{
    return lineage->is_takeover && lineage->by == LKS_LINEAGE_TASTE;
}

/* Every account of a thing that was taken over by taste, with its p. */
static int accounts_judge(const struct looking *looking, struct lks_lineage_result *result,
                          struct lks_error *err)
{
    size_t count = 0;
    for (size_t i = 0; i < looking->count; i++)
        if (names_accounts(&looking->lineages[i]))
            count += looking->users[i].count;
    result->accounts = malloc((count + 1) * sizeof *result->accounts);
    if (!result->accounts)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for lineage");
    for (size_t i = 0; i < looking->count; i++)
        for (uint32_t u = 0; names_accounts(&looking->lineages[i]) && u < looking->users[i].count;
             u++) {
            if (isnan(looking->users[i].later[u]))
                continue;
            result->accounts[result->accounts_count++] = (struct lks_lineage_account){
                .account = looking->users[i].account[u],
                .lineage = (uint32_t)i,
                .log10_p = fmin(0, -looking->users[i].ratio[u] / log(10))};
        }
    result->accounts_tested = result->accounts_count;
    return 0;
}

static int accounts_select(struct lks_lineage_result *result, double level, struct lks_error *err)
{
    size_t count = result->accounts_count, kept = 0;
    double *log10_p = malloc((count + 1) * 2 * sizeof *log10_p);
    double *q = log10_p + count;
    if (!log10_p)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for lineage");
    qsort(result->accounts, count, sizeof *result->accounts, account_order);
    for (size_t i = 0; i < count; i++)
        log10_p[i] = result->accounts[i].log10_p;
    int code = count ? lks_bh_adjust(log10_p, count, count, q, err) : 0;
    for (size_t i = 0; code == 0 && i < count; i++) {
        result->accounts[i].q_value = q[i];
        if (q[i] > level ||
            (kept && result->accounts[kept - 1].account == result->accounts[i].account))
            continue; /* the first of an account is its surest */
        result->accounts[kept++] = result->accounts[i];
    }
    result->accounts_count = code ? 0 : kept;
    free(log10_p);
    return code;
}

/* ---- all ---- */

static void looking_free(struct looking *looking)
{
    lks_lineage_world_free(&looking->world);
    for (unsigned w = 0; looking->scratch && w < looking->workers; w++) {
        free(looking->scratch[w].object_count);
        free(looking->scratch[w].object_place);
        free(looking->scratch[w].object_mark);
        free(looking->scratch[w].account_mark);
        free(looking->scratch[w].touched);
    }
    free(looking->scratch);
    for (size_t i = 0; looking->users && i < looking->count; i++)
        lks_lineage_users_free(&looking->users[i]);
    free(looking->users);
}

static int options_check(const struct lks_lineage_options *options, struct lks_error *err)
{
    if (options->accounts_min >= 2 && options->fitted_most >= 2 && options->copies_count >= 1 &&
        options->orders_count >= 1 && options->level > 0 && options->level < 1 &&
        options->features_most >= 2)
        return 0;
    return lks_error_set(err, LKS_EARGUMENT, "the options of lineage make no sense");
}

int lks_lineage_run(const struct lks_events *events, const struct lks_lineage_units *units,
                    const uint8_t *wanted, const struct lks_lineage_options *options,
                    const struct lks_control *control, struct lks_lineage_result *result_out,
                    struct lks_error *err)
{
    struct looking looking = {.world = {.events = events,
                                        .options = options,
                                        .control = control,
                                        .account_unit = units->account_unit,
                                        .unit_p = units->unit_p,
                                        .units_count = units->units_count,
                                        .units_apart = units->units_apart},
                              .workers = lks_threads_count(control)};
    *result_out = (struct lks_lineage_result){0};
    int code = options_check(options, err);
    if (code == 0)
        code = lks_lineage_world_make(&looking.world, err);
    if (code == 0)
        code = things_choose(&looking, wanted, err);
    if (code == 0) {
        looking.users = calloc(looking.count + 1, sizeof *looking.users);
        code = looking.users ? scratch_make(&looking, err)
                             : lks_error_set(err, LKS_EMEMORY, "out of memory for lineage");
    }
    if (code == 0)
        code = lks_threads_run(looking.workers, looking.count, thing_look, &looking, err);
    if (code == 0)
        code = takeovers_find(&looking, err);
    if (code == 0)
        code = accounts_judge(&looking, result_out, err);
    if (code == 0)
        code = accounts_select(result_out, options->level, err);
    if (code == 0) {
        result_out->lineages = looking.lineages;
        result_out->lineages_count = looking.count;
    } else {
        free(looking.lineages);
        lks_lineage_free(result_out);
    }
    looking_free(&looking);
    return code;
}

void lks_lineage_free(struct lks_lineage_result *result)
{
    free(result->lineages);
    free(result->accounts);
    *result = (struct lks_lineage_result){0};
}
