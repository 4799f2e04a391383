/* members.c - who belongs to a group that stood the test of groups
 *
 * The test of groups says that a group is there, not who is in it: an account that one lucky
 * pair ties to a real group is in its component, a cell of a large operation is cut off by
 * Leiden, and a surge ties a crowd of which nobody stands out. So each group is taken as a seed:
 *
 * 1. Grow. Every account is asked whether it keeps to the group more than others of its hours,
 *    and more than on other days (chance/attachment.h); those with q <= 0.01 by Benjamini and
 *    Hochberg over all accounts that could have been tied join the seed, and so again, until nothing
 *    changes. A later seed half of which is taken by then is a cell of that finding.
 * 2. Stand. A seed of which fewer than half keep to it more than chance explains (q <= 0.05 over
 *    the seed, without the days) is a crowd: those outside do the same beside it. It is left out, and counted. So is a community: a seed
 *    whose members would have met as much on other days.
 * 3. The rest. Pieces of a seed that did not become members are seeds of their own if the copies
 *    do not show as much.
 * 4. Tie. A seed may be real and yet too small for its members to show it one by one. So an
 *    account also belongs if its ties are stronger than chance gives to one account in a hundred:
 *    in decoys the posts of all outside the groups are dealt anew within the hour, those of the
 *    groups are held, and the accounts that chance ties to a group are counted by the sum of
 *    -log10 p of their ties. Those as strong as x belong if the mean number of decoys as strong
 *    is at most 0.01 of theirs.
 *
 * Who is in one finding is in no other; the first, by p and score, has it. */
#include "finding/members_inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "graph/components.h"
#include "stat/multiple.h"

enum { ROUNDS_MOST = 8 };

/* q of every account, over all that could have been tied. */
static int adjust(struct members_job *job, struct lks_error *err)
{
    uint32_t accounts = job->detection->events->accounts_count, count = 0;
    for (uint32_t a = 0; a < accounts; a++) {
        job->q_full[a] = 1;
        if (job->attached[a].log10_p < 0)
            job->p[count++] = job->attached[a].log10_p;
    }
    int rc = lks_bh_adjust(job->p, count, lks_chance_counts(job->detection->chance)->accounts_able,
                           job->q, err);
    count = 0;
    for (uint32_t a = 0; a < accounts && rc == 0; a++) {
        if (job->attached[a].log10_p < 0)
            job->q_full[a] = job->q[count++];
    }
    return rc;
}

/* How many of the seeds keep to the group more than chance explains, over the seeds alone. */
static int count_standing(struct members_job *job, const uint32_t *seeds, uint32_t seeds_count,
                          uint32_t *stand_out, struct lks_error *err)
{
    for (uint32_t i = 0; i < seeds_count; i++)
        job->p[i] = job->attached[seeds[i]].log10_chance;
    int rc = lks_bh_adjust(job->p, seeds_count, seeds_count, job->q, err);
    *stand_out = 0;
    for (uint32_t i = 0; i < seeds_count && rc == 0; i++)
        *stand_out += job->q[i] <= LKS_STAND_Q;
    return rc;
}

/* Whether the members' own days explain the group: on other days, hours of the day and things
 * kept, most of their meetings would have come about as well, and most of the members cannot be
 * shown to keep to it more than that. A week says too little, since what lasts a week may be a
 * campaign. */
static int is_community(const struct members_job *job)
{
    uint32_t size = 0, known = 0, explained = 0;
    double met = 0, others = 0;
    if (lks_attachment_days_count(job->attachment) < LKS_COMMUNITY_DAYS)
        return 0;
    for (uint32_t a = 0; a < job->detection->events->accounts_count; a++) {
        const struct lks_attached *attached = &job->attached[a];
        size += job->in_group[a];
        if (!job->in_group[a] || attached->days_met == 0)
            continue;
        known++;
        explained += attached->log10_habit > log10(LKS_STAND_Q);
        met += attached->days_met;
        others += attached->days_others;
    }
    return 2 * known >= size && 2 * explained >= known && 2 * others >= met;
}

/* Everybody against in_group. */
static int test_group(struct members_job *job, double p_max, struct lks_error *err)
{
    const struct lks_control *control = job->detection->control;
    int rc = lks_attachment_group(job->attachment, job->in_group, control, err);
    if (rc == 0)
        rc = lks_attachment_test(job->attachment, p_max, control, job->attached, err);
    return rc ? rc : adjust(job, err);
}

/* The seeds, and whoever keeps to them and is in no other finding. */
static void next_group(struct members_job *job, const uint32_t *seeds, uint32_t seeds_count,
                       uint32_t finding, int *changed_out)
{
    *changed_out = 0;
    for (uint32_t i = 0; i < seeds_count; i++)
        job->in_group[seeds[i]] |= 2;
    for (uint32_t a = 0; a < job->detection->events->accounts_count; a++) {
        int taken = job->finding[a] != UINT32_MAX && job->finding[a] != finding;
        uint8_t next = (job->in_group[a] & 2) || (!taken && job->q_full[a] <= LKS_MEMBER_Q);
        *changed_out |= next != (job->in_group[a] & 1);
        job->in_group[a] = next;
    }
}

/* Grows the seeds; 1 if they stand as finding `finding`, 0 if they are a crowd or a community. */
static int grow(struct members_job *job, const uint32_t *seeds, uint32_t seeds_count,
                uint32_t finding, struct lks_error *err)
{
    uint32_t accounts = job->detection->events->accounts_count, stand = 0;
    memset(job->in_group, 0, accounts);
    for (uint32_t i = 0; i < seeds_count; i++)
        job->in_group[seeds[i]] = 1;
    int changed = 1, rc = 0;
    for (int round = 0; round < ROUNDS_MOST && changed && rc == 0; round++) {
        rc = test_group(job, LKS_CALIBRATED_P, err);
        if (rc == 0 && round + 1 < ROUNDS_MOST)
            next_group(job, seeds, seeds_count, finding, &changed);
    }
    if (rc == 0)
        rc = count_standing(job, seeds, seeds_count, &stand, err);
    if (rc)
        return rc;
    if (2 * stand < seeds_count) {
        job->detection->crowds_count++;
        return 0;
    }
    if (is_community(job)) {
        job->detection->communities_count++;
        return 0;
    }
    for (int turn = 0; turn < 2 && rc == 0; turn++) {
        rc = lks_members_calibrate(job, err);
        if (rc == 0 && turn == 0) {
            next_group(job, seeds, seeds_count, finding, &changed);
            rc = test_group(job, LKS_CALIBRATED_P, err);
        }
    }
    if (rc)
        return rc;
    for (uint32_t a = 0; a < accounts; a++) {
        if (job->finding[a] != UINT32_MAX)
            continue;
        int belongs = job->q_full[a] <= LKS_MEMBER_Q;
        if (!belongs && !job->in_group[a])
            continue;
        job->member[a] = (struct lks_member){.account = a,
                                             .finding = finding,
                                             .cell = UINT32_MAX,
                                             .log10_p = job->attached[a].log10_p,
                                             .log10_days = job->attached[a].log10_days,
                                             .q_value = job->q_full[a],
                                             .content_strata =
                                                 lks_attachment_content_strata(job->attachment, a)};
        *(belongs ? &job->finding[a] : &job->seed[a]) = finding;
    }
    return 1;
}

/* Grows seeds into the next finding, if they stand. */
static int seed_finding(struct members_job *job, uint32_t index, const uint32_t *seeds,
                        uint32_t count, struct lks_error *err)
{
    struct lks_detection *detection = job->detection;
    for (uint32_t i = 0; i < count; i++)
        job->cell[seeds[i]] = index;
    int rc = grow(job, seeds, count, detection->findings_count, err);
    if (rc == 1) {
        detection->accepted[index].finding = detection->findings_count++;
        return 0;
    }
    for (uint32_t i = 0; i < count; i++)
        job->cell[seeds[i]] = UINT32_MAX;
    return rc;
}

/* The accounts of rest[] that hang together by edges of the level of an accepted group: their
 * component among rest[], numbered from 0 in component_out[rest_count], and the sum of the edges
 * beyond the level by component in score_out. */
static int components_of(const struct members_job *job, double level, const uint32_t *rest,
                         uint32_t rest_count, uint32_t *component_out, double *score_out,
                         uint32_t *components_out, struct lks_error *err)
{
    const struct lks_detection *detection = job->detection;
    size_t count = 0;
    uint32_t *place = malloc(((size_t)detection->events->accounts_count + 1) * sizeof *place);
    struct lks_graph_edge *edges = malloc((detection->edges_count + 1) * sizeof *edges);
    int rc = place && edges ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory for members");
    if (rc == 0)
        memset(place, 0xff, (size_t)detection->events->accounts_count * sizeof *place);
    for (uint32_t i = 0; i < rest_count && rc == 0; i++)
        place[rest[i]] = i;
    for (size_t i = 0; i < detection->edges_count && rc == 0; i++) {
        const struct lks_chance_edge *edge = &detection->edges[i];
        uint32_t a = place[edge->a], b = place[edge->b];
        if (a != UINT32_MAX && b != UINT32_MAX && lks_chance_edge_passes(edge, level))
            edges[count++] = (struct lks_graph_edge){a, b, log10(level) - edge->log10_p};
    }
    if (rc == 0)
        rc = lks_components(rest_count, edges, count, component_out, components_out, err);
    for (size_t i = 0; i < count && rc == 0; i++)
        score_out[component_out[edges[i].a]] += edges[i].weight;
    free(place);
    free(edges);
    return rc;
}

/* What is left of a group when its members are taken may be a second group that Leiden did not part
 * from it. Its pieces are held against the copies by the same score, and grow by themselves if they stand. */
static int take_rest(struct members_job *job, uint32_t index, const uint32_t *seeds,
                     uint32_t seeds_count, struct lks_error *err)
{
    struct lks_detection *detection = job->detection;
    unsigned level = detection->accepted[index].level;
    uint32_t finding = detection->accepted[index].finding, count = 0, components = 0;
    uint32_t *rest = malloc(((size_t)seeds_count + 1) * sizeof *rest);
    uint32_t *component = malloc(((size_t)seeds_count + 1) * sizeof *component);
    uint32_t *piece = malloc(((size_t)seeds_count + 1) * sizeof *piece);
    double *score = calloc((size_t)seeds_count + 1, sizeof *score);
    int rc = rest && component && piece && score
                 ? 0
                 : lks_error_set(err, LKS_EMEMORY, "out of memory for members");
    for (uint32_t i = 0; i < seeds_count && rc == 0; i++) {
        if (job->seed[seeds[i]] == finding && job->finding[seeds[i]] == UINT32_MAX)
            rest[count++] = seeds[i];
    }
    if (rc == 0 && count > 2)
        rc = components_of(job, detection->test.levels[level], rest, count, component, score,
                           &components, err);
    for (uint32_t c = 0; c < components && rc == 0; c++) {
        struct lks_group_maxima own = {{0}};
        uint32_t size = 0, next = detection->accepted_count;
        for (uint32_t i = 0; i < count; i++) {
            if (component[i] == c)
                piece[size++] = rest[i];
        }
        own.score[level] = score[c];
        double p = size > 2 ? lks_group_p(detection->copies, detection->test.copies_count,
                                          detection->test.levels_count, &own, NULL)
                            : 1;
        if (p > detection->options->group_level)
            continue;
        struct lks_accepted *more = realloc(detection->accepted, ((size_t)next + 1) * sizeof *more);
        if (!more) {
            rc = lks_error_set(err, LKS_EMEMORY, "out of memory for members");
            break;
        }
        detection->accepted = more;
        more[detection->accepted_count++] = (struct lks_accepted){
            level, detection->accepted[index].group, p, score[c], piece[0], UINT32_MAX, 0};
        for (uint32_t i = 0; i < size; i++)
            job->seed[piece[i]] = UINT32_MAX;
        rc = seed_finding(job, next, piece, size, err);
    }
    free(rest);
    free(component);
    free(piece);
    free(score);
    return rc;
}

/* Takes one accepted group: a cell of a finding that holds half of it already, a finding, or a
 * crowd. */
static int take(struct members_job *job, uint32_t index, struct lks_error *err)
{
    struct lks_detection *detection = job->detection;
    struct lks_accepted *accepted = &detection->accepted[index];
    const struct lks_groups *groups = &detection->levels.groups[accepted->level];
    uint32_t *seeds = malloc(((size_t)groups->members[accepted->group] + 1) * sizeof *seeds);
    uint32_t count = 0, free_count = 0, owner = UINT32_MAX;
    if (!seeds)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for members");
    for (uint32_t i = groups->first[accepted->group]; i < groups->first[accepted->group + 1]; i++) {
        uint32_t account = groups->account[groups->node[i]], of = job->finding[account];
        of = of != UINT32_MAX ? of : job->seed[account];
        count++;
        if (of == UINT32_MAX)
            seeds[free_count++] = account;
        else
            job->cell[account] = job->cell[account] == UINT32_MAX ? index : job->cell[account];
        owner = owner == UINT32_MAX ? of : owner;
    }
    int rc = 0;
    if (2 * free_count < count || free_count < 2) {
        accepted->finding = owner;
        accepted->is_cell = 1;
    } else {
        rc = seed_finding(job, index, seeds, free_count, err);
        if (rc == 0 && accepted->finding != UINT32_MAX)
            rc = take_rest(job, index, seeds, free_count, err);
    }
    free(seeds);
    return rc;
}

/* The members in one list; findings of fewer than two are none, and those after them move up. */
static int list_members(struct members_job *job, struct lks_error *err)
{
    struct lks_detection *detection = job->detection;
    uint32_t accounts = detection->events->accounts_count, count = 0, findings = 0;
    uint32_t *size = calloc((size_t)detection->findings_count + 1, sizeof *size);
    uint32_t *number = calloc((size_t)detection->findings_count + 1, sizeof *number);
    for (uint32_t a = 0; a < accounts; a++)
        count += job->finding[a] != UINT32_MAX;
    detection->members = calloc((size_t)count + 1, sizeof *detection->members);
    if (!size || !number || !detection->members) {
        free(size);
        free(number);
        return lks_error_set(err, LKS_EMEMORY, "out of memory for members");
    }
    for (uint32_t a = 0; a < accounts; a++) {
        if (job->finding[a] != UINT32_MAX)
            size[job->finding[a]]++;
    }
    for (uint32_t f = 0; f < detection->findings_count; f++)
        number[f] = size[f] >= 2 ? findings++ : UINT32_MAX;
    detection->crowds_count += detection->findings_count - findings;
    for (uint32_t a = 0; a < accounts; a++) {
        if (job->finding[a] == UINT32_MAX || number[job->finding[a]] == UINT32_MAX)
            continue;
        struct lks_member member = job->member[a];
        member.finding = number[job->finding[a]];
        if (job->cell[a] != UINT32_MAX &&
            detection->accepted[job->cell[a]].finding == job->finding[a])
            member.cell = job->cell[a];
        detection->members[detection->members_count++] = member;
    }
    for (uint32_t i = 0; i < detection->accepted_count; i++) {
        uint32_t *finding = &detection->accepted[i].finding;
        *finding = *finding != UINT32_MAX ? number[*finding] : *finding;
    }
    detection->findings_count = findings;
    free(size);
    free(number);
    return 0;
}

int lks_detection_members(struct lks_detection *detection, struct lks_error *err)
{
    uint32_t accepted_count =
        detection->accepted_count; /* pieces are appended, and taken at once */
    size_t accounts = detection->events->accounts_count;
    struct members_job job = {.detection = detection};
    if (accepted_count == 0)
        return 0;
    job.attached = calloc(accounts + 1, sizeof *job.attached);
    job.in_group = calloc(accounts + 1, 1);
    job.p = calloc(accounts + 1, sizeof *job.p);
    job.q = calloc(accounts + 1, sizeof *job.q);
    job.q_full = calloc(accounts + 1, sizeof *job.q_full);
    job.finding = malloc((accounts + 1) * sizeof *job.finding);
    job.seed = malloc((accounts + 1) * sizeof *job.seed);
    job.cell = malloc((accounts + 1) * sizeof *job.cell);
    job.member = calloc(accounts + 1, sizeof *job.member);
    int rc = job.attached && job.in_group && job.p && job.q && job.q_full && job.finding &&
                     job.seed && job.cell && job.member
                 ? 0
                 : lks_error_set(err, LKS_EMEMORY, "out of memory for members");
    if (rc == 0) {
        memset(job.finding, 0xff, accounts * sizeof *job.finding);
        memset(job.seed, 0xff, accounts * sizeof *job.seed);
        memset(job.cell, 0xff, accounts * sizeof *job.cell);
        rc = lks_chance_authors_new(detection->chance, &job.authors, err);
    }
    if (rc == 0) {
        lks_chance_authors_set(job.authors, detection->events->post_account);
        rc = lks_attachment_new(detection->chance, job.authors, &job.attachment, err);
    }
    for (uint32_t i = 0; i < accepted_count && rc == 0; i++)
        rc = take(&job, i, err);
    lks_attachment_free(job.attachment);
    if (rc == 0)
        rc = lks_members_tie(&job, err);
    if (rc == 0)
        rc = list_members(&job, err);
    lks_chance_authors_free(job.authors);
    free(job.attached);
    free(job.in_group);
    free(job.p);
    free(job.q);
    free(job.q_full);
    free(job.finding);
    free(job.seed);
    free(job.cell);
    free(job.member);
    return rc;
}
