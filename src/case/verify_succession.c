/* verify_succession.c - from a key that is trusted to the one that signs now
 *
 * A key is replaced by an entry of the log that names the next one, and the checkpoint over that entry
 * which the old key signed is kept in retired/. So who trusts the old key need not believe whoever holds
 * the new one: the old key itself said so, under a state that the log still continues. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "case/verify_vault.h"
#include "vault/disk.h"

int lks_succession_sizes(const char *folder,
                         int (*take)(void *context, uint64_t size, struct lks_error *err),
                         void *context, struct lks_error *err)
{
    char path[LKS_DISK_PATH_BYTES];
    int code = 0;
    if (snprintf(path, sizeof path, "%s/retired", folder) >= (int)sizeof path)
        return lks_error_set(err, LKS_EARGUMENT, "a path is too long");
    DIR *list = opendir(path);
    if (!list)
        return 0;
    for (struct dirent *entry; code == 0 && (entry = readdir(list));) {
        size_t digits = strspn(entry->d_name, "0123456789");
        uint64_t size;
        if (strcmp(entry->d_name + digits, ".checkpoint") == 0 &&
            lks_decimal_read((struct lks_str){entry->d_name, digits}, &size))
            code = take(context, size, err);
    }
    closedir(list);
    return code;
}

/* Whether the old key signed for a state that holds the entry in which it names the next. */
static int farewell_holds(const struct lks_succession *succession, const struct lks_key_fact *fact,
                          struct lks_buffer *note, struct lks_error *err)
{
    char path[LKS_DISK_PATH_BYTES];
    for (size_t i = 0; i < succession->pasts_count; i++) {
        const struct lks_past_root *past = &succession->pasts[i];
        struct lks_checkpoint checkpoint;
        struct lks_error inner = {0};
        if (past->size <= fact->leaf || !past->known)
            continue;
        if (snprintf(path, sizeof path, "%s/retired/%llu.checkpoint", succession->folder,
                     (unsigned long long)past->size) >= (int)sizeof path)
            return lks_error_set(err, LKS_EARGUMENT, "a path is too long");
        lks_buffer_clear(note);
        int code = lks_disk_get(path, LKS_NOTE_BYTES_MAX, note, &inner);
        if (code == LKS_EIO || code == LKS_EMEMORY)
            return lks_error_set(err, code, "%s", inner.message);
        if (code == 0 &&
            lks_checkpoint_open((struct lks_str){note->data, note->size_bytes}, &fact->before,
                                &checkpoint, NULL) == 0 &&
            checkpoint.size == past->size && lks_hash_equal(&checkpoint.root, &past->root))
            return 1;
    }
    return 0;
}

int lks_verify_succession(struct lks_verification *verification,
                          const struct lks_succession *succession, struct lks_error *err)
{
    struct lks_check *check = lks_check_start(verification, "succession", "from the key named");
    const struct lks_verify_facts *facts = succession->facts;
    struct lks_buffer note = {0};
    struct lks_verifier trusted;
    int found = 0, reached = 0, held = 1;
    uint64_t steps = 0;
    for (size_t i = 0; held == 1 && !reached && i < facts->keys_count; i++) {
        const struct lks_key_fact *fact = &facts->keys[i];
        if (!fact->rotated)
            continue;
        if (!found && lks_verifiers_find(succession->keys, &fact->before)) {
            found = 1;
            trusted = fact->before;
        }
        if (!found || !lks_verifier_equal(&trusted, &fact->before))
            continue;
        held = farewell_holds(succession, fact, &note, err);
        if (held < 0)
            break;
        trusted = fact->verifier;
        steps++;
        reached = held && lks_verifier_equal(&trusted, succession->signer);
    }
    lks_buffer_free(&note);
    if (held < 0)
        return held;
    check->checked_count = steps;
    if (reached)
        lks_check_say(check, "%llu times the key that was trusted signed for the one after it",
                      (unsigned long long)steps);
    else if (!found)
        lks_check_damaged(check, "no key that is trusted here signed the checkpoint, and none of "
                                 "them is one that the log replaced");
    else
        lks_check_damaged(check, "a key that is trusted here was replaced, but nothing that it "
                                 "signed names the one that signs now");
    return 0;
}
