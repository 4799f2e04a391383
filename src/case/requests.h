/* requests.h - the requests of a case: read back from its log, and written to it
 *
 * Statements of kind request, by their member "action":
 *
 *     receive   id, basis, received, due, zone, questions (how many), scope.{platforms,kinds,from,to};
 *               hidden: authority, legal_basis, document_sha256, question.1 ..., scope.accounts,
 *               scope.terms (a line each)
 *     reply     id, question (from 1), number, kinds, findings, files; hidden: answer, missing
 *     answer    id, number 0, run, profile, frozen (the leaf of the frozen statement), size (of the
 *               log then), digest (SHA-256 of tagmanifest-sha512.txt), anchors (their files)
 *     amend     the same with number 1, 2 ..., and corrects.{leaf,digest}; hidden: why
 *     receipt   id, answers (leaf); hidden: document_sha256, note
 *
 * The statements of kind disclose that an answer is frozen by are in case/answer_layout.h. */
#ifndef LKS_CASE_REQUESTS_H
#define LKS_CASE_REQUESTS_H

#include "case/entries.h"
#include "case/vault.h"
#include "custody/hold.h"
#include "custody/request.h"

#define LKS_QUESTIONS_MAX 200

/* What a request rests on; docs/requests.md says what each asks for. */
struct lks_request_basis {
    const char *name;  /* "dsa-67" */
    const char *title; /* "Regulation (EU) 2022/2065, Article 67" */
};
extern const struct lks_request_basis lks_request_bases[];
extern const size_t lks_request_bases_count;
/* By name; NULL for others. */
const struct lks_request_basis *lks_request_basis_find(struct lks_str name);

/* What answers a question: the latest reply that was logged. */
struct lks_request_reply {
    struct lks_question said; /* its text is the question's */
    unsigned kinds;           /* of the records that answer it, enum lks_held_kind */
    const struct lks_str *findings, *files;
    size_t findings_count, files_count;
    unsigned number; /* of the answer it was given for: 0, of amendments 1 ... */
    uint64_t leaf;   /* UINT64_MAX: no reply yet */
};

/* An answer or amendment that was sealed, or (leaf UINT64_MAX) was only frozen so far. */
struct lks_request_answer {
    unsigned number;
    uint64_t leaf, frozen, first; /* first: of its record statements */
    uint64_t size;                /* of the log at which it was frozen */
    int64_t time_us;
    struct lks_str run, profile, digest;
    struct lks_str why;
    const struct lks_str *anchors; /* files of CASE/vault/anchors that lie in the bag */
    size_t anchors_count;
};

/* What stands beside struct lks_request. */
struct lks_request_entry {
    uint64_t leaf;
    struct lks_str basis, zone;
    struct lks_hold_scope scope;
    struct lks_request_reply *replies;  /* [questions_count] */
    struct lks_request_answer *answers; /* [answers_count] by rising number */
    size_t answers_count;
    struct lks_request_answer frozen; /* the last that was frozen; frozen.size 0: none was */
};

struct lks_request_register {
    struct lks_requests requests;
    struct lks_request_entry *entries; /* [requests.count] */
    size_t entries_room;
    struct lks_arena arena;
};

/* Reads the register out of the log. A case without a vault has none. LKS_EINPUT where statements
 * contradict each other, LKS_EIO, LKS_EMEMORY. Freed by lks_request_register_free, also after a
 * failure. */
int lks_request_register_read(const char *case_path, struct lks_request_register *out,
                              struct lks_error *err);
/* The same as it stood when the log had `end` entries. */
int lks_request_register_read_until(const char *case_path, uint64_t end,
                                    struct lks_request_register *out, struct lks_error *err);
/* Takes the log's next statement into the register, which is zeroed to start; statements of other kinds
 * pass. LKS_EINPUT with a sentence where it contradicts what stands before it, and the register is
 * then as it was; LKS_EMEMORY. */
int lks_request_register_take(struct lks_request_register *list, const struct lks_entry *entry,
                              struct lks_error *err);
void lks_request_register_free(struct lks_request_register *list);
/* The request of that name, and what stands beside it. LKS_EMISSING. */
int lks_request_register_find(const struct lks_request_register *list, const char *id,
                              const struct lks_request **request_out,
                              const struct lks_request_entry **entry_out, struct lks_error *err);
/* The first of R1, R2 ... that is free. */
void lks_request_register_name(const struct lks_request_register *list, char name[16]);

/* Each stages one statement; lks_vault_commit makes it stand. What it says was checked. */
int lks_request_receive_record(struct lks_vault *vault, const struct lks_request *request,
                               const struct lks_request_entry *entry, uint64_t *leaf_out,
                               struct lks_error *err);
int lks_request_reply_record(struct lks_vault *vault, struct lks_str id, size_t question,
                             const struct lks_request_reply *reply, uint64_t *leaf_out,
                             struct lks_error *err);
/* before: what it corrects; NULL for the answer itself. */
int lks_request_answer_record(struct lks_vault *vault, struct lks_str id,
                              const struct lks_request_answer *answer,
                              const struct lks_request_answer *before, uint64_t *leaf_out,
                              struct lks_error *err);
int lks_request_receipt_record(struct lks_vault *vault, struct lks_str id, uint64_t answer_leaf,
                               struct lks_str document_sha256, struct lks_str note,
                               uint64_t *leaf_out, struct lks_error *err);

#endif
