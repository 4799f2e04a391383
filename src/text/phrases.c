/* phrases.c - a text as hashed pairs of words that stand near each other: what a script leaves
 *
 * Who tells a script in words of their own drops, puts in and exchanges words, but keeps the
 * order in which things are said. Pairs of neighbours survive that in the stretches between
 * the changes, pairs across one word survive a single exchange too. Words alone would not do: an
 * event that many write about gives them its names. What is quoted after "RT @name" is
 * somebody else's script, if any, and is left out. */
#include "text/phrases.h"

#include <stdlib.h>

#include "base/utf8.h"

enum { REACH = 2 };

#define ODD_A UINT64_C(0xa0761d6478bd642f)
#define ODD_B UINT64_C(0xe7037ed1a0b428db)

static uint64_t phrase_hash(uint64_t first, uint64_t second)
{
    uint64_t mixed = first * ODD_A ^ (second << 29 | second >> 35);
    mixed = (mixed ^ mixed >> 31) * ODD_B;
    mixed = (mixed ^ mixed >> 30) * ODD_A;
    return mixed ^ mixed >> 32;
}

static int is_blank(uint32_t code)
{
    return code <= 0x20 || code == 0xa0 || code == 0x3000 || (code >= 0x2000 && code <= 0x200a) ||
           code == 0x2028 || code == 0x2029;
}

/* "#tag", "@name" in ASCII or full width, "http..." and "www...." up to the next blank. */
static int is_marked(struct lks_str text, size_t at, uint32_t code)
{
    static const char *const links[] = {"http://", "https://", "www."};
    if (code == '#' || code == '@' || code == 0xff03 || code == 0xff20)
        return 1;
    for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
        size_t size = strlen(links[i]), same = 0;
        while (same < size && at + same < text.size_bytes &&
               (text.data[at + same] | 32) == (links[i][same] | 32))
            same++;
        if (same == size)
            return 1;
    }
    return 0;
}

/* Where somebody else's words begin, as people quote: RT @name, "@name ... */
static int is_quote(struct lks_str text, size_t at, uint32_t code)
{
    static const uint32_t marks[] = {'"', 0x201c, 0x201e, 0xab, 0x2018};
    int repost = (code == 'R' || code == 'r') && at + 2 < text.size_bytes &&
                 (text.data[at + 1] | 32) == 't' && is_blank((unsigned char)text.data[at + 2]);
    int marked = 0;
    if (repost)
        at += 3;
    while (at < text.size_bytes) {
        size_t size = lks_utf8_next(text, at, &code), mark = 0;
        if (code == '@' || code == 0xff20)
            return repost || marked;
        while (mark < sizeof marks / sizeof *marks && marks[mark] != code)
            mark++;
        marked |= mark < sizeof marks / sizeof *marks;
        if (mark == sizeof marks / sizeof *marks && !(repost && is_blank(code)))
            return 0;
        at += size;
    }
    return 0;
}

static void plain_add(struct lks_buffer *plain, struct lks_str text)
{
    int starts = 1, skip = 0;
    for (size_t at = 0, size; at < text.size_bytes; at += size) {
        uint32_t code;
        size = lks_utf8_next(text, at, &code);
        int blank = is_blank(code);
        if (starts && is_quote(text, at, code))
            return;
        skip = (skip && !blank) || (starts && is_marked(text, at, code)) || code == '#' ||
               code == 0xff03;
        starts = blank;
        if (!skip)
            lks_buffer_append(plain, text.data + at, size);
        else if (plain->size_bytes && plain->data[plain->size_bytes - 1] != ' ')
            lks_buffer_byte(plain, ' ');
    }
}

static int hash_order(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

int lks_phrases(struct lks_phraser *phraser, struct lks_str text, struct lks_str transcript)
{
    struct lks_near_options options = lks_near_options_default();
    options.shingle = LKS_NEAR_WORDS;
    phraser->count = 0;
    phraser->cut = 0;
    lks_buffer_clear(&phraser->plain);
    plain_add(&phraser->plain, text);
    if (transcript.size_bytes) {
        lks_buffer_byte(&phraser->plain, '\n');
        plain_add(&phraser->plain, transcript);
    }
    if (phraser->plain.failed)
        return LKS_EMEMORY;
    int code =
        lks_shingle(&phraser->shingler,
                    (struct lks_str){phraser->plain.data, phraser->plain.size_bytes}, &options);
    if (code)
        return code;
    const uint64_t *words = phraser->shingler.hashes;
    for (size_t i = 0; i < phraser->shingler.count; i++)
        for (size_t j = i + 1; j <= i + REACH && j < phraser->shingler.count; j++) {
            if (phraser->count == LKS_PHRASES_MAX) {
                phraser->cut = 1;
                break;
            }
            phraser->phrases[phraser->count++] = phrase_hash(words[i], words[j]);
        }
    qsort(phraser->phrases, phraser->count, sizeof *phraser->phrases, hash_order);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < phraser->count; i++)
        if (i == 0 || phraser->phrases[i] != phraser->phrases[i - 1])
            phraser->phrases[kept++] = phraser->phrases[i];
    phraser->count = kept;
    return 0;
}

void lks_phraser_free(struct lks_phraser *phraser)
{
    lks_shingler_free(&phraser->shingler);
    lks_buffer_free(&phraser->plain);
}
