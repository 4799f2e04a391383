/* hold.h - retention orders: what they cover, who may change them, what they stand in the way of
 *
 * A hold names an authority and what must be kept. It begins when it is issued and has no end until
 * it is released. Widening a hold takes one key, narrowing or releasing it two: a mistake that keeps
 * too much can be mended, one that lets go of too much cannot. */
#ifndef LKS_CUSTODY_HOLD_H
#define LKS_CUSTODY_HOLD_H

#include "record/record.h"

/* Kinds of data, as bits. */
enum lks_held_kind {
    LKS_HELD_POSTS = 1,
    LKS_HELD_ACCOUNTS = 2,
    LKS_HELD_PAYMENTS = 4,
    LKS_HELD_FILES = 8,    /* the sealed files themselves */
    LKS_HELD_FINDINGS = 16 /* detection runs and what they wrote */
};
#define LKS_HELD_ALL 31u
/* The name of one bit, and back; NULL and 0 for others. */
const char *lks_held_kind_name(unsigned kind);
unsigned lks_held_kind_parse(struct lks_str name);

/* What a hold covers: all that passes every part that is set. */
struct lks_hold_scope {
    const struct lks_str *platforms; /* [platforms_count]; none: every one */
    size_t platforms_count;
    const struct lks_str *accounts; /* account keys; none: every one */
    size_t accounts_count;
    const struct lks_str *terms; /* any of them in the text, whatever its case and disguise */
    size_t terms_count;
    int64_t from_us, to_us; /* of the post, both inclusive; LKS_TIME_NULL: open */
    unsigned kinds;         /* 0: every one */
};

struct lks_hold {
    struct lks_str id; /* "H1" */
    struct lks_str authority, legal_basis;
    struct lks_str document_sha256; /* hex, of the order as received; may be null */
    struct lks_hold_scope scope;
    int64_t issued_us;
    int64_t released_us; /* LKS_TIME_NULL while it stands */
    unsigned versions;   /* 1, and one more for each amendment */
};

/* Something that somebody wants to erase. What is not known is null, and counts as covered: in doubt
 * it is kept. */
struct lks_held_item {
    unsigned kind; /* one bit */
    struct lks_str platform, account_key, text;
    int64_t time_us; /* LKS_TIME_NULL where unknown */
};

/* 1 where the hold stands in the way of erasing the item, 0 where it does not; LKS_EMEMORY. */
int lks_hold_covers(const struct lks_hold *hold, const struct lks_held_item *item);

enum lks_scope_change { LKS_SCOPE_SAME, LKS_SCOPE_WIDER, LKS_SCOPE_NARROWER };
/* What an amendment does. NARROWER wherever something may fall out that was covered, also where
 * other things come in. Decided part by part, so that in doubt it takes two keys. */
enum lks_scope_change lks_hold_scope_change(const struct lks_hold_scope *before,
                                            const struct lks_hold_scope *after);
/* Keys that such a change needs. */
unsigned lks_hold_keys_needed(enum lks_scope_change change);

/* The holds of a case, in the order in which they were issued. Zero it to start; strings are
 * copied. */
struct lks_holds {
    struct lks_arena arena;
    struct lks_hold *holds;
    size_t count, room;
};

/* Each checks and applies one order; keys_count is how many distinct keys approved it. LKS_EARGUMENT
 * with a sentence where it makes no sense (a name that is taken or not there, a time before the
 * hold's own, too few keys); LKS_EMEMORY. Nothing has changed then. */
int lks_holds_issue(struct lks_holds *holds, const struct lks_hold *hold, unsigned keys_count,
                    struct lks_error *err);
int lks_holds_amend(struct lks_holds *holds, struct lks_str id, const struct lks_hold_scope *scope,
                    int64_t time_us, unsigned keys_count, struct lks_error *err);
int lks_holds_release(struct lks_holds *holds, struct lks_str id, int64_t time_us,
                      unsigned keys_count, struct lks_error *err);
/* The first hold that stands in the way, or NULL in *hold_out. 0, or LKS_EMEMORY. */
int lks_holds_against(const struct lks_holds *holds, const struct lks_held_item *item,
                      const struct lks_hold **hold_out);
void lks_holds_free(struct lks_holds *holds);

#endif
