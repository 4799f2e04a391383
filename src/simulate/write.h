/* write.h - simulated posts in the formats of real exports */
#ifndef LKS_SIMULATE_WRITE_H
#define LKS_SIMULATE_WRITE_H

#include "base/str.h"
#include "simulate/words.h"
#include "simulate/world.h"

/* What one hour of the month comes to: three files' parts, and counts. */
struct lks_hour {
    const struct lks_world *world;
    int hour;                   /* 0-based */
    struct lks_buffer videos;   /* TikTok Research API: elements of "videos" */
    struct lks_buffer posts;    /* Zeeschuimer, tiktok.com */
    struct lks_buffer comments; /* Zeeschuimer, tiktok-comments */
    uint64_t videos_count, posts_count, comments_count;
    struct lks_sim_text text; /* scratch */
};

/* A post as the mechanisms know it. What comes after the end of the month is not written. */
struct lks_sim_post {
    uint32_t account;
    int64_t time_ms;
    uint64_t id;         /* 0: made from the time */
    uint64_t bits;       /* of the id */
    uint64_t video;      /* comments: what they answer */
    uint64_t sound;      /* posts */
    uint32_t duration_s; /* posts; 0: of any length */
    const struct lks_sim_text *text;
    uint32_t
        tags[LKS_SIM_TAGS_MAX]; /* written behind the text, and in the lists that the format has */
    unsigned tags_count;
    int act; /* an act of the account's group, for the labels */
};

void lks_write_comment(struct lks_hour *hour, const struct lks_sim_post *post);
void lks_write_post(struct lks_hour *hour, const struct lks_sim_post *post);
void lks_write_video(struct lks_hour *hour, const struct lks_sim_post *post);

#endif
