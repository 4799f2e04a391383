/* fuzz_requests.c - a log's statements about requests, taken into the register one after the other
 *
 * Parts are cut off by form feeds. The first line of a part is a statement, the others are its hidden
 * values, "NAME=VALUE". Whatever is signed may stand in a log: what makes no sense must be refused and
 * change nothing, and whatever was taken must have a clock that can be shown. */
#include "verify_folder.h"

#include "case/moment.h"
#include "case/requests.h"

enum { VALUES_MAX = 16 };

/* What the register counts. */
struct seen {
    size_t requests, answers, replies;
};

static struct seen look(const struct lks_request_register *list, int64_t now_us)
{
    struct seen seen = {list->requests.count, 0, 0};
    for (size_t i = 0; i < list->requests.count; i++) {
        const struct lks_request *request = &list->requests.requests[i];
        const struct lks_request_entry *entry = &list->entries[i];
        struct lks_request_clock clock = lks_request_clock_at(request, now_us);
        char left[LKS_CLOCK_TEXT_BYTES], due[LKS_MOMENT_TEXT_BYTES];
        lks_request_clock_text(clock.left_us, left);
        if (memchr("+-U", entry->zone.data ? *entry->zone.data : 'x',
                   3)) /* others ask DuckDB: slow */
            lks_moment_format(request->due_us, entry->zone.data, due);
        LKS_ASSERT(request->questions_count >= 1 && request->questions_count <= LKS_QUESTIONS_MAX);
        LKS_ASSERT(request->due_us >= request->received_us);
        LKS_ASSERT(clock.open_count <= request->questions_count);
        LKS_ASSERT((request->answered_us == LKS_TIME_NULL) == (entry->answers_count == 0));
        LKS_ASSERT(request->amendments + 1 == entry->answers_count || !entry->answers_count);
        for (size_t q = 0; q < request->questions_count; q++) {
            const struct lks_request_reply *reply = &entry->replies[q];
            if (reply->leaf == UINT64_MAX)
                continue;
            LKS_ASSERT(reply->said.answer.data || reply->said.missing.data);
            LKS_ASSERT(reply->number <= entry->answers_count);
            seen.replies++;
        }
        for (size_t a = 0; a < entry->answers_count; a++) {
            LKS_ASSERT(entry->answers[a].number == a);
            LKS_ASSERT(entry->answers[a].first <= entry->answers[a].frozen);
            LKS_ASSERT(entry->answers[a].frozen < entry->answers[a].leaf);
        }
        seen.answers += entry->answers_count;
    }
    return seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lks_str rest = {(const char *)data, size};
    struct lks_request_register list = {.entries = NULL};
    char name[16];
    for (uint64_t index = 0; rest.size_bytes && index < 64; index++) {
        struct lks_str part = fuzz_part(&rest), line = part;
        struct lks_arena arena = {.limit_bytes = 4 << 20};
        struct lks_entry_value values[VALUES_MAX];
        struct lks_entry entry = {.index = index, .values = values, .arena = &arena};
        lks_line_next(&part, &line);
        while (entry.values_count < VALUES_MAX && part.size_bytes) {
            struct lks_str value = part;
            lks_line_next(&part, &value);
            const char *equals = memchr(value.data, '=', value.size_bytes);
            if (value.data == part.data || !equals)
                break;
            values[entry.values_count++] = (struct lks_entry_value){
                {value.data, (size_t)(equals - value.data)},
                {equals + 1, value.size_bytes - (size_t)(equals + 1 - value.data)},
                LKS_STR_NULL};
        }
        if (lks_statement_read(line, &arena, &entry.statement, NULL) == 0) {
            struct seen before = look(&list, entry.statement.time_us);
            int code = lks_request_register_take(&list, &entry, NULL);
            struct seen after = look(&list, entry.statement.time_us);
            LKS_ASSERT(code == 0 || code == LKS_EINPUT);
            LKS_ASSERT(code == 0 || memcmp(&before, &after, sizeof before) == 0);
            LKS_ASSERT(after.requests >= before.requests && after.answers >= before.answers);
        }
        lks_arena_free(&arena);
    }
    lks_request_register_name(&list, name);
    LKS_ASSERT(!lks_requests_find(&list.requests, lks_str_from(name)));
    lks_request_register_free(&list);
    return 0;
}
