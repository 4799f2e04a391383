/* policy.c - rules that propose a decision upon a finding, as data */
#include "custody/policy.h"

#include <math.h>
#include <stdlib.h>

#include "base/toml.h"

struct reading {
    const char *name;
    struct lks_policy *policy;
    struct lks_arena *arena;
    unsigned table_number; /* of the rule that is open */
    int any;               /* something was set in it */
};

static int bad(const struct reading *reading, const struct lks_toml_item *item, const char *what,
               struct lks_error *err)
{
    return lks_error_set(err, LKS_EARGUMENT, "%s: line %u: %s", reading->name, item->line, what);
}

static struct lks_policy_rule *rule_open(struct reading *reading)
{
    struct lks_policy *policy = reading->policy;
    struct lks_policy_rule *rule = &policy->rules[policy->rules_count++];
    *rule = (struct lks_policy_rule){.p_max = INFINITY, .confidence_min = 1};
    rule->values.incompatible_content_illegal = -1;
    return rule;
}

static int number_read(const struct lks_toml_item *item, double most, double *out)
{
    char text[32], *end;
    if (item->type != LKS_TOML_NUMBER || item->value.size_bytes >= sizeof text)
        return -1;
    memcpy(text, item->value.data, item->value.size_bytes);
    text[item->value.size_bytes] = 0;
    *out = strtod(text, &end);
    return *end || !(*out >= 0 && *out <= most) ? -1 : 0;
}

static int text_keep(struct reading *reading, struct lks_str text, struct lks_str *out,
                     struct lks_error *err)
{
    *out = lks_arena_str(reading->arena, text);
    return out->data ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory for a policy");
}

static int kinds_read(struct reading *reading, const struct lks_toml_item *item,
                      struct lks_policy_rule *rule, struct lks_error *err)
{
    struct lks_str *kinds =
        lks_arena_calloc(reading->arena, item->elements_count + 1, sizeof *kinds);
    int code = kinds ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory for a policy");
    if (item->type != LKS_TOML_ARRAY)
        return bad(reading, item, "kinds is a list of texts", err);
    for (size_t i = 0; code == 0 && i < item->elements_count; i++)
        code = text_keep(reading, item->elements[i], &kinds[i], err);
    rule->kinds = kinds;
    rule->kinds_count = item->elements_count;
    return code;
}

/* 1 where the key is a condition of a rule, and was read. */
static int condition_read(struct reading *reading, const struct lks_toml_item *item,
                          struct lks_policy_rule *rule, struct lks_error *err)
{
    static const char *const confidences[] = {"explained", "low", "moderate", "high"};
    double number;
    int code = 1;
    if (lks_str_equal_text(item->key, "name")) {
        if (item->type != LKS_TOML_STRING || !item->value.size_bytes)
            return bad(reading, item, "a rule's name is a text", err);
        code = text_keep(reading, item->value, &rule->name, err);
    } else if (lks_str_equal_text(item->key, "kinds")) {
        code = kinds_read(reading, item, rule, err);
    } else if (lks_str_equal_text(item->key, "confidence")) {
        for (int i = 0; i < 4; i++)
            if (lks_str_equal_text(item->value, confidences[i]))
                rule->confidence_min = i, code = 0;
        if (code)
            return bad(reading, item, "confidence is explained, low, moderate or high", err);
    } else if (lks_str_equal_text(item->key, "members_min")) {
        if (number_read(item, 1e9, &number) || floor(number) < number)
            return bad(reading, item, "members_min is a whole number", err);
        rule->members_min = (uint64_t)number;
        code = 0;
    } else if (lks_str_equal_text(item->key, "p_max")) {
        if (number_read(item, 1, &rule->p_max))
            return bad(reading, item, "p_max is a number from 0 to 1", err);
        code = 0;
    } else {
        return 0;
    }
    return code ? code : 1;
}

static int value_read(struct reading *reading, const struct lks_toml_item *item,
                      struct lks_policy_rule *rule, struct lks_error *err)
{
    struct lks_error inner = {0};
    int is_list = item->type == LKS_TOML_ARRAY;
    int code = lks_decision_set(&rule->values, item->key, is_list ? item->elements : &item->value,
                                is_list ? item->elements_count : 1, reading->arena, &inner);
    return code == LKS_EARGUMENT ? bad(reading, item, inner.message, err)
           : code                ? lks_error_set(err, code, "%s", inner.message)
                                 : 0;
}

static int item_found(void *context, const struct lks_toml_item *item, struct lks_error *err)
{
    struct reading *reading = context;
    struct lks_policy *policy = reading->policy;
    int in_rule = lks_str_equal_text(item->table, "rule") && item->repeated;
    if (item->table.size_bytes && !in_rule)
        return bad(reading, item, "a policy has tables [[rule]] and no others", err);
    if (in_rule && policy->rules_count && !policy->by_rule)
        return bad(reading, item, "values above [[rule]] belong to no rule", err);
    if (in_rule && item->table_number != reading->table_number) {
        if (policy->rules_count == LKS_POLICY_RULES_MAX)
            return bad(reading, item, "more rules than a policy may have", err);
        policy->by_rule = 1;
        reading->table_number = item->table_number;
        rule_open(reading);
    }
    if (!item->key.data)
        return 0;
    if (!in_rule && !policy->rules_count)
        rule_open(reading);
    struct lks_policy_rule *rule = &policy->rules[policy->rules_count - 1];
    int code = in_rule ? condition_read(reading, item, rule, err) : 0;
    return code == 0 ? value_read(reading, item, rule, err) : code < 0 ? code : 0;
}

int lks_policy_read(const char *name, struct lks_str text, struct lks_arena *arena,
                    struct lks_policy *policy, struct lks_error *err)
{
    struct reading reading = {.name = name, .policy = policy, .arena = arena};
    *policy = (struct lks_policy){
        .rules = lks_arena_calloc(arena, LKS_POLICY_RULES_MAX, sizeof *policy->rules)};
    if (!policy->rules)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for a policy");
    int code = lks_toml_read(name, text, item_found, &reading, err);
    if (code == 0 && !policy->rules_count)
        code = lks_error_set(err, LKS_EARGUMENT, "%s decides nothing", name);
    for (size_t i = 0; code == 0 && i < policy->rules_count; i++) {
        const struct lks_policy_rule *rule = &policy->rules[i];
        if (policy->by_rule && !rule->name.data)
            code = lks_error_set(err, LKS_EARGUMENT, "%s: rule %zu has no name", name, i + 1);
        else if (!rule->values.decision_visibility[0] && !rule->values.decision_monetary &&
                 !rule->values.decision_provision && !rule->values.decision_account)
            code =
                lks_error_set(err, LKS_EARGUMENT, "%s: rule %zu states no decision", name, i + 1);
    }
    return code;
}

const struct lks_policy_rule *lks_policy_match(const struct lks_policy *policy,
                                               const struct lks_policy_facts *facts)
{
    for (size_t i = 0; i < policy->rules_count; i++) {
        const struct lks_policy_rule *rule = &policy->rules[i];
        int kind = rule->kinds_count == 0;
        for (size_t k = 0; k < rule->kinds_count; k++)
            kind |= lks_str_equal(rule->kinds[k], facts->kind);
        int within = !isfinite(rule->p_max) || facts->p_value <= rule->p_max;
        if (kind && within && facts->confidence >= rule->confidence_min &&
            facts->members >= rule->members_min)
            return rule;
    }
    return NULL;
}
