/* statement_members.c - what a statement that was read says in the clear */
#include "custody/statement.h"
#include "source/json_read.h"

static struct lks_json_value member(const struct lks_statement *statement, const char *path,
                                    struct lks_arena *arena)
{
    struct lks_json_value value;
    if (lks_json_get(statement->bytes, lks_str_from(path), &value, arena, 0, NULL) != 0)
        value = (struct lks_json_value){LKS_JSON_NONE, LKS_STR_NULL};
    return value;
}

int lks_statement_text(const struct lks_statement *statement, const char *path,
                       struct lks_arena *arena, struct lks_str *out)
{
    struct lks_json_value value = member(statement, path, arena);
    *out = LKS_STR_NULL;
    if (value.type != LKS_JSON_STRING)
        return 0;
    *out = lks_arena_str(arena, value.text.data ? value.text : LKS_STR(""));
    return out->data != NULL;
}

int lks_statement_int(const struct lks_statement *statement, const char *path,
                      struct lks_arena *arena, int64_t *out)
{
    struct lks_json_value value = member(statement, path, arena);
    size_t at = value.text.size_bytes && value.text.data[0] == '-';
    *out = 0;
    if (value.type != LKS_JSON_NUMBER || value.text.size_bytes - at > 16)
        return 0; /* canonical: digits alone, within 2^53 */
    for (size_t i = at; i < value.text.size_bytes; i++)
        *out = *out * 10 + (value.text.data[i] - '0');
    *out = at ? -*out : *out;
    return 1;
}

int lks_statement_list(const struct lks_statement *statement, const char *path,
                       struct lks_arena *arena, struct lks_str **out, size_t *count_out)
{
    struct lks_json_value list = member(statement, path, arena);
    struct lks_json_reader reader;
    size_t count = 0;
    *out = NULL;
    *count_out = 0;
    if (list.type != LKS_JSON_ARRAY)
        return 0;
    lks_json_open(&reader, list.text, arena, 0);
    if (lks_json_enter_array(&reader))
        for (; lks_json_element(&reader); count++)
            lks_json_skip(&reader);
    if (lks_json_close(&reader, NULL) != 0)
        return 0;
    struct lks_str *items = lks_arena_calloc(arena, count + 1, sizeof *items);
    if (!items)
        return 0;
    lks_json_open(&reader, list.text, arena, 0);
    if (lks_json_enter_array(&reader))
        for (size_t i = 0; i < count && lks_json_element(&reader); i++) {
            struct lks_json_value value = lks_json_read(&reader);
            if (value.type != LKS_JSON_STRING && value.type != LKS_JSON_NUMBER)
                return 0;
            items[i] = lks_arena_str(arena, value.text.data ? value.text : LKS_STR(""));
            if (!items[i].data)
                return 0;
        }
    if (lks_json_close(&reader, NULL) != 0)
        return 0;
    *out = items;
    *count_out = count;
    return 1;
}
