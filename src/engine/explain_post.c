/* explain_post.c - a post down to its very bytes: entry of the log, sealed file, place in it
 *
 * The sealed file is decrypted whole, which checks it against its name in the log, and then read as
 * the parser read it: decompressed where it is compressed, from the offset on. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/json_write.h"
#include "base/sha256.h"
#include "base/shown.h"
#include "base/threads.h"
#include "base/time.h"
#include "base/utf8.h"
#include "case/unseal.h"
#include "engine/explain.h"
#include "source/reader.h"

enum { RAW_BYTES_MAX = 64 << 20, SHOWN_BYTES = 64 << 10, SKIP_BYTES = 1 << 20 };

struct told {
    struct lks_arena arena;
    struct lks_post post;
    struct lks_store_file file;
    int sealed; /* the file lies in the vault, and was read */
    char gone[256];
    const char *packed; /* what decompresses it: "zstd -dc", "gzip -dc", or NULL */
    struct lks_buffer raw;
    char raw_sha256[LKS_SHA256_HEX_BYTES];
};

static int post_look(struct lks_store *store, const char *key, struct told *told,
                     struct lks_error *err)
{
    uint32_t post_index, file_index = 0;
    struct lks_store_file *files;
    size_t count;
    int code = lks_store_post_find(store, lks_str_from(key), &post_index, err);
    if (code == 0)
        code = lks_store_posts(store, &post_index, 1, &told->arena, &told->post, &file_index, err);
    if (code == 0)
        code = lks_store_files(store, &told->arena, &files, &count, err);
    for (size_t i = 0; code == 0 && i < count; i++)
        if (files[i].file_index == file_index)
            told->file = files[i];
    return code;
}

static const char *packer(int file)
{
    unsigned char magic[4] = {0};
    if (pread(file, magic, sizeof magic, 0) < (ssize_t)sizeof magic)
        return NULL;
    if (magic[0] == 0x1f && magic[1] == 0x8b)
        return "gzip -dc";
    return magic[0] == 0x28 && magic[1] == 0xb5 && magic[2] == 0x2f && magic[3] == 0xfd ? "zstd -dc"
                                                                                        : NULL;
}

/* The bytes [offset, offset + length) of the content. */
static int raw_read(struct lks_reader *reader, uint64_t offset, uint64_t length,
                    const struct lks_control *control, struct lks_buffer *out,
                    struct lks_error *err)
{
    char *piece = malloc(SKIP_BYTES);
    uint64_t at = 0, end = offset + length;
    int code = piece ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory");
    while (code == 0 && at < end) {
        size_t got = 0, want = end - at < SKIP_BYTES ? (size_t)(end - at) : SKIP_BYTES;
        code = lks_reader_read(reader, piece, want, &got, err);
        if (code == 0 && got == 0)
            code = lks_error_set(err, LKS_EINPUT, "the sealed file ends before the post");
        size_t skip = at >= offset ? 0 : offset - at < got ? (size_t)(offset - at) : got;
        if (code == 0)
            lks_buffer_append(out, piece + skip, got - skip);
        at += got;
        if (code == 0 && lks_cancelled(control))
            code = lks_error_set(err, LKS_ECANCELLED, "stopped");
    }
    free(piece);
    if (code == 0 && out->failed)
        code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    return code;
}

static int bytes_look(const char *case_path, const struct lks_vault *vault,
                      const struct lks_control *control, struct told *told, struct lks_error *err)
{
    char folder[LKS_CASE_PATH_BYTES], path[64];
    unsigned char digest[LKS_SHA256_BYTES];
    struct lks_reader *reader = NULL;
    struct lks_blob blob;
    struct lks_error inner = {0};
    int file = -1, code = lks_vault_path(case_path, NULL, folder, err);
    if (code)
        return code;
    code = lks_unseal(folder, vault, told->file.blob, control, &file, &blob, &inner);
    if (code == LKS_EMISSING || code == LKS_EINPUT) { /* what is left can still be told */
        snprintf(told->gone, sizeof told->gone, "%.250s", inner.message);
        return 0;
    }
    if (code)
        return lks_error_set(err, code, "%s", inner.message);
    told->sealed = 1;
    told->packed = packer(file);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    if (told->post.length_bytes && told->post.length_bytes <= RAW_BYTES_MAX) {
        code = lks_reader_open(path, &reader, err);
        if (code == 0)
            code = raw_read(reader, told->post.offset_bytes, told->post.length_bytes, control,
                            &told->raw, err);
        lks_reader_close(reader);
        if (code == 0) {
            lks_sha256_of(told->raw.data, told->raw.size_bytes, digest);
            lks_sha256_hex(digest, told->raw_sha256);
        }
    }
    close(file);
    return code;
}

/* ---- telling ---- */

static void line(struct lks_buffer *out, const char *name, struct lks_str value)
{
    lks_buffer_format(out, "%-9s ", name);
    lks_buffer_shown(out, value, 400);
    lks_buffer_byte(out, '\n');
}

static void check_text(const struct told *told, struct lks_buffer *out)
{
    const char *blob = told->file.blob;
    lks_buffer_format(out,
                      "\nTo check it with other programs, in the folder of the case:\n"
                      "  openssl enc -d -aes-256-ctr -iv 00000000000000000000000000000000 \\\n"
                      "    -K \"$(sed -n 's/^key //p' vault/keys/%.2s/%s)\" \\\n"
                      "    -in vault/blobs/%.2s/%s%s%s \\\n",
                      blob, blob + 2, blob, blob + 2, told->packed ? " | " : "",
                      told->packed ? told->packed : "");
    if (told->post.length_bytes)
        lks_buffer_format(out, "    | tail -c +%llu | head -c %llu\n",
                          (unsigned long long)told->post.offset_bytes + 1,
                          (unsigned long long)told->post.length_bytes);
    else
        lks_buffer_format(out, "    > file.parquet, and look at row %llu\n",
                          (unsigned long long)told->post.offset_bytes);
    lks_buffer_format(out,
                      "The file's name in the vault stands in entry %llu of the log; 'lockstep "
                      "verify' checks that entry.\n",
                      (unsigned long long)told->file.leaf);
}

static void told_text(const struct told *told, struct lks_buffer *out)
{
    char time[LKS_TIME_TEXT_BYTES];
    lks_time_format(told->post.time_us, time);
    line(out, "post", told->post.post_key);
    line(out, "account", told->post.account_key);
    line(out, "time", lks_str_from(time));
    line(out, "file", lks_str_from(told->file.name));
    line(out, "sha256", lks_str_from(told->file.sha256));
    lks_buffer_format(out, "%-9s %llu\n", "entry", (unsigned long long)told->file.leaf);
    lks_buffer_format(out, "%-9s ", "place");
    if (told->post.length_bytes)
        lks_buffer_format(out, "%llu bytes from byte %llu%s\n",
                          (unsigned long long)told->post.length_bytes,
                          (unsigned long long)told->post.offset_bytes,
                          told->packed ? " of the decompressed file" : "");
    else
        lks_buffer_format(out, "row %llu\n", (unsigned long long)told->post.offset_bytes);
    if (!told->sealed) {
        line(out, "bytes", lks_str_from(told->gone[0] ? told->gone : "this file was not sealed"));
        return;
    }
    if (told->raw.size_bytes) {
        line(out, "SHA-256", lks_str_from(told->raw_sha256));
        lks_buffer_text(out, "\n");
        lks_buffer_shown(out, (struct lks_str){told->raw.data, told->raw.size_bytes}, SHOWN_BYTES);
        lks_buffer_byte(out, '\n');
    }
    check_text(told, out);
}

static void told_json(const struct told *told, struct lks_buffer *out)
{
    struct lks_json json = {.buffer = out};
    struct lks_buffer raw = {0};
    lks_json_object(&json, NULL);
    lks_json_string(&json, "post", told->post.post_key);
    lks_json_string(&json, "account", told->post.account_key);
    lks_json_time(&json, "time", told->post.time_us);
    lks_json_string(&json, "text", told->post.text);
    lks_json_text(&json, "file", told->file.name);
    lks_json_text(&json, "sha256", told->file.sha256);
    lks_json_text(&json, "blob", told->file.blob);
    lks_json_uint(&json, "leaf", told->file.leaf);
    lks_json_uint(&json, "offset", told->post.offset_bytes);
    lks_json_uint(&json, "length", told->post.length_bytes);
    lks_json_text(&json, "unpack", told->packed);
    if (told->raw.size_bytes) {
        lks_base64_add(&raw, told->raw.data, told->raw.size_bytes);
        lks_json_string(&json, "raw_base64", (struct lks_str){raw.data, raw.size_bytes});
        lks_json_text(&json, "raw_sha256", told->raw_sha256);
    }
    lks_json_string(&json, "gone", told->gone[0] ? lks_str_from(told->gone) : LKS_STR_NULL);
    lks_json_object_end(&json);
    lks_buffer_byte(out, '\n');
    out->failed |= raw.failed;
    lks_buffer_free(&raw);
}

int lks_explain_post(struct lks_store *store, const char *case_path, const struct lks_vault *vault,
                     const char *key, int as_json, const struct lks_control *control,
                     struct lks_buffer *out, struct lks_error *err)
{
    struct told told = {.sealed = 0};
    int code = post_look(store, key, &told, err);
    if (code == 0 && told.file.blob[0])
        code = bytes_look(case_path, vault, control, &told, err);
    if (code == 0)
        as_json ? told_json(&told, out) : told_text(&told, out);
    lks_buffer_free(&told.raw);
    lks_arena_free(&told.arena);
    return code;
}
