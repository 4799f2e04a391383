/* file_take.c - one file into the store's open transaction, wherever its bytes come from */
#include "intake/file_take.h"

#include "store/parquet.h"

struct taking {
    struct lks_store *store;
    struct lks_store_file *file;
};

static int batch_put(void *context, const struct lks_batch *batch, struct lks_error *err)
{
    struct taking *taking = context;
    struct lks_store_file *file = taking->file;
    uint64_t duplicates = 0, before = lks_store_payments_count(taking->store);
    int code = lks_store_append(taking->store, file->file_index, batch, &duplicates, err);
    uint64_t payments = lks_store_payments_count(taking->store) - before;
    file->rows_count += batch->rows_count;
    file->posts_count += batch->posts_count + batch->payments_count - payments - duplicates;
    file->payments_count += payments;
    file->duplicates_count += duplicates;
    file->rejects_count += batch->rejects_count;
    file->ignored_count += batch->ignored_count;
    return code;
}

/* The text formats are held to the share while they are read; a Parquet file here. */
static int mostly_bad(const struct lks_store_file *file, const struct lks_source_options *options,
                      const char *path, struct lks_error *err)
{
    if ((double)file->rejects_count <= options->rejects_share_max * (double)file->rows_count)
        return 0;
    return lks_error_set(
        err, LKS_EINPUT, "%s: %llu of %llu rows cannot be taken; is the mapping right?", path,
        (unsigned long long)file->rejects_count, (unsigned long long)file->rows_count);
}

static int parquet_take(struct taking *taking, const char *path,
                        const struct lks_source_options *options, const struct lks_control *control,
                        struct lks_error *err)
{
    uint64_t rows_count; /* batch_put counts them too, as for every other format */
    if (!options->mapping)
        return lks_error_set(err, LKS_EARGUMENT,
                             "%s: a Parquet file needs its columns named: --map "
                             "account=COLUMN,time=COLUMN,text=COLUMN,...",
                             path);
    taking->file->format = "parquet";
    int code =
        lks_parquet_read(path, options->mapping, control, batch_put, taking, &rows_count, err);
    return code ? code : mostly_bad(taking->file, options, path, err);
}

static int text_take(struct taking *taking, const char *path,
                     const struct lks_source_options *options, const struct lks_control *control,
                     struct lks_error *err)
{
    struct lks_source_summary summary = {0};
    int code = lks_source_read(path, options, control, batch_put, taking, &summary, err);
    if (code)
        return code;
    taking->file->format = summary.adapter;
    taking->file->zone_assumed_count = summary.zone_assumed_count;
    taking->file->cp1252_count = summary.cp1252_count;
    return summary.synthetic ? lks_store_synthetic_set(taking->store, err) : 0;
}

int lks_file_take(struct lks_store *store, const char *path,
                  const struct lks_source_options *options, const struct lks_control *control,
                  struct lks_store_file *file, struct lks_error *err)
{
    struct taking taking = {store, file};
    int code = lks_store_file_add(store, file, err);
    if (code) /* 1: its posts would all be duplicates */
        return code;
    code = lks_parquet_recognise(path) ? parquet_take(&taking, path, options, control, err)
                                       : text_take(&taking, path, options, control, err);
    return code ? code : lks_store_file_done(store, file, err);
}

struct lks_import_counts lks_file_counts(const struct lks_store_file *file)
{
    return (struct lks_import_counts){
        .rows = file->rows_count,
        .posts = file->posts_count,
        .payments = file->payments_count,
        .duplicates = file->duplicates_count,
        .rejects = file->rejects_count,
        .ignored = file->ignored_count,
        .zone_assumed = file->zone_assumed_count,
        .cp1252 = file->cp1252_count,
    };
}
