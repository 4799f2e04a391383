/* graphml.h - the network as GraphML, for networkx, igraph, yEd, Gephi */
#ifndef LKS_DOSSIER_GRAPHML_H
#define LKS_DOSSIER_GRAPHML_H

#include "finding/results.h"

/* Writes nodes and kept edges with every column of columns.h and `weight`, the number of
 * occasions. Ids and characters as in gexf.h. Whole or not at all. Returns 0, LKS_EIO,
 * LKS_EMEMORY. */
int lks_graphml_write(const struct lks_results *results, const char *path, struct lks_error *err);

#endif
