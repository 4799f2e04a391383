/* flag.h - options without a value */
#ifndef LKS_CLI_FLAG_H
#define LKS_CLI_FLAG_H

#include <stddef.h>

struct lks_cli_flag {
    const char *name;
    int *target; /* set to 1 */
};

/* What nearly every command has, of a struct with these three. */
#define LKS_CLI_FLAGS_COMMON(arguments)                                                            \
    {"--json", &(arguments)->json}, {"--quiet", &(arguments)->quiet}, {"-q", &(arguments)->quiet}, \
        {"--help", &(arguments)->help},                                                            \
    {                                                                                              \
        "-h", &(arguments)->help                                                                   \
    }

/* Sets the flag of this name; 1, or 0 where there is none. */
int lks_cli_flag_take(const struct lks_cli_flag *flags, size_t count, const char *name);

#endif
