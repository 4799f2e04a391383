/* witness.c - C2SP tlog-witness: a second party that signs only what continues what it signed
 *
 * A log that shows one history to some and another to others needs two cosignatures that no honest
 * witness gives: it signs a larger tree only with a proof that it continues the last one it
 * signed, and remembers that one, durably, before it answers. */
#include "vault/witness.h"

#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "vault/disk.h"
#include "vault/signed_record.h"

enum { OK = 200, BAD = 400, FORBIDDEN = 403, UNKNOWN = 404, CONFLICT = 409, UNPROVED = 422 };

void lks_witness_request_format(uint64_t old_size, const struct lks_proof *proof,
                                struct lks_str checkpoint, struct lks_buffer *out)
{
    lks_buffer_format(out, "old %llu\n", (unsigned long long)old_size);
    for (uint32_t i = 0; i < proof->count; i++) {
        lks_base64_add(out, proof->hashes[i].bytes, sizeof proof->hashes[i].bytes);
        lks_buffer_byte(out, '\n');
    }
    lks_buffer_byte(out, '\n');
    lks_buffer_append(out, checkpoint.data, checkpoint.size_bytes);
}

struct request {
    uint64_t old_size;
    struct lks_proof proof;
    struct lks_str checkpoint;
};

static int request_parse(struct lks_str bytes, struct request *request)
{
    struct lks_str rest = bytes, line;
    if (bytes.size_bytes > LKS_WITNESS_REQUEST_BYTES_MAX || !lks_line_next(&rest, &line) ||
        line.size_bytes < 5 || memcmp(line.data, "old ", 4) != 0 ||
        !lks_decimal_read((struct lks_str){line.data + 4, line.size_bytes - 4}, &request->old_size))
        return 0;
    request->proof.count = 0;
    for (;;) {
        if (!lks_line_next(&rest, &line))
            return 0;
        if (line.size_bytes == 0)
            break;
        if (request->proof.count == LKS_WITNESS_PROOF_MAX)
            return 0;
        struct lks_hash *hash = &request->proof.hashes[request->proof.count++];
        if (lks_base64_read_exactly(line, hash->bytes, sizeof hash->bytes, NULL) != 0)
            return 0;
    }
    request->checkpoint = rest;
    return 1;
}

/* What was last signed for an origin: a file named by the digest of the origin. */
static int state_path(const struct lks_witness *witness, const char *origin,
                      char path[LKS_DISK_PATH_BYTES], struct lks_error *err)
{
    unsigned char digest[LKS_SHA256_BYTES];
    char hex[LKS_SHA256_HEX_BYTES];
    lks_sha256_of(origin, strlen(origin), digest);
    lks_sha256_hex(digest, hex);
    if (snprintf(path, LKS_DISK_PATH_BYTES, "%s/%s", witness->folder, hex) >= LKS_DISK_PATH_BYTES)
        return lks_error_set(err, LKS_EARGUMENT, "a path is too long");
    return 0;
}

static int continues(const struct request *request, const struct lks_signed_record *known,
                     const struct lks_checkpoint *checkpoint)
{
    if (known->size == 0)
        return request->proof.count == 0;
    if (known->size == checkpoint->size)
        return request->proof.count == 0 && lks_hash_equal(&known->root, &checkpoint->root);
    return lks_merkle_consistency_check(known->size, checkpoint->size, request->proof.hashes,
                                        request->proof.count, &known->root, &checkpoint->root,
                                        NULL) == 0;
}

/* By which of the keys of its origin the checkpoint is signed; NULL where by none. A log that changed
 * its key is known by several. *known says whether the origin is. */
static const struct lks_verifier *log_of(const struct lks_witness *witness,
                                         const struct request *request,
                                         struct lks_checkpoint *checkpoint, int *known)
{
    struct lks_str origin = checkpoint->origin;
    *known = 0;
    for (size_t i = 0; i < witness->logs_count; i++) {
        if (!lks_str_equal_text(origin, witness->logs[i].name))
            continue;
        *known = 1;
        if (lks_checkpoint_open(request->checkpoint, &witness->logs[i], checkpoint, NULL) == 0)
            return &witness->logs[i];
    }
    return NULL;
}

int lks_witness_answer(const struct lks_witness *witness, struct lks_str bytes,
                       uint64_t time_seconds, int *status_out, struct lks_buffer *out,
                       struct lks_error *err)
{
    char path[LKS_DISK_PATH_BYTES];
    struct request request;
    struct lks_note note;
    struct lks_checkpoint checkpoint;
    struct lks_signed_record known = {0};
    struct lks_error inner = {0};
    *status_out = BAD;
    if (!request_parse(bytes, &request) || lks_note_parse(request.checkpoint, &note, NULL) != 0 ||
        lks_checkpoint_parse(note.text, &checkpoint, NULL) != 0)
        return 0;
    int origin_known;
    const struct lks_verifier *log = log_of(witness, &request, &checkpoint, &origin_known);
    *status_out = origin_known ? FORBIDDEN : UNKNOWN;
    if (!log)
        return 0;
    *status_out = BAD;
    if (request.old_size > checkpoint.size)
        return 0;
    int code = state_path(witness, log->name, path, err);
    if (code)
        return code;
    code = lks_signed_record_get(path, log->name, &known, &inner);
    if (code && code != LKS_EMISSING)
        return lks_error_set(err, code, "%s", inner.message);
    *status_out = CONFLICT;
    if (request.old_size != known.size) {
        lks_buffer_format(out, "%llu\n", (unsigned long long)known.size);
        return out->failed ? lks_error_set(err, LKS_EMEMORY, "out of memory") : 0;
    }
    *status_out = UNPROVED;
    if (!continues(&request, &known, &checkpoint))
        return 0;
    struct lks_signed_record record = {checkpoint.size, checkpoint.root};
    code = lks_signed_record_put(path, log->name, &record, err);
    if (code == 0)
        code = lks_note_sign(note.text, &witness->verifier, witness->key, time_seconds, out, err);
    *status_out = code ? *status_out : OK;
    return code;
}

int lks_witness_add(struct lks_str checkpoint, struct lks_str lines,
                    const struct lks_verifier *witness, struct lks_buffer *out,
                    struct lks_error *err)
{
    struct lks_buffer whole = {0};
    struct lks_note note;
    struct lks_note_signer signer;
    size_t count = 0;
    int code = lks_note_parse(checkpoint, &note, err);
    if (code)
        return code;
    /* The lines are judged as lines of the same text, alone. */
    lks_buffer_append(&whole, note.text.data, note.text.size_bytes);
    lks_buffer_byte(&whole, '\n');
    lks_buffer_append(&whole, lines.data, lines.size_bytes);
    code = whole.failed ? lks_error_set(err, LKS_EMEMORY, "out of memory") : 0;
    if (code == 0)
        code = lks_note_parse((struct lks_str){whole.data, whole.size_bytes}, &note, err);
    if (code == 0)
        code = lks_note_verify(&note, witness, 1, &signer, &count, err);
    if (code == 0) {
        lks_buffer_append(out, checkpoint.data, checkpoint.size_bytes);
        for (size_t i = 0; i < note.signatures_count; i++) {
            const struct lks_note_signature *line = &note.signatures[i];
            if (line->id != witness->id || !lks_str_equal_text(line->name, witness->name))
                continue;
            lks_buffer_text(out, "\xe2\x80\x94 ");
            lks_buffer_append(out, line->name.data, line->name.size_bytes);
            lks_buffer_byte(out, ' ');
            lks_buffer_append(out, line->base64.data, line->base64.size_bytes);
            lks_buffer_byte(out, '\n');
            break;
        }
        if (out->failed)
            code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    }
    lks_buffer_free(&whole);
    return code;
}
