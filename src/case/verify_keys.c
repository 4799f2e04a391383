/* verify_keys.c - the keys that the log names, one after the other, against the one that signed it */
#include <string.h>

#include "case/verify_vault.h"

static int same(const struct lks_verifier *a, const struct lks_verifier *b)
{
    return lks_verifier_equal(a, b);
}

void lks_verify_keys(struct lks_verification *verification, const struct lks_verify_facts *facts,
                     const struct lks_verifier *signer)
{
    struct lks_check *check = lks_check_start(verification, "keys", "keys of the log");
    const struct lks_key_fact *first = facts->keys, *last = NULL;
    check->checked_count = facts->keys_count;
    if (!facts->keys_count) {
        lks_check_none(check, "the log names none");
        return;
    }
    if (first->leaf != 0 || first->rotated)
        lks_check_damaged(check, "the log does not begin with the key that signs it");
    last = first;
    for (size_t i = 1; i < facts->keys_count; i++) {
        const struct lks_key_fact *next = &facts->keys[i];
        if (!next->rotated || !same(&next->before, &last->verifier))
            lks_check_damaged(check, "entry %llu replaces a key that did not sign then",
                              (unsigned long long)next->leaf);
        last = next;
    }
    if (last->rotated && same(&last->before, signer))
        lks_check_missing(check,
                          "the checkpoint still bears the key that entry %llu replaces: the "
                          "change was cut off, and the next command that writes ends it",
                          (unsigned long long)last->leaf);
    else if (!same(&last->verifier, signer))
        lks_check_damaged(check,
                          "the key that signed the checkpoint is not the last that the log "
                          "names (entry %llu)",
                          (unsigned long long)last->leaf);
    if (check->state != LKS_CHECK_HOLDS)
        return;
    if (facts->keys_count == 1)
        lks_check_say(check, "one key from the first entry on");
    else
        lks_check_say(check,
                      "replaced %llu time%s, the last time by entry %llu; each names the one "
                      "before it",
                      (unsigned long long)facts->keys_count - 1, facts->keys_count == 2 ? "" : "s",
                      (unsigned long long)last->leaf);
}
