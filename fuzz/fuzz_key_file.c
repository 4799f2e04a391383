/* fuzz_key_file.c - files that say that they hold a private key */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "case/key_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int give(void *context, const char *what, char *text, size_t text_bytes)
{
    (void)context, (void)what;
    return snprintf(text, text_bytes, "correct horse");
}

/* A file that costs more than a key of ours is passed over: it is slow by design, not by fault. */
static int costly(const uint8_t *data, size_t size)
{
    return memmem(data, size, "ENCRYPTED", 9) && size > 400;
}

/* What is read is a key that signs and verifies. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lks_control control = {.passphrase = give};
    struct lks_signing_key *key = NULL;
    char path[64];
    if (costly(data, size))
        return 0;
    int file = memfd_create("key", MFD_CLOEXEC);
    if (file < 0)
        return 0;
    if (fchmod(file, 0600) == 0 && write(file, data, size) == (ssize_t)size) {
        snprintf(path, sizeof path, "/proc/self/fd/%d", file);
        int code = lks_key_file_open(path, &control, &key, NULL, NULL);
        LKS_ASSERT(code <= 0 && (code == 0) == (key != NULL));
        if (key) {
            unsigned char signature[LKS_ED25519_SIGNATURE_BYTES], public_key[LKS_ED25519_KEY_BYTES];
            lks_signing_key_public(key, public_key);
            LKS_ASSERT(lks_ed25519_sign(key, "text", 4, signature, NULL) == 0);
            if (lks_ed25519_key_good(public_key))
                LKS_ASSERT(lks_ed25519_check(public_key, "text", 4, signature, NULL) == 0);
            lks_signing_key_free(key);
        }
    }
    close(file);
    return 0;
}
