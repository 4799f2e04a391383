/* telling.c - which texts say enough to be an object of their own
 *
 * Two accounts that write "ok", a row of hearts or "happy new year" have done nothing
 * together: such texts are written by thousands on their own, so that they would join
 * strangers and hide the pairs that matter. The rule: a text is telling when it has at
 * least four different words and those have at least 16 letters between them. A slogan or
 * a headline is above that line; the short replies of every day are below it.
 *
 * A word is a run of letters and marks. Masks (links, mentions, numbers), emoji and
 * punctuation are no words, nor are hashtags: a text of tags only says nothing beyond its
 * tags, which are objects already. Different words, since "la la la la" is one. Scripts that put no
 * blanks between words count characters: two ideographs, four kana or five letters of Thai,
 * Lao, Khmer or Myanmar make a word; an ideograph or a Hangul syllable counts as two
 * letters. */
#include <stdint.h>

#include "base/utf8.h"
#include "text/extract.h"
#include "text/unicode.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum {
    TELLING_WORDS = 4,
    TELLING_LETTERS = 16,
    WORD_PARTS = 20,    /* a word is counted in twentieths */
    WORDS_SEEN_MAX = 32 /* more than are needed: a word has at least one letter */
};

struct tally {
    uint64_t seen[WORDS_SEEN_MAX]; /* hashes of the words counted */
    unsigned seen_count;
    unsigned parts, letters;
};

struct word {
    uint64_t hash; /* FNV-1a over its code points */
    unsigned parts, letters;
};

static void word_add(struct word *word, uint32_t code)
{
    static const unsigned parts[] = {
        [LKS_SCRIPT_SPACED] = 0, [LKS_SCRIPT_HANGUL] = 0,      [LKS_SCRIPT_IDEOGRAPH] = 10,
        [LKS_SCRIPT_KANA] = 5,   [LKS_SCRIPT_SOUTH_ASIAN] = 4,
    };
    enum lks_script_class class = lks_unicode_script_class(code);
    word->hash = (word->hash ^ code) * UINT64_C(0x100000001b3);
    word->parts += parts[class];
    word->letters += class == LKS_SCRIPT_HANGUL || class == LKS_SCRIPT_IDEOGRAPH ? 2 : 1;
}

/* Counts a word that was not there before; returns whether the tally is now enough. */
static int tally_add(struct tally *tally, const struct word *word)
{
    for (unsigned i = 0; i < tally->seen_count; i++)
        if (tally->seen[i] == word->hash)
            return 0;
    if (tally->seen_count < WORDS_SEEN_MAX)
        tally->seen[tally->seen_count++] = word->hash;
    tally->parts += word->parts ? word->parts : WORD_PARTS;
    tally->letters += word->letters;
    return tally->parts >= TELLING_WORDS * WORD_PARTS && tally->letters >= TELLING_LETTERS;
}

static const unsigned char ascii_letters[256] = {
    ['a' ... 'z'] = 1, ['A' ... 'Z'] = 1, ['1' ... '9'] = 1};

#ifdef __SSE2__
/* ---- the start of most texts ----
 *
 * Of 64 bytes of ASCII one bit each says what is a letter here (1 to 9 count as such). Words are runs of
 * bits, taken one by one without looking at their letters; a word is known by its bytes. What the
 * first 64 bytes say is enough for most texts, and more words never make a text less telling. */
struct letters {
    uint64_t letters, others; /* others: '0' and '_', which are no letters and end no word */
    int high;                 /* a byte above ASCII */
};

static inline __m128i between(__m128i bytes, char first, char last)
{
    __m128i from = _mm_sub_epi8(bytes, _mm_set1_epi8(first));
    return _mm_cmpeq_epi8(_mm_min_epu8(from, _mm_set1_epi8((char)(last - first))), from);
}

static inline struct letters letters_of(const char *data)
{
    struct letters all = {0, 0, 0};
    for (int i = 3; i >= 0; i--) {
        __m128i here = _mm_loadu_si128((const __m128i *)(const void *)(data + 16 * i));
        __m128i letter = between(_mm_or_si128(here, _mm_set1_epi8(0x20)), 'a', 'z');
        letter = _mm_or_si128(letter, between(here, '1', '9'));
        __m128i other = _mm_or_si128(_mm_cmpeq_epi8(here, _mm_set1_epi8('0')),
                                     _mm_cmpeq_epi8(here, _mm_set1_epi8('_')));
        all.letters = all.letters << 16 | (uint64_t)_mm_movemask_epi8(letter);
        all.others = all.others << 16 | (uint64_t)_mm_movemask_epi8(other);
        all.high |= _mm_movemask_epi8(here);
    }
    return all;
}

/* A number that tells words apart as their bytes do; eight readable bytes lie before the word's end. */
static inline uint64_t word_key(const char *data, unsigned size)
{
    uint64_t key = 0, eight;
    for (; size > 8; data += 8, size -= 8) {
        memcpy(&eight, data, 8);
        key = (key ^ eight) * UINT64_C(0x9e3779b97f4a7c15);
        key ^= key >> 29;
    }
    memcpy(&eight, data + size - 8, 8);
    return key ^ eight >> (64 - 8 * size);
}

/* Whether the first 64 bytes are enough; 0 says nothing. */
static int begins_telling(struct lks_str text)
{
    enum { BEFORE = 8, BLOCK = 64 };
    char block[BEFORE + BLOCK] = {0};
    uint64_t seen[BLOCK / 2];
    unsigned words = 0, letters = 0;
    memcpy(block + BEFORE, text.data, text.size_bytes < BLOCK ? text.size_bytes : BLOCK);
    struct letters all = letters_of(block + BEFORE);
    if (all.high)
        return 0;
    uint64_t left = all.letters;
    while (left) {
        unsigned first = (unsigned)__builtin_ctzll(left);
        uint64_t behind = ~(all.letters >> first);
        unsigned size = behind ? (unsigned)__builtin_ctzll(behind) : BLOCK;
        if (first + size >= BLOCK)
            return 0; /* it may go on */
        left &= ~UINT64_C(0) << (first + size);
        /* A word with the mask of a number in it is left to the long way. */
        uint64_t beside = all.others >> (first + size) | (first ? all.others >> (first - 1) : 0);
        if (block[BEFORE + first - 1] == '#' || (beside & 1))
            continue;
        uint64_t key = word_key(block + BEFORE + first, size);
        unsigned i = 0;
        while (i < words && seen[i] != key)
            i++;
        if (i < words)
            continue;
        seen[words++] = key;
        letters += size;
        if (words >= TELLING_WORDS && letters >= TELLING_LETTERS)
            return 1;
    }
    return 0;
}
#else
static int begins_telling(struct lks_str text)
{
    (void)text;
    return 0;
}
#endif

int lks_text_is_telling(struct lks_str normalised)
{
    if (normalised.size_bytes && begins_telling(normalised))
        return 1;
    struct tally tally = {.seen_count = 0};
    size_t at = 0;
    while (at < normalised.size_bytes) {
        struct word word = {.hash = UINT64_C(0xcbf29ce484222325)};
        uint32_t code;
        int tag = at > 0 && normalised.data[at - 1] == '#';
        size_t size = 0;
        while (at < normalised.size_bytes) {
            unsigned char c = (unsigned char)normalised.data[at];
            if (ascii_letters[c]) { /* most of most texts */
                word.hash = (word.hash ^ c) * UINT64_C(0x100000001b3);
                word.letters++;
                at++;
                continue;
            }
            size = lks_utf8_next(normalised, at, &code);
            if (!lks_unicode_is_word(code))
                break;
            /* The mask of a number ends no word, but is no letter either. */
            if (code != '0' && code != '_')
                word_add(&word, code);
            at += size;
        }
        if (word.letters && !tag && tally_add(&tally, &word))
            return 1;
        if (at < normalised.size_bytes)
            at += size;
    }
    return 0;
}
