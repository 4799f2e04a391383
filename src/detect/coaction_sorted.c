/* coaction_sorted.c - events on disk, in order, read and written in pieces
 *
 * Pruning is that of the kernel (docs/method/coaction.md), done on a stream: an event has
 * company if the event of another account that is nearest to it, before or after, is in its
 * window. In a stream sorted by (object, time) a run of one account's events waits until the
 * next event of another account is known; only the run's times matter, and of those only the ones
 * within a window of either end, but keeping the run whole is simpler and costs the memory of
 * one account's events on one object. */
#include "detect/coaction_sorted.h"

#include <stdlib.h>
#include <string.h>

enum { PIECE_EVENTS = 8192 };

int lks_sorted_reader_open(struct lks_sorted_reader *reader, const struct lks_coaction_data *data,
                           struct lks_budget *budget, struct lks_error *err)
{
    *reader = (struct lks_sorted_reader){.spool = &data->sorted,
                                         .count = data->sorted_count,
                                         .words = LKS_SORTED_WORDS + data->others_count,
                                         .budget = budget};
    return lks_budget_grow(budget, &reader->piece, &reader->piece_capacity, PIECE_EVENTS,
                           reader->words * sizeof *reader->piece, err);
}

int lks_sorted_reader_next(struct lks_sorted_reader *reader, struct lks_sorted_event *event,
                           struct lks_error *err)
{
    enum { HIGH = (1 << LKS_SORTED_OBJECTS_BIT) - 1 };
    if (reader->at == reader->held) {
        uint64_t left = reader->count - reader->read;
        size_t record_bytes = reader->words * sizeof *reader->piece;
        reader->held = left < PIECE_EVENTS ? (size_t)left : PIECE_EVENTS;
        reader->at = 0;
        if (!reader->held)
            return 0;
        int code = lks_spool_read(reader->spool, reader->read * record_bytes, reader->piece,
                                  reader->held * record_bytes, err);
        if (code)
            return code;
        reader->read += reader->held;
    }
    const uint32_t *word = reader->piece + reader->at++ * reader->words;
    *event = (struct lks_sorted_event){word[0],
                                       word[3],
                                       word[4],
                                       word[1] >> LKS_SORTED_OBJECTS_BIT,
                                       (int64_t)((uint64_t)(word[1] & HIGH) << 32 | word[2]),
                                       word + LKS_SORTED_WORDS};
    return 1;
}

void lks_sorted_reader_close(struct lks_sorted_reader *reader)
{
    if (reader->budget)
        lks_budget_free(reader->budget, reader->piece, reader->piece_capacity,
                        reader->words * sizeof *reader->piece);
    *reader = (struct lks_sorted_reader){0};
}

static size_t record_bytes_of(const struct lks_sorted_writer *writer)
{
    return (LKS_SORTED_WORDS + writer->others_count) * sizeof *writer->piece;
}

static int writer_flush(struct lks_sorted_writer *writer, struct lks_error *err)
{
    int code = lks_spool_append(&writer->spool, &writer->means->spill, writer->piece,
                                writer->held * record_bytes_of(writer), err);
    writer->held = 0;
    return code;
}

int lks_sorted_writer_put(struct lks_sorted_writer *writer, const struct lks_sorted_event *event,
                          struct lks_error *err)
{
    int code = 0;
    if (writer->held == PIECE_EVENTS)
        code = writer_flush(writer, err);
    if (code == 0 && !writer->piece)
        code = lks_budget_grow(&writer->means->budget, &writer->piece, &writer->capacity,
                               PIECE_EVENTS, record_bytes_of(writer), err);
    if (code)
        return code;
    uint32_t *word = writer->piece + writer->held++ * (LKS_SORTED_WORDS + writer->others_count);
    word[0] = event->object;
    word[1] = (uint32_t)((uint64_t)event->time_us >> 32) | event->post_objects
                                                               << LKS_SORTED_OBJECTS_BIT;
    word[2] = (uint32_t)(uint64_t)event->time_us;
    word[3] = event->account;
    word[4] = event->post;
    if (writer->others_count)
        memcpy(word + LKS_SORTED_WORDS, event->others, writer->others_count * sizeof *word);
    writer->count++;
    return 0;
}

int lks_sorted_writer_finish(struct lks_sorted_writer *writer, struct lks_coaction_data *data,
                             struct lks_error *err)
{
    int code = writer_flush(writer, err);
    lks_spool_close(&data->sorted);
    data->sorted = writer->spool;
    data->sorted_count = writer->count;
    data->others_count = writer->others_count;
    writer->spool = (struct lks_spool){0};
    writer->count = 0;
    return code;
}

void lks_sorted_writer_close(struct lks_sorted_writer *writer)
{
    lks_spool_close(&writer->spool);
    if (writer->means)
        lks_budget_free(&writer->means->budget, writer->piece, writer->capacity,
                        record_bytes_of(writer));
    *writer = (struct lks_sorted_writer){0};
}

/* What an account has among events in company. */
struct left {
    uint32_t objects, events, object_last;
};

struct pruning {
    const struct lks_coaction_data *data;
    const struct lks_coaction_options *options;
    struct lks_coaction_means *means;
    struct lks_sorted_writer writer;
    struct left *left; /* [accounts] */
    /* The events of one account that wait for the next of another. */
    struct lks_sorted_event *run;
    size_t run_count, run_capacity;
    int before; /* whether another account's event on the object came before the run */
    int64_t before_us;
};

/* Ends the run: after_us is the time of the next event of another account on the object. */
static int run_end(struct pruning *pruning, int after, int64_t after_us, struct lks_error *err)
{
    int code = 0;
    for (size_t i = 0; code == 0 && i < pruning->run_count; i++) {
        const struct lks_sorted_event *event = &pruning->run[i];
        int64_t window_us =
            pruning->options->window_us[pruning->data->events.object_kind[event->object]];
        if (!(pruning->before && event->time_us - pruning->before_us <= window_us) &&
            !(after && after_us - event->time_us <= window_us))
            continue;
        struct left *left = &pruning->left[event->account];
        left->events++;
        left->objects += left->object_last != event->object + 1;
        left->object_last = event->object + 1;
        code = lks_sorted_writer_put(&pruning->writer, event, err);
    }
    pruning->before_us = pruning->run_count ? pruning->run[pruning->run_count - 1].time_us : 0;
    pruning->run_count = 0;
    return code;
}

static int event_offer(struct pruning *pruning, const struct lks_sorted_event *event,
                       struct lks_error *err)
{
    int code = 0;
    if (pruning->options->window_us[pruning->data->events.object_kind[event->object]] < 0)
        return 0;
    if (pruning->run_count && pruning->run[0].object != event->object) {
        code = run_end(pruning, 0, 0, err);
        pruning->before = 0;
    } else if (pruning->run_count && pruning->run[0].account != event->account) {
        code = run_end(pruning, 1, event->time_us, err);
        pruning->before = 1;
    }
    if (code == 0)
        code = lks_budget_grow(&pruning->means->budget, &pruning->run, &pruning->run_capacity,
                               pruning->run_count + 1, sizeof *pruning->run, err);
    if (code == 0)
        pruning->run[pruning->run_count++] = *event;
    return code;
}

/* Puts the writer's events in the place of data's. */
static void columns_free(struct lks_coaction_data *data, struct lks_coaction_means *means)
{
    struct lks_events *events = &data->events;
    free(events->object);
    free(events->account);
    free(events->post);
    free(events->time_us);
    events->object = events->account = events->post = NULL;
    events->time_us = NULL;
    events->count = 0;
    lks_budget_release(&means->budget, data->events_bytes);
    data->events_bytes = 0;
}

static struct lks_sorted_event event_of(const struct lks_events *events, size_t i)
{
    return (struct lks_sorted_event){.object = events->object[i],
                                     .account = events->account[i],
                                     .post = events->post[i],
                                     .time_us = events->time_us[i]};
}

int lks_coaction_sorted_move(struct lks_coaction_data *data, struct lks_coaction_means *means,
                             struct lks_error *err)
{
    struct lks_sorted_writer writer = {.means = means};
    int code = 0;
    if (data->sorted_count)
        return 0;
    for (size_t i = 0; code == 0 && i < data->events.count; i++) {
        struct lks_sorted_event event = event_of(&data->events, i);
        code = lks_sorted_writer_put(&writer, &event, err);
    }
    if (code == 0)
        code = lks_sorted_writer_finish(&writer, data, err);
    lks_sorted_writer_close(&writer);
    columns_free(data, means);
    return code;
}

static int company_find(struct pruning *pruning, struct lks_coaction_data *data,
                        struct lks_error *err)
{
    struct lks_sorted_reader reader = {0};
    struct lks_sorted_event event = {0};
    int more, code = 0;
    for (size_t i = 0; code == 0 && i < data->events.count; i++) {
        event = event_of(&data->events, i);
        code = event_offer(pruning, &event, err);
    }
    if (code == 0 && data->sorted_count) {
        code = lks_sorted_reader_open(&reader, data, &pruning->means->budget, err);
        while (code == 0 && (more = lks_sorted_reader_next(&reader, &event, err)) != 0)
            code = more < 0 ? more : event_offer(pruning, &event, err);
        lks_sorted_reader_close(&reader);
    }
    if (code == 0)
        code = run_end(pruning, 0, 0, err);
    if (code == 0)
        code = lks_sorted_writer_finish(&pruning->writer, data, err);
    return code;
}

/* Drops the events of accounts that cannot be in an edge. */
static int accounts_drop(struct pruning *pruning, struct lks_coaction_data *data,
                         struct lks_error *err)
{
    const struct lks_coaction_options *options = pruning->options;
    struct lks_sorted_reader reader = {0};
    struct lks_sorted_event event = {0};
    int more, code = lks_sorted_reader_open(&reader, data, &pruning->means->budget, err);
    while (code == 0 && (more = lks_sorted_reader_next(&reader, &event, err)) != 0) {
        const struct left *left = &pruning->left[event.account];
        if (more < 0)
            code = more;
        else if (left->objects >= options->min_objects && left->events >= options->min_occasions)
            code = lks_sorted_writer_put(&pruning->writer, &event, err);
    }
    lks_sorted_reader_close(&reader);
    return code ? code : lks_sorted_writer_finish(&pruning->writer, data, err);
}

int lks_coaction_sorted_prune(struct lks_coaction_data *data,
                              const struct lks_coaction_options *options,
                              struct lks_coaction_means *means, struct lks_error *err)
{
    struct pruning pruning = {
        .data = data, .options = options, .means = means, .writer = {.means = means}};
    size_t accounts = data->accounts.count;
    int code = lks_budget_array(&means->budget, &pruning.left, accounts, sizeof *pruning.left, err);
    if (code == 0)
        code = company_find(&pruning, data, err);
    if (code == 0) {
        columns_free(data, means);
        code = accounts_drop(&pruning, data, err);
    }
    lks_budget_free(&means->budget, pruning.left, accounts, sizeof *pruning.left);
    lks_budget_free(&means->budget, pruning.run, pruning.run_capacity, sizeof *pruning.run);
    lks_sorted_writer_close(&pruning.writer);
    return code;
}

int lks_coaction_sorted_count(const struct lks_coaction_data *data,
                              int (*take)(const void *context, uint32_t account),
                              const void *context, struct lks_budget *budget, uint64_t *count_out,
                              struct lks_error *err)
{
    struct lks_sorted_reader reader = {0};
    struct lks_sorted_event event = {0};
    int more, code = lks_sorted_reader_open(&reader, data, budget, err);
    *count_out = 0;
    while (code == 0 && (more = lks_sorted_reader_next(&reader, &event, err)) != 0) {
        if (more < 0)
            code = more;
        else
            *count_out += (uint64_t)(take(context, event.account) != 0);
    }
    lks_sorted_reader_close(&reader);
    return code;
}

int lks_coaction_taken_room(const struct lks_coaction_data *data, uint64_t count,
                            struct lks_budget *budget, struct lks_coaction_taken *taken,
                            struct lks_error *err)
{
    struct lks_events *events = &taken->events;
    int code;
    *taken = (struct lks_coaction_taken){.events = {.objects_count = data->events.objects_count,
                                                    .accounts_count = data->events.accounts_count,
                                                    .posts_count = data->events.posts_count,
                                                    .object_kind = data->events.object_kind,
                                                    .time_precision = data->events.time_precision},
                                         .capacity = count};
    if ((code = lks_budget_array(budget, &events->object, count, 4, err)) ||
        (code = lks_budget_array(budget, &events->account, count, 4, err)) ||
        (code = lks_budget_array(budget, &events->post, count, 4, err)) ||
        (code = lks_budget_array(budget, &events->time_us, count, 8, err)))
        return code;
    if (data->others_count)
        code = lks_budget_array(budget, &taken->post_objects, count, 1, err);
    for (size_t w = 0; code == 0 && w < data->others_count; w++)
        code = lks_budget_array(budget, &taken->others[w], count, 4, err);
    return code;
}

int lks_coaction_sorted_take(const struct lks_coaction_data *data, uint64_t count,
                             int (*take)(const void *context, uint32_t account),
                             const void *context, struct lks_budget *budget,
                             struct lks_coaction_taken *taken, struct lks_error *err)
{
    struct lks_sorted_reader reader = {0};
    struct lks_sorted_event event = {0};
    struct lks_events *events = &taken->events;
    int more, code = lks_coaction_taken_room(data, count, budget, taken, err);
    if (code == 0)
        code = lks_sorted_reader_open(&reader, data, budget, err);
    while (code == 0 && (more = lks_sorted_reader_next(&reader, &event, err)) != 0) {
        if (more < 0) {
            code = more;
            break;
        }
        if (!take(context, event.account))
            continue;
        size_t at = events->count++;
        LKS_ASSERT(at < count);
        events->object[at] = event.object;
        events->account[at] = event.account;
        events->post[at] = event.post;
        events->time_us[at] = event.time_us;
        if (taken->post_objects)
            taken->post_objects[at] = (uint8_t)event.post_objects;
        for (size_t w = 0; w < data->others_count; w++)
            taken->others[w][at] = event.others[w];
    }
    lks_sorted_reader_close(&reader);
    return code;
}

void lks_coaction_taken_free(struct lks_coaction_taken *taken, struct lks_budget *budget)
{
    struct lks_events *events = &taken->events;
    lks_budget_free(budget, events->object, taken->capacity, 4);
    lks_budget_free(budget, events->account, taken->capacity, 4);
    lks_budget_free(budget, events->post, taken->capacity, 4);
    lks_budget_free(budget, events->time_us, taken->capacity, 8);
    lks_budget_free(budget, taken->post_objects, taken->capacity, 1);
    for (size_t w = 0; w < LKS_WINDOWS_ASKED_MAX; w++)
        lks_budget_free(budget, taken->others[w], taken->capacity, 4);
    *taken = (struct lks_coaction_taken){0};
}
