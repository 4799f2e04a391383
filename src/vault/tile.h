/* tile.h - where a log's hashes and entries lie: the paths of C2SP tlog-tiles */
#ifndef LKS_VAULT_TILE_H
#define LKS_VAULT_TILE_H

#include <stdint.h>

#include "base/str.h"
#include "vault/merkle.h"

#define LKS_TILE_WIDTH 256
#define LKS_TILE_LEVEL_MAX 63
#define LKS_TILE_ENTRIES (-1) /* instead of a level: the bundle with the entries themselves */
#define LKS_TILE_PATH_BYTES 64
#define LKS_ENTRY_BYTES_MAX 65535

struct lks_tile {
    int level;      /* 0 to 63, or LKS_TILE_ENTRIES */
    uint64_t index; /* of the tile in its level */
    uint32_t width; /* 1 to 256; below 256 it is partial */
};

/* How many of its hashes (or entries) that tile has in a tree of size leaves: 0 to 256. */
uint32_t lks_tile_width(uint64_t size, int level, uint64_t index);
/* "tile/0/x001/x234/067", "tile/entries/000.p/5": the path below the log's folder. */
void lks_tile_path(const struct lks_tile *tile, char path[LKS_TILE_PATH_BYTES]);
/* Reads such a path; 0, or LKS_EINPUT where it is not written exactly as path_out would. */
int lks_tile_parse(struct lks_str path, struct lks_tile *tile, struct lks_error *err);

/* The next entry of a bundle: two bytes of length, big end first, then the entry. *at moves on.
 * 1 with *entry borrowed, 0 at the end, LKS_EINPUT where the bundle is cut. */
int lks_bundle_next(struct lks_str bundle, size_t *at, struct lks_str *entry,
                    struct lks_error *err);
/* Adds an entry of at most LKS_ENTRY_BYTES_MAX bytes. */
void lks_bundle_add(struct lks_buffer *bundle, const void *entry, size_t size_bytes);

#endif
