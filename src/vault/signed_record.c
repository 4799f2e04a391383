/* signed_record.c - the largest size and root that a log ever signed
 *
 *     lockstep signed maximum 1
 *     origin
 *     size
 *     base64 of the root
 *     base64 of the SHA-256 of the lines above */
#include "vault/signed_record.h"

#include "base/base64.h"
#include "vault/checkpoint.h"
#include "vault/disk.h"

#define RECORD_TEXT "lockstep signed maximum 1\n"

enum { RECORD_BYTES_MAX = 4096 };

static void record_format(const char *origin, const struct lks_signed_record *record,
                          struct lks_buffer *out)
{
    unsigned char digest[LKS_SHA256_BYTES];
    struct lks_checkpoint checkpoint = {lks_str_from(origin), record->size, record->root};
    lks_buffer_text(out, RECORD_TEXT);
    lks_checkpoint_format(&checkpoint, out);
    if (out->failed)
        return;
    lks_sha256_of(out->data, out->size_bytes, digest);
    lks_base64_add(out, digest, sizeof digest);
    lks_buffer_byte(out, '\n');
}

int lks_signed_record_put(const char *path, const char *origin,
                          const struct lks_signed_record *record, struct lks_error *err)
{
    struct lks_buffer bytes = {0};
    record_format(origin, record, &bytes);
    int code = bytes.failed ? lks_error_set(err, LKS_EMEMORY, "out of memory")
                            : lks_disk_put(path, bytes.data, bytes.size_bytes, 0666, err);
    lks_buffer_free(&bytes);
    return code;
}

int lks_signed_record_get(const char *path, const char *origin, struct lks_signed_record *record,
                          struct lks_error *err)
{
    struct lks_buffer bytes = {0}, again = {0};
    struct lks_checkpoint checkpoint;
    size_t head = sizeof RECORD_TEXT - 1;
    int code = lks_disk_get(path, RECORD_BYTES_MAX, &bytes, err);
    if (code) {
        lks_buffer_free(&bytes);
        return code;
    }
    /* What the bytes say, written again, must be the bytes. */
    struct lks_str rest = LKS_STR_NULL, line, text = LKS_STR_NULL;
    int good = bytes.size_bytes > head && memcmp(bytes.data, RECORD_TEXT, head) == 0;
    if (good)
        text = rest = (struct lks_str){bytes.data + head, bytes.size_bytes - head};
    for (int i = 0; good && i < 3; i++)
        good = lks_line_next(&rest, &line);
    if (good) {
        text.size_bytes = (size_t)(rest.data - text.data);
        good = lks_checkpoint_parse(text, &checkpoint, NULL) == 0 &&
               lks_str_equal_text(checkpoint.origin, origin);
    }
    if (good) {
        *record = (struct lks_signed_record){checkpoint.size, checkpoint.root};
        record_format(origin, record, &again);
        good = !again.failed && again.size_bytes == bytes.size_bytes &&
               memcmp(again.data, bytes.data, bytes.size_bytes) == 0;
    }
    lks_buffer_free(&again);
    lks_buffer_free(&bytes);
    return good ? 0 : lks_error_set(err, LKS_EINPUT, "%s is damaged, or of another log", path);
}
