/* countdown.h - messages of a channel that name one moment to come, and what is said at that moment */
#ifndef LKS_SIGNAL_COUNTDOWN_H
#define LKS_SIGNAL_COUNTDOWN_H

#include "base/error.h"
#include "base/time.h"

/* A message says so long still, or at such an hour (text/moments.h). */
struct lks_named_moment {
    uint32_t message;
    uint32_t seconds; /* still to go, or of the day (UTC) */
    int is_clock;
};

/* Shared and unchanging. Messages in order of time; moments by message. */
struct lks_countdown_input {
    const int64_t *time_us; /* [messages_count], rising */
    const uint32_t *place;  /* [messages_count] the channel it stands in */
    size_t messages_count;
    const struct lks_named_moment *moments; /* [moments_count] */
    size_t moments_count;
    uint32_t places_count;
};

enum {
    LKS_COUNTDOWN_STEP = 1,  /* names a moment that it, or another message, names in another way */
    LKS_COUNTDOWN_KNOWN = 2, /* and that other one came before it */
    LKS_COUNTDOWN_DUE = 4,   /* among the first that its channel says at such a moment */
    LKS_COUNTDOWN_BACK = 64, /* of the channel's moments so many before one are compared with it */
    LKS_COUNTDOWN_DUE_MAX = 3
};

/* Marks flags[messages_count] with what each message is. Two spans agree if the later is shorter by the
 * time that passed between them, within a minute and a twentieth of the difference; a span and an hour if
 * they differ by at most a minute and a twentieth of the span, ten minutes of it at most. Two days lie
 * between two messages at most, a day between a span and an hour. Due are the first three messages from a minute before
 * to five minutes after a moment that was named twice, but for those that name a span themselves. O(messages +
 * 64 moments). 0, LKS_EMEMORY. */
int lks_countdown_run(const struct lks_countdown_input *input, uint8_t *flags,
                      struct lks_error *err);

#endif
