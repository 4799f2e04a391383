/* json_place.h - where a scan of a JSON document stands: open brackets, names, what stood before */
#ifndef LKS_SOURCE_JSON_PLACE_H
#define LKS_SOURCE_JSON_PLACE_H

#include <stdint.h>

#include "source/json_read.h"

/* What is held has a fixed bound: longer names and scalars are left out of `outer`, and a
 * longer path matches nothing. */
enum {
    LKS_JSON_PATH_BYTES_MAX = 256,
    LKS_JSON_SCALAR_BYTES_MAX = 4096,
    LKS_JSON_SCALARS_BYTES_MAX = 64 * 1024
};

struct lks_json_level {
    uint32_t scalars_start; /* of this object, into scalars */
    uint16_t path_bytes;    /* of the path to this object or array */
    uint8_t object;
    uint8_t records; /* its elements are records */
};

/* Zero it to start. A document is the outermost value, or an element of the outermost array. */
struct lks_json_place {
    uint32_t depth;
    struct lks_json_level levels[LKS_JSON_DEPTH_MAX];
    int root_is_array;
    size_t path_bytes; /* LKS_JSON_PATH_BYTES_MAX + 1 once it is too long to match */
    char path[LKS_JSON_PATH_BYTES_MAX];
    /* The last name and scalar as they stand, quotes and all; and the scalar members
     * of the open objects, one object after the other, each "name":value,"name":value. */
    struct lks_buffer name, value, scalars;
    int name_long, value_long;
    const char *array_name;  /* of the record array entered last; static */
    struct lks_buffer outer; /* what stands around it */
    uint64_t outer_serial;
};

static inline uint32_t lks_json_place_document(const struct lks_json_place *place)
{
    return place->root_is_array ? 1 : 0;
}

/* The innermost open object or array, or NULL. */
static inline const struct lks_json_level *lks_json_place_inner(const struct lks_json_place *place)
{
    return place->depth ? &place->levels[place->depth - 1] : NULL;
}

/* A name or a scalar begins; a piece of it. */
void lks_json_place_token(struct lks_json_place *place, int is_name);
void lks_json_place_piece(struct lks_json_place *place, int is_name, const char *data,
                          size_t size_bytes);
/* The member that was just read joins the scalars of its object. */
void lks_json_place_scalar(struct lks_json_place *place);

/* Enters an object or array; in_document says that it is or lies within one. Returns 1 where
 * it is a record array (array_name and outer are set then), else 0. depth must be below the
 * most that there can be. */
int lks_json_place_open(struct lks_json_place *place, int object, int in_document);
void lks_json_place_close(struct lks_json_place *place);

/* Whether a record array's path may end with this name, or part of a name behind a dot. */
int lks_json_place_may_be_records(struct lks_str name);

/* Whether memory ran out. */
int lks_json_place_failed(const struct lks_json_place *place);
void lks_json_place_free(struct lks_json_place *place);

#endif
