/* organic.c - people and creators about anything: the background, by day and night
 *
 * Posts come in sessions of a person by a power law of activity; a session follows the hour
 * of the day, and days differ. Comments answer creators' videos of the last two days,
 * mostly recent and popular ones and mostly of the person's own topic, so that people with
 * one interest meet on objects again and again without any coordination. A few people
 * support the campaign of their own accord: they use its tags at times of their own. Some
 * accounts are registered within the month. Others are old, silent until a day of the month,
 * most of them until the vote, and then there again, each of its own accord. */
#include "simulate/draw.h"
#include "simulate/mechanisms.h"

static const double comments_at_1 = 3000000, posts_at_1 = 700000; /* people's, in the month */

enum { STOCK_TEXTS = 48, COPYPASTA_TEXTS = 30, SOUNDS = 20000 };

uint32_t lks_organic_tag(struct lks_rng *rng, uint32_t topic)
{
    return LKS_TAG_TOPICS + topic * LKS_SIM_TAGS_PER_TOPIC +
           lks_draw_skewed(rng, LKS_SIM_TAGS_PER_TOPIC);
}

uint64_t lks_organic_sound(struct lks_rng *rng)
{
    return UINT64_C(7100000000000000000) + lks_draw_skewed(rng, SOUNDS);
}

static struct lks_sim_video video_to_answer(const struct lks_hour *hour, struct lks_rng *rng,
                                            uint32_t topic, int64_t time_ms)
{
    static const struct lks_knot age_hours[] = {{0, 0}, {0.5, 4}, {0.8, 12}, {0.95, 30}, {1, 48}};
    struct lks_sim_video video = {0};
    int now = (int)((time_ms - LKS_SIM_START_MS) / LKS_SIM_HOUR_MS);
    for (int attempt = 0; attempt < 4; attempt++) {
        int of = now - (int)lks_draw_knots(rng, age_hours);
        uint32_t count = lks_world_videos_count(hour->world, of);
        video = lks_world_video(hour->world, of, lks_draw_skewed(rng, count));
        if (video.time_ms < time_ms && video.topic == topic)
            break;
    }
    /* A video of this very hour may come after the comment; then one of the hour before. */
    if (video.time_ms >= time_ms)
        video = lks_world_video(hour->world, now - 1, 0);
    return video;
}

static void comment_text(struct lks_hour *hour, struct lks_rng *rng, struct lks_sim_text *text)
{
    double u = lks_rng_unit(rng);
    lks_sim_text_clear(text);
    if (u < 0.12) { /* an emoji or three */
        for (uint64_t i = 1 + lks_rng_below(rng, 3); i > 0; i--)
            lks_sim_text_emoji(text, rng);
    } else if (u < 0.30) { /* what everybody writes: one to three words */
        uint32_t stock = lks_draw_skewed(rng, STOCK_TEXTS);
        lks_sim_text_of_key(text, hour->world->seed ^ (900000 + stock), 1 + stock % 3);
    } else if (u < 0.315) { /* the joke of the day, copied whole */
        uint64_t joke = (uint64_t)(hour->hour / 24) + lks_rng_below(rng, 3);
        lks_sim_text_of_key(text, hour->world->seed ^ (910000 + joke % COPYPASTA_TEXTS), 9);
    } else {
        lks_sim_text_words(text, rng, 2 + lks_draw_skewed(rng, 14));
        if (lks_draw_chance(rng, 0.25)) {
            lks_sim_text_blank(text);
            lks_sim_text_emoji(text, rng);
        }
    }
}

/* The campaign tag that a supporter uses; the edited one where the older one was, once it is there. */
static uint32_t campaign_tag(struct lks_rng *rng, int64_t time_ms)
{
    uint32_t tag = (uint32_t)lks_rng_below(rng, LKS_SIM_CAMPAIGN_TAGS);
    int there = time_ms >= LKS_SIM_START_MS + LKS_SIM_EDIT_DAY * LKS_SIM_DAY_MS;
    return tag == LKS_SIM_TAG_EDIT && !there ? LKS_SIM_TAG_PAID : tag;
}

/* What people who came back for the vote write about: the vote, and the campaign now and then. */
static void vote_tags(struct lks_rng *rng, struct lks_sim_post *post)
{
    if (lks_draw_chance(rng, 0.4))
        post->tags[post->tags_count++] = LKS_TAG_VOTE;
    if (lks_draw_chance(rng, 0.05))
        post->tags[post->tags_count++] = campaign_tag(rng, post->time_ms);
}

/* Gives the comment its text and tags. */
static void comment_write(struct lks_hour *hour, struct lks_rng *rng, struct lks_sim_post *post,
                          uint32_t topic)
{
    comment_text(hour, rng, &hour->text);
    post->text = &hour->text;
    if (lks_draw_chance(rng, 0.03))
        post->tags[post->tags_count++] = lks_organic_tag(rng, topic);
    if (lks_draw_chance(rng, 0.1) && lks_world_is_supporter(hour->world, post->account))
        post->tags[post->tags_count++] = campaign_tag(rng, post->time_ms);
    if (lks_world_population(hour->world, post->account) == LKS_POPULATION_RETURNERS)
        vote_tags(rng, post);
    lks_write_comment(hour, post);
}

void lks_organic_comment(struct lks_hour *hour, struct lks_rng *rng, uint32_t account,
                         int64_t time_ms)
{
    uint32_t topic = lks_draw_chance(rng, 0.6) ? lks_world_topic(hour->world, account)
                                               : (uint32_t)lks_rng_below(rng, LKS_SIM_TOPICS);
    struct lks_sim_post post = {.account = account, .time_ms = time_ms, .bits = lks_rng_next(rng)};
    post.video = video_to_answer(hour, rng, topic, time_ms).id;
    comment_write(hour, rng, &post, topic);
}

void lks_organic_comment_under(struct lks_hour *hour, struct lks_rng *rng, uint32_t account,
                               int64_t time_ms, uint64_t video, uint32_t topic)
{
    struct lks_sim_post post = {
        .account = account, .time_ms = time_ms, .bits = lks_rng_next(rng), .video = video};
    comment_write(hour, rng, &post, topic);
}

/* Text, tags and sound of a video about anything. */
static struct lks_sim_post video_made(struct lks_hour *hour, struct lks_rng *rng, uint32_t account)
{
    uint32_t topic = lks_draw_chance(rng, 0.7) ? lks_world_topic(hour->world, account)
                                               : (uint32_t)lks_rng_below(rng, LKS_SIM_TOPICS);
    struct lks_sim_post post = {.account = account, .bits = lks_rng_next(rng)};
    lks_sim_text_clear(&hour->text);
    lks_sim_text_words(&hour->text, rng, lks_draw_skewed(rng, 16));
    post.text = &hour->text;
    post.sound = lks_organic_sound(rng);
    unsigned tags = lks_draw_skewed(rng, LKS_SIM_TAGS_MAX);
    for (unsigned i = 0; i < tags; i++)
        post.tags[post.tags_count++] = lks_organic_tag(rng, topic);
    return post;
}

/* Whether it is one of the swarm's that have one tag in all their clips, and awake. */
static int has_one_tag(const struct lks_world *world, uint32_t account, int64_t time_ms)
{
    return account >= world->first[LKS_POPULATION_SLEEPERS] &&
           account < world->first[LKS_POPULATION_RECIDIVISTS] &&
           lks_world_has_one_tag(world, account) && lks_world_wakes_ms(world, account) <= time_ms;
}

uint64_t lks_organic_post(struct lks_hour *hour, struct lks_rng *rng, uint32_t account,
                          int64_t time_ms)
{
    struct lks_sim_post post = video_made(hour, rng, account);
    post.time_ms = time_ms;
    post.id = lks_world_id(time_ms, post.bits);
    if (post.tags_count < LKS_SIM_TAGS_MAX && lks_draw_chance(rng, 0.25) &&
        lks_world_is_supporter(hour->world, account))
        post.tags[post.tags_count++] = campaign_tag(rng, time_ms);
    if (post.tags_count < LKS_SIM_TAGS_MAX && has_one_tag(hour->world, account, time_ms))
        post.tags[post.tags_count++] = LKS_SIM_TAG_ONE;
    lks_write_post(hour, &post);
    return post.id;
}

static void creators(struct lks_hour *hour)
{
    uint32_t count = lks_world_videos_count(hour->world, hour->hour);
    for (uint32_t i = 0; i < count; i++) {
        struct lks_rng rng = lks_hour_rng(hour, LKS_STREAM_VIDEO, i);
        struct lks_sim_video video = lks_world_video(hour->world, hour->hour, i);
        struct lks_sim_post post = video_made(hour, &rng, video.account);
        post.time_ms = video.time_ms;
        post.id = video.id;
        lks_write_video(hour, &post);
    }
}

void lks_simulate_organic(struct lks_hour *hour)
{
    static const struct lks_knot gap_ms[] = {{0, 15000}, {0.5, 60000}, {0.9, 300000}, {1, 900000}};
    const struct lks_world *world = hour->world;
    struct lks_rng rng = lks_hour_rng(hour, LKS_STREAM_ORGANIC, 0);
    double day = 0.7 + 0.6 * lks_draw_hash_unit(lks_draw_hash(world->seed, LKS_STREAM_HOUR,
                                                              (uint64_t)(hour->hour / 24)));
    double share = lks_world_day_profile[hour->hour % 24] / LKS_SIM_DAYS * day * world->scale;
    const double session = 1.6; /* posts on average */
    uint32_t comments = lks_draw_round(&rng, comments_at_1 * share / session);
    uint32_t posts = lks_draw_round(&rng, posts_at_1 * share);
    for (uint32_t i = 0; i < comments; i++) {
        uint32_t person = lks_world_person(world, &rng);
        int64_t time_ms = lks_hour_start_ms(hour) + (int64_t)lks_rng_below(&rng, LKS_SIM_HOUR_MS);
        if (lks_world_joined_ms(world, person) > time_ms)
            continue;
        do {
            lks_organic_comment(hour, &rng, person, time_ms);
            time_ms += (int64_t)lks_draw_knots(&rng, gap_ms);
        } while (lks_draw_chance(&rng, 1 - 1 / session));
    }
    for (uint32_t i = 0; i < posts; i++) {
        uint32_t person = lks_world_person(world, &rng);
        int64_t time_ms = lks_hour_start_ms(hour) + (int64_t)lks_rng_below(&rng, LKS_SIM_HOUR_MS);
        if (lks_world_joined_ms(world, person) <= time_ms)
            lks_organic_post(hour, &rng, person, time_ms);
    }
    creators(hour);
}

/* When an account comes back: two in three around the vote, most on its day; the others any day. */
static int64_t returns_ms(const struct lks_world *world, uint32_t account)
{
    struct lks_rng rng;
    lks_rng_init(&rng, world->seed ^ (uint64_t)LKS_STREAM_RETURNERS << 56, account);
    double u = lks_rng_unit(&rng);
    int day = u < 0.4     ? LKS_SIM_DAYS - 1
              : u < 0.567 ? LKS_SIM_DAYS - 2
              : u < 0.667 ? LKS_SIM_DAYS - 3
                          : (int)lks_rng_below(&rng, LKS_SIM_DAYS);
    int hour;
    do
        hour = (int)lks_rng_below(&rng, 24);
    while (!lks_draw_chance(&rng, lks_world_day_profile[hour] / 0.08));
    return LKS_SIM_START_MS + day * LKS_SIM_DAY_MS + hour * LKS_SIM_HOUR_MS +
           (int64_t)lks_rng_below(&rng, LKS_SIM_HOUR_MS);
}

/* One in seven of what they do is a video. */
static void returner_acts(struct lks_hour *hour, struct lks_rng *rng, uint32_t account,
                          int64_t time_ms)
{
    if (lks_draw_chance(rng, 1.0 / 7))
        lks_organic_post(hour, rng, account, time_ms);
    else
        lks_organic_comment(hour, rng, account, time_ms);
}

/* On the day they are back a few posts, hours apart in all; afterwards half of them stay and post
 * every other day. */
void lks_simulate_returners(struct lks_hour *hour)
{
    static const struct lks_knot gap_ms[] = {{0, 60000}, {0.5, 900000}, {0.9, 7200000}, {1, 2e7}};
    const struct lks_world *world = hour->world;
    uint32_t first = world->first[LKS_POPULATION_RETURNERS];
    uint32_t count = lks_world_count(world, LKS_POPULATION_RETURNERS);
    int64_t start_ms = lks_hour_start_ms(hour);
    for (uint32_t account = first; account < first + count; account++) {
        int64_t time_ms = returns_ms(world, account);
        if (time_ms < start_ms || time_ms >= start_ms + LKS_SIM_HOUR_MS)
            continue;
        struct lks_rng rng = lks_hour_rng(hour, LKS_STREAM_RETURNERS, account);
        for (uint64_t i = 1 + lks_rng_below(&rng, 6); i > 0; i--) {
            returner_acts(hour, &rng, account, time_ms);
            time_ms += (int64_t)lks_draw_knots(&rng, gap_ms);
        }
    }
    struct lks_rng rng = lks_hour_rng(hour, LKS_STREAM_RETURNERS, UINT32_MAX);
    uint32_t events = lks_draw_round(&rng, 0.25 * count * lks_world_day_profile[hour->hour % 24]);
    for (uint32_t i = 0; i < events; i++) {
        uint32_t account =
            first + (uint32_t)lks_rng_below(&rng, count) / 2 * 2; /* those who stay */
        int64_t time_ms = start_ms + (int64_t)lks_rng_below(&rng, LKS_SIM_HOUR_MS);
        if (account < first + count && returns_ms(world, account) < time_ms)
            returner_acts(hour, &rng, account, time_ms);
    }
}
