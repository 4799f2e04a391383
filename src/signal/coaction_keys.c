/* coaction_keys.c - sorting numbers of 64 bits, few at a time and mostly alike */
#include "signal/coaction_keys.h"

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

static void sort_digit(const uint64_t *from, uint64_t *to, size_t count, unsigned shift)
{
    size_t place[257] = {0};
    for (size_t i = 0; i < count; i++)
        place[(from[i] >> shift & 255) + 1]++;
    for (int digit = 0; digit < 256; digit++)
        place[digit + 1] += place[digit];
    for (size_t i = 0; i < count; i++)
        to[place[from[i] >> shift & 255]++] = from[i];
}

void lks_coaction_keys_sort(uint64_t *keys, uint64_t *spare, size_t count)
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
    for (unsigned shift = 0; shift < 64; shift += 8)
        if (differ >> shift & 255) {
            sort_digit(from, to, count, shift);
            uint64_t *swap = from;
            from = to;
            to = swap;
        }
    if (from != keys)
        memcpy(keys, from, count * sizeof *keys);
}
