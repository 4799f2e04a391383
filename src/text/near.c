/* near.c - collecting texts as sets of shingles; equal sets are one form
 *
 * Texts come in batches. Worker threads cut them into shingles; then, in the order of the texts,
 * each set is looked up by a 128-bit sum over its hashes, which does not depend on their
 * order. A set that is there already costs nothing further: equal texts, of which campaigns
 * and chatter are full, are found in linear time and never meet the join. */
#include "text/near.h"

#include <stdlib.h>
#include <time.h>

#include "text/near_index.h"
#include "text/shingle.h"

enum {
    TASK_TEXTS = 256,
    TASK_BYTES = 64 * 1024,
    WAVE_TASKS =
        64, /* at most; a few for each thread, so that what they leave is still in the caches when it is taken */
    WAVE_TASKS_PER_THREAD = 8,
    SLOTS_AHEAD = 16, /* sets */
    APART =
        128, /* what two workers write lies so many bytes apart, or their caches contend for lines */
    TEXTS_MAX = INT32_MAX
};
#define TIME_MAX_US (INT64_C(1) << 60)

struct lks_near_options lks_near_options_default(void)
{
    return (struct lks_near_options){.threshold = 0.8, .window_us = -1, .pairs_per_form_max = 1000};
}

int lks_near_options_check(const struct lks_near_options *options, struct lks_error *err)
{
    if (!(options->threshold > 0 && options->threshold <= 1))
        return lks_error_set(err, LKS_EARGUMENT, "the threshold is above 0 and at most 1");
    if ((unsigned)options->shingle > LKS_NEAR_CHARS)
        return lks_error_set(err, LKS_EARGUMENT, "no such way to cut texts");
    if (options->window_us > TIME_MAX_US)
        return lks_error_set(err, LKS_EARGUMENT, "the window is too long");
    return 0;
}

double lks_near_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int lks_near_new(const struct lks_near_options *options, const struct lks_control *control,
                 struct lks_near **near_out, struct lks_error *err)
{
    *near_out = NULL;
    int code = lks_near_options_check(options, err);
    if (code < 0)
        return code;
    struct lks_near *near = calloc(1, sizeof *near);
    if (!near)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    near->options = *options;
    near->control = control;
    near->kernels = lks_near_kernels_at(0);
    near->threads = lks_threads_count(control);
    lks_budget_init(&near->budget, control ? control->memory_bytes : 0, "comparing texts");
    *near_out = near;
    return 0;
}

/* ---- the parallel part: texts to sets ---- */

struct task {
    _Alignas(APART) size_t first; /* texts of the batch */
    size_t end;
    uint64_t *hashes;
    size_t hashes_count, hashes_capacity;
    uint32_t *sizes; /* [end - first] */
    struct lks_near_digest *digests;
};

struct worker {
    _Alignas(APART) struct lks_shingler shingler;
};

struct wave {
    struct lks_near *near;
    const struct lks_str *texts;
    struct task tasks[WAVE_TASKS];
    size_t tasks_count, tasks_max;
    struct worker *workers; /* [threads] */
};

static struct lks_near_digest digest_of(const uint64_t *hashes, size_t count)
{
    struct lks_near_digest digest = {.low = count, .high = 0};
    for (size_t i = 0; i < count; i++) {
        uint64_t mixed = hashes[i] * UINT64_C(0x9e3779b97f4a7c15);
        mixed = (mixed ^ mixed >> 32) * UINT64_C(0xd6e8feb86659fd93);
        digest.low += hashes[i];
        digest.high += mixed ^ mixed >> 32;
    }
    return digest;
}

static int task_run(void *context, size_t index, unsigned worker, struct lks_error *err)
{
    struct wave *wave = context;
    struct task *task = &wave->tasks[index];
    struct lks_near *near = wave->near;
    struct lks_shingler *shingler = &wave->workers[worker].shingler;
    if (lks_cancelled(near->control))
        return lks_error_set(err, LKS_ECANCELLED, "stopped");
    task->hashes_count = 0;
    for (size_t i = task->first; i < task->end; i++) {
        if (lks_shingle(shingler, wave->texts[i], &near->options) < 0)
            return lks_error_set(err, LKS_EMEMORY, "out of memory for a text");
        size_t count = shingler->count;
        if (task->hashes_count + count > task->hashes_capacity) {
            int code = lks_budget_grow(&near->budget, &task->hashes, &task->hashes_capacity,
                                       task->hashes_count + count, sizeof *task->hashes, err);
            if (code < 0)
                return code;
        }
        if (count)
            memcpy(task->hashes + task->hashes_count, shingler->hashes,
                   count * sizeof *task->hashes);
        task->hashes_count += count;
        task->sizes[i - task->first] = (uint32_t)count; /* a text has 4 GB at most, see add */
        task->digests[i - task->first] = digest_of(shingler->hashes, count);
    }
    return 0;
}

/* ---- the part in order: sets to forms ---- */

static int slots_grow(struct lks_near *near, struct lks_error *err)
{
    size_t capacity = near->slots_capacity ? near->slots_capacity * 2 : 1024;
    uint32_t *slots = NULL;
    int code = lks_budget_array(&near->budget, &slots, capacity, sizeof *slots, err);
    if (code < 0)
        return code;
    for (uint32_t form = 0; form < near->forms_count; form++) {
        if (near->forms_count - form > SLOTS_AHEAD)
            __builtin_prefetch(&slots[near->digests[form + SLOTS_AHEAD].high & (capacity - 1)], 1);
        size_t place = near->digests[form].high & (capacity - 1);
        while (slots[place])
            place = (place + 1) & (capacity - 1);
        slots[place] = form + 1;
    }
    lks_budget_free(&near->budget, near->slots, near->slots_capacity, sizeof *slots);
    near->slots = slots;
    near->slots_capacity = capacity;
    return 0;
}

/* Room for what the texts to come will need if they are like those before: arrays that grow step by step are
 * copied, and every new page of them is cleared. Nothing is reserved where memory is scarce. */
static int forms_reserve(struct lks_near *near, size_t texts_to_come, struct lks_error *err)
{
    struct lks_budget *budget = &near->budget;
    double more = 1.02 * (double)texts_to_come / (near->texts_count ? near->texts_count : 1);
    size_t shingles = near->shingles_count + (size_t)((double)near->shingles_count * more);
    size_t forms = near->forms_count + (size_t)((double)near->forms_count * more) + 2;
    if (lks_budget_left(budget) / 4 <
        shingles * sizeof *near->shingles +
            forms * (sizeof *near->form_start + sizeof *near->digests))
        return 0;
    int code = lks_budget_grow(budget, &near->shingles, &near->shingles_capacity, shingles,
                               sizeof *near->shingles, err);
    if (code == 0)
        code = lks_budget_grow(budget, &near->form_start, &near->form_start_capacity, forms,
                               sizeof *near->form_start, err);
    if (code == 0)
        code = lks_budget_grow(budget, &near->form_first, &near->form_first_capacity, forms,
                               sizeof *near->form_first, err);
    if (code == 0)
        code = lks_budget_grow(budget, &near->digests, &near->digests_capacity, forms,
                               sizeof *near->digests, err);
    return code;
}

static int form_new(struct lks_near *near, const uint64_t *hashes, uint32_t size,
                    const struct lks_near_digest *digest, uint32_t text, struct lks_error *err)
{
    struct lks_budget *budget = &near->budget;
    size_t forms = (size_t)near->forms_count;
    int code = 0;
    if (near->shingles_count + size > near->shingles_capacity)
        code = lks_budget_grow(budget, &near->shingles, &near->shingles_capacity,
                               near->shingles_count + size, sizeof *near->shingles, err);
    if (code == 0 && forms + 2 > near->form_start_capacity)
        code = lks_budget_grow(budget, &near->form_start, &near->form_start_capacity, forms + 2,
                               sizeof *near->form_start, err);
    if (code == 0 && forms + 1 > near->form_first_capacity)
        code = lks_budget_grow(budget, &near->form_first, &near->form_first_capacity, forms + 1,
                               sizeof *near->form_first, err);
    if (code == 0 && forms + 1 > near->digests_capacity)
        code = lks_budget_grow(budget, &near->digests, &near->digests_capacity, forms + 1,
                               sizeof *near->digests, err);
    if (code < 0)
        return code;
    memcpy(near->shingles + near->shingles_count, hashes, size * sizeof *hashes);
    near->form_start[forms] = near->shingles_count;
    near->shingles_count += size;
    near->form_start[forms + 1] = near->shingles_count;
    near->form_first[forms] = text;
    near->digests[forms] = *digest;
    near->forms_count++;
    if (near->form_size_most < size)
        near->form_size_most = size;
    return 0;
}

/* The form of a set, made when it is new. */
static int form_of(struct lks_near *near, const uint64_t *hashes, uint32_t size,
                   const struct lks_near_digest *digest, uint32_t text, uint32_t *form_out,
                   struct lks_error *err)
{
    if ((size_t)near->forms_count * 2 >= near->slots_capacity) {
        int code = slots_grow(near, err);
        if (code < 0)
            return code;
    }
    size_t mask = near->slots_capacity - 1, place = digest->high & mask;
    for (; near->slots[place]; place = (place + 1) & mask) {
        const struct lks_near_digest *there = &near->digests[near->slots[place] - 1];
        if (there->low == digest->low && there->high == digest->high) {
            *form_out = near->slots[place] - 1;
            return 0;
        }
    }
    *form_out = near->forms_count;
    int code = form_new(near, hashes, size, digest, text, err);
    if (code == 0)
        near->slots[place] = near->forms_count;
    return code;
}

static int task_take(struct lks_near *near, const struct task *task, const int64_t *times_us,
                     struct lks_error *err)
{
    const uint64_t *hashes = task->hashes;
    for (size_t i = 0; i < task->end - task->first; i++) {
        uint32_t text = near->texts_count, form = LKS_NEAR_NONE;
        int code = 0;
        if (near->slots && i + SLOTS_AHEAD < task->end - task->first)
            __builtin_prefetch(
                &near->slots[task->digests[i + SLOTS_AHEAD].high & (near->slots_capacity - 1)]);
        if (task->sizes[i])
            code = form_of(near, hashes, task->sizes[i], &task->digests[i], text, &form, err);
        if (code < 0)
            return code;
        if (task->sizes[i]) /* a task of empty texts has no array */
            hashes += task->sizes[i];
        near->text_form[text] = form;
        near->text_time_us[text] = times_us ? times_us[task->first + i] : 0;
        near->counts.texts_empty += form == LKS_NEAR_NONE;
        near->texts_count++;
    }
    return 0;
}

/* Cuts the batch from *next on into tasks of a bounded number of texts and bytes. */
static void wave_cut(struct wave *wave, size_t *next, size_t count)
{
    wave->tasks_count = 0;
    while (wave->tasks_count < wave->tasks_max && *next < count) {
        struct task *task = &wave->tasks[wave->tasks_count++];
        size_t bytes = 0;
        task->first = *next;
        while (*next < count && *next - task->first < TASK_TEXTS && bytes < TASK_BYTES)
            bytes += wave->texts[(*next)++].size_bytes;
        task->end = *next;
    }
}

static int wave_alloc(struct wave *wave, struct lks_error *err)
{
    size_t size_bytes = wave->near->threads * sizeof *wave->workers;
    wave->workers = aligned_alloc(APART, size_bytes);
    int failed = !wave->workers;
    if (wave->workers)
        memset(wave->workers, 0, size_bytes);
    for (size_t i = 0; i < wave->tasks_max; i++) {
        struct task *task = &wave->tasks[i];
        task->sizes = calloc(TASK_TEXTS, sizeof *task->sizes);
        task->digests = calloc(TASK_TEXTS, sizeof *task->digests);
        failed |= !task->sizes || !task->digests;
    }
    return failed ? lks_error_set(err, LKS_EMEMORY, "out of memory") : 0;
}

static void wave_free(struct wave *wave)
{
    for (size_t i = 0; i < WAVE_TASKS; i++) {
        struct task *task = &wave->tasks[i];
        lks_budget_free(&wave->near->budget, task->hashes, task->hashes_capacity,
                        sizeof *task->hashes);
        free(task->sizes);
        free(task->digests);
    }
    for (unsigned i = 0; wave->workers && i < wave->near->threads; i++)
        lks_shingler_free(&wave->workers[i].shingler);
    free(wave->workers);
}

static int batch_check(const struct lks_near *near, const struct lks_str *texts,
                       const int64_t *times_us, size_t count, struct lks_error *err)
{
    LKS_ASSERT(!near->joined);
    if (count > (size_t)TEXTS_MAX - near->texts_count)
        return lks_error_set(err, LKS_EARGUMENT, "more than 2^31 texts");
    for (size_t i = 0; i < count; i++) {
        if (texts[i].size_bytes > UINT32_MAX / 4)
            return lks_error_set(err, LKS_EARGUMENT, "a text is longer than 1 GB");
        if (times_us && (times_us[i] < -TIME_MAX_US || times_us[i] > TIME_MAX_US))
            return lks_error_set(err, LKS_EARGUMENT, "a time is out of range");
    }
    return 0;
}

int lks_near_add(struct lks_near *near, const struct lks_str *texts, const int64_t *times_us,
                 size_t count, struct lks_error *err)
{
    struct wave wave = {.near = near, .texts = texts, .tasks_max = 1};
    if (near->threads > 1) /* one alone takes each task as it comes */
        wave.tasks_max = near->threads < WAVE_TASKS / WAVE_TASKS_PER_THREAD
                             ? (size_t)near->threads * WAVE_TASKS_PER_THREAD
                             : WAVE_TASKS;
    double start = lks_near_clock();
    size_t next = 0;
    if (!count)
        return 0;
    int code = batch_check(near, texts, times_us, count, err);
    if (code == 0)
        code = lks_budget_grow(&near->budget, &near->text_form, &near->text_form_capacity,
                               near->texts_count + count, sizeof *near->text_form, err);
    if (code == 0)
        code = lks_budget_grow(&near->budget, &near->text_time_us, &near->text_time_capacity,
                               near->texts_count + count, sizeof *near->text_time_us, err);
    if (code == 0)
        code = wave_alloc(&wave, err);
    for (size_t done = 0; code == 0 && next < count; done++) {
        wave_cut(&wave, &next, count);
        code = lks_threads_run(near->threads, wave.tasks_count, task_run, &wave, err);
        for (size_t i = 0; code == 0 && i < wave.tasks_count; i++)
            code = task_take(near, &wave.tasks[i], times_us, err);
        if (code == 0 && done == 0 && next < count)
            code = forms_reserve(near, count - next, err);
    }
    wave_free(&wave);
    near->counts.add_seconds += lks_near_clock() - start;
    return code;
}

/* ---- the whole ---- */

static void join_start(struct lks_near *near)
{
    LKS_ASSERT(!near->joined);
    near->joined = 1;
    near->counts.texts = near->texts_count;
    near->counts.forms = near->forms_count;
    near->counts.shingles = near->shingles_count;
    lks_budget_free(&near->budget, near->slots, near->slots_capacity, sizeof *near->slots);
    lks_budget_free(&near->budget, near->digests, near->digests_capacity, sizeof *near->digests);
    near->slots = NULL;
    near->digests = NULL;
    near->slots_capacity = near->digests_capacity = 0;
}

/* The time since *start, which is then now. */
static void phase_end(double *seconds, double *start)
{
    double now = lks_near_clock();
    *seconds = now - *start;
    *start = now;
}

int lks_near_join(struct lks_near *near,
                  int (*pair)(void *context, const struct lks_near_pair *pair), void *context,
                  struct lks_near_result *result, struct lks_error *err)
{
    struct lks_near_records records = {0};
    struct lks_near_prefixes prefixes = {0};
    struct lks_near_index index = {0};
    struct lks_near_bounds bounds;
    struct lks_near_counts *counts = &near->counts;
    double start = lks_near_clock();
    *result = (struct lks_near_result){0};
    join_start(near);
    lks_near_bounds_init(&bounds, near->options.threshold);
    int code = lks_near_order(near, &bounds, &prefixes, err);
    if (code == 0)
        code = lks_near_records_make(near, &records, err);
    phase_end(&counts->order_seconds, &start);
    if (code == 0)
        code = lks_near_index_make(near, &records, &bounds, &prefixes, &index, err);
    lks_near_prefixes_free(near, &prefixes);
    if (code == 0)
        code = lks_near_pairs(near, &bounds, &index, &records, pair, context, err);
    lks_near_index_free(near, &records, &index);
    phase_end(&counts->join_seconds, &start);
    if (code == 0)
        code = lks_near_clusters(near, &records, result, err);
    lks_near_records_free(near, &records);
    phase_end(&counts->cluster_seconds, &start);
    result->counts = near->counts;
    return code;
}

void lks_near_free(struct lks_near *near)
{
    if (!near)
        return;
    free(near->shingles);
    free(near->form_start);
    free(near->form_first);
    free(near->digests);
    free(near->slots);
    free(near->text_form);
    free(near->text_time_us);
    free(near);
}

void lks_near_result_free(struct lks_near_result *result)
{
    if (!result)
        return;
    free(result->clusters);
    free(result->variants);
    free(result->text_form);
    free(result->text_variant);
    *result = (struct lks_near_result){0};
}

int lks_near_shingles(struct lks_str text, const struct lks_near_options *options,
                      uint64_t **hashes, size_t *count, size_t *capacity)
{
    struct lks_shingler shingler = {.hashes = NULL};
    int code = lks_shingle(&shingler, text, options);
    if (code == 0 && *count + shingler.count > *capacity) {
        size_t wanted = (*count + shingler.count) * 2;
        uint64_t *grown = realloc(*hashes, wanted * sizeof *grown);
        if (grown) {
            *hashes = grown;
            *capacity = wanted;
        }
        code = grown ? 0 : LKS_EMEMORY;
    }
    if (code == 0 && shingler.count) {
        memcpy(*hashes + *count, shingler.hashes, shingler.count * sizeof **hashes);
        *count += shingler.count;
    }
    lks_shingler_free(&shingler);
    return code;
}
