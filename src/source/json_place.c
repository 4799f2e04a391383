/* json_place.c - where a scan of a JSON document stands: open brackets, names, what stood before */
#include "source/json_place.h"

#include "source/frame_json.h"

/* Paths of names; array elements have none. */
const char *const lks_json_record_arrays[] = {
    "messages",            /* Telegram Desktop, one chat */
    "chats.list.messages", /* Telegram Desktop, everything */
    "left_chats.list.messages",
    "data.videos", /* TikTok Research API */
    "data.comments",
    "data.user_liked_videos",
    "data.user_pinned_videos",
    "data.user_reposted_videos",
    "data.user_followers",
    "data.user_following",
    "data.ads",
    "itemList", /* TikTok's site */
    "items",    /* YouTube */
    "statuses", /* Mastodon */
    "ancestors",
    "descendants",
    NULL};

void lks_json_place_token(struct lks_json_place *place, int is_name)
{
    lks_buffer_clear(is_name ? &place->name : &place->value);
    if (is_name)
        place->name_long = 0;
    else
        place->value_long = 0;
}

void lks_json_place_piece(struct lks_json_place *place, int is_name, const char *data,
                          size_t size_bytes)
{
    struct lks_buffer *out = is_name ? &place->name : &place->value;
    if (out->size_bytes + size_bytes <= LKS_JSON_SCALAR_BYTES_MAX)
        lks_buffer_append(out, data, size_bytes);
    else if (is_name)
        place->name_long = 1;
    else
        place->value_long = 1;
}

void lks_json_place_scalar(struct lks_json_place *place)
{
    const struct lks_json_level *level = &place->levels[place->depth - 1];
    struct lks_buffer *scalars = &place->scalars;
    size_t size = scalars->size_bytes + place->name.size_bytes + place->value.size_bytes + 2;
    if (place->name_long || place->value_long || size > LKS_JSON_SCALARS_BYTES_MAX)
        return;
    if (scalars->size_bytes > level->scalars_start)
        lks_buffer_byte(scalars, ',');
    lks_buffer_append(scalars, place->name.data, place->name.size_bytes);
    lks_buffer_byte(scalars, ':');
    lks_buffer_append(scalars, place->value.data, place->value.size_bytes);
}

/* The scalars around the record array that opens now: its object's, and the document's. */
static void make_outer(struct lks_json_place *place)
{
    uint32_t document = lks_json_place_document(place);
    uint32_t around = place->depth - 1; /* the level of the object around the array */
    struct lks_buffer *outer = &place->outer;
    size_t start = place->levels[around].scalars_start;
    lks_buffer_clear(outer);
    place->outer_serial++;
    lks_buffer_byte(outer, '{');
    if (place->scalars.size_bytes > start)
        lks_buffer_append(outer, place->scalars.data + start, place->scalars.size_bytes - start);
    if (around > document) {
        start = place->levels[document].scalars_start;
        size_t end = place->levels[document + 1].scalars_start;
        lks_buffer_text(outer, outer->size_bytes > 1 ? ",\"document\":{" : "\"document\":{");
        if (end > start)
            lks_buffer_append(outer, place->scalars.data + start, end - start);
        lks_buffer_byte(outer, '}');
    }
    lks_buffer_byte(outer, '}');
}

static const char *record_array_name(const struct lks_json_place *place)
{
    struct lks_str path = {place->path, place->path_bytes};
    if (place->path_bytes == 0 || place->path_bytes > LKS_JSON_PATH_BYTES_MAX)
        return NULL;
    for (size_t i = 0; lks_json_record_arrays[i]; i++) {
        if (lks_str_equal_text(path, lks_json_record_arrays[i])) {
            const char *dot = strrchr(lks_json_record_arrays[i], '.');
            return dot ? dot + 1 : lks_json_record_arrays[i];
        }
    }
    return NULL;
}

int lks_json_place_may_be_records(struct lks_str name)
{
    for (size_t i = 0; lks_json_record_arrays[i]; i++) {
        const char *dot = strrchr(lks_json_record_arrays[i], '.');
        if (lks_str_equal_text(name, dot ? dot + 1 : lks_json_record_arrays[i]))
            return 1;
    }
    return 0;
}

/* The path to the value that opens: the object's own path and the member's name. */
static void enter_path(struct lks_json_place *place)
{
    const struct lks_json_level *inner = lks_json_place_inner(place);
    place->path_bytes = inner ? inner->path_bytes : 0;
    if (!inner || !inner->object || place->path_bytes > LKS_JSON_PATH_BYTES_MAX)
        return;
    size_t name_bytes = place->name.size_bytes >= 2 ? place->name.size_bytes - 2 : 0;
    size_t dot = place->path_bytes ? 1 : 0;
    if (place->name_long || place->path_bytes + dot + name_bytes > LKS_JSON_PATH_BYTES_MAX) {
        place->path_bytes = LKS_JSON_PATH_BYTES_MAX + 1;
        return;
    }
    if (dot)
        place->path[place->path_bytes] = '.';
    if (name_bytes)
        memcpy(place->path + place->path_bytes + dot, place->name.data + 1, name_bytes);
    place->path_bytes += dot + name_bytes;
}

int lks_json_place_open(struct lks_json_place *place, int object, int in_document)
{
    if (place->depth <= lks_json_place_document(place))
        lks_buffer_clear(&place->scalars);
    enter_path(place);
    const char *name = !object && in_document ? record_array_name(place) : NULL;
    if (name) {
        make_outer(place);
        place->array_name = name;
    }
    place->levels[place->depth++] =
        (struct lks_json_level){.scalars_start = (uint32_t)place->scalars.size_bytes,
                                .path_bytes = (uint16_t)place->path_bytes,
                                .object = (uint8_t)object,
                                .records = name != NULL};
    return name != NULL;
}

void lks_json_place_close(struct lks_json_place *place)
{
    place->scalars.size_bytes = place->levels[--place->depth].scalars_start;
}

int lks_json_place_failed(const struct lks_json_place *place)
{
    return place->name.failed || place->value.failed || place->scalars.failed ||
           place->outer.failed;
}

void lks_json_place_free(struct lks_json_place *place)
{
    lks_buffer_free(&place->name);
    lks_buffer_free(&place->value);
    lks_buffer_free(&place->scalars);
    lks_buffer_free(&place->outer);
}
