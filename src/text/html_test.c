/* html_test.c - HTML to text, and its links */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/rng.h"
#include "text/html.h"

static struct lks_arena arena;
static char links[512];

static int link_found(void *context, struct lks_str href, int marked)
{
    size_t used = strlen(links);
    (void)context;
    snprintf(links + used, sizeof links - used, "%d %.*s\n", marked, (int)href.size_bytes,
             href.data);
    return 0;
}

static void gives(const char *html, const char *text, const char *wanted_links)
{
    struct lks_str out;
    links[0] = 0;
    assert_int_equal(lks_html_text(&arena, lks_str_from(html), &out, link_found, NULL), 0);
    if (!lks_str_equal_text(out, text))
        print_error("%s\ngave\n%.*s\n", html, (int)out.size_bytes, out.data);
    assert_true(lks_str_equal_text(out, text));
    assert_string_equal(links, wanted_links);
}

static void turns_html_into_text(void **state)
{
    (void)state;
    gives("", "", "");
    gives("plain & simple < text", "plain & simple < text", "");
    gives("<p>One<br/>two</p><p>three</p>", "One\ntwo\n\nthree", "");
    gives("It&#39;s &lt;b&gt; &amp;amp; &#x1F600;&nbsp;&bogus; &#0; &;",
          "It's <b> &amp; "
          "\xf0\x9f\x98\x80\xc2\xa0&bogus; &#0; &;",
          "");
    gives("&#xD800;&#1114112;", "\xef\xbf\xbd\xef\xbf\xbd", "");
    gives("<p>see <a href=\"https://example.org/a?b=1&amp;c=2\" rel=\"nofollow\"><span "
          "class=\"invisible\">https://</span><span>example.org/a?b=1</span><span "
          "class=\"invisible\">&amp;c=2</span></a></p>",
          "see https://example.org/a?b=1&c=2", "0 https://example.org/a?b=1&c=2\n");
    gives("<a href='https://m.example/tags/x' class='mention hashtag'>#<span>x</span></a>", "#x",
          "1 https://m.example/tags/x\n");
    gives("a<!-- hidden > -->b<script>alert('x')</script>c<style>p{}</STYLE>d", "abcd", "");
    gives("<a title=\"a>b\" href=x>t</a>", "t", "0 x\n");
    gives("<a href>t</a><a href=>u</a><a/>", "tu", "");
    gives("<3 you <p", "<3 you <p", "");
    gives("<ul><li>a</li><li>b</li></ul>", "a\nb", "");
    gives("<script>never closed", "", "");
}

/* Any bytes: the text is never longer than the HTML. */
static void bears_anything(void **state)
{
    static const char *const parts[] = {
        "<p>", "</p>", "<br>", "&amp;", "&#x41;", "<a href='", "'>", "<", ">", "&",
        ";",   "text", "<!--", "-->",   "<li>",   "<script>",  "\"", "=", " "};
    struct lks_rng rng;
    (void)state;
    lks_rng_init(&rng, 3, 0);
    for (int round = 0; round < 20000; round++) {
        char html[256];
        struct lks_str out;
        size_t size = 0;
        for (size_t n = lks_rng_below(&rng, 20); n > 0; n--)
            size += (size_t)snprintf(html + size, sizeof html - size, "%s",
                                     parts[lks_rng_below(&rng, sizeof parts / sizeof *parts)]);
        links[0] = 0;
        assert_int_equal(
            lks_html_text(&arena, (struct lks_str){html, size}, &out, link_found, NULL), 0);
        assert_true(out.size_bytes <= size);
        lks_arena_reset(&arena);
    }
}

static int teardown(void **state)
{
    (void)state;
    lks_arena_free(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(turns_html_into_text),
                                       cmocka_unit_test(bears_anything)};
    return cmocka_run_group_tests(tests, NULL, teardown);
}
