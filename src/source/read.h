/* read.h - lks_source_read over bytes from anywhere, memory too */
#ifndef LKS_SOURCE_READ_H
#define LKS_SOURCE_READ_H

#include "source/reader.h"
#include "source/source.h"

/* lks_source_read (source.h) from an open reader, which stays the caller's; name stands in
 * messages. For tests and fuzzing. */
int lks_source_read_from(struct lks_reader *reader, const char *name,
                         const struct lks_source_options *options,
                         const struct lks_control *control,
                         int (*put)(void *context, const struct lks_batch *batch,
                                    struct lks_error *err),
                         void *context, struct lks_source_summary *summary, struct lks_error *err);

#endif
