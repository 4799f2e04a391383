/* attachment.c - does an account keep to a group? The group taken as one account, against each other
 *
 * The idea. Edges say that two accounts met too often; a group of them may still hold accounts
 * that one lucky pair tied to it, and whole crowds that a surge tied together. So each
 * account v is asked by itself: hold the posts of the group without v where they are; of the N_h
 * posts of hour h by v and by everybody outside, M_h meet the group. If v were one of those
 * outside, its n_vh posts would be dealt from the N_h, and the number that meets the group
 * would be a sum of hypergeometric counts with mean sum n_vh M_h / N_h, whose tail is bounded as
 * that of a pair is (chance.h). So the question is not "did v meet members?" but "did it do so
 * more often than the others who were there?": who merely joins what everybody takes up
 * has the others beside it.
 *
 * To meet is asked in the windows and on the rare or all objects as for a pair, and for
 * at least 1, 2, 4, 8 or 16 members at once; the smallest p times their number counts. M_h is
 * taken of the whole group, v's own part in it too: never less than without.
 *
 *     p = P(chance) + pi P(days),     the second in attachment_days.c
 *
 * Layout: for every post near the group, by place, how many members it meets by segment; then, for
 * each stratum, test and least number, how many posts from outside meet that many. A
 * group that grew is counted on, one that lost a member from the start. Cost of a
 * group: the partners of its new members' posts, and the posts near it; of a test: the latter.
 *
 * Accounts are asked in attachment_ask.c, decoys dealt in attachment_decoys.c. */
#include "chance/attachment_inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/threads.h"

const uint8_t lks_attachment_least[LKS_ATTACHMENT_LEASTS] = {1, 2, 4, 8,
                                                             LKS_ATTACHMENT_MEMBERS_MOST};

/* Kinds of objects that name one thing. A tag, a site, a sound name a subject. */
static const uint8_t is_content[LKS_OBJECT_KINDS_COUNT] = {
    [LKS_OBJECT_URL] = 1,  [LKS_OBJECT_REPOST] = 1,    [LKS_OBJECT_REPLY] = 1,
    [LKS_OBJECT_TEXT] = 1, [LKS_OBJECT_NEAR_TEXT] = 1, [LKS_OBJECT_MEDIA] = 1,
};

int lks_attachment_takes(const struct lks_attachment *attachment, unsigned t, uint32_t object)
{
    const struct lks_chance *chance = attachment->chance;
    if (chance->object_reach_us[object] < 0)
        return 0;
    if (t >= 2 * chance->counts.windows_used)
        return is_content[chance->events->object_kind[object]];
    return t % 2 || chance->object_rare[object];
}

int lks_attachment_new(const struct lks_chance *chance, const struct lks_chance_authors *authors,
                       struct lks_attachment **attachment_out, struct lks_error *err)
{
    struct lks_attachment *attachment = *attachment_out = calloc(1, sizeof *attachment);
    if (!attachment)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    attachment->chance = chance;
    attachment->authors = authors;
    struct lks_budget *budget = chance->budget;
    size_t posts = chance->events->posts_count, tests = 2 * chance->counts.windows_used;
    size_t strata = chance->strata_count, accounts = chance->events->accounts_count;
    size_t all = attachment->tests = (unsigned)tests + chance->counts.windows_used;
    int rc = lks_budget_array(budget, &attachment->met, posts * tests, 1, err);
    lks_chance_array(budget, &attachment->reached, posts * all, 1, &rc, err);
    lks_chance_array(budget, &attachment->is_near, posts, 1, &rc, err);
    lks_chance_array(budget, &attachment->near, posts, 4, &rc, err);
    lks_chance_array(budget, &attachment->laid, accounts, 1, &rc, err);
    lks_chance_array(budget, &attachment->stamp, posts, 4, &rc, err);
    lks_chance_array(budget, &attachment->window, posts, 1, &rc, err);
    lks_chance_array(budget, &attachment->rare, posts, 1, &rc, err);
    lks_chance_array(budget, &attachment->met_place, posts, 4, &rc, err);
    lks_chance_array(budget, &attachment->near_posts, accounts, 4, &rc, err);
    lks_chance_array(budget, &attachment->outside, strata, 4, &rc, err);
    lks_chance_array(budget, &attachment->outside_met, strata * all, 4 * LKS_ATTACHMENT_LEASTS, &rc,
                     err);
    lks_chance_array(budget, &attachment->use_first, (size_t)chance->events->objects_count + 1, 4,
                     &rc, err);
    if (rc) {
        lks_attachment_free(attachment);
        *attachment_out = NULL;
        return rc;
    }
    /* A shift by days must leave the longest window behind. */
    int64_t longest_us = chance->counts.windows_us[chance->counts.windows_used - 1];
    attachment->day_us = (2 * longest_us / LKS_DAY_US + 1) * LKS_DAY_US;
    for (size_t i = 0; i < posts; i++) {
        int64_t time_us = chance->sorted_us[i];
        uint32_t objects = chance->post_event_first[i + 1] - chance->post_event_first[i];
        if (objects > attachment->objects_most)
            attachment->objects_most = objects;
        if (i == 0 || time_us < attachment->first_us)
            attachment->first_us = time_us;
        if (i == 0 || time_us > attachment->last_us)
            attachment->last_us = time_us;
    }
    attachment->days =
        (uint32_t)((attachment->last_us - attachment->first_us) / attachment->day_us);
    return 0;
}

void lks_attachment_free(struct lks_attachment *attachment)
{
    if (!attachment)
        return;
    const struct lks_chance *chance = attachment->chance;
    struct lks_budget *budget = chance->budget;
    size_t posts = chance->events->posts_count, tests = 2 * chance->counts.windows_used;
    size_t strata = chance->strata_count, accounts = chance->events->accounts_count;
    size_t all = attachment->tests;
    lks_budget_free(budget, attachment->met, posts * tests, 1);
    lks_budget_free(budget, attachment->reached, posts * all, 1);
    lks_budget_free(budget, attachment->is_near, posts, 1);
    lks_budget_free(budget, attachment->near, posts, 4);
    lks_budget_free(budget, attachment->laid, accounts, 1);
    lks_budget_free(budget, attachment->stamp, posts, 4);
    lks_budget_free(budget, attachment->window, posts, 1);
    lks_budget_free(budget, attachment->rare, posts, 1);
    lks_budget_free(budget, attachment->met_place, posts, 4);
    lks_budget_free(budget, attachment->near_posts, accounts, 4);
    lks_budget_free(budget, attachment->outside, strata, 4);
    lks_budget_free(budget, attachment->outside_met, strata * all, 4 * LKS_ATTACHMENT_LEASTS);
    lks_budget_free(budget, attachment->use_first, (size_t)chance->events->objects_count + 1, 4);
    lks_budget_free(budget, attachment->use_account, attachment->uses_account_capacity, 4);
    lks_budget_free(budget, attachment->use_time_us, attachment->uses_time_capacity, 8);
    lks_budget_free(budget, attachment->gathered, attachment->gathered_capacity,
                    sizeof *attachment->gathered);
    free(attachment);
}

uint32_t lks_attachment_days_count(const struct lks_attachment *attachment)
{
    return attachment->days;
}

/* Counts member u once at every post that it meets, in the shortest windows in which it does. */
static void count_member(struct lks_attachment *attachment, uint32_t u)
{
    const struct lks_chance *chance = attachment->chance;
    const struct lks_chance_authors *authors = attachment->authors;
    uint32_t row = ++attachment->row;
    unsigned tests = 2 * chance->counts.windows_used;
    uint32_t first = chance->account_first[u], end = chance->account_first[u + 1], count = 0;
    for (uint32_t i = first; i < end; i++) { /* its own posts meet nothing of it */
        attachment->stamp[authors->account_place[i]] = row;
        attachment->window[authors->account_place[i]] = 0;
        attachment->rare[authors->account_place[i]] = 0;
    }
    for (uint32_t i = first; i < end; i++) {
        struct lks_chance_partners partners =
            lks_chance_partners(chance, chance->stratum_post[authors->account_place[i]]);
        for (unsigned s = 0, j = 0; s < tests; s++) {
            uint8_t w = (uint8_t)(s / 2), rare = s % 2 ? UINT8_MAX : w;
            for (; j < partners.end[s]; j++) {
                uint32_t place = partners.place[j];
                if (attachment->stamp[place] != row) {
                    attachment->stamp[place] = row;
                    attachment->window[place] = w;
                    attachment->rare[place] = rare;
                    attachment->met_place[count++] = place;
                    continue;
                }
                if (w < attachment->window[place])
                    attachment->window[place] = w;
                if (rare < attachment->rare[place])
                    attachment->rare[place] = rare;
            }
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t place = attachment->met_place[i];
        uint8_t *met = attachment->met + (size_t)place * tests;
        if (!attachment->is_near[place])
            attachment->near[attachment->near_count++] = place;
        attachment->is_near[place] = 1;
        met[2 * attachment->window[place] + 1] +=
            met[2 * attachment->window[place] + 1] < UINT8_MAX;
        if (attachment->rare[place] != UINT8_MAX)
            met[2 * attachment->rare[place]] += met[2 * attachment->rare[place]] < UINT8_MAX;
    }
}

/* Forgets the posts near the group before. */
static void clear(struct lks_attachment *attachment)
{
    const struct lks_chance *chance = attachment->chance;
    size_t tests = 2 * (size_t)chance->counts.windows_used, all = attachment->tests;
    for (uint32_t i = 0; i < attachment->near_count; i++) {
        size_t place = attachment->near[i];
        memset(attachment->met + place * tests, 0, tests);
        memset(attachment->reached + place * all, 0, all);
        attachment->is_near[place] = 0;
    }
    attachment->near_count = 0;
    attachment->row = 0;
    memset(attachment->stamp, 0, (size_t)chance->events->posts_count * 4);
    memset(attachment->laid, 0, chance->events->accounts_count);
}

/* Counts the partners of the group; those of members who were in the group before are counted. */
static void count_members(struct lks_attachment *attachment)
{
    const struct lks_chance *chance = attachment->chance;
    uint32_t accounts = chance->events->accounts_count, posts = chance->events->posts_count;
    int lost = 0;
    for (uint32_t a = 0; a < accounts; a++)
        lost |= attachment->laid[a] > attachment->in_group[a];
    if (lost)
        clear(attachment);
    for (uint32_t a = 0; a < accounts; a++) {
        if (!attachment->in_group[a] || attachment->laid[a])
            continue;
        count_member(attachment, a);
        attachment->laid[a] = 1;
    }
    if (attachment->near_count < posts / 16)
        return;
    attachment->near_count = 0; /* many are read faster in the order of memory */
    for (uint32_t i = 0; i < posts; i++) {
        attachment->near[attachment->near_count] = i;
        attachment->near_count += attachment->is_near[i];
    }
}

void lks_attachment_scratch_free(const struct lks_attachment *attachment, unsigned threads,
                                 struct lks_attachment_scratch *scratch)
{
    struct lks_budget *budget = attachment->chance->budget;
    for (unsigned t = 0; t < threads && scratch; t++)
        lks_budget_free(budget, scratch[t].thing, attachment->objects_most,
                        sizeof *scratch[t].thing);
    lks_budget_free(budget, scratch, threads, sizeof *scratch);
}

int lks_attachment_scratch_new(const struct lks_attachment *attachment, unsigned threads,
                               struct lks_attachment_scratch **scratch_out, struct lks_error *err)
{
    struct lks_budget *budget = attachment->chance->budget;
    *scratch_out = NULL;
    int rc = lks_budget_array(budget, scratch_out, threads, sizeof **scratch_out, err);
    for (unsigned t = 0; t < threads && rc == 0; t++)
        rc = lks_budget_array(budget, &(*scratch_out)[t].thing, attachment->objects_most,
                              sizeof *(*scratch_out)[t].thing, err);
    return rc;
}

enum { BLOCK_POSTS = 4096 };

struct laying {
    struct lks_attachment *attachment;
    const struct lks_control *control;
    struct lks_attachment_scratch *scratch; /* [threads] */
};

/* How many of the leasts a post reaches, test by test: from the members met by first segment,
 * and of contents from what members used. */
static int lay_task(void *context, size_t block, unsigned worker, struct lks_error *err)
{
    const struct laying *laying = context;
    struct lks_attachment *attachment = laying->attachment;
    struct lks_attachment_scratch *scratch = &laying->scratch[worker];
    const struct lks_chance *chance = attachment->chance;
    size_t all = attachment->tests, tests = 2 * (size_t)chance->counts.windows_used;
    size_t end = (block + 1) * BLOCK_POSTS;
    if (lks_cancelled(laying->control))
        return lks_error_set(err, LKS_ECANCELLED, "stopped");
    for (size_t j = block * BLOCK_POSTS; j < attachment->near_count && j < end; j++) {
        uint32_t i = attachment->near[j], sum[2] = {0, 0};
        uint32_t account = chance->order_account[attachment->authors->place_author[i]];
        uint8_t *reached = attachment->reached + i * all;
        for (size_t t = 0; t < tests; t++) {
            sum[t % 2] += attachment->met[i * tests + t];
            reached[t] = (uint8_t)lks_attachment_level(sum[t % 2]);
        }
        memset(reached + tests, 0, all - tests);
        /* The longest window first: what meets in none on anything meets on no content. */
        for (size_t t = all; t-- > tests;) {
            lks_attachment_things(attachment, chance->stratum_post[i], (unsigned)t, scratch);
            reached[t] = (uint8_t)lks_attachment_level(
                lks_attachment_would_meet(attachment, account, chance->sorted_us[i], scratch));
            if (!reached[t])
                break;
        }
    }
    return 0;
}

/* Posts from outside by stratum, and how many of them meet the group. */
static void lay_outside(struct lks_attachment *attachment)
{
    const struct lks_chance *chance = attachment->chance;
    size_t all = attachment->tests;
    for (uint32_t h = 0; h < chance->strata_count; h++)
        attachment->outside[h] = chance->stratum_first[h + 1] - chance->stratum_first[h];
    for (uint32_t a = 0; a < chance->events->accounts_count; a++) {
        for (uint32_t i = chance->presence_first[a];
             attachment->in_group[a] && i < chance->presence_first[a + 1]; i++)
            attachment->outside[chance->presence_stratum[i]] -= chance->presence_posts[i];
    }
    memset(attachment->outside_met, 0,
           (size_t)chance->strata_count * all * LKS_ATTACHMENT_LEASTS * 4);
    memset(attachment->near_posts, 0, (size_t)chance->events->accounts_count * 4);
    for (uint32_t j = 0; j < attachment->near_count; j++) {
        uint32_t i = attachment->near[j];
        uint32_t account = chance->order_account[attachment->authors->place_author[i]];
        attachment->near_posts[account]++;
        if (attachment->in_group[account])
            continue;
        const uint8_t *reached = attachment->reached + i * all;
        uint32_t *met =
            attachment->outside_met + chance->place_stratum[i] * all * LKS_ATTACHMENT_LEASTS;
        for (size_t t = 0; t < all; t++) {
            for (unsigned k = 0; k < reached[t]; k++)
                met[t * LKS_ATTACHMENT_LEASTS + k]++;
        }
    }
}

static int compare_uses(const void *left, const void *right)
{
    const struct lks_attachment_use *x = left, *y = right;
    if (x->object != y->object)
        return x->object < y->object ? -1 : 1;
    if (x->time_us != y->time_us)
        return x->time_us < y->time_us ? -1 : 1;
    return x->account < y->account ? -1 : x->account > y->account;
}

/* The uses of a small group, from its members' posts. */
static int gather_uses(struct lks_attachment *attachment, size_t *count_out, struct lks_error *err)
{
    const struct lks_chance *chance = attachment->chance;
    const struct lks_events *events = chance->events;
    size_t count = 0;
    for (uint32_t a = 0; a < events->accounts_count; a++) {
        for (uint32_t i = chance->account_first[a];
             attachment->in_group[a] && i < chance->account_first[a + 1]; i++) {
            uint32_t post = chance->stratum_post[attachment->authors->account_place[i]];
            uint32_t first = chance->post_event_first[post];
            uint32_t end = chance->post_event_first[post + 1];
            int rc = lks_budget_grow(chance->budget, &attachment->gathered,
                                     &attachment->gathered_capacity, count + (end - first),
                                     sizeof *attachment->gathered, err);
            if (rc)
                return rc;
            for (uint32_t j = first; j < end; j++)
                attachment->gathered[count++] = (struct lks_attachment_use){
                    chance->post_object[j], a, events->post_time_us[post]};
        }
    }
    if (count)
        qsort(attachment->gathered, count, sizeof *attachment->gathered, compare_uses);
    *count_out = count;
    return 0;
}

static int add_use(struct lks_attachment *attachment, uint32_t *count, uint32_t account,
                   int64_t time_us, struct lks_error *err)
{
    struct lks_budget *budget = attachment->chance->budget;
    int rc = lks_budget_grow(budget, &attachment->use_account, &attachment->uses_account_capacity,
                             *count + 1u, 4, err);
    if (rc == 0)
        rc = lks_budget_grow(budget, &attachment->use_time_us, &attachment->uses_time_capacity,
                             *count + 1u, 8, err);
    if (rc)
        return rc;
    attachment->use_account[*count] = account;
    attachment->use_time_us[(*count)++] = time_us;
    return 0;
}

/* What members used, by object and time: of a small group from its posts, else from all events. */
static int lay_uses(struct lks_attachment *attachment, struct lks_error *err)
{
    const struct lks_chance *chance = attachment->chance;
    const struct lks_events *events = chance->events;
    uint32_t count = 0, next = 0, posts = 0;
    size_t gathered = 0;
    for (uint32_t a = 0; a < events->accounts_count; a++)
        posts +=
            attachment->in_group[a] ? chance->account_first[a + 1] - chance->account_first[a] : 0;
    int small = posts < events->posts_count / 16, rc = 0;
    if (small)
        rc = gather_uses(attachment, &gathered, err);
    for (size_t i = 0, end = small ? gathered : events->count; i < end && rc == 0; i++) {
        uint32_t o = small ? attachment->gathered[i].object : events->object[i], account;
        int64_t time_us = small ? attachment->gathered[i].time_us : events->time_us[i];
        for (; next <= o; next++)
            attachment->use_first[next] = count;
        if (small) {
            account = attachment->gathered[i].account;
        } else {
            uint32_t place = chance->post_place[events->post[i]];
            account = chance->order_account[attachment->authors->place_author[place]];
        }
        if (attachment->in_group[account] && chance->object_reach_us[o] >= 0)
            rc = add_use(attachment, &count, account, time_us, err);
    }
    for (; next <= events->objects_count; next++)
        attachment->use_first[next] = count;
    return rc;
}

int lks_attachment_group(struct lks_attachment *attachment, const uint8_t *in_group,
                         const struct lks_control *control, struct lks_error *err)
{
    unsigned threads = lks_threads_count(control);
    struct laying laying = {attachment, control, NULL};
    attachment->in_group = in_group;
    count_members(attachment);
    int rc = lay_uses(attachment, err);
    if (rc == 0)
        rc = lks_attachment_scratch_new(attachment, threads, &laying.scratch, err);
    if (rc == 0)
        rc = lks_threads_run(threads,
                             ((size_t)attachment->near_count + BLOCK_POSTS - 1) / BLOCK_POSTS,
                             lay_task, &laying, err);
    lks_attachment_scratch_free(attachment, threads, laying.scratch);
    if (rc == 0)
        lay_outside(attachment);
    return rc;
}
