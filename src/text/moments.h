/* moments.h - when something is to be, as a message says it: so long still, or at such an hour */
#ifndef LKS_TEXT_MOMENTS_H
#define LKS_TEXT_MOMENTS_H

#include "text/cues.h"

enum { LKS_MOMENTS_MAX = 8 }; /* of each kind that are looked at in a text */

struct lks_moments {
    uint32_t left_s[LKS_MOMENTS_MAX];  /* seconds still to go: "3 hours 10 minutes until" */
    uint32_t clock_s[LKS_MOMENTS_MAX]; /* seconds of the day, UTC: "18:00 GMT", "6.30 pm UTC" */
    uint32_t left_count, clock_count;
};

/* Finds them in a text whose words are in scratch (lks_cues_find was just called on it). A span is a number
 * and a unit (and smaller ones after it) with a phrase of `left` right before it or at most one word after
 * it; a minute to a week. Hours of the day need the letters GMT or UTC: whose they are is not known
 * otherwise. Each value once. O(words). Any thread with a scratch of its own. */
void lks_moments_find(const struct lks_cues *cues, struct lks_str text,
                      const struct lks_cue_scratch *scratch, struct lks_moments *moments);

#endif
