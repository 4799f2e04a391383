/* swarm_json.h - the member "swarm" of report and findings.json */
#ifndef LKS_DOSSIER_SWARM_JSON_H
#define LKS_DOSSIER_SWARM_JSON_H

#include "dossier/json_parts.h"

/* Puts what was found with at most `most` floods and as many accounts; the totals beside them. */
void lks_json_put_swarm(struct lks_json_stream *stream, const struct lks_results *results,
                        uint32_t most);

#endif
