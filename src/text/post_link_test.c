/* post_link_test.c - which links lead to a post, and which do not */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "text/post_link.h"

static void known_links(void **state)
{
    (void)state;
    static const struct {
        const char *url, *key;
    } cases[] = {
        {"tiktok.com/@user_a/video/7430409981256819736", "tiktok:7430409981256819736"},
        {"www.tiktok.com/@user_a/video/7430409981256819736", "tiktok:7430409981256819736"},
        {"tiktok.com/@u/photo/12", "tiktok:12"},
        {"x.com/a/status/17", "twitter:17"},
        {"mobile.twitter.com/a/status/17/photo/1", "twitter:17"},
        {"youtube.com/watch?v=aB-_9", "youtube:aB-_9"},
        {"youtube.com/watch?v=aB&t=1", "youtube:aB"},
        {"youtu.be/aB", "youtube:aB"},
        {"youtube.com/shorts/aB", "youtube:aB"},
        {"tiktok.com/@user_a", ""},
        {"tiktok.com/@user_a/video/", ""},
        {"nottiktok.com/@u/video/1", ""},
        {"tiktok.com.example/@u/video/1", ""},
        {"x.com", ""},
        {"", ""},
        {"/video/1", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char key[LKS_POST_LINK_BYTES];
        size_t size = lks_post_link(lks_str_from(cases[i].url), key);
        assert_int_equal(size, strlen(cases[i].key));
        assert_memory_equal(key, cases[i].key, size);
    }
    char key[LKS_POST_LINK_BYTES];
    assert_int_equal(lks_post_link(LKS_STR_NULL, key), 0);
}

/* Pieces of links in any order, each in memory of its own size, for the sanitizers. */
static void any_bytes(void **state)
{
    (void)state;
    static const char *const pieces[] = {"tiktok.com",
                                         "/video/",
                                         "/",
                                         "youtu.be",
                                         "x.com",
                                         "/status/",
                                         "123456789012345678901234567890",
                                         "watch?v=",
                                         ".",
                                         "\xff",
                                         "a"};
    struct lks_rng rng;
    lks_rng_init(&rng, 4, 4);
    for (int round = 0; round < 20000; round++) {
        char text[256], key[LKS_POST_LINK_BYTES];
        size_t size = 0;
        for (uint64_t n = lks_rng_below(&rng, 7); n; n--) {
            const char *piece = pieces[lks_rng_below(&rng, sizeof pieces / sizeof *pieces)];
            memcpy(text + size, piece, strlen(piece));
            size += strlen(piece);
        }
        char *own = malloc(size + !size);
        assert_non_null(own);
        memcpy(own, text, size);
        assert_true(lks_post_link((struct lks_str){own, size}, key) <= LKS_POST_LINK_BYTES);
        free(own);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_links),
        cmocka_unit_test(any_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
