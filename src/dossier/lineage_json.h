/* lineage_json.h - the member "lineage" of report and findings.json */
#ifndef LKS_DOSSIER_LINEAGE_JSON_H
#define LKS_DOSSIER_LINEAGE_JSON_H

#include "dossier/json_parts.h"

/* At most `most` of the later populations' accounts. */
void lks_json_put_lineage(struct lks_json_stream *stream, const struct lks_results *results,
                          uint32_t most);

#endif
