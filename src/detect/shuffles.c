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

static struct place place_of(int64_t time_us, int64_t stratum_us, size_t post)
{
    return (struct place){stratum_us ? (time_us - time_us % stratum_us) / stratum_us : 0,
                          (uint32_t)post};
}

/* Orders the places, and puts those of each stratum into an order drawn from all. swap is told
 * each exchange of two posts. */
static void places_deal(struct place *places, size_t count, struct lks_rng *rng,
                        void (*swap)(void *context, uint32_t a, uint32_t b), void *context)
{
    qsort(places, count, sizeof *places, place_order);
    for (size_t first = 0, end; first < count; first = end) {
        for (end = first; end < count && places[end].stratum == places[first].stratum;)
            end++;
        for (size_t i = end - first; i > 1; i--)
            swap(context, places[first + i - 1].post, places[first + lks_rng_below(rng, i)].post);
    }
}

static void accounts_swap(void *context, uint32_t a, uint32_t b)
{
    uint32_t *account = context, held = account[a];
    account[a] = account[b];
    account[b] = held;
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
    for (size_t i = 0; i < count; i++)
        places[i] = place_of(kept->post_time_us[i], stratum_us, i);
    places_deal(places, count, &rng, accounts_swap, events->post_account);
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

/* ---- own posts ---- */

static void script_accounts_swap(void *context, uint32_t a, uint32_t b)
{
    struct lks_script_post *posts = context;
    uint32_t held = posts[a].account;
    posts[a].account = posts[b].account;
    posts[b].account = held;
}

static void script_times_swap(void *context, uint32_t a, uint32_t b)
{
    struct lks_script_post *posts = context;
    int64_t held = posts[a].time_us;
    posts[a].time_us = posts[b].time_us;
    posts[b].time_us = held;
}

static int script_posts_deal(const struct lks_script_post *from, size_t count, int64_t stratum_us,
                             struct lks_rng *rng, void (*swap)(void *, uint32_t, uint32_t),
                             struct lks_script_post *to, struct lks_error *err)
{
    struct place *places = malloc((count + 1) * sizeof *places);
    if (!places)
        return out_of_memory(err);
    for (size_t i = 0; i < count; i++) {
        to[i] = from[i];
        places[i] = place_of(from[i].time_us, stratum_us, i);
    }
    places_deal(places, count, rng, swap, to);
    free(places);
    return 0;
}

int lks_shuffle_script_accounts(const struct lks_script_post *from, size_t count,
                                int64_t stratum_us, uint64_t seed, uint64_t number,
                                struct lks_script_post *to, struct lks_error *err)
{
    struct lks_rng rng;
    lks_rng_init(&rng, seed, number);
    return script_posts_deal(from, count, stratum_us, &rng, script_accounts_swap, to, err);
}

int lks_shuffle_script_times(const struct lks_script_post *from, size_t count, uint64_t seed,
                             uint64_t number, struct lks_script_post *to, struct lks_error *err)
{
    struct lks_rng rng;
    lks_rng_init(&rng, seed, number);
    return script_posts_deal(from, count, 0, &rng, script_times_swap, to, err);
}

/* ---- channels ---- */

struct moved {
    int64_t time_us;
    uint32_t message;
};

static int moved_order(const void *a, const void *b)
{
    const struct moved *x = a, *y = b;
    if (x->time_us != y->time_us)
        return x->time_us < y->time_us ? -1 : 1;
    return (x->message > y->message) - (x->message < y->message);
}

/* Whole days from the day of the first to that of the last. */
static uint64_t days_between(int64_t first_us, int64_t last_us)
{
    return (uint64_t)((last_us - (first_us - first_us % LKS_DAY_US)) / LKS_DAY_US) + 1;
}

int lks_shuffle_channels_share(const int64_t *time_us, size_t count, uint32_t channels_count)
{
    return count && days_between(time_us[0], time_us[count - 1]) < channels_count;
}

/* The channels in a drawn order, as far apart around the days as they can be, from a drawn one on. */
static int channel_days_draw(uint64_t days, uint32_t channels_count, struct lks_rng *rng,
                             uint64_t **by_out, struct lks_error *err)
{
    uint64_t start = lks_rng_below(rng, days), step = days / channels_count;
    uint64_t *by = *by_out = malloc(channels_count * sizeof *by);
    if (!by)
        return out_of_memory(err);
    for (uint32_t i = 0; i < channels_count; i++)
        by[i] = (start + i * (step ? step : 1)) % days;
    for (uint32_t i = channels_count; i > 1; i--) {
        uint64_t k = lks_rng_below(rng, i), held = by[i - 1];
        by[i - 1] = by[k];
        by[k] = held;
    }
    return 0;
}

int lks_shuffle_channel_days(const int64_t *time_us, const uint32_t *channel, size_t count,
                             uint32_t channels_count, uint64_t seed, uint64_t number,
                             int64_t *moved_us, uint32_t *order, struct lks_error *err)
{
    struct lks_rng rng;
    uint64_t *by;
    if (!count)
        return 0;
    int64_t first_us = time_us[0] - time_us[0] % LKS_DAY_US;
    uint64_t days = days_between(time_us[0], time_us[count - 1]);
    struct moved *moved = malloc(count * sizeof *moved);
    if (!moved)
        return out_of_memory(err);
    lks_rng_init(&rng, seed, number);
    int code = channel_days_draw(days, channels_count, &rng, &by, err);
    for (size_t i = 0; code == 0 && i < count; i++) {
        int64_t since_us = time_us[i] - first_us;
        uint64_t day = ((uint64_t)(since_us / LKS_DAY_US) + by[channel[i]]) % days;
        moved[i] = (struct moved){first_us + (int64_t)day * LKS_DAY_US + since_us % LKS_DAY_US,
                                  (uint32_t)i};
    }
    if (code == 0)
        qsort(moved, count, sizeof *moved, moved_order);
    for (size_t i = 0; code == 0 && i < count; i++) {
        moved_us[i] = moved[i].time_us;
        order[i] = moved[i].message;
    }
    free(by);
    free(moved);
    return code;
}
