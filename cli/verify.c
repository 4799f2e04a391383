/* verify.c - the verify command: is this evidence what was signed? */
#include <stdio.h>

#include "case_arguments.h"
#include "commands.h"

static const char *const command = "verify";

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

int lks_cli_verify(int argc, char **argv)
{
    struct lks_verify_options verify = {0};
    unsigned threads = 0;
    const struct lks_cli_option options[] = {{"--key", LKS_CLI_TEXT, &verify.key},
                                             {"--continues", LKS_CLI_TEXT, &verify.continues},
                                             {"--witnesses", LKS_CLI_TEXT, &verify.witnesses},
                                             {"--authorities", LKS_CLI_TEXT, &verify.authorities},
                                             {"--quick", LKS_CLI_FLAG, &verify.quick},
                                             {"--threads", LKS_CLI_UNSIGNED, &threads}};
    struct lks_cli_case_arguments a = {command, "a case, a bag or a log", options,
                                       sizeof options / sizeof *options, help};
    struct lks_error err = {0};
    enum lks_verify_outcome outcome;
    char *text;
    int code;
    if (!lks_cli_case_arguments(&a, argc, argv, &code))
        return code;
    const struct lks_control *control = lks_cli_control(threads, 0, a.quiet);
    if (lks_verify(a.path, &verify, a.json, control, &text, &outcome, &err) != 0)
        return lks_cli_fail(command, &err);
    lks_cli_case_answer(text);
    return outcome == LKS_VERIFY_DAMAGED      ? LKS_EXIT_DAMAGED
           : outcome == LKS_VERIFY_INCOMPLETE ? LKS_EXIT_INCOMPLETE
                                              : LKS_EXIT_DONE;
}
