/* near_objects.c - near-duplicate texts of a case as objects that accounts share
 *
 * Only telling texts are compared, as for the objects of kind text: two accounts that write "ok"
 * have done nothing together. The join gives clusters, which are chains: the first and the last
 * text of one may have little in common. An object must be what its name says, so a cluster is
 * parted into stars: the variant of most texts leads (of those the earliest) and takes every
 * variant whose Jaccard with it is at least 2 t - 1, which is what two texts have that are both near
 * a third at t (1 - Jaccard is a metric); of the rest the same again. A cluster of
 * more than LEADERS_MAX stars is one great crowd of templates: what is left then joins its last
 * star, so that no work is quadratic and nobody is left out; a wider object is a more common
 * one, which can only weaken what is said of it.
 *
 * A star whose texts all have one writing is the object of kind text over again and adds
 * nothing: it is left out. */
#include "detect/near_objects.h"

#include <stdlib.h>

#include <xxhash.h>

#include "source/objects.h"
#include "text/extract.h"
#include "text/near.h"

enum { BATCH_TEXTS = 64 * 1024, BATCH_BYTES = 64 << 20, LEADERS_MAX = 64 };

struct making {
    struct lks_near *near;
    /* One batch: normalised texts that wait for being added. */
    struct lks_buffer text;
    size_t *ends; /* [BATCH_TEXTS] into text */
    struct lks_str *texts;
    size_t waiting;
    /* [count] of the texts that were taken. */
    uint32_t *post;
    uint64_t *writing; /* hash of the normalised text */
    size_t count, capacity;
    /* [posts_count] the result. */
    struct lks_store_near *posts;
    size_t posts_count, posts_capacity;
};

static int out_of_memory(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "out of memory for near texts");
}

static int batch_add(struct making *making, struct lks_error *err)
{
    size_t start = 0;
    for (size_t i = 0; i < making->waiting; i++) {
        making->texts[i] = (struct lks_str){making->text.data + start, making->ends[i] - start};
        start = making->ends[i];
    }
    int code = lks_near_add(making->near, making->texts, NULL, making->waiting, err);
    making->waiting = 0;
    lks_buffer_clear(&making->text);
    return code;
}

static int text_put(struct making *making, uint32_t post, struct lks_str normalised)
{
    if (making->count == making->capacity) {
        size_t capacity = making->capacity + making->capacity / 2 + 4096;
        uint32_t *posts = realloc(making->post, capacity * sizeof *posts);
        if (posts)
            making->post = posts;
        uint64_t *writings = realloc(making->writing, capacity * sizeof *writings);
        if (writings)
            making->writing = writings;
        if (!posts || !writings)
            return LKS_EMEMORY;
        making->capacity = capacity;
    }
    making->post[making->count] = post;
    making->writing[making->count++] = XXH3_64bits(normalised.data, normalised.size_bytes);
    making->ends[making->waiting++] = making->text.size_bytes;
    return 0;
}

static int texts_take(void *context, const struct lks_store_text *texts, size_t count,
                      struct lks_error *err)
{
    struct making *making = context;
    for (size_t i = 0; i < count; i++) {
        struct lks_post post = {.kind = texts[i].kind, .text = texts[i].text};
        size_t start = making->text.size_bytes;
        if (lks_text_normalise(lks_post_own_text(&post), &making->text) < 0)
            return out_of_memory(err);
        struct lks_str normalised = {making->text.data + start, making->text.size_bytes - start};
        if (!normalised.size_bytes || !lks_text_is_telling(normalised)) {
            making->text.size_bytes = start;
            continue;
        }
        if (text_put(making, texts[i].post_index, normalised) < 0)
            return out_of_memory(err);
        if (making->waiting < BATCH_TEXTS && making->text.size_bytes < BATCH_BYTES)
            continue;
        int code = batch_add(making, err);
        if (code < 0)
            return code;
    }
    return 0;
}

/* ---- clusters to stars ---- */

/* For every variant of the result the variant that leads it, and the Jaccard with that. */
struct stars {
    uint32_t *leader; /* [variants_count] */
    double *similarity;
    uint64_t *writing;    /* [variants_count] at a leader: the first writing of its star */
    unsigned char *mixed; /* [variants_count] at a leader: the star has several */
};

static void cluster_part(const struct making *making, const struct lks_near_result *result,
                         const struct lks_near_cluster *cluster, double threshold,
                         struct stars *stars)
{
    const struct lks_near_variant *variants = result->variants + cluster->variants_first;
    uint32_t *leader = stars->leader + cluster->variants_first;
    double *similarity = stars->similarity + cluster->variants_first;
    const double least = 2 * threshold - 1;
    unsigned leaders = 0;
    for (uint32_t i = 0; i < cluster->variants_count; i++)
        leader[i] = LKS_NEAR_NONE;
    for (uint32_t i = 0; i < cluster->variants_count; i++) {
        if (leader[i] != LKS_NEAR_NONE)
            continue;
        leaders++;
        for (uint32_t j = i; j < cluster->variants_count; j++) {
            uint32_t either;
            if (leader[j] != LKS_NEAR_NONE)
                continue;
            uint32_t shared =
                lks_near_form_shared(making->near, variants[i].form, variants[j].form, &either);
            double jaccard = (double)shared / either;
            if (jaccard < least && leaders < LEADERS_MAX)
                continue;
            leader[j] = cluster->variants_first + i;
            similarity[j] = jaccard;
        }
    }
}

static int stars_make(struct making *making, const struct lks_near_result *result, double threshold,
                      struct stars *stars)
{
    size_t count = (size_t)result->variants_count + 1;
    stars->leader = malloc(count * sizeof *stars->leader);
    stars->similarity = malloc(count * sizeof *stars->similarity);
    stars->writing = calloc(count, sizeof *stars->writing);
    stars->mixed = calloc(count, 1);
    if (!stars->leader || !stars->similarity || !stars->writing || !stars->mixed)
        return LKS_EMEMORY;
    for (uint32_t c = 0; c < result->clusters_count; c++)
        cluster_part(making, result, &result->clusters[c], threshold, stars);
    for (size_t i = 0; i < making->count; i++) {
        if (result->text_variant[i] == LKS_NEAR_NONE)
            continue;
        uint32_t leader = stars->leader[result->text_variant[i]];
        uint64_t writing = making->writing[i] | 1; /* 0: none yet */
        stars->mixed[leader] |= stars->writing[leader] && stars->writing[leader] != writing;
        stars->writing[leader] = writing;
    }
    return 0;
}

static void stars_free(struct stars *stars)
{
    free(stars->leader);
    free(stars->similarity);
    free(stars->writing);
    free(stars->mixed);
}

static int posts_make(struct making *making, const struct lks_near_result *result,
                      const struct stars *stars)
{
    making->posts = malloc((making->count + 1) * sizeof *making->posts);
    if (!making->posts)
        return LKS_EMEMORY;
    for (size_t i = 0; i < making->count; i++) {
        uint32_t variant = result->text_variant[i];
        if (variant == LKS_NEAR_NONE || !stars->mixed[stars->leader[variant]])
            continue;
        const struct lks_near_variant *leader = &result->variants[stars->leader[variant]];
        making->posts[making->posts_count++] =
            (struct lks_store_near){.post_index = making->post[i],
                                    .representative = making->post[leader->first_text],
                                    .similarity = stars->similarity[variant]};
    }
    return 0;
}

static int objects_make(struct making *making, const struct lks_near_options *options,
                        struct lks_error *err)
{
    struct lks_near_result result = {0};
    struct stars stars = {0};
    int code = lks_near_join(making->near, NULL, NULL, &result, err);
    if (code == 0 && (stars_make(making, &result, options->threshold, &stars) < 0 ||
                      posts_make(making, &result, &stars) < 0))
        code = out_of_memory(err);
    stars_free(&stars);
    lks_near_result_free(&result);
    return code;
}

int lks_near_objects_make(struct lks_store *store, const struct lks_control *control,
                          struct lks_error *err)
{
    struct lks_near_options options = lks_near_options_default();
    struct making making = {.near = NULL};
    int made = 0, code = lks_store_near_made(store, &made, err);
    if (code || made)
        return code;
    making.ends = malloc(BATCH_TEXTS * sizeof *making.ends);
    making.texts = malloc(BATCH_TEXTS * sizeof *making.texts);
    code = making.ends && making.texts ? 0 : out_of_memory(err);
    if (code == 0)
        code = lks_near_new(&options, control, &making.near, err);
    if (code == 0)
        code = lks_store_texts(store, control, texts_take, &making, err);
    if (code == 0)
        code = batch_add(&making, err);
    if (code == 0)
        code = objects_make(&making, &options, err);
    if (code == 0)
        code = lks_store_near_set(store, making.posts, making.posts_count, err);
    lks_near_free(making.near);
    lks_buffer_free(&making.text);
    free(making.ends);
    free(making.texts);
    free(making.post);
    free(making.writing);
    free(making.posts);
    return code;
}
