/* mapping.c - naming the columns of a file that no adapter knows */
#include "source/mapping.h"

#include <stdlib.h>

#include "base/toml.h"
#include "source/date_format.h"
#include "source/json_read.h"
#include "source/objects.h"
#include "source/row.h"

enum {
    PLATFORM_BYTES_MAX = 32,
    /* As many as a post may have objects: a longer list is a reject, not cut. */
    LIST_ITEMS_MAX = LKS_ACTIONS_PER_POST_MAX
};

const char *const lks_map_field_names[LKS_MAP_FIELDS_COUNT] = {
    "account", "time", "post",    "text",  "platform",   "kind",    "parent",
    "origin",  "url",  "hashtag", "sound", "transcript", "language"};

void lks_mapping_free(struct lks_mapping *mapping)
{
    for (int i = 0; i < LKS_MAP_FIELDS_COUNT; i++)
        free(mapping->column[i]);
    free(mapping->time_format);
    *mapping = (struct lks_mapping){{NULL}};
}

static struct lks_str trimmed(struct lks_str text)
{
    while (text.size_bytes && (*text.data == ' ' || *text.data == '\t')) {
        text.data++;
        text.size_bytes--;
    }
    while (text.size_bytes &&
           (text.data[text.size_bytes - 1] == ' ' || text.data[text.size_bytes - 1] == '\t' ||
            text.data[text.size_bytes - 1] == '\r'))
        text.size_bytes--;
    return text;
}

static int format_set(struct lks_mapping *mapping, struct lks_str format, struct lks_error *err)
{
    if (mapping->time_format)
        return lks_error_set(err, LKS_EARGUMENT, "the mapping names time_format twice");
    if (!format.size_bytes || memchr(format.data, 0, format.size_bytes))
        return lks_error_set(err, LKS_EARGUMENT, "the mapping gives no form for time_format");
    mapping->time_format = strndup(format.data, format.size_bytes);
    if (!mapping->time_format)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    return lks_date_format_check(mapping->time_format, err);
}

/* The platform's name in lower case; false for what is no name. */
static bool platform_read(struct lks_str value, char name[PLATFORM_BYTES_MAX + 1])
{
    if (!value.data)
        value = LKS_STR("other");
    if (value.size_bytes > PLATFORM_BYTES_MAX)
        return false;
    for (size_t i = 0; i < value.size_bytes; i++) {
        char c = value.data[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c + 32);
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.'))
            return false;
        name[i] = c;
    }
    name[value.size_bytes] = 0;
    return true;
}

static int mapping_set(struct lks_mapping *mapping, struct lks_str field, struct lks_str column,
                       struct lks_error *err)
{
    int index = -1;
    if (lks_str_equal_text(field, "time_format"))
        return format_set(mapping, column, err);
    for (int i = 0; i < LKS_MAP_FIELDS_COUNT; i++)
        if (lks_str_equal_text(field, lks_map_field_names[i]))
            index = i;
    int shown = field.size_bytes < 80 ? (int)field.size_bytes : 80;
    if (index < 0)
        return lks_error_set(err, LKS_EARGUMENT,
                             "the mapping names '%.*s'; known are account, time, post, text, "
                             "platform, kind, parent, origin, url, hashtag, sound, transcript, "
                             "language and time_format",
                             shown, field.data);
    if (mapping->column[index])
        return lks_error_set(err, LKS_EARGUMENT, "the mapping names %s twice",
                             lks_map_field_names[index]);
    if (!column.size_bytes || memchr(column.data, 0, column.size_bytes))
        return lks_error_set(err, LKS_EARGUMENT, "the mapping gives no column for %s",
                             lks_map_field_names[index]);
    char name[PLATFORM_BYTES_MAX + 1];
    if (index == LKS_MAP_PLATFORM && *column.data == '=' &&
        (column.size_bytes == 1 ||
         !platform_read((struct lks_str){column.data + 1, column.size_bytes - 1}, name)))
        return lks_error_set(err, LKS_EARGUMENT,
                             "'%.*s' is no name of a platform: at most %d of a-z, 0-9, _ - .",
                             column.size_bytes < 80 ? (int)column.size_bytes - 1 : 80,
                             column.data + 1, PLATFORM_BYTES_MAX);
    mapping->column[index] = strndup(column.data, column.size_bytes);
    mapping->column_bytes[index] = column.size_bytes;
    return mapping->column[index] ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory");
}

/* account=author_id,time=t */
static int list_parse(struct lks_str text, struct lks_mapping *mapping, struct lks_error *err)
{
    int code = 0;
    while (code == 0 && text.size_bytes) {
        const char *comma = memchr(text.data, ',', text.size_bytes);
        size_t size = comma ? (size_t)(comma - text.data) : text.size_bytes;
        const char *equal = memchr(text.data, '=', size);
        if (!equal)
            return lks_error_set(err, LKS_EARGUMENT,
                                 "'%.*s' is no part of a mapping; write account=COLUMN,time=COLUMN",
                                 size < 80 ? (int)size : 80, text.data);
        size_t name = (size_t)(equal - text.data);
        code = mapping_set(mapping, trimmed((struct lks_str){text.data, name}),
                           trimmed((struct lks_str){equal + 1, size - name - 1}), err);
        text.data += comma ? size + 1 : size;
        text.size_bytes -= comma ? size + 1 : size;
    }
    return code;
}

struct toml_reading {
    const char *path;
    struct lks_mapping *mapping;
};

static int toml_item(void *context, const struct lks_toml_item *item, struct lks_error *err)
{
    struct toml_reading *reading = context;
    if (item->table.size_bytes || item->type != LKS_TOML_STRING)
        return lks_error_set(err, LKS_EARGUMENT,
                             "%s: line %u is not of the form: name = \"column\"", reading->path,
                             item->line);
    return mapping_set(reading->mapping, item->key, item->value, err);
}

static int toml_read(const char *path, struct lks_mapping *mapping, struct lks_error *err)
{
    struct toml_reading reading = {path, mapping};
    struct lks_arena arena = {0};
    struct lks_str text;
    int code = lks_toml_load(path, &arena, &text, err);
    if (code == 0)
        code = lks_toml_read(path, text, toml_item, &reading, err);
    lks_arena_free(&arena);
    return code;
}

static int mapping_complete(const struct lks_mapping *mapping, struct lks_error *err)
{
    for (int i = 0; i <= LKS_MAP_TIME; i++)
        if (!mapping->column[i])
            return lks_error_set(err, LKS_EARGUMENT,
                                 "the mapping lacks %s; account and time are needed",
                                 lks_map_field_names[i]);
    return 0;
}

int lks_mapping_parse(const char *text, struct lks_mapping *mapping, struct lks_error *err)
{
    size_t size = strlen(text);
    *mapping = (struct lks_mapping){{NULL}};
    int code = size > 5 && strcmp(text + size - 5, ".toml") == 0
                   ? toml_read(text, mapping, err)
                   : list_parse((struct lks_str){text, size}, mapping, err);
    if (code == 0)
        code = mapping_complete(mapping, err);
    if (code)
        lks_mapping_free(mapping);
    return code;
}

int lks_mapping_is_read(const struct lks_mapping *mapping, int field)
{
    return mapping->column[field] &&
           (field != LKS_MAP_PLATFORM || mapping->column[field][0] != '=');
}

/* ---- a row ---- */

void lks_mapping_constants(const struct lks_mapping *mapping,
                           struct lks_str values[LKS_MAP_FIELDS_COUNT])
{
    if (mapping->column[LKS_MAP_PLATFORM] && !lks_mapping_is_read(mapping, LKS_MAP_PLATFORM))
        values[LKS_MAP_PLATFORM] = (struct lks_str){mapping->column[LKS_MAP_PLATFORM] + 1,
                                                    mapping->column_bytes[LKS_MAP_PLATFORM] - 1};
}

int lks_mapping_time(const struct lks_mapping *mapping, struct lks_str *time,
                     struct lks_arena *arena)
{
    char iso[LKS_DATE_ISO_BYTES];
    if (!mapping->time_format || !time->data)
        return 0;
    int size = lks_date_format_iso(trimmed(*time), mapping->time_format, iso);
    *time = size < 0 ? LKS_STR("not of the form given")
                     : lks_arena_str(arena, (struct lks_str){iso, (size_t)size});
    return time->data ? 0 : LKS_EMEMORY;
}

/* The kind by its name here, by what platforms call it, or by a flag: is it a repost? */
static enum lks_post_kind kind_read(struct lks_str value)
{
    static const struct {
        const char *name;
        enum lks_post_kind kind;
    } others[] = {
        {"retweet", LKS_POST_REPOST}, {"retweeted", LKS_POST_REPOST},
        {"share", LKS_POST_REPOST},   {"reblog", LKS_POST_REPOST},
        {"reply", LKS_POST_COMMENT},  {"replied_to", LKS_POST_COMMENT},
    };
    if (!value.data)
        return LKS_POST_POST;
    int known = lks_post_kind_parse(value);
    if (known >= 0)
        return (enum lks_post_kind)known;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (lks_str_equal_text(value, others[i].name))
            return others[i].kind;
    return lks_flag_parse(value) == 1 ? LKS_POST_REPOST : LKS_POST_POST;
}

/* The key of another post; one whose id is lost is as good as none. */
static int key_read(struct lks_arena *arena, const char *platform, struct lks_str id,
                    struct lks_str *key_out)
{
    *key_out = LKS_STR_NULL;
    if (!id.data || lks_id_is_lost(id))
        return 0;
    *key_out = lks_key_make(arena, platform, id);
    return key_out->data ? 0 : LKS_EMEMORY;
}

static int row_objects(const struct lks_str values[LKS_MAP_FIELDS_COUNT], struct lks_batch *batch)
{
    struct lks_str urls[LIST_ITEMS_MAX], tags[LIST_ITEMS_MAX];
    struct lks_str text = values[LKS_MAP_TEXT];
    const struct lks_post *post = &batch->posts[batch->posts_count - 1];
    struct lks_post_lists lists = {
        .urls = urls,
        .urls_count = lks_list_split(values[LKS_MAP_URL], urls, LIST_ITEMS_MAX),
        .hashtags = tags,
        .hashtags_count = lks_list_split(values[LKS_MAP_HASHTAG], tags, LIST_ITEMS_MAX),
        .sounds = &values[LKS_MAP_SOUND],
        .sounds_count = values[LKS_MAP_SOUND].data != NULL,
    };
    bool twitter =
        lks_str_equal_text(post->platform, "twitter") || lks_str_equal_text(post->platform, "x");
    if (text.data && (twitter || post->kind == LKS_POST_REPOST) &&
        lks_post_repost_mark(batch, post->kind == LKS_POST_REPOST))
        return LKS_EMEMORY;
    return lks_post_objects(batch, &lists);
}

static int row_post(const struct lks_str values[LKS_MAP_FIELDS_COUNT], const char *platform,
                    struct lks_str row_bytes, struct lks_batch *batch)
{
    struct lks_post *post = &batch->posts[batch->posts_count - 1];
    struct lks_arena *arena = &batch->arena;
    post->platform = lks_arena_str(arena, lks_str_from(platform));
    post->account_key = lks_key_make(arena, platform, values[LKS_MAP_ACCOUNT]);
    post->post_key = values[LKS_MAP_POST].data ? lks_key_make(arena, platform, values[LKS_MAP_POST])
                                               : lks_key_of_row(batch, platform, row_bytes);
    if (!post->platform.data || !post->account_key.data || !post->post_key.data ||
        key_read(arena, platform, values[LKS_MAP_PARENT], &post->parent_key) ||
        key_read(arena, platform, values[LKS_MAP_ORIGIN], &post->origin_key))
        return LKS_EMEMORY;
    post->text = values[LKS_MAP_TEXT];
    post->transcript = values[LKS_MAP_TRANSCRIPT];
    post->language = values[LKS_MAP_LANGUAGE];
    post->kind = kind_read(values[LKS_MAP_KIND]);
    if (post->origin_key.data && !values[LKS_MAP_KIND].data)
        post->kind = LKS_POST_REPOST;
    return row_objects(values, batch);
}

int lks_mapping_row(const struct lks_str values[LKS_MAP_FIELDS_COUNT], uint64_t line,
                    uint64_t offset_bytes, uint64_t length_bytes, struct lks_str row_bytes,
                    struct lks_batch *batch)
{
    char platform[PLATFORM_BYTES_MAX + 1];
    const char *fault = NULL;
    int64_t time_us = 0;
    enum lks_time_precision precision = LKS_PRECISION_SECOND;
    if (!values[LKS_MAP_ACCOUNT].data)
        fault = LKS_REASON_NO_ACCOUNT;
    else if (lks_id_is_lost(values[LKS_MAP_ACCOUNT]) || lks_id_is_lost(values[LKS_MAP_POST]))
        fault = LKS_ID_LOST;
    else if (!values[LKS_MAP_TIME].data)
        fault = LKS_REASON_NO_TIME;
    else if (lks_time_is_serial(values[LKS_MAP_TIME]) ||
             lks_time_parse_any(values[LKS_MAP_TIME], &time_us, &precision) != 0)
        fault = LKS_REASON_BAD_TIME;
    else if (!platform_read(values[LKS_MAP_PLATFORM], platform))
        fault = "bad platform name";
    if (fault)
        return lks_batch_reject(batch, line, offset_bytes, fault, row_bytes);
    struct lks_post *post = lks_batch_post(batch);
    if (!post)
        return LKS_EMEMORY;
    post->time_us = time_us;
    post->time_precision = precision;
    post->offset_bytes = offset_bytes;
    post->length_bytes = length_bytes;
    return row_post(values, platform, row_bytes, batch);
}
