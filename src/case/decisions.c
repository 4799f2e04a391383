/* decisions.c - what was decided in a case, and how it came to that, read back from its log
 *
 * The order of entries is the evidence: what a run named before any notice did was detected by the
 * run, and nobody can say otherwise afterwards. */
#include "case/decisions.h"

#include <stdlib.h>
#include <string.h>

/* Room for one more item of a list; NULL when memory is out. */
static void *grow(void *items, size_t count, size_t *room, size_t item_bytes)
{
    if (count < *room)
        return items;
    size_t more = *room ? 2 * *room : 8;
    void *larger = realloc(items, more * item_bytes);
    if (larger)
        *room = more;
    return larger;
}

static int memory_out(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "out of memory for the decisions of a case");
}

static struct lks_str value_get(const void *context, const char *name)
{
    return lks_entry_value(context, name);
}

/* ---- entries ---- */

static int decision_take(struct lks_case_decisions *all, const struct lks_entry *entry,
                         struct lks_error *err)
{
    const struct lks_hidden hidden = {value_get, entry};
    struct lks_case_decision one = {
        .leaf = entry->index, .time_us = entry->statement.time_us, .readable = 1};
    int code = lks_decision_read(&entry->statement, &hidden, &all->arena, &one.decision, NULL);
    if (code == LKS_EINPUT && one.decision.run.data && one.decision.finding.data) {
        one.readable = 0; /* erased: that it was decided still stands */
        code = 0;
    }
    if (code == LKS_EINPUT)
        return lks_error_set(err, code, "entry %llu is a decision that cannot be read",
                             (unsigned long long)entry->index);
    if (code)
        return code < 0 ? memory_out(err) : 0;
    void *items = grow(all->items, all->count, &all->room, sizeof *all->items);
    if (!items)
        return memory_out(err);
    all->items = items;
    all->items[all->count++] = one;
    return 0;
}

static struct lks_case_decision *at_leaf(const struct lks_case_decisions *all, uint64_t leaf)
{
    for (size_t i = 0; i < all->count; i++)
        if (all->items[i].leaf == leaf)
            return &all->items[i];
    return NULL;
}

static int approval_take(struct lks_case_decisions *all, const struct lks_entry *entry,
                         struct lks_error *err)
{
    const struct lks_hidden hidden = {value_get, entry};
    struct lks_str person;
    uint64_t leaf;
    int code = lks_approval_read(&entry->statement, &hidden, &all->arena, &leaf, &person, err);
    struct lks_case_decision *one = code == 0 ? at_leaf(all, leaf) : NULL;
    if (code < 0)
        return code;
    if (!one) /* another note, or an approval of what is no decision, which counts for nothing */
        return 0;
    for (unsigned i = 0; person.data && i < one->people_count; i++)
        if (lks_str_equal(one->people[i], person))
            return 0;
    void *people = grow(one->people, one->people_count, &one->people_room, sizeof *one->people);
    if (!people)
        return memory_out(err);
    one->people = people;
    one->people[one->people_count++] = person;
    return 0;
}

static int notice_take(struct lks_case_decisions *all, const struct lks_entry *entry,
                       struct lks_error *err)
{
    const struct lks_hidden hidden = {value_get, entry};
    struct lks_case_notice one = {.leaf = entry->index};
    int code = lks_notice_read(&entry->statement, &hidden, &all->arena, &one.notice, err);
    if (code)
        return code < 0 ? code : 0;
    void *items = grow(all->notices, all->notices_count, &all->notices_room, sizeof *all->notices);
    if (!items)
        return memory_out(err);
    all->notices = items;
    all->notices[all->notices_count++] = one;
    return 0;
}

static int run_take(struct lks_case_decisions *all, const struct lks_entry *entry,
                    struct lks_error *err)
{
    struct lks_case_run one = {.leaf = entry->index};
    if (entry->statement.kind != LKS_STATEMENT_DERIVE ||
        !lks_statement_text(&entry->statement, "run", &all->arena, &one.run))
        return 0;
    lks_statement_text(&entry->statement, "output_sha256", &all->arena, &one.output_sha256);
    void *items = grow(all->runs, all->runs_count, &all->runs_room, sizeof *all->runs);
    if (!items)
        return memory_out(err);
    all->runs = items;
    all->runs[all->runs_count++] = one;
    return 0;
}

static int entry_take(void *context, const struct lks_entry *entry, struct lks_error *err)
{
    int code = run_take(context, entry, err);
    if (code == 0 && entry->statement.kind == LKS_STATEMENT_NOTE)
        code = decision_take(context, entry, err);
    if (code == 0 && entry->statement.kind == LKS_STATEMENT_NOTE)
        code = approval_take(context, entry, err);
    if (code == 0 && entry->statement.kind == LKS_STATEMENT_NOTE)
        code = notice_take(context, entry, err);
    return code;
}

int lks_case_decisions_read(const char *case_path, uint64_t end,
                            struct lks_case_decisions *decisions, struct lks_error *err)
{
    *decisions = (struct lks_case_decisions){0};
    return lks_entries_each(case_path, 0, end, entry_take, decisions, err);
}

void lks_case_decisions_free(struct lks_case_decisions *decisions)
{
    for (size_t i = 0; i < decisions->count; i++) {
        explicit_bzero(decisions->items[i].decision.puid_key, LKS_PUID_KEY_BYTES);
        free(decisions->items[i].people);
    }
    free(decisions->items);
    free(decisions->notices);
    free(decisions->runs);
    lks_arena_free(&decisions->arena);
    *decisions = (struct lks_case_decisions){0};
}

const struct lks_case_decision *lks_case_decision_at(const struct lks_case_decisions *decisions,
                                                     uint64_t leaf)
{
    return at_leaf(decisions, leaf);
}

/* ---- the way to a decision ---- */

int lks_lines_hold(struct lks_str lines, struct lks_str key)
{
    while (lines.size_bytes) {
        const char *end = memchr(lines.data, '\n', lines.size_bytes);
        size_t size = end ? (size_t)(end - lines.data) : lines.size_bytes;
        if (lks_str_equal((struct lks_str){lines.data, size}, key))
            return 1;
        size += end != NULL;
        lines = (struct lks_str){lines.data + size, lines.size_bytes - size};
    }
    return 0;
}

const struct lks_case_run *lks_case_decisions_run(const struct lks_case_decisions *decisions,
                                                  struct lks_str run)
{
    for (size_t i = 0; i < decisions->runs_count; i++)
        if (lks_str_equal(decisions->runs[i].run, run))
            return &decisions->runs[i];
    return NULL;
}

int lks_case_decision_path(const struct lks_case_decisions *decisions,
                           const struct lks_case_decision *decision, struct lks_str account_key,
                           struct lks_decision_path *path_out, const struct lks_notice **notice_out,
                           struct lks_error *err)
{
    const struct lks_case_run *run = lks_case_decisions_run(decisions, decision->decision.run);
    uint64_t run_leaf = run ? run->leaf : UINT64_MAX;
    *notice_out = NULL;
    if (!run || run_leaf > decision->leaf)
        return lks_error_set(err, LKS_EMISSING,
                             "the log does not hold run %.*s before the decision upon it: nobody "
                             "can say who found the accounts",
                             (int)decision->decision.run.size_bytes, decision->decision.run.data);
    for (size_t i = 0; !*notice_out && i < decisions->notices_count; i++) {
        const struct lks_case_notice *one = &decisions->notices[i];
        if (one->leaf > run_leaf)
            continue;
        if (!one->notice.accounts.data) /* whom it named was erased: it may have been this one */
            return lks_error_set(err, LKS_EINPUT,
                                 "entry %llu is a notice whose accounts are no longer here: nobody "
                                 "can say whether it named this one first",
                                 (unsigned long long)one->leaf);
        if (lks_lines_hold(one->notice.accounts, account_key))
            *notice_out = &one->notice;
    }
    *path_out = (struct lks_decision_path){.found_by_run = !*notice_out,
                                           .found_by_notice = *notice_out != NULL,
                                           .proposed_by_rule = decision->decision.rule.data != NULL,
                                           .people_count = decision->people_count};
    return 0;
}

/* ---- writing ---- */

int lks_case_decision_record(struct lks_vault *vault, const struct lks_decision *decision,
                             uint64_t *leaf_out, struct lks_error *err)
{
    struct lks_statement_writer writer = {0};
    lks_vault_start(vault, &writer, LKS_STATEMENT_NOTE);
    lks_decision_put(&writer, decision);
    return lks_vault_record(vault, &writer, leaf_out, err);
}

int lks_case_approval_record(struct lks_vault *vault, uint64_t decision_leaf, struct lks_str person,
                             uint64_t *leaf_out, struct lks_error *err)
{
    struct lks_statement_writer writer = {0};
    lks_vault_start(vault, &writer, LKS_STATEMENT_NOTE);
    lks_approval_put(&writer, decision_leaf, person);
    return lks_vault_record(vault, &writer, leaf_out, err);
}

int lks_case_notice_record(struct lks_vault *vault, const struct lks_notice *notice,
                           uint64_t *leaf_out, struct lks_error *err)
{
    struct lks_statement_writer writer = {0};
    lks_vault_start(vault, &writer, LKS_STATEMENT_NOTE);
    lks_notice_put(&writer, notice);
    return lks_vault_record(vault, &writer, leaf_out, err);
}
