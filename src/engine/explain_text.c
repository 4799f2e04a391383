/* explain_text.c - an explanation for people: plain lines for a terminal */
#include <math.h>

#include "base/chance.h"
#include "base/shown.h"
#include "engine/explain.h"
#include "engine/explain_instructions.h"
#include "engine/explain_lineage.h"
#include "engine/explain_promotion.h"

enum { SHOWN_MAX = 20, TEXT_SHOWN_BYTES = 160 };

/* One line of somebody's text. */
static void put_foreign(struct lks_buffer *out, struct lks_str text)
{
    text.data ? lks_buffer_shown(out, text, TEXT_SHOWN_BYTES) : lks_buffer_text(out, "(none)");
}

static void put_time(struct lks_buffer *out, int64_t time_us)
{
    char text[LKS_TIME_TEXT_BYTES];
    lks_time_format(time_us, text);
    lks_buffer_text(out, text);
}

/* A measured time as a reader says it: seconds up to ten minutes, then minutes, hours, days. */
static void put_span(struct lks_buffer *out, int64_t span_us)
{
    double seconds = (double)span_us / 1e6;
    if (seconds < 600)
        lks_buffer_format(out, "%.0f s", seconds);
    else if (seconds < 7200)
        lks_buffer_format(out, "%.0f min", seconds / 60);
    else if (seconds < 172800)
        lks_buffer_format(out, "%.1f h", seconds / 3600);
    else
        lks_buffer_format(out, "%.1f days", seconds / 86400);
}

/* A window, as options write it. */
static void put_window(struct lks_buffer *out, int64_t window_us)
{
    char text[LKS_TIME_TEXT_BYTES];
    lks_span_format(window_us, text);
    lks_buffer_text(out, text);
}

/* Three digits that matter, and no exponent where people count. */
static void put_expected(struct lks_buffer *out, double expected)
{
    lks_buffer_format(out, expected >= 100 ? "%.0f" : "%.3g", expected);
}

static void put_account(struct lks_buffer *out, const struct lks_account *account)
{
    struct lks_str key = account->account_key, handle = account->handle;
    put_foreign(out, key);
    size_t platform =
        key.size_bytes - handle.size_bytes; /* a key that is platform:handle says it */
    int said = key.size_bytes > handle.size_bytes && key.data[platform - 1] == ':' &&
               lks_str_equal((struct lks_str){key.data + platform, handle.size_bytes}, handle);
    if (handle.data && handle.size_bytes && !said) {
        lks_buffer_text(out, " (");
        put_foreign(out, handle);
        lks_buffer_text(out, ")");
    }
}

static void put_kinds(struct lks_buffer *out, const uint32_t kind_objects[LKS_OBJECT_KINDS_COUNT])
{
    const char *comma = "";
    for (int kind = 0; kind < LKS_OBJECT_KINDS_COUNT; kind++)
        if (kind_objects[kind]) {
            lks_buffer_format(out, "%s%s %u", comma, lks_object_kind_names[kind],
                              kind_objects[kind]);
            comma = ", ";
        }
}

static void put_post(struct lks_buffer *out, const struct lks_results *results,
                     const struct lks_result_post *post)
{
    lks_buffer_text(out, "    ");
    put_time(out, post->post.time_us);
    lks_buffer_text(out, "  ");
    put_account(out, &results->nodes[post->node].account);
    lks_buffer_text(out, "\n      ");
    put_foreign(out, post->post.text);
    lks_buffer_text(out, "\n      ");
    put_foreign(out, post->post.post_key);
    lks_buffer_text(out, " in ");
    put_foreign(out, post->file);
    lks_buffer_format(out, ", byte %llu, %llu bytes", (unsigned long long)post->post.offset_bytes,
                      (unsigned long long)post->post.length_bytes);
    if (post->leaf)
        lks_buffer_format(out, "; entry %llu of the log", (unsigned long long)post->leaf);
    lks_buffer_byte(out, '\n');
}

static void put_match(struct lks_buffer *out, const struct lks_results *results,
                      const struct lks_result_post *a, const struct lks_result_post *b,
                      enum lks_object_kind kind, struct lks_str object)
{
    int64_t lag_us = b->post.time_us - a->post.time_us;
    lks_buffer_format(out, "  %s ", lks_object_kind_names[kind]);
    if (kind == LKS_OBJECT_TEXT)
        lks_buffer_text(out, "(the same words)");
    else if (kind == LKS_OBJECT_NEAR_TEXT)
        lks_buffer_text(out, "(nearly the same words)");
    else
        put_foreign(out, object);
    lks_buffer_text(out, ", ");
    put_span(out, lag_us < 0 ? -lag_us : lag_us);
    lks_buffer_text(out, " apart\n");
    put_post(out, results, lag_us < 0 ? b : a);
    put_post(out, results, lag_us < 0 ? a : b);
}

static void finding_numbers(struct lks_buffer *out, const struct lks_results *results,
                            const struct lks_finding *finding)
{
    if (finding->score > 0) {
        lks_buffer_format(out, "Observed %llu occasions in common where chance gives ",
                          (unsigned long long)finding->occasions_count);
        put_expected(out, finding->expected);
        lks_buffer_format(out,
                          "; score %.1f, while the strongest group in %u shuffled copies of the "
                          "data, judged in the same way, scored %.1f (p %.3g over all groups).\n",
                          finding->score, results->copies_count, finding->copies_max_score,
                          finding->p_value);
    } else if (finding->p_value != finding->p_value) {
        lks_buffer_text(out, "A record says that these accounts belong together, and no test: "
                             "there is no p.\n");
    }
    lks_buffer_text(out, "From ");
    put_time(out, finding->first_us);
    lks_buffer_text(out, " to ");
    put_time(out, finding->last_us);
    if (finding->lag_median_us == finding->lag_median_us) {
        lks_buffer_text(out, ", typically ");
        put_span(out, (int64_t)finding->lag_median_us);
        lks_buffer_text(out, " apart (the median); different things in common: ");
        put_kinds(out, finding->kind_objects);
    }
    lks_buffer_text(out, "\nConfidence: ");
    lks_buffer_append(out, finding->confidence_rule.data, finding->confidence_rule.size_bytes);
    lks_buffer_text(out, "\n");
}

/* What each layer saw, whether the finding needs it, and what is not said. */
static void put_fusion(struct lks_buffer *out, const struct lks_finding *finding)
{
    const struct lks_finding_fusion *fusion = &finding->fusion;
    lks_buffer_format(out, "\nKind: %s. How they act together:\n", fusion->kind);
    for (uint32_t i = 0; i < fusion->mechanisms_count; i++) {
        const struct lks_mechanism *one = &fusion->mechanisms[i];
        lks_buffer_format(out, "  %s: ", one->kind);
        lks_buffer_append(out, one->measured.data, one->measured.size_bytes);
        if (strcmp(one->by, "members") == 0)
            lks_buffer_text(out, " It had no say in who belongs.\n");
        else
            lks_buffer_format(out, " Without this layer: %s (%.0f %% of the accounts).\n",
                              one->survives ? "still found" : "not found", 100 * one->kept_share);
    }
    if (fusion->apart.size_bytes) {
        lks_buffer_text(out, "  ");
        lks_buffer_append(out, fusion->apart.data, fusion->apart.size_bytes);
        lks_buffer_text(out, "\n");
    }
    lks_buffer_text(out, "Who may gain, by names in case.toml or a ledger: ");
    fusion->beneficiary.size_bytes ? put_foreign(out, fusion->beneficiary)
                                   : lks_buffer_text(out, "nobody is named");
    lks_buffer_text(out, ". Who is behind it: ");
    fusion->operated_by.size_bytes ? put_foreign(out, fusion->operated_by)
                                   : lks_buffer_text(out, "not said; only an analyst can enter it");
    lks_buffer_text(out, ".\n");
    for (uint32_t i = 0; i < fusion->techniques_count; i++)
        lks_buffer_format(out, "%s%s %s", i ? ", " : "DISARM: ", fusion->techniques[i].id,
                          fusion->techniques[i].name);
    if (fusion->techniques_count)
        lks_buffer_text(out, "\n");
}

static void put_variants(struct lks_buffer *out, const struct lks_finding *finding)
{
    if (finding->variants_count)
        lks_buffer_text(out, "\nTexts that are nearly the same, and how they are written (posts, "
                             "similarity to the text that "
                             "stands for them):\n");
    for (uint32_t i = 0; i < finding->variants_count; i++) {
        const struct lks_result_variant *variant = &finding->variants[i];
        if (i && variant->object != finding->variants[i - 1].object)
            lks_buffer_text(out, "\n");
        lks_buffer_format(out, "  %6u  %.2f  ", variant->posts_count, variant->similarity);
        put_foreign(out, variant->text);
        lks_buffer_text(out, "\n");
    }
}

static void finding_text(const struct lks_explanation *explanation, struct lks_buffer *out)
{
    const struct lks_results *results = explanation->results;
    const struct lks_finding *finding = explanation->finding;
    lks_buffer_append(out, finding->id.data, finding->id.size_bytes);
    lks_buffer_text(out, ": ");
    lks_buffer_append(out, finding->title.data, finding->title.size_bytes);
    lks_buffer_text(out, "\n\n");
    finding_numbers(out, results, finding);
    put_fusion(out, finding);
    lks_buffer_format(out, "\n%u accounts, the most connected first:\n", finding->members_count);
    for (uint32_t i = 0; i < finding->members_count && i < SHOWN_MAX; i++) {
        const struct lks_result_node *node = &results->nodes[finding->members[i]];
        lks_buffer_text(out, "  ");
        put_account(out, &node->account);
        lks_buffer_format(out, ": %llu posts, %llu with a partner\n",
                          (unsigned long long)node->posts_count,
                          (unsigned long long)node->matched_posts);
    }
    if (finding->members_count > SHOWN_MAX)
        lks_buffer_format(out, "  and %u more\n", finding->members_count - SHOWN_MAX);
    lks_buffer_text(out, "\nInnocent explanations that were considered:\n");
    for (uint32_t i = 0; i < finding->alternatives_count; i++) {
        const struct lks_alternative *alternative = &finding->alternatives[i];
        lks_buffer_text(out, "  ");
        for (const char *c = alternative->name; *c; c++)
            lks_buffer_byte(out, *c == '_' ? ' ' : *c);
        lks_buffer_format(out, ": %s. ", alternative->verdict);
        lks_buffer_append(out, alternative->measured.data, alternative->measured.size_bytes);
        lks_buffer_text(out, "\n");
    }
    put_variants(out, finding);
    lks_buffer_format(out, "\nEvidence, %u of %llu pairs of posts kept:\n", finding->matches_count,
                      (unsigned long long)finding->matches_total);
    for (uint32_t i = 0; i < finding->matches_count && i < SHOWN_MAX; i++) {
        const struct lks_result_match *match = &finding->matches[i];
        put_match(out, results, &results->posts[match->post_a], &results->posts[match->post_b],
                  match->kind, match->object);
    }
    if (finding->matches_count > SHOWN_MAX)
        lks_buffer_format(out, "  and %u more: see the report, or --json\n",
                          finding->matches_count - SHOWN_MAX);
}

static void edge_line(struct lks_buffer *out, const struct lks_results *results,
                      const struct lks_result_edge *edge, uint32_t other)
{
    lks_buffer_text(out, "  ");
    put_account(out, &results->nodes[other].account);
    lks_buffer_format(out, ": %u occasions where chance gives ", edge->edge.occasions_count);
    put_expected(out, edge->expected);
    lks_buffer_text(out, " within ");
    put_window(out, edge->window_us);
    lks_buffer_chance(out, ", p", edge->p_value);
    lks_buffer_chance(out, ", q", edge->q_value);
    lks_buffer_text(out, "\n");
}

static void put_cohort(struct lks_buffer *out, const struct lks_results *results, int32_t index,
                       const char *words)
{
    if (index < 0)
        return;
    const struct lks_cohort *cohort = &results->cohorts[index];
    lks_buffer_format(out, "  %s with %u others from ", words, cohort->accounts_count - 1);
    put_time(out, cohort->first_us);
    lks_buffer_text(out, " to ");
    put_time(out, cohort->last_us);
    lks_buffer_format(out, ", where %.3g would be expected (p %.3g)\n", cohort->expected,
                      cohort->p_value);
}

static void awakening_text(struct lks_buffer *out, const struct lks_results *results,
                           const struct lks_awakening *awakening)
{
    lks_buffer_text(out, "Woke up ");
    put_time(out, awakening->woke_us);
    lks_buffer_text(out, ", after a silence of ");
    put_span(out, awakening->longest_silence_us);
    lks_buffer_format(out,
                      ": %u acts before, %u after, on %u days (%.0f %% of what others do fell "
                      "before; ",
                      awakening->acts_before, awakening->acts_after, awakening->days_after,
                      100 * awakening->share_before);
    lks_buffer_chance(out, "q", awakening->q_value);
    lks_buffer_text(out, ")\n");
    if (results->topic_known) {
        lks_buffer_format(out, "  on the topic: %u of the acts before, %u of those after",
                          awakening->topic_before, awakening->topic_after);
        lks_buffer_chance(out, " (p", pow(10, awakening->topic_log10_p));
        lks_buffer_text(out, ")\n");
    }
    put_cohort(out, results, awakening->woke_cohort, "woke");
    put_cohort(out, results, awakening->made_cohort, "was registered");
}

static void relayer_text(struct lks_buffer *out, const struct lks_results *results,
                         const struct lks_result_relayer *relayer)
{
    const struct lks_relayer *item = &relayer->item;
    lks_buffer_format(out, "A channel that was first in %u relays", item->called);
    if (item->could) {
        lks_buffer_format(out,
                          ", and used what was new in others' calls in %u of %u of their windows, "
                          "where its own hours and words give ",
                          item->relayed, item->could);
        put_expected(out, item->expected);
        lks_buffer_chance(out, " (q", item->q_value);
        lks_buffer_text(out, ")");
        if (results->relaying.channels_least_p > lks_relay_options_default().level)
            lks_buffer_text(out, "; too few weeks of data to tell");
    }
    lks_buffer_byte(out, '\n');
    if (item->followed_count) {
        lks_buffer_text(out, "  mostly after ");
        put_foreign(out, relayer->followed);
        lks_buffer_format(out, " (%u times)", item->followed_count);
        if (item->lag_median_us >= 0) {
            lks_buffer_text(out, ", in the middle case after ");
            put_span(out, item->lag_median_us);
        }
        lks_buffer_byte(out, '\n');
    }
}

static void responder_text(struct lks_buffer *out, const struct lks_responder *responder)
{
    lks_buffer_format(
        out,
        "Answered %u calls of channels, of %u in whose time it posted anything, where "
        "chance gives ",
        responder->answered, responder->answerable);
    put_expected(out, responder->expected);
    lks_buffer_text(out, " (links and posts); median lag ");
    put_span(out, responder->lag_median_us);
    lks_buffer_chance(out, ", q", responder->q_value);
    lks_buffer_text(out, "\n");
}

static void swarmer_text(struct lks_buffer *out, const struct lks_results *results,
                         const struct lks_swarmer *swarmer)
{
    lks_buffer_format(out,
                      "Wrote what others wrote under posts of %u authors, of %u that it answered, "
                      "where chance gives ",
                      swarmer->copied, swarmer->authors);
    put_expected(out, swarmer->expected);
    lks_buffer_chance(out, " (q", swarmer->q_value);
    lks_buffer_text(out, ")");
    if (swarmer->latency_median_us >= 0) {
        lks_buffer_text(out, "; in the middle case ");
        put_span(out, swarmer->latency_median_us);
        lks_buffer_text(out, " after the post");
    }
    if (swarmer->bursts)
        lks_buffer_format(out, "; in %u burst%s", swarmer->bursts, swarmer->bursts == 1 ? "" : "s");
    if (swarmer->cluster < results->swarm_clusters_count)
        lks_buffer_format(out, "; with %u accounts that come back under %u posts",
                          results->swarm_clusters[swarmer->cluster].accounts,
                          results->swarm_clusters[swarmer->cluster].floods);
    lks_buffer_text(out, "\n");
}

/* By which layers it belongs to its finding, and what it does there. */
static void member_text(struct lks_buffer *out, const struct lks_finding *finding, uint32_t node)
{
    uint32_t i = 0;
    while (i < finding->members_count && finding->members[i] != node)
        i++;
    if (i >= finding->fusion.members_count)
        return;
    const struct lks_member_fusion *member = &finding->fusion.members[i];
    lks_buffer_text(out, "  by");
    for (int layer = 0, said = 0; layer < LKS_LAYERS_COUNT; layer++)
        if (member->layers >> layer & 1)
            lks_buffer_format(out, "%s %s", said++ ? "," : "", lks_layer_names[layer]);
    if (member->q_value == member->q_value) {
        lks_buffer_chance(out, " (q", member->q_value);
        lks_buffer_text(out, " that it does not belong)");
    } else {
        lks_buffer_text(out, " (a record, no test)");
    }
    lks_buffer_format(out, "; role: %s, ", lks_role_names[member->role]);
    lks_buffer_append(out, member->measured.data, member->measured.size_bytes);
    lks_buffer_text(out, "\n");
}

static void account_text(const struct lks_explanation *explanation, struct lks_buffer *out)
{
    const struct lks_results *results = explanation->results;
    const struct lks_account *profile = &explanation->profile;
    uint32_t edges = 0;
    put_account(out, profile);
    lks_buffer_format(out, "\n%llu post%s in the data",
                      (unsigned long long)explanation->profile_posts,
                      explanation->profile_posts == 1 ? "" : "s");
    if (profile->created_us != LKS_TIME_NULL) {
        lks_buffer_text(out, "; created ");
        put_time(out, profile->created_us);
        lks_buffer_format(out, " (by %s%s)", lks_created_method_names[profile->created_method],
                          profile->created_method == LKS_CREATED_ID ? ", a lower bound" : "");
    } else if (profile->created_method == LKS_CREATED_LEGACY) {
        lks_buffer_text(out, "; legacy id, date of registration unknown");
    }
    if (profile->followers != LKS_COUNT_NULL)
        lks_buffer_format(out, "; %lld followers", (long long)profile->followers);
    lks_buffer_text(out, "\n");
    if (explanation->awakening)
        awakening_text(out, results, &explanation->awakening->item);
    lks_explain_lineage_text(results, profile->account_key, out);
    if (explanation->relayer)
        relayer_text(out, results, explanation->relayer);
    if (explanation->responder)
        responder_text(out, &explanation->responder->item);
    if (explanation->swarmer)
        swarmer_text(out, results, &explanation->swarmer->item);
    lks_explain_instructions_text(results, profile->account_key, out);
    lks_explain_paid_text(results, profile->account_key, out);
    if (explanation->account == UINT32_MAX) {
        lks_buffer_text(out,
                        "Not in the network of this run: no pair with it met often enough to be "
                        "tested, or none passed.\n");
        return;
    }
    const struct lks_result_node *node = &results->nodes[explanation->account];
    if (node->group < results->findings_count) {
        lks_buffer_text(out, "Member of ");
        lks_buffer_append(out, results->findings[node->group].id.data,
                          results->findings[node->group].id.size_bytes);
        lks_buffer_text(out, ": ");
        lks_buffer_append(out, results->findings[node->group].title.data,
                          results->findings[node->group].title.size_bytes);
        lks_buffer_text(out, "\n");
        if (results->findings[node->group].confidence == LKS_CONFIDENCE_EXPLAINED)
            lks_buffer_text(out, "The numbers speak for an innocent explanation of that group.\n");
        member_text(out, &results->findings[node->group], explanation->account);
    } else {
        lks_buffer_text(
            out, "In no finding: its group did not pass the test against shuffled copies.\n");
    }
    lks_buffer_format(out, "%u edge%s:\n", node->degree, node->degree == 1 ? "" : "s");
    for (uint64_t i = 0; i < results->edges_count; i++) {
        const struct lks_result_edge *edge = &results->edges[i];
        if (edge->edge.a != explanation->account && edge->edge.b != explanation->account)
            continue;
        if (++edges > SHOWN_MAX)
            continue;
        edge_line(out, results, edge,
                  edge->edge.a == explanation->account ? edge->edge.b : edge->edge.a);
    }
    if (edges > SHOWN_MAX)
        lks_buffer_format(out, "  and %u more\n", edges - SHOWN_MAX);
    lks_buffer_text(out, "\nFor the posts behind an edge: lockstep explain CASE ACCOUNT,ACCOUNT\n");
}

static void edge_text(const struct lks_explanation *explanation, struct lks_buffer *out)
{
    const struct lks_results *results = explanation->results;
    const struct lks_edge *edge = &explanation->edge->edge;
    put_account(out, &results->nodes[edge->a].account);
    lks_buffer_text(out, " and ");
    put_account(out, &results->nodes[edge->b].account);
    lks_buffer_format(out, "\n%u occasions in common where chance gives ", edge->occasions_count);
    put_expected(out, explanation->edge->expected);
    lks_buffer_chance(out, ", p", explanation->edge->p_value);
    lks_buffer_chance(out, ", q", explanation->edge->q_value);
    lks_buffer_text(out, ", within ");
    put_window(out, explanation->edge->window_us);
    lks_buffer_text(out, "\n");
    if (isfinite(explanation->edge->synchrony_p)) {
        lks_buffer_chance(out, "Synchrony given shared interest: p",
                          explanation->edge->synchrony_p);
        lks_buffer_text(out, "\n");
    }
    lks_buffer_format(out, "The first was earlier %llu times, the second %llu times; objects: ",
                      (unsigned long long)edge->a_first, (unsigned long long)edge->b_first);
    put_kinds(out, edge->kind_objects);
    lks_buffer_format(out, "\n\n%zu pair%s of posts:\n", explanation->matches_count,
                      explanation->matches_count == 1 ? "" : "s");
    for (size_t i = 0; i < explanation->matches_count && i < SHOWN_MAX; i++) {
        const struct lks_explain_match *match = &explanation->matches[i];
        put_match(out, results, &explanation->posts[match->post_a],
                  &explanation->posts[match->post_b], match->kind, match->object);
    }
    if (explanation->matches_count > SHOWN_MAX)
        lks_buffer_format(out, "  and %zu more: --json lists all\n",
                          explanation->matches_count - SHOWN_MAX);
}

void lks_explain_text(const struct lks_explanation *explanation, struct lks_buffer *out)
{
    if (explanation->results->synthetic)
        lks_buffer_text(out, "SYNTHETIC DATA: made by a simulator, about nobody.\n");
    if (explanation->finding)
        finding_text(explanation, out);
    else if (explanation->tag)
        lks_explain_tag_text(explanation->results, explanation->tag, out);
    else if (explanation->script)
        lks_explain_script_text(explanation->results, explanation->script, out);
    else if (explanation->edge)
        edge_text(explanation, out);
    else
        account_text(explanation, out);
}
