/* import_test.c - the statement of an import: what is written is read back, and nothing else passes */
#include "vault/test_folder.h"

#include "case/import.h"

static char folder[64];

static int setup(void **state)
{
    (void)state;
    folder_make(folder, sizeof folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    shell("rm -rf %s", folder);
    return 0;
}

struct wanted {
    const struct lks_import *imports;
    const struct lks_source_options *readings;
    size_t count;
};

static void same_mapping(const struct lks_mapping *a, const struct lks_mapping *b)
{
    assert_int_equal(a != NULL, b != NULL);
    for (int i = 0; a && i < LKS_MAP_FIELDS_COUNT; i++) {
        assert_int_equal(a->column[i] != NULL, b->column[i] != NULL);
        assert_int_equal(a->column_bytes[i], b->column_bytes[i]);
        if (a->column[i])
            assert_string_equal(a->column[i], b->column[i]);
    }
    assert_int_equal(a && a->time_format, b && b->time_format);
    if (a && a->time_format)
        assert_string_equal(a->time_format, b->time_format);
}

static void same_reading(const struct lks_source_options *want,
                         const struct lks_source_options *got, const char *format)
{
    const char *as = want->as ? want->as : want->mapping ? NULL : format;
    assert_int_equal(as != NULL, got->as != NULL);
    if (as)
        assert_string_equal(got->as, as);
    assert_true(want->rejects_share_max == got->rejects_share_max);
    assert_int_equal(want->zone_offset_us, got->zone_offset_us);
    assert_int_equal(want->zones_count, got->zones_count);
    for (size_t i = 0; i < want->zones_count; i++) {
        size_t k = 0; /* in the order of the table of formats */
        while (k < got->zones_count && strcmp(got->zones[k].adapter, want->zones[i].adapter) != 0)
            k++;
        assert_true(k < got->zones_count);
        assert_int_equal(got->zones[k].offset_us, want->zones[i].offset_us);
    }
    same_mapping(want->mapping, got->mapping);
}

static int look(void *context, const struct lks_entry *entry, struct lks_error *err)
{
    const struct wanted *wanted = context;
    struct lks_import import;
    struct lks_import_reading reading;
    if (entry->statement.kind != LKS_STATEMENT_IMPORT) {
        assert_int_equal(lks_import_read(entry, &import, NULL, NULL), LKS_EINPUT);
        return 0;
    }
    const struct lks_import *want = &wanted->imports[entry->index - 1];
    assert_int_equal(lks_import_read(entry, &import, &reading, err), 0);
    assert_int_equal(import.leaf, entry->index);
    assert_string_equal(import.blob, want->blob);
    assert_string_equal(import.sha256, want->sha256);
    assert_true(lks_str_equal(import.name, want->name));
    assert_string_equal(import.format, want->format);
    assert_int_equal(import.size_bytes, want->size_bytes);
    assert_int_equal(import.place, want->place);
    assert_int_equal(import.of, want->of);
    assert_memory_equal(&import.counts, &want->counts, sizeof import.counts);
    same_reading(&wanted->readings[entry->index - 1], &reading.options, want->format);
    lks_import_reading_free(&reading);
    return 0;
}

static void hex_fill(char *out, char digit)
{
    memset(out, digit, 64);
    out[64] = 0;
}

static void there_and_back(void **state)
{
    (void)state;
    struct lks_mapping mapping;
    struct lks_vault *vault;
    struct lks_error err = {0};
    const struct lks_source_zone zones[] = {{"telegram-desktop", 2 * LKS_HOUR_US},
                                            {"youtube-csv", -LKS_HOUR_US / 2}};
    assert_int_equal(lks_mapping_parse("account=user.id,time=created,text=a \"b\",post=id,"
                                       "platform==tiktok,time_format=%d/%m/%Y",
                                       &mapping, NULL),
                     0);
    struct lks_source_options readings[3] = {
        lks_source_options_default(), lks_source_options_default(), lks_source_options_default()};
    readings[1].mapping = &mapping;
    readings[1].rejects_share_max = 0.1; /* no double is a tenth: the text must give it back */
    readings[1].zone_offset_us = -(5 * LKS_HOUR_US + 30 * LKS_MINUTE_US);
    readings[2].as = "telegram-desktop";
    readings[2].zones = zones;
    readings[2].zones_count = lks_adapter_find("youtube-csv") ? 2 : 1;
    struct lks_import imports[3] = {
        {.name = LKS_STR("plain.csv"),
         .size_bytes = 1,
         .format = "tiktok-api",
         .place = 1,
         .of = 3},
        {.name = LKS_STR("n\xc3\xa4me \"with\" {signs}"),
         .size_bytes = (uint64_t)1 << 50,
         .format = "csv",
         .counts = {.rows = 7,
                    .posts = 1,
                    .payments = 2,
                    .duplicates = 1,
                    .rejects = 2,
                    .ignored = 1,
                    .zone_assumed = 3,
                    .cp1252 = 4},
         .place = 2,
         .of = 3},
        {.name = LKS_STR(""), .size_bytes = 9, .format = "telegram-desktop", .place = 3, .of = 3},
    };
    assert_int_equal(lks_vault_open(folder, NULL, NULL, &vault, &err), 0);
    for (int i = 0; i < 3; i++) {
        hex_fill(imports[i].blob, (char)('a' + i));
        hex_fill(imports[i].sha256, (char)('1' + i));
        assert_int_equal(lks_import_record(vault, &imports[i], &readings[i], &err), 0);
        assert_int_equal(imports[i].leaf, i + 1);
    }
    assert_int_equal(lks_vault_commit(vault, &err), 0);
    lks_vault_close(vault);
    struct wanted wanted = {imports, readings, 3};
    assert_int_equal(lks_entries_each(folder, 0, UINT64_MAX, look, &wanted, &err), 0);

    /* Where nothing is disclosed the file can be read again, and has no name. */
    shell("rm -r %s/vault/disclosures", folder);
    for (int i = 0; i < 3; i++) {
        imports[i].name = LKS_STR_NULL;
        imports[i].sha256[0] = 0;
    }
    assert_int_equal(lks_entries_each(folder, 0, UINT64_MAX, look, &wanted, &err), 0);
    lks_mapping_free(&mapping);
}

/* A statement that lacks anything is no import. */
static void wrong_ones(void **state)
{
    (void)state;
    static const char *const good =
        "{\"blob\":\"%s\",\"counts\":{\"cp1252\":0,\"duplicates\":0,\"ignored\":0,\"payments\":0,"
        "\"posts\":0,\"rejects\":0,\"rows\":0,\"zone_assumed\":0},\"file\":1,\"files\":1,"
        "\"format\":\"csv\",\"kind\":\"import\",\"reading\":{\"rejects_share_max\":\"0.5\","
        "\"zone_s\":0},\"size_bytes\":1,\"time\":\"2026-01-01T00:00:00Z\",\"v\":1}";
    static const struct {
        const char *from, *to;
    } changes[] = {
        {"\"file\":1", "\"file\":\"1\""},
        {"\"files\":1", "\"files\":-1"},
        {"\"format\":\"csv\"", "\"format\":1"},
        {"\"posts\":0", "\"posts\":\"0\""},
        {"\"0.5\"", "\"0.5x\""},
        {"\"0.5\"", "\"1.5\""},
        {"\"0.5\"", "\"nan\""},
        {"\"blob\":\"a", "\"blob\":\""},
        {"\"rows\":0", "\"rows\":-1"},
        {"size_bytes\":1", "size_bytes\":\"1\""},
    };
    char blob[65], whole[1024], text[1024];
    struct lks_arena arena = {0};
    hex_fill(blob, 'a');
    snprintf(whole, sizeof whole, good, blob);
    for (size_t i = 0; i <= sizeof changes / sizeof *changes; i++) {
        struct lks_import import;
        struct lks_import_reading reading = {0};
        struct lks_entry entry = {.arena = &arena};
        snprintf(text, sizeof text, "%s", whole);
        if (i) {
            const char *at = strstr(whole, changes[i - 1].from);
            assert_non_null(at);
            snprintf(text, sizeof text, "%.*s%s%s", (int)(at - whole), whole, changes[i - 1].to,
                     at + strlen(changes[i - 1].from));
        }
        assert_int_equal(lks_statement_read(lks_str_from(text), &arena, &entry.statement, NULL), 0);
        assert_int_equal(lks_import_read(&entry, &import, &reading, NULL), i ? LKS_EINPUT : 0);
        lks_import_reading_free(&reading);
    }
    lks_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(there_and_back, setup, teardown),
        cmocka_unit_test(wrong_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
