/* selection.h - which accounts and edges a page shows when there are too many to draw */
#ifndef LKS_DOSSIER_SELECTION_H
#define LKS_DOSSIER_SELECTION_H

#include "finding/results.h"

#define LKS_SELECTION_NONE UINT32_MAX

struct lks_selection {
    uint32_t *node; /* [nodes_count] shown nodes, by rising node index */
    uint32_t nodes_count;
    uint32_t *place; /* [results' nodes_count] place in `node`, or LKS_SELECTION_NONE */
    uint64_t *edge;  /* [edges_count] shown edges, by rising edge index */
    uint64_t edges_count;
};

/* Chooses at most nodes_max nodes and edges_max edges between them. Members of findings are
 * always shown, and authors of evidence with them; then come the nodes of most strength.
 * Edges inside findings come first, then those of most occasions. Ties go to the lower index. Freed
 * by lks_selection_free. Returns 0 or LKS_EMEMORY. */
int lks_selection_make(const struct lks_results *results, uint32_t nodes_max, uint64_t edges_max,
                       struct lks_selection *selection, struct lks_error *err);
void lks_selection_free(struct lks_selection *selection); /* zeroed is fine */

#endif
