/* tile.c - where a log's hashes and entries lie: the paths of C2SP tlog-tiles
 *
 * A tile of level L holds up to 256 hashes, each the root of 256^L leaves. Its number is
 * written in groups of three digits, all but the last with an x before, so that no folder
 * holds more than a thousand names. */
#include "vault/tile.h"

#include <stdio.h>
#include <string.h>

uint32_t lks_tile_width(uint64_t size, int level, uint64_t index)
{
    unsigned shift = level < 0 ? 0 : 8 * (unsigned)level;
    uint64_t count = shift < 64 ? size >> shift : 0; /* hashes in that level */
    if (index > count / LKS_TILE_WIDTH)
        return 0;
    uint64_t rest = count - index * LKS_TILE_WIDTH;
    return rest < LKS_TILE_WIDTH ? (uint32_t)rest : LKS_TILE_WIDTH;
}

void lks_tile_path(const struct lks_tile *tile, char path[LKS_TILE_PATH_BYTES])
{
    char number[40];
    int at = 0;
    unsigned groups[7], count = 0;
    uint64_t rest = tile->index;
    LKS_ASSERT(tile->width >= 1 && tile->width <= LKS_TILE_WIDTH &&
               tile->level <= LKS_TILE_LEVEL_MAX);
    do {
        groups[count++] = (unsigned)(rest % 1000);
        rest /= 1000;
    } while (rest);
    for (unsigned i = count; i-- > 0;)
        at += snprintf(number + at, sizeof number - (size_t)at, "%s%03u%s", i ? "x" : "", groups[i],
                       i ? "/" : "");
    if (tile->level == LKS_TILE_ENTRIES)
        at = snprintf(path, LKS_TILE_PATH_BYTES, "tile/entries/%s", number);
    else
        at = snprintf(path, LKS_TILE_PATH_BYTES, "tile/%d/%s", tile->level, number);
    if (tile->width < LKS_TILE_WIDTH)
        snprintf(path + at, LKS_TILE_PATH_BYTES - (size_t)at, ".p/%u", tile->width);
}

static int digits_read(const char **at, const char *end, unsigned most, uint64_t *value)
{
    unsigned count = 0;
    *value = 0;
    for (; *at < end && **at >= '0' && **at <= '9' && count < most; count++)
        *value = *value * 10 + (uint64_t)(*(*at)++ - '0');
    return count != 0;
}

static int text_read(const char **at, const char *end, const char *text)
{
    size_t size = strlen(text);
    if ((size_t)(end - *at) < size || memcmp(*at, text, size) != 0)
        return 0;
    *at += size;
    return 1;
}

/* Reads loosely; the caller compares with what would have been written. */
static int parts_read(const char *at, const char *end, struct lks_tile *tile)
{
    uint64_t value;
    *tile = (struct lks_tile){.level = LKS_TILE_ENTRIES, .width = LKS_TILE_WIDTH};
    if (!text_read(&at, end, "tile/"))
        return 0;
    if (!text_read(&at, end, "entries/")) {
        if (!digits_read(&at, end, 2, &value) || value > LKS_TILE_LEVEL_MAX ||
            !text_read(&at, end, "/"))
            return 0;
        tile->level = (int)value;
    }
    for (int more = 1; more;) {
        more = text_read(&at, end, "x");
        if (!digits_read(&at, end, 3, &value) ||
            __builtin_mul_overflow(tile->index, (uint64_t)1000, &tile->index) ||
            __builtin_add_overflow(tile->index, value, &tile->index) ||
            (more && !text_read(&at, end, "/")))
            return 0;
    }
    if (text_read(&at, end, ".p/")) {
        if (!digits_read(&at, end, 3, &value) || value < 1 || value >= LKS_TILE_WIDTH)
            return 0;
        tile->width = (uint32_t)value;
    }
    return at == end;
}

int lks_tile_parse(struct lks_str path, struct lks_tile *tile, struct lks_error *err)
{
    char again[LKS_TILE_PATH_BYTES];
    if (path.size_bytes < LKS_TILE_PATH_BYTES &&
        parts_read(path.data, path.data + path.size_bytes, tile)) {
        lks_tile_path(tile, again);
        if (lks_str_equal_text(path, again))
            return 0;
    }
    return lks_error_set(err, LKS_EINPUT, "this is no path of a tile");
}

int lks_bundle_next(struct lks_str bundle, size_t *at, struct lks_str *entry, struct lks_error *err)
{
    if (*at == bundle.size_bytes)
        return 0;
    size_t rest = bundle.size_bytes - *at;
    if (rest < 2)
        return lks_error_set(err, LKS_EINPUT, "a bundle of entries is cut short");
    const unsigned char *length = (const unsigned char *)bundle.data + *at;
    size_t size_bytes = (size_t)length[0] << 8 | length[1];
    if (rest - 2 < size_bytes)
        return lks_error_set(err, LKS_EINPUT, "a bundle of entries is cut short");
    *entry = (struct lks_str){bundle.data + *at + 2, size_bytes};
    *at += 2 + size_bytes;
    return 1;
}

void lks_bundle_add(struct lks_buffer *bundle, const void *entry, size_t size_bytes)
{
    LKS_ASSERT(size_bytes <= LKS_ENTRY_BYTES_MAX);
    lks_buffer_byte(bundle, (char)(size_bytes >> 8));
    lks_buffer_byte(bundle, (char)(size_bytes & 0xff));
    lks_buffer_append(bundle, entry, size_bytes);
}
