/* fuzz_fourcat_ndjson.c - 4cat-ndjson content */
#include "source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_read(NULL, data, size, "4cat-ndjson", NULL);
    return 0;
}
