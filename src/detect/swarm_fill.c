/* swarm_fill.c - comment floods of a run: from columns to results that stand for themselves */
#include "detect/swarm_fill.h"

#include <stdlib.h>
#include <string.h>

#include "detect/fill_parts.h"
#include "detect/swarm_load.h"
#include "stat/multiple.h"

struct filling {
    struct lks_store *store;
    const struct lks_events *events;
    struct lks_arena arena; /* of what only the run needs */
    struct lks_swarm_columns columns;
    uint8_t *named; /* [accounts_count] */
};

static int out_of_memory(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "out of memory for comments");
}

/* ---- into the results ---- */

static int swarmer_order(const void *a, const void *b)
{
    const struct lks_result_swarmer *x = a, *y = b;
    if (x->item.log10_p != y->item.log10_p)
        return x->item.log10_p < y->item.log10_p ? -1 : 1;
    return (x->item.account > y->item.account) - (x->item.account < y->item.account);
}

static int swarmers_fill(struct filling *filling, const struct lks_swarm *found,
                         const struct lks_analysis *analysis, struct lks_results *results,
                         struct lks_error *err)
{
    size_t count = found->swarmers_count, known = 0;
    struct lks_arena *arena = &filling->arena;
    uint32_t *indexes = lks_arena_calloc(arena, count + 1, sizeof *indexes);
    uint64_t *posts = lks_arena_calloc(arena, count + 1, sizeof *posts);
    int64_t *followers = lks_arena_calloc(arena, count + 1, sizeof *followers);
    struct lks_account *accounts = lks_arena_calloc(arena, count + 1, sizeof *accounts);
    uint32_t *finding = lks_account_findings(analysis, filling->events->accounts_count);
    results->swarmers = lks_arena_calloc(&results->arena, count + 1, sizeof *results->swarmers);
    int code = indexes && posts && followers && accounts && finding && results->swarmers
                   ? 0
                   : out_of_memory(err);
    for (size_t i = 0; code == 0 && i < count; i++)
        indexes[i] = found->swarmers[i].account;
    if (code == 0)
        code = lks_store_accounts(filling->store, indexes, count, &results->arena, accounts, posts,
                                  err);
    for (size_t i = 0; code == 0 && i < count; i++) {
        results->swarmers[i] = (struct lks_result_swarmer){found->swarmers[i], accounts[i],
                                                           posts[i], finding[indexes[i]]};
        filling->named[indexes[i]] = 1;
        if (accounts[i].followers != LKS_COUNT_NULL)
            followers[known++] = accounts[i].followers;
    }
    if (code == 0) {
        qsort(results->swarmers, count, sizeof *results->swarmers, swarmer_order);
        results->swarmers_count = (uint32_t)count;
        results->swarm.followers_median = known ? lks_median(followers, known) : LKS_COUNT_NULL;
    }
    free(finding);
    return code;
}

/* A comment by its text, which it may share with others. */
struct wording {
    uint32_t text, post;
};

static int wording_order(const void *a, const void *b)
{
    const struct wording *x = a, *y = b;
    if (x->text != y->text)
        return x->text < y->text ? -1 : 1;
    return (x->post > y->post) - (x->post < y->post);
}

/* The first post of the text that stands most often; wordings are put into order. */
static uint32_t wording_most(struct wording *wordings, size_t count)
{
    uint32_t best = UINT32_MAX;
    size_t most = 0;
    qsort(wordings, count, sizeof *wordings, wording_order);
    for (size_t first = 0, end; first < count; first = end) {
        for (end = first; end < count && wordings[end].text == wordings[first].text;)
            end++;
        if (end - first > most && wordings[first].text != LKS_SWARM_NONE) {
            most = end - first;
            best = wordings[first].post;
        }
    }
    return best;
}

/* The first comment of what was copied most under each flood's post, or UINT32_MAX. */
static int examples_find(struct filling *filling, const struct lks_swarm *found, uint32_t *example,
                         struct lks_error *err)
{
    size_t count = filling->columns.replies.count, targets = filling->columns.replies.targets_count;
    size_t *first = lks_arena_calloc(&filling->arena, targets + 2, sizeof *first);
    struct wording *wordings = lks_arena_calloc(&filling->arena, count + 1, sizeof *wordings);
    if (!first || !wordings)
        return out_of_memory(err);
    for (size_t i = 0; i < count; i++)
        first[filling->columns.replies.target[i] + 2]++;
    for (size_t t = 0; t < targets; t++)
        first[t + 2] += first[t + 1];
    for (size_t i = 0; i < count; i++)
        wordings[first[filling->columns.replies.target[i] + 1]++] =
            (struct wording){filling->columns.text[i], filling->columns.replies.post[i]};
    for (size_t f = 0; f < found->floods_count; f++) {
        uint32_t target = found->floods[f].target;
        example[f] = wording_most(wordings + first[target], first[target + 1] - first[target]);
    }
    return 0;
}

static int number_order(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Sorts numbers, drops repeats; returns how many are left. */
static size_t numbers_distinct(uint32_t *numbers, size_t count)
{
    size_t distinct = 0;
    qsort(numbers, count, sizeof *numbers, number_order);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || numbers[i] != numbers[i - 1])
            numbers[distinct++] = numbers[i];
    return distinct;
}

/* What was copied most under each flood's post, in the words of its first comment. */
static int texts_fill(struct filling *filling, const struct lks_swarm *found,
                      struct lks_results *results, struct lks_error *err)
{
    size_t count = found->floods_count, known = 0;
    struct lks_arena *arena = &filling->arena;
    uint32_t *example = lks_arena_calloc(arena, count + 1, sizeof *example);
    uint32_t *indexes = lks_arena_calloc(arena, count + 1, sizeof *indexes);
    uint32_t *files = lks_arena_calloc(arena, count + 1, sizeof *files);
    struct lks_post *posts = lks_arena_calloc(arena, count + 1, sizeof *posts);
    int code = example && indexes && files && posts ? examples_find(filling, found, example, err)
                                                    : out_of_memory(err);
    for (size_t f = 0; code == 0 && f < count; f++)
        if (example[f] != UINT32_MAX)
            indexes[known++] = example[f];
    known = numbers_distinct(indexes, known);
    if (code == 0)
        code = lks_store_posts(filling->store, indexes, known, arena, posts, files, err);
    for (size_t f = 0; code == 0 && f < count; f++) {
        const uint32_t *place = bsearch(&example[f], indexes, known, sizeof *indexes, number_order);
        if (!place)
            continue;
        results->floods[f].text = lks_arena_str(&results->arena, posts[place - indexes].text);
        results->floods[f].example =
            lks_arena_str(&results->arena, posts[place - indexes].post_key);
        if (!results->floods[f].text.data || !results->floods[f].example.data)
            code = out_of_memory(err);
    }
    return code;
}

static int floods_fill(struct filling *filling, const struct lks_swarm *found,
                       struct lks_results *results, struct lks_error *err)
{
    size_t count = found->floods_count, authors = 0;
    uint32_t *indexes = lks_arena_calloc(&filling->arena, count + 1, sizeof *indexes);
    struct lks_account *accounts = lks_arena_calloc(&filling->arena, count + 1, sizeof *accounts);
    results->floods = lks_arena_calloc(&results->arena, count + 1, sizeof *results->floods);
    if (!indexes || !accounts || !results->floods)
        return out_of_memory(err);
    for (size_t f = 0; f < count; f++)
        if (found->floods[f].author != LKS_SWARM_NONE)
            indexes[authors++] = found->floods[f].author;
    size_t distinct = numbers_distinct(indexes, authors);
    int code =
        lks_store_accounts(filling->store, indexes, distinct, &results->arena, accounts, NULL, err);
    for (size_t f = 0; code == 0 && f < count; f++) {
        struct lks_result_flood *to = &results->floods[f];
        const uint32_t *place =
            bsearch(&found->floods[f].author, indexes, distinct, sizeof *indexes, number_order);
        *to = (struct lks_result_flood){
            .item = found->floods[f],
            .time_us = filling->columns.target_time_us[found->floods[f].target],
            .post_key = lks_arena_str(
                &results->arena, filling->columns.replies.target_key[found->floods[f].target])};
        if (place) {
            to->author = accounts[place - indexes].account_key;
            to->author_handle = accounts[place - indexes].handle;
        }
        if (!to->post_key.data)
            code = out_of_memory(err);
    }
    if (code == 0)
        code = texts_fill(filling, found, results, err);
    if (code == 0)
        results->floods_count = (uint32_t)count;
    return code;
}

/* Comments by the time since their post, in doublings of a second: named accounts' and others'. */
static int latencies_fill(struct filling *filling, struct lks_results *results,
                          struct lks_error *err)
{
    uint32_t named[LKS_SWARM_BINS] = {0}, others[LKS_SWARM_BINS] = {0};
    for (size_t i = 0; i < filling->columns.replies.count; i++) {
        uint32_t target = filling->columns.replies.target[i];
        if (filling->columns.target_time_us[target] == LKS_TIME_NULL ||
            filling->columns.author[target] == filling->columns.account[i])
            continue;
        int64_t after_us = filling->columns.time_us[i] - filling->columns.target_time_us[target];
        if (after_us < 0)
            continue;
        int bin = 0;
        while (bin < LKS_SWARM_BINS - 1 && after_us >= LKS_SECOND_US << bin)
            bin++;
        (filling->named[filling->columns.account[i]] ? named : others)[bin]++;
    }
    results->swarm.latency_named = lks_counts_text(&results->arena, named, LKS_SWARM_BINS);
    results->swarm.latency_others = lks_counts_text(&results->arena, others, LKS_SWARM_BINS);
    return results->swarm.latency_named.data && results->swarm.latency_others.data
               ? 0
               : out_of_memory(err);
}

/* Accounts whose every post is an answer, among the named and among all. */
static int answering_only_count(struct filling *filling, struct lks_results *results,
                                struct lks_error *err)
{
    const struct lks_events *events = filling->events;
    uint32_t *posts = calloc((size_t)events->accounts_count + 1, sizeof *posts);
    uint32_t *answers = calloc((size_t)events->accounts_count + 1, sizeof *answers);
    if (!posts || !answers) {
        free(posts);
        free(answers);
        return out_of_memory(err);
    }
    for (uint32_t i = 0; i < events->posts_count; i++)
        posts[events->post_account[i]]++;
    for (size_t i = 0; i < filling->columns.replies.count; i++)
        answers[filling->columns.account[i]]++;
    for (uint32_t a = 0; a < events->accounts_count; a++) {
        if (!answers[a])
            continue;
        results->swarm.commenters_count++;
        results->swarm.only_count += answers[a] == posts[a];
        results->swarm.named_only_count += filling->named[a] && answers[a] == posts[a];
    }
    free(posts);
    free(answers);
    return 0;
}

static int found_fill(struct filling *filling, const struct lks_swarm *found,
                      const struct lks_analysis *analysis, struct lks_results *results,
                      struct lks_error *err)
{
    size_t count = found->clusters_count;
    results->swarm.comments_count = found->comments_count;
    results->swarm.copies_count = found->copies_count;
    results->swarm.tested_count = found->tested_count;
    results->swarm.posts_tested = found->posts_tested;
    results->swarm.unknown_comments = found->unknown_comments;
    results->swarm_clusters =
        lks_arena_calloc(&results->arena, count + 1, sizeof *results->swarm_clusters);
    if (!results->swarm_clusters)
        return out_of_memory(err);
    if (count)
        memcpy(results->swarm_clusters, found->clusters, count * sizeof *found->clusters);
    results->swarm_clusters_count = (uint32_t)count;
    int code = swarmers_fill(filling, found, analysis, results, err);
    if (code == 0)
        code = floods_fill(filling, found, results, err);
    if (code == 0)
        code = latencies_fill(filling, results, err);
    return code ? code : answering_only_count(filling, results, err);
}

static int swarm_run(struct filling *filling, const struct lks_analysis *analysis,
                     const struct lks_control *control, struct lks_results *results,
                     struct lks_error *err)
{
    struct lks_swarm found;
    struct lks_swarm_options options = lks_swarm_options_default();
    struct lks_swarm_input input;
    const char *why = lks_swarm_hindrance(&filling->columns,
                                          results->kind_window_us[LKS_OBJECT_TEXT] >= 0 ||
                                              results->kind_window_us[LKS_OBJECT_NEAR_TEXT] >= 0);
    if (why) {
        results->swarm.unobservable = lks_arena_str(&results->arena, lks_str_from(why));
        return results->swarm.unobservable.data ? 0 : out_of_memory(err);
    }
    filling->named =
        lks_arena_calloc(&filling->arena, (size_t)filling->events->accounts_count + 1, 1);
    if (!filling->named)
        return out_of_memory(err);
    lks_swarm_input_fill(&filling->columns, filling->events, &input);
    int code = lks_swarm_run(&input, &options, control, &found, err);
    if (code)
        return code;
    code = found_fill(filling, &found, analysis, results, err);
    lks_swarm_free(&found);
    return code;
}

int lks_swarm_fill(struct lks_store *store, const struct lks_events *events,
                   const struct lks_analysis *analysis, const struct lks_control *control,
                   struct lks_results *results, struct lks_error *err)
{
    struct filling filling = {.store = store, .events = events};
    results->swarm.followers_median = LKS_COUNT_NULL;
    int code = lks_swarm_columns_load(store, events, &filling.columns, err);
    if (code == 0)
        code = swarm_run(&filling, analysis, control, results, err);
    lks_swarm_columns_unload(&filling.columns);
    lks_arena_free(&filling.arena);
    return code;
}
