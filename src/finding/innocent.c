/* innocent.c - innocent explanations of a fused finding: what speaks for and against each
 *
 * The co-action test weighs the news, a surge, shared interest, sounds, sampling and rounded
 * times by the posts it has. Added here: the giveaway, the open organisation, and, for
 * findings without co-action, what the other layers measured against a surge and a
 * community. */
#include <stdlib.h>
#include <string.h>

#include "finding/fuse_results.h"

enum { MORE = 6 };

static void add(struct lks_fuse_target *target, const char *name, const char *verdict,
                struct lks_str measured)
{
    struct lks_finding *finding = target->finding;
    finding->alternatives[finding->alternatives_count++] =
        (struct lks_alternative){name, verdict, measured};
}

/* Many copy one sentence under one post, because that was asked for. */
static void giveaway(struct lks_fuse_target *target)
{
    const struct lks_finding *finding = target->finding;
    uint32_t texts = finding->kind_objects[LKS_OBJECT_TEXT];
    uint32_t targets = finding->kind_objects[LKS_OBJECT_REPLY], top = 0;
    if (finding->kind_objects[LKS_OBJECT_NEAR_TEXT] > texts)
        texts = finding->kind_objects[LKS_OBJECT_NEAR_TEXT];
    for (uint32_t i = 0; i < finding->objects_count; i++)
        if (finding->objects[i].kind == LKS_OBJECT_REPLY &&
            finding->objects[i].accounts_count > top)
            top = finding->objects[i].accounts_count;
    if (!target->largest) {
        add(target, "giveaway", "not observable",
            lks_fuse_text(target->results, "No text that they share is known."));
        return;
    }
    if (!texts) {
        int named = finding->kind_objects[LKS_OBJECT_HASHTAG] > 0 ||
                    finding->kind_objects[LKS_OBJECT_MENTION] > 0;
        add(target, "giveaway", named ? "open" : "speaks against",
            lks_fuse_text(target->results,
                          named
                              ? "Nobody copies a text; a contest that asks for a tag or a mention "
                                "needs none."
                              : "Nobody copies a text."));
        return;
    }
    const char *verdict = "open";
    if (texts * 20 <= finding->members_count && targets <= 3)
        verdict = "speaks for";
    else if (texts * 10 >= finding->members_count && (targets == 0 || targets >= 5))
        verdict = "speaks against";
    add(target, "giveaway", verdict,
        lks_fuse_text(
            target->results,
            "%u accounts share %u distinct texts and answer %u posts in common, at most %u "
            "of them the same post; a giveaway has one sentence and one post, or few.",
            finding->members_count, texts, targets, top));
}

/* ---- an open organisation: the accounts say what they are ---- */

struct word {
    struct lks_str text;
    uint32_t node; /* index of the finding's members, or beyond them for others */
};

static int word_order(const void *left, const void *right)
{
    const struct word *x = left, *y = right;
    size_t size = x->text.size_bytes < y->text.size_bytes ? x->text.size_bytes : y->text.size_bytes;
    int order = memcmp(x->text.data, y->text.data, size);
    if (order)
        return order;
    if (x->text.size_bytes != y->text.size_bytes)
        return x->text.size_bytes < y->text.size_bytes ? -1 : 1;
    return (x->node > y->node) - (x->node < y->node);
}

/* Words of four letters and more, of at most 64 words of a text. */
static size_t words_take(struct lks_str bio, uint32_t node, struct word *words)
{
    size_t count = 0, start = 0;
    for (size_t i = 0; i <= bio.size_bytes && count < 64; i++) {
        unsigned char c = i < bio.size_bytes ? (unsigned char)bio.data[i] : ' ';
        int inside =
            c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (inside)
            continue;
        if (i - start >= 4)
            words[count++] = (struct word){{bio.data + start, i - start}, node};
        start = i + 1;
    }
    return count;
}

/* The word of most members' bios, among those that at most a twentieth of the others use. */
static void office_words(const struct word *words, size_t count, uint32_t members,
                         uint32_t others_bios, struct lks_str *top, uint32_t *top_count)
{
    for (size_t first = 0, end; first < count; first = end) {
        uint32_t inside = 0, outside = 0;
        for (end = first;
             end < count && words[end].text.size_bytes == words[first].text.size_bytes &&
             memcmp(words[end].text.data, words[first].text.data, words[first].text.size_bytes) ==
                 0;
             end++) {
            if (end > first && words[end].node == words[end - 1].node)
                continue;
            *(words[end].node < members ? &inside : &outside) += 1;
        }
        if (inside > *top_count && outside * 20 <= others_bios) {
            *top = words[first].text;
            *top_count = inside;
        }
    }
}

static int party_office(struct lks_fuse_target *target)
{
    const struct lks_results *results = target->results;
    const struct lks_finding *finding = target->finding;
    uint32_t bios = 0, others = 0, top_count = 0, members = finding->members_count;
    enum { OTHERS = 2000 }; /* to compare with */
    size_t capacity = 64 * ((size_t)members + OTHERS) + 64, count = 0;
    struct word *words = malloc(capacity * sizeof *words);
    struct lks_str top = LKS_STR_NULL;
    if (!words)
        return -1;
    for (uint32_t i = 0; i < members; i++) {
        struct lks_str bio = results->nodes[finding->members[i]].account.bio;
        bios += bio.size_bytes > 0;
        count += words_take(bio, i, words + count);
    }
    for (uint32_t v = 0; v < results->nodes_count && others < OTHERS; v++) {
        struct lks_str bio = results->nodes[v].account.bio;
        if (results->nodes[v].group == target->item || !bio.size_bytes)
            continue;
        count += words_take(bio, members + others++, words + count);
    }
    if (count)
        qsort(words, count, sizeof *words, word_order);
    office_words(words, count, members, others, &top, &top_count);
    const char *verdict = "open";
    if (bios * 5 < members)
        verdict = "not observable";
    else if (top_count * 2 >= members)
        verdict = "speaks for";
    else if (top_count * 10 < members)
        verdict = "speaks against";
    add(target, "party_office", verdict,
        top.data
            ? lks_fuse_text(target->results,
                            "%u of %u members have a description that is known; \"%.*s\" stands in "
                            "%u of them and in next to none of other accounts'. Coordination that "
                            "says so is coordination, and nothing to hide.",
                            bios, members, (int)(top.size_bytes < 60 ? top.size_bytes : 60),
                            top.data, top_count)
            : lks_fuse_text(target->results,
                            "%u of %u members have a description that is known, and no rare "
                            "word stands in several.",
                            bios, members));
    free(words);
    return 0;
}

/* ---- findings without co-action ---- */

/* Old accounts come back in crowds when something happens; then the cohort's time is everybody's. */
static void surge_of_sleepers(struct lks_fuse_target *target)
{
    const struct lks_layer *layer = &target->facts->layers->layer[LKS_LAYER_SLEEPERS];
    double there = 0, chance = 0;
    for (uint32_t i = 0; i < target->fused->parts_count; i++)
        if (target->fused->parts[i].layer == LKS_LAYER_SLEEPERS) {
            const struct lks_layer_cluster *cluster =
                &layer->clusters[target->fused->parts[i].index];
            there += cluster->accounts_count;
            chance += cluster->chance_share * layer->accounts_count;
        }
    if (there > 0)
        add(target, "viral_surge", chance * 3 <= there ? "speaks against" : "open",
            lks_fuse_text(
                target->results,
                "Where the returns of other accounts would put %.1f of the awakened, there "
                "are %.0f: they do not follow the crowd.",
                chance, there));
    else
        add(target, "viral_surge", "not observable",
            lks_fuse_text(target->results, "No posts in common show when the crowd came."));
}

static void community_of_answers(struct lks_fuse_target *target)
{
    const struct lks_results *results = target->results;
    if (target->fused->layers >> LKS_LAYER_ANSWERS & 1)
        add(target, "shared_interest",
            results->recruitment.control_responders * 10 <= results->responders_count
                ? "speaks against"
                : "open",
            lks_fuse_text(
                target->results,
                "Who likes what a channel likes would answer calls of other days as well: "
                "with calls moved %llu accounts do in %u tries, against %u here.",
                (unsigned long long)results->recruitment.control_responders,
                results->recruitment.controls_count, results->responders_count));
    else
        add(target, "shared_interest", "not observable",
            lks_fuse_text(target->results, "No posts in common show what they are interested in."));
}

static void news_unseen(struct lks_fuse_target *target)
{
    uint32_t known = 0, verified = 0;
    for (uint32_t i = 0; i < target->finding->members_count; i++) {
        int one = target->results->nodes[target->finding->members[i]].account.verified;
        known += one >= 0;
        verified += one == 1;
    }
    add(target, "news_syndication",
        known * 10 < target->finding->members_count * 8 ? "not observable"
        : verified * 10 <= known * 2                    ? "speaks against"
                                                        : "open",
        lks_fuse_text(target->results,
                      "%u of the %u members of whom it is known are verified accounts.", verified,
                      known));
}

int lks_fuse_innocent(struct lks_fuse_target *target, struct lks_error *err)
{
    struct lks_finding *finding = target->finding;
    uint32_t count = target->judged ? target->judged->alternatives_count : 0;
    struct lks_alternative *all =
        lks_arena_calloc(&target->results->arena, count + MORE + 1u, sizeof *all);
    if (!all)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for innocent explanations");
    if (count)
        memcpy(all, target->judged->alternatives, count * sizeof *all);
    finding->alternatives = all;
    finding->alternatives_count = count;
    if (!target->largest) {
        news_unseen(target);
        surge_of_sleepers(target);
        community_of_answers(target);
    }
    giveaway(target);
    int failed = party_office(target);
    for (uint32_t i = 0; i < finding->alternatives_count; i++)
        failed |= !finding->alternatives[i].measured.data;
    return failed ? lks_error_set(err, LKS_EMEMORY, "out of memory for innocent explanations") : 0;
}
