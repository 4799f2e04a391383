/* near_reference.h - near-duplicate texts by definition, slowly: for tests and benches
 *
 * Written from the rule in docs/method/near-text.md and from nothing else. A shingle is kept
 * as the bytes that it stands for, not as a hash, so that a collision in the kernel shows; a set
 * is a sorted list; every text is compared with every other one. Only what a normalised text and its
 * skeleton are and what a letter is comes from the text kit. Out of memory ends the program. */
#ifndef LKS_TEXT_NEAR_REFERENCE_H
#define LKS_TEXT_NEAR_REFERENCE_H

#include <stdio.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "text/extract.h"
#include "text/near.h"
#include "text/skeleton.h"
#include "text/unicode.h"

/* One shingle: where its bytes are, and whose it is. */
struct lks_reference_shingle {
    size_t offset_bytes, size_bytes;
    uint32_t text, id;
};

struct lks_reference {
    size_t texts_count;
    struct lks_buffer bytes; /* of all shingles */
    struct lks_reference_shingle *shingles;
    size_t shingles_count, shingles_capacity;
    uint32_t *ids; /* the set of text i: ids[first[i]] .. ids[first[i + 1] - 1], rising */
    size_t *first; /* [texts_count + 1] */
};

static inline void *lks_reference_grow(void *array, size_t count, size_t item_bytes)
{
    array = realloc(array, (count ? count : 1) * item_bytes);
    if (!array) {
        fputs("reference: out of memory\n", stderr);
        abort();
    }
    return array;
}

static inline void lks_reference_add(struct lks_reference *reference, uint32_t text, char kind,
                                     struct lks_str one, struct lks_str two)
{
    if (reference->shingles_count == reference->shingles_capacity) {
        reference->shingles_capacity = reference->shingles_capacity * 2 + 64;
        reference->shingles = (struct lks_reference_shingle *)lks_reference_grow(
            reference->shingles, reference->shingles_capacity, sizeof(*reference->shingles));
    }
    size_t offset = reference->bytes.size_bytes;
    lks_buffer_byte(&reference->bytes, kind);
    lks_buffer_append(&reference->bytes, one.data, one.size_bytes);
    if (two.size_bytes) {
        lks_buffer_byte(&reference->bytes, ' ');
        lks_buffer_append(&reference->bytes, two.data, two.size_bytes);
    }
    reference->shingles[reference->shingles_count++] =
        (struct lks_reference_shingle){offset, reference->bytes.size_bytes - offset, text, 0};
}

/* ---- the rule ---- */

/* A normalised text as a list of characters, each with what it is. */
struct lks_reference_char {
    size_t at, size;
    uint32_t code;
    unsigned dense; /* characters of a shingle that begins here, where the script has no blanks */
    int word;       /* a letter, mark, digit or underscore */
};

static inline struct lks_reference_char *lks_reference_chars(struct lks_str text, size_t *count_out)
{
    struct lks_reference_char *chars =
        (struct lks_reference_char *)lks_reference_grow(NULL, text.size_bytes + 1, sizeof(*chars));
    size_t count = 0;
    for (size_t at = 0; at < text.size_bytes;) {
        struct lks_reference_char *c = &chars[count++];
        c->at = at;
        c->size = lks_utf8_next(text, at, &c->code);
        c->word = lks_unicode_is_word(c->code) != 0;
        c->dense = 0;
        if (c->word && c->code >= 0x80)
            switch (lks_unicode_script_class(c->code)) {
            case LKS_SCRIPT_IDEOGRAPH:
                c->dense = 2;
                break;
            case LKS_SCRIPT_KANA:
                c->dense = 3;
                break;
            case LKS_SCRIPT_SOUTH_ASIAN:
                c->dense = 4;
                break;
            default:
                break;
            }
        at += c->size;
    }
    *count_out = count;
    return chars;
}

static inline int lks_reference_spaced(const struct lks_reference_char *chars, size_t count,
                                       size_t i)
{
    return i < count && chars[i].word && !chars[i].dense;
}

/* Words (their apostrophes left out) into `words`, one after the other with a blank behind. */
static inline void lks_reference_words(struct lks_reference *reference, uint32_t text_index,
                                       struct lks_str text, const struct lks_reference_char *chars,
                                       size_t count, int pairs)
{
    struct lks_buffer now = {0}, before = {0};
    int any_before = 0;
    for (size_t i = 0; i < count;) {
        if (!lks_reference_spaced(chars, count, i)) {
            i++;
            continue;
        }
        lks_buffer_clear(&now);
        while (lks_reference_spaced(chars, count, i) ||
               (i < count && chars[i].code == '\'' && lks_reference_spaced(chars, count, i + 1))) {
            if (chars[i].code != '\'')
                lks_buffer_append(&now, text.data + chars[i].at, chars[i].size);
            i++;
        }
        struct lks_str word = {now.data, now.size_bytes};
        lks_reference_add(reference, text_index, 'w', word, LKS_STR_NULL);
        if (pairs && any_before)
            lks_reference_add(reference, text_index, 'p',
                              (struct lks_str){before.data, before.size_bytes}, word);
        lks_buffer_clear(&before);
        lks_buffer_append(&before, now.data, now.size_bytes);
        any_before = 1;
    }
    lks_buffer_free(&now);
    lks_buffer_free(&before);
}

/* Runs of letters of scripts without blanks. */
static inline void lks_reference_runs(struct lks_reference *reference, uint32_t text_index,
                                      struct lks_str text, const struct lks_reference_char *chars,
                                      size_t count)
{
    for (size_t begin = 0, end; begin < count; begin = end) {
        end = begin + 1;
        if (!chars[begin].dense)
            continue;
        while (end < count && chars[end].dense)
            end++;
        int whole = 0;
        for (size_t i = begin; i < end; i++)
            if (i + chars[i].dense <= end) {
                size_t last = i + chars[i].dense - 1;
                struct lks_str run = {text.data + chars[i].at,
                                      chars[last].at + chars[last].size - chars[i].at};
                /* A word and a run are never of the same bytes. */
                lks_reference_add(reference, text_index, 'w', run, LKS_STR_NULL);
                whole = 1;
            }
        if (!whole)
            lks_reference_add(
                reference, text_index, 'w',
                (struct lks_str){text.data + chars[begin].at,
                                 chars[end - 1].at + chars[end - 1].size - chars[begin].at},
                LKS_STR_NULL);
    }
}

/* Emoji and other signs, where a text has nothing else. */
static inline void lks_reference_signs(struct lks_reference *reference, uint32_t text_index,
                                       struct lks_str text, const struct lks_reference_char *chars,
                                       size_t count)
{
    struct lks_str before = LKS_STR_NULL;
    for (size_t i = 0; i < count; i++) {
        uint32_t code = chars[i].code;
        int sign = code != LKS_UTF8_BAD &&
                   ((code >= 0x2190 && code <= 0x2bff) ||
                    (code >= 0x1f000 && code <= 0x1faff && !(code >= 0x1f3fb && code <= 0x1f3ff)));
        struct lks_str one = {text.data + chars[i].at, chars[i].size};
        if (!sign || lks_str_equal(one, before))
            continue;
        lks_reference_add(reference, text_index, 'w', one, LKS_STR_NULL);
        if (before.size_bytes)
            lks_reference_add(reference, text_index, 'p', before, one);
        before = one;
    }
}

/* Five characters in a row over the words, one blank between two of them. */
static inline void lks_reference_fives(struct lks_reference *reference, uint32_t text_index,
                                       struct lks_str text, const struct lks_reference_char *chars,
                                       size_t count)
{
    struct lks_buffer plain = {0};
    int gap = 0;
    for (size_t i = 0; i < count; i++) {
        if (!chars[i].word) {
            gap |= chars[i].code != '\'';
            continue;
        }
        if (gap && plain.size_bytes)
            lks_buffer_byte(&plain, ' ');
        gap = 0;
        lks_buffer_append(&plain, text.data + chars[i].at, chars[i].size);
    }
    size_t plain_count;
    struct lks_str all = {plain.data, plain.size_bytes};
    struct lks_reference_char *five = lks_reference_chars(all, &plain_count);
    for (size_t i = 0; i + 5 <= plain_count; i++)
        lks_reference_add(
            reference, text_index, 'w',
            (struct lks_str){all.data + five[i].at, five[i + 4].at + five[i + 4].size - five[i].at},
            LKS_STR_NULL);
    if (plain_count && plain_count < 5)
        lks_reference_add(reference, text_index, 'w', all, LKS_STR_NULL);
    free(five);
    lks_buffer_free(&plain);
}

static inline void lks_reference_cut(struct lks_reference *reference, uint32_t text_index,
                                     struct lks_str text, const struct lks_near_options *options)
{
    struct lks_buffer normal = {0};
    if (!options->as_is) {
        if (lks_text_normalise(text, &normal) != 0 || lks_text_skeleton(&normal) != 0)
            abort();
        text = (struct lks_str){normal.data, normal.size_bytes};
    }
    size_t count, before = reference->shingles_count;
    struct lks_reference_char *chars = lks_reference_chars(text, &count);
    if (options->shingle == LKS_NEAR_CHARS) {
        lks_reference_fives(reference, text_index, text, chars, count);
    } else {
        lks_reference_words(reference, text_index, text, chars, count,
                            options->shingle == LKS_NEAR_AUTO);
        lks_reference_runs(reference, text_index, text, chars, count);
    }
    if (reference->shingles_count == before)
        lks_reference_signs(reference, text_index, text, chars, count);
    free(chars);
    lks_buffer_free(&normal);
}

/* ---- sets ---- */

static inline int lks_reference_by_bytes(const void *a, const void *b, void *context)
{
    const struct lks_reference_shingle *x = (const struct lks_reference_shingle *)a;
    const struct lks_reference_shingle *y = (const struct lks_reference_shingle *)b;
    const char *bytes = (const char *)context;
    size_t least = x->size_bytes < y->size_bytes ? x->size_bytes : y->size_bytes;
    int order = memcmp(bytes + x->offset_bytes, bytes + y->offset_bytes, least);
    return order ? order : (x->size_bytes > y->size_bytes) - (x->size_bytes < y->size_bytes);
}

static inline int lks_reference_by_text(const void *a, const void *b)
{
    const struct lks_reference_shingle *x = (const struct lks_reference_shingle *)a;
    const struct lks_reference_shingle *y = (const struct lks_reference_shingle *)b;
    if (x->text != y->text)
        return x->text < y->text ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

/* Cuts the texts into sets; lks_reference_free gives the memory back. */
static inline void lks_reference_init(struct lks_reference *reference, const struct lks_str *texts,
                                      size_t texts_count, const struct lks_near_options *options)
{
    *reference = (struct lks_reference){.texts_count = texts_count};
    for (size_t i = 0; i < texts_count; i++)
        lks_reference_cut(reference, (uint32_t)i, texts[i], options);
    struct lks_reference_shingle *shingles = reference->shingles;
    size_t count = reference->shingles_count;
    if (count)
        qsort_r(shingles, count, sizeof(*shingles), lks_reference_by_bytes, reference->bytes.data);
    for (size_t i = 1; i < count; i++)
        shingles[i].id =
            shingles[i - 1].id +
            (lks_reference_by_bytes(&shingles[i - 1], &shingles[i], reference->bytes.data) != 0);
    if (count)
        qsort(shingles, count, sizeof(*shingles), lks_reference_by_text);
    reference->ids = (uint32_t *)lks_reference_grow(NULL, count, sizeof(uint32_t));
    reference->first = (size_t *)lks_reference_grow(NULL, texts_count + 1, sizeof(size_t));
    size_t kept = 0, i = 0;
    for (size_t text = 0; text < texts_count; text++) {
        reference->first[text] = kept;
        for (; i < count && shingles[i].text == text; i++)
            if (kept == reference->first[text] || reference->ids[kept - 1] != shingles[i].id)
                reference->ids[kept++] = shingles[i].id;
    }
    reference->first[texts_count] = kept;
}

static inline void lks_reference_free(struct lks_reference *reference)
{
    free(reference->shingles);
    free(reference->ids);
    free(reference->first);
    lks_buffer_free(&reference->bytes);
}

static inline size_t lks_reference_size(const struct lks_reference *reference, size_t text)
{
    return reference->first[text + 1] - reference->first[text];
}

/* How many shingles two texts share; *either_out how many either has. */
static inline uint32_t lks_reference_shared(const struct lks_reference *reference, size_t a,
                                            size_t b, uint32_t *either_out)
{
    const uint32_t *x = reference->ids + reference->first[a];
    const uint32_t *y = reference->ids + reference->first[b];
    size_t x_count = lks_reference_size(reference, a), y_count = lks_reference_size(reference, b);
    size_t i = 0, k = 0;
    uint32_t shared = 0;
    while (i < x_count && k < y_count) {
        uint32_t left = x[i], right = y[k];
        shared += left == right;
        i += left <= right;
        k += right <= left;
    }
    *either_out = (uint32_t)(x_count + y_count - shared);
    return shared;
}

/* Whether two texts are near by definition: neither empty, the Jaccard index reached. What two
 * sets still can share when the smaller rest is all shared tells when to stop counting. */
static inline int lks_reference_near(const struct lks_reference *reference, size_t a, size_t b,
                                     double threshold)
{
    const uint32_t *x = reference->ids + reference->first[a];
    const uint32_t *y = reference->ids + reference->first[b];
    size_t x_count = lks_reference_size(reference, a), y_count = lks_reference_size(reference, b);
    size_t i = 0, k = 0, shared = 0, sum = x_count + y_count;
    if (!x_count || !y_count)
        return 0;
    while (i < x_count && k < y_count) {
        if (((i + k) & 7) == 0) {
            size_t rest = x_count - i < y_count - k ? x_count - i : y_count - k;
            if ((double)(shared + rest) / (double)(sum - shared - rest) < threshold)
                return 0;
        }
        uint32_t left = x[i], right = y[k];
        shared += left == right;
        i += left <= right;
        k += right <= left;
    }
    return (double)shared / (double)(sum - shared) >= threshold;
}

#endif
