/* decision.c - what was decided upon a finding, as the log holds it */
#include "custody/decision.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/base32.h"
#include "base/hmac.h"

/* ---- the values, by the database's names ---- */

enum value_kind {
    VALUE_NAME, /* one of the database's names: in the clear */
    VALUE_LIST,
    VALUE_TEXT, /* free text: hidden */
    VALUE_YES_NO
};

#define VALUE(member, kind)                                                                        \
    {                                                                                              \
#member, offsetof(struct lks_reasons, member), kind                                        \
    }
static const struct value {
    const char *name;
    size_t offset;
    enum value_kind kind;
} values[] = {
    VALUE(decision_visibility, VALUE_LIST),
    VALUE(decision_visibility_other, VALUE_TEXT),
    VALUE(decision_monetary, VALUE_NAME),
    VALUE(decision_monetary_other, VALUE_TEXT),
    VALUE(decision_provision, VALUE_NAME),
    VALUE(decision_account, VALUE_NAME),
    VALUE(account_type, VALUE_NAME),
    VALUE(decision_ground, VALUE_NAME),
    VALUE(decision_ground_reference_url, VALUE_TEXT),
    VALUE(illegal_content_legal_ground, VALUE_TEXT),
    VALUE(illegal_content_explanation, VALUE_TEXT),
    VALUE(incompatible_content_ground, VALUE_TEXT),
    VALUE(incompatible_content_explanation, VALUE_TEXT),
    VALUE(incompatible_content_illegal, VALUE_YES_NO),
    VALUE(content_type, VALUE_LIST),
    VALUE(content_type_other, VALUE_TEXT),
    VALUE(category, VALUE_NAME),
    VALUE(category_addition, VALUE_LIST),
    VALUE(category_specification, VALUE_LIST),
    VALUE(category_specification_other, VALUE_TEXT),
    VALUE(territorial_scope, VALUE_LIST),
    VALUE(content_language, VALUE_NAME),
    VALUE(application_date, VALUE_NAME),
    VALUE(end_date_visibility_restriction, VALUE_NAME),
    VALUE(end_date_monetary_restriction, VALUE_NAME),
    VALUE(end_date_service_restriction, VALUE_NAME),
    VALUE(end_date_account_restriction, VALUE_NAME),
};
enum { VALUES_COUNT = sizeof values / sizeof *values };

static const char *const derived[] = {"automated_detection", "automated_decision", "puid",
                                      "decision_facts",      "content_date",       "source_type",
                                      "source_identity"};

static const char **name_at(struct lks_reasons *reasons, const struct value *value)
{
    return (const char **)(void *)((char *)reasons + value->offset);
}

static const char *const *names_of(const struct lks_reasons *reasons, const struct value *value)
{
    return (const char *const *)(const void *)((const char *)reasons + value->offset);
}

static int *number_at(struct lks_reasons *reasons, const struct value *value)
{
    return (int *)(void *)((char *)reasons + value->offset);
}

static int text_set(const char **to, struct lks_str text, const char *name, struct lks_arena *arena,
                    struct lks_error *err)
{
    if (memchr(text.data, 0, text.size_bytes))
        return lks_error_set(err, LKS_EARGUMENT, "%s holds a zero byte", name);
    struct lks_str copy = lks_arena_str(arena, text);
    *to = copy.data;
    return copy.data ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory for a decision");
}

int lks_decision_set(struct lks_reasons *reasons, struct lks_str name, const struct lks_str *texts,
                     size_t count, struct lks_arena *arena, struct lks_error *err)
{
    const struct value *value = NULL;
    int code = 0;
    for (size_t i = 0; i < sizeof derived / sizeof *derived; i++)
        if (lks_str_equal_text(name, derived[i]))
            return lks_error_set(err, LKS_EARGUMENT,
                                 "%s is derived from the log and the findings; it cannot be set",
                                 derived[i]);
    for (int i = 0; i < VALUES_COUNT; i++)
        if (lks_str_equal_text(name, values[i].name))
            value = &values[i];
    if (!value)
        return lks_error_set(err, LKS_EARGUMENT, "'%.*s' is no value of a statement of reasons",
                             (int)(name.size_bytes < 80 ? name.size_bytes : 80), name.data);
    if (value->kind == VALUE_LIST ? count > LKS_REASONS_LIST_MAX : count != 1)
        return lks_error_set(err, LKS_EARGUMENT,
                             value->kind == VALUE_LIST ? "%s has too many names"
                                                       : "%s takes one value",
                             value->name);
    if (value->kind == VALUE_YES_NO) {
        int yes = lks_str_equal_text(texts[0], "true") || lks_str_equal_text(texts[0], "Yes");
        if (!yes && !lks_str_equal_text(texts[0], "false") && !lks_str_equal_text(texts[0], "No"))
            return lks_error_set(err, LKS_EARGUMENT, "%s is true or false", value->name);
        *number_at(reasons, value) = yes;
        return 0;
    }
    const char **to = name_at(reasons, value);
    for (size_t i = 0; code == 0 && i < count; i++)
        code = text_set(&to[i], texts[i], value->name, arena, err);
    if (value->kind == VALUE_LIST)
        to[count] = NULL;
    return code;
}

static void value_put(struct lks_statement_writer *writer, const struct lks_reasons *reasons,
                      const struct value *value)
{
    const char *const *names = names_of(reasons, value);
    int number = reasons->incompatible_content_illegal;
    if (value->kind == VALUE_YES_NO) {
        if (number >= 0)
            lks_canon_text(&writer->canon, value->name, number ? "Yes" : "No");
        return;
    }
    if (!names[0] || value->kind == VALUE_TEXT)
        return;
    if (value->kind == VALUE_NAME) {
        lks_canon_text(&writer->canon, value->name, names[0]);
        return;
    }
    lks_canon_array(&writer->canon, value->name);
    for (; *names; names++)
        lks_canon_text(&writer->canon, NULL, *names);
    lks_canon_end(&writer->canon);
}

/* ---- writing ---- */

static void hex_of(const unsigned char *bytes, size_t count, char *out)
{
    for (size_t i = 0; i < count; i++)
        snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

void lks_decision_put(struct lks_statement_writer *writer, const struct lks_decision *decision)
{
    char key[2 * LKS_PUID_KEY_BYTES + 1];
    lks_canon_text(&writer->canon, "action", "decision");
    lks_canon_string(&writer->canon, "run", decision->run);
    lks_canon_string(&writer->canon, "finding", decision->finding);
    lks_canon_int(&writer->canon, "accounts", decision->accounts_count);
    if (decision->rule.data) {
        lks_canon_string(&writer->canon, "rule", decision->rule);
        lks_canon_string(&writer->canon, "policy_sha256", decision->policy_sha256);
    }
    lks_canon_object(&writer->canon, "values");
    for (int i = 0; i < VALUES_COUNT; i++)
        value_put(writer, &decision->values, &values[i]);
    lks_canon_end(&writer->canon);
    for (int i = 0; i < VALUES_COUNT; i++)
        if (values[i].kind == VALUE_TEXT)
            lks_statement_hide(writer, values[i].name,
                               lks_str_from(*names_of(&decision->values, &values[i])));
    lks_statement_hide(writer, "accounts", decision->accounts);
    hex_of(decision->puid_key, sizeof decision->puid_key, key);
    lks_statement_hide(writer, "puid_key", lks_str_from(key));
    explicit_bzero(key, sizeof key);
}

void lks_approval_put(struct lks_statement_writer *writer, uint64_t leaf, struct lks_str person)
{
    lks_canon_text(&writer->canon, "action", "approve");
    lks_canon_int(&writer->canon, "decision", (int64_t)leaf);
    lks_statement_hide(writer, "person", person);
}

void lks_notice_put(struct lks_statement_writer *writer, const struct lks_notice *notice)
{
    lks_canon_text(&writer->canon, "action", "notice");
    lks_canon_string(&writer->canon, "source_type", notice->source_type);
    lks_canon_int(&writer->canon, "accounts", notice->accounts_count);
    lks_statement_hide(writer, "accounts", notice->accounts);
    lks_statement_hide(writer, "identity", notice->identity);
}

/* ---- reading ---- */

static int is_action(const struct lks_statement *statement, const char *action,
                     struct lks_arena *arena)
{
    struct lks_str text;
    return statement->kind == LKS_STATEMENT_NOTE &&
           lks_statement_text(statement, "action", arena, &text) &&
           lks_str_equal_text(text, action);
}

static int hidden_read(const struct lks_hidden *hidden, const char *name, struct lks_arena *arena,
                       struct lks_str *out, struct lks_error *err)
{
    struct lks_str value = hidden->get(hidden->context, name);
    *out = lks_arena_str(arena, value);
    return value.data && !out->data ? lks_error_set(err, LKS_EMEMORY, "out of memory") : 0;
}

static int values_read(const struct lks_statement *statement, const struct lks_hidden *hidden,
                       struct lks_arena *arena, struct lks_reasons *reasons, struct lks_error *err)
{
    int code = 0;
    reasons->incompatible_content_illegal = -1;
    for (int i = 0; code == 0 && i < VALUES_COUNT; i++) {
        char path[64];
        struct lks_str text, *list;
        size_t count;
        snprintf(path, sizeof path, "values.%s", values[i].name);
        if (values[i].kind == VALUE_LIST) {
            if (lks_statement_list(statement, path, arena, &list, &count))
                code = lks_decision_set(reasons, lks_str_from(values[i].name), list, count, arena,
                                        err);
            continue;
        }
        if (values[i].kind == VALUE_TEXT)
            code = hidden_read(hidden, values[i].name, arena, &text, err);
        else if (!lks_statement_text(statement, path, arena, &text))
            continue;
        if (code == 0 && text.data)
            code = lks_decision_set(reasons, lks_str_from(values[i].name), &text, 1, arena, err);
    }
    return code;
}

static int key_read(struct lks_str hex, unsigned char key[LKS_PUID_KEY_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    if (hex.size_bytes != 2 * LKS_PUID_KEY_BYTES)
        return -1;
    for (size_t i = 0; i < LKS_PUID_KEY_BYTES; i++) {
        const char *high = memchr(digits, hex.data[2 * i], 16);
        const char *low = memchr(digits, hex.data[2 * i + 1], 16);
        if (!high || !low)
            return -1;
        key[i] = (unsigned char)((high - digits) * 16 + (low - digits));
    }
    return 0;
}

int lks_decision_read(const struct lks_statement *statement, const struct lks_hidden *hidden,
                      struct lks_arena *arena, struct lks_decision *decision, struct lks_error *err)
{
    *decision = (struct lks_decision){.rule = LKS_STR_NULL};
    if (!is_action(statement, "decision", arena))
        return 1;
    if (!lks_statement_text(statement, "run", arena, &decision->run) ||
        !lks_statement_text(statement, "finding", arena, &decision->finding) ||
        !lks_statement_int(statement, "accounts", arena, &decision->accounts_count) ||
        decision->accounts_count < 0)
        return lks_error_set(err, LKS_EINPUT, "a decision does not say upon what");
    if (lks_statement_text(statement, "rule", arena, &decision->rule) &&
        !lks_statement_text(statement, "policy_sha256", arena, &decision->policy_sha256))
        return lks_error_set(err, LKS_EINPUT, "a decision by a rule does not say of which policy");
    struct lks_error inner = {0};
    int code = values_read(statement, hidden, arena, &decision->values, &inner);
    if (code) /* what a person may not write, a log may not hold */
        return lks_error_set(err, code == LKS_EMEMORY ? code : LKS_EINPUT, "%s", inner.message);
    code = hidden_read(hidden, "accounts", arena, &decision->accounts, err);
    if (code == 0 && key_read(hidden->get(hidden->context, "puid_key"), decision->puid_key))
        code = lks_error_set(err, LKS_EINPUT, "a decision's hidden values are not here");
    return code;
}

int lks_approval_read(const struct lks_statement *statement, const struct lks_hidden *hidden,
                      struct lks_arena *arena, uint64_t *leaf, struct lks_str *person,
                      struct lks_error *err)
{
    int64_t number;
    if (!is_action(statement, "approve", arena))
        return 1;
    if (!lks_statement_int(statement, "decision", arena, &number) || number < 0)
        return lks_error_set(err, LKS_EINPUT, "an approval does not say of what");
    *leaf = (uint64_t)number;
    return hidden_read(hidden, "person", arena, person, err);
}

int lks_notice_read(const struct lks_statement *statement, const struct lks_hidden *hidden,
                    struct lks_arena *arena, struct lks_notice *notice, struct lks_error *err)
{
    *notice = (struct lks_notice){.identity = LKS_STR_NULL};
    if (!is_action(statement, "notice", arena))
        return 1;
    if (!lks_statement_text(statement, "source_type", arena, &notice->source_type) ||
        !lks_statement_int(statement, "accounts", arena, &notice->accounts_count) ||
        notice->accounts_count < 1)
        return lks_error_set(err, LKS_EINPUT, "a notice does not say by whom or of how many");
    int code = hidden_read(hidden, "accounts", arena, &notice->accounts, err);
    return code ? code : hidden_read(hidden, "identity", arena, &notice->identity, err);
}

void lks_decision_puid(const struct lks_decision *decision, struct lks_str account_key,
                       char puid[LKS_PUID_BYTES])
{
    unsigned char digest[LKS_SHA256_BYTES];
    lks_hmac_sha256(decision->puid_key, sizeof decision->puid_key, account_key.data,
                    account_key.size_bytes, digest);
    memcpy(puid, "LKS-", 4);
    lks_base32(digest, LKS_PUID_BYTES - 5, puid + 4);
}
