/* fuzz_mastodon.c - mastodon content */
#include "source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_read(NULL, data, size, "mastodon", NULL);
    return 0;
}
