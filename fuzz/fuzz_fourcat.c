/* fuzz_fourcat.c - rows of a 4CAT table */
#include "source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_read("id,thread_id,author,body,timestamp,chat,tiktok_url,hashtags,urls,is_retweet,link\n",
              data, size, "4cat", NULL);
    return 0;
}
