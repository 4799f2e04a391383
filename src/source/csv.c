/* csv.c - where rows and fields of a CSV file end
 *
 * The grammar is RFC 4180 as the world writes it: a field that begins with a quote runs to
 * the closing quote, whatever stands between, and a doubled quote is one quote; a quote
 * inside an unquoted field is an ordinary character, and what follows a closing quote up to
 * the separator belongs to the field (both as Python's csv module reads them). Only \n ends
 * a row; a \r before it goes with it. NEL, U+2028 and a lone \r are data.
 *
 * 64 bytes are looked at together: three masks say where quotes, delimiters and newlines
 * are. The prefix XOR of the quote mask says which bytes lie inside quotes (Langdale and
 * Lemire, "Parsing gigabytes of JSON per second", 2019, section 3.1.1), provided that every
 * quote that seems to open one stands at a field's start or right after a closing quote.
 * That is checked with two more operations; a block where it fails (a stray quote) goes
 * through the three-state machine byte by byte, and the next block is fast again.
 *
 * Cost: some 40 instructions per 64 bytes, and a loop per separator to cut fields. */
#include "source/csv.h"

#include <stdlib.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/error.h"

enum { BLOCK_BYTES = 64 };

struct masks {
    uint64_t quote, delimiter, newline;
};

#ifdef __SSE2__
static inline uint64_t mask_of(const __m128i block[4], char byte)
{
    __m128i wanted = _mm_set1_epi8(byte);
    uint64_t mask = 0;
    for (int i = 0; i < 4; i++)
        mask |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(block[i], wanted)) << (16 * i);
    return mask;
}

static inline struct masks masks_of(const char *p, char delimiter)
{
    __m128i block[4];
    for (int i = 0; i < 4; i++)
        block[i] = _mm_loadu_si128((const __m128i *)(const void *)(p + 16 * i));
    return (struct masks){mask_of(block, '"'), mask_of(block, delimiter), mask_of(block, '\n')};
}
#else
static inline struct masks masks_of(const char *p, char delimiter)
{
    struct masks masks = {0};
    for (int i = 0; i < BLOCK_BYTES; i++) {
        masks.quote |= (uint64_t)(p[i] == '"') << i;
        masks.delimiter |= (uint64_t)(p[i] == delimiter) << i;
        masks.newline |= (uint64_t)(p[i] == '\n') << i;
    }
    return masks;
}
#endif

static inline uint64_t prefix_xor(uint64_t x)
{
    for (int shift = 1; shift < 64; shift *= 2)
        x ^= x << shift;
    return x;
}

/* The definition: one byte after the other. Returns the bytes that lie inside quotes. */
static uint64_t quoted_slowly(const struct masks *masks, size_t count, enum lks_csv_state *state)
{
    uint64_t quoted = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t bit = (uint64_t)1 << i;
        if (*state == LKS_CSV_QUOTED)
            *state = masks->quote & bit ? LKS_CSV_OPEN : LKS_CSV_QUOTED;
        else if ((masks->delimiter | masks->newline) & bit)
            *state = LKS_CSV_OPEN;
        else if (*state == LKS_CSV_OPEN && (masks->quote & bit))
            *state = LKS_CSV_QUOTED;
        else
            *state = LKS_CSV_PLAIN;
        if (*state == LKS_CSV_QUOTED)
            quoted |= bit;
    }
    return quoted;
}

/* Looks at count <= 64 bytes; what lies behind them in the masks must be 0. Returns the
 * bytes inside quotes, the opening one counted, the closing one not. */
static inline uint64_t quoted_of(const struct masks *masks, size_t count, enum lks_csv_state *state)
{
    uint64_t quoted = prefix_xor(masks->quote) ^ (*state == LKS_CSV_QUOTED ? ~(uint64_t)0 : 0);
    /* After these a quote may open: a separator or a closing quote, both outside. */
    uint64_t opens = (masks->delimiter | masks->newline | masks->quote) & ~quoted;
    uint64_t may_open = opens << 1 | (*state == LKS_CSV_OPEN);
    /* Inside quotes at the start, nothing before the first closing quote is an opening one. */
    if (masks->quote & quoted & ~may_open)
        return quoted_slowly(masks, count, state);
    uint64_t last = (uint64_t)1 << (count - 1);
    *state = quoted & last ? LKS_CSV_QUOTED : opens & last ? LKS_CSV_OPEN : LKS_CSV_PLAIN;
    return quoted;
}

/* The masks of up to 64 bytes at p, of which `left` can be read. */
static inline struct masks masks_at(const char *p, size_t left, char delimiter)
{
    if (left >= BLOCK_BYTES)
        return masks_of(p, delimiter);
    char tail[BLOCK_BYTES] = {0};
    memcpy(tail, p, left);
    return masks_of(tail, delimiter);
}

size_t lks_csv_cut(const char *data, size_t size_bytes, char delimiter, enum lks_csv_state *state)
{
    size_t cut = 0;
    for (size_t at = 0; at < size_bytes; at += BLOCK_BYTES) {
        size_t left = size_bytes - at, count = left < BLOCK_BYTES ? left : BLOCK_BYTES;
        struct masks masks = masks_at(data + at, left, delimiter);
        uint64_t ends = masks.newline & ~quoted_of(&masks, count, state);
        if (ends)
            cut = at + 64 - (size_t)__builtin_clzll(ends);
    }
    return cut;
}

/* A field that begins with a quote and holds more of them, or something after its closing
 * quote: what lies between two quotes is copied as it is, a doubled quote is one, and behind
 * the closing quote everything is literal. */
static struct lks_str field_unescape(struct lks_str raw, struct lks_arena *arena)
{
    char *out = lks_arena_alloc(arena, raw.size_bytes);
    const char *at = raw.data + 1, *end = raw.data + raw.size_bytes;
    size_t size = 0;
    if (!out)
        return LKS_STR_NULL;
    for (;;) {
        const char *quote = memchr(at, '"', (size_t)(end - at));
        size_t run = (size_t)((quote ? quote : end) - at);
        memcpy(out + size, at, run);
        size += run;
        if (!quote)
            return (struct lks_str){out, size};
        at = quote + 1;
        if (at == end || *at != '"')
            break;
        out[size++] = '"';
        at++;
    }
    memcpy(out + size, at, (size_t)(end - at));
    return (struct lks_str){out, size + (size_t)(end - at)};
}

static inline struct lks_str field_of(const char *data, size_t size_bytes, struct lks_arena *arena)
{
    struct lks_str raw = {data, size_bytes};
    if (size_bytes < 2 || data[0] != '"')
        return size_bytes == 1 && data[0] == '"' ? (struct lks_str){data, 0} : raw;
    if (data[size_bytes - 1] == '"' && !memchr(data + 1, '"', size_bytes - 2))
        return (struct lks_str){data + 1, size_bytes - 2};
    return field_unescape(raw, arena);
}

static int field_add(struct lks_csv *csv, const char *data, size_t size_bytes,
                     struct lks_arena *arena)
{
    if (!csv->fields) {
        csv->fields = malloc(LKS_CSV_FIELDS_MAX * sizeof *csv->fields);
        if (!csv->fields)
            return LKS_EMEMORY;
    }
    if (csv->fields_count < LKS_CSV_FIELDS_MAX) {
        struct lks_str field = field_of(data, size_bytes, arena);
        if (!field.data)
            return LKS_EMEMORY;
        csv->fields[csv->fields_count] = field;
    }
    csv->fields_count++;
    return 0;
}

/* Finds the next separator at or after csv->at; returns its place or the text's size. */
static inline size_t separator_next(struct lks_csv *csv)
{
    while (!csv->marks) {
        size_t left = csv->text.size_bytes - csv->block_at;
        if (!left)
            return csv->text.size_bytes;
        size_t count = left < BLOCK_BYTES ? left : BLOCK_BYTES;
        struct masks masks = masks_at(csv->text.data + csv->block_at, left, csv->delimiter);
        csv->marks = (masks.delimiter | masks.newline) & ~quoted_of(&masks, count, &csv->state);
        csv->block_at += count;
    }
    size_t bit = (size_t)__builtin_ctzll(csv->marks);
    csv->marks &= csv->marks - 1;
    return (csv->block_at - 1) / BLOCK_BYTES * BLOCK_BYTES + bit;
}

static uint64_t line_ends_of(struct lks_str text)
{
    uint64_t count = 0;
    for (size_t i = 0; i < text.size_bytes; i++)
        count += text.data[i] == '\n';
    return count;
}

int lks_csv_next(struct lks_csv *csv, struct lks_arena *arena)
{
    const char *data = csv->text.data;
    size_t start = csv->at, field = csv->at, size = csv->text.size_bytes;
    if (start >= size)
        return 0;
    csv->fields_count = 0;
    for (;;) {
        size_t at = separator_next(csv);
        size_t end = at;
        int last = at == size || data[at] == '\n';
        if (last && end > field && data[end - 1] == '\r')
            end--;
        if (field_add(csv, data + field, end - field, arena))
            return LKS_EMEMORY;
        field = at + 1;
        if (!last)
            continue;
        csv->row = (struct lks_str){data + start, end - start};
        csv->line_ends =
            memchr(csv->row.data, '\n', csv->row.size_bytes) ? line_ends_of(csv->row) : 0;
        csv->at = at == size ? size : at + 1;
        return 1;
    }
}

void lks_csv_free(struct lks_csv *csv)
{
    free(csv->fields);
    *csv = (struct lks_csv){0};
}
