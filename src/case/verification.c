/* verification.c - what a verification found: a list of checks, each with what it says in words */
#include "case/verification.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/json_write.h"
#include "base/shown.h"

enum { SENTENCE_BYTES = 2048, SHOWN_BYTES = 1500, TITLE_COLUMNS = 22 };

const char *const lks_check_state_names[5] = {"none", "skipped", "holds", "incomplete", "damaged"};

struct lks_check *lks_check_start(struct lks_verification *verification, const char *name,
                                  const char *title)
{
    LKS_ASSERT(verification->count < LKS_CHECKS_MAX);
    struct lks_check *check = &verification->checks[verification->count++];
    *check = (struct lks_check){.name = name, .title = title, .state = LKS_CHECK_HOLDS};
    return check;
}

__attribute__((format(printf, 4, 0))) static void told_add(struct lks_check *check,
                                                           const char *kind, uint64_t before,
                                                           const char *format, va_list arguments)
{
    char sentence[SENTENCE_BYTES];
    if (before >= LKS_CHECK_TOLD_MAX)
        return;
    vsnprintf(sentence, sizeof sentence, format, arguments);
    lks_buffer_text(&check->told, kind);
    lks_buffer_shown(&check->told, lks_str_from(sentence), SHOWN_BYTES);
    lks_buffer_byte(&check->told, '\n');
}

void lks_check_damaged(struct lks_check *check, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    told_add(check, "damaged: ", check->damaged_count++, format, arguments);
    va_end(arguments);
    check->state = LKS_CHECK_DAMAGED;
}

void lks_check_missing(struct lks_check *check, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    told_add(check, "missing: ", check->missing_count++, format, arguments);
    va_end(arguments);
    if (check->state != LKS_CHECK_DAMAGED)
        check->state = LKS_CHECK_INCOMPLETE;
}

void lks_check_note(struct lks_check *check, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    told_add(check, "note: ", check->notes_count++, format, arguments);
    va_end(arguments);
}

void lks_check_say(struct lks_check *check, const char *format, ...)
{
    char sentence[SENTENCE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    if (check->said.size_bytes)
        lks_buffer_text(&check->said, "; ");
    lks_buffer_shown(&check->said, lks_str_from(sentence), SHOWN_BYTES);
}

static void passed_over(struct lks_check *check, enum lks_check_state state, const char *why)
{
    lks_check_say(check, "%s", why);
    if (check->state == LKS_CHECK_HOLDS)
        check->state = state;
}

void lks_check_none(struct lks_check *check, const char *why)
{
    passed_over(check, LKS_CHECK_NONE, why);
}

void lks_check_skip(struct lks_check *check, const char *why)
{
    passed_over(check, LKS_CHECK_SKIPPED, why);
}

enum lks_check_state lks_verification_state(const struct lks_verification *verification)
{
    enum lks_check_state worst = LKS_CHECK_HOLDS;
    for (size_t i = 0; i < verification->count; i++)
        if (verification->checks[i].state > worst)
            worst = verification->checks[i].state;
    return worst;
}

const struct lks_check *lks_verification_find(const struct lks_verification *verification,
                                              const char *name)
{
    for (size_t i = 0; i < verification->count; i++)
        if (lks_str_equal_text(lks_str_from(verification->checks[i].name), name))
            return &verification->checks[i];
    return NULL;
}

/* ---- writing ---- */

static int line_cut(struct lks_str *rest, struct lks_str *line)
{
    const char *end = rest->size_bytes ? memchr(rest->data, '\n', rest->size_bytes) : NULL;
    if (!end)
        return 0;
    *line = (struct lks_str){rest->data, (size_t)(end - rest->data)};
    *rest = (struct lks_str){end + 1, rest->size_bytes - line->size_bytes - 1};
    return 1;
}

static void rest_told(const char *what, uint64_t count, struct lks_buffer *out)
{
    if (count > LKS_CHECK_TOLD_MAX)
        lks_buffer_format(out, "              ... and %llu more %s\n",
                          (unsigned long long)(count - LKS_CHECK_TOLD_MAX), what);
}

static const char *const marks[5] = {"--", "left out", "holds", "INCOMPLETE", "DAMAGED"};

static void check_text(const struct lks_check *check, struct lks_buffer *out)
{
    struct lks_str rest = {check->told.data, check->told.size_bytes}, line;
    lks_buffer_format(out, "%-11s %-*s  ", marks[check->state], TITLE_COLUMNS, check->title);
    lks_buffer_append(out, check->said.data, check->said.size_bytes);
    lks_buffer_byte(out, '\n');
    while (line_cut(&rest, &line)) {
        lks_buffer_text(out, "              ");
        lks_buffer_append(out, line.data, line.size_bytes);
        lks_buffer_byte(out, '\n');
    }
    rest_told("damaged", check->damaged_count, out);
    rest_told("missing", check->missing_count, out);
    rest_told("notes", check->notes_count, out);
}

static const char *const verdicts[5] = {
    NULL, NULL, "All that is claimed holds.",
    "INCOMPLETE: what is here holds, but something that was promised is not here.",
    "DAMAGED: something is not what was signed. See above which."};

static void all_text(const struct lks_verification *verification, struct lks_buffer *out)
{
    lks_buffer_append(out, verification->subject.data, verification->subject.size_bytes);
    lks_buffer_text(out, "\n\n");
    for (size_t i = 0; i < verification->count; i++)
        check_text(&verification->checks[i], out);
    lks_buffer_format(out, "\n%s\n", verdicts[lks_verification_state(verification)]);
}

static void check_json(struct lks_json *json, const struct lks_check *check)
{
    struct lks_str rest = {check->told.data, check->told.size_bytes}, line;
    lks_json_object(json, NULL);
    lks_json_text(json, "check", check->name);
    lks_json_text(json, "state", lks_check_state_names[check->state]);
    lks_json_uint(json, "checked", check->checked_count);
    lks_json_uint(json, "damaged", check->damaged_count);
    lks_json_uint(json, "missing", check->missing_count);
    lks_json_uint(json, "notes", check->notes_count);
    lks_json_string(
        json, "says",
        (struct lks_str){check->said.data ? check->said.data : "", check->said.size_bytes});
    lks_json_array(json, "told");
    while (line_cut(&rest, &line))
        lks_json_string(json, NULL, line);
    lks_json_array_end(json);
    lks_json_object_end(json);
}

static void all_json(const struct lks_verification *verification, struct lks_buffer *out)
{
    struct lks_json json = {.buffer = out, .indent = 2};
    lks_json_object(&json, NULL);
    lks_json_string(&json, "subject",
                    (struct lks_str){verification->subject.data, verification->subject.size_bytes});
    lks_json_text(&json, "outcome", lks_check_state_names[lks_verification_state(verification)]);
    lks_json_array(&json, "checks");
    for (size_t i = 0; i < verification->count; i++)
        check_json(&json, &verification->checks[i]);
    lks_json_array_end(&json);
    lks_json_object_end(&json);
    lks_buffer_byte(out, '\n');
}

int lks_verification_format(const struct lks_verification *verification, int as_json,
                            struct lks_buffer *out, struct lks_error *err)
{
    int failed = verification->subject.failed;
    for (size_t i = 0; i < verification->count; i++)
        failed |= verification->checks[i].said.failed || verification->checks[i].told.failed;
    if (as_json)
        all_json(verification, out);
    else
        all_text(verification, out);
    return failed || out->failed ? lks_error_set(err, LKS_EMEMORY, "out of memory") : 0;
}

void lks_verification_free(struct lks_verification *verification)
{
    for (size_t i = 0; i < verification->count; i++) {
        lks_buffer_free(&verification->checks[i].said);
        lks_buffer_free(&verification->checks[i].told);
    }
    lks_buffer_free(&verification->subject);
    *verification = (struct lks_verification){0};
}
