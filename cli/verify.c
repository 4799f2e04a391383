/* verify.c - the verify command: is this evidence what was signed? */
#include <stdio.h>
#include <string.h>

#include "case_arguments.h"
#include "commands.h"

static const char *const command = "verify";

struct arguments {
    struct lks_verify_options verify;
    const char *path;
    unsigned threads;
    int json, quiet, help;
};

static int help(void)
{
    puts(
        "lockstep verify CASE|BAG|LOG [--key VKEY]\n"
        "\n"
        "Checks that evidence is what was signed, and says in plain words what was checked, by\n"
        "whom it is signed, and what is missing: a case with its vault, an answer that was handed\n"
        "over as a bag, or the public part of a log. It changes nothing.\n"
        "\n"
        "  lockstep verify case\n"
        "  lockstep verify answer --key signer.vkey\n"
        "  lockstep verify case --continues checkpoint-kept-last-month\n"
        "\n"
        "options:\n"
        "  --key VKEY           the verifier key that is trusted to sign the log, or a file of\n"
        "                       such keys, one a line (else the one that lies beside the log)\n"
        "  --continues FILE     a checkpoint that was kept elsewhere: the log must continue it\n"
        "  --witnesses FILE     verifier keys of witnesses, one a line\n"
        "  --authorities FILE   certificates (PEM) of those trusted to give time stamps\n"
        "  --quick              leave sealed files encrypted\n"
        "  --json               print one JSON object\n"
        "  --threads N          threads to use (all processors); the answer is the same\n"
        "  -q, --quiet          no progress line\n"
        "\n"
        "exit codes: 0 all that is claimed holds, 5 something is damaged, 6 what is here holds\n"
        "            but something that was promised is not here; others as everywhere");
    return LKS_EXIT_DONE;
}

/* Options with a value: 1 taken, 0 not known, LKS_EXIT_USAGE refused. */
static int value_take(void *context, const char *name, const char *value)
{
    struct arguments *a = context;
    enum { KEY, CONTINUES, WITNESSES, AUTHORITIES, THREADS, COUNT };
    static const char *const names[COUNT] = {"--key", "--continues", "--witnesses", "--authorities",
                                             "--threads"};
    const char **const texts[] = {&a->verify.key, &a->verify.continues, &a->verify.witnesses,
                                  &a->verify.authorities};
    int which = 0;
    while (which < COUNT && strcmp(name, names[which]) != 0)
        which++;
    if (which == COUNT)
        return 0;
    if (!value)
        return lks_cli_usage(command, "%s needs a value", name);
    if (which != THREADS)
        *texts[which] = value;
    else if (lks_cli_parse_unsigned(value, &a->threads) != 0)
        return lks_cli_usage(command, "'%s' is no value for %s", value, name);
    return 1;
}

static int flag_take(void *context, const char *name)
{
    struct arguments *a = context;
    if (strcmp(name, "--json") == 0)
        return a->json = 1;
    if (strcmp(name, "--quick") == 0)
        return a->verify.quick = 1;
    if (strcmp(name, "-q") == 0 || strcmp(name, "--quiet") == 0)
        return a->quiet = 1;
    if (strcmp(name, "-h") == 0 || strcmp(name, "--help") == 0)
        return a->help = 1;
    return 0;
}

int lks_cli_verify(int argc, char **argv)
{
    struct arguments a = {.json = 0};
    struct lks_cli_case_arguments arguments = {command, flag_take, value_take, &a};
    struct lks_error err = {0};
    enum lks_verify_outcome outcome;
    char *text;
    int code = lks_cli_case_arguments(&arguments, argc, argv, &a.path);
    if (code)
        return code;
    if (a.help)
        return help();
    if (!a.path)
        return lks_cli_usage(command, "name a case, a bag or a log");
    const struct lks_control *control = lks_cli_control(a.threads, 0, a.quiet);
    if (lks_verify(a.path, &a.verify, a.json, control, &text, &outcome, &err) != 0)
        return lks_cli_fail(command, &err);
    lks_cli_progress_clear();
    fputs(text, stdout);
    lks_text_free(text);
    return outcome == LKS_VERIFY_DAMAGED      ? LKS_EXIT_DAMAGED
           : outcome == LKS_VERIFY_INCOMPLETE ? LKS_EXIT_INCOMPLETE
                                              : LKS_EXIT_DONE;
}
