/* fuzz_coortweet_wide.c - rows of CooRTweet's sample, a column a kind of object */
#include "source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_read("account_id,post_id,url_id,hashtag_id,domain_id,phash_id,timestamp\n", data, size,
              "coortweet-wide", NULL);
    return 0;
}
