/* comment_names.c - is a name said under some posts more than under others of the same accounts? */
#include "signal/comment_names.h"

#include <math.h>
#include <stdlib.h>

#include "base/rng.h"

struct group {
    size_t first, count, marked;
    double rate;
};

static double beyond(const struct lks_answered_post *post, double rate)
{
    return (double)post->naming - rate * (double)post->answerers;
}

/* Accounts that tell something: with posts of both sorts. */
static size_t groups_make(const struct lks_answered_post *posts, size_t count, struct group *groups,
                          struct lks_comment_names *out)
{
    size_t groups_count = 0;
    for (size_t at = 0; at < count;) {
        struct group group = {.first = at};
        uint64_t answerers = 0, naming = 0;
        for (; at < count && posts[at].account == posts[group.first].account; at++) {
            answerers += posts[at].answerers;
            naming += posts[at].naming;
            group.marked += posts[at].marked != 0;
            group.count++;
        }
        group.rate = answerers ? (double)naming / (double)answerers : 0;
        for (size_t i = group.first; i < at; i++)
            if (posts[i].marked)
                out->expected += group.rate * (double)posts[i].answerers;
        if (group.marked && group.marked < group.count)
            groups[groups_count++] = group;
    }
    return groups_count;
}

/* What is said beyond the rate under as many posts of each account, drawn anew. */
static double draw(const double *values, size_t *order, const struct group *groups,
                   size_t groups_count, struct lks_rng *rng)
{
    double sum = 0;
    for (size_t g = 0; g < groups_count; g++)
        for (size_t i = 0; i < groups[g].marked; i++) {
            size_t *own = order + groups[g].first;
            size_t other = i + lks_rng_below(rng, groups[g].count - i), keep = own[i];
            own[i] = own[other];
            own[other] = keep;
            sum += values[own[i]];
        }
    return sum;
}

int lks_comment_names_test(const struct lks_answered_post *posts, size_t count,
                           unsigned draws_count, uint64_t seed, struct lks_comment_names *out,
                           struct lks_error *err)
{
    struct lks_rng rng;
    double observed = 0;
    unsigned as_far = 0;
    *out = (struct lks_comment_names){.p_value = NAN};
    struct group *groups = malloc((count + 1) * sizeof *groups);
    double *values = calloc(count + 1, sizeof *values);
    size_t *order = malloc((count + 1) * sizeof *order);
    if (!groups || !values || !order) {
        free(groups);
        free(values);
        free(order);
        return lks_error_set(err, LKS_EMEMORY, "out of memory for %zu posts", count);
    }
    for (size_t i = 0; i < count; i++) {
        order[i] = i;
        *(posts[i].marked ? &out->marked_count : &out->other_count) += 1;
        *(posts[i].marked ? &out->marked_answerers : &out->other_answerers) += posts[i].answerers;
        *(posts[i].marked ? &out->marked_naming : &out->other_naming) += posts[i].naming;
    }
    size_t groups_count = groups_make(posts, count, groups, out);
    for (size_t g = 0; g < groups_count; g++)
        for (size_t i = groups[g].first; i < groups[g].first + groups[g].count; i++) {
            values[i] = beyond(&posts[i], groups[g].rate);
            observed += posts[i].marked ? values[i] : 0;
        }
    lks_rng_init(&rng, seed, UINT64_C(0x6e616d65));
    /* Sums of the same numbers in another order may differ in their last digit: such are equal. */
    for (unsigned i = 0; i < draws_count && groups_count; i++)
        as_far += draw(values, order, groups, groups_count, &rng) >= observed - 1e-9;
    if (groups_count)
        out->p_value = (1.0 + as_far) / (1.0 + draws_count);
    free(groups);
    free(values);
    free(order);
    return 0;
}
