/* free_memory.h - how much memory could still be taken, by the system and by control groups */
#ifndef LKS_BASE_FREE_MEMORY_H
#define LKS_BASE_FREE_MEMORY_H

#include <stdint.h>

/* Bytes that could be used without swapping: the least of what the system says and of what
 * each control group (version 2, or version 1's memory group) around this process has left,
 * its file cache counted as free. UINT64_MAX where nothing is known. */
uint64_t lks_memory_free_bytes(void);
/* The same from files under root in place of "/": for tests. */
uint64_t lks_memory_free_bytes_under(const char *root);

#endif
