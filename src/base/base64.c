/* base64.c - RFC 4648 base64, read strictly, through OpenSSL's libcrypto */
#include "base/base64.h"

#include <openssl/evp.h>

enum { STEP_BYTES = 48, STEP_CHARACTERS = 64 };

void lks_base64_add(struct lks_buffer *out, const void *data, size_t size_bytes)
{
    unsigned char text[STEP_CHARACTERS + 1];
    const unsigned char *bytes = data;
    while (size_bytes) {
        int step = size_bytes < STEP_BYTES ? (int)size_bytes : STEP_BYTES;
        lks_buffer_append(out, text, (size_t)EVP_EncodeBlock(text, bytes, step));
        bytes += step;
        size_bytes -= (size_t)step;
    }
}

void lks_base64url_add(struct lks_buffer *out, const void *data, size_t size_bytes)
{
    size_t start = out->size_bytes;
    lks_base64_add(out, data, size_bytes);
    for (size_t i = start; i < out->size_bytes; i++) {
        if (out->data[i] == '+')
            out->data[i] = '-';
        else if (out->data[i] == '/')
            out->data[i] = '_';
    }
    while (out->size_bytes > start && out->data[out->size_bytes - 1] == '=')
        out->size_bytes--;
}

/* The library skips blanks and ignores bits that do not count; writing again and comparing
 * leaves one writing for each value. */
static int step_read(const char *text, size_t size, struct lks_buffer *out)
{
    unsigned char bytes[STEP_BYTES], again[STEP_CHARACTERS + 1];
    int got = EVP_DecodeBlock(bytes, (const unsigned char *)text, (int)size);
    if (got < 0)
        return 0;
    got -= (text[size - 1] == '=') + (text[size - 2] == '=');
    if (got <= 0 || (size_t)EVP_EncodeBlock(again, bytes, got) != size ||
        memcmp(again, text, size) != 0)
        return 0;
    lks_buffer_append(out, bytes, (size_t)got);
    return 1;
}

int lks_base64_read(struct lks_str text, struct lks_buffer *out, struct lks_error *err)
{
    int good = text.size_bytes % 4 == 0;
    for (size_t at = 0; good && at < text.size_bytes; at += STEP_CHARACTERS) {
        size_t rest = text.size_bytes - at;
        size_t size = rest < STEP_CHARACTERS ? rest : STEP_CHARACTERS;
        good = step_read(text.data + at, size, out) &&
               (size == rest || text.data[at + size - 1] != '=');
    }
    if (!good)
        return lks_error_set(err, LKS_EINPUT, "this is no base64");
    if (out->failed)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    return 0;
}

int lks_base64url_read(struct lks_str text, struct lks_buffer *out, struct lks_error *err)
{
    struct lks_buffer plain = {0};
    int good = 1;
    for (size_t i = 0; i < text.size_bytes; i++) {
        char c = text.data[i];
        good &= c != '+' && c != '/' && c != '=';
        lks_buffer_byte(&plain, c == '-' ? '+' : c == '_' ? '/' : c);
    }
    while (plain.size_bytes % 4 && !plain.failed)
        lks_buffer_byte(&plain, '=');
    int code = !good ? lks_error_set(err, LKS_EINPUT, "this is no base64url")
               : plain.failed
                   ? lks_error_set(err, LKS_EMEMORY, "out of memory")
                   : lks_base64_read((struct lks_str){plain.data, plain.size_bytes}, out, err);
    lks_buffer_free(&plain);
    return code;
}

int lks_base64_read_exactly(struct lks_str text, void *out, size_t size_bytes,
                            struct lks_error *err)
{
    struct lks_buffer bytes = {0};
    int code = lks_base64_read(text, &bytes, err);
    if (code == 0 && bytes.size_bytes != size_bytes)
        code = lks_error_set(err, LKS_EINPUT, "this base64 holds %zu bytes and not %zu",
                             bytes.size_bytes, size_bytes);
    if (code == 0)
        memcpy(out, bytes.data, size_bytes);
    lks_buffer_free(&bytes);
    return code;
}
