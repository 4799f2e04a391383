/* siphash.h - SipHash-2-4 with 128 bits: hashing keys that someone else chose
 *
 * Keys of posts and objects come from outside. Were two different keys taken for one, a post
 * would vanish as a duplicate or two objects would become one; whoever can compute the hash
 * could choose such keys. XXH3 is faster but makes no promise against that, not even with a
 * secret. SipHash (Aumasson and Bernstein 2012) is a keyed pseudo-random function: with a key
 * drawn when the store is opened, which never leaves the process, no one can aim, and by
 * chance two of n keys meet with probability n^2 / 2^129, 10^-21 for a billion. */
#ifndef LKS_STORE_SIPHASH_H
#define LKS_STORE_SIPHASH_H

#include <stdint.h>
#include <string.h>

#include "base/str.h"

struct lks_hash128 {
    uint64_t low, high;
};

#define LKS_SIP_ROTATE(x, bits) (((x) << (bits)) | ((x) >> (64 - (bits))))
#define LKS_SIP_ROUND()                                                                            \
    do {                                                                                           \
        a += b, b = LKS_SIP_ROTATE(b, 13) ^ a, a = LKS_SIP_ROTATE(a, 32);                          \
        c += d, d = LKS_SIP_ROTATE(d, 16) ^ c;                                                     \
        a += d, d = LKS_SIP_ROTATE(d, 21) ^ a;                                                     \
        c += b, b = LKS_SIP_ROTATE(b, 17) ^ c, c = LKS_SIP_ROTATE(c, 32);                          \
    } while (0)

/* The digest's 16 bytes are low, then high, each little-endian. */
static inline struct lks_hash128 lks_siphash128(const uint64_t key[2], struct lks_str text)
{
    uint64_t a = key[0] ^ UINT64_C(0x736f6d6570736575);
    uint64_t b = key[1] ^ UINT64_C(0x646f72616e646f6d) ^ 0xee;
    uint64_t c = key[0] ^ UINT64_C(0x6c7967656e657261);
    uint64_t d = key[1] ^ UINT64_C(0x7465646279746573);
    size_t whole = text.size_bytes & ~(size_t)7;
    uint64_t last = (uint64_t)text.size_bytes << 56, word;
    struct lks_hash128 hash;
    for (size_t at = 0; at < whole; at += 8) {
        memcpy(&word, text.data + at, 8); /* the machines this runs on are little-endian */
        d ^= word;
        LKS_SIP_ROUND();
        LKS_SIP_ROUND();
        a ^= word;
    }
    for (size_t at = whole; at < text.size_bytes; at++)
        last |= (uint64_t)(unsigned char)text.data[at] << (8 * (at - whole));
    d ^= last;
    LKS_SIP_ROUND();
    LKS_SIP_ROUND();
    a ^= last;
    c ^= 0xee;
    for (int i = 0; i < 4; i++)
        LKS_SIP_ROUND();
    hash.low = a ^ b ^ c ^ d;
    b ^= 0xdd;
    for (int i = 0; i < 4; i++)
        LKS_SIP_ROUND();
    hash.high = a ^ b ^ c ^ d;
    return hash;
}

#endif
