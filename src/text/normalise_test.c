/* normalise_test.c - texts in one writing: cases, and properties over random texts */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/rng.h"
#include "base/utf8.h"
#include "text/extract.h"
#include "text/unicode.h"

static const struct {
    const char *text, *normal;
} cases[] = {
    {"", ""},
    {" \t\n ", ""},
    {"Hello   WORLD\n", "hello world"},
    {"See https://t.co/AbC now", "see :// now"},
    {"See www.a.org, now", "see ://, now"},
    {"@User_1 hi @a.b.c.", "@ hi @."},
    {"a@b.org", "a@b.org"},
    {"@москва и", "@ и"},
    {"only 5 of 1,000.50 left at 10:30", "only 0 of 0 left at 0:0"},
    {"v2024x", "v0x"},
    {"٣٤ ५", "0 0"},
    {"ȘTIRI de AZI", "știri de azi"},
    {"s\u0326tiri", "știri"},
    {"Ｆｕｌｌ　ｗｉｄｔｈ", "full width"},
    {"𝐁𝐨𝐥𝐝 𝓼𝓬𝓻𝓲𝓹𝓽 ⓒⓘⓡ", "bold script cir"},
    {"ꜱᴍᴀʟʟ 🅱🅾🅻🅳", "small bold"},
    {"zero\u200bwidth\u200d jo\u2060in\ufeff", "zerowidth join"},
    {"heart\u2764\ufe0f", "heart\u2764"},
    {"\u202eabc\u202c \u2066d\u2069", "abc d"},
    {"soft\u00adhyphen", "softhyphen"},
    {"р\u0430ypal vоte", "paypal vote"}, /* Cyrillic er, a, o among Latin letters */
    {"НЕLLО", "hello"},                  /* Cyrillic capitals */
    {"ΗΕLLΟ", "hello"},                  /* Greek capitals */
    {"сор он", "сор он"},                /* Cyrillic words stay what they are */
    {"он Он ОН", "он он он"},
    {"е\u0301a", "éa"}, /* mapped, then composed */
    {"“quoted” — it’s", "\"quoted\" - it's"},
    {"Straße STRASSE", "strasse strasse"},
    {"wait\u2026", "wait..."},
    {"a\u00a0b\u2028c\xc2\x85"
     "d\x01"
     "e",
     "a b c d e"},
    {"كـــتاب", "كتاب"},
    {"bad\xff\xfe"
     "bytes",
     "bad\ufffd\ufffd"
     "bytes"},
    {"한국어 #태그", "한국어 #태그"},
    {"http://", "http://"},
    {"\u2800\u2800 blank", "blank"},
};

static struct lks_str normal(struct lks_str text, struct lks_buffer *out)
{
    lks_buffer_clear(out);
    assert_int_equal(lks_text_normalise(text, out), 0);
    return (struct lks_str){out->data, out->size_bytes};
}

static void table(void **state)
{
    (void)state;
    struct lks_buffer out = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lks_str got = normal(lks_str_from(cases[i].text), &out);
        if (!lks_str_equal_text(got, cases[i].normal))
            fail_msg("'%s' gave '%.*s', not '%s'", cases[i].text, (int)got.size_bytes, got.data,
                     cases[i].normal);
    }
    lks_buffer_free(&out);
}

static void appends(void **state)
{
    (void)state;
    struct lks_buffer out = {0};
    lks_buffer_text(&out, "before ");
    assert_int_equal(lks_text_normalise(LKS_STR("  A "), &out), 0);
    assert_int_equal(lks_text_normalise(LKS_STR(" Ä"), &out), 0);
    lks_buffer_byte(&out, 0);
    assert_string_equal(out.data, "before aä");
    lks_buffer_free(&out);
}

static void memory_runs_out(void **state)
{
    (void)state;
    struct lks_buffer out = {.limit_bytes = 4};
    assert_int_equal(lks_text_normalise(LKS_STR("longer than four"), &out), LKS_EMEMORY);
    lks_buffer_free(&out);
    out = (struct lks_buffer){.limit_bytes = 4};
    assert_int_equal(lks_text_normalise(LKS_STR("länger als vier"), &out), LKS_EMEMORY);
    lks_buffer_free(&out);
}

static void check_twice(struct lks_str text, struct lks_buffer *once, struct lks_buffer *twice)
{
    struct lks_str first = normal(text, once);
    struct lks_str second = normal(first, twice);
    if (!lks_str_equal(first, second))
        fail_msg("'%.*s' gives '%.*s', which gives '%.*s'", (int)text.size_bytes, text.data,
                 (int)first.size_bytes, first.data, (int)second.size_bytes, second.data);
    uint32_t code;
    for (size_t at = 0; at < first.size_bytes;) {
        at += lks_utf8_next(first, at, &code);
        assert_true(code != LKS_UTF8_BAD);
    }
}

/* Every code point alone, and between letters of both kinds. */
static void every_code_point(void **state)
{
    (void)state;
    struct lks_buffer once = {0}, twice = {0};
    for (uint32_t code = 0; code < 0x110000; code++) {
        char text[16] = "a";
        if (code >= 0xd800 && code < 0xe000)
            continue;
        if (code >= 0x32000 && code < 0xe0000 && code % 61)
            continue; /* unassigned planes: a sample is enough */
        size_t size = lks_utf8_put(code, text + 1);
        check_twice((struct lks_str){text + 1, size}, &once, &twice);
        memcpy(text + 1 + size, "\xd0\xb5.", 3);
        check_twice((struct lks_str){text, size + 4}, &once, &twice);
    }
    lks_buffer_free(&once);
    lks_buffer_free(&twice);
}

static const char *const pieces[] = {
    "a",
    "B",
    "e",
    "h",
    "w",
    "1",
    "22",
    ".",
    ",",
    " ",
    "  ",
    "@",
    "@@",
    "#",
    "_",
    "http://",
    "https://",
    "www.",
    "://",
    "x.org",
    "/",
    "-",
    "\xd0\xb5",
    "\xd0\x9d",
    "\xd0\xb3",
    "\xce\xb7",
    "\xcc\x81",
    "\xcc\xa7",
    "\xcd\x85",
    "\xcc\xb8",
    "\xe2\x80\x8d",
    "\xef\xb8\x8f",
    "\xe2\x80\xa6",
    "\xc2\xb4",
    "\xe3\x81\x8b",
    "\xe3\x82\x99",
    "\xe1\x84\x80",
    "\xe1\x85\xa1",
    "\xef\xbc\xa0",
    "\xef\xbc\x83",
    "\xc4\xb0",
    "\xc5\xbf",
    "\xdf\x80",
    "\xd9\x80",
    "\xff",
    "\xc3",
    "\xe1\x82\xa0",
    "\xe2\x84\xaa",
    "<",
    "=",
    ")",
    "\"",
    "\t",
    "\xc2\xa0",
};

static void random_texts(void **state)
{
    (void)state;
    struct lks_buffer once = {0}, twice = {0};
    struct lks_rng rng;
    char text[256];
    lks_rng_init(&rng, 11, 24);
    for (int i = 0; i < 300000; i++) {
        size_t size = 0, count = 1 + lks_rng_below(&rng, 14);
        for (size_t j = 0; j < count; j++) {
            const char *piece = pieces[lks_rng_below(&rng, sizeof pieces / sizeof *pieces)];
            memcpy(text + size, piece, strlen(piece));
            size += strlen(piece);
        }
        if (lks_rng_below(&rng, 8) == 0)
            text[lks_rng_below(&rng, size)] = (char)lks_rng_below(&rng, 256);
        check_twice((struct lks_str){text, size}, &once, &twice);
    }
    lks_buffer_free(&once);
    lks_buffer_free(&twice);
}

/* The short way for ASCII gives what the long way gives, which is asked for word by word:
 * a blank of another kind (no-break) before the text makes all of it one long word. */
static void both_ways_agree(void **state)
{
    (void)state;
    struct lks_buffer plain = {0}, other = {0};
    struct lks_rng rng;
    char text[96];
    lks_rng_init(&rng, 12, 24);
    for (int i = 0; i < 100000; i++) {
        size_t size = 1 + lks_rng_below(&rng, 60);
        memcpy(text, "\xc2\xa0", 2);
        for (size_t j = 2; j < size + 2; j++)
            text[j] = (char)(lks_rng_below(&rng, 4) ? "htpw:/.@#1,a\tB"[lks_rng_below(&rng, 14)]
                                                    : (int)lks_rng_below(&rng, 128));
        for (size_t j = 2; j < size + 2; j++)
            text[j] = (char)(text[j] == ' ' ? '\t' : text[j]);
        struct lks_str a = normal((struct lks_str){text + 2, size}, &plain);
        struct lks_str b = normal((struct lks_str){text, size + 2}, &other);
        if (!lks_str_equal(a, b))
            fail_msg("'%.*s': '%.*s' and '%.*s'", (int)size, text + 2, (int)a.size_bytes, a.data,
                     (int)b.size_bytes, b.data);
    }
    lks_buffer_free(&plain);
    lks_buffer_free(&other);
}

/* Letters that take the short way of folding give what the long way gives: a kana before
 * them forces the long way. */
static void simple_letters(void **state)
{
    (void)state;
    struct lks_buffer plain = {0}, other = {0};
    for (uint32_t code = 0x80; code < 0x1fc00; code += code == 0x3000 ? 0x1c000 : 1) {
        char text[16] = "\xe3\x81\x82";
        size_t size = 3 + lks_utf8_put(code, text + 3);
        struct lks_str a = normal((struct lks_str){text + 3, size - 3}, &plain);
        struct lks_str b = normal((struct lks_str){text, size}, &other);
        assert_true(b.size_bytes >= 3);
        b.data += 3;
        b.size_bytes -= 3;
        if (code == 0x200c || code == 0x200d)
            assert_int_equal(b.size_bytes, 0);
        while (b.size_bytes && *b.data == ' ') { /* a blank at the start is trimmed in a */
            b.data++;
            b.size_bytes--;
        }
        if (!lks_str_equal(a, b))
            fail_msg("U+%04X: '%.*s' and '%.*s'", code, (int)a.size_bytes, a.data,
                     (int)b.size_bytes, b.data);
    }
    lks_buffer_free(&plain);
    lks_buffer_free(&other);
}

/* Marks without end on one letter must cost no more than their number. */
static void endless_marks(void **state)
{
    (void)state;
    struct lks_buffer text = {0}, out = {0}, twice = {0};
    lks_buffer_byte(&text, 'a');
    for (int i = 0; i < 400000; i++)
        lks_buffer_text(&text, i % 2 ? "\xcc\x81" : "\xcc\xa7");
    check_twice((struct lks_str){text.data, text.size_bytes}, &out, &twice);
    assert_true(out.size_bytes < 100);
    lks_buffer_free(&text);
    lks_buffer_free(&out);
    lks_buffer_free(&twice);
}

static void telling(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int telling;
    } texts[] = {
        {"ok", 0},
        {"", 0},
        {"so true", 0},
        {"happy birthday to you", 1},
        {"happy new year", 0},
        {"la la la la la la la la la la", 0},
        {"\xf0\x9f\x98\x80 \xf0\x9f\x98\x80 \xf0\x9f\x98\x80 \xf0\x9f\x98\x80 \xf0\x9f\x98\x80", 0},
        {":// @ @ 0 0 0 0", 0},
        {"#first #second #third #fourth #fifth", 0},
        {"#first words around tags count here", 1},
        {"i am so in", 0},
        {"this is a sentence with words", 1},
        {"один два три четыре пять", 1},
        {"один два три", 0},
        {"今日は", 0},
        {"選挙管理委員会発表", 1},
        {"ありがとう", 0},
        {"ありがとうございました皆さん本当に感謝", 1},
        {"สวัสดี", 0},
        {"สวัสดีครับวันนี้อากาศดีมาก", 1},
        {"오늘 날씨가 정말 좋아요", 1},
        {"a\xff b\xff c", 0},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (lks_text_is_telling(lks_str_from(texts[i].text)) != texts[i].telling)
            fail_msg("'%s' should%s be telling", texts[i].text, texts[i].telling ? "" : " not");
}

/* The rule by its words, over ASCII: at least four different words of together 16 letters. */
static int telling_by_rule(struct lks_str text)
{
    char words[200][200];
    unsigned words_count = 0, letters = 0;
    for (size_t at = 0; at < text.size_bytes;) {
        size_t first = at, size = 0;
        char *word = words[words_count];
        for (; at < text.size_bytes && lks_unicode_is_word((unsigned char)text.data[at]); at++)
            if (text.data[at] != '0' && text.data[at] != '_')
                word[size++] = text.data[at];
        word[size] = 0;
        int known = size == 0 || (first > 0 && text.data[first - 1] == '#');
        for (unsigned i = 0; i < words_count; i++)
            known |= strcmp(words[i], word) == 0;
        if (!known) {
            words_count++;
            letters += (unsigned)size;
        }
        at += at == first;
    }
    return words_count >= 4 && letters >= 16;
}

static void telling_is_its_rule(void **state)
{
    static const char bytes[] = "abcdefgABx19  ... 00__#@    \n";
    struct lks_rng rng;
    unsigned telling_count = 0;
    (void)state;
    lks_rng_init(&rng, 3, 14);
    for (int i = 0; i < 40000; i++) {
        char text[160];
        size_t size = lks_rng_below(&rng, sizeof text);
        /* Few letters make the same words, few blanks long ones. */
        uint64_t kinds = 2 + lks_rng_below(&rng, sizeof bytes - 3);
        for (size_t at = 0; at < size; at++)
            text[at] = bytes[lks_rng_below(&rng, 3) ? lks_rng_below(&rng, kinds)
                                                    : lks_rng_below(&rng, sizeof bytes - 1)];
        struct lks_str all = {text, size};
        int wanted = telling_by_rule(all);
        if (lks_text_is_telling(all) != wanted)
            fail_msg("'%.*s' should%s be telling", (int)size, text, wanted ? "" : " not");
        telling_count += (unsigned)wanted;
    }
    assert_true(telling_count > 4000 && telling_count < 36000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),           cmocka_unit_test(appends),
        cmocka_unit_test(memory_runs_out), cmocka_unit_test(every_code_point),
        cmocka_unit_test(random_texts),    cmocka_unit_test(both_ways_agree),
        cmocka_unit_test(endless_marks),   cmocka_unit_test(simple_letters),
        cmocka_unit_test(telling),         cmocka_unit_test(telling_is_its_rule),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
