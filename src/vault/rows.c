/* rows.c - the right edge of a growing log, level by level, and its way to disk as tiles
 *
 * Level 0 holds the hashes of leaves, level l + 1 the roots of full tiles of level l:
 *
 *     level 1:  [ full tile ... ] [ r0 r1 r2 . . .      <- kept in memory from here
 *     level 0:  [ full tile ... ] [ h0 h1 h2 h3 . .     <- and here
 *
 * Only what is not yet in a full tile stays in memory: at most 255 hashes a level after each
 * write. A write is idempotent: the bytes of a tile follow from its place and the entries. */
#include "vault/rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUNDLE_BYTES_MAX = LKS_TILE_WIDTH * (2 + LKS_ENTRY_BYTES_MAX) };

static int row_add(struct lks_row *row, const struct lks_hash *hash, struct lks_error *err)
{
    if (row->count == row->room) {
        size_t room = row->room ? 2 * row->room : LKS_TILE_WIDTH;
        struct lks_hash *more = realloc(row->hashes, room * sizeof *more);
        if (!more)
            return lks_error_set(err, LKS_EMEMORY, "out of memory");
        row->hashes = more;
        row->room = room;
    }
    row->hashes[row->count++] = *hash;
    return 0;
}

/* The root of 2^height hashes, for tiles and for parts of them. */
static void fold(const struct lks_hash *hashes, unsigned height, struct lks_hash *root)
{
    struct lks_hash work[LKS_TILE_WIDTH];
    size_t count = (size_t)1 << height;
    memcpy(work, hashes, count * sizeof *hashes);
    for (; count > 1; count /= 2)
        for (size_t i = 0; i < count / 2; i++)
            lks_merkle_node(&work[2 * i], &work[2 * i + 1], &work[i]);
    *root = work[0];
}

static int tile_bytes(const char *folder, const struct lks_tile *tile, size_t limit_bytes,
                      struct lks_buffer *out, struct lks_error *err)
{
    char name[LKS_TILE_PATH_BYTES], path[LKS_DISK_PATH_BYTES];
    struct lks_tile full = {tile->level, tile->index, LKS_TILE_WIDTH};
    struct lks_error inner = {0};
    for (int turn = 0;; turn++) {
        lks_tile_path(turn ? &full : tile, name);
        if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
            return lks_error_set(err, LKS_EARGUMENT, "a path is too long");
        int code = lks_disk_get(path, limit_bytes, out, &inner);
        if (code != LKS_EMISSING)
            return code ? lks_error_set(err, code, "%s", inner.message) : 0;
        if (turn || tile->width == LKS_TILE_WIDTH)
            return lks_error_set(err, LKS_EINPUT, "the log is incomplete: %s", inner.message);
        inner = (struct lks_error){0};
    }
}

int lks_tile_load(const char *folder, const struct lks_tile *tile, struct lks_hash *hashes,
                  struct lks_error *err)
{
    struct lks_buffer bytes = {0};
    size_t size = tile->width * sizeof *hashes;
    int code = tile_bytes(folder, tile, LKS_TILE_WIDTH * sizeof *hashes, &bytes, err);
    if (code == 0 && bytes.size_bytes != size &&
        bytes.size_bytes != LKS_TILE_WIDTH * sizeof *hashes) {
        char name[LKS_TILE_PATH_BYTES];
        lks_tile_path(tile, name);
        code = lks_error_set(err, LKS_EINPUT, "%s/%s has %zu bytes and not %zu", folder, name,
                             bytes.size_bytes, size);
    }
    if (code == 0)
        memcpy(hashes, bytes.data, size);
    lks_buffer_free(&bytes);
    return code;
}

int lks_bundle_load(const char *folder, const struct lks_tile *tile, struct lks_buffer *out,
                    struct lks_error *err)
{
    size_t start = out->size_bytes, at = 0;
    struct lks_str entry;
    int code = tile_bytes(folder, tile, BUNDLE_BYTES_MAX, out, err), more = 1;
    if (code)
        return code;
    struct lks_str bytes = {out->data + start, out->size_bytes - start};
    for (uint32_t i = 0; more == 1 && i < tile->width; i++)
        more = lks_bundle_next(bytes, &at, &entry, err);
    if (more < 0)
        return more;
    if (more == 0)
        return lks_error_set(err, LKS_EINPUT, "a bundle of entries holds too few");
    out->size_bytes = start + at;
    return 0;
}

void lks_rows_root(const struct lks_rows *rows, struct lks_hash *root)
{
    struct lks_merkle_edge edge = {.size = rows->size};
    unsigned count = 0;
    /* The peaks, largest first, lie in the partial tile of each level. */
    for (int level = LKS_ROWS_LEVELS - 1; level >= 0; level--) {
        const struct lks_row *row = &rows->rows[level];
        uint32_t width = (uint32_t)(rows->size >> 8 * level) & (LKS_TILE_WIDTH - 1);
        if (width == 0) /* a level may have no memory yet */
            continue;
        const struct lks_hash *hashes = row->hashes + row->count - width;
        for (unsigned height = 8; height-- > 0;)
            if (width >> height & 1) {
                fold(hashes, height, &edge.peaks[count++]);
                hashes += (size_t)1 << height;
            }
    }
    lks_merkle_edge_root(&edge, root);
}

static int bundle_fits(struct lks_rows *rows, uint32_t width, struct lks_error *err)
{
    struct lks_str bytes = {rows->bundles.data, rows->bundles.size_bytes}, entry;
    size_t at = 0;
    for (uint32_t i = 0; i < width; i++) {
        struct lks_hash leaf;
        int code = lks_bundle_next(bytes, &at, &entry, err);
        if (code < 0)
            return code;
        lks_merkle_leaf(entry.data, entry.size_bytes, &leaf);
        if (!lks_hash_equal(&leaf, &rows->rows[0].hashes[i]))
            return lks_error_set(err, LKS_EINPUT,
                                 "entry %llu is not the one that its hash was taken of",
                                 (unsigned long long)(rows->rows[0].first + i));
    }
    return 0;
}

int lks_rows_load(struct lks_rows *rows, const char *folder, uint64_t size, struct lks_error *err)
{
    struct lks_hash hashes[LKS_TILE_WIDTH];
    int code = 0;
    *rows = (struct lks_rows){.size = size};
    if (size > INT64_MAX)
        return lks_error_set(err, LKS_EINPUT, "no log has that many entries");
    for (int level = LKS_ROWS_LEVELS - 1; code == 0 && level >= 0; level--) {
        struct lks_row *row = &rows->rows[level];
        uint32_t width = (uint32_t)(size >> 8 * level) & (LKS_TILE_WIDTH - 1);
        row->written = size >> 8 * level;
        row->first = row->written - width;
        if (!width)
            continue;
        struct lks_tile tile = {level, row->first / LKS_TILE_WIDTH, width};
        code = lks_tile_load(folder, &tile, hashes, err);
        for (uint32_t i = 0; code == 0 && i < width; i++)
            code = row_add(row, &hashes[i], err);
    }
    uint32_t width = (uint32_t)(size & (LKS_TILE_WIDTH - 1));
    if (code == 0 && width) {
        struct lks_tile bundle = {LKS_TILE_ENTRIES, size / LKS_TILE_WIDTH, width};
        code = lks_bundle_load(folder, &bundle, &rows->bundles, err);
        if (code == 0)
            code = bundle_fits(rows, width, err);
    }
    if (code)
        lks_rows_free(rows);
    return code;
}

static int bundle_end_add(struct lks_rows *rows, struct lks_error *err)
{
    if (rows->bundles_count == rows->bundles_room) {
        size_t room = rows->bundles_room ? 2 * rows->bundles_room : 16;
        size_t *more = realloc(rows->bundle_ends, room * sizeof *more);
        if (!more)
            return lks_error_set(err, LKS_EMEMORY, "out of memory");
        rows->bundle_ends = more;
        rows->bundles_room = room;
    }
    rows->bundle_ends[rows->bundles_count++] = rows->bundles.size_bytes;
    return 0;
}

int lks_rows_add(struct lks_rows *rows, const void *entry, size_t size_bytes, struct lks_error *err)
{
    struct lks_hash hash;
    lks_merkle_leaf(entry, size_bytes, &hash);
    lks_bundle_add(&rows->bundles, entry, size_bytes);
    if (rows->bundles.failed)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    int code = 0;
    rows->size++;
    if (rows->size % LKS_TILE_WIDTH == 0)
        code = bundle_end_add(rows, err);
    for (int level = 0; code == 0 && level < LKS_ROWS_LEVELS; level++) {
        struct lks_row *row = &rows->rows[level];
        code = row_add(row, &hash, err);
        if (code || row->count % LKS_TILE_WIDTH)
            break;
        fold(row->hashes + row->count - LKS_TILE_WIDTH, 8, &hash);
    }
    return code;
}

static int path_make(const char *folder, const struct lks_tile *tile,
                     char path[LKS_DISK_PATH_BYTES], struct lks_error *err)
{
    char name[LKS_TILE_PATH_BYTES];
    lks_tile_path(tile, name);
    if (snprintf(path, LKS_DISK_PATH_BYTES, "%s/%s", folder, name) >= LKS_DISK_PATH_BYTES)
        return lks_error_set(err, LKS_EARGUMENT, "a path is too long");
    return 0;
}

static int bundles_write(struct lks_rows *rows, const char *folder, struct lks_disk_batch *batch,
                         struct lks_error *err)
{
    char path[LKS_DISK_PATH_BYTES];
    size_t start = 0;
    int code = 0;
    for (size_t i = 0; code == 0 && i <= rows->bundles_count; i++) {
        size_t end = i < rows->bundles_count ? rows->bundle_ends[i] : rows->bundles.size_bytes;
        uint64_t index = rows->rows[0].first / LKS_TILE_WIDTH + i;
        struct lks_tile bundle = {LKS_TILE_ENTRIES, index,
                                  lks_tile_width(rows->size, LKS_TILE_ENTRIES, index)};
        if (end == start)
            break;
        code = path_make(folder, &bundle, path, err);
        if (code == 0)
            code = lks_disk_batch_put(batch, path, rows->bundles.data + start, end - start, err);
        start = end;
    }
    return code;
}

static int row_write(const struct lks_row *row, int level, const char *folder,
                     struct lks_disk_batch *batch, struct lks_error *err)
{
    char path[LKS_DISK_PATH_BYTES];
    int code = 0;
    for (size_t at = 0; code == 0 && at < row->count; at += LKS_TILE_WIDTH) {
        size_t rest = row->count - at;
        struct lks_tile tile = {level, (row->first + at) / LKS_TILE_WIDTH,
                                rest < LKS_TILE_WIDTH ? (uint32_t)rest : LKS_TILE_WIDTH};
        code = path_make(folder, &tile, path, err);
        if (code == 0)
            code = lks_disk_batch_put(batch, path, row->hashes + at,
                                      tile.width * sizeof *row->hashes, err);
    }
    return code;
}

/* What full tiles hold now may leave memory. */
static void rows_settle(struct lks_rows *rows)
{
    for (int level = 0; level < LKS_ROWS_LEVELS; level++) {
        struct lks_row *row = &rows->rows[level];
        size_t full = row->count - row->count % LKS_TILE_WIDTH;
        row->written = row->first + row->count;
        if (!full)
            continue;
        memmove(row->hashes, row->hashes + full, (row->count - full) * sizeof *row->hashes);
        row->first += full;
        row->count -= full;
    }
    if (rows->bundles_count) {
        size_t full = rows->bundle_ends[rows->bundles_count - 1];
        memmove(rows->bundles.data, rows->bundles.data + full, rows->bundles.size_bytes - full);
        rows->bundles.size_bytes -= full;
        rows->bundles_count = 0;
    }
}

int lks_rows_write(struct lks_rows *rows, const char *folder, struct lks_error *err)
{
    struct lks_disk_batch batch = {0};
    int code = 0;
    if (rows->rows[0].written == rows->size)
        return 0;
    code = bundles_write(rows, folder, &batch, err);
    for (int level = 0; code == 0 && level < LKS_ROWS_LEVELS; level++)
        if (rows->rows[level].written != rows->rows[level].first + rows->rows[level].count)
            code = row_write(&rows->rows[level], level, folder, &batch, err);
    if (code == 0)
        code = lks_disk_batch_commit(&batch, err);
    else
        lks_disk_batch_abandon(&batch);
    if (code == 0)
        rows_settle(rows);
    return code;
}

void lks_rows_free(struct lks_rows *rows)
{
    for (int level = 0; level < LKS_ROWS_LEVELS; level++)
        free(rows->rows[level].hashes);
    free(rows->bundle_ends);
    lks_buffer_free(&rows->bundles);
    *rows = (struct lks_rows){0};
}
