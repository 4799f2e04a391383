/* explain_lineage.c - why: a tag by its name, and what an account has to do with tags */
#include "engine/explain_lineage.h"

#include "base/shown.h"
#include "base/time.h"
#include "text/extract.h"

enum { SHOWN_BYTES = 160, EDITS_SHOWN = 10 };

static void put_foreign(struct lks_buffer *out, struct lks_str text)
{
    text.data ? lks_buffer_shown(out, text, SHOWN_BYTES) : lks_buffer_text(out, "(none)");
}

static void put_time(struct lks_buffer *out, int64_t time_us)
{
    char text[LKS_TIME_TEXT_BYTES];
    lks_time_format(time_us, text);
    lks_buffer_text(out, text);
}

const struct lks_result_lineage *lks_explain_tag_find(const struct lks_results *results,
                                                      struct lks_str what)
{
    struct lks_arena arena = {0};
    struct lks_str tag = LKS_STR_NULL;
    const struct lks_result_lineage *found = NULL;
    if (what.size_bytes > 1 && what.data[0] == '#' &&
        lks_hashtag_canonical(what, &arena, &tag) == 0)
        for (uint32_t i = 0; !found && i < results->lineages_count; i++)
            if (results->lineages[i].item.kind == LKS_OBJECT_HASHTAG &&
                lks_str_equal(results->lineages[i].object, tag))
                found = &results->lineages[i];
    lks_arena_free(&arena);
    return found;
}

static void population_text(struct lks_buffer *out, const struct lks_result_lineage *lineage,
                            int which, const char *words)
{
    const struct lks_lineage_population *population = &lineage->item.population[which];
    if (!population->accounts_count)
        return;
    lks_buffer_format(out, "  %s: %u account%s", words, population->accounts_count,
                      population->accounts_count == 1 ? "" : "s");
    if (lineage->unit[which].data) {
        lks_buffer_text(out, " (");
        put_foreign(out, lineage->unit[which]);
        lks_buffer_text(out, ")");
    }
    lks_buffer_format(out, ", %u posts from ", population->posts_count);
    put_time(out, population->first_us);
    lks_buffer_text(out, " to ");
    put_time(out, population->last_us);
    if (lineage->liked[which].size_bytes) {
        lks_buffer_text(out, "\n    shares besides: ");
        put_foreign(out, lineage->liked[which]);
    }
    lks_buffer_text(out, "\n");
}

static void edits_text(struct lks_buffer *out, const struct lks_results *results,
                       struct lks_str tag)
{
    uint32_t shown = 0;
    for (uint32_t i = 0; i < results->tag_edits_count; i++) {
        const struct lks_result_tag_edit *edit = &results->tag_edits[i];
        int is_from = lks_str_equal(edit->from, tag), is_to = lks_str_equal(edit->to, tag);
        if ((!is_from && !is_to) || shown++ >= EDITS_SHOWN)
            continue;
        lks_buffer_text(out, is_to ? "An edit of #" : "Edited into #");
        put_foreign(out, is_to ? edit->from : edit->to);
        lks_buffer_format(out,
                          ": %u accounts used both where chance gives %.3g (q %.3g); %u went over, "
                          "%u back\n",
                          edit->item.accounts_both, edit->item.expected_both, edit->item.q_value,
                          edit->item.moved, edit->item.moved_back);
    }
    if (shown > EDITS_SHOWN)
        lks_buffer_format(out, "  and %u more edits\n", shown - EDITS_SHOWN);
}

static void change_text(struct lks_buffer *out, const struct lks_lineage *item)
{
    if (item->by == LKS_LINEAGE_ALONE) {
        lks_buffer_format(out, "One population fits as well as two (p %.3g).\n", item->p_two);
        return;
    }
    lks_buffer_format(out, "Two populations, told apart by %s (p %.3g).\n",
                      item->by == LKS_LINEAGE_COMPANY
                          ? "the findings and payments that accounts belong to"
                          : "what else they share",
                      item->p_two);
    lks_buffer_text(out, item->is_takeover ? "Taken over from " : "Not taken over; changes most ");
    put_time(out, item->change_us);
    lks_buffer_format(out,
                      ": of those who came before %.0f %% are of the later population, of those "
                      "after %.0f %% (q %.3g)\n",
                      100 * item->share_before, 100 * item->share_after, item->q_order);
}

void lks_explain_tag_text(const struct lks_results *results,
                          const struct lks_result_lineage *lineage, struct lks_buffer *out)
{
    const struct lks_lineage *item = &lineage->item;
    uint32_t index = (uint32_t)(lineage - results->lineages);
    lks_buffer_text(out, "#");
    put_foreign(out, lineage->object);
    lks_buffer_format(out, ": %u accounts, %llu posts from ", item->accounts_count,
                      (unsigned long long)item->posts_count);
    put_time(out, item->first_us);
    lks_buffer_text(out, " to ");
    put_time(out, item->last_us);
    lks_buffer_text(out, "\nFirst used by\n");
    for (uint32_t i = 0; i < results->lineage_accounts_count; i++) {
        const struct lks_result_lineage_account *row = &results->lineage_accounts[i];
        if (!row->first_place || row->lineage != index)
            continue;
        lks_buffer_text(out, "  ");
        put_foreign(out, row->account.account_key);
        lks_buffer_text(out, ", ");
        put_time(out, row->first_us);
        lks_buffer_text(out, "\n");
    }
    change_text(out, item);
    population_text(out, lineage, 1, item->by ? "the later" : "users");
    population_text(out, lineage, LKS_LINEAGE_THIRD, "apart");
    population_text(out, lineage, 0, item->by ? "the earlier" : "users");
    population_text(out, lineage, LKS_LINEAGE_UNKNOWN, "cannot be judged: they share nothing else");
    edits_text(out, results, lineage->object);
}

void lks_explain_tag_json(const struct lks_results *results,
                          const struct lks_result_lineage *lineage, struct lks_json *json)
{
    static const char *const names[LKS_LINEAGE_POPULATIONS] = {"earlier", "later", "third",
                                                               "unknown"};
    const struct lks_lineage *item = &lineage->item;
    (void)results;
    lks_json_string(json, "tag", lineage->object);
    lks_json_uint(json, "accounts", item->accounts_count);
    lks_json_uint(json, "posts", item->posts_count);
    lks_json_bool(json, "taken_over", item->is_takeover);
    lks_json_time(json, "change", item->by ? item->change_us : LKS_TIME_NULL);
    lks_json_double(json, "q", item->q_order);
    for (int k = 0; k < LKS_LINEAGE_POPULATIONS; k++) {
        lks_json_uint(json, names[k], item->population[k].accounts_count);
    }
}

void lks_explain_lineage_text(const struct lks_results *results, struct lks_str account_key,
                              struct lks_buffer *out)
{
    for (uint32_t i = 0; i < results->lineage_accounts_count; i++) {
        const struct lks_result_lineage_account *row = &results->lineage_accounts[i];
        if (!lks_str_equal(row->account.account_key, account_key))
            continue;
        const struct lks_result_lineage *lineage = &results->lineages[row->lineage];
        if (row->first_place)
            lks_buffer_format(out, "User number %u of %s ", row->first_place,
                              lks_object_kind_names[lineage->item.kind]);
        else
            lks_buffer_format(out, "Of the population that took over %s ",
                              lks_object_kind_names[lineage->item.kind]);
        put_foreign(out, lineage->object);
        if (row->first_place) {
            lks_buffer_text(out, ", ");
            put_time(out, row->first_us);
        } else {
            lks_buffer_text(out, " from ");
            put_time(out, lineage->item.change_us);
            lks_buffer_format(out, " on, by what else it shares (q %.3g)", row->q_value);
        }
        lks_buffer_text(out, "\n");
    }
}
