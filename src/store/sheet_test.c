/* sheet_test.c - rows handed over by sheets are the rows that were put in, wherever they are cut */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/rng.h"
#include "store/database.h"

static void done(int code, const struct lks_error *err)
{
    if (code)
        print_error("%s\n", err->message);
    assert_int_equal(code, 0);
}

static void open_memory(struct lks_db *db, const char *sql)
{
    struct lks_error err = {0};
    struct lks_control one = {.threads = 1}; /* as where a case is filled */
    done(lks_db_open(db, "memory", LKS_DB_MEMORY, &one, 0, &err), &err);
    done(lks_db_run(db, sql, &err), &err);
}

/* What row n holds, by its number alone. text: null, empty, short, of 12 and 13 bytes, long, not UTF-8. */
static struct lks_str text_of(uint64_t n, char *space)
{
    struct lks_rng rng;
    lks_rng_init(&rng, 7, n);
    uint64_t kind = lks_rng_below(&rng, 8);
    size_t size = kind == 2   ? 1 + lks_rng_below(&rng, 11)
                  : kind == 3 ? 12
                  : kind == 4 ? 13
                              : 14 + lks_rng_below(&rng, 200);
    if (kind == 0)
        return LKS_STR_NULL;
    if (kind == 1)
        return LKS_STR("");
    for (size_t i = 0; i < size; i++)
        space[i] = (char)('a' + lks_rng_below(&rng, 26));
    if (kind == 7)
        space[size / 2] = (char)0xff;
    return (struct lks_str){space, size};
}

static void rows_put(struct lks_sheet *sheet, uint64_t first, uint64_t count)
{
    struct lks_error err = {0};
    char space[256];
    for (uint64_t n = first; n < first + count; n++) {
        lks_sheet_u32(sheet, 0, (uint32_t)n);
        lks_sheet_i64(sheet, 1, n % 3 ? (int64_t)n * -7 : INT64_MIN);
        lks_sheet_flag(sheet, 2, (int)(n % 3) - 1);
        lks_sheet_text(sheet, 3, text_of(n, space));
        lks_sheet_u8(sheet, 4, (uint8_t)(n % 2));
        lks_sheet_double(sheet, 5, (double)n / 3);
        done(lks_sheet_row(sheet, &err), &err);
    }
}

static void rows_check(const struct lks_db *db, uint64_t count)
{
    struct lks_error err = {0};
    struct lks_rows rows;
    struct lks_arena arena = {0};
    char space[256];
    uint64_t n = 0;
    int code;
    done(lks_rows_open(&rows, db, "SELECT * FROM t ORDER BY rowid", &err), &err);
    while ((code = lks_rows_next(&rows, &err)) == 1)
        for (idx_t row = 0; row < rows.count; row++, n++) {
            assert_int_equal(lks_rows_u32(&rows, 0, row), n);
            assert_true(lks_rows_i64(&rows, 1, row) == (n % 3 ? (int64_t)n * -7 : INT64_MIN));
            assert_int_equal(lks_rows_flag(&rows, 2, row), (int)(n % 3) - 1);
            struct lks_str there = lks_rows_text(&rows, 3, row);
            struct lks_str wanted = lks_utf8_repair(&arena, text_of(n, space));
            assert_int_equal(there.data == NULL, wanted.data == NULL);
            assert_true(lks_str_equal(there, wanted));
            assert_int_equal(lks_rows_u8(&rows, 4, row), n % 2);
            assert_true(((const double *)rows.data[5])[row] == (double)n / 3);
            lks_arena_reset(&arena);
        }
    done(code, &err);
    assert_int_equal(n, count);
    lks_rows_close(&rows);
    lks_arena_free(&arena);
}

static const char table[] = "CREATE TYPE side AS ENUM ('left', 'right');"
                            "CREATE TABLE t (n UINTEGER, i BIGINT, f BOOLEAN, s VARCHAR, e side,"
                            " d DOUBLE)";

static void rows_come_back(void **state)
{
    static const uint64_t pieces[] = {
        0, 1, 63, 64, 2047, 1, 2048, LKS_SHEET_ROWS - 1, 2, 2 * LKS_SHEET_ROWS, 5};
    struct lks_error err = {0};
    struct lks_db db;
    struct lks_sheet sheet, other;
    uint64_t count = 0;
    (void)state;
    open_memory(&db, table);
    done(lks_db_run(&db, "BEGIN; CREATE TEMP TABLE u AS SELECT * FROM t LIMIT 0", &err), &err);
    done(lks_sheet_open(&sheet, &db, NULL, "t", &err), &err);
    done(lks_sheet_open(&other, &db, "temp", "u", &err), &err); /* two at once */
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        rows_put(&sheet, count, pieces[i]);
        rows_put(&other, count, pieces[i]);
        count += pieces[i];
        if (i % 2)
            done(lks_sheet_flush(&sheet, &err), &err);
    }
    done(lks_sheet_close(&sheet, &err), &err);
    done(lks_sheet_close(&other, &err), &err);
    rows_check(&db, count);
    done(lks_db_run(&db, "DELETE FROM t; INSERT INTO t SELECT * FROM temp.u; COMMIT", &err), &err);
    struct lks_rows rows;
    done(lks_rows_single(&rows, &db, "SELECT count(*), CAST(sum(n) AS BIGINT) FROM t", &err), &err);
    assert_int_equal(lks_rows_u64(&rows, 0, 0), count);
    assert_int_equal(lks_rows_u64(&rows, 1, 0), count * (count - 1) / 2);
    lks_rows_close(&rows);
    lks_db_close(&db);
}

static void long_texts_do_not_pile_up(void **state)
{
    enum { TEXT_BYTES = 1 << 20, TEXTS = 150 };
    struct lks_error err = {0};
    struct lks_db db;
    struct lks_sheet sheet;
    struct lks_rows rows;
    char *text = malloc(TEXT_BYTES);
    (void)state;
    assert_non_null(text);
    memset(text, 'x', TEXT_BYTES);
    open_memory(&db, "CREATE TABLE t (s VARCHAR)");
    done(lks_sheet_open(&sheet, &db, NULL, "t", &err), &err);
    for (int i = 0; i < TEXTS; i++) {
        lks_sheet_text(&sheet, 0, (struct lks_str){text, TEXT_BYTES});
        done(lks_sheet_row(&sheet, &err), &err);
        assert_true(sheet.texts.used_bytes <= LKS_SHEET_TEXTS_HARD_BYTES + TEXT_BYTES);
    }
    done(lks_sheet_close(&sheet, &err), &err);
    done(lks_rows_single(&rows, &db, "SELECT CAST(sum(length(s)) AS BIGINT) FROM t", &err), &err);
    assert_int_equal(lks_rows_u64(&rows, 0, 0), (uint64_t)TEXTS * TEXT_BYTES);
    lks_rows_close(&rows);
    lks_db_close(&db);
    free(text);
}

/* By columns: nulls alone, in stretches of whole vectors and more, and all that rows may hold. */
struct item {
    struct lks_str text;
    int64_t number;
    int flag;
};

static struct item item_of(uint64_t n, char *space)
{
    struct item item = {LKS_STR_NULL, INT64_MIN, -1};
    if (n / 3000 % 3 == 0)
        return item;
    item.text = text_of(n, space);
    item.number = n % 3 ? (int64_t)n * -7 : INT64_MIN;
    item.flag = n / 3000 % 3 == 1 ? 1 : (int)(n % 3) - 1;
    return item;
}

static void items_check(const struct lks_db *db, uint64_t count)
{
    struct lks_error err = {0};
    struct lks_rows rows;
    struct lks_arena arena = {0};
    char space[256];
    uint64_t n = 0;
    int code;
    done(lks_rows_open(&rows, db, "SELECT * FROM t ORDER BY rowid", &err), &err);
    while ((code = lks_rows_next(&rows, &err)) == 1)
        for (idx_t row = 0; row < rows.count; row++, n++) {
            struct item item = item_of(n, space);
            struct lks_str there = lks_rows_text(&rows, 1, row);
            struct lks_str wanted = lks_utf8_repair(&arena, item.text);
            assert_int_equal(lks_rows_u32(&rows, 0, row), n);
            assert_int_equal(there.data == NULL, wanted.data == NULL);
            assert_true(lks_str_equal(there, wanted));
            assert_true(lks_rows_i64(&rows, 2, row) == item.number);
            assert_int_equal(lks_rows_flag(&rows, 3, row), item.flag);
        }
    done(code, &err);
    assert_int_equal(n, count);
    lks_rows_close(&rows);
    lks_arena_free(&arena);
}

static void columns_are_rows(void **state)
{
    enum { ITEMS = 70000, RUN = 5000 };
    struct lks_error err = {0};
    struct lks_db db;
    struct lks_sheet sheet;
    struct lks_rng rng;
    struct item *items = malloc(RUN * sizeof *items);
    char(*space)[256] = malloc(RUN * sizeof *space);
    (void)state;
    lks_rng_init(&rng, 11, 1);
    open_memory(&db, "CREATE TABLE t (n UINTEGER, s VARCHAR, i BIGINT, f BOOLEAN)");
    done(lks_sheet_open(&sheet, &db, NULL, "t", &err), &err);
    for (uint64_t n = 0; n < ITEMS;) {
        size_t run = 1 + lks_rng_below(&rng, RUN), at = 0;
        if (run > ITEMS - n)
            run = ITEMS - n;
        for (size_t i = 0; i < run; i++)
            items[i] = item_of(n + i, space[i]);
        while (at < run) {
            size_t rows = lks_sheet_room(&sheet) < run - at ? lks_sheet_room(&sheet) : run - at;
            for (size_t i = 0; i < rows; i++)
                ((uint32_t *)sheet.data[0])[sheet.rows + i] = (uint32_t)(n + at + i);
            lks_sheet_texts(&sheet, 1, &items[at].text, sizeof *items, rows);
            lks_sheet_i64s(&sheet, 2, &items[at].number, sizeof *items, rows);
            lks_sheet_flags(&sheet, 3, &items[at].flag, sizeof *items, rows);
            done(lks_sheet_rows(&sheet, rows, &err), &err);
            at += rows;
        }
        n += run;
    }
    done(lks_sheet_close(&sheet, &err), &err);
    items_check(&db, ITEMS);
    lks_db_close(&db);
    free(items);
    free(space);
}

static void refuses(void **state)
{
    struct lks_error err = {0};
    struct lks_db db;
    struct lks_sheet sheet;
    (void)state;
    open_memory(&db, "CREATE TABLE t (s TIMESTAMP)");
    assert_int_equal(lks_sheet_open(&sheet, &db, NULL, "nowhere", &err), LKS_ESTORE);
    assert_int_equal(lks_sheet_open(&sheet, &db, NULL, "t", &err), LKS_ESTORE);
    lks_sheet_drop(&sheet); /* closed already */
    /* Nobody else gets rows out of a sheet. */
    assert_int_equal(lks_db_run(&db, "SELECT * FROM lockstep_sheet()", &err), LKS_ESTORE);
    lks_db_close(&db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_come_back), cmocka_unit_test(long_texts_do_not_pile_up),
        cmocka_unit_test(columns_are_rows), cmocka_unit_test(refuses)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
