/* evidence.c - what a finding rests on: its posts, objects, layers and times
 *
 * One walk over the meetings of the edges inside the group marks the posts and the rows of
 * the events that took part, and keeps for each edge the closest meeting of each post. The
 * evidence is then taken from the edges in turn, closest first, so that no edge fills it. */
#include <stdlib.h>
#include <string.h>

#include "base/threads.h"
#include "finding/detection.h"
#include "stat/multiple.h"

enum { EVIDENCE_MAX = 200, OBJECTS_MAX = 20 };

struct candidate {
    uint32_t edge; /* which edge of the finding, in the order of its strength */
    uint32_t turn; /* which of that edge's meetings, closest first */
    uint32_t post_a, post_b, object;
    int64_t lag_us;
};

struct list {
    void *items;
    size_t count, capacity;
};

struct evidence_job {
    struct lks_detection *detection;
    struct lks_finding *finding;
    struct lks_measures *measures;
    struct list rows;         /* uint32_t events rows that took part */
    struct list nearest;      /* int64_t lag of the closest partner, once a post and edge */
    struct list candidates;   /* struct candidate of the whole finding */
    struct candidate closest; /* of the post at hand */
    uint32_t edge, lighter_post;
    int lighter_is_a;
};

static int list_add(struct list *list, const void *item, size_t item_bytes, struct lks_error *err)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 256;
        void *items = realloc(list->items, capacity * item_bytes);
        if (!items)
            return lks_error_set(err, LKS_EMEMORY, "out of memory for the evidence");
        list->items = items;
        list->capacity = capacity;
    }
    memcpy((char *)list->items + list->count++ * item_bytes, item, item_bytes);
    return 0;
}

/* Puts away the closest meeting of the post that was at hand. */
static int close_post(struct evidence_job *job, struct lks_error *err)
{
    if (job->lighter_post == UINT32_MAX)
        return 0;
    job->lighter_post = UINT32_MAX;
    job->measures->nearest_count++;
    job->measures->nearest_minute += job->closest.lag_us <= LKS_MINUTE_US;
    int rc = list_add(&job->nearest, &job->closest.lag_us, sizeof job->closest.lag_us, err);
    return rc ? rc : list_add(&job->candidates, &job->closest, sizeof job->closest, err);
}

/* Marks one of the two posts of a meeting and what it shares. */
static int mark_post(struct evidence_job *job, uint32_t post, const uint32_t *rows, uint32_t count,
                     struct lks_error *err)
{
    struct lks_detection *detection = job->detection;
    struct lks_marks *marks = &detection->marks;
    int64_t time_us = detection->events->post_time_us[post];
    uint32_t h = detection->chance->stratum_span[detection->chance->post_stratum[post]];
    if (marks->post[post] != marks->epoch) {
        if (job->finding->posts_count == 0 || time_us < job->finding->first_us)
            job->finding->first_us = time_us;
        if (job->finding->posts_count == 0 || time_us > job->finding->last_us)
            job->finding->last_us = time_us;
        job->finding->posts_count++;
        marks->post[post] = marks->epoch;
        detection->analysis->post_finding[post] =
            (uint32_t)(job->finding - detection->analysis->findings);
    }
    if (marks->stratum[h] != marks->epoch) {
        marks->stratum[h] = marks->epoch;
        job->measures->strata_count++;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (marks->row[rows[i]] == marks->epoch)
            continue;
        marks->row[rows[i]] = marks->epoch;
        int rc = list_add(&job->rows, &rows[i], sizeof rows[i], err);
        if (rc)
            return rc;
    }
    return 0;
}

static int take_meeting(void *context, const struct lks_meeting *meeting, struct lks_error *err)
{
    struct evidence_job *job = context;
    const struct lks_detection *detection = job->detection;
    uint32_t post = job->lighter_is_a ? meeting->post_a : meeting->post_b;
    int rc = post != job->lighter_post ? close_post(job, err) : 0;
    job->finding->matches_total++;
    if (rc == 0)
        rc = mark_post(job, meeting->post_a, meeting->rows_a, meeting->shared, err);
    if (rc == 0)
        rc = mark_post(job, meeting->post_b, meeting->rows_b, meeting->shared, err);
    if (rc)
        return rc;
    if (job->lighter_post == UINT32_MAX || meeting->lag_us < job->closest.lag_us) {
        /* The object that fewest accounts use says most. */
        uint32_t rarest = detection->events->object[meeting->rows_a[0]];
        for (uint32_t i = 1; i < meeting->shared; i++) {
            uint32_t o = detection->events->object[meeting->rows_a[i]];
            if (detection->object_users[o] < detection->object_users[rarest])
                rarest = o;
        }
        job->closest = (struct candidate){job->edge,       0,      meeting->post_a,
                                          meeting->post_b, rarest, meeting->lag_us};
    }
    job->lighter_post = post;
    return 0;
}

static int compare_closest(const void *left, const void *right)
{
    const struct candidate *x = left, *y = right;
    if (x->lag_us != y->lag_us)
        return x->lag_us < y->lag_us ? -1 : 1;
    if (x->post_a != y->post_a)
        return x->post_a < y->post_a ? -1 : 1;
    return x->post_b < y->post_b ? -1 : x->post_b > y->post_b;
}

static int compare_turns(const void *left, const void *right)
{
    const struct candidate *x = left, *y = right;
    if (x->turn != y->turn)
        return x->turn < y->turn ? -1 : 1;
    return x->edge < y->edge ? -1 : x->edge > y->edge;
}

static int compare_rows(const void *left, const void *right)
{
    uint32_t x = *(const uint32_t *)left, y = *(const uint32_t *)right;
    return x < y ? -1 : x > y;
}

static int compare_objects(const void *left, const void *right)
{
    const struct lks_result_object *x = left, *y = right;
    if (x->accounts_count != y->accounts_count)
        return x->accounts_count > y->accounts_count ? -1 : 1;
    if (x->uses_count != y->uses_count)
        return x->uses_count > y->uses_count ? -1 : 1;
    return x->object_id < y->object_id ? -1 : x->object_id > y->object_id;
}

/* Families of kinds that tell of the same act: a link and its domain are one layer. */
static unsigned family_of(enum lks_object_kind kind)
{
    switch (kind) {
    case LKS_OBJECT_DOMAIN:
        return LKS_OBJECT_URL;
    case LKS_OBJECT_HASHTAG_SET:
        return LKS_OBJECT_HASHTAG;
    case LKS_OBJECT_NEAR_TEXT:
        return LKS_OBJECT_TEXT;
    default:
        return kind;
    }
}

/* What two people rarely make alike by themselves, unlike a tag or a post that they answer. */
static int is_content(enum lks_object_kind kind)
{
    return kind == LKS_OBJECT_TEXT || kind == LKS_OBJECT_NEAR_TEXT || kind == LKS_OBJECT_MEDIA ||
           kind == LKS_OBJECT_URL || kind == LKS_OBJECT_HASHTAG_SET;
}

/* How many of the shared texts are near texts too: one thing told twice, which must not make
 * what a group shares look more varied than it is. rows are sorted, so an object's stand together. */
static uint32_t texts_told_twice(const struct lks_detection *detection, struct lks_marks *marks,
                                 const uint32_t *rows, size_t count)
{
    const struct lks_events *events = detection->events;
    uint32_t twice = 0;
    marks->epoch++;
    for (size_t i = 0; i < count; i++)
        if (events->object_kind[events->object[rows[i]]] == LKS_OBJECT_NEAR_TEXT)
            marks->post[events->post[rows[i]]] = marks->epoch;
    for (size_t i = 0; i < count; i++) {
        uint32_t o = events->object[rows[i]];
        if ((i == 0 || events->object[rows[i - 1]] != o) &&
            events->object_kind[o] == LKS_OBJECT_TEXT)
            twice += marks->post[events->post[rows[i]]] == marks->epoch;
    }
    return twice;
}

/* From the rows that took part: the objects, the layers, and what is measured on them. */
static int fill_objects(struct evidence_job *job, struct lks_error *err)
{
    struct lks_detection *detection = job->detection;
    const struct lks_events *events = detection->events;
    struct lks_marks *marks = &detection->marks;
    struct lks_finding *finding = job->finding;
    struct lks_measures *measures = job->measures;
    uint32_t *rows = job->rows.items;
    unsigned families = 0;
    size_t objects = 0;
    if (job->rows.count)
        qsort(rows, job->rows.count, sizeof *rows, compare_rows);
    struct lks_result_object *all = malloc((job->rows.count + 1) * sizeof *all);
    if (!all)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for the evidence");
    measures->narrowest_share = 1;
    for (size_t first = 0, end; first < job->rows.count; first = end) {
        uint32_t o = events->object[rows[first]], accounts = 0;
        marks->epoch++; /* posts and rows are no longer needed */
        for (end = first; end < job->rows.count && events->object[rows[end]] == o; end++) {
            uint32_t account = events->account[rows[end]];
            accounts += marks->account[account] != marks->epoch;
            marks->account[account] = marks->epoch;
        }
        enum lks_object_kind kind = events->object_kind[o];
        double share = (double)detection->object_users[o] / events->accounts_count;
        all[objects++] = (struct lks_result_object){.kind = kind,
                                                    .accounts_count = accounts,
                                                    .uses_count = (uint32_t)(end - first),
                                                    .object_id = o};
        finding->kind_objects[kind]++;
        measures->contents_count += is_content(kind);
        families |= 1u << family_of(kind);
        if (share > measures->widest_share)
            measures->widest_share = share;
        if (share < measures->narrowest_share)
            measures->narrowest_share = share;
        if (end - first > measures->top_object_posts) {
            measures->top_object_posts = (uint32_t)(end - first);
            measures->top_object_users = detection->object_users[o];
        }
    }
    measures->contents_count -= texts_told_twice(detection, marks, rows, job->rows.count);
    marks->epoch++;
    for (size_t i = 0; i < job->rows.count; i++) {
        uint32_t post = events->post[rows[i]];
        unsigned family = family_of(events->object_kind[events->object[rows[i]]]);
        if (family == LKS_OBJECT_URL && marks->post[post] != marks->epoch) {
            marks->post[post] = marks->epoch;
            measures->posts_linked++;
        }
    }
    for (; families; families &= families - 1)
        measures->layers_count++;
    qsort(all, objects, sizeof *all, compare_objects);
    finding->objects_count = objects < OBJECTS_MAX ? (uint32_t)objects : OBJECTS_MAX;
    finding->objects =
        lks_arena_calloc(&detection->analysis->arena, finding->objects_count + 1u, sizeof *all);
    if (finding->objects)
        memcpy(finding->objects, all, finding->objects_count * sizeof *all);
    free(all);
    return finding->objects ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory for the evidence");
}

/* Evidence from the edges in turn. post_a and post_b are posts of the events here. */
static int fill_matches(struct evidence_job *job, struct lks_error *err)
{
    struct lks_detection *detection = job->detection;
    struct lks_finding *finding = job->finding;
    struct candidate *candidates = job->candidates.items;
    size_t count = job->candidates.count;
    if (count)
        qsort(candidates, count, sizeof *candidates, compare_turns);
    finding->matches_count = count < EVIDENCE_MAX ? (uint32_t)count : EVIDENCE_MAX;
    finding->matches = lks_arena_calloc(&detection->analysis->arena, finding->matches_count + 1u,
                                        sizeof *finding->matches);
    if (!finding->matches)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for the evidence");
    for (uint32_t i = 0; i < finding->matches_count; i++)
        finding->matches[i] =
            (struct lks_result_match){.post_a = candidates[i].post_a,
                                      .post_b = candidates[i].post_b,
                                      .kind = detection->events->object_kind[candidates[i].object],
                                      .lag_us = candidates[i].lag_us,
                                      .object_id = candidates[i].object};
    return 0;
}

/* One edge: its meetings, then its candidates in order, no more than can be shown. */
static int take_edge(struct evidence_job *job, const struct lks_chance_edge *edge,
                     struct lks_error *err)
{
    size_t before = job->candidates.count;
    job->lighter_post = UINT32_MAX;
    struct lks_detection *detection = job->detection;
    int rc = lks_detection_meetings(detection, edge->a, edge->b, edge->window_index,
                                    &job->lighter_is_a, take_meeting, job, err);
    if (rc == 0)
        rc = close_post(job, err);
    if (rc)
        return rc;
    struct candidate *own = (struct candidate *)job->candidates.items + before;
    size_t count = job->candidates.count - before;
    if (count)
        qsort(own, count, sizeof *own, compare_closest);
    if (count > EVIDENCE_MAX)
        count = EVIDENCE_MAX;
    for (size_t i = 0; i < count; i++)
        own[i].turn = (uint32_t)i;
    /* Every edge has a first turn, so that those after EVIDENCE_MAX edges are never reached. */
    job->candidates.count = job->edge < EVIDENCE_MAX ? before + count : before;
    return lks_cancelled(detection->control) ? lks_error_set(err, LKS_ECANCELLED, "stopped") : 0;
}

struct edge_order {
    double log10_p;
    size_t index;
};

static int compare_order(const void *left, const void *right)
{
    const struct edge_order *x = left, *y = right;
    if (x->log10_p != y->log10_p)
        return x->log10_p < y->log10_p ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

int lks_detection_evidence(struct lks_detection *detection, uint32_t f,
                           struct lks_measures *measures, struct lks_error *err)
{
    struct lks_finding *finding = &detection->analysis->findings[f];
    struct evidence_job job = {.detection = detection, .finding = finding, .measures = measures};
    uint64_t first = detection->edge_first[f];
    size_t count = (size_t)(detection->edge_first[f + 1] - first);
    struct edge_order *order = malloc((count + 1) * sizeof *order);
    int rc = order ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory for the evidence");
    for (size_t i = 0; i < count && rc == 0; i++) {
        size_t edge = (size_t)detection->edge[first + i];
        order[i] = (struct edge_order){detection->edges[edge].log10_p, edge};
    }
    if (rc == 0 && count)
        qsort(order, count, sizeof *order, compare_order);
    detection->marks.epoch++;
    for (size_t i = 0; i < count && rc == 0; i++) {
        job.edge = (uint32_t)i;
        rc = take_edge(&job, &detection->edges[order[i].index], err);
    }
    if (rc == 0)
        rc = fill_objects(&job, err);
    if (rc == 0)
        rc = fill_matches(&job, err);
    if (rc == 0)
        finding->lag_median_us = (double)lks_median(job.nearest.items, job.nearest.count);
    free(order);
    free(job.rows.items);
    free(job.nearest.items);
    free(job.candidates.items);
    return rc;
}
