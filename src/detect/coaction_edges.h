/* coaction_edges.h - edges of own mode on their way to a file */
#ifndef LKS_DETECT_COACTION_EDGES_H
#define LKS_DETECT_COACTION_EDGES_H

#include "coaction/edge_spill.h"
#include "detect/coaction_parts.h"

/* Keeps edges (in memory, on disk beyond a share of it) and writes them when all are known, in
 * rising (a, b) by the accounts' first appearance. Zero it, then open. */
struct lks_coaction_edges {
    struct lks_coaction_means *means;     /* borrowed */
    const struct lks_coaction_data *data; /* borrowed: the names */
    struct lks_coaction_table table;
    struct lks_edge_spill kept;
    uint64_t share_bytes; /* of the memory limit, for edges that are kept */
    int scored;           /* a column has the score */
};

/* path (borrowed) NULL: edges are not kept. files_count files are written in all. LKS_EARGUMENT for
 * a path that is neither .csv nor .parquet. */
int lks_coaction_edges_open(struct lks_coaction_edges *edges, const char *path, int scored,
                            size_t files_count, const struct lks_coaction_data *data,
                            struct lks_coaction_means *means, struct lks_error *err);
int lks_coaction_edges_put(struct lks_coaction_edges *edges, const struct lks_edge *edge,
                           size_t count, struct lks_error *err);
void lks_coaction_edges_reset(struct lks_coaction_edges *edges); /* an attempt thrown away */
/* Writes the file, whole or not at all. */
int lks_coaction_edges_write(struct lks_coaction_edges *edges, struct lks_error *err);
void lks_coaction_edges_close(struct lks_coaction_edges *edges); /* zeroed is fine */

#endif
