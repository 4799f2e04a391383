/* attachment.h - does an account keep to a group? The group taken as one account, against each other */
#ifndef LKS_CHANCE_ATTACHMENT_H
#define LKS_CHANCE_ATTACHMENT_H

#include "chance/authors.h"

/* How close the posts of a prepared chance lie to one group at a time. */
struct lks_attachment;

/* What an account met the group on. */
enum lks_attached_things { LKS_ATTACHED_RARE, LKS_ATTACHED_ANY, LKS_ATTACHED_CONTENT };

/* How an account stands to the group. */
struct lks_attached {
    double log10_p;      /* at most 0 */
    double log10_chance; /* by the first null model alone, of its best test */
    double log10_days;   /* by the second alone, in the test that gave p; 0 where not asked */
    /* Of the best of the tests in which days were asked; else 0: */
    double log10_habit;    /* of meeting the group as often on other days, */
    uint32_t days_met;     /* hours in which it met the group, */
    double days_others;    /* and would have on other days, on average */
    double expected;       /* of posts_met, by chance */
    uint32_t posts_met;    /* of its posts, those that met the group in the test that gave p */
    uint32_t least;        /* of how many members at once */
    uint32_t window_index; /* of counts->windows_us */
    enum lks_attached_things things;
};

/* For the real authors, which are borrowed and must stay as they are. 35 bytes a post with four windows.
 * 0 or LKS_EMEMORY; freed by lks_attachment_free, also after a failure. */
int lks_attachment_new(const struct lks_chance *chance, const struct lks_chance_authors *authors,
                       struct lks_attachment **attachment_out, struct lks_error *err);
void lks_attachment_free(struct lks_attachment *attachment);

/* Lays out a group: in_group[accounts] is 1 for its members; it is borrowed until the next group.
 * 12 bytes an action of the group. 0, LKS_EMEMORY or LKS_ECANCELLED. */
int lks_attachment_group(struct lks_attachment *attachment, const uint8_t *in_group,
                         const struct lks_control *control, struct lks_error *err);

/* Tests every account against the group without it. attached_out[accounts]; accounts
 * with fewer posts near the group than min_occasions have p = 1. p values that are above
 * p_max need not be exact, only above it. The same for any number of threads.
 * 0, LKS_EMEMORY or LKS_ECANCELLED. Null models: docs/method/members.md. */
int lks_attachment_test(struct lks_attachment *attachment, double p_max,
                        const struct lks_control *control, struct lks_attached *attached_out,
                        struct lks_error *err);

/* In how many hours a post of the account met another member, in the longest window, on what two
 * people rarely make alike: texts, media, links, sets of hashtags. What they answer or pass on is a
 * third one's, and a crowd around it comes back with every new one. */
uint32_t lks_attachment_content_strata(const struct lks_attachment *attachment, uint32_t account);

/* Shifts by days that the second null model can make at most; below LKS_ATTACHMENT_DAYS_MIN it
 * says nothing. */
enum { LKS_ATTACHMENT_DAYS_MIN = 7 };
uint32_t lks_attachment_days_count(const struct lks_attachment *attachment);

/* Decoys of the group that is laid out: the posts of all but its members dealt anew within their
 * strata. For one group. */
struct lks_attachment_decoys;
/* 12 bytes a post and 16 an account. 0 or LKS_EMEMORY; freed by lks_attachment_decoys_free, also after a failure. */
int lks_attachment_decoys_new(const struct lks_attachment *attachment,
                              struct lks_attachment_decoys **decoys_out, struct lks_error *err);
void lks_attachment_decoys_free(struct lks_attachment_decoys *decoys);
/* Deals once more, from random numbers of (seed, copy_index), and tests the outsiders as
 * lks_attachment_test does, but for the share of accounts that use a thing, which is the real
 * data's. Those with p <= p_max, by rising account, lie in *attached_out until the next call. Each deal starts from the
 * one before, so the copies depend on their order, and on no number of threads. */
int lks_attachment_decoys_test(struct lks_attachment_decoys *decoys, uint64_t seed,
                               uint64_t copy_index, double p_max, const struct lks_control *control,
                               const struct lks_attached **attached_out, uint32_t *count_out,
                               struct lks_error *err);

#endif
