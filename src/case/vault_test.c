/* vault_test.c - a case's vault: what is recorded is there, signed, with its hidden values */
#include "vault/test_folder.h"

#include "case/entries.h"
#include "case/vault.h"

struct seen {
    uint64_t count;
    char action[32], actor[32], secret[32];
    size_t values_count;
    int64_t last_us;
};

static int see(void *context, const struct lks_entry *entry, struct lks_error *err)
{
    struct seen *seen = context;
    struct lks_str text;
    (void)err;
    assert_int_equal(entry->index, seen->count);
    assert_true(entry->statement.time_us >= seen->last_us);
    seen->count++;
    seen->last_us = entry->statement.time_us;
    seen->values_count = entry->values_count;
    lks_statement_text(&entry->statement, "action", entry->arena, &text);
    snprintf(seen->action, sizeof seen->action, "%.*s", (int)text.size_bytes, text.data);
    text = lks_entry_value(entry, "actor");
    snprintf(seen->actor, sizeof seen->actor, "%.*s", (int)text.size_bytes, text.data);
    text = lks_entry_value(entry, "secret");
    snprintf(seen->secret, sizeof seen->secret, "%.*s", (int)text.size_bytes,
             text.data ? text.data : "");
    return 0;
}

static void record(struct lks_vault *vault, int number)
{
    struct lks_statement_writer writer = {0};
    char secret[32];
    uint64_t index;
    lks_vault_start(vault, &writer, LKS_STATEMENT_NOTE);
    lks_canon_text(&writer.canon, "action", "said");
    snprintf(secret, sizeof secret, "secret %d", number);
    lks_statement_hide(&writer, "secret", lks_str_from(secret));
    assert_int_equal(lks_vault_record(vault, &writer, &index, NULL), 0);
    assert_int_equal(index, number);
}

static void test_record_and_read(void **state)
{
    char folder[64];
    struct lks_control control = {.actor = "somebody"};
    struct lks_vault *vault;
    struct lks_error err = {0};
    int made = 0;
    (void)state;
    folder_make(folder, sizeof folder);
    assert_int_equal(lks_vault_open(folder, &control, &made, &vault, &err), 0);
    assert_int_equal(made, 1);
    for (int i = 1; i < 4; i++)
        record(vault, i);
    assert_int_equal(lks_vault_commit(vault, &err), 0);
    record(vault, 4); /* never committed: it is not there afterwards */
    lks_vault_close(vault);

    assert_int_equal(lks_vault_open(folder, &control, &made, &vault, &err), 0);
    assert_int_equal(made, 0);
    assert_int_equal(lks_vault_size(vault), 4);
    record(vault, 4);
    assert_int_equal(lks_vault_commit(vault, &err), 0);
    struct lks_vault *second;
    assert_int_equal(lks_vault_open(folder, &control, NULL, &second, NULL), LKS_EIO);
    lks_vault_close(vault);

    struct seen seen = {0};
    assert_int_equal(lks_entries_each(folder, 0, UINT64_MAX, see, &seen, &err), 0);
    assert_int_equal(seen.count, 5);
    assert_string_equal(seen.action, "said");
    assert_string_equal(seen.actor, "somebody");
    assert_string_equal(seen.secret, "secret 4");
    assert_int_equal(seen.values_count, 2);

    /* Without the disclosures the log still reads; it says nothing of what was hidden. */
    shell("rm -r %s/vault/disclosures", folder);
    seen = (struct seen){0};
    assert_int_equal(lks_entries_each(folder, 0, UINT64_MAX, see, &seen, &err), 0);
    assert_int_equal(seen.values_count, 0);
    lks_vault_unmake(folder);
    assert_false(lks_vault_there(folder));
    shell("rm -r %s", folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_record_and_read)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
