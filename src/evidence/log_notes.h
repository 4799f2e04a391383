/* log_notes.h - decisions, approvals, notices and what was made from them, in plain words; for log_show.c */
#ifndef LKS_EVIDENCE_LOG_NOTES_H
#define LKS_EVIDENCE_LOG_NOTES_H

#include "case/entries.h"

/* Adds one line about a note or export that it knows: 1; else 0, and nothing was added. */
int lks_log_note_words(struct lks_buffer *out, const struct lks_entry *entry);
/* 1 where a hidden value is a key, which a screen need not show. */
int lks_log_value_is_key(struct lks_str name);

#endif
