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

int lks_text_is_telling(struct lks_str normalised)
{
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
