/* media.c - the clip that a call hands out, and what its readers make of it
 *
 * Readers are told to edit each file so that it looks like their own. Every upload then has an
 * id of its own, and no export says more of a file than its name, size and length: that two
 * videos are edits of one clip shows in their lengths, which are near each other, and in their
 * sound. All is a hash of the call and the account, so that nothing else is drawn otherwise. */
#include "simulate/media.h"

#include <stdio.h>

#include "simulate/draw.h"

enum { SHORTEST_S = 7, LENGTHS_S = 53, TRIM_S = 3, INTRO_S = 4 };

struct lks_sim_media lks_call_media(const struct lks_world *world, const struct lks_sim_call *call)
{
    uint64_t hash = lks_draw_hash(world->seed, LKS_STREAM_MEDIA, call->text_key);
    struct lks_sim_media media = {.width = 720, .height = 1280};
    snprintf(media.name, sizeof media.name, "clip_%04u.mp4",
             1 + (unsigned)(hash % LKS_SIM_MEDIA_COUNT));
    media.duration_s = SHORTEST_S + TRIM_S + (uint32_t)(hash >> 32) % (LENGTHS_S - TRIM_S);
    media.size_bytes = media.duration_s * (180000 + (uint32_t)(hash >> 16) % 120000);
    return media;
}

/* Most cut some of it, some change only what it looks like, some put something before it. */
uint32_t lks_media_edited_s(const struct lks_world *world, const struct lks_sim_call *call,
                            uint32_t account)
{
    uint64_t hash = lks_draw_hash(call->text_key, LKS_STREAM_MEDIA, account);
    uint32_t length_s = lks_call_media(world, call).duration_s;
    double u = lks_draw_hash_unit(hash);
    if (u < 0.6)
        return length_s - 1 - (uint32_t)(hash % TRIM_S);
    return u < 0.8 ? length_s : length_s + 1 + (uint32_t)(hash % INTRO_S);
}

uint32_t lks_media_length_s(uint64_t id)
{
    return SHORTEST_S + (uint32_t)(lks_draw_hash(id, LKS_STREAM_MEDIA, 0) % LENGTHS_S);
}
