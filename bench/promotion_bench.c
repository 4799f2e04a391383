/* promotion_bench.c - how long scripts are looked for in many posts, some copied by a swarm
 *
 *   promotion_bench [--tiny] [POSTS]
 *
 * Posts of twelve words by a power law over four weeks; one script that 500 accounts retell with their
 * own words, and texts that a fiftieth of all accounts copies each, every tenth with a word
 * exchanged. One thread, processor time; phrases that one account alone has are left out before,
 * as the loader does. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/rng.h"
#include "base/time.h"
#include "signal/promotion.h"

enum { POSTS = 300000, TINY = 5000, WORDS = 12, TELLERS = 500, COPIED_TEXTS = 20, OWN_WORDS = 5 };

struct made {
    struct lks_script_post *posts;
    uint64_t *phrases;
    size_t posts_count, phrases_count;
    uint32_t accounts_count;
    uint32_t *post_account;
    int64_t *post_time_us;
    uint32_t *owner; /* of phrases by hash: 1 + account, or UINT32_MAX */
    uint64_t mask;
};

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void *must(void *memory)
{
    if (!memory) {
        fputs("out of memory\n", stderr);
        exit(1);
    }
    return memory;
}

static uint64_t mix(uint64_t a, uint64_t b)
{
    uint64_t state = a * UINT64_C(0x9e3779b97f4a7c15) + b;
    return lks_splitmix64(&state);
}

static uint64_t word_draw(struct lks_rng *rng)
{
    double unit = lks_rng_unit(rng);
    return 1 + (uint64_t)(unit * unit * unit * 50000);
}

static int hash_order(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void post_add(struct made *made, uint32_t account, int64_t time_us, const uint64_t *words,
                     size_t count)
{
    struct lks_script_post *post = &made->posts[made->posts_count];
    uint64_t *to = made->phrases + made->phrases_count;
    size_t phrases = 0, kept = 0;
    *post = (struct lks_script_post){.time_us = time_us,
                                     .account = account,
                                     .post = (uint32_t)made->posts_count,
                                     .first = made->phrases_count};
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count && j <= i + 2; j++)
            to[phrases++] = mix(words[i], words[j]);
    qsort(to, phrases, sizeof *to, hash_order);
    for (size_t i = 0; i < phrases; i++)
        if (i == 0 || to[i] != to[kept - 1])
            to[kept++] = to[i];
    for (size_t i = 0; i < kept; i++) {
        uint32_t *owner = &made->owner[to[i] & made->mask];
        *owner = *owner == 0 || *owner == account + 1 ? account + 1 : UINT32_MAX;
        post->form = mix(post->form, to[i]);
    }
    post->all_count = post->count = (uint32_t)kept;
    made->post_account[made->posts_count] = account;
    made->post_time_us[made->posts_count++] = time_us;
    made->phrases_count += kept;
}

static int64_t time_draw(struct lks_rng *rng, int64_t first_day, int64_t days)
{
    return first_day * LKS_DAY_US + (int64_t)lks_rng_below(rng, (uint64_t)(days * LKS_DAY_US));
}

static void posts_make(struct made *made, size_t posts)
{
    for (size_t i = 0; i < posts; i++) {
        struct lks_rng rng, text;
        uint64_t words[WORDS + OWN_WORDS];
        size_t count = WORDS;
        lks_rng_init(&rng, 1, i);
        uint32_t account = (uint32_t)lks_rng_below(&rng, made->accounts_count);
        int64_t time_us = time_draw(&rng, 0, 28);
        size_t sort = i % 5 ? 2 : i / 5 < TELLERS ? 0 : i % 10 ? 2 : 1;
        uint64_t copied = lks_rng_below(&rng, COPIED_TEXTS);
        lks_rng_init(&text, 2, sort == 0 ? 0 : sort == 1 ? 1 + copied : 1000 + i);
        for (size_t w = 0; w < WORDS; w++)
            words[w] = word_draw(&text);
        if (sort == 0) {
            words[lks_rng_below(&rng, WORDS)] = word_draw(&rng);
            while (count < WORDS + OWN_WORDS)
                words[count++] = word_draw(&rng);
            time_us = time_draw(&rng, 10, 4);
        }
        if (sort == 1) {
            if (lks_rng_below(&rng, 10) == 0)
                words[lks_rng_below(&rng, WORDS)] = word_draw(&rng);
            time_us = time_draw(&rng, (int64_t)copied, 1);
        }
        post_add(made, account, time_us, words, count);
    }
}

static void phrases_sift(struct made *made)
{
    size_t kept = 0;
    for (size_t p = 0; p < made->posts_count; p++) {
        struct lks_script_post *post = &made->posts[p];
        size_t first = kept;
        for (uint32_t i = 0; i < post->count; i++) {
            uint64_t phrase = made->phrases[post->first + i];
            if (made->owner[phrase & made->mask] == UINT32_MAX)
                made->phrases[kept++] = phrase;
        }
        post->first = first;
        post->count = (uint32_t)(kept - first);
    }
    made->phrases_count = kept;
}

int main(int argc, char **argv)
{
    int tiny = argc > 1 && strcmp(argv[1], "--tiny") == 0;
    size_t posts = tiny ? TINY : argc > 1 ? strtoul(argv[1], NULL, 10) : POSTS;
    struct made made = {.accounts_count = (uint32_t)(posts / 4 + 10)};
    struct lks_promotion found;
    struct lks_promotion_options options = lks_promotion_options_default();
    struct lks_error err = {0};
    struct rusage usage;
    made.mask = 1;
    while (made.mask < posts * 16)
        made.mask = made.mask * 2 + 1;
    made.posts = must(calloc(posts + 1, sizeof *made.posts));
    made.phrases = must(calloc(posts * 2 * (WORDS + OWN_WORDS) + 1, sizeof *made.phrases));
    made.post_account = must(calloc(posts + 1, sizeof *made.post_account));
    made.post_time_us = must(calloc(posts + 1, sizeof *made.post_time_us));
    made.owner = must(calloc(made.mask + 1, sizeof *made.owner));
    posts_make(&made, posts);
    phrases_sift(&made);
    free(made.owner);
    struct lks_events events = {.accounts_count = made.accounts_count,
                                .posts_count = (uint32_t)made.posts_count,
                                .post_account = made.post_account,
                                .post_time_us = made.post_time_us};
    struct lks_promotion_input input = {&events, made.posts, made.posts_count, made.phrases};
    double start = cpu_seconds();
    if (lks_promotion_run(&input, &options, NULL, &found, &err) != 0) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    double seconds = cpu_seconds() - start;
    getrusage(RUSAGE_SELF, &usage);
    printf("%zu posts, %zu phrases: %zu scripts in %llu families, %llu accounts named, phrases of "
           "at most %u accounts; %.2f s, "
           "%ld MB in all\n",
           made.posts_count, made.phrases_count, found.scripts_count,
           (unsigned long long)found.families_tested, (unsigned long long)found.flagged_count,
           found.common_accounts, seconds, usage.ru_maxrss / 1024);
    lks_promotion_free(&found);
    free(made.posts);
    free(made.phrases);
    free(made.post_account);
    free(made.post_time_us);
    return 0;
}
