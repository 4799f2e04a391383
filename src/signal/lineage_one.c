/* lineage_one.c - the users of one thing: one population or two, and in which order they came
 *
 * Users are told apart by the units they belong to (lineage_company.c) or else by a mixture
 * over what they share (lineage_mixture.c), which is fitted to some hundreds of them, drawn by a
 * hash, and judges all. Of the two populations the one that gains where the shares change most is
 * called the later. Nothing of the order enters the judgement of a user, so that the test of the
 * order is a test of something that was not looked at before. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "signal/lineage_inside.h"

enum {
    ORDER_MOST = 4096,     /* users whose order is permuted */
    POPULATION_LEAST = 10, /* users of a population, */
    POPULATION_PART = 50   /* and this part of all */
};

static int memory_out(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "out of memory for lineage");
}

/* Fits, tests, and gives every user its chance of population 1. */
static int users_judge(const struct lks_lineage_world *world, struct lks_lineage *lineage,
                       struct lks_lineage_users *users, struct lks_lineage_judgement *judgement,
                       struct lks_error *err)
{
    const struct lks_lineage_options *options = world->options;
    struct lks_mixture *mixture = &judgement->mixture;
    const struct lks_tastes *all = &judgement->all.tastes;
    lineage->p_two = 1;
    for (uint32_t u = 0; u < users->count; u++)
        users->later[u] = all->day_first[u] == all->day_first[u + 1] ? NAN : 0;
    if (!judgement->groups_count)
        return 0;
    int code = lks_mixture_fit(&judgement->drawn.tastes, options->seed, mixture, err);
    if (code == 0)
        code = lks_mixture_p(&judgement->drawn.tastes, mixture, options->copies_count,
                             options->seed + lineage->object, world->control, &lineage->p_two, err);
    if (code)
        return code;
    lineage->likelihood_ratio = mixture->log_two - mixture->log_one;
    for (uint32_t u = 0; u < users->count; u++) {
        if (isnan(users->later[u]))
            continue;
        users->ratio[u] = lks_mixture_user_ratio(all, mixture, u);
        users->later[u] = 1 / (1 + (1 - mixture->share) / mixture->share * exp(-users->ratio[u]));
    }
    return 0;
}

/* Whether both populations hold users enough. */
int lks_lineage_populations_suffice(const struct lks_lineage_users *users)
{
    uint32_t count[2] = {0};
    for (uint32_t u = 0; u < users->count; u++)
        if (!isnan(users->later[u]))
            count[users->later[u] > 0.5]++;
    double least = fmax(POPULATION_LEAST, (count[0] + count[1]) / (double)POPULATION_PART);
    return count[0] >= least && count[1] >= least;
}

/* Population 1 is to be the one that gains where the shares change. */
static void populations_turn(struct lks_lineage *lineage, struct lks_lineage_users *users)
{
    for (uint32_t u = 0; u < users->count; u++) {
        users->later[u] = 1 - users->later[u];
        users->ratio[u] = -users->ratio[u];
        if (users->population[u] < 2)
            users->population[u] ^= 1;
    }
    uint32_t unit = lineage->population[0].unit;
    lineage->population[0].unit = lineage->population[1].unit;
    lineage->population[1].unit = unit;
    lineage->share_before = 1 - lineage->share_before;
    lineage->share_after = 1 - lineage->share_after;
}

static int order_test(const struct lks_lineage_world *world, struct lks_lineage *lineage,
                      const struct lks_lineage_users *users, struct lks_error *err)
{
    double *values = malloc(((size_t)users->count + 1) * 2 * sizeof *values);
    uint32_t *index = malloc(((size_t)users->count + 1) * sizeof *index);
    size_t known = 0, place, step;
    if (!values || !index) {
        free(values);
        free(index);
        return memory_out(err);
    }
    for (uint32_t u = 0; u < users->count; u++)
        if (!isnan(users->later[u]))
            index[known++] = u;
    step = known / ORDER_MOST + 1; /* of very many every step-th tells the order as well */
    size_t count = 0;
    for (size_t i = 0; i < known; i += step)
        values[count++] = users->later[index[i]];
    double jump = world->options->jump_min;
    /* A company takes over, or a taste; who is of no company is nobody that could. */
    int rising = lineage->by == LKS_LINEAGE_COMPANY;
    lineage->p_order = lks_order_p(values, count, jump, rising, world->options->orders_count,
                                   world->options->seed + lineage->object, values + count);
    if (lks_order_change(values, count, jump, rising, &place) <=
        0) /* none passes half: the largest */
        lks_order_change(values, count, -1, 0, &place);
    double sum[2] = {0}, of[2] = {0};
    for (size_t i = 0; i < known; i++) {
        sum[i >= place * step] += users->later[index[i]];
        of[i >= place * step] += 1;
    }
    if (place > 0 && place < count) {
        lineage->change_us = users->first_us[index[place * step]];
        lineage->share_before = sum[0] / of[0];
        lineage->share_after = sum[1] / of[1];
    }
    free(values);
    free(index);
    return 0;
}

/* ---- what the populations are ---- */

/* Puts a feature into its place among the most telling of a population. */
static void liked_put(struct lks_lineage_population *population, double gain[LKS_LINEAGE_LIKED],
                      uint32_t object, uint32_t accounts, double value)
{
    int at = LKS_LINEAGE_LIKED;
    while (at > 0 && value > gain[at - 1]) {
        if (at < LKS_LINEAGE_LIKED) {
            gain[at] = gain[at - 1];
            population->liked[at] = population->liked[at - 1];
            population->liked_accounts[at] = population->liked_accounts[at - 1];
        }
        at--;
    }
    if (at == LKS_LINEAGE_LIKED)
        return;
    gain[at] = value;
    population->liked[at] = object;
    population->liked_accounts[at] = accounts;
}

/* The features in which a population goes beyond the others most: its users of it, times the log
 * of how much more of what it shares this is. And how much of it is features at all. */
static int liked_find(const struct lks_lineage_judgement *judgement,
                      const struct lks_lineage_users *users, struct lks_lineage *lineage,
                      struct lks_error *err)
{
    const struct lks_tastes *all = &judgement->all.tastes;
    double gain[3][LKS_LINEAGE_LIKED] = {{0}}, tokens[3] = {0};
    const uint32_t *thing = judgement->all.thing;
    size_t wide = (size_t)judgement->features_count + 1;
    uint32_t *accounts = calloc(LKS_LINEAGE_POPULATIONS * wide, sizeof *accounts),
             *last = calloc(wide, sizeof *last);
    double *shared = calloc(LKS_LINEAGE_POPULATIONS * wide, sizeof *shared);
    int code = accounts && last && shared ? 0 : memory_out(err);
    for (uint32_t u = 0; code == 0 && u < users->count; u++)
        for (uint32_t i = all->feature_first[all->day_first[u]];
             i < all->feature_first[all->day_first[u + 1]]; i++) {
            size_t x = thing[i], at = (size_t)users->population[u] * wide + x;
            accounts[at] += last[x] != u + 1;
            last[x] = u + 1;
            shared[at] += 1;
        }
    for (int k = 0; code == 0 && k < 3; k++) {
        for (size_t x = 0; x < wide; x++)
            tokens[k] += shared[(size_t)k * wide + x];
        lineage->population[k].focus =
            tokens[k] > 0 ? 1 - shared[(size_t)k * wide + wide - 1] / tokens[k] : 0;
    }
    for (int k = 0; code == 0 && k < 3; k++)
        for (size_t x = 0; x + 1 < wide && tokens[k] > 0; x++) {
            double own = (shared[(size_t)k * wide + x] + 0.5) / (tokens[k] + 1), other = 0;
            for (int j = 0; j < 3; j++) /* the one of the others that shares it most */
                if (j != k && tokens[j] > 0)
                    other = fmax(other, (shared[(size_t)j * wide + x] + 0.5) / (tokens[j] + 1));
            liked_put(&lineage->population[k], gain[k], judgement->features[x],
                      accounts[(size_t)k * wide + x],
                      accounts[(size_t)k * wide + x] * log(own / other));
        }
    free(accounts);
    free(last);
    free(shared);
    return code;
}

static void populations_describe(const struct lks_lineage_world *world,
                                 struct lks_lineage_scratch *scratch,
                                 const struct lks_lineage_users *users, struct lks_lineage *lineage)
{
    const struct lks_events *events = world->events;
    double span = (double)(world->last_us - world->start_us) + 1;
    for (uint32_t u = 0; u < users->count; u++) {
        struct lks_lineage_population *of = &lineage->population[users->population[u]];
        scratch->account_mark[users->account[u]] = u;
        of->accounts_count++;
        of->united_count +=
            world->account_unit && world->account_unit[users->account[u]] != UINT32_MAX;
    }
    for (size_t i = world->object_first[lineage->object];
         i < world->object_first[lineage->object + 1]; i++) {
        uint32_t u = scratch->account_mark[events->account[i]];
        struct lks_lineage_population *of = &lineage->population[users->population[u]];
        double place = (double)(events->time_us[i] - world->start_us) / span;
        if (!of->posts_count++)
            of->first_us = events->time_us[i];
        of->last_us = events->time_us[i];
        of->bin_posts[(int)(place * LKS_LINEAGE_BINS)]++;
    }
    for (uint32_t u = 0; u < users->count; u++)
        scratch->account_mark[users->account[u]] = UINT32_MAX;
}

/* Told apart by taste: the mixture, where it is better than one population. */
static int taste_judge(const struct lks_lineage_world *world, struct lks_lineage *lineage,
                       struct lks_lineage_users *users, struct lks_lineage_judgement *judgement,
                       struct lks_error *err)
{
    int code = users_judge(world, lineage, users, judgement, err);
    if (code)
        return code;
    for (uint32_t u = 0; u < users->count; u++)
        users->population[u] = isnan(users->later[u]) ? LKS_LINEAGE_UNKNOWN : users->later[u] > 0.5;
    if (lineage->p_two <= world->options->level_two && lks_lineage_populations_suffice(users))
        lineage->by = LKS_LINEAGE_TASTE;
    for (uint32_t u = 0; lineage->by == LKS_LINEAGE_ALONE && u < users->count; u++)
        if (users->population[u] != LKS_LINEAGE_UNKNOWN)
            users->population[u] = 0;
    return 0;
}

int lks_lineage_one(const struct lks_lineage_world *world, struct lks_lineage_scratch *scratch,
                    struct lks_lineage *lineage, struct lks_lineage_users *users_out,
                    struct lks_error *err)
{
    struct lks_lineage_judgement judgement = {0};
    for (int k = 0; k < LKS_LINEAGE_POPULATIONS; k++) {
        memset(lineage->population[k].liked, 255, sizeof lineage->population[k].liked);
        lineage->population[k].unit = UINT32_MAX;
    }
    lineage->p_order = lineage->p_two = 1;
    int code = lks_lineage_users_list(world, scratch, lineage, users_out, err);
    if (code == 0)
        code =
            lks_lineage_judgement_make(world, scratch, lineage->object, users_out, &judgement, err);
    if (code == 0 && world->account_unit)
        code = lks_lineage_company(world, lineage, users_out, &judgement, err);
    if (code == 0 && lineage->by == LKS_LINEAGE_ALONE)
        code = taste_judge(world, lineage, users_out, &judgement, err);
    if (code == 0 && lineage->by != LKS_LINEAGE_ALONE) {
        code = order_test(world, lineage, users_out, err);
        if (code == 0 && lineage->share_after < lineage->share_before)
            populations_turn(lineage, users_out);
        if (code == 0)
            code = liked_find(&judgement, users_out, lineage, err);
    }
    if (code == 0)
        populations_describe(world, scratch, users_out, lineage);
    lks_lineage_judgement_free(&judgement);
    return code;
}
