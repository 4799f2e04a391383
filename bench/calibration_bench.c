/* calibration_bench.c - do the p-values hold on data whose authors were really shuffled?
 *
 *     calibration_bench CASE [sets [copies [seed]]]
 *
 * Takes the posts of a case, shuffles their authors within the hour and treats each such set
 * as data: the null hypothesis is then true, with the real popularity, bursts and activity.
 * Prints how often p <= 0.05 and 0.01 over all pairs that could have met and over those that
 * were tested, how often Benjamini and Hochberg at 0.05 find anything, and how often the
 * group test at 0.05 alarms. Without a case (--tiny) it runs on made data. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "case/case.h"
#include "detect/near_objects.h"
#include "finding/group_copies.h"
#include "stat/multiple.h"

static void stop(const char *what, const struct lks_error *err)
{
    fprintf(stderr, "calibration_bench: %s: %s\n", what, err->message);
    exit(1);
}

static void print_share(const char *what, uint64_t hits, uint64_t trials)
{
    struct lks_interval interval = lks_wilson(hits, trials);
    printf("%-46s %10llu of %12llu  %.5f (%.5f to %.5f)\n", what, (unsigned long long)hits,
           (unsigned long long)trials, trials ? (double)hits / (double)trials : 0, interval.low,
           interval.high);
}

/* 40 accounts, 600 posts, 30 tags over a day: only to see that the bench runs. */
static void make_tiny(struct lks_events *events)
{
    enum { POSTS = 600, TAGS = 30 };
    struct lks_rng rng;
    lks_rng_init(&rng, 1, 0);
    *events =
        (struct lks_events){.accounts_count = 40, .posts_count = POSTS, .objects_count = TAGS};
    events->object = malloc(2 * POSTS * 4);
    events->account = malloc(2 * POSTS * 4);
    events->post = malloc(2 * POSTS * 4);
    events->time_us = malloc(2 * POSTS * 8);
    events->object_kind = calloc(TAGS, 1);
    events->post_account = malloc(POSTS * 4);
    events->post_time_us = malloc(POSTS * 8);
    for (uint32_t p = 0; p < POSTS; p++) {
        events->post_account[p] = (uint32_t)lks_rng_below(&rng, 40);
        events->post_time_us[p] =
            (int64_t)(1500000000 + lks_rng_below(&rng, 86400)) * LKS_SECOND_US;
        uint32_t tag = (uint32_t)(pow(lks_rng_unit(&rng), 2) * TAGS);
        for (uint32_t k = 0; k < 2; k++) {
            size_t i = events->count++;
            events->object[i] = (tag + 7 * k) % TAGS;
            events->account[i] = events->post_account[p];
            events->post[i] = p;
            events->time_us[i] = events->post_time_us[p];
        }
    }
    struct lks_error err;
    if (lks_events_sort(events, &err))
        stop("events", &err);
}

struct counts {
    uint64_t pairs, tested, p05, p01, bh_alarms, group_alarms;
};

/* One set: edges, BH, and its largest groups against the copies. */
static void take_set(struct lks_chance *chance, struct lks_chance_scan *scan,
                     const uint32_t *post_account, const struct lks_group_test_options *options,
                     const struct lks_group_maxima *copies, struct counts *counts)
{
    struct lks_error err = {0};
    const struct lks_chance_edge *edges;
    size_t count;
    uint64_t tested, possible = lks_chance_counts(chance)->pairs_possible;
    if (lks_chance_scan_run(scan, post_account, 0.05, &edges, &count, &tested, &err))
        stop("scan", &err);
    double *log10_p = malloc((count + 1) * sizeof *log10_p), *q = malloc((count + 1) * sizeof *q);
    double least = 1;
    for (size_t i = 0; i < count; i++) {
        log10_p[i] = edges[i].log10_p;
        counts->p01 += lks_chance_edge_passes(&edges[i], 0.01);
    }
    counts->p05 += count;
    counts->pairs += possible;
    counts->tested += tested;
    if (lks_bh_adjust(log10_p, count, possible > count ? possible : count, q, &err))
        stop("q-values", &err);
    for (size_t i = 0; i < count; i++)
        least = q[i] < least ? q[i] : least;
    counts->bh_alarms += least <= 0.05;
    free(log10_p);
    free(q);
    struct lks_group_levels levels;
    struct lks_group_maxima maxima = {{0}};
    if (lks_group_levels_find(options, edges, count, &levels, &err))
        stop("groups", &err);
    for (unsigned l = 0; l < options->levels_count; l++) {
        for (uint32_t g = 0; g < levels.groups[l].groups_count; g++)
            maxima.score[l] = fmax(maxima.score[l], levels.groups[l].score[g]);
    }
    lks_group_levels_free(&levels);
    counts->group_alarms +=
        lks_group_p(copies, options->copies_count, options->levels_count, &maxima, NULL) <= 0.05;
}

int main(int argc, char **argv)
{
    struct lks_error err = {0};
    struct lks_store *store = NULL;
    struct lks_events events = {0};
    int tiny = argc == 2 && strcmp(argv[1], "--tiny") == 0;
    if (argc < 2) {
        fprintf(stderr, "usage: calibration_bench CASE [sets [copies [seed]]] | --tiny\n");
        return 2;
    }
    unsigned sets = argc > 2 ? (unsigned)atoi(argv[2]) : tiny ? 5 : 100;
    unsigned copies = argc > 3 ? (unsigned)atoi(argv[3]) : tiny ? 19 : 99;
    uint64_t seed = argc > 4 ? strtoull(argv[4], NULL, 10) : 1;
    if (tiny)
        make_tiny(&events);
    else if (lks_case_open(argv[1], NULL, &store, &err) ||
             lks_near_objects_make(store, NULL, &err) ||
             lks_store_events(store, UINT32_MAX, NULL, &events, &err))
        stop(argv[1], &err);
    struct lks_chance_options chance_options = lks_chance_options_default();
    struct lks_group_test_options options = {.levels = {0.05, 0.01, 0.001},
                                             .levels_count = 3,
                                             .copies_count = copies,
                                             .split_accounts = 40,
                                             .seed = seed};
    struct lks_chance *real, *chance;
    struct lks_chance_scan *scan;
    struct lks_group_maxima *maxima = calloc(copies + 1u, sizeof *maxima);
    uint32_t *author = malloc(((size_t)events.posts_count + 1) * 4);
    struct counts counts = {0};
    if (!maxima || !author || sets < 1 || copies < 1)
        return 1;
    /* One shuffle stands for the data, so that what the preparation takes from the authors
     * (how common an object is) also comes from data of the null hypothesis. */
    if (lks_chance_prepare(&events, &chance_options, NULL, &real, &err))
        stop("prepare", &err);
    lks_chance_shuffle(real, seed, 1u << 30, author);
    lks_chance_free(real);
    memcpy(events.post_account, author, (size_t)events.posts_count * 4);
    for (size_t i = 0; i < events.count; i++)
        events.account[i] = author[events.post[i]];
    if (lks_events_sort(&events, &err) ||
        lks_chance_prepare(&events, &chance_options, NULL, &chance, &err) ||
        lks_chance_scan_new(chance, &scan, &err) ||
        lks_group_copies(chance, &options, 0, NULL, maxima, &err))
        stop("copies", &err);
    for (unsigned s = 0; s < sets; s++) {
        lks_chance_shuffle(chance, seed + 1, s, author);
        take_set(chance, scan, author, &options, maxima, &counts);
    }
    printf("%u posts, %u accounts, %u shuffled sets, %u copies\n", events.posts_count,
           events.accounts_count, sets, copies);
    print_share("p <= 0.05, of pairs that could have met", counts.p05, counts.pairs);
    print_share("p <= 0.01, of pairs that could have met", counts.p01, counts.pairs);
    print_share("p <= 0.05, of pairs that met twice", counts.p05, counts.tested);
    print_share("p <= 0.01, of pairs that met twice", counts.p01, counts.tested);
    print_share("sets in which BH at q = 0.05 finds any pair", counts.bh_alarms, sets);
    print_share("sets in which the group test at 0.05 alarms", counts.group_alarms, sets);
    lks_chance_scan_free(scan);
    lks_chance_free(chance);
    lks_events_free(&events);
    lks_store_close(store);
    free(maxima);
    free(author);
    return 0;
}
