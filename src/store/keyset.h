/* keyset.h - which keys have been seen, at 16 bytes a key: a set of 128-bit hashes */
#ifndef LKS_STORE_KEYSET_H
#define LKS_STORE_KEYSET_H

#include "base/error.h"
#include "store/siphash.h"

/* Zero it, then start. One thread at a time. */
struct lks_keyset {
    struct lks_hash128 *slots; /* {0, 0} is free */
    size_t capacity;           /* a power of two */
    size_t count;
    uint64_t key[2]; /* SipHash's, drawn at start */
};

/* Draws the key. LKS_EIO when the system has no random bytes. */
int lks_keyset_start(struct lks_keyset *set, struct lks_error *err);
struct lks_hash128 lks_keyset_hash(const struct lks_keyset *set, struct lks_str key);
/* Asks the processor to fetch the place where the hash will be looked for. */
void lks_keyset_prefetch(const struct lks_keyset *set, struct lks_hash128 hash);
/* Adds it: 1 when it is new, 0 when it was there, LKS_EMEMORY (-4) when memory is out. */
int lks_keyset_add(struct lks_keyset *set, struct lks_hash128 hash);
/* Makes room for count keys in all. 0 or LKS_EMEMORY. */
int lks_keyset_reserve(struct lks_keyset *set, size_t count);
void lks_keyset_free(struct lks_keyset *set); /* keeps the key */

#endif
