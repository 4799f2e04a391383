/* near_reference_test.c - the near-text join against its slow reference
 *
 * Thousands of small seeded collections, in which texts are near each other often; texts that
 * are made to be awkward; the reference itself on cases worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"
#include "text/near_check.h"
#include "text/near_edits.h"

enum { TEXTS_MAX = 400, ROUNDS = 3000 };

struct collection {
    struct lks_buffer bytes;
    size_t ends[TEXTS_MAX + 1];
    struct lks_str texts[TEXTS_MAX];
    int64_t times_us[TEXTS_MAX];
    size_t count;
};

static void collection_end(struct collection *all, int64_t time_us)
{
    all->times_us[all->count++] = time_us;
    all->ends[all->count] = all->bytes.size_bytes;
}

static void collection_add(struct collection *all, struct lks_str text, int64_t time_us)
{
    lks_buffer_append(&all->bytes, text.data, text.size_bytes);
    collection_end(all, time_us);
}

static void collection_texts(struct collection *all)
{
    for (size_t i = 0; i < all->count; i++)
        all->texts[i] = (struct lks_str){all->bytes.data ? all->bytes.data + all->ends[i] : "",
                                         all->ends[i + 1] - all->ends[i]};
}

/* The join must be the reference in everything, for one thread and for three. */
static struct lks_near_tally must_agree(struct collection *all,
                                        const struct lks_near_options *options, size_t batch)
{
    struct lks_reference reference;
    struct lks_near_tally tally = {0};
    collection_texts(all);
    lks_reference_init(&reference, all->texts, all->count, options);
    for (unsigned threads = 1; threads <= 3; threads += 2) {
        lks_near_compare(&reference, all->texts, all->times_us, options, threads, batch, &tally);
        assert_int_equal(tally.faults, 0);
        assert_int_equal(tally.pairs_found, tally.pairs_wanted);
        assert_int_equal(tally.pairs_false, 0);
    }
    lks_reference_free(&reference);
    return tally;
}

/* A text out of few pieces, so that many are near and many are equal. */
static void random_text(struct collection *all, struct lks_rng *rng)
{
    static const char *const pieces[] = {"a",
                                         "b ",
                                         " cat",
                                         "dog's",
                                         "it's ",
                                         "'",
                                         "x_y",
                                         " the ",
                                         "MIXED ",
                                         "sofia",
                                         " ",
                                         "\t",
                                         "\n",
                                         "!",
                                         "12",
                                         "3.5 ",
                                         "#tag ",
                                         "@who ",
                                         "http://a.b/c ",
                                         "\u0219i ",
                                         "\u200b",
                                         "\u4e2d",
                                         "\u6587\u5b57",
                                         "\u3042\u3044",
                                         "\u30ab\u30bf\u30ab\u30ca",
                                         "\u0e01\u0e32",
                                         "\u0e2a\u0e27\u0e31\u0e2a",
                                         "\U0001f600",
                                         "\U0001f602\U0001f602",
                                         "\u2764\ufe0f",
                                         "\U0001f44d\U0001f3fd",
                                         "\xff",
                                         "\xe2\x82",
                                         "\u043f\u0440\u0438",
                                         "\uac00\ub098 ",
                                         "\u0301",
                                         "_",
                                         "-",
                                         "word "};
    unsigned count = (unsigned)lks_rng_below(rng, 14);
    for (unsigned i = 0; i < count; i++)
        lks_buffer_text(&all->bytes,
                        pieces[lks_rng_below(rng, sizeof(pieces) / sizeof(pieces[0]))]);
}

/* A copy of an earlier text, cut or with a piece of another one put in. */
static void random_copy(struct collection *all, struct lks_rng *rng)
{
    size_t of = (size_t)lks_rng_below(rng, all->count);
    size_t begin = all->ends[of], size = all->ends[of + 1] - begin;
    size_t from = size ? (size_t)lks_rng_below(rng, size) : 0;
    struct lks_buffer copy = {0};
    lks_buffer_append(&copy, all->bytes.data + begin, size);
    if (lks_rng_below(rng, 3) == 0)
        copy.size_bytes = from;
    lks_buffer_append(&all->bytes, copy.data, copy.size_bytes);
    lks_buffer_free(&copy);
    if (lks_rng_below(rng, 2))
        random_text(all, rng);
}

static void test_random(void **state)
{
    (void)state;
    static const double thresholds[] = {0.8, 0.5, 1.0, 0.05, 0.75, 0.9, 0.6666666666666666, 0.3};
    static const int64_t windows[] = {-1, -1, 0, 3, 60, 1000};
    struct collection *all = (struct collection *)calloc(1, sizeof(*all));
    uint64_t pairs = 0, clusters = 0;
    assert_non_null(all);
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct lks_rng rng;
        lks_rng_init(&rng, 77, round);
        lks_buffer_clear(&all->bytes);
        all->count = 0;
        size_t count = (size_t)lks_rng_below(&rng, round % 20 ? 40 : TEXTS_MAX);
        while (all->count < count) {
            if (all->count && lks_rng_below(&rng, 3))
                random_copy(all, &rng);
            else
                random_text(all, &rng);
            collection_end(all, (int64_t)lks_rng_below(&rng, 400));
        }
        struct lks_near_options options = lks_near_options_default();
        options.threshold = thresholds[lks_rng_below(&rng, 8)];
        options.window_us = windows[lks_rng_below(&rng, 6)];
        options.shingle = (enum lks_near_shingle)lks_rng_below(&rng, 3);
        options.as_is = lks_rng_below(&rng, 4) == 0;
        options.seed = lks_rng_next(&rng);
        options.pairs_per_form_max = 0;
        struct lks_near_tally tally = must_agree(all, &options, lks_rng_below(&rng, 2) ? 7 : 0);
        pairs += tally.pairs_wanted;
        clusters += tally.clusters;
    }
    lks_buffer_free(&all->bytes);
    free(all);
    print_message("%u collections, %llu near pairs of forms, %llu clusters\n", ROUNDS,
                  (unsigned long long)pairs, (unsigned long long)clusters);
    assert_true(pairs > ROUNDS && clusters > ROUNDS);
}

/* Made texts of every script beside their edits: longer than the random ones. */
static void test_made(void **state)
{
    (void)state;
    struct collection *all = (struct collection *)calloc(1, sizeof(*all));
    struct lks_made_text *text = (struct lks_made_text *)malloc(sizeof(*text));
    uint64_t pairs = 0;
    assert_non_null(all);
    assert_non_null(text);
    for (unsigned script = 0; script < LKS_MADE_SCRIPTS_COUNT; script++) {
        lks_buffer_clear(&all->bytes);
        all->count = 0;
        for (unsigned i = 0; i < TEXTS_MAX; i++) {
            lks_made_text(text, (enum lks_made_script)script, i / 4, 3 + i / 4 % 60,
                          (int)(i / 8 % 2));
            if (i % 4)
                lks_edit_text(text, (enum lks_made_edit)(i % LKS_EDITS_COUNT), i % 4 == 1 ? 1 : 0.2,
                              i);
            lks_made_write(text, &all->bytes);
            collection_end(all, (int64_t)i * 10);
        }
        struct lks_near_options options = lks_near_options_default();
        options.pairs_per_form_max = 0;
        options.threshold = script % 2 ? 0.8 : 0.5;
        options.window_us = script % 3 ? -1 : 25;
        pairs += must_agree(all, &options, 0).pairs_wanted;
    }
    assert_true(pairs > 200);
    lks_buffer_free(&all->bytes);
    free(all);
    free(text);
}

/* The reference on what a reader can count by hand. */
static void test_by_hand(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        enum lks_near_shingle shingle;
        uint32_t shared, either;
    } cases[] = {
        {"one two three", "one two four", LKS_NEAR_AUTO, 3, 7}, /* one, two, one two */
        {"one two three", "one two four", LKS_NEAR_WORDS, 2, 4},
        {"One, TWO... three!", "one two three", LKS_NEAR_AUTO, 5, 5},
        {"it's so", "its so", LKS_NEAR_AUTO, 3, 3},
        {"by at by at", "at by at by", LKS_NEAR_AUTO, 4, 4}, /* a set knows no counts */
        {"at by", "by at", LKS_NEAR_AUTO, 2, 4},
        {"\u4e2d\u6587\u5b57", "\u4e2d\u6587", LKS_NEAR_AUTO, 1, 2},
        {"\u4e2d", "\u4e2d", LKS_NEAR_AUTO, 1, 1},
        {"go \u4e2d\u6587 on", "go on", LKS_NEAR_AUTO, 3, 4}, /* go, on, go on */
        {"\U0001f600\U0001f600\U0001f602", "\U0001f600\U0001f602", LKS_NEAR_AUTO, 3, 3},
        {"hello \U0001f600", "hello", LKS_NEAR_AUTO, 1, 1},
        {"abcdef", "abcdeg", LKS_NEAR_CHARS, 1, 3},
        {"!?", "...", LKS_NEAR_AUTO, 0, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct lks_str texts[2] = {lks_str_from(cases[i].a), lks_str_from(cases[i].b)};
        struct lks_near_options options = lks_near_options_default();
        struct lks_reference reference;
        uint32_t either, shared;
        options.shingle = cases[i].shingle;
        lks_reference_init(&reference, texts, 2, &options);
        shared = lks_reference_shared(&reference, 0, 1, &either);
        if (shared != cases[i].shared || either != cases[i].either)
            print_message("case %zu: %u of %u\n", i, shared, either);
        assert_int_equal(shared, cases[i].shared);
        assert_int_equal(either, cases[i].either);
        lks_reference_free(&reference);
    }
}

/* ---- texts made to be awkward ---- */

/* Thousands of texts that share all but one word, in a row: the worst that a list of shingles can
 * meet. All near, so one cluster; the pairs of a form are limited and that is counted. */
static void test_almost_equal(void **state)
{
    (void)state;
    enum { COUNT = 20000 };
    struct lks_buffer bytes = {0};
    struct lks_str *texts = (struct lks_str *)malloc(COUNT * sizeof(*texts));
    size_t *ends = (size_t *)malloc((COUNT + 1) * sizeof(*ends));
    assert_non_null(texts);
    assert_non_null(ends);
    ends[0] = 0;
    for (unsigned i = 0; i < COUNT; i++) {
        for (unsigned k = 0; k < 30; k++)
            lks_buffer_format(&bytes, "same%c%c ", 'a' + k % 26, 'a' + k / 26);
        for (unsigned k = i, digit = 0; digit < 4; digit++, k /= 16)
            lks_buffer_format(&bytes, "%c%c", 'a' + k % 16, 'q' + digit);
        ends[i + 1] = bytes.size_bytes;
    }
    for (unsigned i = 0; i < COUNT; i++)
        texts[i] = (struct lks_str){bytes.data + ends[i], ends[i + 1] - ends[i]};
    struct lks_near_options options = lks_near_options_default();
    struct lks_near *near = NULL;
    struct lks_near_result result = {0};
    struct lks_error err = {0};
    assert_int_equal(lks_near_new(&options, NULL, &near, &err), 0);
    assert_int_equal(lks_near_add(near, texts, NULL, COUNT, &err), 0);
    assert_int_equal(lks_near_join(near, NULL, NULL, &result, &err), 0);
    assert_int_equal(result.clusters_count, 1);
    assert_int_equal(result.clusters[0].texts_count, COUNT);
    assert_int_equal(result.variants_count, COUNT);
    lks_near_result_free(&result);
    lks_near_free(near);
    lks_buffer_free(&bytes);
    free(texts);
    free(ends);
}

/* A set knows no counts: a text of one word a million times is that word. */
static void test_one_word_many_times(void **state)
{
    (void)state;
    struct collection *all = (struct collection *)calloc(1, sizeof(*all));
    assert_non_null(all);
    for (unsigned i = 0; i < 1000000; i++)
        lks_buffer_text(&all->bytes, "word ");
    collection_end(all, 0);
    collection_add(all, LKS_STR("word word"), 1);
    collection_add(all, LKS_STR("word"), 2);
    collection_add(all, LKS_STR("\u200b\u200d\u2060\ufe0f"), 3);
    collection_add(all, LKS_STR(""), 4);
    collection_add(all, LKS_STR("\xff\xfe\x80\xc0\xaf"), 5);
    collection_add(all, LKS_STR("\xff"), 6);
    struct lks_near_options options = lks_near_options_default();
    options.pairs_per_form_max = 0;
    struct lks_near_tally tally = must_agree(all, &options, 0);
    assert_int_equal(tally.forms, 2); /* the last four have no shingle */
    assert_int_equal(tally.clusters, 1);
    lks_buffer_free(&all->bytes);
    free(all);
}

/* Two texts of four million bytes, the longest that a record may have, one word apart. */
static void test_longest(void **state)
{
    (void)state;
    struct collection *all = (struct collection *)calloc(1, sizeof(*all));
    struct lks_rng rng;
    assert_non_null(all);
    for (unsigned copy = 0; copy < 2; copy++) {
        lks_rng_init(&rng, 5, 5);
        for (unsigned i = 0; i < 400000; i++) {
            char word[11] = "          ";
            for (unsigned k = 0; k < 9; k++)
                word[k] = (char)('a' + lks_rng_below(&rng, 26));
            if (copy && i == 1000)
                word[0] = '-';
            lks_buffer_append(&all->bytes, word, 10);
        }
        collection_end(all, 0);
    }
    struct lks_near_options options = lks_near_options_default();
    struct lks_near_tally tally = must_agree(all, &options, 0);
    assert_int_equal(tally.pairs_found, 1);
    lks_buffer_free(&all->bytes);
    free(all);
}

/* Every threshold that a share of small numbers can be, where floats round either way. */
static void test_thresholds(void **state)
{
    (void)state;
    struct collection *all = (struct collection *)calloc(1, sizeof(*all));
    assert_non_null(all);
    for (unsigned size = 1; size <= 30; size++) { /* the first `size` of thirty words */
        for (unsigned k = 0; k < size; k++)
            lks_buffer_format(&all->bytes, "w%c%c ", 'a' + k % 26, 'a' + k / 26);
        collection_end(all, 0);
    }
    struct lks_near_options options = lks_near_options_default();
    options.shingle = LKS_NEAR_WORDS;
    options.pairs_per_form_max = 0;
    for (unsigned either = 1; either <= 30; either++)
        for (unsigned shared = 1; shared <= either; shared++) {
            options.threshold = (double)shared / either;
            must_agree(all, &options, 0);
            options.threshold = 0.01 * (double)(shared * 100 / either);
            if (options.threshold > 0)
                must_agree(all, &options, 0);
        }
    lks_buffer_free(&all->bytes);
    free(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand),      cmocka_unit_test(test_random),
        cmocka_unit_test(test_made),         cmocka_unit_test(test_thresholds),
        cmocka_unit_test(test_almost_equal), cmocka_unit_test(test_one_word_many_times),
        cmocka_unit_test(test_longest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
