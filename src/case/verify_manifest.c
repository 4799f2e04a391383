/* verify_manifest.c - the signed list of an answer's files: a DSSE envelope over an in-toto statement */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/threads.h"
#include "case/verify_bundle.h"
#include "source/json_read.h"
#include "source/source.h"
#include "vault/disk.h"
#include "vault/dsse.h"
#include "vault/file_list.h"

#define MANIFEST_BYTES_MAX ((size_t)1 << 30)

struct manifest {
    struct lks_check *check;
    const char *folder;
    const struct lks_verifiers *keys;
    const struct lks_control *control;
    struct lks_buffer bytes, body;
    struct lks_arena arena;
    struct lks_file_list files; /* of data/ */
    unsigned char *named;
};

/* 1 where one of the keys signed the body. */
static int signatures_check(struct manifest *manifest, struct lks_str type, struct lks_str list)
{
    struct lks_json_reader reader;
    struct lks_buffer encoding = {0};
    struct lks_str body = {manifest->body.data, manifest->body.size_bytes};
    int good = 0, bad = 0, count = 0;
    lks_dsse_encoding(type, body, &encoding);
    lks_json_open(&reader, list, &manifest->arena, 0);
    if (!encoding.failed && lks_json_enter_array(&reader))
        while (lks_json_element(&reader) && ++count <= LKS_NOTE_SIGNATURES_MAX) {
            static const struct lks_str paths[] = {{"keyid", 5}, {"sig", 3}};
            struct lks_json_value values[2], one = lks_json_read(&reader);
            unsigned char signature[LKS_ED25519_SIGNATURE_BYTES];
            struct lks_verifier verifier;
            if (one.type != LKS_JSON_OBJECT ||
                lks_json_get_paths(one.text, paths, 2, values, &manifest->arena, 0, NULL) != 0 ||
                values[0].type != LKS_JSON_STRING || values[1].type != LKS_JSON_STRING ||
                lks_verifier_parse(values[0].text, &verifier, NULL) != 0 ||
                !lks_verifiers_find(manifest->keys, &verifier))
                continue; /* by somebody who is not known here */
            if (lks_base64_read_exactly(values[1].text, signature, sizeof signature, NULL) == 0 &&
                lks_ed25519_check(verifier.public_key, encoding.data, encoding.size_bytes,
                                  signature, NULL) == 0)
                good++;
            else
                bad++;
        }
    if (lks_json_close(&reader, NULL) != 0)
        bad++;
    lks_buffer_free(&encoding);
    return good && !bad;
}

static struct lks_file_entry *file_find(struct manifest *manifest, const char *path)
{
    size_t low = 0, high = manifest->files.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(manifest->files.files[middle].path, path);
        if (order == 0)
            return &manifest->files.files[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static int subject_check(struct manifest *manifest, struct lks_str name, struct lks_str digest,
                         struct lks_error *err)
{
    struct lks_error inner = {0};
    unsigned char found[LKS_SHA256_BYTES];
    char path[LKS_DISK_PATH_BYTES], hex[LKS_SHA256_HEX_BYTES];
    uint64_t size_bytes;
    struct lks_str text = lks_arena_str(&manifest->arena, name);
    if (!text.data)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    const char *below = strncmp(text.data, "data/", 5) == 0 ? text.data + 5 : "";
    struct lks_file_entry *file =
        strlen(text.data) == text.size_bytes ? file_find(manifest, below) : NULL;
    if (!file || !file->plain) {
        lks_check_missing(manifest->check, "%s is named, and not here", text.data);
        return 0;
    }
    size_t index = (size_t)(file - manifest->files.files);
    if (manifest->named[index]) {
        lks_check_damaged(manifest->check, "%s is named twice", text.data);
        return 0;
    }
    manifest->named[index] = 1;
    if (snprintf(path, sizeof path, "%s/%s", manifest->folder, text.data) >= (int)sizeof path)
        return lks_error_set(err, LKS_EARGUMENT, "a path is too long");
    int code = lks_source_seal(path, manifest->control, &size_bytes, found, &inner);
    if (code)
        return lks_error_set(err, code, "%s", inner.message);
    lks_sha256_hex(found, hex);
    if (!lks_str_equal_text(digest, hex))
        lks_check_damaged(manifest->check, "%s was changed", text.data);
    manifest->check->checked_count++;
    return 0;
}

static int subjects_check(struct manifest *manifest, struct lks_error *err)
{
    static const struct lks_str paths[] = {{"_type", 5}, {"predicateType", 13}, {"subject", 7}};
    struct lks_json_value values[3];
    struct lks_json_reader reader;
    struct lks_str body = {manifest->body.data, manifest->body.size_bytes};
    struct lks_arena kept = {0}; /* the list outlives what is reset for each of its items */
    int code = 0;
    if (lks_json_get_paths(body, paths, 3, values, &kept, 0, NULL) != 0 ||
        values[2].type != LKS_JSON_ARRAY) {
        lks_check_damaged(manifest->check, "the signed body is no in-toto statement");
        lks_arena_free(&kept);
        return 0;
    }
    if (!lks_str_equal_text(values[1].text, LKS_ANSWER_MANIFEST_PREDICATE))
        lks_check_damaged(manifest->check, "it speaks of something else than an answer");
    lks_json_open(&reader, values[2].text, &kept, 0);
    if (lks_json_enter_array(&reader))
        while (code == 0 && lks_json_element(&reader)) {
            static const struct lks_str parts[] = {{"name", 4}, {"digest.sha256", 13}};
            struct lks_json_value two[2], one = lks_json_read(&reader);
            lks_arena_reset(&manifest->arena);
            if (one.type != LKS_JSON_OBJECT ||
                lks_json_get_paths(one.text, parts, 2, two, &manifest->arena, 0, NULL) != 0 ||
                two[0].type != LKS_JSON_STRING || two[1].type != LKS_JSON_STRING)
                lks_check_damaged(manifest->check, "it names a file without a SHA-256");
            else
                code = subject_check(manifest, two[0].text, two[1].text, err);
            if (code == 0 && lks_cancelled(manifest->control))
                code = lks_error_set(err, LKS_ECANCELLED, "interrupted");
        }
    if (lks_json_close(&reader, NULL) != 0 && code == 0)
        lks_check_damaged(manifest->check, "the list of files cannot be read");
    lks_arena_free(&kept);
    for (size_t i = 0; code == 0 && i < manifest->files.count; i++)
        if (!manifest->named[i])
            lks_check_damaged(manifest->check, "data/%.300s is not named in it",
                              manifest->files.files[i].path);
    return code;
}

static int envelope_check(struct manifest *manifest, struct lks_error *err)
{
    static const struct lks_str paths[] = {{"payload", 7}, {"payloadType", 11}, {"signatures", 10}};
    struct lks_json_value values[3];
    struct lks_str bytes = {manifest->bytes.data, manifest->bytes.size_bytes};
    if (lks_canonical_check(bytes, &manifest->arena, NULL) != 0 ||
        lks_json_get_paths(bytes, paths, 3, values, &manifest->arena, 0, NULL) != 0 ||
        values[0].type != LKS_JSON_STRING || values[1].type != LKS_JSON_STRING ||
        values[2].type != LKS_JSON_ARRAY || !lks_str_equal_text(values[1].text, LKS_INTOTO_TYPE)) {
        lks_check_damaged(manifest->check, "it is no DSSE envelope of an in-toto statement");
        return 0;
    }
    int code = lks_base64_read(values[0].text, &manifest->body, NULL);
    if (code == LKS_EMEMORY)
        return lks_error_set(err, code, "out of memory");
    if (code) {
        lks_check_damaged(manifest->check, "its body cannot be read");
        return 0;
    }
    if (!signatures_check(manifest, values[1].text, values[2].text)) {
        lks_check_damaged(manifest->check, "no key that is trusted here signed it as it is");
        return 0;
    }
    return subjects_check(manifest, err);
}

int lks_verify_manifest(struct lks_verification *verification, const char *folder,
                        const struct lks_verifiers *keys, const struct lks_control *control,
                        struct lks_error *err)
{
    struct manifest manifest = {.check = lks_check_start(verification, "manifest", "signed list"),
                                .folder = folder,
                                .keys = keys,
                                .control = control};
    char path[LKS_DISK_PATH_BYTES];
    struct lks_error inner = {0};
    int code = snprintf(path, sizeof path, "%s/%s", folder, LKS_ANSWER_MANIFEST) >= (int)sizeof path
                   ? lks_error_set(&inner, LKS_EARGUMENT, "a path is too long")
                   : lks_disk_get(path, MANIFEST_BYTES_MAX, &manifest.bytes, &inner);
    if (code == LKS_EMISSING) {
        lks_check_missing(manifest.check, LKS_ANSWER_MANIFEST " is not there");
        return 0;
    }
    if (code == 0)
        code = lks_file_list_below(folder, "data", &manifest.files, &inner);
    if (code == 0 && !(manifest.named = calloc(manifest.files.count + 1, 1)))
        code = lks_error_set(&inner, LKS_EMEMORY, "out of memory");
    if (code == LKS_EINPUT || code == LKS_EMISSING)
        lks_check_damaged(manifest.check, "%s", inner.message);
    else if (code)
        lks_error_set(err, code, "%s", inner.message);
    else
        code = envelope_check(&manifest, err);
    if (code == 0 && manifest.check->state == LKS_CHECK_HOLDS)
        lks_check_say(manifest.check, "%llu files are those that the log's key signed for",
                      (unsigned long long)manifest.check->checked_count);
    free(manifest.named);
    lks_file_list_free(&manifest.files);
    lks_arena_free(&manifest.arena);
    lks_buffer_free(&manifest.bytes);
    lks_buffer_free(&manifest.body);
    return code == LKS_EINPUT || code == LKS_EMISSING ? 0 : code;
}
