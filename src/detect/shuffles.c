/* shuffles.c - events in which one thing was dealt out anew and everything else stayed */
#include "detect/shuffles.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

static int out_of_memory(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "out of memory for shuffled data");
}

int lks_unshuffled_keep(const struct lks_events *events, struct lks_unshuffled *kept,
                        struct lks_error *err)
{
    size_t count = events->posts_count;
    kept->post_account = malloc((count + 1) * sizeof *kept->post_account);
    kept->post_time_us = malloc((count + 1) * sizeof *kept->post_time_us);
    if (!kept->post_account || !kept->post_time_us)
        return out_of_memory(err);
    if (count) {
        memcpy(kept->post_account, events->post_account, count * sizeof *kept->post_account);
        memcpy(kept->post_time_us, events->post_time_us, count * sizeof *kept->post_time_us);
    }
    return 0;
}

void lks_unshuffled_free(struct lks_unshuffled *kept)
{
    free(kept->post_account);
    free(kept->post_time_us);
    *kept = (struct lks_unshuffled){0};
}

static void start_again(struct lks_events *events, const struct lks_unshuffled *kept)
{
    size_t count = events->posts_count;
    if (!count)
        return;
    memcpy(events->post_account, kept->post_account, count * sizeof *kept->post_account);
    memcpy(events->post_time_us, kept->post_time_us, count * sizeof *kept->post_time_us);
}

/* The events' rows as their posts are now. */
static int rows_follow(struct lks_events *events, struct lks_error *err)
{
    for (size_t i = 0; i < events->count; i++) {
        events->account[i] = events->post_account[events->post[i]];
        events->time_us[i] = events->post_time_us[events->post[i]];
    }
    return lks_events_sort(events, err);
}

struct place {
    int64_t stratum;
    uint32_t post;
};

static int place_order(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->stratum != y->stratum)
        return x->stratum < y->stratum ? -1 : 1;
    return (x->post > y->post) - (x->post < y->post);
}

int lks_shuffle_accounts(struct lks_events *events, const struct lks_unshuffled *kept,
                         int64_t stratum_us, uint64_t seed, uint64_t number, struct lks_error *err)
{
    struct lks_rng rng;
    size_t count = events->posts_count;
    struct place *places = malloc((count + 1) * sizeof *places);
    if (!places)
        return out_of_memory(err);
    start_again(events, kept);
    lks_rng_init(&rng, seed, number);
    for (size_t i = 0; i < count; i++) {
        int64_t time_us = kept->post_time_us[i];
        places[i] = (struct place){stratum_us ? (time_us - time_us % stratum_us) / stratum_us : 0,
                                   (uint32_t)i};
    }
    qsort(places, count, sizeof *places, place_order);
    for (size_t first = 0, end; first < count; first = end) {
        for (end = first; end < count && places[end].stratum == places[first].stratum;)
            end++;
        for (size_t i = end - first; i > 1; i--) {
            uint32_t *a = &events->post_account[places[first + i - 1].post];
            uint32_t *b = &events->post_account[places[first + lks_rng_below(&rng, i)].post];
            uint32_t swap = *a;
            *a = *b;
            *b = swap;
        }
    }
    free(places);
    return rows_follow(events, err);
}

int lks_shuffle_days(struct lks_events *events, const struct lks_unshuffled *kept,
                     const uint8_t *account_stays, uint64_t seed, uint64_t number,
                     struct lks_error *err)
{
    int64_t first_us = INT64_MAX, last_us = INT64_MIN;
    start_again(events, kept);
    for (uint32_t i = 0; i < events->posts_count; i++) {
        int64_t time_us = kept->post_time_us[i];
        first_us = time_us < first_us ? time_us : first_us;
        last_us = time_us > last_us ? time_us : last_us;
    }
    if (first_us != INT64_MAX)
        first_us -= first_us % LKS_DAY_US; /* whole days, so that the time of day stays */
    uint64_t days = first_us > last_us ? 1 : (uint64_t)((last_us - first_us) / LKS_DAY_US) + 1;
    if (days < 2)
        return rows_follow(events, err);
    for (uint32_t i = 0; i < events->posts_count; i++) {
        struct lks_rng rng;
        uint32_t account = kept->post_account[i];
        if (account_stays && account_stays[account])
            continue;
        lks_rng_init(&rng, seed ^ number * 0x9e3779b97f4a7c15u, account);
        int64_t since_us = kept->post_time_us[i] - first_us;
        /* Never by none: who answers would answer still. */
        uint64_t by = 1 + lks_rng_below(&rng, days - 1);
        uint64_t day = ((uint64_t)(since_us / LKS_DAY_US) + by) % days;
        events->post_time_us[i] = first_us + (int64_t)day * LKS_DAY_US + since_us % LKS_DAY_US;
    }
    return rows_follow(events, err);
}
