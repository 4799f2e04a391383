/* verify_entries.c - what the entries of a log say, and whether their hidden values are theirs
 *
 * Statements come in the order of the log, and lines of disclosures lie in the same order, so both
 * are walked side by side and neither is held in memory. */
#include "case/verify_entries.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "source/json_read.h"
#include "vault/disk.h"

enum { VALUES_MAX = 65536, NAME_DIGITS = 12 };

struct lks_entries_verify {
    struct lks_check *statements, *disclosures;
    const struct lks_entries_request *request;
    uint64_t *files; /* [files_count] the first entry of each, rising */
    size_t files_count, file_next;
    struct lks_line_reader reader;
    char path[LKS_DISK_PATH_BYTES]; /* of the file that is open */
    char name[64];                  /* of it, for people */
    uint64_t next;                  /* the entry after the last that was taken */
    uint64_t homeless;              /* disclosures of entries that could not be had */
    int held;                       /* a line waits */
    uint64_t held_index;
    struct lks_str held_disclosure;
    int64_t last_us;
    int any;
    struct lks_entry_value *values;
    size_t values_count, values_room;
    uint64_t kinds[LKS_STATEMENT_KINDS_COUNT], values_seen, unheard;
    struct lks_arena arena;
};

/* ---- files of disclosures ---- */

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static int name_number(const char *name, uint64_t *number)
{
    char again[32];
    *number = 0;
    for (const char *at = name; *at; at++) {
        if (*at < '0' || *at > '9' || at - name > 19)
            return 0;
        *number = *number * 10 + (uint64_t)(*at - '0');
    }
    snprintf(again, sizeof again, "%0*llu", NAME_DIGITS, (unsigned long long)*number);
    return strcmp(again, name) == 0;
}

static int files_list(struct lks_entries_verify *verify, struct lks_error *err)
{
    size_t room = 0;
    DIR *folder = opendir(verify->request->folder);
    if (!folder)
        return 0;
    for (struct dirent *entry; (entry = readdir(folder));) {
        uint64_t number;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (!name_number(entry->d_name, &number)) {
            lks_check_note(verify->disclosures, "disclosures/%.200s is no file of disclosures",
                           entry->d_name);
            continue;
        }
        if (number >= verify->request->size) {
            lks_check_note(verify->disclosures,
                           "disclosures/%.200s belongs to entries that are not signed",
                           entry->d_name);
            continue;
        }
        if (verify->files_count == room) {
            room = room ? 2 * room : 64;
            uint64_t *more = realloc(verify->files, room * sizeof *more);
            if (!more) {
                closedir(folder);
                return lks_error_set(err, LKS_EMEMORY, "out of memory");
            }
            verify->files = more;
        }
        verify->files[verify->files_count++] = number;
    }
    closedir(folder);
    if (verify->files_count)
        qsort(verify->files, verify->files_count, sizeof *verify->files, by_number);
    return 0;
}

static int file_open(struct lks_entries_verify *verify, struct lks_error *err)
{
    struct lks_error inner = {0};
    int code = lks_line_reader_open(&verify->reader, verify->path, &inner);
    if (code == LKS_EMISSING)
        lks_check_missing(verify->disclosures, "%s is not there", verify->name);
    else if (code == LKS_EINPUT)
        lks_check_damaged(verify->disclosures, "%s is no plain file", verify->name);
    else if (code)
        return lks_error_set(err, code, "%s", inner.message);
    return 0;
}

/* Makes a line wait in `held`, if there is one left in the file that is open. */
static int line_hold(struct lks_entries_verify *verify, struct lks_error *err)
{
    struct lks_str line;
    int more = 0;
    while (!verify->held && verify->reader.file >= 0) {
        more = lks_line_reader_next(&verify->reader, &line, err);
        if (more < 0)
            return more;
        if (!more) {
            if (verify->reader.unended)
                lks_check_damaged(verify->disclosures, "%s is cut short", verify->name);
            if (verify->reader.too_long)
                lks_check_damaged(verify->disclosures, "%s has a line that is too long",
                                  verify->name);
            lks_line_reader_close(&verify->reader);
            break;
        }
        if (lks_indexed_line(line, &verify->held_index, &verify->held_disclosure) &&
            verify->held_index < verify->request->size)
            verify->held = 1;
        else
            lks_check_damaged(verify->disclosures,
                              "%s has a line that is no disclosure of an entry", verify->name);
    }
    return 0;
}

/* Passes over lines of entries before that one. Those of an entry that was there and gone by stand in a
 * wrong place, or in a wrong file; the others are of entries that are missing themselves. */
static int rest_tell(struct lks_entries_verify *verify, uint64_t before, struct lks_error *err)
{
    int code = line_hold(verify, err);
    while (code == 0 && verify->held && verify->held_index < before) {
        int elsewhere = verify->file_next < verify->files_count &&
                        verify->held_index >= verify->files[verify->file_next];
        if (verify->held_index >= verify->next && !elsewhere)
            verify->homeless++;
        else
            lks_check_damaged(verify->disclosures,
                              "%s has a disclosure of entry %llu where it does not belong",
                              verify->name, (unsigned long long)verify->held_index);
        verify->held = 0;
        code = line_hold(verify, err);
    }
    return code;
}

/* Opens the file that begins at this entry, once the one before was read to its end. */
static int file_reach(struct lks_entries_verify *verify, uint64_t index, struct lks_error *err)
{
    int code = 0;
    while (code == 0 && verify->file_next < verify->files_count &&
           verify->files[verify->file_next] <= index) {
        code = rest_tell(verify, UINT64_MAX, err);
        if (code)
            return code;
        if (snprintf(verify->path, sizeof verify->path, "%s/%0*llu", verify->request->folder,
                     NAME_DIGITS, (unsigned long long)verify->files[verify->file_next]) >=
            (int)sizeof verify->path)
            return lks_error_set(err, LKS_EARGUMENT, "a path is too long");
        snprintf(verify->name, sizeof verify->name, "disclosures/%0*llu", NAME_DIGITS,
                 (unsigned long long)verify->files[verify->file_next]);
        verify->file_next++;
        code = file_open(verify, err);
    }
    return code;
}

/* ---- one entry ---- */

static int values_room(struct lks_entries_verify *verify, struct lks_error *err)
{
    if (verify->values_count < verify->values_room)
        return 0;
    size_t room = verify->values_room ? 2 * verify->values_room : 64;
    struct lks_entry_value *more = realloc(verify->values, room * sizeof *more);
    if (!more)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    verify->values = more;
    verify->values_room = room;
    return 0;
}

static int twice(const struct lks_entries_verify *verify, struct lks_str disclosure)
{
    for (size_t i = 0; i < verify->values_count; i++)
        if (lks_str_equal(verify->values[i].disclosure, disclosure))
            return 1;
    return 0;
}

static int values_take(struct lks_entries_verify *verify, struct lks_entry *entry, int readable,
                       struct lks_error *err)
{
    int code = rest_tell(verify, entry->index, err);
    while (code == 0 && verify->held && verify->held_index == entry->index) {
        struct lks_error inner = {0};
        struct lks_str disclosure = lks_arena_str(&verify->arena, verify->held_disclosure);
        if (!disclosure.data || verify->values_count == VALUES_MAX || values_room(verify, err) != 0)
            return lks_error_set(err, LKS_EMEMORY, "out of memory");
        struct lks_entry_value *value = &verify->values[verify->values_count];
        value->disclosure = disclosure;
        verify->disclosures->checked_count++;
        if (readable && lks_statement_open(&entry->statement, disclosure, &verify->arena,
                                           &value->name, &value->value, &inner) != 0)
            lks_check_damaged(verify->disclosures, "entry %llu: %s",
                              (unsigned long long)entry->index, inner.message);
        else if (readable && twice(verify, disclosure))
            lks_check_damaged(verify->disclosures, "entry %llu: a disclosure stands twice",
                              (unsigned long long)entry->index);
        else if (readable)
            verify->values_count++;
        verify->held = 0;
        code = line_hold(verify, err);
    }
    entry->values = verify->values;
    entry->values_count = verify->values_count;
    return code;
}

static int hides(const struct lks_statement *statement, struct lks_arena *arena)
{
    struct lks_json_value list;
    return lks_json_get(statement->bytes, LKS_STR("_sd"), &list, arena, 0, NULL) == 0 &&
           list.type == LKS_JSON_ARRAY && list.text.size_bytes > 2;
}

int lks_entries_verify_take(struct lks_entries_verify *verify, uint64_t index, struct lks_str bytes,
                            struct lks_error *err)
{
    struct lks_entry entry = {.index = index, .arena = &verify->arena};
    struct lks_error inner = {0};
    lks_arena_reset(&verify->arena);
    verify->values_count = 0;
    verify->statements->checked_count++;
    int code = lks_statement_read(bytes, &verify->arena, &entry.statement, &inner),
        readable = !code;
    if (code == LKS_EMEMORY)
        return lks_error_set(err, code, "%s", inner.message);
    if (!readable)
        lks_check_damaged(verify->statements, "entry %llu: %s", (unsigned long long)index,
                          inner.message);
    code = file_reach(verify, index, err);
    if (code == 0)
        code = values_take(verify, &entry, readable, err);
    verify->next = index + 1;
    if (code || !readable)
        return code;
    verify->kinds[entry.statement.kind]++;
    verify->values_seen += verify->values_count;
    if (verify->values_count == 0 && hides(&entry.statement, &verify->arena)) {
        verify->unheard++;
        if (verify->request->expected)
            lks_check_missing(verify->disclosures,
                              "entry %llu hides values, and no disclosure of it is here",
                              (unsigned long long)index);
    }
    if (verify->any && entry.statement.time_us < verify->last_us)
        lks_check_damaged(verify->statements, "entry %llu bears a time before the one before it",
                          (unsigned long long)index);
    verify->any = 1;
    verify->last_us = entry.statement.time_us;
    return verify->request->see ? verify->request->see(verify->request->context, &entry, err) : 0;
}

/* ---- start and end ---- */

int lks_entries_verify_start(struct lks_verification *verification,
                             const struct lks_entries_request *request,
                             struct lks_entries_verify **out, struct lks_error *err)
{
    struct lks_entries_verify *verify = calloc(1, sizeof *verify);
    int code = 0;
    if (!verify)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    verify->statements = lks_check_start(verification, "statements", "statements");
    verify->disclosures = lks_check_start(verification, "disclosures", "hidden values");
    verify->request = request;
    verify->reader.file = -1;
    snprintf(verify->name, sizeof verify->name, "disclosures");
    if (request->single && snprintf(verify->path, sizeof verify->path, "%s", request->single) >=
                               (int)sizeof verify->path)
        code = lks_error_set(err, LKS_EARGUMENT, "a path is too long");
    if (code == 0)
        code = request->single ? file_open(verify, err) : files_list(verify, err);
    if (code)
        lks_entries_verify_free(verify);
    *out = code ? NULL : verify;
    return code;
}

static void kinds_say(struct lks_entries_verify *verify)
{
    struct lks_buffer text = {0};
    for (int i = 0; i < LKS_STATEMENT_KINDS_COUNT; i++)
        if (verify->kinds[i])
            lks_buffer_format(&text, "%s%llu %s", text.size_bytes ? ", " : "",
                              (unsigned long long)verify->kinds[i], lks_statement_kind_names[i]);
    lks_buffer_byte(&text, '\0');
    if (!text.failed)
        lks_check_say(verify->statements, "%s", text.size_bytes > 1 ? text.data : "none");
    lks_buffer_free(&text);
}

int lks_entries_verify_end(struct lks_entries_verify *verify, struct lks_error *err)
{
    int code = file_reach(verify, UINT64_MAX, err);
    if (code == 0)
        code = rest_tell(verify, UINT64_MAX, err);
    kinds_say(verify);
    if (verify->homeless)
        lks_check_missing(verify->disclosures, "the entries of %llu disclosures are not here",
                          (unsigned long long)verify->homeless);
    lks_check_say(verify->disclosures, "%llu disclosures fit their statements",
                  (unsigned long long)verify->values_seen);
    if (!verify->request->expected && verify->unheard)
        lks_check_say(verify->disclosures, "%llu statements keep all that they hide",
                      (unsigned long long)verify->unheard);
    lks_entries_verify_free(verify);
    return code;
}

void lks_entries_verify_free(struct lks_entries_verify *verify)
{
    if (!verify)
        return;
    lks_line_reader_close(&verify->reader);
    lks_buffer_free(&verify->reader.bytes);
    free(verify->files);
    free(verify->values);
    lks_arena_free(&verify->arena);
    free(verify);
}
