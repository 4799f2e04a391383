/* json_parts.h - what report_json.c and findings_json.c write alike, and the file under both */
#ifndef LKS_DOSSIER_JSON_PARTS_H
#define LKS_DOSSIER_JSON_PARTS_H

#include "base/json_write.h"
#include "base/writer.h"
#include "finding/results.h"

/* JSON on its way into a writer: the buffer is emptied as it fills, so that memory does
 * not grow with the results. */
struct lks_json_stream {
    struct lks_json json;
    struct lks_buffer buffer;
    struct lks_writer *writer;
};

void lks_json_stream_start(struct lks_json_stream *stream, struct lks_writer *writer, int indent);
void lks_json_stream_flush(struct lks_json_stream *stream); /* call after each item */
/* Writes the rest and frees; LKS_EMEMORY if memory was out anywhere before. */
int lks_json_stream_finish(struct lks_json_stream *stream, struct lks_error *err);

/* Of a text that is not there, ""; of a count that is not known, null. */
void lks_json_put_solid(struct lks_json *json, const char *key, struct lks_str text);
void lks_json_put_count(struct lks_json *json, const char *key, int64_t count);

/* {"url": 3, "text": 1}: kinds with a count, in the order of the kinds. */
void lks_json_put_kinds(struct lks_json *json, const char *key,
                        const uint32_t kind_objects[LKS_OBJECT_KINDS_COUNT]);
/* The members "totals", "test", "files", "rejects", "options", "notes". */
void lks_json_put_totals(struct lks_json *json, const struct lks_results *results);
void lks_json_put_test(struct lks_json *json, const struct lks_results *results);
void lks_json_put_files(struct lks_json *json, const struct lks_results *results);
void lks_json_put_rejects(struct lks_json *json, const struct lks_results *results);
void lks_json_put_options(struct lks_json *json, const struct lks_results *results);
/* more is a further note, "" or NULL for none. */
void lks_json_put_notes(struct lks_json *json, const struct lks_results *results, const char *more);
/* The members "alternatives" and "objects" of a finding. */
void lks_json_put_alternatives(struct lks_json *json, const struct lks_finding *finding);
void lks_json_put_objects(struct lks_json *json, const struct lks_finding *finding);

#endif
