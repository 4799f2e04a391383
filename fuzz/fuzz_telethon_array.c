/* fuzz_telethon_array.c - Telethon messages in one array */
#include "source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_read(NULL, data, size, "telethon-array", NULL);
    return 0;
}
