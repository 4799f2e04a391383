/* links.h - which posts of a row's account each met post meets */
#ifndef LKS_CHANCE_LINKS_H
#define LKS_CHANCE_LINKS_H

#include "chance/authors.h"

/* The posts of a row's account that a met post meets are a handful in a list of thousands.
 * A row that asks for few of them searches the lists; one that asks for many turns its own
 * lists around once. Both give the same. Zero it to start. */
struct lks_chance_links {
    uint32_t row;      /* of the links; 0: none */
    uint64_t searched; /* partners looked at for the row in hand */
    uint32_t *head;    /* [posts] by place: first link, or UINT32_MAX */
    struct lks_chance_link {
        uint32_t next, rank; /* rank of a post of a */
        uint8_t segment;
    } * link;
    size_t head_capacity, count, capacity;
    /* What the last call of lks_chance_links_of found. */
    uint32_t *rank; /* by segment */
    size_t rank_capacity;
    uint32_t end[LKS_CHANCE_TESTS_MAX];
};

/* A new row of account a is in hand. */
void lks_chance_links_row(struct lks_chance_links *links);
/* Fills rank[] and end[] with the posts of a, whose place in the order is `order`, that the
 * post at `place` meets, in the first `segments` segments: those of segment s end at end[s].
 * 0 or LKS_EMEMORY. */
int lks_chance_links_of(struct lks_chance_links *links, const struct lks_chance_authors *authors,
                        uint32_t order, uint32_t place, unsigned segments, struct lks_error *err);
/* The same where the post is known to meet the one of that rank in that segment, and no other. */
int lks_chance_links_one(struct lks_chance_links *links, struct lks_budget *budget, uint32_t rank,
                         unsigned segment, unsigned segments, struct lks_error *err);
void lks_chance_links_free(struct lks_chance_links *links, struct lks_budget *budget);

#endif
