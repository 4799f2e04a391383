/* entities.c - the links, hashtags and mentions of a text, in order
 *
 * One pass over the bytes: only h, w, #, @ and the lead byte of their full-width forms can
 * begin an entity, so that all other bytes cost one look into a table. An entity that the
 * platform cut off ("https://t.co/ab" and an ellipsis at the end of an old repost) is passed
 * over: its object would be a wrong one. */
#include "base/utf8.h"
#include "text/extract.h"
#include "text/scan.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* What may begin there: a mark of a tag or mention (1), a link by its second byte. */
static const unsigned char entity_begins[256] = {
    ['#'] = 1, ['@'] = 1, ['h'] = 't', ['H'] = 't', ['w'] = 'w', ['W'] = 'w', [0xef] = 1,
};

/* Passes over bytes that begin nothing, sixteen at a time where the processor can; the last ones
 * are left to the table. */
static inline size_t plain_run(struct lks_str text, size_t at)
{
#ifdef __SSE2__
    for (; text.size_bytes - at > 16; at += 16) {
        const __m128i *bytes = (const __m128i *)(const void *)(text.data + at);
        __m128i here = _mm_loadu_si128(bytes), low = _mm_or_si128(here, _mm_set1_epi8(0x20));
        __m128i next = _mm_loadu_si128((const __m128i *)(const void *)(text.data + at + 1));
        next = _mm_or_si128(next, _mm_set1_epi8(0x20));
        __m128i stop = _mm_or_si128(_mm_cmpeq_epi8(here, _mm_set1_epi8('#')),
                                    _mm_cmpeq_epi8(here, _mm_set1_epi8('@')));
        stop = _mm_or_si128(stop, _mm_cmpeq_epi8(here, _mm_set1_epi8((char)0xef)));
        __m128i http = _mm_and_si128(_mm_cmpeq_epi8(low, _mm_set1_epi8('h')),
                                     _mm_cmpeq_epi8(next, _mm_set1_epi8('t')));
        __m128i www = _mm_and_si128(_mm_cmpeq_epi8(low, _mm_set1_epi8('w')),
                                    _mm_cmpeq_epi8(next, _mm_set1_epi8('w')));
        stop = _mm_or_si128(stop, _mm_or_si128(http, www));
        unsigned stops = (unsigned)_mm_movemask_epi8(stop);
        if (stops)
            return at + (unsigned)__builtin_ctz(stops);
    }
#else
    (void)text;
#endif
    return at;
}

struct entity_scan {
    struct lks_arena *arena;
    int (*found)(void *, enum lks_entity_kind, struct lks_str);
    void *context;
};

static struct lks_str slice(struct lks_str text, size_t first, size_t end)
{
    return (struct lks_str){text.data + first, end - first};
}

static int found_hashtag(const struct entity_scan *scan, struct lks_str body)
{
    struct lks_str tag;
    int code = lks_hashtag_canonical(body, scan->arena, &tag);
    if (code != 0)
        return code < 0 ? code : 0;
    return scan->found(scan->context, LKS_ENTITY_HASHTAG, tag);
}

int lks_text_entities(struct lks_str text, struct lks_arena *arena,
                      int (*found)(void *context, enum lks_entity_kind kind, struct lks_str value),
                      void *context)
{
    struct entity_scan scan = {arena, found, context};
    size_t at = 0, tag_end = (size_t)-1;
    while (at < text.size_bytes) {
        at = plain_run(text, at);
        unsigned char second = entity_begins[(unsigned char)text.data[at]];
        if (!second || (second > 1 && (at + 1 == text.size_bytes ||
                                       ((unsigned char)text.data[at + 1] | 32) != second))) {
            at++;
            continue;
        }
        size_t body = 0;
        int code = 0;
        size_t end = lks_scan_link(text, at);
        if (end > at) {
            if (!lks_scan_is_cut(text, end))
                code = found(context, LKS_ENTITY_URL, slice(text, at, end));
        } else if ((end = lks_scan_hashtag(text, at, at == tag_end, &body)) > at) {
            tag_end = end;
            if (!lks_scan_is_cut(text, end))
                code = found_hashtag(&scan, slice(text, body, end));
        } else if ((end = lks_scan_mention(text, at, &body)) > at) {
            if (!lks_scan_is_cut(text, end))
                code = found(context, LKS_ENTITY_MENTION, slice(text, body, end));
        } else {
            end = at + 1;
        }
        if (code != 0)
            return code;
        at = end;
    }
    return 0;
}
