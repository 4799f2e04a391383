/* fuse_mechanisms.c - the ways in which a finding's accounts act together, a sentence and a p each
 *
 * A layer that made the finding, with a group or a cluster of its own, is one of them, with the p
 * of that group. So is a layer that had no say in it and yet names its members more often than
 * others (attribution.h). Who is counted is in both cases every member that the layer names. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/chance.h"
#include "base/time.h"
#include "finding/fuse_results.h"

static const char *const layer_kinds[LKS_LAYERS_COUNT] = {[LKS_LAYER_COACTION] = "acts in step",
                                                          [LKS_LAYER_SYNCHRONY] = "acts in step",
                                                          [LKS_LAYER_SLEEPERS] = "sleepers",
                                                          [LKS_LAYER_ANSWERS] = "answers to calls",
                                                          [LKS_LAYER_SWARM] = "swarm",
                                                          [LKS_LAYER_PROMOTION] = "paid promotion",
                                                          [LKS_LAYER_REGISTRATIONS] =
                                                              "registered together"};

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

/* A channel that is named because others answer it: of the finding, and not one of those who answer. */
static int is_caller(const struct lks_layer *layer, uint32_t account)
{
    const struct lks_layer_account *found = lks_layer_find(layer, account);
    return found && found->role == LKS_ROLE_CALLER;
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
    struct lks_str rest = target->largest ? lks_fuse_title_rest(target->largest) : LKS_STR_NULL;
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
            &text, "%s %u %.*s between %.10s %.5s and %.10s %.5s UTC, where chance would put %.1f",
            said++ ? ";" : ":", cluster->accounts_count, (int)cluster->name.size_bytes,
            cluster->name.data, first, first + 11, last, last + 11,
            cluster->chance_share * layer->accounts_count);
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
    const struct lks_layer *layer = &target->facts->layers->layer[LKS_LAYER_ANSWERS];
    uint32_t channels = 0;
    double answered = 0, expected = 0;
    char lag[40], called[80] = "";
    for (uint32_t i = 0; i < target->finding->members_count; i++)
        channels += is_caller(layer, target->facts->account_of[target->finding->members[i]]) != 0;
    for (uint32_t i = 0; i < results->responders_count; i++) {
        uint32_t node = target->facts->node_of[results->responders[i].item.account];
        if (node == UINT32_MAX || results->nodes[node].group != target->item)
            continue;
        answered += results->responders[i].item.answered;
        expected += results->responders[i].item.expected;
    }
    if (channels)
        snprintf(called, sizeof called, ", and %u channel%s member%s beside them", channels,
                 channels == 1 ? " that calls is a" : "s that call are", channels == 1 ? "" : "s");
    span_words((double)results->recruitment.lag_quartiles_us[1], lag, sizeof lag);
    return lks_fuse_text(target->results,
                         "%u members answer what a channel calls for again and again%s: %.0f "
                         "answers where %.0f would be chance, half of them within %s of the call; "
                         "with calls moved to other days %llu such accounts in %u tries.",
                         mechanism->members_count, called, answered, expected, lag,
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

static struct lks_str registrations_words(const struct lks_fuse_target *target,
                                          const struct lks_mechanism *mechanism)
{
    return lks_fuse_text(target->results,
                         "%u members were registered on days on which many more handles of one "
                         "form were than chance gives, and have such a handle.",
                         mechanism->members_count);
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
    char p[LKS_CHANCE_TEXT_BYTES];
    lks_chance_format(mechanism->log10_p, p);
    return lks_fuse_text(target->results, "%u members: %.*s%s (p = %s).", mechanism->members_count,
                         (int)(name.data ? name.size_bytes : strlen(mechanism->kind)),
                         name.data ? name.data : mechanism->kind,
                         clusters > 1 ? ", the first of several" : "", p);
}

static int mechanism_order(const void *left, const void *right)
{
    const struct lks_mechanism *x = left, *y = right;
    if (x->members_count != y->members_count)
        return x->members_count > y->members_count ? -1 : 1;
    return (x->layer > y->layer) - (x->layer < y->layer);
}

/* Whether the layer names the account. */
static int is_named(const struct lks_fuse_facts *facts, int kind, uint32_t account)
{
    if (kind == LKS_LAYER_REGISTRATIONS)
        return facts->registrations.is_tested && facts->registrations.is_named[account];
    return kind >= LKS_LAYER_SLEEPERS && facts->layers->layer[kind].observable &&
           lks_layer_find(&facts->layers->layer[kind], account) != NULL;
}

/* Whether the layer's mechanism is told of the account. */
static int is_counted(const struct lks_fuse_target *target, int kind, uint32_t index)
{
    return target->finding->fusion.members[index].layers >> kind & 1 &&
           !(kind == LKS_LAYER_ANSWERS &&
             is_caller(&target->facts->layers->layer[kind],
                       target->facts->account_of[target->finding->members[index]]));
}

/* Marks every member that the layer names; returns how many the mechanism is told of. */
static uint32_t members_mark(struct lks_fuse_target *target, int kind)
{
    struct lks_finding_fusion *fusion = &target->finding->fusion;
    uint32_t count = 0;
    for (uint32_t i = 0; i < fusion->members_count; i++) {
        uint32_t account = target->facts->account_of[target->finding->members[i]];
        if (is_named(target->facts, kind, account))
            fusion->members[i].layers |= 1u << kind;
        count += is_counted(target, kind, i) != 0;
    }
    return count;
}

/* The least p of its groups, or that so many members are named by chance. */
static void mechanism_test(const struct lks_fuse_target *target, struct lks_mechanism *to)
{
    const struct lks_attribution *asked = &target->attributions[to->layer];
    to->log10_p = asked->log10_p;
    to->log10_q = asked->log10_q;
    to->by = isnan(asked->log10_p) ? "record" : "members";
    for (uint32_t i = 0; i < target->fused->parts_count; i++) {
        const struct lks_fused_part *part = &target->fused->parts[i];
        if (part->layer != to->layer)
            continue;
        double log10_p;
        if (part->layer == LKS_LAYER_COACTION) {
            log10_p = log10(fmax(target->results->findings[part->index].p_value, LKS_CHANCE_LEAST));
        } else {
            const struct lks_layer_cluster *cluster =
                &target->facts->layers->layer[part->layer].clusters[part->index];
            if (cluster->is_record)
                continue;
            log10_p = cluster->log10_p;
        }
        to->log10_p = fmin(log10_p, isnan(to->log10_p) ? 0 : to->log10_p);
        to->by = "group";
    }
    if (to->layer == LKS_LAYER_COACTION) /* some by contents alone */
        to->by = "group";
}

/* The layer's own sentence; where it had no say in who belongs, what chance would give too. */
static struct lks_str mechanism_words(const struct lks_fuse_target *target,
                                      const struct lks_mechanism *one)
{
    const struct lks_attribution *asked = &target->attributions[one->layer];
    struct lks_str own = one->layer == LKS_LAYER_COACTION        ? coaction_words(target, one)
                         : one->layer == LKS_LAYER_SLEEPERS      ? sleepers_words(target, one)
                         : one->layer == LKS_LAYER_ANSWERS       ? answers_words(target, one)
                         : one->layer == LKS_LAYER_PROMOTION     ? promotion_words(target, one)
                         : one->layer == LKS_LAYER_REGISTRATIONS ? registrations_words(target, one)
                                                                 : cluster_words(target, one);
    if (!own.data || strcmp(one->by, "members") != 0)
        return own;
    char p[LKS_CHANCE_TEXT_BYTES], q[LKS_CHANCE_TEXT_BYTES];
    lks_chance_format(asked->log10_p, p);
    lks_chance_format(asked->log10_q, q);
    return lks_fuse_text(
        target->results,
        "%.*s Of all %llu accounts of which this could be told it is so of %llu; were they spread "
        "evenly, of these %u it would be %.1f (p = %s, q = %s).",
        (int)own.size_bytes, own.data, (unsigned long long)asked->all_count,
        (unsigned long long)asked->all_named, asked->members_count,
        (double)asked->members_count * (double)asked->all_named / (double)asked->all_count, p, q);
}

/* Co-action says that they are alike; another layer that sees a quarter of them says how. */
static void kind_fill(struct lks_fuse_target *target)
{
    struct lks_finding_fusion *fusion = &target->finding->fusion;
    fusion->kind =
        fusion->mechanisms_count ? fusion->mechanisms[0].kind : layer_kinds[LKS_LAYER_COACTION];
    for (uint32_t i = fusion->mechanisms_count; i-- > 0;)
        if (fusion->mechanisms[i].layer != LKS_LAYER_COACTION &&
            fusion->mechanisms[i].members_count * 4ull >= target->finding->members_count)
            fusion->kind = fusion->mechanisms[i].kind;
    if (target->fused->is_paid)
        fusion->kind = layer_kind(target->fused, LKS_LAYER_PROMOTION);
}

int lks_fuse_mechanisms(struct lks_fuse_target *target)
{
    const struct lks_fused *fused = target->fused;
    struct lks_finding_fusion *fusion = &target->finding->fusion;
    uint32_t listed = 0;
    fusion->mechanisms =
        lks_arena_calloc(&target->results->arena, LKS_LAYERS_COUNT, sizeof *fusion->mechanisms);
    if (!fusion->mechanisms)
        return -1;
    for (int kind = 0; kind < LKS_LAYERS_COUNT; kind++) {
        const struct lks_left_out *left = &target->facts->left_out[target->item][kind];
        if (!fused->layer_members[kind] && !lks_attribution_holds(&target->attributions[kind]))
            continue;
        struct lks_mechanism *to = &fusion->mechanisms[fusion->mechanisms_count++];
        *to = (struct lks_mechanism){.layer = (enum lks_layer_kind)kind,
                                     .kind = kind == LKS_LAYER_COACTION
                                                 ? coaction_kind(target->finding)
                                                 : layer_kind(fused, kind),
                                     .members_count = members_mark(target, kind),
                                     .survives = left->survives,
                                     .kept_share = left->kept_share};
        mechanism_test(target, to);
        to->measured = mechanism_words(target, to);
        if (!to->measured.data)
            return -1;
        listed |= 1u << kind;
    }
    for (uint32_t i = 0; i < fusion->mechanisms_count; i++)
        for (uint32_t m = 0; m < fusion->members_count; m++)
            fusion->mechanisms[i].alone_count +=
                (fusion->members[m].layers & listed) == 1u << fusion->mechanisms[i].layer &&
                is_counted(target, fusion->mechanisms[i].layer, m);
    qsort(fusion->mechanisms, fusion->mechanisms_count, sizeof *fusion->mechanisms,
          mechanism_order);
    kind_fill(target);
    return 0;
}
