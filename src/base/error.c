/* error.c - how a failure is written down */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int lks_error_set(struct lks_error *err, int code, const char *format, ...)
{
    if (err && err->code == 0) {
        va_list arguments;
        err->code = code;
        va_start(arguments, format);
        vsnprintf(err->message, sizeof err->message, format, arguments);
        va_end(arguments);
    }
    return code;
}

int lks_error_system(struct lks_error *err, const char *path, const char *what)
{
    int saved = errno;
    int code = saved == ENOMEM ? LKS_EMEMORY : LKS_EIO;
    return lks_error_set(err, code, "%s: %s: %s", path, what, strerror(saved));
}

void lks_assert_failed(const char *text, const char *file, int line)
{
    fprintf(stderr, "lockstep: internal error at %s:%d: %s\n", file, line, text);
    abort();
}
