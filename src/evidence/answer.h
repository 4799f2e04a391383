/* answer.h - what a function of the library says: a text for reading, or one JSON object */
#ifndef LKS_EVIDENCE_ANSWER_H
#define LKS_EVIDENCE_ANSWER_H

#include "base/json_write.h"
#include "base/shown.h"
#include "base/str.h"
#include "vault/note.h"

/* Hands the buffer on as *text_out where code is 0 or more, and frees it else. The code, or
 * LKS_EMEMORY. */
int lks_answer_give(struct lks_buffer *text, int code, char **text_out, struct lks_error *err);
/* Adds a verifier key; its name comes from outside, and is one line. */
void lks_answer_key(struct lks_buffer *text, const struct lks_verifier *verifier);
/* The same as a JSON member. */
void lks_answer_key_json(struct lks_json *json, const char *name,
                         const struct lks_verifier *verifier);

#endif
