/* adapter_kit.c - what the adapters of JSON formats do alike */
#include "source/adapter_kit.h"

int lks_list_add(struct lks_list *list, struct lks_arena *arena, struct lks_str item)
{
    if (!item.data || item.size_bytes == 0)
        return 0;
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 8;
        struct lks_str *items = lks_arena_calloc(arena, capacity, sizeof *items);
        if (!items)
            return LKS_EMEMORY;
        if (list->count)
            memcpy(items, list->items, list->count * sizeof *items);
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = item;
    return 0;
}

struct lks_str lks_key_join(struct lks_arena *arena, const struct lks_str *parts,
                            size_t parts_count, int *failed)
{
    size_t size = 0;
    for (size_t i = 0; i < parts_count; i++) {
        if (!parts[i].data || parts[i].size_bytes == 0)
            return LKS_STR_NULL;
        size += parts[i].size_bytes;
    }
    char *data = lks_arena_alloc(arena, size + 1);
    if (!data) {
        *failed = 1;
        return LKS_STR_NULL;
    }
    char *out = data;
    for (size_t i = 0; i < parts_count; i++) {
        memcpy(out, parts[i].data, parts[i].size_bytes);
        out += parts[i].size_bytes;
    }
    *out = 0;
    return (struct lks_str){data, size};
}

int lks_value_time(struct lks_json_value value, int64_t *time_us,
                   enum lks_time_precision *precision, int *zoned)
{
    *zoned = 1;
    *precision = LKS_PRECISION_SECOND;
    if (value.type == LKS_JSON_NUMBER)
        return lks_time_parse_unix(value.text, time_us);
    if (value.type != LKS_JSON_STRING)
        return -1;
    if (lks_time_parse_unix(value.text, time_us) == 0)
        return 0;
    return lks_time_parse_iso(value.text, time_us, precision, zoned);
}

int64_t lks_value_count(struct lks_json_value value)
{
    int64_t count;
    return lks_json_int64(value, &count) == 0 && count >= 0 ? count : LKS_COUNT_NULL;
}

struct lks_str lks_value_text(struct lks_json_value value)
{
    return value.type == LKS_JSON_STRING ? value.text : LKS_STR_NULL;
}

int lks_value_bool(struct lks_json_value value)
{
    return value.type == LKS_JSON_TRUE ? 1 : value.type == LKS_JSON_FALSE ? 0 : -1;
}

int64_t lks_json_sum_counts(struct lks_json_reader *reader)
{
    int64_t sum = 0;
    struct lks_str key;
    if (!lks_json_enter_array(reader))
        return LKS_COUNT_NULL;
    while (lks_json_element(reader)) {
        if (!lks_json_enter_object(reader))
            continue;
        while (lks_json_member(reader, &key)) {
            if (!lks_str_equal(key, LKS_STR("count")))
                continue;
            int64_t count = lks_value_count(lks_json_read(reader));
            if (count > 0 && sum <= INT64_MAX - count)
                sum += count;
        }
    }
    return sum;
}

int lks_row_open(struct lks_json_reader *reader, struct lks_str bytes, const struct lks_row *row,
                 struct lks_batch *batch, unsigned flags, int *code)
{
    lks_json_open(reader, bytes, &batch->arena, flags);
    if (lks_json_enter_object(reader))
        return 1;
    if (lks_row_close(reader, row, batch, code))
        *code = lks_row_reject(batch, row, LKS_REASON_NO_OBJECT);
    return 0;
}

int lks_row_close(struct lks_json_reader *reader, const struct lks_row *row,
                  struct lks_batch *batch, int *code)
{
    const char *reason = NULL;
    *code = lks_json_close(reader, &reason);
    if (*code == LKS_EINPUT)
        *code = lks_row_reject(batch, row, reason);
    return reason == NULL;
}

int lks_row_post(struct lks_batch *batch, const struct lks_row *row,
                 const struct lks_post_lists *lists)
{
    struct lks_post *post = &batch->posts[batch->posts_count - 1];
    post->offset_bytes = row->offset_bytes;
    post->length_bytes = row->bytes.size_bytes;
    return lks_post_objects(batch, lists);
}

struct lks_account *lks_batch_account_once(struct lks_batch *batch, struct lks_str account_key,
                                           int *failed)
{
    enum { LOOK_BACK = 16 };
    size_t count = batch->accounts_count;
    for (size_t i = 1; !batch->accounts_all && i <= LOOK_BACK && i <= count; i++)
        if (lks_str_equal(batch->accounts[count - i].account_key, account_key))
            return NULL;
    struct lks_account *account = lks_batch_account(batch);
    if (!account)
        *failed = 1;
    else
        account->account_key = account_key;
    return account;
}

int lks_head_has(const struct lks_head *head, const char *text)
{
    return head->bytes.data &&
           memmem(head->bytes.data, head->bytes.size_bytes, text, strlen(text)) != NULL;
}

int lks_head_is_json(const struct lks_head *head)
{
    const char *at = head->bytes.data, *end = at ? at + head->bytes.size_bytes : at;
    if (end - at >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0)
        at += 3;
    while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
        at++;
    return at < end && (*at == '{' || *at == '[');
}

int lks_head_is_lines(const struct lks_head *head)
{
    if (!lks_head_is_json(head))
        return 0;
    const char *at = memchr(head->bytes.data, '{', head->bytes.size_bytes);
    const char *end = head->bytes.data + head->bytes.size_bytes;
    if (!at || memchr(head->bytes.data, '[', (size_t)(at - head->bytes.data)))
        return 0;
    const char *stop = memchr(at, '\n', (size_t)(end - at));
    if (!stop)
        return 1;
    while (stop > at && (stop[-1] == '\r' || stop[-1] == ' ' || stop[-1] == '\t'))
        stop--;
    return stop - at >= 2 && stop[-1] == '}';
}
