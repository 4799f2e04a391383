/* hold_test.c - retention orders against their definition, over thousands of made scopes */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "custody/matcher.h"

enum { NAMES = 3, TIMES = 6 };

static const struct lks_str platforms[NAMES] = {{"tiktok", 6}, {"telegram", 8}, {"bluesky", 7}};
static const struct lks_str accounts[NAMES] = {
    {"tiktok:1", 8}, {"tiktok:2", 8}, {"telegram:3", 10}};
static const struct lks_str terms[NAMES] = {{"verticalitate", 13}, {"echilibru", 9}, {"vot", 3}};
static const struct lks_str texts[4] = {
    {"#Verticalitate acum", 19}, {"despre echilibru", 16}, {"VOT!", 4}, {"nothing of it", 13}};

struct scope_room {
    struct lks_hold_scope scope;
    struct lks_str lists[3][NAMES];
};

static size_t list_draw(struct lks_rng *rng, const struct lks_str *from, struct lks_str *out)
{
    size_t count = 0;
    if (lks_rng_below(rng, 2))
        return 0;
    for (int i = 0; i < NAMES; i++)
        if (lks_rng_below(rng, 2))
            out[count++] = from[i];
    return count;
}

static void scope_draw(struct lks_rng *rng, struct scope_room *room)
{
    struct lks_hold_scope *scope = &room->scope;
    *scope = (struct lks_hold_scope){.platforms = room->lists[0],
                                     .accounts = room->lists[1],
                                     .terms = room->lists[2],
                                     .from_us = LKS_TIME_NULL,
                                     .to_us = LKS_TIME_NULL};
    scope->platforms_count = list_draw(rng, platforms, room->lists[0]);
    scope->accounts_count = list_draw(rng, accounts, room->lists[1]);
    scope->terms_count = list_draw(rng, terms, room->lists[2]);
    if (lks_rng_below(rng, 2))
        scope->from_us = (int64_t)lks_rng_below(rng, TIMES / 2);
    if (lks_rng_below(rng, 2))
        scope->to_us = TIMES / 2 + (int64_t)lks_rng_below(rng, TIMES / 2);
    if (lks_rng_below(rng, 2))
        scope->kinds = (unsigned)lks_rng_below(rng, LKS_HELD_ALL + 1);
}

/* The definition: every part that is set lets the item through; what is unknown is let through. */
static int covers_defined(const struct lks_hold_scope *scope, const struct lks_held_item *item,
                          const int *text_has)
{
    int platform = scope->platforms_count == 0 || !item->platform.data;
    int account = scope->accounts_count == 0 || !item->account_key.data;
    int term = scope->terms_count == 0 || !item->text.data;
    for (size_t i = 0; i < scope->platforms_count; i++)
        platform |= item->platform.data && lks_str_equal(scope->platforms[i], item->platform);
    for (size_t i = 0; i < scope->accounts_count; i++)
        account |= item->account_key.data && lks_str_equal(scope->accounts[i], item->account_key);
    for (size_t i = 0; i < scope->terms_count; i++)
        for (int t = 0; t < NAMES; t++)
            term |= item->text.data && lks_str_equal(scope->terms[i], terms[t]) && text_has[t];
    int time = item->time_us == LKS_TIME_NULL ||
               ((scope->from_us == LKS_TIME_NULL || item->time_us >= scope->from_us) &&
                (scope->to_us == LKS_TIME_NULL || item->time_us <= scope->to_us));
    int kind = scope->kinds == 0 || (scope->kinds & item->kind);
    return platform && account && term && time && kind;
}

/* Every item of a small world; calls each with whether the definition covers it. */
static unsigned world_walk(const struct lks_hold *hold, const struct lks_hold_scope *other,
                           unsigned *lost)
{
    unsigned covered = 0;
    for (int p = 0; p <= NAMES; p++)
        for (int a = 0; a <= NAMES; a++)
            for (int t = 0; t <= 4; t++)
                for (int time = -1; time < TIMES; time++)
                    for (unsigned kind = 1; kind <= LKS_HELD_FINDINGS; kind *= 2) {
                        struct lks_held_item item = {kind, p < NAMES ? platforms[p] : LKS_STR_NULL,
                                                     a < NAMES ? accounts[a] : LKS_STR_NULL,
                                                     t < 4 ? texts[t] : LKS_STR_NULL,
                                                     time < 0 ? LKS_TIME_NULL : time};
                        int has[NAMES] = {t == 0, t == 1, t == 2};
                        int want = covers_defined(&hold->scope, &item, has);
                        assert_int_equal(lks_hold_covers(hold, &item), want);
                        covered += (unsigned)want;
                        if (other && want && !covers_defined(other, &item, has))
                            (*lost)++;
                    }
    return covered;
}

static void by_definition(void **unused)
{
    struct lks_rng rng;
    unsigned wider = 0, narrower = 0;
    (void)unused;
    lks_rng_init(&rng, 11, 0);
    for (int turn = 0; turn < 400; turn++) {
        struct scope_room before, after;
        unsigned lost = 0, gained = 0;
        scope_draw(&rng, &before);
        scope_draw(&rng, &after);
        if (turn % 3 == 0) /* one part changed */
            after.scope = before.scope, after.scope.kinds |= 1u;
        struct lks_hold first = {.scope = before.scope, .released_us = LKS_TIME_NULL};
        struct lks_hold second = {.scope = after.scope, .released_us = LKS_TIME_NULL};
        world_walk(&first, &after.scope, &lost);
        world_walk(&second, &before.scope, &gained);
        enum lks_scope_change change = lks_hold_scope_change(&before.scope, &after.scope);
        /* Never called wider where something falls out; in doubt it may be called narrower. */
        if (change != LKS_SCOPE_NARROWER)
            assert_int_equal(lost, 0);
        if (change == LKS_SCOPE_SAME)
            assert_int_equal(gained, 0);
        wider += change == LKS_SCOPE_WIDER;
        narrower += change == LKS_SCOPE_NARROWER;
        first.released_us = 1;
        struct lks_held_item any = {.kind = LKS_HELD_POSTS, .time_us = LKS_TIME_NULL};
        assert_int_equal(lks_hold_covers(&first, &any), 0);
    }
    assert_true(wider > 10 && narrower > 10);
}

/* The same answers for many holds at once, by lists that were hashed and terms that were folded. */
static void matcher_agrees(void **unused)
{
    enum { HOLDS = 6 };
    struct lks_rng rng;
    unsigned covered = 0, passed = 0;
    (void)unused;
    lks_rng_init(&rng, 12, 0);
    for (int turn = 0; turn < 200; turn++) {
        struct scope_room rooms[HOLDS];
        struct lks_hold holds[HOLDS];
        struct lks_holds all = {.holds = holds, .count = HOLDS};
        struct lks_matcher *matcher;
        unsigned kinds[HOLDS];
        for (int h = 0; h < HOLDS; h++) {
            scope_draw(&rng, &rooms[h]);
            holds[h] = (struct lks_hold){.scope = rooms[h].scope,
                                         .released_us = h % 5 == 4 ? 1 : LKS_TIME_NULL};
        }
        assert_int_equal(lks_matcher_new(&all, &matcher, NULL), 0);
        for (int i = 0; i < 100; i++) {
            unsigned p = lks_rng_below(&rng, NAMES + 1), a = lks_rng_below(&rng, NAMES + 1);
            unsigned t = lks_rng_below(&rng, 5), time = lks_rng_below(&rng, TIMES + 1);
            struct lks_held_item item = {.platform = p < NAMES ? platforms[p] : LKS_STR_NULL,
                                         .account_key = a < NAMES ? accounts[a] : LKS_STR_NULL,
                                         .text = t < 4 ? texts[t] : LKS_STR_NULL,
                                         .time_us = time < TIMES ? (int64_t)time : LKS_TIME_NULL};
            int together = lks_matcher_kinds(matcher, &item, kinds, NULL), want = 0;
            for (int h = 0; h < HOLDS; h++)
                for (item.kind = 1; item.kind <= LKS_HELD_FINDINGS; item.kind *= 2) {
                    int covers = lks_hold_covers(&holds[h], &item);
                    assert_int_equal((kinds[h] & item.kind) != 0, covers);
                    want |= covers ? (int)item.kind : 0;
                    covered += (unsigned)covers;
                    passed += !covers;
                }
            assert_int_equal(together, want);
        }
        lks_matcher_free(matcher);
    }
    assert_true(covered > 1000 && passed > 1000);
}

/* Zero-width marks, look-alikes and capitals do not hide a term. */
static void disguised_terms(void **unused)
{
    static const char *const same[] = {"VERTICALITATE",
                                       "v\xe2\x80\x8b"
                                       "erticalitate!",
                                       "vertic\xd0\xb0litate", "xx Verticalitate,yy"};
    struct lks_hold hold = {.scope = {.terms = terms,
                                      .terms_count = 1,
                                      .from_us = LKS_TIME_NULL,
                                      .to_us = LKS_TIME_NULL},
                            .released_us = LKS_TIME_NULL};
    (void)unused;
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        struct lks_held_item item = {
            .kind = LKS_HELD_POSTS, .text = lks_str_from(same[i]), .time_us = LKS_TIME_NULL};
        assert_int_equal(lks_hold_covers(&hold, &item), 1);
    }
    struct lks_held_item other = {
        .kind = LKS_HELD_POSTS, .text = LKS_STR("vertical"), .time_us = LKS_TIME_NULL};
    assert_int_equal(lks_hold_covers(&hold, &other), 0);
}

static void register_and_keys(void **unused)
{
    struct lks_holds holds = {0};
    struct lks_hold_scope narrow = {
        .platforms = platforms, .platforms_count = 1, .from_us = 0, .to_us = 5};
    struct lks_hold_scope wide = {.from_us = LKS_TIME_NULL, .to_us = LKS_TIME_NULL};
    struct lks_hold hold = {.id = LKS_STR("H1"),
                            .authority = LKS_STR("European Commission"),
                            .legal_basis = LKS_STR("Regulation (EU) 2022/2065, Article 72"),
                            .scope = narrow,
                            .issued_us = 100};
    struct lks_held_item item = {.kind = LKS_HELD_POSTS, .platform = platforms[0], .time_us = 3};
    const struct lks_hold *against;
    (void)unused;
    assert_int_equal(lks_holds_issue(&holds, &hold, 0, NULL), LKS_EARGUMENT);
    assert_int_equal(lks_holds_issue(&holds, &hold, 1, NULL), 0);
    assert_int_equal(lks_holds_issue(&holds, &hold, 1, NULL), LKS_EARGUMENT);
    assert_int_equal(lks_holds_against(&holds, &item, &against), 0);
    assert_non_null(against);
    item.time_us = 6;
    assert_int_equal(lks_holds_against(&holds, &item, &against), 0);
    assert_null(against);
    /* later extended: one key; back again: two */
    assert_int_equal(lks_holds_amend(&holds, LKS_STR("H2"), &wide, 200, 1, NULL), LKS_EARGUMENT);
    assert_int_equal(lks_holds_amend(&holds, LKS_STR("H1"), &wide, 50, 1, NULL), LKS_EARGUMENT);
    assert_int_equal(lks_holds_amend(&holds, LKS_STR("H1"), &wide, 200, 1, NULL), 0);
    assert_int_equal(lks_holds_against(&holds, &item, &against), 0);
    assert_non_null(against);
    assert_int_equal(lks_holds_amend(&holds, LKS_STR("H1"), &narrow, 300, 1, NULL), LKS_EARGUMENT);
    assert_int_equal(lks_holds_against(&holds, &item, &against), 0);
    assert_non_null(against);
    assert_int_equal(lks_holds_amend(&holds, LKS_STR("H1"), &narrow, 300, 2, NULL), 0);
    assert_int_equal(lks_holds_release(&holds, LKS_STR("H1"), 400, 1, NULL), LKS_EARGUMENT);
    assert_int_equal(lks_holds_release(&holds, LKS_STR("H1"), 400, 2, NULL), 0);
    assert_int_equal(lks_holds_release(&holds, LKS_STR("H1"), 500, 2, NULL), LKS_EARGUMENT);
    item.time_us = 3;
    assert_int_equal(lks_holds_against(&holds, &item, &against), 0);
    assert_null(against);
    assert_int_equal(holds.holds[0].versions, 3);
    lks_holds_free(&holds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_definition), cmocka_unit_test(matcher_agrees),
        cmocka_unit_test(disguised_terms), cmocka_unit_test(register_and_keys)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
