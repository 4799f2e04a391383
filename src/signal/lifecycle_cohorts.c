/* lifecycle_cohorts.c - did they wake together, were they made together?
 *
 * Two questions of one shape: are these values (times of awakening, times of registration) closer
 * together somewhere than those of a reference? Awakenings are compared with all other
 * accounts' returns from a silence as long: people come back all the time, and many on the day of
 * an event, and an awakening among many returns is nothing special. Registrations are compared
 * with those of all other accounts whose creation is known by field. A value's place is its rank in
 * the reference, ties broken by chance; if the values are like the reference, places are
 * spread evenly over [0, 1), which the scan statistic tests. A cohort that is found is taken
 * out with its stretch of the line and the rest is scanned again, until nothing stands out. */
#include <stdlib.h>

#include "base/rng.h"
#include "signal/lifecycle_inside.h"
#include "stat/scan.h"

enum { REFERENCE_MIN = 50, ROUNDS_MAX = LKS_COHORTS_MAX / 2 };

struct value {
    int64_t time_us;
    double place;
    size_t awakening;
};

static int time_order(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int place_order(const void *a, const void *b)
{
    const struct value *x = a, *y = b;
    if (x->place != y->place)
        return x->place < y->place ? -1 : 1;
    return (x->awakening > y->awakening) - (x->awakening < y->awakening);
}

static void places_find(struct value *values, size_t count, int64_t *reference,
                        size_t reference_count, uint64_t seed)
{
    struct lks_rng rng;
    lks_rng_init(&rng, seed, 1);
    qsort(reference, reference_count, sizeof *reference, time_order);
    for (size_t i = 0; i < count; i++) {
        size_t low = lks_times_up_to(reference, reference_count, values[i].time_us - 1);
        size_t high = lks_times_up_to(reference, reference_count, values[i].time_us);
        /* among high - low equal ones it has high - low + 1 places to be */
        values[i].place = ((double)low + lks_rng_unit(&rng) * (double)(high - low + 1)) /
                          ((double)reference_count + 1);
    }
    qsort(values, count, sizeof *values, place_order);
}

/* Takes the window's values out, with its stretch of the line. */
static size_t window_cut(struct value *values, size_t count, const struct lks_scan *scan)
{
    double from = values[scan->first].place, width = scan->width;
    if (from + width > 1)
        width = 1 - from;
    size_t kept = scan->first;
    for (size_t i = 0; i < count; i++) {
        if (i >= scan->first && i <= scan->last)
            continue;
        struct value value = values[i];
        if (i > scan->last)
            value.place -= width;
        value.place /= 1 - width;
        if (i < scan->first)
            values[i] = value;
        else
            values[kept++] = value;
    }
    return kept;
}

static void cohort_add(struct lks_lifecycle *result, const struct value *values,
                       const struct lks_scan *scan, int registration)
{
    struct lks_cohort *cohort = &result->cohorts[result->cohorts_count];
    *cohort = (struct lks_cohort){.registration = registration,
                                  .first_us = values[scan->first].time_us,
                                  .last_us = values[scan->first].time_us,
                                  .accounts_count = (uint32_t)(scan->last - scan->first + 1),
                                  .expected = scan->expected,
                                  .p_value = scan->p_value};
    for (size_t i = scan->first; i <= scan->last; i++) {
        struct lks_awakening *awakening = &result->awakenings[values[i].awakening];
        if (values[i].time_us < cohort->first_us)
            cohort->first_us = values[i].time_us;
        if (values[i].time_us > cohort->last_us)
            cohort->last_us = values[i].time_us;
        *(registration ? &awakening->made_cohort : &awakening->woke_cohort) =
            (int32_t)result->cohorts_count;
    }
    result->cohorts_count++;
}

static int cohorts_scan(struct value *values, size_t count, int registration,
                        const struct lks_lifecycle_options *options,
                        const struct lks_control *control, struct lks_lifecycle *result,
                        struct lks_error *err)
{
    double *places = malloc((count + 1) * sizeof *places);
    if (!places)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for cohorts");
    int code = 0;
    for (int round = 0; code == 0 && round < ROUNDS_MAX && count >= 3; round++) {
        struct lks_scan scan;
        for (size_t i = 0; i < count; i++)
            places[i] = values[i].place;
        code = lks_scan_line(places, count, options->draws,
                             options->seed + (uint64_t)(round * 2 + registration), control, &scan,
                             err);
        if (code || scan.p_value > options->cohort_level)
            break;
        cohort_add(result, values, &scan, registration);
        count = window_cut(values, count, &scan);
    }
    free(places);
    return code;
}

/* Returns after a silence of accounts that did not awake, up to the last awakening. */
static size_t returns_find(const struct lks_lifecycle_input *input,
                           const struct lks_lifecycle_options *options,
                           const struct lks_lives *lives, const struct lks_lifecycle *result,
                           int64_t *returns)
{
    size_t count = 0, next = 0;
    int64_t last_us = INT64_MIN;
    for (size_t i = 0; i < result->awakenings_count; i++)
        if (result->awakenings[i].woke_us > last_us)
            last_us = result->awakenings[i].woke_us;
    for (uint32_t a = 0; a < input->accounts_count; a++) {
        const struct lks_life_act *acts = lives->acts + lives->first[a];
        if (next < result->awakenings_count && result->awakenings[next].account == a) {
            next++;
            continue;
        }
        for (uint32_t i = 1; i < lives->count[a] && acts[i].time_us <= last_us; i++)
            if (acts[i].time_us - acts[i - 1].time_us >= options->silence_us)
                returns[count++] = acts[i].time_us;
    }
    return count;
}

/* Creation times, by field, of accounts with an act that did not awake. */
static size_t registrations_find(const struct lks_lifecycle_input *input,
                                 const struct lks_lives *lives, const struct lks_lifecycle *result,
                                 int64_t *times)
{
    size_t count = 0, next = 0;
    for (uint32_t a = 0; a < input->accounts_count; a++) {
        if (next < result->awakenings_count && result->awakenings[next].account == a)
            next++;
        else if (lives->count[a] && input->created_method[a] == LKS_CREATED_FIELD &&
                 input->created_us[a] != LKS_TIME_NULL)
            times[count++] = input->created_us[a];
    }
    return count;
}

int lks_lifecycle_cohorts(const struct lks_lifecycle_input *input,
                          const struct lks_lifecycle_options *options,
                          const struct lks_control *control, const struct lks_lives *lives,
                          struct lks_lifecycle *result, struct lks_error *err)
{
    size_t count = result->awakenings_count, most = input->posts_count;
    if (count == 0)
        return 0;
    if (most < input->accounts_count)
        most = input->accounts_count;
    int64_t *reference = malloc((most + 1) * sizeof *reference);
    struct value *values = malloc(count * sizeof *values);
    int code = reference && values ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory");
    if (code == 0) {
        for (size_t i = 0; i < count; i++)
            values[i] = (struct value){.time_us = result->awakenings[i].woke_us, .awakening = i};
        result->reference_count = returns_find(input, options, lives, result, reference);
        if (result->reference_count >= REFERENCE_MIN) {
            places_find(values, count, reference, result->reference_count, options->seed);
            code = cohorts_scan(values, count, 0, options, control, result, err);
        }
    }
    if (code == 0 && input->created_us && input->created_method) {
        size_t made = 0;
        for (size_t i = 0; i < count; i++) {
            uint32_t account = result->awakenings[i].account;
            if (input->created_method[account] == LKS_CREATED_FIELD &&
                input->created_us[account] != LKS_TIME_NULL)
                values[made++] =
                    (struct value){.time_us = input->created_us[account], .awakening = i};
        }
        size_t known = registrations_find(input, lives, result, reference);
        if (known >= REFERENCE_MIN) {
            places_find(values, made, reference, known, options->seed + 1);
            code = cohorts_scan(values, made, 1, options, control, result, err);
        }
    }
    free(reference);
    free(values);
    return code;
}
