/* fusion_json.c - what all layers say of a finding, and what each layer could see */
#include "dossier/fusion_json.h"

/* Layers by name, of a set of bits. */
static void put_layer_names(struct lks_json *json, const char *key, uint32_t layers)
{
    lks_json_array(json, key);
    for (int layer = 0; layer < LKS_LAYERS_COUNT; layer++)
        if (layers >> layer & 1)
            lks_json_text(json, NULL, lks_layer_names[layer]);
    lks_json_array_end(json);
}

static void put_mechanism(struct lks_json *json, const struct lks_mechanism *one)
{
    lks_json_object(json, NULL);
    lks_json_text(json, "kind", one->kind);
    lks_json_text(json, "layer", lks_layer_names[one->layer]);
    lks_json_uint(json, "members", one->members_count);
    lks_json_uint(json, "alone", one->alone_count);
    lks_json_text(json, "by", one->by);
    lks_json_double(json, "log10_p", one->log10_p);
    lks_json_double(json, "log10_q", one->log10_q);
    lks_json_bool(json, "survives_without", one->survives);
    lks_json_double(json, "kept_without", one->kept_share);
    lks_json_put_solid(json, "measured", one->measured);
    lks_json_object_end(json);
}

void lks_json_put_fusion(struct lks_json *json, const struct lks_finding *finding)
{
    const struct lks_finding_fusion *fusion = &finding->fusion;
    lks_json_put_solid(json, "kind", lks_str_from(fusion->kind));
    lks_json_put_solid(json, "observation", fusion->observation);
    lks_json_string(json, "beneficiary", fusion->beneficiary);
    lks_json_string(json, "operator", fusion->operated_by);
    lks_json_array(json, "mechanisms");
    for (uint32_t i = 0; i < fusion->mechanisms_count; i++)
        put_mechanism(json, &fusion->mechanisms[i]);
    lks_json_array_end(json);
    lks_json_array(json, "techniques");
    for (uint32_t i = 0; i < fusion->techniques_count; i++) {
        lks_json_object(json, NULL);
        lks_json_put_solid(json, "id", lks_str_from(fusion->techniques[i].id));
        lks_json_put_solid(json, "name", lks_str_from(fusion->techniques[i].name));
        lks_json_put_solid(json, "measured", fusion->techniques[i].measured);
        lks_json_object_end(json);
    }
    lks_json_array_end(json);
    lks_json_string(json, "apart", fusion->apart);
    lks_json_double(json, "seed_share", fusion->seed_share);
}

void lks_json_put_member_fusion(struct lks_json *json, const struct lks_finding *finding,
                                uint32_t index)
{
    static const struct lks_member_fusion nothing = {.role = LKS_ROLE_NONE};
    const struct lks_member_fusion *one =
        index < finding->fusion.members_count ? &finding->fusion.members[index] : &nothing;
    lks_json_text(json, "role", lks_role_names[one->role]);
    lks_json_put_solid(json, "role_measured", one->measured);
    lks_json_text(json, "tie", lks_layer_names[one->tie]);
    put_layer_names(json, "layers", one->layers);
    lks_json_double(json, "log10_p", one->log10_p);
    lks_json_double(json, "q_value", one->q_value);
}

void lks_json_put_roles(struct lks_json *json, const struct lks_finding *finding)
{
    uint32_t count[LKS_ROLES_COUNT] = {0}, first[LKS_ROLES_COUNT] = {0};
    for (uint32_t i = 0; i < finding->fusion.members_count; i++) {
        enum lks_role role = finding->fusion.members[i].role;
        if (!count[role]++)
            first[role] = i;
    }
    lks_json_array(json, "roles");
    for (int role = LKS_ROLE_NONE + 1; role < LKS_ROLES_COUNT; role++) {
        if (!count[role])
            continue;
        lks_json_object(json, NULL);
        lks_json_text(json, "role", lks_role_names[role]);
        lks_json_uint(json, "members", count[role]);
        lks_json_put_solid(json, "example", finding->fusion.members[first[role]].measured);
        lks_json_object_end(json);
    }
    lks_json_array_end(json);
}

void lks_json_put_layers(struct lks_json *json, const struct lks_results *results)
{
    lks_json_array(json, "layers");
    for (uint32_t i = 0; i < results->layers_count; i++) {
        const struct lks_result_layer *layer = &results->layers[i];
        lks_json_object(json, NULL);
        lks_json_text(json, "layer", lks_layer_names[layer->layer]);
        lks_json_string(json, "not_observable", layer->observable ? LKS_STR_NULL : layer->why);
        lks_json_uint(json, "accounts_tested", layer->accounts_tested);
        lks_json_uint(json, "pairs_tested", layer->pairs_tested);
        lks_json_uint(json, "accounts_named", layer->accounts_named);
        lks_json_uint(json, "clusters", layer->clusters_count);
        lks_json_object_end(json);
    }
    lks_json_array_end(json);
}
