/* skeleton.c - a normalised text without what a copier changes and a reader overlooks
 *
 * What makes two words one here would be wrong for an object that must be equal (objects.md
 * keeps accents, since they make another word); for a share of words in common it costs nothing:
 * both texts go the same way, and a few words that fall together do not make texts alike.
 *
 * Three passes over the text, each only where a first look says that there is work:
 *
 *   defang    "hxxp://a[.]b", "a (dot) b"  ->  "://"
 *   spaced    "w o r d", "w.o.r.d"         ->  "word"
 *   letters   a table of 8,192 characters (accents off, look-alikes to Latin), runs of a letter
 *             to one, what stands between two characters of a script without blanks dropped
 *
 * The first look is one pass over bytes without branches, 64 as bits of a word. In a text that is
 * not all ASCII letters go one by one, but for runs of ASCII in which nothing is drawn out. */
#include "text/skeleton.h"

#include <pthread.h>
#include <stdint.h>

#include <utf8proc.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/error.h"
#include "base/utf8.h"
#include "text/confusables.h"
#include "text/unicode.h"

enum {
    TABLE_CODES = 0x2000,
    LOOK_AHEAD = 5,
    READ_AHEAD = 72,
    SPACED_LEAST = 3,
    DRAWN_LEAST = 3,
    PLAIN_LEAST = 6,
    PLAIN_MOST = 64
};

/* ---- letters ---- */

static uint16_t table[TABLE_CODES]; /* 0: the character goes */
static pthread_once_t table_once = PTHREAD_ONCE_INIT;

/* Letters that Unicode does not take apart, and letters that one language writes for another's. */
static const uint16_t variants[][2] = {
    {0x00f8, 'o'},    {0x0111, 'd'},    {0x0127, 'h'},    {0x0131, 'i'},    {0x0142, 'l'},
    {0x0167, 't'},    {0x0261, 'g'},    {0x0491, 0x0433}, {0x0622, 0x0627}, {0x0623, 0x0627},
    {0x0625, 0x0627}, {0x0671, 0x0627}, {0x0649, 0x064a}, {0x06cc, 0x064a}, {0x06d2, 0x064a},
    {0x0626, 0x064a}, {0x06a9, 0x0643}, {0x06c1, 0x0647}, {0x06be, 0x0647}, {0x06d5, 0x0647},
    {0x0629, 0x0647},
};

static int is_overlooked(uint32_t code)
{
    return (code >= 0x0300 && code <= 0x036f) || /* accents */
           (code >= 0x0591 && code <= 0x05c7 && code != 0x05be && code != 0x05c0 &&
            code != 0x05c3 && code != 0x05c6) || /* Hebrew points */
           (code >= 0x0610 && code <= 0x061a) ||
           (code >= 0x064b && code <= 0x065f) || code == 0x0670 ||
           (code >= 0x06d6 && code <= 0x06dc); /* Arabic marks */
}

/* The letter under a letter's accents; itself where it has other parts. */
static uint32_t bare(uint32_t code)
{
    utf8proc_int32_t parts[8];
    utf8proc_ssize_t count =
        utf8proc_decompose_char((utf8proc_int32_t)code, parts, 8, UTF8PROC_DECOMPOSE, NULL);
    if (count < 1 || count > 8)
        return code;
    for (utf8proc_ssize_t i = 1; i < count; i++)
        if (!is_overlooked((uint32_t)parts[i]))
            return code;
    return (uint32_t)parts[0];
}

static void table_fill(void)
{
    for (uint32_t code = 0; code < TABLE_CODES; code++) {
        char sizes[4];
        uint32_t base = is_overlooked(code) ? 0 : code < 0x80 ? code : bare(code);
        for (size_t i = 0; i < sizeof variants / sizeof *variants; i++)
            if (variants[i][0] == base || variants[i][0] == code)
                base = variants[i][1];
        char alike = base >= 0x80 ? lks_confusable_letter(base, 0) : 0;
        base = alike ? (unsigned char)alike : base;
        /* Nothing may take more bytes than it had: the rewriting is in place. */
        int fits = base < TABLE_CODES && lks_utf8_put(base, sizes) <= lks_utf8_put(code, sizes);
        table[code] = (uint16_t)(fits ? base : code);
    }
}

static int is_word(uint32_t code)
{
    return code != LKS_UTF8_BAD && lks_unicode_is_word(code);
}

/* A character of a script without blanks; none of them is below Thai. */
static int is_dense(uint32_t code)
{
    if (code < 0x0e00 || (code >= 0x2000 && code < 0x2e80))
        return 0;
    enum lks_script_class script = lks_unicode_script_class(code);
    return (script == LKS_SCRIPT_IDEOGRAPH || script == LKS_SCRIPT_KANA ||
            script == LKS_SCRIPT_SOUTH_ASIAN) &&
           is_word(code);
}

/* How many bytes of ASCII from `at` on stay as they are and leave nothing to remember but the last
 * two: none of them is 0, and no three that follow each other are one. Looks at a few only. */
static size_t plain_run(struct lks_str text, size_t at)
{
    const char *data = text.data + at;
    size_t left = text.size_bytes - at;
    size_t size =
        lks_utf8_ascii_run((struct lks_str){data, left < PLAIN_MOST ? left : PLAIN_MOST}, 0);
    unsigned char stop = 0;
    if (size < PLAIN_LEAST)
        return 0;
    for (size_t i = 0; i + 2 < size; i++)
        stop |= (unsigned char)((data[i] == 0) |
                                ((data[i] == data[i + 1]) & (data[i + 1] == data[i + 2])));
    if (!stop && data[size - 1] && data[size - 2])
        return size;
    for (size = 0; data[size] && data[size + 1] && data[size + 2] &&
                   !(data[size] == data[size + 1] && data[size + 1] == data[size + 2]);)
        size++;
    return size < PLAIN_LEAST ? 0 : size;
}

static size_t letters(char *data, size_t size_bytes)
{
    const size_t none = SIZE_MAX;
    struct lks_str text = {data, size_bytes};
    size_t write = 0, once_end = 0, dense_end = none;
    uint32_t last = 0;
    unsigned run = 0;
    for (size_t at = 0, size; at < size_bytes; at += size) {
        uint32_t code = (unsigned char)data[at];
        if (code < 0x80 && code != last && dense_end == none && (size = plain_run(text, at)) > 0) {
            memmove(data + write, data + at, size);
            write += size;
            last = (unsigned char)data[write - 1];
            run = last == (unsigned char)data[write - 2] ? 2 : 1;
            once_end = write + 1 - run;
            continue;
        }
        size = 1;
        if (code >= 0x80)
            size = lks_utf8_next(text, at, &code);
        if (code < TABLE_CODES && code >= 0x80)
            code = table[code];
        if (code == 0)
            continue;
        run = code == last ? run + 1 : 1;
        last = code;
        if (run >= DRAWN_LEAST && code != '0' && code != '_' && is_word(code)) {
            write = once_end;
            dense_end = dense_end == none ? none : write;
            continue;
        }
        if (code < 0x80) { /* most bytes; none of them is dense */
            if (dense_end != none && is_word(code))
                dense_end = none;
            data[write++] = (char)code;
            if (run == 1)
                once_end = write;
            continue;
        }
        int dense = is_dense(code);
        if (dense) {
            if (dense_end != none)
                write = dense_end; /* nothing but signs since the last one */
        } else if (dense_end != none && is_word(code)) {
            dense_end = none;
        }
        if (code == LKS_UTF8_BAD)
            data[write++] = data[at];
        else
            write += lks_utf8_put(code, data + write);
        if (run == 1)
            once_end = write;
        if (dense)
            dense_end = write;
    }
    return write;
}

/* ---- letters apart ---- */

static int is_ascii_word(char c)
{
    return (unsigned)((c | 0x20) - 'a') < 26u || (unsigned)(c - '0') < 10u || c == '_' || c == '\'';
}

static const unsigned char separators[256] = {
    [' '] = 1, ['.'] = 1, ['-'] = 1, ['*'] = 1, ['|'] = 1, ['/'] = 1,
};

static int is_separator(char c)
{
    return separators[(unsigned char)c];
}

/* The end of the one-letter word at `at`, or `at` where there is none. */
static size_t single_end(struct lks_str text, size_t at)
{
    uint32_t code, next;
    if (at >= text.size_bytes)
        return at;
    size_t end = at + lks_utf8_next(text, at, &code);
    if (code == LKS_UTF8_BAD || !lks_unicode_is_letter(code) || is_dense(code))
        return at;
    if (end < text.size_bytes) {
        lks_utf8_next(text, end, &next);
        if (is_word(next) || next == '\'')
            return at;
    }
    return end;
}

/* Where the character that ends before `at` begins; what is no UTF-8 is of one byte. */
static size_t before(struct lks_str text, size_t at, uint32_t *code)
{
    for (size_t size = 1; size <= 4 && size <= at; size++)
        if (((unsigned char)text.data[at - size] & 0xc0) != 0x80) {
            if (lks_utf8_next(text, at - size, code) == size)
                return at - size;
            break;
        }
    *code = LKS_UTF8_BAD;
    return at - 1;
}

/* Whether a one-letter word ends before `at`, which is a separator. */
static int single_before(struct lks_str text, size_t at)
{
    uint32_t code, earlier = ' ';
    if (!at)
        return 0;
    size_t start = before(text, at, &code);
    if (start)
        before(text, start, &earlier);
    return !is_word(earlier) && earlier != '\'' && single_end(text, start) == at;
}

/* Whether three letters stand apart. The middle one has a separator on either side, which is quickly
 * seen. */
static int is_spaced(struct lks_str text)
{
    for (size_t at = 0; at + 3 < text.size_bytes; at++) {
        if (!is_separator(text.data[at]))
            continue;
        unsigned char lead = (unsigned char)text.data[at + 1];
        size_t next = at + 2 + (lead >= 0xc0) + (lead >= 0xe0) + (lead >= 0xf0);
        if (next >= text.size_bytes || !is_separator(text.data[next]))
            continue;
        if (single_end(text, at + 1) == next && single_end(text, next + 1) > next + 1 &&
            single_before(text, at))
            return 1;
    }
    return 0;
}

static size_t spaced(char *data, size_t size_bytes)
{
    struct lks_str text = {data, size_bytes};
    size_t write = 0, at = 0;
    int in_word = 0;
    while (at < size_bytes) {
        uint32_t code;
        size_t end = at, count = 0, next = at;
        while (!in_word && (next = single_end(text, end + (count > 0))) > end + (count > 0)) {
            count++;
            end = next;
            if (end >= size_bytes || !is_separator(data[end]))
                break;
        }
        if (count >= SPACED_LEAST) {
            for (size_t letter = at; letter < end; letter++)
                if (!is_separator(data[letter]))
                    data[write++] = data[letter];
            at = end;
            continue;
        }
        size_t size = lks_utf8_next(text, at, &code);
        in_word = is_word(code) || code == '\'';
        memmove(data + write, data + at, size);
        write += size;
        at += size;
        /* What is in a word already begins no letter apart. */
        while (in_word && at < size_bytes && is_ascii_word(data[at]))
            data[write++] = data[at++];
    }
    return write;
}

/* ---- links written so that they are none ---- */

static int chunk_holds(struct lks_str chunk, const char *what)
{
    return memmem(chunk.data, chunk.size_bytes, what, strlen(what)) != NULL;
}

static int is_dot_word(struct lks_str chunk)
{
    return lks_str_equal_text(chunk, "[dot]") || lks_str_equal_text(chunk, "(dot)") ||
           lks_str_equal_text(chunk, "[.]") || lks_str_equal_text(chunk, "(.)");
}

static int is_broken_link(struct lks_str chunk)
{
    return (chunk.size_bytes > 4 && memcmp(chunk.data, "hxxp", 4) == 0) ||
           chunk_holds(chunk, "[.]") || chunk_holds(chunk, "(.)") || chunk_holds(chunk, "[dot]") ||
           chunk_holds(chunk, "(dot)");
}

static size_t defang(char *data, size_t size_bytes)
{
    size_t write = 0, before = 0; /* where the last chunk was written */
    int takes_next = 0;           /* the chunk before was a dot on its own */
    for (size_t at = 0; at < size_bytes;) {
        const char *blank = (const char *)memchr(data + at, ' ', size_bytes - at);
        size_t end = blank ? (size_t)(blank - data) : size_bytes;
        struct lks_str chunk = {data + at, end - at};
        int dot = is_dot_word(chunk);
        if (takes_next && chunk.size_bytes && !dot) {
            write = before + 3; /* the part behind the dot belongs to the mask that is there */
        } else {
            if (dot)
                write = before; /* so does the part before it */
            before = write;
            if (dot || (chunk.size_bytes >= 3 && is_broken_link(chunk))) {
                memcpy(data + write, "://", 3);
                write += 3;
            } else {
                memmove(data + write, chunk.data, chunk.size_bytes);
                write += chunk.size_bytes;
            }
        }
        takes_next = dot;
        at = end;
        if (at < size_bytes)
            data[write++] = data[at++];
    }
    return write;
}

/* ---- */

enum { WIDE = 1, DRAWN = 2, SPACED = 4, BROKEN = 8 };

/* What there may be to do: never too little. data has READ_AHEAD bytes behind its end, all 0. */
#ifdef __SSE2__
/* Of 64 bytes a bit each: letters, bytes that are as the next one, signs, and so on. */
struct marks {
    uint64_t letter, same, sign, bracket, dot, x, p, wide;
};

static inline uint64_t bits_of(__m128i bytes, unsigned part)
{
    return (uint64_t)(unsigned)_mm_movemask_epi8(bytes) << part;
}

static inline struct marks marks_read(const char *data)
{
    struct marks marks = {0};
    for (unsigned part = 0; part < 64; part += 16) {
        __m128i here = _mm_loadu_si128((const __m128i *)(const void *)(data + part));
        __m128i next = _mm_loadu_si128((const __m128i *)(const void *)(data + part + 1));
        __m128i lower = _mm_or_si128(here, _mm_set1_epi8(0x20));
        __m128i letter = _mm_sub_epi8(lower, _mm_set1_epi8('a'));
        __m128i sign = _mm_cmpeq_epi8(_mm_min_epu8(here, _mm_set1_epi8('0' - 1)), here);
        marks.letter |=
            bits_of(_mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(25)), letter), part);
        marks.same |= bits_of(_mm_cmpeq_epi8(here, next), part);
        marks.sign |= bits_of(_mm_or_si128(sign, _mm_cmpeq_epi8(here, _mm_set1_epi8('|'))), part);
        marks.bracket |= bits_of(_mm_or_si128(_mm_cmpeq_epi8(here, _mm_set1_epi8('[')),
                                              _mm_cmpeq_epi8(here, _mm_set1_epi8('('))),
                                 part);
        marks.dot |= bits_of(_mm_or_si128(_mm_cmpeq_epi8(here, _mm_set1_epi8('.')),
                                          _mm_cmpeq_epi8(here, _mm_set1_epi8('d'))),
                             part);
        marks.x |= bits_of(_mm_cmpeq_epi8(here, _mm_set1_epi8('x')), part);
        marks.p |= bits_of(_mm_cmpeq_epi8(here, _mm_set1_epi8('p')), part);
        marks.wide |= bits_of(here, part);
    }
    return marks;
}

static unsigned look(const char *text, size_t size_bytes)
{
    /* Each block of 64 begins LOOK_AHEAD before the end of the last, so that what is looked for lies in one. */
    const size_t step = 64 - LOOK_AHEAD;
    uint64_t wide = 0, drawn = 0, apart = 0, broken = 0;
    for (size_t at = 0; at < size_bytes; at += step) {
        struct marks m = marks_read(text + at);
        uint64_t own = size_bytes - at < 64 ? (UINT64_C(1) << (size_bytes - at)) - 1 : UINT64_MAX;
        wide |= m.wide & own;
        drawn |= m.letter & m.same & m.same >> 1 & own;
        apart |= ~m.letter & m.letter >> 1 & m.sign >> 2 & m.letter >> 3 & m.sign >> 4 &
                 m.letter >> 5 & own;
        broken |= ((m.bracket & m.dot >> 1) | (m.x & m.x >> 1 & m.p >> 2)) & own;
    }
    apart |= is_separator(text[1]) & is_separator(text[3]);
    return (wide ? WIDE : 0u) | (drawn ? DRAWN : 0u) | (apart ? SPACED : 0u) |
           (broken ? BROKEN : 0u);
}
#else
static unsigned look(const char *text, size_t size_bytes)
{
    const unsigned char *data = (const unsigned char *)text;
    unsigned char wide = 0, drawn = 0, apart = 0, broken = 0;
    for (size_t i = 0; i < size_bytes; i++) {
        unsigned char a = data[i], b = data[i + 1], c = data[i + 2], d = data[i + 3],
                      e = data[i + 4], f = data[i + 5];
        unsigned char a_letter = (unsigned char)((a | 32) - 'a') < 26;
        unsigned char b_letter = (unsigned char)((b | 32) - 'a') < 26;
        unsigned char d_letter = (unsigned char)((d | 32) - 'a') < 26;
        unsigned char f_letter = (unsigned char)((f | 32) - 'a') < 26;
        unsigned char c_sign = (c < '0') | (c == '|'), e_sign = (e < '0') | (e == '|');
        wide |= a;
        drawn |= (a == b) & (b == c) & a_letter;
        apart |= (a_letter ^ 1) & b_letter & c_sign & d_letter & e_sign & f_letter;
        broken |= (((a == '[') | (a == '(')) & ((b == '.') | (b == 'd'))) |
                  ((a == 'x') & (b == 'x') & (c == 'p'));
    }
    apart |= is_separator(text[1]) & is_separator(text[3]);
    return (wide >= 0x80 ? WIDE : 0u) | (drawn ? DRAWN : 0u) | (apart ? SPACED : 0u) |
           (broken ? BROKEN : 0u);
}
#endif

int lks_text_skeleton(struct lks_buffer *text)
{
    if (text->failed)
        return LKS_EMEMORY;
    if (!text->size_bytes)
        return 0;
    if (lks_buffer_reserve(text, READ_AHEAD) != 0)
        return LKS_EMEMORY;
    memset(text->data + text->size_bytes, 0, READ_AHEAD);
    unsigned work = look(text->data, text->size_bytes);
    if (!work)
        return 0;
    if (work & BROKEN)
        text->size_bytes = defang(text->data, text->size_bytes);
    int apart =
        (work & (SPACED | WIDE)) && is_spaced((struct lks_str){text->data, text->size_bytes});
    if (apart)
        text->size_bytes = spaced(text->data, text->size_bytes);
    if (apart || work & (DRAWN | WIDE)) {
        pthread_once(&table_once, table_fill);
        text->size_bytes = letters(text->data, text->size_bytes);
    }
    return 0;
}
