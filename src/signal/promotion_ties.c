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
 * An account of a swarm tells dozens of scripts. So the events around one of its own are walked once for all
 * of them, a bit for each:
 *
 *     same[script]   those of its scripts to whose campaign a post of that script belongs
 *     members[slot]  those that the other account tells too
 *
 * Cost: members' events times at most 2 NEIGHBOURS, once for each 64 scripts of the account; and a list of the
 * scripts that two accounts both tell for every two that are near each other. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/progress.h"
#include "base/time.h"
#include "signal/promotion_inside.h"
#include "stat/tail.h"

enum { NEIGHBOURS = 200, HITS_LEAST = 3, BATCH = 64, DAYS_MAX = 1 << 24 };
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
    uint32_t *scripts_first;         /* [slots + 2] into the next two: scripts by slot */
    uint32_t *scripts_by;            /* rising within a slot */
    size_t *members_by;              /* the account as a member of it */
    uint32_t *overlap;               /* [scripts] members in common with the one at hand */
    uint32_t range_first, range_end; /* scripts at hand */
    size_t *same_first;              /* [of the range + 1] into same_by */
    uint32_t *same_by;               /* scripts of the same campaign as each of the range */
    size_t same_capacity;
    uint32_t days_count, *day_all; /* [days_count] posts */
    uint32_t *day_members; /* [range * days_count] by members, in no script of the campaign */
    uint32_t *posts_first, *posts_by; /* posts by member slot: for the days */
    int64_t start_us;

    /* Of one account and at most BATCH of its scripts. */
    uint32_t batch_count;
    uint64_t all;         /* a bit for each */
    uint64_t *same;       /* [scripts + 1] by 1 + script: whose campaign it is of */
    uint32_t *bit_of;     /* [scripts] 1 + bit, 0: none */
    uint64_t *members;    /* [slots + 1] which of them an account tells too */
    uint32_t *members_of; /* [slots + 1] for which batch that was found */
    uint32_t batch;
    uint64_t *seen, looks; /* [accounts_count] look, and place in it */
    uint64_t allowed[2 * NEIGHBOURS];
    uint32_t around[2 * NEIGHBOURS]; /* accounts */
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

/* Which of the scripts at hand another account tells, asked once a batch. */
static uint64_t members_of(struct ties *ties, uint32_t slot)
{
    if (ties->members_of[slot] == ties->batch)
        return ties->members[slot];
    uint64_t bits = 0;
    for (uint32_t i = ties->scripts_first[slot]; i < ties->scripts_first[slot + 1]; i++) {
        uint32_t bit = ties->bit_of[ties->scripts_by[i]];
        bits |= bit ? UINT64_C(1) << (bit - 1) : 0;
    }
    ties->members_of[slot] = ties->batch;
    return ties->members[slot] = bits;
}

/* Other accounts on the event's object within the window, each with the scripts for which one of
 * its posts there counts. Returns how many. */
static uint32_t around(struct ties *ties, size_t event)
{
    const struct lks_events *events = ties->input->events;
    int64_t window_us = ties->options->tie_window_us, time_us = events->time_us[event];
    uint32_t own = events->account[event], object = events->object[event], count = 0;
    uint64_t look = ties->looks++ * 2 * NEIGHBOURS + 1;
    for (int back = 0; back < 2; back++) {
        size_t at = event;
        for (int step = 0; step < NEIGHBOURS; step++) {
            if (back ? at == 0 : at + 1 == events->count)
                break;
            at = back ? at - 1 : at + 1;
            if (events->object[at] != object || llabs(events->time_us[at] - time_us) > window_us)
                break;
            uint32_t account = events->account[at];
            if (account == own)
                continue;
            uint32_t script = ties->account_slot[account] ? ties->post_script[events->post[at]] : 0;
            uint64_t allowed = ties->all & ~ties->same[script];
            if (ties->seen[account] >= look) {
                ties->allowed[ties->seen[account] - look] |= allowed;
                continue;
            }
            ties->seen[account] = look + count;
            ties->allowed[count] = allowed;
            ties->around[count++] = account;
        }
    }
    return count;
}

/* How many there are for each script of the batch, and how many of them tell it. */
static void count_around(struct ties *ties, size_t event, uint32_t *others, uint32_t *met)
{
    uint32_t count = around(ties, event), common = 0;
    memset(others, 0, BATCH * sizeof *others);
    memset(met, 0, BATCH * sizeof *met);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t allowed = ties->allowed[i];
        uint32_t slot = ties->account_slot[ties->around[i]];
        if (allowed == ties->all)
            common++;
        else
            for (uint64_t bits = allowed; bits; bits &= bits - 1)
                others[__builtin_ctzll(bits)]++;
        for (uint64_t bits = slot ? members_of(ties, slot) & allowed : 0; bits; bits &= bits - 1)
            met[__builtin_ctzll(bits)]++;
    }
    for (uint32_t k = 0; k < ties->batch_count; k++)
        others[k] += common;
}

/* One post: of the things it is about the one with the fewest others, for each script; 0 where it
 * was alone. */
static void post_look(struct ties *ties, size_t from, size_t to, uint32_t *least,
                      uint32_t *least_met)
{
    uint32_t others[BATCH], met[BATCH];
    memset(least, 0, BATCH * sizeof *least);
    memset(least_met, 0, BATCH * sizeof *least_met);
    for (size_t i = from; i < to; i++) {
        count_around(ties, ties->event[i], others, met);
        for (uint32_t k = 0; k < ties->batch_count; k++) {
            if (others[k] && (!least[k] || others[k] < least[k])) {
                least[k] = others[k];
                least_met[k] = met[k];
            }
        }
    }
}

/* Adds a post to what is known of the account as a member of each script for which it counts. */
static void post_add(struct ties *ties, const size_t *members, uint32_t post,
                     const uint32_t *others, const uint32_t *met)
{
    uint64_t counts = ties->all & ~ties->same[ties->post_script[post]];
    uint32_t day = day_of(ties, ties->input->events->post_time_us[post]);
    for (uint32_t k = 0; k < ties->batch_count; k++) {
        if (!(counts >> k & 1) || !others[k])
            continue;
        struct lks_script_member *member = &ties->result->members[members[k]];
        size_t row = (size_t)(member->script - ties->range_first) * ties->days_count;
        double share = (double)ties->day_members[row + day] / (double)ties->day_all[day];
        member->tie_posts++;
        member->tie_hits += met[k] > 0;
        member->tie_met += met[k];
        member->tie_others += others[k];
        member->tie_expected += fmin(1, share) * others[k];
    }
}

/* An account, as a member of so many scripts. */
static void account_test(struct ties *ties, uint32_t slot, const uint32_t *scripts,
                         const size_t *members, uint32_t count)
{
    const struct lks_events *events = ties->input->events;
    uint32_t others[BATCH], met[BATCH];
    ties->batch++;
    ties->batch_count = count;
    ties->all = UINT64_MAX >> (BATCH - count);
    for (uint32_t k = 0; k < count; k++) {
        uint32_t row = scripts[k] - ties->range_first;
        ties->bit_of[scripts[k]] = k + 1;
        for (size_t i = ties->same_first[row]; i < ties->same_first[row + 1]; i++)
            ties->same[ties->same_by[i] + 1] |= UINT64_C(1) << k;
    }
    for (size_t at = ties->first[slot], from; at < ties->first[slot + 1];) {
        uint32_t post = events->post[ties->event[at]];
        for (from = at; at < ties->first[slot + 1] && events->post[ties->event[at]] == post;)
            at++;
        if (!(ties->all & ~ties->same[ties->post_script[post]]))
            continue;
        post_look(ties, from, at, others, met);
        post_add(ties, members, post, others, met);
    }
    for (uint32_t k = 0; k < count; k++) {
        uint32_t row = scripts[k] - ties->range_first;
        ties->bit_of[scripts[k]] = 0;
        for (size_t i = ties->same_first[row]; i < ties->same_first[row + 1]; i++)
            ties->same[ties->same_by[i] + 1] = 0;
    }
}

/* Which scripts are of one campaign with this one: told by the same accounts. */
static int same_set(struct ties *ties, uint32_t number)
{
    struct lks_promotion *result = ties->result;
    struct lks_script *script = &result->scripts[number];
    size_t end = ties->same_first[number - ties->range_first];
    memset(ties->overlap, 0, result->scripts_count * sizeof *ties->overlap);
    for (uint32_t m = 0; m < script->accounts_count; m++) {
        uint32_t slot = ties->account_slot[result->members[script->members_first + m].account];
        for (uint32_t i = ties->scripts_first[slot]; i < ties->scripts_first[slot + 1]; i++)
            ties->overlap[ties->scripts_by[i]]++;
    }
    if (end + result->scripts_count > ties->same_capacity) {
        size_t capacity = 2 * (end + result->scripts_count);
        uint32_t *more = realloc(ties->same_by, capacity * sizeof *more);
        if (!more)
            return LKS_EMEMORY;
        ties->same_by = more;
        ties->same_capacity = capacity;
    }
    script->campaign = number;
    for (uint32_t other = (uint32_t)result->scripts_count; other-- > 0;) {
        uint64_t both = ties->overlap[other];
        uint64_t either =
            (uint64_t)script->accounts_count + result->scripts[other].accounts_count - both;
        if (2 * both < either)
            continue;
        ties->same_by[end++] = other;
        if (other < number)
            script->campaign = other;
    }
    ties->same_first[number - ties->range_first + 1] = end;
    return 0;
}

/* The posts of a script's members by day, but those of its campaign. */
static void days_fill(struct ties *ties, uint32_t number)
{
    const struct lks_events *events = ties->input->events;
    const struct lks_script *script = &ties->result->scripts[number];
    uint32_t row = number - ties->range_first;
    uint32_t *days = ties->day_members + (size_t)row * ties->days_count;
    memset(days, 0, (size_t)ties->days_count * sizeof *days);
    for (size_t i = ties->same_first[row]; i < ties->same_first[row + 1]; i++)
        ties->same[ties->same_by[i] + 1] = 1;
    for (uint32_t m = 0; m < script->accounts_count; m++) {
        uint32_t slot =
            ties->account_slot[ties->result->members[script->members_first + m].account];
        for (uint32_t i = ties->posts_first[slot]; i < ties->posts_first[slot + 1]; i++)
            if (!ties->same[ties->post_script[ties->posts_by[i]]])
                days[day_of(ties, events->post_time_us[ties->posts_by[i]])]++;
    }
    for (size_t i = ties->same_first[row]; i < ties->same_first[row + 1]; i++)
        ties->same[ties->same_by[i] + 1] = 0;
}

/* Whether the members of the scripts at hand are tied. */
static void range_judge(struct ties *ties)
{
    for (uint32_t s = ties->range_first; s < ties->range_end; s++) {
        struct lks_script *script = &ties->result->scripts[s];
        for (uint32_t m = 0; m < script->accounts_count; m++) {
            struct lks_script_member *member = &ties->result->members[script->members_first + m];
            if (member->tie_posts)
                member->tie_log10_p = lks_hoeffding_tail_log(member->tie_met, member->tie_others,
                                                             member->tie_expected) /
                                      log(10);
            member->tied = member->tie_hits >= HITS_LEAST &&
                           member->tie_met >= TIMES_EXPECTED * member->tie_expected &&
                           member->tie_log10_p <= log10(ties->options->tie_p);
            script->tied_count += (uint32_t)member->tied;
            script->tie_observable_count += member->tie_posts >= HITS_LEAST;
        }
    }
}

/* The scripts of a range, account by account. */
static int range_test(struct ties *ties, struct lks_meter *meter, struct lks_error *err)
{
    for (uint32_t s = ties->range_first; s < ties->range_end; s++) {
        if (same_set(ties, s))
            return LKS_EMEMORY;
        days_fill(ties, s);
    }
    for (uint32_t slot = 1; slot <= ties->slots_count; slot++) {
        uint32_t at = ties->scripts_first[slot], end = ties->scripts_first[slot + 1];
        while (at < end && ties->scripts_by[at] < ties->range_first)
            at++;
        while (at < end && ties->scripts_by[at] < ties->range_end) {
            uint32_t count = 0;
            while (count < BATCH && at + count < end &&
                   ties->scripts_by[at + count] < ties->range_end)
                count++;
            account_test(ties, slot, ties->scripts_by + at, ties->members_by + at, count);
            at += count;
        }
        int code = lks_meter_at(meter,
                                ties->range_first + (uint64_t)slot *
                                                        (ties->range_end - ties->range_first) /
                                                        ties->slots_count,
                                err);
        if (code)
            return code;
    }
    range_judge(ties);
    return 0;
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
    ties->members_by = malloc((result->members_count + 1) * sizeof *ties->members_by);
    ties->overlap = calloc(result->scripts_count + 1, sizeof *ties->overlap);
    ties->same = calloc(result->scripts_count + 2, sizeof *ties->same);
    ties->bit_of = calloc(result->scripts_count + 1, sizeof *ties->bit_of);
    ties->members = calloc((size_t)ties->slots_count + 2, sizeof *ties->members);
    ties->members_of = calloc((size_t)ties->slots_count + 2, sizeof *ties->members_of);
    if (!ties->scripts_first || !ties->scripts_by || !ties->members_by || !ties->overlap ||
        !ties->same || !ties->bit_of || !ties->members || !ties->members_of)
        return LKS_EMEMORY;
    for (size_t i = 0; i < result->members_count; i++)
        ties->scripts_first[ties->account_slot[result->members[i].account]]++;
    for (uint32_t slot = 1; slot <= ties->slots_count; slot++)
        ties->scripts_first[slot] += ties->scripts_first[slot - 1];
    ties->scripts_first[ties->slots_count + 1] = (uint32_t)result->members_count;
    for (size_t i = result->members_count; i-- > 0;) {
        uint32_t at = --ties->scripts_first[ties->account_slot[result->members[i].account]];
        ties->scripts_by[at] = result->members[i].script;
        ties->members_by[at] = i;
    }
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
    if (!ties->day_all)
        return LKS_EMEMORY;
    for (uint32_t p = 0; p < events->posts_count; p++)
        ties->day_all[day_of(ties, events->post_time_us[p])]++;
    return 0;
}

static void ties_free(struct ties *ties)
{
    void *arrays[] = {ties->post_script, ties->account_slot,  ties->first,       ties->event,
                      ties->seen,        ties->day_all,       ties->day_members, ties->posts_first,
                      ties->posts_by,    ties->scripts_first, ties->scripts_by,  ties->members_by,
                      ties->overlap,     ties->same,          ties->same_first,  ties->same_by,
                      ties->bit_of,      ties->members,       ties->members_of};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        free(arrays[i]);
    free(ties);
}

/* As many scripts at once as their days allow. */
static int ranges_test(struct ties *ties, struct lks_meter *meter, struct lks_error *err)
{
    uint32_t scripts = (uint32_t)ties->result->scripts_count;
    uint32_t most = DAYS_MAX / ties->days_count + 1;
    most = most < scripts ? most : scripts;
    ties->same_first = calloc((size_t)most + 1, sizeof *ties->same_first);
    ties->day_members = malloc(((size_t)most * ties->days_count + 1) * sizeof *ties->day_members);
    int code = ties->same_first && ties->day_members ? 0 : LKS_EMEMORY;
    for (uint32_t first = 0; first < scripts && code == 0; first += most) {
        ties->range_first = first;
        ties->range_end = scripts - first < most ? scripts : first + most;
        code = range_test(ties, meter, err);
    }
    return code;
}

int lks_script_ties(const struct lks_promotion_input *input,
                    const struct lks_promotion_options *options, const struct lks_control *control,
                    struct lks_promotion *result, struct lks_error *err)
{
    const struct lks_events *events = input->events;
    struct ties *ties = calloc(1, sizeof *ties);
    struct lks_meter meter;
    size_t accounts = (size_t)events->accounts_count + 1;
    if (!ties)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for ties");
    *ties = (struct ties){.input = input, .options = options, .result = result};
    ties->post_script = calloc((size_t)events->posts_count + 1, sizeof *ties->post_script);
    ties->account_slot = calloc(accounts, sizeof *ties->account_slot);
    ties->seen = calloc(accounts, sizeof *ties->seen);
    int code = ties->post_script && ties->account_slot && ties->seen ? 0 : LKS_EMEMORY;
    for (size_t i = 0; code == 0 && i < result->posts_count; i++)
        ties->post_script[result->posts[i].post] = result->posts[i].script + 1;
    if (code == 0)
        code = days_make(ties);
    if (code == 0)
        code = index_make(ties);
    if (code == 0)
        code = scripts_index(ties);
    if (code == 0)
        code = objects_count(ties);
    lks_meter_start(&meter, control, "ties", "scripts", result->scripts_count);
    if (code == 0)
        code = ranges_test(ties, &meter, err);
    if (code == LKS_EMEMORY)
        lks_error_set(err, code, "out of memory for ties");
    if (code == 0)
        lks_meter_finish(&meter);
    ties_free(ties);
    return code;
}
