/* url_test.c - canonical links: a table of cases, and that the form of a form is itself */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/rng.h"
#include "text/extract.h"

static const struct {
    const char *text, *url, *domain;
} cases[] = {
    {"http://Example.ORG/", "example.org", "example.org"},
    {"https://www.example.org/A/b?Q=1#frag", "example.org/A/b?Q=1", "example.org"},
    {"example.org/a", "example.org/a", "example.org"},
    {"//example.org/a/", "example.org/a", "example.org"},
    {"  https://example.org/a//  ", "example.org/a", "example.org"},
    {"https://example.org:443/a", "example.org/a", "example.org"},
    {"http://example.org:080/a", "example.org/a", "example.org"},
    {"http://example.org:8080/a", "example.org:8080/a", "example.org"},
    {"example.org:8080/a", "example.org:8080/a", "example.org"},
    {"http://example.org:/a", "example.org/a", "example.org"},
    {"http://user:pa@ss@example.org/a@b", "example.org/a@b", "example.org"},
    {"http://[2001:DB8::1]:8080/x", "[2001:db8::1]:8080/x", "[2001:db8::1]"},
    {"http://[::1]/", "[::1]", "[::1]"},
    {"http://192.0.2.7/x?y=1", "192.0.2.7/x?y=1", "192.0.2.7"},
    {"http://www.www.example.org", "example.org", "example.org"},
    {"http://www.com/a", "www.com/a", "www.com"},
    {"http://example.org./a", "example.org/a", "example.org"},
    {"https://t.co/AbC123", "t.co/AbC123", "t.co"},
    {"https://example.org/?utm_source=x&utm_medium=y", "example.org", "example.org"},
    {"https://example.org/a/?utm_source=x&id=7&FBCLID=q&&z", "example.org/a?id=7&z", "example.org"},
    {"https://example.org/a?gclid=1#x", "example.org/a", "example.org"},
    {"https://www.youtube.com/watch?v=Ab_1&si=zz&feature=youtu.be", "youtube.com/watch?v=Ab_1",
     "youtube.com"},
    {"https://m.youtube.com/watch?si=zz&v=1", "m.youtube.com/watch?v=1", "m.youtube.com"},
    {"https://notyoutube.com/watch?si=zz", "notyoutube.com/watch?si=zz", "notyoutube.com"},
    {"https://x.com/a/status/1?s=20&t=abc", "x.com/a/status/1", "x.com"},
    {"https://example.org/a?s=20", "example.org/a?s=20", "example.org"},
    {"https://www.tiktok.com/@a.b/video/7?is_from_webapp=1&_r=1", "tiktok.com/@a.b/video/7",
     "tiktok.com"},
    {"http://BÜCHER.example/ä", "bücher.example/ä", "bücher.example"},
    {"http://例え。テスト/", "例え.テスト", "例え.テスト"},
    {"http://xn--bcher-kva.xn--p1ai/x", "bücher.рф/x", "bücher.рф"},
    {"http://ＥＸＡＭＰＬＥ.org/", "example.org", "example.org"},
    {"http://example.org/%7Ea/%C3%A4", "example.org/%7Ea/%C3%A4", "example.org"},
    {"http://example.org?x=1", "example.org?x=1", "example.org"},
    {"http://example.org\\a", "example.org\\a", "example.org"},
    {"http://example.org/http://b.example/", "example.org/http://b.example", "example.org"},
    {"http://example.org/\xff", "example.org/\xef\xbf\xbd", "example.org"},
    /* No links. */
    {"", NULL, NULL},
    {"http://", NULL, NULL},
    {"http:///a", NULL, NULL},
    {"https", NULL, NULL},
    {"ftp://example.org/a", NULL, NULL},
    {"mailto:a@example.org", NULL, NULL},
    {"javascript:alert(1)", NULL, NULL},
    {"[]", NULL, NULL},
    {"absent", NULL, NULL},
    {"1.5", NULL, NULL},
    {"http://1.5/x", NULL, NULL},
    {"e.g", NULL, NULL},
    {"two words.org", NULL, NULL},
    {"http://a..org/", NULL, NULL},
    {"http://.org/", NULL, NULL},
    {"http://example.org:99999999/", NULL, NULL},
    {"http://example.org:8x/", NULL, NULL},
    {"http://[::1/", NULL, NULL},
    {"http://[::1]x/", NULL, NULL},
    {"http://a\u2100b.org/", NULL, NULL}, /* the sign folds to "a/c": no host */
    {"http://localhost/x", NULL, NULL},
    {"http://http://example.org", NULL, NULL},
};

static void table(void **state)
{
    (void)state;
    struct lks_arena arena = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lks_str url = LKS_STR_NULL, domain = LKS_STR_NULL;
        int code = lks_url_canonical(lks_str_from(cases[i].text), &arena, &url, &domain);
        if (!cases[i].url) {
            if (code != 1)
                fail_msg("'%s' was taken for a link", cases[i].text);
            continue;
        }
        if (code != 0)
            fail_msg("'%s' gave %d", cases[i].text, code);
        assert_string_equal(url.data, cases[i].url);
        assert_true(lks_str_equal_text(domain, cases[i].domain));
    }
    lks_arena_free(&arena);
}

static void parameters_of_one_page(void **state)
{
    (void)state;
    static const char *const same[] = {
        "http://news.example/story?id=5",
        "https://www.news.example/story/?id=5",
        "https://news.example/story?utm_campaign=a&id=5&fbclid=x#top",
        "HTTPS://NEWS.example:443/story?id=5&",
    };
    struct lks_arena arena = {0};
    for (size_t i = 0; i < 4; i++) {
        struct lks_str url, domain;
        assert_int_equal(lks_url_canonical(lks_str_from(same[i]), &arena, &url, &domain), 0);
        assert_string_equal(url.data, "news.example/story?id=5");
    }
    lks_arena_free(&arena);
}

/* Links put together from parts that matter, and bytes of any kind. */
static size_t random_link(struct lks_rng *rng, char *text)
{
    static const char *const parts[] = {
        "http://",
        "https://",
        "//",
        "www.",
        "example",
        "org",
        ".",
        ".",
        "/",
        "/",
        "?",
        "&",
        "=",
        "#",
        "utm_source",
        "fbclid",
        ":",
        "80",
        "8080",
        "@",
        "[",
        "]",
        "::1",
        "\xc3\xa4",
        "\xe3\x80\x82",
        "\xff",
        "x.com",
        "youtube.com",
        "si",
        "t",
        "%20",
        "\\",
        "xn--",
        "12",
        "\xe2\x80\x8d",
        "A",
        "\xef\xbc\xa1",
        "\xe2\x84\x80",
    };
    size_t size = 0, count = 1 + lks_rng_below(rng, 12);
    for (size_t i = 0; i < count; i++) {
        if (lks_rng_below(rng, 20) == 0) {
            text[size++] = (char)lks_rng_below(rng, 256);
            continue;
        }
        const char *part = parts[lks_rng_below(rng, sizeof parts / sizeof *parts)];
        memcpy(text + size, part, strlen(part));
        size += strlen(part);
    }
    return size;
}

static void form_of_a_form(void **state)
{
    (void)state;
    struct lks_arena arena = {0};
    struct lks_rng rng;
    char text[512];
    unsigned links = 0;
    lks_rng_init(&rng, 20241124, 1);
    for (int i = 0; i < 200000; i++) {
        struct lks_str once, twice, domain, again;
        struct lks_str link = {text, random_link(&rng, text)};
        int code = lks_url_canonical(link, &arena, &once, &domain);
        assert_true(code == 0 || code == 1);
        if (code == 0) {
            links++;
            if (lks_url_canonical(once, &arena, &twice, &again) != 0 ||
                !lks_str_equal(once, twice) || !lks_str_equal(domain, again))
                fail_msg("'%.*s' gave '%s', which is not its own form", (int)link.size_bytes, text,
                         once.data);
            assert_true(domain.size_bytes <= once.size_bytes);
        }
        lks_arena_reset(&arena);
    }
    assert_true(links > 5000);
    lks_arena_free(&arena);
}

/* A fragment is dropped, whatever it says; one above ASCII sends the link the long way. */
static void two_ways_to_one_form(void **state)
{
    (void)state;
    struct lks_arena arena = {0};
    struct lks_rng rng;
    char text[512];
    unsigned links = 0;
    lks_rng_init(&rng, 20241124, 2);
    for (int i = 0; i < 200000; i++) {
        struct lks_str shorter, longer, domain, again;
        struct lks_str link = {text, random_link(&rng, text)};
        if (!link.size_bytes || (unsigned char)text[link.size_bytes - 1] <= 0x20)
            continue;
        int code = lks_url_canonical(link, &arena, &shorter, &domain);
        memcpy(text + link.size_bytes, "#\xc3\xa9", 3);
        link.size_bytes += 3;
        assert_int_equal(lks_url_canonical(link, &arena, &longer, &again), code);
        links += code == 0;
        if (code == 0 && (!lks_str_equal(shorter, longer) || !lks_str_equal(domain, again)))
            fail_msg("'%.*s' gave '%s' and '%s'", (int)link.size_bytes, text, shorter.data,
                     longer.data);
        lks_arena_reset(&arena);
    }
    assert_true(links > 5000);
    lks_arena_free(&arena);
}

static void memory_runs_out(void **state)
{
    (void)state;
    struct lks_arena arena = {.limit_bytes = 8};
    struct lks_str url, domain;
    assert_int_equal(lks_url_canonical(LKS_STR("http://example.org/a"), &arena, &url, &domain),
                     LKS_EMEMORY);
    lks_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),           cmocka_unit_test(parameters_of_one_page),
        cmocka_unit_test(form_of_a_form),  cmocka_unit_test(two_ways_to_one_form),
        cmocka_unit_test(memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
