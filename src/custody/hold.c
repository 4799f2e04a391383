/* hold.c - retention orders: what they cover, who may change them, what they stand in the way of */
#include "custody/hold.h"

#include <stdlib.h>

#include "text/extract.h"

static const struct {
    unsigned kind;
    const char *name;
} kinds[] = {{LKS_HELD_POSTS, "posts"},
             {LKS_HELD_ACCOUNTS, "accounts"},
             {LKS_HELD_PAYMENTS, "payments"},
             {LKS_HELD_FILES, "files"},
             {LKS_HELD_FINDINGS, "findings"}};
enum { KINDS_COUNT = sizeof kinds / sizeof *kinds };

const char *lks_held_kind_name(unsigned kind)
{
    for (int i = 0; i < KINDS_COUNT; i++)
        if (kinds[i].kind == kind)
            return kinds[i].name;
    return NULL;
}

unsigned lks_held_kind_parse(struct lks_str name)
{
    for (int i = 0; i < KINDS_COUNT; i++)
        if (lks_str_equal_text(name, kinds[i].name))
            return kinds[i].kind;
    return 0;
}

/* ---- what is covered ---- */

static int listed(const struct lks_str *list, size_t count, struct lks_str text)
{
    for (size_t i = 0; i < count; i++)
        if (lks_str_equal(list[i], text))
            return 1;
    return 0;
}

/* A term is in a text where its folded form is in the text's: a disguise does not hide it. */
static int term_in(const struct lks_hold_scope *scope, struct lks_str text)
{
    struct lks_buffer folded = {0}, term = {0};
    int found = lks_text_normalise(text, &folded);
    for (size_t i = 0; found == 0 && i < scope->terms_count; i++) {
        lks_buffer_clear(&term);
        found = lks_text_normalise(scope->terms[i], &term);
        /* a term of which nothing is left says nothing, and so covers everything */
        if (found == 0)
            found = term.size_bytes == 0 ||
                    (folded.size_bytes >= term.size_bytes &&
                     memmem(folded.data, folded.size_bytes, term.data, term.size_bytes) != NULL);
    }
    lks_buffer_free(&folded);
    lks_buffer_free(&term);
    return found;
}

int lks_hold_covers(const struct lks_hold *hold, const struct lks_held_item *item)
{
    const struct lks_hold_scope *scope = &hold->scope;
    if (hold->released_us != LKS_TIME_NULL)
        return 0;
    if (scope->kinds && !(scope->kinds & item->kind))
        return 0;
    if (scope->platforms_count && item->platform.data &&
        !listed(scope->platforms, scope->platforms_count, item->platform))
        return 0;
    if (scope->accounts_count && item->account_key.data &&
        !listed(scope->accounts, scope->accounts_count, item->account_key))
        return 0;
    if (item->time_us != LKS_TIME_NULL &&
        ((scope->from_us != LKS_TIME_NULL && item->time_us < scope->from_us) ||
         (scope->to_us != LKS_TIME_NULL && item->time_us > scope->to_us)))
        return 0;
    return scope->terms_count && item->text.data ? term_in(scope, item->text) : 1;
}

/* ---- changes ---- */

/* 1 where everything that passes the list before passes the one after. */
static int list_keeps(const struct lks_str *before, size_t before_count,
                      const struct lks_str *after, size_t after_count)
{
    if (after_count == 0)
        return 1;
    if (before_count == 0)
        return 0;
    for (size_t i = 0; i < before_count; i++)
        if (!listed(after, after_count, before[i]))
            return 0;
    return 1;
}

static int keeps(const struct lks_hold_scope *before, const struct lks_hold_scope *after)
{
    unsigned kinds_before = before->kinds ? before->kinds : LKS_HELD_ALL;
    unsigned kinds_after = after->kinds ? after->kinds : LKS_HELD_ALL;
    return (kinds_before & ~kinds_after) == 0 &&
           list_keeps(before->platforms, before->platforms_count, after->platforms,
                      after->platforms_count) &&
           list_keeps(before->accounts, before->accounts_count, after->accounts,
                      after->accounts_count) &&
           list_keeps(before->terms, before->terms_count, after->terms, after->terms_count) &&
           (after->from_us == LKS_TIME_NULL ||
            (before->from_us != LKS_TIME_NULL && after->from_us <= before->from_us)) &&
           (after->to_us == LKS_TIME_NULL ||
            (before->to_us != LKS_TIME_NULL && after->to_us >= before->to_us));
}

enum lks_scope_change lks_hold_scope_change(const struct lks_hold_scope *before,
                                            const struct lks_hold_scope *after)
{
    if (!keeps(before, after))
        return LKS_SCOPE_NARROWER;
    return keeps(after, before) ? LKS_SCOPE_SAME : LKS_SCOPE_WIDER;
}

unsigned lks_hold_keys_needed(enum lks_scope_change change)
{
    return change == LKS_SCOPE_NARROWER ? 2 : 1;
}

/* ---- the register ---- */

static int list_copy(struct lks_arena *arena, const struct lks_str **list, size_t count)
{
    if (!count) {
        *list = NULL;
        return 1;
    }
    struct lks_str *copy = lks_arena_calloc(arena, count, sizeof *copy);
    for (size_t i = 0; copy && i < count; i++) {
        copy[i] = lks_arena_str(arena, (*list)[i]);
        if (!copy[i].data)
            return 0;
    }
    *list = copy;
    return copy != NULL;
}

static int scope_copy(struct lks_arena *arena, const struct lks_hold_scope *scope,
                      struct lks_hold_scope *out, struct lks_error *err)
{
    *out = *scope;
    if (list_copy(arena, &out->platforms, out->platforms_count) &&
        list_copy(arena, &out->accounts, out->accounts_count) &&
        list_copy(arena, &out->terms, out->terms_count))
        return 0;
    return lks_error_set(err, LKS_EMEMORY, "out of memory");
}

static int scope_check(const struct lks_hold_scope *scope, struct lks_error *err)
{
    if (scope->kinds & ~LKS_HELD_ALL)
        return lks_error_set(err, LKS_EARGUMENT,
                             "a hold covers posts, accounts, payments, files "
                             "and findings, and nothing else");
    if (scope->from_us != LKS_TIME_NULL && scope->to_us != LKS_TIME_NULL &&
        scope->from_us > scope->to_us)
        return lks_error_set(err, LKS_EARGUMENT, "a hold's time ends before it begins");
    return 0;
}

static struct lks_hold *hold_of(const struct lks_holds *holds, struct lks_str id)
{
    for (size_t i = 0; i < holds->count; i++)
        if (lks_str_equal(holds->holds[i].id, id))
            return &holds->holds[i];
    return NULL;
}

static int hold_standing(const struct lks_holds *holds, struct lks_str id, int64_t time_us,
                         struct lks_hold **hold_out, struct lks_error *err)
{
    struct lks_hold *hold = hold_of(holds, id);
    if (!hold)
        return lks_error_set(err, LKS_EARGUMENT, "there is no hold %.*s", (int)id.size_bytes,
                             id.data);
    if (hold->released_us != LKS_TIME_NULL)
        return lks_error_set(err, LKS_EARGUMENT, "hold %.*s was released already",
                             (int)id.size_bytes, id.data);
    if (time_us < hold->issued_us)
        return lks_error_set(err, LKS_EARGUMENT, "hold %.*s was issued later than that",
                             (int)id.size_bytes, id.data);
    *hold_out = hold;
    return 0;
}

static int room_make(struct lks_holds *holds, struct lks_error *err)
{
    if (holds->count < holds->room)
        return 0;
    size_t room = holds->room ? 2 * holds->room : 8;
    struct lks_hold *more = realloc(holds->holds, room * sizeof *more);
    if (!more)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    holds->holds = more;
    holds->room = room;
    return 0;
}

int lks_holds_issue(struct lks_holds *holds, const struct lks_hold *hold, unsigned keys_count,
                    struct lks_error *err)
{
    struct lks_hold copy = *hold;
    int code = scope_check(&hold->scope, err);
    if (code == 0 &&
        (!hold->id.size_bytes || !hold->authority.size_bytes || !hold->legal_basis.size_bytes))
        code = lks_error_set(err, LKS_EARGUMENT,
                             "a hold names itself, its authority and its legal basis");
    if (code == 0 && hold_of(holds, hold->id))
        code = lks_error_set(err, LKS_EARGUMENT, "there is a hold %.*s already",
                             (int)hold->id.size_bytes, hold->id.data);
    if (code == 0 && keys_count < 1)
        code = lks_error_set(err, LKS_EARGUMENT, "a hold is issued under a key");
    if (code == 0)
        code = room_make(holds, err);
    if (code == 0)
        code = scope_copy(&holds->arena, &hold->scope, &copy.scope, err);
    if (code)
        return code;
    copy.id = lks_arena_str(&holds->arena, hold->id);
    copy.authority = lks_arena_str(&holds->arena, hold->authority);
    copy.legal_basis = lks_arena_str(&holds->arena, hold->legal_basis);
    copy.document_sha256 = lks_arena_str(&holds->arena, hold->document_sha256);
    if (!copy.id.data || !copy.authority.data || !copy.legal_basis.data ||
        (hold->document_sha256.data && !copy.document_sha256.data))
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    copy.released_us = LKS_TIME_NULL;
    copy.versions = 1;
    holds->holds[holds->count++] = copy;
    return 0;
}

int lks_holds_amend(struct lks_holds *holds, struct lks_str id, const struct lks_hold_scope *scope,
                    int64_t time_us, unsigned keys_count, struct lks_error *err)
{
    struct lks_hold *hold = NULL;
    struct lks_hold_scope copy;
    int code = hold_standing(holds, id, time_us, &hold, err);
    if (code == 0)
        code = scope_check(scope, err);
    if (code)
        return code;
    enum lks_scope_change change = lks_hold_scope_change(&hold->scope, scope);
    if (keys_count < lks_hold_keys_needed(change))
        return lks_error_set(err, LKS_EARGUMENT, "%s takes %s",
                             change == LKS_SCOPE_NARROWER ? "narrowing a hold" : "amending a hold",
                             change == LKS_SCOPE_NARROWER ? "two keys" : "a key");
    code = scope_copy(&holds->arena, scope, &copy, err);
    if (code)
        return code;
    hold->scope = copy;
    hold->versions++;
    return 0;
}

int lks_holds_release(struct lks_holds *holds, struct lks_str id, int64_t time_us,
                      unsigned keys_count, struct lks_error *err)
{
    struct lks_hold *hold = NULL;
    int code = hold_standing(holds, id, time_us, &hold, err);
    if (code == 0 && keys_count < lks_hold_keys_needed(LKS_SCOPE_NARROWER))
        code = lks_error_set(err, LKS_EARGUMENT, "releasing a hold takes two keys");
    if (code == 0)
        hold->released_us = time_us;
    return code;
}

int lks_holds_against(const struct lks_holds *holds, const struct lks_held_item *item,
                      const struct lks_hold **hold_out)
{
    *hold_out = NULL;
    for (size_t i = 0; i < holds->count; i++) {
        int covers = lks_hold_covers(&holds->holds[i], item);
        if (covers < 0)
            return covers;
        if (covers) {
            *hold_out = &holds->holds[i];
            return 0;
        }
    }
    return 0;
}

void lks_holds_free(struct lks_holds *holds)
{
    lks_arena_free(&holds->arena);
    free(holds->holds);
    *holds = (struct lks_holds){0};
}
