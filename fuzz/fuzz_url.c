/* fuzz_url.c - canonical links and hashtags of any bytes; a form is its own form */
#include <stdint.h>

#include "base/error.h"
#include "text/extract.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lks_arena arena = {0};
    struct lks_str text = {(const char *)data, size}, once, twice, domain, again;
    if (lks_url_canonical(text, &arena, &once, &domain) == 0) {
        LKS_ASSERT(domain.size_bytes && domain.size_bytes <= once.size_bytes);
        LKS_ASSERT(lks_url_canonical(once, &arena, &twice, &again) == 0);
        LKS_ASSERT(lks_str_equal(once, twice) && lks_str_equal(domain, again));
    }
    if (lks_hashtag_canonical(text, &arena, &once) == 0) {
        LKS_ASSERT(lks_hashtag_canonical(once, &arena, &twice) == 0);
        LKS_ASSERT(lks_str_equal(once, twice));
    }
    lks_arena_free(&arena);
    return 0;
}
