/* recruitment_named.c - what messages name without a mark: tags as plain words, texts to copy */
#include "detect/recruitment_named.h"

#include <stdlib.h>

#include "source/objects.h"

enum { WORD_LEAST_BYTES = 4, LINES_MAX = 200, COMMON_LEAST = 200 };

struct naming {
    const struct lks_messages *messages;
    struct lks_arena *arena;
    struct lks_intern texts; /* text objects of the events */
    uint32_t *tag;           /* [messages->words.count] a hashtag object, or UINT32_MAX */
    const uint8_t *has_tag;  /* [messages->count] names a hashtag by its mark */
    const struct lks_store *store;
    struct lks_named_thing *more;
    size_t count, capacity;
    size_t message, call; /* where the pass over the messages is */
    struct lks_buffer scratch;
};

static int memory_out(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "out of memory for what messages name");
}

static int thing_add(struct naming *naming, const struct lks_store_message *message, uint8_t kind,
                     struct lks_str object)
{
    if (naming->count == naming->capacity) {
        size_t wanted = naming->capacity ? 2 * naming->capacity : 1024;
        struct lks_named_thing *grown = realloc(naming->more, wanted * sizeof *grown);
        if (!grown)
            return LKS_EMEMORY;
        naming->more = grown;
        naming->capacity = wanted;
    }
    struct lks_str copy = lks_arena_str(naming->arena, object);
    naming->more[naming->count++] =
        (struct lks_named_thing){message->post, message->account, message->time_us, kind, copy};
    return copy.data ? 0 : LKS_EMEMORY;
}

/* Lines that are the text of some post. */
static int lines_look(struct naming *naming, const struct lks_store_message *message)
{
    char key[LKS_TEXT_OBJECT_BYTES];
    struct lks_str text = message->text;
    int code = 0, lines = 0;
    for (size_t at = 0; code == 0 && at < text.size_bytes && lines < LINES_MAX; lines++) {
        const char *end = memchr(text.data + at, '\n', text.size_bytes - at);
        size_t size = end ? (size_t)(end - text.data) - at : text.size_bytes - at;
        code = lks_text_object((struct lks_str){text.data + at, size}, &naming->scratch, key);
        if (code == 0 &&
            lks_intern_find(&naming->texts, (struct lks_str){key, sizeof key}) != LKS_INTERN_NONE)
            code = thing_add(naming, message, LKS_OBJECT_TEXT, (struct lks_str){key, sizeof key});
        code = code > 0 ? 0 : code;
        at += size + 1;
    }
    return code;
}

static int words_look(struct naming *naming, const struct lks_store_message *message)
{
    const struct lks_messages *messages = naming->messages;
    size_t m = naming->message;
    int code = 0;
    if (naming->has_tag[m])
        return 0;
    for (size_t i = messages->term_first[m]; code == 0 && i < messages->term_first[m + 1]; i++) {
        uint32_t tag = naming->tag[messages->terms[i]];
        if (tag != UINT32_MAX)
            code = thing_add(naming, message, LKS_OBJECT_HASHTAG,
                             lks_store_object(naming->store, tag));
    }
    return code;
}

static int message_look(void *context, const struct lks_store_message *message,
                        struct lks_error *err)
{
    struct naming *naming = context;
    const struct lks_messages *messages = naming->messages;
    LKS_ASSERT(naming->message < messages->count &&
               messages->post[naming->message] == message->post);
    int code = naming->texts.count ? lines_look(naming, message) : 0;
    if (naming->call < messages->calls_count &&
        messages->calls[naming->call].message == naming->message) {
        naming->call++;
        if (code == 0)
            code = words_look(naming, message);
    }
    naming->message++;
    return code ? memory_out(err) : 0;
}

/* Texts of the events, and the tags that are one word of messages. */
static int objects_look(struct naming *naming, const struct lks_events *events)
{
    struct lks_cue_scratch scratch = {0};
    const struct lks_messages *messages = naming->messages;
    size_t share = messages->count / 100;
    uint32_t common = share > COMMON_LEAST ? (uint32_t)share : COMMON_LEAST;
    int code = 0;
    for (uint32_t o = 0; code == 0 && o < events->objects_count; o++) {
        struct lks_str text = lks_store_object(naming->store, o);
        if (events->object_kind[o] == LKS_OBJECT_TEXT &&
            lks_intern_add(&naming->texts, text, NULL) == LKS_INTERN_NONE)
            code = LKS_EMEMORY;
        if (events->object_kind[o] != LKS_OBJECT_HASHTAG || text.size_bytes < WORD_LEAST_BYTES)
            continue;
        code = lks_cue_words(text, 2, &scratch);
        if (code || scratch.items_count != 1)
            continue;
        uint32_t term = lks_intern_find(
            &messages->words, (struct lks_str){scratch.words.data, scratch.items[0].size});
        if (term != LKS_INTERN_NONE && messages->used_by[term] <= common &&
            naming->tag[term] == UINT32_MAX)
            naming->tag[term] = o;
    }
    lks_cue_scratch_free(&scratch);
    return code;
}

static int named_order(const void *a, const void *b)
{
    const struct lks_named_thing *x = a, *y = b;
    if (x->time_us != y->time_us)
        return x->time_us < y->time_us ? -1 : 1;
    if (x->post != y->post)
        return x->post < y->post ? -1 : 1;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    size_t size =
        x->object.size_bytes < y->object.size_bytes ? x->object.size_bytes : y->object.size_bytes;
    int order = size ? memcmp(x->object.data, y->object.data, size) : 0;
    return order ? order
                 : (x->object.size_bytes > y->object.size_bytes) -
                       (x->object.size_bytes < y->object.size_bytes);
}

/* Which messages have a tag by its mark: messages and named things are in one order. */
static void tags_mark(const struct lks_messages *messages, const struct lks_named_thing *named,
                      size_t count, uint8_t *has_tag)
{
    size_t m = 0;
    for (size_t i = 0; i < count; i++) {
        while (m < messages->count && messages->post[m] != named[i].post)
            m++;
        if (m == messages->count)
            return;
        has_tag[m] |= named[i].kind == LKS_OBJECT_HASHTAG;
    }
}

int lks_named_more(struct lks_store *store, const struct lks_events *events,
                   const struct lks_messages *messages, struct lks_arena *arena,
                   struct lks_named_thing **named, size_t *count, struct lks_error *err)
{
    uint8_t *has_tag = calloc(messages->count + 1, 1);
    struct naming naming = {.messages = messages,
                            .arena = arena,
                            .store = store,
                            .has_tag = has_tag,
                            .tag =
                                malloc(((size_t)messages->words.count + 1) * sizeof *naming.tag)};
    int code = has_tag && naming.tag ? 0 : memory_out(err);
    if (code == 0) {
        memset(naming.tag, 255, ((size_t)messages->words.count + 1) * sizeof *naming.tag);
        tags_mark(messages, *named, *count, has_tag);
        if (objects_look(&naming, events) != 0)
            code = memory_out(err);
    }
    if (code == 0)
        code = lks_store_each_message(store, message_look, &naming, err);
    if (code == 0 && naming.count) {
        struct lks_named_thing *all =
            lks_arena_calloc(arena, *count + naming.count + 1, sizeof *all);
        if (!all) {
            code = memory_out(err);
        } else {
            if (*count)
                memcpy(all, *named, *count * sizeof *all);
            memcpy(all + *count, naming.more, naming.count * sizeof *all);
            *count += naming.count;
            qsort(all, *count, sizeof *all, named_order);
            *named = all;
        }
    }
    lks_intern_free(&naming.texts);
    lks_buffer_free(&naming.scratch);
    free(naming.tag);
    free(naming.more);
    free(has_tag);
    return code;
}
