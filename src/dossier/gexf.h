/* gexf.h - the network as GEXF 1.3, for Gephi */
#ifndef LKS_DOSSIER_GEXF_H
#define LKS_DOSSIER_GEXF_H

#include "finding/results.h"

/* Writes nodes and kept edges with every column of columns.h; weight is the number of
 * occasions, start and end are the time they span; viz: gives place, size (by strength) and
 * colour (by finding). Ids are "n0", "n1" ... by node index, since account keys may hold
 * what XML cannot; the key is an attribute. Characters that XML 1.0 forbids become U+FFFD.
 * Whole or not at all. Returns 0, LKS_EIO, LKS_EMEMORY. */
int lks_gexf_write(const struct lks_results *results, const char *path, struct lks_error *err);

#endif
