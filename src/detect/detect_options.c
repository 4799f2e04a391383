/* detect_options.c - "url=60s,hashtag=10s" and the like become the detector's options */
#include <math.h>
#include <stdio.h>

#include "detect/detect.h"

/* Takes the next part of a comma list; 0 when there is none left. */
static int list_next(struct lks_str *list, struct lks_str *part)
{
    if (!list->size_bytes)
        return 0;
    const char *comma = memchr(list->data, ',', list->size_bytes);
    size_t size = comma ? (size_t)(comma - list->data) : list->size_bytes;
    *part = (struct lks_str){list->data, size};
    size_t step = comma ? size + 1 : size;
    *list = (struct lks_str){list->data + step, list->size_bytes - step};
    return 1;
}

static int only_read(const char *only, struct lks_chance_options *chance, struct lks_error *err)
{
    struct lks_str list = lks_str_from(only), part;
    int taken[LKS_OBJECT_KINDS_COUNT] = {0};
    if (!list.size_bytes)
        return lks_error_set(err, LKS_EARGUMENT, "no kind of object was named");
    while (list_next(&list, &part)) {
        int kind = lks_object_kind_parse(part);
        if (kind < 0)
            return lks_error_set(err, LKS_EARGUMENT, "'%.*s' is no kind of object",
                                 (int)(part.size_bytes < 60 ? part.size_bytes : 60), part.data);
        taken[kind] = 1;
    }
    for (int kind = 0; kind < LKS_OBJECT_KINDS_COUNT; kind++)
        if (!taken[kind])
            chance->kind_window_us[kind] = -1;
    return 0;
}

static int window_bad(struct lks_str part, struct lks_error *err)
{
    return lks_error_set(err, LKS_EARGUMENT,
                         "'%.*s' is no window; write 60s, or url=60s,hashtag=10s",
                         (int)(part.size_bytes < 60 ? part.size_bytes : 60), part.data);
}

static int windows_read(const char *windows, struct lks_chance_options *chance,
                        struct lks_error *err)
{
    struct lks_str list = lks_str_from(windows), part;
    if (!list.size_bytes || list.data[list.size_bytes - 1] == ',')
        return window_bad(list, err);
    while (list_next(&list, &part)) {
        int64_t span_us;
        const char *equal = memchr(part.data, '=', part.size_bytes);
        struct lks_str span = part;
        int kind = -1;
        if (equal) {
            size_t size = (size_t)(equal - part.data);
            kind = lks_object_kind_parse((struct lks_str){part.data, size});
            span = (struct lks_str){equal + 1, part.size_bytes - size - 1};
            if (kind < 0)
                return window_bad(part, err);
        }
        if (lks_span_parse(span, &span_us) != 0)
            return window_bad(part, err);
        for (int k = 0; k < LKS_OBJECT_KINDS_COUNT; k++)
            if ((kind < 0 || k == kind) && chance->kind_window_us[k] >= 0)
                chance->kind_window_us[k] = span_us;
    }
    return 0;
}

/* Windows beyond the longest that any kind allows would test the same thing again: they
 * are cut to that longest one. */
static void windows_cut(struct lks_chance_options *chance)
{
    int64_t longest = 0;
    unsigned kept = 0;
    for (int kind = 0; kind < LKS_OBJECT_KINDS_COUNT; kind++)
        if (chance->kind_window_us[kind] > longest)
            longest = chance->kind_window_us[kind];
    if (chance->windows_us[chance->windows_count - 1] <= longest)
        return;
    while (kept < chance->windows_count && chance->windows_us[kept] < longest)
        kept++;
    chance->windows_us[kept] = longest;
    chance->windows_count = kept + 1;
}

/* With C shuffled copies no p-value falls below 1 / (C + 1): fewer than the level asks for
 * could never find a thing, which would read like "there is nothing". */
static int copies_suffice(const struct lks_detect_groups_options *groups, struct lks_error *err)
{
    if ((groups->copies_count + 1.0) * groups->group_level >= 1 - 1e-9)
        return 0;
    return lks_error_set(err, LKS_EARGUMENT,
                         "%u shuffled copies cannot show a p-value of %g: at least %.0f are needed",
                         groups->copies_count, groups->group_level,
                         ceil(1 / groups->group_level - 1e-9) - 1);
}

int lks_detect_options_read(const struct lks_detect_options *options,
                            const struct lks_settings *settings,
                            struct lks_detect_groups_options *groups, struct lks_error *err)
{
    *groups = lks_detect_groups_options_default();
    int code = 0;
    if (options->only)
        code = only_read(options->only, &groups->chance, err);
    const char *windows = options->windows ? options->windows : settings->windows.data;
    if (code == 0 && windows) {
        code = windows_read(windows, &groups->chance, err);
        windows_cut(&groups->chance);
    }
    if (options->copies)
        groups->copies_count = options->copies;
    if (options->level > 0)
        groups->group_level = options->level;
    if (options->min_occasions)
        groups->chance.min_occasions = options->min_occasions;
    groups->seed = options->seed;
    if (code == 0)
        code = lks_detect_groups_options_check(groups, err);
    return code ? code : copies_suffice(groups, err);
}
