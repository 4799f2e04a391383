/* case_arguments.c - the arguments of commands that take one case and options */
#include "case_arguments.h"

#include <string.h>

#include "commands.h"

int lks_cli_case_arguments(const struct lks_cli_case_arguments *arguments, int argc, char **argv,
                           const char **case_path)
{
    int options = 1;
    for (int i = 1; i < argc; i++) {
        if (options && strcmp(argv[i], "--") == 0) {
            options = 0;
            continue;
        }
        if (!options || argv[i][0] != '-') {
            if (*case_path)
                return lks_cli_usage(arguments->command, "name one case");
            *case_path = argv[i];
            continue;
        }
        if (arguments->flag(arguments->context, argv[i]))
            continue;
        char name[32] = "", *equal = strchr(argv[i], '=');
        if (equal && (size_t)(equal - argv[i]) < sizeof name)
            memcpy(name, argv[i], (size_t)(equal - argv[i]));
        int taken = equal ? arguments->value(arguments->context, name, equal + 1)
                          : arguments->value(arguments->context, argv[i],
                                             i + 1 < argc ? argv[i + 1] : NULL);
        if (taken > 1)
            return taken;
        if (!taken)
            return lks_cli_usage(arguments->command, "'%s' is no option", argv[i]);
        i += !equal;
    }
    return 0;
}
