/* statement.c - what the log says: one canonical JSON object an entry */
#include "custody/statement.h"

#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/rng.h"
#include "base/time.h"
#include "source/json_read.h"

enum { DECOYS_MIN = 1, DECOYS_SPREAD = 3 };

const char *const lks_statement_kind_names[LKS_STATEMENT_KINDS_COUNT] = {
    "import",   "derive", "hold",  "request", "access", "export",
    "disclose", "redact", "erase", "anchor",  "key",    "note"};

void lks_statement_start(struct lks_statement_writer *writer, enum lks_statement_kind kind,
                         int64_t time_us)
{
    char time[LKS_TIME_TEXT_BYTES];
    lks_time_format(time_us, time);
    lks_canon_object(&writer->canon, NULL);
    lks_canon_text(&writer->canon, "kind", lks_statement_kind_names[kind]);
    lks_canon_text(&writer->canon, "time", time);
    lks_canon_int(&writer->canon, "v", LKS_STATEMENT_VERSION);
}

static char *digest_room(struct lks_statement_writer *writer)
{
    if (writer->digests_count == writer->digests_room) {
        size_t room = writer->digests_room ? 2 * writer->digests_room : 16;
        void *more = realloc(writer->digests, room * sizeof *writer->digests);
        if (!more) {
            writer->code = LKS_EMEMORY;
            return NULL;
        }
        writer->digests = more;
        writer->digests_room = room;
    }
    return writer->digests[writer->digests_count++];
}

void lks_statement_hide(struct lks_statement_writer *writer, const char *name, struct lks_str value)
{
    unsigned char salt[LKS_SALT_BYTES];
    struct lks_buffer *lines = &writer->disclosures;
    size_t start = lines->size_bytes;
    if (writer->code || !value.data)
        return;
    writer->code = lks_salt_new(salt, NULL);
    if (writer->code == 0)
        writer->code = lks_disclosure_make(salt, name, value, lines, NULL);
    char *digest = writer->code ? NULL : digest_room(writer);
    if (!digest)
        return;
    lks_disclosure_digest((struct lks_str){lines->data + start, lines->size_bytes - start}, digest);
    lks_buffer_byte(lines, '\n');
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* How many values were hidden must not be seen from the count: one to three stand for nothing. */
static void decoys_add(struct lks_statement_writer *writer)
{
    unsigned char dice[LKS_SALT_BYTES];
    writer->code = writer->code ? writer->code : lks_salt_new(dice, NULL);
    for (int i = 0; writer->code == 0 && i < DECOYS_MIN + dice[0] % DECOYS_SPREAD; i++) {
        char *digest = digest_room(writer);
        if (digest)
            writer->code = lks_disclosure_decoy(digest, NULL);
    }
}

int lks_statement_finish(struct lks_statement_writer *writer, struct lks_buffer *out,
                         struct lks_buffer *disclosures_out, struct lks_error *err)
{
    size_t start = out->size_bytes;
    if (writer->digests_count) {
        decoys_add(writer);
        qsort(writer->digests, writer->digests_count, sizeof *writer->digests, by_text);
        lks_canon_text(&writer->canon, "_sd_alg", "sha-256");
        lks_canon_array(&writer->canon, "_sd");
        for (size_t i = 0; i < writer->digests_count; i++)
            lks_canon_text(&writer->canon, NULL, writer->digests[i]);
        lks_canon_end(&writer->canon);
    }
    int code = writer->code;
    if (code == 0)
        code = lks_canon_finish(&writer->canon, out);
    if (code == 0)
        lks_buffer_append(disclosures_out, writer->disclosures.data,
                          writer->disclosures.size_bytes);
    if (code == 0 && (writer->disclosures.failed || disclosures_out->failed))
        code = LKS_EMEMORY;
    lks_statement_abandon(writer);
    if (code)
        return lks_error_set(err, code,
                             code == LKS_EMEMORY ? "out of memory"
                                                 : "the system gives no random numbers");
    if (out->size_bytes - start > LKS_STATEMENT_BYTES_MAX)
        return lks_error_set(err, LKS_EINPUT, "a statement of %zu bytes is longer than an entry",
                             out->size_bytes - start);
    return 0;
}

void lks_statement_abandon(struct lks_statement_writer *writer)
{
    lks_canon_free(&writer->canon);
    free(writer->digests);
    lks_buffer_free(&writer->disclosures);
    *writer = (struct lks_statement_writer){0};
}

static int kind_parse(struct lks_str name, enum lks_statement_kind *kind)
{
    for (int i = 0; i < LKS_STATEMENT_KINDS_COUNT; i++)
        if (lks_str_equal_text(name, lks_statement_kind_names[i])) {
            *kind = (enum lks_statement_kind)i;
            return 1;
        }
    return 0;
}

int lks_statement_read(struct lks_str bytes, struct lks_arena *arena,
                       struct lks_statement *statement, struct lks_error *err)
{
    static const struct lks_str paths[] = {{"kind", 4}, {"time", 4}, {"v", 1}};
    struct lks_json_value values[3];
    int zoned = 0, code = lks_canonical_check(bytes, arena, err);
    if (code)
        return code;
    code = lks_json_get_paths(bytes, paths, 3, values, arena, 0, NULL);
    if (code)
        return lks_error_set(err, code, "a statement cannot be read");
    if (values[2].type != LKS_JSON_NUMBER || !lks_str_equal_text(values[2].text, "1"))
        return lks_error_set(err, LKS_EINPUT, "a statement has a version that is not known here");
    if (values[0].type != LKS_JSON_STRING || !kind_parse(values[0].text, &statement->kind))
        return lks_error_set(err, LKS_EINPUT, "a statement has a kind that is not known here");
    if (values[1].type != LKS_JSON_STRING ||
        lks_time_parse_iso(values[1].text, &statement->time_us, NULL, &zoned) != 0 || !zoned)
        return lks_error_set(err, LKS_EINPUT, "a statement tells no time");
    statement->bytes = bytes;
    return 0;
}

/* 1 where the digest stands in the statement's _sd. */
static int digest_stands(const struct lks_statement *statement, const char *digest,
                         struct lks_arena *arena)
{
    struct lks_json_value list;
    struct lks_json_reader reader;
    int found = 0;
    if (lks_json_get(statement->bytes, LKS_STR("_sd"), &list, arena, 0, NULL) != 0 ||
        list.type != LKS_JSON_ARRAY)
        return 0;
    lks_json_open(&reader, list.text, arena, 0);
    if (lks_json_enter_array(&reader))
        while (lks_json_element(&reader))
            found |= lks_str_equal_text(lks_json_read(&reader).text, digest);
    return lks_json_close(&reader, NULL) == 0 && found;
}

int lks_statement_open(const struct lks_statement *statement, struct lks_str disclosure,
                       struct lks_arena *arena, struct lks_str *name, struct lks_str *value,
                       struct lks_error *err)
{
    char digest[LKS_COMMITMENT_BYTES];
    struct lks_buffer json = {0};
    struct lks_json_reader reader;
    struct lks_json_value parts[3] = {{LKS_JSON_NONE, {NULL, 0}}};
    int count = 0;
    lks_disclosure_digest(disclosure, digest);
    if (!digest_stands(statement, digest, arena))
        return lks_error_set(err, LKS_EINPUT, "this disclosure is not one of the statement's");
    int code = lks_base64url_read(disclosure, &json, err);
    if (code == 0) {
        struct lks_str copy = lks_arena_str(arena, (struct lks_str){json.data, json.size_bytes});
        lks_json_open(&reader, copy, arena, 0);
        if (copy.data && lks_json_enter_array(&reader))
            while (lks_json_element(&reader)) {
                struct lks_json_value part = lks_json_read(&reader);
                if (count < 3)
                    parts[count] = part;
                count++;
            }
        if (!copy.data || lks_json_close(&reader, NULL) != 0 || count != 3 ||
            parts[0].type != LKS_JSON_STRING || parts[1].type != LKS_JSON_STRING ||
            parts[2].type != LKS_JSON_STRING)
            code = lks_error_set(err, LKS_EINPUT, "a disclosure is an array of salt, name, value");
    }
    lks_buffer_free(&json);
    if (code)
        return code;
    *name = parts[1].text;
    *value = parts[2].text;
    return 0;
}
