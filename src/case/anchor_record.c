/* anchor_record.c - what others said of a checkpoint, kept beside the log and told in it */
#include "case/anchor_record.h"

#include <stdio.h>

#include "base/sha256.h"
#include "base/time.h"
#include "vault/disk.h"
#include "vault/witness.h"

enum { TRUST_BYTES_MAX = 1 << 20 };

static void name_of(uint64_t size, const struct lks_verifier *witness, char name[64])
{
    snprintf(name, 64, "%llu.%08x", (unsigned long long)size, witness->id);
}

int lks_anchor_cosignature_put(const char *case_path, uint64_t size,
                               const struct lks_verifier *witness, struct lks_str line,
                               struct lks_error *err)
{
    char path[LKS_CASE_PATH_BYTES], name[64];
    name_of(size, witness, name);
    int code = lks_anchor_path(case_path, name, ".cosig", path, err);
    return code ? code : lks_disk_put(path, line.data, line.size_bytes, 0666, err);
}

/* What every statement of an anchor says: of which state, in which file, when. */
static void statement_start(struct lks_vault *vault, const struct lks_anchored *anchored,
                            const char *form, const char *name, const char *ending,
                            struct lks_str bytes, int64_t said_us,
                            struct lks_statement_writer *writer)
{
    unsigned char digest[LKS_SHA256_BYTES];
    char file[96], time[LKS_TIME_TEXT_BYTES];
    snprintf(file, sizeof file, "%.64s%.16s", name, ending);
    lks_sha256_of(bytes.data, bytes.size_bytes, digest);
    lks_time_format(said_us, time);
    lks_vault_start(vault, writer, LKS_STATEMENT_ANCHOR);
    lks_canon_text(&writer->canon, "form", form);
    lks_canon_int(&writer->canon, "size", (int64_t)anchored->checkpoint.size);
    lks_canon_hash(&writer->canon, "root", anchored->checkpoint.root.bytes);
    lks_canon_text(&writer->canon, "file", file);
    lks_canon_hash(&writer->canon, "sha256", digest);
    lks_canon_text(&writer->canon, "said", time);
}

int lks_anchor_cosignature(const char *case_path, struct lks_vault *vault,
                           const struct lks_anchored *anchored, const struct lks_verifier *witness,
                           struct lks_str line, uint64_t time_seconds, struct lks_error *err)
{
    struct lks_statement_writer writer = {0};
    struct lks_buffer key = {0};
    char name[64];
    int code = lks_anchor_cosignature_put(case_path, anchored->checkpoint.size, witness, line, err);
    if (code)
        return code;
    if (time_seconds > (uint64_t)(LKS_TIME_MAX_US / LKS_SECOND_US))
        return lks_error_set(err, LKS_EINPUT, "%s signed for a time that no clock shows",
                             witness->name);
    name_of(anchored->checkpoint.size, witness, name);
    lks_verifier_format(witness, &key);
    statement_start(vault, anchored, "cosignature", name, ".cosig", line,
                    (int64_t)time_seconds * LKS_SECOND_US, &writer);
    lks_canon_string(&writer.canon, "witness", (struct lks_str){key.data, key.size_bytes});
    if (key.failed) {
        lks_statement_abandon(&writer);
        code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    } else
        code = lks_vault_record(vault, &writer, NULL, err);
    lks_buffer_free(&key);
    return code;
}

int lks_anchor_timestamp(const char *case_path, struct lks_vault *vault,
                         const struct lks_anchored *anchored, const char *name,
                         struct lks_str token, const char *trust_path,
                         const struct lks_timestamp *stamp, struct lks_error *err)
{
    struct lks_statement_writer writer = {0};
    struct lks_buffer trust = {0};
    unsigned char digest[LKS_SHA256_BYTES];
    char path[LKS_CASE_PATH_BYTES];
    int code = lks_disk_get(trust_path, TRUST_BYTES_MAX, &trust, err);
    if (code == 0)
        code = lks_anchor_path(case_path, name, ".pem", path, err);
    if (code == 0)
        code = lks_disk_put(path, trust.data, trust.size_bytes, 0666, err);
    if (code == 0)
        code = lks_anchor_path(case_path, name, ".tsr", path, err);
    if (code == 0)
        code = lks_disk_put(path, token.data, token.size_bytes, 0666, err);
    if (code == 0) {
        statement_start(vault, anchored, "timestamp", name, ".tsr", token, stamp->time_us, &writer);
        lks_canon_text(&writer.canon, "authority", stamp->authority);
        lks_canon_text(&writer.canon, "serial", stamp->serial);
        lks_sha256_of(trust.data, trust.size_bytes, digest);
        lks_canon_hash(&writer.canon, "trust_sha256", digest);
        code = lks_vault_record(vault, &writer, NULL, err);
    }
    lks_buffer_free(&trust);
    return code;
}

/* Whether the witness signed the note already. */
static int signed_already(const struct lks_note *note, const struct lks_verifier *witness)
{
    for (size_t i = 0; i < note->signatures_count; i++)
        if (note->signatures[i].id == witness->id &&
            lks_str_equal_text(note->signatures[i].name, witness->name))
            return 1;
    return 0;
}

int lks_anchor_merge(struct lks_vault *vault, const struct lks_anchored *anchored,
                     const struct lks_verifier *witness, struct lks_str line, struct lks_error *err)
{
    struct lks_buffer now = {0}, merged = {0};
    struct lks_note note;
    struct lks_checkpoint checkpoint;
    char path[LKS_DISK_PATH_BYTES];
    int code = lks_log_checkpoint(lks_vault_folder(vault), &now, err);
    struct lks_str bytes = {now.data, now.size_bytes};
    if (code == 0)
        code = lks_note_parse(bytes, &note, err);
    if (code == 0)
        code = lks_checkpoint_parse(note.text, &checkpoint, err);
    if (code == 0 && (checkpoint.size != anchored->checkpoint.size ||
                      !lks_hash_equal(&checkpoint.root, &anchored->checkpoint.root)))
        code = lks_error_set(err, LKS_EINPUT, "the log went on meanwhile");
    if (code == 0 && !signed_already(&note, witness)) {
        code = lks_witness_add(bytes, line, witness, &merged, err);
        if (code == 0 && snprintf(path, sizeof path, "%s/checkpoint", lks_vault_folder(vault)) >=
                             (int)sizeof path)
            code = lks_error_set(err, LKS_EARGUMENT, "a path is too long");
        if (code == 0)
            code = lks_disk_put(path, merged.data, merged.size_bytes, 0666, err);
    }
    lks_buffer_free(&now);
    lks_buffer_free(&merged);
    return code;
}
