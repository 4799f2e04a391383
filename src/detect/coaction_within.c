/* coaction_within.c - the co-action scan within a memory limit, in passes if need be
 *
 * All that is measured of a pair of accounts follows from the events of these two alone. So,
 * where the events do not fit, accounts are dealt out to k groups, and every two groups
 * make a pass: the kernel scans their events, and an edge is taken if its accounts are of
 * both groups (or of one, in the first pass that holds it). A pass holds 2/k of the events:
 *
 *     k = 4     0 1 2 3         passes 01 02 03 12 13 23
 *             0 . x x x         work: k (k - 1) / 2 passes, each 4 / k^2 of all pairs:
 *             1   . x x         less than twice the work, however many groups
 *             2     . x
 *             3       .
 *
 * A score asks a little of all events beside: that is found before, in streams, and lies
 * beside each event (coaction_crowd.c).
 *
 * Events are first pruned, exactly, on their way to disk; each pass reads them once, in order. How
 * many groups are enough is tried: a pass that does not fit fails when its rows are laid
 * out, or when its edges grow, and all begins again with more groups. */
#include "detect/coaction_within.h"

#include <stdlib.h>
#include <string.h>

#include "detect/coaction_crowd.h"

enum {
    SCAN_EVENT_BYTES = 56, /* about, of an event while it is scanned: to start with k */
    GROUPS_MAX = 96
};

static uint64_t left_bytes(const struct lks_coaction_means *means, uint64_t aside_bytes)
{
    uint64_t left = lks_budget_left(&means->budget);
    return left > aside_bytes ? left - aside_bytes : 1;
}

/* What is scanned for, and how. */
struct scanning {
    struct lks_coaction_data *data;
    const struct lks_coaction_options *options; /* [options_count] */
    size_t options_count;
    struct lks_coaction_options widest; /* what any of them could keep */
    struct lks_coaction_means *means;
    struct lks_crowd_store crowd; /* filled where a score is asked for and events are on disk */
    uint64_t aside_bytes;
    const struct lks_coaction_taker *taker;
    struct lks_coaction_counts *counts; /* [options_count] */
};

/* One pass: groups low < high of k. */
struct pass {
    uint32_t low, high, groups;
};

/* Where the edges of one window go; in a pass, those that it owns. */
struct taking {
    const struct lks_coaction_taker *taker;
    const struct pass *pass; /* NULL: all are taken */
    size_t window;
};

static int pass_takes(const void *context, uint32_t account)
{
    const struct pass *pass = context;
    uint32_t group = account % pass->groups;
    return group == pass->low || group == pass->high;
}

/* Edges inside group g belong to pass (0, 1) for g < 2, else to (0, g). */
static int pass_owns(const struct pass *pass, const struct lks_edge *edge)
{
    uint32_t a = edge->a % pass->groups, b = edge->b % pass->groups;
    if (a != b)
        return 1;
    return pass->low == 0 && (pass->high == 1 || a == pass->high);
}

static int taking_put(void *context, const struct lks_edge *edges, size_t count,
                      struct lks_error *err)
{
    const struct taking *taking = context;
    const struct lks_coaction_taker *taker = taking->taker;
    size_t begin = 0;
    if (!taking->pass)
        return taker->put(taker->context, taking->window, edges, count, err);
    for (size_t i = 0; i <= count; i++) {
        if (i < count && pass_owns(taking->pass, &edges[i]))
            continue;
        if (i > begin) {
            int code = taker->put(taker->context, taking->window, edges + begin, i - begin, err);
            if (code)
                return code;
        }
        begin = i + 1;
    }
    return 0;
}

/* Scans events with every window, within what memory is left, and adds up what was counted. */
static int events_scan(struct scanning *s, const struct lks_events *events,
                       const struct lks_coaction_crowd *crowd, const struct pass *pass,
                       struct lks_error *err)
{
    struct lks_coaction_options limited[LKS_WINDOWS_ASKED_MAX];
    struct lks_coaction_counts found[LKS_WINDOWS_ASKED_MAX] = {{0}};
    struct lks_edge_sink sinks[LKS_WINDOWS_ASKED_MAX];
    struct taking takings[LKS_WINDOWS_ASKED_MAX];
    for (size_t w = 0; w < s->options_count; w++) {
        takings[w] = (struct taking){s->taker, pass, w};
        sinks[w] = (struct lks_edge_sink){taking_put, &takings[w]};
        limited[w] = s->options[w];
        limited[w].crowd = crowd;
        limited[w].memory_bytes = left_bytes(s->means, s->aside_bytes);
    }
    int code = lks_coaction_scan_windows(events, limited, s->options_count, s->means->control,
                                         sinks, found, err);
    for (size_t w = 0; w < s->options_count; w++) {
        s->counts[w].events_alone += found[w].events_alone;
        s->counts[w].events_pruned += found[w].events_pruned;
        s->counts[w].pairs_scanned += found[w].pairs_scanned;
        s->counts[w].edges_seen += found[w].edges_seen;
        s->counts[w].edges_kept += found[w].edges_kept;
    }
    return code;
}

/* `count` events are of the pass. */
static int pass_run(struct scanning *s, const struct pass *pass, uint64_t count,
                    struct lks_error *err)
{
    struct lks_coaction_taken taken = {0};
    struct lks_crowd_taken crowd = {0};
    struct lks_budget *budget = &s->means->budget;
    int scored = s->widest.min_score > 0;
    int code = lks_coaction_sorted_take(s->data, count, pass_takes, pass, budget, &taken, err);
    if (code == 0 && scored)
        code = lks_crowd_take(&s->crowd, &taken, pass_takes, pass, budget, &crowd, err);
    if (code == 0)
        code = events_scan(s, &taken.events, scored ? &crowd.crowd : NULL, pass, err);
    lks_crowd_taken_free(&crowd, budget);
    lks_coaction_taken_free(&taken, budget);
    return code;
}

/* All passes over `groups` groups; group_count[g] events are in group g. */
static int passes_run(struct scanning *s, uint32_t groups, const uint64_t *group_count,
                      struct lks_error *err)
{
    for (uint32_t low = 0; low < groups; low++)
        for (uint32_t high = low + 1; high < groups; high++) {
            const struct pass pass = {low, high, groups};
            int code = pass_run(s, &pass, group_count[low] + group_count[high], err);
            if (code)
                return code;
        }
    return 0;
}

static int groups_count(const struct lks_coaction_data *data, struct lks_coaction_means *means,
                        uint32_t groups, uint64_t *group_count, struct lks_error *err)
{
    struct lks_sorted_reader reader = {0};
    struct lks_sorted_event event = {0};
    int more, code = lks_sorted_reader_open(&reader, data, &means->budget, err);
    for (uint32_t g = 0; g < groups; g++)
        group_count[g] = 0;
    while (code == 0 && (more = lks_sorted_reader_next(&reader, &event, err)) != 0) {
        if (more < 0)
            code = more;
        else
            group_count[event.account % groups]++;
    }
    lks_sorted_reader_close(&reader);
    return code;
}

static void begin_anew(struct scanning *s)
{
    memset(s->counts, 0, s->options_count * sizeof *s->counts);
}

/* Events are on disk: as few groups as fit. Two groups are all events at once. */
static int scan_sorted(struct scanning *s, struct lks_error *err)
{
    uint64_t group_count[GROUPS_MAX];
    uint64_t left = left_bytes(s->means, s->aside_bytes);
    uint64_t wanted = 2 * s->data->sorted_count * SCAN_EVENT_BYTES / left;
    uint32_t groups = wanted < 2 ? 2 : wanted > GROUPS_MAX ? GROUPS_MAX : (uint32_t)wanted;
    for (;;) {
        struct lks_error why = {0};
        begin_anew(s);
        int code = groups_count(s->data, s->means, groups, group_count, &why);
        if (code == 0)
            code = passes_run(s, groups, group_count, &why);
        if (code == 0)
            return 0;
        if (code != LKS_EMEMORY || groups == GROUPS_MAX)
            return lks_error_set(err, code, "%s", why.message);
        s->taker->reset(s->taker->context);
        groups = groups + groups / 2 < GROUPS_MAX ? groups + groups / 2 : GROUPS_MAX;
    }
}

/* What any window could keep; all have the same minima. */
static void widest_find(struct scanning *s)
{
    s->widest = s->options[0];
    for (size_t w = 1; w < s->options_count; w++)
        for (int kind = 0; kind < LKS_OBJECT_KINDS_COUNT; kind++)
            if (s->widest.window_us[kind] < s->options[w].window_us[kind])
                s->widest.window_us[kind] = s->options[w].window_us[kind];
}

int lks_coaction_within(struct lks_coaction_data *data, const struct lks_coaction_options *options,
                        size_t options_count, struct lks_coaction_means *means,
                        uint64_t aside_bytes, const struct lks_coaction_taker *taker,
                        struct lks_coaction_counts *counts, struct lks_error *err)
{
    struct scanning s = {.data = data,
                         .options = options,
                         .options_count = options_count,
                         .means = means,
                         .aside_bytes = aside_bytes,
                         .taker = taker,
                         .counts = counts};
    LKS_ASSERT(options_count >= 1 && options_count <= LKS_WINDOWS_ASKED_MAX);
    widest_find(&s);
    begin_anew(&s);
    if (!data->sorted_count) {
        struct lks_error why = {0};
        int code = events_scan(&s, &data->events, NULL, NULL, &why);
        if (code != LKS_EMEMORY)
            return code ? lks_error_set(err, code, "%s", why.message) : 0;
        taker->reset(taker->context);
    }
    int code = s.widest.min_score
                   ? lks_crowd_store_make(&s.crowd, data, options, options_count, means, err)
                   : lks_coaction_sorted_prune(data, &s.widest, means, err);
    if (code == 0)
        code = scan_sorted(&s, err);
    lks_crowd_store_free(&s.crowd, means);
    return code;
}
