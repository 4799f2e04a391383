/* event_files.h - made events and found edges as files, for the programs measured beside lockstep
 *
 * Events, binary: four little-endian uint32 a row, object, account, post, Unix seconds. Edges,
 * binary: six, a, b, objects, pairs, posts_a, posts_b. (events_csv.c writes text, for whole
 * programs.) */
#ifndef LKS_BENCH_EVENT_FILES_H
#define LKS_BENCH_EVENT_FILES_H

#include <stdio.h>
#include <stdlib.h>

#include "coaction/coaction.h"
#include "record/events.h"

static inline FILE *event_file_open(const char *path)
{
    FILE *file = fopen(path, "wb");
    if (!file) {
        perror(path);
        exit(1);
    }
    setvbuf(file, NULL, _IOFBF, 1 << 20);
    return file;
}

static inline void event_file_close(FILE *file, const char *path)
{
    if (ferror(file) || fclose(file) != 0) {
        perror(path);
        exit(1);
    }
}

static inline void event_file_binary(const struct lks_events *events, const char *path)
{
    FILE *file = event_file_open(path);
    for (size_t i = 0; i < events->count; i++) {
        uint32_t row[4] = {events->object[i], events->account[i], events->post[i],
                           (uint32_t)(events->time_us[i] / LKS_SECOND_US)};
        fwrite(row, sizeof row, 1, file);
    }
    event_file_close(file, path);
}

static inline void edge_file_put(FILE *file, const struct lks_edge *edge)
{
    uint32_t pairs = edge->pairs_count > UINT32_MAX ? UINT32_MAX : (uint32_t)edge->pairs_count;
    uint32_t row[6] = {edge->a, edge->b, edge->objects_count, pairs, edge->posts_a, edge->posts_b};
    fwrite(row, sizeof row, 1, file);
}

#endif
