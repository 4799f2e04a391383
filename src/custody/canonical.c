/* canonical.c - whether JSON is in its one writing
 *
 * It is read with the pull reader, written again by the canonical writer, and compared: what differs
 * in any byte is not canonical. */
#include <string.h>

#include "custody/statement.h"
#include "source/json_read.h"

struct walk {
    struct lks_json_reader reader;
    struct lks_canon canon;
    struct lks_arena *arena;
    int arrays[LKS_CANON_DEPTH_MAX];
    int depth;
};

/* A number as it may stand in a statement: digits, no leading zero, within 2^53. */
static int number_whole(struct lks_str text, int64_t *value)
{
    size_t at = text.size_bytes && text.data[0] == '-';
    *value = 0;
    if (at == text.size_bytes || text.size_bytes - at > 16)
        return 0;
    for (size_t i = at; i < text.size_bytes; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return 0;
        *value = *value * 10 + (text.data[i] - '0');
    }
    *value = at ? -*value : *value;
    return *value >= -((int64_t)1 << 53) && *value <= (int64_t)1 << 53;
}

/* One value under a name (NULL in an array or outermost); enters objects and arrays. 1 when it may go
 * on. */
static int value_take(struct walk *walk, const char *name)
{
    struct lks_json_value value;
    int64_t number;
    enum lks_json_type type = lks_json_peek(&walk->reader);
    if (type == LKS_JSON_OBJECT || type == LKS_JSON_ARRAY) {
        if (walk->depth == LKS_CANON_DEPTH_MAX)
            return 0;
        walk->arrays[walk->depth++] = type == LKS_JSON_ARRAY;
        if (type == LKS_JSON_ARRAY) {
            lks_canon_array(&walk->canon, name);
            return lks_json_enter_array(&walk->reader);
        }
        lks_canon_object(&walk->canon, name);
        return lks_json_enter_object(&walk->reader);
    }
    if (walk->depth == 0)
        return 0; /* a bare value is no statement */
    value = lks_json_read(&walk->reader);
    switch (value.type) {
    case LKS_JSON_STRING:
        lks_canon_string(&walk->canon, name,
                         value.text.data ? value.text : (struct lks_str){"", 0});
        return 1;
    case LKS_JSON_NUMBER:
        if (!number_whole(value.text, &number))
            return 0;
        lks_canon_int(&walk->canon, name, number);
        return 1;
    case LKS_JSON_TRUE:
    case LKS_JSON_FALSE:
        lks_canon_bool(&walk->canon, name, value.type == LKS_JSON_TRUE);
        return 1;
    case LKS_JSON_NULL:
        lks_canon_string(&walk->canon, name, LKS_STR_NULL);
        return 1;
    default:
        return 0;
    }
}

/* Members must differ before they reach the writer, which trusts its callers in that. */
static int name_after(const char *before, struct lks_str key, char **name, struct lks_arena *arena)
{
    struct lks_str copy = lks_arena_str(arena, key);
    *name = (char *)(uintptr_t)copy.data;
    return copy.data && strlen(copy.data) == copy.size_bytes &&
           (!before || strcmp(before, copy.data) < 0);
}

static int walk_run(struct walk *walk)
{
    char *before[LKS_CANON_DEPTH_MAX] = {NULL};
    if (!value_take(walk, NULL))
        return 0;
    while (walk->depth) {
        int level = walk->depth - 1;
        struct lks_str key;
        if (walk->arrays[level] ? lks_json_element(&walk->reader)
                                : lks_json_member(&walk->reader, &key)) {
            char *name = NULL;
            if (!walk->arrays[level]) {
                if (!name_after(before[level], key, &name, walk->arena))
                    return 0;
                before[level] = name;
            }
            if (!value_take(walk, name))
                return 0;
            if (walk->depth - 1 > level)
                before[walk->depth - 1] = NULL;
        } else {
            if (--walk->depth)
                lks_canon_end(&walk->canon);
        }
    }
    return 1;
}

int lks_canonical_check(struct lks_str json, struct lks_arena *arena, struct lks_error *err)
{
    struct walk walk = {.arena = arena};
    struct lks_buffer again = {0};
    lks_json_open(&walk.reader, json, arena, 0);
    int good = walk_run(&walk) && lks_json_close(&walk.reader, NULL) == 0 &&
               walk.reader.replaced_count == 0;
    if (!good) {
        lks_canon_free(&walk.canon);
        return lks_error_set(err, LKS_EINPUT, "this is no canonical JSON");
    }
    int code = lks_canon_finish(&walk.canon, &again);
    if (code == 0 && (again.size_bytes != json.size_bytes ||
                      memcmp(again.data, json.data, json.size_bytes) != 0))
        code = LKS_EINPUT;
    lks_buffer_free(&again);
    return code ? lks_error_set(err, code,
                                code == LKS_EINPUT ? "this JSON is not in its canonical writing"
                                                   : "out of memory")
                : 0;
}
