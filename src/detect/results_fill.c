/* results_fill.c - an analysis by ids becomes results that stand for themselves */
#include "detect/results_fill.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/sha256.h"
#include "detect/timeline.h"
#include "graph/layout.h"

enum { VARIANTS_SHOWN = 5 }; /* of one near-text object */

static int out_of_memory(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "out of memory");
}

static int strings_copy(struct lks_arena *arena, struct lks_str *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct lks_str copy = lks_arena_str(arena, *texts[i]);
        if (texts[i]->data && !copy.data)
            return -1;
        *texts[i] = copy;
    }
    return 0;
}

static int nodes_fill(struct lks_store *store, const struct lks_analysis *analysis,
                      struct lks_results *results, struct lks_error *err)
{
    uint32_t count = analysis->nodes_count;
    struct lks_account *accounts = calloc(count + 1, sizeof *accounts);
    uint64_t *posts_counts = calloc(count + 1, sizeof *posts_counts);
    results->nodes = lks_arena_calloc(&results->arena, count + 1, sizeof *results->nodes);
    int code = accounts && posts_counts && results->nodes ? 0 : out_of_memory(err);
    if (code == 0)
        code = lks_store_accounts(store, analysis->node_account, count, &results->arena, accounts,
                                  posts_counts, err);
    for (uint32_t i = 0; code == 0 && i < count; i++) {
        results->nodes[i] = analysis->nodes[i];
        results->nodes[i].account = accounts[i];
        results->nodes[i].posts_count = posts_counts[i];
    }
    results->nodes_count = count;
    free(accounts);
    free(posts_counts);
    return code;
}

static int edges_fill(const struct lks_analysis *analysis, struct lks_results *results,
                      struct lks_error *err)
{
    results->edges =
        lks_arena_calloc(&results->arena, analysis->edges_count + 1, sizeof *results->edges);
    if (!results->edges)
        return out_of_memory(err);
    if (analysis->edges_count)
        memcpy(results->edges, analysis->edges, analysis->edges_count * sizeof *results->edges);
    results->edges_count = analysis->edges_count;
    return 0;
}

static int layout_fill(struct lks_results *results, struct lks_error *err)
{
    uint32_t nodes = results->nodes_count;
    struct lks_graph graph = {0};
    struct lks_layout_options options = lks_layout_options_default();
    struct lks_graph_edge *edges = calloc(results->edges_count + 1, sizeof *edges);
    double *x = calloc(nodes + 1, sizeof *x), *y = calloc(nodes + 1, sizeof *y);
    int code = edges && x && y ? 0 : out_of_memory(err);
    for (uint64_t i = 0; code == 0 && i < results->edges_count; i++)
        edges[i] = (struct lks_graph_edge){
            results->edges[i].edge.a, results->edges[i].edge.b,
            results->edges[i].edge.occasions_count ? results->edges[i].edge.occasions_count : 1};
    if (code == 0)
        code = lks_graph_build(&graph, nodes, edges, results->edges_count, err);
    if (code == 0 && nodes)
        code = lks_layout(&graph, &options, x, y, err);
    for (uint32_t i = 0; code == 0 && i < nodes; i++) {
        results->nodes[i].x = x[i];
        results->nodes[i].y = y[i];
    }
    lks_graph_free(&graph);
    free(edges);
    free(x);
    free(y);
    return code;
}

/* The finding's own lists are copied; object ids become texts. */
static int finding_fill(struct lks_store *store, const struct lks_finding *from,
                        struct lks_results *results, struct lks_finding *to)
{
    struct lks_arena *arena = &results->arena;
    *to = *from;
    to->members = lks_arena_calloc(arena, from->members_count + 1, sizeof *to->members);
    to->alternatives =
        lks_arena_calloc(arena, from->alternatives_count + 1, sizeof *to->alternatives);
    to->objects = lks_arena_calloc(arena, from->objects_count + 1, sizeof *to->objects);
    to->matches = lks_arena_calloc(arena, from->matches_count + 1, sizeof *to->matches);
    if (!to->members || !to->alternatives || !to->objects || !to->matches)
        return -1;
    struct lks_str *texts[] = {&to->id, &to->title, &to->confidence_rule};
    if (strings_copy(arena, texts, 3) != 0)
        return -1;
    for (uint32_t i = 0; i < from->members_count; i++)
        to->members[i] = from->members[i];
    for (uint32_t i = 0; i < from->alternatives_count; i++) {
        to->alternatives[i] = from->alternatives[i];
        struct lks_str *measured = &to->alternatives[i].measured;
        if (strings_copy(arena, &measured, 1) != 0)
            return -1;
    }
    for (uint32_t i = 0; i < from->objects_count; i++) {
        to->objects[i] = from->objects[i];
        to->objects[i].object = lks_store_object(store, from->objects[i].object_id);
        struct lks_str *object = &to->objects[i].object;
        if (strings_copy(arena, &object, 1) != 0)
            return -1;
    }
    for (uint32_t i = 0; i < from->matches_count; i++) {
        to->matches[i] = from->matches[i];
        to->matches[i].object = lks_store_object(store, from->matches[i].object_id);
        struct lks_str *object = &to->matches[i].object;
        if (strings_copy(arena, &object, 1) != 0)
            return -1;
    }
    return 0;
}

static int findings_fill(struct lks_store *store, const struct lks_analysis *analysis,
                         struct lks_results *results, struct lks_error *err)
{
    results->findings =
        lks_arena_calloc(&results->arena, analysis->findings_count + 1, sizeof *results->findings);
    if (!results->findings)
        return out_of_memory(err);
    for (uint32_t i = 0; i < analysis->findings_count; i++)
        if (finding_fill(store, &analysis->findings[i], results, &results->findings[i]) != 0)
            return out_of_memory(err);
    results->findings_count = analysis->findings_count;
    return 0;
}

static int files_fill(struct lks_store *store, struct lks_results *results,
                      struct lks_store_file **files_out, size_t *count_out, struct lks_error *err)
{
    struct lks_arena *arena = &results->arena;
    int code = lks_store_files(store, arena, files_out, count_out, err);
    if (code)
        return code;
    results->files = lks_arena_calloc(arena, *count_out + 1, sizeof *results->files);
    if (!results->files)
        return out_of_memory(err);
    for (size_t i = 0; i < *count_out; i++) {
        const struct lks_store_file *file = &(*files_out)[i];
        struct lks_result_file *to = &results->files[i];
        *to = (struct lks_result_file){
            .name = lks_str_from(file->name),
            .sha256 = lks_str_from(file->sha256),
            .format = lks_str_from(file->format),
            .size_bytes = file->size_bytes,
            .rows_count = file->rows_count,
            .posts_count = file->posts_count,
            .payments_count = file->payments_count,
            .rejects_count = file->rejects_count,
            .duplicates_count = file->duplicates_count,
            .ignored_count = file->ignored_count,
            .leaf = file->leaf,
        };
        struct lks_str *texts[] = {&to->name, &to->sha256, &to->format};
        if (strings_copy(arena, texts, 3) != 0)
            return out_of_memory(err);
    }
    results->files_count = (uint32_t)*count_out;
    return 0;
}

/* SHA-256 over the files' digests in their order: which data this is. */
static int digest_fill(struct lks_results *results, struct lks_error *err)
{
    struct lks_buffer all = {0};
    unsigned char digest[LKS_SHA256_BYTES];
    char hex[LKS_SHA256_HEX_BYTES];
    for (uint32_t i = 0; i < results->files_count; i++)
        lks_buffer_append(&all, results->files[i].sha256.data, results->files[i].sha256.size_bytes);
    lks_sha256_of(all.size_bytes ? all.data : "", all.size_bytes, digest);
    lks_sha256_hex(digest, hex);
    results->data_digest = lks_arena_str(&results->arena, lks_str_from(hex));
    int failed = all.failed || !results->data_digest.data;
    lks_buffer_free(&all);
    return failed ? out_of_memory(err) : 0;
}

static const struct lks_store_file *file_of(const struct lks_store_file *files, size_t count,
                                            uint32_t file_index)
{
    for (size_t i = 0; i < count; i++)
        if (files[i].file_index == file_index)
            return &files[i];
    return NULL;
}

static int rejects_fill(struct lks_store *store, const struct lks_store_file *files,
                        size_t files_count, struct lks_results *results, struct lks_error *err)
{
    struct lks_store_reject_group *groups;
    size_t count;
    int code = lks_store_rejects(store, &results->arena, &groups, &count, err);
    if (code)
        return code;
    results->rejects = lks_arena_calloc(&results->arena, count + 1, sizeof *results->rejects);
    if (!results->rejects)
        return out_of_memory(err);
    for (size_t i = 0; i < count; i++) {
        const struct lks_store_file *file = file_of(files, files_count, groups[i].file_index);
        results->rejects[i] = (struct lks_result_reject){
            .file = lks_arena_str(&results->arena, lks_str_from(file ? file->name : "")),
            .reason = groups[i].reason,
            .first_bytes = groups[i].first_bytes,
            .line = groups[i].line,
            .count = groups[i].count,
        };
    }
    results->reject_rows_count = (uint32_t)count;
    return 0;
}

static int evidence_fill(struct lks_store *store, const struct lks_analysis *analysis,
                         const struct lks_store_file *files, size_t files_count,
                         struct lks_results *results, struct lks_error *err)
{
    uint32_t count = analysis->evidence_count;
    struct lks_post *posts = calloc(count + 1, sizeof *posts);
    uint32_t *file_indexes = calloc(count + 1, sizeof *file_indexes);
    results->posts = lks_arena_calloc(&results->arena, count + 1, sizeof *results->posts);
    int code = posts && file_indexes && results->posts ? 0 : out_of_memory(err);
    if (code == 0)
        code = lks_store_posts(store, analysis->evidence_post, count, &results->arena, posts,
                               file_indexes, err);
    for (uint32_t i = 0; code == 0 && i < count; i++) {
        const struct lks_store_file *file = file_of(files, files_count, file_indexes[i]);
        results->posts[i] = (struct lks_result_post){
            .post = posts[i],
            .node = analysis->evidence_node[i],
            .file = lks_arena_str(&results->arena, lks_str_from(file ? file->name : "")),
            .sha256 = lks_arena_str(&results->arena, lks_str_from(file ? file->sha256 : "")),
            .leaf = file ? file->leaf : 0,
        };
    }
    results->evidence_count = count;
    free(posts);
    free(file_indexes);
    return code;
}

/* A text as it is shown beside an object: cut to one line. */
static struct lks_str text_cut(struct lks_str text)
{
    enum { SHOWN_BYTES = 160 };
    if (text.size_bytes <= SHOWN_BYTES)
        return text;
    text.size_bytes = SHOWN_BYTES;
    while (text.size_bytes && (text.data[text.size_bytes] & 0xc0) == 0x80)
        text.size_bytes--;
    return text;
}

static int is_near(const struct lks_result_object *object)
{
    return object->kind == LKS_OBJECT_NEAR_TEXT;
}

/* Hands the variants, which stand by object, out to the findings. places counts the near
 * objects of all findings, one after the other, as they were asked for. */
static int variants_take(const struct lks_store_variant *variants, size_t count,
                         struct lks_results *results, struct lks_error *err)
{
    size_t at = 0;
    uint32_t place = 0;
    for (uint32_t f = 0; f < results->findings_count; f++) {
        struct lks_finding *finding = &results->findings[f];
        finding->variants =
            lks_arena_calloc(&results->arena, (size_t)finding->objects_count * VARIANTS_SHOWN + 1,
                             sizeof *finding->variants);
        if (!finding->variants)
            return out_of_memory(err);
        for (uint32_t i = 0; i < finding->objects_count; i++) {
            if (!is_near(&finding->objects[i]))
                continue;
            for (; at < count && variants[at].object == place; at++)
                finding->variants[finding->variants_count++] =
                    (struct lks_result_variant){.object = i,
                                                .text = text_cut(variants[at].text),
                                                .posts_count = (uint32_t)variants[at].posts_count,
                                                .similarity = variants[at].similarity};
            place++;
        }
    }
    return 0;
}

/* The writings of every near-text object of the findings. */
static int variants_fill(struct lks_store *store, struct lks_results *results,
                         struct lks_error *err)
{
    struct lks_store_variant *variants;
    size_t count = 0, found;
    for (uint32_t f = 0; f < results->findings_count; f++)
        count += results->findings[f].objects_count;
    struct lks_str *objects = lks_arena_calloc(&results->arena, count + 1, sizeof *objects);
    if (!objects)
        return out_of_memory(err);
    count = 0;
    for (uint32_t f = 0; f < results->findings_count; f++)
        for (uint32_t i = 0; i < results->findings[f].objects_count; i++)
            if (is_near(&results->findings[f].objects[i]))
                objects[count++] = results->findings[f].objects[i].object;
    int code = lks_store_near_variants(store, objects, count, VARIANTS_SHOWN, &results->arena,
                                       &variants, &found, err);
    return code ? code : variants_take(variants, found, results, err);
}

/* A text as an object is a digest, which tells a reader nothing: where one of the evidence
 * posts carries the text, its words stand in the place of the digest. */
static void text_objects_fill(struct lks_results *results)
{
    for (uint32_t f = 0; f < results->findings_count; f++) {
        struct lks_finding *finding = &results->findings[f];
        for (uint32_t v = 0; v < finding->variants_count; v++)
            if (v == 0 || finding->variants[v].object != finding->variants[v - 1].object)
                finding->objects[finding->variants[v].object].object = finding->variants[v].text;
        for (uint32_t i = 0; i < finding->objects_count; i++) {
            struct lks_result_object *object = &finding->objects[i];
            if (object->kind != LKS_OBJECT_TEXT)
                continue;
            for (uint32_t m = 0; m < finding->matches_count; m++) {
                struct lks_str text = results->posts[finding->matches[m].post_a].post.text;
                if (finding->matches[m].object_id != object->object_id || !text.data)
                    continue;
                object->object = text_cut(text);
                break;
            }
        }
    }
}

static int counts_fill(struct lks_store *store, const struct lks_analysis *analysis,
                       struct lks_results *results, struct lks_error *err)
{
    struct lks_store_counts counts;
    int code = lks_store_counts(store, &counts, err);
    if (code)
        return code;
    results->version = lks_arena_str(&results->arena, lks_str_from(lks_version()));
    results->synthetic = counts.synthetic;
    results->posts_count = counts.posts;
    results->accounts_count = counts.accounts;
    results->actions_count = counts.actions;
    results->rejects_count = counts.rejects;
    results->duplicates_count = counts.duplicates;
    results->ignored_count = counts.ignored;
    results->payments_count = counts.payments;
    results->first_us = counts.first_us;
    results->last_us = counts.last_us;
    results->time_precision = counts.time_precision;
    results->tests_count = analysis->tests_count;
    results->edges_tested = analysis->edges_tested;
    results->copies_count = analysis->copies_count;
    results->copies_max_score = analysis->copies_max_score;
    results->group_threshold = analysis->group_threshold;
    return 0;
}

/* What had to be assumed in reading a file: one sentence for all files. */
static void reading_note(struct lks_results *results, uint64_t count, const char *sentence)
{
    char text[256];
    if (!count)
        return;
    snprintf(text, sizeof text, "%llu %s", (unsigned long long)count, sentence);
    results->notes[results->notes_count++] = lks_arena_str(&results->arena, lks_str_from(text));
}

static int notes_fill(const struct lks_analysis *analysis, const struct lks_store_file *files,
                      size_t files_count, struct lks_results *results, struct lks_error *err)
{
    uint64_t zones = 0, cp1252 = 0;
    results->notes =
        lks_arena_calloc(&results->arena, analysis->notes_count + 2, sizeof *results->notes);
    if (!results->notes)
        return out_of_memory(err);
    for (uint32_t i = 0; i < analysis->notes_count; i++)
        results->notes[i] = lks_arena_str(&results->arena, analysis->notes[i]);
    results->notes_count = analysis->notes_count;
    for (size_t i = 0; i < files_count; i++) {
        zones += files[i].zone_assumed_count;
        cp1252 += files[i].cp1252_count;
    }
    reading_note(results, zones,
                 "times stand in the files without a zone. They were taken at the offset given "
                 "by --zone, UTC where none was given: an assumption that nothing in the data "
                 "confirms.");
    reading_note(results, cp1252,
                 "rows are not UTF-8 and were read as Windows-1252, which may show some letters "
                 "wrongly.");
    return 0;
}

/* Adds one option with its value and what it means. */
static void option_add(struct lks_results *results, const char *name, const char *meaning,
                       const char *format, ...) __attribute__((format(printf, 4, 5)));
static void option_add(struct lks_results *results, const char *name, const char *meaning,
                       const char *format, ...)
{
    char value[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(value, sizeof value, format, arguments);
    va_end(arguments);
    results->options[results->options_count++] =
        (struct lks_option_text){lks_arena_str(&results->arena, lks_str_from(name)),
                                 lks_arena_str(&results->arena, lks_str_from(value)),
                                 lks_arena_str(&results->arena, lks_str_from(meaning))};
}

static void windows_text(const struct lks_chance_options *chance, char *text, size_t text_bytes)
{
    size_t used = 0;
    text[0] = 0;
    for (unsigned i = 0; i < chance->windows_count && used < text_bytes; i++) {
        char span[LKS_TIME_TEXT_BYTES];
        lks_span_format(chance->windows_us[i], span);
        used += (size_t)snprintf(text + used, text_bytes - used, "%s%s", i ? ", " : "", span);
    }
}

static void kinds_text(const struct lks_chance_options *chance, char *text, size_t text_bytes)
{
    size_t used = 0;
    text[0] = 0;
    for (int kind = 0; kind < LKS_OBJECT_KINDS_COUNT && used < text_bytes; kind++) {
        char span[LKS_TIME_TEXT_BYTES];
        if (chance->kind_window_us[kind] < 0)
            continue;
        lks_span_format(chance->kind_window_us[kind], span);
        used += (size_t)snprintf(text + used, text_bytes - used, "%s%s within %s", used ? ", " : "",
                                 lks_object_kind_names[kind], span);
    }
}

static int options_fill(const struct lks_detect_groups_options *options,
                        struct lks_results *results, struct lks_error *err)
{
    char text[512], span[LKS_TIME_TEXT_BYTES];
    results->options = lks_arena_calloc(&results->arena, 16, sizeof *results->options);
    if (!results->options)
        return out_of_memory(err);
    windows_text(&options->chance, text, sizeof text);
    option_add(results, "windows",
               "every pair is tested in each of these, with a correction for the choice", "%s",
               text);
    kinds_text(&options->chance, text, sizeof text);
    option_add(results, "kinds", "what two posts can have in common, and how far apart they may be",
               "%s", text);
    lks_span_format(options->chance.stratum_us, span);
    option_add(results, "stratum", "who posted is taken as exchangeable within this span", "%s",
               span);
    option_add(results, "min_occasions", "pairs with fewer acts in common are not tested", "%u",
               options->chance.min_occasions);
    option_add(results, "object_share_max",
               "objects used by a larger share of the accounts tell nothing and are left out", "%g",
               options->chance.object_share_max);
    option_add(results, "rare_share",
               "objects used by at most this share of the accounts are also tested by themselves",
               "%g", options->chance.rare_share);
    option_add(results, "object_partners_max",
               "objects whose uses have more partners on average are looked at in shorter windows",
               "%u", options->chance.object_partners_max);
    option_add(results, "edge_level", "an edge is kept at p at most this", "%g",
               options->edge_level);
    option_add(results, "group_level", "the chance of any false finding", "%g",
               options->group_level);
    option_add(results, "copies", "shuffled copies of the data that groups are compared with", "%u",
               options->copies_count);
    option_add(results, "split_accounts", "larger connected groups are split by Leiden", "%u",
               options->split_accounts);
    option_add(results, "seed", "of the shuffled copies", "%llu",
               (unsigned long long)options->seed);
    results->seed = options->seed;
    for (int kind = 0; kind < LKS_OBJECT_KINDS_COUNT; kind++)
        results->kind_window_us[kind] = options->chance.kind_window_us[kind];
    return 0;
}

int lks_results_fill(struct lks_store *store, const struct lks_events *events,
                     const struct lks_analysis *analysis,
                     const struct lks_detect_groups_options *options, struct lks_results *results,
                     struct lks_error *err)
{
    struct lks_store_file *files = NULL;
    size_t files_count = 0;
    int code = counts_fill(store, analysis, results, err);
    if (code == 0)
        code = nodes_fill(store, analysis, results, err);
    if (code == 0)
        code = edges_fill(analysis, results, err);
    if (code == 0)
        code = layout_fill(results, err);
    if (code == 0)
        code = findings_fill(store, analysis, results, err);
    if (code == 0)
        code = files_fill(store, results, &files, &files_count, err);
    if (code == 0)
        code = digest_fill(results, err);
    if (code == 0)
        code = rejects_fill(store, files, files_count, results, err);
    if (code == 0)
        code = evidence_fill(store, analysis, files, files_count, results, err);
    if (code == 0)
        code = variants_fill(store, results, err);
    if (code == 0) {
        text_objects_fill(results);
        code = notes_fill(analysis, files, files_count, results, err);
    }
    if (code == 0)
        code = options_fill(options, results, err);
    if (code == 0)
        code = lks_timeline_fill(events, analysis->post_finding, results, err);
    return code;
}
