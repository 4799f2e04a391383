/* source_bench.c - files to records: made lines of JSON and a made CSV, or a file of one's own
 *
 *   source_bench [--tiny] [--mb N] [--threads N] [FILE [MAPPING]]
 *   source_bench [--mb N] --write FILE      the made lines alone, for other programs
 *
 * Prints for each input the seconds of sealing and of parsing, CPU seconds, bytes a second,
 * and the peak of memory, which must not grow with the input. --tiny is for the test run: one
 * and two threads must come to the same. Made words mean nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/rng.h"
#include "base/time.h"
#include "source/source.h"

#include "measure.h"

struct total {
    uint64_t posts, actions, check;
};

static int total_put(void *context, const struct lks_batch *batch, struct lks_error *err)
{
    struct total *total = context;
    (void)err;
    total->posts += batch->posts_count;
    total->actions += batch->actions_count;
    for (size_t i = 0; i < batch->actions_count; i++)
        total->check = total->check * 31 + batch->actions[i].object.size_bytes;
    return 0;
}

static void words_write(FILE *file, struct lks_rng *rng)
{
    static const char *const words[] = {"alpha", "bravo",  "charlie", "delta", "echo",   "foxtrot",
                                        "golf",  "hotel",  "india",   "kilo",  "lima",   "mike",
                                        "oscar", "quebec", "romeo",   "tango", "victor", "zulu"};
    for (uint64_t n = 5 + lks_rng_below(rng, 20); n > 0; n--)
        fprintf(file, "%s ", words[lks_rng_below(rng, 18)]);
    if (lks_rng_below(rng, 10) < 4)
        fprintf(file, "#%s%u ", words[lks_rng_below(rng, 18)], (unsigned)lks_rng_below(rng, 50));
    if (lks_rng_below(rng, 10) < 3)
        fprintf(file, "@user_%u ", (unsigned)lks_rng_below(rng, 5000));
    if (lks_rng_below(rng, 10) < 4)
        fprintf(file, "https://news%u.example.org/path/%u?utm_source=x",
                (unsigned)lks_rng_below(rng, 50), (unsigned)lks_rng_below(rng, 10000));
}

static void made_lines(FILE *file, long size_bytes)
{
    struct lks_rng rng;
    lks_rng_init(&rng, 1, 1);
    for (unsigned i = 0; ftell(file) < size_bytes; i++) {
        fprintf(file,
                "{\"id\": \"%llu\", \"user\": {\"id\": \"%u\", \"name\": \"n\", "
                "\"followers_count\": %u, \"verified\": false}, \"created_at\": %u, \"text\": \"",
                7400000000000000000ull + i, (unsigned)lks_rng_below(&rng, 20000),
                (unsigned)lks_rng_below(&rng, 10000), 1732000000u + i / 10);
        words_write(file, &rng);
        fprintf(file,
                "\", \"lang\": \"en\", \"like_count\": %u, \"share_count\": 3, "
                "\"source\": \"web client\", \"music_id\": \"%u\", \"sensitive\": false}\n",
                (unsigned)lks_rng_below(&rng, 100), (unsigned)lks_rng_below(&rng, 3000));
    }
}

static void made_table(FILE *file, long size_bytes)
{
    struct lks_rng rng;
    lks_rng_init(&rng, 1, 2);
    fprintf(file, "id,user,name,followers,created_at,text,lang,likes,shares\n");
    for (unsigned i = 0; ftell(file) < size_bytes; i++) {
        fprintf(file, "%llu,%u,n,%u,%u,\"", 7400000000000000000ull + i,
                (unsigned)lks_rng_below(&rng, 20000), (unsigned)lks_rng_below(&rng, 10000),
                1732000000u + i / 10);
        words_write(file, &rng);
        fprintf(file, "\nsecond \"\"line\"\"\",en,%u,3\n", (unsigned)lks_rng_below(&rng, 100));
    }
}

/* Seals and reads; ends the program when something is wrong. */
static struct total measure(const char *name, const char *path, const char *map, unsigned threads)
{
    struct lks_source_options options = lks_source_options_default();
    struct lks_control control = {.threads = threads};
    struct lks_mapping mapping = {{NULL}};
    struct lks_source_summary summary = {0};
    struct lks_error err = {0};
    struct total total = {0};
    uint64_t size = 0;
    double start = lks_clock_seconds();
    int code = map ? lks_mapping_parse(map, &mapping, &err) : 0;
    if (map)
        options.mapping = &mapping;
    if (code == 0)
        code = lks_source_seal(path, &control, &size, NULL, &err);
    double sealed = lks_clock_seconds(), cpu = measure_cpu_seconds();
    if (code == 0)
        code = lks_source_read(path, &options, &control, total_put, &total, &summary, &err);
    double seconds = lks_clock_seconds() - sealed;
    lks_mapping_free(&mapping);
    if (code) {
        fprintf(stderr, "%s: %s\n", name, err.message);
        exit(1);
    }
    printf("%-8s %-12s %u threads: seal %.2f s, parse %.2f s (CPU %.2f s), %.0f MB/s of content, "
           "%llu posts, %llu actions, peak %.0f MB\n",
           name, summary.adapter, threads, sealed - start, seconds, measure_cpu_seconds() - cpu,
           (double)summary.content_bytes / seconds / 1e6, (unsigned long long)total.posts,
           (unsigned long long)total.actions, measure_peak_mb());
    return total;
}

static void measure_made(const char *name, void (*make)(FILE *, long), const char *map,
                         long size_bytes, unsigned threads, int tiny)
{
    char path[] = "/tmp/lks_source_bench_XXXXXX";
    int handle = mkstemp(path);
    FILE *file = handle >= 0 ? fdopen(handle, "w") : NULL;
    if (!file) {
        perror(path);
        exit(1);
    }
    make(file, size_bytes);
    fclose(file);
    struct total total = measure(name, path, map, threads);
    if (tiny) {
        struct total alone = measure(name, path, map, 1);
        if (memcmp(&alone, &total, sizeof total) != 0 || !total.posts || !total.actions) {
            fprintf(stderr, "%s: one and %u threads differ\n", name, threads);
            exit(1);
        }
    }
    unlink(path);
}

int main(int argc, char **argv)
{
    long mb = 1000;
    unsigned threads = 2;
    const char *written = NULL;
    int tiny = 0, at = 1;
    for (; at < argc && argv[at][0] == '-'; at++) {
        if (strcmp(argv[at], "--tiny") == 0)
            tiny = 1;
        else if (strcmp(argv[at], "--mb") == 0 && at + 1 < argc)
            mb = strtol(argv[++at], NULL, 10);
        else if (strcmp(argv[at], "--threads") == 0 && at + 1 < argc)
            threads = (unsigned)strtoul(argv[++at], NULL, 10);
        else if (strcmp(argv[at], "--write") == 0 && at + 1 < argc)
            written = argv[++at];
        else {
            fprintf(stderr,
                    "usage: source_bench [--tiny] [--mb N] [--threads N] [FILE [MAPPING]]\n");
            return 2;
        }
    }
    if (written) {
        FILE *file = fopen(written, "w");
        if (!file) {
            perror(written);
            return 1;
        }
        made_lines(file, mb * 1000 * 1000);
        return fclose(file) == 0 ? 0 : 1;
    }
    if (at < argc) {
        measure("file", argv[at], at + 1 < argc ? argv[at + 1] : NULL, threads);
        return 0;
    }
    long size_bytes = tiny ? 5 * 1000 * 1000 : mb * 1000 * 1000;
    measure_made("lines", made_lines,
                 "account=user.id,time=created_at,text=text,post=id,language=lang,sound=music_id",
                 size_bytes, threads, tiny);
    measure_made("table", made_table,
                 "account=user,time=created_at,text=text,post=id,language=lang", size_bytes,
                 threads, tiny);
    return 0;
}
