/* promotion_parts.h - what filling scripts and filling the ledger share; internal to engine */
#ifndef LKS_DETECT_PROMOTION_PARTS_H
#define LKS_DETECT_PROMOTION_PARTS_H

#include "detect/promotion_fill.h"
#include "text/terms.h"

enum { LKS_BENEFICIARIES_MAX = 64 }; /* that texts are searched for: a bit each */

/* A video, post or advertisement of the case. */
struct lks_own_post {
    int64_t time_us, views;
    uint64_t named;         /* bit by beneficiary: its text or tags name it */
    uint64_t named_beneath; /* the same of comments, where it is promoted */
    uint32_t post, account;
    uint32_t script;   /* 1 + the one it is in, 0: none */
    uint8_t disclosed; /* by flag, by a mark in its text, or by an ad library */
    uint8_t on_topic;  /* by the case's tags and terms */
    uint8_t ad;        /* of an ad library */
    uint8_t promoted;  /* set for posts that money may have gone into */
};

struct lks_own_posts {
    struct lks_own_post *posts; /* [count] by rising post index */
    size_t count;
    struct lks_script_post *script_posts; /* [script_count] those that may be in scripts */
    size_t script_count;
    uint64_t *phrases;
    size_t phrases_count;
    uint64_t cut_count; /* texts longer than what is looked at */
    int topic_known;
};

/* Everything that one filling works on. */
struct lks_promoting {
    struct lks_store *store;
    const struct lks_settings *settings;
    const struct lks_events *events;
    const int8_t *account_verified;
    const uint32_t *finding; /* [accounts_count] */
    const struct lks_control *control;
    struct lks_results *results;
    struct lks_own_posts own;
    uint8_t *paid; /* [accounts_count] 1: the ledger pays it */
    /* The ledger. */
    struct lks_arena arena;
    struct lks_payment *payments;
    size_t payments_count;
    uint32_t *payment_account, *payment_post; /* [payments_count] UINT32_MAX: not in the case */
};

/* Reads the posts of the case, twice: once for which phrases more than one account has. */
int lks_own_posts_load(struct lks_promoting *promoting, struct lks_error *err);
void lks_own_posts_free(struct lks_own_posts *own);
/* The own post with this index in the events, or NULL. */
struct lks_own_post *lks_own_post_find(const struct lks_own_posts *own, uint32_t post);

/* Payments with their accounts and posts; sets paid. */
int lks_ledger_load(struct lks_promoting *promoting, struct lks_error *err);
/* Scripts and tellers. */
int lks_scripts_fill(struct lks_promoting *promoting, struct lks_error *err);
/* Payees, sums, flows and checks; after the scripts. */
int lks_ledger_fill(struct lks_promoting *promoting, struct lks_error *err);
/* Beneficiaries in comments; after promoted is set on the own posts. */
int lks_named_fill(struct lks_promoting *promoting, struct lks_error *err);
/* Names and terms of the first LKS_BENEFICIARIES_MAX beneficiaries; group is their number. */
int lks_beneficiary_terms(const struct lks_settings *settings, struct lks_terms *terms);

#endif
