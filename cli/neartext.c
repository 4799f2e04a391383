/* neartext.c - the neartext command: near-duplicate texts of files, without a case */
#include <stdio.h>
#include <string.h>

#include "files_command.h"

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

static int flag_take(void *context, const char *name)
{
    struct lks_neartext_request *request = context;
    if (strcmp(name, "--as-is") != 0)
        return 0;
    request->as_is = 1;
    return 1;
}

static int value_take(void *context, const char *name, const char *value)
{
    struct lks_neartext_request *request = context;
    const struct {
        const char *name;
        const char **target;
    } texts[] = {{"--as", &request->as},
                 {"--map", &request->map},
                 {"--window", &request->window},
                 {"--shingle", &request->shingle},
                 {"--clusters", &request->clusters_path},
                 {"--pairs", &request->pairs_path}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (strcmp(name, texts[i].name) == 0) {
            *texts[i].target = value;
            return 1;
        }
    if (strcmp(name, "--pairs-per-text") == 0)
        return lks_cli_parse_unsigned(value, &request->pairs_per_text_max) == 0
                   ? 1
                   : lks_cli_usage(command, "%s takes a whole number, not '%s'", name, value);
    if (strcmp(name, "--threshold") == 0)
        return lks_cli_parse_double(value, &request->threshold) == 0
                   ? 1
                   : lks_cli_usage(command, "--threshold takes a number, not '%s'", value);
    return 0;
}

static int run(void *context, const struct lks_cli_files *files, int as_json,
               const struct lks_control *control, char **text_out, struct lks_error *err)
{
    struct lks_neartext_request *request = context;
    request->inputs = files->inputs;
    request->inputs_count = files->inputs_count;
    return lks_neartext_files(request, as_json, control, text_out, err);
}

int lks_cli_neartext(int argc, char **argv)
{
    struct lks_neartext_request request = lks_neartext_request_default();
    struct lks_cli_files files = {.command = command,
                                  .flag = flag_take,
                                  .value = value_take,
                                  .help = help,
                                  .run = run,
                                  .context = &request};
    return lks_cli_files_command(&files, argc, argv);
}
