/* coaction_load.c - files to events in memory, without a case */
#include <stdlib.h>
#include <string.h>

#include "engine/coaction_parts.h"
#include "source/source.h"
#include "store/parquet.h"

struct loading {
    struct lks_coaction_data *data;
    struct lks_buffer scratch; /* the kind's byte and the object */
};

static int out_of_memory(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "out of memory while reading");
}

/* Room for one more item in each of the columns. */
static int grow(size_t *capacity, size_t count, void **columns[], const size_t *sizes,
                size_t columns_count)
{
    if (count < *capacity)
        return 0;
    size_t wanted = *capacity + *capacity / 2 + 1024;
    for (size_t i = 0; i < columns_count; i++) {
        void *grown = realloc(*columns[i], wanted * sizes[i]);
        if (!grown)
            return LKS_EMEMORY;
        *columns[i] = grown;
    }
    *capacity = wanted;
    return 0;
}

static int event_add(struct loading *loading, uint32_t post, const struct lks_action *action)
{
    struct lks_coaction_data *data = loading->data;
    struct lks_events *events = &data->events;
    int fresh;
    lks_buffer_clear(&loading->scratch);
    lks_buffer_byte(&loading->scratch, (char)action->kind);
    lks_buffer_append(&loading->scratch, action->object.data, action->object.size_bytes);
    if (loading->scratch.failed)
        return LKS_EMEMORY;
    uint32_t object = lks_intern_add(
        &data->objects, (struct lks_str){loading->scratch.data, loading->scratch.size_bytes},
        &fresh);
    if (object == LKS_INTERN_NONE)
        return LKS_EMEMORY;
    void **kinds[] = {(void **)&events->object_kind};
    if (grow(&data->kinds_capacity, object, kinds, (const size_t[]){1}, 1) < 0)
        return LKS_EMEMORY;
    events->object_kind[object] = (uint8_t)action->kind;
    void **columns[] = {(void **)&events->object, (void **)&events->account, (void **)&events->post,
                        (void **)&events->time_us};
    if (grow(&data->events_capacity, events->count, columns, (const size_t[]){4, 4, 4, 8}, 4) < 0)
        return LKS_EMEMORY;
    size_t at = events->count++;
    events->object[at] = object;
    events->account[at] = events->post_account[post];
    events->post[at] = post;
    events->time_us[at] = events->post_time_us[post];
    return 0;
}

/* The post's id, or LKS_INTERN_NONE when it is left out or memory (*code) is out. */
static uint32_t post_add(struct loading *loading, const struct lks_post *post, int *code)
{
    struct lks_coaction_data *data = loading->data;
    struct lks_events *events = &data->events;
    int fresh;
    uint32_t account = lks_intern_add(&data->accounts, post->account_key, NULL);
    uint32_t id = lks_intern_add(&data->posts, post->post_key, &fresh);
    *code = account == LKS_INTERN_NONE || id == LKS_INTERN_NONE ? LKS_EMEMORY : 0;
    if (*code < 0)
        return LKS_INTERN_NONE;
    if (!fresh) {
        int same = events->post_account[id] == account && events->post_time_us[id] == post->time_us;
        data->merged_count += (uint64_t)same;
        data->duplicates_count += (uint64_t)!same;
        return same ? id : LKS_INTERN_NONE;
    }
    void **columns[] = {(void **)&events->post_account, (void **)&events->post_time_us};
    *code = grow(&data->posts_capacity, id, columns, (const size_t[]){4, 8}, 2);
    if (*code < 0)
        return LKS_INTERN_NONE;
    events->post_account[id] = account;
    events->post_time_us[id] = post->time_us;
    if (events->time_precision < post->time_precision)
        events->time_precision = post->time_precision;
    return id;
}

static int batch_take(void *context, const struct lks_batch *batch, struct lks_error *err)
{
    struct loading *loading = context;
    for (size_t i = 0; i < batch->posts_count; i++) {
        const struct lks_post *post = &batch->posts[i];
        int code;
        uint32_t id = post_add(loading, post, &code);
        if (code < 0)
            return out_of_memory(err);
        if (id == LKS_INTERN_NONE)
            continue;
        for (uint32_t j = 0; j < post->actions_count; j++)
            if (event_add(loading, id, &batch->actions[post->actions_first + j]) < 0)
                return out_of_memory(err);
    }
    return 0;
}

/* A row that was read twice gives the same event twice: one stays. */
static void drop_repeated(struct lks_events *events)
{
    size_t count = 0;
    for (size_t i = 0; i < events->count; i++) {
        if (count && events->object[i] == events->object[count - 1] &&
            events->post[i] == events->post[count - 1])
            continue;
        events->object[count] = events->object[i];
        events->account[count] = events->account[i];
        events->post[count] = events->post[i];
        events->time_us[count++] = events->time_us[i];
    }
    events->count = count;
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
        uint64_t rows = 0;
        int code =
            lks_parquet_read(path, options->mapping, control, batch_take, loading, &rows, err);
        data->rows_count += rows;
        return code;
    }
    int code = lks_source_read(path, options, control, batch_take, loading, &summary, err);
    data->rows_count += summary.rows_count;
    data->rejects_count += summary.rejects_count;
    data->ignored_count += summary.ignored_count;
    data->synthetic |= summary.synthetic;
    return code;
}

int lks_coaction_load(const struct lks_coaction_request *request, const struct lks_control *control,
                      struct lks_coaction_data *data, struct lks_error *err)
{
    struct loading loading = {.data = data};
    struct lks_source_options options = lks_source_options_default();
    struct lks_mapping mapping = {0};
    int code = 0;
    *data = (struct lks_coaction_data){0};
    options.as = request->as;
    if (request->rejects_share_max > 0)
        options.rejects_share_max = request->rejects_share_max;
    if (request->map) {
        code = lks_mapping_parse(request->map, &mapping, err);
        options.mapping = &mapping;
    }
    for (size_t i = 0; code == 0 && i < request->inputs_count; i++)
        code = file_read(request->inputs[i], &options, control, &loading, err);
    lks_mapping_free(&mapping);
    lks_buffer_free(&loading.scratch);
    data->events.accounts_count = data->accounts.count;
    data->events.posts_count = data->posts.count;
    data->events.objects_count = data->objects.count;
    if (code == 0)
        code = lks_events_sort(&data->events, err);
    if (code == 0)
        drop_repeated(&data->events);
    else
        lks_coaction_data_free(data);
    return code;
}

void lks_coaction_data_free(struct lks_coaction_data *data)
{
    lks_events_free(&data->events);
    lks_intern_free(&data->accounts);
    lks_intern_free(&data->posts);
    lks_intern_free(&data->objects);
    *data = (struct lks_coaction_data){0};
}
