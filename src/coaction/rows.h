/* rows.h - events that have company, each with its window, and where each account's lie */
#ifndef LKS_COACTION_ROWS_H
#define LKS_COACTION_ROWS_H

#include "base/budget.h"
#include "coaction/coaction.h"

/* What is counted for an event: partner[first .. end - 1], itself among them. All of one
 * object. */
struct lks_coaction_window {
    uint32_t first, end;
};

/* A window by what is on either side of its event: so many places before, so many from it on. */
struct lks_coaction_near {
    uint16_t before, after;
};

/* An event of an account. */
struct lks_coaction_own {
    uint32_t place;
    struct lks_coaction_near near;
};

enum {
    LKS_COACTION_GOES_ON = 1 << 15, /* in before: on the object of the account's event before */
    LKS_COACTION_FAR = UINT16_MAX   /* as after: the window is wider than that, and apart */
};

/* The window of a place whose window is wide. */
struct lks_coaction_far {
    uint32_t place;
    struct lks_coaction_window window;
};

/* Which places begin a new object: a bit each; how many did before the 64, and the last. */
struct lks_coaction_begins {
    uint64_t bits;
    uint32_t before, last;
};

/* Events that stay, by place: in the order of struct lks_events. Accounts that stay, by rank: in
 * rising order of their events. */
struct lks_coaction_rows {
    uint32_t *partner;                  /* [count] rank by place: what is scanned */
    uint32_t *kept;                     /* [count] row of struct lks_events by place */
    struct lks_coaction_begins *begins; /* [count / 64 + 1] */
    uint8_t *kind; /* [objects_count] of each object that has places, by number */
    struct lks_coaction_own
        *own; /* [count] by rank, places rising inside: start[r] .. start[r + 1] - 1 */
    struct lks_coaction_near *near; /* [count] by place, where that is asked for; else NULL */
    struct lks_coaction_far *far;   /* [far_count] places rising */
    size_t far_count;
    uint32_t *start;   /* [ranks_count + 1] */
    uint64_t *work;    /* [ranks_count] sum of its windows */
    uint32_t *account; /* [ranks_count] whose rank it is */
    size_t count, ranks_count, objects_count;
    uint64_t events_alone, events_pruned;
    size_t capacity; /* of start, work and account */
};

/* Prunes, exactly, and lays out: an event stays if another account is in its window, and an
 * account if it has min_objects objects and min_occasions events among such events. window_us
 * is the widest of each kind; by_place keeps the windows by place, too. O(events), on threads_count
 * threads. On failure rows is zeroed. */
int lks_coaction_rows_build(struct lks_coaction_rows *rows, const struct lks_events *events,
                            const struct lks_coaction_options *options, int by_place,
                            unsigned threads_count, const struct lks_control *control,
                            struct lks_budget *budget, struct lks_error *err);
void lks_coaction_rows_free(struct lks_coaction_rows *rows, struct lks_budget *budget);

/* The window of a place that is in far[]. */
struct lks_coaction_window lks_coaction_window_far(const struct lks_coaction_rows *rows,
                                                   uint32_t place);

static inline struct lks_coaction_window lks_coaction_window_near(
    const struct lks_coaction_rows *rows, uint32_t place, struct lks_coaction_near near)
{
    if (near.after == LKS_COACTION_FAR)
        return lks_coaction_window_far(rows, place);
    uint32_t before = near.before & (LKS_COACTION_GOES_ON - 1);
    return (struct lks_coaction_window){place - before, place + near.after};
}

static inline struct lks_coaction_window lks_coaction_window_of(
    const struct lks_coaction_rows *rows, const struct lks_coaction_own *own)
{
    return lks_coaction_window_near(rows, own->place, own->near);
}

static inline struct lks_coaction_window lks_coaction_window_at(
    const struct lks_coaction_rows *rows, uint32_t place)
{
    return lks_coaction_window_near(rows, place, rows->near[place]);
}

/* Numbers objects in the order of places from 0. */
static inline uint32_t lks_coaction_object_of(const struct lks_coaction_rows *rows, uint32_t place)
{
    const struct lks_coaction_begins *begins = &rows->begins[place >> 6];
    uint64_t upto = begins->bits << (63 - (place & 63));
    return begins->before + (uint32_t)__builtin_popcountll(upto) - 1;
}

#endif
