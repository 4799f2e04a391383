/* fuzz_json_read.c - any bytes as JSON: reading, skipping and paths agree, with and without "\x1F" */
#include <stdint.h>

#include "base/error.h"
#include "source/json_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int is_container(enum lks_json_type type)
{
    return type == LKS_JSON_OBJECT || type == LKS_JSON_ARRAY;
}

/* Enters whatever can be entered and reads the rest. */
static int walk(struct lks_str text, struct lks_arena *arena, unsigned flags)
{
    struct lks_json_reader reader;
    int objects[LKS_JSON_DEPTH_MAX + 1];
    unsigned depth = 0;
    lks_json_open(&reader, text, arena, flags);
    for (;;) {
        struct lks_str key;
        if (depth < LKS_JSON_DEPTH_MAX && is_container(lks_json_peek(&reader))) {
            int object = lks_json_enter_object(&reader);
            LKS_ASSERT(object || lks_json_enter_array(&reader));
            objects[depth++] = object;
        } else {
            struct lks_json_value value = lks_json_read(&reader);
            LKS_ASSERT(value.type == LKS_JSON_NONE || value.text.data);
            int64_t number;
            struct lks_str digits;
            lks_json_int64(value, &number);
            LKS_ASSERT(lks_json_id(value, &digits) != 0 || digits.size_bytes > 0);
        }
        while (depth > 0 &&
               !(objects[depth - 1] ? lks_json_member(&reader, &key) : lks_json_element(&reader)))
            depth--;
        if (depth == 0)
            return lks_json_close(&reader, NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lks_str text = {(const char *)data, size};
    struct lks_arena arena = {0};
    static const struct lks_str paths[] = {{"a", 1}, {"a.b", 3}, {"a.0.b", 5}, {"", 0}};
    struct lks_json_value values[4];
    for (unsigned flags = 0; flags <= LKS_JSON_HEX_ESCAPES; flags++) {
        struct lks_json_reader reader;
        const char *reason = NULL;
        lks_json_open(&reader, text, &arena, flags);
        int code = lks_json_close(&reader, &reason);
        LKS_ASSERT((code == 0) == (reason == NULL));
        LKS_ASSERT(walk(text, &arena, flags) == code);
        LKS_ASSERT(lks_json_get_paths(text, paths, 4, values, &arena, flags, NULL) == code);
    }
    lks_arena_free(&arena);
    return 0;
}
