/* json_parts.c - what report_json.c and findings_json.c write alike, and the file under both */
#include "dossier/json_parts.h"

#include <stdio.h>

enum { FLUSH_BYTES = 1 << 16 };

void lks_json_stream_start(struct lks_json_stream *stream, struct lks_writer *writer, int indent)
{
    *stream = (struct lks_json_stream){.writer = writer};
    stream->json.buffer = &stream->buffer;
    stream->json.indent = indent;
}

static void stream_empty(struct lks_json_stream *stream)
{
    if (stream->buffer.failed)
        return;
    lks_writer_put(stream->writer, stream->buffer.data, stream->buffer.size_bytes);
    lks_buffer_clear(&stream->buffer);
}

void lks_json_stream_flush(struct lks_json_stream *stream)
{
    if (stream->buffer.size_bytes >= FLUSH_BYTES)
        stream_empty(stream);
}

int lks_json_stream_finish(struct lks_json_stream *stream, struct lks_error *err)
{
    int code = stream->buffer.failed ? LKS_EMEMORY : 0;
    stream_empty(stream);
    lks_buffer_free(&stream->buffer);
    return code ? lks_error_set(err, code, "JSON: out of memory") : 0;
}

void lks_json_put_solid(struct lks_json *json, const char *key, struct lks_str text)
{
    lks_json_string(json, key, text.data ? text : LKS_STR(""));
}

void lks_json_put_count(struct lks_json *json, const char *key, int64_t count)
{
    lks_json_key(json, key);
    if (count == LKS_COUNT_NULL)
        lks_json_null(json, NULL);
    else
        lks_json_int(json, NULL, count);
}

void lks_json_put_kinds(struct lks_json *json, const char *key,
                        const uint32_t kind_objects[LKS_OBJECT_KINDS_COUNT])
{
    lks_json_object(json, key);
    for (int kind = 0; kind < LKS_OBJECT_KINDS_COUNT; kind++) {
        if (kind_objects[kind])
            lks_json_uint(json, lks_object_kind_names[kind], kind_objects[kind]);
    }
    lks_json_object_end(json);
}

void lks_json_put_totals(struct lks_json *json, const struct lks_results *results)
{
    int empty = results->posts_count == 0;
    lks_json_object(json, "totals");
    lks_json_uint(json, "posts", results->posts_count);
    lks_json_uint(json, "accounts", results->accounts_count);
    lks_json_uint(json, "actions", results->actions_count);
    lks_json_uint(json, "payments", results->payments_count);
    lks_json_uint(json, "rejects", results->rejects_count);
    lks_json_uint(json, "duplicates", results->duplicates_count);
    lks_json_uint(json, "ignored", results->ignored_count);
    lks_json_time(json, "first", empty ? LKS_TIME_NULL : results->first_us);
    lks_json_time(json, "last", empty ? LKS_TIME_NULL : results->last_us);
    lks_json_text(json, "time_precision", lks_precision_names[results->time_precision]);
    lks_json_object_end(json);
}

void lks_json_put_test(struct lks_json *json, const struct lks_results *results)
{
    char seed[24];
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)results->seed);
    lks_json_object(json, "test");
    lks_json_uint(json, "pairs_tested", results->tests_count);
    lks_json_uint(json, "edges_tested", results->edges_tested);
    lks_json_uint(json, "copies", results->copies_count);
    lks_json_double(json, "copies_max_score", results->copies_max_score);
    lks_json_double(json, "group_threshold", results->group_threshold);
    /* Text, since a seed has 64 bits and a reader's number may have 53. */
    lks_json_text(json, "seed", seed);
    lks_json_object_end(json);
}

void lks_json_put_files(struct lks_json *json, const struct lks_results *results)
{
    lks_json_array(json, "files");
    for (uint32_t i = 0; i < results->files_count; i++) {
        const struct lks_result_file *file = results->files + i;
        lks_json_object(json, NULL);
        lks_json_put_solid(json, "name", file->name);
        lks_json_put_solid(json, "sha256", file->sha256);
        lks_json_put_solid(json, "format", file->format);
        lks_json_uint(json, "bytes", file->size_bytes);
        lks_json_uint(json, "rows", file->rows_count);
        lks_json_uint(json, "posts", file->posts_count);
        lks_json_uint(json, "payments", file->payments_count);
        lks_json_uint(json, "rejects", file->rejects_count);
        lks_json_uint(json, "duplicates", file->duplicates_count);
        lks_json_uint(json, "ignored", file->ignored_count);
        lks_json_uint(json, "leaf", file->leaf);
        lks_json_object_end(json);
    }
    lks_json_array_end(json);
}

void lks_json_put_rejects(struct lks_json *json, const struct lks_results *results)
{
    lks_json_array(json, "rejects");
    for (uint32_t i = 0; i < results->reject_rows_count; i++) {
        const struct lks_result_reject *reject = results->rejects + i;
        lks_json_object(json, NULL);
        lks_json_put_solid(json, "file", reject->file);
        lks_json_put_solid(json, "reason", reject->reason);
        lks_json_uint(json, "count", reject->count);
        lks_json_uint(json, "line", reject->line);
        lks_json_put_solid(json, "example", reject->first_bytes);
        lks_json_object_end(json);
    }
    lks_json_array_end(json);
}

void lks_json_put_options(struct lks_json *json, const struct lks_results *results)
{
    lks_json_array(json, "options");
    for (uint32_t i = 0; i < results->options_count; i++) {
        lks_json_object(json, NULL);
        lks_json_put_solid(json, "name", results->options[i].name);
        lks_json_put_solid(json, "value", results->options[i].value);
        lks_json_put_solid(json, "meaning", results->options[i].meaning);
        lks_json_object_end(json);
    }
    lks_json_array_end(json);
}

void lks_json_put_notes(struct lks_json *json, const struct lks_results *results, const char *more)
{
    lks_json_array(json, "notes");
    for (uint32_t i = 0; i < results->notes_count; i++)
        lks_json_string(json, NULL, results->notes[i].data ? results->notes[i] : LKS_STR(""));
    if (more && more[0])
        lks_json_text(json, NULL, more);
    lks_json_array_end(json);
}

void lks_json_put_alternatives(struct lks_json *json, const struct lks_finding *finding)
{
    lks_json_array(json, "alternatives");
    for (uint32_t i = 0; i < finding->alternatives_count; i++) {
        const struct lks_alternative *alternative = finding->alternatives + i;
        lks_json_object(json, NULL);
        lks_json_put_solid(json, "name", lks_str_from(alternative->name));
        lks_json_put_solid(json, "verdict", lks_str_from(alternative->verdict));
        lks_json_put_solid(json, "measured", alternative->measured);
        lks_json_object_end(json);
    }
    lks_json_array_end(json);
}

/* The writings of one near-text object. */
static void put_variants(struct lks_json *json, const struct lks_finding *finding, uint32_t object)
{
    lks_json_array(json, "variants");
    for (uint32_t i = 0; i < finding->variants_count; i++) {
        const struct lks_result_variant *variant = &finding->variants[i];
        if (variant->object != object)
            continue;
        lks_json_object(json, NULL);
        lks_json_put_solid(json, "text", variant->text);
        lks_json_uint(json, "posts", variant->posts_count);
        lks_json_double(json, "similarity", variant->similarity);
        lks_json_object_end(json);
    }
    lks_json_array_end(json);
}

void lks_json_put_objects(struct lks_json *json, const struct lks_finding *finding)
{
    lks_json_array(json, "objects");
    for (uint32_t i = 0; i < finding->objects_count; i++) {
        const struct lks_result_object *object = finding->objects + i;
        lks_json_object(json, NULL);
        lks_json_text(json, "kind", lks_object_kind_names[object->kind]);
        lks_json_put_solid(json, "object", object->object);
        lks_json_uint(json, "accounts", object->accounts_count);
        lks_json_uint(json, "uses", object->uses_count);
        if (object->kind == LKS_OBJECT_NEAR_TEXT)
            put_variants(json, finding, i);
        lks_json_object_end(json);
    }
    lks_json_array_end(json);
}
