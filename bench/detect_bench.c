/* detect_bench.c - what the null model costs beside the sweep: preparation, real scan, copies
 *
 *     detect_bench CASE [copies [threads]]
 *     detect_bench --made EVENTS [copies [threads]]
 *     detect_bench --tiny
 *
 * On the posts of a case, or on a made month of events (gen_events.h). The sweep is that of
 * `lockstep coaction`: pairs with two occasions in the null model's four windows, and no word
 * on chance. Beside it stands a scan at a level that no pair reaches, which so counts and weighs every
 * pair's meetings, computes what chance explains of those heavy enough, and does nothing more: what
 * expectations cost. The checksum is taken
 * over the edges of the real scan and the largest scores of the copies: it must stay as it is
 * when only speed changes, and must not depend on the threads. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <xxhash.h>

#include "case/case.h"
#include "coaction/coaction.h"
#include "detect/near_objects.h"
#include "finding/group_copies.h"
#include "gen_events.h"

static void stop(const char *what, const struct lks_error *err)
{
    fprintf(stderr, "detect_bench: %s: %s\n", what, err->message);
    exit(1);
}

struct clocks {
    double wall, cpu;
};

static struct clocks now(void)
{
    struct timespec wall, cpu;
    clock_gettime(CLOCK_MONOTONIC, &wall);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
    return (struct clocks){(double)wall.tv_sec + 1e-9 * (double)wall.tv_nsec,
                           (double)cpu.tv_sec + 1e-9 * (double)cpu.tv_nsec};
}

/* Prints what passed since *start and starts anew. */
static void lap(const char *what, struct clocks *start)
{
    struct clocks end = now();
    printf("%-26s %9.3f s wall %9.3f s CPU\n", what, end.wall - start->wall, end.cpu - start->cpu);
    *start = now();
}

static uint64_t digest(uint64_t seed, const void *data, size_t size_bytes)
{
    return XXH3_64bits_withSeed(data, size_bytes, seed);
}

static int count_edges(void *context, const struct lks_edge *edges, size_t count,
                       struct lks_error *err)
{
    (void)edges;
    (void)err;
    *(uint64_t *)context += count;
    return 0;
}

/* The pairs with two occasions, window by window, of the objects that the null model takes. */
static void sweep(const struct lks_events *events, const struct lks_chance *chance,
                  const struct lks_control *control)
{
    const struct lks_chance_counts *counts = lks_chance_counts(chance);
    struct lks_coaction_options options[LKS_CHANCE_WINDOWS_MAX];
    struct lks_edge_sink sinks[LKS_CHANCE_WINDOWS_MAX];
    uint64_t edges[LKS_CHANCE_WINDOWS_MAX] = {0};
    struct lks_error err = {0};
    for (unsigned w = 0; w < counts->windows_used; w++) {
        options[w] = lks_coaction_options_default();
        for (int kind = 0; kind < LKS_OBJECT_KINDS_COUNT; kind++)
            options[w].window_us[kind] = counts->windows_us[w];
        options[w].min_pairs = options[w].min_objects = 1;
        options[w].min_occasions = 2;
        options[w].min_score = 0;
        sinks[w] = (struct lks_edge_sink){count_edges, &edges[w]};
    }
    struct clocks start = now();
    if (lks_coaction_scan_windows(events, options, counts->windows_used, control, sinks, NULL,
                                  &err))
        stop("sweep", &err);
    lap("sweep, no expectation", &start);
    for (unsigned w = 0; w < counts->windows_used; w++)
        printf("%s%llu", w ? ", " : "pairs by window: ", (unsigned long long)edges[w]);
    printf("\n");
}

int main(int argc, char **argv)
{
    struct lks_error err = {0};
    struct lks_store *store = NULL;
    struct lks_events events = {0};
    int tiny = argc == 2 && strcmp(argv[1], "--tiny") == 0;
    int made = argc > 2 && strcmp(argv[1], "--made") == 0;
    if (argc < 2) {
        fprintf(stderr, "usage: detect_bench CASE | --made EVENTS [copies [threads]] | --tiny\n");
        return 2;
    }
    unsigned copies = argc > 2 + made ? (unsigned)atoi(argv[2 + made]) : tiny ? 3 : 9;
    unsigned threads = argc > 3 + made ? (unsigned)atoi(argv[3 + made]) : 1;
    if (tiny || made)
        events = gen_events(tiny ? 2000 : strtoull(argv[2], NULL, 10), 7);
    else if (lks_case_open(argv[1], NULL, &store, &err) ||
             lks_near_objects_make(store, NULL, &err) ||
             lks_store_events(store, UINT32_MAX, NULL, &events, &err))
        stop(argv[1], &err);
    struct lks_chance_options chance_options = lks_chance_options_default();
    struct lks_group_test_options options = {.levels = {0.05, 0.01, 0.001},
                                             .levels_count = 3,
                                             .copies_count = copies,
                                             .split_accounts = 40,
                                             .seed = 1};
    struct lks_control control = {.threads = threads};
    struct lks_chance *chance;
    struct lks_chance_scan *scan;
    struct lks_chance_edge *real;
    const struct lks_chance_edge *edges;
    struct lks_group_maxima *maxima = calloc(copies + 1u, sizeof *maxima);
    uint32_t *author = malloc(((size_t)events.posts_count + 1) * 4);
    size_t edges_count;
    uint64_t tested, sum = 0;
    if (!maxima || !author)
        return 1;
    struct clocks start = now();
    if (lks_chance_prepare(&events, &chance_options, &control, &chance, &err) ||
        lks_chance_scan_new(chance, &scan, &err))
        stop("prepare", &err);
    lap("prepare", &start);
    sweep(&events, chance, &control);
    start = now();
    if (lks_chance_scan_all(chance, events.post_account, 1e-290, &control, &real, &edges_count,
                            &tested, &err))
        stop("expectations", &err);
    lap("expectations", &start);
    free(real);
    if (lks_chance_scan_all(chance, events.post_account, 0.05, &control, &real, &edges_count,
                            &tested, &err))
        stop("scan", &err);
    lap("real scan", &start);
    for (size_t i = 0; i < edges_count; i++) {
        sum = digest(sum, &real[i].a, 4 * sizeof real[i].a);
        sum = digest(sum, &real[i].expected, 2 * sizeof real[i].expected);
    }
    printf("%u posts, %u accounts, %llu partners, %llu pairs tested, %zu edges\n",
           events.posts_count, events.accounts_count,
           (unsigned long long)lks_chance_counts(chance)->partners_count,
           (unsigned long long)tested, edges_count);
    start = now();
    lks_chance_shuffle(chance, 1, 0, author);
    lap("one shuffle", &start);
    if (lks_chance_scan_run(scan, author, 0.05, &edges, &edges_count, NULL, &err))
        stop("scan", &err);
    lap("scan of one copy", &start);
    if (lks_group_copies(chance, &options, 0, &control, maxima, &err))
        stop("copies", &err);
    char what[48];
    snprintf(what, sizeof what, "%u copies, %u thread%s", copies, threads, threads == 1 ? "" : "s");
    lap(what, &start);
    for (unsigned i = 0; i < copies; i++)
        sum = digest(sum, maxima[i].score, sizeof maxima[i].score);
    printf("checksum %016llx\n", (unsigned long long)sum);
    lks_chance_scan_free(scan);
    lks_chance_free(chance);
    lks_events_free(&events);
    lks_store_close(store);
    free(real);
    free(maxima);
    free(author);
    return 0;
}
