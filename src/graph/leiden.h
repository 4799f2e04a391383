/* leiden.h - communities by the Leiden algorithm, and modularity */
#ifndef LKS_GRAPH_LEIDEN_H
#define LKS_GRAPH_LEIDEN_H

#include "graph/graph.h"

struct lks_leiden_options {
    double resolution;       /* gamma of modularity: higher gives smaller communities */
    double randomness;       /* theta of the refinement, in mean edge weights; above 0 */
    uint32_t iterations_max; /* stops earlier once an iteration changes nothing */
    uint64_t seed;
};

struct lks_leiden_options lks_leiden_options_default(void); /* 1, 0.01, 10, 1 */
int lks_leiden_options_check(const struct lks_leiden_options *options, struct lks_error *err);

/* Finds communities of high modularity. community_out[nodes_count] gets dense ids from 0 in
 * the order of each community's smallest node; *communities_count how many; *modularity_out
 * their modularity (0 for a graph without edges). The two may be NULL. Every community is
 * connected. The same graph, options and seed give the same answer on any machine. Returns
 * 0, LKS_EARGUMENT, LKS_EMEMORY. One thread; any number of calls side by side.
 * Source: Traag, Waltman and van Eck, "From Louvain to Leiden", Sci. Rep. 9:5233 (2019). */
int lks_leiden(const struct lks_graph *graph, const struct lks_leiden_options *options,
               uint32_t *community_out, uint32_t *communities_count, double *modularity_out,
               struct lks_error *err);

/* Modularity of a partition with resolution gamma (Newman and Girvan 2004; Reichardt and
 * Bornholdt 2006): sum over communities c of w_c / m - gamma (K_c / 2m)^2, where w_c is the
 * weight inside c and K_c the sum of its nodes' strengths. community[v] < communities_count.
 * Returns 0 or LKS_EMEMORY. */
int lks_modularity(const struct lks_graph *graph, const uint32_t *community,
                   uint32_t communities_count, double resolution, double *modularity_out,
                   struct lks_error *err);

#endif
