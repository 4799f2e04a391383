/* crc32c.h - CRC-32C (Castagnoli; RFC 3720, B.4): does a frame of the journal stand as written? */
#ifndef LKS_VAULT_CRC32C_H
#define LKS_VAULT_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* Continues from `before` (0 to start) over more bytes. */
uint32_t lks_crc32c(uint32_t before, const void *data, size_t size_bytes);

#endif
