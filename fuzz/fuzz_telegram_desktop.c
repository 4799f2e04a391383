/* fuzz_telegram_desktop.c - Telegram Desktop exports */
#include "source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_read(NULL, data, size, "telegram-desktop", NULL);
    return 0;
}
