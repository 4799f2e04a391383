/* tile_test.c - paths of tiles, widths, bundles */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "vault/tile.h"

static void known_paths(void **unused)
{
    static const struct {
        struct lks_tile tile;
        const char *path;
    } known[] = {
        {{0, 0, 256}, "tile/0/000"},
        {{0, 1234067, 256}, "tile/0/x001/x234/067"},
        {{1, 999, 17}, "tile/1/999.p/17"},
        {{63, 1000, 1}, "tile/63/x001/000.p/1"},
        {{LKS_TILE_ENTRIES, 0, 5}, "tile/entries/000.p/5"},
        {{0, UINT64_MAX, 256}, "tile/0/x018/x446/x744/x073/x709/x551/615"},
    };
    (void)unused;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        char path[LKS_TILE_PATH_BYTES];
        struct lks_tile tile;
        lks_tile_path(&known[i].tile, path);
        assert_string_equal(path, known[i].path);
        assert_int_equal(lks_tile_parse(lks_str_from(path), &tile, NULL), 0);
        assert_int_equal(tile.level, known[i].tile.level);
        assert_int_equal(tile.index, known[i].tile.index);
        assert_int_equal(tile.width, known[i].tile.width);
    }
}

static void refused_paths(void **unused)
{
    static const char *const bad[] = {
        "",
        "tile",
        "tile/",
        "tile/0",
        "tile/0/",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/00/000",
        "tile/64/000",
        "tile/0/x000/000",
        "tile/0/x001",
        "tile/0/x001/",
        "tile/0/001/002",
        "tile/0/000.p",
        "tile/0/000.p/",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/05",
        "tile/0/000.p/5/",
        "tile/-1/000",
        "tile/0/../000",
        "tile/entries/0",
        "tile/0/x018/x446/x744/x073/x709/x551/616",
        "/tile/0/000",
        "tile/0/000 ",
    };
    struct lks_tile tile;
    (void)unused;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(lks_tile_parse(lks_str_from(bad[i]), &tile, NULL), LKS_EINPUT);
}

/* Widths by counting: hash k of level L stands when its 256^L leaves do. */
static void widths(void **unused)
{
    (void)unused;
    for (uint64_t size = 0; size < 140000; size += 37)
        for (int level = 0; level < 3; level++)
            for (uint64_t index = 0; index < 3; index++) {
                uint64_t hashes = size >> 8 * level, first = index * 256;
                uint64_t want = hashes > first ? hashes - first : 0;
                assert_int_equal(lks_tile_width(size, level, index), want < 256 ? want : 256);
            }
    assert_int_equal(lks_tile_width(256, 0, 1), 0); /* empty tiles do not exist */
    assert_int_equal(lks_tile_width(256, 1, 0), 1);
    assert_int_equal(lks_tile_width(UINT64_MAX, 8, 0), 0);
    assert_int_equal(lks_tile_width(5, LKS_TILE_ENTRIES, 0), 5);
}

static void bundles(void **unused)
{
    struct lks_buffer bundle = {0};
    static char big[LKS_ENTRY_BYTES_MAX];
    struct lks_str entry;
    size_t at = 0;
    (void)unused;
    lks_bundle_add(&bundle, "abc", 3);
    lks_bundle_add(&bundle, "", 0);
    lks_bundle_add(&bundle, big, sizeof big);
    struct lks_str bytes = {bundle.data, bundle.size_bytes};
    assert_int_equal(lks_bundle_next(bytes, &at, &entry, NULL), 1);
    assert_true(lks_str_equal_text(entry, "abc"));
    assert_int_equal(lks_bundle_next(bytes, &at, &entry, NULL), 1);
    assert_int_equal(entry.size_bytes, 0);
    assert_int_equal(lks_bundle_next(bytes, &at, &entry, NULL), 1);
    assert_int_equal(entry.size_bytes, sizeof big);
    assert_int_equal(lks_bundle_next(bytes, &at, &entry, NULL), 0);
    bytes.size_bytes--; /* cut */
    at = 7;
    assert_int_equal(lks_bundle_next(bytes, &at, &entry, NULL), LKS_EINPUT);
    bytes.size_bytes = 1;
    at = 0;
    assert_int_equal(lks_bundle_next(bytes, &at, &entry, NULL), LKS_EINPUT);
    lks_buffer_free(&bundle);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(known_paths),
                                       cmocka_unit_test(refused_paths), cmocka_unit_test(widths),
                                       cmocka_unit_test(bundles)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
