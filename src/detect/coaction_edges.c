/* coaction_edges.c - edges of own mode on their way to a file
 *
 * The kernel gives edges in an order of its own, and in passes that depend on the memory; the
 * file's order must not. So they are kept, encoded, until all are known, sorted (coaction/edge_spill.h),
 * and written by several threads: each formats a stretch, and stretches are joined in order. */
#include "detect/coaction_edges.h"

#include <stdlib.h>

#include "base/progress.h"
#include "base/threads.h"
#include "store/parquet.h"

enum {
    NAME_COLUMNS = 12,
    COLUMNS = NAME_COLUMNS + LKS_OBJECT_KINDS_COUNT + 1,
    STRETCH_EDGES = 1024,
    SHARE = 8
};

static const char *const edge_names[COLUMNS] = {
    "account_a", "account_b", "occasions",   "objects",   "pairs", "posts_a", "posts_b",
    "a_first",   "b_first",   "lag_s",       "first",     "last",  "url",     "domain",
    "hashtag",   "mention",   "repost",      "reply",     "sound", "effect",  "text",
    "near_text", "media",     "hashtag_set", "score_bits"};
static const char *const edge_types[COLUMNS] = {
    "VARCHAR", "VARCHAR", "BIGINT", "BIGINT",      "BIGINT",      "BIGINT", "BIGINT",
    "BIGINT",  "BIGINT",  "DOUBLE", "TIMESTAMPTZ", "TIMESTAMPTZ", "BIGINT", "BIGINT",
    "BIGINT",  "BIGINT",  "BIGINT", "BIGINT",      "BIGINT",      "BIGINT", "BIGINT",
    "BIGINT",  "BIGINT",  "BIGINT", "DOUBLE"};

int lks_coaction_edges_open(struct lks_coaction_edges *edges, const char *path, int scored,
                            size_t files_count, const struct lks_coaction_data *data,
                            struct lks_coaction_means *means, struct lks_error *err)
{
    *edges = (struct lks_coaction_edges){.means = means, .data = data, .scored = scored};
    int code = lks_coaction_table_open(&edges->table, path, edge_names, edge_types,
                                       scored ? COLUMNS : COLUMNS - 1, err);
    if (code || !path)
        return code;
    if (edges->table.csv_path && means->budget.limit_bytes < LKS_PARQUET_BYTES_MIN)
        return lks_error_set(err, LKS_EMEMORY,
                             "%s: writing Parquet needs a memory limit of at least %d MB; CSV does "
                             "with less",
                             path, (LKS_PARQUET_BYTES_MIN >> 20) * 4 / 3 + 1);
    edges->share_bytes = means->budget.limit_bytes / (SHARE + files_count - 1);
    return lks_edge_spill_open(&edges->kept, edges->share_bytes, &means->budget, &means->spill,
                               err);
}

int lks_coaction_edges_put(struct lks_coaction_edges *edges, const struct lks_edge *edge,
                           size_t count, struct lks_error *err)
{
    return edges->table.open ? lks_edge_spill_put(&edges->kept, edge, count, err) : 0;
}

void lks_coaction_edges_reset(struct lks_coaction_edges *edges)
{
    if (edges->table.open)
        lks_edge_spill_reset(&edges->kept);
}

static void edge_format(const struct lks_coaction_data *data, int scored,
                        struct lks_coaction_table *table, const struct lks_edge *edge)
{
    char text[LKS_TIME_TEXT_BYTES];
    lks_coaction_table_text(table, data->accounts.names[edge->a]);
    lks_coaction_table_text(table, data->accounts.names[edge->b]);
    const uint64_t counts[7] = {edge->occasions_count, edge->objects_count, edge->pairs_count,
                                edge->posts_a,         edge->posts_b,       edge->a_first,
                                edge->b_first};
    for (int i = 0; i < 7; i++)
        lks_coaction_table_uint(table, counts[i]);
    lks_coaction_table_double(table, edge->lag_mean_us / 1e6);
    lks_time_format(edge->first_us, text);
    lks_coaction_table_text(table, lks_str_from(text));
    lks_time_format(edge->last_us, text);
    lks_coaction_table_text(table, lks_str_from(text));
    for (int kind = 0; kind < LKS_OBJECT_KINDS_COUNT; kind++)
        lks_coaction_table_uint(table, edge->kind_objects[kind]);
    if (scored)
        lks_coaction_table_double(table, edge->score / 16.0);
}

struct writing {
    const struct lks_coaction_data *data;
    int scored;
    struct lks_edge *edge;
    size_t edges_count;
    struct lks_coaction_table *part; /* a stretch each */
};

static int stretch_format(void *context, size_t index, unsigned worker, struct lks_error *err)
{
    struct writing *writing = context;
    size_t at = index * STRETCH_EDGES, end = at + STRETCH_EDGES;
    (void)worker;
    (void)err;
    for (; at < end && at < writing->edges_count; at++)
        edge_format(writing->data, writing->scored, &writing->part[index], &writing->edge[at]);
    return 0;
}

static int stretches_write(struct lks_coaction_edges *edges, struct writing *writing,
                           size_t stretches, struct lks_error *err)
{
    struct lks_meter meter;
    uint64_t done = 0;
    unsigned threads = edges->means->threads_count;
    lks_meter_start(&meter, edges->means->control, "write", "edges", edges->kept.edges_count);
    for (;;) {
        int code = lks_edge_spill_next(&edges->kept, writing->edge, stretches * STRETCH_EDGES,
                                       &writing->edges_count, err);
        if (code || !writing->edges_count)
            return code;
        size_t tasks = (writing->edges_count + STRETCH_EDGES - 1) / STRETCH_EDGES;
        code = lks_threads_run(threads, tasks, stretch_format, writing, err);
        for (size_t i = 0; code == 0 && i < tasks; i++)
            lks_coaction_table_join(&edges->table, &writing->part[i]);
        done += writing->edges_count;
        if (code == 0)
            code = lks_coaction_table_check(&edges->table, err);
        if (code == 0)
            code = lks_meter_at(&meter, done, err);
        if (code)
            return code;
    }
}

int lks_coaction_edges_write(struct lks_coaction_edges *edges, struct lks_error *err)
{
    struct writing writing = {.data = edges->data, .scored = edges->scored};
    struct lks_budget *budget = &edges->means->budget;
    size_t stretches = 2 * (size_t)edges->means->threads_count;
    if (!edges->table.open)
        return 0;
    int code = lks_budget_array(budget, &writing.edge, stretches * STRETCH_EDGES,
                                sizeof *writing.edge, err);
    if (code == 0)
        code = lks_budget_array(budget, &writing.part, stretches, sizeof *writing.part, err);
    for (size_t i = 0; code == 0 && i < stretches; i++)
        writing.part[i] = lks_coaction_table_part(&edges->table);
    if (code == 0)
        code = stretches_write(edges, &writing, stretches, err);
    for (size_t i = 0; writing.part && i < stretches; i++)
        lks_coaction_table_abandon(&writing.part[i]);
    lks_budget_free(budget, writing.part, stretches, sizeof *writing.part);
    lks_budget_free(budget, writing.edge, stretches * STRETCH_EDGES, sizeof *writing.edge);
    lks_edge_spill_close(&edges->kept);
    edges->table.memory_bytes = lks_budget_left(budget);
    return code ? code : lks_coaction_table_commit(&edges->table, err);
}

void lks_coaction_edges_close(struct lks_coaction_edges *edges)
{
    lks_edge_spill_close(&edges->kept);
    lks_coaction_table_abandon(&edges->table);
}
