/* fuzz_twitter_r.c - rows of R'\''s twitteR */
#include "source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_read(
        "text,favoriteCount,replyToSN,created,replyToSID,id,statusSource,screenName,retweetCount,"
        "isRetweet\n",
        data, size, "twitter-r", NULL);
    return 0;
}
