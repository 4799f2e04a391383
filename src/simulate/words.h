/* words.h - placeholder words: invented syllables that say nothing in any language */
#ifndef LKS_SIMULATE_WORDS_H
#define LKS_SIMULATE_WORDS_H

#include <stdint.h>

#include "base/rng.h"

enum { LKS_SIM_TEXT_BYTES = 1024, LKS_SIM_WORDS_COUNT = 4096 };

/* A text of fixed capacity; what does not fit is left out, which the sizes rule out. */
struct lks_sim_text {
    uint32_t size;
    char data[LKS_SIM_TEXT_BYTES];
};

static inline void lks_sim_text_clear(struct lks_sim_text *text)
{
    text->size = 0;
}
void lks_sim_text_add(struct lks_sim_text *text, const char *bytes, uint32_t size);
void lks_sim_text_string(struct lks_sim_text *text, const char *string);
/* A blank, unless the text is empty. */
void lks_sim_text_blank(struct lks_sim_text *text);
/* The word of this number, number < LKS_SIM_WORDS_COUNT: two syllables for the most frequent ones. */
void lks_sim_text_word(struct lks_sim_text *text, uint32_t number);
/* count words by a power law, with a blank before each. */
void lks_sim_text_words(struct lks_sim_text *text, struct lks_rng *rng, unsigned count);
/* A tag's name without its mark. */
void lks_sim_text_tag(struct lks_sim_text *text, uint64_t seed, uint32_t tag);
/* An emoji out of twelve. */
void lks_sim_text_emoji(struct lks_sim_text *text, struct lks_rng *rng);

/* The text that belongs to a key, words_count words: the same for the same key. */
void lks_sim_text_of_key(struct lks_sim_text *text, uint64_t key, unsigned words_count);
/* What someone makes of it who was told to change it a little: often nothing; else a word
 * dropped, put in or replaced, a look-alike letter, an invisible mark, capitals, an emoji. */
void lks_sim_text_edited(struct lks_sim_text *text, uint64_t key, unsigned words_count,
                         struct lks_rng *rng);

#endif
