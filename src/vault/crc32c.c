/* crc32c.c - CRC-32C by the processor's own instruction where it has one, else by a table
 *
 * Both give the same value; the processor is asked once, before main. */
#include "vault/crc32c.h"

#include <string.h>

static uint32_t table[256];
static int fast;

__attribute__((constructor)) static void tables_make(void)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t value = i;
        for (int bit = 0; bit < 8; bit++)
            value = value >> 1 ^ (value & 1 ? 0x82f63b78u : 0);
        table[i] = value;
    }
#if defined(__x86_64__)
    fast = __builtin_cpu_supports("sse4.2");
#endif
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t crc_fast(uint32_t crc, const unsigned char *data,
                                                           size_t size_bytes)
{
    uint64_t wide = crc, piece;
    for (; size_bytes >= 8; size_bytes -= 8, data += 8) {
        memcpy(&piece, data, 8);
        wide = __builtin_ia32_crc32di(wide, piece);
    }
    crc = (uint32_t)wide;
    for (; size_bytes; size_bytes--)
        crc = __builtin_ia32_crc32qi(crc, *data++);
    return crc;
}
#else
#define crc_fast crc_table
#endif

static uint32_t crc_table(uint32_t crc, const unsigned char *data, size_t size_bytes)
{
    for (; size_bytes; size_bytes--)
        crc = crc >> 8 ^ table[(crc ^ *data++) & 0xff];
    return crc;
}

uint32_t lks_crc32c(uint32_t before, const void *data, size_t size_bytes)
{
    return ~(fast ? crc_fast : crc_table)(~before, data, size_bytes);
}
