/* swarm.c - who copies under the posts of strangers again and again
 *
 * A comment is a copy if another account wrote the same (near-duplicate texts count as the same)
 * under the same post. Crowds copy too: a giveaway asks for a sentence, a joke goes round. So the
 * chance of copying belongs to the post: it is taken from those of its commenters who copied
 * under no other author, the ordinary ones, one added to both counts, the account itself left
 * out. Under a giveaway they copy as well, and nothing is odd about it; under a post that a
 * swarm came to they do not.
 *
 * The account's number of authors under whose posts it copied is then a sum of independent
 * yes-or-no draws, one an author, with a known mean; its upper tail by Hoeffding's bound of 1956
 * (stat/tail.h). Posts of one author count once, so that a community around one creator has
 * nothing to repeat; authors that the data do not have count as one for the same reason.
 *
 * Layout: comments sorted by (target, text, account) give the marks of copies; then one act an
 * account and target, by account for the test and by target for the ordinary ones' shares and for
 * the floods. Reach (followers, views) enters nowhere. */
#include "signal/swarm.h"

#include <math.h>
#include <stdlib.h>

#include "base/threads.h"
#include "signal/swarm_inside.h"
#include "stat/multiple.h"
#include "stat/tail.h"

struct lks_swarm_options lks_swarm_options_default(void)
{
    return (struct lks_swarm_options){.level = 0.05,
                                      .authors_min = 3,
                                      .copiers_min = 10,
                                      .named_min = 5,
                                      .burst_us = 10 * LKS_MINUTE_US,
                                      .cluster_level = 0.01};
}

/* ---- comments to acts ---- */

struct comment {
    uint32_t target, text, account;
    uint8_t copied;
    int64_t time_us;
};

static int text_order(const void *a, const void *b)
{
    const struct comment *x = a, *y = b;
    if (x->target != y->target)
        return x->target < y->target ? -1 : 1;
    if (x->text != y->text)
        return x->text < y->text ? -1 : 1;
    return (x->account > y->account) - (x->account < y->account);
}

static int account_order(const void *a, const void *b)
{
    const struct comment *x = a, *y = b;
    if (x->target != y->target)
        return x->target < y->target ? -1 : 1;
    if (x->account != y->account)
        return x->account < y->account ? -1 : 1;
    if (x->copied != y->copied)
        return x->copied ? -1 : 1;
    return (x->time_us > y->time_us) - (x->time_us < y->time_us);
}

int lks_swarm_by_target(const void *a, const void *b)
{
    const struct lks_swarm_act *x = a, *y = b;
    if (x->target != y->target)
        return x->target < y->target ? -1 : 1;
    if (x->time_us != y->time_us)
        return x->time_us < y->time_us ? -1 : 1;
    return (x->account > y->account) - (x->account < y->account);
}

int lks_swarm_by_account(const void *a, const void *b)
{
    const struct lks_swarm_act *x = a, *y = b;
    if (x->account != y->account)
        return x->account < y->account ? -1 : 1;
    if (x->author != y->author)
        return x->author < y->author ? -1 : 1;
    return (x->target > y->target) - (x->target < y->target);
}

/* Marks each comment whose text another account wrote under the same target. */
static uint64_t copies_mark(struct comment *comments, size_t count)
{
    uint64_t copies = 0;
    qsort(comments, count, sizeof *comments, text_order);
    for (size_t first = 0, end; first < count; first = end) {
        for (end = first; end < count && comments[end].target == comments[first].target &&
                          comments[end].text == comments[first].text;)
            end++;
        if (comments[first].text == LKS_SWARM_NONE ||
            comments[first].account == comments[end - 1].account)
            continue;
        for (size_t i = first; i < end; i++)
            comments[i].copied = 1;
        copies += end - first;
    }
    return copies;
}

static int acts_make(struct lks_swarm_work *work, struct lks_error *err)
{
    const struct lks_swarm_input *input = work->input;
    struct comment *comments = malloc((input->comments_count + 1) * sizeof *comments);
    size_t count = 0;
    if (!comments)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for %zu comments",
                             input->comments_count);
    for (size_t i = 0; i < input->comments_count; i++) {
        uint32_t target = input->comment_target[i], author = input->target_author[target];
        if (author == input->comment_account[i])
            continue;
        work->result->unknown_comments += author == LKS_SWARM_NONE;
        comments[count++] =
            (struct comment){target, input->comment_text[i], input->comment_account[i], 0,
                             input->comment_time_us[i]};
    }
    work->result->comments_count = count;
    work->result->copies_count = copies_mark(comments, count);
    qsort(comments, count, sizeof *comments, account_order);
    work->acts = malloc((count + 1) * sizeof *work->acts);
    if (!work->acts) {
        free(comments);
        return lks_error_set(err, LKS_EMEMORY, "out of memory for %zu comments", count);
    }
    for (size_t i = 0; i < count; i++) {
        const struct comment *comment = &comments[i];
        struct lks_swarm_act *last = work->acts_count ? &work->acts[work->acts_count - 1] : NULL;
        if (last && last->target == comment->target && last->account == comment->account) {
            last->comments++;
            continue;
        }
        uint32_t author = input->target_author[comment->target];
        work->acts[work->acts_count++] =
            (struct lks_swarm_act){comment->account,
                                   comment->target,
                                   author == LKS_SWARM_NONE ? input->accounts_count : author,
                                   1,
                                   comment->copied,
                                   0,
                                   0,
                                   0,
                                   comment->time_us};
    }
    free(comments);
    return 0;
}

/* ---- accounts ---- */

/* Authors under whose posts the acts first..end-1, of one account, lie; and where it copied. */
static void authors_count(const struct lks_swarm_act *acts, size_t first, size_t end,
                          struct lks_swarmer *swarmer)
{
    for (size_t i = first, next; i < end; i = next) {
        int copied = 0;
        for (next = i; next < end && acts[next].author == acts[i].author; next++) {
            copied |= acts[next].copied;
            swarmer->comments += acts[next].comments;
        }
        swarmer->authors++;
        swarmer->copied += (uint32_t)copied;
    }
}

/* Whether the account of these acts copied under an author other than each act's own, and whether it
 * commented under more of that author's posts. */
static void elsewhere_mark(struct lks_swarm_act *acts, size_t first, size_t end, uint32_t copied)
{
    for (size_t i = first, next; i < end; i = next) {
        uint32_t here = 0;
        for (next = i; next < end && acts[next].author == acts[i].author; next++)
            here |= acts[next].copied;
        for (size_t k = i; k < next; k++) {
            acts[k].elsewhere = copied > here;
            acts[k].regular = next - i > 1;
        }
    }
}

/* Per target the ordinary commenters, and those of them who copied. */
struct ordinary {
    uint32_t all, copied;
};

/* The mean of the number of authors under whom the account would copy by chance. */
static double expected_make(const struct lks_swarm_act *acts, size_t first, size_t end,
                            const struct ordinary *ordinary)
{
    double expected = 0;
    for (size_t i = first, next; i < end; i = next) {
        double none = 1;
        for (next = i; next < end && acts[next].author == acts[i].author; next++) {
            const struct ordinary *there = &ordinary[acts[next].target];
            uint32_t self = !acts[next].elsewhere;
            uint32_t all = there->all - self, copied = there->copied - (self & acts[next].copied);
            none *= 1 - (1.0 + copied) / (1.0 + all);
        }
        expected += 1 - none;
    }
    return expected;
}

static int accounts_test(struct lks_swarm_work *work, struct ordinary *ordinary,
                         struct lks_error *err)
{
    struct lks_swarm_act *acts = work->acts;
    struct lks_swarm *result = work->result;
    size_t count = work->acts_count, capacity = 0;
    for (size_t i = 0; i < count; i++)
        if (!acts[i].elsewhere) {
            ordinary[acts[i].target].all++;
            ordinary[acts[i].target].copied += acts[i].copied;
        }
    for (size_t i = 0; i < count; i++)
        capacity += i == 0 || acts[i].account != acts[i - 1].account;
    result->swarmers = calloc(capacity + 1, sizeof *result->swarmers);
    if (!result->swarmers)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for %zu accounts", capacity);
    for (size_t first = 0, end; first < count; first = end) {
        struct lks_swarmer swarmer = {
            .account = acts[first].account, .cluster = LKS_SWARM_NONE, .latency_median_us = -1};
        for (end = first; end < count && acts[end].account == acts[first].account;)
            end++;
        authors_count(acts, first, end, &swarmer);
        if (swarmer.authors < 2)
            continue; /* nothing to repeat */
        swarmer.expected = expected_make(acts, first, end, ordinary);
        swarmer.log10_p =
            lks_hoeffding_tail_log(swarmer.copied, swarmer.authors, swarmer.expected) / log(10);
        result->swarmers[result->swarmers_count++] = swarmer;
    }
    result->tested_count = result->swarmers_count;
    return 0;
}

/* Keeps the accounts that the test names. */
static int accounts_select(struct lks_swarm_work *work, struct lks_error *err)
{
    struct lks_swarm *result = work->result;
    size_t count = result->swarmers_count, kept = 0;
    double *log10_p = malloc((count + 1) * sizeof *log10_p);
    double *q = malloc((count + 1) * sizeof *q);
    int code = log10_p && q ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory");
    for (size_t i = 0; code == 0 && i < count; i++)
        log10_p[i] = result->swarmers[i].log10_p;
    if (code == 0)
        code = lks_bh_adjust(log10_p, count, result->tested_count, q, err);
    for (size_t i = 0; code == 0 && i < count; i++) {
        result->swarmers[i].q_value = q[i];
        if (q[i] <= work->options->level &&
            result->swarmers[i].copied >= work->options->authors_min)
            result->swarmers[kept++] = result->swarmers[i];
    }
    result->swarmers_count = code ? 0 : kept;
    free(log10_p);
    free(q);
    return code;
}

/* Acts by account: marks those of named accounts, and finds these accounts' median latency. */
static int named_mark(struct lks_swarm_work *work, struct lks_error *err)
{
    struct lks_swarm *result = work->result;
    int64_t *latency_us = malloc((work->acts_count + 1) * sizeof *latency_us);
    if (!latency_us)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    for (size_t i = 0, s = 0; s < result->swarmers_count; s++) {
        size_t known = 0;
        while (work->acts[i].account < result->swarmers[s].account)
            i++;
        for (; i < work->acts_count && work->acts[i].account == result->swarmers[s].account; i++) {
            int64_t time_us = work->input->target_time_us[work->acts[i].target];
            work->acts[i].named = 1;
            if (work->acts[i].copied && time_us != LKS_TIME_NULL &&
                time_us <= work->acts[i].time_us)
                latency_us[known++] = work->acts[i].time_us - time_us;
        }
        if (known)
            result->swarmers[s].latency_median_us = lks_median(latency_us, known);
    }
    free(latency_us);
    return 0;
}

static int accounts_find(struct lks_swarm_work *work, struct lks_error *err)
{
    struct ordinary *ordinary = calloc((size_t)work->input->targets_count + 1, sizeof *ordinary);
    if (!ordinary)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for %u posts",
                             work->input->targets_count);
    qsort(work->acts, work->acts_count, sizeof *work->acts, lks_swarm_by_account);
    for (size_t first = 0, end; first < work->acts_count; first = end) {
        struct lks_swarmer swarmer = {0};
        for (end = first;
             end < work->acts_count && work->acts[end].account == work->acts[first].account;)
            end++;
        authors_count(work->acts, first, end, &swarmer);
        elsewhere_mark(work->acts, first, end, swarmer.copied);
    }
    int code = accounts_test(work, ordinary, err);
    free(ordinary);
    if (code == 0)
        code = accounts_select(work, err);
    return code ? code : named_mark(work, err);
}

int lks_swarm_run(const struct lks_swarm_input *input, const struct lks_swarm_options *options,
                  const struct lks_control *control, struct lks_swarm *result_out,
                  struct lks_error *err)
{
    struct lks_swarm_work work = {input, options, control, NULL, 0, NULL, result_out};
    *result_out = (struct lks_swarm){0};
    work.target_first = calloc((size_t)input->targets_count + 2, sizeof *work.target_first);
    int code = work.target_first ? acts_make(&work, err)
                                 : lks_error_set(err, LKS_EMEMORY, "out of memory");
    if (code == 0)
        code = accounts_find(&work, err);
    if (code == 0 && lks_cancelled(control))
        code = lks_error_set(err, LKS_ECANCELLED, "stopped");
    if (code == 0) {
        qsort(work.acts, work.acts_count, sizeof *work.acts, lks_swarm_by_target);
        for (size_t i = 0; i < work.acts_count; i++)
            work.target_first[work.acts[i].target + 1]++;
        for (uint32_t t = 0; t < input->targets_count; t++)
            work.target_first[t + 1] += work.target_first[t];
        code = lks_swarm_floods(&work, err);
    }
    if (code == 0)
        code = lks_swarm_clusters(&work, err);
    free(work.acts);
    free(work.target_first);
    if (code)
        lks_swarm_free(result_out);
    return code;
}

void lks_swarm_free(struct lks_swarm *result)
{
    if (!result)
        return;
    free(result->swarmers);
    free(result->floods);
    free(result->clusters);
    *result = (struct lks_swarm){0};
}
