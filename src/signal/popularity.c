/* popularity.c - how popular the things were that flagged accounts used, and without them
 *
 * One pass over the events, which lie object by object in order of time, counts for every object
 * its posts and distinct accounts four times: all, and without the accounts flagged at each
 * of three thresholds. A stamp by account tells whether it was seen on this object. Ranks are
 * taken for the few objects that are described, by comparing with the counts of all others
 * of their kind. A second pass over the described objects makes their series, early users,
 * doubling time and change of rate. */
#include "signal/popularity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/threads.h"
#include "signal/crowd_clock.h"
#include "stat/change.h"

enum { DOUBLING_FROM = 20, EARLY_LEAST = 10, LEVELS = 1 + LKS_FLAG_LEVELS };

/* What is counted of every object. */
struct tally {
    uint32_t accounts[LEVELS];
    uint32_t posts[LEVELS];
};

struct popularity {
    const struct lks_events *events;
    const uint8_t *level;
    struct tally *tallies; /* [objects_count] */
    size_t *first;         /* [objects_count + 1], into the events */
    uint32_t *stamp;       /* [accounts_count]: 1 + the last object it was seen on */
    struct lks_crowd_clock clock;
    double *places; /* [of the most used object] */
    struct lks_popularity_columns columns;
    uint32_t *answer_first; /* [posts_count + 1] into answer; NULL where no answers are known */
    uint32_t *answer;       /* posts by what they answer */
};

struct lks_popularity_options lks_popularity_options_default(void)
{
    return (struct lks_popularity_options){.kinds_mask =
                                               1u << LKS_OBJECT_HASHTAG | 1u << LKS_OBJECT_SOUND |
                                               1u << LKS_OBJECT_URL | 1u << LKS_OBJECT_MENTION,
                                           .flagged_min = 5,
                                           .objects_most = 6};
}

static uint32_t flagged_of(const struct tally *tally)
{
    return tally->accounts[0] - tally->accounts[1];
}

/* Whether an account of this level is still counted without those flagged at `threshold`:
 * 1 takes out every flagged account, LKS_FLAG_LEVELS only the surest. */
static int is_counted(uint8_t level, int threshold)
{
    return threshold == 0 || level < threshold;
}

static int tallies_make(struct popularity *popularity, const struct lks_control *control,
                        struct lks_error *err)
{
    const struct lks_events *events = popularity->events;
    for (size_t i = 0; i < events->count; i++) {
        uint32_t object = events->object[i], account = events->account[i];
        struct tally *tally = &popularity->tallies[object];
        int is_new = popularity->stamp[account] != object + 1;
        popularity->stamp[account] = object + 1;
        popularity->first[object + 1]++;
        for (int t = 0; t < LEVELS; t++) {
            uint32_t counted = (uint32_t)is_counted(popularity->level[account], t);
            tally->posts[t] += counted;
            tally->accounts[t] += counted & (uint32_t)is_new;
        }
        if (i % 1048576 == 0 && lks_cancelled(control))
            return lks_error_set(err, LKS_ECANCELLED, "stopped");
    }
    for (uint32_t o = 0; o < events->objects_count; o++)
        popularity->first[o + 1] += popularity->first[o];
    return 0;
}

static int clock_make(struct popularity *popularity, struct lks_error *err)
{
    const struct lks_events *events = popularity->events;
    int64_t start_us = events->posts_count ? events->post_time_us[0] : 0, last_us = start_us;
    for (uint32_t i = 0; i < events->posts_count; i++) {
        int64_t time_us = events->post_time_us[i];
        start_us = time_us < start_us ? time_us : start_us;
        last_us = time_us > last_us ? time_us : last_us;
    }
    int code = lks_crowd_clock_make(&popularity->clock, start_us, last_us, err);
    for (uint32_t i = 0; code == 0 && i < events->posts_count; i++)
        lks_crowd_clock_add(&popularity->clock, events->post_time_us[i], 1);
    if (code == 0)
        lks_crowd_clock_set(&popularity->clock);
    return code;
}

/* ---- which objects ---- */

/* Keeps the objects_most objects of a kind with the most flagged accounts, by insertion: the
 * list is short. Ties go to the smaller object id. */
static size_t kind_choose(const struct popularity *popularity, enum lks_object_kind kind,
                          const struct lks_popularity_options *options, struct lks_popular *chosen)
{
    const struct lks_events *events = popularity->events;
    size_t count = 0;
    for (uint32_t o = 0; o < events->objects_count; o++) {
        uint32_t flagged = flagged_of(&popularity->tallies[o]);
        if (events->object_kind[o] != kind || flagged < options->flagged_min ||
            !popularity->tallies[o].accounts[0])
            continue;
        size_t at = count;
        while (at > 0 && flagged_of(&popularity->tallies[chosen[at - 1].object]) < flagged)
            at--;
        if (at >= options->objects_most)
            continue;
        if (count < options->objects_most)
            count++;
        memmove(&chosen[at + 1], &chosen[at], (count - 1 - at) * sizeof *chosen);
        chosen[at] = (struct lks_popular){.object = o, .kind = kind};
    }
    return count;
}

static void ranks_find(const struct popularity *popularity, enum lks_object_kind kind,
                       struct lks_popular *chosen, size_t count)
{
    const struct lks_events *events = popularity->events;
    for (size_t i = 0; i < count; i++)
        for (int t = 0; t < LEVELS; t++)
            chosen[i].rank[t] = 1;
    for (uint32_t o = 0; o < events->objects_count; o++) {
        if (events->object_kind[o] != kind)
            continue;
        for (size_t i = 0; i < count; i++) {
            const struct tally *own = &popularity->tallies[chosen[i].object];
            chosen[i].ranked_count++;
            for (int t = 0; t < LEVELS; t++)
                chosen[i].rank[t] += popularity->tallies[o].accounts[t] > own->accounts[t];
        }
    }
}

/* ---- one object ---- */

/* The shortest time in which the number of accounts doubled, from DOUBLING_FROM on. times are
 * those of each account's first use, in order. */
static int64_t doubling_find(const int64_t *times, size_t count)
{
    int64_t best = -1;
    for (size_t n = DOUBLING_FROM; 2 * n <= count; n++) {
        int64_t took = times[2 * n - 1] - times[n - 1];
        if (best < 0 || took < best)
            best = took;
    }
    return best;
}

static int bin_of(const struct popularity *popularity, int64_t time_us)
{
    double start = (double)popularity->clock.start_us;
    double span = (double)popularity->clock.last_us - start + 1;
    return (int)(((double)time_us - start) / span * LKS_POPULAR_BINS);
}

static void views_add(const struct popularity *popularity, struct lks_popular *popular, size_t i)
{
    const struct lks_events *events = popularity->events;
    int64_t views = popularity->columns.post_views[events->post[i]];
    uint8_t level = popularity->level[events->account[i]];
    int bin = bin_of(popularity, events->time_us[i]);
    if (views < 0)
        return; /* unknown */
    popular->views_known++;
    for (int t = 0; t < LEVELS; t++)
        popular->views[t] += is_counted(level, t) ? (uint64_t)views : 0;
    popular->bin_views[bin] += (uint64_t)views;
    popular->bin_views_flagged[bin] += level > 0 ? (uint64_t)views : 0;
}

static void series_fill(const struct popularity *popularity, struct lks_popular *popular)
{
    const struct lks_events *events = popularity->events;
    for (size_t i = popularity->first[popular->object]; i < popularity->first[popular->object + 1];
         i++) {
        int bin = bin_of(popularity, events->time_us[i]);
        popular->bin_posts[bin]++;
        popular->bin_flagged[bin] += popularity->level[events->account[i]] > 0;
        if (popularity->columns.post_views)
            views_add(popularity, popular, i);
    }
}

/* Whether the post is on the object, whose rows are in order of time and account. */
static int is_on(const struct popularity *popularity, uint32_t object, uint32_t post)
{
    const struct lks_events *events = popularity->events;
    int64_t time_us = events->post_time_us[post];
    uint32_t account = events->post_account[post];
    size_t low = popularity->first[object], high = popularity->first[object + 1], end = high;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (events->time_us[middle] < time_us ||
            (events->time_us[middle] == time_us && events->account[middle] < account))
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < end && events->time_us[low] == time_us && events->account[low] == account; low++)
        if (events->post[low] == post)
            return 1;
    return 0;
}

static void answer_count(const struct popularity *popularity, struct lks_popular *popular,
                         uint32_t answer, uint32_t post)
{
    const struct lks_events *events = popularity->events;
    uint32_t account = events->post_account[answer];
    int64_t after_us = events->post_time_us[answer] - events->post_time_us[post];
    popular->answers_known = 1;
    if (account == events->post_account[post] || after_us < 0 || after_us > LKS_HOUR_US)
        return;
    popular->hour_answers++;
    popular->hour_flagged += popularity->level[account] > 0;
}

/* Answers in the first hour of a post where it or the answer is on the object, by whom: a tag is
 * brought under other people's posts as well as used in one's own. */
static void answers_count(const struct popularity *popularity, struct lks_popular *popular)
{
    const uint32_t *parent = popularity->columns.post_parent;
    for (size_t i = popularity->first[popular->object];
         popularity->answer_first && i < popularity->first[popular->object + 1]; i++) {
        uint32_t post = popularity->events->post[i];
        for (uint32_t a = popularity->answer_first[post]; a < popularity->answer_first[post + 1];
             a++)
            answer_count(popularity, popular, popularity->answer[a], post);
        if (parent[post] != UINT32_MAX && !is_on(popularity, popular->object, parent[post]))
            answer_count(popularity, popular, post, parent[post]);
    }
}

static int platform_order(const void *a, const void *b)
{
    const struct lks_popular_platform *x = a, *y = b;
    if (x->posts[0] != y->posts[0])
        return x->posts[0] > y->posts[0] ? -1 : 1;
    return (int)x->platform - (int)y->platform;
}

/* The same counts by platform. An account is on one platform: its first use is told by the stamp
 * that arrivals_describe leaves, so this comes before. */
static void platforms_count(const struct popularity *popularity, struct lks_popular *popular)
{
    const struct lks_events *events = popularity->events;
    struct lks_popular_platform all[UINT8_MAX + 1] = {{0}};
    const uint8_t *platform = popularity->columns.account_platform;
    uint32_t mark =
        UINT32_MAX - popular->object; /* of no other pass: objects are fewer than half */
    if (!platform)
        return;
    for (size_t i = popularity->first[popular->object]; i < popularity->first[popular->object + 1];
         i++) {
        uint32_t account = events->account[i];
        struct lks_popular_platform *on = &all[platform[account]];
        int64_t views = popularity->columns.post_views
                            ? popularity->columns.post_views[events->post[i]]
                            : LKS_COUNT_NULL;
        int is_new = popularity->stamp[account] != mark;
        popularity->stamp[account] = mark;
        on->platform = platform[account];
        for (int without = 0; without < 2; without++) {
            uint32_t counted = (uint32_t)is_counted(popularity->level[account], without);
            on->posts[without] += counted;
            on->accounts[without] += counted & (uint32_t)is_new;
            on->views[without] += counted && views > 0 ? (uint64_t)views : 0;
        }
    }
    qsort(all, UINT8_MAX + 1, sizeof *all, platform_order);
    for (int i = 0; i < LKS_POPULAR_PLATFORMS && all[i].posts[0]; i++)
        popular->platforms[popular->platforms_count++] = all[i];
}

/* The course on the account's platform, or NULL where it is not one of those told apart. */
static struct lks_popular_course *course_of(const struct popularity *popularity,
                                            struct lks_popular *popular, uint32_t account)
{
    for (uint32_t p = 0; p < popular->platforms_count; p++)
        if (popular->platforms[p].platform == popularity->columns.account_platform[account])
            return &popular->course[p];
    return NULL;
}

/* Posts and views by platform over time; first uses are added where they are found. */
static void courses_fill(const struct popularity *popularity, struct lks_popular *popular)
{
    const struct lks_events *events = popularity->events;
    const int64_t *views = popularity->columns.post_views;
    for (size_t i = popularity->first[popular->object];
         popular->platforms_count && i < popularity->first[popular->object + 1]; i++) {
        struct lks_popular_course *course = course_of(popularity, popular, events->account[i]);
        if (!course)
            continue;
        int bin = bin_of(popularity, events->time_us[i]);
        course->posts[bin]++;
        course->flagged[bin] += popularity->level[events->account[i]] > 0;
        if (views && views[events->post[i]] > 0)
            course->views[bin] += (uint64_t)views[events->post[i]];
    }
}

/* What first uses tell: early users, doubling, the change of rate. times and innocent
 * are scratch. */
static void arrivals_describe(const struct popularity *popularity, struct lks_popular *popular,
                              int64_t *times, int64_t *innocent)
{
    const struct lks_events *events = popularity->events;
    uint32_t mark = popular->object + 1, count = 0, without = 0;
    uint32_t early = popular->accounts[0] / 10;
    early = early < EARLY_LEAST ? EARLY_LEAST : early;
    for (size_t i = popularity->first[popular->object]; i < popularity->first[mark]; i++) {
        uint32_t account = events->account[i];
        if (popularity->stamp[account] == mark)
            continue;
        popularity->stamp[account] = mark;
        if (count < early) {
            popular->early_accounts++;
            popular->early_flagged += popularity->level[account] > 0;
        }
        int bin = bin_of(popularity, events->time_us[i]);
        popular->bin_accounts[bin]++;
        popular->bin_accounts_flagged[bin] += popularity->level[account] > 0;
        struct lks_popular_course *course = course_of(popularity, popular, account);
        if (course)
            course->accounts[bin]++;
        if (!popularity->level[account])
            innocent[without++] = events->time_us[i];
        popularity->places[count] = lks_crowd_clock_at(&popularity->clock, events->time_us[i]);
        times[count++] = events->time_us[i];
    }
    popular->doubling_us = doubling_find(times, count);
    popular->doubling_without_us = doubling_find(innocent, without);
    struct lks_change change = lks_change_up(popularity->places, count);
    popular->log10_p = change.log10_p;
    if (change.place > 0 && change.before < count) {
        double before = ((double)change.before + 0.5) / change.place;
        double after = ((double)(count - change.before) + 0.5) / (1 - change.place);
        popular->rate_ratio = after / before;
        popular->change_us = times[change.before];
    }
}

static void describe(const struct popularity *popularity, struct lks_popular *popular,
                     int64_t *times, int64_t *innocent)
{
    const struct tally *tally = &popularity->tallies[popular->object];
    size_t first = popularity->first[popular->object];
    size_t end = popularity->first[popular->object + 1];
    for (int t = 0; t < LEVELS; t++) {
        popular->posts[t] = tally->posts[t];
        popular->accounts[t] = tally->accounts[t];
    }
    popular->first_us = popularity->events->time_us[first];
    popular->last_us = popularity->events->time_us[end - 1];
    series_fill(popularity, popular);
    answers_count(popularity, popular);
    platforms_count(popularity, popular);
    courses_fill(popularity, popular);
    arrivals_describe(popularity, popular, times, innocent);
}

/* Posts by what they answer. */
static int answers_sort(struct popularity *popularity, struct lks_error *err)
{
    const struct lks_events *events = popularity->events;
    const uint32_t *parent = popularity->columns.post_parent;
    size_t posts = events->posts_count;
    if (!parent)
        return 0;
    uint32_t *first = popularity->answer_first = calloc(posts + 2, sizeof *first);
    popularity->answer = malloc((posts + 1) * sizeof *popularity->answer);
    if (!first || !popularity->answer)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for answers");
    for (size_t p = 0; p < posts; p++)
        if (parent[p] != UINT32_MAX)
            first[parent[p] + 2]++;
    for (size_t p = 0; p < posts; p++)
        first[p + 2] += first[p + 1];
    for (size_t p = 0; p < posts; p++)
        if (parent[p] != UINT32_MAX)
            popularity->answer[first[parent[p] + 1]++] = (uint32_t)p;
    return 0;
}

/* ---- all ---- */

static int room_make(struct popularity *popularity, struct lks_error *err)
{
    const struct lks_events *events = popularity->events;
    popularity->tallies = calloc((size_t)events->objects_count + 1, sizeof *popularity->tallies);
    popularity->first = calloc((size_t)events->objects_count + 2, sizeof *popularity->first);
    popularity->stamp = calloc((size_t)events->accounts_count + 1, sizeof *popularity->stamp);
    if (popularity->tallies && popularity->first && popularity->stamp)
        return 0;
    return lks_error_set(err, LKS_EMEMORY, "out of memory for %u objects", events->objects_count);
}

static int all_describe(struct popularity *popularity, struct lks_popular *chosen, size_t count,
                        struct lks_error *err)
{
    uint32_t most = 0;
    for (size_t i = 0; i < count; i++)
        if (popularity->tallies[chosen[i].object].accounts[0] > most)
            most = popularity->tallies[chosen[i].object].accounts[0];
    int64_t *times = malloc(((size_t)most + 1) * 2 * sizeof *times);
    popularity->places = malloc(((size_t)most + 1) * sizeof *popularity->places);
    int code = times && popularity->places ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory");
    /* Stamps are by object: what the count left there must not look like this pass's. */
    memset(popularity->stamp, 0,
           ((size_t)popularity->events->accounts_count + 1) * sizeof *popularity->stamp);
    for (size_t i = 0; code == 0 && i < count; i++)
        describe(popularity, &chosen[i], times, times + most);
    free(times);
    return code;
}

int lks_popularity_run(const struct lks_events *events, const uint8_t *account_level,
                       const struct lks_popularity_columns *columns,
                       const struct lks_popularity_options *options,
                       const struct lks_control *control, struct lks_popular **popular_out,
                       size_t *count_out, struct lks_error *err)
{
    struct popularity popularity = {.events = events, .level = account_level};
    if (columns)
        popularity.columns = *columns;
    size_t count = 0;
    *count_out = 0;
    *popular_out =
        calloc((size_t)LKS_OBJECT_KINDS_COUNT * options->objects_most + 1, sizeof **popular_out);
    int code = *popular_out ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory");
    if (code == 0)
        code = room_make(&popularity, err);
    if (code == 0)
        code = answers_sort(&popularity, err);
    if (code == 0)
        code = tallies_make(&popularity, control, err);
    if (code == 0)
        code = clock_make(&popularity, err);
    for (int kind = 0; code == 0 && kind < LKS_OBJECT_KINDS_COUNT; kind++) {
        struct lks_popular *chosen = *popular_out + count;
        if (!(options->kinds_mask >> kind & 1))
            continue;
        size_t of_kind = kind_choose(&popularity, (enum lks_object_kind)kind, options, chosen);
        ranks_find(&popularity, (enum lks_object_kind)kind, chosen, of_kind);
        count += of_kind;
    }
    if (code == 0)
        code = all_describe(&popularity, *popular_out, count, err);
    if (code == 0)
        *count_out = count;
    free(popularity.tallies);
    free(popularity.first);
    free(popularity.stamp);
    free(popularity.places);
    free(popularity.answer_first);
    free(popularity.answer);
    lks_crowd_clock_free(&popularity.clock);
    if (code) {
        free(*popular_out);
        *popular_out = NULL;
    }
    return code;
}
