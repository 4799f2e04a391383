/* near_index.h - which records have a shingle in their prefix: the inverted index of the near-text join */
#ifndef LKS_TEXT_NEAR_INDEX_H
#define LKS_TEXT_NEAR_INDEX_H

#include "text/near_bounds.h"
#include "text/near_parts.h"

enum {
    LKS_NEAR_BLOCK = 64,      /* postings that share a tag */
    LKS_NEAR_CUT = UINT16_MAX /* sizes and positions from here on say nothing */
};

struct lks_near_posting {
    uint32_t record;
    uint16_t size, position;
};

enum { LKS_NEAR_PREFIX_FORMS_LOG = 12 };

/* Of some forms, one after the other: the keys of their prefixes that other forms may share, as hashes. */
struct lks_near_prefix_part {
    uint32_t *hashes;
    size_t count, capacity;
};

/* What the index wants of all forms, in their order. */
struct lks_near_prefixes {
    struct lks_near_prefix_part
        *parts; /* [parts_count] of 2^LKS_NEAR_PREFIX_FORMS_LOG forms each */
    size_t parts_count;
    uint32_t *
        end; /* [forms_count] of a form's hashes in its part; they begin where the form before ends */
    uint64_t *signatures; /* [forms_count] parities of all keys */
};

/* Turns the hashes of every form into sorted keys. Freed by lks_near_prefixes_free, after failures too. */
int lks_near_order(struct lks_near *near, const struct lks_near_bounds *bounds,
                   struct lks_near_prefixes *prefixes, struct lks_error *err);
void lks_near_prefixes_free(struct lks_near *near, struct lks_near_prefixes *prefixes);

/* A key of a record's prefix that other forms may share. */
struct lks_near_entry {
    uint32_t first; /* the first posting of its slot; while the index is made, the key's hash */
    uint32_t
        before; /* so many postings from there on are of records before this one; while the index is made, first 1
                      * where the entry has a posting of its own, else 0 */
};

/* A row of entries for each record, which end with its prefix; postings by slot, within a slot in the order of the
 * records. A slot at which no entry would find any has got no postings. */
struct lks_near_index {
    uint32_t *entry_start; /* [records + 1] */
    struct lks_near_entry *entries;
    size_t entries_count;
    uint64_t *record_signature; /* [records] */
    uint64_t *signature;        /* [postings_count] */
    struct lks_near_posting *posting;
    uint32_t *tags; /* [blocks] for whoever looks; LKS_NEAR_NONE at first */
    size_t postings_count;
};

/* Makes the index of all records. Freed by lks_near_index_free, after failures too. */
int lks_near_index_make(struct lks_near *near, const struct lks_near_records *records,
                        const struct lks_near_bounds *bounds,
                        const struct lks_near_prefixes *prefixes, struct lks_near_index *index,
                        struct lks_error *err);
void lks_near_index_free(struct lks_near *near, const struct lks_near_records *records,
                         struct lks_near_index *index);

/* Finds the near pairs, joins their records, hands the pairs out. */
int lks_near_pairs(struct lks_near *near, const struct lks_near_bounds *bounds,
                   struct lks_near_index *index, struct lks_near_records *records,
                   int (*pair)(void *context, const struct lks_near_pair *pair), void *context,
                   struct lks_error *err);

#endif
