/* keys.c - the keys of a case, as its log tells them: who signs, and who approves */
#include "case/keys.h"

#include <stdlib.h>
#include <string.h>

enum { APPROVALS_NEEDED_MAX = 2 };

void lks_keys_free(struct lks_keys *keys)
{
    free(keys->items);
    free(keys->orders);
    lks_arena_free(&keys->arena);
    *keys = (struct lks_keys){0};
}

const struct lks_case_key *lks_keys_signer(const struct lks_keys *keys)
{
    for (size_t i = keys->count; i-- > 0;)
        if (!keys->items[i].approver && keys->items[i].until == LKS_LEAF_NONE)
            return &keys->items[i];
    return NULL;
}

static struct lks_case_key *approver_find(struct lks_keys *keys,
                                          const struct lks_verifier *verifier)
{
    for (size_t i = 0; i < keys->count; i++)
        if (keys->items[i].approver && keys->items[i].until == LKS_LEAF_NONE &&
            memcmp(keys->items[i].verifier.public_key, verifier->public_key,
                   sizeof verifier->public_key) == 0)
            return &keys->items[i];
    return NULL;
}

static int room_make(void **items, size_t count, size_t *room, size_t item_bytes,
                     struct lks_error *err)
{
    if (count < *room)
        return 0;
    size_t more_room = *room ? 2 * *room : 8;
    void *more = realloc(*items, more_room * item_bytes);
    if (!more)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    *items = more;
    *room = more_room;
    return 0;
}

static int key_add(struct lks_keys *keys, const struct lks_case_key *key, struct lks_error *err)
{
    int code = room_make((void **)&keys->items, keys->count, &keys->room, sizeof *keys->items, err);
    if (code == 0)
        keys->items[keys->count++] = *key;
    return code;
}

/* The verifier key in a member, which must be one of a signature over texts. */
static int verifier_member(const struct lks_entry *entry, const char *member,
                           struct lks_verifier *verifier, struct lks_error *err)
{
    struct lks_str text;
    if (!lks_statement_text(&entry->statement, member, entry->arena, &text) ||
        lks_verifier_parse(text, verifier, NULL) != 0 || verifier->type != LKS_NOTE_ED25519)
        return lks_error_set(err, LKS_EINPUT, "entry %llu: a statement of a key names none",
                             (unsigned long long)entry->index);
    return 0;
}

static int contradiction(const struct lks_entry *entry, const char *why, struct lks_error *err)
{
    return lks_error_set(err, LKS_EINPUT, "entry %llu: %s", (unsigned long long)entry->index, why);
}

/* Once used, an order is spent. */
static int order_note(struct lks_keys *keys, const struct lks_entry *entry, struct lks_error *err)
{
    struct lks_str digest;
    if (!lks_statement_text(&entry->statement, "order_sha256", entry->arena, &digest))
        return 0;
    int code = room_make((void **)&keys->orders, keys->orders_count, &keys->orders_room,
                         sizeof *keys->orders, err);
    if (code)
        return code;
    struct lks_str copy = lks_arena_str(&keys->arena, digest);
    if (!copy.data)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    keys->orders[keys->orders_count++] = copy;
    return 0;
}

static int signer_take(struct lks_keys *keys, const struct lks_entry *entry, int rotation,
                       struct lks_case_key *key, struct lks_error *err)
{
    struct lks_case_key *signer = (struct lks_case_key *)(uintptr_t)lks_keys_signer(keys);
    struct lks_verifier before;
    if (!rotation && signer)
        return contradiction(entry, "a log begins with one key only", err);
    if (rotation) {
        int code = verifier_member(entry, "before", &before, err);
        if (code)
            return code;
        if (!signer || !lks_verifier_equal(&before, &signer->verifier))
            return contradiction(entry, "a key takes over from one that did not sign", err);
        if (strcmp(before.name, key->verifier.name) != 0)
            return contradiction(entry, "a new key is named otherwise than the log", err);
        signer->until = entry->index;
        signer->until_us = entry->statement.time_us;
    }
    return key_add(keys, key, err);
}

int lks_keys_take(struct lks_keys *keys, const struct lks_entry *entry, struct lks_error *err)
{
    struct lks_case_key key = {
        .from = entry->index, .from_us = entry->statement.time_us, .until = LKS_LEAF_NONE};
    struct lks_str action;
    if (entry->statement.kind != LKS_STATEMENT_KEY)
        return 0;
    if (!lks_statement_text(&entry->statement, "action", entry->arena, &action))
        return contradiction(entry, "a statement of a key has no action", err);
    int code = verifier_member(entry, "verifier", &key.verifier, err);
    if (code)
        return code;
    int rotation = lks_str_equal_text(action, "rotate");
    if (rotation || lks_str_equal_text(action, "new"))
        return signer_take(keys, entry, rotation, &key, err);
    struct lks_case_key *there = approver_find(keys, &key.verifier);
    if ((code = order_note(keys, entry, err)))
        return code;
    if (lks_str_equal_text(action, "enrol")) {
        struct lks_str name = lks_entry_value(entry, "name");
        if (there)
            return contradiction(entry, "a key is enrolled that approves already", err);
        key.approver = 1;
        key.name = lks_arena_str(&keys->arena, name);
        if (name.data && !key.name.data)
            return lks_error_set(err, LKS_EMEMORY, "out of memory");
        return key_add(keys, &key, err);
    }
    if (!lks_str_equal_text(action, "retire"))
        return contradiction(entry, "a statement of a key has an action that is not known", err);
    if (!there)
        return contradiction(entry, "a key is retired that does not approve", err);
    there->until = entry->index;
    there->until_us = entry->statement.time_us;
    return 0;
}

static int entry_take(void *context, const struct lks_entry *entry, struct lks_error *err)
{
    return lks_keys_take(context, entry, err);
}

int lks_keys_read(const char *case_path, struct lks_keys *keys, struct lks_error *err)
{
    return lks_entries_each(case_path, 0, UINT64_MAX, entry_take, keys, err);
}

int lks_keys_approvers(const struct lks_keys *keys, struct lks_verifiers *out,
                       struct lks_error *err)
{
    int code = 0;
    for (size_t i = 0; code == 0 && i < keys->count; i++)
        if (keys->items[i].approver && keys->items[i].until == LKS_LEAF_NONE)
            code = lks_verifiers_add(out, &keys->items[i].verifier, err);
    return code;
}

int lks_keys_approvals(const struct lks_keys *keys, struct lks_str order, struct lks_str note,
                       unsigned *count_out, struct lks_error *err)
{
    struct lks_verifiers approvers = {0};
    *count_out = 0;
    int code = lks_keys_approvers(keys, &approvers, err);
    const struct lks_verifier **signers = calloc(approvers.count + 1, sizeof *signers);
    if (code == 0 && !signers)
        code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    if (code == 0)
        code = lks_approval_count(order, note, &approvers, signers, count_out, err);
    free(signers);
    lks_verifiers_free(&approvers);
    return code;
}

unsigned lks_keys_approvals_needed(const struct lks_keys *keys)
{
    unsigned count = 0;
    for (size_t i = 0; i < keys->count; i++)
        count += keys->items[i].approver && keys->items[i].until == LKS_LEAF_NONE;
    return count < APPROVALS_NEEDED_MAX ? count : APPROVALS_NEEDED_MAX;
}
