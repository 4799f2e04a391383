/* threads.h - tasks over a few threads, with an answer that does not depend on how many */
#ifndef LKS_BASE_THREADS_H
#define LKS_BASE_THREADS_H

#include <stddef.h>

#include "base/error.h"

/* Returns the number of threads to use: control->threads, or the processors there are. */
unsigned lks_threads_count(const struct lks_control *control);
/* Returns whether the caller asked to stop; control may be NULL. */
int lks_cancelled(const struct lks_control *control);

/* Runs task(context, task_index, worker_index, err) for task_index 0..tasks_count-1 on
 * threads_count threads; tasks are handed out in rising order, so put heavy ones first.
 * Scratch belongs to a worker (worker_index < threads_count), results to a task_index.
 * Returns 0, or the failure of the lowest failing task that ran, with its err; after a
 * failure no new task starts. threads_count <= 1 runs in the calling thread. */
int lks_threads_run(unsigned threads_count, size_t tasks_count,
                    int (*task)(void *context, size_t task_index, unsigned worker_index,
                                struct lks_error *err),
                    void *context, struct lks_error *err);

#endif
