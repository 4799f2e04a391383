/* log_keys.h - keys and anchors in plain words; for log_show.c */
#ifndef LKS_EVIDENCE_LOG_KEYS_H
#define LKS_EVIDENCE_LOG_KEYS_H

#include "case/entries.h"

/* Each adds a line about a statement of its kind that it knows: 1; else 0, and nothing was added. */
int lks_log_key_words(struct lks_buffer *out, const struct lks_entry *entry);
int lks_log_anchor_words(struct lks_buffer *out, const struct lks_entry *entry);

#endif
