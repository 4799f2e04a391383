/* fuzz_cnt.c - rows of coordination-network-toolkit */
#include "source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_read("message_id,user_id,username,repost_id,reply_id,message,timestamp,urls\n", data, size,
              "cnt", NULL);
    return 0;
}
