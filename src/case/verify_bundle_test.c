/* verify_bundle_test.c - an answer as a bag: what is whole holds, what was touched is noticed
 *
 * The bag is made here by the layout of answer_layout.h, out of a small log. Every single bit of every file
 * of it is flipped in turn; a sanitizer gets every seventh. */
#include "vault/test_folder.h"

#include <fcntl.h>
#include <string.h>

#include "case/entries.h"
#include "case/test_verify.h"
#include "case/vault.h"
#include "case/verify_bundle.h"
#include "vault/bag.h"
#include "vault/disk.h"
#include "vault/dsse.h"
#include "vault/file_list.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { BIT_STEP = 7 };
#else
enum { BIT_STEP = 1 };
#endif

static char folder[64], bag[96];
static const struct lks_control quiet = {.threads = 1};

static enum lks_check_state verify_with(const struct lks_verify_request *request,
                                        struct lks_verification *verification)
{
    struct lks_error err = {0};
    memset(verification, 0, sizeof *verification);
    if (lks_verify_bundle(verification, bag, request, &quiet, &err) != 0)
        fail_msg("%s", err.message);
    return lks_verification_state(verification);
}

static enum lks_check_state verify(void)
{
    static const struct lks_verify_request request;
    struct lks_verification verification;
    enum lks_check_state state = verify_with(&request, &verification);
    lks_verification_free(&verification);
    return state;
}

/* Verifies, and looks for a text in what is said. */
static void expect(enum lks_check_state state, const char *text)
{
    static const struct lks_verify_request request;
    struct lks_verification verification;
    enum lks_check_state got = verify_with(&request, &verification);
    expect_said(&verification, got, state, text);
}

/* ---- making a bag ---- */

static void put(const char *name, const struct lks_buffer *bytes)
{
    char path[256], parent[LKS_DISK_PATH_BYTES];
    snprintf(path, sizeof path, "%s/%s", bag, name);
    assert_int_equal(lks_disk_parent(path, parent, NULL), 0);
    assert_int_equal(lks_disk_folder(parent, NULL), 0);
    assert_int_equal(lks_disk_put(path, bytes->data, bytes->size_bytes, 0666, NULL), 0);
}

static void record(struct lks_vault *open, const char *kind, const char *key, const char *value,
                   struct lks_buffer *lines)
{
    struct lks_statement_writer writer = {0};
    char proof[LKS_ANSWER_PROOF_PATH_BYTES], name[32];
    uint64_t index;
    snprintf(name, sizeof name, "%s_key", kind);
    lks_vault_start(open, &writer, LKS_STATEMENT_DISCLOSE);
    lks_canon_text(&writer.canon, "what", LKS_ANSWER_RECORD);
    lks_canon_text(&writer.canon, "record", kind);
    lks_canon_text(&writer.canon, "request", "R1");
    lks_statement_hide(&writer, name, lks_str_from(key));
    lks_statement_hide(&writer, "shown.text", lks_str_from(value));
    lks_statement_hide(&writer, "views", lks_str_from("12"));
    lks_statement_hide(&writer, "verified", lks_str_from("true"));
    assert_int_equal(lks_vault_record(open, &writer, &index, NULL), 0);
    lks_answer_proof_path(index, proof);
    lks_buffer_format(lines,
                      "{\"%s\":\"%s\",\"text\":\"%s\",\"views\":12,\"verified\":true,\"bio\":null,"
                      "\"leaf\":%llu,\"proof\":\"%s\"}\n",
                      name, key, value, (unsigned long long)index, proof + strlen("data/"));
}

struct gathering {
    struct lks_buffer statements, disclosures;
    struct lks_tree *tree;
    struct lks_buffer checkpoint;
};

static int gather(void *context, const struct lks_entry *entry, struct lks_error *err)
{
    struct gathering *all = context;
    struct lks_buffer file = {0};
    struct lks_proof proof;
    char path[LKS_ANSWER_PROOF_PATH_BYTES];
    (void)err;
    if (entry->index == 0)
        return 0; /* the key's own entry stays at home */
    lks_buffer_format(&all->statements, "%llu ", (unsigned long long)entry->index);
    lks_buffer_append(&all->statements, entry->statement.bytes.data,
                      entry->statement.bytes.size_bytes);
    lks_buffer_byte(&all->statements, '\n');
    for (size_t i = 0; i < entry->values_count; i++) {
        if (lks_str_equal_text(entry->values[i].name, "actor"))
            continue;
        lks_buffer_format(&all->disclosures, "%llu ", (unsigned long long)entry->index);
        lks_buffer_append(&all->disclosures, entry->values[i].disclosure.data,
                          entry->values[i].disclosure.size_bytes);
        lks_buffer_byte(&all->disclosures, '\n');
    }
    assert_int_equal(lks_tree_inclusion(all->tree, entry->index, &proof, NULL), 0);
    lks_proof_file_format(entry->index, &proof, LKS_STR_NULL,
                          (struct lks_str){all->checkpoint.data, all->checkpoint.size_bytes},
                          &file);
    lks_answer_proof_path(entry->index, path);
    put(path, &file);
    lks_buffer_free(&file);
    return 0;
}

/* Every file of data/ by name and digest, signed by the log's key. */
static void manifest_put(struct lks_vault *open)
{
    struct lks_file_list files;
    struct lks_buffer body = {0}, out = {0}, bytes = {0};
    struct lks_subject subjects[32];
    static char names[32][128];
    const struct lks_signing_key *key = lks_vault_key(open);
    char path[256];
    snprintf(path, sizeof path, "%s/data", bag);
    assert_int_equal(lks_file_list_make(path, &files, NULL), 0);
    assert_in_range(files.count, 1, 32);
    for (size_t i = 0; i < files.count; i++) {
        snprintf(names[i], sizeof names[i], "data/%s", files.files[i].path);
        snprintf(path, sizeof path, "%s/%s", bag, names[i]);
        lks_buffer_clear(&bytes);
        assert_int_equal(lks_disk_get(path, 1 << 20, &bytes, NULL), 0);
        subjects[i].name = names[i];
        lks_sha256_of(bytes.data ? bytes.data : "", bytes.size_bytes, subjects[i].sha256);
    }
    assert_int_equal(lks_intoto_format(subjects, files.count, LKS_ANSWER_MANIFEST_PREDICATE,
                                       LKS_STR("{}"), &body, NULL),
                     0);
    assert_int_equal(lks_dsse_sign(LKS_STR(LKS_INTOTO_TYPE),
                                   (struct lks_str){body.data, body.size_bytes},
                                   lks_vault_verifier(open), &key, 1, &out, NULL),
                     0);
    put(LKS_ANSWER_MANIFEST, &out);
    lks_file_list_free(&files);
    lks_buffer_free(&body);
    lks_buffer_free(&out);
    lks_buffer_free(&bytes);
}

/* A bag of two posts and an account; claimed is how many posts the frozen statement counts. */
static void bag_make(int claimed)
{
    static const struct lks_bag_info infos[] = {{"Source-Organization", "Example"}};
    struct lks_control control = {.actor = "somebody"};
    struct lks_statement_writer writer = {0};
    struct lks_buffer posts = {0}, accounts = {0}, key = {0}, readme = {0}, none = {0};
    struct gathering all = {{0}};
    struct lks_vault *open;
    struct lks_error err = {0};
    char vault[96];
    shell("rm -rf %s/*", folder);
    snprintf(vault, sizeof vault, "%s/vault", folder);
    assert_int_equal(lks_vault_open(folder, &control, NULL, &open, &err), 0);
    record(open, "post", "tiktok:1", "the first", &posts);
    record(open, "post", "tiktok:2", "the second", &posts);
    record(open, "account", "tiktok:9", "somebody", &accounts);
    lks_vault_start(open, &writer, LKS_STATEMENT_DISCLOSE);
    lks_canon_text(&writer.canon, "what", LKS_ANSWER_FROZEN);
    lks_canon_text(&writer.canon, "request", "R1");
    lks_canon_int(&writer.canon, "first", 1);
    lks_canon_object(&writer.canon, "counts");
    lks_canon_int(&writer.canon, "posts", claimed);
    lks_canon_int(&writer.canon, "accounts", 1);
    lks_canon_int(&writer.canon, "payments", 0);
    lks_canon_end(&writer.canon);
    assert_int_equal(lks_vault_record(open, &writer, NULL, NULL), 0);
    assert_int_equal(lks_vault_commit(open, NULL), 0);

    struct lks_tile_source tiles = lks_log_tiles(vault);
    assert_int_equal(lks_log_checkpoint(vault, &all.checkpoint, NULL), 0);
    assert_int_equal(lks_tree_open(&tiles, lks_vault_size(open), &all.tree, NULL), 0);
    assert_int_equal(lks_entries_each(folder, 0, UINT64_MAX, gather, &all, &err), 0);
    put(LKS_ANSWER_CHECKPOINT, &all.checkpoint);
    put(LKS_ANSWER_STATEMENTS, &all.statements);
    put(LKS_ANSWER_DISCLOSURES, &all.disclosures);
    lks_verifier_format(lks_vault_verifier(open), &key);
    lks_buffer_byte(&key, '\n');
    put(LKS_ANSWER_SIGNER, &key);
    put(LKS_ANSWER_RECORDS "/posts.ndjson", &posts);
    put(LKS_ANSWER_RECORDS "/accounts.ndjson", &accounts);
    put(LKS_ANSWER_RECORDS "/payments.ndjson", &none);
    lks_buffer_text(&readme, "how to verify\n");
    put(LKS_ANSWER_README, &readme);
    manifest_put(open);
    assert_int_equal(lks_bag_make(bag, infos, 1, NULL, &err), 0);
    lks_vault_close(open);
    lks_tree_free(all.tree);
    struct lks_buffer *buffers[] = {&posts,          &accounts,        &key,           &readme,
                                    &all.statements, &all.disclosures, &all.checkpoint};
    for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++)
        lks_buffer_free(buffers[i]);
}

/* ---- tests ---- */

static void whole(void **unused)
{
    static const struct lks_verify_request request;
    struct lks_verification verification;
    (void)unused;
    bag_make(2);
    expect(LKS_CHECK_HOLDS, "all 3 records that the answer counts are here");
    verify_with(&request, &verification);
    assert_int_equal(lks_verification_find(&verification, "proofs")->checked_count, 4);
    assert_int_equal(lks_verification_find(&verification, "records")->checked_count, 3);
    assert_int_equal(lks_verification_find(&verification, "disclosures")->checked_count, 12);
    assert_int_equal(lks_verification_find(&verification, "manifest")->checked_count, 11);
    for (size_t i = 0; i < verification.count; i++) /* nothing holds in silence */
        assert_true(verification.checks[i].said.size_bytes);
    lks_verification_free(&verification);
    bag_make(3);
    expect(LKS_CHECK_INCOMPLETE, "2 of 3 posts are here");
    bag_make(1);
    expect(LKS_CHECK_DAMAGED, "2 posts are here, the answer counts 1");
}

/* RFC 8493: a digest's digits may be written large; they say the same. All manifests but this one are
 * covered by another digest. */
static int same_digit(const char *path, unsigned char byte)
{
    return strcmp(path, "tagmanifest-sha512.txt") == 0 && byte >= 'A' && byte <= 'F';
}

static void every_bit(void **unused)
{
    struct lks_file_list files;
    uint64_t flips = 0;
    (void)unused;
    bag_make(2);
    assert_int_equal(verify(), LKS_CHECK_HOLDS);
    assert_int_equal(lks_file_list_make(bag, &files, NULL), 0);
    for (size_t i = 0; i < files.count; i++) {
        char path[512];
        unsigned char byte;
        snprintf(path, sizeof path, "%s/%s", bag, files.files[i].path);
        int file = open(path, O_RDWR);
        assert_true(file >= 0);
        for (uint64_t bit = 0; bit < 8 * files.files[i].size_bytes; bit += BIT_STEP, flips++) {
            off_t at = (off_t)(bit / 8);
            assert_int_equal(pread(file, &byte, 1, at), 1);
            byte ^= (unsigned char)(1 << bit % 8);
            assert_int_equal(pwrite(file, &byte, 1, at), 1);
            if (verify() == LKS_CHECK_HOLDS && !same_digit(files.files[i].path, byte))
                fail_msg("bit %llu of byte %llu of %s", (unsigned long long)bit % 8,
                         (unsigned long long)bit / 8, files.files[i].path);
            byte ^= (unsigned char)(1 << bit % 8);
            assert_int_equal(pwrite(file, &byte, 1, at), 1);
        }
        close(file);
    }
    assert_int_equal(verify(), LKS_CHECK_HOLDS);
    print_message("%llu bits flipped in %zu files\n", (unsigned long long)flips, files.count);
    lks_file_list_free(&files);
}

/* The bag's own manifests are made again after each change, as one who means harm would. */
static void changed(const char *change, enum lks_check_state state, const char *text)
{
    static const struct lks_bag_info infos[] = {{"Source-Organization", "Example"}};
    shell("rm -rf %s/kept && cp -a %s %s/kept && cd %s && { %s; }", folder, bag, folder, bag,
          change);
    assert_int_equal(lks_bag_make(bag, infos, 1, NULL, NULL), 0);
    expect(state, text);
    shell("rm -rf %s && cp -a %s/kept %s", bag, folder, bag);
}

static void changed_and_bagged_anew(void **unused)
{
    static const char p3[] = LKS_ANSWER_PROOFS "/000/000000000003.tlog-proof";
    char line[512];
    (void)unused;
    bag_make(2);
    changed("true", LKS_CHECK_HOLDS, NULL);
    changed("sed -i s/first/worst/ data/records/posts.ndjson", LKS_CHECK_DAMAGED,
            "line 1: 'text' is not what entry 1 commits to");
    changed("sed -i s/:12/:13/ data/records/posts.ndjson", LKS_CHECK_DAMAGED, "'views' is not");
    changed("sed -i s/:true/:false/ data/records/posts.ndjson", LKS_CHECK_DAMAGED,
            "'verified' is not");
    changed("sed -i 's/\"bio\":null/\"bio\":\"x\"/' data/records/posts.ndjson", LKS_CHECK_DAMAGED,
            "'bio' is not");
    changed("sed -i 's/\"bio\":null/\"bio\":[1]/' data/records/posts.ndjson", LKS_CHECK_DAMAGED,
            "'bio' is not");
    changed("sed -i 1d data/records/posts.ndjson", LKS_CHECK_DAMAGED, "line 1: 'post_key' is not");
    changed("sed -i '$ d' data/records/posts.ndjson", LKS_CHECK_DAMAGED, "has no line for entry 2");
    changed("sed -i '1 p' data/records/posts.ndjson", LKS_CHECK_DAMAGED,
            "1 lines that no statement commits to");
    changed("rm data/records/accounts.ndjson", LKS_CHECK_INCOMPLETE, "has no line for entry 3");
    changed("printf '{' >> data/records/posts.ndjson", LKS_CHECK_DAMAGED, "cut short");
    changed("echo '[]' > data/records/accounts.ndjson", LKS_CHECK_DAMAGED, "is no JSON object");
    changed("sed -i 1d data/log/statements", LKS_CHECK_DAMAGED,
            "there are 4 proof files for 3 statements");
    changed("sed -i '1 p' data/log/statements", LKS_CHECK_DAMAGED, "in the order of the log");
    changed("sed -i 's/^1 /001 /' data/log/statements", LKS_CHECK_DAMAGED, "in the order of the");
    changed("sed -i 's/^1 /18446744073709551615 /' data/log/statements", LKS_CHECK_DAMAGED,
            "in the order of the log");
    changed("sed -i 's/\"R1\"/\"R2\"/' data/log/statements", LKS_CHECK_DAMAGED,
            "does not prove the statement");
    changed("sed -i '$ d' data/log/disclosures", LKS_CHECK_DAMAGED, "commits to");
    changed("sed -i '1 p' data/log/disclosures", LKS_CHECK_DAMAGED, "stands twice");
    changed("sed -i '1 s/^1/2/' data/log/disclosures", LKS_CHECK_DAMAGED, "not one of the stat");
    snprintf(line, sizeof line, "rm %s", p3);
    changed(line, LKS_CHECK_INCOMPLETE, "000000000003.tlog-proof is not there");
    snprintf(line, sizeof line, "cp data/proofs/000/000000000002.tlog-proof %s", p3);
    changed(line, LKS_CHECK_DAMAGED, "is of entry 2");
    snprintf(line, sizeof line, "sed -i 4d %s", p3);
    changed(line, LKS_CHECK_DAMAGED, "does not prove the statement");
    snprintf(line, sizeof line, "sed -i '2 i extra YWJj' %s", p3);
    changed(line, LKS_CHECK_DAMAGED, "carries something that nobody signed");
    snprintf(line, sizeof line, "echo >> %s", p3);
    changed(line, LKS_CHECK_DAMAGED, "carries another checkpoint");
    changed("rm data/log/checkpoint", LKS_CHECK_INCOMPLETE, "data/log/checkpoint is not there");
    changed("rm data/log/signer.vkey", LKS_CHECK_DAMAGED, "data/log/signer.vkey is not there");
    changed("rm manifest.dsse.json", LKS_CHECK_INCOMPLETE, "manifest.dsse.json is not there");
    changed("echo x > data/more", LKS_CHECK_DAMAGED, "data/more is not named in it");
    changed("echo '{}' > manifest.dsse.json", LKS_CHECK_DAMAGED, "the manifest is no envelope");
    changed("sed -i 's/\"sig\":\"..../\"sig\":\"AAAA/' manifest.dsse.json", LKS_CHECK_DAMAGED,
            "the manifest");
    changed("echo more > notes.txt", LKS_CHECK_HOLDS, NULL); /* tag files are not signed for */
}

/* A log of somebody else, bagged as carefully, under the wrong key. */
static void another_log(void **unused)
{
    struct lks_verifiers keys = {0};
    struct lks_verifier verifier;
    struct lks_verify_request request = {.keys = &keys};
    struct lks_verification verification;
    (void)unused;
    bag_make(2);
    assert_int_equal(lks_case_verifier(folder, &verifier, NULL), 0);
    assert_int_equal(lks_verifiers_add(&keys, &verifier, NULL), 0);
    assert_int_equal(verify_with(&request, &verification), LKS_CHECK_HOLDS);
    lks_verification_free(&verification);
    /* A state that was kept says something of a bag only where it is the same. */
    struct lks_buffer kept = {0};
    char path[128];
    snprintf(path, sizeof path, "%s/%s", bag, LKS_ANSWER_CHECKPOINT);
    assert_int_equal(lks_disk_get(path, 4096, &kept, NULL), 0);
    request.continues = (struct lks_str){kept.data, kept.size_bytes};
    assert_int_equal(verify_with(&request, &verification), LKS_CHECK_HOLDS);
    assert_int_equal(lks_verification_find(&verification, "continues")->state, LKS_CHECK_HOLDS);
    lks_verification_free(&verification);
    bag_make(2);
    expect(LKS_CHECK_HOLDS, "ask the signer, by another way");
    request.keys = NULL;
    assert_int_equal(verify_with(&request, &verification), LKS_CHECK_DAMAGED);
    assert_int_equal(lks_verification_find(&verification, "continues")->state, LKS_CHECK_DAMAGED);
    lks_verification_free(&verification);
    lks_buffer_free(&kept);
    request = (struct lks_verify_request){.keys = &keys};
    assert_int_equal(verify_with(&request, &verification), LKS_CHECK_DAMAGED);
    lks_verification_free(&verification);
    lks_verifiers_free(&keys);
}

/* What may lie in a bag that somebody sent. */
static void hostile(void **unused)
{
    static const char *const changes[] = {
        "ln -sf /etc/passwd data/records/payments.ndjson",
        "rm data/records/posts.ndjson; ln -s /dev/zero data/records/posts.ndjson",
        "rm data/records/posts.ndjson; mkfifo data/records/posts.ndjson",
        "rm data/log/checkpoint; mkfifo data/log/checkpoint",
        "rm data/log/statements; mkfifo data/log/statements",
        "rm data/log/disclosures; mkfifo data/log/disclosures",
        "rm manifest.dsse.json; mkfifo manifest.dsse.json",
        "rm -r data/proofs; ln -s /proc data/proofs",
        ("rm -r data/proofs; mkdir -p data/proofs; cd data/proofs; for i in $(seq 70); do mkdir d; "
         "cd d; done"),
        "truncate -s 64M data/log/checkpoint",
        "truncate -s 2G manifest.dsse.json",
        "truncate -s 64M data/proofs/000/000000000001.tlog-proof",
        "head -c 300000 /dev/zero | tr '\\0' '[' > data/records/posts.ndjson",
        "head -c 300000 /dev/zero | tr '\\0' '[' > manifest.dsse.json",
        "{ printf '1 '; head -c 300000 /dev/zero | tr '\\0' '{'; echo; } > data/log/statements",
        "sed -i 's|data/records|data/../../../../etc|' manifest-sha512.txt",
        "yes \"$(head -1 manifest-sha512.txt)\" | head -1000000 > m; mv m manifest-sha512.txt",
        "yes '0 x' | head -1000000 > data/log/statements",
        "yes '1 x' | head -1000000 > data/log/disclosures",
    };
    (void)unused;
    bag_make(2);
    shell("rm -rf %s/kept && cp -a %s %s/kept", folder, bag, folder);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        int truncated = strstr(changes[i], "truncate") != NULL;
        shell("cd %s && { %s; }", bag, changes[i]);
        /* Not to hash gigabytes of nothing: the bag's digests are left out then. */
        if (truncated)
            shell("cd %s && : > manifest-sha512.txt && : > tagmanifest-sha512.txt", bag);
        if (verify() == LKS_CHECK_HOLDS)
            fail_msg("%s", changes[i]);
        shell("rm -rf %s && cp -a %s/kept %s", bag, folder, bag);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(whole), cmocka_unit_test(every_bit),
                                       cmocka_unit_test(changed_and_bagged_anew),
                                       cmocka_unit_test(another_log), cmocka_unit_test(hostile)};
    folder_make(folder, sizeof folder);
    snprintf(bag, sizeof bag, "%s/bag", folder);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    shell("rm -rf %s", folder);
    return failed;
}
