/* anchor.h - what asking others about a case's log came to; for anchor.c and anchor_text.c */
#ifndef LKS_EVIDENCE_ANCHOR_H
#define LKS_EVIDENCE_ANCHOR_H

#include "case/anchor_record.h"
#include "case/witness_ask.h"

/* One witness or authority. */
struct lks_anchor_asked {
    int authority;
    const char *url, *trust; /* borrowed from the options; NULL: a token that came by other means */
    struct lks_witness_address witness;
    char name[64];           /* of a time stamp's files */
    struct lks_buffer bytes; /* the witness's line, or the token */
    uint64_t time_seconds;   /* of a cosignature */
    struct lks_timestamp stamp;
    int already;              /* nothing new: this witness signed this state before */
    int published;            /* its line stands on the checkpoint as it is now */
    struct lks_error failure; /* code 0: it did */
};

struct lks_anchor_outcome {
    struct lks_checkpoint anchored, published; /* origins are not set */
    struct lks_anchor_asked *asked;            /* [count] */
    size_t count;
    const char *query_path; /* a query was written for anchored */
};

void lks_anchor_text(const struct lks_anchor_outcome *outcome, struct lks_buffer *out);
void lks_anchor_json(const struct lks_anchor_outcome *outcome, struct lks_buffer *out);

#endif
