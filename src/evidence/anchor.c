/* anchor.c - asking others about a case's log, and keeping what they say
 *
 *     1  the vault is opened: what waits is signed, and the checkpoint of N entries is taken
 *     2  all are asked, with the vault closed: that can take minutes
 *     3  the vault is opened: what they said is kept, and told in the log, which grows by it
 *     4  the witnesses that signed are asked once more, for the checkpoint that stands now
 *     5  the vault is opened: their lines are added to it, if it still stands
 *
 * So the log tells what was said of N entries, and the checkpoint that lies there, which covers that
 * too, bears the signatures of the witnesses. The fourth step may fail: what matters is done. */
#include "evidence/anchor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case/key_file.h"
#include "evidence/answer.h"
#include "http/client.h"
#include "vault/disk.h"

enum {
    TIMEOUT_SECONDS = 30,
    TIMEOUT_SECONDS_MAX = 600,
    ASKED_MAX = 100,
    TOKEN_BYTES_MAX = 256 * 1024,
    QUERY_BYTES_MAX = 16 * 1024
};

static struct lks_str str_of(const struct lks_buffer *buffer)
{
    return (struct lks_str){buffer->data, buffer->size_bytes};
}

/* ---- what is asked for ---- */

static int witness_take(const struct lks_anchor_options *options, size_t i,
                        struct lks_anchor_asked *asked, struct lks_error *err)
{
    struct lks_error inner = {0};
    asked->url = options->witnesses[i];
    asked->witness = (struct lks_witness_address){
        .url = asked->url,
        .proxy = options->proxy,
        .timeout_seconds = options->timeout_seconds ? options->timeout_seconds : TIMEOUT_SECONDS};
    int code = lks_http_url_check(asked->url, err);
    if (code == 0 &&
        (code = lks_verifier_named(options->witness_keys[i], &asked->witness.verifier, &inner)))
        return lks_error_set(err, code == LKS_EMISSING ? LKS_EARGUMENT : code,
                             "the witness's key: %s", inner.message);
    if (code == 0 && asked->witness.verifier.type != LKS_NOTE_COSIGNATURE)
        code = lks_error_set(err, LKS_EARGUMENT, "%s is no key of a witness",
                             asked->witness.verifier.name);
    return code;
}

static int options_take(const struct lks_anchor_options *options,
                        struct lks_anchor_outcome *outcome, struct lks_error *err)
{
    size_t count =
        options->witnesses_count + options->authorities_count + (options->token_path != NULL);
    int code = 0;
    if (options->witnesses_count + options->authorities_count > ASKED_MAX)
        return lks_error_set(err, LKS_EARGUMENT, "at most %d can be asked at once", ASKED_MAX);
    if (count == 0 && !options->query_path)
        return lks_error_set(err, LKS_EARGUMENT, "name a witness or a time stamping authority");
    if (options->timeout_seconds > TIMEOUT_SECONDS_MAX)
        return lks_error_set(err, LKS_EARGUMENT, "an answer is waited for %d seconds at most",
                             TIMEOUT_SECONDS_MAX);
    if (options->token_path && !options->token_trust)
        return lks_error_set(err, LKS_EARGUMENT,
                             "a token is judged by certificates: name their file");
    if (!(outcome->asked = calloc(count + 1, sizeof *outcome->asked)))
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    for (size_t i = 0; code == 0 && i < options->witnesses_count; i++)
        code = witness_take(options, i, &outcome->asked[outcome->count++], err);
    for (size_t i = 0; code == 0 && i < options->authorities_count; i++) {
        struct lks_anchor_asked *asked = &outcome->asked[outcome->count++];
        asked->authority = 1;
        asked->url = options->authorities[i];
        asked->trust = options->authority_trust[i];
        code = asked->trust ? lks_http_url_check(asked->url, err)
                            : lks_error_set(err, LKS_EARGUMENT,
                                            "a token is judged by certificates: name their file");
    }
    return code;
}

/* ---- step 1 ---- */

static int checkpoint_take(const char *case_path, const struct lks_control *control,
                           struct lks_anchored *anchored, struct lks_vault **vault_out,
                           struct lks_error *err)
{
    int code = lks_vault_there(case_path)
                   ? lks_vault_open(case_path, control, NULL, vault_out, err)
                   : lks_error_set(err, LKS_EMISSING, "%s has no vault", case_path);
    if (code == 0)
        code = lks_anchored_take(case_path, *vault_out, anchored, err);
    return code;
}

/* The query is kept, so that its answer can be told from the answer to another. */
static int query_write(const char *case_path, const char *path, const struct lks_anchored *anchored,
                       struct lks_error *err)
{
    struct lks_anchors anchors = {0};
    struct lks_buffer query = {0};
    char name[64], kept[LKS_CASE_PATH_BYTES];
    int code = lks_anchors_list(case_path, &anchors, err);
    lks_anchor_next(&anchors, anchored->checkpoint.size, name);
    if (code == 0)
        code = lks_timestamp_query(str_of(&anchored->bytes), &query, err);
    if (code == 0)
        code = lks_anchor_path(case_path, name, ".tsq", kept, err);
    if (code == 0)
        code = lks_disk_put(kept, query.data, query.size_bytes, 0666, err);
    if (code == 0)
        code = lks_disk_put(path, query.data, query.size_bytes, 0666, err);
    lks_buffer_free(&query);
    lks_anchors_free(&anchors);
    return code;
}

/* ---- step 2 ---- */

/* The largest size that a witness signed before, as far as it lies here. */
static uint64_t size_known(const struct lks_anchors *anchors, const struct lks_verifier *witness)
{
    uint64_t known = 0;
    char id[16];
    snprintf(id, sizeof id, ".%08x", witness->id);
    for (size_t i = 0; i < anchors->count; i++) {
        const struct lks_anchor *anchor = &anchors->items[i];
        const char *at = strchr(anchor->name, '.');
        if (anchor->form == LKS_ANCHOR_COSIGNATURE && strcmp(at, id) == 0 && anchor->size > known)
            known = anchor->size;
    }
    return known;
}

/* A line for this very state that lies here and holds. */
static int signed_before(const char *case_path, const struct lks_anchored *anchored,
                         struct lks_anchor_asked *asked)
{
    const struct lks_verifier *witness = &asked->witness.verifier;
    struct lks_buffer line = {0}, whole = {0};
    struct lks_note note;
    struct lks_note_signer signer;
    size_t count;
    char path[LKS_CASE_PATH_BYTES], name[64];
    snprintf(name, sizeof name, "%llu.%08x", (unsigned long long)anchored->checkpoint.size,
             witness->id);
    int there =
        lks_anchor_path(case_path, name, ".cosig", path, NULL) == 0 &&
        lks_disk_get(path, LKS_NOTE_BYTES_MAX, &line, NULL) == 0 &&
        lks_witness_add(str_of(&anchored->bytes), str_of(&line), witness, &whole, NULL) == 0 &&
        lks_note_parse(str_of(&whole), &note, NULL) == 0 &&
        lks_note_verify(&note, witness, 1, &signer, &count, NULL) == 0;
    if (there) {
        asked->time_seconds = signer.time_seconds;
        lks_buffer_append(&asked->bytes, line.data, line.size_bytes);
    }
    lks_buffer_free(&line);
    lks_buffer_free(&whole);
    return there;
}

static void witness_ask(const char *case_path, const struct lks_anchors *anchors,
                        const struct lks_anchored *anchored, const struct lks_control *control,
                        struct lks_anchor_asked *asked)
{
    char folder[LKS_CASE_PATH_BYTES];
    if (signed_before(case_path, anchored, asked)) {
        asked->already = 1;
        return;
    }
    if (lks_vault_path(case_path, NULL, folder, &asked->failure) != 0)
        return;
    struct lks_tile_source tiles = lks_log_tiles(folder);
    lks_witness_ask(&asked->witness, &tiles, str_of(&anchored->bytes), anchored->checkpoint.size,
                    size_known(anchors, &asked->witness.verifier), control, &asked->bytes,
                    &asked->time_seconds, &asked->failure);
}

static void authority_ask(const struct lks_anchored *anchored,
                          const struct lks_anchor_options *options,
                          const struct lks_control *control, struct lks_anchor_asked *asked)
{
    struct lks_buffer query = {0};
    struct lks_http_answer answer = {0};
    struct lks_error *err = &asked->failure;
    int code = lks_timestamp_query(str_of(&anchored->bytes), &query, err);
    struct lks_http_request request = {
        .url = asked->url,
        .content_type = "application/timestamp-query",
        .accept = "application/timestamp-reply",
        .body = str_of(&query),
        .proxy = options->proxy,
        .answer_bytes_max = TOKEN_BYTES_MAX,
        .timeout_seconds = options->timeout_seconds ? options->timeout_seconds : TIMEOUT_SECONDS};
    if (code == 0)
        code = lks_http_post(&request, control, &answer, err);
    if (code == 0 && answer.status != 200)
        code = lks_error_set(err, answer.status >= 500 ? LKS_EIO : LKS_EINPUT,
                             "%s answered with status %d and stamped nothing", asked->url,
                             answer.status);
    if (code == 0)
        code = lks_timestamp_check(str_of(&answer.body), str_of(&query), str_of(&anchored->bytes),
                                   asked->trust, &asked->stamp, err);
    if (code == 0)
        asked->bytes = answer.body;
    else
        lks_buffer_free(&answer.body);
    lks_buffer_free(&query);
}

/* A token that came by other means: the answer to a query that waits, or else a token of a
 * checkpoint that lies here. *anchored is that one. */
static int token_match(const char *case_path, const struct lks_anchor_options *options,
                       struct lks_anchor_asked *asked, struct lks_anchored *anchored,
                       struct lks_error *err)
{
    struct lks_anchors anchors = {0};
    struct lks_error inner = {0};
    char path[LKS_CASE_PATH_BYTES];
    int code = lks_anchors_list(case_path, &anchors, err), found = 0;
    if (code == 0)
        code = lks_disk_get(options->token_path, TOKEN_BYTES_MAX, &asked->bytes, err);
    for (size_t i = anchors.count; code == 0 && !found && i-- > 0;) {
        const struct lks_anchor *anchor = &anchors.items[i];
        struct lks_buffer query = {0}, checkpoint = {0};
        inner = (struct lks_error){0};
        if (anchor->form == LKS_ANCHOR_QUERY &&
            lks_anchor_path(case_path, anchor->name, ".tsq", path, NULL) == 0 &&
            lks_disk_get(path, QUERY_BYTES_MAX, &query, NULL) == 0 &&
            lks_anchor_checkpoint(case_path, anchor->size, &checkpoint, NULL) == 0 &&
            lks_timestamp_check(str_of(&asked->bytes), str_of(&query), str_of(&checkpoint),
                                options->token_trust, &asked->stamp, &inner) == 0) {
            found = 1;
            memcpy(asked->name, anchor->name, sizeof asked->name);
            lks_buffer_free(&anchored->bytes);
            anchored->bytes = checkpoint;
            checkpoint = (struct lks_buffer){0};
        }
        lks_buffer_free(&query);
        lks_buffer_free(&checkpoint);
    }
    if (code == 0 && !found) {
        /* asked for by somebody else's program: it can be of the checkpoint that stands */
        lks_anchor_next(&anchors, anchored->checkpoint.size, asked->name);
        inner = (struct lks_error){0};
        code = lks_timestamp_check(str_of(&asked->bytes), LKS_STR_NULL, str_of(&anchored->bytes),
                                   options->token_trust, &asked->stamp, &inner);
        if (code)
            lks_error_set(err, code,
                          "%s answers no query that was written here, and is of no checkpoint that "
                          "stands: %s",
                          options->token_path, inner.message);
    } else if (code == 0) {
        struct lks_note note;
        code = lks_note_parse(str_of(&anchored->bytes), &note, err);
        if (code == 0)
            code = lks_checkpoint_parse(note.text, &anchored->checkpoint, err);
    }
    lks_anchors_free(&anchors);
    return code;
}

static void ask_all(const char *case_path, const struct lks_anchor_options *options,
                    const struct lks_anchored *anchored, const struct lks_control *control,
                    struct lks_anchor_outcome *outcome)
{
    struct lks_anchors anchors = {0};
    lks_anchors_list(case_path, &anchors, NULL); /* only a hint of what witnesses know */
    for (size_t i = 0; i < outcome->count; i++) {
        struct lks_anchor_asked *asked = &outcome->asked[i];
        if (asked->authority)
            authority_ask(anchored, options, control, asked);
        else
            witness_ask(case_path, &anchors, anchored, control, asked);
    }
    lks_anchors_free(&anchors);
}

/* ---- steps 3 to 5 ---- */

static int record_all(const char *case_path, struct lks_vault *vault,
                      const struct lks_anchor_options *options, const struct lks_anchored *anchored,
                      struct lks_anchor_outcome *outcome, struct lks_error *err)
{
    struct lks_anchors anchors = {0};
    int code = 0;
    for (size_t i = 0; code == 0 && i < outcome->count; i++) {
        struct lks_anchor_asked *asked = &outcome->asked[i];
        if (asked->failure.code || asked->already)
            continue;
        if (!asked->authority) {
            code = lks_anchor_cosignature(case_path, vault, anchored, &asked->witness.verifier,
                                          str_of(&asked->bytes), asked->time_seconds, err);
            continue;
        }
        lks_anchors_free(&anchors); /* each takes the next free name */
        code = asked->name[0] ? 0 : lks_anchors_list(case_path, &anchors, err);
        if (code == 0 && !asked->name[0])
            lks_anchor_next(&anchors, anchored->checkpoint.size, asked->name);
        if (code == 0)
            code = lks_anchor_timestamp(
                case_path, vault, anchored, asked->name, str_of(&asked->bytes),
                asked->trust ? asked->trust : options->token_trust, &asked->stamp, err);
    }
    lks_anchors_free(&anchors);
    return code ? code : lks_vault_commit(vault, err);
}

/* Steps 4 and 5: what fails here is told by the outcome, and is no failure. */
static void published_cosign(const char *case_path, const struct lks_anchored *before,
                             const struct lks_anchored *now, const struct lks_control *control,
                             struct lks_anchor_outcome *outcome)
{
    struct lks_vault *vault = NULL;
    char folder[LKS_CASE_PATH_BYTES];
    int same = now->checkpoint.size == before->checkpoint.size;
    if (lks_vault_path(case_path, NULL, folder, NULL) != 0)
        return;
    struct lks_tile_source tiles = lks_log_tiles(folder);
    for (size_t i = 0; i < outcome->count; i++) {
        struct lks_anchor_asked *asked = &outcome->asked[i];
        if (asked->authority || asked->failure.code || same)
            continue;
        uint64_t time;
        struct lks_buffer line = {0};
        if (lks_witness_ask(&asked->witness, &tiles, str_of(&now->bytes), now->checkpoint.size,
                            before->checkpoint.size, control, &line, &time, NULL) == 0) {
            lks_buffer_free(&asked->bytes);
            asked->bytes = line;
            asked->published = 1;
        } else
            lks_buffer_free(&line);
    }
    if (lks_vault_open(case_path, control, NULL, &vault, NULL) != 0)
        return;
    for (size_t i = 0; i < outcome->count; i++) {
        struct lks_anchor_asked *asked = &outcome->asked[i];
        const struct lks_verifier *witness = &asked->witness.verifier;
        if (asked->authority || asked->failure.code || !(asked->published || same))
            continue;
        int code = lks_anchor_cosignature_put(case_path, now->checkpoint.size, witness,
                                              str_of(&asked->bytes), NULL);
        if (code == 0)
            code = lks_anchor_merge(vault, now, witness, str_of(&asked->bytes), NULL);
        asked->published = code == 0;
    }
    lks_vault_close(vault);
}

/* 0 where all did, 1 where some did, else the first failure. */
static int verdict(const struct lks_anchor_outcome *outcome, struct lks_error *err)
{
    size_t failed = 0;
    const struct lks_error *first = NULL;
    for (size_t i = 0; i < outcome->count; i++) {
        first = first ? first : outcome->asked[i].failure.code ? &outcome->asked[i].failure : NULL;
        failed += outcome->asked[i].failure.code != 0;
        if (outcome->asked[i].failure.code == LKS_ECANCELLED)
            return lks_error_set(err, LKS_ECANCELLED, "cancelled");
    }
    if (failed && failed == outcome->count)
        return lks_error_set(err, first->code, "%s", first->message);
    return failed > 0;
}

static int anchor_run(const char *case_path, const struct lks_anchor_options *options,
                      const struct lks_control *control, struct lks_anchor_outcome *outcome,
                      struct lks_error *err)
{
    struct lks_anchored anchored = {0}, now = {0};
    struct lks_vault *vault = NULL;
    int code = checkpoint_take(case_path, control, &anchored, &vault, err);
    if (code == 0 && options->query_path) {
        code = query_write(case_path, options->query_path, &anchored, err);
        outcome->query_path = options->query_path;
    }
    lks_vault_close(vault);
    vault = NULL;
    if (code == 0 && options->token_path) {
        struct lks_anchor_asked *asked = &outcome->asked[outcome->count++];
        asked->authority = 1;
        code = token_match(case_path, options, asked, &anchored, err);
    } else if (code == 0)
        ask_all(case_path, options, &anchored, control, outcome);
    if (code == 0)
        code = verdict(outcome, err);
    int partly = code > 0;
    outcome->anchored = outcome->published = anchored.checkpoint;
    if (code >= 0 && outcome->count) {
        code = lks_vault_open(case_path, control, NULL, &vault, err);
        if (code == 0)
            code = record_all(case_path, vault, options, &anchored, outcome, err);
        if (code == 0)
            code = lks_anchored_take(case_path, vault, &now, err);
        lks_vault_close(vault);
        if (code == 0) {
            outcome->published = now.checkpoint;
            published_cosign(case_path, &anchored, &now, control, outcome);
        }
    }
    lks_anchored_free(&anchored);
    lks_anchored_free(&now);
    return code ? code : partly;
}

int lks_case_anchor(const char *case_path, const struct lks_anchor_options *options, int as_json,
                    const struct lks_control *control, char **text_out, struct lks_error *err)
{
    struct lks_anchor_outcome outcome = {0};
    struct lks_asked_once once;
    struct lks_buffer out = {0};
    lks_asked_once_start(&once, control);
    int code = options_take(options, &outcome, err);
    if (code == 0 && options->token_path && outcome.count)
        code = lks_error_set(err, LKS_EARGUMENT,
                             "a token is taken in by itself: ask witnesses and authorities after");
    if (code == 0)
        code = anchor_run(case_path, options, &once.control, &outcome, err);
    if (code >= 0)
        (as_json ? lks_anchor_json : lks_anchor_text)(&outcome, &out);
    for (size_t i = 0; i < outcome.count; i++)
        lks_buffer_free(&outcome.asked[i].bytes);
    free(outcome.asked);
    lks_asked_once_end(&once);
    return lks_answer_give(&out, code, text_out, err);
}
