/* truth.c - what the simulator knows and a detector should find: labels and the true story */
#include "simulate/truth.h"

#include "base/json_write.h"
#include "base/time.h"
#include "base/writer.h"
#include "simulate/media.h"
#include "simulate/words.h"

static const char *const population_names[LKS_POPULATIONS_COUNT] = {
    [LKS_POPULATION_ORGANIC] = "organic",       [LKS_POPULATION_FANS] = "fans",
    [LKS_POPULATION_FOOTBALL] = "football",     [LKS_POPULATION_GIVEAWAY] = "giveaway",
    [LKS_POPULATION_CREATORS] = "organic",      [LKS_POPULATION_NEWS] = "news",
    [LKS_POPULATION_VOLUNTEERS] = "volunteers", [LKS_POPULATION_PAID] = "paid",
    [LKS_POPULATION_SLEEPERS] = "sleepers",     [LKS_POPULATION_SWARM] = "swarm",
    [LKS_POPULATION_RETURNERS] = "returners",   [LKS_POPULATION_RECIDIVISTS] = "recidivists",
};

/* Who acts together: swarm, sleepers, recidivists and the channel are one operation. */
static const char *group_name(enum lks_population population)
{
    switch (population) {
    case LKS_POPULATION_VOLUNTEERS:
    case LKS_POPULATION_PAID:
        return population_names[population];
    case LKS_POPULATION_SLEEPERS:
    case LKS_POPULATION_SWARM:
    case LKS_POPULATION_RECIDIVISTS:
        return "operation";
    default:
        return "";
    }
}

static int is_coordinated(enum lks_population population)
{
    return population >= LKS_POPULATION_VOLUNTEERS;
}

int lks_truth_labels(const struct lks_world *world, const char *path,
                     struct lks_simulate_summary *summary, struct lks_error *err)
{
    struct lks_writer writer;
    int code = lks_writer_open(&writer, path, err);
    if (code != 0)
        return code;
    lks_writer_text(&writer, "account_key,label,population,declared,posts,acts,group\n");
    lks_writer_format(&writer, "telegram:%d,1,channel,0,%llu,%u,operation\n", LKS_SIM_CHANNEL_ID,
                      (unsigned long long)summary->messages, world->calls_count);
    summary->accounts++;
    summary->coordinated_accounts++;
    for (uint32_t i = 0; i < world->first[LKS_POPULATIONS_COUNT]; i++) {
        uint32_t posts = atomic_load_explicit(&world->posts[i], memory_order_relaxed);
        uint32_t acts = atomic_load_explicit(&world->acts[i], memory_order_relaxed);
        enum lks_population population = lks_world_population(world, i);
        char handle[16];
        const char *name = population_names[population];
        if (!posts)
            continue;
        if (lks_world_is_supporter(world, i))
            name = "supporters";
        lks_world_handle(world, i, handle);
        lks_writer_format(&writer, "tiktok:%s,%d,%s,%d,%u,%u,%s\n", handle,
                          is_coordinated(population), name, population == LKS_POPULATION_VOLUNTEERS,
                          posts, acts, group_name(population));
        summary->accounts++;
        summary->coordinated_accounts += is_coordinated(population);
    }
    return lks_writer_commit(&writer, err);
}

static void json_populations(struct lks_json *json, const struct lks_world *world)
{
    lks_json_array(json, "populations");
    for (int p = 0; p < LKS_POPULATIONS_COUNT; p++) {
        uint64_t active = 0, posts = 0, acts = 0;
        for (uint32_t i = world->first[p]; i < world->first[p + 1]; i++) {
            uint32_t count = atomic_load_explicit(&world->posts[i], memory_order_relaxed);
            active += count > 0;
            posts += count;
            acts += atomic_load_explicit(&world->acts[i], memory_order_relaxed);
        }
        lks_json_object(json, NULL);
        lks_json_text(json, "name",
                      p == LKS_POPULATION_CREATORS ? "creators" : population_names[p]);
        lks_json_int(json, "label", is_coordinated((enum lks_population)p));
        lks_json_uint(json, "accounts", lks_world_count(world, (enum lks_population)p));
        lks_json_uint(json, "active", active);
        lks_json_uint(json, "posts", posts);
        lks_json_uint(json, "acts", acts);
        lks_json_object_end(json);
    }
    lks_json_array_end(json);
}

static void json_tag(struct lks_json *json, const struct lks_world *world, uint32_t tag)
{
    struct lks_sim_text name = {0};
    lks_sim_text_tag(&name, world->seed, tag);
    lks_json_string(json, NULL, (struct lks_str){name.data, name.size});
}

/* The file that the call hands out. */
static void json_media(struct lks_json *json, const struct lks_world *world,
                       const struct lks_sim_call *call)
{
    struct lks_sim_media media = lks_call_media(world, call);
    lks_json_object(json, "media");
    lks_json_text(json, "file_name", media.name);
    lks_json_uint(json, "duration_seconds", media.duration_s);
    lks_json_key(json, "sound");
    char id[24];
    snprintf(id, sizeof id, "%llu", (unsigned long long)call->sound);
    lks_json_text(json, NULL, id);
    lks_json_object_end(json);
}

static void json_calls(struct lks_json *json, const struct lks_world *world)
{
    lks_json_array(json, "calls");
    for (unsigned i = 0; i < world->calls_count; i++) {
        const struct lks_sim_call *call = &world->calls[i];
        lks_json_object(json, NULL);
        lks_json_time(json, "time", call->time_ms * 1000);
        lks_json_text(json, "kind", call->kind == LKS_CALL_COMMENT ? "comment" : "post");
        lks_json_array(json, "videos");
        for (unsigned t = 0; t < call->targets_count; t++) {
            char id[24];
            snprintf(id, sizeof id, "%llu", (unsigned long long)call->targets[t].id);
            lks_json_text(json, NULL, id);
        }
        lks_json_array_end(json);
        lks_json_array(json, "tags");
        for (unsigned t = 0; t < call->tags_count; t++)
            json_tag(json, world, call->tags[t]);
        lks_json_array_end(json);
        if (call->kind == LKS_CALL_POST)
            json_media(json, world, call);
        lks_json_object_end(json);
    }
    lks_json_array_end(json);
}

static void json_payments(struct lks_json *json,
                          const struct lks_ledger_total totals[LKS_LEDGER_WAYS_COUNT])
{
    lks_json_array(json, "payments");
    for (int way = 0; way < LKS_LEDGER_WAYS_COUNT; way++) {
        char amount[32];
        snprintf(amount, sizeof amount, "%lld.%02d", (long long)(totals[way].amount_minor / 100),
                 (int)(totals[way].amount_minor % 100));
        lks_json_object(json, NULL);
        lks_json_text(json, "payer", totals[way].payer);
        lks_json_text(json, "method", totals[way].method);
        lks_json_uint(json, "payments", totals[way].payments_count);
        lks_json_text(json, "amount", amount);
        lks_json_text(json, "currency", totals[way].currency);
        lks_json_object_end(json);
    }
    lks_json_array_end(json);
}

static void json_evasion(struct lks_json *json, const struct lks_world *world)
{
    lks_json_object(json, "evasion");
    lks_json_double(json, "jitter", world->jitter);
    lks_json_double(json, "paraphrase", world->paraphrase);
    lks_json_uint(json, "groups", world->groups);
    lks_json_double(json, "sparse", world->sparse);
    lks_json_object_end(json);
}

/* How many of the swarm registered after the channel opened, and on which days. */
static void json_registered(struct lks_json *json, const struct lks_world *world)
{
    lks_json_object(json, "registered_after_channel");
    lks_json_uint(json, "reported", world->registered);
    lks_json_uint(json, "accounts", world->late_count);
    lks_json_array(json, "days");
    for (unsigned batch = 0; batch < LKS_SIM_BATCHES; batch++)
        lks_json_time(json, NULL, lks_world_batch_day_s(batch) * LKS_SECOND_US);
    lks_json_array_end(json);
    lks_json_object_end(json);
}

/* The tag that took the place of an older one of which it is an edit. */
static void json_tag_edit(struct lks_json *json, const struct lks_world *world)
{
    lks_json_object(json, "tag_edit");
    lks_json_key(json, "from");
    json_tag(json, world, LKS_SIM_TAG_PAID);
    lks_json_key(json, "to");
    json_tag(json, world, LKS_SIM_TAG_EDIT);
    lks_json_time(json, "time", (LKS_SIM_START_MS + LKS_SIM_EDIT_DAY * LKS_SIM_DAY_MS) * 1000);
    lks_json_object_end(json);
}

/* Which accounts were taken down, and what they came back as. */
static void json_returns(struct lks_json *json, const struct lks_world *world)
{
    lks_json_array(json, "recidivists");
    for (uint32_t i = world->first[LKS_POPULATION_RECIDIVISTS];
         i < world->first[LKS_POPULATION_RECIDIVISTS + 1]; i++) {
        struct lks_sim_return one = lks_world_return(world, i);
        char handle[16];
        lks_json_object(json, NULL);
        lks_json_key(json, "account");
        lks_world_handle(world, i, handle);
        lks_json_text(json, NULL, handle);
        lks_json_key(json, "before");
        lks_world_handle(world, one.before, handle);
        lks_json_text(json, NULL, handle);
        lks_json_time(json, "taken_down", one.taken_down_ms * 1000);
        lks_json_time(json, "returned", one.returned_ms * 1000);
        lks_json_object_end(json);
    }
    lks_json_array_end(json);
}

int lks_truth_json(const struct lks_world *world, const struct lks_simulate_summary *summary,
                   const struct lks_ledger_total totals[LKS_LEDGER_WAYS_COUNT], const char *path,
                   struct lks_error *err)
{
    struct lks_buffer buffer = {0};
    struct lks_json json = {.buffer = &buffer, .indent = 1};
    struct lks_writer writer;
    lks_json_object(&json, NULL);
    lks_json_text(&json, "about", "synthetic data of lockstep simulate: about nobody");
    lks_json_text(&json, "scenario", "romania-2024");
    lks_json_text(&json, "version", lks_version());
    lks_json_double(&json, "scale", world->scale);
    lks_json_uint(&json, "seed", world->seed);
    lks_json_time(&json, "first", LKS_SIM_START_MS * 1000);
    lks_json_time(&json, "end", LKS_SIM_END_MS * 1000);
    lks_json_uint(&json, "posts", summary->posts);
    lks_json_uint(&json, "messages", summary->messages);
    lks_json_uint(&json, "accounts", summary->accounts);
    lks_json_uint(&json, "coordinated_accounts", summary->coordinated_accounts);
    lks_json_array(&json, "campaign_tags");
    for (uint32_t tag = 0; tag < LKS_SIM_CAMPAIGN_TAGS; tag++)
        json_tag(&json, world, tag);
    lks_json_array_end(&json);
    json_tag_edit(&json, world);
    json_evasion(&json, world);
    json_registered(&json, world);
    json_populations(&json, world);
    json_payments(&json, totals);
    json_returns(&json, world);
    json_calls(&json, world);
    lks_json_object_end(&json);
    lks_buffer_byte(&buffer, '\n');
    int code = buffer.failed ? lks_error_set(err, LKS_EMEMORY, "out of memory")
                             : lks_writer_open(&writer, path, err);
    if (code == 0) {
        lks_writer_put(&writer, buffer.data, buffer.size_bytes);
        code = lks_writer_commit(&writer, err);
    }
    lks_buffer_free(&buffer);
    return code;
}

int lks_truth_readme(const struct lks_world *world, const char *path, struct lks_error *err)
{
    struct lks_writer writer;
    char evasion[128] = "", registered[32] = "";
    int code = lks_writer_open(&writer, path, err);
    if (code != 0)
        return code;
    if (world->jitter > 0 || world->paraphrase > 0 || world->groups > 1 || world->sparse > 0)
        snprintf(evasion, sizeof evasion, " --jitter %g --paraphrase %g --split %g --sparse %g",
                 world->jitter, world->paraphrase, (world->groups - 1) / 15.0, world->sparse);
    if (world->registered != LKS_SIM_REGISTERED)
        snprintf(registered, sizeof registered, " --registered %u", world->registered);
    lks_writer_format(
        &writer,
        "SYNTHETIC DATA. Made by a simulator, about nobody: every account, text, tag, link and\n"
        "number in this folder is invented, and the words mean nothing in any language.\n"
        "\n"
        "lockstep simulate romania-2024 --scale %g --seed %llu%s%s\n"
        "\n"
        "tiktok-videos.json       creators' videos, as the TikTok Research API gives them\n"
        "tiktok-posts.ndjson      posts, as Zeeschuimer captures them\n"
        "tiktok-comments.ndjson   comments, as Zeeschuimer captures them\n"
        "telegram-result.json     the channel with the calls, as Telegram Desktop exports it\n"
        "labels.csv               account_key,label,population,declared,posts,acts,group\n"
        "ledger.csv               payments to the paid accounts\n"
        "case.toml                what an investigator would know beforehand; for the case's "
        "folder\n"
        "truth/truth.json         the true story: populations, calls, tags, payments\n"
        "\n"
        "label is 1 for accounts that are in truth coordinated: swarm, sleepers, recidivists, "
        "paid,\n"
        "the channel, and the volunteers, who say so themselves (declared 1). acts is how many of "
        "an account's "
        "posts\n"
        "were acts of its group; the others are its cover. The populations fans, football,\n"
        "giveaway, news, returners and supporters look alike for innocent reasons. Only accounts "
        "with\n"
        "a post are listed.\n"
        "\n"
        "Every record says that it is synthetic (\"lockstep_synthetic\": true, or \"about\"), so\n"
        "that a report made from it says so too.\n",
        world->scale, (unsigned long long)world->seed, registered, evasion);
    return lks_writer_commit(&writer, err);
}
