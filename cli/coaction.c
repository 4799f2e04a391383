/* coaction.c - the coaction command: the co-action network of files, without a case */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files_command.h"
#include "flag.h"

static const char *const command = "coaction";

static int help(void)
{
    fputs(
        "lockstep coaction --input FILE [--window 60s] [options]\n"
        "\n"
        "Who acted on the same things at almost the same time? Two posts of different accounts\n"
        "match if they share a link, hashtag, text, ... and are at most the window apart. An edge\n"
        "joins two accounts; its strength is the number of occasions: disjoint pairs of posts\n"
        "that match, so that one repost with six hashtags counts once.\n"
        "\n"
        "  lockstep coaction --input shares.csv.zst --window 60s --min-occasions 2\n"
        "  lockstep coaction --input tweets.csv --window 60s --window hashtag=10s \\\n"
        "      --kinds url,hashtag --edges edges.csv\n"
        "  lockstep coaction --input any.csv --map account=user,time=t,post=id,url=link --json\n"
        "\n"
        "  --input FILE          a file, plain, gzip or zstd; several are stacked\n"
        "  --window SPAN         60s, 5m, 1h for all kinds, or by kind: hashtag=10s,url=60s\n"
        "                        (60s); inclusive. Several, as in 10s,60s,1h, are one sweep; each\n"
        "                        has its own edges, in e.10s.csv and so on for --edges e.csv\n"
        "  --kinds LIST          object kinds to use: url, domain, hashtag, mention, repost, "
        "reply,\n"
        "                        sound, effect, text, media, hashtag_set (all)\n"
        "  --chance E            keep an edge if its score is so high that chance alone, who "
        "posted\n"
        "                        being dealt anew within each hour, is expected to bring E of all\n"
        "                        pairs of accounts so far (1); 'any' keeps every edge that "
        "reaches\n"
        "                        the minima below, and so does naming one of them\n"
        "  --min-occasions N     least strength of an edge (1)\n"
        "  --min-objects N       least distinct objects of an edge (1)\n"
        "  --min-pairs N         least matching pairs of posts and objects (1)\n"
        "  --edges FILE          write the edges, .csv or .parquet\n"
        "  --json                print one JSON object\n"
        "  --as NAME, --map MAP  the format, or the columns, where they are not recognised\n"
        "  --threads N           threads to use (all processors); the answer is the same\n"
        "  --memory SIZE         memory limit, as in 2G (half of what is free); what does not fit\n"
        "                        goes to temporary files, and the edges are the same\n"
        "  --temp DIR            folder for temporary files (that of the edges, else /var/tmp)\n"
        "  --spill-limit SIZE    most that temporary files may take; without it a run stops whose\n"
        "                        forecast is more than the disk has free\n"
        "  -q, --quiet           no progress line\n"
        "\n"
        "The numbers of two other programs, exactly, from their own columns:\n"
        "\n"
        "  lockstep coaction --input shares.csv --window 30s --compat coortweet --json\n"
        "  lockstep coaction --input cnt.csv --window 60s --compat cnt --network co_retweet\n"
        "\n"
        "  --compat coortweet    columns object_id, account_id, content_id, timestamp_share\n"
        "    --min-participation N   shares an account must have (2)\n"
        "    --edge-weight Q         quantile that a weight must exceed (0.5)\n"
        "    --fast-window SPAN      a narrower window beside the first\n"
        "    --merge-inputs          several inputs are pieces of one (else each is detected by\n"
        "                            itself, a kind of object each, and the pairs are stacked)\n"
        "  --compat cnt          columns message_id, user_id, timestamp, repost_id, reply_id,\n"
        "                        message, urls; also shares as above\n"
        "    --network NAME          co_retweet, co_tweet, co_reply, co_link, co_similar, co_post\n"
        "    --min-weight N          least weight of a direction (1)\n"
        "    --loops                 keep edges from an account to itself\n"
        "    --cnt-raw-urls          cut the urls column at blanks, as that program does:\n"
        "                            '[]' then counts as a link\n"
        "    --similarity S          co_similar: Jaccard of the word sets (0.8)\n",
        stdout);
    return LKS_EXIT_DONE;
}

struct arguments {
    struct lks_coaction_request request;
    char *windows; /* all --window joined by commas */
    int minimum_named, chance_named;
};

static int windows_join(struct arguments *arguments, const char *value)
{
    size_t before = arguments->windows ? strlen(arguments->windows) : 0;
    char *grown = realloc(arguments->windows, before + strlen(value) + 2);
    if (!grown)
        return -1;
    if (before)
        grown[before++] = ',';
    memcpy(grown + before, value, strlen(value) + 1);
    arguments->windows = grown;
    arguments->request.windows = grown;
    return 0;
}

static int flag_take(void *context, const char *name)
{
    struct arguments *arguments = context;
    const struct lks_cli_flag flags[] = {{"--loops", &arguments->request.loops},
                                         {"--merge-inputs", &arguments->request.merge_inputs},
                                         {"--cnt-raw-urls", &arguments->request.raw_urls}};
    return lks_cli_flag_take(flags, sizeof flags / sizeof *flags, name);
}

/* Options with text or a number; 1 taken, 0 not known, LKS_EXIT_USAGE refused. */
static int number_take(struct arguments *arguments, const char *name, const char *value)
{
    struct lks_coaction_request *request = &arguments->request;
    unsigned pairs = 0, weight = 0;
    const struct {
        const char *name;
        unsigned *target;
    } numbers[] = {{"--min-occasions", &request->min_occasions},
                   {"--min-objects", &request->min_objects},
                   {"--min-participation", &request->min_participation},
                   {"--min-pairs", &pairs},
                   {"--min-weight", &weight}};
    const struct {
        const char *name;
        double *target;
    } shares[] = {{"--edge-weight", &request->edge_weight}, {"--similarity", &request->similarity}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (strcmp(name, numbers[i].name) != 0)
            continue;
        if (lks_cli_parse_unsigned(value, numbers[i].target) != 0)
            return lks_cli_usage(command, "%s takes a whole number, not '%s'", name, value);
        if (strncmp(name, "--min-", 6) == 0)
            arguments->minimum_named = 1;
        if (numbers[i].target == &pairs)
            request->min_pairs = pairs;
        if (numbers[i].target == &weight)
            request->min_weight = weight;
        return 1;
    }
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
        if (strcmp(name, shares[i].name) != 0)
            continue;
        if (lks_cli_parse_double(value, shares[i].target) != 0)
            return lks_cli_usage(command, "%s takes a number, not '%s'", name, value);
        return 1;
    }
    return 0;
}

static int value_take(void *context, const char *name, const char *value)
{
    struct arguments *arguments = context;
    struct lks_coaction_request *request = &arguments->request;
    const struct {
        const char *name;
        const char **target;
    } texts[] = {{"--as", &request->as},           {"--map", &request->map},
                 {"--kinds", &request->kinds},     {"--edges", &request->edges_path},
                 {"--network", &request->network}, {"--fast-window", &request->fast_window},
                 {"--temp", &request->temp_folder}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (strcmp(name, texts[i].name) == 0) {
            *texts[i].target = value;
            return 1;
        }
    if (strcmp(name, "--window") == 0)
        return windows_join(arguments, value) == 0 ? 1 : lks_cli_usage(command, "out of memory");
    if (strcmp(name, "--chance") == 0) {
        arguments->chance_named = 1;
        request->chance_edges = 0;
        if (strcmp(value, "any") == 0)
            return 1;
        if (lks_cli_parse_double(value, &request->chance_edges) != 0 || request->chance_edges <= 0)
            return lks_cli_usage(command, "--chance takes a number above 0, or any, not '%s'",
                                 value);
        return 1;
    }
    if (strcmp(name, "--spill-limit") == 0)
        return lks_cli_parse_size(value, &request->spill_limit_bytes) == 0 &&
                       request->spill_limit_bytes > 0
                   ? 1
                   : lks_cli_usage(command, "--spill-limit takes a size like 50G, not '%s'", value);
    if (strcmp(name, "--compat") == 0) {
        if (strcmp(value, "coortweet") == 0)
            request->compat = LKS_COACTION_COORTWEET;
        else if (strcmp(value, "cnt") == 0)
            request->compat = LKS_COACTION_CNT;
        else
            return lks_cli_usage(command, "--compat takes coortweet or cnt, not '%s'", value);
        return 1;
    }
    return number_take(arguments, name, value);
}

static int run(void *context, const struct lks_cli_files *files, int as_json,
               const struct lks_control *control, char **text_out, struct lks_error *err)
{
    struct arguments *arguments = context;
    arguments->request.inputs = files->inputs;
    arguments->request.inputs_count = files->inputs_count;
    if (arguments->minimum_named && !arguments->chance_named)
        arguments->request.chance_edges = 0;
    return lks_coaction_files(&arguments->request, as_json, control, text_out, err);
}

int lks_cli_coaction(int argc, char **argv)
{
    struct arguments arguments = {.request = lks_coaction_request_default()};
    struct lks_cli_files files = {.command = command,
                                  .flag = flag_take,
                                  .value = value_take,
                                  .help = help,
                                  .run = run,
                                  .context = &arguments};
    int code = lks_cli_files_command(&files, argc, argv);
    free(arguments.windows);
    return code;
}
