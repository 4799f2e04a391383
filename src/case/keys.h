/* keys.h - the keys of a case, as its log tells them: who signs, and who approves
 *
 * Members of a `key` statement in the clear, by its action:
 *
 *     new      verifier             the signer with which the log begins
 *     rotate   before, verifier     the signer from here on; `before` signed up to here
 *     enrol    verifier             a key that approves orders from here on
 *     retire   verifier             its approvals count no more
 *
 * enrol and retire also hold approvals (the signed note) and order_sha256 where approvals were
 * needed; hidden: name (of the person), order (the text that was approved). */
#ifndef LKS_CASE_KEYS_H
#define LKS_CASE_KEYS_H

#include "base/arena.h"
#include "case/entries.h"
#include "custody/approval.h"

#define LKS_LEAF_NONE UINT64_MAX

struct lks_case_key {
    struct lks_verifier verifier;
    int approver;         /* else a signer of the log */
    uint64_t from, until; /* entries that brought and ended it; LKS_LEAF_NONE: in use */
    int64_t from_us, until_us;
    struct lks_str name; /* of an approver; null where it is not disclosed here */
};

/* The keys in the order of their entries. Zero it to start. */
struct lks_keys {
    struct lks_arena arena;
    struct lks_case_key *items;
    size_t count, room;
    struct lks_str *orders; /* [orders_count] digests of the orders that were used, hex */
    size_t orders_count, orders_room;
};

/* Takes in the next entry; those of other kinds are passed over. LKS_EINPUT where a key statement
 * contradicts what came before, LKS_EMEMORY. For walks that look at more than keys. */
int lks_keys_take(struct lks_keys *keys, const struct lks_entry *entry, struct lks_error *err);
/* Reads all of the case's log. Errors as lks_entries_each. */
int lks_keys_read(const char *case_path, struct lks_keys *keys, struct lks_error *err);
void lks_keys_free(struct lks_keys *keys);

/* The signer in use; NULL in an empty register. */
const struct lks_case_key *lks_keys_signer(const struct lks_keys *keys);
/* Adds the approvers in use to a list. LKS_EMEMORY. */
int lks_keys_approvers(const struct lks_keys *keys, struct lks_verifiers *out,
                       struct lks_error *err);
/* How many of the approvers in use signed the order (custody/approval.h). LKS_EINPUT where the note
 * is malformed or does not hold; LKS_EMEMORY. */
int lks_keys_approvals(const struct lks_keys *keys, struct lks_str order, struct lks_str note,
                       unsigned *count_out, struct lks_error *err);
/* Approvals that a change of the approvers themselves needs: of one where there is one, of two where
 * there are more, so that nobody gathers keys alone. */
unsigned lks_keys_approvals_needed(const struct lks_keys *keys);

#endif
