/* table_test.c - named tables written and read back: random ones, hostile names, bad files */
#include "store/table.h"

#include <dirent.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/rng.h"

static char folder[] = "/tmp/lockstep-table-XXXXXX";
static char path[80];

static int folder_make(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/it's [1]*.duckdb", folder);
    return 0;
}

static int folder_remove(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static void done(int code, const struct lks_error *err)
{
    if (code != 0)
        fail_msg("%d: %s", code, err->message);
}

static size_t files_count(void)
{
    size_t count = 0;
    DIR *files = opendir(folder);
    for (struct dirent *entry; (entry = readdir(files));)
        count += entry->d_name[0] != '.';
    closedir(files);
    return count;
}

static double some_double(struct lks_rng *rng)
{
    static const double odd[] = {0, -0.0, INFINITY, -INFINITY, 5e-324, 1.7976931348623157e308};
    uint64_t pick = lks_rng_below(rng, 12);
    return pick < 6 ? odd[pick] : pick == 6 ? NAN : (lks_rng_unit(rng) - 0.5) * 1e6;
}

static struct lks_str some_text(struct lks_arena *arena, struct lks_rng *rng)
{
    static const struct lks_str texts[] = {LKS_STR_NULL, LKS_STR(""), LKS_STR("short"),
                                           LKS_STR("a\0b"), LKS_STR("\xc8\x9b, 'quoted' \"text\"")};
    char text[300];
    uint64_t pick = lks_rng_below(rng, 7);
    if (pick < 5)
        return texts[pick];
    size_t size = lks_rng_below(rng, sizeof text);
    for (size_t i = 0; i < size; i++)
        text[i] = (char)(32 + lks_rng_below(rng, 90));
    return lks_arena_str(arena, (struct lks_str){text, size});
}

static void values_make(struct lks_column *column, size_t count, struct lks_arena *arena,
                        struct lks_rng *rng)
{
    column->values = lks_arena_calloc(arena, count + 1, sizeof(struct lks_str));
    for (size_t i = 0; i < count; i++)
        switch (column->type) {
        case LKS_COLUMN_INT64:
            ((int64_t *)column->values)[i] =
                lks_rng_below(rng, 5) ? (int64_t)lks_rng_next(rng) : INT64_MIN;
            break;
        case LKS_COLUMN_UINT64:
            ((uint64_t *)column->values)[i] =
                lks_rng_below(rng, 5) ? lks_rng_next(rng) : UINT64_MAX;
            break;
        case LKS_COLUMN_DOUBLE:
            ((double *)column->values)[i] = some_double(rng);
            break;
        case LKS_COLUMN_TEXT:
            ((struct lks_str *)column->values)[i] = some_text(arena, rng);
        }
}

static void values_compare(const struct lks_column *is, const struct lks_column *wanted,
                           size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (is->type == LKS_COLUMN_TEXT) {
            struct lks_str a = ((struct lks_str *)is->values)[i];
            struct lks_str b = ((struct lks_str *)wanted->values)[i];
            assert_int_equal(a.data == NULL, b.data == NULL);
            assert_true(lks_str_equal(a, b));
        } else if (is->type == LKS_COLUMN_DOUBLE && isnan(((double *)wanted->values)[i])) {
            assert_true(isnan(((double *)is->values)[i]));
        } else if (is->type == LKS_COLUMN_DOUBLE) {
            assert_true(((double *)is->values)[i] == ((double *)wanted->values)[i]);
        } else { /* eight bytes each */
            assert_memory_equal((char *)is->values + 8 * i, (char *)wanted->values + 8 * i, 8);
        }
    }
}

enum { TABLES = 4, COLUMNS = 6 };

static void one_round(uint64_t seed)
{
    static const char *const table_names[TABLES] = {"nodes", "edge \"list\"", "select",
                                                    "a'; DROP TABLE nodes; --"};
    static const char *const column_names[COLUMNS] = {"id",      "x y",      "order",
                                                      "q\"uote", "\xc4\x83", "rowid_"};
    struct lks_error err = {0};
    struct lks_arena arena = {0};
    struct lks_rng rng;
    struct lks_control control = {.threads = 1 + (unsigned)(seed % 2)};
    struct lks_column wanted[TABLES][COLUMNS], is[TABLES][COLUMNS];
    struct lks_table saved[TABLES], loaded[TABLES];
    lks_rng_init(&rng, 31, seed);
    for (int t = 0; t < TABLES; t++) {
        size_t count = lks_rng_below(&rng, 10) ? lks_rng_below(&rng, 300) : 5000;
        saved[t] =
            (struct lks_table){table_names[t], wanted[t], 1 + lks_rng_below(&rng, COLUMNS), count};
        loaded[t] = (struct lks_table){table_names[t], is[t], saved[t].columns_count, 99};
        for (size_t c = 0; c < saved[t].columns_count; c++) {
            wanted[t][c] = (struct lks_column){column_names[c],
                                               (enum lks_column_type)lks_rng_below(&rng, 4), NULL};
            is[t][c] = wanted[t][c];
            values_make(&wanted[t][c], count, &arena, &rng);
        }
    }
    done(lks_tables_save(path, saved, TABLES, &control, &err), &err);
    assert_int_equal(files_count(), 1);
    done(lks_tables_load(path, loaded, TABLES, &arena, &control, &err), &err);
    for (int t = 0; t < TABLES; t++) {
        assert_int_equal(loaded[t].rows_count, saved[t].rows_count);
        for (size_t c = 0; c < saved[t].columns_count; c++)
            values_compare(&is[t][c], &wanted[t][c], saved[t].rows_count);
    }
    lks_arena_free(&arena);
}

static void comes_back_as_it_was(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 25; seed++)
        one_round(seed);
}

static int64_t numbers[] = {1, 2, 3};

static void replaces_whole_or_not_at_all(void **state)
{
    (void)state;
    struct lks_error err = {0};
    struct lks_arena arena = {0};
    struct lks_column column = {"n", LKS_COLUMN_INT64, numbers}, is = {"n", LKS_COLUMN_INT64, NULL};
    struct lks_table table = {"t", &column, 1, 3}, loaded = {"t", &is, 1, 0};
    int cancel = 1;
    struct lks_control control = {.cancel = &cancel};
    done(lks_tables_save(path, &table, 1, NULL, &err), &err);
    table.rows_count = 2;
    assert_int_equal(lks_tables_save(path, &table, 1, &control, &err), LKS_ECANCELLED);
    assert_int_equal(files_count(), 1);
    done(lks_tables_load(path, &loaded, 1, &arena, NULL, &err), (err.code = 0, &err));
    assert_int_equal(loaded.rows_count, 3);
    assert_int_equal(((int64_t *)is.values)[2], 3);
    done(lks_tables_save(path, &table, 1, NULL, &err), &err);
    done(lks_tables_load(path, &loaded, 1, &arena, NULL, &err), &err);
    assert_int_equal(loaded.rows_count, 2);
    assert_int_equal(lks_tables_save("/nonexistent-folder/x.duckdb", &table, 1, NULL, &err),
                     LKS_ESTORE);
    lks_arena_free(&arena);
}

static void refuses(struct lks_table *table, int code, const char *words)
{
    struct lks_error err = {0};
    struct lks_arena arena = {0};
    assert_int_equal(lks_tables_load(path, table, 1, &arena, NULL, &err), code);
    assert_non_null(strstr(err.message, words));
    assert_null(strchr(err.message, '\n'));
    lks_arena_free(&arena);
}

static void says_what_is_wrong(void **state)
{
    (void)state;
    struct lks_error err = {0};
    struct lks_column column = {"n", LKS_COLUMN_INT64, numbers};
    struct lks_column twice[] = {{"n", LKS_COLUMN_INT64, numbers},
                                 {"N", LKS_COLUMN_INT64, numbers}};
    struct lks_table table = {"t", &column, 1, 3}, doubled = {"t", twice, 2, 3};
    struct lks_table pair[] = {{"t", &column, 1, 3}, {"T", &column, 1, 3}};
    done(lks_tables_save(path, &table, 1, NULL, &err), &err);
    assert_int_equal(lks_tables_save(path, &doubled, 1, NULL, &err), LKS_EARGUMENT);
    assert_int_equal(lks_tables_save(path, pair, 2, NULL, NULL), LKS_EARGUMENT);
    struct lks_column other = {"m", LKS_COLUMN_INT64, NULL};
    struct lks_table no_column = {"t", &other, 1, 0}, no_table = {"u", &column, 1, 0};
    refuses(&no_column, LKS_ESTORE, "another version");
    refuses(&no_table, LKS_ESTORE, "'u'");
    column.type = LKS_COLUMN_TEXT;
    refuses(&table, LKS_ESTORE, "not of type");
    unlink(path);
    refuses(&table, LKS_EMISSING, "not there");
    FILE *file = fopen(path, "w");
    fputs("no database", file);
    fclose(file);
    refuses(&table, LKS_ESTORE, "not a DuckDB file");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back_as_it_was),
        cmocka_unit_test(replaces_whole_or_not_at_all),
        cmocka_unit_test(says_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
