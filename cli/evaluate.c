/* evaluate.c - the evaluate command: a run against labels */
#include <stdio.h>

#include "case_arguments.h"
#include "commands.h"

static const char *const command = "evaluate";

static int help(void)
{
    puts("lockstep evaluate CASE --labels FILE\n"
         "\n"
         "Holds what a run found against what is known: precision, recall and false alarms per\n"
         "10,000 innocent accounts, for accounts, pairs, groups, events and messages, with\n"
         "intervals; accounts also by each detector alone.\n"
         "\n"
         "  lockstep evaluate case --labels labels.csv\n"
         "  lockstep evaluate case --labels labels.csv --json --picture curve.svg\n"
         "\n"
         "options:\n"
         "  --labels FILE    CSV; what it labels is told by its header, and it may be given\n"
         "                   several times:\n"
         "                     account_key,label       tiktok:name; 1 for coordinated, 0 for\n"
         "                                             innocent; a column group, population or\n"
         "                                             campaign says which belong together\n"
         "                     account_key,group       coordinated accounts of groups\n"
         "                     account_a,account_b,label\n"
         "                     channel,time,what       what was called out where and when;\n"
         "                                             without a channel: anywhere\n"
         "                     channel,message,label   1 for an instruction\n"
         "  --picture FILE   write the curve of precision over recall, as SVG\n"
         "  --run ID         the run, e.g. 0001 (default: the latest)\n"
         "  --seed N         of the random draws behind the intervals (default 0)\n"
         "  --json           print one JSON object\n"
         "  --threads N      default: all processors; the answer is the same for any number\n"
         "  -q, --quiet      no progress line");
    return LKS_EXIT_DONE;
}

int lks_cli_evaluate(int argc, char **argv)
{
    struct lks_evaluate_options evaluate = {0};
    struct lks_cli_texts labels = {0};
    unsigned threads = 0;
    const struct lks_cli_option options[] = {{"--labels", LKS_CLI_TEXTS, &labels},
                                             {"--picture", LKS_CLI_TEXT, &evaluate.picture},
                                             {"--run", LKS_CLI_TEXT, &evaluate.run},
                                             {"--seed", LKS_CLI_SEED, &evaluate.seed},
                                             {"--threads", LKS_CLI_UNSIGNED, &threads}};
    struct lks_cli_case_arguments a = {command, "a case", options, sizeof options / sizeof *options,
                                       help};
    struct lks_error err = {0};
    char *text = NULL;
    int code;
    if (!lks_cli_case_arguments(&a, argc, argv, &code))
        return code;
    if (!labels.count)
        return lks_cli_usage(command, "name the labels: --labels FILE");
    evaluate.labels = labels.items[0];
    evaluate.more_labels = labels.items + 1;
    evaluate.more_labels_count = labels.count - 1;
    const struct lks_control *control = lks_cli_control(threads, 0, a.quiet);
    if (lks_case_evaluate(a.path, &evaluate, a.json, control, &text, &err) != 0)
        return lks_cli_fail(command, &err);
    lks_cli_case_answer(text);
    if (evaluate.picture && !a.json) {
        fputs("Picture: ", stdout);
        lks_cli_put_path(stdout, evaluate.picture);
        putchar('\n');
    }
    return LKS_EXIT_DONE;
}
