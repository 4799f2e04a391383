/* near_radix.c - a stable sort by digits, for keys with an index each */
#include "text/near_parts.h"

enum { RADIX_BITS = 11 };

static void radix_pass(const uint64_t *keys, const uint32_t *indexes, size_t count, unsigned shift,
                       size_t *starts, uint64_t *keys_out, uint32_t *indexes_out)
{
    size_t sum = 0;
    for (size_t digit = 0; digit < (size_t)1 << RADIX_BITS; digit++) {
        size_t here = starts[digit];
        starts[digit] = sum;
        sum += here;
    }
    for (size_t i = 0; i < count; i++) {
        size_t place = starts[keys[i] >> shift & ((1 << RADIX_BITS) - 1)]++;
        keys_out[place] = keys[i];
        indexes_out[place] = indexes[i];
    }
}

int lks_near_radix(struct lks_budget *budget, uint64_t *keys, uint32_t *indexes, size_t count,
                   struct lks_error *err)
{
    uint64_t *other_keys = NULL, *from = keys, *to;
    uint32_t *other_indexes = NULL, *from_index = indexes, *to_index;
    uint64_t differ = 0;
    for (size_t i = 1; i < count; i++)
        differ |= keys[i] ^ keys[0];
    if (!differ)
        return 0;
    int code = lks_budget_array(budget, &other_keys, count, sizeof *other_keys, err);
    if (code == 0)
        code = lks_budget_array(budget, &other_indexes, count, sizeof *other_indexes, err);
    to = other_keys;
    to_index = other_indexes;
    for (unsigned shift = 0; code == 0 && shift < 64; shift += RADIX_BITS) {
        size_t starts[1 << RADIX_BITS] = {0};
        if (!(differ >> shift & ((1 << RADIX_BITS) - 1)))
            continue;
        for (size_t i = 0; i < count; i++)
            starts[from[i] >> shift & ((1 << RADIX_BITS) - 1)]++;
        radix_pass(from, from_index, count, shift, starts, to, to_index);
        uint64_t *swap = from;
        uint32_t *swap_index = from_index;
        from = to;
        to = swap;
        from_index = to_index;
        to_index = swap_index;
    }
    if (code == 0 && from != keys) {
        memcpy(keys, from, count * sizeof *keys);
        memcpy(indexes, from_index, count * sizeof *indexes);
    }
    if (other_keys)
        lks_budget_free(budget, other_keys, count, sizeof *other_keys);
    if (other_indexes)
        lks_budget_free(budget, other_indexes, count, sizeof *other_indexes);
    return code;
}
