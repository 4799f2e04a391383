/* lineage_users.c - the users of one thing, and what else they share
 *
 * What a user's posts stand for besides the thing (lineage_world.c) becomes a row: day by day, the
 * distinct features it shared. Features are the things that users of this one share most beyond
 * what everybody does; those that the same users share make a group, so that a mixture has the
 * rates of a few crowds to fit and not those of many things. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "signal/lineage_inside.h"

enum {
    FEATURE_USERS = 5, /* that a feature needs, */
    FEATURE_PART = 25, /* and this part of the drawn users */
    GROUPS_MOST = 4,   /* of features */
    REST_A_DAY = 4     /* posts of a day on anything else that count */
};
static const double group_cosine = 0.3;

static int memory_out(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "out of memory for lineage");
}

static void rows_free(struct lks_lineage_rows *rows)
{
    free(rows->day_first);
    free(rows->day);
    free(rows->feature_first);
    free(rows->feature);
    free(rows->thing);
    free(rows->rate);
    *rows = (struct lks_lineage_rows){0};
}

void lks_lineage_users_free(struct lks_lineage_users *users)
{
    free(users->account);
    free(users->first_us);
    free(users->posts);
    free(users->later);
    free(users->ratio);
    free(users->population);
    *users = (struct lks_lineage_users){0};
}

/* ---- who used it ---- */

int lks_lineage_users_list(const struct lks_lineage_world *world,
                           struct lks_lineage_scratch *scratch, struct lks_lineage *lineage,
                           struct lks_lineage_users *users, struct lks_error *err)
{
    const struct lks_events *events = world->events;
    size_t most = (size_t)world->object_users[lineage->object] + 1;
    size_t first = world->object_first[lineage->object];
    size_t end = world->object_first[lineage->object + 1];
    *users = (struct lks_lineage_users){.account = malloc(most * sizeof *users->account),
                                        .first_us = malloc(most * sizeof *users->first_us),
                                        .posts = malloc(most * sizeof *users->posts),
                                        .later = malloc(most * sizeof *users->later),
                                        .ratio = calloc(most, sizeof *users->ratio),
                                        .population = calloc(most, 1)};
    if (!users->account || !users->first_us || !users->posts || !users->later || !users->ratio ||
        !users->population)
        return memory_out(err);
    for (size_t i = first; i < end; i++) {
        uint32_t account = events->account[i];
        if (scratch->account_mark[account] == UINT32_MAX) {
            scratch->account_mark[account] = users->count;
            users->account[users->count] = account;
            users->first_us[users->count] = events->time_us[i];
            users->posts[users->count++] = 0;
        }
        users->posts[scratch->account_mark[account]]++;
    }
    for (uint32_t i = 0; i < users->count; i++)
        scratch->account_mark[users->account[i]] = UINT32_MAX;
    lineage->accounts_count = users->count;
    lineage->posts_count = end - first;
    lineage->first_us = end > first ? events->time_us[first] : 0;
    lineage->last_us = end > first ? events->time_us[end - 1] : 0;
    for (uint32_t i = 0; i < LKS_LINEAGE_FIRST; i++) {
        lineage->first_account[i] = i < users->count ? users->account[i] : UINT32_MAX;
        lineage->first_account_us[i] = i < users->count ? users->first_us[i] : 0;
    }
    return 0;
}

static int hash_order(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Indexes of at most `most` users, drawn by a hash of the account. */
static uint32_t *users_draw(const struct lks_lineage_users *users, uint32_t most, uint64_t seed,
                            uint32_t *count_out)
{
    uint64_t *keys = malloc(((size_t)users->count + 1) * sizeof *keys);
    uint32_t *drawn = malloc(((size_t)users->count + 1) * sizeof *drawn);
    uint32_t count = users->count < most ? users->count : most;
    if (!keys || !drawn) {
        free(keys);
        free(drawn);
        return NULL;
    }
    for (uint32_t i = 0; i < users->count; i++) {
        uint64_t state = seed ^ users->account[i];
        keys[i] = (lks_splitmix64(&state) & UINT64_C(0xffffffff00000000)) | i;
    }
    if (count < users->count)
        qsort(keys, users->count, sizeof *keys, hash_order);
    for (uint32_t i = 0; i < count; i++)
        drawn[i] = (uint32_t)keys[i];
    free(keys);
    *count_out = count;
    return drawn;
}

/* ---- what else they share ---- */

struct feature_count {
    uint32_t object;
    double gain;
};

static int feature_order(const void *a, const void *b)
{
    const struct feature_count *x = a, *y = b;
    if (x->gain != y->gain)
        return x->gain > y->gain ? -1 : 1;
    return (x->object > y->object) - (x->object < y->object);
}

/* The objects that the drawn users share besides the thing and most beyond what everybody does:
 * users of it times the log of how many there are for one expected. */
static uint32_t *features_choose(const struct lks_lineage_world *world,
                                 struct lks_lineage_scratch *scratch, uint32_t thing,
                                 const struct lks_lineage_users *users, const uint32_t *drawn,
                                 uint32_t drawn_count, uint32_t *count_out)
{
    uint32_t touched = 0, kept = 0;
    for (uint32_t d = 0; d < drawn_count; d++) {
        uint32_t account = users->account[drawn[d]], mark = ++scratch->mark;
        for (uint32_t i = world->account_first[account]; i < world->account_first[account + 1];
             i++) {
            uint32_t x = lks_lineage_pick(world, world->account_post[i], thing);
            if (x == UINT32_MAX || x == thing || scratch->object_mark[x] == mark)
                continue;
            scratch->object_mark[x] = mark;
            if (!scratch->object_count[x]++)
                scratch->touched[touched++] = x;
        }
    }
    struct feature_count *counts = malloc(((size_t)touched + 1) * sizeof *counts);
    uint32_t *features = malloc(((size_t)world->options->features_most + 1) * sizeof *features);
    for (uint32_t i = 0; i < touched; i++) {
        uint32_t x = scratch->touched[i];
        double own = scratch->object_count[x];
        double expected =
            (double)drawn_count * world->object_users[x] / (double)world->events->accounts_count;
        if (counts && own >= FEATURE_USERS && own * FEATURE_PART >= drawn_count && own > expected)
            counts[kept++] = (struct feature_count){x, own * log(own / expected)};
        scratch->object_count[x] = 0;
    }
    if (!counts || !features) {
        free(counts);
        free(features);
        return NULL;
    }
    qsort(counts, kept, sizeof *counts, feature_order);
    if (kept > world->options->features_most)
        kept = world->options->features_most;
    for (uint32_t i = 0; i < kept; i++)
        features[i] = counts[i].object;
    free(counts);
    *count_out = kept;
    return features;
}

/* Who of the drawn users shares each feature: bits. */
static uint64_t *features_users(const struct lks_lineage_world *world,
                                const struct lks_lineage_scratch *scratch, uint32_t thing,
                                const struct lks_lineage_users *users,
                                const struct lks_lineage_judgement *judgement)
{
    size_t words = judgement->drawn_count / 64 + 1;
    uint64_t *who = calloc(judgement->features_count * words + 1, sizeof *who);
    for (uint32_t d = 0; who && d < judgement->drawn_count; d++) {
        uint32_t account = users->account[judgement->drawn_users[d]];
        for (uint32_t i = world->account_first[account]; i < world->account_first[account + 1];
             i++) {
            uint32_t x = lks_lineage_pick(world, world->account_post[i], thing);
            if (x != UINT32_MAX && scratch->object_place[x] != UINT32_MAX)
                who[scratch->object_place[x] * words + d / 64] |= UINT64_C(1) << d % 64;
        }
    }
    return who;
}

/* Puts features that the same users share into one group: each joins the group whose users it has
 * most in common with (cosine with the sum of the group's features), if that is enough or there
 * are GROUPS_MOST already, or else founds one. */
static int features_group(const uint64_t *who, struct lks_lineage_judgement *judgement)
{
    uint32_t drawn = judgement->drawn_count;
    size_t words = drawn / 64 + 1;
    double *sums = calloc((size_t)GROUPS_MOST * drawn + 1, sizeof *sums);
    judgement->group = calloc((size_t)judgement->features_count + 1, 1);
    if (!sums || !judgement->group) {
        free(sums);
        return -1;
    }
    for (uint32_t x = 0; x < judgement->features_count; x++) {
        double best = -1;
        uint32_t group = 0;
        for (uint32_t g = 0; g < judgement->groups_count; g++) {
            double both = 0, own = 0, others = 0;
            for (uint32_t d = 0; d < drawn; d++) {
                double sum = sums[(size_t)g * drawn + d];
                int has = who[x * words + d / 64] >> d % 64 & 1;
                own += has;
                both += has * sum;
                others += sum * sum;
            }
            double cosine = both / sqrt(own * others);
            if (cosine > best) {
                best = cosine;
                group = g;
            }
        }
        if (best < group_cosine && judgement->groups_count < GROUPS_MOST)
            group = judgement->groups_count++;
        judgement->group[x] = (uint8_t)group;
        for (uint32_t d = 0; d < drawn; d++)
            sums[(size_t)group * drawn + d] += who[x * words + d / 64] >> d % 64 & 1;
    }
    free(sums);
    return 0;
}

/* The share of everybody's posts of each day that stand for each group; the last is the rest. */
static float *rates_make(const struct lks_lineage_world *world, uint32_t thing,
                         const struct lks_lineage_judgement *judgement)
{
    const uint32_t *features = judgement->features, groups = judgement->groups_count;
    const struct lks_events *events = world->events;
    size_t wide = (size_t)groups + 1;
    float *rate = calloc(world->days_count * wide + 1, sizeof *rate);
    for (uint32_t x = 0; rate && x < judgement->features_count; x++)
        for (size_t i = world->object_first[features[x]]; i < world->object_first[features[x] + 1];
             i++)
            if (lks_lineage_pick(world, events->post[i], thing) == features[x]) {
                int64_t day = (events->time_us[i] - world->start_us) / world->day_us;
                rate[(size_t)day * wide + judgement->group[x]] += 1;
            }
    for (uint32_t day = 0; rate && day < world->days_count; day++) {
        float *row = rate + day * wide, posts = world->posts_of_day[day], rest = posts;
        for (uint32_t x = 0; x < groups && posts > 0; x++) {
            rest -= row[x];
            row[x] /= posts;
        }
        row[groups] = posts > 0 ? (rest + 1) / (posts + 1) : 1;
    }
    return rate;
}

struct token {
    uint32_t day, feature;
};

static int token_order(const void *a, const void *b)
{
    const struct token *x = a, *y = b;
    if (x->day != y->day)
        return x->day < y->day ? -1 : 1;
    return (x->feature > y->feature) - (x->feature < y->feature);
}

/* What the posts of an account stand for, by day and feature, each once; a post on the thing that
 * stands for nothing else is passed over. */
static uint32_t tokens_take(const struct lks_lineage_world *world,
                            const struct lks_lineage_scratch *scratch, uint32_t thing,
                            uint32_t account, uint32_t rest, struct token *tokens)
{
    uint32_t count = 0, kept = 0;
    for (uint32_t i = world->account_first[account]; i < world->account_first[account + 1]; i++) {
        uint32_t post = world->account_post[i], x = lks_lineage_pick(world, post, thing);
        if (x == UINT32_MAX && world->pick[0][post] == thing)
            continue;
        tokens[count].day =
            (uint32_t)((world->events->post_time_us[post] - world->start_us) / world->day_us);
        tokens[count++].feature = x == UINT32_MAX || scratch->object_place[x] == UINT32_MAX
                                      ? rest
                                      : scratch->object_place[x];
    }
    if (count > 1)
        qsort(tokens, count, sizeof *tokens, token_order);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t most = tokens[i].feature == rest ? REST_A_DAY : 1;
        if (kept < most || token_order(&tokens[kept - most], &tokens[i]) != 0)
            tokens[kept++] = tokens[i];
    }
    return kept;
}

/* Rows of the given users; object_place holds the features' numbers, `rest` is the last. */
static int rows_make(const struct lks_lineage_world *world, struct lks_lineage_scratch *scratch,
                     uint32_t thing, const struct lks_lineage_users *users, const uint32_t *drawn,
                     uint32_t count, const struct lks_lineage_judgement *judgement,
                     struct lks_lineage_rows *rows, struct lks_error *err)
{
    const uint32_t rest = judgement->features_count;
    size_t posts = 0, most = 0;
    for (uint32_t d = 0; d < count; d++) {
        uint32_t account = users->account[drawn ? drawn[d] : d];
        size_t own = world->account_first[account + 1] - world->account_first[account];
        posts += own;
        most = own > most ? own : most;
    }
    struct token *tokens = malloc((most + 1) * sizeof *tokens);
    rows->day_first = malloc(((size_t)count + 1) * sizeof *rows->day_first);
    rows->feature_first = malloc((posts + 1) * sizeof *rows->feature_first);
    rows->day = malloc((posts + 1) * sizeof *rows->day);
    rows->feature = malloc((posts + 1) * sizeof *rows->feature);
    rows->thing = malloc((posts + 1) * sizeof *rows->thing);
    if (!tokens || !rows->day_first || !rows->feature_first || !rows->day || !rows->feature ||
        !rows->thing) {
        free(tokens);
        return memory_out(err);
    }
    uint32_t days = 0, features = 0;
    for (uint32_t d = 0; d < count; d++) {
        uint32_t account = users->account[drawn ? drawn[d] : d];
        uint32_t own = tokens_take(world, scratch, thing, account, rest, tokens);
        rows->day_first[d] = days;
        for (uint32_t i = 0; i < own; i++) {
            if (i == 0 || tokens[i].day != tokens[i - 1].day) {
                rows->feature_first[days] = features;
                rows->day[days++] = tokens[i].day;
            }
            uint32_t x = tokens[i].feature;
            rows->thing[features] = x;
            rows->feature[features++] = x == rest ? judgement->groups_count : judgement->group[x];
        }
    }
    rows->day_first[count] = days;
    rows->feature_first[days] = features;
    rows->tastes = (struct lks_tastes){.users_count = count,
                                       .day_first = rows->day_first,
                                       .day = rows->day,
                                       .feature_first = rows->feature_first,
                                       .feature = rows->feature};
    free(tokens);
    return 0;
}

void lks_lineage_judgement_free(struct lks_lineage_judgement *judgement)
{
    rows_free(&judgement->drawn);
    rows_free(&judgement->all);
    free(judgement->drawn_users);
    free(judgement->features);
    free(judgement->group);
    free(judgement->mixture.like);
    free(judgement->mixture.around);
    free(judgement->mixture.like_one);
}

static int mixture_room(const struct lks_lineage_world *world,
                        struct lks_lineage_judgement *judgement)
{
    size_t features = (size_t)judgement->groups_count + 1;
    struct lks_mixture *mixture = &judgement->mixture;
    mixture->like = malloc((2 * features + 1) * sizeof *mixture->like);
    mixture->around = malloc((2 * (size_t)world->days_count + 1) * sizeof *mixture->around);
    mixture->like_one = malloc((features + 1) * sizeof *mixture->like_one);
    return mixture->like && mixture->around && mixture->like_one ? 0 : -1;
}

int lks_lineage_judgement_make(const struct lks_lineage_world *world,
                               struct lks_lineage_scratch *scratch, uint32_t thing,
                               const struct lks_lineage_users *users,
                               struct lks_lineage_judgement *judgement, struct lks_error *err)
{
    judgement->drawn_users = users_draw(users, world->options->fitted_most, world->options->seed,
                                        &judgement->drawn_count);
    if (!judgement->drawn_users)
        return memory_out(err);
    judgement->features = features_choose(world, scratch, thing, users, judgement->drawn_users,
                                          judgement->drawn_count, &judgement->features_count);
    if (!judgement->features)
        return memory_out(err);
    for (uint32_t x = 0; x < judgement->features_count; x++)
        scratch->object_place[judgement->features[x]] = x;
    struct lks_lineage_rows *rows[2] = {&judgement->drawn, &judgement->all};
    int code = 0;
    uint64_t *who = features_users(world, scratch, thing, users, judgement);
    if (!who || features_group(who, judgement) != 0 || mixture_room(world, judgement) != 0 ||
        !(judgement->all.rate = rates_make(world, thing, judgement)))
        code = memory_out(err);
    free(who);
    for (int i = 0; code == 0 && i < 2; i++) {
        code = rows_make(world, scratch, thing, users, i ? NULL : judgement->drawn_users,
                         i ? users->count : judgement->drawn_count, judgement, rows[i], err);
        rows[i]->tastes.days_count = world->days_count;
        rows[i]->tastes.features_count = judgement->groups_count + 1;
        rows[i]->tastes.rate = judgement->all.rate;
    }
    for (uint32_t x = 0; x < judgement->features_count; x++)
        scratch->object_place[judgement->features[x]] = UINT32_MAX;
    return code;
}
