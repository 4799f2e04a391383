/* forget.c - hidden values of an entry destroyed: its disclosures written away */
#include "case/forget.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/base64.h"
#include "source/json_read.h"
#include "vault/disk.h"

#define DISCLOSURE_FILE_BYTES_MAX ((size_t)4 << 30)

/* The file that holds an entry's lines: the last that begins at or before it. 0: there is none. */
static int file_find(const char *folder, uint64_t leaf, char path[LKS_CASE_PATH_BYTES + 64])
{
    uint64_t best = 0;
    int found = 0;
    DIR *list = opendir(folder);
    if (!list)
        return 0;
    for (struct dirent *entry; (entry = readdir(list));) {
        struct lks_str digits = lks_str_from(entry->d_name);
        uint64_t number;
        while (digits.size_bytes > 1 && *digits.data == '0') {
            digits.data++;
            digits.size_bytes--;
        }
        if (strlen(entry->d_name) < 12 || !lks_decimal_read(digits, &number) || number > leaf ||
            (found && number < best))
            continue;
        best = number;
        found = 1;
    }
    closedir(list);
    snprintf(path, LKS_CASE_PATH_BYTES + 64, "%s/%012llu", folder, (unsigned long long)best);
    return found;
}

/* 1 where a disclosure is of one of the names; -1 where memory is out. One that cannot be read is none. */
static int is_named(struct lks_str disclosure, const char *const *names, struct lks_arena *arena)
{
    struct lks_buffer json = {0};
    struct lks_json_reader reader;
    struct lks_json_value name = {LKS_JSON_NONE, LKS_STR_NULL};
    int named = 0, at = 0;
    if (lks_base64url_read(disclosure, &json, NULL) == LKS_EMEMORY)
        named = -1;
    lks_json_open(&reader, (struct lks_str){json.data ? json.data : "", json.size_bytes}, arena, 0);
    if (named == 0 && lks_json_enter_array(&reader))
        for (; lks_json_element(&reader); at++) {
            struct lks_json_value value = lks_json_read(&reader);
            if (at == 1)
                name = value;
        }
    lks_json_close(&reader, NULL);
    for (size_t i = 0; named == 0 && name.type == LKS_JSON_STRING && names[i]; i++)
        named = lks_str_equal_text(name.text, names[i]);
    lks_buffer_free(&json);
    return named;
}

/* Adds the lines that stay; *gone counts the others. */
static int lines_keep(struct lks_str lines, uint64_t leaf, const char *const *names,
                      struct lks_buffer *out, size_t *gone, struct lks_error *err)
{
    struct lks_arena arena = {0};
    struct lks_str line;
    int code = 0;
    while (code == 0 && lks_line_next(&lines, &line)) {
        const char *blank = memchr(line.data, ' ', line.size_bytes);
        size_t digits = blank ? (size_t)(blank - line.data) : 0;
        uint64_t of;
        int named = 0;
        if (blank && lks_decimal_read((struct lks_str){line.data, digits}, &of) && of == leaf)
            named =
                is_named((struct lks_str){blank + 1, line.size_bytes - digits - 1}, names, &arena);
        lks_arena_reset(&arena);
        if (named < 0)
            code = LKS_EMEMORY;
        *gone += named > 0;
        if (named == 0) {
            lks_buffer_append(out, line.data, line.size_bytes);
            lks_buffer_byte(out, '\n');
        }
    }
    lks_arena_free(&arena);
    return code || out->failed ? lks_error_set(err, LKS_EMEMORY, "out of memory") : 0;
}

/* Zeros over the bytes of a file that has no name any more. */
static int bytes_wipe(int file, const char *path, size_t size_bytes, struct lks_error *err)
{
    static const char zeros[4096];
    int code = lseek(file, 0, SEEK_SET) == 0 ? 0 : lks_error_system(err, path, "cannot be wiped");
    while (code == 0 && size_bytes) {
        size_t size = size_bytes < sizeof zeros ? size_bytes : sizeof zeros;
        code = lks_disk_write(file, path, zeros, size, err);
        size_bytes -= size;
    }
    if (code == 0 && fsync(file) != 0)
        code = lks_error_system(err, path, "cannot be synced");
    return code;
}

int lks_vault_forget(struct lks_vault *vault, uint64_t leaf, const char *const *names,
                     struct lks_error *err)
{
    char folder[LKS_CASE_PATH_BYTES + 16], path[LKS_CASE_PATH_BYTES + 64];
    struct lks_buffer lines = {0}, kept = {0};
    size_t gone = 0;
    snprintf(folder, sizeof folder, "%s/disclosures", lks_vault_folder(vault));
    if (!file_find(folder, leaf, path))
        return 0;
    int old = -1, code = lks_disk_get(path, DISCLOSURE_FILE_BYTES_MAX, &lines, err);
    if (code == 0)
        code = lines_keep((struct lks_str){lines.data, lines.size_bytes}, leaf, names, &kept, &gone,
                          err);
    if (code == 0 && gone && (old = open(path, O_WRONLY | O_CLOEXEC)) < 0)
        code = lks_error_system(err, path, "cannot be opened");
    if (code == 0 && gone)
        code = lks_disk_put(path, kept.data ? kept.data : "", kept.size_bytes, 0600, err);
    if (code == 0 && gone)
        code = bytes_wipe(old, path, lines.size_bytes, err);
    if (old >= 0)
        close(old);
    lks_buffer_free(&lines);
    lks_buffer_free(&kept);
    return code;
}
