/* normalise.c - the text as written by someone who only copies
 *
 * Two steps. First every character takes the writing of lks_text_fold_look; a text of ASCII
 * only, which most are, needs no more than lower case. Then one pass masks in place what a
 * copier changes: a link becomes "://", a mention "@", a number "0", a run of white space one
 * blank. No mask is longer than what it stands for, so the text never grows in this pass.
 *
 * The masks are chosen so that normalising twice is normalising once: "://" without a scheme is
 * no link, "@" without a word no mention, "0" is a number whose mask is itself, none of
 * them composes with a following mark, and what stands before an entity is of the same
 * class before and after masking.
 *
 * A mention here is "@" and the word behind it, of any script, with inner dots; a number is
 * a run of decimal digits of any script, with points and commas between digits. */
#include "base/error.h"
#include "base/utf8.h"
#include "text/extract.h"
#include "text/fold.h"
#include "text/scan.h"
#include "text/unicode.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum byte_class { PLAIN, SPACE, DIGIT, AT, LINK };

static const unsigned char byte_classes[256] = {
    [0x00 ... 0x20] = SPACE,
    [0x7f] = SPACE,
    ['0' ... '9'] = DIGIT,
    ['@'] = AT,
    ['h'] = LINK,
    ['w'] = LINK,
};

/* The end of the word (with inner dots) that begins at `at`. */
static size_t word_end(struct lks_str text, size_t at)
{
    size_t end = at;
    while (at < text.size_bytes) {
        uint32_t code;
        size_t size = lks_utf8_next(text, at, &code);
        if (lks_unicode_is_word(code))
            end = at + size;
        else if (code != '.' || end != at)
            break;
        at += size;
    }
    return end;
}

static size_t mention_end(struct lks_str text, size_t at)
{
    unsigned char before = at ? (unsigned char)text.data[at - 1] : ' ';
    if ((before < 0x80 && lks_unicode_is_word(before)) || (before && strchr("@#$%&*", before)))
        return at;
    uint32_t code;
    if (at + 1 >= text.size_bytes)
        return at;
    lks_utf8_next(text, at + 1, &code);
    return lks_unicode_is_word(code) ? word_end(text, at + 1) : at;
}

static size_t number_end(struct lks_str text, size_t at)
{
    while (at < text.size_bytes) {
        char c = text.data[at];
        int inner = (c == '.' || c == ',') && at + 1 < text.size_bytes &&
                    text.data[at + 1] >= '0' && text.data[at + 1] <= '9';
        if (!inner && (c < '0' || c > '9'))
            break;
        at++;
    }
    return at;
}

/* The same where blanks stand alone, as in most texts: they are then as plain as letters,
 * which spares a mispredicted branch a word. */
static const unsigned char tidy_classes[256] = {
    [0x00 ... 0x1f] = SPACE,
    [0x7f] = SPACE,
    ['0' ... '9'] = DIGIT,
    ['@'] = AT,
    ['h'] = LINK,
    ['w'] = LINK,
};

static inline unsigned is_blank(char c)
{
    return ((unsigned char)c <= ' ') | (c == 0x7f);
}

/* Whether no blank stands first or beside another. Sixteen at a time where the processor can. */
static int is_tidy(const char *data, size_t size_bytes)
{
    unsigned untidy = 0, before = 1; /* the start is as a blank */
    size_t at = 0;
#ifdef __SSE2__
    for (; size_bytes - at >= 16; at += 16) {
        __m128i here = _mm_loadu_si128((const __m128i *)(const void *)(data + at));
        __m128i blank = _mm_cmpeq_epi8(_mm_min_epu8(here, _mm_set1_epi8(0x20)), here);
        blank = _mm_or_si128(blank, _mm_cmpeq_epi8(here, _mm_set1_epi8(0x7f)));
        unsigned blanks = (unsigned)_mm_movemask_epi8(blank);
        untidy |= blanks & (blanks << 1 | before);
        before = blanks >> 15;
    }
#endif
    for (; at < size_bytes; at++) {
        untidy |= is_blank(data[at]) & before;
        before = is_blank(data[at]);
    }
    return !untidy;
}

/* How many bytes from `at` on stand for themselves; bytes from `blank` down are blanks. Sixteen at
 * a time where the processor can, at most to the last sixteen: the caller goes on alone. */
static inline size_t plain_run(const char *data, size_t at, size_t size_bytes, char blank)
{
    size_t from = at;
#ifdef __SSE2__
    for (; size_bytes - at > 16; at += 16) {
        __m128i here = _mm_loadu_si128((const __m128i *)(const void *)(data + at));
        __m128i next = _mm_loadu_si128((const __m128i *)(const void *)(data + at + 1));
        __m128i digit = _mm_sub_epi8(here, _mm_set1_epi8('0'));
        __m128i stop = _mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8(9)), digit);
        stop = _mm_or_si128(stop, _mm_cmpeq_epi8(_mm_min_epu8(here, _mm_set1_epi8(blank)), here));
        stop = _mm_or_si128(stop, _mm_cmpeq_epi8(here, _mm_set1_epi8(0x7f)));
        stop = _mm_or_si128(stop, _mm_cmpeq_epi8(here, _mm_set1_epi8('@')));
        __m128i link = _mm_and_si128(_mm_cmpeq_epi8(here, _mm_set1_epi8('h')),
                                     _mm_cmpeq_epi8(next, _mm_set1_epi8('t')));
        stop = _mm_or_si128(stop, link);
        link = _mm_and_si128(_mm_cmpeq_epi8(here, _mm_set1_epi8('w')),
                             _mm_cmpeq_epi8(next, _mm_set1_epi8('w')));
        unsigned stops = (unsigned)_mm_movemask_epi8(_mm_or_si128(stop, link));
        if (stops)
            return at + (unsigned)__builtin_ctz(stops) - from;
    }
#else
    (void)data, (void)size_bytes, (void)blank;
#endif
    return at - from;
}

/* Masks in place; returns the new size. The write never passes the read, and a byte that
 * was written over is of the class of the byte that was there. */
static size_t mask(char *data, size_t size_bytes)
{
    struct lks_str text = {data, size_bytes};
    int tidy = is_tidy(data, size_bytes);
    const unsigned char *classes = tidy ? tidy_classes : byte_classes;
    size_t read = 0, write = 0;
    while (read < size_bytes) {
        size_t end, run = plain_run(data, read, size_bytes, tidy ? 0x1f : 0x20);
        if (run) {
            if (write != read)
                memmove(data + write, data + read, run);
            read += run;
            write += run;
        }
        char c = data[read]; /* a run never reaches the end */
        switch (classes[(unsigned char)c]) {
        case PLAIN: /* most bytes; the table is asked once for each */
            do {
                data[write++] = c;
                c = ++read < size_bytes ? data[read] : '\n';
            } while (classes[(unsigned char)c] == PLAIN);
            continue;
        case SPACE:
            if (write && data[write - 1] != ' ')
                data[write++] = ' ';
            read++;
            continue;
        case DIGIT:
            read = number_end(text, read);
            data[write++] = '0';
            continue;
        case AT:
            end = mention_end(text, read);
            read = end > read ? end : read + 1;
            data[write++] = '@';
            continue;
        case LINK: /* 'h' or 'w': a link begins with "ht" or "ww" */
            end = read;
            if (read + 1 < size_bytes && data[read + 1] == (c == 'h' ? 't' : 'w'))
                end = lks_scan_link(text, read);
            if (end > read) {
                memcpy(data + write, "://", 3);
                write += 3;
                read = end;
                continue;
            }
            break;
        }
        data[write++] = c;
        read++;
    }
    while (write && data[write - 1] == ' ')
        write--;
    return write;
}

static inline char lowered(char c)
{
    return (char)(c + ((unsigned)((unsigned char)c - 'A') < 26u ? 32 : 0));
}

/* Copies in lower case; returns whether all of it is ASCII. */
static int copy_lower(const char *from, size_t size_bytes, char *to)
{
    unsigned char high = 0;
    size_t at = 0;
#ifdef __SSE2__
    __m128i all = _mm_setzero_si128();
    for (; size_bytes - at >= 16; at += 16) {
        __m128i here = _mm_loadu_si128((const __m128i *)(const void *)(from + at));
        __m128i letter = _mm_sub_epi8(here, _mm_set1_epi8('A'));
        __m128i upper = _mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(25)), letter);
        all = _mm_or_si128(all, here);
        here = _mm_add_epi8(here, _mm_and_si128(upper, _mm_set1_epi8(32)));
        _mm_storeu_si128((__m128i *)(void *)(to + at), here);
    }
    high = _mm_movemask_epi8(all) ? 0x80 : 0;
#endif
    for (; at < size_bytes; at++) {
        high |= (unsigned char)from[at];
        to[at] = lowered(from[at]);
    }
    return high < 0x80;
}

/* Appends text as it is, in lower case; *ascii says whether all of it is ASCII. */
static void append_lower(struct lks_str text, struct lks_buffer *out, int *ascii)
{
    *ascii = 1;
    if (!text.size_bytes || lks_buffer_reserve(out, text.size_bytes) != 0)
        return;
    *ascii = copy_lower(text.data, text.size_bytes, out->data + out->size_bytes);
    out->size_bytes += text.size_bytes;
}

static void append_ascii(struct lks_str text, struct lks_buffer *out)
{
    int ascii;
    append_lower(text, out, &ascii);
}

/* Appends a text that is not all ASCII. Nothing in folding looks across a blank, so that
 * only the words with other bytes take the long way. */
static int append_words(struct lks_str text, struct lks_buffer *out)
{
    size_t plain = 0; /* what is done; a word begins there or ended */
    for (size_t at = 0; (at = lks_utf8_ascii_run(text, at)) < text.size_bytes;) {
        const char *before = memrchr(text.data + plain, ' ', at - plain);
        size_t first = before ? (size_t)(before - text.data) + 1 : plain;
        const char *blank = memchr(text.data + at, ' ', text.size_bytes - at);
        size_t end = blank ? (size_t)(blank - text.data) : text.size_bytes;
        append_ascii((struct lks_str){text.data + plain, first - plain}, out);
        int code = lks_text_fold_look((struct lks_str){text.data + first, end - first}, out);
        if (code != 0)
            return code;
        plain = at = end;
    }
    append_ascii((struct lks_str){text.data + plain, text.size_bytes - plain}, out);
    return 0;
}

int lks_text_normalise(struct lks_str text, struct lks_buffer *out)
{
    size_t first = out->size_bytes;
    if (!text.size_bytes)
        return out->failed ? LKS_EMEMORY : 0;
    int ascii;
    append_lower(text, out, &ascii);
    if (!ascii) {
        out->size_bytes = first;
        int code = append_words(text, out);
        if (code != 0)
            return code;
    }
    if (out->failed)
        return LKS_EMEMORY;
    if (out->size_bytes == first)
        return 0; /* nothing but invisible characters; out may have no memory yet */
    out->size_bytes = first + mask(out->data + first, out->size_bytes - first);
    return 0;
}
