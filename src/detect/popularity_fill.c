/* popularity_fill.c - how popular things were with and without the members of findings */
#include "detect/popularity_fill.h"

#include <inttypes.h>
#include <stdlib.h>

#include "detect/fill_parts.h"

static int memory_out(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "out of memory");
}

/* 1 for members of findings of low confidence, 2 of moderate, 3 of high; 0 for all others, those of
 * explained ones among them. */
static uint8_t *levels_make(const struct lks_events *events, const uint32_t *account_finding,
                            const struct lks_results *results)
{
    uint8_t *level = calloc((size_t)events->accounts_count + 1, 1);
    for (uint32_t i = 0; level && i < events->accounts_count; i++)
        if (account_finding[i] < results->findings_count)
            level[i] = (uint8_t)results->findings[account_finding[i]].confidence;
    return level;
}

static struct lks_str large_counts_text(struct lks_arena *arena, const uint64_t *counts,
                                        size_t count)
{
    struct lks_buffer text = {0};
    struct lks_str copy = LKS_STR_NULL;
    for (size_t i = 0; i < count; i++)
        lks_buffer_format(&text, "%s%" PRIu64, i ? " " : "", counts[i]);
    if (!text.failed)
        copy = lks_arena_str(arena, (struct lks_str){text.data, text.size_bytes});
    lks_buffer_free(&text);
    return copy;
}

static int popular_fill(const struct lks_popular *item, struct lks_str object, int is_name,
                        const struct lks_account_columns *columns, struct lks_arena *arena,
                        struct lks_result_popular *to)
{
    to->item = *item;
    to->is_name = is_name;
    to->object = lks_arena_str(arena, object);
    to->posts = lks_counts_text(arena, item->bin_posts, LKS_POPULAR_BINS);
    to->flagged = lks_counts_text(arena, item->bin_flagged, LKS_POPULAR_BINS);
    to->accounts = lks_counts_text(arena, item->bin_accounts, LKS_POPULAR_BINS);
    to->accounts_flagged = lks_counts_text(arena, item->bin_accounts_flagged, LKS_POPULAR_BINS);
    to->views = large_counts_text(arena, item->bin_views, LKS_POPULAR_BINS);
    to->views_flagged = large_counts_text(arena, item->bin_views_flagged, LKS_POPULAR_BINS);
    int failed = !to->object.data || !to->posts.data || !to->flagged.data || !to->accounts.data ||
                 !to->accounts_flagged.data || !to->views.data || !to->views_flagged.data;
    for (uint32_t p = 0; !failed && p < item->platforms_count; p++) {
        uint8_t platform = item->platforms[p].platform;
        struct lks_str name = platform < columns->platforms.count && platform < UINT8_MAX
                                  ? columns->platforms.names[platform]
                                  : LKS_STR("others");
        const struct lks_popular_course *course = &item->course[p];
        to->platform[p] = lks_arena_str(arena, name);
        to->platform_posts[p] = lks_counts_text(arena, course->posts, LKS_POPULAR_BINS);
        to->platform_flagged[p] = lks_counts_text(arena, course->flagged, LKS_POPULAR_BINS);
        to->platform_accounts[p] = lks_counts_text(arena, course->accounts, LKS_POPULAR_BINS);
        to->platform_views[p] = large_counts_text(arena, course->views, LKS_POPULAR_BINS);
        failed = !to->platform[p].data || !to->platform_posts[p].data ||
                 !to->platform_flagged[p].data || !to->platform_accounts[p].data ||
                 !to->platform_views[p].data;
    }
    return failed ? -1 : 0;
}

/* Describes things of these events; names[object] are theirs, or NULL: the store's. */
static int things_add(const struct lks_store *store, const struct lks_events *events,
                      const struct lks_str *names, const uint8_t *level,
                      const struct lks_popularity_columns *more,
                      const struct lks_account_columns *columns, const struct lks_control *control,
                      struct lks_result_popular *populars, struct lks_results *results,
                      struct lks_error *err)
{
    struct lks_popularity_options options = lks_popularity_options_default();
    struct lks_popular *popular = NULL;
    size_t count = 0;
    if (names) {
        options.kinds_mask = 1u << LKS_OBJECT_TEXT;
        options.flagged_min = 0;
        options.objects_most = LKS_NAMES_MAX;
    }
    int code = lks_popularity_run(events, level, more, &options, control, &popular, &count, err);
    for (size_t i = 0; code == 0 && i < count; i++) {
        struct lks_str object =
            names ? names[popular[i].object] : lks_store_object(store, popular[i].object);
        if (popular_fill(&popular[i], object, names != NULL, columns, &results->arena,
                         &populars[results->populars_count++]) != 0)
            code = memory_out(err);
    }
    free(popular);
    return code;
}

int lks_popularity_fill(struct lks_store *store, const struct lks_events *events,
                        const struct lks_account_columns *columns, const struct lks_topic *topic,
                        const uint32_t *account_finding, const struct lks_control *control,
                        struct lks_results *results, struct lks_error *err)
{
    struct lks_popularity_options options = lks_popularity_options_default();
    size_t most = (size_t)LKS_OBJECT_KINDS_COUNT * options.objects_most + LKS_NAMES_MAX + 1;
    uint8_t *level = levels_make(events, account_finding, results);
    int64_t *views = malloc(((size_t)events->posts_count + 1) * sizeof *views);
    uint32_t *parent = malloc(((size_t)events->posts_count + 1) * sizeof *parent);
    struct lks_popularity_columns more = {columns->platform, views, parent};
    results->populars = lks_arena_calloc(&results->arena, most, sizeof *results->populars);
    int code = level && views && parent && results->populars ? 0 : memory_out(err);
    if (code == 0)
        code = lks_store_reach(store, events->posts_count, views, parent, err);
    if (code == 0)
        code = things_add(store, events, NULL, level, &more, columns, control, results->populars,
                          results, err);
    if (code == 0 && topic->names.count)
        code = things_add(store, &topic->names, topic->name, level, &more, columns, control,
                          results->populars, results, err);
    free(level);
    free(views);
    free(parent);
    return code;
}
