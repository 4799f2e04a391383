/* results_fields.c - how the structs of a run's results lie as tables: name, type, offset of each field */
#include "detect/results_fields.h"

#include <assert.h>

#define FIELD(type, record, member)                                                                \
    {                                                                                              \
#member, type, offsetof(record, member)                                                    \
    }
#define FIELD_AS(name, type, record, member)                                                       \
    {                                                                                              \
        name, type, offsetof(record, member)                                                       \
    }
#define FIELDS_COUNT(fields) (sizeof(fields) / sizeof *(fields))

static_assert(sizeof(enum lks_confidence) == 4 && sizeof(int) == 4, "enums are saved as 32 bits");

static const struct field run_fields[] = {
    FIELD(FIELD_STR, struct lks_results, run),
    FIELD(FIELD_STR, struct lks_results, version),
    FIELD(FIELD_STR, struct lks_results, data_digest),
    FIELD(FIELD_I32, struct lks_results, synthetic),
    FIELD(FIELD_U64, struct lks_results, posts_count),
    FIELD(FIELD_U64, struct lks_results, accounts_count),
    FIELD(FIELD_U64, struct lks_results, actions_count),
    FIELD(FIELD_U64, struct lks_results, rejects_count),
    FIELD(FIELD_U64, struct lks_results, duplicates_count),
    FIELD(FIELD_U64, struct lks_results, ignored_count),
    FIELD(FIELD_U64, struct lks_results, payments_count),
    FIELD(FIELD_I64, struct lks_results, first_us),
    FIELD(FIELD_I64, struct lks_results, last_us),
    FIELD(FIELD_I32, struct lks_results, time_precision),
    FIELD(FIELD_U64, struct lks_results, tests_count),
    FIELD(FIELD_U64, struct lks_results, edges_tested),
    FIELD(FIELD_U32, struct lks_results, copies_count),
    FIELD(FIELD_DOUBLE, struct lks_results, copies_max_score),
    FIELD(FIELD_DOUBLE, struct lks_results, group_threshold),
    FIELD(FIELD_U64, struct lks_results, seed),
    FIELD(FIELD_U64, struct lks_results, life_tested_count),
    FIELD(FIELD_U64, struct lks_results, life_few_count),
    FIELD(FIELD_U64, struct lks_results, life_unobservable_count),
    FIELD(FIELD_U64, struct lks_results, life_reference_count),
    FIELD_AS("ages_unknown", FIELD_U64, struct lks_results, age_counts[LKS_CREATED_UNKNOWN]),
    FIELD_AS("ages_by_field", FIELD_U64, struct lks_results, age_counts[LKS_CREATED_FIELD]),
    FIELD_AS("ages_by_id", FIELD_U64, struct lks_results, age_counts[LKS_CREATED_ID]),
    FIELD_AS("ages_legacy", FIELD_U64, struct lks_results, age_counts[LKS_CREATED_LEGACY]),
    FIELD_AS("life_topic_known", FIELD_I32, struct lks_results, topic_known),
    FIELD_AS("life_topic_posts", FIELD_U64, struct lks_results, topic_posts_count),
    FIELD(FIELD_U64, struct lks_results, life_date_posts_count),
    FIELD(FIELD_U64, struct lks_results, life_date_only_count),
    FIELD(FIELD_U64, struct lks_results, lineage_accounts_tested),
    FIELD(FIELD_U64, struct lks_results, tags_alike_count),
    FIELD(FIELD_U32, struct lks_results, tags_compared_count),
    FIELD(FIELD_U32, struct lks_results, tags_left_count),
    FIELD_AS("call_window_us", FIELD_I64, struct lks_results, recruitment.window_us),
    FIELD_AS("call_tested", FIELD_U64, struct lks_results, recruitment.tested_count),
    FIELD_AS("call_controls", FIELD_U32, struct lks_results, recruitment.controls_count),
    FIELD_AS("call_control_responders", FIELD_U64, struct lks_results,
             recruitment.control_responders),
    FIELD_AS("call_lag_1_us", FIELD_I64, struct lks_results, recruitment.lag_quartiles_us[0]),
    FIELD_AS("call_lag_2_us", FIELD_I64, struct lks_results, recruitment.lag_quartiles_us[1]),
    FIELD_AS("call_lag_3_us", FIELD_I64, struct lks_results, recruitment.lag_quartiles_us[2]),
    FIELD_AS("call_profile_responders", FIELD_STR, struct lks_results,
             recruitment.responders_profile),
    FIELD_AS("call_profile_others", FIELD_STR, struct lks_results, recruitment.others_profile),
    FIELD_AS("call_before_posts", FIELD_U64, struct lks_results, recruitment.uptake_posts[0]),
    FIELD_AS("call_before_met", FIELD_U64, struct lks_results, recruitment.uptake_met[0]),
    FIELD_AS("call_unexposed_posts", FIELD_U64, struct lks_results, recruitment.uptake_posts[1]),
    FIELD_AS("call_unexposed_met", FIELD_U64, struct lks_results, recruitment.uptake_met[1]),
    FIELD_AS("call_responders_posts", FIELD_U64, struct lks_results, recruitment.uptake_posts[2]),
    FIELD_AS("call_responders_met", FIELD_U64, struct lks_results, recruitment.uptake_met[2]),
    FIELD_AS("call_dose_days", FIELD_U32, struct lks_results, recruitment.dose_days),
    FIELD_AS("call_dose_slope", FIELD_DOUBLE, struct lks_results, recruitment.dose_slope),
    FIELD_AS("call_dose_p", FIELD_DOUBLE, struct lks_results, recruitment.dose_p),
    FIELD_AS("call_dose_days_by", FIELD_STR, struct lks_results, recruitment.dose_days_by),
    FIELD_AS("call_dose_excess_by", FIELD_STR, struct lks_results, recruitment.dose_excess_by),
    FIELD_AS("call_unobservable", FIELD_STR, struct lks_results, recruitment.unobservable),
    FIELD_AS("swarm_comments", FIELD_U64, struct lks_results, swarm.comments_count),
    FIELD_AS("swarm_copies", FIELD_U64, struct lks_results, swarm.copies_count),
    FIELD_AS("swarm_author_unknown", FIELD_U64, struct lks_results, swarm.unknown_comments),
    FIELD_AS("swarm_tested", FIELD_U64, struct lks_results, swarm.tested_count),
    FIELD_AS("swarm_posts_tested", FIELD_U64, struct lks_results, swarm.posts_tested),
    FIELD_AS("swarm_commenters", FIELD_U64, struct lks_results, swarm.commenters_count),
    FIELD_AS("swarm_comment_only", FIELD_U64, struct lks_results, swarm.only_count),
    FIELD_AS("swarm_named_comment_only", FIELD_U64, struct lks_results, swarm.named_only_count),
    FIELD_AS("swarm_followers_median", FIELD_I64, struct lks_results, swarm.followers_median),
    FIELD_AS("swarm_latency_named", FIELD_STR, struct lks_results, swarm.latency_named),
    FIELD_AS("swarm_latency_others", FIELD_STR, struct lks_results, swarm.latency_others),
    FIELD_AS("swarm_unobservable", FIELD_STR, struct lks_results, swarm.unobservable),
    FIELD_AS("relay_window_us", FIELD_I64, struct lks_results, relaying.window_us),
    FIELD_AS("relay_past_us", FIELD_I64, struct lks_results, relaying.past_us),
    FIELD_AS("relay_messages", FIELD_U64, struct lks_results, relaying.messages_count),
    FIELD_AS("relay_tested", FIELD_U64, struct lks_results, relaying.tested_count),
    FIELD_AS("relay_controls", FIELD_U32, struct lks_results, relaying.controls_count),
    FIELD_AS("relay_control_relays", FIELD_U64, struct lks_results, relaying.control_relays),
    FIELD_AS("relay_p_max", FIELD_DOUBLE, struct lks_results, relaying.p_max),
    FIELD_AS("relay_channels_least_p", FIELD_DOUBLE, struct lks_results, relaying.channels_least_p),
    FIELD_AS("relay_unobservable", FIELD_STR, struct lks_results, relaying.unobservable),
    FIELD_AS("script_unobservable", FIELD_STR, struct lks_results, promotion.unobservable),
    FIELD_AS("script_accounts_tested", FIELD_U64, struct lks_results, promotion.accounts_tested),
    FIELD_AS("script_families_tested", FIELD_U64, struct lks_results, promotion.families_tested),
    FIELD_AS("script_flagged", FIELD_U64, struct lks_results, promotion.flagged_count),
    FIELD_AS("script_controls", FIELD_U32, struct lks_results, promotion.controls_count),
    FIELD_AS("script_control_flagged", FIELD_U64, struct lks_results, promotion.control_flagged),
    FIELD_AS("payments_matched", FIELD_U64, struct lks_results, promotion.payments_matched),
    FIELD_AS("payments_alike", FIELD_U64, struct lks_results, promotion.payments_alike),
    FIELD_AS("payments_converted_to", FIELD_STR, struct lks_results, promotion.converted_to),
    FIELD_AS("payments_converted_exponent", FIELD_I32, struct lks_results,
             promotion.converted_exponent),
    FIELD_AS("payments_note", FIELD_STR, struct lks_results, promotion.ledger_note),
    FIELD_AS("ads_count", FIELD_U64, struct lks_results, promotion.ads_count),
    FIELD_AS("topic_known", FIELD_I32, struct lks_results, promotion.topic_known),
    FIELD(FIELD_I64, struct lks_results, bin_us),
    FIELD_AS("window_url_us", FIELD_I64, struct lks_results, kind_window_us[LKS_OBJECT_URL]),
    FIELD_AS("window_domain_us", FIELD_I64, struct lks_results, kind_window_us[LKS_OBJECT_DOMAIN]),
    FIELD_AS("window_hashtag_us", FIELD_I64, struct lks_results,
             kind_window_us[LKS_OBJECT_HASHTAG]),
    FIELD_AS("window_mention_us", FIELD_I64, struct lks_results,
             kind_window_us[LKS_OBJECT_MENTION]),
    FIELD_AS("window_repost_us", FIELD_I64, struct lks_results, kind_window_us[LKS_OBJECT_REPOST]),
    FIELD_AS("window_reply_us", FIELD_I64, struct lks_results, kind_window_us[LKS_OBJECT_REPLY]),
    FIELD_AS("window_sound_us", FIELD_I64, struct lks_results, kind_window_us[LKS_OBJECT_SOUND]),
    FIELD_AS("window_effect_us", FIELD_I64, struct lks_results, kind_window_us[LKS_OBJECT_EFFECT]),
    FIELD_AS("window_text_us", FIELD_I64, struct lks_results, kind_window_us[LKS_OBJECT_TEXT]),
    FIELD_AS("window_near_text_us", FIELD_I64, struct lks_results,
             kind_window_us[LKS_OBJECT_NEAR_TEXT]),
    FIELD_AS("window_media_us", FIELD_I64, struct lks_results, kind_window_us[LKS_OBJECT_MEDIA]),
    FIELD_AS("window_hashtag_set_us", FIELD_I64, struct lks_results,
             kind_window_us[LKS_OBJECT_HASHTAG_SET]),
};

#define NODE struct lks_result_node
static const struct field node_fields[] = {
    FIELD_AS("platform", FIELD_STR, NODE, account.platform),
    FIELD_AS("account_key", FIELD_STR, NODE, account.account_key),
    FIELD_AS("handle", FIELD_STR, NODE, account.handle),
    FIELD_AS("display_name", FIELD_STR, NODE, account.display_name),
    FIELD_AS("country", FIELD_STR, NODE, account.country),
    FIELD_AS("language", FIELD_STR, NODE, account.language),
    FIELD_AS("bio", FIELD_STR, NODE, account.bio),
    FIELD_AS("created_us", FIELD_I64, NODE, account.created_us),
    FIELD_AS("created_method", FIELD_I32, NODE, account.created_method),
    FIELD_AS("followers", FIELD_I64, NODE, account.followers),
    FIELD_AS("following", FIELD_I64, NODE, account.following),
    FIELD_AS("posts_total", FIELD_I64, NODE, account.posts_total),
    FIELD_AS("verified", FIELD_I32, NODE, account.verified),
    FIELD(FIELD_U64, NODE, posts_count),
    FIELD(FIELD_U64, NODE, matched_posts),
    FIELD_AS("finding", FIELD_U32, NODE, group),
    FIELD(FIELD_DOUBLE, NODE, member_p),
    FIELD(FIELD_DOUBLE, NODE, member_q),
    FIELD(FIELD_U32, NODE, degree),
    FIELD(FIELD_DOUBLE, NODE, strength),
    FIELD(FIELD_DOUBLE, NODE, x),
    FIELD(FIELD_DOUBLE, NODE, y),
};

#define EDGE struct lks_result_edge
static const struct field edge_fields[] = {
    FIELD_AS("node_a", FIELD_U32, EDGE, edge.a),
    FIELD_AS("node_b", FIELD_U32, EDGE, edge.b),
    FIELD_AS("pairs", FIELD_U64, EDGE, edge.pairs_count),
    FIELD_AS("objects", FIELD_U32, EDGE, edge.objects_count),
    FIELD_AS("occasions", FIELD_U32, EDGE, edge.occasions_count),
    FIELD_AS("posts_a", FIELD_U32, EDGE, edge.posts_a),
    FIELD_AS("posts_b", FIELD_U32, EDGE, edge.posts_b),
    FIELD_AS("a_first", FIELD_U64, EDGE, edge.a_first),
    FIELD_AS("b_first", FIELD_U64, EDGE, edge.b_first),
    FIELD_AS("lag_mean_us", FIELD_DOUBLE, EDGE, edge.lag_mean_us),
    FIELD_AS("first_us", FIELD_I64, EDGE, edge.first_us),
    FIELD_AS("last_us", FIELD_I64, EDGE, edge.last_us),
    FIELD(FIELD_DOUBLE, EDGE, expected),
    FIELD(FIELD_DOUBLE, EDGE, p_value),
    FIELD(FIELD_DOUBLE, EDGE, q_value),
    FIELD(FIELD_I64, EDGE, window_us),
    FIELD(FIELD_DOUBLE, EDGE, synchrony_p),
    FIELD(FIELD_DOUBLE, EDGE, fused_p),
    FIELD(FIELD_DOUBLE, EDGE, fused_q),
    FIELD(FIELD_U32, EDGE, fused_layers),
    FIELD_AS("finding", FIELD_U32, EDGE, group),
};

#define FINDING struct lks_finding
static const struct field finding_fields[] = {
    FIELD(FIELD_STR, FINDING, id),
    FIELD(FIELD_STR, FINDING, title),
    FIELD_AS("edges", FIELD_U32, FINDING, edges_count),
    FIELD(FIELD_DOUBLE, FINDING, score),
    FIELD(FIELD_DOUBLE, FINDING, copies_max_score),
    FIELD(FIELD_DOUBLE, FINDING, p_value),
    FIELD(FIELD_DOUBLE, FINDING, q_edge_max),
    FIELD_AS("occasions", FIELD_U64, FINDING, occasions_count),
    FIELD(FIELD_DOUBLE, FINDING, expected),
    FIELD_AS("posts", FIELD_U64, FINDING, posts_count),
    FIELD(FIELD_I64, FINDING, first_us),
    FIELD(FIELD_I64, FINDING, last_us),
    FIELD(FIELD_DOUBLE, FINDING, lag_median_us),
    FIELD_AS("confidence_level", FIELD_I32, FINDING, confidence), /* 0 explained ... 3 high */
    FIELD(FIELD_STR, FINDING, confidence_rule),
    FIELD(FIELD_U64, FINDING, matches_total),
    FIELD_AS("mechanism", FIELD_TEXT, FINDING, fusion.kind),
    FIELD_AS("observation", FIELD_STR, FINDING, fusion.observation),
    FIELD_AS("beneficiary", FIELD_STR, FINDING, fusion.beneficiary),
    FIELD_AS("operated_by", FIELD_STR, FINDING, fusion.operated_by),
    FIELD_AS("apart", FIELD_STR, FINDING, fusion.apart),
    FIELD_AS("apart_accounts", FIELD_U32, FINDING, fusion.apart_count),
    FIELD_AS("seed_share", FIELD_DOUBLE, FINDING, fusion.seed_share),
};

static const struct field member_fields[] = {
    FIELD(FIELD_U32, struct member_row, finding),
    FIELD(FIELD_U32, struct member_row, node),
    FIELD_AS("role", FIELD_I32, struct member_row, item.role),
    FIELD_AS("tie", FIELD_I32, struct member_row, item.tie),
    FIELD_AS("layers", FIELD_U32, struct member_row, item.layers),
    FIELD_AS("log10_p", FIELD_DOUBLE, struct member_row, item.log10_p),
    FIELD_AS("q_value", FIELD_DOUBLE, struct member_row, item.q_value),
    FIELD_AS("measured", FIELD_STR, struct member_row, item.measured),
};

static const struct field mechanism_fields[] = {
    FIELD(FIELD_U32, struct mechanism_row, finding),
    FIELD_AS("layer", FIELD_I32, struct mechanism_row, item.layer),
    FIELD_AS("kind", FIELD_TEXT, struct mechanism_row, item.kind),
    FIELD_AS("members", FIELD_U32, struct mechanism_row, item.members_count),
    FIELD_AS("alone", FIELD_U32, struct mechanism_row, item.alone_count),
    FIELD_AS("by", FIELD_TEXT, struct mechanism_row, item.by),
    FIELD_AS("log10_p", FIELD_DOUBLE, struct mechanism_row, item.log10_p),
    FIELD_AS("log10_q", FIELD_DOUBLE, struct mechanism_row, item.log10_q),
    FIELD_AS("survives", FIELD_I32, struct mechanism_row, item.survives),
    FIELD_AS("kept_share", FIELD_DOUBLE, struct mechanism_row, item.kept_share),
    FIELD_AS("measured", FIELD_STR, struct mechanism_row, item.measured),
};

static const struct field technique_fields[] = {
    FIELD(FIELD_U32, struct technique_row, finding),
    FIELD_AS("id", FIELD_TEXT, struct technique_row, item.id),
    FIELD_AS("name", FIELD_TEXT, struct technique_row, item.name),
    FIELD_AS("measured", FIELD_STR, struct technique_row, item.measured),
};

static const struct field layer_fields[] = {
    FIELD(FIELD_I32, struct lks_result_layer, layer),
    FIELD(FIELD_I32, struct lks_result_layer, observable),
    FIELD(FIELD_STR, struct lks_result_layer, why),
    FIELD_AS("accounts_tested", FIELD_U64, struct lks_result_layer, accounts_tested),
    FIELD_AS("pairs_tested", FIELD_U64, struct lks_result_layer, pairs_tested),
    FIELD_AS("accounts_named", FIELD_U32, struct lks_result_layer, accounts_named),
    FIELD_AS("clusters", FIELD_U32, struct lks_result_layer, clusters_count),
};

static const struct field alternative_fields[] = {
    FIELD(FIELD_U32, struct alternative_row, finding),
    FIELD_AS("name", FIELD_TEXT, struct alternative_row, item.name),
    FIELD_AS("verdict", FIELD_TEXT, struct alternative_row, item.verdict),
    FIELD_AS("measured", FIELD_STR, struct alternative_row, item.measured),
};

static const struct field variant_fields[] = {
    FIELD(FIELD_U32, struct variant_row, finding),
    FIELD_AS("object_index", FIELD_U32, struct variant_row, item.object),
    FIELD_AS("text", FIELD_STR, struct variant_row, item.text),
    FIELD_AS("posts", FIELD_U32, struct variant_row, item.posts_count),
    FIELD_AS("similarity", FIELD_DOUBLE, struct variant_row, item.similarity),
};

static const struct field object_fields[] = {
    FIELD(FIELD_U32, struct object_row, finding),
    FIELD_AS("kind", FIELD_I32, struct object_row, item.kind),
    FIELD_AS("object", FIELD_STR, struct object_row, item.object),
    FIELD_AS("accounts", FIELD_U32, struct object_row, item.accounts_count),
    FIELD_AS("uses", FIELD_U32, struct object_row, item.uses_count),
};

static const struct field match_fields[] = {
    FIELD(FIELD_U32, struct match_row, finding),
    FIELD_AS("post_a", FIELD_U32, struct match_row, item.post_a),
    FIELD_AS("post_b", FIELD_U32, struct match_row, item.post_b),
    FIELD_AS("kind", FIELD_I32, struct match_row, item.kind),
    FIELD_AS("object", FIELD_STR, struct match_row, item.object),
    FIELD_AS("lag_us", FIELD_I64, struct match_row, item.lag_us),
};

#define POST struct lks_result_post
static const struct field post_fields[] = {
    FIELD_AS("platform", FIELD_STR, POST, post.platform),
    FIELD_AS("post_key", FIELD_STR, POST, post.post_key),
    FIELD_AS("account_key", FIELD_STR, POST, post.account_key),
    FIELD_AS("text", FIELD_STR, POST, post.text),
    FIELD_AS("transcript", FIELD_STR, POST, post.transcript),
    FIELD_AS("language", FIELD_STR, POST, post.language),
    FIELD_AS("parent_key", FIELD_STR, POST, post.parent_key),
    FIELD_AS("origin_key", FIELD_STR, POST, post.origin_key),
    FIELD_AS("channel_key", FIELD_STR, POST, post.channel_key),
    FIELD_AS("time_us", FIELD_I64, POST, post.time_us),
    FIELD_AS("time_precision", FIELD_I32, POST, post.time_precision),
    FIELD_AS("kind", FIELD_I32, POST, post.kind),
    FIELD_AS("views", FIELD_I64, POST, post.views),
    FIELD_AS("likes", FIELD_I64, POST, post.likes),
    FIELD_AS("shares", FIELD_I64, POST, post.shares),
    FIELD_AS("comments", FIELD_I64, POST, post.comments),
    FIELD_AS("declared_paid", FIELD_I32, POST, post.declared_paid),
    FIELD_AS("offset_bytes", FIELD_U64, POST, post.offset_bytes),
    FIELD_AS("length_bytes", FIELD_U64, POST, post.length_bytes),
    FIELD(FIELD_U32, POST, node),
    FIELD(FIELD_STR, POST, file),
    FIELD(FIELD_STR, POST, sha256),
    FIELD(FIELD_U64, POST, leaf),
};

#define AWAKENING struct lks_result_awakening
static const struct field awakening_fields[] = {
    FIELD_AS("platform", FIELD_STR, AWAKENING, account.platform),
    FIELD_AS("account_key", FIELD_STR, AWAKENING, account.account_key),
    FIELD_AS("handle", FIELD_STR, AWAKENING, account.handle),
    FIELD_AS("created_us", FIELD_I64, AWAKENING, account.created_us),
    FIELD_AS("created_method", FIELD_I32, AWAKENING, account.created_method),
    FIELD_AS("followers", FIELD_I64, AWAKENING, account.followers),
    FIELD_AS("history", FIELD_I32, AWAKENING, item.history),
    FIELD_AS("asleep_us", FIELD_I64, AWAKENING, item.asleep_us),
    FIELD_AS("woke_us", FIELD_I64, AWAKENING, item.woke_us),
    FIELD_AS("longest_silence_us", FIELD_I64, AWAKENING, item.longest_silence_us),
    FIELD_AS("acts_before", FIELD_U32, AWAKENING, item.acts_before),
    FIELD_AS("acts_after", FIELD_U32, AWAKENING, item.acts_after),
    FIELD_AS("days_after", FIELD_U32, AWAKENING, item.days_after),
    FIELD_AS("topic_before", FIELD_U32, AWAKENING, item.topic_before),
    FIELD_AS("topic_after", FIELD_U32, AWAKENING, item.topic_after),
    FIELD_AS("topic_log10_p", FIELD_DOUBLE, AWAKENING, item.topic_log10_p),
    FIELD_AS("share_before", FIELD_DOUBLE, AWAKENING, item.share_before),
    FIELD_AS("likelihood_ratio", FIELD_DOUBLE, AWAKENING, item.likelihood_ratio),
    FIELD_AS("log10_p", FIELD_DOUBLE, AWAKENING, item.log10_p),
    FIELD_AS("q_value", FIELD_DOUBLE, AWAKENING, item.q_value),
    FIELD_AS("woke_cohort", FIELD_I32, AWAKENING, item.woke_cohort),
    FIELD_AS("made_cohort", FIELD_I32, AWAKENING, item.made_cohort),
    FIELD(FIELD_U32, AWAKENING, finding),
    FIELD(FIELD_STR, AWAKENING, strip),
};

static const struct field cohort_fields[] = {
    FIELD(FIELD_I32, struct lks_cohort, registration),
    FIELD(FIELD_I64, struct lks_cohort, first_us),
    FIELD(FIELD_I64, struct lks_cohort, last_us),
    FIELD_AS("accounts", FIELD_U32, struct lks_cohort, accounts_count),
    FIELD(FIELD_DOUBLE, struct lks_cohort, expected),
    FIELD(FIELD_DOUBLE, struct lks_cohort, p_value),
};

#define REGISTRATION struct lks_result_registration
static const struct field registration_fields[] = {
    FIELD_AS("day_us", FIELD_I64, REGISTRATION, item.day_us),
    FIELD(FIELD_STR, REGISTRATION, shape),
    FIELD_AS("accounts", FIELD_U32, REGISTRATION, item.accounts_count),
    FIELD_AS("awakened", FIELD_U32, REGISTRATION, awakened_count),
    FIELD_AS("day_accounts", FIELD_U32, REGISTRATION, item.day_count),
    FIELD_AS("expected", FIELD_DOUBLE, REGISTRATION, item.expected),
    FIELD_AS("log10_p", FIELD_DOUBLE, REGISTRATION, item.log10_p),
    FIELD_AS("p_value", FIELD_DOUBLE, REGISTRATION, item.p_value),
};

/* Three columns each for what is left without the members of findings: of all, of those of
 * moderate or high confidence, of those of high confidence. */
#define POPULAR struct lks_result_popular
#define PLATFORM(number, at)                                                                       \
    FIELD_AS("platform_" number, FIELD_STR, POPULAR, platform[at]),                                \
        FIELD_AS("posts_" number, FIELD_U64, POPULAR, item.platforms[at].posts[0]),                \
        FIELD_AS("posts_without_" number, FIELD_U64, POPULAR, item.platforms[at].posts[1]),        \
        FIELD_AS("accounts_" number, FIELD_U32, POPULAR, item.platforms[at].accounts[0]),          \
        FIELD_AS("accounts_without_" number, FIELD_U32, POPULAR, item.platforms[at].accounts[1]),  \
        FIELD_AS("views_" number, FIELD_U64, POPULAR, item.platforms[at].views[0]),                \
        FIELD_AS("views_without_" number, FIELD_U64, POPULAR, item.platforms[at].views[1]),        \
        FIELD_AS("series_posts_" number, FIELD_STR, POPULAR, platform_posts[at]),                  \
        FIELD_AS("series_flagged_" number, FIELD_STR, POPULAR, platform_flagged[at]),              \
        FIELD_AS("series_accounts_" number, FIELD_STR, POPULAR, platform_accounts[at]),            \
        FIELD_AS("series_views_" number, FIELD_STR, POPULAR, platform_views[at])
static const struct field popular_fields[] = {
    FIELD_AS("kind", FIELD_I32, POPULAR, item.kind),
    FIELD(FIELD_STR, POPULAR, object),
    FIELD_AS("posts", FIELD_U64, POPULAR, item.posts[0]),
    FIELD_AS("posts_without_all", FIELD_U64, POPULAR, item.posts[1]),
    FIELD_AS("posts_without_moderate", FIELD_U64, POPULAR, item.posts[2]),
    FIELD_AS("posts_without_high", FIELD_U64, POPULAR, item.posts[3]),
    FIELD_AS("accounts", FIELD_U32, POPULAR, item.accounts[0]),
    FIELD_AS("accounts_without_all", FIELD_U32, POPULAR, item.accounts[1]),
    FIELD_AS("accounts_without_moderate", FIELD_U32, POPULAR, item.accounts[2]),
    FIELD_AS("accounts_without_high", FIELD_U32, POPULAR, item.accounts[3]),
    FIELD_AS("rank", FIELD_U32, POPULAR, item.rank[0]),
    FIELD_AS("rank_without_all", FIELD_U32, POPULAR, item.rank[1]),
    FIELD_AS("rank_without_moderate", FIELD_U32, POPULAR, item.rank[2]),
    FIELD_AS("rank_without_high", FIELD_U32, POPULAR, item.rank[3]),
    FIELD_AS("ranked", FIELD_U32, POPULAR, item.ranked_count),
    FIELD_AS("first_us", FIELD_I64, POPULAR, item.first_us),
    FIELD_AS("last_us", FIELD_I64, POPULAR, item.last_us),
    FIELD_AS("early_accounts", FIELD_U32, POPULAR, item.early_accounts),
    FIELD_AS("early_flagged", FIELD_U32, POPULAR, item.early_flagged),
    FIELD_AS("doubling_us", FIELD_I64, POPULAR, item.doubling_us),
    FIELD_AS("change_us", FIELD_I64, POPULAR, item.change_us),
    FIELD_AS("rate_ratio", FIELD_DOUBLE, POPULAR, item.rate_ratio),
    FIELD_AS("log10_p", FIELD_DOUBLE, POPULAR, item.log10_p),
    FIELD_AS("series_posts", FIELD_STR, POPULAR, posts),
    FIELD_AS("series_flagged", FIELD_STR, POPULAR, flagged),
    FIELD(FIELD_I32, POPULAR, is_name),
    FIELD_AS("views", FIELD_U64, POPULAR, item.views[0]),
    FIELD_AS("views_without_all", FIELD_U64, POPULAR, item.views[1]),
    FIELD_AS("views_without_moderate", FIELD_U64, POPULAR, item.views[2]),
    FIELD_AS("views_without_high", FIELD_U64, POPULAR, item.views[3]),
    FIELD_AS("views_known", FIELD_U64, POPULAR, item.views_known),
    FIELD_AS("hour_answers", FIELD_U64, POPULAR, item.hour_answers),
    FIELD_AS("hour_flagged", FIELD_U64, POPULAR, item.hour_flagged),
    FIELD_AS("answers_known", FIELD_I32, POPULAR, item.answers_known),
    FIELD_AS("doubling_without_us", FIELD_I64, POPULAR, item.doubling_without_us),
    FIELD_AS("series_accounts", FIELD_STR, POPULAR, accounts),
    FIELD_AS("series_accounts_flagged", FIELD_STR, POPULAR, accounts_flagged),
    FIELD_AS("series_views", FIELD_STR, POPULAR, views),
    FIELD_AS("series_views_flagged", FIELD_STR, POPULAR, views_flagged),
    FIELD_AS("platforms", FIELD_U32, POPULAR, item.platforms_count),
    PLATFORM("1", 0),
    PLATFORM("2", 1),
    PLATFORM("3", 2),
    PLATFORM("4", 3),
};

/* The same columns for each population. */
#define LINEAGE struct lks_result_lineage
#define POPULATION(name, at)                                                                       \
    FIELD_AS(name "_accounts", FIELD_U32, LINEAGE, item.population[at].accounts_count),            \
        FIELD_AS(name "_united", FIELD_U32, LINEAGE, item.population[at].united_count),            \
        FIELD_AS(name "_posts", FIELD_U32, LINEAGE, item.population[at].posts_count),              \
        FIELD_AS(name "_first_us", FIELD_I64, LINEAGE, item.population[at].first_us),              \
        FIELD_AS(name "_last_us", FIELD_I64, LINEAGE, item.population[at].last_us),                \
        FIELD_AS(name "_focus", FIELD_DOUBLE, LINEAGE, item.population[at].focus),                 \
        FIELD_AS(name "_unit", FIELD_STR, LINEAGE, unit[at]),                                      \
        FIELD_AS(name "_liked", FIELD_STR, LINEAGE, liked[at]),                                    \
        FIELD_AS(name "_series", FIELD_STR, LINEAGE, series[at])
static const struct field lineage_fields[] = {
    FIELD_AS("kind", FIELD_I32, LINEAGE, item.kind),
    FIELD(FIELD_STR, LINEAGE, object),
    FIELD_AS("accounts", FIELD_U32, LINEAGE, item.accounts_count),
    FIELD_AS("posts", FIELD_U64, LINEAGE, item.posts_count),
    FIELD_AS("first_us", FIELD_I64, LINEAGE, item.first_us),
    FIELD_AS("last_us", FIELD_I64, LINEAGE, item.last_us),
    FIELD_AS("p_two", FIELD_DOUBLE, LINEAGE, item.p_two),
    FIELD_AS("likelihood_ratio", FIELD_DOUBLE, LINEAGE, item.likelihood_ratio),
    FIELD_AS("told_apart_by", FIELD_I32, LINEAGE, item.by),
    POPULATION("earlier", 0),
    POPULATION("later", 1),
    POPULATION("third", 2),
    POPULATION("unknown", 3),
    FIELD_AS("change_us", FIELD_I64, LINEAGE, item.change_us),
    FIELD_AS("share_before", FIELD_DOUBLE, LINEAGE, item.share_before),
    FIELD_AS("share_after", FIELD_DOUBLE, LINEAGE, item.share_after),
    FIELD_AS("p_order", FIELD_DOUBLE, LINEAGE, item.p_order),
    FIELD_AS("q_order", FIELD_DOUBLE, LINEAGE, item.q_order),
    FIELD_AS("is_takeover", FIELD_I32, LINEAGE, item.is_takeover),
};

#define LINEAGE_ACCOUNT struct lks_result_lineage_account
static const struct field lineage_account_fields[] = {
    FIELD_AS("platform", FIELD_STR, LINEAGE_ACCOUNT, account.platform),
    FIELD_AS("account_key", FIELD_STR, LINEAGE_ACCOUNT, account.account_key),
    FIELD_AS("handle", FIELD_STR, LINEAGE_ACCOUNT, account.handle),
    FIELD(FIELD_U32, LINEAGE_ACCOUNT, lineage),
    FIELD(FIELD_U32, LINEAGE_ACCOUNT, first_place),
    FIELD(FIELD_I64, LINEAGE_ACCOUNT, first_us),
    FIELD(FIELD_DOUBLE, LINEAGE_ACCOUNT, log10_p),
    FIELD(FIELD_DOUBLE, LINEAGE_ACCOUNT, q_value),
    FIELD(FIELD_U32, LINEAGE_ACCOUNT, finding),
};

#define TAG_EDIT struct lks_result_tag_edit
static const struct field tag_edit_fields[] = {
    FIELD_AS("from_tag", FIELD_STR, TAG_EDIT, from),
    FIELD_AS("to_tag", FIELD_STR, TAG_EDIT, to),
    FIELD_AS("rule", FIELD_I32, TAG_EDIT, item.rule),
    FIELD_AS("similarity", FIELD_DOUBLE, TAG_EDIT, item.similarity),
    FIELD_AS("from_us", FIELD_I64, TAG_EDIT, item.from_us),
    FIELD_AS("to_us", FIELD_I64, TAG_EDIT, item.to_us),
    FIELD_AS("accounts_from", FIELD_U32, TAG_EDIT, item.accounts_from),
    FIELD_AS("accounts_to", FIELD_U32, TAG_EDIT, item.accounts_to),
    FIELD_AS("accounts_both", FIELD_U32, TAG_EDIT, item.accounts_both),
    FIELD_AS("posts_both", FIELD_U32, TAG_EDIT, item.posts_both),
    FIELD_AS("expected_both", FIELD_DOUBLE, TAG_EDIT, item.expected_both),
    FIELD_AS("log10_p", FIELD_DOUBLE, TAG_EDIT, item.log10_p),
    FIELD_AS("q_value", FIELD_DOUBLE, TAG_EDIT, item.q_value),
    FIELD_AS("moved", FIELD_U32, TAG_EDIT, item.moved),
    FIELD_AS("moved_back", FIELD_U32, TAG_EDIT, item.moved_back),
    FIELD_AS("is_parent", FIELD_I32, TAG_EDIT, item.is_parent),
};

#define CALL struct lks_result_call
static const struct field call_fields[] = {
    FIELD(FIELD_I64, CALL, time_us),
    FIELD(FIELD_STR, CALL, channel),
    FIELD(FIELD_STR, CALL, post_key),
    FIELD(FIELD_STR, CALL, things),
    FIELD(FIELD_DOUBLE, CALL, instruction),
    FIELD(FIELD_STR, CALL, cues),
    FIELD_AS("posts_before", FIELD_U32, CALL, item.posts_before),
    FIELD_AS("posts_after", FIELD_U32, CALL, item.posts_after),
    FIELD_AS("accounts_after", FIELD_U32, CALL, item.accounts_after),
    FIELD_AS("responders", FIELD_U32, CALL, item.responders),
    FIELD_AS("all_before", FIELD_U64, CALL, item.all_before),
    FIELD_AS("all_after", FIELD_U64, CALL, item.all_after),
    FIELD_AS("log10_p", FIELD_DOUBLE, CALL, item.log10_p),
    FIELD_AS("lag_median_us", FIELD_I64, CALL, item.lag_median_us),
    FIELD(FIELD_STR, CALL, answers_responders),
    FIELD(FIELD_STR, CALL, answers_others),
};

#define RESPONDER struct lks_result_responder
static const struct field responder_fields[] = {
    FIELD_AS("platform", FIELD_STR, RESPONDER, account.platform),
    FIELD_AS("account_key", FIELD_STR, RESPONDER, account.account_key),
    FIELD_AS("handle", FIELD_STR, RESPONDER, account.handle),
    FIELD_AS("answered", FIELD_U32, RESPONDER, item.answered),
    FIELD_AS("answerable", FIELD_U32, RESPONDER, item.answerable),
    FIELD_AS("expected", FIELD_DOUBLE, RESPONDER, item.expected),
    FIELD_AS("on_time", FIELD_U32, RESPONDER, item.on_time),
    FIELD_AS("acts", FIELD_U32, RESPONDER, item.acts),
    FIELD_AS("expected_time", FIELD_DOUBLE, RESPONDER, item.expected_time),
    FIELD_AS("log10_p_choice", FIELD_DOUBLE, RESPONDER, item.log10_p_choice),
    FIELD_AS("log10_p_time", FIELD_DOUBLE, RESPONDER, item.log10_p_time),
    FIELD_AS("log10_p", FIELD_DOUBLE, RESPONDER, item.log10_p),
    FIELD_AS("q_value", FIELD_DOUBLE, RESPONDER, item.q_value),
    FIELD_AS("lag_median_us", FIELD_I64, RESPONDER, item.lag_median_us),
    FIELD(FIELD_U32, RESPONDER, finding),
};

#define SWARMER struct lks_result_swarmer
static const struct field swarmer_fields[] = {
    FIELD_AS("platform", FIELD_STR, SWARMER, account.platform),
    FIELD_AS("account_key", FIELD_STR, SWARMER, account.account_key),
    FIELD_AS("handle", FIELD_STR, SWARMER, account.handle),
    FIELD_AS("followers", FIELD_I64, SWARMER, account.followers),
    FIELD_AS("posts", FIELD_U64, SWARMER, posts_count),
    FIELD_AS("comments", FIELD_U32, SWARMER, item.comments),
    FIELD_AS("authors", FIELD_U32, SWARMER, item.authors),
    FIELD_AS("copied", FIELD_U32, SWARMER, item.copied),
    FIELD_AS("expected", FIELD_DOUBLE, SWARMER, item.expected),
    FIELD_AS("bursts", FIELD_U32, SWARMER, item.bursts),
    FIELD_AS("latency_median_us", FIELD_I64, SWARMER, item.latency_median_us),
    FIELD_AS("log10_p", FIELD_DOUBLE, SWARMER, item.log10_p),
    FIELD_AS("q_value", FIELD_DOUBLE, SWARMER, item.q_value),
    FIELD_AS("cluster", FIELD_U32, SWARMER, item.cluster),
    FIELD(FIELD_U32, SWARMER, finding),
};

#define FLOOD struct lks_result_flood
static const struct field flood_fields[] = {
    FIELD(FIELD_STR, FLOOD, post_key),
    FIELD(FIELD_STR, FLOOD, author),
    FIELD(FIELD_STR, FLOOD, author_handle),
    FIELD(FIELD_I64, FLOOD, time_us),
    FIELD(FIELD_STR, FLOOD, text),
    FIELD(FIELD_STR, FLOOD, example),
    FIELD_AS("commenters", FIELD_U32, FLOOD, item.commenters),
    FIELD_AS("copiers", FIELD_U32, FLOOD, item.copiers),
    FIELD_AS("named", FIELD_U32, FLOOD, item.named),
    FIELD_AS("repeaters", FIELD_U32, FLOOD, item.repeaters),
    FIELD_AS("repeaters_expected", FIELD_DOUBLE, FLOOD, item.repeaters_expected),
    FIELD_AS("company_log10_p", FIELD_DOUBLE, FLOOD, item.company_log10_p),
    FIELD_AS("regulars", FIELD_U32, FLOOD, item.regulars),
    FIELD_AS("burst", FIELD_I32, FLOOD, item.burst),
    FIELD_AS("burst_first_us", FIELD_I64, FLOOD, item.burst_first_us),
    FIELD_AS("burst_last_us", FIELD_I64, FLOOD, item.burst_last_us),
    FIELD_AS("burst_copiers", FIELD_U32, FLOOD, item.burst_copiers),
    FIELD_AS("burst_others", FIELD_U32, FLOOD, item.burst_others),
    FIELD_AS("p_value", FIELD_DOUBLE, FLOOD, item.p_value),
    FIELD_AS("q_value", FIELD_DOUBLE, FLOOD, item.q_value),
    FIELD_AS("first_us", FIELD_I64, FLOOD, item.first_us),
    FIELD_AS("last_us", FIELD_I64, FLOOD, item.last_us),
    FIELD_AS("latency_1_us", FIELD_I64, FLOOD, item.latency_us[0]),
    FIELD_AS("latency_2_us", FIELD_I64, FLOOD, item.latency_us[1]),
    FIELD_AS("latency_3_us", FIELD_I64, FLOOD, item.latency_us[2]),
    FIELD_AS("others_latency_1_us", FIELD_I64, FLOOD, item.others_latency_us[0]),
    FIELD_AS("others_latency_2_us", FIELD_I64, FLOOD, item.others_latency_us[1]),
    FIELD_AS("others_latency_3_us", FIELD_I64, FLOOD, item.others_latency_us[2]),
    FIELD_AS("cluster", FIELD_U32, FLOOD, item.cluster),
};

#define CLUSTER struct lks_swarm_cluster
static const struct field cluster_fields[] = {
    FIELD(FIELD_U32, CLUSTER, floods),      FIELD(FIELD_U32, CLUSTER, authors),
    FIELD(FIELD_U32, CLUSTER, accounts),    FIELD(FIELD_U32, CLUSTER, overlap),
    FIELD(FIELD_DOUBLE, CLUSTER, expected), FIELD(FIELD_DOUBLE, CLUSTER, log10_p),
    FIELD(FIELD_I64, CLUSTER, first_us),    FIELD(FIELD_I64, CLUSTER, last_us),
};

#define INSTRUCTION struct lks_result_instruction
static const struct field instruction_fields[] = {
    FIELD(FIELD_I64, INSTRUCTION, time_us),  FIELD(FIELD_STR, INSTRUCTION, channel),
    FIELD(FIELD_STR, INSTRUCTION, post_key), FIELD(FIELD_STR, INSTRUCTION, cues),
    FIELD(FIELD_STR, INSTRUCTION, things),   FIELD(FIELD_DOUBLE, INSTRUCTION, score),
};

#define RELAY struct lks_result_relay
static const struct field relay_fields[] = {
    FIELD_AS("first_us", FIELD_I64, RELAY, item.first_us),
    FIELD_AS("last_us", FIELD_I64, RELAY, item.last_us),
    FIELD_AS("sure_us", FIELD_I64, RELAY, item.sure_us),
    FIELD(FIELD_STR, RELAY, channel),
    FIELD(FIELD_STR, RELAY, post_key),
    FIELD(FIELD_STR, RELAY, things),
    FIELD_AS("channels", FIELD_U32, RELAY, item.places_count),
    FIELD_AS("first_member", FIELD_U32, RELAY, item.first_member),
    FIELD_AS("members", FIELD_U32, RELAY, item.members_count),
    FIELD_AS("expected", FIELD_DOUBLE, RELAY, item.expected),
    FIELD_AS("log10_p", FIELD_DOUBLE, RELAY, item.log10_p),
    FIELD_AS("q_value", FIELD_DOUBLE, RELAY, item.q_value),
    FIELD(FIELD_DOUBLE, RELAY, instruction),
};

#define RELAY_MEMBER struct lks_result_relay_member
static const struct field relay_member_fields[] = {
    FIELD(FIELD_U32, RELAY_MEMBER, relay),
    FIELD(FIELD_STR, RELAY_MEMBER, channel),
    FIELD(FIELD_STR, RELAY_MEMBER, post_key),
    FIELD(FIELD_I64, RELAY_MEMBER, lag_us),
};

#define RELAYER struct lks_result_relayer
static const struct field relayer_fields[] = {
    FIELD(FIELD_STR, RELAYER, channel),
    FIELD_AS("called", FIELD_U32, RELAYER, item.called),
    FIELD_AS("relayed", FIELD_U32, RELAYER, item.relayed),
    FIELD_AS("could", FIELD_U32, RELAYER, item.could),
    FIELD_AS("expected", FIELD_DOUBLE, RELAYER, item.expected),
    FIELD_AS("log10_p", FIELD_DOUBLE, RELAYER, item.log10_p),
    FIELD_AS("q_value", FIELD_DOUBLE, RELAYER, item.q_value),
    FIELD(FIELD_STR, RELAYER, followed),
    FIELD_AS("followed_count", FIELD_U32, RELAYER, item.followed_count),
    FIELD_AS("lag_median_us", FIELD_I64, RELAYER, item.lag_median_us),
};

#define SCRIPT struct lks_result_script
static const struct field script_fields[] = {
    FIELD(FIELD_STR, SCRIPT, id),
    FIELD_AS("kind", FIELD_I32, SCRIPT, item.kind),
    FIELD(FIELD_STR, SCRIPT, post_key),
    FIELD(FIELD_STR, SCRIPT, text),
    FIELD_AS("accounts", FIELD_U32, SCRIPT, item.accounts_count),
    FIELD_AS("posts", FIELD_U32, SCRIPT, item.posts_count),
    FIELD_AS("wordings", FIELD_U32, SCRIPT, item.wordings_count),
    FIELD_AS("disclosed", FIELD_U32, SCRIPT, item.disclosed_count),
    FIELD_AS("campaign", FIELD_U32, SCRIPT, item.campaign),
    FIELD_AS("inside", FIELD_U32, SCRIPT, item.inside_count),
    FIELD_AS("expected", FIELD_DOUBLE, SCRIPT, item.expected),
    FIELD_AS("tied", FIELD_U32, SCRIPT, item.tied_count),
    FIELD_AS("tie_observable", FIELD_U32, SCRIPT, item.tie_observable_count),
    FIELD_AS("own_share_median", FIELD_DOUBLE, SCRIPT, item.own_share_median),
    FIELD_AS("first_us", FIELD_I64, SCRIPT, item.first_us),
    FIELD_AS("last_us", FIELD_I64, SCRIPT, item.last_us),
    FIELD_AS("window_first_us", FIELD_I64, SCRIPT, item.window_first_us),
    FIELD_AS("window_last_us", FIELD_I64, SCRIPT, item.window_last_us),
    FIELD_AS("again", FIELD_U32, SCRIPT, item.again_count),
    FIELD_AS("again_expected", FIELD_DOUBLE, SCRIPT, item.again_expected),
    FIELD_AS("times_log10_p", FIELD_DOUBLE, SCRIPT, item.times_log10_p),
    FIELD_AS("again_log10_p", FIELD_DOUBLE, SCRIPT, item.again_log10_p),
    FIELD_AS("log10_p", FIELD_DOUBLE, SCRIPT, item.log10_p),
    FIELD_AS("q_value", FIELD_DOUBLE, SCRIPT, item.q_value),
    FIELD_AS("tag", FIELD_STR, SCRIPT, objects[LKS_SCRIPT_TAG]),
    FIELD_AS("tag_posts", FIELD_U32, SCRIPT, item.objects[LKS_SCRIPT_TAG].posts_count),
    FIELD_AS("sound", FIELD_STR, SCRIPT, objects[LKS_SCRIPT_SOUND]),
    FIELD_AS("sound_posts", FIELD_U32, SCRIPT, item.objects[LKS_SCRIPT_SOUND].posts_count),
    FIELD_AS("link", FIELD_STR, SCRIPT, objects[LKS_SCRIPT_LINK]),
    FIELD_AS("link_posts", FIELD_U32, SCRIPT, item.objects[LKS_SCRIPT_LINK].posts_count),
    FIELD_AS("paid", FIELD_U32, SCRIPT, paid_count),
    FIELD_AS("in_findings", FIELD_U32, SCRIPT, finding_count),
    FIELD_AS("verified", FIELD_U32, SCRIPT, verified_count),
    FIELD(FIELD_STR, SCRIPT, measured),
};

#define TELLER struct lks_result_teller
static const struct field teller_fields[] = {
    FIELD_AS("script", FIELD_U32, TELLER, item.script),
    FIELD_AS("platform", FIELD_STR, TELLER, account.platform),
    FIELD_AS("account_key", FIELD_STR, TELLER, account.account_key),
    FIELD_AS("handle", FIELD_STR, TELLER, account.handle),
    FIELD_AS("followers", FIELD_I64, TELLER, account.followers),
    FIELD_AS("posts", FIELD_U32, TELLER, item.posts_count),
    FIELD_AS("disclosed", FIELD_U32, TELLER, item.disclosed_count),
    FIELD_AS("first_us", FIELD_I64, TELLER, item.first_us),
    FIELD(FIELD_STR, TELLER, post_key),
    FIELD_AS("inside", FIELD_I32, TELLER, item.inside),
    FIELD_AS("others_near", FIELD_U32, TELLER, item.others_near),
    FIELD_AS("near_us", FIELD_I64, TELLER, item.near_us),
    FIELD_AS("expected", FIELD_DOUBLE, TELLER, item.expected),
    FIELD_AS("log10_p", FIELD_DOUBLE, TELLER, item.log10_p),
    FIELD_AS("q_value", FIELD_DOUBLE, TELLER, item.q_value),
    FIELD_AS("tie_hits", FIELD_U32, TELLER, item.tie_hits),
    FIELD_AS("tie_posts", FIELD_U32, TELLER, item.tie_posts),
    FIELD_AS("tie_others", FIELD_U32, TELLER, item.tie_others),
    FIELD_AS("tie_met", FIELD_U32, TELLER, item.tie_met),
    FIELD_AS("tie_expected", FIELD_DOUBLE, TELLER, item.tie_expected),
    FIELD_AS("tie_log10_p", FIELD_DOUBLE, TELLER, item.tie_log10_p),
    FIELD_AS("tied", FIELD_I32, TELLER, item.tied),
    FIELD_AS("flagged", FIELD_I32, TELLER, item.flagged),
    FIELD(FIELD_I32, TELLER, paid),
    FIELD(FIELD_U32, TELLER, finding),
};

#define PAYEE struct lks_result_payee
static const struct field payee_fields[] = {
    FIELD(FIELD_STR, PAYEE, payee),
    FIELD_AS("account_key", FIELD_STR, PAYEE, account.account_key),
    FIELD_AS("platform", FIELD_STR, PAYEE, account.platform),
    FIELD_AS("handle", FIELD_STR, PAYEE, account.handle),
    FIELD_AS("followers", FIELD_I64, PAYEE, account.followers),
    FIELD(FIELD_STR, PAYEE, amounts),
    FIELD_AS("payments", FIELD_U32, PAYEE, payments_count),
    FIELD_AS("payers", FIELD_U32, PAYEE, payers_count),
    FIELD(FIELD_I64, PAYEE, first_us),
    FIELD(FIELD_I64, PAYEE, last_us),
    FIELD(FIELD_DOUBLE, PAYEE, days_before),
    FIELD(FIELD_DOUBLE, PAYEE, days_after),
    FIELD(FIELD_U32, PAYEE, posts_before),
    FIELD(FIELD_U32, PAYEE, posts_after),
    FIELD(FIELD_U32, PAYEE, topic_before),
    FIELD(FIELD_U32, PAYEE, topic_after),
    FIELD(FIELD_DOUBLE, PAYEE, expected_after),
    FIELD(FIELD_DOUBLE, PAYEE, log10_p),
    FIELD(FIELD_DOUBLE, PAYEE, q_value),
    FIELD(FIELD_I64, PAYEE, views_before),
    FIELD(FIELD_I64, PAYEE, views_after),
    FIELD_AS("promoted", FIELD_U32, PAYEE, promoted_count),
    FIELD_AS("undisclosed", FIELD_U32, PAYEE, undisclosed_count),
    FIELD_AS("in_ad_library", FIELD_U32, PAYEE, ad_library_count),
    FIELD(FIELD_U32, PAYEE, script),
    FIELD(FIELD_U32, PAYEE, finding),
};

#define SUM struct lks_result_sum
static const struct field sum_fields[] = {
    FIELD_AS("sum_by", FIELD_I32, SUM, item.by),
    FIELD(FIELD_STR, SUM, name),
    FIELD(FIELD_STR, SUM, currency),
    FIELD_AS("exponent", FIELD_I32, SUM, item.exponent),
    FIELD_AS("payments", FIELD_U64, SUM, item.payments_count),
    FIELD_AS("refunds", FIELD_U64, SUM, item.refunds_count),
    FIELD_AS("amount_minor", FIELD_I64, SUM, item.amount_minor),
    FIELD_AS("refunded_minor", FIELD_I64, SUM, item.refunded_minor),
    FIELD_AS("beyond", FIELD_I32, SUM, item.beyond),
    FIELD_AS("converted_minor", FIELD_I64, SUM, item.converted_minor),
    FIELD_AS("converted", FIELD_U64, SUM, item.converted_count),
};

#define FLOW struct lks_result_flow
static const struct field flow_fields[] = {
    FIELD(FIELD_STR, FLOW, payer),
    FIELD(FIELD_STR, FLOW, payee),
    FIELD(FIELD_STR, FLOW, account_key),
    FIELD(FIELD_STR, FLOW, target),
    FIELD(FIELD_STR, FLOW, beneficiary),
    FIELD(FIELD_TEXT, FLOW, beneficiary_by),
    FIELD(FIELD_STR, FLOW, method),
    FIELD(FIELD_STR, FLOW, currency),
    FIELD(FIELD_I32, FLOW, exponent),
    FIELD_AS("payments", FIELD_U32, FLOW, payments_count),
    FIELD(FIELD_I64, FLOW, amount_minor),
    FIELD(FIELD_I64, FLOW, converted_minor),
    FIELD_AS("converted", FIELD_U32, FLOW, converted_count),
    FIELD(FIELD_I32, FLOW, beyond),
};

#define NAMED struct lks_result_named
static const struct field named_fields[] = {
    FIELD(FIELD_STR, NAMED, beneficiary),     FIELD_AS("posts", FIELD_U32, NAMED, posts_count),
    FIELD(FIELD_U32, NAMED, posts_naming),    FIELD(FIELD_U32, NAMED, answered_promoted),
    FIELD(FIELD_U32, NAMED, answered_other),  FIELD(FIELD_U32, NAMED, comments_promoted),
    FIELD(FIELD_U32, NAMED, naming_promoted), FIELD(FIELD_U32, NAMED, comments_other),
    FIELD(FIELD_U32, NAMED, naming_other),    FIELD(FIELD_DOUBLE, NAMED, expected),
    FIELD(FIELD_DOUBLE, NAMED, p_value),
};

#define CHECK struct lks_result_check
static const struct field check_fields[] = {
    FIELD(FIELD_STR, CHECK, name),           FIELD(FIELD_STR, CHECK, payer),
    FIELD(FIELD_STR, CHECK, method),         FIELD(FIELD_STR, CHECK, currency),
    FIELD(FIELD_I32, CHECK, exponent),       FIELD(FIELD_I32, CHECK, agrees),
    FIELD(FIELD_I64, CHECK, reported_minor), FIELD(FIELD_I64, CHECK, found_minor),
};

static const struct field bin_fields[] = {
    FIELD(FIELD_I64, struct lks_result_bin, start_us),
    FIELD_AS("posts", FIELD_U64, struct lks_result_bin, posts_count),
    FIELD_AS("coordinated", FIELD_U64, struct lks_result_bin, coordinated_count),
};

static const struct field file_fields[] = {
    FIELD(FIELD_STR, struct lks_result_file, name),
    FIELD(FIELD_STR, struct lks_result_file, sha256),
    FIELD(FIELD_STR, struct lks_result_file, format),
    FIELD(FIELD_U64, struct lks_result_file, size_bytes),
    FIELD_AS("rows", FIELD_U64, struct lks_result_file, rows_count),
    FIELD_AS("posts", FIELD_U64, struct lks_result_file, posts_count),
    FIELD_AS("payments", FIELD_U64, struct lks_result_file, payments_count),
    FIELD_AS("rejects", FIELD_U64, struct lks_result_file, rejects_count),
    FIELD_AS("duplicates", FIELD_U64, struct lks_result_file, duplicates_count),
    FIELD_AS("ignored", FIELD_U64, struct lks_result_file, ignored_count),
    FIELD(FIELD_U64, struct lks_result_file, leaf),
};

static const struct field reject_fields[] = {
    FIELD(FIELD_STR, struct lks_result_reject, file),
    FIELD(FIELD_STR, struct lks_result_reject, reason),
    FIELD(FIELD_STR, struct lks_result_reject, first_bytes),
    FIELD(FIELD_U64, struct lks_result_reject, line),
    FIELD(FIELD_U64, struct lks_result_reject, count),
};

static const struct field option_fields[] = {
    FIELD(FIELD_STR, struct lks_option_text, name),
    FIELD(FIELD_STR, struct lks_option_text, value),
    FIELD(FIELD_STR, struct lks_option_text, meaning),
};

static const struct field note_fields[] = {
    FIELD_AS("note", FIELD_STR, struct note_row, text),
};

#define SHEET(table, record, fields, kinds)                                                        \
    {                                                                                              \
        table, fields, FIELDS_COUNT(fields), sizeof(record), kinds, NULL, 0                        \
    }
const struct sheet lks_results_sheets[SHEETS_COUNT] = {
    SHEET("run", struct lks_results, run_fields, 0),
    SHEET("node", NODE, node_fields, 0),
    SHEET("edge", EDGE, edge_fields, offsetof(EDGE, edge.kind_objects)),
    SHEET("finding", FINDING, finding_fields, offsetof(FINDING, kind_objects)),
    SHEET("member", struct member_row, member_fields, 0),
    SHEET("mechanism", struct mechanism_row, mechanism_fields, 0),
    SHEET("technique", struct technique_row, technique_fields, 0),
    SHEET("alternative", struct alternative_row, alternative_fields, 0),
    SHEET("shared_object", struct object_row, object_fields, 0),
    SHEET("near_variant", struct variant_row, variant_fields, 0),
    SHEET("match", struct match_row, match_fields, 0),
    SHEET("evidence_post", POST, post_fields, 0),
    SHEET("awakening", AWAKENING, awakening_fields, 0),
    SHEET("cohort", struct lks_cohort, cohort_fields, 0),
    SHEET("registration", REGISTRATION, registration_fields, 0),
    SHEET("popularity", POPULAR, popular_fields, 0),
    SHEET("lineage", LINEAGE, lineage_fields, 0),
    SHEET("lineage_account", LINEAGE_ACCOUNT, lineage_account_fields, 0),
    SHEET("tag_edit", TAG_EDIT, tag_edit_fields, 0),
    SHEET("call", CALL, call_fields, 0),
    SHEET("responder", RESPONDER, responder_fields, 0),
    SHEET("swarmer", SWARMER, swarmer_fields, 0),
    SHEET("flood", FLOOD, flood_fields, 0),
    SHEET("swarm_cluster", CLUSTER, cluster_fields, 0),
    SHEET("instruction", INSTRUCTION, instruction_fields, 0),
    SHEET("relay", RELAY, relay_fields, 0),
    SHEET("relay_member", RELAY_MEMBER, relay_member_fields, 0),
    SHEET("relayer", RELAYER, relayer_fields, 0),
    SHEET("script", SCRIPT, script_fields, 0),
    SHEET("script_account", TELLER, teller_fields, 0),
    SHEET("payee", PAYEE, payee_fields, 0),
    SHEET("payment_sum", SUM, sum_fields, 0),
    SHEET("payment_flow", FLOW, flow_fields, 0),
    SHEET("beneficiary_named", NAMED, named_fields, 0),
    SHEET("reported_sum", CHECK, check_fields, 0),
    SHEET("layer", struct lks_result_layer, layer_fields, 0),
    SHEET("timeline", struct lks_result_bin, bin_fields, 0),
    SHEET("file", struct lks_result_file, file_fields, 0),
    SHEET("reject", struct lks_result_reject, reject_fields, 0),
    SHEET("option", struct lks_option_text, option_fields, 0),
    SHEET("note", struct note_row, note_fields, 0),
};
