/* promotion_ties.c - what the tellers of one script do together elsewhere, and share beside words
 *
 * Influencers who were handed a script have nothing else to do with each other; a swarm answers the
 * same calls all day. So for every other post of a member we look at one thing that it is about (the one
 * with the fewest others around) and count the members among the others who were on it within
 * the window. Under the null model who they were is exchangeable within the day: with n others
 * there and a share s of that day's posts by members, n s are members on average. What an
 * account met is a sum of such draws, and its p is Hoeffding's bound on the tail. One crowded
 * occasion is no tie: members must have been met at three posts at least, and half as often
 * again as expected.
 *
 *     member -> its events (one compressed row) -> events around them, which lie beside them in
 *     the columns, since those are sorted by (object, time)
 *
 * Posts of a second script of the same accounts (half of all tellers of both tell both) belong to the
 * same campaign, and are no other acts.
 *
 * Cost: members' events times at most 2 NEIGHBOURS. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/progress.h"
#include "base/time.h"
#include "signal/promotion_inside.h"
#include "stat/tail.h"

enum { NEIGHBOURS = 200, HITS_LEAST = 3 };
#define TIMES_EXPECTED 1.5

struct ties {
    const struct lks_promotion_input *input;
    const struct lks_promotion_options *options;
    struct lks_promotion *result;
    uint32_t *post_script;  /* [posts_count of the events] 1 + script, 0: none */
    uint32_t *account_slot; /* [accounts_count] 1 + place in first, 0: no member */
    size_t *first;          /* [slots + 1] into event */
    size_t *event;          /* events of members, by account, then post */
    uint32_t slots_count;
    uint32_t *scripts_first, *scripts_by; /* scripts by slot */
    uint32_t *overlap;                    /* [scripts] members in common with the one at hand */
    uint8_t *same;                        /* [scripts + 1] by 1 + script: 1: of the same campaign */
    uint32_t *member_of;                  /* [accounts_count] stamp: 1 + script */
    uint32_t *seen, epoch;                /* [accounts_count] */
    uint32_t days_count;
    uint32_t *day_all, *day_members;  /* [days_count] posts */
    uint32_t *posts_first, *posts_by; /* posts by member slot: for the days */
    int64_t start_us;
};

static uint32_t day_of(const struct ties *ties, int64_t time_us)
{
    return (uint32_t)((time_us - ties->start_us) / LKS_DAY_US);
}

static int event_order(const void *a, const void *b, void *context)
{
    const struct lks_events *events = context;
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    if (events->account[x] != events->account[y])
        return events->account[x] < events->account[y] ? -1 : 1;
    if (events->post[x] != events->post[y])
        return events->post[x] < events->post[y] ? -1 : 1;
    return (x > y) - (x < y);
}

/* Events of the members by account, and their posts by day. */
static int index_make(struct ties *ties)
{
    const struct lks_events *events = ties->input->events;
    struct lks_promotion *result = ties->result;
    size_t count = 0;
    for (size_t i = 0; i < result->members_count; i++)
        if (!ties->account_slot[result->members[i].account])
            ties->account_slot[result->members[i].account] = ++ties->slots_count;
    for (size_t e = 0; e < events->count; e++)
        count += ties->account_slot[events->account[e]] != 0;
    ties->first = calloc((size_t)ties->slots_count + 2, sizeof *ties->first);
    ties->event = malloc((count + 1) * sizeof *ties->event);
    ties->posts_first = calloc((size_t)ties->slots_count + 2, sizeof *ties->posts_first);
    ties->posts_by = malloc(((size_t)events->posts_count + 1) * sizeof *ties->posts_by);
    if (!ties->first || !ties->event || !ties->posts_first || !ties->posts_by)
        return LKS_EMEMORY;
    /* Counting sort by slot; within a slot by event, then put into order of posts. */
    for (size_t e = 0; e < events->count; e++)
        if (ties->account_slot[events->account[e]])
            ties->first[ties->account_slot[events->account[e]]]++;
    for (uint32_t p = 0; p < events->posts_count; p++)
        if (ties->account_slot[events->post_account[p]])
            ties->posts_first[ties->account_slot[events->post_account[p]]]++;
    for (uint32_t slot = 1; slot <= ties->slots_count; slot++) {
        ties->first[slot] += ties->first[slot - 1];
        ties->posts_first[slot] += ties->posts_first[slot - 1];
    }
    ties->first[ties->slots_count + 1] = count;
    ties->posts_first[ties->slots_count + 1] = ties->posts_first[ties->slots_count];
    /* Filling from behind leaves in each place where its slot begins. */
    for (size_t e = events->count; e-- > 0;)
        if (ties->account_slot[events->account[e]])
            ties->event[--ties->first[ties->account_slot[events->account[e]]]] = e;
    for (uint32_t p = events->posts_count; p-- > 0;)
        if (ties->account_slot[events->post_account[p]])
            ties->posts_by[--ties->posts_first[ties->account_slot[events->post_account[p]]]] = p;
    union {
        const struct lks_events *in;
        void *context;
    } order = {.in = events};
    for (uint32_t slot = 1; slot <= ties->slots_count; slot++)
        qsort_r(ties->event + ties->first[slot], ties->first[slot + 1] - ties->first[slot],
                sizeof *ties->event, event_order, order.context);
    return 0;
}

/* Others on the event's object within the window, distinct accounts: how many, and how many of
 * them are members (of the script whose stamp is given). */
static uint32_t around(struct ties *ties, size_t event, uint32_t stamp, uint32_t *members)
{
    const struct lks_events *events = ties->input->events;
    int64_t window_us = ties->options->tie_window_us;
    uint32_t own = events->account[event], others = 0;
    *members = 0;
    ties->epoch++;
    ties->seen[own] = ties->epoch;
    for (int back = 0; back < 2; back++) {
        size_t at = event;
        for (int step = 0; step < NEIGHBOURS; step++) {
            if (back ? at == 0 : at + 1 == events->count)
                break;
            at = back ? at - 1 : at + 1;
            if (events->object[at] != events->object[event] ||
                llabs(events->time_us[at] - events->time_us[event]) > window_us)
                break;
            uint32_t account = events->account[at];
            if (ties->seen[account] == ties->epoch ||
                ties->same[ties->post_script[events->post[at]]])
                continue;
            ties->seen[account] = ties->epoch;
            others++;
            *members += ties->member_of[account] == stamp;
        }
    }
    return others;
}

/* One post: its thing with the fewest others. Returns their number, 0 where it was alone. */
static uint32_t post_look(struct ties *ties, size_t from, size_t to, uint32_t stamp, uint32_t *met)
{
    uint32_t least = 0;
    *met = 0;
    for (size_t i = from; i < to; i++) {
        uint32_t members, others = around(ties, ties->event[i], stamp, &members);
        if (others && (!least || others < least)) {
            least = others;
            *met = members;
        }
    }
    return least;
}

static void member_test(struct ties *ties, struct lks_script_member *member, uint32_t stamp)
{
    const struct lks_events *events = ties->input->events;
    uint32_t slot = ties->account_slot[member->account];
    size_t at = ties->first[slot], end = ties->first[slot + 1];
    while (at < end) {
        size_t from = at;
        uint32_t post = events->post[ties->event[at]];
        while (at < end && events->post[ties->event[at]] == post)
            at++;
        if (ties->same[ties->post_script[post]])
            continue;
        uint32_t met, others = post_look(ties, from, at, stamp, &met);
        if (!others)
            continue;
        uint32_t day = day_of(ties, events->post_time_us[post]);
        double share = (double)ties->day_members[day] / (double)ties->day_all[day];
        member->tie_posts++;
        member->tie_hits += met > 0;
        member->tie_met += met;
        member->tie_others += others;
        member->tie_expected += fmin(1, share) * others;
    }
    if (member->tie_posts)
        member->tie_log10_p =
            lks_hoeffding_tail_log(member->tie_met, member->tie_others, member->tie_expected) /
            log(10);
    member->tied = member->tie_hits >= HITS_LEAST &&
                   member->tie_met >= TIMES_EXPECTED * member->tie_expected &&
                   member->tie_log10_p <= log10(ties->options->tie_p);
}

/* Which scripts are of one campaign with this one: told by the same accounts. */
static void same_set(struct ties *ties, uint32_t number)
{
    struct lks_promotion *result = ties->result;
    struct lks_script *script = &result->scripts[number];
    memset(ties->overlap, 0, result->scripts_count * sizeof *ties->overlap);
    for (uint32_t m = 0; m < script->accounts_count; m++) {
        uint32_t slot = ties->account_slot[result->members[script->members_first + m].account];
        for (uint32_t i = ties->scripts_first[slot]; i < ties->scripts_first[slot + 1]; i++)
            ties->overlap[ties->scripts_by[i]]++;
    }
    script->campaign = number;
    for (uint32_t other = (uint32_t)result->scripts_count; other-- > 0;) {
        uint64_t both = ties->overlap[other];
        uint64_t either =
            (uint64_t)script->accounts_count + result->scripts[other].accounts_count - both;
        ties->same[other + 1] = 2 * both >= either;
        if (ties->same[other + 1] && other < number)
            script->campaign = other;
    }
}

static void script_test(struct ties *ties, uint32_t number)
{
    same_set(ties, number);
    struct lks_script *script = &ties->result->scripts[number];
    struct lks_script_member *members = ties->result->members + script->members_first;
    const struct lks_events *events = ties->input->events;
    uint32_t stamp = number + 1;
    memset(ties->day_members, 0, (size_t)ties->days_count * sizeof *ties->day_members);
    for (uint32_t m = 0; m < script->accounts_count; m++) {
        uint32_t slot = ties->account_slot[members[m].account];
        ties->member_of[members[m].account] = stamp;
        for (uint32_t i = ties->posts_first[slot]; i < ties->posts_first[slot + 1]; i++)
            if (!ties->same[ties->post_script[ties->posts_by[i]]])
                ties->day_members[day_of(ties, events->post_time_us[ties->posts_by[i]])]++;
    }
    for (uint32_t m = 0; m < script->accounts_count; m++) {
        member_test(ties, &members[m], stamp);
        script->tied_count += (uint32_t)members[m].tied;
        script->tie_observable_count += members[m].tie_posts >= HITS_LEAST;
    }
}

/* ---- tags, sounds and links of scripts ---- */

struct use {
    uint32_t script, object;
};

static int use_order(const void *a, const void *b)
{
    const struct use *x = a, *y = b;
    if (x->script != y->script)
        return x->script < y->script ? -1 : 1;
    return (x->object > y->object) - (x->object < y->object);
}

static int object_kind(uint8_t kind)
{
    return kind == LKS_OBJECT_HASHTAG ? LKS_SCRIPT_TAG
           : kind == LKS_OBJECT_SOUND ? LKS_SCRIPT_SOUND
           : kind == LKS_OBJECT_URL   ? LKS_SCRIPT_LINK
                                      : -1;
}

static int objects_count(struct ties *ties)
{
    const struct lks_events *events = ties->input->events;
    size_t count = 0, at = 0;
    for (size_t e = 0; e < events->count; e++)
        count += ties->post_script[events->post[e]] &&
                 object_kind(events->object_kind[events->object[e]]) >= 0;
    struct use *uses = malloc((count + 1) * sizeof *uses);
    if (!uses)
        return LKS_EMEMORY;
    for (size_t e = 0; e < events->count; e++)
        if (ties->post_script[events->post[e]] &&
            object_kind(events->object_kind[events->object[e]]) >= 0)
            uses[at++] = (struct use){ties->post_script[events->post[e]] - 1, events->object[e]};
    qsort(uses, count, sizeof *uses, use_order);
    for (at = 0; at < count;) {
        size_t end = at;
        while (end < count && use_order(&uses[end], &uses[at]) == 0)
            end++;
        struct lks_script_object *most =
            &ties->result->scripts[uses[at].script]
                 .objects[object_kind(events->object_kind[uses[at].object])];
        if (end - at >= 2 && end - at > most->posts_count)
            *most = (struct lks_script_object){uses[at].object, (uint32_t)(end - at)};
        at = end;
    }
    free(uses);
    return 0;
}

/* The scripts of each member. */
static int scripts_index(struct ties *ties)
{
    const struct lks_promotion *result = ties->result;
    ties->scripts_first = calloc((size_t)ties->slots_count + 2, sizeof *ties->scripts_first);
    ties->scripts_by = malloc((result->members_count + 1) * sizeof *ties->scripts_by);
    ties->overlap = calloc(result->scripts_count + 1, sizeof *ties->overlap);
    ties->same = calloc(result->scripts_count + 2, 1);
    if (!ties->scripts_first || !ties->scripts_by || !ties->overlap || !ties->same)
        return LKS_EMEMORY;
    for (size_t i = 0; i < result->members_count; i++)
        ties->scripts_first[ties->account_slot[result->members[i].account]]++;
    for (uint32_t slot = 1; slot <= ties->slots_count; slot++)
        ties->scripts_first[slot] += ties->scripts_first[slot - 1];
    ties->scripts_first[ties->slots_count + 1] = (uint32_t)result->members_count;
    for (size_t i = result->members_count; i-- > 0;)
        ties->scripts_by[--ties->scripts_first[ties->account_slot[result->members[i].account]]] =
            result->members[i].script;
    return 0;
}

static int days_make(struct ties *ties)
{
    const struct lks_events *events = ties->input->events;
    int64_t last_us = INT64_MIN;
    ties->start_us = INT64_MAX;
    for (uint32_t p = 0; p < events->posts_count; p++) {
        ties->start_us =
            events->post_time_us[p] < ties->start_us ? events->post_time_us[p] : ties->start_us;
        last_us = events->post_time_us[p] > last_us ? events->post_time_us[p] : last_us;
    }
    ties->days_count = events->posts_count ? day_of(ties, last_us) + 1 : 1;
    ties->day_all = calloc(ties->days_count, sizeof *ties->day_all);
    ties->day_members = calloc(ties->days_count, sizeof *ties->day_members);
    if (!ties->day_all || !ties->day_members)
        return LKS_EMEMORY;
    for (uint32_t p = 0; p < events->posts_count; p++)
        ties->day_all[day_of(ties, events->post_time_us[p])]++;
    return 0;
}

int lks_script_ties(const struct lks_promotion_input *input,
                    const struct lks_promotion_options *options, const struct lks_control *control,
                    struct lks_promotion *result, struct lks_error *err)
{
    const struct lks_events *events = input->events;
    struct ties ties = {.input = input, .options = options, .result = result};
    struct lks_meter meter;
    size_t accounts = (size_t)events->accounts_count + 1;
    ties.post_script = calloc((size_t)events->posts_count + 1, sizeof *ties.post_script);
    ties.account_slot = calloc(accounts, sizeof *ties.account_slot);
    ties.member_of = calloc(accounts, sizeof *ties.member_of);
    ties.seen = calloc(accounts, sizeof *ties.seen);
    int code =
        ties.post_script && ties.account_slot && ties.member_of && ties.seen ? 0 : LKS_EMEMORY;
    for (size_t i = 0; code == 0 && i < result->posts_count; i++)
        ties.post_script[result->posts[i].post] = result->posts[i].script + 1;
    if (code == 0)
        code = days_make(&ties);
    if (code == 0)
        code = index_make(&ties);
    if (code == 0)
        code = scripts_index(&ties);
    if (code == 0)
        code = objects_count(&ties);
    if (code)
        lks_error_set(err, code, "out of memory for ties");
    lks_meter_start(&meter, control, "ties", "scripts", result->scripts_count);
    for (uint32_t i = 0; code == 0 && i < result->scripts_count; i++) {
        script_test(&ties, i);
        code = lks_meter_at(&meter, i, err);
    }
    lks_meter_finish(&meter);
    free(ties.post_script);
    free(ties.account_slot);
    free(ties.first);
    free(ties.event);
    free(ties.member_of);
    free(ties.seen);
    free(ties.day_all);
    free(ties.day_members);
    free(ties.posts_first);
    free(ties.posts_by);
    free(ties.scripts_first);
    free(ties.scripts_by);
    free(ties.overlap);
    free(ties.same);
    return code;
}
