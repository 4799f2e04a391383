/* relay_chance.c - how likely it is by chance that so many others say a term soon after a call
 *
 * Two null models, and the larger p of both.
 *
 *   messages  Which posts carry the term is exchangeable over the posts of the past and of the window:
 *             of N + n posts K + u carry it, and that n drawn ones hold as many of them as places
 *             used it is a hypergeometric tail. Posts of a place count each, so that it errs on the careful
 *             side.
 *   days      Channels keep hours: what is said before every call at noon is said at noon. Each
 *             other place's days, at this time of day, are exchangeable: if it used the term within
 *             the window on k of its s days before and on x (0 or 1) of today, today was one of them
 *             with chance (k + x) / (s + 1), whatever the others did. The places are independent,
 *             and how many there are is bounded by Hoeffding (stat/tail.h).
 *
 * The second is asked where anybody used the term at this time of day before. Where nobody did there
 * is no such habit to be seen, and with sixty days it could not say less than 1/61 a place.
 *
 * Cost: the posts in the window and the term's uses in the days before. */
#include <math.h>

#include "base/threads.h"
#include "signal/relay_inside.h"
#include "stat/tail.h"

int lks_relay_is_quiet(const struct lks_relay_run *run, size_t use)
{
    if (!use || run->uses[use - 1].term != run->uses[use].term)
        return 1;
    return run->time_us[run->uses[use].post] - run->time_us[run->uses[use - 1].post] >
           run->options->quiet_us;
}

/* Past posts, and among them those on the term of the use: before its quiet time. */
static void past_count(const struct lks_relay_run *run, size_t use, uint64_t *posts, uint64_t *uses)
{
    int64_t at_us = run->time_us[run->uses[use].post];
    int64_t from_us = at_us - run->options->past_us, to_us = at_us - run->options->quiet_us;
    *posts = lks_times_up_to(run->time_us, run->count, to_us - 1) -
             lks_times_up_to(run->time_us, run->count, from_us - 1);
    *uses = 0;
    for (size_t u = use; u > 0 && run->uses[u - 1].term == run->uses[use].term; u--) {
        int64_t time_us = run->time_us[run->uses[u - 1].post];
        if (time_us < from_us)
            break;
        *uses += time_us < to_us;
    }
}

/* Posts of other places after post `from` until time_us. */
static uint64_t posts_until(const struct lks_relay_run *run, size_t from, int64_t time_us)
{
    uint64_t posts = 0;
    for (size_t p = from + 1; p < run->count && run->time_us[p] <= time_us; p++)
        posts += run->place[p] != run->place[from];
    return posts;
}

/* One day of those on which the place could be heard at this time of day, today among them. */
static double day_share(const struct lks_relay_run *run, int64_t at_us, uint32_t place)
{
    int64_t days = (at_us - run->first_us[place]) / LKS_DAY_US;
    int64_t most = run->options->habit_us / LKS_DAY_US;
    days = days < most ? days : most;
    return 1 / (double)((days > 0 ? days : 0) + 1);
}

void lks_relay_heard_add(const struct lks_relay_run *run, size_t use, uint32_t place,
                         struct lks_relay_heard *heard)
{
    heard->places++;
    heard->by_day += day_share(run, run->time_us[run->uses[use].post], place);
}

/* Days times places on which the term was used at this time of day, and what they come to. */
static uint64_t habit_count(struct lks_relay_run *run, size_t use, int window, double *by_day)
{
    int64_t at_us = run->time_us[run->uses[use].post], window_us = run->options->window_us[window];
    int64_t most = run->options->habit_us / LKS_DAY_US, day = 0;
    uint32_t own = run->place[run->uses[use].post], mark = 0;
    uint64_t count = 0;
    for (size_t u = use; u > 0 && run->uses[u - 1].term == run->uses[use].term; u--) {
        uint32_t post = run->uses[u - 1].post, place = run->place[post];
        int64_t ago_us = at_us - run->time_us[post];
        int64_t lag_us = (LKS_DAY_US - ago_us % LKS_DAY_US) % LKS_DAY_US;
        int64_t days = (ago_us + lag_us) / LKS_DAY_US;
        if (days > most)
            break;
        if (lag_us > window_us || !days || place == own)
            continue;
        if (days != day)
            mark = lks_relay_mark(run);
        day = days;
        if (run->stamp[place] == mark)
            continue;
        run->stamp[place] = mark;
        count++;
        *by_day += day_share(run, at_us, place);
    }
    return count;
}

double lks_relay_tail_log10(struct lks_relay_run *run, size_t use, int window,
                            const struct lks_relay_heard *heard, double *expected)
{
    size_t post = run->uses[use].post;
    uint64_t past_posts, past_uses;
    uint64_t posts = posts_until(run, post, run->time_us[post] + run->options->window_us[window]);
    double by_day = heard->by_day, mean;
    past_count(run, use, &past_posts, &past_uses);
    mean = (double)posts * (double)(past_uses + heard->uses) / (double)(past_posts + posts);
    double tail = lks_hypergeometric_tail_log(heard->places, posts, past_uses + heard->uses,
                                              past_posts + posts);
    uint64_t habits = habit_count(run, use, window, &by_day);
    if (habits) {
        uint64_t others = run->input->places_count - 1, trials = heard->places + habits;
        tail = fmax(
            tail, lks_hoeffding_tail_log(heard->places, trials < others ? trials : others, by_day));
        mean = fmax(mean, by_day);
    }
    if (expected)
        *expected = mean;
    return tail / log(10);
}
