/* fuzz_near.c - near pairs of any texts are those of the definition, clusters hold them
 *
 * Four bytes choose threshold, window, cut and seed; the lines of the rest are texts. */
#include <stdlib.h>

#include "text/near.h"

enum { TEXTS_MAX = 24 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct set {
    uint64_t *hashes;
    size_t count, capacity;
};

struct pairs {
    uint32_t near[TEXTS_MAX][TEXTS_MAX]; /* shared, by first text */
};

static int pair_note(void *context, const struct lks_near_pair *pair)
{
    struct pairs *pairs = context;
    LKS_ASSERT(pair->first_a < pair->first_b && pair->first_b < TEXTS_MAX);
    LKS_ASSERT(pair->shared && pair->shared < pair->either);
    pairs->near[pair->first_a][pair->first_b] = pair->shared;
    return 0;
}

static uint32_t shared_of(const struct set *a, const struct set *b)
{
    uint32_t shared = 0;
    for (size_t i = 0; i < a->count; i++)
        for (size_t j = 0; j < b->count; j++)
            shared += a->hashes[i] == b->hashes[j];
    return shared;
}

static void texts_check(const struct lks_str *texts, size_t count, const struct set *sets,
                        const int64_t *times_us, const struct lks_near_options *options)
{
    struct lks_control control = {.threads = 2, .memory_bytes = 1 << 28};
    struct pairs pairs = {0};
    struct lks_near *near;
    struct lks_near_result result;
    LKS_ASSERT(lks_near_new(options, &control, &near, NULL) == 0);
    LKS_ASSERT(lks_near_add(near, texts, times_us, count, NULL) == 0);
    LKS_ASSERT(lks_near_join(near, pair_note, &pairs, &result, NULL) == 0);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++) {
            uint32_t shared = shared_of(&sets[i], &sets[j]);
            uint32_t either = (uint32_t)(sets[i].count + sets[j].count) - shared;
            int in_time = options->window_us < 0 || times_us[i] - times_us[j] <= options->window_us;
            uint32_t a = result.text_form[i], b = result.text_form[j];
            LKS_ASSERT((a == LKS_NEAR_NONE) == (sets[i].count == 0));
            LKS_ASSERT((shared && shared == either) == (a == b && a != LKS_NEAR_NONE));
            if (!shared || !in_time || (double)shared / either < options->threshold)
                continue;
            uint32_t v = result.text_variant[i], w = result.text_variant[j];
            LKS_ASSERT(v != LKS_NEAR_NONE && w != LKS_NEAR_NONE);
            LKS_ASSERT(result.variants[v].cluster == result.variants[w].cluster);
            LKS_ASSERT(a == b || result.counts.pairs > 0);
        }
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count; j++)
            if (pairs.near[i][j])
                LKS_ASSERT(pairs.near[i][j] == shared_of(&sets[i], &sets[j]));
    lks_near_result_free(&result);
    lks_near_free(near);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lks_near_options options = lks_near_options_default();
    struct lks_str texts[TEXTS_MAX];
    struct set sets[TEXTS_MAX] = {{0}};
    int64_t times_us[TEXTS_MAX];
    size_t count = 0;
    if (size < 4 || size > 4096)
        return 0;
    options.threshold = (1 + data[0] % 20) / 20.0;
    options.window_us = (int64_t)(data[1] % 8) - 1;
    options.shingle = (enum lks_near_shingle)(data[2] % 3);
    options.as_is = data[2] >> 7;
    options.seed = data[3];
    for (size_t at = 4; at <= size && count < TEXTS_MAX;) {
        const uint8_t *end = at < size ? memchr(data + at, '\n', size - at) : NULL;
        size_t length = end ? (size_t)(end - data) - at : size - at;
        texts[count] = (struct lks_str){(const char *)data + at, length};
        times_us[count] = (int64_t)count;
        LKS_ASSERT(lks_near_shingles(texts[count], &options, &sets[count].hashes,
                                     &sets[count].count, &sets[count].capacity) == 0);
        count++;
        at += length + 1;
    }
    texts_check(texts, count, sets, times_us, &options);
    for (size_t i = 0; i < count; i++)
        free(sets[i].hashes);
    return 0;
}
