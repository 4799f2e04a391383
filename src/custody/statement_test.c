/* statement_test.c - statements written, read, opened; JSON that is not in its one writing */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/rng.h"
#include "custody/statement.h"

static struct lks_str str_of(const struct lks_buffer *buffer)
{
    return (struct lks_str){buffer->data, buffer->size_bytes};
}

/* A made document, deep and wide at will. */
static void draw(struct lks_rng *rng, struct lks_canon *canon, int depth)
{
    static const char *const names[] = {"", "a", "A", "aa", "b", "_sd", "kind", "z", "~", "0"};
    uint64_t count = lks_rng_below(rng, 6);
    int used[10] = {0};
    int array = canon->levels[canon->depth - 1].array;
    for (uint64_t i = 0; i < count; i++) {
        int pick = (int)lks_rng_below(rng, 10);
        if (!array && used[pick]++)
            continue;
        const char *name = array ? NULL : names[pick];
        char text[12];
        size_t size = lks_rng_below(rng, sizeof text);
        for (size_t at = 0; at < size; at++)
            text[at] = (char)lks_rng_next(rng);
        switch (lks_rng_below(rng, depth < LKS_CANON_DEPTH_MAX ? 6 : 4)) {
        case 0:
            lks_canon_string(canon, name, (struct lks_str){text, size});
            break;
        case 1:
            lks_canon_int(canon, name, (int64_t)lks_rng_below(rng, 1 << 20) - (1 << 19));
            break;
        case 2:
            lks_canon_bool(canon, name, 1);
            break;
        case 3:
            lks_canon_string(canon, name, LKS_STR_NULL);
            break;
        case 4:
            lks_canon_object(canon, name);
            draw(rng, canon, depth + 1);
            lks_canon_end(canon);
            break;
        default:
            lks_canon_array(canon, name);
            draw(rng, canon, depth + 1);
            lks_canon_end(canon);
        }
    }
}

/* What the writer makes is canonical, says the checker, and JSON, says another reader, which finds
 * the same values when it writes them in its own way. */
static void made_documents(void **unused)
{
    struct lks_rng rng;
    struct lks_arena arena = {0};
    (void)unused;
    lks_rng_init(&rng, 21, 0);
    for (int turn = 0; turn < 5000; turn++) {
        struct lks_canon canon = {0};
        struct lks_buffer out = {0};
        lks_canon_object(&canon, NULL);
        draw(&rng, &canon, 1);
        assert_int_equal(lks_canon_finish(&canon, &out), 0);
        assert_int_equal(lks_canonical_check(str_of(&out), &arena, NULL), 0);
        json_t *root =
            json_loadb(out.data, out.size_bytes, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
        assert_non_null(root);
        json_decref(root);
        /* a blank anywhere outside of a string makes another writing */
        size_t at = lks_rng_below(&rng, out.size_bytes);
        if (strchr("{}[]:,", out.data[at])) {
            struct lks_buffer changed = {0};
            lks_buffer_append(&changed, out.data, at);
            lks_buffer_byte(&changed, ' ');
            lks_buffer_append(&changed, out.data + at, out.size_bytes - at);
            int quotes = 0;
            for (size_t i = 0; i < at; i++)
                quotes += out.data[i] == '"' || out.data[i] == '\\' ? 1 : 0;
            if (!quotes)
                assert_int_equal(lks_canonical_check(str_of(&changed), &arena, NULL), LKS_EINPUT);
            lks_buffer_free(&changed);
        }
        lks_buffer_free(&out);
        lks_arena_reset(&arena);
    }
    lks_arena_free(&arena);
}

static void other_writings(void **unused)
{
    static const char *const bad[] = {
        "",
        "1",
        "\"a\"",
        "null",
        "{",
        "{}x",
        " {}",
        "{} ",
        "{\"b\":1,\"a\":2}",
        "{\"a\":1,\"a\":2}",
        "{\"a\": 1}",
        "{\"a\":1.0}",
        "{\"a\":1e3}",
        "{\"a\":01}",
        "{\"a\":-0}",
        "{\"a\":9007199254740993}",
        "{\"a\":\"\\u0041\"}",
        "{\"a\":\"\\/\"}",
        "{\"a\":\"\\u000A\"}",
        "{\"a\":\"\xff\"}",
        "{\"a\":\"\\ud800\"}",
        "{\"a\":\"\x01\"}",
        "{\"\\u0061\":1}",
        "{\"a\":[[[[[[[[1]]]]]]]]}",
        "[1,2",
        "{\"a\":tru}",
        "{\"a\\u0000\":1}",
    };
    struct lks_arena arena = {0};
    (void)unused;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (lks_canonical_check(lks_str_from(bad[i]), &arena, NULL) != LKS_EINPUT)
            fail_msg("%s", bad[i]);
    assert_int_equal(lks_canonical_check(LKS_STR("{\"a\":[[[[[[[1]]]]]]]}"), &arena, NULL), 0);
    assert_int_equal(lks_canonical_check(LKS_STR("[]"), &arena, NULL), 0);
    lks_arena_free(&arena);
}

static void statement_make(struct lks_buffer *out, struct lks_buffer *disclosures)
{
    struct lks_statement_writer writer = {0};
    lks_statement_start(&writer, LKS_STATEMENT_IMPORT, 1733443200000000);
    lks_canon_int(&writer.canon, "bytes", 1234);
    lks_statement_hide(&writer, "name", LKS_STR("holiday \"pictures\".json"));
    lks_statement_hide(&writer, "note", LKS_STR_NULL);
    lks_statement_hide(&writer, "by", LKS_STR("a person"));
    assert_int_equal(lks_statement_finish(&writer, out, disclosures, NULL), 0);
}

static void written_read_opened(void **unused)
{
    struct lks_buffer out = {0}, disclosures = {0}, again = {0}, others = {0};
    struct lks_arena arena = {0};
    struct lks_statement statement;
    struct lks_str name, value;
    (void)unused;
    statement_make(&out, &disclosures);
    assert_null(memmem(out.data, out.size_bytes, "pictures", 8)); /* nothing in clear */
    assert_int_equal(lks_statement_read(str_of(&out), &arena, &statement, NULL), 0);
    assert_int_equal(statement.kind, LKS_STATEMENT_IMPORT);
    assert_int_equal(statement.time_us, 1733443200000000);
    char *second = memchr(disclosures.data, '\n', disclosures.size_bytes);
    struct lks_str first = {disclosures.data, (size_t)(second - disclosures.data)};
    assert_int_equal(lks_statement_open(&statement, first, &arena, &name, &value, NULL), 0);
    assert_true(lks_str_equal_text(name, "name"));
    assert_true(lks_str_equal_text(value, "holiday \"pictures\".json"));
    /* the same statement again shares no digest with it: salts differ */
    statement_make(&again, &others);
    assert_int_equal(lks_statement_read(str_of(&again), &arena, &statement, NULL), 0);
    assert_int_equal(lks_statement_open(&statement, first, &arena, &name, &value, NULL),
                     LKS_EINPUT);
    assert_int_equal(lks_statement_open(&statement, LKS_STR("e30"), &arena, &name, &value, NULL),
                     LKS_EINPUT);
    lks_buffer_free(&out);
    lks_buffer_free(&disclosures);
    lks_buffer_free(&again);
    lks_buffer_free(&others);
    lks_arena_free(&arena);
}

static void refused(void **unused)
{
    static const char *const bad[] = {
        "{}",
        "{\"kind\":\"import\",\"time\":\"2026-01-02T03:04:05Z\"}",
        "{\"kind\":\"import\",\"time\":\"2026-01-02T03:04:05Z\",\"v\":2}",
        "{\"kind\":\"import\",\"time\":\"2026-01-02T03:04:05\",\"v\":1}",
        "{\"kind\":\"import\",\"time\":\"yesterday\",\"v\":1}",
        "{\"kind\":\"import\",\"time\":1,\"v\":1}",
        "{\"kind\":\"invent\",\"time\":\"2026-01-02T03:04:05Z\",\"v\":1}",
        "{\"kind\":\"import\",\"time\":\"2026-01-02T03:04:05Z\",\"v\":1,\"x\":1}\n",
    };
    static char big[70000];
    struct lks_arena arena = {0};
    struct lks_statement statement;
    struct lks_statement_writer writer = {0};
    struct lks_buffer out = {0}, disclosures = {0};
    (void)unused;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(lks_statement_read(lks_str_from(bad[i]), &arena, &statement, NULL),
                         LKS_EINPUT);
    memset(big, 'x', sizeof big - 1);
    lks_statement_start(&writer, LKS_STATEMENT_NOTE, 0);
    lks_canon_text(&writer.canon, "text", big);
    assert_int_equal(lks_statement_finish(&writer, &out, &disclosures, NULL), LKS_EINPUT);
    lks_buffer_free(&out);
    lks_buffer_free(&disclosures);
    lks_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(made_documents), cmocka_unit_test(other_writings),
        cmocka_unit_test(written_read_opened), cmocka_unit_test(refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
