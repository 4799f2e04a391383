/* terms.c - a list of words, phrases and hashtags, and which of them a text has */
#include "text/terms.h"

#include <stdlib.h>

#include "base/utf8.h"
#include "text/extract.h"
#include "text/skeleton.h"
#include "text/unicode.h"

static int written(struct lks_str text, struct lks_buffer *out)
{
    lks_buffer_clear(out);
    int code = lks_text_normalise(text, out);
    return code < 0 ? code : lks_text_skeleton(out);
}

int lks_terms_add(struct lks_terms *terms, struct lks_str text, uint32_t group)
{
    struct lks_buffer one = {0};
    int code = written(text, &one), tag = 0;
    struct lks_str term = {one.data, one.size_bytes};
    while (term.size_bytes && (*term.data == '#' || *term.data == ' ')) {
        tag |= *term.data == '#';
        term.data++;
        term.size_bytes--;
    }
    if (code == 0 && term.size_bytes && terms->count == terms->capacity) {
        size_t capacity = terms->capacity ? terms->capacity * 2 : 64;
        struct lks_term *grown = realloc(terms->terms, capacity * sizeof *grown);
        if (grown) {
            terms->terms = grown;
            terms->capacity = capacity;
        } else {
            code = LKS_EMEMORY;
        }
    }
    if (code == 0 && term.size_bytes) {
        struct lks_str copy = lks_arena_str(&terms->arena, term);
        if (copy.data)
            terms->terms[terms->count++] = (struct lks_term){copy, group, tag};
        else
            code = LKS_EMEMORY;
    }
    lks_buffer_free(&one);
    return code < 0 ? code : 0;
}

/* Whether a word goes on at `at`. Scripts without blanks have no such places: there a term may
 * stand anywhere. */
static int word_at(struct lks_str text, size_t at)
{
    uint32_t code;
    if (at >= text.size_bytes)
        return 0;
    lks_utf8_next(text, at, &code);
    return code != LKS_UTF8_BAD && lks_unicode_is_word(code) &&
           lks_unicode_script_class(code) == LKS_SCRIPT_SPACED;
}

static size_t char_before(struct lks_str text, size_t at)
{
    do {
        at--;
    } while (at > 0 && ((unsigned char)text.data[at] & 0xc0) == 0x80);
    return at;
}

static int stands_at(struct lks_str text, size_t at, const struct lks_term *term)
{
    size_t end = at + term->text.size_bytes;
    int inside = at > 0 && word_at(text, char_before(text, at)) && word_at(text, at);
    if (inside || (word_at(text, end) && word_at(text, char_before(text, end))))
        return 0;
    return !term->tag || (at > 0 && text.data[at - 1] == '#');
}

int lks_terms_match(const struct lks_terms *terms, struct lks_str text, struct lks_buffer *scratch,
                    void (*found)(void *context, const struct lks_term *term), void *context)
{
    if (!terms->count || !text.size_bytes)
        return 0;
    int code = written(text, scratch);
    struct lks_str all = {scratch->data, scratch->size_bytes};
    for (size_t i = 0; code == 0 && i < terms->count; i++) {
        const struct lks_term *term = &terms->terms[i];
        const char *from = all.data, *end = all.data + all.size_bytes, *hit;
        while (from && from < end &&
               (hit = memmem(from, (size_t)(end - from), term->text.data, term->text.size_bytes))) {
            if (stands_at(all, (size_t)(hit - all.data), term)) {
                found(context, term);
                break;
            }
            from = hit + 1;
        }
    }
    return code < 0 ? code : 0;
}

void lks_terms_free(struct lks_terms *terms)
{
    lks_arena_free(&terms->arena);
    free(terms->terms);
    *terms = (struct lks_terms){.count = 0};
}
