/* slide.h - who is in one window of an account, kept from one account to the next */
#ifndef LKS_COACTION_SLIDE_H
#define LKS_COACTION_SLIDE_H

#include "coaction/rows.h"

/* Zeroed to start; one per thread. */
struct lks_coaction_slide {
    uint32_t *last;   /* [ranks] the last place of the partner that was put in, + 1; 0: none was */
    uint32_t *before; /* [ring] by place: what last was, + 0 where that was later */
    size_t ring;      /* a power of two, as large as the window */
    uint32_t first, end; /* places that are put in, in order, the last ones put in of all */
};

/* How many places have to be put in until the window is first .. end - 1. */
static inline uint32_t lks_coaction_slide_way(const struct lks_coaction_slide *slide,
                                              uint32_t first, uint32_t end)
{
    int goes_on = first >= slide->first && first <= slide->end && end >= slide->end;
    return end - (goes_on ? slide->end : first);
}

/* Makes the window first .. end - 1. 0 or LKS_EMEMORY. */
int lks_coaction_slide_to(struct lks_coaction_slide *slide, const struct lks_coaction_rows *rows,
                          uint32_t first, uint32_t end, struct lks_budget *budget,
                          struct lks_error *err);

/* Writes the partner's places in the window that begins at first to places[], rising; returns how
 * many. places has room for as many as the window has. */
size_t lks_coaction_slide_places(const struct lks_coaction_slide *slide, uint32_t partner,
                                 uint32_t first, uint32_t *places);
void lks_coaction_slide_free(struct lks_coaction_slide *slide, size_t ranks_count,
                             struct lks_budget *budget);

#endif
