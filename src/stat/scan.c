/* scan.c - the scan statistic on a line
 *
 * Of count points spread evenly over [0, 1) a window of width w holds count w on average. The
 * score of a window with k points is the log-likelihood ratio of "rate p inside, q outside, with
 * p > q" against "the same everywhere": k ln(k/E) + (n-k) ln((n-k)/(n-E)) for k > E = n w, else 0.
 * The scan's score is the highest over all windows, and its p-value is its rank among the scores
 * of draws of n even points, so that looking everywhere costs nothing but time. Given E the score
 * rises with k, so that of one width only the fullest window needs its logarithms.
 *
 * Even sorted points come without sorting: gaps between them are exponential draws over
 * their sum. */
#include "stat/scan.h"

#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "base/threads.h"

static double window_score(size_t inside, size_t count, double width)
{
    double n = (double)count, k = (double)inside, expected = n * width;
    if (k <= expected)
        return 0;
    double score = k * log(k / expected);
    if (inside < count)
        score += (n - k) * log((n - k) / (n - expected));
    return score;
}

/* The highest score of sorted points; the window goes into *best. */
static void scan_points(const double *points, size_t count, struct lks_scan *best)
{
    double width = 1;
    best->score = -1;
    for (int i = 0; i < LKS_SCAN_WIDTHS; i++) {
        size_t end = 0, most = 0, most_first = 0;
        width /= 2;
        for (size_t first = 0; first < count; first++) {
            while (end < count && points[end] < points[first] + width)
                end++;
            if (end - first > most) {
                most = end - first;
                most_first = first;
            }
        }
        double score = window_score(most, count, width);
        if (score > best->score) {
            best->score = score;
            best->width = width;
            best->first = most_first;
            best->last = most_first + most - 1;
        }
    }
    best->expected = (double)count * best->width;
}

static void even_points(struct lks_rng *rng, size_t count, double *points)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum -= log1p(-lks_rng_unit(rng));
        points[i] = sum;
    }
    sum -= log1p(-lks_rng_unit(rng));
    for (size_t i = 0; i < count; i++)
        points[i] /= sum;
}

int lks_scan_line(const double *points, size_t count, unsigned draws_count, uint64_t seed,
                  const struct lks_control *control, struct lks_scan *scan_out,
                  struct lks_error *err)
{
    *scan_out = (struct lks_scan){.p_value = 1};
    if (!count)
        return 0;
    double *even = malloc(count * sizeof *even);
    if (!even)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for %zu points", count);
    scan_points(points, count, scan_out);
    unsigned as_high = 0;
    int code = 0;
    for (unsigned draw = 0; code == 0 && draw < draws_count; draw++) {
        struct lks_rng rng;
        struct lks_scan drawn;
        if (lks_cancelled(control))
            code = lks_error_set(err, LKS_ECANCELLED, "stopped");
        lks_rng_init(&rng, seed, draw);
        even_points(&rng, count, even);
        scan_points(even, count, &drawn);
        as_high += drawn.score >= scan_out->score;
    }
    scan_out->p_value = (1.0 + as_high) / (1.0 + draws_count);
    free(even);
    return code;
}
