/* scan.h - is a crowd of points too dense somewhere? The scan statistic with its p-value */
#ifndef LKS_STAT_SCAN_H
#define LKS_STAT_SCAN_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { LKS_SCAN_WIDTHS = 12 }; /* windows of 1/2, 1/4 ... 1/4096 of the line */

/* The densest window: points first..last (indexes into the sorted points) lie in a stretch
 * `width` long, where `expected` would be if they were spread evenly. */
struct lks_scan {
    size_t first, last;
    double width, expected;
    double score;   /* log-likelihood ratio of "denser inside" against "even" */
    double p_value; /* (1 + draws with a score as high) / (1 + draws) */
};

/* Scans count points in [0, 1), sorted rising, against points spread evenly and on their own:
 * every window that starts at a point and has one of the widths; the p-value, of the highest
 * score over all of them, from draws_count draws. O(count widths draws). Without points, or
 * draws, p is 1. 0, LKS_EMEMORY, LKS_ECANCELLED (control may be NULL). The same for any
 * machine and number of threads. Source: Kulldorff, "A spatial scan statistic", Commun. Stat.
 * Theory Methods 26 (1997), on a line, with the number of points given. */
int lks_scan_line(const double *points, size_t count, unsigned draws_count, uint64_t seed,
                  const struct lks_control *control, struct lks_scan *scan_out,
                  struct lks_error *err);

#endif
