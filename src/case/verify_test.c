/* verify_test.c - verification of a case's vault: what is whole holds, what was touched is noticed
 *
 * Every single bit of every file of a small vault is flipped in turn. Each flip must be noticed, or lie
 * in a file that the table `outside` names with the reason. Under a sanitizer, which is slower, every
 * seventh bit is taken. */
#include "vault/test_folder.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "case/signer.h"
#include "case/vault.h"
#include "case/verify_vault.h"
#include "vault/file_list.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { BIT_STEP = 7 };
#else
enum { BIT_STEP = 1 };
#endif

/* What a change of which claims nothing, and why. docs/evidence.md has the same list. */
static const struct {
    const char *path, *reason;
} outside[] = {
    {"signer.pem", "the private key signs, it is no evidence; a change makes it useless or unfit, "
                   "which the next writing refuses"},
    {"lock", "an empty file that is locked while somebody writes"},
};

static char folder[64], vault[96];
static const struct lks_control quiet = {.threads = 1};

static enum lks_check_state verify_with(const struct lks_verify_request *request,
                                        struct lks_verification *verification)
{
    struct lks_verify_facts facts = {0};
    struct lks_error err = {0};
    memset(verification, 0, sizeof *verification);
    int code = lks_verify_vault(verification, vault, request, &quiet, &facts, &err);
    lks_verify_facts_free(&facts);
    if (code == LKS_EMISSING)
        return LKS_CHECK_INCOMPLETE;
    if (code)
        fail_msg("%s", err.message);
    return lks_verification_state(verification);
}

static void print(const struct lks_verification *verification)
{
    struct lks_buffer text = {0};
    lks_verification_format(verification, 0, &text, NULL);
    lks_buffer_byte(&text, '\0');
    print_message("%s", text.data);
    lks_buffer_free(&text);
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
    struct lks_buffer said = {0};
    enum lks_check_state got = verify_with(&request, &verification);
    assert_int_equal(lks_verification_format(&verification, 0, &said, NULL), 0);
    lks_buffer_byte(&said, '\0');
    if (got != state || (text && !strstr(said.data, text)))
        fail_msg("expected %s and '%s':\n%s", lks_check_state_names[state], text ? text : "",
                 said.data);
    lks_buffer_free(&said);
    lks_verification_free(&verification);
}

static void import(struct lks_vault *open, const char *name, const char *content)
{
    struct lks_statement_writer writer = {0};
    struct lks_blob blob;
    char path[128], sha256[LKS_SHA256_HEX_BYTES];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    shell("printf '%s' > %s", content, path);
    assert_int_equal(lks_blob_seal(vault, path, NULL, &blob, NULL), 0);
    lks_sha256_hex(blob.sha256, sha256);
    lks_vault_start(open, &writer, LKS_STATEMENT_IMPORT);
    lks_canon_text(&writer.canon, "blob", blob.name);
    lks_canon_int(&writer.canon, "size_bytes", (int64_t)blob.size_bytes);
    lks_statement_hide(&writer, "name", lks_str_from(name));
    lks_statement_hide(&writer, "sha256", lks_str_from(sha256));
    assert_int_equal(lks_vault_record(open, &writer, NULL, NULL), 0);
}

static void note(struct lks_vault *open, int number)
{
    struct lks_statement_writer writer = {0};
    char text[32];
    snprintf(text, sizeof text, "note %d", number);
    lks_vault_start(open, &writer, LKS_STATEMENT_NOTE);
    lks_canon_text(&writer.canon, "action", "note");
    lks_statement_hide(&writer, "text", lks_str_from(text));
    assert_int_equal(lks_vault_record(open, &writer, NULL, NULL), 0);
}

/* A vault of two commits: two files, some notes. */
static void vault_make(int notes)
{
    struct lks_control control = {.actor = "somebody"};
    struct lks_vault *open;
    struct lks_error err = {0};
    shell("rm -rf %s/*", folder);
    if (lks_vault_open(folder, &control, NULL, &open, &err) != 0)
        fail_msg("%s", err.message);
    import(open, "first", "the first file of the case");
    assert_int_equal(lks_vault_commit(open, NULL), 0);
    import(open, "second", "the second");
    for (int i = 0; i < notes; i++)
        note(open, i);
    assert_int_equal(lks_vault_commit(open, NULL), 0);
    lks_vault_close(open);
}

static void whole(void **unused)
{
    static const struct lks_verify_request request;
    struct lks_verification verification;
    (void)unused;
    static const int sizes[] = {1, 2, 252, 253, 254, 600};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) { /* 256 entries and around */
        vault_make(sizes[i]);
        if (verify_with(&request, &verification) != LKS_CHECK_HOLDS) {
            print(&verification);
            fail_msg("a whole vault of %d entries", sizes[i] + 3);
        }
        assert_int_equal(lks_verification_find(&verification, "entries")->checked_count,
                         sizes[i] + 3);
        assert_int_equal(lks_verification_find(&verification, "files")->checked_count, 2);
        lks_verification_free(&verification);
    }
}

static const char *outside_reason(const char *path)
{
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++)
        if (strcmp(outside[i].path, path) == 0)
            return outside[i].reason;
    return NULL;
}

static void every_bit(void **unused)
{
    struct lks_file_list files;
    uint64_t flips = 0, passed_over = 0;
    (void)unused;
    vault_make(2);
    assert_int_equal(verify(), LKS_CHECK_HOLDS);
    assert_int_equal(lks_file_list_make(vault, &files, NULL), 0);
    for (size_t i = 0; i < files.count; i++) {
        char path[512];
        unsigned char byte;
        snprintf(path, sizeof path, "%s/%s", vault, files.files[i].path);
        int file = open(path, O_RDWR), exempt = outside_reason(files.files[i].path) != NULL;
        assert_true(file >= 0);
        for (uint64_t bit = 0; bit < 8 * files.files[i].size_bytes; bit += BIT_STEP) {
            off_t at = (off_t)(bit / 8);
            assert_int_equal(pread(file, &byte, 1, at), 1);
            byte ^= (unsigned char)(1 << bit % 8);
            assert_int_equal(pwrite(file, &byte, 1, at), 1);
            enum lks_check_state state = verify();
            if (state == LKS_CHECK_HOLDS && !exempt)
                fail_msg("bit %llu of byte %llu of %s", (unsigned long long)bit % 8,
                         (unsigned long long)bit / 8, files.files[i].path);
            passed_over += state == LKS_CHECK_HOLDS;
            flips++;
            byte ^= (unsigned char)(1 << bit % 8);
            assert_int_equal(pwrite(file, &byte, 1, at), 1);
        }
        close(file);
    }
    assert_int_equal(verify(), LKS_CHECK_HOLDS);
    print_message("%llu bits flipped in %zu files, %llu of them outside of what is claimed\n",
                  (unsigned long long)flips, files.count, (unsigned long long)passed_over);
    lks_file_list_free(&files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(whole), cmocka_unit_test(every_bit)};
    folder_make(folder, sizeof folder);
    snprintf(vault, sizeof vault, "%s/vault", folder);
    (void)expect;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    shell("rm -rf %s", folder);
    return failed;
}
