/* fuzz_telegram_flat.c - flat Telegram lines */
#include "source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_read(NULL, data, size, "telegram-flat", NULL);
    return 0;
}
