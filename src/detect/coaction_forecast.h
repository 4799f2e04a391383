/* coaction_forecast.h - how many edges there will be, and the disk that they will take */
#ifndef LKS_DETECT_COACTION_FORECAST_H
#define LKS_DETECT_COACTION_FORECAST_H

#include "coaction/coaction.h"
#include "detect/coaction_edges.h"

struct lks_coaction_forecast {
    double share;          /* of the accounts that were looked at */
    uint64_t sample_edges; /* found among them */
    double edges;          /* estimate for all: sample_edges / share^2 */
    uint64_t temp_bytes;   /* of temporary files, beyond what memory holds */
    uint64_t file_bytes;   /* of the edges' file */
};

/* Estimates from a share of the accounts; *forecast is all 0 where edges are not kept or data
 * is so small that it does not matter. LKS_EMEMORY when not even the sample fits. */
int lks_coaction_forecast_make(const struct lks_coaction_data *data,
                               const struct lks_coaction_options *options,
                               struct lks_coaction_means *means,
                               const struct lks_coaction_edges *edges,
                               struct lks_coaction_forecast *forecast, struct lks_error *err);
/* Says what will be spilled, and stops (LKS_EIO) where the disk has less than that and the
 * caller has not set a limit of his own. */
int lks_coaction_forecast_tell(const struct lks_coaction_forecast *forecast,
                               const struct lks_coaction_means *means,
                               const struct lks_coaction_edges *edges, struct lks_error *err);
/* The same from what has come: edges after `done` of `total` of the scan. 0 or LKS_EIO. */
int lks_coaction_forecast_refine(const struct lks_coaction_means *means,
                                 const struct lks_coaction_edges *edges, double done_share,
                                 struct lks_error *err);

#endif
