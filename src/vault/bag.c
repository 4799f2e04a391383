/* bag.c - BagIt (RFC 8493): made, and checked with distrust
 *
 *     bagit.txt                 version and encoding
 *     bag-info.txt              labels; Payload-Oxum is "bytes.files"
 *     manifest-sha512.txt       a digest and a path for every file under data/
 *     tagmanifest-sha512.txt    the same for every file outside data/ but itself
 *     data/...
 *
 * A path in a manifest is under the bag and stays there: no "..", no leading "/" or "~", no "\";
 * %25, %0A and %0D stand for a percent sign and the ends of lines, and nothing else is encoded. */
#include "vault/bag.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/progress.h"
#include "base/utf8.h"
#include "vault/checkpoint.h"
#include "vault/disk.h"
#include "vault/file_list.h"

#define DECLARATION "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"

enum { HEX_BYTES_MAX = 129, TAG_BYTES_MAX = 1 << 30, READ_BYTES = 1 << 20 };

/* ---- digests ---- */

static void hex_write(const unsigned char *digest, unsigned size, char *hex)
{
    for (unsigned i = 0; i < size; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

/* The digest of a plain file below an open folder, never through a link. */
static int file_digest(int folder, const char *path, const EVP_MD *method, char hex[HEX_BYTES_MAX],
                       struct lks_meter *meter, uint64_t *done_bytes, struct lks_error *err)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    int code = 0, file = openat(folder, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (file < 0)
        return lks_error_system(err, path, "cannot be read");
    EVP_MD_CTX *state = EVP_MD_CTX_new();
    char *piece = malloc(READ_BYTES);
    if (!state || !piece || EVP_DigestInit_ex(state, method, NULL) != 1)
        code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    while (code == 0) {
        ssize_t got = read(file, piece, READ_BYTES);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            code = lks_error_system(err, path, "cannot be read");
        if (got <= 0)
            break;
        EVP_DigestUpdate(state, piece, (size_t)got);
        *done_bytes += (uint64_t)got;
        code = lks_meter_at(meter, *done_bytes, err);
    }
    if (code == 0 && EVP_DigestFinal_ex(state, digest, &size) != 1)
        code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    if (code == 0)
        hex_write(digest, size, hex);
    free(piece);
    EVP_MD_CTX_free(state);
    close(file);
    return code;
}

/* ---- paths in manifests ---- */

static void path_encode(const char *path, struct lks_buffer *out)
{
    for (; *path; path++) {
        if (*path == '%')
            lks_buffer_text(out, "%25");
        else if (*path == '\n')
            lks_buffer_text(out, "%0A");
        else if (*path == '\r')
            lks_buffer_text(out, "%0D");
        else
            lks_buffer_byte(out, *path);
    }
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static void path_decode(struct lks_str text, struct lks_buffer *out)
{
    for (size_t i = 0; i < text.size_bytes; i++) {
        int value = -1;
        if (text.data[i] == '%' && i + 2 < text.size_bytes) {
            int high = hex_digit(text.data[i + 1]), low = hex_digit(text.data[i + 2]);
            value = high >= 0 && low >= 0 ? high << 4 | low : -1;
        }
        if (value == '%' || value == '\n' || value == '\r') {
            lks_buffer_byte(out, (char)value);
            i += 2;
        } else
            lks_buffer_byte(out, text.data[i]);
    }
    lks_buffer_byte(out, '\0');
}

/* 1 where the path stays under the bag. */
static int path_inside(const char *path)
{
    if (*path == '\0' || *path == '/' || *path == '~' || strchr(path, '\\'))
        return 0;
    for (const char *part = path; part; part = strchr(part, '/')) {
        part += *part == '/';
        size_t size = strcspn(part, "/");
        if (size == 0 || (size == 1 && part[0] == '.') ||
            (size == 2 && part[0] == '.' && part[1] == '.'))
            return 0;
    }
    return 1;
}

/* ---- making ---- */

static int in_payload(const char *path)
{
    return strncmp(path, "data/", 5) == 0;
}

static int manifest_make(int folder, const struct lks_file_list *list, int payload,
                         struct lks_meter *meter, uint64_t *done_bytes, struct lks_buffer *out,
                         struct lks_error *err)
{
    char hex[HEX_BYTES_MAX];
    for (size_t i = 0; i < list->count; i++) {
        const struct lks_file_entry *file = &list->files[i];
        if (in_payload(file->path) != payload || strncmp(file->path, "tagmanifest-", 12) == 0)
            continue;
        int code = file_digest(folder, file->path, EVP_sha512(), hex, meter, done_bytes, err);
        if (code)
            return code;
        lks_buffer_format(out, "%s  ", hex);
        path_encode(file->path, out);
        lks_buffer_byte(out, '\n');
    }
    return out->failed ? lks_error_set(err, LKS_EMEMORY, "out of memory") : 0;
}

static int tag_put(const char *folder, const char *name, const struct lks_buffer *bytes,
                   struct lks_error *err)
{
    char path[LKS_DISK_PATH_BYTES];
    if (bytes->failed)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
        return lks_error_set(err, LKS_EARGUMENT, "a path is too long");
    return lks_disk_put(path, bytes->data, bytes->size_bytes, 0666, err);
}

static int list_plain(const struct lks_file_list *list, struct lks_error *err)
{
    for (size_t i = 0; i < list->count; i++)
        if (!list->files[i].plain)
            return lks_error_set(err, LKS_EINPUT, "%s is no plain file and cannot go into a bag",
                                 list->files[i].path);
    return 0;
}

static int infos_put(const char *folder, const struct lks_bag_info *infos, size_t infos_count,
                     const struct lks_file_list *list, struct lks_error *err)
{
    struct lks_buffer text = {0};
    uint64_t files_count = 0, size_bytes = 0;
    for (size_t i = 0; i < list->count; i++)
        if (in_payload(list->files[i].path)) {
            files_count++;
            size_bytes += list->files[i].size_bytes;
        }
    for (size_t i = 0; i < infos_count; i++) {
        LKS_ASSERT(!strpbrk(infos[i].value, "\r\n") && !strpbrk(infos[i].label, "\r\n:"));
        lks_buffer_format(&text, "%s: %s\n", infos[i].label, infos[i].value);
    }
    lks_buffer_format(&text, "Payload-Oxum: %llu.%llu\n", (unsigned long long)size_bytes,
                      (unsigned long long)files_count);
    int code = tag_put(folder, "bag-info.txt", &text, err);
    lks_buffer_free(&text);
    return code;
}

int lks_bag_make(const char *folder, const struct lks_bag_info *infos, size_t infos_count,
                 const struct lks_control *control, struct lks_error *err)
{
    struct lks_file_list list = {0};
    struct lks_buffer text = {0};
    struct lks_meter meter;
    uint64_t done_bytes = 0;
    int code = lks_file_list_make(folder, &list, err), top = -1;
    if (code == 0)
        code = list_plain(&list, err);
    if (code == 0 && (top = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
        code = lks_error_system(err, folder, "cannot be read");
    lks_meter_start(&meter, control, "bag", "bytes", 0);
    if (code == 0)
        code = infos_put(folder, infos, infos_count, &list, err);
    lks_buffer_text(&text, DECLARATION);
    if (code == 0)
        code = tag_put(folder, "bagit.txt", &text, err);
    lks_buffer_clear(&text);
    if (code == 0)
        code = manifest_make(top, &list, 1, &meter, &done_bytes, &text, err);
    if (code == 0)
        code = tag_put(folder, "manifest-sha512.txt", &text, err);
    lks_buffer_clear(&text);
    lks_file_list_free(&list);
    if (code == 0) /* with the tag files that were just written */
        code = lks_file_list_make(folder, &list, err);
    if (code == 0)
        code = manifest_make(top, &list, 0, &meter, &done_bytes, &text, err);
    if (code == 0)
        code = tag_put(folder, "tagmanifest-sha512.txt", &text, err);
    if (code == 0)
        lks_meter_finish(&meter);
    lks_buffer_free(&text);
    lks_file_list_free(&list);
    if (top >= 0)
        close(top);
    return code;
}

/* ---- checking ---- */

struct checking {
    int folder;
    const char *path;
    struct lks_file_list list;
    unsigned char *named; /* a file stands in a payload manifest */
    struct lks_bag_report *report;
    struct lks_meter meter;
    uint64_t done_bytes;
    int manifests_known;
};

static void problem(struct checking *checking, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void problem(struct checking *checking, const char *format, ...)
{
    struct lks_bag_report *report = checking->report;
    if (report->problems_count++ == 0) {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(report->first_problem, sizeof report->first_problem, format, arguments);
        va_end(arguments);
    }
}

static struct lks_file_entry *find(struct checking *checking, const char *path)
{
    size_t low = 0, high = checking->list.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(checking->list.files[middle].path, path);
        if (order == 0)
            return &checking->list.files[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static int tag_get(struct checking *checking, const char *name, struct lks_buffer *out,
                   struct lks_error *err)
{
    char path[LKS_DISK_PATH_BYTES];
    if (snprintf(path, sizeof path, "%s/%s", checking->path, name) >= (int)sizeof path)
        return lks_error_set(err, LKS_EARGUMENT, "a path is too long");
    lks_buffer_clear(out);
    return lks_disk_get(path, TAG_BYTES_MAX, out, err);
}

/* One line of a manifest: digest, blanks, path. */
static int line_check(struct checking *checking, struct lks_str line, const char *manifest,
                      const EVP_MD *method, int payload, struct lks_buffer *path,
                      struct lks_error *err)
{
    char hex[HEX_BYTES_MAX], told[HEX_BYTES_MAX];
    size_t digits = 2 * (size_t)EVP_MD_get_size(method), at = digits;
    while (at < line.size_bytes && (line.data[at] == ' ' || line.data[at] == '\t'))
        at++;
    if (line.size_bytes <= digits || at == digits || at >= line.size_bytes) {
        problem(checking, "%s has a line that names no file", manifest);
        return 0;
    }
    if (line.data[at] == '*') /* md5sum's mark for bytes, which RFC 8493 lets readers meet */
        at++;
    for (size_t i = 0; i < digits; i++) {
        int value = hex_digit(line.data[i]);
        if (value < 0) {
            problem(checking, "%s has a line that starts with no digest", manifest);
            return 0;
        }
        told[i] = "0123456789abcdef"[value];
    }
    told[digits] = '\0';
    lks_buffer_clear(path);
    path_decode((struct lks_str){line.data + at, line.size_bytes - at}, path);
    if (path->failed)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    if (strlen(path->data) + 1 != path->size_bytes || !path_inside(path->data) ||
        (payload && !in_payload(path->data)) || (!payload && in_payload(path->data))) {
        problem(checking, "%s names a path that leads elsewhere", manifest);
        return 0;
    }
    struct lks_file_entry *file = find(checking, path->data);
    if (!file || !file->plain) {
        problem(checking, "%s is named but %s", path->data,
                file ? "is no plain file" : "is not there");
        return 0;
    }
    /* A path that comes again is a problem, and no reason to read the file again. */
    size_t index = (size_t)(file - checking->list.files);
    unsigned char bit = method == EVP_sha512() ? 2 : 1;
    if (checking->named[index] & bit) {
        problem(checking, "%s is named twice in %s", path->data, manifest);
        return 0;
    }
    checking->named[index] |= bit;
    int code = file_digest(checking->folder, file->path, method, hex, &checking->meter,
                           &checking->done_bytes, err);
    if (code == 0 && strcmp(hex, told) != 0)
        problem(checking, "%s was changed", path->data);
    return code;
}

static int manifest_check(struct checking *checking, const char *name, struct lks_error *err)
{
    struct lks_buffer text = {0}, path = {0};
    struct lks_str rest, line;
    int payload = strncmp(name, "manifest-", 9) == 0;
    const char *kind = name + (payload ? 9 : 12);
    const EVP_MD *method = strcmp(kind, "sha512.txt") == 0   ? EVP_sha512()
                           : strcmp(kind, "sha256.txt") == 0 ? EVP_sha256()
                                                             : NULL;
    if (!method)
        return 0; /* counted by the caller: some known one must be there */
    checking->manifests_known += payload;
    int code = tag_get(checking, name, &text, err);
    rest = (struct lks_str){text.data, text.size_bytes};
    if (code == 0 && text.size_bytes && text.data[text.size_bytes - 1] != '\n')
        lks_buffer_byte(&text, '\n'), rest = (struct lks_str){text.data, text.size_bytes};
    while (code == 0 && lks_line_next(&rest, &line)) {
        if (line.size_bytes && line.data[line.size_bytes - 1] == '\r')
            line.size_bytes--;
        if (line.size_bytes)
            code = line_check(checking, line, name, method, payload, &path, err);
    }
    lks_buffer_free(&text);
    lks_buffer_free(&path);
    return code;
}

static int declaration_check(struct checking *checking, struct lks_error *err)
{
    struct lks_buffer text = {0};
    if (!find(checking, "bagit.txt")) {
        problem(checking, "bagit.txt is not there: this is no bag");
        return 0;
    }
    int code = tag_get(checking, "bagit.txt", &text, err);
    struct lks_str rest = {text.data, text.size_bytes}, first, second;
    if (code == 0 &&
        (!lks_line_next(&rest, &first) || !lks_line_next(&rest, &second) || first.size_bytes < 18 ||
         memcmp(first.data, "BagIt-Version: ", 15) != 0 || second.size_bytes < 34 ||
         memcmp(second.data, "Tag-File-Character-Encoding: UTF-8", 34) != 0))
        problem(checking, "bagit.txt is no declaration of a bag in UTF-8");
    lks_buffer_free(&text);
    return code;
}

static int oxum_check(struct checking *checking, struct lks_error *err)
{
    struct lks_buffer text = {0};
    struct lks_str rest, line;
    if (!find(checking, "bag-info.txt"))
        return 0;
    int code = tag_get(checking, "bag-info.txt", &text, err);
    rest = (struct lks_str){text.data, text.size_bytes};
    while (code == 0 && lks_line_next(&rest, &line)) {
        static const char label[] = "Payload-Oxum: ";
        size_t size = sizeof label - 1;
        char want[64];
        if (line.size_bytes < size || memcmp(line.data, label, size) != 0)
            continue;
        if (line.data[line.size_bytes - 1] == '\r')
            line.size_bytes--;
        snprintf(want, sizeof want, "%llu.%llu", (unsigned long long)checking->report->size_bytes,
                 (unsigned long long)checking->report->files_count);
        if (!lks_str_equal_text((struct lks_str){line.data + size, line.size_bytes - size}, want))
            problem(checking, "the payload has other counts than Payload-Oxum says");
    }
    lks_buffer_free(&text);
    return code;
}

static int manifests_check(struct checking *checking, struct lks_error *err)
{
    int code = 0;
    for (size_t i = 0; code == 0 && i < checking->list.count; i++) {
        const char *name = checking->list.files[i].path;
        if (!strchr(name, '/') && checking->list.files[i].plain &&
            (strncmp(name, "manifest-", 9) == 0 || strncmp(name, "tagmanifest-", 12) == 0))
            code = manifest_check(checking, name, err);
    }
    if (code == 0 && !checking->manifests_known)
        problem(checking, "there is no payload manifest by SHA-512 or SHA-256");
    for (size_t i = 0; code == 0 && i < checking->list.count; i++) {
        const struct lks_file_entry *file = &checking->list.files[i];
        if (!file->plain)
            problem(checking, "%s is no plain file", file->path);
        else if (in_payload(file->path) && !checking->named[i])
            problem(checking, "%s stands in no manifest", file->path);
    }
    return code;
}

int lks_bag_check(const char *folder, const struct lks_control *control,
                  struct lks_bag_report *report, struct lks_error *err)
{
    struct checking checking = {.folder = -1, .path = folder, .report = report};
    *report = (struct lks_bag_report){0};
    int code = lks_file_list_make(folder, &checking.list, err);
    if (code)
        return code;
    checking.folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    checking.named = calloc(checking.list.count + 1, 1);
    lks_meter_start(&checking.meter, control, "check", "bytes", 0);
    if (checking.folder < 0)
        code = lks_error_system(err, folder, "cannot be read");
    else if (!checking.named)
        code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    for (size_t i = 0; i < checking.list.count; i++)
        if (in_payload(checking.list.files[i].path)) {
            report->files_count++;
            report->size_bytes += checking.list.files[i].size_bytes;
        }
    if (code == 0)
        code = declaration_check(&checking, err);
    if (code == 0)
        code = oxum_check(&checking, err);
    if (code == 0)
        code = manifests_check(&checking, err);
    if (code == 0)
        lks_meter_finish(&checking.meter);
    if (checking.folder >= 0)
        close(checking.folder);
    free(checking.named);
    lks_file_list_free(&checking.list);
    return code;
}
