/* log.c - an append-only log of opaque entries that cannot take back what it signed
 *
 * The order of writes, each durable before the next begins:
 *
 *     1  journal frames          then entries may be acknowledged
 *     2  bundles and tiles       nothing is claimed by them yet
 *     3  the signed record       "I am about to sign this size and root"
 *     4  the signature, and the checkpoint that carries it
 *     5  a new journal segment   then the old ones, which the signature covers, may go
 *
 * So a crash anywhere leaves a log that is at least as long as any signature for it. After a
 * failed write or sync nothing can be known of what the disk holds, and the log takes nothing
 * more until it is opened again, which reads everything anew. */
#include "vault/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "vault/journal.h"
#include "vault/rows.h"
#include "vault/signed_record.h"

struct lks_log_limits lks_log_limits_default(void)
{
    return (struct lks_log_limits){
        .staged_bytes = 4u << 20,
        .rows_bytes = 16u << 20,
        .segment_bytes = 16u << 20,
        .journal_entries = 10000,
    };
}

struct lks_log {
    char folder[LKS_DISK_PATH_BYTES - 64], journal_folder[LKS_DISK_PATH_BYTES];
    char signed_path[LKS_DISK_PATH_BYTES];
    char *origin;
    int lock;
    int failed; /* the code of the first failure of the disk */
    char refusal[1024];
    struct lks_journal journal;
    uint64_t journal_first; /* the first entry that some segment holds */
    struct lks_rows rows;
    struct lks_signed_record signed_;
    struct lks_log_limits limits;
};

static int path_under(char *out, size_t out_bytes, const char *folder, const char *name,
                      struct lks_error *err)
{
    if (snprintf(out, out_bytes, "%s/%s", folder, name) >= (int)out_bytes)
        return lks_error_set(err, LKS_EARGUMENT, "a path is too long");
    return 0;
}

int lks_log_make(const char *folder, const char *origin, struct lks_error *err)
{
    char journal_folder[LKS_DISK_PATH_BYTES];
    struct lks_journal journal = {.file = -1};
    int code = path_under(journal_folder, sizeof journal_folder, folder, "journal", err);
    if (code == 0 && access(journal_folder, F_OK) == 0)
        code = lks_error_set(err, LKS_EARGUMENT, "%s is a log already", folder);
    if (code == 0 && (origin[0] == '\0' || strchr(origin, '\n')))
        code = lks_error_set(err, LKS_EARGUMENT, "a log's origin is one line");
    if (code == 0)
        code = lks_disk_folder(journal_folder, err);
    if (code == 0)
        code = lks_journal_start(&journal, journal_folder, origin, 0, err);
    lks_journal_close(&journal);
    return code;
}

static int lock_take(struct lks_log *log, struct lks_error *err)
{
    char path[LKS_DISK_PATH_BYTES];
    int code = path_under(path, sizeof path, log->folder, "lock", err);
    if (code)
        return code;
    log->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (log->lock < 0)
        return lks_error_system(err, path, "cannot be opened");
    if (flock(log->lock, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK
                   ? lks_error_set(err, LKS_EINPUT, "another program is writing to %s", log->folder)
                   : lks_error_system(err, path, "cannot be locked");
    return 0;
}

/* ---- opening ---- */

struct replay {
    struct lks_log *log;
    uint64_t count; /* entries beyond what was signed */
};

static void refuse(struct lks_log *log, const char *why)
{
    if (!log->refusal[0])
        snprintf(log->refusal, sizeof log->refusal, "%s", why);
}

/* What was signed lies in tiles, durably, since before it was signed: the tree goes on from there. */
static int signed_load(struct lks_log *log, struct lks_error *err)
{
    struct lks_error inner = {0};
    struct lks_hash root;
    int code = lks_rows_load(&log->rows, log->folder, log->signed_.size, &inner);
    if (code == LKS_EMEMORY || code == LKS_EIO)
        return lks_error_set(err, code, "%s", inner.message);
    lks_rows_root(&log->rows, &root);
    if (code || !lks_hash_equal(&root, &log->signed_.root)) {
        char why[sizeof log->refusal];
        snprintf(why, sizeof why,
                 "the %llu entries that were signed are not here as they were: the log's end is "
                 "lost, was changed, or an older copy was put back%s%.500s",
                 (unsigned long long)log->signed_.size, code ? ": " : "",
                 code ? inner.message : "");
        refuse(log, why);
    }
    return 0;
}

static int replay_frame(void *context, uint64_t sequence, struct lks_str entry,
                        struct lks_error *err)
{
    struct replay *replay = context;
    struct lks_log *log = replay->log;
    if (log->refusal[0] || sequence < log->signed_.size)
        return 0;
    if (sequence != log->rows.size) /* only the first can be: the journal itself has no gap */
        return lks_error_set(err, LKS_EINPUT, "the journal begins beyond what was signed");
    replay->count++;
    return lks_rows_add(&log->rows, entry.data, entry.size_bytes, err);
}

/* A checkpoint that goes beyond the record of what was signed: the record was put back. */
static int checkpoint_judge(struct lks_log *log, struct lks_error *err)
{
    struct lks_buffer bytes = {0};
    struct lks_note note;
    struct lks_checkpoint checkpoint;
    int code = lks_log_checkpoint(log->folder, &bytes, err);
    if (code == 0) {
        struct lks_str text = {bytes.data, bytes.size_bytes};
        if (lks_note_parse(text, &note, NULL) != 0 ||
            lks_checkpoint_parse(note.text, &checkpoint, NULL) != 0 ||
            !lks_str_equal_text(checkpoint.origin, log->origin))
            refuse(log, "the checkpoint is damaged, or of another log");
        else if (checkpoint.size > log->signed_.size ||
                 (checkpoint.size == log->signed_.size &&
                  !lks_hash_equal(&checkpoint.root, &log->signed_.root)))
            refuse(log, "the checkpoint claims more than the record of what was signed");
    }
    lks_buffer_free(&bytes);
    if (code == LKS_EMISSING) {
        if (err)
            *err = (struct lks_error){0};
        return 0;
    }
    return code;
}

static int log_read(struct lks_log *log, struct lks_log_state *state, struct lks_error *err)
{
    struct replay replay = {.log = log};
    struct lks_journal_scan scan;
    struct lks_error inner = {0};
    int code = lks_signed_record_get(log->signed_path, log->origin, &log->signed_, &inner);
    if (code == LKS_EMISSING)
        lks_merkle_empty(&log->signed_.root); /* nothing was ever signed */
    else if (code == LKS_EINPUT)
        refuse(log, inner.message);
    else if (code)
        return lks_error_set(err, code, "%s", inner.message);
    if (!log->refusal[0] && (code = signed_load(log, err)))
        return code;
    inner = (struct lks_error){0};
    code = lks_journal_read(log->journal_folder, log->origin, replay_frame, &replay, &scan, &inner);
    if (code == LKS_EINPUT || code == LKS_EMISSING)
        refuse(log, inner.message);
    else if (code)
        return lks_error_set(err, code, "%s", inner.message);
    else if (scan.next < log->signed_.size || scan.first > log->signed_.size)
        refuse(log, "the journal does not reach what was signed: an older copy was put back");
    log->journal_first = scan.first;
    if ((code = checkpoint_judge(log, err)))
        return code;
    if (!log->refusal[0])
        code = lks_journal_resume(&log->journal, log->journal_folder, &scan, err);
    state->journal_count = replay.count;
    state->torn_bytes = scan.torn_bytes;
    return code;
}

int lks_log_open(const char *folder, const char *origin, const struct lks_log_limits *limits,
                 struct lks_log **log_out, struct lks_log_state *state, struct lks_error *err)
{
    struct lks_log *log = calloc(1, sizeof *log);
    *state = (struct lks_log_state){0};
    if (!log || !(log->origin = strdup(origin))) {
        free(log);
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    }
    log->lock = log->journal.file = -1;
    log->limits = limits ? *limits : lks_log_limits_default();
    int code = 0;
    if (snprintf(log->folder, sizeof log->folder, "%s", folder) >= (int)sizeof log->folder)
        code = lks_error_set(err, LKS_EARGUMENT, "a path is too long");
    if (code == 0)
        code = path_under(log->journal_folder, sizeof log->journal_folder, folder, "journal", err);
    if (code == 0)
        code = path_under(log->signed_path, sizeof log->signed_path, folder, "signed", err);
    if (code == 0 && access(log->journal_folder, F_OK) != 0)
        code = lks_error_set(err, LKS_EMISSING, "%s is no log", folder);
    if (code == 0)
        code = lock_take(log, err);
    if (code == 0)
        code = log_read(log, state, err);
    if (code) {
        lks_log_close(log);
        return code;
    }
    state->size = log->rows.size;
    state->signed_size = log->signed_.size;
    memcpy(state->refusal, log->refusal, sizeof state->refusal);
    *log_out = log;
    return 0;
}

void lks_log_close(struct lks_log *log)
{
    if (!log)
        return;
    lks_journal_close(&log->journal);
    lks_rows_free(&log->rows);
    if (log->lock >= 0)
        close(log->lock);
    free(log->origin);
    free(log);
}

/* ---- writing ---- */

/* A failure of the disk, or of memory half way, ends this log's life in memory. */
static int settle(struct lks_log *log, int code)
{
    if (code && !log->failed)
        log->failed = code;
    return code;
}

static int alive(const struct lks_log *log, struct lks_error *err)
{
    if (log->refusal[0])
        return lks_error_set(err, LKS_EINPUT, "%s takes nothing more: %s", log->folder,
                             log->refusal);
    if (log->failed)
        return lks_error_set(
            err, LKS_EIO, "%s takes nothing more after a failed write; open it again", log->folder);
    return 0;
}

uint64_t lks_log_size(const struct lks_log *log)
{
    return log->rows.size;
}

/* The journal goes on in a new segment; the old ones stay as long as nothing is signed for them. */
static int segment_new(struct lks_log *log, struct lks_error *err)
{
    uint64_t next = log->journal.next;
    lks_journal_close(&log->journal);
    return lks_journal_start(&log->journal, log->journal_folder, log->origin, next, err);
}

int lks_log_sync(struct lks_log *log, struct lks_error *err)
{
    int code = alive(log, err);
    if (code)
        return code;
    code = lks_journal_sync(&log->journal, err);
    if (code == 0 && log->rows.bundles.size_bytes > log->limits.rows_bytes)
        code = lks_rows_write(&log->rows, log->folder, err);
    if (code == 0 && log->journal.size_bytes > log->limits.segment_bytes)
        code = segment_new(log, err);
    return settle(log, code);
}

int lks_log_append(struct lks_log *log, const void *entry, size_t size_bytes, uint64_t *index_out,
                   struct lks_error *err)
{
    int code = alive(log, err);
    if (code)
        return code;
    if (size_bytes > LKS_ENTRY_BYTES_MAX)
        return lks_error_set(err, LKS_EINPUT, "an entry of %zu bytes is longer than %d", size_bytes,
                             LKS_ENTRY_BYTES_MAX);
    if (index_out)
        *index_out = log->rows.size;
    code = lks_journal_add(&log->journal, entry, size_bytes, err);
    if (code == 0)
        code = lks_rows_add(&log->rows, entry, size_bytes, err);
    if (code == 0 && log->journal.staged.size_bytes > log->limits.staged_bytes)
        code = lks_log_sync(log, err);
    return settle(log, code);
}

static int checkpoint_put(struct lks_log *log, const struct lks_checkpoint *checkpoint,
                          const struct lks_verifier *verifier, const struct lks_signing_key *key,
                          struct lks_buffer *out, struct lks_error *err)
{
    char path[LKS_DISK_PATH_BYTES];
    struct lks_buffer note = {0}, line = {0};
    lks_checkpoint_format(checkpoint, &note);
    int code = note.failed ? lks_error_set(err, LKS_EMEMORY, "out of memory") : 0;
    if (code == 0)
        code = lks_note_sign((struct lks_str){note.data, note.size_bytes}, verifier, key, 0, &line,
                             err);
    if (code == 0) {
        lks_buffer_byte(&note, '\n');
        lks_buffer_append(&note, line.data, line.size_bytes);
        if (out)
            lks_buffer_append(out, note.data, note.size_bytes);
        if (note.failed || (out && out->failed))
            code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    }
    if (code == 0)
        code = path_under(path, sizeof path, log->folder, "checkpoint", err);
    if (code == 0)
        code = lks_disk_put(path, note.data, note.size_bytes, 0666, err);
    lks_buffer_free(&note);
    lks_buffer_free(&line);
    return code;
}

int lks_log_publish(struct lks_log *log, const struct lks_verifier *verifier,
                    const struct lks_signing_key *key, struct lks_buffer *out,
                    struct lks_error *err)
{
    struct lks_checkpoint checkpoint = {.origin = lks_str_from(log->origin)};
    if (strcmp(verifier->name, log->origin) != 0)
        return lks_error_set(err, LKS_EARGUMENT, "the key is named %s, the log %s", verifier->name,
                             log->origin);
    int code = lks_log_sync(log, err);
    if (code)
        return code;
    checkpoint.size = log->rows.size;
    lks_rows_root(&log->rows, &checkpoint.root);
    code = lks_rows_write(&log->rows, log->folder, err);
    struct lks_signed_record record = {checkpoint.size, checkpoint.root};
    if (code == 0)
        code = lks_signed_record_put(log->signed_path, log->origin, &record, err);
    if (code == 0) {
        log->signed_ = record;
        code = checkpoint_put(log, &checkpoint, verifier, key, out, err);
    }
    /* Partial tiles of this size are on disk: the journal may begin here. */
    if (code == 0 && log->journal.next - log->journal_first > log->limits.journal_entries) {
        code = segment_new(log, err);
        if (code == 0)
            code = lks_journal_drop(log->journal_folder, log->journal.next, err);
        log->journal_first = log->journal.next;
    }
    return settle(log, code);
}
