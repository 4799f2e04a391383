/* near_check.h - the near-text join held against its slow reference: for tests and benches
 *
 * Forms, pairs, Jaccard indexes, clusters, variants: everything that near.h promises is worked
 * out from near_reference.h over all pairs and compared. */
#ifndef LKS_TEXT_NEAR_CHECK_H
#define LKS_TEXT_NEAR_CHECK_H

#include "text/near_reference.h"

struct lks_near_tally {
    uint64_t pairs_wanted, pairs_found; /* near by definition; of those, handed out */
    uint64_t pairs_false;               /* handed out and not near, twice, or with a wrong index */
    uint64_t faults;                    /* of any other kind; the first is printed */
    uint64_t text_pairs;                /* near pairs of texts, equal ones too (no window) */
    uint32_t forms, clusters;
};

struct lks_near_pairs {
    struct lks_near_pair *pairs;
    size_t count, capacity;
};

static inline int lks_near_pairs_take(void *context, const struct lks_near_pair *pair)
{
    struct lks_near_pairs *list = (struct lks_near_pairs *)context;
    if (list->count == list->capacity) {
        list->capacity = list->capacity * 2 + 64;
        list->pairs = (struct lks_near_pair *)lks_reference_grow(list->pairs, list->capacity,
                                                                 sizeof(*list->pairs));
    }
    list->pairs[list->count++] = *pair;
    return 0;
}

static inline void lks_near_fault(struct lks_near_tally *tally, const char *what, uint64_t at)
{
    if (!tally->faults++)
        printf("near: %s (at %llu)\n", what, (unsigned long long)at);
}

/* The texts as the reference sees them. */
struct lks_near_truth {
    const struct lks_reference *reference;
    const int64_t *times_us;
    int64_t window_us;
    double threshold;
    uint32_t *form;       /* [texts], LKS_NEAR_NONE for an empty one */
    uint32_t *form_texts; /* texts by form, then time, then index */
    size_t *form_first;   /* [forms + 1] into form_texts */
    uint32_t *form_text;  /* [forms] first text by index */
    uint32_t forms;
    uint32_t *parent; /* [texts] union-find */
};

static inline int lks_truth_equal(const struct lks_reference *reference, size_t a, size_t b)
{
    size_t size = lks_reference_size(reference, a);
    return size == lks_reference_size(reference, b) &&
           memcmp(reference->ids + reference->first[a], reference->ids + reference->first[b],
                  size * sizeof(uint32_t)) == 0;
}

static inline uint64_t lks_truth_key(const struct lks_reference *reference, size_t text)
{
    uint64_t key = 1;
    for (size_t i = reference->first[text]; i < reference->first[text + 1]; i++)
        key = (key ^ reference->ids[i]) * UINT64_C(0x100000001b3);
    return key;
}

/* Forms by comparing sets, through a table of lists that only saves time. */
static inline void lks_truth_forms(struct lks_near_truth *truth)
{
    size_t texts = truth->reference->texts_count, buckets = texts * 2 + 1;
    uint32_t *bucket = (uint32_t *)lks_reference_grow(NULL, buckets, sizeof(uint32_t));
    uint32_t *next = (uint32_t *)lks_reference_grow(NULL, texts, sizeof(uint32_t));
    memset(bucket, 0xff, buckets * sizeof(uint32_t));
    truth->forms = 0;
    for (size_t i = 0; i < texts; i++) {
        truth->form[i] = LKS_NEAR_NONE;
        if (!lks_reference_size(truth->reference, i))
            continue;
        uint32_t *head = &bucket[lks_truth_key(truth->reference, i) % buckets];
        for (uint32_t other = *head; other != LKS_NEAR_NONE && truth->form[i] == LKS_NEAR_NONE;
             other = next[other])
            if (lks_truth_equal(truth->reference, other, i))
                truth->form[i] = truth->form[other];
        if (truth->form[i] != LKS_NEAR_NONE)
            continue;
        truth->form_text[truth->forms] = (uint32_t)i;
        truth->form[i] = truth->forms++;
        next[i] = *head;
        *head = (uint32_t)i;
    }
    free(bucket);
    free(next);
}

static inline int64_t lks_truth_time(const struct lks_near_truth *truth, size_t text)
{
    return truth->times_us ? truth->times_us[text] : 0;
}

static inline int lks_truth_by_form(const void *a, const void *b, void *context)
{
    const struct lks_near_truth *truth = (const struct lks_near_truth *)context;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    int64_t x_us = lks_truth_time(truth, x), y_us = lks_truth_time(truth, y);
    if (truth->form[x] != truth->form[y])
        return truth->form[x] < truth->form[y] ? -1 : 1;
    if (x_us != y_us)
        return x_us < y_us ? -1 : 1;
    return (x > y) - (x < y);
}

static inline uint32_t lks_truth_root(struct lks_near_truth *truth, uint32_t text)
{
    while (truth->parent[text] != text)
        text = truth->parent[text] = truth->parent[truth->parent[text]];
    return text;
}

static inline void lks_truth_join(struct lks_near_truth *truth, uint32_t a, uint32_t b)
{
    a = lks_truth_root(truth, a);
    b = lks_truth_root(truth, b);
    truth->parent[a > b ? a : b] = a > b ? b : a;
}

static inline int lks_truth_within(const struct lks_near_truth *truth, uint32_t a, uint32_t b)
{
    int64_t gap = lks_truth_time(truth, a) - lks_truth_time(truth, b);
    return truth->window_us < 0 || (gap < 0 ? -gap : gap) <= truth->window_us;
}

/* Joins the texts of two near forms that are within the window; whether there are any. */
static inline int lks_truth_meet(struct lks_near_truth *truth, uint32_t a, uint32_t b)
{
    int met = 0;
    for (size_t i = truth->form_first[a]; i < truth->form_first[a + 1]; i++)
        for (size_t k = truth->form_first[b]; k < truth->form_first[b + 1]; k++)
            if (lks_truth_within(truth, truth->form_texts[i], truth->form_texts[k])) {
                lks_truth_join(truth, truth->form_texts[i], truth->form_texts[k]);
                met = 1;
                if (truth->window_us < 0)
                    return 1; /* the texts of one form are joined by themselves then */
            }
    return met;
}

static inline void lks_truth_init(struct lks_near_truth *truth)
{
    size_t texts = truth->reference->texts_count, known = 0;
    truth->form = (uint32_t *)lks_reference_grow(NULL, texts, sizeof(uint32_t));
    truth->form_texts = (uint32_t *)lks_reference_grow(NULL, texts, sizeof(uint32_t));
    truth->form_text = (uint32_t *)lks_reference_grow(NULL, texts, sizeof(uint32_t));
    truth->parent = (uint32_t *)lks_reference_grow(NULL, texts, sizeof(uint32_t));
    lks_truth_forms(truth);
    for (size_t i = 0; i < texts; i++) {
        truth->parent[i] = (uint32_t)i;
        if (truth->form[i] != LKS_NEAR_NONE)
            truth->form_texts[known++] = (uint32_t)i;
    }
    if (known)
        qsort_r(truth->form_texts, known, sizeof(uint32_t), lks_truth_by_form, truth);
    truth->form_first = (size_t *)lks_reference_grow(NULL, truth->forms + 1u, sizeof(size_t));
    for (size_t i = 0, form = 0; form <= truth->forms; form++) {
        while (i < known && truth->form[truth->form_texts[i]] < form)
            i++;
        truth->form_first[form] = i;
    }
    for (size_t i = 1; i < known; i++) /* equal texts; neighbours in time are the nearest */
        if (truth->form[truth->form_texts[i]] == truth->form[truth->form_texts[i - 1]] &&
            lks_truth_within(truth, truth->form_texts[i], truth->form_texts[i - 1]))
            lks_truth_join(truth, truth->form_texts[i], truth->form_texts[i - 1]);
}

static inline void lks_truth_free(struct lks_near_truth *truth)
{
    free(truth->form);
    free(truth->form_texts);
    free(truth->form_text);
    free(truth->form_first);
    free(truth->parent);
}

/* Every pair of forms, in order, against what was handed out. */
static inline void lks_check_pairs(struct lks_near_truth *truth, const struct lks_near_pairs *found,
                                   struct lks_near_tally *tally)
{
    size_t at = 0;
    for (uint32_t a = 0; a < truth->forms; a++) {
        uint64_t a_texts = truth->form_first[a + 1] - truth->form_first[a];
        tally->text_pairs += a_texts * (a_texts - 1) / 2;
        for (uint32_t b = a + 1; b < truth->forms; b++) {
            int wanted = lks_reference_near(truth->reference, truth->form_text[a],
                                            truth->form_text[b], truth->threshold);
            if (wanted) {
                tally->text_pairs += a_texts * (truth->form_first[b + 1] - truth->form_first[b]);
                wanted = lks_truth_meet(truth, a, b);
            }
            const struct lks_near_pair *pair = at < found->count ? &found->pairs[at] : NULL;
            int here = pair && pair->form_a == a && pair->form_b == b;
            tally->pairs_wanted += (uint64_t)wanted;
            at += (size_t)here;
            if (!here)
                continue;
            uint32_t either, shared = lks_reference_shared(truth->reference, truth->form_text[a],
                                                           truth->form_text[b], &either);
            if (wanted && pair->shared == shared && pair->either == either &&
                pair->first_a == truth->form_text[a] && pair->first_b == truth->form_text[b])
                tally->pairs_found++;
        }
    }
    tally->pairs_false = found->count - tally->pairs_found;
}

/* The clusters against the components. */
static inline void lks_check_clusters(struct lks_near_truth *truth,
                                      const struct lks_near_result *result,
                                      struct lks_near_tally *tally)
{
    size_t texts = truth->reference->texts_count;
    uint32_t *size = (uint32_t *)lks_reference_grow(NULL, texts, sizeof(uint32_t));
    uint32_t *cluster_of = (uint32_t *)lks_reference_grow(NULL, texts, sizeof(uint32_t));
    uint32_t *seen = (uint32_t *)lks_reference_grow(NULL, result->variants_count, sizeof(uint32_t));
    memset(size, 0, texts * sizeof(uint32_t));
    memset(cluster_of, 0xff, texts * sizeof(uint32_t));
    memset(seen, 0, result->variants_count * sizeof(uint32_t));
    uint32_t clusters = 0;
    for (size_t i = 0; i < texts; i++)
        clusters += ++size[lks_truth_root(truth, (uint32_t)i)] == 2;
    tally->clusters = clusters;
    if (clusters != result->clusters_count)
        lks_near_fault(tally, "another number of clusters", result->clusters_count);
    for (size_t i = 0; i < texts; i++) {
        uint32_t root = lks_truth_root(truth, (uint32_t)i), variant = result->text_variant[i];
        if (size[root] < 2 || variant == LKS_NEAR_NONE) {
            if (size[root] >= 2 || variant != LKS_NEAR_NONE)
                lks_near_fault(tally, "a text is in a cluster that it is not in", i);
            continue;
        }
        if (variant >= result->variants_count) {
            lks_near_fault(tally, "a variant out of range", i);
            continue;
        }
        const struct lks_near_variant *v = &result->variants[variant];
        seen[variant]++;
        if (v->form != truth->form[i] || v->cluster >= result->clusters_count)
            lks_near_fault(tally, "a text of another form", i);
        else if (cluster_of[root] == LKS_NEAR_NONE)
            cluster_of[root] = v->cluster;
        if (cluster_of[root] != v->cluster ||
            result->clusters[v->cluster].texts_count != size[root])
            lks_near_fault(tally, "a component in two clusters", i);
    }
    for (uint32_t v = 0; v < result->variants_count; v++)
        if (seen[v] != result->variants[v].texts_count)
            lks_near_fault(tally, "a variant of other texts", v);
    free(size);
    free(cluster_of);
    free(seen);
}

/* What each cluster says of itself. */
static inline void lks_check_variants(const struct lks_near_truth *truth,
                                      const struct lks_near_result *result,
                                      struct lks_near_tally *tally)
{
    size_t texts = truth->reference->texts_count;
    for (uint32_t c = 0; c < result->clusters_count; c++) {
        const struct lks_near_cluster *cluster = &result->clusters[c];
        const struct lks_near_variant *first = &result->variants[cluster->variants_first];
        uint64_t sum = 0;
        if (c && (cluster->texts_count > cluster[-1].texts_count ||
                  (cluster->texts_count == cluster[-1].texts_count &&
                   cluster->first_us < cluster[-1].first_us)))
            lks_near_fault(tally, "clusters out of order", c);
        for (uint32_t v = 0; v < cluster->variants_count; v++) {
            uint32_t either,
                shared = lks_reference_shared(truth->reference, truth->form_text[first->form],
                                              truth->form_text[first[v].form], &either);
            sum += first[v].texts_count;
            if (first[v].cluster != c || first[v].shared != shared || first[v].either != either)
                lks_near_fault(tally, "a variant's index with the representative", c);
            if (v && first[v].texts_count > first[v - 1].texts_count)
                lks_near_fault(tally, "variants out of order", c);
        }
        if (sum != cluster->texts_count)
            lks_near_fault(tally, "variants do not sum to the cluster", c);
    }
    int64_t *span = (int64_t *)lks_reference_grow(NULL, 2u * result->clusters_count, sizeof(*span));
    uint32_t *first = (uint32_t *)lks_reference_grow(NULL, result->variants_count, sizeof(*first));
    memset(first, 0xff, result->variants_count * sizeof(*first));
    for (uint32_t c = 0; c < result->clusters_count; c++) {
        span[2 * c] = INT64_MAX;
        span[2 * c + 1] = INT64_MIN;
    }
    for (size_t i = 0; i < texts; i++) {
        uint32_t v = result->text_variant[i];
        if (v == LKS_NEAR_NONE)
            continue;
        int64_t time = lks_truth_time(truth, i), *of = &span[2 * result->variants[v].cluster];
        of[0] = time < of[0] ? time : of[0];
        of[1] = time > of[1] ? time : of[1];
        if (first[v] == LKS_NEAR_NONE || time < lks_truth_time(truth, first[v]))
            first[v] = (uint32_t)i;
    }
    for (uint32_t c = 0; c < result->clusters_count; c++)
        if (span[2 * c] != result->clusters[c].first_us ||
            span[2 * c + 1] != result->clusters[c].last_us)
            lks_near_fault(tally, "a cluster's first or last time", c);
    for (uint32_t v = 0; v < result->variants_count; v++)
        if (first[v] != result->variants[v].first_text)
            lks_near_fault(tally, "a variant's first text", v);
    free(span);
    free(first);
}

/* Runs the join over the texts, added in batches of batch_count (0: all at once), and compares
 * it with the reference, which was made with the same options. times_us may be NULL. */
static inline void lks_near_compare(const struct lks_reference *reference,
                                    const struct lks_str *texts, const int64_t *times_us,
                                    const struct lks_near_options *options, unsigned threads,
                                    size_t batch_count, struct lks_near_tally *tally)
{
    struct lks_control control = {.threads = threads};
    struct lks_error err = {0};
    struct lks_near *near = NULL;
    struct lks_near_result result = {0};
    struct lks_near_pairs found = {0};
    size_t count = reference->texts_count, batch = batch_count ? batch_count : count + !count;
    *tally = (struct lks_near_tally){0};
    int code = lks_near_new(options, &control, &near, &err);
    for (size_t at = 0; at < count && code == 0; at += batch)
        code = lks_near_add(near, texts + at, times_us ? times_us + at : NULL,
                            count - at < batch ? count - at : batch, &err);
    if (code == 0)
        code = lks_near_join(near, lks_near_pairs_take, &found, &result, &err);
    lks_near_free(near);
    if (code != 0) {
        printf("near: %d: %s\n", code, err.message);
        lks_near_fault(tally, "failed", 0);
    } else {
        struct lks_near_truth truth = {.reference = reference,
                                       .times_us = times_us,
                                       .window_us = options->window_us,
                                       .threshold = options->threshold};
        lks_truth_init(&truth);
        tally->forms = truth.forms;
        for (size_t i = 0; i < count; i++)
            if (result.text_form[i] != truth.form[i])
                lks_near_fault(tally, "a text of another form than its set says", i);
        if (result.counts.forms != truth.forms || result.counts.texts != count ||
            result.counts.pairs != found.count || result.counts.shingles > reference->first[count])
            lks_near_fault(tally, "counts", 0);
        if (!tally->faults) {
            lks_check_pairs(&truth, &found, tally);
            lks_check_clusters(&truth, &result, tally);
            lks_check_variants(&truth, &result, tally);
        }
        lks_truth_free(&truth);
    }
    free(found.pairs);
    lks_near_result_free(&result);
}

#endif
