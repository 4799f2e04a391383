/* messages_load.c - messages of channels as columns: who, when, which words, how much an instruction
 *
 * Words are as cues see them: folded, without accents, numbers apart. Of numbers only those of six digits
 * and more are terms (ids in links), of words those of two letters and more; three and more single
 * letters in a row are spelled out and make one word ("V-I-T-E"). */
#include "detect/messages_load.h"

#include <stdlib.h>

#include "base/threads.h"
#include "text/extract.h"
#include "text/instruction.h"
#include "text/moments.h"

enum {
    TERMS_MAX = 40000000, /* 160 MB: above, relays are not looked for */
    SPELLED_LEAST = 3,
    SPELLED_BYTES_MAX = 32,
    NUMBER_LEAST = 6,
    COMMON_LEAST = 200 /* terms in at most so many messages are never called common */
};
#define COMMON_SHARE 0.01
static const int64_t countdown_us = 15 * LKS_MINUTE_US;

struct loading {
    struct lks_messages *messages;
    const struct lks_cues *cues;
    const struct lks_control *control;
    struct lks_cue_scratch scratch;
    struct lks_arena arena; /* of one text */
    int64_t *countdown_us;  /* [channels] when one was last counted down in it */
    size_t countdown_capacity;
    uint32_t *last_message; /* [words] message + 1 that had the term last */
    size_t last_capacity;
    struct lks_named_moment *moments; /* [moments_count] by message */
    size_t moments_count, moments_capacity;
};

static int grow(void *array, size_t count, size_t *capacity, size_t item_bytes, size_t fresh_fill)
{
    void **pointer = array;
    if (count < *capacity)
        return 0;
    size_t wanted = *capacity ? 2 * *capacity : 4096;
    char *grown = realloc(*pointer, wanted * item_bytes);
    if (!grown)
        return LKS_EMEMORY;
    memset(grown + *capacity * item_bytes, (int)fresh_fill, (wanted - *capacity) * item_bytes);
    *pointer = grown;
    *capacity = wanted;
    return 0;
}

static int row_room(struct lks_messages *messages)
{
    if (messages->count < messages->capacity)
        return 0;
    size_t wanted = messages->capacity ? 2 * messages->capacity : 4096;
    uint32_t *post = realloc(messages->post, wanted * sizeof *post);
    messages->post = post ? post : messages->post;
    uint32_t *place = realloc(messages->place, wanted * sizeof *place);
    messages->place = place ? place : messages->place;
    int64_t *time_us = realloc(messages->time_us, wanted * sizeof *time_us);
    messages->time_us = time_us ? time_us : messages->time_us;
    uint8_t *is_call = realloc(messages->is_call, wanted);
    messages->is_call = is_call ? is_call : messages->is_call;
    size_t *first = realloc(messages->term_first, (wanted + 1) * sizeof *first);
    messages->term_first = first ? first : messages->term_first;
    if (!post || !place || !time_us || !is_call || !first)
        return LKS_EMEMORY;
    messages->capacity = wanted;
    return 0;
}

static int term_add(struct loading *loading, struct lks_str word)
{
    struct lks_messages *messages = loading->messages;
    uint32_t id = lks_intern_add(&messages->words, word, NULL);
    if (id == LKS_INTERN_NONE ||
        grow(&loading->last_message, id, &loading->last_capacity, sizeof(uint32_t), 0) ||
        grow(&messages->terms, messages->terms_count, &messages->terms_capacity, sizeof(uint32_t),
             0))
        return LKS_EMEMORY;
    if (loading->last_message[id] == messages->count + 1)
        return 0;
    loading->last_message[id] = (uint32_t)messages->count + 1;
    messages->terms[messages->terms_count++] = id;
    return 0;
}

/* One letter: no word of its own, but a part of one that is spelled out. */
static int is_letter_alone(const struct lks_cue_word *word, const char *text)
{
    unsigned char c = (unsigned char)text[word->at];
    size_t size = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    return !word->is_number && word->size <= size;
}

static int terms_add(struct loading *loading)
{
    const struct lks_cue_scratch *scratch = &loading->scratch;
    const char *text = scratch->words.data;
    int code = 0;
    for (size_t i = 0; code == 0 && i < scratch->items_count;) {
        const struct lks_cue_word *word = &scratch->items[i];
        char spelled[SPELLED_BYTES_MAX];
        size_t size = 0, end = i;
        while (end < scratch->items_count && is_letter_alone(&scratch->items[end], text) &&
               size + scratch->items[end].size <= sizeof spelled) {
            memcpy(spelled + size, text + scratch->items[end].at, scratch->items[end].size);
            size += scratch->items[end++].size;
        }
        if (end - i >= SPELLED_LEAST)
            code = term_add(loading, (struct lks_str){spelled, size});
        else if (end == i && (!word->is_number || word->size >= NUMBER_LEAST))
            code = term_add(loading, (struct lks_str){text + word->at, word->size});
        i = end > i ? end : i + 1;
    }
    return code;
}

static int thing_found(void *context, enum lks_entity_kind kind, struct lks_str value)
{
    (void)context;
    (void)value;
    return kind != LKS_ENTITY_MENTION; /* one is enough: it ends the scan */
}

static int call_add(struct lks_messages *messages, const struct lks_cue_hits *hits,
                    const struct lks_instruction_around *around, double score)
{
    if (grow(&messages->calls, messages->calls_count, &messages->calls_capacity,
             sizeof *messages->calls, 0))
        return LKS_EMEMORY;
    struct lks_loaded_call *call = &messages->calls[messages->calls_count++];
    *call = (struct lks_loaded_call){
        .message = (uint32_t)messages->count, .hits = *hits, .score = score, .around = *around};
    return 0;
}

static int moments_add(struct loading *loading, const struct lks_moments *found)
{
    uint32_t message = (uint32_t)loading->messages->count;
    for (uint32_t i = 0; i < found->left_count + found->clock_count; i++) {
        int is_clock = i >= found->left_count;
        if (grow(&loading->moments, loading->moments_count, &loading->moments_capacity,
                 sizeof *loading->moments, 0))
            return LKS_EMEMORY;
        loading->moments[loading->moments_count++] = (struct lks_named_moment){
            message, is_clock ? found->clock_s[i - found->left_count] : found->left_s[i], is_clock};
    }
    return 0;
}

/* What countdowns make of the messages: those that were taken for no call are added or dropped again. */
static int countdowns_apply(struct loading *loading, struct lks_error *err)
{
    struct lks_messages *messages = loading->messages;
    struct lks_countdown_input input = {.time_us = messages->time_us,
                                        .place = messages->place,
                                        .messages_count = messages->count,
                                        .moments = loading->moments,
                                        .moments_count = loading->moments_count,
                                        .places_count = messages->channels.count};
    size_t taken = messages->calls_count, next = 0, most = taken;
    struct lks_loaded_call *old = messages->calls;
    uint8_t *flags = malloc(messages->count + 1);
    int code = flags ? lks_countdown_run(&input, flags, err) : LKS_EMEMORY;
    for (size_t m = 0; code == 0 && m < messages->count; m++)
        most += flags[m] != 0;
    messages->calls = code ? NULL : calloc(most + 1, sizeof *messages->calls);
    messages->calls_count = messages->calls_capacity = 0;
    if (code == 0 && !messages->calls)
        code = LKS_EMEMORY;
    for (size_t m = 0; code == 0 && m < messages->count; m++) {
        struct lks_loaded_call call = {.message = (uint32_t)m};
        if (next < taken && old[next].message == m)
            call = old[next++];
        call.countdown = flags[m];
        call.score = lks_instruction_timed(call.score, flags[m]);
        messages->is_call[m] |= (flags[m] & (LKS_COUNTDOWN_KNOWN | LKS_COUNTDOWN_DUE)) != 0;
        if (call.score >= LKS_INSTRUCTION_LIKELY)
            messages->calls[messages->calls_count++] = call;
    }
    messages->calls_capacity = code ? 0 : most + 1;
    free(old);
    free(flags);
    return code == LKS_EMEMORY ? lks_error_set(err, code, "out of memory for countdowns") : code;
}

static int message_take(void *context, const struct lks_store_message *message,
                        struct lks_error *err)
{
    struct loading *loading = context;
    struct lks_messages *messages = loading->messages;
    struct lks_cue_hits hits;
    uint32_t place = lks_intern_add(&messages->channels, message->channel, NULL);
    int code = row_room(messages);
    if (place == LKS_INTERN_NONE ||
        grow(&loading->countdown_us, place, &loading->countdown_capacity, sizeof(int64_t), 255))
        code = LKS_EMEMORY;
    if (code == 0)
        code = lks_cues_find(loading->cues, message->text, &loading->scratch, &hits);
    messages->too_many |= messages->terms_count > TERMS_MAX;
    if (code)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for messages");
    if (messages->count % 4096 == 0 && lks_cancelled(loading->control))
        return lks_error_set(err, LKS_ECANCELLED, "stopped");
    messages->post[messages->count] = message->post;
    messages->place[messages->count] = place;
    messages->time_us[messages->count] = message->time_us;
    messages->term_first[messages->count] = messages->terms_count;
    int64_t countdown = loading->countdown_us[place];
    struct lks_instruction_around around = {
        .after_countdown = countdown >= 0 && message->time_us - countdown <= countdown_us};
    if (message->text.size_bytes) {
        lks_arena_reset(&loading->arena);
        around.has_things =
            lks_text_entities(message->text, &loading->arena, thing_found, NULL) == 1;
        if (!messages->too_many)
            code = terms_add(loading);
    }
    struct lks_moments moments;
    lks_moments_find(loading->cues, message->text, &loading->scratch, &moments);
    if (code == 0)
        code = moments_add(loading, &moments);
    double score = lks_instruction_score(&hits, &around);
    messages->is_call[messages->count] = score >= LKS_INSTRUCTION_LIKELY || around.after_countdown;
    if (code == 0 && (score >= LKS_INSTRUCTION_LIKELY || moments.left_count || moments.clock_count))
        code = call_add(messages, &hits, &around, score);
    if (lks_instruction_announces(&hits))
        loading->countdown_us[place] = message->time_us;
    messages->term_first[++messages->count] = messages->terms_count;
    return code ? lks_error_set(err, code, "out of memory for messages") : 0;
}

int lks_messages_load(struct lks_store *store, const struct lks_cues *cues,
                      const struct lks_control *control, struct lks_messages *messages,
                      struct lks_error *err)
{
    struct loading loading = {.messages = messages, .cues = cues, .control = control};
    *messages = (struct lks_messages){.cues = cues};
    int code = lks_store_each_message(store, message_take, &loading, err);
    if (code == 0)
        code = countdowns_apply(&loading, err);
    messages->used_by = calloc((size_t)messages->words.count + 1, sizeof *messages->used_by);
    if (code == 0 && !messages->used_by)
        code = lks_error_set(err, LKS_EMEMORY, "out of memory for messages");
    for (size_t i = 0; code == 0 && i < messages->terms_count; i++)
        messages->used_by[messages->terms[i]]++;
    lks_cue_scratch_free(&loading.scratch);
    lks_arena_free(&loading.arena);
    free(loading.countdown_us);
    free(loading.last_message);
    free(loading.moments);
    return code;
}

void lks_messages_free(struct lks_messages *messages)
{
    free(messages->post);
    free(messages->place);
    free(messages->time_us);
    free(messages->is_call);
    free(messages->term_first);
    free(messages->terms);
    free(messages->used_by);
    free(messages->calls);
    lks_intern_free(&messages->words);
    lks_intern_free(&messages->channels);
    *messages = (struct lks_messages){0};
}

/* The phrases of one role that were kept, and how many more it has. */
static void role_put(const struct lks_cues *cues, const struct lks_cue_hits *hits,
                     enum lks_cue_role role, struct lks_buffer *out)
{
    static const char *const names[LKS_CUE_LEFT] = {
        [LKS_CUE_ACT] = "what to do",        [LKS_CUE_TIME] = "when",
        [LKS_CUE_NEXT] = "what comes",       [LKS_CUE_READY] = "be ready",
        [LKS_CUE_ALL] = "to whom",           [LKS_CUE_NAME] = "a name follows",
        [LKS_CUE_PAST] = "less: it is over", [LKS_CUE_TERMS] = "less: an offer or conditions"};
    uint32_t shown = 0;
    if (!hits->distinct[role])
        return;
    lks_buffer_format(out, "%s%s", out->size_bytes ? "; " : "", names[role]);
    for (; shown < hits->apart[role] && shown < LKS_CUE_SHOWN; shown++) {
        lks_buffer_text(out, shown ? ", " : ": ");
        lks_cues_phrase_text(cues, hits->phrases[role][shown], out);
    }
    if (hits->apart[role] > shown)
        lks_buffer_format(out, " and %u more", hits->apart[role] - shown);
}

struct lks_str lks_messages_why(const struct lks_messages *messages,
                                const struct lks_loaded_call *call, struct lks_arena *arena)
{
    const struct {
        int holds;
        const char *words;
    } signs[] = {{call->around.has_things, "has a tag or link"},
                 {call->around.after_countdown, "after a countdown or announcement"},
                 {call->countdown & LKS_COUNTDOWN_STEP, "counts down"},
                 {call->countdown & LKS_COUNTDOWN_DUE, "at the moment counted down to"}};
    struct lks_buffer text = {0};
    struct lks_str out = LKS_STR_NULL;
    for (int role = 0; role < LKS_CUE_LEFT; role++) /* the rest are no signs by themselves */
        role_put(messages->cues, &call->hits, (enum lks_cue_role)role, &text);
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (signs[i].holds)
            lks_buffer_format(&text, "%s%s", text.size_bytes ? "; " : "", signs[i].words);
    if (!text.failed)
        out = lks_arena_str(arena,
                            text.data ? (struct lks_str){text.data, text.size_bytes} : LKS_STR(""));
    lks_buffer_free(&text);
    return out;
}

int lks_messages_uses(const struct lks_messages *messages, struct lks_relay_use **uses_out,
                      size_t *count_out, struct lks_error *err)
{
    double most = COMMON_SHARE * (double)messages->count;
    uint32_t common = most > COMMON_LEAST ? (uint32_t)most : COMMON_LEAST;
    size_t *first = calloc((size_t)messages->words.count + 2, sizeof *first), count = 0;
    *uses_out = NULL;
    for (uint32_t t = 0; first && t < messages->words.count; t++) {
        first[t] = count;
        count += messages->used_by[t] <= common ? messages->used_by[t] : 0;
    }
    struct lks_relay_use *uses = malloc((count + 1) * sizeof *uses);
    if (!first || !uses) {
        free(first);
        free(uses);
        return lks_error_set(err, LKS_EMEMORY, "out of memory for %zu words of messages", count);
    }
    for (size_t m = 0; m < messages->count; m++)
        for (size_t i = messages->term_first[m]; i < messages->term_first[m + 1]; i++) {
            uint32_t term = messages->terms[i];
            if (messages->used_by[term] <= common)
                uses[first[term]++] = (struct lks_relay_use){term, (uint32_t)m};
        }
    free(first);
    *uses_out = uses;
    *count_out = count;
    return 0;
}
