/* source.c - files to records: recognise, frame, parse, with the provenance of every row */
#include "source/source.h"

#include <stdlib.h>

#include "base/progress.h"
#include "base/threads.h"
#include "source/generic.h"
#include "source/pipeline.h"
#include "source/read.h"
#include "source/recognise.h"

/* A file is called mostly bad only after so many rows, or at its end. */
enum { BAD_ROWS_MIN = 100, REASONS_MAX = 64 };

struct lks_source_options lks_source_options_default(void)
{
    return (struct lks_source_options){.rejects_share_max = 0.5};
}

/* Rejects by reason, in the order of their first appearance. */
struct tally {
    struct {
        struct lks_str reason;
        uint64_t count, line;
    } reasons[REASONS_MAX];
    size_t reasons_count;
    struct lks_arena arena;
};

struct reading {
    const char *name;
    const struct lks_source_options *options;
    struct lks_source_options own; /* the options, with the zone of the file's format */
    int (*put)(void *context, const struct lks_batch *batch, struct lks_error *err);
    void *context;
    struct lks_source_summary summary;
    struct lks_meter meter;
    struct tally tally;
};

static void tally_add(struct tally *tally, const struct lks_reject *reject)
{
    size_t i = 0;
    while (i < tally->reasons_count && !lks_str_equal(tally->reasons[i].reason, reject->reason))
        i++;
    if (i == tally->reasons_count) {
        if (i == REASONS_MAX)
            return; /* only the commonest is named, and it is not the 65th */
        tally->reasons[i].reason = lks_arena_str(&tally->arena, reject->reason);
        tally->reasons[i].line = reject->line;
        tally->reasons_count++;
    }
    tally->reasons[i].count++;
}

static int mostly_bad(const struct reading *reading, uint64_t rows_min, struct lks_error *err)
{
    const struct lks_source_summary *summary = &reading->summary;
    const struct tally *tally = &reading->tally;
    size_t commonest = 0;
    if (summary->rows_count < rows_min || !summary->rejects_count ||
        (double)summary->rejects_count <=
            reading->options->rejects_share_max * (double)summary->rows_count)
        return 0;
    for (size_t i = 1; i < tally->reasons_count; i++)
        if (tally->reasons[i].count > tally->reasons[commonest].count)
            commonest = i;
    struct lks_str reason = tally->reasons[commonest].reason;
    const struct lks_mapping *mapping = reading->options->mapping;
    bool form_helps = mapping && !mapping->time_format && lks_str_equal_text(reason, "bad time");
    return lks_error_set(err, LKS_EINPUT,
                         "%s: %llu of %llu rows cannot be taken as %s, most often because of: "
                         "%.*s (%llu times, first in line %llu)%s",
                         reading->name, (unsigned long long)summary->rejects_count,
                         (unsigned long long)summary->rows_count, summary->adapter,
                         (int)reason.size_bytes, reason.data ? reason.data : "",
                         (unsigned long long)tally->reasons[commonest].count,
                         (unsigned long long)tally->reasons[commonest].line,
                         form_helps ? ": say in the mapping how times are written, as in "
                                      "time_format=%d.%m.%Y %H:%M"
                                    : "");
}

static int batch_put(void *context, const struct lks_batch *batch, uint64_t read_bytes,
                     struct lks_error *err)
{
    struct reading *reading = context;
    reading->summary.rows_count += batch->rows_count;
    reading->summary.posts_count += batch->posts_count;
    reading->summary.payments_count += batch->payments_count;
    reading->summary.rejects_count += batch->rejects_count;
    reading->summary.ignored_count += batch->ignored_count;
    for (size_t i = 0; i < batch->rejects_count; i++)
        tally_add(&reading->tally, &batch->rejects[i]);
    int code = mostly_bad(reading, BAD_ROWS_MIN, err);
    if (code == 0)
        code = lks_meter_at(&reading->meter, read_bytes, err);
    return code ? code : reading->put(reading->context, batch, err);
}

/* Where the adapter's, or the mapping's, columns stand in the header. */
static int columns_find(const char *name, const struct lks_adapter *adapter,
                        const struct lks_start *start, const struct lks_source_options *options,
                        int16_t **columns_out, struct lks_error *err)
{
    size_t count = 0, found = 0;
    bool mapped = adapter == &lks_adapter_csv;
    if (mapped)
        count = LKS_MAP_FIELDS_COUNT;
    else
        while (adapter->columns && adapter->columns[count])
            count++;
    int16_t *columns = calloc(count ? count : 1, sizeof *columns);
    if (!columns)
        return lks_error_set(err, LKS_EMEMORY, "%s: out of memory", name);
    *columns_out = columns;
    for (size_t i = 0; i < count; i++) {
        const char *column = !mapped ? adapter->columns[i]
                             : lks_mapping_is_read(options->mapping, (int)i)
                                 ? options->mapping->column[i]
                                 : NULL;
        columns[i] =
            column ? (int16_t)lks_header_find(start->head.header, start->head.header_count, column)
                   : -1;
        found += columns[i] >= 0;
        if (mapped && column && columns[i] < 0) {
            char known[LKS_HEAD_COLUMNS_BYTES];
            lks_head_columns(&start->head, known);
            return lks_error_set(err, LKS_EINPUT,
                                 "%s has no column '%s', which the mapping names for %s; it has: "
                                 "%s",
                                 name, column, lks_map_field_names[i], known);
        }
    }
    if (adapter->framing == LKS_FRAME_CSV && !found)
        return lks_error_set(err, LKS_EINPUT, "%s has none of the columns of %s", name,
                             adapter->title);
    return 0;
}

/* Drops what stands before the first record, and says how to cut the rest. */
static void feed_begin(struct lks_feed *feed, const struct lks_start *start,
                       const struct lks_adapter *adapter)
{
    feed->framing = adapter->framing;
    feed->delimiter = start->head.delimiter;
    lks_feed_drop(feed, start->mark_bytes +
                            (adapter->framing == LKS_FRAME_CSV ? start->header_bytes : 0));
}

static int parsers_run(struct reading *reading, struct lks_feed *feed,
                       const struct lks_adapter *adapter, const struct lks_start *start,
                       const int16_t *columns, const struct lks_control *control,
                       struct lks_error *err)
{
    unsigned threads_count = lks_threads_count(control);
    struct lks_parser *parsers = calloc(threads_count, sizeof *parsers);
    struct lks_batch_sink sink = {batch_put, reading};
    if (!parsers)
        return lks_error_set(err, LKS_EMEMORY, "%s: out of memory", reading->name);
    for (unsigned i = 0; i < threads_count; i++) {
        parsers[i].adapter = adapter;
        parsers[i].delimiter = start->head.delimiter;
        parsers[i].context = (struct lks_adapter_context){.options = reading->options,
                                                          .header = start->head.header,
                                                          .header_count = start->head.header_count,
                                                          .columns = columns};
    }
    int code = lks_pipeline_run(feed, parsers, threads_count, control, &sink, err);
    for (unsigned i = 0; i < threads_count; i++) {
        reading->summary.zone_assumed_count += parsers[i].context.zone_assumed_count;
        reading->summary.synthetic |= parsers[i].context.synthetic;
        reading->summary.cp1252_count += parsers[i].cp1252_count;
        lks_parser_free(&parsers[i]);
    }
    free(parsers);
    return code;
}

static int reading_run(struct reading *reading, struct lks_feed *feed, struct lks_start *start,
                       const struct lks_control *control, struct lks_error *err)
{
    const struct lks_adapter *adapter = NULL;
    int16_t *columns = NULL;
    struct lks_str head;
    int code = lks_feed_head(feed, &head, err);
    if (code == 0)
        code = lks_start_look(reading->name, head, head.size_bytes < LKS_HEAD_BYTES, start, err);
    if (code == 0)
        code = lks_start_adapter(reading->name, start, reading->options, &adapter, err);
    if (code)
        return code;
    reading->summary.adapter = adapter->name;
    reading->own = *reading->options;
    for (size_t i = 0; i < reading->own.zones_count; i++)
        if (strcmp(reading->own.zones[i].adapter, adapter->name) == 0)
            reading->own.zone_offset_us = reading->own.zones[i].offset_us;
    reading->options = &reading->own;
    code = columns_find(reading->name, adapter, start, reading->options, &columns, err);
    if (code == 0) {
        feed_begin(feed, start, adapter);
        code = parsers_run(reading, feed, adapter, start, columns, control, err);
        reading->summary.content_bytes = feed->offset_bytes;
    }
    free(columns);
    return code ? code : mostly_bad(reading, 1, err);
}

int lks_source_read_from(struct lks_reader *reader, const char *name,
                         const struct lks_source_options *options,
                         const struct lks_control *control,
                         int (*put)(void *context, const struct lks_batch *batch,
                                    struct lks_error *err),
                         void *context, struct lks_source_summary *summary, struct lks_error *err)
{
    struct reading reading = {.name = name, .options = options, .put = put, .context = context};
    /* Who takes texts alone works in the caches: chunks and what they become are kept small. */
    struct lks_feed feed = {.name = name,
                            .reader = reader,
                            .chunk_bytes = options->texts_only ? LKS_CHUNK_BYTES / 4 : 0};
    struct lks_start start = {0};
    lks_meter_start(&reading.meter, control, "parse", "bytes", lks_reader_size(reader));
    int code = reading_run(&reading, &feed, &start, control, err);
    if (code == 0)
        lks_meter_finish(&reading.meter);
    if (summary)
        *summary = reading.summary;
    lks_start_free(&start);
    lks_feed_free(&feed);
    lks_arena_free(&reading.tally.arena);
    return code;
}

int lks_source_read(const char *path, const struct lks_source_options *options,
                    const struct lks_control *control,
                    int (*put)(void *context, const struct lks_batch *batch, struct lks_error *err),
                    void *context, struct lks_source_summary *summary, struct lks_error *err)
{
    struct lks_reader *reader = NULL;
    int code = lks_reader_open(path, &reader, err);
    if (code == 0)
        code = lks_source_read_from(reader, path, options, control, put, context, summary, err);
    lks_reader_close(reader);
    return code;
}
