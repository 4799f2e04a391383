/* words.c - placeholder words: invented syllables that say nothing in any language */
#include "simulate/words.h"

#include <string.h>

#include "simulate/draw.h"
#include "simulate/world.h"

static const char syllables[16][4] = {
    "bal", "dor", "fen", "gim", "jol", "kav", "lun", "mip",
    "nes", "pov", "rud", "sil", "tav", "vek", "zor", "wim",
};

static const char *const emojis[] = {
    "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x82", "\xf0\x9f\x98\x8d", "\xf0\x9f\x98\xae",
    "\xf0\x9f\x91\x8d", "\xf0\x9f\x91\x8f", "\xf0\x9f\x94\xa5", "\xe2\x9d\xa4\xef\xb8\x8f",
    "\xf0\x9f\x8e\x89", "\xf0\x9f\x99\x8c", "\xf0\x9f\x92\xaa", "\xf0\x9f\x98\x8e",
};

void lks_sim_text_add(struct lks_sim_text *text, const char *bytes, uint32_t size)
{
    if (size > LKS_SIM_TEXT_BYTES - text->size)
        return;
    memcpy(text->data + text->size, bytes, size);
    text->size += size;
}

void lks_sim_text_string(struct lks_sim_text *text, const char *string)
{
    lks_sim_text_add(text, string, (uint32_t)strlen(string));
}

void lks_sim_text_blank(struct lks_sim_text *text)
{
    if (text->size)
        lks_sim_text_add(text, " ", 1);
}

void lks_sim_text_word(struct lks_sim_text *text, uint32_t number)
{
    lks_sim_text_add(text, syllables[number & 15], 3);
    lks_sim_text_add(text, syllables[number >> 4 & 15], 3);
    if (number >= 256)
        lks_sim_text_add(text, syllables[number >> 8 & 15], 3);
}

static uint32_t word_draw(struct lks_rng *rng)
{
    return lks_draw_skewed(rng, LKS_SIM_WORDS_COUNT);
}

void lks_sim_text_words(struct lks_sim_text *text, struct lks_rng *rng, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        lks_sim_text_blank(text);
        lks_sim_text_word(text, word_draw(rng));
    }
}

void lks_sim_text_tag(struct lks_sim_text *text, uint64_t seed, uint32_t tag)
{
    int edited = tag == LKS_SIM_TAG_EDIT;
    uint64_t hash = lks_draw_hash(seed, LKS_STREAM_WORDS, edited ? LKS_SIM_TAG_PAID : tag);
    lks_sim_text_word(text, 256 + (uint32_t)(hash % 3840));
    /* The edit has another syllable in the fourth place of five. */
    lks_sim_text_word(text, ((uint32_t)(hash >> 20) & 255) ^ (edited ? 5 : 0));
}

void lks_sim_text_emoji(struct lks_sim_text *text, struct lks_rng *rng)
{
    lks_sim_text_string(text, emojis[lks_rng_below(rng, sizeof emojis / sizeof *emojis)]);
}

void lks_sim_text_of_key(struct lks_sim_text *text, uint64_t key, unsigned words_count)
{
    struct lks_rng rng;
    lks_rng_init(&rng, key, LKS_STREAM_WORDS);
    lks_sim_text_words(text, &rng, words_count);
}

/* Writes one letter of a word as its look-alike, or an invisible mark behind it. */
static void word_disguised(struct lks_sim_text *text, uint32_t number, int invisible)
{
    struct lks_sim_text word = {0};
    lks_sim_text_word(&word, number);
    int done = 0;
    for (uint32_t i = 0; i < word.size; i++) {
        char c = word.data[i];
        const char *other = c == 'a'   ? "\xd0\xb0"
                            : c == 'e' ? "\xd0\xb5"
                            : c == 'o' ? "\xd0\xbe"
                            : c == 'i' ? "\xd1\x96"
                                       : NULL;
        if (!done && other && !invisible) {
            lks_sim_text_add(text, other, 2);
            done = 1;
            continue;
        }
        lks_sim_text_add(text, &c, 1);
        if (!done && invisible && i == 2) {
            lks_sim_text_add(text, "\xe2\x80\x8b", 3);
            done = 1;
        }
    }
}

static void word_capital(struct lks_sim_text *text, uint32_t number)
{
    uint32_t at = text->size;
    lks_sim_text_word(text, number);
    for (; at < text->size; at++)
        text->data[at] = (char)(text->data[at] - 32);
}

void lks_sim_text_edited(struct lks_sim_text *text, uint64_t key, unsigned words_count,
                         struct lks_rng *rng)
{
    enum { NOTHING, DROP, REPLACE, PUT_IN, LOOK_ALIKE, INVISIBLE, CAPITALS, EDITS_COUNT };
    struct lks_rng base;
    unsigned edit =
        lks_draw_chance(rng, 0.4) ? NOTHING : 1 + (unsigned)lks_rng_below(rng, EDITS_COUNT - 1);
    unsigned place = (unsigned)lks_rng_below(rng, words_count);
    lks_rng_init(&base, key, LKS_STREAM_WORDS);
    for (unsigned i = 0; i < words_count; i++) {
        uint32_t number = word_draw(&base);
        if (i == place && edit == DROP)
            continue;
        lks_sim_text_blank(text);
        if (i != place) {
            lks_sim_text_word(text, number);
            continue;
        }
        if (edit == PUT_IN) {
            lks_sim_text_word(text, word_draw(rng));
            lks_sim_text_blank(text);
        }
        if (edit == LOOK_ALIKE || edit == INVISIBLE)
            word_disguised(text, number, edit == INVISIBLE);
        else if (edit == CAPITALS)
            word_capital(text, number);
        else
            lks_sim_text_word(text, edit == REPLACE ? word_draw(rng) : number);
    }
    if (lks_draw_chance(rng, 0.3)) {
        lks_sim_text_blank(text);
        lks_sim_text_emoji(text, rng);
    }
}
