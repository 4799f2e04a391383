/* failing_memory.h - for tests: makes the n-th allocation fail; include in one file of a test */
#ifndef LKS_BASE_FAILING_MEMORY_H
#define LKS_BASE_FAILING_MEMORY_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* Allocations that still succeed; counts down while armed. */
static int64_t memory_left = INT64_MAX;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(__clang__)
/* Sanitizers bring their own allocator, which must not be replaced. */
#define FAILING_MEMORY 0
#else
#define FAILING_MEMORY 1

/* glibc's own allocator under its other names. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);

void *malloc(size_t size)
{
    return memory_left-- > 0 ? __libc_malloc(size) : NULL;
}

void *calloc(size_t count, size_t size)
{
    return memory_left-- > 0 ? __libc_calloc(count, size) : NULL;
}

void *realloc(void *old, size_t size)
{
    return memory_left-- > 0 ? __libc_realloc(old, size) : NULL;
}
#endif

/* Calls work(context) with 0, 1, 2 ... allocations before the first failure, until it
 * returns something else than `failure`; returns how many times it failed, or -1 when it
 * returned neither 0 nor `failure`. */
static inline int64_t fail_each_allocation(int (*work)(void *context), void *context, int failure)
{
    for (int64_t allowed = 0;; allowed++) {
        memory_left = allowed;
        int code = work(context);
        memory_left = INT64_MAX;
        if (code == 0)
            return allowed;
        if (code != failure)
            return -1;
    }
}

#endif
