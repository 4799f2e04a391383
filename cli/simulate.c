/* simulate.c - the command that makes labelled synthetic data */
#include <stdio.h>
#include <string.h>

#include "commands.h"

struct simulate_arguments {
    struct lks_simulate_options options;
    unsigned threads;
    int json, quiet, help;
};

static void help_print(void)
{
    puts("lockstep simulate SCENARIO -o DIR\n"
         "\n"
         "Writes labelled synthetic data in the real formats: TikTok Research API videos,\n"
         "Zeeschuimer posts and comments, a Telegram Desktop export, a payment ledger,\n"
         "labels.csv with the truth, and a case.toml with what an investigator would know\n"
         "beforehand. It is about nobody, its words mean nothing, and every record says that\n"
         "it is synthetic.\n"
         "\n"
         "  lockstep simulate romania-2024 --scale 0.005 -o data\n"
         "  mkdir case && cp data/case.toml case\n"
         "  lockstep investigate data/*.ndjson data/*.json data/ledger.csv -o case\n"
         "\n"
         "scenarios:\n"
         "  romania-2024     a swarm that answers calls in a channel, sleepers, paid clips, and\n"
         "                   crowds that look alike for innocent reasons; docs/simulator.md\n"
         "\n"
         "options:\n"
         "  -o, --output DIR the folder to make; where it exists, it must be empty\n"
         "  --scale S        1 is a million accounts and some six million posts; default 0.005\n"
         "  --seed N         another number, other data; the same number, the same bytes; default "
         "1\n"
         "  --registered N   of the swarm after the channel opened, at scale 1: reports have 157\n"
         "                   and 1057; default 1057\n"
         "  --jitter J       answers come later, 0 to 1 (six hours on average)\n"
         "  --paraphrase P   a share P of the copied texts is in other words, 0 to 1\n"
         "  --split S        the swarm in up to 16 groups with texts and clips of their own, 0 to "
         "1\n"
         "  --sparse S       a share S of the answers is a comment or two instead of many, 0 to 1\n"
         "  --threads N      processors to use; the data is the same for any number\n"
         "  --json           print one JSON object\n"
         "  -q, --quiet      no progress line");
}

/* Reads one option with a value; 1 when name is none of them, -1 when the value is wrong. */
static int parse_value(const char *name, const char *value, struct simulate_arguments *arguments)
{
    if (strcmp(name, "-o") == 0 || strcmp(name, "--output") == 0) {
        arguments->options.folder = value;
        return value ? 0 : -1;
    }
    if (strcmp(name, "--scale") == 0)
        return value && lks_cli_parse_double(value, &arguments->options.scale) == 0 ? 0 : -1;
    if (strcmp(name, "--jitter") == 0)
        return value && lks_cli_parse_double(value, &arguments->options.jitter) == 0 ? 0 : -1;
    if (strcmp(name, "--paraphrase") == 0)
        return value && lks_cli_parse_double(value, &arguments->options.paraphrase) == 0 ? 0 : -1;
    if (strcmp(name, "--split") == 0)
        return value && lks_cli_parse_double(value, &arguments->options.split) == 0 ? 0 : -1;
    if (strcmp(name, "--sparse") == 0)
        return value && lks_cli_parse_double(value, &arguments->options.sparse) == 0 ? 0 : -1;
    if (strcmp(name, "--seed") == 0)
        return value && lks_cli_parse_seed(value, &arguments->options.seed) == 0 ? 0 : -1;
    if (strcmp(name, "--registered") == 0)
        return value && lks_cli_parse_unsigned(value, &arguments->options.registered) == 0 &&
                       arguments->options.registered > 0
                   ? 0
                   : -1;
    if (strcmp(name, "--threads") == 0)
        return value && lks_cli_parse_unsigned(value, &arguments->threads) == 0 ? 0 : -1;
    return 1;
}

static int parse(int argc, char **argv, struct simulate_arguments *arguments)
{
    for (int i = 1; i < argc; i++) {
        const char *name = argv[i];
        if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
            arguments->help = 1;
        } else if (strcmp(name, "--json") == 0) {
            arguments->json = 1;
        } else if (strcmp(name, "--quiet") == 0 || strcmp(name, "-q") == 0) {
            arguments->quiet = 1;
        } else if (name[0] == '-') {
            char *equal = name[1] == '-' ? strchr(argv[i], '=') : NULL;
            if (equal)
                *equal = '\0'; /* --seed=7 is --seed 7 */
            int code = parse_value(name,
                                   equal          ? equal + 1
                                   : i + 1 < argc ? argv[i + 1]
                                                  : NULL,
                                   arguments);
            if (code == 1)
                return lks_cli_usage(argv[0], "'%s' is no option of this command", name);
            if (code < 0)
                return lks_cli_usage(argv[0], "'%s' needs a value that makes sense", name);
            i += !equal;
        } else if (arguments->options.scenario) {
            return lks_cli_usage(argv[0], "one scenario only, not also '%s'", name);
        } else {
            arguments->options.scenario = name;
        }
    }
    return 0;
}

static void summary_print(const struct simulate_arguments *arguments,
                          const struct lks_simulate_summary *summary)
{
    const char *folder = arguments->options.folder;
    if (arguments->json) {
        printf("{\"posts\": %llu, \"messages\": %llu, \"accounts\": %llu, "
               "\"coordinated_accounts\": %llu, \"bytes\": %llu, \"seconds\": %.3f}\n",
               (unsigned long long)summary->posts, (unsigned long long)summary->messages,
               (unsigned long long)summary->accounts,
               (unsigned long long)summary->coordinated_accounts,
               (unsigned long long)summary->bytes, summary->seconds);
        return;
    }
    printf("SYNTHETIC DATA: %llu posts by %llu accounts, %llu of them coordinated; %llu messages\n"
           "in the channel. The truth is in ",
           (unsigned long long)summary->posts, (unsigned long long)summary->accounts,
           (unsigned long long)summary->coordinated_accounts,
           (unsigned long long)summary->messages);
    lks_cli_put_path(stdout, folder);
    printf("/labels.csv.\n\nNext:  mkdir case && cp ");
    lks_cli_put_path(stdout, folder);
    printf("/case.toml case\n       ");
    lks_cli_put_path(stdout, lks_cli_program);
    printf(" investigate");
    static const char *const files[] = {"/*.ndjson", "/*.json", "/ledger.csv"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        putchar(' ');
        lks_cli_put_path(stdout, folder);
        fputs(files[i], stdout);
    }
    puts(" -o case");
}

int lks_cli_simulate(int argc, char **argv)
{
    struct simulate_arguments arguments = {.options = {.scale = 0.005, .seed = 1}};
    struct lks_simulate_summary summary;
    struct lks_error err = {0};
    int code = parse(argc, argv, &arguments);
    if (code)
        return code;
    if (arguments.help) {
        help_print();
        return LKS_EXIT_DONE;
    }
    if (!arguments.options.scenario)
        return lks_cli_usage(argv[0], "which scenario? There is one: romania-2024");
    if (!arguments.options.folder)
        return lks_cli_usage(argv[0], "where to? Name the folder with -o DIR");
    const struct lks_control *control = lks_cli_control(arguments.threads, 0, arguments.quiet);
    if (lks_simulate(&arguments.options, control, &summary, &err) != 0)
        return lks_cli_fail(argv[0], &err);
    lks_cli_progress_clear();
    summary_print(&arguments, &summary);
    return LKS_EXIT_DONE;
}
