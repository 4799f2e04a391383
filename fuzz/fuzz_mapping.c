/* fuzz_mapping.c - a mapping, then a file read by it: the two parted by the first empty line */
#include <string.h>

#include "source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lks_mapping mapping;
    struct lks_error err = {0};
    const uint8_t *end = size > 1 ? memmem(data, size, "\n\n", 2) : NULL;
    size_t text_bytes = end ? (size_t)(end - data) : size;
    char *text = malloc(text_bytes + 1);
    if (!text)
        return 0;
    memcpy(text, data, text_bytes);
    text[text_bytes] = 0;
    /* No file may be opened by what the fuzzer finds. */
    size_t length = strlen(text);
    if (length > 5 && strcmp(text + length - 5, ".toml") == 0)
        text[0] = 0;
    if (lks_mapping_parse(text, &mapping, &err) == 0) {
        if (end)
            fuzz_read(NULL, end + 2, size - text_bytes - 2, NULL, &mapping);
        lks_mapping_free(&mapping);
    } else
        LKS_ASSERT(err.message[0]);
    free(text);
    return 0;
}
