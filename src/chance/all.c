/* all.c - one assignment of authors scanned by several threads
 *
 * Rows do not depend on each other, so blocks of them are tasks, heavy accounts first; the
 * authors are shared and every worker has its own scratch. Edges are sorted by their
 * accounts at the end, which makes the same answer for any number of threads. Shuffled
 * copies are not scanned like this: there each copy is a task. */
#include <stdlib.h>
#include <string.h>

#include "base/threads.h"
#include "chance/scan.h"

enum { BLOCK_ROWS = 32 };

struct all_job {
    const struct lks_control *control;
    struct lks_chance_scan **scan; /* [workers] */
    uint32_t rows_count;
};

static int block_task(void *context, size_t block, unsigned worker, struct lks_error *err)
{
    struct all_job *job = context;
    uint32_t first = (uint32_t)block * BLOCK_ROWS;
    uint32_t end = job->rows_count - first < BLOCK_ROWS ? job->rows_count : first + BLOCK_ROWS;
    int rc = 0;
    if (lks_cancelled(job->control))
        return lks_error_set(err, LKS_ECANCELLED, "stopped");
    for (uint32_t order = first; order < end && rc == 0; order++)
        rc = lks_chance_scan_row(job->scan[worker], order, err);
    return rc;
}

/* All edges in one array, in order; each scan's own are given back as soon as they are copied. */
static int gather(const struct all_job *job, unsigned threads, struct lks_budget *budget,
                  struct lks_chance_edge **edges_out, size_t *count_out, struct lks_error *err)
{
    size_t count = 0;
    for (unsigned t = 0; t < threads; t++)
        count += job->scan[t]->edges_count;
    struct lks_chance_edge *edges = malloc((count + 1) * sizeof *edges);
    if (!edges)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for %zu edges", count);
    *count_out = 0;
    for (unsigned t = 0; t < threads; t++) {
        struct lks_chance_scan *scan = job->scan[t];
        if (scan->edges_count)
            memcpy(edges + *count_out, scan->edges, scan->edges_count * sizeof *edges);
        *count_out += scan->edges_count;
        lks_budget_free(budget, scan->edges, scan->edges_capacity, sizeof *scan->edges);
        scan->edges = NULL;
        scan->edges_count = scan->edges_capacity = 0;
    }
    lks_chance_edges_sort(edges, *count_out);
    *edges_out = edges;
    return 0;
}

int lks_chance_scan_pairs(const struct lks_chance *chance, const uint32_t *post_account,
                          double p_max, const struct lks_chance_pairs *pairs,
                          const struct lks_control *control, struct lks_chance_edge **edges_out,
                          size_t *count_out, uint64_t *edges_tested, struct lks_error *err)
{
    unsigned threads = lks_threads_count(control);
    struct all_job job = {.control = control, .rows_count = lks_chance_rows_count(chance)};
    struct lks_chance_authors *authors = NULL;
    size_t blocks = ((size_t)job.rows_count + BLOCK_ROWS - 1) / BLOCK_ROWS;
    *edges_out = NULL;
    *count_out = 0;
    if (threads > blocks)
        threads = blocks ? (unsigned)blocks : 1;
    int rc = lks_chance_authors_new(chance, &authors, err);
    lks_chance_array(chance->budget, &job.scan, threads, sizeof(struct lks_chance_scan *), &rc,
                     err);
    if (rc == 0)
        lks_chance_authors_set(authors, post_account);
    for (unsigned t = 0; t < threads && rc == 0; t++) {
        rc = lks_chance_scan_new(chance, &job.scan[t], err);
        if (rc == 0) {
            lks_chance_scan_start(job.scan[t], authors, p_max, edges_tested != NULL);
            job.scan[t]->pairs = pairs;
        }
    }
    if (rc == 0)
        rc = lks_threads_run(threads, blocks, block_task, &job, err);
    if (rc == 0)
        rc = gather(&job, threads, chance->budget, edges_out, count_out, err);
    if (rc == 0 && edges_tested) {
        *edges_tested = 0;
        for (unsigned t = 0; t < threads; t++)
            *edges_tested += job.scan[t]->edges_tested;
    }
    for (unsigned t = 0; t < threads && job.scan; t++)
        lks_chance_scan_free(job.scan[t]);
    lks_budget_free(chance->budget, job.scan, threads, sizeof(struct lks_chance_scan *));
    lks_chance_authors_free(authors);
    return rc;
}

int lks_chance_scan_all(const struct lks_chance *chance, const uint32_t *post_account, double p_max,
                        const struct lks_control *control, struct lks_chance_edge **edges_out,
                        size_t *count_out, uint64_t *edges_tested, struct lks_error *err)
{
    return lks_chance_scan_pairs(chance, post_account, p_max, NULL, control, edges_out, count_out,
                                 edges_tested, err);
}
