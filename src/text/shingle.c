/* shingle.c - a text as a set of hashed shingles
 *
 * The text is normalised first (normalise.c), so that look-alikes, invisible characters, case
 * and the targets of links are gone; then it is brought to its skeleton (skeleton.c), without
 * accents, drawn-out letters and the like. Then it is read once, a class at a time:
 *
 *   words      of scripts with blanks; every word is a shingle, and every two words that
 *              follow each other, whatever stands between them but words
 *   dense runs of scripts without blanks; every character begins a shingle of as many
 *              characters as a word has, more or less: two from an ideograph, three from a kana, four
 *              from a letter of Thai, Lao, Khmer or Myanmar; a shorter run is one shingle
 *   the rest   punctuation, emoji and the masks of links and mentions: nothing; a text without any
 *              word or run is cut into its emoji, runs of one emoji counting once, and pairs of
 *              neighbours
 *
 * Hashes are XXH3 of the bytes; a word of ASCII of fewer than 16 bytes, as nearly all are, is found and
 * hashed out of one load, without a branch on its length. A pair's hash mixes those of its words, in
 * order. Up to 128 shingles are told apart by a bit for each: where the bit is free the shingle
 * is new, else it is compared with those before. More are kept apart in a table of at least twice their
 * number, sized for each text, so that a long text does not make the table cold for the short ones
 * after it. */
#include "text/shingle.h"

#include <stdlib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/utf8.h"
#include "text/extract.h"
#include "text/skeleton.h"
#include "text/unicode.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { CHARS_PER_SHINGLE = 5, WORD_LOAD_BYTES = 16, DISTINCT_BY_BYTES = 255 };

#define ODD_A UINT64_C(0x9e3779b97f4a7c15)
#define ODD_B UINT64_C(0xd1342543de82ef95)

static uint64_t hash_bytes(const char *data, size_t size_bytes, uint64_t seed)
{
    return XXH3_64bits_withSeed(data, size_bytes, seed);
}

static uint64_t hash_pair(uint64_t first, uint64_t second)
{
    uint64_t mixed = first * ODD_A + (second << 31 | second >> 33);
    mixed = (mixed ^ mixed >> 32) * ODD_B;
    mixed = (mixed ^ mixed >> 29) * ODD_A;
    return mixed ^ mixed >> 32;
}

/* Makes room for so many hashes more. */
static int hashes_reserve(struct lks_shingler *shingler, size_t more)
{
    size_t capacity = shingler->capacity ? shingler->capacity : 256;
    if (more <= shingler->capacity - shingler->count)
        return 0;
    while (capacity - shingler->count < more)
        capacity *= 2;
    uint64_t *hashes = realloc(shingler->hashes, capacity * sizeof *hashes);
    if (!hashes) {
        shingler->failed = 1;
        return LKS_EMEMORY;
    }
    shingler->hashes = hashes;
    shingler->capacity = capacity;
    return 0;
}

static inline uint64_t hash_stored(uint64_t hash)
{
    return hash ? hash : 1; /* 0 marks a free slot */
}

static void hash_put(struct lks_shingler *shingler, uint64_t hash)
{
    if (shingler->count < shingler->capacity || hashes_reserve(shingler, 1) == 0)
        shingler->hashes[shingler->count++] = hash_stored(hash);
}

/* Keeps the first of equal hashes, of few: a table of bytes says which one is at a place. */
static void few_distinct(struct lks_shingler *shingler)
{
    enum { PLACES_LOG = 10, PLACES = 1 << PLACES_LOG };
    unsigned char there[PLACES] = {0};
    uint64_t *hashes = shingler->hashes;
    size_t kept = 0;
    for (size_t i = 0; i < shingler->count; i++) {
        uint64_t hash = hashes[i];
        size_t place = hash >> (64 - PLACES_LOG);
        while (there[place] && hashes[there[place] - 1] != hash)
            place = (place + 1) % PLACES;
        if (there[place])
            continue;
        hashes[kept++] = hash;
        there[place] = (unsigned char)kept;
    }
    shingler->count = kept;
}

/* Keeps the first of equal hashes. */
static int hashes_distinct(struct lks_shingler *shingler)
{
    size_t wanted = 16, kept = 0;
    if (shingler->count <= DISTINCT_BY_BYTES) {
        few_distinct(shingler);
        return 0;
    }
    while (wanted < shingler->count * 2)
        wanted *= 2;
    if (wanted > shingler->slots_capacity) {
        free(shingler->slots);
        shingler->slots_capacity = 0;
        shingler->slots = malloc(wanted * sizeof *shingler->slots);
        if (!shingler->slots)
            return LKS_EMEMORY;
        shingler->slots_capacity = wanted;
    }
    uint64_t *slots = shingler->slots;
    memset(slots, 0, wanted * sizeof *slots);
    for (size_t i = 0; i < shingler->count; i++) {
        uint64_t hash = shingler->hashes[i];
        size_t place = hash & (wanted - 1);
        while (slots[place] && slots[place] != hash)
            place = (place + 1) & (wanted - 1);
        if (slots[place])
            continue;
        slots[place] = hash;
        shingler->hashes[kept++] = hash;
    }
    shingler->count = kept;
    return 0;
}

/* ---- reading ---- */

/* What a byte of a normalised text begins. */
enum { OTHER, WORD, WIDE };

static const unsigned char byte_classes[256] = {
    ['0' ... '9'] = WORD, ['a' ... 'z'] = WORD,   ['A' ... 'Z'] = WORD,
    ['_'] = WORD,         [0x80 ... 0xff] = WIDE,
};

/* Characters of a shingle that begins with a letter of the class; 0 where words stand apart. */
static unsigned dense_length(uint32_t code)
{
    switch (lks_unicode_script_class(code)) {
    case LKS_SCRIPT_IDEOGRAPH:
        return 2;
    case LKS_SCRIPT_KANA:
        return 3;
    case LKS_SCRIPT_SOUTH_ASIAN:
        return 4;
    default:
        return 0;
    }
}

/* Reads a character that is part of a word; its size, or 0. */
static size_t word_next(struct lks_str text, size_t at, unsigned *dense_out)
{
    uint32_t code;
    unsigned char byte = (unsigned char)text.data[at];
    *dense_out = 0;
    if (byte_classes[byte] == WORD)
        return 1;
    if (byte < 0x80)
        return 0;
    size_t size = lks_utf8_next(text, at, &code);
    if (!lks_unicode_is_word(code))
        return 0;
    *dense_out = dense_length(code);
    return size;
}

/* The end of the word of a spaced script at `at`. An apostrophe between two of its letters
 * belongs to it; *joined counts them. */
static size_t word_end(struct lks_str text, size_t at, unsigned *joined)
{
    *joined = 0;
    while (at < text.size_bytes) {
        unsigned dense;
        size_t size = 1;
        if (byte_classes[(unsigned char)text.data[at]] != WORD) {
            size = word_next(text, at, &dense);
            if (size && dense)
                break;
            if (!size) {
                if (text.data[at] != '\'' || at + 1 >= text.size_bytes ||
                    !word_next(text, at + 1, &dense) || dense)
                    break;
                *joined += 1;
                size = 1;
            }
        }
        at += size;
    }
    return at;
}

/* The hash of a short word from its bytes, zeros behind. Multiplied both ways round, so that every bit
 * of the word moves every bit of the hash; no word holds the byte 0xff that both constants do, so that no
 * factor is 0 but by the seed. */
static inline uint64_t hash_short(uint64_t low, uint64_t high, uint64_t seed)
{
    uint64_t a = low ^ UINT64_C(0xff51afd7ed558ccd) ^ (seed * ODD_A);
    uint64_t b = high ^ UINT64_C(0xc4ceb9fe1a85ecff);
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)a * b;
    uint64_t mixed = (uint64_t)product ^ (uint64_t)(product >> 64);
    product = (wide)(mixed ^ low) * (ODD_B ^ high);
    mixed = (uint64_t)product ^ (uint64_t)(product >> 64);
    mixed *= ODD_A;
    return mixed ^ mixed >> 29;
}

/* The size of the word of fewer than 16 ASCII letters and digits at `at` that ends for certain, with its
 * bytes; 0 for all else. Sixteen bytes can be read there. */
#ifdef __SSE2__
static inline unsigned short_word(const char *at, uint64_t *low, uint64_t *high)
{
    __m128i here = _mm_loadu_si128((const __m128i *)(const void *)at);
    __m128i letter = _mm_sub_epi8(_mm_or_si128(here, _mm_set1_epi8(0x20)), _mm_set1_epi8('a'));
    __m128i digit = _mm_sub_epi8(here, _mm_set1_epi8('0'));
    __m128i word = _mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(25)), letter);
    word = _mm_or_si128(word, _mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8(9)), digit));
    word = _mm_or_si128(word, _mm_cmpeq_epi8(here, _mm_set1_epi8('_')));
    unsigned others = ~(unsigned)_mm_movemask_epi8(word) & 0xffff;
    if (!others || others & 1)
        return 0;
    unsigned size = (unsigned)__builtin_ctz(others);
    if ((unsigned char)at[size] >= 0x80 || at[size] == '\'')
        return 0;
    *low = (uint64_t)_mm_cvtsi128_si64(here);
    *high = (uint64_t)_mm_cvtsi128_si64(_mm_srli_si128(here, 8));
    unsigned bits = size * 8;
    *low &= bits < 64 ? (UINT64_C(1) << bits) - 1 : UINT64_MAX;
    *high &= bits <= 64 ? 0 : (UINT64_C(1) << (bits - 64)) - 1;
    return size;
}
#else
static inline unsigned short_word(const char *at, uint64_t *low, uint64_t *high)
{
    unsigned size = 0;
    *low = *high = 0;
    while (size < WORD_LOAD_BYTES && byte_classes[(unsigned char)at[size]] == WORD)
        size++;
    if (size == WORD_LOAD_BYTES || (unsigned char)at[size] >= 0x80 || at[size] == '\'')
        return 0;
    for (unsigned i = 0; i < size; i++)
        *(i < 8 ? low : high) |= (uint64_t)(unsigned char)at[i] << (8 * (i % 8));
    return size;
}
#endif

/* The hash of a word that was not read by short_word: the same where it could have been. */
static uint64_t hash_word(const char *data, size_t size_bytes, uint64_t seed)
{
    char space[WORD_LOAD_BYTES] = {0};
    uint64_t low = 0, high = 0;
    if (size_bytes >= WORD_LOAD_BYTES)
        return hash_bytes(data, size_bytes, seed);
    memcpy(space, data, size_bytes);
    if (short_word(space, &low, &high) != size_bytes)
        return hash_bytes(data, size_bytes, seed);
    return hash_short(low, high, seed);
}

static uint64_t word_hash(struct lks_shingler *shingler, struct lks_str word, unsigned joined,
                          uint64_t seed)
{
    if (!joined)
        return hash_word(word.data, word.size_bytes, seed);
    lks_buffer_clear(&shingler->word);
    for (size_t i = 0; i < word.size_bytes; i++)
        if (word.data[i] != '\'')
            lks_buffer_byte(&shingler->word, word.data[i]);
    shingler->failed |= shingler->word.failed;
    return shingler->word.data ? hash_word(shingler->word.data, shingler->word.size_bytes, seed)
                               : 0;
}

/* Puts the shingles of the dense run at `at`; returns its end. */
static size_t dense_run(struct lks_shingler *shingler, struct lks_str text, size_t at,
                        uint64_t seed)
{
    size_t begin = at, first_size;
    unsigned wanted, dense;
    int put = 0;
    while (at < text.size_bytes && (first_size = word_next(text, at, &wanted)) && wanted) {
        size_t end = at + first_size;
        unsigned length = 1;
        for (; length < wanted && end < text.size_bytes; length++) {
            size_t size = word_next(text, end, &dense);
            if (!size || !dense)
                break;
            end += size;
        }
        if (length == wanted) {
            hash_put(shingler, hash_bytes(text.data + at, end - at, seed));
            put = 1;
        }
        at += first_size;
    }
    if (!put)
        hash_put(shingler, hash_bytes(text.data + begin, at - begin, seed));
    return at;
}

/* The text has WORD_LOAD_BYTES behind its end. */
static void cut_words(struct lks_shingler *shingler, struct lks_str text, int pairs, uint64_t seed)
{
    uint64_t before = 0;
    size_t at = 0;
    while (at < text.size_bytes && !shingler->failed) {
        unsigned dense, joined;
        uint64_t low = 0, high = 0;
        if (text.data[at] == ' ') {
            at++;
            continue;
        }
        unsigned short_size = short_word(text.data + at, &low, &high);
        if (short_size) {
            uint64_t hash = hash_short(low, high, seed);
            hash_put(shingler, hash);
            if (pairs && before)
                hash_put(shingler, hash_pair(before, hash));
            before = hash;
            at += short_size;
            continue;
        }
        size_t size = word_next(text, at, &dense);
        if (!size) {
            uint32_t code;
            at += lks_utf8_next(text, at, &code);
            continue;
        }
        if (dense) {
            at = dense_run(shingler, text, at, seed);
            continue;
        }
        size_t end = word_end(text, at, &joined);
        uint64_t hash =
            word_hash(shingler, (struct lks_str){text.data + at, end - at}, joined, seed);
        hash_put(shingler, hash);
        if (pairs && before)
            hash_put(shingler, hash_pair(before, hash));
        before = hash;
        at = end;
    }
}

/* The same for a text of ASCII whose words are known. */
static void cut_spans(struct lks_shingler *shingler, struct lks_str text, int pairs, uint64_t seed)
{
    const struct lks_word_spans *spans = &shingler->spans;
    uint64_t before = 0;
    size_t next;
    if (!spans->count || hashes_reserve(shingler, 2 * spans->count) != 0)
        return;
    uint64_t *out = shingler->hashes + shingler->count;
    for (size_t i = 0; i < spans->count; i = next) {
        size_t at = spans->start[i], last = i;
        uint64_t hash;
        next = i + 1;
        if (spans->quotes) /* an apostrophe between two letters belongs to the word */
            while (next < spans->count && spans->start[next] == spans->end[last] + 1 &&
                   text.data[spans->end[last]] == '\'')
                last = next++;
        size_t size = spans->end[last] - at;
        if (last == i && size < WORD_LOAD_BYTES) {
            uint64_t low, high;
            memcpy(&low, text.data + at, sizeof low);
            memcpy(&high, text.data + at + sizeof low, sizeof high);
            low &= size < 8 ? (UINT64_C(1) << (8 * size)) - 1 : UINT64_MAX;
            high &= size <= 8 ? 0 : (UINT64_C(1) << (8 * size - 64)) - 1;
            hash = hash_short(low, high, seed);
        } else {
            hash = word_hash(shingler, (struct lks_str){text.data + at, size}, last != i, seed);
        }
        *out++ = hash_stored(hash);
        if (pairs && before)
            *out++ = hash_stored(hash_pair(before, hash));
        before = hash;
    }
    shingler->count = (size_t)(out - shingler->hashes);
}

/* Emoji and other signs that are no punctuation. */
static int is_sign(uint32_t code)
{
    return (code >= 0x2190 && code <= 0x2bff) ||
           (code >= 0x1f000 && code <= 0x1faff && (code < 0x1f3fb || code > 0x1f3ff));
}

static void cut_signs(struct lks_shingler *shingler, struct lks_str text, uint64_t seed)
{
    uint64_t before = 0;
    size_t size;
    for (size_t at = 0; at < text.size_bytes && !shingler->failed; at += size) {
        uint32_t code;
        size = lks_utf8_next(text, at, &code);
        if (!is_sign(code))
            continue;
        uint64_t hash = hash_bytes(text.data + at, size, seed);
        if (hash == before)
            continue;
        hash_put(shingler, hash);
        if (before)
            hash_put(shingler, hash_pair(before, hash));
        before = hash;
    }
}

/* Runs of five characters over the words, one blank between two of them. */
static void cut_chars(struct lks_shingler *shingler, struct lks_str text, uint64_t seed)
{
    size_t starts[CHARS_PER_SHINGLE] = {0}, read = 0;
    int gap = 0;
    lks_buffer_clear(&shingler->word);
    struct lks_buffer *plain = &shingler->word;
    for (size_t at = 0, size; at < text.size_bytes; at += size) {
        unsigned dense;
        size = word_next(text, at, &dense);
        if (!size) {
            uint32_t code;
            size = lks_utf8_next(text, at, &code);
            gap |= text.data[at] != '\'';
            continue;
        }
        if (gap && plain->size_bytes)
            lks_buffer_byte(plain, ' ');
        gap = 0;
        lks_buffer_append(plain, text.data + at, size);
    }
    shingler->failed |= plain->failed;
    struct lks_str all = {plain->data, plain->size_bytes};
    for (size_t at = 0; at < all.size_bytes && !shingler->failed;) {
        uint32_t code;
        starts[read++ % CHARS_PER_SHINGLE] = at;
        at += lks_utf8_next(all, at, &code);
        if (read < CHARS_PER_SHINGLE)
            continue;
        size_t start = starts[read % CHARS_PER_SHINGLE];
        hash_put(shingler, hash_bytes(all.data + start, at - start, seed));
    }
    if (read && read < CHARS_PER_SHINGLE)
        hash_put(shingler, hash_bytes(all.data, all.size_bytes, seed));
}

/* Leaves the text as it is to be cut in shingler->text, readable beyond its end. */
static int text_take(struct lks_shingler *shingler, struct lks_str *text, int as_is)
{
    struct lks_buffer *own = &shingler->text;
    if (!text->size_bytes)
        return 0;
    lks_buffer_clear(own);
    if (as_is)
        lks_buffer_append(own, text->data, text->size_bytes);
    else if (lks_text_normalise(*text, own) < 0 || lks_text_skeleton(own) < 0)
        return LKS_EMEMORY;
    if (own->failed || lks_buffer_reserve(own, LKS_WORD_SPANS_PAD) != 0)
        return LKS_EMEMORY;
    memset(own->data + own->size_bytes, 0, LKS_WORD_SPANS_PAD);
    *text = (struct lks_str){own->data, own->size_bytes};
    return 0;
}

int lks_shingle(struct lks_shingler *shingler, struct lks_str text,
                const struct lks_near_options *options)
{
    int pairs = options->shingle == LKS_NEAR_AUTO;
    shingler->count = 0;
    shingler->failed = 0;
    int code = text_take(shingler, &text, options->as_is);
    if (code < 0)
        return code;
    if (options->shingle == LKS_NEAR_CHARS)
        cut_chars(shingler, text, options->seed);
    else if (text.size_bytes <= LKS_WORD_SPANS_BYTES &&
             lks_word_spans(text.data, text.size_bytes, &shingler->spans) == 0)
        cut_spans(shingler, text, pairs, options->seed);
    else
        cut_words(shingler, text, pairs, options->seed);
    if (!shingler->count)
        cut_signs(shingler, text, options->seed);
    if (shingler->failed)
        return LKS_EMEMORY;
    return hashes_distinct(shingler);
}

void lks_shingler_free(struct lks_shingler *shingler)
{
    lks_buffer_free(&shingler->text);
    lks_buffer_free(&shingler->word);
    free(shingler->hashes);
    free(shingler->slots);
    *shingler = (struct lks_shingler){.count = 0};
}
