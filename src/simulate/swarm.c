/* swarm.c - answers to calls, bursts under one clip, and what covers them
 *
 * A call of the channel names videos, tags, a sound and a text to copy. Every account that is
 * awake answers with a probability of its own, after a lag that is a person's: minutes to
 * hours, longer at night. Half of the accounts lie in cells of eight that one operator works
 * through one after another; the others are volunteers on their own. An answer is a run of
 * comments: under the clips of the call, then under others of the hours before it; how many is
 * so set that all accounts together write the two million of the reports, eager ones more than
 * lazy ones, and those that wake late as many as those that woke early. Copies of the text are
 * edited. A few times hundreds of accounts write under one clip within seconds. Between
 * calls, and before they wake at about 1 % of that rate, the accounts do what everybody does.
 * Some are taken down and come back as new accounts, which go on in their place.
 *
 * Evasion, where asked for: answers come hours later (jitter), in other words (paraphrase),
 * in groups with clips and texts of their own (split), and are few (sparse). Where it is not,
 * nothing is drawn for it, so that the base data keeps its bytes. */
#include "simulate/draw.h"
#include "simulate/mechanisms.h"
#include "simulate/media.h"

enum { TEXT_WORDS = 8, BURSTS = 3, BURST_ACCOUNTS = 300, COMMENTS_MAX = 60 };
static const double cell_share = 0.8; /* of a cell that takes part in an answer */

/* From the call to the answer, in seconds: median 22 minutes, a tenth above an hour and a half. */
static const struct lks_knot reaction_s[] = {
    {0, 25},      {0.05, 200}, {0.1, 320},   {0.25, 630},   {0.5, 1320},
    {0.75, 2770}, {0.9, 5400}, {0.95, 8100}, {0.99, 17000}, {1, 40000},
};
static const struct lks_knot between_ms[] = {{0, 9000}, {0.5, 35000}, {0.9, 120000}, {1, 400000}};

static int in_cell(const struct lks_world *world, uint32_t account)
{
    uint32_t place = account - world->first[LKS_POPULATION_SLEEPERS];
    return place / LKS_SIM_CELL % 2 == 0;
}

/* How likely an account, or a cell by its first, answers a call: on the last two days three
 * times as likely, up to nearly always. */
static double answers_with(const struct lks_world *world, const struct lks_sim_call *call,
                           uint32_t account)
{
    double chance = lks_world_diligence(world, account);
    if (call->time_ms < LKS_SIM_START_MS + LKS_SIM_PUSH_DAY * LKS_SIM_DAY_MS)
        return chance;
    chance *= 3 - 2 * world->sparse;
    return chance < 0.95 ? chance : 0.95;
}

/* How many calls for comments the account is expected to answer in the month. */
static double answers_expected(const struct lks_world *world, uint32_t account)
{
    uint32_t first = world->first[LKS_POPULATION_SLEEPERS], decides = account;
    int64_t wakes_ms = lks_world_wakes_ms(world, account);
    double sum = 0;
    if (in_cell(world, account))
        decides = first + (account - first) / LKS_SIM_CELL * LKS_SIM_CELL;
    for (unsigned i = world->calls_count; i-- > 0 && world->calls[i].time_ms >= wakes_ms;)
        if (world->calls[i].kind == LKS_CALL_COMMENT)
            sum += answers_with(world, &world->calls[i], decides);
    return decides == account && !in_cell(world, account) ? sum : sum * cell_share;
}

/* How many comments one answer has. */
static unsigned answer_size(const struct lks_world *world, const struct lks_sim_call *call,
                            struct lks_rng *rng, uint32_t account)
{
    unsigned count = 1;
    if (world->sparse > 0 && lks_draw_chance(rng, world->sparse)) {
        while (count < call->targets_count && lks_draw_chance(rng, 0.45))
            count++;
        return count;
    }
    double answers = answers_expected(world, account);
    double mean = lks_world_comments(world, account) / (answers > 1 ? answers : 1);
    if (mean > 1)
        count += lks_draw_round(rng, (mean - 1) * lks_draw_knots(rng, lks_knots_exponential));
    return count < COMMENTS_MAX ? count : COMMENTS_MAX;
}

/* Some clip of the half day before the call, popular ones more often. */
static uint64_t other_clip(const struct lks_world *world, const struct lks_sim_call *call,
                           struct lks_rng *rng)
{
    int back = (int)((call->time_ms - LKS_SIM_START_MS) / LKS_SIM_HOUR_MS) - 1 -
               (int)lks_rng_below(rng, 12);
    return lks_world_video(world, back, lks_draw_skewed(rng, lks_world_videos_count(world, back)))
        .id;
}

/* Most answers that would fall into the night wait for the morning. */
static int64_t after_night(struct lks_rng *rng, int64_t time_ms)
{
    int64_t of_day = (time_ms - LKS_SIM_START_MS) % LKS_SIM_DAY_MS;
    if (of_day < 6 * LKS_SIM_HOUR_MS && lks_draw_chance(rng, 0.85))
        time_ms += 7 * LKS_SIM_HOUR_MS - of_day + lks_draw_between(rng, 0, 2 * LKS_SIM_HOUR_MS);
    return time_ms;
}

/* The later start of one that must not look prompt: six hours on average at full strength. */
static int64_t delayed(const struct lks_world *world, struct lks_rng *rng, int64_t time_ms)
{
    if (world->jitter > 0)
        time_ms += (int64_t)(world->jitter * 6 * LKS_SIM_HOUR_MS *
                             lks_draw_knots(rng, lks_knots_exponential));
    return time_ms;
}

/* Which group an account belongs to; cells stay together. Group 0 does what the channel says. */
static uint32_t group_of(const struct lks_world *world, uint32_t account)
{
    uint32_t cell = (account - world->first[LKS_POPULATION_SLEEPERS]) / LKS_SIM_CELL;
    return (uint32_t)(lks_draw_hash(world->seed, LKS_STREAM_EVASION, cell) % world->groups);
}

/* The call as the account's group hears it: other clips of the same hours, other texts. */
static struct lks_sim_call call_heard(const struct lks_world *world,
                                      const struct lks_sim_call *call, uint32_t account)
{
    struct lks_sim_call heard = *call;
    uint32_t group = group_of(world, account);
    if (group == 0)
        return heard;
    int hour = (int)((call->time_ms - LKS_SIM_START_MS) / LKS_SIM_HOUR_MS);
    heard.text_key = lks_draw_hash(call->text_key, LKS_STREAM_EVASION, group);
    heard.sound =
        LKS_SIM_CALL_SOUND + 4 + lks_draw_hash(call->sound, LKS_STREAM_EVASION, group) % 64;
    for (unsigned i = 0; i < heard.targets_count; i++) {
        int back = hour - 1 - (int)i;
        uint64_t hash = lks_draw_hash(heard.text_key, LKS_STREAM_VIDEO, i);
        heard.targets[i] =
            lks_world_video(world, back, (uint32_t)(hash % lks_world_videos_count(world, back)));
    }
    return heard;
}

static void answer_comments(struct lks_hour *hour, const struct lks_sim_call *call,
                            struct lks_rng *rng, uint32_t account, int64_t time_ms)
{
    unsigned first = (unsigned)lks_rng_below(rng, call->targets_count);
    unsigned count = answer_size(hour->world, call, rng, account);
    for (unsigned i = 0; i < count; i++) {
        struct lks_sim_post post = {.account = lks_world_actor(hour->world, account, time_ms),
                                    .time_ms = time_ms,
                                    .bits = lks_rng_next(rng),
                                    .act = 1};
        post.video = i < call->targets_count ? call->targets[(first + i) % call->targets_count].id
                                             : other_clip(hour->world, call, rng);
        lks_sim_text_clear(&hour->text);
        /* Three texts to choose from; one answer in five is in own words. */
        if (lks_draw_chance(rng, 0.2 + 0.8 * hour->world->paraphrase))
            lks_sim_text_words(&hour->text, rng, 3 + (unsigned)lks_rng_below(rng, 8));
        else
            lks_sim_text_edited(&hour->text, call->text_key + lks_rng_below(rng, 3), TEXT_WORDS,
                                rng);
        post.text = &hour->text;
        for (unsigned t = 0; t < call->tags_count && lks_draw_chance(rng, 0.4); t++)
            post.tags[post.tags_count++] = call->tags[t];
        if (post.account != LKS_SIM_NOBODY)
            lks_write_comment(hour, &post);
        time_ms += (int64_t)((1 + 20 * hour->world->jitter) * lks_draw_knots(rng, between_ms));
    }
}

static int has_tag(const struct lks_sim_post *post, uint32_t tag)
{
    for (unsigned i = 0; i < post->tags_count; i++)
        if (post->tags[i] == tag)
            return 1;
    return 0;
}

static void answer_post(struct lks_hour *hour, const struct lks_sim_call *call, struct lks_rng *rng,
                        uint32_t account, int64_t time_ms)
{
    struct lks_sim_post post = {.account = lks_world_actor(hour->world, account, time_ms),
                                .time_ms = time_ms,
                                .bits = lks_rng_next(rng),
                                .duration_s = lks_media_edited_s(hour->world, call, account),
                                .act = 1};
    if (post.account == LKS_SIM_NOBODY)
        return;
    lks_sim_text_clear(&hour->text);
    if (hour->world->paraphrase > 0 && lks_draw_chance(rng, hour->world->paraphrase))
        lks_sim_text_words(&hour->text, rng, TEXT_WORDS);
    else
        lks_sim_text_edited(&hour->text, call->text_key, TEXT_WORDS, rng);
    post.text = &hour->text;
    post.sound = lks_draw_chance(rng, 0.7) ? call->sound : lks_organic_sound(rng);
    for (unsigned t = 0; t < call->tags_count; t++)
        post.tags[post.tags_count++] = call->tags[t];
    if (lks_world_has_one_tag(hour->world, account) && !has_tag(&post, LKS_SIM_TAG_ONE))
        post.tags[post.tags_count++] = LKS_SIM_TAG_ONE;
    if (lks_draw_chance(rng, 0.5))
        post.tags[post.tags_count++] = lks_organic_tag(rng, lks_world_topic(hour->world, account));
    lks_write_post(hour, &post);
}

static void answer(struct lks_hour *hour, const struct lks_sim_call *call, struct lks_rng *rng,
                   uint32_t account, int64_t time_ms)
{
    if (call->kind == LKS_CALL_POST && !lks_world_makes_clips(hour->world, account))
        return;
    struct lks_sim_call heard = call_heard(hour->world, call, account);
    time_ms = delayed(hour->world, rng, time_ms);
    if (call->kind == LKS_CALL_COMMENT)
        answer_comments(hour, &heard, rng, account, time_ms);
    else
        answer_post(hour, &heard, rng, account, time_ms);
}

static void answer_cell(struct lks_hour *hour, const struct lks_sim_call *call, struct lks_rng *rng,
                        uint32_t first, uint32_t end)
{
    static const struct lks_knot next_ms[] = {{0, 12000}, {0.5, 40000}, {0.9, 110000}, {1, 600000}};
    if (!lks_draw_chance(rng, answers_with(hour->world, call, first)))
        return;
    int64_t time_ms =
        after_night(rng, call->time_ms + (int64_t)(1000 * lks_draw_knots(rng, reaction_s)));
    for (uint32_t account = first; account < end; account++) {
        if (lks_world_wakes_ms(hour->world, account) <= call->time_ms &&
            lks_draw_chance(rng, cell_share))
            answer(hour, call, rng, account, time_ms);
        time_ms += (int64_t)lks_draw_knots(rng, next_ms);
    }
}

static void call_answered(struct lks_hour *hour, unsigned number)
{
    const struct lks_world *world = hour->world;
    const struct lks_sim_call *call = &world->calls[number];
    uint32_t end = world->first[LKS_POPULATION_SWARM + 1];
    for (uint32_t first = world->first[LKS_POPULATION_SLEEPERS]; first < end;
         first += LKS_SIM_CELL) {
        uint32_t last = first + LKS_SIM_CELL < end ? first + LKS_SIM_CELL : end;
        struct lks_rng rng;
        lks_rng_init(&rng, world->seed ^ (uint64_t)LKS_STREAM_ANSWERS << 56,
                     (uint64_t)number << 32 | first);
        if (in_cell(world, first)) {
            answer_cell(hour, call, &rng, first, last);
            continue;
        }
        for (uint32_t account = first; account < last; account++) {
            if (lks_world_wakes_ms(world, account) > call->time_ms ||
                !lks_draw_chance(&rng, answers_with(world, call, account)))
                continue;
            int64_t lag_ms = (int64_t)(1000 * lks_draw_knots(&rng, reaction_s));
            answer(hour, call, &rng, account, after_night(&rng, call->time_ms + lag_ms));
        }
    }
}

void lks_simulate_calls(struct lks_hour *hour)
{
    int64_t start_ms = lks_hour_start_ms(hour);
    for (unsigned i = 0; i < hour->world->calls_count; i++)
        if (hour->world->calls[i].time_ms >= start_ms &&
            hour->world->calls[i].time_ms < start_ms + LKS_SIM_HOUR_MS)
            call_answered(hour, i);
}

void lks_simulate_bursts(struct lks_hour *hour)
{
    const struct lks_world *world = hour->world;
    uint32_t swarm = world->first[LKS_POPULATION_SWARM + 1] - world->first[LKS_POPULATION_SLEEPERS];
    uint32_t size = swarm / 4 < BURST_ACCOUNTS ? swarm / 4 : BURST_ACCOUNTS;
    for (unsigned burst = 0; burst < BURSTS; burst++) {
        if (hour->hour != (LKS_SIM_WAKE_DAY + 4 + 3 * (int)burst) * 24 + 19)
            continue;
        struct lks_rng rng = lks_hour_rng(hour, LKS_STREAM_BURST, burst);
        uint32_t paid = world->first[LKS_POPULATION_PAID] +
                        (uint32_t)lks_rng_below(&rng, lks_world_count(world, LKS_POPULATION_PAID));
        uint64_t video = lks_world_paid_video(world, paid, burst % LKS_SIM_PAID_CLIPS).id;
        int64_t start_ms = lks_hour_start_ms(hour) + lks_draw_between(&rng, 0, LKS_SIM_HOUR_MS / 2);
        uint64_t key = lks_rng_next(&rng);
        uint32_t first = (uint32_t)lks_rng_below(&rng, swarm);
        for (uint32_t i = 0; i < size; i++) {
            uint32_t account = world->first[LKS_POPULATION_SLEEPERS] + (first + i) % swarm;
            struct lks_sim_post post = {
                .account = lks_world_actor(world, account, start_ms),
                .time_ms = start_ms + (int64_t)((7000 + 600000 * world->jitter) *
                                                lks_draw_knots(&rng, lks_knots_exponential)),
                .bits = lks_rng_next(&rng),
                .video = video,
                .act = 1};
            lks_sim_text_clear(&hour->text);
            if (world->paraphrase > 0 && lks_draw_chance(&rng, world->paraphrase))
                lks_sim_text_words(&hour->text, &rng, TEXT_WORDS);
            else
                lks_sim_text_edited(&hour->text, key ^ group_of(world, account), TEXT_WORDS, &rng);
            post.text = &hour->text;
            if (post.account != LKS_SIM_NOBODY && lks_world_wakes_ms(world, account) <= start_ms)
                lks_write_comment(hour, &post);
        }
    }
}

void lks_simulate_cover(struct lks_hour *hour)
{
    const struct lks_world *world = hour->world;
    uint32_t first = world->first[LKS_POPULATION_VOLUNTEERS];
    uint32_t count = world->first[LKS_POPULATIONS_COUNT] - first;
    struct lks_rng rng = lks_hour_rng(hour, LKS_STREAM_COVER, 0);
    const double posts_per_day = 0.5;
    uint32_t events =
        lks_draw_round(&rng, posts_per_day * count * lks_world_day_profile[hour->hour % 24]);
    for (uint32_t i = 0; i < events; i++) {
        uint32_t account = first + (uint32_t)lks_rng_below(&rng, count);
        int64_t time_ms = lks_hour_start_ms(hour) + (int64_t)lks_rng_below(&rng, LKS_SIM_HOUR_MS);
        int asleep = account >= world->first[LKS_POPULATION_SLEEPERS] &&
                     lks_world_wakes_ms(world, account) > time_ms;
        /* About 1 % of what they do once awake; who is not there yet does nothing. */
        if (asleep && (account >= world->first[LKS_POPULATION_RECIDIVISTS] ||
                       !lks_draw_chance(&rng, 0.12 - 0.06 * world->sparse)))
            continue;
        if (lks_world_actor(world, account, time_ms) != account)
            continue; /* taken down */
        if (lks_draw_chance(&rng, 0.85))
            lks_organic_comment(hour, &rng, account, time_ms);
        else
            lks_organic_post(hour, &rng, account, time_ms);
    }
}
