/* data.h - what lks_chance_prepare lays out, for the files of the null model only */
#ifndef LKS_CHANCE_DATA_H
#define LKS_CHANCE_DATA_H

#include "base/budget.h"
#include "chance/chance.h"

/* Posts are worked on in blocks, each with its own piece of the partner lists. */
enum { LKS_CHANCE_BLOCK_POSTS = 4096 };

/* A pair is tested in each window twice: test 2 w asks for meetings on rare objects within
 * window w, test 2 w + 1 for meetings on any. */
enum { LKS_CHANCE_TESTS_MAX = 2 * LKS_CHANCE_WINDOWS_MAX };

struct lks_chance {
    const struct lks_events *events;
    struct lks_chance_options options;
    struct lks_chance_counts counts;
    struct lks_budget limit;   /* of all that is laid out here, and of the scans */
    struct lks_budget *budget; /* &limit, so that scans of an unchanging chance may count too */

    /* Strata: spans of time with at least one post of a class (own posts, comments, messages), in order of
     * time, then class: who posts and who comments are different people. */
    uint32_t strata_count;
    uint32_t *post_stratum;  /* [posts] */
    uint32_t *stratum_first; /* [strata + 1] into stratum_post */
    uint32_t *stratum_span;  /* [strata] which span of time it is of, dense */
    uint32_t *stratum_post;  /* [posts] by stratum, time, then id */
    int64_t *sorted_us;      /* [posts] their times */
    uint32_t *post_place;    /* [posts] the place of a post in stratum_post */
    uint32_t *place_stratum; /* [posts] */

    /* Accounts by falling number of posts, ties by id: of a pair the later one is dealt. */
    uint32_t *account_order; /* [accounts] */
    uint32_t *order_account; /* [accounts] */

    /* Row a: where its posts lie when posts are listed by author, and how many it has in
     * each stratum. Both hold for every copy. */
    uint32_t *account_first;    /* [accounts + 1] */
    uint32_t *presence_first;   /* [accounts + 1] into the next two */
    uint32_t *presence_stratum; /* rising within a row */
    uint32_t *presence_posts;

    uint32_t *post_event_first; /* [posts + 1] into post_event */
    uint32_t *post_event;       /* [events] rows of the events, by post, then object */
    uint32_t *post_object;      /* [events] their objects */
    int64_t *object_reach_us;   /* [objects] meetings are at most this far apart; < 0 none */

    uint8_t *object_rare; /* [objects] used by few accounts */

    /* Partner lists, posts one after the other; within a post segment 2 w holds those who
     * meet on a rare object in window w and no shorter one, 2 w + 1 those on others only.
     * They are named by place, so that those of one time lie together in a scan's memory. */
    uint32_t **block;      /* [blocks] */
    uint64_t *partner_end; /* [posts * tests] into the block of the post */
};

/* The parts of the preparation, in this order. 0, LKS_EMEMORY or LKS_ECANCELLED; what was
 * allocated is freed by lks_chance_free. */
int lks_chance_lay_strata(struct lks_chance *chance, struct lks_error *err);
int lks_chance_lay_objects(struct lks_chance *chance, struct lks_error *err);
int lks_chance_lay_partners(struct lks_chance *chance, const struct lks_control *control,
                            struct lks_error *err);

/* One of several arrays: does nothing if *rc tells of a failure, and puts its own there. */
static inline void lks_chance_array(struct lks_budget *budget, void *array, size_t count,
                                    size_t item_bytes, int *rc, struct lks_error *err)
{
    if (*rc == 0)
        *rc = lks_budget_array(budget, array, count, item_bytes, err);
}

/* Lists of posts and accounts are visited in an order that memory does not know; what is
 * needed some steps later is asked for now. */
static inline void lks_chance_fetch(const void *address)
{
#if defined(__GNUC__)
    __builtin_prefetch(address);
#else
    (void)address;
#endif
}

static inline uint64_t lks_chance_partners_first(const struct lks_chance *chance, uint32_t post)
{
    return post % LKS_CHANCE_BLOCK_POSTS
               ? chance->partner_end[(size_t)post * chance->counts.windows_used * 2 - 1]
               : 0;
}

/* The partners of a post: segment s is place[end[s - 1]] .. place[end[s] - 1], each a place in
 * stratum_post. */
struct lks_chance_partners {
    const uint32_t *place;
    uint32_t end[LKS_CHANCE_TESTS_MAX];
};

static inline struct lks_chance_partners lks_chance_partners(const struct lks_chance *chance,
                                                             uint32_t post)
{
    unsigned tests = 2 * chance->counts.windows_used;
    uint64_t first = lks_chance_partners_first(chance, post);
    struct lks_chance_partners partners;
    partners.place = chance->block[post / LKS_CHANCE_BLOCK_POSTS] + first;
    for (unsigned s = 0; s < tests; s++)
        partners.end[s] = (uint32_t)(chance->partner_end[(size_t)post * tests + s] - first);
    return partners;
}

#endif
