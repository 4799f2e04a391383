/* near_files_test.c - near-duplicate texts of files against the slow reference over all pairs
 *
 * It lies here since it reads files, which the text kit does not. Twenty thousand made messages
 * whose answers another program has given too, and twenty thousand real texts; both skipped where
 * LOCKSTEP_DATA (else ../shared beside the checkout) has them not. Texts are never printed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "source/csv_file.h"
#include "text/near_check.h"

enum { TEXTS_COUNT = 20000 };

struct file_texts {
    struct lks_buffer bytes;
    struct lks_str texts[TEXTS_COUNT];
    size_t ends[TEXTS_COUNT + 1];
    int64_t times_us[TEXTS_COUNT];
    uint32_t users[TEXTS_COUNT]; /* a hash is enough to tell a user from another */
    size_t count;
};

static const char *file_path(const char *name, char path[4096])
{
    const char *folder = getenv("LOCKSTEP_DATA");
    if (folder) {
        snprintf(path, 4096, "%s/%s", folder, name);
    } else {
        int root = (int)(strlen(__FILE__) - strlen("src/source/near_files_test.c"));
        snprintf(path, 4096, "%.*s../shared/%s", root > 0 ? root : 0, __FILE__, name);
    }
    if (access(path, R_OK) != 0) {
        print_message("no %s: LOCKSTEP_DATA is not there\n", name);
        skip();
    }
    return path;
}

/* Takes every step-th row. Columns: text, user, Unix seconds (NULL: none). */
static struct file_texts *file_read(const char *name, const char *const *columns, unsigned step)
{
    char path[4096];
    struct lks_error err = {0};
    struct lks_csv_file file = {0};
    file_path(name, path);
    struct file_texts *all = (struct file_texts *)calloc(1, sizeof(*all));
    assert_non_null(all);
    assert_int_equal(lks_csv_file_open(&file, path, columns, 2, &err), 0);
    for (unsigned row = 0; all->count < TEXTS_COUNT && lks_csv_file_next(&file, &err) == 1; row++) {
        if (row % step)
            continue;
        struct lks_str text = lks_csv_file_field(&file, 0), user = lks_csv_file_field(&file, 1);
        struct lks_str time = lks_csv_file_field(&file, 2);
        char digits[24] = "";
        if (time.data && time.size_bytes < sizeof digits)
            memcpy(digits, time.data, time.size_bytes);
        lks_buffer_append(&all->bytes, text.data, text.size_bytes);
        all->times_us[all->count] = strtoll(digits, NULL, 10) * 1000000;
        for (size_t i = 0; i < user.size_bytes; i++)
            all->users[all->count] = all->users[all->count] * 31 + (unsigned char)user.data[i];
        all->ends[++all->count] = all->bytes.size_bytes;
    }
    lks_csv_file_close(&file);
    assert_int_equal(all->count, TEXTS_COUNT);
    for (size_t i = 0; i < all->count; i++)
        all->texts[i] =
            (struct lks_str){all->bytes.data + all->ends[i], all->ends[i + 1] - all->ends[i]};
    return all;
}

static void file_free(struct file_texts *all)
{
    lks_buffer_free(&all->bytes);
    free(all);
}

static struct lks_near_tally agree(struct file_texts *all, const struct lks_near_options *options)
{
    struct lks_reference reference;
    struct lks_near_tally tally;
    lks_reference_init(&reference, all->texts, all->count, options);
    lks_near_compare(&reference, all->texts, all->times_us, options, 2, 3000, &tally);
    lks_reference_free(&reference);
    print_message("%u forms, %llu near pairs of them, %llu found, %llu false; %llu near pairs of "
                  "texts in all; %u clusters\n",
                  tally.forms, (unsigned long long)tally.pairs_wanted,
                  (unsigned long long)tally.pairs_found, (unsigned long long)tally.pairs_false,
                  (unsigned long long)tally.text_pairs, tally.clusters);
    assert_int_equal(tally.faults, 0);
    assert_int_equal(tally.pairs_false, 0);
    assert_int_equal(tally.pairs_found, tally.pairs_wanted);
    return tally;
}

static const char *const messages[] = {"message", "user_id", "timestamp", NULL};

/* Directed edges of accounts as coordination-network-toolkit counts them: A to B weighs the
 * distinct messages of A near one of B's within the window. */
struct directed {
    uint32_t from, to, message;
};

static int directed_order(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct directed));
}

static void directed_count(struct file_texts *all, int64_t window_us, unsigned *edges,
                           unsigned *sum)
{
    struct lks_near_options options = lks_near_options_default();
    struct lks_near_pairs found = {0};
    struct lks_near_result result = {0};
    struct lks_near *near = NULL;
    struct lks_error err = {0};
    options.shingle = LKS_NEAR_WORDS;
    options.as_is = 1; /* its words are numbered, and masked numbers would be one word */
    options.window_us = window_us;
    assert_int_equal(lks_near_new(&options, NULL, &near, &err), 0);
    assert_int_equal(lks_near_add(near, all->texts, all->times_us, all->count, &err), 0);
    assert_int_equal(lks_near_join(near, lks_near_pairs_take, &found, &result, &err), 0);
    lks_near_free(near);
    assert_int_equal(result.counts.forms, all->count); /* so that a pair of forms is one of texts */
    struct directed *list = (struct directed *)calloc(2 * found.count + 1, sizeof(*list));
    size_t count = 0;
    for (size_t i = 0; i < found.count; i++) {
        uint32_t a = found.pairs[i].first_a, b = found.pairs[i].first_b;
        if (all->users[a] == all->users[b])
            continue;
        list[count++] = (struct directed){all->users[a], all->users[b], a};
        list[count++] = (struct directed){all->users[b], all->users[a], b};
    }
    qsort(list, count, sizeof(*list), directed_order);
    *edges = *sum = 0;
    for (size_t i = 0; i < count; i++) {
        int same_edge = i && list[i].from == list[i - 1].from && list[i].to == list[i - 1].to;
        *edges += !same_edge;
        *sum += !same_edge || list[i].message != list[i - 1].message;
    }
    free(list);
    free(found.pairs);
    lks_near_result_free(&result);
}

/* 20,000 messages: 2 directed edges in a minute and 38 in an hour, as the other program says. */
static void test_known_answers(void **state)
{
    (void)state;
    unsigned edges, sum;
    struct file_texts *all = file_read("conformance/text20k.csv.zst", messages, 1);
    directed_count(all, INT64_C(60) * 1000000, &edges, &sum);
    assert_int_equal(edges, 2);
    assert_int_equal(sum, 2);
    directed_count(all, INT64_C(3600) * 1000000, &edges, &sum);
    assert_int_equal(edges, 38);
    assert_int_equal(sum, 38);
    file_free(all);
}

static void test_messages(void **state)
{
    (void)state;
    struct file_texts *all = file_read("conformance/text20k.csv.zst", messages, 1);
    struct lks_near_options options = lks_near_options_default();
    options.pairs_per_form_max = 0;
    options.as_is = 1;
    options.shingle = LKS_NEAR_WORDS;
    assert_int_equal(agree(all, &options).pairs_wanted, 217);
    options.shingle = LKS_NEAR_AUTO;
    options.threshold = 0.7; /* one word of twelve: 0.73 over words and pairs of words */
    assert_true(agree(all, &options).pairs_wanted > 100);
    file_free(all);
}

static void test_real(void **state)
{
    (void)state;
    static const char *const columns[] = {"content", "external_author_id", NULL};
    struct file_texts *all = file_read("data/ira_2016h2_dev.csv.zst", columns, 14);
    struct lks_near_options options = lks_near_options_default();
    options.pairs_per_form_max = 0;
    assert_true(agree(all, &options).pairs_wanted > 50);
    options.shingle = LKS_NEAR_WORDS;
    options.threshold = 0.6;
    assert_true(agree(all, &options).pairs_wanted > 100);
    file_free(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_answers),
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_real),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
