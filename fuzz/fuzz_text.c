/* fuzz_text.c - entities and normalised text of any bytes; normalising twice is once */
#include <stdint.h>

#include "base/error.h"
#include "base/utf8.h"
#include "text/extract.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int touch(void *context, enum lks_entity_kind kind, struct lks_str value)
{
    unsigned *sum = context;
    (void)kind;
    LKS_ASSERT(value.size_bytes);
    *sum += (unsigned char)value.data[0] + (unsigned char)value.data[value.size_bytes - 1];
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lks_arena arena = {0};
    struct lks_buffer once = {0}, twice = {0};
    struct lks_str text = {(const char *)data, size};
    unsigned sum = 0;
    LKS_ASSERT(lks_text_entities(text, &arena, touch, &sum) == 0);
    LKS_ASSERT(lks_text_normalise(text, &once) == 0);
    struct lks_str first = {once.data, once.size_bytes};
    LKS_ASSERT(lks_text_normalise(first, &twice) == 0);
    LKS_ASSERT(lks_str_equal(first, (struct lks_str){twice.data, twice.size_bytes}));
    for (size_t at = 0; at < first.size_bytes;) {
        uint32_t code;
        at += lks_utf8_next(first, at, &code);
        LKS_ASSERT(code != LKS_UTF8_BAD);
    }
    lks_text_is_telling(first);
    lks_arena_free(&arena);
    lks_buffer_free(&once);
    lks_buffer_free(&twice);
    return 0;
}
