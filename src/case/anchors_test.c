/* anchors_test.c - what others said, kept beside the log: names, order, and what must not change */
#include "vault/test_folder.h"

#include <string.h>

#include "case/anchor_record.h"
#include "case/entries.h"
#include "case/signer.h"
#include "vault/disk.h"
#include "vault/witness.h"

static char folder[64];

static struct lks_str str_of(const struct lks_buffer *buffer)
{
    return (struct lks_str){buffer->data, buffer->size_bytes};
}

static struct lks_vault *vault_open(void)
{
    struct lks_vault *vault;
    struct lks_error err = {0};
    if (lks_vault_open(folder, NULL, NULL, &vault, &err))
        fail_msg("%s", err.message);
    return vault;
}

static int setup(void **unused)
{
    (void)unused;
    folder_make(folder, sizeof folder);
    lks_vault_close(vault_open());
    return 0;
}

static int teardown(void **unused)
{
    (void)unused;
    shell("rm -r %s", folder);
    return 0;
}

static void witness_make(unsigned char number, struct lks_signing_key **key,
                         struct lks_verifier *verifier)
{
    unsigned char seed[LKS_ED25519_KEY_BYTES] = {number}, public_key[LKS_ED25519_KEY_BYTES];
    char name[32];
    snprintf(name, sizeof name, "witness-%u", number);
    assert_int_equal(lks_signing_key_from_seed(seed, key, NULL), 0);
    lks_signing_key_public(*key, public_key);
    assert_int_equal(
        lks_verifier_init(verifier, lks_str_from(name), LKS_NOTE_COSIGNATURE, public_key, NULL), 0);
}

static void line_make(const struct lks_anchored *anchored, const struct lks_verifier *witness,
                      const struct lks_signing_key *key, struct lks_buffer *line)
{
    struct lks_note note;
    assert_int_equal(lks_note_parse(str_of(&anchored->bytes), &note, NULL), 0);
    lks_buffer_clear(line);
    assert_int_equal(lks_note_sign(note.text, witness, key, 1733443200, line, NULL), 0);
}

static size_t signatures_count(void)
{
    struct lks_buffer bytes = {0};
    struct lks_note note;
    char path[96];
    snprintf(path, sizeof path, "%s/vault", folder);
    assert_int_equal(lks_log_checkpoint(path, &bytes, NULL), 0);
    assert_int_equal(lks_note_parse(str_of(&bytes), &note, NULL), 0);
    size_t count = note.signatures_count;
    lks_buffer_free(&bytes);
    return count;
}

static void lines_are_kept_told_and_merged(void **unused)
{
    struct lks_anchored anchored = {0}, again = {0};
    struct lks_signing_key *keys[2];
    struct lks_verifier witnesses[2];
    struct lks_buffer line = {0};
    struct lks_anchors anchors = {0};
    struct lks_vault *vault = vault_open();
    (void)unused;
    assert_int_equal(lks_anchored_take(folder, vault, &anchored, NULL), 0);
    uint64_t size = anchored.checkpoint.size;
    for (int i = 0; i < 2; i++) {
        witness_make((unsigned char)(i + 1), &keys[i], &witnesses[i]);
        line_make(&anchored, &witnesses[i], keys[i], &line);
        assert_int_equal(lks_anchor_merge(vault, &anchored, &witnesses[i], str_of(&line), NULL), 0);
        /* twice is once */
        assert_int_equal(lks_anchor_merge(vault, &anchored, &witnesses[i], str_of(&line), NULL), 0);
        assert_int_equal(signatures_count(), (size_t)i + 2);
        assert_int_equal(lks_anchor_cosignature(folder, vault, &anchored, &witnesses[i],
                                                str_of(&line), 1733443200, NULL),
                         0);
    }
    /* a line for another text, and one for a time that no clock shows */
    line.data[line.size_bytes / 2] ^= 1;
    assert_int_not_equal(lks_anchor_merge(vault, &anchored, &(struct lks_verifier){.name = "x"},
                                          str_of(&line), NULL),
                         0);
    assert_int_equal(lks_anchor_cosignature(folder, vault, &anchored, &witnesses[0], str_of(&line),
                                            UINT64_MAX, NULL),
                     LKS_EINPUT);
    line_make(&anchored, &witnesses[0], keys[0], &line);
    assert_int_equal(lks_anchor_cosignature_put(folder, size, &witnesses[0], str_of(&line), NULL),
                     0);
    /* what is asked about is the log's own line alone, whoever else signed */
    assert_int_equal(lks_anchored_take(folder, vault, &again, NULL), 0);
    assert_true(lks_str_equal(str_of(&again.bytes), str_of(&anchored.bytes)));
    assert_int_equal(lks_vault_commit(vault, NULL), 0);
    assert_int_equal(lks_vault_size(vault), size + 2);
    /* the log went on: the lines are of what was */
    assert_int_equal(signatures_count(), 1);
    assert_int_equal(lks_anchor_merge(vault, &anchored, &witnesses[0], str_of(&line), NULL),
                     LKS_EINPUT);
    lks_vault_close(vault);
    assert_int_equal(lks_anchors_list(folder, &anchors, NULL), 0);
    assert_int_equal(anchors.count, 2);
    for (size_t i = 0; i < anchors.count; i++) {
        assert_int_equal(anchors.items[i].form, LKS_ANCHOR_COSIGNATURE);
        assert_int_equal(anchors.items[i].size, size);
    }
    lks_anchors_free(&anchors);
    lks_anchored_free(&anchored);
    lks_anchored_free(&again);
    lks_buffer_free(&line);
    lks_signing_key_free(keys[0]);
    lks_signing_key_free(keys[1]);
}

/* A checkpoint that others spoke of is not replaced by another of its size. */
static void another_history_is_noticed(void **unused)
{
    struct lks_anchored anchored = {0}, other = {0};
    struct lks_vault *vault = vault_open();
    char path[LKS_CASE_PATH_BYTES], name[32];
    (void)unused;
    assert_int_equal(lks_anchored_take(folder, vault, &anchored, NULL), 0);
    snprintf(name, sizeof name, "%llu", (unsigned long long)anchored.checkpoint.size);
    assert_int_equal(lks_anchor_path(folder, name, ".checkpoint", path, NULL), 0);
    assert_int_equal(lks_disk_put(path, "another\n", 8, 0600, NULL), 0);
    assert_int_equal(lks_anchored_take(folder, vault, &other, NULL), LKS_EINPUT);
    assert_int_equal(lks_disk_put(path, anchored.bytes.data, anchored.bytes.size_bytes, 0600, NULL),
                     0);
    lks_vault_close(vault);
    lks_anchored_free(&anchored);
    lks_anchored_free(&other);
}

static void names_are_read_strictly(void **unused)
{
    static const char *const made[] = {"7.1.tsq",  "7.1.tsr",    "7.2.tsq",         "7.10.tsr",
                                       "12.1.tsq", "7.0a.cosig", "7.aabbccdd.cosig"};
    static const char *const strange[] = {
        "7.tsr",     "07.1.tsr", "x.1.tsr", "7.1.pem",
        "7.1.tsr.x", ".1.tsr",   "7",       "99999999999999999999.1.tsr"};
    struct lks_anchors anchors = {0};
    char path[LKS_CASE_PATH_BYTES], next[64];
    (void)unused;
    shell("rm -rf %s/vault/anchors && mkdir %s/vault/anchors", folder, folder);
    for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
        assert_int_equal(lks_anchor_path(folder, made[i], "", path, NULL), 0);
        assert_int_equal(lks_disk_put(path, "x", 1, 0600, NULL), 0);
    }
    for (size_t i = 0; i < sizeof strange / sizeof *strange; i++) {
        assert_int_equal(lks_anchor_path(folder, strange[i], "", path, NULL), 0);
        assert_int_equal(lks_disk_put(path, "x", 1, 0600, NULL), 0);
    }
    assert_int_equal(lks_anchors_list(folder, &anchors, NULL), 0);
    /* the query that was answered is told by its answer */
    assert_int_equal(anchors.count, 6);
    assert_int_equal(anchors.items[5].size, 12);
    assert_int_equal(anchors.items[5].form, LKS_ANCHOR_QUERY);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(anchors.items[i].size, 7);
    lks_anchor_next(&anchors, 7, next);
    assert_string_equal(next, "7.11");
    lks_anchor_next(&anchors, 8, next);
    assert_string_equal(next, "8.1");
    lks_anchors_free(&anchors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(lines_are_kept_told_and_merged),
                                       cmocka_unit_test(another_history_is_noticed),
                                       cmocka_unit_test(names_are_read_strictly)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
