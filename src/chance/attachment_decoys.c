/* attachment_decoys.c - how close would outsiders come to the group if chance dealt their posts?
 *
 * In a decoy the members post as they do, and the authors of all other posts are dealt anew within
 * each stratum. Which posts are near the group, and how many of a stratum, no deal changes; so only
 * those need new authors to begin with:
 *
 *     loose posts of a stratum      near | not near
 *     their authors                 the first `near` places of a shuffle (Fisher and Yates)
 *
 * The accounts that got two or more near posts are asked by chance alone. Of few of them p is
 * small enough to ask for the days, which need all of their posts: the shuffle is
 * ended in the strata of these, from the stratum's own random numbers.
 *
 * Cost of a deal: the posts near the group; then the strata of those who are asked for days. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/threads.h"
#include "chance/attachment_inside.h"

/* An account that is asked in a deal. */
struct asked {
    uint32_t account, count;
    size_t first; /* of its places */
    int is_small; /* p by chance is at most p_max */
};

struct lks_attachment_decoys {
    const struct lks_attachment *attachment;
    uint32_t *first, *near; /* [strata + 1], [strata] loose posts, and those near the group */
    uint32_t *place;        /* [loose] near ones first in each stratum */
    uint32_t *account;      /* [loose] who has them in this deal */
    struct lks_rng *rng;    /* [strata] */
    uint8_t *is_whole;      /* [strata] the shuffle has come to its end */
    uint32_t *number;       /* [accounts] near posts, then 1 + the place among those asked, or 0 */
    uint32_t loose_count;
    struct asked *asked; /* [asked_count] by account */
    uint32_t asked_count;
    size_t asked_capacity;
    uint32_t *row; /* [row_capacity] places of those asked */
    size_t row_capacity;
    struct lks_attached *attached; /* [attached_capacity] of those asked, then of those told */
    size_t attached_capacity;
};

int lks_attachment_decoys_new(const struct lks_attachment *attachment,
                              struct lks_attachment_decoys **decoys_out, struct lks_error *err)
{
    const struct lks_chance *chance = attachment->chance;
    struct lks_budget *budget = chance->budget;
    struct lks_attachment_decoys *decoys = *decoys_out = calloc(1, sizeof *decoys);
    if (!decoys)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for decoys");
    decoys->attachment = attachment;
    for (uint32_t h = 0; h < chance->strata_count; h++)
        decoys->loose_count += attachment->outside[h];
    size_t strata = chance->strata_count, accounts = chance->events->accounts_count;
    int rc = lks_budget_array(budget, &decoys->first, strata + 1, 4, err);
    lks_chance_array(budget, &decoys->near, strata, 4, &rc, err);
    lks_chance_array(budget, &decoys->place, decoys->loose_count, 4, &rc, err);
    lks_chance_array(budget, &decoys->account, decoys->loose_count, 4, &rc, err);
    lks_chance_array(budget, &decoys->rng, strata, sizeof *decoys->rng, &rc, err);
    lks_chance_array(budget, &decoys->is_whole, strata, 1, &rc, err);
    lks_chance_array(budget, &decoys->number, accounts, 4, &rc, err);
    if (rc)
        return rc;
    uint32_t next = 0;
    for (uint32_t h = 0; h < strata; h++) {
        decoys->first[h] = next;
        for (int is_near = 1; is_near >= 0; is_near--) {
            for (uint32_t i = chance->stratum_first[h]; i < chance->stratum_first[h + 1]; i++) {
                uint32_t account = chance->order_account[attachment->authors->place_author[i]];
                if (attachment->in_group[account] || attachment->is_near[i] != is_near)
                    continue;
                decoys->place[next] = i;
                decoys->account[next++] = account;
            }
            if (is_near)
                decoys->near[h] = next - decoys->first[h];
        }
    }
    decoys->first[strata] = next;
    return 0;
}

void lks_attachment_decoys_free(struct lks_attachment_decoys *decoys)
{
    if (!decoys)
        return;
    const struct lks_chance *chance = decoys->attachment->chance;
    struct lks_budget *budget = chance->budget;
    size_t strata = chance->strata_count;
    lks_budget_free(budget, decoys->first, strata + 1, 4);
    lks_budget_free(budget, decoys->near, strata, 4);
    lks_budget_free(budget, decoys->place, decoys->loose_count, 4);
    lks_budget_free(budget, decoys->account, decoys->loose_count, 4);
    lks_budget_free(budget, decoys->rng, strata, sizeof *decoys->rng);
    lks_budget_free(budget, decoys->is_whole, strata, 1);
    lks_budget_free(budget, decoys->number, chance->events->accounts_count, 4);
    lks_budget_free(budget, decoys->asked, decoys->asked_capacity, sizeof *decoys->asked);
    lks_budget_free(budget, decoys->row, decoys->row_capacity, 4);
    lks_budget_free(budget, decoys->attached, decoys->attached_capacity, sizeof *decoys->attached);
    free(decoys);
}

/* Shuffle steps from .. end - 1 of a stratum: after them its first `end` posts have their authors. */
static void deal(struct lks_attachment_decoys *decoys, uint32_t h, uint32_t from, uint32_t end)
{
    uint32_t *account = decoys->account + decoys->first[h];
    uint32_t posts = decoys->first[h + 1] - decoys->first[h];
    for (uint32_t i = from; i < end; i++) {
        uint32_t j = i + (uint32_t)lks_rng_below(&decoys->rng[h], posts - i), moved = account[i];
        account[i] = account[j];
        account[j] = moved;
    }
}

/* New authors for the posts near the group, and how many of these each account has. */
static void deal_near(struct lks_attachment_decoys *decoys, uint64_t seed, uint64_t copy_index)
{
    const struct lks_chance *chance = decoys->attachment->chance;
    struct lks_rng rng;
    lks_rng_init(&rng, seed, copy_index);
    memset(decoys->number, 0, (size_t)chance->events->accounts_count * 4);
    for (uint32_t h = 0; h < chance->strata_count; h++) {
        lks_rng_init(&decoys->rng[h], lks_rng_next(&rng), h);
        decoys->is_whole[h] = 0;
        deal(decoys, h, 0, decoys->near[h]);
        for (uint32_t i = 0; i < decoys->near[h]; i++)
            decoys->number[decoys->account[decoys->first[h] + i]]++;
    }
}

static int make_rows(struct lks_attachment_decoys *decoys, size_t places, struct lks_error *err)
{
    struct lks_budget *budget = decoys->attachment->chance->budget;
    return lks_budget_grow(budget, &decoys->row, &decoys->row_capacity, places, 4, err);
}

/* Gives the posts near the group, or all posts of the strata dealt whole, to the rows of those asked. */
static void fill_rows(struct lks_attachment_decoys *decoys, int of_near)
{
    uint32_t strata = decoys->attachment->chance->strata_count;
    for (uint32_t i = 0; i < decoys->asked_count; i++)
        decoys->asked[i].count = 0;
    for (uint32_t h = 0; h < strata; h++) {
        uint32_t first = decoys->first[h], end = decoys->first[h + 1];
        if (of_near)
            end = first + decoys->near[h];
        else if (!decoys->is_whole[h])
            continue; /* nobody who is asked was there */
        for (uint32_t i = first; i < end; i++) {
            uint32_t number = decoys->number[decoys->account[i]];
            if (number == 0)
                continue;
            struct asked *asked = &decoys->asked[number - 1];
            decoys->row[asked->first + asked->count++] = decoys->place[i];
        }
    }
}

/* Those with enough near posts, by account, and these posts. */
static int ask_near(struct lks_attachment_decoys *decoys, struct lks_error *err)
{
    const struct lks_chance *chance = decoys->attachment->chance;
    uint32_t least = chance->options.min_occasions ? chance->options.min_occasions : 1;
    size_t places = 0;
    decoys->asked_count = 0;
    for (uint32_t a = 0; a < chance->events->accounts_count; a++) {
        uint32_t near = decoys->number[a];
        decoys->number[a] = 0;
        if (near < least)
            continue;
        int rc = lks_budget_grow(chance->budget, &decoys->asked, &decoys->asked_capacity,
                                 (size_t)decoys->asked_count + 1, sizeof *decoys->asked, err);
        if (rc)
            return rc;
        decoys->asked[decoys->asked_count] = (struct asked){a, 0, places, 0};
        decoys->number[a] = ++decoys->asked_count;
        places += near;
    }
    int rc = make_rows(decoys, places, err);
    if (rc == 0)
        fill_rows(decoys, 1);
    return rc;
}

/* Leaves those whose p by chance is small, with all of their posts. */
static int ask_small(struct lks_attachment_decoys *decoys, struct lks_error *err)
{
    const struct lks_chance *chance = decoys->attachment->chance;
    uint32_t count = 0;
    size_t places = 0;
    for (uint32_t i = 0; i < decoys->asked_count; i++) {
        uint32_t a = decoys->asked[i].account;
        decoys->number[a] = decoys->asked[i].is_small ? count + 1 : 0;
        if (!decoys->asked[i].is_small)
            continue;
        decoys->asked[count++] = (struct asked){a, 0, places, 1};
        places += chance->account_first[a + 1] - chance->account_first[a];
        for (uint32_t j = chance->presence_first[a]; j < chance->presence_first[a + 1]; j++) {
            uint32_t h = chance->presence_stratum[j];
            if (!decoys->is_whole[h])
                deal(decoys, h, decoys->near[h], decoys->first[h + 1] - decoys->first[h]);
            decoys->is_whole[h] = 1;
        }
    }
    decoys->asked_count = count;
    int rc = make_rows(decoys, places, err);
    if (rc == 0)
        fill_rows(decoys, 0);
    return rc;
}

struct decoys_job {
    struct lks_attachment_decoys *decoys;
    const struct lks_control *control;
    struct lks_attachment_scratch *scratch; /* [threads] */
    double log_p_max;
    int with_days;
};

enum { BLOCK_ASKED = 64 };

static int ask_task(void *context, size_t block, unsigned worker, struct lks_error *err)
{
    const struct decoys_job *job = context;
    struct lks_attachment_decoys *decoys = job->decoys;
    size_t first = block * BLOCK_ASKED, end = first + BLOCK_ASKED;
    if (lks_cancelled(job->control))
        return lks_error_set(err, LKS_ECANCELLED, "stopped");
    for (size_t i = first; i < end && i < decoys->asked_count; i++) {
        struct asked *asked = &decoys->asked[i];
        struct lks_attachment_row row = {asked->account, asked->count, decoys->row + asked->first};
        struct lks_attachment_tally tally;
        lks_attachment_tally(decoys->attachment, &row, &tally);
        asked->is_small = tally.least_log_p < 0 && tally.least_log_p <= job->log_p_max;
        if (job->with_days)
            lks_attachment_best(decoys->attachment, &row, &tally, job->log_p_max,
                                &job->scratch[worker], &decoys->attached[i]);
    }
    return 0;
}

static int ask(struct decoys_job *job, int with_days, struct lks_error *err)
{
    size_t blocks = ((size_t)job->decoys->asked_count + BLOCK_ASKED - 1) / BLOCK_ASKED;
    job->with_days = with_days;
    return lks_threads_run(lks_threads_count(job->control), blocks, ask_task, job, err);
}

int lks_attachment_decoys_test(struct lks_attachment_decoys *decoys, uint64_t seed,
                               uint64_t copy_index, double p_max, const struct lks_control *control,
                               const struct lks_attached **attached_out, uint32_t *count_out,
                               struct lks_error *err)
{
    const struct lks_attachment *attachment = decoys->attachment;
    unsigned threads = lks_threads_count(control);
    struct decoys_job job = {decoys, control, NULL, p_max < 1 ? log(p_max) : 0, 0};
    *count_out = 0;
    int rc = lks_attachment_scratch_new(attachment, threads, &job.scratch, err);
    if (rc == 0) {
        deal_near(decoys, seed, copy_index);
        rc = ask_near(decoys, err);
    }
    if (rc == 0)
        rc = ask(&job, 0, err);
    if (rc == 0)
        rc = ask_small(decoys, err);
    if (rc == 0)
        rc = lks_budget_grow(attachment->chance->budget, &decoys->attached,
                             &decoys->attached_capacity, decoys->asked_count,
                             sizeof *decoys->attached, err);
    if (rc == 0)
        rc = ask(&job, 1, err);
    for (uint32_t i = 0; i < decoys->asked_count && rc == 0; i++) {
        if (decoys->attached[i].log10_p * log(10) <= job.log_p_max)
            decoys->attached[(*count_out)++] = decoys->attached[i];
    }
    *attached_out = decoys->attached;
    lks_attachment_scratch_free(attachment, threads, job.scratch);
    return rc;
}

void lks_attachment_decoys_authors(const struct lks_attachment_decoys *decoys,
                                   uint32_t *post_account)
{
    const struct lks_chance *chance = decoys->attachment->chance;
    for (uint32_t i = 0; i < decoys->loose_count; i++)
        post_account[chance->stratum_post[decoys->place[i]]] = decoys->account[i];
}
