/* profile.h - what a recipient is shown of records and findings
 *
 *     recipient    accounts, posts       texts      times          small counts
 *     authority    as they are           whole      as they are    shown
 *     researcher   by pseudonyms         masked     to the minute  below 5 not shown
 *     public       by pseudonyms         withheld   to the hour    below 10 not shown
 *
 * Names, biographies, ids, links and file names go where pseudonyms come. A mask leaves words and
 * tags and takes handles, links, addresses and numbers. Each field has its rule; a field without one
 * is withheld. What is left out is said (lks_profile_describe). Nothing here makes anonymous what
 * can be found by other means: a text that is quoted can be searched for. docs/exports.md. */
#ifndef LKS_DOSSIER_PROFILE_H
#define LKS_DOSSIER_PROFILE_H

#include "dossier/pseudonym.h"
#include "finding/results.h"

enum lks_recipient {
    LKS_RECIPIENT_AUTHORITY,
    LKS_RECIPIENT_RESEARCHER,
    LKS_RECIPIENT_PUBLIC,
    LKS_RECIPIENTS_COUNT
};
extern const char *const lks_recipient_names[LKS_RECIPIENTS_COUNT]; /* "authority", ... */
int lks_recipient_parse(struct lks_str name);                       /* or -1 */

enum lks_texts_shown { LKS_TEXTS_WHOLE, LKS_TEXTS_MASKED, LKS_TEXTS_WITHHELD };

/* One dossier's rules and key. The fields may be set otherwise after lks_profile_start, before first
 * use. One thread at a time. */
struct lks_profile {
    enum lks_recipient recipient;
    int pseudonyms; /* 1: accounts, posts and what leads to them stand by pseudonyms */
    enum lks_texts_shown texts;
    int64_t time_step_us;        /* times are cut down to a multiple; 0: as they are */
    int64_t count_min;           /* counts from 1 to below this are not shown; 0: all are */
    struct lks_pseudonyms names; /* its key is zero where no pseudonyms are used */
};

/* The rules for a recipient; a new key where they need one. LKS_EIO. Ended by lks_profile_free,
 * also after a failure. */
int lks_profile_start(struct lks_profile *profile, enum lks_recipient recipient,
                      struct lks_error *err);
void lks_profile_free(struct lks_profile *profile); /* wipes the key */
/* 1 where records are shown just as they are. */
int lks_profile_is_plain(const struct lks_profile *profile);

/* Each changes one record in place into what is shown; new strings go to the arena, those that stay
 * are still borrowed. Withheld is null (texts, names, small counts: LKS_COUNT_NULL). 0 or
 * LKS_EMEMORY. */
int lks_profile_account(struct lks_profile *profile, struct lks_account *account,
                        struct lks_arena *arena, struct lks_error *err);
/* offset_bytes and length_bytes become 0 under pseudonyms: they lead into the sealed file. */
int lks_profile_post(struct lks_profile *profile, struct lks_post *post, struct lks_arena *arena,
                     struct lks_error *err);
int lks_profile_action(struct lks_profile *profile, struct lks_action *action,
                       struct lks_arena *arena, struct lks_error *err);
int lks_profile_payment(struct lks_profile *profile, struct lks_payment *payment,
                        struct lks_arena *arena, struct lks_error *err);

/* The same for single values. */
int lks_profile_key(struct lks_profile *profile, enum lks_pseudonym_kind kind, struct lks_str *key,
                    struct lks_arena *arena, struct lks_error *err);
int lks_profile_text(const struct lks_profile *profile, struct lks_str *text,
                     struct lks_arena *arena, struct lks_error *err);
int lks_profile_object(struct lks_profile *profile, enum lks_object_kind kind,
                       struct lks_str *object, struct lks_arena *arena, struct lks_error *err);
int64_t lks_profile_time(const struct lks_profile *profile, int64_t time_us);
int64_t lks_profile_count(const struct lks_profile *profile, int64_t count);
/* A SHA-256 in hex of something that may be short: the same shape, made again under the key, so that
 * nobody can try guesses against it. */
int lks_profile_sha256(const struct lks_profile *profile, struct lks_str *hex,
                       struct lks_arena *arena, struct lks_error *err);

/* Changes a whole run's results in place, so that every writer of src/dossier (findings.json, the
 * page, GEXF, GraphML, tables, STIX) writes what is shown and nothing else; what was left out is
 * told in the results' notes. Once only. LKS_EMEMORY. */
int lks_profile_results(struct lks_profile *profile, struct lks_results *results,
                        struct lks_error *err);

/* Adds sentences, a line each, which say what was changed and what was left out, for the reader of
 * the dossier. LKS_EMEMORY by out->failed. */
void lks_profile_describe(const struct lks_profile *profile, struct lks_buffer *out);

#endif
