/* entities_test.c - links, hashtags and mentions of texts: tables of cases */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/rng.h"
#include "base/utf8.h"
#include "text/extract.h"

/* Writes what was found as "u:link #:tag @:handle", one blank between. */
static int write_found(void *context, enum lks_entity_kind kind, struct lks_str value)
{
    struct lks_buffer *out = context;
    if (out->size_bytes)
        lks_buffer_byte(out, ' ');
    lks_buffer_byte(out, kind == LKS_ENTITY_URL ? 'u' : kind == LKS_ENTITY_HASHTAG ? '#' : '@');
    lks_buffer_byte(out, ':');
    lks_buffer_append(out, value.data, value.size_bytes);
    return 0;
}

static const struct {
    const char *text, *found;
} cases[] = {
    {"nothing here", ""},
    {"", ""},
    /* links */
    {"see http://a.org/b.", "u:http://a.org/b"},
    {"(see https://a.org/b_(c)).", "u:https://a.org/b_(c)"},
    {"(https://a.org/b)", "u:https://a.org/b"},
    {"HTTP://A.org, www.b.org!", "u:HTTP://A.org u:www.b.org"},
    {"xhttp://a.org", ""},
    {"http:// a", ""},
    {"www. a", ""},
    {"a.www.b.org", ""},
    {"<a href=\"http://a.org/x\">", "u:http://a.org/x"},
    {"見てhttps://t.co/abcです", "u:https://t.co/abc"},
    {"http://例え.jp/x", "u:http://例え.jp/x"},
    {"http://пример.example/путь?x=1 ok", "u:http://пример.example/путь?x=1"},
    {"http://a.org/#tag @b", "u:http://a.org/#tag @:b"},
    {"http://a.org/@b", "u:http://a.org/@b"},
    {"two http://a.org/1 http://a.org/2", "u:http://a.org/1 u:http://a.org/2"},
    {"http://a.org/a\u00a0b", "u:http://a.org/a"},
    /* cut by the platform */
    {"RT @x: word https://t.co/ab\u2026", "@:x"},
    {"word #ta\u2026 https://t.co/abc", "u:https://t.co/abc"},
    {"word #tag\u2026 more", "#:tag"},
    {"word @us\u2026", ""},
    /* hashtags */
    {"#Tag", "#:tag"},
    {"#one #two", "#:one #:two"},
    {"#one#two", "#:one #:two"},
    {"##fyp", "#:fyp"},
    {"a#b", ""},
    {"&#39;x #y", "#:y"},
    {"#123", ""},
    {"#1a #_ #_a", "#:1a #:_a"},
    {"#a-b #c.d", "#:a #:c"},
    {"＃Ｔａｇ", "#:tag"},
    {"#ȘTIRI #știri", "#:știri #:știri"},
    {"#s\u0326tiri", "#:știri"},
    {"#выборы2024!", "#:выборы2024"},
    {"#選挙 #選挙。", "#:選挙 #:選挙"},
    {"#हिन्दी", "#:हिन्दी"},
    {"#نیم\u200cفاصله\u200c x", "#:نیمفاصله"},
    {"#fyp\u2764\ufe0f", "#:fyp"},
    {"#a\ufe0f b", "#:a"},
    {"#col·lecció", "#:col·lecció"},
    {"#STRASSE #straße", "#:strasse #:strasse"},
    {"# a #", ""},
    {"(#a) \"#b\" /#c", "#:a #:b #:c"},
    {"\xff#a\xff", "#:a"},
    /* mentions */
    {"@user hello", "@:user"},
    {"hi @User_1.", "@:User_1"},
    {"@a.b.c. x", "@:a.b.c"},
    {"@a..b", "@:a"},
    {".@user @@user", "@:user"},
    {"mail a@b.org", ""},
    {"@ user @", ""},
    {"@jos\u00e9 @josé", ""},
    {"@userさん", "@:user"},
    {"＠user", "@:user"},
    {"@a@b", "@:a"},
    {"@a,@b", "@:a @:b"},
    {"RT @a: @b", "@:a @:b"},
};

static void table(void **state)
{
    (void)state;
    struct lks_arena arena = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lks_buffer out = {0};
        assert_int_equal(lks_text_entities(lks_str_from(cases[i].text), &arena, write_found, &out),
                         0);
        lks_buffer_byte(&out, 0);
        if (strcmp(out.data, cases[i].found) != 0)
            fail_msg("'%s' gave '%s', not '%s'", cases[i].text, out.data, cases[i].found);
        lks_buffer_free(&out);
    }
    lks_arena_free(&arena);
}

static void tags_given_by_the_source(void **state)
{
    (void)state;
    static const struct {
        const char *text, *tag;
    } tags[] = {
        {"Tag", "tag"}, {"#Tag", "tag"},    {" tag ", "tag"},    {"＃tag", "tag"},
        {"", NULL},     {"#", NULL},        {"2024", NULL},      {"two words", NULL},
        {"a#b", NULL},  {"x!", NULL},       {"fyp\u2764", NULL}, {"fypシ゚viral", "fypシ\u309aviral"},
        {"ÉTÉ", "été"}, {"\u200dab", NULL}, {"a\xff", NULL},     {"_", NULL},
    };
    struct lks_arena arena = {0};
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        struct lks_str tag;
        int code = lks_hashtag_canonical(lks_str_from(tags[i].text), &arena, &tag);
        if (code != (tags[i].tag ? 0 : 1))
            fail_msg("'%s' gave %d", tags[i].text, code);
        if (tags[i].tag)
            assert_string_equal(tag.data, tags[i].tag);
    }
    lks_arena_free(&arena);
}

static int stop_at_second(void *context, enum lks_entity_kind kind, struct lks_str value)
{
    int *count = context;
    (void)kind;
    (void)value;
    return ++*count == 2 ? 7 : 0;
}

static void the_caller_can_stop(void **state)
{
    (void)state;
    struct lks_arena arena = {0};
    int count = 0;
    assert_int_equal(lks_text_entities(LKS_STR("#a @b #c"), &arena, stop_at_second, &count), 7);
    assert_int_equal(count, 2);
    lks_arena_free(&arena);
}

/* A tag is found wherever it stands between neutral words, and in the form that the
 * canonical function gives; slices lie inside the text. */
struct span {
    struct lks_str text;
    unsigned found;
};

static int check_span(void *context, enum lks_entity_kind kind, struct lks_str value)
{
    struct span *span = context;
    span->found++;
    assert_true(value.size_bytes > 0);
    if (kind != LKS_ENTITY_HASHTAG)
        assert_true(value.data >= span->text.data &&
                    value.data + value.size_bytes <= span->text.data + span->text.size_bytes);
    return 0;
}

static void any_bytes(void **state)
{
    (void)state;
    static const char alphabet[] = "#@hwtps:/.ab1_ \xef\xbc\x83\xe2\x80\xa6\xc3\xa9\xff()";
    struct lks_arena arena = {0};
    struct lks_rng rng;
    char text[64];
    unsigned found = 0;
    lks_rng_init(&rng, 5, 5);
    for (int i = 0; i < 200000; i++) {
        size_t size = lks_rng_below(&rng, sizeof text);
        for (size_t j = 0; j < size; j++)
            text[j] = alphabet[lks_rng_below(&rng, sizeof alphabet - 1)];
        struct span span = {{text, size}, 0};
        assert_int_equal(lks_text_entities(span.text, &arena, check_span, &span), 0);
        found += span.found;
        lks_arena_reset(&arena);
    }
    assert_true(found > 10000);
    lks_arena_free(&arena);
}

/* A tag is its own canonical form, whatever letters it has. */
static void tag_of_a_tag(void **state)
{
    (void)state;
    struct lks_arena arena = {0};
    struct lks_rng rng;
    unsigned tags = 0;
    lks_rng_init(&rng, 6, 6);
    for (int i = 0; i < 100000; i++) {
        char text[40];
        size_t size = 0;
        for (int j = 0; j < 6; j++)
            size +=
                lks_utf8_put((uint32_t)lks_rng_below(&rng, i % 2 ? 0x3000 : 0x20000), text + size);
        struct lks_str once, twice;
        if (lks_hashtag_canonical((struct lks_str){text, size}, &arena, &once) == 0) {
            tags++;
            assert_int_equal(lks_hashtag_canonical(once, &arena, &twice), 0);
            assert_true(lks_str_equal(once, twice));
        }
        lks_arena_reset(&arena);
    }
    assert_true(tags > 1000);
    lks_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),
        cmocka_unit_test(tags_given_by_the_source),
        cmocka_unit_test(the_caller_can_stop),
        cmocka_unit_test(any_bytes),
        cmocka_unit_test(tag_of_a_tag),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
