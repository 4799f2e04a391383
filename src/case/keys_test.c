/* keys_test.c - approvers of a case: nobody enrols or retires alone, and the log tells it all */
#include "vault/test_folder.h"

#include <string.h>

#include "case/approvers.h"
#include "case/signer.h"
#include "case/vault.h"

enum { PEOPLE = 4 };

static char folder[64];
static struct lks_signing_key *keys[PEOPLE];
static struct lks_verifier people[PEOPLE];

static struct lks_str str_of(const struct lks_buffer *buffer)
{
    return (struct lks_str){buffer->data, buffer->size_bytes};
}

static int setup(void **unused)
{
    static const char *const names[PEOPLE] = {"ana", "radu", "ioana", "mihai"};
    struct lks_vault *vault;
    (void)unused;
    folder_make(folder, sizeof folder);
    for (int i = 0; i < PEOPLE; i++) {
        unsigned char public_key[LKS_ED25519_KEY_BYTES];
        assert_int_equal(lks_signing_key_new(&keys[i], NULL), 0);
        lks_signing_key_public(keys[i], public_key);
        assert_int_equal(lks_verifier_init(&people[i], lks_str_from(names[i]), LKS_NOTE_ED25519,
                                           public_key, NULL),
                         0);
    }
    assert_int_equal(lks_vault_open(folder, NULL, NULL, &vault, NULL), 0);
    lks_vault_close(vault);
    return 0;
}

static int teardown(void **unused)
{
    (void)unused;
    for (int i = 0; i < PEOPLE; i++)
        lks_signing_key_free(keys[i]);
    shell("rm -r %s", folder);
    return 0;
}

/* Draws up the order, has it signed by those whose bit is set, and tries it. */
static int change(const char *action, int whose, unsigned signers)
{
    struct lks_buffer order = {0}, note = {0};
    struct lks_approver_change wanted = {
        .action = action, .verifier = people[whose], .person = LKS_STR("A person")};
    if (signers) {
        assert_int_equal(lks_approver_order(folder, &wanted, &order, NULL), 0);
        for (int i = 0; i < PEOPLE; i++) {
            struct lks_buffer more = {0};
            if (!(signers & 1u << i))
                continue;
            assert_int_equal(lks_approval_sign(str_of(&order),
                                               note.data ? str_of(&note) : LKS_STR_NULL, &people[i],
                                               keys[i], &more, NULL),
                             0);
            lks_buffer_free(&note);
            note = more;
        }
        wanted.order = str_of(&order);
        wanted.approval = str_of(&note);
    }
    int code = lks_approver_apply(folder, &wanted, NULL, NULL);
    if (code == 0 && signers) /* what is done cannot be done again */
        assert_int_equal(lks_approver_apply(folder, &wanted, NULL, NULL), LKS_EARGUMENT);
    lks_buffer_free(&order);
    lks_buffer_free(&note);
    return code;
}

static unsigned approvers_count(void)
{
    struct lks_keys register_ = {0};
    struct lks_verifiers list = {0}, file = {0};
    char path[128];
    assert_int_equal(lks_keys_read(folder, &register_, NULL), 0);
    assert_int_equal(lks_keys_approvers(&register_, &list, NULL), 0);
    snprintf(path, sizeof path, "%s/vault/approvers.vkeys", folder);
    if (lks_verifiers_read(path, &file, NULL) == 0) {
        assert_int_equal(file.count, list.count);
        for (size_t i = 0; i < file.count; i++)
            assert_true(lks_verifier_equal(&file.items[i], &list.items[i]));
    }
    unsigned count = (unsigned)list.count;
    lks_verifiers_free(&list);
    lks_verifiers_free(&file);
    lks_keys_free(&register_);
    return count;
}

static void nobody_gathers_keys_alone(void **unused)
{
    (void)unused;
    assert_int_equal(change("retire", 0, 0), LKS_EARGUMENT);
    assert_int_equal(change("enrol", 0, 0), 0); /* the first has nobody to ask */
    assert_int_equal(change("enrol", 0, 1), LKS_EARGUMENT);
    assert_int_equal(change("enrol", 1, 0), LKS_EARGUMENT);
    assert_int_equal(change("enrol", 1, 2), LKS_EARGUMENT); /* its own word for itself */
    assert_int_equal(change("enrol", 1, 1), 0);
    for (unsigned who = 0; who < 1u << PEOPLE; who++) { /* from two on, both must agree */
        unsigned good = who & 3;
        if (good != 3)
            assert_int_equal(change("enrol", 2, who), LKS_EARGUMENT);
    }
    assert_int_equal(change("enrol", 2, 3), 0);
    assert_int_equal(approvers_count(), 3);
    assert_int_equal(change("retire", 0, 1), LKS_EARGUMENT);
    assert_int_equal(change("retire", 0, 6), 0); /* of a lost key: the two others */
    assert_int_equal(approvers_count(), 2);
    assert_int_equal(change("enrol", 3, 1 | 2), LKS_EARGUMENT); /* a retired key counts no more */
    assert_int_equal(change("enrol", 0, 6), 0);                 /* but may come back */
    assert_int_equal(approvers_count(), 3);
}

/* An order is for one case and one key, and is spent when it was carried out. */
static void orders_are_spent(void **unused)
{
    struct lks_buffer order = {0}, first = {0}, note = {0}, other = {0};
    struct lks_approver_change wanted = {.action = "enrol", .verifier = people[3]};
    (void)unused;
    assert_int_equal(lks_approver_order(folder, &wanted, &order, NULL), 0);
    assert_int_equal(
        lks_approval_sign(str_of(&order), LKS_STR_NULL, &people[1], keys[1], &first, NULL), 0);
    assert_int_equal(
        lks_approval_sign(str_of(&order), str_of(&first), &people[2], keys[2], &note, NULL), 0);
    wanted.order = str_of(&order);
    wanted.approval = str_of(&note);
    assert_int_equal(lks_approver_apply(folder, &wanted, NULL, NULL), 0);
    assert_int_equal(change("retire", 3, 6), 0);
    assert_int_equal(lks_approver_apply(folder, &wanted, NULL, NULL), LKS_EINPUT);
    wanted.action = "retire";
    assert_int_equal(lks_approver_apply(folder, &wanted, NULL, NULL), LKS_EARGUMENT);
    wanted.verifier = people[1];
    assert_int_equal(lks_approver_apply(folder, &wanted, NULL, NULL), LKS_EINPUT);
    /* drawn up for another case */
    char elsewhere[64];
    struct lks_vault *vault;
    folder_make(elsewhere, sizeof elsewhere);
    assert_int_equal(lks_vault_open(elsewhere, NULL, NULL, &vault, NULL), 0);
    lks_vault_close(vault);
    wanted = (struct lks_approver_change){.action = "enrol", .verifier = people[3]};
    assert_int_equal(lks_approver_order(elsewhere, &wanted, &other, NULL), 0);
    wanted.order = str_of(&other);
    wanted.approval = str_of(&note);
    assert_int_equal(lks_approver_apply(folder, &wanted, NULL, NULL), LKS_EINPUT);
    shell("rm -r %s", elsewhere);
    lks_buffer_free(&order);
    lks_buffer_free(&first);
    lks_buffer_free(&note);
    lks_buffer_free(&other);
}

/* Who can run the case with its own key has one voice less than two, not two. */
static void the_signer_is_no_approver(void **unused)
{
    struct lks_approver_change wanted = {.action = "enrol"};
    struct lks_verifier before, after;
    struct lks_keys register_ = {0};
    (void)unused;
    assert_int_equal(lks_case_verifier(folder, &wanted.verifier, NULL), 0);
    assert_int_equal(lks_approver_apply(folder, &wanted, NULL, NULL), LKS_EARGUMENT);
    assert_int_equal(lks_signer_rotate(folder, NULL, &before, &after, NULL), 0);
    assert_int_equal(lks_approver_apply(folder, &wanted, NULL, NULL), LKS_EARGUMENT);
    assert_int_equal(lks_keys_read(folder, &register_, NULL), 0);
    assert_true(lks_verifier_equal(&lks_keys_signer(&register_)->verifier, &after));
    assert_true(lks_verifier_equal(&register_.items[0].verifier, &before));
    assert_int_equal(register_.items[0].from, 0);
    assert_int_not_equal(register_.items[0].until, LKS_LEAF_NONE);
    assert_true(lks_str_equal_text(register_.items[1].name, "A person"));
    assert_int_equal(lks_approver_find(&register_, "ana", &before, NULL), 0);
    assert_true(lks_verifier_equal(&before, &people[0]));
    assert_int_equal(lks_approver_find(&register_, "mihai", &before, NULL), LKS_EMISSING);
    lks_keys_free(&register_);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nobody_gathers_keys_alone),
                                       cmocka_unit_test(orders_are_spent),
                                       cmocka_unit_test(the_signer_is_no_approver)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
