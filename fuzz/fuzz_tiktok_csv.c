/* fuzz_tiktok_csv.c - rows of a table of TikTok videos */
#include "source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_read("video_id,author,create_time,video_description,hashtag_names,effect_ids,music_id,"
              "voice_to_text,region_code,view_count\n",
              data, size, "tiktok-csv", NULL);
    return 0;
}
