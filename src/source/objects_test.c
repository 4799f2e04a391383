/* objects_test.c - what a post's text and lists become */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/sha256.h"
#include "source/objects.h"
#include "text/extract.h"

static struct lks_batch batch;

static struct lks_post *post_make(const char *text)
{
    lks_batch_reset(&batch);
    struct lks_post *post = lks_batch_post(&batch);
    post->platform = LKS_STR("twitter");
    post->text = lks_str_from(text);
    return post;
}

static void expect(const char *const *want)
{
    const struct lks_post *post = &batch.posts[batch.posts_count - 1];
    size_t count = 0;
    for (; want[2 * count]; count++) {
        assert_true(count < post->actions_count);
        const struct lks_action *action = &batch.actions[post->actions_first + count];
        assert_string_equal(lks_object_kind_names[action->kind], want[2 * count]);
        if (!lks_str_equal_text(action->object, want[2 * count + 1]))
            fail_msg("%.*s is not %s", (int)action->object.size_bytes, action->object.data,
                     want[2 * count + 1]);
    }
    assert_int_equal(post->actions_count, count);
}

#define EXPECT(...) expect((const char *const[]){__VA_ARGS__, NULL})

static void from_text(void **unused)
{
    static const struct lks_post_lists none;
    (void)unused;
    post_make("See https://WWW.Example.org/a/?utm_source=x#top @Some_One #Zeta #alpha #ALPHA "
              "https://t.co/xyz");
    assert_int_equal(lks_post_objects(&batch, &none), 0);
    EXPECT("url", "example.org/a", "domain", "example.org", "mention", "twitter:some_one",
           "hashtag", "zeta", "hashtag", "alpha", "url", "t.co/xyz", "hashtag_set", "alpha zeta");
    post_make("");
    assert_int_equal(lks_post_objects(&batch, &none), 0);
    assert_int_equal(batch.actions_count, 0);
    post_make(NULL);
    assert_int_equal(lks_post_objects(&batch, &none), 0);
    assert_int_equal(batch.actions_count, 0);
}

static void from_lists(void **unused)
{
    static const struct lks_str urls[] = {{"https://example.org/long", 24}, {"mailto:x", 8}};
    static const struct lks_str tags[] = {{"#One", 4}, {"2016", 4}, {"two", 3}};
    static const struct lks_str mentions[] = {{"aB3=", 4}, {"twitter:cD", 10}};
    static const struct lks_str one[] = {{"7", 1}};
    static const struct lks_post_lists lists = {.urls = urls,
                                                .urls_count = 2,
                                                .hashtags = tags,
                                                .hashtags_count = 3,
                                                .mentions = mentions,
                                                .mentions_count = 2,
                                                .sounds = one,
                                                .sounds_count = 1,
                                                .effects = one,
                                                .effects_count = 1,
                                                .media = one,
                                                .media_count = 1};
    (void)unused;
    struct lks_post *post = post_make("t https://t.co/short #three");
    post->parent_key = LKS_STR("twitter:1");
    post->origin_key = LKS_STR("2");
    assert_int_equal(lks_post_objects(&batch, &lists), 0);
    EXPECT("url", "example.org/long", "domain", "example.org", "hashtag", "one", "hashtag", "two",
           "mention", "twitter:aB3=", "mention", "twitter:cD", "sound", "twitter:7", "effect",
           "twitter:7", "media", "7", "hashtag", "three", "hashtag_set", "one three two", "repost",
           "twitter:2", "reply", "twitter:1");
}

/* The object's text, by the same steps from the definition. */
static void text_object(const char *text, char hex[33])
{
    struct lks_buffer normalised = {0};
    unsigned char digest[32];
    char all[LKS_SHA256_HEX_BYTES];
    assert_int_equal(lks_text_normalise(lks_str_from(text), &normalised), 0);
    lks_sha256_of(normalised.data, normalised.size_bytes, digest);
    lks_sha256_hex(digest, all);
    memcpy(hex, all, 32);
    hex[32] = 0;
    lks_buffer_free(&normalised);
}

static void texts_and_reposts(void **unused)
{
    static const struct lks_post_lists none;
    static const char words[] = "Several different words without further meaning stand here";
    char hex[33], marked[200];
    (void)unused;
    text_object(words, hex);
    post_make(words);
    assert_int_equal(lks_post_repost_mark(&batch, 0), 0);
    assert_int_equal(batch.posts[0].kind, LKS_POST_POST);
    assert_int_equal(lks_post_objects(&batch, &none), 0);
    EXPECT("text", hex);
    /* With the mark it is a repost, its origin known only by user and words; the text object
     * is that of the words, so that a copy without the mark meets it. */
    strcpy(marked, "RT @Some_One: ");
    strcat(marked, words);
    struct lks_post *post = post_make(marked);
    assert_int_equal(lks_post_repost_mark(&batch, 0), 0);
    assert_int_equal(post->kind, LKS_POST_REPOST);
    assert_int_equal(lks_post_objects(&batch, &none), 0);
    unsigned char digest[32];
    char origin[LKS_SHA256_HEX_BYTES], key[64] = "twitter:rt-";
    char signed_words[200] = "some_one\n";
    strcat(signed_words, words);
    lks_sha256_of(signed_words, strlen(signed_words), digest);
    lks_sha256_hex(digest, origin);
    memcpy(key + 11, origin, 32);
    EXPECT("mention", "twitter:some_one", "repost", key, "text", hex);
    /* A known origin is kept. */
    post = post_make(marked);
    post->origin_key = LKS_STR("twitter:9");
    assert_int_equal(lks_post_repost_mark(&batch, 1), 0);
    assert_true(lks_str_equal_text(batch.posts[0].origin_key, "twitter:9"));
    /* Told by the source, without a mark: user unknown. */
    post_make(words);
    assert_int_equal(lks_post_repost_mark(&batch, 1), 0);
    assert_int_equal(batch.posts[0].kind, LKS_POST_REPOST);
    lks_sha256_of(signed_words + 8, strlen(signed_words) - 8, digest);
    lks_sha256_hex(digest, origin);
    assert_memory_equal(batch.posts[0].origin_key.data + 11, origin, 32);
    assert_int_equal(batch.posts[0].origin_key.size_bytes, 43);
    /* No marks. */
    static const char *const others[] = {"RT @: x", "RT @a", "RT @a b: x", "rt @a: x",
                                         "x RT @a: y"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        post_make(others[i]);
        assert_int_equal(lks_post_repost_mark(&batch, 0), 0);
        assert_int_equal(batch.posts[0].kind, LKS_POST_POST);
        assert_null(batch.posts[0].origin_key.data);
    }
    /* Nothing after the mark: a repost of nobody knows what. */
    post_make("RT @a: ");
    assert_int_equal(lks_post_repost_mark(&batch, 0), 0);
    assert_int_equal(batch.posts[0].kind, LKS_POST_REPOST);
    assert_null(batch.posts[0].origin_key.data);
    lks_batch_free(&batch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(from_text), cmocka_unit_test(from_lists),
                                       cmocka_unit_test(texts_and_reposts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
