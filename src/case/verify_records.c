/* verify_records.c - the records of an answer against the statements that commit to them
 *
 * A record is a line of JSON in data/records/, and a statement whose hidden values are its members.
 * Lines and statements stand in the same order, so they are walked side by side. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case/verify_bundle.h"
#include "source/json_read.h"
#include "vault/disk.h"

enum { MEMBERS_MAX = 4096 };

struct kind {
    struct lks_line_reader reader;
    char name[64]; /* of the file, for people */
    int there;
    uint64_t statements, lines;
};

struct lks_records_verify {
    struct lks_check *records, *complete;
    uint64_t size;
    struct kind kinds[LKS_ANSWER_RECORDS_COUNT];
    struct lks_arena arena;
    uint64_t first, next; /* of the record statements: next is one after the last */
    int any, gap;
    /* The last frozen statement. */
    int frozen;
    uint64_t frozen_index;
    int64_t frozen_first, counts[LKS_ANSWER_RECORDS_COUNT];
};

int lks_records_verify_start(struct lks_verification *verification, const char *folder,
                             uint64_t size, struct lks_records_verify **out, struct lks_error *err)
{
    struct lks_records_verify *verify = calloc(1, sizeof *verify);
    int code = 0;
    if (!verify)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    verify->records = lks_check_start(verification, "records", "records");
    verify->complete = lks_check_start(verification, "complete", "completeness");
    verify->size = size;
    for (int i = 0; i < LKS_ANSWER_RECORDS_COUNT; i++)
        verify->kinds[i].reader.file = -1;
    for (int i = 0; code == 0 && i < LKS_ANSWER_RECORDS_COUNT; i++) {
        struct kind *kind = &verify->kinds[i];
        struct lks_error inner = {0};
        char path[LKS_DISK_PATH_BYTES];
        snprintf(kind->name, sizeof kind->name, LKS_ANSWER_RECORDS "/%s.ndjson",
                 lks_answer_file_names[i]);
        if (snprintf(path, sizeof path, "%s/%s", folder, kind->name) >= (int)sizeof path)
            code = lks_error_set(err, LKS_EARGUMENT, "a path is too long");
        else
            code = lks_line_reader_open(&kind->reader, path, &inner);
        kind->there = code == 0;
        if (code == LKS_EINPUT)
            lks_check_damaged(verify->records, "%s is no plain file", kind->name);
        else if (code && code != LKS_EMISSING)
            return lks_records_verify_free(verify), lks_error_set(err, code, "%s", inner.message);
        code = 0;
    }
    if (code)
        lks_records_verify_free(verify);
    *out = code ? NULL : verify;
    return code;
}

void lks_records_verify_free(struct lks_records_verify *verify)
{
    if (!verify)
        return;
    for (int i = 0; i < LKS_ANSWER_RECORDS_COUNT; i++) {
        lks_line_reader_close(&verify->kinds[i].reader);
        lks_buffer_free(&verify->kinds[i].reader.bytes);
    }
    lks_arena_free(&verify->arena);
    free(verify);
}

/* ---- one record ---- */

/* Whether a disclosure of that name, or of the same value as it is shown, says just this. */
static int disclosed(const struct lks_entry *entry, struct lks_str name, struct lks_str text)
{
    static const char shown[] = LKS_ANSWER_SHOWN;
    size_t size = sizeof shown - 1;
    for (size_t i = 0; i < entry->values_count; i++) {
        const struct lks_entry_value *value = &entry->values[i];
        int same = lks_str_equal(value->name, name) ||
                   (value->name.size_bytes == size + name.size_bytes &&
                    memcmp(value->name.data, shown, size) == 0 &&
                    memcmp(value->name.data + size, name.data, name.size_bytes) == 0);
        if (same && lks_str_equal(value->value, text))
            return 1;
    }
    return 0;
}

static int member_good(const struct lks_entry *entry, struct lks_str name,
                       struct lks_json_value value)
{
    switch (value.type) {
    case LKS_JSON_NULL:
        return 1; /* unknown, or withheld */
    case LKS_JSON_STRING:
    case LKS_JSON_NUMBER:
    case LKS_JSON_TRUE:
    case LKS_JSON_FALSE:
        return disclosed(entry, name, value.text);
    default:
        return 0;
    }
}

/* The line's members against the entry's values. 1 where its leaf is the entry. */
static void line_compare(struct lks_records_verify *verify, const struct kind *kind,
                         const struct lks_entry *entry, struct lks_str line)
{
    struct lks_json_reader reader;
    struct lks_str name;
    int64_t leaf = -1;
    unsigned members = 0, bad = 0;
    char first[64] = "", proof[LKS_ANSWER_PROOF_PATH_BYTES];
    lks_answer_proof_path(entry->index, proof);
    lks_arena_reset(&verify->arena);
    lks_json_open(&reader, line, &verify->arena, 0);
    int object = lks_json_enter_object(&reader);
    while (object && lks_json_member(&reader, &name) && ++members < MEMBERS_MAX) {
        struct lks_json_value value = lks_json_read(&reader);
        int good = 1;
        if (lks_str_equal_text(name, "leaf"))
            good = lks_json_int64(value, &leaf) == 0 && (uint64_t)leaf == entry->index;
        else if (lks_str_equal_text(name, "proof"))
            good = value.type == LKS_JSON_STRING &&
                   lks_str_equal_text(value.text, proof + strlen("data/"));
        else
            good = member_good(entry, name, value);
        if (!good && bad++ == 0)
            snprintf(first, sizeof first, "%.*s", (int)name.size_bytes, name.data);
    }
    if (lks_json_close(&reader, NULL) != 0 || !object)
        lks_check_damaged(verify->records, "%s, line %llu, is no JSON object", kind->name,
                          (unsigned long long)kind->lines);
    else if (leaf < 0 || bad)
        lks_check_damaged(verify->records, "%s, line %llu: '%s' is not what entry %llu commits to",
                          kind->name, (unsigned long long)kind->lines, bad ? first : "leaf",
                          (unsigned long long)entry->index);
}

static int record_check(struct lks_records_verify *verify, int which, const struct lks_entry *entry,
                        struct lks_error *err)
{
    struct kind *kind = &verify->kinds[which];
    struct lks_str line;
    kind->statements++;
    int more = kind->there ? lks_line_reader_next(&kind->reader, &line, err) : 0;
    if (more < 0)
        return more;
    if (more == 0) {
        lks_check_missing(verify->records, "%s has no line for entry %llu", kind->name,
                          (unsigned long long)entry->index);
        return 0;
    }
    kind->lines++;
    verify->records->checked_count++;
    line_compare(verify, kind, entry, line);
    return 0;
}

static void frozen_take(struct lks_records_verify *verify, const struct lks_entry *entry)
{
    char path[32];
    verify->frozen = 1;
    verify->frozen_index = entry->index;
    if (!lks_statement_int(&entry->statement, "first", entry->arena, &verify->frozen_first))
        verify->frozen_first = -1;
    for (int i = 0; i < LKS_ANSWER_RECORDS_COUNT; i++) {
        snprintf(path, sizeof path, "counts.%s", lks_answer_file_names[i]);
        if (!lks_statement_int(&entry->statement, path, entry->arena, &verify->counts[i]))
            verify->counts[i] = 0;
    }
}

int lks_records_verify_see(struct lks_records_verify *verify, const struct lks_entry *entry,
                           struct lks_error *err)
{
    struct lks_str what, record;
    if (entry->statement.kind != LKS_STATEMENT_DISCLOSE ||
        !lks_statement_text(&entry->statement, "what", entry->arena, &what))
        return 0;
    if (lks_str_equal_text(what, LKS_ANSWER_FROZEN)) {
        frozen_take(verify, entry);
        return 0;
    }
    if (!lks_str_equal_text(what, LKS_ANSWER_RECORD) ||
        !lks_statement_text(&entry->statement, "record", entry->arena, &record))
        return 0;
    if (!verify->any)
        verify->first = entry->index;
    else
        verify->gap |= entry->index != verify->next;
    verify->any = 1;
    verify->next = entry->index + 1;
    for (int i = 0; i < LKS_ANSWER_RECORDS_COUNT; i++)
        if (lks_str_equal_text(record, lks_answer_record_names[i]))
            return record_check(verify, i, entry, err);
    lks_check_damaged(verify->records, "entry %llu is of a kind of record that is not known",
                      (unsigned long long)entry->index);
    return 0;
}

/* ---- the end ---- */

static int rest_tell(struct lks_records_verify *verify, struct kind *kind, struct lks_error *err)
{
    struct lks_str line;
    uint64_t more = 0;
    int got = 0;
    while (kind->there && (got = lks_line_reader_next(&kind->reader, &line, err)) == 1)
        more++;
    if (more)
        lks_check_damaged(verify->records, "%s has %llu lines that no statement commits to",
                          kind->name, (unsigned long long)more);
    if (kind->reader.unended || kind->reader.too_long)
        lks_check_damaged(verify->records, "%s is cut short, or has a line that is too long",
                          kind->name);
    return got;
}

static void complete_tell(struct lks_records_verify *verify)
{
    struct lks_check *check = verify->complete;
    uint64_t all = 0;
    if (!verify->frozen) {
        lks_check_missing(check, "no statement says how many records the answer has");
        return;
    }
    if (verify->frozen_index + 1 != verify->size)
        lks_check_damaged(check, "the statement that freezes the answer is not the last of the "
                                 "checkpoint");
    for (int i = 0; i < LKS_ANSWER_RECORDS_COUNT; i++) {
        const struct kind *kind = &verify->kinds[i];
        all += kind->statements;
        if ((uint64_t)verify->counts[i] > kind->statements)
            lks_check_missing(check, "%llu of %lld %s are here",
                              (unsigned long long)kind->statements, (long long)verify->counts[i],
                              lks_answer_file_names[i]);
        else if ((uint64_t)verify->counts[i] != kind->statements)
            lks_check_damaged(check, "%llu %s are here, the answer counts %lld",
                              (unsigned long long)kind->statements, lks_answer_file_names[i],
                              (long long)verify->counts[i]);
    }
    if (verify->any &&
        (verify->gap || verify->next != verify->frozen_index || verify->frozen_first < 0 ||
         verify->first != (uint64_t)verify->frozen_first))
        lks_check_damaged(check, "the records are not the entries that the answer names");
    if (check->state == LKS_CHECK_HOLDS)
        lks_check_say(check, "all %llu records that the answer counts are here",
                      (unsigned long long)all);
}

int lks_records_verify_end(struct lks_records_verify *verify, struct lks_error *err)
{
    int code = 0;
    for (int i = 0; code == 0 && i < LKS_ANSWER_RECORDS_COUNT; i++)
        code = rest_tell(verify, &verify->kinds[i], err);
    complete_tell(verify);
    uint64_t lines[LKS_ANSWER_RECORDS_COUNT];
    for (int i = 0; i < LKS_ANSWER_RECORDS_COUNT; i++)
        lines[i] = verify->kinds[i].lines;
    char counts[LKS_ANSWER_COUNTS_BYTES];
    lks_answer_counts_format(lines, counts);
    lks_check_say(verify->records, "%s read, each member against what its entry commits to",
                  counts);
    lks_records_verify_free(verify);
    return code;
}
