/* explain_instructions.h - why: which messages of a channel tell its readers what to do, and by which words */
#ifndef LKS_ENGINE_EXPLAIN_INSTRUCTIONS_H
#define LKS_ENGINE_EXPLAIN_INSTRUCTIONS_H

#include "base/json_write.h"
#include "finding/results.h"

/* Appends how many messages of the channel do, and why of those of most points. Nothing for who is no channel
 * of the run. */
void lks_explain_instructions_text(const struct lks_results *results, struct lks_str channel_key,
                                   struct lks_buffer *out);
/* As the member "instructions": their number, and those of most points. */
void lks_explain_instructions_json(const struct lks_results *results, struct lks_str channel_key,
                                   struct lks_json *json);

#endif
