/* decide.c - the decide and reasons commands: what was decided upon a finding, and its statements */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "flag.h"

enum { ACCOUNTS_MAX = 4096, PEOPLE_MAX = 32 };

struct arguments {
    const char *words[2]; /* the case and the finding */
    int words_count;
    const char *file, *run, *notice, *identity, *approve, *decision, *output, *letters;
    const char *accounts[ACCOUNTS_MAX], *people[PEOPLE_MAX];
    size_t accounts_count, people_count;
    int json, quiet, help;
};

static int decide_help(void)
{
    puts("lockstep decide CASE FINDING --file FILE [--person NAME]...\n"
         "\n"
         "Records in the case's log what was decided upon a finding.\n"
         "\n"
         "  lockstep decide case F1 --file policy.toml              a rule decides\n"
         "  lockstep decide case F1 --file policy.toml --person Ana a rule proposes, Ana approves\n"
         "  lockstep decide case F1 --file values.toml --person Ana Ana decides\n"
         "  lockstep decide case --approve 17 --person Radu         Radu approves entry 17 too\n"
         "  lockstep decide case --notice SOURCE_TRUSTED_FLAGGER --account tiktok:name\n"
         "  lockstep decide case                                    what was decided so far\n"
         "\n"
         "FILE is TOML: values by the names of the public database (decision_account =\n"
         "\"DECISION_ACCOUNT_SUSPENDED\" ...), or rules that propose them, in [[rule]] tables.\n"
         "Whether detection and decision were automated follows from the log: there is no\n"
         "option for it. docs/reasons.md has examples.\n"
         "\n"
         "options:\n"
         "  --file FILE      a policy's rules, or values that people chose\n"
         "  --person NAME    who decides or approves; may be given several times; hidden in\n"
         "                   the log\n"
         "  --account KEY    not all members but these; may be given several times\n"
         "  --run ID         another run than the latest\n"
         "  --approve ENTRY  approve the decision of that entry\n"
         "  --notice SOURCE  record that a notice named accounts: SOURCE_ARTICLE_16,\n"
         "                   SOURCE_TRUSTED_FLAGGER or SOURCE_TYPE_OTHER_NOTIFICATION\n"
         "  --identity NAME  of a notice: who gave it, where the law lets it be said\n"
         "  --json           print one JSON object\n"
         "  -q, --quiet      say nothing but the answer");
    return LKS_EXIT_DONE;
}

static int reasons_help(void)
{
    puts("lockstep reasons CASE -o FILE\n"
         "\n"
         "Writes the statements of reasons of a decision as the public database takes them\n"
         "(Regulation (EU) 2022/2065, Article 24(5)): without personal data, at most 100 in a\n"
         "file, all of them checked before the first is written.\n"
         "\n"
         "  lockstep reasons case -o reasons.json\n"
         "  lockstep reasons case --decision 17 -o reasons.json\n"
         "\n"
         "options:\n"
         "  -o, --output FILE  where; more than 100 go to FILE-001, FILE-002 ...\n"
         "  --letters FILE     also the letters to the users concerned (Article 17), a line of\n"
         "                     JSON each, for the owner's eyes: they name accounts\n"
         "  --decision ENTRY   the entry of the log that decided (default: the latest)\n"
         "  --json             print one JSON object\n"
         "  -q, --quiet        say nothing but the answer");
    return LKS_EXIT_DONE;
}

static int flag_take(struct arguments *a, const char *name)
{
    const struct lks_cli_flag flags[] = {LKS_CLI_FLAGS_COMMON(a)};
    return lks_cli_flag_take(flags, sizeof flags / sizeof *flags, name);
}

/* Where the value of an option goes; NULL for one that is not known, or has no room left. */
static const char **value_of(struct arguments *a, const char *name, size_t size, int reasons)
{
    const struct {
        const char *name;
        const char **target;
        int reasons;
    } values[] = {{"--file", &a->file, 0},       {"--run", &a->run, 0},
                  {"--notice", &a->notice, 0},   {"--identity", &a->identity, 0},
                  {"--approve", &a->approve, 0}, {"--decision", &a->decision, 1},
                  {"--letters", &a->letters, 1}, {"--output", &a->output, 1},
                  {"-o", &a->output, 1}};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        if (strlen(values[i].name) == size && memcmp(name, values[i].name, size) == 0 &&
            values[i].reasons == reasons)
            return values[i].target;
    if (!reasons && size == 9 && memcmp(name, "--account", size) == 0 &&
        a->accounts_count < ACCOUNTS_MAX)
        return &a->accounts[a->accounts_count++];
    if (!reasons && size == 8 && memcmp(name, "--person", size) == 0 &&
        a->people_count < PEOPLE_MAX)
        return &a->people[a->people_count++];
    return NULL;
}

static int arguments_read(const char *command, int reasons, int argc, char **argv,
                          struct arguments *a)
{
    int options = 1;
    for (int i = 1; i < argc; i++) {
        const char *equal = strchr(argv[i], '=');
        if (options && strcmp(argv[i], "--") == 0) {
            options = 0;
        } else if (!options || argv[i][0] != '-') {
            if (a->words_count == (reasons ? 1 : 2))
                return lks_cli_usage(command, "'%s' is one argument too many", argv[i]);
            a->words[a->words_count++] = argv[i];
        } else if (!flag_take(a, argv[i])) {
            size_t size = equal ? (size_t)(equal - argv[i]) : strlen(argv[i]);
            const char **target = value_of(a, argv[i], size, reasons);
            if (!target)
                return lks_cli_usage(command, "'%s' is no option, or one too many", argv[i]);
            if (!equal && i + 1 == argc)
                return lks_cli_usage(command, "%s takes a value", argv[i]);
            *target = equal ? equal + 1 : argv[++i];
        }
    }
    if (!a->words_count && !a->help)
        return lks_cli_usage(command, "name a case");
    return 0;
}

static int entry_parse(const char *text, uint64_t *entry)
{
    char *end;
    errno = 0;
    *entry = strtoull(text, &end, 10);
    return errno || *end || *text < '0' || *text > '9' ? -1 : 0;
}

static int answer(const char *command, int code, char *text, const struct lks_error *err)
{
    lks_cli_progress_clear();
    if (code)
        return lks_cli_fail(command, err);
    fputs(text, stdout);
    lks_text_free(text);
    return LKS_EXIT_DONE;
}

int lks_cli_decide(int argc, char **argv)
{
    static const char command[] = "decide";
    static struct arguments a; /* large, and one call a process */
    struct lks_error err = {0};
    char *text = NULL;
    uint64_t entry = 0;
    int code = arguments_read(command, 0, argc, argv, &a);
    if (code || a.help)
        return code ? code : decide_help();
    if ((a.words_count == 2) + !!a.approve + !!a.notice > 1)
        return lks_cli_usage(command, "decide upon a finding, approve, or record a notice: one");
    if (a.words_count == 2 && !a.file)
        return lks_cli_usage(command, "say what is decided: --file FILE");
    if (a.approve && (entry_parse(a.approve, &entry) || !entry))
        return lks_cli_usage(command, "'%s' is no entry of the log", a.approve);
    const struct lks_control *control = lks_cli_control(0, 0, a.quiet);
    const struct lks_decide_options options = {.run = a.run,
                                               .finding = a.words[1],
                                               .file = a.file,
                                               .accounts = a.accounts,
                                               .accounts_count = a.accounts_count,
                                               .people = a.people,
                                               .people_count = a.people_count};
    if (a.approve)
        code = lks_case_approve(a.words[0], entry, a.people, a.people_count, a.json, control, &text,
                                &err);
    else if (a.notice)
        code = lks_case_notice(a.words[0], a.notice, a.identity, a.accounts, a.accounts_count,
                               a.json, control, &text, &err);
    else if (a.words_count == 2)
        code = lks_case_decide(a.words[0], &options, a.json, control, &text, &err);
    else
        code = lks_case_decisions(a.words[0], a.json, control, &text, &err);
    return answer(command, code, text, &err);
}

int lks_cli_reasons(int argc, char **argv)
{
    static const char command[] = "reasons";
    static struct arguments a;
    struct lks_error err = {0};
    char *text = NULL;
    uint64_t entry = 0;
    int code = arguments_read(command, 1, argc, argv, &a);
    if (code || a.help)
        return code ? code : reasons_help();
    if (!a.output)
        return lks_cli_usage(command, "say which file to write: -o FILE");
    if (a.decision && (entry_parse(a.decision, &entry) || !entry))
        return lks_cli_usage(command, "'%s' is no entry of the log", a.decision);
    code = lks_case_reasons(a.words[0], entry, a.output, a.letters, a.json,
                            lks_cli_control(0, 0, a.quiet), &text, &err);
    return answer(command, code, text, &err);
}
