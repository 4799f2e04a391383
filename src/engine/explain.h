/* explain.h - why: a finding, an account, an edge, down to the posts */
#ifndef LKS_ENGINE_EXPLAIN_H
#define LKS_ENGINE_EXPLAIN_H

#include "case/vault.h"
#include "finding/results.h"
#include "store/store.h"

/* One pair of posts behind an edge, resolved. */
struct lks_explain_match {
    uint32_t post_a, post_b; /* into posts */
    enum lks_object_kind kind;
    struct lks_str object;
};

/* All that one explanation tells. Strings live in the results or in arena. */
struct lks_explanation {
    const struct lks_results *results;
    const struct lks_finding *finding; /* one of the three is set */
    uint32_t account;                  /* node, or UINT32_MAX */
    const struct lks_result_edge *edge;
    struct lks_account profile; /* of an account, also one outside the network */
    uint64_t profile_posts;
    const struct lks_result_awakening *awakening; /* of that account, or NULL */
    const struct lks_result_responder *responder;
    const struct lks_result_relayer *relayer; /* of the channel whose key it is */
    const struct lks_result_swarmer *swarmer;
    const struct lks_result_script *script; /* asked for by its id; else NULL */
    const struct lks_result_lineage *tag;   /* asked for as "#tag"; else NULL */
    struct lks_arena arena;
    struct lks_result_post *posts; /* of an edge */
    size_t posts_count;
    struct lks_explain_match *matches;
    size_t matches_count;
};

/* Fills what is told about `what`; LKS_EMISSING when the run and the case know no such thing. */
int lks_explain_find(struct lks_store *store, const struct lks_results *results, const char *what,
                     const struct lks_control *control, struct lks_explanation *explanation,
                     struct lks_error *err);
void lks_explanation_free(struct lks_explanation *explanation);

/* Appends the explanation for reading, or as one JSON object. */
void lks_explain_text(const struct lks_explanation *explanation, struct lks_buffer *out);
void lks_explain_json(const struct lks_explanation *explanation, struct lks_buffer *out);

/* A post by its key, down to its bytes in the sealed file, and how to check them; vault is NULL where
 * it cannot be written. LKS_EMISSING where the case has no such post. */
int lks_explain_post(struct lks_store *store, const char *case_path, const struct lks_vault *vault,
                     const char *key, int as_json, const struct lks_control *control,
                     struct lks_buffer *out, struct lks_error *err);

#endif
