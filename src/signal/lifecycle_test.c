/* lifecycle_test.c - sleepers are found, guests and crowds are not, p-values keep their word */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "signal/lifecycle.h"

/* A made world: days are cut into hours with a night, accounts act by rates of their own. */
enum { DAYS = 28, POSTS_MAX = 400000, ACCOUNTS_MAX = 6000 };
#define START_US INT64_C(1730066400000000)

static struct world {
    uint32_t account[POSTS_MAX];
    int64_t time_us[POSTS_MAX];
    uint8_t on_topic[POSTS_MAX];
    int64_t created_us[ACCOUNTS_MAX];
    uint8_t created_method[ACCOUNTS_MAX];
    struct lks_lifecycle_input input;
    struct lks_rng rng;
} world;

static void world_start(uint64_t seed)
{
    world.input = (struct lks_lifecycle_input){.post_account = world.account,
                                               .post_time_us = world.time_us,
                                               .post_on_topic = world.on_topic,
                                               .created_us = world.created_us,
                                               .created_method = world.created_method};
    lks_rng_init(&world.rng, seed, 7);
}

static void post_add(uint32_t account, double day, int on_topic)
{
    size_t i = world.input.posts_count++;
    assert_true(i < POSTS_MAX);
    world.account[i] = account;
    world.time_us[i] = START_US + (int64_t)(day * (double)LKS_DAY_US);
    world.on_topic[i] = (uint8_t)on_topic;
}

static uint32_t account_add(int years_old, enum lks_created_method method)
{
    uint32_t account = world.input.accounts_count++;
    assert_true(account < ACCOUNTS_MAX);
    double age = (years_old + lks_rng_unit(&world.rng)) * 365;
    world.created_us[account] = START_US - (int64_t)(age * (double)LKS_DAY_US);
    world.created_method[account] = (uint8_t)method;
    return account;
}

/* Posts by day from first to end, each with its weight, in waking hours; now and then a session. */
static void account_acts(uint32_t account, double per_day, double first, double end,
                         const double weight[DAYS])
{
    for (int day = (int)first; day < end; day++) {
        double mean = per_day * (weight ? weight[day] : 1);
        for (double left = mean; left > 0; left -= 1) {
            if (lks_rng_unit(&world.rng) >= left)
                continue;
            double at = day + 0.3 + 0.6 * lks_rng_unit(&world.rng);
            if (at < first || at >= end)
                continue;
            post_add(account, at, 0);
            if (lks_rng_below(&world.rng, 4) == 0)
                post_add(account, at + 0.005, 0);
        }
    }
}

static void people_add(unsigned count, const double weight[DAYS])
{
    for (unsigned i = 0; i < count; i++) {
        double u = lks_rng_unit(&world.rng);
        account_acts(account_add((int)lks_rng_below(&world.rng, 7), LKS_CREATED_FIELD),
                     0.05 + 1.5 * u * u, 0, DAYS, weight);
    }
}

/* Asleep at 1 % of its rate until it wakes. */
static uint32_t sleeper_add(double wakes, int years_old)
{
    uint32_t account = account_add(years_old, LKS_CREATED_FIELD);
    account_acts(account, 0.04, 0, wakes, NULL);
    account_acts(account, 4, wakes, DAYS, NULL);
    return account;
}

static struct lks_lifecycle run(void)
{
    struct lks_lifecycle result;
    struct lks_lifecycle_options options = lks_lifecycle_options_default();
    struct lks_error err = {0};
    assert_int_equal(lks_lifecycle_run(&world.input, &options, NULL, &result, &err), 0);
    return result;
}

static const double growing[DAYS] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
                                     1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 5, 8};

static void who_does_as_all_do_is_no_sleeper(void **state)
{
    (void)state;
    world_start(1);
    people_add(4000, growing);
    struct lks_lifecycle result = run();
    assert_int_equal(result.awakenings_count, 0);
    assert_true(result.tested_count > 2000);
    lks_lifecycle_free(&result);
    /* The same with every account shown that was tested: p-values are conservative. */
    struct lks_lifecycle_options options = lks_lifecycle_options_default();
    options.level = 0.9999999;
    options.rate_ratio = 1e9;
    options.days_min = 0;
    options.silence_us = 1;
    assert_int_equal(lks_lifecycle_run(&world.input, &options, NULL, &result, NULL), 0);
    size_t small = 0;
    for (size_t i = 0; i < result.awakenings_count; i++)
        small += result.awakenings[i].log10_p <= log10(0.05);
    assert_true((double)small <= 0.05 * (double)result.tested_count);
    lks_lifecycle_free(&result);
}

static void sleepers_are_found_as_a_cohort(void **state)
{
    (void)state;
    world_start(2);
    people_add(3000, growing);
    uint32_t first = world.input.accounts_count;
    for (int i = 0; i < 60; i++)
        sleeper_add(14 + 0.5 * lks_rng_unit(&world.rng), 8);
    struct lks_lifecycle result = run();
    size_t right = 0, on_time = 0, woke = 0, made = 0;
    for (size_t i = 0; i < result.awakenings_count; i++) {
        const struct lks_awakening *awakening = &result.awakenings[i];
        right += awakening->account >= first;
        woke += awakening->woke_cohort >= 0;
        made += awakening->made_cohort >= 0;
        on_time += awakening->woke_us >= START_US + 27 * LKS_DAY_US / 2 &&
                   awakening->woke_us < START_US + 31 * LKS_DAY_US / 2;
        assert_true(awakening->acts_before < awakening->acts_after / 4);
    }
    assert_true(right >= 51 && on_time >= 50);
    assert_true(result.awakenings_count - right <= 4); /* q 0.05 of some sixty */
    assert_true(woke >= 45 && made >= 45);
    assert_true(result.cohorts_count >= 2);
    assert_true(result.cohorts[0].accounts_count >= 45 && result.cohorts[0].p_value <= 0.001);
    assert_true(result.cohorts[0].last_us - result.cohorts[0].first_us < 3 * LKS_DAY_US);
    lks_lifecycle_free(&result);
}

static void a_day_of_guests_is_no_cohort(void **state)
{
    (void)state;
    world_start(3);
    people_add(3000, growing);
    for (int i = 0; i < 500; i++) { /* old accounts that come for the day of the vote */
        uint32_t account = account_add(7, LKS_CREATED_FIELD);
        account_acts(account, 6, DAYS - 1, DAYS, NULL);
    }
    struct lks_lifecycle result = run();
    assert_int_equal(result.awakenings_count, 0);
    assert_int_equal(result.cohorts_count, 0);
    lks_lifecycle_free(&result);
}

/* Old accounts that come back for the vote: the day before, the day, and the day after. */
static void a_vote_makes_no_sleepers(void **state)
{
    (void)state;
    enum { VOTE = 24, RETURNING = 400, SLEEPERS = 60 };
    const int64_t vote_us = (START_US / LKS_DAY_US + VOTE) * LKS_DAY_US;
    for (int with_date = 0; with_date < 2; with_date++) {
        world_start(11);
        people_add(3000, NULL);
        uint32_t first = world.input.accounts_count;
        for (int i = 0; i < RETURNING; i++)
            account_acts(account_add(5, LKS_CREATED_FIELD), 5, VOTE - 0.4, VOTE + 2, NULL);
        uint32_t sleepers = world.input.accounts_count;
        for (int i = 0; i < SLEEPERS; i++) {
            uint32_t account = sleeper_add(12, 8);
            for (size_t p = 0; p < world.input.posts_count; p++)
                if (world.account[p] == account)
                    world.on_topic[p] = world.time_us[p] >= START_US + 12 * LKS_DAY_US;
        }
        world.input.date_us = &vote_us;
        world.input.dates_count = (size_t)with_date;
        struct lks_lifecycle result = run();
        unsigned returning = 0, asleep = 0, topical = 0;
        for (size_t i = 0; i < result.awakenings_count; i++) {
            uint32_t account = result.awakenings[i].account;
            returning += account >= first && account < sleepers;
            asleep += account >= sleepers;
            topical += account >= sleepers && result.awakenings[i].topic_after > 0 &&
                       result.awakenings[i].topic_before == 0;
        }
        assert_true(asleep >= 50);
        assert_int_equal(topical, asleep);
        if (with_date) {
            assert_int_equal(returning, 0);
            assert_true(result.date_only_count >= RETURNING / 8);
            assert_true(result.date_posts_count > RETURNING * 5);
        } else {
            assert_true(returning > 100); /* the day that nobody names makes sleepers of them */
            assert_int_equal(result.date_posts_count, 0);
        }
        lks_lifecycle_free(&result);
    }
}

/* A hundred accounts that write more than all others together, from the day of the waking on. */
static void the_volume_of_a_few_hides_nobody(void **state)
{
    (void)state;
    world_start(12);
    people_add(3000, NULL);
    size_t others = world.input.posts_count;
    uint32_t first = world.input.accounts_count;
    for (int i = 0; i < 100; i++)
        account_acts(account_add(1, LKS_CREATED_ID), 60, 14, DAYS, NULL);
    assert_true(world.input.posts_count - others > others);
    uint32_t sleepers = world.input.accounts_count;
    for (int i = 0; i < 60; i++) {
        uint32_t account = account_add(8, LKS_CREATED_FIELD);
        account_acts(account, 0.04, 0, 14, NULL);
        account_acts(account, 1.8, 14, DAYS, NULL);
    }
    struct lks_lifecycle result = run();
    size_t asleep = 0, people = 0;
    for (size_t i = 0; i < result.awakenings_count; i++) {
        asleep += result.awakenings[i].account >= sleepers;
        people += result.awakenings[i].account < first;
    }
    assert_true(asleep >= 45);
    assert_true(people <= 1);
    lks_lifecycle_free(&result);
}

/* Twice as many as all others come for the second day, post once and are never seen again: they say
 * nothing of how those act who stay. */
static void a_crowd_that_came_early_makes_no_sleepers(void **state)
{
    (void)state;
    world_start(13);
    people_add(1900, NULL);
    for (int i = 0; i < 3800; i++)
        post_add(account_add(3, LKS_CREATED_FIELD), 1.3 + 0.6 * lks_rng_unit(&world.rng), 0);
    struct lks_lifecycle result = run();
    assert_int_equal(result.awakenings_count, 0);
    lks_lifecycle_free(&result);
}

/* ---- the definition, slowly ---- */

/* The acts of an account in order; returns how many. */
static size_t slow_acts(uint32_t account, int64_t session_us, int64_t *acts)
{
    size_t posts = 0, count = 0;
    static int64_t time_us[POSTS_MAX];
    for (size_t i = 0; i < world.input.posts_count; i++) {
        if (world.account[i] != account)
            continue;
        size_t at = posts++;
        for (; at > 0 && time_us[at - 1] > world.time_us[i]; at--)
            time_us[at] = time_us[at - 1];
        time_us[at] = world.time_us[i];
    }
    for (size_t i = 0; i < posts; i++)
        if (i == 0 || time_us[i] - time_us[i - 1] >= session_us)
            acts[count++] = time_us[i];
    return count;
}

enum { SLOW_ACCOUNTS = 64, SLOW_ACTS = 256 };

static struct slow {
    int64_t acts[SLOW_ACCOUNTS][SLOW_ACTS];
    size_t count[SLOW_ACCOUNTS];
    int64_t start_us;
} slow;

/* The share of their acts before a time, in the mean over those with acts_min acts; each act is
 * spread over its hour. */
static double slow_clock(int64_t time_us, uint32_t acts_min)
{
    double sum = 0, accounts = 0;
    if (time_us <= slow.start_us)
        return 0;
    for (uint32_t a = 0; a < world.input.accounts_count; a++) {
        double before = 0;
        for (size_t i = 0; i < slow.count[a]; i++) {
            int64_t hour = (slow.acts[a][i] - slow.start_us) / LKS_HOUR_US;
            double part = (double)(time_us - slow.start_us - hour * LKS_HOUR_US) / LKS_HOUR_US;
            before += fmax(0, fmin(1, part));
        }
        if (slow.count[a] < acts_min)
            continue;
        sum += before / (double)slow.count[a];
        accounts++;
    }
    return sum / accounts;
}

static double slow_tail(size_t least, size_t count, double share)
{
    double sum = 0;
    for (size_t k = least; k <= count; k++)
        sum += exp(lgamma((double)count + 1) - lgamma((double)k + 1) -
                   lgamma((double)(count - k) + 1) + (double)k * log(share) +
                   (double)(count - k) * log1p(-share));
    return fmin(1, sum);
}

/* log10 of p of the highest ratio of likelihoods over 63 places, and what lies before it. */
static double slow_change(const double *places, size_t count, double *place_out, size_t *before_out)
{
    double best = 0;
    for (int point = 1; point < 64; point++) {
        double share = 1 - point / 64.0, ratio = 0;
        size_t before = 0;
        for (size_t i = 0; i < count; i++)
            before += places[i] < point / 64.0;
        double n = (double)count, k = (double)(count - before);
        if (k / n <= share)
            continue;
        ratio = k * log(k / n / share);
        if (before)
            ratio += (n - k) * log((n - k) / n / (1 - share));
        if (ratio > best) {
            best = ratio;
            *place_out = point / 64.0;
            *before_out = before;
        }
    }
    return best > 0 ? fmin(0, log10(63 * slow_tail(count - *before_out, count, 1 - *place_out)))
                    : 0;
}

static void it_is_what_the_definition_says(void **state)
{
    (void)state;
    struct lks_lifecycle_options options = lks_lifecycle_options_default();
    unsigned compared = 0, told = 0;
    options.level = 0.9999999;
    options.rate_ratio = 1e9;
    options.days_min = 0;
    options.silence_us = 1;
    for (uint64_t seed = 0; seed < 400; seed++) {
        static const enum lks_created_method methods[] = {LKS_CREATED_FIELD, LKS_CREATED_LEGACY,
                                                          LKS_CREATED_ID, LKS_CREATED_UNKNOWN};
        double log10_p[SLOW_ACCOUNTS], q[SLOW_ACCOUNTS], place[SLOW_ACCOUNTS] = {0};
        size_t before[SLOW_ACCOUNTS] = {0}, tested = 0;
        uint32_t tested_account[SLOW_ACCOUNTS];
        world_start(1000 + seed);
        unsigned accounts = 10 + lks_rng_below(&world.rng, SLOW_ACCOUNTS - 10);
        for (unsigned i = 0; i < accounts; i++) {
            double wakes = lks_rng_below(&world.rng, 3) ? 0 : DAYS * lks_rng_unit(&world.rng);
            uint32_t a = account_add(4, methods[lks_rng_below(&world.rng, 4)]);
            if (lks_rng_below(&world.rng, 4) == 0) /* within the data, some after its first post */
                world.created_us[a] =
                    START_US + (int64_t)(DAYS * lks_rng_unit(&world.rng) * (double)LKS_DAY_US);
            double u = lks_rng_unit(&world.rng);
            account_acts(a, 0.05 + 3 * u * u, wakes, DAYS, NULL);
        }
        slow.start_us = INT64_MAX;
        for (uint32_t a = 0; a < accounts; a++) {
            slow.count[a] = slow_acts(a, options.session_us, slow.acts[a]);
            assert_true(slow.count[a] <= SLOW_ACTS);
            if (slow.count[a] && slow.acts[a][0] < slow.start_us)
                slow.start_us = slow.acts[a][0];
        }
        for (uint32_t a = 0; a < accounts; a++) {
            if (slow.count[a] < options.acts_min)
                continue;
            int64_t asleep_us = slow.acts[a][0];
            if (world.created_method[a] == LKS_CREATED_LEGACY)
                asleep_us = slow.start_us;
            else if (world.created_method[a] == LKS_CREATED_FIELD &&
                     world.created_us[a] <= asleep_us)
                asleep_us =
                    world.created_us[a] > slow.start_us ? world.created_us[a] : slow.start_us;
            double from = slow_clock(asleep_us, options.acts_min), places[SLOW_ACTS];
            for (size_t i = 0; i < slow.count[a]; i++)
                places[i] = (slow_clock(slow.acts[a][i], options.acts_min) - from) / (1 - from);
            log10_p[tested] = slow_change(places, slow.count[a], &place[tested], &before[tested]);
            tested_account[tested++] = a;
        }
        for (size_t i = 0; i < tested; i++) { /* the least share of false ones over all cuts */
            q[i] = 1;
            for (size_t cut = 0; cut < tested; cut++) {
                size_t taken = 0;
                for (size_t j = 0; j < tested; j++)
                    taken += log10_p[j] <= log10_p[cut];
                if (log10_p[cut] >= log10_p[i])
                    q[i] = fmin(q[i], pow(10, log10_p[cut]) * (double)tested / (double)taken);
            }
        }
        struct lks_lifecycle result;
        assert_int_equal(lks_lifecycle_run(&world.input, &options, NULL, &result, NULL), 0);
        assert_int_equal(result.tested_count, tested);
        size_t at = 0;
        for (size_t i = 0; i < tested; i++) {
            if (fabs(q[i] - options.level) < 1e-6)
                continue;
            if (q[i] > options.level) {
                assert_true(at == result.awakenings_count ||
                            result.awakenings[at].account != tested_account[i]);
                continue;
            }
            const struct lks_awakening *awakening = &result.awakenings[at++];
            assert_int_equal(awakening->account, tested_account[i]);
            assert_true(fabs(awakening->log10_p - log10_p[i]) < 1e-6);
            assert_true(fabs(awakening->q_value - q[i]) < 1e-6);
            assert_true(fabs(awakening->share_before - place[i]) < 1e-9);
            assert_int_equal(awakening->acts_before, before[i]);
            told++;
        }
        compared += (unsigned)tested;
        lks_lifecycle_free(&result);
    }
    assert_true(compared > 5000 && told > 500);
}

static void who_wakes_alone_is_in_no_cohort(void **state)
{
    (void)state;
    unsigned cohorts = 0, found = 0;
    for (uint64_t seed = 0; seed < 40; seed++) {
        world_start(100 + seed);
        people_add(600, NULL);
        for (int i = 0; i < 20; i++)
            sleeper_add(8 + 12 * lks_rng_unit(&world.rng), (int)lks_rng_below(&world.rng, 7));
        struct lks_lifecycle result = run();
        found += (unsigned)result.awakenings_count;
        cohorts += result.cohorts_count > 0;
        lks_lifecycle_free(&result);
    }
    assert_true(found > 500);
    /* two scans at 0.05 each: 4 of 40 expected at most; three deviations more are 10 */
    assert_true(cohorts <= 10);
}

static void ids_prove_no_silence(void **state)
{
    (void)state;
    world_start(4);
    people_add(2000, NULL);
    for (int i = 0; i < 30; i++) {
        uint32_t account = account_add(8, LKS_CREATED_ID);
        account_acts(account, 2, 14, DAYS, NULL);
    }
    struct lks_lifecycle result = run();
    assert_int_equal(result.awakenings_count, 0);
    assert_true(result.unobservable_count >= 28);
    lks_lifecycle_free(&result);
}

static void the_order_of_posts_does_not_matter(void **state)
{
    (void)state;
    world_start(5);
    people_add(500, NULL);
    for (int i = 0; i < 20; i++)
        sleeper_add(14, 8);
    struct lks_lifecycle before = run();
    for (size_t i = world.input.posts_count - 1; i > 0; i--) {
        size_t j = lks_rng_below(&world.rng, i + 1);
        uint32_t account = world.account[i];
        int64_t time_us = world.time_us[i];
        world.account[i] = world.account[j];
        world.time_us[i] = world.time_us[j];
        world.account[j] = account;
        world.time_us[j] = time_us;
    }
    struct lks_lifecycle after = run();
    assert_true(before.awakenings_count >= 18);
    assert_int_equal(before.awakenings_count, after.awakenings_count);
    assert_memory_equal(before.awakenings, after.awakenings,
                        before.awakenings_count * sizeof *before.awakenings);
    assert_memory_equal(before.cohorts, after.cohorts, sizeof before.cohorts);
    lks_lifecycle_free(&before);
    lks_lifecycle_free(&after);
}

static void nothing_at_all(void **state)
{
    (void)state;
    struct lks_lifecycle result;
    struct lks_lifecycle_options options = lks_lifecycle_options_default();
    world_start(6);
    result = run();
    assert_int_equal(result.awakenings_count, 0);
    lks_lifecycle_free(&result);
    options.level = 0;
    assert_int_equal(lks_lifecycle_run(&world.input, &options, NULL, &result, NULL), LKS_EARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_does_as_all_do_is_no_sleeper),
        cmocka_unit_test(sleepers_are_found_as_a_cohort),
        cmocka_unit_test(a_day_of_guests_is_no_cohort),
        cmocka_unit_test(a_vote_makes_no_sleepers),
        cmocka_unit_test(the_volume_of_a_few_hides_nobody),
        cmocka_unit_test(a_crowd_that_came_early_makes_no_sleepers),
        cmocka_unit_test(it_is_what_the_definition_says),
        cmocka_unit_test(who_wakes_alone_is_in_no_cohort),
        cmocka_unit_test(ids_prove_no_silence),
        cmocka_unit_test(the_order_of_posts_does_not_matter),
        cmocka_unit_test(nothing_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
