/* requests.c - the requests of a case, read back from its log
 *
 * An answer puts a statement into the log for each record, so that a log is mostly those. They are
 * passed over by their bytes: a statement is canonical JSON, in which the text "kind":"request" can
 * stand nowhere but where it is a member, for inside of strings quotes are escaped. What is left is
 * read in spans, with its hidden values. */
#include "case/requests.h"

#include <stdio.h>
#include <stdlib.h>

#include "case/answer_layout.h"

enum { SPAN_GAP_MAX = 32 };

struct span {
    uint64_t first, end;
};

struct reading {
    struct span *spans;
    size_t spans_count, spans_room;
};

/* ---- where the statements stand ---- */

static int bytes_hold(struct lks_str bytes, const char *text)
{
    return memmem(bytes.data, bytes.size_bytes, text, strlen(text)) != NULL;
}

static int span_take(void *context, uint64_t index, struct lks_str bytes, struct lks_error *err)
{
    struct reading *reading = context;
    if (!bytes_hold(bytes, "\"kind\":\"request\"") &&
        !(bytes_hold(bytes, "\"kind\":\"disclose\"") &&
          bytes_hold(bytes, "\"what\":\"" LKS_ANSWER_FROZEN "\"")))
        return 0;
    if (reading->spans_count &&
        index - reading->spans[reading->spans_count - 1].end <= SPAN_GAP_MAX) {
        reading->spans[reading->spans_count - 1].end = index + 1;
        return 0;
    }
    if (reading->spans_count == reading->spans_room) {
        size_t room = reading->spans_room ? 2 * reading->spans_room : 64;
        struct span *more = realloc(reading->spans, room * sizeof *more);
        if (!more)
            return lks_error_set(err, LKS_EMEMORY, "out of memory");
        reading->spans = more;
        reading->spans_room = room;
    }
    reading->spans[reading->spans_count++] = (struct span){index, index + 1};
    return 0;
}

static int spans_find(const char *case_path, uint64_t end, struct reading *reading,
                      struct lks_error *err)
{
    char folder[LKS_CASE_PATH_BYTES];
    uint64_t size = 0;
    int code = lks_vault_path(case_path, NULL, folder, err);
    if (code == 0)
        code = lks_entries_size(case_path, &size, err);
    if (code == 0 && size)
        code = lks_log_entries(folder, size, 0, end < size ? end : size, span_take, reading, err);
    return code;
}

/* ---- all of them ---- */

static int entry_take(void *context, const struct lks_entry *entry, struct lks_error *err)
{
    return lks_request_register_take(context, entry, err);
}

int lks_request_register_read_until(const char *case_path, uint64_t end,
                                    struct lks_request_register *out, struct lks_error *err)
{
    struct reading reading = {.spans = NULL};
    *out = (struct lks_request_register){.entries = NULL};
    if (!lks_vault_there(case_path))
        return 0;
    int code = spans_find(case_path, end, &reading, err);
    for (size_t i = 0; code == 0 && i < reading.spans_count; i++)
        code = lks_entries_each(case_path, reading.spans[i].first, reading.spans[i].end, entry_take,
                                out, err);
    free(reading.spans);
    return code;
}

int lks_request_register_read(const char *case_path, struct lks_request_register *out,
                              struct lks_error *err)
{
    return lks_request_register_read_until(case_path, UINT64_MAX, out, err);
}

void lks_request_register_free(struct lks_request_register *list)
{
    lks_requests_free(&list->requests);
    free(list->entries);
    lks_arena_free(&list->arena);
    *list = (struct lks_request_register){.entries = NULL};
}

int lks_request_register_find(const struct lks_request_register *list, const char *id,
                              const struct lks_request **request_out,
                              const struct lks_request_entry **entry_out, struct lks_error *err)
{
    *request_out = lks_requests_find(&list->requests, lks_str_from(id));
    if (!*request_out)
        return lks_error_set(err, LKS_EMISSING, "the case has no request '%.64s'", id);
    *entry_out = &list->entries[*request_out - list->requests.requests];
    return 0;
}

void lks_request_register_name(const struct lks_request_register *list, char name[16])
{
    char next[16] = "";
    for (unsigned number = 1;; number++) {
        snprintf(next, sizeof next, "R%u", number);
        if (!lks_requests_find(&list->requests, (struct lks_str){next, strlen(next)}))
            break;
    }
    memcpy(name, next, sizeof next);
}
