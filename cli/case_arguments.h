/* case_arguments.h - the arguments of commands that take one case and options: calibrate, evaluate */
#ifndef LKS_CLI_CASE_ARGUMENTS_H
#define LKS_CLI_CASE_ARGUMENTS_H

/* A flag is 1 if it was one; a value is 1 taken, 0 not known, LKS_EXIT_USAGE refused. */
struct lks_cli_case_arguments {
    const char *command;
    int (*flag)(void *context, const char *name);
    int (*value)(void *context, const char *name, const char *value);
    void *context;
};

/* Reads "--name value", "--name=value", flags, "--" and the one case; 0 or LKS_EXIT_USAGE.
 * *case_path stays NULL where none is named. */
int lks_cli_case_arguments(const struct lks_cli_case_arguments *arguments, int argc, char **argv,
                           const char **case_path);

#endif
