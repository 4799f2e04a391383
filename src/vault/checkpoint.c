/* checkpoint.c - C2SP tlog-checkpoint and tlog-proof: what a log says of itself, as text */
#include "vault/checkpoint.h"

#include <string.h>

#include "base/base64.h"

#define PROOF_MARK "c2sp.org/tlog-proof@v1"

int lks_decimal_read(struct lks_str text, uint64_t *value)
{
    *value = 0;
    if (text.size_bytes == 0 || (text.size_bytes > 1 && text.data[0] == '0'))
        return 0;
    for (size_t i = 0; i < text.size_bytes; i++)
        if (text.data[i] < '0' || text.data[i] > '9' ||
            __builtin_mul_overflow(*value, (uint64_t)10, value) ||
            __builtin_add_overflow(*value, (uint64_t)(text.data[i] - '0'), value))
            return 0;
    return 1;
}

int lks_line_next(struct lks_str *rest, struct lks_str *line)
{
    const char *stop = rest->size_bytes ? memchr(rest->data, '\n', rest->size_bytes) : NULL;
    if (!stop)
        return 0;
    line->data = rest->data;
    line->size_bytes = (size_t)(stop - rest->data);
    rest->data += line->size_bytes + 1;
    rest->size_bytes -= line->size_bytes + 1;
    return 1;
}

void lks_checkpoint_format(const struct lks_checkpoint *checkpoint, struct lks_buffer *out)
{
    lks_buffer_append(out, checkpoint->origin.data, checkpoint->origin.size_bytes);
    lks_buffer_format(out, "\n%llu\n", (unsigned long long)checkpoint->size);
    lks_base64_add(out, checkpoint->root.bytes, sizeof checkpoint->root.bytes);
    lks_buffer_byte(out, '\n');
}

int lks_checkpoint_parse(struct lks_str text, struct lks_checkpoint *checkpoint,
                         struct lks_error *err)
{
    struct lks_str rest = text, size, root;
    if (!lks_line_next(&rest, &checkpoint->origin) || !lks_line_next(&rest, &size) ||
        !lks_line_next(&rest, &root) || checkpoint->origin.size_bytes == 0)
        return lks_error_set(err, LKS_EINPUT, "a checkpoint has three lines: origin, size, root");
    if (!lks_decimal_read(size, &checkpoint->size) || checkpoint->size > INT64_MAX)
        return lks_error_set(err, LKS_EINPUT, "a checkpoint's size is no number");
    int code =
        lks_base64_read_exactly(root, checkpoint->root.bytes, sizeof checkpoint->root.bytes, err);
    if (code)
        return code;
    for (struct lks_str line; rest.size_bytes;)
        if (!lks_line_next(&rest, &line) || line.size_bytes == 0)
            return lks_error_set(err, LKS_EINPUT, "a checkpoint has an empty line in its text");
    return 0;
}

int lks_checkpoint_open(struct lks_str bytes, const struct lks_verifier *log,
                        struct lks_checkpoint *checkpoint, struct lks_error *err)
{
    struct lks_note note;
    struct lks_note_signer signer;
    size_t signers_count;
    struct lks_error inner = {0};
    int code = lks_note_parse(bytes, &note, &inner);
    if (code)
        lks_error_set(err, code, "the checkpoint cannot be read: %s", inner.message);
    if (code == 0)
        code = lks_note_verify(&note, log, 1, &signer, &signers_count, err);
    if (code == 0)
        code = lks_checkpoint_parse(note.text, checkpoint, err);
    if (code == 0 && !lks_str_equal_text(checkpoint->origin, log->name))
        code =
            lks_error_set(err, LKS_EINPUT, "this checkpoint is of another log than %s", log->name);
    return code;
}

void lks_proof_file_format(uint64_t index, const struct lks_proof *proof, struct lks_str extra,
                           struct lks_str checkpoint, struct lks_buffer *out)
{
    lks_buffer_text(out, PROOF_MARK "\n");
    if (extra.data) {
        lks_buffer_text(out, "extra ");
        lks_base64_add(out, extra.data, extra.size_bytes);
        lks_buffer_byte(out, '\n');
    }
    lks_buffer_format(out, "index %llu\n", (unsigned long long)index);
    for (uint32_t i = 0; i < proof->count; i++) {
        lks_base64_add(out, proof->hashes[i].bytes, sizeof proof->hashes[i].bytes);
        lks_buffer_byte(out, '\n');
    }
    lks_buffer_byte(out, '\n');
    lks_buffer_append(out, checkpoint.data, checkpoint.size_bytes);
}

/* 1 and *value where the line is "word value". */
static int word_read(struct lks_str line, const char *word, struct lks_str *value)
{
    size_t size = strlen(word);
    if (line.size_bytes <= size || memcmp(line.data, word, size) != 0 || line.data[size] != ' ')
        return 0;
    *value = (struct lks_str){line.data + size + 1, line.size_bytes - size - 1};
    return 1;
}

int lks_proof_file_parse(struct lks_str bytes, struct lks_proof_file *file, struct lks_error *err)
{
    struct lks_str rest = bytes, line, index;
    *file = (struct lks_proof_file){0};
    if (!lks_line_next(&rest, &line) || !lks_str_equal_text(line, PROOF_MARK))
        return lks_error_set(err, LKS_EINPUT, "a proof file starts with " PROOF_MARK);
    int more = lks_line_next(&rest, &line);
    if (more && word_read(line, "extra", &file->extra)) {
        struct lks_buffer raw = {0};
        int code = lks_base64_read(file->extra, &raw, err);
        lks_buffer_free(&raw);
        if (code)
            return code;
        more = lks_line_next(&rest, &line);
    }
    if (!more || !word_read(line, "index", &index) || !lks_decimal_read(index, &file->index))
        return lks_error_set(err, LKS_EINPUT, "a proof file names the index of its entry");
    while ((more = lks_line_next(&rest, &line)) && line.size_bytes) {
        if (file->proof.count == LKS_PROOF_HASHES_MAX)
            return lks_error_set(err, LKS_EINPUT, "a proof file has too many hashes");
        struct lks_hash *hash = &file->proof.hashes[file->proof.count++];
        int code = lks_base64_read_exactly(line, hash->bytes, sizeof hash->bytes, err);
        if (code)
            return code;
    }
    if (!more)
        return lks_error_set(err, LKS_EINPUT, "a proof file ends with a checkpoint");
    file->checkpoint = rest;
    return 0;
}

int lks_proof_file_check(struct lks_str bytes, const struct lks_verifier *log, const void *entry,
                         size_t entry_bytes, struct lks_checkpoint *checkpoint_out,
                         struct lks_error *err)
{
    struct lks_proof_file file;
    struct lks_hash leaf;
    int code = lks_proof_file_parse(bytes, &file, err);
    if (code == 0)
        code = lks_checkpoint_open(file.checkpoint, log, checkpoint_out, err);
    if (code)
        return code;
    lks_merkle_leaf(entry, entry_bytes, &leaf);
    return lks_merkle_inclusion_check(file.index, 0, checkpoint_out->size, &leaf, file.proof.hashes,
                                      file.proof.count, &checkpoint_out->root, err);
}
