/* generic.c - any CSV or JSON lines by a mapping */
#include "source/generic.h"

#include "source/json_read.h"
#include "source/row.h"

static int never(const struct lks_head *head)
{
    (void)head;
    return 0; /* only with a mapping, or by name */
}

static int csv_parse(struct lks_adapter_context *context, const struct lks_row *row,
                     struct lks_batch *batch)
{
    struct lks_str values[LKS_MAP_FIELDS_COUNT];
    for (int i = 0; i < LKS_MAP_FIELDS_COUNT; i++)
        values[i] = lks_row_field(context, row, i);
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
    for (int i = 0; i < LKS_MAP_FIELDS_COUNT; i++)
        if (context->options->mapping->column[i]) {
            paths[count] = lks_str_from(context->options->mapping->column[i]);
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
