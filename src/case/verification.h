/* verification.h - what a verification found: a list of checks, each with what it says in words
 *
 * A check holds, or found damage (something is not what a signature covers), or found that something is
 * missing that was promised; or there was nothing to check, or it was left out because somebody asked so.
 * Every problem is counted; the first few are told. */
#ifndef LKS_CASE_VERIFICATION_H
#define LKS_CASE_VERIFICATION_H

#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

enum lks_check_state {
    LKS_CHECK_NONE,    /* nothing of the kind is here, and nothing says that it should be */
    LKS_CHECK_SKIPPED, /* left out because it was asked for */
    LKS_CHECK_HOLDS,
    LKS_CHECK_INCOMPLETE,
    LKS_CHECK_DAMAGED
};
extern const char *const lks_check_state_names[5];

#define LKS_CHECKS_MAX 24
#define LKS_CHECK_TOLD_MAX 10

struct lks_check {
    const char *name;  /* one word, for machines */
    const char *title; /* for people */
    enum lks_check_state state;
    uint64_t checked_count, damaged_count, missing_count, notes_count;
    struct lks_buffer said; /* sentences about what was found; each ends without a full stop */
    struct lks_buffer told; /* the first problems and notes, a line each: "damaged: ..." */
};

/* Zero it to start. */
struct lks_verification {
    struct lks_check checks[LKS_CHECKS_MAX];
    size_t count;
    struct lks_buffer subject; /* what was verified, in one line */
};

/* Adds a check, which holds as long as nothing else is said. name and title are static. */
struct lks_check *lks_check_start(struct lks_verification *verification, const char *name,
                                  const char *title);
/* Each takes a sentence without its full stop. Text from outside in it is made fit to be shown. */
void lks_check_damaged(struct lks_check *check, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void lks_check_missing(struct lks_check *check, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void lks_check_note(struct lks_check *check, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void lks_check_say(struct lks_check *check, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Nothing was here, or it was left out: only where no problem was told. */
void lks_check_none(struct lks_check *check, const char *why);
void lks_check_skip(struct lks_check *check, const char *why);

/* The worst of all checks: HOLDS, INCOMPLETE or DAMAGED. */
enum lks_check_state lks_verification_state(const struct lks_verification *verification);
/* The check of that name; NULL. */
const struct lks_check *lks_verification_find(const struct lks_verification *verification,
                                              const char *name);
/* The whole as text, or as one JSON object and a newline. LKS_EMEMORY. */
int lks_verification_format(const struct lks_verification *verification, int as_json,
                            struct lks_buffer *out, struct lks_error *err);
void lks_verification_free(struct lks_verification *verification);

#endif
