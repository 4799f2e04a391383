/* erase.c - the erase command */
#include <stdio.h>
#include <string.h>

#include "case_arguments.h"
#include "commands.h"
#include "flag.h"

struct arguments {
    struct lks_erase_options options;
    int json, quiet, help;
};

static int help(void)
{
    puts(
        "lockstep erase CASE WHAT --reason TEXT [options]\n"
        "\n"
        "Erases what nobody may keep, unless a hold covers it: then it stays, and the answer and\n"
        "the log say which order stands in the way and since when (exit code 8). A file is\n"
        "erased by destroying its key; rows of a file are blanked out in a copy, and the original\n"
        "is destroyed. Then the store is made anew of what is left. An order that comes while\n"
        "this runs wins over it.\n"
        "\n"
        "  lockstep erase CASE --file posts.csv --reason \"came by mistake\"\n"
        "  lockstep erase CASE --account tiktok:7437... --reason \"asked for by the person\" "
        "--runs\n"
        "  lockstep erase CASE --rule --reason \"kept long enough\" --dry-run\n"
        "\n"
        "what, one of:\n"
        "  --file NAME      a file, by its name, SHA-256, or number of its entry in the log\n"
        "  --account KEY    an account's posts, payments and profiles\n"
        "  --older-than AGE posts and payments older than that: 2y, 6mo, 90d\n"
        "  --rule           what the rules of case.toml's [retention] say\n"
        "  --finish         nothing new: end what was cut off\n"
        "\n"
        "options:\n"
        "  --reason TEXT    why; hidden in the log\n"
        "  --runs           remove the runs that name what was erased\n"
        "  --dry-run        say what would happen, and write nothing\n"
        "  --json           print one JSON object\n"
        "  -q, --quiet      say nothing but the answer");
    return LKS_EXIT_DONE;
}

static int flag_take(void *context, const char *name)
{
    struct arguments *arguments = context;
    const struct lks_cli_flag flags[] = {{"--rule", &arguments->options.rule},
                                         {"--finish", &arguments->options.finish},
                                         {"--runs", &arguments->options.runs},
                                         {"--dry-run", &arguments->options.dry_run},
                                         LKS_CLI_FLAGS_COMMON(arguments)};
    return lks_cli_flag_take(flags, sizeof flags / sizeof *flags, name);
}

static int value_take(void *context, const char *name, const char *value)
{
    struct arguments *arguments = context;
    const struct {
        const char *name;
        const char **target;
    } values[] = {{"--file", &arguments->options.file},
                  {"--account", &arguments->options.account},
                  {"--older-than", &arguments->options.older_than},
                  {"--reason", &arguments->options.reason}};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        if (strcmp(name, values[i].name) == 0) {
            if (!value)
                return lks_cli_usage("erase", "%s takes a value", name);
            *values[i].target = value;
            return 1;
        }
    return 0;
}

int lks_cli_erase(int argc, char **argv)
{
    struct arguments arguments = {0};
    struct lks_cli_case_arguments reading = {"erase", flag_take, value_take, &arguments};
    struct lks_error err = {0};
    const char *case_path = NULL;
    char *text = NULL;
    int code = lks_cli_case_arguments(&reading, argc, argv, &case_path);
    if (code || arguments.help)
        return code ? code : help();
    if (!case_path)
        return lks_cli_usage("erase", "name a case");
    const struct lks_control *control = lks_cli_control(0, 0, arguments.quiet);
    code = lks_case_erase(case_path, &arguments.options, arguments.json, control, &text, &err);
    if (code < 0)
        return lks_cli_fail("erase", &err);
    lks_cli_progress_clear();
    fputs(text, stdout);
    lks_text_free(text);
    return code ? LKS_EXIT_HELD : LKS_EXIT_DONE;
}
