/* near_edits.h - what copiers do to a text, at a chosen strength: for tests and benches
 *
 * Each edit is one that is known from copied posts, made at random from a key. They measure
 * what the near-text join survives; none of them writes a text. */
#ifndef LKS_TEXT_NEAR_EDITS_H
#define LKS_TEXT_NEAR_EDITS_H

#include "text/near_made.h"

static inline int lks_edit_chance(struct lks_rng *rng, double share)
{
    return lks_rng_unit(rng) < share;
}

/* A letter that is drawn like this one in another script (or in another alphabet of the same
 * one), or the letter itself. */
static inline uint32_t lks_edit_alike(uint32_t code)
{
    static const uint32_t pairs[][2] = {
        {'a', 0x430}, {'c', 0x441}, {'e', 0x435},   {'i', 0x456},   {'o', 0x43e},
        {'p', 0x440}, {'s', 0x455}, {'u', 0x3c5},   {'n', 0x578},   {'g', 0x261},
        {0x430, 'a'}, {0x435, 'e'}, {0x43e, 'o'},   {0x443, 'y'},   {0x440, 'p'},
        {0x441, 'c'}, {0x3b1, 'a'}, {0x3b9, 'i'},   {0x3bf, 'o'},   {0x3c5, 'u'},
        {0x3bd, 'v'}, {0x3c1, 'p'}, {0x3ba, 0x43a}, {0x643, 0x6a9}, {0x64a, 0x6cc},
    };
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
        if (pairs[i][0] == code)
            return pairs[i][1];
    return code;
}

static inline uint32_t lks_edit_bare(uint32_t code)
{
    switch (code) {
    case 0x103:
    case 0xe2:
        return 'a';
    case 0xee:
        return 'i';
    case 0x219:
        return 's';
    case 0x21b:
        return 't';
    case 0x3ac:
        return 0x3b1;
    default:
        return code;
    }
}

static inline uint32_t lks_edit_capital(uint32_t code)
{
    if ((code >= 'a' && code <= 'z') || (code >= 0x430 && code <= 0x44f) ||
        (code >= 0x3b1 && code <= 0x3c9) || code == 0xe2 || code == 0xee)
        return code - 32;
    if (code == 0x3ac)
        return 0x386;
    if (code == 0x103 || code == 0x219 || code == 0x21b)
        return code - 1;
    return code;
}

static inline uint32_t lks_edit_digit(uint32_t code)
{
    switch (code) {
    case 'o':
        return '0';
    case 'i':
        return '1';
    case 'e':
        return '3';
    case 'a':
        return '4';
    case 's':
        return '5';
    default:
        return code;
    }
}

/* Edits of single letters. */
static inline void lks_edit_letters(struct lks_made_word *word, enum lks_made_edit edit,
                                    double strength, struct lks_rng *rng)
{
    struct lks_made_word before = *word;
    word->count = 0;
    int styled = edit == LKS_EDIT_STYLED && lks_edit_chance(rng, strength);
    int drawn = edit == LKS_EDIT_DOUBLED && lks_edit_chance(rng, strength);
    static const uint32_t invisible[] = {0x200b, 0x200c, 0x2060, 0xfeff, 0xad, 0xfe0f};
    for (unsigned i = 0; i < before.count; i++) {
        uint32_t code = before.code[i];
        if (edit == LKS_EDIT_HOMOGLYPHS && lks_edit_alike(code) != code &&
            lks_edit_chance(rng, strength))
            code = lks_edit_alike(code);
        if (edit == LKS_EDIT_ACCENTS)
            code = lks_edit_bare(code);
        if (edit == LKS_EDIT_CASE && lks_edit_chance(rng, strength))
            code = lks_edit_capital(code);
        if (edit == LKS_EDIT_LEET && lks_edit_chance(rng, strength))
            code = lks_edit_digit(code);
        if (styled && code >= 'a' && code <= 'z')
            code = 0x1d41a + (code - 'a'); /* mathematical bold */
        lks_made_code(word, code);
        if (edit == LKS_EDIT_ZERO_WIDTH && i + 1 < before.count && lks_edit_chance(rng, strength))
            lks_made_code(word, invisible[lks_rng_below(rng, 6)]);
        if (drawn && i == before.count - 1)
            for (unsigned k = 0; k < 4; k++)
                lks_made_code(word, code);
    }
}

/* The place of a word that is a word, or count where there is none. */
static inline unsigned lks_edit_place(const struct lks_made_text *text, struct lks_rng *rng)
{
    for (unsigned tries = 0; tries < 100 && text->count; tries++) {
        unsigned at = (unsigned)lks_rng_below(rng, text->count);
        if (text->words[at].kind == LKS_MADE_WORD ||
            (text->words[at].kind == LKS_MADE_SYMBOL && text->script == LKS_MADE_EMOJI))
            return at;
    }
    return text->count;
}

/* Edits of one word, count times. */
static inline void lks_edit_word(struct lks_made_text *text, enum lks_made_edit edit,
                                 struct lks_rng *rng)
{
    unsigned at = lks_edit_place(text, rng);
    if (at == text->count)
        return;
    struct lks_made_word word = text->words[at];
    switch (edit) {
    case LKS_EDIT_SWAPPED:
        if (at + 1 == text->count || text->words[at + 1].kind != word.kind)
            at = at ? at - 1 : 0;
        if (at + 1 < text->count) {
            word = text->words[at];
            text->words[at] = text->words[at + 1];
            text->words[at + 1] = word;
        }
        break;
    case LKS_EDIT_DROPPED:
        if (text->count > 1)
            lks_made_remove(text, at);
        break;
    case LKS_EDIT_ADDED:
        lks_made_insert(text, at, lks_made_draw(text->script, rng));
        break;
    case LKS_EDIT_REPLACED:
        text->words[at] = lks_made_draw(text->script, rng);
        text->words[at].behind = word.behind;
        break;
    case LKS_EDIT_LETTERS_SPACED:
        text->words[at].count = 0;
        for (unsigned i = 0; i < word.count; i++) {
            if (i)
                lks_made_code(&text->words[at], ' ');
            lks_made_code(&text->words[at], word.code[i]);
        }
        break;
    default:
        break;
    }
}

/* Edits of links, mentions and numbers that are there. */
static inline void lks_edit_entities(struct lks_made_text *text, enum lks_made_edit edit,
                                     struct lks_rng *rng)
{
    for (unsigned i = 0; i < text->count; i++) {
        struct lks_made_word *word = &text->words[i];
        uint32_t behind = word->behind;
        if ((edit == LKS_EDIT_LINK_CHANGED && word->kind == LKS_MADE_LINK) ||
            (edit == LKS_EDIT_NUMBERS && word->kind == LKS_MADE_NUMBER) ||
            (edit == LKS_EDIT_MENTIONS && word->kind == LKS_MADE_MENTION)) {
            *word = lks_made_entity(word->kind, rng);
            word->behind = behind;
        } else if (edit == LKS_EDIT_LINK_MASKED && word->kind == LKS_MADE_LINK) {
            word->count = 0;
            lks_made_ascii(word, lks_rng_below(rng, 2) ? "hxxps://example[.]org/x"
                                                       : "example (dot) org/x");
        }
    }
}

static inline void lks_edit_punctuation(struct lks_made_text *text, double strength,
                                        struct lks_rng *rng)
{
    static const uint32_t marks[] = {0, '!', '.', ',', ';', 0x2026, '-', '?'};
    for (unsigned i = 0; i < text->count; i++)
        if (text->words[i].kind == LKS_MADE_WORD && lks_edit_chance(rng, strength))
            text->words[i].behind = marks[lks_rng_below(rng, 8)];
}

/* Edits the text in place. The same (text, edit, strength, key) gives the same edit. */
static inline void lks_edit_text(struct lks_made_text *text, enum lks_made_edit edit,
                                 double strength, uint64_t key)
{
    struct lks_rng rng;
    unsigned times = (unsigned)strength;
    lks_rng_init(&rng, 0x65646974 + edit, key);
    switch (edit) {
    case LKS_EDIT_HOMOGLYPHS:
    case LKS_EDIT_ZERO_WIDTH:
    case LKS_EDIT_STYLED:
    case LKS_EDIT_CASE:
    case LKS_EDIT_ACCENTS:
    case LKS_EDIT_DOUBLED:
    case LKS_EDIT_LEET:
        for (unsigned i = 0; i < text->count; i++)
            if (text->words[i].kind == LKS_MADE_WORD)
                lks_edit_letters(&text->words[i], edit, strength, &rng);
        break;
    case LKS_EDIT_EMOJI:
        for (unsigned i = 0; i < times; i++)
            lks_made_insert(text, (unsigned)lks_rng_below(&rng, text->count + 1),
                            lks_made_entity(LKS_MADE_SYMBOL, &rng));
        break;
    case LKS_EDIT_LINK_ADDED:
        for (unsigned i = 0; i < times; i++)
            lks_made_insert(text, text->count, lks_made_entity(LKS_MADE_LINK, &rng));
        break;
    case LKS_EDIT_MENTIONS_ADDED:
        for (unsigned i = 0; i < times; i++)
            lks_made_insert(text, 0, lks_made_entity(LKS_MADE_MENTION, &rng));
        break;
    case LKS_EDIT_TAGS_ADDED:
        for (unsigned i = 0; i < times; i++)
            lks_made_insert(text, text->count, lks_made_entity(LKS_MADE_TAG, &rng));
        break;
    case LKS_EDIT_PUNCTUATION:
        lks_edit_punctuation(text, strength, &rng);
        break;
    case LKS_EDIT_SWAPPED:
    case LKS_EDIT_DROPPED:
    case LKS_EDIT_ADDED:
    case LKS_EDIT_REPLACED:
    case LKS_EDIT_LETTERS_SPACED:
        for (unsigned i = 0; i < times; i++)
            lks_edit_word(text, edit, &rng);
        break;
    case LKS_EDIT_CUT:
        text->count -= (unsigned)(strength * text->count);
        text->words[text->count - 1].behind = 0x2026;
        break;
    case LKS_EDIT_MIXED:
        lks_edit_text(text, LKS_EDIT_EMOJI, 2, key);
        lks_edit_text(text, LKS_EDIT_PUNCTUATION, 0.3, key);
        lks_edit_text(text, LKS_EDIT_CASE, 0.2, key);
        lks_edit_text(text, LKS_EDIT_LINK_CHANGED, 1, key);
        lks_edit_text(text, LKS_EDIT_REPLACED, 1, key);
        break;
    default:
        lks_edit_entities(text, edit, &rng);
        break;
    }
}

#endif
