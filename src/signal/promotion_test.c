/* promotion_test.c - scripts against their definition, without effect, and planted in crowds */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/time.h"
#include "signal/promotion_inside.h"

enum { POSTS_MAX = 20000, PHRASES_MAX = 400000, EVENTS_MAX = 40000, DAYS = 28 };
enum { OBJECTS = 300, PHRASES_EACH = 20 };

static struct world {
    struct lks_script_post posts[POSTS_MAX];
    uint64_t phrases[PHRASES_MAX];
    struct lks_events events;
    uint32_t object[EVENTS_MAX], account[EVENTS_MAX], post[EVENTS_MAX];
    int64_t time_us[EVENTS_MAX];
    uint8_t kind[OBJECTS];
    uint32_t post_account[POSTS_MAX];
    int64_t post_time_us[POSTS_MAX];
    size_t posts_count, phrases_count;
    struct lks_promotion_input input;
} world;

static void world_start(uint32_t accounts)
{
    world.posts_count = world.phrases_count = 0;
    memset(world.kind, LKS_OBJECT_REPLY, sizeof world.kind);
    world.events = (struct lks_events){.object = world.object,
                                       .account = world.account,
                                       .post = world.post,
                                       .time_us = world.time_us,
                                       .objects_count = OBJECTS,
                                       .accounts_count = accounts,
                                       .object_kind = world.kind,
                                       .post_account = world.post_account,
                                       .post_time_us = world.post_time_us};
}

static uint32_t post_number(uint32_t account, int64_t time_us)
{
    uint32_t post = world.events.posts_count++;
    assert_true(post < POSTS_MAX);
    world.post_account[post] = account;
    world.post_time_us[post] = time_us;
    return post;
}

static int hash_order(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static uint64_t post_form;

/* A post of these phrases (some may stand twice) and so many that nobody else has. */
static struct lks_script_post *post_add(uint32_t account, int64_t time_us, const uint64_t *phrases,
                                        uint32_t count, uint32_t own)
{
    struct lks_script_post *post = &world.posts[world.posts_count++];
    uint64_t *to = world.phrases + world.phrases_count;
    uint32_t kept = 0;
    memcpy(to, phrases, count * sizeof *to);
    qsort(to, count, sizeof *to, hash_order);
    for (uint32_t i = 0; i < count; i++)
        if (i == 0 || to[i] != to[kept - 1])
            to[kept++] = to[i];
    uint64_t form =
        own ? 1000 + post_form++ : UINT64_C(1) << 40; /* own words make it another text */
    for (uint32_t i = 0; i < kept; i++)
        form = (form ^ to[i]) * UINT64_C(0x9fb21c651e98df25);
    *post = (struct lks_script_post){.time_us = time_us,
                                     .form = form,
                                     .account = account,
                                     .post = post_number(account, time_us),
                                     .all_count = kept + own,
                                     .count = kept,
                                     .first = world.phrases_count};
    world.phrases_count += kept;
    assert_true(world.phrases_count < PHRASES_MAX);
    return post;
}

static void event_add(uint32_t object, uint32_t post)
{
    size_t at = world.events.count++;
    assert_true(at < EVENTS_MAX);
    world.object[at] = object;
    world.account[at] = world.post_account[post];
    world.post[at] = post;
    world.time_us[at] = world.post_time_us[post];
}

static void world_finish(void)
{
    assert_int_equal(lks_events_sort(&world.events, NULL), 0);
    world.input = (struct lks_promotion_input){.events = &world.events,
                                               .posts = world.posts,
                                               .posts_count = world.posts_count,
                                               .phrases = world.phrases};
}

static int64_t any_time(struct lks_rng *rng)
{
    return (int64_t)lks_rng_below(rng, (uint64_t)(DAYS * LKS_DAY_US));
}

/* ---- families by their definition ---- */

enum { SMALL = 40 };
static struct {
    double weight[SMALL], shared[SMALL][SMALL];
    uint32_t count[SMALL][SMALL];
    uint32_t likes[SMALL], uses[SMALL], first[SMALL], wordings;
    uint32_t wording_of[SMALL];
    int32_t family[SMALL];
} slow;

static int has(const struct lks_script_post *post, uint64_t phrase)
{
    for (uint32_t i = 0; i < post->count; i++)
        if (world.phrases[post->first + i] == phrase)
            return 1;
    return 0;
}

static double slow_weight(uint64_t phrase, uint32_t accounts, double common_share)
{
    uint8_t seen[64] = {0};
    uint32_t users = 0;
    for (size_t p = 0; p < world.posts_count; p++)
        if (has(&world.posts[p], phrase) && !seen[world.posts[p].account]) {
            seen[world.posts[p].account] = 1;
            users++;
        }
    double most = fmax(500, common_share * accounts);
    return users <= most ? log2(fmax(accounts, 1000) / users) : 0;
}

static int same_wording(const struct lks_script_post *a, const struct lks_script_post *b)
{
    return a->form == b->form && a->count == b->count &&
           memcmp(world.phrases + a->first, world.phrases + b->first,
                  a->count * sizeof *world.phrases) == 0;
}

static int slow_alike(const struct lks_promotion_options *options, uint32_t a, uint32_t b)
{
    return slow.count[a][b] >= options->phrases_min && slow.shared[a][b] >= options->bits_min &&
           slow.shared[a][b] >= options->share_min * fmin(slow.weight[a], slow.weight[b]);
}

static void slow_measure(const struct lks_promotion_options *options, uint32_t accounts)
{
    memset(&slow, 0, sizeof slow);
    for (uint32_t p = 0; p < world.posts_count; p++) {
        uint32_t w = 0;
        slow.wording_of[p] = UINT32_MAX;
        if (!world.posts[p].count)
            continue;
        while (w < slow.wordings && !same_wording(&world.posts[p], &world.posts[slow.first[w]]))
            w++;
        if (w == slow.wordings) {
            slow.first[slow.wordings] = p; /* posts are made in order of time */
            slow.family[slow.wordings++] = -1;
        }
        slow.wording_of[p] = w;
        slow.uses[w]++;
    }
    for (uint32_t a = 0; a < slow.wordings; a++) {
        const struct lks_script_post *x = &world.posts[slow.first[a]];
        slow.weight[a] = (x->all_count - x->count) * log2(fmax(accounts, 1000));
        for (uint32_t i = 0; i < x->count; i++) {
            uint64_t phrase = world.phrases[x->first + i];
            double weight = slow_weight(phrase, accounts, options->common_share);
            slow.weight[a] += weight;
            for (uint32_t b = 0; b < slow.wordings && weight > 0; b++)
                if (has(&world.posts[slow.first[b]], phrase)) {
                    slow.shared[a][b] += weight;
                    slow.count[a][b]++;
                }
        }
    }
    for (uint32_t a = 0; a < slow.wordings; a++)
        for (uint32_t b = 0; b < slow.wordings; b++)
            if (a != b && slow_alike(options, a, b))
                slow.likes[a] += slow.uses[b];
}

static uint32_t slow_accounts(int32_t family)
{
    uint8_t seen[64] = {0};
    uint32_t accounts = 0;
    for (uint32_t p = 0; p < world.posts_count; p++)
        if (slow.wording_of[p] != UINT32_MAX && slow.family[slow.wording_of[p]] == family &&
            !seen[world.posts[p].account]) {
            seen[world.posts[p].account] = 1;
            accounts++;
        }
    return accounts;
}

/* The next centre: most likes, then most uses, then the earliest. */
static uint32_t slow_next(const uint8_t *done)
{
    uint32_t best = UINT32_MAX;
    for (uint32_t w = 0; w < slow.wordings; w++)
        if (!done[w] && (best == UINT32_MAX || slow.likes[w] > slow.likes[best] ||
                         (slow.likes[w] == slow.likes[best] && slow.uses[w] > slow.uses[best])))
            best = w;
    return best;
}

static int32_t slow_families(const struct lks_promotion_options *options)
{
    uint8_t done[SMALL] = {0};
    int32_t families = 0;
    for (uint32_t centre; (centre = slow_next(done)) != UINT32_MAX; done[centre] = 1) {
        if (slow.family[centre] >= 0)
            continue;
        for (uint32_t w = 0; w < slow.wordings; w++)
            if (slow.family[w] < 0 && slow_alike(options, centre, w))
                slow.family[w] = families;
        if (slow_accounts(families) >= options->accounts_min) {
            families++;
            continue;
        }
        for (uint32_t w = 0; w < slow.wordings; w++)
            if (slow.family[w] == families)
                slow.family[w] = -1;
    }
    return families;
}

static void families_are_stars(void **state)
{
    (void)state;
    uint64_t found_count = 0;
    for (uint64_t seed = 0; seed < 3000; seed++) {
        struct lks_rng rng;
        struct lks_families families;
        struct lks_promotion_options options = lks_promotion_options_default();
        lks_rng_init(&rng, seed, 11);
        uint32_t accounts = 0, most = 4 + (uint32_t)lks_rng_below(&rng, 30);
        uint8_t seen[64] = {0};
        options.bits_min = (double)lks_rng_below(&rng, 40);
        options.phrases_min = 1 + (uint32_t)lks_rng_below(&rng, 4);
        options.accounts_min = 2 + (uint32_t)lks_rng_below(&rng, 3);
        world_start(most);
        size_t posts = lks_rng_below(&rng, SMALL), words = 6 + lks_rng_below(&rng, 40);
        for (size_t p = 0; p < posts; p++) {
            uint64_t phrases[12];
            uint32_t count = (uint32_t)lks_rng_below(&rng, 12);
            uint64_t from = lks_rng_below(&rng, 4) * words;
            for (uint32_t i = 0; i < count; i++)
                phrases[i] = from + lks_rng_below(&rng, words);
            uint32_t account = (uint32_t)lks_rng_below(&rng, most);
            post_add(account, (int64_t)p * LKS_HOUR_US, phrases, count,
                     (uint32_t)lks_rng_below(&rng, 3));
            accounts += !seen[account];
            seen[account] = 1;
        }
        world_finish();
        assert_int_equal(lks_families_make(&world.input, &options, NULL, &families, NULL), 0);
        slow_measure(&options, accounts);
        int32_t wanted = slow_families(&options);
        assert_int_equal(families.families_count, wanted);
        size_t in_families = 0;
        for (uint32_t p = 0; p < world.posts_count; p++)
            in_families += slow.wording_of[p] != UINT32_MAX && slow.family[slow.wording_of[p]] >= 0;
        assert_int_equal(families.posts_count, in_families);
        for (size_t i = 0; i < families.posts_count; i++)
            assert_int_equal(slow.family[slow.wording_of[families.posts[i].at]],
                             families.posts[i].family);
        found_count += families.families_count;
        lks_families_free(&families);
    }
    assert_true(found_count > 1000);
}

/* ---- without effect ---- */

static void random_phrases(struct lks_rng *rng, uint64_t *phrases, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        phrases[i] = UINT64_C(1000000) + lks_rng_below(rng, 20000);
}

/* Background, with `alike` families of evergreen texts at times of their own. */
static void background(struct lks_rng *rng, uint32_t posts, uint32_t families, uint32_t tellers)
{
    uint64_t phrases[PHRASES_EACH];
    uint32_t accounts = world.events.accounts_count;
    for (uint32_t i = 0; i < posts; i++) {
        random_phrases(rng, phrases, PHRASES_EACH);
        post_add((uint32_t)lks_rng_below(rng, accounts), any_time(rng), phrases, PHRASES_EACH, 3);
    }
    for (uint32_t f = 0; f < families; f++)
        for (uint32_t i = 0; i < tellers; i++) {
            for (uint32_t j = 0; j < PHRASES_EACH; j++)
                phrases[j] = 1000 * (f + 1) + j;
            post_add((uint32_t)lks_rng_below(rng, accounts), any_time(rng), phrases, PHRASES_EACH,
                     8);
        }
}

static void evergreens_are_not_found(void **state)
{
    (void)state;
    enum { WORLDS = 200 };
    unsigned worlds_found = 0, worlds_proven = 0;
    double below[3] = {0}, tested = 0;
    for (uint64_t seed = 0; seed < WORLDS; seed++) {
        struct lks_rng rng;
        struct lks_promotion found;
        struct lks_promotion_options options = lks_promotion_options_default();
        lks_rng_init(&rng, seed, 12);
        options.controls = 0;
        options.draws = 199;
        options.seed = seed;
        world_start(600);
        background(&rng, 700, 8, 12);
        world_finish();
        assert_int_equal(lks_promotion_run(&world.input, &options, NULL, &found, NULL), 0);
        assert_int_equal(found.families_tested, 8);
        worlds_found += found.scripts_count > 0;
        worlds_proven += found.proven_count > 0;
        assert_int_equal(found.flagged_count == 0 || found.proven_count > 0, 1);
        lks_promotion_free(&found);
        /* All families' p, by asking for every one. */
        options.level = 0.999999;
        assert_int_equal(lks_promotion_run(&world.input, &options, NULL, &found, NULL), 0);
        for (size_t i = 0; i < found.scripts_count; i++) {
            below[0] += found.scripts[i].times_log10_p <= log10(0.05);
            below[1] += found.scripts[i].times_log10_p <= log10(0.2);
            assert_true(found.scripts[i].log10_p >= found.scripts[i].times_log10_p &&
                        found.scripts[i].log10_p >= found.scripts[i].again_log10_p);
        }
        for (size_t i = 0; i < found.members_count; i++) {
            below[2] += found.members[i].log10_p <= log10(0.05);
            assert_true(found.members[i].log10_p >= found.scripts[found.members[i].script].log10_p);
        }
        tested += 8;
        lks_promotion_free(&found);
    }
    assert_in_range(worlds_found, 0, 18); /* 10 at level 0.05 if p were uniform */
    assert_in_range(worlds_proven, 0, 18);
    assert_true(below[0] <= 0.06 * tested);
    assert_true(below[1] <= 0.22 * tested);
    assert_true(below[2] <= 0.06 * tested * 12);
}

/* ---- planted ---- */

enum { TELLERS = 30, FIRST_TELLER = 100, OTHERS = 12000 };

/* Tellers of one script within three days; own phrases decide whether it is retold or copied. */
static void script_plant(struct lks_rng *rng, uint64_t base, uint32_t first, uint32_t tellers,
                         int64_t start_us, uint32_t own, int disclosed)
{
    for (uint32_t i = 0; i < tellers; i++) {
        uint64_t phrases[PHRASES_EACH];
        uint32_t kept = 0;
        for (uint32_t j = 0; j < PHRASES_EACH; j++)
            if (own == 0 || lks_rng_below(rng, 5))
                phrases[kept++] = base + j;
        int64_t time_us = start_us + (int64_t)lks_rng_below(rng, (uint64_t)(3 * LKS_DAY_US));
        post_add(first + i, time_us, phrases, kept, own)->disclosed = (uint8_t)disclosed;
    }
}

/* Two scripts of the same tellers, a few days apart. */
static void campaign_plant(struct lks_rng *rng, uint64_t base, uint32_t first, uint32_t own,
                           int disclosed)
{
    script_plant(rng, base, first, TELLERS, 10 * LKS_DAY_US, own, disclosed);
    script_plant(rng, base + 500, first, TELLERS, 14 * LKS_DAY_US, own, disclosed);
}

/* Everybody's comments: at any time on any object. */
static void comments_add(struct lks_rng *rng, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t account = (uint32_t)lks_rng_below(rng, world.events.accounts_count);
        event_add((uint32_t)lks_rng_below(rng, OBJECTS), post_number(account, any_time(rng)));
    }
}

/* The tellers comment together too, on one object after the other. */
static void comments_together(struct lks_rng *rng, uint32_t first, uint32_t tellers)
{
    for (uint32_t round = 0; round < 8; round++) {
        int64_t time_us = any_time(rng);
        for (uint32_t i = 0; i < tellers; i++)
            if (lks_rng_below(rng, 2))
                event_add(round, post_number(first + i, time_us + (int64_t)i * LKS_MINUTE_US / 2));
    }
}

static const struct lks_script *script_of(const struct lks_promotion *found, uint32_t account)
{
    for (size_t i = 0; i < found->members_count; i++)
        if (found->members[i].account == account)
            return &found->scripts[found->members[i].script];
    return NULL;
}

static void planted_scripts_are_told_apart(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 30; seed++) {
        struct lks_rng rng;
        struct lks_promotion found;
        struct lks_promotion_options options = lks_promotion_options_default();
        lks_rng_init(&rng, seed, 13);
        options.draws = 199;
        options.controls = seed < 10 ? options.controls : 0;
        world_start(800);
        background(&rng, OTHERS, 4, 12);
        campaign_plant(&rng, 50000, FIRST_TELLER, 10, 0);
        campaign_plant(&rng, 60000, 200, 10, 1);
        campaign_plant(&rng, 70000, 300, 0, 0);
        campaign_plant(&rng, 80000, 400, 10, 0);
        comments_add(&rng, 1500);
        comments_together(&rng, 400, TELLERS);
        world_finish();
        assert_int_equal(lks_promotion_run(&world.input, &options, NULL, &found, NULL), 0);
        static const enum lks_script_kind kinds[] = {LKS_SCRIPT_UNDECLARED, LKS_SCRIPT_DISCLOSED,
                                                     LKS_SCRIPT_COPIED, LKS_SCRIPT_TIED};
        for (uint32_t i = 0; i < 4; i++) {
            const struct lks_script *script = script_of(&found, 100 * (i + 1));
            assert_non_null(script);
            assert_int_equal(script->kind, kinds[i]);
            assert_in_range(script->accounts_count, TELLERS - 2, TELLERS);
            assert_true(script->window_first_us >= 10 * LKS_DAY_US &&
                        script->window_last_us < 17 * LKS_DAY_US);
            assert_true(script->again_count > TELLERS / 2 && script->again_expected < 6);
        }
        assert_in_range(found.flagged_count, TELLERS - 2, TELLERS);
        for (size_t i = 0; i < found.members_count; i++)
            if (found.members[i].flagged)
                assert_in_range(found.members[i].account, FIRST_TELLER, FIRST_TELLER + TELLERS - 1);
        assert_true(found.control_flagged <= 12); /* at level 0.05, in five controls */
        lks_promotion_free(&found);
    }
}

/* One script alone, however close in time, may be an event: it is shown and names nobody. */
static void an_event_is_no_script(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 30; seed++) {
        struct lks_rng rng;
        struct lks_promotion found;
        struct lks_promotion_options options = lks_promotion_options_default();
        lks_rng_init(&rng, seed, 15);
        options.draws = 199;
        options.controls = 0;
        world_start(800);
        background(&rng, OTHERS / 3, 4, 12);
        script_plant(&rng, 50000, FIRST_TELLER, TELLERS, 10 * LKS_DAY_US, 10, 0);
        script_plant(&rng, 60000, 200, TELLERS, 11 * LKS_DAY_US, 10, 0);
        world_finish();
        assert_int_equal(lks_promotion_run(&world.input, &options, NULL, &found, NULL), 0);
        assert_true(found.scripts_count >= 2);
        assert_int_equal(found.proven_count, 0);
        assert_int_equal(found.flagged_count, 0);
        for (size_t i = 0; i < found.scripts_count; i++)
            assert_int_equal(found.scripts[i].kind, LKS_SCRIPT_LOOSE);
        lks_promotion_free(&found);
    }
}

/* Two scripts of the same accounts do not make them a group: that is one campaign. */
static void two_scripts_are_one_campaign(void **state)
{
    (void)state;
    struct lks_rng rng;
    struct lks_promotion found;
    struct lks_promotion_options options = lks_promotion_options_default();
    lks_rng_init(&rng, 5, 14);
    world_start(800);
    background(&rng, OTHERS, 0, 0);
    uint32_t first = world.events.posts_count;
    campaign_plant(&rng, 50000, FIRST_TELLER, 10, 0);
    for (uint32_t post = first; post < world.events.posts_count; post++)
        event_add(0, post); /* all under one tag */
    world.kind[0] = LKS_OBJECT_HASHTAG;
    comments_add(&rng, 1500);
    world_finish();
    assert_int_equal(lks_promotion_run(&world.input, &options, NULL, &found, NULL), 0);
    assert_int_equal(found.scripts_count, 2);
    assert_int_equal(found.scripts[0].kind, LKS_SCRIPT_UNDECLARED);
    assert_int_equal(found.scripts[1].kind, LKS_SCRIPT_UNDECLARED);
    assert_int_equal(found.scripts[0].campaign, 0);
    assert_int_equal(found.scripts[1].campaign, 0);
    assert_int_equal(found.scripts[0].objects[LKS_SCRIPT_TAG].object, 0);
    assert_true(found.scripts[0].objects[LKS_SCRIPT_TAG].posts_count > TELLERS / 2);
    assert_in_range(found.flagged_count, TELLERS - 1, TELLERS);
    lks_promotion_free(&found);
}

static void little_data(void **state)
{
    (void)state;
    struct lks_promotion found;
    struct lks_promotion_options options = lks_promotion_options_default();
    uint64_t phrase = 7;
    world_start(10);
    world_finish();
    assert_int_equal(lks_promotion_run(&world.input, &options, NULL, &found, NULL), 0);
    assert_int_equal(found.short_data, 1);
    lks_promotion_free(&found);
    for (uint32_t i = 0; i < 10; i++)
        post_add(i, i * LKS_HOUR_US, &phrase, 1, 0);
    world_finish();
    assert_int_equal(lks_promotion_run(&world.input, &options, NULL, &found, NULL), 0);
    assert_int_equal(found.short_data, 1);
    assert_int_equal(found.scripts_count, 0);
    lks_promotion_free(&found);
    options.share_min = 0;
    assert_int_equal(lks_promotion_run(&world.input, &options, NULL, &found, NULL), LKS_EARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(families_are_stars),
        cmocka_unit_test(evergreens_are_not_found),
        cmocka_unit_test(planted_scripts_are_told_apart),
        cmocka_unit_test(an_event_is_no_script),
        cmocka_unit_test(two_scripts_are_one_campaign),
        cmocka_unit_test(little_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
