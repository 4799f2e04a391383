/* fuzz_bluesky.c - bluesky content */
#include "source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_read(NULL, data, size, "bluesky", NULL);
    return 0;
}
