/* fuzz_mask.c - masked texts hold no handle, link or number, and stay as they are when masked again */
#include <stdint.h>
#include <string.h>

#include "base/error.h"
#include "text/mask.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lks_buffer once = {0}, twice = {0};
    lks_text_mask((struct lks_str){(const char *)data, size}, LKS_MASK_ALL, &once);
    LKS_ASSERT(!once.failed);
    LKS_ASSERT(!once.size_bytes || !memchr(once.data, '@', once.size_bytes));
    LKS_ASSERT(!once.size_bytes || !memmem(once.data, once.size_bytes, "://", 3));
    lks_text_mask((struct lks_str){once.data, once.size_bytes}, LKS_MASK_ALL, &twice);
    LKS_ASSERT(once.size_bytes == twice.size_bytes &&
               (!once.size_bytes || memcmp(once.data, twice.data, once.size_bytes) == 0));
    lks_buffer_free(&once);
    lks_buffer_free(&twice);
    return 0;
}
