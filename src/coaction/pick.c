/* pick.c - which partners of a window are counted, by what the machine can
 *
 * A window holds accounts in no order, and a pair is counted from its lower rank only: so
 * half of all ids read are passed over, nearly none for light accounts and nearly all for
 * heavy ones, in no pattern that a branch could learn. All three ways copy without a branch;
 * 16 ids at a time with AVX-512's compress, 8 with a table of permutations in AVX2. They write
 * the same. */
#include "coaction/pick.h"

#if defined(__x86_64__) && defined(__GNUC__)
#define LKS_COACTION_X86 1
#include <immintrin.h>
#endif

static size_t pick_portable(const uint32_t *partner, size_t count, uint32_t low, uint32_t span,
                            uint32_t *out)
{
    size_t picked = 0;
    for (size_t i = 0; i < count; i++) {
        out[picked] = partner[i];
        picked += partner[i] - low < span;
    }
    return picked;
}

static size_t pick_index_portable(const uint32_t *partner, size_t count, uint32_t low,
                                  uint32_t span, uint32_t *out)
{
    size_t picked = 0;
    for (size_t i = 0; i < count; i++) {
        out[picked] = (uint32_t)i;
        picked += partner[i] - low < span;
    }
    return picked;
}

static const struct lks_coaction_paths portable = {pick_portable, pick_index_portable};

#ifdef LKS_COACTION_X86

__attribute__((target("avx512f,avx512vl,avx512bw,popcnt,bmi2"))) static size_t pick_avx512(
    const uint32_t *partner, size_t count, uint32_t low, uint32_t span, uint32_t *out)
{
    const __m512i lows = _mm512_set1_epi32((int)low), spans = _mm512_set1_epi32((int)span);
    size_t picked = 0, i = 0;
    for (; i + 16 <= count; i += 16) {
        __m512i ids = _mm512_loadu_si512(partner + i);
        __mmask16 in = _mm512_cmplt_epu32_mask(_mm512_sub_epi32(ids, lows), spans);
        /* To a register, then stored whole: compressing into memory is slow on some machines. */
        _mm512_storeu_si512(out + picked, _mm512_maskz_compress_epi32(in, ids));
        picked += (size_t)__builtin_popcount(in);
    }
    if (i < count) {
        __mmask16 have = (__mmask16)((1u << (count - i)) - 1);
        __m512i ids = _mm512_maskz_loadu_epi32(have, partner + i);
        __mmask16 in = _mm512_mask_cmplt_epu32_mask(have, _mm512_sub_epi32(ids, lows), spans);
        _mm512_storeu_si512(out + picked, _mm512_maskz_compress_epi32(in, ids));
        picked += (size_t)__builtin_popcount(in);
    }
    return picked;
}

__attribute__((target("avx512f,avx512vl,avx512bw,popcnt,bmi2"))) static size_t pick_index_avx512(
    const uint32_t *partner, size_t count, uint32_t low, uint32_t span, uint32_t *out)
{
    const __m512i lows = _mm512_set1_epi32((int)low), spans = _mm512_set1_epi32((int)span);
    __m512i at = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    size_t picked = 0;
    for (size_t i = 0; i < count; i += 16) {
        __mmask16 have = count - i < 16 ? (__mmask16)((1u << (count - i)) - 1) : (__mmask16)0xffff;
        __m512i ids = _mm512_maskz_loadu_epi32(have, partner + i);
        __mmask16 in = _mm512_mask_cmplt_epu32_mask(have, _mm512_sub_epi32(ids, lows), spans);
        _mm512_storeu_si512(out + picked, _mm512_maskz_compress_epi32(in, at));
        picked += (size_t)__builtin_popcount(in);
        at = _mm512_add_epi32(at, _mm512_set1_epi32(16));
    }
    return picked;
}

/* For each mask of 8 lanes, the lanes that are in it, first ones first. */
__attribute__((target("avx2,bmi2,popcnt"))) static inline __m256i lanes_of(unsigned mask)
{
    uint64_t spread = _pdep_u64(mask, UINT64_C(0x0101010101010101)) * 0xff;
    uint64_t lanes = _pext_u64(UINT64_C(0x0706050403020100), spread);
    return _mm256_cvtepu8_epi32(_mm_cvtsi64_si128((long long)lanes));
}

__attribute__((target("avx2,bmi2,popcnt"))) static size_t pick_avx2(const uint32_t *partner,
                                                                    size_t count, uint32_t low,
                                                                    uint32_t span, uint32_t *out)
{
    /* AVX2 compares signed: both sides are turned by the sign bit. */
    const __m256i turn = _mm256_set1_epi32(INT32_MIN);
    const __m256i lows = _mm256_set1_epi32((int)low);
    const __m256i spans = _mm256_xor_si256(_mm256_set1_epi32((int)span), turn);
    size_t picked = 0, i = 0;
    for (; i + 8 <= count; i += 8) {
        __m256i ids = _mm256_loadu_si256((const __m256i *)(const void *)(partner + i));
        __m256i away = _mm256_xor_si256(_mm256_sub_epi32(ids, lows), turn);
        unsigned in =
            (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpgt_epi32(spans, away)));
        _mm256_storeu_si256((__m256i *)(void *)(out + picked),
                            _mm256_permutevar8x32_epi32(ids, lanes_of(in)));
        picked += (size_t)__builtin_popcount(in);
    }
    return picked + pick_portable(partner + i, count - i, low, span, out + picked);
}

int lks_coaction_path_has(enum lks_coaction_path path)
{
    __builtin_cpu_init();
    if (path == LKS_COACTION_PATH_AVX512)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
               __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("bmi2");
    if (path == LKS_COACTION_PATH_AVX2)
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2");
    return 1;
}

struct lks_coaction_paths lks_coaction_paths_choose(enum lks_coaction_path path)
{
    int best = path == LKS_COACTION_PATH_BEST;
    if ((best || path == LKS_COACTION_PATH_AVX512) &&
        lks_coaction_path_has(LKS_COACTION_PATH_AVX512))
        return (struct lks_coaction_paths){pick_avx512, pick_index_avx512};
    if ((best || path == LKS_COACTION_PATH_AVX2) && lks_coaction_path_has(LKS_COACTION_PATH_AVX2))
        return (struct lks_coaction_paths){pick_avx2, pick_index_portable};
    return portable;
}

#else

int lks_coaction_path_has(enum lks_coaction_path path)
{
    return path == LKS_COACTION_PATH_BEST || path == LKS_COACTION_PATH_PORTABLE;
}

struct lks_coaction_paths lks_coaction_paths_choose(enum lks_coaction_path path)
{
    (void)path;
    return portable;
}

#endif
