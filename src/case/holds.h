/* holds.h - the retention orders of a case, read back from its log
 *
 * There is no register beside the log: an order stands where a `hold` statement says so.
 *
 *     in the clear: action (issue, amend, release), id, version, keys, scope {platforms, accounts,
 *                   terms: how many of each}, from, to, kinds, start, document, document_bytes,
 *                   order_sha256, approvals
 *     hidden:       authority, legal_basis, reason, platforms, accounts, terms (a line each),
 *                   document_name, document_sha256, order
 *
 * What was hidden and is no longer here makes a hold wider, never narrower: a list whose names are lost
 * covers every one. A release, or a narrower scope, is taken only where the order that two
 * enrolled approvers signed is here and says the same; else the hold stands as before, and
 * a remark says so. */
#ifndef LKS_CASE_HOLDS_H
#define LKS_CASE_HOLDS_H

#include "case/keys.h"
#include "case/vault.h"
#include "custody/hold.h"
#include "custody/hold_order.h"

/* What was hidden of a hold and is not here, as bits. */
enum lks_hold_gap {
    LKS_GAP_AUTHORITY = 1,
    LKS_GAP_BASIS = 2,
    LKS_GAP_PLATFORMS = 4,
    LKS_GAP_ACCOUNTS = 8,
    LKS_GAP_TERMS = 16
};
extern const char *const lks_hold_gap_names[5];

/* What the register of custody/hold.h does not say of a hold. */
struct lks_case_hold {
    uint64_t leaf, changed_leaf; /* the entries that issued it, and that changed it last */
    int64_t start_us;            /* as the authority dates it; LKS_TIME_NULL: not said */
    struct lks_str document; /* name of the sealed copy of the order; null where there is none */
    unsigned gaps;           /* enum lks_hold_gap, of the scope that stands */
};

struct lks_case_holds {
    struct lks_holds all;
    struct lks_case_hold *about; /* [all.count] */
    struct lks_keys keys;        /* of the case, at the end of what was read */
    struct lks_str *remarks;     /* [remarks_count] sentences that must be told */
    size_t remarks_count;
    uint64_t orders_count; /* statements that issued, amended or released: it rises with each */
    uint64_t size;         /* entries read */
    struct lks_str origin; /* of the log */
    struct lks_arena arena;
    size_t about_room, remarks_room;
};

/* Reads them from the first `end` entries of the case's log, UINT64_MAX for all. A case without a
 * vault has none. LKS_EINPUT where the log cannot be read: then nobody may erase anything; LKS_EIO,
 * LKS_EMEMORY. Freed by lks_case_holds_free, also after a failure. */
int lks_case_holds_read(const char *case_path, uint64_t end, struct lks_case_holds *holds,
                        struct lks_error *err);
/* 1 where an order came since they were read, 0 where none did; what was looked at is not looked at again.
 * Errors as above, below 0. */
int lks_case_holds_changed(const char *case_path, struct lks_case_holds *holds,
                           struct lks_error *err);
void lks_case_holds_free(struct lks_case_holds *holds);
/* The place of a hold, SIZE_MAX where there is none of that name. */
size_t lks_case_hold_find(const struct lks_case_holds *holds, struct lks_str id);
/* The name that the next hold gets: "H1", "H2" ... */
#define LKS_HOLD_ID_BYTES 24
void lks_case_hold_id_next(const struct lks_case_holds *holds, char id[LKS_HOLD_ID_BYTES]);

/* ---- writing ---- */

/* What a person orders. */
struct lks_hold_entry {
    const char *action;   /* "issue", "amend" or "release" */
    struct lks_hold hold; /* as it stands afterwards; of a release only its id counts */
    int64_t start_us;
    struct lks_str reason;
    struct lks_str document; /* blob name */
    uint64_t document_bytes;
    struct lks_str document_name, document_sha256;
    struct lks_str order, approval; /* what approvers signed, and the note with their signatures */
};

/* Checks the entry against the holds as they stand, applies it to them, and records it in the vault;
 * the caller commits. LKS_EARGUMENT with a sentence where it may not be (too few keys among it);
 * else as lks_vault_record. *leaf_out may be NULL. */
int lks_case_hold_record(struct lks_vault *vault, struct lks_case_holds *holds,
                         const struct lks_hold_entry *entry, uint64_t *leaf_out,
                         struct lks_error *err);

/* How many enrolled approvers signed the order, which must be the one described: 0 where the order is
 * null. LKS_EARGUMENT where it is for another case, hold or version, or says another scope. */
int lks_case_hold_keys(const struct lks_case_holds *holds, const struct lks_hold_order *expected,
                       struct lks_str order, struct lks_str approval, unsigned *keys_out,
                       struct lks_error *err);

#endif
