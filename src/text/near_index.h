/* near_index.h - which records have a shingle in their prefix: the inverted index of the near-text join */
#ifndef LKS_TEXT_NEAR_INDEX_H
#define LKS_TEXT_NEAR_INDEX_H

#include "text/near_parts.h"

enum {
    LKS_NEAR_BLOCK = 64,      /* postings that share a tag */
    LKS_NEAR_CUT = UINT16_MAX /* sizes and positions from here on say nothing */
};

struct lks_near_posting {
    uint32_t record;
    uint16_t size, position;
};

/* A key of a record's prefix that other forms may share. */
struct lks_near_entry {
    uint32_t first;  /* the first posting of its slot; while the index is made, the key's hash */
    uint32_t before; /* so many postings from there on are of records before this one */
};

/* A row of entries for each record, which end with its prefix; postings by slot, within a slot in the order of the
 * records. A slot that one record alone has got no postings. */
struct lks_near_index {
    uint32_t *entry_start; /* [records + 1] */
    struct lks_near_entry *entries;
    size_t entries_count, entries_capacity;
    uint64_t *record_signature; /* [records] */
    uint64_t *signature;        /* [postings_count] */
    struct lks_near_posting *posting;
    uint32_t *tags; /* [blocks] for whoever looks; LKS_NEAR_NONE at first */
    size_t postings_count;
};

/* Makes the index of all records; prefix(context, size) says how many shingles a prefix has. Freed by
 * lks_near_index_free, after failures too. */
int lks_near_index_make(struct lks_near *near, const struct lks_near_records *records,
                        const uint64_t *signatures,
                        uint32_t (*prefix)(const void *context, uint32_t size), const void *context,
                        struct lks_near_index *index, struct lks_error *err);
void lks_near_index_free(struct lks_near *near, const struct lks_near_records *records,
                         struct lks_near_index *index);

#endif
