/* lifecycle_json.h - the member "lifecycle" of report and findings.json: who slept and woke */
#ifndef LKS_DOSSIER_LIFECYCLE_JSON_H
#define LKS_DOSSIER_LIFECYCLE_JSON_H

#include "dossier/json_parts.h"

/* Puts counts, cohorts, and the first `most` awakenings with their total. */
void lks_json_put_lifecycle(struct lks_json_stream *stream, const struct lks_results *results,
                            uint32_t most);

#endif
