/* csv_test.c - the CSV scanner against one that follows the definition */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "base/str.h"
#include "source/csv.h"

enum { ROWS_MAX = 512, FIELDS_MAX = 512, TEXT_MAX = 4096 };

/* A row as the definition has it: fields unescaped one byte after the other. */
struct slow_row {
    size_t start, end; /* without the line end */
    char *fields[FIELDS_MAX];
    size_t sizes[FIELDS_MAX];
    size_t count;
};

struct slow {
    struct slow_row rows[ROWS_MAX];
    size_t count;
    size_t last_end; /* after the last row end that is outside quotes */
    int quoted;      /* at the end of the text */
    char memory[4 * TEXT_MAX];
    size_t used;
};

/* The states are those of RFC 4180's grammar, read leniently as csv.h says. */
static void slow_read(struct lks_str text, char delimiter, struct slow *slow)
{
    enum { START, PLAIN, QUOTED, CLOSED } state = START;
    struct slow_row *row = NULL;
    slow->count = slow->last_end = slow->used = 0;
    slow->quoted = 0;
    for (size_t i = 0; i <= text.size_bytes; i++) {
        int ended = i == text.size_bytes;
        if (ended && !row)
            break;
        if (!row) {
            row = &slow->rows[slow->count++];
            row->start = i;
            row->fields[0] = slow->memory + slow->used;
            row->sizes[0] = 0;
            row->count = 1;
            state = START;
        }
        char c = ended ? '\n' : text.data[i];
        if (ended || (state != QUOTED && c == '\n')) {
            /* The carriage return before the line end went into the last field. */
            row->end = i;
            if (i > row->start && text.data[i - 1] == '\r' &&
                (state == PLAIN || (state == QUOTED && ended))) {
                row->end--;
                row->sizes[row->count - 1]--;
                slow->used--;
            }
            if (ended)
                slow->quoted = state == QUOTED;
            else
                slow->last_end = i + 1;
            row = NULL;
            continue;
        }
        if (state != QUOTED && c == delimiter) {
            row->fields[row->count] = slow->memory + slow->used;
            row->sizes[row->count] = 0;
            row->count++;
            state = START;
            continue;
        }
        if (state == QUOTED && c == '"') {
            state = CLOSED;
            continue;
        }
        if (state == START && c == '"') {
            state = QUOTED;
            continue;
        }
        if (state == CLOSED && c == '"') {
            state = QUOTED;
        } else if (state != QUOTED)
            state = PLAIN;
        slow->memory[slow->used++] = c;
        row->sizes[row->count - 1]++;
    }
}

static void compare(struct lks_str text, char delimiter, const struct slow *slow)
{
    struct lks_csv csv = {.text = text, .delimiter = delimiter};
    struct lks_arena arena = {0};
    size_t rows = 0;
    for (; lks_csv_next(&csv, &arena) == 1; rows++) {
        assert_true(rows < slow->count);
        const struct slow_row *want = &slow->rows[rows];
        assert_int_equal(csv.row.data - text.data, want->start);
        assert_int_equal(csv.row.size_bytes, want->end - want->start);
        assert_int_equal(csv.fields_count, want->count);
        for (size_t i = 0; i < want->count; i++) {
            assert_int_equal(csv.fields[i].size_bytes, want->sizes[i]);
            assert_memory_equal(csv.fields[i].data, want->fields[i], want->sizes[i]);
        }
        uint64_t ends = 0;
        for (size_t i = want->start; i < want->end; i++)
            ends += text.data[i] == '\n';
        assert_int_equal(csv.line_ends, ends);
    }
    assert_int_equal(rows, slow->count);
    lks_csv_free(&csv);
    lks_arena_free(&arena);
}

/* Cutting in pieces of any size must find the same last row end and the same last state. */
static void compare_cut(struct lks_str text, char delimiter, const struct slow *slow,
                        struct lks_rng *rng)
{
    enum lks_csv_state state = LKS_CSV_OPEN;
    size_t cut = 0;
    for (size_t at = 0; at < text.size_bytes;) {
        size_t size = 1 + lks_rng_below(rng, 200);
        if (size > text.size_bytes - at)
            size = text.size_bytes - at;
        size_t found = lks_csv_cut(text.data + at, size, delimiter, &state);
        if (found)
            cut = at + found;
        at += size;
    }
    assert_int_equal(cut, slow->last_end);
    assert_int_equal(state == LKS_CSV_QUOTED, slow->quoted);
}

static void made_texts(void **unused)
{
    (void)unused;
    static const char delimiters[] = ",;\t";
    struct slow *slow = malloc(sizeof *slow);
    char *text = malloc(TEXT_MAX);
    for (uint64_t seed = 0; seed < 20000; seed++) {
        struct lks_rng rng;
        lks_rng_init(&rng, seed, 7);
        char delimiter = delimiters[seed % 3];
        /* From clean files, where quotes stand where they should, to noise. */
        unsigned noise = (unsigned)(seed % 5) * 5;
        size_t size = lks_rng_below(&rng, 400), used = 0;
        while (used < size) {
            unsigned kind = (unsigned)lks_rng_below(&rng, 10);
            if (lks_rng_below(&rng, 100) < noise) {
                text[used++] = "\"\"\n\r,;\tx"[lks_rng_below(&rng, 8)];
            } else if (kind < 3) { /* a quoted field */
                text[used++] = '"';
                for (size_t n = lks_rng_below(&rng, 40); n > 0; n--) {
                    char c = "ab,;\t\n\r\"\xc2\x85"[lks_rng_below(&rng, 10)];
                    text[used++] = c;
                    if (c == '"')
                        text[used++] = '"';
                }
                text[used++] = '"';
                text[used++] = lks_rng_below(&rng, 4) ? delimiter : '\n';
            } else {
                for (size_t n = lks_rng_below(&rng, 30); n > 0; n--)
                    text[used++] = "abc d"[lks_rng_below(&rng, 5)];
                if (!lks_rng_below(&rng, 5))
                    text[used++] = '\r';
                text[used++] = lks_rng_below(&rng, 4) ? delimiter : '\n';
            }
        }
        /* An exact copy lets the sanitizer see a read past the end. */
        char *exact = malloc(used ? used : 1);
        memcpy(exact, text, used);
        struct lks_str made = {exact, used};
        slow_read(made, delimiter, slow);
        compare(made, delimiter, slow);
        compare_cut(made, delimiter, slow, &rng);
        free(exact);
    }
    free(text);
    free(slow);
}

static void check(const char *text, size_t fields, const char *const *want)
{
    struct lks_csv csv = {.text = lks_str_from(text), .delimiter = ','};
    struct lks_arena arena = {0};
    assert_int_equal(lks_csv_next(&csv, &arena), 1);
    assert_int_equal(csv.fields_count, fields);
    for (size_t i = 0; i < fields; i++) {
        assert_int_equal(csv.fields[i].size_bytes, strlen(want[i]));
        assert_memory_equal(csv.fields[i].data, want[i], strlen(want[i]));
    }
    lks_csv_free(&csv);
    lks_arena_free(&arena);
}

static void known_rows(void **unused)
{
    (void)unused;
    check("a,b,c\r\n", 3, (const char *const[]){"a", "b", "c"});
    check("\"a\nb\",\"c\"\"d\"\n", 2, (const char *const[]){"a\nb", "c\"d"});
    check("5\" pipe,x\n", 2, (const char *const[]){"5\" pipe", "x"});
    check("\"a\"b\"c\",d\n", 2, (const char *const[]){"ab\"c\"", "d"});
    check(",,", 3, (const char *const[]){"", "", ""});
    check("\"\",\"\"\"\"\n", 2, (const char *const[]){"", "\""});
    /* NEL and U+2028 are data. */
    check("a\xc2\x85"
          "b,c\xe2\x80\xa8"
          "d\n",
          2,
          (const char *const[]){"a\xc2\x85"
                                "b",
                                "c\xe2\x80\xa8"
                                "d"});
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(made_texts), cmocka_unit_test(known_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
