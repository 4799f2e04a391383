/* simulate_test.c - the simulated month: valid, labelled, proportioned, the same every time */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/intern.h"
#include "simulate/draw.h"
#include "simulate/simulate.h"
#include "simulate/words.h"
#include "simulate/world.h"

static const char *const names[] = {
    "tiktok-videos.json",   "tiktok-posts.ndjson", "tiktok-comments.ndjson",
    "telegram-result.json", "labels.csv",          "README.txt",
    "truth/truth.json",     "ledger.csv",          "case.toml"};
enum { NAMES_COUNT = sizeof names / sizeof *names };

static char base[256];

static char *path_of(const char *folder, const char *name)
{
    static char path[1024];
    snprintf(path, sizeof path, "%s/%s%s%s", base, folder, *name ? "/" : "", name);
    return path;
}

static char *read_file(const char *folder, const char *name, size_t *size)
{
    FILE *file = fopen(path_of(folder, name), "rb");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    long length = ftell(file);
    rewind(file);
    assert_true(length > 0);
    char *data = malloc((size_t)length + 1);
    assert_non_null(data);
    assert_int_equal(fread(data, 1, (size_t)length, file), length);
    data[length] = 0;
    fclose(file);
    if (size)
        *size = (size_t)length;
    return data;
}

static struct lks_simulate_summary simulate(const char *folder, double scale, uint64_t seed,
                                            unsigned threads)
{
    char place[1024];
    snprintf(place, sizeof place, "%s", path_of(folder, ""));
    struct lks_simulate_options options = {
        .scenario = "romania-2024", .folder = place, .scale = scale, .seed = seed};
    struct lks_control control = {.threads = threads};
    struct lks_simulate_summary summary = {0};
    struct lks_error err = {0};
    if (lks_simulate_run(&options, &control, &summary, &err) != 0)
        fail_msg("%s", err.message);
    return summary;
}

static void folder_remove(const char *folder)
{
    for (int i = 0; i < NAMES_COUNT; i++)
        unlink(path_of(folder, names[i]));
    rmdir(path_of(folder, "truth"));
    rmdir(path_of(folder, ""));
}

static int set_up(void **state)
{
    const char *place = getenv("TMPDIR");
    (void)state;
    snprintf(base, sizeof base, "%s/lockstep-simulate-XXXXXX", place ? place : "/tmp");
    if (!mkdtemp(base))
        return -1;
    simulate("one", 0.002, 42, 1);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    folder_remove("one");
    return rmdir(base);
}

static void the_same_for_any_threads(void **state)
{
    (void)state;
    simulate("many", 0.002, 42, 7);
    for (int i = 0; i < NAMES_COUNT; i++) {
        size_t size_one, size_many;
        char *one = read_file("one", names[i], &size_one);
        char *many = read_file("many", names[i], &size_many);
        if (size_one != size_many || memcmp(one, many, size_one) != 0)
            fail_msg("%s differs with the number of threads", names[i]);
        free(one);
        free(many);
    }
    folder_remove("many");
}

static void another_seed_is_another_month(void **state)
{
    (void)state;
    simulate("other", 0.002, 43, 2);
    size_t size_one, size_other;
    char *one = read_file("one", "tiktok-comments.ndjson", &size_one);
    char *other = read_file("other", "tiktok-comments.ndjson", &size_other);
    assert_true(size_one != size_other || memcmp(one, other, size_one) != 0);
    free(one);
    free(other);
    folder_remove("other");
}

/* ---- every line is JSON, marked, about a listed account, inside the month ---- */

struct labels {
    struct lks_intern keys;
    unsigned *posts;
    unsigned count, of_label_1;
};

static void labels_read(const char *folder, struct labels *labels)
{
    char *data = read_file(folder, "labels.csv", NULL), *rest = data;
    *labels = (struct labels){0};
    labels->posts = calloc(100000, sizeof *labels->posts);
    assert_string_equal(strsep(&rest, "\n"),
                        "account_key,label,population,declared,posts,acts,group");
    for (char *line; (line = strsep(&rest, "\n")) && *line;) {
        char *key = strsep(&line, ","), *label = strsep(&line, ",");
        char *population = strsep(&line, ","), *declared = strsep(&line, ",");
        char *posts = strsep(&line, ","), *acts = strsep(&line, ",");
        int fresh;
        uint32_t id = lks_intern_add(&labels->keys, lks_str_from(key), &fresh);
        assert_true(fresh && id < 100000);
        int channel = strcmp(population, "channel") == 0;
        assert_memory_equal(key, channel ? "telegram:190" : "tiktok:user_", 12);
        labels->posts[id] = channel ? 0 : (unsigned)atoi(posts);
        labels->of_label_1 += *label == '1';
        assert_true(atoi(acts) <= atoi(posts) && atoi(posts) > 0);
        assert_int_equal(strcmp(population, "volunteers") == 0, *declared == '1');
        int coordinated = strcmp(population, "volunteers") == 0 ||
                          strcmp(population, "paid") == 0 || strcmp(population, "sleepers") == 0 ||
                          strcmp(population, "swarm") == 0 ||
                          strcmp(population, "recidivists") == 0 || channel;
        assert_int_equal(coordinated, *label == '1');
        assert_int_equal(coordinated, line && *line); /* the group stands last */
        labels->count++;
    }
    free(data);
}

/* Counts one post of the account off; checks that its id says its time. */
static void post_check(struct labels *labels, const char *handle, uint64_t id, int64_t time_s)
{
    char key[64];
    snprintf(key, sizeof key, "tiktok:%s", handle);
    uint32_t account = lks_intern_find(&labels->keys, lks_str_from(key));
    if (account == LKS_INTERN_NONE || labels->posts[account] == 0)
        fail_msg("%s has posts that the labels do not count", key);
    labels->posts[account]--;
    assert_int_equal(id >> 32, time_s);
    assert_true(time_s >= LKS_SIM_START_MS / 1000 && time_s < LKS_SIM_END_MS / 1000);
}

static const char *text_at(json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    assert_non_null(text);
    return text;
}

static unsigned lines_check(const char *name, int comments, struct labels *labels)
{
    char *data = read_file("one", name, NULL), *rest = data;
    unsigned count = 0;
    for (char *line; (line = strsep(&rest, "\n")) && *line; count++) {
        json_error_t error;
        json_t *root = json_loads(line, 0, &error);
        if (!root)
            fail_msg("%s:%u: %s", name, count + 1, error.text);
        assert_true(json_is_true(json_object_get(root, "lockstep_synthetic")));
        json_t *item = json_object_get(root, "data");
        json_t *author = json_object_get(item, comments ? "user" : "author");
        json_t *time = json_object_get(item, comments ? "create_time" : "createTime");
        int64_t time_s =
            json_is_integer(time) ? json_integer_value(time) : atoll(json_string_value(time));
        uint64_t id = strtoull(text_at(item, comments ? "cid" : "id"), NULL, 10);
        assert_string_equal(text_at(item, comments ? "cid" : "id"), text_at(root, "item_id"));
        post_check(labels, text_at(author, comments ? "unique_id" : "uniqueId"), id, time_s);
        json_decref(root);
    }
    free(data);
    return count;
}

static unsigned videos_check(struct labels *labels)
{
    char *data = read_file("one", "tiktok-videos.json", NULL);
    json_error_t error;
    json_t *root = json_loads(data, 0, &error), *video;
    size_t i;
    if (!root)
        fail_msg("%s at line %d", error.text, error.line);
    json_t *videos = json_object_get(json_object_get(root, "data"), "videos");
    json_array_foreach(videos, i, video)
    {
        assert_true(json_is_true(json_object_get(video, "lockstep_synthetic")));
        post_check(labels, text_at(video, "username"),
                   (uint64_t)json_integer_value(json_object_get(video, "id")),
                   json_integer_value(json_object_get(video, "create_time")));
    }
    unsigned count = (unsigned)json_array_size(videos);
    json_decref(root);
    free(data);
    return count;
}

static void every_post_is_labelled(void **state)
{
    (void)state;
    struct labels labels;
    labels_read("one", &labels);
    unsigned posts = videos_check(&labels) + lines_check("tiktok-posts.ndjson", 0, &labels) +
                     lines_check("tiktok-comments.ndjson", 1, &labels);
    for (unsigned i = 0; i < labels.count; i++)
        assert_int_equal(labels.posts[i], 0); /* none that the labels count too much */
    char *data = read_file("one", "truth/truth.json", NULL);
    json_t *truth = json_loads(data, 0, NULL);
    assert_non_null(truth);
    assert_int_equal(json_integer_value(json_object_get(truth, "posts")), posts);
    assert_int_equal(json_integer_value(json_object_get(truth, "accounts")), labels.count);
    assert_int_equal(json_integer_value(json_object_get(truth, "coordinated_accounts")),
                     labels.of_label_1);
    json_decref(truth);
    free(data);
    lks_intern_free(&labels.keys);
    free(labels.posts);
}

static void the_channel_is_an_export(void **state)
{
    (void)state;
    char *data = read_file("one", "telegram-result.json", NULL);
    json_t *root = json_loads(data, 0, NULL), *message;
    size_t i;
    unsigned calls = 0;
    int64_t last_s = 0;
    assert_non_null(root);
    assert_memory_equal(text_at(root, "about"), "synthetic", 9);
    json_array_foreach(json_object_get(root, "messages"), i, message)
    {
        int64_t time_s = atoll(text_at(message, "date_unixtime"));
        assert_true(time_s >= last_s);
        last_s = time_s;
        assert_int_equal(strlen(text_at(message, "date")), 19);
        calls += json_is_array(json_object_get(message, "text"));
    }
    assert_int_equal(calls, 12 * 5 + 2 * 10);
    json_decref(root);
    free(data);
}

/* ---- the model ---- */

static void proportions_at_full_size(void **state)
{
    (void)state;
    struct lks_world world;
    struct lks_simulate_options options = {.scale = 1, .seed = 1};
    assert_int_equal(lks_world_init(&world, &options, NULL), 0);
    assert_int_equal(world.first[LKS_POPULATIONS_COUNT], 1000000);
    assert_int_equal(lks_world_count(&world, LKS_POPULATION_SLEEPERS) +
                         lks_world_count(&world, LKS_POPULATION_SWARM),
                     25000);
    assert_int_equal(lks_world_count(&world, LKS_POPULATION_SLEEPERS), 797);
    double followers = 0;
    unsigned late = 0;
    assert_int_equal(lks_world_count(&world, LKS_POPULATION_RECIDIVISTS), 2313);
    for (uint32_t i = world.first[LKS_POPULATION_SLEEPERS];
         i < world.first[LKS_POPULATION_SWARM + 1]; i++) {
        struct lks_sim_account account = lks_world_account(&world, i);
        followers += account.followers;
        late += account.created_s >= 1717999200;
        if (account.population == LKS_POPULATION_SLEEPERS) {
            assert_true(account.id < UINT64_C(1) << 60); /* from before ids carried time */
            assert_true(account.created_s >= 1451606400 && account.created_s < 1483228800);
            assert_true(lks_world_wakes_ms(&world, i) >=
                        LKS_SIM_START_MS + LKS_SIM_WAKE_DAY * LKS_SIM_DAY_MS);
        }
    }
    assert_true(followers / 25000 > 2.2 && followers / 25000 < 2.8);
    assert_int_equal(late, 1057);
    lks_world_free(&world);
}

/* As many registered late as were asked for; which ones changes nothing but their age and name. */
static void as_many_registered_late_as_asked(void **state)
{
    (void)state;
    static const struct {
        uint32_t asked;
        double scale;
        uint32_t late;
    } cases[] = {{157, 1, 157}, {157, 0.1, 16}, {0, 0.1, 106}, {24203, 0.1, 2420}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct lks_world world;
        struct lks_simulate_options options = {
            .scale = cases[c].scale, .seed = 3, .registered = cases[c].asked};
        uint32_t late = 0, by_batch[LKS_SIM_BATCHES] = {0};
        assert_int_equal(lks_world_init(&world, &options, NULL), 0);
        for (uint32_t i = world.first[LKS_POPULATION_SWARM];
             i < world.first[LKS_POPULATION_SWARM + 1]; i++) {
            int64_t created_s = lks_world_account(&world, i).created_s;
            late += created_s >= 1717999200;
            for (unsigned b = 0; b < LKS_SIM_BATCHES; b++)
                by_batch[b] += created_s >= lks_world_batch_day_s(b) &&
                               created_s < lks_world_batch_day_s(b) + 86400;
        }
        assert_int_equal(late, cases[c].late);
        assert_int_equal(world.late_count, cases[c].late);
        assert_int_equal(by_batch[0] + by_batch[1] + by_batch[2] + by_batch[3], late);
        lks_world_free(&world);
    }
}

/* The swarm's volume and spread as the reports have them, and what the quiet one's is not. */
static void accounts_have_their_share(void **state)
{
    (void)state;
    struct lks_world world;
    struct lks_simulate_options options = {.scale = 1, .seed = 5};
    assert_int_equal(lks_world_init(&world, &options, NULL), 0);
    double comments = 0;
    unsigned makers = 0, of_one_tag = 0, light = 0, heavy = 0, wave = 0, first_day = 0;
    for (uint32_t i = world.first[LKS_POPULATION_SLEEPERS];
         i < world.first[LKS_POPULATION_SWARM + 1]; i++) {
        double theirs = lks_world_comments(&world, i);
        int64_t day = (lks_world_wakes_ms(&world, i) - LKS_SIM_START_MS) / LKS_SIM_DAY_MS;
        comments += theirs;
        light += theirs < 10;
        heavy += theirs > 200;
        makers += (unsigned)lks_world_makes_clips(&world, i);
        of_one_tag += (unsigned)lks_world_has_one_tag(&world, i);
        wave += day == LKS_SIM_DAYS - 2;
        first_day += day == LKS_SIM_WAKE_DAY;
        assert_true(!lks_world_has_one_tag(&world, i) || lks_world_makes_clips(&world, i));
    }
    assert_true(comments > 1.9e6 && comments < 2.1e6);
    assert_true(light > 1500 && heavy > 1500);
    assert_true(makers > 3800 && makers < 4200);
    assert_true(of_one_tag > 1083 && of_one_tag < 1283);
    assert_true(wave > 4400 && wave < 5200 && first_day > 10900 && first_day < 13000);
    lks_world_free(&world);
}

static void who_is_taken_down_comes_back(void **state)
{
    (void)state;
    struct lks_world world;
    struct lks_simulate_options options = {.scale = 0.05, .seed = 6};
    assert_int_equal(lks_world_init(&world, &options, NULL), 0);
    uint32_t replaced = 0;
    for (uint32_t i = world.first[LKS_POPULATION_SLEEPERS];
         i < world.first[LKS_POPULATION_SWARM + 1]; i++) {
        uint32_t later = lks_world_actor(&world, i, LKS_SIM_END_MS);
        assert_int_equal(lks_world_actor(&world, i, LKS_SIM_START_MS), i);
        if (later == i)
            continue;
        struct lks_sim_return one = lks_world_return(&world, later);
        assert_int_equal(lks_world_population(&world, later), LKS_POPULATION_RECIDIVISTS);
        assert_int_equal(one.before, i);
        assert_true(lks_world_wakes_ms(&world, i) + LKS_SIM_DAY_MS < one.taken_down_ms);
        assert_int_equal(lks_world_actor(&world, i, one.taken_down_ms - 1), i);
        assert_int_equal(lks_world_actor(&world, i, one.taken_down_ms), LKS_SIM_NOBODY);
        assert_int_equal(lks_world_actor(&world, i, one.returned_ms), later);
        int64_t created_s = lks_world_account(&world, later).created_s;
        assert_true(created_s > one.taken_down_ms / 1000 && created_s < one.returned_ms / 1000);
        replaced++;
    }
    assert_int_equal(replaced, lks_world_count(&world, LKS_POPULATION_RECIDIVISTS));
    lks_world_free(&world);
}

static void no_two_accounts_are_alike(void **state)
{
    (void)state;
    struct lks_world world;
    struct lks_intern handles = {0}, ids = {0};
    struct lks_simulate_options options = {.scale = 0.2, .seed = 9};
    assert_int_equal(lks_world_init(&world, &options, NULL), 0);
    for (uint32_t i = 0; i < world.first[LKS_POPULATIONS_COUNT]; i++) {
        struct lks_sim_account account = lks_world_account(&world, i);
        int fresh_handle, fresh_id;
        lks_intern_add(&handles, lks_str_from(account.handle), &fresh_handle);
        lks_intern_add(&ids, (struct lks_str){(const char *)&account.id, 8}, &fresh_id);
        assert_true(fresh_handle && fresh_id);
        assert_true(account.id < UINT64_C(1) << 60 ||
                    (int64_t)(account.id >> 32) == account.created_s);
    }
    lks_intern_free(&handles);
    lks_intern_free(&ids);
    lks_world_free(&world);
}

static void draws_have_their_means(void **state)
{
    (void)state;
    struct lks_rng rng;
    double sum = 0, rounds = 0;
    lks_rng_init(&rng, 1, 2);
    for (int i = 0; i < 200000; i++) {
        sum += lks_draw_knots(&rng, lks_knots_exponential);
        rounds += lks_draw_round(&rng, 2.3);
        assert_true(lks_draw_skewed(&rng, 10) < 10);
    }
    assert_true(sum / 200000 > 0.97 && sum / 200000 < 1.05);
    assert_true(rounds / 200000 > 2.29 && rounds / 200000 < 2.31);
}

static void an_edit_is_small(void **state)
{
    (void)state;
    struct lks_rng rng;
    unsigned same = 0;
    lks_rng_init(&rng, 3, 4);
    for (uint64_t key = 0; key < 2000; key++) {
        struct lks_sim_text text = {0}, copy = {0};
        lks_sim_text_of_key(&text, key, 8);
        lks_sim_text_edited(&copy, key, 8, &rng);
        assert_true(copy.size + 12 > text.size && copy.size < text.size + 24);
        same += copy.size == text.size && memcmp(copy.data, text.data, copy.size) == 0;
    }
    assert_true(same > 400 && same < 1000);
}

/* ---- what is refused leaves nothing ---- */

static volatile int stop;

static void stop_soon(void *context, const struct lks_progress *progress)
{
    (void)context;
    (void)progress;
    stop = 1;
}

static void stopped_leaves_nothing(void **state)
{
    (void)state;
    char place[1024];
    snprintf(place, sizeof place, "%s", path_of("stopped", ""));
    struct lks_simulate_options options = {"romania-2024", place, 0.002, 1};
    struct lks_control control = {.progress = stop_soon, .cancel = &stop, .threads = 2};
    struct lks_error err = {0};
    stop = 0;
    assert_int_equal(lks_simulate_run(&options, &control, NULL, &err), LKS_ECANCELLED);
    DIR *entries = opendir(base);
    assert_non_null(entries);
    for (const struct dirent *entry; (entry = readdir(entries));)
        assert_null(strstr(entry->d_name, "stopped"));
    closedir(entries);
}

static void wrong_options(void **state)
{
    (void)state;
    char place[1024];
    snprintf(place, sizeof place, "%s", path_of("one", "")); /* there, and not empty */
    const struct lks_simulate_options wrong[] = {
        {"romania-2024", place, 0.002, 1},
        {"nowhere", "/tmp/x", 0.002, 1},
        {NULL, "/tmp/x", 0.002, 1},
        {"romania-2024", "/tmp/x", 0, 1},
        {"romania-2024", "/tmp/x", 5, 1},
        {"romania-2024", NULL, 1, 1},
        {"romania-2024", "", 1, 1},
        {"romania-2024", "/tmp/x", 1, 1, 2, 0, 0},
        {"romania-2024", "/tmp/x", 1, 1, 0, 0, -1},
        {"romania-2024", "/tmp/x", 1, 1, 0, 0, 0, 1.1},
        {"romania-2024", "/tmp/x", 1, 1, 0, 0, 0, 0, 24204},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct lks_error err = {0};
        assert_int_equal(lks_simulate_run(&wrong[i], NULL, NULL, &err), LKS_EARGUMENT);
        assert_true(strlen(err.message) > 10);
    }
}

static void an_empty_folder_is_free(void **state)
{
    (void)state;
    assert_int_equal(mkdir(path_of("empty", ""), 0777), 0);
    assert_true(simulate("empty", 0.0005, 1, 2).posts > 1000);
    folder_remove("empty");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_for_any_threads),
        cmocka_unit_test(another_seed_is_another_month),
        cmocka_unit_test(every_post_is_labelled),
        cmocka_unit_test(the_channel_is_an_export),
        cmocka_unit_test(proportions_at_full_size),
        cmocka_unit_test(as_many_registered_late_as_asked),
        cmocka_unit_test(no_two_accounts_are_alike),
        cmocka_unit_test(accounts_have_their_share),
        cmocka_unit_test(who_is_taken_down_comes_back),
        cmocka_unit_test(draws_have_their_means),
        cmocka_unit_test(an_edit_is_small),
        cmocka_unit_test(stopped_leaves_nothing),
        cmocka_unit_test(wrong_options),
        cmocka_unit_test(an_empty_folder_is_free),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
