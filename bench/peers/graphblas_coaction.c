/* graphblas_coaction.c - co-action as a sparse product, A times its transpose, by SuiteSparse
 *
 *   graphblas_coaction EVENTS.bin EDGES.bin WINDOW_SECONDS THREADS
 *
 * The product needs columns, so time is cut into buckets as long as the window: A[a, c] is set if
 * account a acted in cell c, an object in a bucket. (A A')[a, b] is the number of cells that
 * both were in, and those with at least two are written as pairs of uint32. Pairs across a
 * bucket's border are lost, which is about half. Cells of one account alone are left out first.
 * The product is symmetric and computed whole; its upper triangle is selected afterwards.
 *
 * Prints one line of JSON: seconds, CPU seconds and peak of memory from the events in memory to
 * the selected product. */
#include <GraphBLAS.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "../measure.h"
#include "base/time.h"

struct event {
    uint32_t object, account, post, seconds;
};

#define CHECK(call)                                                                                \
    do {                                                                                           \
        GrB_Info info_ = (call);                                                                   \
        if (info_ != GrB_SUCCESS) {                                                                \
            fprintf(stderr, "graphblas_coaction: %s failed with %d\n", #call, (int)info_);         \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

static struct event *events_read(const char *path, size_t *count_out)
{
    FILE *file = fopen(path, "rb");
    struct event *events = NULL;
    long size = -1;
    if (file && fseek(file, 0, SEEK_END) == 0)
        size = ftell(file);
    if (size > 0)
        events = malloc((size_t)size);
    if (!events) {
        perror(path);
        exit(1);
    }
    rewind(file);
    *count_out = fread(events, sizeof *events, (size_t)size / sizeof *events, file);
    fclose(file);
    return events;
}

/* Events are sorted by object and time, so a cell is a run of rows. */
static GrB_Matrix cells_matrix(const struct event *events, size_t count, uint32_t window_seconds)
{
    GrB_Index *rows = malloc((count + 1) * sizeof *rows), *columns = malloc((count + 1) * 8);
    GrB_Index kept = 0, cells = 0, accounts = 0;
    GrB_Matrix matrix;
    GrB_Scalar one;
    for (size_t first = 0, end; first < count; first = end) {
        uint32_t bucket = events[first].seconds / window_seconds;
        int others = 0;
        for (end = first; end < count && events[end].object == events[first].object &&
                          events[end].seconds / window_seconds == bucket;
             end++)
            others |= events[end].account != events[first].account;
        for (size_t i = first; others && i < end; i++) {
            rows[kept] = events[i].account;
            columns[kept++] = cells;
            accounts = events[i].account >= accounts ? events[i].account + 1 : accounts;
        }
        cells += (GrB_Index)others;
    }
    CHECK(GrB_Scalar_new(&one, GrB_BOOL));
    CHECK(GrB_Scalar_setElement(one, true));
    CHECK(GrB_Matrix_new(&matrix, GrB_BOOL, accounts + 1, cells + 1));
    CHECK(GxB_Matrix_build_Scalar(matrix, rows, columns, one, kept));
    GrB_free(&one);
    free(rows);
    free(columns);
    return matrix;
}

static uint64_t edges_write(GrB_Matrix product, const char *path)
{
    GrB_Index count = 0;
    CHECK(GrB_Matrix_nvals(&count, product));
    GrB_Index *rows = malloc((count + 1) * sizeof *rows), *columns = malloc((count + 1) * 8);
    FILE *file = fopen(path, "wb");
    if (!file || !rows || !columns) {
        perror(path);
        exit(1);
    }
    CHECK(GrB_Matrix_extractTuples_UINT32(rows, columns, NULL, &count, product));
    for (GrB_Index i = 0; i < count; i++) {
        uint32_t pair[2] = {(uint32_t)rows[i], (uint32_t)columns[i]};
        fwrite(pair, sizeof pair, 1, file);
    }
    fclose(file);
    free(rows);
    free(columns);
    return count;
}

int main(int argc, char **argv)
{
    GrB_Matrix cells, product, kept;
    size_t count;
    if (argc != 5)
        return 2;
    struct event *events = events_read(argv[1], &count);
    CHECK(GrB_init(GrB_NONBLOCKING));
    CHECK(GxB_Global_Option_set(GxB_GLOBAL_NTHREADS, atoi(argv[4])));
    measure_peak_forget();
    double events_mb = measure_resident_mb(), cpu = measure_cpu_seconds();
    double start = lks_clock_seconds();
    cells = cells_matrix(events, count, (uint32_t)atoi(argv[3]));
    GrB_Index accounts;
    CHECK(GrB_Matrix_nrows(&accounts, cells));
    CHECK(GrB_Matrix_new(&product, GrB_UINT32, accounts, accounts));
    CHECK(GrB_mxm(product, GrB_NULL, GrB_NULL, GxB_PLUS_PAIR_UINT32, cells, cells, GrB_DESC_T1));
    CHECK(GrB_Matrix_new(&kept, GrB_UINT32, accounts, accounts));
    CHECK(GrB_Matrix_select_INT64(kept, GrB_NULL, GrB_NULL, GrB_TRIU, product, 1, GrB_NULL));
    CHECK(
        GrB_Matrix_select_UINT32(kept, GrB_NULL, GrB_NULL, GrB_VALUEGE_UINT32, kept, 2, GrB_NULL));
    CHECK(GrB_Matrix_wait(kept, GrB_MATERIALIZE));
    double wall = lks_clock_seconds() - start, used = measure_cpu_seconds() - cpu;
    double peak_mb = measure_peak_mb();
    uint64_t edges = edges_write(kept, argv[2]);
    printf("{\"wall_s\":%.3f,\"cpu_s\":%.3f,\"peak_mb\":%.1f,\"events_mb\":%.1f,\"edges\":%" PRIu64
           "}\n",
           wall, used, peak_mb, events_mb, edges);
    GrB_free(&cells);
    GrB_free(&product);
    GrB_free(&kept);
    GrB_finalize();
    free(events);
    return 0;
}
