/* influencers.c - clips that are paid for, the same accounts' other clips, and who comments
 *
 * Paid accounts live on an audience: beside four clips of the campaign each makes as many as any
 * creator does, and under all of them people comment, as many as under a creator's. That is what
 * a name beneath the paid clips is to be compared with. All but the paid clips themselves is
 * drawn from a stream of its own, so that it moves nothing else. */
#include "simulate/draw.h"
#include "simulate/mechanisms.h"

static const double clips_a_month = 250000.0 / 22000, comments_a_clip = 12; /* as creators have */

/* An hour of the two days after the clip in which people are awake. */
static int64_t comment_ms(struct lks_rng *rng, int64_t clip_ms)
{
    static const struct lks_knot age_hours[] = {{0, 0}, {0.5, 4}, {0.8, 12}, {0.95, 30}, {1, 48}};
    int64_t time_ms;
    int hour;
    do {
        time_ms =
            clip_ms + 1000 + (int64_t)((double)LKS_SIM_HOUR_MS * lks_draw_knots(rng, age_hours));
        hour = (int)((time_ms - LKS_SIM_START_MS) / LKS_SIM_HOUR_MS % 24);
    } while (!lks_draw_chance(rng, lks_world_day_profile[hour] / 0.08));
    return time_ms;
}

/* What people write under a clip; few clips have many comments. */
static void public_write(struct lks_hour *hour, struct lks_rng *rng, uint32_t author,
                         uint64_t video, int64_t clip_ms)
{
    uint32_t topic = lks_world_topic(hour->world, author);
    uint32_t count =
        lks_draw_round(rng, comments_a_clip * lks_draw_knots(rng, lks_knots_exponential));
    for (uint32_t i = 0; i < count; i++) {
        uint32_t person = lks_world_person(hour->world, rng);
        int64_t time_ms = comment_ms(rng, clip_ms);
        if (lks_world_joined_ms(hour->world, person) <= time_ms)
            lks_organic_comment_under(hour, rng, person, time_ms, video, topic);
    }
}

/* A clip of the campaign: one of two scripts, told in own words. */
static void paid_clip_write(struct lks_hour *hour, uint32_t place,
                            const struct lks_sim_video *video, unsigned clip)
{
    struct lks_rng rng = lks_hour_rng(hour, LKS_STREAM_PAID, (uint64_t)place * 8 + clip);
    struct lks_sim_post post = {.account = video->account,
                                .time_ms = video->time_ms,
                                .id = video->id,
                                .sound = lks_organic_sound(&rng),
                                .act = 1};
    lks_sim_text_clear(&hour->text);
    lks_sim_text_edited(&hour->text, hour->world->seed ^ (930000 + clip % 2), 14, &rng);
    lks_sim_text_words(&hour->text, &rng, 2 + (unsigned)lks_rng_below(&rng, 5));
    post.text = &hour->text;
    post.tags[post.tags_count++] = LKS_SIM_TAG_PAID;
    post.tags[post.tags_count++] = LKS_TAG_PAID_OWN;
    lks_write_post(hour, &post);
}

void lks_simulate_paid(struct lks_hour *hour)
{
    const struct lks_world *world = hour->world;
    uint32_t count = lks_world_count(world, LKS_POPULATION_PAID);
    for (uint32_t i = 0; i < count; i++)
        for (unsigned clip = 0; clip < LKS_SIM_PAID_CLIPS; clip++) {
            struct lks_sim_video video =
                lks_world_paid_video(world, world->first[LKS_POPULATION_PAID] + i, clip);
            if ((video.time_ms - LKS_SIM_START_MS) / LKS_SIM_HOUR_MS != hour->hour)
                continue;
            paid_clip_write(hour, i, &video, clip);
            struct lks_rng rng = lks_hour_rng(hour, LKS_STREAM_PUBLIC, (uint64_t)i * 8 + clip);
            public_write(hour, &rng, video.account, video.id, video.time_ms);
        }
}

void lks_simulate_influencers(struct lks_hour *hour)
{
    const struct lks_world *world = hour->world;
    uint32_t first = world->first[LKS_POPULATION_PAID];
    double share = clips_a_month / LKS_SIM_DAYS * lks_world_day_profile[hour->hour % 24];
    for (uint32_t i = 0; i < lks_world_count(world, LKS_POPULATION_PAID); i++) {
        struct lks_rng rng = lks_hour_rng(hour, LKS_STREAM_PUBLIC, (uint64_t)i * 8 + 7);
        if (!lks_draw_chance(&rng, share))
            continue;
        int64_t time_ms = lks_hour_start_ms(hour) + (int64_t)lks_rng_below(&rng, LKS_SIM_HOUR_MS);
        uint64_t video = lks_organic_post(hour, &rng, first + i, time_ms);
        public_write(hour, &rng, first + i, video, time_ms);
    }
}
