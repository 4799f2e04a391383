/* coaction_crowd.c - what a score asks of all events, found in streams over events on disk
 *
 * A score weighs a meeting of two accounts by the crowd around it. All that it asks of the others
 * is little: how many events of other accounts are in the window of an event, how many posts fell
 * into its hour, on how many objects its post was. So these are found once, in streams, and
 * written beside each event; then a pass over the events of some accounts (coaction_within.c)
 * scores them as if all were there.
 *
 *   stream 1   events of each post, first and last time
 *   stream 2   each post once: its hour counted, (account, hour) written
 *   stream 3   the window of each event, by two more readers of the same file:
 *
 *      sorted   o1 o1 o1 o1 o1 o1 o1 o1 o2 ...      20 bytes, in; + 4 a window, out
 *                  ^low     ^event    ^high         what is between them is in the window
 *      in       [account] events between low and high: what is the event's own is no other's
 *
 * Three streams and not one in memory: nothing is held of an object, however large. Linear;
 * memory is 9 bits a post, 4 bytes an account and window, and a piece of each reader. */
#include "detect/coaction_crowd.h"

#include <stdlib.h>
#include <string.h>

#include "base/progress.h"
#include "coaction/score.h"

enum { DEALT_PIECE = 16384, POST_OBJECTS_MAX = 255 };

/* The window that moves along with the events. */
struct window {
    const struct lks_coaction_options *options;
    struct lks_sorted_reader low_reader, high_reader;
    struct lks_sorted_event low, high; /* the next to leave, the next to come in */
    int has_low, has_high;
    uint32_t *in; /* [accounts] events inside */
    uint64_t inside;
};

struct making {
    struct lks_crowd_store *store;
    struct lks_coaction_data *data;
    struct lks_coaction_means *means;
    uint8_t *objects; /* [posts] events, at most POST_OBJECTS_MAX */
    uint64_t *seen;   /* a bit a post */
    struct window windows[LKS_WINDOWS_ASKED_MAX];
    size_t windows_count;
    uint32_t (*dealt)[2];
    size_t dealt_held, dealt_capacity;
};

/* ---- posts ---- */

static int objects_count(struct making *making, struct lks_error *err)
{
    struct lks_crowd_store *store = making->store;
    struct lks_sorted_reader reader = {0};
    struct lks_sorted_event event = {0};
    int64_t first_us = INT64_MAX, last_us = INT64_MIN;
    int more, code = lks_sorted_reader_open(&reader, making->data, &making->means->budget, err);
    while (code == 0 && (more = lks_sorted_reader_next(&reader, &event, err)) != 0) {
        if (more < 0) {
            code = more;
            break;
        }
        uint8_t *objects = &making->objects[event.post];
        *objects += *objects < POST_OBJECTS_MAX;
        first_us = event.time_us < first_us ? event.time_us : first_us;
        last_us = event.time_us > last_us ? event.time_us : last_us;
    }
    lks_sorted_reader_close(&reader);
    if (code)
        return code;
    if (first_us > last_us)
        first_us = last_us = 0;
    store->first_us = first_us;
    store->stratum_us = lks_coaction_stratum_us(first_us, last_us);
    store->strata_count = (uint32_t)((last_us - first_us) / store->stratum_us) + 1;
    return lks_budget_array(&making->means->budget, &store->posts, store->strata_count, 4, err);
}

static int dealt_flush(struct making *making, struct lks_error *err)
{
    int code = lks_spool_append(&making->store->dealt, &making->means->spill, making->dealt,
                                making->dealt_held * sizeof *making->dealt, err);
    making->store->dealt_count += making->dealt_held;
    making->dealt_held = 0;
    return code;
}

/* The stratum of a post goes out the first time that it is seen. */
static int post_deal(struct making *making, const struct lks_sorted_event *event,
                     struct lks_error *err)
{
    struct lks_crowd_store *store = making->store;
    uint64_t *word = &making->seen[event->post >> 6], bit = UINT64_C(1) << (event->post & 63);
    if (*word & bit)
        return 0;
    *word |= bit;
    uint32_t stratum = (uint32_t)((event->time_us - store->first_us) / store->stratum_us);
    store->posts[stratum]++;
    making->dealt[making->dealt_held][0] = event->account;
    making->dealt[making->dealt_held++][1] = stratum;
    return making->dealt_held == DEALT_PIECE ? dealt_flush(making, err) : 0;
}

/* ---- windows ---- */

static int advance(struct lks_sorted_reader *reader, struct lks_sorted_event *event, int *has,
                   struct lks_error *err)
{
    int more = lks_sorted_reader_next(reader, event, err);
    *has = more > 0;
    return more < 0 ? more : 0;
}

/* Moves the window to the event; *others is how many events of other accounts it holds. */
static int window_move(struct window *window, const struct lks_sorted_event *event,
                       int64_t window_us, uint32_t *others, struct lks_error *err)
{
    int code = 0;
    while (code == 0 && window->has_high &&
           (window->high.object < event->object ||
            (window->high.object == event->object &&
             window->high.time_us - event->time_us <= window_us))) {
        window->in[window->high.account]++;
        window->inside++;
        code = advance(&window->high_reader, &window->high, &window->has_high, err);
    }
    while (code == 0 && window->has_low &&
           (window->low.object < event->object ||
            (window->low.object == event->object &&
             event->time_us - window->low.time_us > window_us))) {
        window->in[window->low.account]--;
        window->inside--;
        code = advance(&window->low_reader, &window->low, &window->has_low, err);
    }
    uint64_t found = window->inside - window->in[event->account];
    *others = found < UINT32_MAX ? (uint32_t)found : UINT32_MAX;
    return code;
}

static int windows_start(struct making *making, const struct lks_coaction_options *options,
                         struct lks_error *err)
{
    struct lks_budget *budget = &making->means->budget;
    int code = 0;
    for (size_t w = 0; code == 0 && w < making->windows_count; w++) {
        struct window *window = &making->windows[w];
        window->options = &options[w];
        code = lks_budget_array(budget, &window->in, making->data->accounts.count, 4, err);
        if (code == 0)
            code = lks_sorted_reader_open(&window->low_reader, making->data, budget, err);
        if (code == 0)
            code = lks_sorted_reader_open(&window->high_reader, making->data, budget, err);
        if (code == 0)
            code = advance(&window->low_reader, &window->low, &window->has_low, err);
        if (code == 0)
            code = advance(&window->high_reader, &window->high, &window->has_high, err);
    }
    return code;
}

/* Streams two and three are one: a post's objects are known by now. */
static int events_write(struct making *making, struct lks_error *err)
{
    struct lks_coaction_data *data = making->data;
    struct lks_sorted_writer writer = {.means = making->means,
                                       .others_count = making->windows_count};
    struct lks_sorted_reader reader = {0};
    struct lks_sorted_event event = {0};
    struct lks_meter meter;
    uint32_t others[LKS_WINDOWS_ASKED_MAX];
    uint64_t done = 0;
    int more, code = lks_sorted_reader_open(&reader, data, &making->means->budget, err);
    lks_meter_start(&meter, making->means->control, "weigh", "actions", data->sorted_count);
    while (code == 0 && (more = lks_sorted_reader_next(&reader, &event, err)) != 0) {
        uint32_t most = 0;
        code = more < 0 ? more : post_deal(making, &event, err);
        if (code == 0 && (++done & 0xfffff) == 0)
            code = lks_meter_at(&meter, done, err);
        uint8_t kind = data->events.object_kind[event.object];
        for (size_t w = 0; code == 0 && w < making->windows_count; w++) {
            int64_t window_us = making->windows[w].options->window_us[kind];
            others[w] = 0;
            if (window_us >= 0)
                code = window_move(&making->windows[w], &event, window_us, &others[w], err);
            most = others[w] > most ? others[w] : most;
        }
        /* The widest window of a kind is one of those asked for. */
        if (code || most == 0)
            continue;
        event.post_objects = making->objects[event.post];
        event.others = others;
        code = lks_sorted_writer_put(&writer, &event, err);
    }
    lks_sorted_reader_close(&reader);
    if (code == 0)
        lks_meter_finish(&meter);
    if (code == 0)
        code = dealt_flush(making, err);
    /* The readers of windows hold on to the file that is replaced. */
    for (size_t w = 0; w < making->windows_count; w++) {
        lks_sorted_reader_close(&making->windows[w].low_reader);
        lks_sorted_reader_close(&making->windows[w].high_reader);
    }
    if (code == 0)
        code = lks_sorted_writer_finish(&writer, data, err);
    lks_sorted_writer_close(&writer);
    return code;
}

static void making_free(struct making *making)
{
    struct lks_budget *budget = &making->means->budget;
    size_t posts = making->data->events.posts_count;
    for (size_t w = 0; w < making->windows_count; w++) {
        struct window *window = &making->windows[w];
        lks_sorted_reader_close(&window->low_reader);
        lks_sorted_reader_close(&window->high_reader);
        lks_budget_free(budget, window->in, making->data->accounts.count, 4);
    }
    lks_budget_free(budget, making->objects, posts, 1);
    lks_budget_free(budget, making->seen, posts / 64 + 1, 8);
    lks_budget_free(budget, making->dealt, making->dealt_capacity, sizeof *making->dealt);
}

int lks_crowd_store_make(struct lks_crowd_store *store, struct lks_coaction_data *data,
                         const struct lks_coaction_options *options, size_t options_count,
                         struct lks_coaction_means *means, struct lks_error *err)
{
    struct making making = {
        .store = store, .data = data, .means = means, .windows_count = options_count};
    struct lks_budget *budget = &means->budget;
    size_t posts = data->events.posts_count;
    int code = lks_coaction_sorted_move(data, means, err);
    if (code == 0)
        code = lks_budget_array(budget, &making.objects, posts, 1, err);
    if (code == 0)
        code = lks_budget_array(budget, &making.seen, posts / 64 + 1, 8, err);
    if (code == 0)
        code = lks_budget_grow(budget, &making.dealt, &making.dealt_capacity, DEALT_PIECE,
                               sizeof *making.dealt, err);
    if (code == 0)
        code = objects_count(&making, err);
    if (code == 0)
        code = windows_start(&making, options, err);
    if (code == 0)
        code = events_write(&making, err);
    making_free(&making);
    return code;
}

void lks_crowd_store_free(struct lks_crowd_store *store, struct lks_coaction_means *means)
{
    lks_budget_free(&means->budget, store->posts, store->strata_count, 4);
    lks_spool_close(&store->dealt);
    *store = (struct lks_crowd_store){0};
}

/* ---- a pass ---- */

/* Counts the posts of each account taken to first[account + 1], or, with strata, puts them where
 * first[account] says, and moves it on. */
static int dealt_read(const struct lks_crowd_store *store,
                      int (*take)(const void *context, uint32_t account), const void *context,
                      uint32_t *first, uint16_t *strata, struct lks_budget *budget,
                      struct lks_error *err)
{
    uint32_t(*piece)[2] = NULL;
    size_t capacity = 0;
    int code = lks_budget_grow(budget, &piece, &capacity, DEALT_PIECE, sizeof *piece, err);
    for (uint64_t at = 0; code == 0 && at < store->dealt_count; at += DEALT_PIECE) {
        uint64_t left = store->dealt_count - at;
        size_t count = left < DEALT_PIECE ? (size_t)left : DEALT_PIECE;
        code = lks_spool_read(&store->dealt, at * sizeof *piece, piece, count * sizeof *piece, err);
        for (size_t i = 0; code == 0 && i < count; i++) {
            uint32_t account = piece[i][0];
            if (!take(context, account))
                continue;
            if (strata)
                strata[first[account]++] = (uint16_t)piece[i][1];
            else
                first[account + 1]++;
        }
    }
    lks_budget_free(budget, piece, capacity, sizeof *piece);
    return code;
}

int lks_crowd_take(const struct lks_crowd_store *store, const struct lks_coaction_taken *taken,
                   int (*take)(const void *context, uint32_t account), const void *context,
                   struct lks_budget *budget, struct lks_crowd_taken *out, struct lks_error *err)
{
    size_t accounts = taken->events.accounts_count;
    *out = (struct lks_crowd_taken){.accounts_count = accounts};
    int code = lks_budget_array(budget, &out->first, accounts + 1, 4, err);
    if (code == 0)
        code = dealt_read(store, take, context, out->first, NULL, budget, err);
    if (code)
        return code;
    for (size_t a = 0; a < accounts; a++)
        out->first[a + 1] += out->first[a];
    out->posts_count = out->first[accounts];
    code = lks_budget_array(budget, &out->stratum, out->posts_count, 2, err);
    if (code == 0)
        code = dealt_read(store, take, context, out->first, out->stratum, budget, err);
    if (code)
        return code;
    /* Each first has moved on to the next account's: shift them back. */
    memmove(out->first + 1, out->first, accounts * sizeof *out->first);
    out->first[0] = 0;
    for (size_t a = 0; a < accounts; a++)
        lks_coaction_strata_sort(out->stratum + out->first[a], out->first[a + 1] - out->first[a]);
    out->crowd = (struct lks_coaction_crowd){.first_us = store->first_us,
                                             .stratum_us = store->stratum_us,
                                             .strata_count = store->strata_count,
                                             .posts = store->posts,
                                             .first = out->first,
                                             .stratum = out->stratum,
                                             .objects = taken->post_objects};
    for (size_t w = 0; w < LKS_WINDOWS_ASKED_MAX; w++)
        out->crowd.others[w] = taken->others[w];
    return 0;
}

void lks_crowd_taken_free(struct lks_crowd_taken *taken, struct lks_budget *budget)
{
    lks_budget_free(budget, taken->first, taken->accounts_count + 1, 4);
    lks_budget_free(budget, taken->stratum, taken->posts_count, 2);
    *taken = (struct lks_crowd_taken){0};
}
