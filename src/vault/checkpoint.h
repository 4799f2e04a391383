/* checkpoint.h - C2SP tlog-checkpoint and tlog-proof: what a log says of itself, as text */
#ifndef LKS_VAULT_CHECKPOINT_H
#define LKS_VAULT_CHECKPOINT_H

#include "vault/merkle.h"
#include "vault/note.h"

/* A state of a log. origin is borrowed. */
struct lks_checkpoint {
    struct lks_str origin;
    uint64_t size;
    struct lks_hash root;
};

/* Adds the three lines: origin, size, root. */
void lks_checkpoint_format(const struct lks_checkpoint *checkpoint, struct lks_buffer *out);
/* Reads a note's text; lines that extend it are passed over. The origin is borrowed from text.
 * LKS_EINPUT. */
int lks_checkpoint_parse(struct lks_str text, struct lks_checkpoint *checkpoint,
                         struct lks_error *err);
/* Parses a signed checkpoint and checks that `log` signed it under its own name as the origin.
 * Signatures of witnesses are left to lks_note_verify. LKS_EINPUT, LKS_EMEMORY. */
int lks_checkpoint_open(struct lks_str bytes, const struct lks_verifier *log,
                        struct lks_checkpoint *checkpoint, struct lks_error *err);

/* A proof file: that one entry stands in a log. Strings are borrowed from its bytes. */
struct lks_proof_file {
    struct lks_str extra; /* base64 as it stands; null where there is none */
    uint64_t index;
    struct lks_proof proof;
    struct lks_str checkpoint; /* the signed note, verbatim */
};

/* Adds the file's bytes; extra is raw and may be null. */
void lks_proof_file_format(uint64_t index, const struct lks_proof *proof, struct lks_str extra,
                           struct lks_str checkpoint, struct lks_buffer *out);
/* Reads one, by form alone. LKS_EINPUT. */
int lks_proof_file_parse(struct lks_str bytes, struct lks_proof_file *file, struct lks_error *err);
/* Checks all of it for an entry: the signature of the log, and the way from the entry to the root.
 * *checkpoint_out, borrowed from bytes, says which state of the log. LKS_EINPUT, LKS_EMEMORY. */
int lks_proof_file_check(struct lks_str bytes, const struct lks_verifier *log, const void *entry,
                         size_t entry_bytes, struct lks_checkpoint *checkpoint_out,
                         struct lks_error *err);

/* A decimal number as these formats write it: digits alone, no leading zero. 1 when it is one. */
int lks_decimal_read(struct lks_str text, uint64_t *value);
/* Cuts the next line, without its newline, off *rest; 0 where no whole line is left. */
int lks_line_next(struct lks_str *rest, struct lks_str *line);

#endif
