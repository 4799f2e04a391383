/* error.h - how a failure is written down */
#ifndef LKS_BASE_ERROR_H
#define LKS_BASE_ERROR_H

#include <lockstep.h>

/* Writes code and message into err unless an earlier failure is there, and
 * returns code, so that a function can end with `return lks_error_set(...)`.
 * err may be NULL. Any thread, one err per thread. */
int lks_error_set(struct lks_error *err, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The usual sentence for a call of the system that failed: "path: what: reason". */
int lks_error_system(struct lks_error *err, const char *path, const char *what);

/* Our own mistakes, on in release builds too: says where and aborts. */
void lks_assert_failed(const char *text, const char *file, int line) __attribute__((noreturn));
#define LKS_ASSERT(x) ((x) ? (void)0 : lks_assert_failed(#x, __FILE__, __LINE__))

#endif
