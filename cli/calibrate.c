/* calibrate.c - the calibrate command: false alarms on shuffled data against those promised */
#include <stdio.h>

#include "case_arguments.h"
#include "commands.h"

static const char *const command = "calibrate";

static int help(void)
{
    puts(
        "lockstep calibrate CASE [--copies N]\n"
        "\n"
        "Tries the promises of this case's p-values on data in which there is nothing to find:\n"
        "whatever is found there is a false alarm. First the whole run, fusion and all, on copies\n"
        "of the case in which everything was dealt out at once: authors, times, registrations;\n"
        "findings by confidence and accounts per 10,000 stand beside what is promised. Then each\n"
        "test by itself, on data in which only what its own null model calls exchangeable was\n"
        "dealt out:\n"
        "\n"
        "  groups, pairs          accounts, or pairs of them, that act together\n"
        "  lifecycle, cohorts     accounts that slept and woke; awakenings at one time\n"
        "  recruitment            accounts that answer calls\n"
        "  swarm, bursts          accounts that copy under strangers' posts; comment floods\n"
        "  scripts, script-times  scripts of promotion; other accounts, other times\n"
        "  relays, relayers       calls that channels repeat; channels that repeat others\n"
        "\n"
        "Nothing is written, and the case stays as it is.\n"
        "\n"
        "A set takes about as long as a run of detect, and as much memory: 30,000 posts take two\n"
        "seconds a set on two cores, so the usual 20 less than a minute.\n"
        "\n"
        "  lockstep calibrate case\n"
        "  lockstep calibrate case --copies 200 --json\n"
        "\n"
        "options:\n"
        "  --copies N         shuffled copies of the case (default 20); an interval narrows\n"
        "                     with the root of N\n"
        "  --group-copies N   copies inside of each, for the test of groups (default 99)\n"
        "  --only KINDS       object kinds to use, as with detect\n"
        "  --window SPAN      as with detect\n"
        "  --seed N           of the shuffles (default 0)\n"
        "  --json             print one JSON object\n"
        "  --threads N        default: all processors; the answer is the same for any number\n"
        "  --memory SIZE      e.g. 2G (default: half of what is free)\n"
        "  -q, --quiet        no progress line");
    return LKS_EXIT_DONE;
}

int lks_cli_calibrate(int argc, char **argv)
{
    struct lks_detect_options detect = {0};
    unsigned sets = 0, threads = 0;
    uint64_t memory_bytes = 0;
    const struct lks_cli_option options[] = {{"--copies", LKS_CLI_COUNT, &sets},
                                             {"--group-copies", LKS_CLI_UNSIGNED, &detect.copies},
                                             {"--only", LKS_CLI_TEXT, &detect.only},
                                             {"--window", LKS_CLI_TEXT, &detect.windows},
                                             {"--seed", LKS_CLI_SEED, &detect.seed},
                                             {"--threads", LKS_CLI_UNSIGNED, &threads},
                                             {"--memory", LKS_CLI_SIZE, &memory_bytes}};
    struct lks_cli_case_arguments a = {command, "a case", options, sizeof options / sizeof *options,
                                       help};
    struct lks_error err = {0};
    char *text = NULL;
    int code;
    if (!lks_cli_case_arguments(&a, argc, argv, &code))
        return code;
    const struct lks_control *control = lks_cli_control(threads, memory_bytes, a.quiet);
    if (lks_case_calibrate(a.path, &detect, sets, a.json, control, &text, &err) != 0)
        return lks_cli_fail(command, &err);
    lks_cli_case_answer(text);
    return LKS_EXIT_DONE;
}
