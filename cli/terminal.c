/* terminal.c - progress, Ctrl-C, failures: how the command speaks to a person */
#include <errno.h>
#include <math.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "commands.h"
#include "passphrase.h"

static volatile int interrupted;
static int line_shown;

static void on_signal(int number)
{
    (void)number;
    /* A second Ctrl-C ends at once; files appear whole or not at all either way. */
    if (interrupted)
        _exit(LKS_EXIT_INTERRUPTED);
    interrupted = 1;
}

static double now_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* "1.2 GB" for bytes, "1,234,567" style counts otherwise. */
static void format_amount(double value, const char *unit, char *text, size_t text_bytes)
{
    static const char *const scales[] = {"B", "kB", "MB", "GB", "TB"};
    if (strcmp(unit, "bytes") != 0) {
        snprintf(text, text_bytes, "%.0f %s", value, unit);
        return;
    }
    size_t scale = 0;
    while (value >= 1000 && scale + 1 < sizeof scales / sizeof *scales) {
        value /= 1000;
        scale++;
    }
    snprintf(text, text_bytes, "%.*f %s", scale && value < 100 ? 1 : 0, value, scales[scale]);
}

static void on_progress(void *context, const struct lks_progress *progress)
{
    static char stage[32];
    static double stage_start;
    (void)context;
    double now = now_seconds();
    if (strcmp(stage, progress->stage) != 0) {
        snprintf(stage, sizeof stage, "%s", progress->stage);
        stage_start = now;
    }
    double elapsed = now - stage_start;
    double rate = elapsed > 0.3 ? (double)progress->done / elapsed : 0;
    char done[64], per_second[64], rest[96] = "";
    format_amount((double)progress->done, progress->unit, done, sizeof done);
    format_amount(rate, progress->unit, per_second, sizeof per_second);
    if (progress->total) {
        double share = (double)progress->done / (double)progress->total;
        snprintf(rest, sizeof rest, ", %.0f %%", share * 100);
        if (rate > 0 && progress->done < progress->total) {
            double left = (double)(progress->total - progress->done) / rate;
            size_t at = strlen(rest);
            snprintf(rest + at, sizeof rest - at, ", %.0f s left", left);
        }
    }
    fprintf(stderr, "\r\033[K%-8s %s%s", progress->stage, done, rest);
    if (rate > 0)
        fprintf(stderr, ", %s/s", per_second);
    fflush(stderr);
    line_shown = 1;
}

static void on_notice(void *context, const char *sentence)
{
    (void)context;
    lks_cli_progress_clear();
    fputs("lockstep: ", stderr);
    lks_cli_put(stderr, sentence);
    fputc('\n', stderr);
}

void lks_cli_progress_clear(void)
{
    if (line_shown)
        fprintf(stderr, "\r\033[K");
    line_shown = 0;
}

/* Who acts: as LOCKSTEP_ACTOR says, else the name under which this user is logged in. */
static const char *actor(void)
{
    const char *name = getenv("LOCKSTEP_ACTOR");
    const struct passwd *user = name && *name ? NULL : getpwuid(getuid());
    return name && *name ? name : user ? user->pw_name : NULL;
}

const struct lks_control *lks_cli_control(unsigned threads, uint64_t memory_bytes, int quiet)
{
    static struct lks_control control;
    struct sigaction action = {.sa_handler = on_signal}, before;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    /* A terminal that is closed; under nohup work goes on. */
    if (sigaction(SIGHUP, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
        sigaction(SIGHUP, &action, NULL);
    control = (struct lks_control){
        .progress = !quiet && isatty(STDERR_FILENO) ? on_progress : NULL,
        .cancel = &interrupted,
        .threads = threads,
        .memory_bytes = memory_bytes,
        .notice = quiet ? NULL : on_notice,
        .passphrase = lks_cli_passphrase,
        .actor = actor(),
    };
    return &control;
}

int lks_cli_fail(const char *command, const struct lks_error *err)
{
    lks_cli_progress_clear();
    fprintf(stderr, "lockstep %s: ", command);
    lks_cli_put(stderr, err->message[0] ? err->message : "failed without a message");
    fputc('\n', stderr);
    switch (err->code) {
    case LKS_EARGUMENT:
        return LKS_EXIT_USAGE;
    case LKS_EINPUT:
        return LKS_EXIT_INPUT;
    case LKS_EMISSING:
        return LKS_EXIT_MISSING;
    case LKS_ECANCELLED:
        return LKS_EXIT_INTERRUPTED;
    default:
        return LKS_EXIT_FAILED;
    }
}

int lks_cli_usage(const char *command, const char *format, ...)
{
    va_list arguments;
    char message[1024];
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    fprintf(stderr, "lockstep %s: ", command);
    lks_cli_put(stderr, message);
    fprintf(stderr, "\nTry 'lockstep %s --help'.\n", command);
    return LKS_EXIT_USAGE;
}

int lks_cli_parse_unsigned(const char *text, unsigned *value)
{
    char *end;
    errno = 0;
    if (*text < '0' || *text > '9')
        return -1;
    unsigned long number = strtoul(text, &end, 10);
    if (errno || *end || number > 1000000000)
        return -1;
    *value = (unsigned)number;
    return 0;
}

int lks_cli_parse_seed(const char *text, uint64_t *seed)
{
    char *end;
    errno = 0;
    if (*text < '0' || *text > '9')
        return -1;
    *seed = strtoull(text, &end, 10);
    return errno || *end ? -1 : 0;
}

int lks_cli_parse_size(const char *text, uint64_t *size_bytes)
{
    char *end;
    errno = 0;
    if (*text < '0' || *text > '9')
        return -1;
    unsigned long long number = strtoull(text, &end, 10);
    int shift = 0;
    if (*end) {
        const char *unit = strchr("kKmMgGtT", *end);
        if (!unit)
            return -1;
        shift = 10 * (1 + (int)(unit - "kKmMgGtT") / 2);
        end++;
        if (*end == 'i')
            end++;
        if (*end == 'B')
            end++;
    }
    if (errno || *end || (shift && number > (UINT64_MAX >> shift)))
        return -1;
    *size_bytes = (uint64_t)number << shift;
    return 0;
}

int lks_cli_parse_double(const char *text, double *value)
{
    char *end;
    errno = 0;
    *value = strtod(text, &end);
    return errno || end == text || *end || !isfinite(*value) ? -1 : 0;
}
