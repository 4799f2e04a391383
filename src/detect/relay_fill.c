/* relay_fill.c - messages that instruct, and what channels repeat after each other, into the results */
#include "detect/relay_fill.h"

#include <stdlib.h>

#include "detect/messages_load.h"
#include "text/instruction.h"

enum {
    INSTRUCTIONS_MAX = 200000, /* more are counted and left out, the earliest kept */
    THINGS_MAX = 12,           /* words shown of a message or a relay: the rarest */
    RARE_LEAST = 50 /* words of at most so many messages, or of a two hundredth, are rare */
};

struct filling {
    struct lks_store *store;
    struct lks_results *results;
    const struct lks_messages *messages;
    size_t calls_count; /* of messages->calls, that are put down */
    struct lks_relays found;
    double *score;    /* [messages.count] 0 where it is no instruction */
    uint32_t *wanted; /* [wanted_count] post indexes, rising, whose keys are needed */
    struct lks_post *posts;
    size_t wanted_count;
};

static int memory_out(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "out of memory for what channels repeat");
}

static int unobservable(struct filling *filling, const char *why, struct lks_error *err)
{
    filling->results->relaying.unobservable =
        lks_arena_str(&filling->results->arena, lks_str_from(why));
    return filling->results->relaying.unobservable.data ? 0 : memory_out(err);
}

/* ---- words ---- */

struct thing {
    uint32_t term, used_by, place; /* place: in the text */
    uint32_t shared_by;            /* channels of a relay */
    int64_t repeated_us;           /* when a second one had it */
};

/* What was repeated first comes first: the call itself before what is said around it; then what
 * more channels share, then what is rarer. */
static int rarity_order(const void *a, const void *b)
{
    const struct thing *x = a, *y = b;
    if (x->repeated_us != y->repeated_us)
        return x->repeated_us < y->repeated_us ? -1 : 1;
    if (x->shared_by != y->shared_by)
        return x->shared_by > y->shared_by ? -1 : 1;
    if (x->used_by != y->used_by)
        return x->used_by < y->used_by ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

static int place_order(const void *a, const void *b)
{
    const struct thing *x = a, *y = b;
    return (x->place > y->place) - (x->place < y->place);
}

/* The rarest of the things, in the order of the text, with a blank before and after each. */
static struct lks_str things_text(struct filling *filling, struct thing *things, size_t count)
{
    struct lks_buffer text = {0};
    qsort(things, count, sizeof *things, rarity_order);
    count = count < THINGS_MAX ? count : THINGS_MAX;
    qsort(things, count, sizeof *things, place_order);
    lks_buffer_byte(&text, ' ');
    for (size_t i = 0; i < count; i++) {
        struct lks_str word = filling->messages->words.names[things[i].term];
        lks_buffer_append(&text, word.data, word.size_bytes);
        lks_buffer_byte(&text, ' ');
    }
    struct lks_str out = LKS_STR_NULL;
    if (!text.failed)
        out = lks_arena_str(&filling->results->arena,
                            count ? (struct lks_str){text.data, text.size_bytes} : LKS_STR(""));
    lks_buffer_free(&text);
    return out;
}

static uint32_t rare_most(const struct filling *filling)
{
    size_t share = filling->messages->count / 200;
    return share > RARE_LEAST ? (uint32_t)share : RARE_LEAST;
}

static struct lks_str message_things(struct filling *filling, uint32_t message)
{
    const struct lks_messages *messages = filling->messages;
    size_t first = messages->term_first[message], all = messages->term_first[message + 1] - first;
    struct thing things[LKS_CUE_WORDS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < all && count < LKS_CUE_WORDS_MAX; i++) {
        uint32_t term = messages->terms[first + i], used_by = messages->used_by[term];
        if (used_by <= rare_most(filling))
            things[count++] = (struct thing){term, used_by, (uint32_t)i, 0, 0};
    }
    return things_text(filling, things, count);
}

/* ---- posts whose keys are needed ---- */

static int index_order(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static int posts_read(struct filling *filling, struct lks_arena *arena, struct lks_error *err)
{
    const struct lks_messages *messages = filling->messages;
    size_t most = filling->calls_count + filling->found.members_count, count = 0, kept = 0;
    uint32_t *files = calloc(most + 1, sizeof *files);
    filling->wanted = malloc((most + 1) * sizeof *filling->wanted);
    filling->posts = calloc(most + 1, sizeof *filling->posts);
    int code = files && filling->wanted && filling->posts ? 0 : memory_out(err);
    for (size_t i = 0; code == 0 && i < filling->calls_count; i++)
        filling->wanted[count++] = messages->post[messages->calls[i].message];
    for (size_t i = 0; code == 0 && i < filling->found.members_count; i++)
        filling->wanted[count++] = messages->post[filling->found.members[i].post];
    if (code == 0) {
        qsort(filling->wanted, count, sizeof *filling->wanted, index_order);
        for (size_t i = 0; i < count; i++)
            if (!kept || filling->wanted[kept - 1] != filling->wanted[i])
                filling->wanted[kept++] = filling->wanted[i];
        filling->wanted_count = kept;
        code = lks_store_posts(filling->store, filling->wanted, kept, arena, filling->posts, files,
                               err);
    }
    free(files);
    return code;
}

static struct lks_str key_of(struct filling *filling, uint32_t message)
{
    const uint32_t *at = bsearch(&filling->messages->post[message], filling->wanted,
                                 filling->wanted_count, sizeof *at, index_order);
    LKS_ASSERT(at);
    return lks_arena_str(&filling->results->arena, filling->posts[at - filling->wanted].post_key);
}

static struct lks_str channel_name(struct filling *filling, uint32_t place)
{
    return lks_arena_str(&filling->results->arena, filling->messages->channels.names[place]);
}

/* ---- into the results ---- */

static int instructions_fill(struct filling *filling, struct lks_error *err)
{
    struct lks_results *results = filling->results;
    const struct lks_messages *messages = filling->messages;
    results->instructions =
        lks_arena_calloc(&results->arena, filling->calls_count + 1, sizeof *results->instructions);
    if (!results->instructions)
        return memory_out(err);
    for (size_t i = 0; i < filling->calls_count; i++) {
        const struct lks_loaded_call *call = &messages->calls[i];
        struct lks_result_instruction *to = &results->instructions[i];
        *to = (struct lks_result_instruction){
            .time_us = messages->time_us[call->message],
            .channel = channel_name(filling, messages->place[call->message]),
            .post_key = key_of(filling, call->message),
            .cues = lks_messages_why(messages, call, &results->arena),
            .things = message_things(filling, call->message),
            .score = call->score};
        if (!to->channel.data || !to->post_key.data || !to->cues.data || !to->things.data)
            return memory_out(err);
    }
    results->instructions_count = (uint32_t)filling->calls_count;
    return 0;
}

struct placed_term {
    uint32_t term, place;
    int64_t lag_us;
};

static int placed_order(const void *a, const void *b)
{
    const struct placed_term *x = a, *y = b;
    if (x->term != y->term)
        return x->term < y->term ? -1 : 1;
    if (x->lag_us != y->lag_us)
        return x->lag_us < y->lag_us ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

static int place_id_order(const void *a, const void *b)
{
    const struct placed_term *x = a, *y = b;
    return (x->place > y->place) - (x->place < y->place);
}

/* Rare words that two channels of a relay have, and the term it was found by in any case. */
static int relay_things(struct filling *filling, size_t relay, struct lks_str *out,
                        struct lks_error *err)
{
    const struct lks_messages *messages = filling->messages;
    const struct lks_relay *item = &filling->found.relays[relay];
    const struct lks_relay_member *members = filling->found.members + item->first_member;
    size_t room = 0, count = 0, kept = 0;
    for (uint32_t m = 0; m < item->members_count; m++)
        room += messages->term_first[members[m].post + 1] - messages->term_first[members[m].post];
    struct placed_term *placed = malloc((room + 1) * sizeof *placed);
    struct thing *things = malloc((room + 2) * sizeof *things);
    int code = placed && things ? 0 : memory_out(err);
    for (uint32_t m = 0; code == 0 && m < item->members_count; m++)
        for (size_t i = messages->term_first[members[m].post];
             i < messages->term_first[members[m].post + 1]; i++)
            placed[count++] =
                (struct placed_term){messages->terms[i], members[m].place, members[m].lag_us};
    if (code == 0)
        qsort(placed, count, sizeof *placed, placed_order);
    for (size_t i = 0; code == 0 && i < count;) {
        size_t end = i, places = 0;
        int64_t repeated_us = INT64_MAX;
        for (; end < count && placed[end].term == placed[i].term; end++)
            if (placed[end].place != placed[i].place && placed[end].lag_us < repeated_us)
                repeated_us = placed[end].lag_us;
        qsort(placed + i, end - i, sizeof *placed, place_id_order);
        for (size_t k = i; k < end; k++)
            places += k == i || placed[k].place != placed[k - 1].place;
        uint32_t term = placed[i].term, used_by = messages->used_by[term];
        if (places > 1 && (used_by <= rare_most(filling) || term == filling->found.terms[relay]))
            things[kept++] = (struct thing){term, used_by, term, (uint32_t)places, repeated_us};
        i = end;
    }
    if (code == 0) {
        *out = things_text(filling, things, kept);
        code = out->data ? 0 : memory_out(err);
    }
    free(placed);
    free(things);
    return code;
}

static int relays_fill(struct filling *filling, struct lks_error *err)
{
    struct lks_results *results = filling->results;
    const struct lks_relays *found = &filling->found;
    results->relays =
        lks_arena_calloc(&results->arena, found->relays_count + 1, sizeof *results->relays);
    results->relay_members =
        lks_arena_calloc(&results->arena, found->members_count + 1, sizeof *results->relay_members);
    int code = results->relays && results->relay_members ? 0 : memory_out(err);
    for (size_t r = 0; code == 0 && r < found->relays_count; r++) {
        struct lks_result_relay *to = &results->relays[r];
        const struct lks_relay *item = &found->relays[r];
        *to = (struct lks_result_relay){.item = *item,
                                        .channel = channel_name(filling, item->place),
                                        .post_key = key_of(filling, item->post)};
        for (uint32_t m = 0; m < item->members_count; m++) {
            const struct lks_relay_member *member = &found->members[item->first_member + m];
            struct lks_result_relay_member *row = &results->relay_members[item->first_member + m];
            *row =
                (struct lks_result_relay_member){(uint32_t)r, channel_name(filling, member->place),
                                                 key_of(filling, member->post), member->lag_us};
            if (to->instruction == 0)
                to->instruction = filling->score[member->post];
            if (!row->channel.data || !row->post_key.data)
                return memory_out(err);
        }
        code = relay_things(filling, r, &to->things, err);
        if (code == 0 && (!to->channel.data || !to->post_key.data))
            code = memory_out(err);
    }
    if (code == 0) {
        results->relays_count = (uint32_t)found->relays_count;
        results->relay_members_count = (uint32_t)found->members_count;
    }
    return code;
}

static int relayers_fill(struct filling *filling, struct lks_error *err)
{
    struct lks_results *results = filling->results;
    const struct lks_relays *found = &filling->found;
    results->relayers =
        lks_arena_calloc(&results->arena, found->relayers_count + 1, sizeof *results->relayers);
    if (!results->relayers)
        return memory_out(err);
    for (size_t i = 0; i < found->relayers_count; i++) {
        struct lks_result_relayer *to = &results->relayers[i];
        to->item = found->relayers[i];
        to->channel = channel_name(filling, to->item.place);
        to->followed = to->item.followed == UINT32_MAX ? lks_arena_str(&results->arena, LKS_STR(""))
                                                       : channel_name(filling, to->item.followed);
        if (!to->channel.data || !to->followed.data)
            return memory_out(err);
    }
    results->relayers_count = (uint32_t)found->relayers_count;
    return 0;
}

/* ---- the whole ---- */

static int relays_run(struct filling *filling, const struct lks_control *control,
                      struct lks_error *err)
{
    const struct lks_messages *messages = filling->messages;
    struct lks_results *results = filling->results;
    struct lks_relay_options options = lks_relay_options_default();
    struct lks_relay_use *uses = NULL;
    size_t uses_count = 0;
    options.seed = results->seed;
    results->relaying.window_us = options.window_us[LKS_RELAY_WINDOWS - 1];
    results->relaying.past_us = options.past_us;
    int code = lks_messages_uses(messages, &uses, &uses_count, err);
    struct lks_relay_input input = {.post_time_us = messages->time_us,
                                    .post_place = messages->place,
                                    .post_is_call = messages->is_call,
                                    .posts_count = messages->count,
                                    .uses = uses,
                                    .uses_count = uses_count,
                                    .places_count = messages->channels.count,
                                    .terms_count = messages->words.count};
    if (code == 0)
        code = lks_relays_run(&input, &options, control, &filling->found, err);
    free(uses);
    results->relaying.tested_count = filling->found.tested_count;
    results->relaying.controls_count = filling->found.controls_count;
    results->relaying.control_relays = filling->found.control_relays;
    results->relaying.p_max = filling->found.p_max;
    results->relaying.channels_least_p = filling->found.relayers_least_p;
    return code;
}

static int scores_make(struct filling *filling, struct lks_error *err)
{
    const struct lks_messages *messages = filling->messages;
    filling->score = calloc(messages->count + 1, sizeof *filling->score);
    if (!filling->score)
        return memory_out(err);
    for (size_t i = 0; i < messages->calls_count; i++)
        filling->score[messages->calls[i].message] = messages->calls[i].score;
    filling->calls_count =
        messages->calls_count < INSTRUCTIONS_MAX ? messages->calls_count : INSTRUCTIONS_MAX;
    return 0;
}

static int whole_run(struct filling *filling, const struct lks_control *control,
                     struct lks_arena *arena, struct lks_error *err)
{
    int code = 0;
    filling->results->relaying.messages_count = filling->messages->count;
    if (!filling->messages->count)
        return unobservable(filling, "no channel in the data says anything", err);
    if (filling->messages->channels.count < 2)
        code = unobservable(filling, "there is one channel in the data", err);
    else if (filling->messages->too_many)
        code = unobservable(filling, "channels say more words than are looked at", err);
    else
        code = relays_run(filling, control, err);
    if (code == 0)
        code = scores_make(filling, err);
    if (code == 0)
        code = posts_read(filling, arena, err);
    if (code == 0)
        code = instructions_fill(filling, err);
    if (code == 0)
        code = relays_fill(filling, err);
    return code ? code : relayers_fill(filling, err);
}

int lks_relay_fill(struct lks_store *store, const struct lks_messages *messages,
                   const struct lks_control *control, struct lks_results *results,
                   struct lks_error *err)
{
    struct filling filling = {.store = store, .results = results, .messages = messages};
    struct lks_arena arena = {0};
    int code = whole_run(&filling, control, &arena, err);
    lks_relays_free(&filling.found);
    free(filling.score);
    free(filling.wanted);
    free(filling.posts);
    lks_arena_free(&arena);
    return code;
}
