/* lineage_world.c - the data as lineage reads it: posts by account, and what each post stands for
 *
 * A post may carry a text, a sound and five tags at once: six objects, one act. So each post stands
 * for one of its objects, drawn by a hash; where that is the thing whose users are looked at, for a
 * second one. Objects of fewer than three users tell nobody apart and are not drawn. */
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/threads.h"
#include "signal/lineage_inside.h"

enum { USERS_LEAST = 3, DAYS_MOST = 64 };

static int memory_out(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "out of memory for lineage");
}

static int users_count(struct lks_lineage_world *world, struct lks_error *err)
{
    const struct lks_events *events = world->events;
    uint32_t *seen = calloc((size_t)events->accounts_count + 1, sizeof *seen);
    world->object_first = calloc((size_t)events->objects_count + 2, sizeof *world->object_first);
    world->object_users = calloc((size_t)events->objects_count + 1, sizeof *world->object_users);
    if (!seen || !world->object_first || !world->object_users) {
        free(seen);
        return memory_out(err);
    }
    for (size_t i = 0; i < events->count; i++) {
        uint32_t object = events->object[i], account = events->account[i];
        world->object_first[object + 1]++;
        world->object_users[object] += seen[account] != object + 1;
        seen[account] = object + 1;
    }
    for (uint32_t o = 0; o < events->objects_count; o++)
        world->object_first[o + 1] += world->object_first[o];
    free(seen);
    return 0;
}

static uint32_t draw_hash(uint64_t seed, uint32_t object, uint32_t post)
{
    uint64_t state = seed ^ ((uint64_t)object << 32 | post);
    return (uint32_t)(lks_splitmix64(&state) >> 32);
}

/* For each post the two objects with the least hashes. */
static int picks_draw(struct lks_lineage_world *world, struct lks_error *err)
{
    const struct lks_events *events = world->events;
    size_t posts = events->posts_count;
    uint32_t *least = malloc((2 * posts + 1) * sizeof *least);
    for (int i = 0; i < 2; i++)
        world->pick[i] = malloc((posts + 1) * sizeof *world->pick[i]);
    if (!least || !world->pick[0] || !world->pick[1]) {
        free(least);
        return memory_out(err);
    }
    memset(world->pick[0], 255, posts * sizeof *world->pick[0]);
    memset(world->pick[1], 255, posts * sizeof *world->pick[1]);
    for (size_t i = 0; i < events->count; i++) {
        uint32_t object = events->object[i], post = events->post[i];
        if (!(world->options->features_mask >> events->object_kind[object] & 1) ||
            world->object_users[object] < USERS_LEAST)
            continue;
        uint32_t hash = draw_hash(world->options->seed, object, post);
        if (world->pick[0][post] == UINT32_MAX || hash < least[2 * (size_t)post]) {
            world->pick[1][post] = world->pick[0][post];
            least[2 * (size_t)post + 1] = least[2 * (size_t)post];
            world->pick[0][post] = object;
            least[2 * (size_t)post] = hash;
        } else if (world->pick[1][post] == UINT32_MAX || hash < least[2 * (size_t)post + 1]) {
            world->pick[1][post] = object;
            least[2 * (size_t)post + 1] = hash;
        }
    }
    free(least);
    return 0;
}

static int posts_sort(struct lks_lineage_world *world, struct lks_error *err)
{
    const struct lks_events *events = world->events;
    size_t accounts = events->accounts_count, posts = events->posts_count;
    uint32_t *first = world->account_first = calloc(accounts + 2, sizeof *first);
    world->account_post = malloc((posts + 1) * sizeof *world->account_post);
    if (!first || !world->account_post)
        return memory_out(err);
    for (size_t p = 0; p < posts; p++)
        first[events->post_account[p] + 1]++;
    for (size_t a = 0; a < accounts; a++)
        first[a + 1] += first[a];
    for (size_t p = posts; p-- > 0;) /* from behind, so that a row's end becomes its start */
        world->account_post[--first[events->post_account[p] + 1]] = (uint32_t)p;
    /* Now first[a + 1] is the start of a: move all down by one. */
    memmove(first, first + 1, accounts * sizeof *first);
    first[accounts] = (uint32_t)posts;
    return 0;
}

static int days_make(struct lks_lineage_world *world, struct lks_error *err)
{
    const struct lks_events *events = world->events;
    world->start_us = world->last_us = events->posts_count ? events->post_time_us[0] : 0;
    for (size_t p = 0; p < events->posts_count; p++) {
        int64_t time_us = events->post_time_us[p];
        world->start_us = time_us < world->start_us ? time_us : world->start_us;
        world->last_us = time_us > world->last_us ? time_us : world->last_us;
    }
    world->day_us = (world->last_us - world->start_us) / DAYS_MOST + 1;
    if (world->day_us < LKS_DAY_US)
        world->day_us = LKS_DAY_US;
    world->days_count = (uint32_t)((world->last_us - world->start_us) / world->day_us) + 1;
    world->posts_of_day = calloc((size_t)world->days_count + 1, sizeof *world->posts_of_day);
    uint64_t *counts = calloc((size_t)world->days_count + 1, sizeof *counts);
    if (!world->posts_of_day || !counts) {
        free(counts);
        return memory_out(err);
    }
    for (size_t p = 0; p < events->posts_count; p++)
        counts[(events->post_time_us[p] - world->start_us) / world->day_us]++;
    for (uint32_t day = 0; day < world->days_count; day++)
        world->posts_of_day[day] = (float)counts[day];
    free(counts);
    return 0;
}

int lks_lineage_world_make(struct lks_lineage_world *world, struct lks_error *err)
{
    int code = users_count(world, err);
    if (code == 0)
        code = picks_draw(world, err);
    if (code == 0)
        code = posts_sort(world, err);
    if (code == 0)
        code = days_make(world, err);
    if (code == 0 && lks_cancelled(world->control))
        code = lks_error_set(err, LKS_ECANCELLED, "stopped");
    return code;
}

void lks_lineage_world_free(struct lks_lineage_world *world)
{
    free(world->object_first);
    free(world->object_users);
    free(world->pick[0]);
    free(world->pick[1]);
    free(world->account_first);
    free(world->account_post);
    free(world->posts_of_day);
}
