/* requests_test.c - the register read back from the log is what was done, and hostile logs are refused
 *
 * A made history of requests is recorded in a case's vault and, beside it, kept by hand. What is read
 * back must be the same, at every length of the log; without its hidden values, no less than the clear
 * part says. Statements that no program of ours writes go to the register one by one. */
#include "vault/test_folder.h"

#include <string.h>

#include "base/rng.h"
#include "case/answer_layout.h"
#include "case/moment.h"
#include "case/requests.h"

enum { STEPS = 60, REQUESTS_MAX = 8, QUESTIONS_MAX = 4, ANSWERS_MAX = 8, TEXT_BYTES = 96 };

/* ---- a history, kept by hand ---- */

struct made_reply {
    int given;
    char answer[TEXT_BYTES], missing[TEXT_BYTES]; /* empty: none */
    unsigned kinds, number;
    size_t findings_count;
    uint64_t leaf;
};

struct made_answer {
    char digest[TEXT_BYTES], why[TEXT_BYTES];
    uint64_t leaf, frozen, first;
};

struct made {
    uint64_t leaf;
    char authority[TEXT_BYTES], questions[QUESTIONS_MAX][TEXT_BYTES];
    size_t questions_count, terms_count, answers_count, replies_given;
    unsigned kinds;
    int64_t received_us, due_us;
    struct made_reply replies[QUESTIONS_MAX];
    struct made_answer answers[ANSWERS_MAX];
    int frozen_number; /* -1: nothing is frozen */
    uint64_t frozen, first;
    int confirmed;
};

/* What the register says of a log of that size. */
struct state {
    uint64_t size;
    size_t requests, replies, answers, confirmed;
};

struct world {
    char folder[64];
    struct lks_vault *vault;
    struct lks_rng rng;
    struct made made[REQUESTS_MAX];
    size_t count;
    struct state states[STEPS];
    size_t states_count;
};

static const struct lks_str terms[2] = {{"vot", 3}, {"\"kind\":\"request\"", 16}};
static const struct lks_str findings[2] = {{"F1", 2}, {"F3", 2}};

/* A text that is different each time, now and then with what could be taken for something else. */
static void text_draw(struct lks_rng *rng, char text[TEXT_BYTES])
{
    static const char *const tails[] = {"", "\n\"kind\":\"request\"", "\\u0000 \"",
                                        "\xC8\x99\xF0\x9F\x97\xB3", "{\"what\":\"answer\"}"};
    snprintf(text, TEXT_BYTES, "%08x%s", (unsigned)lks_rng_below(rng, UINT32_MAX),
             tails[lks_rng_below(rng, 5)]);
}

static struct lks_str id_of(size_t number, char id[24])
{
    snprintf(id, 24, "R%zu", number + 1);
    return lks_str_from(id);
}

static struct lks_str or_null(const char *text)
{
    return *text ? lks_str_from(text) : LKS_STR_NULL;
}

static void receive(struct world *world)
{
    struct made *made = &world->made[world->count];
    struct lks_question questions[QUESTIONS_MAX] = {{.text = LKS_STR_NULL}};
    char id[24];
    if (world->count == REQUESTS_MAX)
        return;
    *made = (struct made){.frozen_number = -1};
    text_draw(&world->rng, made->authority);
    made->questions_count = 1 + lks_rng_below(&world->rng, QUESTIONS_MAX);
    for (size_t i = 0; i < made->questions_count; i++) {
        text_draw(&world->rng, made->questions[i]);
        questions[i].text = lks_str_from(made->questions[i]);
    }
    made->terms_count = lks_rng_below(&world->rng, 3);
    made->kinds = lks_rng_below(&world->rng, 8);
    made->received_us =
        INT64_C(1733421600000000) + (int64_t)lks_rng_below(&world->rng, 1000) * LKS_MINUTE_US;
    made->due_us = made->received_us + (int64_t)lks_rng_below(&world->rng, 100) * LKS_HOUR_US;
    const struct lks_request request = {.id = id_of(world->count, id),
                                        .authority = lks_str_from(made->authority),
                                        .legal_basis = LKS_STR("a law"),
                                        .questions = questions,
                                        .questions_count = made->questions_count,
                                        .received_us = made->received_us,
                                        .due_us = made->due_us};
    const struct lks_request_entry entry = {.basis = LKS_STR("dsa-67"),
                                            .zone = LKS_STR("Europe/Bucharest"),
                                            .scope = {.terms = terms,
                                                      .terms_count = made->terms_count,
                                                      .kinds = made->kinds,
                                                      .from_us = LKS_TIME_NULL,
                                                      .to_us = made->due_us}};
    assert_int_equal(lks_request_receive_record(world->vault, &request, &entry, &made->leaf, NULL),
                     0);
    world->count++;
}

static void reply(struct world *world, size_t number)
{
    struct made *made = &world->made[number];
    size_t question = lks_rng_below(&world->rng, (uint32_t)made->questions_count);
    struct made_reply *said = &made->replies[question];
    char id[24];
    *said = (struct made_reply){.given = 1, .number = (unsigned)made->answers_count};
    unsigned dice = lks_rng_below(&world->rng, 3);
    if (dice != 1)
        text_draw(&world->rng, said->answer);
    if (dice != 0)
        text_draw(&world->rng, said->missing);
    said->kinds = lks_rng_below(&world->rng, 8);
    said->findings_count = lks_rng_below(&world->rng, 3);
    const struct lks_request_reply reply = {
        .said = {.answer = or_null(said->answer), .missing = or_null(said->missing)},
        .kinds = said->kinds,
        .findings = findings,
        .findings_count = said->findings_count,
        .number = said->number};
    assert_int_equal(lks_request_reply_record(world->vault, id_of(number, id), question, &reply,
                                              &said->leaf, NULL),
                     0);
    made->replies_given++;
}

static void other(struct world *world)
{
    struct lks_statement_writer writer = {0};
    lks_vault_start(world->vault, &writer, LKS_STATEMENT_NOTE);
    lks_canon_text(&writer.canon, "about", "\"kind\":\"request\", which this is not");
    lks_statement_hide(&writer, "text", LKS_STR("{\"kind\":\"request\"}"));
    assert_int_equal(lks_vault_record(world->vault, &writer, NULL, NULL), 0);
}

static void freeze(struct world *world, size_t number)
{
    struct made *made = &world->made[number];
    struct lks_statement_writer writer = {0};
    char id[24];
    made->first = lks_vault_size(world->vault);
    made->frozen_number = (int)made->answers_count;
    lks_vault_start(world->vault, &writer, LKS_STATEMENT_DISCLOSE);
    lks_canon_text(&writer.canon, "what", LKS_ANSWER_FROZEN);
    lks_canon_string(&writer.canon, "request", id_of(number, id));
    lks_canon_int(&writer.canon, "number", made->frozen_number);
    lks_canon_text(&writer.canon, "run", "0001");
    lks_canon_text(&writer.canon, "profile", "public");
    lks_canon_int(&writer.canon, "first", (int64_t)made->first);
    assert_int_equal(lks_vault_record(world->vault, &writer, &made->frozen, NULL), 0);
}

static void answer(struct world *world, size_t number)
{
    struct made *made = &world->made[number];
    struct made_answer *sealed = &made->answers[made->answers_count];
    char id[24];
    if (made->answers_count == ANSWERS_MAX)
        return;
    if (!made->answers_count) /* as the command refuses it */
        for (size_t i = 0; i < made->questions_count; i++)
            if (!made->replies[i].given)
                return;
    if (made->frozen_number != (int)made->answers_count)
        freeze(world, number);
    *sealed = (struct made_answer){.frozen = made->frozen, .first = made->first};
    text_draw(&world->rng, sealed->digest);
    text_draw(&world->rng, sealed->why);
    const struct lks_request_answer said = {.number = (unsigned)made->answers_count,
                                            .frozen = made->frozen,
                                            .size = made->frozen + 1,
                                            .run = LKS_STR("0001"),
                                            .profile = LKS_STR("public"),
                                            .digest = lks_str_from(sealed->digest),
                                            .why = lks_str_from(sealed->why),
                                            .anchors = findings,
                                            .anchors_count = 2};
    const struct lks_request_answer before = {.leaf = made->answers[0].leaf,
                                              .digest = lks_str_from(made->answers[0].digest)};
    assert_int_equal(lks_request_answer_record(world->vault, id_of(number, id), &said,
                                               made->answers_count ? &before : NULL, &sealed->leaf,
                                               NULL),
                     0);
    made->answers_count++;
}

static void confirm(struct world *world, size_t number)
{
    struct made *made = &world->made[number];
    char id[24];
    if (!made->answers_count)
        return;
    assert_int_equal(lks_request_receipt_record(world->vault, id_of(number, id),
                                                made->answers[made->answers_count - 1].leaf,
                                                LKS_STR_NULL, LKS_STR("read"), NULL, NULL),
                     0);
    made->confirmed = 1;
}

static struct state state_of(const struct world *world)
{
    struct state state = {lks_vault_size(world->vault), world->count, 0, 0, 0};
    for (size_t i = 0; i < world->count; i++) {
        state.answers += world->made[i].answers_count;
        state.confirmed += (size_t)world->made[i].confirmed;
        for (size_t q = 0; q < world->made[i].questions_count; q++)
            state.replies += (size_t)world->made[i].replies[q].given;
    }
    return state;
}

static void world_start(struct world *world, uint64_t seed)
{
    *world = (struct world){.count = 0};
    lks_rng_init(&world->rng, seed, 0);
    folder_make(world->folder, sizeof world->folder);
    assert_int_equal(lks_vault_open(world->folder, NULL, NULL, &world->vault, NULL), 0);
    receive(world);
    for (int step = 0; step < STEPS; step++) {
        unsigned dice = lks_rng_below(&world->rng, 12);
        size_t which = lks_rng_below(&world->rng, (uint32_t)world->count);
        if (dice == 0)
            receive(world);
        else if (dice < 7)
            reply(world, which);
        else if (dice == 7)
            freeze(world, which);
        else if (dice < 10)
            answer(world, which);
        else if (dice == 10)
            confirm(world, which);
        else
            for (unsigned i = lks_rng_below(&world->rng, 60); i; i--)
                other(world); /* more than one span */
        world->states[world->states_count++] = state_of(world);
    }
    assert_int_equal(lks_vault_commit(world->vault, NULL), 0);
}

static void world_end(struct world *world)
{
    lks_vault_close(world->vault);
    shell("rm -r %s", world->folder);
}

static void same(struct lks_str read, const char *made)
{
    if (*made)
        assert_true(lks_str_equal_text(read, made));
    else
        assert_null(read.data);
}

static void request_compare(const struct lks_request_register *list, size_t number,
                            const struct made *made)
{
    const struct lks_request *request = &list->requests.requests[number];
    const struct lks_request_entry *entry = &list->entries[number];
    char id[24];
    assert_true(lks_str_equal(request->id, id_of(number, id)));
    same(request->authority, made->authority);
    assert_int_equal(entry->leaf, made->leaf);
    assert_int_equal(request->received_us, made->received_us);
    assert_int_equal(request->due_us, made->due_us);
    assert_true(lks_str_equal_text(entry->zone, "Europe/Bucharest"));
    assert_int_equal(entry->scope.kinds, made->kinds);
    assert_int_equal(entry->scope.from_us, LKS_TIME_NULL);
    assert_int_equal(entry->scope.to_us, made->due_us);
    assert_int_equal(entry->scope.terms_count, made->terms_count);
    for (size_t i = 0; i < made->terms_count; i++)
        assert_true(lks_str_equal(entry->scope.terms[i], terms[i]));
    assert_int_equal(request->questions_count, made->questions_count);
    for (size_t i = 0; i < made->questions_count; i++) {
        const struct lks_request_reply *read = &entry->replies[i];
        const struct made_reply *said = &made->replies[i];
        same(read->said.text, made->questions[i]);
        assert_int_equal(read->leaf, said->given ? said->leaf : UINT64_MAX);
        same(read->said.answer, said->answer);
        same(read->said.missing, said->missing);
        assert_int_equal(read->kinds, said->kinds);
        assert_int_equal(read->number, said->number);
        assert_int_equal(read->findings_count, said->findings_count);
    }
    assert_int_equal(entry->answers_count, made->answers_count);
    assert_int_equal(request->amendments, made->answers_count ? made->answers_count - 1 : 0);
    assert_int_equal(request->answered_us != LKS_TIME_NULL, made->answers_count > 0);
    assert_int_equal(request->receipt_us != LKS_TIME_NULL, made->confirmed);
    for (size_t i = 0; i < made->answers_count; i++) {
        same(entry->answers[i].digest, made->answers[i].digest);
        same(entry->answers[i].why, i ? made->answers[i].why : "");
        assert_int_equal(entry->answers[i].leaf, made->answers[i].leaf);
        assert_int_equal(entry->answers[i].frozen, made->answers[i].frozen);
        assert_int_equal(entry->answers[i].first, made->answers[i].first);
        assert_int_equal(entry->answers[i].anchors_count, 2);
    }
    assert_int_equal(entry->frozen.size, made->frozen_number < 0 ? 0 : made->frozen + 1);
}

static struct state state_read(const struct lks_request_register *list, uint64_t size)
{
    struct state state = {size, list->requests.count, 0, 0, 0};
    for (size_t i = 0; i < list->requests.count; i++) {
        state.answers += list->entries[i].answers_count;
        state.confirmed += list->requests.requests[i].receipt_us != LKS_TIME_NULL;
        for (size_t q = 0; q < list->requests.requests[i].questions_count; q++)
            state.replies += list->entries[i].replies[q].leaf != UINT64_MAX;
    }
    return state;
}

static void test_history(void **state)
{
    size_t amended = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        struct world world;
        struct lks_request_register list;
        struct lks_error err = {0};
        world_start(&world, seed);
        assert_int_equal(lks_request_register_read(world.folder, &list, &err), 0);
        assert_int_equal(list.requests.count, world.count);
        for (size_t i = 0; i < world.count; i++) {
            request_compare(&list, i, &world.made[i]);
            amended += list.requests.requests[i].amendments;
        }
        char name[16], next[24];
        lks_request_register_name(&list, name);
        assert_true(lks_str_equal_text(id_of(world.count, next), name));
        lks_request_register_free(&list);
        for (size_t i = 0; i < world.states_count; i++) {
            uint64_t size = world.states[i].size;
            assert_int_equal(lks_request_register_read_until(world.folder, size, &list, NULL), 0);
            struct state then = state_read(&list, size);
            assert_memory_equal(&then, &world.states[i], sizeof then);
            lks_request_register_free(&list);
        }
        world_end(&world);
    }
    assert_true(amended > 5);
}

/* Hidden values can be erased: what is in the clear still stands, and the clock runs on. */
static void test_without_hidden_values(void **state)
{
    (void)state;
    for (uint64_t seed = 21; seed <= 24; seed++) {
        struct world world;
        struct lks_request_register list;
        struct lks_error err = {0};
        world_start(&world, seed);
        shell("rm -r %s/vault/disclosures", world.folder);
        if (lks_request_register_read(world.folder, &list, &err) != 0)
            fail_msg("%s", err.message);
        struct state then = state_read(&list, lks_vault_size(world.vault));
        struct state wanted = state_of(&world);
        assert_memory_equal(&then, &wanted, sizeof then);
        for (size_t i = 0; i < list.requests.count; i++) {
            same(list.requests.requests[i].authority, "(erased)");
            assert_int_equal(list.requests.requests[i].due_us, world.made[i].due_us);
            for (size_t q = 0; q < world.made[i].questions_count; q++)
                if (world.made[i].replies[q].given)
                    same(list.entries[i].replies[q].said.answer, "(erased)");
        }
        lks_request_register_free(&list);
        world_end(&world);
    }
}

/* ---- one statement after the other ---- */

static int take(struct lks_request_register *list, uint64_t index, const char *json,
                const char *hidden, struct lks_error *err)
{
    struct lks_arena arena = {0};
    struct lks_entry_value values[2];
    struct lks_entry entry = {.index = index, .values = values, .arena = &arena};
    if (hidden) {
        values[entry.values_count++] =
            (struct lks_entry_value){LKS_STR("answer"), lks_str_from(hidden), LKS_STR_NULL};
        values[entry.values_count++] =
            (struct lks_entry_value){LKS_STR("question.1"), lks_str_from(hidden), LKS_STR_NULL};
    }
    int code = lks_statement_read(lks_str_from(json), &arena, &entry.statement, err);
    assert_int_equal(code, 0); /* the tests write canonical JSON */
    code = lks_request_register_take(list, &entry, err);
    lks_arena_free(&arena);
    return code;
}

#define KIND "\"kind\":\"request\","
#define SAID(time) ",\"time\":\"2024-12-05T" time "Z\",\"v\":1}"
#define RECEIVED                                                                                   \
    "{\"action\":\"receive\",\"basis\":\"dsa-67\",\"due\":\"2024-12-06T16:00:00Z\",\"id\":"        \
    "\"R1\"," KIND "\"questions\":1,\"received\":\"2024-12-05T16:00:00Z\"" SAID("16:05:00")
#define REPLIED                                                                                    \
    "{\"action\":\"reply\",\"id\":\"R1\"," KIND "\"number\":0,\"question\":1" SAID("17:00:00")
#define FROZEN(first, number)                                                                      \
    "{\"first\":" first ",\"kind\":\"disclose\",\"number\":" number ",\"request\":"                \
    "\"R1\"" SAID_WHAT
#define SAID_WHAT ",\"time\":\"2024-12-05T18:00:00Z\",\"v\":1,\"what\":\"answer\"}"
#define ANSWERED(action, frozen, number)                                                           \
    "{\"action\":\"" action "\",\"frozen\":" frozen ",\"id\":\"R1\"," KIND                         \
    "\"number\":" number SAID("18:00:00")

/* What must be refused after a request, after its reply, after it was frozen, after the answer. */
static void test_hostile(void **state)
{
    static const struct {
        int after; /* how many of the good ones stand before it */
        const char *json, *sentence;
    } bad[] = {
        {0, REPLIED, "not received"},
        {0, FROZEN("1", "0"), "not received"},
        {0, "{\"action\":\"receive\"," KIND "\"questions\":1" SAID("16:05:00"),
         "its questions or times"},
        {0,
         "{\"action\":\"receive\",\"due\":\"2024-12-06T16:00:00Z\",\"id\":\"R1\"," KIND
         "\"questions\":9007199254740992,\"received\":\"2024-12-05T16:00:00Z\"" SAID("16:05:00"),
         "its questions or times"},
        {0,
         "{\"action\":\"receive\",\"due\":\"2024-12-06T16:00:00Z\",\"id\":\"R1\"," KIND
         "\"questions\":-1,\"received\":\"2024-12-05T16:00:00Z\"" SAID("16:05:00"),
         "its questions or times"},
        {0,
         "{\"action\":\"receive\",\"due\":\"2024-12-04T16:00:00Z\",\"id\":\"R1\"," KIND
         "\"questions\":1,\"received\":\"2024-12-05T16:00:00Z\"" SAID("16:05:00"),
         "due before it was received"},
        {0,
         "{\"action\":\"receive\",\"due\":\"2024-12-06T16:00:00Z\"," KIND
         "\"questions\":1,\"received\":\"2024-12-05T16:00:00Z\"" SAID("16:05:00"),
         "names itself"},
        {1, RECEIVED, "R1 already"},
        {1, "{\"action\":\"revoke\",\"id\":\"R1\"," KIND "\"questions\":1" SAID("16:05:00"),
         "not known"},
        {1, "{\"id\":\"R1\"," KIND "\"questions\":1" SAID("16:05:00"), "not known"},
        {1,
         "{\"action\":\"reply\",\"id\":\"R1\"," KIND "\"number\":0,\"question\":2" SAID("17:00:00"),
         "not asked"},
        {1,
         "{\"action\":\"reply\",\"id\":\"R1\"," KIND
         "\"number\":0,\"question\":-9007199254740992" SAID("17:00:00"),
         "not asked"},
        {1,
         "{\"action\":\"reply\",\"id\":\"R1\"," KIND "\"number\":1,\"question\":1" SAID("17:00:00"),
         "was not given"},
        {1,
         "{\"action\":\"reply\",\"id\":\"R1\"," KIND
         "\"number\":-1,\"question\":1" SAID("17:00:00"),
         "was not given"},
        {1, "{\"action\":\"receipt\",\"id\":\"R1\"," KIND "\"questions\":1" SAID("17:00:00"),
         "not answered before"},
        {2, FROZEN("4", "0"), "do not stand before it"},
        {2, FROZEN("-1", "0"), "do not stand before it"},
        {2, FROZEN("1", "4294967296"), "do not stand before it"},
        {2, ANSWERED("answer", "0", "0"), "does not follow"},
        {3, ANSWERED("answer", "1", "0"), "does not follow"},
        {3, ANSWERED("answer", "9007199254740991", "0"), "do not stand before it"},
        {3, ANSWERED("amend", "2", "1"), "does not follow"},
        {3, ANSWERED("answer", "2", "4294967296"), "do not stand before it"},
        {4, ANSWERED("answer", "2", "0"), "does not follow"},
        {4, ANSWERED("amend", "2", "1"), "does not follow"},
        {4, REPLIED, "was answered"},
    };
    static const char *const good[] = {RECEIVED, REPLIED, FROZEN("2", "0"),
                                       ANSWERED("answer", "2", "0")};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct lks_request_register list = {.entries = NULL};
        struct lks_error err = {0};
        for (int at = 0; at < bad[i].after; at++)
            assert_int_equal(take(&list, (uint64_t)at, good[at], "yes", NULL), 0);
        struct state before = state_read(&list, 0);
        if (take(&list, (uint64_t)bad[i].after, bad[i].json, "yes", &err) != LKS_EINPUT)
            fail_msg("%zu was taken", i);
        if (!strstr(err.message, bad[i].sentence))
            fail_msg("%zu: %s", i, err.message);
        struct state after = state_read(&list, 0);
        assert_memory_equal(&before, &after, sizeof before);
        for (int at = bad[i].after; at < 4; at++) /* and goes on as if nothing had been */
            assert_int_equal(take(&list, (uint64_t)at, good[at], "yes", NULL), 0);
        assert_int_equal(list.entries[0].answers_count, 1);
        lks_request_register_free(&list);
    }
}

/* Statements of other kinds, and members of another type than ours, are no mistake of the reader. */
static void test_others_pass(void **state)
{
    struct lks_request_register list = {.entries = NULL};
    (void)state;
    assert_int_equal(
        take(&list, 0, "{\"kind\":\"note\",\"request\":\"R1\"" SAID("16:05:00"), NULL, NULL), 0);
    assert_int_equal(
        take(&list, 1,
             "{\"kind\":\"disclose\",\"request\":\"R1\",\"time\":\"2024-12-05T16:05:00Z\",\"v\":1,"
             "\"what\":\"record\"}",
             NULL, NULL),
        0);
    assert_int_equal(list.requests.count, 0);
    assert_int_equal(take(&list, 2, RECEIVED, NULL, NULL), 0);
    assert_true(lks_str_equal_text(list.requests.requests[0].authority, "(erased)"));
    assert_int_equal(
        take(&list, 3,
             "{\"action\":\"reply\",\"files\":[true,{}],\"findings\":\"F1\",\"id\":\"R1\","
             "\"kind\":\"request\",\"kinds\":[7,\"moons\"],\"number\":0,\"question\":1" SAID(
                 "17:00:00"),
             NULL, NULL),
        0);
    assert_int_equal(list.entries[0].replies[0].findings_count, 0);
    assert_int_equal(list.entries[0].replies[0].kinds, 0);
    lks_request_register_free(&list);
}

/* ---- the clock ---- */

/* A request that came before the clocks were set back, due a day later: 24 hours, by the clock 23 h off. */
static void test_clock_by_zone(void **state)
{
    static const struct {
        const char *received, *due, *shown;
        int64_t hours;
    } days[] = {
        {"2024-10-26 18:00 Europe/Bucharest", "24h", "2024-10-27 17:00 Europe/Bucharest", 24},
        {"2024-10-26 18:00 Europe/Bucharest", "2024-10-27 18:00 Europe/Bucharest",
         "2024-10-27 18:00 Europe/Bucharest", 25},
        {"2025-03-29 18:00 Europe/Bucharest", "2025-03-30 18:00 Europe/Bucharest",
         "2025-03-30 18:00 Europe/Bucharest", 23},
        {"2024-12-05 18:00 Europe/Bucharest", "2024-12-06 17:00 Europe/Brussels",
         "2024-12-06 17:00 Europe/Brussels", 24},
        {"2011-12-29 12:00 Pacific/Apia", "24h", "2011-12-31 12:00 Pacific/Apia", 24}, /* no 30th */
    };
    (void)state;
    for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
        struct lks_moment received, due;
        struct lks_question question = {.text = LKS_STR("?")};
        char shown[LKS_MOMENT_TEXT_BYTES];
        assert_int_equal(lks_moment_parse(days[i].received, LKS_TIME_NULL, 0, &received, NULL), 0);
        assert_int_equal(lks_moment_parse(days[i].due, received.time_us, 0, &due, NULL), 0);
        assert_int_equal(due.time_us - received.time_us, days[i].hours * LKS_HOUR_US);
        lks_moment_format(due.time_us, days[i].due[1] == '4' ? received.zone : due.zone, shown);
        assert_string_equal(shown, days[i].shown);
        struct lks_request request = {.questions = &question,
                                      .questions_count = 1,
                                      .received_us = received.time_us,
                                      .due_us = due.time_us,
                                      .answered_us = LKS_TIME_NULL,
                                      .receipt_us = LKS_TIME_NULL};
        int64_t soon_us = days[i].hours * LKS_HOUR_US / 4;
        assert_int_equal(lks_request_clock_at(&request, due.time_us - soon_us).state,
                         LKS_REQUEST_OPEN);
        assert_int_equal(lks_request_clock_at(&request, due.time_us - soon_us + 1).state,
                         LKS_REQUEST_SOON);
        assert_int_equal(lks_request_clock_at(&request, due.time_us + 1).state,
                         LKS_REQUEST_OVERDUE);
    }
}

/* The log's clock may stand before the receipt that a person wrote down: nothing breaks by it. */
static void test_clock_behind_the_receipt(void **state)
{
    static const char received[] =
        "{\"action\":\"receive\",\"due\":\"2024-12-07T16:00:00Z\",\"id\":\"R1\"," KIND
        "\"questions\":1,\"received\":\"2024-12-06T16:00:00Z\"" SAID("16:05:00");
    static const char *const after[] = {
        REPLIED,
        FROZEN("2", "0"),
        ANSWERED("answer", "2", "0"),
        "{\"action\":\"receipt\",\"id\":\"R1\"," KIND "\"questions\":1" SAID("19:00:00"),
        "{\"first\":5,\"kind\":\"disclose\",\"number\":1,\"request\":\"R1\"" SAID_WHAT,
        ANSWERED("amend", "5", "1")};
    struct lks_request_register list = {.entries = NULL};
    (void)state;
    assert_int_equal(take(&list, 0, received, "yes", NULL), 0);
    for (size_t i = 0; i < sizeof after / sizeof *after; i++)
        assert_int_equal(take(&list, i + 1, after[i], "yes", NULL), 0);
    const struct lks_request *request = &list.requests.requests[0];
    assert_int_equal(request->answered_us, request->received_us);
    assert_int_equal(request->receipt_us, request->received_us);
    assert_int_equal(request->amendments, 1);
    assert_int_equal(lks_request_clock_at(request, 0).state, LKS_REQUEST_CONFIRMED);
    lks_request_register_free(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_history),       cmocka_unit_test(test_without_hidden_values),
        cmocka_unit_test(test_hostile),       cmocka_unit_test(test_others_pass),
        cmocka_unit_test(test_clock_by_zone), cmocka_unit_test(test_clock_behind_the_receipt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
