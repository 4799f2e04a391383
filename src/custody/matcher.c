/* matcher.c - which holds cover a thing, for many things: lks_hold_covers, made ready once */
#include "custody/matcher.h"

#include <stdlib.h>

#include "base/intern.h"
#include "text/extract.h"

struct ready {
    const struct lks_hold *hold; /* NULL: released */
    struct lks_intern platforms, accounts;
    struct lks_str *terms; /* folded, in the matcher's arena */
    int any_term;          /* a term of which nothing is left covers everything */
};

struct lks_matcher {
    struct ready *holds;
    size_t count;
    struct lks_arena arena;
    struct lks_buffer folded;
};

static int names_ready(struct lks_intern *into, const struct lks_str *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (lks_intern_add(into, list[i], NULL) == LKS_INTERN_NONE)
            return LKS_EMEMORY;
    return 0;
}

static int terms_ready(struct lks_matcher *matcher, struct ready *ready)
{
    const struct lks_hold_scope *scope = &ready->hold->scope;
    ready->terms = lks_arena_calloc(&matcher->arena, scope->terms_count + 1, sizeof *ready->terms);
    if (!ready->terms)
        return LKS_EMEMORY;
    for (size_t i = 0; i < scope->terms_count; i++) {
        lks_buffer_clear(&matcher->folded);
        if (lks_text_normalise(scope->terms[i], &matcher->folded) != 0)
            return LKS_EMEMORY;
        ready->any_term |= matcher->folded.size_bytes == 0;
        ready->terms[i] = lks_arena_str(
            &matcher->arena, (struct lks_str){matcher->folded.data ? matcher->folded.data : "",
                                              matcher->folded.size_bytes});
        if (!ready->terms[i].data)
            return LKS_EMEMORY;
    }
    return 0;
}

int lks_matcher_new(const struct lks_holds *holds, struct lks_matcher **matcher_out,
                    struct lks_error *err)
{
    struct lks_matcher *matcher = calloc(1, sizeof *matcher);
    int code = matcher ? 0 : LKS_EMEMORY;
    *matcher_out = NULL;
    if (code == 0 && holds->count) {
        matcher->holds = calloc(holds->count, sizeof *matcher->holds);
        code = matcher->holds ? 0 : LKS_EMEMORY;
        matcher->count = code ? 0 : holds->count;
    }
    for (size_t i = 0; code == 0 && i < holds->count; i++) {
        struct ready *ready = &matcher->holds[i];
        const struct lks_hold *hold = &holds->holds[i];
        if (hold->released_us != LKS_TIME_NULL)
            continue;
        ready->hold = hold;
        code = names_ready(&ready->platforms, hold->scope.platforms, hold->scope.platforms_count);
        if (code == 0)
            code = names_ready(&ready->accounts, hold->scope.accounts, hold->scope.accounts_count);
        if (code == 0)
            code = terms_ready(matcher, ready);
    }
    if (code) {
        lks_matcher_free(matcher);
        return lks_error_set(err, code, "out of memory");
    }
    *matcher_out = matcher;
    return 0;
}

void lks_matcher_free(struct lks_matcher *matcher)
{
    if (!matcher)
        return;
    for (size_t i = 0; i < matcher->count; i++) {
        lks_intern_free(&matcher->holds[i].platforms);
        lks_intern_free(&matcher->holds[i].accounts);
    }
    free(matcher->holds);
    lks_arena_free(&matcher->arena);
    lks_buffer_free(&matcher->folded);
    free(matcher);
}

static int named(const struct lks_intern *list, struct lks_str name)
{
    return list->count == 0 || !name.data || lks_intern_find(list, name) != LKS_INTERN_NONE;
}

static int in_time(const struct lks_hold_scope *scope, int64_t time_us)
{
    return time_us == LKS_TIME_NULL ||
           ((scope->from_us == LKS_TIME_NULL || time_us >= scope->from_us) &&
            (scope->to_us == LKS_TIME_NULL || time_us <= scope->to_us));
}

static int term_stands(const struct ready *ready, struct lks_str folded)
{
    for (size_t i = 0; i < ready->hold->scope.terms_count; i++)
        if (folded.size_bytes >= ready->terms[i].size_bytes &&
            memmem(folded.data, folded.size_bytes, ready->terms[i].data,
                   ready->terms[i].size_bytes))
            return 1;
    return 0;
}

int lks_matcher_kinds(struct lks_matcher *matcher, const struct lks_held_item *item,
                      unsigned *kinds_out, struct lks_error *err)
{
    unsigned all = 0;
    int is_folded = 0;
    for (size_t i = 0; i < matcher->count; i++) {
        const struct ready *ready = &matcher->holds[i];
        kinds_out[i] = 0;
        if (!ready->hold || !named(&ready->platforms, item->platform) ||
            !named(&ready->accounts, item->account_key) ||
            !in_time(&ready->hold->scope, item->time_us))
            continue;
        if (ready->hold->scope.terms_count && item->text.data && !ready->any_term) {
            if (!is_folded) {
                lks_buffer_clear(&matcher->folded);
                if (lks_text_normalise(item->text, &matcher->folded) != 0)
                    return lks_error_set(err, LKS_EMEMORY, "out of memory");
                is_folded = 1;
            }
            if (!term_stands(ready,
                             (struct lks_str){matcher->folded.data, matcher->folded.size_bytes}))
                continue;
        }
        kinds_out[i] = ready->hold->scope.kinds ? ready->hold->scope.kinds : LKS_HELD_ALL;
        all |= kinds_out[i];
    }
    return (int)all;
}
