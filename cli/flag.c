/* flag.c - options without a value */
#include "flag.h"

#include <string.h>

int lks_cli_flag_take(const struct lks_cli_flag *flags, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(name, flags[i].name) == 0)
            return *flags[i].target = 1;
    return 0;
}
