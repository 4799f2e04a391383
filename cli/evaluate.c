/* evaluate.c - the evaluate command: a run against labels */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case_arguments.h"
#include "commands.h"

static const char *const command = "evaluate";

enum { LABELS_MAX = 16 };

struct arguments {
    struct lks_evaluate_options options;
    const char *labels[LABELS_MAX];
    size_t labels_count;
    const char *case_path;
    unsigned threads;
    int json, quiet, help;
};

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
         "  --run ID         another run than the latest\n"
         "  --seed N         of the bootstrap (0)\n"
         "  --json           print one JSON object\n"
         "  --threads N      threads to use (all processors); the answer is the same\n"
         "  -q, --quiet      no progress line");
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
    const struct {
        const char *name;
        const char **target;
    } texts[] = {{"--labels", &a->labels[a->labels_count]},
                 {"--picture", &a->options.picture},
                 {"--run", &a->options.run}};
    int text = -1;
    for (int i = 0; i < 3; i++)
        if (strcmp(name, texts[i].name) == 0)
            text = i;
    if (text < 0 && strcmp(name, "--seed") != 0 && strcmp(name, "--threads") != 0)
        return 0;
    if (!value)
        return lks_cli_usage(command, "%s needs a value", name);
    if (text == 0 && a->labels_count + 1 == LABELS_MAX)
        return lks_cli_usage(command, "name at most %d files of labels", LABELS_MAX - 1);
    a->labels_count += text == 0;
    if (text >= 0)
        *texts[text].target = value;
    else if (strcmp(name, "--seed") == 0 ? seed_parse(value, &a->options.seed)
                                         : lks_cli_parse_unsigned(value, &a->threads))
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

int lks_cli_evaluate(int argc, char **argv)
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
    a.options.labels = a.labels[0];
    a.options.more_labels = a.labels + 1;
    a.options.more_labels_count = a.labels_count ? a.labels_count - 1 : 0;
    if (!a.case_path || !a.options.labels)
        return lks_cli_usage(command,
                             a.case_path ? "name the labels: --labels FILE" : "name a case");
    const struct lks_control *control = lks_cli_control(a.threads, 0, a.quiet);
    if (lks_case_evaluate(a.case_path, &a.options, a.json, control, &text, &err) != 0)
        return lks_cli_fail(command, &err);
    lks_cli_progress_clear();
    fputs(text, stdout);
    lks_text_free(text);
    if (a.options.picture && !a.json) {
        fputs("Picture: ", stdout);
        lks_cli_put_path(stdout, a.options.picture);
        putchar('\n');
    }
    return LKS_EXIT_DONE;
}
