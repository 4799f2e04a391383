/* parse.h - a chunk of whole records to a batch, by the file's adapter */
#ifndef LKS_SOURCE_PARSE_H
#define LKS_SOURCE_PARSE_H

#include "source/feed.h"

/* One per worker. Zero it, set adapter and context (but for its counters), free it at the end. */
struct lks_parser {
    const struct lks_adapter *adapter;
    struct lks_adapter_context context;
    char delimiter;
    uint64_t cp1252_count; /* rows that were not UTF-8 and were read as Windows-1252 */
    struct lks_csv csv;
};

/* Fills the batch, which was reset, with what the chunk holds. Every record is counted in
 * rows_count and becomes a post, a reject or an ignored row. What breaks the limits of
 * record.h is a reject, whichever adapter made it. 0 or LKS_EMEMORY. */
int lks_parser_chunk(struct lks_parser *parser, const struct lks_chunk *chunk,
                     struct lks_batch *batch);
void lks_parser_free(struct lks_parser *parser);

#endif
