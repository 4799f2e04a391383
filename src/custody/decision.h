/* decision.h - what was decided upon a finding, as the log holds it
 *
 * Three notes, told apart by their member "action":
 *
 *     notice    somebody named accounts: source_type in the clear; hidden: accounts, identity
 *     decision  run, finding, accounts (how many), values (names of the database's lists), and, where
 *               a rule of a policy proposed it, rule and policy_sha256; hidden: free texts, puid_key,
 *               accounts where not all members are meant
 *     approve   decision (its leaf); hidden: person
 *
 * None has a member for automation: whether detection and decision were automated follows from which
 * of them stand in the log, and in which order (custody/reasons.h). */
#ifndef LKS_CUSTODY_DECISION_H
#define LKS_CUSTODY_DECISION_H

#include "custody/reasons.h"
#include "custody/statement.h"

#define LKS_PUID_KEY_BYTES 32

/* Strings are borrowed, or of the arena of who read it. */
struct lks_decision {
    struct lks_str run, finding; /* "0001", "F1" */
    struct lks_str rule,
        policy_sha256;       /* the rule that proposed it; null: people did without one */
    struct lks_str accounts; /* keys, a line each; null: every member of the finding */
    int64_t accounts_count;
    unsigned char puid_key[LKS_PUID_KEY_BYTES]; /* of the PUIDs, so that nobody can guess them */
    struct lks_reasons values; /* what was decided; all else of it is derived, and not set here */
};

/* Who named accounts first, if it was not a run. */
struct lks_notice {
    struct lks_str source_type; /* SOURCE_ARTICLE_16, SOURCE_TRUSTED_FLAGGER, ... */
    struct lks_str identity;    /* of a trusted flagger, for one; null */
    struct lks_str accounts;    /* keys, a line each */
    int64_t accounts_count;
};

/* A hidden value of a statement by its name; null where it is not here. */
struct lks_hidden {
    struct lks_str (*get)(const void *context, const char *name);
    const void *context;
};

/* Adds the members to a statement of kind note that was started. */
void lks_decision_put(struct lks_statement_writer *writer, const struct lks_decision *decision);
void lks_approval_put(struct lks_statement_writer *writer, uint64_t leaf, struct lks_str person);
void lks_notice_put(struct lks_statement_writer *writer, const struct lks_notice *notice);

/* Each reads a note: 0; 1 where the statement is another one; LKS_EINPUT where it is one and
 * cannot be read, or what was hidden is not here; LKS_EMEMORY. */
int lks_decision_read(const struct lks_statement *statement, const struct lks_hidden *hidden,
                      struct lks_arena *arena, struct lks_decision *decision,
                      struct lks_error *err);
int lks_approval_read(const struct lks_statement *statement, const struct lks_hidden *hidden,
                      struct lks_arena *arena, uint64_t *leaf, struct lks_str *person,
                      struct lks_error *err);
int lks_notice_read(const struct lks_statement *statement, const struct lks_hidden *hidden,
                    struct lks_arena *arena, struct lks_notice *notice, struct lks_error *err);

/* Sets one value by the database's name for it, from one text, or several where it is a list. What is
 * derived (automation, source, PUID, facts, the content's date) cannot be set. LKS_EARGUMENT,
 * LKS_EMEMORY. */
int lks_decision_set(struct lks_reasons *values, struct lks_str name, const struct lks_str *texts,
                     size_t count, struct lks_arena *arena, struct lks_error *err);

/* The PUID of an account under a decision: "LKS-" and 26 characters, which nobody can guess
 * from the account, and which are the same each time. */
#define LKS_PUID_BYTES 31
void lks_decision_puid(const struct lks_decision *decision, struct lks_str account_key,
                       char puid[LKS_PUID_BYTES]);

#endif
