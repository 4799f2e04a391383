/* writer.c - a file that appears whole or not at all */
#include "base/writer.h"

#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

int lks_writer_open(struct lks_writer *writer, const char *path, struct lks_error *err)
{
    *writer = (struct lks_writer){0};
    writer->path = strdup(path);
    if (!writer->path || asprintf(&writer->temporary, "%s.tmp-%ld", path, (long)getpid()) < 0) {
        writer->temporary = NULL;
        lks_writer_abandon(writer);
        return lks_error_set(err, LKS_EMEMORY, "%s: out of memory", path);
    }
    writer->file = fopen(writer->temporary, "wbe");
    if (!writer->file) {
        int code = lks_error_system(err, writer->temporary, "cannot be written");
        lks_writer_abandon(writer);
        return code;
    }
    setvbuf(writer->file, NULL, _IOFBF, 1 << 16);
    return 0;
}

void lks_writer_put(struct lks_writer *writer, const void *data, size_t size_bytes)
{
    if (size_bytes && fwrite(data, 1, size_bytes, writer->file) != size_bytes)
        writer->failed = 1;
}

void lks_writer_text(struct lks_writer *writer, const char *text)
{
    lks_writer_put(writer, text, strlen(text));
}

void lks_writer_format(struct lks_writer *writer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (vfprintf(writer->file, format, arguments) < 0)
        writer->failed = 1;
    va_end(arguments);
}

int lks_writer_commit(struct lks_writer *writer, struct lks_error *err)
{
    int code = 0;
    if (fflush(writer->file) != 0 || writer->failed || fsync(fileno(writer->file)) != 0)
        code = lks_error_system(err, writer->path, "cannot be written");
    if (fclose(writer->file) != 0 && code == 0)
        code = lks_error_system(err, writer->path, "cannot be written");
    writer->file = NULL;
    if (code == 0 && rename(writer->temporary, writer->path) != 0)
        code = lks_error_system(err, writer->path, "cannot be put in place");
    if (code == 0) {
        free(writer->temporary);
        writer->temporary = NULL;
    }
    lks_writer_abandon(writer);
    return code;
}

void lks_writer_abandon(struct lks_writer *writer)
{
    if (writer->file)
        fclose(writer->file);
    if (writer->temporary)
        unlink(writer->temporary);
    free(writer->temporary);
    free(writer->path);
    *writer = (struct lks_writer){0};
}
