/* coaction_options.c - windows and kinds as people write them */
#include "detect/coaction_parts.h"

/* Takes the next part of a comma list; 0 when there is none left. */
static int list_next(struct lks_str *list, struct lks_str *part)
{
    if (!list->size_bytes)
        return 0;
    const char *comma = memchr(list->data, ',', list->size_bytes);
    size_t size = comma ? (size_t)(comma - list->data) : list->size_bytes;
    size_t step = comma ? size + 1 : size;
    *part = (struct lks_str){list->data, size};
    *list = (struct lks_str){list->data + step, list->size_bytes - step};
    return 1;
}

static int shown(struct lks_str part)
{
    return (int)(part.size_bytes < 60 ? part.size_bytes : 60);
}

/* A span of its own is a window more; twice the same is one. */
static int window_add(struct lks_str span, int64_t span_us, struct lks_coaction_windows *asked,
                      struct lks_error *err)
{
    for (size_t i = 0; i < asked->count; i++)
        if (asked->us[i][0] == span_us)
            return 0;
    if (asked->count == LKS_WINDOWS_ASKED_MAX)
        return lks_error_set(err, LKS_EARGUMENT, "at most %d windows can be asked for at a time",
                             LKS_WINDOWS_ASKED_MAX);
    char *name = asked->name[asked->count];
    size_t size =
        span.size_bytes < LKS_WINDOW_NAME_BYTES ? span.size_bytes : LKS_WINDOW_NAME_BYTES - 1;
    memcpy(name, span.data, size);
    name[size] = '\0';
    asked->us[asked->count++][0] = span_us;
    return 0;
}

/* Takes "60s" as a window, and "hashtag=10s" as that kind's. */
static int window_part(struct lks_str part, struct lks_coaction_windows *asked,
                       int64_t kind_us[LKS_OBJECT_KINDS_COUNT], struct lks_error *err)
{
    const char *equal = memchr(part.data, '=', part.size_bytes);
    struct lks_str span = part;
    int64_t span_us;
    int kind = -1;
    if (equal) {
        struct lks_str name = {part.data, (size_t)(equal - part.data)};
        span = (struct lks_str){equal + 1, part.size_bytes - name.size_bytes - 1};
        kind = lks_object_kind_parse(name);
        if (kind < 0)
            return lks_error_set(err, LKS_EARGUMENT, "'%.*s' is no kind of object", shown(name),
                                 name.data);
    }
    if (lks_span_parse(span, &span_us) != 0)
        return lks_error_set(err, LKS_EARGUMENT,
                             "'%.*s' is no window; write 60s, or url=60s,hashtag=10s", shown(part),
                             part.data);
    if (kind < 0)
        return window_add(span, span_us, asked, err);
    kind_us[kind] = span_us;
    return 0;
}

int lks_coaction_windows_read(const char *windows, const char *kinds,
                              struct lks_coaction_windows *asked, struct lks_error *err)
{
    struct lks_str list = lks_str_from(windows), part;
    int64_t kind_us[LKS_OBJECT_KINDS_COUNT];
    int taken[LKS_OBJECT_KINDS_COUNT] = {0};
    *asked = (struct lks_coaction_windows){0};
    for (int k = 0; k < LKS_OBJECT_KINDS_COUNT; k++)
        kind_us[k] = -1;
    while (list_next(&list, &part))
        if (window_part(part, asked, kind_us, err) < 0)
            return LKS_EARGUMENT;
    if (asked->count == 0 && window_add(lks_str_from("60s"), LKS_MINUTE_US, asked, err) < 0)
        return LKS_EARGUMENT;
    list = lks_str_from(kinds);
    while (list_next(&list, &part)) {
        int kind = lks_object_kind_parse(part);
        if (kind < 0)
            return lks_error_set(err, LKS_EARGUMENT, "'%.*s' is no kind of object", shown(part),
                                 part.data);
        taken[kind] = 1;
    }
    for (size_t i = 0; i < asked->count; i++) {
        int64_t span_us = asked->us[i][0];
        for (int k = 0; k < LKS_OBJECT_KINDS_COUNT; k++)
            asked->us[i][k] = kinds && !taken[k] ? -1 : kind_us[k] >= 0 ? kind_us[k] : span_us;
    }
    return 0;
}

int lks_coaction_window_read(const char *windows, int64_t *window_us, struct lks_error *err)
{
    *window_us = LKS_MINUTE_US;
    if (windows && lks_span_parse(lks_str_from(windows), window_us) != 0)
        return lks_error_set(err, LKS_EARGUMENT,
                             "'%.60s' is no window; a compatibility mode takes one, as in 60s",
                             windows);
    return 0;
}
