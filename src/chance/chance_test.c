/* chance_test.c - the null model against its definition, and whether its p-values hold */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "chance/chance.h"
#include "stat/tail.h"

enum { POSTS = 70, ACCOUNTS = 12, OBJECTS = 10, WINDOWS = 3, TESTS = 2 * WINDOWS };

/* A small world, with matrices in place of lists. */
struct world {
    struct lks_events events;
    struct lks_chance_options options;
    uint8_t uses[POSTS][OBJECTS];
    uint32_t author[POSTS]; /* of the scan, maybe shuffled */
    int64_t reach[OBJECTS];
    int rare[OBJECTS];
};

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

/* Turns posts and their objects into sorted events. */
static void lay_events(struct lks_events *events, const struct row *rows, size_t count)
{
    struct row *sorted = malloc((count + 1) * sizeof *sorted);
    memcpy(sorted, rows, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, compare_rows);
    events->count = count;
    events->object = malloc((count + 1) * 4);
    events->account = malloc((count + 1) * 4);
    events->post = malloc((count + 1) * 4);
    events->time_us = malloc((count + 1) * 8);
    for (size_t i = 0; i < count; i++) {
        events->object[i] = sorted[i].object;
        events->account[i] = sorted[i].account;
        events->post[i] = sorted[i].post;
        events->time_us[i] = sorted[i].time_us;
    }
    free(sorted);
}

static void make_world(struct world *world, uint64_t seed)
{
    struct lks_rng rng;
    lks_rng_init(&rng, seed, 1);
    memset(world, 0, sizeof *world);
    struct lks_events *events = &world->events;
    events->posts_count = (uint32_t)lks_rng_below(&rng, POSTS) + 1;
    events->accounts_count = 2 + (uint32_t)lks_rng_below(&rng, ACCOUNTS - 1);
    events->objects_count = 1 + (uint32_t)lks_rng_below(&rng, OBJECTS);
    events->time_precision = (enum lks_time_precision)lks_rng_below(&rng, 2);
    events->object_kind = malloc(OBJECTS);
    events->post_account = malloc(POSTS * 4);
    events->post_time_us = malloc(POSTS * 8);
    if (seed % 3)
        events->post_kind = malloc(POSTS);
    uint64_t span = 1 + lks_rng_below(&rng, 300), skew = 1 + lks_rng_below(&rng, 3);
    struct row rows[POSTS * OBJECTS];
    size_t count = 0;
    for (uint32_t o = 0; o < events->objects_count; o++)
        events->object_kind[o] = (uint8_t)lks_rng_below(&rng, LKS_OBJECT_KINDS_COUNT);
    for (uint32_t p = 0; p < events->posts_count; p++) {
        double unit = pow(lks_rng_unit(&rng), (double)skew);
        events->post_account[p] = (uint32_t)(unit * events->accounts_count);
        events->post_time_us[p] = (int64_t)(500000 + lks_rng_below(&rng, span)) * LKS_MINUTE_US;
        if (events->post_kind)
            events->post_kind[p] = lks_rng_below(&rng, 3) ? LKS_POST_COMMENT : LKS_POST_VIDEO;
        uint64_t most = 1 + lks_rng_below(&rng, 3);
        for (uint64_t k = 0; k < most; k++)
            world->uses[p][(uint32_t)(pow(lks_rng_unit(&rng), 2) * events->objects_count)] = 1;
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
    options->windows_us[0] = LKS_MINUTE_US * (1 + (int64_t)lks_rng_below(&rng, 3));
    options->windows_us[1] = LKS_MINUTE_US * (5 + (int64_t)lks_rng_below(&rng, 10));
    options->windows_us[2] = LKS_MINUTE_US * (20 + (int64_t)lks_rng_below(&rng, 200));
    options->stratum_us = LKS_MINUTE_US * (5 + (int64_t)lks_rng_below(&rng, 100));
    options->min_occasions = 1 + (uint32_t)lks_rng_below(&rng, 2);
    options->object_accounts_min = 3 + (uint32_t)lks_rng_below(&rng, 8);
    options->rare_accounts_max = (uint32_t)lks_rng_below(&rng, 5);
    options->rare_share = lks_rng_unit(&rng) / 2;
    if (lks_rng_below(&rng, 3) == 0)
        options->object_partners_max = 1 + (uint32_t)lks_rng_below(&rng, 12);
    if (lks_rng_below(&rng, 5) == 0)
        options->partners_max = 1 + lks_rng_below(&rng, 500);
    for (int k = 0; k < LKS_OBJECT_KINDS_COUNT; k++) {
        if (lks_rng_below(&rng, 6) == 0)
            options->kind_window_us[k] = (int64_t)lks_rng_below(&rng, 3000) * LKS_SECOND_US - 1;
    }
}

/* Partners of all uses of o within the window: twice the pairs. */
static uint64_t partners_of(const struct world *world, uint32_t o, int64_t window_us)
{
    uint64_t partners = 0;
    for (uint32_t x = 0; x < world->events.posts_count; x++) {
        for (uint32_t y = 0; y < world->events.posts_count; y++)
            partners +=
                x != y && world->uses[x][o] && world->uses[y][o] &&
                llabs(world->events.post_time_us[x] - world->events.post_time_us[y]) <= window_us;
    }
    return partners;
}

static uint32_t users_of(const struct world *world, uint32_t o, const uint32_t *author)
{
    uint8_t seen[ACCOUNTS] = {0};
    uint32_t users = 0;
    for (uint32_t p = 0; p < world->events.posts_count; p++) {
        users += world->uses[p][o] && !seen[author[p]];
        if (world->uses[p][o])
            seen[author[p]] = 1;
    }
    return users;
}

/* How far apart uses of each object may be, from the definition. */
static void choose_reach(struct world *world)
{
    const struct lks_chance_options *options = &world->options;
    uint32_t objects = world->events.objects_count, accounts = world->events.accounts_count;
    for (uint32_t o = 0; o < objects; o++) {
        uint32_t users = users_of(world, o, world->events.post_account);
        world->reach[o] = options->kind_window_us[world->events.object_kind[o]];
        if (users > options->object_share_max * accounts && users > options->object_accounts_min)
            world->reach[o] = -1;
        world->rare[o] =
            users <= options->rare_share * accounts || users <= options->rare_accounts_max;
    }
    int64_t longest[OBJECTS];
    for (uint32_t limit = options->object_partners_max;; limit /= 2) {
        uint64_t total = 0;
        for (uint32_t o = 0; o < objects; o++) {
            uint32_t uses = 0;
            for (uint32_t p = 0; p < world->events.posts_count; p++)
                uses += world->uses[p][o];
            longest[o] = -1;
            uint64_t partners = 0;
            for (unsigned w = 0; w < WINDOWS && world->reach[o] >= 0; w++) {
                int64_t window = options->windows_us[w];
                window = window < world->reach[o] ? window : world->reach[o];
                uint64_t here = partners_of(world, o, window);
                if (here <= (uint64_t)limit * uses) {
                    longest[o] = options->windows_us[w];
                    partners = here;
                }
            }
            total += partners;
        }
        if (total <= options->partners_max || limit <= 1)
            break;
    }
    for (uint32_t o = 0; o < objects; o++)
        world->reach[o] = longest[o] < world->reach[o] ? longest[o] : world->reach[o];
}

/* Whether posts x and y meet in the window; rare 1 asks for a rare object. */
static int meet(const struct world *world, uint32_t x, uint32_t y, unsigned t)
{
    int64_t lag = llabs(world->events.post_time_us[x] - world->events.post_time_us[y]);
    if (x == y || world->author[x] == world->author[y] || lag > world->options.windows_us[t / 2])
        return 0;
    for (uint32_t o = 0; o < world->events.objects_count; o++) {
        if (world->uses[x][o] && world->uses[y][o] && lag <= world->reach[o] &&
            (t % 2 || world->rare[o]))
            return 1;
    }
    return 0;
}

static int64_t stratum_of(const struct world *world, uint32_t post)
{
    int64_t class = world->events.post_kind && world->events.post_kind[post] == LKS_POST_COMMENT;
    return world->events.post_time_us[post] / world->options.stratum_us * 2 + class;
}

static int try_path(const struct world *world, uint32_t x, uint32_t b, unsigned t, int *mate,
                    uint8_t *seen)
{
    for (uint32_t y = 0; y < world->events.posts_count; y++) {
        if (world->author[y] != b || seen[y] || !meet(world, x, y, t))
            continue;
        seen[y] = 1;
        if (mate[y] < 0 || try_path(world, (uint32_t)mate[y], b, t, mate, seen)) {
            mate[y] = (int)x;
            return 1;
        }
    }
    return 0;
}

static uint32_t occasions_of(const struct world *world, uint32_t a, uint32_t b, unsigned t)
{
    int mate[POSTS];
    uint32_t size = 0;
    memset(mate, 0xff, sizeof mate);
    for (uint32_t x = 0; x < world->events.posts_count; x++) {
        uint8_t seen[POSTS] = {0};
        if (world->author[x] == a)
            size += (uint32_t)try_path(world, x, b, t, mate, seen);
    }
    return size;
}

/* The share of b's posts in stratum h that habit makes meet a's; *common gets the largest
 * share of accounts on an object on which they meet. */
static double habit_of(const struct world *world, uint32_t a, uint32_t b, int64_t h, unsigned t,
                       double *common)
{
    const struct lks_events *events = &world->events;
    double share = 0;
    for (uint32_t o = 0; o < events->objects_count; o++) {
        if (world->reach[o] < 0 || (t % 2 == 0 && !world->rare[o]))
            continue;
        uint32_t uses = 0, uses_here = 0, posts = 0, posts_here = 0, covered = 0, all_here = 0;
        int64_t nearest = INT64_MAX;
        int64_t window = world->options.windows_us[t / 2];
        window = window < world->reach[o] ? window : world->reach[o];
        for (uint32_t p = 0; p < events->posts_count; p++) {
            int here = stratum_of(world, p) == h, is_covered = 0;
            all_here += (uint32_t)here;
            for (uint32_t x = 0; x < events->posts_count; x++) {
                int64_t lag = llabs(events->post_time_us[p] - events->post_time_us[x]);
                if (world->author[x] != a || !world->uses[x][o])
                    continue;
                is_covered |= lag <= window;
                if (world->author[p] == b && world->uses[p][o] && lag < nearest)
                    nearest = lag;
            }
            covered += (uint32_t)(here && is_covered);
            if (world->author[p] != b)
                continue;
            posts++;
            posts_here += (uint32_t)here;
            uses += world->uses[p][o];
            uses_here += (uint32_t)(here && world->uses[p][o]);
        }
        if (nearest == INT64_MAX || nearest > world->reach[o])
            continue;
        if (nearest <= world->options.windows_us[t / 2]) {
            double users = (double)(users_of(world, o, world->author) - 1);
            *common = fmax(*common, users / (events->accounts_count - 1));
        }
        double theta = uses > 1 ? (double)(uses - 1) / (posts - 1) : 0;
        if (uses_here > 1)
            theta = fmax(theta, (double)(uses_here - 1) / (posts_here - 1));
        share += theta * covered / all_here;
    }
    return share < 1 ? share : 1;
}

struct expected {
    double log_p, lambda;
    uint32_t occasions;
};

/* One test of one pair, from the definitions of docs/method/null-model.md. */
static struct expected slow_test(const struct world *world, uint32_t a, uint32_t b, unsigned t)
{
    const struct lks_events *events = &world->events;
    uint32_t posts_a = 0, posts_b = 0;
    for (uint32_t p = 0; p < events->posts_count; p++) {
        posts_a += world->author[p] == a;
        posts_b += world->author[p] == b;
    }
    if (posts_b > posts_a || (posts_b == posts_a && b < a)) {
        uint32_t swap = a;
        a = b;
        b = swap;
    }
    double lambda = 0, habit_lambda = 0, common = 0;
    uint32_t trials = 0, habit_trials = 0, strata = 0;
    struct { /* by hour: its classes are one draw of habit */
        int64_t hour;
        double share;
        uint32_t met;
    } hours[POSTS];
    uint32_t hours_count = 0;
    for (uint32_t p = 0; p < events->posts_count; p++) {
        int64_t h = stratum_of(world, p);
        int done = 0;
        for (uint32_t q = 0; q < p; q++)
            done |= stratum_of(world, q) == h;
        if (done)
            continue;
        uint32_t near = 0, others = 0, own = 0, met = 0;
        for (uint32_t q = 0; q < events->posts_count; q++) {
            int is_near = 0;
            if (stratum_of(world, q) != h || world->author[q] == a)
                continue;
            for (uint32_t x = 0; x < events->posts_count; x++)
                is_near |= world->author[x] == a && meet(world, x, q, t);
            others++;
            near += (uint32_t)is_near;
            own += world->author[q] == b;
            met += (uint32_t)(is_near && world->author[q] == b);
        }
        if (own == 0)
            continue;
        double share = (double)near / others;
        lambda += share * own;
        trials += near ? own : 0;
        share = fmax(share, habit_of(world, a, b, h, t, &common));
        uint32_t at = 0;
        while (at < hours_count && hours[at].hour != h / 2)
            at++;
        if (at == hours_count) {
            hours[hours_count++].hour = h / 2;
            hours[at].share = hours[at].met = 0;
        }
        hours[at].share += share * own;
        hours[at].met += met;
    }
    for (uint32_t i = 0; i < hours_count; i++) {
        habit_lambda += fmin(1, hours[i].share);
        habit_trials += hours[i].share > 0;
        strata += hours[i].met > 0;
    }
    struct expected expected = {0, lambda, occasions_of(world, a, b, t)};
    double p = exp(lks_hoeffding_tail_log(expected.occasions, trials, lambda));
    if (common > 0)
        p += common * exp(lks_hoeffding_tail_log(strata, habit_trials, habit_lambda));
    expected.log_p = fmin(0, log(p) + log(TESTS));
    return expected;
}

static void check_world(struct world *world, uint64_t seed)
{
    struct lks_chance *chance;
    struct lks_chance_scan *scan;
    const struct lks_chance_edge *edges;
    size_t count, at = 0;
    choose_reach(world);
    assert_int_equal(lks_chance_prepare(&world->events, &world->options, NULL, &chance, NULL), 0);
    assert_int_equal(lks_chance_scan_new(chance, &scan, NULL), 0);
    for (int copy = 0; copy < 3; copy++) {
        if (copy == 0)
            memcpy(world->author, world->events.post_account, world->events.posts_count * 4);
        else
            lks_chance_shuffle(chance, seed, (uint64_t)copy, world->author);
        assert_int_equal(lks_chance_scan_run(scan, world->author, 1, &edges, &count, NULL, NULL),
                         0);
        at = 0;
        for (uint32_t a = 0; a < world->events.accounts_count; a++) {
            for (uint32_t b = a + 1; b < world->events.accounts_count; b++) {
                double best = 1;
                int matches = 0;
                const struct lks_chance_edge *edge =
                    at < count && edges[at].a == a && edges[at].b == b ? &edges[at++] : NULL;
                for (unsigned t = 0; t < TESTS; t++) {
                    struct expected expected = slow_test(world, a, b, t);
                    if (expected.occasions < world->options.min_occasions)
                        continue;
                    best = fmin(best, expected.log_p);
                    matches |= edge && edge->window_index == t / 2 &&
                               edge->occasions == expected.occasions &&
                               fabs(edge->expected - expected.lambda) < 1e-9 &&
                               fabs(edge->log10_p * log(10) - expected.log_p) < 1e-7;
                }
                assert_int_equal(edge != NULL, best < 1);
                if (edge && (fabs(edge->log10_p * log(10) - best) > 1e-7 || !matches))
                    fail_msg("world %llu copy %d: {%u, %u} ln p %.12g, expected %.12g",
                             (unsigned long long)seed, copy, a, b, edge->log10_p * log(10), best);
            }
        }
        assert_int_equal(at, count);
        /* The bound that spares matchings must lose nothing. */
        size_t passing = 0, kept;
        for (size_t i = 0; i < count; i++)
            passing += edges[i].log10_p * log(10) <= log(0.3);
        assert_int_equal(lks_chance_scan_run(scan, world->author, 0.3, &edges, &kept, NULL, NULL),
                         0);
        assert_int_equal(kept, passing);
    }
    lks_chance_scan_free(scan);
    lks_chance_free(chance);
}

static void test_definition(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 1200; seed++) {
        struct world world;
        make_world(&world, seed);
        check_world(&world, seed);
        world_free(&world);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_definition),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
