/* fuzz_youtube_csv.c - rows of a table of YouTube comments */
#include "source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_read("id,videoId,channelId,authorChannelId,publishedAt,text,isReplyTo,likeCount\n", data,
              size, "youtube-csv", NULL);
    return 0;
}
