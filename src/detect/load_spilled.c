/* load_spilled.c - rows that do not fit into memory, sorted on disk
 *
 * Two sorts of records, both stable: posts by (key, row) bring the sights of one post together,
 * the first of them first; events by (object, time, account, row) are in the kernels'
 * order. Posts are read first, and leave a bit for each row that is not a first sight and the
 * row that it stands for; then events are read, and those of repeated posts are renumbered or
 * left out. The same events come out as of load_events.c, but that posts are numbered by their
 * rows, gaps and all: the order among them is the same. */
#include "detect/load_spilled.h"

#include <stdlib.h>
#include <string.h>

#include "base/progress.h"

enum { POST_WORDS = 7, POST_KEY_WORDS = 4, WRITE_RECORDS = 16384 };

/* Rows that are no first sights; repeat is rising by row. first == row: left out. */
struct repeats {
    uint64_t *bit; /* [rows / 64 + 1] */
    size_t bit_capacity;
    struct lks_load_repeat *repeat;
    size_t count, capacity;
    uint64_t posts_count;
};

int lks_load_spilled_take(struct lks_load_spilled *spilled, struct lks_load_rows *rows,
                          uint64_t memory_bytes, struct lks_spill *spill, struct lks_error *err)
{
    size_t at = 0;
    int code = 0;
    if (!spilled->open) {
        spilled->open = 1;
        code = lks_runs_open(&spilled->posts, POST_WORDS, POST_KEY_WORDS, memory_bytes / 2,
                             rows->budget, spill, err);
        if (code == 0)
            code = lks_runs_open(&spilled->events, LKS_SORTED_WORDS, LKS_SORTED_WORDS,
                                 memory_bytes / 2, rows->budget, spill, err);
    }
    if (code == 0 && spilled->rows_count + rows->count >= UINT32_MAX)
        code = lks_error_set(err, LKS_EINPUT, "co-action takes at most %u posts at a time",
                             UINT32_MAX - 1);
    for (size_t row = 0; code == 0 && row < rows->count; row++) {
        uint32_t number = (uint32_t)(spilled->rows_count + row);
        uint64_t time = (uint64_t)lks_load_rows_time(rows, row);
        const uint32_t *key = rows->key[row];
        uint32_t post[POST_WORDS] = {key[0],
                                     key[1],
                                     key[2],
                                     number,
                                     rows->account[row],
                                     rows->second[row],
                                     rows->micro ? rows->micro[row] : 0};
        code = lks_runs_add(&spilled->posts, post, err);
        for (size_t end = at + rows->actions[row]; code == 0 && at < end; at++) {
            uint32_t event[LKS_SORTED_WORDS] = {rows->object[at], (uint32_t)(time >> 32),
                                                (uint32_t)time, rows->account[row], number};
            code = lks_runs_add(&spilled->events, event, err);
        }
    }
    spilled->rows_count += rows->count;
    lks_load_rows_clear(rows);
    return code;
}

static int compare_repeats(const void *left, const void *right)
{
    const struct lks_load_repeat *x = left, *y = right;
    return (x->row > y->row) - (x->row < y->row);
}

static int repeats_find(struct lks_load_spilled *spilled, struct lks_coaction_data *data,
                        struct repeats *repeats, struct lks_error *err)
{
    struct lks_budget *budget = spilled->posts.budget;
    uint32_t first[POST_WORDS] = {0};
    const uint32_t *post;
    int more, any = 0;
    size_t words = (size_t)(spilled->rows_count / 64 + 1);
    int code = lks_budget_grow(budget, &repeats->bit, &repeats->bit_capacity, words, 8, err);
    if (code)
        return code;
    memset(repeats->bit, 0, words * 8);
    if ((code = lks_runs_finish(&spilled->posts, err)))
        return code;
    while ((more = lks_runs_next(&spilled->posts, &post, err)) > 0) {
        if (!any || memcmp(first, post, 12) != 0) {
            memcpy(first, post, sizeof first);
            repeats->posts_count++;
            any = 1;
            continue;
        }
        int same = memcmp(first + POST_KEY_WORDS, post + POST_KEY_WORDS, 12) == 0;
        uint32_t row = post[3];
        data->merged_count += (uint64_t)same;
        data->duplicates_count += (uint64_t)!same;
        repeats->bit[row / 64] |= UINT64_C(1) << row % 64;
        code = lks_budget_grow(budget, &repeats->repeat, &repeats->capacity, repeats->count + 1,
                               sizeof *repeats->repeat, err);
        if (code)
            return code;
        repeats->repeat[repeats->count++] = (struct lks_load_repeat){row, same ? first[3] : row};
    }
    if (repeats->count)
        qsort(repeats->repeat, repeats->count, sizeof *repeats->repeat, compare_repeats);
    return more;
}

/* The row that stands for this one; UINT32_MAX when its events are left out. */
static uint32_t row_resolve(const struct repeats *repeats, uint32_t row)
{
    if (!(repeats->bit[row / 64] >> row % 64 & 1))
        return row;
    const struct lks_load_repeat wanted = {row, 0};
    const struct lks_load_repeat *found =
        bsearch(&wanted, repeats->repeat, repeats->count, sizeof *repeats->repeat, compare_repeats);
    LKS_ASSERT(found);
    return found->first == row ? UINT32_MAX : found->first;
}

/* Events that wait to be written: those of the last (object, time, account), whose posts may
 * fall out of order when they are renumbered. */
struct group {
    uint32_t (*event)[LKS_SORTED_WORDS];
    size_t count, capacity, done; /* the first `done` are of earlier groups */
};

static int compare_posts(const void *left, const void *right)
{
    const uint32_t *x = left, *y = right;
    return (x[4] > y[4]) - (x[4] < y[4]);
}

/* Ends the last group: in order, each post once. */
static void group_end(struct group *group)
{
    size_t kept = group->done;
    qsort(group->event + group->done, group->count - group->done, sizeof *group->event,
          compare_posts);
    for (size_t i = group->done; i < group->count; i++)
        if (i == group->done || group->event[i][4] != group->event[i - 1][4]) {
            if (kept != i)
                memmove(group->event[kept], group->event[i], sizeof *group->event);
            kept++;
        }
    group->done = group->count = kept;
}

static int group_write(struct group *group, struct lks_coaction_means *means,
                       struct lks_coaction_data *data, struct lks_error *err)
{
    int code = lks_spool_append(&data->sorted, &means->spill, group->event,
                                group->done * sizeof *group->event, err);
    data->sorted_count += group->done;
    group->count = group->done = 0;
    return code;
}

static int events_write(struct lks_load_spilled *spilled, struct lks_coaction_means *means,
                        struct lks_coaction_data *data, const struct repeats *repeats,
                        struct lks_error *err)
{
    struct group group = {0};
    struct lks_meter meter;
    const uint32_t *event;
    uint64_t done = 0;
    int more, code = lks_runs_finish(&spilled->events, err);
    lks_meter_start(&meter, means->control, "sort", "actions", spilled->events.records_count);
    while (code == 0 && (more = lks_runs_next(&spilled->events, &event, err)) != 0) {
        if (more < 0) {
            code = more;
            break;
        }
        uint32_t post = row_resolve(repeats, event[4]);
        if ((++done & 0xfffff) == 0 && (code = lks_meter_at(&meter, done, err)))
            break;
        if (post == UINT32_MAX)
            continue;
        if (group.count > group.done && memcmp(group.event[group.count - 1], event, 16) != 0) {
            group_end(&group);
            if (group.done >= WRITE_RECORDS && (code = group_write(&group, means, data, err)))
                break;
        }
        code = lks_budget_grow(&means->budget, &group.event, &group.capacity, group.count + 1,
                               sizeof *group.event, err);
        if (code)
            break;
        memcpy(group.event[group.count], event, sizeof *group.event);
        group.event[group.count++][4] = post;
    }
    if (code == 0) {
        group_end(&group);
        code = group_write(&group, means, data, err);
    }
    if (code == 0)
        lks_meter_finish(&meter);
    lks_budget_free(&means->budget, group.event, group.capacity, sizeof *group.event);
    return code;
}

int lks_load_spilled_finish(struct lks_load_spilled *spilled, struct lks_coaction_means *means,
                            struct lks_coaction_data *data, struct lks_error *err)
{
    struct repeats repeats = {0};
    int code = repeats_find(spilled, data, &repeats, err);
    lks_runs_close(&spilled->posts);
    if (code == 0)
        code = events_write(spilled, means, data, &repeats, err);
    lks_runs_close(&spilled->events);
    lks_budget_free(&means->budget, repeats.bit, repeats.bit_capacity, 8);
    lks_budget_free(&means->budget, repeats.repeat, repeats.capacity, sizeof *repeats.repeat);
    data->posts_count = repeats.posts_count;
    data->events_count = data->sorted_count;
    data->events.posts_count = (uint32_t)spilled->rows_count;
    return code;
}

void lks_load_spilled_free(struct lks_load_spilled *spilled)
{
    lks_runs_close(&spilled->posts);
    lks_runs_close(&spilled->events);
    *spilled = (struct lks_load_spilled){0};
}
