/* results.c - all that one detection run found: its words and its end */
#include "finding/results.h"

const char *const lks_confidence_names[LKS_CONFIDENCES_COUNT] = {"explained", "low", "moderate",
                                                                 "high"};

void lks_results_free(struct lks_results *results)
{
    if (!results)
        return;
    lks_arena_free(&results->arena);
    *results = (struct lks_results){0};
}
