/* promotion_again.c - do those who tell one script tell another one together too?
 *
 * That like texts stand close together says that something made people write them: a client who
 * paid for them, or an event. What an event does not do is choose the same accounts again. Null
 * model: within an hour, who has which of its own posts is exchangeable; texts and times
 * stay as they are. Take the accounts A of a family F as given. Of the posts of an hour h that are not in F
 * A has M_h of N_h; so of the posts of another family G those in h are A's with chance M_h / N_h
 * each, and how many of A's accounts tell G is at most a sum of draws with the mean
 *
 *     sum over the posts of G of M_h / N_h
 *
 * whose tail is bounded by Hoeffding (1956; drawing without return keeps the bound, his section
 * 6). Only a post that lies a day or more from all that the account told of F counts: who is at an
 * event may write of it twice. Both families must stand out by their timing. The least bound over
 * G, times the other families there are, is F's p.
 *
 *     account -> its own posts (one compressed row)      family -> its posts, which lie together
 *     M[hour], N[hour], and what of N is in F
 *
 * Cost: for each family whose timing stands out, the posts of its accounts, and of the families that
 * these tell. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "signal/promotion_inside.h"
#include "stat/tail.h"

#define NO_FAMILY UINT32_MAX

struct again {
    const struct lks_promotion_input *input;
    const struct lks_families *families;
    const int64_t *times;
    const uint8_t *timed;
    uint32_t *family_of;          /* [posts_count] of the input */
    size_t *first;                /* [accounts_count + 1] into by_account */
    uint32_t *by_account;         /* [posts_count] */
    uint32_t *hour_of;            /* [posts_count] dense: hours without a post do not count */
    uint32_t *all, *in, *members; /* [hours]: N before F is taken off, of F, M */
    uint32_t hours_count;
    uint32_t *told, *told_stamp,
        *told_by;               /* [families_count] accounts of F that tell it; for which F;
                                            * the last of them, by its number in F */
    uint32_t *account_stamp;    /* [accounts_count] for which F */
    uint32_t *list, list_count; /* families that accounts of F tell */
};

struct placed {
    int64_t hour;
    uint32_t at;
};

static int placed_order(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;
    if (x->hour != y->hour)
        return x->hour < y->hour ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

static int hours_make(struct again *again)
{
    size_t count = again->input->posts_count;
    struct placed *placed = malloc((count + 1) * sizeof *placed);
    if (!placed)
        return LKS_EMEMORY;
    for (size_t i = 0; i < count; i++) {
        int64_t time_us = again->times[i], hour = time_us / LKS_HOUR_US;
        placed[i] = (struct placed){hour - (time_us % LKS_HOUR_US < 0), (uint32_t)i};
    }
    qsort(placed, count, sizeof *placed, placed_order);
    for (size_t i = 0; i < count; i++) {
        again->hours_count += i == 0 || placed[i].hour != placed[i - 1].hour;
        again->hour_of[placed[i].at] = again->hours_count - 1;
        again->all[again->hours_count - 1]++;
    }
    free(placed);
    return 0;
}

static int index_make(struct again *again)
{
    const struct lks_promotion_input *input = again->input;
    const struct lks_families *families = again->families;
    size_t posts = input->posts_count, accounts = input->events->accounts_count;
    again->family_of = malloc((posts + 1) * sizeof *again->family_of);
    again->first = calloc(accounts + 2, sizeof *again->first);
    again->by_account = malloc((posts + 1) * sizeof *again->by_account);
    again->hour_of = malloc((posts + 1) * sizeof *again->hour_of);
    again->all = calloc(posts + 1, sizeof *again->all);
    again->in = calloc(posts + 1, sizeof *again->in);
    again->members = calloc(posts + 1, sizeof *again->members);
    again->told = calloc(families->families_count + 1, sizeof *again->told);
    again->told_stamp = calloc(families->families_count + 1, sizeof *again->told_stamp);
    again->list = malloc((families->families_count + 1) * sizeof *again->list);
    again->account_stamp = calloc(accounts + 1, sizeof *again->account_stamp);
    again->told_by = calloc(families->families_count + 1, sizeof *again->told_by);
    if (!again->family_of || !again->first || !again->by_account || !again->hour_of ||
        !again->all || !again->in || !again->members || !again->told || !again->told_stamp ||
        !again->list || !again->account_stamp || !again->told_by)
        return LKS_EMEMORY;
    for (size_t i = 0; i < posts; i++) {
        again->family_of[i] = NO_FAMILY;
        again->first[input->posts[i].account + 2]++;
    }
    for (size_t i = 0; i < families->posts_count; i++)
        again->family_of[families->posts[i].at] = families->posts[i].family;
    for (size_t a = 0; a < accounts; a++)
        again->first[a + 2] += again->first[a + 1];
    for (size_t i = 0; i < posts; i++)
        again->by_account[again->first[input->posts[i].account + 1]++] = (uint32_t)i;
    return hours_make(again);
}

/* Whether a post lies a day from all that its account told of the family. */
static int apart(const struct again *again, uint32_t account, uint32_t family, uint32_t at)
{
    for (size_t i = again->first[account]; i < again->first[account + 1]; i++) {
        uint32_t own = again->by_account[i];
        if (again->family_of[own] == family &&
            llabs(again->times[own] - again->times[at]) < LKS_DAY_US)
            return 0;
    }
    return 1;
}

/* Puts the posts of an account of F into M, and counts once each family that it tells. */
static void account_add(struct again *again, uint32_t account, uint32_t family, uint32_t number)
{
    for (size_t i = again->first[account]; i < again->first[account + 1]; i++) {
        uint32_t at = again->by_account[i], other = again->family_of[at];
        if (other == family)
            continue;
        again->members[again->hour_of[at]]++;
        if (other == NO_FAMILY || !again->timed[other])
            continue;
        if (again->told_stamp[other] != family + 1) {
            again->told_stamp[other] = family + 1;
            again->told[other] = 0;
            again->told_by[other] = 0;
            again->list[again->list_count++] = other;
        }
        if (again->told_by[other] != number && apart(again, account, family, at)) {
            again->told_by[other] = number;
            again->told[other]++;
        }
    }
}

static void account_remove(struct again *again, uint32_t account, uint32_t family)
{
    for (size_t i = again->first[account]; i < again->first[account + 1]; i++) {
        uint32_t at = again->by_account[i];
        if (again->family_of[at] != family)
            again->members[again->hour_of[at]]--;
    }
}

/* Accounts of the family that tell another, by chance. */
static double expected(const struct again *again, uint32_t other)
{
    const struct lks_family *family = &again->families->families[other];
    double sum = 0;
    for (size_t i = family->first; i < family->first + family->count; i++) {
        uint32_t hour = again->hour_of[again->families->posts[i].at];
        sum += (double)again->members[hour] / (again->all[hour] - again->in[hour]);
    }
    return sum;
}

static void family_look(struct again *again, uint32_t number, struct lks_told_again *out)
{
    const struct lks_family *family = &again->families->families[number];
    const struct lks_family_post *posts = again->families->posts + family->first;
    uint32_t accounts = 0;
    again->list_count = 0;
    for (size_t i = 0; i < family->count; i++)
        again->in[again->hour_of[posts[i].at]]++;
    for (size_t i = 0; i < family->count; i++) {
        uint32_t account = again->input->posts[posts[i].at].account;
        if (again->account_stamp[account] == number + 1)
            continue;
        again->account_stamp[account] = number + 1;
        account_add(again, account, number, ++accounts);
    }
    *out = (struct lks_told_again){.family = NO_FAMILY};
    for (uint32_t i = 0; i < again->list_count; i++) {
        uint32_t other = again->list[i];
        if (again->told[other] < 2)
            continue;
        double mean = expected(again, other);
        double log10_p = lks_hoeffding_tail_log(again->told[other],
                                                again->families->families[other].count, mean) /
                         log(10);
        if (out->family == NO_FAMILY || log10_p < out->log10_p)
            *out = (struct lks_told_again){other, again->told[other], mean, log10_p};
    }
    out->log10_p = fmin(0, out->log10_p + log10((double)again->families->families_count));
    for (size_t i = 0; i < family->count; i++) {
        uint32_t account = again->input->posts[posts[i].at].account;
        again->in[again->hour_of[posts[i].at]]--;
        if (again->account_stamp[account] == number + 1) {
            again->account_stamp[account] = 0;
            account_remove(again, account, number);
        }
    }
}

static void again_free(struct again *again)
{
    void *arrays[] = {again->family_of, again->first,      again->by_account,    again->hour_of,
                      again->all,       again->in,         again->members,       again->told,
                      again->told_by,   again->told_stamp, again->account_stamp, again->list};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        free(arrays[i]);
}

int lks_scripts_again(const struct lks_promotion_input *input, const struct lks_families *families,
                      const int64_t *times, const uint8_t *timed, struct lks_told_again *out)
{
    struct again again = {.input = input, .families = families, .times = times, .timed = timed};
    int code = index_make(&again);
    for (uint32_t f = 0; code == 0 && f < families->families_count; f++) {
        out[f] = (struct lks_told_again){.family = NO_FAMILY};
        if (timed[f])
            family_look(&again, f, &out[f]);
    }
    again_free(&again);
    return code;
}
