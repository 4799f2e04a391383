/* fuzz_tiktok_ads.c - rows of the table of paid TikTok videos */
#include "source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_read("id,create_date,create_timestamp,label,video_views,ocr\n", data, size, "tiktok-ads",
              NULL);
    return 0;
}
