/* print.c - text for a terminal: what could drive it is escaped, paths can be pasted
 *
 * File names, arguments and messages that quote them come from outside. A terminal obeys
 * escape sequences, and marks that turn the direction of writing can make a name look
 * like another; both are shown as escapes instead. */
#include <stdio.h>
#include <string.h>

#include "commands.h"

const char *lks_cli_program = "lockstep";

/* Bytes of the UTF-8 sequence at text, its code point in *code; 0 where there is none. */
static size_t sequence_read(const unsigned char *text, unsigned *code)
{
    static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t size = text[0] < 0x80   ? 1
                  : text[0] < 0xc2 ? 0
                  : text[0] < 0xe0 ? 2
                  : text[0] < 0xf0 ? 3
                  : text[0] < 0xf5 ? 4
                                   : 0;
    if (size == 0)
        return 0;
    *code = size == 1 ? text[0] : text[0] & (0x7fu >> size);
    for (size_t i = 1; i < size; i++) {
        if ((text[i] & 0xc0) != 0x80) /* the ending NUL, too */
            return 0;
        *code = *code << 6 | (text[i] & 0x3fu);
    }
    return *code < least[size] || *code > 0x10ffff || (*code >= 0xd800 && *code <= 0xdfff) ? 0
                                                                                           : size;
}

static int is_harmless(unsigned code)
{
    return code >= 0x20 && !(code >= 0x7f && code < 0xa0) && code != 0x61c && code != 0x200e &&
           code != 0x200f && !(code >= 0x2028 && code <= 0x202e) &&
           !(code >= 0x2066 && code <= 0x2069);
}

void lks_cli_put(FILE *out, const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    while (*at) {
        unsigned code = 0;
        size_t size = sequence_read(at, &code);
        if (size && is_harmless(code))
            fwrite(at, 1, size, out);
        else if (*at == '\n')
            fputs("\\n", out);
        else
            for (size_t i = 0; i < (size ? size : 1); i++)
                fprintf(out, "\\x%02x", at[i]);
        at += size ? size : 1;
    }
}

void lks_cli_put_path(FILE *out, const char *path)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_./+,:=@%-";
    if (*path && strspn(path, plain) == strlen(path)) {
        fputs(path, out);
        return;
    }
    fputc('\'', out);
    for (const char *quote; (quote = strchr(path, '\'')); path = quote + 1) {
        char part[4096];
        snprintf(part, sizeof part, "%.*s", (int)(quote - path), path);
        lks_cli_put(out, part);
        fputs("'\\''", out);
    }
    lks_cli_put(out, path);
    fputc('\'', out);
}

const char *lks_cli_plural(unsigned long long count)
{
    return count == 1 ? "" : "s";
}
