/* str.c - strings that carry their length, and a buffer that grows */
#include "base/str.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static bool buffer_reserve(struct lks_buffer *buffer, size_t more_bytes)
{
    if (buffer->failed)
        return false;
    size_t need = buffer->size_bytes + more_bytes;
    if (need < more_bytes || (buffer->limit_bytes && need > buffer->limit_bytes)) {
        buffer->failed = true;
        return false;
    }
    if (need <= buffer->capacity_bytes)
        return true;
    size_t capacity = buffer->capacity_bytes ? buffer->capacity_bytes : 256;
    while (capacity < need)
        capacity = capacity > SIZE_MAX / 2 ? need : capacity * 2;
    char *data = realloc(buffer->data, capacity);
    if (!data) {
        buffer->failed = true;
        return false;
    }
    buffer->data = data;
    buffer->capacity_bytes = capacity;
    return true;
}

int lks_buffer_reserve(struct lks_buffer *buffer, size_t more_bytes)
{
    return buffer_reserve(buffer, more_bytes) ? 0 : -1;
}

void lks_buffer_append(struct lks_buffer *buffer, const void *data, size_t size_bytes)
{
    if (size_bytes && buffer_reserve(buffer, size_bytes)) {
        memcpy(buffer->data + buffer->size_bytes, data, size_bytes);
        buffer->size_bytes += size_bytes;
    }
}

void lks_buffer_text(struct lks_buffer *buffer, const char *text)
{
    lks_buffer_append(buffer, text, strlen(text));
}

void lks_buffer_byte(struct lks_buffer *buffer, char byte)
{
    if (buffer_reserve(buffer, 1))
        buffer->data[buffer->size_bytes++] = byte;
}

void lks_buffer_format(struct lks_buffer *buffer, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (size >= 0 && buffer_reserve(buffer, (size_t)size + 1)) {
        vsnprintf(buffer->data + buffer->size_bytes, (size_t)size + 1, format, again);
        buffer->size_bytes += (size_t)size;
    }
    va_end(again);
}

void lks_buffer_clear(struct lks_buffer *buffer)
{
    buffer->size_bytes = 0;
    buffer->failed = false;
}

void lks_buffer_free(struct lks_buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct lks_buffer){0};
}
