/* case_options.h - the options that the commands over a case have in common */
#ifndef LKS_CLI_CASE_OPTIONS_H
#define LKS_CLI_CASE_OPTIONS_H

#include "commands.h"

struct lks_cli_case_options {
    struct lks_ingest_options ingest;
    struct lks_detect_options detect;
    unsigned formats; /* enum lks_report_format, added up */
    const char *output, *run;
    const char *recipient, *into, *mapping; /* of a report for somebody */
    unsigned threads;
    uint64_t memory_bytes;
    int json, quiet, help;
    int rest; /* index of the first argument that is no option */
};

/* Groups of options that a command takes, added up. */
enum {
    LKS_CLI_INGEST = 1,
    LKS_CLI_DETECT = 2,
    LKS_CLI_REPORT = 4,
    LKS_CLI_OUTPUT = 8,
    LKS_CLI_RUN = 16,
    LKS_CLI_SHOW = 32
};

/* Reads options, which may stand among the other arguments (those are moved behind).
 * 0, or LKS_EXIT_USAGE with the message printed. */
int lks_cli_case_options_parse(int argc, char **argv, unsigned groups,
                               struct lks_cli_case_options *options);
/* Prints the help of the options in groups, one paragraph a group. */
void lks_cli_case_options_help(unsigned groups);

#endif
