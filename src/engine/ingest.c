/* ingest.c - files into a case: seal, read, store
 *
 * Each file is sealed (SHA-256 of the bytes on disk, a row in the case) before it is
 * parsed, and must not have changed when parsing ends. All files of one call enter in
 * one transaction: after a failure or Ctrl-C the case is as it was. */
#include "engine/ingest.h"

#include <string.h>
#include <sys/stat.h>

#include "base/sha256.h"
#include "base/threads.h"
#include "case/case.h"
#include "source/source.h"
#include "source/zone.h"
#include "store/parquet.h"

struct reading {
    struct lks_store *store;
    const struct lks_control *control;
    const struct lks_source_options *source;
    struct lks_store_file file;
};

static int reading_put(void *context, const struct lks_batch *batch, struct lks_error *err)
{
    struct reading *reading = context;
    uint64_t duplicates = 0, before = lks_store_payments_count(reading->store);
    int code = lks_store_append(reading->store, reading->file.file_index, batch, &duplicates, err);
    uint64_t payments = lks_store_payments_count(reading->store) - before;
    reading->file.rows_count += batch->rows_count;
    reading->file.posts_count += batch->posts_count + batch->payments_count - payments - duplicates;
    reading->file.payments_count += payments;
    reading->file.duplicates_count += duplicates;
    reading->file.rejects_count += batch->rejects_count;
    reading->file.ignored_count += batch->ignored_count;
    return code;
}

static int same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The text formats are held to the share while they are read; a Parquet file here. */
static int mostly_bad(const struct reading *reading, const char *path, struct lks_error *err)
{
    const struct lks_store_file *file = &reading->file;
    if ((double)file->rejects_count <=
        reading->source->rejects_share_max * (double)file->rows_count)
        return 0;
    return lks_error_set(
        err, LKS_EINPUT, "%s: %llu of %llu rows cannot be taken; is the mapping right?", path,
        (unsigned long long)file->rejects_count, (unsigned long long)file->rows_count);
}

static int file_parse(struct reading *reading, const char *path, struct lks_error *err)
{
    struct lks_source_summary summary = {0};
    int code;
    if (lks_parquet_recognise(path)) {
        if (!reading->source->mapping)
            return lks_error_set(err, LKS_EARGUMENT,
                                 "%s: a Parquet file needs its columns named: --map "
                                 "account=COLUMN,time=COLUMN,text=COLUMN,...",
                                 path);
        uint64_t rows_count; /* reading_put counts them too, as for every other format */
        reading->file.format = "parquet";
        code = lks_parquet_read(path, reading->source->mapping, reading->control, reading_put,
                                reading, &rows_count, err);
        return code ? code : mostly_bad(reading, path, err);
    }
    code = lks_source_read(path, reading->source, reading->control, reading_put, reading, &summary,
                           err);
    if (code)
        return code;
    reading->file.format = summary.adapter;
    reading->file.zone_assumed_count = summary.zone_assumed_count;
    reading->file.cp1252_count = summary.cp1252_count;
    if (summary.synthetic && (code = lks_store_synthetic_set(reading->store, err)))
        return code;
    return 0;
}

static int file_ingest(struct reading *reading, const char *path, struct lks_ingest_tally *tally,
                       struct lks_error *err)
{
    struct stat before, after;
    unsigned char digest[LKS_SHA256_BYTES];
    double start = lks_clock_seconds();
    if (stat(path, &before) != 0)
        return lks_error_system(err, path, "cannot be read");
    if (!S_ISREG(before.st_mode) && !S_ISDIR(before.st_mode)) /* it is read twice */
        return lks_error_set(err, LKS_EINPUT,
                             "%s is a pipe or a device, which cannot be sealed; save what it gives "
                             "as a file",
                             path);
    reading->file = (struct lks_store_file){.name = last_part(path)};
    int code = lks_source_seal(path, reading->control, &reading->file.size_bytes, digest, err);
    if (code)
        return code;
    lks_sha256_hex(digest, reading->file.sha256);
    code = lks_store_file_add(reading->store, &reading->file, err);
    tally->seal += lks_clock_seconds() - start;
    if (code) { /* 1: the case knows this file; its posts would all be duplicates */
        tally->files_known++;
        return code < 0 ? code : 0;
    }
    start = lks_clock_seconds();
    if ((code = file_parse(reading, path, err)))
        return code;
    if (stat(path, &after) != 0 || !same_file(&before, &after))
        return lks_error_set(err, LKS_EIO, "%s changed while it was being read; nothing was taken",
                             path);
    code = lks_store_file_done(reading->store, &reading->file, err);
    tally->parse += lks_clock_seconds() - start;
    return code;
}

static int options_read(const struct lks_ingest_options *options, struct lks_source_options *source,
                        struct lks_mapping *mapping, struct lks_error *err)
{
    if (!options->files_count)
        return lks_error_set(err, LKS_EARGUMENT, "no file was named");
    *source = lks_source_options_default();
    source->as = options->as;
    if (options->rejects_share_max < 0 || options->rejects_share_max > 1)
        return lks_error_set(err, LKS_EARGUMENT, "the share of rejects must lie in 0 to 1");
    if (options->rejects_share_max > 0)
        source->rejects_share_max = options->rejects_share_max;
    if (options->as && !lks_adapter_find(options->as))
        return lks_error_set(err, LKS_EARGUMENT,
                             "'%s' is no format; 'lockstep ingest --help' lists them", options->as);
    if (options->zone && lks_zone_parse(lks_str_from(options->zone), &source->zone_offset_us) != 0)
        return lks_error_set(err, LKS_EARGUMENT, "'%s' is no offset from UTC; write +02:00",
                             options->zone);
    if (!options->map)
        return 0;
    source->mapping = mapping;
    return lks_mapping_parse(options->map, mapping, err);
}

int lks_ingest_files(struct lks_store *store, const struct lks_settings *settings,
                     const struct lks_ingest_options *options, const struct lks_control *control,
                     struct lks_ingest_tally *tally, struct lks_error *err)
{
    struct lks_source_options source;
    struct lks_mapping mapping = {0};
    struct reading reading = {.store = store, .control = control, .source = &source};
    int code = options_read(options, &source, &mapping, err);
    if (!options->zone) {
        source.zones = settings->zones;
        source.zones_count = settings->zones_count;
    }
    if (code == 0)
        code = lks_store_begin(store, err);
    for (size_t i = 0; code == 0 && i < options->files_count; i++)
        code = file_ingest(&reading, options->files[i], tally, err);
    double start = lks_clock_seconds();
    if (code == 0)
        code = lks_store_finish(store, err);
    tally->parse += lks_clock_seconds() - start;
    if (code == 0)
        code = lks_store_commit(store, err);
    else
        lks_store_rollback(store);
    tally->parse += lks_clock_seconds() - start;
    lks_mapping_free(&mapping);
    return code;
}

int lks_ingest_counts(struct lks_store *store, struct lks_case_counts *counts,
                      struct lks_error *err)
{
    struct lks_store_counts stored;
    int code = lks_store_counts(store, &stored, err);
    if (code)
        return code;
    *counts = (struct lks_case_counts){
        .files = stored.files,
        .posts = stored.posts,
        .accounts = stored.accounts,
        .actions = stored.actions,
        .payments = stored.payments,
        .rejects = stored.rejects,
        .duplicates = stored.duplicates,
        .ignored = stored.ignored,
        .first_us = stored.first_us,
        .last_us = stored.last_us,
        .synthetic = stored.synthetic,
    };
    return 0;
}

int lks_case_ingest(const char *case_path, const struct lks_ingest_options *options,
                    const struct lks_control *control, struct lks_case_counts *counts_out,
                    struct lks_error *err)
{
    struct lks_store *store = NULL;
    struct lks_ingest_tally tally = {0};
    struct lks_settings settings;
    int made = 0, code = lks_settings_read(case_path, &settings, err);
    if (code == 0)
        code = lks_case_open_or_make(case_path, control, &made, &store, err);
    if (code == 0)
        code = lks_ingest_files(store, &settings, options, control, &tally, err);
    if (code == 0 && counts_out)
        code = lks_ingest_counts(store, counts_out, err);
    if (code == 0 && counts_out)
        counts_out->files_known = tally.files_known;
    lks_store_close(store);
    lks_settings_free(&settings);
    if (code && made)
        lks_case_unmake(case_path);
    return code;
}

int lks_format_at(size_t index, const char **name_out, const char **title_out)
{
    for (size_t i = 0; i <= index; i++)
        if (!lks_adapters[i])
            return 0;
    *name_out = lks_adapters[index]->name;
    *title_out = lks_adapters[index]->title;
    return 1;
}
