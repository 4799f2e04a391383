/* edge_spill.c - a sink that keeps edges, in memory while they fit and on disk beyond
 *
 *   put:   | buffer of edges | --sort by (a, b)--> run 0, run 1, ...   encoded, memory or disk
 *   next:  a window of each run --decode, least first by a heap--> edges
 *
 * An edge is encoded against the one before it in its run: as 32-bit words, each XORed with the
 * word before it; a bit for each word says whether anything is left, and what is left is
 * written in sevens (LEB128). Some 40 bytes instead of 144. A pair comes once, so that the
 * order is total and does not show where runs were cut.
 *
 * Runs stay in memory while they fit the share; those that do not go to disk, and stay
 * there. Cost: a sort of 16-byte keys, encoding, decoding and log2(runs) comparisons an edge. */
#include "coaction/edge_spill.h"

#include <stdlib.h>
#include <string.h>

enum {
    EDGE_WORDS = sizeof(struct lks_edge) / 4,
    MASK_BYTES = (EDGE_WORDS + 7) / 8,
    EDGE_BYTES_MAX = MASK_BYTES + 5 * EDGE_WORDS,
    BUFFER_EDGES_MIN = 4096,
    BUFFER_EDGES_MAX = 1 << 18,
    WINDOW_BYTES = 1 << 16, /* that is read of a run at a time, where memory allows */
    WINDOW_BYTES_MIN = 1 << 10
};

_Static_assert(sizeof(struct lks_edge) % 4 == 0, "an edge is whole words");
_Static_assert(EDGE_BYTES_MAX < WINDOW_BYTES_MIN, "a window holds an edge");

struct lks_edge_key {
    uint64_t key; /* a << 32 | b */
    uint32_t index;
};

struct lks_edge_run {
    unsigned char *memory; /* NULL: on disk */
    uint64_t offset_bytes, size_bytes;
    uint64_t edges_left;
    /* reading */
    uint64_t read_bytes;
    unsigned char *window; /* of a run on disk */
    size_t window_at, window_bytes;
    struct lks_edge edge;
};

int lks_edge_spill_open(struct lks_edge_spill *edges, uint64_t memory_bytes,
                        struct lks_budget *budget, struct lks_spill *spill, struct lks_error *err)
{
    const size_t edge_bytes = sizeof(struct lks_edge) + 2 * sizeof(struct lks_edge_key) + 64;
    *edges = (struct lks_edge_spill){.budget = budget, .spill = spill};
    uint64_t wanted = memory_bytes / 2 / edge_bytes;
    edges->buffer_edges = wanted < BUFFER_EDGES_MIN   ? BUFFER_EDGES_MIN
                          : wanted > BUFFER_EDGES_MAX ? BUFFER_EDGES_MAX
                                                      : (size_t)wanted;
    uint64_t buffers = edges->buffer_edges * edge_bytes;
    edges->memory_bytes = memory_bytes > buffers ? memory_bytes - buffers : 0;
    (void)err;
    return 0;
}

static int keys_sorted(const struct lks_edge_key *key, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (key[i].key < key[i - 1].key)
            return 0;
    return 1;
}

/* Least significant digit first, over the bytes in which the keys differ. */
static void keys_sort(struct lks_edge_spill *edges)
{
    size_t count = edges->buffer_count;
    uint64_t differ = 0;
    for (size_t i = 0; i < count; i++) {
        const struct lks_edge *edge = &edges->buffer[i];
        edges->key[i] = (struct lks_edge_key){(uint64_t)edge->a << 32 | edge->b, (uint32_t)i};
        differ |= edges->key[i].key ^ edges->key[0].key;
    }
    if (keys_sorted(edges->key, count))
        return;
    for (unsigned shift = 0; shift < 64; shift += 8) {
        size_t place[257] = {0};
        if (!(differ >> shift & 255))
            continue;
        for (size_t i = 0; i < count; i++)
            place[(edges->key[i].key >> shift & 255) + 1]++;
        for (int digit = 0; digit < 256; digit++)
            place[digit + 1] += place[digit];
        for (size_t i = 0; i < count; i++)
            edges->key_spare[place[edges->key[i].key >> shift & 255]++] = edges->key[i];
        struct lks_edge_key *swap = edges->key;
        edges->key = edges->key_spare;
        edges->key_spare = swap;
    }
}

static size_t edge_encode(const struct lks_edge *edge, const struct lks_edge *before,
                          unsigned char *out)
{
    uint32_t word[EDGE_WORDS], last[EDGE_WORDS];
    size_t at = MASK_BYTES;
    memcpy(word, edge, sizeof word);
    memcpy(last, before, sizeof last);
    memset(out, 0, MASK_BYTES);
    for (unsigned i = 0; i < EDGE_WORDS; i++) {
        uint32_t left = word[i] ^ last[i];
        if (!left)
            continue;
        out[i / 8] |= (unsigned char)(1u << i % 8);
        for (; left > 127; left >>= 7)
            out[at++] = (unsigned char)(left | 128);
        out[at++] = (unsigned char)left;
    }
    return at;
}

/* Replaces *edge, which holds the one before; returns the bytes taken. */
static size_t edge_decode(struct lks_edge *edge, const unsigned char *in)
{
    uint32_t word[EDGE_WORDS];
    size_t at = MASK_BYTES;
    memcpy(word, edge, sizeof word);
    for (unsigned i = 0; i < EDGE_WORDS; i++) {
        if (!(in[i / 8] >> i % 8 & 1))
            continue;
        uint32_t left = 0;
        for (unsigned shift = 0;; shift += 7) {
            left |= (uint32_t)(in[at] & 127) << shift;
            if (in[at++] < 128)
                break;
        }
        word[i] ^= left;
    }
    memcpy(edge, word, sizeof word);
    return at;
}

static int encoded_room(struct lks_edge_spill *edges, struct lks_error *err)
{
    return lks_budget_grow(edges->budget, &edges->encoded, &edges->encoded_capacity,
                           edges->encoded_bytes + EDGE_BYTES_MAX, 1, err);
}

/* Puts the encoded bytes away: to disk, or, if all of the run are here, to memory. */
static int run_put_away(struct lks_edge_spill *edges, struct lks_edge_run *run, int to_disk,
                        struct lks_error *err)
{
    size_t bytes = edges->encoded_bytes;
    edges->encoded_bytes = 0;
    run->size_bytes += bytes;
    if (to_disk)
        return lks_spool_append(&edges->spool, edges->spill, edges->encoded, bytes, err);
    size_t capacity = 0;
    int code = lks_budget_grow(edges->budget, &run->memory, &capacity, bytes, 1, err);
    if (code)
        return code;
    /* Exactly what it holds, so that it is given back exactly. */
    lks_budget_release(edges->budget, capacity - bytes);
    memcpy(run->memory, edges->encoded, bytes);
    edges->held_bytes += bytes;
    return 0;
}

/* The buffer becomes a run. */
static int run_make(struct lks_edge_spill *edges, struct lks_error *err)
{
    struct lks_edge before = {0};
    int code = lks_budget_grow(edges->budget, &edges->run, &edges->runs_capacity,
                               edges->runs_count + 1, sizeof *edges->run, err);
    if (code == 0)
        code = lks_budget_grow(edges->budget, &edges->key, &edges->key_capacity,
                               edges->buffer_count, sizeof *edges->key, err);
    if (code == 0)
        code = lks_budget_grow(edges->budget, &edges->key_spare, &edges->key_spare_capacity,
                               edges->buffer_count, sizeof *edges->key_spare, err);
    if (code)
        return code;
    /* Sorting swaps the two. */
    LKS_ASSERT(edges->key_capacity == edges->key_spare_capacity);
    keys_sort(edges);
    struct lks_edge_run *run = &edges->run[edges->runs_count++];
    *run = (struct lks_edge_run){.offset_bytes = edges->spool.size_bytes,
                                 .edges_left = edges->buffer_count};
    int to_disk = 0;
    for (size_t i = 0; code == 0 && i < edges->buffer_count; i++) {
        const struct lks_edge *edge = &edges->buffer[edges->key[i].index];
        if ((code = encoded_room(edges, err)))
            return code;
        edges->encoded_bytes += edge_encode(edge, &before, edges->encoded + edges->encoded_bytes);
        memcpy(&before, edge, sizeof before);
        to_disk |= edges->held_bytes + edges->encoded_bytes > edges->memory_bytes;
        if (to_disk && edges->encoded_bytes >= WINDOW_BYTES)
            code = run_put_away(edges, run, 1, err);
    }
    if (code == 0)
        code = run_put_away(edges, run, to_disk, err);
    edges->buffer_count = 0;
    return code;
}

int lks_edge_spill_put(void *context, const struct lks_edge *edges, size_t count,
                       struct lks_error *err)
{
    struct lks_edge_spill *spill = context;
    LKS_ASSERT(!spill->started);
    while (count) {
        if (spill->buffer_count == spill->buffer_edges) {
            int code = run_make(spill, err);
            if (code)
                return code;
        }
        size_t room = spill->buffer_edges - spill->buffer_count, take = count < room ? count : room;
        int code = lks_budget_grow(spill->budget, &spill->buffer, &spill->buffer_capacity,
                                   spill->buffer_count + take, sizeof *edges, err);
        if (code)
            return code;
        memcpy(spill->buffer + spill->buffer_count, edges, take * sizeof *edges);
        spill->buffer_count += take;
        spill->edges_count += take;
        edges += take;
        count -= take;
    }
    return 0;
}

/* Decodes the run's next edge; 1, 0 at its end. */
static int run_next(struct lks_edge_spill *edges, struct lks_edge_run *run, struct lks_error *err)
{
    if (!run->edges_left)
        return 0;
    run->edges_left--;
    if (run->memory) {
        run->read_bytes += edge_decode(&run->edge, run->memory + run->read_bytes);
        return 1;
    }
    size_t held = run->window_bytes - run->window_at;
    if (held < EDGE_BYTES_MAX && run->read_bytes < run->size_bytes) {
        uint64_t left = run->size_bytes - run->read_bytes;
        size_t room = edges->window_bytes - held, take = left < room ? (size_t)left : room;
        memmove(run->window, run->window + run->window_at, held);
        int code = lks_spool_read(&edges->spool, run->offset_bytes + run->read_bytes,
                                  run->window + held, take, err);
        if (code)
            return code;
        run->read_bytes += take;
        run->window_at = 0;
        run->window_bytes = held + take;
    }
    run->window_at += edge_decode(&run->edge, run->window + run->window_at);
    return 1;
}

static int run_before(const struct lks_edge_spill *edges, uint32_t x, uint32_t y)
{
    const struct lks_edge *a = &edges->run[x].edge, *b = &edges->run[y].edge;
    return a->a != b->a ? a->a < b->a : a->b != b->b ? a->b < b->b : x < y;
}

static void heap_sink(struct lks_edge_spill *edges, size_t at)
{
    uint32_t *heap = edges->heap;
    for (;;) {
        size_t least = 2 * at + 1;
        if (least >= edges->heap_count)
            return;
        if (least + 1 < edges->heap_count && run_before(edges, heap[least + 1], heap[least]))
            least++;
        if (run_before(edges, heap[at], heap[least]))
            return;
        uint32_t swap = heap[at];
        heap[at] = heap[least];
        heap[least] = swap;
        at = least;
    }
}

static void buffers_free(struct lks_edge_spill *edges)
{
    lks_budget_free(edges->budget, edges->buffer, edges->buffer_capacity, sizeof *edges->buffer);
    lks_budget_free(edges->budget, edges->key, edges->key_capacity, sizeof *edges->key);
    lks_budget_free(edges->budget, edges->key_spare, edges->key_spare_capacity,
                    sizeof *edges->key_spare);
    lks_budget_free(edges->budget, edges->encoded, edges->encoded_capacity, 1);
    edges->buffer = NULL;
    edges->key = edges->key_spare = NULL;
    edges->encoded = NULL;
    edges->buffer_capacity = edges->key_capacity = edges->key_spare_capacity = 0;
    edges->encoded_capacity = edges->buffer_count = edges->encoded_bytes = 0;
}

static int merge_start(struct lks_edge_spill *edges, struct lks_error *err)
{
    int code = edges->buffer_count ? run_make(edges, err) : 0;
    buffers_free(edges);
    edges->started = 1;
    uint64_t window = lks_budget_left(edges->budget) / 2 / (edges->runs_count + 1);
    edges->window_bytes = window > WINDOW_BYTES       ? WINDOW_BYTES
                          : window < WINDOW_BYTES_MIN ? WINDOW_BYTES_MIN
                                                      : (size_t)window;
    if (code == 0)
        code = lks_budget_grow(edges->budget, &edges->heap, &edges->heap_capacity,
                               edges->runs_count, sizeof *edges->heap, err);
    for (size_t i = 0; code == 0 && i < edges->runs_count; i++) {
        struct lks_edge_run *run = &edges->run[i];
        if (!run->memory)
            code = lks_budget_array(edges->budget, &run->window, edges->window_bytes, 1, err);
        if (code == 0 && (code = run_next(edges, run, err)) > 0) {
            edges->heap[edges->heap_count++] = (uint32_t)i;
            code = 0;
        }
    }
    for (size_t i = edges->heap_count / 2 + 1; i-- > 0;)
        heap_sink(edges, i);
    return code;
}

int lks_edge_spill_next(struct lks_edge_spill *spill, struct lks_edge *edges, size_t count,
                        size_t *got, struct lks_error *err)
{
    *got = 0;
    if (!spill->started) {
        int code = merge_start(spill, err);
        if (code)
            return code;
    }
    while (*got < count && spill->heap_count) {
        struct lks_edge_run *run = &spill->run[spill->heap[0]];
        edges[(*got)++] = run->edge;
        int more = run_next(spill, run, err);
        if (more < 0)
            return more;
        if (!more)
            spill->heap[0] = spill->heap[--spill->heap_count];
        heap_sink(spill, 0);
    }
    return 0;
}

void lks_edge_spill_reset(struct lks_edge_spill *edges)
{
    for (size_t i = 0; i < edges->runs_count; i++) {
        lks_budget_free(edges->budget, edges->run[i].memory, edges->run[i].size_bytes, 1);
        lks_budget_free(edges->budget, edges->run[i].window, edges->window_bytes, 1);
    }
    lks_spool_close(&edges->spool);
    edges->runs_count = edges->buffer_count = edges->encoded_bytes = edges->heap_count = 0;
    edges->held_bytes = edges->edges_count = 0;
    edges->started = 0;
}

double lks_edge_spill_edge_bytes(const struct lks_edge_spill *edges)
{
    uint64_t bytes = edges->held_bytes + edges->spool.size_bytes;
    uint64_t count = edges->edges_count - edges->buffer_count;
    return bytes && count ? (double)bytes / (double)count : 0;
}

void lks_edge_spill_close(struct lks_edge_spill *edges)
{
    if (!edges->budget)
        return;
    lks_edge_spill_reset(edges);
    buffers_free(edges);
    lks_budget_free(edges->budget, edges->run, edges->runs_capacity, sizeof *edges->run);
    lks_budget_free(edges->budget, edges->heap, edges->heap_capacity, sizeof *edges->heap);
    *edges = (struct lks_edge_spill){0};
}
