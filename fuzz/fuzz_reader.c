/* fuzz_reader.c - whole files: decompression, recognition, framing, whatever they are */
#include "source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_read(NULL, data, size, NULL, NULL);
    return 0;
}
