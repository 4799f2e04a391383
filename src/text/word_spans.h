/* word_spans.h - where the words of a short text of ASCII begin and end */
#ifndef LKS_TEXT_WORD_SPANS_H
#define LKS_TEXT_WORD_SPANS_H

#include <stddef.h>
#include <stdint.h>

enum {
    LKS_WORD_SPANS_BYTES = 4096, /* longer texts are not for this */
    LKS_WORD_SPANS_PAD = 64      /* readable bytes behind the text */
};

struct lks_word_spans {
    /* [count] runs of ASCII letters, digits and underscores; offsets into the text. One more than
     * can be: what is written ahead. */
    uint16_t start[LKS_WORD_SPANS_BYTES / 2 + 1], end[LKS_WORD_SPANS_BYTES / 2 + 1];
    size_t count;
    int quotes; /* the text has an apostrophe */
};

/* Finds the words of a text of at most LKS_WORD_SPANS_BYTES. 0, or 1 for a text that is not all ASCII, of
 * which nothing is said. Cost: some 0.1 ns a byte and 1 ns a word. Any thread. */
int lks_word_spans(const char *data, size_t size_bytes, struct lks_word_spans *spans);

#endif
