/* near_test.c - the near-text join against pairs and components written from their definition */
#include "text/near.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/rng.h"
#include "text/near_parts.h"

enum { TEXTS_MAX = 120, WORLDS = 2000 };

struct set {
    uint64_t *hashes;
    size_t count, capacity;
};

struct world {
    char *storage[TEXTS_MAX];
    struct lks_str texts[TEXTS_MAX];
    int64_t times_us[TEXTS_MAX];
    size_t count;
    struct set sets[TEXTS_MAX];
    uint32_t form[TEXTS_MAX];
    struct lks_near_options options;
};

static const char *const latin[] = {"vote",  "today", "for", "the",  "change",    "we",   "all",
                                    "need",  "now",   "it",  "will", "come",      "good", "morning",
                                    "don't", "nu",    "vom", "ceda", "niciodata", "x"};
static const char *const dense[] = {"今", "天", "投", "票", "す", "る", "よ", "ก", "ข", "ค", "ง"};
static const char *const signs[] = {"!", "😂", "❤", "🔥", "...", "👍", "@who", "https://e.org/a"};

static void word_append(struct lks_buffer *buffer, struct lks_rng *rng, unsigned style)
{
    switch (style) {
    case 0:
        lks_buffer_text(buffer, latin[lks_rng_below(rng, sizeof latin / sizeof *latin)]);
        lks_buffer_byte(buffer, ' ');
        break;
    case 1:
        lks_buffer_text(buffer, dense[lks_rng_below(rng, sizeof dense / sizeof *dense)]);
        break;
    case 2:
        lks_buffer_text(buffer, signs[lks_rng_below(rng, sizeof signs / sizeof *signs)]);
        break;
    default: /* a word that hardly any other text has */
        lks_buffer_format(buffer, "w%c%c%c ", (int)('a' + lks_rng_below(rng, 26)),
                          (int)('a' + lks_rng_below(rng, 26)), (int)('a' + lks_rng_below(rng, 26)));
    }
}

/* A text of its own, or one before with a few words put in or cut off. */
static void text_make(struct world *world, struct lks_rng *rng, size_t at)
{
    struct lks_buffer buffer = {0};
    unsigned style = (unsigned)lks_rng_below(rng, 4);
    size_t words = lks_rng_below(rng, 10) ? lks_rng_below(rng, 24) : lks_rng_below(rng, 200);
    if (at > 0 && lks_rng_below(rng, 3) > 0) {
        struct lks_str from = world->texts[lks_rng_below(rng, at)];
        size_t keep = from.size_bytes;
        if (lks_rng_below(rng, 2) && keep > 4)
            keep -= lks_rng_below(rng, keep / 4);
        lks_buffer_append(&buffer, from.data, keep);
        lks_buffer_byte(&buffer, ' ');
        words = lks_rng_below(rng, 3);
    }
    for (size_t i = 0; i < words; i++)
        word_append(&buffer, rng, lks_rng_below(rng, 6) ? style : (unsigned)lks_rng_below(rng, 4));
    lks_buffer_byte(&buffer, 0);
    assert_false(buffer.failed);
    world->storage[at] = buffer.data;
    world->texts[at] = (struct lks_str){buffer.data, buffer.size_bytes - 1};
}

static void world_make(struct world *world, uint64_t seed)
{
    static const double thresholds[] = {0.3, 0.5, 0.6, 2.0 / 3, 0.75, 0.8, 0.8, 0.8, 0.9, 1};
    static const int64_t windows[] = {-1, -1, 0, 1, 7, 50, 1000};
    struct lks_rng rng;
    lks_rng_init(&rng, seed, 0);
    *world = (struct world){.options = lks_near_options_default()};
    world->options.threshold = thresholds[lks_rng_below(&rng, 10)];
    world->options.window_us = windows[lks_rng_below(&rng, 7)];
    world->options.shingle = (enum lks_near_shingle)lks_rng_below(&rng, 3);
    world->options.pairs_per_form_max = 0;
    world->options.seed = seed % 5;
    world->count = lks_rng_below(&rng, TEXTS_MAX);
    for (size_t i = 0; i < world->count; i++) {
        text_make(world, &rng, i);
        world->times_us[i] = (int64_t)lks_rng_below(&rng, 300) - 100;
        assert_int_equal(lks_near_shingles(world->texts[i], &world->options, &world->sets[i].hashes,
                                           &world->sets[i].count, &world->sets[i].capacity),
                         0);
    }
}

static void world_free(struct world *world)
{
    for (size_t i = 0; i < world->count; i++) {
        free(world->storage[i]);
        free(world->sets[i].hashes);
    }
}

static uint32_t shared_of(const struct set *a, const struct set *b)
{
    uint32_t shared = 0;
    for (size_t i = 0; i < a->count; i++)
        for (size_t j = 0; j < b->count; j++)
            shared += a->hashes[i] == b->hashes[j];
    return shared;
}

/* The definition: every two texts compared. near[i][j] where they are a pair. */
struct reference {
    uint8_t near[TEXTS_MAX][TEXTS_MAX];
    uint8_t form_near[TEXTS_MAX][TEXTS_MAX]; /* by form, forms differing */
    uint32_t shared[TEXTS_MAX][TEXTS_MAX];
    uint32_t component[TEXTS_MAX];
    uint32_t forms_count;
};

static void reference_make(struct world *world, struct reference *reference)
{
    memset(reference, 0, sizeof *reference);
    for (size_t i = 0; i < world->count; i++) {
        world->form[i] = LKS_NEAR_NONE;
        reference->component[i] = (uint32_t)i;
        for (size_t j = 0; j < i; j++) {
            uint32_t shared = shared_of(&world->sets[i], &world->sets[j]);
            uint32_t either = (uint32_t)(world->sets[i].count + world->sets[j].count) - shared;
            reference->shared[i][j] = reference->shared[j][i] = shared;
            if (!shared)
                continue;
            if (shared == either && world->form[i] == LKS_NEAR_NONE)
                world->form[i] = world->form[j];
            int64_t apart = world->times_us[i] - world->times_us[j];
            int in_time = world->options.window_us < 0 || llabs(apart) <= world->options.window_us;
            if (in_time && (double)shared / either >= world->options.threshold)
                reference->near[i][j] = reference->near[j][i] = 1;
        }
        if (world->sets[i].count && world->form[i] == LKS_NEAR_NONE)
            world->form[i] = reference->forms_count++;
    }
    for (size_t i = 0; i < world->count; i++)
        for (size_t j = 0; j < world->count; j++)
            if (reference->near[i][j] && world->form[i] != world->form[j])
                reference->form_near[world->form[i]][world->form[j]] = 1;
    for (int changed = 1; changed;) {
        changed = 0;
        for (size_t i = 0; i < world->count; i++)
            for (size_t j = 0; j < world->count; j++)
                if (reference->near[i][j] && reference->component[j] < reference->component[i]) {
                    reference->component[i] = reference->component[j];
                    changed = 1;
                }
    }
}

struct checking {
    const struct world *world;
    const struct reference *reference;
    uint8_t seen[TEXTS_MAX][TEXTS_MAX];
    uint64_t pairs, last;
};

static int pair_check(void *context, const struct lks_near_pair *pair)
{
    struct checking *checking = context;
    const struct world *world = checking->world;
    uint64_t key = (uint64_t)pair->form_a << 32 | pair->form_b;
    assert_true(pair->form_a < pair->form_b);
    assert_true(pair->first_a < pair->first_b && pair->first_b < world->count);
    assert_int_equal(world->form[pair->first_a], pair->form_a);
    assert_int_equal(world->form[pair->first_b], pair->form_b);
    assert_true(checking->pairs == 0 || checking->last < key);
    assert_true(checking->reference->form_near[pair->form_a][pair->form_b]);
    uint32_t shared = checking->reference->shared[pair->first_a][pair->first_b];
    assert_int_equal(pair->shared, shared);
    assert_int_equal(pair->either,
                     world->sets[pair->first_a].count + world->sets[pair->first_b].count - shared);
    checking->seen[pair->form_a][pair->form_b] = 1;
    checking->last = key;
    checking->pairs++;
    return 0;
}

static void clusters_check(const struct world *world, const struct reference *reference,
                           const struct lks_near_result *result)
{
    uint32_t texts = 0;
    for (size_t i = 0; i < world->count; i++) {
        uint32_t partners = 0, variant = result->text_variant[i];
        assert_int_equal(result->text_form[i], world->form[i]);
        for (size_t j = 0; j < world->count; j++)
            partners += i != j && reference->component[i] == reference->component[j];
        assert_int_equal(variant == LKS_NEAR_NONE, partners == 0);
        if (variant == LKS_NEAR_NONE)
            continue;
        texts++;
        assert_true(variant < result->variants_count);
        assert_int_equal(result->variants[variant].form, world->form[i]);
        const struct lks_near_cluster *cluster =
            &result->clusters[result->variants[variant].cluster];
        assert_int_equal(cluster->texts_count, partners + 1);
        assert_true(world->times_us[i] >= cluster->first_us &&
                    world->times_us[i] <= cluster->last_us);
        for (size_t j = 0; j < i; j++)
            if (result->text_variant[j] != LKS_NEAR_NONE)
                assert_int_equal(result->variants[result->text_variant[j]].cluster ==
                                     result->variants[variant].cluster,
                                 reference->component[i] == reference->component[j]);
    }
    uint32_t variant = 0, sum = 0;
    for (uint32_t c = 0; c < result->clusters_count; c++) {
        const struct lks_near_cluster *cluster = &result->clusters[c];
        uint32_t inside = 0;
        assert_int_equal(cluster->variants_first, variant);
        assert_true(c == 0 || cluster->texts_count <= cluster[-1].texts_count);
        for (uint32_t i = 0; i < cluster->variants_count; i++, variant++) {
            const struct lks_near_variant *at = &result->variants[variant];
            uint32_t head = result->variants[cluster->variants_first].first_text;
            uint32_t shared = at->first_text == head ? (uint32_t)world->sets[head].count
                                                     : reference->shared[head][at->first_text];
            assert_int_equal(at->cluster, c);
            assert_int_equal(at->shared, shared);
            assert_int_equal(at->either,
                             world->sets[head].count + world->sets[at->first_text].count - shared);
            assert_true(i == 0 || at->texts_count <= at[-1].texts_count);
            inside += at->texts_count;
        }
        assert_int_equal(inside, cluster->texts_count);
        sum += inside;
    }
    assert_int_equal(sum, texts);
    assert_int_equal(variant, result->variants_count);
}

static struct lks_near *world_add(const struct world *world, const struct lks_control *control)
{
    struct lks_near *near;
    size_t half = world->count / 2;
    assert_int_equal(lks_near_new(&world->options, control, &near, NULL), 0);
    assert_int_equal(lks_near_add(near, world->texts, world->times_us, half, NULL), 0);
    assert_int_equal(
        lks_near_add(near, world->texts + half, world->times_us + half, world->count - half, NULL),
        0);
    return near;
}

static void world_check(const struct world *world, const struct reference *reference,
                        unsigned threads, const struct lks_near_kernels *kernels, int wanted)
{
    struct lks_control control = {.threads = threads, .memory_bytes = 1 << 28};
    struct lks_near *near = world_add(world, &control);
    struct lks_near_result result;
    struct checking checking = {.world = world, .reference = reference};
    near->kernels = kernels;
    assert_int_equal(lks_near_join(near, wanted ? pair_check : NULL, &checking, &result, NULL), 0);
    for (uint32_t a = 0; wanted && a < reference->forms_count; a++)
        for (uint32_t b = a + 1; b < reference->forms_count; b++)
            assert_int_equal(checking.seen[a][b], reference->form_near[a][b]);
    assert_int_equal(result.counts.forms, reference->forms_count);
    assert_int_equal(result.counts.texts, world->count);
    assert_int_equal(result.counts.pairs, checking.pairs);
    clusters_check(world, reference, &result);
    lks_near_result_free(&result);
    lks_near_free(near);
}

static void test_pairs_and_clusters_are_those_of_the_definition(void **state)
{
    static struct world world;
    static struct reference reference;
    uint64_t pairs = 0;
    (void)state;
    for (uint64_t seed = 0; seed < WORLDS; seed++) {
        world_make(&world, seed);
        reference_make(&world, &reference);
        size_t path = 0;
        for (const struct lks_near_kernels *kernels; (kernels = lks_near_kernels_at(path)); path++)
            world_check(&world, &reference, 1 + (unsigned)(seed + path) % 3, kernels,
                        (seed + path) % 2 == 0);
        world_check(&world, &reference, 2, lks_near_kernels_at(0), 1);
        for (uint32_t a = 0; a < reference.forms_count; a++)
            for (uint32_t b = 0; b < a; b++)
                pairs += reference.form_near[a][b];
        world_free(&world);
    }
    assert_true(pairs > 10000);
}

static void test_kernels_agree_with_plain_ones(void **state)
{
    struct lks_rng rng;
    uint64_t keys[300], sorted[300], scratch[364];
    (void)state;
    lks_rng_init(&rng, 7, 0);
    for (unsigned round = 0; round < 3000; round++) {
        size_t count = lks_rng_below(&rng, 300), path = 0;
        unsigned bits = 8 + (unsigned)lks_rng_below(&rng, 55);
        for (size_t i = 0; i < count; i++) /* distinct: the low bits are the index */
            keys[i] = (lks_rng_next(&rng) >> (64 - bits) << 9 | i) & (UINT64_MAX >> 1);
        for (const struct lks_near_kernels *kernels; (kernels = lks_near_kernels_at(path));
             path++) {
            memcpy(sorted, keys, sizeof keys);
            kernels->sort(sorted, count, scratch);
            uint64_t sum = 0, sum_sorted = 0;
            for (size_t i = 0; i < count; i++) {
                assert_true(i == 0 || sorted[i - 1] < sorted[i]);
                sum += keys[i] * keys[i];
                sum_sorted += sorted[i] * sorted[i];
            }
            assert_true(sum == sum_sorted);
            size_t few = count % 65;
            unsigned limit = (unsigned)lks_rng_below(&rng, 65);
            uint64_t kept = kernels->filter(keys, few, keys[299], limit);
            for (size_t i = 0; i < 64; i++) {
                unsigned bits_apart = 0;
                for (unsigned bit = 0; i < few && bit < 64; bit++)
                    bits_apart += (keys[i] ^ keys[299]) >> bit & 1;
                assert_int_equal(kept >> i & 1, i < few && bits_apart <= limit);
            }
        }
    }
}

/* A template with a name of its own in each copy: all pairs are near. */
static void test_a_crowd_from_one_template_is_one_cluster(void **state)
{
    enum { COPIES = 30000 };
    static const char words[] =
        "all of us will vote on sunday for a better country because we have had enough of lies and "
        "of promises that nobody ever meant to keep says %ck%cm%cn%c";
    static char storage[COPIES][192];
    static struct lks_str texts[COPIES];
    struct lks_near_options options = lks_near_options_default();
    struct lks_near *near;
    struct lks_near_result result;
    struct checking_count {
        uint64_t pairs;
    };
    (void)state;
    for (unsigned i = 0; i < COPIES; i++) {
        int size = snprintf(storage[i], sizeof storage[i], words, 'a' + (int)(i % 26),
                            'a' + (int)(i / 26 % 26), 'a' + (int)(i / 676 % 26),
                            'a' + (int)(i / 17576 % 26));
        texts[i] = (struct lks_str){storage[i], (size_t)size};
    }
    assert_int_equal(lks_near_new(&options, NULL, &near, NULL), 0);
    assert_int_equal(lks_near_add(near, texts, NULL, COPIES, NULL), 0);
    assert_int_equal(lks_near_join(near, NULL, NULL, &result, NULL), 0);
    assert_int_equal(result.clusters_count, 1);
    assert_int_equal(result.clusters[0].texts_count, COPIES);
    assert_int_equal(result.clusters[0].variants_count, COPIES);
    /* Far from the 450 million comparisons of all pairs. */
    assert_true(result.counts.verified < 100 * COPIES);
    lks_near_result_free(&result);
    lks_near_free(near);
}

/* Texts of a frame that all are just below the threshold, 45 shingles of 57: the frame is not what is looked at. */
static void test_a_frame_just_below_the_threshold_is_passed_over(void **state)
{
    enum { COPIES = 10000 };
    static const char letters[] = "abcdefghijlpqrstuvwxyz"; /* none is ever drawn out */
    static const char words[] =
        "all of us will vote on sunday for a better country because we have had enough lies and "
        "promises nobody ever meant says ck%1$s dm%1$s fn%1$s";
    static char storage[COPIES][192];
    static struct lks_str texts[COPIES];
    struct lks_near_options options = lks_near_options_default();
    struct lks_near *near;
    struct lks_near_result result;
    (void)state;
    for (unsigned i = 0; i < COPIES; i++) {
        char own[] = {letters[i % 22], 'o', letters[i / 22 % 22], 'o', letters[i / 484], 0};
        int size = snprintf(storage[i], sizeof storage[i], words, own);
        texts[i] = (struct lks_str){storage[i], (size_t)size};
    }
    assert_int_equal(lks_near_new(&options, NULL, &near, NULL), 0);
    assert_int_equal(lks_near_add(near, texts, NULL, COPIES, NULL), 0);
    assert_int_equal(lks_near_join(near, NULL, NULL, &result, NULL), 0);
    assert_int_equal(result.counts.shingles, 51 * COPIES);
    assert_int_equal(result.clusters_count, 0);
    /* Far from the 50 million of all pairs. */
    assert_true(result.counts.candidates < 100 * COPIES);
    lks_near_result_free(&result);
    lks_near_free(near);
}

static int pair_count(void *context, const struct lks_near_pair *pair)
{
    (void)pair;
    ++*(uint64_t *)context;
    return 0;
}

static int pair_stop(void *context, const struct lks_near_pair *pair)
{
    (void)pair;
    return ++*(int *)context == 3 ? -77 : 0;
}

static void test_pairs_are_limited_and_said(void **state)
{
    enum { COPIES = 200 };
    static char storage[COPIES][96];
    static struct lks_str texts[COPIES];
    struct lks_near_options options = lks_near_options_default();
    uint64_t pairs;
    (void)state;
    for (unsigned i = 0; i < COPIES; i++) {
        int size = snprintf(storage[i], sizeof storage[i],
                            "one two three four five six seven eight nine ten eleven twelve w%c%c",
                            'a' + (int)(i % 26), 'a' + (int)(i / 26));
        texts[i] = (struct lks_str){storage[i], (size_t)size};
    }
    for (uint32_t limit = 0; limit < 300; limit += 50) {
        struct lks_near *near;
        struct lks_near_result result;
        pairs = 0;
        options.pairs_per_form_max = limit;
        assert_int_equal(lks_near_new(&options, NULL, &near, NULL), 0);
        assert_int_equal(lks_near_add(near, texts, NULL, COPIES, NULL), 0);
        assert_int_equal(lks_near_join(near, pair_count, &pairs, &result, NULL), 0);
        uint64_t all = COPIES * (COPIES - 1) / 2;
        uint64_t beyond = limit && limit < COPIES ? COPIES - limit : 0;
        assert_int_equal(pairs, all - beyond * (beyond - 1) / 2 * (beyond > 0));
        assert_int_equal(result.counts.forms_limited, beyond);
        assert_int_equal(result.clusters_count, 1);
        lks_near_result_free(&result);
        lks_near_free(near);
    }
    struct lks_near *near;
    struct lks_near_result result;
    int calls = 0;
    assert_int_equal(lks_near_new(&options, NULL, &near, NULL), 0);
    assert_int_equal(lks_near_add(near, texts, NULL, COPIES, NULL), 0);
    assert_int_equal(lks_near_join(near, pair_stop, &calls, &result, NULL), -77);
    assert_int_equal(calls, 3);
    lks_near_result_free(&result);
    lks_near_free(near);
}

static void test_memory_is_bounded_and_options_are_checked(void **state)
{
    static struct world world;
    struct lks_near *near;
    struct lks_near_result result;
    struct lks_error err = {0};
    unsigned refused = 0, done = 0;
    (void)state;
    world_make(&world, 11);
    for (uint64_t limit = 1000; done == 0; limit += limit / 2) {
        struct lks_control control = {.threads = 2, .memory_bytes = limit};
        result = (struct lks_near_result){0};
        err = (struct lks_error){0};
        assert_int_equal(lks_near_new(&world.options, &control, &near, &err), 0);
        int code = lks_near_add(near, world.texts, world.times_us, world.count, &err);
        if (code == 0)
            code = lks_near_join(near, NULL, NULL, &result, &err);
        assert_true(code == 0 || (code == LKS_EMEMORY && strstr(err.message, "limit")));
        refused += code != 0;
        done += code == 0;
        lks_near_result_free(&result);
        lks_near_free(near);
    }
    assert_true(refused > 3);
    world_free(&world);
    struct lks_near_options options = lks_near_options_default();
    for (unsigned i = 0; i < 3; i++) {
        options.threshold = (const double[]){0, 1.1, -1}[i];
        assert_int_equal(lks_near_new(&options, NULL, &near, &err), LKS_EARGUMENT);
        assert_null(near);
    }
}

/* ---- what a text is cut into ---- */

static double similarity_of(const char *a, const char *b, enum lks_near_shingle shingle)
{
    struct set sets[2] = {{0}, {0}};
    struct lks_near_options options = lks_near_options_default();
    options.shingle = shingle;
    const char *texts[2] = {a, b};
    for (int i = 0; i < 2; i++)
        assert_int_equal(lks_near_shingles(lks_str_from(texts[i]), &options, &sets[i].hashes,
                                           &sets[i].count, &sets[i].capacity),
                         0);
    double shared = shared_of(&sets[0], &sets[1]);
    double either = (double)(sets[0].count + sets[1].count) - shared;
    free(sets[0].hashes);
    free(sets[1].hashes);
    return either > 0 ? shared / either : -1;
}

static void test_shingles_follow_the_written_rules(void **state)
{
    static const struct {
        const char *a, *b;
        enum lks_near_shingle shingle;
        double similarity;
    } rows[] = {
        /* words and pairs: 3 + 2 and 3 + 2, sharing 2 + 1 */
        {"we vote now", "we vote today", LKS_NEAR_AUTO, 3.0 / 7},
        {"we vote now", "now we vote", LKS_NEAR_AUTO, 4.0 / 6},
        {"we vote now", "now vote we", LKS_NEAR_WORDS, 1},
        {"we vote now", "we vote today", LKS_NEAR_WORDS, 2.0 / 4},
        /* what stands between words does not matter */
        {"We VOTE, now!!! 😂", "we -- vote.now", LKS_NEAR_AUTO, 1},
        {"don't go", "dont go", LKS_NEAR_AUTO, 1},
        {"don’t go", "dont go", LKS_NEAR_AUTO, 1},
        {"look https://a.org/x here", "look http://b.com/y?z here", LKS_NEAR_AUTO, 1},
        {"look @one here", "@two look here", LKS_NEAR_AUTO, 1},
        {"win 100 euros", "win 2,500 euros", LKS_NEAR_AUTO, 1},
        {"v\xd0\xbete n\xe2\x80\x8bow", "vote now", LKS_NEAR_AUTO, 1},
        /* two words: equal or not */
        {"good morning", "Good morning!", LKS_NEAR_AUTO, 1},
        {"good morning", "morning good", LKS_NEAR_AUTO, 2.0 / 4},
        /* no blanks: pairs of ideographs, threes of kana, fours of Thai */
        {"今天我们投票", "今天我们投票吧", LKS_NEAR_AUTO, 5.0 / 6},
        {"すしたべる", "すしたべた", LKS_NEAR_AUTO, 2.0 / 4},
        {"กขคงจฉ", "กขคงจช", LKS_NEAR_AUTO, 2.0 / 4},
        {"今", "今", LKS_NEAR_AUTO, 1},
        {"今 天", "今天", LKS_NEAR_AUTO, 1},
        {"今、天！", "今天", LKS_NEAR_AUTO, 1},
        /* Korean has blanks */
        {"우리는 오늘 투표", "우리는 오늘 투표!", LKS_NEAR_AUTO, 1},
        /* emoji count only where there is nothing else; runs count once */
        {"😂😂😂", "😂", LKS_NEAR_AUTO, 1},
        {"😂🔥", "😂🔥👍", LKS_NEAR_AUTO, 3.0 / 5},
        {"👍🏽", "👍🏿", LKS_NEAR_AUTO, 1},
        {"!!!", "...", LKS_NEAR_AUTO, -1},
        {"", "", LKS_NEAR_AUTO, -1},
        {"https://a.org", "@who", LKS_NEAR_AUTO, -1},
        /* runs of five characters */
        {"abcdefg", "abcdefx", LKS_NEAR_CHARS, 2.0 / 4},
        {"abc", "abc!", LKS_NEAR_CHARS, 1},
        {"ab cdef", "ab, cdef", LKS_NEAR_CHARS, 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double found = similarity_of(rows[i].a, rows[i].b, rows[i].shingle);
        if (found != rows[i].similarity)
            print_error("row %zu: %g, not %g\n", i, found, rows[i].similarity);
        assert_true(found == rows[i].similarity);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shingles_follow_the_written_rules),
        cmocka_unit_test(test_kernels_agree_with_plain_ones),
        cmocka_unit_test(test_pairs_and_clusters_are_those_of_the_definition),
        cmocka_unit_test(test_a_crowd_from_one_template_is_one_cluster),
        cmocka_unit_test(test_a_frame_just_below_the_threshold_is_passed_over),
        cmocka_unit_test(test_pairs_are_limited_and_said),
        cmocka_unit_test(test_memory_is_bounded_and_options_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
