/* attachment_days.c - would the account have met the group on other days as well?
 *
 * Exchangeable authors know no interests and no hours of their own. Fans who post every
 * evening under their tag meet each other every evening, and nobody works through a list. So
 * a second explanation is allowed for: the account shares the group's interest, with
 * probability at most pi, the share of all accounts that use the most widespread thing on
 * which it met the group; then its own days are exchangeable against the group's. A post of it
 * is moved by up to two weeks of whole days, keeping its hour of the day and its objects, and
 * tau is the share of these days, its own among them, on which it would meet the group. Posts of
 * one hour are one draw: with chance sum tau, at most 1; the tail over the hours is the
 * binomial bound of the null model.
 *
 * A greeting that is anybody's on any morning, a tag of every evening have tau near 1. A text
 * that the group copied on one day has tau near 0, and a call at another hour each day little more.
 *
 * Cost: for each post that shares anything with the group, 29 searches an object. */
#include <string.h>

#include "signal/attachment_inside.h"
#include "stat/tail.h"

enum { DAYS_MOST = 14 };

/* First of the group's uses of o not before time_us. */
static uint32_t use_from(const struct lks_attachment *attachment, uint32_t o, int64_t time_us)
{
    uint32_t low = attachment->use_first[o], high = attachment->use_first[o + 1];
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (attachment->use_time_us[middle] < time_us)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint32_t lks_attachment_would_meet(const struct lks_attachment *attachment, uint32_t post,
                                   uint32_t account, int64_t time_us, unsigned t, uint32_t most,
                                   struct lks_attachment_scratch *scratch)
{
    const struct lks_chance *chance = attachment->chance;
    uint32_t found = 0;
    if (++scratch->epoch == 0) {
        memset(scratch->stamp, 0, (size_t)chance->events->accounts_count * 4);
        scratch->epoch = 1;
    }
    for (uint32_t j = chance->post_event_first[post]; j < chance->post_event_first[post + 1]; j++) {
        uint32_t o = chance->post_object[j];
        int64_t window_us = chance->counts.windows_us[lks_attachment_window(attachment, t)];
        if (!lks_attachment_takes(attachment, t, o))
            continue;
        if (chance->object_reach_us[o] < window_us)
            window_us = chance->object_reach_us[o];
        uint32_t end = attachment->use_first[o + 1];
        for (uint32_t i = use_from(attachment, o, time_us - window_us);
             i < end && attachment->use_time_us[i] <= time_us + window_us; i++) {
            uint32_t other = attachment->use_account[i];
            if (other == account || scratch->stamp[other] == scratch->epoch)
                continue;
            scratch->stamp[other] = scratch->epoch;
            if (++found >= most)
                return found;
        }
    }
    return found;
}

/* The largest share of accounts that use a thing of this post that a member uses too. */
static double common_of(const struct lks_attachment *attachment,
                        const struct lks_chance_authors *authors, uint32_t post, uint32_t account,
                        unsigned t)
{
    const struct lks_chance *chance = attachment->chance;
    uint32_t most = 0;
    for (uint32_t j = chance->post_event_first[post]; j < chance->post_event_first[post + 1]; j++) {
        uint32_t o = chance->post_object[j], i = attachment->use_first[o];
        if (!lks_attachment_takes(attachment, t, o))
            continue;
        while (i < attachment->use_first[o + 1] && attachment->use_account[i] == account)
            i++;
        if (i < attachment->use_first[o + 1] && authors->users[o] > most)
            most = authors->users[o];
    }
    return most ? (most - 1.0) / (chance->events->accounts_count - 1.0) : 0;
}

/* tau of a post; *met says whether it does meet the group. */
static double share_of_days(const struct lks_attachment *attachment, uint32_t place,
                            uint32_t account, unsigned t, unsigned least_index,
                            struct lks_attachment_scratch *scratch, int *met)
{
    const struct lks_chance *chance = attachment->chance;
    uint32_t post = chance->stratum_post[place], days = 0, hits = 0;
    int64_t time_us = chance->sorted_us[place];
    for (int d = -DAYS_MOST; d <= DAYS_MOST; d++) {
        int64_t moved_us = time_us + d * attachment->day_us;
        if (moved_us < attachment->first_us || moved_us > attachment->last_us)
            continue;
        uint32_t least = lks_attachment_least[least_index];
        int hit = lks_attachment_would_meet(attachment, post, account, moved_us, t, least,
                                            scratch) == least;
        days++;
        hits += (uint32_t)hit;
        if (d == 0)
            *met = hit;
    }
    return (double)hits / days;
}

double lks_attachment_days_log_p(const struct lks_attachment *attachment,
                                 const struct lks_chance_authors *authors, uint32_t account,
                                 unsigned t, unsigned least_index,
                                 struct lks_attachment_scratch *scratch, double *common_out)
{
    const struct lks_chance *chance = attachment->chance;
    uint32_t first = chance->account_first[account], end = chance->account_first[account + 1];
    uint32_t hours_met = 0, hours = 0;
    double expected = 0, common = 0;
    *common_out = 0;
    if (attachment->days < LKS_ATTACHMENT_DAYS_MIN)
        return 0;
    for (uint32_t i = first, next; i < end; i = next) {
        uint32_t h = chance->place_stratum[authors->account_place[i]];
        double tau = 0;
        int any = 0;
        for (next = i; next < end; next++) {
            uint32_t place = authors->account_place[next];
            if (chance->place_stratum[place] != h)
                break;
            double share = common_of(attachment, authors, chance->stratum_post[place], account, t);
            if (!(share > 0))
                continue; /* nothing of the group's on any day */
            int met = 0;
            tau += share_of_days(attachment, place, account, t, least_index, scratch, &met);
            any |= met;
            if (met && share > common)
                common = share;
        }
        hours_met += (uint32_t)any;
        hours += tau > 0;
        expected += tau < 1 ? tau : 1;
    }
    *common_out = common;
    return lks_hoeffding_tail_log(hours_met, hours, expected);
}
