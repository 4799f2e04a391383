/* promotion_json.h - the member "promotion" of report and findings.json */
#ifndef LKS_DOSSIER_PROMOTION_JSON_H
#define LKS_DOSSIER_PROMOTION_JSON_H

#include "dossier/json_parts.h"

/* Writes scripts, at most `most` of them and of each one's accounts, of payees, sums by one way
 * and flows; the totals say how many there are. Amounts are decimal texts, never numbers. */
void lks_json_put_promotion(struct lks_json_stream *stream, const struct lks_results *results,
                            uint32_t most);

#endif
