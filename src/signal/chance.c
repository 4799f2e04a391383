/* chance.c - the null model's preparation: strata, presence, and which posts meet
 *
 * The null model permutes accounts among the posts of a stratum, so whatever depends on the
 * posts alone is laid out once and serves the real data and every shuffled copy:
 *
 *     post -> partners   distinct posts that share an object within the longest window, in
 *                        segments: shortest window first, then what each longer one adds.
 *                        Posts of the same author are among them, since a copy may part them
 *     account -> (stratum, posts)   how many posts it has in each: the same in every copy
 *     stratum -> posts   what a copy permutes
 *
 * Cost: the partners within the longest window are visited once, each object of a post
 * running over its sorted uses. Objects whose uses have too many partners are held to
 * shorter windows, which changes what counts as meeting, in the real data and the copies
 * alike: nothing becomes less valid, and the number is reported. */
#include "signal/chance.h"

#include <stdlib.h>
#include <string.h>

#include "base/threads.h"
#include "signal/chance_data.h"

struct lks_chance_options lks_chance_options_default(void)
{
    struct lks_chance_options options = {
        .windows_us = {LKS_MINUTE_US, 10 * LKS_MINUTE_US, LKS_HOUR_US, 6 * LKS_HOUR_US},
        .windows_count = 4,
        .stratum_us = LKS_HOUR_US,
        .min_occasions = 2,
        .object_share_max = 0.5,
        .object_accounts_min = 50,
        .rare_share = 0.01,
        .rare_accounts_max = 3,
        .object_partners_max = 4096,
        .partners_max = UINT64_C(1) << 28,
    };
    for (int kind = 0; kind < LKS_OBJECT_KINDS_COUNT; kind++)
        options.kind_window_us[kind] = LKS_DAY_US;
    return options;
}

int lks_chance_options_check(const struct lks_chance_options *options, struct lks_error *err)
{
    if (options->windows_count < 1 || options->windows_count > LKS_CHANCE_WINDOWS_MAX)
        return lks_error_set(err, LKS_EARGUMENT, "between 1 and %d windows are needed",
                             LKS_CHANCE_WINDOWS_MAX);
    for (unsigned w = 0; w < options->windows_count; w++) {
        int64_t before = w ? options->windows_us[w - 1] : -1;
        if (options->windows_us[w] <= before || options->windows_us[w] > 366 * LKS_DAY_US)
            return lks_error_set(err, LKS_EARGUMENT,
                                 "windows must rise and be at most a year long");
    }
    if (options->stratum_us < LKS_MINUTE_US || options->stratum_us > 366 * LKS_DAY_US)
        return lks_error_set(err, LKS_EARGUMENT,
                             "the stratum must be between a minute and a year long");
    if (options->min_occasions < 1)
        return lks_error_set(err, LKS_EARGUMENT, "at least one occasion is needed");
    if (!(options->object_share_max >= 0 && options->object_share_max <= 1) ||
        options->object_accounts_min < 3)
        return lks_error_set(err, LKS_EARGUMENT,
                             "common objects need a share of accounts in [0, 1] and at least 3");
    if (options->object_partners_max < 1 || options->partners_max < 1)
        return lks_error_set(err, LKS_EARGUMENT, "the limits of partners must be above 0");
    return 0;
}

static void *allocate(size_t count, size_t item_bytes, int *failed)
{
    void *memory = calloc(count ? count : 1, item_bytes);
    if (!memory)
        *failed = 1;
    return memory;
}

/* A window below what the times can tell is not claimed: minute times allow windows from a
 * minute up, days one window of a day within strata of a week. */
static void choose_windows(struct lks_chance *chance)
{
    const struct lks_chance_options *options = &chance->options;
    struct lks_chance_counts *counts = &chance->counts;
    enum lks_time_precision precision = chance->events->time_precision;
    int64_t least = precision == LKS_PRECISION_DAY      ? LKS_DAY_US
                    : precision == LKS_PRECISION_MINUTE ? LKS_MINUTE_US
                                                        : 0;
    counts->windows_used = 0;
    for (unsigned w = 0; w < options->windows_count; w++) {
        if (options->windows_us[w] >= least)
            counts->windows_us[counts->windows_used++] = options->windows_us[w];
    }
    if (counts->windows_used == 0)
        counts->windows_us[counts->windows_used++] = least;
    counts->stratum_us = options->stratum_us;
    if (precision == LKS_PRECISION_DAY && counts->stratum_us < 7 * LKS_DAY_US)
        counts->stratum_us = 7 * LKS_DAY_US;
}

/* Finds the objects so widespread that sharing them tells nothing, such as the keyword by
 * which the data were collected. */
static int choose_common(struct lks_chance *chance, struct lks_error *err)
{
    const struct lks_events *events = chance->events;
    double least = chance->options.object_share_max * events->accounts_count;
    if (least < chance->options.object_accounts_min)
        least = chance->options.object_accounts_min;
    int failed = 0;
    uint32_t *seen = allocate(events->accounts_count, 4, &failed);
    uint32_t *users = allocate(events->objects_count, 4, &failed);
    chance->object_reach_us = allocate(events->objects_count, sizeof(int64_t), &failed);
    for (size_t i = 0; i < events->count && !failed; i++) {
        users[events->object[i]] += seen[events->account[i]] != events->object[i] + 1;
        seen[events->account[i]] = events->object[i] + 1;
    }
    chance->object_rare = allocate(events->objects_count, 1, &failed);
    double rare = chance->options.rare_share * events->accounts_count;
    if (rare < chance->options.rare_accounts_max)
        rare = chance->options.rare_accounts_max;
    for (uint32_t o = 0; o < events->objects_count && !failed; o++) {
        chance->object_rare[o] = users[o] <= rare;
        int common = users[o] > least;
        chance->object_reach_us[o] =
            common ? -1 : chance->options.kind_window_us[events->object_kind[o]];
        chance->counts.objects_common += (uint32_t)common;
    }
    free(seen);
    free(users);
    return failed ? lks_error_set(err, LKS_EMEMORY, "out of memory for %u objects",
                                  events->objects_count)
                  : 0;
}

struct post_key {
    int64_t time_us;
    uint32_t post;
};

static int compare_keys(const void *left, const void *right)
{
    const struct post_key *x = left, *y = right;
    if (x->time_us != y->time_us)
        return x->time_us < y->time_us ? -1 : 1;
    return x->post < y->post ? -1 : x->post > y->post;
}

/* Sorts the posts by time and numbers the strata that hold some. */
static int lay_strata(struct lks_chance *chance, struct lks_error *err)
{
    const struct lks_events *events = chance->events;
    uint32_t posts_count = events->posts_count;
    int64_t stratum_us = chance->counts.stratum_us;
    int failed = 0;
    struct post_key *key = allocate(posts_count, sizeof *key, &failed);
    chance->post_stratum = allocate(posts_count, 4, &failed);
    chance->stratum_post = allocate(posts_count, 4, &failed);
    chance->stratum_first = allocate((size_t)posts_count + 1, 4, &failed);
    chance->sorted_us = allocate(posts_count, sizeof(int64_t), &failed);
    chance->post_place = allocate(posts_count, 4, &failed);
    chance->place_stratum = allocate(posts_count, 4, &failed);
    if (failed) {
        free(key);
        return lks_error_set(err, LKS_EMEMORY, "out of memory for %u posts", posts_count);
    }
    for (uint32_t p = 0; p < posts_count; p++)
        key[p] = (struct post_key){events->post_time_us[p], p};
    qsort(key, posts_count, sizeof *key, compare_keys);
    for (uint32_t i = 0; i < posts_count; i++) {
        if (i == 0 || key[i].time_us / stratum_us != key[i - 1].time_us / stratum_us)
            chance->stratum_first[chance->strata_count++] = i;
        chance->post_stratum[key[i].post] = chance->strata_count - 1;
        chance->stratum_post[i] = key[i].post;
        chance->sorted_us[i] = key[i].time_us;
        chance->post_place[key[i].post] = i;
        chance->place_stratum[i] = chance->strata_count - 1;
    }
    chance->stratum_first[chance->strata_count] = posts_count;
    free(key);
    return 0;
}

/* Posts by author and by (author, stratum). */
static int lay_presence(struct lks_chance *chance, struct lks_error *err)
{
    const struct lks_events *events = chance->events;
    uint32_t accounts_count = events->accounts_count, posts_count = events->posts_count;
    int failed = 0;
    chance->account_first = allocate((size_t)accounts_count + 1, 4, &failed);
    chance->presence_first = allocate((size_t)accounts_count + 2, 4, &failed);
    uint32_t *last = allocate(accounts_count, 4, &failed);
    if (failed)
        goto out;
    for (uint32_t p = 0; p < posts_count; p++)
        chance->account_first[events->post_account[p] + 1]++;
    for (uint32_t a = 0; a < accounts_count; a++)
        chance->account_first[a + 1] += chance->account_first[a];
    /* stratum_post goes through the strata in order, so a change of stratum is a new entry. */
    uint32_t *start = chance->presence_first + 1;
    for (uint32_t i = 0; i < posts_count; i++) {
        uint32_t p = chance->stratum_post[i], a = events->post_account[p];
        if (last[a] != chance->post_stratum[p] + 1) {
            last[a] = chance->post_stratum[p] + 1;
            start[a + 1]++;
        }
    }
    for (uint32_t a = 0; a < accounts_count; a++)
        start[a + 1] += start[a];
    chance->presence_stratum = allocate(start[accounts_count], 4, &failed);
    chance->presence_posts = allocate(start[accounts_count], 4, &failed);
    if (failed)
        goto out;
    memset(last, 0, (size_t)accounts_count * 4);
    for (uint32_t i = 0; i < posts_count; i++) {
        uint32_t p = chance->stratum_post[i], a = events->post_account[p];
        if (last[a] != chance->post_stratum[p] + 1) {
            last[a] = chance->post_stratum[p] + 1;
            chance->presence_stratum[start[a]++] = chance->post_stratum[p];
        }
        chance->presence_posts[start[a] - 1]++;
    }
out:
    free(last);
    return failed ? lks_error_set(err, LKS_EMEMORY, "out of memory for %u accounts", accounts_count)
                  : 0;
}

struct account_key {
    uint32_t posts, account;
};

static int compare_accounts(const void *left, const void *right)
{
    const struct account_key *x = left, *y = right;
    if (x->posts != y->posts)
        return x->posts > y->posts ? -1 : 1;
    return x->account < y->account ? -1 : x->account > y->account;
}

/* Which account of a pair is dealt is decided by one comparison of places in this order. */
static int lay_order(struct lks_chance *chance, struct lks_error *err)
{
    uint32_t accounts_count = chance->events->accounts_count;
    int failed = 0;
    struct account_key *key = allocate(accounts_count, sizeof *key, &failed);
    chance->account_order = allocate(accounts_count, 4, &failed);
    chance->order_account = allocate(accounts_count, 4, &failed);
    if (failed) {
        free(key);
        return lks_error_set(err, LKS_EMEMORY, "out of memory for %u accounts", accounts_count);
    }
    for (uint32_t a = 0; a < accounts_count; a++)
        key[a] = (struct account_key){chance->account_first[a + 1] - chance->account_first[a], a};
    qsort(key, accounts_count, sizeof *key, compare_accounts);
    for (uint32_t i = 0; i < accounts_count; i++) {
        chance->order_account[i] = key[i].account;
        chance->account_order[key[i].account] = i;
    }
    free(key);
    return 0;
}

/* Rows of the events by post; objects rise within a post, as they do in the events. */
static int lay_post_events(struct lks_chance *chance, struct lks_error *err)
{
    const struct lks_events *events = chance->events;
    int failed = 0;
    chance->post_event_first = allocate((size_t)events->posts_count + 2, 4, &failed);
    chance->post_event = allocate(events->count, 4, &failed);
    chance->post_object = allocate(events->count, 4, &failed);
    if (failed)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for %zu actions", events->count);
    uint32_t *start = chance->post_event_first + 1;
    for (size_t i = 0; i < events->count; i++)
        start[events->post[i] + 1]++;
    for (uint32_t p = 0; p < events->posts_count; p++)
        start[p + 1] += start[p];
    for (size_t i = 0; i < events->count; i++) {
        chance->post_object[start[events->post[i]]] = events->object[i];
        chance->post_event[start[events->post[i]]++] = (uint32_t)i;
    }
    return 0;
}

/* Pairs of uses, rows first .. end - 1 of one object, that are at most window_us apart. */
static uint64_t pairs_within(const int64_t *time_us, size_t first, size_t end, int64_t window_us)
{
    uint64_t pairs = 0;
    for (size_t i = first, tail = first; i < end; i++) {
        while (time_us[i] - time_us[tail] > window_us)
            tail++;
        pairs += i - tail;
    }
    return pairs;
}

/* Decides how far apart the uses of each object may be to count. */
static int choose_reach(struct lks_chance *chance, struct lks_error *err)
{
    const struct lks_events *events = chance->events;
    struct lks_chance_counts *counts = &chance->counts;
    unsigned windows = counts->windows_used;
    int failed = 0;
    uint64_t *pairs = allocate((size_t)events->objects_count * windows, sizeof *pairs, &failed);
    uint32_t *uses = allocate(events->objects_count, 4, &failed);
    if (failed)
        goto out;
    for (size_t first = 0, end; first < events->count; first = end) {
        uint32_t o = events->object[first];
        int64_t reach = chance->object_reach_us[o];
        for (end = first; end < events->count && events->object[end] == o;)
            end++;
        uses[o] = (uint32_t)(end - first);
        for (unsigned w = 0; w < windows && reach >= 0; w++) {
            int64_t window = counts->windows_us[w] < reach ? counts->windows_us[w] : reach;
            pairs[(size_t)o * windows + w] = pairs_within(events->time_us, first, end, window);
        }
    }
    for (uint32_t limit = chance->options.object_partners_max;; limit /= 2) {
        uint64_t total = 0;
        for (uint32_t o = 0; o < events->objects_count; o++) {
            unsigned w = windows;
            while (w > 0 && 2 * pairs[(size_t)o * windows + w - 1] > (uint64_t)limit * uses[o])
                w--;
            total += w ? 2 * pairs[(size_t)o * windows + w - 1] : 0;
        }
        counts->partners_limit = limit;
        if (total <= chance->options.partners_max || limit <= 1)
            break;
    }
    for (uint32_t o = 0; o < events->objects_count; o++) {
        unsigned w = windows;
        while (w > 0 &&
               2 * pairs[(size_t)o * windows + w - 1] > (uint64_t)counts->partners_limit * uses[o])
            w--;
        int64_t reach = w ? counts->windows_us[w - 1] : -1;
        if (w < windows && reach < chance->object_reach_us[o]) {
            counts->objects_narrowed += w > 0;
            counts->objects_dropped += w == 0;
            chance->object_reach_us[o] = reach;
        }
    }
out:
    free(pairs);
    free(uses);
    return failed ? lks_error_set(err, LKS_EMEMORY, "out of memory for %u objects",
                                  events->objects_count)
                  : 0;
}

/* Scratch of one worker while partners are listed. */
struct partner_scratch {
    uint32_t *stamp; /* [posts] by place: post + 1 of the last list it joined */
    uint32_t *list[LKS_CHANCE_TESTS_MAX]; /* by segment */
    size_t count[LKS_CHANCE_TESTS_MAX], capacity[LKS_CHANCE_TESTS_MAX];
};

struct partner_job {
    struct lks_chance *chance;
    struct partner_scratch *scratch; /* [workers] */
    const struct lks_control *control;
};

static int partner_add(struct partner_scratch *scratch, unsigned segment, uint32_t place)
{
    if (scratch->count[segment] == scratch->capacity[segment]) {
        size_t capacity = scratch->capacity[segment] ? 2 * scratch->capacity[segment] : 1024;
        uint32_t *list = realloc(scratch->list[segment], capacity * sizeof *list);
        if (!list)
            return -1;
        scratch->list[segment] = list;
        scratch->capacity[segment] = capacity;
    }
    scratch->list[segment][scratch->count[segment]++] = place;
    return 0;
}

/* Adds the partners of a post on one of its objects, row `row` of the events. */
static int partners_on(const struct lks_chance *chance, struct partner_scratch *scratch,
                       uint32_t post, size_t row)
{
    const struct lks_events *events = chance->events;
    const int64_t *windows_us = chance->counts.windows_us;
    int64_t time_us = events->post_time_us[post];
    int64_t reach = windows_us[chance->counts.windows_used - 1];
    uint32_t o = events->object[row];
    if (chance->object_reach_us[o] < reach)
        reach = chance->object_reach_us[o];
    if (reach < 0)
        return 0;
    size_t low = row, high = row + 1;
    while (low > 0 && events->object[low - 1] == o && time_us - events->time_us[low - 1] <= reach)
        low--;
    while (high < events->count && events->object[high] == o &&
           events->time_us[high] - time_us <= reach)
        high++;
    for (size_t i = low; i < high; i++) {
        uint32_t other = chance->post_place[events->post[i]];
        if (scratch->stamp[other] == post + 1)
            continue;
        scratch->stamp[other] = post + 1;
        int64_t lag = i < row ? time_us - events->time_us[i] : events->time_us[i] - time_us;
        unsigned w = 0;
        while (lag > windows_us[w])
            w++;
        if (partner_add(scratch, 2 * w + !chance->object_rare[o], other))
            return -1;
    }
    return 0;
}

/* Collects the partners of one post by segment, its rare objects first. */
static int partners_of(const struct lks_chance *chance, struct partner_scratch *scratch,
                       uint32_t post)
{
    const struct lks_events *events = chance->events;
    memset(scratch->count, 0, sizeof scratch->count);
    scratch->stamp[chance->post_place[post]] = post + 1;
    for (int rare = 1; rare >= 0; rare--) {
        for (uint32_t j = chance->post_event_first[post]; j < chance->post_event_first[post + 1];
             j++) {
            if (chance->object_rare[events->object[chance->post_event[j]]] == rare &&
                partners_on(chance, scratch, post, chance->post_event[j]))
                return -1;
        }
    }
    return 0;
}

static int partner_task(void *context, size_t block, unsigned worker, struct lks_error *err)
{
    struct partner_job *job = context;
    struct lks_chance *chance = job->chance;
    struct partner_scratch *scratch = &job->scratch[worker];
    unsigned tests = 2 * chance->counts.windows_used;
    uint32_t first = (uint32_t)block * LKS_CHANCE_BLOCK_POSTS;
    uint32_t end = chance->events->posts_count - first < LKS_CHANCE_BLOCK_POSTS
                       ? chance->events->posts_count
                       : first + LKS_CHANCE_BLOCK_POSTS;
    if (lks_cancelled(job->control))
        return lks_error_set(err, LKS_ECANCELLED, "stopped");
    uint32_t *list = NULL;
    uint64_t count = 0, capacity = 0;
    for (uint32_t post = first; post < end; post++) {
        if (partners_of(chance, scratch, post))
            goto memory;
        for (unsigned w = 0; w < tests; w++) {
            if (count + scratch->count[w] > capacity) {
                capacity = 2 * (count + scratch->count[w]) + 1024;
                uint32_t *larger = realloc(list, capacity * sizeof *list);
                if (!larger)
                    goto memory;
                list = larger;
            }
            if (scratch->count[w])
                memcpy(list + count, scratch->list[w], scratch->count[w] * sizeof *list);
            count += scratch->count[w];
            chance->partner_end[(size_t)post * tests + w] = count;
        }
    }
    if (count < capacity) {
        uint32_t *smaller = realloc(list, (count ? count : 1) * sizeof *list);
        list = smaller ? smaller : list;
    }
    chance->block[block] = list;
    return 0;
memory:
    free(list);
    return lks_error_set(err, LKS_EMEMORY, "out of memory for the partners of posts");
}

static int lay_partners(struct lks_chance *chance, const struct lks_control *control,
                        struct lks_error *err)
{
    uint32_t posts_count = chance->events->posts_count;
    unsigned tests = 2 * chance->counts.windows_used;
    size_t blocks = ((size_t)posts_count + LKS_CHANCE_BLOCK_POSTS - 1) / LKS_CHANCE_BLOCK_POSTS;
    unsigned threads = lks_threads_count(control);
    int failed = 0, rc;
    chance->block = allocate(blocks, sizeof *chance->block, &failed);
    chance->partner_end = allocate((size_t)posts_count * tests, sizeof(uint64_t), &failed);
    struct partner_job job = {chance, allocate(threads, sizeof *job.scratch, &failed), control};
    for (unsigned t = 0; t < threads && !failed; t++)
        job.scratch[t].stamp = allocate(posts_count, 4, &failed);
    rc = failed ? lks_error_set(err, LKS_EMEMORY, "out of memory for %u posts", posts_count)
                : lks_threads_run(threads, blocks, partner_task, &job, err);
    for (unsigned t = 0; t < threads && job.scratch; t++) {
        free(job.scratch[t].stamp);
        for (unsigned w = 0; w < LKS_CHANCE_TESTS_MAX; w++)
            free(job.scratch[t].list[w]);
    }
    free(job.scratch);
    for (size_t b = 0; b < blocks && rc == 0; b++) {
        size_t last = (b + 1) * LKS_CHANCE_BLOCK_POSTS;
        last = last < posts_count ? last : posts_count;
        chance->counts.partners_count += chance->partner_end[last * tests - 1];
    }
    return rc;
}

/* Pairs of accounts that could meet min_occasions times: both have that many posts with
 * partners. That they were there at the same time is not asked: a larger count of tests is
 * the careful side. */
static int count_possible(struct lks_chance *chance, struct lks_error *err)
{
    const struct lks_events *events = chance->events;
    unsigned tests = 2 * chance->counts.windows_used;
    int failed = 0;
    uint32_t *able = allocate(events->accounts_count, 4, &failed);
    if (failed)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    uint64_t accounts = 0;
    for (uint32_t p = 0; p < events->posts_count; p++) {
        uint64_t end = chance->partner_end[((size_t)p + 1) * tests - 1];
        able[events->post_account[p]] += end > lks_chance_partners_first(chance, p);
    }
    for (uint32_t a = 0; a < events->accounts_count; a++)
        accounts += able[a] >= chance->options.min_occasions;
    chance->counts.pairs_possible = accounts < 2 ? 0 : accounts * (accounts - 1) / 2;
    free(able);
    return 0;
}

int lks_chance_prepare(const struct lks_events *events, const struct lks_chance_options *options,
                       const struct lks_control *control, struct lks_chance **chance_out,
                       struct lks_error *err)
{
    *chance_out = NULL;
    int rc = lks_chance_options_check(options, err);
    if (rc)
        return rc;
    if (events->count >= UINT32_MAX)
        return lks_error_set(err, LKS_EARGUMENT, "more than %u actions at once", UINT32_MAX - 1);
    struct lks_chance *chance = calloc(1, sizeof *chance);
    if (!chance)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    chance->events = events;
    chance->options = *options;
    choose_windows(chance);
    rc = choose_common(chance, err);
    if (rc == 0)
        rc = lay_strata(chance, err);
    if (rc == 0)
        rc = lay_presence(chance, err);
    if (rc == 0)
        rc = lay_order(chance, err);
    if (rc == 0)
        rc = lay_post_events(chance, err);
    if (rc == 0)
        rc = choose_reach(chance, err);
    if (rc == 0)
        rc = lay_partners(chance, control, err);
    if (rc == 0)
        rc = count_possible(chance, err);
    if (rc) {
        lks_chance_free(chance);
        return rc;
    }
    *chance_out = chance;
    return 0;
}

void lks_chance_free(struct lks_chance *chance)
{
    if (!chance)
        return;
    size_t blocks =
        ((size_t)chance->events->posts_count + LKS_CHANCE_BLOCK_POSTS - 1) / LKS_CHANCE_BLOCK_POSTS;
    for (size_t b = 0; chance->block && b < blocks; b++)
        free(chance->block[b]);
    free(chance->block);
    free(chance->partner_end);
    free(chance->post_stratum);
    free(chance->stratum_first);
    free(chance->stratum_post);
    free(chance->sorted_us);
    free(chance->post_place);
    free(chance->place_stratum);
    free(chance->account_order);
    free(chance->order_account);
    free(chance->account_first);
    free(chance->presence_first);
    free(chance->presence_stratum);
    free(chance->presence_posts);
    free(chance->post_event_first);
    free(chance->post_event);
    free(chance->post_object);
    free(chance->object_reach_us);
    free(chance->object_rare);
    free(chance);
}

const struct lks_chance_counts *lks_chance_counts(const struct lks_chance *chance)
{
    return &chance->counts;
}

uint32_t lks_chance_posts_count(const struct lks_chance *chance)
{
    return chance->events->posts_count;
}
