/* topic_load.c - what case.toml says of the topic, found among the posts
 *
 * Every beneficiary (by all of its names) and every term of the topic becomes a thing whose uses are
 * counted; a post with any of them, or with one of the topic's tags, is on the topic. */
#include "detect/topic_load.h"

#include <stdlib.h>

#include "text/extract.h"
#include "text/terms.h"

enum { THINGS_MAX = 1024 };

struct loading {
    const struct lks_events *events;
    struct lks_topic *topic;
    struct lks_terms terms; /* groups: things; things_count and on for the topic's tags */
    uint32_t things_count;
    struct lks_buffer scratch;
    uint32_t post;
    uint32_t *last; /* [things_count] 1 + the last post that has the thing */
    size_t capacity;
    int failed;
};

static int memory_out(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "out of memory for the topic");
}

static int on_topic(struct loading *loading)
{
    uint8_t *mark = &loading->topic->post_on_topic[loading->post];
    loading->topic->on_topic_count += !*mark;
    *mark = 1;
    return 0;
}

static int names_grow(struct lks_events *names, size_t *capacity)
{
    size_t wanted = *capacity + *capacity / 2 + 4096;
    uint32_t *object = realloc(names->object, wanted * sizeof *object);
    names->object = object ? object : names->object;
    uint32_t *account = realloc(names->account, wanted * sizeof *account);
    names->account = account ? account : names->account;
    uint32_t *post = realloc(names->post, wanted * sizeof *post);
    names->post = post ? post : names->post;
    int64_t *time_us = realloc(names->time_us, wanted * sizeof *time_us);
    names->time_us = time_us ? time_us : names->time_us;
    if (!object || !account || !post || !time_us)
        return -1;
    *capacity = wanted;
    return 0;
}

static void term_found(void *context, const struct lks_term *term)
{
    struct loading *loading = context;
    struct lks_events *names = &loading->topic->names;
    on_topic(loading);
    if (term->group >= loading->things_count || loading->failed ||
        loading->last[term->group] == loading->post + 1)
        return;
    if (names->count == loading->capacity && names_grow(names, &loading->capacity) != 0) {
        loading->failed = 1;
        return;
    }
    loading->last[term->group] = loading->post + 1;
    names->object[names->count] = term->group;
    names->account[names->count] = loading->events->post_account[loading->post];
    names->post[names->count] = loading->post;
    names->time_us[names->count++] = loading->events->post_time_us[loading->post];
}

static int texts_take(void *context, const struct lks_store_text *texts, size_t count,
                      struct lks_error *err)
{
    struct loading *loading = context;
    for (size_t i = 0; i < count; i++) {
        loading->post = texts[i].post_index;
        LKS_ASSERT(loading->post < loading->events->posts_count);
        if (lks_terms_match(&loading->terms, texts[i].text, &loading->scratch, term_found,
                            loading) < 0 ||
            loading->failed)
            return memory_out(err);
    }
    return 0;
}

/* The words to look for, and what each of them is. */
static int terms_make(const struct lks_settings *settings, struct loading *loading)
{
    struct lks_terms *terms = &loading->terms;
    struct lks_topic *topic = loading->topic;
    int code = 0;
    topic->name = calloc(THINGS_MAX + 1, sizeof *topic->name);
    if (!topic->name)
        return LKS_EMEMORY;
    for (size_t i = 0; code == 0 && i < settings->beneficiaries_count; i++) {
        const struct lks_setting_beneficiary *who = &settings->beneficiaries[i];
        topic->name[loading->things_count] = who->name;
        code = lks_terms_add(terms, who->name, loading->things_count);
        for (size_t n = 0; code == 0 && n < who->names.count; n++)
            code = lks_terms_add(terms, who->names.items[n], loading->things_count);
        loading->things_count++;
    }
    for (size_t i = 0;
         code == 0 && i < settings->topic_terms.count && loading->things_count < THINGS_MAX; i++) {
        topic->name[loading->things_count] = settings->topic_terms.items[i];
        code = lks_terms_add(terms, settings->topic_terms.items[i], loading->things_count++);
    }
    return code;
}

/* Tags that are the topic's by case.toml are looked for among the actions: not every source has
 * them in the text. */
static int tags_mark(const struct lks_store *store, const struct lks_settings *settings,
                     struct loading *loading)
{
    const struct lks_events *events = loading->events;
    struct lks_arena arena = {0};
    struct lks_topic *topic = loading->topic;
    int failed = 0;
    topic->wanted = calloc((size_t)events->objects_count + 1, 1);
    for (size_t i = 0; topic->wanted && !failed && i < settings->topic_tags.count; i++) {
        struct lks_str tag;
        int code = lks_hashtag_canonical(settings->topic_tags.items[i], &arena, &tag);
        failed = code < 0;
        for (uint32_t o = 0; code == 0 && o < events->objects_count; o++)
            if (events->object_kind[o] == LKS_OBJECT_HASHTAG &&
                lks_str_equal(lks_store_object(store, o), tag))
                topic->wanted[o] = 1;
    }
    for (size_t i = 0; topic->wanted && i < events->count; i++)
        if (topic->wanted[events->object[i]]) {
            loading->post = events->post[i];
            on_topic(loading);
        }
    lks_arena_free(&arena);
    return failed || !topic->wanted ? -1 : 0;
}

/* Names as the kernels want them: sorted, with the case's posts beside. */
static int names_finish(struct loading *loading, struct lks_error *err)
{
    struct lks_events *names = &loading->topic->names;
    names->objects_count = loading->things_count;
    names->accounts_count = loading->events->accounts_count;
    names->posts_count = loading->events->posts_count;
    names->post_account = loading->events->post_account;
    names->post_time_us = loading->events->post_time_us;
    names->time_precision = loading->events->time_precision;
    names->object_kind = malloc((size_t)loading->things_count + 1);
    if (!names->object_kind)
        return memory_out(err);
    memset(names->object_kind, LKS_OBJECT_TEXT, loading->things_count);
    return lks_events_sort(names, err);
}

static int time_order(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

int lks_topic_load(struct lks_store *store, const struct lks_settings *settings,
                   const struct lks_events *events, const struct lks_control *control,
                   struct lks_topic *topic_out, struct lks_error *err)
{
    struct loading loading = {.events = events, .topic = topic_out};
    *topic_out = (struct lks_topic){0};
    topic_out->date_us = calloc(settings->dates_count + 1, sizeof *topic_out->date_us);
    if (!topic_out->date_us)
        return memory_out(err);
    for (size_t i = 0; i < settings->dates_count; i++)
        topic_out->date_us[topic_out->dates_count++] = settings->dates[i].day_us;
    if (topic_out->dates_count)
        qsort(topic_out->date_us, topic_out->dates_count, sizeof(int64_t), time_order);
    if (!settings->topic_terms.count && !settings->topic_tags.count &&
        !settings->beneficiaries_count)
        return 0;
    topic_out->post_on_topic = calloc((size_t)events->posts_count + 1, 1);
    int code = 0;
    if (!topic_out->post_on_topic || terms_make(settings, &loading) != 0 ||
        tags_mark(store, settings, &loading) != 0)
        code = memory_out(err);
    loading.last = calloc((size_t)loading.things_count + 1, sizeof *loading.last);
    if (code == 0 && (!loading.last || names_grow(&topic_out->names, &loading.capacity) != 0))
        code = memory_out(err);
    if (code == 0 && loading.terms.count)
        code = lks_store_texts(store, control, texts_take, &loading, err);
    if (code == 0)
        code = names_finish(&loading, err);
    lks_terms_free(&loading.terms);
    lks_buffer_free(&loading.scratch);
    free(loading.last);
    return code;
}

void lks_topic_unload(struct lks_topic *topic)
{
    free(topic->post_on_topic);
    free(topic->wanted);
    free(topic->names.object);
    free(topic->names.account);
    free(topic->names.post);
    free(topic->names.time_us);
    free(topic->names.object_kind);
    free(topic->name);
    free(topic->date_us);
}
