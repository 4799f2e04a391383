/* lineage_inside.h - what the parts of lineage share; internal to lineage */
#ifndef LKS_SIGNAL_LINEAGE_INSIDE_H
#define LKS_SIGNAL_LINEAGE_INSIDE_H

#include "signal/lineage.h"
#include "signal/lineage_mixture.h"

/* The data as lineage reads it. */
struct lks_lineage_world {
    const struct lks_events *events;
    const struct lks_lineage_options *options;
    const struct lks_control *control;
    const uint32_t *account_unit; /* see struct lks_lineage_units */
    const double *unit_p;
    uint32_t units_count, units_apart;
    size_t *object_first;              /* [objects_count + 1] into the events */
    uint32_t *object_users;            /* [objects_count] */
    uint32_t *pick[2];                 /* [posts_count] two of its objects, UINT32_MAX for none */
    uint32_t *account_first;           /* [accounts_count + 1] into account_post */
    uint32_t *account_post;            /* [posts_count] posts by account */
    int64_t start_us, last_us, day_us; /* day_us: a day, or more where there are many */
    uint32_t days_count;
    float *posts_of_day; /* [days_count] */
};

/* Marks and counts by object and account, one set a worker. */
struct lks_lineage_scratch {
    uint32_t *object_count, *object_place; /* [objects_count] zero, and UINT32_MAX, between uses */
    uint32_t *object_mark;                 /* [objects_count] */
    uint32_t *account_mark;                /* [accounts_count] */
    uint32_t *touched;                     /* [objects_count] */
    uint32_t mark;
};

/* The users of one thing, in order of first use, while they are looked at. */
struct lks_lineage_users {
    uint32_t *account;   /* [count] */
    int64_t *first_us;   /* [count] */
    uint32_t *posts;     /* [count] on the thing */
    uint8_t *population; /* [count] */
    double *later;       /* [count] chance to be of the later population; NaN: cannot be judged */
    double *ratio;       /* [count] ln of the likelihoods of the later over the earlier */
    uint32_t count;
};

/* Rows of users with their days and features; owned. */
struct lks_lineage_rows {
    struct lks_tastes tastes;
    uint32_t *day_first, *day, *feature_first, *feature;
    uint32_t *thing; /* beside feature, which is its group: which of the features it is */
    float *rate;
};

/* What the users of one thing are judged by; owned. */
struct lks_lineage_judgement {
    struct lks_lineage_rows drawn, all;
    uint32_t *drawn_users, *features; /* indexes of users; objects */
    uint8_t *group;                   /* [features_count] */
    uint32_t drawn_count, features_count, groups_count;
    struct lks_mixture mixture;
};

int lks_lineage_world_make(struct lks_lineage_world *world, struct lks_error *err);
void lks_lineage_world_free(struct lks_lineage_world *world);

/* The object that a post stands for among the users of `thing`; UINT32_MAX for none. */
static inline uint32_t lks_lineage_pick(const struct lks_lineage_world *world, uint32_t post,
                                        uint32_t thing)
{
    return world->pick[0][post] != thing ? world->pick[0][post] : world->pick[1][post];
}

/* The largest difference, weighted by what chance would give it, of the mean of values[count]
 * behind a place to that before it, over the places where the means lie on the two sides of one
 * half and differ by jump_min, with the mean after higher if rising; all places if jump_min is
 * negative. *place_out is how many stand before;
 * 0 where there is no such place. */
double lks_order_change(const double *values, size_t count, double jump_min, int rising,
                        size_t *place_out);
/* p that an order as good as this comes by chance: orders_count permutations. scratch[count]. */
double lks_order_p(const double *values, size_t count, double jump_min, int rising,
                   uint32_t orders_count, uint64_t seed, double *scratch);

/* Lists the users of lineage->object in order of first use. */
int lks_lineage_users_list(const struct lks_lineage_world *world,
                           struct lks_lineage_scratch *scratch, struct lks_lineage *lineage,
                           struct lks_lineage_users *users, struct lks_error *err);
void lks_lineage_users_free(struct lks_lineage_users *users);
/* What they share besides, in rows. */
int lks_lineage_judgement_make(const struct lks_lineage_world *world,
                               struct lks_lineage_scratch *scratch, uint32_t thing,
                               const struct lks_lineage_users *users,
                               struct lks_lineage_judgement *judgement, struct lks_error *err);
void lks_lineage_judgement_free(struct lks_lineage_judgement *judgement);
/* Whether users->later parts them into two populations that are large enough. */
int lks_lineage_populations_suffice(const struct lks_lineage_users *users);
/* Told apart by company: the largest company among the users against all others, a second one
 * shown by itself. That the company is one at all is what its units were found by. */
int lks_lineage_company(const struct lks_lineage_world *world, struct lks_lineage *lineage,
                        struct lks_lineage_users *users,
                        const struct lks_lineage_judgement *judgement, struct lks_error *err);

/* Fills the lineage of lineage->object but q and what hangs on it. users_out is the caller's. */
int lks_lineage_one(const struct lks_lineage_world *world, struct lks_lineage_scratch *scratch,
                    struct lks_lineage *lineage, struct lks_lineage_users *users_out,
                    struct lks_error *err);

#endif
