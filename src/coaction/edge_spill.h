/* edge_spill.h - a sink that keeps edges, in memory while they fit and on disk beyond */
#ifndef LKS_COACTION_EDGE_SPILL_H
#define LKS_COACTION_EDGE_SPILL_H

#include "base/budget.h"
#include "base/spool.h"
#include "coaction/coaction.h"

struct lks_edge_run;

/* Takes edges in any order and gives them back in rising (a, b): the same whatever
 * memory there was and in whatever order they came. Zero it, then open. */
struct lks_edge_spill {
    struct lks_budget *budget; /* borrowed */
    struct lks_spill *spill;   /* borrowed */
    uint64_t memory_bytes;     /* what encoded edges may take before they go to disk */
    /* inside */
    struct lks_edge *buffer;
    size_t buffer_count, buffer_edges, buffer_capacity;
    struct lks_edge_key *key, *key_spare;
    size_t key_capacity, key_spare_capacity;
    unsigned char *encoded; /* what of the run at hand is not put away yet */
    size_t encoded_bytes, encoded_capacity;
    struct lks_edge_run *run;
    size_t runs_count, runs_capacity;
    uint32_t *heap;
    size_t heap_count, heap_capacity;
    uint64_t held_bytes; /* encoded, in memory */
    struct lks_spool spool;
    size_t window_bytes;
    uint64_t edges_count;
    int started;
};

/* memory_bytes: its share of the budget in all. LKS_EMEMORY. */
int lks_edge_spill_open(struct lks_edge_spill *edges, uint64_t memory_bytes,
                        struct lks_budget *budget, struct lks_spill *spill, struct lks_error *err);
/* The put of struct lks_edge_sink; context is the struct lks_edge_spill. LKS_EMEMORY, LKS_EIO. */
int lks_edge_spill_put(void *context, const struct lks_edge *edges, size_t count,
                       struct lks_error *err);
/* Fills edges with up to count of the next ones; *got is less only at the end. After the first
 * call nothing more can be put. LKS_EMEMORY, LKS_EIO. */
int lks_edge_spill_next(struct lks_edge_spill *spill, struct lks_edge *edges, size_t count,
                        size_t *got, struct lks_error *err);
/* Forgets all edges: a scan that has to begin again. */
void lks_edge_spill_reset(struct lks_edge_spill *edges);
/* Bytes of an edge as it is kept, on average so far; 0 before the first run. */
double lks_edge_spill_edge_bytes(const struct lks_edge_spill *edges);
void lks_edge_spill_close(struct lks_edge_spill *edges); /* zeroed is fine */

#endif
