/* dsse_test.c - envelopes against the specification's own example, and read by another JSON reader */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/base64.h"
#include "vault/dsse.h"

static struct lks_str str_of(const struct lks_buffer *buffer)
{
    return (struct lks_str){buffer->data, buffer->size_bytes};
}

/* The example of the DSSE protocol document. */
static void known_encoding(void **unused)
{
    struct lks_buffer out = {0};
    (void)unused;
    lks_dsse_encoding(LKS_STR("http://example.com/HelloWorld"), LKS_STR("hello world"), &out);
    assert_true(
        lks_str_equal_text(str_of(&out), "DSSEv1 29 http://example.com/HelloWorld 11 hello world"));
    lks_buffer_free(&out);
}

static void signed_by_two(void **unused)
{
    struct lks_subject subjects[2] = {{"data/records.ndjson", {1, 2, 3}}, {"data/\"odd\"", {9}}};
    struct lks_buffer body = {0}, envelope = {0}, encoding = {0}, decoded = {0};
    struct lks_verifier verifiers[2];
    struct lks_signing_key *keys[2];
    unsigned char public_key[LKS_ED25519_KEY_BYTES], signature[LKS_ED25519_SIGNATURE_BYTES];
    (void)unused;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(lks_signing_key_new(&keys[i], NULL), 0);
        lks_signing_key_public(keys[i], public_key);
        assert_int_equal(lks_verifier_init(&verifiers[i], i ? LKS_STR("second") : LKS_STR("first"),
                                           LKS_NOTE_ED25519, public_key, NULL),
                         0);
    }
    assert_int_equal(lks_intoto_format(subjects, 2, "https://example.org/answer/v1",
                                       LKS_STR("{\"a\":1}"), &body, NULL),
                     0);
    const struct lks_signing_key *const both[2] = {keys[0], keys[1]};
    assert_int_equal(
        lks_dsse_sign(LKS_STR(LKS_INTOTO_TYPE), str_of(&body), verifiers, both, 2, &envelope, NULL),
        0);
    json_t *root = json_loadb(envelope.data, envelope.size_bytes, 0, NULL);
    assert_non_null(root);
    const char *type = json_string_value(json_object_get(root, "payloadType"));
    assert_string_equal(type, LKS_INTOTO_TYPE);
    assert_int_equal(
        lks_base64_read(lks_str_from(json_string_value(json_object_get(root, "payload"))), &decoded,
                        NULL),
        0);
    json_t *statement = json_loadb(decoded.data, decoded.size_bytes, 0, NULL);
    assert_string_equal(json_string_value(json_object_get(statement, "_type")),
                        "https://in-toto.io/Statement/v1");
    json_t *second = json_array_get(json_object_get(statement, "subject"), 1);
    assert_string_equal(json_string_value(json_object_get(second, "name")), "data/\"odd\"");
    lks_dsse_encoding(lks_str_from(type), str_of(&decoded), &encoding);
    for (size_t i = 0; i < 2; i++) {
        json_t *item = json_array_get(json_object_get(root, "signatures"), i);
        struct lks_verifier named;
        assert_int_equal(
            lks_verifier_parse(lks_str_from(json_string_value(json_object_get(item, "keyid"))),
                               &named, NULL),
            0);
        assert_int_equal(
            lks_base64_read_exactly(lks_str_from(json_string_value(json_object_get(item, "sig"))),
                                    signature, sizeof signature, NULL),
            0);
        assert_memory_equal(named.public_key, verifiers[i].public_key, sizeof named.public_key);
        assert_int_equal(lks_ed25519_check(named.public_key, encoding.data, encoding.size_bytes,
                                           signature, NULL),
                         0);
        assert_int_equal(lks_ed25519_check(named.public_key, encoding.data, encoding.size_bytes - 1,
                                           signature, NULL),
                         LKS_EINPUT);
        lks_signing_key_free(keys[i]);
    }
    json_decref(statement);
    json_decref(root);
    lks_buffer_free(&body);
    lks_buffer_free(&envelope);
    lks_buffer_free(&encoding);
    lks_buffer_free(&decoded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(known_encoding),
                                       cmocka_unit_test(signed_by_two)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
