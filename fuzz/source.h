/* source.h - for fuzz targets: bytes through the whole of the source stage */
#ifndef LKS_FUZZ_SOURCE_H
#define LKS_FUZZ_SOURCE_H

#include <stdint.h>
#include <stdlib.h>

#include "base/error.h"
#include "source/read.h"
#include "source/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What holds for every batch: rows are accounted for, strings are there, limits are kept. */
static inline int fuzz_put(void *context, const struct lks_batch *batch, struct lks_error *err)
{
    const struct lks_str *content = context;
    (void)err;
    LKS_ASSERT(batch->posts_count + batch->payments_count + batch->rejects_count +
                   batch->ignored_count <=
               batch->rows_count);
    for (size_t i = 0; i < batch->posts_count; i++) {
        const struct lks_post *post = &batch->posts[i];
        LKS_ASSERT(post->account_key.size_bytes && post->post_key.size_bytes);
        LKS_ASSERT(post->account_key.size_bytes <= LKS_KEY_BYTES_MAX);
        LKS_ASSERT(post->time_us >= LKS_TIME_MIN_US && post->time_us <= LKS_TIME_MAX_US);
        LKS_ASSERT(post->actions_first + (size_t)post->actions_count <= batch->actions_count);
        LKS_ASSERT(!content || post->offset_bytes + post->length_bytes <= content->size_bytes);
    }
    for (size_t i = 0; i < batch->actions_count; i++)
        LKS_ASSERT(batch->actions[i].object.size_bytes > 0);
    for (size_t i = 0; i < batch->rejects_count; i++)
        LKS_ASSERT(batch->rejects[i].reason.size_bytes > 0 && batch->rejects[i].line > 0);
    return 0;
}

/* Reads header (may be NULL) and data together as a file. as and mapping may be NULL. Counts must add up. */
static inline void fuzz_read(const char *header, const uint8_t *data, size_t size, const char *as,
                             const struct lks_mapping *mapping)
{
    struct lks_source_options options = lks_source_options_default();
    struct lks_control control = {.threads = 1};
    struct lks_source_summary summary = {0};
    struct lks_reader *reader = NULL;
    struct lks_error err = {0};
    size_t before = header ? strlen(header) : 0;
    char *file = malloc(before + size + 1);
    if (!file)
        return;
    if (before)
        memcpy(file, header, before);
    if (size)
        memcpy(file + before, data, size);
    struct lks_str content = {file, before + size};
    options.as = as;
    options.mapping = mapping;
    options.rejects_share_max = 1;
    if (lks_reader_open_memory("fuzz", file, before + size, &reader, &err) == 0) {
        int code = lks_source_read_from(reader, "fuzz", &options, &control, fuzz_put,
                                        header ? &content : NULL, &summary, &err);
        LKS_ASSERT(code <= 0 && (code == 0) == (err.message[0] == 0));
        LKS_ASSERT(code < 0 || summary.posts_count + summary.payments_count +
                                       summary.rejects_count + summary.ignored_count ==
                                   summary.rows_count);
    }
    lks_reader_close(reader);
    free(file);
}

#endif
