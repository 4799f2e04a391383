/* near_records.c - the texts of one form within one span of time, as the join's rows
 *
 * With a window W, time is cut into spans of W. Two texts of one span are less than W apart, and
 * texts further apart than W never stand in the same or in neighbouring spans; so a record is
 * joined with records of its own span and the one before. Whether two records of neighbouring spans
 * have texts within W is answered by the last time of the one and the first of the other. The
 * texts of a record are near each other (equal, and of one span): it is one node of the clusters.
 *
 * Without a window all texts of a form are one record. Records are sorted by (span, size,
 * form), as the join needs them. */
#include <stdlib.h>

#include "text/near_parts.h"

/* Rising by (time, index); equal forms stand together already. */
static int compare_times(const void *left, const void *right, void *context)
{
    const int64_t *time_us = context;
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    if (time_us[a] != time_us[b])
        return time_us[a] < time_us[b] ? -1 : 1;
    return a < b ? -1 : a > b;
}

/* Sorts texts by (form, time, index); *starts_out [forms_count + 1] is of the budget. */
static int texts_sort(struct lks_near *near, struct lks_near_records *records,
                      uint32_t **starts_out, struct lks_error *err)
{
    uint32_t *starts = NULL;
    int code = lks_budget_array(&near->budget, &starts, (size_t)near->forms_count + 1,
                                sizeof *starts, err);
    *starts_out = starts;
    if (code == 0)
        code = lks_budget_array(&near->budget, &records->text_order, near->texts_count,
                                sizeof *records->text_order, err);
    if (code < 0)
        return code;
    for (uint32_t i = 0; i < near->texts_count; i++)
        if (near->text_form[i] != LKS_NEAR_NONE)
            starts[near->text_form[i] + 1]++;
    for (uint32_t form = 0; form < near->forms_count; form++)
        starts[form + 1] += starts[form];
    records->texts_count = starts[near->forms_count];
    for (uint32_t i = near->texts_count; i-- > 0;) /* from behind: each start ends as one */
        if (near->text_form[i] != LKS_NEAR_NONE)
            records->text_order[--starts[near->text_form[i] + 1]] = i;
    /* Each entry now holds the start of its form one place too far. */
    for (uint32_t form = 0; form < near->forms_count; form++) {
        starts[form] = starts[form + 1];
        uint32_t end =
            form + 2 <= near->forms_count ? starts[form + 2] : (uint32_t)records->texts_count;
        uint32_t *texts = records->text_order + starts[form];
        size_t count = end - starts[form], in_order = 1;
        while (in_order < count &&
               near->text_time_us[texts[in_order - 1]] <= near->text_time_us[texts[in_order]])
            in_order++;
        if (in_order < count)
            qsort_r(texts, count, sizeof *texts, compare_times, near->text_time_us);
    }
    starts[near->forms_count] = (uint32_t)records->texts_count;
    return 0;
}

/* The number of the span that a time falls into, rising with time, never below 0. */
static uint64_t span_of(const struct lks_near *near, uint32_t text)
{
    int64_t window_us = near->options.window_us;
    uint64_t since = (uint64_t)near->text_time_us[text] + (UINT64_C(1) << 61);
    return since / (uint64_t)(window_us ? window_us : 1);
}

/* The texts of a form that are of one span, one after the other as records stand by form. */
struct draft {
    uint32_t *form, *first, *texts, *index;
    uint64_t *span, *key;
};

/* Cuts the texts of every form at the borders of spans; the count, or only that for a NULL
 * draft. */
static uint32_t records_cut(const struct lks_near *near, const struct lks_near_records *records,
                            const uint32_t *starts, struct draft *draft)
{
    uint32_t count = 0;
    for (uint32_t form = 0; form < near->forms_count; form++) {
        for (uint32_t at = starts[form], end; at < starts[form + 1]; at = end) {
            uint64_t span = span_of(near, records->text_order[at]);
            for (end = at + 1;
                 end < starts[form + 1] && span_of(near, records->text_order[end]) == span;)
                end++;
            if (draft) {
                draft->form[count] = form;
                draft->first[count] = at;
                draft->texts[count] = end - at;
                draft->span[count] = span;
                draft->key[count] = lks_near_form_size(near, form);
                draft->index[count] = count;
            }
            count++;
        }
    }
    return count;
}

static int records_alloc(struct lks_near *near, struct lks_near_records *records, uint32_t count,
                         struct lks_error *err)
{
    struct lks_budget *budget = &near->budget;
    uint32_t **columns[] = {&records->form, &records->size, &records->first, &records->texts,
                            &records->parent};
    int code = 0;
    records->count = count;
    for (size_t i = 0; code == 0 && i < sizeof columns / sizeof *columns; i++)
        code = lks_budget_array(budget, columns[i], count, sizeof **columns[i], err);
    if (code == 0)
        code = lks_budget_array(budget, &records->met, count, sizeof *records->met, err);
    if (code == 0 && near->options.window_us >= 0)
        code = lks_budget_array(budget, &records->span, count, sizeof *records->span, err);
    return code;
}

/* ---- without a window: a form is a record ---- */

static int records_whole(struct lks_near *near, struct lks_near_records *records,
                         const uint32_t *starts, struct lks_error *err)
{
    uint32_t forms = near->forms_count, most = near->form_size_most;
    uint32_t *next = NULL; /* by size, where the next form of it goes */
    int code = records_alloc(near, records, forms, err);
    if (code == 0)
        code = lks_budget_array(&near->budget, &next, (size_t)most + 2, sizeof *next, err);
    if (code < 0)
        return code;
    for (uint32_t form = 0; form < forms; form++)
        next[lks_near_form_size(near, form) + 1]++;
    for (uint32_t size = 0; size <= most; size++) {
        next[size + 1] += next[size];
        for (uint32_t at = next[size]; at < next[size + 1]; at++)
            records->size[at] = size;
    }
    for (uint32_t form = 0; form < forms; form++) {
        uint32_t at = next[lks_near_form_size(near, form)]++;
        records->form[at] = form;
        records->first[at] = starts[form];
        records->texts[at] = starts[form + 1] - starts[form];
        records->parent[form] = form;
    }
    lks_budget_free(&near->budget, next, (size_t)most + 2, sizeof *next);
    return 0;
}

/* ---- with a window ---- */

/* By (span, size, form): two stable sorts, the first over records that stand by form. */
static int draft_sort(struct lks_near *near, struct draft *draft, uint32_t count,
                      struct lks_error *err)
{
    int code = lks_near_radix(&near->budget, draft->key, draft->index, count, err);
    if (code < 0)
        return code;
    for (uint32_t i = 0; i < count; i++)
        draft->key[i] = draft->span[draft->index[i]];
    return lks_near_radix(&near->budget, draft->key, draft->index, count, err);
}

/* Texts of one form in neighbouring spans are a pair where they are close enough. Records of one
 * form stand in the draft one after the other; place[] says where each went. */
static void same_forms_unite(const struct lks_near *near, struct lks_near_records *records,
                             const struct draft *draft, const uint32_t *place)
{
    for (uint32_t i = 1; i < records->count; i++) {
        if (draft->form[i] != draft->form[i - 1])
            continue;
        uint32_t last = records->text_order[draft->first[i] - 1];
        uint32_t next = records->text_order[draft->first[i]];
        if (near->text_time_us[next] - near->text_time_us[last] <= near->options.window_us)
            lks_near_unite(records->parent, place[i - 1], place[i]);
    }
}

static void records_take(const struct lks_near *near, struct lks_near_records *records,
                         struct draft *draft)
{
    uint32_t *place = (uint32_t *)(void *)draft->key; /* not needed any more */
    for (uint32_t r = 0; r < records->count; r++) {
        uint32_t i = draft->index[r];
        records->form[r] = draft->form[i];
        records->size[r] = lks_near_form_size(near, draft->form[i]);
        records->first[r] = draft->first[i];
        records->texts[r] = draft->texts[i];
        records->parent[r] = r;
        records->span[r] = draft->span[i];
        place[i] = r;
    }
    same_forms_unite(near, records, draft, place);
}

static int records_spans(struct lks_near *near, struct lks_near_records *records,
                         const uint32_t *starts, struct lks_error *err)
{
    struct lks_budget *budget = &near->budget;
    struct draft draft = {0};
    uint32_t **columns[] = {&draft.form, &draft.first, &draft.texts, &draft.index};
    uint64_t **wide[] = {&draft.span, &draft.key};
    uint32_t count = records_cut(near, records, starts, NULL);
    int code = 0;
    for (size_t i = 0; code == 0 && i < sizeof columns / sizeof *columns; i++)
        code = lks_budget_array(budget, columns[i], count, sizeof **columns[i], err);
    for (size_t i = 0; code == 0 && i < sizeof wide / sizeof *wide; i++)
        code = lks_budget_array(budget, wide[i], count, sizeof **wide[i], err);
    if (code == 0) {
        records_cut(near, records, starts, &draft);
        code = draft_sort(near, &draft, count, err);
    }
    if (code == 0)
        code = records_alloc(near, records, count, err);
    if (code == 0)
        records_take(near, records, &draft);
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        lks_budget_free(budget, *columns[i], count, sizeof **columns[i]);
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        lks_budget_free(budget, *wide[i], count, sizeof **wide[i]);
    return code;
}

/* ---- the whole ---- */

int lks_near_records_make(struct lks_near *near, struct lks_near_records *records,
                          struct lks_error *err)
{
    uint32_t *starts = NULL;
    int code = texts_sort(near, records, &starts, err);
    if (code == 0)
        code = near->options.window_us < 0 ? records_whole(near, records, starts, err)
                                           : records_spans(near, records, starts, err);
    lks_budget_free(&near->budget, starts, (size_t)near->forms_count + 1, sizeof *starts);
    return code;
}

void lks_near_records_free(struct lks_near *near, struct lks_near_records *records)
{
    (void)near; /* the budget ends with the join */
    free(records->text_order);
    free(records->form);
    free(records->size);
    free(records->first);
    free(records->texts);
    free(records->span);
    free(records->parent);
    free(records->met);
    *records = (struct lks_near_records){0};
}
