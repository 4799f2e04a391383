/* verify_manifest.c - the signed list of an answer's files, against the files */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case/verify_bundle.h"
#include "custody/manifest.h"
#include "vault/disk.h"
#include "vault/file_digest.h"
#include "vault/file_list.h"

struct listing {
    struct lks_check *check;
    const char *folder;
    const struct lks_control *control;
    struct lks_file_list files; /* below data/ */
    unsigned char *named;
};

static struct lks_file_entry *file_find(struct listing *listing, struct lks_str name)
{
    size_t low = 0, high = listing->files.count;
    if (name.size_bytes < 5 || memcmp(name.data, "data/", 5) != 0)
        return NULL;
    struct lks_str below = {name.data + 5, name.size_bytes - 5};
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const char *path = listing->files.files[middle].path;
        int order = strncmp(path, below.data, below.size_bytes);
        if (order == 0)
            order = path[below.size_bytes] != '\0';
        if (order == 0)
            return &listing->files.files[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static int subject_check(struct listing *listing, const struct lks_manifest_subject *subject,
                         struct lks_error *err)
{
    unsigned char found[LKS_SHA256_BYTES];
    char path[LKS_DISK_PATH_BYTES];
    struct lks_error inner = {0};
    int size = subject->name.size_bytes < 1024 ? (int)subject->name.size_bytes : 1024;
    struct lks_file_entry *file = file_find(listing, subject->name);
    if (!file) {
        lks_check_missing(listing->check, "%.*s is named, and not here", size, subject->name.data);
        return 0;
    }
    listing->named[file - listing->files.files] = 1;
    if (snprintf(path, sizeof path, "%s/data/%s", listing->folder, file->path) >= (int)sizeof path)
        return lks_error_set(err, LKS_EARGUMENT, "a path is too long");
    int code = lks_file_digest(path, listing->control, found, NULL, &inner);
    if (code == LKS_EMISSING)
        lks_check_missing(listing->check, "data/%.1000s is named, and not here", file->path);
    else if (code == LKS_EINPUT)
        lks_check_damaged(listing->check, "data/%.1000s is no plain file", file->path);
    else if (code)
        return lks_error_set(err, code, "%s", inner.message);
    else if (memcmp(found, subject->sha256, sizeof found) != 0)
        lks_check_damaged(listing->check, "data/%.1000s was changed", file->path);
    else
        listing->check->checked_count++;
    return 0;
}

static int subjects_check(struct listing *listing, const struct lks_manifest *manifest,
                          struct lks_error *err)
{
    struct lks_error inner = {0};
    int code = lks_file_list_below(listing->folder, "data", &listing->files, &inner);
    if (code == LKS_EINPUT || code == LKS_EMISSING) {
        lks_check_damaged(listing->check, "%s", inner.message);
        return 0;
    }
    if (code)
        return lks_error_set(err, code, "%s", inner.message);
    if (!(listing->named = calloc(listing->files.count + 1, 1)))
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    for (size_t i = 0; code == 0 && i < manifest->subjects_count; i++)
        code = subject_check(listing, &manifest->subjects[i], err);
    for (size_t i = 0; code == 0 && i < listing->files.count; i++)
        if (!listing->named[i])
            lks_check_damaged(listing->check, "data/%.1000s is not named in it",
                              listing->files.files[i].path);
    if (code == 0)
        lks_check_say(listing->check, "%llu of %zu files are those that the log's key signed for",
                      (unsigned long long)listing->check->checked_count, manifest->subjects_count);
    return code;
}

int lks_verify_manifest(struct lks_verification *verification, const char *folder,
                        const struct lks_verifiers *keys, const struct lks_control *control,
                        struct lks_error *err)
{
    struct listing listing = {.check = lks_check_start(verification, "manifest", "signed list"),
                              .folder = folder,
                              .control = control};
    struct lks_manifest manifest;
    struct lks_buffer bytes = {0};
    struct lks_arena arena = {0};
    struct lks_error inner = {0};
    char path[LKS_DISK_PATH_BYTES];
    int code = snprintf(path, sizeof path, "%s/%s", folder, LKS_ANSWER_MANIFEST) >= (int)sizeof path
                   ? lks_error_set(&inner, LKS_EARGUMENT, "a path is too long")
                   : lks_disk_get(path, LKS_MANIFEST_BYTES_MAX, &bytes, &inner);
    if (code == 0)
        code = lks_manifest_read((struct lks_str){bytes.data, bytes.size_bytes}, keys, &arena,
                                 &manifest, &inner);
    if (code == LKS_EMISSING)
        lks_check_missing(listing.check, LKS_ANSWER_MANIFEST " is not there");
    else if (code == LKS_EINPUT)
        lks_check_damaged(listing.check, "%s: %s", LKS_ANSWER_MANIFEST, inner.message);
    if (code == LKS_EMISSING || code == LKS_EINPUT)
        code = 0;
    else if (code)
        lks_error_set(err, code, "%s", inner.message);
    else if (!lks_str_equal_text(manifest.predicate_type, LKS_ANSWER_MANIFEST_PREDICATE))
        lks_check_damaged(listing.check, "it speaks of something else than an answer");
    else
        code = subjects_check(&listing, &manifest, err);
    free(listing.named);
    lks_file_list_free(&listing.files);
    lks_arena_free(&arena);
    lks_buffer_free(&bytes);
    return code;
}
