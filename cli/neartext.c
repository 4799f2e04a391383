/* neartext.c - the neartext command: near-duplicate texts of files, without a case */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"

static const char *const command = "neartext";

static int help(void)
{
    fputs(
        "lockstep neartext --input FILE [--threshold 0.8] [--window 1h] [options]\n"
        "\n"
        "Which texts are copies of each other with edits? Case, look-alike letters, invisible\n"
        "characters, punctuation, emoji, links and mentions do not count; what is left is cut\n"
        "into words and pairs of neighbouring words (characters in scripts without blanks). Two\n"
        "texts are near if the share of pieces that both have, of those that either has\n"
        "(Jaccard), reaches the threshold. All such pairs are found, and no others; texts that\n"
        "hang together by near pairs make a cluster, with its most frequent text standing for it.\n"
        "\n"
        "  lockstep neartext --input posts.ndjson --window 1h\n"
        "  lockstep neartext --input tweets.csv --clusters clusters.csv --pairs pairs.csv\n"
        "  lockstep neartext --input any.csv --map account=user,time=t,post=id,text=body --json\n"
        "\n"
        "  --input FILE          a file, plain, gzip or zstd; several are stacked\n"
        "  --threshold J         least Jaccard of a pair, above 0 and at most 1 (0.8)\n"
        "  --window SPAN         texts further apart are no pair: 60s, 10m, 1h; inclusive\n"
        "                        (none is too far)\n"
        "  --shingle WAY         auto: words and pairs of words; words: words alone; chars: runs\n"
        "                        of five characters (auto)\n"
        "  --as-is               compare texts as they are written: case, numbers, look-alikes "
        "and\n"
        "                        links count\n"
        "  --clusters FILE       write every text of a cluster, .csv or .parquet\n"
        "  --pairs FILE          write the near pairs, .csv or .parquet: one row for two "
        "variants,\n"
        "                        none for equal texts (they share a form in the clusters)\n"
        "  --pairs-per-text N    at most so many pairs for one variant, 0 for all (1000); what is\n"
        "                        left out is said, and clusters do not depend on it\n"
        "  --json                print one JSON object\n"
        "  --as NAME, --map MAP  the format, or the columns, where they are not recognised\n"
        "  --threads N           threads to use (all processors); the answer is the same\n"
        "  --memory SIZE         memory limit, as in 2G (half of what is free)\n"
        "  -q, --quiet           no progress line\n"
        "\n"
        "A text that thousands write is no evidence by itself; 'lockstep investigate' weighs who\n"
        "wrote it when.\n",
        stdout);
    return LKS_EXIT_DONE;
}

struct arguments {
    struct lks_neartext_request request;
    const char **inputs;
    unsigned threads;
    uint64_t memory_bytes;
    int json, quiet, help;
};

/* Options without a value; 1 if it was one. */
static int flag_take(struct arguments *arguments, const char *name)
{
    const struct {
        const char *name;
        int *target;
    } flags[] = {{"--json", &arguments->json}, {"--quiet", &arguments->quiet},
                 {"-q", &arguments->quiet},    {"--as-is", &arguments->request.as_is},
                 {"--help", &arguments->help}, {"-h", &arguments->help}};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (strcmp(name, flags[i].name) == 0) {
            *flags[i].target = 1;
            return 1;
        }
    return 0;
}

/* Options with a value; 1 taken, 0 not known, LKS_EXIT_USAGE refused. */
static int value_take(struct arguments *arguments, const char *name, const char *value)
{
    struct lks_neartext_request *request = &arguments->request;
    const struct {
        const char *name;
        const char **target;
    } texts[] = {{"--as", &request->as},
                 {"--map", &request->map},
                 {"--window", &request->window},
                 {"--shingle", &request->shingle},
                 {"--clusters", &request->clusters_path},
                 {"--pairs", &request->pairs_path}};
    const struct {
        const char *name;
        unsigned *target;
    } numbers[] = {{"--threads", &arguments->threads},
                   {"--pairs-per-text", &request->pairs_per_text_max}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (strcmp(name, texts[i].name) == 0) {
            *texts[i].target = value;
            return 1;
        }
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (strcmp(name, numbers[i].name) == 0)
            return lks_cli_parse_unsigned(value, numbers[i].target) == 0
                       ? 1
                       : lks_cli_usage(command, "%s takes a whole number, not '%s'", name, value);
    if (strcmp(name, "--threshold") == 0)
        return lks_cli_parse_double(value, &request->threshold) == 0
                   ? 1
                   : lks_cli_usage(command, "--threshold takes a number, not '%s'", value);
    if (strcmp(name, "--memory") == 0)
        return lks_cli_parse_size(value, &arguments->memory_bytes) == 0
                   ? 1
                   : lks_cli_usage(command, "--memory takes a size like 512M or 2G, not '%s'",
                                   value);
    if (strcmp(name, "--input") == 0) {
        arguments->inputs[request->inputs_count++] = value;
        return 1;
    }
    return 0;
}

static int arguments_read(struct arguments *arguments, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        char name[64];
        const char *value = NULL, *equal = strchr(argv[i], '=');
        if (argv[i][0] != '-' || argv[i][1] == '\0') {
            arguments->inputs[arguments->request.inputs_count++] = argv[i];
            continue;
        }
        if (flag_take(arguments, argv[i]))
            continue;
        size_t size = equal ? (size_t)(equal - argv[i]) : strlen(argv[i]);
        if (size >= sizeof name)
            return lks_cli_usage(command, "'%.60s' is no option", argv[i]);
        memcpy(name, argv[i], size);
        name[size] = '\0';
        if (equal)
            value = equal + 1;
        else if (i + 1 < argc)
            value = argv[i + 1];
        int taken = value_take(arguments, name, value ? value : "");
        if (taken == 0)
            return lks_cli_usage(command, "'%s' is no option", name);
        if (!value)
            return lks_cli_usage(command, "%s takes a value", name);
        if (taken != 1)
            return taken;
        i += !equal;
    }
    if (!arguments->help && arguments->request.inputs_count == 0)
        return lks_cli_usage(command, "name a file: --input FILE");
    arguments->request.inputs = arguments->inputs;
    return 0;
}

static int run(const struct arguments *arguments)
{
    struct lks_error err = {0};
    char *text = NULL;
    const struct lks_control *control =
        lks_cli_control(arguments->threads, arguments->memory_bytes, arguments->quiet);
    if (lks_neartext_files(&arguments->request, arguments->json, control, &text, &err) < 0)
        return lks_cli_fail(command, &err);
    lks_cli_progress_clear();
    fputs(text, stdout);
    lks_text_free(text);
    if (fflush(stdout) != 0)
        return LKS_EXIT_FAILED;
    return LKS_EXIT_DONE;
}

int lks_cli_neartext(int argc, char **argv)
{
    struct arguments arguments = {.request = lks_neartext_request_default()};
    arguments.inputs = calloc((size_t)argc + 1, sizeof *arguments.inputs);
    int code = arguments.inputs ? arguments_read(&arguments, argc, argv) : LKS_EXIT_FAILED;
    if (code == 0)
        code = arguments.help ? help() : run(&arguments);
    free(arguments.inputs);
    return code;
}
