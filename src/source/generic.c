/* generic.c - any CSV or JSON lines by a mapping */
#include "source/generic.h"

#include "source/json_read.h"
#include "source/row.h"

static int never(const struct lks_head *head)
{
    (void)head;
    return 0; /* only with a mapping, or by name */
}

/* A time in the mapping's form, then: a time without zone is local time where the caller said so. Only the text is changed, so
 * that one reader of times serves all. */
static int zone_apply(struct lks_adapter_context *context, struct lks_str *time,
                      struct lks_arena *arena)
{
    int64_t time_us, zone_us = context->options->zone_offset_us;
    enum lks_time_precision precision;
    int zoned = 1;
    if (lks_mapping_time(context->options->mapping, time, arena))
        return LKS_EMEMORY;
    if (!time->data || time->size_bytes < 5 || time->data[4] != '-' /* Unix time, as most */
        || lks_time_parse_iso(*time, &time_us, &precision, &zoned) != 0 || zoned ||
        precision == LKS_PRECISION_DAY)
        return 0;
    context->zone_assumed_count++;
    if (zone_us == 0)
        return 0;
    int minutes = (int)((zone_us < 0 ? -zone_us : zone_us) / LKS_MINUTE_US);
    struct lks_buffer *scratch = &context->scratch;
    lks_buffer_clear(scratch);
    lks_buffer_append(scratch, time->data, time->size_bytes);
    lks_buffer_format(scratch, "%c%02d:%02d", zone_us < 0 ? '-' : '+', minutes / 60, minutes % 60);
    *time = lks_arena_str(arena, (struct lks_str){scratch->data, scratch->size_bytes});
    return scratch->failed || !time->data ? LKS_EMEMORY : 0;
}

static int csv_parse(struct lks_adapter_context *context, const struct lks_row *row,
                     struct lks_batch *batch)
{
    struct lks_str values[LKS_MAP_FIELDS_COUNT];
    for (int i = 0; i < LKS_MAP_FIELDS_COUNT; i++)
        values[i] = lks_row_field(context, row, i);
    if (zone_apply(context, &values[LKS_MAP_TIME], &batch->arena))
        return LKS_EMEMORY;
    lks_mapping_constants(context->options->mapping, values);
    return lks_mapping_row(values, row->line, row->offset_bytes, row->bytes.size_bytes, row->bytes,
                           batch);
}

static int jsonl_parse(struct lks_adapter_context *context, const struct lks_row *row,
                       struct lks_batch *batch)
{
    struct lks_json_value found[LKS_MAP_FIELDS_COUNT];
    struct lks_str paths[LKS_MAP_FIELDS_COUNT], values[LKS_MAP_FIELDS_COUNT] = {{0}};
    int field_of[LKS_MAP_FIELDS_COUNT];
    size_t count = 0;
    const char *reason = NULL;
    const struct lks_mapping *mapping = context->options->mapping;
    for (int i = 0; i < LKS_MAP_FIELDS_COUNT; i++)
        if (lks_mapping_is_read(mapping, i)) {
            paths[count] = (struct lks_str){mapping->column[i], mapping->column_bytes[i]};
            field_of[count++] = i;
        }
    int code = lks_json_get_paths(row->bytes, paths, count, found, &batch->arena, 0, &reason);
    if (code == LKS_EINPUT)
        return lks_row_reject(batch, row, "not valid JSON");
    if (code)
        return code;
    for (size_t i = 0; i < count; i++)
        if (found[i].type != LKS_JSON_NONE && found[i].type != LKS_JSON_NULL &&
            found[i].text.size_bytes)
            values[field_of[i]] = found[i].text;
    if (zone_apply(context, &values[LKS_MAP_TIME], &batch->arena))
        return LKS_EMEMORY;
    lks_mapping_constants(context->options->mapping, values);
    return lks_mapping_row(values, row->line, row->offset_bytes, row->bytes.size_bytes, row->bytes,
                           batch);
}

const struct lks_adapter lks_adapter_csv = {
    .name = "csv",
    .title = "any CSV, its columns named by --map",
    .framing = LKS_FRAME_CSV,
    .recognise = never,
    .parse = csv_parse,
};

const struct lks_adapter lks_adapter_jsonl = {
    .name = "jsonl",
    .title = "any JSON lines, their members named by --map",
    .framing = LKS_FRAME_LINES,
    .recognise = never,
    .parse = jsonl_parse,
};

const struct lks_adapter lks_adapter_json = {
    .name = "json",
    .title = "any JSON documents, the members of their records named by --map",
    .framing = LKS_FRAME_JSON,
    .recognise = never,
    .parse = jsonl_parse,
};
