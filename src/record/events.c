/* events.c - putting events into the order that kernels sweep them in
 *
 * Order: object, time, account, post. Objects are dense, so one counting pass deals the rows
 * out to their objects; each object's rows are then sorted alone, while they fit a cache:
 * a few by insertion, many by a least-significant-digit radix sort over the bits in which
 * they differ at all (rows of one object share most of theirs). Every pass is linear and
 * stable, so the whole is O(count) for bounded keys:
 *
 *   columns  --deal by object-->  rows [object 0 | object 1 | ...]  --sort each-->  columns
 *
 * Memory: 16 bytes a row, and as much again for the largest object. */
#include "record/events.h"

#include <stdlib.h>
#include <string.h>

/* Below this an insertion sort beats a radix pass over 256 counters. */
enum { INSERTION_ROWS_MAX = 40 };

static int row_before(const struct lks_event_row *a, const struct lks_event_row *b)
{
    if (a->time_us != b->time_us)
        return a->time_us < b->time_us;
    if (a->account != b->account)
        return a->account < b->account;
    return a->post < b->post;
}

static void rows_insertion(struct lks_event_row *rows, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct lks_event_row row = rows[i];
        size_t place = i;
        for (; place > 0 && row_before(&row, &rows[place - 1]); place--)
            rows[place] = rows[place - 1];
        rows[place] = row;
    }
}

/* One of the three keys; times are non-negative or compare as two's complement with the sign
 * turned. */
static uint64_t row_key(const struct lks_event_row *row, int key)
{
    if (key == 0)
        return row->post;
    return key == 1 ? row->account : (uint64_t)row->time_us ^ UINT64_C(1) << 63;
}

static void rows_digit(const struct lks_event_row *from, struct lks_event_row *to, size_t count,
                       int key, unsigned shift)
{
    size_t place[257] = {0};
    for (size_t i = 0; i < count; i++)
        place[(row_key(&from[i], key) >> shift & 255) + 1]++;
    for (int digit = 0; digit < 256; digit++)
        place[digit + 1] += place[digit];
    for (size_t i = 0; i < count; i++)
        to[place[row_key(&from[i], key) >> shift & 255]++] = from[i];
}

static int rows_sorted(const struct lks_event_row *rows, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (row_before(&rows[i], &rows[i - 1]))
            return 0;
    return 1;
}

static void rows_radix(struct lks_event_row *rows, struct lks_event_row *scratch, size_t count)
{
    struct lks_event_row *from = rows, *to = scratch;
    for (int key = 0; key < 3; key++) {
        uint64_t differ = 0;
        for (size_t i = 1; i < count; i++)
            differ |= row_key(&rows[i], key) ^ row_key(&rows[0], key);
        for (unsigned shift = 0; shift < 64; shift += 8)
            if (differ >> shift & 255) {
                rows_digit(from, to, count, key, shift);
                struct lks_event_row *swap = from;
                from = to;
                to = swap;
            }
    }
    if (from != rows)
        memcpy(rows, from, count * sizeof *rows);
}

void lks_event_rows_sort(struct lks_event_row *rows, struct lks_event_row *scratch, size_t count)
{
    if (count <= INSERTION_ROWS_MAX)
        rows_insertion(rows, count);
    else if (!rows_sorted(rows, count))
        rows_radix(rows, scratch, count);
}

static void events_deal(const struct lks_events *events, struct lks_event_row *rows, size_t *starts)
{
    for (size_t i = 0; i < events->count; i++)
        starts[events->object[i] + 1]++;
    for (uint32_t object = 0; object < events->objects_count; object++)
        starts[object + 1] += starts[object];
    for (size_t i = 0; i < events->count; i++)
        rows[starts[events->object[i]]++] =
            (struct lks_event_row){events->time_us[i], events->account[i], events->post[i]};
    /* Each start has moved on to the next object's: shift them back. */
    memmove(starts + 1, starts, events->objects_count * sizeof *starts);
    starts[0] = 0;
}

int lks_events_sort(struct lks_events *events, struct lks_error *err)
{
    size_t *starts = calloc((size_t)events->objects_count + 1, sizeof *starts);
    struct lks_event_row *rows = malloc((events->count + 1) * sizeof *rows), *scratch = NULL;
    size_t largest = 0;
    if (starts && rows) {
        events_deal(events, rows, starts);
        for (uint32_t object = 0; object < events->objects_count; object++)
            if (starts[object + 1] - starts[object] > largest)
                largest = starts[object + 1] - starts[object];
        scratch = malloc((largest + 1) * sizeof *scratch);
    }
    if (!scratch) {
        free(starts);
        free(rows);
        return lks_error_set(err, LKS_EMEMORY, "memory is out sorting %zu events", events->count);
    }
    for (uint32_t object = 0; object < events->objects_count; object++) {
        size_t first = starts[object], count = starts[object + 1] - first;
        lks_event_rows_sort(rows + first, scratch, count);
        for (size_t i = first; i < first + count; i++) {
            events->object[i] = object;
            events->account[i] = rows[i].account;
            events->post[i] = rows[i].post;
            events->time_us[i] = rows[i].time_us;
        }
    }
    free(scratch);
    free(rows);
    free(starts);
    return 0;
}

void lks_events_check(const struct lks_events *events)
{
    for (uint32_t post = 0; post < events->posts_count; post++)
        LKS_ASSERT(events->post_account[post] < events->accounts_count);
    for (size_t i = 0; i < events->count; i++) {
        uint32_t object = events->object[i], account = events->account[i], post = events->post[i];
        LKS_ASSERT(object < events->objects_count && account < events->accounts_count &&
                   post < events->posts_count);
        LKS_ASSERT(events->post_account[post] == account &&
                   events->post_time_us[post] == events->time_us[i]);
        if (i == 0 || events->object[i - 1] < object)
            continue;
        LKS_ASSERT(events->object[i - 1] == object);
        struct lks_event_row before = {events->time_us[i - 1], events->account[i - 1],
                                       events->post[i - 1]};
        struct lks_event_row here = {events->time_us[i], account, post};
        LKS_ASSERT(row_before(&before, &here)); /* at most one event of a post on an object */
    }
    for (uint32_t object = 0; object < events->objects_count; object++)
        LKS_ASSERT(events->object_kind[object] < LKS_OBJECT_KINDS_COUNT);
}

void lks_events_free(struct lks_events *events)
{
    free(events->object);
    free(events->account);
    free(events->post);
    free(events->time_us);
    free(events->object_kind);
    free(events->post_account);
    free(events->post_time_us);
    free(events->post_kind);
    *events = (struct lks_events){0};
}
