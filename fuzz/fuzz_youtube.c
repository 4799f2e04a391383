/* fuzz_youtube.c - youtube content */
#include "source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_read(NULL, data, size, "youtube", NULL);
    return 0;
}
