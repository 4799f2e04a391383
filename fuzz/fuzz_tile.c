/* fuzz_tile.c - paths of tiles, and bundles of entries */
#include <stdint.h>
#include <string.h>

#include "vault/tile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lks_tile tile;
    struct lks_str bytes = {(const char *)data, size}, entry;
    struct lks_buffer again = {0};
    size_t at = 0;
    int more;
    if (lks_tile_parse(bytes, &tile, NULL) == 0) {
        char path[LKS_TILE_PATH_BYTES];
        lks_tile_path(&tile, path);
        LKS_ASSERT(lks_str_equal_text(bytes, path));
    }
    while ((more = lks_bundle_next(bytes, &at, &entry, NULL)) == 1)
        lks_bundle_add(&again, entry.data, entry.size_bytes);
    if (more == 0)
        LKS_ASSERT(again.size_bytes == size && (size == 0 || memcmp(again.data, data, size) == 0));
    lks_buffer_free(&again);
    return 0;
}
