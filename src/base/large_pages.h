/* large_pages.h - memory whose pages are large, where the system has such */
#ifndef LKS_BASE_LARGE_PAGES_H
#define LKS_BASE_LARGE_PAGES_H

#include <stddef.h>

/* Asks for pages of 2 MiB for as much of memory[bytes] as they fit into: what is visited in any
 * order then spends less on finding its pages. To be called before the memory is written. It is only
 * advice: nothing fails. */
void lks_large_pages(void *memory, size_t bytes);

#endif
