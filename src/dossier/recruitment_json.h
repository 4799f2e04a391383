/* recruitment_json.h - the member "recruitment" of report and findings.json */
#ifndef LKS_DOSSIER_RECRUITMENT_JSON_H
#define LKS_DOSSIER_RECRUITMENT_JSON_H

#include "dossier/json_parts.h"

/* Puts what was found with at most `most` calls, those with the most responders, and as many
 * responders; the totals beside them. */
void lks_json_put_recruitment(struct lks_json_stream *stream, const struct lks_results *results,
                              uint32_t most);

#endif
