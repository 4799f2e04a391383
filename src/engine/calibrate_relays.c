/* calibrate_relays.c - relays among channels that were moved to other days */
#include <stdlib.h>

#include "engine/calibrate_inside.h"

/* The messages where they went, in order of time. */
struct moved {
    int64_t *time_us;
    uint32_t *order, *place, *at; /* order: which message; at: where a message is */
    uint8_t *is_call;
    struct lks_relay_use *uses;
};

static int use_order(const void *a, const void *b)
{
    const struct lks_relay_use *x = a, *y = b;
    if (x->term != y->term)
        return x->term < y->term ? -1 : 1;
    return (x->post > y->post) - (x->post < y->post);
}

static int moved_make(const struct calibrating *calibrating, uint32_t number, struct moved *to,
                      struct lks_error *err)
{
    const struct lks_messages *from = &calibrating->messages;
    int code = lks_shuffle_channel_days(
        from->time_us, from->place, from->count, (uint32_t)from->channels.count,
        calibrating->groups.seed + 7, number, to->time_us, to->order, err);
    for (size_t i = 0; code == 0 && i < from->count; i++) {
        uint32_t message = to->order[i];
        to->at[message] = (uint32_t)i;
        to->place[i] = from->place[message];
        to->is_call[i] = from->is_call[message];
    }
    for (size_t i = 0; code == 0 && i < calibrating->uses_count; i++)
        to->uses[i] =
            (struct lks_relay_use){calibrating->uses[i].term, to->at[calibrating->uses[i].post]};
    if (code == 0)
        qsort(to->uses, calibrating->uses_count, sizeof *to->uses, use_order);
    return code;
}

static int relays_count(struct calibrating *calibrating, const struct moved *moved,
                        struct lks_error *err)
{
    const struct lks_messages *messages = &calibrating->messages;
    struct lks_relay_options options = lks_relay_options_default();
    struct lks_relay_input input = {.post_time_us = moved->time_us,
                                    .post_place = moved->place,
                                    .post_is_call = moved->is_call,
                                    .posts_count = messages->count,
                                    .uses = moved->uses,
                                    .uses_count = calibrating->uses_count,
                                    .places_count = messages->channels.count,
                                    .terms_count = messages->words.count};
    struct lks_relays found;
    uint64_t relayers = 0;
    options.controls = 0;
    int code = lks_relays_run(&input, &options, &calibrating->control, &found, err);
    if (code)
        return code;
    for (size_t i = 0; i < found.relayers_count; i++)
        relayers += found.relayers[i].q_value <= options.level;
    lks_calibrated_count(calibrating, LKS_CALIBRATED_RELAYS, found.relays_count);
    lks_calibrated_count(calibrating, LKS_CALIBRATED_RELAYERS, relayers);
    lks_relays_free(&found);
    return 0;
}

int lks_calibrate_relays(struct calibrating *calibrating, uint32_t number, struct lks_error *err)
{
    size_t count = calibrating->messages.count + 1;
    struct moved moved = {.time_us = malloc(count * sizeof *moved.time_us),
                          .order = malloc(count * sizeof *moved.order),
                          .place = malloc(count * sizeof *moved.place),
                          .at = malloc(count * sizeof *moved.at),
                          .is_call = malloc(count),
                          .uses = malloc((calibrating->uses_count + 1) * sizeof *moved.uses)};
    int code =
        moved.time_us && moved.order && moved.place && moved.at && moved.is_call && moved.uses
            ? 0
            : lks_error_set(err, LKS_EMEMORY, "out of memory for shuffled data");
    if (code == 0)
        code = moved_make(calibrating, number, &moved, err);
    if (code == 0)
        code = relays_count(calibrating, &moved, err);
    free(moved.time_us);
    free(moved.order);
    free(moved.place);
    free(moved.at);
    free(moved.is_call);
    free(moved.uses);
    return code;
}
