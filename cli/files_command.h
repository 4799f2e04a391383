/* files_command.h - what commands over files alike do: neartext, coaction */
#ifndef LKS_CLI_FILES_COMMAND_H
#define LKS_CLI_FILES_COMMAND_H

#include "commands.h"

/* A command whose input is files and whose answer is a text. */
struct lks_cli_files {
    const char *command;
    const char **inputs; /* [inputs_count] as named; filled before run */
    size_t inputs_count;
    /* Options of the command's own: a flag is 1 if it was one; a value is 1 taken, 0 not known,
     * LKS_EXIT_USAGE refused. */
    int (*flag)(void *context, const char *name);
    int (*value)(void *context, const char *name, const char *value);
    int (*help)(void);
    /* Asks the library. */
    int (*run)(void *context, const struct lks_cli_files *files, int as_json,
               const struct lks_control *control, char **text_out, struct lks_error *err);
    void *context;
};

/* Reads the arguments, runs, prints the answer; the exit code. */
int lks_cli_files_command(struct lks_cli_files *files, int argc, char **argv);

#endif
