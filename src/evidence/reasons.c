/* reasons.c - the statements of reasons of a decision, in batches as the database takes them */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sha256.h"
#include "base/writer.h"
#include "evidence/answer.h"
#include "evidence/decision_parts.h"
#include "evidence/reasons.h"
#include "vault/disk.h"

struct writing {
    const struct lks_decided *decided;
    const struct lks_case_decision *decision;
    uint32_t *members; /* [count] places in the finding */
    size_t count, batches;
    const char *path;
    struct lks_buffer *letters; /* lines of JSON, one a user; NULL: none are wanted */
    struct lks_arena arena;     /* of one batch */
    size_t automated;           /* found by the run */
};

/* "r.json" becomes "r-001.json" where there are several. */
static int path_make(const struct writing *w, size_t batch, char out[LKS_PATH_BYTES],
                     struct lks_error *err)
{
    const char *slash = strrchr(w->path, '/'), *dot = strrchr(w->path, '.');
    size_t stem =
        dot && dot > (slash ? slash + 1 : w->path) ? (size_t)(dot - w->path) : strlen(w->path);
    int size = w->batches == 1 ? snprintf(out, LKS_PATH_BYTES, "%s", w->path)
                               : snprintf(out, LKS_PATH_BYTES, "%.*s-%03zu%s", (int)stem, w->path,
                                          batch + 1, w->path + stem);
    return size < LKS_PATH_BYTES ? 0 : lks_error_set(err, LKS_EARGUMENT, "the path is too long");
}

/* A line: whom it goes to, the PUID, and the letter. */
static int letter_add(struct writing *w, uint32_t member, const struct lks_reasons *reasons,
                      struct lks_error *err)
{
    struct lks_json json = {.buffer = w->letters};
    struct lks_buffer text = {0};
    int code = lks_reasons_letter(reasons, &text, err);
    lks_json_object(&json, NULL);
    lks_json_string(
        &json, "account",
        w->decided->results.nodes[w->decided->finding->members[member]].account.account_key);
    lks_json_text(&json, "puid", reasons->puid);
    lks_json_string(&json, "text", (struct lks_str){text.data, text.size_bytes});
    lks_json_object_end(&json);
    lks_buffer_byte(w->letters, '\n');
    lks_buffer_free(&text);
    return code == 0 && w->letters->failed
               ? lks_error_set(err, LKS_EMEMORY, "out of memory for letters")
               : code;
}

/* Builds and checks one batch. Names were looked for in people's explanations when it was decided;
 * the facts are of our own words alone, which may well be somebody's handle. */
static int batch_make(struct writing *w, size_t batch, struct lks_buffer *out,
                      struct lks_error *err)
{
    static const size_t most = LKS_REASONS_BATCH_MAX;
    size_t first = batch * most, count = w->count - first < most ? w->count - first : most;
    struct lks_reasons *reasons = calloc(count, sizeof *reasons);
    int code = reasons ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory for statements");
    lks_arena_reset(&w->arena);
    for (size_t i = 0; code == 0 && i < count; i++) {
        code = lks_decided_reasons(w->decided, w->decision, w->members[first + i], &w->arena,
                                   &reasons[i], err);
        w->automated += code == 0 && reasons[i].path.found_by_run;
        if (code == 0 && w->letters)
            code = letter_add(w, w->members[first + i], &reasons[i], err);
    }
    if (code == 0)
        code = lks_reasons_check_batch(reasons, count, NULL, 0, err);
    if (code == 0)
        code = lks_reasons_format(reasons, count, out, err);
    free(reasons);
    return code;
}

static int members_pick(struct writing *w, struct lks_error *err)
{
    const struct lks_finding *finding = w->decided->finding;
    w->members = malloc(((size_t)finding->members_count + 1) * sizeof *w->members);
    if (!w->members)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for statements");
    for (uint32_t i = 0; i < finding->members_count; i++) {
        struct lks_str key = w->decided->results.nodes[finding->members[i]].account.account_key;
        if (!w->decision->decision.accounts.data ||
            lks_lines_hold(w->decision->decision.accounts, key))
            w->members[w->count++] = i;
    }
    if (w->count != (uint64_t)w->decision->decision.accounts_count)
        return lks_error_set(err, LKS_EINPUT,
                             "the decision is upon %lld accounts, and the run has %zu of them",
                             (long long)w->decision->decision.accounts_count, w->count);
    w->batches = (w->count + LKS_REASONS_BATCH_MAX - 1) / LKS_REASONS_BATCH_MAX;
    return 0;
}

/* Writes one batch; its digest is added to digests. */
static int batch_write(struct writing *w, size_t batch, struct lks_buffer *digests,
                       struct lks_error *err)
{
    char path[LKS_PATH_BYTES];
    unsigned char digest[LKS_SHA256_BYTES];
    struct lks_buffer text = {0};
    struct lks_writer writer;
    int code = path_make(w, batch, path, err);
    if (code == 0)
        code = batch_make(w, batch, &text, err);
    if (code == 0)
        code = lks_writer_open(&writer, path, err);
    if (code == 0) {
        lks_writer_put(&writer, text.data, text.size_bytes);
        code = lks_writer_commit(&writer, err);
    }
    if (code == 0) {
        lks_sha256_of(text.data, text.size_bytes, digest);
        lks_buffer_append(digests, digest, sizeof digest);
    }
    lks_buffer_free(&text);
    return code;
}

/* All are built and checked once before anything is written: the database takes all or nothing. */
static int all_check(struct writing *w, struct lks_error *err)
{
    int code = w->count ? 0 : lks_error_set(err, LKS_EINPUT, "the decision is upon nobody");
    for (size_t batch = 0; code == 0 && batch < w->batches; batch++) {
        struct lks_buffer text = {0};
        code = batch_make(w, batch, &text, err);
        lks_buffer_free(&text);
    }
    w->automated = 0;
    return code;
}

/* Letters name their readers: for the owner of the file alone. */
static int letters_write(struct writing *w, const char *path,
                         struct lks_statement_writer *statement, struct lks_error *err)
{
    unsigned char digest[LKS_SHA256_BYTES];
    char hex[LKS_SHA256_HEX_BYTES];
    if (!w->letters)
        return 0;
    lks_sha256_of(w->letters->data, w->letters->size_bytes, digest);
    lks_sha256_hex(digest, hex);
    lks_statement_hide(statement, "letters_sha256", lks_str_from(hex));
    return lks_disk_put(path, w->letters->data, w->letters->size_bytes, 0600, err);
}

/* The files' digests in their order; of very many, which no entry holds, the digest of those. */
static void digests_put(struct lks_canon *canon, const struct lks_buffer *digests)
{
    enum { LISTED_MAX = 500 };
    unsigned char whole[LKS_SHA256_BYTES];
    const unsigned char *bytes = (const unsigned char *)digests->data;
    if (digests->size_bytes > LISTED_MAX * sizeof whole) {
        lks_sha256_of(bytes, digests->size_bytes, whole);
        lks_canon_hash(canon, "sha256_of_digests", whole);
        return;
    }
    lks_canon_array(canon, "sha256");
    for (size_t at = 0; at < digests->size_bytes; at += sizeof whole)
        lks_canon_hash(canon, NULL, bytes + at);
    lks_canon_end(canon);
}

static int all_write(struct writing *w, const char *case_path, const char *letters_path,
                     const struct lks_control *control, struct lks_error *err)
{
    if (w->letters) /* the check has filled them once already */
        lks_buffer_clear(w->letters);
    struct lks_statement_writer statement = {0};
    struct lks_vault *vault = NULL;
    struct lks_buffer digests = {0};
    int code = lks_vault_open(case_path, control, NULL, &vault, err);
    if (code)
        return code;
    lks_vault_start(vault, &statement, LKS_STATEMENT_EXPORT);
    lks_canon_text(&statement.canon, "what", "reasons");
    lks_canon_text(&statement.canon, "program", lks_version());
    lks_canon_string(&statement.canon, "run", w->decision->decision.run);
    lks_canon_int(&statement.canon, "decision", (int64_t)w->decision->leaf);
    lks_canon_int(&statement.canon, "statements", (int64_t)w->count);
    for (size_t batch = 0; code == 0 && batch < w->batches; batch++)
        code = batch_write(w, batch, &digests, err);
    if (code == 0 && digests.failed)
        code = lks_error_set(err, LKS_EMEMORY, "out of memory for statements");
    if (code == 0)
        code = letters_write(w, letters_path, &statement, err);
    if (code == 0) {
        digests_put(&statement.canon, &digests);
        code = lks_vault_record(vault, &statement, NULL, err);
    } else {
        lks_statement_abandon(&statement);
    }
    if (code == 0)
        code = lks_vault_commit(vault, err);
    lks_vault_close(vault);
    lks_buffer_free(&digests);
    return code;
}

static void result_put(const struct writing *w, int as_json, struct lks_buffer *out)
{
    struct lks_json json = {.buffer = out, .indent = 2};
    const struct lks_decision *decision = &w->decision->decision;
    const struct lks_decision_path path = {.proposed_by_rule = decision->rule.data != NULL,
                                           .people_count = w->decision->people_count};
    if (!as_json) {
        lks_buffer_format(out,
                          "%zu statements of reasons in %zu file%s: automated detection of %zu, "
                          "%s.\n",
                          w->count, w->batches, w->batches == 1 ? "" : "s", w->automated,
                          lks_reasons_decision(&path));
        return;
    }
    lks_json_object(&json, NULL);
    lks_json_uint(&json, "decision", w->decision->leaf);
    lks_json_uint(&json, "statements", w->count);
    lks_json_uint(&json, "automated_detection", w->automated);
    lks_json_text(&json, "automated_decision", lks_reasons_decision(&path));
    lks_json_array(&json, "files");
    for (size_t i = 0; i < w->batches; i++) {
        char file[LKS_PATH_BYTES];
        if (path_make(w, i, file, NULL) == 0)
            lks_json_text(&json, NULL, file);
    }
    lks_json_array_end(&json);
    lks_json_object_end(&json);
    lks_buffer_byte(out, '\n');
}

/* The decision that is meant, and the run beside it. */
static int decision_find(const char *case_path, uint64_t leaf, uint64_t end,
                         struct lks_decided *decided, const struct lks_case_decision **one_out,
                         struct lks_error *err)
{
    const struct lks_case_decision *one = NULL;
    int code = lks_decided_log(case_path, end, decided, err);
    if (code)
        return code;
    if (leaf)
        one = lks_case_decision_at(&decided->log, leaf);
    else if (decided->log.count)
        one = &decided->log.items[decided->log.count - 1];
    if (!one)
        return lks_error_set(err, LKS_EMISSING,
                             leaf ? "entry %llu is no decision" : "nothing was decided yet",
                             (unsigned long long)leaf);
    if (!one->readable)
        return lks_error_set(err, LKS_EINPUT,
                             "the hidden values of decision %llu are not here: no statements can "
                             "be made",
                             (unsigned long long)one->leaf);
    struct lks_decided whole;
    char run[16];
    struct lks_str finding = one->decision.finding;
    snprintf(run, sizeof run, "%.*s", (int)one->decision.run.size_bytes, one->decision.run.data);
    leaf = one->leaf;
    code = lks_decided_open(case_path, run, finding, end, &whole, err);
    lks_decided_free(decided);
    *decided = whole;
    *one_out = code ? NULL : lks_case_decision_at(&decided->log, leaf);
    return code;
}

/* ---- of every decision, for an answer ---- */

static int one_into(const char *case_path, uint64_t leaf, uint64_t end, const char *folder,
                    struct lks_error *err)
{
    struct lks_decided decided = {.finding = NULL};
    struct lks_buffer digests = {0};
    char path[LKS_PATH_BYTES];
    struct writing w = {.decided = &decided, .path = path};
    int code = 0;
    if (snprintf(path, sizeof path, "%s/reasons-%llu.json", folder, (unsigned long long)leaf) >=
        (int)sizeof path)
        code = lks_error_set(err, LKS_EARGUMENT, "the path is too long");
    if (code == 0)
        code = decision_find(case_path, leaf, end, &decided, &w.decision, err);
    if (code == 0)
        code = members_pick(&w, err);
    if (code == 0)
        code = all_check(&w, err);
    for (size_t batch = 0; code == 0 && batch < w.batches; batch++)
        code = batch_write(&w, batch, &digests, err);
    lks_buffer_free(&digests);
    lks_arena_free(&w.arena);
    free(w.members);
    lks_decided_free(&decided);
    return code;
}

int lks_reasons_into(const char *case_path, const char *run, uint64_t end, const char *folder,
                     struct lks_error *err)
{
    struct lks_decided decided;
    int code = lks_decided_log(case_path, end, &decided, err);
    for (size_t i = 0; code == 0 && i < decided.log.count; i++) {
        const struct lks_case_decision *one = &decided.log.items[i];
        const struct lks_decision_path path = {.proposed_by_rule = one->decision.rule.data != NULL,
                                               .people_count = one->people_count};
        if (one->readable && lks_reasons_decision(&path) &&
            lks_str_equal_text(one->decision.run, run))
            code = one_into(case_path, one->leaf, end, folder, err);
    }
    lks_decided_free(&decided);
    return code;
}

int lks_case_reasons(const char *case_path, uint64_t decision, const char *path,
                     const char *letters_path, int as_json, const struct lks_control *control,
                     char **text_out, struct lks_error *err)
{
    struct lks_decided decided = {.finding = NULL};
    struct writing w = {.decided = &decided, .path = path};
    struct lks_buffer out = {0}, letters = {0};
    if (letters_path)
        w.letters = &letters;
    int code = path && *path ? 0 : lks_error_set(err, LKS_EARGUMENT, "say which file to write");
    if (code == 0)
        code = decision_find(case_path, decision, UINT64_MAX, &decided, &w.decision, err);
    if (code == 0)
        code = members_pick(&w, err);
    if (code == 0)
        code = all_check(&w, err);
    if (code == 0)
        code = all_write(&w, case_path, letters_path, control, err);
    if (code == 0)
        result_put(&w, as_json, &out);
    if (letters.data)
        explicit_bzero(letters.data, letters.size_bytes);
    lks_buffer_free(&letters);
    lks_arena_free(&w.arena);
    free(w.members);
    lks_decided_free(&decided);
    return lks_answer_give(&out, code, text_out, err);
}
