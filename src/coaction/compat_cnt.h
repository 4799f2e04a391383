/* compat_cnt.h - networks as the coordination-network-toolkit defines them */
#ifndef LKS_COACTION_COMPAT_CNT_H
#define LKS_COACTION_COMPAT_CNT_H

#include <stdint.h>

#include "base/budget.h"

/* Message m by user acted on object at time_us. A message may have several rows, one an
 * object; it has one user and one time. Rows in any order. */
struct lks_cnt_events {
    uint32_t *object, *user, *message; /* [count] */
    int64_t *time_us;                  /* [count] */
    size_t count;
    uint32_t users_count, messages_count;
};

/* For co_similar: the words of each message, rising and distinct. */
struct lks_cnt_texts {
    uint32_t *user;   /* [count] */
    int64_t *time_us; /* [count] */
    uint64_t *start;  /* [count + 1] message i has word[start[i]] .. word[start[i + 1] - 1] */
    uint32_t *word;
    size_t count;
    uint32_t users_count;
};

struct lks_cnt_options {
    int64_t window_us;   /* inclusive */
    uint64_t min_weight; /* for each direction by itself */
    int loops;           /* keep edges from a user to itself */
    double similarity;   /* co_similar: Jaccard, inclusive */
};

/* Directed: how many of a's messages met at least one of b's. */
struct lks_cnt_edge {
    uint32_t a, b;
    uint64_t weight;
};

struct lks_cnt_network {
    struct lks_cnt_edge *edges; /* [edges_count] in rising (a, b) */
    size_t edges_count, edges_capacity;
    uint64_t weight_sum, weight_max;
    uint64_t undirected_pairs_count; /* {a, b}, a != b, with an edge either way */
    uint32_t nodes_count;
    uint64_t self_loops_count; /* that reach min_weight, also where options->loops is 0 */
};

/* Computes the network of messages that share an object within the window. Returns 0,
 * LKS_EMEMORY or LKS_ECANCELLED; the caller frees the network.
 * Source: T. Graham, QUT Digital Observatory, coordination-network-toolkit 1.5.2, behaviour. */
int lks_cnt_scan(const struct lks_cnt_events *events, const struct lks_cnt_options *options,
                 const struct lks_control *control, struct lks_cnt_network *network,
                 struct lks_error *err);
/* The same for messages whose word sets are alike: Jaccard >= options->similarity. Every pair
 * within the window whose sizes allow it is compared. */
int lks_cnt_scan_similar(const struct lks_cnt_texts *texts, const struct lks_cnt_options *options,
                         const struct lks_control *control, struct lks_cnt_network *network,
                         struct lks_error *err);
void lks_cnt_network_free(struct lks_cnt_network *network);

#endif
