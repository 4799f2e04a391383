/* pipeline.h - chunks cut one after the other, parsed side by side, given out in order */
#ifndef LKS_SOURCE_PIPELINE_H
#define LKS_SOURCE_PIPELINE_H

#include "source/parse.h"

/* Where batches go: put is called from the thread that runs the pipeline, in file order.
 * read_bytes is how far the file was read when the batch's chunk was cut. */
struct lks_batch_sink {
    int (*put)(void *context, const struct lks_batch *batch, uint64_t read_bytes,
               struct lks_error *err);
    void *context;
};

/* Runs feed to its end. parsers[threads_count] are one for each thread, the last the caller's, who
 * parses too while nothing is ready. One thread means: all in the caller. Memory is that of
 * 2 * threads_count + 2 chunks with their batches. Returns 0, what put returned, what the
 * feed failed with, or LKS_ECANCELLED. */
int lks_pipeline_run(struct lks_feed *feed, struct lks_parser *parsers, unsigned threads_count,
                     const struct lks_control *control, const struct lks_batch_sink *sink,
                     struct lks_error *err);

#endif
