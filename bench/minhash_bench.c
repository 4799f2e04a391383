/* minhash_bench.c - the exact join beside MinHash with banding, over the same shingles
 *
 *   minhash_bench [--tiny] [--threshold T] [FILE]
 *
 * FILE has a text a line; without it texts are made. MinHash: 64 permutations h * a + b mod 2^32
 * (Broder 1997, Carter and Wegman 1979), a vector of 16 at a time where the compiler may; bands
 * of r rows, each sorted by its hash; what shares a band is a candidate, once, and compared
 * exactly. Forms are told apart and cut beforehand for both, one thread, processor time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/rng.h"
#include "text/near_parts.h"
#include "text/shingle.h"

enum { PERMUTATIONS = 64, MADE = 200000, TINY = 2000 };

struct texts {
    struct lks_buffer bytes;
    struct lks_str *texts;
    size_t count;
};

struct sets {
    uint64_t *hashes; /* form after form, sorted within */
    size_t *start;    /* [count + 1] */
    size_t count;
};

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void *must(void *memory)
{
    if (!memory) {
        fputs("out of memory\n", stderr);
        exit(1);
    }
    return memory;
}

/* 15 words by a power law; one in three is an earlier text with a word put in its place. */
static void texts_make(struct texts *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct lks_rng rng, change;
        lks_rng_init(&change, 2, i);
        lks_rng_init(&rng, 1, lks_rng_below(&change, 3) ? i : lks_rng_below(&change, i + 1));
        unsigned words = 6 + (unsigned)lks_rng_below(&rng, 20);
        unsigned edit = (unsigned)lks_rng_below(&change, words);
        for (unsigned k = 0; k < words; k++) {
            double unit = lks_rng_unit(k == edit ? &change : &rng);
            unsigned word = (unsigned)(unit * unit * unit * 100000);
            char letters[8];
            size_t size = 0;
            for (; size < 2 || word; word /= 20)
                letters[size++] = (char)('a' + word % 20);
            lks_buffer_append(&texts->bytes, letters, size);
            lks_buffer_byte(&texts->bytes, ' ');
        }
        lks_buffer_byte(&texts->bytes, '\n');
    }
}

static void texts_read(struct texts *texts, const char *path)
{
    char block[65536];
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        exit(1);
    }
    for (size_t size; (size = fread(block, 1, sizeof block, file));)
        lks_buffer_append(&texts->bytes, block, size);
    fclose(file);
}

static void texts_cut(struct texts *texts)
{
    size_t lines = 0, start = 0;
    for (size_t i = 0; i < texts->bytes.size_bytes; i++)
        lines += texts->bytes.data[i] == '\n';
    texts->texts = must(calloc(lines + 1, sizeof *texts->texts));
    for (size_t i = 0; i < texts->bytes.size_bytes; i++)
        if (texts->bytes.data[i] == '\n') {
            texts->texts[texts->count++] = (struct lks_str){texts->bytes.data + start, i - start};
            start = i + 1;
        }
}

static int compare_hashes(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* ThreadSanitizer is not up yet when the loader chooses among clones. */
#ifdef __SANITIZE_THREAD__
#define CLONES
#else
#define CLONES __attribute__((target_clones("arch=skylake-avx512", "avx2", "default")))
#endif

/* The shingles of the first text of every form. */
static void sets_make(struct sets *sets, const struct texts *texts,
                      const struct lks_near_result *result, const struct lks_near_options *options)
{
    struct lks_shingler shingler = {.count = 0};
    size_t filled = 0;
    sets->hashes = must(malloc((result->counts.shingles + 1) * sizeof *sets->hashes));
    sets->start = must(calloc(result->counts.forms + 1, sizeof *sets->start));
    for (size_t i = 0; i < texts->count; i++) {
        if (result->text_form[i] != sets->count) /* no form, or seen before */
            continue;
        if (lks_shingle(&shingler, texts->texts[i], options) != 0)
            exit(1);
        memcpy(sets->hashes + filled, shingler.hashes, shingler.count * sizeof *sets->hashes);
        qsort(sets->hashes + filled, shingler.count, sizeof *sets->hashes, compare_hashes);
        filled += shingler.count;
        sets->start[++sets->count] = filled;
    }
    lks_shingler_free(&shingler);
}

CLONES static void signature(const uint64_t *hashes, size_t count, const uint32_t *a,
                             const uint32_t *b, uint32_t *out)
{
    for (int p = 0; p < PERMUTATIONS; p++)
        out[p] = UINT32_MAX;
    for (size_t i = 0; i < count; i++) {
        uint32_t hash = (uint32_t)(hashes[i] >> 32);
        for (int p = 0; p < PERMUTATIONS; p++) {
            uint32_t value = hash * a[p] + b[p];
            out[p] = value < out[p] ? value : out[p];
        }
    }
}

static int is_near(const struct sets *sets, uint32_t a, uint32_t b, double threshold)
{
    size_t i = sets->start[a], j = sets->start[b], shared = 0;
    size_t both = sets->start[a + 1] - i + sets->start[b + 1] - j;
    while (i < sets->start[a + 1] && j < sets->start[b + 1]) {
        uint64_t x = sets->hashes[i], y = sets->hashes[j];
        shared += x == y;
        i += x <= y;
        j += y <= x;
    }
    return (double)shared / (double)(both - shared) >= threshold;
}

/* Bands of rows: the hash of a form's band. */
static uint64_t band_hash(const uint32_t *minima, unsigned band, unsigned rows)
{
    uint64_t hash = band;
    for (unsigned r = 0; r < rows; r++) {
        hash = (hash ^ minima[band * rows + r]) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 31;
    }
    return hash;
}

/* Whether a and b share a band below this one: they were compared there. */
static int met_before(const uint32_t *minima, uint32_t a, uint32_t b, unsigned band, unsigned rows)
{
    for (unsigned other = 0; other < band; other++)
        if (memcmp(minima + (size_t)a * PERMUTATIONS + other * rows,
                   minima + (size_t)b * PERMUTATIONS + other * rows, rows * sizeof *minima) == 0)
            return 1;
    return 0;
}

static void minhash(const struct sets *sets, double threshold, unsigned rows, uint64_t pairs_all)
{
    struct lks_budget budget;
    uint32_t a[PERMUTATIONS], b[PERMUTATIONS];
    uint64_t candidates = 0, pairs = 0;
    struct lks_rng rng;
    lks_rng_init(&rng, 3, 0);
    lks_budget_init(&budget, 0, "banding");
    for (int p = 0; p < PERMUTATIONS; p++) {
        a[p] = (uint32_t)lks_rng_next(&rng) | 1;
        b[p] = (uint32_t)lks_rng_next(&rng);
    }
    double start = cpu_seconds();
    uint32_t *minima = must(malloc((sets->count + 1) * PERMUTATIONS * sizeof *minima));
    uint64_t *keys = must(malloc((sets->count + 1) * sizeof *keys));
    uint32_t *forms = must(malloc((sets->count + 1) * sizeof *forms));
    for (size_t f = 0; f < sets->count; f++)
        signature(sets->hashes + sets->start[f], sets->start[f + 1] - sets->start[f], a, b,
                  minima + f * PERMUTATIONS);
    double signed_at = cpu_seconds();
    for (unsigned band = 0; band < PERMUTATIONS / rows; band++) {
        for (size_t f = 0; f < sets->count; f++) {
            keys[f] = band_hash(minima + f * PERMUTATIONS, band, rows);
            forms[f] = (uint32_t)f;
        }
        if (lks_near_radix(&budget, keys, forms, sets->count, NULL) != 0)
            exit(1);
        for (size_t first = 0, end; first < sets->count; first = end) {
            for (end = first + 1; end < sets->count && keys[end] == keys[first];)
                end++;
            for (size_t i = first; i < end; i++)
                for (size_t j = i + 1; j < end; j++) {
                    if (met_before(minima, forms[i], forms[j], band, rows))
                        continue;
                    candidates++;
                    pairs += (uint64_t)is_near(sets, forms[i], forms[j], threshold);
                }
        }
    }
    double end = cpu_seconds();
    double per = 1e9 / (double)(sets->count ? sets->count : 1);
    printf("  MinHash %2u x %u    %6.0f ns a form (signatures %.0f, bands and comparing %.0f), "
           "recall %.4f, %llu candidates\n",
           PERMUTATIONS / rows, rows, (end - start) * per, (signed_at - start) * per,
           (end - signed_at) * per, pairs_all ? (double)pairs / (double)pairs_all : 1,
           (unsigned long long)candidates);
    free(minima);
    free(keys);
    free(forms);
}

static int pair_count(void *context, const struct lks_near_pair *pair)
{
    (void)pair;
    ++*(uint64_t *)context;
    return 0;
}

int main(int argc, char **argv)
{
    struct texts texts = {.count = 0};
    struct sets sets = {.count = 0};
    struct lks_near_options options = lks_near_options_default();
    struct lks_control control = {.threads = 1};
    struct lks_near_result result;
    struct lks_near *near;
    const char *path = NULL;
    uint64_t pairs = 0;
    int tiny = 0;
    options.pairs_per_form_max = 0;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--tiny") == 0)
            tiny = 1;
        else if (strcmp(argv[i], "--threshold") == 0 && i + 1 < argc)
            options.threshold = strtod(argv[++i], NULL);
        else
            path = argv[i];
    }
    if (path)
        texts_read(&texts, path);
    else
        texts_make(&texts, tiny ? TINY : MADE);
    texts_cut(&texts);
    if (lks_near_new(&options, &control, &near, NULL) != 0 ||
        lks_near_add(near, texts.texts, NULL, texts.count, NULL) != 0)
        return 1;
    double start = cpu_seconds();
    if (lks_near_join(near, pair_count, &pairs, &result, NULL) != 0)
        return 1;
    double seconds = cpu_seconds() - start;
    printf("%zu texts, %llu forms of %.1f shingles, threshold %.2f, %llu near pairs\n", texts.count,
           (unsigned long long)result.counts.forms,
           (double)result.counts.shingles / (double)(result.counts.forms + 1), options.threshold,
           (unsigned long long)pairs);
    printf("  exact join       %6.0f ns a form (ordering, joining, pairs, clusters), recall 1, "
           "%llu candidates\n",
           seconds * 1e9 / (double)(result.counts.forms + 1),
           (unsigned long long)result.counts.candidates);
    sets_make(&sets, &texts, &result, &options);
    minhash(&sets, options.threshold, 4, pairs);
    minhash(&sets, options.threshold, 2, pairs);
    lks_near_free(near);
    lks_near_result_free(&result);
    free(sets.hashes);
    free(sets.start);
    free(texts.texts);
    lks_buffer_free(&texts.bytes);
    return 0;
}
