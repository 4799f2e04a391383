/* library.h - shared libraries that are loaded when something first needs them
 *
 * What few commands use, and costs milliseconds to load, is not linked: its functions are called
 * through a table that is filled at the first need. The loader looks where it would look for a linked library. */
#ifndef LKS_BASE_LIBRARY_H
#define LKS_BASE_LIBRARY_H

#include <stddef.h>

#include "base/error.h"

struct lks_library {
    const char *file;         /* its soname, as the loader takes it */
    const char *what;         /* for messages: "DuckDB" */
    const char *const *names; /* [count] of functions */
    size_t count;
    void *table; /* struct of count pointers to functions, in the order of names */
    int loaded;  /* atomic: the table is filled */
};

/* A library's value: file and what are texts, names an array of names, table the struct of pointers
 * that is made from the same list of functions. */
#define LKS_LIBRARY(file_, what_, names_, table_)                                                  \
    {                                                                                              \
        .file = (file_), .what = (what_), .names = (names_),                                       \
        .count = sizeof(names_) / sizeof *(names_), .table = &(table_)                             \
    }

/* Fills the library's table, once; a table that is not filled must not be called through. Any thread.
 * Errors: LKS_EIO: not there, or it lacks one of the functions. */
int lks_library_load(struct lks_library *library, struct lks_error *err);

#endif
