/* case_arguments.c - the arguments of commands that take one case and options, and their answer */
#include "case_arguments.h"

#include <string.h>

#include "commands.h"

static int is_one_of(const char *text, const char *name, const char *letter)
{
    return strcmp(text, name) == 0 || strcmp(text, letter) == 0;
}

static const struct lks_cli_option *option_find(const struct lks_cli_case_arguments *arguments,
                                                const char *name)
{
    for (size_t i = 0; i < arguments->options_count; i++)
        if (strcmp(arguments->options[i].name, name) == 0)
            return &arguments->options[i];
    return NULL;
}

static int text_add(struct lks_cli_texts *texts, const char *value)
{
    if (texts->count == LKS_CLI_TEXTS_MAX)
        return -1;
    texts->items[texts->count++] = value;
    return 0;
}

/* 0, or -1 for a value that is none. */
static int value_take(const struct lks_cli_option *option, const char *value)
{
    switch (option->kind) {
    case LKS_CLI_TEXT:
        *(const char **)option->target = value;
        return 0;
    case LKS_CLI_TEXTS:
        return text_add(option->target, value);
    case LKS_CLI_UNSIGNED:
        return lks_cli_parse_unsigned(value, option->target);
    case LKS_CLI_COUNT:
        return lks_cli_parse_unsigned(value, option->target) || !*(unsigned *)option->target ? -1
                                                                                             : 0;
    case LKS_CLI_SIZE:
        return lks_cli_parse_size(value, option->target);
    case LKS_CLI_SEED:
        return lks_cli_parse_seed(value, option->target);
    default:
        return -1;
    }
}

/* How many of the words were taken, 0 with LKS_EXIT_USAGE in *code. */
static int option_take(struct lks_cli_case_arguments *arguments, char **words, int *code)
{
    char name[32] = "";
    const char *equal = strchr(words[0], '=');
    if (equal && (size_t)(equal - words[0]) < sizeof name)
        memcpy(name, words[0], (size_t)(equal - words[0]));
    const struct lks_cli_option *option = option_find(arguments, equal ? name : words[0]);
    const char *value = equal ? equal + 1 : words[1];
    *code = LKS_EXIT_USAGE;
    if (!option || (equal && option->kind == LKS_CLI_FLAG)) {
        lks_cli_usage(arguments->command, "'%s' is no option", words[0]);
    } else if (option->kind == LKS_CLI_FLAG) {
        *(int *)option->target = 1;
        return 1;
    } else if (!value) {
        lks_cli_usage(arguments->command, "%s needs a value", option->name);
    } else if (option->kind == LKS_CLI_TEXTS &&
               ((struct lks_cli_texts *)option->target)->count == LKS_CLI_TEXTS_MAX) {
        lks_cli_usage(arguments->command, "%s can be given %d times", option->name,
                      LKS_CLI_TEXTS_MAX);
    } else if (value_take(option, value) != 0) {
        lks_cli_usage(arguments->command, "'%s' is no value for %s", value, option->name);
    } else {
        return equal ? 1 : 2;
    }
    return 0;
}

int lks_cli_case_arguments(struct lks_cli_case_arguments *arguments, int argc, char **argv,
                           int *code_out)
{
    int options = 1, help = 0, taken;
    for (int i = 1; i < argc; i += taken) {
        taken = 1;
        if (options && strcmp(argv[i], "--") == 0) {
            options = 0;
        } else if (!options || argv[i][0] != '-') {
            if (arguments->path) {
                *code_out = lks_cli_usage(arguments->command, "name one, not two");
                return 0;
            }
            arguments->path = argv[i];
        } else if (strcmp(argv[i], "--json") == 0) {
            arguments->json = 1;
        } else if (is_one_of(argv[i], "--quiet", "-q")) {
            arguments->quiet = 1;
        } else if (is_one_of(argv[i], "--help", "-h")) {
            help = 1;
        } else if (!(taken = option_take(arguments, argv + i, code_out))) {
            return 0;
        }
    }
    if (help)
        *code_out = arguments->help();
    else if (!arguments->path)
        *code_out = lks_cli_usage(arguments->command, "name %s", arguments->what);
    return !help && arguments->path;
}

void lks_cli_case_answer(char *text)
{
    lks_cli_progress_clear();
    fputs(text, stdout);
    lks_text_free(text);
}
