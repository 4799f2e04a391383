/* relays_json.c - the member "relays" of report and findings.json */
#include "dossier/relays_json.h"

#include <stdlib.h>

#include "text/instruction.h"

enum { MEMBERS_SHOWN = 40 };

static int falling(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

/* Which of count values are among the `most` largest, the first in order where several are the
 * same: those above *least, and the first *ties of those equal to it. */
static void largest(double (*value)(const struct lks_results *, uint32_t),
                    const struct lks_results *results, uint32_t count, uint32_t most, double *least,
                    uint32_t *ties)
{
    double *values = count > most ? malloc(count * sizeof *values) : NULL;
    *least = -1;
    *ties = count;
    if (!values) /* all; where memory is out more than was asked for, and nothing wrong */
        return;
    for (uint32_t i = 0; i < count; i++)
        values[i] = value(results, i);
    qsort(values, count, sizeof *values, falling);
    *least = most ? values[most - 1] : values[0] + 1;
    *ties = 0;
    for (uint32_t i = 0; i < most; i++)
        *ties += values[i] == *least;
    free(values);
}

static double instruction_value(const struct lks_results *results, uint32_t i)
{
    return results->instructions[i].score;
}

static double relay_value(const struct lks_results *results, uint32_t i)
{
    return results->relays[i].item.places_count;
}

static int is_taken(double value, double least, uint32_t *ties)
{
    if (value > least)
        return 1;
    if (value < least || !*ties)
        return 0;
    --*ties;
    return 1;
}

static void put_seconds(struct lks_json *json, const char *key, int64_t span_us)
{
    lks_json_double(json, key, (double)span_us / LKS_SECOND_US);
}

/* The words of things without the blanks around them. */
static void put_things(struct lks_json *json, struct lks_str things)
{
    if (things.size_bytes >= 2)
        things = (struct lks_str){things.data + 1, things.size_bytes - 2};
    lks_json_put_solid(json, "things", things);
}

static void put_instructions(struct lks_json_stream *stream, const struct lks_results *results,
                             uint32_t most)
{
    struct lks_json *json = &stream->json;
    uint32_t total = 0, ties;
    double least;
    for (uint32_t i = 0; i < results->instructions_count; i++)
        total += results->instructions[i].score >= LKS_INSTRUCTION_SURE;
    lks_json_uint(json, "instructions_total", total);
    lks_json_uint(json, "instructions_likely", results->instructions_count);
    largest(instruction_value, results, results->instructions_count, most, &least, &ties);
    lks_json_array(json, "instructions");
    for (uint32_t i = 0; i < results->instructions_count; i++) {
        const struct lks_result_instruction *one = &results->instructions[i];
        if (one->score < LKS_INSTRUCTION_SURE || !is_taken(one->score, least, &ties))
            continue;
        lks_json_object(json, NULL);
        lks_json_time(json, "time", one->time_us);
        lks_json_put_solid(json, "channel", one->channel);
        lks_json_put_solid(json, "post", one->post_key);
        lks_json_put_solid(json, "cues", one->cues);
        put_things(json, one->things);
        lks_json_double(json, "score", one->score);
        lks_json_object_end(json);
        lks_json_stream_flush(stream);
    }
    lks_json_array_end(json);
}

static void put_relay(struct lks_json *json, const struct lks_results *results,
                      const struct lks_result_relay *relay, uint32_t members_most)
{
    const struct lks_relay *item = &relay->item;
    lks_json_object(json, NULL);
    lks_json_time(json, "first", item->first_us);
    lks_json_time(json, "last", item->last_us);
    put_seconds(json, "seconds_to_sure", item->sure_us - item->first_us);
    lks_json_put_solid(json, "channel", relay->channel);
    lks_json_put_solid(json, "post", relay->post_key);
    put_things(json, relay->things);
    lks_json_uint(json, "channels", item->places_count);
    lks_json_double(json, "expected", item->expected);
    lks_json_double(json, "log10_p", item->log10_p);
    lks_json_double(json, "q_value", item->q_value);
    lks_json_double(json, "instruction", relay->instruction);
    lks_json_uint(json, "members_total", item->members_count);
    lks_json_array(json, "members");
    for (uint32_t i = 0; i < item->members_count && i < members_most; i++) {
        const struct lks_result_relay_member *member =
            &results->relay_members[item->first_member + i];
        lks_json_object(json, NULL);
        lks_json_put_solid(json, "channel", member->channel);
        lks_json_put_solid(json, "post", member->post_key);
        put_seconds(json, "lag_seconds", member->lag_us);
        lks_json_object_end(json);
    }
    lks_json_array_end(json);
    lks_json_object_end(json);
}

static void put_relayer(struct lks_json *json, const struct lks_result_relayer *one)
{
    lks_json_object(json, NULL);
    lks_json_put_solid(json, "channel", one->channel);
    lks_json_uint(json, "called", one->item.called);
    lks_json_uint(json, "relayed", one->item.relayed);
    lks_json_uint(json, "could", one->item.could);
    lks_json_double(json, "expected", one->item.expected);
    lks_json_double(json, "log10_p", one->item.log10_p);
    lks_json_double(json, "q_value", one->item.q_value);
    lks_json_string(json, "followed", one->followed.size_bytes ? one->followed : LKS_STR_NULL);
    lks_json_uint(json, "followed_count", one->item.followed_count);
    lks_json_key(json, "lag_median_seconds");
    if (one->item.lag_median_us < 0)
        lks_json_null(json, NULL);
    else
        lks_json_double(json, NULL, (double)one->item.lag_median_us / LKS_SECOND_US);
    lks_json_object_end(json);
}

void lks_json_put_relays(struct lks_json_stream *stream, const struct lks_results *results,
                         uint32_t most)
{
    struct lks_json *json = &stream->json;
    uint32_t ties, members_most = most == UINT32_MAX ? UINT32_MAX : MEMBERS_SHOWN;
    double least;
    lks_json_object(json, "relays");
    lks_json_string(json, "not_observable",
                    results->relaying.unobservable.size_bytes ? results->relaying.unobservable
                                                              : LKS_STR_NULL);
    put_seconds(json, "window_seconds", results->relaying.window_us);
    put_seconds(json, "past_seconds", results->relaying.past_us);
    lks_json_uint(json, "messages", results->relaying.messages_count);
    lks_json_uint(json, "tested", results->relaying.tested_count);
    lks_json_uint(json, "controls", results->relaying.controls_count);
    lks_json_uint(json, "control_relays", results->relaying.control_relays);
    lks_json_double(json, "channels_least_p", results->relaying.channels_least_p);
    put_instructions(stream, results, most);
    lks_json_uint(json, "total", results->relays_count);
    largest(relay_value, results, results->relays_count, most, &least, &ties);
    lks_json_array(json, "relays");
    for (uint32_t i = 0; i < results->relays_count; i++) {
        if (!is_taken(results->relays[i].item.places_count, least, &ties))
            continue;
        put_relay(json, results, &results->relays[i], members_most);
        lks_json_stream_flush(stream);
    }
    lks_json_array_end(json);
    lks_json_uint(json, "channels_total", results->relayers_count);
    lks_json_array(json, "channels");
    for (uint32_t i = 0; i < results->relayers_count && i < most; i++) {
        put_relayer(json, &results->relayers[i]);
        lks_json_stream_flush(stream);
    }
    lks_json_array_end(json);
    lks_json_object_end(json);
}
