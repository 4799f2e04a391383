/* registrations.c - accounts made on one day with one shape of handle: more than chance gives
 *
 * Who makes accounts in a row takes what the platform proposes or one pattern of his own. Accounts
 * are sorted by day; a day's shapes are counted by sorting them. Of n accounts of the era, a day has
 * m and a shape s: the day's number with the shape is hypergeometric if the two have nothing to do
 * with each other. Platforms change what they propose: so shapes are exchanged within an era
 * only. The permutation pays for looking at all days and shapes at once. */
#include "signal/registrations.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/threads.h"
#include "base/time.h"
#include "stat/tail.h"

struct lks_registrations_options lks_registrations_options_default(void)
{
    return (struct lks_registrations_options){
        .accounts_min = 5, .era_us = 92 * LKS_DAY_US, .draws = 199, .level = 0.01};
}

struct account {
    int64_t day;
    uint32_t shape;
};

struct registering {
    struct account *accounts; /* [count] by day */
    size_t count;
    uint32_t accounts_min;
    int64_t era_days;
    uint32_t *shape;     /* [count] as drawn */
    uint32_t *era_shape; /* [shapes_count] accounts of the era with the shape */
    uint32_t *day_shape; /* [shapes_count] of the day, zero between days */
};

/* Rounded down, for days before 1970. */
static int64_t floor_divide(int64_t number, int64_t by)
{
    return number / by - (number % by < 0);
}

static int account_order(const void *a, const void *b)
{
    const struct account *x = a, *y = b;
    if (x->day != y->day)
        return x->day < y->day ? -1 : 1;
    return (x->shape > y->shape) - (x->shape < y->shape);
}

static size_t run_end(const struct registering *all, size_t first, size_t end, int64_t day_end)
{
    while (first < end && all->accounts[first].day < day_end)
        first++;
    return first;
}

/* Calls found for each day and shape with accounts enough of one era, first..end. */
static void era_scan(struct registering *all, size_t first, size_t end,
                     void (*found)(void *context, const struct lks_registration *cell),
                     void *context)
{
    for (size_t i = first; i < end; i++)
        all->era_shape[all->shape[i]]++;
    for (size_t start = first; start < end;) {
        size_t stop = run_end(all, start, end, all->accounts[start].day + 1);
        for (size_t i = start; i < stop; i++)
            all->day_shape[all->shape[i]]++;
        for (size_t i = start; i < stop; i++) {
            uint32_t shape = all->shape[i], own = all->day_shape[shape];
            all->day_shape[shape] = 0; /* each shape once */
            double expected =
                (double)(stop - start) * all->era_shape[shape] / (double)(end - first);
            if (own < all->accounts_min || own <= expected)
                continue;
            struct lks_registration cell = {
                .day_us = all->accounts[start].day * LKS_DAY_US,
                .shape = shape,
                .accounts_count = own,
                .day_count = (uint32_t)(stop - start),
                .expected = expected,
                .log10_p = lks_hypergeometric_tail_log(own, stop - start, all->era_shape[shape],
                                                       end - first) /
                           log(10)};
            found(context, &cell);
        }
        start = stop;
    }
    for (size_t i = first; i < end; i++)
        all->era_shape[all->shape[i]] = 0;
}

static void all_scan(struct registering *all, struct lks_rng *rng,
                     void (*found)(void *context, const struct lks_registration *cell),
                     void *context)
{
    for (size_t first = 0; first < all->count;) {
        int64_t era = floor_divide(all->accounts[first].day, all->era_days);
        size_t end = run_end(all, first, all->count, (era + 1) * all->era_days);
        for (size_t i = end - 1; rng && i > first; i--) {
            size_t j = first + lks_rng_below(rng, i - first + 1);
            uint32_t shape = all->shape[i];
            all->shape[i] = all->shape[j];
            all->shape[j] = shape;
        }
        era_scan(all, first, end, found, context);
        first = end;
    }
}

struct cells {
    struct lks_registration *cell;
    size_t count, capacity;
    int failed;
};

static void cell_keep(void *context, const struct lks_registration *cell)
{
    struct cells *cells = context;
    if (cells->count == cells->capacity) {
        size_t capacity = 2 * cells->capacity + 64;
        struct lks_registration *grown = realloc(cells->cell, capacity * sizeof *grown);
        if (!grown) {
            cells->failed = 1;
            return;
        }
        cells->cell = grown;
        cells->capacity = capacity;
    }
    cells->cell[cells->count++] = *cell;
}

static void least_keep(void *context, const struct lks_registration *cell)
{
    double *least = context;
    *least = cell->log10_p < *least ? cell->log10_p : *least;
}

static int cell_order(const void *a, const void *b)
{
    const struct lks_registration *x = a, *y = b;
    if (x->log10_p != y->log10_p)
        return x->log10_p < y->log10_p ? -1 : 1;
    if (x->day_us != y->day_us)
        return x->day_us < y->day_us ? -1 : 1;
    return (x->shape > y->shape) - (x->shape < y->shape);
}

static int registering_make(const struct lks_registrations_input *input,
                            const struct lks_registrations_options *options,
                            struct registering *all)
{
    all->count = input->count;
    all->accounts_min = options->accounts_min;
    all->era_days = options->era_us / LKS_DAY_US;
    all->accounts = malloc((input->count + 1) * sizeof *all->accounts);
    all->shape = malloc((input->count + 1) * sizeof *all->shape);
    all->era_shape = calloc((size_t)input->shapes_count + 1, sizeof *all->era_shape);
    all->day_shape = calloc((size_t)input->shapes_count + 1, sizeof *all->day_shape);
    if (!all->accounts || !all->shape || !all->era_shape || !all->day_shape)
        return -1;
    for (size_t i = 0; i < input->count; i++)
        all->accounts[i] =
            (struct account){floor_divide(input->created_us[i], LKS_DAY_US), input->shape[i]};
    if (input->count)
        qsort(all->accounts, input->count, sizeof *all->accounts, account_order);
    for (size_t i = 0; i < input->count; i++)
        all->shape[i] = all->accounts[i].shape;
    return 0;
}

int lks_registrations_run(const struct lks_registrations_input *input,
                          const struct lks_registrations_options *options,
                          const struct lks_control *control, struct lks_registration **out,
                          size_t *count_out, struct lks_error *err)
{
    struct registering all = {0};
    struct cells cells = {0};
    double *least = malloc(((size_t)options->draws + 1) * sizeof *least);
    int code = 0;
    *out = NULL;
    *count_out = 0;
    if (!least || registering_make(input, options, &all) != 0)
        code = lks_error_set(err, LKS_EMEMORY, "out of memory for registrations");
    if (code == 0)
        all_scan(&all, NULL, cell_keep, &cells);
    if (code == 0 && cells.failed)
        code = lks_error_set(err, LKS_EMEMORY, "out of memory for registrations");
    for (unsigned draw = 0; code == 0 && cells.count && draw < options->draws; draw++) {
        struct lks_rng rng;
        lks_rng_init(&rng, options->seed, draw);
        least[draw] = 0;
        all_scan(&all, &rng, least_keep, &least[draw]);
        if (lks_cancelled(control))
            code = lks_error_set(err, LKS_ECANCELLED, "stopped");
    }
    size_t kept = 0;
    for (size_t i = 0; code == 0 && i < cells.count; i++) {
        unsigned clearer = 0;
        for (unsigned draw = 0; draw < options->draws; draw++)
            clearer += least[draw] <= cells.cell[i].log10_p;
        cells.cell[i].p_value = (1.0 + clearer) / (1.0 + options->draws);
        if (cells.cell[i].p_value <= options->level)
            cells.cell[kept++] = cells.cell[i];
    }
    if (kept)
        qsort(cells.cell, kept, sizeof *cells.cell, cell_order);
    if (code) {
        free(cells.cell);
    } else {
        *out = cells.cell;
        *count_out = kept;
    }
    free(least);
    free(all.accounts);
    free(all.shape);
    free(all.era_shape);
    free(all.day_shape);
    return code;
}
