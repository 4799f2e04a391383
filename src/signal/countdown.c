/* countdown.c - messages of a channel that name one moment to come, and what is said at that moment
 *
 * "3 hours left" at 15:00 and "2 hours left" at 16:00 name one moment; "in 20 minutes, at 18:00 GMT" names it
 * twice. One message alone says anything: a span in a text may be of the past, of a film, of an offer. That
 * two agree is what makes an appointment of it, and what its channel says at the appointed minute is what it
 * was about, however short it is and whatever its words are. Each moment is compared with those that its
 * channel named before it, at most LKS_COUNTDOWN_BACK of them, so the work grows with the messages. */
#include "signal/countdown.h"

#include <stdlib.h>
#include <string.h>

enum { SPAN = 128 };
static const int64_t near_us = LKS_MINUTE_US, back_us = 2 * LKS_DAY_US;
static const int64_t due_before_us = LKS_MINUTE_US, due_after_us = 5 * LKS_MINUTE_US;

struct counting {
    const struct lks_countdown_input *input;
    uint8_t *flags;
    size_t *message_first; /* [places + 2] into messages */
    uint32_t *messages;    /* by place, then in order */
    size_t *moment_first;  /* [places + 2] into moments */
    uint32_t *moments;     /* by place, then in order */
    int64_t *appointed_us; /* of the place at hand */
    size_t appointed_count, appointed_capacity;
};

/* The moment that an hour of the day stands for, next to another one. */
static int64_t hour_near(int64_t moment_us, uint32_t clock_s)
{
    int64_t off_us = (moment_us - clock_s * LKS_SECOND_US + LKS_DAY_US / 2) % LKS_DAY_US;
    off_us += off_us < 0 ? LKS_DAY_US : 0;
    return moment_us - (off_us - LKS_DAY_US / 2);
}

/* Whether two moments agree, the first named no later than the second; on which. */
static int agree(const struct lks_countdown_input *input, const struct lks_named_moment *first,
                 const struct lks_named_moment *second, int64_t *moment_us)
{
    int64_t first_us = input->time_us[first->message], second_us = input->time_us[second->message];
    int64_t passed_us = second_us - first_us;
    if (first->is_clock && second->is_clock)
        return 0;
    if (!first->is_clock && !second->is_clock) {
        int64_t less_us = ((int64_t)first->seconds - (int64_t)second->seconds) * LKS_SECOND_US;
        *moment_us = second_us + second->seconds * LKS_SECOND_US;
        return first->message != second->message && passed_us <= back_us && less_us >= near_us &&
               llabs(passed_us - less_us) <= near_us + less_us / 20;
    }
    const struct lks_named_moment *span = first->is_clock ? second : first;
    const struct lks_named_moment *clock = first->is_clock ? first : second;
    int64_t span_us = span->seconds * LKS_SECOND_US, slack_us = span_us / 20;
    int64_t end_us = input->time_us[span->message] + span_us;
    slack_us = near_us + (slack_us < 10 * LKS_MINUTE_US ? slack_us : 10 * LKS_MINUTE_US);
    *moment_us = hour_near(end_us, clock->seconds);
    return passed_us <= LKS_DAY_US && span_us <= LKS_DAY_US &&
           llabs(end_us - *moment_us) <= slack_us && *moment_us > second_us;
}

static int appoint(struct counting *counting, int64_t moment_us, size_t first_own)
{
    for (size_t i = first_own; i < counting->appointed_count; i++)
        if (counting->appointed_us[i] == moment_us)
            return 0;
    if (counting->appointed_count == counting->appointed_capacity) {
        size_t wanted = counting->appointed_capacity ? 2 * counting->appointed_capacity : 256;
        int64_t *grown = realloc(counting->appointed_us, wanted * sizeof *grown);
        if (!grown)
            return LKS_EMEMORY;
        counting->appointed_us = grown;
        counting->appointed_capacity = wanted;
    }
    counting->appointed_us[counting->appointed_count++] = moment_us;
    return 0;
}

/* Moments of one place against those before them. */
static int steps_find(struct counting *counting, uint32_t place)
{
    const struct lks_countdown_input *input = counting->input;
    const uint32_t *at = counting->moments + counting->moment_first[place];
    size_t count = counting->moment_first[place + 1] - counting->moment_first[place];
    int code = 0;
    counting->appointed_count = 0;
    for (size_t i = 0; code == 0 && i < count; i++) {
        const struct lks_named_moment *second = &input->moments[at[i]];
        size_t first_own = counting->appointed_count;
        for (size_t k = 1; code == 0 && k <= i && k <= LKS_COUNTDOWN_BACK; k++) {
            const struct lks_named_moment *first = &input->moments[at[i - k]];
            int64_t moment_us;
            if (input->time_us[second->message] - input->time_us[first->message] > back_us)
                break;
            if (!agree(input, first, second, &moment_us))
                continue;
            counting->flags[first->message] |= LKS_COUNTDOWN_STEP;
            counting->flags[second->message] |= LKS_COUNTDOWN_STEP | LKS_COUNTDOWN_KNOWN;
            code = appoint(counting, moment_us, first_own);
        }
    }
    return code;
}

static int time_order(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* What the place says at its moments. Moments within a minute of one are the same. */
static void due_mark(struct counting *counting, uint32_t place)
{
    const struct lks_countdown_input *input = counting->input;
    const uint32_t *at = counting->messages + counting->message_first[place];
    size_t count = counting->message_first[place + 1] - counting->message_first[place], from = 0;
    int64_t last_us = INT64_MIN;
    if (counting->appointed_count)
        qsort(counting->appointed_us, counting->appointed_count, sizeof *counting->appointed_us,
              time_order);
    for (size_t i = 0; i < counting->appointed_count; i++) {
        int64_t moment_us = counting->appointed_us[i];
        if (last_us != INT64_MIN && moment_us - last_us < near_us)
            continue;
        last_us = moment_us;
        while (from < count && input->time_us[at[from]] < moment_us - due_before_us)
            from++;
        int marked = 0;
        for (size_t m = from; m < count && marked < LKS_COUNTDOWN_DUE_MAX &&
                              input->time_us[at[m]] <= moment_us + due_after_us;
             m++) {
            if (counting->flags[at[m]] & SPAN)
                continue;
            counting->flags[at[m]] |= LKS_COUNTDOWN_DUE;
            marked++;
        }
    }
}

/* Messages and moments by place, each in order. */
static int places_sort(struct counting *counting, struct lks_error *err)
{
    const struct lks_countdown_input *input = counting->input;
    size_t places = input->places_count;
    counting->message_first = calloc(places + 2, sizeof *counting->message_first);
    counting->moment_first = calloc(places + 2, sizeof *counting->moment_first);
    counting->messages = malloc((input->messages_count + 1) * sizeof *counting->messages);
    counting->moments = malloc((input->moments_count + 1) * sizeof *counting->moments);
    if (!counting->message_first || !counting->moment_first || !counting->messages ||
        !counting->moments)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for countdowns");
    for (size_t i = 0; i < input->messages_count; i++)
        counting->message_first[input->place[i] + 2] += input->place[i] + 2 <= places;
    for (size_t i = 0; i < input->moments_count; i++) {
        uint32_t place = input->place[input->moments[i].message];
        counting->moment_first[place + 2] += place + 2 <= places;
    }
    for (size_t p = 2; p <= places; p++) {
        counting->message_first[p] += counting->message_first[p - 1];
        counting->moment_first[p] += counting->moment_first[p - 1];
    }
    for (size_t i = 0; i < input->messages_count; i++)
        counting->messages[counting->message_first[input->place[i] + 1]++] = (uint32_t)i;
    for (size_t i = 0; i < input->moments_count; i++)
        counting->moments[counting->moment_first[input->place[input->moments[i].message] + 1]++] =
            (uint32_t)i;
    return 0;
}

int lks_countdown_run(const struct lks_countdown_input *input, uint8_t *flags,
                      struct lks_error *err)
{
    struct counting counting = {.input = input, .flags = flags};
    int code = places_sort(&counting, err);
    if (code == 0 && input->messages_count)
        memset(flags, 0, input->messages_count);
    for (size_t i = 0; code == 0 && i < input->moments_count; i++)
        flags[input->moments[i].message] |= input->moments[i].is_clock ? 0 : SPAN;
    for (uint32_t place = 0; code == 0 && place < input->places_count; place++) {
        if (steps_find(&counting, place) != 0)
            code = lks_error_set(err, LKS_EMEMORY, "out of memory for countdowns");
        else
            due_mark(&counting, place);
    }
    for (size_t i = 0; code == 0 && i < input->messages_count; i++)
        flags[i] &= (uint8_t)~SPAN;
    free(counting.message_first);
    free(counting.moment_first);
    free(counting.messages);
    free(counting.moments);
    free(counting.appointed_us);
    return code;
}
