/* near_clusters.c - components of near texts: who belongs together, and what stands for them
 *
 * A cluster is a connected component with two texts at least. Its variants are its forms, the texts
 * of one form in one cluster; the representative is the variant with most texts, of those the
 * earliest. Each variant's similarity to the representative is computed exactly; it may fall
 * below the threshold, since a component is a chain: a is near b, b near c. */
#include <stdlib.h>

#include "text/near_parts.h"

enum { VARIANTS_PER_TASK = 2048, START_AHEAD = 16, KEYS_AHEAD = 8, FEW_VARIANTS = 8 };

struct clustering {
    struct lks_near *near;
    const struct lks_near_records *records;
    struct lks_near_result *result;
    uint32_t *root_cluster; /* [records] at a root: its cluster, or LKS_NEAR_NONE */
    uint32_t *root_texts;   /* [records] at a root: texts of the component */
    uint64_t *keys;         /* [members_count] cluster << 32 | form */
    uint32_t *members;      /* [members_count] records in clusters, sorted by those keys */
    size_t members_count;
};

uint32_t lks_near_shared(const struct lks_near *near, uint32_t a, uint32_t b)
{
    const uint64_t *x = near->shingles + near->form_start[a];
    const uint64_t *y = near->shingles + near->form_start[b];
    uint32_t x_size = lks_near_form_size(near, a), y_size = lks_near_form_size(near, b);
    uint32_t i = 0, j = 0, shared = 0;
    while (i < x_size && j < y_size) {
        uint64_t left = x[i], right = y[j];
        shared += left == right;
        i += left <= right;
        j += right <= left;
    }
    return shared;
}

uint32_t lks_near_form_shared(const struct lks_near *near, uint32_t form_a, uint32_t form_b,
                              uint32_t *either_out)
{
    LKS_ASSERT(near->joined && form_a < near->forms_count && form_b < near->forms_count);
    uint32_t shared = lks_near_shared(near, form_a, form_b);
    *either_out = lks_near_form_size(near, form_a) + lks_near_form_size(near, form_b) - shared;
    return shared;
}

static uint32_t first_text(const struct lks_near_records *records, uint32_t record)
{
    return records->text_order[records->first[record]];
}

/* Counts texts by component and numbers the components of two and more, by their roots. */
static void components_count(struct clustering *work)
{
    const struct lks_near_records *records = work->records;
    uint32_t clusters = 0;
    for (uint32_t r = 0; r < records->count; r++) {
        records->parent[r] = lks_near_find(records->parent, r);
        work->root_cluster[r] = LKS_NEAR_NONE;
        work->root_texts[records->parent[r]] += records->texts[r];
    }
    for (uint32_t r = 0; r < records->count; r++)
        if (records->parent[r] == r && work->root_texts[r] >= 2)
            work->root_cluster[r] = clusters++;
    for (uint32_t r = 0; r < records->count; r++)
        work->members_count += work->root_cluster[records->parent[r]] != LKS_NEAR_NONE;
    work->result->clusters_count = clusters;
}

/* Fills counts and times of the clusters, in the order of their roots. */
static void clusters_measure(struct clustering *work)
{
    const struct lks_near_records *records = work->records;
    const int64_t *time_us = work->near->text_time_us;
    for (uint32_t r = 0; r < records->count; r++) {
        uint32_t index = work->root_cluster[records->parent[r]];
        if (index == LKS_NEAR_NONE)
            continue;
        struct lks_near_cluster *cluster = &work->result->clusters[index];
        uint32_t first = first_text(records, r);
        int64_t first_us = time_us[first];
        int64_t last_us = time_us[records->text_order[records->first[r] + records->texts[r] - 1]];
        if (!cluster->texts_count || first_us < cluster->first_us ||
            (first_us == cluster->first_us && first < cluster->variants_first)) {
            cluster->first_us = first_us;
            cluster->variants_first = first; /* for the order only: the earliest text */
        }
        if (!cluster->texts_count || last_us > cluster->last_us)
            cluster->last_us = last_us;
        cluster->texts_count += records->texts[r];
    }
}

/* Most texts first, then the earliest: three stable sorts, the last by what counts most. */
static int clusters_order(struct clustering *work, uint32_t *order, uint32_t count,
                          struct lks_error *err)
{
    const struct lks_near_cluster *clusters = work->result->clusters;
    struct lks_budget *budget = &work->near->budget;
    uint64_t *keys = NULL;
    int code = lks_budget_array(budget, &keys, count, sizeof *keys, err);
    for (uint32_t i = 0; code == 0 && i < count; i++) {
        order[i] = i;
        keys[i] = clusters[i].variants_first;
    }
    if (code == 0)
        code = lks_near_radix(budget, keys, order, count, err);
    for (uint32_t i = 0; code == 0 && i < count; i++)
        keys[i] = (uint64_t)clusters[order[i]].first_us ^ UINT64_C(1) << 63;
    if (code == 0)
        code = lks_near_radix(budget, keys, order, count, err);
    for (uint32_t i = 0; code == 0 && i < count; i++)
        keys[i] = UINT64_MAX - clusters[order[i]].texts_count;
    if (code == 0)
        code = lks_near_radix(budget, keys, order, count, err);
    if (keys)
        lks_budget_free(budget, keys, count, sizeof *keys);
    return code;
}

/* Puts the clusters into order, with root_cluster following. */
static int clusters_sort(struct clustering *work, struct lks_error *err)
{
    struct lks_budget *budget = &work->near->budget;
    uint32_t count = work->result->clusters_count, *order = NULL, *place = NULL;
    struct lks_near_cluster *sorted = NULL;
    int code = lks_budget_array(budget, &order, count, sizeof *order, err);
    if (code == 0)
        code = lks_budget_array(budget, &place, count, sizeof *place, err);
    if (code == 0)
        code = lks_budget_array(budget, &sorted, count, sizeof *sorted, err);
    if (code == 0)
        code = clusters_order(work, order, count, err);
    if (code == 0) {
        for (uint32_t i = 0; i < count; i++) {
            sorted[i] = work->result->clusters[order[i]];
            place[order[i]] = i;
        }
        for (uint32_t r = 0; r < work->records->count; r++)
            if (work->root_cluster[r] != LKS_NEAR_NONE)
                work->root_cluster[r] = place[work->root_cluster[r]];
        lks_budget_free(budget, work->result->clusters, count, sizeof *sorted);
        work->result->clusters = sorted;
    } else if (sorted) {
        lks_budget_free(budget, sorted, count, sizeof *sorted);
    }
    if (order)
        lks_budget_free(budget, order, count, sizeof *order);
    if (place)
        lks_budget_free(budget, place, count, sizeof *place);
    return code;
}

static int members_sort(struct clustering *work, struct lks_error *err)
{
    const struct lks_near_records *records = work->records;
    struct lks_budget *budget = &work->near->budget;
    size_t count = 0;
    int code = lks_budget_array(budget, &work->keys, work->members_count, sizeof *work->keys, err);
    if (code == 0)
        code = lks_budget_array(budget, &work->members, work->members_count, sizeof *work->members,
                                err);
    for (uint32_t r = 0; code == 0 && r < records->count; r++) {
        uint32_t cluster = work->root_cluster[records->parent[r]];
        if (cluster == LKS_NEAR_NONE)
            continue;
        work->keys[count] = (uint64_t)cluster << 32 | records->form[r];
        work->members[count++] = r;
    }
    return code ? code : lks_near_radix(budget, work->keys, work->members, count, err);
}

/* One variant for each cluster and form; members of one stand together. Records of one form
 * rise in time, so that the first has the earliest text. */
static int variants_make(struct clustering *work, struct lks_error *err)
{
    struct lks_near_result *result = work->result;
    const struct lks_near_records *records = work->records;
    uint32_t count = 0;
    for (size_t i = 0; i < work->members_count; i++)
        count += i == 0 || work->keys[i] != work->keys[i - 1];
    int code = lks_budget_array(&work->near->budget, &result->variants, count,
                                sizeof *result->variants, err);
    if (code < 0)
        return code;
    result->variants_count = count;
    count = 0;
    for (size_t i = 0; i < work->members_count; i++) {
        uint32_t record = work->members[i];
        if (i == 0 || work->keys[i] != work->keys[i - 1])
            result->variants[count++] = (struct lks_near_variant){
                .cluster = (uint32_t)(work->keys[i] >> 32),
                .form = (uint32_t)work->keys[i],
                .first_text = first_text(records, record),
                .shared = record, /* until shared_known */
            };
        result->variants[count - 1].texts_count += records->texts[record];
    }
    return 0;
}

/* Within a cluster most texts first, then the earliest. */
static int compare_variants(const void *left, const void *right, void *context)
{
    const struct lks_near *near = context;
    const struct lks_near_variant *a = left, *b = right;
    if (a->texts_count != b->texts_count)
        return a->texts_count > b->texts_count ? -1 : 1;
    int64_t a_us = near->text_time_us[a->first_text], b_us = near->text_time_us[b->first_text];
    if (a_us != b_us)
        return a_us < b_us ? -1 : 1;
    return a->first_text < b->first_text ? -1 : a->first_text > b->first_text;
}

/* Most clusters have two or three: no sort to call for. */
static void few_sort(struct lks_near_variant *variants, size_t count, struct lks_near *near)
{
    for (size_t i = 1; i < count; i++) {
        struct lks_near_variant variant = variants[i];
        size_t at = i;
        for (; at > 0 && compare_variants(&variant, &variants[at - 1], near) < 0; at--)
            variants[at] = variants[at - 1];
        variants[at] = variant;
    }
}

/* Most variants were compared with their representative in the join: what they share is taken from there, and 0
 * left where it is not known. */
static void shared_known(const struct lks_near_records *records, struct lks_near_variant *variants,
                         size_t count)
{
    uint32_t head = variants[0].shared;
    variants[0].shared = 0;
    for (size_t i = 1; i < count; i++) {
        uint32_t record = variants[i].shared;
        const struct lks_near_met *met = &records->met[record], *back = &records->met[head];
        variants[i].shared = met->shared && met->record == head       ? met->shared
                             : back->shared && back->record == record ? back->shared
                                                                      : 0;
    }
}

static void variants_sort(struct clustering *work)
{
    struct lks_near_result *result = work->result;
    for (uint32_t at = 0, end; at < result->variants_count; at = end) {
        struct lks_near_cluster *cluster = &result->clusters[result->variants[at].cluster];
        for (end = at + 1; end < result->variants_count &&
                           result->variants[end].cluster == result->variants[at].cluster;)
            end++;
        cluster->variants_first = at;
        cluster->variants_count = end - at;
        if (end - at <= FEW_VARIANTS)
            few_sort(result->variants + at, end - at, work->near);
        else
            qsort_r(result->variants + at, end - at, sizeof *result->variants, compare_variants,
                    work->near);
        shared_known(work->records, result->variants + at, end - at);
    }
}

/* Whether a variant is still to be compared with the first of its cluster. */
static inline int is_unknown(const struct lks_near_result *result, size_t variant)
{
    const struct lks_near_variant *one = &result->variants[variant];
    return !one->shared && result->clusters[one->cluster].variants_first != variant;
}

/* Variants stand by cluster and forms by first appearance, so that each would wait for memory twice. */
static void variant_prefetch(const struct clustering *work, size_t variant, size_t end)
{
    const struct lks_near *near = work->near;
    const struct lks_near_variant *variants = work->result->variants;
    if (end - variant <= START_AHEAD)
        return;
    __builtin_prefetch(&near->form_start[variants[variant + START_AHEAD].form]);
    if (is_unknown(work->result, variant + KEYS_AHEAD)) {
        const uint64_t *keys =
            near->shingles + near->form_start[variants[variant + KEYS_AHEAD].form];
        for (unsigned line = 0; line < 4; line++)
            __builtin_prefetch(keys + 8 * line);
    }
}

static int similarity_task(void *context, size_t index, unsigned worker, struct lks_error *err)
{
    struct clustering *work = context;
    struct lks_near_result *result = work->result;
    size_t first = index * VARIANTS_PER_TASK, end = first + VARIANTS_PER_TASK;
    (void)worker;
    if (lks_cancelled(work->near->control))
        return lks_error_set(err, LKS_ECANCELLED, "stopped");
    if (end > result->variants_count)
        end = result->variants_count;
    for (size_t i = first; i < end; i++) {
        struct lks_near_variant *variant = &result->variants[i];
        variant_prefetch(work, i, end);
        uint32_t head = result->variants[result->clusters[variant->cluster].variants_first].form;
        if (is_unknown(result, i))
            variant->shared = lks_near_shared(work->near, head, variant->form);
        else if (head == variant->form)
            variant->shared = lks_near_form_size(work->near, head);
        variant->either = lks_near_form_size(work->near, head) +
                          lks_near_form_size(work->near, variant->form) - variant->shared;
    }
    return 0;
}

/* Says for every text in which variant it is. The members' keys tell cluster and form; a
 * form's variant in a cluster is found through the order of the keys. */
static int texts_fill(struct clustering *work, struct lks_error *err)
{
    struct lks_near *near = work->near;
    struct lks_near_result *result = work->result;
    uint64_t *keys = NULL;
    uint32_t *indexes = NULL, count = result->variants_count;
    int code = lks_budget_array(&near->budget, &result->text_variant, near->texts_count,
                                sizeof *result->text_variant, err);
    if (code == 0)
        code = lks_budget_array(&near->budget, &keys, count, sizeof *keys, err);
    if (code == 0)
        code = lks_budget_array(&near->budget, &indexes, count, sizeof *indexes, err);
    for (uint32_t i = 0; code == 0 && i < count; i++) {
        keys[i] = (uint64_t)result->variants[i].cluster << 32 | result->variants[i].form;
        indexes[i] = i;
    }
    if (code == 0)
        code = lks_near_radix(&near->budget, keys, indexes, count, err);
    for (uint32_t i = 0; code == 0 && i < near->texts_count; i++)
        result->text_variant[i] = LKS_NEAR_NONE;
    uint32_t at = 0;
    for (size_t i = 0; code == 0 && i < work->members_count; i++) {
        const struct lks_near_records *records = work->records;
        uint32_t record = work->members[i];
        at += keys[at] != work->keys[i];
        for (uint32_t j = 0; j < records->texts[record]; j++)
            result->text_variant[records->text_order[records->first[record] + j]] = indexes[at];
    }
    if (keys)
        lks_budget_free(&near->budget, keys, count, sizeof *keys);
    if (indexes)
        lks_budget_free(&near->budget, indexes, count, sizeof *indexes);
    return code;
}

static void clustering_free(struct clustering *work)
{
    struct lks_budget *budget = &work->near->budget;
    uint64_t now = atomic_load(&budget->used_bytes);
    if (work->near->counts.memory_peak_bytes < now)
        work->near->counts.memory_peak_bytes = now;
    if (work->root_cluster)
        lks_budget_free(budget, work->root_cluster, work->records->count,
                        sizeof *work->root_cluster);
    if (work->root_texts)
        lks_budget_free(budget, work->root_texts, work->records->count, sizeof *work->root_texts);
    if (work->keys)
        lks_budget_free(budget, work->keys, work->members_count, sizeof *work->keys);
    if (work->members)
        lks_budget_free(budget, work->members, work->members_count, sizeof *work->members);
}

int lks_near_clusters(struct lks_near *near, const struct lks_near_records *records,
                      struct lks_near_result *result, struct lks_error *err)
{
    struct clustering work = {.near = near, .records = records, .result = result};
    struct lks_budget *budget = &near->budget;
    int code = lks_budget_array(budget, &work.root_cluster, records->count,
                                sizeof *work.root_cluster, err);
    if (code == 0)
        code = lks_budget_array(budget, &work.root_texts, records->count, sizeof *work.root_texts,
                                err);
    if (code == 0) {
        components_count(&work);
        code = lks_budget_array(budget, &result->clusters, result->clusters_count,
                                sizeof *result->clusters, err);
    }
    if (code == 0) {
        clusters_measure(&work);
        code = clusters_sort(&work, err);
    }
    if (code == 0)
        code = members_sort(&work, err);
    if (code == 0)
        code = variants_make(&work, err);
    if (code == 0) {
        variants_sort(&work);
        code = lks_threads_run(near->threads,
                               ((size_t)result->variants_count + VARIANTS_PER_TASK - 1) /
                                   VARIANTS_PER_TASK,
                               similarity_task, &work, err);
    }
    if (code == 0)
        code = texts_fill(&work, err);
    if (code == 0) {
        result->text_form = near->text_form;
        near->text_form = NULL;
    }
    clustering_free(&work);
    return code;
}
