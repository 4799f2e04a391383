/* bundle.h - the answer to a request: frozen in the log, then written as a bag; for engine/bundle*.c
 *
 * Freezing chooses the records in the scope and puts a statement into the log for each, with salted
 * digests of its fields, and one over all (case/answer_layout.h). Writing reads nothing but the log,
 * what it hides, and the run: so a bag can be written again from what was frozen, byte by byte. */
#ifndef LKS_EVIDENCE_BUNDLE_H
#define LKS_EVIDENCE_BUNDLE_H

#include "case/answer_layout.h"
#include "case/requests.h"
#include "dossier/profile.h"
#include "store/store.h"

enum { LKS_BUNDLE_FIELDS_MAX = 24, LKS_BUNDLE_IMPORTS_MAX = 2000, LKS_BUNDLE_KINDS = 3 };

/* The fields of a record as text, in the order of lks_answer_fields; null: unknown or withheld. */
struct lks_bundle_values {
    struct lks_str value[LKS_BUNDLE_FIELDS_MAX];
};

/* Where a record came from; leaf 0: not known. */
struct lks_bundle_source {
    const char *sha256;
    uint64_t leaf, offset_bytes, length_bytes;
};

/* Each fills the values; strings are borrowed from the record or made in the arena. source may be NULL.
 * LKS_EMEMORY. */
int lks_bundle_post(const struct lks_post *post, const struct lks_bundle_source *source,
                    struct lks_arena *arena, struct lks_bundle_values *values);
int lks_bundle_account(const struct lks_account *account, struct lks_arena *arena,
                       struct lks_bundle_values *values);
int lks_bundle_payment(const struct lks_payment *payment, const struct lks_bundle_source *source,
                       struct lks_arena *arena, struct lks_bundle_values *values);

/* What a scope reaches. */
struct lks_bundle_payment_ref {
    uint32_t index, file_index;
    uint64_t offset_bytes, length_bytes;
};
struct lks_bundle_choice {
    uint32_t *posts, *accounts; /* [*_count] indexes, rising */
    struct lks_bundle_payment_ref *payments;
    size_t posts_count, accounts_count, payments_count;
    uint64_t without_text;    /* posts left out: the scope has terms and they have no text */
    uint64_t without_account; /* payments left out: the scope names accounts or platforms */
    struct lks_arena arena;
};
int lks_bundle_choose(struct lks_store *store, const struct lks_hold_scope *scope,
                      const struct lks_control *control, struct lks_bundle_choice *choice,
                      struct lks_error *err);
void lks_bundle_choice_free(struct lks_bundle_choice *choice);

/* One answer on its way. Strings are borrowed from the register, or its own. */
struct lks_bundle {
    const char *case_path;
    const struct lks_control *control;
    const struct lks_request *request;
    const struct lks_request_entry *entry;
    unsigned number; /* 0 the answer, 1 ... amendments */
    char run[16];
    struct lks_profile profile;
    struct lks_str why; /* of an amendment */
    /* Of what was frozen. */
    uint64_t first, frozen;
    uint64_t counts[LKS_ANSWER_RECORDS_COUNT];
    uint64_t without_text, without_account;
    int64_t frozen_us;
    int synthetic;
    uint64_t derive; /* the leaf of the run; UINT64_MAX: not in the log */
    uint64_t *imports;
    size_t imports_count;
    struct lks_arena arena;
};

/* Chooses and logs, in one go; fills what was frozen. Durable when it returns 0. */
int lks_bundle_freeze(struct lks_bundle *bundle, struct lks_store *store, struct lks_vault *vault,
                      struct lks_error *err);
/* Fills the same from the log, for an answer that was frozen before; the profile's key too. */
int lks_bundle_thaw(struct lks_bundle *bundle, uint64_t frozen, struct lks_error *err);

/* Each writes a part of the bag into its folder, which is there. */
int lks_bundle_log(struct lks_bundle *bundle, const struct lks_vault *vault, const char *folder,
                   struct lks_error *err); /* records, statements, disclosures, proofs */
int lks_bundle_findings(struct lks_bundle *bundle, const char *folder, struct lks_error *err);
int lks_bundle_words(struct lks_bundle *bundle, const struct lks_vault *vault, const char *folder,
                     struct lks_error *err); /* answer.json, README.txt */
/* Adds the text of README.txt. */
void lks_bundle_readme(struct lks_bundle *bundle, struct lks_buffer *out);
int lks_bundle_manifest(struct lks_bundle *bundle, const struct lks_vault *vault,
                        const char *folder, struct lks_error *err);

#endif
