/* relay_turns.c - how many calls of others each channel repeats, beside its own hours on other days
 *
 * Channels have habits: a countdown by one text at sixteen hours sharp, a list every Saturday. Two that
 * have the same words and hours say them together, and never heard of each other. So what a
 * channel does is held against what it would do had everybody else done the same on another day:
 *
 *      days       0   1   2   3   4   5   6   7 ...          27 | 28 ...
 *      others         c           c       c                     |      a block of whole weeks
 *      channel    .   x   .   .   x   .   .   .   .   x         |
 *      moved by 3                 c           c       c         |      around the end of the block
 *
 * For every block and every turn s: of the calls of others in the block, moved by s days around it, how
 * many does the channel, which stays, repeat? It does if it says one of the call's new terms within the
 * widest window of the moment, and not in the quiet time before; a term is new if nobody else said it
 * in the quiet time before, and everybody else is moved alike. In the same second is repeated, too:
 * who was first there the data do not say, and another order for other turns would not be fair.
 *
 * What turns come to is in relayers.c. Days at the end that make no week stay where they are.
 *
 * Cost: for each new term of a call its uses in the block. */
#include <stdlib.h>
#include <string.h>

#include "base/threads.h"
#include "signal/relay_inside.h"

enum { WEEK_DAYS = 7, UNTURNED = UINT32_MAX };

struct turning {
    struct lks_relay_run *run;
    struct lks_relay_turned *turned;
    int64_t start_us, end_us; /* of the block */
    uint32_t days;            /* in it */
    uint32_t turns;           /* days, or 1 */
    uint32_t *slot;    /* [places_count] where its counts are, UNTURNED where it repeats nobody */
    uint32_t *touched; /* [places_count] places that have a slot, in their order */
    size_t touched_count;
    struct counted {
        uint32_t count, call; /* call + 1 that was counted last */
    } * counted;              /* [touched_count * days] */
    size_t counted_capacity;
    int64_t *said_us; /* [places_count] when it last said the term, where its stamp is the mark */
    uint32_t *new_to; /* [places_count] call + 1 that has terms which only this place said before */
    uint32_t *spoke;  /* [places_count] call + 1 after which it was seen to speak */
};

/* ---- one call ---- */

/* To whom the term of a use is new: UINT32_MAX to all, a place to it alone, its own place to nobody. */
static uint32_t new_to(const struct lks_relay_run *run, size_t use)
{
    uint32_t own = run->place[run->uses[use].post], only = UNTURNED;
    int64_t at_us = run->time_us[run->uses[use].post];
    for (size_t u = use; u > 0 && run->uses[u - 1].term == run->uses[use].term; u--) {
        uint32_t post = run->uses[u - 1].post, place = run->place[post];
        if (at_us - run->time_us[post] > run->options->quiet_us)
            break;
        if (place == own)
            return own;
        if (run->time_us[post] == at_us || place == only)
            continue;
        if (only != UNTURNED)
            return own;
        only = place;
    }
    return only;
}

static int room_make(void *array, size_t wanted, size_t *capacity, size_t item_bytes)
{
    void **pointer = array;
    if (wanted <= *capacity)
        return 0;
    size_t more = wanted > 2 * *capacity ? wanted : 2 * *capacity;
    void *grown = realloc(*pointer, more * item_bytes);
    if (!grown)
        return LKS_EMEMORY;
    *pointer = grown;
    *capacity = more;
    return 0;
}

static int place_count(struct turning *turning, uint32_t place, uint32_t turn, uint32_t post)
{
    if (turning->slot[place] == UNTURNED) {
        size_t first = turning->touched_count * turning->days;
        if (room_make(&turning->counted, first + turning->days, &turning->counted_capacity,
                      sizeof *turning->counted))
            return LKS_EMEMORY;
        memset(turning->counted + first, 0, turning->days * sizeof *turning->counted);
        turning->slot[place] = (uint32_t)turning->touched_count;
        turning->touched[turning->touched_count++] = place;
    }
    struct counted *counted =
        &turning->counted[(size_t)turning->slot[place] * turning->days + turn];
    counted->count += counted->call != post + 1;
    counted->call = post + 1;
    return 0;
}

/* The turn that puts the moment at the given day where post stands within the window, or UNTURNED. */
static uint32_t turn_of(const struct turning *turning, int64_t at_us, int64_t time_us,
                        int64_t *moved_us)
{
    const struct lks_relay_options *options = turning->run->options;
    int64_t clock_us = (at_us - turning->start_us) % LKS_DAY_US;
    int64_t since_us = time_us - turning->start_us - clock_us;
    if (since_us < 0 || since_us % LKS_DAY_US > options->window_us[LKS_RELAY_WINDOWS - 1])
        return UNTURNED;
    int64_t from = (at_us - turning->start_us) / LKS_DAY_US, to = since_us / LKS_DAY_US;
    if (to >= turning->days || (turning->turns == 1 && to != from))
        return UNTURNED;
    *moved_us = turning->start_us + clock_us + to * LKS_DAY_US;
    return (uint32_t)((to - from + turning->days) % turning->days);
}

/* Counts who says the term of a use at this hour, on whichever day of the block. */
static int term_turn(struct turning *turning, size_t use, uint32_t only)
{
    struct lks_relay_run *run = turning->run;
    uint32_t post = run->uses[use].post, own = run->place[post];
    int64_t at_us = run->time_us[post], quiet_us = run->options->quiet_us;
    int64_t last_us = turning->end_us + run->options->window_us[LKS_RELAY_WINDOWS - 1];
    size_t first = use;
    while (first > 0 && run->uses[first - 1].term == run->uses[use].term &&
           run->time_us[run->uses[first - 1].post] >= turning->start_us - quiet_us)
        first--;
    uint32_t mark = lks_relay_mark(run);
    for (size_t u = first; u < run->uses_count && run->uses[u].term == run->uses[use].term; u++) {
        uint32_t place = run->place[run->uses[u].post];
        int64_t time_us = run->time_us[run->uses[u].post], moved_us;
        if (time_us > last_us)
            break;
        if (place == own || (only != UNTURNED && place != only))
            continue;
        int said = run->stamp[place] == mark;
        int64_t said_us = turning->said_us[place];
        run->stamp[place] = mark;
        turning->said_us[place] = time_us;
        uint32_t turn = turn_of(turning, at_us, time_us, &moved_us);
        if (turn != UNTURNED && !(said && said_us >= moved_us - quiet_us) &&
            place_count(turning, place, turn, post))
            return LKS_EMEMORY;
    }
    return 0;
}

/* Who says anything in the window of a call that has a term which is new to it. */
static void could_count(struct turning *turning, uint32_t post, int all)
{
    struct lks_relay_run *run = turning->run;
    int64_t at_us = run->time_us[post];
    int64_t end_us = at_us + run->options->window_us[LKS_RELAY_WINDOWS - 1];
    size_t p = post;
    while (p > 0 && run->time_us[p - 1] == at_us)
        p--;
    for (; p < run->count && run->time_us[p] <= end_us; p++) {
        uint32_t place = run->place[p];
        if (place == run->place[post] || turning->spoke[place] == post + 1 ||
            (!all && turning->new_to[place] != post + 1))
            continue;
        turning->spoke[place] = post + 1;
        turning->turned->could[place]++;
    }
}

static int call_turn(struct turning *turning, uint32_t post)
{
    struct lks_relay_run *run = turning->run;
    int all = 0, some = 0, code = 0;
    for (size_t i = run->own_first[post]; code == 0 && i < run->own_first[post + 1]; i++) {
        uint32_t only = new_to(run, run->own[i]);
        if (only == run->place[post])
            continue;
        if (only == UNTURNED)
            all = 1;
        else
            turning->new_to[only] = post + 1;
        some = 1;
        code = term_turn(turning, run->own[i], only);
    }
    if (some)
        could_count(turning, post, all);
    return code;
}

/* ---- one block ---- */

static int place_order(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Puts down what the block came to, and clears it for the next one. */
static int block_keep(struct turning *turning)
{
    struct lks_relay_turned *to = turning->turned;
    size_t count = turning->touched_count, turns = turning->turns;
    if (room_make(&to->blocks, to->blocks_count + count, &to->blocks_capacity,
                  sizeof *to->blocks) ||
        room_make(&to->counts, to->counts_count + count * turns, &to->counts_capacity,
                  sizeof *to->counts))
        return LKS_EMEMORY;
    qsort(turning->touched, count, sizeof *turning->touched, place_order);
    for (size_t i = 0; i < count; i++) {
        uint32_t place = turning->touched[i];
        const struct counted *own = turning->counted + (size_t)turning->slot[place] * turning->days;
        to->blocks[to->blocks_count++] =
            (struct lks_relay_turns){place, turning->turns, to->counts_count};
        for (size_t turn = 0; turn < turns; turn++)
            to->counts[to->counts_count++] = own[turn].count;
        turning->slot[place] = UNTURNED;
    }
    turning->touched_count = 0;
    return 0;
}

/* Turns the calls from post *from on that stand in the block, and leaves the first one behind it there. */
static int block_turn(struct turning *turning, uint32_t *from, const struct lks_control *control,
                      struct lks_error *err)
{
    struct lks_relay_run *run = turning->run;
    uint32_t post = *from;
    int code = 0;
    for (; code == 0 && post < run->count && run->time_us[post] < turning->end_us; post++) {
        if (post % 4096 == 0 && lks_cancelled(control))
            return lks_error_set(err, LKS_ECANCELLED, "stopped");
        if (run->is_call[post])
            code = call_turn(turning, post);
    }
    *from = post;
    if (code || block_keep(turning))
        return lks_error_set(err, LKS_EMEMORY, "out of memory for what channels repeat");
    return 0;
}

/* ---- all blocks ---- */

/* Blocks of whole weeks, of block_weeks each or a few more, and what is left of a week. */
static int blocks_turn(struct turning *turning, int64_t first_us, uint64_t weeks, uint64_t blocks,
                       const struct lks_control *control, struct lks_error *err)
{
    const struct lks_relay_run *run = turning->run;
    uint32_t from = 0;
    int code = 0;
    turning->turned->least_p = 1;
    turning->end_us = first_us;
    for (uint64_t b = 0; code == 0 && b < blocks; b++) {
        uint64_t own = weeks * (b + 1) / blocks - weeks * b / blocks;
        turning->days = turning->turns = (uint32_t)own * WEEK_DAYS;
        turning->start_us = turning->end_us;
        turning->end_us = turning->start_us + (int64_t)turning->days * LKS_DAY_US;
        turning->turned->least_p /= (double)own * (b ? 1 : WEEK_DAYS);
        code = block_turn(turning, &from, control, err);
    }
    turning->start_us = turning->end_us;
    turning->days = WEEK_DAYS;
    turning->turns = 1;
    turning->end_us += WEEK_DAYS * LKS_DAY_US;
    if (code == 0 && from < run->count)
        code = block_turn(turning, &from, control, err);
    return code;
}

int lks_relay_turn(struct lks_relay_run *run, const struct lks_control *control,
                   struct lks_relay_turned *turned, struct lks_error *err)
{
    size_t places = (size_t)run->input->places_count + 1;
    *turned =
        (struct lks_relay_turned){.could = calloc(places, sizeof *turned->could), .least_p = 1};
    if (!turned->could)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for what channels repeat");
    if (!run->count)
        return 0;
    int64_t of_day_us = run->time_us[0] % LKS_DAY_US;
    int64_t first_us = run->time_us[0] - of_day_us - (of_day_us < 0 ? LKS_DAY_US : 0);
    uint64_t days = (uint64_t)((run->time_us[run->count - 1] - first_us) / LKS_DAY_US) + 1;
    uint64_t weeks = days / WEEK_DAYS, blocks = weeks / run->options->block_weeks;
    blocks = weeks && !blocks ? 1 : blocks;
    struct turning turning = {.run = run,
                              .turned = turned,
                              .slot = malloc(places * sizeof *turning.slot),
                              .touched = malloc(places * sizeof *turning.touched),
                              .said_us = malloc(places * sizeof *turning.said_us),
                              .new_to = calloc(places, sizeof *turning.new_to),
                              .spoke = calloc(places, sizeof *turning.spoke)};
    int code = turning.slot && turning.touched && turning.said_us && turning.new_to && turning.spoke
                   ? 0
                   : lks_error_set(err, LKS_EMEMORY, "out of memory for what channels repeat");
    for (size_t i = 0; code == 0 && i < places; i++)
        turning.slot[i] = UNTURNED;
    if (code == 0)
        code = blocks_turn(&turning, first_us, weeks, blocks, control, err);
    free(turning.slot);
    free(turning.counted);
    free(turning.touched);
    free(turning.said_us);
    free(turning.new_to);
    free(turning.spoke);
    return code;
}

void lks_relay_turned_free(struct lks_relay_turned *turned)
{
    free(turned->blocks);
    free(turned->counts);
    free(turned->could);
    *turned = (struct lks_relay_turned){0};
}
