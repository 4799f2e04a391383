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
 * Cost: for each post that shares anything with the group and each test asked, 29 steps through the
 * group's uses of its things, each found from the one of the day before; days on which nobody of the group used any
 * of them are not looked at, and a day ends with the sixteenth member met. */
#include <string.h>

#include "chance/attachment_inside.h"
#include "stat/tail.h"

enum { DAYS_MOST = 14, MOST = LKS_ATTACHMENT_MEMBERS_MOST };

void lks_attachment_things(const struct lks_attachment *attachment, uint32_t post, unsigned t,
                           struct lks_attachment_scratch *scratch)
{
    const struct lks_chance *chance = attachment->chance;
    int64_t longest_us = chance->counts.windows_us[lks_attachment_window(attachment, t)];
    scratch->things_count = 0;
    scratch->first_us = INT64_MAX;
    scratch->last_us = INT64_MIN;
    for (uint32_t j = chance->post_event_first[post]; j < chance->post_event_first[post + 1]; j++) {
        uint32_t o = chance->post_object[j];
        uint32_t next = attachment->use_first[o], end = attachment->use_first[o + 1];
        if (next == end || !lks_attachment_takes(attachment, t, o))
            continue;
        int64_t reach_us = chance->object_reach_us[o];
        int64_t window_us = reach_us < longest_us ? reach_us : longest_us;
        int64_t first_us = attachment->use_time_us[next] - window_us;
        int64_t last_us = attachment->use_time_us[end - 1] + window_us;
        scratch->first_us = first_us < scratch->first_us ? first_us : scratch->first_us;
        scratch->last_us = last_us > scratch->last_us ? last_us : scratch->last_us;
        scratch->thing[scratch->things_count++] =
            (struct lks_attachment_thing){next, end, window_us};
    }
}

/* First of the uses next .. end - 1 not before time_us: by steps that double, then by halves. */
static uint32_t use_from(const int64_t *use_time_us, uint32_t next, uint32_t end, int64_t time_us)
{
    uint32_t step = 1, low = next, high = end;
    while (low < end && use_time_us[low] < time_us) {
        next = low + 1;
        high = end - low > step ? low + step : end;
        if (high == end || use_time_us[high] >= time_us)
            break;
        low = high;
        step *= 2;
    }
    if (low >= end || use_time_us[low] >= time_us)
        return low;
    for (low = next; low < high;) {
        uint32_t middle = low + (high - low) / 2;
        if (use_time_us[middle] < time_us)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint32_t lks_attachment_would_meet(const struct lks_attachment *attachment, uint32_t account,
                                   int64_t time_us, struct lks_attachment_scratch *scratch)
{
    uint32_t found = 0, met[MOST];
    memset(met, 0xff, sizeof met); /* no account */
    for (uint32_t j = 0; j < scratch->things_count; j++) {
        struct lks_attachment_thing *thing = &scratch->thing[j];
        int64_t last_us = time_us + thing->window_us;
        uint32_t i = thing->next =
            use_from(attachment->use_time_us, thing->next, thing->end, time_us - thing->window_us);
        for (; i < thing->end && attachment->use_time_us[i] <= last_us; i++) {
            uint32_t other = attachment->use_account[i];
            int known = other == account;
            for (unsigned m = 0; m < MOST; m++)
                known |= met[m] == other;
            if (known)
                continue;
            met[found++] = other;
            if (found == MOST)
                return found;
        }
    }
    return found;
}

/* The largest share of accounts that use a thing of this post that a member uses too. */
static double common_of(const struct lks_attachment *attachment, uint32_t post, uint32_t account,
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
        if (i < attachment->use_first[o + 1] && attachment->authors->users[o] > most)
            most = attachment->authors->users[o];
    }
    return most ? (most - 1.0) / (chance->events->accounts_count - 1.0) : 0;
}

/* Adds the shares of days of a post by least number to tau[], and of days but its own to others[]. */
static void add_days(const struct lks_attachment *attachment, uint32_t place, uint32_t account,
                     unsigned t, struct lks_attachment_scratch *scratch, double *tau,
                     double *others)
{
    const struct lks_chance *chance = attachment->chance;
    uint32_t days = 0, hits[LKS_ATTACHMENT_LEASTS] = {0}, own[LKS_ATTACHMENT_LEASTS] = {0};
    lks_attachment_things(attachment, chance->stratum_post[place], t, scratch);
    for (int d = -DAYS_MOST; d <= DAYS_MOST; d++) {
        int64_t moved_us = chance->sorted_us[place] + d * attachment->day_us;
        if (moved_us < attachment->first_us || moved_us > attachment->last_us)
            continue;
        days++;
        if (moved_us < scratch->first_us || moved_us > scratch->last_us)
            continue;
        unsigned level =
            lks_attachment_level(lks_attachment_would_meet(attachment, account, moved_us, scratch));
        for (unsigned k = 0; k < level; k++) {
            hits[k]++;
            own[k] += d == 0;
        }
    }
    for (unsigned k = 0; k < LKS_ATTACHMENT_LEASTS; k++) {
        tau[k] += (double)hits[k] / days;
        others[k] += days > 1 ? (double)(hits[k] - own[k]) / (days - 1) : 0;
    }
}

void lks_attachment_days(const struct lks_attachment *attachment,
                         const struct lks_attachment_row *row, unsigned t,
                         struct lks_attachment_scratch *scratch,
                         struct lks_attachment_of_days *days)
{
    const struct lks_chance *chance = attachment->chance;
    uint32_t hours[LKS_ATTACHMENT_LEASTS] = {0};
    double expected[LKS_ATTACHMENT_LEASTS] = {0};
    memset(days, 0, sizeof *days);
    if (attachment->days < LKS_ATTACHMENT_DAYS_MIN)
        return;
    for (uint32_t i = 0, next; i < row->count; i = next) {
        uint32_t h = chance->stratum_span[chance->place_stratum[row->place[i]]];
        double tau[LKS_ATTACHMENT_LEASTS] = {0}, others[LKS_ATTACHMENT_LEASTS] = {0};
        unsigned most = 0;
        for (next = i; next < row->count; next++) {
            uint32_t place = row->place[next];
            if (chance->stratum_span[chance->place_stratum[place]] != h)
                break;
            double share = common_of(attachment, chance->stratum_post[place], row->account, t);
            if (!(share > 0))
                continue; /* nothing of the group's on any day */
            unsigned own = attachment->reached[(size_t)place * attachment->tests + t];
            add_days(attachment, place, row->account, t, scratch, tau, others);
            most = own > most ? own : most;
            for (unsigned k = 0; k < own; k++)
                days->common[k] = share > days->common[k] ? share : days->common[k];
        }
        for (unsigned k = 0; k < LKS_ATTACHMENT_LEASTS; k++) {
            days->met[k] += k < most;
            hours[k] += tau[k] > 0;
            expected[k] += tau[k] < 1 ? tau[k] : 1;
            days->others[k] += others[k] < 1 ? others[k] : 1;
        }
    }
    for (unsigned k = 0; k < LKS_ATTACHMENT_LEASTS; k++)
        days->log_p[k] = lks_hoeffding_tail_log(days->met[k], hours[k], expected[k]);
}
