/* erase.c - the erase command */
#include <stdio.h>

#include "case_arguments.h"
#include "commands.h"

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

int lks_cli_erase(int argc, char **argv)
{
    struct lks_erase_options erase = {0};
    const struct lks_cli_option options[] = {{"--file", LKS_CLI_TEXT, &erase.file},
                                             {"--account", LKS_CLI_TEXT, &erase.account},
                                             {"--older-than", LKS_CLI_TEXT, &erase.older_than},
                                             {"--reason", LKS_CLI_TEXT, &erase.reason},
                                             {"--rule", LKS_CLI_FLAG, &erase.rule},
                                             {"--finish", LKS_CLI_FLAG, &erase.finish},
                                             {"--runs", LKS_CLI_FLAG, &erase.runs},
                                             {"--dry-run", LKS_CLI_FLAG, &erase.dry_run}};
    struct lks_cli_case_arguments a = {"erase", "a case", options, sizeof options / sizeof *options,
                                       help};
    struct lks_error err = {0};
    char *text = NULL;
    int code;
    if (!lks_cli_case_arguments(&a, argc, argv, &code))
        return code;
    const struct lks_control *control = lks_cli_control(0, 0, a.quiet);
    code = lks_case_erase(a.path, &erase, a.json, control, &text, &err);
    if (code < 0)
        return lks_cli_fail("erase", &err);
    lks_cli_case_answer(text);
    return code ? LKS_EXIT_HELD : LKS_EXIT_DONE;
}
