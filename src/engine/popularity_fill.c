/* popularity_fill.c - how popular things were with and without the members of findings */
#include "engine/popularity_fill.h"

#include <stdlib.h>

#include "engine/fill_parts.h"

/* 1 for members of findings of low confidence, 2 of moderate, 3 of high; 0 for all others. */
static uint8_t *levels_make(const struct lks_events *events, const uint32_t *account_finding,
                            const struct lks_results *results)
{
    uint8_t *level = calloc((size_t)events->accounts_count + 1, 1);
    for (uint32_t i = 0; level && i < events->accounts_count; i++)
        if (account_finding[i] < results->findings_count)
            level[i] = (uint8_t)(1 + results->findings[account_finding[i]].confidence);
    return level;
}

int lks_popularity_fill(const struct lks_store *store, const struct lks_events *events,
                        const uint32_t *account_finding, const struct lks_control *control,
                        struct lks_results *results, struct lks_error *err)
{
    struct lks_popularity_options options = lks_popularity_options_default();
    struct lks_popular *popular = NULL;
    size_t count = 0;
    uint8_t *level = levels_make(events, account_finding, results);
    int code = level ? lks_popularity_run(events, level, &options, control, &popular, &count, err)
                     : lks_error_set(err, LKS_EMEMORY, "out of memory");
    if (code == 0)
        results->populars = lks_arena_calloc(&results->arena, count + 1, sizeof *results->populars);
    if (code == 0 && !results->populars)
        code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    for (size_t i = 0; code == 0 && i < count; i++) {
        struct lks_result_popular *to = &results->populars[i];
        to->item = popular[i];
        to->object = lks_arena_str(&results->arena, lks_store_object(store, popular[i].object));
        to->posts = lks_counts_text(&results->arena, popular[i].bin_posts, LKS_POPULAR_BINS);
        to->flagged = lks_counts_text(&results->arena, popular[i].bin_flagged, LKS_POPULAR_BINS);
        if (!to->object.data || !to->posts.data || !to->flagged.data)
            code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    }
    if (code == 0)
        results->populars_count = (uint32_t)count;
    free(popular);
    free(level);
    return code;
}
