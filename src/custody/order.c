/* order.c - the text of an order that changes a hold: what approvers read, and sign */
#include "custody/order.h"

#include <stdio.h>

#include "custody/approval.h"
#include "vault/checkpoint.h"
#include "vault/commitment.h"

#define ORDER_MARK "lockstep order 1"

enum { LIST_MAX = 16384 };

int lks_order_nonce(char nonce[LKS_ORDER_NONCE_BYTES], struct lks_error *err)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char random[LKS_SALT_BYTES];
    int code = lks_salt_new(random, err);
    for (int i = 0; code == 0 && i < LKS_SALT_BYTES; i++) {
        nonce[2 * i] = digits[random[i] >> 4];
        nonce[2 * i + 1] = digits[random[i] & 15];
    }
    nonce[2 * LKS_SALT_BYTES] = '\0';
    return code;
}

/* ---- writing ---- */

static int bad_value(struct lks_str value)
{
    return value.size_bytes == 0 || memchr(value.data, '\n', value.size_bytes) != NULL;
}

static int line_put(struct lks_buffer *out, const char *name, struct lks_str value,
                    struct lks_error *err)
{
    if (bad_value(value))
        return lks_error_set(err, LKS_EARGUMENT, "the %s of an order is one line of text", name);
    lks_buffer_text(out, name);
    lks_buffer_byte(out, ' ');
    lks_buffer_append(out, value.data, value.size_bytes);
    lks_buffer_byte(out, '\n');
    return 0;
}

static int list_put(struct lks_buffer *out, const char *name, const struct lks_str *list,
                    size_t count, struct lks_error *err)
{
    int code = 0;
    for (size_t i = 0; code == 0 && i < count; i++)
        code = line_put(out, name, list[i], err);
    return code;
}

static int time_put(struct lks_buffer *out, const char *name, int64_t time_us,
                    struct lks_error *err)
{
    char text[LKS_TIME_TEXT_BYTES];
    if (time_us == LKS_TIME_NULL)
        return 0;
    lks_time_format(time_us, text);
    return line_put(out, name, lks_str_from(text), err);
}

static int scope_put(const struct lks_hold_scope *scope, struct lks_buffer *out,
                     struct lks_error *err)
{
    int code = list_put(out, "platform", scope->platforms, scope->platforms_count, err);
    if (code == 0)
        code = list_put(out, "account", scope->accounts, scope->accounts_count, err);
    if (code == 0)
        code = list_put(out, "term", scope->terms, scope->terms_count, err);
    if (code == 0)
        code = time_put(out, "from", scope->from_us, err);
    if (code == 0)
        code = time_put(out, "to", scope->to_us, err);
    for (unsigned kind = 1; code == 0 && kind <= LKS_HELD_ALL; kind *= 2)
        if (scope->kinds & kind)
            code = line_put(out, "kind", lks_str_from(lks_held_kind_name(kind)), err);
    return code;
}

int lks_order_format(const struct lks_order *order, struct lks_buffer *out, struct lks_error *err)
{
    size_t start = out->size_bytes;
    char version[16];
    snprintf(version, sizeof version, "%u", order->version);
    lks_buffer_text(out, ORDER_MARK "\n");
    int code = line_put(out, "case", order->case_origin, err);
    if (code == 0)
        code = line_put(out, "action", lks_str_from(order->release ? "release" : "amend"), err);
    if (code == 0)
        code = line_put(out, "hold", order->hold, err);
    if (code == 0)
        code = line_put(out, "version", lks_str_from(version), err);
    if (code == 0)
        code = line_put(out, "nonce", order->nonce, err);
    if (code == 0 && order->reason.size_bytes)
        code = line_put(out, "reason", order->reason, err);
    if (code == 0 && !order->release)
        code = scope_put(&order->scope, out, err);
    if (code == 0 && out->failed)
        code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    if (code == 0 && out->size_bytes - start > LKS_ORDER_BYTES_MAX)
        code = lks_error_set(err, LKS_EARGUMENT,
                             "the order is longer than the %d bytes that can be signed",
                             LKS_ORDER_BYTES_MAX);
    return code;
}

/* ---- reading ---- */

struct list {
    struct lks_str *items;
    size_t count, room;
};

struct parsing {
    struct lks_arena *arena;
    struct lks_order *order;
    struct list platforms, accounts, terms;
    int seen_action;
};

static int list_add(struct lks_arena *arena, struct list *list, struct lks_str value)
{
    if (list->count == list->room) {
        size_t room = list->room ? 2 * list->room : 16;
        struct lks_str *more = room > LIST_MAX ? NULL : lks_arena_calloc(arena, room, sizeof *more);
        if (!more)
            return LKS_EMEMORY;
        if (list->count)
            memcpy(more, list->items, list->count * sizeof *more);
        list->items = more;
        list->room = room;
    }
    struct lks_str copy = lks_arena_str(arena, value);
    list->items[list->count++] = copy;
    return copy.data ? 0 : LKS_EMEMORY;
}

static int text_take(struct parsing *parsing, struct lks_str *into, struct lks_str value)
{
    if (into->data)
        return LKS_EINPUT; /* twice */
    *into = lks_arena_str(parsing->arena, value);
    return into->data ? 0 : LKS_EMEMORY;
}

static int time_take(int64_t *into, struct lks_str value)
{
    int zoned = 0;
    if (*into != LKS_TIME_NULL || lks_time_parse_iso(value, into, NULL, &zoned) != 0 || !zoned)
        return LKS_EINPUT;
    return 0;
}

static int action_take(struct parsing *parsing, struct lks_str value)
{
    int release = lks_str_equal_text(value, "release");
    if (parsing->seen_action || (!release && !lks_str_equal_text(value, "amend")))
        return LKS_EINPUT;
    parsing->seen_action = 1;
    parsing->order->release = release;
    return 0;
}

static int version_take(struct parsing *parsing, struct lks_str value)
{
    uint64_t number;
    if (parsing->order->version || !lks_decimal_read(value, &number) || !number ||
        number > UINT32_MAX)
        return LKS_EINPUT;
    parsing->order->version = (unsigned)number;
    return 0;
}

static int kind_take(struct parsing *parsing, struct lks_str value)
{
    unsigned kind = lks_held_kind_parse(value);
    if (!kind)
        return LKS_EINPUT;
    parsing->order->scope.kinds |= kind;
    return 0;
}

static int line_take(struct parsing *parsing, struct lks_str name, struct lks_str value)
{
    struct lks_order *order = parsing->order;
    if (lks_str_equal_text(name, "case"))
        return text_take(parsing, &order->case_origin, value);
    if (lks_str_equal_text(name, "hold"))
        return text_take(parsing, &order->hold, value);
    if (lks_str_equal_text(name, "nonce"))
        return text_take(parsing, &order->nonce, value);
    if (lks_str_equal_text(name, "reason"))
        return text_take(parsing, &order->reason, value);
    if (lks_str_equal_text(name, "action"))
        return action_take(parsing, value);
    if (lks_str_equal_text(name, "version"))
        return version_take(parsing, value);
    if (lks_str_equal_text(name, "platform"))
        return list_add(parsing->arena, &parsing->platforms, value);
    if (lks_str_equal_text(name, "account"))
        return list_add(parsing->arena, &parsing->accounts, value);
    if (lks_str_equal_text(name, "term"))
        return list_add(parsing->arena, &parsing->terms, value);
    if (lks_str_equal_text(name, "from"))
        return time_take(&order->scope.from_us, value);
    if (lks_str_equal_text(name, "to"))
        return time_take(&order->scope.to_us, value);
    return lks_str_equal_text(name, "kind") ? kind_take(parsing, value) : LKS_EINPUT;
}

static int lines_take(struct parsing *parsing, struct lks_str text, struct lks_error *err)
{
    struct lks_str line;
    if (!lks_line_next(&text, &line) || !lks_str_equal_text(line, ORDER_MARK))
        return lks_error_set(err, LKS_EINPUT, "this is no order of lockstep's");
    while (lks_line_next(&text, &line)) {
        const char *blank = memchr(line.data, ' ', line.size_bytes);
        size_t name_bytes = blank ? (size_t)(blank - line.data) : 0;
        int code = LKS_EINPUT;
        if (blank && name_bytes + 1 < line.size_bytes)
            code = line_take(parsing, (struct lks_str){line.data, name_bytes},
                             (struct lks_str){blank + 1, line.size_bytes - name_bytes - 1});
        if (code == LKS_EMEMORY)
            return lks_error_set(err, code, "out of memory");
        if (code)
            return lks_error_set(err, code, "the order has a line that means nothing: %.*s",
                                 (int)(line.size_bytes < 80 ? line.size_bytes : 80), line.data);
    }
    return text.size_bytes ? lks_error_set(err, LKS_EINPUT, "the order's last line has no end") : 0;
}

int lks_order_parse(struct lks_str text, struct lks_arena *arena, struct lks_order *order,
                    struct lks_error *err)
{
    struct parsing parsing = {.arena = arena, .order = order};
    *order = (struct lks_order){.scope = {.from_us = LKS_TIME_NULL, .to_us = LKS_TIME_NULL}};
    if (text.size_bytes > LKS_ORDER_BYTES_MAX)
        return lks_error_set(err, LKS_EINPUT, "an order has at most %d bytes", LKS_ORDER_BYTES_MAX);
    int code = lines_take(&parsing, text, err);
    if (code)
        return code;
    struct lks_hold_scope *scope = &order->scope;
    scope->platforms = parsing.platforms.items;
    scope->platforms_count = parsing.platforms.count;
    scope->accounts = parsing.accounts.items;
    scope->accounts_count = parsing.accounts.count;
    scope->terms = parsing.terms.items;
    scope->terms_count = parsing.terms.count;
    int scoped = scope->platforms_count || scope->accounts_count || scope->terms_count ||
                 scope->kinds || scope->from_us != LKS_TIME_NULL || scope->to_us != LKS_TIME_NULL;
    if (!order->case_origin.data || !order->hold.data || !order->nonce.data || !order->version ||
        !parsing.seen_action || (order->release && scoped))
        return lks_error_set(err, LKS_EINPUT, "the order does not say what it orders");
    return 0;
}
