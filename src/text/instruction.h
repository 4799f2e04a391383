/* instruction.h - whether a message tells its readers what to do, now */
#ifndef LKS_TEXT_INSTRUCTION_H
#define LKS_TEXT_INSTRUCTION_H

#include "text/cues.h"

/* What the rule looks at besides the message's own words. */
struct lks_instruction_around {
    int has_things;      /* it carries a tag or a link */
    int after_countdown; /* the channel counted down or announced shortly before */
};

/* Points: one for each cue of what to do, when, what comes next and to be ready (two of each at most),
 * one for a cue that a name follows, one after a countdown, half for whom it is said to and half for
 * carrying things; less one for each sign that it is over (two at most) and for each condition or
 * standing offer (three at most). Weights were written down before any label was looked at; where to
 * draw the line was chosen on one half of labelled channels. docs/cues.md. */
double lks_instruction_score(const struct lks_cue_hits *hits,
                             const struct lks_instruction_around *around);

/* The same with what its place among countdowns says (flags of signal/countdown.h, or 0): whatever its words
 * are, a step of a countdown is an instruction, and so is what its channel says at the moment counted down to. */
double lks_instruction_timed(double score, int countdown_flags);

/* From here on a message is called an instruction, and from here on it is looked at as a call
 * that may be one. */
#define LKS_INSTRUCTION_SURE 3.5
#define LKS_INSTRUCTION_LIKELY 2.0

/* Whether it counts down or announces: what follows it in its channel is more likely a call. */
int lks_instruction_announces(const struct lks_cue_hits *hits);

#endif
