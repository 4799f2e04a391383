/* log_show.c - the statements of a case's log, in plain words or as JSON
 *
 * Kinds with much to say have a sentence; of others every member in the clear is shown with its
 * name, as `a.b value`, and behind them what is hidden and disclosed here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "base/shown.h"
#include "base/time.h"
#include "case/entries.h"
#include "evidence/log_keys.h"
#include "evidence/log_notes.h"
#include "evidence/log_requests.h"
#include "source/json_read.h"

enum { VALUE_BYTES = 160 };

struct showing {
    struct lks_buffer *out;
    struct lks_json json;
    int as_json;
};

static void value_shown(struct lks_buffer *out, struct lks_str value)
{
    lks_buffer_shown(out, value, VALUE_BYTES);
}

/* ---- JSON: the statement's members, and what is disclosed of it ---- */

/* Written anew, not copied: so no text of it can drive a terminal. A statement is at most
 * LKS_CANON_DEPTH_MAX deep, which was checked when it was read. */
static void value_json(struct lks_json *json, struct lks_json_value value, struct lks_arena *arena,
                       int depth)
{
    struct lks_json_reader reader;
    struct lks_str name;
    if (value.type == LKS_JSON_STRING || depth > LKS_CANON_DEPTH_MAX)
        lks_json_string(json, NULL, value.text);
    else if (value.type == LKS_JSON_NUMBER)
        lks_json_int(json, NULL,
                     strtoll(value.text.data, NULL, 10)); /* a digit is followed by no digit */
    else if (value.type == LKS_JSON_TRUE || value.type == LKS_JSON_FALSE)
        lks_json_bool(json, NULL, value.type == LKS_JSON_TRUE);
    else if (value.type == LKS_JSON_OBJECT) {
        lks_json_object(json, NULL);
        lks_json_open(&reader, value.text, arena, 0);
        if (lks_json_enter_object(&reader))
            while (lks_json_member(&reader, &name)) {
                struct lks_str key = lks_arena_str(arena, name);
                lks_json_key(json, key.data ? key.data : "");
                value_json(json, lks_json_read(&reader), arena, depth + 1);
            }
        lks_json_close(&reader, NULL);
        lks_json_object_end(json);
    } else if (value.type == LKS_JSON_ARRAY) {
        lks_json_array(json, NULL);
        lks_json_open(&reader, value.text, arena, 0);
        if (lks_json_enter_array(&reader))
            while (lks_json_element(&reader))
                value_json(json, lks_json_read(&reader), arena, depth + 1);
        lks_json_close(&reader, NULL);
        lks_json_array_end(json);
    } else
        lks_json_null(json, NULL);
}

static void entry_json(struct showing *showing, const struct lks_entry *entry)
{
    struct lks_json *json = &showing->json;
    lks_json_object(json, NULL);
    lks_json_uint(json, "index", entry->index);
    lks_json_key(json, "statement");
    value_json(json, (struct lks_json_value){LKS_JSON_OBJECT, entry->statement.bytes}, entry->arena,
               0);
    lks_json_array(json, "disclosed");
    for (size_t i = 0; i < entry->values_count; i++) {
        lks_json_object(json, NULL);
        lks_json_string(json, "name", entry->values[i].name);
        lks_json_string(json, "value", entry->values[i].value);
        lks_json_object_end(json);
    }
    lks_json_array_end(json);
    lks_json_object_end(json);
}

/* ---- words ---- */

static int text_get(const struct lks_entry *entry, const char *path, struct lks_str *text)
{
    return lks_statement_text(&entry->statement, path, entry->arena, text);
}

static long long int_get(const struct lks_entry *entry, const char *path)
{
    int64_t value;
    lks_statement_int(&entry->statement, path, entry->arena, &value);
    return value;
}

static void import_words(struct lks_buffer *out, const struct lks_entry *entry)
{
    struct lks_str text, name = lks_entry_value(entry, "name");
    long long rows = int_get(entry, "counts.rows"), posts = int_get(entry, "counts.posts");
    if (name.data)
        value_shown(out, name);
    else
        lks_buffer_text(out, "a file whose name is not disclosed here");
    if (text_get(entry, "format", &text)) {
        lks_buffer_text(out, ", read as ");
        value_shown(out, text);
    }
    lks_buffer_format(out, ": %lld post%s of %lld row%s", posts, posts == 1 ? "" : "s", rows,
                      rows == 1 ? "" : "s");
    static const char *const others[][2] = {{"counts.payments", "payments"},
                                            {"counts.duplicates", "duplicates"},
                                            {"counts.rejects", "rejects"},
                                            {"counts.ignored", "ignored"}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (int_get(entry, others[i][0]))
            lks_buffer_format(out, ", %lld %s", int_get(entry, others[i][0]), others[i][1]);
    if (text_get(entry, "blob", &text)) {
        lks_buffer_text(out, "; sealed as ");
        lks_buffer_shown(out, text, 16);
    }
}

static void derive_words(struct lks_buffer *out, const struct lks_entry *entry)
{
    struct lks_str text;
    if (text_get(entry, "run", &text)) {
        lks_buffer_text(out, "run ");
        value_shown(out, text);
    }
    long long findings = int_get(entry, "findings"), files = int_get(entry, "inputs.files");
    lks_buffer_format(out, ": %lld finding%s from %lld file%s", findings, findings == 1 ? "" : "s",
                      files, files == 1 ? "" : "s");
    if (text_get(entry, "output_sha256", &text)) {
        lks_buffer_text(out, "; output ");
        lks_buffer_shown(out, text, 16);
    }
}

/* The names of the files of an export. */
static void export_words(struct lks_buffer *out, const struct lks_entry *entry)
{
    struct lks_str text;
    char path[48];
    for (int i = 0; i < 100; i++) {
        snprintf(path, sizeof path, "files.%d.name", i);
        if (!text_get(entry, path, &text))
            break;
        if (i)
            lks_buffer_text(out, ", ");
        value_shown(out, text);
    }
    if (text_get(entry, "run", &text)) {
        lks_buffer_text(out, " of run ");
        value_shown(out, text);
    }
}

static void access_words(struct lks_buffer *out, const struct lks_entry *entry)
{
    struct lks_str text, asked = lks_entry_value(entry, "asked");
    if (text_get(entry, "what", &text))
        value_shown(out, text);
    if (asked.data) {
        lks_buffer_byte(out, ' ');
        value_shown(out, asked);
    }
    if (text_get(entry, "run", &text)) {
        lks_buffer_text(out, " in run ");
        value_shown(out, text);
    }
}

/* Members that every statement has, or that say nothing to a person. */
static int member_plain(struct lks_str name)
{
    static const char *const names[] = {"_sd", "_sd_alg", "kind", "time", "v", "program"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (lks_str_equal_text(name, names[i]))
            return 1;
    return 0;
}

static void members_words(struct lks_buffer *out, const struct lks_entry *entry)
{
    struct lks_json_reader reader;
    struct lks_str name;
    const char *between = "";
    lks_json_open(&reader, entry->statement.bytes, entry->arena, 0);
    if (lks_json_enter_object(&reader))
        while (lks_json_member(&reader, &name)) {
            if (member_plain(name)) {
                lks_json_skip(&reader);
                continue;
            }
            struct lks_json_value value = lks_json_read(&reader);
            lks_buffer_text(out, between);
            value_shown(out, name);
            lks_buffer_byte(out, ' ');
            value_shown(out, value.text);
            between = ", ";
        }
    lks_json_close(&reader, NULL);
}

static void hidden_words(struct lks_buffer *out, const struct lks_entry *entry)
{
    static const char *const told[] = {"actor", "name", "sha256", "asked"};
    for (size_t i = 0; i < entry->values_count; i++) {
        const struct lks_entry_value *value = &entry->values[i];
        int known = lks_str_equal_text(value->name, told[0]);
        if (entry->statement.kind == LKS_STATEMENT_IMPORT ||
            entry->statement.kind == LKS_STATEMENT_ACCESS)
            for (size_t k = 1; k < sizeof told / sizeof *told; k++)
                known |= lks_str_equal_text(value->name, told[k]);
        if (known || lks_log_value_is_key(value->name))
            continue;
        lks_buffer_text(out, "\n        ");
        value_shown(out, value->name);
        lks_buffer_text(out, ": ");
        value_shown(out, value->value);
    }
}

static void entry_words(struct lks_buffer *out, const struct lks_entry *entry)
{
    char time[LKS_TIME_TEXT_BYTES];
    struct lks_str actor = lks_entry_value(entry, "actor");
    lks_time_format(entry->statement.time_us, time);
    lks_buffer_format(out, "%6llu  %.10s %.8s  %-8s  ", (unsigned long long)entry->index, time,
                      time + 11, lks_statement_kind_names[entry->statement.kind]);
    int is_told = entry->statement.kind == LKS_STATEMENT_KEY      ? lks_log_key_words(out, entry)
                  : entry->statement.kind == LKS_STATEMENT_ANCHOR ? lks_log_anchor_words(out, entry)
                                                                  : lks_log_note_words(out, entry);
    if (!is_told)
        is_told = lks_log_request_words(out, entry);
    switch (is_told ? LKS_STATEMENT_KINDS_COUNT : entry->statement.kind) {
    case LKS_STATEMENT_KINDS_COUNT:
        break;
    case LKS_STATEMENT_IMPORT:
        import_words(out, entry);
        break;
    case LKS_STATEMENT_DERIVE:
        derive_words(out, entry);
        break;
    case LKS_STATEMENT_EXPORT:
        export_words(out, entry);
        break;
    case LKS_STATEMENT_ACCESS:
        access_words(out, entry);
        break;
    default:
        members_words(out, entry);
    }
    long long behind = int_get(entry, "clock_behind_s");
    if (behind)
        lks_buffer_format(out, "; THE CLOCK STOOD %lld s BEFORE THE ENTRY ABOVE", behind);
    if (actor.data) {
        lks_buffer_text(out, ", by ");
        value_shown(out, actor);
    }
    if (!lks_log_is_record(entry))
        hidden_words(out, entry);
    lks_buffer_byte(out, '\n');
}

static int entry_show(void *context, const struct lks_entry *entry, struct lks_error *err)
{
    struct showing *showing = context;
    (void)err;
    if (showing->as_json)
        entry_json(showing, entry);
    else
        entry_words(showing->out, entry);
    return 0;
}

int lks_case_log(const char *case_path, uint64_t first, uint64_t end, int as_json, char **text_out,
                 struct lks_error *err)
{
    struct lks_buffer out = {0};
    struct showing showing = {.out = &out, .json = {.buffer = &out}, .as_json = as_json};
    *text_out = NULL;
    if (as_json)
        lks_json_array(&showing.json, NULL);
    int code = lks_entries_each(case_path, first, end, entry_show, &showing, err);
    if (as_json) {
        lks_json_array_end(&showing.json);
        lks_buffer_byte(&out, '\n');
    }
    lks_buffer_byte(&out, 0);
    if (code == 0 && out.failed)
        code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    if (code == 0)
        *text_out = out.data;
    else
        lks_buffer_free(&out);
    return code;
}
