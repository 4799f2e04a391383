/* promotion_load.c - the case's own posts: phrases, disclosures, topic and names in them
 *
 * A phrase that only one account ever used cannot be in a script of several, and most are such.
 * So the texts are read twice: the first time a table of places by hash remembers for each
 * phrase its account, or that there were two; the second time only phrases of the latter kind
 * are kept. (Two phrases may share a place: then one too many is kept, which costs memory and
 * nothing else.) */
#include <stdlib.h>

#include "detect/promotion_parts.h"
#include "text/disclosure.h"
#include "text/extract.h"
#include "text/phrases.h"

enum { PLACES_BITS_LEAST = 16, PLACES_BITS_MOST = 26, SEVERAL = UINT32_MAX, OTHER_GROUP = 64 };

struct loading {
    struct lks_promoting *promoting;
    struct lks_phraser *phraser;
    struct lks_terms terms; /* groups: 0-63 beneficiaries, then disclosure and topic */
    struct lks_buffer scratch;
    uint32_t *places; /* 1 + account, 0 or SEVERAL */
    uint64_t mask;
    size_t own_capacity, script_capacity, phrases_capacity;
    int second; /* the second time */
};
enum { GROUP_DISCLOSURE = OTHER_GROUP, GROUP_TOPIC };

static int out_of_memory(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "out of memory for the posts of the case");
}

int lks_beneficiary_terms(const struct lks_settings *settings, struct lks_terms *terms)
{
    int code = 0;
    for (size_t i = 0; i < settings->beneficiaries_count && i < LKS_BENEFICIARIES_MAX; i++) {
        const struct lks_setting_beneficiary *who = &settings->beneficiaries[i];
        code = code ? code : lks_terms_add(terms, who->name, (uint32_t)i);
        for (size_t n = 0; code == 0 && n < who->names.count; n++)
            code = lks_terms_add(terms, who->names.items[n], (uint32_t)i);
    }
    return code;
}

static int terms_make(const struct lks_settings *settings, struct lks_terms *terms)
{
    int code = lks_beneficiary_terms(settings, terms);
    size_t first = terms->count;
    if (code == 0)
        code = lks_disclosure_terms(terms);
    for (size_t i = 0; code == 0 && i < settings->disclosure.count; i++)
        code = lks_terms_add(terms, settings->disclosure.items[i], 0);
    for (size_t i = first; i < terms->count; i++)
        terms->terms[i].group = GROUP_DISCLOSURE;
    for (size_t i = 0; code == 0 && i < settings->topic_terms.count; i++)
        code = lks_terms_add(terms, settings->topic_terms.items[i], GROUP_TOPIC);
    return code;
}

static void term_found(void *context, const struct lks_term *term)
{
    struct lks_own_post *post = context;
    if (term->group < LKS_BENEFICIARIES_MAX)
        post->named |= UINT64_C(1) << term->group;
    post->disclosed |= term->group == GROUP_DISCLOSURE;
    post->on_topic |= term->group == GROUP_TOPIC;
}

/* Room for one more item of the size. */
static int room(void **items, size_t count, size_t more, size_t *capacity, size_t item_bytes)
{
    if (count + more <= *capacity)
        return 0;
    size_t wanted = *capacity + *capacity / 2 + more + 4096;
    void *grown = realloc(*items, wanted * item_bytes);
    if (!grown)
        return LKS_EMEMORY;
    *items = grown;
    *capacity = wanted;
    return 0;
}

static uint64_t form_of(const struct lks_phraser *phraser)
{
    uint64_t form = phraser->count;
    for (uint32_t i = 0; i < phraser->count; i++) {
        form = (form ^ phraser->phrases[i]) * UINT64_C(0x9fb21c651e98df25);
        form ^= form >> 32;
    }
    return form;
}

static int phrases_keep(struct loading *loading, const struct lks_own_post *post)
{
    struct lks_own_posts *own = &loading->promoting->own;
    const struct lks_phraser *phraser = loading->phraser;
    if (room((void **)&own->script_posts, own->script_count, 1, &loading->script_capacity,
             sizeof *own->script_posts) ||
        room((void **)&own->phrases, own->phrases_count, phraser->count, &loading->phrases_capacity,
             sizeof *own->phrases))
        return LKS_EMEMORY;
    struct lks_script_post *to = &own->script_posts[own->script_count++];
    *to = (struct lks_script_post){.time_us = post->time_us,
                                   .account = post->account,
                                   .post = post->post,
                                   .form = form_of(phraser),
                                   .all_count = phraser->count,
                                   .first = own->phrases_count,
                                   .disclosed = post->disclosed};
    for (uint32_t i = 0; i < phraser->count; i++)
        if (loading->places[phraser->phrases[i] & loading->mask] == SEVERAL)
            own->phrases[own->phrases_count++] = phraser->phrases[i];
    to->count = (uint32_t)(own->phrases_count - to->first);
    own->cut_count += (uint64_t)phraser->cut;
    return 0;
}

static void phrases_mark(struct loading *loading, uint32_t account)
{
    for (uint32_t i = 0; i < loading->phraser->count; i++) {
        uint32_t *place = &loading->places[loading->phraser->phrases[i] & loading->mask];
        *place = *place == 0 || *place == account + 1 ? account + 1 : SEVERAL;
    }
}

static int post_take(struct loading *loading, const struct lks_store_own_post *from)
{
    struct lks_own_posts *own = &loading->promoting->own;
    int code = 0, ad = from->kind == LKS_POST_AD;
    if (!ad)
        code = lks_phrases(loading->phraser, from->text, from->transcript);
    if (code || !loading->second) {
        if (code == 0 && !ad)
            phrases_mark(loading, from->account_index);
        return code;
    }
    if (room((void **)&own->posts, own->count, 1, &loading->own_capacity, sizeof *own->posts))
        return LKS_EMEMORY;
    struct lks_own_post *post = &own->posts[own->count++];
    *post = (struct lks_own_post){.time_us = from->time_us,
                                  .views = from->views,
                                  .post = from->post_index,
                                  .account = from->account_index,
                                  .disclosed = from->declared_paid == 1 || ad,
                                  .ad = (uint8_t)ad};
    code = lks_terms_match(&loading->terms, from->text, &loading->scratch, term_found, post);
    if (code == 0)
        code =
            lks_terms_match(&loading->terms, from->transcript, &loading->scratch, term_found, post);
    return code || ad || !loading->phraser->count ? code : phrases_keep(loading, post);
}

static int posts_take(void *context, const struct lks_store_own_post *posts, size_t count,
                      struct lks_error *err)
{
    struct loading *loading = context;
    for (size_t i = 0; i < count; i++)
        if (post_take(loading, &posts[i]) < 0)
            return out_of_memory(err);
    return 0;
}

/* ---- hashtags, which need not stand in the text ---- */

struct lks_own_post *lks_own_post_find(const struct lks_own_posts *own, uint32_t post)
{
    size_t low = 0, high = own->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (own->posts[middle].post < post)
            low = middle + 1;
        else
            high = middle;
    }
    return low < own->count && own->posts[low].post == post ? &own->posts[low] : NULL;
}

struct tags {
    struct loading *loading;
    struct lks_arena arena;
    struct lks_str *names;
    uint32_t *groups;
    size_t count;
};

static int tag_add(struct tags *tags, struct lks_str text, uint32_t group)
{
    struct lks_str tag;
    int code = lks_hashtag_canonical(text, &tags->arena, &tag);
    if (code == 0) {
        tags->names[tags->count] = tag;
        tags->groups[tags->count++] = group;
    }
    return code < 0 ? code : 0;
}

static int tags_list(struct tags *tags, const struct lks_settings *settings)
{
    size_t marks = 0, most = settings->topic_tags.count + settings->disclosure.count;
    int code = 0;
    while (lks_disclosure_marks[marks].mark)
        marks++;
    for (size_t i = 0; i < settings->beneficiaries_count; i++)
        most += 1 + settings->beneficiaries[i].names.count;
    tags->names = lks_arena_calloc(&tags->arena, marks + most + 1, sizeof *tags->names);
    tags->groups = lks_arena_calloc(&tags->arena, marks + most + 1, sizeof *tags->groups);
    if (!tags->names || !tags->groups)
        return LKS_EMEMORY;
    for (size_t i = 0; code == 0 && i < marks; i++)
        if (*lks_disclosure_marks[i].mark == '#')
            code = tag_add(tags, lks_str_from(lks_disclosure_marks[i].mark), GROUP_DISCLOSURE);
    for (size_t i = 0; code == 0 && i < settings->disclosure.count; i++)
        if (*settings->disclosure.items[i].data == '#')
            code = tag_add(tags, settings->disclosure.items[i], GROUP_DISCLOSURE);
    for (size_t i = 0; code == 0 && i < settings->topic_tags.count; i++)
        code = tag_add(tags, settings->topic_tags.items[i], GROUP_TOPIC);
    for (size_t i = 0; i < settings->beneficiaries_count && i < LKS_BENEFICIARIES_MAX; i++)
        for (size_t n = 0; code == 0 && n < settings->beneficiaries[i].names.count; n++)
            code = tag_add(tags, settings->beneficiaries[i].names.items[n], (uint32_t)i);
    return code;
}

static int tagged(void *context, uint32_t post_index, uint32_t tag, struct lks_error *err)
{
    struct tags *tags = context;
    struct lks_term term = {.group = tags->groups[tag]};
    struct lks_own_post *post = lks_own_post_find(&tags->loading->promoting->own, post_index);
    (void)err;
    if (post)
        term_found(post, &term);
    return 0;
}

static int tags_take(struct loading *loading, struct lks_error *err)
{
    struct lks_promoting *promoting = loading->promoting;
    struct tags tags = {.loading = loading};
    int code = tags_list(&tags, promoting->settings);
    if (code)
        out_of_memory(err);
    else
        code = lks_store_tagged(promoting->store, tags.names, tags.count, tagged, &tags, err);
    lks_arena_free(&tags.arena);
    for (size_t i = 0; code == 0 && i < promoting->own.script_count; i++) {
        struct lks_script_post *post = &promoting->own.script_posts[i];
        post->disclosed = lks_own_post_find(&promoting->own, post->post)->disclosed;
    }
    return code;
}

int lks_own_posts_load(struct lks_promoting *promoting, struct lks_error *err)
{
    struct loading loading = {.promoting = promoting};
    unsigned bits = PLACES_BITS_LEAST;
    while (bits < PLACES_BITS_MOST &&
           UINT64_C(1) << bits < 16 * (uint64_t)promoting->events->posts_count)
        bits++;
    loading.mask = (UINT64_C(1) << bits) - 1;
    loading.places = calloc((size_t)loading.mask + 1, sizeof *loading.places);
    loading.phraser = calloc(1, sizeof *loading.phraser);
    promoting->own.topic_known =
        promoting->settings->topic_tags.count + promoting->settings->topic_terms.count > 0;
    int code = loading.places && loading.phraser ? terms_make(promoting->settings, &loading.terms)
                                                 : LKS_EMEMORY;
    if (code)
        out_of_memory(err);
    for (loading.second = 0; code == 0 && loading.second < 2; loading.second++)
        code = lks_store_own_posts(promoting->store, promoting->control, posts_take, &loading, err);
    if (code == 0)
        code = tags_take(&loading, err);
    if (loading.phraser)
        lks_phraser_free(loading.phraser);
    free(loading.phraser);
    free(loading.places);
    lks_terms_free(&loading.terms);
    lks_buffer_free(&loading.scratch);
    return code;
}

void lks_own_posts_free(struct lks_own_posts *own)
{
    free(own->posts);
    free(own->script_posts);
    free(own->phrases);
    *own = (struct lks_own_posts){0};
}
