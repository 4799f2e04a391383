/* world.h - who and what there is in a simulated month: accounts, videos, calls, by arithmetic */
#ifndef LKS_SIMULATE_WORLD_H
#define LKS_SIMULATE_WORLD_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/error.h"
#include "base/rng.h"

/* Populations, in the order of their account indexes. The first four are people: they also
 * post about anything else. */
enum lks_population {
    LKS_POPULATION_ORGANIC,
    LKS_POPULATION_FANS,
    LKS_POPULATION_FOOTBALL,
    LKS_POPULATION_GIVEAWAY,
    LKS_POPULATION_CREATORS,  /* whose videos people answer; called organic in the labels */
    LKS_POPULATION_RETURNERS, /* old accounts that come back after a long silence, by themselves */
    LKS_POPULATION_NEWS,
    LKS_POPULATION_VOLUNTEERS,
    LKS_POPULATION_PAID,
    LKS_POPULATION_SLEEPERS,
    LKS_POPULATION_SWARM,
    LKS_POPULATION_RECIDIVISTS, /* what accounts of the swarm come back as that were taken down */
    LKS_POPULATIONS_COUNT
};

enum {
    LKS_SIM_DAYS = 28,
    LKS_SIM_HOURS = LKS_SIM_DAYS * 24,
    LKS_SIM_CALLS_MAX = 256,
    LKS_SIM_TARGETS_MAX = 5,
    LKS_SIM_TAGS_MAX = 6,
    LKS_SIM_TOPICS = 40,
    LKS_SIM_TAGS_PER_TOPIC = 60,
    LKS_SIM_CAMPAIGN_TAGS = 6,
    LKS_SIM_TAG_PAID = 0, /* that was paid for, then taken over */
    LKS_SIM_TAG_EDIT = 1, /* an edit of it, which takes its place */
    LKS_SIM_TAG_ONE = 2,  /* that some accounts use in all their clips */
    LKS_SIM_TAKEDOWNS = 3,
    LKS_SIM_PAID_CLIPS = 4,
    LKS_SIM_CHANNEL_ID = 1900000007,
    LKS_SIM_BATCHES = 4,       /* days on which some of the swarm registered */
    LKS_SIM_REGISTERED = 1057, /* of the swarm after the channel opened, unless asked otherwise */
    LKS_SIM_CELL = 8           /* accounts that one operator works through */
};
#define LKS_SIM_CALL_SOUND UINT64_C(7200000000000000000) /* the first of the calls' sounds */

/* Streams of random numbers, so that what one mechanism draws never moves another. */
enum lks_stream {
    LKS_STREAM_ACCOUNT = 1,
    LKS_STREAM_VIDEO,
    LKS_STREAM_ORGANIC,
    LKS_STREAM_COVER,
    LKS_STREAM_CALL,
    LKS_STREAM_ANSWERS,
    LKS_STREAM_BURST,
    LKS_STREAM_FANS,
    LKS_STREAM_FOOTBALL,
    LKS_STREAM_NEWS,
    LKS_STREAM_GIVEAWAY,
    LKS_STREAM_VOLUNTEERS,
    LKS_STREAM_PAID,
    LKS_STREAM_WORDS,
    LKS_STREAM_CHATTER,
    LKS_STREAM_HOUR,
    LKS_STREAM_LEDGER,
    LKS_STREAM_EVASION,
    LKS_STREAM_RETURNERS,
    LKS_STREAM_PUBLIC,
    LKS_STREAM_MEDIA
};

/* 28 days in local time (UTC+2), the last of them the day of the vote, 24 November 2024. */
#define LKS_SIM_START_MS INT64_C(1730066400000) /* 2024-10-27T22:00:00Z */
#define LKS_SIM_HOUR_MS INT64_C(3600000)
#define LKS_SIM_DAY_MS (24 * LKS_SIM_HOUR_MS)
#define LKS_SIM_END_MS (LKS_SIM_START_MS + LKS_SIM_DAYS * LKS_SIM_DAY_MS)
#define LKS_SIM_WAKE_DAY 14 /* the day (0-based) on which sleepers wake: 11 November */
#define LKS_SIM_EDIT_DAY 21 /* from which on calls name the edited tag: 18 November */
#define LKS_SIM_PUSH_DAY 26 /* the last two days, on which everybody answers more */
#define LKS_SIM_NOBODY UINT32_MAX

enum lks_call_kind { LKS_CALL_COMMENT, LKS_CALL_POST };

/* A video that can be answered. */
struct lks_sim_video {
    uint64_t id;
    int64_t time_ms;
    uint32_t account;
    uint32_t topic;
};

/* One message of the channel that tells its readers what to do. */
struct lks_sim_call {
    int64_t time_ms;
    enum lks_call_kind kind;
    struct lks_sim_video targets[LKS_SIM_TARGETS_MAX];
    unsigned targets_count;
    unsigned tags[3]; /* campaign tags */
    unsigned tags_count;
    uint64_t text_key; /* of the text to copy */
    uint64_t sound;
};

struct lks_world {
    uint64_t seed;
    double scale;
    double jitter, paraphrase, sparse; /* how hard the swarm tries not to be seen, 0 to 1 */
    uint32_t groups; /* that it is split into, for the same reason; 1: not split */
    uint32_t first[LKS_POPULATIONS_COUNT + 1]; /* account ranges */
    uint32_t people_count, people_stride;
    uint32_t registered; /* of the swarm after the channel opened, at scale 1 */
    uint32_t late_count,
        late_stride;             /* those at this scale, and how they are spread over the swarm */
    uint32_t videos_of_hour[24]; /* creators' videos by local hour */
    struct lks_sim_call calls[LKS_SIM_CALLS_MAX];
    unsigned calls_count;
    /* By account: posts written, and those of them that were acts of its group. */
    _Atomic uint32_t *posts, *acts;
};

struct lks_sim_account {
    uint32_t index;
    enum lks_population population;
    char handle[16];
    uint64_t id;
    int64_t created_s;
    uint32_t followers, following, topic;
    int verified;
};

int lks_world_init(struct lks_world *world, const struct lks_simulate_options *options,
                   struct lks_error *err);
void lks_world_free(struct lks_world *world);

uint32_t lks_world_count(const struct lks_world *world, enum lks_population population);
enum lks_population lks_world_population(const struct lks_world *world, uint32_t account);
struct lks_sim_account lks_world_account(const struct lks_world *world, uint32_t account);
/* Only the handle, 16 bytes. */
void lks_world_handle(const struct lks_world *world, uint32_t account, char handle[16]);
/* Seconds since 1970 of the start of a day on which some of the swarm registered. */
int64_t lks_world_batch_day_s(unsigned batch);
uint32_t lks_world_topic(const struct lks_world *world, uint32_t account);
/* When it registered where that is within the month, and 0 where it is before. */
int64_t lks_world_joined_ms(const struct lks_world *world, uint32_t account);
/* Whether it is one of the organic people in sixty who support the campaign of their own accord. */
int lks_world_is_supporter(const struct lks_world *world, uint32_t account);
/* Someone of the people, by a power law of activity. */
uint32_t lks_world_person(const struct lks_world *world, struct lks_rng *rng);

/* When a swarm or sleeper account begins to work. */
int64_t lks_world_wakes_ms(const struct lks_world *world, uint32_t account);
/* How likely it answers a call, in [0, 1]. */
double lks_world_diligence(const struct lks_world *world, uint32_t account);
/* How many comments it is to write in the month; eager ones more. */
double lks_world_comments(const struct lks_world *world, uint32_t account);
/* Whether it answers calls for videos as well, and whether all of those have one tag. */
int lks_world_makes_clips(const struct lks_world *world, uint32_t account);
int lks_world_has_one_tag(const struct lks_world *world, uint32_t account);

/* Who acts at a time in the place of a swarm or sleeper account: itself; after a takedown
 * nobody, then the account it came back as. */
uint32_t lks_world_actor(const struct lks_world *world, uint32_t account, int64_t time_ms);
/* Whom a recidivist comes back for, when that one was taken down, and when it returns. */
struct lks_sim_return {
    uint32_t before;
    int64_t taken_down_ms, returned_ms;
};
struct lks_sim_return lks_world_return(const struct lks_world *world, uint32_t account);

/* The creators' index-th video of an hour, index below lks_world_videos_count(hour). */
struct lks_sim_video lks_world_video(const struct lks_world *world, int hour, uint32_t index);
uint32_t lks_world_videos_count(const struct lks_world *world, int hour);
/* The clip-th video of a paid account. */
struct lks_sim_video lks_world_paid_video(const struct lks_world *world, uint32_t account,
                                          unsigned clip);
/* An id that carries its time, as ids of the platform do. */
uint64_t lks_world_id(int64_t time_ms, uint64_t bits);

/* The share of a day's activity that falls into a local hour. */
extern const double lks_world_day_profile[24];

#endif
