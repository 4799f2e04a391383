/* case_commands.c - the commands over a case: investigate, ingest, detect, report, explain */
#include <stdio.h>
#include <string.h>

#include "case_options.h"

static void counts_print(const struct lks_case_counts *counts)
{
    if (counts->synthetic)
        puts("SYNTHETIC DATA: made by a simulator, about nobody.");
    printf("%llu post%s by %llu account%s, %llu action%s, from %llu file%s\n",
           (unsigned long long)counts->posts, lks_cli_plural(counts->posts),
           (unsigned long long)counts->accounts, lks_cli_plural(counts->accounts),
           (unsigned long long)counts->actions, lks_cli_plural(counts->actions),
           (unsigned long long)counts->files, lks_cli_plural(counts->files));
    if (counts->payments)
        printf("%llu payment%s\n", (unsigned long long)counts->payments,
               lks_cli_plural(counts->payments));
    if (counts->duplicates || counts->rejects || counts->ignored)
        printf("left out: %llu duplicate%s, %llu reject%s (kept with their reasons), %llu row%s "
               "that %s no post%s\n",
               (unsigned long long)counts->duplicates, lks_cli_plural(counts->duplicates),
               (unsigned long long)counts->rejects, lks_cli_plural(counts->rejects),
               (unsigned long long)counts->ignored, lks_cli_plural(counts->ignored),
               counts->ignored == 1 ? "is" : "are", lks_cli_plural(counts->ignored));
}

static int is_explained(const struct lks_finding_line *line)
{
    return strcmp(line->confidence, "explained") == 0;
}

static void findings_print(const struct lks_run_summary *summary, int explained)
{
    for (size_t i = 0; i < summary->findings_count; i++) {
        const struct lks_finding_line *line = &summary->findings[i];
        if (is_explained(line) != explained)
            continue;
        printf("  %-4s %-9s ", line->id, line->confidence);
        if (line->p_value == line->p_value)
            printf("p %.3g  ", line->p_value);
        else
            printf("a record, no test  ");
        lks_cli_put(stdout, line->title);
        putchar('\n');
    }
}

static void summary_print(const struct lks_run_summary *summary)
{
    size_t explained = 0;
    for (size_t i = 0; i < summary->findings_count; i++)
        explained += (size_t)is_explained(&summary->findings[i]);
    size_t findings = summary->findings_count - explained;
    counts_print(&summary->counts);
    if (summary->findings_count == 0 && summary->group_threshold <= 0)
        printf("No group stands out: no accounts act together here often enough to be tested as "
               "one.\n");
    else if (summary->findings_count == 0)
        printf("No group stands out: none scores above %.1f, as groups made by chance rarely do "
               "(the highest in %u shuffled cop%s of the data: %.1f).\n",
               summary->group_threshold, summary->copies, summary->copies == 1 ? "y" : "ies",
               summary->copies_max_score);
    else if (findings == 0)
        printf("No finding. Groups made by chance rarely score above %.1f (the highest in %u "
               "shuffled cop%s of the data: %.1f).\n",
               summary->group_threshold, summary->copies, summary->copies == 1 ? "y" : "ies",
               summary->copies_max_score);
    else
        printf("%zu finding%s, scoring above %.1f as groups made by chance rarely do (the highest "
               "in %u shuffled cop%s of the data: %.1f)\n",
               findings, lks_cli_plural(findings), summary->group_threshold, summary->copies,
               summary->copies == 1 ? "y" : "ies", summary->copies_max_score);
    findings_print(summary, 0);
    if (explained)
        printf("%zu group%s %s as high, and the numbers speak for an innocent explanation:\n",
               explained, lks_cli_plural(explained), explained == 1 ? "scores" : "score");
    findings_print(summary, 1);
}

/* "Next:  lockstep report CASE": the command as it was called, with its case. */
static void advice_print(const char *label, const char *command, const char *case_path)
{
    printf("%-13s", label);
    lks_cli_put_path(stdout, lks_cli_program);
    printf(" %s ", command);
    lks_cli_put_path(stdout, case_path);
}

static void next_print(const char *case_path, const struct lks_run_summary *summary)
{
    printf("\n%-13s", "Look at it:");
    lks_cli_put_path(stdout, summary->folder);
    puts("/report.html");
    if (summary->findings_count) {
        size_t first = 0; /* that nothing innocent explains, where there is one */
        while (first + 1 < summary->findings_count && is_explained(&summary->findings[first]))
            first++;
        if (is_explained(&summary->findings[first]))
            first = 0;
        advice_print("Ask why:", "explain", case_path);
        printf(" %s\n", summary->findings[first].id);
    }
}

static int investigate_help(void)
{
    puts("lockstep investigate FILE... -o CASE\n"
         "\n"
         "Reads the files, finds groups of accounts that act together more often than chance\n"
         "allows, and writes CASE/runs/0001/report.html, which opens in any browser.\n"
         "\n"
         "  lockstep investigate tweets.csv.zst -o case\n"
         "  lockstep investigate videos.ndjson comments.ndjson result.json -o case\n"
         "  lockstep investigate any.csv --map account=user,time=date,text=message -o case");
    lks_cli_case_options_help(LKS_CLI_INGEST | LKS_CLI_DETECT | LKS_CLI_REPORT | LKS_CLI_OUTPUT);
    return LKS_EXIT_DONE;
}

int lks_cli_investigate(int argc, char **argv)
{
    struct lks_cli_case_options options;
    struct lks_run_summary summary = {0};
    struct lks_error err = {0};
    int code = lks_cli_case_options_parse(
        argc, argv, LKS_CLI_INGEST | LKS_CLI_DETECT | LKS_CLI_REPORT | LKS_CLI_OUTPUT, &options);
    if (code)
        return code;
    if (options.help)
        return investigate_help();
    if (!options.output)
        return lks_cli_usage(argv[0], "where to? Name the case's folder with -o CASE");
    if (options.rest >= argc)
        return lks_cli_usage(argv[0], "which files?");
    options.ingest.files = (const char *const *)(argv + options.rest);
    options.ingest.files_count = (size_t)(argc - options.rest);
    const struct lks_control *control =
        lks_cli_control(options.threads, options.memory_bytes, options.quiet);
    if (lks_case_investigate(options.output, &options.ingest, &options.detect, options.formats,
                             control, &summary, &err) != 0)
        return lks_cli_fail(argv[0], &err);
    lks_cli_progress_clear();
    if (options.json) {
        puts(summary.json);
    } else {
        summary_print(&summary);
        next_print(options.output, &summary);
    }
    lks_run_summary_free(&summary);
    return LKS_EXIT_DONE;
}

int lks_cli_ingest(int argc, char **argv)
{
    struct lks_cli_case_options options;
    struct lks_case_counts counts;
    struct lks_error err = {0};
    int code = lks_cli_case_options_parse(argc, argv, LKS_CLI_INGEST, &options);
    if (code)
        return code;
    if (options.help) {
        puts(
            "lockstep ingest CASE FILE...\n"
            "\n"
            "Seals each file into the case's vault (an encrypted copy), reads it, logs how, and "
            "adds\n"
            "its posts to the case, which is made when it is not there. Either all files enter or\n"
            "none. What an earlier call logged and was cut off before storing is taken first.");
        lks_cli_case_options_help(LKS_CLI_INGEST);
        return LKS_EXIT_DONE;
    }
    if (argc - options.rest < 2)
        return lks_cli_usage(argv[0], "name a case and at least one file");
    options.ingest.files = (const char *const *)(argv + options.rest + 1);
    options.ingest.files_count = (size_t)(argc - options.rest - 1);
    const struct lks_control *control =
        lks_cli_control(options.threads, options.memory_bytes, options.quiet);
    if (lks_case_ingest(argv[options.rest], &options.ingest, control, &counts, &err) != 0)
        return lks_cli_fail(argv[0], &err);
    lks_cli_progress_clear();
    if (options.json)
        printf("{\"files\": %llu, \"posts\": %llu, \"accounts\": %llu, \"actions\": %llu, "
               "\"payments\": %llu, \"rejects\": %llu, \"duplicates\": %llu, \"ignored\": %llu}\n",
               (unsigned long long)counts.files, (unsigned long long)counts.posts,
               (unsigned long long)counts.accounts, (unsigned long long)counts.actions,
               (unsigned long long)counts.payments, (unsigned long long)counts.rejects,
               (unsigned long long)counts.duplicates, (unsigned long long)counts.ignored);
    else {
        counts_print(&counts);
        if (counts.files_known)
            printf("%llu file%s in the case already: not read again\n",
                   (unsigned long long)counts.files_known,
                   counts.files_known == 1 ? " was" : "s were");
        putchar('\n');
        advice_print("Next:", "detect", argv[options.rest]);
        putchar('\n');
    }
    return LKS_EXIT_DONE;
}

int lks_cli_detect(int argc, char **argv)
{
    struct lks_cli_case_options options;
    struct lks_run_summary summary = {0};
    struct lks_error err = {0};
    int code = lks_cli_case_options_parse(argc, argv, LKS_CLI_DETECT, &options);
    if (code)
        return code;
    if (options.help) {
        puts("lockstep detect CASE\n"
             "\n"
             "Finds the groups of accounts that act together more often than chance allows.\n"
             "Every call makes a new run, CASE/runs/0002 and so on; none is overwritten.");
        lks_cli_case_options_help(LKS_CLI_DETECT);
        return LKS_EXIT_DONE;
    }
    if (argc - options.rest != 1)
        return lks_cli_usage(argv[0], "name one case");
    const struct lks_control *control =
        lks_cli_control(options.threads, options.memory_bytes, options.quiet);
    if (lks_case_detect(argv[options.rest], &options.detect, control, &summary, &err) != 0)
        return lks_cli_fail(argv[0], &err);
    lks_cli_progress_clear();
    if (options.json) {
        puts(summary.json);
    } else {
        summary_print(&summary);
        putchar('\n');
        advice_print("Next:", "report", argv[options.rest]);
        printf(" --run %s\n", summary.run);
    }
    lks_run_summary_free(&summary);
    return LKS_EXIT_DONE;
}

static int report_for(const char *case_path, const struct lks_cli_case_options *options,
                      const struct lks_control *control)
{
    struct lks_error err = {0};
    char *text = NULL;
    const struct lks_report_for_options shown = {.run = options->run,
                                                 .formats = options->formats,
                                                 .recipient = options->recipient,
                                                 .folder = options->into,
                                                 .mapping = options->mapping};
    if (lks_case_report_for(case_path, &shown, options->json, control, &text, &err) != 0)
        return lks_cli_fail("report", &err);
    lks_cli_progress_clear();
    fputs(text, stdout);
    lks_text_free(text);
    if (!options->json) {
        fputs("Written into ", stdout);
        lks_cli_put_path(stdout, options->into);
        putchar('\n');
    }
    return LKS_EXIT_DONE;
}

int lks_cli_report(int argc, char **argv)
{
    struct lks_cli_case_options options;
    struct lks_error err = {0};
    int code = lks_cli_case_options_parse(argc, argv, LKS_CLI_REPORT | LKS_CLI_RUN | LKS_CLI_SHOW,
                                          &options);
    if (code)
        return code;
    if (options.help) {
        puts("lockstep report CASE\n"
             "\n"
             "Writes report.html and findings.json of a run into its folder, and what else is\n"
             "asked for. With format options, only those are written (--html, --findings too).");
        lks_cli_case_options_help(LKS_CLI_REPORT | LKS_CLI_RUN | LKS_CLI_SHOW);
        return LKS_EXIT_DONE;
    }
    if (argc - options.rest != 1)
        return lks_cli_usage(argv[0], "name one case");
    const struct lks_control *control =
        lks_cli_control(options.threads, options.memory_bytes, options.quiet);
    if (!options.recipient != !options.into || (options.mapping && !options.recipient))
        return lks_cli_usage(argv[0], "--for WHOM and --into FOLDER go together");
    if (options.recipient)
        return report_for(argv[options.rest], &options, control);
    if (!options.formats)
        options.formats = LKS_REPORT_HTML | LKS_REPORT_JSON;
    char run[16];
    if (lks_case_report(argv[options.rest], options.run, options.formats, control, run, &err) != 0)
        return lks_cli_fail(argv[0], &err);
    lks_cli_progress_clear();
    if (options.json) {
        printf("{\"run\": \"%s\"}\n", run);
    } else {
        fputs("Written into ", stdout);
        lks_cli_put_path(stdout, argv[options.rest]);
        printf("/runs/%s\n", run);
    }
    return LKS_EXIT_DONE;
}

int lks_cli_explain(int argc, char **argv)
{
    struct lks_cli_case_options options;
    struct lks_error err = {0};
    char *text = NULL;
    int code = lks_cli_case_options_parse(argc, argv, LKS_CLI_RUN, &options);
    if (code)
        return code;
    if (options.help) {
        puts("lockstep explain CASE WHAT\n"
             "\n"
             "Prints why, down to the posts. WHAT is a finding (F1), an account (its key or\n"
             "handle), an edge (two accounts with a comma between them), a tag ('#tag'), or a\n"
             "post (post:KEY): its very bytes out of the sealed file, and how to check them.\n"
             "\n"
             "  lockstep explain case F1\n"
             "  lockstep explain case some_handle,other_handle\n"
             "  lockstep explain case '#sometag'");
        lks_cli_case_options_help(LKS_CLI_RUN);
        return LKS_EXIT_DONE;
    }
    if (argc - options.rest != 2)
        return lks_cli_usage(argv[0], "name a case and what to explain, such as F1 or a handle");
    const struct lks_control *control =
        lks_cli_control(options.threads, options.memory_bytes, options.quiet);
    if (lks_case_explain(argv[options.rest], options.run, argv[options.rest + 1], options.json,
                         control, &text, &err) != 0)
        return lks_cli_fail(argv[0], &err);
    lks_cli_progress_clear();
    fputs(text, stdout);
    lks_text_free(text);
    return LKS_EXIT_DONE;
}
