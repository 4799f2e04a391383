/* fuzz_csv.c - the CSV scanner: rows cover the text, pieces give what the whole gives */
#include <stdint.h>
#include <stdlib.h>

#include "base/error.h"
#include "source/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char delimiters[] = {',', ';', '\t', '|'};
    if (size < 2)
        return 0;
    char delimiter = delimiters[data[0] % 4];
    size_t piece = data[1] + 1u;
    struct lks_str text = {(const char *)data + 2, size - 2};
    struct lks_csv csv = {.text = text, .delimiter = delimiter};
    struct lks_arena arena = {0};
    size_t covered = 0;
    while (lks_csv_next(&csv, &arena) == 1) {
        LKS_ASSERT(csv.row.data == text.data + covered);
        LKS_ASSERT(csv.fields_count > 0);
        size_t kept = csv.fields_count < LKS_CSV_FIELDS_MAX ? csv.fields_count : LKS_CSV_FIELDS_MAX,
               bytes = 0;
        for (size_t i = 0; i < kept; i++)
            bytes += csv.fields[i].size_bytes;
        LKS_ASSERT(bytes <= csv.row.size_bytes);
        covered += csv.row.size_bytes;
        if (covered < text.size_bytes && text.data[covered] == '\r')
            covered++;
        if (covered < text.size_bytes)
            LKS_ASSERT(text.data[covered++] == '\n');
    }
    LKS_ASSERT(covered == text.size_bytes);
    lks_csv_free(&csv);
    lks_arena_free(&arena);

    enum lks_csv_state whole = LKS_CSV_OPEN, state = LKS_CSV_OPEN;
    size_t cut = lks_csv_cut(text.data, text.size_bytes, delimiter, &whole), found = 0;
    for (size_t at = 0; at < text.size_bytes; at += piece) {
        size_t left = text.size_bytes - at, more = left < piece ? left : piece;
        size_t here = lks_csv_cut(text.data + at, more, delimiter, &state);
        if (here)
            found = at + here;
    }
    LKS_ASSERT(found == cut && state == whole);
    return 0;
}
