/* fuzz_telethon.c - Telethon lines */
#include "source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_read(NULL, data, size, "telethon", NULL);
    return 0;
}
