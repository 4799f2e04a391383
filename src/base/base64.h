/* base64.h - RFC 4648 base64, read strictly, through OpenSSL's libcrypto */
#ifndef LKS_BASE_BASE64_H
#define LKS_BASE_BASE64_H

#include "base/error.h"
#include "base/str.h"

/* Adds the base64 of the bytes, with padding (section 4). Buffers tell of memory that is out. */
void lks_base64_add(struct lks_buffer *out, const void *data, size_t size_bytes);
/* The same in the alphabet for URLs (section 5), without padding. */
void lks_base64url_add(struct lks_buffer *out, const void *data, size_t size_bytes);
/* Adds the bytes that the text stands for. Only the one canonical writing is taken: padding, no
 * blanks, no stray bits. 0, LKS_EINPUT or LKS_EMEMORY. */
int lks_base64_read(struct lks_str text, struct lks_buffer *out, struct lks_error *err);
/* The same for the alphabet of URLs, without padding. */
int lks_base64url_read(struct lks_str text, struct lks_buffer *out, struct lks_error *err);
/* Exactly size_bytes bytes; else as above. */
int lks_base64_read_exactly(struct lks_str text, void *out, size_t size_bytes,
                            struct lks_error *err);

#endif
