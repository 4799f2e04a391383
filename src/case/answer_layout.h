/* answer_layout.h - the answer to a request as a bag (RFC 8493): what lies where, and what must agree
 *
 *     README.txt                       how to verify each part with other people's programs
 *     manifest.dsse.json               in-toto statement over every file of data/, signed by the log's key
 *     data/answer.json                 request, questions with answers or reasons, scope, counts
 *     data/records/posts.ndjson        a line a record; accounts, payments alike
 *     data/records/posts.parquet       the same rows and columns
 *     data/log/checkpoint              the signed state of the log at which all was frozen
 *     data/log/signer.vkey             the verifier key that signed it
 *     data/log/statements              entries of the log: "INDEX STATEMENT" a line, rising
 *     data/log/disclosures             what may be shown of them: "INDEX DISCLOSURE" a line, rising
 *     data/log/anchors/...             what others said of the checkpoint: tokens, cosignatures
 *     data/proofs/000/000000000012.tlog-proof   one for each line of data/log/statements
 *     data/findings/findings.json report.html network.gexf stix.json takedown.csv reasons-<entry>.json
 *
 * What must agree:
 *  1. data/log/checkpoint is signed by data/log/signer.vkey, whose name is the log's origin. Whether
 *     that key is the right one is for other ways to say: an anchor, or a key that was handed over.
 *  2. Every line of data/log/statements has its proof file, which holds for the statement's bytes and
 *     carries the checkpoint of data/log/checkpoint, byte for byte; there is no proof file more.
 *  3. Every disclosure's digest stands in _sd of the statement of its index.
 *  4. The frozen statement (kind disclose, what LKS_ANSWER_FROZEN; the last of its request and number,
 *     and the last entry of the checkpoint's tree) says how many records of each kind there are:
 *     counts.posts, counts.accounts, counts.payments; they are the entries from `first` up to its own
 *     index, each a statement of kind disclose with what LKS_ANSWER_RECORD and record "post", "account"
 *     or "payment", and the same request and number.
 *  5. Each line of data/records/ has a member "leaf", the index of its statement, and each record
 *     statement has exactly one line. Every other member but "proof" (the path of the proof file, from
 *     data/) has a disclosure of that statement under the member's name, or under "shown." and the
 *     name where a profile changed the value. A disclosure's value is text: a number in decimal
 *     digits, a truth value as "true" or "false". Members that the line lacks are unknown or withheld.
 *  6. manifest.dsse.json names every file of data/ with its SHA-256.
 *
 * Statements that are no records stand in data/log/statements too: the request, the replies, the
 * frozen statement, and under a profile that shows where records come from, the imports and the run. */
#ifndef LKS_CASE_ANSWER_LAYOUT_H
#define LKS_CASE_ANSWER_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#define LKS_ANSWER_README "README.txt"
#define LKS_ANSWER_MANIFEST "manifest.dsse.json"
#define LKS_ANSWER_JSON "data/answer.json"
#define LKS_ANSWER_RECORDS "data/records" /* /posts.ndjson, /posts.parquet */
#define LKS_ANSWER_CHECKPOINT "data/log/checkpoint"
#define LKS_ANSWER_SIGNER "data/log/signer.vkey"
#define LKS_ANSWER_STATEMENTS "data/log/statements"
#define LKS_ANSWER_DISCLOSURES "data/log/disclosures"
#define LKS_ANSWER_ANCHORS "data/log/anchors"
#define LKS_ANSWER_PROOFS "data/proofs"
#define LKS_ANSWER_FINDINGS "data/findings"
#define LKS_ANSWER_MANIFEST_PREDICATE "https://lockstep.example/answer/v1"

/* Values of the member "what" of disclose statements. */
#define LKS_ANSWER_RECORD "record"
#define LKS_ANSWER_FROZEN "answer"
#define LKS_ANSWER_MAPPING "mapping"

#define LKS_ANSWER_SHOWN "shown." /* before the name of a value that a profile changed */

/* Path of a proof file in the bag: "data/proofs/000/000000000012.tlog-proof"; a thousand a folder. */
#define LKS_ANSWER_PROOF_PATH_BYTES 64
void lks_answer_proof_path(uint64_t index, char path[LKS_ANSWER_PROOF_PATH_BYTES]);

/* Kinds of records, in the order in which their statements stand. */
enum lks_answer_record {
    LKS_ANSWER_POST,
    LKS_ANSWER_ACCOUNT,
    LKS_ANSWER_PAYMENT,
    LKS_ANSWER_RECORDS_COUNT
};
extern const char *const lks_answer_record_names[LKS_ANSWER_RECORDS_COUNT]; /* "post", ... */
extern const char *const lks_answer_file_names[LKS_ANSWER_RECORDS_COUNT];   /* "posts", ... */

/* How many records of each kind, in words: "7512 posts, 1138 accounts, 1 payment". */
#define LKS_ANSWER_COUNTS_BYTES 96
void lks_answer_counts_format(const uint64_t counts[LKS_ANSWER_RECORDS_COUNT],
                              char text[LKS_ANSWER_COUNTS_BYTES]);

/* How a field is written in NDJSON and Parquet; in a disclosure each is text. */
enum lks_answer_type {
    LKS_ANSWER_TEXT,  /* a string; VARCHAR */
    LKS_ANSWER_COUNT, /* a number; BIGINT */
    LKS_ANSWER_TIME,  /* ISO 8601, UTC; TIMESTAMPTZ */
    LKS_ANSWER_FLAG   /* true or false; BOOLEAN */
};
struct lks_answer_field {
    const char *name;
    enum lks_answer_type type;
};
/* The fields of a kind of record, in the order in which a line has them; *count_out how many. */
const struct lks_answer_field *lks_answer_fields(enum lks_answer_record record, size_t *count_out);

#endif
