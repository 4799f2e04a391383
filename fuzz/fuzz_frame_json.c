/* fuzz_frame_json.c - any bytes as JSON documents: windows of any size give the same records */
#include <stdint.h>
#include <stdlib.h>

#include "base/error.h"
#include "source/frame_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    struct lks_str content;
    uint64_t end_offset, hash;
};

static uint64_t mix(uint64_t hash, uint64_t value)
{
    return (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15) + (hash >> 29);
}

static int found(void *context, const struct lks_json_frame *frame, struct lks_error *err)
{
    struct seen *seen = context;
    (void)err;
    LKS_ASSERT(frame->offset_bytes >= seen->end_offset);
    LKS_ASSERT(frame->offset_bytes + frame->length_bytes <= seen->content.size_bytes);
    seen->end_offset = frame->offset_bytes;
    if (frame->kind == LKS_JSON_FRAME_RECORD)
        seen->end_offset += frame->length_bytes;
    seen->hash = mix(seen->hash, frame->offset_bytes);
    seen->hash = mix(seen->hash, frame->length_bytes);
    seen->hash = mix(seen->hash, frame->line);
    seen->hash = mix(seen->hash, (uint64_t)frame->kind);
    for (size_t i = 0; i < frame->outer.size_bytes; i++)
        seen->hash = mix(seen->hash, (unsigned char)frame->outer.data[i]);
    return 0;
}

static struct seen feed(struct lks_str content, size_t piece, int *code)
{
    struct seen seen = {content, 0, 1};
    struct lks_json_framer framer;
    size_t end = 0;
    int last;
    lks_json_framer_init(&framer);
    do {
        end = content.size_bytes - end > piece ? end + piece : content.size_bytes;
        last = end == content.size_bytes;
        /* An exact copy of the window, so that the sanitizer sees a look outside. */
        size_t start = (size_t)framer.keep_offset;
        char *window = malloc(end - start ? end - start : 1);
        LKS_ASSERT(window);
        if (end > start)
            memcpy(window, content.data + start, end - start);
        *code = lks_json_framer_feed(&framer, (struct lks_str){window, end - start}, start, last,
                                     found, &seen, NULL);
        free(window);
    } while (*code == 0 && !last);
    lks_json_framer_free(&framer);
    return seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int code = 0, again = 0;
    if (size == 0)
        return 0;
    struct lks_str content = {(const char *)data + 1, size - 1};
    struct seen whole = feed(content, SIZE_MAX, &code);
    struct seen pieces = feed(content, 1 + data[0] % 100, &again);
    LKS_ASSERT(code == again && whole.hash == pieces.hash);
    return 0;
}
