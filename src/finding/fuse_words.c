/* fuse_words.c - a fused finding in words: mechanisms, kind, title, confidence and who may gain
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

static const char *const layer_kinds[LKS_LAYERS_COUNT] = {[LKS_LAYER_COACTION] = "acts in step",
                                                          [LKS_LAYER_SYNCHRONY] = "acts in step",
                                                          [LKS_LAYER_SLEEPERS] = "sleepers",
                                                          [LKS_LAYER_ANSWERS] = "answers to calls",
                                                          [LKS_LAYER_SWARM] = "swarm",
                                                          [LKS_LAYER_PROMOTION] = "paid promotion",
                                                          [LKS_LAYER_LINEAGE] = "a tag taken over"};

/* Without a record of pay a script is a script: who gains by it, and how, is not known. */
static const char *layer_kind(const struct lks_fused *fused, int layer)
{
    return layer == LKS_LAYER_PROMOTION && !fused->is_recorded ? "one script, retold"
                                                               : layer_kinds[layer];
}

/* What is alike in co-action: copied contents come before what is pointed at. */
static const char *coaction_kind(const struct lks_finding *finding)
{
    static const char *const pointed[LKS_OBJECT_KINDS_COUNT] = {
        [LKS_OBJECT_URL] = "links in step",        [LKS_OBJECT_DOMAIN] = "links in step",
        [LKS_OBJECT_HASHTAG] = "tags in step",     [LKS_OBJECT_HASHTAG_SET] = "tags in step",
        [LKS_OBJECT_MENTION] = "mentions in step", [LKS_OBJECT_REPOST] = "reposts in step",
        [LKS_OBJECT_REPLY] = "replies in step",    [LKS_OBJECT_SOUND] = "sounds in step",
        [LKS_OBJECT_EFFECT] = "effects in step"};
    const uint32_t *count = finding->kind_objects;
    uint64_t all = 0, copied = 0;
    int most = LKS_OBJECT_URL;
    for (int kind = 0; kind < LKS_OBJECT_KINDS_COUNT; kind++) {
        int is_copied =
            kind == LKS_OBJECT_TEXT || kind == LKS_OBJECT_NEAR_TEXT || kind == LKS_OBJECT_MEDIA;
        all += count[kind];
        copied += is_copied ? count[kind] : 0;
        if (!is_copied && count[kind] > count[most])
            most = kind;
    }
    /* Without a group of its own, co-action named them by contents. */
    return copied * 4 >= all ? "copied posts" : pointed[most];
}

/* "3 minutes", for sentences. */
static void span_words(double span_us, char *text, size_t text_bytes)
{
    double minutes = span_us / 6e7;
    if (minutes < 1.5)
        snprintf(text, text_bytes, "%.0f seconds", span_us / 1e6);
    else if (minutes < 90)
        snprintf(text, text_bytes, "%.0f minutes", minutes);
    else if (minutes < 48 * 60)
        snprintf(text, text_bytes, "%.1f hours", minutes / 60);
    else
        snprintf(text, text_bytes, "%.1f days", minutes / 1440);
}

/* What the co-action test's title says after the number of accounts. */
static struct lks_str title_rest(const struct lks_finding *largest)
{
    struct lks_str title = largest->title;
    static const char word[] = " accounts ";
    for (size_t i = 0; i + sizeof word - 1 <= title.size_bytes; i++)
        if (memcmp(title.data + i, word, sizeof word - 1) == 0)
            return (struct lks_str){title.data + i + sizeof word - 1,
                                    title.size_bytes - i - (sizeof word - 1)};
    return title;
}

/* ---- a sentence for each layer ---- */

static struct lks_str coaction_words(const struct lks_fuse_target *target,
                                     const struct lks_mechanism *mechanism)
{
    uint32_t groups = 0, tested = 0;
    double matched = 0, posts = 0, expected = 0;
    for (uint32_t i = 0; i < target->fused->parts_count; i++)
        groups += target->fused->parts[i].layer == LKS_LAYER_COACTION;
    for (uint32_t i = 0; i < target->fused->members_count; i++) {
        const struct lks_fused_member *member = &target->fused->members[i];
        tested += member->posts > 0;
        matched += member->matched;
        posts += member->posts;
        expected += member->expected;
    }
    struct lks_str rest = target->largest ? title_rest(target->largest) : LKS_STR_NULL;
    char own[200] = "";
    if (tested)
        snprintf(own, sizeof own,
                 " %.0f of the %.0f posts of %u members are on things that the group has mostly to "
                 "itself, with another member's nearby; by chance it would be %.0f.",
                 matched, posts, tested, expected);
    if (!target->largest)
        return lks_fuse_text(target->results, "%u members share what the others wrote.%s",
                             mechanism->members_count, own);
    return lks_fuse_text(target->results,
                         "%u members act alike beyond chance, in %u group%s; the largest, of %u: "
                         "they %.*s (p = %.2g over all groups).%s",
                         mechanism->members_count, groups, groups == 1 ? "" : "s",
                         target->largest->members_count, (int)rest.size_bytes, rest.data,
                         target->largest->p_value, own);
}

static struct lks_str sleepers_words(const struct lks_fuse_target *target,
                                     const struct lks_mechanism *mechanism)
{
    const struct lks_layer *layer = &target->facts->layers->layer[LKS_LAYER_SLEEPERS];
    struct lks_buffer text = {0};
    lks_buffer_format(&text, "%u members woke up after a long silence", mechanism->members_count);
    for (uint32_t i = 0, said = 0; i < target->fused->parts_count; i++) {
        if (target->fused->parts[i].layer != LKS_LAYER_SLEEPERS)
            continue;
        const struct lks_layer_cluster *cluster = &layer->clusters[target->fused->parts[i].index];
        char first[LKS_TIME_TEXT_BYTES], last[LKS_TIME_TEXT_BYTES];
        lks_time_format(cluster->first_us, first);
        lks_time_format(cluster->last_us, last);
        lks_buffer_format(
            &text, "%s %u %.*s between %.16s and %.16s UTC, where chance would put %.1f",
            said++ ? ";" : ":", cluster->accounts_count, (int)cluster->name.size_bytes,
            cluster->name.data, first, last, cluster->chance_share * layer->accounts_count);
    }
    lks_buffer_text(&text, ".");
    struct lks_str copy = LKS_STR_NULL;
    if (!text.failed)
        copy = lks_arena_str(&target->results->arena, (struct lks_str){text.data, text.size_bytes});
    lks_buffer_free(&text);
    return copy;
}

static struct lks_str answers_words(const struct lks_fuse_target *target,
                                    const struct lks_mechanism *mechanism)
{
    const struct lks_results *results = target->results;
    double answered = 0, expected = 0;
    char lag[40];
    for (uint32_t i = 0; i < results->responders_count; i++) {
        uint32_t node = target->facts->node_of[results->responders[i].item.account];
        if (node == UINT32_MAX || results->nodes[node].group != target->item)
            continue;
        answered += results->responders[i].item.answered;
        expected += results->responders[i].item.expected;
    }
    span_words((double)results->recruitment.lag_quartiles_us[1], lag, sizeof lag);
    return lks_fuse_text(target->results,
                         "%u members answer what a channel calls for again and again: %.0f answers "
                         "where %.0f would be chance, half of them within %s of the call; with "
                         "calls moved to other days %llu such accounts in %u tries.",
                         mechanism->members_count, answered, expected, lag,
                         (unsigned long long)results->recruitment.control_responders,
                         results->recruitment.controls_count);
}

static struct lks_str promotion_words(const struct lks_fuse_target *target,
                                      const struct lks_mechanism *mechanism)
{
    const struct lks_results *results = target->results;
    uint32_t paid = 0, telling = 0, posts = 0, undisclosed = 0;
    for (uint32_t i = 0; i < results->payees_count; i++) {
        const struct lks_result_payee *payee = &results->payees[i];
        if (payee->account_index == UINT32_MAX ||
            target->facts->node_of[payee->account_index] == UINT32_MAX ||
            results->nodes[target->facts->node_of[payee->account_index]].group != target->item)
            continue;
        paid++;
        posts += payee->promoted_count;
        undisclosed += payee->undisclosed_count;
    }
    for (uint32_t i = 0; i < results->tellers_count; i++) {
        const struct lks_result_teller *teller = &results->tellers[i];
        uint32_t node = target->facts->node_of[teller->item.account];
        if (!teller->item.flagged || node == UINT32_MAX ||
            results->nodes[node].group != target->item)
            continue;
        telling++;
    }
    char record[200] = "";
    if (paid)
        snprintf(record, sizeof record,
                 " A ledger of the case says that %u were paid, which is a record and no test; of "
                 "%u posts that they may have been paid for %u do not say so.",
                 paid, posts, undisclosed);
    return lks_fuse_text(target->results, "%u members are named by payments or by a script.%s%s",
                         mechanism->members_count, record,
                         telling ? " Some tell one script in words of their own, within one "
                                   "window, without other ties between them."
                                 : "");
}

/* The sentence of a layer that has no words of its own. */
static struct lks_str cluster_words(const struct lks_fuse_target *target,
                                    const struct lks_mechanism *mechanism)
{
    const struct lks_layer *layer = &target->facts->layers->layer[mechanism->layer];
    struct lks_str name = LKS_STR_NULL;
    uint32_t clusters = 0;
    for (uint32_t i = 0; i < target->fused->parts_count; i++)
        if (target->fused->parts[i].layer == mechanism->layer) {
            const struct lks_layer_cluster *cluster =
                &layer->clusters[target->fused->parts[i].index];
            if (!clusters++)
                name = cluster->name;
        }
    return lks_fuse_text(
        target->results, "%u members: %.*s%s%s (p = %.2g).", mechanism->members_count,
        (int)(name.data ? name.size_bytes : strlen(mechanism->kind)),
        name.data ? name.data : mechanism->kind, clusters > 1 ? ", the first of several" : "",
        clusters > 1 ? "" : "", pow(10, fmax(mechanism->log10_p, -300)));
}

static int mechanism_order(const void *left, const void *right)
{
    const struct lks_mechanism *x = left, *y = right;
    if (x->members_count != y->members_count)
        return x->members_count > y->members_count ? -1 : 1;
    return (x->layer > y->layer) - (x->layer < y->layer);
}

static int mechanisms_fill(struct lks_fuse_target *target)
{
    const struct lks_fused *fused = target->fused;
    struct lks_finding_fusion *fusion = &target->finding->fusion;
    fusion->mechanisms =
        lks_arena_calloc(&target->results->arena, LKS_LAYERS_COUNT, sizeof *fusion->mechanisms);
    if (!fusion->mechanisms)
        return -1;
    for (int kind = 0; kind < LKS_LAYERS_COUNT; kind++) {
        if (!fused->layer_members[kind])
            continue;
        struct lks_mechanism *to = &fusion->mechanisms[fusion->mechanisms_count++];
        const struct lks_left_out *left = &target->facts->left_out[target->item][kind];
        *to = (struct lks_mechanism){.layer = (enum lks_layer_kind)kind,
                                     .kind = kind == LKS_LAYER_COACTION
                                                 ? coaction_kind(target->finding)
                                                 : layer_kind(fused, kind),
                                     .members_count = fused->layer_members[kind],
                                     .log10_p = NAN,
                                     .alone_count = fused->layer_alone[kind],
                                     .survives = left->survives,
                                     .kept_share = left->kept_share};
        uint32_t tested = 0;
        for (uint32_t i = 0; i < fused->parts_count; i++) {
            const struct lks_fused_part *part = &fused->parts[i];
            if ((int)part->layer != kind)
                continue;
            if (kind != LKS_LAYER_COACTION &&
                target->facts->layers->layer[kind].clusters[part->index].is_record)
                continue;
            double log10_p =
                kind == LKS_LAYER_COACTION
                    ? log10(fmax(target->results->findings[part->index].p_value, 1e-300))
                    : target->facts->layers->layer[kind].clusters[part->index].log10_p;
            to->log10_p = tested++ ? fmin(to->log10_p, log10_p) : log10_p;
        }
        to->measured = kind == LKS_LAYER_COACTION    ? coaction_words(target, to)
                       : kind == LKS_LAYER_SLEEPERS  ? sleepers_words(target, to)
                       : kind == LKS_LAYER_ANSWERS   ? answers_words(target, to)
                       : kind == LKS_LAYER_PROMOTION ? promotion_words(target, to)
                                                     : cluster_words(target, to);
        if (!to->measured.data)
            return -1;
    }
    qsort(fusion->mechanisms, fusion->mechanisms_count, sizeof *fusion->mechanisms,
          mechanism_order);
    /* Co-action says that they are alike; another layer that sees a quarter of them says how. */
    fusion->kind =
        fusion->mechanisms_count ? fusion->mechanisms[0].kind : layer_kinds[LKS_LAYER_COACTION];
    for (uint32_t i = fusion->mechanisms_count; i-- > 0;)
        if (fusion->mechanisms[i].layer != LKS_LAYER_COACTION &&
            fusion->mechanisms[i].members_count * 4ull >= target->finding->members_count)
            fusion->kind = fusion->mechanisms[i].kind;
    if (fused->is_paid)
        fusion->kind = layer_kind(fused, LKS_LAYER_PROMOTION);
    return 0;
}

/* ---- the title and what was seen ---- */

static int title_fill(struct lks_fuse_target *target)
{
    static const char *const clauses[LKS_LAYERS_COUNT] = {
        [LKS_LAYER_SLEEPERS] = "woke up together after a long silence",
        [LKS_LAYER_ANSWERS] = "answer a channel's calls again and again",
        [LKS_LAYER_SWARM] = "copy comments under the posts of strangers",
        [LKS_LAYER_PROMOTION] = "are paid, or tell what those tell",
        [LKS_LAYER_LINEAGE] = "took over a tag"};
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
                                  one->layer == LKS_LAYER_PROMOTION && !target->fused->is_recorded
                                      ? "tell one script in words of their own and name no payer"
                                      : clauses[one->layer]);
                continue;
            }
            struct lks_str rest = target->largest ? title_rest(target->largest)
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

static int is_explained(const struct lks_finding *finding)
{
    for (uint32_t i = 0; i < finding->alternatives_count;
         i++) /* an open organisation is together */
        if (strcmp(finding->alternatives[i].verdict, "speaks for") == 0 &&
            strcmp(finding->alternatives[i].name, "party_office") != 0)
            return 1;
    return 0;
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
        others += one->layer != LKS_LAYER_COACTION;
        /* An event, too, makes strangers say alike things at once: without a ledger a script is
         * something to look at, and no more. */
        int is_talk = one->layer == LKS_LAYER_PROMOTION && !target->fused->is_recorded;
        strong += has_part && one->members_count >= 3 && !is_talk &&
                  one->members_count * 10 >= finding->members_count;
        records += has_part && one->log10_p != one->log10_p;
        leans += !one->survives;
    }
    if (!others && target->largest) {
        struct lks_str text = LKS_STR_NULL;
        for (uint32_t i = 0; i < target->fused->parts_count && !text.data; i++) {
            const struct lks_finding *part =
                &target->results->findings[target->fused->parts[i].index];
            if (part->confidence == finding->confidence)
                text = part->confidence_rule;
        }
        finding->confidence_rule = text;
        return 0;
    }
    int explained = is_explained(finding);
    enum lks_confidence own = target->largest ? finding->confidence : LKS_CONFIDENCE_LOW;
    finding->confidence = LKS_CONFIDENCE_LOW;
    if (!explained && strong >= 1)
        finding->confidence = LKS_CONFIDENCE_MODERATE;
    if (!explained && ((strong >= 2 && !leans) || own == LKS_CONFIDENCE_HIGH))
        finding->confidence = LKS_CONFIDENCE_HIGH;
    static const char *const words[3] = {"Low", "Moderate", "High"};
    char seen[160];
    if (records)
        snprintf(seen, sizeof seen, "a record of the case, which is no test, names its accounts");
    else
        snprintf(seen, sizeof seen,
                 "%u independent layer%s at least a tenth of its accounts at p <= %.2g", strong,
                 strong == 1 ? " sees" : "s each see", target->facts->cluster_level);
    finding->confidence_rule = lks_fuse_text(
        target->results,
        "%s: %s, it is %s, and %s. High asks for two such layers, that it is still found without "
        "any one of "
        "them, and that no explanation has the numbers on its side (or that co-action by itself is "
        "of high confidence); moderate for one layer, or "
        "a record, and no such explanation. A script that no "
        "ledger "
        "speaks of is not counted: an event makes people say alike things at once.",
        words[finding->confidence], seen,
        leans ? "not found without one of them" : "found without any one of them",
        explained ? "the numbers speak for an innocent explanation"
                  : "the numbers speak for none of the innocent explanations considered");
    return finding->confidence_rule.data ? 0 : -1;
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

static int beneficiary_fill(struct lks_fuse_target *target)
{
    struct lks_finding *finding = target->finding;
    const struct lks_fuse_facts *facts = target->facts;
    struct lks_buffer text = {0};
    for (size_t b = 0; b < facts->beneficiaries_count; b++) {
        int named = 0, said = 0;
        for (size_t i = 0; i < b; i++) /* by another of its names already */
            said |= lks_str_equal(facts->beneficiaries[i], facts->beneficiaries[b]) &&
                    text.size_bytes > 0;
        for (uint32_t i = 0; i < finding->objects_count && !said; i++)
            named |= holds(finding->objects[i].object, facts->beneficiary_names[b]);
        if (named)
            lks_buffer_format(&text, "%s%.*s", text.size_bytes ? ", " : "",
                              (int)facts->beneficiaries[b].size_bytes,
                              facts->beneficiaries[b].data);
    }
    if (text.size_bytes && !text.failed)
        finding->fusion.beneficiary =
            lks_arena_str(&target->results->arena, (struct lks_str){text.data, text.size_bytes});
    int failed = text.failed || (text.size_bytes && !finding->fusion.beneficiary.data);
    lks_buffer_free(&text);
    return failed ? -1 : 0;
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
    return mechanisms_fill(target) || title_fill(target) || confidence_fill(target) ||
                   beneficiary_fill(target)
               ? memory_out(err)
               : 0;
}
