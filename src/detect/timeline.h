/* timeline.h - how many posts when, and how many of them were coordinated */
#ifndef LKS_DETECT_TIMELINE_H
#define LKS_DETECT_TIMELINE_H

#include "finding/results.h"
#include "record/events.h"

/* Fills results->bins: at most 400 of a round step (1 min ... 365 d, at least the
 * precision of the times). post_finding[posts_count] is UINT32_MAX for a post in no finding; posts
 * of explained findings are not counted as coordinated. */
int lks_timeline_fill(const struct lks_events *events, const uint32_t *post_finding,
                      struct lks_results *results, struct lks_error *err);

#endif
