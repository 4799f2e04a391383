/* vault_commands.c - what the vault can give back: log, rebuild, replay */
#include <stdio.h>

#include "case_options.h"

enum { HELPED = -1 };

/* Reads what the three have in common: 0, HELPED, or an exit code. */
static int arguments_read(int argc, char **argv, unsigned groups, const char *help,
                          struct lks_cli_case_options *options, int most)
{
    int code = lks_cli_case_options_parse(argc, argv, groups, options);
    if (code)
        return code;
    if (options->help) {
        puts(help);
        lks_cli_case_options_help(groups);
        return HELPED;
    }
    int count = argc - options->rest;
    return count < 1 || count > most
               ? lks_cli_usage(argv[0], most == 1 ? "name one case" : "name a case, and a run")
               : 0;
}

static int show(char *text)
{
    lks_cli_progress_clear();
    fputs(text, stdout);
    lks_text_free(text);
    return LKS_EXIT_DONE;
}

int lks_cli_log(int argc, char **argv)
{
    struct lks_cli_case_options options;
    struct lks_error err = {0};
    char *text = NULL;
    int code =
        arguments_read(argc, argv, 0,
                       "lockstep log CASE\n"
                       "\n"
                       "Prints what was done to the case, one statement of its signed log a\n"
                       "line: number, time (UTC), kind, what, and by whom. What is hidden in\n"
                       "the log is shown where its disclosure lies here. 'lockstep verify'\n"
                       "says whether the log is what was signed.",
                       &options, 1);
    if (code)
        return code == HELPED ? LKS_EXIT_DONE : code;
    if (lks_case_log(argv[options.rest], 0, UINT64_MAX, options.json, &text, &err) != 0)
        return lks_cli_fail(argv[0], &err);
    return show(text);
}

int lks_cli_rebuild(int argc, char **argv)
{
    struct lks_cli_case_options options;
    struct lks_error err = {0};
    char *text = NULL;
    int code =
        arguments_read(argc, argv, 0,
                       "lockstep rebuild CASE\n"
                       "\n"
                       "Makes the case's store again from the sealed files of its vault, read\n"
                       "as they were read at first. The old store is replaced when the new one\n"
                       "is whole. Says whether both have the same content, and which files\n"
                       "are not here any more.",
                       &options, 1);
    if (code)
        return code == HELPED ? LKS_EXIT_DONE : code;
    const struct lks_control *control =
        lks_cli_control(options.threads, options.memory_bytes, options.quiet);
    if (lks_case_rebuild(argv[options.rest], options.json, control, &text, &err) != 0)
        return lks_cli_fail(argv[0], &err);
    return show(text);
}

int lks_cli_replay(int argc, char **argv)
{
    struct lks_cli_case_options options;
    struct lks_error err = {0};
    char *text = NULL;
    int code =
        arguments_read(argc, argv, LKS_CLI_RUN,
                       "lockstep replay CASE [RUN]\n"
                       "\n"
                       "Repeats a detection run with the options, settings and files that the\n"
                       "log names, and compares what it finds with the digest in the log.\n"
                       "Nothing of the repetition stays.\n"
                       "\n"
                       "exit codes: 0 the same, 5 not the same; others as everywhere",
                       &options, 2);
    if (code)
        return code == HELPED ? LKS_EXIT_DONE : code;
    const struct lks_control *control =
        lks_cli_control(options.threads, options.memory_bytes, options.quiet);
    const char *run = argc - options.rest == 2 ? argv[options.rest + 1] : options.run;
    code = lks_case_replay(argv[options.rest], run, options.json, control, &text, &err);
    if (code < 0)
        return lks_cli_fail(argv[0], &err);
    show(text);
    return code ? LKS_EXIT_DAMAGED : LKS_EXIT_DONE;
}
