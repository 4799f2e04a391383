/* mechanisms.h - what makes accounts post, each written hour by hour */
#ifndef LKS_SIMULATE_MECHANISMS_H
#define LKS_SIMULATE_MECHANISMS_H

#include "simulate/write.h"

/* Each adds what begins in hour->hour; what follows from it (an answer hours later) is
 * added with it. docs/simulator.md describes the model. */

/* organic.c: people and creators about anything, and the genuine supporters among them. */
void lks_simulate_organic(struct lks_hour *hour);
/* Old accounts that come back after a long silence, each of its own accord. */
void lks_simulate_returners(struct lks_hour *hour);
/* swarm.c: answers to calls, bursts under one clip, and what covers them. */
void lks_simulate_calls(struct lks_hour *hour);
void lks_simulate_bursts(struct lks_hour *hour);
void lks_simulate_cover(struct lks_hour *hour);
/* crowds.c: those who look alike for innocent reasons, and those who do not hide. */
void lks_simulate_fans(struct lks_hour *hour);
void lks_simulate_football(struct lks_hour *hour);
void lks_simulate_news(struct lks_hour *hour);
void lks_simulate_giveaways(struct lks_hour *hour);
void lks_simulate_volunteers(struct lks_hour *hour);
/* influencers.c: clips that are paid for, the same accounts' other clips, and who comments. */
void lks_simulate_paid(struct lks_hour *hour);
void lks_simulate_influencers(struct lks_hour *hour);

/* A comment or a video of someone about anything at this time. */
void lks_organic_comment(struct lks_hour *hour, struct lks_rng *rng, uint32_t account,
                         int64_t time_ms);
/* The same under this video, which is of the topic. */
void lks_organic_comment_under(struct lks_hour *hour, struct lks_rng *rng, uint32_t account,
                               int64_t time_ms, uint64_t video, uint32_t topic);
/* Returns the video's id. */
uint64_t lks_organic_post(struct lks_hour *hour, struct lks_rng *rng, uint32_t account,
                          int64_t time_ms);
/* A tag of a topic, by a power law. */
uint32_t lks_organic_tag(struct lks_rng *rng, uint32_t topic);
uint64_t lks_organic_sound(struct lks_rng *rng);

/* Tags by number: campaign first, then of crowds, then of topics. */
enum {
    LKS_TAG_FANS = LKS_SIM_CAMPAIGN_TAGS,
    LKS_TAG_FOOTBALL = LKS_TAG_FANS + 2,
    LKS_TAG_VOLUNTEERS = LKS_TAG_FOOTBALL + 4,
    LKS_TAG_NEWS = LKS_TAG_VOLUNTEERS + 1,
    LKS_TAG_PAID_OWN = LKS_TAG_NEWS + 1, /* a tag of the paid campaign that nobody took over */
    LKS_TAG_VOTE = LKS_TAG_PAID_OWN + 1,
    LKS_TAG_TOPICS = 64
};

static inline int64_t lks_hour_start_ms(const struct lks_hour *hour)
{
    return LKS_SIM_START_MS + hour->hour * LKS_SIM_HOUR_MS;
}

static inline struct lks_rng lks_hour_rng(const struct lks_hour *hour, enum lks_stream stream,
                                          uint64_t number)
{
    struct lks_rng rng;
    lks_rng_init(&rng, hour->world->seed ^ (uint64_t)stream << 56,
                 (uint64_t)hour->hour << 32 | number);
    return rng;
}

#endif
