/* world.c - who and what there is in a simulated month: accounts, videos, calls, by arithmetic
 *
 * Nothing of this is stored. An account's handle, id, age and habits, a video's author and
 * time are hashes of (seed, what, index), so that any hour of the month can be written by
 * any thread without the hours before it, and memory does not grow with the number of posts.
 * Only two counters an account are kept, for the labels. docs/simulator.md has the model. */
#include "simulate/world.h"

#include <stdlib.h>
#include <string.h>

#include "simulate/draw.h"

const struct lks_knot lks_knots_exponential[] = {
    {0, 0},        {0.1, 0.105},  {0.2, 0.223},   {0.3, 0.357}, {0.4, 0.511},
    {0.5, 0.693},  {0.6, 0.916},  {0.7, 1.204},   {0.8, 1.609}, {0.9, 2.303},
    {0.95, 2.996}, {0.99, 4.605}, {0.999, 6.908}, {1, 9.0},
};

const double lks_world_day_profile[24] = {
    0.022, 0.012, 0.007, 0.005, 0.005, 0.009, 0.020, 0.034, 0.042, 0.044, 0.045, 0.047,
    0.052, 0.053, 0.050, 0.050, 0.053, 0.058, 0.065, 0.073, 0.078, 0.075, 0.060, 0.041,
};

/* Accounts of each population at scale 1, and how few there must be for the population to be
 * itself at a small scale. */
static const struct {
    uint32_t count, least;
} sizes[LKS_POPULATIONS_COUNT] = {
    [LKS_POPULATION_ORGANIC] = {889960, 400}, [LKS_POPULATION_FANS] = {8000, 40},
    [LKS_POPULATION_FOOTBALL] = {20000, 80},  [LKS_POPULATION_GIVEAWAY] = {20000, 100},
    [LKS_POPULATION_CREATORS] = {22000, 60},  [LKS_POPULATION_RETURNERS] = {12000, 60},
    [LKS_POPULATION_NEWS] = {60, 10},         [LKS_POPULATION_VOLUNTEERS] = {540, 12},
    [LKS_POPULATION_PAID] = {127, 6},         [LKS_POPULATION_SLEEPERS] = {797, 4},
    [LKS_POPULATION_SWARM] = {24203, 24},     [LKS_POPULATION_RECIDIVISTS] = {2313, 6},
};

static const double creator_videos = 250000; /* in the month, at scale 1 */
static const double comments_an_account = 2000000.0 / 25000;

static uint32_t greatest_common_divisor(uint32_t a, uint32_t b)
{
    while (b) {
        uint32_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* A step that goes through all of count, far from one to the next. */
static uint32_t stride_of(uint32_t count)
{
    uint32_t stride = (uint32_t)(count * 0.618);
    while (greatest_common_divisor(stride, count) != 1)
        stride++;
    return stride;
}

static void call_make(struct lks_world *world, int day, unsigned number)
{
    struct lks_rng rng;
    struct lks_sim_call *call = &world->calls[world->calls_count];
    lks_rng_init(&rng, world->seed ^ (uint64_t)LKS_STREAM_CALL << 56, world->calls_count);
    *call = (struct lks_sim_call){0};
    call->time_ms = LKS_SIM_START_MS + day * LKS_SIM_DAY_MS +
                    lks_draw_between(&rng, 8 * LKS_SIM_HOUR_MS, 21 * LKS_SIM_HOUR_MS);
    call->kind = lks_draw_chance(&rng, 0.7) ? LKS_CALL_COMMENT : LKS_CALL_POST;
    call->targets_count = 2 + (unsigned)lks_rng_below(&rng, LKS_SIM_TARGETS_MAX - 1);
    int hour = (int)((call->time_ms - LKS_SIM_START_MS) / LKS_SIM_HOUR_MS);
    for (unsigned i = 0; i < call->targets_count; i++) {
        int back = hour - 1 - (int)lks_rng_below(&rng, 8);
        uint32_t videos = lks_world_videos_count(world, back);
        /* Now and then a clip of the paid campaign, so that the two populations touch. */
        if (lks_draw_chance(&rng, 0.15)) {
            uint32_t paid =
                world->first[LKS_POPULATION_PAID] +
                (uint32_t)lks_rng_below(&rng, lks_world_count(world, LKS_POPULATION_PAID));
            call->targets[i] = lks_world_paid_video(
                world, paid, (unsigned)lks_rng_below(&rng, LKS_SIM_PAID_CLIPS));
        } else {
            call->targets[i] = lks_world_video(world, back, lks_draw_skewed(&rng, videos));
        }
    }
    call->tags_count = 1 + (unsigned)lks_rng_below(&rng, 3);
    for (unsigned i = 0; i < call->tags_count; i++) {
        call->tags[i] = (number + i * 2) % LKS_SIM_CAMPAIGN_TAGS;
        if (call->tags[i] == LKS_SIM_TAG_PAID || call->tags[i] == LKS_SIM_TAG_EDIT)
            call->tags[i] = day < LKS_SIM_EDIT_DAY ? LKS_SIM_TAG_PAID : LKS_SIM_TAG_EDIT;
    }
    call->text_key = lks_rng_next(&rng);
    call->sound = LKS_SIM_CALL_SOUND + lks_rng_below(&rng, 4);
    world->calls_count++;
}

/* Calls begin on the day on which sleepers wake; the last two days have twice as many. */
static void calls_make(struct lks_world *world)
{
    for (int day = LKS_SIM_WAKE_DAY; day < LKS_SIM_DAYS; day++) {
        unsigned count = day >= LKS_SIM_DAYS - 2 ? 10 : 5;
        for (unsigned i = 0; i < count; i++)
            call_make(world, day, (unsigned)day + i);
    }
    for (unsigned i = 1; i < world->calls_count; i++) {
        struct lks_sim_call call = world->calls[i];
        unsigned j = i;
        while (j > 0 && world->calls[j - 1].time_ms > call.time_ms) {
            world->calls[j] = world->calls[j - 1];
            j--;
        }
        world->calls[j] = call;
    }
}

int lks_world_init(struct lks_world *world, const struct lks_simulate_options *options,
                   struct lks_error *err)
{
    double scale = options->scale;
    *world = (struct lks_world){.seed = options->seed,
                                .scale = scale,
                                .jitter = options->jitter,
                                .paraphrase = options->paraphrase,
                                .sparse = options->sparse,
                                .groups = 1 + (uint32_t)(15 * options->split + 0.5)};
    for (int i = 0; i < LKS_POPULATIONS_COUNT; i++) {
        uint32_t count = (uint32_t)(sizes[i].count * scale + 0.5);
        if (count < sizes[i].least)
            count = sizes[i].least;
        world->first[i + 1] = world->first[i] + count;
    }
    world->people_count = world->first[LKS_POPULATION_CREATORS];
    world->people_stride = stride_of(world->people_count);
    world->registered = options->registered ? options->registered : LKS_SIM_REGISTERED;
    world->late_count = (uint32_t)(world->registered * scale + 0.5);
    world->late_stride = stride_of(lks_world_count(world, LKS_POPULATION_SWARM));
    for (int hour = 0; hour < 24; hour++)
        world->videos_of_hour[hour] =
            1 + (uint32_t)(creator_videos * scale / LKS_SIM_DAYS * lks_world_day_profile[hour]);
    calls_make(world);
    uint32_t accounts = world->first[LKS_POPULATIONS_COUNT];
    world->posts = calloc(accounts, sizeof *world->posts);
    world->acts = calloc(accounts, sizeof *world->acts);
    if (!world->posts || !world->acts) {
        lks_world_free(world);
        return lks_error_set(err, LKS_EMEMORY, "out of memory for %u accounts", accounts);
    }
    return 0;
}

void lks_world_free(struct lks_world *world)
{
    free(world->posts);
    free(world->acts);
    world->posts = world->acts = NULL;
}

uint32_t lks_world_count(const struct lks_world *world, enum lks_population population)
{
    return world->first[population + 1] - world->first[population];
}

enum lks_population lks_world_population(const struct lks_world *world, uint32_t account)
{
    int population = 0;
    while (account >= world->first[population + 1])
        population++;
    return (enum lks_population)population;
}

uint32_t lks_world_topic(const struct lks_world *world, uint32_t account)
{
    return (uint32_t)(lks_draw_hash(world->seed, LKS_STREAM_ACCOUNT, account ^ UINT64_C(1) << 40) %
                      LKS_SIM_TOPICS);
}

int lks_world_is_supporter(const struct lks_world *world, uint32_t account)
{
    return account < world->first[LKS_POPULATION_ORGANIC + 1] &&
           lks_draw_hash(world->seed, LKS_STREAM_ACCOUNT, account ^ UINT64_C(1) << 44) % 60 == 0;
}

uint32_t lks_world_person(const struct lks_world *world, struct lks_rng *rng)
{
    uint64_t rank = lks_draw_skewed(rng, world->people_count);
    return (uint32_t)(rank * world->people_stride % world->people_count);
}

uint64_t lks_world_id(int64_t time_ms, uint64_t bits)
{
    return (uint64_t)(time_ms / 1000) << 32 | (uint64_t)(time_ms % 1000) << 22 | (bits & 0x3fffff);
}

int64_t lks_world_batch_day_s(unsigned batch)
{
    return 1717999200 + 86400 * (int64_t)(20 + 30 * batch);
}

/* Of which batch an account of the swarm is, or -1: it was registered before the channel opened. */
static int batch_of(const struct lks_world *world, uint32_t account, uint64_t hash)
{
    uint64_t place = account - world->first[LKS_POPULATION_SWARM];
    uint32_t count = lks_world_count(world, LKS_POPULATION_SWARM);
    int is_late = place * world->late_stride % count < world->late_count;
    return is_late ? (int)((hash * 0x9e3779b97f4a7c15u >> 40) % LKS_SIM_BATCHES) : -1;
}

enum handle_form { MIXED, DIGITS, LETTERS_DIGITS, DOTTED };

/* What form the handle has. Everybody's are of all forms; six in ten of a batch have one, since
 * who registers accounts in a row takes one pattern. */
static enum handle_form handle_form(const struct lks_world *world, uint32_t account)
{
    static const enum handle_form of_batch[LKS_SIM_BATCHES] = {LETTERS_DIGITS, DOTTED, DIGITS,
                                                               LETTERS_DIGITS};
    uint64_t hash = lks_draw_hash(world->seed, LKS_STREAM_ACCOUNT, account ^ UINT64_C(1) << 45);
    double u = lks_draw_hash_unit(hash);
    if (lks_world_population(world, account) == LKS_POPULATION_SWARM && hash % 10 < 6) {
        int batch =
            batch_of(world, account, lks_draw_hash(world->seed, LKS_STREAM_ACCOUNT, account));
        if (batch >= 0)
            return of_batch[batch];
    }
    return u < 0.55 ? MIXED : u < 0.75 ? DIGITS : u < 0.9 ? LETTERS_DIGITS : DOTTED;
}

/* "user_" and letters and digits: a bijection of the index, so that no two are alike; forms
 * differ in length. */
void lks_world_handle(const struct lks_world *world, uint32_t account, char handle[16])
{
    static const char digits[] = "abcdefghijkmnpqrstuvwxyz23456789";
    uint32_t mask = 0x3fffffff;
    enum handle_form form = handle_form(world, account);
    uint32_t x = (account * 0x2545f491u + (uint32_t)world->seed * 2u) & mask;
    x ^= x >> 15;
    x = (x * 0x1b873593u) & mask;
    x ^= x >> 13;
    memcpy(handle, "user_", 5);
    char *at = handle + 5;
    if (form == MIXED) {
        for (int i = 0; i < 6; i++)
            *at++ = digits[x >> (5 * i) & 31];
        *at = 0;
        return;
    }
    /* 24 letters: the digits of x to that base, then decimal ones; 24^4 10^4 and 24^3 10^5 are
     * above 2^30. */
    for (int i = form == LETTERS_DIGITS ? 4 : form == DOTTED ? 3 : 0; i > 0; i--, x /= 24)
        *at++ = digits[x % 24];
    if (form == DOTTED)
        *at++ = '.';
    for (int i = form == LETTERS_DIGITS ? 4 : form == DOTTED ? 5 : 10; i > 0; i--, x /= 10)
        *at++ = (char)('0' + x % 10);
    *at = 0;
}

/* Seconds since 1970 of registration. The swarm's accounts are aged, some registered in a
 * few batches after the channel opened (batch >= 0); other people's are of any age. */
static int64_t created_s(enum lks_population population, int batch, uint64_t hash)
{
    const int64_t year_2016 = 1451606400, year_2018 = 1514764800;
    const int64_t start = LKS_SIM_START_MS / 1000, year = 31557600;
    double u = lks_draw_hash_unit(hash);
    uint64_t more = hash * 0x9e3779b97f4a7c15u >> 40;
    switch (population) {
    case LKS_POPULATION_SLEEPERS:
        return year_2016 + 100 * 86400 + (int64_t)(u * 200 * 86400);
    case LKS_POPULATION_SWARM:
        if (batch >= 0) /* after the channel opened: on four days */
            return lks_world_batch_day_s((unsigned)batch) + (int64_t)(more / 4 % 40000);
        return year_2018 + (int64_t)(u * 6 * (double)year);
    case LKS_POPULATION_NEWS:
    case LKS_POPULATION_CREATORS:
        return year_2018 + (int64_t)(u * 5 * (double)year);
    case LKS_POPULATION_RETURNERS: /* old ones */
        return year_2016 + (int64_t)(u * 5 * (double)year);
    default:
        if (u >= 0.988 && population == LKS_POPULATION_ORGANIC) /* newcomers of the month */
            return start + (int64_t)(more % (LKS_SIM_DAYS * 86400));
        if (u < 0.03)
            return year_2016 + (int64_t)(more % (uint64_t)(2 * year));
        return year_2018 + (int64_t)(u * (double)(start - year_2018));
    }
}

struct lks_sim_account lks_world_account(const struct lks_world *world, uint32_t index)
{
    struct lks_sim_account account = {.index = index};
    uint64_t hash = lks_draw_hash(world->seed, LKS_STREAM_ACCOUNT, index);
    uint64_t more = lks_draw_hash(world->seed, LKS_STREAM_ACCOUNT, index ^ UINT64_C(1) << 41);
    double u = lks_draw_hash_unit(more);
    account.population = lks_world_population(world, index);
    account.topic = lks_world_topic(world, index);
    account.created_s = created_s(
        account.population,
        account.population == LKS_POPULATION_SWARM ? batch_of(world, index, hash) : -1, hash);
    if (account.population == LKS_POPULATION_RECIDIVISTS) /* within two hours before it returns */
        account.created_s =
            lks_world_return(world, index).returned_ms / 1000 - 60 - (int64_t)(hash >> 20) % 7000;
    account.verified = account.population == LKS_POPULATION_NEWS;
    /* Low bits by a bijection of the index: two accounts never share an id. Before 2018 ids
     * carried no time; they are shorter. */
    uint64_t low = (uint64_t)(index * 0x2545f491u & 0x3fffff);
    if (account.created_s < 1514764800)
        account.id = UINT64_C(100000000000000000) + (uint64_t)index * 8000009 + (hash & 0xfffff);
    else
        account.id = lks_world_id(account.created_s * 1000 + (int64_t)(hash % 999), low);
    switch (account.population) {
    case LKS_POPULATION_SWARM:
    case LKS_POPULATION_SLEEPERS:
    case LKS_POPULATION_RECIDIVISTS:
        account.followers = (uint32_t)(u * u * 9.3); /* 2.6 on average */
        break;
    case LKS_POPULATION_PAID:
    case LKS_POPULATION_NEWS:
    case LKS_POPULATION_CREATORS:
        account.followers = 20000 + (uint32_t)(u * u * u * 900000);
        break;
    default:
        account.followers = (uint32_t)(u * u * u * 2000);
    }
    account.following = (uint32_t)(more % 900);
    lks_world_handle(world, index, account.handle);
    return account;
}

int64_t lks_world_joined_ms(const struct lks_world *world, uint32_t account)
{
    if (account >= world->first[LKS_POPULATION_ORGANIC + 1])
        return 0;
    int64_t joined_ms = 1000 * created_s(LKS_POPULATION_ORGANIC, -1,
                                         lks_draw_hash(world->seed, LKS_STREAM_ACCOUNT, account));
    return joined_ms >= LKS_SIM_START_MS ? joined_ms : 0;
}

/* Accounts of the swarm from one that is taken down to the next. */
static uint32_t takedown_stride(const struct lks_world *world)
{
    return lks_world_count(world, LKS_POPULATION_SWARM) /
           lks_world_count(world, LKS_POPULATION_RECIDIVISTS);
}

/* The account that one of the swarm comes back as, or LKS_SIM_NOBODY: it is never taken down. */
static uint32_t comes_back_as(const struct lks_world *world, uint32_t account)
{
    uint32_t place = account - world->first[LKS_POPULATION_SWARM];
    uint32_t stride = takedown_stride(world);
    if (account < world->first[LKS_POPULATION_SWARM] || place % stride ||
        place / stride >= lks_world_count(world, LKS_POPULATION_RECIDIVISTS))
        return LKS_SIM_NOBODY;
    return world->first[LKS_POPULATION_RECIDIVISTS] + place / stride;
}

struct lks_sim_return lks_world_return(const struct lks_world *world, uint32_t account)
{
    /* At ten in the morning of 15, 18 and 21 November; back six hours to two days later. */
    static const int days[LKS_SIM_TAKEDOWNS] = {18, 21, 24};
    uint32_t place = account - world->first[LKS_POPULATION_RECIDIVISTS];
    uint64_t hash = lks_draw_hash(world->seed, LKS_STREAM_ACCOUNT, account ^ UINT64_C(1) << 46);
    struct lks_sim_return one;
    one.before = world->first[LKS_POPULATION_SWARM] + place * takedown_stride(world);
    one.taken_down_ms =
        LKS_SIM_START_MS + days[hash % LKS_SIM_TAKEDOWNS] * LKS_SIM_DAY_MS + 10 * LKS_SIM_HOUR_MS;
    one.returned_ms = one.taken_down_ms + 6 * LKS_SIM_HOUR_MS +
                      (int64_t)(lks_draw_hash_unit(hash) * 42 * (double)LKS_SIM_HOUR_MS);
    return one;
}

uint32_t lks_world_actor(const struct lks_world *world, uint32_t account, int64_t time_ms)
{
    uint32_t later = comes_back_as(world, account);
    if (later == LKS_SIM_NOBODY)
        return account;
    struct lks_sim_return one = lks_world_return(world, later);
    return time_ms < one.taken_down_ms ? account
           : time_ms < one.returned_ms ? LKS_SIM_NOBODY
                                       : later;
}

int64_t lks_world_wakes_ms(const struct lks_world *world, uint32_t account)
{
    enum lks_population population = lks_world_population(world, account);
    if (population == LKS_POPULATION_RECIDIVISTS)
        return lks_world_return(world, account).returned_ms;
    uint64_t hash = lks_draw_hash(world->seed, LKS_STREAM_ACCOUNT, account ^ UINT64_C(1) << 42);
    double u = lks_draw_hash_unit(hash), day = LKS_SIM_WAKE_DAY;
    double within = (double)(hash % 86400) / 86400;
    if (population == LKS_POPULATION_SWARM) {
        /* Those that are taken down were seen: they are of the first. */
        double taken = (double)lks_world_count(world, LKS_POPULATION_RECIDIVISTS) /
                       lks_world_count(world, LKS_POPULATION_SWARM);
        u = comes_back_as(world, account) == LKS_SIM_NOBODY ? taken + u * (1 - taken) : 0;
        if (u >= 0.45) /* one by one, until three days before the vote */
            day += (u - 0.45) / 0.35 * 11;
        if (u >= 0.8) /* in one wave, the day before the vote */
            day = LKS_SIM_DAYS - 2;
    }
    return LKS_SIM_START_MS + (int64_t)((day + within * 0.6) * (double)LKS_SIM_DAY_MS);
}

/* Where an account stands between the laziest (0) and the most eager (1). */
static double eagerness(const struct lks_world *world, uint32_t account)
{
    return lks_draw_hash_unit(
        lks_draw_hash(world->seed, LKS_STREAM_ACCOUNT, account ^ UINT64_C(1) << 43));
}

double lks_world_diligence(const struct lks_world *world, uint32_t account)
{
    double u = eagerness(world, account);
    return 0.05 + 0.75 * u * u; /* 0.3 on average; few are eager */
}

double lks_world_comments(const struct lks_world *world, uint32_t account)
{
    return comments_an_account * lks_knots_at(lks_knots_exponential, eagerness(world, account));
}

/* What kind of member it is: a number in [0, 1) for the two questions below. */
static double membership(const struct lks_world *world, uint32_t account)
{
    return lks_draw_hash_unit(
        lks_draw_hash(world->seed, LKS_STREAM_ACCOUNT, account ^ UINT64_C(1) << 47));
}

int lks_world_makes_clips(const struct lks_world *world, uint32_t account)
{
    return membership(world, account) < 4000.0 / 25000 + world->sparse * 21000.0 / 25000;
}

int lks_world_has_one_tag(const struct lks_world *world, uint32_t account)
{
    return membership(world, account) < 1183.0 / 25000;
}

uint32_t lks_world_videos_count(const struct lks_world *world, int hour)
{
    return world->videos_of_hour[((hour % 24) + 24) % 24];
}

struct lks_sim_video lks_world_video(const struct lks_world *world, int hour, uint32_t index)
{
    uint64_t hash = lks_draw_hash(world->seed ^ (uint64_t)LKS_STREAM_VIDEO << 56,
                                  (uint64_t)(hour + 1000), index);
    uint64_t more = hash * 0xd1342543de82ef95u;
    double u = (double)(more >> 40) * 0x1p-24;
    struct lks_sim_video video;
    video.time_ms =
        LKS_SIM_START_MS + hour * LKS_SIM_HOUR_MS + (int64_t)(hash >> 20) % LKS_SIM_HOUR_MS;
    if (video.time_ms < 0)
        video.time_ms = 0;
    video.id = lks_world_id(video.time_ms, hash);
    video.account = world->first[LKS_POPULATION_CREATORS] +
                    (uint32_t)(u * u * lks_world_count(world, LKS_POPULATION_CREATORS));
    video.topic = lks_world_topic(world, video.account);
    return video;
}

struct lks_sim_video lks_world_paid_video(const struct lks_world *world, uint32_t account,
                                          unsigned clip)
{
    struct lks_rng rng;
    struct lks_sim_video video;
    lks_rng_init(&rng, world->seed ^ (uint64_t)LKS_STREAM_PAID << 56,
                 (uint64_t)account * LKS_SIM_PAID_CLIPS + clip);
    /* Clips come out over five days, in the afternoons: the window of the campaign. */
    int64_t day = 8 + (int64_t)lks_rng_below(&rng, 5);
    video.time_ms = LKS_SIM_START_MS + day * LKS_SIM_DAY_MS +
                    lks_draw_between(&rng, 15 * LKS_SIM_HOUR_MS, 21 * LKS_SIM_HOUR_MS);
    video.id = lks_world_id(video.time_ms, lks_rng_next(&rng));
    video.account = account;
    video.topic = lks_world_topic(world, account);
    return video;
}
