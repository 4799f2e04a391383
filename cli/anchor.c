/* anchor.c - the anchor and witness commands: what others say of a case's log, and saying it */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "flag.h"
#include "passphrase.h"

enum { LIST_MAX = 64 };

/* Values of an option that may be given several times. */
struct list {
    const char *items[LIST_MAX];
    size_t count;
};

/* One option with a value: exactly one of the three is set. */
struct value {
    const char *name;
    const char **text;
    struct list *list;
    unsigned *number;
};

static int value_take(const char *command, const struct value *value, const char *text)
{
    if (value->text)
        *value->text = text;
    else if (value->number) {
        if (lks_cli_parse_unsigned(text, value->number) != 0)
            return lks_cli_usage(command, "%s takes a whole number, not '%s'", value->name, text);
    } else if (value->list->count == LIST_MAX)
        return lks_cli_usage(command, "%s can be given %d times", value->name, LIST_MAX);
    else
        value->list->items[value->list->count++] = text;
    return 0;
}

/* Reads options and the one argument that is none. Both tables end with a NULL name. */
static int arguments_read(int argc, char **argv, const struct lks_cli_flag *flags,
                          const struct value *values, const char **subject)
{
    int options = 1;
    for (int i = 1; i < argc; i++) {
        const struct lks_cli_flag *flag = flags;
        const struct value *value = values;
        const char *equal = strchr(argv[i], '=');
        size_t size = equal ? (size_t)(equal - argv[i]) : strlen(argv[i]);
        if (options && strcmp(argv[i], "--") == 0) {
            options = 0;
            continue;
        }
        if (!options || argv[i][0] != '-') {
            if (*subject)
                return lks_cli_usage(argv[0], "'%s' is one argument too many", argv[i]);
            *subject = argv[i];
            continue;
        }
        while (flag->name && strcmp(flag->name, argv[i]) != 0)
            flag++;
        if (flag->name) {
            *flag->target = 1;
            continue;
        }
        while (value->name &&
               (strlen(value->name) != size || memcmp(value->name, argv[i], size) != 0))
            value++;
        if (!value->name)
            return lks_cli_usage(argv[0], "'%s' is no option", argv[i]);
        if (!equal && i + 1 == argc)
            return lks_cli_usage(argv[0], "%s takes a value", argv[i]);
        int code = value_take(argv[0], value, equal ? equal + 1 : argv[++i]);
        if (code)
            return code;
    }
    return 0;
}

/* ---- anchor ---- */

static int anchor_help(void)
{
    puts(
        "lockstep anchor CASE [--witness URL --witness-key VKEY]... [--tsa URL --tsa-trust "
        "PEM]...\n"
        "\n"
        "Has others say that the case's log was there, and only grew: witnesses sign its\n"
        "checkpoint (C2SP tlog-witness), time stamping authorities stamp it (RFC 3161). What they\n"
        "say is kept in CASE/vault/anchors and logged. Without a network:\n"
        "\n"
        "  lockstep anchor CASE --query FILE                   write a query, to be sent by other "
        "means\n"
        "  lockstep anchor CASE --token FILE --tsa-trust PEM   take in what came back\n"
        "\n"
        "Nothing of the case is sent but its name, which is random, a number of entries and\n"
        "hashes. docs/anchors.md has it all.\n"
        "\n"
        "options:\n"
        "  --witness URL        a witness to be asked; may be given several times\n"
        "  --witness-key VKEY   its verifier key, or a file that holds it; one for each\n"
        "  --tsa URL            a time stamping authority; may be given several times\n"
        "  --tsa-trust PEM      certificates by which its token is judged: one for each, or one\n"
        "                       for all\n"
        "  --query FILE         write a time stamp query there\n"
        "  --token FILE         take in the answer to such a query\n"
        "  --proxy URL          go through an HTTP proxy\n"
        "  --timeout SECONDS    wait that long for each answer (default 30)\n"
        "  --json               print one JSON object\n"
        "  -q, --quiet          say nothing but the answer");
    return LKS_EXIT_DONE;
}

static int anchor_check(const struct list *witnesses, const struct list *keys,
                        const struct list *authorities, struct list *trust)
{
    if (witnesses->count != keys->count)
        return lks_cli_usage("anchor", "give one --witness-key for each --witness");
    for (size_t i = 1; trust->count == 1 && i < authorities->count; i++)
        trust->items[i] = trust->items[0];
    if (authorities->count && trust->count != 1 && trust->count != authorities->count)
        return lks_cli_usage("anchor", "give one --tsa-trust for all, or one for each --tsa");
    return 0;
}

int lks_cli_anchor(int argc, char **argv)
{
    struct list witnesses = {0}, keys = {0}, authorities = {0}, trust = {0};
    struct lks_anchor_options options = {0};
    struct lks_error err = {0};
    const char *subject = NULL;
    char *text = NULL;
    int json = 0, quiet = 0, help = 0;
    const struct lks_cli_flag flags[] = {{"--json", &json}, {"--quiet", &quiet}, {"-q", &quiet},
                                         {"--help", &help}, {"-h", &help},       {NULL, NULL}};
    const struct value values[] = {{"--witness", NULL, &witnesses, NULL},
                                   {"--witness-key", NULL, &keys, NULL},
                                   {"--tsa", NULL, &authorities, NULL},
                                   {"--tsa-trust", NULL, &trust, NULL},
                                   {"--query", &options.query_path, NULL, NULL},
                                   {"--token", &options.token_path, NULL, NULL},
                                   {"--proxy", &options.proxy, NULL, NULL},
                                   {"--timeout", NULL, NULL, &options.timeout_seconds},
                                   {NULL, NULL, NULL, NULL}};
    int code = arguments_read(argc, argv, flags, values, &subject);
    if (code || help)
        return code ? code : anchor_help();
    if (!subject)
        return lks_cli_usage("anchor", "name a case");
    if ((code = anchor_check(&witnesses, &keys, &authorities, &trust)))
        return code;
    options.witnesses = witnesses.items;
    options.witness_keys = keys.items;
    options.witnesses_count = witnesses.count;
    options.authorities = authorities.items;
    options.authority_trust = trust.items;
    options.authorities_count = authorities.count;
    options.token_trust = trust.count ? trust.items[0] : NULL;
    const struct lks_control *control = lks_cli_control(0, 0, quiet);
    code = lks_case_anchor(subject, &options, json, control, &text, &err);
    if (code < 0)
        return lks_cli_fail("anchor", &err);
    lks_cli_progress_clear();
    fputs(text, stdout);
    lks_text_free(text);
    return code ? LKS_EXIT_FAILED : LKS_EXIT_DONE;
}

/* ---- witness ---- */

static int witness_help(void)
{
    puts(
        "lockstep witness DIR --name NAME --log VKEY [--listen ADDRESS:PORT]\n"
        "\n"
        "Runs a witness of other people's logs: a server that signs a log's checkpoint only if it\n"
        "continues the last one that it signed (C2SP tlog-witness). DIR keeps its key, the logs\n"
        "that it knows and what it signed last; it is made when it is not there. Ctrl-C ends it.\n"
        "\n"
        "  lockstep witness desk --name desk.example/1 --log case/vault/signer.vkey\n"
        "  lockstep witness desk                         again, with what it knows\n"
        "\n"
        "It speaks HTTP without encryption, to this machine alone unless --listen says otherwise:\n"
        "a web server before it does the rest.\n"
        "\n"
        "options:\n"
        "  --name NAME          of a new witness; stands beside its signatures\n"
        "  --log VKEY           a log's verifier key, or a file that holds it; may be given\n"
        "                       several times, also for a log that changed its key\n"
        "  --listen PLACE       an address and a port, or a port (default 127.0.0.1:8470); port 0\n"
        "                       takes one that is free\n"
        "  --no-passphrase      make a new key without a passphrase\n"
        "  -q, --quiet          do not tell of each answer");
    return LKS_EXIT_DONE;
}

static void on_ready(void *context, const char *url, const char *key)
{
    (void)context;
    fputs("witness at ", stdout);
    lks_cli_put(stdout, url);
    fputs("\nkey ", stdout);
    lks_cli_put(stdout, key);
    putchar('\n');
    fflush(stdout);
}

/* "8470", "127.0.0.1:8470", "[::1]:8470". */
static int listen_read(const char *text, char address[64], unsigned *port)
{
    const char *colon = strrchr(text, ':');
    const char *end = colon, *start = text;
    if (lks_cli_parse_unsigned(colon ? colon + 1 : text, port) != 0 || *port > 65535)
        return -1;
    if (!colon)
        return snprintf(address, 64, "127.0.0.1") > 0 ? 0 : -1;
    if (start[0] == '[' && end > start && end[-1] == ']') {
        start++;
        end--;
    }
    return end > start && snprintf(address, 64, "%.*s", (int)(end - start), start) < 64 ? 0 : -1;
}

int lks_cli_witness(int argc, char **argv)
{
    struct list logs = {0};
    struct lks_witness_options options = {.ready = on_ready};
    struct lks_error err = {0};
    const char *subject = NULL, *place = "127.0.0.1:8470";
    char address[64];
    int quiet = 0, help = 0, plain = 0;
    const struct lks_cli_flag flags[] = {
        {"--no-passphrase", &plain}, {"--quiet", &quiet}, {"-q", &quiet},
        {"--help", &help},           {"-h", &help},       {NULL, NULL}};
    const struct value values[] = {{"--name", &options.name, NULL, NULL},
                                   {"--log", NULL, &logs, NULL},
                                   {"--listen", &place, NULL, NULL},
                                   {NULL, NULL, NULL, NULL}};
    int code = arguments_read(argc, argv, flags, values, &subject);
    if (code || help)
        return code ? code : witness_help();
    if (!subject)
        return lks_cli_usage("witness", "name the witness's folder");
    if (listen_read(place, address, &options.port) != 0)
        return lks_cli_usage("witness", "--listen takes an address and a port, not '%s'", place);
    options.folder = subject;
    options.address = address;
    options.logs = logs.items;
    options.logs_count = logs.count;
    options.new_passphrase = plain ? NULL : lks_cli_passphrase_new;
    if (lks_witness_run(&options, lks_cli_control(0, 0, quiet), &err) != 0)
        return lks_cli_fail("witness", &err);
    return LKS_EXIT_DONE;
}
