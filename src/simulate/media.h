/* media.h - the clip that a call hands out, and what its readers make of it */
#ifndef LKS_SIMULATE_MEDIA_H
#define LKS_SIMULATE_MEDIA_H

#include "simulate/world.h"

enum { LKS_SIM_MEDIA_NAME_BYTES = 16, LKS_SIM_MEDIA_COUNT = 1800 };

/* A file as a messaging app's export tells of it: nothing of what is in it. */
struct lks_sim_media {
    char name[LKS_SIM_MEDIA_NAME_BYTES]; /* "clip_0042.mp4" */
    uint32_t size_bytes, duration_s, width, height;
};

/* The file of a call for videos. The same for the same call. */
struct lks_sim_media lks_call_media(const struct lks_world *world, const struct lks_sim_call *call);
/* How long the file is once the account has edited it, in seconds. */
uint32_t lks_media_edited_s(const struct lks_world *world, const struct lks_sim_call *call,
                            uint32_t account);
/* How long any other video is. */
uint32_t lks_media_length_s(uint64_t id);

#endif
