/* log_notes.c - decisions, approvals, notices and what was made from them, in plain words */
#include "evidence/log_notes.h"

#include <stdio.h>

#include "base/shown.h"

enum { SHOWN_BYTES = 200 };

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

/* A text member after its words; nothing where it is not there. */
static void member_put(struct lks_buffer *out, const struct lks_entry *entry, const char *before,
                       const char *path)
{
    struct lks_str text;
    if (!text_get(entry, path, &text))
        return;
    lks_buffer_text(out, before);
    lks_buffer_shown(out, text, SHOWN_BYTES);
}

static void decision_words(struct lks_buffer *out, const struct lks_entry *entry)
{
    static const char *const values[] = {"values.decision_account", "values.decision_provision",
                                         "values.decision_monetary"};
    struct lks_str *list;
    size_t count;
    lks_buffer_text(out, "decision");
    member_put(out, entry, " upon ", "finding");
    member_put(out, entry, " of run ", "run");
    lks_buffer_format(out, ", %lld accounts:", int_get(entry, "accounts"));
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        member_put(out, entry, " ", values[i]);
    if (lks_statement_list(&entry->statement, "values.decision_visibility", entry->arena, &list,
                           &count))
        for (size_t i = 0; i < count; i++) {
            lks_buffer_byte(out, ' ');
            lks_buffer_shown(out, list[i], SHOWN_BYTES);
        }
    member_put(out, entry, ", proposed by the rule ", "rule");
}

static void export_words(struct lks_buffer *out, const struct lks_entry *entry, int is_dossier)
{
    struct lks_str name;
    size_t count = 0;
    if (!is_dossier) {
        lks_buffer_format(out, "%lld statements of reasons of decision %lld",
                          int_get(entry, "statements"), int_get(entry, "decision"));
        return;
    }
    for (;; count++) {
        char path[48];
        snprintf(path, sizeof path, "files.%zu.name", count);
        if (count == 100 || !text_get(entry, path, &name))
            break;
        member_put(out, entry, count ? ", " : "", path);
    }
    member_put(out, entry, " of run ", "run");
    member_put(out, entry, ", for: ", "recipient");
}

int lks_log_note_words(struct lks_buffer *out, const struct lks_entry *entry)
{
    struct lks_str text;
    if (entry->statement.kind == LKS_STATEMENT_EXPORT && text_get(entry, "what", &text)) {
        int is_dossier = lks_str_equal_text(text, "dossier");
        if (!is_dossier && !lks_str_equal_text(text, "reasons"))
            return 0;
        export_words(out, entry, is_dossier);
        return 1;
    }
    if (entry->statement.kind != LKS_STATEMENT_NOTE || !text_get(entry, "action", &text))
        return 0;
    if (lks_str_equal_text(text, "decision")) {
        decision_words(out, entry);
    } else if (lks_str_equal_text(text, "approve")) {
        lks_buffer_format(out, "approval of decision %lld", int_get(entry, "decision"));
    } else if (lks_str_equal_text(text, "notice")) {
        lks_buffer_format(out, "a notice that names %lld account%s", int_get(entry, "accounts"),
                          int_get(entry, "accounts") == 1 ? "" : "s");
        member_put(out, entry, ", ", "source_type");
    } else {
        return 0;
    }
    return 1;
}

int lks_log_value_is_key(struct lks_str name)
{
    return lks_str_equal_text(name, "puid_key") || lks_str_equal_text(name, "pseudonym_key");
}
