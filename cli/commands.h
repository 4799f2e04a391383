/* commands.h - what the parts of the lockstep command share */
#ifndef LKS_CLI_COMMANDS_H
#define LKS_CLI_COMMANDS_H

#include <stdio.h>

#include <lockstep.h>

/* Exit codes, as documented in the man page. */
enum {
    LKS_EXIT_DONE = 0,
    LKS_EXIT_FAILED = 1,     /* the system or the store refused */
    LKS_EXIT_USAGE = 2,      /* the command line makes no sense */
    LKS_EXIT_INPUT = 3,      /* the data given is not what it should be */
    LKS_EXIT_MISSING = 4,    /* no such case, run, account or finding */
    LKS_EXIT_DAMAGED = 5,    /* verify, replay: something is not what was signed */
    LKS_EXIT_INCOMPLETE = 6, /* verify: something that was promised is not here */
    LKS_EXIT_OVERDUE = 7,    /* request status: an answer is overdue, or soon will be */
    LKS_EXIT_HELD = 8,       /* erase: a hold stands in the way of some of it */
    LKS_EXIT_INTERRUPTED = 130
};

/* One command each: argv[0] is the command's own name; the result is the exit code. */
int lks_cli_init(int argc, char **argv);
int lks_cli_investigate(int argc, char **argv);
int lks_cli_ingest(int argc, char **argv);
int lks_cli_detect(int argc, char **argv);
int lks_cli_report(int argc, char **argv);
int lks_cli_explain(int argc, char **argv);
int lks_cli_evaluate(int argc, char **argv);
int lks_cli_calibrate(int argc, char **argv);
int lks_cli_coaction(int argc, char **argv);
int lks_cli_neartext(int argc, char **argv);
int lks_cli_key(int argc, char **argv);
int lks_cli_decide(int argc, char **argv);
int lks_cli_reasons(int argc, char **argv);
int lks_cli_anchor(int argc, char **argv);
int lks_cli_witness(int argc, char **argv);
int lks_cli_simulate(int argc, char **argv);
int lks_cli_log(int argc, char **argv);
int lks_cli_rebuild(int argc, char **argv);
int lks_cli_replay(int argc, char **argv);
int lks_cli_verify(int argc, char **argv);
int lks_cli_hold(int argc, char **argv);
int lks_cli_erase(int argc, char **argv);
int lks_cli_request(int argc, char **argv);

/* A control that shows progress on standard error (one line that is rewritten on a
 * terminal, nothing elsewhere unless asked) and stops on Ctrl-C. One per process. */
const struct lks_control *lks_cli_control(unsigned threads, uint64_t memory_bytes, int quiet);
/* Ends the progress line, if one stands there. */
void lks_cli_progress_clear(void);

/* Prints "lockstep COMMAND: message" and gives the exit code that belongs to err. */
int lks_cli_fail(const char *command, const struct lks_error *err);
/* Prints the sentence and where to read more; LKS_EXIT_USAGE. */
int lks_cli_usage(const char *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The command as it was called, for advice that can be pasted. */
extern const char *lks_cli_program;
/* Prints text from outside on one line: control characters, marks that turn the direction
 * of writing and bytes that are no UTF-8 are shown as escapes. */
void lks_cli_put(FILE *out, const char *text);
/* The same for a path, quoted for a shell where it needs it. */
void lks_cli_put_path(FILE *out, const char *path);
/* "" for one, "s" for any other number. */
const char *lks_cli_plural(unsigned long long count);

/* Reads "2", "512M", "2G", "16" and "0.5". 0, or -1 when it is no such number. */
int lks_cli_parse_unsigned(const char *text, unsigned *value);
int lks_cli_parse_size(const char *text, uint64_t *size_bytes);
int lks_cli_parse_seed(const char *text, uint64_t *seed);
int lks_cli_parse_double(const char *text, double *value);

#endif
