/* approvers.c - whose approval a case counts: enrolled and retired, by those who were there before */
#include "case/approvers.h"

#include <string.h>

#include "base/sha256.h"
#include "case/key_file.h"
#include "case/vault.h"

static struct lks_str str_of(const struct lks_buffer *buffer)
{
    return (struct lks_str){buffer->data, buffer->size_bytes};
}

int lks_approver_find(const struct lks_keys *keys, const char *named, struct lks_verifier *out,
                      struct lks_error *err)
{
    struct lks_verifiers list = {0};
    struct lks_verifier verifier;
    int code = lks_keys_approvers(keys, &list, err), found = 0;
    int is_key = lks_verifier_named(named, &verifier, NULL) == 0;
    for (size_t i = 0; code == 0 && i < list.count; i++)
        if (is_key ? lks_verifier_equal(&list.items[i], &verifier)
                   : strcmp(list.items[i].name, named) == 0) {
            *out = list.items[i];
            found++;
        }
    lks_verifiers_free(&list);
    if (code == 0 && found > 1)
        return lks_error_set(err, LKS_EARGUMENT,
                             "%u enrolled keys are named %.100s: give the verifier key",
                             (unsigned)found, named);
    return code || found ? code
                         : lks_error_set(err, LKS_EMISSING, "no enrolled key is %.200s", named);
}

int lks_approver_order(const char *case_path, const struct lks_approver_change *change,
                       struct lks_buffer *out, struct lks_error *err)
{
    struct lks_canon canon = {0};
    struct lks_verifier signer;
    struct lks_buffer text = {0};
    int code = lks_case_verifier(case_path, &signer, err);
    if (code)
        return code;
    lks_verifier_format(&change->verifier, &text);
    code = lks_order_start(&canon, signer.name, change->action, err);
    if (code == 0) {
        lks_canon_string(&canon, "verifier", str_of(&text));
        code = lks_order_finish(&canon, out, err);
    }
    lks_canon_free(&canon);
    lks_buffer_free(&text);
    return code;
}

/* The order must be for this very change, and for the first time. */
static int order_judge(const struct lks_approver_change *change, const struct lks_keys *keys,
                       const char *origin, struct lks_str verifier, char hex[LKS_SHA256_HEX_BYTES],
                       struct lks_error *err)
{
    unsigned char digest[LKS_SHA256_BYTES];
    struct lks_arena arena = {0};
    int code = lks_order_check(change->order, origin, change->action, &arena, err);
    if (code == 0 && !lks_str_equal(lks_order_text(change->order, "verifier", &arena), verifier))
        code = lks_error_set(err, LKS_EINPUT, "this order is for another key");
    lks_arena_free(&arena);
    if (code)
        return code;
    lks_sha256_of(change->order.data, change->order.size_bytes, digest);
    lks_sha256_hex(digest, hex);
    for (size_t i = 0; i < keys->orders_count; i++)
        if (lks_str_equal_text(keys->orders[i], hex))
            return lks_error_set(err, LKS_EINPUT, "this order was carried out before");
    return 0;
}

static int approvals_judge(const struct lks_approver_change *change, const struct lks_keys *keys,
                           struct lks_error *err)
{
    unsigned count = 0, needed = lks_keys_approvals_needed(keys);
    int code = change->approval.data
                   ? lks_keys_approvals(keys, change->order, change->approval, &count, err)
                   : 0;
    if (code == 0 && count < needed)
        code = lks_error_set(err, LKS_EARGUMENT,
                             "to %s a key takes the approval of %u enrolled key%s, and %u signed",
                             change->action, needed, needed == 1 ? "" : "s", count);
    return code;
}

static int known(const struct lks_keys *keys, const struct lks_approver_change *change,
                 struct lks_error *err)
{
    struct lks_verifiers list = {0};
    int there = 0, code = lks_keys_approvers(keys, &list, err);
    for (size_t i = 0; i < list.count; i++)
        there |= memcmp(list.items[i].public_key, change->verifier.public_key,
                        sizeof list.items[i].public_key) == 0;
    lks_verifiers_free(&list);
    if (code)
        return code;
    if (strcmp(change->action, "enrol") == 0 && there)
        return lks_error_set(err, LKS_EARGUMENT, "this key is enrolled already");
    if (strcmp(change->action, "retire") == 0 && !there)
        return lks_error_set(err, LKS_EARGUMENT, "this key is not enrolled");
    /* Who runs the log must not count as a second person. */
    for (size_t i = 0; i < keys->count; i++)
        if (!keys->items[i].approver &&
            memcmp(keys->items[i].verifier.public_key, change->verifier.public_key,
                   sizeof change->verifier.public_key) == 0)
            return lks_error_set(err, LKS_EARGUMENT,
                                 "the key that signs the log cannot approve orders too");
    return 0;
}

static int change_record(struct lks_vault *vault, const struct lks_approver_change *change,
                         struct lks_str verifier, const char *order_hex, struct lks_error *err)
{
    struct lks_statement_writer writer = {0};
    lks_vault_start(vault, &writer, LKS_STATEMENT_KEY);
    lks_canon_text(&writer.canon, "action", change->action);
    lks_canon_string(&writer.canon, "verifier", verifier);
    if (change->order.data) {
        lks_canon_text(&writer.canon, "order_sha256", order_hex);
        lks_canon_string(&writer.canon, "approvals", change->approval);
        lks_statement_hide(&writer, "order", change->order);
    }
    lks_statement_hide(&writer, "name", change->person);
    int code = lks_vault_record(vault, &writer, NULL, err);
    return code ? code : lks_vault_commit(vault, err);
}

/* For programs that know nothing of the log; the log is what counts. */
static int list_put(const char *case_path, struct lks_error *err)
{
    struct lks_keys keys = {0};
    struct lks_verifiers list = {0};
    char path[LKS_CASE_PATH_BYTES];
    int code = lks_vault_path(case_path, "approvers.vkeys", path, err);
    if (code == 0)
        code = lks_keys_read(case_path, &keys, err);
    if (code == 0)
        code = lks_keys_approvers(&keys, &list, err);
    if (code == 0)
        code = lks_verifiers_put(path, &list, err);
    lks_verifiers_free(&list);
    lks_keys_free(&keys);
    return code;
}

int lks_approver_apply(const char *case_path, const struct lks_approver_change *change,
                       const struct lks_control *control, struct lks_error *err)
{
    struct lks_vault *vault = NULL;
    struct lks_keys keys = {0};
    struct lks_buffer text = {0};
    char hex[LKS_SHA256_HEX_BYTES] = "";
    int code = lks_vault_there(case_path)
                   ? lks_vault_open(case_path, control, NULL, &vault, err)
                   : lks_error_set(err, LKS_EMISSING, "%s has no vault", case_path);
    if (code == 0 && change->verifier.type != LKS_NOTE_ED25519)
        code = lks_error_set(err, LKS_EARGUMENT, "a witness's key cannot approve orders");
    if (code == 0)
        code = lks_keys_read(case_path, &keys, err);
    if (code == 0)
        code = known(&keys, change, err);
    lks_verifier_format(&change->verifier, &text);
    if (code == 0 && text.failed)
        code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    if (code == 0 && change->order.data)
        code = order_judge(change, &keys, lks_vault_verifier(vault)->name, str_of(&text), hex, err);
    if (code == 0)
        code = approvals_judge(change, &keys, err);
    if (code == 0)
        code = change_record(vault, change, str_of(&text), hex, err);
    lks_vault_close(vault);
    if (code == 0)
        code = list_put(case_path, err);
    lks_buffer_free(&text);
    lks_keys_free(&keys);
    return code;
}
