/* attachment_inside.h - what the parts of the attachment test share; internal to signal */
#ifndef LKS_SIGNAL_ATTACHMENT_INSIDE_H
#define LKS_SIGNAL_ATTACHMENT_INSIDE_H

#include "signal/attachment.h"

/* A post is asked for how many members it meets: at least one, two, ... */
enum { LKS_ATTACHMENT_LEASTS = 5 };
extern const uint16_t lks_attachment_least[LKS_ATTACHMENT_LEASTS];

struct lks_attachment {
    const struct lks_chance *chance;
    const uint8_t *in_group; /* [accounts] borrowed */
    unsigned tests;          /* chance's, then one a window on contents alone */
    uint16_t *met;           /* [posts * chance's tests] by place: members met, by first segment */
    uint8_t *reached;        /* [posts * tests] by place: how many of the leasts */
    uint32_t *stamp;         /* [posts] by place: of the row of a member */
    uint8_t *window, *rare;  /* [posts] by place: when it was met in that row */
    uint32_t *met_place;     /* [posts] */
    uint32_t *outside;       /* [strata] posts of others than the group */
    uint32_t *outside_met;   /* [strata * tests * leasts] of them, those that meet it so */
    /* Uses by the group, by object and time, for the days. */
    uint32_t *use_first;   /* [objects + 1] */
    uint32_t *use_account; /* [uses_capacity] */
    int64_t *use_time_us;  /* [uses_capacity] */
    size_t uses_account_capacity, uses_time_capacity;
    int64_t first_us, last_us, day_us; /* of all posts; the shift */
    uint32_t days;                     /* shifts possible in either direction */
    uint32_t objects_most;             /* of a post */
};

/* Tests 2 w and 2 w + 1 ask as a pair's do (chance_data.h); those after them ask for contents: what names
 * one thing, a text, a link, a picture, a post answered or passed on, and not a subject. */
enum { LKS_ATTACHMENT_TESTS_MAX = LKS_CHANCE_TESTS_MAX + LKS_CHANCE_WINDOWS_MAX };
static inline unsigned lks_attachment_window(const struct lks_attachment *attachment, unsigned t)
{
    unsigned windows = attachment->chance->counts.windows_used;
    return t < 2 * windows ? t / 2 : t - 2 * windows;
}
/* Whether test t looks at this object. */
int lks_attachment_takes(const struct lks_attachment *attachment, unsigned t, uint32_t object);

/* The group's uses of one thing, and where the last search in them ended. */
struct lks_attachment_thing {
    uint32_t next, end; /* of the uses */
    int64_t window_us;  /* how far apart a meeting on it may be */
};

/* The things of one post that the group uses too, of a test. */
struct lks_attachment_scratch {
    struct lks_attachment_thing *thing; /* [most objects of a post] */
    uint32_t things_count;
    int64_t first_us, last_us; /* at other times the post would meet nobody */
};

/* Gathers the things of a post for test t. */
void lks_attachment_things(const struct lks_attachment *attachment, uint32_t post, unsigned t,
                           struct lks_attachment_scratch *scratch);

/* How many members other than the account, 16 at most, the post whose things are gathered would meet,
 * were it at time_us. Times must not fall from call to call. */
uint32_t lks_attachment_would_meet(const struct lks_attachment *attachment, uint32_t account,
                                   int64_t time_us, struct lks_attachment_scratch *scratch);

/* How many of the leasts so many members reach. */
static inline unsigned lks_attachment_level(uint32_t members)
{
    unsigned level = 0;
    while (level < LKS_ATTACHMENT_LEASTS && members >= lks_attachment_least[level])
        level++;
    return level;
}

/* What an account's days say in one test, by least number of members: ln p that one which shares
 * the group's things, and keeps its hours, meets the group as often; and the share of all
 * accounts that use the most widespread thing on which it met the group. */
struct lks_attachment_of_days {
    double log_p[LKS_ATTACHMENT_LEASTS], common[LKS_ATTACHMENT_LEASTS];
};
void lks_attachment_days(const struct lks_attachment *attachment,
                         const struct lks_chance_authors *authors, uint32_t account, unsigned t,
                         struct lks_attachment_scratch *scratch,
                         struct lks_attachment_of_days *days);

#endif
