/* results.c - all that one detection run found: its words and its end */
#include "finding/results.h"

#include <string.h>

const char *const lks_confidence_names[LKS_CONFIDENCES_COUNT] = {"explained", "low", "moderate",
                                                                 "high"};

int lks_finding_is_explained(const struct lks_finding *finding, int is_open)
{
    for (uint32_t i = 0; i < finding->alternatives_count; i++)
        if (strcmp(finding->alternatives[i].verdict, "speaks for") == 0 &&
            (strcmp(finding->alternatives[i].name, "party_office") == 0) == is_open)
            return 1;
    return 0;
}

void lks_results_free(struct lks_results *results)
{
    if (!results)
        return;
    lks_arena_free(&results->arena);
    *results = (struct lks_results){0};
}
