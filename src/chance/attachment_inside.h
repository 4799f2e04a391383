/* attachment_inside.h - what the parts of the attachment test share; internal to signal */
#ifndef LKS_CHANCE_ATTACHMENT_INSIDE_H
#define LKS_CHANCE_ATTACHMENT_INSIDE_H

#include "chance/attachment.h"

/* A post is asked for how many members it meets: at least one, two, ... */
enum { LKS_ATTACHMENT_LEASTS = 5, LKS_ATTACHMENT_MEMBERS_MOST = 16 };
extern const uint8_t lks_attachment_least[LKS_ATTACHMENT_LEASTS];

struct lks_attachment {
    const struct lks_chance *chance;
    const struct lks_chance_authors *authors;
    const uint8_t *in_group; /* [accounts] borrowed */
    unsigned tests;          /* chance's, then one a window on contents alone */
    /* By place, for the posts that meet a member; zero for the others. */
    uint8_t *met;     /* [posts * chance's tests] members met, by first segment; 255 and more */
    uint8_t *reached; /* [posts * tests] how many of the leasts */
    uint8_t *is_near; /* [posts] whether the post is among these */
    uint32_t *near;   /* [posts] their places */
    uint32_t near_count;
    uint8_t *laid; /* [accounts] whose partners are counted in met */
    /* Of the row of a member: which posts it met, and when. */
    uint32_t *stamp;        /* [posts] by place */
    uint8_t *window, *rare; /* [posts] by place */
    uint32_t *met_place;    /* [posts] */
    uint32_t row;
    uint32_t *near_posts;  /* [accounts] posts that meet the group, by their real authors */
    uint32_t *outside;     /* [strata] posts of others than the group */
    uint32_t *outside_met; /* [strata * tests * leasts] of them, those that meet it so */
    /* Uses by the group, by object and time, for the days. */
    uint32_t *use_first;   /* [objects + 1] */
    uint32_t *use_account; /* [uses_capacity] */
    int64_t *use_time_us;  /* [uses_capacity] */
    size_t uses_account_capacity, uses_time_capacity;
    struct lks_attachment_use *gathered; /* [gathered_capacity] */
    size_t gathered_capacity;
    int64_t first_us, last_us, day_us; /* of all posts; the shift */
    uint32_t days;                     /* shifts possible in either direction */
    uint32_t objects_most;             /* of a post */
};

struct lks_attachment_use {
    uint32_t object, account;
    int64_t time_us;
};

/* Tests 2 w and 2 w + 1 ask as a pair's do (data.h); those after them ask for contents: what names
 * one thing, a text, a link, a picture, a post answered or passed on, and not a subject. */
enum { LKS_ATTACHMENT_TESTS_MAX = LKS_CHANCE_TESTS_MAX + LKS_CHANCE_WINDOWS_MAX };
static inline unsigned lks_attachment_window(const struct lks_attachment *attachment, unsigned t)
{
    unsigned windows = attachment->chance->counts.windows_used;
    return t < 2 * windows ? t / 2 : t - 2 * windows;
}
/* Whether test t looks at this object. */
int lks_attachment_takes(const struct lks_attachment *attachment, unsigned t, uint32_t object);

/* Whether the post at a place meets a member at all: in the longest window, on anything. */
static inline int lks_attachment_is_near(const struct lks_attachment *attachment, uint32_t place)
{
    size_t tests = 2 * (size_t)attachment->chance->counts.windows_used;
    return attachment->reached[(size_t)place * attachment->tests + tests - 1] > 0;
}

/* The group's uses of one thing, and where the last search in them ended. */
struct lks_attachment_thing {
    uint32_t next, end; /* of the uses */
    int64_t window_us;  /* how far apart a meeting on it may be */
};

/* The things of one post that the group uses too, of a test; one for each worker. */
struct lks_attachment_scratch {
    struct lks_attachment_thing *thing; /* [most objects of a post] */
    uint32_t things_count;
    int64_t first_us, last_us; /* at other times the post would meet nobody */
};
int lks_attachment_scratch_new(const struct lks_attachment *attachment, unsigned threads,
                               struct lks_attachment_scratch **scratch_out, struct lks_error *err);
void lks_attachment_scratch_free(const struct lks_attachment *attachment, unsigned threads,
                                 struct lks_attachment_scratch *scratch);

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

/* Posts that an account has in some assignment of authors, by rising stratum. */
struct lks_attachment_row {
    uint32_t account, count;
    const uint32_t *place;
};

/* What they have met, test by test; those not in `asked` hold nothing. */
struct lks_attachment_tally {
    uint32_t asked; /* a bit a test: those in which min_occasions met */
    uint32_t met[LKS_ATTACHMENT_TESTS_MAX][LKS_ATTACHMENT_LEASTS];
    uint32_t trials[LKS_ATTACHMENT_TESTS_MAX][LKS_ATTACHMENT_LEASTS];
    double expected[LKS_ATTACHMENT_TESTS_MAX][LKS_ATTACHMENT_LEASTS];
    double log_p[LKS_ATTACHMENT_TESTS_MAX][LKS_ATTACHMENT_LEASTS]; /* by chance, Bonferroni's */
    double least_log_p;
};

/* By chance alone. The row may lack posts that are not near the group. */
void lks_attachment_tally(const struct lks_attachment *attachment,
                          const struct lks_attachment_row *row, struct lks_attachment_tally *tally);
/* The best of the tests, days included; the row must be whole. */
void lks_attachment_best(const struct lks_attachment *attachment,
                         const struct lks_attachment_row *row,
                         const struct lks_attachment_tally *tally, double log_p_max,
                         struct lks_attachment_scratch *scratch, struct lks_attached *out);

/* What an account's days say in one test, by least number of members: ln p that one which shares
 * the group's things, and keeps its hours, meets the group as often; and the share of all
 * accounts that use the most widespread thing on which it met the group. */
struct lks_attachment_of_days {
    double log_p[LKS_ATTACHMENT_LEASTS], common[LKS_ATTACHMENT_LEASTS];
    uint32_t met[LKS_ATTACHMENT_LEASTS];  /* hours */
    double others[LKS_ATTACHMENT_LEASTS]; /* of these, on days other than its own, on average */
};
void lks_attachment_days(const struct lks_attachment *attachment,
                         const struct lks_attachment_row *row, unsigned t,
                         struct lks_attachment_scratch *scratch,
                         struct lks_attachment_of_days *days);

/* The authors of the last deal, for tests: writes those of the outsiders' posts. Strata in which nobody
 * was asked for days are dealt for the posts near the group alone. */
void lks_attachment_decoys_authors(const struct lks_attachment_decoys *decoys,
                                   uint32_t *post_account);

#endif
