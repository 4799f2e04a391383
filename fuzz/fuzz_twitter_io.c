/* fuzz_twitter_io.c - rows of the information operations archive */
#include "source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_read(
        "tweetid,userid,user_screen_name,tweet_text,tweet_time,in_reply_to_tweetid,is_retweet,"
        "retweet_tweetid,like_count,hashtags,urls,user_mentions,account_creation_date\n",
        data, size, "twitter-io", NULL);
    return 0;
}
