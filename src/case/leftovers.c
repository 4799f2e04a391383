/* leftovers.c - what a program that was cut off left in a vault, and putting it in order
 *
 * A commit writes the hidden values first, then the entries. So after a crash there may be values of
 * entries that never came. They must go: the same numbers will be given to other entries. And a
 * file may have been sealed whose import was never logged. That is a copy of personal data that
 * nobody answers for: it goes too. An object counts as named where its 64 hex digits stand in any
 * entry of the log, whatever the entry's kind. */
#include "case/leftovers.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vault/blob.h"
#include "vault/checkpoint.h"
#include "vault/disk.h"
#include "vault/file_list.h"
#include "vault/log.h"

#define DISCLOSURE_FILE_BYTES_MAX ((size_t)4 << 30)

enum { NAME_DIGITS = LKS_BLOB_NAME_BYTES - 1 };

static int entry_remove(const char *path, const struct stat *status, int flag, struct FTW *place)
{
    (void)status, (void)flag, (void)place;
    return remove(path);
}

void lks_leftovers_remove(const char *path)
{
    nftw(path, entry_remove, 16, FTW_DEPTH | FTW_PHYS);
}

static int is_temporary(const char *path)
{
    const char *slash = strrchr(path, '/');
    return strstr(slash ? slash + 1 : path, ".tmp-") != NULL;
}

static int temporary_remove(const char *path, const struct stat *status, int flag,
                            struct FTW *place)
{
    (void)status, (void)place;
    if (flag == FTW_F && is_temporary(path))
        unlink(path);
    return 0;
}

void lks_leftovers_temporaries(const char *folder, int cut_off)
{
    char path[LKS_DISK_PATH_BYTES];
    DIR *files = opendir(folder);
    if (!files)
        return;
    for (struct dirent *entry; (entry = readdir(files));)
        if (is_temporary(entry->d_name) &&
            snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) < (int)sizeof path) {
            unlink(path);
            cut_off = 1;
        }
    closedir(files);
    if (cut_off && snprintf(path, sizeof path, "%s/tile", folder) < (int)sizeof path)
        nftw(path, temporary_remove, 16, FTW_PHYS);
}

static int path_make(char path[LKS_DISK_PATH_BYTES], const char *folder, const char *name,
                     struct lks_error *err)
{
    return snprintf(path, LKS_DISK_PATH_BYTES, "%s/%s", folder, name) < LKS_DISK_PATH_BYTES
               ? 0
               : lks_error_set(err, LKS_EARGUMENT, "a path is too long");
}

/* ---- disclosures ---- */

/* The first entry of a file of disclosures, by its name. */
static int file_first(const char *name, uint64_t *first)
{
    struct lks_str digits = {name, strlen(name)};
    if (digits.size_bytes < 12)
        return 0;
    while (digits.size_bytes > 1 && *digits.data == '0') {
        digits.data++;
        digits.size_bytes--;
    }
    return lks_decimal_read(digits, first);
}

/* The entry that a line tells of. */
static int line_entry(struct lks_str line, uint64_t *of)
{
    const char *blank = memchr(line.data, ' ', line.size_bytes);
    return blank && lks_decimal_read((struct lks_str){line.data, (size_t)(blank - line.data)}, of);
}

/* Cuts the lines of entries from size on off the file. */
static int file_cut(const char *path, uint64_t size, struct lks_error *err)
{
    struct lks_buffer bytes = {0};
    struct lks_str rest, line;
    int code = lks_disk_get(path, DISCLOSURE_FILE_BYTES_MAX, &bytes, err);
    size_t keep = 0;
    uint64_t of;
    rest = (struct lks_str){bytes.data, bytes.size_bytes};
    while (code == 0 && lks_line_next(&rest, &line) && line_entry(line, &of) && of < size)
        keep = (size_t)(rest.data - bytes.data);
    if (code == 0 && keep < bytes.size_bytes)
        code = lks_disk_put(path, bytes.data, keep, 0600, err);
    lks_buffer_free(&bytes);
    return code;
}

int lks_leftovers_disclosures(const char *folder, uint64_t size, struct lks_error *err)
{
    char path[LKS_DISK_PATH_BYTES], last[LKS_DISK_PATH_BYTES] = "";
    uint64_t first, last_first = 0;
    int code = path_make(path, folder, "disclosures", err);
    DIR *files = code == 0 ? opendir(path) : NULL;
    if (!files)
        return code;
    for (struct dirent *entry; code == 0 && (entry = readdir(files));) {
        int is_file = file_first(entry->d_name, &first);
        if (!is_file && !strstr(entry->d_name, ".tmp-"))
            continue;
        code = snprintf(path, sizeof path, "%s/disclosures/%s", folder, entry->d_name) <
                       (int)sizeof path
                   ? 0
                   : lks_error_set(err, LKS_EARGUMENT, "a path is too long");
        if (code == 0 && (!is_file || first >= size)) {
            if (unlink(path) != 0)
                code = lks_error_system(err, path, "cannot be removed");
        } else if (code == 0 && (!last[0] || first > last_first)) {
            memcpy(last, path, sizeof last);
            last_first = first;
        }
    }
    closedir(files);
    return code || !last[0] ? code : file_cut(last, size, err);
}

/* ---- sealed objects ---- */

struct object {
    char name[LKS_BLOB_NAME_BYTES];
    int named;
};

struct objects {
    struct object *items; /* by name, none twice */
    size_t count;
};

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct object *)a)->name, ((const struct object *)b)->name);
}

static int is_digit(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* "ab/cdef..." is an object's; anything else is half of one. */
static int object_name(const char *path, char name[LKS_BLOB_NAME_BYTES])
{
    if (strlen(path) != NAME_DIGITS + 1 || path[2] != '/')
        return 0;
    memcpy(name, path, 2);
    memcpy(name + 2, path + 3, NAME_DIGITS - 1);
    return strspn(name, "0123456789abcdef") == NAME_DIGITS;
}

/* Takes what lies below blobs or keys; halves of objects are removed at once. */
static int objects_take(const char *folder, const char *kind, struct objects *objects,
                        uint64_t *removed, struct lks_error *err)
{
    char root[LKS_DISK_PATH_BYTES], path[LKS_DISK_PATH_BYTES];
    struct lks_file_list list = {0};
    int code = path_make(root, folder, kind, err);
    if (code == 0 && access(root, F_OK) != 0)
        return 0;
    if (code == 0)
        code = lks_file_list_make(root, &list, err);
    struct object *more =
        code ? NULL
             : realloc(objects->items, (objects->count + list.count + 1) * sizeof *objects->items);
    if (code == 0 && !more)
        code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    if (more)
        objects->items = more;
    for (size_t i = 0; code == 0 && i < list.count; i++) {
        struct object *object = &objects->items[objects->count];
        *object = (struct object){{0}, 0};
        if (object_name(list.files[i].path, object->name))
            objects->count++;
        else if ((code = path_make(path, root, list.files[i].path, err)) == 0) {
            if (unlink(path) != 0)
                code = lks_error_system(err, path, "cannot be removed");
            ++*removed;
        }
    }
    lks_file_list_free(&list);
    return code;
}

static void objects_sort(struct objects *objects)
{
    size_t kept = 0;
    if (objects->count)
        qsort(objects->items, objects->count, sizeof *objects->items, by_name);
    for (size_t i = 0; i < objects->count; i++)
        if (i == 0 || strcmp(objects->items[i].name, objects->items[kept - 1].name) != 0)
            objects->items[kept++] = objects->items[i];
    objects->count = kept;
}

/* Marks the objects whose names stand in the entry. */
static int entry_look(void *context, uint64_t index, struct lks_str entry, struct lks_error *err)
{
    struct objects *objects = context;
    struct object key = {{0}, 0};
    size_t run = 0;
    (void)index, (void)err;
    for (size_t i = 0; i < entry.size_bytes; i++) {
        run = is_digit(entry.data[i]) ? run + 1 : 0;
        if (run < NAME_DIGITS)
            continue;
        memcpy(key.name, entry.data + i + 1 - NAME_DIGITS, NAME_DIGITS);
        struct object *found = bsearch(&key, objects->items, objects->count, sizeof key, by_name);
        if (found)
            found->named = 1;
    }
    return 0;
}

static int object_remove(const char *folder, const char *name, struct lks_error *err)
{
    char path[LKS_DISK_PATH_BYTES];
    struct lks_error inner = {0};
    int code = lks_blob_erase(folder, name, &inner);
    if (code != LKS_EMISSING)
        return code ? lks_error_set(err, code, "%s", inner.message) : 0;
    if (snprintf(path, sizeof path, "%s/blobs/%.2s/%s", folder, name, name + 2) >= (int)sizeof path)
        return lks_error_set(err, LKS_EARGUMENT, "a path is too long");
    return unlink(path) == 0 || errno == ENOENT ? 0
                                                : lks_error_system(err, path, "cannot be removed");
}

int lks_leftovers_blobs(const char *folder, uint64_t size, uint64_t *removed_out,
                        struct lks_error *err)
{
    struct objects objects = {0};
    *removed_out = 0;
    int code = objects_take(folder, "blobs", &objects, removed_out, err);
    if (code == 0)
        code = objects_take(folder, "keys", &objects, removed_out, err);
    objects_sort(&objects);
    if (code == 0 && objects.count)
        code = lks_log_entries(folder, size, 0, size, entry_look, &objects, err);
    for (size_t i = 0; code == 0 && i < objects.count; i++)
        if (!objects.items[i].named) {
            code = object_remove(folder, objects.items[i].name, err);
            ++*removed_out;
        }
    free(objects.items);
    return code;
}
