/* verify_facts.h - what the statements of a log claim about things that lie elsewhere */
#ifndef LKS_CASE_VERIFY_FACTS_H
#define LKS_CASE_VERIFY_FACTS_H

#include "base/sha256.h"
#include "case/entries.h"
#include "vault/blob.h"
#include "vault/verifiers.h"

/* A sealed file. */
struct lks_import_fact {
    uint64_t leaf, size_bytes;
    char blob[LKS_BLOB_NAME_BYTES];
    char sha256[LKS_SHA256_HEX_BYTES]; /* hidden; empty where its disclosure is not here */
    int erased; /* an entry says that it was: 1; that it was begun, and none that it was done: 2 */
    int document; /* the order of a hold, not a file of the case */
};

/* A file or result of a run, by its digest; the last one that was logged counts. */
struct lks_output_fact {
    uint64_t leaf;
    char run[16];
    const char *name; /* of the file; NULL: the run's findings */
    int same_program; /* by which the findings were made */
    char sha256[LKS_SHA256_HEX_BYTES];
};

/* The log's key changed at an entry, or was named first. */
struct lks_key_fact {
    uint64_t leaf;
    int rotated;
    struct lks_verifier before, verifier;
};

/* An answer that was sealed: a bag in CASE/answers. */
struct lks_answer_fact {
    uint64_t leaf;
    char folder[64];                   /* "R1", "R1-amendment-1" */
    char sha256[LKS_SHA256_HEX_BYTES]; /* of its tagmanifest-sha512.txt */
};

/* Zero it to start. */
struct lks_verify_facts {
    struct lks_import_fact *imports; /* by rising leaf */
    size_t imports_count, imports_room;
    struct lks_output_fact *outputs; /* in the order of the log */
    size_t outputs_count, outputs_room;
    struct lks_key_fact *keys;
    size_t keys_count, keys_room;
    struct lks_answer_fact *answers;
    size_t answers_count, answers_room;
    uint64_t unsound_count; /* statements that lack what their kind must have */
    uint64_t unsound_first;
    struct lks_arena arena; /* names */
};

/* Takes what one entry claims; in the order of the log. LKS_EMEMORY. */
int lks_verify_facts_take(struct lks_verify_facts *facts, const struct lks_entry *entry,
                          struct lks_error *err);
/* The import with that leaf, or that blob; NULL. */
struct lks_import_fact *lks_verify_import_at(struct lks_verify_facts *facts, uint64_t leaf);
const struct lks_import_fact *lks_verify_import_named(const struct lks_verify_facts *facts,
                                                      const char *blob);
void lks_verify_facts_free(struct lks_verify_facts *facts);

#endif
