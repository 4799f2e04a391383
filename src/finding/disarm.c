/* disarm.c - which DISARM techniques a finding's measurements stand for
 *
 * Names and ids are those of the DISARM Red framework (DISARM Foundation, CC BY-SA 4.0). A
 * technique is listed only where a measurement of this run shows the act itself; what it
 * implies about purpose or authorship in the framework's wording is not claimed. */
#include <stdlib.h>

#include "finding/disarm.h"
#include "finding/fuse_results.h"

const struct lks_disarm lks_disarm_techniques[] = {
    {"T0015.001", "Use Existing Hashtag", "TA06"},
    {"T0049.002", "Flood Existing Hashtag", "TA17"},
    {"T0049.005", "Conduct Swarming", "TA17"},
    {"T0084.001", "Use Copypasta", "TA06"},
    {"T0091.002", "Recruit Partisans", "TA15"},
    {"T0093.001", "Fund Proxies", "TA15"},
    {"T0100.003", "Co-Opt Influencers", "TA16"},
    {"T0116.001", "Post Inauthentic Social Media Comment", "TA09"},
    {"T0119.002", "Post across Platform", "TA17"},
    {"T0130.001", "Conceal Sponsorship", "TA11"},
    {"T0150.002", "Dormant Asset", "TA15"},
    {"T0150.008", "Bulk Created Asset", "TA15"},
    {"T0151.004", "Chat Platform", "TA07"},
    {"T0151.014", "Comments Section", "TA07"},
};
const size_t lks_disarm_techniques_count =
    sizeof lks_disarm_techniques / sizeof *lks_disarm_techniques;

int lks_disarm_add(struct lks_finding *finding, const char *id, struct lks_str measured)
{
    struct lks_finding_fusion *fusion = &finding->fusion;
    for (size_t i = 0; i < lks_disarm_techniques_count; i++)
        if (lks_str_equal_text(lks_str_from(id), lks_disarm_techniques[i].id)) {
            fusion->techniques[fusion->techniques_count++] =
                (struct lks_technique){id, lks_disarm_techniques[i].name, measured};
            return measured.data ? 0 : -1;
        }
    LKS_ASSERT(!"a technique that the table lacks");
    return -1;
}

static int add(struct lks_fuse_target *target, const char *id, struct lks_str measured)
{
    return lks_disarm_add(target->finding, id, measured);
}

static uint32_t platforms_count(const struct lks_fuse_target *target)
{
    const struct lks_results *results = target->results;
    const struct lks_finding *finding = target->finding;
    for (uint32_t i = 1; i < finding->members_count; i++)
        if (!lks_str_equal(results->nodes[finding->members[i]].account.platform,
                           results->nodes[finding->members[0]].account.platform))
            return 2;
    return 1;
}

static int of_layer(struct lks_fuse_target *target, const struct lks_mechanism *one)
{
    struct lks_results *results = target->results;
    const struct lks_finding *finding = target->finding;
    const struct lks_layer *sleepers = &target->facts->layers->layer[LKS_LAYER_SLEEPERS];
    uint32_t n = one->members_count, paid = 0, undisclosed = 0;
    int failed = 0;
    switch (one->layer) {
    case LKS_LAYER_COACTION:
        if (finding->kind_objects[LKS_OBJECT_TEXT] + finding->kind_objects[LKS_OBJECT_NEAR_TEXT])
            failed |= add(target, "T0084.001",
                          lks_fuse_text(results,
                                        "%u distinct texts and %u near-identical ones are "
                                        "shared by members",
                                        finding->kind_objects[LKS_OBJECT_TEXT],
                                        finding->kind_objects[LKS_OBJECT_NEAR_TEXT]));
        if (finding->kind_objects[LKS_OBJECT_HASHTAG])
            failed |= add(
                target, "T0049.002",
                lks_fuse_text(results, "%u hashtag%s used in step",
                              finding->kind_objects[LKS_OBJECT_HASHTAG],
                              finding->kind_objects[LKS_OBJECT_HASHTAG] == 1 ? " is" : "s are"));
        break;
    case LKS_LAYER_SLEEPERS:
        failed |= add(target, "T0150.002",
                      lks_fuse_text(results, "%u members woke up after a long silence", n));
        for (uint32_t i = 0, bulk = 0; i < target->fused->parts_count && !bulk; i++) {
            const struct lks_fused_part *part = &target->fused->parts[i];
            if (part->layer == LKS_LAYER_SLEEPERS &&
                lks_str_equal_text(sleepers->clusters[part->index].name, "were registered"))
                failed |= add(target, "T0150.008",
                              lks_fuse_text(results, "%u of them were registered within one window",
                                            sleepers->clusters[part->index].accounts_count)),
                    bulk = 1;
        }
        break;
    case LKS_LAYER_ANSWERS:
        failed |= add(target, "T0091.002",
                      lks_fuse_text(results, "%u members answer a channel's calls", n));
        failed |= add(target, "T0151.004",
                      lks_fuse_text(results, "the calls stand in a channel of a chat platform"));
        break;
    case LKS_LAYER_SWARM:
        failed |=
            add(target, "T0049.005",
                lks_fuse_text(results, "%u members comment under the same unrelated posts", n));
        failed |= add(target, "T0116.001",
                      lks_fuse_text(results, "their comments are near-identical to each other's"));
        failed |= add(target, "T0151.014", lks_fuse_text(results, "they act in comments"));
        break;
    case LKS_LAYER_PROMOTION:
        if (target->fused->is_recorded)
            failed |= add(target, "T0100.003",
                          lks_fuse_text(results, "%u members are paid for, or tell, the same", n));
        for (uint32_t i = 0; i < results->payees_count; i++) {
            if (results->payees[i].account_index == UINT32_MAX)
                continue;
            uint32_t node = target->facts->node_of[results->payees[i].account_index];
            if (node == UINT32_MAX || results->nodes[node].group != target->item)
                continue;
            paid++;
            undisclosed += results->payees[i].undisclosed_count;
        }
        if (paid)
            failed |= add(target, "T0093.001",
                          lks_fuse_text(results, "a ledger says that %u of them were paid", paid));
        if (undisclosed)
            failed |= add(target, "T0130.001",
                          lks_fuse_text(results,
                                        "%u post%s that they may have been paid for %s not say so",
                                        undisclosed, undisclosed == 1 ? "" : "s",
                                        undisclosed == 1 ? "does" : "do"));
        break;
    default:
        break;
    }
    return failed;
}

int lks_fuse_techniques(struct lks_fuse_target *target, struct lks_error *err)
{
    struct lks_finding_fusion *fusion = &target->finding->fusion;
    int failed = 0;
    fusion->techniques = lks_arena_calloc(&target->results->arena, lks_disarm_techniques_count + 4,
                                          sizeof *fusion->techniques);
    fusion->techniques_count = 0;
    if (!fusion->techniques)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for techniques");
    /* What innocent reasons may explain is no technique. */
    if (target->finding->confidence <= LKS_CONFIDENCE_LOW)
        return 0;
    for (uint32_t i = 0; i < fusion->mechanisms_count; i++)
        failed |= of_layer(target, &fusion->mechanisms[i]);
    if (platforms_count(target) > 1)
        failed |= add(target, "T0119.002",
                      lks_fuse_text(target->results, "members are on several platforms"));
    return failed ? lks_error_set(err, LKS_EMEMORY, "out of memory for techniques") : 0;
}
