/* recruitment.h - calls in a channel and who answers them elsewhere, again and again */
#ifndef LKS_SIGNAL_RECRUITMENT_H
#define LKS_SIGNAL_RECRUITMENT_H

#include "record/events.h"

/* A message that names things: tags, links, posts, sounds. */
struct lks_call {
    int64_t time_us;
    uint32_t account, post;       /* who called, with which post */
    uint32_t first, things_count; /* into lks_recruitment_input.things */
};

/* Shared and unchanging. */
struct lks_recruitment_input {
    const struct lks_events *events;
    const struct lks_call *calls; /* [calls_count], in order of time */
    size_t calls_count;
    const uint32_t *things;      /* objects of the events, distinct within a call */
    const uint8_t *account_left; /* [accounts_count] 1: its posts are no answers: who calls, and
                                  * whoever is in the place where the calls are */
};

struct lks_recruitment_options {
    int64_t window_us;  /* an answer comes within this after the call */
    int64_t session_us; /* posts closer than this are one act in the test of timing */
    double level;       /* of q */
    uint32_t answers_min;
    unsigned controls; /* runs with calls moved to other days */
    uint64_t seed;
};

/* An account that answered calls more often than chance lets it. */
struct lks_responder {
    uint32_t account;
    uint32_t channel;     /* the account whose calls it answered most */
    uint32_t answered;    /* distinct calls with a post on something they named */
    uint32_t answerable;  /* calls with a post of the account, on whatever, in their window */
    double expected;      /* answers by the choice of things, by chance */
    uint32_t on_time;     /* acts on tags and sounds of calls that fell into their windows */
    uint32_t acts;        /* on such tags and sounds at any time */
    double expected_time; /* of those, by chance in the windows */
    double log10_p_choice, log10_p_time, log10_p, q_value;
    int64_t lag_median_us;
};

enum { LKS_CALL_BINS = 48, LKS_DOSE_BINS = 12, LKS_ANSWER_BINS = 8 };

/* What one call brought: posts on what it named, as long before and after it. */
struct lks_call_result {
    uint32_t posts_before, posts_after, accounts_after, responders;
    uint64_t all_before, all_after; /* posts of everybody on anything in the same times */
    double log10_p;                 /* posts after against before, binomial; 0 without any */
    int64_t lag_median_us;          /* of answers; -1 without any */
    /* Answers by their lag, LKS_ANSWER_BINS equal parts of the window: of responders, of others. */
    uint32_t answers_responders[LKS_ANSWER_BINS], answers_others[LKS_ANSWER_BINS];
};

struct lks_recruitment {
    struct lks_responder *responders; /* [responders_count], by rising p */
    size_t responders_count;
    struct lks_call_result *calls; /* [calls_count] */
    size_t calls_count;
    uint64_t tested_count; /* accounts with a post on something that a call named */
    /* Posts on what a call named, by time from the call: LKS_CALL_BINS equal parts from one
     * window before to one window after; by responders and by others. */
    uint32_t profile_responders[LKS_CALL_BINS], profile_others[LKS_CALL_BINS];
    int64_t lag_quartiles_us[3]; /* of responders' answers */
    /* Posts in the windows and those of them on what the call named: everybody's before calls; after them
     * those of accounts that answered no other call; those of responders. */
    uint64_t uptake_posts[3], uptake_met[3];
    /* Days with calls; the posts that one more call brings, and its p; of days with 1, 2, ... calls (the last
     * bin takes all above) how many there are and what their calls brought in the mean. */
    uint32_t dose_days;
    double dose_slope, dose_p;
    uint32_t dose_days_by[LKS_DOSE_BINS];
    double dose_excess_by[LKS_DOSE_BINS];
    unsigned controls_count;     /* with calls moved to other days */
    uint64_t control_responders; /* found in all of them together */
};

struct lks_recruitment_options lks_recruitment_options_default(void);

/* Finds who answers calls. *result_out is the caller's, freed by lks_recruitment_free. Cost: the
 * posts in all windows together, once for each control and once more; 16 bytes a post, 24 an
 * answer. 0, LKS_EARGUMENT, LKS_EMEMORY, LKS_ECANCELLED. Method: docs/method/recruitment.md. */
int lks_recruitment_run(const struct lks_recruitment_input *input,
                        const struct lks_recruitment_options *options,
                        const struct lks_control *control, struct lks_recruitment *result_out,
                        struct lks_error *err);
void lks_recruitment_free(struct lks_recruitment *result);

#endif
