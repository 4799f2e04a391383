/* fusion_json.h - what all layers say of a finding, and what each layer could see */
#ifndef LKS_DOSSIER_FUSION_JSON_H
#define LKS_DOSSIER_FUSION_JSON_H

#include "dossier/json_parts.h"

/* Members "kind", "observation", "beneficiary", "operator", "mechanisms", "techniques",
 * "apart", "seed_share" of the open object. */
void lks_json_put_fusion(struct lks_json *json, const struct lks_finding *finding);
/* Members "role", "role_measured", "tie", "layers", "log10_p", "q_value" of the index-th member. */
void lks_json_put_member_fusion(struct lks_json *json, const struct lks_finding *finding,
                                uint32_t index);
/* The member "roles": how many members have each role, and what the first of each rests on. */
void lks_json_put_roles(struct lks_json *json, const struct lks_finding *finding);
/* The member "layers" of a run. */
void lks_json_put_layers(struct lks_json *json, const struct lks_results *results);

#endif
