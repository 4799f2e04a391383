/* keys.h - sorting numbers of 64 bits, few at a time and mostly alike */
#ifndef LKS_COACTION_KEYS_H
#define LKS_COACTION_KEYS_H

#include <stddef.h>
#include <stdint.h>

/* Puts keys[count] in rising order; spare has as much room. A few by insertion, many by a
 * radix sort over the bytes in which they differ at all. */
void lks_coaction_keys_sort(uint64_t *keys, uint64_t *spare, size_t count);
/* The same for keys of which those alike in the upper 32 bits are in order already. */
void lks_coaction_keys_sort_upper(uint64_t *keys, uint64_t *spare, size_t count);

#endif
