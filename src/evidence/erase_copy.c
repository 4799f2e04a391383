/* erase_copy.c - a sealed file opened for an erasure, and its copy with rows blanked out
 *
 * The copy holds the same bytes at the same places, so that what stays is found where it was. Before
 * the old one is destroyed the copy is read again: the digests of all records that stay must be the same,
 * and there must be no others. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/threads.h"
#include "evidence/erase.h"
#include "source/reader.h"
#include "vault/disk.h"

enum { COPY_BYTES = 1 << 20 };

/* ---- a file of the vault ---- */

struct opening {
    const char *case_path;
    const struct lks_erase_wish *wish;
    const struct lks_holds *holds;
    const struct lks_control *control;
    struct lks_erase_scan *scan;
    int (*call)(void *context, const struct lks_import *import,
                const struct lks_import_reading *reading, int bytes, struct lks_error *err);
    void *context;
};

static int entry_scan(void *context, const struct lks_entry *entry, struct lks_error *err)
{
    struct opening *opening = context;
    struct lks_import import;
    struct lks_import_reading reading = {0};
    struct lks_matcher *matcher = NULL;
    int bytes = -1, code = lks_import_read(entry, &import, &reading, err);
    if (code == 0)
        code = lks_erase_unseal(opening->case_path, import.blob, opening->control, &bytes, err);
    if (code == 0)
        code = lks_matcher_new(opening->holds, &matcher, err);
    if (code == 0)
        code = lks_erase_scan_run(bytes, &reading, opening->wish, opening->holds, matcher,
                                  opening->control, opening->scan, err);
    if (code == 0 && opening->call)
        code = opening->call(opening->context, &import, &reading, bytes, err);
    lks_matcher_free(matcher);
    lks_import_reading_free(&reading);
    if (bytes >= 0)
        close(bytes);
    return code;
}

int lks_erase_scan_import(const char *case_path, const struct lks_case_import *import,
                          const struct lks_erase_wish *wish, const struct lks_holds *holds,
                          const struct lks_control *control, struct lks_erase_scan *scan,
                          int (*call)(void *context, const struct lks_import *import,
                                      const struct lks_import_reading *reading, int bytes,
                                      struct lks_error *err),
                          void *context, struct lks_error *err)
{
    struct opening opening = {case_path, wish, holds, control, scan, call, context};
    return lks_entries_each(case_path, import->leaf, import->leaf + 1, entry_scan, &opening, err);
}

/* ---- the copy ---- */

/* Blanks what of the ranges lies in the piece at `offset`; *next is the first that is not behind. */
static void piece_blank(char *piece, size_t size, uint64_t offset,
                        const struct lks_erase_scan *scan, size_t *next)
{
    while (*next < scan->ranges_count) {
        const struct lks_erase_range *range = &scan->ranges[*next];
        uint64_t end = range->offset_bytes + range->length_bytes;
        if (range->offset_bytes >= offset + size)
            return;
        uint64_t first = range->offset_bytes > offset ? range->offset_bytes : offset;
        uint64_t last = end < offset + size ? end : offset + size;
        lks_row_redact(piece + (first - offset), (size_t)(last - first),
                       first - range->offset_bytes, range->length_bytes, scan->keep_line_ends);
        if (end > offset + size)
            return;
        ++*next;
    }
}

static int bytes_copy(int bytes, int copy, const struct lks_erase_scan *scan,
                      const struct lks_control *control, struct lks_error *err)
{
    struct lks_reader *reader = NULL;
    char path[64], *piece = malloc(COPY_BYTES);
    uint64_t offset = 0;
    size_t got = COPY_BYTES, next = 0;
    snprintf(path, sizeof path, "/proc/self/fd/%d", bytes);
    int code = piece ? lks_reader_open(path, &reader, err)
                     : lks_error_set(err, LKS_EMEMORY, "out of memory");
    while (code == 0 && got == COPY_BYTES) {
        code = lks_reader_read(reader, piece, COPY_BYTES, &got, err);
        if (code == 0 && got) {
            piece_blank(piece, got, offset, scan, &next);
            code = lks_disk_write(copy, "the copy", piece, got, err);
            offset += got;
        }
        if (code == 0 && lks_cancelled(control))
            code = lks_error_set(err, LKS_ECANCELLED, "stopped");
    }
    lks_reader_close(reader);
    free(piece);
    return code;
}

/* 0 where the copy holds what stays and nothing else, 1 where it does not. */
static int copy_check(int copy, const struct lks_import_reading *reading,
                      const struct lks_erase_scan *scan, const struct lks_control *control,
                      struct lks_import_counts *counts_out, struct lks_error *err)
{
    /* Nobody has this key: nothing is wanted, everything is counted. */
    struct lks_erase_wish nothing = {.what = LKS_ERASE_ACCOUNT, .account_key = LKS_STR("")};
    struct lks_holds none = {0};
    struct lks_matcher *matcher = NULL;
    struct lks_erase_scan again = {0};
    int code = lks_matcher_new(&none, &matcher, err);
    if (code == 0)
        code = lks_erase_scan_run(copy, reading, &nothing, &none, matcher, control, &again, err);
    if (code == 0)
        code = again.kept_sum != scan->kept_sum || again.kept_count != scan->kept_count;
    *counts_out = again.read;
    lks_matcher_free(matcher);
    lks_erase_scan_free(&again);
    return code;
}

int lks_erase_copy(const char *case_path, int bytes, const struct lks_import_reading *reading,
                   const struct lks_erase_scan *scan, const struct lks_control *control,
                   int *copy_out, struct lks_import_counts *counts_out, struct lks_error *err)
{
    int code = lks_erase_nameless(case_path, copy_out, err);
    if (code)
        return code;
    code = bytes_copy(bytes, *copy_out, scan, control, err);
    if (code == 0)
        code = copy_check(*copy_out, reading, scan, control, counts_out, err);
    if (code) {
        close(*copy_out);
        *copy_out = -1;
    }
    return code;
}
