/* manifest.c - every file of a folder named by digest in one signed statement */
#include "custody/manifest.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/base64.h"
#include "base/sha256.h"
#include "source/json_read.h"
#include "source/source.h"
#include "vault/canon.h"
#include "vault/file_list.h"

enum { PATH_BYTES = 8192 };

static int memory_out(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "out of memory for a manifest");
}

/* ---- the folder ---- */

static int path_make(const char *root, const char *below, const char *name, char out[PATH_BYTES],
                     struct lks_error *err)
{
    int size =
        snprintf(out, PATH_BYTES, "%s/%s%s%s", root, below, name ? "/" : "", name ? name : "");
    return size < PATH_BYTES ? 0 : lks_error_set(err, LKS_EINPUT, "%s: a path is too long", root);
}

/* An empty file has a digest too; sealing, which is for data, takes none. */
static int file_digest(const char *root, const char *below, const struct lks_file_entry *file,
                       unsigned char sha256[32], struct lks_error *err)
{
    char path[PATH_BYTES];
    if (!file->plain)
        return lks_error_set(err, LKS_EINPUT, "%s/%s is no plain file", below, file->path);
    if (file->size_bytes == 0) {
        lks_sha256_of("", 0, sha256);
        return 0;
    }
    int code = path_make(root, below, file->path, path, err);
    return code ? code : lks_source_seal(path, NULL, NULL, sha256, err);
}

static int folder_list(const char *root, const char *below, struct lks_file_list *list,
                       struct lks_error *err)
{
    char path[PATH_BYTES];
    int code = path_make(root, below, NULL, path, err);
    return code ? code : lks_file_list_make(path, list, err);
}

/* ---- making ---- */

static int subjects_make(const char *root, const char *below, const struct lks_file_list *list,
                         struct lks_arena *arena, struct lks_subject **out, struct lks_error *err)
{
    struct lks_subject *subjects = lks_arena_calloc(arena, list->count, sizeof *subjects);
    if (!subjects)
        return memory_out(err);
    for (size_t i = 0; i < list->count; i++) {
        size_t size = strlen(below) + strlen(list->files[i].path) + 2;
        char *name = lks_arena_alloc(arena, size);
        if (!name)
            return memory_out(err);
        snprintf(name, size, "%s/%s", below, list->files[i].path);
        subjects[i].name = name;
        int code = file_digest(root, below, &list->files[i], subjects[i].sha256, err);
        if (code)
            return code;
    }
    *out = subjects;
    return 0;
}

int lks_manifest_make(const char *root, const char *below, const char *predicate_type,
                      struct lks_str predicate, const struct lks_verifier *verifiers,
                      const struct lks_signing_key *const *keys, size_t keys_count,
                      struct lks_buffer *out, struct lks_error *err)
{
    struct lks_file_list list = {0};
    struct lks_arena arena = {0};
    struct lks_subject *subjects = NULL;
    struct lks_buffer body = {0};
    int code = folder_list(root, below, &list, err);
    if (code == 0 && !list.count)
        code = lks_error_set(err, LKS_EINPUT, "%s/%s holds no file", root, below);
    if (code == 0)
        code = subjects_make(root, below, &list, &arena, &subjects, err);
    if (code == 0)
        code = lks_intoto_format(subjects, list.count, predicate_type, predicate, &body, err);
    if (code == 0)
        code = lks_dsse_sign(LKS_STR(LKS_INTOTO_TYPE), (struct lks_str){body.data, body.size_bytes},
                             verifiers, keys, keys_count, out, err);
    lks_buffer_free(&body);
    lks_arena_free(&arena);
    lks_file_list_free(&list);
    return code;
}

/* ---- reading ---- */

static int wrong(const char *what, struct lks_error *err)
{
    return lks_error_set(err, LKS_EINPUT, "the manifest %s", what);
}

static int text_get(struct lks_str json, const char *path, struct lks_arena *arena,
                    struct lks_str *out, struct lks_error *err)
{
    struct lks_json_value value;
    int code = lks_json_get(json, lks_str_from(path), &value, arena, 0, NULL);
    if (code == LKS_EMEMORY)
        return memory_out(err);
    if (code || value.type != LKS_JSON_STRING)
        return wrong("is no envelope around a statement", err);
    *out = value.text;
    return 0;
}

/* One signature: 1 where a known key made it. */
static int signature_check(struct lks_str json, const struct lks_buffer *encoding,
                           const struct lks_verifiers *known, struct lks_arena *arena,
                           const struct lks_verifier **signer, struct lks_error *err)
{
    unsigned char signature[LKS_ED25519_SIGNATURE_BYTES];
    struct lks_str keyid = LKS_STR_NULL, sig = LKS_STR_NULL;
    struct lks_verifier named;
    int code = text_get(json, "keyid", arena, &keyid, err);
    if (code == 0)
        code = text_get(json, "sig", arena, &sig, err);
    if (code)
        return code;
    if (lks_verifier_parse(keyid, &named, NULL))
        return 0; /* another kind of key: not ours to judge */
    const struct lks_verifier *verifier = lks_verifiers_find(known, &named);
    if (!verifier || verifier->type != LKS_NOTE_ED25519)
        return 0;
    if (lks_base64_read_exactly(sig, signature, sizeof signature, NULL) ||
        lks_ed25519_check(verifier->public_key, encoding->data, encoding->size_bytes, signature,
                          NULL))
        return wrong("has a signature that does not hold", err);
    if (!*signer)
        *signer = verifier;
    return 0;
}

static int signatures_check(struct lks_str envelope, struct lks_str type, struct lks_str body,
                            const struct lks_verifiers *known, struct lks_arena *arena,
                            const struct lks_verifier **signer, struct lks_error *err)
{
    struct lks_json_value list;
    struct lks_json_reader reader;
    struct lks_buffer encoding = {0};
    int count = 0, code = lks_json_get(envelope, LKS_STR("signatures"), &list, arena, 0, NULL);
    *signer = NULL;
    if (code || list.type != LKS_JSON_ARRAY)
        return code == LKS_EMEMORY ? memory_out(err) : wrong("has no signatures", err);
    lks_dsse_encoding(type, body, &encoding);
    code = encoding.failed ? memory_out(err) : 0;
    lks_json_open(&reader, list.text, arena, 0);
    if (code == 0 && lks_json_enter_array(&reader))
        while (code == 0 && lks_json_element(&reader)) {
            if (++count > LKS_NOTE_SIGNATURES_MAX)
                code = wrong("has too many signatures", err);
            else
                code =
                    signature_check(lks_json_skip(&reader), &encoding, known, arena, signer, err);
        }
    if (lks_json_close(&reader, NULL) && code == 0)
        code = wrong("cannot be read", err);
    lks_buffer_free(&encoding);
    return code == 0 && !*signer ? wrong("is signed by no key that is known here", err) : code;
}

/* A name below the root: no ".." and nothing empty between its slashes. */
static int is_below(struct lks_str name)
{
    size_t start = 0;
    if (!name.size_bytes || memchr(name.data, 0, name.size_bytes))
        return 0;
    for (size_t at = 0; at <= name.size_bytes; at++) {
        if (at < name.size_bytes && name.data[at] != '/')
            continue;
        size_t size = at - start;
        if (size == 0 || (size <= 2 && memcmp(name.data + start, "..", size) == 0))
            return 0;
        start = at + 1;
    }
    return 1;
}

static int hex_read(struct lks_str hex, unsigned char out[32])
{
    static const char digits[] = "0123456789abcdef";
    if (hex.size_bytes != 64)
        return -1;
    for (size_t i = 0; i < 32; i++) {
        const char *high = memchr(digits, hex.data[2 * i], 16);
        const char *low = memchr(digits, hex.data[2 * i + 1], 16);
        if (!high || !low)
            return -1;
        out[i] = (unsigned char)((high - digits) * 16 + (low - digits));
    }
    return 0;
}

static int subject_read(struct lks_str json, struct lks_arena *arena,
                        struct lks_manifest_subject *subject, struct lks_error *err)
{
    struct lks_str hex = LKS_STR_NULL;
    int code = text_get(json, "name", arena, &subject->name, err);
    if (code == 0)
        code = text_get(json, "digest.sha256", arena, &hex, err);
    if (code == 0 && !is_below(subject->name))
        code = wrong("names a file outside of its folder", err);
    if (code == 0 && hex_read(hex, subject->sha256))
        code = wrong("has a digest that is none", err);
    return code;
}

static int subjects_read(struct lks_str list, struct lks_arena *arena,
                         struct lks_manifest *manifest, struct lks_error *err)
{
    struct lks_json_reader reader;
    size_t count = 0;
    int code = 0;
    lks_json_open(&reader, list, arena, 0);
    if (lks_json_enter_array(&reader))
        for (; lks_json_element(&reader); count++)
            lks_json_skip(&reader);
    if (lks_json_close(&reader, NULL) || !count)
        return wrong("names no files", err);
    manifest->subjects = lks_arena_calloc(arena, count, sizeof *manifest->subjects);
    if (!manifest->subjects)
        return memory_out(err);
    lks_json_open(&reader, list, arena, 0);
    if (lks_json_enter_array(&reader))
        while (code == 0 && lks_json_element(&reader)) {
            struct lks_manifest_subject *subject = &manifest->subjects[manifest->subjects_count++];
            code = subject_read(lks_json_skip(&reader), arena, subject, err);
            if (code == 0 && manifest->subjects_count > 1 &&
                lks_str_order(subject[-1].name, subject->name) >= 0)
                code = wrong("does not name its files in their order, each once", err);
        }
    if (lks_json_close(&reader, NULL) && code == 0)
        code = wrong("cannot be read", err);
    return code;
}

static int statement_read(struct lks_str body, struct lks_arena *arena,
                          struct lks_manifest *manifest, struct lks_error *err)
{
    static const struct lks_str paths[] = {{"_type", 5}, {"predicate", 9}, {"subject", 7}};
    struct lks_json_value values[3];
    int code = lks_json_get_paths(body, paths, 3, values, arena, 0, NULL);
    if (code == LKS_EMEMORY)
        return memory_out(err);
    if (code || values[0].type != LKS_JSON_STRING ||
        !lks_str_equal_text(values[0].text, "https://in-toto.io/Statement/v1") ||
        values[1].type != LKS_JSON_OBJECT || values[2].type != LKS_JSON_ARRAY)
        return wrong("holds no in-toto statement, version 1", err);
    manifest->predicate = values[1].text;
    code = text_get(body, "predicateType", arena, &manifest->predicate_type, err);
    return code ? code : subjects_read(values[2].text, arena, manifest, err);
}

int lks_manifest_read(struct lks_str envelope, const struct lks_verifiers *known,
                      struct lks_arena *arena, struct lks_manifest *manifest, struct lks_error *err)
{
    struct lks_str type = LKS_STR_NULL, payload = LKS_STR_NULL;
    struct lks_buffer decoded = {0};
    *manifest = (struct lks_manifest){.subjects = NULL};
    if (envelope.size_bytes > LKS_MANIFEST_BYTES_MAX)
        return wrong("is larger than one may be", err);
    int code = text_get(envelope, "payloadType", arena, &type, err);
    if (code == 0)
        code = text_get(envelope, "payload", arena, &payload, err);
    if (code == 0 && !lks_str_equal_text(type, LKS_INTOTO_TYPE))
        code = wrong("is no in-toto statement", err);
    if (code == 0 && lks_base64_read(payload, &decoded, NULL))
        code = wrong("has a body that is no base64", err);
    struct lks_str body =
        code ? LKS_STR_NULL
             : lks_arena_str(
                   arena, (struct lks_str){decoded.data ? decoded.data : "", decoded.size_bytes});
    lks_buffer_free(&decoded);
    if (code == 0 && !body.data)
        code = memory_out(err);
    if (code == 0) /* nothing of the body counts before this */
        code = signatures_check(envelope, type, body, known, arena, &manifest->signer, err);
    return code ? code : statement_read(body, arena, manifest, err);
}

int lks_manifest_check(const struct lks_manifest *manifest, const char *root, const char *below,
                       struct lks_error *err)
{
    struct lks_file_list list = {0};
    char name[PATH_BYTES];
    unsigned char sha256[32];
    int code = folder_list(root, below, &list, err);
    for (size_t i = 0, k = 0; code == 0 && (i < list.count || k < manifest->subjects_count);
         i++, k++) {
        struct lks_str file = LKS_STR_NULL, said = LKS_STR_NULL;
        if (i < list.count) {
            snprintf(name, sizeof name, "%s/%s", below, list.files[i].path);
            file = lks_str_from(name);
        }
        if (k < manifest->subjects_count)
            said = manifest->subjects[k].name;
        int order = !file.data ? 1 : !said.data ? -1 : lks_str_order(file, said);
        if (order < 0)
            code = lks_error_set(err, LKS_EINPUT, "the manifest does not name %.200s", file.data);
        else if (order > 0)
            code = lks_error_set(err, LKS_EINPUT, "%.*s is missing",
                                 (int)(said.size_bytes < 200 ? said.size_bytes : 200), said.data);
        else
            code = file_digest(root, below, &list.files[i], sha256, err);
        if (code == 0 && memcmp(sha256, manifest->subjects[k].sha256, sizeof sha256) != 0)
            code =
                lks_error_set(err, LKS_EINPUT, "%.200s is not what the manifest says", file.data);
    }
    lks_file_list_free(&list);
    return code;
}
