/* fuzz_proof_file.c - proof files: what is read, written again, is what stood there */
#include <stdint.h>
#include <string.h>

#include "base/base64.h"
#include "vault/checkpoint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lks_proof_file file;
    struct lks_error err = {0};
    struct lks_buffer extra = {0}, again = {0};
    int code = lks_proof_file_parse((struct lks_str){(const char *)data, size}, &file, &err);
    LKS_ASSERT(code <= 0 && (code == 0) == (err.message[0] == 0));
    if (code == 0) {
        struct lks_str raw = LKS_STR_NULL;
        if (file.extra.data) {
            LKS_ASSERT(lks_base64_read(file.extra, &extra, NULL) == 0);
            raw = (struct lks_str){extra.data ? extra.data : "", extra.size_bytes};
        }
        lks_proof_file_format(file.index, &file.proof, raw, file.checkpoint, &again);
        LKS_ASSERT(again.size_bytes == size && memcmp(again.data, data, size) == 0);
    }
    lks_buffer_free(&extra);
    lks_buffer_free(&again);
    return 0;
}
