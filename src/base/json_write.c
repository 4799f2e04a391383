/* json_write.c - JSON into a buffer, in order, without building a tree */
#include "base/json_write.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/time.h"
#include "base/utf8.h"

static void json_line(struct lks_json *json)
{
    if (json->indent) {
        lks_buffer_byte(json->buffer, '\n');
        for (int i = 0; i < json->depth * json->indent; i++)
            lks_buffer_byte(json->buffer, ' ');
    }
}

/* What stands before a value or a key: nothing after a key, else a comma where needed. */
static void json_separate(struct lks_json *json)
{
    if (json->after_key) {
        json->after_key = 0;
        return;
    }
    if (json->started)
        lks_buffer_byte(json->buffer, ',');
    if (json->depth)
        json_line(json);
    json->started = 1;
}

/* The key where there is one, and all that stands before the value. */
static void json_before(struct lks_json *json, const char *key)
{
    if (key)
        lks_json_key(json, key);
    json_separate(json);
}

static void json_open(struct lks_json *json, const char *key, char mark)
{
    json_before(json, key);
    lks_buffer_byte(json->buffer, mark);
    json->depth++;
    json->started = 0;
}

static void json_close(struct lks_json *json, char mark)
{
    json->depth--;
    if (json->started)
        json_line(json);
    lks_buffer_byte(json->buffer, mark);
    json->started = 1;
}

void lks_json_object(struct lks_json *json, const char *key)
{
    json_open(json, key, '{');
}

void lks_json_object_end(struct lks_json *json)
{
    json_close(json, '}');
}

void lks_json_array(struct lks_json *json, const char *key)
{
    json_open(json, key, '[');
}

void lks_json_array_end(struct lks_json *json)
{
    json_close(json, ']');
}

static void json_escape(struct lks_buffer *buffer, uint32_t c)
{
    lks_buffer_format(buffer, "\\u%04x", (unsigned)c);
}

/* What a terminal or an editor would obey, and not show: control characters, line
 * separators, marks that turn the direction of writing. */
static int json_marks(uint32_t c)
{
    return (c >= 0x7f && c < 0xa0) || c == 0x61c || c == 0x200e || c == 0x200f ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static void json_quoted(struct lks_buffer *buffer, struct lks_str text)
{
    size_t at = 0, plain = 0;
    lks_buffer_byte(buffer, '"');
    while (at < text.size_bytes) {
        uint32_t c;
        size_t size = lks_utf8_next(text, at, &c);
        int special = c < 0x20 || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' ||
                      c == LKS_UTF8_BAD || json_marks(c);
        if (special) {
            lks_buffer_append(buffer, text.data + plain, at - plain);
            if (c == LKS_UTF8_BAD)
                lks_buffer_text(buffer, "\xef\xbf\xbd");
            else if (c == '"' || c == '\\') {
                lks_buffer_byte(buffer, '\\');
                lks_buffer_byte(buffer, (char)c);
            } else if (c == '\n')
                lks_buffer_text(buffer, "\\n");
            else
                json_escape(buffer, c);
            plain = at + size;
        }
        at += size;
    }
    lks_buffer_append(buffer, text.data + plain, at - plain);
    lks_buffer_byte(buffer, '"');
}

void lks_json_key(struct lks_json *json, const char *key)
{
    json_separate(json);
    json_quoted(json->buffer, lks_str_from(key));
    lks_buffer_text(json->buffer, json->indent ? ": " : ":");
    json->after_key = 1;
}

void lks_json_string(struct lks_json *json, const char *key, struct lks_str text)
{
    json_before(json, key);
    if (text.data)
        json_quoted(json->buffer, text);
    else
        lks_buffer_text(json->buffer, "null");
}

void lks_json_text(struct lks_json *json, const char *key, const char *text)
{
    lks_json_string(json, key, lks_str_from(text));
}

/* Digits from the last to the first; a table of a run holds millions of them. */
static void json_digits(struct lks_buffer *buffer, uint64_t value)
{
    char text[20];
    size_t at = sizeof text;
    do {
        text[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    lks_buffer_append(buffer, text + at, sizeof text - at);
}

void lks_json_int(struct lks_json *json, const char *key, int64_t value)
{
    json_before(json, key);
    if (value < 0)
        lks_buffer_byte(json->buffer, '-');
    json_digits(json->buffer, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void lks_json_uint(struct lks_json *json, const char *key, uint64_t value)
{
    json_before(json, key);
    json_digits(json->buffer, value);
}

void lks_json_double(struct lks_json *json, const char *key, double value)
{
    char text[40];
    json_before(json, key);
    if (!isfinite(value)) {
        lks_buffer_text(json->buffer, "null");
        return;
    }
    /* Of a normal number, a text of up to 15 digits comes back from %.15g as it was. */
    for (int digits = isnormal(value) ? 15 : 1; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    lks_buffer_text(json->buffer, text);
}

void lks_json_bool(struct lks_json *json, const char *key, int value)
{
    json_before(json, key);
    lks_buffer_text(json->buffer, value ? "true" : "false");
}

void lks_json_null(struct lks_json *json, const char *key)
{
    json_before(json, key);
    lks_buffer_text(json->buffer, "null");
}

void lks_json_time(struct lks_json *json, const char *key, int64_t time_us)
{
    char text[LKS_TIME_TEXT_BYTES];
    lks_time_format(time_us, text);
    lks_json_text(json, key, time_us == LKS_TIME_NULL ? NULL : text);
}
