/* relay_run.c - a run's posts and uses in order */
#include <stdlib.h>
#include <string.h>

#include "signal/relay_inside.h"

struct placed {
    int64_t time_us;
    uint32_t post;
};

static int placed_order(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;
    if (x->time_us != y->time_us)
        return x->time_us < y->time_us ? -1 : 1;
    return (x->post > y->post) - (x->post < y->post);
}

static int use_order(const void *a, const void *b)
{
    const struct lks_relay_use *x = a, *y = b;
    if (x->term != y->term)
        return x->term < y->term ? -1 : 1;
    return (x->post > y->post) - (x->post < y->post);
}

static void uses_index(struct lks_relay_run *run)
{
    size_t *first = run->own_first;
    for (size_t u = 0; u < run->uses_count; u++)
        first[run->uses[u].post + 2]++;
    for (size_t p = 0; p < run->count; p++)
        first[p + 2] += first[p + 1];
    for (size_t u = 0; u < run->uses_count; u++)
        run->own[first[run->uses[u].post + 1]++] = u;
}

static int posts_place(struct lks_relay_run *run, const int64_t *shift_us, struct lks_error *err)
{
    const struct lks_relay_input *input = run->input;
    struct placed *placed = malloc((run->count + 1) * sizeof *placed);
    uint32_t *now = malloc((run->count + 1) * sizeof *now); /* of the input's post */
    int code = placed && now ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory for messages");
    for (size_t p = 0; code == 0 && p < run->count; p++)
        placed[p] = (struct placed){
            input->post_time_us[p] + (shift_us ? shift_us[input->post_place[p]] : 0), (uint32_t)p};
    if (code == 0 && shift_us)
        qsort(placed, run->count, sizeof *placed, placed_order);
    for (size_t p = 0; code == 0 && p < run->count; p++) {
        run->time_us[p] = placed[p].time_us;
        run->origin[p] = placed[p].post;
        run->place[p] = input->post_place[placed[p].post];
        run->is_call[p] = input->post_is_call[placed[p].post];
        now[placed[p].post] = (uint32_t)p;
        if (run->first_us[run->place[p]] > run->time_us[p])
            run->first_us[run->place[p]] = run->time_us[p];
    }
    for (size_t u = 0; code == 0 && u < run->uses_count; u++)
        run->uses[u] = (struct lks_relay_use){input->uses[u].term, now[input->uses[u].post]};
    if (code == 0 && shift_us)
        qsort(run->uses, run->uses_count, sizeof *run->uses, use_order);
    free(placed);
    free(now);
    return code;
}

int lks_relay_run_make(struct lks_relay_run *run, const struct lks_relay_input *input,
                       const struct lks_relay_options *options, const int64_t *shift_us,
                       struct lks_error *err)
{
    size_t posts = input->posts_count + 1, places = (size_t)input->places_count + 1;
    *run = (struct lks_relay_run){.input = input,
                                  .options = options,
                                  .count = input->posts_count,
                                  .time_us = malloc(posts * sizeof *run->time_us),
                                  .place = malloc(posts * sizeof *run->place),
                                  .is_call = malloc(posts),
                                  .origin = malloc(posts * sizeof *run->origin),
                                  .own_first = calloc(posts + 2, sizeof *run->own_first),
                                  .own = malloc((input->uses_count + 1) * sizeof *run->own),
                                  .uses = malloc((input->uses_count + 1) * sizeof *run->uses),
                                  .uses_count = input->uses_count,
                                  .first_us = malloc(places * sizeof *run->first_us),
                                  .stamp = calloc(places, sizeof *run->stamp),
                                  .places = malloc(places * sizeof *run->places),
                                  .seen = calloc(places, sizeof *run->seen)};
    if (!run->time_us || !run->place || !run->is_call || !run->origin || !run->own_first ||
        !run->own || !run->uses || !run->first_us || !run->stamp || !run->places || !run->seen)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for %zu messages", posts - 1);
    for (size_t i = 0; i < places; i++)
        run->first_us[i] = INT64_MAX;
    int code = posts_place(run, shift_us, err);
    if (code == 0)
        uses_index(run);
    return code;
}

void lks_relay_run_free(struct lks_relay_run *run)
{
    free(run->time_us);
    free(run->place);
    free(run->is_call);
    free(run->origin);
    free(run->own_first);
    free(run->own);
    free(run->uses);
    free(run->first_us);
    free(run->stamp);
    free(run->places);
    free(run->seen);
    *run = (struct lks_relay_run){0};
}

uint32_t lks_relay_mark(struct lks_relay_run *run)
{
    if (++run->mark == 0) {
        memset(run->stamp, 0, run->input->places_count * sizeof *run->stamp);
        run->mark = 1;
    }
    return run->mark;
}
