/* reasons_facts.h - the facts of a statement of reasons, from what was measured and nothing else */
#ifndef LKS_DOSSIER_REASONS_FACTS_H
#define LKS_DOSSIER_REASONS_FACTS_H

#include "finding/results.h"

/* Adds sentences about one member (by its place in the finding's list) and the group it acted with:
 * numbers, dates and words of our own; no name, key, text or tag of the data, and of no other member.
 * Ten times shorter than the 5,000 characters that the database takes. Memory by out->failed. */
void lks_reasons_facts(const struct lks_results *results, const struct lks_finding *finding,
                       uint32_t member, struct lks_buffer *out);

/* The day of the member's last act that is evidence, else of the finding's: "2024-11-24". */
#define LKS_REASONS_DATE_BYTES 16
void lks_reasons_content_date(const struct lks_results *results, const struct lks_finding *finding,
                              uint32_t member, char date[LKS_REASONS_DATE_BYTES]);
/* Whether the finding's evidence holds videos, and texts. */
void lks_reasons_content(const struct lks_results *results, const struct lks_finding *finding,
                         int *video_out, int *text_out);

#endif
