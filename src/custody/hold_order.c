/* hold_order.c - the order that changes a hold: what approvers read, and sign */
#include "custody/hold_order.h"

#include "custody/approval.h"
#include "custody/statement.h"

static const char *action_name(int release)
{
    return release ? "hold release" : "hold amend";
}

/* ---- writing ---- */

static void list_put(struct lks_canon *canon, const char *name, const struct lks_str *list,
                     size_t count)
{
    if (!count)
        return;
    lks_canon_array(canon, name);
    for (size_t i = 0; i < count; i++)
        lks_canon_string(canon, NULL, list[i]);
    lks_canon_end(canon);
}

static void time_put(struct lks_canon *canon, const char *name, int64_t time_us)
{
    char text[LKS_TIME_TEXT_BYTES];
    if (time_us == LKS_TIME_NULL)
        return;
    lks_time_format(time_us, text);
    lks_canon_text(canon, name, text);
}

static void scope_put(struct lks_canon *canon, const struct lks_hold_scope *scope)
{
    list_put(canon, "platforms", scope->platforms, scope->platforms_count);
    list_put(canon, "accounts", scope->accounts, scope->accounts_count);
    list_put(canon, "terms", scope->terms, scope->terms_count);
    time_put(canon, "from", scope->from_us);
    time_put(canon, "to", scope->to_us);
    if (!scope->kinds)
        return;
    lks_canon_array(canon, "kinds");
    for (unsigned kind = 1; kind <= LKS_HELD_ALL; kind *= 2)
        if (scope->kinds & kind)
            lks_canon_text(canon, NULL, lks_held_kind_name(kind));
    lks_canon_end(canon);
}

int lks_hold_order_format(const struct lks_hold_order *order, struct lks_buffer *out,
                          struct lks_error *err)
{
    struct lks_canon canon = {0};
    size_t start = out->size_bytes;
    int code = lks_order_start(&canon, order->origin, action_name(order->release), err);
    if (code == 0) {
        lks_canon_string(&canon, "hold", order->hold);
        lks_canon_int(&canon, "version", order->version);
        if (order->reason.size_bytes)
            lks_canon_string(&canon, "reason", order->reason);
        if (!order->release)
            scope_put(&canon, &order->scope);
        code = lks_order_finish(&canon, out, err);
    }
    lks_canon_free(&canon);
    if (code == 0 && out->size_bytes - start > LKS_ORDER_BYTES_MAX)
        code = lks_error_set(err, LKS_EARGUMENT,
                             "the order is longer than the %d bytes that can be signed",
                             LKS_ORDER_BYTES_MAX);
    return code;
}

/* ---- reading ---- */

static int time_read(struct lks_str text, const char *name, struct lks_arena *arena, int64_t *out,
                     struct lks_error *err)
{
    struct lks_str value = lks_order_text(text, name, arena);
    int zoned = 0;
    *out = LKS_TIME_NULL;
    if (value.data && (lks_time_parse_iso(value, out, NULL, &zoned) != 0 || !zoned))
        return lks_error_set(err, LKS_EINPUT, "the order's \"%s\" is no time", name);
    return 0;
}

static int kinds_read(const struct lks_statement *members, struct lks_arena *arena, unsigned *kinds,
                      struct lks_error *err)
{
    struct lks_str *names;
    size_t count;
    *kinds = 0;
    lks_statement_list(members, "kinds", arena, &names, &count);
    for (size_t i = 0; i < count; i++) {
        unsigned kind = lks_held_kind_parse(names[i]);
        if (!kind)
            return lks_error_set(err, LKS_EINPUT, "the order has a kind that is not known here");
        *kinds |= kind;
    }
    return 0;
}

static int scope_read(struct lks_str text, const struct lks_statement *members,
                      struct lks_arena *arena, struct lks_hold_scope *scope, struct lks_error *err)
{
    struct lks_str *list;
    lks_statement_list(members, "platforms", arena, &list, &scope->platforms_count);
    scope->platforms = list;
    lks_statement_list(members, "accounts", arena, &list, &scope->accounts_count);
    scope->accounts = list;
    lks_statement_list(members, "terms", arena, &list, &scope->terms_count);
    scope->terms = list;
    int code = time_read(text, "from", arena, &scope->from_us, err);
    if (code == 0)
        code = time_read(text, "to", arena, &scope->to_us, err);
    return code ? code : kinds_read(members, arena, &scope->kinds, err);
}

int lks_hold_order_parse(struct lks_str text, const char *origin, struct lks_arena *arena,
                         struct lks_hold_order *order, struct lks_error *err)
{
    /* An order and a statement are objects of one form: members are looked up alike. */
    struct lks_statement members = {.bytes = text};
    int64_t version;
    *order = (struct lks_hold_order){.origin = origin, .release = 1};
    int code = lks_order_check(text, origin, action_name(1), arena, NULL);
    if (code == LKS_EINPUT) {
        order->release = 0;
        code = lks_order_check(text, origin, action_name(0), arena, err);
    }
    if (code)
        return lks_error_set(err, code, "out of memory");
    order->hold = lks_order_text(text, "hold", arena);
    order->reason = lks_order_text(text, "reason", arena);
    if (!order->hold.data || !lks_statement_int(&members, "version", arena, &version) ||
        version < 1 || version > UINT32_MAX)
        return lks_error_set(err, LKS_EINPUT, "the order names no version of a hold");
    order->version = (unsigned)version;
    if (!order->release)
        return scope_read(text, &members, arena, &order->scope, err);
    order->scope.from_us = order->scope.to_us = LKS_TIME_NULL;
    return 0;
}
