/* neartext_load.c - files to texts in memory, without a case */
#include <stdlib.h>
#include <sys/random.h>

#include "detect/neartext_parts.h"
#include "source/objects.h"
#include "source/source.h"
#include "store/parquet.h"

static int out_of_memory(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "out of memory while reading");
}

static int grow(struct lks_neartext_data *data)
{
    size_t capacity = data->capacity + data->capacity / 2 + 1024;
    void **columns[] = {(void **)&data->texts, (void **)&data->times_us, (void **)&data->post,
                        (void **)&data->account};
    const size_t sizes[] = {sizeof *data->texts, sizeof *data->times_us, sizeof *data->post,
                            sizeof *data->account};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        void *grown = realloc(*columns[i], capacity * sizes[i]);
        if (!grown)
            return LKS_EMEMORY;
        *columns[i] = grown;
    }
    data->capacity = capacity;
    return 0;
}

static int post_take(struct lks_neartext_data *data, const struct lks_post *post)
{
    int fresh;
    uint32_t account = lks_intern_add(&data->accounts, post->account_key, NULL);
    uint32_t id = lks_intern_add(&data->posts, post->post_key, &fresh);
    struct lks_str text = lks_post_own_text(post);
    if (account == LKS_INTERN_NONE || id == LKS_INTERN_NONE)
        return LKS_EMEMORY;
    data->duplicates_count += (uint64_t)!fresh;
    data->without_text_count += fresh && !text.size_bytes;
    if (data->time_precision < post->time_precision)
        data->time_precision = post->time_precision;
    if (!fresh || !text.size_bytes)
        return 0;
    if (data->count == data->capacity && grow(data) < 0)
        return LKS_EMEMORY;
    struct lks_str kept = lks_arena_str(&data->arena, text);
    if (!kept.data)
        return LKS_EMEMORY;
    data->texts[data->count] = kept;
    data->times_us[data->count] = post->time_us;
    data->post[data->count] = id;
    data->account[data->count++] = account;
    return 0;
}

static int batch_take(void *context, const struct lks_batch *batch, struct lks_error *err)
{
    struct lks_neartext_data *data = context;
    for (size_t i = 0; i < batch->posts_count; i++)
        if (post_take(data, &batch->posts[i]) < 0)
            return out_of_memory(err);
    return 0;
}

static int file_read(const char *path, const struct lks_source_options *options,
                     const struct lks_control *control, struct lks_neartext_data *data,
                     struct lks_error *err)
{
    struct lks_source_summary summary = {0};
    if (lks_parquet_recognise(path)) {
        if (!options->mapping)
            return lks_error_set(err, LKS_EARGUMENT,
                                 "%s is Parquet: name its columns by a mapping, as in "
                                 "account=author,time=t,post=id,text=caption",
                                 path);
        uint64_t rows = 0;
        int code = lks_parquet_read(path, options->mapping, control, batch_take, data, &rows, err);
        data->rows_count += rows;
        return code;
    }
    int code = lks_source_read(path, options, control, batch_take, data, &summary, err);
    data->rows_count += summary.rows_count;
    data->rejects_count += summary.rejects_count;
    data->ignored_count += summary.ignored_count;
    data->synthetic |= summary.synthetic;
    return code;
}

/* Where no key of a post is written down, keys only need to tell rows apart. */
static int keys_are_written(const struct lks_neartext_request *request)
{
    int written = request->clusters_path || request->pairs_path;
    for (size_t i = 0; i < request->inputs_count; i++)
        written |= lks_parquet_recognise(request->inputs[i]);
    return written;
}

int lks_neartext_load(const struct lks_neartext_request *request, const struct lks_control *control,
                      struct lks_neartext_data *data, struct lks_error *err)
{
    struct lks_source_options options = lks_source_options_default();
    struct lks_mapping mapping = {0};
    int code = 0;
    unsigned char secret[LKS_ROW_SECRET_BYTES];
    options.as = request->as;
    if (!keys_are_written(request) && getrandom(secret, sizeof secret, 0) == sizeof secret)
        options.row_secret = secret;
    options.texts_only = 1;
    if (request->rejects_share_max > 0)
        options.rejects_share_max = request->rejects_share_max;
    if (request->map) {
        code = lks_mapping_parse(request->map, &mapping, err);
        options.mapping = &mapping;
    }
    for (size_t i = 0; code == 0 && i < request->inputs_count; i++)
        code = file_read(request->inputs[i], &options, control, data, err);
    lks_mapping_free(&mapping);
    return code;
}

void lks_neartext_data_free(struct lks_neartext_data *data)
{
    lks_arena_free(&data->arena);
    lks_intern_free(&data->accounts);
    lks_intern_free(&data->posts);
    free(data->texts);
    free(data->times_us);
    free(data->post);
    free(data->account);
    *data = (struct lks_neartext_data){0};
}
