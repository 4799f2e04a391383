/* coaction_rows.h - events that have company, each with its window, and where each account's lie */
#ifndef LKS_SIGNAL_COACTION_ROWS_H
#define LKS_SIGNAL_COACTION_ROWS_H

#include "base/budget.h"
#include "signal/coaction.h"

/* What is counted for an event: partner[first .. end - 1], itself among them. All of one
 * object. */
struct lks_coaction_window {
    uint32_t first, end;
};

/* Which places begin a new object: a bit each, and how many did before the 64. */
struct lks_coaction_begins {
    uint64_t bits, before;
};

/* Events that stay, by place: in the order of struct lks_events. Accounts that stay, by rank: in
 * rising order of their events. */
struct lks_coaction_rows {
    uint32_t *partner;                  /* [count] rank by place: what is scanned */
    struct lks_coaction_window *window; /* [count] by place */
    uint32_t *kept;                     /* [count] row of struct lks_events by place */
    struct lks_coaction_begins *begins; /* [count / 64 + 1] */
    uint8_t *kind;     /* [objects_count] of each object that has places, by number */
    uint32_t *place;   /* [count] by rank, rising inside: place[start[r] .. start[r + 1] - 1] */
    uint32_t *start;   /* [ranks_count + 1] */
    uint64_t *work;    /* [ranks_count] sum of its windows */
    uint32_t *account; /* [ranks_count] whose rank it is */
    size_t count, ranks_count, objects_count;
    uint64_t events_alone, events_pruned;
    size_t capacity; /* of start, work and account */
};

/* Prunes, exactly, and lays out: an event stays if another account is in its window, and an
 * account if it has min_objects objects and min_occasions events among such events. window_us
 * is the widest of each kind. O(events), on threads_count threads. On failure rows is zeroed. */
int lks_coaction_rows_build(struct lks_coaction_rows *rows, const struct lks_events *events,
                            const struct lks_coaction_options *options, unsigned threads_count,
                            const struct lks_control *control, struct lks_budget *budget,
                            struct lks_error *err);
void lks_coaction_rows_free(struct lks_coaction_rows *rows, struct lks_budget *budget);

/* Numbers objects in the order of places from 0, so that places of one object have one number. */
static inline uint32_t lks_coaction_object_of(const struct lks_coaction_rows *rows, uint32_t place)
{
    const struct lks_coaction_begins *begins = &rows->begins[place >> 6];
    uint64_t upto = begins->bits << (63 - (place & 63));
    return (uint32_t)begins->before + (uint32_t)__builtin_popcountll(upto) - 1;
}

#endif
