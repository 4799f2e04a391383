/* relays_json.h - the member "relays" of report and findings.json */
#ifndef LKS_DOSSIER_RELAYS_JSON_H
#define LKS_DOSSIER_RELAYS_JSON_H

#include "dossier/json_parts.h"

/* Puts messages that instruct (the surest), relays (those of most channels) and channels (by rising
 * p), at most `most` of each; the totals beside them. */
void lks_json_put_relays(struct lks_json_stream *stream, const struct lks_results *results,
                         uint32_t most);

#endif
