/* attachment_test.c - the attachment test against its definition, and whether its p-values hold */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "chance/attachment_inside.h"
#include "stat/tail.h"

enum { POSTS = 200, ACCOUNTS = 10, OBJECTS = 8, WINDOWS = 2, TESTS = 3 * WINDOWS, LEASTS = 5 };
static const uint32_t leasts[LEASTS] = {1, 2, 4, 8, 16};

struct world {
    struct lks_events events;
    struct lks_chance_options options;
    uint8_t uses[POSTS][OBJECTS];
    uint8_t in_group[ACCOUNTS];
};

struct row {
    uint32_t object, account, post;
    int64_t time_us;
};

static int compare_rows(const void *left, const void *right)
{
    const struct row *x = left, *y = right;
    if (x->object != y->object)
        return x->object < y->object ? -1 : 1;
    if (x->time_us != y->time_us)
        return x->time_us < y->time_us ? -1 : 1;
    if (x->account != y->account)
        return x->account < y->account ? -1 : 1;
    return x->post < y->post ? -1 : x->post > y->post;
}

static void lay_events(struct lks_events *events, struct row *rows, size_t count)
{
    qsort(rows, count, sizeof *rows, compare_rows);
    events->count = count;
    events->object = malloc((count + 1) * 4);
    events->account = malloc((count + 1) * 4);
    events->post = malloc((count + 1) * 4);
    events->time_us = malloc((count + 1) * 8);
    for (size_t i = 0; i < count; i++) {
        events->object[i] = rows[i].object;
        events->account[i] = rows[i].account;
        events->post[i] = rows[i].post;
        events->time_us[i] = rows[i].time_us;
    }
}

static void world_free(struct world *world)
{
    struct lks_events *events = &world->events;
    free(events->object);
    free(events->account);
    free(events->post);
    free(events->time_us);
    free(events->object_kind);
    free(events->post_account);
    free(events->post_time_us);
    free(events->post_kind);
}

/* Posts in a few hours of each of some days, as data with habits have them. */
static void make_world(struct world *world, uint64_t seed)
{
    struct lks_rng rng;
    lks_rng_init(&rng, seed, 9);
    memset(world, 0, sizeof *world);
    struct lks_events *events = &world->events;
    events->posts_count = 10 + (uint32_t)lks_rng_below(&rng, POSTS - 9);
    events->accounts_count = 3 + (uint32_t)lks_rng_below(&rng, ACCOUNTS - 2);
    events->objects_count = 1 + (uint32_t)lks_rng_below(&rng, OBJECTS);
    events->object_kind = malloc(OBJECTS);
    events->post_account = malloc(POSTS * 4);
    events->post_time_us = malloc(POSTS * 8);
    if (seed % 4 < 2)
        events->post_kind = malloc(POSTS);
    uint64_t days = 1 + lks_rng_below(&rng, 20), hours = 1 + lks_rng_below(&rng, 3);
    struct row rows[POSTS * OBJECTS];
    size_t count = 0;
    for (uint32_t o = 0; o < events->objects_count; o++)
        events->object_kind[o] = (uint8_t)lks_rng_below(&rng, LKS_OBJECT_KINDS_COUNT);
    for (uint32_t a = 0; a < events->accounts_count; a++)
        world->in_group[a] = lks_rng_below(&rng, 2) == 0;
    for (uint32_t p = 0; p < events->posts_count; p++) {
        if (events->post_kind)
            events->post_kind[p] = lks_rng_below(&rng, 3) ? LKS_POST_COMMENT : LKS_POST_VIDEO;
        events->post_account[p] = (uint32_t)lks_rng_below(&rng, events->accounts_count);
        events->post_time_us[p] = (int64_t)(20000 + lks_rng_below(&rng, days)) * LKS_DAY_US +
                                  (int64_t)lks_rng_below(&rng, hours * 60) * LKS_MINUTE_US;
        world->uses[p][(uint32_t)(pow(lks_rng_unit(&rng), 2) * events->objects_count)] = 1;
        world->uses[p][(uint32_t)(pow(lks_rng_unit(&rng), 2) * events->objects_count)] = 1;
        if (p > 0 && seed % 2 && world->in_group[events->post_account[p - 1]] &&
            lks_rng_below(&rng, 4)) { /* a member follows a member */
            while (!world->in_group[events->post_account[p]])
                events->post_account[p] = (events->post_account[p] + 1) % events->accounts_count;
            events->post_time_us[p] =
                events->post_time_us[p - 1] + (int64_t)lks_rng_below(&rng, 40) * LKS_SECOND_US;
            memcpy(world->uses[p], world->uses[p - 1], OBJECTS);
        }
        for (uint32_t o = 0; o < events->objects_count; o++) {
            if (world->uses[p][o])
                rows[count++] =
                    (struct row){o, events->post_account[p], p, events->post_time_us[p]};
        }
    }
    lay_events(events, rows, count);
    struct lks_chance_options *options = &world->options;
    *options = lks_chance_options_default();
    options->windows_count = WINDOWS;
    options->windows_us[0] = LKS_MINUTE_US * (1 + (int64_t)lks_rng_below(&rng, 10));
    options->windows_us[1] = LKS_MINUTE_US * (20 + (int64_t)lks_rng_below(&rng, 300));
    options->stratum_us = LKS_MINUTE_US * (30 + (int64_t)lks_rng_below(&rng, 150));
    options->min_occasions = 1 + (uint32_t)lks_rng_below(&rng, 2);
    options->rare_accounts_max = 2 + (uint32_t)lks_rng_below(&rng, 4);
    options->rare_share = 0.01;
    if (lks_rng_below(&rng, 3) == 0)
        options->kind_window_us[lks_rng_below(&rng, LKS_OBJECT_KINDS_COUNT)] = -1;
}

static int takes(const struct lks_chance *chance, unsigned t, uint32_t o)
{
    static const uint8_t contents[LKS_OBJECT_KINDS_COUNT] = {
        [LKS_OBJECT_URL] = 1,  [LKS_OBJECT_REPOST] = 1,    [LKS_OBJECT_REPLY] = 1,
        [LKS_OBJECT_TEXT] = 1, [LKS_OBJECT_NEAR_TEXT] = 1, [LKS_OBJECT_MEDIA] = 1};
    if (chance->object_reach_us[o] < 0)
        return 0;
    return t >= 2 * WINDOWS ? contents[chance->events->object_kind[o]]
           : t % 2          ? 1
                            : chance->object_rare[o];
}

/* How many members other than its author post p would meet at time_us. */
static uint32_t meets(const struct world *world, const struct lks_chance *chance, uint32_t p,
                      int64_t time_us, unsigned t)
{
    const struct lks_events *events = &world->events;
    int64_t window_us = chance->counts.windows_us[t >= 2 * WINDOWS ? t - 2 * WINDOWS : t / 2];
    uint32_t met = 0, who = 0; /* a bit an account */
    for (uint32_t q = 0; q < events->posts_count; q++) {
        int64_t lag_us = llabs(events->post_time_us[q] - time_us);
        uint32_t u = events->post_account[q];
        if (lag_us > window_us || !world->in_group[u] || u == events->post_account[p])
            continue;
        for (uint32_t o = 0; o < events->objects_count; o++) {
            if (world->uses[p][o] && world->uses[q][o] && takes(chance, t, o) &&
                lag_us <= chance->object_reach_us[o])
                who |= UINT32_C(1) << u;
        }
    }
    for (; who; who &= who - 1)
        met++;
    return met;
}

/* The days of one account by definition; 0 and *common 0 where nothing can be said. How many accounts use
 * a thing is told by the real authors. */
static double days_log_p(const struct world *world, const uint32_t *real_account,
                         const struct lks_chance *chance, uint32_t v, unsigned t, uint32_t least,
                         double *common, uint32_t *met_out, double *others_out)
{
    const struct lks_events *events = &world->events;
    int64_t first_us = INT64_MAX, last_us = INT64_MIN;
    double tau[POSTS] = {0}, others[POSTS] = {0}, expected = 0;
    uint32_t hours = 0, hours_met = 0;
    int any[POSTS] = {0};
    *common = *others_out = 0;
    *met_out = 0;
    for (uint32_t p = 0; p < events->posts_count; p++) {
        first_us = events->post_time_us[p] < first_us ? events->post_time_us[p] : first_us;
        last_us = events->post_time_us[p] > last_us ? events->post_time_us[p] : last_us;
    }
    if ((last_us - first_us) / LKS_DAY_US < LKS_ATTACHMENT_DAYS_MIN)
        return 0;
    for (uint32_t p = 0; p < events->posts_count; p++) {
        if (events->post_account[p] != v)
            continue;
        uint32_t days = 0, hits = 0, other_hits = 0,
                 h = chance->stratum_span[chance->post_stratum[p]];
        for (int d = -14; d <= 14; d++) {
            int64_t moved_us = events->post_time_us[p] + d * LKS_DAY_US;
            if (moved_us < first_us || moved_us > last_us)
                continue;
            days++;
            hits += meets(world, chance, p, moved_us, t) >= least;
            other_hits += d != 0 && meets(world, chance, p, moved_us, t) >= least;
        }
        tau[h] += (double)hits / days;
        others[h] += (double)other_hits / (days - 1);
        if (meets(world, chance, p, events->post_time_us[p], t) < least)
            continue;
        any[h] = 1;
        for (uint32_t o = 0; o < events->objects_count; o++) {
            uint32_t users = 0;
            int shared = 0;
            for (uint32_t a = 0; a < events->accounts_count; a++) {
                int uses = 0;
                for (uint32_t q = 0; q < events->posts_count; q++)
                    uses |= real_account[q] == a && world->uses[q][o];
                users += (uint32_t)uses;
                shared |= uses && a != v && world->in_group[a];
            }
            double share = (users - 1.0) / (events->accounts_count - 1.0);
            if (world->uses[p][o] && takes(chance, t, o) && shared && share > *common)
                *common = share;
        }
    }
    for (uint32_t h = 0; h < chance->strata_count; h++) {
        hours += tau[h] > 0;
        hours_met += (uint32_t)any[h];
        expected += tau[h] < 1 ? tau[h] : 1;
        *others_out += others[h] < 1 ? others[h] : 1;
    }
    *met_out = hours_met;
    return lks_hoeffding_tail_log(hours_met, hours, expected);
}

/* One test of one account by chance, by definition; 0 if it met too seldom. */
static double chance_log_p(const struct world *world, const struct lks_chance *chance, uint32_t v,
                           unsigned t, uint32_t least, uint32_t *met_out)
{
    const struct lks_events *events = &world->events;
    uint32_t met = 0, trials = 0;
    double expected = 0;
    for (uint32_t h = 0; h < chance->strata_count; h++) {
        uint32_t own = 0, all = 0, near = 0, own_met = 0;
        for (uint32_t p = 0; p < events->posts_count; p++) {
            uint32_t author = events->post_account[p];
            if (chance->post_stratum[p] != h || (author != v && world->in_group[author]))
                continue;
            int hit = meets(world, chance, p, events->post_time_us[p], t) >= least;
            all++;
            near += (uint32_t)hit;
            own += author == v;
            own_met += author == v && hit;
        }
        if (own == 0 || near == 0)
            continue;
        met += own_met;
        trials += own;
        expected += own * (near / (double)all);
    }
    *met_out = met;
    return met < chance->options.min_occasions ? 0 : lks_hoeffding_tail_log(met, trials, expected);
}

static void check_account(const struct world *world, const uint32_t *real_account,
                          const struct lks_chance *chance, uint32_t v,
                          const struct lks_attached *attached, double p_max)
{
    double best = 0, best_chance = 0, bonferroni = log(TESTS * LEASTS);
    double habit = INFINITY; /* the least p of those with days asked */
    int fits = 0;            /* the habit told is of a test that has it */
    for (unsigned t = 0; t < TESTS; t++) {
        for (unsigned k = 0; k < LEASTS; k++) {
            uint32_t met, days_met;
            double common, others,
                log_p = chance_log_p(world, chance, v, t, leasts[k], &met) + bonferroni;
            if (met < chance->options.min_occasions)
                continue;
            best_chance = log_p < best_chance ? log_p : best_chance;
            double days = days_log_p(world, real_account, chance, v, t, leasts[k], &common,
                                     &days_met, &others);
            int asked = log_p <= log(p_max);
            if (asked && common > 0)
                log_p = log(exp(log_p) + common * exp(days + bonferroni));
            best = log_p < best ? log_p : best;
            if (!asked || log_p > habit + 1e-9)
                continue;
            fits = (log_p > habit - 1e-9 && fits) ||
                   (attached->days_met == days_met && fabs(attached->days_others - others) < 1e-9 &&
                    fabs(attached->log10_habit - days / log(10)) < 1e-9);
            habit = log_p;
        }
    }
    assert_true(habit < INFINITY ? fits : attached->days_met == 0);
    assert_true(fabs(attached->log10_p - best / log(10)) < 1e-9);
    assert_true(fabs(attached->log10_chance - best_chance / log(10)) < 1e-9);
}

/* In how many strata v met a member on what two rarely make alike. */
static uint32_t content_strata(const struct world *world, const struct lks_chance *chance,
                               uint32_t v)
{
    static const uint8_t made[LKS_OBJECT_KINDS_COUNT] = {[LKS_OBJECT_URL] = 1,
                                                         [LKS_OBJECT_TEXT] = 1,
                                                         [LKS_OBJECT_NEAR_TEXT] = 1,
                                                         [LKS_OBJECT_MEDIA] = 1,
                                                         [LKS_OBJECT_HASHTAG_SET] = 1};
    const struct lks_events *events = &world->events;
    int64_t window_us = chance->counts.windows_us[WINDOWS - 1];
    uint32_t strata = 0;
    for (uint32_t h = 0; h < chance->strata_count; h++) {
        int any = 0;
        for (uint32_t p = 0; p < events->posts_count; p++)
            for (uint32_t q = 0; q < events->posts_count; q++)
                for (uint32_t o = 0; o < events->objects_count; o++) {
                    int64_t lag_us = llabs(events->post_time_us[q] - events->post_time_us[p]);
                    any |= events->post_account[p] == v && events->post_account[q] != v &&
                           world->in_group[events->post_account[q]] &&
                           chance->stratum_span[chance->post_stratum[p]] == h &&
                           made[events->object_kind[o]] && world->uses[p][o] && world->uses[q][o] &&
                           lag_us <= window_us && lag_us <= chance->object_reach_us[o];
                }
        strata += (uint32_t)any;
    }
    return strata;
}

/* A deal by definition: members keep their posts, strata their authors; whoever is told has the p of the
 * world so dealt, and nobody else has one as small. Returns how many were told. */
static uint32_t check_deal(struct world *world, const struct lks_chance *chance,
                           const struct lks_attachment_decoys *decoys,
                           const struct lks_attached *attached, uint32_t count, double p_max)
{
    struct lks_events *events = &world->events;
    uint32_t *real = events->post_account, dealt[POSTS], next = 0;
    memcpy(dealt, real, events->posts_count * sizeof *dealt);
    lks_attachment_decoys_authors(decoys, dealt);
    for (uint32_t h = 0; h < chance->strata_count; h++) {
        int had[ACCOUNTS] = {0};
        for (uint32_t p = 0; p < events->posts_count; p++) {
            if (chance->post_stratum[p] != h)
                continue;
            assert_int_equal(world->in_group[real[p]] || world->in_group[dealt[p]],
                             real[p] == dealt[p] && world->in_group[real[p]]);
            had[real[p]]++;
            had[dealt[p]]--;
        }
        for (uint32_t a = 0; a < events->accounts_count; a++)
            assert_int_equal(had[a], 0);
    }
    events->post_account = dealt;
    for (uint32_t a = 0; a < events->accounts_count; a++) {
        double best = 0;
        if (world->in_group[a])
            continue;
        for (unsigned t = 0; t < TESTS; t++) {
            for (unsigned k = 0; k < LEASTS; k++) {
                uint32_t met;
                double common, bonferroni = log(TESTS * LEASTS);
                double log_p = chance_log_p(world, chance, a, t, leasts[k], &met) + bonferroni;
                if (met < chance->options.min_occasions)
                    continue;
                if (log_p <= log(p_max)) {
                    uint32_t days_met;
                    double others, days = days_log_p(world, real, chance, a, t, leasts[k], &common,
                                                     &days_met, &others);
                    if (common > 0)
                        log_p = log(exp(log_p) + common * exp(days + bonferroni));
                }
                best = log_p < best ? log_p : best;
            }
        }
        if (best < log(p_max) - 1e-9) {
            assert_true(next < count);
            check_account(world, real, chance, a, &attached[next++], p_max);
        } else if (next < count && best < log(p_max) + 1e-9 &&
                   fabs(attached[next].log10_p - best / log(10)) < 1e-9) {
            next++; /* on the edge: either is right */
        }
    }
    assert_int_equal(next, count);
    events->post_account = real;
    return count;
}

static void test_definition(void **state)
{
    (void)state;
    uint32_t small = 0, of_days = 0, told = 0;
    for (uint64_t seed = 0; seed < 1200; seed++) {
        struct world world;
        struct lks_chance *chance;
        struct lks_chance_authors *authors;
        struct lks_attachment *attachment;
        struct lks_attached attached[2][ACCOUNTS];
        struct lks_control control = {.threads = 1 + (unsigned)(seed % 3)};
        double p_max = seed % 5 ? 0.9 : 0.2;
        make_world(&world, seed);
        assert_int_equal(lks_chance_prepare(&world.events, &world.options, NULL, &chance, NULL), 0);
        assert_int_equal(lks_chance_authors_new(chance, &authors, NULL), 0);
        lks_chance_authors_set(authors, world.events.post_account);
        assert_int_equal(lks_attachment_new(chance, authors, &attachment, NULL), 0);
        /* Another group first: nothing of it may stay. */
        uint8_t others[ACCOUNTS];
        for (uint32_t a = 0; a < ACCOUNTS; a++)
            others[a] = !world.in_group[a];
        assert_int_equal(lks_attachment_group(attachment, others, &control, NULL), 0);
        if (seed % 3) { /* and one that grows into this one */
            for (uint32_t a = 0; a < ACCOUNTS; a++)
                others[a] = world.in_group[a] && a % 3;
            assert_int_equal(lks_attachment_group(attachment, others, &control, NULL), 0);
        }
        assert_int_equal(lks_attachment_group(attachment, world.in_group, &control, NULL), 0);
        for (int turn = 0; turn < 2; turn++) {
            control.threads = turn ? 1 : control.threads;
            assert_int_equal(lks_attachment_test(attachment, p_max, &control, attached[turn], NULL),
                             0);
        }
        for (uint32_t a = 0; a < world.events.accounts_count; a++) {
            assert_true(attached[0][a].log10_p == attached[1][a].log10_p);
            assert_true(attached[0][a].log10_days == attached[1][a].log10_days);
            small += attached[0][a].log10_p < -1;
            of_days += attached[0][a].log10_days < 0;
            check_account(&world, world.events.post_account, chance, a, &attached[0][a], p_max);
            assert_int_equal(lks_attachment_content_strata(attachment, a),
                             content_strata(&world, chance, a));
        }
        struct lks_attachment_decoys *decoys;
        assert_int_equal(lks_attachment_decoys_new(attachment, &decoys, NULL), 0);
        for (uint64_t copy = 0; copy < 6; copy++) {
            const struct lks_attached *decoy;
            uint32_t count;
            control.threads = 1 + (unsigned)(seed + copy) % 2;
            assert_int_equal(lks_attachment_decoys_test(decoys, seed, copy, p_max, &control, &decoy,
                                                        &count, NULL),
                             0);
            told += check_deal(&world, chance, decoys, decoy, count, p_max);
        }
        lks_attachment_decoys_free(decoys);
        lks_attachment_free(attachment);
        lks_chance_authors_free(authors);
        lks_chance_free(chance);
        world_free(&world);
    }
    print_message("p <= 0.1: %u, days asked: %u, decoys told: %u\n", small, of_days, told);
    assert_true(small > 20 && of_days > 50 && told > 20); /* or little was compared */
}

/* Five outsiders with a post each in one hour, one of them near the group of one account: each gets it as often. */
static void test_deals(void **state)
{
    (void)state;
    enum { PEOPLE = 6, DEALS = 5000 };
    struct lks_events events = {.accounts_count = PEOPLE, .objects_count = 2};
    struct row rows[PEOPLE];
    struct lks_chance *chance;
    struct lks_chance_authors *authors;
    struct lks_attachment *attachment;
    struct lks_attachment_decoys *decoys;
    struct lks_chance_options options = lks_chance_options_default();
    uint8_t in_group[PEOPLE] = {1};
    uint32_t got[PEOPLE] = {0};
    events.object_kind = calloc(2, 1);
    events.post_account = malloc(PEOPLE * 4);
    events.post_time_us = malloc(PEOPLE * 8);
    for (uint32_t a = 0; a < PEOPLE; a++) {
        events.post_account[a] = a;
        events.post_time_us[a] = INT64_C(20000) * LKS_DAY_US + a * LKS_SECOND_US;
        rows[a] = (struct row){a > 1, a, a, events.post_time_us[a]};
    }
    events.posts_count = PEOPLE;
    lay_events(&events, rows, PEOPLE);
    options.min_occasions = 1;
    options.rare_accounts_max = PEOPLE;
    assert_int_equal(lks_chance_prepare(&events, &options, NULL, &chance, NULL), 0);
    assert_int_equal(lks_chance_authors_new(chance, &authors, NULL), 0);
    lks_chance_authors_set(authors, events.post_account);
    assert_int_equal(lks_attachment_new(chance, authors, &attachment, NULL), 0);
    assert_int_equal(lks_attachment_group(attachment, in_group, NULL, NULL), 0);
    assert_int_equal(lks_attachment_decoys_new(attachment, &decoys, NULL), 0);
    for (uint64_t copy = 0; copy < DEALS; copy++) {
        const struct lks_attached *attached;
        uint32_t count, dealt[PEOPLE];
        assert_int_equal(
            lks_attachment_decoys_test(decoys, 1, copy, 0.5, NULL, &attached, &count, NULL), 0);
        lks_attachment_decoys_authors(decoys, dealt);
        got[dealt[1]]++;
    }
    assert_int_equal(got[0], 0);
    for (uint32_t a = 1; a < PEOPLE; a++) /* 1,000, and five standard deviations */
        assert_true(got[a] > 860 && got[a] < 1140);
    lks_attachment_decoys_free(decoys);
    lks_attachment_free(attachment);
    lks_chance_authors_free(authors);
    lks_chance_free(chance);
    struct world world = {.events = events};
    world_free(&world);
}

/* A group of eight that act together many times; others act at random, by day and hour like
 * them. `real` outsiders are of it in truth. */
static void make_large(struct lks_events *events, uint64_t seed, uint32_t real)
{
    struct lks_rng rng;
    lks_rng_init(&rng, seed, 4);
    enum { PEOPLE = 200, GROUP = 8, ACTS = 20, OTHERS = 3000, THINGS = 150, DAYS = 20 };
    struct row *rows = malloc((OTHERS + (GROUP + real) * ACTS) * sizeof *rows);
    memset(events, 0, sizeof *events);
    events->accounts_count = PEOPLE;
    events->objects_count = THINGS;
    events->object_kind = calloc(THINGS, 1); /* links */
    events->post_account = malloc((OTHERS + (GROUP + real) * ACTS) * 4);
    events->post_time_us = malloc((OTHERS + (GROUP + real) * ACTS) * 8);
    uint32_t p = 0;
    for (; p < OTHERS; p++) { /* authors 8 .. 199: random within the hour */
        int64_t time_us = (int64_t)(20000 + lks_rng_below(&rng, DAYS)) * LKS_DAY_US +
                          (int64_t)lks_rng_below(&rng, 4 * 3600) * LKS_SECOND_US;
        events->post_account[p] = GROUP + (uint32_t)lks_rng_below(&rng, PEOPLE - GROUP);
        events->post_time_us[p] = time_us;
        rows[p] = (struct row){(uint32_t)lks_rng_below(&rng, THINGS), events->post_account[p], p,
                               time_us};
    }
    for (uint32_t act = 0; act < ACTS; act++) {
        int64_t time_us = (int64_t)(20000 + lks_rng_below(&rng, DAYS)) * LKS_DAY_US +
                          (int64_t)lks_rng_below(&rng, 4 * 3600) * LKS_SECOND_US;
        uint32_t thing = (uint32_t)lks_rng_below(&rng, THINGS);
        for (uint32_t i = 0; i < GROUP + real; i++) {
            if (lks_rng_below(&rng, 2))
                continue;
            events->post_account[p] = i;
            events->post_time_us[p] = time_us + (int64_t)lks_rng_below(&rng, 40) * LKS_SECOND_US;
            rows[p] = (struct row){thing, i, p, events->post_time_us[p]};
            p++;
        }
    }
    events->posts_count = p;
    lay_events(events, rows, p);
    free(rows);
}

/* Outsiders who act at random have small p no oftener than they say; those of the group are seen. */
static void test_calibration(void **state)
{
    (void)state;
    uint32_t outsiders = 0, at_5 = 0, at_1 = 0, seen = 0, real = 0;
    for (uint64_t seed = 0; seed < 40; seed++) {
        struct lks_events events;
        struct lks_chance *chance;
        struct lks_chance_authors *authors;
        struct lks_attachment *attachment;
        struct lks_attached attached[200];
        uint8_t in_group[200] = {1, 1, 1, 1, 1, 1, 1, 1};
        struct lks_chance_options options = lks_chance_options_default();
        uint32_t more = (uint32_t)(seed % 4);
        make_large(&events, seed, more);
        assert_int_equal(lks_chance_prepare(&events, &options, NULL, &chance, NULL), 0);
        assert_int_equal(lks_chance_authors_new(chance, &authors, NULL), 0);
        lks_chance_authors_set(authors, events.post_account);
        assert_int_equal(lks_attachment_new(chance, authors, &attachment, NULL), 0);
        assert_int_equal(lks_attachment_group(attachment, in_group, NULL, NULL), 0);
        assert_int_equal(lks_attachment_test(attachment, 1, NULL, attached, NULL), 0);
        for (uint32_t a = 0; a < 200; a++) {
            if (a < 8 + more) { /* members, as if they were none; and those left outside */
                real++;
                seen += attached[a].log10_p < -4;
                continue;
            }
            outsiders++;
            at_5 += attached[a].log10_chance <= log10(0.05);
            at_1 += attached[a].log10_chance <= -2;
        }
        lks_attachment_free(attachment);
        lks_chance_authors_free(authors);
        lks_chance_free(chance);
        struct world world = {.events = events};
        world_free(&world);
    }
    print_message("of %u outsiders p <= 0.05: %u, p <= 0.01: %u; seen %u of %u members\n",
                  outsiders, at_5, at_1, seen, real);
    assert_true(at_5 <= outsiders * 0.05 && at_1 <= outsiders * 0.01);
    assert_true(seen >= real * 0.95);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_definition),
        cmocka_unit_test(test_deals),
        cmocka_unit_test(test_calibration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
