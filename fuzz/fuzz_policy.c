/* fuzz_policy.c - rules and values of decisions, and the statements that hold them */
#include <stdint.h>
#include <string.h>

#include "custody/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct opened {
    struct lks_str names[40], values[40];
    size_t count;
};

static struct lks_str opened_get(const void *context, const char *name)
{
    const struct opened *opened = context;
    for (size_t i = 0; i < opened->count; i++)
        if (lks_str_equal_text(opened->names[i], name))
            return opened->values[i];
    return LKS_STR_NULL;
}

static void lines_open(const struct lks_statement *statement, const struct lks_buffer *lines,
                       struct lks_arena *arena, struct opened *opened)
{
    for (size_t at = 0, start = 0; at < lines->size_bytes; at++) {
        if (lines->data[at] != '\n')
            continue;
        struct lks_str line = {lines->data + start, at - start};
        int code = lks_statement_open(statement, line, arena, &opened->names[opened->count],
                                      &opened->values[opened->count], NULL);
        LKS_ASSERT(code == 0);
        opened->count++;
        start = at + 1;
    }
}

/* Values that were read are written into a statement, and come back the same. */
static void round_trip(const struct lks_policy_rule *rule, struct lks_arena *arena)
{
    struct lks_decision decision = {.run = LKS_STR("0001"),
                                    .finding = LKS_STR("F1"),
                                    .accounts_count = 1,
                                    .values = rule->values};
    struct lks_decision back;
    struct lks_statement_writer writer = {0};
    struct lks_statement statement;
    struct lks_buffer bytes = {0}, lines = {0};
    struct opened opened = {.count = 0};
    struct lks_hidden hidden = {opened_get, &opened};
    lks_statement_start(&writer, LKS_STATEMENT_NOTE, 1);
    lks_decision_put(&writer, &decision);
    if (lks_statement_finish(&writer, &bytes, &lines, NULL) == 0 &&
        lks_statement_read((struct lks_str){bytes.data, bytes.size_bytes}, arena, &statement,
                           NULL) == 0) {
        lines_open(&statement, &lines, arena, &opened);
        int code = lks_decision_read(&statement, &hidden, arena, &back, NULL);
        LKS_ASSERT(code == 0);
        LKS_ASSERT(back.values.incompatible_content_illegal ==
                   rule->values.incompatible_content_illegal);
        LKS_ASSERT(!back.values.decision_account == !rule->values.decision_account);
    }
    lks_buffer_free(&bytes);
    lks_buffer_free(&lines);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lks_arena arena = {.limit_bytes = 16 << 20};
    struct lks_policy policy;
    struct lks_error err = {0};
    int code =
        lks_policy_read("fuzz", (struct lks_str){(const char *)data, size}, &arena, &policy, &err);
    LKS_ASSERT(code <= 0 && (code == 0) == (err.message[0] == 0));
    if (code == 0) {
        struct lks_policy_facts facts = {LKS_STR("swarm"), 2, 100, 0.001};
        LKS_ASSERT(policy.rules_count > 0);
        lks_policy_match(&policy, &facts);
        round_trip(&policy.rules[0], &arena);
        lks_reasons_check(&policy.rules[0].values, NULL, 0, NULL);
    }
    lks_arena_free(&arena);
    return 0;
}
