/* fuse_words.c - a fused finding in words: title, confidence and who may gain
 *
 * The words follow from numbers by rules that stand beside them. Whom a finding helps is read
 * off the names that the analyst put into the case's settings and nothing else; who is behind
 * it is never said here. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "finding/fuse_results.h"

static int memory_out(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "out of memory for a finding's words");
}

/* ---- the title and what was seen ---- */

struct lks_str lks_fuse_title_rest(const struct lks_finding *largest)
{
    struct lks_str title = largest->title;
    static const char word[] = " accounts ";
    for (size_t i = 0; i + sizeof word - 1 <= title.size_bytes; i++)
        if (memcmp(title.data + i, word, sizeof word - 1) == 0)
            return (struct lks_str){title.data + i + sizeof word - 1,
                                    title.size_bytes - i - (sizeof word - 1)};
    return title;
}

/* Whether a cohort that woke within one window is of the finding; one of registrations is none. */
static int has_awakening(const struct lks_fuse_target *target)
{
    const struct lks_layer *layer = &target->facts->layers->layer[LKS_LAYER_SLEEPERS];
    for (uint32_t i = 0; i < target->fused->parts_count; i++) {
        const struct lks_fused_part *part = &target->fused->parts[i];
        if (part->layer == LKS_LAYER_SLEEPERS &&
            lks_str_equal_text(layer->clusters[part->index].name, "woke up"))
            return 1;
    }
    return 0;
}

static const char *title_clause(const struct lks_fuse_target *target,
                                const struct lks_mechanism *one)
{
    static const char *const clauses[LKS_LAYERS_COUNT] = {
        [LKS_LAYER_SLEEPERS] = "woke up after a long silence",
        [LKS_LAYER_ANSWERS] = "answer a channel's calls again and again",
        [LKS_LAYER_SWARM] = "copy comments under the posts of strangers",
        [LKS_LAYER_PROMOTION] = "are paid, or tell what those tell",
        [LKS_LAYER_REGISTRATIONS] = "were registered on one day with handles of one form"};
    if (one->layer == LKS_LAYER_PROMOTION && !target->fused->is_recorded)
        return "tell one script in words of their own and name no payer";
    if (one->layer == LKS_LAYER_SLEEPERS && has_awakening(target))
        return "woke up after a long silence, some of them together";
    return clauses[one->layer];
}

static int title_fill(struct lks_fuse_target *target)
{
    struct lks_finding *finding = target->finding;
    const struct lks_finding_fusion *fusion = &finding->fusion;
    struct lks_buffer text = {0};
    if (fusion->mechanisms_count == 1 && target->largest &&
        finding->members_count == target->largest->members_count) {
        finding->title = target->largest->title;
    } else {
        lks_buffer_format(&text, "%u accounts", finding->members_count);
        for (uint32_t i = 0; i < fusion->mechanisms_count; i++) {
            const struct lks_mechanism *one = &fusion->mechanisms[i];
            const char *sign = i == 0 ? ": " : "; ";
            if (one->layer != LKS_LAYER_COACTION) {
                lks_buffer_format(&text, "%s%u %s", sign, one->members_count,
                                  title_clause(target, one));
                continue;
            }
            struct lks_str rest = target->largest ? lks_fuse_title_rest(target->largest)
                                                  : LKS_STR("share what the others wrote");
            lks_buffer_format(&text, "%s%u %.*s", sign, one->members_count, (int)rest.size_bytes,
                              rest.data);
        }
        if (!text.failed)
            finding->title = lks_arena_str(&target->results->arena,
                                           (struct lks_str){text.data, text.size_bytes});
        lks_buffer_free(&text);
    }
    finding->fusion.observation = lks_fuse_text(
        target->results,
        "%.*s. This says that they act together, not who is behind them or whether they know.",
        (int)finding->title.size_bytes, finding->title.data);
    return finding->title.data && finding->fusion.observation.data ? 0 : -1;
}

/* ---- confidence ---- */

/* The rule of an open organisation says that it is one: that lowers no confidence in what was seen,
 * and a reader has to know. */
static int open_fill(struct lks_fuse_target *target)
{
    struct lks_finding *finding = target->finding;
    if (!finding->confidence_rule.data || !lks_finding_is_explained(finding, 1))
        return finding->confidence_rule.data ? 0 : -1;
    finding->confidence_rule = lks_fuse_text(
        target->results,
        "%.*s The members say of themselves that they belong together: that explains why they act "
        "together, and does not lower how sure it is that they do.",
        (int)finding->confidence_rule.size_bytes, finding->confidence_rule.data);
    return finding->confidence_rule.data ? 0 : -1;
}

/* Co-action alone keeps its own word. Several layers that see the same accounts each for itself
 * are the stronger ground: then what counts is whether the finding leans on one of them. */
static int confidence_fill(struct lks_fuse_target *target)
{
    struct lks_finding *finding = target->finding;
    const struct lks_finding_fusion *fusion = &finding->fusion;
    uint32_t strong = 0, leans = 0, others = 0, records = 0;
    for (uint32_t i = 0; i < fusion->mechanisms_count; i++) {
        const struct lks_mechanism *one = &fusion->mechanisms[i];
        int has_part = target->fused->layers >> one->layer & 1;
        others += one->layer != LKS_LAYER_COACTION && strcmp(one->by, "members") != 0;
        /* An event, too, makes strangers say alike things at once: without a ledger a script is
         * something to look at, and no more. */
        int is_talk = one->layer == LKS_LAYER_PROMOTION && !target->fused->is_recorded;
        strong += has_part && one->members_count >= 3 && !is_talk &&
                  one->members_count * 10 >= finding->members_count;
        records += has_part && one->log10_p != one->log10_p;
        leans += !one->survives;
    }
    int explained = lks_finding_is_explained(finding, 0);
    if (!others && target->largest &&
        (!explained || finding->confidence == LKS_CONFIDENCE_EXPLAINED)) {
        struct lks_str text = LKS_STR_NULL;
        for (uint32_t i = 0; i < target->fused->parts_count && !text.data; i++) {
            const struct lks_finding *part =
                &target->results->findings[target->fused->parts[i].index];
            if (part->confidence == finding->confidence)
                text = part->confidence_rule;
        }
        finding->confidence_rule = text;
        return text.data ? open_fill(target) : 0;
    }
    enum lks_confidence own = target->largest ? finding->confidence : LKS_CONFIDENCE_LOW;
    finding->confidence = explained ? LKS_CONFIDENCE_EXPLAINED
                          : (strong >= 2 && !leans) || own == LKS_CONFIDENCE_HIGH
                              ? LKS_CONFIDENCE_HIGH
                          : strong >= 1 ? LKS_CONFIDENCE_MODERATE
                                        : LKS_CONFIDENCE_LOW;
    static const char *const words[LKS_CONFIDENCES_COUNT] = {"Explained", "Low", "Moderate",
                                                             "High"};
    char seen[160];
    if (records)
        snprintf(seen, sizeof seen, "a record of the case, which is no test, names its accounts");
    else
        snprintf(seen, sizeof seen,
                 "%u independent layer%s at least a tenth of its accounts at p <= %.2g", strong,
                 strong == 1 ? " sees" : "s each see", target->facts->cluster_level);
    finding->confidence_rule = lks_fuse_text(
        target->results,
        "%s: %s, it is %s, and %s. High asks for two such layers and that it is still found "
        "without any one of them (or that co-action by itself is of high confidence); moderate for "
        "one layer, or a record. A group that an innocent explanation has the numbers for is "
        "explained, whatever else is so. A script that no ledger speaks of is not counted: an "
        "event makes people say alike things at once.",
        words[finding->confidence], seen,
        leans ? "not found without one of them" : "found without any one of them",
        explained ? "the numbers speak for an innocent explanation"
                  : "the numbers speak for no innocent explanation that would lower this");
    return open_fill(target);
}

/* ---- who may gain ---- */

static int holds(struct lks_str text, struct lks_str name)
{
    for (size_t i = 0; name.size_bytes && i + name.size_bytes <= text.size_bytes; i++) {
        size_t j = 0;
        while (j < name.size_bytes &&
               tolower((unsigned char)text.data[i + j]) == tolower((unsigned char)name.data[j]))
            j++;
        if (j == name.size_bytes)
            return 1;
    }
    return 0;
}

/* Adds a name once. */
static void name_add(struct lks_str *names, size_t *count, struct lks_str name)
{
    for (size_t i = 0; i < *count; i++)
        if (lks_str_equal(names[i], name))
            return;
    names[(*count)++] = name;
}

static int is_member(const struct lks_fuse_target *target, struct lks_str account_key)
{
    for (uint32_t i = 0; i < target->finding->members_count; i++) {
        uint32_t node = target->finding->members[i];
        if (lks_str_equal(target->results->nodes[node].account.account_key, account_key))
            return 1;
    }
    return 0;
}

/* Whom shared things name; of the paid also whom their payments serve, who may be named beneath
 * their posts alone. */
static size_t beneficiaries_of(const struct lks_fuse_target *target, struct lks_str *names)
{
    const struct lks_finding *finding = target->finding;
    const struct lks_fuse_facts *facts = target->facts;
    size_t count = 0;
    for (size_t b = 0; b < facts->beneficiaries_count; b++) {
        int named = 0;
        for (uint32_t i = 0; i < finding->objects_count && !named; i++)
            named = holds(finding->objects[i].object, facts->beneficiary_names[b]);
        if (named)
            name_add(names, &count, facts->beneficiaries[b]);
    }
    for (uint32_t i = 0; i < target->results->flows_count && target->fused->is_recorded; i++) {
        const struct lks_result_flow *flow = &target->results->flows[i];
        if (flow->beneficiary.size_bytes && is_member(target, flow->account_key))
            name_add(names, &count, flow->beneficiary);
    }
    return count;
}

static int beneficiary_fill(struct lks_fuse_target *target)
{
    struct lks_finding *finding = target->finding;
    size_t room = target->facts->beneficiaries_count + target->results->flows_count;
    struct lks_str *names = calloc(room + 1, sizeof *names);
    if (!names)
        return -1;
    struct lks_buffer text = {0};
    size_t count = beneficiaries_of(target, names);
    for (size_t i = 0; i < count; i++)
        lks_buffer_format(&text, "%s%.*s", i ? ", " : "", (int)names[i].size_bytes, names[i].data);
    free(names);
    if (count && !text.failed)
        finding->fusion.beneficiary =
            lks_arena_str(&target->results->arena, (struct lks_str){text.data, text.size_bytes});
    lks_buffer_free(&text);
    return count && !finding->fusion.beneficiary.data ? -1 : 0;
}

int lks_fuse_words(struct lks_fuse_target *target, struct lks_error *err)
{
    struct lks_finding *finding = target->finding;
    finding->fusion.apart_count = target->fused->apart_count;
    if (finding->fusion.apart_count) {
        finding->fusion.apart = lks_fuse_text(
            target->results,
            target->fused->is_paid
                ? "%u accounts whose posts are alike are left to another finding, which other "
                  "evidence ties them to more: paid accounts and others are never one population."
                : "%u accounts that act with these are in a finding of paid promotion instead: "
                  "paid accounts and others are never one population.",
            finding->fusion.apart_count);
        if (!finding->fusion.apart.data)
            return memory_out(err);
    }
    if (!target->largest) { /* its clusters' times, or all of the data's */
        finding->first_us = target->results->first_us;
        finding->last_us = target->results->last_us;
    }
    return lks_fuse_mechanisms(target) || title_fill(target) || confidence_fill(target) ||
                   beneficiary_fill(target)
               ? memory_out(err)
               : 0;
}
