/* profile_words.h - our own sentences without the names in them; for profile_results.c */
#ifndef LKS_DOSSIER_PROFILE_WORDS_H
#define LKS_DOSSIER_PROFILE_WORDS_H

#include "dossier/profile.h"

/* Every name by which results know somebody, and what is shown instead. */
struct lks_profile_words {
    struct lks_profile *profile;
    struct lks_intern names; /* handles, display names, ids, keys, people of the ledger */
    struct lks_str *shown;   /* [names.count] pseudonyms */
    size_t shown_room;
    size_t longest_bytes;
    struct lks_intern files; /* names of files, by the order of the results */
    struct lks_arena arena;
};

/* Gathers the names before anything is changed. LKS_EMEMORY; freed by lks_profile_words_free either
 * way. */
int lks_profile_words_start(struct lks_profile_words *words, struct lks_profile *profile,
                            const struct lks_results *results, struct lks_error *err);
/* A sentence: known names become pseudonyms, handles and links are masked, times are cut down, and
 * what stands in quotes follows the rule of texts. LKS_EMEMORY. */
int lks_profile_words_show(const struct lks_profile_words *words, struct lks_str *sentence,
                           struct lks_arena *arena, struct lks_error *err);
void lks_profile_words_free(struct lks_profile_words *words);

/* "0 12 3": counts below profile->count_min become 0. LKS_EMEMORY. */
int lks_profile_series(const struct lks_profile *profile, struct lks_str *series,
                       struct lks_arena *arena, struct lks_error *err);

#endif
