/* chance.c - the null model's preparation, composed
 *
 * The null model permutes accounts among the posts of a stratum, so whatever depends on the
 * posts alone is laid out once and serves the real data and every shuffled copy: strata and
 * presence (strata.c), what makes posts meet (objects.c), and the partners of
 * every post (partners.c). The real data and the copies differ in their authors only
 * (authors.c), and are scanned row by row (scan.c).
 *
 * Memory, with w windows: 40 + 16 w bytes a post, 8 an action, 9 an object, 16 an account and
 * 4 a partner; what a scan adds is told in scan.c and authors.c. All of it is
 * counted against one limit. */
#include "chance/chance.h"

#include <stdlib.h>

#include "chance/data.h"

struct lks_chance_options lks_chance_options_default(void)
{
    struct lks_chance_options options = {
        .windows_us = {LKS_MINUTE_US, 10 * LKS_MINUTE_US, LKS_HOUR_US, 6 * LKS_HOUR_US},
        .windows_count = 4,
        .stratum_us = LKS_HOUR_US,
        .min_occasions = 2,
        .object_share_max = 0.5,
        .object_accounts_min = 50,
        .rare_share = 0.01,
        .rare_accounts_max = 3,
        .object_partners_max = 4096,
        .partners_max = UINT64_C(1) << 28,
    };
    for (int kind = 0; kind < LKS_OBJECT_KINDS_COUNT; kind++)
        options.kind_window_us[kind] = LKS_DAY_US;
    return options;
}

int lks_chance_options_check(const struct lks_chance_options *options, struct lks_error *err)
{
    if (options->windows_count < 1 || options->windows_count > LKS_CHANCE_WINDOWS_MAX)
        return lks_error_set(err, LKS_EARGUMENT, "between 1 and %d windows are needed",
                             LKS_CHANCE_WINDOWS_MAX);
    for (unsigned w = 0; w < options->windows_count; w++) {
        int64_t before = w ? options->windows_us[w - 1] : -1;
        if (options->windows_us[w] <= before || options->windows_us[w] > 366 * LKS_DAY_US)
            return lks_error_set(err, LKS_EARGUMENT,
                                 "windows must rise and be at most a year long");
    }
    if (options->stratum_us < LKS_MINUTE_US || options->stratum_us > 366 * LKS_DAY_US)
        return lks_error_set(err, LKS_EARGUMENT,
                             "the stratum must be between a minute and a year long");
    if (options->min_occasions < 1)
        return lks_error_set(err, LKS_EARGUMENT, "at least one occasion is needed");
    if (!(options->object_share_max >= 0 && options->object_share_max <= 1) ||
        options->object_accounts_min < 3)
        return lks_error_set(err, LKS_EARGUMENT,
                             "common objects need a share of accounts in [0, 1] and at least 3");
    if (options->object_partners_max < 1 || options->partners_max < 1)
        return lks_error_set(err, LKS_EARGUMENT, "the limits of partners must be above 0");
    return 0;
}

int lks_chance_prepare(const struct lks_events *events, const struct lks_chance_options *options,
                       const struct lks_control *control, struct lks_chance **chance_out,
                       struct lks_error *err)
{
    *chance_out = NULL;
    int rc = lks_chance_options_check(options, err);
    if (rc)
        return rc;
    if (events->count >= UINT32_MAX)
        return lks_error_set(err, LKS_EARGUMENT, "more than %u actions at once", UINT32_MAX - 1);
    struct lks_chance *chance = calloc(1, sizeof *chance);
    if (!chance)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    chance->events = events;
    chance->options = *options;
    chance->budget = &chance->limit;
    lks_budget_init(chance->budget,
                    options->memory_bytes ? options->memory_bytes
                    : control             ? control->memory_bytes
                                          : 0,
                    "the null model");
    rc = lks_chance_lay_strata(chance, err);
    if (rc == 0)
        rc = lks_chance_lay_objects(chance, err);
    if (rc == 0)
        rc = lks_chance_lay_partners(chance, control, err);
    if (rc) {
        lks_chance_free(chance);
        return rc;
    }
    *chance_out = chance;
    return 0;
}

void lks_chance_free(struct lks_chance *chance)
{
    if (!chance)
        return;
    size_t blocks =
        ((size_t)chance->events->posts_count + LKS_CHANCE_BLOCK_POSTS - 1) / LKS_CHANCE_BLOCK_POSTS;
    for (size_t b = 0; chance->block && b < blocks; b++)
        free(chance->block[b]);
    free(chance->block);
    free(chance->partner_end);
    free(chance->post_stratum);
    free(chance->stratum_first);
    free(chance->stratum_span);
    free(chance->stratum_post);
    free(chance->sorted_us);
    free(chance->post_place);
    free(chance->place_stratum);
    free(chance->account_order);
    free(chance->order_account);
    free(chance->account_first);
    free(chance->presence_first);
    free(chance->presence_stratum);
    free(chance->presence_posts);
    free(chance->post_event_first);
    free(chance->post_event);
    free(chance->post_object);
    free(chance->object_reach_us);
    free(chance->object_rare);
    free(chance);
}

const struct lks_chance_counts *lks_chance_counts(const struct lks_chance *chance)
{
    return &chance->counts;
}

uint32_t lks_chance_posts_count(const struct lks_chance *chance)
{
    return chance->events->posts_count;
}
