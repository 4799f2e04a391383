/* simulate.c - a scenario's folder: hours written by threads, put down in order
 *
 * The month is 672 hours. A round gives each worker one of them; when all are written, the
 * parts go to the files in order of the hours, so that the bytes are the same for any number
 * of threads and memory is that of one round. The folder is made beside its place and
 * renamed when all of it is there. */
#include "simulate/simulate.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/progress.h"
#include "base/threads.h"
#include "base/time.h"
#include "base/writer.h"
#include "simulate/case_file.h"
#include "simulate/mechanisms.h"
#include "simulate/truth.h"

enum { HOURS_PER_WORKER = 1, PATH_BYTES = 4096 };
static const double scale_max = 4; /* account ids have 22 bits of their own */

static const uint32_t registered_max = 24203; /* the swarm at scale 1 */

enum { FILE_VIDEOS, FILE_POSTS, FILE_COMMENTS, FILES_COUNT };
static const char *const file_names[FILES_COUNT] = {"tiktok-videos.json", "tiktok-posts.ndjson",
                                                    "tiktok-comments.ndjson"};
static const char *const other_names[] = {"telegram-result.json", "labels.csv", "README.txt",
                                          "truth/truth.json",     "ledger.csv", "case.toml"};

struct simulation {
    const struct lks_control *control;
    struct lks_simulate_summary summary;
    struct lks_world world;
    struct lks_hour *hours; /* [hours_count], of one round */
    size_t hours_count;
    int first_hour;
    struct lks_writer files[FILES_COUNT];
    int videos_started;
    char folder[PATH_BYTES]; /* the one being made */
};

static int hour_write(void *context, size_t task_index, unsigned worker_index,
                      struct lks_error *err)
{
    struct simulation *simulation = context;
    struct lks_hour *hour = &simulation->hours[task_index];
    (void)worker_index;
    lks_buffer_clear(&hour->videos);
    lks_buffer_clear(&hour->posts);
    lks_buffer_clear(&hour->comments);
    hour->videos_count = hour->posts_count = hour->comments_count = 0;
    hour->hour = simulation->first_hour + (int)task_index;
    if (hour->hour >= LKS_SIM_HOURS)
        return 0;
    lks_simulate_organic(hour);
    lks_simulate_returners(hour);
    lks_simulate_cover(hour);
    lks_simulate_fans(hour);
    lks_simulate_football(hour);
    lks_simulate_news(hour);
    lks_simulate_giveaways(hour);
    lks_simulate_volunteers(hour);
    lks_simulate_paid(hour);
    lks_simulate_influencers(hour);
    lks_simulate_calls(hour);
    lks_simulate_bursts(hour);
    if (hour->videos.failed || hour->posts.failed || hour->comments.failed)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    return 0;
}

static void hour_put(struct simulation *simulation, const struct lks_hour *hour)
{
    struct lks_str videos = {hour->videos.data, hour->videos.size_bytes};
    if (videos.size_bytes && !simulation->videos_started) { /* no comma before the first */
        simulation->videos_started = 1;
        videos = (struct lks_str){videos.data + 1, videos.size_bytes - 1};
    }
    lks_writer_put(&simulation->files[FILE_VIDEOS], videos.data, videos.size_bytes);
    lks_writer_put(&simulation->files[FILE_POSTS], hour->posts.data, hour->posts.size_bytes);
    lks_writer_put(&simulation->files[FILE_COMMENTS], hour->comments.data,
                   hour->comments.size_bytes);
    simulation->summary.posts += hour->videos_count + hour->posts_count + hour->comments_count;
    simulation->summary.bytes +=
        videos.size_bytes + hour->posts.size_bytes + hour->comments.size_bytes;
}

static int hours_run(struct simulation *simulation, struct lks_error *err)
{
    unsigned threads = lks_threads_count(simulation->control);
    struct lks_meter meter;
    simulation->hours_count = (size_t)threads * HOURS_PER_WORKER;
    simulation->hours = calloc(simulation->hours_count, sizeof *simulation->hours);
    if (!simulation->hours)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    for (size_t i = 0; i < simulation->hours_count; i++)
        simulation->hours[i].world = &simulation->world;
    lks_meter_start(&meter, simulation->control, "simulate", "hours", LKS_SIM_HOURS);
    for (int hour = 0; hour < LKS_SIM_HOURS; hour += (int)simulation->hours_count) {
        simulation->first_hour = hour;
        int code = lks_threads_run(threads, simulation->hours_count, hour_write, simulation, err);
        for (size_t i = 0; code == 0 && i < simulation->hours_count; i++)
            hour_put(simulation, &simulation->hours[i]);
        for (int i = 0; code == 0 && i < FILES_COUNT; i++)
            if (simulation->files[i].failed)
                code = lks_error_system(err, simulation->files[i].path, "cannot be written");
        if (code == 0)
            code = lks_meter_at(&meter, (uint64_t)hour, err);
        if (code != 0)
            return code;
    }
    lks_meter_finish(&meter);
    return 0;
}

static void path_make(const struct simulation *simulation, const char *name,
                      char path[PATH_BYTES + 64])
{
    snprintf(path, PATH_BYTES + 64, "%s/%s", simulation->folder, name);
}

static int tiktok_write(struct simulation *simulation, struct lks_error *err)
{
    char path[PATH_BYTES + 64];
    for (int i = 0; i < FILES_COUNT; i++) {
        path_make(simulation, file_names[i], path);
        int code = lks_writer_open(&simulation->files[i], path, err);
        if (code != 0)
            return code;
    }
    struct lks_writer *videos = &simulation->files[FILE_VIDEOS];
    lks_writer_text(videos, "{\"data\":{\"videos\":[");
    int code = hours_run(simulation, err);
    lks_writer_text(videos,
                    "\n],\"cursor\":100,\"has_more\":false,\"search_id\":\"0\"},"
                    "\"error\":{\"code\":\"ok\",\"message\":\"\",\"log_id\":\"synthetic\"}}\n");
    for (int i = 0; code == 0 && i < FILES_COUNT; i++)
        code = lks_writer_commit(&simulation->files[i], err);
    return code;
}

static int truth_write(struct simulation *simulation, struct lks_error *err)
{
    const struct lks_world *world = &simulation->world;
    struct lks_simulate_summary *summary = &simulation->summary;
    char path[PATH_BYTES + 64];
    path_make(simulation, other_names[0], path);
    int code = lks_write_telegram(world, path, &summary->messages, err);
    path_make(simulation, other_names[1], path);
    if (code == 0)
        code = lks_truth_labels(world, path, summary, err);
    path_make(simulation, other_names[2], path);
    if (code == 0)
        code = lks_truth_readme(world, path, err);
    struct lks_ledger_total totals[LKS_LEDGER_WAYS_COUNT];
    path_make(simulation, other_names[4], path);
    if (code == 0)
        code = lks_ledger_write(world, path, totals, err);
    path_make(simulation, other_names[5], path);
    if (code == 0)
        code = lks_case_file_write(world, path, err);
    path_make(simulation, other_names[3], path);
    if (code == 0)
        code = lks_truth_json(world, summary, totals, path, err);
    return code;
}

static int folder_make(const char *path, struct lks_error *err)
{
    return mkdir(path, 0777) == 0 ? 0 : lks_error_system(err, path, "cannot be made");
}

/* Takes away what this simulation made, by name; nothing else. */
static void folder_remove(const struct simulation *simulation)
{
    char path[PATH_BYTES + 64];
    for (int i = 0; i < FILES_COUNT; i++) {
        path_make(simulation, file_names[i], path);
        unlink(path);
    }
    for (size_t i = 0; i < sizeof other_names / sizeof *other_names; i++) {
        path_make(simulation, other_names[i], path);
        unlink(path);
    }
    path_make(simulation, "truth", path);
    rmdir(path);
    rmdir(simulation->folder);
}

/* The place must be free: nothing there, or an empty folder. */
static int place_check(const char *folder, struct lks_error *err)
{
    DIR *entries = opendir(folder);
    if (!entries)
        return errno == ENOENT ? 0 : lks_error_system(err, folder, "is no folder to write to");
    int count = 0;
    for (const struct dirent *entry; (entry = readdir(entries));)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(entries);
    if (count)
        return lks_error_set(err, LKS_EARGUMENT,
                             "%s is there already and not empty; name a new folder", folder);
    return 0;
}

static int options_check(const struct lks_simulate_options *options, struct lks_error *err)
{
    if (!options->scenario || strcmp(options->scenario, "romania-2024") != 0)
        return lks_error_set(err, LKS_EARGUMENT, "'%s' is no scenario; there is one: romania-2024",
                             options->scenario ? options->scenario : "");
    if (!(options->scale > 0) || options->scale > scale_max)
        return lks_error_set(err, LKS_EARGUMENT,
                             "the scale must be above 0 and at most %g; 1 is a million accounts",
                             scale_max);
    const double strengths[] = {options->jitter, options->paraphrase, options->split,
                                options->sparse};
    for (size_t i = 0; i < sizeof strengths / sizeof *strengths; i++)
        if (!(strengths[i] >= 0 && strengths[i] <= 1))
            return lks_error_set(err, LKS_EARGUMENT,
                                 "jitter, paraphrase, split and sparse go from 0 to 1");
    if (options->registered > registered_max)
        return lks_error_set(err, LKS_EARGUMENT,
                             "at most %u accounts can have registered after the channel opened",
                             registered_max);
    if (!options->folder || !*options->folder)
        return lks_error_set(err, LKS_EARGUMENT, "no folder to write to");
    if (strlen(options->folder) > PATH_BYTES - 64)
        return lks_error_set(err, LKS_EARGUMENT, "the folder's name is too long");
    return place_check(options->folder, err);
}

/* Makes everything beside its place, then moves it there. */
static int folder_fill(struct simulation *simulation, const char *place, struct lks_error *err)
{
    char path[PATH_BYTES + 64];
    int code = folder_make(simulation->folder, err);
    if (code != 0)
        return code;
    path_make(simulation, "truth", path);
    code = folder_make(path, err);
    if (code == 0)
        code = tiktok_write(simulation, err);
    for (int i = 0; i < FILES_COUNT; i++)
        lks_writer_abandon(&simulation->files[i]);
    if (code == 0)
        code = truth_write(simulation, err);
    if (code == 0 && rename(simulation->folder, place) != 0)
        code = lks_error_system(err, place, "cannot be put in place");
    if (code != 0)
        folder_remove(simulation);
    return code;
}

int lks_simulate_run(const struct lks_simulate_options *options, const struct lks_control *control,
                     struct lks_simulate_summary *summary, struct lks_error *err)
{
    double start = lks_clock_seconds();
    int code = options_check(options, err);
    if (code != 0)
        return code;
    struct simulation *simulation = calloc(1, sizeof *simulation);
    if (!simulation)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    simulation->control = control;
    size_t size = strlen(options->folder);
    while (size > 1 && options->folder[size - 1] == '/')
        size--;
    snprintf(simulation->folder, sizeof simulation->folder, "%.*s.tmp-%ld", (int)size,
             options->folder, (long)getpid());
    code = lks_world_init(&simulation->world, options, err);
    if (code == 0)
        code = folder_fill(simulation, options->folder, err);
    simulation->summary.seconds = lks_clock_seconds() - start;
    if (code == 0 && summary)
        *summary = simulation->summary;
    for (size_t i = 0; simulation->hours && i < simulation->hours_count; i++) {
        lks_buffer_free(&simulation->hours[i].videos);
        lks_buffer_free(&simulation->hours[i].posts);
        lks_buffer_free(&simulation->hours[i].comments);
    }
    free(simulation->hours);
    lks_world_free(&simulation->world);
    free(simulation);
    return code;
}
