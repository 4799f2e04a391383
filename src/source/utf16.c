/* utf16.c - places in a text given in UTF-16 units, as Telegram counts them
 *
 * The starts and ends of all spans are sorted and met in one pass over the text, so that
 * many spans over a long text cost no more than the two together. */
#include "source/utf16.h"

#include <stdlib.h>

#include "base/utf8.h"

static int place_compare(const void *a, const void *b)
{
    const struct lks_utf16_place *x = a, *y = b;
    if (x->unit != y->unit)
        return x->unit < y->unit ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

/* A place of an even index starts the span index / 2, one of an odd index ends it. */
static void place_found(struct lks_utf16_span *spans, uint32_t index, struct lks_str text,
                        size_t before, size_t after)
{
    struct lks_utf16_span *span = &spans[index / 2];
    if (index % 2 == 0) {
        span->text = (struct lks_str){text.data + before, 0};
    } else if (span->text.data) {
        span->text.size_bytes = (size_t)(text.data + after - span->text.data);
    }
}

void lks_utf16_slice(struct lks_str text, struct lks_utf16_span *spans, size_t spans_count,
                     struct lks_utf16_place *places)
{
    size_t places_count = 0, next = 0, at = 0;
    int64_t unit = 0;
    for (size_t i = 0; i < spans_count; i++) {
        spans[i].text = LKS_STR_NULL;
        if (spans[i].offset < 0 || spans[i].length <= 0 ||
            spans[i].offset > INT64_MAX - spans[i].length)
            continue;
        places[places_count++] = (struct lks_utf16_place){spans[i].offset, (uint32_t)(2 * i)};
        places[places_count++] =
            (struct lks_utf16_place){spans[i].offset + spans[i].length, (uint32_t)(2 * i + 1)};
    }
    qsort(places, places_count, sizeof *places, place_compare);
    while (next < places_count && at < text.size_bytes) {
        uint32_t code;
        size_t bytes = lks_utf8_next(text, at, &code);
        int64_t units = code != LKS_UTF8_BAD && code > 0xffff ? 2 : 1;
        /* A place at this character's start, or within it: a start goes before it, an end behind. */
        for (; next < places_count && places[next].unit < unit + units; next++)
            place_found(spans, places[next].index, text, at,
                        places[next].unit == unit ? at : at + bytes);
        at += bytes;
        unit += units;
    }
    /* Ends at the very end; whatever lies further is outside. */
    for (; next < places_count && places[next].unit == unit; next++)
        if (places[next].index % 2)
            place_found(spans, places[next].index, text, at, at);
    for (; next < places_count; next++)
        spans[places[next].index / 2].text = LKS_STR_NULL;
    for (size_t i = 0; i < spans_count; i++)
        if (spans[i].text.data && spans[i].text.size_bytes == 0)
            spans[i].text = LKS_STR_NULL;
}
