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
 * Events are first pruned, exactly, on their way to disk; each pass reads them once, in order. How
 * many groups are enough is tried: a pass that does not fit fails when its rows are laid
 * out, or when its edges grow, and all begins again with more groups. */
#include "engine/coaction_within.h"

#include <stdlib.h>

#include "engine/coaction_sorted.h"

enum {
    SCAN_EVENT_BYTES = 56, /* about, of an event while it is scanned: to start with k */
    GROUPS_MAX = 96
};

static uint64_t left_bytes(const struct lks_coaction_means *means, uint64_t aside_bytes)
{
    uint64_t left = lks_budget_left(&means->budget);
    return left > aside_bytes ? left - aside_bytes : 1;
}

/* One pass: groups low < high of k. */
struct pass {
    uint32_t low, high, groups;
    const struct lks_coaction_taker *taker;
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

static int pass_put(void *context, const struct lks_edge *edges, size_t count,
                    struct lks_error *err)
{
    const struct pass *pass = context;
    size_t begin = 0;
    for (size_t i = 0; i <= count; i++) {
        if (i < count && pass_owns(pass, &edges[i]))
            continue;
        if (i > begin) {
            int code = pass->taker->put(pass->taker->context, edges + begin, i - begin, err);
            if (code)
                return code;
        }
        begin = i + 1;
    }
    return 0;
}

static void counts_add(struct lks_coaction_counts *counts, const struct lks_coaction_counts *more)
{
    counts->pairs_scanned += more->pairs_scanned;
    counts->edges_seen += more->edges_seen;
    counts->edges_kept += more->edges_kept;
}

static int pass_run(struct lks_coaction_data *data, const struct lks_coaction_options *options,
                    struct lks_coaction_means *means, uint64_t aside_bytes, struct pass *pass,
                    uint64_t count, struct lks_coaction_counts *counts, struct lks_error *err)
{
    struct lks_events events;
    struct lks_coaction_counts found = {0};
    int code =
        lks_coaction_sorted_take(data, count, pass_takes, pass, &means->budget, &events, err);
    if (code == 0) {
        struct lks_coaction_options limited = *options;
        struct lks_edge_sink sink = {pass_put, pass};
        limited.memory_bytes = left_bytes(means, aside_bytes);
        code = lks_coaction_scan(&events, &limited, means->control, &sink, &found, err);
    }
    lks_coaction_taken_free(&events, count, &means->budget);
    counts_add(counts, &found);
    return code;
}

/* All passes over `groups` groups; group_count[g] events are in group g. */
static int passes_run(struct lks_coaction_data *data, const struct lks_coaction_options *options,
                      struct lks_coaction_means *means, uint64_t aside_bytes, uint32_t groups,
                      const uint64_t *group_count, const struct lks_coaction_taker *taker,
                      struct lks_coaction_counts *counts, struct lks_error *err)
{
    for (uint32_t low = 0; low < groups; low++)
        for (uint32_t high = low + 1; high < groups; high++) {
            struct pass pass = {low, high, groups, taker};
            int code = pass_run(data, options, means, aside_bytes, &pass,
                                group_count[low] + group_count[high], counts, err);
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
    int more, code = lks_sorted_reader_open(&reader, &data->sorted, data->sorted_count,
                                            &means->budget, err);
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

/* Events are on disk: as few groups as fit. Two groups are all events at once. */
static int scan_sorted(struct lks_coaction_data *data, const struct lks_coaction_options *options,
                       struct lks_coaction_means *means, uint64_t aside_bytes,
                       const struct lks_coaction_taker *taker, struct lks_coaction_counts *counts,
                       struct lks_error *err)
{
    uint64_t group_count[GROUPS_MAX];
    uint64_t left = left_bytes(means, aside_bytes);
    uint64_t wanted = 2 * data->sorted_count * SCAN_EVENT_BYTES / left;
    uint32_t groups = wanted < 2 ? 2 : wanted > GROUPS_MAX ? GROUPS_MAX : (uint32_t)wanted;
    for (;;) {
        struct lks_error why = {0};
        *counts = (struct lks_coaction_counts){0};
        int code = groups_count(data, means, groups, group_count, &why);
        if (code == 0)
            code = passes_run(data, options, means, aside_bytes, groups, group_count, taker, counts,
                              &why);
        if (code == 0)
            return 0;
        if (code != LKS_EMEMORY || groups == GROUPS_MAX || options->min_score)
            return lks_error_set(err, code, "%s", why.message);
        taker->reset(taker->context);
        groups = groups + groups / 2 < GROUPS_MAX ? groups + groups / 2 : GROUPS_MAX;
    }
}

int lks_coaction_within(struct lks_coaction_data *data, const struct lks_coaction_options *options,
                        struct lks_coaction_means *means, uint64_t aside_bytes,
                        const struct lks_coaction_taker *taker, struct lks_coaction_counts *counts,
                        struct lks_error *err)
{
    if (!data->sorted_count) {
        struct lks_coaction_options limited = *options;
        struct lks_edge_sink sink = {taker->put, taker->context};
        struct lks_error why = {0};
        limited.memory_bytes = left_bytes(means, aside_bytes);
        int code = lks_coaction_scan(&data->events, &limited, means->control, &sink, counts, &why);
        /* A score weighs the events of all accounts: it is no matter of a pair alone. */
        if (code != LKS_EMEMORY || options->min_score)
            return code ? lks_error_set(err, code, "%s", why.message) : 0;
        taker->reset(taker->context);
    }
    int code = options->min_score ? 0 : lks_coaction_sorted_prune(data, options, means, err);
    if (code)
        return code;
    return scan_sorted(data, options, means, aside_bytes, taker, counts, err);
}
