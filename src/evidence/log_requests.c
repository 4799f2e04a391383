/* log_requests.c - entries of requests and of their answers, in words */
#include "evidence/log_requests.h"

#include "base/shown.h"
#include "case/answer_layout.h"

enum { VALUE_BYTES = 160 };

static void text_add(struct lks_buffer *out, const struct lks_entry *entry, const char *path)
{
    struct lks_str text;
    lks_statement_text(&entry->statement, path, entry->arena, &text);
    lks_buffer_shown(out, text.data ? text : LKS_STR("?"), VALUE_BYTES);
}

static long long int_of(const struct lks_entry *entry, const char *path)
{
    int64_t value = 0;
    lks_statement_int(&entry->statement, path, entry->arena, &value);
    return value;
}

static int is(const struct lks_entry *entry, const char *path, const char *text)
{
    struct lks_str value;
    return lks_statement_text(&entry->statement, path, entry->arena, &value) &&
           lks_str_equal_text(value, text);
}

int lks_log_is_record(const struct lks_entry *entry)
{
    return entry->statement.kind == LKS_STATEMENT_DISCLOSE && is(entry, "what", LKS_ANSWER_RECORD);
}

/* "the answer to R1", "amendment 2 of the answer to R1". */
static void answer_add(struct lks_buffer *out, const struct lks_entry *entry, const char *request)
{
    long long number = int_of(entry, "number");
    if (number)
        lks_buffer_format(out, "amendment %lld of ", number);
    lks_buffer_text(out, "the answer to ");
    text_add(out, entry, request);
}

static int disclose_words(struct lks_buffer *out, const struct lks_entry *entry)
{
    if (lks_log_is_record(entry)) {
        struct lks_str key = lks_entry_value(entry, "post_key");
        if (!key.data)
            key = lks_entry_value(entry, "account_key");
        text_add(out, entry, "record");
        lks_buffer_byte(out, ' ');
        lks_buffer_shown(out, key.data ? key : LKS_STR("(not disclosed here)"), VALUE_BYTES);
        lks_buffer_text(out, " in ");
        answer_add(out, entry, "request");
        return 1;
    }
    if (is(entry, "what", LKS_ANSWER_FROZEN)) {
        answer_add(out, entry, "request");
        lks_buffer_format(
            out,
            " is frozen: %lld posts, %lld accounts, %lld payments from entry %lld on; "
            "run ",
            int_of(entry, "counts.posts"), int_of(entry, "counts.accounts"),
            int_of(entry, "counts.payments"), int_of(entry, "first"));
        text_add(out, entry, "run");
        lks_buffer_text(out, ", for ");
        text_add(out, entry, "profile");
        return 1;
    }
    if (!is(entry, "what", LKS_ANSWER_MAPPING))
        return 0;
    lks_buffer_text(out, "the mapping of the pseudonyms in ");
    answer_add(out, entry, "request");
    return 1;
}

static int request_words(struct lks_buffer *out, const struct lks_entry *entry)
{
    if (is(entry, "action", "receive")) {
        text_add(out, entry, "id");
        lks_buffer_format(out, " received, %lld questions, due ", int_of(entry, "questions"));
        text_add(out, entry, "due");
        lks_buffer_text(out, ", under ");
        text_add(out, entry, "basis");
    } else if (is(entry, "action", "reply")) {
        lks_buffer_format(out, "reply to question %lld, for ", int_of(entry, "question"));
        answer_add(out, entry, "id");
    } else if (is(entry, "action", "answer") || is(entry, "action", "amend")) {
        answer_add(out, entry, "id");
        lks_buffer_format(out, " is sealed, frozen at entry %lld; tagmanifest ",
                          int_of(entry, "frozen"));
        text_add(out, entry, "digest");
    } else if (is(entry, "action", "receipt")) {
        text_add(out, entry, "id");
        lks_buffer_format(out, " is confirmed: the answer of entry %lld", int_of(entry, "answers"));
    } else {
        return 0;
    }
    return 1;
}

int lks_log_request_words(struct lks_buffer *out, const struct lks_entry *entry)
{
    if (entry->statement.kind == LKS_STATEMENT_DISCLOSE)
        return disclose_words(out, entry);
    return entry->statement.kind == LKS_STATEMENT_REQUEST && request_words(out, entry);
}
