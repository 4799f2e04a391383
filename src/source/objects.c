/* objects.c - from a post to its actions: the one place where every adapter's posts pass
 *
 * docs/formats.md says in words what becomes an object and what does not. */
#include "source/objects.h"

#include <stdlib.h>

#include "base/sha256.h"
#include "text/extract.h"

enum { HASH_HEX = 32 };

/* Hosts that only forward: the link is an object, its host says nothing about where it
 * leads. Sorted for bsearch. */
static const char *const shorteners[] = {
    "bit.do",  "bit.ly",  "buff.ly",  "cutt.ly", "dlvr.it", "fb.me",   "goo.gl",
    "ift.tt",  "is.gd",   "j.mp",     "lnkd.in", "ow.ly",   "po.st",   "rebrand.ly",
    "reut.rs", "shar.es", "short.io", "su.pr",   "t.co",    "tiny.cc", "tinyurl.com",
    "tr.im",   "trib.al", "v.gd",     "wp.me",   "x.co",
};

static int shortener_compare(const void *key, const void *item)
{
    const struct lks_str *host = key;
    const char *name = *(const char *const *)item;
    size_t size = strlen(name);
    int order = memcmp(host->data, name, host->size_bytes < size ? host->size_bytes : size);
    return order ? order : (host->size_bytes > size) - (host->size_bytes < size);
}

static bool is_shortener(struct lks_str host)
{
    return bsearch(&host, shorteners, sizeof shorteners / sizeof *shorteners, sizeof *shorteners,
                   shortener_compare) != NULL;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool has_prefix(struct lks_str key, struct lks_str platform)
{
    return key.size_bytes > platform.size_bytes && key.data[platform.size_bytes] == ':' &&
           memcmp(key.data, platform.data, platform.size_bytes) == 0;
}

/* Adds an object of one platform. */
static int add_prefixed(struct lks_batch *batch, enum lks_object_kind kind, struct lks_str key,
                        bool lower_case)
{
    struct lks_str platform = batch->posts[batch->posts_count - 1].platform;
    if (!key.data || !key.size_bytes)
        return 0;
    if (!platform.data || has_prefix(key, platform))
        return lks_batch_action(batch, kind, key);
    size_t size = platform.size_bytes + 1 + key.size_bytes;
    char *object = lks_arena_alloc(&batch->arena, size);
    if (!object)
        return LKS_EMEMORY;
    memcpy(object, platform.data, platform.size_bytes);
    object[platform.size_bytes] = ':';
    char *rest = object + platform.size_bytes + 1;
    for (size_t i = 0; i < key.size_bytes; i++)
        rest[i] = lower_case ? lower(key.data[i]) : key.data[i];
    return lks_batch_action(batch, kind, (struct lks_str){object, size});
}

static int add_url(struct lks_batch *batch, struct lks_str link)
{
    struct lks_str url, domain;
    int code = lks_url_canonical(link, &batch->arena, &url, &domain);
    if (code)
        return code < 0 ? code : 0;
    code = lks_batch_action(batch, LKS_OBJECT_URL, url);
    if (code == 0 && domain.size_bytes && !is_shortener(domain))
        code = lks_batch_action(batch, LKS_OBJECT_DOMAIN, domain);
    return code;
}

struct entities {
    struct lks_batch *batch;
    bool links; /* those of the text count */
};

static int entity_found(void *context, enum lks_entity_kind kind, struct lks_str value)
{
    struct entities *entities = context;
    switch (kind) {
    case LKS_ENTITY_URL:
        return entities->links ? add_url(entities->batch, value) : 0;
    case LKS_ENTITY_HASHTAG:
        return lks_batch_action(entities->batch, LKS_OBJECT_HASHTAG, value);
    case LKS_ENTITY_MENTION:
        return add_prefixed(entities->batch, LKS_OBJECT_MENTION, value, true);
    }
    return 0;
}

static int str_compare(const void *a, const void *b)
{
    const struct lks_str *x = a, *y = b;
    int order =
        memcmp(x->data, y->data, x->size_bytes < y->size_bytes ? x->size_bytes : y->size_bytes);
    return order ? order : (x->size_bytes > y->size_bytes) - (x->size_bytes < y->size_bytes);
}

/* Two tags or more, sorted, are an object of their own: the same bundle of tags. */
static int add_hashtag_set(struct lks_batch *batch)
{
    const struct lks_post *post = &batch->posts[batch->posts_count - 1];
    size_t count = 0, size = 0;
    for (size_t i = post->actions_first; i < batch->actions_count; i++)
        if (batch->actions[i].kind == LKS_OBJECT_HASHTAG) {
            count++;
            size += batch->actions[i].object.size_bytes + 1;
        }
    if (count < 2)
        return 0;
    struct lks_str *tags = lks_arena_calloc(&batch->arena, count, sizeof *tags);
    char *set = lks_arena_alloc(&batch->arena, size);
    if (!tags || !set)
        return LKS_EMEMORY;
    count = 0;
    for (size_t i = post->actions_first; i < batch->actions_count; i++)
        if (batch->actions[i].kind == LKS_OBJECT_HASHTAG)
            tags[count++] = batch->actions[i].object;
    qsort(tags, count, sizeof *tags, str_compare);
    size = 0;
    for (size_t i = 0; i < count; i++) {
        if (i)
            set[size++] = ' ';
        memcpy(set + size, tags[i].data, tags[i].size_bytes);
        size += tags[i].size_bytes;
    }
    return lks_batch_action(batch, LKS_OBJECT_HASHTAG_SET, (struct lks_str){set, size});
}

static void hex_of(const void *data, size_t size_bytes, char hex[HASH_HEX])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char digest[LKS_SHA256_BYTES];
    lks_sha256_of(data, size_bytes, digest);
    for (size_t i = 0; i < HASH_HEX / 2; i++) {
        hex[2 * i] = digits[digest[i] >> 4];
        hex[2 * i + 1] = digits[digest[i] & 15];
    }
}

static bool is_handle(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* Splits "RT @user: rest"; false where the text does not begin so. */
static bool repost_split(struct lks_str text, struct lks_str *user, struct lks_str *rest)
{
    size_t at = 4;
    if (text.size_bytes < 6 || memcmp(text.data, "RT @", 4) != 0)
        return false;
    while (at < text.size_bytes && is_handle(text.data[at]))
        at++;
    if (at == 4 || at == text.size_bytes || text.data[at] != ':')
        return false;
    *user = (struct lks_str){text.data + 4, at - 4};
    at++;
    while (at < text.size_bytes && text.data[at] == ' ')
        at++;
    *rest = (struct lks_str){text.data + at, text.size_bytes - at};
    return true;
}

int lks_post_repost_mark(struct lks_batch *batch, int is_repost)
{
    LKS_ASSERT(batch->posts_count > 0);
    struct lks_post *post = &batch->posts[batch->posts_count - 1];
    struct lks_str user = LKS_STR_NULL, rest = post->text;
    if (!post->text.data || (!repost_split(post->text, &user, &rest) && !is_repost))
        return 0;
    post->kind = LKS_POST_REPOST;
    if (post->origin_key.data || !rest.size_bytes || batch->texts_only)
        return 0;
    struct lks_buffer *scratch = &batch->scratch;
    lks_buffer_clear(scratch);
    for (size_t i = 0; i < user.size_bytes; i++)
        lks_buffer_byte(scratch, lower(user.data[i]));
    lks_buffer_byte(scratch, '\n');
    lks_buffer_append(scratch, rest.data, rest.size_bytes);
    char id[3 + HASH_HEX] = "rt-";
    size_t prefix = post->platform.size_bytes;
    char *key = lks_arena_alloc(&batch->arena, prefix + 1 + sizeof id);
    if (scratch->failed || !key)
        return LKS_EMEMORY;
    hex_of(scratch->data, scratch->size_bytes, id + 3);
    if (prefix) {
        memcpy(key, post->platform.data, prefix);
        key[prefix++] = ':';
    }
    memcpy(key + prefix, id, sizeof id);
    post->origin_key = (struct lks_str){key, prefix + sizeof id};
    return 0;
}

struct lks_str lks_post_own_text(const struct lks_post *post)
{
    struct lks_str user, rest = post->text;
    if (rest.size_bytes && post->kind == LKS_POST_REPOST)
        repost_split(post->text, &user, &rest);
    return rest;
}

int lks_text_object(struct lks_str text, struct lks_buffer *scratch,
                    char key[LKS_TEXT_OBJECT_BYTES])
{
    lks_buffer_clear(scratch);
    if (!text.size_bytes)
        return 1;
    if (lks_text_normalise(text, scratch) || scratch->failed)
        return LKS_EMEMORY;
    if (!lks_text_is_telling((struct lks_str){scratch->data, scratch->size_bytes}))
        return 1;
    hex_of(scratch->data, scratch->size_bytes, key);
    return 0;
}

static int add_text(struct lks_batch *batch)
{
    const struct lks_post *post = &batch->posts[batch->posts_count - 1];
    char key[LKS_TEXT_OBJECT_BYTES];
    int code = lks_text_object(lks_post_own_text(post), &batch->scratch, key);
    if (code)
        return code > 0 ? 0 : code;
    char *hex = lks_arena_alloc(&batch->arena, sizeof key);
    if (!hex)
        return LKS_EMEMORY;
    memcpy(hex, key, sizeof key);
    return lks_batch_action(batch, LKS_OBJECT_TEXT, (struct lks_str){hex, sizeof key});
}

static int add_lists(struct lks_batch *batch, const struct lks_post_lists *lists)
{
    int code = 0;
    for (size_t i = 0; code == 0 && i < lists->urls_count; i++)
        code = add_url(batch, lists->urls[i]);
    for (size_t i = 0; code == 0 && i < lists->hashtags_count; i++) {
        struct lks_str tag;
        code = lks_hashtag_canonical(lists->hashtags[i], &batch->arena, &tag);
        if (code == 0)
            code = lks_batch_action(batch, LKS_OBJECT_HASHTAG, tag);
        else if (code > 0)
            code = 0; /* no hashtag: nothing to share */
    }
    for (size_t i = 0; code == 0 && i < lists->mentions_count; i++)
        code = add_prefixed(batch, LKS_OBJECT_MENTION, lists->mentions[i], false);
    for (size_t i = 0; code == 0 && i < lists->sounds_count; i++)
        code = add_prefixed(batch, LKS_OBJECT_SOUND, lists->sounds[i], false);
    for (size_t i = 0; code == 0 && i < lists->effects_count; i++)
        code = add_prefixed(batch, LKS_OBJECT_EFFECT, lists->effects[i], false);
    for (size_t i = 0; code == 0 && i < lists->media_count; i++)
        code = lks_batch_action(batch, LKS_OBJECT_MEDIA, lists->media[i]);
    return code;
}

int lks_post_objects(struct lks_batch *batch, const struct lks_post_lists *lists)
{
    LKS_ASSERT(batch->posts_count > 0);
    const struct lks_post *post = &batch->posts[batch->posts_count - 1];
    struct entities entities = {batch, lists->urls_count == 0};
    if (batch->texts_only)
        return 0;
    int code = add_lists(batch, lists);
    if (code == 0 && post->text.size_bytes)
        code = lks_text_entities(post->text, &batch->arena, entity_found, &entities);
    if (code == 0)
        code = add_hashtag_set(batch);
    if (code == 0)
        code = add_prefixed(batch, LKS_OBJECT_REPOST, post->origin_key, false);
    if (code == 0)
        code = add_prefixed(batch, LKS_OBJECT_REPLY, post->parent_key, false);
    return code ? code : add_text(batch);
}
