/* roles.c - what each member does in its finding, and the measurement that says so
 *
 * The first that fits: whom the others answer; who is paid; who is first with what the others take
 * up in three of four meetings; who comments and hardly posts; who takes up what others were
 * first with. A role is a description of acts, not a rank, and thresholds are conventions. */
#include <stdlib.h>

#include "finding/fuse_results.h"

const char *const lks_role_names[LKS_ROLES_COUNT] = {"none",      "caller",    "seeder",
                                                     "amplifier", "commenter", "paid"};

struct meetings {
    uint64_t first, second;
};

static struct lks_member_fusion member_role(const struct lks_fuse_target *target, uint32_t node,
                                            const struct meetings *meetings,
                                            struct lks_member_fusion member)
{
    const struct lks_fuse_facts *facts = target->facts;
    uint32_t account = facts->account_of[node];
    struct lks_results *results = target->results;
    uint64_t met = meetings->first + meetings->second;
    const struct lks_layer_account *paid =
        facts->layers->layer[LKS_LAYER_PROMOTION].observable
            ? lks_layer_find(&facts->layers->layer[LKS_LAYER_PROMOTION], account)
            : NULL;
    for (int kind = 0; kind < LKS_LAYERS_COUNT; kind++)
        for (uint32_t c = 0; c < facts->layers->layer[kind].clusters_count; c++)
            if (facts->layers->layer[kind].clusters[c].caller == account) {
                member.role = LKS_ROLE_CALLER;
                member.measured =
                    lks_fuse_text(results, "its calls are answered again and again by %u accounts",
                                  facts->layers->layer[kind].clusters[c].accounts_count);
                return member;
            }
    if (target->fused->is_paid && paid) {
        member.role = target->fused->is_recorded ? LKS_ROLE_PAID : LKS_ROLE_NONE;
        member.measured =
            paid->is_record ? lks_fuse_text(results, "a ledger of the case says that it was paid")
                            : lks_fuse_text(results, "tells a script that others tell (p = 1e%.0f)",
                                            paid->log10_p);
    } else if (met >= 10 && meetings->first * 4 >= met * 3) {
        member.role = LKS_ROLE_SEEDER;
        member.measured =
            lks_fuse_text(results, "first in %llu of %llu meetings with other members",
                          (unsigned long long)meetings->first, (unsigned long long)met);
    } else if (facts->comments && facts->posts[account] &&
               facts->comments[account] * 5ull >= facts->posts[account] * 4ull) {
        member.role = LKS_ROLE_COMMENTER;
        member.measured = lks_fuse_text(results, "%u of its %u posts are comments",
                                        facts->comments[account], facts->posts[account]);
    } else if (met >= 10 && meetings->second * 2 >= met) {
        member.role = LKS_ROLE_AMPLIFIER;
        member.measured =
            lks_fuse_text(results, "after another member in %llu of %llu meetings",
                          (unsigned long long)meetings->second, (unsigned long long)met);
    } else {
        member.measured = lks_fuse_text(results,
                                        "%llu meetings with other members: too few, or no "
                                        "side of them, to tell",
                                        (unsigned long long)met);
    }
    return member;
}

int lks_fuse_roles(struct lks_fuse_target *target, struct lks_error *err)
{
    struct lks_results *results = target->results;
    struct lks_finding *finding = target->finding;
    struct meetings *meetings = calloc((size_t)results->nodes_count + 1, sizeof *meetings);
    int code = meetings ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory for roles");
    for (uint64_t i = 0; i < results->edges_count && code == 0; i++) {
        const struct lks_result_edge *edge = &results->edges[i];
        if (edge->group != target->item)
            continue;
        meetings[edge->edge.a].first += edge->edge.a_first;
        meetings[edge->edge.a].second += edge->edge.b_first;
        meetings[edge->edge.b].first += edge->edge.b_first;
        meetings[edge->edge.b].second += edge->edge.a_first;
    }
    for (uint32_t i = 0; i < finding->members_count && code == 0; i++) {
        uint32_t node = finding->members[i];
        finding->fusion.members[i] =
            member_role(target, node, &meetings[node], finding->fusion.members[i]);
        if (!finding->fusion.members[i].measured.data)
            code = lks_error_set(err, LKS_EMEMORY, "out of memory for roles");
    }
    free(meetings);
    return code;
}
