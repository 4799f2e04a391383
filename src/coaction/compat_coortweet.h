/* compat_coortweet.h - the co-action network as CooRTweet defines it */
#ifndef LKS_COACTION_COMPAT_COORTWEET_H
#define LKS_COACTION_COMPAT_COORTWEET_H

#include <stdint.h>

#include "base/budget.h"

/* Shares in the order of the input. Account ids follow first appearance. Several inputs are
 * several detections whose pairs then make one network: so that accounts take part and
 * contents are paired within an input, `participant` numbers (input, account), `item`
 * (input, content) and `object` (input, object). With one input these are the plain ones. */
struct lks_coortweet_shares {
    uint32_t *object, *account, *content, *participant, *item; /* [count] */
    uint8_t *loop;    /* [count] the content is the object itself: in no pair */
    int64_t *time_us; /* [count] */
    size_t count;
    uint32_t items_count, accounts_count, participants_count;
};

struct lks_coortweet_options {
    int64_t window_us;          /* inclusive */
    uint32_t min_participation; /* rows an account must have, before and after pairing */
    double edge_weight;         /* quantile (type 7) of the weights, 0 to 1 */
};

struct lks_coortweet_edge {
    uint32_t a, b; /* a < b */
    uint64_t weight;
    double lag_mean_s;
    uint32_t contents_x, contents_y; /* distinct contents on the earlier and the later side */
    int over;                        /* weight > threshold, strictly */
};

struct lks_coortweet_network {
    struct lks_coortweet_edge *edges; /* [edges_count] in rising (a, b) */
    size_t edges_count, edges_capacity;
    uint64_t pairs_count, weight_max, over_weight_sum;
    uint32_t nodes_count, over_nodes_count;
    size_t over_edges_count;
    double threshold;
};

/* Computes the network: (1) shares of accounts with at least min_participation of them;
 * (2) per object each pair of shares at most the window apart; (3) without pairs of one
 * account, of one content, or whose object is one of the contents; (4) accounts with at
 * least min_participation shares among the contents still paired keep their contents, and a
 * pair stays if either side's content is kept. Returns 0, LKS_EMEMORY or LKS_ECANCELLED.
 * The caller frees the network.
 * Source: N. Righetti, P. Balluff, "CooRTweet: a generalized R software for coordinated
 * network detection" (2025), and the behaviour of its version 2.1.3. */
int lks_coortweet_scan(const struct lks_coortweet_shares *shares,
                       const struct lks_coortweet_options *options,
                       const struct lks_control *control, struct lks_coortweet_network *network,
                       struct lks_error *err);
void lks_coortweet_network_free(struct lks_coortweet_network *network);

#endif
