/* large_pages.c - memory whose pages are large, where the system has such */
#include "base/large_pages.h"

#include <stdint.h>
#include <sys/mman.h>

void lks_large_pages(void *memory, size_t bytes)
{
#ifdef MADV_HUGEPAGE
    const uintptr_t page = (uintptr_t)2 << 20, at = (uintptr_t)memory;
    uintptr_t begin = (at + page - 1) / page * page, end = (at + bytes) / page * page;
    if (memory && begin < end)
        madvise((char *)memory + (begin - at), end - begin, MADV_HUGEPAGE);
#else
    (void)memory, (void)bytes;
#endif
}
