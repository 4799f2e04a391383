/* key.c - the key command: the keys of a case and of its approvers */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "flag.h"
#include "passphrase.h"

struct arguments {
    const char *words[3]; /* the action, and what it is about */
    int words_count;
    const char *name, *order, *key;
    int plain, json, quiet, help;
};

static int help(void)
{
    puts("lockstep key ACTION ...\n"
         "\n"
         "  lockstep key show CASE               who signs the case's log, whose approval counts\n"
         "  lockstep key protect CASE|FILE       set or change a key's passphrase\n"
         "  lockstep key rotate CASE             replace the key that signs the log\n"
         "  lockstep key new FILE                make a key for an approver, outside of the case\n"
         "  lockstep key enrol CASE KEY          let an approver's key count from now on\n"
         "  lockstep key retire CASE KEY         let it count no more\n"
         "  lockstep key sign ORDER --key FILE   approve an order; without --key: look at it\n"
         "\n"
         "KEY is a verifier key, a file that holds one (FILE.vkey), or an enrolled key's name.\n"
         "The first approver is enrolled by whoever runs the case, the second takes the approval\n"
         "of the first, and any other change that of two: name a file with --order, have it\n"
         "signed by 'lockstep key sign', and give the command again. docs/keys.md has it all.\n"
         "\n"
         "A passphrase is never given on the command line: it is read from the first line of the\n"
         "file that LOCKSTEP_PASSPHRASE_FILE names, which only its owner may read, or asked for\n"
         "on the terminal. A new one that replaces another is LOCKSTEP_NEW_PASSPHRASE_FILE's.\n"
         "\n"
         "options:\n"
         "  --name NAME      new: the key's name, seen by all (default: made up);\n"
         "                   enrol: the person whose key it is, hidden in the log\n"
         "  --order FILE     enrol, retire: the order that others approve\n"
         "  --key FILE       sign: the approver's key\n"
         "  --no-passphrase  new, protect: whoever can read the file can sign with it\n"
         "  --json           print one JSON object\n"
         "  -q, --quiet      say nothing but the answer");
    return LKS_EXIT_DONE;
}

static int flag_take(struct arguments *arguments, const char *name)
{
    const struct lks_cli_flag flags[] = {{"--no-passphrase", &arguments->plain},
                                         LKS_CLI_FLAGS_COMMON(arguments)};
    return lks_cli_flag_take(flags, sizeof flags / sizeof *flags, name);
}

static const char **value_of(struct arguments *arguments, const char *name, size_t name_bytes)
{
    const struct {
        const char *name;
        const char **target;
    } values[] = {
        {"--name", &arguments->name}, {"--order", &arguments->order}, {"--key", &arguments->key}};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        if (strlen(values[i].name) == name_bytes && memcmp(name, values[i].name, name_bytes) == 0)
            return values[i].target;
    return NULL;
}

static int arguments_read(int argc, char **argv, struct arguments *arguments)
{
    int options = 1;
    for (int i = 1; i < argc; i++) {
        const char *equal = strchr(argv[i], '=');
        if (options && strcmp(argv[i], "--") == 0) {
            options = 0;
        } else if (!options || argv[i][0] != '-') {
            if (arguments->words_count == 3)
                return lks_cli_usage("key", "'%s' is one argument too many", argv[i]);
            arguments->words[arguments->words_count++] = argv[i];
        } else if (!flag_take(arguments, argv[i])) {
            size_t size = equal ? (size_t)(equal - argv[i]) : strlen(argv[i]);
            const char **target = value_of(arguments, argv[i], size);
            if (!target)
                return lks_cli_usage("key", "'%s' is no option", argv[i]);
            if (!equal && i + 1 == argc)
                return lks_cli_usage("key", "%s takes a value", argv[i]);
            *target = equal ? equal + 1 : argv[++i];
        }
    }
    return 0;
}

enum { SHOW, PROTECT, ROTATE, NEW, ENROL, RETIRE, SIGN, ACTIONS };
static const struct {
    const char *name;
    int words; /* with the action itself */
    const char *what;
} actions[ACTIONS] = {
    {"show", 2, "a case"},
    {"protect", 2, "a case or a key file"},
    {"rotate", 2, "a case"},
    {"new", 2, "the file to be made"},
    {"enrol", 3, "a case and a key"},
    {"retire", 3, "a case and a key"},
    {"sign", 2, "the order's file"},
};

static int action_run(int action, const struct arguments *arguments,
                      const struct lks_control *control, char **text, struct lks_error *err)
{
    const char *subject = arguments->words[1];
    lks_passphrase_ask *ask = arguments->plain ? NULL : lks_cli_passphrase_new;
    struct lks_key_change change = {
        .key = arguments->words[2], .person = arguments->name, .order = arguments->order};
    switch (action) {
    case SHOW:
        return lks_case_keys(subject, arguments->json, control, text, err);
    case PROTECT:
        return lks_key_protect(subject, ask, arguments->json, control, text, err);
    case ROTATE:
        return lks_case_key_rotate(subject, arguments->json, control, text, err);
    case NEW:
        return lks_key_new(subject, arguments->name, ask, arguments->json, control, text, err);
    case ENROL:
        return lks_case_key_enrol(subject, &change, arguments->json, control, text, err);
    case RETIRE:
        return lks_case_key_retire(subject, &change, arguments->json, control, text, err);
    default:
        return lks_key_sign(subject, arguments->key, arguments->json, control, text, err);
    }
}

int lks_cli_key(int argc, char **argv)
{
    struct arguments arguments = {0};
    struct lks_error err = {0};
    char *text = NULL;
    int action = 0, code = arguments_read(argc, argv, &arguments);
    if (code || arguments.help)
        return code ? code : help();
    if (arguments.words_count == 0)
        return lks_cli_usage("key", "say what to do: show, protect, rotate, new, enrol, retire or "
                                    "sign");
    while (action < ACTIONS && strcmp(arguments.words[0], actions[action].name) != 0)
        action++;
    if (action == ACTIONS)
        return lks_cli_usage("key", "'%s' is nothing that can be done with keys",
                             arguments.words[0]);
    if (arguments.words_count != actions[action].words)
        return lks_cli_usage("key", "%s: name %s", actions[action].name, actions[action].what);
    const struct lks_control *control = lks_cli_control(0, 0, arguments.quiet);
    if (action_run(action, &arguments, control, &text, &err) < 0)
        return lks_cli_fail("key", &err);
    lks_cli_progress_clear();
    fputs(text, stdout);
    lks_text_free(text);
    return LKS_EXIT_DONE;
}
