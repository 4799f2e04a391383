/* json_write.h - JSON into a buffer, in order, without building a tree */
#ifndef LKS_BASE_JSON_WRITE_H
#define LKS_BASE_JSON_WRITE_H

#include <stdint.h>

#include "base/str.h"

/* Zero it, set buffer; indent > 0 breaks lines and indents by that many blanks.
 * Bytes that are not UTF-8 are written as U+FFFD, so that the output is always
 * valid; "<", ">", "&", U+2028 and U+2029 are escaped, so that it may stand inside a
 * script element of a page. A null string is written as null. Numbers that are not
 * finite are written as null. */
struct lks_json {
    struct lks_buffer *buffer;
    int indent;
    int depth;
    int started; /* something stands before at this level */
    int after_key;
};

/* Every value has a key inside an object, and NULL for it inside an array or after lks_json_key. */
void lks_json_object(struct lks_json *json, const char *key);
void lks_json_object_end(struct lks_json *json);
void lks_json_array(struct lks_json *json, const char *key);
void lks_json_array_end(struct lks_json *json);
/* For a value that another function writes. */
void lks_json_key(struct lks_json *json, const char *key);
/* Values. Texts are escaped so that they are safe inside HTML and on a terminal; what is no
 * UTF-8 becomes U+FFFD. A number that is not finite is null, and so is no time. */
void lks_json_string(struct lks_json *json, const char *key, struct lks_str text);
void lks_json_text(struct lks_json *json, const char *key, const char *text);
void lks_json_int(struct lks_json *json, const char *key, int64_t value);
void lks_json_uint(struct lks_json *json, const char *key, uint64_t value);
/* The shortest text that reads back the same. */
void lks_json_double(struct lks_json *json, const char *key, double value);
void lks_json_bool(struct lks_json *json, const char *key, int value);
void lks_json_null(struct lks_json *json, const char *key);
void lks_json_time(struct lks_json *json, const char *key, int64_t time_us); /* as ISO text */

#endif
