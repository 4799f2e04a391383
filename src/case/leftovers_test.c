/* leftovers_test.c - sealed files that no entry names, and hidden values of entries that never came */
#include "vault/test_folder.h"

#include <sys/stat.h>
#include <unistd.h>

#include "case/entries.h"
#include "case/leftovers.h"
#include "case/vault.h"
#include "vault/disk.h"

static char folder[64], vault_folder[80], input[80];

static int setup(void **state)
{
    (void)state;
    folder_make(folder, sizeof folder);
    snprintf(vault_folder, sizeof vault_folder, "%s/vault", folder);
    snprintf(input, sizeof input, "%s/input", folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    shell("rm -rf %s", folder);
    return 0;
}

static struct lks_vault *opened(void)
{
    struct lks_vault *vault;
    struct lks_error err = {0};
    if (lks_vault_open(folder, NULL, NULL, &vault, &err) != 0)
        fail_msg("%s", err.message);
    return vault;
}

static void seal(struct lks_vault *vault, const char *text, struct lks_blob *blob)
{
    assert_int_equal(lks_disk_put(input, text, strlen(text), 0600, NULL), 0);
    assert_int_equal(lks_vault_seal(vault, input, NULL, blob, NULL), 0);
}

static void name_it(struct lks_vault *vault, const struct lks_blob *blob)
{
    struct lks_statement_writer writer = {0};
    lks_vault_start(vault, &writer, LKS_STATEMENT_NOTE);
    lks_canon_text(&writer.canon, "about", blob->name);
    lks_statement_hide(&writer, "secret", LKS_STR("value"));
    assert_int_equal(lks_vault_record(vault, &writer, NULL, NULL), 0);
}

static int there(const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", vault_folder, name);
    return access(path, F_OK) == 0;
}

/* What was not committed goes when the vault is closed, whatever was named. */
static void given_up(void **state)
{
    (void)state;
    struct lks_blob kept, given, undone;
    struct lks_vault *vault = opened();
    seal(vault, "kept", &kept);
    assert_true(there("sealing"));
    name_it(vault, &kept);
    assert_int_equal(lks_vault_commit(vault, NULL), 0);
    assert_false(there("sealing"));
    seal(vault, "given up", &given);
    seal(vault, "undone", &undone);
    name_it(vault, &given);
    assert_int_equal(lks_vault_unseal(vault, undone.name, NULL), 0);
    assert_int_equal(lks_vault_unseal(vault, undone.name, NULL), LKS_EARGUMENT);
    assert_int_equal(lks_vault_unseal(vault, kept.name, NULL), LKS_EARGUMENT);
    assert_false(lks_blob_there(vault_folder, undone.name));
    assert_true(lks_blob_there(vault_folder, given.name));
    lks_vault_close(vault);
    assert_false(lks_blob_there(vault_folder, given.name));
    assert_true(lks_blob_there(vault_folder, kept.name));
    assert_false(there("sealing"));
}

static void count_notice(void *context, const char *sentence)
{
    (void)sentence;
    ++*(int *)context;
}

/* As a crash leaves it: copies, halves of copies, and the marker. */
static void cut_off(void **state)
{
    (void)state;
    struct lks_blob named, orphan;
    int notices = 0;
    struct lks_control control = {.notice = count_notice, .context = &notices};
    struct lks_vault *vault = opened();
    seal(vault, "named", &named);
    name_it(vault, &named);
    assert_int_equal(lks_vault_commit(vault, NULL), 0);
    lks_vault_close(vault);
    assert_int_equal(lks_disk_put(input, "orphan", 6, 0600, NULL), 0);
    assert_int_equal(lks_blob_seal(vault_folder, input, NULL, &orphan, NULL), 0);
    shell("touch %s/blobs/.sealing-00ff %s/checkpoint.tmp-1 %s/tile/0/000.p/9.tmp-7", vault_folder,
          vault_folder, vault_folder);
    shell("mkdir -p %s/work/deep && touch %s/work/deep/x", vault_folder, vault_folder);
    lks_vault_close(opened()); /* without the marker nobody looks for sealed files */
    assert_true(lks_blob_there(vault_folder, orphan.name));
    assert_false(there("work"));
    assert_false(there("checkpoint.tmp-1"));
    assert_false(there("tile/0/000.p/9.tmp-7"));
    shell("touch %s/sealing", vault_folder);
    assert_int_equal(lks_vault_open(folder, &control, NULL, &vault, NULL), 0);
    lks_vault_close(vault);
    assert_int_equal(notices, 1);
    assert_false(lks_blob_there(vault_folder, orphan.name));
    assert_false(there("blobs/.sealing-00ff"));
    assert_false(there("sealing"));
    assert_true(lks_blob_there(vault_folder, named.name));
}

static int value_count(void *context, const struct lks_entry *entry, struct lks_error *err)
{
    (void)err;
    *(size_t *)context += entry->values_count;
    return 0;
}

/* Values of entries that never came: in a file of their own, and behind those of one that did. */
static void values_without_entries(void **state)
{
    (void)state;
    struct lks_blob blob = {.name = "x"};
    struct lks_buffer before = {0}, after = {0};
    char path[128];
    size_t values = 0;
    struct lks_vault *vault = opened();
    name_it(vault, &blob);
    assert_int_equal(lks_vault_commit(vault, NULL), 0);
    lks_vault_close(vault);
    snprintf(path, sizeof path, "%s/disclosures/000000000001", vault_folder);
    assert_int_equal(lks_disk_get(path, 4096, &before, NULL), 0);
    shell("echo '2 WyJzIiwibiIsInYiXQ' >> %s", path);
    shell("echo '3 WyJzIiwibiIsInYiXQ' > %s/disclosures/000000000003; touch "
          "%s/disclosures/000000000002.tmp-5",
          vault_folder, vault_folder);
    vault = opened();
    assert_int_equal(lks_disk_get(path, 4096, &after, NULL), 0);
    assert_int_equal(before.size_bytes, after.size_bytes);
    assert_memory_equal(before.data, after.data, before.size_bytes);
    assert_false(there("disclosures/000000000003"));
    assert_false(there("disclosures/000000000002.tmp-5"));
    struct lks_statement_writer writer = {0}; /* the next entry hides nothing */
    lks_vault_start(vault, &writer, LKS_STATEMENT_NOTE);
    assert_int_equal(lks_vault_record(vault, &writer, NULL, NULL), 0);
    assert_int_equal(lks_vault_commit(vault, NULL), 0);
    lks_vault_close(vault);
    assert_int_equal(lks_entries_each(folder, 0, UINT64_MAX, value_count, &values, NULL), 0);
    assert_int_equal(values, 1);
    lks_buffer_free(&before);
    lks_buffer_free(&after);
}

/* A program that was cut off between the record of what is signed and the checkpoint. */
static void checkpoint_behind(void **state)
{
    (void)state;
    struct lks_blob blob = {.name = "x"};
    size_t values = 0;
    struct lks_vault *vault = opened();
    shell("cp %s/checkpoint %s/../kept", vault_folder, vault_folder);
    name_it(vault, &blob);
    assert_int_equal(lks_vault_commit(vault, NULL), 0);
    lks_vault_close(vault);
    shell("mv %s/../kept %s/checkpoint", vault_folder, vault_folder);
    assert_int_equal(lks_entries_each(folder, 0, UINT64_MAX, value_count, &values, NULL), 0);
    assert_int_equal(values, 0);
    lks_vault_close(opened());
    assert_int_equal(lks_entries_each(folder, 0, UINT64_MAX, value_count, &values, NULL), 0);
    assert_int_equal(values, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(given_up, setup, teardown),
        cmocka_unit_test_setup_teardown(cut_off, setup, teardown),
        cmocka_unit_test_setup_teardown(values_without_entries, setup, teardown),
        cmocka_unit_test_setup_teardown(checkpoint_behind, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
