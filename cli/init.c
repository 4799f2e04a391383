/* init.c - the init command: a new case's settings, explained */
#include <stdio.h>
#include <string.h>

#include "commands.h"

static void help_print(void)
{
    puts("lockstep init CASE\n"
         "\n"
         "Writes CASE/case.toml, which says what the case is about: topic, languages, windows,\n"
         "time zones, days that matter, beneficiaries and rates of exchange. Every setting is\n"
         "explained there and none is in force until you take its # away. The folder is made\n"
         "when it is not there; a case.toml that is there is not touched.\n"
         "\n"
         "  lockstep init case\n"
         "  lockstep investigate FILE... -o case\n"
         "\n"
         "options:\n"
         "  --json           print one JSON object");
}

int lks_cli_init(int argc, char **argv)
{
    struct lks_error err = {0};
    const char *folder = NULL;
    char path[LKS_PATH_BYTES];
    int json = 0, options = 1;
    for (int i = 1; i < argc; i++) {
        if (options && strcmp(argv[i], "--") == 0) {
            options = 0;
        } else if (options && (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)) {
            help_print();
            return LKS_EXIT_DONE;
        } else if (options && strcmp(argv[i], "--json") == 0) {
            json = 1;
        } else if (options && argv[i][0] == '-') {
            return lks_cli_usage(argv[0], "'%s' is no option", argv[i]);
        } else if (folder) {
            return lks_cli_usage(argv[0], "name one case");
        } else {
            folder = argv[i];
        }
    }
    if (!folder)
        return lks_cli_usage(argv[0], "name a case");
    if (lks_case_init(folder, path, &err) != 0)
        return lks_cli_fail(argv[0], &err);
    if (json) {
        puts("{\"written\": true}");
        return LKS_EXIT_DONE;
    }
    fputs("Written: ", stdout);
    lks_cli_put_path(stdout, path);
    printf("\n%-13s", "Next:");
    lks_cli_put_path(stdout, lks_cli_program);
    fputs(" investigate FILE... -o ", stdout);
    lks_cli_put_path(stdout, folder);
    putchar('\n');
    return LKS_EXIT_DONE;
}
