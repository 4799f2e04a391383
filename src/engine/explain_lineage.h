/* explain_lineage.h - why: a tag by its name, and what an account has to do with tags */
#ifndef LKS_ENGINE_EXPLAIN_LINEAGE_H
#define LKS_ENGINE_EXPLAIN_LINEAGE_H

#include "base/json_write.h"
#include "finding/results.h"

/* The thing that "#tag" names, with or without its mark and in any case; NULL for none. */
const struct lks_result_lineage *lks_explain_tag_find(const struct lks_results *results,
                                                      struct lks_str what);
/* Appends what was found of it. */
void lks_explain_tag_text(const struct lks_results *results,
                          const struct lks_result_lineage *lineage, struct lks_buffer *out);
void lks_explain_tag_json(const struct lks_results *results,
                          const struct lks_result_lineage *lineage, struct lks_json *json);

/* Appends of which things the account was a first user, and which it took over with others. */
void lks_explain_lineage_text(const struct lks_results *results, struct lks_str account_key,
                              struct lks_buffer *out);

#endif
