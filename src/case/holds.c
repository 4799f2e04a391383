/* holds.c - the retention orders of a case, read back from its log */
#include "case/holds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case/entries.h"
#include "custody/approval.h"

enum { LIST_MAX = 65536 };

const char *const lks_hold_gap_names[5] = {"authority", "legal basis", "platforms", "accounts",
                                           "terms"};

/* ---- the state that grows ---- */

static int remark(struct lks_case_holds *holds, const char *what, uint64_t leaf, struct lks_str id,
                  const char *why, struct lks_error *err)
{
    struct lks_buffer text = {0};
    struct lks_str copy = LKS_STR_NULL;
    lks_buffer_format(&text, "entry %llu says that hold %.*s was %s, but that cannot be taken: %s",
                      (unsigned long long)leaf, (int)id.size_bytes, id.data, what, why);
    if (!text.failed)
        copy = lks_arena_str(&holds->arena, (struct lks_str){text.data, text.size_bytes});
    lks_buffer_free(&text);
    if (holds->remarks_count == holds->remarks_room) {
        size_t room = holds->remarks_room ? 2 * holds->remarks_room : 8;
        struct lks_str *more = realloc(holds->remarks, room * sizeof *more);
        if (!more)
            return lks_error_set(err, LKS_EMEMORY, "out of memory");
        holds->remarks = more;
        holds->remarks_room = room;
    }
    if (!copy.data)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    holds->remarks[holds->remarks_count++] = copy;
    return 0;
}

/* Room for what the register does not hold of one more hold. */
static int about_reserve(struct lks_case_holds *holds, struct lks_error *err)
{
    if (holds->all.count < holds->about_room)
        return 0;
    size_t room = holds->about_room ? 2 * holds->about_room : 8;
    struct lks_case_hold *more = realloc(holds->about, room * sizeof *more);
    if (!more)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    holds->about = more;
    holds->about_room = room;
    return 0;
}

size_t lks_case_hold_find(const struct lks_case_holds *holds, struct lks_str id)
{
    for (size_t i = 0; i < holds->all.count; i++)
        if (lks_str_equal(holds->all.holds[i].id, id))
            return i;
    return SIZE_MAX;
}

void lks_case_hold_id_next(const struct lks_case_holds *holds, char id[LKS_HOLD_ID_BYTES])
{
    for (unsigned long long number = holds->all.count + 1;; number++) {
        snprintf(id, LKS_HOLD_ID_BYTES, "H%llu", number);
        if (lks_case_hold_find(holds, lks_str_from(id)) == SIZE_MAX)
            return;
    }
}

/* ---- one entry ---- */

static int bad(const struct lks_entry *entry, const char *what, struct lks_error *err)
{
    return lks_error_set(err, LKS_EINPUT, "entry %llu is no sound order: %s",
                         (unsigned long long)entry->index, what);
}

/* A list hidden under a name, a line each; its length stands in the clear. Where it is not here, or
 * not whole, the list is empty, which means every one, and the gap is noted. */
static int list_read(const struct lks_entry *entry, const char *name, unsigned gap,
                     const struct lks_str **list_out, size_t *count_out, unsigned *gaps,
                     struct lks_error *err)
{
    char path[32];
    int64_t count = 0;
    size_t found = 0;
    *list_out = NULL;
    *count_out = 0;
    snprintf(path, sizeof path, "scope.%s", name);
    if (!lks_statement_int(&entry->statement, path, entry->arena, &count))
        return 0; /* every one */
    if (count < 1 || count > LIST_MAX)
        return bad(entry, "its scope has a list of no possible length", err);
    struct lks_str rest = lks_entry_value(entry, name), line;
    struct lks_str *list = lks_arena_calloc(entry->arena, (size_t)count, sizeof *list);
    if (!list)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    while (found < (size_t)count && lks_line_next(&rest, &line))
        list[found++] = line;
    if (found != (size_t)count || rest.size_bytes) {
        *gaps |= gap;
        return 0;
    }
    *list_out = list;
    *count_out = found;
    return 0;
}

static int time_read(const struct lks_entry *entry, const char *name, int64_t *out,
                     struct lks_error *err)
{
    struct lks_str text;
    int zoned = 0;
    *out = LKS_TIME_NULL;
    if (!lks_statement_text(&entry->statement, name, entry->arena, &text))
        return 0;
    if (lks_time_parse_iso(text, out, NULL, &zoned) != 0 || !zoned)
        return bad(entry, "a time in it is none", err);
    return 0;
}

static int kinds_read(const struct lks_entry *entry, unsigned *kinds, struct lks_error *err)
{
    struct lks_str *names;
    size_t count;
    *kinds = 0;
    if (!lks_statement_list(&entry->statement, "kinds", entry->arena, &names, &count))
        return 0;
    for (size_t i = 0; i < count; i++) {
        unsigned kind = lks_held_kind_parse(names[i]);
        if (!kind) /* of a later version, perhaps: then it covers all */
            *kinds = LKS_HELD_ALL;
        *kinds |= kind;
    }
    return count ? 0 : bad(entry, "it covers no kind of data", err);
}

static int scope_read(const struct lks_entry *entry, struct lks_hold_scope *scope, unsigned *gaps,
                      struct lks_error *err)
{
    int code = list_read(entry, "platforms", LKS_GAP_PLATFORMS, &scope->platforms,
                         &scope->platforms_count, gaps, err);
    if (code == 0)
        code = list_read(entry, "accounts", LKS_GAP_ACCOUNTS, &scope->accounts,
                         &scope->accounts_count, gaps, err);
    if (code == 0)
        code =
            list_read(entry, "terms", LKS_GAP_TERMS, &scope->terms, &scope->terms_count, gaps, err);
    if (code == 0)
        code = time_read(entry, "from", &scope->from_us, err);
    if (code == 0)
        code = time_read(entry, "to", &scope->to_us, err);
    return code ? code : kinds_read(entry, &scope->kinds, err);
}

/* A hidden name, or words that say that it is not here. */
static struct lks_str name_read(const struct lks_entry *entry, const char *name, unsigned gap,
                                unsigned *gaps)
{
    struct lks_str value = lks_entry_value(entry, name);
    if (value.size_bytes)
        return value;
    *gaps |= gap;
    return LKS_STR("(not disclosed here)");
}

static int issue_take(struct lks_case_holds *holds, const struct lks_entry *entry,
                      struct lks_str id, struct lks_error *err)
{
    struct lks_case_hold about = {.leaf = entry->index, .changed_leaf = entry->index};
    struct lks_hold hold = {.id = id, .issued_us = entry->statement.time_us};
    int code = scope_read(entry, &hold.scope, &about.gaps, err);
    if (code == 0)
        code = time_read(entry, "start", &about.start_us, err);
    if (code == 0)
        code = about_reserve(holds, err);
    if (code)
        return code;
    hold.authority = name_read(entry, "authority", LKS_GAP_AUTHORITY, &about.gaps);
    hold.legal_basis = name_read(entry, "legal_basis", LKS_GAP_BASIS, &about.gaps);
    hold.document_sha256 = lks_entry_value(entry, "document_sha256");
    lks_statement_text(&entry->statement, "document", &holds->arena, &about.document);
    struct lks_error inner = {0};
    code = lks_holds_issue(&holds->all, &hold, 1, &inner);
    if (code)
        return code == LKS_EMEMORY ? lks_error_set(err, code, "%s", inner.message)
                                   : bad(entry, inner.message, err);
    holds->about[holds->all.count - 1] = about;
    return 0;
}

/* ---- approvals ---- */

int lks_case_hold_keys(const struct lks_case_holds *holds, const struct lks_hold_order *expected,
                       struct lks_str text, struct lks_str approval, unsigned *keys_out,
                       struct lks_error *err)
{
    struct lks_arena arena = {0};
    struct lks_hold_order order;
    *keys_out = 0;
    if (!text.data || !approval.data)
        return 0;
    int code = lks_hold_order_parse(text, expected->origin, &arena, &order, err);
    if (code == 0 &&
        (!lks_str_equal(order.hold, expected->hold) || order.release != expected->release))
        code = lks_error_set(err, LKS_EARGUMENT, "the order that was signed orders something else");
    else if (code == 0 && order.version != expected->version)
        code =
            lks_error_set(err, LKS_EARGUMENT,
                          "the order that was signed is for version %u of the hold, which is now "
                          "version %u",
                          order.version, expected->version);
    else if (code == 0 && !order.release &&
             lks_hold_scope_change(&order.scope, &expected->scope) != LKS_SCOPE_SAME)
        code = lks_error_set(err, LKS_EARGUMENT, "the order that was signed says another scope");
    if (code == 0)
        code = lks_keys_approvals(&holds->keys, text, approval, keys_out, err);
    lks_arena_free(&arena);
    return code;
}

/* Keys that stand behind a change: the log's own, or as many approvers as signed. */
static int keys_of(const struct lks_case_holds *holds, const struct lks_hold_order *expected,
                   struct lks_str order, struct lks_str approval, unsigned *keys,
                   struct lks_error *err)
{
    int code = lks_case_hold_keys(holds, expected, order, approval, keys, err);
    if (*keys < 1)
        *keys = 1;
    return code;
}

/* ---- changes ---- */

/* The names of both lists; none, which means every one, where either has none. */
static int list_join(struct lks_arena *arena, const struct lks_str *more, size_t more_count,
                     const struct lks_str **list, size_t *count, struct lks_error *err)
{
    struct lks_str *both;
    if (!more_count || !*count) {
        *count = 0;
        return 0;
    }
    both = lks_arena_calloc(arena, *count + more_count, sizeof *both);
    if (!both)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    memcpy(both, *list, *count * sizeof *both);
    memcpy(both + *count, more, more_count * sizeof *both);
    *list = both;
    *count += more_count;
    return 0;
}

/* Widens the scope until it covers all that the other covers. */
static int scope_join(struct lks_arena *arena, struct lks_hold_scope *scope,
                      const struct lks_hold_scope *other, struct lks_error *err)
{
    int code = list_join(arena, other->platforms, other->platforms_count, &scope->platforms,
                         &scope->platforms_count, err);
    if (code == 0)
        code = list_join(arena, other->accounts, other->accounts_count, &scope->accounts,
                         &scope->accounts_count, err);
    if (code == 0)
        code = list_join(arena, other->terms, other->terms_count, &scope->terms,
                         &scope->terms_count, err);
    if (other->from_us < scope->from_us) /* LKS_TIME_NULL is the least */
        scope->from_us = other->from_us;
    if (other->to_us == LKS_TIME_NULL ||
        (scope->to_us != LKS_TIME_NULL && other->to_us > scope->to_us))
        scope->to_us = other->to_us;
    scope->kinds = scope->kinds && other->kinds ? scope->kinds | other->kinds : 0;
    return code;
}

/* An amendment for which nobody can show the keys: what it lets go of stays held, and what it adds is
 * held too. */
static int amend_doubted(struct lks_case_holds *holds, const struct lks_entry *entry,
                         struct lks_str id, struct lks_hold_scope *scope, const char *why,
                         struct lks_error *err)
{
    size_t at = lks_case_hold_find(holds, id);
    int code = scope_join(entry->arena, scope, &holds->all.holds[at].scope, err);
    if (code == 0)
        code = lks_holds_amend(&holds->all, id, scope, entry->statement.time_us, 1, err);
    return code ? code : remark(holds, "narrowed", entry->index, id, why, err);
}

static int change_take(struct lks_case_holds *holds, const struct lks_entry *entry,
                       struct lks_str id, int release, struct lks_error *err)
{
    struct lks_error inner = {0};
    struct lks_hold_scope scope = {0};
    struct lks_str approvals;
    unsigned gaps = 0, keys = 1;
    size_t at = lks_case_hold_find(holds, id);
    if (at == SIZE_MAX)
        return bad(entry, "there is no such hold", err);
    lks_statement_text(&entry->statement, "approvals", entry->arena, &approvals);
    int code = release ? 0 : scope_read(entry, &scope, &gaps, err);
    if (code)
        return code;
    struct lks_hold_order expected = {.origin = holds->origin.data,
                                      .hold = id,
                                      .release = release,
                                      .version = holds->all.holds[at].versions,
                                      .scope = scope};
    code = keys_of(holds, &expected, lks_entry_value(entry, "order"), approvals, &keys, &inner);
    if (code != LKS_EMEMORY)
        code = release ? lks_holds_release(&holds->all, id, entry->statement.time_us, keys, &inner)
                       : lks_holds_amend(&holds->all, id, &scope, entry->statement.time_us, keys,
                                         &inner);
    if (code == LKS_EMEMORY)
        return lks_error_set(err, code, "%s", inner.message);
    if (code && (release || holds->all.holds[at].released_us != LKS_TIME_NULL))
        return remark(holds, release ? "released" : "amended", entry->index, id, inner.message,
                      err);
    unsigned kept = code ? ~0u : LKS_GAP_AUTHORITY | LKS_GAP_BASIS;
    if (code && (code = amend_doubted(holds, entry, id, &scope, inner.message, err)))
        return code;
    holds->about[at].changed_leaf = entry->index;
    if (!release)
        holds->about[at].gaps = gaps | (holds->about[at].gaps & kept);
    return 0;
}

static int hold_take(struct lks_case_holds *holds, const struct lks_entry *entry,
                     struct lks_error *err)
{
    struct lks_str action, id;
    lks_statement_text(&entry->statement, "action", entry->arena, &action);
    if (lks_str_equal_text(action, "attest") || lks_str_equal_text(action, "refuse"))
        return 0;
    if (!lks_statement_text(&entry->statement, "id", entry->arena, &id) || !id.size_bytes)
        return bad(entry, "it names no hold", err);
    holds->orders_count++;
    if (lks_str_equal_text(action, "issue"))
        return issue_take(holds, entry, id, err);
    if (lks_str_equal_text(action, "release"))
        return change_take(holds, entry, id, 1, err);
    if (lks_str_equal_text(action, "amend"))
        return change_take(holds, entry, id, 0, err);
    return bad(entry, "it does something that is not known here", err);
}

static int entry_take(void *context, const struct lks_entry *entry, struct lks_error *err)
{
    struct lks_case_holds *holds = context;
    holds->size = entry->index + 1;
    if (entry->statement.kind == LKS_STATEMENT_HOLD)
        return hold_take(holds, entry, err);
    if (entry->statement.kind == LKS_STATEMENT_KEY)
        return lks_keys_take(&holds->keys, entry, err);
    return 0;
}

int lks_case_holds_read(const char *case_path, uint64_t end, struct lks_case_holds *holds,
                        struct lks_error *err)
{
    struct lks_verifier verifier;
    *holds = (struct lks_case_holds){0};
    if (!lks_vault_there(case_path))
        return 0;
    int code = lks_case_verifier(case_path, &verifier, err);
    if (code)
        return code;
    holds->origin = lks_arena_str(&holds->arena, lks_str_from(verifier.name));
    if (!holds->origin.data)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    return lks_entries_each(case_path, 0, end, entry_take, holds, err);
}

static int order_look(void *context, const struct lks_entry *entry, struct lks_error *err)
{
    struct lks_case_holds *holds = context;
    struct lks_str action;
    (void)err;
    holds->size = entry->index + 1;
    if (entry->statement.kind != LKS_STATEMENT_HOLD)
        return 0;
    lks_statement_text(&entry->statement, "action", entry->arena, &action);
    return !lks_str_equal_text(action, "attest") && !lks_str_equal_text(action, "refuse");
}

int lks_case_holds_changed(const char *case_path, struct lks_case_holds *holds,
                           struct lks_error *err)
{
    return lks_entries_each(case_path, holds->size, UINT64_MAX, order_look, holds, err);
}

void lks_case_holds_free(struct lks_case_holds *holds)
{
    lks_holds_free(&holds->all);
    lks_keys_free(&holds->keys);
    lks_arena_free(&holds->arena);
    free(holds->about);
    free(holds->remarks);
    *holds = (struct lks_case_holds){0};
}

/* ---- writing ---- */

/* The lines of a list, hidden under its name. */
static int list_hide(struct lks_statement_writer *writer, const char *name,
                     const struct lks_str *list, size_t count, struct lks_error *err)
{
    struct lks_buffer lines = {0};
    int code = 0;
    if (!count)
        return 0;
    if (count > LIST_MAX)
        return lks_error_set(err, LKS_EARGUMENT, "a hold lists at most %d %s", LIST_MAX, name);
    for (size_t i = 0; code == 0 && i < count; i++) {
        if (!list[i].size_bytes || memchr(list[i].data, '\n', list[i].size_bytes))
            code =
                lks_error_set(err, LKS_EARGUMENT, "one of the %s is empty or has a line end", name);
        lks_buffer_append(&lines, list[i].data, list[i].size_bytes);
        lks_buffer_byte(&lines, '\n');
    }
    if (code == 0 && lines.failed)
        code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    if (code == 0) {
        lks_canon_int(&writer->canon, name, (int64_t)count);
        lks_statement_hide(writer, name, (struct lks_str){lines.data, lines.size_bytes});
    }
    lks_buffer_free(&lines);
    return code;
}

static void time_put(struct lks_canon *canon, const char *name, int64_t time_us)
{
    char text[LKS_TIME_TEXT_BYTES];
    if (time_us == LKS_TIME_NULL)
        return;
    lks_time_format(time_us, text);
    lks_canon_text(canon, name, text);
}

static int scope_write(struct lks_statement_writer *writer, const struct lks_hold_scope *scope,
                       struct lks_error *err)
{
    lks_canon_object(&writer->canon, "scope");
    int code = list_hide(writer, "platforms", scope->platforms, scope->platforms_count, err);
    if (code == 0)
        code = list_hide(writer, "accounts", scope->accounts, scope->accounts_count, err);
    if (code == 0)
        code = list_hide(writer, "terms", scope->terms, scope->terms_count, err);
    lks_canon_end(&writer->canon);
    time_put(&writer->canon, "from", scope->from_us);
    time_put(&writer->canon, "to", scope->to_us);
    if (scope->kinds) {
        lks_canon_array(&writer->canon, "kinds");
        for (unsigned kind = 1; kind <= LKS_HELD_ALL; kind *= 2)
            if (scope->kinds & kind)
                lks_canon_text(&writer->canon, NULL, lks_held_kind_name(kind));
        lks_canon_end(&writer->canon);
    }
    return code;
}

/* Applies the entry to the holds by the rules of custody/hold.h. */
static int entry_apply(struct lks_case_holds *holds, const struct lks_hold_entry *entry,
                       int64_t time_us, uint64_t leaf, unsigned *keys, struct lks_error *err)
{
    struct lks_str id = entry->hold.id;
    struct lks_hold hold = entry->hold;
    int release = strcmp(entry->action, "release") == 0;
    *keys = 1;
    if (strcmp(entry->action, "issue") == 0) {
        hold.issued_us = time_us;
        int code = about_reserve(holds, err);
        if (code == 0)
            code = lks_holds_issue(&holds->all, &hold, 1, err);
        if (code == 0)
            holds->about[holds->all.count - 1] = (struct lks_case_hold){
                .leaf = leaf, .changed_leaf = leaf, .start_us = entry->start_us};
        return code;
    }
    size_t at = lks_case_hold_find(holds, id);
    struct lks_hold_order expected = {.origin = holds->origin.data,
                                      .hold = id,
                                      .release = release,
                                      .version = at == SIZE_MAX ? 1 : holds->all.holds[at].versions,
                                      .scope = hold.scope};
    int code = keys_of(holds, &expected, entry->order, entry->approval, keys, err);
    if (code == 0)
        code = release ? lks_holds_release(&holds->all, id, time_us, *keys, err)
                       : lks_holds_amend(&holds->all, id, &hold.scope, time_us, *keys, err);
    if (code == 0) {
        holds->about[at].changed_leaf = leaf;
        holds->about[at].gaps &= LKS_GAP_AUTHORITY | LKS_GAP_BASIS;
    }
    return code;
}

static void order_put(struct lks_statement_writer *writer, struct lks_str order,
                      struct lks_str approval)
{
    unsigned char digest[LKS_SHA256_BYTES];
    if (!order.data)
        return;
    lks_sha256_of(order.data, order.size_bytes, digest);
    lks_canon_hash(&writer->canon, "order_sha256", digest);
    lks_statement_hide(writer, "order", order);
    lks_canon_string(&writer->canon, "approvals", approval);
}

int lks_case_hold_record(struct lks_vault *vault, struct lks_case_holds *holds,
                         const struct lks_hold_entry *entry, uint64_t *leaf_out,
                         struct lks_error *err)
{
    struct lks_statement_writer writer = {0};
    int release = strcmp(entry->action, "release") == 0;
    uint64_t leaf = lks_vault_size(vault);
    unsigned keys;
    int code = entry_apply(holds, entry, lks_vault_now(vault), leaf, &keys, err);
    if (code)
        return code;
    size_t at = lks_case_hold_find(holds, entry->hold.id);
    lks_vault_start(vault, &writer, LKS_STATEMENT_HOLD);
    lks_canon_text(&writer.canon, "action", entry->action);
    lks_canon_string(&writer.canon, "id", entry->hold.id);
    lks_canon_int(&writer.canon, "version", holds->all.holds[at].versions);
    lks_canon_int(&writer.canon, "keys", keys);
    if (!release)
        code = scope_write(&writer, &entry->hold.scope, err);
    if (strcmp(entry->action, "issue") == 0) {
        lks_statement_hide(&writer, "authority", entry->hold.authority);
        lks_statement_hide(&writer, "legal_basis", entry->hold.legal_basis);
        time_put(&writer.canon, "start", entry->start_us);
    }
    if (entry->document.data) {
        lks_canon_string(&writer.canon, "document", entry->document);
        lks_canon_int(&writer.canon, "document_bytes", (int64_t)entry->document_bytes);
    }
    lks_statement_hide(&writer, "document_name", entry->document_name);
    lks_statement_hide(&writer, "document_sha256", entry->document_sha256);
    lks_statement_hide(&writer, "reason", entry->reason);
    order_put(&writer, entry->order, entry->approval);
    if (code) {
        lks_statement_abandon(&writer);
        return code;
    }
    holds->orders_count++;
    return lks_vault_record(vault, &writer, leaf_out, err);
}
