/* recruitment_answers.c - which posts answer which call
 *
 * Every (object, call) is a naming with a window that ends early where the next call names the same
 * object, so that a post answers one call for one object. Namings lie by object and time; the
 * events of an object lie in order of time, so that a naming's answers are one stretch of them. */
#include <stdlib.h>

#include "signal/recruitment_inside.h"

int lks_kind_is_choice(uint8_t kind)
{
    return kind == LKS_OBJECT_URL || kind == LKS_OBJECT_REPLY || kind == LKS_OBJECT_REPOST ||
           kind == LKS_OBJECT_TEXT || kind == LKS_OBJECT_NEAR_TEXT || kind == LKS_OBJECT_MEDIA;
}

/* ---- posts that can be answers ---- */

struct timed_post {
    int64_t time_us;
    uint32_t post;
};

static int timed_order(const void *a, const void *b)
{
    const struct timed_post *x = a, *y = b;
    if (x->time_us != y->time_us)
        return x->time_us < y->time_us ? -1 : 1;
    return (x->post > y->post) - (x->post < y->post);
}

static void posts_by_account(const struct lks_events *events, struct lks_answer_posts *posts)
{
    size_t *first = posts->own_first;
    for (size_t i = 0; i < posts->count; i++)
        first[events->post_account[posts->post[i]] + 2]++;
    for (uint32_t a = 0; a < events->accounts_count; a++)
        first[a + 2] += first[a + 1];
    for (size_t i = 0; i < posts->count; i++)
        posts->own_time_us[first[events->post_account[posts->post[i]] + 1]++] = posts->time_us[i];
}

int lks_answer_posts_make(const struct lks_recruitment_input *input, struct lks_answer_posts *posts,
                          struct lks_error *err)
{
    const struct lks_events *events = input->events;
    size_t room = (size_t)events->posts_count + 1;
    struct timed_post *timed = malloc(room * sizeof *timed);
    *posts = (struct lks_answer_posts){
        .post = malloc(room * sizeof *posts->post),
        .time_us = malloc(room * sizeof *posts->time_us),
        .own_time_us = malloc(room * sizeof *posts->own_time_us),
        .own_first = calloc((size_t)events->accounts_count + 3, sizeof *posts->own_first),
        .object_first = calloc((size_t)events->objects_count + 2, sizeof *posts->object_first)};
    if (!timed || !posts->post || !posts->time_us || !posts->own_time_us || !posts->own_first ||
        !posts->object_first) {
        free(timed);
        return lks_error_set(err, LKS_EMEMORY, "out of memory for the answers to calls");
    }
    for (uint32_t p = 0; p < events->posts_count; p++)
        if (!input->account_left[events->post_account[p]])
            timed[posts->count++] = (struct timed_post){events->post_time_us[p], p};
    qsort(timed, posts->count, sizeof *timed, timed_order);
    for (size_t i = 0; i < posts->count; i++) {
        posts->post[i] = timed[i].post;
        posts->time_us[i] = timed[i].time_us;
    }
    free(timed);
    posts_by_account(events, posts);
    for (size_t i = 0; i < events->count; i++)
        posts->object_first[events->object[i] + 1]++;
    for (uint32_t o = 0; o < events->objects_count; o++)
        posts->object_first[o + 1] += posts->object_first[o];
    return 0;
}

void lks_answer_posts_free(struct lks_answer_posts *posts)
{
    free(posts->post);
    free(posts->time_us);
    free(posts->own_time_us);
    free(posts->own_first);
    free(posts->object_first);
}

/* ---- namings and answers ---- */

static int naming_order(const void *a, const void *b)
{
    const struct lks_naming *x = a, *y = b;
    if (x->object != y->object)
        return x->object < y->object ? -1 : 1;
    if (x->from_us != y->from_us)
        return x->from_us < y->from_us ? -1 : 1;
    return (x->call > y->call) - (x->call < y->call);
}

static int namings_make(const struct lks_recruitment_input *input, const struct lks_call *calls,
                        int64_t window_us, struct lks_answers *answers, struct lks_error *err)
{
    size_t count = 0;
    for (size_t c = 0; c < input->calls_count; c++)
        count += calls[c].things_count;
    answers->namings = malloc((count + 1) * sizeof *answers->namings);
    if (!answers->namings)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for %zu things named", count);
    for (size_t c = 0; c < input->calls_count; c++)
        for (uint32_t i = 0; i < calls[c].things_count; i++)
            answers->namings[answers->namings_count++] =
                (struct lks_naming){input->things[calls[c].first + i], (uint32_t)c,
                                    calls[c].time_us, calls[c].time_us + window_us};
    qsort(answers->namings, count, sizeof *answers->namings, naming_order);
    for (size_t i = 0; i + 1 < count; i++) {
        struct lks_naming *naming = &answers->namings[i], *next = naming + 1;
        if (next->object == naming->object && next->from_us < naming->to_us)
            naming->to_us = next->from_us;
    }
    return 0;
}

size_t lks_answers_end(const struct lks_answers *answers, size_t call, size_t at)
{
    while (at < answers->count && answers->answers[at].call == call)
        at++;
    return at;
}

int lks_answer_by_account(const void *a, const void *b)
{
    const struct lks_answer *x = a, *y = b;
    if (x->account != y->account)
        return x->account < y->account ? -1 : 1;
    return (x->post > y->post) - (x->post < y->post);
}

static int answer_order(const void *a, const void *b)
{
    const struct lks_answer *x = a, *y = b;
    if (x->call != y->call)
        return x->call < y->call ? -1 : 1;
    return (x->post > y->post) - (x->post < y->post);
}

/* One post may meet a call by several objects: it is one answer, by choice if any of them is. */
static void answers_merge(struct lks_answers *answers)
{
    size_t kept = 0;
    qsort(answers->answers, answers->count, sizeof *answers->answers, answer_order);
    for (size_t i = 0; i < answers->count; i++) {
        if (kept && answer_order(&answers->answers[kept - 1], &answers->answers[i]) == 0)
            answers->answers[kept - 1].is_choice |= answers->answers[i].is_choice;
        else
            answers->answers[kept++] = answers->answers[i];
    }
    answers->count = kept;
}

int lks_answers_find(const struct lks_recruitment_input *input, const struct lks_call *calls,
                     int64_t window_us, const struct lks_answer_posts *posts,
                     struct lks_answers *answers, struct lks_error *err)
{
    const struct lks_events *events = input->events;
    size_t room = 0;
    *answers = (struct lks_answers){0};
    int code = namings_make(input, calls, window_us, answers, err);
    for (int pass = 0; code == 0 && pass < 2; pass++) { /* count, then fill */
        for (size_t i = 0; i < answers->namings_count; i++) {
            const struct lks_naming *naming = &answers->namings[i];
            size_t first = posts->object_first[naming->object];
            size_t own = posts->object_first[naming->object + 1] - first;
            size_t from = lks_times_up_to(events->time_us + first, own, naming->from_us);
            size_t to = lks_times_up_to(events->time_us + first, own, naming->to_us);
            for (size_t e = first + from; e < first + to; e++) {
                if (input->account_left[events->account[e]])
                    continue;
                if (pass == 0)
                    room++;
                else
                    answers->answers[answers->count++] = (struct lks_answer){
                        naming->call, events->post[e], events->account[e],
                        (uint8_t)lks_kind_is_choice(events->object_kind[naming->object]),
                        events->time_us[e] - naming->from_us};
            }
        }
        if (pass == 0 && !(answers->answers = malloc((room + 1) * sizeof *answers->answers)))
            code = lks_error_set(err, LKS_EMEMORY, "out of memory for %zu answers", room);
    }
    if (code == 0)
        answers_merge(answers);
    return code;
}

void lks_answers_free(struct lks_answers *answers)
{
    free(answers->namings);
    free(answers->answers);
    *answers = (struct lks_answers){0};
}

uint32_t lks_posts_before(const struct lks_recruitment_input *input,
                          const struct lks_answer_posts *posts, const struct lks_call *call,
                          int64_t window_us, int choice_only, uint32_t *stamp, uint32_t mark)
{
    const struct lks_events *events = input->events;
    uint32_t count = 0;
    for (uint32_t i = 0; i < call->things_count; i++) {
        uint32_t object = input->things[call->first + i];
        if (choice_only && !lks_kind_is_choice(events->object_kind[object]))
            continue;
        size_t first = posts->object_first[object];
        size_t own = posts->object_first[object + 1] - first;
        size_t from = lks_times_up_to(events->time_us + first, own, call->time_us - window_us - 1);
        size_t to = lks_times_up_to(events->time_us + first, own, call->time_us - 1);
        for (size_t e = first + from; e < first + to; e++) {
            if (input->account_left[events->account[e]] || stamp[events->post[e]] == mark)
                continue;
            stamp[events->post[e]] = mark;
            count++;
        }
    }
    return count;
}
