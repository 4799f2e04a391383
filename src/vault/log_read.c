/* log_read.c - a log as anyone may read it: its checkpoint, tiles and entries */
#include <stdio.h>

#include "vault/disk.h"
#include "vault/log.h"
#include "vault/rows.h"

int lks_log_checkpoint(const char *folder, struct lks_buffer *out, struct lks_error *err)
{
    char path[LKS_DISK_PATH_BYTES];
    if (snprintf(path, sizeof path, "%s/checkpoint", folder) >= (int)sizeof path)
        return lks_error_set(err, LKS_EARGUMENT, "a path is too long");
    return lks_disk_get(path, LKS_NOTE_BYTES_MAX, out, err);
}

static int tiles_read(void *context, const struct lks_tile *tile, struct lks_hash *hashes,
                      struct lks_error *err)
{
    return lks_tile_load(context, tile, hashes, err);
}

struct lks_tile_source lks_log_tiles(const char *folder)
{
    return (struct lks_tile_source){tiles_read, (void *)(uintptr_t)folder}; /* only ever read */
}

int lks_log_entries(const char *folder, uint64_t size, uint64_t first, uint64_t end,
                    int (*entry)(void *context, uint64_t index, struct lks_str entry,
                                 struct lks_error *err),
                    void *context, struct lks_error *err)
{
    struct lks_buffer bundle = {0};
    int code = 0;
    if (first > end || end > size)
        return lks_error_set(
            err, LKS_EARGUMENT, "the log of %llu entries has no entries %llu to %llu",
            (unsigned long long)size, (unsigned long long)first, (unsigned long long)end);
    for (uint64_t index = first / LKS_TILE_WIDTH; code == 0 && index * LKS_TILE_WIDTH < end;
         index++) {
        struct lks_tile tile = {LKS_TILE_ENTRIES, index,
                                lks_tile_width(size, LKS_TILE_ENTRIES, index)};
        size_t at = 0;
        lks_buffer_clear(&bundle);
        code = lks_bundle_load(folder, &tile, &bundle, err);
        struct lks_str bytes = {bundle.data, bundle.size_bytes}, one;
        for (uint64_t i = index * LKS_TILE_WIDTH; code == 0 && i < end; i++) {
            int more = lks_bundle_next(bytes, &at, &one, err);
            if (more <= 0) {
                code = more;
                break;
            }
            if (i >= first)
                code = entry(context, i, one, err);
        }
    }
    lks_buffer_free(&bundle);
    return code;
}
