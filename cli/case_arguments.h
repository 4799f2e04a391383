/* case_arguments.h - the arguments of commands that take one case and options, and their answer */
#ifndef LKS_CLI_CASE_ARGUMENTS_H
#define LKS_CLI_CASE_ARGUMENTS_H

#include <stddef.h>

enum lks_cli_option_kind {
    LKS_CLI_FLAG,     /* int, set to 1 */
    LKS_CLI_TEXT,     /* const char * */
    LKS_CLI_TEXTS,    /* struct lks_cli_texts: may be given several times */
    LKS_CLI_UNSIGNED, /* unsigned */
    LKS_CLI_COUNT,    /* unsigned, 1 or more */
    LKS_CLI_SIZE,     /* uint64_t, "2G" */
    LKS_CLI_SEED      /* uint64_t */
};

enum { LKS_CLI_TEXTS_MAX = 15 };
struct lks_cli_texts {
    const char *items[LKS_CLI_TEXTS_MAX];
    size_t count;
};

struct lks_cli_option {
    const char *name; /* "--copies" */
    enum lks_cli_option_kind kind;
    void *target;
};

/* What every such command knows: --json, -q or --quiet, -h or --help, and the one case. */
struct lks_cli_case_arguments {
    const char *command;
    const char *what; /* "a case": the sentence where none is named */
    const struct lks_cli_option *options;
    size_t options_count;
    int (*help)(void);
    int json, quiet;
    const char *path; /* the case */
};

/* Reads "--name value", "--name=value", flags, "--" and the case. 1: go on; else *code_out is the
 * exit code, and what there is to say was said. */
int lks_cli_case_arguments(struct lks_cli_case_arguments *arguments, int argc, char **argv,
                           int *code_out);
/* Ends the progress line, prints the library's text and frees it. */
void lks_cli_case_answer(char *text);

#endif
