/* crowds.c - those who look alike for innocent reasons, and those who do not hide
 *
 * Each is a hard case for one habit of a detector. Fans share tags and sounds every evening
 * without being in step. A football night puts thousands on one tag within a minute of a goal.
 * Newsrooms post one headline and one link within minutes, day after day. A giveaway makes
 * strangers copy one sentence. A party's volunteers act in step and say so: they are
 * coordinated, and declared. */
#include <stdio.h>

#include "simulate/draw.h"
#include "simulate/mechanisms.h"

static uint32_t member(const struct lks_world *world, enum lks_population population,
                       uint32_t place)
{
    return world->first[population] + place;
}

static int local_hour(const struct lks_hour *hour)
{
    return hour->hour % 24;
}

/* Every evening between seven and eleven a third of the fans post, each at a time of their
 * own, with the community's tag and one of the evening's three songs. */
void lks_simulate_fans(struct lks_hour *hour)
{
    const struct lks_world *world = hour->world;
    if (local_hour(hour) != 19)
        return;
    uint32_t count = lks_world_count(world, LKS_POPULATION_FANS);
    struct lks_rng rng = lks_hour_rng(hour, LKS_STREAM_FANS, 0);
    for (uint32_t i = 0; i < count; i++) {
        if (!lks_draw_chance(&rng, 0.33))
            continue;
        struct lks_sim_post post = {.account = member(world, LKS_POPULATION_FANS, i),
                                    .time_ms = lks_hour_start_ms(hour) +
                                               lks_draw_between(&rng, 0, 4 * LKS_SIM_HOUR_MS),
                                    .bits = lks_rng_next(&rng)};
        lks_sim_text_clear(&hour->text);
        lks_sim_text_words(&hour->text, &rng, 1 + (unsigned)lks_rng_below(&rng, 9));
        post.text = &hour->text;
        post.sound = UINT64_C(7150000000000000000) + (uint64_t)(hour->hour / 24 / 3) * 3 +
                     lks_rng_below(&rng, 3);
        post.tags[post.tags_count++] = LKS_TAG_FANS;
        if (lks_draw_chance(&rng, 0.5))
            post.tags[post.tags_count++] = LKS_TAG_FANS + 1;
        if (lks_draw_chance(&rng, 0.3))
            post.tags[post.tags_count++] = lks_organic_tag(&rng, 3);
        lks_write_post(hour, &post);
    }
}

/* One goal: a quarter of the crowd within minutes, most within one. */
static void goal(struct lks_hour *hour, int match, unsigned number)
{
    const struct lks_world *world = hour->world;
    struct lks_rng rng = lks_hour_rng(hour, LKS_STREAM_FOOTBALL, number);
    uint32_t count = lks_world_count(world, LKS_POPULATION_FOOTBALL);
    int64_t goal_ms = lks_hour_start_ms(hour) + lks_draw_between(&rng, 0, LKS_SIM_HOUR_MS - 600000);
    uint64_t video = lks_world_video(world, hour->hour - 1, 0).id;
    for (uint32_t i = 0; i < count; i++) {
        if (!lks_draw_chance(&rng, 0.25))
            continue;
        struct lks_sim_post post = {
            .account = member(world, LKS_POPULATION_FOOTBALL, i),
            .time_ms = goal_ms + (int64_t)(75000 * lks_draw_knots(&rng, lks_knots_exponential)),
            .bits = lks_rng_next(&rng),
            .video = video};
        lks_sim_text_clear(&hour->text);
        if (lks_draw_chance(&rng, 0.5)) /* the cry that everybody writes */
            lks_sim_text_of_key(&hour->text, world->seed ^ 920000, 1);
        else
            lks_sim_text_words(&hour->text, &rng, 1 + (unsigned)lks_rng_below(&rng, 6));
        lks_sim_text_emoji(&hour->text, &rng);
        post.text = &hour->text;
        post.tags[post.tags_count++] = (uint32_t)(LKS_TAG_FOOTBALL + match);
        post.sound = lks_organic_sound(&rng);
        if (lks_draw_chance(&rng, 0.7))
            lks_write_comment(hour, &post);
        else
            lks_write_post(hour, &post);
    }
}

/* Four evenings with a match, from eight to ten, four goals each. */
void lks_simulate_football(struct lks_hour *hour)
{
    static const int days[] = {3, 10, 17, 23};
    for (int match = 0; match < 4; match++) {
        if (hour->hour != days[match] * 24 + 20 && hour->hour != days[match] * 24 + 21)
            continue;
        goal(hour, match, 0);
        goal(hour, match, 1);
    }
}

/* The agency's item: four newsrooms in ten take headline and link within minutes. */
static void news_item(struct lks_hour *hour, unsigned number)
{
    const struct lks_world *world = hour->world;
    struct lks_rng rng = lks_hour_rng(hour, LKS_STREAM_NEWS, number);
    uint32_t count = lks_world_count(world, LKS_POPULATION_NEWS);
    int64_t item_ms = lks_hour_start_ms(hour) + (int64_t)lks_rng_below(&rng, LKS_SIM_HOUR_MS);
    uint64_t key = lks_rng_next(&rng);
    char link[64];
    snprintf(link, sizeof link, "https://agency.example/item/%llu",
             (unsigned long long)(key % 10000000));
    for (uint32_t i = 0; i < count; i++) {
        if (!lks_draw_chance(&rng, 0.4))
            continue;
        struct lks_sim_post post = {
            .account = member(world, LKS_POPULATION_NEWS, i),
            .time_ms = item_ms + (int64_t)(240000 * lks_draw_knots(&rng, lks_knots_exponential)),
            .bits = lks_rng_next(&rng),
            .sound = UINT64_C(7160000000000000000) + i};
        lks_sim_text_clear(&hour->text);
        if (lks_draw_chance(&rng, 0.75))
            lks_sim_text_of_key(&hour->text, key, 9);
        else
            lks_sim_text_edited(&hour->text, key, 9, &rng);
        lks_sim_text_blank(&hour->text);
        lks_sim_text_string(&hour->text, link);
        post.text = &hour->text;
        post.tags[post.tags_count++] = LKS_TAG_NEWS;
        lks_write_post(hour, &post);
    }
}

void lks_simulate_news(struct lks_hour *hour)
{
    struct lks_rng rng = lks_hour_rng(hour, LKS_STREAM_NEWS, 1000);
    uint32_t items = lks_draw_round(&rng, 12 * lks_world_day_profile[local_hour(hour)]);
    for (unsigned i = 0; i < items; i++)
        news_item(hour, i);
}

/* Three giveaways: within a day, half of the crowd copies the sentence that was asked for. */
void lks_simulate_giveaways(struct lks_hour *hour)
{
    static const struct lks_knot after_ms[] = {
        {0, 20000}, {0.25, 2400000}, {0.6, 14400000}, {0.9, 43200000}, {1, 86400000}};
    static const int days[] = {5, 12, 19};
    const struct lks_world *world = hour->world;
    uint32_t count = lks_world_count(world, LKS_POPULATION_GIVEAWAY);
    for (int which = 0; which < 3; which++) {
        if (hour->hour != days[which] * 24 + 12)
            continue;
        struct lks_rng rng = lks_hour_rng(hour, LKS_STREAM_GIVEAWAY, (uint64_t)which);
        uint64_t video = lks_world_video(world, hour->hour - 1, 0).id, key = lks_rng_next(&rng);
        for (uint32_t i = 0; i < count; i++) {
            if (!lks_draw_chance(&rng, 0.5))
                continue;
            struct lks_sim_post post = {.account = member(world, LKS_POPULATION_GIVEAWAY, i),
                                        .time_ms = lks_hour_start_ms(hour) +
                                                   (int64_t)lks_draw_knots(&rng, after_ms),
                                        .bits = lks_rng_next(&rng),
                                        .video = video};
            lks_sim_text_clear(&hour->text);
            lks_sim_text_of_key(&hour->text, key, lks_draw_chance(&rng, 0.6) ? 6 : 1);
            if (lks_draw_chance(&rng, 0.3)) {
                lks_sim_text_blank(&hour->text);
                lks_sim_text_emoji(&hour->text, &rng);
            }
            post.text = &hour->text;
            lks_write_comment(hour, &post);
        }
    }
}

/* Every day at six the declared volunteers post the list's text, tag and link within two hours. */
void lks_simulate_volunteers(struct lks_hour *hour)
{
    const struct lks_world *world = hour->world;
    if (local_hour(hour) != 18)
        return;
    struct lks_rng rng = lks_hour_rng(hour, LKS_STREAM_VOLUNTEERS, 0);
    uint32_t count = lks_world_count(world, LKS_POPULATION_VOLUNTEERS);
    uint64_t key = lks_rng_next(&rng);
    char link[64];
    snprintf(link, sizeof link, "https://list7.example/day/%d", hour->hour / 24);
    for (uint32_t i = 0; i < count; i++) {
        if (!lks_draw_chance(&rng, 0.5))
            continue;
        struct lks_sim_post post = {
            .account = member(world, LKS_POPULATION_VOLUNTEERS, i),
            .time_ms = lks_hour_start_ms(hour) +
                       (int64_t)(2000000 * lks_draw_knots(&rng, lks_knots_exponential)),
            .bits = lks_rng_next(&rng),
            .act = 1};
        lks_sim_text_clear(&hour->text);
        lks_sim_text_edited(&hour->text, key, 7, &rng);
        lks_sim_text_blank(&hour->text);
        lks_sim_text_string(&hour->text, link);
        post.text = &hour->text;
        post.sound = lks_organic_sound(&rng);
        post.tags[post.tags_count++] = LKS_TAG_VOLUNTEERS;
        lks_write_post(hour, &post);
    }
}
