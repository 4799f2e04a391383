/* evaluate_events.c - calls and relays against labelled events, instructions against labelled messages
 *
 * A labelled row says: in this channel, at this time, this was called out. Rows that name the same
 * thing within ten minutes of the one before are one event. What a run found is a list of items,
 * each a channel, a time and words; a row is found if an item stands in its channel within five minutes
 * of it, and named if such an item holds the words of what was called out. */
#include <math.h>
#include <stdlib.h>

#include "base/time.h"
#include "engine/evaluate.h"
#include "text/cues.h"
#include "text/instruction.h"

enum { WORDS_BYTES_MAX = 256 };
/* Stands for whatever channel; items are there a second time under it where a row asks for that. */
#define ANY_CHANNEL (UINT32_MAX - 1)
static const int64_t near_us = 5 * LKS_MINUTE_US, same_event_us = 10 * LKS_MINUTE_US;
/* A countdown begins before the call: what was found in a labelled channel up to this long before it
 * belongs to it. */
static const int64_t before_us = LKS_HOUR_US;

/* What was found: a message of a channel; its number among the instructions, or that of its relay. */
struct item {
    uint32_t channel, unit;
    int64_t time_us;
    struct lks_str things; /* words with a blank before and after each */
};

struct row {
    uint32_t channel, event;
    int64_t time_us;
    struct lks_str what; /* words, as above */
    uint8_t named;
};

struct work {
    struct row *rows; /* [rows_count] by (what, time, channel) */
    size_t rows_count;
    uint32_t events_count;
    int any;            /* a row names no channel */
    int relays;         /* items are of relays, else instructions */
    struct item *items; /* [items_count] by (channel, time) */
    size_t items_count;
    struct lks_arena arena;
};

static int memory_out(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "out of memory for the labels");
}

/* ---- rows ---- */

static int row_order(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    int order = lks_str_order(x->what, y->what);
    if (order)
        return order;
    if (x->time_us != y->time_us)
        return x->time_us < y->time_us ? -1 : 1;
    return (x->channel > y->channel) - (x->channel < y->channel);
}

/* " the words " of a text as cues see them, in the arena. */
static int words_of(struct lks_arena *arena, struct lks_str text, struct lks_cue_scratch *scratch,
                    struct lks_str *out)
{
    struct lks_buffer words = {0};
    if (lks_cue_words(text, LKS_CUE_WORDS_MAX, scratch) != 0)
        return LKS_EMEMORY;
    lks_buffer_byte(&words, ' ');
    for (size_t i = 0; i < scratch->items_count && words.size_bytes < WORDS_BYTES_MAX; i++) {
        lks_buffer_append(&words, scratch->words.data + scratch->items[i].at,
                          scratch->items[i].size);
        lks_buffer_byte(&words, ' ');
    }
    *out = words.failed ? LKS_STR_NULL
                        : lks_arena_str(arena, (struct lks_str){words.data, words.size_bytes});
    lks_buffer_free(&words);
    return out->data ? 0 : LKS_EMEMORY;
}

static int rows_make(const struct lks_labels *labels, const struct lks_channel_names *channels,
                     struct work *work, struct lks_evaluated_run *run, struct lks_error *err)
{
    struct lks_cue_scratch scratch = {0};
    int code = 0;
    work->rows = calloc(labels->events_count + 1, sizeof *work->rows);
    if (!work->rows)
        return memory_out(err);
    for (size_t i = 0; code == 0 && i < labels->events_count; i++) {
        struct row *row = &work->rows[work->rows_count];
        row->channel = labels->events[i].channel.data
                           ? lks_channel_find(channels, labels->events[i].channel)
                           : ANY_CHANNEL;
        work->any |= row->channel == ANY_CHANNEL;
        row->time_us = labels->events[i].time_us;
        if (row->channel == LKS_INTERN_NONE) {
            run->calls_missing++;
            continue;
        }
        code = words_of(&work->arena, labels->events[i].what, &scratch, &row->what);
        work->rows_count++;
    }
    lks_cue_scratch_free(&scratch);
    if (code)
        return memory_out(err);
    qsort(work->rows, work->rows_count, sizeof *work->rows, row_order);
    for (size_t i = 0; i < work->rows_count; i++) {
        struct row *row = &work->rows[i];
        int fresh = !i || !lks_str_equal(row[-1].what, row->what) ||
                    row->time_us - row[-1].time_us > same_event_us;
        work->events_count += (uint32_t)fresh;
        row->event = work->events_count - 1;
    }
    return 0;
}

/* ---- items ---- */

static int item_order(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    if (x->channel != y->channel)
        return x->channel < y->channel ? -1 : 1;
    if (x->time_us != y->time_us)
        return x->time_us < y->time_us ? -1 : 1;
    return (x->unit > y->unit) - (x->unit < y->unit);
}

static void item_add(struct work *work, const struct lks_channel_names *channels,
                     struct lks_str channel, int64_t time_us, struct lks_str things, uint32_t unit)
{
    uint32_t id = lks_channel_find(channels, channel);
    if (id != LKS_INTERN_NONE)
        work->items[work->items_count++] = (struct item){id, unit, time_us, things};
}

static int items_make(const struct lks_results *results, const struct lks_channel_names *channels,
                      struct work *work, struct lks_error *err)
{
    int relays = work->relays;
    size_t room = relays ? results->relay_members_count : results->instructions_count;
    free(work->items);
    work->items_count = 0;
    work->items = malloc((2 * room + 1) * sizeof *work->items);
    if (!work->items)
        return memory_out(err);
    for (uint32_t i = 0; !relays && i < results->instructions_count; i++)
        item_add(work, channels, results->instructions[i].channel, results->instructions[i].time_us,
                 results->instructions[i].things, i);
    for (uint32_t i = 0; relays && i < results->relay_members_count; i++) {
        const struct lks_result_relay_member *member = &results->relay_members[i];
        const struct lks_result_relay *relay = &results->relays[member->relay];
        item_add(work, channels, member->channel, relay->item.first_us + member->lag_us,
                 relay->things, member->relay);
    }
    for (size_t i = 0, count = work->items_count; work->any && i < count; i++) {
        work->items[work->items_count] = work->items[i];
        work->items[work->items_count++].channel = ANY_CHANNEL;
    }
    qsort(work->items, work->items_count, sizeof *work->items, item_order);
    return 0;
}

/* The first item of a channel at from_us or later. */
static size_t item_from(const struct work *work, uint32_t channel, int64_t from_us)
{
    size_t low = 0, high = work->items_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct item *item = &work->items[middle];
        if (item->channel < channel || (item->channel == channel && item->time_us < from_us))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int holds(struct lks_str things, struct lks_str what)
{
    return what.size_bytes > 1 && things.data &&
           memmem(things.data, things.size_bytes, what.data, what.size_bytes) != NULL;
}

/* ---- one way of finding ---- */

static int double_order(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void quartiles(double *values, size_t count, double out[3])
{
    qsort(values, count, sizeof *values, double_order);
    for (size_t i = 0; i < 3; i++)
        out[i] = count ? values[(count - 1) * (i + 1) / 4] : NAN;
}

/* What became of one event: rows[count], all of it. */
struct event_result {
    uint64_t found, named, channels, callers;
    double first, sure; /* seconds after the first labelled call; NaN where it was not found */
};

static struct event_result event_look(const struct lks_results *results, const struct work *work,
                                      struct row *rows, size_t count)
{
    struct event_result out = {.first = NAN, .sure = NAN};
    for (size_t i = 0; i < count; i++) {
        int found = 0, seen = 0;
        for (size_t k = 0; k < i && !seen; k++)
            seen = rows[k].channel == rows[i].channel;
        out.channels += !seen;
        rows[i].named = 0;
        for (size_t at = item_from(work, rows[i].channel, rows[i].time_us - near_us);
             at < work->items_count && work->items[at].channel == rows[i].channel &&
             work->items[at].time_us <= rows[i].time_us + near_us;
             at++) {
            const struct item *item = &work->items[at];
            found = 1;
            if (!holds(item->things, rows[i].what))
                continue;
            rows[i].named = 1;
            double first = (double)(item->time_us - rows[0].time_us) / LKS_SECOND_US;
            out.first = out.first < first ? out.first : first;
            if (!work->relays)
                continue;
            double sure = (double)(results->relays[item->unit].item.sure_us - rows[0].time_us) /
                          LKS_SECOND_US;
            out.sure = out.sure < sure ? out.sure : sure;
        }
        out.found += (uint64_t)found;
        out.named += rows[i].named;
    }
    return out;
}

/* Of what was found in channels that are labelled at all: how much lies at a labelled call. */
static struct lks_measure precision_of(const struct lks_results *results, const struct work *work,
                                       const struct lks_channel_names *channels, int *failed)
{
    size_t units = work->relays ? results->relays_count : results->instructions_count;
    uint8_t *labelled = calloc(channels->count + 1, 1);
    uint8_t *there = calloc(units + 1, 1), *right = calloc(units + 1, 1);
    uint64_t all = 0, hits = 0;
    *failed = !labelled || !there || !right;
    for (size_t i = 0; !*failed && i < work->rows_count; i++) {
        const struct row *row = &work->rows[i];
        if (row->channel != ANY_CHANNEL)
            labelled[row->channel] = 1;
        for (size_t at = item_from(work, row->channel, row->time_us - before_us);
             at < work->items_count && work->items[at].channel == row->channel &&
             work->items[at].time_us <= row->time_us + near_us;
             at++)
            right[work->items[at].unit] = 1;
    }
    for (size_t at = 0; !*failed && at < work->items_count; at++) {
        const struct item *item = &work->items[at];
        double points = work->relays ? results->relays[item->unit].instruction
                                     : results->instructions[item->unit].score;
        if (item->channel != ANY_CHANNEL && (work->any || labelled[item->channel]))
            there[item->unit] = points >= LKS_INSTRUCTION_SURE;
    }
    for (size_t i = 0; !*failed && i < units; i++) {
        all += there[i];
        hits += there[i] && right[i];
    }
    free(labelled);
    free(there);
    free(right);
    return lks_measure_make(hits, all, 1);
}

static int way_measure(const struct lks_channel_names *channels, int relays, struct work *work,
                       struct lks_evaluated_run *run, struct lks_error *err)
{
    struct lks_evaluated_events *to = &run->events[run->events_ways++];
    double *first = malloc((work->events_count + 1) * sizeof *first);
    double *sure = malloc((work->events_count + 1) * sizeof *sure);
    uint64_t found = 0, named = 0, events = 0, shared = 0, shared_all = 0, callers = 0;
    uint64_t callers_all = 0;
    size_t firsts = 0, sures = 0;
    int failed = 0, code = first && sure ? 0 : memory_out(err);
    *to = (struct lks_evaluated_events){.name = relays ? "relays" : "instructions",
                                        .title = relays ? "what channels repeated after each other"
                                                        : "messages that instruct"};
    work->relays = relays;
    if (code == 0)
        code = items_make(run->results, channels, work, err);
    for (size_t i = 0; code == 0 && i < work->rows_count;) {
        size_t end = i;
        while (end < work->rows_count && work->rows[end].event == work->rows[i].event)
            end++;
        struct event_result event = event_look(run->results, work, work->rows + i, end - i);
        found += event.found;
        named += event.named;
        events += event.named > 0;
        shared_all += event.channels > 1;
        shared += event.channels > 1 && event.named > 0;
        if (event.channels > 1 && event.named > 0) {
            callers += event.named;
            callers_all += end - i;
        }
        if (!isnan(event.first))
            first[firsts++] = event.first;
        if (!isnan(event.sure))
            sure[sures++] = event.sure;
        i = end;
    }
    if (code == 0)
        to->precision = precision_of(run->results, work, channels, &failed);
    if (failed)
        code = memory_out(err);
    if (code == 0) {
        to->calls = lks_measure_make(found, work->rows_count, 1);
        to->named = lks_measure_make(named, work->rows_count, 1);
        to->events = lks_measure_make(events, work->events_count, 1);
        to->shared = lks_measure_make(shared, shared_all, 1);
        to->callers = lks_measure_make(callers, callers_all, 1);
        quartiles(first, firsts, to->seconds_first);
        quartiles(sure, sures, to->seconds_sure);
        run->events_count = work->events_count;
        run->shared_count = shared_all;
        run->calls_count = work->rows_count;
    }
    free(first);
    free(sure);
    return code;
}

int lks_evaluate_events(const struct lks_labels *labels, const struct lks_channel_names *channels,
                        struct lks_evaluated_run *run, struct lks_error *err)
{
    struct work work = {0};
    int code = rows_make(labels, channels, &work, run, err);
    for (int relays = 0; code == 0 && relays < 2; relays++)
        code = way_measure(channels, relays, &work, run, err);
    free(work.rows);
    free(work.items);
    lks_arena_free(&work.arena);
    return code;
}

/* ---- messages ---- */

int lks_evaluate_messages(const struct lks_labels *labels, const struct lks_channel_names *channels,
                          struct lks_evaluated_run *run, struct lks_error *err)
{
    struct lks_intern found = {0};
    struct lks_buffer key = {0};
    uint64_t hits[2] = {0}, all[2] = {0};
    int code = 0;
    for (uint32_t i = 0; code == 0 && i < run->results->instructions_count; i++)
        if (run->results->instructions[i].score >= LKS_INSTRUCTION_SURE &&
            lks_intern_add(&found, run->results->instructions[i].post_key, NULL) == LKS_INTERN_NONE)
            code = memory_out(err);
    for (size_t i = 0; code == 0 && i < labels->messages_count; i++) {
        const struct lks_label_message *message = &labels->messages[i];
        uint32_t channel = lks_channel_find(channels, message->channel);
        if (channel == LKS_INTERN_NONE) {
            run->messages_missing++;
            continue;
        }
        lks_buffer_clear(&key);
        lks_buffer_append(&key, channels->keys[channel].data, channels->keys[channel].size_bytes);
        lks_buffer_byte(&key, '/');
        lks_buffer_append(&key, message->message.data, message->message.size_bytes);
        if (key.failed)
            code = memory_out(err);
        all[message->instruction]++;
        hits[message->instruction] +=
            lks_intern_find(&found, (struct lks_str){key.data, key.size_bytes}) != LKS_INTERN_NONE;
    }
    run->messages_precision = lks_measure_make(hits[1], hits[0] + hits[1], 1);
    run->messages_recall = lks_measure_make(hits[1], all[1], 1);
    run->messages_false_alarms = lks_measure_make(hits[0], all[0], 10000);
    lks_buffer_free(&key);
    lks_intern_free(&found);
    return code;
}
