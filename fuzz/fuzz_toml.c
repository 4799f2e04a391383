/* fuzz_toml.c - settings in TOML */
#include <stdint.h>
#include <stdlib.h>

#include "base/toml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int found(void *context, const struct lks_toml_item *item, struct lks_error *err)
{
    size_t *bytes = context;
    (void)err;
    LKS_ASSERT(item->line > 0 && (!item->key.data || item->key.size_bytes > 0));
    for (size_t i = 0; i < item->elements_count; i++)
        *bytes += item->elements[i].size_bytes;
    *bytes += item->value.size_bytes;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lks_error err = {0};
    size_t bytes = 0;
    char *text = malloc(size + 1);
    if (!text)
        return 0;
    for (size_t i = 0; i < size; i++)
        text[i] = (char)data[i];
    int code = lks_toml_read("fuzz", (struct lks_str){text, size}, found, &bytes, &err);
    LKS_ASSERT(code <= 0 && (code == 0) == (err.message[0] == 0) && bytes <= 2 * size);
    free(text);
    return 0;
}
