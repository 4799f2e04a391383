/* recruitment_channel.c - whose calls a responder answers most */
#include <stdlib.h>

#include "signal/recruitment_inside.h"

/* An answered call of a responder. */
struct heard {
    uint32_t responder, channel, call;
};

static int heard_order(const void *left, const void *right)
{
    const struct heard *x = left, *y = right;
    if (x->responder != y->responder)
        return x->responder < y->responder ? -1 : 1;
    if (x->channel != y->channel)
        return x->channel < y->channel ? -1 : 1;
    return (x->call > y->call) - (x->call < y->call);
}

/* The channel with the most distinct calls among the rows of one responder; of several the first. */
static uint32_t channel_most(const struct heard *rows, size_t count)
{
    uint32_t best = UINT32_MAX, most = 0, calls = 0;
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || rows[i].channel != rows[i - 1].channel)
            calls = 0;
        calls += calls == 0 || rows[i].call != rows[i - 1].call;
        if (calls > most) {
            most = calls;
            best = rows[i].channel;
        }
    }
    return best;
}

int lks_responders_channel(const struct lks_recruitment_input *input,
                           const struct lks_answers *answers, struct lks_responder *responders,
                           size_t count, struct lks_error *err)
{
    uint32_t accounts = input->events->accounts_count;
    uint32_t *place = malloc(((size_t)accounts + 1) * sizeof *place);
    struct heard *rows = malloc((answers->count + 1) * sizeof *rows);
    size_t kept = 0;
    if (!place || !rows) {
        free(place);
        free(rows);
        return lks_error_set(err, LKS_EMEMORY, "out of memory for channels");
    }
    for (uint32_t a = 0; a < accounts; a++)
        place[a] = UINT32_MAX;
    for (size_t i = 0; i < count; i++) {
        responders[i].channel = UINT32_MAX;
        place[responders[i].account] = (uint32_t)i;
    }
    for (size_t i = 0; i < answers->count; i++) {
        const struct lks_answer *answer = &answers->answers[i];
        if (place[answer->account] != UINT32_MAX)
            rows[kept++] = (struct heard){place[answer->account],
                                          input->calls[answer->call].account, answer->call};
    }
    if (kept)
        qsort(rows, kept, sizeof *rows, heard_order);
    for (size_t first = 0, end; first < kept; first = end) {
        for (end = first; end < kept && rows[end].responder == rows[first].responder;)
            end++;
        responders[rows[first].responder].channel = channel_most(rows + first, end - first);
    }
    free(place);
    free(rows);
    return 0;
}
