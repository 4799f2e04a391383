/* str.h - strings that carry their length, and a buffer that grows */
#ifndef LKS_BASE_STR_H
#define LKS_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Borrowed bytes; data NULL means "the source has none", which is not the empty string. */
struct lks_str {
    const char *data;
    size_t size_bytes;
};

#define LKS_STR(literal) ((struct lks_str){(literal), sizeof(literal) - 1})
#define LKS_STR_NULL ((struct lks_str){NULL, 0})

static inline struct lks_str lks_str_from(const char *text)
{
    return text ? (struct lks_str){text, strlen(text)} : LKS_STR_NULL;
}

static inline bool lks_str_equal(struct lks_str a, struct lks_str b)
{
    return a.size_bytes == b.size_bytes &&
           (a.size_bytes == 0 || memcmp(a.data, b.data, a.size_bytes) == 0);
}

static inline bool lks_str_equal_text(struct lks_str a, const char *text)
{
    return lks_str_equal(a, lks_str_from(text));
}

/* The order of bytes, the shorter first; "none" sorts as the empty string. */
static inline int lks_str_order(struct lks_str a, struct lks_str b)
{
    size_t size = a.size_bytes < b.size_bytes ? a.size_bytes : b.size_bytes;
    int order = size ? memcmp(a.data, b.data, size) : 0;
    return order ? order : (a.size_bytes > b.size_bytes) - (a.size_bytes < b.size_bytes);
}

/* A growing byte buffer. Zero it to start; a failed growth sets `failed` and
 * keeps what was there, so that a chain of appends is checked once at the end.
 * limit_bytes 0 means no limit. */
struct lks_buffer {
    char *data;
    size_t size_bytes;
    size_t capacity_bytes;
    size_t limit_bytes;
    bool failed;
};

/* Add bytes, a NUL-ended text without its NUL, one byte, or what printf would write. */
void lks_buffer_append(struct lks_buffer *buffer, const void *data, size_t size_bytes);
void lks_buffer_text(struct lks_buffer *buffer, const char *text);
void lks_buffer_byte(struct lks_buffer *buffer, char byte);
void lks_buffer_format(struct lks_buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Makes room for more bytes, which the caller then writes at data + size_bytes and counts. 0, or -1
 * with `failed` set. */
int lks_buffer_reserve(struct lks_buffer *buffer, size_t more_bytes);
void lks_buffer_clear(struct lks_buffer *buffer); /* keeps the memory */
void lks_buffer_free(struct lks_buffer *buffer);  /* zeroes the struct */

#endif
