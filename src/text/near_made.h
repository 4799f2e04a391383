/* near_made.h - made texts in many scripts, and what copiers do to them: for tests and benches
 *
 * The words are invented syllables that say nothing in any language. A text is a list of words,
 * so that an edit knows what it touches: a letter, a word, a link, a mention, a number. Every
 * draw is keyed, so that the same numbers give the same text on every machine. */
#ifndef LKS_TEXT_NEAR_MADE_H
#define LKS_TEXT_NEAR_MADE_H

#include <stdint.h>

#include "base/rng.h"
#include "base/str.h"
#include "base/utf8.h"

enum lks_made_script {
    LKS_MADE_LATIN,
    LKS_MADE_ROMANIAN, /* Latin with a breve, circumflex, comma below */
    LKS_MADE_CYRILLIC,
    LKS_MADE_GREEK,
    LKS_MADE_ARABIC,
    LKS_MADE_HANGUL,
    LKS_MADE_THAI, /* no blanks from here on */
    LKS_MADE_CHINESE,
    LKS_MADE_JAPANESE,
    LKS_MADE_EMOJI, /* comments of emoji only */
    LKS_MADE_SCRIPTS_COUNT
};

enum lks_made_edit {
    LKS_EDIT_NONE,
    LKS_EDIT_HOMOGLYPHS,     /* strength: share of the letters that have a look-alike */
    LKS_EDIT_ZERO_WIDTH,     /* share of the places between letters */
    LKS_EDIT_STYLED,         /* share of the words in mathematical letters; Latin only */
    LKS_EDIT_EMOJI,          /* count put in */
    LKS_EDIT_PUNCTUATION,    /* share of the places behind words */
    LKS_EDIT_CASE,           /* share of the letters turned to capitals */
    LKS_EDIT_ACCENTS,        /* 1: accents stripped */
    LKS_EDIT_DOUBLED,        /* share of the words with a letter drawn out */
    LKS_EDIT_LINK_CHANGED,   /* 1: every link leads elsewhere */
    LKS_EDIT_LINK_ADDED,     /* count */
    LKS_EDIT_LINK_MASKED,    /* 1: hxxp and a bracketed dot */
    LKS_EDIT_NUMBERS,        /* 1: every number another */
    LKS_EDIT_MENTIONS,       /* 1: every mention another */
    LKS_EDIT_MENTIONS_ADDED, /* count, in front */
    LKS_EDIT_TAGS_ADDED,     /* count, at the end */
    LKS_EDIT_SWAPPED,        /* count of neighbours swapped */
    LKS_EDIT_DROPPED,        /* count of words */
    LKS_EDIT_ADDED,          /* count of words */
    LKS_EDIT_REPLACED,       /* count of words */
    LKS_EDIT_CUT,            /* share cut off at the end, an ellipsis put there */
    LKS_EDIT_LETTERS_SPACED, /* count of words written with a blank behind each letter */
    LKS_EDIT_LEET,           /* share of the letters that have a digit alike */
    LKS_EDIT_MIXED,          /* 1: emoji, punctuation, capitals, a new link and one word at once */
    LKS_EDITS_COUNT
};

static const char *const lks_made_script_names[LKS_MADE_SCRIPTS_COUNT] = {
    "Latin",  "Romanian", "Cyrillic", "Greek",    "Arabic",
    "Hangul", "Thai",     "Chinese",  "Japanese", "emoji only"};
static const char *const lks_made_edit_names[LKS_EDITS_COUNT] = {
    "none (exact copy)", "homoglyphs",          "zero-width characters", "styled letters",
    "emoji added",       "punctuation changed", "case changed",          "accents stripped",
    "letters drawn out", "links changed",       "links added",           "links masked",
    "numbers changed",   "mentions changed",    "mentions added",        "hashtags added",
    "words swapped",     "words dropped",       "words added",           "words replaced",
    "end cut off",       "letters spaced out",  "digits for letters",    "several at once"};

enum lks_made_kind {
    LKS_MADE_WORD,
    LKS_MADE_LINK,
    LKS_MADE_MENTION,
    LKS_MADE_NUMBER,
    LKS_MADE_TAG,
    LKS_MADE_SYMBOL
};

enum { LKS_MADE_CODES_MAX = 64, LKS_MADE_WORDS_MAX = 512, LKS_MADE_VOCABULARY = 20000 };

struct lks_made_word {
    enum lks_made_kind kind;
    unsigned count;
    uint32_t code[LKS_MADE_CODES_MAX];
    uint32_t behind; /* punctuation, 0 for none */
};

struct lks_made_text {
    enum lks_made_script script;
    unsigned count;
    struct lks_made_word words[LKS_MADE_WORDS_MAX];
};

static inline void lks_made_code(struct lks_made_word *word, uint32_t code)
{
    if (word->count < LKS_MADE_CODES_MAX)
        word->code[word->count++] = code;
}

static inline void lks_made_ascii(struct lks_made_word *word, const char *text)
{
    while (*text)
        lks_made_code(word, (unsigned char)*text++);
}

/* What a script's words are made of: a word is some of these one after the other. Latin ones
 * are a consonant and a vowel, the others stand for themselves. */
static inline void lks_made_letters(struct lks_made_word *word, enum lks_made_script script,
                                    struct lks_rng *rng)
{
    static const uint32_t vowels[5][6] = {{'a', 'e', 'i', 'o', 'u', 'a'},             /* Latin */
                                          {'a', 0x103, 0xe2, 'e', 0xee, 'i'},         /* Romanian */
                                          {0x430, 0x435, 0x438, 0x43e, 0x443, 0x44f}, /* Cyrillic */
                                          {0x3b1, 0x3b5, 0x3b9, 0x3bf, 0x3c5, 0x3ac}, /* Greek */
                                          {0x627, 0x648, 0x64a, 0x627, 0x648, 0x64a}}; /* Arabic */
    static const uint32_t consonants[5][12] = {
        {'b', 'c', 'd', 'f', 'g', 'l', 'm', 'n', 'p', 'r', 's', 't'},
        {'b', 'c', 'd', 0x219, 'g', 'l', 'm', 'n', 'p', 'r', 's', 0x21b},
        {0x431, 0x432, 0x433, 0x434, 0x43a, 0x43b, 0x43c, 0x43d, 0x43f, 0x440, 0x441, 0x442},
        {0x3b2, 0x3b3, 0x3b4, 0x3ba, 0x3bb, 0x3bc, 0x3bd, 0x3c0, 0x3c1, 0x3c3, 0x3c4, 0x3c7},
        {0x628, 0x62a, 0x62c, 0x62f, 0x631, 0x633, 0x639, 0x641, 0x643, 0x644, 0x645, 0x646}};
    if (script <= LKS_MADE_ARABIC) {
        lks_made_code(word, consonants[script][lks_rng_below(rng, 12)]);
        lks_made_code(word, vowels[script][lks_rng_below(rng, 6)]);
    } else if (script == LKS_MADE_HANGUL) {
        lks_made_code(word, 0xac00 + (uint32_t)lks_rng_below(rng, 11172));
    } else if (script == LKS_MADE_THAI) { /* a consonant and a vowel sign or vowel letter */
        static const uint32_t signs[6] = {0xe30, 0xe32, 0xe34, 0xe35, 0xe38, 0xe31};
        lks_made_code(word, 0xe01 + (uint32_t)lks_rng_below(rng, 46));
        lks_made_code(word, signs[lks_rng_below(rng, 6)]);
    } else if (script == LKS_MADE_CHINESE) {
        lks_made_code(word, 0x4e00 + (uint32_t)lks_rng_below(rng, 3000));
    } else if (script == LKS_MADE_JAPANESE) { /* every word of one kind: kanji or kana */
        if (word->count ? word->code[0] >= 0x4e00 : lks_rng_below(rng, 3) == 0)
            lks_made_code(word, 0x4e00 + (uint32_t)lks_rng_below(rng, 2000));
        else
            lks_made_code(word, 0x3042 + 2 * (uint32_t)lks_rng_below(rng, 40));
    } else {
        lks_made_code(word, 0x1f600 + (uint32_t)lks_rng_below(rng, 60));
    }
}

/* The word of this number in the script's vocabulary: two syllables for the first ones, three
 * for the rest. */
static inline struct lks_made_word lks_made_word(enum lks_made_script script, uint32_t number)
{
    struct lks_made_word word = {LKS_MADE_WORD, 0, {0}, 0};
    struct lks_rng rng;
    unsigned syllables = number < 300 ? 2 : 3;
    lks_rng_init(&rng, 0x6e656172 + script, number);
    if (script == LKS_MADE_CHINESE || script == LKS_MADE_EMOJI)
        syllables = script == LKS_MADE_CHINESE ? 2 : 1;
    else if (script == LKS_MADE_LATIN || script == LKS_MADE_ROMANIAN || script == LKS_MADE_THAI)
        syllables += (unsigned)lks_rng_below(&rng, 2);
    for (unsigned i = 0; i < syllables; i++)
        lks_made_letters(&word, script, &rng);
    if (script == LKS_MADE_EMOJI)
        word.kind = LKS_MADE_SYMBOL;
    return word;
}

/* A word by a power law: the first of the vocabulary are drawn most. */
static inline struct lks_made_word lks_made_draw(enum lks_made_script script, struct lks_rng *rng)
{
    double unit = lks_rng_unit(rng);
    return lks_made_word(script, (uint32_t)(unit * unit * unit * LKS_MADE_VOCABULARY));
}

static inline struct lks_made_word lks_made_entity(enum lks_made_kind kind, struct lks_rng *rng)
{
    struct lks_made_word word = {kind, 0, {0}, 0};
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    const char *front[] = {
        [LKS_MADE_LINK] = "https://example.org/", [LKS_MADE_MENTION] = "@u", [LKS_MADE_TAG] = "#t"};
    if (kind == LKS_MADE_NUMBER) {
        lks_made_code(&word, '1' + (uint32_t)lks_rng_below(rng, 9));
        for (unsigned i = 0; i < 3; i++)
            lks_made_code(&word, '0' + (uint32_t)lks_rng_below(rng, 10));
    } else if (kind == LKS_MADE_SYMBOL) {
        lks_made_code(&word, 0x1f600 + (uint32_t)lks_rng_below(rng, 60));
    } else {
        lks_made_ascii(&word, front[kind]);
        for (unsigned i = 0; i < 8; i++)
            lks_made_code(
                &word, (unsigned char)letters[lks_rng_below(rng, kind == LKS_MADE_TAG ? 26 : 36)]);
    }
    return word;
}

static inline void lks_made_insert(struct lks_made_text *text, unsigned at,
                                   struct lks_made_word word)
{
    if (text->count == LKS_MADE_WORDS_MAX)
        return;
    memmove(text->words + at + 1, text->words + at, (text->count - at) * sizeof(word));
    text->words[at] = word;
    text->count++;
}

static inline void lks_made_remove(struct lks_made_text *text, unsigned at)
{
    text->count--;
    memmove(text->words + at, text->words + at + 1, (text->count - at) * sizeof(text->words[0]));
}

/* The text of a key: words_count words with commas here and there and a full stop; with
 * entities also a link, a mention and a number. */
static inline void lks_made_text(struct lks_made_text *text, enum lks_made_script script,
                                 uint64_t key, unsigned words_count, int entities)
{
    struct lks_rng rng;
    int unspaced = script >= LKS_MADE_THAI;
    lks_rng_init(&rng, 0x74657874 + script, key);
    text->script = script;
    text->count = 0;
    for (unsigned i = 0; i < words_count; i++) {
        struct lks_made_word word = lks_made_draw(script, &rng);
        if (script != LKS_MADE_EMOJI && lks_rng_below(&rng, 9) == 0)
            word.behind = unspaced ? 0x3001 : ',';
        if (i + 1 == words_count && script != LKS_MADE_EMOJI)
            word.behind = unspaced ? 0x3002 : '.';
        lks_made_insert(text, i, word);
    }
    if (entities) {
        lks_made_insert(text, (unsigned)lks_rng_below(&rng, text->count),
                        lks_made_entity(LKS_MADE_NUMBER, &rng));
        lks_made_insert(text, 0, lks_made_entity(LKS_MADE_MENTION, &rng));
        lks_made_insert(text, text->count, lks_made_entity(LKS_MADE_LINK, &rng));
    }
}

/* Appends the text in UTF-8. */
static inline void lks_made_write(const struct lks_made_text *text, struct lks_buffer *out)
{
    char bytes[4];
    for (unsigned i = 0; i < text->count; i++) {
        const struct lks_made_word *word = &text->words[i];
        int alone = text->script < LKS_MADE_THAI ||
                    (word->kind != LKS_MADE_WORD && word->kind != LKS_MADE_SYMBOL) ||
                    (i && text->words[i - 1].kind != LKS_MADE_WORD &&
                     text->words[i - 1].kind != LKS_MADE_SYMBOL);
        if (i && alone)
            lks_buffer_byte(out, ' ');
        for (unsigned k = 0; k < word->count; k++)
            lks_buffer_append(out, bytes, lks_utf8_put(word->code[k], bytes));
        if (word->behind)
            lks_buffer_append(out, bytes, lks_utf8_put(word->behind, bytes));
    }
}

#endif
