/* compat_test.c - the compatibility modes against their definitions */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "coaction/compat_cnt.h"
#include "coaction/compat_coortweet.h"

enum { ROWS_MAX = 60, IDS = 8, CONTENTS = 40 };

/* ---- CooRTweet, step by step as its definition has it ---- */

struct world {
    uint32_t object[ROWS_MAX], account[ROWS_MAX], content[ROWS_MAX];
    uint8_t loop[ROWS_MAX];
    int64_t time_us[ROWS_MAX];
    size_t count;
};

static void world_random(struct world *w, struct lks_rng *rng)
{
    w->count = 1 + lks_rng_below(rng, ROWS_MAX);
    uint64_t contents = 2 + lks_rng_below(rng, CONTENTS - 2), times = 1 + lks_rng_below(rng, 40);
    for (size_t i = 0; i < w->count; i++) {
        w->object[i] = (uint32_t)lks_rng_below(rng, 4);
        w->account[i] = (uint32_t)lks_rng_below(rng, IDS);
        w->content[i] = (uint32_t)lks_rng_below(rng, contents);
        w->loop[i] = lks_rng_below(rng, 10) == 0;
        w->time_us[i] = (int64_t)lks_rng_below(rng, times);
    }
}

static int rows_pair(const struct world *w, const struct lks_coortweet_options *options, size_t i,
                     size_t j)
{
    return w->object[i] == w->object[j] &&
           llabs(w->time_us[i] - w->time_us[j]) <= options->window_us &&
           w->account[i] != w->account[j] && w->content[i] != w->content[j] && !w->loop[i] &&
           !w->loop[j];
}

static uint64_t reference_weights(const struct world *w,
                                  const struct lks_coortweet_options *options,
                                  uint64_t weight[IDS][IDS])
{
    uint32_t rows[IDS] = {0}, paired_rows[IDS] = {0};
    uint8_t in[ROWS_MAX], paired[CONTENTS] = {0}, kept[CONTENTS] = {0};
    uint64_t pairs = 0;
    memset(weight, 0, sizeof(uint64_t) * IDS * IDS);
    for (size_t i = 0; i < w->count; i++)
        rows[w->account[i]]++;
    for (size_t i = 0; i < w->count; i++)
        in[i] = rows[w->account[i]] >= options->min_participation;
    for (size_t i = 0; i < w->count; i++)
        for (size_t j = 0; j < w->count; j++)
            if (in[i] && in[j] && rows_pair(w, options, i, j))
                paired[w->content[i]] = 1;
    for (size_t i = 0; i < w->count; i++)
        if (in[i])
            paired_rows[w->account[i]] += paired[w->content[i]];
    for (size_t i = 0; i < w->count; i++)
        if (in[i] && paired[w->content[i]] &&
            paired_rows[w->account[i]] >= options->min_participation)
            kept[w->content[i]] = 1;
    for (size_t i = 0; i < w->count; i++)
        for (size_t j = i + 1; j < w->count; j++) {
            if (!in[i] || !in[j] || !rows_pair(w, options, i, j) ||
                !(kept[w->content[i]] || kept[w->content[j]]))
                continue;
            uint32_t a = w->account[i], b = w->account[j];
            weight[a < b ? a : b][a < b ? b : a]++;
            pairs++;
        }
    return pairs;
}

static void test_coortweet(void **state)
{
    (void)state;
    static struct world w;
    for (uint64_t seed = 0; seed < 4000; seed++) {
        struct lks_rng rng;
        uint64_t weight[IDS][IDS];
        struct lks_coortweet_network network;
        lks_rng_init(&rng, 77, seed);
        world_random(&w, &rng);
        struct lks_coortweet_options options = {.window_us = (int64_t)lks_rng_below(&rng, 8),
                                                .min_participation =
                                                    (uint32_t)lks_rng_below(&rng, 5),
                                                .edge_weight = lks_rng_unit(&rng)};
        struct lks_coortweet_shares shares = {.object = w.object,
                                              .account = w.account,
                                              .content = w.content,
                                              .participant = w.account,
                                              .item = w.content,
                                              .loop = w.loop,
                                              .time_us = w.time_us,
                                              .count = w.count,
                                              .items_count = CONTENTS,
                                              .accounts_count = IDS,
                                              .participants_count = IDS};
        uint64_t pairs = reference_weights(&w, &options, weight);
        assert_int_equal(lks_coortweet_scan(&shares, &options, NULL, &network, NULL), 0);
        assert_int_equal(network.pairs_count, pairs);
        size_t at = 0, over = 0;
        for (uint32_t a = 0; a < IDS; a++)
            for (uint32_t b = a + 1; b < IDS; b++) {
                if (!weight[a][b])
                    continue;
                assert_int_equal(network.edges[at].a, a);
                assert_int_equal(network.edges[at].b, b);
                over += (double)weight[a][b] > network.threshold;
                assert_int_equal(network.edges[at++].weight, weight[a][b]);
            }
        assert_int_equal(network.edges_count, at);
        assert_int_equal(network.over_edges_count, over);
        lks_coortweet_network_free(&network);
    }
}

/* The quantile of R's default type: between the ranks, linearly. */
static void test_threshold(void **state)
{
    (void)state;
    /* Accounts 0-1 meet once, 2-3 three times: weights 1 and 3. */
    uint32_t object[8] = {0, 0, 1, 1, 2, 2, 3, 3}, account[8] = {0, 1, 2, 3, 2, 3, 2, 3};
    uint32_t content[8] = {0, 1, 2, 3, 4, 5, 6, 7};
    int64_t times[8] = {0};
    uint8_t loops[8] = {0};
    struct lks_coortweet_network network;
    struct lks_coortweet_shares shares = {.object = object,
                                          .account = account,
                                          .content = content,
                                          .participant = account,
                                          .item = content,
                                          .loop = loops,
                                          .time_us = times,
                                          .count = 8,
                                          .items_count = 8,
                                          .accounts_count = 4,
                                          .participants_count = 4};
    struct lks_coortweet_options options = {.min_participation = 1, .edge_weight = 0.25};
    assert_int_equal(lks_coortweet_scan(&shares, &options, NULL, &network, NULL), 0);
    assert_true(network.threshold == 1.5);
    assert_int_equal(network.over_edges_count, 1);
    assert_int_equal(network.over_nodes_count, 2);
    assert_int_equal(network.nodes_count, 4);
    lks_coortweet_network_free(&network);
    options.edge_weight = 1; /* strictly greater than the largest: none */
    assert_int_equal(lks_coortweet_scan(&shares, &options, NULL, &network, NULL), 0);
    assert_true(network.threshold == 3);
    assert_int_equal(network.over_edges_count, 0);
    lks_coortweet_network_free(&network);
}

/* ---- coordination-network-toolkit ---- */

enum { MESSAGES = 30 };

static void test_cnt(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 4000; seed++) {
        struct lks_rng rng;
        uint32_t object[ROWS_MAX], user[ROWS_MAX], message[ROWS_MAX], owner[MESSAGES];
        int64_t times[ROWS_MAX], posted[MESSAGES];
        uint8_t met[MESSAGES][IDS] = {{0}};
        uint64_t weight[IDS][IDS] = {{0}};
        struct lks_cnt_network network;
        lks_rng_init(&rng, 78, seed);
        for (int m = 0; m < MESSAGES; m++) {
            owner[m] = (uint32_t)lks_rng_below(&rng, IDS);
            posted[m] = (int64_t)lks_rng_below(&rng, 30);
        }
        struct lks_cnt_events events = {.object = object,
                                        .user = user,
                                        .message = message,
                                        .time_us = times,
                                        .count = lks_rng_below(&rng, ROWS_MAX),
                                        .users_count = IDS,
                                        .messages_count = MESSAGES};
        for (size_t i = 0; i < events.count; i++) {
            object[i] = (uint32_t)lks_rng_below(&rng, 5);
            message[i] = (uint32_t)lks_rng_below(&rng, MESSAGES);
            user[i] = owner[message[i]];
            times[i] = posted[message[i]];
        }
        struct lks_cnt_options options = {.window_us = (int64_t)lks_rng_below(&rng, 8),
                                          .min_weight = lks_rng_below(&rng, 3),
                                          .loops = (int)lks_rng_below(&rng, 2)};
        for (size_t i = 0; i < events.count; i++)
            for (size_t j = 0; j < events.count; j++)
                if (object[i] == object[j] && message[i] != message[j] &&
                    llabs(times[i] - times[j]) <= options.window_us)
                    met[message[i]][user[j]] = 1;
        for (int m = 0; m < MESSAGES; m++)
            for (int u = 0; u < IDS; u++)
                weight[owner[m]][u] += met[m][u];
        assert_int_equal(lks_cnt_scan(&events, &options, NULL, &network, NULL), 0);
        size_t at = 0, loops = 0, undirected = 0;
        for (uint32_t a = 0; a < IDS; a++)
            for (uint32_t b = 0; b < IDS; b++) {
                int reaches = weight[a][b] && weight[a][b] >= options.min_weight;
                loops += reaches && a == b;
                undirected +=
                    a < b && (reaches || (weight[b][a] && weight[b][a] >= options.min_weight));
                if (!reaches || (a == b && !options.loops))
                    continue;
                assert_true(at < network.edges_count);
                assert_int_equal(network.edges[at].a, a);
                assert_int_equal(network.edges[at].b, b);
                assert_int_equal(network.edges[at++].weight, weight[a][b]);
            }
        assert_int_equal(network.edges_count, at);
        assert_int_equal(network.self_loops_count, loops);
        assert_int_equal(network.undirected_pairs_count, undirected);
        lks_cnt_network_free(&network);
    }
}

static void test_similar(void **state)
{
    (void)state;
    enum { WORDS = 12 };
    for (uint64_t seed = 0; seed < 2000; seed++) {
        struct lks_rng rng;
        uint32_t user[MESSAGES], word[MESSAGES * WORDS];
        uint8_t has[MESSAGES][WORDS];
        uint64_t start[MESSAGES + 1] = {0}, weight[IDS][IDS] = {{0}};
        int64_t times[MESSAGES];
        struct lks_cnt_network network;
        lks_rng_init(&rng, 79, seed);
        for (int m = 0; m < MESSAGES; m++) {
            user[m] = (uint32_t)lks_rng_below(&rng, IDS);
            times[m] = (int64_t)lks_rng_below(&rng, 30);
            start[m + 1] = start[m];
            for (uint32_t x = 0; x < WORDS; x++) {
                has[m][x] = lks_rng_below(&rng, 4) > 0;
                if (has[m][x])
                    word[start[m + 1]++] = x;
            }
        }
        struct lks_cnt_texts texts = {.user = user,
                                      .time_us = times,
                                      .start = start,
                                      .word = word,
                                      .count = MESSAGES,
                                      .users_count = IDS};
        struct lks_cnt_options options = {
            .window_us = (int64_t)lks_rng_below(&rng, 10), .min_weight = 1, .similarity = 0.75};
        for (int i = 0; i < MESSAGES; i++) {
            uint8_t met[IDS] = {0};
            for (int j = 0; j < MESSAGES; j++) {
                int both = 0, any = 0;
                for (int x = 0; x < WORDS; x++) {
                    both += has[i][x] && has[j][x];
                    any += has[i][x] || has[j][x];
                }
                if (i != j && any && both * 4 >= any * 3 &&
                    llabs(times[i] - times[j]) <= options.window_us)
                    met[user[j]] = 1;
            }
            for (int u = 0; u < IDS; u++)
                weight[user[i]][u] += met[u];
        }
        assert_int_equal(lks_cnt_scan_similar(&texts, &options, NULL, &network, NULL), 0);
        size_t at = 0;
        for (uint32_t a = 0; a < IDS; a++)
            for (uint32_t b = 0; b < IDS; b++) {
                if (a == b || !weight[a][b])
                    continue;
                assert_true(at < network.edges_count);
                assert_int_equal(network.edges[at].a, a);
                assert_int_equal(network.edges[at].b, b);
                assert_int_equal(network.edges[at++].weight, weight[a][b]);
            }
        assert_int_equal(network.edges_count, at);
        lks_cnt_network_free(&network);
    }
}

/* Whatever the limit, a scan ends well or says that memory is out, and leaks nothing. */
static void test_every_limit(void **state)
{
    (void)state;
    static struct world w;
    struct lks_rng rng;
    struct lks_control control = {.memory_bytes = 1};
    struct lks_coortweet_network network;
    struct lks_cnt_network directed;
    uint64_t refused = 0;
    lks_rng_init(&rng, 80, 1);
    world_random(&w, &rng);
    struct lks_coortweet_shares shares = {.object = w.object,
                                          .account = w.account,
                                          .content = w.content,
                                          .participant = w.account,
                                          .item = w.content,
                                          .loop = w.loop,
                                          .time_us = w.time_us,
                                          .count = w.count,
                                          .items_count = CONTENTS,
                                          .accounts_count = IDS,
                                          .participants_count = IDS};
    struct lks_coortweet_options options = {.window_us = 20, .min_participation = 1};
    for (; lks_coortweet_scan(&shares, &options, &control, &network, NULL) != 0; refused++)
        control.memory_bytes += 40;
    assert_true(refused > 10 && network.edges_count > 0);
    lks_coortweet_network_free(&network);
    struct lks_cnt_events events = {.object = w.object,
                                    .user = w.account,
                                    .message = w.content,
                                    .time_us = w.time_us,
                                    .count = w.count,
                                    .users_count = IDS,
                                    .messages_count = CONTENTS};
    struct lks_cnt_options cnt = {.window_us = 20, .min_weight = 1, .loops = 1};
    for (control.memory_bytes = 1; lks_cnt_scan(&events, &cnt, &control, &directed, NULL) != 0;)
        control.memory_bytes += 40;
    assert_true(directed.edges_count > 0);
    lks_cnt_network_free(&directed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_coortweet),   cmocka_unit_test(test_threshold),
        cmocka_unit_test(test_cnt),         cmocka_unit_test(test_similar),
        cmocka_unit_test(test_every_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
