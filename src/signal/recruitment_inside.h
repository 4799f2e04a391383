/* recruitment_inside.h - what the files of recruitment share */
#ifndef LKS_SIGNAL_RECRUITMENT_INSIDE_H
#define LKS_SIGNAL_RECRUITMENT_INSIDE_H

#include "signal/recruitment.h"

/* A call names an object: the answers to it are the posts on that object until the window is over
 * or the next call names the object, whichever is first. */
struct lks_naming {
    uint32_t object, call;
    int64_t from_us, to_us; /* answers in (from, to] */
};

/* A post that answers a call. */
struct lks_answer {
    uint32_t call, post, account;
    uint8_t is_choice; /* it met something that lives around the call: a link, a post, a text */
    int64_t lag_us;
};

/* Posts that can be answers, in order of time, and again by account. Made once. */
struct lks_answer_posts {
    uint32_t *post;       /* [count] */
    int64_t *time_us;     /* [count], rising */
    int64_t *own_time_us; /* [count], by account and rising within one */
    size_t *own_first;    /* [accounts_count + 1] */
    size_t count;
    size_t *object_first; /* [objects_count + 1], into the events */
};

/* Answers to one list of calls, sorted by (call, post), each once. */
struct lks_answers {
    struct lks_naming *namings; /* by (object, time) */
    size_t namings_count;
    struct lks_answer *answers;
    size_t count;
};

int lks_answer_posts_make(const struct lks_recruitment_input *input, struct lks_answer_posts *posts,
                          struct lks_error *err);
void lks_answer_posts_free(struct lks_answer_posts *posts);
/* Whether things of this kind live around a call, so that to choose them says something; the
 * others are there all the time, so that only when they are used does. */
int lks_kind_is_choice(uint8_t kind);

/* Distinct posts on the things of a call in [time - window, time), all or those of choice only.
 * stamp[posts_count] is scratch that never held mark before. */
uint32_t lks_posts_before(const struct lks_recruitment_input *input,
                          const struct lks_answer_posts *posts, const struct lks_call *call,
                          int64_t window_us, int choice_only, uint32_t *stamp, uint32_t mark);

int lks_answers_find(const struct lks_recruitment_input *input, const struct lks_call *calls,
                     int64_t window_us, const struct lks_answer_posts *posts,
                     struct lks_answers *answers, struct lks_error *err);
/* Where the stretch of the answers to a call ends that begins at `at`. */
size_t lks_answers_end(const struct lks_answers *answers, size_t call, size_t at);
int lks_answer_by_account(const void *a, const void *b); /* then by post; for qsort */
void lks_answers_free(struct lks_answers *answers);

/* Tests every account; *responders_out[*count_out] are those above the level, by rising p. */
int lks_responders_test(const struct lks_recruitment_input *input, const struct lks_call *calls,
                        const struct lks_recruitment_options *options,
                        const struct lks_answer_posts *posts, const struct lks_answers *answers,
                        const struct lks_control *control, struct lks_responder **responders_out,
                        size_t *count_out, uint64_t *tested_out, struct lks_error *err);

/* Fills channel of responders[count]. */
int lks_responders_channel(const struct lks_recruitment_input *input,
                           const struct lks_answers *answers, struct lks_responder *responders,
                           size_t count, struct lks_error *err);

/* Fills the members dose_... from the calls' results, and uptake_...: see recruitment_dose.c. */
int lks_recruitment_dose(const struct lks_recruitment_input *input, uint64_t seed,
                         struct lks_recruitment *result, struct lks_error *err);
int lks_recruitment_uptake(const struct lks_recruitment_input *input, int64_t window_us,
                           const struct lks_answer_posts *posts, const struct lks_answers *answers,
                           const uint8_t *is_responder, struct lks_recruitment *result,
                           struct lks_error *err);

#endif
