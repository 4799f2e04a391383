/* near_kernels.c - the two inner loops of the near-text join, for what the processor has
 *
 * sort    A set has some 20 to 50 shingles. Up to 64 keys are sorted by rank: the place of a key is
 *         the number of smaller keys, all counted at once, a lane a key. That is n * n / 8 compares
 *         without a branch, where a sort by branches would mispredict one in
 *         two. Longer sets are sorted in runs of 64 that are merged.
 * filter  Popcounts of 64 signatures against one (near_join.c says what they bound): eight at
 *         a time where the processor counts bits in vectors.
 *
 * Each path computes the same function; near_test.c runs all that the machine has. */
#include "text/near_kernels.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#define LKS_NEAR_X86 1
#else
#define LKS_NEAR_X86 0
#endif

enum { RUN_KEYS = 64, INSERTION_KEYS = 16 };

/* ---- sorting ---- */

static void merge(const uint64_t *a, size_t a_count, const uint64_t *b, size_t b_count,
                  uint64_t *out)
{
    size_t i = 0, j = 0;
    while (i < a_count && j < b_count) {
        uint64_t x = a[i], y = b[j];
        int first = x < y;
        *out++ = first ? x : y;
        i += (size_t)first;
        j += (size_t)!first;
    }
    memcpy(out, a + i, (a_count - i) * sizeof *out);
    memcpy(out + (a_count - i), b + j, (b_count - j) * sizeof *out);
}

/* Merges sorted runs of `run` keys until one is left. */
static void merge_runs(uint64_t *keys, size_t count, size_t run, uint64_t *scratch)
{
    uint64_t *from = keys, *to = scratch;
    for (; run < count; run *= 2) {
        for (size_t at = 0; at < count; at += 2 * run) {
            size_t left = count - at < run ? count - at : run;
            size_t right = count - at - left < run ? count - at - left : run;
            merge(from + at, left, from + at + left, right, to + at);
        }
        uint64_t *swap = from;
        from = to;
        to = swap;
    }
    if (from != keys)
        memcpy(keys, from, count * sizeof *keys);
}

static void insertion(uint64_t *keys, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        uint64_t key = keys[i];
        size_t at = i;
        for (; at > 0 && keys[at - 1] > key; at--)
            keys[at] = keys[at - 1];
        keys[at] = key;
    }
}

static void sort_portable(uint64_t *keys, size_t count, uint64_t *scratch)
{
    for (size_t at = 0; at < count; at += INSERTION_KEYS)
        insertion(keys + at, count - at < INSERTION_KEYS ? count - at : INSERTION_KEYS);
    merge_runs(keys, count, INSERTION_KEYS, scratch);
}

static uint64_t filter_portable(const uint64_t *signatures, size_t count, uint64_t from,
                                unsigned limit)
{
    uint64_t kept = 0;
    for (size_t i = 0; i < count; i++)
        kept |= (uint64_t)((unsigned)__builtin_popcountll(signatures[i] ^ from) <= limit) << i;
    return kept;
}

static const struct lks_near_kernels portable = {"portable", sort_portable, filter_portable};

#if LKS_NEAR_X86

/* Pads keys to whole vectors with what is above every key; returns the padded count. */
static size_t run_pad(const uint64_t *keys, size_t count, size_t lanes, uint64_t padded[RUN_KEYS])
{
    size_t whole = (count + lanes - 1) / lanes * lanes;
    memcpy(padded, keys, count * sizeof *keys);
    for (size_t i = count; i < whole; i++)
        padded[i] = INT64_MAX;
    return whole;
}

/* ---- AVX2 ---- */

__attribute__((target("avx2"))) static void run_sort_avx2(uint64_t *keys, size_t count)
{
    uint64_t padded[RUN_KEYS], rank[4];
    size_t whole = run_pad(keys, count, 4, padded);
    for (size_t at = 0; at < whole; at += 4) {
        __m256i own = _mm256_loadu_si256((const __m256i *)(const void *)(padded + at));
        __m256i below = _mm256_setzero_si256();
        for (size_t j = 0; j < count; j++) {
            __m256i other = _mm256_set1_epi64x((long long)padded[j]);
            below = _mm256_sub_epi64(below, _mm256_cmpgt_epi64(own, other));
        }
        _mm256_storeu_si256((__m256i *)(void *)rank, below);
        for (size_t i = at; i < at + 4 && i < count; i++)
            keys[rank[i - at]] = padded[i];
    }
}

static void sort_avx2(uint64_t *keys, size_t count, uint64_t *scratch)
{
    for (size_t at = 0; at < count; at += RUN_KEYS)
        run_sort_avx2(keys + at, count - at < RUN_KEYS ? count - at : RUN_KEYS);
    merge_runs(keys, count, RUN_KEYS, scratch);
}

__attribute__((target("avx2,popcnt"))) static uint64_t filter_avx2(const uint64_t *signatures,
                                                                   size_t count, uint64_t from,
                                                                   unsigned limit)
{
    uint64_t kept = 0;
    for (size_t i = 0; i < count; i++)
        kept |= (uint64_t)((unsigned)__builtin_popcountll(signatures[i] ^ from) <= limit) << i;
    return kept;
}

static const struct lks_near_kernels avx2 = {"avx2", sort_avx2, filter_avx2};

/* ---- AVX-512 ---- */

/* The keys stay in registers and in a copy; only those there are are loaded and stored. */
__attribute__((target("avx512f"))) static void run_sort_avx512(uint64_t *keys, size_t count)
{
    uint64_t copy[RUN_KEYS];
    const __m512i one = _mm512_set1_epi64(1);
    for (size_t at = 0; at < count; at += 8) {
        __mmask8 own = (__mmask8)(count - at < 8 ? (1u << (count - at)) - 1 : 0xff);
        _mm512_storeu_si512(copy + at, _mm512_maskz_loadu_epi64(own, keys + at));
    }
    for (size_t at = 0; at < count; at += 8) {
        __mmask8 lanes = (__mmask8)(count - at < 8 ? (1u << (count - at)) - 1 : 0xff);
        __m512i own = _mm512_loadu_si512(copy + at);
        __m512i below = _mm512_setzero_si512(), more = _mm512_setzero_si512();
        size_t j = 0;
        for (; j + 2 <= count; j += 2) {
            __m512i first = _mm512_set1_epi64((long long)copy[j]);
            __m512i second = _mm512_set1_epi64((long long)copy[j + 1]);
            below = _mm512_mask_add_epi64(below, _mm512_cmplt_epu64_mask(first, own), below, one);
            more = _mm512_mask_add_epi64(more, _mm512_cmplt_epu64_mask(second, own), more, one);
        }
        if (j < count) {
            __m512i first = _mm512_set1_epi64((long long)copy[j]);
            below = _mm512_mask_add_epi64(below, _mm512_cmplt_epu64_mask(first, own), below, one);
        }
        _mm512_mask_i64scatter_epi64(keys, lanes, _mm512_add_epi64(below, more), own, 8);
    }
}

static void sort_avx512(uint64_t *keys, size_t count, uint64_t *scratch)
{
    for (size_t at = 0; at < count; at += RUN_KEYS)
        run_sort_avx512(keys + at, count - at < RUN_KEYS ? count - at : RUN_KEYS);
    merge_runs(keys, count, RUN_KEYS, scratch);
}

__attribute__((target("avx512f,avx512vpopcntdq"))) static uint64_t filter_avx512(
    const uint64_t *signatures, size_t count, uint64_t from, unsigned limit)
{
    const __m512i own = _mm512_set1_epi64((long long)from);
    const __m512i most = _mm512_set1_epi64((long long)limit);
    uint64_t kept = 0;
    size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        __m512i differ =
            _mm512_popcnt_epi64(_mm512_xor_si512(_mm512_loadu_si512(signatures + i), own));
        kept |= (uint64_t)_mm512_cmple_epu64_mask(differ, most) << i;
    }
    if (i < count) {
        __mmask8 rest = (__mmask8)((1u << (count - i)) - 1);
        __m512i differ = _mm512_popcnt_epi64(
            _mm512_xor_si512(_mm512_maskz_loadu_epi64(rest, signatures + i), own));
        kept |= (uint64_t)_mm512_mask_cmple_epu64_mask(rest, differ, most) << i;
    }
    return kept;
}

static const struct lks_near_kernels avx512 = {"avx512", sort_avx512, filter_avx512};
#endif

const struct lks_near_kernels *lks_near_kernels_at(size_t index)
{
    const struct lks_near_kernels *paths[3];
    size_t count = 0;
#if LKS_NEAR_X86
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vpopcntdq"))
        paths[count++] = &avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt"))
        paths[count++] = &avx2;
#endif
    paths[count++] = &portable;
    return index < count ? paths[index] : NULL;
}
