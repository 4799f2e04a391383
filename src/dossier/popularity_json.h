/* popularity_json.h - the member "popularity" of report and findings.json */
#ifndef LKS_DOSSIER_POPULARITY_JSON_H
#define LKS_DOSSIER_POPULARITY_JSON_H

#include "dossier/json_parts.h"

void lks_json_put_popularity(struct lks_json_stream *stream, const struct lks_results *results);

#endif
