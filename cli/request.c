/* request.c - the request command: what authorities ask, the clock that runs, the answers */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "request_options.h"

static const char *const command = "request";

static int help(void)
{
    puts("lockstep request ACTION CASE [REQUEST] [options]\n"
         "\n"
         "The register of requests for information, kept in the log of the case's vault.\n"
         "\n"
         "  receive CASE          put one into the register\n"
         "    --authority NAME      who asks\n"
         "    --basis WHICH         dsa-67, dsa-40, dsa-72 or other\n"
         "    --legal-basis TEXT    in words; needed for other\n"
         "    --question TEXT       may come often; --questions FILE: a line each\n"
         "    --received TIME       'now', '2024-12-05 18:00 Europe/Bucharest', with +02:00 or Z\n"
         "    --due TIME            the same, or a span after it: 24h\n"
         "    --platform P --account KEY --term TEXT   the scope; each may come often\n"
         "    --from TIME --to TIME --kinds posts,accounts,payments\n"
         "    --document FILE       the order as it came: its SHA-256 is kept\n"
         "    --id NAME             instead of the next of R1, R2 ...\n"
         "  reply CASE R1         what answers a question\n"
         "    --question N --answer TEXT, --missing TEXT (what cannot be answered, and why)\n"
         "    --records posts,payments --finding F1 --file findings/report.html   what shows it\n"
         "  status CASE [R1]      the clock; exit code 7 where an answer is overdue\n"
         "    --warn SPAN           also where less than that is left\n"
         "    --at TIME             as it will be then\n"
         "  answer CASE R1        seal the answer: a bag under CASE/answers\n"
         "    --run RUN             findings of that run (the latest)\n"
         "    --profile WHO         authority, researcher or public\n"
         "    --freeze              only put the records into the log, to anchor it before the bag "
         "is made\n"
         "    -o, --output DIR      write the sealed bag again there, and compare it with the log\n"
         "  amend CASE R1         a further bag that says what it corrects, after reply\n"
         "    --why TEXT            what was wrong\n"
         "  receipt CASE R1       the authority confirmed: --document FILE, --note TEXT\n"
         "\n"
         "options of all:\n"
         "  --document-sha256 HEX  instead of --document\n"
         "  --json                 print JSON\n"
         "  --threads N            threads to use (all processors)\n"
         "  --memory SIZE          e.g. 2G (half of what is free)\n"
         "  -q, --quiet            no progress line");
    return LKS_EXIT_DONE;
}

static int done(int code, const struct lks_error *err, char *text, int exit_code)
{
    if (code != 0)
        return lks_cli_fail(command, err);
    lks_cli_progress_clear();
    fputs(text, stdout);
    lks_text_free(text);
    return exit_code;
}

static int receive(struct lks_cli_request *o, const struct lks_control *control)
{
    struct lks_error err = {0};
    char *text = NULL;
    const struct lks_request_receive_options options = {
        .id = o->id,
        .authority = o->authority,
        .basis = o->basis,
        .legal_basis = o->legal_basis,
        .questions = o->questions.items,
        .questions_count = o->questions.count,
        .scope = {.platforms = o->platforms.items,
                  .platforms_count = o->platforms.count,
                  .accounts = o->accounts.items,
                  .accounts_count = o->accounts.count,
                  .terms = o->terms.items,
                  .terms_count = o->terms.count,
                  .from = o->from,
                  .to = o->to,
                  .kinds = o->kinds},
        .document = o->document,
        .document_sha256 = o->document_sha256,
        .received = o->received,
        .due = o->due,
    };
    int code = lks_request_receive(o->case_path, &options, o->json, control, &text, &err);
    return done(code, &err, text, LKS_EXIT_DONE);
}

static int reply(struct lks_cli_request *o, const struct lks_control *control)
{
    struct lks_error err = {0};
    char *text = NULL;
    unsigned question = 0;
    if (o->questions.count != 1 || lks_cli_parse_unsigned(o->questions.items[0], &question) != 0)
        return lks_cli_usage(command, "--question takes the number of one question");
    const struct lks_request_reply_options options = {
        .id = o->id,
        .question = question,
        .answer = o->answer,
        .missing = o->missing,
        .records = o->records,
        .findings = o->findings.items,
        .findings_count = o->findings.count,
        .files = o->files.items,
        .files_count = o->files.count,
    };
    int code = lks_request_reply(o->case_path, &options, o->json, control, &text, &err);
    return done(code, &err, text, LKS_EXIT_DONE);
}

static int status(struct lks_cli_request *o, const struct lks_control *control)
{
    struct lks_error err = {0};
    char *text = NULL;
    int late = 0;
    int code = lks_request_status(o->case_path, o->id, o->at, o->warn, o->json, control, &text,
                                  &late, &err);
    return done(code, &err, text, late ? LKS_EXIT_OVERDUE : LKS_EXIT_DONE);
}

static int seal(struct lks_cli_request *o, int amends, int freeze,
                const struct lks_control *control)
{
    struct lks_error err = {0};
    char *text = NULL;
    const struct lks_request_answer_options options = {
        .id = o->id,
        .run = o->run,
        .profile = o->profile,
        .why = o->why,
        .amends = amends,
        .freeze = freeze,
        .output = o->output,
    };
    int code = lks_request_answer(o->case_path, &options, o->json, control, &text, &err);
    return done(code, &err, text, LKS_EXIT_DONE);
}

static int answer(struct lks_cli_request *o, const struct lks_control *control)
{
    return seal(o, 0, o->freeze, control);
}

static int amend(struct lks_cli_request *o, const struct lks_control *control)
{
    return seal(o, 1, o->freeze, control);
}

static int receipt(struct lks_cli_request *o, const struct lks_control *control)
{
    struct lks_error err = {0};
    char *text = NULL;
    int code = lks_request_receipt(o->case_path, o->id, o->document, o->document_sha256, o->note,
                                   o->json, control, &text, &err);
    return done(code, &err, text, LKS_EXIT_DONE);
}

int lks_cli_request(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(struct lks_cli_request *options, const struct lks_control *control);
        int id_needed;
    } actions[] = {{"receive", receive, 0}, {"reply", reply, 1}, {"status", status, 0},
                   {"answer", answer, 1},   {"amend", amend, 1}, {"receipt", receipt, 1}};
    struct lks_cli_request options = {.json = 0};
    const char *name = argc > 1 ? argv[1] : "";
    size_t which = 0, count = sizeof actions / sizeof *actions;
    while (which < count && strcmp(name, actions[which].name) != 0)
        which++;
    if (which == count && (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0))
        return help();
    if (which == count)
        return lks_cli_usage(command, "name an action: receive, reply, status, answer, amend or "
                                      "receipt");
    int code = lks_cli_request_read(&options, argc - 1, argv + 1);
    int wanted = code == 0 && !options.help;
    if (code == 0 && options.help)
        help();
    if (wanted && !options.case_path)
        code = lks_cli_usage(command, "name a case");
    else if (wanted && actions[which].id_needed && !options.id)
        code = lks_cli_usage(command, "name the request, such as R1");
    else if (wanted)
        code = actions[which].run(
            &options, lks_cli_control(options.threads, options.memory_bytes, options.quiet));
    lks_cli_request_free(&options);
    return code;
}
