/* near_bench.c - near-duplicate text: the kernel, its recall, what it survives, files for peers
 *
 *   near_bench [--tiny]                     the kernel on made texts, all pairs checked on 20,000
 *   near_bench --texts N [--threads N]      the kernel on N made texts, no check
 *   near_bench --hard                       the kernel on inputs that are made to be hard for it
 *   near_bench --evasion                    recall by edit and strength, as tables
 *   near_bench --make N FILE.csv            writes made texts for the command and its peers
 *   near_bench --sets FILE.csv OUT          writes the shingles of a file's texts, each form once,
 *   near_bench --truth FILE.csv OUT         and the near pairs of forms by brute force,
 *   near_bench --found FILE.csv OUT         and those that the kernel finds, with its cost
 *
 * Made texts are of words by a power law out of 200,000, 15 on average; a fifth are exact copies
 * of earlier texts, a tenth copies with an edit. --sets writes OUT.hashes and OUT.offsets
 * (uint64, little-endian); --truth OUT.truth and --found
 * OUT.found (uint32 a, b). */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "measure.h"
#include "source/csv_file.h"
#include "text/near_check.h"
#include "text/near_evasion.h"

enum {
    VOCABULARY = 200000,
    TINY_TEXTS = 3000,
    TINY_DIVISOR = 100,
    CHECKED_TEXTS = 20000,
    BATCH = 65536
};

/* ---- made texts ---- */

struct maker {
    struct lks_buffer words;
    uint32_t word_end[VOCABULARY + 1];
    struct lks_buffer text; /* of the last call */
};

static struct maker *maker_new(void)
{
    static const char consonants[] = "bcdfglmnprstvz", vowels[] = "aeiou";
    struct maker *maker = (struct maker *)calloc(1, sizeof(*maker));
    if (!maker)
        abort();
    for (uint32_t i = 0; i < VOCABULARY; i++) {
        struct lks_rng rng;
        lks_rng_init(&rng, 11, i);
        unsigned syllables = i < 200 ? 1 + i % 2 : i < 5000 ? 2 + i % 2 : 3 + i % 2;
        for (unsigned k = 0; k < syllables; k++) {
            lks_buffer_byte(&maker->words, consonants[lks_rng_below(&rng, 14)]);
            lks_buffer_byte(&maker->words, vowels[lks_rng_below(&rng, 5)]);
            if (lks_rng_below(&rng, 3) == 0)
                lks_buffer_byte(&maker->words, consonants[lks_rng_below(&rng, 14)]);
        }
        maker->word_end[i + 1] = (uint32_t)maker->words.size_bytes;
    }
    return maker;
}

static void maker_free(struct maker *maker)
{
    lks_buffer_free(&maker->words);
    lks_buffer_free(&maker->text);
    free(maker);
}

static void maker_word(struct maker *maker, struct lks_rng *rng)
{
    double unit = lks_rng_unit(rng);
    uint32_t word = (uint32_t)(unit * unit * unit * unit * VOCABULARY);
    if (maker->text.size_bytes)
        lks_buffer_byte(&maker->text, ' ');
    lks_buffer_append(&maker->text, maker->words.data + maker->word_end[word],
                      maker->word_end[word + 1] - maker->word_end[word]);
}

/* The text of this number, the same whenever it is asked for. */
static struct lks_str maker_text(struct maker *maker, uint64_t number)
{
    struct lks_rng rng;
    uint64_t edit = 0;
    for (;;) { /* of what it is a copy */
        lks_rng_init(&rng, 12, number);
        uint64_t kind = number ? lks_rng_below(&rng, 10) : 9;
        if (kind > 2)
            break;
        if (kind == 2 && !edit)
            edit = number;
        number = lks_rng_below(&rng, number);
    }
    double normal =
        sqrt(-2 * log(1 - lks_rng_unit(&rng))) * cos(6.283185307179586 * lks_rng_unit(&rng));
    unsigned words = (unsigned)(3 + exp(2.2 + 0.7 * normal));
    words = words > 300 ? 300 : words;
    lks_buffer_clear(&maker->text);
    struct lks_rng change;
    lks_rng_init(&change, 13, edit);
    unsigned at = edit ? (unsigned)lks_rng_below(&change, words) : words;
    for (unsigned i = 0; i < words; i++) {
        if (i == at)
            maker_word(maker, &change); /* a word put in */
        maker_word(maker, &rng);
        if (lks_rng_below(&rng, 9) == 0)
            lks_buffer_byte(&maker->text, ',');
    }
    if (lks_rng_below(&rng, 4) == 0)
        lks_buffer_text(&maker->text, " https://example.org/a");
    return (struct lks_str){maker->text.data, maker->text.size_bytes};
}

static int64_t maker_second(uint64_t number)
{
    struct lks_rng rng;
    lks_rng_init(&rng, 14, number);
    return 1700000000 + (int64_t)lks_rng_below(&rng, 30 * 86400);
}

static void make_file(uint64_t count, const char *path)
{
    struct maker *maker = maker_new();
    FILE *file = fopen(path, "w");
    if (!file) {
        perror(path);
        exit(1);
    }
    fputs("message_id,user_id,username,repost_id,reply_id,message,timestamp,urls\n", file);
    for (uint64_t i = 0; i < count; i++) {
        struct lks_str text = maker_text(maker, i);
        struct lks_rng rng;
        lks_rng_init(&rng, 15, i);
        fprintf(file, "m%" PRIu64 ",u%" PRIu64 ",,,,\"%.*s\",%" PRId64 ",\n", i,
                lks_rng_below(&rng, count / 20 + 1), (int)text.size_bytes, text.data,
                maker_second(i));
    }
    if (fclose(file) != 0) {
        perror(path);
        exit(1);
    }
    maker_free(maker);
}

/* ---- texts in memory ---- */

struct texts {
    struct lks_buffer bytes;
    size_t *ends; /* [capacity + 1] */
    int64_t *times_us;
    struct lks_str *texts;
    size_t count, capacity;
};

static void texts_put(struct texts *all, struct lks_str text, int64_t time_us)
{
    if (all->count == all->capacity) {
        all->capacity = all->capacity * 2 + 1024;
        all->ends = (size_t *)lks_reference_grow(all->ends, all->capacity + 1, sizeof(size_t));
        all->times_us =
            (int64_t *)lks_reference_grow(all->times_us, all->capacity, sizeof(int64_t));
        all->ends[0] = 0;
    }
    lks_buffer_append(&all->bytes, text.data, text.size_bytes);
    all->times_us[all->count++] = time_us;
    all->ends[all->count] = all->bytes.size_bytes;
}

static void texts_seal(struct texts *all)
{
    all->texts = (struct lks_str *)lks_reference_grow(NULL, all->count, sizeof(struct lks_str));
    for (size_t i = 0; i < all->count; i++)
        all->texts[i] =
            (struct lks_str){all->bytes.data + all->ends[i], all->ends[i + 1] - all->ends[i]};
}

static void texts_made(struct texts *all, uint64_t count)
{
    struct maker *maker = maker_new();
    for (uint64_t i = 0; i < count; i++)
        texts_put(all, maker_text(maker, i), maker_second(i) * LKS_SECOND_US);
    maker_free(maker);
    texts_seal(all);
}

/* The texts of a CSV file: its column message or content. */
static void texts_read(struct texts *all, const char *path)
{
    static const char *const columns[2][3] = {{"message", "timestamp", NULL},
                                              {"content", "none", NULL}};
    struct lks_csv_file file = {0};
    struct lks_error err = {0};
    int which = 0, code = lks_csv_file_open(&file, path, columns[0], 1, &err);
    if (code < 0) {
        lks_csv_file_close(&file);
        err = (struct lks_error){0};
        code = lks_csv_file_open(&file, path, columns[++which], 1, &err);
    }
    while (code >= 0 && (code = lks_csv_file_next(&file, &err)) == 1) {
        struct lks_str time = lks_csv_file_field(&file, 1);
        char digits[24] = "";
        if (time.data && time.size_bytes < sizeof digits)
            memcpy(digits, time.data, time.size_bytes);
        texts_put(all, lks_csv_file_field(&file, 0), strtoll(digits, NULL, 10) * LKS_SECOND_US);
    }
    if (code < 0) {
        fprintf(stderr, "%s\n", err.message);
        exit(1);
    }
    lks_csv_file_close(&file);
    texts_seal(all);
}

static void texts_free(struct texts *all)
{
    lks_buffer_free(&all->bytes);
    free(all->ends);
    free(all->times_us);
    free(all->texts);
}

/* ---- the kernel ---- */

static void measure(const struct texts *all, const struct lks_near_options *options,
                    unsigned threads, int pairs, const char *name)
{
    struct lks_control control = {.threads = threads};
    struct lks_near *near = NULL;
    struct lks_near_result result = {0};
    struct lks_near_pairs found = {0};
    struct lks_error err = {0};
    double cpu = measure_cpu_seconds(), start = lks_clock_seconds();
    double system_before = measure_system_seconds();
    int code = lks_near_new(options, &control, &near, &err);
    for (size_t at = 0; code == 0 && at < all->count; at += BATCH)
        code = lks_near_add(near, all->texts + at, all->times_us + at,
                            all->count - at < BATCH ? all->count - at : BATCH, &err);
    if (code == 0)
        code = lks_near_join(near, pairs ? lks_near_pairs_take : NULL, &found, &result, &err);
    if (code < 0) {
        fprintf(stderr, "%s\n", err.message);
        exit(1);
    }
    const struct lks_near_counts *counts = &result.counts;
    printf("%-22s %9zu texts  %u threads  %7.3f s  %7.3f s CPU (%.3f system; add %.3f, order %.3f, "
           "join %.3f, "
           "cluster %.3f)  kernel memory %.0f MB\n",
           name, all->count, threads, lks_clock_seconds() - start, measure_cpu_seconds() - cpu,
           measure_system_seconds() - system_before, counts->add_seconds, counts->order_seconds,
           counts->join_seconds, counts->cluster_seconds, (double)counts->memory_peak_bytes / 1e6);
    printf("%-22s %9" PRIu64 " forms  %" PRIu64 " shingles  %" PRIu64 " candidates  %" PRIu64
           " verified  %" PRIu64 " pairs of forms  %u clusters  %" PRIu64 " forms limited\n",
           "", counts->forms, counts->shingles, counts->candidates, counts->verified, counts->pairs,
           result.clusters_count, counts->forms_limited);
    free(found.pairs);
    lks_near_free(near);
    lks_near_result_free(&result);
}

/* All pairs by definition; a miss or a false pair ends the bench. */
static void check(const struct texts *all, const struct lks_near_options *options, const char *name)
{
    struct lks_reference reference;
    struct lks_near_tally tally;
    struct lks_near_options whole = *options;
    whole.pairs_per_form_max = 0;
    double cpu = measure_cpu_seconds();
    lks_reference_init(&reference, all->texts, all->count, &whole);
    lks_near_compare(&reference, all->texts, all->times_us, &whole, 2, 0, &tally);
    lks_reference_free(&reference);
    printf("%-22s %9zu texts, all pairs compared (%.1f s CPU): %" PRIu64 " near pairs of forms, "
           "%" PRIu64 " found, %" PRIu64 " false: recall %.4f, precision %.4f\n",
           name, all->count, measure_cpu_seconds() - cpu, tally.pairs_wanted, tally.pairs_found,
           tally.pairs_false,
           tally.pairs_wanted ? (double)tally.pairs_found / (double)tally.pairs_wanted : 1,
           tally.pairs_found + tally.pairs_false
               ? (double)tally.pairs_found / (double)(tally.pairs_found + tally.pairs_false)
               : 1);
    if (tally.faults || tally.pairs_false || tally.pairs_found != tally.pairs_wanted)
        exit(1);
}

static void kernel(size_t count, unsigned threads)
{
    struct lks_near_options options = lks_near_options_default();
    struct texts all = {.count = 0};
    texts_made(&all, count);
    measure(&all, &options, threads, 1, "made texts");
    options.window_us = 3600 * LKS_SECOND_US;
    measure(&all, &options, threads, 1, "the same, within 1 h");
    texts_free(&all);
}

/* ---- hard inputs ---- */

enum { HARD_TEXTS = 100000, HARD_EQUAL = 1000000, LETTERS_PER_WORD = 8, INVALID_BYTES = 200 };

/* Words that no other number gives, a blank before each; no link begins like them. */
static void own_words(struct lks_buffer *text, uint64_t number, unsigned count)
{
    static const char letters[] = "bcdfgklmnprstvxz";
    struct lks_rng rng;
    lks_rng_init(&rng, 16, number);
    for (unsigned i = 0; i < count; i++) {
        lks_buffer_byte(text, ' ');
        for (unsigned k = 0; k < LETTERS_PER_WORD; k++)
            lks_buffer_byte(text, letters[lks_rng_below(&rng, 16)]);
    }
}

/* Texts of `frame` words in common and `own` of their own behind; 2 frame - 1 shingles of each are shared, 2 own are not. */
static void framed_put(struct texts *all, size_t count, unsigned frame, unsigned own)
{
    struct lks_buffer text = {0};
    own_words(&text, UINT64_MAX, frame);
    size_t frame_bytes = text.size_bytes;
    for (size_t i = 0; i < count; i++) {
        text.size_bytes = frame_bytes;
        own_words(&text, i, own);
        texts_put(all, (struct lks_str){text.data, text.size_bytes}, 0);
    }
    lks_buffer_free(&text);
}

/* One text of words. */
static void long_put(struct texts *all, size_t size_bytes)
{
    struct lks_buffer text = {0};
    for (uint64_t i = 0; text.size_bytes < size_bytes; i++)
        own_words(&text, i, 1);
    texts_put(all, (struct lks_str){text.data, text.size_bytes}, 0);
    lks_buffer_free(&text);
}

/* Texts of bytes that are hardly ever UTF-8. */
static void invalid_put(struct texts *all, size_t size_bytes)
{
    char text[INVALID_BYTES];
    struct lks_rng rng;
    lks_rng_init(&rng, 17, 0);
    for (size_t at = 0; at < size_bytes; at += sizeof text) {
        for (size_t i = 0; i < sizeof text; i++)
            text[i] = (char)(0x80 + lks_rng_below(&rng, 0x80));
        texts_put(all, (struct lks_str){text, sizeof text}, 0);
    }
}

static void hard_measure(struct texts *all, int pairs, const char *name)
{
    struct lks_near_options options = lks_near_options_default();
    texts_seal(all);
    measure(all, &options, 1, pairs, name);
    texts_free(all);
    *all = (struct texts){.count = 0};
}

/* All of them divided by `divisor`, for a short run. */
static void hard(size_t divisor)
{
    struct texts all = {.count = 0};
    framed_put(&all, HARD_TEXTS / divisor, 30, 1); /* J = 59 / 63 */
    hard_measure(&all, 0, "template, clusters");
    framed_put(&all, HARD_TEXTS / divisor, 30, 1);
    hard_measure(&all, 1, "template, pairs");
    framed_put(&all, HARD_TEXTS / divisor, 23, 3); /* J = 45 / 57 */
    hard_measure(&all, 1, "frame, 0.79");
    framed_put(&all, HARD_EQUAL / divisor, 10, 0);
    hard_measure(&all, 1, "equal texts");
    long_put(&all, ((size_t)64 << 20) / divisor);
    hard_measure(&all, 1, "one text of 64 MB");
    invalid_put(&all, ((size_t)50 << 20) / divisor);
    hard_measure(&all, 1, "50 MB of no UTF-8");
}

/* ---- what it survives ---- */

/* The lowest share over the scripts from first to before last; below 0 where none is changed. */
static double evasion_lowest(const struct lks_evasion *edit, unsigned first, unsigned last,
                             unsigned words, unsigned originals, uint64_t *strange)
{
    struct lks_near_options options = lks_near_options_default();
    double lowest = -1;
    for (unsigned script = first; script < last; script++) {
        struct lks_evasion_count count =
            lks_evasion_measure(edit, (enum lks_made_script)script, words, originals, &options);
        double share = count.copies < 20 ? -1 : (double)count.found / count.copies;
        *strange += count.strange;
        if (share >= 0 && (lowest < 0 || share < lowest))
            lowest = share;
    }
    return lowest;
}

static void evasion(unsigned originals)
{
    static const unsigned lengths[] = {8, 12, 20, 40, 80};
    uint64_t strange = 0;
    printf("| edit | strength | six scripts with blanks | Thai, Chinese, Japanese | emoji only |"
           " 8 words | 12 | 20 | 40 | 80 |\n|---|---|---|---|---|---|---|---|---|---|\n");
    for (unsigned i = 0; i < LKS_EVASIONS_COUNT; i++) {
        const struct lks_evasion *edit = &lks_evasions[i];
        unsigned latin = edit->edit == LKS_EDIT_ACCENTS ? LKS_MADE_ROMANIAN : LKS_MADE_LATIN;
        double shares[8] = {
            evasion_lowest(edit, 0, LKS_MADE_THAI, 20, originals, &strange),
            evasion_lowest(edit, LKS_MADE_THAI, LKS_MADE_EMOJI, 20, originals, &strange),
            evasion_lowest(edit, LKS_MADE_EMOJI, LKS_MADE_SCRIPTS_COUNT, 20, originals, &strange),
        };
        for (unsigned k = 0; k < 5; k++)
            shares[3 + k] = evasion_lowest(edit, latin, latin + 1, lengths[k], originals, &strange);
        printf("| %s | %g |", lks_made_edit_names[edit->edit], edit->strength);
        for (unsigned k = 0; k < 8; k++) {
            if (shares[k] < 0)
                printf(" |");
            else
                printf(" %.2f |", shares[k]);
        }
        printf("\n");
    }
    printf("\ntexts of their own that were joined with another: %" PRIu64 "\n", strange);
}

/* ---- files for peers ---- */

static FILE *out_open(const char *base, const char *end)
{
    char path[4096];
    snprintf(path, sizeof path, "%s.%s", base, end);
    FILE *file = fopen(path, "wb");
    if (!file) {
        perror(path);
        exit(1);
    }
    return file;
}

static void out_close(FILE *file)
{
    if (fclose(file) != 0) {
        perror("write");
        exit(1);
    }
}

/* Which form each text is of; the caller frees. */
static uint32_t *forms_of(const struct texts *all, const struct lks_near_options *options)
{
    struct lks_near *near = NULL;
    struct lks_near_result result = {0};
    struct lks_error err = {0};
    if (lks_near_new(options, NULL, &near, &err) != 0 ||
        lks_near_add(near, all->texts, NULL, all->count, &err) != 0 ||
        lks_near_join(near, NULL, NULL, &result, &err) != 0) {
        fprintf(stderr, "%s\n", err.message);
        exit(1);
    }
    uint32_t *forms = result.text_form;
    result.text_form = NULL;
    lks_near_free(near);
    lks_near_result_free(&result);
    return forms;
}

static void sets_write(const struct texts *all, const struct lks_near_options *options,
                       const char *base)
{
    uint64_t *hashes = NULL, offset = 0;
    size_t capacity = 0;
    uint32_t next = 0, *forms = forms_of(all, options);
    FILE *data = out_open(base, "hashes"), *ends = out_open(base, "offsets");
    fwrite(&offset, sizeof offset, 1, ends);
    for (size_t i = 0; i < all->count; i++) {
        size_t count = 0;
        if (forms[i] != next)
            continue; /* none, or a form that was there before */
        next++;
        if (lks_near_shingles(all->texts[i], options, &hashes, &count, &capacity) != 0)
            abort();
        fwrite(hashes, sizeof *hashes, count, data);
        offset += count;
        fwrite(&offset, sizeof offset, 1, ends);
    }
    out_close(data);
    out_close(ends);
    free(hashes);
    free(forms);
}

static void truth_write(const struct texts *all, const struct lks_near_options *options,
                        const char *base)
{
    struct lks_reference reference;
    struct lks_near_truth truth = {
        .reference = &reference, .window_us = -1, .threshold = options->threshold};
    lks_reference_init(&reference, all->texts, all->count, options);
    lks_truth_init(&truth);
    FILE *file = out_open(base, "truth");
    for (uint32_t a = 0; a < truth.forms; a++)
        for (uint32_t b = a + 1; b < truth.forms; b++)
            if (lks_reference_near(&reference, truth.form_text[a], truth.form_text[b],
                                   options->threshold)) {
                uint32_t pair[2] = {a, b};
                fwrite(pair, sizeof pair, 1, file);
            }
    out_close(file);
    lks_truth_free(&truth);
    lks_reference_free(&reference);
}

static void found_write(const struct texts *all, const struct lks_near_options *options,
                        const char *base)
{
    struct lks_near_options whole = *options;
    struct lks_near *near = NULL;
    struct lks_near_result result = {0};
    struct lks_near_pairs found = {0};
    struct lks_error err = {0};
    whole.pairs_per_form_max = 0;
    measure_peak_forget();
    double before_mb = measure_resident_mb(), cpu = measure_cpu_seconds();
    if (lks_near_new(&whole, NULL, &near, &err) != 0 ||
        lks_near_add(near, all->texts, NULL, all->count, &err) != 0 ||
        lks_near_join(near, lks_near_pairs_take, &found, &result, &err) != 0) {
        fprintf(stderr, "%s\n", err.message);
        exit(1);
    }
    printf("{\"cpu\": %.6f, \"mb\": %.1f, \"texts\": %zu, \"forms\": %" PRIu64
           ", \"pairs\": %zu}\n",
           measure_cpu_seconds() - cpu, measure_peak_mb() - before_mb, all->count,
           result.counts.forms, found.count);
    FILE *file = out_open(base, "found");
    for (size_t i = 0; i < found.count; i++)
        fwrite(&found.pairs[i], 2 * sizeof(uint32_t), 1, file); /* form_a, form_b */
    out_close(file);
    free(found.pairs);
    lks_near_free(near);
    lks_near_result_free(&result);
}

/* Numbered words must not become one word; the peers know no masks either. */
static struct lks_near_options peer_options(const char *path)
{
    struct lks_near_options options = lks_near_options_default();
    options.as_is = strstr(path, "text20k") != NULL;
    return options;
}

int main(int argc, char **argv)
{
    unsigned threads = 2;
    size_t count = 0;
    if (argc == 2 && strcmp(argv[1], "--evasion") == 0) {
        evasion(200);
        return 0;
    }
    if (argc == 2 && strcmp(argv[1], "--hard") == 0) {
        hard(1);
        return 0;
    }
    if (argc == 4 && strcmp(argv[1], "--make") == 0) {
        make_file(strtoull(argv[2], NULL, 10), argv[3]);
        return 0;
    }
    if (argc == 4 && (strcmp(argv[1], "--sets") == 0 || strcmp(argv[1], "--truth") == 0 ||
                      strcmp(argv[1], "--found") == 0)) {
        struct lks_near_options options = peer_options(argv[2]);
        struct texts all = {.count = 0};
        texts_read(&all, argv[2]);
        (argv[1][2] == 's'   ? sets_write
         : argv[1][2] == 't' ? truth_write
                             : found_write)(&all, &options, argv[3]);
        texts_free(&all);
        return 0;
    }
    int tiny = argc == 2 && strcmp(argv[1], "--tiny") == 0;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--texts") == 0)
            count = strtoull(argv[i + 1], NULL, 10);
        if (strcmp(argv[i], "--threads") == 0)
            threads = (unsigned)strtoul(argv[i + 1], NULL, 10);
    }
    if (count) {
        kernel(count, threads);
        return 0;
    }
    struct lks_near_options options = lks_near_options_default();
    struct texts all = {.count = 0};
    texts_made(&all, tiny ? TINY_TEXTS : CHECKED_TEXTS);
    check(&all, &options, "made texts");
    options.threshold = 0.6;
    check(&all, &options, "the same, at 0.6");
    texts_free(&all);
    if (tiny) {
        kernel(TINY_TEXTS, 2);
        hard(TINY_DIVISOR);
    } else {
        for (unsigned n = 1; n <= 2; n++)
            kernel(1000000, n);
        kernel(10000000, 2);
    }
    return 0;
}
