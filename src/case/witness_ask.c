/* witness_ask.c - asking a witness for its cosignature
 *
 * The client says from which size its proof leads, and the witness says 409 and its own size where
 * that is not what it signed last. So a client that lost its memory asks twice, and one whose log was
 * put back from an older copy learns it from the witness: it knows more than the log has. */
#include "case/witness_ask.h"

#include <stdio.h>
#include <string.h>

#include "http/client.h"

enum { TRIES = 3, ANSWER_BYTES_MAX = 16 * 1024 };

static struct lks_str str_of(const struct lks_buffer *buffer)
{
    return (struct lks_str){buffer->data ? buffer->data : "", buffer->size_bytes};
}

static int proof_make(const struct lks_tile_source *tiles, uint64_t old_size, uint64_t size,
                      struct lks_proof *proof, struct lks_error *err)
{
    struct lks_tree *tree;
    proof->count = 0;
    if (old_size == 0 || old_size == size)
        return 0;
    int code = lks_tree_open(tiles, size, &tree, err);
    if (code == 0) {
        code = lks_tree_consistency(tree, old_size, proof, err);
        lks_tree_free(tree);
    }
    return code;
}

static int post(const struct lks_witness_address *witness, struct lks_str body,
                const struct lks_control *control, struct lks_http_answer *answer,
                struct lks_error *err)
{
    char url[LKS_HTTP_URL_BYTES_MAX + 1];
    size_t size = strlen(witness->url);
    int slash = size && witness->url[size - 1] == '/';
    if (snprintf(url, sizeof url, "%s%sadd-checkpoint", witness->url, slash ? "" : "/") >=
        (int)sizeof url)
        return lks_error_set(err, LKS_EARGUMENT, "a witness's address is too long");
    struct lks_http_request request = {.url = url,
                                       .content_type = "text/plain; charset=utf-8",
                                       .body = body,
                                       .proxy = witness->proxy,
                                       .answer_bytes_max = ANSWER_BYTES_MAX,
                                       .timeout_seconds = witness->timeout_seconds};
    return lks_http_post(&request, control, answer, err);
}

/* The size in a 409: a decimal number and a newline. */
static int size_read(struct lks_str body, uint64_t *size)
{
    if (body.size_bytes && body.data[body.size_bytes - 1] == '\n')
        body.size_bytes--;
    return lks_decimal_read(body, size);
}

static int refusal(const char *name, int status, struct lks_error *err)
{
    switch (status) {
    case 403:
        return lks_error_set(err, LKS_EINPUT,
                             "%s does not take the signature of this log's key: give its operator "
                             "the verifier key in signer.vkey",
                             name);
    case 404:
        return lks_error_set(err, LKS_EINPUT,
                             "%s does not know this log, or has no witness at this address: give "
                             "its operator the verifier key in signer.vkey",
                             name);
    case 422:
        return lks_error_set(err, LKS_EINPUT,
                             "%s says that this log contradicts what it signed before: the log was "
                             "changed, or the witness saw another one under its name",
                             name);
    default:
        return lks_error_set(err, status >= 500 || status == 429 ? LKS_EIO : LKS_EINPUT,
                             "%s answered with status %d and signed nothing", name, status);
    }
}

/* 0 where the proof shall be made again from *old_size. */
static int conflict(const char *name, struct lks_str body, uint64_t size, uint64_t *old_size,
                    struct lks_error *err)
{
    uint64_t known;
    if (!size_read(body, &known))
        return lks_error_set(err, LKS_EINPUT,
                             "%s knows another state of this log, and does not say which", name);
    if (known > size)
        return lks_error_set(err, LKS_EINPUT,
                             "%s has signed %llu entries of this log, and here are %llu: an older "
                             "copy was put back, or another copy of the case goes on elsewhere",
                             name, (unsigned long long)known, (unsigned long long)size);
    if (known == *old_size)
        return lks_error_set(err, LKS_EINPUT, "%s contradicts itself about what it signed", name);
    *old_size = known;
    return 0;
}

/* Takes the line that is the witness's, and nothing else of what came. */
static int line_take(const struct lks_verifier *witness, struct lks_str checkpoint,
                     struct lks_str lines, struct lks_buffer *out, uint64_t *time_out,
                     struct lks_error *err)
{
    struct lks_buffer whole = {0};
    struct lks_error inner = {0};
    struct lks_note note;
    struct lks_note_signer signer;
    size_t count;
    int code = lks_witness_add(checkpoint, lines, witness, &whole, &inner);
    if (code == 0)
        code = lks_note_parse(str_of(&whole), &note, &inner);
    if (code == 0)
        code = lks_note_verify(&note, witness, 1, &signer, &count, &inner);
    if (code)
        lks_error_set(err, code, "%s answered with no signature of its key: %s", witness->name,
                      inner.message);
    else {
        *time_out = signer.time_seconds;
        lks_buffer_append(out, whole.data + checkpoint.size_bytes,
                          whole.size_bytes - checkpoint.size_bytes);
        if (out->failed)
            code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    }
    lks_buffer_free(&whole);
    return code;
}

int lks_witness_answer_take(const struct lks_verifier *witness, struct lks_str checkpoint,
                            uint64_t size, int status, struct lks_str body, uint64_t *old_size,
                            struct lks_buffer *out, uint64_t *time_out, struct lks_error *err)
{
    int code;
    switch (status) {
    case 200:
        code = line_take(witness, checkpoint, body, out, time_out, err);
        return code ? code : 1;
    case 409:
        return conflict(witness->name, body, size, old_size, err);
    default:
        return refusal(witness->name, status, err);
    }
}

int lks_witness_ask(const struct lks_witness_address *witness, const struct lks_tile_source *tiles,
                    struct lks_str checkpoint, uint64_t size, uint64_t old_size,
                    const struct lks_control *control, struct lks_buffer *out, uint64_t *time_out,
                    struct lks_error *err)
{
    const char *name = witness->verifier.name;
    struct lks_http_answer answer = {0};
    struct lks_buffer body = {0};
    int code = 0, done = 0;
    old_size = old_size > size ? size : old_size;
    for (int i = 0; code == 0 && !done && i < TRIES; i++) {
        struct lks_proof proof;
        lks_buffer_clear(&body);
        lks_buffer_free(&answer.body);
        answer = (struct lks_http_answer){0};
        code = proof_make(tiles, old_size, size, &proof, err);
        if (code == 0) {
            lks_witness_request_format(old_size, &proof, checkpoint, &body);
            code = body.failed ? lks_error_set(err, LKS_EMEMORY, "out of memory")
                               : post(witness, str_of(&body), control, &answer, err);
        }
        if (code)
            break;
        code = lks_witness_answer_take(&witness->verifier, checkpoint, size, answer.status,
                                       str_of(&answer.body), &old_size, out, time_out, err);
        done = code > 0;
        code = done ? 0 : code;
    }
    if (code == 0 && !done)
        code = lks_error_set(err, LKS_EINPUT, "%s says another size each time it is asked", name);
    lks_buffer_free(&body);
    lks_buffer_free(&answer.body);
    return code;
}
