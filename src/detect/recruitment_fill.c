/* recruitment_fill.c - calls of channels and their answers, into a run's results
 *
 * What messages name comes from the store as texts; the detector wants objects of the events. A
 * link to a post becomes the reply to that post, so that an answer is a comment under it. Of all
 * objects of the events only those that a message names are looked up, by one pass. */
#include "detect/recruitment_fill.h"

#include <stdlib.h>
#include <string.h>

#include "base/intern.h"
#include "detect/fill_parts.h"
#include "detect/recruitment_named.h"
#include "text/post_link.h"

enum { NAMED_MOST = 500000, THINGS_SHOWN = 4 };

struct filling {
    struct lks_store *store;
    const struct lks_events *events;
    const struct lks_account_columns *columns;
    const struct lks_messages *messages;
    struct lks_named_thing *named; /* [named_count], by (time, post) */
    size_t named_count;
    struct lks_intern wanted; /* "kind text" */
    uint32_t *object;         /* [wanted.count], or UINT32_MAX where the events have none */
    struct lks_call *calls;
    size_t *call_named; /* [calls_count] the first named thing of each */
    uint32_t *things;
    size_t calls_count, things_count;
    uint8_t *left;
};

/* The kind and text of a thing as one key; what a link to a post leads to instead of the link. */
static uint32_t wanted_id(struct filling *filling, uint8_t kind, struct lks_str object, int add)
{
    char key[LKS_POST_LINK_BYTES], mark = (char)('a' + kind);
    struct lks_buffer text = {0};
    size_t size = kind == LKS_OBJECT_URL ? lks_post_link(object, key) : 0;
    if (size) {
        mark = 'a' + LKS_OBJECT_REPLY;
        object = (struct lks_str){key, size};
    }
    lks_buffer_byte(&text, mark);
    lks_buffer_append(&text, object.data, object.size_bytes);
    struct lks_str whole = {text.data, text.size_bytes};
    uint32_t id = LKS_INTERN_NONE;
    if (!text.failed)
        id = add ? lks_intern_add(&filling->wanted, whole, NULL)
                 : lks_intern_find(&filling->wanted, whole);
    lks_buffer_free(&text);
    return id;
}

static int objects_match(struct filling *filling, struct lks_error *err)
{
    for (size_t i = 0; i < filling->named_count; i++)
        if (wanted_id(filling, filling->named[i].kind, filling->named[i].object, 1) ==
            LKS_INTERN_NONE)
            return lks_error_set(err, LKS_EMEMORY, "out of memory");
    filling->object = malloc(((size_t)filling->wanted.count + 1) * sizeof *filling->object);
    if (!filling->object)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    memset(filling->object, 255, ((size_t)filling->wanted.count + 1) * sizeof *filling->object);
    for (uint32_t o = 0; o < filling->events->objects_count; o++) {
        /* A link in a post is a link, whatever it leads to: only messages are turned into replies. */
        uint8_t kind = filling->events->object_kind[o];
        struct lks_str text = lks_store_object(filling->store, o);
        char key[LKS_POST_LINK_BYTES];
        if (kind == LKS_OBJECT_URL && lks_post_link(text, key))
            continue;
        if (kind != LKS_OBJECT_URL && kind != LKS_OBJECT_HASHTAG && kind != LKS_OBJECT_SOUND &&
            kind != LKS_OBJECT_MENTION && kind != LKS_OBJECT_REPLY && kind != LKS_OBJECT_TEXT)
            continue;
        uint32_t id = wanted_id(filling, kind, text, 0);
        if (id != LKS_INTERN_NONE)
            filling->object[id] = o;
    }
    return 0;
}

/* A call for each message that names an object of the events. */
static int calls_make(struct filling *filling, struct lks_error *err)
{
    size_t most = filling->named_count + 1;
    filling->calls = calloc(most, sizeof *filling->calls);
    filling->call_named = calloc(most, sizeof *filling->call_named);
    filling->things = calloc(most, sizeof *filling->things);
    filling->left = calloc((size_t)filling->events->accounts_count + 1, 1);
    if (!filling->calls || !filling->call_named || !filling->things || !filling->left)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for calls");
    for (size_t i = 0; i < filling->named_count;) {
        const struct lks_named_thing *first = &filling->named[i];
        struct lks_call *call = &filling->calls[filling->calls_count];
        *call = (struct lks_call){first->time_us, first->account, first->post,
                                  (uint32_t)filling->things_count, 0};
        filling->call_named[filling->calls_count] = i;
        for (; i < filling->named_count && filling->named[i].post == first->post; i++) {
            uint32_t id = wanted_id(filling, filling->named[i].kind, filling->named[i].object, 0);
            uint32_t object = filling->object[id];
            int known = object == UINT32_MAX;
            for (uint32_t t = 0; !known && t < call->things_count; t++)
                known = filling->things[call->first + t] == object;
            if (known)
                continue;
            filling->things[filling->things_count++] = object;
            call->things_count++;
        }
        filling->calls_count += call->things_count > 0;
    }
    return 0;
}

/* Whoever is on a platform where calls are made gives no answers. Returns whether anybody is left. */
static int platforms_leave(struct filling *filling)
{
    uint8_t calls[UINT8_MAX + 1] = {0};
    int others = 0;
    for (size_t c = 0; c < filling->calls_count; c++)
        calls[filling->columns->platform[filling->calls[c].account]] = 1;
    for (uint32_t a = 0; a < filling->events->accounts_count; a++) {
        filling->left[a] = calls[filling->columns->platform[a]];
        others |= !filling->left[a];
    }
    return others;
}

/* ---- into the results ---- */

static struct lks_str things_text(struct lks_arena *arena, const struct filling *filling, size_t at)
{
    struct lks_buffer text = {0};
    struct lks_str copy = LKS_STR_NULL;
    uint32_t post = filling->named[at].post;
    for (size_t i = at; i < filling->named_count && filling->named[i].post == post; i++) {
        if (i - at == THINGS_SHOWN) {
            lks_buffer_text(&text, " ...");
            break;
        }
        if (filling->named[i].kind == LKS_OBJECT_TEXT) { /* its object is a digest */
            lks_buffer_format(&text, "%sa text to copy", i > at ? ", " : "");
            continue;
        }
        lks_buffer_format(&text, "%s%s ", i > at ? ", " : "",
                          lks_object_kind_names[filling->named[i].kind]);
        lks_buffer_append(&text, filling->named[i].object.data,
                          filling->named[i].object.size_bytes);
    }
    if (!text.failed)
        copy = lks_arena_str(arena, (struct lks_str){text.data, text.size_bytes});
    lks_buffer_free(&text);
    return copy;
}

static int post_order(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* The posts of the calls by post index, so that keys and channels can be told. */
static int call_posts(struct filling *filling, struct lks_arena *arena, uint32_t **indexes_out,
                      struct lks_post **posts_out, struct lks_error *err)
{
    size_t count = filling->calls_count;
    uint32_t *indexes = lks_arena_calloc(arena, count + 1, sizeof *indexes);
    uint32_t *files = lks_arena_calloc(arena, count + 1, sizeof *files);
    struct lks_post *posts = lks_arena_calloc(arena, count + 1, sizeof *posts);
    if (!indexes || !files || !posts)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for calls");
    for (size_t c = 0; c < count; c++)
        indexes[c] = filling->calls[c].post;
    qsort(indexes, count, sizeof *indexes, post_order);
    *indexes_out = indexes;
    *posts_out = posts;
    return lks_store_posts(filling->store, indexes, count, arena, posts, files, err);
}

/* A message among those that may be instructions, which are in order of (time, post); NULL where it is none. */
static const struct lks_loaded_call *instruction_of(const struct filling *filling, int64_t time_us,
                                                    uint32_t post)
{
    const struct lks_messages *messages = filling->messages;
    size_t low = 0, high = messages->calls_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        uint32_t at = messages->calls[middle].message;
        if (messages->time_us[at] < time_us ||
            (messages->time_us[at] == time_us && messages->post[at] < post))
            low = middle + 1;
        else
            high = middle;
    }
    return low < messages->calls_count && messages->post[messages->calls[low].message] == post
               ? &messages->calls[low]
               : NULL;
}

static int calls_fill(struct filling *filling, const struct lks_recruitment *found,
                      struct lks_results *results, struct lks_error *err)
{
    struct lks_arena arena = {0};
    uint32_t *indexes = NULL;
    struct lks_post *posts = NULL;
    size_t count = filling->calls_count;
    results->calls = lks_arena_calloc(&results->arena, count + 1, sizeof *results->calls);
    int code = results->calls ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory for calls");
    if (code == 0)
        code = call_posts(filling, &arena, &indexes, &posts, err);
    for (size_t c = 0; code == 0 && c < count; c++) {
        struct lks_result_call *to = &results->calls[c];
        const uint32_t *place =
            bsearch(&filling->calls[c].post, indexes, count, sizeof *indexes, post_order);
        LKS_ASSERT(place);
        const struct lks_post *post = &posts[place - indexes];
        const struct lks_loaded_call *told =
            instruction_of(filling, filling->calls[c].time_us, filling->calls[c].post);
        *to = (struct lks_result_call){
            .item = found->calls[c],
            .time_us = filling->calls[c].time_us,
            .instruction = told ? told->score : 0,
            .cues = told ? lks_messages_why(filling->messages, told, &results->arena) : LKS_STR(""),
            .channel = lks_arena_str(&results->arena, post->channel_key),
            .post_key = lks_arena_str(&results->arena, post->post_key),
            .things = things_text(&results->arena, filling, filling->call_named[c]),
            .answers_responders = lks_counts_text(
                &results->arena, found->calls[c].answers_responders, LKS_ANSWER_BINS),
            .answers_others =
                lks_counts_text(&results->arena, found->calls[c].answers_others, LKS_ANSWER_BINS)};
        if (!to->channel.data || !to->post_key.data || !to->cues.data || !to->things.data ||
            !to->answers_responders.data || !to->answers_others.data)
            code = lks_error_set(err, LKS_EMEMORY, "out of memory for calls");
    }
    if (code == 0)
        results->calls_count = (uint32_t)count;
    lks_arena_free(&arena);
    return code;
}

static int result_order(const void *a, const void *b)
{
    const struct lks_result_responder *x = a, *y = b;
    if (x->item.log10_p != y->item.log10_p)
        return x->item.log10_p < y->item.log10_p ? -1 : 1;
    return (x->item.account > y->item.account) - (x->item.account < y->item.account);
}

static int account_order(const void *a, const void *b)
{
    const struct lks_responder *x = a, *y = b;
    return (x->account > y->account) - (x->account < y->account);
}

static int responders_fill(struct filling *filling, struct lks_recruitment *found,
                           const struct lks_analysis *analysis, struct lks_results *results,
                           struct lks_error *err)
{
    size_t count = found->responders_count;
    uint32_t *indexes = calloc(count + 1, sizeof *indexes);
    uint32_t *finding = lks_account_findings(analysis, filling->events->accounts_count);
    struct lks_account *accounts = calloc(count + 1, sizeof *accounts);
    results->responders = lks_arena_calloc(&results->arena, count + 1, sizeof *results->responders);
    int code = indexes && finding && accounts && results->responders
                   ? 0
                   : lks_error_set(err, LKS_EMEMORY, "out of memory for responders");
    if (code == 0) {
        qsort(found->responders, count, sizeof *found->responders, account_order);
        for (size_t i = 0; i < count; i++)
            indexes[i] = found->responders[i].account;
        code = lks_store_accounts(filling->store, indexes, count, &results->arena, accounts, NULL,
                                  err);
    }
    for (size_t i = 0; code == 0 && i < count; i++)
        results->responders[i] =
            (struct lks_result_responder){found->responders[i], accounts[i], finding[indexes[i]]};
    if (code == 0) {
        qsort(results->responders, count, sizeof *results->responders, result_order);
        results->responders_count = (uint32_t)count;
    }
    free(indexes);
    free(finding);
    free(accounts);
    return code;
}

static int found_fill(struct filling *filling, struct lks_recruitment *found,
                      const struct lks_analysis *analysis, int64_t window_us,
                      struct lks_results *results, struct lks_error *err)
{
    struct lks_arena *arena = &results->arena;
    results->recruitment.window_us = window_us;
    results->recruitment.tested_count = found->tested_count;
    results->recruitment.controls_count = found->controls_count;
    results->recruitment.control_responders = found->control_responders;
    for (int i = 0; i < 3; i++)
        results->recruitment.lag_quartiles_us[i] = found->lag_quartiles_us[i];
    struct lks_buffer excess = {0};
    for (int i = 0; i < LKS_DOSE_BINS; i++)
        lks_buffer_format(&excess, "%s%.3f", i ? " " : "", found->dose_excess_by[i]);
    results->recruitment.dose_excess_by =
        excess.failed ? LKS_STR_NULL
                      : lks_arena_str(arena, (struct lks_str){excess.data, excess.size_bytes});
    lks_buffer_free(&excess);
    results->recruitment.dose_days_by = lks_counts_text(arena, found->dose_days_by, LKS_DOSE_BINS);
    results->recruitment.dose_days = found->dose_days;
    results->recruitment.dose_slope = found->dose_slope;
    results->recruitment.dose_p = found->dose_p;
    for (int i = 0; i < 3; i++) {
        results->recruitment.uptake_posts[i] = found->uptake_posts[i];
        results->recruitment.uptake_met[i] = found->uptake_met[i];
    }
    results->recruitment.responders_profile =
        lks_counts_text(arena, found->profile_responders, LKS_CALL_BINS);
    results->recruitment.others_profile =
        lks_counts_text(arena, found->profile_others, LKS_CALL_BINS);
    if (!results->recruitment.responders_profile.data ||
        !results->recruitment.others_profile.data || !results->recruitment.dose_days_by.data ||
        !results->recruitment.dose_excess_by.data)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    int code = calls_fill(filling, found, results, err);
    return code ? code : responders_fill(filling, found, analysis, results, err);
}

static int unobservable(struct lks_results *results, const char *why, struct lks_error *err)
{
    results->recruitment.unobservable = lks_arena_str(&results->arena, lks_str_from(why));
    return results->recruitment.unobservable.data
               ? 0
               : lks_error_set(err, LKS_EMEMORY, "out of memory");
}

static int calls_run(struct filling *filling, const struct lks_analysis *analysis,
                     const struct lks_control *control, struct lks_results *results,
                     struct lks_error *err)
{
    struct lks_recruitment found;
    struct lks_recruitment_options options = lks_recruitment_options_default();
    int code = objects_match(filling, err);
    if (code == 0)
        code = calls_make(filling, err);
    if (code)
        return code;
    if (!filling->calls_count)
        return unobservable(results,
                            filling->named_count ? "nothing that messages of channels name is "
                                                   "used by anybody else in the data"
                                                 : "no channel in the data names anything",
                            err);
    if (!platforms_leave(filling))
        return unobservable(results, "all accounts are on the platform of the channels", err);
    options.seed = results->seed;
    struct lks_recruitment_input input = {.events = filling->events,
                                          .calls = filling->calls,
                                          .calls_count = filling->calls_count,
                                          .things = filling->things,
                                          .account_left = filling->left};
    code = lks_recruitment_run(&input, &options, control, &found, err);
    if (code)
        return code;
    code = found_fill(filling, &found, analysis, options.window_us, results, err);
    lks_recruitment_free(&found);
    return code;
}

int lks_recruitment_fill(struct lks_store *store, const struct lks_events *events,
                         const struct lks_account_columns *columns,
                         const struct lks_messages *messages, const struct lks_analysis *analysis,
                         const struct lks_control *control, struct lks_results *results,
                         struct lks_error *err)
{
    struct filling filling = {
        .store = store, .events = events, .columns = columns, .messages = messages};
    struct lks_arena arena = {0};
    int code = lks_store_named_things(store, NAMED_MOST, &arena, &filling.named,
                                      &filling.named_count, err);
    if (code == 0)
        code = lks_named_more(store, events, messages, &arena, &filling.named, &filling.named_count,
                              err);
    if (code == 1)
        code = unobservable(results, "channels name more things than are looked at", err);
    else if (code == 0)
        code = calls_run(&filling, analysis, control, results, err);
    lks_intern_free(&filling.wanted);
    free(filling.object);
    free(filling.calls);
    free(filling.call_named);
    free(filling.things);
    free(filling.left);
    lks_arena_free(&arena);
    return code;
}
