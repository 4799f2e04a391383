/* meetings.c - the posts behind an edge, and what the edge is made of
 *
 * Walks the posts of the account with fewer, and beside them those of the other one that lie
 * within the window that gave the edge its p; what two posts share is found by merging their
 * rows. Cost of an edge: its posts, and a merge for each two of them near in time. The lists
 * of partners are not asked: they hold the posts of everybody. Blocks of edges are tasks; an
 * edge is filled by one worker, which makes the same sums for any number of threads. */
#include <stdlib.h>

#include "base/threads.h"
#include "finding/detection.h"

/* Rows on which two posts share an object that may be so far apart. */
static uint32_t shared_rows(const struct lks_detection *detection, uint32_t x, uint32_t y,
                            int64_t lag_us, uint32_t *rows_x, uint32_t *rows_y)
{
    const struct lks_chance *chance = detection->chance;
    const uint32_t *object = detection->events->object;
    uint32_t i = chance->post_event_first[x], j = chance->post_event_first[y], count = 0;
    while (i < chance->post_event_first[x + 1] && j < chance->post_event_first[y + 1]) {
        uint32_t row_x = chance->post_event[i], row_y = chance->post_event[j];
        if (object[row_x] < object[row_y]) {
            i++;
        } else if (object[row_x] > object[row_y]) {
            j++;
        } else {
            if (lag_us <= chance->object_reach_us[object[row_x]]) {
                rows_x[count] = row_x;
                rows_y[count++] = row_y;
            }
            i++;
            j++;
        }
    }
    return count;
}

int lks_detection_meetings(struct lks_detection *detection, uint32_t a, uint32_t b,
                           uint32_t window_index, int *is_a,
                           int (*visit)(void *context, const struct lks_meeting *meeting,
                                        struct lks_error *err),
                           void *context, struct lks_error *err)
{
    const struct lks_events *events = detection->events;
    const struct lks_chance *chance = detection->chance;
    uint32_t posts_a = chance->account_first[a + 1] - chance->account_first[a];
    uint32_t posts_b = chance->account_first[b + 1] - chance->account_first[b];
    int lighter_is_a = posts_a < posts_b;
    uint32_t lighter = lighter_is_a ? a : b, heavier = lighter_is_a ? b : a;
    uint32_t most = 0;
    int rc = 0;
    if (is_a)
        *is_a = lighter_is_a;
    for (uint32_t i = chance->account_first[lighter]; i < chance->account_first[lighter + 1]; i++) {
        uint32_t post = detection->account_post[i];
        uint32_t rows = chance->post_event_first[post + 1] - chance->post_event_first[post];
        most = rows > most ? rows : most;
    }
    uint32_t *rows = malloc(((size_t)most * 2 + 2) * sizeof *rows);
    if (!rows)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for an edge");
    /* Both rows rise in time, so the posts of the heavier one that are near enough move along. */
    int64_t window_us = chance->counts.windows_us[window_index];
    uint32_t low = chance->account_first[heavier], end = chance->account_first[heavier + 1];
    for (uint32_t i = chance->account_first[lighter];
         i < chance->account_first[lighter + 1] && rc == 0; i++) {
        uint32_t x = detection->account_post[i];
        int64_t x_us = events->post_time_us[x];
        while (low < end && x_us - events->post_time_us[detection->account_post[low]] > window_us)
            low++;
        for (uint32_t j = low; j < end && rc == 0; j++) {
            uint32_t y = detection->account_post[j];
            int64_t lag_us = x_us - events->post_time_us[y];
            if (-lag_us > window_us)
                break;
            lag_us = lag_us < 0 ? -lag_us : lag_us;
            uint32_t *rows_y = rows + most + 1;
            struct lks_meeting meeting = {.lag_us = lag_us,
                                          .post_a = lighter_is_a ? x : y,
                                          .post_b = lighter_is_a ? y : x,
                                          .rows_a = lighter_is_a ? rows : rows_y,
                                          .rows_b = lighter_is_a ? rows_y : rows};
            meeting.shared = shared_rows(detection, x, y, lag_us, rows, rows_y);
            if (meeting.shared)
                rc = visit(context, &meeting, err);
        }
    }
    free(rows);
    return rc;
}

enum { BLOCK_EDGES = 256 };

/* What one worker marks; nothing of it is shared. */
struct edge_marks {
    uint32_t *post, *object; /* stamps */
    uint8_t *matched;        /* [posts] 1 where the post has a partner over any edge */
    uint32_t epoch;
};

struct edge_job {
    struct lks_detection *detection;
    struct edge_marks *marks;
    struct lks_edge *edge;
    double lag_sum_us;
};

static int add_meeting(void *context, const struct lks_meeting *meeting, struct lks_error *err)
{
    (void)err;
    struct edge_job *job = context;
    const struct lks_events *events = job->detection->events;
    struct edge_marks *marks = job->marks;
    struct lks_edge *edge = job->edge;
    int64_t a_us = events->post_time_us[meeting->post_a];
    int64_t b_us = events->post_time_us[meeting->post_b];
    int64_t first_us = a_us < b_us ? a_us : b_us, last_us = a_us < b_us ? b_us : a_us;
    if (edge->pairs_count == 0 || first_us < edge->first_us)
        edge->first_us = first_us;
    if (edge->pairs_count == 0 || last_us > edge->last_us)
        edge->last_us = last_us;
    edge->pairs_count += meeting->shared;
    edge->a_first += a_us < b_us ? meeting->shared : 0;
    edge->b_first += b_us < a_us ? meeting->shared : 0;
    job->lag_sum_us += (double)meeting->lag_us * meeting->shared;
    edge->posts_a += marks->post[meeting->post_a] != marks->epoch;
    marks->post[meeting->post_a] = marks->epoch;
    edge->posts_b += marks->post[meeting->post_b] != marks->epoch;
    marks->post[meeting->post_b] = marks->epoch;
    marks->matched[meeting->post_a] = marks->matched[meeting->post_b] = 1;
    for (uint32_t i = 0; i < meeting->shared; i++) {
        uint32_t o = events->object[meeting->rows_a[i]];
        if (marks->object[o] == marks->epoch)
            continue;
        marks->object[o] = marks->epoch;
        edge->objects_count++;
        edge->kind_objects[events->object_kind[o]]++;
    }
    return 0;
}

struct edges_job {
    struct lks_detection *detection;
    struct edge_marks *marks; /* [workers] */
};

static int edges_task(void *context, size_t block, unsigned worker, struct lks_error *err)
{
    struct edges_job *all = context;
    struct lks_detection *detection = all->detection;
    size_t first = block * BLOCK_EDGES, end = first + BLOCK_EDGES;
    if (lks_cancelled(detection->control))
        return lks_error_set(err, LKS_ECANCELLED, "stopped");
    if (end > detection->edges_count)
        end = detection->edges_count;
    for (size_t i = first; i < end; i++) {
        struct edge_job job = {detection, &all->marks[worker], &detection->analysis->edges[i].edge,
                               0};
        job.marks->epoch++;
        int rc =
            lks_detection_meetings(detection, detection->edges[i].a, detection->edges[i].b,
                                   detection->edges[i].window_index, NULL, add_meeting, &job, err);
        if (rc)
            return rc;
        job.edge->lag_mean_us =
            job.edge->pairs_count ? job.lag_sum_us / (double)job.edge->pairs_count : 0;
    }
    return 0;
}

/* Which posts any worker saw matched, and how many each node has. */
static void count_matched(struct lks_detection *detection, const struct edge_marks *marks,
                          unsigned threads)
{
    struct lks_analysis *analysis = detection->analysis;
    const struct lks_chance *chance = detection->chance;
    uint8_t *matched = detection->marks.matched;
    for (uint32_t p = 0; p < detection->events->posts_count; p++) {
        for (unsigned t = 0; t < threads; t++)
            matched[p] |= marks[t].matched[p];
    }
    for (uint32_t v = 0; v < analysis->nodes_count; v++) {
        uint32_t account = analysis->node_account[v];
        for (uint32_t i = chance->account_first[account]; i < chance->account_first[account + 1];
             i++)
            analysis->nodes[v].matched_posts += matched[detection->account_post[i]];
    }
}

int lks_detection_edges(struct lks_detection *detection, struct lks_error *err)
{
    const struct lks_events *events = detection->events;
    size_t blocks = (detection->edges_count + BLOCK_EDGES - 1) / BLOCK_EDGES;
    unsigned threads = lks_threads_count(detection->control);
    threads = threads > blocks ? (blocks ? (unsigned)blocks : 1) : threads;
    struct edges_job job = {detection, calloc(threads, sizeof *job.marks)};
    int rc = job.marks ? 0 : LKS_EMEMORY;
    for (unsigned t = 0; t < threads && rc == 0; t++) {
        job.marks[t].post = calloc((size_t)events->posts_count + 1, 4);
        job.marks[t].object = calloc((size_t)events->objects_count + 1, 4);
        job.marks[t].matched = calloc((size_t)events->posts_count + 1, 1);
        if (!job.marks[t].post || !job.marks[t].object || !job.marks[t].matched)
            rc = LKS_EMEMORY;
    }
    if (rc)
        lks_error_set(err, rc, "out of memory for the edges");
    if (rc == 0)
        rc = lks_threads_run(threads, blocks, edges_task, &job, err);
    if (rc == 0)
        count_matched(detection, job.marks, threads);
    for (unsigned t = 0; t < threads && job.marks; t++) {
        free(job.marks[t].post);
        free(job.marks[t].object);
        free(job.marks[t].matched);
    }
    free(job.marks);
    return rc;
}
