/* lineage_one.c - the users of one thing: one population or two, and in which order they came
 *
 * Users are told apart by what their posts stand for besides the thing, over the whole of the data
 * (lineage_world.c); the mixture is fitted to some hundreds of them, drawn by a hash, and all are
 * judged by it. Of the two populations the one that gains where the shares change most is
 * called the later. Nothing of the order enters the judgement of a user, so that the test of the
 * order is a test of something that was not looked at before. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "signal/lineage_inside.h"

enum {
    ORDER_MOST = 4096,     /* users whose order is permuted */
    FEATURE_USERS = 5,     /* that a feature needs, */
    FEATURE_PART = 25,     /* and this part of the drawn users */
    POPULATION_LEAST = 10, /* users of a population, */
    POPULATION_PART = 50,  /* and this part of all */
    UNIT_LEAST = 3,        /* users of a unit that can be of a company */
    GROUPS_MOST = 4,       /* of features */
    REST_A_DAY = 4         /* posts of a day on anything else that count */
};

static const double GROUP_COSINE = 0.25, UNIT_COSINE = 0.5;

/* Rows of users with their days and features; owned. */
struct rows {
    struct lks_tastes tastes;
    uint32_t *day_first, *day, *feature_first, *feature;
    uint32_t *thing; /* beside feature, which is its group: which of the features it is */
    float *rate;
};

static int memory_out(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "out of memory for lineage");
}

static void rows_free(struct rows *rows)
{
    free(rows->day_first);
    free(rows->day);
    free(rows->feature_first);
    free(rows->feature);
    free(rows->thing);
    free(rows->rate);
    *rows = (struct rows){0};
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

static int users_list(const struct lks_lineage_world *world, struct lks_lineage_scratch *scratch,
                      struct lks_lineage *lineage, struct lks_lineage_users *users,
                      struct lks_error *err)
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

/* What is fitted to the users of one thing; owned. */
struct judgement {
    struct rows drawn, all;
    uint32_t *drawn_users, *features;
    uint8_t *group; /* [features_count] */
    uint32_t drawn_count, features_count, groups_count;
    struct lks_mixture mixture;
};

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

/* Puts features that the same users share into one group: each joins the first one before it that
 * leads a group and has users enough in common with it (cosine), or leads one itself, or, once
 * there are GROUPS_MOST, joins the leader with whom it has most in common. So a mixture has few rates
 * to fit, and those of crowds rather than of things. */
static int features_group(const struct lks_lineage_world *world,
                          const struct lks_lineage_scratch *scratch, uint32_t thing,
                          const struct lks_lineage_users *users, struct judgement *judgement)
{
    uint32_t features = judgement->features_count, words = judgement->drawn_count / 64 + 1;
    uint64_t *who = calloc((size_t)features * words + 1, sizeof *who);
    uint32_t leader[GROUPS_MOST];
    judgement->group = calloc((size_t)features + 1, 1);
    if (!who || !judgement->group) {
        free(who);
        return -1;
    }
    for (uint32_t d = 0; d < judgement->drawn_count; d++) {
        uint32_t account = users->account[judgement->drawn_users[d]];
        for (uint32_t i = world->account_first[account]; i < world->account_first[account + 1];
             i++) {
            uint32_t x = lks_lineage_pick(world, world->account_post[i], thing);
            if (x != UINT32_MAX && scratch->object_place[x] != UINT32_MAX)
                who[(size_t)scratch->object_place[x] * words + d / 64] |= UINT64_C(1) << d % 64;
        }
    }
    for (uint32_t x = 0; x < features; x++) {
        double best = -1;
        uint32_t group = 0;
        for (uint32_t g = 0; g < judgement->groups_count && best < GROUP_COSINE; g++) {
            uint32_t both = 0, own = 0, others = 0;
            for (uint32_t w = 0; w < words; w++) {
                uint64_t a = who[(size_t)x * words + w], b = who[(size_t)leader[g] * words + w];
                both += (uint32_t)__builtin_popcountll(a & b);
                own += (uint32_t)__builtin_popcountll(a);
                others += (uint32_t)__builtin_popcountll(b);
            }
            double cosine = both / sqrt((double)own * others);
            if (cosine > best) {
                best = cosine;
                group = g;
            }
        }
        if (best < GROUP_COSINE && judgement->groups_count < GROUPS_MOST) {
            leader[judgement->groups_count] = x;
            group = judgement->groups_count++;
        }
        judgement->group[x] = (uint8_t)group;
    }
    free(who);
    return 0;
}

/* The share of everybody's posts of each day that stand for each group; the last is the rest. */
static float *rates_make(const struct lks_lineage_world *world, uint32_t thing,
                         const struct judgement *judgement)
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
                     uint32_t count, const struct judgement *judgement, struct rows *rows,
                     struct lks_error *err)
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

/* ---- two populations, and their order ---- */

static void judgement_free(struct judgement *judgement)
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

static int mixture_room(const struct lks_lineage_world *world, struct judgement *judgement)
{
    size_t features = (size_t)judgement->groups_count + 1;
    struct lks_mixture *mixture = &judgement->mixture;
    mixture->like = malloc((2 * features + 1) * sizeof *mixture->like);
    mixture->around = malloc((2 * (size_t)world->days_count + 1) * sizeof *mixture->around);
    mixture->like_one = malloc((features + 1) * sizeof *mixture->like_one);
    return mixture->like && mixture->around && mixture->like_one ? 0 : -1;
}

static int judgement_rows(const struct lks_lineage_world *world,
                          struct lks_lineage_scratch *scratch, uint32_t thing,
                          const struct lks_lineage_users *users, struct judgement *judgement,
                          struct lks_error *err)
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
    struct rows *rows[2] = {&judgement->drawn, &judgement->all};
    int code = 0;
    if (features_group(world, scratch, thing, users, judgement) != 0 ||
        mixture_room(world, judgement) != 0 ||
        !(judgement->all.rate = rates_make(world, thing, judgement)))
        code = memory_out(err);
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

/* Fits, tests, and gives every user its chance of population 1. */
static int users_judge(const struct lks_lineage_world *world, struct lks_lineage *lineage,
                       struct lks_lineage_users *users, struct judgement *judgement,
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
static int populations_suffice(const struct lks_lineage_users *users)
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

/* ---- told apart by company ---- */

/* The units of a thing's users: what each shares, and to which company it belongs. */
struct companies {
    uint32_t units;     /* one more than there are: the last holds nobody */
    uint32_t *accounts; /* [units] users of the thing */
    double *profile;    /* [units * features]: users of the unit that share each feature */
    uint32_t *leader;   /* [units] the unit whose company it is of, UINT32_MAX for none */
};

static void companies_free(struct companies *companies)
{
    free(companies->accounts);
    free(companies->profile);
    free(companies->leader);
}

static int companies_count(const struct lks_lineage_world *world,
                           const struct lks_lineage_users *users, const struct judgement *judgement,
                           struct companies *companies, struct lks_error *err)
{
    const struct rows *all = &judgement->all;
    size_t features = judgement->features_count;
    companies->units = world->units_count;
    companies->accounts = calloc((size_t)companies->units + 1, sizeof *companies->accounts);
    companies->profile = calloc(companies->units * features + 1, sizeof *companies->profile);
    companies->leader = malloc(((size_t)companies->units + 1) * sizeof *companies->leader);
    uint32_t *last = calloc(features + 1, sizeof *last);
    if (!companies->accounts || !companies->profile || !companies->leader || !last) {
        free(last);
        return memory_out(err);
    }
    for (uint32_t u = 0; u < users->count; u++) {
        uint32_t unit = world->account_unit[users->account[u]];
        if (unit == UINT32_MAX)
            continue;
        companies->accounts[unit]++;
        for (uint32_t i = all->feature_first[all->day_first[u]];
             i < all->feature_first[all->day_first[u + 1]]; i++) {
            uint32_t x = all->thing[i];
            if (x < features && last[x] != u + 1)
                companies->profile[unit * features + x] += 1;
            if (x < features)
                last[x] = u + 1;
        }
    }
    free(last);
    return 0;
}

static double profiles_cosine(const double *a, const double *b, size_t features)
{
    double both = 0, own = 0, other = 0;
    for (size_t x = 0; x < features; x++) {
        both += a[x] * b[x];
        own += a[x] * a[x];
        other += b[x] * b[x];
    }
    return own > 0 && other > 0 ? both / sqrt(own * other) : 0;
}

/* Units whose users share the same things are one company: each joins the largest before it
 * that is enough alike, or leads one. A unit that is kept apart joins nobody. The two
 * largest companies come out, UINT32_MAX for none. */
static void companies_join(const struct lks_lineage_world *world, size_t features,
                           struct companies *companies, uint32_t largest[2])
{
    uint32_t *size = companies->accounts; /* of a leader: of its company */
    for (uint32_t unit = 0; unit < companies->units; unit++)
        companies->leader[unit] = UINT32_MAX;
    for (;;) {
        uint32_t next = UINT32_MAX, leader;
        for (uint32_t unit = 0; unit < companies->units; unit++)
            if (companies->leader[unit] == UINT32_MAX && size[unit] >= UNIT_LEAST &&
                (next == UINT32_MAX || size[unit] > size[next]))
                next = unit;
        if (next == UINT32_MAX)
            break;
        leader = next;
        double best = UNIT_COSINE;
        for (uint32_t unit = 0; unit < companies->units && next < world->units_apart; unit++) {
            if (companies->leader[unit] != unit || unit >= world->units_apart)
                continue;
            double cosine = profiles_cosine(companies->profile + next * features,
                                            companies->profile + unit * features, features);
            if (cosine > best) {
                best = cosine;
                leader = unit;
            }
        }
        companies->leader[next] = leader;
    }
    uint32_t *total = calloc((size_t)companies->units + 1, sizeof *total);
    for (uint32_t unit = 0; total && unit < companies->units; unit++)
        if (companies->leader[unit] != UINT32_MAX)
            total[companies->leader[unit]] += size[unit];
    largest[0] = largest[1] = UINT32_MAX;
    for (uint32_t unit = 0; total && unit < companies->units; unit++) {
        if (!total[unit])
            continue;
        if (largest[0] == UINT32_MAX || total[unit] > total[largest[0]]) {
            largest[1] = largest[0];
            largest[0] = unit;
        } else if (largest[1] == UINT32_MAX || total[unit] > total[largest[1]]) {
            largest[1] = unit;
        }
    }
    free(total);
}

/* Told apart by company: the largest company among the users against all others, a second one
 * shown by itself. That the company is one at all is what its units were found by. */
static int company_judge(const struct lks_lineage_world *world, struct lks_lineage *lineage,
                         struct lks_lineage_users *users, const struct judgement *judgement,
                         struct lks_error *err)
{
    struct companies companies = {0};
    uint32_t largest[2] = {UINT32_MAX, UINT32_MAX};
    int code = companies_count(world, users, judgement, &companies, err);
    if (code == 0)
        companies_join(world, judgement->features_count, &companies, largest);
    for (uint32_t u = 0; code == 0 && u < users->count; u++) {
        uint32_t unit = world->account_unit[users->account[u]];
        uint32_t leader = unit == UINT32_MAX ? UINT32_MAX : companies.leader[unit];
        int is_first = leader != UINT32_MAX && leader == largest[0];
        int is_second = leader != UINT32_MAX && leader == largest[1];
        users->later[u] = is_first;
        users->population[u] = is_first ? 1 : is_second ? LKS_LINEAGE_THIRD : 0;
    }
    if (code == 0 && largest[0] != UINT32_MAX) {
        lineage->population[1].unit = largest[0];
        lineage->population[LKS_LINEAGE_THIRD].unit = largest[1];
        if (populations_suffice(users)) {
            lineage->by = LKS_LINEAGE_COMPANY;
            lineage->p_two = world->unit_p[largest[0]];
        } else {
            lineage->population[0].unit = lineage->population[1].unit =
                lineage->population[LKS_LINEAGE_THIRD].unit = UINT32_MAX;
            memset(users->population, 0, users->count);
        }
    }
    companies_free(&companies);
    return code;
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
    lineage->p_order = lks_order_p(values, count, world->options->orders_count,
                                   world->options->seed + lineage->object, values + count);
    lks_order_change(values, count, &place);
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
static int liked_find(const struct judgement *judgement, const struct lks_lineage_users *users,
                      struct lks_lineage *lineage, struct lks_error *err)
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
                if (j != k)
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
                       struct lks_lineage_users *users, struct judgement *judgement,
                       struct lks_error *err)
{
    int code = users_judge(world, lineage, users, judgement, err);
    if (code)
        return code;
    for (uint32_t u = 0; u < users->count; u++)
        users->population[u] = isnan(users->later[u]) ? LKS_LINEAGE_UNKNOWN : users->later[u] > 0.5;
    if (lineage->p_two <= world->options->level_two && populations_suffice(users))
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
    struct judgement judgement = {0};
    for (int k = 0; k < LKS_LINEAGE_POPULATIONS; k++) {
        memset(lineage->population[k].liked, 255, sizeof lineage->population[k].liked);
        lineage->population[k].unit = UINT32_MAX;
    }
    lineage->p_order = lineage->p_two = 1;
    int code = users_list(world, scratch, lineage, users_out, err);
    if (code == 0)
        code = judgement_rows(world, scratch, lineage->object, users_out, &judgement, err);
    if (code == 0 && world->account_unit)
        code = company_judge(world, lineage, users_out, &judgement, err);
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
    judgement_free(&judgement);
    return code;
}
