/* base32.c - RFC 4648 base32 (section 6), without padding */
#include "base/base32.h"

void lks_base32(const unsigned char *bytes, size_t count, char *out)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    for (size_t i = 0; i < count; i++) {
        size_t bit = 5 * i, shift = bit % 8;
        unsigned two = (unsigned)bytes[bit / 8] << 8;
        if (shift > 3) /* the five bits reach into the next byte */
            two |= bytes[bit / 8 + 1];
        out[i] = alphabet[two >> (11 - shift) & 31];
    }
    out[count] = 0;
}
