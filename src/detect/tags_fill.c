/* tags_fill.c - which tags a finding's accounts push, took over, or use an edit of
 *
 * Three questions of each finding, all asked among accounts that could be on either side:
 *
 *     pushed     of all that use any tag, are the users of this one among the members more often?
 *     edited     of all that use a tag or its edit, are those that use both?
 *     taken over did the finding come later and become the tag's users? By the lineage's own
 *                test of the order of users (signal/lineage.h) where the finding is the later
 *                company; where tastes tell the populations apart, are those of the later one
 *                among the members more often than among all that were judged?
 *
 * That the finding is there at all was tested before, and is not asked again. */
#include "detect/tags_fill.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/chance.h"
#include "finding/attribution.h"
#include "finding/disarm.h"
#include "finding/fuse_results.h"

enum { NAMED_MOST = 3, LATER = 1 };

struct tagging {
    const struct lks_events *events;
    const uint32_t *finding_of, *node_account;
    struct lks_results *results;
    uint8_t *uses_tags; /* [accounts_count] 1: any tag at all */
    uint8_t *mark;      /* [accounts_count] scratch: 1 a tag, 2 its edit, 4 named */
};

static int memory_out(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "out of memory for tags");
}

static size_t object_start(const struct lks_events *events, uint32_t object)
{
    size_t low = 0, high = events->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (events->object[middle] < object)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Sets the bit of everybody who uses the object. */
static void users_mark(struct tagging *tagging, uint32_t object, uint8_t bit)
{
    const struct lks_events *events = tagging->events;
    for (size_t i = object_start(events, object); i < events->count && events->object[i] == object;
         i++)
        tagging->mark[events->account[i]] |= bit;
}

static void mark_clear(struct tagging *tagging)
{
    memset(tagging->mark, 0, (size_t)tagging->events->accounts_count + 1);
}

/* Asks every finding about the accounts with all bits of `named` among those with any of `judged`.
 * rows[findings_count]. */
static void findings_ask(struct tagging *tagging, uint8_t named, uint8_t judged,
                         struct lks_attribution *rows)
{
    uint32_t findings = tagging->results->findings_count;
    struct lks_attribution all = {0};
    memset(rows, 0, findings * sizeof *rows);
    for (uint32_t a = 0; a < tagging->events->accounts_count; a++) {
        uint32_t f = tagging->finding_of[a];
        int is_named = (tagging->mark[a] & named) == named, is_judged = tagging->mark[a] & judged;
        all.all_named += (uint64_t)(is_named && is_judged);
        all.all_count += (uint64_t)(is_judged != 0);
        if (f < findings) {
            rows[f].members_named += is_named && is_judged;
            rows[f].members_count += is_judged != 0;
        }
    }
    for (uint32_t f = 0; f < findings; f++) {
        rows[f].all_named = all.all_named;
        rows[f].all_count = all.all_count;
        lks_attribution_test(&rows[f]);
    }
}

/* A mechanism in the making: which of some things hold for the finding, the surest first. */
struct held {
    uint32_t things[NAMED_MOST], things_count; /* indexes of what was asked */
    double log10_p, log10_q;
    const char *by;
};

static void held_add(struct held *held, uint32_t thing, double log10_p, double log10_q)
{
    if (held->things_count < NAMED_MOST)
        held->things[held->things_count] = thing;
    if (!held->things_count++ || log10_p < held->log10_p) {
        held->log10_p = log10_p;
        held->log10_q = log10_q;
    }
}

/* Marks with 4 whoever is to be named; then the members of the finding among them are. */
static int mechanism_add(struct tagging *tagging, uint32_t f, enum lks_layer_kind layer,
                         const char *kind, const struct held *held, const struct lks_buffer *words,
                         struct lks_error *err)
{
    struct lks_finding *finding = &tagging->results->findings[f];
    struct lks_mechanism *to = &finding->fusion.mechanisms[finding->fusion.mechanisms_count];
    *to = (struct lks_mechanism){.layer = layer,
                                 .kind = kind,
                                 .by = held->by,
                                 .log10_p = held->log10_p,
                                 .log10_q = held->log10_q,
                                 .survives = 1,
                                 .kept_share = 1};
    for (uint32_t i = 0; i < finding->members_count; i++)
        if (tagging->mark[tagging->node_account[finding->members[i]]] & 4) {
            to->members_count++;
            finding->fusion.members[i].layers |= 1u << layer;
        }
    if (to->members_count < LKS_ATTRIBUTION_LEAST)
        return 0;
    char p[LKS_CHANCE_TEXT_BYTES], q[LKS_CHANCE_TEXT_BYTES];
    lks_chance_format(held->log10_p, p);
    lks_chance_format(held->log10_q, q);
    to->measured =
        lks_fuse_text(tagging->results, "%u members %.*s %s p = %s, q = %s.", to->members_count,
                      (int)words->size_bytes, words->data,
                      held->things_count > 1 ? "The clearest of them has" : "It has", p, q);
    if (words->failed || !to->measured.data)
        return memory_out(err);
    finding->fusion.mechanisms_count++;
    return 0;
}

/* ---- pushed ---- */

static int pushed_fill(struct tagging *tagging, const uint32_t *tags, uint32_t tags_count,
                       const struct lks_attribution *rows, uint32_t f, struct lks_error *err)
{
    struct lks_results *results = tagging->results;
    struct held held = {.by = "members"};
    struct lks_buffer words = {0};
    mark_clear(tagging);
    for (uint32_t t = 0; t < tags_count; t++) {
        const struct lks_attribution *row = &rows[(size_t)t * results->findings_count + f];
        if (!lks_attribution_holds(row))
            continue;
        held_add(&held, t, row->log10_p, row->log10_q);
        users_mark(tagging, results->populars[tags[t]].item.object, 4);
    }
    if (!held.things_count)
        return 0;
    lks_buffer_format(&words, "use %u tag%s more than others who use tags:", held.things_count,
                      held.things_count == 1 ? "" : "s");
    for (uint32_t i = 0; i < held.things_count && i < NAMED_MOST; i++) {
        const struct lks_attribution *row =
            &rows[(size_t)held.things[i] * results->findings_count + f];
        const struct lks_result_popular *popular = &results->populars[tags[held.things[i]]];
        lks_buffer_format(
            &words, "%s #%.*s by %u of %u, where it would be %.1f if all %llu used it alike",
            i ? ";" : "", (int)popular->object.size_bytes, popular->object.data, row->members_named,
            row->members_count,
            (double)row->members_count * (double)row->all_named / (double)row->all_count,
            (unsigned long long)row->all_count);
    }
    lks_buffer_text(&words, held.things_count > NAMED_MOST ? "; and others." : ".");
    int code = mechanism_add(tagging, f, LKS_LAYER_POPULARITY, "a tag pushed", &held, &words, err);
    lks_buffer_free(&words);
    return code;
}

static int pushed_ask(struct tagging *tagging, struct lks_error *err)
{
    struct lks_results *results = tagging->results;
    uint32_t findings = results->findings_count, count = 0;
    uint32_t *tags = calloc((size_t)results->populars_count + 1, sizeof *tags);
    struct lks_attribution *rows =
        calloc((size_t)results->populars_count * findings + 1, sizeof *rows);
    int code = tags && rows ? 0 : memory_out(err);
    for (uint32_t i = 0; code == 0 && i < results->populars_count; i++) {
        const struct lks_result_popular *popular = &results->populars[i];
        if (popular->is_name || popular->item.kind != LKS_OBJECT_HASHTAG)
            continue;
        for (uint32_t a = 0; a < tagging->events->accounts_count; a++)
            tagging->mark[a] = tagging->uses_tags[a] ? 2 : 0;
        users_mark(tagging, popular->item.object, 1);
        findings_ask(tagging, 1, 2, &rows[(size_t)count * findings]);
        tags[count++] = i;
    }
    if (code == 0)
        code = lks_attribution_adjust(rows, (size_t)count * findings, err);
    for (uint32_t f = 0; code == 0 && f < findings; f++)
        code = pushed_fill(tagging, tags, count, rows, f, err);
    free(tags);
    free(rows);
    return code;
}

/* ---- edited ---- */

static int edited_fill(struct tagging *tagging, const struct lks_attribution *rows, uint32_t f,
                       struct lks_error *err)
{
    struct lks_results *results = tagging->results;
    struct held held = {.by = "members"};
    struct lks_buffer words = {0};
    uint8_t *named = calloc((size_t)tagging->events->accounts_count + 1, 1);
    int code = named ? 0 : memory_out(err);
    for (uint32_t e = 0; code == 0 && e < results->tag_edits_count; e++) {
        const struct lks_attribution *row = &rows[(size_t)e * results->findings_count + f];
        if (!lks_attribution_holds(row))
            continue;
        held_add(&held, e, row->log10_p, row->log10_q);
        mark_clear(tagging);
        users_mark(tagging, results->tag_edits[e].item.from, 1);
        users_mark(tagging, results->tag_edits[e].item.to, 2);
        for (uint32_t a = 0; a < tagging->events->accounts_count; a++)
            named[a] |= tagging->mark[a] == 3 ? 4 : 0;
    }
    if (code == 0 && held.things_count) {
        memcpy(tagging->mark, named, tagging->events->accounts_count);
        lks_buffer_format(&words,
                          "use a tag and an edit of it more often than others who use either:");
        for (uint32_t i = 0; i < held.things_count && i < NAMED_MOST; i++) {
            const struct lks_result_tag_edit *edit = &results->tag_edits[held.things[i]];
            const struct lks_attribution *row =
                &rows[(size_t)held.things[i] * results->findings_count + f];
            lks_buffer_format(
                &words, "%s #%.*s and #%.*s by %u of %u, where it would be %.1f if all were alike",
                i ? ";" : "", (int)edit->from.size_bytes, edit->from.data, (int)edit->to.size_bytes,
                edit->to.data, row->members_named, row->members_count,
                (double)row->members_count * (double)row->all_named / (double)row->all_count);
        }
        lks_buffer_text(&words, held.things_count > NAMED_MOST ? "; and others." : ".");
        code = mechanism_add(tagging, f, LKS_LAYER_EDITS, "an edited tag", &held, &words, err);
    }
    lks_buffer_free(&words);
    free(named);
    return code;
}

static int edited_ask(struct tagging *tagging, struct lks_error *err)
{
    struct lks_results *results = tagging->results;
    uint32_t findings = results->findings_count;
    size_t count = (size_t)results->tag_edits_count * findings;
    struct lks_attribution *rows = calloc(count + 1, sizeof *rows);
    int code = rows ? 0 : memory_out(err);
    for (uint32_t e = 0; code == 0 && e < results->tag_edits_count; e++) {
        mark_clear(tagging);
        users_mark(tagging, results->tag_edits[e].item.from, 1);
        users_mark(tagging, results->tag_edits[e].item.to, 2);
        findings_ask(tagging, 3, 3, &rows[(size_t)e * findings]);
    }
    if (code == 0)
        code = lks_attribution_adjust(rows, count, err);
    for (uint32_t f = 0; code == 0 && f < findings; f++)
        code = edited_fill(tagging, rows, f, err);
    free(rows);
    return code;
}

/* ---- taken over ---- */

static int taken_fill(struct tagging *tagging, const struct lks_attribution *by_taste, uint32_t f,
                      struct lks_error *err)
{
    struct lks_results *results = tagging->results;
    struct lks_finding *finding = &results->findings[f];
    struct held held = {.by = "group"};
    struct lks_buffer words = {0};
    mark_clear(tagging);
    for (uint32_t i = 0; i < results->lineages_count; i++) {
        const struct lks_lineage *item = &results->lineages[i].item;
        if (!item->is_takeover || item->by != LKS_LINEAGE_COMPANY ||
            item->population[LATER].unit != f)
            continue;
        held_add(&held, i, log10(fmax(item->p_order, 1e-300)), log10(fmax(item->q_order, 1e-300)));
        users_mark(tagging, item->object, 4);
    }
    if (!held.things_count && lks_attribution_holds(by_taste)) {
        held = (struct held){.log10_p = by_taste->log10_p, .log10_q = by_taste->log10_q, "members"};
        for (uint32_t i = 0; i < results->lineage_accounts_count; i++)
            if (!results->lineage_accounts[i].first_place)
                tagging->mark[results->lineage_accounts[i].account_id] |= 4;
        lks_buffer_text(&words, "are of the later population of a thing that was taken over.");
    } else if (!held.things_count) {
        return 0;
    } else {
        lks_buffer_text(&words, "use what the group took over from earlier users:");
        for (uint32_t i = 0; i < held.things_count && i < NAMED_MOST; i++) {
            const struct lks_result_lineage *lineage = &results->lineages[held.things[i]];
            lks_buffer_format(&words, "%s %s%.*s, of whose users it was %.0f %% and became %.0f %%",
                              i ? ";" : "", lineage->item.kind == LKS_OBJECT_HASHTAG ? "#" : "",
                              (int)lineage->object.size_bytes, lineage->object.data,
                              100 * lineage->item.share_before, 100 * lineage->item.share_after);
        }
        lks_buffer_text(&words, held.things_count > NAMED_MOST ? "; and others." : ".");
    }
    uint32_t before = finding->fusion.mechanisms_count;
    int code = mechanism_add(tagging, f, LKS_LAYER_LINEAGE, "a tag taken over", &held, &words, err);
    lks_buffer_free(&words);
    if (code == 0 && finding->fusion.mechanisms_count > before &&
        finding->confidence > LKS_CONFIDENCE_LOW) {
        struct lks_str measured =
            lks_fuse_text(results, "%u members use a tag that others used first",
                          finding->fusion.mechanisms[before].members_count);
        if (lks_disarm_add(finding, "T0015.001", measured) != 0)
            code = memory_out(err);
    }
    return code;
}

static int taken_ask(struct tagging *tagging, struct lks_error *err)
{
    struct lks_results *results = tagging->results;
    uint32_t findings = results->findings_count;
    struct lks_attribution *rows = calloc((size_t)findings + 1, sizeof *rows);
    int code = rows ? 0 : memory_out(err);
    for (uint32_t f = 0; code == 0 && f < findings; f++) {
        struct lks_attribution *row = &rows[f];
        row->all_count = results->lineage_accounts_tested;
        row->members_count = results->findings[f].members_count;
        for (uint32_t i = 0; i < results->lineage_accounts_count; i++) {
            const struct lks_result_lineage_account *one = &results->lineage_accounts[i];
            row->all_named += one->first_place == 0;
            row->members_named += one->first_place == 0 && one->finding == f;
        }
        lks_attribution_test(row);
    }
    if (code == 0)
        code = lks_attribution_adjust(rows, findings, err);
    for (uint32_t f = 0; code == 0 && f < findings; f++)
        code = taken_fill(tagging, &rows[f], f, err);
    free(rows);
    return code;
}

int lks_tags_fill(const struct lks_events *events, const uint32_t *account_finding,
                  const uint32_t *node_account, struct lks_results *results, struct lks_error *err)
{
    struct tagging tagging = {.events = events,
                              .finding_of = account_finding,
                              .node_account = node_account,
                              .results = results};
    tagging.uses_tags = calloc((size_t)events->accounts_count + 1, 1);
    tagging.mark = calloc((size_t)events->accounts_count + 1, 1);
    int code = tagging.uses_tags && tagging.mark ? 0 : memory_out(err);
    for (size_t i = 0; code == 0 && i < events->count; i++)
        if (events->object_kind[events->object[i]] == LKS_OBJECT_HASHTAG)
            tagging.uses_tags[events->account[i]] = 1;
    if (code == 0)
        code = taken_ask(&tagging, err);
    if (code == 0)
        code = edited_ask(&tagging, err);
    if (code == 0)
        code = pushed_ask(&tagging, err);
    free(tagging.uses_tags);
    free(tagging.mark);
    return code;
}
