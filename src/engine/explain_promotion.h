/* explain_promotion.h - what an explanation tells of scripts and payments */
#ifndef LKS_ENGINE_EXPLAIN_PROMOTION_H
#define LKS_ENGINE_EXPLAIN_PROMOTION_H

#include "base/json_write.h"
#include "engine/explain.h"

/* The script with this id, or NULL. */
const struct lks_result_script *lks_explain_script_find(const struct lks_results *results,
                                                        struct lks_str id);
/* A script with its accounts, for reading. */
void lks_explain_script_text(const struct lks_results *results,
                             const struct lks_result_script *script, struct lks_buffer *out);
/* Lines on the scripts that an account told and the payments that it got; none where there are
 * none. */
void lks_explain_paid_text(const struct lks_results *results, struct lks_str account_key,
                           struct lks_buffer *out);
/* The same as members "scripts" and "payments" of an account, and "script" of a script. */
void lks_explain_paid_json(const struct lks_results *results, struct lks_str account_key,
                           struct lks_json *json);
void lks_explain_script_json(const struct lks_results *results,
                             const struct lks_result_script *script, struct lks_json *json);

#endif
