/* reasons_facts.c - the facts of a statement of reasons, from what was measured and nothing else
 *
 * A statement goes into a public database: so nothing of the data enters, not even through a sentence
 * of ours that quotes a tag or a channel. What is said is what the numbers say. */
#include "dossier/reasons_facts.h"

#include <math.h>
#include <stdio.h>

#include "base/chance.h"

static void date_of(int64_t time_us, char date[LKS_REASONS_DATE_BYTES])
{
    if (time_us < LKS_TIME_MIN_US || time_us > LKS_TIME_MAX_US)
        time_us = LKS_TIME_MIN_US;
    struct lks_civil civil = lks_time_to_civil(time_us);
    snprintf(date, LKS_REASONS_DATE_BYTES, "%04u-%02u-%02u", (unsigned)civil.year % 10000,
             (unsigned)civil.month % 100, (unsigned)civil.day % 100);
}

/* The words of a fixed list only: a run's tables may come from another hand. */
static const char *ours(const char *word)
{
    for (const char *c = word ? word : "-"; *c; c++)
        if (!((*c >= 'a' && *c <= 'z') || *c == ' ' || *c == '_' || *c == ','))
            return "acts in step";
    return word && strlen(word) < 40 ? word : "acts in step";
}

static void words_put(struct lks_buffer *out, const char *name)
{
    for (; *name; name++)
        lks_buffer_byte(out, *name == '_' ? ' ' : *name);
}

static void group_put(const struct lks_finding *finding, struct lks_buffer *out)
{
    char first[LKS_REASONS_DATE_BYTES], last[LKS_REASONS_DATE_BYTES];
    date_of(finding->first_us, first);
    date_of(finding->last_us, last);
    lks_buffer_format(out,
                      "The account is one of %u that acted together beyond chance from %s to %s",
                      finding->members_count, first, last);
    if (finding->fusion.kind)
        lks_buffer_format(out, " (%s)", ours(finding->fusion.kind));
    lks_buffer_text(out, ".");
    for (uint32_t i = 0; i < finding->fusion.mechanisms_count; i++) {
        const struct lks_mechanism *one = &finding->fusion.mechanisms[i];
        lks_buffer_format(out, "%s%s, %u accounts",
                          i ? "; " : " Measured of the group: ", ours(one->kind),
                          one->members_count);
    }
    lks_buffer_text(out, finding->fusion.mechanisms_count ? "." : "");
    if (isfinite(finding->p_value))
        lks_buffer_format(out,
                          " That any group as strong as this one is there by chance has the "
                          "probability %.2g at most.",
                          finding->p_value);
    if (finding->confidence == LKS_CONFIDENCE_EXPLAINED)
        lks_buffer_text(out, " The numbers speak for an innocent explanation of that.");
    else
        lks_buffer_format(out, " Confidence: %s.", lks_confidence_names[finding->confidence]);
}

static void member_put(const struct lks_results *results, const struct lks_finding *finding,
                       uint32_t member, struct lks_buffer *out)
{
    const struct lks_result_node *node = &results->nodes[finding->members[member]];
    lks_buffer_format(out, " Of the account's %llu posts %llu stand beside another member's.",
                      (unsigned long long)node->posts_count,
                      (unsigned long long)node->matched_posts);
    if (member >= finding->fusion.members_count)
        return;
    const struct lks_member_fusion *one = &finding->fusion.members[member];
    uint32_t said = 0;
    for (int layer = 0; layer < LKS_LAYERS_COUNT; layer++) {
        if (!(one->layers >> layer & 1))
            continue;
        lks_buffer_text(out, said++ ? ", " : " It is named by: ");
        words_put(out, lks_layer_names[layer]);
    }
    lks_buffer_text(out, said ? "." : "");
    if (one->role != LKS_ROLE_NONE)
        lks_buffer_format(out, " Its part: %s.", lks_role_names[one->role]);
    if (isfinite(one->q_value)) {
        lks_buffer_chance(
            out, " The false discovery rate at which it belongs to the group:", one->q_value);
        lks_buffer_byte(out, '.');
    }
}

void lks_reasons_facts(const struct lks_results *results, const struct lks_finding *finding,
                       uint32_t member, struct lks_buffer *out)
{
    group_put(finding, out);
    member_put(results, finding, member, out);
    for (uint32_t i = 0; i < finding->alternatives_count; i++) {
        const struct lks_alternative *one = &finding->alternatives[i];
        lks_buffer_text(out, i ? "; " : " Innocent explanations were considered: ");
        words_put(out, ours(one->name));
        lks_buffer_format(out, " (%s)", ours(one->verdict));
    }
    lks_buffer_text(out, finding->alternatives_count ? "." : "");
    lks_buffer_text(out, " Who is behind the accounts was not examined.");
    if (results->synthetic)
        lks_buffer_text(out, " The data are synthetic.");
}

void lks_reasons_content_date(const struct lks_results *results, const struct lks_finding *finding,
                              uint32_t member, char date[LKS_REASONS_DATE_BYTES])
{
    int64_t last = LKS_TIME_NULL;
    for (uint32_t i = 0; i < finding->matches_count; i++) {
        const uint32_t posts[] = {finding->matches[i].post_a, finding->matches[i].post_b};
        for (int k = 0; k < 2; k++)
            if (results->posts[posts[k]].node == finding->members[member] &&
                results->posts[posts[k]].post.time_us > last)
                last = results->posts[posts[k]].post.time_us;
    }
    date_of(last == LKS_TIME_NULL ? finding->last_us : last, date);
}

void lks_reasons_content(const struct lks_results *results, const struct lks_finding *finding,
                         int *video_out, int *text_out)
{
    *video_out = *text_out = 0;
    for (uint32_t i = 0; i < finding->matches_count; i++) {
        const uint32_t posts[] = {finding->matches[i].post_a, finding->matches[i].post_b};
        for (int k = 0; k < 2; k++)
            *(results->posts[posts[k]].post.kind == LKS_POST_VIDEO ? video_out : text_out) = 1;
    }
    *text_out |= !*video_out;
}
