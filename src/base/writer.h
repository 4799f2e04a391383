/* writer.h - a file that appears whole or not at all */
#ifndef LKS_BASE_WRITER_H
#define LKS_BASE_WRITER_H

#include <stdio.h>

#include "base/error.h"
#include "base/str.h"

/* Bytes go to "PATH.tmp-PID"; commit makes them durable and renames. */
struct lks_writer {
    FILE *file;
    char *path, *temporary;
    int failed;
};

/* Opens the temporary file; 0, LKS_EIO or LKS_EMEMORY. */
int lks_writer_open(struct lks_writer *writer, const char *path, struct lks_error *err);
/* Write bytes, a text, or what printf would write; commit tells of failures. */
void lks_writer_put(struct lks_writer *writer, const void *data, size_t size_bytes);
void lks_writer_text(struct lks_writer *writer, const char *text);
void lks_writer_format(struct lks_writer *writer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Either ends the writer. commit returns 0 or LKS_EIO, after which PATH is as it was before. */
int lks_writer_commit(struct lks_writer *writer, struct lks_error *err);
void lks_writer_abandon(struct lks_writer *writer); /* zeroed or finished writers are fine */

#endif
