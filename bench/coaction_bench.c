/* coaction_bench.c - the co-action kernel on seeded events, beside what a machine can do at best
 *
 *   coaction_bench [--tiny] [--large] [--events N] [--month N] [--viral SHARE] [--viral-days D]
 *                  [--seed N] [--threads N] [--objects N] [--occasions N] [--pairs N] [--score N]
 *                  [--window SECONDS] [--path portable|avx2|avx512] [--runs N] [--memory MB]
 *                  [--counts] [--no-floor] [--json] [--binary FILE] [--edges FILE]
 *                  [--buckets SECONDS]
 *
 * With no size named: a month of 1 and of 10 million events (and of 100, by --large), the same
 * with one object on a tenth of all events, and growth at a constant density. Prints for each
 * wall and CPU time, the memory that the kernel takes beside the events, what it found, and
 * the floor with the ratio to it (floor.h). --counts asks for pairs and objects alone. --json adds
 * a line for programs; --binary and --edges write events and edges for them (event_files.h), and
 * nothing is measured unless --json asks for it. --buckets makes an object of each object in a
 * bucket of time, which is what a program without sliding windows sees. --tiny is for the test
 * run: one and two threads must find the same, and so must counts alone. */
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/threads.h"
#include "base/time.h"
#include "coaction/coaction.h"
#include "event_files.h"
#include "gen_events.h"

#include "floor.h"
#include "measure.h"

struct setup {
    struct gen_options made;
    struct lks_coaction_options options;
    int runs, tiny, large, with_floor, json;
    int64_t bucket_us;
    const char *binary, *edges;
};

struct found {
    uint64_t edges, pairs, check;
    FILE *file;
};

struct result {
    double wall_s, cpu_s, peak_mb, events_mb;
    uint64_t window_pairs;
    struct found found;
    struct lks_coaction_counts counts;
};

/* The checksum does not depend on the order of the edges. */
static int take(void *context, const struct lks_edge *edges, size_t count, struct lks_error *err)
{
    struct found *found = context;
    (void)err;
    for (size_t i = 0; i < count; i++) {
        uint64_t key = (uint64_t)edges[i].a << 32 | edges[i].b;
        key = (key ^ edges[i].pairs_count << 40 ^ edges[i].occasions_count) * 0x9e3779b97f4a7c15u;
        found->check += (key ^ key >> 29) * 0xbf58476d1ce4e5b9u;
        found->pairs += edges[i].pairs_count;
        if (found->file)
            edge_file_put(found->file, &edges[i]);
    }
    found->edges += count;
    return 0;
}

/* Runs once; the time of writing edges to a file is in it, so none is written when it counts. */
static struct result run_once(const struct lks_events *events, const struct setup *setup,
                              FILE *file)
{
    struct result result = {.found.file = file};
    struct lks_edge_sink sink = {take, &result.found};
    struct lks_error err = {0};
    malloc_trim(0);
    measure_peak_forget();
    result.events_mb = measure_resident_mb();
    double cpu = measure_cpu_seconds(), start = lks_clock_seconds();
    if (lks_coaction_scan(events, &setup->options, NULL, &sink, &result.counts, &err) < 0) {
        fprintf(stderr, "%s\n", err.message);
        exit(1);
    }
    result.wall_s = lks_clock_seconds() - start;
    result.cpu_s = measure_cpu_seconds() - cpu;
    result.peak_mb = measure_peak_mb();
    return result;
}

static struct result run_best(const struct lks_events *events, const struct setup *setup)
{
    struct result best = run_once(events, setup, NULL);
    for (int run = 1; run < setup->runs; run++) {
        struct result next = run_once(events, setup, NULL);
        LKS_ASSERT(next.found.check == best.found.check);
        if (next.cpu_s < best.cpu_s)
            best = next;
    }
    best.window_pairs = gen_window_pairs(events, setup->options.window_us[0]);
    return best;
}

static void print_result(const char *name, const struct lks_events *events,
                         const struct setup *setup, const struct result *result)
{
    printf("%-10s %9zu events, %.1f M pairs in a window, %u threads, objects >= %u, occasions "
           ">= %u\n  wall %.3f s, CPU %.3f s, memory %.0f MB = events %.0f + kernel %.0f; "
           "%" PRIu64 " edges, %.1f M pairs scanned, check %016" PRIx64 "\n",
           name, events->count, (double)result->window_pairs / 1e6, setup->options.threads_count,
           setup->options.min_objects, setup->options.min_occasions, result->wall_s, result->cpu_s,
           result->peak_mb, result->events_mb, result->peak_mb - result->events_mb,
           result->found.edges, (double)result->counts.pairs_scanned / 1e6, result->found.check);
    if (setup->json)
        printf("{\"events\":%zu,\"window_pairs\":%" PRIu64
               ",\"threads\":%u,\"wall_s\":%.4f,\"cpu_s\":%.4f,\"peak_mb\":%.1f,\"events_mb\":"
               "%.1f,\"edges\":%" PRIu64 "}\n",
               events->count, result->window_pairs, setup->options.threads_count, result->wall_s,
               result->cpu_s, result->peak_mb, result->events_mb, result->found.edges);
    fflush(stdout);
}

static void print_floor(const struct lks_events *events, const struct setup *setup,
                        const struct result *result)
{
    struct floor least =
        floor_measure(events, setup->options.window_us[0], setup->options.threads_count);
    printf(
        "  floor %.3f s: %.1f M ids by bandwidth %.3f s (%.1f GB/s), by cycles %.3f s (%.2f ns an "
        "id and thread), linear phases %.3f s; CPU by thread is %.2f times that, wall %.2f\n",
        least.seconds, (double)least.ids / 1e6, least.bandwidth_s, least.read_bytes_second / 1e9,
        least.cycles_s, least.id_ns, least.linear_s,
        result->cpu_s / setup->options.threads_count / least.seconds,
        result->wall_s / least.seconds);
    fflush(stdout);
}

/* Events of one object are sorted by time, so a bucket is a run of rows. */
static void cut_buckets(struct lks_events *events, int64_t bucket_us)
{
    uint8_t *kinds = gen_array(events->count, 1);
    uint32_t cell = 0, object = 0;
    int64_t bucket = -1;
    for (size_t i = 0; i < events->count; i++) {
        if (i > 0)
            cell += events->object[i] != object || events->time_us[i] / bucket_us != bucket;
        object = events->object[i];
        bucket = events->time_us[i] / bucket_us;
        kinds[cell] = events->object_kind[object];
        events->object[i] = cell;
    }
    free(events->object_kind);
    events->object_kind = kinds;
    events->objects_count = cell + 1;
}

static struct result bench(const char *name, const struct setup *setup)
{
    struct lks_events events = gen_events_of(&setup->made);
    struct result result = {0};
    if (setup->bucket_us > 0)
        cut_buckets(&events, setup->bucket_us);
    if (setup->binary)
        event_file_binary(&events, setup->binary);
    if (setup->edges) {
        FILE *file = event_file_open(setup->edges);
        run_once(&events, setup, file);
        event_file_close(file, setup->edges);
    }
    if (setup->json || !(setup->binary || setup->edges)) {
        result = run_best(&events, setup);
        print_result(name, &events, setup, &result);
        if (setup->with_floor)
            print_floor(&events, setup, &result);
    }
    lks_events_free(&events);
    return result;
}

static void bench_tiny(struct setup *setup)
{
    static const double viral_shares[] = {0, 0.1, 1};
    setup->made.count = setup->made.month_count = 20000;
    for (int i = 0; i < 3; i++) {
        setup->made.viral_share = viral_shares[i];
        setup->options.min_objects = viral_shares[i] < 1 ? 2 : 1;
        setup->options.threads_count = 2;
        struct result two = bench("tiny", setup);
        setup->options.threads_count = 1;
        struct result one = bench("tiny", setup);
        LKS_ASSERT(one.found.edges > 0 && one.found.check == two.found.check);
        LKS_ASSERT(one.found.edges == two.found.edges);
        setup->options.fields = LKS_COACTION_COUNTS;
        struct result counts = bench("counts", setup);
        setup->options.fields = LKS_COACTION_EVERY_FIELD;
        LKS_ASSERT(counts.found.edges == one.found.edges);
        LKS_ASSERT(counts.found.pairs == one.found.pairs);
    }
}

/* Ten times the events in ten times the time, so that as many meet in a minute. */
static void bench_growth(const struct setup *base, size_t month_count)
{
    struct setup setup = *base;
    struct result results[2];
    setup.with_floor = 0;
    setup.made.month_count = month_count;
    for (int i = 0; i < 2; i++) {
        setup.made.count = i ? month_count * 10 : month_count;
        results[i] = bench("density", &setup);
    }
    printf("  growth at %zu events a month, events x 10: wall x %.2f, CPU x %.2f\n", month_count,
           results[1].wall_s / results[0].wall_s, results[1].cpu_s / results[0].cpu_s);
    fflush(stdout);
}

static void bench_all(const struct setup *base)
{
    struct setup setup = *base;
    for (size_t count = 1000000; count <= (base->large ? 100000000u : 10000000u); count *= 10) {
        setup.made.count = setup.made.month_count = count;
        setup.runs = count <= 1000000 ? 3 : base->runs;
        bench("month", &setup);
    }
    setup.made.count = setup.made.month_count = 10000000;
    setup.made.viral_share = 0.1;
    bench("viral", &setup);
    setup = *base;
    bench_growth(&setup, 1000000);
    if (base->large)
        bench_growth(&setup, 10000000);
}

static int path_parse(const char *name, enum lks_coaction_path *path)
{
    static const char *const names[] = {"best", "portable", "avx2", "avx512"};
    for (int i = 0; i < 4; i++)
        if (strcmp(name, names[i]) == 0) {
            *path = (enum lks_coaction_path)i;
            return 1;
        }
    return 0;
}

/* Takes an option with a value; returns 0 for one that is not known. */
static int option_parse(struct setup *setup, const char *name, const char *value)
{
    struct lks_coaction_options *options = &setup->options;
    uint64_t number = strtoull(value, NULL, 10);
    if (strcmp(name, "--events") == 0)
        setup->made.count = number;
    else if (strcmp(name, "--month") == 0)
        setup->made.month_count = number;
    else if (strcmp(name, "--viral") == 0)
        setup->made.viral_share = strtod(value, NULL);
    else if (strcmp(name, "--viral-days") == 0)
        setup->made.viral_days = strtod(value, NULL);
    else if (strcmp(name, "--seed") == 0)
        setup->made.seed = number;
    else if (strcmp(name, "--threads") == 0)
        options->threads_count = (unsigned)number;
    else if (strcmp(name, "--objects") == 0)
        options->min_objects = (uint32_t)number;
    else if (strcmp(name, "--occasions") == 0)
        options->min_occasions = (uint32_t)number;
    else if (strcmp(name, "--pairs") == 0)
        options->min_pairs = number;
    else if (strcmp(name, "--score") == 0)
        options->min_score = (uint32_t)number;
    else if (strcmp(name, "--memory") == 0)
        options->memory_bytes = number * 1000000;
    else if (strcmp(name, "--runs") == 0)
        setup->runs = (int)number;
    else if (strcmp(name, "--window") == 0)
        for (int kind = 0; kind < LKS_OBJECT_KINDS_COUNT; kind++)
            options->window_us[kind] = (int64_t)number * LKS_SECOND_US;
    else if (strcmp(name, "--path") == 0)
        return path_parse(value, &options->path);
    else if (strcmp(name, "--buckets") == 0)
        setup->bucket_us = (int64_t)number * LKS_SECOND_US;
    else if (strcmp(name, "--binary") == 0)
        setup->binary = value;
    else if (strcmp(name, "--edges") == 0)
        setup->edges = value;
    else
        return 0;
    return 1;
}

int main(int argc, char **argv)
{
    struct setup setup = {.made = gen_options_default(0), .runs = 1, .with_floor = 1};
    setup.options = lks_coaction_options_default();
    setup.options.threads_count = 2;
    setup.options.min_objects = 2;
    setup.options.min_occasions = 1;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--tiny") == 0)
            setup.tiny = 1;
        else if (strcmp(argv[i], "--large") == 0)
            setup.large = 1;
        else if (strcmp(argv[i], "--no-floor") == 0)
            setup.with_floor = 0;
        else if (strcmp(argv[i], "--json") == 0)
            setup.json = 1;
        else if (strcmp(argv[i], "--counts") == 0)
            setup.options.fields = LKS_COACTION_COUNTS;
        else if (i + 1 < argc && option_parse(&setup, argv[i], argv[i + 1]))
            i++;
        else {
            fprintf(stderr,
                    "coaction_bench: what is %s? The head of coaction_bench.c says what "
                    "there is.\n",
                    argv[i]);
            return 2;
        }
    }
    if (setup.tiny)
        bench_tiny(&setup);
    else if (setup.made.count == 0)
        bench_all(&setup);
    else {
        if (setup.made.month_count == 0)
            setup.made.month_count = setup.made.count;
        bench(setup.made.viral_share > 0 ? "viral" : "month", &setup);
    }
    return 0;
}
