/* shuffle_all.c - a whole case in which nothing is going on: every null hypothesis true at once
 *
 * A hypothesis of exchangeability within strata (an hour, a post, a class) is true a fortiori where
 * the same thing is dealt out uniformly over all of them: of those deals that leave each stratum
 * its own, each is as likely as any other. So one wide deal serves many narrow tests:
 *
 *   authors        over all posts of their platform, channels' messages apart; every account keeps
 *                  its number of posts. True are then: groups, pairs and members (authors within
 *                  the hour), sleepers (an account's acts on everybody's clock), copiers
 *                  (who of a post's commenters copies), responders' choice, tellers of a script.
 *   comments       the time since the answered post over all comments whose post is known. With the
 *                  authors dealt out that is also a deal of texts among a post's comments:
 *                  floods in one burst, on their own clock and on the profile's.
 *   messages       each to the day of a post drawn from all posts, not its own day where there is
 *                  another, and keeps its time of day: answers in time, one call's uptake, relays.
 *                  Days drawn so follow everybody's clock; a channel moved as a block would be a
 *                  sleeper that wakes.
 *   registrations  date and how it is known over the accounts of a platform: cohorts of
 *                  registrations, days and shapes of handles.
 *
 * Contents stay with their posts, so that what was popular when is as in the case, but for
 * comments and messages, whose times move. What the deal takes away with the coordination is the habits
 * of accounts: their nights, their favourite things. A comment follows its post where that
 * moved; comments are placed in order of their first times, so that a thread hangs together. Where a
 * post claims to answer a later one, that one's first time is taken. */
#include "detect/shuffle_all.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/time.h"

enum { STRATA_COUNT = 2 * (UINT8_MAX + 1), TRIES = 64 };

static int out_of_memory(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "out of memory for shuffled data");
}

/* Deals the values of each stratum out among its own. order [count] is scratch. */
static void deal_within(uint32_t *value, const uint16_t *stratum, uint32_t count,
                        struct lks_rng *rng, uint32_t *order)
{
    uint32_t first[STRATA_COUNT + 1] = {0};
    for (uint32_t i = 0; i < count; i++)
        first[stratum[i] + 1]++;
    for (int s = 0; s < STRATA_COUNT; s++)
        first[s + 1] += first[s];
    for (uint32_t i = 0; i < count; i++)
        order[first[stratum[i]]++] = i; /* first[s] is now where s ends */
    for (int s = 0; s < STRATA_COUNT; s++) {
        uint32_t begin = s ? first[s - 1] : 0;
        for (uint32_t i = first[s] - begin; i > 1; i--) {
            uint32_t *a = &value[order[begin + i - 1]];
            uint32_t *b = &value[order[begin + (uint32_t)lks_rng_below(rng, i)]];
            uint32_t held = *a;
            *a = *b;
            *b = held;
        }
    }
}

static int is_comment(const struct lks_shuffle_case *from, uint32_t post)
{
    uint32_t parent = from->post_parent[post];
    return parent != UINT32_MAX && parent != post;
}

static int64_t within_times(int64_t time_us)
{
    return time_us < LKS_TIME_MIN_US   ? LKS_TIME_MIN_US
           : time_us > LKS_TIME_MAX_US ? LKS_TIME_MAX_US
                                       : time_us;
}

static void messages_move(const struct lks_shuffle_case *from, struct lks_rng *rng,
                          int64_t *time_us)
{
    for (uint32_t i = 0; i < from->posts_count; i++) {
        if (!from->post_is_message[i] || is_comment(from, i))
            continue;
        int64_t day = from->post_time_us[i] / LKS_DAY_US, other = day;
        for (int tries = 0; tries < TRIES && other == day; tries++)
            other = from->post_time_us[lks_rng_below(rng, from->posts_count)] / LKS_DAY_US;
        time_us[i] = within_times(time_us[i] + (other - day) * LKS_DAY_US);
    }
}

struct comment {
    int64_t time_us;
    uint32_t post;
};

static int comment_order(const void *left, const void *right)
{
    const struct comment *x = left, *y = right;
    if (x->time_us != y->time_us)
        return x->time_us < y->time_us ? -1 : 1;
    return (x->post > y->post) - (x->post < y->post);
}

/* After the messages have moved. */
static int comments_move(const struct lks_shuffle_case *from, struct lks_rng *rng, int64_t *time_us,
                         struct lks_error *err)
{
    size_t count = 0;
    struct comment *comments = malloc(((size_t)from->posts_count + 1) * sizeof *comments);
    int64_t *since_us = malloc(((size_t)from->posts_count + 1) * sizeof *since_us);
    int code = comments && since_us ? 0 : out_of_memory(err);
    for (uint32_t i = 0; code == 0 && i < from->posts_count; i++)
        if (is_comment(from, i)) {
            since_us[count] = from->post_time_us[i] - from->post_time_us[from->post_parent[i]];
            comments[count++] = (struct comment){from->post_time_us[i], i};
        }
    if (code == 0 && count) {
        for (size_t i = count; i > 1; i--) {
            size_t other = lks_rng_below(rng, i);
            int64_t held = since_us[i - 1];
            since_us[i - 1] = since_us[other];
            since_us[other] = held;
        }
        qsort(comments, count, sizeof *comments, comment_order);
        for (size_t i = 0; i < count; i++)
            time_us[comments[i].post] =
                within_times(time_us[from->post_parent[comments[i].post]] + since_us[i]);
    }
    free(comments);
    free(since_us);
    return code;
}

int lks_shuffle_all(const struct lks_shuffle_case *from, uint64_t seed, uint64_t number,
                    struct lks_shuffled_case *to, struct lks_error *err)
{
    uint32_t posts = from->posts_count, accounts = from->accounts_count;
    size_t most = (posts > accounts ? posts : accounts) + (size_t)1;
    uint16_t *stratum = malloc(most * sizeof *stratum);
    uint32_t *order = malloc(most * sizeof *order);
    struct lks_rng rng;
    int code = stratum && order ? 0 : out_of_memory(err);
    lks_rng_init(&rng, seed, number);
    if (code == 0 && posts) {
        memcpy(to->post_account, from->post_account, posts * sizeof *to->post_account);
        memcpy(to->post_time_us, from->post_time_us, posts * sizeof *to->post_time_us);
        messages_move(from, &rng, to->post_time_us);
        code = comments_move(from, &rng, to->post_time_us, err);
    }
    if (code == 0) {
        for (uint32_t i = 0; i < posts; i++)
            stratum[i] = (uint16_t)(2 * from->account_platform[from->post_account[i]] +
                                    (from->post_is_message[i] != 0));
        deal_within(to->post_account, stratum, posts, &rng, order);
        for (uint32_t a = 0; a < accounts; a++) {
            to->account_made_as[a] = a;
            stratum[a] = from->account_platform[a];
        }
        deal_within(to->account_made_as, stratum, accounts, &rng, order);
    }
    free(stratum);
    free(order);
    return code;
}
