/* main.c - the lockstep command: which command was meant, and the first help */
#include <stdio.h>
#include <string.h>

#include "commands.h"

struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *what;
};

static const struct command commands[] = {
    {"init", lks_cli_init, "a new case's settings, explained"},
    {"investigate", lks_cli_investigate, "ingest, detect and report in one go: the main job"},
    {"ingest", lks_cli_ingest, "seal files and add their posts to a case"},
    {"detect", lks_cli_detect, "find coordinated groups; makes a new run"},
    {"report", lks_cli_report, "write the report and the exports of a run"},
    {"explain", lks_cli_explain, "why a finding, an account or an edge: down to the posts"},
    {"evaluate", lks_cli_evaluate, "a run against labels: precision, recall, false alarms"},
    {"calibrate", lks_cli_calibrate, "false alarms on shuffled data against those promised"},
    {"verify", lks_cli_verify, "is this evidence what was signed? a case, a bag, a log"},
    {"coaction", lks_cli_coaction, "the co-action network of a file, without a case"},
    {"neartext", lks_cli_neartext, "near-duplicate texts of a file, without a case"},
    {"hold", lks_cli_hold, "retention orders: what must be kept, for whom, and how much that is"},
    {"erase", lks_cli_erase, "erase files, accounts or what is too old, unless a hold covers it"},
    {"log", lks_cli_log, "what was done to a case, as its signed log says"},
    {"rebuild", lks_cli_rebuild, "make a case's store again from its sealed files"},
    {"replay", lks_cli_replay, "repeat a run and compare what it finds"},
    {"key", lks_cli_key, "the keys that sign a case's log and approve what takes two"},
    {"request", lks_cli_request, "what authorities ask: the register, the clock, the answers"},
    {"decide", lks_cli_decide, "what was decided upon a finding, and by whom"},
    {"reasons", lks_cli_reasons, "statements of reasons for the public database"},
    {"anchor", lks_cli_anchor, "have others sign and time-stamp a case's log"},
    {"witness", lks_cli_witness, "sign other people's logs, as a small server"},
    {"simulate", lks_cli_simulate, "labelled synthetic data in the real formats"},
};
enum { COMMANDS_COUNT = sizeof commands / sizeof *commands };

static void help_print(FILE *out)
{
    fputs("lockstep finds coordinated influence operations in social-media data, shows how sure\n"
          "it is, and keeps the way from every finding back to the posts.\n"
          "\n"
          "  lockstep investigate FILE... -o CASE    the main job: read, detect, report\n"
          "\n"
          "commands:\n",
          out);
    for (int i = 0; i < COMMANDS_COUNT; i++)
        fprintf(out, "  %-12s %s\n", commands[i].name, commands[i].what);
    fputs("\n"
          "'lockstep COMMAND --help' teaches each; 'man lockstep' has it all.\n"
          "A finding says coordinated, never guilty, and names no operator.\n"
          "\n"
          "exit codes: 0 done, 1 the system refused, 2 wrong usage, 3 unusable input,\n"
          "            4 no such case, run or name, 130 interrupted; verify: 5 damaged,\n"
          "            6 incomplete; request status: 7 an answer is overdue; erase: 8 held\n",
          out);
}

static int command_unknown(const char *name)
{
    fputs("lockstep: '", stderr);
    lks_cli_put(stderr, name);
    fputs("' is no command; 'lockstep --help' lists them\n", stderr);
    return LKS_EXIT_USAGE;
}

/* "lockstep help", and "lockstep help COMMAND". */
static int help_run(int argc, char **argv)
{
    if (argc < 3) {
        help_print(stdout);
        return LKS_EXIT_DONE;
    }
    for (int i = 0; i < COMMANDS_COUNT; i++)
        if (strcmp(argv[2], commands[i].name) == 0)
            return commands[i].run(2, (char *[]){argv[2], (char[]){"--help"}, NULL});
    return command_unknown(argv[2]);
}

/* An answer that did not arrive, on a full disk for one, is no success. */
static int end(int code)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    perror("lockstep: standard output");
    return code ? code : LKS_EXIT_FAILED;
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    if (argc > 0)
        lks_cli_program = argv[0];
    if (argc < 2) {
        help_print(stderr);
        return LKS_EXIT_USAGE;
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0)
        return end(help_run(argc, argv));
    if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
        printf("lockstep %s\n", lks_version());
        return end(LKS_EXIT_DONE);
    }
    for (int i = 0; i < COMMANDS_COUNT; i++)
        if (strcmp(name, commands[i].name) == 0)
            return end(commands[i].run(argc - 1, argv + 1));
    return command_unknown(name);
}
