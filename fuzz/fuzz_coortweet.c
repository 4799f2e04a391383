/* fuzz_coortweet.c - rows of CooRTweet */
#include "source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_read("object_id,account_id,content_id,timestamp_share\n", data, size, "coortweet", NULL);
    return 0;
}
