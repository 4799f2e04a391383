/* approval_test.c - orders signed by several keys, and everything that must not count */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "custody/approval.h"
#include "vault/checkpoint.h"

enum { KEYS = 3 };

static struct lks_signing_key *keys[KEYS];
static struct lks_verifiers approvers;
static const struct lks_str order = {"release H1 of case example\n", 27};

static struct lks_str str_of(const struct lks_buffer *buffer)
{
    return (struct lks_str){buffer->data, buffer->size_bytes};
}

static int setup(void **unused)
{
    static const char *const names[KEYS] = {"ana", "radu", "ioana"};
    (void)unused;
    for (int i = 0; i < KEYS; i++) {
        unsigned char public_key[LKS_ED25519_KEY_BYTES];
        struct lks_verifier verifier;
        assert_int_equal(lks_signing_key_new(&keys[i], NULL), 0);
        lks_signing_key_public(keys[i], public_key);
        assert_int_equal(lks_verifier_init(&verifier, lks_str_from(names[i]), LKS_NOTE_ED25519,
                                           public_key, NULL),
                         0);
        assert_int_equal(lks_verifiers_add(&approvers, &verifier, NULL), 0);
    }
    return 0;
}

static int teardown(void **unused)
{
    (void)unused;
    for (int i = 0; i < KEYS; i++)
        lks_signing_key_free(keys[i]);
    lks_verifiers_free(&approvers);
    return 0;
}

/* Signs by those whose bit is set, each on another machine: only the note goes on. */
static void sign(struct lks_str text, unsigned who, struct lks_buffer *note)
{
    for (int i = 0; i < KEYS; i++) {
        struct lks_buffer more = {0};
        if (!(who & 1u << i))
            continue;
        assert_int_equal(lks_approval_sign(text, note->data ? str_of(note) : LKS_STR_NULL,
                                           &approvers.items[i], keys[i], &more, NULL),
                         0);
        lks_buffer_free(note);
        *note = more;
    }
}

static int count(struct lks_str text, struct lks_str note, unsigned *got)
{
    const struct lks_verifier *signers[KEYS + 1];
    return lks_approval_count(text, note, &approvers, signers, got, NULL);
}

static void as_many_as_signed(void **unused)
{
    (void)unused;
    for (unsigned who = 1; who < 1u << KEYS; who++) {
        struct lks_buffer note = {0};
        const struct lks_verifier *signers[KEYS];
        unsigned got;
        sign(order, who, &note);
        sign(order, who, &note); /* a second time adds nothing */
        assert_int_equal(lks_approval_count(order, str_of(&note), &approvers, signers, &got, NULL),
                         0);
        assert_int_equal(got, __builtin_popcount(who));
        for (unsigned i = 0, k = 0; i < KEYS; i++)
            if (who & 1u << i)
                assert_ptr_equal(signers[k++], &approvers.items[i]);
        lks_buffer_free(&note);
    }
}

static void another_order_counts_for_nothing(void **unused)
{
    struct lks_buffer note = {0};
    unsigned got = 7;
    (void)unused;
    sign(order, 7, &note);
    for (size_t at = 0; at < order.size_bytes; at++) {
        char changed[64];
        memcpy(changed, order.data, order.size_bytes);
        changed[at] ^= 1;
        assert_int_equal(count((struct lks_str){changed, order.size_bytes}, str_of(&note), &got),
                         LKS_EINPUT);
        assert_int_equal(got, 0);
    }
    assert_int_equal(count(LKS_STR(""), str_of(&note), &got), LKS_EINPUT);
    /* nor can a signature be added to a note of another order */
    struct lks_buffer out = {0};
    assert_int_equal(lks_approval_sign(LKS_STR("another\n"), str_of(&note), &approvers.items[0],
                                       keys[0], &out, NULL),
                     LKS_EINPUT);
    lks_buffer_free(&out);
    lks_buffer_free(&note);
}

static void no_flipped_bit_adds_a_signer(void **unused)
{
    struct lks_buffer note = {0};
    unsigned got;
    (void)unused;
    sign(order, 3, &note);
    for (size_t bit = 0; bit < 8 * note.size_bytes; bit++) {
        note.data[bit / 8] ^= (char)(1 << bit % 8);
        /* A line whose name or id changed is a stranger's; any other change breaks the whole. */
        if (count(order, str_of(&note), &got) == 0)
            assert_in_range(got, 0, 1);
        note.data[bit / 8] ^= (char)(1 << bit % 8);
    }
    assert_int_equal(count(order, str_of(&note), &got), 0);
    assert_int_equal(got, 2);
    lks_buffer_free(&note);
}

static void a_key_under_two_names_counts_once(void **unused)
{
    struct lks_buffer note = {0}, more = {0};
    struct lks_verifier second;
    const struct lks_verifier *signers[KEYS + 1];
    unsigned got;
    (void)unused;
    sign(order, 1, &note);
    assert_int_equal(lks_verifier_init(&second, LKS_STR("anna"), LKS_NOTE_ED25519,
                                       approvers.items[0].public_key, NULL),
                     0);
    assert_int_equal(lks_approval_sign(order, str_of(&note), &second, keys[0], &more, NULL), 0);
    assert_int_equal(lks_verifiers_add(&approvers, &second, NULL), 0);
    assert_int_equal(lks_approval_count(order, str_of(&more), &approvers, signers, &got, NULL), 0);
    assert_int_equal(got, 1);
    approvers.count--;
    lks_buffer_free(&note);
    lks_buffer_free(&more);
}

static void strangers_and_checkpoints_do_not_count(void **unused)
{
    struct lks_buffer note = {0}, text = {0};
    struct lks_verifiers none = {0};
    struct lks_checkpoint checkpoint = {.origin = LKS_STR("lockstep approval 1"), .size = 1};
    const struct lks_verifier *signers[1];
    unsigned got = 9;
    (void)unused;
    sign(order, 7, &note);
    assert_int_equal(lks_approval_count(order, str_of(&note), &none, signers, &got, NULL), 0);
    assert_int_equal(got, 0);
    lks_buffer_clear(&note);
    /* a checkpoint that the same key signed is no approval, and no approval is a checkpoint */
    lks_checkpoint_format(&checkpoint, &text);
    lks_buffer_append(&note, text.data, text.size_bytes);
    lks_buffer_byte(&note, '\n');
    assert_int_equal(lks_note_sign(str_of(&text), &approvers.items[0], keys[0], 0, &note, NULL), 0);
    assert_int_equal(count(order, str_of(&note), &got), LKS_EINPUT);
    lks_buffer_clear(&text);
    lks_approval_text(order, &text);
    assert_int_equal(lks_checkpoint_parse(str_of(&text), &checkpoint, NULL), LKS_EINPUT);
    lks_buffer_free(&note);
    lks_buffer_free(&text);
}

static void orders_are_for_one_case_and_one_thing(void **unused)
{
    struct lks_buffer text = {0}, other = {0};
    struct lks_arena arena = {0};
    (void)unused;
    for (int i = 0; i < 2; i++) {
        struct lks_canon canon = {0};
        assert_int_equal(lks_order_start(&canon, "lockstep/abc", "enrol", NULL), 0);
        lks_canon_text(&canon, "verifier", "somebody");
        assert_int_equal(lks_order_finish(&canon, i ? &other : &text, NULL), 0);
    }
    /* the same order drawn up twice is two orders */
    assert_false(lks_str_equal(str_of(&text), str_of(&other)));
    assert_int_equal(lks_order_check(str_of(&text), "lockstep/abc", "enrol", &arena, NULL), 0);
    assert_true(lks_str_equal_text(lks_order_text(str_of(&text), "verifier", &arena), "somebody"));
    assert_null(lks_order_text(str_of(&text), "person", &arena).data);
    assert_int_equal(lks_order_check(str_of(&text), "lockstep/abd", "enrol", &arena, NULL),
                     LKS_EINPUT);
    assert_int_equal(lks_order_check(str_of(&text), "lockstep/abc", "retire", &arena, NULL),
                     LKS_EINPUT);
    for (size_t size = 0; size < text.size_bytes; size++)
        assert_int_equal(lks_order_check((struct lks_str){text.data, size}, "lockstep/abc", "enrol",
                                         &arena, NULL),
                         LKS_EINPUT);
    lks_buffer_byte(&text, '\n');
    assert_int_equal(lks_order_check(str_of(&text), "lockstep/abc", "enrol", &arena, NULL),
                     LKS_EINPUT);
    lks_arena_free(&arena);
    lks_buffer_free(&text);
    lks_buffer_free(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_many_as_signed),
                                       cmocka_unit_test(another_order_counts_for_nothing),
                                       cmocka_unit_test(no_flipped_bit_adds_a_signer),
                                       cmocka_unit_test(a_key_under_two_names_counts_once),
                                       cmocka_unit_test(strangers_and_checkpoints_do_not_count),
                                       cmocka_unit_test(orders_are_for_one_case_and_one_thing)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
