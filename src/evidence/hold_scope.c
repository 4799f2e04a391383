/* hold_scope.c - the scope of a hold, as options say it */
#include "evidence/hold_parts.h"

static int is_all(const char *const *list, size_t count)
{
    return count == 1 && strcmp(list[0], "all") == 0;
}

static int list_read(const char *const *list, size_t count, struct lks_arena *arena,
                     const struct lks_str **out, size_t *count_out, struct lks_error *err)
{
    if (!count)
        return 0; /* as before */
    *out = NULL;
    *count_out = 0;
    if (is_all(list, count))
        return 0;
    struct lks_str *copy = lks_arena_calloc(arena, count, sizeof *copy);
    if (!copy)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    for (size_t i = 0; i < count; i++) {
        copy[i] = lks_str_from(list[i]);
        if (!copy[i].size_bytes || strchr(list[i], '\n'))
            return lks_error_set(err, LKS_EARGUMENT, "'%.80s' cannot stand in the scope of a hold",
                                 list[i]);
    }
    *out = copy;
    *count_out = count;
    return 0;
}

/* A handle becomes the key of the account that has it; a key is taken as it is, so that accounts can be
 * held before anything of theirs is here. */
static int account_resolve(struct lks_store *store, struct lks_arena *arena,
                           struct lks_str *account, struct lks_error *err)
{
    struct lks_account found;
    uint32_t index;
    uint64_t posts;
    if (memchr(account->data, ':', account->size_bytes))
        return 0;
    if (!store || lks_store_account_find(store, *account, &index, NULL) != 0)
        return lks_error_set(
            err, LKS_EMISSING, "the case knows no account '%.*s': write its key, platform:id",
            (int)(account->size_bytes < 80 ? account->size_bytes : 80), account->data);
    int code = lks_store_account(store, index, arena, &found, &posts, err);
    *account = found.account_key;
    return code;
}

static int accounts_read(const struct lks_hold_options *options, struct lks_store *store,
                         struct lks_arena *arena, struct lks_hold_scope *scope,
                         struct lks_error *err)
{
    int code = list_read(options->accounts, options->accounts_count, arena, &scope->accounts,
                         &scope->accounts_count, err);
    if (!options->accounts_count || !scope->accounts_count)
        return code;
    struct lks_str *accounts = lks_arena_calloc(arena, scope->accounts_count, sizeof *accounts);
    if (code == 0 && !accounts)
        code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    for (size_t i = 0; code == 0 && i < scope->accounts_count; i++) {
        accounts[i] = scope->accounts[i];
        code = account_resolve(store, arena, &accounts[i], err);
    }
    scope->accounts = accounts;
    return code;
}

int lks_hold_time_read(const char *text, int end, int64_t *time_us, struct lks_error *err)
{
    static const int64_t units[] = {[LKS_PRECISION_SECOND] = LKS_SECOND_US,
                                    [LKS_PRECISION_MINUTE] = LKS_MINUTE_US,
                                    [LKS_PRECISION_DAY] = LKS_DAY_US};
    enum lks_time_precision precision;
    if (lks_time_parse_iso(lks_str_from(text), time_us, &precision, NULL) != 0)
        return lks_error_set(err, LKS_EARGUMENT,
                             "'%.60s' is no time: write 2024-11-24 or 2024-11-24T08:00:00+02:00",
                             text);
    if (end && (precision != LKS_PRECISION_SECOND || *time_us % LKS_SECOND_US == 0))
        *time_us += units[precision] - 1;
    return 0;
}

static int bound_read(const char *text, int end, int64_t *time_us, struct lks_error *err)
{
    if (!text)
        return 0;
    if (strcmp(text, "all") == 0) {
        *time_us = LKS_TIME_NULL;
        return 0;
    }
    return lks_hold_time_read(text, end, time_us, err);
}

static int kinds_read(const char *text, unsigned *kinds, struct lks_error *err)
{
    if (!text)
        return 0;
    *kinds = 0;
    if (strcmp(text, "all") == 0)
        return 0;
    for (const char *at = text; *at;) {
        size_t size = strcspn(at, ",");
        unsigned kind = lks_held_kind_parse((struct lks_str){at, size});
        if (!kind)
            return lks_error_set(err, LKS_EARGUMENT,
                                 "'%.*s' is no kind of data: posts, accounts, payments, files, "
                                 "findings",
                                 (int)(size < 40 ? size : 40), at);
        *kinds |= kind;
        at += size + (at[size] == ',');
    }
    return *kinds ? 0 : lks_error_set(err, LKS_EARGUMENT, "no kind of data was named");
}

int lks_hold_scope_read(const struct lks_hold_options *options, struct lks_store *store,
                        struct lks_arena *arena, struct lks_hold_scope *scope,
                        struct lks_error *err)
{
    int code = list_read(options->platforms, options->platforms_count, arena, &scope->platforms,
                         &scope->platforms_count, err);
    if (code == 0)
        code = accounts_read(options, store, arena, scope, err);
    if (code == 0)
        code = list_read(options->terms, options->terms_count, arena, &scope->terms,
                         &scope->terms_count, err);
    if (code == 0)
        code = bound_read(options->from, 0, &scope->from_us, err);
    if (code == 0)
        code = bound_read(options->to, 1, &scope->to_us, err);
    return code ? code : kinds_read(options->kinds, &scope->kinds, err);
}
