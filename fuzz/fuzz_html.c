/* fuzz_html.c - HTML to text */
#include <stdint.h>
#include <stdlib.h>

#include "base/error.h"
#include "text/html.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int link_found(void *context, struct lks_str href, int marked)
{
    size_t *bytes = context;
    LKS_ASSERT(href.size_bytes > 0 && (marked == 0 || marked == 1));
    *bytes += href.size_bytes;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lks_arena arena = {0};
    struct lks_str text;
    size_t bytes = 0;
    char *html = malloc(size + 1);
    if (!html)
        return 0;
    for (size_t i = 0; i < size; i++)
        html[i] = (char)data[i];
    int code = lks_html_text(&arena, (struct lks_str){html, size}, &text, link_found, &bytes);
    LKS_ASSERT(code == 0 && text.size_bytes <= size && bytes <= size);
    lks_arena_free(&arena);
    free(html);
    return 0;
}
