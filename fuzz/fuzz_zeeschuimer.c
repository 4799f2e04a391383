/* fuzz_zeeschuimer.c - Zeeschuimer lines */
#include "source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_read(NULL, data, size, "zeeschuimer", NULL);
    return 0;
}
