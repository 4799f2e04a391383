/* hold_show.c - holds for reading, and as JSON */
#include "evidence/hold_parts.h"

#include "base/json_write.h"
#include "base/shown.h"

enum { SHOWN_BYTES = 400, NAMES_SHOWN = 6 };

static const char *s(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static void time_shown(struct lks_buffer *out, int64_t time_us)
{
    char text[LKS_TIME_TEXT_BYTES];
    lks_time_format(time_us, text);
    lks_buffer_text(out, text);
}

/* ---- for reading ---- */

static void list_shown(struct lks_buffer *out, const char *one, const char *many,
                       const struct lks_str *list, size_t count)
{
    if (!count)
        return;
    lks_buffer_format(out, "    %-12s", count == 1 ? one : many);
    for (size_t i = 0; i < count && i < NAMES_SHOWN; i++) {
        lks_buffer_text(out, i ? ", " : "");
        lks_buffer_shown(out, list[i], 80);
    }
    if (count > NAMES_SHOWN)
        lks_buffer_format(out, " and %zu more", count - NAMES_SHOWN);
    lks_buffer_byte(out, '\n');
}

static void kinds_shown(struct lks_buffer *out, unsigned kinds)
{
    const char *comma = "";
    if (!kinds)
        return;
    lks_buffer_format(out, "    %-12s", "kinds");
    for (unsigned kind = 1; kind <= LKS_HELD_ALL; kind *= 2)
        if (kinds & kind) {
            lks_buffer_format(out, "%s%s", comma, lks_held_kind_name(kind));
            comma = ", ";
        }
    lks_buffer_byte(out, '\n');
}

static void scope_shown(struct lks_buffer *out, const struct lks_hold_scope *scope)
{
    list_shown(out, "platform", "platforms", scope->platforms, scope->platforms_count);
    list_shown(out, "account", "accounts", scope->accounts, scope->accounts_count);
    list_shown(out, "term", "terms", scope->terms, scope->terms_count);
    if (scope->from_us != LKS_TIME_NULL) {
        lks_buffer_format(out, "    %-12s", "from");
        time_shown(out, scope->from_us);
        lks_buffer_byte(out, '\n');
    }
    if (scope->to_us != LKS_TIME_NULL) {
        lks_buffer_format(out, "    %-12s", "to");
        time_shown(out, scope->to_us);
        lks_buffer_byte(out, '\n');
    }
    kinds_shown(out, scope->kinds);
    if (!scope->platforms_count && !scope->accounts_count && !scope->terms_count && !scope->kinds &&
        scope->from_us == LKS_TIME_NULL && scope->to_us == LKS_TIME_NULL)
        lks_buffer_format(out, "    %-12s%s\n", "scope", "everything in the case");
}

static void gaps_shown(struct lks_buffer *out, unsigned gaps)
{
    for (unsigned i = 0; i < 5; i++)
        if (gaps & (1u << i))
            lks_buffer_format(out, "    %-12sthe %s of this hold %s not disclosed here%s\n", "note",
                              lks_hold_gap_names[i], i < 2 ? "is" : "are",
                              i < 2 ? "" : ": it covers every one");
}

static void cover_shown(struct lks_buffer *out, const struct lks_hold_cover *cover)
{
    lks_buffer_format(out, "    %-12s%llu post%s, %llu account%s, %llu payment%s, %llu file%s",
                      "holds now", (unsigned long long)cover->posts, s(cover->posts),
                      (unsigned long long)cover->accounts, s(cover->accounts),
                      (unsigned long long)cover->payments, s(cover->payments),
                      (unsigned long long)cover->files, s(cover->files));
    if (cover->files_in_doubt)
        lks_buffer_format(out, " and %llu in doubt", (unsigned long long)cover->files_in_doubt);
    lks_buffer_format(out, " (%llu byte%s), %llu run%s\n", (unsigned long long)cover->bytes,
                      s(cover->bytes), (unsigned long long)cover->runs, s(cover->runs));
}

static void hold_shown(const struct lks_hold *hold, const struct lks_case_hold *about,
                       const struct lks_hold_cover *cover, struct lks_buffer *out)
{
    lks_buffer_shown(out, hold->id, 40);
    lks_buffer_text(out, hold->released_us == LKS_TIME_NULL ? "  stands since " : "  released ");
    time_shown(out, hold->released_us == LKS_TIME_NULL ? hold->issued_us : hold->released_us);
    lks_buffer_format(out, " (entry %llu, version %u)\n", (unsigned long long)about->leaf,
                      hold->versions);
    lks_buffer_format(out, "    %-12s", "authority");
    lks_buffer_shown(out, hold->authority, SHOWN_BYTES);
    lks_buffer_format(out, "\n    %-12s", "legal basis");
    lks_buffer_shown(out, hold->legal_basis, SHOWN_BYTES);
    lks_buffer_byte(out, '\n');
    if (about->start_us != LKS_TIME_NULL) {
        lks_buffer_format(out, "    %-12s", "dated");
        time_shown(out, about->start_us);
        lks_buffer_byte(out, '\n');
    }
    if (hold->document_sha256.size_bytes) {
        lks_buffer_format(out, "    %-12s", "order");
        lks_buffer_text(out, "sha256 ");
        lks_buffer_shown(out, hold->document_sha256, 64);
        lks_buffer_byte(out, '\n');
    }
    scope_shown(out, &hold->scope);
    gaps_shown(out, about->gaps);
    if (cover && hold->released_us == LKS_TIME_NULL)
        cover_shown(out, cover);
}

void lks_holds_text(const struct lks_case_holds *holds, const struct lks_hold_cover *covers,
                    size_t only, struct lks_buffer *out)
{
    for (size_t i = 0; i < holds->all.count; i++)
        if (only == SIZE_MAX || only == i)
            hold_shown(&holds->all.holds[i], &holds->about[i], covers ? &covers[i] : NULL, out);
    if (!holds->all.count)
        lks_buffer_text(out, "No hold was issued: nothing stands in the way of erasing.\n");
    for (size_t i = 0; i < holds->remarks_count; i++) {
        lks_buffer_text(out, "note: ");
        lks_buffer_shown(out, holds->remarks[i], 2 * SHOWN_BYTES);
        lks_buffer_byte(out, '\n');
    }
}

/* ---- JSON ---- */

static void list_json(struct lks_json *json, const char *name, const struct lks_str *list,
                      size_t count)
{
    lks_json_key(json, name);
    if (!count) {
        lks_json_null(json, NULL); /* every one */
        return;
    }
    lks_json_array(json, NULL);
    for (size_t i = 0; i < count; i++)
        lks_json_string(json, NULL, list[i]);
    lks_json_array_end(json);
}

static void scope_json(struct lks_json *json, const struct lks_hold_scope *scope)
{
    unsigned kinds = scope->kinds ? scope->kinds : LKS_HELD_ALL;
    lks_json_object(json, "scope");
    list_json(json, "platforms", scope->platforms, scope->platforms_count);
    list_json(json, "accounts", scope->accounts, scope->accounts_count);
    list_json(json, "terms", scope->terms, scope->terms_count);
    lks_json_time(json, "from", scope->from_us);
    lks_json_time(json, "to", scope->to_us);
    lks_json_array(json, "kinds");
    for (unsigned kind = 1; kind <= LKS_HELD_ALL; kind *= 2)
        if (kinds & kind)
            lks_json_text(json, NULL, lks_held_kind_name(kind));
    lks_json_array_end(json);
    lks_json_object_end(json);
}

static void cover_json(struct lks_json *json, const struct lks_hold_cover *cover)
{
    lks_json_key(json, "holds_now");
    if (!cover) { /* not counted */
        lks_json_null(json, NULL);
        return;
    }
    lks_json_object(json, NULL);
    lks_json_uint(json, "posts", cover->posts);
    lks_json_uint(json, "accounts", cover->accounts);
    lks_json_uint(json, "payments", cover->payments);
    lks_json_uint(json, "files", cover->files);
    lks_json_uint(json, "files_in_doubt", cover->files_in_doubt);
    lks_json_uint(json, "bytes", cover->bytes);
    lks_json_uint(json, "runs", cover->runs);
    lks_json_object_end(json);
}

static void hold_json(const struct lks_hold *hold, const struct lks_case_hold *about,
                      const struct lks_hold_cover *cover, struct lks_json *json)
{
    lks_json_object(json, NULL);
    lks_json_string(json, "id", hold->id);
    lks_json_bool(json, "stands", hold->released_us == LKS_TIME_NULL);
    lks_json_string(json, "authority", hold->authority);
    lks_json_string(json, "legal_basis", hold->legal_basis);
    lks_json_string(json, "document_sha256", hold->document_sha256);
    lks_json_time(json, "issued", hold->issued_us);
    lks_json_time(json, "dated", about->start_us);
    lks_json_time(json, "released", hold->released_us);
    lks_json_uint(json, "version", hold->versions);
    lks_json_uint(json, "entry", about->leaf);
    lks_json_uint(json, "changed_entry", about->changed_leaf);
    scope_json(json, &hold->scope);
    lks_json_array(json, "not_disclosed");
    for (unsigned i = 0; i < 5; i++)
        if (about->gaps & (1u << i))
            lks_json_text(json, NULL, lks_hold_gap_names[i]);
    lks_json_array_end(json);
    cover_json(json, cover);
    lks_json_object_end(json);
}

void lks_holds_json(const struct lks_case_holds *holds, const struct lks_hold_cover *covers,
                    size_t only, struct lks_buffer *out)
{
    struct lks_json json = {.buffer = out, .indent = 2};
    lks_json_object(&json, NULL);
    lks_json_array(&json, "holds");
    for (size_t i = 0; i < holds->all.count; i++)
        if (only == SIZE_MAX || only == i)
            hold_json(&holds->all.holds[i], &holds->about[i], covers ? &covers[i] : NULL, &json);
    lks_json_array_end(&json);
    lks_json_array(&json, "remarks");
    for (size_t i = 0; i < holds->remarks_count; i++)
        lks_json_string(&json, NULL, holds->remarks[i]);
    lks_json_array_end(&json);
    lks_json_object_end(&json);
    lks_buffer_byte(out, '\n');
}
