/* links.c - which posts of a row's account each met post meets
 *
 * A matching of a and b needs the posts of a that each met post of b meets. The list of that
 * post holds them, among the posts of everybody: a search reads all of it. A row whose pairs
 * have read as much as the lists of a's own posts hold turns those around instead,
 *
 *     a's post i -> place, segment      becomes      head[place] -> (i, segment) -> ...
 *
 * after which a met post costs what it meets. So a row pays at most twice for the better
 * way. Meeting is symmetric, so that both ways give the same posts and segments. Cost: 12
 * bytes a partner of the row, and no turning around above LINKS_MAX of them. */
#include "chance/links.h"

#include <string.h>

enum { LINKS_MAX = 1 << 24 };

void lks_chance_links_row(struct lks_chance_links *links)
{
    links->row = 0;
    links->searched = 0;
}

/* Partners of all posts of an account. */
static uint64_t partners_of(const struct lks_chance_authors *authors, uint32_t a)
{
    const struct lks_chance *chance = authors->chance;
    unsigned tests = 2 * chance->counts.windows_used;
    uint64_t count = 0;
    for (uint32_t i = chance->account_first[a]; i < chance->account_first[a + 1]; i++) {
        uint32_t post = chance->stratum_post[authors->account_place[i]];
        count += lks_chance_partners(chance, post).end[tests - 1];
    }
    return count;
}

static int turn(struct lks_chance_links *links, const struct lks_chance_authors *authors,
                uint32_t order, uint64_t count, struct lks_error *err)
{
    const struct lks_chance *chance = authors->chance;
    unsigned tests = 2 * chance->counts.windows_used;
    uint32_t a = chance->order_account[order], first = chance->account_first[a];
    if (!links->head) {
        int rc = lks_budget_array(chance->budget, &links->head, chance->events->posts_count,
                                  sizeof *links->head, err);
        if (rc)
            return rc;
        links->head_capacity = chance->events->posts_count;
    }
    if (lks_budget_grow(chance->budget, &links->link, &links->capacity, (size_t)count,
                        sizeof *links->link, err))
        return LKS_EMEMORY;
    links->count = 0;
    for (uint32_t i = first; i < chance->account_first[a + 1]; i++) {
        struct lks_chance_partners partners =
            lks_chance_partners(chance, chance->stratum_post[authors->account_place[i]]);
        for (uint32_t j = 0; j < partners.end[tests - 1]; j++)
            links->head[partners.place[j]] = UINT32_MAX;
    }
    for (uint32_t i = first; i < chance->account_first[a + 1]; i++) {
        struct lks_chance_partners partners =
            lks_chance_partners(chance, chance->stratum_post[authors->account_place[i]]);
        for (uint32_t s = 0, j = 0; s < tests; s++) {
            for (; j < partners.end[s]; j++) {
                uint32_t *head = &links->head[partners.place[j]];
                links->link[links->count] = (struct lks_chance_link){*head, i - first, (uint8_t)s};
                *head = (uint32_t)links->count++;
            }
        }
    }
    links->row = order + 1;
    return 0;
}

/* From the links: by segment, in two passes over a handful. */
static int walk(struct lks_chance_links *links, struct lks_budget *budget, uint32_t place,
                unsigned segments, struct lks_error *err)
{
    uint32_t start[LKS_CHANCE_TESTS_MAX] = {0}, count = 0;
    for (uint32_t i = links->head[place]; i != UINT32_MAX; i = links->link[i].next) {
        if (links->link[i].segment < segments)
            start[links->link[i].segment]++;
    }
    for (unsigned s = 0; s < segments; s++) {
        uint32_t here = start[s];
        start[s] = count;
        links->end[s] = count += here;
    }
    if (lks_budget_grow(budget, &links->rank, &links->rank_capacity, count, 4, err))
        return LKS_EMEMORY;
    for (uint32_t i = links->head[place]; i != UINT32_MAX; i = links->link[i].next) {
        if (links->link[i].segment < segments)
            links->rank[start[links->link[i].segment]++] = links->link[i].rank;
    }
    return 0;
}

int lks_chance_links_of(struct lks_chance_links *links, const struct lks_chance_authors *authors,
                        uint32_t order, uint32_t place, unsigned segments, struct lks_error *err)
{
    const struct lks_chance *chance = authors->chance;
    if (links->row == order + 1)
        return walk(links, chance->budget, place, segments, err);
    struct lks_chance_partners partners = lks_chance_partners(chance, chance->stratum_post[place]);
    uint64_t before = links->searched;
    links->searched += partners.end[segments - 1];
    if (before >> 10 != links->searched >> 10) { /* not asked at every step */
        uint64_t count = partners_of(authors, chance->order_account[order]);
        if (count <= links->searched && count <= LINKS_MAX) {
            int rc = turn(links, authors, order, count, err);
            return rc ? rc : walk(links, chance->budget, place, segments, err);
        }
    }
    uint32_t count = 0;
    for (uint32_t s = 0, j = 0; s < segments; s++) {
        for (; j < partners.end[s]; j++) {
            if (authors->place_author[partners.place[j]] != order)
                continue;
            if (lks_budget_grow(chance->budget, &links->rank, &links->rank_capacity, count + 1u, 4,
                                err))
                return LKS_EMEMORY;
            links->rank[count++] = authors->place_rank[partners.place[j]];
        }
        links->end[s] = count;
    }
    return 0;
}

int lks_chance_links_one(struct lks_chance_links *links, struct lks_budget *budget, uint32_t rank,
                         unsigned segment, unsigned segments, struct lks_error *err)
{
    if (lks_budget_grow(budget, &links->rank, &links->rank_capacity, 1, 4, err))
        return LKS_EMEMORY;
    links->rank[0] = rank;
    for (unsigned s = 0; s < segments; s++)
        links->end[s] = s >= segment;
    return 0;
}

void lks_chance_links_free(struct lks_chance_links *links, struct lks_budget *budget)
{
    lks_budget_free(budget, links->head, links->head_capacity, sizeof *links->head);
    lks_budget_free(budget, links->link, links->capacity, sizeof *links->link);
    lks_budget_free(budget, links->rank, links->rank_capacity, 4);
    memset(links, 0, sizeof *links);
}
