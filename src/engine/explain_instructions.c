/* explain_instructions.c - why: which messages of a channel tell its readers what to do, and by which words */
#include "engine/explain_instructions.h"

#include "base/shown.h"
#include "base/time.h"
#include "text/instruction.h"

enum { SHOWN_BYTES = 300, TEXT_SHOWN = 5, JSON_SHOWN = 50 };

struct told {
    const struct lks_result_instruction *first[JSON_SHOWN]; /* of most points, the earlier first */
    uint32_t count, sure_count, likely_count;
};

static void told_find(const struct lks_results *results, struct lks_str channel, uint32_t most,
                      struct told *told)
{
    *told = (struct told){{NULL}};
    for (uint32_t i = 0; i < results->instructions_count; i++) {
        const struct lks_result_instruction *one = &results->instructions[i];
        if (!lks_str_equal(one->channel, channel))
            continue;
        int is_sure = one->score >= LKS_INSTRUCTION_SURE;
        told->sure_count += (uint32_t)is_sure;
        told->likely_count += (uint32_t)!is_sure;
        uint32_t at = told->count;
        while (at > 0 && told->first[at - 1]->score < one->score)
            at--;
        if (!is_sure || at == most)
            continue;
        told->count += told->count < most;
        for (uint32_t k = told->count - 1; k > at; k--)
            told->first[k] = told->first[k - 1];
        told->first[at] = one;
    }
}

void lks_explain_instructions_text(const struct lks_results *results, struct lks_str channel_key,
                                   struct lks_buffer *out)
{
    struct told told;
    told_find(results, channel_key, TEXT_SHOWN, &told);
    if (!told.sure_count && !told.likely_count)
        return;
    lks_buffer_format(out, "Messages that tell readers what to do: %u, and %u more that may%s\n",
                      told.sure_count, told.likely_count, told.count ? "; for example" : "");
    for (uint32_t i = 0; i < told.count; i++) {
        char time[LKS_TIME_TEXT_BYTES];
        lks_time_format(told.first[i]->time_us, time);
        lks_buffer_format(out, "  %s  ", time);
        lks_buffer_shown(out, told.first[i]->post_key, SHOWN_BYTES);
        lks_buffer_format(out, ", %g points: ", told.first[i]->score);
        lks_buffer_shown(out, told.first[i]->cues, SHOWN_BYTES);
        lks_buffer_byte(out, '\n');
    }
}

void lks_explain_instructions_json(const struct lks_results *results, struct lks_str channel_key,
                                   struct lks_json *json)
{
    struct told told;
    told_find(results, channel_key, JSON_SHOWN, &told);
    lks_json_object(json, "instructions");
    lks_json_uint(json, "sure", told.sure_count);
    lks_json_uint(json, "likely", told.likely_count);
    lks_json_array(json, "messages");
    for (uint32_t i = 0; i < told.count; i++) {
        lks_json_object(json, NULL);
        lks_json_time(json, "time", told.first[i]->time_us);
        lks_json_string(json, "post", told.first[i]->post_key);
        lks_json_double(json, "points", told.first[i]->score);
        lks_json_string(json, "cues", told.first[i]->cues);
        lks_json_object_end(json);
    }
    lks_json_array_end(json);
    lks_json_object_end(json);
}
