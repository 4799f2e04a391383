/* keys.c - sorting numbers of 64 bits, few at a time and mostly alike */
#include "coaction/keys.h"

#include <string.h>

/* Below this an insertion sort beats a radix pass over 256 counters. */
enum { INSERTION_MAX = 48 };

static void sort_few(uint64_t *keys, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        uint64_t key = keys[i];
        size_t at = i;
        for (; at > 0 && keys[at - 1] > key; at--)
            keys[at] = keys[at - 1];
        keys[at] = key;
    }
}

enum { DIGIT_BITS = 8, WIDE_BITS = 11, WIDE_MIN = 4096 };

static void sort_digit(const uint64_t *from, uint64_t *to, size_t count, unsigned shift,
                       unsigned bits)
{
    uint32_t place[(1 << WIDE_BITS) + 1];
    uint64_t mask = (UINT64_C(1) << bits) - 1;
    memset(place, 0, (mask + 2) * sizeof *place);
    for (size_t i = 0; i < count; i++)
        place[(from[i] >> shift & mask) + 1]++;
    for (size_t digit = 0; digit < mask; digit++)
        place[digit + 1] += place[digit];
    for (size_t i = 0; i < count; i++)
        to[place[from[i] >> shift & mask]++] = from[i];
}

static void sort_from(uint64_t *keys, uint64_t *spare, size_t count, unsigned shift)
{
    uint64_t *from = keys, *to = spare, differ = 0, falls = 0;
    if (count <= INSERTION_MAX) {
        sort_few(keys, count);
        return;
    }
    for (size_t i = 1; i < count; i++) {
        differ |= keys[i] ^ keys[0];
        falls |= keys[i - 1] > keys[i];
    }
    if (!falls)
        return;
    unsigned bits = count < WIDE_MIN ? DIGIT_BITS : WIDE_BITS;
    while (shift < 64 && differ >> shift) {
        shift += (unsigned)__builtin_ctzll(differ >> shift);
        sort_digit(from, to, count, shift, bits);
        uint64_t *swap = from;
        from = to;
        to = swap;
        shift += bits;
    }
    if (from != keys)
        memcpy(keys, from, count * sizeof *keys);
}

void lks_coaction_keys_sort(uint64_t *keys, uint64_t *spare, size_t count)
{
    sort_from(keys, spare, count, 0);
}

void lks_coaction_keys_sort_upper(uint64_t *keys, uint64_t *spare, size_t count)
{
    sort_from(keys, spare, count, 32);
}
