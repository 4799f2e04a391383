/* record_test.c - batches: an action once on a post, undoing, limits */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/rng.h"
#include "record/record.h"

/* What a post's actions must be, by the definition: the first of equal ones, in order. */
struct slow {
    struct lks_action actions[LKS_ACTIONS_PER_POST_MAX];
    size_t count;
};

static void slow_add(struct slow *slow, enum lks_object_kind kind, struct lks_str object)
{
    for (size_t i = 0; i < slow->count; i++)
        if (slow->actions[i].kind == kind && lks_str_equal(slow->actions[i].object, object))
            return;
    if (object.size_bytes && slow->count < LKS_ACTIONS_PER_POST_MAX)
        slow->actions[slow->count++] = (struct lks_action){kind, object};
}

static void compare(const struct lks_batch *batch, const struct slow *slow)
{
    const struct lks_post *post = &batch->posts[batch->posts_count - 1];
    assert_int_equal(post->actions_count, slow->count);
    assert_int_equal(post->actions_first + post->actions_count, batch->actions_count);
    for (size_t i = 0; i < slow->count; i++) {
        assert_int_equal(batch->actions[post->actions_first + i].kind, slow->actions[i].kind);
        assert_true(
            lks_str_equal(batch->actions[post->actions_first + i].object, slow->actions[i].object));
    }
}

/* Posts with few and with many actions, some undone, over several uses of one batch. */
static void actions_once(void **unused)
{
    (void)unused;
    static char names[10000][6];
    struct lks_batch batch = {0};
    struct slow *slow = malloc(sizeof *slow);
    struct lks_rng rng;
    lks_rng_init(&rng, 1, 1);
    for (unsigned i = 0; i < 10000; i++)
        snprintf(names[i], sizeof names[i], "%u", i);
    for (unsigned round = 0; round < 400; round++) {
        if (!lks_rng_below(&rng, 10))
            lks_batch_reset(&batch);
        assert_non_null(lks_batch_post(&batch));
        slow->count = 0;
        uint64_t names_count = 1 + lks_rng_below(&rng, round % 40 ? 200 : 10000);
        uint64_t adds = lks_rng_below(&rng, round % 40 ? 300 : 12000);
        for (uint64_t i = 0; i < adds; i++) {
            enum lks_object_kind kind = (enum lks_object_kind)lks_rng_below(&rng, 3);
            struct lks_str object = lks_str_from(names[lks_rng_below(&rng, names_count)]);
            assert_int_equal(lks_batch_action(&batch, kind, object), 0);
            slow_add(slow, kind, object);
        }
        assert_int_equal(lks_batch_action(&batch, LKS_OBJECT_URL, LKS_STR("")), 0);
        assert_int_equal(lks_batch_action(&batch, LKS_OBJECT_URL, LKS_STR_NULL), 0);
        compare(&batch, slow);
        if (!lks_rng_below(&rng, 3)) {
            size_t first = batch.posts[batch.posts_count - 1].actions_first;
            lks_batch_post_undo(&batch);
            assert_int_equal(batch.actions_count, first);
        }
    }
    free(slow);
    lks_batch_free(&batch);
}

static void rejects_keep_their_start(void **unused)
{
    (void)unused;
    struct lks_batch batch = {0};
    char row[500];
    memset(row, 'r', sizeof row);
    assert_int_equal(lks_batch_reject(&batch, 7, 99, "bad time", (struct lks_str){row, 500}), 0);
    assert_int_equal(batch.rejects_count, 1);
    assert_int_equal(batch.rejects[0].line, 7);
    assert_int_equal(batch.rejects[0].offset_bytes, 99);
    assert_true(lks_str_equal_text(batch.rejects[0].reason, "bad time"));
    assert_int_equal(batch.rejects[0].first_bytes.size_bytes, 120);
    lks_batch_free(&batch);
}

static void names_and_kinds(void **unused)
{
    (void)unused;
    for (int i = 0; i < LKS_OBJECT_KINDS_COUNT; i++)
        assert_int_equal(lks_object_kind_parse(lks_str_from(lks_object_kind_names[i])), i);
    for (int i = 0; i < LKS_POST_KINDS_COUNT; i++)
        assert_int_equal(lks_post_kind_parse(lks_str_from(lks_post_kind_names[i])), i);
    assert_int_equal(lks_object_kind_parse(LKS_STR("no such")), -1);
    assert_int_equal(lks_post_kind_parse(LKS_STR_NULL), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(actions_once),
                                       cmocka_unit_test(rejects_keep_their_start),
                                       cmocka_unit_test(names_and_kinds)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
