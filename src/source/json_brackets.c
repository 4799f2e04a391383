/* json_brackets.c - the fast way to the end of an object or array, over pieces of it
 *
 * Sixty-four bytes become five words with a bit a byte: quotes, backslashes, opening and
 * closing brackets, newlines. Arithmetic on the words tells which bytes are escaped (an odd
 * run of backslashes stands before them) and, by a prefix sum modulo 2 over the quotes, which
 * lie within a string; the brackets there are struck out. As long as a block closes fewer
 * brackets than are open, two population counts are all that is left to do. Source of the
 * method: Langdale and Lemire, "Parsing Gigabytes of JSON per Second", VLDB Journal 2019.
 *
 * "\x1F" needs no care here: what follows the backslash is one byte that cannot end a string. */
#include "source/json_brackets.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

struct masks {
    uint64_t quotes, backslashes, opening, closing, newlines;
};

#ifdef __SSE2__
static inline uint64_t equal_mask(const __m128i bytes[4], char byte)
{
    __m128i wanted = _mm_set1_epi8(byte);
    uint64_t mask = 0;
    for (int i = 3; i >= 0; i--)
        mask = mask << 16 | (uint64_t)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes[i], wanted));
    return mask;
}

static inline struct masks masks_of(const char *data)
{
    __m128i bytes[4], folded[4];
    for (int i = 0; i < 4; i++) {
        bytes[i] = _mm_loadu_si128((const __m128i *)(const void *)(data + 16 * i));
        /* '[' and '{', ']' and '}' differ in the bit 0x20 only, and no other byte joins them. */
        folded[i] = _mm_or_si128(bytes[i], _mm_set1_epi8(0x20));
    }
    return (struct masks){equal_mask(bytes, '"'), equal_mask(bytes, '\\'), equal_mask(folded, '{'),
                          equal_mask(folded, '}'), equal_mask(bytes, '\n')};
}
#else
static inline struct masks masks_of(const char *data)
{
    struct masks masks = {0};
    for (int i = 0; i < 64; i++) {
        masks.quotes |= (uint64_t)(data[i] == '"') << i;
        masks.backslashes |= (uint64_t)(data[i] == '\\') << i;
        masks.opening |= (uint64_t)((data[i] | 0x20) == '{') << i;
        masks.closing |= (uint64_t)((data[i] | 0x20) == '}') << i;
        masks.newlines |= (uint64_t)(data[i] == '\n') << i;
    }
    return masks;
}
#endif

/* The bytes that stand after an odd run of backslashes. */
static inline uint64_t escaped_mask(uint64_t backslashes, uint64_t *escaped)
{
    const uint64_t even = UINT64_C(0x5555555555555555);
    if (!backslashes) {
        uint64_t mask = *escaped;
        *escaped = 0;
        return mask;
    }
    backslashes &= ~*escaped;
    uint64_t follows = backslashes << 1 | *escaped;
    uint64_t odd_starts = backslashes & ~even & ~follows;
    uint64_t sum = odd_starts + backslashes;
    *escaped = sum < backslashes; /* the run goes on into the next block */
    return (even ^ (sum << 1)) & follows;
}

/* Bit i is the sum modulo 2 of bits 0 to i. */
static inline uint64_t prefix_xor(uint64_t bits)
{
    for (int shift = 1; shift < 64; shift <<= 1)
        bits ^= bits << shift;
    return bits;
}

/* One block; whether the depth came to 0 at bit *at. */
static inline int close_in_block(uint64_t opening, uint64_t closing, uint64_t *depth, int *at)
{
    int closings = __builtin_popcountll(closing);
    if (*depth > (uint64_t)closings) {
        *depth += (uint64_t)__builtin_popcountll(opening) - (uint64_t)closings;
        return 0;
    }
    for (uint64_t both = opening | closing; both; both &= both - 1) {
        uint64_t bit = both & -both;
        if (opening & bit) {
            ++*depth;
        } else if (--*depth == 0) {
            *at = __builtin_ctzll(bit);
            return 1;
        }
    }
    return 0;
}

/* The bytes that do not fill a block, one at a time. */
static enum lks_json_brackets_result scan_bytes(struct lks_json_brackets *b, const char *data,
                                                size_t size_bytes, size_t *at_out)
{
    for (size_t i = 0; i < size_bytes; i++) {
        char c = data[i];
        *at_out = i;
        if (c == '\n') {
            if (b->in_string)
                return LKS_JSON_BRACKETS_BROKEN;
            b->newlines_count++;
        }
        if (b->escaped) {
            b->escaped = 0;
        } else if (c == '\\') {
            b->escaped = 1;
        } else if (c == '"') {
            b->in_string = ~b->in_string;
        } else if (!b->in_string && (c | 0x20) == '{') {
            b->depth++;
        } else if (!b->in_string && (c | 0x20) == '}' && --b->depth == 0) {
            *at_out = i + 1;
            return LKS_JSON_BRACKETS_END;
        }
    }
    *at_out = size_bytes;
    return LKS_JSON_BRACKETS_MORE;
}

enum lks_json_brackets_result lks_json_brackets_scan(struct lks_json_brackets *brackets,
                                                     const char *data, size_t size_bytes,
                                                     size_t *at_out)
{
    struct lks_json_brackets b = *brackets;
    size_t i = 0;
    for (; size_bytes - i >= 64; i += 64) {
        struct masks masks = masks_of(data + i);
        struct lks_json_brackets before = b;
        uint64_t escaped = escaped_mask(masks.backslashes, &b.escaped);
        uint64_t in_string = prefix_xor(masks.quotes & ~escaped) ^ b.in_string;
        int at = 0;
        int ends = close_in_block(masks.opening & ~in_string & ~escaped,
                                  masks.closing & ~in_string & ~escaped, &b.depth, &at);
        uint64_t upto = ends ? (UINT64_C(2) << at) - 1 : UINT64_MAX;
        if (masks.newlines & in_string & upto) {
            b = before; /* rare: where it breaks is told one byte at a time */
            break;
        }
        if (ends) {
            b.in_string = b.escaped = 0;
            b.newlines_count += (uint64_t)__builtin_popcountll(masks.newlines & upto);
            *brackets = b;
            *at_out = i + (size_t)at + 1;
            return LKS_JSON_BRACKETS_END;
        }
        b.in_string = 0 - (in_string >> 63);
        b.newlines_count += (uint64_t)__builtin_popcountll(masks.newlines);
    }
    enum lks_json_brackets_result result = scan_bytes(&b, data + i, size_bytes - i, at_out);
    *at_out += i;
    *brackets = b;
    return result;
}
