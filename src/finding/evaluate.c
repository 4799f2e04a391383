/* evaluate.c - what was found against what is known: precision, recall, false alarms
 *
 * Accounts are ranked by the caller: members of findings first, then the others of the network. Going down the ranks gives the curve of precision over recall. For its intervals the
 * data is drawn anew many times: each finding, and each account outside of findings, counts as
 * often as a Poisson variable of mean 1 says, which for many units is the ordinary bootstrap and
 * needs no table of who was drawn. Accounts that nothing ranks enter by their number alone: the
 * sum of n such variables is one of mean n.
 *
 * Cost: draws x (ranked accounts + findings + points). */
#include "finding/evaluate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "stat/multiple.h"

enum { POINTS_MAX = 200 };
#define PER_ACCOUNTS 10000.0

/* Counts down the ranks, as drawn. */
struct tally {
    double right, wrong;
};

struct work {
    const struct lks_evaluate_input *input;
    uint32_t *order;               /* [ranked_count] by falling score */
    size_t *point_end;             /* [points_count] ranks up to here */
    double *weights;               /* [findings_count] of one draw */
    double *precisions, *recalls;  /* [points_count][draws] */
    double *averages;              /* [draws] */
    uint64_t *pairs, *pairs_right; /* [findings_count] of labelled members */
    double *pair_shares[2];        /* [draws] precision and recall of pairs */
    double *values[LKS_CONFIDENCES_COUNT]
                  [3]; /* by confidence: precision, recall, false alarms, [draws] */
};

static double poisson(struct lks_rng *rng, double mean)
{
    if (mean > 60) { /* normal, from twelve uniforms: the same on every machine */
        double sum = -6;
        for (int i = 0; i < 12; i++)
            sum += lks_rng_unit(rng);
        double drawn = floor(mean + sqrt(mean) * sum + 0.5);
        return drawn > 0 ? drawn : 0;
    }
    double limit = 1, left = mean; /* exp(-mean), by its series on a small step */
    for (; left > 0.5; left -= 0.5)
        limit *= 0.6065306597126334;
    double term = 1, tail = 1;
    for (int i = 1; i < 20; i++)
        tail += term *= -left / i;
    limit *= tail;
    double product = lks_rng_unit(rng);
    int count = 0;
    for (; product > limit && count < 400; count++)
        product *= lks_rng_unit(rng);
    return count;
}

/* Mean 1, by its distribution: the most frequent call. */
static double poisson_one(struct lks_rng *rng)
{
    double unit = lks_rng_unit(rng), term = 0.36787944117144233, sum = term;
    int count = 0;
    while (unit >= sum && count < 16) {
        term /= ++count;
        sum += term;
    }
    return count;
}

struct rank {
    double score;
    uint32_t index;
};

static int rank_compare(const void *left, const void *right)
{
    const struct rank *a = left, *b = right;
    if (a->score != b->score)
        return a->score < b->score ? 1 : -1;
    return (a->index > b->index) - (a->index < b->index);
}

static int double_compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static int ranks_order(struct work *work)
{
    const struct lks_evaluate_input *input = work->input;
    struct rank *ranks = malloc((input->ranked_count + 1) * sizeof *ranks);
    work->order = malloc((input->ranked_count + 1) * sizeof *work->order);
    if (!ranks || !work->order) {
        free(ranks);
        return LKS_EMEMORY;
    }
    for (size_t i = 0; i < input->ranked_count; i++)
        ranks[i] = (struct rank){input->ranked[i].score, (uint32_t)i};
    qsort(ranks, input->ranked_count, sizeof *ranks, rank_compare);
    for (size_t i = 0; i < input->ranked_count; i++)
        work->order[i] = ranks[i].index;
    free(ranks);
    return 0;
}

static const struct lks_ranked *at_rank(const struct work *work, size_t rank)
{
    return &work->input->ranked[work->order[rank]];
}

/* Whether a rank ends a run of equal scores: a threshold can be drawn below it. */
static int ends_run(const struct work *work, size_t rank)
{
    return rank + 1 == work->input->ranked_count ||
           at_rank(work, rank)->score != at_rank(work, rank + 1)->score;
}

/* The thresholds, thinned to POINTS_MAX evenly over the ranks, the last kept. */
static int points_choose(struct work *work, struct lks_evaluation *evaluation)
{
    size_t count = work->input->ranked_count, thresholds = 0, taken = 0, seen = 0;
    for (size_t i = 0; i < count; i++)
        thresholds += (size_t)ends_run(work, i);
    size_t wanted = thresholds < POINTS_MAX ? thresholds : POINTS_MAX;
    evaluation->points = calloc(wanted + 1, sizeof *evaluation->points);
    work->point_end = calloc(wanted + 1, sizeof *work->point_end);
    if (!evaluation->points || !work->point_end)
        return LKS_EMEMORY;
    for (size_t i = 0; i < count; i++) {
        if (!ends_run(work, i))
            continue;
        seen++;
        if (seen * wanted / thresholds <= taken)
            continue;
        work->point_end[taken] = i + 1;
        evaluation->points[taken++].score = at_rank(work, i)->score;
    }
    evaluation->points_count = taken;
    return 0;
}

/* ---- the numbers themselves ---- */

static struct lks_measure measure(uint64_t hits, uint64_t trials, double scale)
{
    struct lks_interval interval = lks_wilson(hits, trials);
    return (struct lks_measure){hits, trials, trials ? scale * (double)hits / (double)trials : NAN,
                                scale * interval.low, scale * interval.high};
}

static int flagged(const struct lks_evaluate_input *input, const struct lks_ranked *account,
                   int confidence)
{
    return account->finding != LKS_EVALUATE_NONE &&
           (int)input->confidence[account->finding] >= confidence;
}

static void accounts_count(const struct lks_evaluate_input *input,
                           struct lks_evaluation *evaluation)
{
    evaluation->coordinated = input->others_coordinated;
    evaluation->innocent = input->others_innocent;
    uint64_t right[LKS_CONFIDENCES_COUNT] = {0}, wrong[LKS_CONFIDENCES_COUNT] = {0};
    for (size_t i = 0; i < input->ranked_count; i++) {
        const struct lks_ranked *account = &input->ranked[i];
        evaluation->coordinated += (uint64_t)account->coordinated;
        evaluation->innocent += (uint64_t)!account->coordinated;
        for (int c = 0; c < LKS_CONFIDENCES_COUNT; c++)
            if (flagged(input, account, c))
                account->coordinated ? right[c]++ : wrong[c]++;
    }
    for (int c = 0; c < LKS_CONFIDENCES_COUNT; c++)
        evaluation->accounts[c] =
            (struct lks_evaluation_accounts){measure(right[c], right[c] + wrong[c], 1),
                                             measure(right[c], evaluation->coordinated, 1),
                                             measure(wrong[c], evaluation->innocent, PER_ACCOUNTS)};
}

/* Labelled members of a finding that have one label and group. */
struct member {
    uint32_t finding, group;
    int coordinated;
};

static int member_compare(const void *left, const void *right)
{
    const struct member *a = left, *b = right;
    if (a->finding != b->finding)
        return a->finding < b->finding ? -1 : 1;
    if (a->coordinated != b->coordinated)
        return a->coordinated > b->coordinated ? -1 : 1;
    return (a->group > b->group) - (a->group < b->group);
}

static uint64_t pairs_of(uint64_t count)
{
    return count < 2 ? 0 : count % 2 ? (count - 1) / 2 * count : count / 2 * (count - 1);
}

/* Counts over one finding's labelled members, which lie together and sorted. */
struct finding_count {
    uint64_t members, coordinated, pairs_right, largest;
    uint32_t largest_group;
};

static struct finding_count finding_count(const struct member *members, size_t count, int grouped)
{
    struct finding_count out = {.members = count, .largest_group = LKS_EVALUATE_NONE};
    for (size_t i = 0; i < count && members[i].coordinated;) {
        size_t end = i;
        while (end < count && members[end].coordinated &&
               (!grouped || members[end].group == members[i].group))
            end++;
        out.coordinated += end - i;
        if (!grouped || members[i].group != LKS_EVALUATE_NONE) {
            out.pairs_right += pairs_of(end - i);
            if (end - i > out.largest) {
                out.largest = end - i;
                out.largest_group = members[i].group;
            }
        }
        i = end;
    }
    return out;
}

static int groups_count(struct work *work, struct lks_evaluation *evaluation)
{
    const struct lks_evaluate_input *input = work->input;
    struct member *members = malloc((input->ranked_count + 1) * sizeof *members);
    unsigned char *met = calloc(input->groups_count + 1, 1);
    uint64_t pairs = 0, right = 0, all = 0, findings = 0, mostly = 0, pure = 0, groups = 0;
    uint64_t groups_met = 0;
    size_t count = 0;
    if (!members || !met) {
        free(members);
        free(met);
        return LKS_EMEMORY;
    }
    for (size_t i = 0; i < input->ranked_count; i++)
        if (flagged(input, &input->ranked[i], LKS_CONFIDENCE_LOW))
            members[count++] = (struct member){input->ranked[i].finding, input->ranked[i].group,
                                               input->ranked[i].coordinated};
    qsort(members, count, sizeof *members, member_compare);
    for (size_t i = 0; i < count;) {
        size_t end = i;
        while (end < count && members[end].finding == members[i].finding)
            end++;
        struct finding_count f = finding_count(members + i, end - i, input->groups_count > 0);
        pairs += pairs_of(f.members);
        right += f.pairs_right;
        work->pairs[members[i].finding] = pairs_of(f.members);
        work->pairs_right[members[i].finding] = f.pairs_right;
        findings++;
        mostly += 2 * f.coordinated > f.members;
        pure += f.coordinated == f.members;
        if (f.largest_group != LKS_EVALUATE_NONE && 2 * f.largest > f.members)
            met[f.largest_group] = 1;
        i = end;
    }
    for (uint32_t i = 0; i < input->groups_count; i++) {
        all += pairs_of(input->group_sizes[i]);
        groups += input->group_sizes[i] >= 2;
        groups_met += input->group_sizes[i] >= 2 && met[i];
    }
    if (!input->groups_count)
        all = pairs_of(evaluation->coordinated);
    evaluation->pairs_precision = measure(right, pairs, 1);
    evaluation->pairs_recall = measure(right, all, 1);
    evaluation->groups_precision = measure(mostly, findings, 1);
    evaluation->groups_pure = measure(pure, findings, 1);
    evaluation->groups_recall = measure(groups_met, groups, 1);
    free(members);
    free(met);
    return 0;
}

/* ---- the curve ---- */

/* What one way down the ranks came to. */
struct walk {
    double average_precision;
    double at[LKS_CONFIDENCES_COUNT][3]; /* by confidence: precision, recall, false alarms */
};

static double share(double part, double whole, double scale)
{
    return whole > 0 ? scale * part / whole : NAN;
}

/* Recall comes as a count and becomes a share; the area under the curve in steps. */
static double curve_finish(const double *precision, double *recall, size_t points_count,
                           double coordinated)
{
    double area = 0, before = 0;
    for (size_t i = 0; i < points_count; i++) {
        recall[i] = share(recall[i], coordinated, 1);
        if (isnan(precision[i]) || isnan(recall[i]))
            continue;
        area += precision[i] * (recall[i] - before);
        before = recall[i];
    }
    return coordinated > 0 ? area : NAN;
}

/* Goes down the ranks once, each account weighing as drawn; rng NULL weighs all as 1. Writes
 * precision and recall at each point. others: those that are not ranked, as drawn. */
static struct walk curve_walk(const struct work *work, struct lks_rng *rng, size_t points_count,
                              double *precision, double *recall, struct tally others)
{
    const struct lks_evaluate_input *input = work->input;
    struct tally sum = {0, 0}, caught[LKS_CONFIDENCES_COUNT] = {{0, 0}};
    struct walk walk;
    size_t point = 0;
    for (size_t i = 0; i < input->ranked_count; i++) {
        const struct lks_ranked *account = at_rank(work, i);
        double weight = !rng                                    ? 1
                        : account->finding != LKS_EVALUATE_NONE ? work->weights[account->finding]
                                                                : poisson_one(rng);
        double right = account->coordinated ? weight : 0;
        sum.right += right;
        sum.wrong += weight - right;
        for (int c = 0; c < LKS_CONFIDENCES_COUNT; c++)
            if (flagged(input, account, c)) {
                caught[c].right += right;
                caught[c].wrong += weight - right;
            }
        if (point < points_count && i + 1 == work->point_end[point]) {
            precision[point] = share(sum.right, sum.right + sum.wrong, 1);
            recall[point++] = sum.right;
        }
    }
    double coordinated = sum.right + others.right, innocent = sum.wrong + others.wrong;
    walk.average_precision = curve_finish(precision, recall, points_count, coordinated);
    for (int c = 0; c < LKS_CONFIDENCES_COUNT; c++) {
        walk.at[c][0] = share(caught[c].right, caught[c].right + caught[c].wrong, 1);
        walk.at[c][1] = share(caught[c].right, coordinated, 1);
        walk.at[c][2] = share(caught[c].wrong, innocent, PER_ACCOUNTS);
    }
    return walk;
}

/* The 2.5th and 97.5th percentile of what was drawn; NaN is left out. */
static void percentiles(double *values, unsigned count, double *low, double *high)
{
    unsigned sound = 0;
    for (unsigned i = 0; i < count; i++)
        if (!isnan(values[i]))
            values[sound++] = values[i];
    *low = *high = NAN;
    if (!sound)
        return;
    qsort(values, sound, sizeof *values, double_compare);
    *low = values[(unsigned)(0.025 * (sound - 1))];
    *high = values[(unsigned)(0.975 * (sound - 1) + 0.5)];
}

static void widen(struct lks_measure *measured, double low, double high)
{
    if (low < measured->low)
        measured->low = low;
    if (high > measured->high)
        measured->high = high;
}

/* A finding's pairs stand or fall with it; how many there are to find stays. */
static void pairs_draw(struct work *work, const struct lks_evaluation *evaluation, unsigned draw)
{
    double all = 0, right = 0, most = (double)evaluation->pairs_recall.trials;
    for (uint32_t i = 0; i < work->input->findings_count; i++) {
        all += work->weights[i] * (double)work->pairs[i];
        right += work->weights[i] * (double)work->pairs_right[i];
    }
    work->pair_shares[0][draw] = share(right, all, 1);
    work->pair_shares[1][draw] = share(right < most ? right : most, most, 1);
}

static void draws_run(struct work *work, struct lks_evaluation *evaluation)
{
    const struct lks_evaluate_input *input = work->input;
    size_t points_count = evaluation->points_count;
    double precision[POINTS_MAX + 1], recall[POINTS_MAX + 1];
    for (unsigned draw = 0; draw < input->draws; draw++) {
        struct lks_rng rng;
        lks_rng_init(&rng, input->seed, draw);
        struct tally others;
        others.right = poisson(&rng, (double)input->others_coordinated);
        others.wrong = poisson(&rng, (double)input->others_innocent);
        for (uint32_t i = 0; i < input->findings_count; i++)
            work->weights[i] = poisson_one(&rng);
        struct walk walk = curve_walk(work, &rng, points_count, precision, recall, others);
        work->averages[draw] = walk.average_precision;
        pairs_draw(work, evaluation, draw);
        for (int c = 0; c < LKS_CONFIDENCES_COUNT; c++)
            for (int m = 0; m < 3; m++)
                work->values[c][m][draw] = walk.at[c][m];
        for (size_t i = 0; i < points_count; i++) {
            work->precisions[i * input->draws + draw] = precision[i];
            work->recalls[i * input->draws + draw] = recall[i];
        }
    }
}

static void intervals_fill(struct work *work, struct lks_evaluation *evaluation)
{
    unsigned draws = work->input->draws;
    double low, high;
    percentiles(work->averages, draws, &evaluation->average_precision_low,
                &evaluation->average_precision_high);
    for (int c = 0; c < LKS_CONFIDENCES_COUNT; c++) {
        struct lks_measure *measures[] = {&evaluation->accounts[c].precision,
                                          &evaluation->accounts[c].recall,
                                          &evaluation->accounts[c].false_alarms};
        for (int m = 0; m < 3; m++) {
            percentiles(work->values[c][m], draws, &low, &high);
            widen(measures[m], low, high);
        }
    }
    for (int m = 0; m < 2; m++) {
        percentiles(work->pair_shares[m], draws, &low, &high);
        widen(m ? &evaluation->pairs_recall : &evaluation->pairs_precision, low, high);
    }
    for (size_t i = 0; i < evaluation->points_count; i++) {
        struct lks_evaluation_point *point = &evaluation->points[i];
        percentiles(work->precisions + i * draws, draws, &point->precision_low,
                    &point->precision_high);
        percentiles(work->recalls + i * draws, draws, &point->recall_low, &point->recall_high);
    }
}

static void points_fill(struct work *work, struct lks_evaluation *evaluation)
{
    double precision[POINTS_MAX + 1], recall[POINTS_MAX + 1];
    struct tally others = {(double)work->input->others_coordinated,
                           (double)work->input->others_innocent};
    evaluation->average_precision =
        curve_walk(work, NULL, evaluation->points_count, precision, recall, others)
            .average_precision;
    for (size_t i = 0; i < evaluation->points_count; i++) {
        struct lks_evaluation_point *point = &evaluation->points[i];
        point->flagged = work->point_end[i];
        point->precision = precision[i];
        point->recall = recall[i];
        point->right = (uint64_t)(precision[i] * (double)point->flagged + 0.5);
        point->false_alarms = share((double)(point->flagged - point->right),
                                    (double)evaluation->innocent, PER_ACCOUNTS);
    }
}

static int work_alloc(struct work *work, size_t points_count)
{
    size_t draws = work->input->draws + 1;
    work->weights = calloc(work->input->findings_count + 1, sizeof *work->weights);
    work->precisions = calloc((points_count + 1) * draws, sizeof *work->precisions);
    work->recalls = calloc((points_count + 1) * draws, sizeof *work->recalls);
    work->averages = calloc(draws, sizeof *work->averages);
    work->pair_shares[0] = calloc(draws, sizeof(double));
    work->pair_shares[1] = calloc(draws, sizeof(double));
    int failed = !work->pair_shares[0] || !work->pair_shares[1] || !work->weights ||
                 !work->precisions || !work->recalls || !work->averages;
    for (int c = 0; c < LKS_CONFIDENCES_COUNT; c++)
        for (int m = 0; m < 3; m++)
            failed |= !(work->values[c][m] = calloc(draws, sizeof(double)));
    return failed ? LKS_EMEMORY : 0;
}

static void work_free(struct work *work)
{
    free(work->order);
    free(work->point_end);
    free(work->weights);
    free(work->precisions);
    free(work->recalls);
    free(work->averages);
    free(work->pairs);
    free(work->pairs_right);
    free(work->pair_shares[0]);
    free(work->pair_shares[1]);
    for (int c = 0; c < LKS_CONFIDENCES_COUNT; c++)
        for (int m = 0; m < 3; m++)
            free(work->values[c][m]);
}

int lks_evaluate(const struct lks_evaluate_input *input, struct lks_evaluation *evaluation,
                 struct lks_error *err)
{
    struct work work = {.input = input};
    *evaluation = (struct lks_evaluation){0};
    LKS_ASSERT(input->ranked_count < UINT32_MAX);
    accounts_count(input, evaluation);
    work.pairs = calloc((size_t)input->findings_count + 1, sizeof *work.pairs);
    work.pairs_right = calloc((size_t)input->findings_count + 1, sizeof *work.pairs_right);
    int code = work.pairs && work.pairs_right ? groups_count(&work, evaluation) : LKS_EMEMORY;
    if (code == 0)
        code = ranks_order(&work);
    if (code == 0)
        code = points_choose(&work, evaluation);
    if (code == 0)
        code = work_alloc(&work, evaluation->points_count);
    if (code == 0) {
        points_fill(&work, evaluation);
        draws_run(&work, evaluation);
        intervals_fill(&work, evaluation);
    } else {
        lks_error_set(err, LKS_EMEMORY, "out of memory for the evaluation");
        lks_evaluation_free(evaluation);
    }
    work_free(&work);
    return code;
}

void lks_evaluation_free(struct lks_evaluation *evaluation)
{
    free(evaluation->points);
    *evaluation = (struct lks_evaluation){0};
}
