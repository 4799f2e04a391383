/* request_options.c - the arguments of the request command */
#include "request_options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"

static const char *const command = "request";

enum { QUESTIONS_BYTES_MAX = 1 << 20 };

static int list_add(struct lks_cli_list *list, const char *item)
{
    const char **more = realloc(list->items, (list->count + 1) * sizeof *more);
    if (!more)
        return -1;
    list->items = more;
    list->items[list->count++] = item;
    return 0;
}

/* A question a line; empty lines are passed over. */
static int questions_read(struct lks_cli_request *o, const char *path)
{
    FILE *file = fopen(path, "rbe");
    if (!file)
        return lks_cli_usage(command, "%s cannot be read: %s", path, strerror(errno));
    free(o->questions_text);
    o->questions_text = calloc(1, QUESTIONS_BYTES_MAX + 1);
    size_t size = o->questions_text ? fread(o->questions_text, 1, QUESTIONS_BYTES_MAX, file) : 0;
    int whole = o->questions_text && !ferror(file) && fgetc(file) == EOF;
    fclose(file);
    if (!whole || memchr(o->questions_text, 0, size))
        return lks_cli_usage(command, "%s is no text of at most 1 MiB", path);
    for (char *line = o->questions_text; line && *line;) {
        char *end = strchr(line, '\n');
        if (end)
            *end = '\0';
        line[strcspn(line, "\r")] = '\0';
        if (*line && list_add(&o->questions, line) != 0)
            return LKS_EXIT_FAILED;
        line = end ? end + 1 : NULL;
    }
    return 0;
}

static int flag_take(struct lks_cli_request *o, const char *name)
{
    int *flag = strcmp(name, "--json") == 0                               ? &o->json
                : strcmp(name, "--quiet") == 0 || strcmp(name, "-q") == 0 ? &o->quiet
                : strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0  ? &o->help
                : strcmp(name, "--freeze") == 0                           ? &o->freeze
                                                                          : NULL;
    if (flag)
        *flag = 1;
    return flag != NULL;
}

/* 1 taken, 0 not known, else an exit code. */
static int value_take(struct lks_cli_request *o, const char *name, const char *value)
{
    const struct {
        const char *name;
        const char **one;
        struct lks_cli_list *many;
    } values[] = {
        {"--id", &o->id, NULL},
        {"--authority", &o->authority, NULL},
        {"--basis", &o->basis, NULL},
        {"--legal-basis", &o->legal_basis, NULL},
        {"--received", &o->received, NULL},
        {"--due", &o->due, NULL},
        {"--from", &o->from, NULL},
        {"--to", &o->to, NULL},
        {"--kinds", &o->kinds, NULL},
        {"--document", &o->document, NULL},
        {"--document-sha256", &o->document_sha256, NULL},
        {"--answer", &o->answer, NULL},
        {"--missing", &o->missing, NULL},
        {"--records", &o->records, NULL},
        {"--at", &o->at, NULL},
        {"--warn", &o->warn, NULL},
        {"--run", &o->run, NULL},
        {"--profile", &o->profile, NULL},
        {"--why", &o->why, NULL},
        {"--note", &o->note, NULL},
        {"--output", &o->output, NULL},
        {"-o", &o->output, NULL},
        {"--question", NULL, &o->questions},
        {"--platform", NULL, &o->platforms},
        {"--account", NULL, &o->accounts},
        {"--term", NULL, &o->terms},
        {"--finding", NULL, &o->findings},
        {"--file", NULL, &o->files},
    };
    int bad = 0;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        if (strcmp(name, values[i].name) != 0)
            continue;
        if (!value)
            return lks_cli_usage(command, "%s needs a value", name);
        if (values[i].one)
            *values[i].one = value;
        else if (list_add(values[i].many, value) != 0)
            return LKS_EXIT_FAILED;
        return 1;
    }
    if (strcmp(name, "--questions") == 0) {
        int code = value ? questions_read(o, value) : lks_cli_usage(command, "which file?");
        return code ? code : 1;
    }
    if (strcmp(name, "--threads") == 0)
        bad = !value || lks_cli_parse_unsigned(value, &o->threads) != 0;
    else if (strcmp(name, "--memory") == 0)
        bad = !value || lks_cli_parse_size(value, &o->memory_bytes) != 0;
    else
        return 0;
    return bad ? lks_cli_usage(command, "'%s' is no value for %s", value ? value : "", name) : 1;
}

static int option_take(struct lks_cli_request *o, int argc, char **argv, int *at)
{
    char name[32] = "";
    const char *equal = strchr(argv[*at], '=');
    if (flag_take(o, argv[*at]))
        return 0;
    if (equal && (size_t)(equal - argv[*at]) < sizeof name)
        memcpy(name, argv[*at], (size_t)(equal - argv[*at]));
    int taken = equal ? value_take(o, name, equal + 1)
                      : value_take(o, argv[*at], *at + 1 < argc ? argv[*at + 1] : NULL);
    *at += !equal;
    if (taken == 0)
        return lks_cli_usage(command, "'%s' is no option", argv[*at - !equal]);
    return taken == 1 ? 0 : taken;
}

int lks_cli_request_read(struct lks_cli_request *o, int argc, char **argv)
{
    int options = 1;
    for (int i = 1; i < argc; i++) {
        if (options && strcmp(argv[i], "--") == 0) {
            options = 0;
            continue;
        }
        if (options && argv[i][0] == '-') {
            int code = option_take(o, argc, argv, &i);
            if (code)
                return code;
            continue;
        }
        if (o->case_path && o->id)
            return lks_cli_usage(command, "'%s' is too much: name one case and one request",
                                 argv[i]);
        *(o->case_path ? &o->id : &o->case_path) = argv[i];
    }
    return 0;
}

void lks_cli_request_free(struct lks_cli_request *o)
{
    struct lks_cli_list *lists[] = {&o->questions, &o->platforms, &o->accounts,
                                    &o->terms,     &o->findings,  &o->files};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        free(lists[i]->items);
    free(o->questions_text);
}
