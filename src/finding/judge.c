/* judge.c - a finding in words: title, confidence with its rule, innocent explanations
 *
 * Every word has a rule on numbers, and the numbers stand beside it. The thresholds are
 * conventions of reporting, not statistics: what is proven is the p of the group. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "finding/detection.h"

/* What a group did alike, as the title says it. */
static const char *const acts[LKS_OBJECT_KINDS_COUNT] = {
    [LKS_OBJECT_URL] = "shared the same links",
    [LKS_OBJECT_DOMAIN] = "linked to the same sites",
    [LKS_OBJECT_HASHTAG] = "used the same hashtags",
    [LKS_OBJECT_MENTION] = "mentioned the same accounts",
    [LKS_OBJECT_REPOST] = "reposted the same posts",
    [LKS_OBJECT_REPLY] = "replied to the same posts",
    [LKS_OBJECT_SOUND] = "used the same sounds",
    [LKS_OBJECT_EFFECT] = "used the same effects",
    [LKS_OBJECT_TEXT] = "posted the same texts",
    [LKS_OBJECT_NEAR_TEXT] = "posted near-identical texts",
    [LKS_OBJECT_MEDIA] = "posted the same pictures or videos",
    [LKS_OBJECT_HASHTAG_SET] = "used the same sets of hashtags",
};

/* "under a second", "40 seconds", "3 minutes", "2.5 hours". */
static void span_words(double span_us, char *text, size_t text_bytes)
{
    double seconds = span_us / 1e6;
    if (seconds < 1)
        snprintf(text, text_bytes, "under a second");
    else if (seconds < 90)
        snprintf(text, text_bytes, "%.0f second%s", seconds, seconds < 1.5 ? "" : "s");
    else if (seconds < 90 * 60)
        snprintf(text, text_bytes, "%.0f minutes", seconds / 60);
    else if (seconds < 48 * 3600)
        snprintf(text, text_bytes, "%.1f hours", seconds / 3600);
    else
        snprintf(text, text_bytes, "%.1f days", seconds / 86400);
}

static struct lks_str format(struct lks_arena *arena, const char *pattern, ...)
    __attribute__((format(printf, 2, 3)));
static struct lks_str format(struct lks_arena *arena, const char *pattern, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, pattern);
    vsnprintf(text, sizeof text, pattern, arguments);
    va_end(arguments);
    return lks_arena_str(arena, lks_str_from(text));
}

/* "within a minute" would promise too much where times are rounded. */
static const char *precision_words(enum lks_time_precision precision)
{
    return precision == LKS_PRECISION_SECOND   ? ""
           : precision == LKS_PRECISION_MINUTE ? " (times are known to the minute)"
                                               : " (times are known to the day)";
}

/* "15 accounts used the same hashtags, posted the same texts and shared the same links,
 * typically 3 minutes apart". */
static struct lks_str title_of(struct lks_detection *detection, const struct lks_finding *finding)
{
    unsigned order[LKS_OBJECT_KINDS_COUNT], kinds = 0;
    for (unsigned k = 0; k < LKS_OBJECT_KINDS_COUNT; k++) {
        if (finding->kind_objects[k] == 0)
            continue;
        unsigned i = kinds++;
        for (; i > 0 && finding->kind_objects[order[i - 1]] < finding->kind_objects[k]; i--)
            order[i] = order[i - 1];
        order[i] = k;
    }
    char what[200] = "", span[40];
    size_t used = 0;
    unsigned shown = kinds < 3 ? kinds : 3;
    for (unsigned i = 0; i < shown; i++)
        used += (size_t)snprintf(what + used, sizeof what - used, "%s%s",
                                 i == 0           ? ""
                                 : i + 1 == shown ? " and "
                                                  : ", ",
                                 acts[order[i]]);
    span_words(finding->lag_median_us, span, sizeof span);
    if (detection->events->time_precision != LKS_PRECISION_SECOND && finding->lag_median_us < 6e7)
        snprintf(span, sizeof span, "within the same minute");
    if (detection->events->time_precision == LKS_PRECISION_DAY && finding->lag_median_us < 8.64e10)
        snprintf(span, sizeof span, "on the same day");
    int apart = span[0] != 'w' && span[0] != 'o';
    return format(&detection->analysis->arena, "%u accounts %s, typically %s%s",
                  finding->members_count, what, span, apart ? " apart" : "");
}

/* A group that works to a plan shares many things: one for every four accounts, or, in a large
 * one, most members come back to new ones in hours far apart. A crowd comes once. */
static int is_varied(const struct lks_finding *finding, const struct lks_measures *measures)
{
    return measures->contents_count * 4 >= finding->members_count ||
           measures->steady_members * 2 >= finding->members_count;
}

static void judge_confidence(struct lks_detection *detection, struct lks_finding *finding,
                             const struct lks_measures *measures)
{
    int clear = measures->score_ratio >= 1.5, explained = lks_finding_is_explained(finding, 0);
    int varied = is_varied(finding, measures);
    finding->confidence = LKS_CONFIDENCE_LOW;
    if (explained)
        finding->confidence = LKS_CONFIDENCE_EXPLAINED;
    else if (clear && measures->strata_count >= 5 && measures->layers_count >= 2 && varied)
        finding->confidence = LKS_CONFIDENCE_HIGH;
    else if (measures->score_ratio > 1 && varied &&
             (measures->strata_count >= 3 || (clear && measures->layers_count >= 2)))
        finding->confidence = LKS_CONFIDENCE_MODERATE;
    char span[LKS_TIME_TEXT_BYTES];
    lks_span_format(lks_chance_counts(detection->chance)->stratum_us, span);
    finding->confidence_rule = format(
        &detection->analysis->arena,
        "%c%s: its score is %.1f times the largest of any group in %u shuffled copies (p = %.2g), "
        "it acted in %u different spans of %s, shares %u independent kind%s of things, with %u "
        "distinct texts, links, media and sets of hashtags among %u accounts, of whom %u met the "
        "others on such things in three spans or more, and %s. High asks for 1.5 times, five "
        "spans, two kinds, and one such thing for every four accounts or half of them coming back "
        "so; moderate for more than once, three spans (or 1.5 times and two kinds), and such "
        "things as well. A group that an innocent explanation has the numbers for is explained, "
        "whatever else is so.",
        lks_confidence_names[finding->confidence][0] - 'a' + 'A',
        lks_confidence_names[finding->confidence] + 1, measures->score_ratio,
        detection->test.copies_count, finding->p_value, measures->strata_count, span,
        measures->layers_count, measures->layers_count == 1 ? "" : "s", measures->contents_count,
        finding->members_count, measures->steady_members,
        explained ? "the numbers speak for an innocent explanation"
                  : "the numbers speak for no innocent explanation that would lower this");
}

static void add_alternative(struct lks_finding *finding, const char *name, const char *verdict,
                            struct lks_str measured)
{
    finding->alternatives[finding->alternatives_count++] =
        (struct lks_alternative){name, verdict, measured};
}

/* Newsrooms and agencies carry the same links, under names that the platform knows. */
static void judge_news(struct lks_detection *detection, struct lks_finding *finding,
                       const struct lks_measures *m)
{
    double linked =
        finding->posts_count ? (double)m->posts_linked / (double)finding->posts_count : 0;
    const char *verdict = "open";
    if (linked < 0.2)
        verdict = "speaks against";
    else if (m->verified_known * 10 >= finding->members_count * 8)
        verdict = m->verified * 10 >= finding->members_count * 8   ? "speaks for"
                  : m->verified * 10 <= finding->members_count * 2 ? "speaks against"
                                                                   : "open";
    add_alternative(
        finding, "news_syndication", verdict,
        m->verified_known
            ? format(&detection->analysis->arena,
                     "%.0f %% of the posts share a link or site; %u of the %u members of whom it "
                     "is known are verified accounts or newsrooms by case.toml.",
                     linked * 100, m->verified, m->verified_known)
            : format(&detection->analysis->arena,
                     "%.0f %% of the posts share a link or site; neither the data nor "
                     "case.toml say which accounts are verified or belong to a newsroom.",
                     linked * 100));
}

/* A surge, a giveaway, a match: a crowd around few things, which others outside take up as
 * well. A group that works to a plan shares many. */
static void judge_surge(struct lks_detection *detection, struct lks_finding *finding,
                        const struct lks_measures *m)
{
    double share =
        finding->posts_count ? (double)m->top_object_posts / (double)finding->posts_count : 0;
    uint32_t outside = m->top_object_users > finding->members_count
                           ? m->top_object_users - finding->members_count
                           : 0;
    const char *verdict = "open";
    if (!is_varied(finding, m) && outside * 2 > finding->members_count)
        verdict = "speaks for";
    else if (m->strata_count <= 2 && share >= 0.5 && outside >= finding->members_count)
        verdict = "speaks for";
    else if (m->strata_count >= 5 && is_varied(finding, m))
        verdict = "speaks against";
    char span[LKS_TIME_TEXT_BYTES], duration[40];
    lks_span_format(lks_chance_counts(detection->chance)->stratum_us, span);
    span_words((double)(finding->last_us - finding->first_us), duration, sizeof duration);
    add_alternative(finding, "viral_surge", verdict,
                    format(&detection->analysis->arena,
                           "The most used thing is in %.0f %% of the posts and was used by %u "
                           "accounts in all; %u accounts share %u distinct texts, links, media and "
                           "sets of hashtags; the group acted in %u spans of %s over %s.",
                           share * 100, m->top_object_users, finding->members_count,
                           m->contents_count, m->strata_count, span, duration));
}

/* A community of fans meets on its things within hours, but no sooner than anyone does. */
static void judge_interest(struct lks_detection *detection, struct lks_finding *finding,
                           const struct lks_measures *m)
{
    const struct lks_chance_counts *counts = lks_chance_counts(detection->chance);
    char near_span[LKS_TIME_TEXT_BYTES], far_span[LKS_TIME_TEXT_BYTES];
    lks_span_format(counts->windows_us[0], near_span);
    lks_span_format(counts->windows_us[counts->windows_used - 1], far_span);
    /* Few posts rarely reach p <= 0.05 whatever they do, so that the lack of it is open. */
    const char *verdict = m->synchrony_clear * 2 >= m->synchrony_edges ? "speaks against" : "open";
    if (m->synchrony_edges == 0 || m->synchrony_edges * 4 < finding->edges_count)
        verdict = "not observable";
    if (m->daily_known * 2 >= finding->members_count)
        verdict = m->daily_members * 2 >= m->daily_known ? "speaks for" : verdict;
    add_alternative(finding, "shared_interest", verdict,
                    format(&detection->analysis->arena,
                           "On %u of the %u edges enough others use the same things within %s to "
                           "compare with; on %u of them the two meet within %s more often than the "
                           "others do (p <= 0.05). Of the %u members of whom it can be asked, %u "
                           "would have met the group as often on other days.",
                           m->synchrony_edges, finding->edges_count, far_span, m->synchrony_clear,
                           near_span, m->daily_known, m->daily_members));
}

static void judge_sound(struct lks_detection *detection, struct lks_finding *finding,
                        const struct lks_measures *m)
{
    uint32_t sounds = finding->kind_objects[LKS_OBJECT_SOUND];
    struct lks_arena *arena = &detection->analysis->arena;
    if (sounds == 0)
        add_alternative(finding, "shared_sound", "speaks against",
                        format(arena, "No sound is among what the group shares."));
    else
        add_alternative(finding, "shared_sound",
                        m->layers_count == 1   ? "speaks for"
                        : m->layers_count == 2 ? "open"
                                               : "speaks against",
                        format(arena,
                               "%u shared sound%s beside %u other kind%s of things; a sound alone "
                               "is common and means nothing.",
                               sounds, sounds == 1 ? "" : "s", m->layers_count - 1,
                               m->layers_count == 2 ? "" : "s"));
}

static void judge_keyword(struct lks_detection *detection, struct lks_finding *finding,
                          const struct lks_measures *m)
{
    const struct lks_chance_counts *counts = lks_chance_counts(detection->chance);
    add_alternative(finding, "sampling_keyword",
                    m->narrowest_share > 0.25 ? "speaks for"
                    : m->widest_share <= 0.05 ? "speaks against"
                                              : "open",
                    format(&detection->analysis->arena,
                           "What the group shares is used by %.3g %% to %.3g %% of all accounts; "
                           "%u object%s used by more than %.0f %% of the accounts %s left out "
                           "beforehand.",
                           m->narrowest_share * 100, m->widest_share * 100, counts->objects_common,
                           counts->objects_common == 1 ? "" : "s",
                           detection->options->chance.object_share_max * 100,
                           counts->objects_common == 1 ? "was" : "were"));
}

static void judge_precision(struct lks_detection *detection, struct lks_finding *finding,
                            const struct lks_measures *m)
{
    struct lks_arena *arena = &detection->analysis->arena;
    double share = m->nearest_count ? (double)m->nearest_minute / (double)m->nearest_count : 0;
    if (detection->events->time_precision == LKS_PRECISION_SECOND)
        add_alternative(finding, "minute_precision", "speaks against",
                        format(arena,
                               "Times are known to the second; %.0f %% of the posts have a "
                               "partner at most a minute away.",
                               share * 100));
    else if (detection->events->time_precision == LKS_PRECISION_MINUTE)
        add_alternative(
            finding, "minute_precision", share > 0.5 ? "open" : "speaks against",
            format(arena,
                   "Times are known to the minute: \"within a minute\" means the same minute or "
                   "the next, up to two minutes; %.0f %% of the posts have a partner that close.",
                   share * 100));
    else
        add_alternative(finding, "minute_precision", "not observable",
                        format(arena, "Times are known to the day only: nothing can be said about "
                                      "how close the posts are."));
}

int lks_detection_judge(struct lks_detection *detection, struct lks_finding *finding,
                        const struct lks_measures *measures, struct lks_error *err)
{
    struct lks_arena *arena = &detection->analysis->arena;
    finding->alternatives = lks_arena_calloc(arena, 8, sizeof *finding->alternatives);
    if (!finding->alternatives)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for a finding");
    finding->title = title_of(detection, finding);
    judge_news(detection, finding, measures);
    judge_surge(detection, finding, measures);
    judge_interest(detection, finding, measures);
    judge_sound(detection, finding, measures);
    judge_keyword(detection, finding, measures);
    judge_precision(detection, finding, measures);
    judge_confidence(detection, finding, measures);
    int failed = !finding->title.data || !finding->confidence_rule.data;
    for (uint32_t i = 0; i < finding->alternatives_count; i++)
        failed |= !finding->alternatives[i].measured.data;
    return failed ? lks_error_set(err, LKS_EMEMORY, "out of memory for a finding") : 0;
}

int lks_detection_notes(struct lks_detection *detection, struct lks_error *err)
{
    struct lks_analysis *analysis = detection->analysis;
    struct lks_arena *arena = &analysis->arena;
    const struct lks_chance_counts *counts = lks_chance_counts(detection->chance);
    struct lks_str *notes = lks_arena_calloc(arena, 10, sizeof *notes);
    uint32_t count = 0;
    char span[LKS_TIME_TEXT_BYTES];
    if (!notes)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for notes");
    lks_span_format(counts->stratum_us, span);
    notes[count++] = format(
        arena,
        "The p-values say how unlikely the meetings are if who posted is exchangeable within each "
        "span of %s, or if accounts that share an interest keep to their own habits. They say "
        "nothing about who is behind the accounts.%s",
        span, precision_words(detection->events->time_precision));
    if (detection->events->time_precision != LKS_PRECISION_SECOND)
        notes[count++] =
            format(arena,
                   "Some times are known to the %s only; shorter windows are not claimed, and a "
                   "window of one %s means the same %s or the next.",
                   lks_precision_names[detection->events->time_precision],
                   lks_precision_names[detection->events->time_precision],
                   lks_precision_names[detection->events->time_precision]);
    if (counts->objects_common)
        notes[count++] =
            format(arena,
                   "%u objects used by more than %.0f %% of the accounts (and more than %u) tell "
                   "nothing and were left out: most likely the words by which the data were "
                   "collected.",
                   counts->objects_common, detection->options->chance.object_share_max * 100,
                   detection->options->chance.object_accounts_min);
    if (counts->objects_narrowed || counts->objects_dropped)
        notes[count++] =
            format(arena,
                   "%u objects have more than %u other uses around each use and were looked at in "
                   "shorter windows only; %u have as many even in the shortest and were left out. "
                   "The shuffled copies were treated alike.",
                   counts->objects_narrowed, counts->partners_limit, counts->objects_dropped);
    if (detection->test.levels[0] < detection->options->edge_level)
        notes[count++] =
            format(arena,
                   "Edges are kept at p <= %.2g instead of %g: in data of this size chance alone "
                   "would tie most accounts together.",
                   detection->test.levels[0], detection->options->edge_level);
    if (detection->crowds_count)
        notes[count++] =
            format(arena,
                   "%u group%s stood the test of groups and %s left out: fewer than half of the "
                   "accounts stand out by themselves, since others outside do the same in the same "
                   "hours. That is how a crowd around one thing looks.",
                   detection->crowds_count, detection->crowds_count == 1 ? "" : "s",
                   detection->crowds_count == 1 ? "was" : "were");
    if (detection->communities_count)
        notes[count++] =
            format(arena,
                   "%u group%s stood the test of groups and %s left out: had the accounts acted on "
                   "other days, at the same hours and with the same things, most of their meetings "
                   "would have come about as well. That is how a community with a habit looks.",
                   detection->communities_count, detection->communities_count == 1 ? "" : "s",
                   detection->communities_count == 1 ? "was" : "were");
    if (detection->events->accounts_count < 500)
        notes[count++] =
            format(arena,
                   "The data hold %u accounts only: each is compared with the others in the data, "
                   "so a group that is most of the data has nothing to stand out from.",
                   detection->events->accounts_count);
    if (detection->test.copies_count < detection->options->copies_count)
        notes[count++] =
            format(arena,
                   "%u of %u shuffled copies were made: so many of them reach the largest score "
                   "that no group could be reported whatever the others show.",
                   detection->test.copies_count, detection->options->copies_count);
    if (1.0 / (1 + detection->options->copies_count) > detection->options->group_level)
        notes[count++] = format(arena, "%u copies cannot show p <= %g: no group can be reported.",
                                detection->options->copies_count, detection->options->group_level);
    for (uint32_t i = 0; i < count; i++) {
        if (!notes[i].data)
            return lks_error_set(err, LKS_EMEMORY, "out of memory for notes");
    }
    analysis->notes = notes;
    analysis->notes_count = count;
    return 0;
}
