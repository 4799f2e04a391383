/* holds_test.c - holds read back from the log are those that were ordered, and never less
 *
 * A made history of orders is recorded in a case's vault and, beside it, applied to a register by hand.
 * What is read back must cover the same; without some of its hidden values, no less. */
#include "vault/test_folder.h"

#include <string.h>

#include "base/rng.h"
#include "case/entries.h"
#include "case/holds.h"
#include "custody/approval.h"
#include "vault/ed25519.h"

enum { NAMES = 4, TIMES = 6, PEOPLE = 3, STEPS = 40 };

static const char *const platforms[NAMES] = {"tiktok", "telegram", "bluesky", "youtube"};
static const char *const accounts[NAMES] = {"tiktok:1", "tiktok:2", "telegram:3", "bluesky:x"};
static const char *const terms[NAMES] = {"verticalitate", "echilibru", "vot", "alegeri"};
static const char *const texts[NAMES + 1] = {"#Verticalitate acum", "despre echilibru", "VOT!",
                                             "alegeri", "nothing of it"};

struct person {
    struct lks_signing_key *key;
    struct lks_verifier verifier;
};

struct world {
    char folder[64];
    struct lks_vault *vault;
    struct person people[PEOPLE];
    struct lks_case_holds holds; /* as the writer keeps them */
    struct lks_holds reference;
    struct lks_rng rng;
    unsigned released, narrowed, widened, refused;
};

struct scope_room {
    struct lks_hold_scope scope;
    struct lks_str lists[3][NAMES];
};

static size_t list_draw(struct lks_rng *rng, const char *const *from, struct lks_str *out)
{
    size_t count = 0;
    for (int i = 0; i < NAMES; i++)
        if (lks_rng_below(rng, 2))
            out[count++] = lks_str_from(from[i]);
    return lks_rng_below(rng, 2) ? count : 0;
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
        scope->from_us = (int64_t)lks_rng_below(rng, TIMES / 2) * LKS_SECOND_US;
    if (lks_rng_below(rng, 2))
        scope->to_us = (TIMES / 2 + (int64_t)lks_rng_below(rng, TIMES / 2)) * LKS_SECOND_US;
    if (lks_rng_below(rng, 2))
        scope->kinds = (unsigned)lks_rng_below(rng, LKS_HELD_ALL + 1);
}

static void person_enrol(struct world *world, int number)
{
    struct person *person = &world->people[number];
    unsigned char public_key[LKS_ED25519_KEY_BYTES];
    char name[32];
    struct lks_statement_writer writer = {0};
    struct lks_buffer text = {0};
    snprintf(name, sizeof name, "person%d", number);
    assert_int_equal(lks_signing_key_new(&person->key, NULL), 0);
    lks_signing_key_public(person->key, public_key);
    assert_int_equal(lks_verifier_init(&person->verifier, lks_str_from(name), LKS_NOTE_ED25519,
                                       public_key, NULL),
                     0);
    lks_verifier_format(&person->verifier, &text);
    lks_vault_start(world->vault, &writer, LKS_STATEMENT_KEY);
    lks_canon_text(&writer.canon, "action", "enrol");
    lks_canon_string(&writer.canon, "verifier", (struct lks_str){text.data, text.size_bytes});
    assert_int_equal(lks_vault_record(world->vault, &writer, NULL, NULL), 0);
    assert_int_equal(lks_vault_commit(world->vault, NULL), 0);
    lks_buffer_free(&text);
}

/* An order for the change, signed by so many people. */
static void order_sign(struct world *world, const struct lks_hold *hold, int release,
                       const struct lks_hold_scope *scope, int people, struct lks_buffer *text,
                       struct lks_buffer *note)
{
    struct lks_hold_order order = {.origin = world->holds.origin.data,
                                   .hold = hold->id,
                                   .release = release,
                                   .version = hold->versions,
                                   .reason = LKS_STR("because")};
    if (!release)
        order.scope = *scope;
    assert_int_equal(lks_hold_order_format(&order, text, NULL), 0);
    for (int i = 0; i < people; i++) {
        struct lks_buffer more = {0};
        struct lks_str before = {note->data, note->size_bytes};
        assert_int_equal(lks_approval_sign((struct lks_str){text->data, text->size_bytes}, before,
                                           &world->people[i].verifier, world->people[i].key, &more,
                                           NULL),
                         0);
        lks_buffer_free(note);
        *note = more;
    }
}

static void issue(struct world *world)
{
    struct scope_room room;
    char id[LKS_HOLD_ID_BYTES];
    scope_draw(&world->rng, &room);
    lks_case_hold_id_next(&world->holds, id);
    struct lks_hold_entry entry = {.action = "issue",
                                   .hold = {.id = lks_str_from(id),
                                            .authority = LKS_STR("an authority"),
                                            .legal_basis = LKS_STR("a law"),
                                            .scope = room.scope},
                                   .start_us = LKS_TIME_NULL};
    assert_int_equal(lks_case_hold_record(world->vault, &world->holds, &entry, NULL, NULL), 0);
    assert_int_equal(lks_holds_issue(&world->reference, &entry.hold, 1, NULL), 0);
}

static void change(struct world *world, int release)
{
    if (!world->reference.count)
        return;
    struct lks_hold *hold =
        &world->reference.holds[lks_rng_below(&world->rng, (uint32_t)world->reference.count)];
    struct scope_room room;
    scope_draw(&world->rng, &room);
    int people = (int)lks_rng_below(&world->rng, PEOPLE + 1);
    struct lks_buffer text = {0}, note = {0};
    order_sign(world, hold, release, &room.scope, people, &text, &note);
    struct lks_hold_entry entry = {.action = release ? "release" : "amend",
                                   .hold = {.id = hold->id, .scope = room.scope},
                                   .start_us = LKS_TIME_NULL};
    if (people) {
        entry.order = (struct lks_str){text.data, text.size_bytes};
        entry.approval = (struct lks_str){note.data, note.size_bytes};
    }
    unsigned keys = people > 1 ? (unsigned)people : 1;
    int wider = !release && lks_hold_scope_change(&hold->scope, &room.scope) == LKS_SCOPE_WIDER;
    int code = lks_case_hold_record(world->vault, &world->holds, &entry, NULL, NULL);
    int64_t now_us = lks_vault_now(world->vault);
    int want = release
                   ? lks_holds_release(&world->reference, hold->id, now_us, keys, NULL)
                   : lks_holds_amend(&world->reference, hold->id, &room.scope, now_us, keys, NULL);
    assert_int_equal(code, want);
    world->refused += code != 0;
    world->released += code == 0 && release;
    world->widened += code == 0 && wider;
    world->narrowed += code == 0 && !release && !wider;
    lks_buffer_free(&text);
    lks_buffer_free(&note);
}

/* Whether hold i of each covers every thing of a small world alike, or at least. */
static unsigned compare(const struct lks_holds *read, const struct lks_holds *wanted, int at_least)
{
    unsigned wider = 0;
    assert_int_equal(read->count, wanted->count);
    for (size_t h = 0; h < read->count; h++)
        for (int p = 0; p <= NAMES; p++)
            for (int a = 0; a <= NAMES; a++)
                for (int t = 0; t <= NAMES; t++)
                    for (int time = -1; time < TIMES; time++)
                        for (unsigned kind = 1; kind <= LKS_HELD_FINDINGS; kind *= 2) {
                            struct lks_held_item item = {
                                kind, p < NAMES ? lks_str_from(platforms[p]) : LKS_STR_NULL,
                                a < NAMES ? lks_str_from(accounts[a]) : LKS_STR_NULL,
                                lks_str_from(texts[t]),
                                time < 0 ? LKS_TIME_NULL : time * LKS_SECOND_US};
                            int got = lks_hold_covers(&read->holds[h], &item);
                            int want = lks_hold_covers(&wanted->holds[h], &item);
                            if (at_least)
                                assert_true(got || !want);
                            else
                                assert_int_equal(got, want);
                            wider += got && !want;
                        }
    return wider;
}

static void world_start(struct world *world, uint64_t seed)
{
    *world = (struct world){0};
    lks_rng_init(&world->rng, seed, 0);
    folder_make(world->folder, sizeof world->folder);
    assert_int_equal(lks_vault_open(world->folder, NULL, NULL, &world->vault, NULL), 0);
    for (int i = 0; i < PEOPLE; i++)
        person_enrol(world, i);
    assert_int_equal(lks_case_holds_read(world->folder, UINT64_MAX, &world->holds, NULL), 0);
    assert_int_equal(world->holds.keys.count, PEOPLE + 1);
    for (int step = 0; step < STEPS; step++) {
        unsigned dice = lks_rng_below(&world->rng, 10);
        if (dice < 3)
            issue(world);
        else
            change(world, dice == 9);
    }
    assert_int_equal(lks_vault_commit(world->vault, NULL), 0);
}

static void world_end(struct world *world)
{
    lks_vault_close(world->vault);
    lks_case_holds_free(&world->holds);
    lks_holds_free(&world->reference);
    for (int i = 0; i < PEOPLE; i++)
        lks_signing_key_free(world->people[i].key);
    shell("rm -r %s", world->folder);
}

static void test_replay(void **state)
{
    unsigned released = 0, narrowed = 0, widened = 0, refused = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        struct world world;
        struct lks_case_holds read;
        world_start(&world, seed);
        assert_int_equal(lks_case_holds_read(world.folder, UINT64_MAX, &read, NULL), 0);
        assert_int_equal(read.remarks_count, 0);
        assert_int_equal(read.orders_count, world.holds.orders_count);
        assert_int_equal(compare(&read.all, &world.reference, 0), 0);
        for (size_t i = 0; i < read.all.count; i++) {
            assert_int_equal(read.all.holds[i].versions, world.reference.holds[i].versions);
            assert_int_equal(read.all.holds[i].released_us == LKS_TIME_NULL,
                             world.reference.holds[i].released_us == LKS_TIME_NULL);
            assert_int_equal(read.about[i].gaps, 0);
        }
        released += world.released, narrowed += world.narrowed;
        widened += world.widened, refused += world.refused;
        lks_case_holds_free(&read);
        world_end(&world);
    }
    assert_true(released > 5 && narrowed > 20 && widened > 5 && refused > 20);
}

/* Some files of disclosures, or some of their lines, are lost: every hold covers what it covered. */
static void test_lost_disclosures(void **state)
{
    unsigned wider = 0, gaps = 0, remarks = 0;
    (void)state;
    for (uint64_t seed = 21; seed <= 32; seed++) {
        struct world world;
        struct lks_case_holds read;
        world_start(&world, seed);
        shell("for f in %s/vault/disclosures/*; do awk 'BEGIN{srand(%d)} rand()<0.6' $f > $f.x; "
              "mv $f.x $f; done",
              world.folder, (int)seed);
        struct lks_error err = {0};
        assert_int_equal(lks_case_holds_read(world.folder, UINT64_MAX, &read, &err), 0);
        wider += compare(&read.all, &world.reference, 1);
        for (size_t i = 0; i < read.all.count; i++)
            gaps += read.about[i].gaps != 0;
        remarks += (unsigned)read.remarks_count;
        lks_case_holds_free(&read);
        shell("rm -r %s/vault/disclosures", world.folder);
        assert_int_equal(lks_case_holds_read(world.folder, UINT64_MAX, &read, &err), 0);
        compare(&read.all, &world.reference, 1);
        for (size_t i = 0; i < read.all.count; i++)
            assert_int_equal(read.all.holds[i].released_us, LKS_TIME_NULL); /* nobody can show it */
        lks_case_holds_free(&read);
        world_end(&world);
    }
    assert_true(wider > 100 && gaps > 10 && remarks > 5);
}

/* An order that was signed is good for its case, its hold and its version, and for nothing else. */
static void test_order_is_for_one_change(void **state)
{
    struct world world;
    struct lks_buffer text = {0}, note = {0};
    struct lks_hold_scope none = {.from_us = LKS_TIME_NULL, .to_us = LKS_TIME_NULL};
    struct lks_error err = {0};
    (void)state;
    world_start(&world, 99);
    issue(&world);
    issue(&world);
    struct lks_hold *last = &world.holds.all.holds[world.holds.all.count - 1];
    struct lks_hold *other = last - 1;
    order_sign(&world, last, 1, NULL, 2, &text, &note);
    struct lks_hold_entry entry = {.action = "release",
                                   .hold = {.id = other->id},
                                   .start_us = LKS_TIME_NULL,
                                   .order = {text.data, text.size_bytes},
                                   .approval = {note.data, note.size_bytes}};
    assert_int_equal(lks_case_hold_record(world.vault, &world.holds, &entry, NULL, &err),
                     LKS_EARGUMENT);
    assert_int_equal(other->released_us, LKS_TIME_NULL);
    /* amended meanwhile: the order speaks of a version that is no more */
    struct lks_hold_entry wider = {
        .action = "amend", .hold = {.id = last->id, .scope = none}, .start_us = LKS_TIME_NULL};
    assert_int_equal(lks_case_hold_record(world.vault, &world.holds, &wider, NULL, &err), 0);
    entry.hold.id = last->id;
    err = (struct lks_error){0};
    assert_int_equal(lks_case_hold_record(world.vault, &world.holds, &entry, NULL, &err),
                     LKS_EARGUMENT);
    assert_non_null(strstr(err.message, "version"));
    lks_buffer_free(&text);
    lks_buffer_free(&note);
    world_end(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_replay),
                                       cmocka_unit_test(test_lost_disclosures),
                                       cmocka_unit_test(test_order_is_for_one_change)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
