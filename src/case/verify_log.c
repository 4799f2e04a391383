/* verify_log.c - a log read as a stranger reads it: every byte of it against its signed checkpoint
 *
 * One pass over the bundles of entries, in order. Every entry is hashed; hashes gather in rows of
 * 256, one row a level, as the tiles hold them. A row that is full is compared with the tile of that
 * place, folded into one hash, and begun again, so that eight rows are all the memory it takes.
 *
 * Where entries and tile disagree, which of them is the false one is decided by the root: hashes of
 * the tile are taken where a bundle cannot be read, so that one damaged bundle does not hide whether
 * everything else stands. */
#include "case/verify_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/progress.h"
#include "vault/disk.h"
#include "vault/tile.h"

enum {
    LEVELS = 8,
    BUNDLE_BYTES_MAX = LKS_TILE_WIDTH * (2 + LKS_ENTRY_BYTES_MAX),
    TILE_BYTES_MAX = LKS_TILE_WIDTH * LKS_SHA256_BYTES
};

struct level {
    struct lks_hash row[LKS_TILE_WIDTH];
    uint32_t count;
    uint64_t index; /* of the tile that the row is */
};

struct pass {
    const struct lks_log_verify *verify;
    struct lks_check *entries, *tiles;
    struct lks_file_list files; /* below the folder of tiles */
    unsigned char *seen;        /* [files.count] it was compared */
    struct level levels[LEVELS];
    struct lks_merkle_edge edge;
    size_t past;
    uint64_t bad_entries;
    int broken; /* some hash could not be had: no root */
    struct lks_buffer bytes, other;
};

/* ---- files of the tile folder ---- */

static size_t file_from(const struct pass *pass, const char *path)
{
    size_t low = 0, high = pass->files.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(pass->files.files[middle].path, path) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Reads a file of the list: 1, 0 where it is not there; what is wrong with it is told and counts as
 * not there. */
static int file_get(struct pass *pass, const char *path, size_t limit_bytes,
                    struct lks_check *check, struct lks_buffer *out, int *code_out,
                    struct lks_error *err)
{
    char whole[LKS_DISK_PATH_BYTES];
    struct lks_error inner = {0};
    size_t at = file_from(pass, path + strlen("tile/"));
    lks_buffer_clear(out);
    if (at == pass->files.count || strcmp(pass->files.files[at].path, path + strlen("tile/")) != 0)
        return 0;
    pass->seen[at] = 1;
    if (!pass->files.files[at].plain) {
        lks_check_damaged(check, "%s is no plain file", path);
        return 0;
    }
    int code =
        snprintf(whole, sizeof whole, "%s/%s", pass->verify->folder, path) >= (int)sizeof whole
            ? lks_error_set(&inner, LKS_EARGUMENT, "a path is too long")
            : lks_disk_get(whole, limit_bytes, out, &inner);
    if (code == 0)
        return 1;
    if (code == LKS_EMISSING) /* since the list was made */
        return 0;
    if (code == LKS_EINPUT)
        lks_check_damaged(check, "%s is longer than it can be", path);
    else
        *code_out = lks_error_set(err, code, "%s", inner.message);
    return 0;
}

/* ---- comparing ---- */

/* Partial tiles of earlier sizes stay behind: each must be how the row began. The list is sorted, so
 * those of one tile stand together. */
static int partials_compare(struct pass *pass, const struct lks_tile *tile, const char *row,
                            const size_t *ends, struct lks_check *check, struct lks_error *err)
{
    struct lks_tile full = {tile->level, tile->index, LKS_TILE_WIDTH};
    char prefix[LKS_TILE_PATH_BYTES + 8], name[LKS_TILE_PATH_BYTES + 8];
    int code = 0;
    lks_tile_path(&full, prefix);
    strcat(prefix, ".p/");
    const char *below = prefix + strlen("tile/");
    size_t at = file_from(pass, below);
    for (; code == 0 && at < pass->files.count &&
           strncmp(pass->files.files[at].path, below, strlen(below)) == 0;
         at++) {
        struct lks_tile partial;
        if (pass->seen[at])
            continue;
        snprintf(name, sizeof name, "tile/%.*s", (int)LKS_TILE_PATH_BYTES,
                 pass->files.files[at].path);
        if (lks_tile_parse(lks_str_from(name), &partial, NULL) != 0 || partial.width > tile->width)
            continue; /* told with the rest */
        if (!file_get(pass, name, tile->level < 0 ? BUNDLE_BYTES_MAX : TILE_BYTES_MAX, check,
                      &pass->other, &code, err))
            continue;
        pass->tiles->checked_count++;
        if (row && (pass->other.size_bytes != ends[partial.width] ||
                    memcmp(pass->other.data, row, ends[partial.width]) != 0))
            lks_check_damaged(check, "%s is not how the log began at that size", name);
    }
    return code;
}

/* The tile of a row that is complete, as far as the log goes. */
static int row_compare(struct pass *pass, int level, struct lks_error *err)
{
    const struct level *at = &pass->levels[level];
    struct lks_tile tile = {level, at->index, at->count};
    char name[LKS_TILE_PATH_BYTES];
    size_t ends[LKS_TILE_WIDTH + 1];
    int code = 0;
    lks_tile_path(&tile, name);
    for (size_t i = 0; i <= LKS_TILE_WIDTH; i++)
        ends[i] = i * sizeof *at->row;
    int there = file_get(pass, name, TILE_BYTES_MAX, pass->tiles, &pass->bytes, &code, err);
    if (code)
        return code;
    pass->tiles->checked_count += (uint64_t)there;
    if (!there)
        lks_check_missing(pass->tiles, "%s is not there", name);
    else if (pass->bytes.size_bytes != ends[at->count])
        lks_check_damaged(pass->tiles, "%s has %zu bytes and not %zu", name, pass->bytes.size_bytes,
                          ends[at->count]);
    else if (memcmp(pass->bytes.data, at->row, ends[at->count]) != 0)
        lks_check_damaged(pass->tiles, "%s does not follow from the entries", name);
    return partials_compare(pass, &tile, (const char *)at->row, ends, pass->tiles, err);
}

static void row_fold(const struct level *level, struct lks_hash *root)
{
    struct lks_hash work[LKS_TILE_WIDTH];
    memcpy(work, level->row, sizeof work);
    for (size_t count = LKS_TILE_WIDTH; count > 1; count /= 2)
        for (size_t i = 0; i < count / 2; i++)
            lks_merkle_node(&work[2 * i], &work[2 * i + 1], &work[i]);
    *root = work[0];
}

static int hash_push(struct pass *pass, const struct lks_hash *leaf, struct lks_error *err)
{
    const struct lks_log_verify *verify = pass->verify;
    struct lks_hash hash = *leaf;
    lks_merkle_edge_append(&pass->edge, leaf);
    for (; pass->past < verify->pasts_count && verify->pasts[pass->past].size <= pass->edge.size;
         pass->past++) {
        struct lks_past_root *past = &verify->pasts[pass->past];
        past->known = past->size == pass->edge.size && !pass->broken;
        lks_merkle_edge_root(&pass->edge, &past->root);
    }
    for (int i = 0; i < LEVELS; i++) {
        struct level *level = &pass->levels[i];
        level->row[level->count++] = hash;
        if (level->count < LKS_TILE_WIDTH)
            return 0;
        int code = row_compare(pass, i, err);
        if (code)
            return code;
        row_fold(level, &hash);
        level->count = 0;
        level->index++;
    }
    return 0;
}

/* ---- one bundle ---- */

/* Cuts the bundle into entries; how many could be, and where each ends. */
static uint32_t entries_cut(struct lks_str bytes, uint32_t width, struct lks_str *entries,
                            size_t *ends)
{
    uint32_t count = 0;
    size_t at = 0;
    ends[0] = 0;
    while (count < width && lks_bundle_next(bytes, &at, &entries[count], NULL) == 1)
        ends[++count] = at;
    return count;
}

/* The level 0 tile of the same place, where it can be had. */
static int leaves_get(struct pass *pass, uint64_t index, uint32_t width, struct lks_hash *leaves,
                      struct lks_error *err)
{
    struct lks_tile tile = {0, index, width};
    char name[LKS_TILE_PATH_BYTES];
    struct lks_check unheard = {0}; /* told when the row is compared */
    int code = 0;
    lks_tile_path(&tile, name);
    int there = file_get(pass, name, TILE_BYTES_MAX, &unheard, &pass->other, &code, err);
    lks_buffer_free(&unheard.told);
    if (code)
        return code;
    if (!there || pass->other.size_bytes != width * sizeof *leaves)
        return 0;
    memcpy(leaves, pass->other.data, pass->other.size_bytes);
    return 1;
}

static int entries_take(struct pass *pass, uint64_t first, const struct lks_str *entries,
                        uint32_t count, struct lks_error *err)
{
    int code = 0;
    for (uint32_t i = 0; code == 0 && i < count; i++)
        if (pass->verify->entry)
            code = pass->verify->entry(pass->verify->context, first + i, entries[i], err);
    return code;
}

static int bundle_pass(struct pass *pass, uint64_t index, uint32_t width, struct lks_error *err)
{
    static const struct lks_hash zero;
    struct lks_tile tile = {LKS_TILE_ENTRIES, index, width};
    struct lks_str entries[LKS_TILE_WIDTH];
    struct lks_hash leaves[LKS_TILE_WIDTH];
    size_t ends[LKS_TILE_WIDTH + 1];
    char name[LKS_TILE_PATH_BYTES];
    uint64_t first = index * LKS_TILE_WIDTH;
    int code = 0;
    lks_tile_path(&tile, name);
    int told = leaves_get(pass, index, width, leaves, err);
    if (told < 0)
        return told;
    int there = file_get(pass, name, BUNDLE_BYTES_MAX, pass->entries, &pass->bytes, &code, err);
    if (code)
        return code;
    struct lks_str bytes = {pass->bytes.data, there ? pass->bytes.size_bytes : 0};
    uint32_t count = there ? entries_cut(bytes, width, entries, ends) : 0;
    if (!there)
        lks_check_missing(pass->entries, "%s is not there", name);
    else if (count < width || ends[width] != bytes.size_bytes)
        lks_check_damaged(pass->entries, "%s does not hold %u whole entries", name, width);
    /* An entry whose hash is not the tile's: one of the two was changed. */
    for (uint32_t i = 0; i < count; i++) {
        struct lks_hash leaf;
        lks_merkle_leaf(entries[i].data, entries[i].size_bytes, &leaf);
        if (told && !lks_hash_equal(&leaf, &leaves[i]))
            lks_check_damaged(pass->entries, "entry %llu is not the one that the tree holds",
                              (unsigned long long)(first + i));
        if (!told)
            leaves[i] = leaf;
        pass->entries->checked_count++;
    }
    if (count == width)
        code = partials_compare(pass, &tile, bytes.data, ends, pass->entries, err);
    if (code == 0)
        code = entries_take(pass, first, entries, count, err);
    for (uint32_t i = 0; code == 0 && i < width; i++) {
        pass->broken |= !told && i >= count;
        code = hash_push(pass, told || i < count ? &leaves[i] : &zero, err);
    }
    return code;
}

/* ---- all of it ---- */

/* What lies among the tiles and was not asked for. */
static void rest_name(struct pass *pass)
{
    uint64_t size = pass->verify->checkpoint->size, beyond = 0;
    for (size_t i = 0; i < pass->files.count; i++) {
        const struct lks_file_entry *file = &pass->files.files[i];
        char name[LKS_TILE_PATH_BYTES + 16];
        struct lks_tile tile;
        if (pass->seen[i])
            continue;
        snprintf(name, sizeof name, "tile/%.*s", (int)LKS_TILE_PATH_BYTES, file->path);
        const char *last = strrchr(file->path, '/');
        if (file->plain && last && strstr(last, ".tmp-"))
            lks_check_note(pass->tiles, "tile/%.300s is a write that was cut off", file->path);
        else if (!file->plain || lks_tile_parse(lks_str_from(name), &tile, NULL) != 0)
            lks_check_damaged(pass->tiles, "tile/%.300s is no tile", file->path);
        else if (tile.width > lks_tile_width(size, tile.level, tile.index))
            beyond++;
        else if (tile.width == LKS_TILE_WIDTH)
            lks_check_damaged(pass->tiles, "%s could not be compared", name);
    }
    if (beyond)
        lks_check_note(pass->tiles,
                       "%llu tile files go beyond what is signed: they claim nothing yet",
                       (unsigned long long)beyond);
}

static void root_compare(struct pass *pass)
{
    const struct lks_checkpoint *checkpoint = pass->verify->checkpoint;
    struct lks_hash root;
    lks_merkle_edge_root(&pass->edge, &root);
    if (pass->broken)
        lks_check_damaged(pass->entries,
                          "the root cannot be counted: entries and tiles are missing together");
    else if (!lks_hash_equal(&root, &checkpoint->root))
        lks_check_damaged(pass->entries, "the root of what is here is not the signed one");
    else if (pass->entries->state == LKS_CHECK_HOLDS)
        lks_check_say(pass->entries, "%llu entries rehashed, their root is the signed one",
                      (unsigned long long)checkpoint->size);
    else
        lks_check_say(pass->entries, "the tiles still give the signed root: the entries named "
                                     "below are what was changed or lost");
}

static int pass_run(struct pass *pass, struct lks_error *err)
{
    const struct lks_log_verify *verify = pass->verify;
    uint64_t size = verify->checkpoint->size;
    struct lks_meter meter;
    int code = 0;
    lks_meter_start(&meter, verify->control, "log", "entries", size);
    for (uint64_t index = 0; code == 0 && index * LKS_TILE_WIDTH < size; index++) {
        code = bundle_pass(pass, index, lks_tile_width(size, LKS_TILE_ENTRIES, index), err);
        if (code == 0)
            code = lks_meter_at(&meter, pass->edge.size, err);
        /* A checkpoint of 2^60 entries over an empty folder is not walked to its end. */
        if (pass->broken && pass->entries->missing_count > 1000) {
            lks_check_damaged(pass->entries, "too much is missing to go on from entry %llu",
                              (unsigned long long)pass->edge.size);
            return 0;
        }
    }
    for (int i = 0; code == 0 && i < LEVELS; i++)
        if (pass->levels[i].count)
            code = row_compare(pass, i, err);
    if (code)
        return code;
    lks_meter_finish(&meter);
    root_compare(pass);
    rest_name(pass);
    lks_check_say(pass->tiles, "%llu tile files compared",
                  (unsigned long long)pass->tiles->checked_count);
    return 0;
}

int lks_verify_log(struct lks_verification *verification, const struct lks_log_verify *verify,
                   struct lks_error *err)
{
    struct lks_error inner = {0};
    struct pass *pass = calloc(1, sizeof *pass);
    if (!pass)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    pass->verify = verify;
    pass->entries = lks_check_start(verification, "entries", "entries of the log");
    pass->tiles = lks_check_start(verification, "tiles", "tiles of the log");
    int code = lks_file_list_below(verify->folder, "tile", &pass->files, &inner);
    if (code == LKS_EMISSING)
        code = 0; /* each file that is missing is named */
    else if (code == LKS_EINPUT) {
        lks_check_damaged(pass->tiles, "%s", inner.message);
        code = 0;
    } else if (code)
        lks_error_set(err, code, "%s", inner.message);
    if (code == 0 && !(pass->seen = calloc(pass->files.count + 1, 1)))
        code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    if (code == 0)
        code = pass_run(pass, err);
    free(pass->seen);
    lks_buffer_free(&pass->bytes);
    lks_buffer_free(&pass->other);
    lks_file_list_free(&pass->files);
    free(pass);
    return code;
}
