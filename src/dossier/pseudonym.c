/* pseudonym.c - names that stand for accounts in one dossier, and in no other */
#include "dossier/pseudonym.h"

#include <stdlib.h>

#include "base/base32.h"
#include "base/hmac.h"
#include "dossier/csv_field.h"
#include "vault/commitment.h"

const char *const lks_pseudonym_kind_names[LKS_PSEUDONYM_KINDS_COUNT] = {"account", "post", "link",
                                                                         "thing", "person"};

int lks_pseudonyms_start(struct lks_pseudonyms *names, struct lks_error *err)
{
    *names = (struct lks_pseudonyms){{0}, {{0}}};
    int code = lks_salt_new(names->key, err);
    return code ? code : lks_salt_new(names->key + LKS_SALT_BYTES, err);
}

static void message_put(struct lks_buffer *message, enum lks_pseudonym_kind kind,
                        struct lks_str platform, struct lks_str id)
{
    if (kind != LKS_PSEUDONYM_ACCOUNT) {
        lks_buffer_text(message, lks_pseudonym_kind_names[kind]);
        lks_buffer_byte(message, 0);
    }
    lks_buffer_append(message, platform.data, platform.size_bytes);
    lks_buffer_byte(message, 0);
    lks_buffer_append(message, id.data, id.size_bytes);
}

/* As lks_pseudonym_of, where memory may be out. */
static int make(const unsigned char *key, enum lks_pseudonym_kind kind, struct lks_str platform,
                struct lks_str id, char out[LKS_PSEUDONYM_BYTES])
{
    unsigned char digest[LKS_SHA256_BYTES];
    struct lks_buffer message = {0};
    message_put(&message, kind, platform, id);
    int failed = message.failed;
    if (!failed) {
        lks_hmac_sha256(key, LKS_PSEUDONYM_KEY_BYTES, message.data, message.size_bytes, digest);
        lks_base32(digest, LKS_PSEUDONYM_BYTES - 1, out);
    }
    lks_buffer_free(&message);
    return failed ? LKS_EMEMORY : 0;
}

void lks_pseudonym_of(const unsigned char key[LKS_PSEUDONYM_KEY_BYTES],
                      enum lks_pseudonym_kind kind, struct lks_str platform, struct lks_str id,
                      char out[LKS_PSEUDONYM_BYTES])
{
    int code = make(key, kind, platform, id, out);
    LKS_ASSERT(code == 0);
}

/* "tiktok:123" into its platform and id. What does not look like a platform's name is part of the
 * id: it may be somebody's. */
static void key_split(enum lks_pseudonym_kind kind, struct lks_str key, struct lks_str *platform,
                      struct lks_str *id)
{
    enum { PLATFORM_BYTES_MAX = 20 };
    size_t size = 0;
    while (size < key.size_bytes && size <= PLATFORM_BYTES_MAX &&
           ((key.data[size] >= 'a' && key.data[size] <= 'z') || key.data[size] == '_'))
        size++;
    int split = (kind == LKS_PSEUDONYM_ACCOUNT || kind == LKS_PSEUDONYM_POST) && size > 0 &&
                size <= PLATFORM_BYTES_MAX && size < key.size_bytes && key.data[size] == ':';
    *platform = (struct lks_str){key.data, split ? size : 0};
    size = split ? size + 1 : 0;
    *id = (struct lks_str){key.data + size, key.size_bytes - size};
}

static int remember(struct lks_pseudonyms *names, enum lks_pseudonym_kind kind,
                    struct lks_str platform, struct lks_str id)
{
    struct lks_buffer entry = {0};
    lks_buffer_text(&entry, lks_pseudonym_kind_names[kind]);
    lks_buffer_byte(&entry, 0);
    lks_buffer_append(&entry, platform.data, platform.size_bytes);
    lks_buffer_byte(&entry, 0);
    lks_buffer_append(&entry, id.data, id.size_bytes);
    int failed = entry.failed ||
                 lks_intern_add(&names->given, (struct lks_str){entry.data, entry.size_bytes},
                                NULL) == LKS_INTERN_NONE;
    lks_buffer_free(&entry);
    return failed ? LKS_EMEMORY : 0;
}

int lks_pseudonyms_give(struct lks_pseudonyms *names, enum lks_pseudonym_kind kind,
                        struct lks_str key, struct lks_arena *arena, struct lks_str *shown,
                        struct lks_error *err)
{
    char name[LKS_PSEUDONYM_BYTES];
    struct lks_str platform, id;
    *shown = LKS_STR_NULL;
    if (!key.data)
        return 0;
    key_split(kind, key, &platform, &id);
    size_t colon = platform.size_bytes ? platform.size_bytes + 1 : 0;
    char *text = lks_arena_alloc(arena, colon + sizeof name);
    if (!text || make(names->key, kind, platform, id, name) || remember(names, kind, platform, id))
        return lks_error_set(err, LKS_EMEMORY, "out of memory for pseudonyms");
    if (colon)
        memcpy(text, key.data, colon);
    memcpy(text + colon, name, sizeof name);
    *shown = (struct lks_str){text, colon + sizeof name - 1};
    return 0;
}

/* ---- the mapping ---- */

struct line {
    char name[LKS_PSEUDONYM_BYTES];
    struct lks_str kind, platform, id;
};

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct line *)a)->name, ((const struct line *)b)->name);
}

static struct lks_str cut(struct lks_str *rest)
{
    size_t size = (size_t)((const char *)memchr(rest->data, 0, rest->size_bytes) - rest->data);
    struct lks_str head = {rest->data, size};
    *rest = (struct lks_str){rest->data + size + 1, rest->size_bytes - size - 1};
    return head;
}

int lks_pseudonyms_mapping(const struct lks_pseudonyms *names, struct lks_buffer *out,
                           struct lks_error *err)
{
    uint32_t count = names->given.count;
    struct line *lines = calloc((size_t)count + 1, sizeof *lines);
    int code = lines ? 0 : LKS_EMEMORY;
    for (uint32_t i = 0; code == 0 && i < count; i++) {
        struct lks_str rest = names->given.names[i];
        int kind = 0;
        lines[i].kind = cut(&rest);
        lines[i].platform = cut(&rest);
        lines[i].id = rest;
        while (!lks_str_equal_text(lines[i].kind, lks_pseudonym_kind_names[kind]))
            kind++;
        code =
            make(names->key, (enum lks_pseudonym_kind)kind, lines[i].platform, rest, lines[i].name);
    }
    if (code == 0) {
        qsort(lines, count, sizeof *lines, by_name);
        lks_buffer_text(out, "pseudonym,kind,platform,id\r\n");
    }
    for (uint32_t i = 0; code == 0 && i < count; i++) {
        lks_buffer_text(out, lines[i].name);
        lks_buffer_byte(out, ',');
        lks_buffer_append(out, lines[i].kind.data, lines[i].kind.size_bytes);
        lks_buffer_byte(out, ',');
        lks_csv_field(out, lines[i].platform, 1);
        lks_buffer_byte(out, ',');
        lks_csv_field(out, lines[i].id, 1);
        lks_buffer_text(out, "\r\n");
    }
    free(lines);
    if (code == 0 && out->failed)
        code = LKS_EMEMORY;
    return code ? lks_error_set(err, code, "out of memory for the mapping of pseudonyms") : 0;
}

void lks_pseudonyms_free(struct lks_pseudonyms *names)
{
    explicit_bzero(names->key, sizeof names->key);
    lks_intern_free(&names->given);
}
