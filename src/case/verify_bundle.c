/* verify_bundle.c - an answer that was handed over as a bag, checked by itself */
#include "case/verify_bundle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/progress.h"
#include "case/verify_anchors.h"
#include "vault/bag.h"
#include "vault/disk.h"
#include "vault/file_list.h"

enum { PROOF_BYTES_MAX = LKS_NOTE_BYTES_MAX + 16384 };

struct bundle {
    struct lks_verification *verification;
    const char *folder;
    const struct lks_verify_request *request;
    const struct lks_control *control;
    struct lks_verifiers keys;
    struct lks_buffer note, proof;
    struct lks_checkpoint checkpoint;
    struct lks_check *proofs;
    struct lks_records_verify *records;
    uint64_t statements_count;
};

static int path_in(const struct bundle *bundle, const char *name, char path[LKS_DISK_PATH_BYTES],
                   struct lks_error *err)
{
    if (snprintf(path, LKS_DISK_PATH_BYTES, "%s/%s", bundle->folder, name) >= LKS_DISK_PATH_BYTES)
        return lks_error_set(err, LKS_EARGUMENT, "a path is too long");
    return 0;
}

static int there(const struct bundle *bundle, const char *name)
{
    char path[LKS_DISK_PATH_BYTES];
    struct stat status;
    return path_in(bundle, name, path, NULL) == 0 && lstat(path, &status) == 0;
}

static int bag_check(struct bundle *bundle, struct lks_error *err)
{
    struct lks_check *check = lks_check_start(bundle->verification, "bag", "bag (RFC 8493)");
    struct lks_bag_report report;
    struct lks_error inner = {0};
    int code = lks_bag_check(bundle->folder, bundle->control, &report, &inner);
    if (code == LKS_EINPUT || code == LKS_EMISSING) {
        lks_check_damaged(check, "%s", inner.message);
        return 0;
    }
    if (code)
        return lks_error_set(err, code, "%s", inner.message);
    check->checked_count = report.files_count;
    if (report.problems_count)
        lks_check_damaged(check, "%s", report.first_problem);
    if (report.problems_count > 1)
        lks_check_damaged(check, "and %llu more", (unsigned long long)report.problems_count - 1);
    lks_check_say(check, "%llu files of %llu bytes", (unsigned long long)report.files_count,
                  (unsigned long long)report.size_bytes);
    return 0;
}

/* ---- the checkpoint ---- */

static int keys_take(struct bundle *bundle, struct lks_check *check, struct lks_error *err)
{
    char path[LKS_DISK_PATH_BYTES];
    struct lks_error inner = {0};
    int code = 0;
    if (bundle->request->keys) {
        for (size_t i = 0; code == 0 && i < bundle->request->keys->count; i++)
            code = lks_verifiers_add(&bundle->keys, &bundle->request->keys->items[i], err);
        return code;
    }
    code = path_in(bundle, LKS_ANSWER_SIGNER, path, err);
    if (code)
        return code;
    code = lks_verifiers_read(path, &bundle->keys, &inner);
    if (code == LKS_EMISSING)
        lks_check_missing(check, LKS_ANSWER_SIGNER " is not there");
    else if (code == LKS_EINPUT)
        lks_check_damaged(check, "%s", inner.message);
    else if (code)
        return lks_error_set(err, code, "%s", inner.message);
    return 0;
}

static int checkpoint_check(struct bundle *bundle, struct lks_error *err)
{
    struct lks_check *check = lks_check_start(bundle->verification, "checkpoint", "checkpoint");
    char path[LKS_DISK_PATH_BYTES];
    struct lks_error inner = {0}, first = {0};
    struct lks_buffer text = {0};
    int code = keys_take(bundle, check, err);
    if (code == 0)
        code = path_in(bundle, LKS_ANSWER_CHECKPOINT, path, err);
    if (code)
        return code;
    code = lks_disk_get(path, LKS_NOTE_BYTES_MAX, &bundle->note, &inner);
    if (code == LKS_EMISSING)
        lks_check_missing(check, LKS_ANSWER_CHECKPOINT " is not there");
    else if (code == LKS_EINPUT)
        lks_check_damaged(check, "%s", inner.message);
    else if (code)
        return lks_error_set(err, code, "%s", inner.message);
    if (code)
        return 0;
    for (size_t i = 0; i < bundle->keys.count; i++) {
        code = lks_checkpoint_open((struct lks_str){bundle->note.data, bundle->note.size_bytes},
                                   &bundle->keys.items[i], &bundle->checkpoint, i ? NULL : &first);
        if (code == LKS_EMEMORY)
            return lks_error_set(err, code, "out of memory");
        if (code)
            continue;
        lks_verifier_format(&bundle->keys.items[i], &text);
        lks_buffer_byte(&text, '\0');
        if (!text.failed)
            lks_check_say(check, "the log of %llu entries, signed by %s",
                          (unsigned long long)bundle->checkpoint.size, text.data);
        lks_buffer_free(&text);
        if (!bundle->request->keys)
            lks_check_note(check, "that key came with what it signed: ask the signer, by another "
                                  "way, whether it is theirs, and name it with --key");
        return 1;
    }
    if (bundle->keys.count)
        lks_check_damaged(check, "no key that is trusted here signed it: %s", first.message);
    return 0;
}

/* ---- proofs ---- */

static int proof_check(struct bundle *bundle, uint64_t index, struct lks_str statement,
                       struct lks_error *err)
{
    char name[LKS_ANSWER_PROOF_PATH_BYTES], path[LKS_DISK_PATH_BYTES];
    struct lks_error inner = {0};
    struct lks_proof_file file;
    struct lks_hash leaf;
    lks_answer_proof_path(index, name);
    int code = path_in(bundle, name, path, err);
    if (code)
        return code;
    lks_buffer_clear(&bundle->proof);
    code = lks_disk_get(path, PROOF_BYTES_MAX, &bundle->proof, &inner);
    if (code == LKS_EMISSING) {
        lks_check_missing(bundle->proofs, "%s is not there", name);
        return 0;
    }
    if (code == LKS_EIO || code == LKS_EMEMORY)
        return lks_error_set(err, code, "%s", inner.message);
    if (code == 0)
        code = lks_proof_file_parse((struct lks_str){bundle->proof.data, bundle->proof.size_bytes},
                                    &file, &inner);
    lks_merkle_leaf(statement.data, statement.size_bytes, &leaf);
    if (code)
        lks_check_damaged(bundle->proofs, "%s: %s", name, inner.message);
    else if (file.index != index)
        lks_check_damaged(bundle->proofs, "%s is of entry %llu", name,
                          (unsigned long long)file.index);
    else if (file.extra.data)
        lks_check_damaged(bundle->proofs, "%s carries something that nobody signed", name);
    else if (!lks_str_equal(file.checkpoint,
                            (struct lks_str){bundle->note.data, bundle->note.size_bytes}))
        lks_check_damaged(bundle->proofs, "%s carries another checkpoint", name);
    else if (lks_merkle_inclusion_check(index, 0, bundle->checkpoint.size, &leaf, file.proof.hashes,
                                        file.proof.count, &bundle->checkpoint.root, &inner) != 0)
        lks_check_damaged(bundle->proofs, "%s does not prove the statement: %s", name,
                          inner.message);
    else
        bundle->proofs->checked_count++;
    return 0;
}

/* As many files as statements, each of which has one of its own: none is left over. */
static int strangers_tell(struct bundle *bundle, struct lks_error *err)
{
    struct lks_file_list files = {0};
    struct lks_error inner = {0};
    int code = lks_file_list_below(bundle->folder, LKS_ANSWER_PROOFS, &files, &inner);
    if (code == LKS_EINPUT)
        lks_check_damaged(bundle->proofs, "%s", inner.message);
    else if (code && code != LKS_EMISSING)
        return lks_error_set(err, code, "%s", inner.message);
    if (files.count > bundle->statements_count)
        lks_check_damaged(bundle->proofs, "there are %zu proof files for %llu statements",
                          files.count, (unsigned long long)bundle->statements_count);
    lks_file_list_free(&files);
    return 0;
}

/* ---- statements, and all that hangs on them ---- */

static int entry_see(void *context, const struct lks_entry *entry, struct lks_error *err)
{
    struct bundle *bundle = context;
    return lks_records_verify_see(bundle->records, entry, err);
}

static int lines_take(struct bundle *bundle, struct lks_line_reader *reader,
                      struct lks_entries_verify *entries, struct lks_meter *meter,
                      struct lks_error *err)
{
    struct lks_str line, statement;
    uint64_t index, next = 0;
    int more;
    while ((more = lks_line_reader_next(reader, &line, err)) == 1) {
        if (!lks_indexed_line(line, &index, &statement) || index < next ||
            index >= bundle->checkpoint.size) {
            lks_check_damaged(bundle->proofs,
                              LKS_ANSWER_STATEMENTS
                              ", line %llu, is no statement in the order of the log",
                              (unsigned long long)bundle->statements_count + 1);
            continue;
        }
        next = index + 1;
        bundle->statements_count++;
        int code = proof_check(bundle, index, statement, err);
        if (code == 0)
            code = lks_entries_verify_take(entries, index, statement, err);
        if (code == 0)
            code = lks_meter_at(meter, bundle->statements_count, err);
        if (code)
            return code;
    }
    if (reader->unended || reader->too_long)
        lks_check_damaged(bundle->proofs, LKS_ANSWER_STATEMENTS " is cut short");
    return more;
}

static int statements_check(struct bundle *bundle, struct lks_error *err)
{
    char path[LKS_DISK_PATH_BYTES], disclosures[LKS_DISK_PATH_BYTES];
    struct lks_line_reader reader = {.file = -1};
    struct lks_entries_request request = {.single = disclosures,
                                          .size = bundle->checkpoint.size,
                                          .see = entry_see,
                                          .context = bundle};
    struct lks_entries_verify *entries = NULL;
    struct lks_error inner = {0};
    struct lks_meter meter;
    bundle->proofs = lks_check_start(bundle->verification, "proofs", "proofs");
    int code = path_in(bundle, LKS_ANSWER_STATEMENTS, path, err);
    if (code == 0)
        code = path_in(bundle, LKS_ANSWER_DISCLOSURES, disclosures, err);
    if (code == 0)
        code = lks_entries_verify_start(bundle->verification, &request, &entries, err);
    if (code == 0)
        code = lks_records_verify_start(bundle->verification, bundle->folder,
                                        bundle->checkpoint.size, &bundle->records, err);
    if (code == 0) {
        code = lks_line_reader_open(&reader, path, &inner);
        if (code == LKS_EMISSING)
            lks_check_missing(bundle->proofs, LKS_ANSWER_STATEMENTS " is not there");
        else if (code == LKS_EINPUT)
            lks_check_damaged(bundle->proofs, LKS_ANSWER_STATEMENTS " is no plain file");
        else if (code)
            lks_error_set(err, code, "%s", inner.message);
        if (code == LKS_EMISSING || code == LKS_EINPUT)
            code = 0;
    }
    lks_meter_start(&meter, bundle->control, "proofs", "statements", 0);
    if (code == 0)
        code = lines_take(bundle, &reader, entries, &meter, err);
    lks_line_reader_close(&reader);
    lks_buffer_free(&reader.bytes);
    if (code == 0) {
        lks_meter_finish(&meter);
        code = lks_entries_verify_end(entries, err);
    } else
        lks_entries_verify_free(entries);
    if (code == 0)
        code = lks_records_verify_end(bundle->records, err);
    else
        lks_records_verify_free(bundle->records);
    if (code == 0)
        code = strangers_tell(bundle, err);
    lks_check_say(bundle->proofs, "%llu of %llu statements stand in the signed log",
                  (unsigned long long)bundle->proofs->checked_count,
                  (unsigned long long)bundle->statements_count);
    return code;
}

/* A bag carries one state of the log and no tiles: only a checkpoint of the same size says anything. */
static void older_check(struct bundle *bundle)
{
    struct lks_checkpoint older;
    struct lks_check *check;
    int code = LKS_EINPUT;
    if (!bundle->request->continues.data)
        return;
    check = lks_check_start(bundle->verification, "continues", "kept checkpoint");
    for (size_t i = 0; code && i < bundle->keys.count; i++)
        code =
            lks_checkpoint_open(bundle->request->continues, &bundle->keys.items[i], &older, NULL);
    if (code)
        lks_check_damaged(check, "the checkpoint that was kept is not one of this log");
    else if (older.size != bundle->checkpoint.size)
        lks_check_skip(check,
                       "a bag holds one state of the log: whether it continues another can be "
                       "told from the log alone");
    else if (!lks_hash_equal(&older.root, &bundle->checkpoint.root))
        lks_check_damaged(check, "the same key signed another log of the same size");
    else
        lks_check_say(check, "it is the state that was kept");
}

static int anchors_check(struct bundle *bundle, struct lks_error *err)
{
    char folder[LKS_DISK_PATH_BYTES];
    struct lks_anchors anchors = {0};
    struct lks_past_root now = {bundle->checkpoint.size, bundle->checkpoint.root, 1};
    struct lks_anchors_verify verify = {.folder = folder,
                                        .anchors = &anchors,
                                        .checkpoint = {bundle->note.data, bundle->note.size_bytes},
                                        .keys = &bundle->keys,
                                        .pasts = &now,
                                        .pasts_count = 1,
                                        .request = bundle->request};
    int code = path_in(bundle, LKS_ANSWER_ANCHORS, folder, err);
    if (code == 0)
        code = lks_anchors_list_in(folder, &anchors, err);
    if (code == 0)
        code = lks_verify_anchors(bundle->verification, &verify, err);
    lks_anchors_free(&anchors);
    return code;
}

int lks_verify_bundle(struct lks_verification *verification, const char *folder,
                      const struct lks_verify_request *request, const struct lks_control *control,
                      struct lks_error *err)
{
    struct bundle bundle = {
        .verification = verification, .folder = folder, .request = request, .control = control};
    int code = bag_check(&bundle, err), opened = 0;
    if (code == 0 && !there(&bundle, LKS_ANSWER_MANIFEST) && !there(&bundle, "data/log") &&
        !there(&bundle, LKS_ANSWER_PROOFS)) {
        lks_check_none(lks_check_start(verification, "checkpoint", "checkpoint"),
                       "a bag like any other: nothing in it is signed");
        return 0;
    }
    if (code == 0) {
        opened = checkpoint_check(&bundle, err);
        code = opened < 0 ? opened : 0;
    }
    if (code == 0)
        code = lks_verify_manifest(verification, folder, &bundle.keys, control, err);
    if (code == 0 && opened)
        code = statements_check(&bundle, err);
    if (code == 0 && opened)
        older_check(&bundle);
    if (code == 0 && opened)
        code = anchors_check(&bundle, err);
    lks_verifiers_free(&bundle.keys);
    lks_buffer_free(&bundle.note);
    lks_buffer_free(&bundle.proof);
    return code;
}
