/* manifest_test.c - a folder under one signature: the same bytes twice, read by another JSON reader, and
 * every change of a file, of the folder and of a byte of the envelope noticed */
#include "custody/manifest.h"

#include <jansson.h>
#include <string.h>
#include <sys/stat.h>

#include "base/base64.h"
#include "vault/test_folder.h"

struct world {
    char folder[64];
    struct lks_signing_key *key;
    struct lks_verifiers known;
    struct lks_buffer envelope;
};

#define PREDICATE "{\"checkpoint\":{\"origin\":\"lockstep/2f1c\",\"size\":77},\"request\":\"R1\"}"

static int make(struct world *w, struct lks_buffer *out, struct lks_error *err)
{
    const struct lks_signing_key *const keys[] = {w->key};
    return lks_manifest_make(w->folder, "data", "https://example.org/answer/v1", LKS_STR(PREDICATE),
                             w->known.items, keys, 1, out, err);
}

static int set_up(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    unsigned char public_key[LKS_ED25519_KEY_BYTES], seed[LKS_ED25519_KEY_BYTES] = {5};
    struct lks_verifier verifier;
    folder_make(w->folder, sizeof w->folder);
    shell("mkdir -p %s/data/b %s/data/a; echo one > %s/data/b/x; echo two > %s/data/a/y; "
          ": > %s/data/empty; echo out > %s/outside",
          w->folder, w->folder, w->folder, w->folder, w->folder, w->folder);
    assert_int_equal(lks_signing_key_from_seed(seed, &w->key, NULL), 0);
    lks_signing_key_public(w->key, public_key);
    assert_int_equal(
        lks_verifier_init(&verifier, LKS_STR("lockstep/2f1c"), LKS_NOTE_ED25519, public_key, NULL),
        0);
    assert_int_equal(lks_verifiers_add(&w->known, &verifier, NULL), 0);
    assert_int_equal(make(w, &w->envelope, NULL), 0);
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;
    shell("rm -r %s", w->folder);
    lks_signing_key_free(w->key);
    lks_verifiers_free(&w->known);
    lks_buffer_free(&w->envelope);
    free(w);
    return 0;
}

static struct lks_str str_of(const struct lks_buffer *buffer)
{
    return (struct lks_str){buffer->data, buffer->size_bytes};
}

static void test_read_by_another_reader(void **state)
{
    struct world *w = *state;
    struct lks_buffer again = {0}, body = {0};
    assert_int_equal(make(w, &again, NULL), 0);
    assert_true(lks_str_equal(str_of(&again), str_of(&w->envelope)));
    json_t *root = json_loadb(w->envelope.data, w->envelope.size_bytes, 0, NULL);
    assert_int_equal(
        lks_base64_read(lks_str_from(json_string_value(json_object_get(root, "payload"))), &body,
                        NULL),
        0);
    json_t *statement = json_loadb(body.data, body.size_bytes, 0, NULL);
    json_t *subjects = json_object_get(statement, "subject");
    static const struct {
        const char *name, *sha256; /* by sha256sum */
    } expected[] = {
        {"data/a/y", "27dd8ed44a83ff94d557f9fd0412ed5a8cbca69ea04922d88c01184a07300a5a"},
        {"data/b/x", "2c8b08da5ce60398e1f19af0e5dccc744df274b826abe585eaba68c525434806"},
        {"data/empty", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}};
    assert_int_equal(json_array_size(subjects), 3);
    for (size_t i = 0; i < 3; i++) {
        json_t *one = json_array_get(subjects, i);
        assert_string_equal(json_string_value(json_object_get(one, "name")), expected[i].name);
        assert_string_equal(
            json_string_value(json_object_get(json_object_get(one, "digest"), "sha256")),
            expected[i].sha256);
    }
    json_t *predicate = json_object_get(statement, "predicate");
    assert_string_equal(json_string_value(json_object_get(predicate, "request")), "R1");
    assert_int_equal(
        json_integer_value(json_object_get(json_object_get(predicate, "checkpoint"), "size")), 77);
    json_decref(statement);
    json_decref(root);
    lks_buffer_free(&again);
    lks_buffer_free(&body);
}

/* The first rule that is broken, or "". */
static const char *verdict(struct world *w, struct lks_str envelope)
{
    static struct lks_error err;
    struct lks_arena arena = {0};
    struct lks_manifest manifest;
    err = (struct lks_error){0};
    int code = lks_manifest_read(envelope, &w->known, &arena, &manifest, &err);
    if (code == 0)
        code = lks_manifest_check(&manifest, w->folder, "data", &err);
    assert_true(code == 0 || code == LKS_EINPUT);
    lks_arena_free(&arena);
    return code ? err.message : "";
}

static void says(struct world *w, const char *why)
{
    const char *said = verdict(w, str_of(&w->envelope));
    if (*why ? !strstr(said, why) : *said)
        fail_msg("'%s', expected '%s'", said, why);
}

static void test_folder_changes_are_noticed(void **state)
{
    struct world *w = *state;
    says(w, "");
    shell("echo three > %s/data/c", w->folder);
    says(w, "does not name data/c");
    shell("rm %s/data/c; mv %s/data/a/y %s/data/a/z", w->folder, w->folder, w->folder);
    says(w, "data/a/y is missing");
    shell("mv %s/data/a/z %s/kept", w->folder, w->folder);
    says(w, "data/a/y is missing");
    shell("ln -s ../../kept %s/data/a/y", w->folder);
    says(w, "no plain file");
    struct lks_buffer out = {0};
    assert_int_equal(make(w, &out, NULL), LKS_EINPUT);
    shell("rm %s/data/a/y; mv %s/kept %s/data/a/y; echo on >> %s/data/b/x", w->folder, w->folder,
          w->folder, w->folder);
    says(w, "data/b/x is not what");
    shell("echo one > %s/data/b/x; echo x > %s/data/empty", w->folder, w->folder);
    says(w, "data/empty is not what");
    shell(": > %s/data/empty; echo more >> %s/outside", w->folder, w->folder);
    says(w, "");
    shell("rm -r %s/data/a %s/data/b %s/data/empty", w->folder, w->folder, w->folder);
    assert_int_equal(make(w, &out, NULL), LKS_EINPUT);
    lks_buffer_free(&out);
}

/* Every bit of the envelope in turn. */
static void test_every_bit(void **state)
{
    struct world *w = *state;
    struct lks_str envelope = str_of(&w->envelope);
    char *copy = malloc(envelope.size_bytes);
    for (size_t bit = 0; bit < 8 * envelope.size_bytes; bit++) {
        memcpy(copy, envelope.data, envelope.size_bytes);
        copy[bit / 8] = (char)(copy[bit / 8] ^ (1 << bit % 8));
        if (!*verdict(w, (struct lks_str){copy, envelope.size_bytes}))
            fail_msg("bit %zu (%.40s) was not noticed", bit, copy + bit / 8);
    }
    for (size_t size = 0; size < envelope.size_bytes; size++)
        assert_true(*verdict(w, (struct lks_str){envelope.data, size}));
    free(copy);
}

static void refused(struct world *w, const char *body, const char *why)
{
    struct lks_buffer envelope = {0};
    const struct lks_signing_key *const keys[] = {w->key};
    assert_int_equal(lks_dsse_sign(LKS_STR(LKS_INTOTO_TYPE), lks_str_from(body), w->known.items,
                                   keys, 1, &envelope, NULL),
                     0);
    const char *said = verdict(w, str_of(&envelope));
    if (!strstr(said, why))
        fail_msg("%s: '%s', expected '%s'", body, said, why);
    lks_buffer_free(&envelope);
}

#define HEAD                                                                                       \
    "{\"_type\":\"https://in-toto.io/Statement/v1\",\"predicate\":{},\"predicateType\":\"x\","
#define DIGEST                                                                                     \
    "\"digest\":{\"sha256\":\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"}"

/* Well signed, and still not taken. */
static void test_hostile_statements(void **state)
{
    struct world *w = *state;
    refused(w, "", "no envelope");
    refused(w, "[]", "no in-toto statement");
    refused(w, HEAD "\"subject\":[]}", "names no files");
    refused(w, HEAD "\"subject\":[{\"name\":\"data/../../x\"," DIGEST "}]}",
            "outside of its folder");
    refused(w, HEAD "\"subject\":[{\"name\":\"/etc/passwd\"," DIGEST "}]}",
            "outside of its folder");
    refused(w, HEAD "\"subject\":[{\"name\":\"data//x\"," DIGEST "}]}", "outside of its folder");
    refused(w, HEAD "\"subject\":[{\"name\":\"data/./x\"," DIGEST "}]}", "outside of its folder");
    refused(w, HEAD "\"subject\":[{\"name\":\"data/x\\u0000y\"," DIGEST "}]}",
            "outside of its folder");
    refused(w, HEAD "\"subject\":[{\"name\":\"data/x\",\"digest\":{\"sha256\":\"00\"}}]}",
            "is none");
    refused(w,
            HEAD "\"subject\":[{\"name\":\"data/x\"," DIGEST "},{\"name\":\"data/x\"," DIGEST "}]}",
            "each once");
    refused(w,
            HEAD "\"subject\":[{\"name\":\"data/x\"," DIGEST "},{\"name\":\"data/a\"," DIGEST "}]}",
            "in their order");
    refused(w, HEAD "\"subject\":[{\"name\":\"elsewhere/x\"," DIGEST "}]}",
            "does not name data/a/y");
    w->known.items[0].public_key[0] ^= 1;
    says(w, "no key that is known");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_read_by_another_reader, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_folder_changes_are_noticed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_every_bit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_hostile_statements, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
