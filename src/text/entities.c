/* entities.c - the links, hashtags and mentions of a text, in order
 *
 * One pass over the bytes: only h, w, #, @ and the lead byte of their full-width forms can
 * begin an entity, so that all other bytes cost one look into a table. An entity that the
 * platform cut off ("https://t.co/ab" and an ellipsis at the end of an old repost) is passed
 * over: its object would be a wrong one. */
#include "base/utf8.h"
#include "text/extract.h"
#include "text/scan.h"

static const unsigned char entity_begins[256] = {
    ['#'] = 1, ['@'] = 1, ['h'] = 1, ['H'] = 1, ['w'] = 1, ['W'] = 1, [0xef] = 1,
};

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
        if (!entity_begins[(unsigned char)text.data[at]]) {
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
