/* near_parts.h - the pieces of the near-text join */
#ifndef LKS_TEXT_NEAR_PARTS_H
#define LKS_TEXT_NEAR_PARTS_H

#include "base/budget.h"
#include "base/threads.h"
#include "text/near.h"
#include "text/near_kernels.h"

struct lks_near_digest {
    uint64_t low, high;
};

/* The collection. Arrays are of the budget; a capacity beside each. */
struct lks_near {
    struct lks_near_options options;
    const struct lks_control *control;
    const struct lks_near_kernels *kernels;
    struct lks_budget budget;
    unsigned threads;
    int joined;

    uint64_t *shingles; /* form after form; hashes while adding, keys (near_order.c) after */
    size_t shingles_count, shingles_capacity;
    uint64_t *form_start; /* [forms_count + 1] into shingles */
    size_t form_start_capacity;
    uint32_t *form_first; /* [forms_count] its first text */
    size_t form_first_capacity;
    struct lks_near_digest *digests; /* [forms_count] */
    size_t digests_capacity;
    uint32_t forms_count, form_size_most;
    uint32_t *slots; /* by digest, form + 1, 0 is free */
    size_t slots_capacity;

    uint32_t *text_form; /* [texts_count] */
    size_t text_form_capacity;
    int64_t *text_time_us; /* [texts_count] */
    size_t text_time_capacity;
    uint32_t texts_count;
    struct lks_near_counts counts;
};

/* Seconds on a clock that does not jump. */
double lks_near_clock(void);

static inline uint32_t lks_near_form_size(const struct lks_near *near, uint32_t form)
{
    return (uint32_t)(near->form_start[form + 1] - near->form_start[form]);
}

/* How rare a shingle is stands in the highest bits of its key, so that in a sorted form the
 * rarest come first; 0 says that no other form has it. */
enum { LKS_NEAR_RARITY_SHIFT = 58 };

/* Sorts indexes by the key of each, rising, stable: keys and indexes are permuted alike. */
int lks_near_radix(struct lks_budget *budget, uint64_t *keys, uint32_t *indexes, size_t count,
                   struct lks_error *err);

struct lks_near_met {
    uint32_t record, shared; /* shingles; 0: none was met */
};

/* What the join leaves for the clusters. A record is the texts of one form within one span of
 * time (all of them, without a window). */
struct lks_near_records {
    uint32_t *text_order; /* [texts] those with shingles, by (form, time, text) */
    size_t texts_count;
    uint32_t *form;   /* [count] */
    uint32_t *size;   /* [count] shingles */
    uint32_t *first;  /* [count] its texts, in text_order */
    uint32_t *texts;  /* [count] how many */
    uint64_t *span;   /* [count] number of the span of time; NULL without a window */
    uint32_t *parent; /* [count] union-find, at last the lowest record of the component */
    struct lks_near_met
        *met; /* [count] the last near record that was compared with it, in the join's order */
    uint32_t count;
};

/* Makes the records of all texts; freed by lks_near_records_free, after failures too. */
int lks_near_records_make(struct lks_near *near, struct lks_near_records *records,
                          struct lks_error *err);
void lks_near_records_free(struct lks_near *near, struct lks_near_records *records);
/* Writes the clusters of the records' components into the result. */
int lks_near_clusters(struct lks_near *near, const struct lks_near_records *records,
                      struct lks_near_result *result, struct lks_error *err);

/* Shingles that two forms share. */
uint32_t lks_near_shared(const struct lks_near *near, uint32_t a, uint32_t b);

/* ---- union-find, any number of threads (Anderson and Woll 1991); roots are the lowest ---- */

static inline uint32_t lks_near_find(uint32_t *parent, uint32_t at)
{
    uint32_t up = __atomic_load_n(&parent[at], __ATOMIC_RELAXED);
    while (up != at) {
        uint32_t above = __atomic_load_n(&parent[up], __ATOMIC_RELAXED);
        if (above != up) /* halves the path; a lost race loses only the shortcut */
            __atomic_compare_exchange_n(&parent[at], &up, above, 0, __ATOMIC_RELAXED,
                                        __ATOMIC_RELAXED);
        at = above;
        up = __atomic_load_n(&parent[at], __ATOMIC_RELAXED);
    }
    return at;
}

static inline void lks_near_unite(uint32_t *parent, uint32_t a, uint32_t b)
{
    for (;;) {
        a = lks_near_find(parent, a);
        b = lks_near_find(parent, b);
        if (a == b)
            return;
        uint32_t low = a < b ? a : b, high = a < b ? b : a, expected = high;
        if (__atomic_compare_exchange_n(&parent[high], &expected, low, 0, __ATOMIC_RELAXED,
                                        __ATOMIC_RELAXED))
            return;
    }
}

#endif
