/* statement.h - what the log says: one canonical JSON object an entry
 *
 *     {"_sd":[...],"_sd_alg":"sha-256","kind":"import","time":"2026-01-02T03:04:05Z","v":1,...}
 *
 * Members in the clear say what was done, when, and to which entries; whatever is personal stands as
 * a salted digest in _sd, and its disclosure beside the log (vault/commitment.h). */
#ifndef LKS_CUSTODY_STATEMENT_H
#define LKS_CUSTODY_STATEMENT_H

#include "base/arena.h"
#include "base/error.h"
#include "vault/canon.h"
#include "vault/commitment.h"

#define LKS_STATEMENT_BYTES_MAX 65535
#define LKS_STATEMENT_VERSION 1

enum lks_statement_kind {
    LKS_STATEMENT_IMPORT,
    LKS_STATEMENT_DERIVE,
    LKS_STATEMENT_HOLD,
    LKS_STATEMENT_REQUEST,
    LKS_STATEMENT_ACCESS,
    LKS_STATEMENT_EXPORT,
    LKS_STATEMENT_DISCLOSE,
    LKS_STATEMENT_REDACT,
    LKS_STATEMENT_ERASE,
    LKS_STATEMENT_ANCHOR,
    LKS_STATEMENT_KEY,
    LKS_STATEMENT_NOTE,
    LKS_STATEMENT_KINDS_COUNT
};
extern const char *const lks_statement_kind_names[LKS_STATEMENT_KINDS_COUNT];

/* A statement being written. Zero it to start. */
struct lks_statement_writer {
    struct lks_canon canon;
    char (*digests)[LKS_COMMITMENT_BYTES];
    size_t digests_count, digests_room;
    struct lks_buffer disclosures; /* a line each */
    int code;                      /* of the first failure */
};

/* Starts one; members in the clear are then added to writer->canon. */
void lks_statement_start(struct lks_statement_writer *writer, enum lks_statement_kind kind,
                         int64_t time_us);
/* A personal value: its digest goes into the statement, its disclosure into writer->disclosures. A
 * null value is left out. */
void lks_statement_hide(struct lks_statement_writer *writer, const char *name,
                        struct lks_str value);
/* Ends it: some decoys are added, digests sorted, the bytes added to out, and the disclosures, a line
 * each, to disclosures_out. LKS_EINPUT where it is longer than an entry may be; LKS_EMEMORY,
 * LKS_EIO. */
int lks_statement_finish(struct lks_statement_writer *writer, struct lks_buffer *out,
                         struct lks_buffer *disclosures_out, struct lks_error *err);
void lks_statement_abandon(struct lks_statement_writer *writer);

/* A statement that was read; strings in the arena or borrowed from its bytes. */
struct lks_statement {
    enum lks_statement_kind kind;
    int64_t time_us;
    struct lks_str bytes;
};
/* Reads an entry of the log and checks its form: canonical JSON, no float, a known kind and version,
 * a time. LKS_EINPUT with what is wrong. */
int lks_statement_read(struct lks_str bytes, struct lks_arena *arena,
                       struct lks_statement *statement, struct lks_error *err);
/* The value of a disclosure (a line), after its digest was found in the statement: name and value go
 * to the arena. LKS_EINPUT where it is none, or not one of this statement's. */
int lks_statement_open(const struct lks_statement *statement, struct lks_str disclosure,
                       struct lks_arena *arena, struct lks_str *name, struct lks_str *value,
                       struct lks_error *err);

/* Members in the clear, by a dotted path ("reading.as"). 1 where there is one of that type, else 0
 * and *out is null, zero or empty. Strings go to the arena, which may be short of memory: that counts
 * as not there. */
int lks_statement_text(const struct lks_statement *statement, const char *path,
                       struct lks_arena *arena, struct lks_str *out);
int lks_statement_int(const struct lks_statement *statement, const char *path,
                      struct lks_arena *arena, int64_t *out);
/* A list of texts, or of whole numbers as they are written. */
int lks_statement_list(const struct lks_statement *statement, const char *path,
                       struct lks_arena *arena, struct lks_str **out, size_t *count_out);

/* Whether JSON is in its one writing: members sorted and different, no blanks, shortest escapes,
 * whole numbers within 2^53, at most LKS_CANON_DEPTH_MAX deep. 0, LKS_EINPUT, LKS_EMEMORY. */
int lks_canonical_check(struct lks_str json, struct lks_arena *arena, struct lks_error *err);

#endif
