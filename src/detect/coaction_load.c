/* coaction_load.c - files to events, without a case, within a memory limit
 *
 * Batches arrive parsed, in file order. Here accounts get ids by their names, objects by
 * hashes, and the rest goes into dense columns (load_rows.h). Names lie anywhere in memory, so
 * hashes are made for a whole batch first and the places that they point to are fetched some
 * rows ahead.
 *
 * As soon as it shows that columns, or the events made of them, will not fit into the limit, all
 * rows go to disk and are sorted there (load_spilled.c). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/threads.h"
#include "detect/coaction_parts.h"
#include "detect/load_objects.h"
#include "detect/load_rows.h"
#include "detect/load_spilled.h"
#include "source/source.h"
#include "store/parquet.h"

enum {
    AHEAD = 12,
    EVENT_BYTES = 20, /* of a sorted event */
    /* Of the limit, while rows are on their way to disk: both sorts, the rows of a while. */
    SORTS_SHARE = 4,
    ROWS_SHARE = 16
};

struct loading {
    struct lks_coaction_means *means;
    struct lks_coaction_data *data;
    struct lks_load_rows rows;
    struct lks_load_objects objects;
    struct lks_load_spilled spilled;
    uint64_t key[2];      /* of the posts' hashes */
    uint64_t names_bytes; /* charged */
    /* Of the batch at hand. */
    uint32_t *account_hash;
    struct lks_hash128 *object_hash;
    size_t account_hash_capacity, object_hash_capacity;
};

/* Whether the rows, or the events made of them, have outgrown the limit: while events are made
 * of rows, 16 bytes an event stand beside them. */
static int outgrown(const struct loading *loading, size_t more_bytes)
{
    const struct lks_budget *budget = &loading->means->budget;
    uint64_t used = atomic_load(&budget->used_bytes);
    uint64_t later = (uint64_t)loading->rows.objects_count * 16 +
                     (uint64_t)loading->objects.count * 4 + more_bytes;
    return used + later > budget->limit_bytes;
}

/* Said before the disk is taken: 28 bytes a post, and 20 an action twice, while it is sorted. */
static void spill_tell(const struct loading *loading)
{
    const struct lks_coaction_means *means = loading->means;
    char text[400];
    snprintf(text, sizeof text,
             "the events do not fit into the memory limit of %llu MB: they are sorted in "
             "temporary files in %s, some %d MB for each million posts",
             (unsigned long long)(means->budget.limit_bytes / 1000000), means->spill.folder, 68);
    if (means->control->notice)
        means->control->notice(means->control->context, text);
}

static int spill(struct loading *loading, struct lks_error *err)
{
    return lks_load_spilled_take(&loading->spilled, &loading->rows,
                                 loading->means->budget.limit_bytes / SORTS_SHARE,
                                 &loading->means->spill, err);
}

/* Makes room for a batch's rows, on disk if need be. */
static int batch_room(struct loading *loading, const struct lks_batch *batch, int with_micros,
                      struct lks_error *err)
{
    struct lks_load_rows *rows = &loading->rows;
    const uint64_t limit = loading->means->budget.limit_bytes;
    size_t more = batch->posts_count * 26 + batch->actions_count * 24;
    int code = 0;
    if (loading->spilled.open) {
        if (rows->count * 22 + rows->objects_count * 4 > limit / ROWS_SHARE)
            code = spill(loading, err);
    } else if (rows->count && outgrown(loading, more + rows->count * 3)) {
        /* The columns are freed first: the sorts take their place. */
        struct lks_load_rows taken = *rows;
        spill_tell(loading);
        *rows = (struct lks_load_rows){.budget = taken.budget};
        code = lks_load_spilled_take(&loading->spilled, &taken, limit / SORTS_SHARE,
                                     &loading->means->spill, err);
        lks_load_rows_free(&taken);
    }
    if (code == 0)
        code =
            lks_load_rows_reserve(rows, batch->posts_count, batch->actions_count, with_micros, err);
    return code;
}

static int hashes_make(struct loading *loading, const struct lks_batch *batch,
                       struct lks_error *err)
{
    struct lks_budget *budget = &loading->means->budget;
    int code = lks_budget_grow(budget, &loading->account_hash, &loading->account_hash_capacity,
                               batch->posts_count, sizeof *loading->account_hash, err);
    if (code == 0)
        code = lks_budget_grow(budget, &loading->object_hash, &loading->object_hash_capacity,
                               batch->actions_count, sizeof *loading->object_hash, err);
    for (size_t i = 0; code == 0 && i < batch->posts_count; i++)
        loading->account_hash[i] = lks_intern_hash(batch->posts[i].account_key);
    for (size_t i = 0; code == 0 && i < batch->actions_count; i++)
        loading->object_hash[i] = lks_load_objects_hash(&loading->objects, batch->actions[i].kind,
                                                        batch->actions[i].object);
    return code;
}

/* Has the places fetched that a later row will look at. */
static void fetch_ahead(struct loading *loading, const struct lks_batch *batch, size_t post)
{
    if (post >= batch->posts_count)
        return;
    const struct lks_post *ahead = &batch->posts[post];
    lks_intern_prefetch(&loading->data->accounts, loading->account_hash[post]);
    for (uint32_t i = 0; i < ahead->actions_count && i < 4; i++)
        lks_load_objects_prefetch(&loading->objects,
                                  loading->object_hash[ahead->actions_first + i]);
}

static int post_take(struct loading *loading, const struct lks_batch *batch, size_t index,
                     struct lks_error *err)
{
    const struct lks_post *post = &batch->posts[index];
    struct lks_coaction_data *data = loading->data;
    struct lks_load_rows *rows = &loading->rows;
    uint32_t account = lks_intern_add_hashed(&data->accounts, post->account_key,
                                             loading->account_hash[index], NULL);
    if (account == LKS_INTERN_NONE)
        return lks_error_set(err, LKS_EMEMORY, "out of memory while reading");
    if (post->time_us < 0 || post->time_us / LKS_SECOND_US > (int64_t)UINT32_MAX)
        return lks_error_set(err, LKS_EINPUT, "a post's time lies outside 1970 to 2106");
    if (data->events.time_precision < post->time_precision)
        data->events.time_precision = post->time_precision;
    lks_load_rows_add(rows, account, post->time_us, lks_siphash128(loading->key, post->post_key),
                      (uint16_t)post->actions_count);
    for (uint32_t i = 0; i < post->actions_count; i++) {
        size_t at = post->actions_first + i;
        int code = lks_load_objects_add(&loading->objects, loading->object_hash[at],
                                        batch->actions[at].kind,
                                        &rows->object[rows->objects_count++], err);
        if (code)
            return code;
    }
    return 0;
}

/* Names are counted once the batch is in: a batch is small. */
static int names_charge(struct loading *loading, struct lks_error *err)
{
    uint64_t bytes = lks_intern_bytes(&loading->data->accounts);
    int code = 0;
    if (bytes > loading->names_bytes) {
        code = lks_budget_charge(&loading->means->budget, bytes - loading->names_bytes, err);
        if (code == 0)
            loading->names_bytes = bytes;
    }
    return code;
}

static int batch_take(void *context, const struct lks_batch *batch, struct lks_error *err)
{
    struct loading *loading = context;
    int with_micros = 0, code;
    for (size_t i = 0; i < batch->posts_count && !with_micros; i++)
        with_micros = batch->posts[i].time_us % LKS_SECOND_US != 0;
    if ((code = batch_room(loading, batch, with_micros, err)) ||
        (code = hashes_make(loading, batch, err)))
        return code;
    for (size_t i = 0; i < AHEAD; i++)
        fetch_ahead(loading, batch, i);
    for (size_t i = 0; i < batch->posts_count; i++) {
        fetch_ahead(loading, batch, i + AHEAD);
        if ((code = post_take(loading, batch, i, err)))
            return code;
    }
    return names_charge(loading, err);
}

/* DuckDB's own limit is counted in. */
static int parquet_read(const char *path, const struct lks_source_options *options,
                        const struct lks_control *control, struct loading *loading,
                        struct lks_error *err)
{
    struct lks_control limited = control ? *control : (struct lks_control){0};
    struct lks_budget *budget = &loading->means->budget;
    uint64_t quarter = budget->limit_bytes / 4, rows = 0;
    limited.memory_bytes = quarter > LKS_PARQUET_BYTES_MIN ? quarter : LKS_PARQUET_BYTES_MIN;
    if (limited.memory_bytes > UINT64_C(1) << 30)
        limited.memory_bytes = UINT64_C(1) << 30;
    int code = lks_budget_charge(budget, limited.memory_bytes, err);
    if (code)
        return code;
    code = lks_parquet_read(path, options->mapping, &limited, batch_take, loading, &rows, err);
    lks_budget_release(budget, limited.memory_bytes);
    loading->data->rows_count += rows;
    return code;
}

static int file_read(const char *path, const struct lks_source_options *options,
                     const struct lks_control *control, struct loading *loading,
                     struct lks_error *err)
{
    struct lks_coaction_data *data = loading->data;
    struct lks_source_summary summary = {0};
    if (lks_parquet_recognise(path)) {
        if (!options->mapping)
            return lks_error_set(err, LKS_EARGUMENT,
                                 "%s is Parquet: name its columns by a mapping, as in "
                                 "account=author,time=t,post=id,url=link",
                                 path);
        return parquet_read(path, options, control, loading, err);
    }
    int code = lks_source_read(path, options, control, batch_take, loading, &summary, err);
    data->rows_count += summary.rows_count;
    data->rejects_count += summary.rejects_count;
    data->ignored_count += summary.ignored_count;
    data->synthetic |= summary.synthetic;
    return code;
}

/* What is read becomes events, in memory or on disk. */
static int events_make(struct loading *loading, struct lks_error *err)
{
    struct lks_coaction_data *data = loading->data;
    struct lks_load_counts counts = {0};
    uint32_t objects_count = loading->objects.count;
    int code;
    data->events.accounts_count = data->accounts.count;
    data->events.objects_count = objects_count;
    data->events.object_kind = loading->objects.kind;
    data->charged_bytes = loading->names_bytes + loading->objects.kind_capacity;
    loading->objects.kind = NULL;
    lks_load_objects_free(&loading->objects);
    if (loading->spilled.open) {
        code = spill(loading, err);
        lks_load_rows_free(&loading->rows);
        return code ? code : lks_load_spilled_finish(&loading->spilled, loading->means, data, err);
    }
    code = lks_load_rows_events(&loading->rows, objects_count, loading->means->threads_count,
                                &data->events, &counts, err);
    data->posts_count = data->events.posts_count = counts.posts;
    data->merged_count = counts.merged;
    data->duplicates_count = counts.duplicates;
    data->events_bytes = counts.charged_bytes;
    data->events_count = data->events.count;
    return code;
}

static int loading_start(struct loading *loading, struct lks_error *err)
{
    int code = lks_load_objects_start(&loading->objects, &loading->means->budget, err);
    if (code)
        return code;
    /* One draw serves both: keys of posts and of objects never meet in one table. */
    loading->key[0] = loading->objects.key[0] ^ UINT64_C(0x9e3779b97f4a7c15);
    loading->key[1] = loading->objects.key[1];
    loading->rows.budget = &loading->means->budget;
    return 0;
}

static void loading_free(struct loading *loading)
{
    struct lks_budget *budget = &loading->means->budget;
    lks_load_rows_free(&loading->rows);
    lks_budget_free(budget, loading->objects.kind, loading->objects.kind_capacity, 1);
    lks_load_objects_free(&loading->objects);
    lks_load_spilled_free(&loading->spilled);
    lks_budget_free(budget, loading->account_hash, loading->account_hash_capacity,
                    sizeof *loading->account_hash);
    lks_budget_free(budget, loading->object_hash, loading->object_hash_capacity,
                    sizeof *loading->object_hash);
}

int lks_coaction_data_load(const struct lks_coaction_request *request,
                           struct lks_coaction_means *means, struct lks_coaction_data *data,
                           struct lks_error *err)
{
    struct loading loading = {.data = data, .means = means};
    struct lks_source_options options = lks_source_options_default();
    struct lks_mapping mapping = {0};
    *data = (struct lks_coaction_data){0};
    options.as = request->as;
    if (request->rejects_share_max > 0)
        options.rejects_share_max = request->rejects_share_max;
    int code = loading_start(&loading, err);
    if (code == 0 && request->map) {
        code = lks_mapping_parse(request->map, &mapping, err);
        options.mapping = &mapping;
    }
    for (size_t i = 0; code == 0 && i < request->inputs_count; i++)
        code = file_read(request->inputs[i], &options, means->control, &loading, err);
    lks_mapping_free(&mapping);
    if (code == 0)
        code = events_make(&loading, err);
    loading_free(&loading);
    if (code)
        lks_coaction_data_free(data, means);
    return code;
}

void lks_coaction_data_free(struct lks_coaction_data *data, struct lks_coaction_means *means)
{
    lks_events_free(&data->events);
    lks_intern_free(&data->accounts);
    lks_spool_close(&data->sorted);
    lks_budget_release(&means->budget, data->charged_bytes + data->events_bytes);
    *data = (struct lks_coaction_data){0};
}
