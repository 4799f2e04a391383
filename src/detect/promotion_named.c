/* promotion_named.c - beneficiaries that are named beneath posts, if not in them */
#include <stdlib.h>

#include "detect/promotion_parts.h"
#include "signal/comment_names.h"

enum { DRAWS = 4999, POSTS_MOST = 2000000 };

struct answers {
    struct lks_promoting *promoting;
    struct lks_terms terms;
    struct lks_buffer scratch;
    uint32_t *at;    /* [count] into the own posts, by (account, post) */
    uint32_t *posts; /* [count] their post indexes */
    size_t count;
    uint32_t *answerers; /* [count] distinct accounts */
    uint32_t *naming;    /* [beneficiaries x count] */
    uint32_t *stamp;     /* [accounts] 1 + the last post it answered */
    uint64_t *said;      /* [accounts] what it named there */
};

static int out_of_memory(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "out of memory for comments");
}

static size_t beneficiaries_count(const struct lks_promoting *promoting)
{
    size_t count = promoting->settings->beneficiaries_count;
    return count < LKS_BENEFICIARIES_MAX ? count : LKS_BENEFICIARIES_MAX;
}

static int own_order(const void *a, const void *b, void *context)
{
    const struct lks_own_post *posts = context;
    const struct lks_own_post *x = &posts[*(const uint32_t *)a], *y = &posts[*(const uint32_t *)b];
    if (x->account != y->account)
        return x->account < y->account ? -1 : 1;
    return (x->post > y->post) - (x->post < y->post);
}

/* All own posts of the accounts that have a promoted one. */
static int posts_choose(struct answers *answers)
{
    struct lks_promoting *promoting = answers->promoting;
    struct lks_own_posts *own = &promoting->own;
    uint8_t *chosen = calloc((size_t)promoting->events->accounts_count + 1, 1);
    answers->at = malloc((own->count + 1) * sizeof *answers->at);
    answers->posts = malloc((own->count + 1) * sizeof *answers->posts);
    if (!chosen || !answers->at || !answers->posts || own->count > UINT32_MAX) {
        free(chosen);
        return LKS_EMEMORY;
    }
    for (size_t i = 0; i < own->count; i++)
        chosen[own->posts[i].account] |= own->posts[i].promoted;
    for (size_t i = 0; i < own->count; i++)
        if (chosen[own->posts[i].account] && answers->count < POSTS_MOST)
            answers->at[answers->count++] = (uint32_t)i;
    free(chosen);
    qsort_r(answers->at, answers->count, sizeof *answers->at, own_order, own->posts);
    for (size_t i = 0; i < answers->count; i++)
        answers->posts[i] = own->posts[answers->at[i]].post;
    return 0;
}

static void name_found(void *context, const struct lks_term *term)
{
    *(uint64_t *)context |= UINT64_C(1) << term->group;
}

/* Answers come post by post: an account counts once under each. */
static int answer_take(void *context, uint32_t place, uint32_t comment_index,
                       uint32_t account_index, struct lks_str text, struct lks_error *err)
{
    struct answers *answers = context;
    uint64_t named = 0;
    (void)comment_index;
    if (answers->promoting->events->post_account[answers->posts[place]] == account_index)
        return 0; /* their own */
    if (lks_terms_match(&answers->terms, text, &answers->scratch, name_found, &named) < 0)
        return out_of_memory(err);
    if (answers->stamp[account_index] != place + 1) {
        answers->stamp[account_index] = place + 1;
        answers->said[account_index] = 0;
        answers->answerers[place]++;
    }
    named &= ~answers->said[account_index];
    answers->said[account_index] |= named;
    for (size_t b = 0; named >> b && b < LKS_BENEFICIARIES_MAX; b++)
        answers->naming[b * answers->count + place] += named >> b & 1;
    return 0;
}

static int named_one(struct answers *answers, size_t number, struct lks_answered_post *posts,
                     struct lks_error *err)
{
    struct lks_promoting *promoting = answers->promoting;
    struct lks_result_named *to = &promoting->results->named[number];
    struct lks_comment_names found;
    size_t count = 0;
    *to = (struct lks_result_named){
        .beneficiary = lks_arena_str(&promoting->results->arena,
                                     promoting->settings->beneficiaries[number].name)};
    if (!to->beneficiary.data)
        return out_of_memory(err);
    for (size_t i = 0; i < answers->count; i++) {
        const struct lks_own_post *post = &promoting->own.posts[answers->at[i]];
        to->posts_count += post->promoted;
        to->posts_naming += post->promoted && (post->named >> number & 1);
        if (answers->answerers[i])
            posts[count++] = (struct lks_answered_post){
                post->account, answers->answerers[i], answers->naming[number * answers->count + i],
                post->promoted};
    }
    int code =
        lks_comment_names_test(posts, count, DRAWS, promoting->results->seed + number, &found, err);
    to->answered_promoted = (uint32_t)found.marked_count;
    to->answered_other = (uint32_t)found.other_count;
    to->comments_promoted = (uint32_t)found.marked_answerers;
    to->naming_promoted = (uint32_t)found.marked_naming;
    to->comments_other = (uint32_t)found.other_answerers;
    to->naming_other = (uint32_t)found.other_naming;
    to->expected = found.expected;
    to->p_value = found.p_value;
    return code;
}

static int named_all(struct answers *answers, struct lks_error *err)
{
    struct lks_promoting *promoting = answers->promoting;
    size_t names = beneficiaries_count(promoting);
    struct lks_answered_post *posts = malloc((answers->count + 1) * sizeof *posts);
    promoting->results->named =
        lks_arena_calloc(&promoting->results->arena, names + 1, sizeof *promoting->results->named);
    int code = posts && promoting->results->named ? 0 : out_of_memory(err);
    for (size_t b = 0; code == 0 && b < names; b++)
        code = named_one(answers, b, posts, err);
    if (code == 0)
        promoting->results->named_count = (uint32_t)names;
    free(posts);
    return code;
}

/* Beneficiaries named beneath an account's promoted posts. */
static void said_beneath(struct answers *answers)
{
    for (size_t i = 0; i < answers->count; i++) {
        struct lks_own_post *post = &answers->promoting->own.posts[answers->at[i]];
        for (size_t b = 0; post->promoted && b < beneficiaries_count(answers->promoting); b++)
            if (answers->naming[b * answers->count + i])
                post->named_beneath |= UINT64_C(1) << b;
    }
}

int lks_named_fill(struct lks_promoting *promoting, struct lks_error *err)
{
    struct answers answers = {.promoting = promoting};
    size_t names = beneficiaries_count(promoting);
    size_t accounts = (size_t)promoting->events->accounts_count + 1;
    if (!names)
        return 0;
    int code = lks_beneficiary_terms(promoting->settings, &answers.terms);
    if (code == 0)
        code = posts_choose(&answers);
    answers.answerers = calloc(answers.count + 1, sizeof *answers.answerers);
    answers.naming = calloc(names * answers.count + 1, sizeof *answers.naming);
    answers.stamp = calloc(accounts, sizeof *answers.stamp);
    answers.said = calloc(accounts, sizeof *answers.said);
    if (code || !answers.answerers || !answers.naming || !answers.stamp || !answers.said)
        code = out_of_memory(err);
    if (code == 0)
        code = lks_store_comments(promoting->store, answers.posts, answers.count, answer_take,
                                  &answers, err);
    if (code == 0)
        code = named_all(&answers, err);
    if (code == 0)
        said_beneath(&answers);
    lks_terms_free(&answers.terms);
    lks_buffer_free(&answers.scratch);
    free(answers.at);
    free(answers.posts);
    free(answers.answerers);
    free(answers.naming);
    free(answers.stamp);
    free(answers.said);
    return code;
}
