/* verifiers.c - lists of verifier keys, and the files that hold them, a line each */
#include "vault/verifiers.h"

#include <stdlib.h>
#include <string.h>

#include "vault/disk.h"

int lks_verifiers_add(struct lks_verifiers *list, const struct lks_verifier *verifier,
                      struct lks_error *err)
{
    if (list->count == LKS_VERIFIERS_MAX)
        return lks_error_set(err, LKS_EINPUT, "these are more than %d keys", LKS_VERIFIERS_MAX);
    if (list->count == list->room) {
        size_t room = list->room ? 2 * list->room : 4;
        struct lks_verifier *more = realloc(list->items, room * sizeof *more);
        if (!more)
            return lks_error_set(err, LKS_EMEMORY, "out of memory");
        list->items = more;
        list->room = room;
    }
    list->items[list->count++] = *verifier;
    return 0;
}

int lks_verifiers_parse(struct lks_str text, struct lks_verifiers *list, struct lks_error *err)
{
    size_t number = 0;
    for (size_t at = 0; at < text.size_bytes;) {
        const char *start = text.data + at;
        const char *stop = memchr(start, '\n', text.size_bytes - at);
        size_t size = stop ? (size_t)(stop - start) : text.size_bytes - at;
        struct lks_verifier verifier;
        struct lks_error inner = {0};
        at += size + 1;
        number++;
        if (size == 0 || start[0] == '#')
            continue;
        int code = lks_verifier_parse((struct lks_str){start, size}, &verifier, &inner);
        if (code)
            return lks_error_set(err, LKS_EINPUT, "line %zu: %s", number, inner.message);
        if ((code = lks_verifiers_add(list, &verifier, err)))
            return code;
    }
    return 0;
}

int lks_verifiers_read(const char *path, struct lks_verifiers *list, struct lks_error *err)
{
    struct lks_buffer bytes = {0};
    struct lks_error inner = {0};
    int code = lks_disk_get(path, LKS_VERIFIERS_FILE_BYTES_MAX, &bytes, err);
    if (code == 0) {
        code = lks_verifiers_parse((struct lks_str){bytes.data, bytes.size_bytes}, list, &inner);
        if (code)
            lks_error_set(err, code, "%s: %s", path, inner.message);
    }
    lks_buffer_free(&bytes);
    return code;
}

int lks_verifiers_put(const char *path, const struct lks_verifiers *list, struct lks_error *err)
{
    struct lks_buffer bytes = {0};
    for (size_t i = 0; i < list->count; i++) {
        lks_verifier_format(&list->items[i], &bytes);
        lks_buffer_byte(&bytes, '\n');
    }
    int code = bytes.failed ? lks_error_set(err, LKS_EMEMORY, "out of memory")
                            : lks_disk_put(path, bytes.data, bytes.size_bytes, 0666, err);
    lks_buffer_free(&bytes);
    return code;
}

int lks_verifier_equal(const struct lks_verifier *a, const struct lks_verifier *b)
{
    return a->type == b->type && strcmp(a->name, b->name) == 0 &&
           memcmp(a->public_key, b->public_key, sizeof a->public_key) == 0;
}

const struct lks_verifier *lks_verifiers_find(const struct lks_verifiers *list,
                                              const struct lks_verifier *verifier)
{
    for (size_t i = 0; i < list->count; i++)
        if (lks_verifier_equal(&list->items[i], verifier))
            return &list->items[i];
    return NULL;
}

void lks_verifiers_free(struct lks_verifiers *list)
{
    free(list->items);
    *list = (struct lks_verifiers){0};
}
