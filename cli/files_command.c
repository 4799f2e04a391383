/* files_command.c - commands over files: arguments, one call of the library, its answer */
#include "files_command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flag.h"

/* What all such commands take. */
struct common {
    unsigned threads;
    uint64_t memory_bytes;
    int json, quiet, help;
};

static int flag_take(const struct lks_cli_files *files, struct common *common, const char *name)
{
    const struct lks_cli_flag flags[] = {LKS_CLI_FLAGS_COMMON(common)};
    return lks_cli_flag_take(flags, sizeof flags / sizeof *flags, name)
               ? 1
               : files->flag(files->context, name);
}

static int value_take(struct lks_cli_files *files, struct common *common, const char *name,
                      const char *value)
{
    if (strcmp(name, "--input") == 0) {
        files->inputs[files->inputs_count++] = value;
        return 1;
    }
    if (strcmp(name, "--threads") == 0)
        return lks_cli_parse_unsigned(value, &common->threads) == 0
                   ? 1
                   : lks_cli_usage(files->command, "%s takes a whole number, not '%s'", name,
                                   value);
    if (strcmp(name, "--memory") == 0)
        return lks_cli_parse_size(value, &common->memory_bytes) == 0
                   ? 1
                   : lks_cli_usage(files->command,
                                   "--memory takes a size like 512M or 2G, not '%s'", value);
    return files->value(files->context, name, value);
}

static int arguments_read(struct lks_cli_files *files, struct common *common, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        char name[64];
        const char *value = NULL, *equal = strchr(argv[i], '=');
        if (argv[i][0] != '-' || argv[i][1] == '\0') {
            files->inputs[files->inputs_count++] = argv[i];
            continue;
        }
        if (flag_take(files, common, argv[i]))
            continue;
        size_t size = equal ? (size_t)(equal - argv[i]) : strlen(argv[i]);
        if (size >= sizeof name)
            return lks_cli_usage(files->command, "'%.60s' is no option", argv[i]);
        memcpy(name, argv[i], size);
        name[size] = '\0';
        if (equal)
            value = equal + 1;
        else if (i + 1 < argc)
            value = argv[i + 1];
        int taken = value_take(files, common, name, value ? value : "");
        if (taken == 0)
            return lks_cli_usage(files->command, "'%s' is no option", name);
        if (!value)
            return lks_cli_usage(files->command, "%s takes a value", name);
        if (taken != 1)
            return taken;
        i += !equal;
    }
    if (!common->help && files->inputs_count == 0)
        return lks_cli_usage(files->command, "name a file: --input FILE");
    return 0;
}

static int run(const struct lks_cli_files *files, const struct common *common)
{
    struct lks_error err = {0};
    char *text = NULL;
    const struct lks_control *control =
        lks_cli_control(common->threads, common->memory_bytes, common->quiet);
    if (files->run(files->context, files, common->json, control, &text, &err) < 0)
        return lks_cli_fail(files->command, &err);
    lks_cli_progress_clear();
    fputs(text, stdout);
    lks_text_free(text);
    if (fflush(stdout) != 0)
        return LKS_EXIT_FAILED;
    return LKS_EXIT_DONE;
}

int lks_cli_files_command(struct lks_cli_files *files, int argc, char **argv)
{
    struct common common = {0};
    const char **inputs = calloc((size_t)argc + 1, sizeof *inputs);
    files->inputs = inputs;
    int code = inputs ? arguments_read(files, &common, argc, argv) : LKS_EXIT_FAILED;
    if (code == 0)
        code = common.help ? files->help() : run(files, &common);
    files->inputs = NULL;
    free(inputs);
    return code;
}
