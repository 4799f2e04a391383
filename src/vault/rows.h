/* rows.h - the right edge of a growing log, level by level, and its way to disk as tiles */
#ifndef LKS_VAULT_ROWS_H
#define LKS_VAULT_ROWS_H

#include "vault/disk.h"
#include "vault/tile.h"

#define LKS_ROWS_LEVELS 8

/* Hashes of one level from the first that is not in a full tile on disk. */
struct lks_row {
    struct lks_hash *hashes;
    size_t count, room;
    uint64_t first;   /* number of hashes[0] in its level; a multiple of 256 */
    uint64_t written; /* hashes of the level that lie in tiles on disk */
};

struct lks_rows {
    uint64_t size; /* entries added */
    struct lks_row rows[LKS_ROWS_LEVELS];
    struct lks_buffer bundles; /* entries from rows[0].first, as bundles hold them */
    size_t *bundle_ends;       /* where each of its full bundles ends */
    size_t bundles_count, bundles_room;
};

/* Starts at the size of a log whose tiles lie in folder: reads its partial tiles and its partial
 * bundle, and holds them against each other. LKS_EINPUT where they do not fit or are not there. */
int lks_rows_load(struct lks_rows *rows, const char *folder, uint64_t size, struct lks_error *err);
int lks_rows_add(struct lks_rows *rows, const void *entry, size_t size_bytes,
                 struct lks_error *err);
/* The root of all entries added. */
void lks_rows_root(const struct lks_rows *rows, struct lks_hash *root);
/* Writes every tile and bundle that is not on disk as it is now, durably; the same bytes again
 * where a crash came between. */
int lks_rows_write(struct lks_rows *rows, const char *folder, struct lks_error *err);
void lks_rows_free(struct lks_rows *rows);

/* Reads a tile from a log's folder: the partial one, or the first hashes of the full one that
 * came after it. LKS_EINPUT where neither is there in the right size. */
int lks_tile_load(const char *folder, const struct lks_tile *tile, struct lks_hash *hashes,
                  struct lks_error *err);
/* The same for a bundle: adds the bytes of its first tile->width entries. */
int lks_bundle_load(const char *folder, const struct lks_tile *tile, struct lks_buffer *out,
                    struct lks_error *err);

#endif
