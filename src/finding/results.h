/* results.h - all that one detection run found: what the dossier writes and the store keeps */
#ifndef LKS_FINDING_RESULTS_H
#define LKS_FINDING_RESULTS_H

#include "coaction/coaction.h"
#include "finding/results_fusion.h"
#include "signal/lifecycle.h"
#include "signal/lineage.h"
#include "signal/payment_sums.h"
#include "signal/popularity.h"
#include "signal/promotion.h"
#include "signal/recruitment.h"
#include "signal/registrations.h"
#include "signal/relay.h"
#include "signal/swarm.h"
#include "signal/tag_edits.h"

/* An account that stands in the network of the run. */
struct lks_result_node {
    struct lks_account account; /* strings in the results' arena */
    uint64_t posts_count;       /* in the data */
    uint64_t matched_posts;     /* with a partner over any kept edge */
    uint32_t group;             /* index into groups, or UINT32_MAX */
    uint32_t degree;
    double strength;           /* sum of occasions over its edges */
    double member_p, member_q; /* of belonging to its group; NaN without one */
    double x, y;               /* layout for the picture, in [-1, 1] */
};

struct lks_result_edge {
    struct lks_edge edge; /* a, b index nodes */
    double expected;      /* occasions expected by chance, at the window that gave p */
    double p_value, q_value;
    int64_t window_us;       /* the window that gave p */
    double synchrony_p;      /* synchrony given shared interest; NaN where it has no power */
    double fused_p, fused_q; /* all layers that could see the pair, combined; q over all pairs */
    uint32_t fused_layers;   /* bit by enum lks_layer_kind: with p <= 0.05 for it */
    uint32_t group;          /* of both ends, or UINT32_MAX */
};

/* A post that serves as evidence. */
struct lks_result_post {
    struct lks_post post; /* strings in the results' arena; actions_first/count unused */
    uint32_t node;
    struct lks_str file;   /* name of the sealed file */
    struct lks_str sha256; /* of that file, hex */
    uint64_t leaf;         /* the entry of the case's log that tells of it; 0: none */
};

/* One row of a finding's evidence: these two posts, this far apart, on this object. */
struct lks_result_match {
    uint32_t post_a, post_b; /* index posts */
    enum lks_object_kind kind;
    struct lks_str object;
    int64_t lag_us;
    uint32_t object_id; /* in the events, while the run is on; not kept */
};

struct lks_result_object {
    enum lks_object_kind kind;
    struct lks_str object;
    uint32_t accounts_count; /* of the group that used it together */
    uint32_t uses_count;
    uint32_t object_id; /* in the events, while the run is on; not kept */
};

/* One of the writings of an object of kind near_text, wherever in the data. */
struct lks_result_variant {
    uint32_t object;     /* index into the finding's objects */
    struct lks_str text; /* cut to a line */
    uint32_t posts_count;
    double similarity; /* Jaccard with the text that names the object */
};

/* An innocent explanation that was considered, with what was measured. */
struct lks_alternative {
    const char *
        name; /* "news_syndication", "viral_surge", "shared_interest", "shared_sound", "sampling_keyword", "minute_precision" */
    const char *verdict;     /* "speaks for", "speaks against", "open", "not observable" */
    struct lks_str measured; /* one sentence with the numbers */
};

/* How much a finding is worth. Explained: it stood its test, and the numbers speak for an innocent
 * explanation of it; shown, with its reasons, and counted with no alarm. */
enum lks_confidence {
    LKS_CONFIDENCE_EXPLAINED,
    LKS_CONFIDENCE_LOW,
    LKS_CONFIDENCE_MODERATE,
    LKS_CONFIDENCE_HIGH,
    LKS_CONFIDENCES_COUNT
};
extern const char *const lks_confidence_names[LKS_CONFIDENCES_COUNT];

/* A group that stood the permutation test. */
struct lks_finding {
    struct lks_str id; /* "F1", by rising p, then falling score */
    struct lks_str
        title;         /* "15 accounts posted the same texts, links within seconds of each other" */
    uint32_t *members; /* [members_count] node indexes, by falling strength */
    uint32_t members_count;
    uint32_t edges_count;
    double score; /* sum over its edges of log10 (level / p): how far they go beyond the level */
    double
        copies_max_score; /* the largest of any group in a shuffled copy, built as this one was */
    double p_value;    /* group permutation test, family-wise; without co-action, of its layers; NaN
                        * where only a record speaks, which is no test */
    double q_edge_max; /* largest q among its edges */
    uint64_t occasions_count; /* sum over its edges */
    double expected;          /* the same by chance */
    uint64_t posts_count;     /* members' posts with a partner in the group */
    int64_t first_us, last_us;
    double lag_median_us;
    uint32_t kind_objects[LKS_OBJECT_KINDS_COUNT]; /* distinct shared objects by kind: the layers */
    enum lks_confidence confidence;
    struct lks_str confidence_rule; /* the sentence that gave the word */
    struct lks_alternative *alternatives;
    uint32_t alternatives_count;
    struct lks_result_object *objects; /* the most shared, at most 20 */
    uint32_t objects_count;
    struct lks_result_variant *variants; /* of near_text objects, the most used, some of each */
    uint32_t variants_count;
    struct lks_result_match *matches; /* evidence, at most 200, spread over the edges */
    uint32_t matches_count;
    uint64_t matches_total;
    struct lks_finding_fusion fusion;
};

/* Whether the numbers speak for an innocent explanation that says the accounts are not together
 * (is_open 0), or for the one that says they are, and openly so (1). */
int lks_finding_is_explained(const struct lks_finding *finding, int is_open);

/* An account that slept and woke; it need not stand in the network. */
struct lks_result_awakening {
    struct lks_account account; /* strings in the results' arena */
    struct lks_awakening item;  /* item.account: in the events, while the run is on; not kept */
    uint32_t finding;           /* that it is a member of, or UINT32_MAX */
    struct lks_str strip;       /* LKS_STRIP_PARTS digits: acts in equal parts of the data's time,
                                 * 9 for nine and more */
};

/* Accounts made on one day with one shape of handle. */
struct lks_result_registration {
    struct lks_registration item; /* item.shape: while the run is on; not kept */
    struct lks_str shape;         /* "a_0000" */
    uint32_t awakened_count;      /* of them, accounts that woke */
};

/* A thing that members of findings used much: how popular it was, and without them. */
struct lks_result_popular {
    struct lks_popular item; /* item.object: in the events, while the run is on; not kept */
    struct lks_str object;
    int is_name;                   /* a name or term of case.toml, in texts */
    struct lks_str posts, flagged; /* item's bins: LKS_POPULAR_BINS counts with blanks between */
    struct lks_str accounts, accounts_flagged, views, views_flagged;
    /* [item.platforms_count] names, and the courses as the bins above */
    struct lks_str platform[LKS_POPULAR_PLATFORMS], platform_posts[LKS_POPULAR_PLATFORMS],
        platform_flagged[LKS_POPULAR_PLATFORMS], platform_accounts[LKS_POPULAR_PLATFORMS],
        platform_views[LKS_POPULAR_PLATFORMS];
};

/* Whose a thing is: its populations, and whether a later one took over. */
struct lks_result_lineage {
    struct lks_lineage item; /* ids of objects and accounts: while the run is on; not kept */
    struct lks_str object;
    /* By population: "hashtag a (12), url b (4)", what tells it from the others; item's bins, counts
     * with blanks between; and what it is known by: the id of a finding, "paid", or null. */
    struct lks_str liked[LKS_LINEAGE_POPULATIONS], series[LKS_LINEAGE_POPULATIONS];
    struct lks_str unit[LKS_LINEAGE_POPULATIONS];
};

/* An account that was among the first users of a thing, or came with the population that took
 * it over. */
struct lks_result_lineage_account {
    struct lks_account account;
    uint32_t lineage, first_place; /* first_place: 1 for the first user, 0 for the later ones */
    int64_t first_us;              /* LKS_TIME_NULL for the later ones */
    double log10_p, q_value;       /* of the later ones: that it is of the earlier population */
    uint32_t finding;              /* that it is a member of, or UINT32_MAX */
    uint32_t account_id;           /* in the events, while the run is on; not kept */
};

struct lks_result_tag_edit {
    struct lks_tag_edit item; /* from and to: in the events, while the run is on; not kept */
    struct lks_str from, to;
};

/* A message of a channel that names things, and what it brought. */
struct lks_result_call {
    struct lks_call_result item;
    int64_t time_us;
    struct lks_str channel, post_key, things; /* things: "hashtag a, url b", the first few */
    double instruction;  /* points by the rule of text/instruction.h; 0 where it is none */
    struct lks_str cues; /* why: which cues it holds, in words; empty where it is none */
    struct lks_str answers_responders, answers_others; /* item's: LKS_ANSWER_BINS, with blanks */
};

/* An account that answers calls again and again. */
struct lks_result_responder {
    struct lks_responder item; /* item.account: in the events, while the run is on; not kept */
    struct lks_account account;
    uint32_t finding; /* that it is a member of, or UINT32_MAX */
};

/* An account that copies under unrelated posts again and again. */
struct lks_result_swarmer {
    struct lks_swarmer item; /* item.account: in the events, while the run is on; not kept */
    struct lks_account account;
    uint64_t posts_count; /* in the data, of whatever sort */
    uint32_t finding;     /* that it is a member of, or UINT32_MAX */
};

/* A post under which many copied. */
struct lks_result_flood {
    struct lks_flood item; /* item.target, item.author: while the run is on; not kept */
    int64_t time_us;       /* of the post; LKS_TIME_NULL where it is not in the data */
    struct lks_str post_key, author, author_handle; /* the author's may be null */
    struct lks_str text, example; /* what was copied most, as a comment has it, and that comment */
};

enum { LKS_SWARM_BINS = 24 }; /* doublings of a second since the post; the last is open */
/* A message of a channel that tells its readers what to do, by the rule of text/instruction.h. */
struct lks_result_instruction {
    int64_t time_us;
    struct lks_str channel, post_key;
    struct lks_str cues;   /* why: "what to do: share; when: now; has a tag or link" */
    struct lks_str things; /* what it names, in words with a blank before and after each */
    double score;
};

/* What several channels called out within minutes, one after the other. */
struct lks_result_relay {
    struct lks_relay item; /* places and posts: in the events, while the run is on; not kept */
    struct lks_str channel, post_key; /* who was first */
    struct lks_str things;            /* what was called out, in words as above */
    double instruction; /* the score of the first message that is an instruction; 0: none is */
};
struct lks_result_relay_member {
    uint32_t relay; /* index into relays; rows lie by relay, then by time */
    struct lks_str channel, post_key;
    int64_t lag_us; /* after the first */
};

/* A channel that calls out, or that takes up what others called out. */
struct lks_result_relayer {
    struct lks_relayer item; /* item.place as above */
    struct lks_str channel;
    struct lks_str followed; /* whom it took up most often; empty where nobody */
};

/* Posts that follow one script, in one window. */
struct lks_result_script {
    struct lks_script item;        /* indexes and ids: while the run is on; not kept */
    struct lks_str id;             /* "S1", by rising p */
    struct lks_str post_key, text; /* of the post that most others are like */
    struct lks_str objects[LKS_SCRIPT_OBJECTS_COUNT];   /* its tag, sound and link; null: none */
    uint32_t paid_count, finding_count, verified_count; /* of its accounts */
    struct lks_str measured; /* what speaks for and against innocent explanations, in sentences */
};

/* An account in a script. */
struct lks_result_teller {
    struct lks_script_member item; /* item.account: while the run is on; not kept */
    struct lks_account account;
    struct lks_str post_key; /* its first post in the script */
    uint32_t finding;        /* that it is a member of, or UINT32_MAX */
    int paid;                /* by the ledger */
};

/* Who was paid, by the ledger. */
struct lks_result_payee {
    struct lks_str payee;       /* as the ledger writes it */
    struct lks_account account; /* of the case; account_key null: the case has none */
    uint32_t account_index;     /* in the events, or UINT32_MAX; not kept */
    struct lks_str amounts;     /* "25896.51 USD, 4000.00 EUR" */
    int64_t worth_minor; /* converted, or all currencies' units together: only for the order */
    uint32_t payments_count, payers_count;
    int64_t first_us, last_us; /* of the payments */
    /* Own posts within two weeks before and after the first payment, p of so many after it on
     * everybody's clock; days_before 0 where the data does not reach back. */
    double days_before, days_after;
    uint32_t posts_before, posts_after, topic_before, topic_after;
    double expected_after, log10_p, q_value;
    int64_t views_before, views_after; /* of the middle post; LKS_COUNT_NULL where unknown */
    /* Posts that it may have been paid for: named by the ledger, in a script, on the topic. */
    uint32_t promoted_count, undisclosed_count, ad_library_count;
    uint32_t script, finding; /* or UINT32_MAX */
};

struct lks_result_sum {
    struct lks_money_sum item;
    struct lks_str name, currency;
};

/* Money from a payer to a payee, what it went into as far as can be seen, and whom that serves. */
struct lks_result_flow {
    struct lks_str payer, payee, account_key;
    struct lks_str target;      /* "S1", "#tag", or empty: no post was found for it */
    struct lks_str beneficiary; /* empty: not known */
    const char *beneficiary_by; /* "ledger", "posts", "comments", "" */
    struct lks_str method, currency;
    int32_t exponent;
    uint32_t payments_count;
    int64_t amount_minor, converted_minor;
    uint32_t converted_count;
    int32_t beyond; /* as of a sum */
};

/* A beneficiary's names under the promoted posts, and under other posts of the same accounts. */
struct lks_result_named {
    struct lks_str beneficiary;
    uint32_t posts_count, posts_naming;         /* promoted; that name it themselves */
    uint32_t answered_promoted, answered_other; /* posts with comments */
    uint32_t comments_promoted, naming_promoted, comments_other, naming_other;
    double
        expected; /* naming_promoted, if names were spread over each account's posts by comments */
    double p_value; /* by exchanging which of an account's posts are the promoted ones */
};

/* A sum that was reported elsewhere beside the ledger's. */
struct lks_result_check {
    struct lks_str name, payer, method, currency;
    int32_t exponent, agrees; /* agrees: 1, 0, or -1: beyond 64 bits */
    int64_t reported_minor, found_minor;
};

struct lks_result_bin {
    int64_t start_us;
    uint64_t posts_count;
    uint64_t coordinated_count; /* posts of finding members with a partner in their group */
};

struct lks_result_file {
    struct lks_str name, sha256, format;
    uint64_t size_bytes, rows_count, posts_count, payments_count, rejects_count;
    uint64_t duplicates_count, ignored_count;
    uint64_t leaf; /* as of a post */
};

struct lks_result_reject {
    struct lks_str file, reason, first_bytes; /* an example */
    uint64_t line, count;
};

struct lks_result_stage {
    const char *name;
    double seconds;
};

struct lks_option_text {
    struct lks_str name, value, meaning; /* the whole of the options, as printed */
};

struct lks_results {
    struct lks_arena arena;
    struct lks_str run;         /* "0001" */
    struct lks_str version;     /* of lockstep */
    struct lks_str data_digest; /* SHA-256 over the files' digests, hex */
    int synthetic;              /* the data says it is synthetic: shown wherever it is shown */
    uint64_t posts_count, accounts_count, actions_count, rejects_count, duplicates_count;
    uint64_t ignored_count;
    uint64_t payments_count;
    int64_t first_us, last_us;
    enum lks_time_precision time_precision;
    uint64_t tests_count;    /* pairs that could have met: BH's m */
    uint64_t edges_tested;   /* pairs with two occasions or more */
    uint32_t copies_count;   /* shuffled copies of the permutation test */
    double copies_max_score; /* the largest group score that any of them reached */
    double group_threshold;  /* the score a group had to pass at the chosen level */
    uint64_t seed;
    int64_t kind_window_us
        [LKS_OBJECT_KINDS_COUNT]; /* no meeting over this kind was further apart; < 0: left out */

    struct lks_result_node *nodes;
    uint32_t nodes_count;
    struct lks_result_edge *edges;
    uint64_t edges_count;
    struct lks_finding *findings;
    uint32_t findings_count;
    struct lks_result_post *posts; /* evidence only */
    uint64_t evidence_count;
    struct lks_result_awakening *awakenings; /* by rising p */
    uint32_t awakenings_count;
    struct lks_cohort *cohorts;
    uint32_t cohorts_count;
    struct lks_result_registration *registrations; /* by rising p */
    uint32_t registrations_count;
    uint64_t
        age_counts[LKS_CREATED_METHODS_COUNT]; /* accounts with a post, by how their age is known */
    int topic_known;                           /* case.toml names a topic */
    uint64_t topic_posts_count;
    uint64_t life_date_posts_count, life_date_only_count;
    uint64_t life_tested_count, life_few_count, life_unobservable_count, life_reference_count;
    struct lks_result_popular *populars; /* by kind, the most used by members first */
    uint32_t populars_count;
    struct lks_result_lineage *lineages; /* by kind, the most used first */
    uint32_t lineages_count;
    struct lks_result_lineage_account *lineage_accounts; /* the first users, then the later ones */
    uint32_t lineage_accounts_count;
    struct lks_result_tag_edit *tag_edits; /* by rising p */
    uint32_t tag_edits_count;
    uint64_t lineage_accounts_tested, tags_alike_count;
    uint32_t tags_compared_count, tags_left_count;
    struct lks_result_call *calls; /* in order of time */
    uint32_t calls_count;
    struct lks_result_responder *responders; /* by rising p */
    uint32_t responders_count;
    struct {
        int64_t window_us;
        uint64_t tested_count, control_responders;
        uint32_t controls_count;
        int64_t lag_quartiles_us[3];
        struct lks_str responders_profile, others_profile; /* LKS_CALL_BINS counts with blanks */
        uint64_t uptake_posts[3], uptake_met[3];           /* as in signal/recruitment.h */
        uint32_t dose_days;
        double dose_slope, dose_p;
        struct lks_str dose_days_by, dose_excess_by; /* LKS_DOSE_BINS numbers with blanks */
        struct lks_str unobservable; /* why nothing was looked for; empty if something was */
    } recruitment;
    struct lks_result_layer *layers; /* [layers_count] every layer, looked for or not */
    uint32_t layers_count;
    struct lks_result_swarmer *swarmers; /* by rising p */
    uint32_t swarmers_count;
    struct lks_result_flood *floods; /* by copiers, the most first */
    uint32_t floods_count;
    struct lks_swarm_cluster *swarm_clusters; /* by accounts, the most first */
    uint32_t swarm_clusters_count;
    struct {
        uint64_t comments_count, copies_count, unknown_comments, tested_count, posts_tested;
        uint64_t commenters_count, only_count, named_only_count; /* accounts that answer; that do
                                                                  * nothing else; of the named */
        int64_t followers_median; /* of the named, LKS_COUNT_NULL where unknown; ranks nobody */
        struct lks_str latency_named, latency_others; /* LKS_SWARM_BINS counts with blanks */
        struct lks_str unobservable; /* why nothing was looked for; empty if something was */
    } swarm;
    struct lks_result_instruction *instructions; /* in order of time */
    uint32_t instructions_count;
    struct lks_result_relay *relays; /* in order of time */
    uint32_t relays_count;
    struct lks_result_relay_member *relay_members;
    uint32_t relay_members_count;
    struct lks_result_relayer *relayers; /* by rising p */
    uint32_t relayers_count;
    struct {
        int64_t window_us, past_us;
        uint64_t messages_count, tested_count, control_relays;
        uint32_t controls_count;
        double p_max;                /* the largest p that was called */
        double channels_least_p;     /* the days of the data let no channel's p be less */
        struct lks_str unobservable; /* why nothing was looked for; empty if something was */
    } relaying;

    struct lks_result_script *scripts; /* by rising p */
    uint32_t scripts_count;
    struct lks_result_teller *tellers; /* by script, then rising p; item.script into scripts */
    uint32_t tellers_count;
    struct lks_result_payee *payees; /* the most converted or paid first */
    uint32_t payees_count;
    struct lks_result_sum *sums;
    uint32_t sums_count;
    struct lks_result_flow *flows; /* by payer, payee, method, currency */
    uint32_t flows_count;
    struct lks_result_named *named;
    uint32_t named_count;
    struct lks_result_check *checks;
    uint32_t checks_count;
    struct {
        struct lks_str unobservable; /* why no scripts were looked for; empty if they were */
        struct lks_str converted_to; /* currency of the rates; empty: no rates */
        struct lks_str ledger_note;  /* what does not add up or could not be told, in sentences */
        int32_t converted_exponent;
        uint64_t accounts_tested, families_tested, flagged_count, control_flagged;
        uint64_t payments_matched, payments_alike, ads_count;
        uint32_t controls_count;
        int32_t topic_known; /* case.toml says what the topic is */
    } promotion;
    struct lks_result_bin *bins; /* at most 400, a round step */
    uint32_t bins_count;
    int64_t bin_us;
    struct lks_result_file *files;
    uint32_t files_count;
    struct lks_result_reject *rejects; /* one a (file, reason) */
    uint32_t reject_rows_count;
    struct lks_option_text *options;
    uint32_t options_count;
    struct lks_str *notes; /* sentences the reader must know: assumptions, caps, precision */
    uint32_t notes_count;
    struct lks_result_stage stages[16];
    uint32_t stages_count;
};

/* Frees the arena, in which all arrays and strings live, and zeroes the struct; NULL is fine. */
void lks_results_free(struct lks_results *results);

#endif
