/* fuzz_ira.c - rows of the IRA table */
#include "source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_read(
        "author_id,author,publish_date,content,retweet,language,region,following,followers,updates,"
        "post_type,account_category\n",
        data, size, "ira", NULL);
    return 0;
}
