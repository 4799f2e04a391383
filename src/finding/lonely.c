/* lonely.c - edges for members that have none into their finding
 *
 * An account can belong to a group by meeting now this member and now that, without a pair that
 * stands out. A reader wants to see posts all the same, so the best pairs of such an account with
 * other members join the edges, with the p they have. */
#include <stdlib.h>
#include <string.h>

#include "finding/members.h"

enum { EDGES_EACH = 3 };

struct lonely {
    uint32_t *finding; /* [accounts] */
    uint8_t *is_lonely;
};

static int is_wanted(const void *context, uint32_t a, uint32_t b)
{
    const struct lonely *lonely = context;
    return lonely->finding[a] != UINT32_MAX && lonely->finding[a] == lonely->finding[b] &&
           (lonely->is_lonely[a] || lonely->is_lonely[b]);
}

static int compare_p(const void *left, const void *right)
{
    const struct lks_chance_edge *x = left, *y = right;
    if (x->log10_p != y->log10_p)
        return x->log10_p < y->log10_p ? -1 : 1;
    if (x->a != y->a)
        return x->a < y->a ? -1 : 1;
    return x->b < y->b ? -1 : x->b > y->b;
}

static int compare_accounts(const void *left, const void *right)
{
    const struct lks_chance_edge *x = left, *y = right;
    if (x->a != y->a)
        return x->a < y->a ? -1 : 1;
    return x->b < y->b ? -1 : x->b > y->b;
}

/* Puts the best of more[] among the edges. */
static int merge(struct lks_detection *detection, struct lonely *lonely,
                 struct lks_chance_edge *more, size_t more_count, struct lks_error *err)
{
    size_t kept = 0;
    if (more_count)
        qsort(more, more_count, sizeof *more, compare_p);
    for (size_t i = 0; i < more_count; i++) { /* is_lonely: 1 + edges that it has by now */
        uint8_t *a = &lonely->is_lonely[more[i].a], *b = &lonely->is_lonely[more[i].b];
        if (!(*a && *a <= EDGES_EACH) && !(*b && *b <= EDGES_EACH))
            continue;
        *a = (uint8_t)(*a + (*a > 0 && *a < UINT8_MAX));
        *b = (uint8_t)(*b + (*b > 0 && *b < UINT8_MAX));
        more[kept++] = more[i];
    }
    struct lks_chance_edge *edges =
        realloc(detection->edges, (detection->edges_count + kept + 1) * sizeof *edges);
    if (!edges)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for edges");
    detection->edges = edges;
    if (kept)
        memcpy(edges + detection->edges_count, more, kept * sizeof *edges);
    detection->edges_count += kept;
    if (kept)
        qsort(edges, detection->edges_count, sizeof *edges, compare_accounts);
    return 0;
}

int lks_detection_lonely(struct lks_detection *detection, struct lks_error *err)
{
    size_t accounts = detection->events->accounts_count, more_count = 0, lonely_count = 0;
    struct lonely lonely = {malloc((accounts + 1) * sizeof *lonely.finding),
                            calloc(accounts + 1, 1)};
    struct lks_chance_edge *more = NULL;
    struct lks_chance_pairs pairs = {is_wanted, &lonely};
    int rc = lonely.finding && lonely.is_lonely
                 ? 0
                 : lks_error_set(err, LKS_EMEMORY, "out of memory for members");
    if (rc == 0)
        memset(lonely.finding, 0xff, accounts * sizeof *lonely.finding);
    for (uint32_t i = 0; i < detection->members_count && rc == 0; i++) {
        lonely.finding[detection->members[i].account] = detection->members[i].finding;
        lonely.is_lonely[detection->members[i].account] = 1;
    }
    for (size_t i = 0; i < detection->edges_count && rc == 0; i++) {
        uint32_t a = detection->edges[i].a, b = detection->edges[i].b;
        if (lonely.finding[a] == lonely.finding[b])
            lonely.is_lonely[a] = lonely.is_lonely[b] = 0;
    }
    for (size_t a = 0; a < accounts && rc == 0; a++)
        lonely_count += lonely.is_lonely[a];
    if (rc == 0 && lonely_count)
        rc = lks_chance_scan_pairs(detection->chance, detection->events->post_account, 1, &pairs,
                                   detection->control, &more, &more_count, NULL, err);
    if (rc == 0 && lonely_count)
        rc = merge(detection, &lonely, more, more_count, err);
    free(more);
    free(lonely.finding);
    free(lonely.is_lonely);
    return rc;
}
