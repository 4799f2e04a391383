/* case_options.c - the options that the commands over a case have in common */
#include "case_options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

enum {
    OPT_AS = 256,
    OPT_MAP,
    OPT_ZONE,
    OPT_MAX_REJECTS,
    OPT_WINDOW,
    OPT_ONLY,
    OPT_COPIES,
    OPT_LEVEL,
    OPT_OCCASIONS,
    OPT_SEED,
    OPT_CUES,
    OPT_HTML,
    OPT_FINDINGS,
    OPT_GEXF,
    OPT_GRAPHML,
    OPT_CSV,
    OPT_PARQUET,
    OPT_STIX,
    OPT_TAKEDOWN,
    OPT_ALL,
    OPT_FOR,
    OPT_INTO,
    OPT_MAPPING,
    OPT_RUN,
    OPT_THREADS,
    OPT_MEMORY,
    OPT_JSON
};

/* clang-format off */
static const struct { struct option option; unsigned group; } known[] = {
    {{"as", required_argument, NULL, OPT_AS}, LKS_CLI_INGEST},
    {{"map", required_argument, NULL, OPT_MAP}, LKS_CLI_INGEST},
    {{"zone", required_argument, NULL, OPT_ZONE}, LKS_CLI_INGEST},
    {{"max-rejects", required_argument, NULL, OPT_MAX_REJECTS}, LKS_CLI_INGEST},
    {{"window", required_argument, NULL, OPT_WINDOW}, LKS_CLI_DETECT},
    {{"only", required_argument, NULL, OPT_ONLY}, LKS_CLI_DETECT},
    {{"copies", required_argument, NULL, OPT_COPIES}, LKS_CLI_DETECT},
    {{"level", required_argument, NULL, OPT_LEVEL}, LKS_CLI_DETECT},
    {{"min-occasions", required_argument, NULL, OPT_OCCASIONS}, LKS_CLI_DETECT},
    {{"seed", required_argument, NULL, OPT_SEED}, LKS_CLI_DETECT},
    {{"cues", required_argument, NULL, OPT_CUES}, LKS_CLI_DETECT},
    {{"html", no_argument, NULL, OPT_HTML}, LKS_CLI_REPORT},
    {{"findings", no_argument, NULL, OPT_FINDINGS}, LKS_CLI_REPORT},
    {{"gexf", no_argument, NULL, OPT_GEXF}, LKS_CLI_REPORT},
    {{"graphml", no_argument, NULL, OPT_GRAPHML}, LKS_CLI_REPORT},
    {{"csv", no_argument, NULL, OPT_CSV}, LKS_CLI_REPORT},
    {{"parquet", no_argument, NULL, OPT_PARQUET}, LKS_CLI_REPORT},
    {{"stix", no_argument, NULL, OPT_STIX}, LKS_CLI_REPORT},
    {{"takedown", no_argument, NULL, OPT_TAKEDOWN}, LKS_CLI_REPORT},
    {{"all", no_argument, NULL, OPT_ALL}, LKS_CLI_REPORT},
    {{"for", required_argument, NULL, OPT_FOR}, LKS_CLI_SHOW},
    {{"into", required_argument, NULL, OPT_INTO}, LKS_CLI_SHOW},
    {{"mapping", required_argument, NULL, OPT_MAPPING}, LKS_CLI_SHOW},
    {{"output", required_argument, NULL, 'o'}, LKS_CLI_OUTPUT},
    {{"run", required_argument, NULL, OPT_RUN}, LKS_CLI_RUN},
    {{"threads", required_argument, NULL, OPT_THREADS}, 0},
    {{"memory", required_argument, NULL, OPT_MEMORY}, 0},
    {{"json", no_argument, NULL, OPT_JSON}, 0},
    {{"quiet", no_argument, NULL, 'q'}, 0},
    {{"help", no_argument, NULL, 'h'}, 0},
};
/* clang-format on */
enum { KNOWN_COUNT = sizeof known / sizeof *known };

static int ingest_option(int letter, struct lks_cli_case_options *o)
{
    switch (letter) {
    case OPT_AS:
        o->ingest.as = optarg;
        return 0;
    case OPT_MAP:
        o->ingest.map = optarg;
        return 0;
    case OPT_ZONE:
        o->ingest.zone = optarg;
        return 0;
    case OPT_MAX_REJECTS:
        return lks_cli_parse_double(optarg, &o->ingest.rejects_share_max) ||
                       o->ingest.rejects_share_max < 0 || o->ingest.rejects_share_max > 1
                   ? -1
                   : 0;
    default:
        return 1;
    }
}

static int detect_option(int letter, struct lks_cli_case_options *o)
{
    switch (letter) {
    case OPT_WINDOW:
        o->detect.windows = optarg;
        return 0;
    case OPT_ONLY:
        o->detect.only = optarg;
        return 0;
    case OPT_COPIES:
        return lks_cli_parse_unsigned(optarg, &o->detect.copies);
    case OPT_LEVEL:
        return lks_cli_parse_double(optarg, &o->detect.level) || o->detect.level <= 0 ||
                       o->detect.level >= 1
                   ? -1
                   : 0;
    case OPT_OCCASIONS:
        return lks_cli_parse_unsigned(optarg, &o->detect.min_occasions);
    case OPT_SEED:
        return lks_cli_parse_seed(optarg, &o->detect.seed);
    case OPT_CUES:
        o->detect.cues = optarg;
        return 0;
    default:
        return 1;
    }
}

static int report_option(int letter, struct lks_cli_case_options *o)
{
    static const struct {
        int letter;
        unsigned format;
    } formats[] = {{OPT_HTML, LKS_REPORT_HTML}, {OPT_FINDINGS, LKS_REPORT_JSON},
                   {OPT_GEXF, LKS_REPORT_GEXF}, {OPT_GRAPHML, LKS_REPORT_GRAPHML},
                   {OPT_CSV, LKS_REPORT_CSV},   {OPT_PARQUET, LKS_REPORT_PARQUET},
                   {OPT_STIX, LKS_REPORT_STIX}, {OPT_TAKEDOWN, LKS_REPORT_TAKEDOWN},
                   {OPT_ALL, LKS_REPORT_ALL}};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (formats[i].letter == letter) {
            o->formats |= formats[i].format;
            return 0;
        }
    return 1;
}

static int common_option(int letter, struct lks_cli_case_options *o)
{
    switch (letter) {
    case 'o':
        o->output = optarg;
        return 0;
    case OPT_RUN:
        o->run = optarg;
        return 0;
    case OPT_FOR:
        o->recipient = optarg;
        return 0;
    case OPT_INTO:
        o->into = optarg;
        return 0;
    case OPT_MAPPING:
        o->mapping = optarg;
        return 0;
    case OPT_THREADS:
        return lks_cli_parse_unsigned(optarg, &o->threads) || o->threads > 256 ? -1 : 0;
    case OPT_MEMORY:
        return lks_cli_parse_size(optarg, &o->memory_bytes);
    case OPT_JSON:
        o->json = 1;
        return 0;
    case 'q':
        o->quiet = 1;
        return 0;
    case 'h':
        o->help = 1;
        return 0;
    default:
        return 1;
    }
}

/* getopt has moved on already where the letter was the last of its argument, and has not
 * where more letters follow: optopt, set for letters alone, tells it apart. */
static int option_unknown(const char *command, const char *argument)
{
    if (optopt && strncmp(argument, "--", 2) != 0)
        return lks_cli_usage(command,
                             "'-%c' is no option of this command (a file whose name starts with "
                             "'-' goes after '--')",
                             optopt);
    return lks_cli_usage(command, "'%s' is no option of this command", argument);
}

int lks_cli_case_options_parse(int argc, char **argv, unsigned groups,
                               struct lks_cli_case_options *options)
{
    struct option list[KNOWN_COUNT + 1] = {0};
    int count = 0, letter, index = 0;
    for (int i = 0; i < KNOWN_COUNT; i++)
        if (known[i].group == 0 || (known[i].group & groups))
            list[count++] = known[i].option;
    *options = (struct lks_cli_case_options){0};
    optind = 0;
    opterr = 0;
    while ((letter = getopt_long(argc, argv, ":o:qh", list, &index)) != -1) {
        if (letter == '?')
            return option_unknown(argv[0], argv[optind - 1]);
        if (letter == ':')
            return lks_cli_usage(argv[0], "'%s' needs a value", argv[optind - 1]);
        int taken = common_option(letter, options);
        if (taken == 1)
            taken = ingest_option(letter, options);
        if (taken == 1)
            taken = detect_option(letter, options);
        if (taken == 1)
            taken = report_option(letter, options);
        if (taken != 0)
            return lks_cli_usage(argv[0], "'%s' is no value for --%s", optarg ? optarg : "",
                                 letter < 256 ? "output" : list[index].name);
    }
    options->rest = optind;
    return 0;
}

void lks_cli_case_options_help(unsigned groups)
{
    if (groups & LKS_CLI_INGEST) {
        const char *name, *title;
        fputs("\nReading:\n"
              "  --as NAME           the format, where recognising it from the content fails:\n",
              stdout);
        for (size_t i = 0; lks_format_at(i, &name, &title); i++)
            printf("        %-16s %s\n", name, title);
        fputs(
            "  --map LIST          any other CSV, JSONL or Parquet: which column holds what, e.g.\n"
            "                      account=author_id,time=created,text=body,post=id; also kind,\n"
            "                      parent, origin, url, hashtag, sound, transcript, language,\n"
            "                      platform (a column, or for all rows platform==tiktok), and\n"
            "                      time_format=%d/%m/%Y, which says how times are written; or a\n"
            "                      .toml file with the same names\n"
            "  --zone +HH:MM       the offset of times without a zone (default UTC)\n"
            "  --max-rejects SHARE stop when more of a file's rows are unreadable (default 0.5)\n"
            "Files may be gzip or zstd. Bad rows are counted and kept with the reason.\n",
            stdout);
    }
    if (groups & LKS_CLI_DETECT)
        fputs(
            "\nDetecting:\n"
            "  --window SPAN       how close in time acts must be: 60s, or by kind\n"
            "                      url=60s,hashtag=10s (units ms, s, m, h, d)\n"
            "  --only KINDS        use only these kinds of object: url, domain, hashtag, mention,\n"
            "                      repost, reply, sound, effect, text, media, hashtag_set\n"
            "  --min-occasions N   acts in common before a pair is tested (default 2)\n"
            "  --copies N          shuffled copies of the data to compare groups with (default "
            "99)\n"
            "  --level P           chance of any false group (default 0.05)\n"
            "  --seed N            of the shuffled copies (default 0)\n"
            "  --cues FILE         words by which messages instruct, added to the lists of\n"
            "                      twelve languages that are compiled in (docs/cues.md)\n",
            stdout);
    if (groups & LKS_CLI_REPORT)
        fputs(groups & LKS_CLI_RUN
                  ? "\nWriting (without any of these: report.html and findings.json):\n"
                    "  --html --findings   report.html; findings.json\n"
                  : "\nWriting, beside report.html and findings.json:\n",
              stdout);
    if (groups & LKS_CLI_REPORT)
        fputs("  --gexf --graphml    the network, for Gephi and others\n"
              "  --csv --parquet     edges, nodes and evidence posts as tables\n"
              "  --stix              the findings as a STIX 2.1 bundle\n"
              "  --takedown          networks with their accounts and followers, as a table\n"
              "  --all               everything\n",
              stdout);
    if (groups & LKS_CLI_SHOW)
        fputs("\nFor somebody who may not see all (docs/exports.md):\n"
              "  --for WHOM          authority, researcher or public: pseudonyms under a new\n"
              "                      key, masked texts, rounded times, small counts left out\n"
              "  --into FOLDER       where; made new\n"
              "  --mapping FILE      which pseudonym is whom, for its owner's eyes; without it\n"
              "                      nobody can ever tell\n",
              stdout);
    fputs("\n", stdout);
    if (groups & LKS_CLI_OUTPUT)
        fputs("  -o, --output CASE   the folder of the case, made new\n", stdout);
    if (groups & LKS_CLI_RUN)
        fputs("  --run ID            the run, e.g. 0001 (default: the latest)\n", stdout);
    fputs("  --threads N         default: all processors; the answer is the same for any number\n"
          "  --memory SIZE       e.g. 2G (default: half of what is free)\n"
          "  --json              one JSON object on standard output\n"
          "  -q, --quiet         no progress line\n"
          "  -h, --help          this text\n",
          stdout);
}
