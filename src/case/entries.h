/* entries.h - the statements of a case's log with their hidden values, one after the other */
#ifndef LKS_CASE_ENTRIES_H
#define LKS_CASE_ENTRIES_H

#include "custody/statement.h"
#include "vault/checkpoint.h"

struct lks_entry_value {
    struct lks_str name, value, disclosure;
};

/* One entry; all of it lives during the call. */
struct lks_entry {
    uint64_t index;
    struct lks_statement statement;
    const struct lks_entry_value *values; /* [values_count] those whose disclosures are here */
    size_t values_count;
    struct lks_arena *arena; /* emptied after the call */
};

/* Calls each for the published entries [first, end) of the case's log, end UINT64_MAX for all, in
 * their order. each returns 0 to go on; another number stops, and is returned. LKS_EMISSING where the case
 * has no vault; LKS_EINPUT for damaged bundles, statements or disclosures. The checkpoint's signature
 * is checked against signer.vkey, the entries' hashes are not: that is what `verify` is for. */
int lks_entries_each(const char *case_path, uint64_t first, uint64_t end,
                     int (*each)(void *context, const struct lks_entry *entry,
                                 struct lks_error *err),
                     void *context, struct lks_error *err);

/* How many entries are published: the size in the checkpoint, whose signature is checked. Errors alike. */
int lks_entries_size(const char *case_path, uint64_t *size, struct lks_error *err);

/* A hidden value by its name; null where there is none here. Of several the first. */
struct lks_str lks_entry_value(const struct lks_entry *entry, const char *name);

/* The verifier key in CASE/vault/signer.vkey. LKS_EMISSING, LKS_EINPUT, LKS_EIO. */
int lks_case_verifier(const char *case_path, struct lks_verifier *verifier, struct lks_error *err);

#endif
