/* fuzz_timestamp.c - what a time stamping authority, or somebody in its place, answers */
#include <stdint.h>

#include "vault/timestamp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Nothing is trusted, so nothing holds. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lks_timestamp timestamp;
    struct lks_error err = {0};
    int code = lks_timestamp_check((struct lks_str){(const char *)data, size}, LKS_STR_NULL,
                                   LKS_STR("a checkpoint\n"), "/dev/null", &timestamp, &err);
    LKS_ASSERT(code < 0 && err.message[0]);
    return 0;
}
