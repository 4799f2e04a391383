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
#include "case/test_verify.h"
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

static void print(const struct lks_verification *verification)
{
    struct lks_buffer text = {0};
    lks_verification_format(verification, 0, &text, NULL);
    lks_buffer_byte(&text, '\0');
    print_message("%s", text.data);
    lks_buffer_free(&text);
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

/* ---- cuts, swaps, removals, additions: every file in turn ---- */

static void files_copy(void)
{
    shell("rm -rf %s/kept && cp -a %s %s/kept", folder, vault, folder);
}

static void files_back(void)
{
    shell("rm -rf %s && cp -a %s/kept %s", vault, folder, vault);
}

/* C2SP tlog-tiles: a partial tile may go once a wider one is there. And what stands behind the last
 * whole frame of a journal was never acknowledged. */
static int claims_nothing(const char *path, const char *what)
{
    if (strcmp(what, "removed") == 0 || strcmp(what, "a folder in its place") == 0)
        return strstr(path, ".p/1") || strstr(path, ".p/2");
    return strcmp(what, "longer by one byte") == 0 && strncmp(path, "journal/", 8) == 0;
}

static void every_file(const char *what, const char *change)
{
    struct lks_file_list files;
    assert_int_equal(lks_file_list_make(vault, &files, NULL), 0);
    for (size_t i = 0; i < files.count; i++) {
        const char *path = files.files[i].path;
        if (outside_reason(path))
            continue;
        shell("cd %s && f='%s' && { %s; }", vault, path, change);
        if (verify() == LKS_CHECK_HOLDS && !claims_nothing(path, what))
            fail_msg("%s: %s", what, path);
        files_back();
    }
    lks_file_list_free(&files);
}

static void files_cut_removed_swapped(void **unused)
{
    (void)unused;
    vault_make(2);
    files_copy();
    every_file("removed", "rm \"$f\"");
    every_file("cut by one byte", "truncate -s -1 \"$f\"");
    every_file("emptied", ": > \"$f\"");
    every_file("longer by one byte", "printf x >> \"$f\"");
    every_file("a folder in its place", "rm \"$f\" && mkdir \"$f\"");
    every_file("a pipe in its place", "rm \"$f\" && mkfifo \"$f\"");
    every_file("endless in its place", "rm \"$f\" && ln -s /dev/zero \"$f\"");
    /* Of one length, so that only the content tells. */
    shell("cd %s/keys && set -- */* && cp $1 ../../a && cp $2 $1 && cp ../../a $2", vault);
    expect(LKS_CHECK_DAMAGED, "its bytes or its key were changed");
    files_back();
}

static void changed(const char *change, enum lks_check_state state, const char *text)
{
    shell("cd %s && { %s; }", vault, change);
    expect(state, text);
    files_back();
}

static void what_is_said(void **unused)
{
    (void)unused;
    vault_make(300);
    files_copy();
    changed("rm tile/entries/000", LKS_CHECK_INCOMPLETE, "missing: tile/entries/000 is not there");
    changed("rm tile/0/000", LKS_CHECK_INCOMPLETE, "missing: tile/0/000 is not there");
    changed("rm -r tile/1", LKS_CHECK_INCOMPLETE, "tile/1/000.p/1 is not there");
    changed("rm tile/entries/000 tile/0/000", LKS_CHECK_DAMAGED, "the root cannot be counted");
    changed("rm -r tile", LKS_CHECK_DAMAGED, "the root cannot be counted");
    changed("sed -i 's/\"action\":\"note\"/\"action\":\"nope\"/' tile/entries/000",
            LKS_CHECK_DAMAGED, "entry 3 is not the one that the tree holds");
    changed("sed -i 's/\"action\":\"note\"/\"action\":\"nope\"/' tile/entries/000; rm tile/0/000",
            LKS_CHECK_DAMAGED, "the root of what is here is not the signed one");
    changed("cp tile/0/000 tile/0/x001", LKS_CHECK_DAMAGED, "tile/0/x001 is no tile");
    changed("mkdir -p tile/0/x001 && cp tile/0/000 tile/0/x001/000", LKS_CHECK_HOLDS,
            "1 tile files go beyond what is signed");
    changed("cp tile/0/000 tile/0/002", LKS_CHECK_HOLDS, "1 tile files go beyond what is signed");
    changed("ln -s ../../checkpoint tile/0/004", LKS_CHECK_DAMAGED, "tile/0/004 is no tile");
    changed("mv tile ../t && ln -s ../t tile", LKS_CHECK_DAMAGED, "tile is a link");
    changed("echo hello > note.txt", LKS_CHECK_HOLDS, "note.txt is no part of a vault");
    changed("echo hello > blobs/note.txt", LKS_CHECK_HOLDS, "blobs/note.txt belongs to no entry");
    changed("rm checkpoint", LKS_CHECK_INCOMPLETE, "the checkpoint is not there");
    changed("rm signed", LKS_CHECK_INCOMPLETE, "the record of what was signed is not there");
    changed("rm -r journal", LKS_CHECK_INCOMPLETE, "the journal is not there");
    changed("rm -r keys", LKS_CHECK_INCOMPLETE, "no entry says that it was erased");
    changed("rm -r blobs", LKS_CHECK_INCOMPLETE, "no entry says that it was erased");
    changed("rm -r disclosures", LKS_CHECK_INCOMPLETE, "no disclosure of it is here");
    changed("rm signer.vkey", LKS_CHECK_INCOMPLETE, "signer.vkey is not there");
    changed("sed -i '$ d' disclosures/000000000002", LKS_CHECK_HOLDS, NULL); /* see evidence.md */
    changed("sed -i '2 p' disclosures/000000000002", LKS_CHECK_DAMAGED, "stands twice");
    changed("mv disclosures/000000000002 disclosures/000000000001", LKS_CHECK_INCOMPLETE,
            "entry 1 hides values");
    changed("printf '1 abc' >> disclosures/000000000002", LKS_CHECK_DAMAGED, "cut short");
    changed("truncate -s 100G disclosures/000000000002", LKS_CHECK_DAMAGED,
            "has a line that is too long");
    changed("truncate -s 100G checkpoint", LKS_CHECK_DAMAGED, "no file of at most");
    changed("truncate -s 100G tile/0/000", LKS_CHECK_DAMAGED, "longer than it can be");
    changed("truncate -s 100G tile/entries/000", LKS_CHECK_DAMAGED, "longer than it can be");
    changed("truncate -s 100G $(echo journal/*)", LKS_CHECK_DAMAGED, "no file of at most");
    changed("truncate -s 100G $(echo blobs/*/* | cut -d' ' -f1)", LKS_CHECK_DAMAGED,
            "its bytes or its key were changed");
    changed("chmod 755 .", LKS_CHECK_HOLDS, "others than the owner can reach the vault");
}

/* A checkpoint, a record of signing, a whole vault of an earlier day put back. */
static void older_states(void **unused)
{
    struct lks_vault *open;
    struct lks_buffer kept = {0};
    struct lks_verify_request request = {.quick = 1};
    struct lks_verification verification;
    (void)unused;
    vault_make(2);
    shell("rm -rf %s/old && cp -a %s %s/old", folder, vault, folder);
    assert_int_equal(lks_log_checkpoint(vault, &kept, NULL), 0);
    assert_int_equal(lks_vault_open(folder, NULL, NULL, &open, NULL), 0);
    note(open, 3);
    assert_int_equal(lks_vault_commit(open, NULL), 0);
    lks_vault_close(open);
    files_copy();
    changed("cp ../old/checkpoint .", LKS_CHECK_DAMAGED,
            "6 entries were signed in this place before");
    shell("mv %s/vault.seen %s/seen", folder, folder);
    changed("cp ../old/checkpoint .", LKS_CHECK_INCOMPLETE, "an older checkpoint was put back");
    changed("cp ../old/signed .", LKS_CHECK_DAMAGED, "an older record was put back");
    changed("rm -r journal && cp -a ../old/journal .", LKS_CHECK_DAMAGED, "it ends at entry 5");
    changed("rm -r tile && cp -a ../old/tile .", LKS_CHECK_DAMAGED, "is not there");
    changed("rm -r disclosures && cp -a ../old/disclosures .", LKS_CHECK_INCOMPLETE,
            "entry 5 hides values");

    request.continues = (struct lks_str){kept.data, kept.size_bytes};
    assert_int_equal(verify_with(&request, &verification), LKS_CHECK_HOLDS);
    lks_verification_free(&verification);
    /* All of it put back: nothing in it can tell, a checkpoint that was kept can. */
    lks_buffer_clear(&kept);
    assert_int_equal(lks_log_checkpoint(vault, &kept, NULL), 0);
    request.continues = (struct lks_str){kept.data, kept.size_bytes};
    shell("rm -rf %s && cp -a %s/old %s", vault, folder, vault);
    expect(LKS_CHECK_HOLDS, NULL);
    assert_int_equal(verify_with(&request, &verification), LKS_CHECK_DAMAGED);
    lks_verification_free(&verification);
    shell("cp %s/seen %s/vault.seen", folder, folder); /* who forgot this file is found out too */
    expect(LKS_CHECK_DAMAGED, "6 entries were signed in this place before");
    shell("rm %s/vault.seen", folder);
    /* And another history under the same key. */
    assert_int_equal(lks_vault_open(folder, NULL, NULL, &open, NULL), 0);
    note(open, 99);
    note(open, 100);
    assert_int_equal(lks_vault_commit(open, NULL), 0);
    lks_vault_close(open);
    expect(LKS_CHECK_HOLDS, NULL);
    assert_int_equal(verify_with(&request, &verification), LKS_CHECK_DAMAGED);
    assert_non_null(strstr(lks_verification_find(&verification, "continues")->told.data,
                           "the log here is another"));
    lks_verification_free(&verification);
    lks_buffer_free(&kept);
}

/* Signed by whom: a key that is named beforehand decides. */
static void other_keys(void **unused)
{
    struct lks_verifiers keys = {0}, wrong = {0};
    struct lks_verifier before, middle, after;
    struct lks_verify_request request = {.keys = &keys};
    struct lks_verification verification;
    struct lks_error err = {0};
    (void)unused;
    vault_make(1);
    assert_int_equal(lks_signer_verifiers(folder, &keys, NULL), 0);
    assert_int_equal(verify_with(&request, &verification), LKS_CHECK_HOLDS);
    lks_verification_free(&verification);
    shell("cp -a %s %s/other", vault, folder);
    vault_make(1); /* another log, another key */
    assert_int_equal(verify_with(&request, &verification), LKS_CHECK_DAMAGED);
    lks_verification_free(&verification);
    lks_verifiers_free(&keys);

    if (lks_signer_rotate(folder, NULL, &before, &after, &err) != 0)
        fail_msg("%s", err.message);
    expect(LKS_CHECK_HOLDS, "replaced 1 time,");
    /* From the old key to the new one by what the old one signed; a new one that merely says so is
     * not believed. */
    assert_int_equal(lks_verifiers_add(&keys, &before, NULL), 0);
    assert_int_equal(verify_with(&request, &verification), LKS_CHECK_HOLDS);
    assert_int_equal(lks_verification_find(&verification, "succession")->checked_count, 1);
    lks_verification_free(&verification);
    if (lks_signer_rotate(folder, NULL, &middle, &after, &err) != 0)
        fail_msg("%s", err.message);
    assert_int_equal(verify_with(&request, &verification), LKS_CHECK_HOLDS);
    assert_int_equal(lks_verification_find(&verification, "succession")->checked_count, 2);
    lks_verification_free(&verification);
    shell("mv %s/retired %s/gone", vault, folder);
    assert_int_equal(verify_with(&request, &verification), LKS_CHECK_DAMAGED);
    lks_verification_free(&verification);
    shell("mv %s/gone %s/retired", folder, vault);
    lks_verifiers_free(&keys);
    assert_int_equal(lks_verifiers_add(&keys, &after, NULL), 0);
    assert_int_equal(verify_with(&request, &verification), LKS_CHECK_HOLDS);
    lks_verification_free(&verification);
    lks_verifiers_free(&keys);
    lks_verifiers_free(&wrong);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(whole),
                                       cmocka_unit_test(every_bit),
                                       cmocka_unit_test(files_cut_removed_swapped),
                                       cmocka_unit_test(what_is_said),
                                       cmocka_unit_test(older_states),
                                       cmocka_unit_test(other_keys)};
    folder_make(folder, sizeof folder);
    snprintf(vault, sizeof vault, "%s/vault", folder);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    shell("rm -rf %s", folder);
    return failed;
}
