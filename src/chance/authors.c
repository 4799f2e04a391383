/* authors.c - who posted what, and shuffled copies of it
 *
 * A copy keeps all that was laid out of the posts and changes their authors alone. What a
 * scan needs of the authors is made in one pass over the posts and one over the events:
 * 12 bytes a post, 4 an object and 4 an account. */
#include "chance/authors.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

int lks_chance_authors_new(const struct lks_chance *chance, struct lks_chance_authors **authors_out,
                           struct lks_error *err)
{
    const struct lks_events *events = chance->events;
    struct lks_chance_authors *authors = *authors_out = calloc(1, sizeof *authors);
    if (!authors)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    authors->chance = chance;
    int rc = lks_budget_array(chance->budget, &authors->place_author, events->posts_count, 4, err);
    lks_chance_array(chance->budget, &authors->place_rank, events->posts_count, 4, &rc, err);
    lks_chance_array(chance->budget, &authors->account_place, events->posts_count, 4, &rc, err);
    lks_chance_array(chance->budget, &authors->users, events->objects_count, 4, &rc, err);
    lks_chance_array(chance->budget, &authors->fill, events->accounts_count, 4, &rc, err);
    return rc;
}

void lks_chance_authors_free(struct lks_chance_authors *authors)
{
    if (!authors)
        return;
    struct lks_budget *budget = authors->chance->budget;
    const struct lks_events *events = authors->chance->events;
    lks_budget_free(budget, authors->place_author, events->posts_count, 4);
    lks_budget_free(budget, authors->place_rank, events->posts_count, 4);
    lks_budget_free(budget, authors->account_place, events->posts_count, 4);
    lks_budget_free(budget, authors->users, events->objects_count, 4);
    lks_budget_free(budget, authors->fill, events->accounts_count, 4);
    free(authors);
}

void lks_chance_authors_set(struct lks_chance_authors *authors, const uint32_t *post_account)
{
    const struct lks_chance *chance = authors->chance;
    const struct lks_events *events = chance->events;
    const uint32_t *first = chance->account_first;
    uint32_t *fill = authors->fill;
    enum { AHEAD = 16 };
    memset(fill, 0, (size_t)events->accounts_count * 4);
    for (uint32_t i = 0; i < events->posts_count; i++) {
        uint32_t a = post_account[chance->stratum_post[i]];
        if (i + AHEAD < events->posts_count)
            lks_chance_fetch(&post_account[chance->stratum_post[i + AHEAD]]);
        authors->place_author[i] = chance->account_order[a];
        authors->place_rank[i] = fill[a]++;
        LKS_ASSERT(authors->place_rank[i] < first[a + 1] - first[a]);
        authors->account_place[first[a] + authors->place_rank[i]] = i;
    }
    memset(authors->users, 0, (size_t)events->objects_count * 4);
    memset(fill, 0xff, (size_t)events->accounts_count * 4);
    for (size_t i = 0; i < events->count; i++) {
        uint32_t o = events->object[i], a = post_account[events->post[i]];
        if (i + AHEAD < events->count)
            lks_chance_fetch(&post_account[events->post[i + AHEAD]]);
        authors->users[o] += fill[a] != o;
        fill[a] = o;
    }
}

void lks_chance_shuffle(const struct lks_chance *chance, uint64_t seed, uint64_t copy_index,
                        uint32_t *post_account_out)
{
    const uint32_t *real = chance->events->post_account;
    struct lks_rng rng;
    lks_rng_init(&rng, seed, copy_index);
    for (uint32_t p = 0; p < chance->events->posts_count; p++)
        post_account_out[p] = real[p];
    for (uint32_t h = 0; h < chance->strata_count; h++) {
        const uint32_t *post = chance->stratum_post + chance->stratum_first[h];
        uint32_t count = chance->stratum_first[h + 1] - chance->stratum_first[h];
        for (uint32_t i = count; i > 1; i--) {
            uint32_t j = (uint32_t)lks_rng_below(&rng, i);
            uint32_t account = post_account_out[post[i - 1]];
            post_account_out[post[i - 1]] = post_account_out[post[j]];
            post_account_out[post[j]] = account;
        }
    }
}

int lks_chance_shuffle_others(const struct lks_chance *chance, uint64_t seed, uint64_t copy_index,
                              const uint8_t *held, uint32_t *post_account_out,
                              struct lks_error *err)
{
    const uint32_t *real = chance->events->post_account;
    uint32_t most = 1;
    for (uint32_t h = 0; h < chance->strata_count; h++) {
        uint32_t count = chance->stratum_first[h + 1] - chance->stratum_first[h];
        most = count > most ? count : most;
    }
    uint32_t *loose = malloc((size_t)most * sizeof *loose);
    if (!loose)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for shuffled copies");
    struct lks_rng rng;
    lks_rng_init(&rng, seed, copy_index);
    for (uint32_t p = 0; p < chance->events->posts_count; p++)
        post_account_out[p] = real[p];
    for (uint32_t h = 0; h < chance->strata_count; h++) {
        uint32_t count = 0;
        for (uint32_t i = chance->stratum_first[h]; i < chance->stratum_first[h + 1]; i++) {
            loose[count] = chance->stratum_post[i];
            count += !held[real[chance->stratum_post[i]]];
        }
        for (uint32_t i = count; i > 1; i--) {
            uint32_t j = (uint32_t)lks_rng_below(&rng, i);
            uint32_t account = post_account_out[loose[i - 1]];
            post_account_out[loose[i - 1]] = post_account_out[loose[j]];
            post_account_out[loose[j]] = account;
        }
    }
    free(loose);
    return 0;
}
