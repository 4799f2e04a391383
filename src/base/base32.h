/* base32.h - RFC 4648 base32, for names that people copy */
#ifndef LKS_BASE_BASE32_H
#define LKS_BASE_BASE32_H

#include <stddef.h>

/* Writes the first `count` characters of the bytes' base32 and a NUL. There must be
 * (5 count + 7) / 8 bytes. */
void lks_base32(const unsigned char *bytes, size_t count, char *out);

#endif
