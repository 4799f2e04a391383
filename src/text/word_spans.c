/* word_spans.c - where the words of a short text of ASCII begin and end
 *
 * Reading a word to find where the next begins makes every word wait for the one before. Here 64 bytes become 64
 * bits, a bit for each byte of a word; where a bit differs from the one before it a word begins or
 * ends, and the next such place is one instruction away. So all words of a text are known before the first is
 * hashed, and several are hashed at once. */
#include "text/word_spans.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { BLOCK = 64 };

struct block {
    uint64_t word, quote, wide;
};

#ifdef __SSE2__
static inline struct block block_read(const char *data)
{
    struct block block = {0};
    for (unsigned part = 0; part < BLOCK; part += 16) {
        __m128i here = _mm_loadu_si128((const __m128i *)(const void *)(data + part));
        __m128i letter = _mm_sub_epi8(_mm_or_si128(here, _mm_set1_epi8(0x20)), _mm_set1_epi8('a'));
        __m128i digit = _mm_sub_epi8(here, _mm_set1_epi8('0'));
        __m128i word = _mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(25)), letter);
        word = _mm_or_si128(word, _mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8(9)), digit));
        word = _mm_or_si128(word, _mm_cmpeq_epi8(here, _mm_set1_epi8('_')));
        __m128i quote = _mm_cmpeq_epi8(here, _mm_set1_epi8('\''));
        block.word |= (uint64_t)(unsigned)_mm_movemask_epi8(word) << part;
        block.quote |= (uint64_t)(unsigned)_mm_movemask_epi8(quote) << part;
        block.wide |= (uint64_t)(unsigned)_mm_movemask_epi8(here) << part;
    }
    return block;
}
#else
static inline struct block block_read(const char *data)
{
    struct block block = {0};
    for (unsigned i = 0; i < BLOCK; i++) {
        unsigned char c = (unsigned char)data[i];
        unsigned word =
            ((unsigned)((c | 0x20) - 'a') < 26) | ((unsigned)(c - '0') < 10) | (c == '_');
        block.word |= (uint64_t)word << i;
        block.quote |= (uint64_t)(c == '\'') << i;
        block.wide |= (uint64_t)(c >> 7) << i;
    }
    return block;
}
#endif

int lks_word_spans(const char *data, size_t size_bytes, struct lks_word_spans *spans)
{
    uint64_t before = 0, quotes = 0, wide = 0; /* before: whether the last byte is of a word */
    size_t starts = 0, ends = 0;
    for (size_t at = 0; at < size_bytes; at += BLOCK) {
        struct block block = block_read(data + at);
        if (size_bytes - at < BLOCK) {
            uint64_t own = (UINT64_C(1) << (size_bytes - at)) - 1;
            block.word &= own;
            block.quote &= own;
            block.wide &= own;
        }
        quotes |= block.quote;
        wide |= block.wide;
        uint64_t shifted = block.word << 1 | before;
        uint64_t begin = block.word & ~shifted, stop = ~block.word & shifted;
        before = block.word >> (BLOCK - 1);
        for (; begin; begin &= begin - 1)
            spans->start[starts++] = (uint16_t)(at + (unsigned)__builtin_ctzll(begin));
        for (; stop; stop &= stop - 1)
            spans->end[ends++] = (uint16_t)(at + (unsigned)__builtin_ctzll(stop));
    }
    if (ends < starts)
        spans->end[ends] = (uint16_t)size_bytes;
    spans->count = starts;
    spans->quotes = quotes != 0;
    return wide != 0;
}
