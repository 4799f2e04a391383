/* fuzz_tiktok_adlib.c - tiktok-adlib content */
#include "source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_read(NULL, data, size, "tiktok-adlib", NULL);
    return 0;
}
