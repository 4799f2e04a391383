/* fuzz_date_format.c - a form of times on the first line, then times, a line each */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "source/date_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
    size_t format_bytes = end ? (size_t)(end - data) : size;
    char *format = malloc(format_bytes + 1);
    struct lks_error err = {0};
    if (!format)
        return 0;
    if (format_bytes)
        memcpy(format, data, format_bytes);
    format[format_bytes] = 0;
    if (lks_date_format_check(format, &err) != 0) {
        LKS_ASSERT(err.message[0]);
        free(format);
        return 0;
    }
    while (end) {
        const uint8_t *line = end + 1;
        size_t left = size - (size_t)(line - data);
        end = left ? memchr(line, '\n', left) : NULL;
        /* On the heap, so that a read past the end is seen. */
        size_t text_bytes = end ? (size_t)(end - line) : left;
        char *text = malloc(text_bytes ? text_bytes : 1), iso[LKS_DATE_ISO_BYTES];
        if (!text)
            break;
        if (text_bytes)
            memcpy(text, line, text_bytes);
        int iso_bytes = lks_date_format_iso((struct lks_str){text, text_bytes}, format, iso);
        LKS_ASSERT(iso_bytes < LKS_DATE_ISO_BYTES);
        int64_t time_us;
        if (iso_bytes >= 0)
            lks_time_parse_iso((struct lks_str){iso, (size_t)iso_bytes}, &time_us, NULL, NULL);
        free(text);
    }
    free(format);
    return 0;
}
