/* hold.c - the hold command: retention orders of a case */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "flag.h"

/* Values of options that may come several times, each with commas. Strings are of the arguments, or of
 * the files that were read. */
struct list {
    const char **items;
    size_t count, room;
};

enum { FILES_MAX = 64 };

struct arguments {
    const char *words[3]; /* the action, the case, the hold */
    int words_count;
    struct lks_hold_options options;
    struct list platforms, accounts, terms, keys;
    const char *output, *check;
    char *files[FILES_MAX]; /* contents of lists, kept while their lines are in use */
    int files_count;
    int json, quiet, help;
};

static int help(void)
{
    puts(
        "lockstep hold ACTION CASE [HOLD] [options]\n"
        "\n"
        "  lockstep hold issue CASE --authority WHO --basis LAW [--document FILE] [scope]\n"
        "  lockstep hold amend CASE HOLD [scope]    widen it, or (two keys) narrow it\n"
        "  lockstep hold release CASE HOLD          end it (two keys)\n"
        "  lockstep hold list CASE [HOLD]           what each covers in the case now\n"
        "  lockstep hold attest CASE HOLD           sign how much is held, and a root over it\n"
        "  lockstep hold attest CASE --check NOTE   hold such a note against the case\n"
        "\n"
        "A hold has no end until it is released. While it stands, nothing that it covers can be\n"
        "erased. It covers what passes every part of its scope that is said; what is not known\n"
        "of a record counts as covered. Orders are entries of the case's log, in which names of\n"
        "people, accounts and terms are hidden.\n"
        "\n"
        "scope (of amend: what is said takes the place of what was; 'all' takes a limit away):\n"
        "  --platform LIST    tiktok,telegram\n"
        "  --account LIST     account keys (tiktok:7437...) or handles\n"
        "  --accounts FILE    the same, one a line\n"
        "  --term TEXT        in the text, whatever its case and disguise; may come again\n"
        "  --from TIME        first and last time of posts: 2024-11-24, or with an hour and zone;\n"
        "  --to TIME          a day alone is the whole of it\n"
        "  --kinds LIST       posts,accounts,payments,files,findings\n"
        "\n"
        "options:\n"
        "  --authority WHO    who orders it\n"
        "  --basis LAW        what the order rests on\n"
        "  --document FILE    the order as it came: sealed into the vault\n"
        "  --start TIME       the date on the order\n"
        "  --id NAME          of the hold (default: H1, H2 ...)\n"
        "  --reason TEXT      of a change; hidden in the log\n"
        "  --approve KEYFILE  the key of an enrolled approver who is here; twice for two\n"
        "  --propose FILE     only write the order, for 'lockstep key sign' elsewhere\n"
        "  --approved FILE    carry out that order, now that it was signed\n"
        "  --output FILE      attest: where the signed note goes too\n"
        "  --check NOTE       attest: check one\n"
        "  --json             print one JSON object\n"
        "  -q, --quiet        say nothing but the answer");
    return LKS_EXIT_DONE;
}

/* ---- lists ---- */

static int list_add(struct list *list, const char *item)
{
    if (list->count == list->room) {
        size_t room = list->room ? 2 * list->room : 16;
        const char **more = realloc((void *)list->items, room * sizeof *more);
        if (!more)
            return -1;
        list->items = more;
        list->room = room;
    }
    list->items[list->count++] = item;
    return 0;
}

/* Cuts a value at its separators. */
static int list_cut(struct arguments *arguments, struct list *list, const char *value,
                    const char *separators)
{
    char *copy = arguments->files_count < FILES_MAX ? strdup(value) : NULL, *rest = NULL;
    if (!copy)
        return -1;
    arguments->files[arguments->files_count++] = copy;
    for (char *item = strtok_r(copy, separators, &rest); item;
         item = strtok_r(NULL, separators, &rest))
        if (list_add(list, item) != 0)
            return -1;
    return 0;
}

/* A line a name; carriage returns and empty lines are passed over. */
static int list_load(struct arguments *arguments, struct list *list, const char *path)
{
    char *text = NULL;
    size_t room = 0;
    FILE *file = fopen(path, "r");
    if (!file) {
        fputs("lockstep hold: ", stderr);
        lks_cli_put_path(stderr, path);
        fputs(" cannot be read\n", stderr);
        return LKS_EXIT_FAILED;
    }
    ssize_t size = getdelim(&text, &room, '\0', file);
    int failed = ferror(file) || (size >= 0 && !feof(file)); /* a NUL in it: no list */
    fclose(file);
    if (failed || size <= 0) {
        free(text);
        return lks_cli_usage("hold", "%s is no list of names, one a line", path);
    }
    int code = list_cut(arguments, list, text, "\r\n");
    free(text);
    return code ? lks_cli_usage("hold", "too many lists") : 0;
}

static void arguments_free(struct arguments *arguments)
{
    free((void *)arguments->platforms.items);
    free((void *)arguments->accounts.items);
    free((void *)arguments->terms.items);
    free((void *)arguments->keys.items);
    for (int i = 0; i < arguments->files_count; i++)
        free(arguments->files[i]);
}

/* ---- arguments ---- */

static int flag_take(struct arguments *arguments, const char *name)
{
    const struct lks_cli_flag flags[] = {LKS_CLI_FLAGS_COMMON(arguments)};
    return lks_cli_flag_take(flags, sizeof flags / sizeof *flags, name);
}

/* 1 taken, 0 no option, or below 0 an exit code with its sign turned. */
static int value_take(struct arguments *arguments, const char *name, const char *value)
{
    struct lks_hold_options *options = &arguments->options;
    const struct {
        const char *name;
        const char **target;
    } values[] = {{"--authority", &options->authority},
                  {"--basis", &options->legal_basis},
                  {"--document", &options->document},
                  {"--start", &options->start},
                  {"--id", &options->id},
                  {"--reason", &options->reason},
                  {"--from", &options->from},
                  {"--to", &options->to},
                  {"--kinds", &options->kinds},
                  {"--propose", &options->propose},
                  {"--approved", &options->approved},
                  {"--output", &arguments->output},
                  {"--check", &arguments->check}};
    const struct {
        const char *name, *separators;
        struct list *list;
    } lists[] = {{"--platform", ",", &arguments->platforms},
                 {"--account", ",", &arguments->accounts},
                 {"--term", "\n", &arguments->terms},
                 {"--approve", "\n", &arguments->keys}};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        if (strcmp(values[i].name, name) == 0) {
            *values[i].target = value;
            return 1;
        }
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (strcmp(lists[i].name, name) == 0)
            return list_cut(arguments, lists[i].list, value, lists[i].separators) == 0
                       ? 1
                       : -lks_cli_usage("hold", "%s came too often", name);
    if (strcmp(name, "--accounts") == 0) {
        int code = list_load(arguments, &arguments->accounts, value);
        return code ? -code : 1;
    }
    return 0;
}

static int option_take(struct arguments *arguments, char **argv, int argc, int *at)
{
    char name[32] = "";
    const char *equal = strchr(argv[*at], '=');
    size_t size = equal ? (size_t)(equal - argv[*at]) : strlen(argv[*at]);
    if (size < sizeof name)
        memcpy(name, argv[*at], size);
    const char *value = equal ? equal + 1 : *at + 1 < argc ? argv[*at + 1] : NULL;
    int taken = value_take(arguments, name, value ? value : "");
    if (taken == 0)
        return lks_cli_usage("hold", "'%s' is no option", argv[*at]);
    if (taken == 1 && !value)
        return lks_cli_usage("hold", "%s takes a value", argv[*at]);
    *at += !equal;
    return taken == 1 ? 0 : -taken;
}

static int arguments_read(int argc, char **argv, struct arguments *arguments)
{
    int options = 1, code = 0;
    for (int i = 1; code == 0 && i < argc; i++) {
        if (options && strcmp(argv[i], "--") == 0) {
            options = 0;
        } else if (!options || argv[i][0] != '-') {
            if (arguments->words_count == 3)
                return lks_cli_usage("hold", "'%s' is one argument too many", argv[i]);
            arguments->words[arguments->words_count++] = argv[i];
        } else if (!flag_take(arguments, argv[i])) {
            code = option_take(arguments, argv, argc, &i);
        }
    }
    struct lks_hold_options *out = &arguments->options;
    out->platforms = arguments->platforms.items;
    out->platforms_count = arguments->platforms.count;
    out->accounts = arguments->accounts.items;
    out->accounts_count = arguments->accounts.count;
    out->terms = arguments->terms.items;
    out->terms_count = arguments->terms.count;
    out->keys = arguments->keys.items;
    out->keys_count = arguments->keys.count;
    return code;
}

/* ---- actions ---- */

enum { ISSUE, AMEND, RELEASE, LIST, ATTEST, ACTIONS };
static const struct {
    const char *name;
    int words_min, words_max; /* with the action itself */
    const char *what;
} actions[ACTIONS] = {
    {"issue", 2, 2, "a case"},
    {"amend", 3, 3, "a case and a hold"},
    {"release", 3, 3, "a case and a hold"},
    {"list", 2, 3, "a case"},
    {"attest", 2, 3, "a case and a hold"},
};

static int action_run(int action, struct arguments *arguments, const struct lks_control *control,
                      char **text, struct lks_error *err)
{
    const char *case_path = arguments->words[1], *hold = arguments->words[2];
    if (action == AMEND || action == RELEASE)
        arguments->options.id = hold;
    switch (action) {
    case ISSUE:
        return lks_case_hold_issue(case_path, &arguments->options, arguments->json, control, text,
                                   err);
    case AMEND:
        return lks_case_hold_amend(case_path, &arguments->options, arguments->json, control, text,
                                   err);
    case RELEASE:
        return lks_case_hold_release(case_path, &arguments->options, arguments->json, control, text,
                                     err);
    case LIST:
        return lks_case_hold_list(case_path, hold, arguments->json, control, text, err);
    default:
        return arguments->check ? lks_case_hold_check(case_path, arguments->check, arguments->json,
                                                      control, text, err)
                                : lks_case_hold_attest(case_path, hold, arguments->output,
                                                       arguments->json, control, text, err);
    }
}

static int run(struct arguments *arguments)
{
    struct lks_error err = {0};
    char *text = NULL;
    int action = 0;
    if (arguments->words_count == 0)
        return lks_cli_usage("hold", "say what to do: issue, amend, release, list or attest");
    while (action < ACTIONS && strcmp(arguments->words[0], actions[action].name) != 0)
        action++;
    if (action == ACTIONS)
        return lks_cli_usage("hold", "'%s' is nothing that can be done with holds",
                             arguments->words[0]);
    if (arguments->words_count < actions[action].words_min ||
        arguments->words_count > actions[action].words_max ||
        (action == ATTEST && !arguments->check != (arguments->words_count == 3)))
        return lks_cli_usage("hold", "%s: name %s", actions[action].name, actions[action].what);
    const struct lks_control *control = lks_cli_control(0, 0, arguments->quiet);
    int code = action_run(action, arguments, control, &text, &err);
    if (code < 0)
        return lks_cli_fail("hold", &err);
    lks_cli_progress_clear();
    fputs(text, stdout);
    lks_text_free(text);
    return code ? LKS_EXIT_INCOMPLETE : LKS_EXIT_DONE;
}

int lks_cli_hold(int argc, char **argv)
{
    struct arguments arguments = {0};
    int code = arguments_read(argc, argv, &arguments);
    if (code == 0)
        code = arguments.help ? help() : run(&arguments);
    arguments_free(&arguments);
    return code;
}
