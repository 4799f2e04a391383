/* coaction_bench.c - the co-action kernel on a seeded month of events
 *
 *   coaction_bench [--tiny] [--events N] [--threads N] [--occasions N] [--objects N]
 *
 * Prints wall time, CPU time, the memory that the scan takes beside the events, and what
 * it found. --tiny is for the test run: one and two threads must find the same. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/error.h"
#include "base/time.h"
#include "gen_events.h"
#include "signal/coaction.h"

struct found {
    uint64_t edges, pairs, occasions, check;
};

static int take(void *context, const struct lks_edge *edges, size_t count, struct lks_error *err)
{
    struct found *found = context;
    (void)err;
    for (size_t i = 0; i < count; i++) {
        found->edges++;
        found->pairs += edges[i].pairs_count;
        found->occasions += edges[i].occasions_count;
        found->check = found->check * 0x9e3779b97f4a7c15u + edges[i].a * 31u + edges[i].b +
                       edges[i].occasions_count;
    }
    return 0;
}

static double cpu_seconds(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

static double resident_peak_mb(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss * 1024 / 1e6;
}

static struct found measure(const struct lks_events *events, unsigned threads, uint32_t occasions,
                            uint32_t objects)
{
    struct found found = {0};
    struct lks_edge_sink sink = {take, &found};
    struct lks_coaction_counts counts;
    struct lks_error err = {0};
    struct lks_coaction_options options = lks_coaction_options_default();
    options.min_occasions = occasions;
    options.min_objects = objects;
    options.threads_count = threads;
    double cpu = cpu_seconds(), start = lks_clock_seconds();
    if (lks_coaction_scan(events, &options, NULL, &sink, &counts, &err) < 0) {
        fprintf(stderr, "%s\n", err.message);
        exit(1);
    }
    printf("%9zu events  %u threads  occasions >= %u, objects >= %u  %7.3f s  %7.3f s CPU  peak "
           "%.0f MB  %llu pairs counted  %llu edges  check %016llx\n",
           events->count, threads, occasions, objects, lks_clock_seconds() - start,
           cpu_seconds() - cpu, resident_peak_mb(), (unsigned long long)counts.pairs_scanned,
           (unsigned long long)found.edges, (unsigned long long)found.check);
    return found;
}

int main(int argc, char **argv)
{
    size_t events_count = 0;
    unsigned threads = 2;
    uint32_t occasions = 1, objects = 2;
    int tiny = 0;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--tiny") == 0)
            tiny = 1;
        else if (i + 1 < argc && strcmp(argv[i], "--events") == 0)
            events_count = strtoull(argv[++i], NULL, 10);
        else if (i + 1 < argc && strcmp(argv[i], "--threads") == 0)
            threads = (unsigned)strtoul(argv[++i], NULL, 10);
        else if (i + 1 < argc && strcmp(argv[i], "--occasions") == 0)
            occasions = (uint32_t)strtoul(argv[++i], NULL, 10);
        else if (i + 1 < argc && strcmp(argv[i], "--objects") == 0)
            objects = (uint32_t)strtoul(argv[++i], NULL, 10);
    }
    size_t sizes[2] = {1000000, 10000000};
    if (tiny || events_count)
        sizes[0] = tiny ? 20000 : events_count;
    for (int i = 0; i < (tiny || events_count ? 1 : 2); i++) {
        struct lks_events events = gen_events(sizes[i], 1);
        double before_mb = resident_peak_mb();
        printf("%9zu events made, %.0f MB peak before the scan\n", events.count, before_mb);
        struct found found = measure(&events, threads, occasions, objects);
        if (tiny) {
            struct found one = measure(&events, 1, occasions, objects);
            LKS_ASSERT(one.edges > 0 && memcmp(&one, &found, sizeof one) == 0);
        }
        lks_events_free(&events);
    }
    return 0;
}
