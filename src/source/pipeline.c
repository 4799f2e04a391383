/* pipeline.c - chunks cut one after the other, parsed side by side, given out in order
 *
 * Reading and cutting is a serial section that passes from hand to hand: a worker takes
 * the feed, cuts the next chunk into the next slot of a ring, gives the feed back and
 * parses its chunk while another worker cuts. The caller takes the slots in order, and works like
 * the others while the one that it needs is not ready, so that there are no more threads than
 * were asked for and none of them waits while there is work:
 *
 *     slot   0      1        2        3       4
 *            put    parsed   being    being   free
 *            (caller)        parsed   cut
 *
 * A worker that reaches a slot which was not put yet waits, so memory is bounded and the
 * order never depends on who was faster. A failure travels in its slot: what came before it
 * in the file is put first, for any number of threads. */
#include "source/pipeline.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/threads.h"

enum slot_state { SLOT_FREE, SLOT_BUSY, SLOT_READY };

struct slot {
    struct lks_chunk chunk;
    struct lks_batch batch;
    uint64_t read_bytes;
    enum slot_state state; /* under the lock */
    int code;              /* 1: a batch, 0: the end, below 0: failed */
    struct lks_error err;
};

struct pipeline {
    struct lks_feed *feed;
    struct slot *slots;
    size_t slots_count;
    pthread_mutex_t feed_lock; /* of the feed and next_index */
    size_t next_index;
    bool ended;
    pthread_mutex_t lock; /* of the slots' states and stop */
    pthread_cond_t changed;
    bool stop;
};

struct hand {
    struct pipeline *pipeline;
    struct lks_parser *parser;
    pthread_t thread;
};

static void slot_cut(struct lks_feed *feed, struct slot *slot)
{
    slot->err = (struct lks_error){0};
    slot->code = lks_feed_next(feed, &slot->chunk, &slot->err);
    slot->read_bytes = lks_reader_position(feed->reader);
}

static void slot_parse(struct lks_parser *parser, struct slot *slot)
{
    lks_batch_reset(&slot->batch);
    int code = lks_parser_chunk(parser, &slot->chunk, &slot->batch);
    if (code < 0)
        slot->code = lks_error_set(&slot->err, code, "out of memory while parsing");
}

/* The next slot, cut, by who has the feed. NULL when there is nothing more to do, or for who may not
 * wait until the slot is free. */
static struct slot *slot_next(struct pipeline *pipeline, bool may_wait)
{
    struct slot *slot = &pipeline->slots[pipeline->next_index % pipeline->slots_count];
    if (pipeline->ended)
        return NULL;
    pthread_mutex_lock(&pipeline->lock);
    while (may_wait && slot->state != SLOT_FREE && !pipeline->stop)
        pthread_cond_wait(&pipeline->changed, &pipeline->lock);
    bool stop = pipeline->stop, taken = !stop && slot->state == SLOT_FREE;
    if (taken)
        slot->state = SLOT_BUSY;
    pthread_mutex_unlock(&pipeline->lock);
    pipeline->ended = stop;
    if (!taken)
        return NULL;
    pipeline->next_index++;
    slot_cut(pipeline->feed, slot);
    pipeline->ended = slot->code <= 0;
    return slot;
}

static void slot_work(struct pipeline *pipeline, struct lks_parser *parser, struct slot *slot)
{
    if (slot->code > 0)
        slot_parse(parser, slot);
    pthread_mutex_lock(&pipeline->lock);
    slot->state = SLOT_READY;
    pthread_cond_broadcast(&pipeline->changed);
    pthread_mutex_unlock(&pipeline->lock);
}

static void *hand_main(void *argument)
{
    struct hand *hand = argument;
    struct pipeline *pipeline = hand->pipeline;
    struct slot *slot;
    do {
        pthread_mutex_lock(&pipeline->feed_lock);
        slot = slot_next(pipeline, true);
        pthread_mutex_unlock(&pipeline->feed_lock);
        if (slot)
            slot_work(pipeline, hand->parser, slot);
    } while (slot);
    return NULL;
}

/* The caller cuts and parses a chunk if it can at once; returns whether it did. */
static bool slot_help(struct pipeline *pipeline, struct lks_parser *parser)
{
    if (pthread_mutex_trylock(&pipeline->feed_lock) != 0)
        return false;
    struct slot *slot = slot_next(pipeline, false);
    pthread_mutex_unlock(&pipeline->feed_lock);
    if (slot)
        slot_work(pipeline, parser, slot);
    return slot != NULL;
}

static bool slot_ready(struct pipeline *pipeline, const struct slot *slot)
{
    pthread_mutex_lock(&pipeline->lock);
    bool ready = slot->state == SLOT_READY;
    pthread_mutex_unlock(&pipeline->lock);
    return ready;
}

/* Waits for the slot, and wakes up now and then to see whether the caller wants to stop. */
static int slot_wait(struct pipeline *pipeline, struct slot *slot,
                     const struct lks_control *control, struct lks_error *err)
{
    int cancelled = 0;
    pthread_mutex_lock(&pipeline->lock);
    while (slot->state != SLOT_READY && !(cancelled = lks_cancelled(control))) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += 100 * 1000 * 1000;
        if (until.tv_nsec >= 1000 * 1000 * 1000) {
            until.tv_nsec -= 1000 * 1000 * 1000;
            until.tv_sec++;
        }
        pthread_cond_timedwait(&pipeline->changed, &pipeline->lock, &until);
    }
    pthread_mutex_unlock(&pipeline->lock);
    return cancelled ? lks_error_set(err, LKS_ECANCELLED,
                                     "stopped on request; nothing half written is kept")
                     : 0;
}

static void slot_release(struct pipeline *pipeline, struct slot *slot)
{
    pthread_mutex_lock(&pipeline->lock);
    slot->state = SLOT_FREE;
    pthread_cond_broadcast(&pipeline->changed);
    pthread_mutex_unlock(&pipeline->lock);
}

static int slots_put(struct pipeline *pipeline, struct lks_parser *parser,
                     const struct lks_control *control, const struct lks_batch_sink *sink,
                     struct lks_error *err)
{
    for (size_t index = 0;; index++) {
        struct slot *slot = &pipeline->slots[index % pipeline->slots_count];
        while (!slot_ready(pipeline, slot) && !lks_cancelled(control) &&
               slot_help(pipeline, parser))
            ;
        int code = slot_wait(pipeline, slot, control, err);
        if (code)
            return code;
        if (slot->code < 0)
            return lks_error_set(err, slot->code, "%s", slot->err.message);
        if (slot->code == 0)
            return 0;
        if ((code = sink->put(sink->context, &slot->batch, slot->read_bytes, err)))
            return code;
        slot_release(pipeline, slot);
    }
}

static int run_alone(struct lks_feed *feed, struct lks_parser *parser,
                     const struct lks_control *control, const struct lks_batch_sink *sink,
                     struct lks_error *err)
{
    struct slot slot = {0};
    int code = 0;
    while (code == 0) {
        if (lks_cancelled(control)) {
            code = lks_error_set(err, LKS_ECANCELLED,
                                 "stopped on request; nothing half written is kept");
            break;
        }
        slot_cut(feed, &slot);
        if (slot.code > 0)
            slot_parse(parser, &slot);
        if (slot.code == 0)
            break;
        code = slot.code < 0 ? lks_error_set(err, slot.code, "%s", slot.err.message)
                             : sink->put(sink->context, &slot.batch, slot.read_bytes, err);
    }
    lks_chunk_free(&slot.chunk);
    lks_batch_free(&slot.batch);
    return code;
}

static int run_together(struct pipeline *pipeline, struct hand *hands, unsigned threads_count,
                        const struct lks_control *control, const struct lks_batch_sink *sink,
                        struct lks_error *err)
{
    unsigned started = 0;
    int code;
    while (started + 1 < threads_count &&
           pthread_create(&hands[started].thread, NULL, hand_main, &hands[started]) == 0)
        started++;
    if (started)
        code = slots_put(pipeline, hands[threads_count - 1].parser, control, sink, err);
    else
        code = run_alone(pipeline->feed, hands[0].parser, control, sink, err);
    pthread_mutex_lock(&pipeline->lock);
    pipeline->stop = true;
    pthread_cond_broadcast(&pipeline->changed);
    pthread_mutex_unlock(&pipeline->lock);
    for (unsigned i = 0; i < started; i++)
        pthread_join(hands[i].thread, NULL);
    return code;
}

int lks_pipeline_run(struct lks_feed *feed, struct lks_parser *parsers, unsigned threads_count,
                     const struct lks_control *control, const struct lks_batch_sink *sink,
                     struct lks_error *err)
{
    if (threads_count <= 1)
        return run_alone(feed, parsers, control, sink, err);
    struct pipeline pipeline = {.feed = feed, .slots_count = 2 * (size_t)threads_count + 2};
    struct hand *hands = calloc(threads_count, sizeof *hands);
    pipeline.slots = calloc(pipeline.slots_count, sizeof *pipeline.slots);
    int code;
    if (hands && pipeline.slots) {
        pthread_mutex_init(&pipeline.feed_lock, NULL);
        pthread_mutex_init(&pipeline.lock, NULL);
        pthread_cond_init(&pipeline.changed, NULL);
        for (unsigned i = 0; i < threads_count; i++)
            hands[i] = (struct hand){.pipeline = &pipeline, .parser = &parsers[i]};
        code = run_together(&pipeline, hands, threads_count, control, sink, err);
        pthread_cond_destroy(&pipeline.changed);
        pthread_mutex_destroy(&pipeline.lock);
        pthread_mutex_destroy(&pipeline.feed_lock);
        for (size_t i = 0; i < pipeline.slots_count; i++) {
            lks_chunk_free(&pipeline.slots[i].chunk);
            lks_batch_free(&pipeline.slots[i].batch);
        }
    } else
        code = lks_error_set(err, LKS_EMEMORY, "out of memory while reading");
    free(hands);
    free(pipeline.slots);
    return code;
}
