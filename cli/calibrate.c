/* calibrate.c - the calibrate command: false alarms on shuffled data against those promised */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case_arguments.h"
#include "commands.h"

static const char *const command = "calibrate";

struct arguments {
    struct lks_detect_options detect;
    const char *case_path;
    unsigned sets, threads;
    uint64_t memory_bytes;
    int json, quiet, help;
};

static int help(void)
{
    puts(
        "lockstep calibrate CASE [--copies N]\n"
        "\n"
        "Shuffles what each detector's null model calls exchangeable, so that there is nothing to\n"
        "find, runs the whole detector on every such copy of the case, and prints how often it\n"
        "alarmed beside how often it promises to, with intervals:\n"
        "\n"
        "  groups, pairs          accounts, or pairs of them, that act together\n"
        "  lifecycle, cohorts     accounts that slept and woke; awakenings at one time\n"
        "  recruitment            accounts that answer calls\n"
        "  swarm, bursts          accounts that copy under strangers' posts; comment floods\n"
        "  scripts, script-times  scripts of promotion; other accounts, other times\n"
        "  relays, relayers       calls that channels repeat; channels that repeat others\n"
        "\n"
        "  lockstep calibrate case\n"
        "  lockstep calibrate case --copies 200 --json\n"
        "\n"
        "options:\n"
        "  --copies N         shuffled copies of the case (20); an interval narrows with\n"
        "                     the root of N\n"
        "  --group-copies N   copies inside of each, for the test of groups (99)\n"
        "  --only KINDS       object kinds to use, as with detect\n"
        "  --window SPAN      as with detect\n"
        "  --seed N           of the shuffles (0)\n"
        "  --json             print one JSON object\n"
        "  --threads N        threads to use (all processors); the answer is the same\n"
        "  --memory SIZE      e.g. 2G (half of what is free)\n"
        "  -q, --quiet        no progress line");
    return LKS_EXIT_DONE;
}

static int seed_parse(const char *text, uint64_t *seed)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    *seed = value;
    return errno || *end || *text < '0' || *text > '9' ? -1 : 0;
}

/* Options with a value: 1 taken, 0 not known, LKS_EXIT_USAGE refused. */
static int value_take(void *context, const char *name, const char *value)
{
    struct arguments *a = context;
    enum { COPIES, GROUP_COPIES, ONLY, WINDOW, SEED, THREADS, MEMORY, COUNT };
    static const char *const names[COUNT] = {"--copies", "--group-copies", "--only",  "--window",
                                             "--seed",   "--threads",      "--memory"};
    int which = 0, bad = 0;
    while (which < COUNT && strcmp(name, names[which]) != 0)
        which++;
    if (which == COUNT)
        return 0;
    if (!value)
        return lks_cli_usage(command, "%s needs a value", name);
    if (which == ONLY)
        a->detect.only = value;
    else if (which == WINDOW)
        a->detect.windows = value;
    else if (which == SEED)
        bad = seed_parse(value, &a->detect.seed);
    else if (which == MEMORY)
        bad = lks_cli_parse_size(value, &a->memory_bytes);
    else
        bad = lks_cli_parse_unsigned(value, which == COPIES         ? &a->sets
                                            : which == GROUP_COPIES ? &a->detect.copies
                                                                    : &a->threads);
    if (bad || (which == COPIES && !a->sets))
        return lks_cli_usage(command, "'%s' is no value for %s", value, name);
    return 1;
}

static int flag_take(void *context, const char *name)
{
    struct arguments *a = context;
    if (strcmp(name, "--json") == 0)
        return a->json = 1;
    if (strcmp(name, "--quiet") == 0 || strcmp(name, "-q") == 0)
        return a->quiet = 1;
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        return a->help = 1;
    return 0;
}

int lks_cli_calibrate(int argc, char **argv)
{
    struct arguments a = {0};
    struct lks_error err = {0};
    char *text = NULL;
    const struct lks_cli_case_arguments arguments = {command, flag_take, value_take, &a};
    int code = lks_cli_case_arguments(&arguments, argc, argv, &a.case_path);
    if (code)
        return code;
    if (a.help)
        return help();
    if (!a.case_path)
        return lks_cli_usage(command, "name a case");
    const struct lks_control *control = lks_cli_control(a.threads, a.memory_bytes, a.quiet);
    if (lks_case_calibrate(a.case_path, &a.detect, a.sets, a.json, control, &text, &err) != 0)
        return lks_cli_fail(command, &err);
    lks_cli_progress_clear();
    fputs(text, stdout);
    lks_text_free(text);
    return LKS_EXIT_DONE;
}
