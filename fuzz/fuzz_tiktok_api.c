/* fuzz_tiktok_api.c - TikTok Research API responses */
#include "source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_read(NULL, data, size, "tiktok-api", NULL);
    return 0;
}
