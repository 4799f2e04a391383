/* fold.c - one writing for texts that look or read alike: NFKC, case folding, no invisible marks
 *
 * text -> code points, each decomposed and case-folded (utf8proc) and, where asked, mapped
 *      -> marks put into canonical order -> look-alikes mapped, word by word
 *      -> composed -> UTF-8.
 *
 * Look-alikes are mapped between decomposing and composing: a Cyrillic e with an acute must
 * come out as the one code point that a Latin e with an acute comes out as, or folding twice
 * would differ from folding once. Runs of combining marks are cut at 30, since putting them
 * in order is quadratic in the run and the text is hostile. Sources: UAX #15 (normalisation
 * forms, stream-safe text), UTS #39 (confusables), Unicode 3.13 (NFKC_Casefold). */
#include "text/fold.h"

#include <stdint.h>
#include <stdlib.h>
#include <utf8proc.h>

#include "base/error.h"
#include "base/utf8.h"
#include "text/confusables.h"
#include "text/unicode.h"

enum {
    FOLD_LOCAL_COUNT = 512,
    FOLD_STEP_MAX = 64, /* more than any one code point decomposes to (18) */
    FOLD_MARKS_MAX = 30
};

#define FOLD_UPPER 0x40000000 /* beside the code point: it was written as a capital */

struct fold {
    int32_t *codes;
    size_t count, capacity;
    unsigned marks_count; /* in the run that ends here */
    int look;
    int32_t local[FOLD_LOCAL_COUNT];
};

static int fold_reserve(struct fold *fold)
{
    if (fold->capacity - fold->count >= FOLD_STEP_MAX)
        return 0;
    if (fold->capacity > SIZE_MAX / 4 / sizeof *fold->codes)
        return LKS_EMEMORY;
    size_t capacity = fold->capacity * 2;
    int32_t *codes =
        realloc(fold->codes == fold->local ? NULL : fold->codes, capacity * sizeof *codes);
    if (!codes)
        return LKS_EMEMORY;
    if (fold->codes == fold->local)
        memcpy(codes, fold->local, fold->count * sizeof *codes);
    fold->codes = codes;
    fold->capacity = capacity;
    return 0;
}

static int combining_class(int32_t code)
{
    return code < 0x300 ? 0 : utf8proc_get_property(code)->combining_class;
}

/* What one decomposed code point turns into when texts are compared; -1 drops it. */
static int32_t fold_look(int32_t code)
{
    uint32_t c = (uint32_t)code;
    if (lks_unicode_is_space(c))
        return ' ';
    if (c < 0x80)
        return c >= '0' && c <= '9' ? '0' : code;
    if (c == 0x640)
        return -1;
    if (utf8proc_category(code) == UTF8PROC_CATEGORY_ND)
        return '0';
    char style = lks_confusable_style(c);
    return style ? style : code;
}

static void fold_push(struct fold *fold, int32_t code, int32_t flag)
{
    if (fold->look) {
        code = fold_look(code);
        if (code < 0)
            return;
    }
    if (combining_class(code)) {
        if (++fold->marks_count > FOLD_MARKS_MAX)
            return;
    } else {
        fold->marks_count = 0;
    }
    fold->codes[fold->count++] = code | flag;
}

static int fold_code(struct fold *fold, uint32_t code)
{
    int32_t step[FOLD_STEP_MAX];
    int boundary = 0;
    if (code == LKS_UTF8_BAD)
        code = 0xfffd;
    if (fold_reserve(fold) != 0)
        return LKS_EMEMORY;
    if (code < 0x80) {
        int upper = code >= 'A' && code <= 'Z';
        fold_push(fold, (int32_t)(upper ? code + 32 : code), 0);
        return 0;
    }
    utf8proc_ssize_t size = utf8proc_decompose_char(
        (utf8proc_int32_t)code, step, FOLD_STEP_MAX,
        UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE, &boundary);
    LKS_ASSERT(size >= 0 && size <= FOLD_STEP_MAX);
    int32_t flag = 0;
    if (fold->look && size && utf8proc_category((utf8proc_int32_t)code) == UTF8PROC_CATEGORY_LU)
        flag = FOLD_UPPER;
    for (utf8proc_ssize_t i = 0; i < size; i++)
        fold_push(fold, step[i], flag);
    return 0;
}

/* Canonical ordering: marks of a run by class, stable. */
static void fold_order(struct fold *fold)
{
    for (size_t i = 1; i < fold->count; i++) {
        int32_t code = fold->codes[i];
        int class = combining_class(code & ~FOLD_UPPER);
        if (!class)
            continue;
        size_t j = i;
        while (j > 0 && combining_class(fold->codes[j - 1] & ~FOLD_UPPER) > class) {
            fold->codes[j] = fold->codes[j - 1];
            j--;
        }
        fold->codes[j] = code;
    }
}

static void fold_word(struct fold *fold, size_t first, size_t end, int latin)
{
    for (size_t i = first; i < end; i++) {
        int upper = (fold->codes[i] & FOLD_UPPER) != 0;
        int32_t code = fold->codes[i] & ~FOLD_UPPER;
        char letter = latin && code >= 0x80 ? lks_confusable_letter((uint32_t)code, upper) : 0;
        fold->codes[i] = letter ? letter : code;
    }
}

/* Whether position i belongs to a word; points and commas between digits do, since a number
 * is masked as a whole and what stands on its two sides then becomes one word. */
static int in_word(const struct fold *fold, size_t i)
{
    int32_t code = fold->codes[i];
    if ((code == '.' || code == ',') && i > 0 && i + 1 < fold->count)
        return fold->codes[i - 1] == '0' && fold->codes[i + 1] == '0';
    return lks_unicode_is_word((uint32_t)(code & ~FOLD_UPPER));
}

/* Maps look-alikes in the words that also hold Latin letters, and takes the flags off. */
static void fold_words(struct fold *fold)
{
    size_t i = 0;
    while (i < fold->count) {
        size_t first = i;
        int latin = 0;
        while (i < fold->count && in_word(fold, i))
            latin |= lks_unicode_is_latin((uint32_t)(fold->codes[i++] & ~FOLD_UPPER));
        if (i < fold->count)
            i++; /* the character that ended the word, which holds no letter */
        fold_word(fold, first, i, latin);
    }
}

static void fold_write(const struct fold *fold, size_t count, struct lks_buffer *out)
{
    char chunk[256];
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        if (used > sizeof chunk - 4) {
            lks_buffer_append(out, chunk, used);
            used = 0;
        }
        used += lks_utf8_put((uint32_t)fold->codes[i], chunk + used);
    }
    lks_buffer_append(out, chunk, used);
}

static int fold_run(struct lks_str text, int look, struct lks_buffer *out)
{
    struct fold fold;
    fold.codes = fold.local;
    fold.count = 0;
    fold.capacity = FOLD_LOCAL_COUNT;
    fold.marks_count = 0;
    fold.look = look;
    int code = 0;
    for (size_t at = 0; code == 0 && at < text.size_bytes;) {
        uint32_t c;
        at += lks_utf8_next(text, at, &c);
        code = fold_code(&fold, c);
    }
    if (code == 0 && fold.count) {
        fold_order(&fold);
        if (look)
            fold_words(&fold);
        utf8proc_ssize_t count = utf8proc_normalize_utf32(fold.codes, (utf8proc_ssize_t)fold.count,
                                                          UTF8PROC_COMPOSE | UTF8PROC_STABLE);
        LKS_ASSERT(count >= 0);
        fold_write(&fold, (size_t)count, out);
    }
    if (fold.codes != fold.local)
        free(fold.codes);
    return code == 0 && out->failed ? LKS_EMEMORY : code;
}

/* The folded form of a letter of two UTF-8 bytes whose form is one letter of two bytes and
 * needs no look at its neighbours: most of Latin with accents, and the Cyrillic of today.
 * 0 for all others. */
static uint32_t fold_simple_code(uint32_t c)
{
    if (c >= 0x400 && c <= 0x45f)
        return c < 0x410 ? c + 0x50 : c < 0x430 ? c + 0x20 : c;
    if (c >= 0xc0 && c <= 0xff)
        return c == 0xd7 || c == 0xf7 || c == 0xdf ? 0 : c < 0xe0 ? c + 0x20 : c;
    if ((c >= 0x100 && c <= 0x12f) || (c >= 0x134 && c <= 0x137) || (c >= 0x14a && c <= 0x177) ||
        (c >= 0x218 && c <= 0x21b))
        return c | 1;
    if ((c >= 0x139 && c <= 0x13e) || (c >= 0x141 && c <= 0x148) || (c >= 0x179 && c <= 0x17e))
        return c & 1 ? c + 1 : c;
    return 0;
}

enum { SIMPLE_LATIN = 1, SIMPLE_CYRILLIC = 2 };

/* Folds the character at *read to *write, which never passes it, and moves both. Takes
 * simple letters, typographic quotes and dashes, the ellipsis and emoji; returns -1 for all
 * else, or the script that the character belongs to, 0 for none. */
static int fold_simple_step(const unsigned char **read, const unsigned char *end,
                            unsigned char **write)
{
    static const char *const general[0x30] = {
        /* U+2010 on: what lks_confusable_style says of them, and U+2026 */
        [0x10] = "-",  [0x12] = "-",  [0x13] = "-",  [0x14] = "-",   [0x15] = "-",
        [0x18] = "'",  [0x19] = "'",  [0x1a] = "'",  [0x1b] = "'",   [0x1c] = "\"",
        [0x1d] = "\"", [0x1e] = "\"", [0x1f] = "\"", [0x26] = "...",
    };
    const unsigned char *p = *read;
    if (p[0] >= 0xc3 && p[0] <= 0xd1 && end - p >= 2 && (p[1] & 0xc0) == 0x80) {
        uint32_t code = fold_simple_code((p[0] & 0x1fu) << 6 | (p[1] & 0x3fu));
        if (!code)
            return -1;
        *(*write)++ = (unsigned char)(0xc0 | code >> 6);
        *(*write)++ = (unsigned char)(0x80 | (code & 0x3f));
        *read += 2;
        return code >= 0x400 ? SIMPLE_CYRILLIC : SIMPLE_LATIN;
    }
    if (p[0] == 0xe2 && end - p >= 3 && p[1] == 0x80 && p[2] >= 0x80 && p[2] < 0xb0 &&
        general[p[2] - 0x80]) {
        for (const char *to = general[p[2] - 0x80]; *to; to++)
            *(*write)++ = (unsigned char)*to;
        *read += 3;
        return 0;
    }
    /* U+1F300 to U+1F9FF, none of which decomposes. */
    if (p[0] == 0xf0 && end - p >= 4 && p[1] == 0x9f && p[2] >= 0x8c && p[2] <= 0xa7 &&
        (p[3] & 0xc0) == 0x80) {
        memmove(*write, p, 4);
        *write += 4;
        *read += 4;
        return 0;
    }
    return -1;
}

/* The short way for texts of ASCII and simple characters with letters of one script. Returns
 * whether that was enough; if not, out is as before. */
static int fold_simple(struct lks_str text, struct lks_buffer *out)
{
    size_t first = out->size_bytes;
    int scripts = 0;
    lks_buffer_append(out, text.data, text.size_bytes);
    if (out->failed)
        return 1;
    unsigned char *write = (unsigned char *)out->data + first;
    const unsigned char *read = write, *end = write + text.size_bytes;
    while (read < end) {
        int script;
        if (*read < 0x80) {
            unsigned char lower = *read++;
            script = (unsigned)((lower | 32) - 'a') < 26u;
            *write++ = (unsigned char)(script ? lower | 32 : lower);
        } else {
            script = fold_simple_step(&read, end, &write);
        }
        if (script < 0) {
            out->size_bytes = first;
            return 0;
        }
        scripts |= script;
    }
    /* Words of both may hold look-alikes. */
    out->size_bytes = scripts == (SIMPLE_LATIN | SIMPLE_CYRILLIC)
                          ? first
                          : (size_t)(write - (unsigned char *)out->data);
    return scripts != (SIMPLE_LATIN | SIMPLE_CYRILLIC);
}

int lks_text_fold(struct lks_str text, struct lks_buffer *out)
{
    return fold_run(text, 0, out);
}

int lks_text_fold_look(struct lks_str text, struct lks_buffer *out)
{
    if (fold_simple(text, out))
        return out->failed ? LKS_EMEMORY : 0;
    return fold_run(text, 1, out);
}
