/* explain.c - why: finding out what is asked about, and gathering what there is to tell */
#include "engine/explain.h"

#include <stdlib.h>

#include "case/runs.h"
#include "detect/results_tables.h"
#include "engine/explain_lineage.h"
#include "engine/explain_promotion.h"
#include "intake/statements.h"

enum { COMMAS_MAX = 16 }; /* each costs two look-ups */

struct lks_named {
    struct lks_account account;
    uint64_t posts_count;
    uint32_t node; /* UINT32_MAX: not in the network of the run */
};

static int find_finding(const struct lks_results *results, const char *what,
                        struct lks_explanation *explanation)
{
    for (uint32_t i = 0; i < results->findings_count; i++)
        if (lks_str_equal_text(results->findings[i].id, what)) {
            explanation->finding = &results->findings[i];
            return 0;
        }
    return 1;
}

/* The account that people mean by a name: its key, the key without the platform, or the
 * handle ("@" may stand before it), as the store looks it up; and its node in the run, or
 * UINT32_MAX. 0; 1 when the case knows no such account. */
static int find_named(struct lks_store *store, const struct lks_results *results,
                      struct lks_str name, struct lks_arena *arena, struct lks_named *named,
                      struct lks_error *err)
{
    uint32_t index;
    struct lks_error quiet = {0};
    named->node = UINT32_MAX;
    if (!name.size_bytes)
        return 1;
    int code = lks_store_account_find(store, name, &index, &quiet);
    if (code == LKS_EMISSING)
        return 1;
    if (code)
        return lks_error_set(err, code, "%s", quiet.message);
    code = lks_store_account(store, index, arena, &named->account, &named->posts_count, err);
    for (uint32_t i = 0; code == 0 && i < results->nodes_count; i++)
        if (lks_str_equal(results->nodes[i].account.account_key, named->account.account_key)) {
            named->node = i;
            break;
        }
    return code;
}

static int find_account(struct lks_store *store, const struct lks_results *results,
                        const char *what, struct lks_explanation *explanation,
                        struct lks_error *err)
{
    struct lks_named named;
    int code = find_named(store, results, lks_str_from(what), &explanation->arena, &named, err);
    if (code == 1 && results->findings_count == 0)
        return lks_error_set(err, LKS_EMISSING,
                             "the case knows no account or edge '%.200s', and the run no finding",
                             what);
    if (code == 1) {
        struct lks_str first = results->findings[0].id;
        struct lks_str last = results->findings[results->findings_count - 1].id;
        int is_one = results->findings_count == 1;
        return lks_error_set(err, LKS_EMISSING,
                             "the case knows no finding, account or edge '%.200s'; the run's "
                             "finding%s %.*s%s%.*s",
                             what, is_one ? " is" : "s are", (int)first.size_bytes, first.data,
                             is_one ? "" : " to ", is_one ? 0 : (int)last.size_bytes, last.data);
    }
    if (code)
        return code;
    explanation->account = named.node;
    explanation->profile = named.account;
    explanation->profile_posts = named.posts_count;
    for (uint32_t i = 0; i < results->awakenings_count; i++)
        if (lks_str_equal(results->awakenings[i].account.account_key, named.account.account_key))
            explanation->awakening = &results->awakenings[i];
    for (uint32_t i = 0; i < results->responders_count; i++)
        if (lks_str_equal(results->responders[i].account.account_key, named.account.account_key))
            explanation->responder = &results->responders[i];
    for (uint32_t i = 0; i < results->relayers_count; i++)
        if (lks_str_equal(results->relayers[i].channel, named.account.account_key))
            explanation->relayer = &results->relayers[i];
    for (uint32_t i = 0; i < results->swarmers_count; i++)
        if (lks_str_equal(results->swarmers[i].account.account_key, named.account.account_key))
            explanation->swarmer = &results->swarmers[i];
    return 0;
}

static int compare_index(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

/* Post indexes of all matches, sorted and distinct; returns how many. */
static size_t posts_distinct(const struct lks_match *matches, size_t count, uint32_t *indexes)
{
    size_t distinct = 0;
    for (size_t i = 0; i < count; i++) {
        indexes[2 * i] = matches[i].post_a;
        indexes[2 * i + 1] = matches[i].post_b;
    }
    qsort(indexes, 2 * count, sizeof *indexes, compare_index);
    for (size_t i = 0; i < 2 * count; i++)
        if (i == 0 || indexes[i] != indexes[i - 1])
            indexes[distinct++] = indexes[i];
    return distinct;
}

static uint32_t position(const uint32_t *indexes, size_t count, uint32_t index)
{
    const uint32_t *found = bsearch(&index, indexes, count, sizeof *indexes, compare_index);
    LKS_ASSERT(found);
    return (uint32_t)(found - indexes);
}

static int edge_posts(struct lks_store *store, const struct lks_events *events,
                      const struct lks_match *matches, size_t count,
                      struct lks_explanation *explanation, struct lks_error *err)
{
    struct lks_arena *arena = &explanation->arena;
    uint32_t *indexes = lks_arena_calloc(arena, 2 * count + 1, sizeof *indexes);
    explanation->matches = lks_arena_calloc(arena, count + 1, sizeof *explanation->matches);
    if (!indexes || !explanation->matches)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    size_t distinct = posts_distinct(matches, count, indexes);
    struct lks_post *posts = lks_arena_calloc(arena, distinct + 1, sizeof *posts);
    uint32_t *files = lks_arena_calloc(arena, distinct + 1, sizeof *files);
    explanation->posts = lks_arena_calloc(arena, distinct + 1, sizeof *explanation->posts);
    if (!posts || !files || !explanation->posts)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    struct lks_store_file *table;
    size_t table_count;
    int code = lks_store_posts(store, indexes, distinct, arena, posts, files, err);
    if (code == 0)
        code = lks_store_files(store, arena, &table, &table_count, err);
    if (code)
        return code;
    const struct lks_edge *edge = &explanation->edge->edge;
    const struct lks_results *results = explanation->results;
    for (size_t i = 0; i < distinct; i++) {
        struct lks_result_post *post = &explanation->posts[i];
        post->post = posts[i];
        post->node =
            lks_str_equal(posts[i].account_key, results->nodes[edge->a].account.account_key)
                ? edge->a
                : edge->b;
        for (size_t f = 0; f < table_count; f++)
            if (table[f].file_index == files[i]) {
                post->file = lks_arena_str(arena, lks_str_from(table[f].name));
                post->sha256 = lks_arena_str(arena, lks_str_from(table[f].sha256));
                post->leaf = table[f].leaf;
            }
    }
    explanation->posts_count = distinct;
    for (size_t i = 0; i < count; i++)
        explanation->matches[i] = (struct lks_explain_match){
            position(indexes, distinct, matches[i].post_a),
            position(indexes, distinct, matches[i].post_b), events->object_kind[matches[i].object],
            lks_arena_str(arena, lks_store_object(store, matches[i].object))};
    explanation->matches_count = count;
    return 0;
}

/* The posts behind an edge are found again from the records, all of them. */
static int edge_matches(struct lks_store *store, const struct lks_control *control,
                        struct lks_explanation *explanation, struct lks_error *err)
{
    const struct lks_result_edge *edge = explanation->edge;
    const struct lks_results *results = explanation->results;
    struct lks_events events = {0};
    struct lks_coaction_options options = lks_coaction_options_default();
    struct lks_match *matches = NULL;
    size_t count = 0;
    uint32_t a, b, mask = 0;
    for (int kind = 0; kind < LKS_OBJECT_KINDS_COUNT; kind++) {
        int64_t window_us = results->kind_window_us[kind];
        options.window_us[kind] = window_us < edge->window_us ? window_us : edge->window_us;
        if (window_us >= 0)
            mask |= 1u << kind;
    }
    int code =
        lks_store_account_find(store, results->nodes[edge->edge.a].account.account_key, &a, err);
    if (code == 0)
        code = lks_store_account_find(store, results->nodes[edge->edge.b].account.account_key, &b,
                                      err);
    if (code == 0)
        code = lks_store_events(store, mask, control, &events, err);
    if (code == 0)
        code = lks_coaction_matches(&events, &options, a, b, &matches, &count, err);
    if (code == 0)
        code = edge_posts(store, &events, matches, count, explanation, err);
    free(matches);
    lks_events_free(&events);
    return code;
}

/* Accounts may have commas in their names: the first comma with an account on both sides
 * is the one that parts them. 0; 1 when there is none. */
static int find_ends(struct lks_store *store, const struct lks_results *results, const char *what,
                     struct lks_explanation *explanation, struct lks_named ends[2],
                     struct lks_error *err)
{
    int tries = 0;
    for (const char *comma = strchr(what, ','); comma && tries < COMMAS_MAX;
         comma = strchr(comma + 1, ','), tries++) {
        int code = find_named(store, results, (struct lks_str){what, (size_t)(comma - what)},
                              &explanation->arena, &ends[0], err);
        if (code == 0)
            code = find_named(store, results, lks_str_from(comma + 1), &explanation->arena,
                              &ends[1], err);
        if (code != 1)
            return code;
    }
    return 1;
}

static int find_edge(struct lks_store *store, const struct lks_results *results, const char *what,
                     const struct lks_control *control, struct lks_explanation *explanation,
                     struct lks_error *err)
{
    struct lks_named ends[2];
    int code = find_ends(store, results, what, explanation, ends, err);
    if (code)
        return code;
    uint32_t a = ends[0].node, b = ends[1].node;
    if (a == UINT32_MAX || b == UINT32_MAX || a == b)
        return lks_error_set(err, LKS_EMISSING, "'%.200s' names no edge: %s", what,
                             a == b && a != UINT32_MAX
                                 ? "both are the same account"
                                 : "an account of the two is not in the network of this run");
    for (uint64_t i = 0; i < results->edges_count; i++) {
        const struct lks_edge *edge = &results->edges[i].edge;
        if ((edge->a == a && edge->b == b) || (edge->a == b && edge->b == a)) {
            explanation->edge = &results->edges[i];
            return edge_matches(store, control, explanation, err);
        }
    }
    return lks_error_set(err, LKS_EMISSING, "this run kept no edge between the two of '%.200s'",
                         what);
}

int lks_explain_find(struct lks_store *store, const struct lks_results *results, const char *what,
                     const struct lks_control *control, struct lks_explanation *explanation,
                     struct lks_error *err)
{
    *explanation = (struct lks_explanation){.results = results, .account = UINT32_MAX};
    if (find_finding(results, what, explanation) == 0)
        return 0;
    explanation->script = lks_explain_script_find(results, lks_str_from(what));
    if (explanation->script)
        return 0;
    explanation->tag = lks_explain_tag_find(results, lks_str_from(what));
    if (explanation->tag)
        return 0;
    int code = find_edge(store, results, what, control, explanation, err);
    return code == 1 ? find_account(store, results, what, explanation, err) : code;
}

void lks_explanation_free(struct lks_explanation *explanation)
{
    lks_arena_free(&explanation->arena);
}

static int run_explain(struct lks_store *store, const char *case_path, const char *run,
                       const char *what, int as_json, const struct lks_control *control,
                       struct lks_buffer *out, struct lks_error *err)
{
    char path[LKS_CASE_PATH_BYTES];
    struct lks_results results = {0};
    struct lks_explanation explanation = {0};
    int code = lks_case_path(case_path, run, "results.duckdb", path, err);
    if (code == 0)
        code = lks_results_load(path, &results, err);
    if (code == 0)
        code = lks_explain_find(store, &results, what, control, &explanation, err);
    if (code == 0)
        as_json ? lks_explain_json(&explanation, out) : lks_explain_text(&explanation, out);
    lks_explanation_free(&explanation);
    lks_results_free(&results);
    return code;
}

int lks_case_explain(const char *case_path, const char *run, const char *what, int as_json,
                     const struct lks_control *control, char **text_out, struct lks_error *err)
{
    static const char post_mark[] = "post:";
    int of_post = strncmp(what, post_mark, sizeof post_mark - 1) == 0;
    char name[16] = "";
    struct lks_store *store = NULL;
    struct lks_buffer out = {0};
    struct lks_vault *vault = NULL;
    *text_out = NULL;
    int code = lks_case_open(case_path, control, &store, err);
    if (code == 0 && !of_post)
        code = lks_case_run_find(case_path, run, name, err);
    if (code == 0 && !of_post)
        code = run_explain(store, case_path, name, what, as_json, control, &out, err);
    if (code == 0) /* who looked is logged before there is something to see */
        code = lks_looker_open(case_path, control, &vault, err);
    if (code == 0 && of_post)
        code = lks_explain_post(store, case_path, vault, what + sizeof post_mark - 1, as_json,
                                control, &out, err);
    if (code == 0 && vault)
        code = lks_access_record(vault, "explain", of_post ? NULL : name, lks_str_from(what), err);
    if (code == 0 && vault)
        code = lks_vault_commit(vault, err);
    lks_vault_close(vault);
    lks_buffer_byte(&out, 0);
    if (code == 0 && out.failed)
        code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    if (code == 0)
        *text_out = out.data;
    else
        lks_buffer_free(&out);
    lks_store_close(store);
    return code;
}
