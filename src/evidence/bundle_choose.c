/* bundle_choose.c - the records that a request asks for
 *
 * The scope of a request is read like that of a retention order, with one difference: what is not
 * known is kept under an order, but not handed over. So posts without a text are left out where the
 * scope has terms, and payments without an account where it names accounts or platforms; how many
 * there are is told in the answer. Accounts are those of the posts and payments chosen, and such as have
 * no post where the scope has neither terms nor times. Terms do not bind payments, which have no
 * text of their own. */
#include <stdlib.h>

#include "evidence/bundle.h"
#include "evidence/hold_parts.h"

struct choosing {
    const struct lks_hold_scope *scope;
    struct lks_bundle_choice *choice;
    unsigned char *accounts; /* a byte each: chosen */
    uint64_t accounts_count;
    size_t posts_room, payments_room;
};

static int room_for(void **items, size_t count, size_t *room, size_t item_bytes,
                    struct lks_error *err)
{
    if (count < *room)
        return 0;
    size_t more_room = *room ? 2 * *room : 1024;
    void *more = realloc(*items, more_room * item_bytes);
    if (!more)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for the records in the scope");
    *items = more;
    *room = more_room;
    return 0;
}

static void account_choose(struct choosing *choosing, uint32_t account)
{
    if (account < choosing->accounts_count)
        choosing->accounts[account] = 1;
}

static int post_choose(void *context, const struct lks_store_held *post, const unsigned *kinds,
                       struct lks_error *err)
{
    struct choosing *choosing = context;
    struct lks_bundle_choice *choice = choosing->choice;
    if (!kinds[0])
        return 0;
    if (choosing->scope->terms_count && !post->text.data && !post->transcript.data) {
        choice->without_text++;
        return 0;
    }
    if (kinds[0] & LKS_HELD_ACCOUNTS)
        account_choose(choosing, post->account_index);
    if (!(kinds[0] & LKS_HELD_POSTS))
        return 0;
    void *posts = choice->posts;
    int code =
        room_for(&posts, choice->posts_count, &choosing->posts_room, sizeof *choice->posts, err);
    choice->posts = posts;
    if (code == 0)
        choice->posts[choice->posts_count++] = post->index;
    return code;
}

static int payment_choose(void *context, const struct lks_store_held *payment,
                          const unsigned *kinds, struct lks_error *err)
{
    struct choosing *choosing = context;
    struct lks_bundle_choice *choice = choosing->choice;
    if (!kinds[0])
        return 0;
    if ((choosing->scope->accounts_count || choosing->scope->platforms_count) &&
        !payment->account_key.data) {
        choice->without_account++;
        return 0;
    }
    if (kinds[0] & LKS_HELD_ACCOUNTS)
        account_choose(choosing, payment->account_index);
    if (!(kinds[0] & LKS_HELD_PAYMENTS))
        return 0;
    void *payments = choice->payments;
    int code = room_for(&payments, choice->payments_count, &choosing->payments_room,
                        sizeof *choice->payments, err);
    choice->payments = payments;
    if (code == 0)
        choice->payments[choice->payments_count++] = (struct lks_bundle_payment_ref){
            payment->index, payment->file_index, payment->offset_bytes, payment->length_bytes};
    return code;
}

static int silent_choose(void *context, const struct lks_store_held *account, const unsigned *kinds,
                         struct lks_error *err)
{
    struct choosing *choosing = context;
    const struct lks_hold_scope *scope = choosing->scope;
    (void)err;
    if (kinds[0] & LKS_HELD_ACCOUNTS && !scope->terms_count && scope->from_us == LKS_TIME_NULL &&
        scope->to_us == LKS_TIME_NULL)
        account_choose(choosing, account->index);
    return 0;
}

static int accounts_list(const struct choosing *choosing, struct lks_error *err)
{
    struct lks_bundle_choice *choice = choosing->choice;
    for (uint64_t i = 0; i < choosing->accounts_count; i++)
        choice->accounts_count += choosing->accounts[i];
    choice->accounts = malloc((choice->accounts_count + 1) * sizeof *choice->accounts);
    if (!choice->accounts)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for the accounts in the scope");
    size_t at = 0;
    for (uint64_t i = 0; i < choosing->accounts_count; i++)
        if (choosing->accounts[i])
            choice->accounts[at++] = (uint32_t)i;
    return 0;
}

int lks_bundle_choose(struct lks_store *store, const struct lks_hold_scope *scope,
                      const struct lks_control *control, struct lks_bundle_choice *choice,
                      struct lks_error *err)
{
    struct lks_hold hold = {.id = LKS_STR("scope"),
                            .authority = LKS_STR("scope"),
                            .scope = *scope,
                            .released_us = LKS_TIME_NULL};
    const struct lks_holds holds = {.holds = &hold, .count = 1};
    struct choosing choosing = {.scope = scope, .choice = choice};
    const struct lks_hold_visit visit = {post_choose, payment_choose, silent_choose, &choosing};
    struct lks_store_counts counts;
    *choice = (struct lks_bundle_choice){.posts = NULL};
    int code = lks_store_counts(store, &counts, err);
    if (code == 0) {
        choosing.accounts_count = counts.accounts;
        choosing.accounts = calloc(counts.accounts + 1, 1);
        if (!choosing.accounts)
            code = lks_error_set(err, LKS_EMEMORY, "out of memory for the accounts in the scope");
    }
    if (code == 0)
        code = lks_hold_walk(store, &holds, control, &visit, err);
    if (code == 0)
        code = accounts_list(&choosing, err);
    free(choosing.accounts);
    return code;
}

void lks_bundle_choice_free(struct lks_bundle_choice *choice)
{
    free(choice->posts);
    free(choice->accounts);
    free(choice->payments);
    *choice = (struct lks_bundle_choice){.posts = NULL};
}
