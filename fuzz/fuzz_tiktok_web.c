/* fuzz_tiktok_web.c - TikTok items as the site sends them */
#include "source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_read(NULL, data, size, "tiktok-web", NULL);
    return 0;
}
